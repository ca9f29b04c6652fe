"""Exact aggregation: sums, means of periods and the share of periods met, as fractions.

For counts that are known and not simulated: a client's interval report, a real log. Three readings, never mixed:
`weighted` (all contacts together), `unweighted` (the average period), `share_met` (how many periods reach the target).
A ratio with nothing below is None: nothing to judge. This file knows no metric and no calendar.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, Ints
from slasim.metrics.ratio import ZERO_OFFERED, ZeroOffered

__all__ = ["grouped", "meets", "share_met", "unweighted", "weighted"]


def weighted(numerator: ArrayLike, denominator: ArrayLike) -> Fraction | None:
    """Sum over sum.

    >>> weighted([10, 70], [10, 100])
    Fraction(8, 11)
    """
    below = int(np.sum(denominator))
    return Fraction(int(np.sum(numerator)), below) if below else None


def unweighted(numerator: ArrayLike, denominator: ArrayLike) -> Fraction | None:
    """The mean of the values of all periods that have one.

    >>> unweighted([10, 70, 0], [10, 100, 0])
    Fraction(17, 20)
    """
    values = _values(numerator, denominator)
    found = [value for value in values if value is not None]
    return sum(found, Fraction(0)) / len(found) if found else None


def share_met(
    numerator: ArrayLike,
    denominator: ArrayLike,
    target: Fraction,
    better: Literal["higher", "lower"] = "higher",
    zero_offered: ZeroOffered = "skip",
) -> Fraction | None:
    """The share of periods whose own value meets the target.

    ``zero_offered`` says what a period with nothing offered is: not counted, met or missed.

    >>> share_met([10, 70, 0], [10, 100, 0], Fraction(8, 10), zero_offered="met")
    Fraction(2, 3)
    """
    if zero_offered not in ZERO_OFFERED:
        raise ValueError(f"zero_offered '{zero_offered}' is unknown; it is skip, met or missed.")
    met = counted = 0
    for value in _values(numerator, denominator):
        if value is None:
            counted += zero_offered != "skip"
            met += zero_offered == "met"
        else:
            counted += 1
            met += meets(value, target, better)
    return Fraction(met, counted) if counted else None


def meets(value: Fraction, target: Fraction, better: Literal["higher", "lower"]) -> bool:
    """Is the value on the good side of the target? Equal is."""
    return value >= target if better == "higher" else value <= target


def grouped(numbers: ArrayLike, group: ArrayLike, groups: int) -> Ints:
    """(groups,) sums of numbers (N,) by their group (N,); a group below 0 is left out. Exact."""
    where = np.asarray(group, np.int64)
    sums = np.zeros(groups, np.int64)
    np.add.at(sums, where[where >= 0], np.asarray(numbers, np.int64)[where >= 0])
    return sums


def _values(numerator: ArrayLike, denominator: ArrayLike) -> list[Fraction | None]:
    above: Any = np.asarray(numerator, np.int64).ravel().tolist()
    below: Any = np.asarray(denominator, np.int64).ravel().tolist()
    return [Fraction(a, b) if b else None for a, b in zip(above, below, strict=True)]
