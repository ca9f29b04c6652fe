"""Do recommended targets keep their word? Random small centres, each target judged by thousands of fresh periods.

    python tests/calibration_study.py            100 centres, 1,000 replications each, 20,000 fresh periods
    python tests/calibration_study.py 20 300     20 centres, 300 replications each

A target recommended at 90 % chance with 95 % confidence must have a true chance of at least 0.90 in nearly every
centre, and must not be needlessly loose. The truth is the share of fresh periods that meet it: replications whose
numbers the recommendation has never seen. Centres differ in size, load, patience, threshold, hours and doubt.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import slasim as sl
from slasim.outcome import estimates
from slasim.planner.frontier import alternatives, frontier
from slasim.scenario import load_text
from slasim.scenario.agreements import agreements
from slasim.study.promised import count, held

WISHED, CONFIDENCE = 0.90, 0.95
FRESH = 20_000
THRESHOLDS_S = (10, 20, 30, 60)


@dataclass(frozen=True)
class Judged:
    """One centre: its mean service level, the target recommended, and how often fresh periods meet it."""

    number: int
    contacts: float
    mean: float
    target: float
    chance: float
    """of the target, on the replications that chose it"""
    true: float
    """on the fresh ones"""


def centre(number: int) -> sl.Scenario:
    """Centre ``number``: a few open hours of 2 to 12 agents, underloaded or overloaded, with doubt about its inputs."""
    rng = np.random.default_rng([2026, number])
    agents = int(rng.integers(2, 13))
    aht = float(rng.uniform(90, 400))
    load = float(rng.uniform(0.6, 1.05))
    hours = int(rng.integers(2, 5))
    doubt = {
        "volume": {"day_cv": round(float(rng.uniform(0, 0.15)), 3), "bias_sd": round(float(rng.uniform(0, 0.08)), 3)},
        "aht": {"day_cv": round(float(rng.uniform(0, 0.08)), 3)},
        "attendance": {"day_sd": round(float(rng.uniform(0, 0.05)), 3)},
    }  # fmt: skip
    return load_text(
        json.dumps(
            {
                "name": f"centre {number}",
                "start": "2026-03-02 08:00",
                "end": f"2026-03-02 {8 + hours}:00",
                "demand": doubt,
                "queues": {
                    "calls": {
                        "arrivals": {"per_hour": round(load * agents * 3600 / aht, 2)},
                        "handle_time": {"lognormal": {"mean": f"{aht:.0f}s", "cv": 0.9}},
                        "patience": {"exponential": {"mean": f"{rng.uniform(60, 400):.0f}s"}},
                    }
                },
                "groups": {"agents": {"takes": {"calls": 1}, "staffing": agents}},
                "metrics": {
                    "level": {"type": "service_level", "threshold": f"{rng.choice(THRESHOLDS_S)}s"}
                },
                "contract": {"commitments": [{"metric": "level", "target": 0.8}]},
                "feasibility": {"chance": WISHED, "confidence": CONFIDENCE},
            }
        )
    )


def judged(number: int, replications: int, fresh: int = FRESH, seed: int = 1) -> Judged | None:
    """The target that `recommend` gives for one centre, held against fresh periods; None where it gives none."""
    scenario = centre(number)
    subject = agreements(scenario)[0]
    result = count(scenario, [subject], replications=replications, seed=seed)
    own = [one for one in alternatives(subject) if one.own]
    points, made = frontier(result, own, [WISHED])
    target = next(one.target for one in points if one.wished == WISHED)
    if target is None:
        return None
    later = count(scenario, [subject], replications=fresh, seed=seed, first=replications)
    values = held(later, subject).value["level"]
    true = estimates.reaches(values, target, "higher")[~np.isnan(values)].mean()
    seen = next(iter(made.values()))
    volume = float(seen.volume["level"].mean())
    mean = float(np.nanmean(seen.value["level"]))
    chance = seen.chance_at("level", target, "higher").estimate.value
    return Judged(number, volume, mean, target, chance, float(true))


def study(centres: int, replications: int, fresh: int = FRESH) -> list[Judged]:
    found = [judged(number, replications, fresh) for number in range(centres)]
    return [one for one in found if one is not None]


HEAD = "centre  contacts   mean   target  chance   true"


def line(one: Judged) -> str:
    return (
        f"{one.number:>6}  {one.contacts:>8.0f}  {one.mean:>5.1%}  {one.target:>7.2%}  {one.chance:>6.3f}  "
        f"{one.true:>5.3f}{'  below' if one.true < WISHED else ''}"
    )


def table(found: Sequence[Judged]) -> str:
    return "\n".join([HEAD, *(line(one) for one in found)])


def verdict(found: Sequence[Judged]) -> str:
    true = np.array([one.true for one in found])
    kept = int((true >= WISHED).sum())
    return (
        f"{kept} of {true.size} targets have a true chance of at least {WISHED:.2f} ({100 * CONFIDENCE:g} of 100 "
        f"expected at least); median true chance {np.median(true):.3f}, lowest {true.min():.3f}"
    )


def main(arguments: Sequence[str]) -> int:
    centres = int(arguments[0]) if arguments else 100
    replications = int(arguments[1]) if len(arguments) > 1 else 1_000
    began = time.perf_counter()
    found = []
    print(HEAD, flush=True)
    for number in range(centres):
        one = judged(number, replications)
        if one is not None:
            found.append(one)
            print(line(one), flush=True)
    print(verdict(found))
    print(
        f"{replications:,} replications and {FRESH:,} fresh ones each; {time.perf_counter() - began:.0f} s"
    )
    kept = sum(one.true >= WISHED for one in found)
    return 0 if kept >= 0.9 * centres and np.median([one.true for one in found]) < 0.94 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
