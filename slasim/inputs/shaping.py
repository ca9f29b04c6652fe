"""From numbers of chance to whole milliseconds: the last step of sampling, one compiled pass a queue.

In numpy it would be four passes over each column, between which other threads wait. Every operation is numpy's, in the
same order, and so is every number to the last bit. Exponential numbers are drawn where they are needed, from the
``start`` of their stream. It knows no stream by name and no scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import compiled_loop
from slasim.inputs.numbers import begun, exponential, uniform

__all__ = ["below", "instants", "whole_ms", "whole_ms_of"]


@compiled_loop
def instants(start: Any, ends: Any, starts: Any, slope: Any, begin: Any, times: Any, counts: Any) -> Any:  # fmt: skip
    """Arrivals at rate 1 as instants in ``times``, and how many fall into each piece, ``counts`` (K,); how many there
    are, or -1 where ``times`` has no room for them. Piece k lasts from starts[k] to ends[k] of unit time and begins at
    begin[k] ms."""
    a, b, c, d = begun(start)
    unit, a, b, c, d = exponential(a, b, c, d)
    n = 0
    for k in range(ends.size):
        before = n
        while unit < ends[k]:
            if n == times.size:
                return -1
            times[n] = begin[k] + np.int64((unit - starts[k]) * slope[k])
            n += 1
            gap, a, b, c, d = exponential(a, b, c, d)
            unit += gap
        counts[k] = n - before
    return n


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
            whole = min(np.rint(drawn * mean[k]), longest)
            found[n] = np.int64(whole)
            if part is not None:
                part[n] = np.int64(np.rint(whole * share[k]))
            n += 1


@compiled_loop
def whole_ms_of(
    start: Any, who: Any, before: Any, mean: Any, means: Any, longest: Any, drawn: Any, found: Any
) -> None:
    """Exponential draws as ms in ``found`` (m,), for some contacts: number i of the stream is that of contact
    ``before`` + i, ``who`` (m,) are some of these, ascending. ``means`` (n,) by contact; None: ``mean`` for all. All
    numbers up to that of the last are written into ``drawn``."""
    a, b, c, d = begun(start)
    for i in range(drawn.size):
        drawn[i], a, b, c, d = exponential(a, b, c, d)
    for k in range(who.size):
        if means is not None:
            mean = means[who[k]]
        found[k] = np.int64(min(np.rint(drawn[who[k] - before] * mean), longest))


@compiled_loop
def below(start: Any, who: Any, before: Any, chance: Any, at: Any, taken: Any, found: Any) -> Any:
    """For which of some contacts the stream's uniform number is below ``chance``: their places in ``who``, plus ``at``,
    in ``found``; how many there are. ``who`` and ``before`` as for `whole_ms_of`; ``taken`` says it of all up to the
    last."""
    a, b, c, d = begun(start)
    for i in range(taken.size):
        u, a, b, c, d = uniform(a, b, c, d)
        taken[i] = u < chance
    n = 0
    for k in range(who.size):
        found[n] = at + k
        n += taken[who[k] - before]
    return n
