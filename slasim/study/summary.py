"""Summary: everything a first look at a result needs, in one frozen value.

    summarise(result)   -> Summary: metrics by channel and queue, occupancy by group, verdicts, share of intervals met,
                           the worst hour, the formulas' spread, Erlang beside it, the worst intervals; where the
                           scenario has them, chats, tickets, who comes again and overtime

It only asks the result; it knows neither columns nor a screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim import registry
from slasim.errors import InputError
from slasim.metrics.ratio import ratio
from slasim.outcome.estimates import Estimate
from slasim.outcome.tally import Period
from slasim.scenario.assumed import Assumption
from slasim.study import measures
from slasim.study.coming_again import ComingAgain, coming_again
from slasim.study.deferred import Deferred, deferred
from slasim.study.formulas import BesideFormulas, beside_formulas
from slasim.study.hands import Hands, Overtime, hands, overtime
from slasim.study.judging import Verdicts, judge
from slasim.study.measures import Asked
from slasim.study.overflow import Overflow, overflow
from slasim.study.people import LateStarts, late_starts
from slasim.study.result import Result, worst_cells
from slasim.study.tickets import TicketLine, ticket_lines
from slasim.study.unserved import Unserved, unserved

if TYPE_CHECKING:
    import pandas as pd

USUAL_SHORT_ABANDON = 5_000
"""ms: for the formulas that need one, where the scenario names none."""


@dataclass(frozen=True)
class Line:
    """One queue, or several together: contacts offered per replication, and each measure's estimate.

    ``matters``: of the offered, those that came for the first time; None where all did.
    """

    name: str
    queues: tuple[str, ...]
    offered: float
    estimates: dict[str, Estimate]
    matters: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "queues": list(self.queues),
            "offered": self.offered,
            "matters": self.matters,
            "estimates": {name: e.to_json() for name, e in self.estimates.items()},
        }


@dataclass(frozen=True)
class Channel:
    """The queues of one channel, and behind them all of these together where there are several."""

    name: str
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, Any]:
        return {"channel": self.name, "queues": [line.to_json() for line in self.lines]}


@dataclass(frozen=True)
class Busy:
    """A group's occupancy, the most the scenario allows it (None = not said), and where it is above that.

    ``above`` of ``staffed`` intervals with anybody on duty have a mean occupancy above the most.
    """

    group: str
    occupancy: Estimate
    max_occupancy: float | None
    above: int
    staffed: int

    @property
    def too_busy(self) -> bool:
        return self.max_occupancy is not None and self.occupancy.value > self.max_occupancy

    def to_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "occupancy": self.occupancy.to_json(),
            "max_occupancy": self.max_occupancy,
            "too_busy": self.too_busy,
            "intervals_above": self.above,
            "intervals_staffed": self.staffed,
        }


@dataclass(frozen=True)
class Inside:
    """What the figure of all periods hides: how single periods differ, the share of intervals that reach the target,
    and the worst hour.

    ``one_in_20`` and ``nineteen_in_20``: values that 5 % and 95 % of the simulated periods do not exceed. ``met`` is
    None for a metric without a target or not a share. ``worst_hour`` is local ("10:00").
    """

    metric: str
    better: str
    period: str
    one_in_20: float
    nineteen_in_20: float
    target: float | None
    met: Estimate | None
    worst_hour: str | None
    worst_value: float
    unit: str

    def to_json(self) -> dict[str, Any]:
        return {
            "metric": self.metric,
            "period": self.period,
            "one_in_20": _finite(self.one_in_20),
            "nineteen_in_20": _finite(self.nineteen_in_20),
            "target": self.target,
            "intervals_met": None if self.met is None else self.met.to_json(),
            "worst_hour": self.worst_hour,
            "worst_hour_value": _finite(self.worst_value),
        }


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


WAITS = (0.5, 0.9, 0.95, 0.99)
"""Shares of contacts whose longest wait is told."""


@dataclass(frozen=True)
class Summary:
    """A result at a glance. ``columns`` are the distinct measures by the name under which each line holds them."""

    result: Result
    columns: dict[str, Asked]
    lines: tuple[Line, ...]
    channels: tuple[Channel, ...]
    unserved: tuple[Unserved, ...]
    overflow: tuple[Overflow, ...]
    waits: dict[float, Estimate]
    """by share: how long that share of all offered waits at most; empty where there are only tickets"""
    groups: tuple[Busy, ...]
    hands: tuple[Hands, ...]
    overtime: tuple[Overtime, ...]
    late: tuple[LateStarts, ...]
    again: tuple[ComingAgain, ...]
    tickets: tuple[TicketLine, ...]
    deferred: Deferred | None
    verdicts: Verdicts | None
    inside: tuple[Inside, ...]
    level_metric: str
    formulas: dict[str, Estimate]
    """the same contacts by every formula; empty, as ``worst``, where no service level is told"""
    beside: tuple[BesideFormulas, ...]
    worst: tuple[dict[str, Any], ...]
    assumed: tuple[Assumption, ...]
    undoubted: tuple[str, ...]
    """which of volume, AHT and attendance are taken as certain"""

    def to_json(self) -> dict[str, Any]:
        """Stable keys; shares 0..1, times in ms unless the key says s."""
        result = self.result
        return {
            "scenario": result.scenario.name,
            "seed": result.seed,
            "replications": result.replications,
            "engine": result.engine,
            "estimates": {name: e.to_json() for name, e in result.overall().items()},
            "queues": [line.to_json() for line in self.lines],
            "channels": [channel.to_json() for channel in self.channels],
            "unserved": [one.to_json() for one in self.unserved],
            "overflow": [one.to_json() for one in self.overflow],
            "waits": {f"{share:g}": e.to_json() for share, e in self.waits.items()},
            "groups": [group.to_json() for group in self.groups],
            "chats": [one.to_json() for one in self.hands],
            "overtime": [one.to_json() for one in self.overtime],
            "late_starts": [one.to_json() for one in self.late],
            "coming_again": [one.to_json() for one in self.again],
            "tickets": [one.to_json() for one in self.tickets],
            "deferred": None if self.deferred is None else self.deferred.to_json(),
            "verdicts": [verdict.to_json() for verdict in self.verdicts or ()],
            "status": self.verdicts.status if self.verdicts is not None else "nothing_to_judge",
            "inside": [one.to_json() for one in self.inside],
            "formulas": {name: e.to_json() for name, e in self.formulas.items()},
            "erlang": [one.to_json() for one in self.beside],
            "worst_intervals": list(self.worst),
            "assumed": [a._asdict() for a in self.assumed],
            "taken_as_certain": list(self.undoubted),
        }

    def table(self) -> pd.DataFrame:
        """One row per metric and queue, and per group's occupancy, overtime and what chats make of it; in seconds."""
        import pandas as pd

        keys = ["metric", "queue", "group", "value", "low", "high", "replications"]
        parts = [
            self.result.table(name, "queue").assign(metric=asked.measure.text)
            for name, asked in self.columns.items()
        ]
        of_groups = ["occupancy", *(["overtime"] if self.overtime else [])]
        of_groups += ["concurrency", "slot_utilisation"] if self.hands else []
        parts += [self.result.table(name, "group").assign(metric=name) for name in of_groups]
        for metric in _OF_CHAINS if self.again else ():
            found = self.result.table(metric, "queue").assign(metric=metric)
            parts.append(found[found["value"].notna()])
        parts += [
            self.result.table(line.metric, "queue").assign(metric=f"{line.metric}: {line.text}")
            for line in self.tickets
        ]
        return pd.concat(parts, ignore_index=True)[keys]


_OF_CHAINS = (
    "attempts_per_caller", "redial_rate", "call_backs_made", "call_backs_in_time", "repeat_rate",
    "first_contact_resolution", "contacts_per_resolution", "satisfaction", "churn",
)  # fmt: skip


def summarise(result: Result) -> Summary:
    """Look at a result from every side. Raises InputError for what a metric cannot be asked."""
    scenario = result.scenario
    columns = _columns(result)
    lines = [_line(result, name, (name,), columns) for name in scenario.queues]
    if len(lines) > 1:
        lines.append(_line(result, "all", tuple(scenario.queues), columns))
    on_the_line = measures.on_the_line(scenario)
    level = level_metric(result)
    told = hasattr(measures.ask(scenario, level).measure, "formula")
    assumed = tuple(scenario.assumed())
    return Summary(
        result=result,
        columns=columns,
        lines=tuple(lines),
        channels=_channels(result, lines, columns),
        unserved=unserved(result),
        overflow=overflow(result),
        waits={}
        if measures.only_tickets(scenario)
        else {share: result.percentile(share, queue=on_the_line) for share in WAITS},
        groups=tuple(_busy(result, name) for name in scenario.groups),
        hands=hands(result),
        overtime=overtime(result),
        late=late_starts(result),
        again=coming_again(result),
        tickets=ticket_lines(result),
        deferred=deferred(result)
        if any(q.kind.replies for q in scenario.queues.values())
        else None,
        verdicts=judge(result) if result.replications > 1 else None,
        inside=inside(result),
        level_metric=level,
        formulas=formulas(result, level) if told else {},
        beside=beside_formulas(result),
        worst=tuple(worst_cells(result, level, 5)) if told else (),
        assumed=assumed,
        undoubted=undoubted(assumed),
    )


def undoubted(assumed: tuple[Assumption, ...]) -> tuple[str, ...]:
    """Which of volume, AHT and attendance a scenario takes as certain."""
    certain = {a.path for a in assumed if a.value == "none"}
    names = {"demand.volume": "volume", "demand.aht": "AHT", "demand.attendance": "attendance"}
    if "demand" in certain:
        return tuple(names.values())
    return tuple(said for path, said in names.items() if path in certain)


def _columns(result: Result) -> dict[str, Asked]:
    """The scenario's own measures over contacts, each once; then the usual ones that are missing."""
    found: dict[str, Asked] = {}
    usual: tuple[str, ...] = ("service_level", "abandonment_rate", "asa", "mean_wait", "aht")
    if measures.only_tickets(result.scenario):
        usual = usual[3:]
    for name in (*result.scenario.metrics, *usual):
        asked = measures.ask(result.scenario, name)
        known = any(a.measure == asked.measure for a in found.values())
        levels = any(hasattr(a.measure, "formula") for a in found.values())
        if name == "service_level" and levels and _all_have_a_level(result, found):
            continue
        if known or asked.measure.over != "contacts":
            continue
        found[name] = asked
    return found


def _all_have_a_level(result: Result, columns: dict[str, Asked]) -> bool:
    """Whether every channel on the line has a queue that some service level is over."""
    records = result.scenario.queues
    over = {q for a in columns.values() if hasattr(a.measure, "formula") for q in a.queues}
    channels = {records[name].channel for name in measures.on_the_line(result.scenario)}
    return channels <= {records[name].channel for name in over}


def _line(result: Result, name: str, queues: tuple[str, ...], columns: dict[str, Asked]) -> Line:
    offered = result.parts(measures.ask(result.scenario, "mean_wait", queues))[1]
    matters = None
    if result.tally.layout.whole:
        matters = float(np.sum(result.tally.chain_counts(queues).matters)) / result.replications
    return Line(
        name,
        queues,
        float(np.sum(offered)) / result.replications,
        {key: result.estimate(key, queue=queues) for key in columns},
        matters,
    )


def _channels(result: Result, lines: list[Line], columns: dict[str, Asked]) -> tuple[Channel, ...]:
    """The lines by channel, in the order in which the scenario first names each."""
    records = result.scenario.queues
    names = tuple(dict.fromkeys(queue.channel for queue in records.values()))
    found = []
    for channel in names:
        mine = [
            line for line in lines if line.name in records and records[line.name].channel == channel
        ]
        if len(names) == 1:
            mine = lines
        elif len(mine) > 1:
            mine.append(_line(result, f"all {channel}", tuple(line.name for line in mine), columns))
        found.append(Channel(channel, tuple(mine)))
    return tuple(found)


def _busy(result: Result, group: str) -> Busy:
    most = result.scenario.groups[group].max_occupancy
    busy, staffed = (
        np.asarray(part).sum(axis=0)
        for part in result.parts_by_interval(measures.ask(result.scenario, "occupancy"), group)
    )
    above = 0 if most is None else int((ratio(busy, staffed) > most).sum())
    return Busy(
        group, result.estimate("occupancy", group=group), most, above, int((staffed > 0).sum())
    )


def level_metric(result: Result) -> str:
    """The service level that matters most: a commitment's, else the first named, else the kind.

    Where there are only tickets: their clock, found in the same way, else how long they wait.
    """
    scenario = result.scenario
    promised = [p.asked.name for p in measures.promises(scenario)]
    wanted = ["service_level", *(["ticket_clock"] if measures.only_tickets(scenario) else [])]
    for kind in wanted:
        for name in [*promised, *scenario.metrics]:
            record = scenario.metrics.get(name)
            if record is not None and record.type == kind:
                return name
    return "service_level" if len(wanted) == 1 else "mean_wait"


def inside(result: Result) -> tuple[Inside, ...]:
    """For each commitment over contacts or tickets, or without any for the first service level: intervals met (of
    contacts), worst hour (of tickets: in which the SLA started)."""
    over = ("contacts", "tickets")
    promised = [p for p in measures.promises(result.scenario) if p.asked.measure.over in over]
    if not promised:
        asked = measures.ask(result.scenario, level_metric(result)).at_worst
        return (_inside(result, asked.name, asked, "horizon", None, None),)
    found = []
    for p in promised:
        share = p.asked.measure.unit == "share" and p.asked.measure.over == "contacts"
        target = p.target if p.interval_target is None else p.interval_target
        met = result.intervals_met(p, target) if share else None
        period = p.period if p.interval_target is None else "horizon"
        found.append(_inside(result, p.name, p.asked.at_worst, period, target, met))
    return tuple(found)


def _inside(result: Result, name: str, asked: Asked, period: Period, target: float | None,
            met: Estimate | None) -> Inside:  # fmt: skip
    each = ratio(*result.by_period(asked, period))
    each = each[~np.isnan(each)]
    low, high = np.quantile(each, (0.05, 0.95)) if each.size else (math.nan, math.nan)
    hour, value = worst_hour(result, asked)
    measure = asked.measure
    return Inside(
        name,
        measure.better,
        period,
        float(low),
        float(high),
        target,
        met,
        hour,
        value,
        measure.unit,
    )


def worst_hour(result: Result, asked: Asked) -> tuple[str | None, float]:
    """The hour of the day (local time of arrival) with the worst value, over the whole horizon.

    Hours with less than 1 % of all contacts do not count; (None, nan) when there are no contacts.
    """
    above, below = (np.asarray(part).sum(axis=0) for part in result.parts_by_interval(asked))
    local = result.scenario.grid.local
    hours = np.asarray(local.minute_of_day)[result.scenario.grid.warm :] // 60
    numbers = np.unique(hours)
    sums = [[part[hours == hour].sum() for hour in numbers] for part in (above, below)]
    value = ratio(np.asarray(sums[0]), np.asarray(sums[1]))
    counted = np.asarray(sums[1]) >= max(1, 0.01 * np.sum(sums[1]))
    if not counted.any():
        return None, math.nan
    worst = np.where(counted, value, math.nan)
    at = int(np.nanargmin(worst) if asked.measure.better == "higher" else np.nanargmax(worst))
    return f"{int(numbers[at]):02d}:00", float(worst[at])


def formulas(result: Result, metric: str) -> dict[str, Estimate]:
    """The same contacts by every service-level formula, at the metric's own threshold and over its queues."""
    asked = measures.ask(result.scenario, metric)
    short = getattr(asked.measure, "short_abandon", None) or USUAL_SHORT_ABANDON
    found = {}
    for name in registry.names("service_level"):
        try:
            found[name] = result.estimate(
                "service_level", queue=asked.queues, threshold=asked.measure.thresholds[0],
                formula=name, short_abandon=short,
            )  # fmt: skip
        except InputError:  # a formula of somebody else that needs more than a threshold
            continue
    return found
