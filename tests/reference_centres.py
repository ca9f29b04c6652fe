"""The reference cases as scenarios: what each case's inputs are called in a scenario file.

A steady-state case becomes long replications after a warm-up, a day case becomes many days from empty in each
replication: the day's hours, then hours without calls in which the centre runs empty. Everything goes through the
text of a scenario file. This file knows no expected number.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from slasim.scenario import Scenario, load_text

Case = Mapping[str, Any]

START = datetime(2026, 1, 5)
DAY_S = 86_400

LAWS = {
    "deterministic 120 s": {"deterministic": "120s"},
    "hyperexponential: 20 s with probability 0.4, else 300 s (means)": {
        "hyperexponential": {"means": ["20s", "300s"], "shares": [0.4, 0.6]}
    },
    "uniform on 0..240 s": {"uniform": {"from": "0s", "to": "240s"}},
    "Erlang-2 (gamma shape 2), mean 150 s": {"erlang": {"mean": "150s", "k": 2}},
    "Erlang-4 (gamma shape 4)": {"erlang": {"mean": "200s", "k": 4}},
    "hyperexponential: mean 100 s with probability 0.8, else 600 s": {
        "hyperexponential": {"means": ["100s", "600s"], "shares": [0.8, 0.2]}
    },
    "hyperexponential: mean 120 s with probability 0.9, else 1120 s": {
        "hyperexponential": {"means": ["120s", "1120s"], "shares": [0.9, 0.1]}
    },
    "constant": {"deterministic": "200s"},
    "exponential, mean 120 s": {"exponential": {"mean": "120s"}},
    "constant, mean 240 s": {"deterministic": "240s"},
}
"""Distributions that the cases give in words, as a scenario file writes them."""

FORMULAS = {
    "sl_offered": "negative",
    "sl_answered": "answered_only",
    "sl_excl_short_abandon": "exclude_abandoned_within",
    "sl_incl_short_abandon": "positive",
}
"""The service levels of the reference cases under our names."""


def seconds(number: float) -> str:
    """A duration as a scenario file writes it."""
    return f"{number:.9g}s"


def exponential(mean_s: float | None) -> dict[str, Any] | None:
    return None if mean_s is None else {"exponential": {"mean": seconds(mean_s)}}


def listed(value: Any, size: int) -> list[Any]:
    """One entry per class: a single value holds for all."""
    return list(value) if isinstance(value, list) else [value] * size


def metric_name(what: str, threshold_s: float, queue: str | None = None) -> str:
    name = f"{what}_{threshold_s:g}s"
    return name if queue is None else f"{name}_{queue}"


def service_levels(
    thresholds_s: Sequence[float], whats: Sequence[str], queues: Sequence[str] | None = None
) -> dict[str, Any]:
    """The metrics of a scenario: each formula at each threshold, over all queues or for each queue."""
    return {
        metric_name(what, t, queue): {
            "type": "service_level",
            "threshold": seconds(t),
            "formula": FORMULAS[what],
            "include_blocked": True,
        }
        | ({} if queue is None else {"queues": queue})
        for t in thresholds_s
        for what in whats
        for queue in (queues or [None])
    }


def scenario(
    name: str,
    queues: Mapping[str, Any],
    groups: Mapping[str, Any],
    *,
    length_s: float,
    interval: str,
    metrics: Mapping[str, Any],
    folder: Path | None = None,
    **more: Any,
) -> Scenario:
    """The text of a scenario file, and what `slasim` reads from it."""
    plain = {
        "name": name,
        "start": START.isoformat(" "),
        "end": (START + timedelta(seconds=length_s)).isoformat(" "),
        "interval": interval,
        "queues": queues,
        "groups": groups,
        "metrics": metrics,
        **more,
    }
    return load_text(json.dumps(plain), folder=folder)


# ---------------------------------------------------------------------- steady state

CONTACTS = 30_000
"""About so many in a replication, so that what a replication costs by itself does not matter."""

FORGETS_S = 360.0
"""With abandonment a centre forgets how it began about as fast as calls end or callers give up."""


def steady(
    name: str,
    queues: Mapping[str, Any],
    groups: Mapping[str, Any],
    metrics: Mapping[str, Any],
    *,
    relaxation_s: float,
) -> Scenario:
    """Replications that begin after ten times the slowest time in which the model forgets how it began."""
    warm = math.ceil(10 * relaxation_s / 3600)
    per_hour = sum(queue["arrivals"]["per_hour"] for queue in queues.values())
    hours, interval = max(math.ceil(CONTACTS / per_hour), 5 * warm), 1
    if hours > 240:
        hours, warm, interval = (24 * math.ceil(h / 24) for h in (hours, warm, 1))
    return scenario(
        name, queues, groups, length_s=3600 * hours, interval=f"{interval}h", metrics=metrics,
        warm_up=f"{warm}h",
    )  # fmt: skip


def relaxation_s(load: float, agents: int, handle_s: float, cv: float = 1.0) -> float:
    """How slowly M/M/n forgets: 1 / (mu (sqrt(n) - sqrt(load))^2) (J. F. Reynolds, 1975), stretched by the cv."""
    return handle_s / (math.sqrt(agents) - math.sqrt(load)) ** 2 * (1 + cv**2) / 2


def one_queue(
    found: Case,
    *,
    whats: Sequence[str],
    thresholds_s: Sequence[float],
    law: Mapping[str, Any] | None = None,
    cv: float = 1.0,
    patience: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Scenario:
    """One queue and one group in steady state; ``keys`` are further keys of the queue."""
    inputs = found["inputs"]
    rate, handle, agents = (
        inputs[key] for key in ("arrivals_per_hour", "mean_handle_time_s", "agents")
    )
    queue = {
        "arrivals": {"per_hour": rate},
        "handle_time": law or exponential(handle),
        "patience": patience or exponential(inputs.get("mean_patience_s")),
        **keys,
    }
    endless = queue["patience"] is None and "lines" not in keys
    relaxes = relaxation_s(rate * handle / 3600, agents, handle, cv) if endless else FORGETS_S
    return steady(
        found["name"],
        {"calls": queue},
        {"agents": {"takes": {"calls": 1}, "staffing": agents}},
        service_levels(thresholds_s, whats),
        relaxation_s=relaxes,
    )


def priorities(found: Case, thresholds_s: Sequence[float], preempt: bool = False) -> Scenario:
    """Classes in strict order of priority, one group; queues c0, c1, ... with priority 1, 2, ...

    With ``preempt`` the work on all but the first may be interrupted.
    """
    inputs = found["inputs"]
    rates = inputs["arrivals_per_hour"]
    size = len(rates)
    laws: list[Any] = [LAWS[text] for text in inputs.get("handle_times", [])]
    handles = listed(inputs.get("mean_handle_time_s", [120, 240]), size)
    patience = listed(inputs.get("mean_patience_s"), size)
    names = [f"c{k}" for k in range(size)]
    patient = [k for k in range(size) if patience[k] is None]
    load = sum(rates[k] * handles[k] / 3600 for k in patient)
    return steady(
        found["name"],
        {
            name: {
                "arrivals": {"per_hour": rates[k]},
                "handle_time": laws[k] if laws else exponential(handles[k]),
                "patience": exponential(patience[k]),
                "priority": k + 1,
            }
            for k, name in enumerate(names)
        },
        {
            "agents": {
                "takes": {
                    name: {"rank": 1, "preempt": preempt and k > 0} for k, name in enumerate(names)
                },
                "staffing": inputs["agents"],
            }
        },
        service_levels(thresholds_s, ["sl_offered"], names),
        relaxation_s=relaxation_s(load, inputs["agents"], max(handles)) if patient else FORGETS_S,
    )


def multi_skill(found: Case, thresholds_s: Sequence[float]) -> Scenario:
    """Classes c0, c1, ... and groups g0, g1, ...: handle times by group and class become speeds."""
    inputs = found["inputs"]
    rates, agents = inputs["arrivals_per_hour"], inputs["agents"]
    names = [f"c{k}" for k in range(len(rates))]
    if "queue_order_by_group" in inputs:
        handle = {
            tuple(int(part) for part in key.split(",")): mean
            for key, mean in inputs["mean_handle_time_s_by_group_class"].items()
        }
        routes = inputs["routes_by_class"]
        ranks = [
            {k: place + 1 for place, k in enumerate(order)}
            for order in inputs["queue_order_by_group"]
        ]
    else:  # one line over both classes: equal ranks
        by_group = inputs["mean_handle_time_s_by_group"]
        routes = [[0, 1], [1]]
        ranks = [{0: 1}, {0: 1, 1: 1}]
        handle = {(g, k): by_group[g] for g, takes in enumerate(ranks) for k in takes}
    base = {k: min(mean for (_, c), mean in handle.items() if c == k) for k in range(len(rates))}
    endless = inputs["mean_patience_s"][0] is None
    load = sum(rates[k] * base[k] / 3600 for k in base)
    return steady(
        found["name"],
        {
            name: {
                "arrivals": {"per_hour": rates[k]},
                "handle_time": exponential(base[k]),
                "patience": exponential(inputs["mean_patience_s"][k]),
                "prefers": [f"g{g}" for g in routes[k]],
            }
            for k, name in enumerate(names)
        },
        {
            f"g{g}": {
                "takes": {names[k]: rank for k, rank in takes.items()},
                "staffing": agents[g],
                "speed": {names[k]: base[k] / handle[g, k] for k in takes},
            }
            for g, takes in enumerate(ranks)
        },
        service_levels(thresholds_s, ["sl_offered"], names),
        relaxation_s=4 * relaxation_s(load, sum(agents), 180) if endless else FORGETS_S,
    )


# ---------------------------------------------------------------------- days from empty


@dataclass(frozen=True)
class Days:
    """A scenario of many days from empty in each replication, and how its intervals make periods.

    cycle    intervals from the start of one day to the start of the next
    periods  (P,) intervals in each period of the day; the rest of the cycle is without calls
    days     in each replication
    """

    scenario: Scenario
    cycle: int
    periods: tuple[int, ...]
    days: int

    @property
    def open(self) -> int:
        """Intervals with calls in a day."""
        return sum(self.periods)


def days_from_empty(
    name: str,
    *,
    per_hour: Sequence[float],
    agents: Sequence[float],
    interval_s: int,
    periods: Sequence[int],
    cycle_s: int,
    days: int,
    metrics: Mapping[str, Any],
    demand: Mapping[str, Any] | None = None,
    **queue: Any,
) -> Days:
    """One queue: ``per_hour`` and ``agents`` by interval of the day; the last staffing stays until the next day."""
    cycle = cycle_s // interval_s
    quiet = cycle - len(per_hour)
    made = scenario(
        name,
        {"calls": {"arrivals": {"per_hour": [*per_hour, *[0.0] * quiet] * days}, **queue}},
        {"agents": {"takes": {"calls": 1}, "staffing": [*agents, *[agents[-1]] * quiet] * days}},
        length_s=cycle_s * days,
        interval=seconds(interval_s),
        metrics=metrics,
        **({} if demand is None else {"demand": demand}),
    )
    return Days(made, cycle, tuple(periods), days)


def time_varying(found: Case) -> Days:
    """A day of the topic time_varying, 25 of them in a replication."""
    inputs = found["inputs"]
    whats = ("sl_offered", "sl_excl_short_abandon")
    common: dict[str, Any] = {
        "metrics": service_levels([0, *inputs["threshold_s"]], whats),
        "handle_time": exponential(inputs["mean_handle_time_s"]),
        "patience": exponential(inputs["mean_patience_s"]),
        "days": 25,
    }
    if "periods" in inputs:  # a sinusoid: the mean rate of every five minutes
        step, cut = 300, inputs["period_s"] // 300
        edges = [step * k for k in range(inputs["periods"] * cut + 1)]
        waves = [math.cos(2 * math.pi * edge / 14_400) for edge in edges]
        rates = [
            180 + 60 * 14_400 / (2 * math.pi) * (a - b) / step for a, b in itertools.pairwise(waves)
        ]
        return days_from_empty(
            found["name"], per_hour=rates, agents=[inputs["agents"]] * len(rates), interval_s=step,
            periods=[cut] * inputs["periods"], cycle_s=28_800, **common,
        )  # fmt: skip
    rates = inputs["arrivals_per_hour_by_period"]
    return days_from_empty(
        found["name"], per_hour=rates, agents=inputs["agents_by_period"],
        interval_s=inputs["period_s"], periods=[1] * len(rates), cycle_s=28_800, **common,
    )  # fmt: skip


def hours_from_empty(
    found: Case, hours: float, *, interval_s: int, days: int = 1, **more: Any
) -> Days:
    """The same rate and staffing for some hours from empty; a day of 24 h each."""
    inputs = found["inputs"]
    size = round(hours * 3600 / interval_s)
    return days_from_empty(
        found["name"], per_hour=[inputs["arrivals_per_hour"]] * size,
        agents=[inputs["agents"]] * size, interval_s=interval_s, periods=[size], cycle_s=DAY_S,
        days=days, handle_time=exponential(inputs["mean_handle_time_s"]),
        patience=exponential(inputs.get("mean_patience_s")), **more,
    )  # fmt: skip


def random_busyness(found: Case) -> Days:
    """CallCC: rates and staffing by the hour, callers who hang up at once, and a random factor of the day."""
    inputs = found["inputs"]
    return days_from_empty(
        found["name"], per_hour=inputs["arrivals_per_hour_by_hour"],
        agents=inputs["agents_by_hour"], interval_s=3600,
        periods=[len(inputs["agents_by_hour"])], cycle_s=DAY_S, days=10,
        handle_time=exponential(inputs["mean_handle_time_s"]),
        patience=exponential(inputs["mean_patience_s"]),
        hangs_up_at_once=inputs["balking_probability"],
        demand={"volume": {"day_cv": 10**-0.5}, "correlation": 1},
        metrics=service_levels([20], ["sl_offered", "sl_incl_short_abandon"]),
    )  # fmt: skip


def simple_msk(found: Case, folder: Path) -> Scenario:
    """Three types, two groups, one line; AHT and patience by period of arrival in a forecast file."""
    inputs = found["inputs"]
    rows = ["queue,interval_start,offered,aht_s,patience_s"]
    for k, rates in enumerate(inputs["arrivals_per_minute"]):
        for p, rate in enumerate(rates):
            at = (START + timedelta(seconds=p * inputs["period_s"])).isoformat(" ", "minutes")
            aht, patience = inputs["mean_handle_time_s"][p], inputs["mean_patience_s"][p]
            rows.append(f"t{k},{at},{rate * inputs['period_s'] / 60:.9g},{aht},{patience}")
    (folder / "forecast.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    queue = {
        "arrivals": {"file": "forecast.csv"},
        "aht_shape": "exponential",
        "patience": exponential(200),
    }
    return scenario(
        found["name"],
        {f"t{k}": queue | {"prefers": [f"g{g}" for g in r]} for k, r in enumerate(inputs["routes"])},
        {
            f"g{g}": {"takes": {f"t{k}": 1 for k in skills}, "staffing": inputs["agents"][g]}
            for g, skills in enumerate(inputs["group_skills"])
        },
        length_s=3 * inputs["period_s"],
        interval=seconds(inputs["period_s"]),
        metrics=service_levels([inputs["threshold_s"]], ["sl_excl_short_abandon"]),
        demand={"volume": {"day_cv": 28.7**-0.5}, "correlation": 1},
        folder=folder,
    )  # fmt: skip


def telethon(found: Case) -> Scenario:
    """Five days of four hours; lines, a message after 120 s, and a cut at closing."""
    inputs = found["inputs"]
    return scenario(
        found["name"],
        {
            "calls": {
                "calendar": "phones",
                "at_close": "disconnect",
                "arrivals": {"per_hour": inputs["arrivals_per_hour"]},
                "handle_time": exponential(inputs["mean_handle_time_s"]),
                "patience": exponential(inputs["mean_patience_s"]),
                "voicemail_after": seconds(inputs["max_wait_s"]),
                "lines": inputs["lines"],
            }
        },
        {"agents": {"takes": {"calls": 1}, "staffing": inputs["agents"]}},
        length_s=inputs["days"] * DAY_S,
        interval="1h",
        metrics=service_levels([inputs["threshold_s"]], ["sl_offered"]),
        calendars={"phones": {"weekly": {"mon-fri": ["18:00-22:00"]}}},
    )
