"""Every length between two bounds equally likely."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from slasim.arrays import Floats
from slasim.distributions.base import Distribution
from slasim.distributions.settings import length
from slasim.registry import kind

__all__ = ["Uniform"]


@kind("distribution", "uniform")
@dataclass(frozen=True)
class Uniform(Distribution):
    """Every length between two bounds equally likely."""

    low: float
    high: float

    settings: ClassVar[tuple[str, ...]] = ("from", "to")
    example: ClassVar[Mapping[str, Any]] = {"from": "30s", "to": "90s"}

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def cv(self) -> float:
        return (self.high - self.low) / math.sqrt(12) / self.mean

    def quantile(self, u: Floats) -> Floats:
        return self.low + (self.high - self.low) * np.asarray(u, np.float64)

    @classmethod
    def from_settings(cls, **settings: Any) -> Self:
        for key in ("from", "to"):
            if key not in settings:
                raise ValueError(f"{key} is missing; write for example {{from: 30s, to: 90s}}.")
        low = length("from", settings["from"], zero=True)
        high = length("to", settings["to"], zero=True)
        if high <= low:
            raise ValueError(
                f"to ({settings['to']}) must be longer than from ({settings['from']})."
            )
        return cls(low, high)
