"""Waiting lines of the whole floor: sorted lists through the touches themselves, for the compiled loop.

A line is ordered by (key, touch); most who come are last, so a place is looked for from the end. This file takes
``touch`` and ``line`` of a ``centre``.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import beside_a_loop
from slasim.engine.centre import BEFORE, BEHIND, HEAD, KEY, LINE, TAIL
from slasim.engine.rules import NOBODY


@beside_a_loop
def join_line(
    touch: Any,
    line: Any,
    i: Any,
) -> None:
    """Touch i, whose line and key are set, waits in its line."""
    r = touch[LINE, i]
    key = touch[KEY, i]
    left = line[TAIL, r]
    if left != NOBODY and (touch[KEY, left] > key or (touch[KEY, left] == key and left > i)):
        front = line[HEAD, r]
        while True:  # from both ends at once
            if touch[KEY, front] > key or (touch[KEY, front] == key and front > i):
                left = touch[BEFORE, front]
                break
            if touch[KEY, left] < key or (touch[KEY, left] == key and left < i):
                break
            front = touch[BEHIND, front]
            left = touch[BEFORE, left]
    if left == NOBODY:
        right = line[HEAD, r]
        line[HEAD, r] = i
    else:
        right = touch[BEHIND, left]
        touch[BEHIND, left] = i
    touch[BEFORE, i] = left
    touch[BEHIND, i] = right
    if right == NOBODY:
        line[TAIL, r] = i
    else:
        touch[BEFORE, right] = i


@beside_a_loop
def leave_line(
    touch: Any,
    line: Any,
    i: Any,
) -> None:
    """Touch i no longer waits in its line."""
    r = touch[LINE, i]
    left = touch[BEFORE, i]
    right = touch[BEHIND, i]
    if left == NOBODY:
        line[HEAD, r] = right
    else:
        touch[BEHIND, left] = right
    if right == NOBODY:
        line[TAIL, r] = left
    else:
        touch[BEFORE, right] = left
