"""Ticket clocks of many replications, counted: what became of every cycle, and how long it took.

What `cycles.py` judges becomes integers:

    cells    (B, K, Q, I, 3)  met, missed, open, by batch, metric, queue and interval in which the SLA started
    shares   (R, K, W, 5)     STANDINGS by replication, metric and value of an aspect (queue, level, team, owner ...)
    periods  (R, P, 3)        met, missed, open of followed metrics, by period in which the SLA started
    due      (R, K, Q, D, 2)  met, missed, by local day on which they fell due
    elapsed, used             (B, K, Q, 2, bins) histograms of the time counted and of its share of the target;
                              [0] stopped, [1] not stopped
    steps     (R, Q, L)       how often each reminder and escalation acted, inside the horizon
    deferred                  what lies in the queues day by day: ``deferred.py``

A cycle belongs to the interval of its SLA start, as in compliance reports; those that start outside the horizon are not
counted. It knows no scenario and no range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Bools, Ints, NDArray
from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.metrics.counts import Numbers
from slasim.outcome.cycles import Cycles, cycles_of, judged_log
from slasim.outcome.deferred import DeferredTally
from slasim.outcome.ticket_layout import (
    IN_TIME,
    LATE,
    NOT_JUDGED,
    STANDINGS,
    STILL_OPEN,
    UNANSWERED,
    USED_ONE,
    TicketLayout,
)

__all__ = ["CycleCounts", "TicketTally"]


@dataclass(frozen=True, eq=False)
class CycleCounts:
    """``TicketCounts`` over rows of sums: ``cells`` (..., 3), every answer (...)."""

    cells: NDArray[Any]

    @property
    def met(self) -> Numbers:
        found: Numbers = self.cells[..., 0].astype(np.int64)
        return found

    @property
    def missed(self) -> Numbers:
        found: Numbers = self.cells[..., 1].astype(np.int64)
        return found

    @property
    def open(self) -> Numbers:
        found: Numbers = self.cells[..., 2].astype(np.int64)
        return found


_OF_STANDING = np.array([0, 1, 1, 2, -1])
"""Column of ``cells`` for each of STANDINGS; -1: in none."""


@dataclass(frozen=True, eq=False)
class TicketTally:
    """Sums of ticket cycles over replications; rows as those of the Tally that holds it."""

    layout: TicketLayout
    cells: NDArray[np.int32]
    shares: NDArray[np.int32]
    periods: Ints
    due: NDArray[np.int32]
    elapsed: Ints
    used: Ints
    steps: Ints
    deferred: DeferredTally

    @classmethod
    def empty(cls, layout: TicketLayout, rows: int, batches: int) -> TicketTally:
        """Room for so many replications, nothing counted."""
        b, k, q = batches, len(layout.metrics), len(layout.queues)
        followed = sum(f.periods for f in layout.followed)
        return cls(
            layout,
            cells=np.zeros((b, k, q, layout.intervals, 3), np.int32),
            shares=np.zeros((rows, k, layout.width, len(STANDINGS)), np.int32),
            periods=np.zeros((rows, followed, 3), np.int64),
            due=np.zeros((rows, k, q, layout.days, 2), np.int32),
            elapsed=np.zeros((b, k, q, 2, layout.elapsed_edges.size + 1), np.int64),
            used=np.zeros((b, k, q, 2, layout.used_edges.size + 1), np.int64),
            steps=np.zeros((rows, q, len(layout.warnings)), np.int64),
            deferred=DeferredTally.empty(layout, rows),
        )

    def add(self, draw: Draw, log: ContactLog, row: int, batch: int) -> None:
        """Judge and count one replication. Several threads may, on different rows and batches."""
        if not self.layout.only_met:
            self.deferred.add(log, row)
            self._count_steps(log, row)
        if self.layout.metrics:
            tickets, clocks = judged_log(self.layout, draw, log)
            self.count(cycles_of(self.layout, tickets, clocks, log), row, batch)

    def _count_steps(self, log: ContactLog, row: int) -> None:
        if log.step_touch.size:
            layout = self.layout
            queue = layout.place_of_queue[log.queue[log.step_touch]]
            inside = (log.step_at >= 0) & (log.step_at < layout.horizon) & (queue >= 0)
            whose = layout.warning_of_step[log.step_number[inside]]
            place = queue[inside] * len(layout.warnings) + whose
            self.steps[row] += _summed(place, self.steps.shape[1:])

    def count(self, all_cycles: Cycles, row: int, batch: int) -> None:
        """Count cycles whose SLA started inside the horizon; by due day, those that fell due inside it."""
        layout = self.layout
        k, q = len(layout.metrics), len(layout.queues)
        if not layout.only_met:
            self._count_due(all_cycles, row)
        inside = (all_cycles.since >= 0) & (all_cycles.since < layout.horizon)
        c = _chosen(all_cycles, inside)
        interval = c.since // layout.interval
        column = _OF_STANDING[c.standing]
        counted = column >= 0
        place = (c.metric * q + c.queue) * layout.intervals + interval
        self.cells[batch] += _summed(place[counted] * 3 + column[counted], (k, q, layout.intervals, 3))  # fmt: skip
        for aspect in layout.aspects:
            first, last = layout.places[aspect.name]
            at = (c.metric * (last - first) + c.aspects[aspect.name]) * len(STANDINGS) + c.standing
            self.shares[row, :, first:last] += _summed(at, (k, last - first, len(STANDINGS)))
        row_at = 0
        for f in layout.followed:
            chosen = counted & (c.metric == layout.metrics.index(f.metric))
            chosen &= np.isin(c.queue, [layout.queues.index(name) for name in f.queues])
            if f.inside:
                chosen &= np.any([(c.since >= a) & (c.since < b) for a, b in f.inside], axis=0)
            period = np.array(f.period_of, np.int64)[interval[chosen]]
            known = period >= 0
            where = period[known] * 3 + column[chosen][known]
            self.periods[row, row_at : row_at + f.periods] += _summed(where, (f.periods, 3))
            row_at += f.periods
        if not layout.only_met:
            self._count_times(c, batch)

    def _count_due(self, c: Cycles, row: int) -> None:
        layout = self.layout
        judged = c.standing <= UNANSWERED
        inside = judged & (c.due >= 0) & (c.due < layout.horizon)
        day = np.array(layout.day_of, np.int64)[c.due[inside] // layout.interval]
        place = (c.metric[inside] * len(layout.queues) + c.queue[inside]) * layout.days + day
        late = c.standing[inside] != IN_TIME
        self.due[row] += _summed(place * 2 + late, self.due.shape[1:])

    def _count_times(self, c: Cycles, batch: int) -> None:
        """Time counted and its share of the target, of all that is not out of the question."""
        asked = c.standing != NOT_JUDGED
        place = (c.metric * len(self.layout.queues) + c.queue) * 2 + ~c.stopped
        for sums, edges, value, known in (
            (self.elapsed, self.layout.elapsed_edges, c.elapsed, asked),
            (self.used, self.layout.used_edges, _used(c), asked & (c.target > 0)),
        ):
            bins = np.searchsorted(edges, value[known])
            size = edges.size + 1
            sums[batch] += _summed(place[known] * size + bins, sums.shape[1:])

    def merge(self, other: TicketTally, order: Ints) -> TicketTally:
        """Both together; ``order`` sorts this one's rows and then the other's."""
        rows: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])[order]
            for name in _ROWS
        }
        sums: dict[str, Any] = {name: getattr(self, name) + getattr(other, name) for name in _SUMS}
        deferred = self.deferred.merge(other.deferred, order)
        return TicketTally(self.layout, **rows, **sums, deferred=deferred)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TicketTally):
            return NotImplemented
        return (
            self.layout == other.layout
            and self.deferred == other.deferred
            and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in (*_ROWS, *_SUMS)
            )
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def bytes(self) -> int:
        own: int = sum(getattr(self, name).nbytes for name in (*_ROWS, *_SUMS))
        return own + self.deferred.bytes

    # -------------------------------------------------------------- what was counted

    def _queues(self, names: Sequence[str] | None) -> list[int]:
        known = self.layout.queues
        return [known.index(name) for name in (known if names is None else names) if name in known]

    def counts_by_interval(
        self, metric: str, queues: Sequence[str] | None = None, batches: Any = slice(None)
    ) -> CycleCounts:
        """(B', I) by batch and interval of SLA start."""
        k = self.layout.metrics.index(metric)
        return CycleCounts(self.cells[batches, k][:, self._queues(queues)].sum(axis=1))

    def counts(
        self, metric: str, queues: Sequence[str] | None = None, rows: Any = slice(None)
    ) -> CycleCounts:
        """(R,) by replication, over these queues together."""
        found = self.by_aspect(metric, "queue", rows)
        chosen = [place for place, name in enumerate(self.layout.aspects[0].words)
                  if queues is None or name in queues]  # fmt: skip
        return CycleCounts(found.cells[:, chosen].sum(axis=1))

    def by_aspect(self, metric: str, aspect: str, rows: Any = slice(None)) -> CycleCounts:
        """(R, values) by replication and value of an aspect, the last being none of its words. KeyError."""
        first, last = self.layout.places[aspect]
        found = self.shares[rows, self.layout.metrics.index(metric), first:last]
        return CycleCounts(_three(found))

    def by_standing(self, metric: str, aspect: str, rows: Any = slice(None)) -> NDArray[np.int32]:
        """(R, values, 5) STANDINGS by replication and value of an aspect."""
        first, last = self.layout.places[aspect]
        return self.shares[rows, self.layout.metrics.index(metric), first:last]

    def by_period(
        self,
        metric: str,
        queues: tuple[str, ...],
        period: str,
        rows: Any = slice(None),
        inside: tuple[tuple[int, int], ...] = (),
    ) -> CycleCounts:
        """(R, P). KeyError when it is not followed by that period."""
        at, followed = self.layout.offset(metric, queues, period, inside)
        return CycleCounts(self.periods[rows, at : at + followed.periods])

    def by_due_day(
        self, metric: str, queues: Sequence[str] | None = None, rows: Any = slice(None)
    ) -> tuple[Any, Any]:
        """(met, met + missed), each (R, D), of what fell due on each local day."""
        k = self.layout.metrics.index(metric)
        found = self.due[rows, k][:, self._queues(queues)].sum(axis=1, dtype=np.int64)
        return found[..., 0], found.sum(axis=-1)

    def histogram(
        self, metric: str, queues: Sequence[str] | None, *, used: bool, stopped_only: bool,
        batches: Any = slice(None),
    ) -> tuple[Ints, Ints]:  # fmt: skip
        """(edges, (B', bins)) of the time counted, or of its share of the target in thousandths.

        What has not stopped took longer than any edge, unless only the stopped are asked for.
        """
        sums = self.used if used else self.elapsed
        edges = self.layout.used_edges if used else self.layout.elapsed_edges
        k = self.layout.metrics.index(metric)
        found = sums[batches, k][:, self._queues(queues)].sum(axis=1)
        counts = found[:, 0].copy()
        if not stopped_only:
            counts[:, -1] += found[:, 1].sum(axis=-1)
        return edges, counts


_ROWS = ("shares", "periods", "due", "steps")
_SUMS = ("cells", "elapsed", "used")


def _three(standings: NDArray[np.int32]) -> Ints:
    """(..., 5) STANDINGS to (..., 3) met, missed, open."""
    wide = standings.astype(np.int64)
    missed = wide[..., LATE] + wide[..., UNANSWERED]
    return np.stack([wide[..., IN_TIME], missed, wide[..., STILL_OPEN]], axis=-1)


def _used(c: Cycles) -> Ints:
    """The share of the target used, in thousandths, rounded up: exactly at the limit is 1,000."""
    return -(-c.elapsed * USED_ONE // np.maximum(c.target, 1))


def _chosen(c: Cycles, which: Bools) -> Cycles:
    columns: dict[str, Any] = {
        name: getattr(c, name)[which] for name in Cycles.__dataclass_fields__ if name != "aspects"
    }
    return Cycles(**columns, aspects={name: code[which] for name, code in c.aspects.items()})


def _summed(place: Any, shape: tuple[int, ...]) -> Any:
    """How often each place occurs, in this shape."""
    return np.bincount(place, minlength=int(np.prod(shape))).reshape(shape)
