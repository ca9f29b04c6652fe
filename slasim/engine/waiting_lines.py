"""Waiting lines of the whole floor: sorted lists through the touches themselves, for the compiled loop.

A line is ordered by (key, touch); most who come are last, so a place is looked for from the end. Of a touch in hand
``before`` and ``behind`` say its agent and its place in the agent's hand: it stands in no line.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.engine.rules import NOBODY


class Waiting(NamedTuple):
    """Where touches wait.

    line, since, key (T,) of each touch: its line, since when its waiting counts, its key in the line
    before, behind (T,) who stands next to it, NOBODY at the ends
    heads, tails (R,) the first and the last of every line, NOBODY of an empty one
    """

    line: Any
    since: Any
    key: Any
    before: Any
    behind: Any
    heads: Any
    tails: Any


@beside_a_loop
def _who_is_before(
    key: Any,
    before: Any,
    behind: Any,
    front: Any,
    back: Any,
    i: Any,
) -> Any:
    """The last of a line that goes before touch i: looked for from both ends at once."""
    while True:
        if key[front] > key[i] or (key[front] == key[i] and front > i):
            return before[front]
        if key[back] < key[i] or (key[back] == key[i] and back < i):
            return back
        front = behind[front]
        back = before[back]


@part_of_a_loop
def join_line(
    waiting: Any,
    r: Any,
    i: Any,
) -> None:
    """Touch i, whose key is set, waits in line r."""
    key = waiting.key
    before = waiting.before
    behind = waiting.behind
    last = waiting.tails[r]
    if last == NOBODY:
        before[i] = NOBODY
        behind[i] = NOBODY
        waiting.heads[r] = i
        waiting.tails[r] = i
        return
    left = last
    if key[last] > key[i] or (key[last] == key[i] and last > i):
        left = _who_is_before(key, before, behind, waiting.heads[r], last, i)
    if left == NOBODY:
        right = waiting.heads[r]
        waiting.heads[r] = i
    else:
        right = behind[left]
        behind[left] = i
    before[i] = left
    behind[i] = right
    if right == NOBODY:
        waiting.tails[r] = i
    else:
        before[right] = i


@part_of_a_loop
def leave_line(
    waiting: Any,
    i: Any,
) -> None:
    """Touch i no longer waits in its line."""
    r = waiting.line[i]
    left = waiting.before[i]
    right = waiting.behind[i]
    if left == NOBODY:
        waiting.heads[r] = right
    else:
        waiting.behind[left] = right
    if right == NOBODY:
        waiting.tails[r] = left
    else:
        waiting.before[right] = left
