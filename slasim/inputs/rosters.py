"""One replication's rota: the groups' changes and stints put together in the order a Draw wants, and the closings.

This file knows no scenario and draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Ints
from slasim.inputs.closings import when_nobody_is_left
from slasim.inputs.rota import ByNumber, ByShifts, Duty, Stints, duty_by_number

__all__ = ["Closing", "Rota", "closings_of", "rota_of"]


@dataclass(frozen=True, eq=False)
class Rota:
    """Who is on duty in one replication, as a Draw holds it, and per group for the closings."""

    columns: dict[str, Any]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, eq=False)
class Closing:
    """When a queue closes and opens again; ``takers`` are the groups that may take it. C closed spans."""

    close: Ints
    reopen: Ints
    disconnect: bool
    takers: tuple[int, ...]


def rota_of(
    groups: Sequence[ByNumber | ByShifts],
    drawn: Sequence[tuple[Ints, Ints] | Stints],
    until: int,
) -> Rota:
    """Put the groups' changes and stints together in the order a Draw wants."""
    duties: list[Duty] = []
    changes: list[tuple[Ints, ...]] = []
    stints: list[tuple[Ints, ...]] = []
    breaks: list[tuple[Ints, ...]] = []
    late: list[Ints] = []
    agents: list[Ints] = []
    known = count = 0
    for g, (group, found) in enumerate(zip(groups, drawn, strict=True)):
        if isinstance(found, Stints):
            assert isinstance(group, ByShifts)
            stints.append((known + found.agent, found.begin, found.end))
            late.append(np.zeros(found.agent.size, np.int64) if found.late is None else found.late)
            of_stint = np.repeat(np.arange(found.agent.size), np.diff(found.break_first))
            breaks.append((count + of_stint, found.break_at, found.break_length))
            agents.append(np.full(group.agents, g, np.int64))
            duties.append(Duty(found.begin, found.end))
            known += group.agents
            count += found.agent.size
        else:
            at, number = found
            changes.append((at, np.full(at.size, g, np.int64), number))
            duties.append(duty_by_number(at, number, until))
    staff_at, staff_group, staff_number = _together(changes)
    stint_agent, stint_from, stint_to = _together(stints)
    of_stint, break_at, break_length = _together(breaks)
    by_time = np.argsort(staff_at, kind="stable")
    order = np.lexsort((stint_agent, stint_from))
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    of_stint = place[of_stint]
    by_stint = np.argsort(of_stint, kind="stable")
    return Rota(
        columns={
            "by_number": np.array([isinstance(group, ByNumber) for group in groups], np.int8),
            "staff_at": staff_at[by_time],
            "staff_group": staff_group[by_time],
            "staff_number": staff_number[by_time],
            "agent_group": np.concatenate(agents) if agents else np.zeros(0, np.int64),
            "stint_agent": stint_agent[order],
            "stint_from": stint_from[order],
            "stint_to": stint_to[order],
            "stint_late": np.concatenate(late)[order]
            if any(isinstance(found, Stints) and found.late is not None for found in drawn)
            else None,
            "break_first": np.searchsorted(of_stint[by_stint], np.arange(order.size + 1)),
            "break_at": break_at[by_stint],
            "break_length": break_length[by_stint],
        },
        duties=tuple(duties),
    )


def _together(parts: list[tuple[Ints, ...]]) -> tuple[Ints, Ints, Ints]:
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    a, b, c = zip(*parts, strict=True)
    return np.concatenate(a), np.concatenate(b), np.concatenate(c)


def closings_of(queues: Sequence[Closing], duties: Sequence[Duty], stop: Ints) -> tuple[Ints, Ints]:
    """Closing instants of all queues in order of time, and their queues."""
    at: list[Ints] = [np.zeros(0, np.int64)]
    which: list[Ints] = [np.zeros(0, np.int64)]
    for q, queue in enumerate(queues):
        if queue.close.size == 0:
            continue
        found = queue.close
        if not queue.disconnect:
            takers = [duties[g] for g in queue.takers]
            found = when_nobody_is_left(queue.close, queue.reopen, takers)
        found = found[found < stop[q]]
        at.append(found)
        which.append(np.full(found.size, q, np.int64))
    closing_at, closing_queue = np.concatenate(at), np.concatenate(which)
    order = np.lexsort((closing_queue, closing_at))
    return closing_at[order], closing_queue[order]
