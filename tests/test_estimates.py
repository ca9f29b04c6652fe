"""Estimates: hand-worked bounds, ranges that hold the truth as often as they say, differences, certified targets."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from slasim.outcome.estimates import (
    BATCH,
    LEAST,
    Estimate,
    at_least,
    at_most,
    certified_rank,
    certified_target,
    chance,
    clopper_pearson,
    difference,
    per_period,
    percentile,
    pooled,
    precise_enough,
    ranges,
)

# ---------------------------------------------------------------- an Erlang-A day that starts empty


def small_days(agents: int, days: int, seed: int, calls: int = 100) -> np.ndarray:
    """(days, 4): within 20 s, offered, waiting time of the answered, answered.

    Four hours, AHT 4 min, patience 3 min, both exponential; the same callers for every number of agents.
    """
    rng = np.random.default_rng(seed)
    width = calls + 60
    arrivals = np.cumsum(rng.exponential(240.0 / calls, (days, width)), axis=1)
    work, patience = rng.exponential(4.0, (days, width)), rng.exponential(3.0, (days, width))
    free = np.zeros((days, agents))
    rows, made = np.arange(days), np.zeros((days, 4))
    for n in range(width):
        at = arrivals[:, n]
        first = free.argmin(axis=1)
        wait = np.maximum(free[rows, first] - at, 0.0)
        here = at <= 240.0
        served = here & (wait <= patience[:, n])
        free[rows, first] = np.where(served, at + wait + work[:, n], free[rows, first])
        made += np.stack([served & (wait <= 1 / 3), here, served * wait, served], axis=1)
    return made


POOLS = {agents: small_days(agents, 40_000, seed=agents) for agents in (2, 4, 6)}
"""Service levels near 0.5, 0.9 and 0.995."""


def truth(agents: int) -> float:
    within, offered, *_ = POOLS[agents].sum(axis=0)
    return within / offered


def sampled(agents: int, m: int, studies: int, seed: int) -> np.ndarray:
    """(m, studies, 4): studies of m replications each."""
    rng = np.random.default_rng(seed)
    return POOLS[agents][rng.integers(0, len(POOLS[agents]), (m, studies))]


def test_the_days_are_what_they_are_meant_to_be():
    assert 0.5 < truth(2) < 0.62
    assert 0.9 < truth(4) < 0.95
    assert 0.994 < truth(6) < 0.997


@pytest.mark.parametrize("agents", [2, 4, 6])
@pytest.mark.parametrize("m", [30, 100, 400])
def test_the_range_of_a_service_level_holds_the_truth_95_times_of_100(agents, m):
    days = sampled(agents, m, 3_000, seed=m)
    made = ranges(days[..., 0], days[..., 1])
    held = np.mean((made.low <= truth(agents)) & (truth(agents) <= made.high))
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize("agents", [2, 4])
def test_the_range_of_a_waiting_time_holds_the_truth(agents):
    days = sampled(agents, 100, 3_000, seed=5)
    made = ranges(days[..., 2], days[..., 3], share=False)
    total = POOLS[agents].sum(axis=0)
    held = np.mean((made.low <= total[2] / total[3]) & (total[2] / total[3] <= made.high))
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize("agents", [2, 4, 6])
@pytest.mark.parametrize("wanted", [120, 250])
def test_a_run_until_precise_enough_still_holds_the_truth(agents, wanted):
    """Looks at 100, 150, ... replications; a precision that about ``wanted`` replications reach."""
    studies, longest = 1_500, 600
    days = sampled(agents, longest, studies, seed=wanted)
    pool = POOLS[agents]
    rest = pool[:, 0] - truth(agents) * pool[:, 1]
    precision = 1.96 * rest.std() / pool[:, 1].mean() / math.sqrt(wanted)
    held, stopped = np.zeros(studies, bool), np.zeros(studies, bool)
    for m in range(LEAST, longest + 1, BATCH):
        made = ranges(days[:m, :, 0], days[:m, :, 1])
        for s in np.flatnonzero(~stopped):
            low, high = float(made.low[s]), float(made.high[s])
            estimate = Estimate(float(made.value[s]), low, high, 0.95, m, "pooled")
            if precise_enough(estimate, precision):
                stopped[s], held[s] = True, low <= truth(agents) <= high
    assert stopped.mean() > 0.99
    assert 0.93 <= held[stopped].mean() <= 0.97


def test_it_never_stops_before_a_hundred_replications():
    assert not precise_enough(Estimate(0.8, 0.8, 0.8, 0.95, 99, "pooled"), 0.5)
    assert precise_enough(Estimate(0.8, 0.75, 0.85, 0.95, 100, "pooled"), 0.05 + 1e-12)
    assert not precise_enough(Estimate(0.8, None, None, 0.95, 100, "pooled"), 0.5)


# ---------------------------------------------------------------- shapes of ranges

counts = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda x: (min(x), max(x))),
    min_size=2, max_size=30,
)  # fmt: skip


@given(counts, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_a_range_contains_its_value_and_is_never_of_width_0(rows, level):
    within, offered = np.array(rows).T
    made = pooled(within, offered, level=level)
    if offered.sum() == 0:
        assert math.isnan(made.value) and made.low is None
    elif made.low is None:
        assert (offered > 0).sum() < 2
    else:
        assert 0 <= made.low <= made.value <= made.high <= 1
        assert made.high > made.low


@given(counts)
def test_a_higher_level_gives_a_wider_range(rows):
    within, offered = np.array(rows).T
    narrow, wide = (pooled(within, offered, level=level) for level in (0.8, 0.99))
    if narrow.low is not None:
        assert wide.low <= narrow.low + 1e-12 and narrow.high <= wide.high + 1e-12


def test_all_within_is_no_certainty():
    everybody = np.full(50, 400)
    sure = pooled(everybody, everybody)
    assert sure.value == 1.0 and sure.high == 1.0
    assert 0.99 < sure.low < 1.0
    nobody = pooled(everybody * 0, everybody)
    assert nobody.low == 0.0 and nobody.high == pytest.approx(1 - sure.low)


def test_table_of_cells_is_the_same_as_one_by_one():
    rng = np.random.default_rng(1)
    offered = rng.integers(0, 9, (20, 3, 4))
    offered[:, 1, 2] = 0
    within = rng.binomial(offered, 0.9)
    made = ranges(within, offered)
    for place in np.ndindex(3, 4):
        one = pooled(within[(slice(None), *place)], offered[(slice(None), *place)])
        assert made.value[place] == pytest.approx(one.value, nan_ok=True)
        low = math.nan if one.low is None else one.low
        assert made.low[place] == pytest.approx(low, nan_ok=True)
    assert math.isnan(made.value[1, 2])


def test_without_skewness_a_time_has_students_range():
    waits, answered = np.array([90.0, 110.0, 80.0, 120.0]), np.ones(4)
    made = pooled(waits, answered, share=False, unit="time")
    half = stats.t.ppf(0.975, 3) * waits.std(ddof=1) / 2
    assert (made.low, made.high) == pytest.approx((100 - half, 100 + half))


def test_occupancy_may_exceed_one():
    made = pooled(np.array([110, 120, 105]), np.array([100, 100, 100]))
    assert made.low < made.value < made.high and made.value > 1


def test_one_replication_has_a_value_and_no_range():
    one = pooled([80], [100])
    assert (one.value, one.low, one.high) == (0.8, None, None)
    assert str(one) == "0.800 pooled, 1 replication, no range"
    assert json.loads(json.dumps(one.to_json()))["low"] is None


def test_how_an_estimate_prints():
    made = Estimate(0.803, 0.791, 0.815, 0.95, 200, "pooled")
    assert str(made) == "0.803 [0.791, 0.815] pooled, 200 replications, 95 %"
    fine = Estimate(0.99951, 0.99943, 0.99959, 0.95, 2000, "pooled")
    assert str(fine).startswith("0.99951 [0.99943, 0.99959]")
    time = Estimate(45_000, 42_000, 49_000, 0.95, 200, "pooled", "time")
    assert str(time) == "45 s [42 s, 49 s] pooled, 200 replications, 95 %"
    fine = Estimate(15_210, 14_900, 15_500, 0.95, 200, "pooled", "time")
    assert str(fine).startswith("15.2 s [14.9 s, 15.5 s] pooled")
    assert str(pooled([0, 0], [0, 0])) == "nothing to judge (pooled, 2 replications)"
    assert pooled([0, 0], [0, 0]).to_json()["value"] is None


# ---------------------------------------------------------------- readings


def test_the_three_readings_differ():
    """V04: a day is 75 % pooled, 81.75 % by its average interval; half of its intervals meet 80 %."""
    within, offered = np.array([[10, 70, 0, 34, 36]]), np.array([[10, 100, 0, 40, 50]])
    assert pooled(within.sum(1), offered.sum(1)).value == 0.75
    assert per_period(within, offered).value == pytest.approx(0.8175)
    assert chance(within, offered, 0.8).estimate.value == 0.5


def test_per_period_ranges_over_replications_not_over_periods():
    rng = np.random.default_rng(2)
    offered = np.full((40, 30), 100)
    good_day = rng.choice([0.6, 0.9], size=(40, 1))
    within = rng.binomial(offered, good_day)
    made = per_period(within, offered)
    own = (within / offered).mean(axis=1)
    half = stats.t.ppf(0.975, 39) * own.std(ddof=1) / math.sqrt(40)
    assert made.high - made.low == pytest.approx(2 * half, rel=0.1)
    assert made.low < own.mean() < made.high


def test_chance_with_one_period_per_replication_is_clopper_pearson():
    within = np.array([81] * 18 + [79] * 2)[:, None]
    made = chance(within, np.full((20, 1), 100), 0.80)
    assert made.estimate.value == 0.9
    assert round(made.estimate.low, 5) == 0.68302 and round(made.estimate.high, 5) == 0.98765
    assert made.sure_low == pytest.approx(float(at_least(18, 20)))
    assert (made.met, made.judged) == (18, 20)


def test_a_value_equal_to_the_target_meets_it():
    for hundredths in range(1, 101):
        made = chance([[hundredths]], [[100]], hundredths / 100)
        assert made.met == 1, hundredths
        assert chance([[hundredths]], [[100]], hundredths / 100, "lower").met == 1


def test_certainty_takes_one_period_per_replication():
    """Ten replications of 30 days, each replication all good or all bad: ten facts, not three hundred."""
    good = np.repeat([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], 30).reshape(10, 30) * 100
    made = chance(good, np.full((10, 30), 100), 0.8)
    assert made.estimate.value == pytest.approx(0.8)
    assert (made.met, made.judged) == (8, 10)
    assert made.sure_low == pytest.approx(float(at_least(8, 10)))
    assert made.estimate.low < 0.5


def test_the_period_taken_goes_round_and_skips_empty_ones():
    within, offered = np.zeros((3, 4), int), np.full((3, 4), 10)
    offered[1, 1] = 0  # replication 1 takes its second judged period, the third
    within[0, 0] = within[1, 2] = within[2, 2] = 10
    assert chance(within, offered, 1.0).met == 3


def test_nothing_to_judge_certifies_nothing():
    made = chance(np.zeros((5, 2)), np.zeros((5, 2)), 0.8)
    assert math.isnan(made.estimate.value)
    assert (made.sure_low, made.sure_high, made.judged) == (0.0, 1.0, 0)


# ---------------------------------------------------------------- bounds


def test_s01_how_sure_are_we_after_20_replications():
    low, high = clopper_pearson(18, 20)
    assert (round(float(low), 5), round(float(high), 5)) == (0.68302, 0.98765)
    assert round(float(at_least(20, 20)), 5) == 0.86089
    assert at_least(59, 59) >= 0.95 > at_least(58, 58)


def test_bounds_are_binomial_tails():
    hits, trials = np.arange(21), 20
    assert stats.binom.sf(hits[1:] - 1, trials, at_least(hits, trials)[1:]) == pytest.approx(0.05)
    assert stats.binom.cdf(hits[:-1], trials, at_most(hits, trials)[:-1]) == pytest.approx(0.05)
    assert at_least(0, 20) == 0 and at_most(20, 20) == 1


@pytest.mark.parametrize(("m", "p"), [(1000, 0.9), (59, 0.95), (200, 0.9), (100, 0.5)])
def test_certified_rank_is_the_largest_that_binomial_tails_allow(m, p):
    rank = certified_rank(m, p)
    assert stats.binom.cdf(rank - 1, m, 1 - p) <= 0.05 < stats.binom.cdf(rank, m, 1 - p)


def test_certified_rank_of_a_thousand():
    assert certified_rank(1000, 0.90, 0.95) == 85
    assert certified_rank(58, 0.95) is None and certified_rank(59, 0.95) == 1


def test_a_certified_target_is_exactly_what_the_lower_bound_certifies():
    values = np.random.default_rng(3).beta(20, 5, 300)
    target = certified_target(values, 0.9, 0.95)
    assert at_least((values >= target).sum(), 300) >= 0.9
    above = np.nextafter(target, 1)
    assert at_least((values >= above).sum(), 300) < 0.9
    assert certified_target(-values, 0.9, 0.95, "lower") == -target
    assert certified_target(np.r_[values, np.nan], 0.9, 0.95) == target
    assert certified_target(values[:20], 0.9, 0.95) is None


def test_a_certified_target_holds_as_often_as_promised():
    values = np.random.default_rng(4).random((4_000, 200))
    rank = certified_rank(200, 0.9, 0.95)
    true_chance = 1 - np.sort(values, axis=1)[:, rank - 1]
    assert np.mean(true_chance >= 0.9) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 4_000)


# ---------------------------------------------------------------- comparisons


def test_the_same_callers_narrow_a_difference():
    less, more = small_days(4, 200, seed=9), small_days(5, 200, seed=9)
    found = difference(less[:, 0], less[:, 1], more[:, 0], more[:, 1])
    assert found.estimate.low < found.estimate.value < found.estimate.high
    assert found.estimate.value > 0 and found.estimate.reading == "difference"
    shuffled = np.random.default_rng(0).permutation(more)
    apart = difference(less[:, 0], less[:, 1], shuffled[:, 0], shuffled[:, 1])
    assert found.variance_reduction > 1.3 > apart.variance_reduction > 0.7
    assert found.estimate.half_width < apart.estimate.half_width


def test_the_range_of_a_difference_holds_the_truth():
    less, more = small_days(4, 20_000, seed=10), small_days(5, 20_000, seed=10)
    ratios = [d[:, 0].sum() / d[:, 1].sum() for d in (less, more)]
    rng, held = np.random.default_rng(1), 0
    for _ in range(1_000):
        at = rng.integers(0, 20_000, 60)
        made = difference(less[at, 0], less[at, 1], more[at, 0], more[at, 1]).estimate
        held += made.low <= ratios[1] - ratios[0] <= made.high
    assert 930 <= held <= 970


def test_two_that_never_differed_are_not_surely_the_same():
    day = small_days(4, 100, seed=11)
    same = difference(day[:, 0], day[:, 1], day[:, 0], day[:, 1])
    assert same.estimate.value == 0 and same.variance_reduction == math.inf
    assert -0.01 < same.estimate.low < 0 < same.estimate.high < 0.01
    assert same.to_json()["variance_reduction"] is None


# ---------------------------------------------------------------- percentiles


def test_percentile_reads_the_edge_and_its_range():
    edges = np.arange(0, 101) * 1000
    rng = np.random.default_rng(6)
    waits = np.minimum(np.ceil(rng.exponential(20, (50, 400))), 100).astype(int)
    histogram = np.stack([np.bincount(row, minlength=102) for row in waits])
    made = percentile(edges, histogram, 0.95)
    assert made.value == 1000 * np.quantile(waits, 0.95, method="inverted_cdf")
    assert made.low <= 1000 * -20 * math.log(0.05) + 1000 and made.high >= -20_000 * math.log(0.05)
    assert made.low < made.high and made.unit == "time"


def test_percentile_of_nothing_and_of_one():
    assert math.isnan(percentile([0, 1], np.zeros((3, 3)), 0.9).value)
    one = percentile([0, 1000], np.array([[5, 5, 0]]), 0.5)
    assert (one.value, one.low) == (0, None)
    beyond = percentile([0, 1000], np.array([[0, 0, 5], [0, 0, 5]]), 0.5)
    assert beyond.value == math.inf and beyond.to_json()["value"] is None
