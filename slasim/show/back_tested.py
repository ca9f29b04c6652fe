"""What `slasim judge REPORT.csv --against SCENARIO.yaml` says: predicted beside actual, and the lines to paste.

It lays out a BackTest and works out nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slasim.history.back_testing import BackTest, Tested
from slasim.show.words import aligned, headline, percent, ranged, shortened, spoken, wrapped

__all__ = ["back_test_screen"]

FEW_WEEKS = 4
"""Below this the screen says that the evidence is thin."""

NOTABLE = 0.02
"""Part by which volume or AHT may differ from the forecast before it is told."""

_READING = {
    "weighted": "", "unweighted": ", mean of intervals",
    "share_of_intervals_met": ", share of intervals met",
}  # fmt: skip


def back_test_screen(found: BackTest) -> str:
    """The whole screen."""
    first, last = found.days[0], found.days[-1]
    lines = [
        headline(
            "judge", f"{found.scenario} · {Path(found.reading.file).name}",
            f"{len(found.days)} days, {first} to {last}",
        ),
        "",
        "The forecast and the staffing as given, with no doubt in them; beside it what really happened.",
        "",
        *_table(found),
        f"(range): 95 of 100 simulated {_runs(found)}, chance alone. below, above: the actual lies outside it.",
    ]  # fmt: skip
    for row in found.rows:
        if row.reading == "weighted":
            lines += wrapped(f"  {row.metric} = {row.text}", indent=6)
    for name, why in found.left_out.items():
        lines += wrapped(f"not compared: {name}: {why}", indent=4)
    lines += [
        "",
        "For the scenario that you recommend from: slasim recommend then takes these off what it promises.",
        "",
        *found.lines,
        "",
    ]
    for caution in _cautions(found):
        lines += wrapped(f"! {caution}", indent=2)
    return "\n".join(
        [*lines, f"{found.replications:,} simulated {_runs(found)} · seed {found.seed}"]
    )


def _table(found: BackTest) -> list[str]:
    predicted, actual = found.offered
    rows = [["", "predicted", "actual", "too kind by", ""]]
    rows.append(["contacts offered", f"{predicted:,.0f}", f"{actual:,}", "", ""])
    if found.aht is not None:
        rows.append(["AHT", *_pair(found.aht), "", ""])
    for row in found.rows:
        name = f"{shortened(row.metric, 30)}{_READING[row.reading]}"
        rows.append([name, *_pair(row), _kind(row, found), "promised" if row.promised else ""])
    return aligned(rows, left=(0, 1, 2, 4), gap=3)


def _pair(row: Tested) -> tuple[str, str]:
    side = " below" if row.actual < row.low else " above" if row.actual > row.high else ""
    return ranged(
        row.predicted, row.low, row.high, row.unit
    ), f"{spoken(row.actual, row.unit)}{side}"


def _kind(row: Tested, found: BackTest) -> str:
    """As it is pasted, so that both read alike."""
    size = row.written
    if not size:
        return "none"
    return f"{100 * size:.1f} points" if row.unit == "share" else f"{size / 1000:.1f} s"


def _runs(found: BackTest) -> str:
    if found.of_days == 7:
        return "weeks"
    return "months" if 28 <= found.of_days <= 31 else "runs"


def _cautions(found: BackTest) -> Iterator[str]:
    yield "Proof only if the scenario was set on earlier days, and none of these was looked at to set it."
    missing = found.of_days - len(found.days)
    if missing > 0:
        yield (
            f"{missing} of the scenario's {found.of_days} days have no contacts in the report; a day without a row is "
            "left out on both sides."
        )
    if found.weeks < FEW_WEEKS:
        weeks = "1 week" if found.weeks == 1 else f"{found.weeks:g} weeks"
        yield f"{weeks} of evidence is little: another week may be missed by more."
    yield from _forecast(found)
    yield from found.notes
    for rows in found.reading.dropped:
        yield f"{rows.rows:,} of {found.reading.read:,} rows of the report were dropped: {rows.reason}."
    yield from found.reading.said


def _forecast(found: BackTest) -> Iterator[str]:
    """What of it is the forecast's own miss, which the doubt of `demand` may count as well."""
    said = []
    predicted, actual = found.offered
    more = actual / predicted - 1 if predicted else 0.0
    if abs(more) >= NOTABLE:
        said.append(f"{percent(abs(more))} {'more' if more > 0 else 'fewer'} contacts came")
    if found.aht is not None and found.aht.predicted:
        longer = found.aht.actual / found.aht.predicted - 1
        if abs(longer) >= NOTABLE:
            said.append(f"AHT was {percent(abs(longer))} {'longer' if longer > 0 else 'shorter'}")
    if said:
        twice = (
            " The doubt in `demand` counts it too, so a part is taken off twice: the safe side."
            if found.doubted
            else ""
        )
        told = " and ".join(said)
        yield f"{told[0].upper()}{told[1:]} than forecast, and that is in these figures.{twice}"
