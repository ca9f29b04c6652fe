"""Calendars as an engine reads them: numbered, each a list of open windows in ms since the start.

A target that is a point of the calendar ("end of next business day") and whose clock starts at an instant that chance
has not settled yet gets a calendar of its own, in which business time passes only in single ms at the closings; then
a number of those ms falls due where the point lies (see `CalendarList.point`). This file knows no queue.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from slasim.arrays import Ints
from slasim.calendars import Calendar
from slasim.clock import DAY, local_labels, resolve_local, zone
from slasim.floor import NONE
from slasim.sets import distinct
from slasim.sla.targets import EndOfNextBusinessDay, SameDayIfBefore

__all__ = ["CalendarList", "Windows"]

_ORDINAL_1970 = 719_163
_POINT_TARGET = {EndOfNextBusinessDay: 3, SameDayIfBefore: 2}


@dataclass(frozen=True, eq=False)
class Windows:
    """K calendars, W windows, as `slasim.floor.Floor` describes them."""

    first: Ints
    open: Ints
    close: Ints
    before: Ints

    def looks(self, calendars: set[int]) -> Ints:
        """Instants at which hours of any of those calendars begin, sorted."""
        parts = [self.open[self.first[k] : self.first[k + 1]] for k in sorted(calendars - {NONE})]
        return distinct(np.concatenate([np.zeros(0, np.int64), *parts]))


@dataclass
class CalendarList:
    """Calendars by number, in the order in which they were asked for.

    ``start_ms`` (epoch ms) is the instant 0; ``since`` and ``until`` (ms) are what the windows must cover.
    """

    start_ms: int
    since: int
    until: int
    _numbers: dict[object, int] = field(default_factory=dict)
    _spans: list[tuple[Ints, Ints]] = field(default_factory=list)

    def number(self, calendar: Calendar) -> int:
        """The number of a calendar."""
        if calendar not in self._numbers:
            since, until = self.start_ms + self.since, self.start_ms + self.until
            opens, closes = calendar.windows(since, until)
            self._add(calendar, opens - self.start_ms, closes - self.start_ms)
        return self._numbers[calendar]

    def point(
        self, calendar: Calendar, target: EndOfNextBusinessDay | SameDayIfBefore
    ) -> tuple[int, int]:
        """(number of a calendar made for this target, ms of its business time that the target is).

        End of the next business day: one ms before the business day's date begins, one before its last closing; three
        of them reach, from any instant before the closing, the next day's closing. After the closing they reach the
        beginning of the day after that, and no business time lies between. Same day if before: one ms at the
        cut-off and one at the closing; two reach the closing due, but from a start between cut-off and closing
        only the next day's cut-off, which errs on the early side.
        """
        key = (calendar, target)
        if key not in self._numbers:
            days, marks = self._business_days(calendar)
            if isinstance(target, SameDayIfBefore):
                cutoffs = (days - _ORDINAL_1970) * DAY + target.cutoff
                marks = resolve_local(cutoffs, zone(calendar.timezone))[0] - self.start_ms
            ends = self._closings(calendar, days)
            opens = distinct(np.concatenate((marks, ends))) - 1
            self._add(key, opens, opens + 1)
        return self._numbers[key], _POINT_TARGET[type(target)]

    def _business_days(self, calendar: Calendar) -> tuple[Ints, Ints]:
        """Ordinals of the dates that are business days, and the instants at which they begin."""
        where = zone(calendar.timezone)
        ends = [self.start_ms + self.since, self.start_ms + self.until]
        first, last = (int(day) for day in local_labels(ends, where).ordinal)
        dates = np.arange(first - 1, last + 2, dtype=np.int64)
        midnight, _, _ = resolve_local((dates - _ORDINAL_1970) * DAY, where)
        # The first business day after a date changes exactly where a business day begins.
        ends_after = calendar.end_of_next_business_day(midnight)
        begins = np.flatnonzero(ends_after[1:] != ends_after[:-1]) + 1
        return dates[begins], midnight[begins] - self.start_ms

    def _closings(self, calendar: Calendar, days: Ints) -> Ints:
        """The last closing of each business day."""
        where = zone(calendar.timezone)
        before, _, _ = resolve_local((days - 1 - _ORDINAL_1970) * DAY, where)
        return calendar.end_of_next_business_day(before) - self.start_ms

    def _add(self, key: object, opens: Ints, closes: Ints) -> None:
        self._numbers[key] = len(self._spans)
        self._spans.append((opens, closes))

    def windows(self) -> Windows:
        """All of them, one after the other."""
        first = np.zeros(len(self._spans) + 1, np.int64)
        first[1:] = np.cumsum([opens.size for opens, _ in self._spans])
        nothing = np.zeros(0, np.int64)
        opened = [closes - opens for opens, closes in self._spans]
        return Windows(
            first,
            np.concatenate([nothing, *(opens for opens, _ in self._spans)]),
            np.concatenate([nothing, *(closes for _, closes in self._spans)]),
            np.concatenate([nothing, *(np.cumsum(ms) - ms for ms in opened)]),
        )
