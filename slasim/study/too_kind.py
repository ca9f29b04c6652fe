"""By how much a model was too kind: what it said of days it had not seen, beside what happened in them.

The one home of this rule. Plain pairs in, differences out, in the metric's own unit (a share, or ms); it knows no
scenario, no report and no simulation.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Literal

__all__ = ["kinder_by", "rounded_up", "too_kind", "weeks_of"]

Better = Literal["higher", "lower"]

_STEP = {"share": Decimal("0.001"), "time": Decimal(100)}
"""A tenth of a point; a tenth of a second, in ms."""


def kinder_by(predicted: float, actual: float, better: Better) -> float:
    """By how much the prediction was better than what happened; below 0 where it was worse.

    >>> kinder_by(0.75, 0.5, "higher"), kinder_by(0.25, 0.5, "lower"), kinder_by(0.5, 0.25, "lower")
    (0.25, 0.25, -0.25)
    """
    return predicted - actual if better == "higher" else actual - predicted


def too_kind(predicted: float, actual: float, better: Better) -> float:
    """The same, never below 0: a model that was too strict once earns no softer promise.

    >>> too_kind(0.75, 0.5, "higher"), too_kind(0.5, 0.25, "lower")
    (0.25, 0.0)
    """
    return max(kinder_by(predicted, actual, better), 0.0)


def rounded_up(value: float, unit: str) -> float:
    """As it is written into a scenario: up, to a tenth of a point or of a second (ms); nothing else is known.

    >>> rounded_up(0.1312, "share"), rounded_up(0.132, "share"), rounded_up(16_010.0, "time")
    (0.132, 0.132, 16100.0)
    """
    step = _STEP[unit]
    steps = (Decimal(repr(round(value, 9))) / step).to_integral_value(ROUND_CEILING)
    return float(steps * step)


def weeks_of(days: Iterable[int]) -> float:
    """How many weeks these days (ordinals) are, to a tenth: a full week has as many days as the fullest of them.

    Weeks are counted from the first day on. Five working days are a week where no week has more.

    >>> weeks_of(range(7)), weeks_of([0, 1, 2, 3, 4, 7, 8, 9, 10, 11]), weeks_of(range(10))
    (1.0, 2.0, 1.4)
    """
    known = sorted(set(days))
    if not known:
        return 0.0
    by_week = Counter((day - known[0]) // 7 for day in known)
    return math.floor(10 * len(known) / max(by_week.values()) + 1e-9) / 10
