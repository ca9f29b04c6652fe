"""How a clock adds up, pauses and falls due: integers on business time B(t), nothing else.

A clock runs in *stretches*. Stretch k began at business time ``since[k]`` when ``counted[k]`` ms had been
counted before it; ``total`` is what all closed stretches have counted. While the clock runs, the last stretch is open.
B(t) and its inverse are `calendars.py`; which events begin and end a stretch is `sla/ticket_clock.py`.

Every function is plain Python over integers and integer arrays, so that a compiled loop can take it in as it is
(``slasim.compiling``, or numba's ``register_jitable``).

An instant is compared with a due time without looking up the calendar: a due position b stands for the earliest
instant at which B is b. Instant t lies after it when B(t) > b, or when B(t) = b and t is not the earliest instant
with that B (the doors were shut just before t). ``first`` tells that: B(t - 1) < B(t).
"""

from __future__ import annotations

from typing import Any

UNDEFINED = -(1 << 60)
"""A due time that does not exist: no target, or a paused clock that has not reached it."""


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
