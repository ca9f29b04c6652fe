"""Arrivals per day, spread by a profile or evenly over the open hours."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Floats, Ints
from slasim.calendars import Calendar
from slasim.errors import InputError
from slasim.scenario.interval_files.grid import Horizon, refused
from slasim.scenario.interval_files.times import times_of_day
from slasim.scenario.schema import Arrivals, Source
from slasim.scenario.tables import open_table

__all__ = ["by_weekday"]


def by_weekday(
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


def _profile_fits(share: Floats, daily: Floats, open_ms: Ints, local: clock.LocalTimes) -> None:
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


def _comes_twice(instants: Ints, local: clock.LocalTimes, zone: ZoneInfo) -> Bools:
    _, _, kind = clock.resolve_local(local.local_ms, zone)
    return np.asarray(kind == clock.REPEATED)


def _open_by_day(calendar: Calendar, ordinals: Ints, zone: ZoneInfo) -> Floats:
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
        for row, at in enumerate(times_of_day(table)):
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
