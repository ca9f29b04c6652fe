"""Numbers as a planner reads them: percent, seconds, ranges, counts; and text in columns.

Percentages carry no decimals except close to 0 and 100, where one more digit is the news. This file knows neither
scenarios nor results.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence

from slasim.clock import MINUTE, format_duration

WIDTH = 100
"""Columns of a screen."""

PLURAL = {
    "interval": "intervals", "day": "days", "week": "weeks", "month": "months", "run": "runs",
    "horizon": "runs",
}  # fmt: skip
FORMULAS = {
    "negative": "of offered", "exclude_short": "short hang-ups left out",
    "exclude_abandoned_within": "hang-ups inside the time left out",
    "positive": "hang-ups inside the time as met", "short_positive": "short hang-ups as met",
    "answered_only": "of answered only",
}  # fmt: skip
"""The service level formulas in few words."""
PERIOD_WORD = {"horizon": "run", "interval": "interval"}
"""A period in the singular, where it is called otherwise."""


def percent(share: float | None) -> str:
    """`57 %`; `99.6 %` and `0.3 %` near the ends; `-` for nothing to judge.

    >>> percent(0.5712), percent(0.9962), percent(0.99999), percent(1.0), percent(float("nan"))
    ('57 %', '99.6 %', '>99.9 %', '100 %', '-')
    """
    return "-" if share is None or math.isnan(share) else f"{_points(share)} %"


def _points(share: float) -> str:
    points = 100 * share
    if 0 < points < 0.05:
        return "<0.1"
    if 99.95 <= points < 100:
        return ">99.9"
    if 0 < points < 0.95 or 99 < points < 100:
        return f"{points:.1f}"
    return f"{points:.0f}"


def seconds(ms: float | None) -> str:
    """`4.2 s`, `45 s`, `193 s`, `22 min`, `16 h 6 min`; `-` for nothing to judge.

    >>> seconds(4210), seconds(193_400), seconds(1_320_000), seconds(57_960_000)
    ('4.2 s', '193 s', '22 min', '16 h 6 min')
    """
    if ms is None or math.isnan(ms):
        return "-"
    if ms == 0:
        return "0 s"
    return _long(ms) if abs(ms) >= _IN_HOURS else " ".join(_time(ms, ms))


_IN_MINUTES, _IN_HOURS = 600_000, 3_600_000
"""ms from which a time is told in minutes, and in hours and minutes."""


def _long(ms: float) -> str:
    return format_duration(round(ms / MINUTE) * MINUTE)


def _time(ms: float, like: float) -> tuple[str, str]:
    """(digits, unit) with the unit and digits that `like` deserves."""
    if abs(like) >= _IN_MINUTES:
        return f"{ms / 60_000:.0f}", "min"
    return f"{ms / 1000:.{1 if abs(like) < 10_000 else 0}f}", "s"


def spoken(value: float | None, unit: str) -> str:
    """A share, a time (ms) or a plain number."""
    if unit == "number":
        return "-" if value is None or math.isnan(value) else f"{value:.2f}"
    return percent(value) if unit == "share" else seconds(value)


def ranged(value: float, low: float | None, high: float | None, unit: str) -> str:
    """The value with its range: `57 % (56-58)`, `45 s (42-49)`; the value alone where no range is known.

    A share gets one decimal where its range would else have no width.
    """
    said = spoken(value, unit)
    if low is None or high is None or math.isnan(value) or math.isnan(low) or math.isnan(high):
        return said
    if unit == "share":
        if _points(low) == _points(high) and low > 0.01 and high < 0.99:
            return f"{100 * value:.1f} % ({100 * low:.1f}-{100 * high:.1f})"
        until = " to " if _points(high).startswith(">") else "-"
        return f"{said} ({_points(low)}{until}{_points(high)})"
    if unit == "number":
        return f"{said} ({low:.2f}-{high:.2f})"
    if abs(value) >= _IN_HOURS:
        return f"{said} ({_long(low)} to {_long(high)})"
    return f"{said} ({_time(low, value)[0]}-{_time(high, value)[0]})"


def points(difference: float, low: float | None = None, high: float | None = None) -> str:
    """A difference of shares in points: `-7.1 (-7.5 to -6.7) points`."""
    if math.isnan(difference):
        return "-"
    said = _signed(100 * difference, 1)
    if low is None or high is None:
        return f"{said} points"
    return f"{said} points ({_signed(100 * low, 1)} to {_signed(100 * high, 1)})"


def seconds_apart(difference: float, low: float | None = None, high: float | None = None) -> str:
    """A difference of times (ms): `+3.1 s (+2.8 to +3.4)`; long ones in hours and minutes.

    >>> seconds_apart(3100, 2800, 3400), seconds_apart(-3_960_000, -4_800_000, 600_000)
    ('+3.1 s (+2.8 to +3.4)', '-1 h 6 min (-1 h 20 min to +10 min)')
    """
    if math.isnan(difference):
        return "-"
    if abs(difference) >= _IN_MINUTES:
        said = _signed_long(difference)
        ends = (
            "" if low is None or high is None else f" ({_signed_long(low)} to {_signed_long(high)})"
        )
        return said + ends
    said = _signed(difference / 1000, 1)
    if low is None or high is None:
        return f"{said} s"
    return f"{said} s ({_signed(low / 1000, 1)} to {_signed(high / 1000, 1)})"


def _signed_long(ms: float) -> str:
    said = _long(ms)
    return said if said.startswith(("-", "0 ")) else f"+{said}"


def numbers_apart(difference: float, low: float | None = None, high: float | None = None) -> str:
    """A difference of plain numbers: `+0.12 (+0.10 to +0.14)`."""
    if math.isnan(difference):
        return "-"
    said = _signed(difference, 2)
    if low is None or high is None:
        return said
    return f"{said} ({_signed(low, 2)} to {_signed(high, 2)})"


def formula_words(name: str) -> str:
    """`of answered only` for answered_only; a formula of somebody else by its name."""
    return FORMULAS.get(name, name.replace("_", " "))


def apart(
    difference: float, low: float | None = None, high: float | None = None, *, unit: str
) -> str:
    """A difference of shares, times (ms) or plain numbers."""
    write = {"share": points, "time": seconds_apart}.get(unit, numbers_apart)
    return write(difference, low, high)


def _signed(x: float, digits: int) -> str:
    said = f"{x:+.{digits}f}"
    return said.lstrip("+-") if float(said) == 0 else said


def count(number: float) -> str:
    """`31,125`; a decimal below 10 that is not whole."""
    if math.isnan(number):
        return "-"
    return f"{number:,.1f}" if abs(number) < 10 and number != round(number) else f"{number:,.0f}"


def of_hundred(share: float) -> int:
    """Rounded, but 100 only for all and 0 only for none."""
    return min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)


def headline(command: str, *parts: str) -> str:
    """`slasim check   City hotline · 7 days`; the name is cut where it does not fit."""
    name, *rest = [part for part in parts if part]
    start, end = f"slasim {command}   ", "".join(f" · {part}" for part in rest)
    return shortened(start + shortened(name, max(20, WIDTH - len(start) - len(end))) + end)


def shortened(text: str, width: int = WIDTH) -> str:
    """At most so wide, the rest left out visibly."""
    return text if len(text) <= width else text[: width - 1] + "…"


_UNIT = re.compile(r"(?<=\d) (?=(?:%|s|min|h|ms|points)\b|%)")
_JOINT = "\N{WORD JOINER}"


def wrapped(text: str, indent: int = 0, first: int = 0) -> list[str]:
    """Lines of at most WIDTH; names and paths are never broken, nor a number from its unit."""
    lines = textwrap.wrap(
        _UNIT.sub(_JOINT, text), WIDTH, initial_indent=" " * first, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace(_JOINT, " ") for line in lines]


def aligned(
    rows: Sequence[Sequence[str]], *, left: Iterable[int] = (0,), gap: int = 2, indent: int = 0
) -> list[str]:
    """Rows in columns: those of ``left`` flush left, the others flush right; no blanks at line ends."""
    if not rows:
        return []
    flush = set(left)
    wide = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(wide[c]) if c in flush else cell.rjust(wide[c]) for c, cell in enumerate(row)
        ]
        lines.append((" " * indent + (" " * gap).join(cells)).rstrip())
    return lines
