"""Tally: from the logs of many replications to sums that no longer grow with them.

Each ContactLog is reduced to integers and dropped. Sums of integers do not depend on the order in which they are
taken, so any split over threads or processes gives identical numbers. Grouping has its one home here. This file
knows no range, no target and no scenario; the plain facts it needs come in a ``Layout``.

What is kept (M columns, see ``cells.columns``; K thresholds; B batches):

    cells    (B, Q, I, M)  by batch, queue and interval of arrival; replication r belongs to batch r % B
    totals   (R, Q, M)     by replication
    periods  (R, P, 2)     numerator and denominator of followed metrics, by replication and period
    waits    (B, Q, 2, W)  histogram of waits; [0] the answered, [1] all others offered
    taken   (R, Q, G)      contacts of a queue that a group answered
    busy, staffed, overtime (B, G, I) by batch, and with _totals (R, G) by replication; ms
    people  (B, A, P)      named agents by batch: contacts, handling, time busy, on duty, beyond it, shifts
    with `whole`: chains (B, Q, I, C) and chain_totals (R, Q, C), in_hand and chat like busy (time of all contacts and
    of chats in hand); with `callers`: caller_cells and caller_totals, as cells and totals, each caller once

A call-back that the centre makes is no contact offered: who was promised one is, and flowed out. Contacts that arrive
before 0 (the warm-up) or not before the horizon are not counted; the work they make inside the horizon is. Memory is
flat in the number of replications but for the rows of R.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, Bools, Ints
from slasim.clock import DAY, parse_duration
from slasim.contactlog import NOT_YET, ContactLog
from slasim.draw import Draw
from slasim.memory import scratch
from slasim.metrics.standard import ContactMetric, Counted
from slasim.outcome.cells import CellChains, CellCounts, CellTimes, columns, row_width
from slasim.outcome.columns import (
    CHAIN_WIDTH,
    LATE,
    LATE_STINTS,
    PERSON,
    Service,
)
from slasim.turns import beside_others

if TYPE_CHECKING:
    from slasim.outcome.ticket_layout import TicketLayout
    from slasim.outcome.tickets import TicketTally
    from slasim.sla.periods import Terms

__all__ = [
    "CellChains",
    "CellCounts",
    "CellTimes",
    "Followed",
    "Layout",
    "Only",
    "Tally",
    "THRESHOLDS",
    "columns",
    "periods",
]

Period = Literal["interval", "day", "week", "month", "quarter", "horizon"]

THRESHOLDS = tuple(
    parse_duration(t)
    for t in (
        0,
        "5s",
        "10s",
        "15s",
        "20s",
        "30s",
        "45s",
        "60s",
        "90s",
        "2min",
        "3min",
        "5min",
        "10min",
    )
)
"""Waits that every tally tells apart, besides those of the scenario's own metrics; ms."""

_FINE_UNTIL = 600
_COARSE_STEP = 1.05
_COARSE_UNTIL = 31 * DAY
_CELLS_AT_MOST = 96 * 2**20
_BATCHES = 64, 20
"""At most, and at least when a big scenario's cells would need more than the bytes above."""


def periods(local: ArrayLike, period: Period) -> Ints:
    """(I,) the number of the contract period in which each interval lies, from 0 without gaps.

    ``local`` (I,): wall-clock ms of the intervals' starts (``clock.local_labels(...).local``). Weeks begin on
    Monday. Whether the first and last period are whole is the caller's concern.

    >>> periods([0, 12 * 3_600_000, 24 * 3_600_000], "day").tolist()
    [0, 0, 1]
    """
    ms: Ints = np.asarray(local, np.int64)
    days = ms // DAY
    if period == "interval":
        return np.arange(ms.size, dtype=np.int64)
    if period == "horizon":
        return np.zeros(ms.size, np.int64)
    keys: Ints = days
    if period == "week":
        keys = (days + 3) // 7  # 1970-01-01 was a Thursday
    elif period in ("month", "quarter"):
        keys = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        keys = keys // 3 if period == "quarter" else keys
    number: Ints = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    return number


@dataclass(frozen=True)
class Only:
    """Which contacts a followed metric counts, where a contract tells contacts of one interval apart.

    inside  those that arrived in one of these spans [since, until), ms; () = all
    first   the first contacts of each interval, as many as these terms allow; one for each number of ``period_of``
    without spans whose contacts keep their place among the first, and are not counted
    """

    inside: tuple[tuple[int, int], ...] = ()
    first: tuple[Terms, ...] = ()
    period_of: tuple[int, ...] = ()
    without: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Followed:
    """A metric whose value is wanted period by period in every replication.

    ``period_of`` (I,) gives the period of each interval, -1 = outside all. ``queues`` are names. ``only`` says which
    contacts are counted; None = all.
    """

    name: str
    period: Period
    measure: ContactMetric
    queues: tuple[str, ...]
    period_of: tuple[int, ...]
    only: Only | None = None

    @property
    def periods(self) -> int:
        return max(self.period_of, default=-1) + 1

    @property
    def of_agents(self) -> bool:
        """Whether it is a ratio over working time, not over contacts."""
        return self.measure.over == "agents"

    @property
    def of_chains(self) -> bool:
        """Whether it is a ratio over what follows what."""
        return self.measure.over == "chains"

    @property
    def of_callers(self) -> bool:
        """Whether each caller counts once."""
        return getattr(self.measure, "counts", "attempts") == "callers"

    @property
    def apart(self) -> bool:
        """Whether it is counted beside the compiled loop."""
        return self.of_agents or self.of_chains or self.only is not None


@dataclass(frozen=True)
class Layout:
    """The plain facts a tally needs. ``interval`` in ms; ``thresholds`` are those wanted besides THRESHOLDS.

    Raises ValueError for a followed metric over an unknown queue, or with periods of another length. A followed
    metric over agents is that of all groups together.
    """

    queues: tuple[str, ...]
    groups: tuple[str, ...]
    intervals: int
    interval: int
    wanted: tuple[int, ...] = ()
    followed: tuple[Followed, ...] = ()
    batches: int = 0
    tickets: TicketLayout | None = None
    """what counting tickets needs; None where nobody asked"""
    whole: bool = False
    """whether chains of touches and several contacts in hand are counted"""
    callers: bool = False
    """whether each caller is counted once, beside his attempts"""
    agents: tuple[str, ...] = ()
    """named agents, in the order of the Draw"""
    chats: tuple[bool, ...] = ()
    """(Q,) which queues are chats; () = none"""
    slots: tuple[int, ...] = ()
    """(G,) chats that an agent of the group may have in hand, 0 = takes none; () = none"""
    service: tuple[Service, ...] = ()
    """(Q,) what the queues state about their contacts; () = nothing"""

    def __post_init__(self) -> None:
        for f in self.followed:
            unknown = sorted(set(f.queues) - set(self.queues))
            if unknown:
                raise ValueError(f"{f.name} names the queue {unknown[0]}, which does not exist.")
            if len(f.period_of) != self.intervals:
                raise ValueError(f"{f.name} has periods for {len(f.period_of)} intervals.")
        if not self.batches:
            most, least = _BATCHES
            width = self.width * (1 + self.callers) + CHAIN_WIDTH * self.whole
            one = 8 * len(self.queues) * self.intervals * width
            object.__setattr__(
                self, "batches", min(max(_CELLS_AT_MOST // max(one, 1), least), most)
            )

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """(K,) sorted: THRESHOLDS, the wanted ones and those of the followed metrics."""
        own = {t for f in self.followed for t in f.measure.thresholds}
        return tuple(sorted(own.union(THRESHOLDS, self.wanted)))

    @property
    def width(self) -> int:
        """M, the number of columns."""
        return row_width(len(self.thresholds))

    @cached_property
    def edges(self) -> Ints:
        """(W - 1,) upper edges of the bins of wait: 0, then seconds to 10 min, then steps of 5 %; all thresholds."""
        fine = [1000 * s for s in range(_FINE_UNTIL + 1)]
        steps = int(np.log(_COARSE_UNTIL / fine[-1]) / np.log(_COARSE_STEP)) + 1
        coarse = [round(fine[-1] * _COARSE_STEP**k / 1000) * 1000 for k in range(1, steps + 1)]
        return np.array(sorted({*fine, *coarse, *self.thresholds}), np.int64)

    @cached_property
    def period_rows(self) -> int:
        return sum(f.periods for f in self.followed)

    def offset(self, name: str, period: Period) -> tuple[int, Followed]:
        """Where a followed metric's rows begin. KeyError when it is not followed by that period."""
        at = 0
        for f in self.followed:
            if (f.name, f.period) == (name, period):
                return at, f
            at += f.periods
        raise KeyError(f"{name} by {period}")

    @cached_property
    def _plan(self) -> dict[str, Any]:
        """The kernel's arrays that are the same for every replication."""
        edges = self.edges
        seconds = np.arange(_FINE_UNTIL + 1) * 1000
        bucket = np.searchsorted(
            np.array(self.thresholds), np.append(edges, np.iinfo(np.int64).max)
        )

        def by_queue(callers: bool) -> list[list[int]]:
            return [
                [
                    k for k, f in enumerate(self.followed)
                    if name in f.queues and not f.apart and f.of_callers == callers
                ]
                for name in self.queues
            ]  # fmt: skip

        attempts, callers = by_queue(False), by_queue(True)
        nothing = np.zeros(self.width, np.int64)
        weights = [
            (nothing, nothing) if f.apart else _weights(f.measure, self.thresholds)
            for f in self.followed
        ]
        empty = np.zeros((0, self.width), np.int64)
        sizes = [f.periods for f in self.followed]
        return {
            "edges": edges,
            "start": np.searchsorted(edges, seconds - 1000, side="right"),
            "bucket": bucket.astype(np.int64),
            "follows_first": np.cumsum([0, *map(len, attempts)]),
            "follows": np.array([k for ks in attempts for k in ks], np.int64),
            "callers_first": np.cumsum([0, *map(len, callers)]),
            "callers_follow": np.array([k for ks in callers for k in ks], np.int64),
            "service": np.array(
                [one.numbers for one in self.service or (Service(),) * len(self.queues)], np.int64
            ),
            "chats": np.array(self.chats or (False,) * len(self.queues), np.bool_),
            "period": np.array([f.period_of for f in self.followed], np.int64).reshape(
                len(self.followed), self.intervals
            ),
            "offset": np.cumsum([0, *sizes])[:-1].astype(np.int64),
            "over": np.array([w[0] for w in weights]) if weights else empty,
            "under": np.array([w[1] for w in weights]) if weights else empty,
        }


def _weights(measure: ContactMetric, thresholds: tuple[int, ...]) -> tuple[Ints, Ints]:
    """What one unit in each column adds to numerator and denominator, asked from the formula itself.

    ValueError for a formula that is not a sum over contacts with whole weights.
    """
    width = row_width(len(thresholds))
    unit = CellCounts(np.eye(width, dtype=np.int64), thresholds)
    sample = np.arange(1, width + 1, dtype=np.int64) ** 2
    whole = CellCounts(sample, thresholds)
    made = []
    for weight, check in zip(measure.parts(unit), measure.parts(whole), strict=True):
        ints = np.broadcast_to(np.asarray(weight), (width,)).astype(np.int64)
        if not np.array_equal(ints, weight) or int(ints @ sample) != int(check):
            raise ValueError(f"{measure.text} is not a sum over contacts and cannot be added up.")
        made.append(ints)
    return made[0], made[1]


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over replications ``numbers`` (R,), ascending; ``counted`` (R,) says which have been added.

    ``add`` may be called from several threads at once as long as no two work on replications of one batch
    (``batch_of``). Tallies of different replications are joined by ``merge``.
    """

    layout: Layout
    numbers: Ints
    counted: Bools
    totals: Ints
    periods: Ints
    taken: Ints
    busy_totals: Ints
    staffed_totals: Ints
    cells: Ints
    waits: Ints
    busy: Ints
    staffed: Ints
    overtime_totals: Ints
    overtime: Ints
    people: Ints
    caller_totals: Ints
    caller_cells: Ints
    chain_totals: Ints
    chains: Ints
    in_hand_totals: Ints
    in_hand: Ints
    chat_totals: Ints
    chat: Ints
    sizes: Ints = field(repr=False)
    """(B,) replications counted in each batch."""
    tickets: TicketTally | None = field(default=None, repr=False)
    """what became of tickets and deferred work; None where nobody asked"""

    @classmethod
    def empty(cls, layout: Layout, numbers: Iterable[int]) -> Tally:
        """Room for these replications, nothing counted."""
        rows = np.array(sorted(set(numbers)), np.int64)
        r, b, q, g = rows.size, layout.batches, len(layout.queues), len(layout.groups)
        i, m, w = layout.intervals, layout.width, layout.edges.size + 1
        c = CHAIN_WIDTH * layout.whole

        def zeros(*shape: int) -> Ints:
            return np.zeros(shape, np.int64)

        return cls(
            layout=layout, numbers=rows, counted=np.zeros(r, np.bool_),
            totals=zeros(r, q, m), periods=zeros(r, layout.period_rows, 2),
            taken=zeros(r, q, g), busy_totals=zeros(r, g), staffed_totals=zeros(r, g), cells=zeros(b, q, i, m),
            waits=zeros(b, q, 2, w), busy=zeros(b, g, i), staffed=zeros(b, g, i), sizes=zeros(b),
            tickets=None if layout.tickets is None else _of_tickets(layout.tickets, r, b),
            overtime_totals=zeros(r, g), overtime=zeros(b, g, i), people=zeros(b, len(layout.agents), PERSON),
            caller_totals=zeros(r, q, m * layout.callers), caller_cells=zeros(b, q, i, m * layout.callers),
            chain_totals=zeros(r, q, c), chains=zeros(b, q, i, c),
            in_hand_totals=zeros(r, g * layout.whole), in_hand=zeros(b, g * layout.whole, i),
            chat_totals=zeros(r, g * layout.whole), chat=zeros(b, g * layout.whole, i),
        )  # fmt: skip

    def batch_of(self, replication: int) -> int:
        return replication % self.layout.batches

    def add(self, draw: Draw, log: ContactLog, replication: int) -> None:
        """Count one replication. ValueError when it has no room here, or is counted already."""
        row = bisect_left(self.numbers, replication)
        if row == self.numbers.size or self.numbers[row] != replication:
            raise ValueError(f"replication {replication} is not among those of this tally.")
        if self.counted[row]:
            raise ValueError(f"replication {replication} is counted already.")
        if log.break_began.size != draw.break_at.size:
            raise ValueError("the log is not this draw's.")
        batch, layout = self.batch_of(replication), self.layout
        before = self._beside(batch)
        if draw.floor is None:
            if len(log) != draw.contacts:
                raise ValueError("the log is not this draw's.")
            self._count_calls(draw, log, row, batch)
        else:
            self._count_touches(draw, log, row, batch)
        self._count_agents(draw, log, row, batch)
        self._follow_beside(row, batch, before)
        if any(f.only is not None for f in layout.followed):
            self._follow_chosen(row, draw, log)
        if self.tickets is not None:
            self.tickets.add(draw, log, row, batch)
        self.counted[row] = True
        self.sizes[batch] += 1

    def _count_calls(self, draw: Draw, log: ContactLog, row: int, batch: int) -> None:
        """One touch per contact, one contact per agent, rows queue by queue: nothing to be put together."""
        layout, plan = self.layout, self.layout._plan
        beside_others(
            _counting().count_contacts,
            draw.first, log.arrived, log.outcome, log.left, log.group, log.released, log.finished,
            draw.stop, layout.interval, layout.intervals, len(layout.thresholds) + 1,
            plan["edges"], plan["start"], plan["bucket"],
            self.cells[batch], self.totals[row], self.waits[batch],
            self.busy[batch], self.busy_totals[row], self.taken[row],
            plan["follows_first"], plan["follows"], plan["period"], plan["offset"],
            plan["over"], plan["under"], self.periods[row], None, None, None, None,
        )  # fmt: skip
        if layout.agents or layout.whole:
            self._count_hands(draw, log, row, batch)
        if layout.callers or layout.whole:
            self._count_occasions(draw, log, row, batch)

    def _count_touches(self, draw: Draw, log: ContactLog, row: int, batch: int) -> None:
        """Touches in any order: handlings may be interrupted or shared; a wait ends at the first message of the agent.

        The centre's own call-backs are no contacts.
        """
        plan = self.layout._plan
        self._count_rows(
            draw, log, row, log.outcome, log.left, log.greeted, log.group, log.begun, log.released,
            log.finished, log.purpose, self.cells[batch], self.totals[row], self.waits[batch],
            self.taken[row], "follows",
        )  # fmt: skip
        if log.cut_touch.size:
            _counting().count_cuts(
                log.cut_touch, log.cut_from, log.cut_to, log.arrived, log.outcome, log.purpose,
                log.queue, self.layout.interval, self.layout.intervals, self.cells[batch],
                self.totals[row], plan["follows_first"], plan["follows"], plan["period"],
                plan["offset"], plan["over"], plan["under"], self.periods[row],
            )  # fmt: skip
        self._count_hands(draw, log, row, batch)
        if self.layout.callers or self.layout.whole:
            self._count_occasions(draw, log, row, batch)

    def _count_rows(
        self, draw: Draw, log: ContactLog, row: int, outcome: Any, left: Any, greeted: Any, group: Any,
        begun: Any, released: Any, finished: Any, purpose: Any, cells: Ints, totals: Ints, waits: Ints,
        taken: Ints, which: str,
    ) -> None:  # fmt: skip
        """Rows in any order, each with its queue."""
        layout, plan = self.layout, self.layout._plan
        beside_others(
            _counting().count_contacts,
            np.array([0, len(log)], np.int64), log.arrived, outcome, left, group, released, finished,
            draw.stop, layout.interval, layout.intervals, len(layout.thresholds) + 1,
            plan["edges"], plan["start"], plan["bucket"], cells, totals, waits, None, None, taken,
            plan[f"{which}_first"], plan["follows" if which == "follows" else "callers_follow"],
            plan["period"], plan["offset"], plan["over"], plan["under"], self.periods[row],
            log.queue, greeted, begun, purpose,
        )  # fmt: skip

    def _count_hands(self, draw: Draw, log: ContactLog, row: int, batch: int) -> None:
        """Who had what in hand."""
        layout, whole = self.layout, self.layout.whole
        floor = draw.floor
        may_share = (None,) * 3 if floor is None else (floor.shares, floor.load, floor.line_queue)
        room, needed = 0, 8 * len(log)
        while room < needed:
            room = needed
            needed = beside_others(
                _hands().count_spells, log.arrived, log.outcome, log.begun, log.finished, log.group, log.agent,
                np.ascontiguousarray(log.seat), log.queue,
                log.cut_touch, log.cut_group, log.cut_agent, log.cut_seat, log.cut_from, log.cut_to,
                *may_share, draw.staff_number, draw.agent_group.size, layout._plan["chats"],
                layout.interval, batch, row, self.busy, self.busy_totals,
                self.in_hand if whole else None, self.in_hand_totals if whole else None,
                self.chat if whole else None, self.chat_totals if whole else None,
                self.people if layout.agents else None, scratch("hands", room),
            )  # fmt: skip

    def _count_occasions(self, draw: Draw, log: ContactLog, row: int, batch: int) -> None:
        """Callers, each once, and what becomes of matters."""
        layout, chains = self.layout, _chains()
        before = chains.joined(draw, log)
        if layout.callers:
            found = chains.callers(draw, log, before, log.handled)
            self._count_rows(
                draw, log, row, found.outcome, found.left, found.left, found.group,
                np.zeros(len(log), np.int64), found.handled, found.handled, np.zeros(len(log), np.int8),
                self.caller_cells[batch], self.caller_totals[row],
                np.zeros_like(self.waits[batch]), np.zeros_like(self.taken[row]), "callers",
            )  # fmt: skip
        if layout.whole:
            contacts = int(draw.first[-1])
            beside_others(
                chains.count_chains, before, log.contact, log.purpose, log.queue, log.arrived, log.outcome, log.left,
                log.greeted, log.released, layout._plan["service"], layout.interval,
                layout.intervals, scratch("more touches", contacts, kind=np.int8),
                scratch("later rows", len(log)), scratch("chains", contacts, chains.CHAIN_FIELDS),
                self.chains[batch], self.chain_totals[row],
            )  # fmt: skip

    def _count_agents(self, draw: Draw, log: ContactLog, row: int, batch: int) -> None:
        named = draw.stint_agent.size > 0
        stint_left = log.stint_left
        if stint_left.size != draw.stint_to.size:
            stint_left = np.full(draw.stint_to.size, NOT_YET)
        people = self.people[batch] if self.layout.agents else None
        number_and_since = np.empty((2, draw.groups), np.int64)
        _counting().count_agents(
            draw.by_number, draw.staff_at, draw.staff_group, draw.staff_number, draw.agent_group,
            draw.stint_agent if named else None, draw.stint_from, draw.stint_to,
            draw.break_first, log.break_began, log.break_ended, self.layout.interval,
            number_and_since, self.staffed[batch], self.staffed_totals[row], stint_left,
            self.overtime[batch], self.overtime_totals[row], people,
        )  # fmt: skip
        if people is not None and draw.stint_late is not None:
            horizon = self.layout.interval * self.layout.intervals
            seen = (draw.stint_late > 0) & (draw.stint_from < horizon) & (draw.stint_to > 0)
            np.add.at(people[:, LATE], draw.stint_agent[seen], draw.stint_late[seen])
            np.add.at(people[:, LATE_STINTS], draw.stint_agent[seen], 1)

    # -------------------------------------------------------------- metrics followed beside the loop

    def _beside(self, batch: int) -> list[tuple[Ints, Ints]]:
        """For each followed metric over agents or chains: its parts by interval so far, each (I,)."""
        found = []
        for f in self.layout.followed:
            if f.of_agents:
                measure: Any = f.measure
                above, below = measure.parts(self._times_of(batch))
                found.append((np.array(above), np.array(below)))
            elif f.of_chains and f.only is None:
                measure = f.measure
                cells = self.chains[batch, self._queues(f.queues)].sum(axis=0)
                above, below = measure.parts(CellChains(cells))
                found.append((np.array(above), np.array(below)))
        return found

    def _times_of(self, batch: int) -> CellTimes:
        """(I,) of all groups in a batch so far."""
        parts = (getattr(self, name)[batch] for name in _OF_AGENTS)
        return self._together(list(range(len(self.layout.groups))), 0, *parts)

    def _together(self, chosen: list[int], axis: int, busy: Ints, staffed: Ints, overtime: Ints,
                  in_hand: Ints, chat: Ints) -> CellTimes:  # fmt: skip
        """Groups added up along their axis."""

        def added(part: Ints) -> Ints:
            sums: Ints = np.take(part, chosen, axis).sum(axis=axis)
            return sums

        slots = np.array(self.layout.slots or (0,) * len(self.layout.groups), np.int64)[chosen]
        on_duty = np.moveaxis(np.take(staffed, chosen, axis), axis, -1) @ slots
        if not self.layout.whole:
            in_hand, chat = busy, np.zeros_like(busy)
        return CellTimes(
            added(busy), added(staffed), added(in_hand), added(chat), on_duty, added(overtime)
        )

    def _follow_beside(self, row: int, batch: int, before: list[tuple[Ints, Ints]]) -> None:
        """Add what one replication has added to the metrics over agents and chains."""
        if not before:
            return
        at, known = 0, iter(zip(self._beside(batch), before, strict=True))
        for f in self.layout.followed:
            if f.of_agents or (f.of_chains and f.only is None):
                now, then = next(known)
                number = np.asarray(f.period_of)
                inside = number >= 0
                sums = self.periods[row, at : at + f.periods]
                for k in range(2):
                    np.add.at(sums[:, k], number[inside], (now[k] - then[k])[inside])
            at += f.periods

    def _follow_chosen(self, row: int, draw: Draw, log: ContactLog) -> None:
        """Add one replication's contacts to the metrics that count only some of them."""
        from slasim.outcome.chosen import chosen_parts

        at = 0
        for f in self.layout.followed:
            if f.only is not None:
                queues = self._queues(f.queues)
                above, below = chosen_parts(f, queues, draw, log, self.layout)
                number = np.asarray(f.period_of)
                inside = number >= 0
                sums = self.periods[row, at : at + f.periods]
                np.add.at(sums[:, 0], number[inside], above[inside])
                np.add.at(sums[:, 1], number[inside], below[inside])
            at += f.periods

    def merge(self, other: Tally) -> Tally:
        """Both together; exact, in any order. ValueError for another layout or a replication in both."""
        if self.layout != other.layout:
            raise ValueError("these tallies count different things.")
        both = np.concatenate([self.numbers, other.numbers])
        order = np.argsort(both)
        if np.any(np.diff(both[order]) == 0):
            raise ValueError("a replication would be counted twice.")

        def rows(name: str) -> Any:
            return np.concatenate([getattr(self, name), getattr(other, name)])[order]

        return Tally(
            self.layout,
            **{name: rows(name) for name in _ROWS},
            **{name: getattr(self, name) + getattr(other, name) for name in _SUMS},
            tickets=None
            if self.tickets is None or other.tickets is None
            else self.tickets.merge(other.tickets, order),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        return (
            self.layout == other.layout
            and self.tickets == other.tickets
            and all(np.array_equal(getattr(self, n), getattr(other, n)) for n in (*_ROWS, *_SUMS))
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def replications(self) -> int:
        """How many have been counted."""
        return int(self.counted.sum())

    @property
    def bytes(self) -> int:
        own: int = sum(getattr(self, name).nbytes for name in (*_ROWS, *_SUMS))
        return own + (0 if self.tickets is None else self.tickets.bytes)

    # -------------------------------------------------------------- what was counted

    def _queues(self, names: Sequence[str] | str | None) -> list[int]:
        return _places(names, self.layout.queues)

    def counts(
        self, queues: Sequence[str] | str | None = None, of: Counted = "attempts"
    ) -> CellCounts:
        """(R,) by replication, over these queues together (all when None), of attempts or of callers."""
        totals = self.totals if of == "attempts" else self._of_callers(self.caller_totals)
        rows = totals[self.counted][:, self._queues(queues)].sum(axis=1)
        return CellCounts(rows, self.layout.thresholds)

    def _of_callers(self, part: Ints) -> Ints:
        self._counted("callers")
        return part

    def counts_by_interval(
        self, queues: Sequence[str] | str | None = None, of: Counted = "attempts"
    ) -> CellCounts:
        """(B', I) by batch that has any replication, and interval of (a caller's first) arrival."""
        cells = self.cells if of == "attempts" else self._of_callers(self.caller_cells)
        chosen, full = self._queues(queues), np.flatnonzero(self.sizes)
        if len(chosen) == 1:
            return CellCounts(cells[full, chosen[0]], self.layout.thresholds)
        summed = np.zeros((full.size, *cells.shape[2:]), np.int64)
        for q in chosen:
            summed += cells[full, q]
        return CellCounts(summed, self.layout.thresholds)

    def times(self, groups: Sequence[str] | str | None = None) -> CellTimes:
        """(R,) by replication, over these groups together (all when None)."""
        parts = (getattr(self, f"{name}_totals")[self.counted] for name in _OF_AGENTS)
        return self._together(_places(groups, self.layout.groups), 1, *parts)

    def times_by_interval(self, groups: Sequence[str] | str | None = None) -> CellTimes:
        """(B', I) by batch that has any replication, and interval by the clock."""
        parts = (getattr(self, name)[self.sizes > 0] for name in _OF_AGENTS)
        return self._together(_places(groups, self.layout.groups), 1, *parts)

    def chain_counts(self, queues: Sequence[str] | str | None = None) -> CellChains:
        """(R,) by replication, over these queues together (all when None). ValueError when they were not counted."""
        self._counted("whole")
        return CellChains(self.chain_totals[self.counted][:, self._queues(queues)].sum(axis=1))

    def chains_by_interval(self, queues: Sequence[str] | str | None = None) -> CellChains:
        """(B', I) by batch that has any replication, and interval in which each began."""
        self._counted("whole")
        return CellChains(self.chains[self.sizes > 0][:, self._queues(queues)].sum(axis=1))

    def by_agent(self) -> Ints:
        """(B', A, P) by batch that has any replication: see `counting.CONTACTS` and the columns that follow."""
        return self.people[self.sizes > 0]

    def _counted(self, what: Literal["whole", "callers"]) -> None:
        if not getattr(self.layout, what):
            raise ValueError(f"this tally has not counted {what}.")

    def by_period(self, name: str, period: Period) -> tuple[Ints, Ints]:
        """(numerator, denominator), each (R, P), of a followed metric."""
        at, followed = self.layout.offset(name, period)
        rows = self.periods[self.counted, at : at + followed.periods]
        return rows[..., 0], rows[..., 1]

    def wait_histogram(
        self,
        queues: Sequence[str] | str | None = None,
        of: Literal["answered", "offered"] = "offered",
    ) -> tuple[Ints, Ints]:
        """(edges (W - 1,), counts (B', W)): waits of the answered or of all offered, by batch."""
        chosen = self.waits[self.sizes > 0][:, self._queues(queues)]
        kept = chosen[:, :, 0] if of == "answered" else chosen.sum(axis=2)
        return self.layout.edges, kept.sum(axis=1)


@cache
def _counting() -> Any:
    """The compiled loops, loaded when they are first needed; looking for them at each replication takes time too."""
    from slasim.outcome import counting

    return counting


@cache
def _hands() -> Any:
    from slasim.outcome import hands

    return hands


@cache
def _chains() -> Any:
    from slasim.outcome import chains

    return chains


_OF_AGENTS = ("busy", "staffed", "overtime", "in_hand", "chat")
_ROWS = (
    "numbers", "counted", "totals", "periods", "taken", "busy_totals", "staffed_totals", "overtime_totals",
    "caller_totals", "chain_totals", "in_hand_totals", "chat_totals",
)  # fmt: skip
_SUMS = (
    "cells", "waits", "busy", "staffed", "overtime", "people", "caller_cells", "chains", "in_hand", "chat",
    "sizes",
)  # fmt: skip


def _places(names: Sequence[str] | str | None, known: tuple[str, ...]) -> list[int]:
    if names is None:
        return list(range(len(known)))
    return [known.index(name) for name in ([names] if isinstance(names, str) else names)]


def _of_tickets(layout: TicketLayout, rows: int, batches: int) -> TicketTally:
    from slasim.outcome.tickets import TicketTally

    return TicketTally.empty(layout, rows, batches)
