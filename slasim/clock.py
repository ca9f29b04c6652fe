"""Reading and printing time: the only file that turns text into instants or durations, or back.

Inside slasim every duration and every instant is an integer count of milliseconds. An instant here
is an *epoch* instant: milliseconds since 1970-01-01 00:00 UTC. Local wall-clock time exists only as
text, as `datetime` without zone, or as "local milliseconds" (the wall clock read as if it were
UTC).

This file knows zones and their daylight-saving changes. It refuses to know opening hours, holidays
and business time (`calendars.py`), and never reads the machine's own clock or zone.

Every refusal is a `ValueError` whose text is a whole sentence for a planner: what was found, and
what would do.
"""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite, isnan
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from slasim.arrays import ArrayLike, Bools, Ints, NDArray

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "NEVER",
    "SECOND",
    "LocalTimes",
    "epoch_ms",
    "format_duration",
    "format_instant",
    "format_time_of_day",
    "local_instants",
    "local_labels",
    "offsets_at",
    "parse_date",
    "parse_duration",
    "parse_instant",
    "parse_local_datetime",
    "parse_time_of_day",
    "resolve_local",
    "to_epoch_ms",
    "zone",
]


SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = int(np.iinfo(np.int64).min)
"""What stands in an array of instants where a row could not be read."""

FIRST_YEAR, LAST_YEAR = 1900, 2200
_LONGEST = 200 * 366 * DAY
_EPOCH = datetime(1970, 1, 1)
_ORDINAL_1970 = date(1970, 1, 1).toordinal()

# ------------------------------------------------------------------ durations

_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR}
_PIECE = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([^\W\d_]*)\s*")
_USE_UNITS = "units are ms, s, min (or m) and h"


def parse_duration(
    text: str | float, *, days: bool = False, day_means_ms: int | None = None
) -> int:
    """Read `30s`, `1.5h`, `2h30m`, `90 s`, `250ms` as milliseconds, rounded half up.

    A bare number has no unit and is refused, except 0. `d` is 24 hours with `days=True`, a business
    day of `day_means_ms` when that is given, and refused otherwise (only `0d` needs no such word).
    Raises ValueError.

    >>> parse_duration("2h30m")
    9000000
    >>> parse_duration("1d", day_means_ms=8 * HOUR)
    28800000
    """
    if not isinstance(text, str):
        return _bare_number(text)
    found = text.strip()
    if found.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError(f"'{found}' is negative; a duration cannot be.")
    if not found:
        raise ValueError("A duration is missing; write for example 30s, 5min or 2h.")
    total = Decimal(0)
    last_unit = _LONGEST
    place = 0
    while place < len(found):
        piece = _PIECE.match(found, place)
        if piece is None or "," in found:
            hint = " (with a decimal point, not a comma)" if "," in found else ""
            raise ValueError(f"'{found}' is not a duration; write for example 30s or 2h30m{hint}.")
        number, unit = Decimal(piece[1]), piece[2].lower()
        if not unit:
            if number == 0 and piece.end() == len(found) and place == 0:
                return 0
            after = "" if found == piece[1] else f" after {piece[1]}"
            raise ValueError(
                f"'{found}' has no unit{after}; write {piece[1]}s, {piece[1]}min or {piece[1]}h."
            )
        size = _unit_size(unit, number, found, days, day_means_ms)
        if size >= last_unit:
            raise ValueError(f"'{found}' mixes its units; write the largest first, as in 2h30m.")
        total += number * size
        last_unit = size
        place = piece.end()
    if total > _LONGEST:
        raise ValueError(f"'{found}' is longer than 200 years.")
    result = int(total.to_integral_value(rounding=ROUND_HALF_UP))
    if result == 0 and total > 0:
        raise ValueError(f"'{found}' is shorter than one millisecond, the finest time there is.")
    return result


def _bare_number(number: object) -> int:
    """0, or the reason why any other bare value is no duration."""
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not isfinite(number):
        sentence = f"{number!r} is not a duration; write for example 30s, 5min or 2h."
    elif number == 0:
        return 0
    elif number < 0:
        sentence = f"{number:g} is negative; a duration cannot be."
    else:
        sentence = f"{number:g} has no unit; write {number:g}s, {number:g}min or {number:g}h."
    raise ValueError(sentence)


def _unit_size(unit: str, number: Decimal, found: str, days: bool, day_means_ms: int | None) -> int:
    if unit in _UNITS:
        return _UNITS[unit]
    if unit == "d":
        if day_means_ms is not None:
            return day_means_ms
        if days or number == 0:
            return DAY
        raise ValueError(
            f"'{found}' does not say what a day is: 24 hours or one business day? "
            "Write it in hours, or say day_means where the setting allows it."
        )
    near = {"sec": "s", "hr": "h", "hour": "h", "minute": "min", "day": "d", "second": "s"}
    word = unit.removesuffix("s")
    meant = near.get(word) or ("min" if word.startswith("min") else None)
    hint = f" Did you mean {meant}?" if meant else ""
    raise ValueError(f"'{found}' has the unknown unit '{unit}'; {_USE_UNITS}.{hint}")


def format_duration(ms: float, *, day_means_ms: int | None = None) -> str:
    """Print a duration by its two largest units: `30 s`, `4 min 20 s`, `2 h 30 min`, `250 ms`.

    Rounded to what is shown; a minus sign is kept, for differences. Days appear only when
    `day_means_ms` says how long one is.
    """
    if isnan(ms):
        return "-"
    if ms < 0:
        text = format_duration(-ms, day_means_ms=day_means_ms)
        return text if text.startswith("0 ") else f"-{text}"
    if day_means_ms and ms >= day_means_ms:
        whole = round(ms / MINUTE) if day_means_ms < 10 * HOUR else round(ms / HOUR) * 60
        count, rest = divmod(whole * MINUTE, day_means_ms)
        return f"{count} d" + (f" {format_duration(rest)}" if rest else "")
    if round(ms) < SECOND:
        return f"{round(ms)} ms" if round(ms) else "0 s"
    tenths = round(ms / 100)
    if tenths < 100 and tenths % 10:
        return f"{tenths / 10:.1f} s"
    seconds = round(ms / SECOND)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return _two(seconds, 60, "min", "s")
    return _two(round(ms / MINUTE), 60, "h", "min")


def _two(amount: int, base: int, large: str, small: str) -> str:
    high, low = divmod(amount, base)
    if large == "min" and high == base:
        return "1 h"
    return f"{high} {large}" + (f" {low} {small}" if low else "")


# ------------------------------------------------------------------ dates and times of day

_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s?(Z|z|[+-]\d\d(?::?\d\d)?)?)?"
)


def parse_time_of_day(text: str) -> int:
    """Read `08:30`, `8:00` or `17:45:30` as milliseconds after local midnight.

    `24:00` is the end of the day. Raises ValueError.
    """
    match = _TIME_OF_DAY.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"'{text}' is not a time of day; write it as 08:30 (in quotes, 24-hour).")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    ms = hour * HOUR + minute * MINUTE + second * SECOND
    if minute > 59 or second > 59 or ms > DAY:
        raise ValueError(f"'{text}' is not a time of day; times run from 00:00 to 24:00.")
    return ms


def format_time_of_day(ms: int) -> str:
    """Print milliseconds after midnight as `08:30`, with seconds only where there are some."""
    minutes, rest = divmod(int(ms), MINUTE)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest // SECOND:02d}" if rest else text


def parse_date(text: str | date) -> date:
    """Read `2026-03-09`; a `date` (as YAML gives it) passes through. Raises ValueError."""
    if isinstance(text, datetime):
        if text.time() != datetime.min.time():
            raise ValueError(f"'{text}' has a time of day; only a date, as 2026-03-09, will do.")
        return _known_year(text.date())
    if isinstance(text, date):
        return _known_year(text)
    found = text.strip() if isinstance(text, str) else text
    if not isinstance(found, str) or not _DATE.fullmatch(found):
        raise ValueError(f"'{text}' is not a date; write it as 2026-03-09 (year-month-day).")
    try:
        return _known_year(date.fromisoformat(found))
    except ValueError as error:
        raise ValueError(_no_such(found, error)) from None


def parse_local_datetime(text: str | date) -> datetime:
    """Read a local date or date-time, `2026-03-02` or `2026-03-02 08:30`, as a naive datetime.

    A `date` or naive `datetime` passes through. An offset is refused: this place takes local time.
    Raises ValueError.
    """
    if isinstance(text, datetime):
        moment = text
    elif isinstance(text, date):
        moment = datetime(text.year, text.month, text.day)
    else:
        moment = _read_moment(text)
    if moment.tzinfo is not None:
        raise ValueError(f"'{text}' has a UTC offset; write the local time without it.")
    _known_year(moment.date())
    return moment


def parse_instant(text: str | date, where: ZoneInfo) -> int:
    """Read a date-time as epoch ms: with an offset or Z as it stands, without one as local time.

    A date alone is its first instant. Raises ValueError, also for a local time that daylight saving skips.
    """
    moment = _read_moment(text) if isinstance(text, str) else text
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        _known_year(moment.date())
        return epoch_ms(moment)
    is_date = not isinstance(moment, datetime) or (isinstance(text, str) and ":" not in text)
    return to_epoch_ms(parse_local_datetime(moment), where, gap="after" if is_date else "refuse")


def _read_moment(text: str) -> datetime:
    found = text.strip() if isinstance(text, str) else ""
    if not _INSTANT.fullmatch(found):
        raise ValueError(
            f"'{text}' is not a date-time; "
            "write it as 2026-03-02 08:30 (year-month-day hour:minute)."
        )
    try:
        return datetime.fromisoformat(
            found.replace(" +", "+").replace(" -", "-").replace(" Z", "Z")
        )
    except ValueError as error:
        raise ValueError(_no_such(found, error)) from None


def _no_such(found: str, error: ValueError) -> str:
    reason = str(error)
    if reason.startswith("Years"):
        return reason
    return f"'{found}' does not exist: {reason}."


def _known_year(day: date) -> date:
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise ValueError(
            f"Years run from {FIRST_YEAR} to {LAST_YEAR - 1}; {day.isoformat()} looks mistyped."
        )
    return day


# ------------------------------------------------------------------ zones


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises ValueError, with the nearest names."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        pass
    names = sorted(zoneinfo.available_timezones())
    by_lower = {known.lower(): known for known in names}
    asked = str(name).strip().lower().replace(" ", "_")
    near = difflib.get_close_matches(asked, by_lower, n=3, cutoff=0.7)
    city = [low for low in by_lower if low.rsplit("/", 1)[-1] == asked.rsplit("/", 1)[-1]]
    meant = list(dict.fromkeys(by_lower[low] for low in [*city[:1], *near]))[:3]
    hint = f"did you mean {' or '.join(meant)}?" if meant else "write it as Europe/Bucharest."
    raise ValueError(f"Unknown time zone '{name}'; {hint}")


@lru_cache(maxsize=4096)
def _changes(where: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Every change of UTC offset in a UTC year: (epoch ms, offset ms from then on)."""
    found: list[tuple[int, int]] = []
    moment, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    before = _offset(where, moment)
    while moment < end:
        # No zone has changed forth and back within a week; where a week differs, look day by day.
        step = timedelta(days=7)
        if _offset(where, min(moment + step, end)) != before:
            step = timedelta(days=1)
        low, high = moment, min(moment + step, end)
        after = _offset(where, high)
        if after != before:
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                if _offset(where, middle) == before:
                    low = middle
                else:
                    high = middle
            found.append((epoch_ms(high), after))
            before = after
        moment = min(moment + step, end)
    return tuple(found)


def _offset(where: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(where).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


@lru_cache(maxsize=512)
def _segments(where: ZoneInfo, first_year: int, last_year: int) -> tuple[Ints, Ints]:
    """(change instants, offsets): offsets[i] holds from changes[i-1] up to changes[i]."""
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    changes = [c for year in range(first_year, last_year + 1) for c in _changes(where, year)]
    instants = np.array([instant for instant, _ in changes], dtype=np.int64)
    offsets = np.array([_offset(where, start), *(o for _, o in changes)], dtype=np.int64)
    return instants, offsets


def _segments_for(where: ZoneInfo, ms: Ints) -> tuple[Ints, Ints]:
    low, high = np.array([ms.min(), ms.max()]).astype("datetime64[ms]").astype("datetime64[Y]")
    first, last = int(low.astype(np.int64)) + 1970, int(high.astype(np.int64)) + 1970
    if first < FIRST_YEAR - 1 or last > LAST_YEAR:
        raise ValueError(
            f"Years run from {FIRST_YEAR} to {LAST_YEAR - 1}; found {first} to {last}."
        )
    return _segments(where, first - 1, last + 1)


def offsets_at(instants: ArrayLike, where: ZoneInfo) -> Ints:
    """The UTC offset in ms (east positive) in force at each epoch instant; same shape."""
    ms = np.asarray(instants, dtype=np.int64)
    if ms.size == 0:
        return ms.copy()
    changes, offsets = _segments_for(where, ms)
    return offsets[np.searchsorted(changes, ms, side="right")]


NORMAL, REPEATED, SKIPPED = 0, 1, 2


def resolve_local(local_ms: ArrayLike, where: ZoneInfo) -> tuple[Ints, Ints, NDArray[np.int8]]:
    """Turn local milliseconds (the wall clock read as UTC) into (earlier, later, kind), same shape.

    `kind` is NORMAL (earlier equals later), REPEATED (an autumn hour: both passes), or SKIPPED
    (a spring hour: both are the first instant after the gap).
    """
    local = np.asarray(local_ms, dtype=np.int64)
    if local.size == 0:
        return local.copy(), local.copy(), np.zeros(local.shape, np.int8)
    changes, offsets = _segments_for(where, local)
    # A stretch of one offset covers the local times [starts[i], ends[i]).
    starts, ends = changes + offsets[1:], changes + offsets[:-1]
    first = np.searchsorted(ends, local, side="right")
    last = np.searchsorted(starts, local, side="right")
    kind = np.where(first < last, REPEATED, np.where(first > last, SKIPPED, NORMAL)).astype(np.int8)
    earlier, later = local - offsets[first], local - offsets[last]
    skipped = kind == SKIPPED
    if skipped.any():
        after_gap = changes[first[skipped] - 1]
        earlier[skipped] = after_gap
        later[skipped] = after_gap
    return earlier, later, kind


def epoch_ms(moment: datetime) -> int:
    """Epoch ms of a datetime with an offset; a naive one gives local milliseconds."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_epoch_ms(
    local: datetime,
    where: ZoneInfo,
    *,
    gap: Literal["refuse", "after"] = "refuse",
    overlap: Literal["earlier", "later"] = "earlier",
) -> int:
    """Epoch ms of a naive local date-time.

    In a spring gap: refused with the reason (`gap="refuse"`), or the first instant after the gap
    (`gap="after"`). In an autumn overlap: the earlier pass, or the later. Raises ValueError.
    """
    if local.tzinfo is not None:
        raise ValueError(f"'{local}' has a UTC offset; write the local time without it.")
    earlier, later, kind = resolve_local([epoch_ms(local)], where)
    if kind[0] == SKIPPED and gap == "refuse":
        raise ValueError(_skipped(local.isoformat(" ", "minutes"), where, int(earlier[0])))
    return int(earlier[0] if overlap == "earlier" else later[0])


def _skipped(text: str, where: ZoneInfo, after_gap: int) -> str:
    change = format_instant(after_gap, where)
    return f"{text} does not exist in {where.key}: the clock jumps forward to {change} there."


def format_instant(ms: int, where: ZoneInfo, *, style: Literal["plain", "iso"] = "plain") -> str:
    """Print an epoch instant as local time: `2026-03-02 08:30` (seconds and ms only if not zero).

    In an autumn hour that comes twice the offset is added. `style="iso"` always gives it:
    `2026-03-02T08:30:00+02:00`.
    """
    moment = (_EPOCH.replace(tzinfo=UTC) + timedelta(milliseconds=int(ms))).astimezone(where)
    if style == "iso":
        return moment.isoformat("T", "milliseconds" if ms % SECOND else "seconds")
    twice = moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()
    precision = "milliseconds" if ms % SECOND else "seconds" if ms % MINUTE else "minutes"
    return (moment if twice else moment.replace(tzinfo=None)).isoformat(" ", precision)


# ------------------------------------------------------------------ columns of time


def local_instants(
    texts: Sequence[str], where: ZoneInfo, keys: Sequence[object] | None = None
) -> tuple[Ints, list[tuple[int, str]]]:
    """Read a column of date-times as epoch ms, with (row, sentence) for each row that cannot be.

    Rows with an offset or `Z` are taken as they stand, the others as local time of `where`; one
    column may not mix the two. In an autumn hour that comes twice, a time already used or already
    passed is the second pass; `keys` (a queue name per row) keeps the order of several series in
    one file apart. A time that spring skips is a problem. Rows with a problem hold `NEVER`.
    """
    read: dict[str, tuple[int, bool] | str] = {}
    values = np.full(len(texts), NEVER, dtype=np.int64)
    is_local = np.zeros(len(texts), dtype=bool)
    problems: list[tuple[int, str]] = []
    style: bool | None = None
    mixed = False
    for row, text in enumerate(texts):
        found = read.get(text)
        if found is None:
            found = read[text] = _read_column_text(text)
        if isinstance(found, str):
            problems.append((row, found))
            continue
        values[row], is_local[row] = found
        style = found[1] if style is None else style
        if found[1] is not style and not mixed:
            mixed = True
            here, above = ("lacks", "have one") if found[1] else ("has", "have none")
            sentence = f"'{text}' {here} a UTC offset and rows above {above}; write all rows alike."
            problems.append((row, sentence))
    rows = np.flatnonzero(is_local)
    if rows.size:
        earlier, later, kind = resolve_local(values[rows], where)
        local = values[rows]
        values[rows] = earlier
        for index in np.flatnonzero(kind == SKIPPED):
            row = int(rows[index])
            problems.append((row, _skipped(f"'{texts[row]}'", where, int(earlier[index]))))
            values[row] = NEVER
        if (kind == REPEATED).any():
            names = [None] * rows.size if keys is None else [keys[int(row)] for row in rows]
            values[rows] = _choose_passes(local, values[rows], later, kind == REPEATED, names)
    return values, sorted(problems)


def _read_column_text(text: str) -> tuple[int, bool] | str:
    """(ms, is it local?) or what is wrong with it."""
    try:
        moment = _read_moment(text)
        _known_year(moment.date())
    except ValueError as error:
        return str(error)
    return epoch_ms(moment), moment.tzinfo is None


def _choose_passes(
    local: Ints,
    earlier: Ints,
    later: Ints,
    repeated: Bools,
    names: Sequence[object],
) -> Ints:
    """For repeated local times, the pass that the order of the rows (per name) tells."""
    chosen = earlier.copy()
    rows_of: dict[object, list[int]] = {}
    for row, name in enumerate(names):
        rows_of.setdefault(name, []).append(row)
    for rows in rows_of.values():
        if not repeated[rows].any():
            continue
        if local[rows[0]] > local[rows[-1]]:
            rows.reverse()
        used: set[int] = set()
        previous = NEVER
        for row in rows:
            first = int(earlier[row])
            if repeated[row]:
                second = int(later[row])
                if first in used or first <= previous < second:
                    chosen[row] = second
                used.add(int(chosen[row]))
            if first != NEVER:
                previous = int(chosen[row])
    return chosen


@dataclass(frozen=True)
class LocalTimes:
    """What the wall clock shows at each of n instants (arrays of length n)."""

    local_ms: Ints
    """The wall clock read as if it were UTC, in ms."""
    offset_ms: Ints
    """UTC offset in force, east positive."""
    second_pass: Bools
    """True in the second pass of an autumn hour that comes twice."""

    @property
    def ordinal(self) -> Ints:
        """Local date as `date.toordinal()` numbers it."""
        return self.local_ms // DAY + _ORDINAL_1970

    @property
    def weekday(self) -> Ints:
        """0 for Monday to 6 for Sunday."""
        return (self.ordinal - 1) % 7

    @property
    def minute_of_day(self) -> Ints:
        """Whole minutes since local midnight, 0 to 1439."""
        return self.local_ms % DAY // MINUTE

    @property
    def text(self) -> NDArray[np.str_]:
        """`2026-03-02 08:30` for each; both passes of a repeated hour read the same."""
        return self._printed(16)

    @property
    def date(self) -> NDArray[np.str_]:
        """`2026-03-02` for each."""
        return self._printed(10)

    @property
    def time(self) -> NDArray[np.str_]:
        """`08:30` for each."""
        minutes, inverse = np.unique(self.minute_of_day, return_inverse=True)
        printed = np.array([format_time_of_day(int(m) * MINUTE) for m in minutes], dtype="<U5")
        return printed[inverse]

    def _printed(self, letters: int) -> NDArray[np.str_]:
        printed = np.datetime_as_string(self.local_ms.astype("datetime64[ms]"), unit="m")
        if letters == 16:
            printed = np.strings.replace(printed, "T", " ")
        return printed.astype(f"<U{letters}")


def local_labels(instants: ArrayLike, where: ZoneInfo) -> LocalTimes:
    """What the wall clock of `where` shows at each epoch instant (1-D array of ms)."""
    ms = np.atleast_1d(np.asarray(instants, dtype=np.int64))
    offsets = offsets_at(ms, where)
    local = ms + offsets
    earlier, _, kind = resolve_local(local, where)
    return LocalTimes(local, offsets, (kind == REPEATED) & (ms != earlier))
