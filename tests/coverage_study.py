"""How often a range holds the truth: many studies of a small Erlang-A day whose exact service level is known.

    python tests/coverage_study.py           1,000 seeds, at service levels near 0.5, 0.9 and 0.995 (some minutes)

The day starts empty, so nothing of it is steady. Its exact service level comes from the Kolmogorov equations of the
number in the centre and of the place in line of a caller. A study until a precision goes through ``slasim.simulate``;
one of fixed length through the same parts, with what no seed changes prepared once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

import slasim as sl
from slasim.engine import fast
from slasim.inputs.sample import prepare
from slasim.outcome.tally import Tally
from slasim.scenario import load_text
from slasim.study import measures

AHT_S, PATIENCE_S, THRESHOLD_S, HOURS = 180.0, 120.0, 20.0, 3
DAYS = {"near 0.5": (2, 40.0), "near 0.9": (4, 40.0), "near 0.995": (6, 34.0)}
"""(agents, calls an hour) of the days by their service level: 100 to 120 calls."""
LEVEL = 0.95
FIXED = (20, 40, 100)
PRECISION = {"near 0.5": 0.012, "near 0.9": 0.01, "near 0.995": 0.002}


def exact_service_level(
    agents: int,
    per_hour: float,
    *,
    most: int = 80,
    hours: float = HOURS,
    aht_s: float = AHT_S,
    patience_s: float | None = PATIENCE_S,
    threshold_s: float = THRESHOLD_S,
) -> float:
    """Expected answered within the threshold over expected offered, of a day from empty.

    The states are the number in the centre (at most ``most``: the rest has no weight); their expected times over the
    day are the integral of exp(Q t), taken from one matrix exponential (C. Van Loan, 1978).
    """
    rate, served = per_hour / 3600, 1 / aht_s
    lost = 0.0 if patience_s is None else 1 / patience_s
    number = np.arange(most + 1)
    ups = np.where(number < most, rate, 0.0)
    downs = np.minimum(number, agents) * served + np.maximum(number - agents, 0) * lost
    q = np.diag(-ups - downs) + np.diag(ups[:-1], 1) + np.diag(downs[1:], -1)
    size = most + 1
    both = np.zeros((2 * size, 2 * size))
    both[:size, :size], both[:size, size:] = q, np.eye(size)
    seen = linalg.expm(both * hours * 3600)[0, size:] / (hours * 3600)
    return float(seen @ _answered_in_time(agents, most, served, lost, threshold_s))


def _answered_in_time(
    agents: int, most: int, served: float, lost: float, threshold_s: float
) -> np.ndarray:
    """(most + 1,) chance that a caller who finds j in the centre is answered within the threshold.

    He moves up from place k when an agent becomes free or one of the k before him gives up; at place 0 the next
    free agent is his; and he gives up himself.
    """
    places = most - agents + 1
    onward = agents * served + np.arange(places) * lost
    chain = np.zeros((places + 1, places + 1))  # state 0: answered; k + 1: place k
    for k in range(places):
        chain[k + 1, k] = onward[k]
        chain[k + 1, k + 1] = -onward[k] - lost
    in_time = linalg.expm(chain * threshold_s)[1:, 0]
    return np.concatenate((np.ones(agents), in_time))


def small_day(agents: int, per_hour: float) -> sl.Scenario:
    """The day as a scenario: three hours from empty."""
    return load_text(
        json.dumps(
            {
                "name": f"small day, {agents} agents",
                "start": "2026-01-05 09:00",
                "end": f"2026-01-05 {9 + HOURS}:00",
                "interval": "30min",
                "queues": {
                    "calls": {
                        "arrivals": {"per_hour": per_hour},
                        "handle_time": {"exponential": {"mean": f"{AHT_S}s"}},
                        "patience": {"exponential": {"mean": f"{PATIENCE_S}s"}},
                    }
                },
                "groups": {"agents": {"takes": {"calls": 1}, "staffing": agents}},
                "metrics": {"answered": {"type": "service_level", "threshold": f"{THRESHOLD_S}s"}},
            }
        )
    )


@dataclass(frozen=True)
class Coverage:
    """Of ``studies`` ranges, ``held`` had the exact value inside; ``below`` had it under their low end."""

    name: str
    exact: float
    studies: int
    held: int
    below: int
    half_width: float
    replications: float

    @property
    def share(self) -> float:
        return self.held / self.studies

    def __str__(self) -> str:
        above = self.studies - self.held - self.below
        return (
            f"{self.name:<28} exact {self.exact:.5f}  held {self.share:6.1%} of {self.studies}"
            f"  (too high {self.below}, too low {above})"
            f"  +-{self.half_width:.4f} from {self.replications:.0f} replications"
        )


def cover(name: str, seeds: int, *, replications: int | None = None, precision: float | None = None,
          first: int = 1) -> Coverage:  # fmt: skip
    """Study the day with that many seeds, each as a planner would, and count how often the range holds.

    Give ``replications`` or ``precision``.
    """
    day, exact = small_day(*DAYS[name]), exact_service_level(*DAYS[name])
    plan, layout = prepare(day), measures.layout(day)
    held = below = 0
    widths, runs = [], []
    for seed in range(first, first + seeds):
        if replications is None:
            result = sl.simulate(day, precision=precision, seed=seed, executor=1)
        else:
            tally = Tally.empty(layout, range(replications))
            for r in range(replications):
                draw = plan.sample(seed, r)
                tally.add(draw, fast.run(draw), r)
            result = sl.Result(day, seed, "fast", tally)
        seen = result.estimate("answered")
        assert seen.low is not None and seen.high is not None and seen.level == LEVEL
        held += seen.low <= exact <= seen.high
        below += exact < seen.low
        widths.append(seen.half_width)
        runs.append(seen.replications)
    said = f"{name}, until ±{precision}" if precision else f"{name}, fixed"
    return Coverage(said, exact, seeds, held, below, float(np.mean(widths)), float(np.mean(runs)))


def allowed(studies: int) -> tuple[float, float]:
    """The shares held that 93 to 97 % of 1,000 mean for fewer studies: as many standard errors around 95 %."""
    if studies >= 1000:
        return 0.93, 0.97
    sure = 2 * stats.binom.sf(970, 1000, LEVEL)
    low, high = stats.binom.interval(1 - sure, studies, LEVEL)
    return float(low) / studies, float(high) / studies


def main(words: Sequence[str]) -> None:
    seeds = int(words[0]) if words else 1000
    began = time.process_time()
    for name in DAYS:
        for replications in FIXED:
            print(cover(name, seeds, replications=replications), flush=True)
        print(cover(name, seeds, precision=PRECISION[name]), flush=True)
    print(f"allowed: {allowed(seeds)[0]:.1%} to {allowed(seeds)[1]:.1%};  "
          f"{time.process_time() - began:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
