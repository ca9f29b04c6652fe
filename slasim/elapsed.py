"""How a clock adds up, pauses and falls due: integers on business time B(t), nothing else.

A clock runs in *stretches*. Stretch k began at business time ``since[k]`` when ``counted[k]`` ms had been
counted before it; ``total`` is what all closed stretches have counted. While the clock runs, the last stretch is open.
B(t) and its inverse are `calendars.py`; which events begin and end a stretch is `sla/ticket_clock.py`.

Every function is plain Python over integers and integer arrays, so that a compiled loop can take it in as it is
(``slasim.compiling``, or numba's ``register_jitable``).

An instant is compared with a due time without looking up the calendar: a due position b stands for the earliest
instant at which B is b. Instant t lies after it when B(t) > b, or when B(t) = b and t is not the earliest instant
with that B (the doors were shut just before t). ``first`` tells that: B(t - 1) < B(t).

What steers a queue needs instants: ``position``, ``instant_of`` and ``due`` go to and fro by the windows of a
calendar, settled beforehand. ``window_first (K+1,)`` says which windows are calendar k's, ``window_open`` and
``window_close (W,)`` when they are open, ``[open, close)``, ascending, ``window_before (W,)`` how much the earlier
ones of k counted.
"""

from __future__ import annotations

from typing import Any

UNDEFINED = -(1 << 60)
"""A due time that does not exist: no target, or a paused clock that has not reached it."""

NEVER = 1 << 60
"""An instant that does not come inside a calendar's windows; a target that is none."""


def spent(total: int, running: bool, since: int, now: int) -> int:
    """Business time counted by position ``now``; ``since`` is where the open stretch began.

    >>> spent(30, True, 100, 150), spent(30, False, 100, 150)
    (80, 30)
    """
    if running:
        return total + now - since
    return total


def due_position(
    since: Any, counted: Any, stretches: int, running: bool, total: int, target: int
) -> int:
    """Where the count reaches ``target`` (> 0): in the past, or projected while running, else UNDEFINED.

    ``since`` and ``counted`` (n,) hold the stretches, ascending; of a running clock the last is open.

    >>> due_position([0, 50], [0, 20], 2, True, 20, 30), due_position([0], [0], 1, False, 20, 30)
    (60, -1152921504606846976)
    """
    if not running and total < target:
        return UNDEFINED
    k = stretches - 1
    while k > 0 and counted[k] >= target:
        k -= 1
    if k < 0:
        return UNDEFINED
    due: int = since[k] + target - counted[k]
    return due


def is_past(now: int, first: bool, due: int) -> bool:
    """Is the instant at position ``now`` later than the due position? At the due instant it is not.

    >>> is_past(10, True, 10), is_past(10, False, 10), is_past(11, True, 10)
    (False, True, True)
    """
    return now > due or (now == due and not first)


def remaining(target: int, counted: int) -> int:
    """Business time left; negative when the target is exceeded."""
    return target - counted


# ------------------------------------------------------------------ by the windows of a calendar


def window_of(t: int, k: int, window_first: Any, window_open: Any) -> int:
    """The last window of calendar ``k`` that had opened by instant ``t``; window_first[k] - 1 if none had.

    >>> window_of(30, 0, [0, 2], [10, 40]), window_of(40, 0, [0, 2], [10, 40]), window_of(9, 0, [0, 2], [10, 40])
    (0, 1, -1)
    """
    low = window_first[k]
    high = window_first[k + 1]
    while low < high:
        middle = (low + high) >> 1
        if window_open[middle] <= t:
            low = middle + 1
        else:
            high = middle
    found: int = low - 1
    return found


def is_open(t: int, k: int, window_first: Any, window_open: Any, window_close: Any) -> bool:
    """Whether instant ``t`` lies in a window of calendar ``k``; a window's close does not.

    >>> [is_open(t, 0, [0, 1], [10], [20]) for t in (9, 10, 19, 20)]
    [False, True, True, False]
    """
    w = window_of(t, k, window_first, window_open)
    if w < window_first[k]:
        return False
    inside: bool = t < window_close[w]
    return inside


def position(
    t: int, k: int, window_first: Any, window_open: Any, window_close: Any, window_before: Any
) -> int:
    """B(t) of calendar ``k``: business ms from its first window to instant ``t``.

    >>> [position(t, 0, [0, 2], [10, 40], [20, 60], [0, 10]) for t in (5, 13, 30, 45, 99)]
    [0, 3, 10, 15, 30]
    """
    w = window_of(t, k, window_first, window_open)
    if w < window_first[k]:
        return 0
    counted: int = window_before[w] + min(t, window_close[w]) - window_open[w]
    return counted


def instant_of(
    b: int, k: int, window_first: Any, window_open: Any, window_close: Any, window_before: Any
) -> int:
    """The earliest instant at which B is ``b``, maybe a close; NEVER beyond the last window.

    At or below 0 it is the first opening, for a calendar knows nothing before.

    >>> [instant_of(b, 0, [0, 2], [10, 40], [20, 60], [0, 10]) for b in (-7, 0, 10, 11, 30)]
    [10, 10, 20, 41, 60]
    >>> instant_of(31, 0, [0, 2], [10, 40], [20, 60], [0, 10]) == NEVER
    True
    """
    low = window_first[k]
    high = window_first[k + 1]
    if low == high:
        return NEVER
    begin = low
    while low < high:
        middle = (low + high) >> 1
        if window_before[middle] < b:
            low = middle + 1
        else:
            high = middle
    w = max(low - 1, begin)
    when: int = window_open[w] + max(b - window_before[w], 0)
    if when > window_close[w]:
        return NEVER
    return when


def due(
    start: int,
    target: int,
    k: int,
    window_first: Any,
    window_open: Any,
    window_close: Any,
    window_before: Any,
) -> int:
    """The earliest instant at which ``target`` business ms have passed since ``start``; of a target of 0 its start.

    >>> due(13, 9, 0, [0, 2], [10, 40], [20, 60], [0, 10]), due(30, 0, 0, [0, 2], [10, 40], [20, 60], [0, 10])
    (42, 30)
    """
    if target >= NEVER:
        return NEVER
    if target <= 0:
        return start
    begin = position(start, k, window_first, window_open, window_close, window_before)
    return instant_of(begin + target, k, window_first, window_open, window_close, window_before)


def due_after(
    due_instant: int,
    offset: int,
    business: int,
    k: int,
    window_first: Any,
    window_open: Any,
    window_close: Any,
    window_before: Any,
) -> int:
    """``offset`` ms (negative: before) from ``due_instant``, of business time if ``business``; NEVER from NEVER.

    >>> due_after(42, -5, 1, 0, [0, 2], [10, 40], [20, 60], [0, 10])
    17
    """
    if due_instant >= NEVER:
        return NEVER
    if not business:
        return due_instant + offset
    there = position(due_instant, k, window_first, window_open, window_close, window_before)
    return instant_of(there + offset, k, window_first, window_open, window_close, window_before)
