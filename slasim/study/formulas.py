"""Erlang C and A beside the simulated answer, why they differ, and the trade's columns by interval.

The formulas are given what they can use: volume, mean handle time, agents on the phones, mean patience. Queues and
groups that share work are one pool, counted as if every agent took every contact. A number of agents with decimals
is the two whole numbers around it, each for its part. What a formula cannot know is said in sentences, found in the
scenario and not guessed. This file simulates nothing and knows no screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from slasim import clock, registry
from slasim.arrays import Floats
from slasim.clock import format_duration
from slasim.erlang import evaluate_staffing, staff_forecast
from slasim.errors import InputError, Problem
from slasim.outcome.estimates import Estimate
from slasim.scenario import Scenario
from slasim.study import measures
from slasim.study.measures import DEFAULT_THRESHOLD
from slasim.study.result import Result

if TYPE_CHECKING:
    import pandas as pd


USUAL_GOAL = 0.80
"""The service level asked of `required` where no commitment names one."""


@dataclass(frozen=True)
class Pool:
    """Queues and groups that share work, directly or through each other."""

    queues: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def name(self) -> str:
        return ", ".join(self.queues)


def pools(scenario: Scenario) -> tuple[Pool, ...]:
    """The pools of a scenario, in the order of its queues. A queue nobody takes is a pool without groups."""
    joined: list[tuple[set[str], set[str]]] = []
    for queue in scenario.queues:
        takers = {name for name, group in scenario.groups.items() if queue in group.takes}
        queues, groups = {queue}, takers
        for other in [pool for pool in joined if pool[1] & groups]:
            joined.remove(other)
            queues, groups = queues | other[0], groups | other[1]
        joined.append((queues, groups))
    made = [
        Pool(
            tuple(name for name in scenario.queues if name in queues),
            tuple(name for name in scenario.groups if name in groups),
        )
        for queues, groups in joined
    ]
    order = list(scenario.queues)
    return tuple(sorted(made, key=lambda pool: order.index(pool.queues[0])))


class Goal(NamedTuple):
    """What `required` must reach: a share answered within a time (s), and the most an agent may be busy."""

    service_level: float
    threshold_s: float
    max_occupancy: float | None
    given: bool
    """whether the service level is a commitment's, or only the usual one"""


def goal(scenario: Scenario, pool: Pool) -> Goal:
    """The pool's first service-level commitment; else its first service-level metric at 80 %, the trade's usual."""
    caps = [scenario.groups[name].max_occupancy for name in pool.groups]
    cap = min((c for c in caps if c), default=None)
    for promised in measures.promises(scenario):
        if _is_level(promised.asked) and set(promised.asked.queues) & set(pool.queues):
            level = promised.interval_target or promised.target
            if 0 < level < 1:
                return Goal(level, promised.asked.measure.thresholds[0] / 1000, cap, True)
    return Goal(USUAL_GOAL, _threshold(scenario, pool) / 1000, cap, False)


def _is_level(asked: measures.Asked) -> bool:
    return hasattr(asked.measure, "formula") and hasattr(asked.measure, "threshold")


def _threshold(scenario: Scenario, pool: Pool) -> int:
    """ms: of the first service level promised, else named, over queues of this pool; else the default."""
    promised = [p.asked for p in measures.promises(scenario)]
    for asked in [*promised, *(measures.ask(scenario, name) for name in scenario.metrics)]:
        if _is_level(asked) and set(asked.queues) & set(pool.queues):
            return int(asked.measure.thresholds[0])
    return clock.parse_duration(DEFAULT_THRESHOLD)


@dataclass(frozen=True, eq=False)
class _Load:
    """What the formulas are given, arrays of (I,)."""

    volume: Floats
    rate: Floats
    """contacts per interval as if the whole interval were open: its pace while open"""
    aht_s: Floats
    agents: Floats
    patience_s: float | None
    erlangs: Floats


def _load(scenario: Scenario, pool: Pool) -> _Load:
    volume, work, rate, leaving = (np.zeros(scenario.intervals) for _ in range(4))
    for name in pool.queues:
        found = scenario.expected(name)
        volume += found.volume
        work += found.volume * found.aht_ms / 1000
        rate += np.divide(
            found.volume * scenario.interval, found.open_ms,
            out=np.zeros(volume.size), where=found.open_ms > 0,
        )  # fmt: skip
        patience = scenario.patience_of(name)
        if patience is not None:
            scale = 1.0 if found.patience_scale is None else found.patience_scale
            leaving += found.volume / (scale * float(patience.mean) / 1000)
    agents = np.zeros(volume.size)
    for name in pool.groups:
        group, calendar = scenario.groups[name], scenario.calendar_of_group(name)
        part: Any = 1.0
        if calendar is not None and group.staffing is not None:
            part = scenario.grid.open_ms(calendar)[scenario.grid.warm :] / scenario.interval
        agents += scenario.on_phones(name) * part
    aht = np.divide(work, volume, out=np.zeros(volume.size), where=volume > 0)
    patience_s = float(volume.sum() / leaving.sum()) if leaving.sum() > 0 else None
    return _Load(volume, rate, aht, agents, patience_s, rate * aht * 1000 / scenario.interval)


# ------------------------------------------------------------------ beside the simulation


@dataclass(frozen=True)
class BesideFormulas:
    """One pool by formula and by simulation: answered within ``threshold_s`` / all offered, and abandoned / offered.

    ``erlang_a`` is None where nobody has a patience. ``because`` says what the formulas leave out here.
    """

    pool: Pool
    threshold_s: float
    erlang_c: float
    erlang_a: float | None
    erlang_a_abandoned: float | None
    simulated: Estimate
    simulated_abandoned: Estimate
    because: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "queues": list(self.pool.queues),
            "groups": list(self.pool.groups),
            "threshold_s": self.threshold_s,
            "erlang_c": self.erlang_c,
            "erlang_a": self.erlang_a,
            "erlang_a_abandoned": self.erlang_a_abandoned,
            "simulated": self.simulated.to_json(),
            "simulated_abandoned": self.simulated_abandoned.to_json(),
            "because": list(self.because),
        }


def beside_formulas(result: Result) -> tuple[BesideFormulas, ...]:
    """Erlang C and A for each pool of the result's scenario, interval by interval and then pooled, beside the result.

    Pools without staff or contacts are left out, and those with chats or tickets: there is nothing to compare.
    """
    scenario = result.scenario
    found = []
    for pool in pools(scenario):
        if any(scenario.queues[name].channel != "voice" for name in pool.queues):
            continue
        load = _load(scenario, pool)
        if not load.volume.any() or not load.agents.any():
            continue
        threshold = _threshold(scenario, pool)
        level_c, _ = _pooled(load, scenario, threshold / 1000, None)
        level_a = lost_a = None
        if load.patience_s is not None:
            level_a, lost_a = _pooled(load, scenario, threshold / 1000, load.patience_s)
        found.append(
            BesideFormulas(
                pool, threshold / 1000, level_c, level_a, lost_a,
                result.estimate("service_level", queue=pool.queues, threshold=threshold, formula="negative"),
                result.estimate("abandonment_rate", queue=pool.queues),
                tuple(_because(scenario, pool, load)),
            )
        )  # fmt: skip
    return tuple(found)


def _pooled(
    load: _Load, scenario: Scenario, threshold_s: float, patience_s: float | None
) -> tuple[float, float]:
    """(service level, abandoned) over all contacts of the pool."""
    whole = np.floor(load.agents + 1e-9)
    part = np.clip(load.agents - whole, 0.0, 1.0)
    level, lost = np.zeros(load.volume.size), np.zeros(load.volume.size)
    for more, weight in ((0, 1.0 - part), (1, part)):
        if not weight.any():
            continue
        seen = evaluate_staffing(
            load.rate, load.aht_s, scenario.interval / 1000, whole + more,
            threshold_s=threshold_s, patience_s=patience_s,
            method="erlang_c" if patience_s is None else "erlang_a",
        )  # fmt: skip
        level += weight * np.nan_to_num(seen.service_level)
        lost += weight * np.nan_to_num(seen.p_abandon)
    total = load.volume.sum()
    return float(load.volume @ level / total), float(load.volume @ lost / total)


def _because(scenario: Scenario, pool: Pool, load: _Load) -> Iterator[str]:
    """What the simulation knows here and the formulas do not, the weightiest first."""
    records = [scenario.queues[name] for name in pool.queues]
    over = int(((load.erlangs >= load.agents) & (load.volume > 0)).sum())
    if over:
        busy = int((load.volume > 0).sum())
        yield (
            f"in {over:,} of {busy:,} intervals work is at or above staff: Erlang C counts nobody there as in time, "
            "the simulation carries the queue over"
        )
    if _doubted(scenario):
        yield "the formulas take volume, AHT and attendance as certain, here they vary"
    takes = [frozenset(scenario.groups[name].takes) & set(pool.queues) for name in pool.groups]
    if len(set(takes)) > 1:
        yield "the formulas let every agent take every contact, here skills and overflow decide"
    if any(q.lines is not None or q.queue_limit is not None for q in records):
        yield "lines or places in the queue are limited here"
    if any(q.voicemail_after is not None for q in records):
        yield "some go to voicemail here when they have waited long enough"
    if any(q.hangs_up_at_once for q in records):
        yield "some hang up at once here when they must wait"
    if any(scenario.groups[name].shifts is not None for name in pool.groups):
        yield "the formulas take the average heads on duty, here shifts and breaks begin and end"
    if load.patience_s is not None:
        said = format_duration(load.patience_s * 1000)
        yield f"in Erlang C nobody hangs up, in Erlang A patience is exponential (mean {said})"
    if len({(q.priority, q.head_start) for q in records}) > 1:
        yield "the formulas know one line, here priorities and head starts order it"
    if not over:
        yield "the formulas take each interval as if it had always been so, the simulation carries over what waits"
    if {type(q.handling) for q in records} != {registry.get("distribution", "exponential")}:
        yield "handle times are exponential in the formulas, not here"


def _doubted(scenario: Scenario) -> bool:
    demand = scenario.demand
    if demand is None:
        return False
    parts = (demand.volume, demand.aht, demand.attendance)
    names = ("day_cv", "interval_cv", "bias_sd", "day_sd")
    return any(getattr(part, name, 0.0) for part in parts for name in names)


# ------------------------------------------------------------------ the trade's columns


@dataclass(frozen=True, eq=False)
class Trade:
    """One pool in the trade's columns; every array has one entry per interval.

    ``required`` agents on the phones by ``method`` for ``goal``, ``over_under`` = on phones - required,
    ``occupancy`` simulated (nan where nobody was on duty).
    """

    pool: Pool
    goal: Goal
    method: str
    interval: tuple[str, ...]
    forecast: Floats
    aht_s: Floats
    workload: Floats
    required: Floats
    on_phones: Floats
    over_under: Floats
    occupancy: Floats

    def columns(self) -> dict[str, Any]:
        """The columns by name, in the order a planner reads them."""
        names = ("interval", "forecast", "aht_s", "workload", "required", "on_phones", "over_under")
        return {name: getattr(self, name) for name in (*names, "occupancy")}

    def table(self) -> pd.DataFrame:
        """One row per interval."""
        import pandas as pd

        return pd.DataFrame(self.columns())

    def to_json(self) -> dict[str, Any]:
        plain = {
            name: [None if isinstance(x, float) and math.isnan(x) else x for x in np.asarray(column).tolist()]
            for name, column in self.columns().items()
        }  # fmt: skip
        return {
            "queues": list(self.pool.queues),
            "groups": list(self.pool.groups),
            "method": self.method,
            "service_level": self.goal.service_level,
            "threshold_s": self.goal.threshold_s,
            "max_occupancy": self.goal.max_occupancy,
            "columns": plain,
        }


def trade(result: Result) -> tuple[Trade, ...]:
    """Forecast / AHT / workload / required / on phones / over-under / occupancy of each pool, by interval.

    Required is by Erlang A where callers have a patience, else by Erlang C, and respects max_occupancy. Tickets
    are left out: who may wait for days requires no agents by the interval. InputError where there is nothing else.
    """
    scenario = result.scenario
    if measures.only_tickets(scenario):
        would_do = "slasim check says how many hours they take."
        raise InputError([Problem("tickets require no agents by the interval", would_do)])
    found = []
    for pool in _at_once(scenario):
        load, wanted = _load(scenario, pool), goal(scenario, pool)
        method = "erlang_c" if load.patience_s is None else "erlang_a"
        needed = staff_forecast(
            load.rate, load.aht_s, scenario.interval / 1000, service_level=wanted.service_level,
            threshold_s=wanted.threshold_s, max_occupancy=wanted.max_occupancy,
            patience_s=load.patience_s, method=method,
        ).required.astype(np.float64)  # fmt: skip
        busy, staffed = np.zeros(scenario.intervals), np.zeros(scenario.intervals)
        for name in pool.groups:
            above, below = result.parts_by_interval(measures.ask(scenario, "occupancy"), name)
            busy += np.asarray(above).sum(axis=0)
            staffed += np.asarray(below).sum(axis=0)
        labels = scenario.grid.local.text[scenario.grid.warm :]
        found.append(
            Trade(
                pool, wanted, method, tuple(str(text) for text in labels), load.volume,
                np.where(load.volume > 0, load.aht_s, np.nan),
                load.volume * load.aht_s * 1000 / scenario.interval, needed, load.agents, load.agents - needed,
                np.divide(busy, staffed, out=np.full(busy.size, np.nan), where=staffed > 0),
            )
        )  # fmt: skip
    return tuple(found)


def _at_once(scenario: Scenario) -> Iterator[Pool]:
    """The pools, each with the queues whose customers wait on the line."""
    for pool in pools(scenario):
        queues = tuple(name for name in pool.queues if not scenario.queues[name].kind.replies)
        if queues:
            yield Pool(queues, pool.groups)


def trade_table(pools: Sequence[Trade]) -> pd.DataFrame:
    """All pools under each other, with a column that names their queues."""
    import pandas as pd

    return pd.concat([one.table().assign(queues=one.pool.name) for one in pools], ignore_index=True)
