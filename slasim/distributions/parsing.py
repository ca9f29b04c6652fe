"""What a planner writes, ``{lognormal: {mean: 260s, cv: 0.9}}``, to a distribution. Kinds are asked of the registry."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, cast

from slasim import registry
from slasim.distributions.base import Distribution
from slasim.distributions.settings import Milliseconds, number
from slasim.errors import did_you_mean

__all__ = ["parse"]


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
        given["mean"] = Milliseconds(mean)
    try:
        if isinstance(thing, type):
            built: Distribution = cast(Any, thing).from_settings(**given)
            return built
        from slasim.distributions.by_quantile import ByQuantile, read_settings

        return ByQuantile(name, thing, tuple(read_settings(thing, given).items()))
    except ValueError as why:
        raise ValueError(f"{name}: {why}") from None


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
    wait = number("wait_total_s", settings["wait_total_s"])
    gone = number("abandoned", settings["abandoned"])
    from slasim.distributions.exponential import Exponential

    return Exponential(1000.0 * wait / gone)
