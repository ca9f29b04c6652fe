"""The chance that one finite period meets its target: exact laws and long simulations, as contracts of a scenario.

Each case is written as a contract, held against simulated periods, and recommended on: the chance lies inside its
range, and so does the mean, which is another number; a certified target never lies above the true quantile it promises.
"""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from reference import cases, expected
from scipy import optimize, stats

from slasim.erlang import erlang_a
from slasim.outcome import estimates
from slasim.planner.frontier import certified
from slasim.scenario import load_text
from slasim.scenario.agreements import agreements
from slasim.study.odds import ContractOdds
from slasim.study.promised import Held, count, held, odds

CASES = {found["name"]: found for found in cases("finite_horizon_sla")}
SIMULATED = {name: found for name, found in CASES.items() if "horizon_s" in found["inputs"]}
REPLICATIONS = {"half_hour": 12_000, "two_hours": 8_000, "day_8h": 1_500}
LEVEL = 0.999
"""Of 30 values none may lie outside by chance."""


@cache
def simulated(name: str) -> tuple[ContractOdds, Held]:
    given = SIMULATED[name]["inputs"]
    queue: dict[str, Any] = {
        "arrivals": {"per_hour": given["arrivals_per_hour"]},
        "handle_time": {"exponential": {"mean": f"{given['mean_handle_time_s']}s"}},
    }
    if given["mean_patience_s"]:
        queue["patience"] = {"exponential": {"mean": f"{given['mean_patience_s']}s"}}
    hours = given["horizon_s"] / 3600
    threshold = {"type": "service_level", "threshold": f"{given.get('threshold_s', 0):g}s"}
    whole, minutes = divmod(round(hours * 60), 60)
    scenario = load_text(
        json.dumps(
            {
                "name": name,
                "start": "2026-03-02 08:00",
                "end": f"2026-03-02 {8 + whole:02d}:{minutes:02d}",
                "warm_up": "5h" if given.get("start") == "steady" else "0h",
                "queues": {"calls": queue},
                "groups": {"agents": {"takes": {"calls": 1}, "staffing": given["agents"]}},
                "metrics": {"level": threshold},
                "contract": {"commitments": [{"metric": "level", "target": given["target_share"]}]},
            }
        )
    )
    subject = agreements(scenario)[0]
    runs = next(n for start, n in REPLICATIONS.items() if name.startswith(start))
    result = count(scenario, [subject], replications=runs, seed=2026)
    object.__setattr__(result, "level", LEVEL)
    made = held(result, subject)
    return odds(result, made), made


def within(estimate: estimates.Estimate, exact: float, error: float = 0.0) -> bool:
    """Whether a value with a standard error of its own lies in our range."""
    assert estimate.low is not None and estimate.high is not None
    side = (
        estimate.value - estimate.low if exact < estimate.value else estimate.high - estimate.value
    )
    return abs(exact - estimate.value) <= math.hypot(side, 3.29 * error)


@pytest.mark.parametrize("name", SIMULATED)
def test_the_chance_of_a_period_is_inside_its_range(name: str) -> None:
    told, _ = simulated(name)
    want = SIMULATED[name]["expected"]["p_day_met"]
    chance = told.commitments[0].chance
    assert within(chance, want["value"], want.get("standard_error", 0.0)), chance
    assert chance.half_width < 0.05


@pytest.mark.parametrize("name", SIMULATED)
def test_the_mean_is_another_number_and_inside_its_range(name: str) -> None:
    told, made = simulated(name)
    want = expected(SIMULATED[name])
    if "sl_pooled" in want:
        assert within(told.commitments[0].value, want["sl_pooled"], 2e-4)
        daily = SIMULATED[name]["expected"]["mean_of_daily_sl"]
        mean = estimates.per_period(
            made.value["level"], np.ones_like(made.value["level"]), level=LEVEL
        )
        assert within(mean, daily["value"], daily["standard_error"])
        sd = float(made.value["level"].std())
        assert sd == pytest.approx(want["sd_of_daily_sl"], rel=0.08)
    elif SIMULATED[name]["inputs"]["start"] == "steady":
        assert within(told.commitments[0].value, want["long_run_share"])
    chance, value = told.commitments[0].chance, told.commitments[0].value
    assert abs(chance.value - value.value) > 0.03


@pytest.mark.parametrize("name", [name for name in SIMULATED if name.startswith("day_8h")])
def test_certified_targets_lie_below_the_quantiles_they_promise(name: str) -> None:
    _, made = simulated(name)
    quantiles = dict(zip((0.05, 0.25, 0.50, 0.75, 0.95),
                         SIMULATED[name]["expected"]["quantiles_5_25_50_75_95"], strict=True))  # fmt: skip
    for share in (0.05, 0.25, 0.50):
        target = certified(made.value["level"], "higher", 1 - share, 0.999)
        assert target is not None and quantiles[share] - 0.03 < target <= quantiles[share]


def test_the_normal_approximation_is_not_the_chance() -> None:
    for name in ("half_hour_80_percent_immediate_n14", "two_hours_80_percent_immediate_patience"):
        chance = simulated(name)[0].commitments[0].chance
        assert not within(chance, expected(CASES[name])["normal_approximation_of_p_day_met"])


def test_days_whose_rate_is_uncertain() -> None:
    """In the long-day limit a day meets its target if its rate is at most some factor: exact, and simulated."""
    found = CASES["share_of_days_that_can_meet_80_20"]
    given, want = found["inputs"], expected(found)

    def level(factor: float) -> float:
        rate = given["arrivals_per_hour_at_B_1"] * factor
        return erlang_a(rate, given["mean_handle_time_s"], given["agents"], given["mean_patience_s"],
                        threshold_s=given["threshold_s"]).sl_offered  # fmt: skip

    factor = optimize.brentq(lambda b: level(b) - given["target_share"], 0.8, 1.4, xtol=1e-10)
    shape = given["gamma_shape"]
    days = stats.gamma(shape, scale=1 / shape)
    assert factor == pytest.approx(want["largest_factor_that_meets"], abs=1e-6)
    assert days.cdf(factor) == pytest.approx(want["share_of_days_met"], abs=1e-5)
    assert level(1.0) == pytest.approx(want["sl_at_factor_1"], abs=1e-8)
    scenario = load_text(
        json.dumps(
            {
                "name": "long days",
                "start": "2026-03-02",
                "end": "2026-03-07",
                "demand": {"volume": {"bias_sd": 0, "day_cv": 1 / math.sqrt(shape)}},
                "queues": {
                    "calls": {
                        "arrivals": {"per_hour": given["arrivals_per_hour_at_B_1"]},
                        "handle_time": {"exponential": {"mean": f"{given['mean_handle_time_s']}s"}},
                        "patience": {"exponential": {"mean": f"{given['mean_patience_s']}s"}},
                    }
                },
                "groups": {"agents": {"takes": {"calls": 1}, "staffing": given["agents"]}},
                "metrics": {"level": {"type": "service_level", "threshold": "20s"}},
                "contract": {"period": "day", "commitments": [{"metric": "level", "target": 0.8}]},
            }
        )
    )
    subject = agreements(scenario)[0]
    result = count(scenario, [subject], replications=200, seed=1)
    told = odds(result, held(result, subject)).commitments[0]
    assert told.chance.low is not None and told.chance.high is not None
    # a day of 24 hours is not yet the limit: its own noise takes about two points of the share
    assert told.chance.low - 0.04 <= want["share_of_days_met"] <= told.chance.high + 0.04
    pooled = told.value
    assert pooled.low is not None and pooled.low <= want["sl_call_weighted_over_days"] <= (
        pooled.high or 1
    )
    assert abs(told.chance.value - pooled.value) > 0.05
