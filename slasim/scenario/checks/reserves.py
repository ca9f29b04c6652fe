"""What groups keep free, against how many they are: a queue that all of them only ever leave lying is never served."""

from __future__ import annotations

import math
from collections.abc import Iterator

from slasim.errors import InputError, Problem
from slasim.scenario.checks.case import Case
from slasim.scenario.floor_facts import takers
from slasim.scenario.schema import Group

__all__ = ["somebody_may_take"]


def somebody_may_take(case: Case) -> Iterator[Problem]:
    """At least one group of every queue has, at some time, more agents than it keeps free."""
    if not case.whole("groups"):
        return
    for queue in case.centre.queues:
        found = {
            name: _never(case, name, group, queue)
            for name, group in takers(case.centre, queue).items()
        }
        if not found or not all(found.values()):
            continue
        name, (key, reason) = next((n, why) for n, why in found.items() if why is not None)
        yield case.problem(
            ("groups", name, "takes", queue, key),
            f"nobody ever takes `{queue}`: {reason}",
            f"Keep fewer free, or let another group take {queue}.",
        )


def _never(case: Case, name: str, group: Group, queue: str) -> tuple[str, str] | None:
    """The setting because of which the group never takes the queue, and why; None where it may."""
    take, most = group.takes[queue], _most(case, name, group)
    if most is None or most == 0:
        return None  # told by other checks
    if take.reserve >= most:
        return "reserve", f"`{name}` keeps {take.reserve} free, and never has more than {most}"
    if take.max_occupancy is not None and round(take.max_occupancy * 1e6) * most < 1_000_000:
        said = (
            f"one of at most {most} agents of `{name}` is more than {100 * take.max_occupancy:g} %"
        )
        return "max_occupancy", said
    return None


def _most(case: Case, name: str, group: Group) -> int | None:
    """No more than so many are ever on duty; None where that is not known."""
    if group.shifts is not None:
        return sum(shift.agents for shift in group.shifts)
    demand = case.centre.demand
    if demand is not None and demand.attendance is not None:
        return None  # on good days there are more than planned
    try:
        agents = case.centre.on_phones(name, warm_up=True)
    except (InputError, ValueError):
        return None
    return math.ceil(float(agents.max())) if agents.size else None
