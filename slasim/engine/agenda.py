"""What is still to come, as packed (instant, touch) in binary heaps, for the compiled loop of the whole floor.

``heap[0]`` of an empty heap is ``NO_KEY``, so that the next instant can be read without asking. Entries are never
taken back: whoever takes one off asks whether it still holds.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.engine.heap import push, sift
from slasim.engine.soonest import NO_KEY, TOUCH, TOUCH_BITS


@part_of_a_loop
def put(
    heap: Any,
    size: Any,
    k: Any,
    instant: Any,
    i: Any,
) -> None:
    """Touch i at that instant, in the heap whose entries are counted in ``size[k]``."""
    push(heap, size[k], (instant << TOUCH_BITS) | i)
    size[k] += 1


@part_of_a_loop
def take_off(
    heap: Any,
    size: Any,
    k: Any,
) -> Any:
    """The touch of the first entry, which goes."""
    i = heap[0] & TOUCH
    size[k] -= 1
    if size[k] == 0:
        heap[0] = NO_KEY
    else:
        sift(heap, size[k], heap[size[k]])
    return i


@beside_a_loop
def clear_up(
    heap: Any,
    size: Any,
    k: Any,
    at: Any,
) -> None:
    """Only entries that hold stay, each once: those whose instant is the touch's in ``at``."""
    kept = 0
    for j in range(size[k]):
        i = heap[j] & TOUCH
        if at[i] == heap[j] >> TOUCH_BITS:
            at[i] = ~at[i]  # seen: equal entries that follow are one too many
            heap[kept] = heap[j]
            kept += 1
    for j in range(kept):
        i = heap[j] & TOUCH
        at[i] = ~at[i]
        push(heap, j, heap[j])
    size[k] = kept
    if kept == 0:
        heap[0] = NO_KEY
