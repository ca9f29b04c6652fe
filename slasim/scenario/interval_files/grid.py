"""The grid of intervals: warm-up and horizon, and numbers typed in stretched over it.

Opens no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Floats, Ints
from slasim.calendars import Calendar
from slasim.errors import InputError, Problem

__all__ = ["Bools", "Floats", "Horizon", "Ints", "refused", "stretched", "with_warm_up"]


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
    def edges(self) -> Ints:
        """(warm + intervals + 1,) epoch ms."""
        return self.first + np.arange(self.size + 1, dtype=np.int64) * self.interval

    @cached_property
    def local(self) -> clock.LocalTimes:
        """What the wall clock shows at each interval's start."""
        return clock.local_labels(self.edges[:-1], self.zone)

    def open_ms(self, calendar: Calendar) -> Ints:
        """(size,) ms of each interval in which the calendar is open."""
        if calendar.always_open:
            return np.full(self.size, self.interval, dtype=np.int64)
        return np.diff(calendar.business_time(self.edges))

    def label(self, index: int) -> str:
        """The local start of an interval."""
        return clock.format_instant(int(self.edges[index]), self.zone)


def refused(found: str, would_do: str = "", *, file: str = "", line: int = 0) -> InputError:
    return InputError([Problem(found, would_do, file=file, line=line)])


def stretched(numbers: float | tuple[float, ...], horizon: Horizon, key: str) -> Floats:
    """One number, or one per interval from the start; the warm-up repeats the end of the list."""
    if not isinstance(numbers, tuple):
        return np.full(horizon.size, float(numbers))
    if len(numbers) != horizon.intervals:
        raise refused(
            f"`{key}` lists {len(numbers)} numbers",
            f"The horizon has {horizon.intervals} intervals of "
            f"{clock.format_duration(horizon.interval)}: give one number for each, or one for all.",
        )
    return with_warm_up(np.array(numbers), horizon)


def with_warm_up(counted: Floats, horizon: Horizon) -> Floats:
    """Put before the horizon what stands at its end."""
    before: Ints = np.arange(-horizon.warm, 0)
    return np.concatenate([np.take(counted, before, mode="wrap"), counted])
