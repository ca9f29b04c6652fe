"""The benchmarks measure what they say: the workloads load, and every yardstick counts the same events.

Speed itself is printed by ``python tests/benchmarks/bench.py`` and asserted nowhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import slasim as sl
from slasim.contactlog import ABANDONED, ANSWERED
from slasim.engine import fast
from slasim.study import measures

HERE = Path(__file__).parent / "benchmarks"
sys.path.insert(0, str(HERE))  # as when the script is run

import bench  # noqa: E402


@pytest.mark.parametrize(
    ("name", "calls"),
    [("erlang_a", 24_000), ("erlang_a_large", 240_000), ("n_design", 16_310.6), ("month", 40_000)],
)
def test_a_workload_has_the_calls_it_says(name, calls):
    scenario = bench.load(name)
    expected = sum(scenario.expected(queue).volume.sum() for queue in scenario.queues)
    assert expected == pytest.approx(calls, abs=0.05)
    draw = sl.sample(scenario, 1, 0)
    assert abs(draw.contacts - calls) < (6 if name != "month" else 40) * calls**0.5
    log = fast.run(draw)
    assert len(log) == draw.contacts  # nothing gets faster by doing less


@pytest.mark.parametrize("replication", range(5))
def test_the_bare_loop_counts_what_the_engine_counts(replication):
    scenario = bench.load("n_design")
    draw = sl.sample(scenario, 7, replication)
    log = fast.run(draw)
    counted = bench.in_bare_loop(scenario, draw)
    for k, metric in enumerate(scenario.metrics.values()):
        mine = log.queue == k
        in_time = mine & (log.outcome == ANSWERED) & (log.waited <= metric.threshold)
        assert counted[k].tolist() == [
            int((mine & (log.outcome == ANSWERED)).sum()),
            int(in_time.sum()),
            int((mine & (log.outcome == ABANDONED)).sum()),
        ]


def test_simpy_as_taught_tells_the_same_story():
    scenario = bench.load("n_design")
    result = sl.simulate(scenario, replications=200, seed=3, executor=1)
    days = [bench.in_simpy(scenario, seed) for seed in range(4)]
    for k, queue in enumerate(scenario.queues):
        metric = list(scenario.metrics)[k]
        ours = result.estimate(metric)
        daily = np.array([day[k].in_time / day[k].calls for day in days])
        above, below = result.parts(measures.ask(scenario, metric))
        spread = float(np.std(above / below))
        assert abs(daily.mean() - ours.value) < 4 * spread / len(days) ** 0.5, queue
        calls = float(np.mean([day[k].calls for day in days]))
        expected = scenario.expected(queue).volume.sum()
        assert calls == pytest.approx(expected, abs=4 * (expected / len(days)) ** 0.5 + 60)
