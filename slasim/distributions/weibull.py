"""Weibull: impatience that falls or grows while waiting; its shape may be told by its cv."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.settings import needs_mean, number, one_of
from slasim.registry import kind

__all__ = ["Weibull"]


_LEAST_SHAPE = 0.1


@kind("distribution", "weibull")
@dataclass(frozen=True)
class Weibull(Distribution):
    """Impatience that falls (shape below 1) or grows (above 1) while waiting."""

    mean: float
    shape: float

    settings: ClassVar[tuple[str, ...]] = ("mean", "cv", "shape")
    example: ClassVar[Mapping[str, Any]] = {"mean": "3min", "shape": 0.7}

    @property
    def cv(self) -> float:
        return _weibull_cv(self.shape)

    def quantile(self, u: Floats) -> Floats:
        scale = self.mean / math.gamma(1 + 1 / self.shape)
        return scale * (-np.log1p(-np.asarray(u, np.float64))) ** (1 / self.shape)

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        draws = rng.standard_exponential(n)
        np.power(draws, 1 / self.shape, out=draws)
        draws /= math.gamma(1 + 1 / self.shape)
        return draws

    @classmethod
    def from_settings(cls, *, mean: Any = None, cv: Any = None, shape: Any = None) -> Self:
        one_of(cv, shape)
        if shape is None:
            given = _weibull_shape(number("cv", cv))
        else:
            given = number("shape", shape)
            if given < _LEAST_SHAPE:
                raise ValueError(f"shape must be at least {_LEAST_SHAPE}, not {shape}.")
        return cls(needs_mean(mean), given)


def _weibull_cv(shape: float) -> float:
    ratio = math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape)
    return math.sqrt(math.expm1(ratio))


@lru_cache(maxsize=256)
def _weibull_shape(cv: float) -> float:
    """The shape with that cv, by bisection: the cv falls as the shape grows."""
    low, high = _LEAST_SHAPE, 1000.0
    if not _weibull_cv(high) <= cv <= _weibull_cv(low):
        raise ValueError(
            f"cv {cv:g} is out of reach; a weibull has {_weibull_cv(high):.2g} "
            f"to {_weibull_cv(low):.0f}."
        )
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _weibull_cv(middle) > cv else (low, middle)
    return (low + high) / 2
