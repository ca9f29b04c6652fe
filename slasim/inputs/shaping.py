"""From numbers of chance to whole milliseconds: the last step of sampling, one compiled pass a queue.

In numpy it would be four passes over each column, between which other threads wait. Every operation is numpy's, in the
same order, and so is every number to the last bit. Exponential numbers are drawn where they are needed, from the
``start`` of their stream. It knows no stream by name and no scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import brief_loop
from slasim.inputs.numbers import begun, exponential, uniform

__all__ = ["below", "instants", "next_touches", "whole_ms", "whole_ms_of"]

_DECIMALS_END = 2.0**52
"""Numbers from here on are whole. Adding it rounds a smaller one as np.rint does, which takes longer to compile."""


@brief_loop
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


@brief_loop
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
            length_ms = drawn * mean[k]
            if length_ms > longest:
                length_ms = longest
            whole = length_ms + _DECIMALS_END - _DECIMALS_END
            found[n] = np.int64(whole)
            if part is not None:
                part[n] = np.int64(whole * share[k] + _DECIMALS_END - _DECIMALS_END)
            n += 1


@brief_loop
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
        length_ms = drawn[who[k] - before] * mean
        if length_ms > longest:
            length_ms = longest
        found[k] = np.int64(length_ms + _DECIMALS_END - _DECIMALS_END)


@brief_loop
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


@brief_loop
def next_touches(
    before: Any,
    first: Any,
    lost: Any,
    chained: Any,
    contact: Any,
    touch: Any,
    work: Any,
    after_loss: Any,
    loss_mask: Any,
) -> None:
    """Touches from number ``first`` on, each of the contact of one ``before``, which releases it with an outcome in
    ``lost``; the same work. ``chained`` (C,) counts the touches of each contact after its first."""
    for i in range(before.size):
        last, here = before[i], first + i
        one = contact[last]
        chained[one] += 1
        contact[here], touch[here], work[here] = one, chained[one], work[last]
        after_loss[last], loss_mask[last] = here, lost
