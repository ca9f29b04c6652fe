"""No memory: the length of which only the mean is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.settings import needs_mean
from slasim.registry import kind

__all__ = ["Exponential"]


@kind("distribution", "exponential")
@dataclass(frozen=True)
class Exponential(Distribution):
    """No memory: the chance to end soon is the same at every moment; cv 1."""

    mean: float

    settings: ClassVar[tuple[str, ...]] = ("mean",)
    example: ClassVar[Mapping[str, Any]] = {"mean": "180s"}
    memoryless: ClassVar[bool] = True

    @property
    def cv(self) -> float:
        return 1.0

    def quantile(self, u: Floats) -> Floats:
        return -self.mean * np.log1p(-np.asarray(u, np.float64))

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.standard_exponential(n)

    @classmethod
    def from_settings(cls, *, mean: Any = None) -> Self:
        return cls(needs_mean(mean))
