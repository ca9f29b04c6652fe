"""M/M/n+G: exponential handle times and patience of any law.

Patience is known by one function, the share of callers still there after x seconds, and by the
places where that function jumps or bends. This file knows no intervals and no shrinkage.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre

from slasim.arrays import Floats

from .loss import check_centre, idle_weight
from .patience import Abandonment, _ratio, nothing_offered


@dataclass(frozen=True)
class Patience:
    """A patience law: ``still_there(x)`` is P(patience > x), ``kinks`` where it is not smooth."""

    still_there: Callable[[Floats], Floats]
    kinks: tuple[float, ...] = ()

    @classmethod
    def exponential(cls, mean_s: float) -> Patience:
        """Erlang A's law."""
        return cls(lambda x: np.exp(-x / mean_s))

    @classmethod
    def deterministic(cls, seconds: float) -> Patience:
        """Everybody waits exactly this long."""
        return cls(lambda x: np.where(x < seconds, 1.0, 0.0), (seconds,))

    @classmethod
    def uniform(cls, from_s: float, to_s: float) -> Patience:
        """Evenly spread between two times."""
        return cls(lambda x: np.clip((to_s - x) / (to_s - from_s), 0.0, 1.0), (from_s, to_s))

    @classmethod
    def hyperexponential(cls, means_s: Sequence[float], shares: Sequence[float]) -> Patience:
        """A mixture of exponentials; shares sum to 1."""
        return cls(
            lambda x: np.asarray(
                sum(p * np.exp(-x / m) for p, m in zip(shares, means_s, strict=True))
            )
        )

    @classmethod
    def gamma(cls, mean_s: float, shape: float) -> Patience:
        """Gamma with the given shape; a whole shape k is Erlang-k."""

        def still_there(x: Floats) -> Floats:
            from slasim.special import gammaincc

            return np.asarray(gammaincc(shape, x * shape / mean_s), dtype=np.float64)

        return cls(still_there)


def erlang_general_patience(
    calls_per_hour: float,
    aht_s: float,
    agents: int,
    patience: Patience,
    *,
    threshold_s: float = 20.0,
) -> Abandonment:
    """All measures of M/M/n+G (F. Baccelli, G. Hebuterne, 1981; S. Zeltyn, A. Mandelbaum, 2005).

    With H(x) the mean of min(patience, x), the offered wait has the density
    ``v(x) ~ rate exp(rate H(x) - n x / AHT)`` beside a mass ``1/B(n-1)`` at 0, B of Erlang B. Every
    measure is an integral over v, taken by Gauss-Legendre panels that are halved until nothing
    moves by more than 1e-12 of itself.

    Raises ValueError for numbers out of range, for no agents, and when the queue has no end
    because too many callers never leave.
    """
    check_centre(calls_per_hour, aht_s, agents, threshold_s)
    if calls_per_hour == 0.0:
        return nothing_offered(aht_s, agents, threshold_s)
    if agents < 1:
        raise ValueError("agents is 0; at least one agent is needed here")
    rate, working = calls_per_hour / 3600.0, agents / aht_s
    end = _horizon(rate, working, patience)
    log_idle = math.log1p(idle_weight(rate * aht_s, agents - 1))
    panels, before = 32, np.full(6, np.nan)
    while True:
        found = _measures(rate, working, log_idle, patience, threshold_s, end, panels)
        if np.all(np.abs(found - before) <= 1e-12 * np.abs(found) + 1e-300):
            break
        if panels > 8192:
            raise ValueError("the patience law jumps at places that its kinks do not name")
        panels, before = 2 * panels, found
    p_wait, p_answered, mean_wait, waits_of_answered, in_time, left_in_time = map(float, found)
    return Abandonment(
        calls_per_hour=calls_per_hour,
        aht_s=aht_s,
        agents=agents,
        threshold_s=threshold_s,
        load=rate * aht_s,
        p_wait=p_wait,
        p_abandon=1.0 - p_answered,
        p_blocked=0.0,
        mean_wait_all_s=mean_wait,
        asa_answered_s=_ratio(waits_of_answered, p_answered),
        mean_queue=rate * mean_wait,
        occupancy=rate * aht_s * p_answered / agents,
        sl_offered=in_time,
        p_abandon_within_threshold=left_in_time,
    )


def _measures(
    rate: float,
    working: float,
    log_idle: float,
    patience: Patience,
    threshold_s: float,
    end: float,
    panels: int,
) -> Floats:
    cuts = [0.0, *sorted({p for p in (*patience.kinks, threshold_s) if 0.0 < p < end}), end]
    x, weight, stays, waits = _grid(patience, cuts, panels)
    exponent = rate * waits - working * x
    highest = max(float(exponent.max()), log_idle - math.log(rate))
    density = rate * np.exp(exponent - highest) * weight
    at_zero = math.exp(log_idle - highest)
    whole = at_zero + float(density.sum())
    density /= whole
    within = x <= threshold_s
    stays_at_threshold = float(patience.still_there(np.array([threshold_s]))[0])
    left = 1.0 - np.where(within, stays, stays_at_threshold)
    return np.array(
        [
            density.sum(),
            at_zero / whole + density @ stays,
            density @ waits,
            density @ (x * stays),
            at_zero / whole + density[within] @ stays[within],
            density @ left,
        ]
    )


def _grid(
    patience: Patience, cuts: Sequence[float], panels: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Nodes, weights, P(patience > x) and the mean of min(patience, x) at the nodes."""
    edges = np.concatenate(
        [np.linspace(a, b, panels + 1)[:-1] for a, b in pairwise(cuts)] + [np.array(cuts[-1:])]
    )
    half = np.diff(edges) / 2.0
    x = (edges[:-1] + half)[:, None] + half[:, None] * _NODES
    stays = patience.still_there(x)
    inside = half[:, None] * (stays @ _FROM_LEFT.T)
    whole = half * (stays @ _WEIGHTS)
    waits = inside + np.concatenate(([0.0], np.cumsum(whole)[:-1]))[:, None]
    return x.ravel(), (half[:, None] * _WEIGHTS).ravel(), stays.ravel(), waits.ravel()


def _horizon(rate: float, working: float, patience: Patience) -> float:
    """A time beyond which the offered wait has less than 1e-18 of its mass."""
    end = 8.0 / working
    while end < 1e10:
        cuts = [0.0, *sorted(p for p in patience.kinks if 0.0 < p < end), end]
        x, _, stays, waits = _grid(patience, cuts, 64)
        exponent = rate * waits - working * x
        net = working - rate * float(stays[-1])
        if net > 0.0 and exponent[-1] - math.log(net / working) < exponent.max() - 41.5:
            return end
        end *= 2.0
    raise ValueError("too many callers never leave: the queue grows without end")


def _gauss_legendre(order: int) -> tuple[Floats, Floats, Floats]:
    """Nodes and weights on -1..1, and the matrix that integrates from -1 to each node."""
    nodes, weights = legendre.leggauss(order)
    values = legendre.legvander(nodes, order)
    integrals = np.empty((order, order))
    integrals[:, 0] = nodes + 1.0
    for m in range(1, order):
        integrals[:, m] = (values[:, m + 1] - values[:, m - 1]) / (2 * m + 1)
    return nodes, weights, integrals @ np.linalg.inv(values[:, :order])


_NODES, _WEIGHTS, _FROM_LEFT = _gauss_legendre(16)
