"""What is known before anything happens: when stints begin and end and breaks are due."""

from __future__ import annotations

import numpy as np

from slasim.arrays import Ints
from slasim.draw import Draw
from slasim.engine import rules

_NO_ROSTER = np.zeros((3, 0), np.int64)


def roster_of(draw: Draw) -> Ints:
    """(3, .) instants of stints and planned breaks, sorted by (time, part of AGENTS), part and number."""
    if draw.stint_to.size == 0:
        return _NO_ROSTER
    stints, breaks = np.arange(draw.stint_to.size), np.arange(draw.break_at.size)
    parts = np.array([rules.STINT_ENDS, rules.STINT_BEGINS, rules.BREAK_DUE], np.int64)
    roster = np.stack(
        [
            np.concatenate([draw.stint_to, draw.stint_from, draw.break_at]),
            np.repeat(parts, [stints.size, stints.size, breaks.size]),
            np.concatenate([stints, stints, breaks]),
        ]
    )
    return np.ascontiguousarray(roster[:, np.lexsort(roster[::-1])])
