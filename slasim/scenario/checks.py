"""What must hold between records: each rule one named function, all findings reported together.

A rule takes a case, the centre and its document, and yields problems at their places. Names are looked up in
the document, so that a queue with a mistake of its own is not also reported as missing. What one
record can know of itself stands in `schema.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from slasim import clock, registry
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario import demand
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document, Loc
from slasim.scenario.schema import Commitment, Metric, Shift, Source
from slasim.scenario.tables import open_table
from slasim.scenario.tell import as_written

__all__ = [
    "MOST_CONTACTS",
    "MOST_INTERVALS",
    "Case",
    "all_problems",
    "by_name",
    "metric_of",
    "sources",
]

MOST_CONTACTS = 50_000_000
"""expected contacts of one replication"""
MOST_INTERVALS = 200_000
MOST_AGENTS = 100_000


@dataclass(frozen=True)
class Case:
    """A centre to be checked, its document, and the paths that were left out as faulty before."""

    centre: Centre
    document: Document
    faulty: frozenset[Loc] = frozenset()

    def whole(self, *loc: str) -> bool:
        """Nothing inside this part was left out, so what it lacks it lacks in the file too."""
        return not any(left[: len(loc)] == loc for left in self.faulty)

    def problem(self, loc: Loc, found: str, would_do: str = "", *, key: bool = False) -> Problem:
        """A problem at a path of the centre, at its place in the file."""
        place = as_written(loc, self.faulty)
        return self.document.problem(place, found, would_do, key=key)

    @property
    def timed(self) -> bool:
        """Times and calendars are known, so that data files can be placed on the grid."""
        parts = ("start", "end", "interval", "timezone", "warm_up", "calendars")
        return all(self.whole(part) for part in parts)


Check = Callable[[Case], Iterator[Problem]]


def all_problems(case: Case) -> list[Problem]:
    """The findings of every rule that can be applied."""
    problems = by_name(case.document)
    for check in RECORDS:
        problems += check(case)
    if case.timed:
        found = list(horizon_fits(case))
        problems += found
        if not found:
            for check in DATA:
                problems += check(case)
    return problems


# ------------------------------------------------------------------ names, by the document alone


def by_name(document: Document) -> list[Problem]:
    """Names that must exist: queues, groups, calendars, metrics. Needs no valid record."""
    value = document.value
    queues, groups = _mapping(value.get("queues")), _mapping(value.get("groups"))
    calendars = list(_mapping(value.get("calendars")))
    problems: list[Problem] = []

    def known(loc: Loc, asked: object, names: list[str], what: str, *, key: bool = False) -> None:
        if isinstance(asked, str) and asked not in names:
            found = f"there is no {what} `{asked}`"
            would_do = did_you_mean(asked, names, what=f"{what.capitalize()}s")
            problems.append(document.problem(loc, found, would_do, key=key))

    for section, records in (("queues", queues), ("groups", groups)):
        for name, record in records.items():
            calendar = _mapping(record).get("calendar")
            known((section, name, "calendar"), calendar, calendars, "calendar")
    for name, group in groups.items():
        for part in ("takes", "speed"):
            for taken in _mapping(_mapping(group).get(part)):
                known(("groups", name, part, taken), taken, list(queues), "queue", key=True)
    for name, queue in queues.items():
        preferred = _mapping(queue).get("prefers")
        for place, first in enumerate(_listed(preferred)):
            known(("queues", name, "prefers", place), first, list(groups), "group")
    metrics = _mapping(value.get("metrics"))
    for name, metric in metrics.items():
        for place, over in enumerate(_listed(_mapping(metric).get("queues"))):
            known(("metrics", name, "queues", place), over, list(queues), "queue")
    commitments = _mapping(value.get("contract")).get("commitments")
    for index, commitment in enumerate(commitments if isinstance(commitments, list) else []):
        loc: Loc = ("contract", "commitments", index, "metric")
        named = _mapping(commitment).get("metric")
        if isinstance(named, str) and named not in registry.names("metric"):
            known(loc, named, list(metrics), "metric")
        for place, over in enumerate(_listed(_mapping(named).get("queues"))):
            known((*loc, "queues", place), over, list(queues), "queue")
    return problems


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


# ------------------------------------------------------------------ rules between records


def every_queue_is_taken(case: Case) -> Iterator[Problem]:
    groups = _mapping(case.document.value.get("groups"))
    taken = {queue for group in groups.values() for queue in _mapping(_mapping(group).get("takes"))}
    for queue in _mapping(case.document.value.get("queues")):
        if queue not in taken and groups:
            yield case.problem(
                ("queues", queue),
                f"no group takes queue `{queue}`",
                f"Add it to `takes` of a group: {', '.join(groups)}.",
                key=True,
            )


def shifts_do_not_overlap(case: Case) -> Iterator[Problem]:
    """The same name stands for the same agents: they cannot be on two shifts at once."""
    for name, group in case.centre.groups.items():
        for index, shift in enumerate(group.shifts or ()):
            for other in (group.shifts or ())[:index]:
                if shift.name == other.name and _overlap(shift, other):
                    yield case.problem(
                        ("groups", name, "shifts", index),
                        f"shift `{shift.name}` overlaps itself: {_hours(other)} and {_hours(shift)}",
                        "One name is one team of agents; give the second team another name.",
                    )


def _overlap(one: Shift, other: Shift) -> bool:
    week = 7 * clock.DAY
    for day in one.days:
        for also in other.days:
            begin = day * clock.DAY + one.from_
            begins = also * clock.DAY + other.from_
            for turn in (-week, 0, week):
                if begin < begins + turn + other.length and begins + turn < begin + one.length:
                    return True
    return False


def _hours(shift: Shift) -> str:
    return f"{clock.format_time_of_day(shift.from_)}-{clock.format_time_of_day(shift.to)}"


def shifts_do_not_meet_themselves(case: Case) -> Iterator[Problem]:
    for name, group in case.centre.groups.items():
        counted = {shift.counts for shift in group.shifts or ()}
        if len(counted) > 1:
            yield case.problem(
                ("groups", name, "shifts"),
                f"the shifts count different things: {', '.join(sorted(counted))}",
                "Let all shifts of a group count the same.",
            )
        for index, shift in enumerate(group.shifts or ()):
            if shift.from_ == shift.to:
                yield case.problem(
                    ("groups", name, "shifts", index),
                    f"shift `{shift.name}` begins and ends at {clock.format_time_of_day(shift.to)}",
                    "A shift is shorter than a day; write two.",
                )


def breaks_lie_inside(case: Case) -> Iterator[Problem]:
    for name, group in case.centre.groups.items():
        for index, shift in enumerate(group.shifts or ()):
            spans = sorted(
                (shift.break_offset(pause), place) for place, pause in enumerate(shift.breaks)
            )
            free_from = 0
            for offset, place in spans:
                pause = shift.breaks[place]
                at = clock.format_time_of_day(pause.at)
                loc = ("groups", name, "shifts", index, "breaks", place)
                if not pause.length:
                    yield case.problem(loc, f"the break at {at} has no length", "")
                if offset + pause.length > shift.length:
                    found = f"the break at {at} lies outside its shift {_hours(shift)}"
                    yield case.problem(loc, found, "Move it inside.")
                elif offset < free_from:
                    found = f"the break at {at} begins inside the break before it"
                    yield case.problem(loc, found, "Move one of them.")
                free_from = max(free_from, offset + pause.length)


def acw_is_part_of_aht(case: Case) -> Iterator[Problem]:
    for name, queue in case.centre.queues.items():
        mean = queue.aht_mean
        if case.whole("queues", name) and mean is not None and queue.acw > mean:
            yield case.problem(
                ("queues", name, "acw"),
                f"after-call work of {clock.format_duration(queue.acw)} is longer than the AHT of "
                f"{clock.format_duration(mean)}",
                "AHT is talk + hold + after-call work; acw is a part of it.",
            )


def routing_is_known(case: Case) -> Iterator[Problem]:
    """The policy exists and takes its settings: it is asked to fill its table once."""
    from slasim.routing import policies

    known = registry.names("routing")
    if case.centre.routing.policy not in known:
        yield case.problem(
            ("routing", "policy"),
            f"no routing policy is called `{case.centre.routing.policy}`",
            did_you_mean(case.centre.routing.policy, known, what="Policies"),
        )
        return
    queues = [
        policies.QueueFacts(name, queue.priority, queue.head_start, queue.prefers)
        for name, queue in case.centre.queues.items()
    ]
    groups = [
        policies.GroupFacts(
            name,
            {
                queue: policies.TakeFacts(take.rank, take.after, take.reserve)
                for queue, take in group.takes.items()
            },
            group.speed,
        )
        for name, group in case.centre.groups.items()
    ]
    if not case.whole("queues") or not case.whole("groups") or not case.whole("routing"):
        return
    try:
        policies.fill(case.centre.routing.policy, queues, groups, case.centre.routing.settings)
    except ValueError as error:
        yield case.problem(("routing",), str(error), "")


# ------------------------------------------------------------------ what is promised


def commitments_fit_their_metric(case: Case) -> Iterator[Problem]:
    for index, commitment in enumerate(_commitments(case.centre)):
        metric = metric_of(case.centre, commitment)
        if metric is None:
            if isinstance(commitment.metric, str) and commitment.metric == "service_level":
                yield case.problem(
                    ("contract", "commitments", index, "metric"),
                    "a service level needs a threshold",
                    "Name one of `metrics`, or write metric: {type: service_level, threshold: 30s}.",
                )
            continue
        unit = metric.measure.unit
        for key in ("target", "interval_target"):
            value = getattr(commitment, key)
            in_share = commitment.aggregate == "share_of_intervals_met" and key == "target"
            loc = ("contract", "commitments", index, key)
            if value is None:
                continue
            raw = _raw(case, loc)
            written_as_time = isinstance(raw, str) and "%" not in raw
            if (unit == "time" and not in_share) and not written_as_time:
                found = f"the target of {metric.type} is {raw}, and it is a time"
                yield case.problem(loc, found, "Write for example target: 30s.")
            if (unit == "share" or in_share) and written_as_time:
                found = f"the target is {raw}, and it is a share"
                yield case.problem(loc, found, "Write for example target: 0.8.")


def abandonment_needs_patience(case: Case) -> Iterator[Problem]:
    """Without patience nobody abandons, and such a promise would be met for nothing."""
    for index, commitment in enumerate(_commitments(case.centre)):
        metric = metric_of(case.centre, commitment)
        if metric is None or metric.type != "abandonment_rate":
            continue
        names = metric.queues if metric.queues is not None else tuple(case.centre.queues)
        without = [
            name
            for name in names
            if name in case.centre.queues and not _abandons(case.centre, name)
        ]
        if without:
            yield case.problem(
                ("contract", "commitments", index, "metric"),
                f"abandonment is promised, and nobody can abandon in: {', '.join(without)}",
                "Give the queue its patience, for example patience: {exponential: {mean: 4min}}.",
            )


def _abandons(centre: Centre, name: str) -> bool:
    queue = centre.queues[name]
    if queue.patience is not None or queue.hangs_up_at_once > 0:
        return True
    if queue.arrivals.file is None:
        return False
    try:
        return centre.expected(name).patience_mean is not None
    except (InputError, ValueError):
        return True  # the file itself is told elsewhere


def periods_are_whole(case: Case) -> Iterator[Problem]:
    """`start` to `end` is one replication, and holds whole contract periods."""
    contract = case.centre.contract
    if contract is None:
        return
    places: list[tuple[Loc, str]] = [(("contract", "period"), contract.period)]
    for index, commitment in enumerate(contract.commitments):
        if commitment.period is not None:
            places.append((("contract", "commitments", index, "period"), commitment.period))
    for loc, period in places:
        reason = _cut(period, case.centre.start, case.centre.end)
        if reason:
            yield case.problem(
                loc,
                f"{reason}, so the scenario does not hold whole periods ({period})",
                "Change start and end, or write period: horizon.",
            )


def _cut(period: str, start: datetime, end: datetime) -> str:
    if period in ("interval", "horizon"):
        return ""
    for key, moment in (("start", start), ("end", end)):
        if moment.time() != datetime.min.time():
            return f"`{key}` {moment:%Y-%m-%d %H:%M} is not midnight"
        if period == "month" and moment.day != 1:
            return f"`{key}` {moment:%Y-%m-%d} is not the first of a month"
        if period == "week" and moment.weekday():
            return f"`{key}` {moment:%Y-%m-%d} is not a Monday, and weeks begin on Monday"
    return ""


def _commitments(centre: Centre) -> tuple[Commitment, ...]:
    return () if centre.contract is None else centre.contract.commitments


def metric_of(centre: Centre, commitment: Commitment) -> Metric | None:
    """The metric that is promised: written in place, of `metrics`, or a kind over all queues."""
    if commitment.inline is not None:
        return commitment.inline
    name = commitment.metric or ""
    if name in centre.metrics:
        return centre.metrics[name]
    if name in registry.names("metric") and name != "service_level":
        return Metric(type=name)
    return None


def _raw(case: Case, loc: Loc) -> object:
    here: object = case.document.value
    for part in as_written(loc, case.faulty):
        here = here[part]  # type: ignore[index]
    return here


# ------------------------------------------------------------------ time and data


def data_files_open(case: Case) -> Iterator[Problem]:
    """Every data file exists and is a table, whatever else is wrong."""
    for loc, source in sources(case.centre):
        try:
            open_table(source.file, case.centre.folder, encoding=source.encoding)
        except InputError as error:
            yield from _placed(error, case.document, loc)


def sources(centre: Centre) -> Iterator[tuple[Loc, Source]]:
    """Every data file that the scenario names, and where (measured distributions apart)."""
    for name, queue in centre.queues.items():
        arrivals = queue.arrivals
        profile = None if arrivals.profile is None else arrivals.profile.source
        for source in (arrivals.source, profile):
            if source is not None:
                yield ("queues", name, "arrivals"), source
    for name, group in centre.groups.items():
        rule = group.staffing
        if rule is None:
            continue
        for source in (rule.source, None if rule.grid is None else rule.grid.source):
            if source is not None:
                yield ("groups", name, "staffing"), source
    if centre.demand is not None and centre.demand.from_ is not None:
        yield ("demand", "from"), centre.demand.from_.source


def horizon_fits(case: Case) -> Iterator[Problem]:
    """Start and end exist in the zone, and hold whole intervals, not too many."""
    for key in ("start", "end"):
        try:
            _ = case.centre.start_ms if key == "start" else case.centre.end_ms
        except ValueError as error:
            yield case.problem((key,), str(error), "")
            return
    length = clock.format_duration(case.centre.interval)
    if case.centre.horizon % case.centre.interval:
        yield case.problem(
            ("end",),
            f"start to end does not hold whole intervals of {length}",
            "Choose another end or a shorter interval (daylight saving counts).",
        )
    elif case.centre.intervals > MOST_INTERVALS:
        yield case.problem(
            ("end",),
            f"start to end has {case.centre.intervals:,} intervals",
            f"At most {MOST_INTERVALS:,}: choose a longer interval or an earlier end.",
        )
    if case.centre.warm_up % case.centre.interval or case.centre.warm_up > 366 * clock.DAY:
        yield case.problem(
            ("warm_up",),
            f"a warm-up of {clock.format_duration(case.centre.warm_up)} is not whole intervals of {length} "
            "within a year",
            "Write for example 1d.",
        )


def arrivals_are_known(case: Case) -> Iterator[Problem]:
    """Every queue's forecast can be read, and all together are not too many."""
    total = 0.0
    for name in case.centre.queues:
        known = _calendar_known(case.centre, case.centre.queues[name].calendar)
        if not known or not case.whole("queues", name):
            continue
        try:
            total += float(case.centre.expected(name, warm_up=True).volume.sum())
        except InputError as error:
            yield from _placed(error, case.document, ("queues", name, "arrivals"))
        except ValueError as error:
            yield case.problem(("queues", name, "arrivals"), str(error), "")
    if total > MOST_CONTACTS:
        yield case.problem(
            ("queues",),
            f"{total:,.0f} contacts are expected in one replication",
            f"At most {MOST_CONTACTS:,}: is a number per hour meant per day, or `end` mistyped?",
        )


def staffing_is_known(case: Case) -> Iterator[Problem]:
    for name, group in case.centre.groups.items():
        if not case.whole("groups", name) or not _calendar_known(case.centre, group.calendar):
            continue
        if not all(
            _calendar_known(case.centre, case.centre.queues[queue].calendar)
            for queue in group.takes
            if queue in case.centre.queues
        ):
            continue
        part = "shifts" if group.staffing is None else "staffing"
        try:
            agents = case.centre.staffing(name, warm_up=True)
        except InputError as error:
            yield from _placed(error, case.document, ("groups", name, part))
            continue
        except ValueError as error:
            yield case.problem(("groups", name, part), str(error), "")
            continue
        if agents.size and float(agents.max()) > MOST_AGENTS:
            found = f"{agents.max():,.0f} agents at once"
            yield case.problem(("groups", name, part), found, f"At most {MOST_AGENTS:,}.")
        elif not np.any(agents > 0):
            yield case.problem(
                ("groups", name, part),
                "nobody of this group is ever on duty from start to end",
                "Check weekdays, dates and calendar, or take the group out.",
            )


def doubts_can_be_measured(case: Case) -> Iterator[Problem]:
    if not case.whole("queues") or not case.whole("demand"):
        return
    try:
        demand.measured(case.centre)
    except InputError as error:
        yield from _placed(error, case.document, ("demand", "from"))


def _calendar_known(centre: Centre, name: str | None) -> bool:
    return name is None or name in centre.calendars


def _placed(error: InputError, document: Document, loc: Loc) -> Iterator[Problem]:
    """Problems of a data file as they are; those of the scenario itself at `loc`."""
    for problem in error.problems:
        if problem.file:
            line, _ = document.place(loc)
            whose = document.problem(loc, "").path
            known = problem.path or (f"{whose} (line {line} of the scenario)" if line else whose)
            yield Problem(
                problem.found, problem.would_do, known, problem.file, problem.line, problem.column
            )
        else:
            yield document.problem(loc, problem.found, problem.would_do)


RECORDS: tuple[Check, ...] = (
    every_queue_is_taken,
    shifts_do_not_overlap,
    shifts_do_not_meet_themselves,
    breaks_lie_inside,
    acw_is_part_of_aht,
    routing_is_known,
    commitments_fit_their_metric,
    data_files_open,
)
DATA: tuple[Check, ...] = (
    arrivals_are_known,
    staffing_is_known,
    abandonment_needs_patience,
    periods_are_whole,
    doubts_can_be_measured,
)
