"""Open hours and business time: when something is open, and for how long it has been.

A `Calendar` is weekly windows in local time, holidays and special days in one IANA zone. It
resolves them date by date into real instants (epoch ms, as in `clock.py`), so that a night of nine
hours has nine hours. Business time is real elapsed time inside open windows, one piecewise-linear function
B(t); elapsed and due times are B and its inverse, vectorised.

Rules of resolution
- A window `a-b` with b <= a crosses midnight; `24:00` is the end of the date. Overlapping and
  touching windows are one window, never counted twice.
- A local edge in a spring gap is the first instant after the gap. In an autumn overlap an opening
  takes the earlier instant, a closing the later one.
- A special day replaces the windows that open on its date, and its date is then no holiday.
- `holiday_scope="civil_day"`: a holiday is closed from local 00:00 to 24:00. `"opening_date"`:
  every window that opens on the holiday is cancelled whole, and no other.

It refuses to know clocks that pause (`elapsed.py`), targets and queues.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import ArrayLike, Bools, Ints
from slasim.clock import DAY, MINUTE
from slasim.sets import among, distinct

__all__ = ["FOREVER", "Calendar", "CalendarProblems", "Holidays", "NeverOpens", "read_weekdays"]

Window = tuple[int, int]
"""Opening and closing in ms after local midnight of the opening date; closing may exceed 24 h."""

FOREVER = int(np.iinfo(np.int64).max)
"""The closing time of a calendar that never closes again."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZERO_YEAR = 2000
_ORDINAL_1970 = date(1970, 1, 1).toordinal()


class NeverOpens(ValueError):
    """The calendar does not open (again, or often enough), so no due time exists."""


class CalendarProblems(ValueError):
    """Everything wrong with a calendar at once: `problems` holds (path inside it, sentence)."""

    def __init__(self, problems: list[tuple[tuple[str, ...], str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{'.'.join(path)}: {text}" for path, text in problems))


@dataclass(frozen=True)
class Holidays:
    """Dates on which the calendar is closed: given dates, and a country's public holidays.

    Public holidays come from the `holidays` package, less the dates in `exceptions`.
    """

    dates: frozenset[date] = frozenset()
    country: str | None = None
    subdivision: str | None = None
    exceptions: frozenset[date] = frozenset()

    def within(self, first_year: int, last_year: int) -> frozenset[date]:
        """All holidays of those years, both included."""
        found = {day for day in self.dates if first_year <= day.year <= last_year}
        if self.country is not None:
            from slasim.public_holidays import public_holidays

            for year in range(first_year, last_year + 1):
                found |= public_holidays(self.country, self.subdivision, year)
        return frozenset(found - self.exceptions)


@dataclass(frozen=True)
class _Resolved:
    """Windows of whole local years as instants: exact for every instant in [since, until]."""

    first_year: int
    last_year: int
    since: int
    until: int
    opens: Ints
    closes: Ints
    opened: Ints
    """Business time at each opening, and at the end: length n + 1."""
    business_days: Ints
    """Local dates (ordinals) on which a window opens and stays open, ascending."""
    day_ends: Ints
    """The last closing of the windows that open on each business day."""


@dataclass(frozen=True)
class Calendar:
    """When something is open. Frozen, hashable, equal by value; windows are resolved on demand.

    Instants are epoch ms; every method with an instant takes and gives int64 arrays of any shape
    (scalars give arrays without dimensions, good for `int()`). Instants outside 1902 to 2197 raise
    ValueError.
    """

    timezone: str
    weekly: tuple[tuple[Window, ...], ...]
    """Seven tuples of windows, Monday first."""
    holidays: Holidays = Holidays()
    special_days: tuple[tuple[date, tuple[Window, ...]], ...] = ()
    holiday_scope: Literal["civil_day", "opening_date"] = "civil_day"
    name: str = ""
    _known: list[_Resolved] = field(
        default_factory=list, init=False, repr=False, compare=False, hash=False
    )

    # -------------------------------------------------------------- making one

    @classmethod
    @lru_cache(maxsize=64)  # one for all, so that its windows are resolved once
    def always(cls, timezone: str = "UTC", name: str = "always") -> Self:
        """Open at every instant."""
        clock.zone(timezone)
        return cls(timezone, weekly=(((0, DAY),),) * 7, name=name)

    @classmethod
    def from_plain(
        cls, plain: Mapping[str, Any], *, timezone: str | None = None, name: str = ""
    ) -> Self:
        """A calendar from what a planner writes.

        `plain` has `weekly` (`{"mon-fri": ["08:00-20:00"], "sat,sun": []}`) and may have `timezone`
        (else the argument's), `holidays` (dates, or `{country, subdivision, dates, except}`),
        `special_days` (`{date: windows}`, an empty list for closed), `holiday_scope` and `name`.
        Raises CalendarProblems with everything that is wrong.
        """
        reading = _Reading()
        for key in plain:
            if key not in _KEYS:
                reading.wrong((str(key),), f"'{key}' is unknown{_near(str(key), _KEYS)}")
        zone_name = plain.get("timezone", timezone)
        if zone_name is None:
            reading.wrong(("timezone",), "A time zone is missing, such as Europe/Bucharest.")
        else:
            reading.attempt(("timezone",), partial(clock.zone, zone_name))
        scope = plain.get("holiday_scope", "civil_day")
        if scope not in ("civil_day", "opening_date"):
            reading.wrong(
                ("holiday_scope",), f"'{scope}' is unknown; it is civil_day or opening_date."
            )
        weekly = reading.weekly(plain.get("weekly"))
        special = reading.special_days(plain.get("special_days"))
        closed = reading.holidays(plain.get("holidays"))
        if reading.problems:
            raise CalendarProblems(reading.problems)
        return cls(str(zone_name), weekly, closed, special, scope, str(plain.get("name", name)))

    # -------------------------------------------------------------- is it open?

    @property
    def always_open(self) -> bool:
        """Is there no instant at which it is closed?"""
        return (
            all(_joined(windows) == ((0, DAY),) for windows in self.weekly)
            and self.holidays == Holidays()
            and not self.special_days
        )

    def windows(self, since: int, until: int, *, clip: bool = True) -> tuple[Ints, Ints]:
        """Openings and closings of the windows that touch [since, until), ascending and disjoint.

        Clipped to [since, until] unless `clip=False`; a window without an edge for more than a
        year is then cut somewhere beyond.
        """
        if until <= since:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        known = self._resolved(since, until)
        touching = slice(
            int(np.searchsorted(known.closes, since, side="right")),
            int(np.searchsorted(known.opens, until, side="left")),
        )
        opens, closes = known.opens[touching], known.closes[touching]
        if clip:
            return np.maximum(opens, since), np.minimum(closes, until)
        return opens.copy(), closes.copy()

    def is_open(self, instants: ArrayLike) -> Bools:
        """Open at each instant? A window holds its opening and not its closing."""
        at = np.asarray(instants, dtype=np.int64)
        known = self._around(at)
        edges = np.searchsorted(known.opens, at, side="right")
        return np.asarray(edges > np.searchsorted(known.closes, at, side="right"))

    def next_opening(self, instants: ArrayLike) -> Ints:
        """Each instant itself when open then, else the next opening. Raises NeverOpens."""
        at = np.asarray(instants, dtype=np.int64)
        known = self._around(at)
        while at.size and (known.closes.size == 0 or int(at.max()) >= int(known.closes[-1])):
            known = self._later(known)
        if at.size == 0:
            return at.copy()
        following = np.searchsorted(known.closes, at, side="right")
        return np.asarray(np.maximum(at, known.opens[following]))

    def closing_after(self, instants: ArrayLike) -> Ints:
        """The first closing after each instant; `FOREVER` where none follows."""
        at = np.asarray(instants, dtype=np.int64)
        if self.always_open:
            return np.full(at.shape, FOREVER, dtype=np.int64)
        known = self._around(at)

        def edges(known: _Resolved) -> Ints:
            return known.closes[known.closes < known.until]

        while at.size and not (edges(known).size and int(at.max()) < int(edges(known)[-1])):
            try:
                known = self._later(known)
            except NeverOpens:
                break
        closes = np.append(edges(known), FOREVER)
        return np.asarray(closes[np.searchsorted(closes, at, side="right")])

    # -------------------------------------------------------------- business time

    def business_time(self, instants: ArrayLike) -> Ints:
        """B(t): business time in ms since local 1 January 2000, 00:00; negative before it."""
        at = np.asarray(instants, dtype=np.int64)
        return _opened_by(self._around(at), at)

    def inverse(self, business_ms: ArrayLike) -> Ints:
        """The earliest instant at which B has each value, maybe a closing. Raises NeverOpens."""
        wanted = np.asarray(business_ms, dtype=np.int64)
        if wanted.size == 0:
            return wanted.copy()
        low, high = int(wanted.min()), int(wanted.max())
        known = self._resolved()
        while high > int(known.opened[-1]):
            known = self._later(known)
        while low <= int(known.opened[0]):
            known = self._earlier(known)
        index = np.searchsorted(known.opened, wanted, side="left") - 1
        return np.asarray(known.opens[index] + (wanted - known.opened[index]))

    def elapsed(self, since: ArrayLike, until: ArrayLike) -> Ints:
        """Business time between instants, B(until) - B(since); negative when `until` is earlier."""
        return np.asarray(self.business_time(until) - self.business_time(since))

    def due(self, start: ArrayLike, target_ms: ArrayLike) -> Ints:
        """The earliest instant at which `target_ms` of business time has elapsed since `start`.

        It may sit on closing time and is never moved to the next opening. Shapes broadcast; a
        target of 0 is due at its start. Raises NeverOpens, and ValueError for a negative target.
        """
        begin, target = np.broadcast_arrays(
            np.asarray(start, dtype=np.int64), np.asarray(target_ms, dtype=np.int64)
        )
        if (target < 0).any():
            raise ValueError("A target is negative; a promise cannot fall due before it starts.")
        if not (target > 0).any():
            return np.array(begin)
        reached = self.inverse(self.business_time(begin) + np.maximum(target, 1))
        return np.where(target > 0, reached, begin)

    # -------------------------------------------------------------- business days

    def day_length(self) -> int:
        """The length of one business day by the wall clock, in ms.

        Raises ValueError when open weekdays differ in length, for then "a day" has no one meaning.
        """
        lengths = {
            sum(close - open_ for open_, close in _joined(windows))
            for windows in self.weekly
            if windows
        }
        if not lengths:
            raise NeverOpens(f"{self._called} has no weekly opening hours, so no business day.")
        if len(lengths) > 1:
            lengths_text = " and ".join(clock.format_duration(ms) for ms in sorted(lengths))
            raise ValueError(
                f"{self._called} has days of {lengths_text}; say what a day means, "
                f"as in day_means: {clock.format_duration(max(lengths)).replace(' ', '')}."
            )
        return lengths.pop()

    def end_of_next_business_day(self, instants: ArrayLike) -> Ints:
        """The last closing of the first business day after each instant's local date.

        A business day is a date on which a window opens and which is no holiday. Raises NeverOpens.
        """
        at = np.asarray(instants, dtype=np.int64)
        return self._end_of_business_day(at, clock.local_labels(at.ravel(), self._zone).ordinal + 1)

    def same_day_if_before(self, instants: ArrayLike, cutoff: str | int) -> Ints:
        """The end of the same business day before local time `cutoff`, else of the next one.

        `cutoff` is text ("16:00") or ms after midnight. A day that is over counts as the next one
        does. Raises NeverOpens, and ValueError for a bad cutoff.
        """
        at = np.asarray(instants, dtype=np.int64)
        limit = clock.parse_time_of_day(cutoff) if isinstance(cutoff, str) else int(cutoff)
        local = clock.local_labels(at.ravel(), self._zone)
        today = local.ordinal
        early = (local.local_ms % DAY < limit) & self._is_business_day(at.ravel(), today)
        ends = self._end_of_business_day(at, np.where(early, today, today + 1))
        late = early.reshape(at.shape) & (ends <= at)
        return np.where(late, self.end_of_next_business_day(at), ends) if late.any() else ends

    def notes(self, since: int, until: int) -> list[str]:
        """Openings in [since, until) that daylight saving leaves shorter than one minute."""
        first, last = clock.local_labels([since, max(since, until - 1)], self._zone).ordinal
        days = np.arange(int(first), int(last) + 1)
        dates, begins, ends, opens, closes = self._daily_windows(days)
        short = (closes - opens < MINUTE) & (ends - begins >= MINUTE)
        return [
            f"{self._called}: the window {date.fromordinal(int(dates[i]))} "
            f"{_print_window((int(begins[i]), int(ends[i])))} is cut to "
            f"{clock.format_duration(int(closes[i] - opens[i]))} by the change to "
            "daylight saving time."
            for i in np.flatnonzero(short)
        ]

    # -------------------------------------------------------------- resolving

    @property
    def _zone(self) -> ZoneInfo:
        return clock.zone(self.timezone)

    @property
    def _called(self) -> str:
        return f"Calendar '{self.name}'" if self.name else "The calendar"

    def _around(self, at: Ints) -> _Resolved:
        return self._resolved(int(at.min()), int(at.max())) if at.size else self._resolved()

    def _resolved(self, since: int | None = None, until: int | None = None) -> _Resolved:
        """Windows resolved at least over [since, until] and the zero of business time."""
        known = self._known[-1] if self._known else None
        if known and (
            since is None or until is None or known.since <= since <= until < known.until
        ):
            return known
        first, last = _ZERO_YEAR, _ZERO_YEAR
        if known:
            first, last = known.first_year, known.last_year
        if since is not None and until is not None:
            first, last = min(first, _year(since) - 1), max(last, _year(until) + 1)
        if first <= clock.FIRST_YEAR or last >= clock.LAST_YEAR - 1:
            raise ValueError(
                "An instant lies outside the years "
                f"{clock.FIRST_YEAR + 2} to {clock.LAST_YEAR - 3}."
            )
        return self._resolve(first, last)

    def _resolve(self, first_year: int, last_year: int) -> _Resolved:
        known = self._resolve_years(first_year, last_year)
        self._known[:] = [known]
        return known

    def _later(self, known: _Resolved) -> _Resolved:
        """Resolve further into the future. Raises NeverOpens when nothing can open there."""
        last = known.last_year
        final = clock.LAST_YEAR - 2
        if not any(self.weekly):
            years = [day.year for day, windows in self.special_days if windows]
            final = min(final, max(years, default=0) + 1)
        if last >= final:
            raise NeverOpens(
                f"{self._called} never opens after {last}, so this has no due time; "
                "give it weekly hours."
                if any(self.weekly) or self.special_days
                else f"{self._called} never opens; give it weekly hours."
            )
        return self._resolve(known.first_year, min(final, last + max(2, last - _ZERO_YEAR)))

    def _earlier(self, known: _Resolved) -> _Resolved:
        first = known.first_year
        if first <= clock.FIRST_YEAR + 1:
            raise NeverOpens(f"{self._called} has no opening that early.")
        step = max(2, _ZERO_YEAR - first)
        return self._resolve(max(clock.FIRST_YEAR + 1, first - step), known.last_year)

    def _resolve_years(self, first_year: int, last_year: int) -> _Resolved:
        begin, end = date(first_year, 1, 1).toordinal(), date(last_year + 1, 1, 1).toordinal()
        days = np.arange(begin - 2, end + 2)
        dates, _, _, opens, closes = self._daily_windows(days)
        closed = self._holiday_spans(first_year - 1, last_year + 1)
        since, until = (int(at) for at in self._midnights(np.array([begin, end])))
        zero = int(self._midnights(np.array([date(_ZERO_YEAR, 1, 1).toordinal()]))[0])

        inside = closes > opens
        joined_opens, joined_closes = _union(opens[inside], closes[inside])
        joined_opens, joined_closes = _without(joined_opens, joined_closes, *closed)
        kept = (joined_closes > since) & (joined_opens < until)
        joined_opens = np.maximum(joined_opens[kept], since)
        joined_closes = np.minimum(joined_closes[kept], until)
        opened = np.concatenate([[0], np.cumsum(joined_closes - joined_opens)]).astype(np.int64)

        workday = inside & ~among(dates, self._holiday_ordinals(first_year - 1, last_year + 1))
        business_days, at = np.unique(dates[workday], return_inverse=True)
        day_ends = np.full(business_days.shape, clock.NEVER, dtype=np.int64)
        np.maximum.at(day_ends, at, _cut_at(opens[workday], closes[workday], closed[0]))
        known = _Resolved(
            first_year, last_year, since, until,
            joined_opens, joined_closes, opened, business_days, day_ends,
        )  # fmt: skip
        shift = _opened_by(known, np.array([zero], dtype=np.int64))[0]
        known.opened[:] -= shift
        return known

    def _daily_windows(self, days: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """One row per window that opens on one of `days` (ordinals), before holidays' civil days.

        (opening date, nominal begin and end in ms after midnight, opening and closing instant).
        """
        special = dict(self.special_days)
        plain = days[~among(days, [day.toordinal() for day in special])]
        if self.holiday_scope == "opening_date" and days.size:
            first, last = (date.fromordinal(int(day)).year for day in (days[0], days[-1]))
            plain = plain[~among(plain, self._holiday_ordinals(first, last))]
        rows = [np.empty((0, 3), dtype=np.int64)]
        for weekday, windows in enumerate(self.weekly):
            dates = plain[(plain - 1) % 7 == weekday]
            rows += [_rows(dates, window) for window in windows]
        for day, windows in self.special_days:
            if days.size and days[0] <= day.toordinal() <= days[-1]:
                dates = np.array([day.toordinal()])
                rows += [_rows(dates, window) for window in windows]
        dates, begins, ends = np.concatenate(rows).T
        midnight = (dates - _ORDINAL_1970) * DAY
        opens, _, _ = clock.resolve_local(midnight + begins, self._zone)
        end_earlier, end_later, _ = clock.resolve_local(midnight + ends, self._zone)
        closes = np.where(
            ends == DAY, end_earlier, end_later
        )  # 24:00 is where the next date begins
        return dates, begins, ends, opens, closes

    def _holiday_ordinals(self, first_year: int, last_year: int) -> Ints:
        special = {day for day, _ in self.special_days}
        dates = self.holidays.within(first_year, last_year) - special
        return np.array(sorted(day.toordinal() for day in dates), dtype=np.int64)

    def _holiday_spans(self, first_year: int, last_year: int) -> tuple[Ints, Ints]:
        """Instants closed by holidays as civil days, joined; none with scope `opening_date`."""
        if self.holiday_scope == "opening_date":
            return np.empty(0, np.int64), np.empty(0, np.int64)
        days = self._holiday_ordinals(first_year, last_year)
        return _union(self._midnights(days), self._midnights(days + 1))

    def _midnights(self, ordinals: Ints) -> Ints:
        """The first instant of each local date."""
        first, _, _ = clock.resolve_local((ordinals - _ORDINAL_1970) * DAY, self._zone)
        return first

    def _is_business_day(self, at: Ints, ordinals: Ints) -> Bools:
        return among(ordinals, self._around(at).business_days)

    def _end_of_business_day(self, at: Ints, ordinals: Ints) -> Ints:
        """The end of the first business day on or after each local date; shaped as `at`."""
        known = self._around(at)
        while ordinals.size and not (
            known.business_days.size and int(ordinals.max()) <= int(known.business_days[-1])
        ):
            known = self._later(known)
        if not ordinals.size:
            return at.copy()
        index = np.searchsorted(known.business_days, ordinals, side="left")
        return known.day_ends[index].reshape(at.shape)


# ------------------------------------------------------------------ intervals


def _opened_by(known: _Resolved, at: Ints) -> Ints:
    """B at instants inside what is resolved."""
    if known.opens.size == 0:
        return np.zeros(at.shape, dtype=np.int64)
    index = np.maximum(np.searchsorted(known.opens, at, side="right") - 1, 0)
    inside = np.clip(at, known.opens[index], known.closes[index]) - known.opens[index]
    return np.asarray(known.opened[index] + inside)


def _union(opens: Ints, closes: Ints) -> tuple[Ints, Ints]:
    """Overlapping and touching intervals joined, ascending."""
    if opens.size == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.argsort(opens, kind="stable")
    opens, reach = opens[order], np.maximum.accumulate(closes[order])
    first = np.flatnonzero(np.concatenate([[True], opens[1:] > reach[:-1]]))
    last = np.append(first[1:], opens.size) - 1
    return opens[first], reach[last]


def _without(opens: Ints, closes: Ints, holes_from: Ints, holes_to: Ints) -> tuple[Ints, Ints]:
    """Joined intervals less joined holes."""
    if opens.size == 0 or holes_from.size == 0:
        return opens, closes
    edges = distinct(np.concatenate([opens, closes, holes_from, holes_to]))
    begins = edges[:-1]
    kept = _covers(opens, closes, begins) & ~_covers(holes_from, holes_to, begins)
    return _union(begins[kept], edges[1:][kept])


def _covers(opens: Ints, closes: Ints, at: Ints) -> Bools:
    return np.asarray(
        np.searchsorted(opens, at, side="right") > np.searchsorted(closes, at, side="right")
    )


def _cut_at(opens: Ints, closes: Ints, cuts: Ints) -> Ints:
    """Each closing, or the first cut after its opening if that comes sooner."""
    following = np.append(cuts, FOREVER)[np.searchsorted(cuts, opens, side="right")]
    return np.asarray(np.minimum(closes, following))


def _rows(dates: Ints, window: Window) -> Ints:
    return np.column_stack(
        [dates, np.full(dates.size, window[0]), np.full(dates.size, window[1])]
    ).astype(np.int64)


def _joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Wall-clock windows of one date, overlapping and touching ones joined."""
    found: list[Window] = []
    for begin, end in sorted(windows):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def _print_window(window: Window) -> str:
    begin, end = window
    shown = end if end <= DAY else end - DAY
    return f"{clock.format_time_of_day(begin)}-{clock.format_time_of_day(shown)}"


def _year(instant: int) -> int:
    return int(np.datetime64(instant, "ms").astype("datetime64[Y]").astype(np.int64)) + 1970


# ------------------------------------------------------------------ what a planner writes

_KEYS = ("timezone", "weekly", "holidays", "special_days", "holiday_scope", "name")
_HOLIDAY_KEYS = ("country", "subdivision", "dates", "except")


T = TypeVar("T")


class _Reading:
    """One pass over plain data that collects every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[tuple[tuple[str, ...], str]] = []

    def wrong(self, path: tuple[str, ...], text: str) -> None:
        self.problems.append((path, text))

    def attempt(self, path: tuple[str, ...], read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValueError as error:
            self.wrong(path, str(error))
            return None

    def weekly(self, plain: object) -> tuple[tuple[Window, ...], ...]:
        week: list[tuple[Window, ...]] = [()] * 7
        if not isinstance(plain, Mapping):
            self.wrong(("weekly",), 'Weekly hours are missing, as in {mon-fri: ["08:00-20:00"]}.')
            return tuple(week)
        set_by: dict[int, str] = {}
        for key, listed in plain.items():
            path = ("weekly", str(key))
            days = self.attempt(path, partial(read_weekdays, str(key)))
            windows = self.windows(path, listed)
            for day in days or ():
                if day in set_by:
                    text = f"{WEEKDAYS[day]} is already set by '{set_by[day]}'; set each day once."
                    self.wrong(path, text)
                    continue
                set_by[day] = str(key)
                week[day] = windows
        return tuple(week)

    def windows(self, path: tuple[str, ...], listed: object) -> tuple[Window, ...]:
        if isinstance(listed, str):
            listed = [listed]
        if not isinstance(listed, (list, tuple)):
            self.wrong(path, f'{listed!r} is no list of windows, as in ["08:00-20:00"].')
            return ()
        found = [self.attempt(path, partial(_read_window, text)) for text in listed]
        return tuple(sorted(window for window in found if window is not None))

    def special_days(self, plain: object) -> tuple[tuple[date, tuple[Window, ...]], ...]:
        if plain is None:
            return ()
        if not isinstance(plain, Mapping):
            self.wrong(("special_days",), 'Write {"2026-12-24": ["09:00-13:00"]}; [] is closed.')
            return ()
        found: dict[date, tuple[Window, ...]] = {}
        for key, listed in plain.items():
            path = ("special_days", str(key))
            day = self.attempt(path, partial(clock.parse_date, key))
            windows = self.windows(path, listed)
            if day is not None:
                found[day] = windows
        return tuple(sorted(found.items()))

    def dates(self, path: tuple[str, ...], listed: object) -> frozenset[date]:
        if listed is None:
            return frozenset()
        if not isinstance(listed, (list, tuple)):
            self.wrong(path, f'{listed!r} is no list of dates, as in ["2026-12-25"].')
            return frozenset()
        read = [self.attempt(path, partial(clock.parse_date, text)) for text in listed]
        return frozenset(day for day in read if day is not None)

    def holidays(self, plain: object) -> Holidays:
        path = ("holidays",)
        if plain is None or isinstance(plain, (list, tuple)):
            return Holidays(self.dates(path, plain))
        if not isinstance(plain, Mapping):
            self.wrong(path, f"{plain!r} is no holidays; write a list of dates or {{country: RO}}.")
            return Holidays()
        for key in plain:
            if key not in _HOLIDAY_KEYS:
                self.wrong((*path, str(key)), f"'{key}' is unknown{_near(str(key), _HOLIDAY_KEYS)}")
        dates = self.dates((*path, "dates"), plain.get("dates"))
        exceptions = self.dates((*path, "except"), plain.get("except"))
        country, subdivision = plain.get("country"), plain.get("subdivision")
        if country is None:
            if subdivision is not None:
                self.wrong((*path, "subdivision"), "A subdivision needs its country.")
            if exceptions:
                self.wrong((*path, "except"), "Exceptions need a country to except from.")
            return Holidays(dates)
        from slasim.public_holidays import known_country, public_holidays

        key = "country" if subdivision is None else "subdivision"
        code = self.attempt((*path, key), partial(known_country, country, subdivision))
        if code is None:
            return Holidays(dates)
        part = None if subdivision is None else str(subdivision)
        for day in sorted(exceptions):
            if day not in public_holidays(code, part, day.year):
                self.wrong((*path, "except"), f"{day} is no public holiday of {part or code}.")
        return Holidays(dates, code, part, exceptions)


def read_weekdays(text: str) -> list[int]:
    """`mon-fri`, `sat`, `mon,wed`, `fri-mon`. Raises ValueError."""
    found: list[int] = []
    for part in text.lower().replace("\N{EN DASH}", "-").split(","):
        names = [name.strip() for name in part.split("-")]
        days = [_read_weekday(name, text) for name in names]
        if len(days) > 2:
            raise ValueError(f"'{text}' is no range of weekdays; write mon-fri.")
        count = (days[-1] - days[0]) % 7 + 1
        found += [(days[0] + step) % 7 for step in range(count)]
    return found


def _read_weekday(name: str, text: str) -> int:
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    if name in _FULL:
        return _FULL.index(name)
    raise ValueError(f"'{text}' is no weekday; write {', '.join(WEEKDAYS)}, mon-fri or sat,sun.")


def _read_window(text: object) -> Window:
    """`08:00-20:00`; `22:00-06:00` crosses midnight. Raises ValueError."""
    parts = text.replace("\N{EN DASH}", "-").split("-") if isinstance(text, str) else []
    if len(parts) != 2:
        raise ValueError(f"'{text}' is no window; write it as 08:00-20:00 (and [] for closed).")
    begin, end = (clock.parse_time_of_day(part) for part in parts)
    if begin == DAY:
        raise ValueError(f"'{text}' opens at 24:00; write 00:00 of the next day.")
    return (begin, end if end > begin else end + DAY)


def _near(word: str, known: Iterable[str]) -> str:
    names = tuple(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(names)}."
