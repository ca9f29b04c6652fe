"""A back-test: a scenario set on earlier weeks, simulated over weeks it has not seen, beside what happened in them.

What happened is a switchboard's interval report. Forecast and staffing are taken as given, with no doubt in them: the
doubt stands in the scenario and is counted where a promise is made. By how much the model was too kind is
`study/too_kind.py`'s to say. This file promises nothing and knows no planner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from slasim import clock
from slasim.arrays import Floats
from slasim.errors import InputError, Problem
from slasim.history.intervals import IntervalReport
from slasim.history.judged import Judged, judge_report, lacking
from slasim.history.read import BadRows, ReadingReport
from slasim.history.unseen import (
    LEAST_DAYS,
    Days,
    days_of,
    notes_of,
    numbers_of,
    promises,
    queues_told,
    read_unseen,
    strange_queues,
    told_together,
    wrong_days,
)
from slasim.metrics.ratio import ratio
from slasim.metrics.standard import AverageHandleTime
from slasim.outcome import exact
from slasim.outcome.tally import Period
from slasim.scenario import Scenario
from slasim.scenario.schema import Metric
from slasim.sla.contract import Commitment
from slasim.study import measures
from slasim.study.measures import Asked
from slasim.study.promised import count
from slasim.study.result import Result
from slasim.study.runs import Progress
from slasim.study.too_kind import rounded_up, too_kind, weeks_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEAST_DAYS", "BackTest", "Tested", "back_test"]

SPREAD = 0.95
"""The ranges hold this share of the simulated runs."""


@dataclass(frozen=True)
class Tested:
    """A metric over the days of the report: predicted, with the range of the simulated runs, and actual.

    ``metric`` is its name in the scenario. ``reading`` says how its contacts are put together: "weighted", or as a
    commitment does. Shares 0..1; times in ms.
    """

    metric: str
    reading: str
    text: str
    unit: Literal["share", "time"]
    better: Literal["higher", "lower"]
    promised: bool
    predicted: float
    low: float
    high: float
    actual: float

    @property
    def too_kind(self) -> float:
        """By how much the prediction was better than what happened; never below 0."""
        return too_kind(self.predicted, self.actual, self.better)

    @property
    def written(self) -> float:
        """The same as it is written into a scenario: rounded up."""
        return rounded_up(self.too_kind, self.unit)

    def to_json(self) -> dict[str, Any]:
        """Stable keys; times in seconds."""
        size = 1000.0 if self.unit == "time" else 1.0
        return {
            "metric": self.metric, "reading": self.reading, "text": self.text, "unit": self.unit,
            "better": self.better, "promised": self.promised, "predicted": self.predicted / size,
            "low": self.low / size, "high": self.high / size, "actual": self.actual / size,
            "too_kind": self.too_kind / size,
        }  # fmt: skip


@dataclass(frozen=True)
class BackTest:
    """What a back-test found.

    days       local dates of the report on which contacts were offered, in order
    of_days    days from start to end of the scenario
    offered    contacts: mean of the simulated runs, and real
    aht        None where the report does not say how long contacts were handled
    rows       the scenario's metrics, those that are promised first
    left_out   metric or commitment -> why it is not held against the report
    doubted    whether the scenario states a doubt in volume, AHT or attendance (it was left out here)
    """

    scenario: str
    days: tuple[date, ...]
    of_days: int
    offered: tuple[float, int]
    aht: Tested | None
    rows: tuple[Tested, ...]
    left_out: Mapping[str, str]
    notes: tuple[str, ...]
    doubted: bool
    reading: ReadingReport
    replications: int
    seed: int

    @property
    def weeks(self) -> float:
        return weeks_of(day.toordinal() for day in self.days)

    @property
    def too_kind(self) -> dict[str, float]:
        """metric -> what to write into the scenario (share or ms), rounded up; the worst of its readings."""
        found: dict[str, float] = {}
        for row in self.rows:
            found[row.metric] = max(found.get(row.metric, 0.0), row.written)
        return found

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines for the scenario from which a promise is made, as YAML."""
        units = {row.metric: row.unit for row in self.rows}
        return (
            "feasibility:",
            "  back_test:",
            f"    weeks: {self.weeks:g}",
            "    too_kind:",
            *(
                f"      {_key(name)}: {_written(value, units[name])}"
                for name, value in self.too_kind.items()
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Stable keys; shares 0..1, times in seconds, but in ``feasibility``: that is what a scenario takes."""
        units = {row.metric: row.unit for row in self.rows}
        written = {
            name: value if units[name] == "share" else _written(value, units[name])
            for name, value in self.too_kind.items()
        }
        return {
            "scenario": self.scenario, "report": self.reading.file,
            "days": [day.isoformat() for day in self.days], "weeks": self.weeks,
            "offered": {"predicted": self.offered[0], "actual": self.offered[1]},
            "aht": None if self.aht is None else self.aht.to_json(),
            "metrics": [row.to_json() for row in self.rows],
            "feasibility": {"back_test": {"weeks": self.weeks, "too_kind": written}},
            "left_out": dict(self.left_out), "notes": list(self.notes),
            "reading": self.reading.to_json(), "replications": self.replications, "seed": self.seed,
        }  # fmt: skip

    def table(self) -> pd.DataFrame:
        """One row per metric; times in seconds."""
        import pandas as pd

        return pd.DataFrame([row.to_json() for row in self.rows])


def _key(name: str) -> str:
    """A name as a YAML key."""
    plain = name.replace("_", "a").isalnum() and name.isascii() and not name[0].isdigit()
    reserved = name.lower() in ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
    if plain and not reserved:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _written(value: float, unit: str) -> str:
    return f"{value:g}" if unit == "share" else f"{value / 1000:g}s"


# ------------------------------------------------------------------ the test


def back_test(
    scenario: Scenario,
    report: str | Path,
    *,
    replications: int = 1000,
    seed: int = 1,
    engine: str = "fast",
    timezone: str | None = None,
    encoding: str | None = None,
    day_first: bool = False,
    bad_rows: BadRows = "refuse",
    executor: int | Executor | None = None,
    progress: Progress | None = None,
) -> BackTest:
    """Hold a scenario, set on earlier weeks, against the interval report of days it has not seen.

    The report's days lie from start to end of the scenario, and are at least LEAST_DAYS; days without a row are left
    out on both sides. ``timezone`` is the zone of naive instants (default: the scenario's). The other arguments are
    those of ``simulate`` and of ``read_intervals``. Raises InputError with every problem, before anything is simulated.
    """
    found, notes = read_unseen(scenario, report, timezone, encoding, day_first, bad_rows)
    days = days_of(scenario, found)
    asked, left_out = _comparisons(scenario, found)
    problems = [*strange_queues(scenario, found), *wrong_days(scenario, found, days)]
    problems += _wrong_metrics(scenario, found, asked, left_out)
    if problems:
        raise InputError(problems)
    aht, volume = _around(scenario, found)
    exact_inputs = scenario.but({"demand": None})
    result = count(
        exact_inputs, [], followed=[one.follows(days, scenario.interval) for one in (*asked, aht, volume)],
        replications=replications, seed=seed, engine=engine, executor=executor, progress=progress,
    )  # fmt: skip
    rows = []
    for one in asked:
        made = one.tested(result, found, days)
        if made is None:
            left_out[one.called] = "there was nothing to judge"
        else:
            rows.append(made)
    _, volumes = volume.simulated(result, days)
    really = np.asarray(found.counts.offered)[
        np.isin(found.queue, numbers_of(found, volume.queues))
    ]
    return BackTest(
        scenario=scenario.name,
        days=tuple(date.fromordinal(day) for day in days.known.tolist()),
        of_days=int(np.unique(days.of_interval).size),
        offered=(float(volumes.mean()), int(really.sum())),
        aht=None if lacking(aht.asked.measure, found) else aht.tested(result, found, days),
        rows=tuple(sorted(rows, key=lambda row: not row.promised)),
        left_out=left_out,
        notes=(*notes, *notes_of(scenario, days)),
        doubted=scenario.demand is not None,
        reading=found.report,
        replications=result.replications,
        seed=seed,
    )


# ------------------------------------------------------------------ what is compared


@dataclass(frozen=True, eq=False)
class _Compared:
    """A metric as it is put together: all contacts, or interval by interval as a commitment says.

    ``queues`` are the report's; None = all of it.
    """

    metric: str
    asked: Asked
    queues: tuple[str, ...] | None
    promised: bool = False
    commitment: Commitment | None = None

    @property
    def called(self) -> str:
        return self.metric if self.commitment is None else self.commitment.title

    @property
    def unit(self) -> Literal["share", "time"]:
        share = self.commitment is not None and self.commitment.interval_target is not None
        return "share" if share or self.asked.measure.unit == "share" else "time"

    def follows(self, days: Days, interval: int) -> tuple[Asked, Period]:
        """What a tally keeps for it."""
        if self.commitment is not None:
            return self.asked, "interval"
        return replace(self.asked, only=days.only(interval)), "horizon"

    def simulated(self, result: Result, days: Days) -> tuple[Floats, Floats]:
        """Numerator and denominator, (R,) each; of a commitment by interval (R, covered intervals)."""
        asked, period = self.follows(days, result.scenario.interval)
        above, below = result.by_period(asked, period)
        if period == "interval":
            return above[:, days.covered], below[:, days.covered]
        return above[:, 0], below[:, 0]

    def tested(self, result: Result, report: IntervalReport, days: Days) -> Tested | None:
        """None when one side has nothing to judge."""
        measure = self.asked.measure
        above, below = self.simulated(result, days)
        actual = self._actual(judge_report(report, measure, name=self.metric, queues=self.queues))
        if self.commitment is None:
            each, predicted = ratio(above, below), float(ratio(above.sum(), below.sum()))
        else:
            each = self._by_interval(above, below)
            predicted = float(np.nanmean(each)) if not np.isnan(each).all() else np.nan
        if actual is None or np.isnan(predicted):
            return None
        low, high = np.nanquantile(each, [(1 - SPREAD) / 2, (1 + SPREAD) / 2])
        share = self.commitment is not None and self.commitment.interval_target is not None
        return Tested(
            metric=self.metric,
            reading="weighted" if self.commitment is None else self.commitment.aggregate,
            text=measure.text,
            unit=self.unit,
            better="higher" if share else "lower" if measure.better == "lower" else "higher",
            promised=self.promised,
            predicted=predicted, low=float(low), high=float(high), actual=float(actual),
        )  # fmt: skip

    def _by_interval(self, above: Floats, below: Floats) -> Floats:
        """(R,) the share of intervals met, or the mean of the intervals."""
        assert self.commitment is not None
        target = self.commitment.interval_target
        if target is None:
            value = ratio(above, below)
            known = (~np.isnan(value)).sum(axis=1)
            return np.asarray(ratio(np.nansum(value, axis=1), known))
        met, judged = measures.intervals_met(
            above, below, float(target), self.commitment.better, [0] * above.shape[1]
        )
        return np.asarray(ratio(met[:, 0], judged[:, 0]))

    def _actual(self, judged: Judged) -> Fraction | None:
        if self.commitment is None:
            return judged.weighted
        target = self.commitment.interval_target
        if target is None:
            return judged.unweighted()
        return exact.share_met(judged.numerator, judged.denominator, target, self.commitment.better)


def _comparisons(
    scenario: Scenario, report: IntervalReport
) -> tuple[list[_Compared], dict[str, str]]:
    """What can be compared, and why the rest cannot."""
    promised = [commitment for _, commitment in promises(scenario)]
    names = {commitment.metric for commitment in promised}
    whole = told_together(scenario, report)
    found: list[_Compared] = []
    left_out: dict[str, str] = {}
    for name in scenario.metrics:
        asked = measures.ask(scenario, name)
        why = _cannot(asked) or _unsaid(scenario, asked, report)
        if why:
            left_out[name] = why
            continue
        found.append(_Compared(name, asked, None if whole else asked.queues, name in names))
    plain = {one.metric: one for one in found}
    for commitment in promised:
        if commitment.metric not in scenario.metrics:
            left_out[commitment.title] = (
                "it is promised without a name; a back-test names `metrics`"
            )
        if commitment.aggregate == "weighted" or commitment.metric not in plain:
            continue
        more = replace(plain[commitment.metric], commitment=commitment)
        title = commitment.title if commitment.name else f"{commitment.metric} by interval"
        if report.interval != scenario.interval:
            left_out[title] = (
                f"it is judged by intervals of {clock.format_duration(scenario.interval)}, and the report has "
                f"{clock.format_duration(report.interval)}"
            )
        elif more.unit != plain[commitment.metric].unit:
            left_out[title] = "a share of intervals has no place beside the seconds of its metric"
        else:
            found.append(more)
    return found, left_out


def _cannot(asked: Asked) -> str:
    """Why no interval report can answer a metric; empty when one may."""
    if asked.measure.over == "tickets":
        return "it is of tickets, and this is an interval report"
    if asked.measure.over == "agents":
        return "an interval report does not say how long agents were on duty"
    if asked.measure.over != "contacts" or asked.counted == "callers" or asked.needs_whole:
        return "it follows each caller, and an interval report counts attempts"
    if asked.measure.unit not in ("share", "time"):
        return f"it is a {asked.measure.unit}, and a back-test is in shares and times"
    return ""


def _unsaid(scenario: Scenario, asked: Asked, report: IntervalReport) -> str:
    """What the report lacks of a metric; empty when it has all."""
    missing = lacking(asked.measure, report)
    if missing:
        return f"the report does not say {', '.join(missing)}"
    told = queues_told(scenario, report)
    if told_together(scenario, report) and set(asked.queues) != set(told):
        return f"it is over {', '.join(asked.queues)}, and the report does not tell queues apart"
    absent = [name for name in asked.queues if name not in told]
    return f"the report has no rows of {', '.join(absent)}" if absent else ""


def _wrong_metrics(
    scenario: Scenario, report: IntervalReport, asked: Sequence[_Compared], left_out: Mapping[str, str]
) -> Iterator[Problem]:  # fmt: skip
    """A promised threshold that the report does not have; every reason when nothing at all can be compared."""
    promised = {name for name, _ in promises(scenario)}
    file = Path(report.report.file).name
    counted = [clock.format_duration(t) for t in sorted(report.counts.answered_in)]
    for name, why in left_out.items():
        record = scenario.metrics.get(name)
        if (
            name in promised
            and isinstance(record, Metric)
            and record.type == "service_level"
            and record.threshold not in report.counts.answered_in
        ):
            yield scenario.problem(
                ("metrics", name, "threshold"),
                f"{file} does not say how many were answered within "
                f"{clock.format_duration(record.threshold or 0)}, which is promised; its thresholds are: "
                f"{', '.join(counted) or 'none'}",
                "Export the report at the promised threshold.",
            )
        elif not asked:
            yield scenario.problem(("metrics", name), why)
    if not asked and not left_out:
        yield scenario.problem(
            ("metrics",), "the scenario names no metric", "Write metrics: {NAME: {type: ...}}."
        )


def _around(scenario: Scenario, report: IntervalReport) -> tuple[_Compared, _Compared]:
    """AHT and volume over the queues of which the report tells."""
    over = queues_told(scenario, report)
    queues = None if told_together(scenario, report) else over
    every = measures.ask(scenario, "service_level", over, threshold=0)
    return (
        _Compared("AHT", Asked("AHT", AverageHandleTime(), over), queues),
        _Compared("offered", every, queues),
    )
