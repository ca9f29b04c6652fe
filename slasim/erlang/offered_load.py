"""Modified offered load: what demand that changes during the day asks of the agents.

A call that arrives at 10:58 still keeps an agent at 11:01. With as many agents as anyone could
want, the mean number busy follows one differential equation; the Erlang formulas, given that number
instead of calls x AHT, become good approximations for a changing day. This file knows neither
agents nor waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from slasim.arrays import ArrayLike, Floats


@dataclass(frozen=True, eq=False)
class OfferedLoad:
    """Modified offered load of each interval, in erlangs.

    ``at_start`` and ``at_end`` are the values at its edges, ``mean`` its time average, ``steady``
    what it tends to (calls x AHT, the load a formula without memory would take).
    """

    steady: Floats
    at_start: Floats
    at_end: Floats
    mean: Floats
    handle_times: Floats

    def at(self, moments: Sequence[float]) -> Floats:
        """Load at moments given as parts of the interval (0 to 1): shape (intervals, moments)."""
        faded = np.exp(-self.handle_times[:, None] * np.asarray(moments, dtype=np.float64))
        steady = self.steady[:, None]
        return np.asarray(steady + (self.at_start[:, None] - steady) * faded)


def modified_offered_load(
    offered: ArrayLike,
    aht_s: ArrayLike,
    interval_s: float,
    *,
    start_load: float | None = 0.0,
) -> OfferedLoad:
    """Mean busy agents of Mt/M/infinity (S. G. Eick, W. A. Massey, W. Whitt, The physics of the
    Mt/G/infinity queue, 1993; D. L. Jagerman, 1975).

    ``offered``: calls per interval, spread evenly inside it. ``aht_s``: mean (exponential) handle
    time, one number or one per interval; it governs the calls that end during that interval.
    ``m' = rate - m/AHT`` has the closed form ``m(t) = steady + (m(0) - steady) exp(-t/AHT)`` inside
    each interval.

    ``start_load``: erlangs already busy at the start (0: the centre opens empty; None: as if the
    first interval had always lasted).

    Raises ValueError for negative calls, or a handle time or interval that is not above 0.
    """
    calls = np.atleast_1d(np.asarray(offered, dtype=np.float64))
    aht = np.broadcast_to(np.asarray(aht_s, dtype=np.float64), calls.shape)
    if not (np.all(np.isfinite(calls)) and np.all(calls >= 0.0)):
        raise ValueError("offered holds a number that is negative or missing")
    if not (np.all(np.isfinite(aht)) and np.all(aht > 0.0) and interval_s > 0.0):
        raise ValueError("aht_s and interval_s must be more than 0 seconds")
    steady = calls / interval_s * aht
    handle_times = interval_s / aht
    fades = np.exp(-handle_times)
    at_start, at_end = np.empty_like(steady), np.empty_like(steady)
    load = start_load if start_load is not None else (float(steady[0]) if len(steady) else 0.0)
    for i in range(len(steady)):
        at_start[i] = load
        load = float(steady[i] + (load - steady[i]) * fades[i])
        at_end[i] = load
    mean = steady + (at_start - steady) * -np.expm1(-handle_times) / handle_times
    return OfferedLoad(steady, at_start, at_end, mean, handle_times)
