"""From numbers of chance to whole milliseconds: the last step of sampling, one compiled pass a queue.

In numpy it would be four passes over each column, between which other threads wait. Every operation is numpy's, in the
same order, and so is every number to the last bit. It knows no stream and no scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import compiled_loop

__all__ = ["instants", "whole_ms"]


@compiled_loop
def instants(unit: Any, ends: Any, starts: Any, slope: Any, begin: Any, times: Any, counts: Any) -> Any:  # fmt: skip
    """Arrivals at rate 1, ``unit``, as instants in ``times``, and how many fall into each piece, ``counts`` (K,); how
    many there are. Piece k lasts from starts[k] to ends[k] of unit time and begins at begin[k] ms."""
    n = 0
    for k in range(ends.size):
        before = n
        while n < unit.size and unit[n] < ends[k]:
            times[n] = begin[k] + np.int64((unit[n] - starts[k]) * slope[k])
            n += 1
        counts[k] = n - before
    return n


@compiled_loop
def whole_ms(
    length: Any, mean: Any, counts: Any, longest: Any, found: Any, share: Any, part: Any
) -> None:
    """Draws of mean 1 as ms in ``found``; ``mean`` (K,) by piece, ``counts`` (K,) contacts. ``part`` gets the ``share``
    (K,) of each; it may be None."""
    n = 0
    for k in range(counts.size):
        for _ in range(counts[k]):
            whole = min(np.rint(length[n] * mean[k]), longest)
            found[n] = np.int64(whole)
            if part is not None:
                part[n] = np.int64(np.rint(whole * share[k]))
            n += 1
