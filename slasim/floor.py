"""Floor: what the whole operation adds to a Draw: touches that follow touches, shared agents, clocks that steer.

A Draw without a Floor is a voice centre: one touch per contact, one contact per agent, a queue is a line. With a
Floor its columns ``arrival work wrap patience leaves_as`` have one entry per *touch* (T): first touches queue by queue
as ever (C of them), then touches that follow, whose ``arrival`` is the delay in ms after what releases them. The
table's rows are *lines* (R): each belongs to a queue, and all that wait in one line are the same to every group.

This file knows no scenario, no distribution and no engine.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from slasim.arrays import Ints, NDArray
from slasim.codes import (
    BY_DUE,
    BY_SLACK,
    BY_WAIT,
    NONE,
    PACE_ONE,
    REPLY_CLOCK,
    ROOM,
    SOLVE_CLOCK,
    WAITING_CLOCK,
)
from slasim.routing.table import NEVER, RoutingTable

__all__ = [
    "BY_DUE",
    "BY_SLACK",
    "BY_WAIT",
    "NONE",
    "PACE_ONE",
    "REPLY_CLOCK",
    "ROOM",
    "SOLVE_CLOCK",
    "WAITING_CLOCK",
    "Floor",
    "everywhere",
    "said_of_all",
]


def everywhere(value: int, touches: int, kind: Any = np.int64) -> NDArray[Any]:
    """A column that says the same of all touches; it takes no memory and may not be written."""
    return np.ndarray((touches,), kind, _bytes_of(value, kind), strides=(0,))


@lru_cache(maxsize=64)
def _bytes_of(value: int, kind: Any) -> bytes:
    return np.array(value, kind).tobytes()


def said_of_all(column: NDArray[Any]) -> int | None:
    """What a column says of all touches if it is one of those, else None.

    >>> said_of_all(everywhere(7, 3)), said_of_all(np.array([7, 7]))
    (7, None)
    """
    return int(column[0]) if column.size > 0 and column.strides == (0,) else None


@dataclass(frozen=True, eq=False)
class Floor:
    """T touches, C of them first; R lines, G groups, A named agents, K calendars, P plans, S steps.

    Touches
    contact        (T,) number of the contact (of a first touch: its own index)
    touch          (T,) grows along the chain of a contact, 0 first
    purpose        (T,) int8, index into ``contactlog.PURPOSES``
    queue          (T,)
    line           (T,) the line in which it waits when it arrives
    credit         (T,) ms of waiting credited on arrival (a call-back keeps its place)
    after_answer   (T,) the touch released when the customer is done with (`released`), NONE
    after_loss     (T,) the touch released when it leaves with an outcome in ``loss_mask``
    after_late     (T,) the touch released at `released` if it had waited more than ``late_after``
    loss_mask      (T,) bits 1 << outcome
    late_after     (T,) ms
    keeps_owner    (T,) ms for which a touch is kept for whom handled the touch before it; 0 = not at all
    greeting       (T,) ms from being taken to the first message of the agent
    reply_target   (T,) business ms; NEVER = no such clock. It starts when the touch arrives; of a touch handed on
                        (transfer, tier 2) the earlier due instant of its own and the one it brings counts
    reply_calendar (T,)
    solve_target   (T,) business ms from the contact's first arrival; NEVER
    solve_calendar (T,)
    solve_pauses   (T,) int8: 1 = does not count while the customer is waited for
    plan           (T,) reminders and escalations, NONE

    Lines
    line_queue   (R,)
    line_channel (R,) number of the channel, for switching_loss
    order        (R,) int8: BY_WAIT, BY_DUE or BY_SLACK
    slack        (R,) ms of work expected, for BY_SLACK
    load         (R, G) parts of ROOM that a contact takes
    preempt      (R, G) int8: work on it may be interrupted
    stands_in    (R, G) the group may take it only while nobody of that group is on duty; NONE
    hours        (R, G) calendar in whose windows the group may take it; NONE = always
    most_busy    (R, G) millionths of the agents on duty that may be busy once it has been taken; NEVER = all

    Groups and agents
    pace           (G, n) millionths of ordinary pace with 0, 1, 2 ... contacts in hand; the last holds beyond
    switching_loss (G,) ms of work more when an agent takes another channel than the last time
    shares         (G,) int8: 1 = an agent of the group may have several contacts in hand
    agent_speed    (A,) millionths

    Calendars (windows in ms since the start; of calendar k: window_first[k] .. window_first[k+1]-1)
    window_first (K+1,), window_open, window_close (W,)
    window_before (W,) business ms counted in earlier windows of the calendar
    looks        (L,) instants at which hours begin somewhere, sorted

    Plans (steps of plan p: plan_first[p] .. plan_first[p+1]-1)
    plan_first   (P+1,)
    step_clock   (S,) int8: REPLY_CLOCK, SOLVE_CLOCK or WAITING_CLOCK
    step_offset  (S,) ms after that instant; negative = before
    step_business (S,) int8: 1 = the offset is business time of the clock's calendar
    step_to      (S, R) the line a touch of line r moves to; r itself where it stays
    """

    contact: Ints
    touch: NDArray[np.int16]
    purpose: NDArray[np.int8]
    queue: NDArray[np.int16]
    line: Ints
    credit: Ints
    after_answer: Ints
    after_loss: Ints
    after_late: Ints
    loss_mask: Ints
    late_after: Ints
    keeps_owner: Ints
    greeting: Ints
    reply_target: Ints
    reply_calendar: Ints
    solve_target: Ints
    solve_calendar: Ints
    solve_pauses: NDArray[np.int8]
    plan: Ints
    line_queue: Ints
    line_channel: Ints
    order: NDArray[np.int8]
    slack: Ints
    load: Ints
    preempt: NDArray[np.int8]
    stands_in: Ints
    hours: Ints
    most_busy: Ints
    pace: Ints
    switching_loss: Ints
    shares: NDArray[np.int8]
    agent_speed: Ints
    window_first: Ints
    window_open: Ints
    window_close: Ints
    window_before: Ints
    looks: Ints
    plan_first: Ints
    step_clock: NDArray[np.int8]
    step_offset: Ints
    step_business: NDArray[np.int8]
    step_to: Ints

    @classmethod
    def plain(cls, table: RoutingTable, first: Ints, agents: int) -> Floor:
        """The Floor of a voice centre: nothing follows, nothing is shared, no clock runs.

        >>> floor = Floor.plain(RoutingTable.closed(2, 1), np.array([0, 2, 3]), 0)
        >>> floor.queue.tolist(), floor.line.tolist()
        ([0, 0, 1], [0, 0, 1])
        """
        from slasim.routing.table import SPEED_ONE

        lines, groups = table.opens.shape
        touches = int(first[-1])
        queue = np.repeat(np.arange(first.size - 1), np.diff(first))
        never, none, zero = (everywhere(value, touches) for value in (NEVER, NONE, 0))
        nothing = np.zeros(0, np.int64)
        return cls(
            contact=np.arange(touches, dtype=np.int64),
            touch=everywhere(0, touches, np.int16),
            purpose=everywhere(0, touches, np.int8),
            queue=queue.astype(np.int16),
            line=queue.astype(np.int64),
            credit=zero,
            after_answer=none,
            after_loss=none,
            after_late=none,
            loss_mask=zero,
            late_after=never,
            keeps_owner=zero,
            greeting=zero,
            reply_target=never,
            reply_calendar=zero,
            solve_target=never,
            solve_calendar=zero,
            solve_pauses=everywhere(0, touches, np.int8),
            plan=none,
            line_queue=np.arange(lines, dtype=np.int64),
            line_channel=np.zeros(lines, np.int64),
            order=np.zeros(lines, np.int8),
            slack=np.zeros(lines, np.int64),
            load=np.full((lines, groups), ROOM, np.int64),
            preempt=np.zeros((lines, groups), np.int8),
            stands_in=np.full((lines, groups), NONE, np.int64),
            hours=np.full((lines, groups), NONE, np.int64),
            most_busy=np.full((lines, groups), NEVER, np.int64),
            pace=np.full((groups, 2), PACE_ONE, np.int64),
            switching_loss=np.zeros(groups, np.int64),
            shares=np.zeros(groups, np.int8),
            agent_speed=np.full(agents, SPEED_ONE, np.int64),
            window_first=np.zeros(1, np.int64),
            window_open=nothing,
            window_close=nothing,
            window_before=nothing,
            looks=nothing,
            plan_first=np.zeros(1, np.int64),
            step_clock=np.zeros(0, np.int8),
            step_offset=nothing,
            step_business=np.zeros(0, np.int8),
            step_to=np.zeros((0, lines), np.int64),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Floor):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]
