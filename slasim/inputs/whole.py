"""The whole operation of one replication: touches that follow touches, lines, clocks and plans, as a Floor has them.

What no replication changes is a `Whole`, made once by `operation.py`; ``draw`` puts one replication together. It knows
no scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from slasim.arrays import Bools, Floats, Ints, NDArray
from slasim.contactlog import CALLED_BACK, MESSAGE, PURPOSES, REOPEN, REPLY, TIER_2, TRANSFER
from slasim.floor import NONE, Floor, everywhere
from slasim.inputs.attributes import Codes, Described, facts_of
from slasim.inputs.chains import Following, Manner, Visitors, follow
from slasim.inputs.chances import Chances
from slasim.inputs.lines import Lines
from slasim.inputs.promises import Promises
from slasim.inputs.queues import QueuePlan
from slasim.inputs.touches import Touches
from slasim.inputs.windows import Windows
from slasim.routing.table import NEVER
from slasim.ticketfacts import TicketFacts

__all__ = ["Aims", "Plans", "Whole"]

_NO_CLOCK, _OPENING, _AGAIN, _HANDED = range(4)
_TIMED = np.full((2, len(PURPOSES)), _OPENING)
_TIMED[1, [TRANSFER, TIER_2, REPLY, REOPEN]] = _NO_CLOCK, _HANDED, _AGAIN, _AGAIN
_TIMED[0, [TIER_2, REPLY, REOPEN]] = _HANDED, _AGAIN, _AGAIN
"""Which reply is timed, by whether the contact is a ticket from the start, and by the purpose of the touch."""


@dataclass(frozen=True, eq=False)
class Aims:
    """What clocks run towards, as numbers; A aims and one more entry, which index NONE reads: no clock.

    ms, calendar      (A+1,) target where the start is known beforehand or the target is a time; NEVER for points
    later_ms, later   (A+1,) of a clock whose start is not known: a point of the calendar counts on one made for it
    point             (A+1,) is it a point of the calendar?
    pauses            (A+1,) int8
    """

    ms: Ints
    calendar: Ints
    later_ms: Ints
    later: Ints
    point: Bools
    pauses: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Plans:
    """Steps of all plans as a Floor has them, and which plan a touch has: ``of`` (2, A+1, A+1), by whether its arrival
    is known beforehand, aim of the reply, aim of the solution (NONE reads the last). ``said`` tells each step."""

    of: Ints
    columns: dict[str, Any]
    said: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Whole:
    """What the whole operation adds to the queues; everything by queue, in their order.

    tickets      (Q,) is it a queue of tickets?
    """

    start_ms: int
    since: int
    queues: tuple[QueuePlan, ...]
    described: tuple[Described, ...]
    following: tuple[Following, ...]
    manners: tuple[Manner, ...]
    tickets: Bools
    lines: Lines
    promises: Promises
    aims: Aims
    plans: Plans
    windows: Windows
    looks: Ints
    agent_speed: Ints

    def draw(self, seed: int, replication: int) -> tuple[dict[str, Any], Floor, TicketFacts | None]:
        """(the Draw's columns by touch and ``first``, the Floor, attributes) of one replication."""
        arrived = [_Arrived.of(queue, self.since, seed, replication) for queue in self.queues]
        first = np.array([0, *accumulate(one.times.size for one in arrived)], np.int64)
        touches, codes, visitors = Touches(int(first[-1])), [], []
        touches.firsts(first, [one.times for one in arrived])
        for q, (queue, came) in enumerate(zip(self.queues, arrived, strict=True)):
            chances = Chances(seed, replication, queue.name, queue.backlog.size)
            n = came.times.size
            described = self.described[q]
            codes.append(described.draw(chances, n))
            here = slice(int(first[q]), int(first[q + 1]))
            visitors.append(self._first(q, came, chances, here, touches))
        for one in visitors:
            follow(one, self.following, self.manners, touches)
        columns = touches.columns()
        classes = cache(lambda: self._classes(codes, first))
        clocks = self._clocks(columns, first, classes)
        line = self._lines(columns, touches, classes)
        touch_columns = {name: columns.pop(name) for name in _OF_DRAW}
        own = {"first": first, **touch_columns}
        floor = Floor(
            **columns,
            **clocks,
            line=line,
            **self.lines.columns,
            agent_speed=self.agent_speed,
            window_first=self.windows.first,
            window_open=self.windows.open,
            window_close=self.windows.close,
            window_before=self.windows.before,
            looks=self.looks,
            **self.plans.columns,
        )
        return own, floor, facts_of(self.described, codes, first)

    # -------------------------------------------------------------- contacts

    def _first(
        self, q: int, came: _Arrived, chances: Chances, here: slice, touches: Touches
    ) -> Visitors:
        """Fill what the first touches of a queue bring along."""
        queue, n = self.queues[q], came.times.size
        work, patience, leaves_as = (
            touches.own(name, here) for name in ("work", "patience", "leaves_as")
        )
        wrap: Ints = touches.own("wrap", here) if queue.handling.acw else everywhere(0, n)
        seed, replication = chances.seed, chances.replication
        waited, rest = slice(0, queue.backlog.size), slice(queue.backlog.size, n)
        queue.bring(
            seed, replication, came.counts, work[rest], wrap[rest], patience[rest], leaves_as[rest]
        )
        if queue.backlog.size:
            queue.bring_backlog(
                seed, replication, work[waited], wrap[waited], patience[waited], leaves_as[waited]
            )
        if queue.greeting is not None:
            greeting, mean = touches.own("greeting", here), queue.greeting.mean
            chances.whole_ms(queue.greeting, "greeting", np.arange(n), mean, found=greeting)
        return Visitors(
            queue=q,
            chances=chances,
            touch=np.arange(here.start, here.stop),
            patience=patience,
            leaves_as=leaves_as,
            mean=lambda other: self._mean(other, q, came, chances),
            patience_mean=self._patience_mean(q, came),
        )

    def _patience_mean(self, q: int, came: _Arrived) -> Floats | float:
        """(n,) or one number, of the contacts of a queue, ms."""
        always = self._patience_means[q]
        if always is not None:
            return always
        return came.by_piece(self.queues[q].waiting.mean, _patience(self.queues[q]))

    @cached_property
    def _patience_means(self) -> tuple[float | None, ...]:
        """(Q,) mean patience, where it is the same whenever a contact comes."""
        found: list[float | None] = []
        for queue in self.queues:
            means = {*queue.waiting.mean.tolist(), *([_patience(queue)] * (queue.backlog.size > 0))}
            found.append(means.pop() if len(means) == 1 else None)
        return tuple(found)

    def _mean(self, other: int, own: int, came: _Arrived, chances: Chances) -> Floats | float:
        """(n,) or one number: the mean handle time in some queue of contacts that came in their own."""
        queue, here = self.queues[other], self.queues[own]
        factor = queue.doubt.aht(chances.seed, chances.replication, queue.name, here.day)
        if other != own:
            return queue.mean if factor is None else came.by_piece(queue.mean * factor, queue.mean)
        aht = queue.handling.aht if factor is None else queue.handling.aht * factor
        return came.by_piece(aht, queue.mean)

    # -------------------------------------------------------------- lines and clocks

    def _classes(self, codes: Sequence[Mapping[str, Codes]], first: Ints) -> Ints:
        """(C,) the class of each contact among those of all queues."""
        found, offset = np.empty(int(first[-1]), np.int64), 0
        for q, (described, one) in enumerate(zip(self.described, codes, strict=True)):
            mine = slice(int(first[q]), int(first[q + 1]))
            found[mine] = described.class_of(one, mine.stop - mine.start)
            found[mine] += offset
            offset += described.classes.count
        return found

    def _lines(
        self, columns: dict[str, Any], touches: Touches, classes: Callable[[], Ints]
    ) -> Ints:
        line: Ints
        if self._line_of_queue is not None:
            return touches.by_queue(self._line_of_queue)
        own = classes()[columns["contact"]]
        line = self.lines.of[columns["queue"], own]
        back = np.flatnonzero(columns["purpose"] == CALLED_BACK)
        line[back] = self.lines.of_call_back[columns["queue"][back], own[back]]
        return line

    @cached_property
    def _line_of_queue(self) -> Ints | None:
        """(Q,) where every contact that comes into a queue joins the same line, be it called back or not."""
        both = np.concatenate([self.lines.of, self.lines.of_call_back], axis=1)
        line = both.max(axis=1)
        return line if ((both == line[:, None]) | (both == NONE)).all() else None

    def _clocks(
        self, columns: dict[str, Any], first: Ints, classes: Callable[[], Ints]
    ) -> dict[str, Any]:
        """Targets, calendars and plans of every touch."""
        visit = columns.pop("visit")
        found = _no_clocks(visit.size)
        if not self._any_timed:
            return found
        own_queue = np.repeat(np.arange(first.size - 1), np.diff(first))
        some = self._timed[columns["queue"]] | self._timed[own_queue][columns["contact"]]
        rows = np.flatnonzero(some)
        if rows.size == 0:
            return found
        found = {name: np.array(column) for name, column in found.items()}
        contact, purpose = columns["contact"][rows], columns["purpose"][rows]
        contact_class = classes()
        contacts = int(np.searchsorted(rows, contact_class.size))
        spot = self.promises.spots(columns["arrival"][: contact_class.size], contact_class)[contact]
        origin, queue = own_queue[contact], columns["queue"][rows].astype(np.int64)
        ticket = self.tickets[origin]
        home = np.where(ticket & (purpose != MESSAGE), origin, queue)
        timed = _TIMED[ticket.astype(np.int8), purpose]
        reply = np.full(rows.size, NONE)
        for which, of in ((_OPENING, self.promises.first), (_AGAIN, self.promises.next_)):
            mine = np.flatnonzero(timed == which)
            reply[mine] = of[home[mine], spot[mine]]
        handed = np.flatnonzero(timed == _HANDED)
        reply[handed] = self.promises.ola[origin[handed], queue[handed]]
        # A repeat is another matter to the clock of the solution, which has begun with the first contact.
        solve = np.where(visit[rows] == 0, self.promises.solve[home, spot], NONE)
        aims, begun = self.aims, columns["arrival"][contact]
        reply_target, reply_calendar = aims.later_ms[reply], aims.later[reply]
        known = reply[:contacts]
        reply_target[:contacts], reply_calendar[:contacts] = aims.ms[known], aims.calendar[known]
        self._points(reply_target[:contacts], known, begun)
        solve_target = aims.ms[solve]
        self._points(solve_target, solve, begun)
        exact = (np.arange(rows.size) < contacts).astype(np.int8)
        for name, column in (
            ("reply_target", reply_target),
            ("reply_calendar", reply_calendar),
            ("solve_target", solve_target),
            ("solve_calendar", aims.calendar[solve]),
            ("solve_pauses", aims.pauses[solve]),
            ("plan", self.plans.of[exact, reply, solve]),
        ):
            found[name][rows] = column
        return found

    @cached_property
    def _any_timed(self) -> bool:
        return bool(self._timed.any())

    @cached_property
    def _timed(self) -> Bools:
        """(Q,) may any clock time what begins in the queue, or is handed on to it?"""
        some = self.promises
        aims = (some.first, some.next_, some.solve)
        timed: Bools = (some.ola != NONE).any(axis=0)
        for of in aims:
            timed = timed | (of != NONE).any(axis=1)
        return timed

    def _points(self, target: Ints, aim: Ints, begun: Ints) -> None:
        """Fill in the business time to points of the calendar, for clocks that start with the contact (ms)."""
        for number in np.flatnonzero(self.aims.point[:-1]):
            mine = np.flatnonzero(aim == number)
            if mine.size:
                meant = self.promises.aims[number]
                assert meant.target is not None and not isinstance(meant.target, int)
                start = begun[mine] + self.start_ms
                due = meant.target.points(meant.calendar, start)
                target[mine] = meant.calendar.elapsed(start, due)


_OF_DRAW = ("arrival", "work", "wrap", "patience", "leaves_as")


def _no_clocks(touches: int) -> dict[str, Any]:
    return {
        "reply_target": everywhere(NEVER, touches),
        "reply_calendar": everywhere(0, touches),
        "solve_target": everywhere(NEVER, touches),
        "solve_calendar": everywhere(0, touches),
        "solve_pauses": everywhere(0, touches, np.int8),
        "plan": everywhere(NONE, touches),
    }


def _patience(queue: QueuePlan) -> float:
    return 0.0 if queue.waiting.patience is None else float(queue.waiting.patience.mean)


@dataclass(frozen=True, eq=False)
class _Arrived:
    """Contacts of a queue: ``times`` (n,), those that wait already first; ``counts`` (K,) per piece of the rest."""

    times: Ints
    counts: Ints
    backlog: int

    @classmethod
    def of(cls, queue: QueuePlan, since: int, seed: int, replication: int) -> _Arrived:
        times, counts = queue.arrivals(seed, replication)
        if queue.backlog.size:
            times = np.concatenate((since - queue.backlog, times))
        return cls(times, counts, queue.backlog.size)

    def by_piece(self, value: Floats, backlog: float) -> Floats | float:
        """(n,) the value of each contact's piece, ``backlog`` for what waited already; one number where all agree."""
        if value.size == 0:
            return backlog
        if (value == value[0]).all() and (self.backlog == 0 or value[0] == backlog):
            return float(value[0])
        return np.concatenate((np.full(self.backlog, backlog), np.repeat(value, self.counts)))
