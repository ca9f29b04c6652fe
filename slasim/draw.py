"""Draw: all that chance and calendar decide for one replication before the engine starts.

An engine is a deterministic function of a Draw. Times are int64 milliseconds since the scenario's start instant
(negative during the warm-up). This file knows no scenario, no distribution and no engine.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from slasim.arrays import Ints, NDArray
from slasim.floor import Floor
from slasim.routing.table import NEVER, RoutingTable
from slasim.ticketfacts import TicketFacts

__all__ = ["NEVER", "Draw"]


@dataclass(frozen=True, eq=False)
class Draw:
    """One replication, settled. N contacts, Q queues, G groups, A named agents, H stints, B breaks.

    Contacts stand queue by queue, in order of arrival inside a queue; a contact's index is its number.

    first         (Q+1,) contacts of queue q are first[q] .. first[q+1]-1
    arrival       (N,) ms
    work          (N,) ms of handling at ordinary speed, after-call work included
    wrap          (N,) ms of that after the customer has left (wrap <= work)
    patience      (N,) ms the contact waits before it leaves; NEVER = stays
    leaves_as     (N,) int8, the outcome of running out of patience (contactlog.ABANDONED or VOICEMAIL)
    lines         (Q,) most contacts of the queue in service and waiting; an arrival beyond is blocked; NEVER = no limit
    queue_limit   (Q,) most contacts waiting at the end of an instant; NEVER = no limit
    closing_at    (C,) instants at which everything still waiting in closing_queue leaves as closed; sorted
    closing_queue (C,)
    stop          (Q,) from this instant on nobody of the queue is taken any more; what waits stays `waiting`
    by_number     (G,) int8: 1 = staffing by number (nobody named), 0 = named agents with shifts
    staff_at      (S,) instants of change of the number on duty, sorted; groups by number only
    staff_group   (S,)
    staff_number  (S,) the new number on duty
    agent_group   (A,) group of each named agent; an agent's index is its number
    stint_agent   (H,) one stint = one shift on one day; sorted by (from, agent); no overlap per agent
    stint_from    (H,)
    stint_to      (H,)
    break_first   (H+1,) breaks of stint h are break_first[h] .. break_first[h+1]-1, sorted by break_at
    break_at      (B,) planned instant
    break_length  (B,) ms

    ``floor`` tells what the whole operation adds: touches that follow touches, shared agents, clocks that steer. With
    it N counts touches, those beyond first[Q] follow others, and the table's rows are the floor's lines, not queues.
    No engine reads ``facts``, attributes of the contacts, nor ``stint_late`` (H,): ms by which each stint begins later
    than planned; None where nobody may be late.
    """

    table: RoutingTable
    first: Ints
    arrival: Ints
    work: Ints
    wrap: Ints
    patience: Ints
    leaves_as: NDArray[np.int8]
    lines: Ints
    queue_limit: Ints
    closing_at: Ints
    closing_queue: Ints
    stop: Ints
    by_number: NDArray[np.int8]
    staff_at: Ints
    staff_group: Ints
    staff_number: Ints
    agent_group: Ints
    stint_agent: Ints
    stint_from: Ints
    stint_to: Ints
    break_first: Ints
    break_at: Ints
    break_length: Ints
    floor: Floor | None = None
    facts: TicketFacts | None = None
    stint_late: Ints | None = None

    @property
    def contacts(self) -> int:
        """N, with a floor the number of touches that may come to pass."""
        return int(self.arrival.size)

    @property
    def queues(self) -> int:
        return int(self.first.size - 1)

    @property
    def groups(self) -> int:
        return int(self.by_number.size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Draw):
            return NotImplemented
        same = all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name))
            for f in fields(self)
            if f.name not in ("table", "floor", "facts")
        )
        return (
            same
            and self.floor == other.floor
            and self.facts == other.facts
            and all(
                np.array_equal(getattr(self.table, f.name), getattr(other.table, f.name))
                for f in fields(self.table)
            )
        )

    __hash__ = None  # type: ignore[assignment]
