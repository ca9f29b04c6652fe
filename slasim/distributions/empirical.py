"""Measured lengths, drawn again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats, NDArray
from slasim.distributions.base import Distribution
from slasim.distributions.settings import length, weights_of
from slasim.registry import kind

__all__ = ["Empirical"]


_STEPS = 4096


@kind("distribution", "empirical")
@dataclass(frozen=True)
class Empirical(Distribution):
    """Measured lengths, drawn again with the chance of their weights."""

    values: tuple[float, ...]
    shares: tuple[float, ...]

    settings: ClassVar[tuple[str, ...]] = ("values", "weights")
    example: ClassVar[Mapping[str, Any]] = {
        "values": ["45s", "2min", "3min", "9min"],
        "weights": [4, 3, 2, 1],
    }

    @classmethod
    def of(
        cls, values: Sequence[float] | Floats, weights: Sequence[float] | Floats | None = None
    ) -> Self:
        """From measured lengths in ms (and how often each occurred). Raises ValueError."""
        found = np.asarray(values, np.float64)
        counted = np.ones(found.shape) if weights is None else np.asarray(weights, np.float64)
        if found.ndim != 1 or found.size == 0:
            raise ValueError("values are missing; at least one length is needed.")
        if not np.isfinite(found).all() or (found < 0).any():
            raise ValueError("every value must be a length of 0 or more.")
        if counted.shape != found.shape:
            raise ValueError(f"{counted.size} weights stand beside {found.size} values.")
        if not np.isfinite(counted).all() or (counted < 0).any() or counted.sum() <= 0:
            raise ValueError("weights must be 0 or more, and not all 0.")
        order = np.argsort(found, kind="stable")
        order = order[counted[order] > 0]
        shares = counted[order] / counted.sum()
        return cls(tuple(found[order].tolist()), tuple(shares.tolist()))

    @cached_property
    def _ends(self) -> Floats:
        ends = np.cumsum(self.shares)
        ends[-1] = 1.0
        return ends

    @cached_property
    def _sorted(self) -> Floats:
        return np.asarray(self.values)

    @cached_property
    def mean(self) -> float:
        return math.fsum(s * v for s, v in zip(self.shares, self.values, strict=True))

    @cached_property
    def cv(self) -> float:
        if self.mean == 0:
            return 0.0
        spread = math.fsum(
            s * (v - self.mean) ** 2 for s, v in zip(self.shares, self.values, strict=True)
        )
        return math.sqrt(spread) / self.mean

    @cached_property
    def _guide(self) -> NDArray[np.intp]:
        """Where to look first for a share in each of 4,096 equal steps (Chen and Asau 1974)."""
        return np.searchsorted(self._ends, np.arange(_STEPS + 1) / _STEPS, side="left")

    def quantile(self, u: Floats) -> Floats:
        share = np.asarray(u, np.float64)
        place = self._guide.take((share * _STEPS).astype(np.intp))
        place += self._ends.take(place) < share
        late = np.flatnonzero(self._ends.take(place) < share)
        if late.size:
            flat = share.ravel()
            place.ravel()[late] = np.searchsorted(self._ends, flat[late], side="left")
        return self._sorted.take(place)

    @classmethod
    def from_settings(cls, *, values: Any = None, weights: Any = None) -> Self:
        if not isinstance(values, Sequence) or isinstance(values, str) or not values:
            raise ValueError("values must be a list of lengths, for example [45s, 2min, 3min].")
        lengths = [length("values", v, zero=True) for v in values]
        shares = None if weights is None else weights_of("weights", weights, len(lengths))
        return cls.of(lengths, shares)
