"""From numbers of chance to whole milliseconds: what all contacts of a queue bring along, one compiled pass a queue.

In numpy it would be four passes over each column. Every operation is numpy's, in the same order, and so is every number
to the last bit. Exponential numbers are drawn where they are needed, from the ``start`` of their stream. It knows no
stream by name and no scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import compiled_loop, part_of_a_loop
from slasim.inputs.numbers import begun, exponential

__all__ = ["instants", "rounded", "whole_ms"]

_DECIMALS_END = 2.0**52
"""Numbers from here on are whole. Adding it rounds a smaller one as np.rint does, which takes longer to compile."""


@part_of_a_loop
def rounded(length_ms: Any, longest: Any) -> Any:
    """Whole ms, still as a float; ``longest`` at most."""
    if length_ms > longest:
        length_ms = longest
    return length_ms + _DECIMALS_END - _DECIMALS_END


@compiled_loop
def instants(start: Any, pieces: Any, times: Any, counts: Any) -> Any:
    """Arrivals at rate 1 as instants in ``times``, and how many fall into each piece, ``counts`` (K,); how many there
    are, or -1 where ``times`` has no room for them. ``pieces`` (K, 4): unit time at which one ends and begins, its ms
    per unit of that time, the ms at which it begins."""
    a, b, c, d = begun(start)
    unit, k, n, before = 0.0, 0, 0, 0
    end, first, slope, begin = pieces[0, 0], pieces[0, 1], pieces[0, 2], np.int64(pieces[0, 3])
    while True:
        gap, a, b, c, d = exponential(a, b, c, d)
        unit += gap
        while unit >= end:
            counts[k] = n - before
            before = n
            k += 1
            if k == counts.size:
                return n
            end, first, slope, begin = (
                pieces[k, 0],
                pieces[k, 1],
                pieces[k, 2],
                np.int64(pieces[k, 3]),
            )
        if n == times.size:
            return -1
        times[n] = begin + np.int64((unit - first) * slope)
        n += 1


@compiled_loop
def whole_ms(
    start: Any, length: Any, mean: Any, counts: Any, longest: Any, found: Any, share: Any, part: Any
) -> None:
    """Draws of mean 1 as ms in ``found``; ``mean`` (K,) by piece, ``counts`` (K,) contacts. They are in ``length``, or
    where that is None the exponential ones of the stream. ``part`` gets the ``share`` (K,) of each; it may be None."""
    a, b, c, d = begun(start)
    n = 0
    for k in range(counts.size):
        for _ in range(counts[k]):
            if length is None:
                drawn, a, b, c, d = exponential(a, b, c, d)
            else:
                drawn = length[n]
            whole = rounded(drawn * mean[k], longest)
            found[n] = np.int64(whole)
            if part is not None:
                part[n] = np.int64(rounded(whole * share[k], longest))
            n += 1
