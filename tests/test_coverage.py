"""A 95 % range holds the truth 95 times in 100: on days so small that only honest ranges do.

``python tests/coverage_study.py`` prints the table: longer studies, and all of them until a precision.
"""

from __future__ import annotations

import coverage_study as study
import pytest
from reference import agrees, case

import slasim as sl
from slasim.erlang import erlang_a


@pytest.mark.parametrize("name", study.DAYS)
def test_a_thousand_small_studies(name):
    found = study.cover(name, 1000, replications=20)
    low, high = study.allowed(1000)
    assert (low, high) == (0.93, 0.97)
    assert low <= found.share <= high, found


def test_a_study_of_fixed_length_is_what_simulate_does():
    """The shortcut that spares the thousand studies their preparation changes no number."""
    day = study.small_day(*study.DAYS["near 0.9"])
    public = sl.simulate(day, replications=20, seed=5, executor=1).estimate("answered")
    short = study.cover("near 0.9", 1, replications=20, first=5)
    assert short.half_width == public.half_width and short.replications == 20
    assert short.held == (public.low <= short.exact <= public.high)


def test_studies_that_stop_when_precise_enough():
    seeds = 250
    found = study.cover("near 0.9", seeds, precision=study.PRECISION["near 0.9"])
    low, high = study.allowed(seeds)
    assert 0.89 < low < 0.93 and 0.97 < high < 0.99
    assert low <= found.share <= high, found
    assert found.half_width < study.PRECISION["near 0.9"] and found.replications > 100


def test_the_exact_day_is_exact():
    """Near 0.5, 0.9 and 0.995; and the same equations, over a day so long that its start is forgotten, are Erlang A."""
    levels = {name: study.exact_service_level(*day) for name, day in study.DAYS.items()}
    assert levels["near 0.5"] == pytest.approx(0.5, abs=0.02)
    assert levels["near 0.9"] == pytest.approx(0.9, abs=0.005)
    assert levels["near 0.995"] == pytest.approx(0.995, abs=0.001)
    steady = erlang_a(40, study.AHT_S, 4, study.PATIENCE_S, threshold_s=study.THRESHOLD_S)
    long = study.exact_service_level(4, 40, hours=24 * 365)
    assert long == pytest.approx(steady.sl_offered, abs=1e-5)
    assert levels["near 0.9"] > long + 0.002  # the day that starts empty is kinder


def test_the_exact_day_agrees_with_a_day_somebody_else_solved():
    """M/M/14 over two hours from empty, by the half hours of the case: the same equations without abandonment."""
    day = case("time_varying", "warm_up_from_empty")["expected"]["day"]["sl_offered_20s"]
    mine = study.exact_service_level(
        14, 200, most=200, hours=2, aht_s=180, patience_s=None, threshold_s=20
    )
    assert agrees(mine, day, 6)
