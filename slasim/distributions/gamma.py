"""Gamma, and Erlang, whose shape is a whole number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.of_normal import gamma_of_normal
from slasim.distributions.settings import needs_mean, number, one_of
from slasim.registry import kind

__all__ = ["Erlang", "Gamma"]


@dataclass(frozen=True)
class _GammaShaped(Distribution):
    mean: float
    shape: float

    @property
    def cv(self) -> float:
        return 1 / math.sqrt(self.shape)

    def quantile(self, u: Floats) -> Floats:
        from slasim.special import gammaincinv

        inverse = np.asarray(gammaincinv(self.shape, np.asarray(u, np.float64)), np.float64)
        return inverse * (self.mean / self.shape)

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        return gamma_of_normal(self.shape).at(rng.standard_normal(n))


@kind("distribution", "gamma")
class Gamma(_GammaShaped):
    """Between constant and exponential for a cv below 1, more spread than exponential above."""

    settings: ClassVar[tuple[str, ...]] = ("mean", "cv", "shape")
    example: ClassVar[Mapping[str, Any]] = {"mean": "8min", "cv": 0.6}

    @classmethod
    def from_settings(cls, *, mean: Any = None, cv: Any = None, shape: Any = None) -> Self:
        one_of(cv, shape)
        given = number("cv", cv) ** -2 if shape is None else number("shape", shape)
        return cls(needs_mean(mean), given)


@kind("distribution", "erlang")
class Erlang(_GammaShaped):
    """The sum of k equal exponential steps; cv 1 / sqrt(k)."""

    settings: ClassVar[tuple[str, ...]] = ("mean", "k")
    example: ClassVar[Mapping[str, Any]] = {"mean": "5min", "k": 3}

    @classmethod
    def from_settings(cls, *, mean: Any = None, k: Any = None) -> Self:
        if k is None:
            raise ValueError("k is missing; it is the number of steps, 1 or more.")
        steps = number("k", k)
        if steps != int(steps):
            raise ValueError(f"k must be a whole number, not {k}; gamma takes any shape.")
        return cls(needs_mean(mean), steps)
