"""How long things take: handle times, patience and delays as distributions of milliseconds.

Each kind is one frozen record with a mean, a coefficient of variation, a quantile function and a
``standard`` draw: the draw divided by the mean, one per contact and always from the same place of
the stream. So contact n keeps its draw when a mean changes ("-10 % AHT" meets the same callers).

``parse`` reads what a planner writes, ``{lognormal: {mean: 260s, cv: 0.9}}``. A kind of your own is
a class like those in the files beside this one, or only a quantile function:

    @kind("distribution", "pareto")
    def pareto(u, *, mean="3min", alpha=2.5):
        \"\"\"A heavy tail.\"\"\"
        return mean * (alpha - 1) / alpha * (1 - u) ** (-1 / alpha)

This room knows no scenario, no queue and no file; columns of files are read by the scenario. This file knows only
where each public name lives: a kind is loaded when one is named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what type checkers and editors read; `_HOMES` says the same to Python
    from slasim.distributions.base import Distribution as Distribution
    from slasim.distributions.by_quantile import ByQuantile as ByQuantile
    from slasim.distributions.constant import Constant as Constant
    from slasim.distributions.constant import Deterministic as Deterministic
    from slasim.distributions.empirical import Empirical as Empirical
    from slasim.distributions.exponential import Exponential as Exponential
    from slasim.distributions.gamma import Erlang as Erlang
    from slasim.distributions.gamma import Gamma as Gamma
    from slasim.distributions.hyperexponential import Hyperexponential as Hyperexponential
    from slasim.distributions.lognormal import Lognormal as Lognormal
    from slasim.distributions.of_normal import gamma_of_normal as gamma_of_normal
    from slasim.distributions.parsing import parse as parse
    from slasim.distributions.uniform import Uniform as Uniform
    from slasim.distributions.weibull import Weibull as Weibull

_HOMES = {
    "ByQuantile": "by_quantile",
    "Constant": "constant",
    "Deterministic": "constant",
    "Distribution": "base",
    "Empirical": "empirical",
    "Erlang": "gamma",
    "Exponential": "exponential",
    "Gamma": "gamma",
    "Hyperexponential": "hyperexponential",
    "Lognormal": "lognormal",
    "Uniform": "uniform",
    "Weibull": "weibull",
    "gamma_of_normal": "of_normal",
    "parse": "parsing",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    """Import a public name where it lives, once (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'slasim.distributions' has no attribute {name!r}")
    thing = getattr(importlib.import_module(f"slasim.distributions.{home}"), name)
    globals()[name] = thing
    return thing
