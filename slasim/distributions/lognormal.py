"""Lognormal: the shape of most handle times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.settings import needs_mean, number
from slasim.registry import kind

__all__ = ["Lognormal"]


@kind("distribution", "lognormal")
@dataclass(frozen=True)
class Lognormal(Distribution):
    """The shape of most handle times: many short ones, a long tail."""

    mean: float
    cv: float

    settings: ClassVar[tuple[str, ...]] = ("mean", "cv")
    example: ClassVar[Mapping[str, Any]] = {"mean": "260s", "cv": 0.9}

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm: sigma^2 = log(1 + cv^2)."""
        return math.sqrt(math.log1p(self.cv**2))

    def quantile(self, u: Floats) -> Floats:
        from slasim.special import ndtri

        sigma = self.sigma
        scaled: Floats = self.mean * np.exp(sigma * ndtri(np.asarray(u, np.float64)) - sigma**2 / 2)
        return scaled

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        sigma = self.sigma
        draws = rng.standard_normal(n)
        draws *= sigma
        draws -= sigma**2 / 2
        return np.exp(draws, out=draws)

    @classmethod
    def from_settings(cls, *, mean: Any = None, cv: Any = None) -> Self:
        if cv is None:
            raise ValueError("cv is missing; write for example cv: 0.9.")
        return cls(needs_mean(mean), number("cv", cv))
