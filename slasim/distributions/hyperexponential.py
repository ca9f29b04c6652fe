"""Several sorts of contacts in one: a mixture of exponential lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.settings import length, weights_of
from slasim.registry import kind

__all__ = ["Hyperexponential"]


@kind("distribution", "hyperexponential")
@dataclass(frozen=True)
class Hyperexponential(Distribution):
    """Several sorts of contacts, each exponential with its own mean and share; cv above 1."""

    means: tuple[float, ...]
    shares: tuple[float, ...]

    settings: ClassVar[tuple[str, ...]] = ("means", "shares")
    example: ClassVar[Mapping[str, Any]] = {"means": ["60s", "10min"], "shares": [0.7, 0.3]}

    @cached_property
    def mean(self) -> float:
        return math.fsum(s * m for s, m in zip(self.shares, self.means, strict=True))

    @cached_property
    def cv(self) -> float:
        second = math.fsum(2 * s * m**2 for s, m in zip(self.shares, self.means, strict=True))
        return math.sqrt(second / self.mean**2 - 1)

    def quantile(self, u: Floats) -> Floats:
        """By bisection on the distribution function, to the last bit that doubles have."""
        u = np.asarray(u, np.float64)
        each = -np.log1p(-u)
        low, high = each * min(self.means), each * max(self.means)
        above = 1 - u
        for _ in range(200):
            middle = (low + high) / 2
            longer = sum(
                s * np.exp(-middle / m) for s, m in zip(self.shares, self.means, strict=True)
            )
            short = longer > above
            low, high = np.where(short, middle, low), np.where(short, high, middle)
            if np.all(high - low <= 4e-16 * high):
                break
        return (low + high) / 2

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        """One uniform per contact: its place among the shares says which one, the rest how long."""
        u = rng.random(n)
        ends = np.cumsum(self.shares)
        sort = np.minimum(np.searchsorted(ends, u, side="right"), ends.size - 1)
        shares = np.asarray(self.shares)
        rest = (u - (ends - shares)[sort]) / shares[sort]
        scale: Floats = np.asarray(self.means) / self.mean
        draws: Floats = -np.log1p(-np.clip(rest, 0, 1 - 2**-53)) * scale.take(sort)
        return draws

    @classmethod
    def from_settings(cls, *, means: Any = None, shares: Any = None) -> Self:
        if not isinstance(means, Sequence) or isinstance(means, str) or not means:
            raise ValueError("means must be a list, for example means: [60s, 10min].")
        if shares is None:
            raise ValueError("shares is missing: how often each of the means applies.")
        lengths = [length("means", m) for m in means]
        found = weights_of("shares", shares, len(lengths))
        used = [(m, s) for m, s in zip(lengths, found, strict=True) if s > 0]
        return cls(tuple(m for m, _ in used), tuple(s for _, s in used))
