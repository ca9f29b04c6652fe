"""Settings of a distribution, as a planner writes them, to numbers. Whatever is wrong is a ValueError with a sentence.

Knows no kind by name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from slasim.clock import parse_duration

__all__ = ["Milliseconds", "length", "needs_mean", "number", "one_of", "weights_of"]


class Milliseconds(float):
    """A length that has been read already, so that it is not taken for a bare number."""


def length(name: str, value: Any, *, zero: bool = False) -> float:
    """A duration in ms; text as the clock reads it."""
    if isinstance(value, Milliseconds):
        ms = float(value)
    else:
        try:
            ms = float(parse_duration(value))
        except ValueError as why:
            raise ValueError(f"{name}: {why}") from None
    if ms < 0 or (ms == 0 and not zero):
        raise ValueError(f"{name} must be longer than 0, not {value}.")
    return ms


def number(name: str, value: Any, *, least: float = 0.0, strict: bool = True) -> float:
    """A plain number above ``least``, or at least that."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, not {value!r}.")
    if value < least or (strict and value == least):
        raise ValueError(
            f"{name} must be {'above' if strict else 'at least'} {least:g}, not {value:g}."
        )
    return float(value)


def needs_mean(mean: Any) -> float:
    """The mean in ms, which has no default."""
    if mean is None:
        raise ValueError("mean is missing; write for example mean: 180s.")
    return length("mean", mean)


def one_of(cv: Any, shape: Any) -> None:
    """Exactly one of both is given."""
    if cv is not None and shape is not None:
        raise ValueError("cv and shape say the same thing; give one of them.")
    if cv is None and shape is None:
        raise ValueError("cv or shape is missing; write for example cv: 0.8.")


def weights_of(name: str, weights: Any, count: int) -> tuple[float, ...]:
    """Shares that add up to 1, from weights of any size."""
    if not isinstance(weights, Sequence) or isinstance(weights, str) or len(weights) != count:
        raise ValueError(f"{name} must be a list of {count} numbers, one for each.")
    found = [number(name, w, strict=False) for w in weights]
    total = math.fsum(found)
    if total <= 0:
        raise ValueError(f"{name} are all 0.")
    return tuple(w / total for w in found)
