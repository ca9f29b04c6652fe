"""What must hold between records: each rule one named function, all findings reported together.

A rule takes the centre and its document and yields problems at their places. Names are looked up in
the document, so that a queue with a mistake of its own is not also reported as missing. What one
record can know of itself stands in `schema.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import numpy as np

from slasim import clock, registry
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario import demand
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document, Loc
from slasim.scenario.schema import Commitment, Metric, Shift

__all__ = ["MOST_CONTACTS", "MOST_INTERVALS", "all_problems", "by_name"]

MOST_CONTACTS = 50_000_000
"""expected contacts of one replication"""
MOST_INTERVALS = 200_000
MOST_AGENTS = 100_000

Check = Callable[[Centre, Document], Iterator[Problem]]


def all_problems(centre: Centre, document: Document, *, data: bool) -> list[Problem]:
    """The findings of every rule; those that open data files only when `data`."""
    problems = by_name(document)
    for check in RECORDS:
        problems += check(centre, document)
    if not data:
        return problems
    found = list(horizon_fits(centre, document))
    problems += found
    if not found:
        for check in DATA:
            problems += check(centre, document)
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


def every_queue_is_taken(centre: Centre, document: Document) -> Iterator[Problem]:
    groups = _mapping(document.value.get("groups"))
    taken = {queue for group in groups.values() for queue in _mapping(_mapping(group).get("takes"))}
    for queue in _mapping(document.value.get("queues")):
        if queue not in taken and groups:
            yield document.problem(
                ("queues", queue),
                f"no group takes queue `{queue}`",
                f"Add it to `takes` of a group: {', '.join(groups)}.",
                key=True,
            )


def shifts_do_not_overlap(centre: Centre, document: Document) -> Iterator[Problem]:
    """The same name stands for the same agents: they cannot be on two shifts at once."""
    for name, group in centre.groups.items():
        for index, shift in enumerate(group.shifts or ()):
            for other in (group.shifts or ())[:index]:
                if shift.name == other.name and _overlap(shift, other):
                    yield document.problem(
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


def shifts_do_not_meet_themselves(centre: Centre, document: Document) -> Iterator[Problem]:
    for name, group in centre.groups.items():
        counted = {shift.counts for shift in group.shifts or ()}
        if len(counted) > 1:
            yield document.problem(
                ("groups", name, "shifts"),
                f"the shifts count different things: {', '.join(sorted(counted))}",
                "Let all shifts of a group count the same.",
            )
        for index, shift in enumerate(group.shifts or ()):
            if shift.from_ == shift.to:
                yield document.problem(
                    ("groups", name, "shifts", index),
                    f"shift `{shift.name}` begins and ends at {clock.format_time_of_day(shift.to)}",
                    "A shift is shorter than a day; write two.",
                )


def breaks_lie_inside(centre: Centre, document: Document) -> Iterator[Problem]:
    for name, group in centre.groups.items():
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
                    yield document.problem(loc, f"the break at {at} has no length", "")
                if offset + pause.length > shift.length:
                    found = f"the break at {at} lies outside its shift {_hours(shift)}"
                    yield document.problem(loc, found, "Move it inside.")
                elif offset < free_from:
                    found = f"the break at {at} begins inside the break before it"
                    yield document.problem(loc, found, "Move one of them.")
                free_from = max(free_from, offset + pause.length)


def acw_is_part_of_aht(centre: Centre, document: Document) -> Iterator[Problem]:
    for name, queue in centre.queues.items():
        mean = queue.aht_mean
        if mean is not None and queue.acw > mean:
            yield document.problem(
                ("queues", name, "acw"),
                f"after-call work of {clock.format_duration(queue.acw)} is longer than the AHT of "
                f"{clock.format_duration(mean)}",
                "AHT is talk + hold + after-call work; acw is a part of it.",
            )


def routing_is_known(centre: Centre, document: Document) -> Iterator[Problem]:
    """The policy exists and takes its settings: it is asked to fill its table once."""
    from slasim.routing import policies

    known = registry.names("routing")
    if centre.routing.policy not in known:
        yield document.problem(
            ("routing", "policy"),
            f"no routing policy is called `{centre.routing.policy}`",
            did_you_mean(centre.routing.policy, known, what="Policies"),
        )
        return
    queues = [
        policies.QueueFacts(name, queue.priority, queue.head_start, queue.prefers)
        for name, queue in centre.queues.items()
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
        for name, group in centre.groups.items()
    ]
    if not queues or not groups:
        return
    try:
        policies.fill(centre.routing.policy, queues, groups, centre.routing.settings)
    except ValueError as error:
        yield document.problem(("routing",), str(error), "")


# ------------------------------------------------------------------ what is promised


def commitments_fit_their_metric(centre: Centre, document: Document) -> Iterator[Problem]:
    for index, commitment in enumerate(_commitments(centre)):
        metric = metric_of(centre, commitment)
        if metric is None:
            if isinstance(commitment.metric, str) and commitment.metric == "service_level":
                yield document.problem(
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
            raw = _raw(document, loc)
            written_as_time = isinstance(raw, str) and "%" not in raw
            if (unit == "time" and not in_share) and not written_as_time:
                found = f"the target of {metric.type} is {raw}, and it is a time"
                yield document.problem(loc, found, "Write for example target: 30s.")
            if (unit == "share" or in_share) and written_as_time:
                found = f"the target is {raw}, and it is a share"
                yield document.problem(loc, found, "Write for example target: 0.8.")


def abandonment_needs_patience(centre: Centre, document: Document) -> Iterator[Problem]:
    """Without patience nobody abandons, and such a promise would be met for nothing."""
    for index, commitment in enumerate(_commitments(centre)):
        metric = metric_of(centre, commitment)
        if metric is None or metric.type != "abandonment_rate":
            continue
        names = metric.queues if metric.queues is not None else tuple(centre.queues)
        without = [name for name in names if name in centre.queues and not _abandons(centre, name)]
        if without:
            yield document.problem(
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


def periods_are_whole(centre: Centre, document: Document) -> Iterator[Problem]:
    """`start` to `end` is one replication, and holds whole contract periods."""
    contract = centre.contract
    if contract is None:
        return
    places: list[tuple[Loc, str]] = [(("contract", "period"), contract.period)]
    for index, commitment in enumerate(contract.commitments):
        if commitment.period is not None:
            places.append((("contract", "commitments", index, "period"), commitment.period))
    for loc, period in places:
        reason = _cut(period, centre.start, centre.end)
        if reason:
            yield document.problem(
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
    days = (end - start) // timedelta(days=1)
    if period == "week" and days % 7:
        return f"{days} days are not whole weeks"
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


def _raw(document: Document, loc: Loc) -> object:
    here: object = document.value
    for part in loc:
        here = here[part]  # type: ignore[index]
    return here


# ------------------------------------------------------------------ time and data


def horizon_fits(centre: Centre, document: Document) -> Iterator[Problem]:
    """Start and end exist in the zone, and hold whole intervals, not too many."""
    for key in ("start", "end"):
        try:
            _ = centre.start_ms if key == "start" else centre.end_ms
        except ValueError as error:
            yield document.problem((key,), str(error), "")
            return
    length = clock.format_duration(centre.interval)
    if centre.horizon % centre.interval:
        yield document.problem(
            ("end",),
            f"start to end does not hold whole intervals of {length}",
            "Choose another end or a shorter interval (daylight saving counts).",
        )
    elif centre.intervals > MOST_INTERVALS:
        yield document.problem(
            ("end",),
            f"start to end has {centre.intervals:,} intervals",
            f"At most {MOST_INTERVALS:,}: choose a longer interval or an earlier end.",
        )
    if centre.warm_up % centre.interval or centre.warm_up > 366 * clock.DAY:
        yield document.problem(
            ("warm_up",),
            f"a warm-up of {clock.format_duration(centre.warm_up)} is not whole intervals of {length} "
            "within a year",
            "Write for example 1d.",
        )


def arrivals_are_known(centre: Centre, document: Document) -> Iterator[Problem]:
    """Every queue's forecast can be read, and all together are not too many."""
    total = 0.0
    for name in centre.queues:
        if not _calendar_known(centre, centre.queues[name].calendar):
            continue
        try:
            total += float(centre.expected(name, warm_up=True).volume.sum())
        except InputError as error:
            yield from _placed(error, document, ("queues", name, "arrivals"))
        except ValueError as error:
            yield document.problem(("queues", name, "arrivals"), str(error), "")
    if total > MOST_CONTACTS:
        yield document.problem(
            ("queues",),
            f"{total:,.0f} contacts are expected in one replication",
            f"At most {MOST_CONTACTS:,}: is a number per hour meant per day, or `end` mistyped?",
        )


def staffing_is_known(centre: Centre, document: Document) -> Iterator[Problem]:
    for name, group in centre.groups.items():
        if not _calendar_known(centre, group.calendar) or not all(
            _calendar_known(centre, centre.queues[queue].calendar)
            for queue in group.takes
            if queue in centre.queues
        ):
            continue
        part = "shifts" if group.staffing is None else "staffing"
        try:
            agents = centre.staffing(name, warm_up=True)
        except InputError as error:
            yield from _placed(error, document, ("groups", name, part))
            continue
        except ValueError as error:
            yield document.problem(("groups", name, part), str(error), "")
            continue
        if agents.size and float(agents.max()) > MOST_AGENTS:
            found = f"{agents.max():,.0f} agents at once"
            yield document.problem(("groups", name, part), found, f"At most {MOST_AGENTS:,}.")
        elif not np.any(agents > 0):
            yield document.problem(
                ("groups", name, part),
                "nobody of this group is ever on duty from start to end",
                "Check weekdays, dates and calendar, or take the group out.",
            )


def doubts_can_be_measured(centre: Centre, document: Document) -> Iterator[Problem]:
    try:
        demand.measured(centre)
    except InputError as error:
        yield from _placed(error, document, ("demand", "from"))


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
)
DATA: tuple[Check, ...] = (
    arrivals_are_known,
    staffing_is_known,
    abandonment_needs_patience,
    periods_are_whole,
    doubts_can_be_measured,
)
