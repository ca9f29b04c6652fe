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
    r = touch[i, LINE]
    key = touch[i, KEY]
    left = line[r, TAIL]
    if left != NOBODY and (touch[left, KEY] > key or (touch[left, KEY] == key and left > i)):
        front = line[r, HEAD]
        while True:  # from both ends at once
            if touch[front, KEY] > key or (touch[front, KEY] == key and front > i):
                left = touch[front, BEFORE]
                break
            if touch[left, KEY] < key or (touch[left, KEY] == key and left < i):
                break
            front = touch[front, BEHIND]
            left = touch[left, BEFORE]
    if left == NOBODY:
        right = line[r, HEAD]
        line[r, HEAD] = i
    else:
        right = touch[left, BEHIND]
        touch[left, BEHIND] = i
    touch[i, BEFORE] = left
    touch[i, BEHIND] = right
    if right == NOBODY:
        line[r, TAIL] = i
    else:
        touch[right, BEFORE] = i


@beside_a_loop
def leave_line(
    touch: Any,
    line: Any,
    i: Any,
) -> None:
    """Touch i no longer waits in its line."""
    r = touch[i, LINE]
    left = touch[i, BEFORE]
    right = touch[i, BEHIND]
    if left == NOBODY:
        line[r, HEAD] = right
    else:
        touch[left, BEHIND] = right
    if right == NOBODY:
        line[r, TAIL] = left
    else:
        touch[right, BEFORE] = left
