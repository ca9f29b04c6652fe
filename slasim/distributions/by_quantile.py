"""A kind that somebody registered as a quantile function only."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from slasim.arrays import Floats
from slasim.clock import format_duration
from slasim.distributions.base import Distribution
from slasim.distributions.settings import Milliseconds, length

__all__ = ["ByQuantile", "read_settings"]


@dataclass(frozen=True)
class ByQuantile(Distribution):
    """A kind somebody registered as a quantile function only; mean and cv are integrated."""

    name: str
    function: Callable[..., Any]
    given: tuple[tuple[str, Any], ...] = ()

    @cached_property
    def _moments(self) -> tuple[float, float]:
        """(mean, cv) by tanh-sinh integration (Takahasi and Mori 1974), good at both ends."""
        t = np.linspace(-3.0, 3.0, 4001)
        inner = np.pi / 2 * np.sinh(t)
        weight = np.pi / 4 * np.cosh(t) / np.cosh(inner) ** 2 * (t[1] - t[0])
        u = 1 / (1 + np.exp(-2 * inner))
        inside = (u > 0) & (u < 1)
        values, weight = self.quantile(u[inside]), weight[inside]
        mean = float(weight @ values / weight.sum())
        second = float(weight @ (values - mean) ** 2 / weight.sum())
        return mean, math.sqrt(second) / mean if mean > 0 else 0.0

    @property
    def mean(self) -> float:
        return self._moments[0]

    @property
    def cv(self) -> float:
        return self._moments[1]

    def quantile(self, u: Floats) -> Floats:
        return np.array(self.function(np.asarray(u, np.float64), **dict(self.given)), np.float64)

    def __str__(self) -> str:
        return f"{self.name}, mean {format_duration(self.mean)}, cv {self.cv:.3g}"


def read_settings(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a plain function: text that is a duration becomes ms, the rest stays."""
    settings = dict(given)
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if name not in settings:
            if parameter.default is inspect.Parameter.empty:
                raise ValueError(f"{name} is missing.")
            settings[name] = parameter.default
    return {
        name: length(name, value) if isinstance(value, (str, Milliseconds)) else value
        for name, value in settings.items()
    }
