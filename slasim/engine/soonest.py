"""Who is next: a tournament of integers, for the compiled loop of the whole floor.

``bout`` has twice as many places as ``players`` says. Player u's number stands at ``size // 2 + u``; every place
above holds the smaller of the two below it, so the smallest of all stands at 1. Numbers are packed (instant, who);
``NO_KEY`` is nobody.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import part_of_a_loop

TOUCH_BITS = 22
TOUCH = (1 << TOUCH_BITS) - 1
"""The most touches that a packed number can tell apart."""

NO_KEY = (1 << 63) - 1
NO_INSTANT = NO_KEY >> TOUCH_BITS
"""Later than anything that happens: instants are packed into 41 bits."""


def players(count: int) -> int:
    """Room for so many: a power of two, so that all climb equally far, which a processor learns."""
    return 1 << max(count - 1, 1).bit_length()


@part_of_a_loop
def enter(
    bout: Any,
    u: Any,
    key: Any,
) -> None:
    """Player u has a new number."""
    i = (bout.size >> 1) + u
    bout[i] = key
    while i > 1:  # all the way: it is cheaper than to ask at each step whether it is still worth it
        key = min(key, bout[i ^ 1])
        i >>= 1
        bout[i] = key
