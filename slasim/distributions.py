"""How long things take: handle times, patience and delays as distributions of milliseconds.

Each kind is one frozen record with a mean, a coefficient of variation, a quantile function and a
``standard`` draw: the draw divided by the mean, one per contact and always from the same place of
the stream. So contact n keeps its draw when a mean changes ("-10 % AHT" meets the same callers).

``parse`` reads what a planner writes, ``{lognormal: {mean: 260s, cv: 0.9}}``. A kind of your own is
a class like those below, or only a quantile function:

    @kind("distribution", "pareto")
    def pareto(u, *, mean="3min", alpha=2.5):
        \"\"\"A heavy tail.\"\"\"
        return mean * (alpha - 1) / alpha * (1 - u) ** (-1 / alpha)

This file knows no scenario, no queue and no file; columns of files are read by the scenario.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from slasim import registry
from slasim.clock import format_duration, parse_duration
from slasim.errors import did_you_mean
from slasim.registry import kind

__all__ = [
    "Deterministic",
    "Distribution",
    "Empirical",
    "Erlang",
    "Exponential",
    "Gamma",
    "Hyperexponential",
    "Lognormal",
    "Uniform",
    "Weibull",
    "gamma_of_normal",
    "parse",
]

Floats = NDArray[np.float64]


class Distribution(ABC):
    """A length of time by chance. Times are milliseconds, as floats.

    Each kind also has ``from_settings(**settings)``, a class method that builds it from what a planner
    writes and raises ValueError with a sentence.
    """

    example: ClassVar[Mapping[str, Any]]
    """Settings as a planner would write them, for manuals and for the tests of every kind."""

    if TYPE_CHECKING:  # at run time a property here would become the default of a field `mean`

        @property
        def mean(self) -> float:
            """The average, ms."""

        @property
        def cv(self) -> float:
            """Standard deviation divided by the mean."""

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """The length that a share ``u`` (any shape, 0 < u < 1) of all lengths stays below, ms."""

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        """(n,) draws divided by the mean. Draw k depends on k and the stream, not on n."""
        draws = self.quantile(rng.random(n))
        if self.mean > 0:
            draws /= self.mean
        return draws

    def __str__(self) -> str:
        name = type(self).__name__.lower()
        return f"{name}, mean {format_duration(self.mean)}, cv {self.cv:.3g}"


# ------------------------------------------------------------------ reading settings


def parse(value: Any, *, mean: float | None = None) -> Distribution:
    """The distribution that ``{kind: settings}`` describes; ``mean`` (ms) if that gives none.

    ``{exponential: 3min}`` is short for ``{exponential: {mean: 3min}}``. Patience from an interval
    report, ``{from: interval_report, wait_total_s: 812000, abandoned: 2350}``, is exponential with
    mean total wait / number abandoned: the maximum-likelihood estimate when answered callers are
    censored (Brown et al. 2005, "Statistical analysis of a telephone call center", section 5).
    Raises ValueError with a sentence for a planner.

    >>> print(parse({"lognormal": {"mean": "260s", "cv": 0.9}}))
    lognormal, mean 4 min 20 s, cv 0.9
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, str) and registry.has("distribution", value):
        value = {value: {}}
    if not isinstance(value, Mapping) or not value:
        raise ValueError(
            f"{value!r} is no distribution; write for example {{exponential: {{mean: 180s}}}}. "
            + did_you_mean(str(value), registry.names("distribution"), what="Distributions")
        )
    if value.get("from") == "interval_report":
        return _from_interval_report(**{k: v for k, v in value.items() if k != "from"})
    if len(value) != 1:
        raise ValueError(
            f"One distribution is wanted here, found {len(value)}: {', '.join(map(str, value))}."
        )
    [(name, settings)] = value.items()
    if not registry.has("distribution", name):
        listed = did_you_mean(str(name), registry.names("distribution"), what="Distributions")
        raise ValueError(f"No distribution is called {name!r}. {listed}")
    return _build(str(name), registry.get("distribution", str(name)), settings, mean)


def _build(name: str, thing: Any, settings: Any, mean: float | None) -> Distribution:
    given = _as_mapping(name, thing, settings)
    takes = _accepted(thing)
    unknown = [key for key in given if key not in takes]
    if unknown:
        raise ValueError(
            f"{name} has no setting {unknown[0]!r}. "
            + did_you_mean(str(unknown[0]), list(takes), what="Its settings")
        )
    if mean is not None and "mean" in takes and "mean" not in given:
        given["mean"] = _Milliseconds(mean)
    try:
        if isinstance(thing, type):
            built: Distribution = cast(Any, thing).from_settings(**given)
            return built
        return ByQuantile(name, thing, tuple(_read(thing, given).items()))
    except ValueError as why:
        raise ValueError(f"{name}: {why}") from None


class _Milliseconds(float):
    """A length that has been read already, so that it is not taken for a bare number."""


def _as_mapping(name: str, thing: Any, settings: Any) -> dict[str, Any]:
    if isinstance(settings, Mapping):
        return dict(settings)
    if settings is None:
        return {}
    if "mean" in _accepted(thing):
        return {"mean": settings}
    if isinstance(settings, Sequence) and not isinstance(settings, str):
        return {"values": settings}
    raise ValueError(f"{name} has settings, for example {dict(getattr(thing, 'example', {}))}.")


def _accepted(thing: Any) -> tuple[str, ...]:
    """The settings of a kind: what it says it takes, or else what its signature names."""
    if not isinstance(thing, type):
        return tuple(inspect.signature(thing).parameters)[1:]
    said: tuple[str, ...] | None = getattr(thing, "settings", None)
    return (
        tuple(inspect.signature(cast(Any, thing).from_settings).parameters)
        if said is None
        else said
    )


def _length(name: str, value: Any, *, zero: bool = False) -> float:
    """A duration in ms; text as the clock reads it."""
    if isinstance(value, _Milliseconds):
        ms = float(value)
    else:
        try:
            ms = float(parse_duration(value))
        except ValueError as why:
            raise ValueError(f"{name}: {why}") from None
    if ms < 0 or (ms == 0 and not zero):
        raise ValueError(f"{name} must be longer than 0, not {value}.")
    return ms


def _number(name: str, value: Any, *, least: float = 0.0, strict: bool = True) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, not {value!r}.")
    if value < least or (strict and value == least):
        raise ValueError(
            f"{name} must be {'above' if strict else 'at least'} {least:g}, not {value:g}."
        )
    return float(value)


def _needs_mean(mean: Any) -> float:
    if mean is None:
        raise ValueError("mean is missing; write for example mean: 180s.")
    return _length("mean", mean)


def _one_of(cv: Any, shape: Any) -> None:
    if cv is not None and shape is not None:
        raise ValueError("cv and shape say the same thing; give one of them.")
    if cv is None and shape is None:
        raise ValueError("cv or shape is missing; write for example cv: 0.8.")


def _weights(name: str, weights: Any, count: int) -> tuple[float, ...]:
    """Shares that add up to 1, from weights of any size."""
    if not isinstance(weights, Sequence) or isinstance(weights, str) or len(weights) != count:
        raise ValueError(f"{name} must be a list of {count} numbers, one for each.")
    found = [_number(name, w, strict=False) for w in weights]
    total = math.fsum(found)
    if total <= 0:
        raise ValueError(f"{name} are all 0.")
    return tuple(w / total for w in found)


def _from_interval_report(**settings: Any) -> Distribution:
    wanted = ("wait_total_s", "abandoned")
    for key in settings:
        if key not in wanted:
            raise ValueError(
                f"interval_report has no setting {key!r}. "
                + did_you_mean(key, wanted, what="Its settings")
            )
    missing = [key for key in wanted if key not in settings]
    if missing:
        raise ValueError(f"interval_report: {' and '.join(missing)} missing; both are needed.")
    wait = _number("wait_total_s", settings["wait_total_s"])
    gone = _number("abandoned", settings["abandoned"])
    return Exponential(1000.0 * wait / gone)


# ------------------------------------------------------------------ the kinds


@kind("distribution", "exponential")
@dataclass(frozen=True)
class Exponential(Distribution):
    """No memory: the chance to end soon is the same at every moment; cv 1."""

    mean: float

    settings: ClassVar[tuple[str, ...]] = ("mean",)
    example: ClassVar[Mapping[str, Any]] = {"mean": "180s"}

    @property
    def cv(self) -> float:
        return 1.0

    def quantile(self, u: Floats) -> Floats:
        return -self.mean * np.log1p(-np.asarray(u, np.float64))

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.standard_exponential(n)

    @classmethod
    def from_settings(cls, *, mean: Any = None) -> Self:
        return cls(_needs_mean(mean))


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
        from scipy.special import ndtri

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
        return cls(_needs_mean(mean), _number("cv", cv))


@dataclass(frozen=True)
class _GammaShaped(Distribution):
    mean: float
    shape: float

    @property
    def cv(self) -> float:
        return 1 / math.sqrt(self.shape)

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import gammaincinv

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
        _one_of(cv, shape)
        given = _number("cv", cv) ** -2 if shape is None else _number("shape", shape)
        return cls(_needs_mean(mean), given)


@kind("distribution", "erlang")
class Erlang(_GammaShaped):
    """The sum of k equal exponential steps; cv 1 / sqrt(k)."""

    settings: ClassVar[tuple[str, ...]] = ("mean", "k")
    example: ClassVar[Mapping[str, Any]] = {"mean": "5min", "k": 3}

    @classmethod
    def from_settings(cls, *, mean: Any = None, k: Any = None) -> Self:
        if k is None:
            raise ValueError("k is missing; it is the number of steps, 1 or more.")
        steps = _number("k", k)
        if steps != int(steps):
            raise ValueError(f"k must be a whole number, not {k}; gamma takes any shape.")
        return cls(_needs_mean(mean), steps)


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
        _one_of(cv, shape)
        if shape is None:
            given = _weibull_shape(_number("cv", cv))
        else:
            given = _number("shape", shape)
            if given < _LEAST_SHAPE:
                raise ValueError(f"shape must be at least {_LEAST_SHAPE}, not {shape}.")
        return cls(_needs_mean(mean), given)


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
        lengths = [_length("means", m) for m in means]
        found = _weights("shares", shares, len(lengths))
        used = [(m, s) for m, s in zip(lengths, found, strict=True) if s > 0]
        return cls(tuple(m for m, _ in used), tuple(s for _, s in used))


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
        return cls(_length("mean", mean, zero=True))


@kind("distribution", "constant")
@dataclass(frozen=True)
class Constant(Deterministic):
    """Always the same length; another name for deterministic."""


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
        low = _length("from", settings["from"], zero=True)
        high = _length("to", settings["to"], zero=True)
        if high <= low:
            raise ValueError(
                f"to ({settings['to']}) must be longer than from ({settings['from']})."
            )
        return cls(low, high)


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
        lengths = [_length("values", v, zero=True) for v in values]
        shares = None if weights is None else _weights("weights", weights, len(lengths))
        return cls.of(lengths, shares)


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


def _read(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a plain function: text that is a duration becomes ms, the rest stays."""
    settings = dict(given)
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if name not in settings:
            if parameter.default is inspect.Parameter.empty:
                raise ValueError(f"{name} is missing.")
            settings[name] = parameter.default
    return {
        name: _length(name, value) if isinstance(value, (str, _Milliseconds)) else value
        for name, value in settings.items()
    }


# ------------------------------------------------------------------ numbers behind the kinds

_LEAST_SHAPE = 0.1


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


@dataclass(frozen=True, eq=False)
class OfNormal:
    """A quantile as a smooth function of a standard normal number, tabulated once.

    Inverting the incomplete gamma function takes 0.5 to 1 µs a contact; these cubic pieces of
    its logarithm take 0.02 and differ by less than one part in 10^8.
    """

    least: float
    step: float
    coefficients: Floats  # (4, pieces), highest power first

    def at(self, z: Floats) -> Floats:
        """(n,) values at the normal numbers ``z``, which are overwritten."""
        z -= self.least
        z *= 1 / self.step
        np.clip(z, 0, self.coefficients.shape[1] - 1e-9, out=z)
        piece = z.astype(np.intp)
        z -= piece
        value: Floats = self.coefficients[0].take(piece)
        for row in self.coefficients[1:]:
            value *= z
            value += row.take(piece)
        return np.exp(value, out=value)


@lru_cache(maxsize=64)
def gamma_of_normal(shape: float) -> OfNormal:
    """Gamma with mean 1 of a standard normal number, over the 9 deviations that ever occur.

    Normal numbers that are correlated give gamma numbers that are (a Gaussian copula).
    """
    from scipy.special import gammainccinv, gammaincinv, log_ndtr, ndtr

    z = np.linspace(-9.0, 9.0, 2305)
    step = float(z[1] - z[0])
    upper = z > 0
    # Far down the lower tail P(x) = x^shape / Gamma(shape + 1); x itself may be too small to hold.
    value = (log_ndtr(z) + math.lgamma(shape + 1)) / shape
    held = ~upper & (value > -40)
    value[held] = np.log(gammaincinv(shape, ndtr(z[held])))
    value[upper] = np.log(gammainccinv(shape, ndtr(-z[upper])))
    log_normal_density = -(z**2) / 2 - math.log(2 * math.pi) / 2
    slope = np.exp(log_normal_density - shape * value + np.exp(value) + math.lgamma(shape)) * step
    value -= math.log(shape)
    # Cubic Hermite pieces: both ends have the right value and the right slope.
    rise = np.diff(value)
    begins, ends = slope[:-1], slope[1:]
    coefficients = np.array(
        [begins + ends - 2 * rise, 3 * rise - 2 * begins - ends, begins, value[:-1]]
    )
    return OfNormal(float(z[0]), step, coefficients)
