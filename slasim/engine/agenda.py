"""What is still to come, as packed (instant, touch) in binary heaps, for the compiled loop of the whole floor.

The first entry of an empty heap is ``NO_KEY``, so that the next instant can be read without asking. Entries are never
taken back: whoever takes one off asks whether it still holds. This file takes ``heaps`` and ``counts`` of a ``centre``.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import beside_a_loop
from slasim.engine.heap import push, sift
from slasim.engine.soonest import NO_KEY, TOUCH, TOUCH_BITS


@beside_a_loop
def put(
    heaps: Any,
    counts: Any,
    k: Any,
    instant: Any,
    i: Any,
) -> None:
    """Touch i at that instant, in heap k."""
    push(heaps[k], counts[k], (instant << TOUCH_BITS) | i)
    counts[k] += 1


@beside_a_loop
def take_off(
    heaps: Any,
    counts: Any,
    k: Any,
) -> Any:
    """The touch of the first entry of heap k, which goes."""
    heap = heaps[k]
    i = heap[0] & TOUCH
    counts[k] -= 1
    if counts[k] == 0:
        heap[0] = NO_KEY
    else:
        sift(heap, counts[k], heap[counts[k]])
    return i


@beside_a_loop
def clear_up(
    heaps: Any,
    counts: Any,
    k: Any,
    at: Any,
) -> None:
    """Only entries of heap k that hold stay, each once: those whose instant is the touch's in ``at``."""
    heap = heaps[k]
    kept = 0
    for j in range(counts[k]):
        i = heap[j] & TOUCH
        if at[i] == heap[j] >> TOUCH_BITS:
            at[i] = ~at[i]  # seen: equal entries that follow are one too many
            heap[kept] = heap[j]
            kept += 1
    for j in range(kept):
        i = heap[j] & TOUCH
        at[i] = ~at[i]
        push(heap, j, heap[j])
    counts[k] = kept
    if kept == 0:
        heap[0] = NO_KEY
