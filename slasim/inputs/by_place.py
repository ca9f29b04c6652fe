"""What chance decides for some contacts of a queue, each by the number at its own place; one compiled pass each.

Contact i has place i less the backlog: whoever arrives first is at 0, what waits already is before it. So nobody's
number depends on how many others there are, nor on who else is asked. It knows no stream by name and no scenario.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import compiled_loop
from slasim.floor import NONE
from slasim.inputs.numbers import exponential_at, uniform_at
from slasim.inputs.shaping import rounded

__all__ = ["below", "coming_again", "exponentials", "uniforms", "whole_ms_of"]


@compiled_loop
def uniforms(start: Any, who: Any, backlog: Any, found: Any) -> None:
    """The number from [0, 1) of each of these contacts (m,)."""
    for k in range(who.size):
        found[k] = uniform_at(start, who[k] - backlog)


@compiled_loop
def exponentials(start: Any, who: Any, backlog: Any, found: Any) -> None:
    """The exponential number of mean 1 of each of these contacts (m,)."""
    for k in range(who.size):
        found[k] = exponential_at(start, who[k] - backlog)


@compiled_loop
def below(start: Any, who: Any, backlog: Any, chance: Any, found: Any) -> Any:
    """For which of these contacts (m,) the number is below ``chance``: their places in ``who``, in ``found``; how many
    there are."""
    n = 0
    for k in range(who.size):
        found[n] = k
        n += uniform_at(start, who[k] - backlog) < chance
    return n


@compiled_loop
def whole_ms_of(
    start: Any, who: Any, backlog: Any, mean: Any, means: Any, longest: Any, found: Any
) -> None:
    """Exponential numbers of these contacts (m,) as ms. ``means`` (n,) by contact; None: ``mean`` for all."""
    for k in range(who.size):
        if means is not None:
            mean = means[who[k]]
        found[k] = np.int64(rounded(exponential_at(start, who[k] - backlog) * mean, longest))


@compiled_loop
def coming_again(
    starts: Any,
    chance: Any,
    before_place: Any,
    turn: Any,
    afters: Any,
    after_mean: Any,
    patiences: Any,
    mean: Any,
    means: Any,
    longest: Any,
    last_who: Any,
    last_touch: Any,
    who: Any,
    before: Any,
    upto: Any,
    first: Any,
    lost: Any,
    chained: Any,
    contact: Any,
    touch: Any,
    arrival: Any,
    patience: Any,
    work: Any,
    wrap: Any,
    greeting: Any,
    after_loss: Any,
    loss_mask: Any,
) -> Any:
    """Lay down attempt after attempt of those who try again, while there is room; how many attempts there are.

    ``last_who`` and ``last_touch`` (m,): those of the last attempt and their touches. ``who`` and ``before`` (W,) get
    those of each attempt laid down here, one after the other; they end at ``upto[1]``, ``upto[2]`` ... The first touch
    laid down has number ``first``, and is released by the one before with an outcome in ``lost``. ``starts`` (3, 8): of
    the streams that decide whether, how much later, and how patient; contact i has place i - ``before_place`` in the
    first attempt here, and ``turn`` places further on in each next one. ``afters`` and ``patiences`` (n,) are lengths
    of mean 1 by contact; None: the exponential ones. ``means`` (n,) of patience by contact, None: ``mean`` for all.
    ``chained`` (C,) counts the touches of each contact after its first. The others are columns of touches; ``patience``
    None: none is drawn, ``wrap`` or ``greeting`` None: nobody has any.
    """
    upto[0] = 0
    here = first
    earlier_who, earlier_touch = last_who, last_touch
    for a in range(upto.size - 1):
        since = upto[a]
        if since + earlier_who.size > who.size:
            return a
        n = since
        for k in range(earlier_who.size):
            who[n] = k
            n += uniform_at(starts[0], earlier_who[k] - before_place) < chance
        upto[a + 1] = n
        for k in range(since, n):
            i, earlier = earlier_who[who[k]], earlier_touch[who[k]]
            place = i - before_place
            who[k], before[k] = i, here
            one = contact[earlier]
            chained[one] += 1
            contact[here], touch[here], work[here] = one, chained[one], work[earlier]
            if wrap is not None:
                wrap[here] = wrap[earlier]
            if greeting is not None:
                greeting[here] = greeting[earlier]
            after_loss[earlier], loss_mask[earlier] = here, lost
            after_loss[here], loss_mask[here] = NONE, 0
            gap = exponential_at(starts[1], place) if afters is None else afters[i]
            arrival[here] = np.int64(rounded(gap * after_mean, longest))
            if patience is not None:
                length = exponential_at(starts[2], place) if patiences is None else patiences[i]
                if means is not None:
                    mean = means[i]
                patience[here] = np.int64(rounded(length * mean, longest))
            here += 1
        earlier_who, earlier_touch = who[since:n], before[since:n]
        before_place -= turn
    return upto.size - 1
