"""A binary heap of integers whose root may be a hole, for the compiled loop.

Most ends of work are followed at once by a new one (the freed agent takes the next contact). So the root taken off is
left as a hole, and the next entry falls through it: one descent instead of an ascent and a descent.
`size` counts the entries and the hole.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import part_of_a_loop


@part_of_a_loop
def push(
    heap: Any,
    size: Any,
    value: Any,
) -> None:
    """Add `value` to a heap of `size` entries without a hole."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[up] <= value:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = value


@part_of_a_loop
def sift(
    heap: Any,
    size: Any,
    value: Any,
) -> None:
    """Put `value` into the hole at the root of a heap of `size` entries."""
    i = 0
    child = 1
    while child < size:
        child += (child + 1 < size) & (heap[child + 1] < heap[child])
        if heap[child] >= value:
            break
        heap[i] = heap[child]
        i = child
        child = 2 * i + 1
    heap[i] = value
