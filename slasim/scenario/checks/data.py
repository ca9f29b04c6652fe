"""What the data files hold: they open, cover the horizon, and come to sensible numbers.

How they are read stands in `interval_files/`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from slasim import clock
from slasim.errors import InputError, Problem
from slasim.scenario.centre import Centre
from slasim.scenario.checks.case import Case, placed
from slasim.scenario.document import Loc
from slasim.scenario.schema import Source

__all__ = [
    "MOST_AGENTS",
    "MOST_CONTACTS",
    "MOST_INTERVALS",
    "arrivals_are_known",
    "data_files_open",
    "doubts_can_be_measured",
    "horizon_fits",
    "sources",
    "staffing_is_known",
]


MOST_CONTACTS = 50_000_000
"""expected contacts of one replication"""

MOST_INTERVALS = 200_000

MOST_AGENTS = 100_000


def data_files_open(case: Case) -> Iterator[Problem]:
    """Every data file exists and is a table, whatever else is wrong."""
    found = list(sources(case.centre))
    if not found:
        return
    from slasim.scenario.tables import open_table

    for loc, source in found:
        try:
            open_table(source.file, case.centre.folder, encoding=source.encoding)
        except InputError as error:
            yield from placed(error, case.document, loc)


def sources(centre: Centre) -> Iterator[tuple[Loc, Source]]:
    """Every data file that the scenario names, and where (measured distributions apart)."""
    for name, queue in centre.queues.items():
        arrivals = queue.arrivals
        if arrivals is None:
            continue
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
            yield from placed(error, case.document, ("queues", name, "arrivals"))
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
            yield from placed(error, case.document, ("groups", name, part))
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
    if case.centre.demand is None or not case.whole("queues") or not case.whole("demand"):
        return
    from slasim.scenario import demand

    try:
        demand.measured(case.centre)
    except InputError as error:
        told = _unread(
            case.centre
        )  # the same forecasts are read here, and `arrivals_are_known` tells of them
        for problem in placed(error, case.document, ("demand", "from")):
            if (problem.found, problem.would_do) not in told:
                yield problem


def _unread(centre: Centre) -> set[tuple[str, str]]:
    """What is wrong with the queues' own forecasts."""
    found = set()
    for name in centre.queues:
        try:
            centre.expected(name, warm_up=True)
        except InputError as error:
            found |= {(problem.found, problem.would_do) for problem in error.problems}
        except ValueError:
            continue
    return found


def _calendar_known(centre: Centre, name: str | None) -> bool:
    return name is None or name in centre.calendars
