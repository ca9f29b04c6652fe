"""Numbers by interval: what the arrivals and the staffing of a scenario come to on its grid of intervals.

Files may hold the scenario's own interval, a divisor of it (volumes are added, AHT weighted by
volume) or a multiple (volumes are spread evenly over the open part). A missing interval is an error
inside open hours and means 0 outside them; contacts outside open hours are an error. A repeated half
hour in autumn is no duplicate, the missing one in spring no gap.
Every refusal is an `InputError` with file and line. This file draws nothing at random.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from slasim import clock
from slasim.calendars import Calendar
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario.schema import Arrivals, Group, Queue, Shift, Source, Staffing
from slasim.scenario.tables import Table, open_table

__all__ = ["Horizon", "QueueForecast", "expected", "shift_presence", "staffing"]

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Horizon:
    """The grid: `warm` intervals before `start`, then `intervals` counted ones."""

    start: int
    """epoch ms of the scenario's start"""
    interval: int
    intervals: int
    warm: int
    zone: ZoneInfo

    @property
    def size(self) -> int:
        return self.warm + self.intervals

    @property
    def first(self) -> int:
        """Epoch ms at which the warm-up begins."""
        return self.start - self.warm * self.interval

    @property
    def end(self) -> int:
        return self.start + self.intervals * self.interval

    @cached_property
    def edges(self) -> Int64s:
        """(warm + intervals + 1,) epoch ms."""
        return self.first + np.arange(self.size + 1, dtype=np.int64) * self.interval

    @cached_property
    def local(self) -> clock.LocalTimes:
        """What the wall clock shows at each interval's start."""
        return clock.local_labels(self.edges[:-1], self.zone)

    def open_ms(self, calendar: Calendar) -> Int64s:
        """(size,) ms of each interval in which the calendar is open."""
        if calendar.always_open:
            return np.full(self.size, self.interval, dtype=np.int64)
        return np.diff(calendar.business_time(self.edges))

    def label(self, index: int) -> str:
        """The local start of an interval."""
        return clock.format_instant(int(self.edges[index]), self.zone)


@dataclass(frozen=True, eq=False)
class QueueForecast:
    """What is expected of one queue, by interval; the rate is constant over the open part.

    volume          float64 (I,) expected first contacts, the `volume` lever included
    aht_ms          float64 (I,) mean handle time, levers included; > 0 wherever volume is
    patience_scale  float64 (I,) factor on the queue's patience, or None where it is the same all day
    open_ms         int64 (I,) how long the queue is open in the interval
    patience_mean   ms, from the file's patience_s where the queue itself has no patience; else None
    """

    volume: Floats
    aht_ms: Floats
    patience_scale: Floats | None
    open_ms: Int64s
    patience_mean: float | None = None
    notes: tuple[str, ...] = ()

    def part(self, since: int, until: int) -> QueueForecast:
        """The forecast of intervals since..until."""
        scale = None if self.patience_scale is None else self.patience_scale[since:until]
        return replace(
            self,
            volume=self.volume[since:until],
            aht_ms=self.aht_ms[since:until],
            patience_scale=scale,
            open_ms=self.open_ms[since:until],
        )


def refused(found: str, would_do: str = "", *, file: str = "", line: int = 0) -> InputError:
    return InputError([Problem(found, would_do, file=file, line=line)])


# ------------------------------------------------------------------ queues


def expected(
    name: str, queue: Queue, calendar: Calendar, horizon: Horizon, folder: Path | None
) -> QueueForecast:
    """What is expected of a queue over warm-up and horizon (arrays of horizon.size).

    Raises InputError; problems without a file concern the queue's `arrivals` in the scenario.
    """
    open_ms = horizon.open_ms(calendar)
    arrivals = queue.arrivals
    file_aht = file_patience = None
    notes: list[str] = []
    if arrivals.source is not None:
        volume, file_aht, file_patience, notes = _from_file(
            name, arrivals.source, calendar, horizon, folder
        )
    elif arrivals.per_hour is not None:
        per_hour = _stretched(arrivals.per_hour, horizon, "per_hour")
        volume = per_hour * open_ms / clock.HOUR
    else:
        volume = _per_day(arrivals, calendar, horizon, folder)
    aht, aht_note = _aht(name, queue, volume, file_aht)
    scale, patience_mean = _patience(queue, volume, file_patience)
    return QueueForecast(
        volume * queue.volume, aht, scale, open_ms, patience_mean, (*notes, *aht_note)
    )


def _stretched(numbers: float | tuple[float, ...], horizon: Horizon, key: str) -> Floats:
    """One number, or one per interval from the start; the warm-up repeats the end of the list."""
    if not isinstance(numbers, tuple):
        return np.full(horizon.size, float(numbers))
    if len(numbers) != horizon.intervals:
        raise refused(
            f"`{key}` lists {len(numbers)} numbers",
            f"The horizon has {horizon.intervals} intervals of "
            f"{clock.format_duration(horizon.interval)}: give one number for each, or one for all.",
        )
    return _with_warm_up(np.array(numbers), horizon)


def _with_warm_up(counted: Floats, horizon: Horizon) -> Floats:
    """Put before the horizon what stands at its end."""
    before: Int64s = np.arange(-horizon.warm, 0)
    return np.concatenate([np.take(counted, before, mode="wrap"), counted])


def _aht(
    name: str, queue: Queue, volume: Floats, file_aht: Floats | None
) -> tuple[Floats, tuple[str, ...]]:
    given = queue.aht_mean
    notes: tuple[str, ...] = ()
    if file_aht is None:
        if given is None:
            raise refused(
                f"queue `{name}` has no AHT",
                "Write aht: 260s, handle_time: {...}, or give the forecast file a column aht_s.",
            )
        base = np.full(volume.size, given)
    else:
        blank = np.isnan(file_aht)
        used = ~blank & (volume > 0)
        if given is None:
            if (blank & (volume > 0)).any():
                count = int((blank & (volume > 0)).sum())
                raise refused(
                    f"aht_s of queue `{name}` is empty or 0 in {count} intervals with contacts",
                    "Fill it in, or write aht: in the queue for those intervals.",
                )
            given = (
                float(np.average(file_aht[used], weights=volume[used])) if used.any() else 1000.0
            )
        elif used.any():
            notes = (f"AHT by interval from the file; {clock.format_duration(given)} where empty",)
        base = np.where(blank, given, file_aht)
    mean = base * queue.aht.times + queue.aht.plus
    if (mean[volume > 0] <= 0).any() or (mean <= 0).all():
        raise refused(
            f"the levers of aht leave queue `{name}` a handle time of 0 or less",
            f"times {queue.aht.times:g} and plus {clock.format_duration(queue.aht.plus)} take too much.",
        )
    return np.maximum(mean, 0.0), notes


def _patience(
    queue: Queue, volume: Floats, file_patience: Floats | None
) -> tuple[Floats | None, float | None]:
    if file_patience is None:
        return None, None
    used = ~np.isnan(file_patience) & (volume > 0)
    own = None if queue.patience is None else float(queue.patience.mean)
    if not used.any():
        return None, None
    mean = own or float(np.average(file_patience[used], weights=volume[used]))
    scale = np.where(np.isnan(file_patience), 1.0, file_patience / mean)
    return scale, None if own else mean


# ------------------------------------------------------------------ per day


def _per_day(
    arrivals: Arrivals, calendar: Calendar, horizon: Horizon, folder: Path | None
) -> Floats:
    assert arrivals.per_day is not None
    zone = clock.zone(calendar.timezone)
    local = clock.local_labels(horizon.edges[:-1], zone)
    numbers = np.array([0.0 if n is None else n for n in arrivals.per_day])
    daily = numbers[local.weekday]
    open_ms = horizon.open_ms(calendar)
    for weekday, number in enumerate(numbers):
        here = local.weekday == weekday
        by_weekday = number > 0 and len(set(arrivals.per_day)) > 1
        never_open = not calendar.weekly[weekday] and not open_ms[here].any()
        if by_weekday and here.any() and never_open:
            raise refused(
                f"per_day gives {number:g} contacts to {_WEEKDAYS[weekday]}, and the queue is closed",
                "Take that weekday out, or open the calendar.",
            )
    if arrivals.profile is None:
        day_open = _open_by_day(calendar, local.ordinal, zone)
        share = np.divide(open_ms, day_open, out=np.zeros(horizon.size), where=day_open > 0)
        return np.asarray(daily * share)
    shares = arrivals.profile.shares
    if shares is None:
        source = arrivals.profile.source
        assert source is not None
        shares = _profile_file(source, horizon, folder)
    slots = clock.DAY // horizon.interval
    if len(shares) != slots:
        raise refused(
            f"the profile has {len(shares)} shares",
            f"A day has {slots} intervals of {clock.format_duration(horizon.interval)}, from midnight.",
        )
    slot = local.local_ms % clock.DAY // horizon.interval
    # An hour that autumn repeats shares what one hour has.
    twice = _comes_twice(horizon.edges[:-1], local, zone)
    share = np.array(shares)[slot] / np.where(twice, 2, 1)
    _profile_fits(share, daily, open_ms, local)
    return np.asarray(daily * share * (open_ms > 0))


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _profile_fits(share: Floats, daily: Floats, open_ms: Int64s, local: clock.LocalTimes) -> None:
    """Refuse a profile of which a part lies outside the open hours of every day of a weekday."""
    days, first = np.unique(local.ordinal, return_index=True)
    lost = np.add.reduceat(share * (open_ms == 0), first)
    total = np.add.reduceat(share, first)
    opened = np.add.reduceat(open_ms, first) > 0
    counted = opened & (np.add.reduceat(daily, first) > 0) & (total > 0.5)
    for weekday in range(7):
        here = counted & ((days - 1) % 7 == weekday)
        if here.any() and lost[here].min() > 0.005:
            raise refused(
                f"{lost[here].min():.0%} of the profile lies outside the open hours of "
                f"{_WEEKDAYS[weekday]}",
                "Those contacts would be lost: correct the profile or the calendar.",
            )


def _comes_twice(instants: Int64s, local: clock.LocalTimes, zone: ZoneInfo) -> Bools:
    _, _, kind = clock.resolve_local(local.local_ms, zone)
    return np.asarray(kind == clock.REPEATED)


def _open_by_day(calendar: Calendar, ordinals: Int64s, zone: ZoneInfo) -> Floats:
    """For each interval, the open ms of its whole local day."""
    days, inverse = np.unique(ordinals, return_inverse=True)
    offset = (days - 719163) * clock.DAY  # date.toordinal() of 1970-01-01
    begins, _, _ = clock.resolve_local(offset, zone)
    ends, _, _ = clock.resolve_local(offset + clock.DAY, zone)
    if calendar.always_open:
        return (ends - begins)[inverse].astype(np.float64)
    return calendar.elapsed(begins, ends)[inverse].astype(np.float64)


def _profile_file(source: Source, horizon: Horizon, folder: Path | None) -> tuple[float, ...]:
    table = open_table(source.file, folder, encoding=source.encoding)
    shares = table.numbers(source.column or "share")
    if table.has("time"):
        slots = clock.DAY // horizon.interval
        placed = np.zeros(slots)
        for row, at in enumerate(_times_of_day(table)):
            if at % horizon.interval:
                sentence = f"{clock.format_time_of_day(at)} is no start of an interval"
                raise InputError([table.problem(row, "time", sentence)])
            placed[at // horizon.interval] += shares[row]
        shares = placed
    total = float(shares.sum())
    if abs(total - 1) > 0.001 and abs(total - 100) > 0.1:
        column = source.column or "share"
        raise refused(
            f"column `{column}` adds up to {total:.4g}",
            "Shares must add up to 1 (or 100).",
            file=table.file,
            line=table.lines[0],
        )
    return tuple((shares / total).tolist())


def _times_of_day(table: Table) -> list[int]:
    """Column `time` as ms after midnight, ascending; duplicates are refused."""
    found: list[int] = []
    bad: list[tuple[int, str]] = []
    for row, cell in enumerate(table.column("time")):
        try:
            at = clock.parse_time_of_day(cell)
        except ValueError as error:
            bad.append((row, str(error)))
            continue
        if at in found:
            bad.append((row, f"{cell} stands twice; keep one row"))
        found.append(at)
    table.refuse("time", bad)
    return found


# ------------------------------------------------------------------ files by interval


@dataclass(frozen=True, eq=False)
class _Series:
    """Rows of one queue or group on slots of `step` ms: the finer of the file's interval and ours."""

    table: Table
    step: int
    covered: Bools
    row: Int64s
    """the row that covers each slot, -1 for none"""
    slots_per_row: int


def _series(table: Table, instants: Int64s, column: str, horizon: Horizon, first: int) -> _Series:
    """Place rows on the grid from epoch ms `first`. Raises InputError."""
    order = np.argsort(instants, kind="stable")
    at = instants[order]
    same = np.flatnonzero(np.diff(at) == 0)
    if same.size:
        bad = []
        for place in same:
            row, before = int(order[place + 1]), int(order[place])
            text = table.column(column)[row]
            bad.append(
                (row, f"{text} stands twice (first in line {table.lines[before]}); keep one")
            )
        table.refuse(column, bad)
    own = _own_interval(at, horizon)
    step = min(own, horizon.interval)
    if max(own, horizon.interval) % step:
        raise refused(
            f"its interval is {clock.format_duration(own)}, the scenario's "
            f"{clock.format_duration(horizon.interval)}",
            "One of the two must divide the other.",
            file=table.file,
            line=table.lines[0],
        )
    off = np.flatnonzero((instants - horizon.start) % step)
    if not off.size:
        off = np.flatnonzero((instants - at[0]) % own)
    if off.size:
        text = clock.format_duration(own)
        table.refuse(
            column,
            [
                (int(row), f"{table.column(column)[row]} is no start of an interval of {text}")
                for row in off
            ],
        )
    per_row = max(own // horizon.interval, 1)
    slots = (horizon.end - first) // step
    rows = np.full(slots, -1, dtype=np.int64)
    begins = (instants - first) // step
    for extra in range(per_row):
        slot = begins + extra
        inside: Bools = (slot >= 0) & (slot < slots)
        rows[slot[inside]] = np.flatnonzero(inside)
    return _Series(table, step, rows >= 0, rows, per_row)


def _own_interval(at: Int64s, horizon: Horizon) -> int:
    """The commonest distance of rows, ours in a tie: one row off the grid does not change it."""
    distances, counts = np.unique(np.diff(at), return_counts=True)
    if distances.size == 0:
        return horizon.interval
    best = distances[counts == counts.max()]
    return horizon.interval if horizon.interval in best else int(best[0])


@lru_cache(maxsize=32)
def _instants(
    table: Table, time: str, by_name: str | None, zone: ZoneInfo, day_first: bool
) -> Int64s:
    """Epoch ms of every row, read once for all queues or groups of a file."""
    keys = None if by_name is None else table.column(by_name)
    return table.instants(time, zone, day_first=day_first, keys=keys)


def _rows_of(
    name: str, what: str, source: Source, folder: Path | None, horizon: Horizon, value: str
) -> tuple[Table, Int64s, str, str]:
    """(rows of one queue or group, their instants, value column, time column)."""
    table = open_table(source.file, folder, encoding=source.encoding)
    time = "interval_start"
    table.column(time)
    by_name = what if table.has(what) else None
    instants = _instants(table, time, by_name, horizon.zone, source.dates == "day_first")
    if by_name is not None:
        names = table.column(what)
        rows = [row for row, found in enumerate(names) if found == name]
        if not rows:
            known = list(dict.fromkeys(names))[:20]
            raise refused(
                f"no row has {what} `{name}`",
                did_you_mean(name, known, what=f"{what.capitalize()}s in it"),
                file=table.file,
                line=1,
            )
        table, instants = table.take(rows), instants[rows]
        column = source.column or value
    else:
        candidates = [source.column] if source.column else [name, value]
        column = next((c for c in candidates if c and table.has(c)), candidates[0] or value)
    table.column(column)
    inside = np.flatnonzero((instants >= horizon.first - clock.DAY) & (instants < horizon.end))
    if not ((instants >= horizon.start) & (instants < horizon.end)).any():
        since, until = (
            clock.format_instant(int(ms), horizon.zone) for ms in (instants.min(), instants.max())
        )
        begin, end = (clock.format_instant(ms, horizon.zone) for ms in (horizon.start, horizon.end))
        raise refused(
            f"its rows run from {since} to {until}",
            f"The scenario runs from {begin} to {end}.",
            file=table.file,
            line=table.lines[0],
        )
    return table.take(inside.tolist()), instants[inside], column, time


def _from_file(
    name: str, source: Source, calendar: Calendar, horizon: Horizon, folder: Path | None
) -> tuple[Floats, Floats | None, Floats | None, list[str]]:
    """(volume, aht ms | None, patience ms | None, notes) by interval; NaN where a mean is empty."""
    table, instants, column, time = _rows_of(name, "queue", source, folder, horizon, "offered")
    offered = table.numbers(column)
    means = {
        key: table.milliseconds(key, blank=math.nan) if table.has(key) else None
        for key in ("aht_s", "patience_s")
    }
    first = _covered_from(instants, horizon)
    series = _series(table, instants, time, horizon, first)
    slots = series.covered.size
    edges = first + np.arange(slots + 1, dtype=np.int64) * series.step
    open_ms = (
        np.full(slots, series.step, dtype=np.int64)
        if calendar.always_open
        else np.diff(calendar.business_time(edges))
    )
    _refuse_gaps(series, open_ms > 0, edges, horizon, f"queue `{name}`")
    length = series.step * series.slots_per_row
    open_in_row = (
        np.full(instants.size, length, dtype=np.int64)
        if calendar.always_open
        else np.asarray(calendar.elapsed(instants, instants + length))
    )
    volume = _spread(series, offered, open_ms, open_in_row, time)
    aht = _weighted(series, means["aht_s"], volume, horizon)
    patience = _weighted(series, means["patience_s"], volume, horizon)
    per = horizon.interval // series.step
    summed = volume.reshape(-1, per).sum(axis=1)
    notes = _interval_note(series, horizon)
    parts = [summed, aht, patience]
    if first > horizon.first:
        parts = [None if p is None else _with_warm_up(p, horizon) for p in parts]
        assert parts[0] is not None
        parts[0] = parts[0] * (horizon.open_ms(calendar) > 0)
        notes.append("before the horizon the forecast's end is repeated")
    assert parts[0] is not None
    return parts[0], parts[1], parts[2], notes


def _interval_note(series: _Series, horizon: Horizon) -> list[str]:
    ours = clock.format_duration(horizon.interval)
    if series.slots_per_row > 1:
        own = clock.format_duration(horizon.interval * series.slots_per_row)
        return [f"its intervals of {own} are spread evenly over ours of {ours}"]
    if series.step < horizon.interval:
        return [
            f"its intervals of {clock.format_duration(series.step)} are added up to ours of {ours}"
        ]
    return []


def _covered_from(instants: Int64s, horizon: Horizon) -> int:
    """Where the file is read from: the warm-up's begin if it has rows there, else the start."""
    before = (instants >= horizon.first) & (instants < horizon.start)
    return horizon.first if before.any() else horizon.start


def _spread(series: _Series, offered: Floats, open_ms: Int64s, by_row: Int64s, time: str) -> Floats:
    """Contacts per slot; refuses contacts where the queue is closed.

    ``by_row`` are the open ms of each whole row, so that of a row which start or end of the horizon cuts only its
    part is taken.
    """
    table = series.table
    used = series.covered
    inside = np.unique(series.row[used])
    closed = [int(row) for row in inside if by_row[row] == 0 and offered[row] > 0]
    table.refuse(
        time,
        [
            (
                row,
                f"{offered[row]:g} contacts at {table.column(time)[row]}, when the queue is closed; "
                "set them to 0 or open the calendar",
            )
            for row in closed
        ],
    )
    volume = np.zeros(series.covered.size)
    rows = series.row[used]
    share = np.divide(open_ms[used], by_row[rows], out=np.zeros(rows.size), where=by_row[rows] > 0)
    volume[used] = offered[rows] * share
    return volume


def _weighted(
    series: _Series, means: Floats | None, volume: Floats, horizon: Horizon
) -> Floats | None:
    """Means by interval, weighted by volume; NaN where none is given (0 counts as none)."""
    if means is None:
        return None
    by_slot = np.full(series.covered.size, math.nan)
    by_slot[series.covered] = means[series.row[series.covered]]
    by_slot[by_slot == 0] = math.nan
    per = horizon.interval // series.step
    known = ~np.isnan(by_slot)
    weight = np.where(known, volume, 0.0).reshape(-1, per)
    plain = known.astype(float).reshape(-1, per)
    empty = weight.sum(axis=1) == 0
    weight = np.where(empty[:, None], plain, weight)
    total = weight.sum(axis=1)
    summed = (np.where(known, by_slot, 0.0).reshape(-1, per) * weight).sum(axis=1)
    means_of = np.full(total.size, math.nan)
    np.divide(summed, total, out=means_of, where=total > 0)
    return means_of


def _refuse_gaps(
    series: _Series, wanted: Bools, edges: Int64s, horizon: Horizon, whose: str
) -> None:
    missing = np.flatnonzero(wanted & ~series.covered)
    if not missing.size:
        return
    breaks = np.flatnonzero(np.diff(missing) > 1)
    firsts = missing[np.concatenate([[0], breaks + 1])]
    lasts = missing[np.append(breaks, missing.size - 1)]
    problems = []
    for since, until in list(zip(firsts, lasts, strict=True))[:3]:
        begin = clock.format_instant(int(edges[since]), horizon.zone)
        end = clock.format_instant(int(edges[until + 1]), horizon.zone)
        before = series.row[: since + 1]
        known = before[before >= 0]
        line = series.table.lines[int(known[-1])] if known.size else series.table.lines[0]
        problems.append(
            Problem(
                f"{whose}: a gap, no row from {begin} to {end} ({until - since + 1} intervals)",
                "Inside open hours every interval needs a row; write 0 where there is nothing.",
                file=series.table.file,
                line=line,
            )
        )
    if firsts.size > 3:
        rest = f"{whose}: and {firsts.size - 3:,} more gaps ({missing.size:,} intervals in all)"
        problems.append(Problem(rest, file=series.table.file, line=problems[-1].line))
    raise InputError(problems)


# ------------------------------------------------------------------ staffing


def staffing(
    name: str,
    group: Group,
    horizon: Horizon,
    folder: Path | None,
    *,
    calendar: Calendar | None,
    needed: Callable[[], Int64s],
) -> Floats:
    """(horizon.size,) agents by interval as the planner counts them, levers included.

    0 where the group's own calendar is closed all interval. `needed()` gives the open ms of the queues that the
    group takes: inside them a staffing file may have no gap. A group with shifts: average heads on duty.
    """
    zone = clock.zone(group.timezone) if group.timezone else horizon.zone
    if group.staffing is None:
        return shift_presence(group.shifts or (), horizon, zone, calendar)
    rule = group.staffing
    if rule.source is not None:
        agents = _staff_file(name, rule.source, horizon, folder, needed() > 0)
    elif rule.grid is not None:
        agents = _staff_grid(rule, horizon, folder, zone)
    else:
        assert rule.agents is not None
        agents = _stretched(rule.agents, horizon, "staffing")
    if calendar is not None:
        agents = agents * (horizon.open_ms(calendar) > 0)
    levered = agents * rule.times + np.where(agents > 0, rule.plus, 0.0)
    return np.maximum(levered, 0.0)


def _staff_file(
    name: str, source: Source, horizon: Horizon, folder: Path | None, needed: Bools
) -> Floats:
    table, instants, column, time = _rows_of(name, "group", source, folder, horizon, "agents")
    agents = table.numbers(column)
    first = _covered_from(instants, horizon)
    series = _series(table, instants, time, horizon, first)
    edges = first + np.arange(series.covered.size + 1, dtype=np.int64) * series.step
    per = horizon.interval // series.step
    here = needed if first == horizon.first else needed[horizon.warm :]
    _refuse_gaps(series, np.repeat(here, per), edges, horizon, f"group `{name}`")
    by_slot = np.zeros(series.covered.size)
    by_slot[series.covered] = agents[series.row[series.covered]]
    means = by_slot.reshape(-1, per).mean(axis=1)
    return means if first == horizon.first else _with_warm_up(means, horizon)


def _staff_grid(rule: Staffing, horizon: Horizon, folder: Path | None, zone: ZoneInfo) -> Floats:
    assert rule.grid is not None
    local = clock.local_labels(horizon.edges[:-1], zone)
    time = local.local_ms % clock.DAY
    agents = np.zeros(horizon.size)
    source = rule.grid.source
    if source is not None:
        rows = _grid_file(source, folder)
    else:
        rows = [(row.days, row.begin, row.end, row.agents) for row in rule.grid.rows or ()]
    origin = int(time[horizon.warm])
    for days, begin, end, number in rows:
        for edge in (begin, end):
            if (edge - origin) % horizon.interval:
                raise refused(
                    f"the grid changes at {clock.format_time_of_day(edge)}, inside an interval",
                    f"Intervals are {clock.format_duration(horizon.interval)}; choose edges on them, "
                    "or a shorter interval.",
                )
        here = np.isin(local.weekday, days) & (time >= begin) & (time < end)
        agents[here] = number
    return agents


def _grid_file(
    source: Source, folder: Path | None
) -> list[tuple[tuple[int, ...], int, int, float]]:
    table = open_table(source.file, folder, encoding=source.encoding)
    times = _times_of_day(table)
    steps = sorted(later - earlier for earlier, later in pairwise(times))
    if steps and steps[0] <= 0:
        raise refused("column `time` does not ascend", "Sort the rows.", file=table.file, line=2)
    step = steps[0] if steps else clock.DAY
    weekdays = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    found: list[tuple[tuple[int, ...], int, int, float]] = []
    named = [day for day, key in enumerate(weekdays) if table.has(key)]
    if not named:
        table.column("mon")
    for day in named:
        numbers = table.numbers(weekdays[day], blank=0.0)
        found += [
            ((day,), at, min(at + step, clock.DAY), float(number))
            for at, number in zip(times, numbers, strict=True)
        ]
    return found


def shift_presence(
    shifts: Sequence[Shift], horizon: Horizon, zone: ZoneInfo, calendar: Calendar | None = None
) -> Floats:
    """(horizon.size,) average heads on duty, breaks taken out, as the shifts count them.

    As in the rota: no shift on a date on which the group's calendar never opens during it.
    """
    changes: dict[int, float] = {}

    def change(at: int, heads: float) -> None:
        changes[at] = changes.get(at, 0.0) + heads

    first = int(clock.local_labels([horizon.first], zone).ordinal[0]) - 1
    last = int(clock.local_labels([horizon.end], zone).ordinal[0])
    days = np.arange(first, last + 1)
    midnights = (days - 719163) * clock.DAY
    for shift in shifts:
        worked = midnights[np.isin((days - 1) % 7, shift.days)]
        begins, _, _ = clock.resolve_local(worked + shift.from_, zone)
        _, ends, _ = clock.resolve_local(worked + shift.from_ + shift.length, zone)
        if calendar is not None:
            next_day, _, _ = clock.resolve_local(worked + clock.DAY, zone)
            upto = np.maximum(np.minimum(ends, next_day), begins)
            held = calendar.elapsed(begins, upto) > 0
            worked, begins, ends = worked[held], begins[held], ends[held]
        spans = [(begins, ends, shift.agents)]
        for pause in shift.breaks:
            at, _, _ = clock.resolve_local(worked + shift.from_ + shift.break_offset(pause), zone)
            spans.append((at, np.minimum(at + pause.length, ends), -shift.agents))
        for since, until, more in spans:
            for comes, goes in zip(since.tolist(), until.tolist(), strict=True):
                change(comes, more)
                change(max(goes, comes), -more)
    if not changes:
        return np.zeros(horizon.size)
    times = np.array(sorted(changes), dtype=np.int64)
    heads = np.cumsum([changes[int(ms)] for ms in times])
    worked_ms = np.concatenate([[0.0], np.cumsum(heads[:-1] * np.diff(times))])
    by_edge = np.interp(horizon.edges.astype(float), times.astype(float), worked_ms)
    return np.asarray(np.maximum(np.diff(by_edge) / horizon.interval, 0.0))
