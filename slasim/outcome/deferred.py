"""Deferred work day by day: what lies in the queues of tickets at opening and closing, what came, was done and is old.

An item is one touch in a queue of tickets: from its arrival until it is done with it is work of ours; a ticket whose
customer is waited for is none. So opening + arrived - completed - lost = closing, queue by queue and day by day. Days
are local. It knows no clock and no target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.arrays import Ints
from slasim.contactlog import ANSWERED, NOT_YET, WAITING, ContactLog

if TYPE_CHECKING:
    from slasim.outcome.ticket_layout import TicketLayout

__all__ = ["COLUMNS", "DeferredTally"]


COLUMNS = ("opening", "arrived", "completed", "lost", "closing", "oldest")
"""Items; oldest: the age in ms, at the end of the day, of the item that has waited longest (0: nothing lies there)."""
OPENING, ARRIVED, COMPLETED, LOST, CLOSING, OLDEST = range(len(COLUMNS))

_NEVER_DONE = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class DeferredTally:
    """``days`` (R, Q, D, 6): COLUMNS by replication, queue of tickets and local day."""

    layout: TicketLayout
    days: Ints

    @classmethod
    def empty(cls, layout: TicketLayout, rows: int) -> DeferredTally:
        """Room for so many replications, nothing counted."""
        shape = (rows, len(cls._names(layout)), layout.days, len(COLUMNS))
        return cls(layout, np.zeros(shape, np.int64))

    @staticmethod
    def _names(layout: TicketLayout) -> tuple[str, ...]:
        from slasim.sla.simulated import AS_TICKET

        desk = layout.desk
        if layout.only_met:
            return ()
        return tuple(
            name for name, how in zip(desk.queues, desk.watched, strict=True) if how == AS_TICKET
        )

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues of tickets."""
        return self._names(self.layout)

    def add(self, log: ContactLog, row: int) -> None:
        """Count one replication."""
        ends = self.layout.day_ends
        starts = np.concatenate([[0], ends[:-1]])
        for place, name in enumerate(self.queues):
            rows = np.flatnonzero(log.queue == self.layout.desk.queues.index(name))
            came = log.arrived[rows]
            order = np.argsort(came, kind="stable")
            rows, came = rows[order], came[order]
            outcome, left, released = log.outcome[rows], log.left[rows], log.released[rows]
            lost = (outcome != ANSWERED) & (outcome != WAITING)
            done = np.where(lost, left, np.where(released == NOT_YET, _NEVER_DONE, released))
            into, gone = self.days[row, place], np.sort(done)
            into[:, ARRIVED] = _between(came, starts, ends)
            into[:, LOST] = _between(np.sort(done[lost]), starts, ends)
            into[:, COMPLETED] = _between(gone, starts, ends) - into[:, LOST]
            into[:, OPENING] = _before(came, starts) - _before(gone, starts)
            into[:, CLOSING] = _before(came, ends) - _before(gone, ends)
            for day in np.flatnonzero(into[:, CLOSING]).tolist():
                end = int(ends[day])
                there = done[: int(np.searchsorted(came, end))] >= end
                into[day, OLDEST] = end - int(came[int(np.argmax(there))])

    def merge(self, other: DeferredTally, order: Ints) -> DeferredTally:
        """Both together; ``order`` sorts this one's rows and then the other's."""
        return DeferredTally(self.layout, np.concatenate([self.days, other.days])[order])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DeferredTally):
            return NotImplemented
        return self.layout == other.layout and np.array_equal(self.days, other.days)

    __hash__ = None  # type: ignore[assignment]

    @property
    def bytes(self) -> int:
        return self.days.nbytes

    def by_day(self, queues: Sequence[str] | None = None, rows: Any = slice(None)) -> Ints:
        """(R, D, 6) COLUMNS, over these queues together: items added up, of ages the oldest."""
        chosen = [at for at, name in enumerate(self.queues) if queues is None or name in queues]
        found = self.days[rows][:, chosen]
        summed: Ints = found.sum(axis=1)
        if chosen:
            summed[..., OLDEST] = found[..., OLDEST].max(axis=1)
        return summed


def _before(sorted_instants: Ints, instants: Ints) -> Ints:
    return np.searchsorted(sorted_instants, instants, side="left").astype(np.int64)


def _between(sorted_instants: Ints, starts: Ints, ends: Ints) -> Ints:
    return _before(sorted_instants, ends) - _before(sorted_instants, starts)
