"""The planner's first question by formula: how many agents does this forecast need?

One call answers for a whole forecast, interval by interval: workload, agents required on the
phones, agents scheduled, occupancy, service level, FTE-hours. Each interval is in steady state, or
follows the modified offered load; a queue carried over, breaks, skills and doubt about the forecast
need the simulation. This file knows arrays of intervals and no files or scenarios.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from slasim.arrays import ArrayLike, Bools, Floats, Ints, NDArray
from slasim.clock import parse_duration
from slasim.errors import InputError, Problem

from .offered_load import modified_offered_load as _modified_offered_load
from .staffing import Goals, fewest, steady_state

if TYPE_CHECKING:
    import pandas as pd


METHODS = ("erlang_c", "erlang_a")

_INSTANTS, _SHARES = (
    (nodes + 1.0) / 2.0 if i == 0 else nodes / 2.0
    for i, nodes in enumerate(np.polynomial.legendre.leggauss(5))
)


@dataclass(frozen=True, eq=False)
class ForecastStaffing:
    """A forecast staffed by formula. Every array has one entry per interval.

    ``offered`` calls, ``aht_s`` seconds, ``workload`` erlangs (calls x AHT / interval), ``load``
    erlangs the formula was given (the workload, or the mean modified offered load), ``required``
    agents on the phones, ``scheduled`` = required / (1 - shrinkage), ``occupancy`` and
    ``service_level`` shares, ``asa_s`` mean wait of the answered, ``p_abandon`` share of offered,
    ``fte_hours`` = scheduled x hours of the interval.

    Where nothing is offered, service level, ASA and abandonment are nan: nothing to judge.
    """

    method: str
    interval_s: float
    threshold_s: float
    shrinkage: float
    offered: Floats
    aht_s: Floats
    workload: Floats
    load: Floats
    required: Ints
    scheduled: Floats
    occupancy: Floats
    service_level: Floats
    asa_s: Floats
    p_abandon: Floats
    fte_hours: Floats

    @cached_property
    def heads(self) -> Ints:
        """Scheduled agents as whole people, rounded up."""
        return np.ceil(self.scheduled - 1e-9).astype(np.int64)

    @cached_property
    def total_fte_hours(self) -> float:
        """Scheduled hours of the whole forecast."""
        return float(self.fte_hours.sum())

    @cached_property
    def pooled_service_level(self) -> float:
        """All calls together: answered within the threshold / offered; nan without calls."""
        return _weighted(self.service_level, self.offered)

    @cached_property
    def pooled_p_abandon(self) -> float:
        """All calls together: abandoned / offered; nan without calls."""
        return _weighted(self.p_abandon, self.offered)

    @cached_property
    def pooled_asa_s(self) -> float:
        """Mean wait of all answered calls; infinite if one interval with calls is overloaded."""
        return _weighted(self.asa_s, self.offered * (1.0 - self.p_abandon))

    @cached_property
    def pooled_occupancy(self) -> float:
        """Busy time / agent time over the whole forecast."""
        return _weighted(self.occupancy, self.required.astype(np.float64))

    def columns(self) -> dict[str, NDArray[Any]]:
        """The per-interval arrays by name, in the order a planner reads them."""
        return {
            "offered": self.offered,
            "aht_s": self.aht_s,
            "workload": self.workload,
            "required": self.required,
            "scheduled": self.scheduled,
            "heads": self.heads,
            "fte_hours": self.fte_hours,
            "occupancy": self.occupancy,
            "service_level": self.service_level,
            "asa_s": self.asa_s,
            "p_abandon": self.p_abandon,
        }

    def table(self) -> pd.DataFrame:
        """One row per interval."""
        import pandas as pd

        return pd.DataFrame(self.columns())

    def to_json(self) -> dict[str, object]:
        """Stable keys; what cannot be judged or is infinite is null."""
        return {
            "method": self.method,
            "interval_s": self.interval_s,
            "threshold_s": self.threshold_s,
            "shrinkage": self.shrinkage,
            "total_fte_hours": self.total_fte_hours,
            "pooled_service_level": _plain(self.pooled_service_level),
            "pooled_p_abandon": _plain(self.pooled_p_abandon),
            "pooled_asa_s": _plain(self.pooled_asa_s),
            "pooled_occupancy": _plain(self.pooled_occupancy),
            "intervals": [
                {name: _plain(value) for name, value in zip(self.columns(), row, strict=True)}
                for row in zip(*(c.tolist() for c in self.columns().values()), strict=True)
            ],
        }


def staff_forecast(
    offered: ArrayLike,
    aht_s: ArrayLike,
    interval_s: float,
    *,
    service_level: float | None = None,
    threshold_s: float = 20.0,
    asa_s: float | None = None,
    p_abandon: float | None = None,
    max_occupancy: float | None = None,
    shrinkage: float = 0.0,
    patience_s: float | None = None,
    method: str = "erlang_c",
    modified_offered_load: bool = False,
    start_load: float | None = 0.0,
) -> ForecastStaffing:
    """Fewest agents per interval that reach every goal given, in that interval.

    ``offered``: calls per interval; ``aht_s``: seconds, one number or one per interval (0 or nan is
    allowed where nothing is offered). ``shrinkage`` is the share of scheduled time not on the
    phones: required is divided by ``1 - shrinkage``. ``method``: ``erlang_c`` (nobody abandons) or
    ``erlang_a`` (needs ``patience_s``). With ``modified_offered_load`` an interval's service level
    is the mean over its course as the load rises or falls; ``start_load`` erlangs are busy at the
    start. Intervals without calls need nobody.

    Raises InputError with every problem at once.
    """
    goals = Goals(service_level, threshold_s, "negative", asa_s, None, p_abandon, max_occupancy)
    extra = goals.problems()
    if p_abandon is not None and method == "erlang_c":
        extra.append("p_abandon asks nothing of erlang_c, where nobody abandons; use erlang_a")
    calls, aht = _checked(offered, aht_s, interval_s, shrinkage, patience_s, method, extra=extra)
    course = _course(calls, aht, interval_s, modified_offered_load, start_load)

    @cache
    def needed(loads: tuple[float, ...], handle_s: float) -> int:
        def meets(agents: int) -> bool:
            seen = _interval(loads, handle_s, agents, threshold_s, _patience(method, patience_s))
            return goals.met_by(
                seen.service_level, seen.asa_s, seen.p_wait, seen.p_abandon, seen.occupancy
            )

        most = max(loads)
        return fewest(meets, guess=round(most + math.sqrt(most)))

    required = np.array(
        [
            needed(tuple(loads), float(handle_s)) if call > 0.0 else 0
            for loads, handle_s, call in zip(course.tolist(), aht, calls, strict=True)
        ],
        dtype=np.int64,
    )
    return _staffed(
        calls, aht, interval_s, required, course, threshold_s, shrinkage, patience_s, method
    )


def evaluate_staffing(
    offered: ArrayLike,
    aht_s: ArrayLike,
    interval_s: float,
    agents: ArrayLike,
    *,
    threshold_s: float = 20.0,
    shrinkage: float = 0.0,
    patience_s: float | None = None,
    method: str = "erlang_c",
    modified_offered_load: bool = False,
    start_load: float | None = 0.0,
) -> ForecastStaffing:
    """What the formula says about a given staffing; arguments as for :func:`staff_forecast`.

    ``agents``: whole agents on the phones per interval. Overloaded intervals of Erlang C come out
    with service level 0 and infinite ASA. Raises InputError with every problem at once.
    """
    given = np.asarray(agents, dtype=np.float64)
    extra = []
    if not np.all(np.isfinite(given)) or np.any(given < 0) or np.any(given != np.floor(given)):
        extra.append("agents must be whole numbers, 0 or more")
    calls, aht = _checked(
        offered,
        aht_s,
        interval_s,
        shrinkage,
        patience_s,
        method,
        extra=extra,
        also=("agents", given),
    )
    course = _course(calls, aht, interval_s, modified_offered_load, start_load)
    required = np.broadcast_to(given, calls.shape).astype(np.int64)
    return _staffed(
        calls, aht, interval_s, required, course, threshold_s, shrinkage, patience_s, method
    )


def parse_sl_goal(text: str) -> tuple[float, float]:
    """Read ``80/20``, ``80%/20s`` or ``92.5/1m`` as (share, seconds).

    Raises InputError.

    >>> parse_sl_goal("80/30")
    (0.8, 30.0)
    """
    would_do = "Write percent and seconds, as 80/30"
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%?\s*/\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text)
    if match is None:
        raise InputError([Problem(f"'{text}' is not a service-level goal", would_do)])
    percent, number, unit = float(match[1]), match[2], match[3]
    if not 1.0 <= percent < 100.0:
        raise InputError([Problem(f"'{text}' asks for {match[1]} percent", would_do)])
    if not unit:
        return percent / 100.0, float(number)
    try:
        return percent / 100.0, parse_duration(number + unit) / 1000.0
    except ValueError as error:
        raise InputError([Problem(f"'{text}': {error}", would_do)]) from error


class _Seen(NamedTuple):
    service_level: float
    asa_s: float
    p_wait: float
    p_abandon: float
    occupancy: float


def _interval(
    loads: tuple[float, ...],
    aht_s: float,
    agents: int,
    threshold_s: float,
    patience_s: float | None,
) -> _Seen:
    """One interval: the formula at one load, or averaged over the loads of its course."""
    if len(loads) == 1:
        shares: tuple[float, ...] = (1.0,)
    else:
        shares = tuple(_SHARES)
    level = wait = p_wait = p_abandon = occupancy = answered = 0.0
    for share, load in zip(shares, loads, strict=True):
        seen = steady_state(load / aht_s * 3600.0, aht_s, agents, threshold_s, patience_s)
        level += share * seen.sl_offered
        p_wait += share * seen.p_wait
        p_abandon += share * seen.p_abandon
        occupancy += share * seen.occupancy
        part = share * (1.0 - seen.p_abandon)
        if part > 0.0:
            wait += part * seen.asa_answered_s
            answered += part
    return _Seen(level, wait / answered if answered else math.nan, p_wait, p_abandon, occupancy)


def _staffed(
    calls: Floats,
    aht: Floats,
    interval_s: float,
    required: Ints,
    course: Floats,
    threshold_s: float,
    shrinkage: float,
    patience_s: float | None,
    method: str,
) -> ForecastStaffing:
    measure: Callable[[tuple[float, ...], float, int], _Seen] = cache(
        lambda loads, handle_s, agents: _interval(
            loads, handle_s, agents, threshold_s, _patience(method, patience_s)
        )
    )
    nan = math.nan
    rows = [
        measure(tuple(loads), float(handle_s), int(agents))
        if call > 0.0
        else _Seen(nan, nan, nan, nan, 0.0 if agents else nan)
        for loads, handle_s, agents, call in zip(course.tolist(), aht, required, calls, strict=True)
    ]
    seen = np.array(rows, dtype=np.float64).reshape(len(calls), 5)
    scheduled = required / (1.0 - shrinkage)
    load = course[:, 0] if course.shape[1] == 1 else course @ _SHARES
    return ForecastStaffing(
        method=method,
        interval_s=interval_s,
        threshold_s=threshold_s,
        shrinkage=shrinkage,
        offered=calls,
        aht_s=aht,
        workload=calls * aht / interval_s,
        load=load,
        required=required,
        scheduled=scheduled,
        occupancy=seen[:, 4],
        service_level=seen[:, 0],
        asa_s=seen[:, 1],
        p_abandon=seen[:, 3],
        fte_hours=scheduled * interval_s / 3600.0,
    )


def _course(
    calls: Floats, aht: Floats, interval_s: float, moving: bool, start_load: float | None
) -> Floats:
    """Load the formula is given, shape (intervals, 1), or (intervals, 5) along the interval."""
    if moving:
        modified = _modified_offered_load(calls, aht, interval_s, start_load=start_load)
        return modified.at(tuple(_INSTANTS))
    return (calls * aht / interval_s)[:, None]


def _checked(
    offered: ArrayLike,
    aht_s: ArrayLike,
    interval_s: float,
    shrinkage: float,
    patience_s: float | None,
    method: str,
    *,
    extra: list[str],
    also: tuple[str, Floats] | None = None,
) -> tuple[Floats, Floats]:
    """Calls and handle times as arrays; InputError with everything that is wrong."""
    problems = [Problem(sentence) for sentence in extra]

    def wrong(path: str, found: str, would_do: str) -> None:
        problems.append(Problem(found, would_do, path=path))

    calls = np.atleast_1d(np.asarray(offered, dtype=np.float64))
    aht = np.asarray(aht_s, dtype=np.float64)
    if calls.ndim != 1:
        wrong("offered", f"has {calls.ndim} dimensions", "Give one number per interval")
        calls = calls.ravel()
    for name, values in [("aht_s", aht), *([also] if also else [])]:
        if values.ndim > 1 or (values.ndim == 1 and values.shape != calls.shape):
            wrong(name, f"has {values.size} entries, offered has {calls.size}", "Give as many")
    for i in np.flatnonzero(~(np.isfinite(calls) & (calls >= 0.0)))[:20]:
        wrong(f"offered[{i}]", f"{calls[i]} calls", "Write 0 or more")
    if not any(p.path == "aht_s" for p in problems):
        aht = np.broadcast_to(aht, calls.shape).copy()
        good = np.isfinite(aht) & (aht > 0.0)
        for i in np.flatnonzero(~good & (calls > 0.0))[:20]:
            wrong(f"aht_s[{i}]", f"{aht[i]} seconds", "Write a handle time above 0")
        aht = _carried_over(aht, good)
    if not (math.isfinite(interval_s) and interval_s > 0.0):
        wrong("interval_s", f"{interval_s} seconds", "Write a length above 0")
    if not 0.0 <= shrinkage < 1.0:
        wrong("shrinkage", f"{shrinkage}", "Write a share from 0 to below 1, as 0.25")
    if method not in METHODS:
        wrong("method", f"'{method}'", f"Choose one of {', '.join(METHODS)}")
    if method == "erlang_a" and patience_s is None:
        wrong("patience_s", "is missing", "Erlang A needs the mean patience in seconds")
    if patience_s is not None and not patience_s > 0.0:
        wrong("patience_s", f"{patience_s} seconds", "Write a patience above 0")
    if problems:
        raise InputError(problems)
    return calls, aht


def _carried_over(aht: Floats, good: Bools) -> Floats:
    """Handle times with the gaps of empty intervals filled from the last, or first, known one."""
    if good.all() or not good.any():
        return np.where(good, aht, 1.0)
    last = np.maximum.accumulate(np.where(good, np.arange(len(aht)), -1))
    return aht[np.where(last < 0, int(np.argmax(good)), last)]


def _patience(method: str, patience_s: float | None) -> float | None:
    return patience_s if method == "erlang_a" else None


def _weighted(values: Floats, weights: Floats) -> float:
    counted = weights > 0.0
    if not counted.any():
        return math.nan
    return float(np.average(values[counted], weights=weights[counted]))


def _plain(value: float) -> float | int | None:
    return value if math.isfinite(value) else None
