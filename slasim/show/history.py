"""What `slasim judge HISTORY.csv` says and the files it leaves: totals, months, what is overdue, what was read.

It lays out a HistoryVerdict and works out nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slasim.clock import format_duration, format_instant, zone
from slasim.errors import InputError, Problem
from slasim.history.judge import HistoryVerdict, Kept
from slasim.history.judged import Judged, Span
from slasim.history.read import ReadingReport
from slasim.scenario.schema import Contract
from slasim.show.words import aligned, headline, percent, seconds, shortened, wrapped
from slasim.sla.compliance import LOG_COLUMNS
from slasim.sla.ola import Chain
from slasim.sla.targets import print_target

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMATS", "history_screen", "write_reports"]

FORMATS = ("csv", "xlsx", "parquet", "json")
_STATUS = {"met": "MET", "missed": "MISSED", "nothing_to_judge": "NOTHING TO JUDGE"}
_KIND = {"sla": "SLA", "ola": "OLA", "supplier": "supplier"}
_TIMES = ("avg", "max", "min")
_LOG_HEAD = (
    "ticket",
    "requester",
    "department",
    "agent",
    "level",
    "SLA start",
    "due date",
    "closed",
)
_INSTANTS = ("sla_start", "due_date", "closed")
MONTHS = 12
LISTED = 5


def history_screen(verdict: HistoryVerdict, by: Sequence[str] = ()) -> str:
    """The whole screen. ``by`` groups the compliance report of tickets; the default is days, weeks or months."""
    name = Path(verdict.reading.file).name
    policy = verdict.policy.name or Path(verdict.policy.file).name
    parts = [name, policy, f"{verdict.reading.kept:,} rows"]
    lines = [headline("judge", *parts), ""]
    if verdict.clocks is not None:
        lines += [*_tickets(verdict), *_compliance(verdict, by), *_log(verdict)]
    else:
        lines += _contacts(verdict)
    lines += _chain(verdict.policy.tickets.chain)
    lines += _parties(verdict.policy.contract)
    for one in verdict.kept:
        lines += wrapped(_promise(one), indent=4)
    for metric, reason in verdict.lacking.items():
        lines += wrapped(f"not judged: {metric}: {reason}", indent=4)
    for note in verdict.notes:
        lines += wrapped(f"! {note}", indent=2)
    return "\n".join([*lines, *_reading(verdict.reading)])


def _tickets(verdict: HistoryVerdict) -> list[str]:
    clocks, snapshot = verdict.clocks, verdict.snapshot
    assert clocks is not None and snapshot is not None
    head = [
        "",
        "with target",
        "met",
        "late",
        "unanswered",
        "open",
        "not applicable",
        "compliance",
        "low",
        "high",
    ]
    rows = [head]
    for name, found in [*verdict.totals_by_metric().items(), ("all", verdict.totals)]:
        assert found is not None
        rows.append(
            [
                name,
                *(f"{count:,}" for count in (found.with_target, found.met, found.late, found.unanswered,
                                             found.open, found.not_applicable)),
                *(_share(value) for value in (found.compliance, found.low, found.high)),
            ]
        )  # fmt: skip
    at = format_instant(clocks.until, zone(verdict.policy.timezone))
    lines = [
        *(shortened(line) for line in aligned(rows)),
        "compliance = met / (met + late + unanswered); low and high: all open ones missed, all met",
        "",
        f"At {at} ({verdict.policy.timezone}): {snapshot.overdue.size:,} overdue, "
        f"{snapshot.near_due.size:,} near due",
    ]
    first = snapshot.clocks.only(snapshot.overdue[:LISTED])
    lines += [
        f"  {first.events.ids[ticket]}, {first.metrics[metric]}: due "
        f"{format_instant(due, zone(verdict.policy.timezone))}"
        for ticket, metric, due in zip(
            first.ticket.tolist(), first.metric.tolist(), first.due_at.tolist(), strict=True
        )
    ]
    if snapshot.overdue.size > LISTED:
        lines.append(f"  and {snapshot.overdue.size - LISTED:,} more: --out FOLDER writes them all")
    if verdict.warnings is not None:
        lines.append(f"Reminders and escalations that would have fired: {len(verdict.warnings):,}")
    return [*lines, ""]


def _compliance(verdict: HistoryVerdict, by: Sequence[str]) -> list[str]:
    """The nine columns."""
    report = verdict.compliance(by or _shortest(verdict))
    if not report.rows:
        return []
    rows = [[*report.grouped, "date", "fulfilled", *_TIMES, "missed", *_TIMES]]
    rows += [
        [
            *(shortened(word or "-", 16) for word in row.groups),
            row.date or "all",
            f"{row.fulfilled:,}",
            *map(_span, (row.avg_fulfilled, row.max_fulfilled, row.min_fulfilled)),
            f"{row.missed:,}",
            *map(_span, (row.avg_missed, row.max_missed, row.min_missed)),
        ]
        for row in report.rows[-MONTHS:]
    ]
    more = len(report.rows) - MONTHS
    assert verdict.clocks is not None
    together = len(verdict.clocks.metrics) > 1 and "metric" not in report.grouped
    said = ["by SLA start", "all metrics together" * together]
    said += [f"the last {MONTHS} of {len(report.rows):,}" if more > 0 else ""]
    head = ", ".join(word for word in said if word)
    width = len(report.grouped) + 1
    lines = [f"Compliance report ({head}; times are open hours)"]
    lines += [shortened(row) for row in aligned(rows, left=range(width), indent=2)]
    return [*lines, ""]


def _shortest(verdict: HistoryVerdict) -> tuple[str]:
    """Days, weeks or months: the finest that leaves a short table."""
    for period in ("day", "week"):
        if len(verdict.compliance(period).rows) <= MONTHS:
            return (period,)
    return ("month",)


def _log(verdict: HistoryVerdict) -> list[str]:
    """The worst of the log report: every promise met or missed."""
    log = verdict.log(sort="remaining")
    if not len(log):
        return []
    worst = log.first(LISTED)
    names = dict(zip(LOG_COLUMNS, _LOG_HEAD, strict=True))
    records = worst.records()
    shown = [name for name in names if any(record[name] is not None for record in records)]
    years = {str(record[name])[:4] for record in records for name in _INSTANTS if record[name]}
    year = f"{years.pop()}: " if len(years) == 1 else ""
    # Within one year 03-02 10:00, else the date alone: the row is to fit on the screen.
    cut = dict.fromkeys(_INSTANTS, slice(5, 16) if year else slice(0, 10))
    rows = [[*(names[name] for name in shown), "left"]]
    rows += [
        [
            *(shortened(str(record[name])[cut.get(name, slice(None))], 12) if record[name] else "-" for name in shown),
            _span(left),
        ]
        for record, left in zip(records, worst.remaining(), strict=True)
    ]  # fmt: skip
    part = f", the worst {len(worst)} of {len(log):,}: --out FOLDER writes all"
    lines = [f"Log report ({year}met and missed{part if len(log) > len(worst) else ''})"]
    return [*lines, *map(shortened, aligned(rows, left=range(len(shown)), indent=2)), ""]


def _span(ms: int | None) -> str:
    """A time in few characters: `50 s`, `40 min`, `5.2 h`, `-1.5 h`."""
    if ms is None:
        return "-"
    sign, size = "-" * (ms < 0), abs(ms)
    if size < 60_000:
        return f"{sign}{size / 1000:.0f} s"
    if size < 3_570_000:
        return f"{sign}{size / 60_000:.0f} min"
    hours = size / 3_600_000
    return f"{sign}{hours:.1f} h" if hours < 100 else f"{sign}{hours:,.0f} h"


def _chain(chain: Chain) -> list[str]:
    """SLA, OLA and supplier targets side by side, each above the parts that it stands on."""
    if not chain.lines:
        return []
    rows = [["promises and their parts", "", "given by", "target", "calendar", "left"]]
    for line in chain.lines:
        one = line.promise
        left = "" if line.slack is None else format_duration(abs(line.slack))
        rows.append(
            [
                "  " * line.depth + one.name,
                _KIND[one.kind],
                one.provider,
                print_target(one.target),
                one.calendar.name or "always",
                f"{'-' if (line.slack or 0) < 0 else ''}{left}",
            ]
        )
    lines = [shortened(row) for row in aligned(rows, left=(0, 1, 2, 4))]
    for warning in chain.warnings:
        lines += wrapped(f"! {warning}", indent=2)
    return [*lines, ""]


def _parties(contract: Contract | None) -> list[str]:
    """Between whom the promises below are."""
    if contract is None or not (contract.parties.provider or contract.parties.client):
        return []
    parties = contract.parties
    to = f" to {parties.client}" if parties.client else ""
    return [f"{_KIND[parties.kind]} of {parties.provider or 'the provider'}{to}"]


def _contacts(verdict: HistoryVerdict) -> list[str]:
    lines: list[str] = []
    for name, one in verdict.judged.items():
        say = _saying(one)
        head = f"{name}   {say(one.weighted)}   {one.text}, all contacts together"
        lines += wrapped(head, indent=4)
        lines += _months(one)
        if one.target is not None:
            intervals, days = one.share_met("interval"), one.share_met("day")
            side = "at least" if one.better == "higher" else "at most"
            lines.append(
                f"  {side} {say(one.target)} in {_share(intervals)} of {format_duration(one.interval)} intervals, "
                f"{_share(days)} of days (mean of days {say(one.unweighted('day'))})"
            )
        lines.append("")
    cannot = {formula: reason for formula, reason in verdict.formulas.items() if reason}
    if cannot:
        can = [formula for formula in verdict.formulas if formula not in cannot]
        lines += wrapped(f"formulas this report can answer: {', '.join(can) or 'none'}", indent=2)
        lines += [
            line
            for formula, reason in cannot.items()
            for line in wrapped(f"  not {formula}: {reason}", indent=6)
        ]
        lines.append("")
    return lines


def _months(one: Judged) -> list[str]:
    spans = one.by("month")
    rows = [["", "offered", "forecast", "variance", "value", ""]]
    rows += [_month(one, span) for span in spans[-MONTHS:]]
    if one.forecast is None:
        rows = [[row[0], row[1], row[4], row[5]] for row in rows]
    return aligned(rows, indent=2)


def _month(one: Judged, span: Span) -> list[str]:
    known = span.variance is not None
    return [
        span.label,
        f"{span.offered:,}",
        f"{span.forecast:,.0f}" if span.forecast is not None else "-",
        f"{100 * (span.variance or 0):+.1f} %" if known else "-",
        _saying(one)(span.value),
        "" if span.met is None else "met" if span.met else "missed",
    ]


def _saying(one: Judged) -> Callable[[Fraction | None], str]:
    if one.unit == "time":
        return lambda value: seconds(None if value is None else float(value))
    return _share


def _share(value: Fraction | None) -> str:
    return percent(None if value is None else float(value))


def _promise(one: Kept) -> str:
    percents = f"{float(100 * one.target):g} %"
    goal = seconds(float(one.target)) if one.unit == "time" else percents
    side = "at least" if one.better == "higher" else "at most"
    period = "whole period" if one.period == "horizon" else one.period
    return f"{_STATUS[one.status]}  {one.metric}, {side} {goal} per {period}: met in {one.met} of {one.judged}"


def _reading(reading: ReadingReport) -> list[str]:
    """What was read, what was dropped and why."""
    first, *rest = str(reading).splitlines()
    lines = [first]  # it holds a path, and those are never broken
    for line in rest:
        lines += wrapped(line.strip(), indent=4, first=0 if line == line.strip() else 2)
    if reading.ignored:
        lines += wrapped(f"  columns not used: {', '.join(reading.ignored)}", indent=4)
    return lines


# ------------------------------------------------------------------ files


def write_reports(
    verdict: HistoryVerdict, folder: Path, suffix: str = "csv", by: Sequence[str] = ()
) -> list[Path]:
    """Write every report into a folder, made if need be: clocks, compliance, log, snapshot, months and days, reading.

    ``suffix`` is csv, xlsx, parquet or json; ``by`` groups the compliance report, by day unless said.
    Returns the files. Raises InputError.
    """
    from slasim.show.writing import replacing, write_table

    if suffix not in FORMATS:
        raise InputError(
            [
                Problem(
                    f"reports cannot be written as '{suffix}'", f"Use one of {', '.join(FORMATS)}."
                )
            ]
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(
            [Problem("this is a file", "Name a folder for the reports.", file=str(folder))]
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"the folder cannot be made: {error.strerror or error}"
        raise InputError([Problem(found, file=str(folder))]) from None
    written = []
    for name, frame in _frames(verdict, by).items():
        path = folder / f"{name}.{suffix}"
        if suffix == "json":
            with replacing(path) as temporary:
                frame.to_json(temporary, orient="records", date_format="iso", indent=1)
        else:
            write_table(_plain(frame) if suffix == "xlsx" else frame, path)
        written.append(path)
    return written


def _frames(verdict: HistoryVerdict, by: Sequence[str]) -> dict[str, pd.DataFrame]:
    import pandas as pd

    reading = verdict.reading.to_json()
    rows: list[dict[str, Any]] = [
        {"what": "read", "reason": "", "rows": reading["rows_read"], "lines": ""},
        {"what": "kept", "reason": "", "rows": reading["rows_kept"], "lines": ""},
    ]
    for what, found in (("dropped", verdict.reading.dropped), ("noted", verdict.reading.noted)):
        rows += [
            {
                "what": what,
                "reason": one.reason,
                "rows": one.rows,
                "lines": " ".join(map(str, one.lines)),
            }
            for one in found
        ]
    rows += [
        {"what": "said", "reason": text, "rows": 0, "lines": ""} for text in verdict.reading.said
    ]
    frames = {"reading": pd.DataFrame(rows)}
    if verdict.clocks is not None and verdict.snapshot is not None:
        frames |= {
            "compliance": verdict.compliance(by or "day").table(),
            "compliance_by_metric_and_day": verdict.compliance(("metric", "day")).table(more=True),
            "compliance_by_metric_and_month": verdict.compliance(("metric", "month")).table(
                more=True
            ),
            "log": verdict.log().table(),
            "log_with_details": verdict.log().table(more=True),
            "clocks": verdict.clocks.table(),
            "near_due_and_overdue": verdict.snapshot.table(),
        }
        if verdict.warnings is not None:
            frames["warnings"] = verdict.warnings.table().astype({"action": str})
    else:
        frames |= {f"by_{period}": verdict.table(period) for period in ("interval", "day", "month")}
    chain = verdict.policy.tickets.chain
    if chain.lines:
        frames["ola"] = chain.table().assign(
            parts=[", ".join(x.promise.parts) for x in chain.lines]
        )
    if verdict.kept:
        frames["commitments"] = pd.DataFrame([one.to_json() for one in verdict.kept])
    return frames


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Excel knows no time zones: instants in UTC as they read."""
    made = frame.copy()
    for name in made.columns:
        if (
            str(made[name].dtype).startswith("datetime64[")
            and getattr(made[name].dt, "tz", None) is not None
        ):
            made[name] = made[name].dt.tz_localize(None)
    return made
