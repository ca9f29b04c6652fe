"""Who is on duty when: staffing by number, or named agents with shifts and breaks.

By number: agents on the phones = floor(x + u), with x the planned number after shrinkage and attendance and
u one uniform per group and local day. So the mean is exactly x, and a day does not flicker between
two numbers where x stays. A group's calendar sets the number to 0 while it is closed. After the last
interval its number stays.

By shifts: of the n agents of a shift floor(n x factor + u) come, with one u per shift and day, and never more
than n: where attendance varies around 100 %, a good day cannot make up for a bad one. Who stays away goes
round from day to day. Local times become instants date by date: a beginning in a spring gap is the first
instant after it, in an autumn overlap beginnings and breaks take the earlier pass, ends the later. A shift does
not take place on a date on which the group's calendar never opens during it. Of those who come by plan each may still
be away or late on its own (`people.py`); a late stint loses its beginning, and the breaks that lay in it.

This file knows no queue, no contact and no scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from slasim import streams
from slasim.arrays import Bools, Floats, Ints
from slasim.calendars import Calendar
from slasim.clock import DAY, local_labels, resolve_local, zone
from slasim.inputs.arrivals import open_spans
from slasim.inputs.doubt import Doubt
from slasim.inputs.people import Days
from slasim.sets import among, distinct

__all__ = ["ByNumber", "ByShifts", "Duty", "ShiftFacts", "by_number", "by_shifts"]

_ALMOST = 1e-9


@dataclass(frozen=True, eq=False)
class Duty:
    """When somebody of a group is on duty: spans in order, ms; they may overlap."""

    begin: Ints
    end: Ints

    def ends_before(self, instants: Ints) -> tuple[Ints, Bools]:
        """For each instant: the end of the latest duty begun before it, and whether there is one."""
        reach = np.maximum.accumulate(self.end) if self.end.size else self.end
        place = np.searchsorted(self.begin, instants) - 1
        found = place >= 0
        ends = np.zeros(instants.size, np.int64)
        ends[found] = reach[place[found]]
        return ends, found


# ------------------------------------------------------------------ by number


@dataclass(frozen=True, eq=False)
class ByNumber:
    """A group staffed by number, planned over P spans that follow one another.

    at       (P,) ms at which each span begins
    planned  (P,) agents on the phones by plan, after shrinkage, before attendance; 0 while closed
    day      (P,) local day of the span, from 0
    """

    group: str
    at: Ints
    planned: Floats
    day: Ints
    attendance: float

    @cached_property
    def settled(self) -> tuple[Ints, Ints] | None:
        """Instants and numbers where neither decimals nor doubt leave anything to chance."""
        agents = self.planned * self.attendance
        whole = np.rint(agents)
        if (np.abs(agents - whole) > _ALMOST).any():
            return None
        return _changes(self.at, whole.astype(np.int64))

    def draw(self, seed: int, replication: int, doubt: Doubt) -> tuple[Ints, Ints]:
        """Instants at which the number on duty changes, and the new numbers."""
        if not doubt.of_attendance and self.settled is not None:
            return self.settled
        days = int(self.day.max()) + 1
        share = doubt.attendance(seed, replication, self.group, self.attendance, days)
        agents = self.planned * (self.attendance if share is None else share[self.day])
        u = streams.generator(seed, replication, f"rota/{self.group}").random(days)
        return _changes(self.at, np.floor(agents + u[self.day] + _ALMOST).astype(np.int64))


def _changes(at: Ints, number: Ints) -> tuple[Ints, Ints]:
    """Only the first entry and those where the number changes."""
    changed = np.ones(number.size, np.bool_)
    changed[1:] = number[1:] != number[:-1]
    return at[changed], number[changed]


def duty_by_number(at: Ints, number: Ints, until: int) -> Duty:
    """Spans in which at least one is on duty."""
    end = np.append(at[1:], max(until, int(at[-1])))
    some = number > 0
    return Duty(at[some], end[some])


def by_number(
    group: str,
    on_phones: Floats,
    calendar: Calendar,
    *,
    attendance: float,
    start_ms: int,
    interval_ms: int,
    warm: int,
    until: int,
    timezone: str,
) -> ByNumber:
    """Plan a group from its agents on the phones per interval (I,), the first ``warm`` of them before the start.

    ``until`` (ms) is the last instant that matters. Beyond the last interval the last number stays.
    """
    since = -warm * interval_ms
    opens, closes = (w - start_ms for w in calendar.windows(start_ms + since, start_ms + until))
    begin, _ = open_spans(opens, closes, interval_ms, since, until)
    # Spans that are closed: whatever lies between the open ones.
    at = distinct(np.concatenate((begin, closes[closes < until], [since])))
    is_open = among(at, begin)
    count = on_phones.size
    end = since + count * interval_ms
    # After the last number the calendar goes on, with the last one that it let in.
    place = (at - since) // interval_ms
    last = int(place[is_open & (at < end)].max(initial=-1))
    place = np.where(at < end, np.minimum(place, count - 1), last if last >= 0 else count - 1)
    planned = np.where(is_open, on_phones[place], 0.0)
    ordinal = local_labels(start_ms + np.minimum(at, end - 1), zone(timezone)).ordinal
    return ByNumber(group, at, planned, ordinal - ordinal[0], attendance)


# ------------------------------------------------------------------ by shifts


@dataclass(frozen=True)
class ShiftFacts:
    """One shift: weekdays (0 = Monday), ms after local midnight, breaks as (offset from begin, length)."""

    name: str
    days: tuple[int, ...]
    begin: int
    length: int
    breaks: tuple[tuple[int, int], ...]
    agents: int
    to_phones: float
    """of the agents counted, the part that works the phones"""
    people: tuple[int, ...] = ()
    """numbers of those who work it; nobody: agents of its own"""


@dataclass(frozen=True, eq=False)
class ByShifts:
    """A group of named agents; H stints by plan, sorted by (begin, agent), before absence.

    agent, begin, end  (H,)
    turn               (H,) the agent's place in the day's order of presence: who stands at or beyond the
                       number present stays away
    cell               (H,) number of the stint's shift and day
    cell_shift, cell_day, cell_agents, cell_share  (cells,)
    break_stint, break_at, break_length  (B,) sorted by (stint, begin)
    names, own   of the agents; how each may be away or late on its own
    """

    group: str
    agents: int
    attendance: float
    shifts: tuple[str, ...]
    days: int
    agent: Ints
    begin: Ints
    end: Ints
    turn: Ints
    cell: Ints
    cell_shift: Ints
    cell_day: Ints
    cell_agents: Floats
    break_stint: Ints
    break_at: Ints
    break_length: Ints
    names: tuple[str, ...] = ()
    own: Days = field(default_factory=Days)

    @cached_property
    def settled(self) -> Stints | None:
        """The stints where nothing is left to chance."""
        if not self.own.certain:
            return None
        wanted = self.cell_agents * self.attendance
        whole = np.rint(wanted)
        if (np.abs(wanted - whole) > _ALMOST).any():
            return None
        return self._present(whole)

    def draw(self, seed: int, replication: int, doubt: Doubt) -> Stints:
        """The stints of those who come."""
        if not doubt.of_attendance and self.settled is not None:
            return self.settled
        share = doubt.attendance(seed, replication, self.group, self.attendance, self.days)
        attend = self.attendance if share is None else share[self.cell_day]
        u = np.empty(self.cell_agents.size)
        for number, shift in enumerate(self.shifts):
            mine = self.cell_shift == number
            rng = streams.generator(seed, replication, f"rota/{self.group}/{shift}")
            u[mine] = rng.random(self.days)[self.cell_day[mine]]
        coming = np.floor(self.cell_agents * attend + u + _ALMOST)
        if self.own.certain:
            return self._present(coming)
        who = (seed, replication, self.group, self.names, self.days)
        day = self.cell_day[self.cell]
        away = self.own.away(*who)[self.agent, day]
        return self._present(coming, away, self.own.late(*who)[self.agent, day])

    def _present(
        self, number: Floats, away: Bools | None = None, late: Ints | None = None
    ) -> Stints:
        """The stints of those who come; with ``away`` and ``late`` (H,) ms what is left of them."""
        kept = self.turn < number[self.cell]
        begin, breaks = self.begin, np.ones(self.break_stint.size, np.bool_)
        if away is not None and late is not None:
            begin = begin + late
            kept &= ~away & (begin < self.end)
            breaks = self.break_at >= begin[self.break_stint]
        breaks &= kept[self.break_stint]
        order = np.flatnonzero(kept)
        if late is not None:
            order = order[np.lexsort((self.agent[order], begin[order]))]
        place = np.empty(kept.size, np.int64)
        place[order] = np.arange(order.size)
        stint = place[self.break_stint[breaks]]
        by_stint = np.argsort(stint, kind="stable")
        return Stints(
            self.agent[order],
            begin[order],
            self.end[order],
            np.searchsorted(stint[by_stint], np.arange(order.size + 1)),
            self.break_at[breaks][by_stint],
            self.break_length[breaks][by_stint],
            late[order] if late is not None and self.own.may_be_late else None,
        )


@dataclass(frozen=True, eq=False)
class Stints:
    """Who works when: agent, begin, end (H,); breaks of stint h are break_first[h] .. break_first[h+1]-1.

    late  (H,) ms by which each begins later than planned; None where nobody may be late
    """

    agent: Ints
    begin: Ints
    end: Ints
    break_first: Ints
    break_at: Ints
    break_length: Ints
    late: Ints | None = None


def by_shifts(
    group: str,
    shifts: Sequence[ShiftFacts],
    calendar: Calendar,
    *,
    attendance: float,
    start_ms: int,
    since: int,
    until: int,
    timezone: str,
    people: Sequence[str] = (),
    own: Days | None = None,
) -> ByShifts:
    """Plan the stints of a group that touch [since, until) (ms).

    Its first agents are the ``people``, by name; then come those whom the shifts only count.
    """
    where = zone(timezone)
    first, last = (
        int(day) for day in local_labels([start_ms + since, start_ms + until - 1], where).ordinal
    )
    dates = np.arange(first - 1, last + 1, dtype=np.int64)
    rows: list[tuple[Ints, ...]] = []
    pauses: list[tuple[Ints, ...]] = []
    cells: list[tuple[Ints, ...]] = []
    stints = cell = 0
    names = list(people)
    for number, shift in enumerate(shifts):
        days = dates[among((dates - 1) % 7, shift.days)]
        midnight = (days - _ORDINAL_1970) * DAY
        begin, _, _ = resolve_local(midnight + shift.begin, where)
        _, end, _ = resolve_local(midnight + shift.begin + shift.length, where)
        end[:-1] = np.minimum(end[:-1], begin[1:])
        next_day, _, _ = resolve_local(midnight + DAY, where)
        opened = _opened(calendar, begin, np.minimum(end, next_day))
        kept = (end > begin) & (end - start_ms > since) & (begin - start_ms < until) & opened
        days, midnight = days[kept], midnight[kept]
        begin, end = begin[kept] - start_ms, end[kept] - start_ms
        count = days.size
        team = np.array(shift.people or range(len(names), len(names) + shift.agents), np.int64)
        place = np.arange(shift.agents, dtype=np.int64)
        day, who = np.repeat(np.arange(count), shift.agents), np.tile(place, count)
        turn = (who - days[day]) % max(shift.agents, 1)
        rows.append((team[who], begin[day], end[day], turn, cell + day))
        cells.append((np.full(count, number), days - dates[0]))
        for offset, pause in shift.breaks:
            at, _, _ = resolve_local(midnight + shift.begin + offset, where)
            at = at - start_ms
            inside = (at >= begin) & (at < end)
            taken = inside[day]
            pauses.append(
                (
                    (stints + np.arange(day.size))[taken],
                    at[day][taken],
                    np.full(int(taken.sum()), pause, np.int64),
                )
            )
        stints += day.size
        cell += count
        if not shift.people:
            names += [f"{shift.name} {number + 1}" for number in range(shift.agents)]
    agent, begin, end, turn, of_cell = _joined(rows, 5)
    order = np.lexsort((agent, begin))
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    stint, at, length = _joined(pauses, 3)
    stint = place[stint]
    by_time = np.lexsort((at, stint))
    cell_shift, cell_day = _joined(cells, 2)
    counted = np.array([s.agents * s.to_phones for s in shifts], np.float64)
    return ByShifts(
        group, len(names), attendance, tuple(s.name for s in shifts), dates.size,
        agent[order], begin[order], end[order], turn[order], of_cell[order],
        cell_shift, cell_day, counted[cell_shift] if counted.size else np.zeros(0),
        stint[by_time], at[by_time], length[by_time],
        tuple(names), own or Days(),
    )  # fmt: skip


_ORDINAL_1970 = 719_163


def _opened(calendar: Calendar, begin: Ints, end: Ints) -> Bools:
    """Whether the calendar opens at all between each pair of instants (epoch ms)."""
    return np.asarray(calendar.elapsed(begin, np.maximum(begin, end)) > 0)


def _joined(parts: list[tuple[Ints, ...]], columns: int) -> tuple[Ints, ...]:
    if not parts:
        return tuple(np.zeros(0, np.int64) for _ in range(columns))
    return tuple(np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
