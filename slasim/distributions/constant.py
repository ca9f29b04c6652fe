"""Always the same length, under two names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.settings import length
from slasim.registry import kind

__all__ = ["Constant", "Deterministic"]


@kind("distribution", "deterministic")
@dataclass(frozen=True)
class Deterministic(Distribution):
    """Always the same length; cv 0."""

    mean: float

    settings: ClassVar[tuple[str, ...]] = ("mean",)
    example: ClassVar[Mapping[str, Any]] = {"mean": "120s"}

    @property
    def cv(self) -> float:
        return 0.0

    def quantile(self, u: Floats) -> Floats:
        return np.full(np.shape(u), self.mean)

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        return np.ones(n)

    @classmethod
    def from_settings(cls, *, mean: Any = None) -> Self:
        if mean is None:
            raise ValueError("the length is missing; write for example deterministic: 120s.")
        return cls(length("mean", mean, zero=True))


@kind("distribution", "constant")
@dataclass(frozen=True)
class Constant(Deterministic):
    """Always the same length; another name for deterministic."""
