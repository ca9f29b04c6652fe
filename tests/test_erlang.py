"""The closed forms against numbers from outside, and against each other.

Every case of ``erlang.yaml`` and every closed-form case of ``general_distributions``,
``priorities`` and ``staffing_optimisation`` is computed to the digits it states. Cases that have no
closed form are named in ``BY_SIMULATION_ONLY`` and met elsewhere.
"""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from reference import agrees, agrees_as_printed, case, cases, expected

from slasim.erlang import (
    Abandonment,
    ErlangC,
    Patience,
    erlang_a,
    erlang_b,
    erlang_c,
    erlang_general_patience,
    evaluate_staffing,
    fewest_agents,
    lines_for_blocking,
    mmn,
    modified_offered_load,
    parse_sl_goal,
    preemptive_time_in_system,
    priority_queue,
    single_agent_preemptive_times,
    single_agent_priority_waits,
    staff_forecast,
    tightest_threshold,
    wait_probability,
)
from slasim.erlang.staffing import fewest
from slasim.errors import InputError

BY_SIMULATION_ONLY = {
    "m_erlang4_n6": "many agents, handle times not exponential",
    "m_hyper2_n6": "many agents, handle times not exponential",
    "m_hyper2_n4": "many agents, handle times not exponential",
    "m_deterministic_n6": "many agents, handle times not exponential",
    "m_erlang4_n6_patience": "many agents, handle times not exponential",
    "priority_abandonment_n6": "priorities with abandonment",
    "priority_abandonment_overload_n4": "priorities with abandonment",
    "priority_only_low_class_abandons_n4": "priorities with abandonment",
}


def closed(topic):
    return [
        pytest.param(c, id=c["name"]) for c in cases(topic) if c["name"] not in BY_SIMULATION_ONLY
    ]


def check(found, values):
    """Every expected value of the case is among ``values``, to the digits stated."""
    digits = found["exact_digits"]
    for name, exact in expected(found).items():
        mine, theirs = np.atleast_1d(values[name]), np.atleast_1d(exact)
        assert len(mine) == len(theirs), name
        for one, other in zip(mine, theirs, strict=True):
            assert agrees(one, other, digits), f"{name}: {one!r} is not {other!r}"
    published = found.get("published", {})
    if published.get("agrees"):
        for name, printed in published["values"].items():
            one = float(values[name])
            assert agrees_as_printed(one, printed), f"{name}: {one!r} was printed as {printed!r}"


def measures(seen: ErlangC | Abandonment):
    """A record's measures under the names of the reference cases."""
    if isinstance(seen, ErlangC):
        names = "p_wait mean_wait_all_s mean_queue occupancy mean_wait_delayed_s sl_offered"
        found = {name: getattr(seen, name) for name in names.split()}
        return found | {"wait_90th_percentile_s": seen.wait_percentile_s(0.9)}
    names = (
        "p_wait p_abandon p_blocked mean_wait_all_s asa_answered_s mean_queue occupancy "
        "sl_offered sl_answered sl_excl_short_abandon sl_incl_short_abandon"
    )
    found = {name: getattr(seen, name) for name in names.split()}
    return found | {"p_abandon_within_T": seen.p_abandon_within_threshold}


def erlang_case(inputs):
    """What our formulas say to the inputs of a case of ``erlang.yaml``."""
    if "max_blocking" in inputs:
        lines = lines_for_blocking(inputs["offered_load_erlang"], inputs["max_blocking"])
        return {"n_required": lines, "p_blocked": erlang_b(inputs["offered_load_erlang"], lines)}
    if "lines" in inputs:
        return {"p_blocked": erlang_b(inputs["offered_load_erlang"], inputs["lines"])}
    if "offered_load_erlang" in inputs:
        seen = erlang_c(inputs["offered_load_erlang"] * 3600, 1.0, inputs["agents"])
        late = seen.share_waiting_over(0.6) / seen.p_wait
        return {
            "p_wait": wait_probability(inputs["offered_load_erlang"], inputs["agents"]),
            "mean_wait_delayed_in_handle_times": seen.mean_wait_delayed_s,
            "share_of_delayed_waiting_over_0_6_handle_times": late,
        }
    if "service_rate" in inputs:
        return vars(mmn(inputs["arrival_rate"], inputs["service_rate"], inputs["agents"]))
    centre = (inputs["arrivals_per_hour"], inputs["mean_handle_time_s"], inputs["agents"])
    if "mean_patience_s" not in inputs:
        return measures(erlang_c(*centre, threshold_s=inputs["threshold_s"]))
    return measures(
        erlang_a(
            *centre,
            inputs["mean_patience_s"],
            threshold_s=inputs["threshold_s"],
            waiting_room=inputs.get("waiting_room"),
            balking=inputs.get("balking_probability", 0.0),
        )
    )


class TestReferenceCases:
    @pytest.mark.parametrize("found", closed("erlang"))
    def test_erlang(self, found):
        check(found, erlang_case(found["inputs"]))

    @pytest.mark.parametrize("found", closed("general_distributions"))
    def test_patience_that_is_not_exponential(self, found):
        law = {
            "mmn_patience_deterministic_120s": Patience.deterministic(120),
            "mmn_patience_hyperexponential": Patience.hyperexponential([20, 300], [0.4, 0.6]),
            "mmn_patience_uniform_0_240": Patience.uniform(0, 240),
            "mmn_patience_erlang2_mean150": Patience.gamma(150, 2),
        }[found["name"]]
        inputs = found["inputs"]
        centre = (inputs["arrivals_per_hour"], inputs["mean_handle_time_s"], inputs["agents"])
        seen = erlang_general_patience(*centre, law, threshold_s=inputs["threshold_s"])
        check(found, measures(seen))

    @pytest.mark.parametrize(
        "found", [c for c in closed("priorities") if c.id.startswith("mmn_priority")]
    )
    def test_priorities(self, found):
        inputs, digits = found["inputs"], found["exact_digits"]
        centre = (inputs["arrivals_per_hour"], inputs["mean_handle_time_s"], inputs["agents"])
        queue = priority_queue(*centre)
        want = expected(found)
        levels = want.pop("sl_offered")
        values = {
            "mean_wait_all_s": queue.mean_wait_s,
            "p_wait": queue.p_wait,
            "preemptive_resume_mean_time_in_system_s": preemptive_time_in_system(*centre),
        }
        check({"expected": want, "exact_digits": digits}, values)
        for name, exact in levels.items():
            seconds = float(re.fullmatch(r"within_(\d+)_s", name)[1])
            for one, other in zip(queue.service_level(seconds), exact, strict=True):
                assert agrees(one, other, digits), f"{name}: {one!r} is not {other!r}"

    def test_county_hospital(self):
        found = case("priorities", "county_hospital_1_server")
        rates, per_hour = found["inputs"]["arrival_rates"], 3600.0
        centre = ([r * per_hour for r in rates], 1 / found["inputs"]["service_rate"], 1)
        inside = preemptive_time_in_system(*centre)
        check(
            found,
            {
                "nonpreemptive_mean_wait": priority_queue(*centre).mean_wait_s,
                "preemptive_resume_mean_time_in_system_less_one_handle_time": [
                    t - centre[1] for t in inside
                ],
            },
        )

    def test_one_agent_with_two_handle_time_laws(self):
        found = case("priorities", "mg1_two_classes")
        law = ([12, 6], [120, 240], [2 * 120**2, 240**2])
        check(
            found,
            {
                "nonpreemptive_mean_wait_s": single_agent_priority_waits(*law),
                "preemptive_resume_mean_time_in_system_s": single_agent_preemptive_times(*law),
            },
        )

    def test_no_case_is_forgotten(self):
        known = {c["name"] for t in ("general_distributions", "priorities") for c in cases(t)}
        assert set(BY_SIMULATION_ONLY) < known
        assert len(known - set(BY_SIMULATION_ONLY)) == 4 + 5

    @pytest.mark.parametrize(
        "found", [c for c in closed("staffing_optimisation") if "tijms" in c.id]
    )
    def test_fewest_agents_for_few_waiting(self, found):
        load = found["inputs"]["offered_load_erlang"]
        agents = [fewest_agents(load * 20, 180, p_wait=a) for a in found["inputs"]["alpha"]]
        assert agents == expected(found)["n_required"]

    @pytest.mark.parametrize(
        "name, formula",
        [
            ("calc_100calls_30min_180s_80_20", "negative"),
            ("calc_25calls_10min_180s_80_20", "negative"),
            ("erlangA_500ph_240s_80_30", "negative"),
            ("erlangA_500ph_240s_80_30_excluding_short_abandons", "exclude_abandoned_within"),
        ],
    )
    def test_fewest_agents_for_a_service_level(self, name, formula):
        found = case("staffing_optimisation", name)
        inputs = found["inputs"]
        rate, aht, t = (
            inputs[k] for k in ("arrivals_per_hour", "mean_handle_time_s", "threshold_s")
        )
        patience = inputs["mean_patience_s"]
        agents = fewest_agents(
            rate, aht, service_level=0.8, threshold_s=t, formula=formula, patience_s=patience
        )

        def level(n):
            if patience is None:
                return erlang_c(rate, aht, n, threshold_s=t).service_level(formula)
            return erlang_a(rate, aht, n, patience, threshold_s=t).service_level(formula)

        want = list(expected(found).values())
        assert agents == want[0]
        assert agrees(level(agents), want[1], found["exact_digits"])
        assert agrees(level(agents - 1), want[2], found["exact_digits"])

    def test_targets_that_thirty_agents_can_meet(self):
        want = case("staffing_optimisation", "feasible_targets_n30")["expected"]
        centre = (420, 240, 30)
        for t in (10, 20, 30, 60, 120):
            level = 100 * erlang_a(*centre, 150, threshold_s=t).sl_offered
            assert agrees(level, want[f"largest_percent_within_{t}_s"], 6)
        for percent in (80, 90):
            exact = want[f"tightest_threshold_s_for_{percent}_percent"]
            assert agrees(tightest_threshold(*centre, percent / 100, patience_s=150), exact, 6)
        assert tightest_threshold(*centre, 0.95, patience_s=150) is None
        most = 100 * erlang_a(*centre, 150).p_answered
        assert agrees(most, want["largest_percent_at_any_threshold"], 6)

    def test_requirement_of_a_day_of_half_hours(self):
        found = case("staffing_optimisation", "day_of_half_hours_with_breaks")
        day = staff_forecast(
            found["inputs"]["calls_per_half_hour"],
            240,
            1800,
            service_level=0.8,
            threshold_s=20,
            patience_s=150,
            method="erlang_a",
        )
        assert day.required.tolist() == found["expected"]["requirement"]

    def test_busiest_day_that_meets_80_in_20(self):
        want = expected(case("finite_horizon_sla", "share_of_days_that_can_meet_80_20"))
        assert agrees(erlang_a(300, 240, 24, 150).sl_offered, want["sl_at_factor_1"], 8)
        factor = want["largest_factor_that_meets"]
        assert erlang_a(300 * (factor - 1e-6), 240, 24, 150).sl_offered > 0.8
        assert erlang_a(300 * (factor + 1e-6), 240, 24, 150).sl_offered < 0.8


class TestFormulasAgree:
    """Two ways to one number."""

    @pytest.mark.parametrize("agents", [1, 3, 24, 200])
    def test_general_patience_knows_erlang_a(self, agents):
        exact = erlang_a(12 * agents, 310, agents, 90, threshold_s=25)
        found = erlang_general_patience(
            12 * agents, 310, agents, Patience.exponential(90), threshold_s=25
        )
        assert measures(found) == pytest.approx(measures(exact), rel=1e-10)

    def test_endless_patience_is_erlang_c(self):
        patient, endless = erlang_a(290, 240, 21, 1e9), erlang_c(290, 240, 21)
        for name in ("p_wait", "mean_wait_all_s", "mean_queue", "occupancy", "sl_offered"):
            assert getattr(patient, name) == pytest.approx(getattr(endless, name), rel=1e-5)

    def test_no_waiting_room_is_erlang_b(self):
        seen = erlang_a(300, 200, 15, 180, waiting_room=0)
        assert seen.p_blocked == pytest.approx(erlang_b(300 / 18, 15), rel=1e-12)
        assert seen.sl_offered == pytest.approx(1 - seen.p_blocked, rel=1e-12)

    def test_everybody_balking_is_erlang_b(self):
        seen = erlang_a(300, 200, 15, 180, balking=1.0)
        assert seen.p_abandon == pytest.approx(erlang_b(300 / 18, 15), rel=1e-12)
        assert seen.p_abandon_within_threshold == pytest.approx(seen.p_abandon, rel=1e-12)

    def test_a_vast_waiting_room_changes_nothing(self):
        assert erlang_a(300, 200, 15, 180, waiting_room=10**9) == erlang_a(300, 200, 15, 180)

    def test_one_class_is_erlang_c(self):
        queue, plain = priority_queue([200], 180, 12), erlang_c(200, 180, 12, threshold_s=45)
        assert queue.mean_wait_s[0] == pytest.approx(plain.mean_wait_all_s)
        assert queue.service_level(45)[0] == pytest.approx(plain.sl_offered, rel=1e-12)

    def test_priorities_leave_the_total_wait_as_it_is(self):
        queue, plain = priority_queue([40, 60, 80], 180, 10), erlang_c(180, 180, 10)
        total = np.dot(queue.calls_per_hour, queue.mean_wait_s) / 180
        assert total == pytest.approx(plain.mean_wait_all_s)

    @pytest.mark.parametrize("room, balking", [(None, 0.0), (6, 0.0), (None, 0.3), (6, 0.3)])
    def test_erlang_a_flows_balance(self, room, balking):
        seen = erlang_a(400, 210, 20, 120, waiting_room=room, balking=balking)
        answered = seen.occupancy * 20 / seen.load
        assert seen.p_answered == pytest.approx(answered, rel=1e-12)
        everybody = erlang_a(400, 210, 20, 120, waiting_room=room, balking=balking, threshold_s=1e5)
        assert everybody.sl_offered == pytest.approx(seen.p_answered, rel=1e-12)
        assert everybody.p_abandon_within_threshold == pytest.approx(seen.p_abandon, rel=1e-12)
        nobody = erlang_a(400, 210, 20, 120, waiting_room=room, balking=balking, threshold_s=0)
        assert nobody.sl_offered == pytest.approx(1 - seen.p_wait, rel=1e-12)

    def test_the_formulas_keep_their_order(self):
        seen = erlang_a(500, 240, 30, 120, threshold_s=30)
        strict, excluding, positive = map(
            seen.service_level, ("negative", "exclude_abandoned_within", "positive")
        )
        assert strict < excluding < positive

    def test_percentile_turns_the_tail_round(self):
        seen = erlang_c(200, 180, 12)
        assert seen.share_waiting_over(seen.wait_percentile_s(0.9)) == pytest.approx(0.1)
        assert seen.wait_percentile_s(0.5) == 0.0


class TestLargeCentres:
    def test_a_thousand_agents_against_the_integral(self):
        exact = erlang_a(15_000, 240, 1000, 120, threshold_s=30)
        found = erlang_general_patience(
            15_000, 240, 1000, Patience.exponential(120), threshold_s=30
        )
        assert measures(found) == pytest.approx(measures(exact), rel=1e-9)

    def test_ten_thousand_lines_against_the_recursion(self):
        blocked = 1.0
        for lines in range(1, 10_001):
            blocked = 9_900 * blocked / (lines + 9_900 * blocked)
        assert erlang_b(9_900, 10_000) == pytest.approx(blocked, rel=1e-11)

    def test_a_long_threshold_does_not_underflow(self):
        seen = erlang_a(60_000, 60, 990, 600, threshold_s=900)
        assert seen.sl_offered == pytest.approx(seen.p_answered, rel=1e-9)
        assert 0.0 < erlang_a(66_000, 60, 990, 600, threshold_s=60).sl_offered < 1.0

    def test_tiny_load_on_many_agents(self):
        seen = erlang_a(1e-9, 240, 5000, 60)
        assert seen.sl_offered == 1.0
        assert seen.p_wait == 0.0


class TestOverloadAndNothing:
    def test_overload_is_an_answer(self):
        seen = erlang_c(300, 240, 20)
        assert not seen.stable
        assert (seen.p_wait, seen.sl_offered, seen.occupancy) == (1.0, 0.0, 1.0)
        assert seen.mean_wait_all_s == seen.mean_queue == seen.wait_percentile_s(0.5) == math.inf

    def test_nobody_on_duty(self):
        assert erlang_c(10, 240, 0).sl_offered == 0.0
        seen = erlang_a(10, 240, 0, 60, threshold_s=20)
        assert (seen.p_wait, seen.p_abandon, seen.sl_offered) == pytest.approx((1.0, 1.0, 0.0))
        assert seen.p_abandon_within_threshold == pytest.approx(1 - math.exp(-20 / 60))
        assert math.isnan(seen.asa_answered_s)

    def test_no_calls_are_nothing_to_judge(self):
        for seen in (erlang_c(0, 240, 5), erlang_a(0, 240, 5, 60)):
            assert math.isnan(seen.sl_offered)
            assert math.isnan(seen.p_wait)
            assert seen.occupancy == seen.mean_queue == 0.0

    def test_high_class_fits_though_all_do_not(self):
        queue = priority_queue([36, 400], 180, 5)
        assert queue.mean_wait_s == (pytest.approx(36 / (1 - 0.36)), math.inf)
        assert queue.service_level(60)[1] == 0.0

    @pytest.mark.parametrize(
        "call",
        [
            lambda: erlang_c(-1, 240, 5),
            lambda: erlang_c(10, 0, 5),
            lambda: erlang_c(10, 240, 2.5),
            lambda: erlang_a(10, 240, 5, 0),
            lambda: erlang_a(10, 240, 5, 60, balking=2),
            lambda: erlang_a(1e6, 240, 5, 1e12),
            lambda: erlang_b(math.nan, 5),
            lambda: lines_for_blocking(10, 0),
            lambda: fewest_agents(10, 240),
            lambda: fewest_agents(10, 240, service_level=80),
            lambda: fewest_agents(10, 240, p_abandon=0.05),
            lambda: erlang_a(10, 240, 5, 60).service_level("best"),
            lambda: erlang_general_patience(100, 240, 0, Patience.deterministic(60)),
            lambda: erlang_general_patience(
                600, 240, 20, Patience(lambda x: np.where(x < 9, 1.0, 0.9), (9.0,))
            ),
        ],
    )
    def test_nonsense_is_refused(self, call):
        with pytest.raises(ValueError):
            call()


class TestFewestAgents:
    def test_the_search_finds_the_smallest_from_any_guess(self):
        for smallest in range(1, 40):
            for guess in range(50):
                assert fewest(lambda n, least=smallest: n >= least, guess=guess) == smallest

    @pytest.mark.parametrize("patience", [None, 90])
    def test_one_fewer_misses(self, patience):
        for rate in (1, 7, 60, 333, 5000):
            for goal in ({"service_level": 0.9}, {"asa_s": 12}, {"max_occupancy": 0.8}):
                agents = fewest_agents(rate, 240, patience_s=patience, **goal)
                outcome = [
                    erlang_c(rate, 240, n) if patience is None else erlang_a(rate, 240, n, patience)
                    for n in (agents - 1, agents)
                ]
                name, limit = next(iter(goal.items()))
                if name == "service_level":
                    assert outcome[0].sl_offered < limit <= outcome[1].sl_offered
                elif name == "asa_s":
                    assert agents == 1 or outcome[0].asa_answered_s > limit
                    assert outcome[1].asa_answered_s <= limit
                else:
                    assert agents == 1 or outcome[0].occupancy > limit
                    assert outcome[1].occupancy <= limit * (1 + 1e-12)

    def test_all_goals_at_once_take_the_hardest(self):
        level, ceiling = {"service_level": 0.8}, {"max_occupancy": 0.7}
        apart = [fewest_agents(500, 240, **goal) for goal in (level, ceiling)]
        assert fewest_agents(500, 240, **level, **ceiling) == max(apart)

    def test_forty_four_of_fifty_is_eighty_eight_percent(self):
        assert fewest_agents(660, 240, max_occupancy=0.88) == 50
        assert fewest_agents(132, 240, max_occupancy=0.88) == 10

    def test_abandonment_ceiling(self):
        agents = fewest_agents(500, 240, p_abandon=0.05, patience_s=120)
        assert erlang_a(500, 240, agents, 120).p_abandon <= 0.05
        assert erlang_a(500, 240, agents - 1, 120).p_abandon > 0.05

    def test_fewer_agents_than_erlangs_can_do(self):
        """Where callers leave, 80/30 needs fewer agents than the load; a search must look there."""
        assert fewest_agents(1500, 240, service_level=0.8, threshold_s=30, patience_s=120) < 100


class TestModifiedOfferedLoad:
    def test_busy_agents_where_nobody_waits(self):
        found = modified_offered_load([100, 40, 0], [180, 180, 180], 1800)
        assert found.steady.tolist() == [10.0, 4.0, 0.0]
        assert found.at_end[0] == pytest.approx(10 * (1 - math.exp(-10)))
        assert found.at_end[2] == pytest.approx(found.at_end[1] * math.exp(-10))

    def test_every_call_is_handled(self):
        calls, aht = [30, 90, 10, 0, 55], np.array([200, 420, 300, 300, 90.0])
        found = modified_offered_load(calls, aht, 900, start_load=7.0)
        ended = (found.mean / aht * 900).sum()
        assert 7.0 + sum(calls) == pytest.approx(ended + found.at_end[-1], rel=1e-12)

    def test_the_mean_is_the_mean_of_its_course(self):
        found = modified_offered_load([30, 90, 10], 400, 900)
        moments = (np.arange(2000) + 0.5) / 2000
        assert found.at(moments).mean(axis=1) == pytest.approx(found.mean, rel=1e-6)
        assert found.at([0.0])[1:, 0] == pytest.approx(found.at_end[:-1], rel=1e-12)

    def test_a_sine_lags_and_flattens(self):
        """S. G. Eick, W. A. Massey, W. Whitt, Mt/G/infinity queues with sinusoidal arrival rates
        (1993): mean and amplitude of the load for exponential handle times."""
        aht, cycle, step = 1800.0, 14_400.0, 5.0
        t = np.arange(step / 2, 6 * cycle, step)
        rate = 0.05 + 0.02 * np.sin(2 * math.pi * t / cycle)
        found = modified_offered_load(rate * step, aht, step, start_load=None).mean
        g = 2 * math.pi / cycle
        wave = (np.sin(g * t) - g * aht * np.cos(g * t)) / (1 + (g * aht) ** 2)
        late = t > 4 * cycle
        assert found[late] == pytest.approx((0.05 * aht + 0.02 * aht * wave)[late], rel=1e-6)

    def test_it_predicts_a_changing_day_better_than_steady_states(self):
        """Against the exact half hours of a day that starts empty (Kolmogorov equations)."""
        found = case("time_varying", "half_hours_up_and_down_patience")
        inputs = found["inputs"]
        calls = np.array(inputs["arrivals_per_hour_by_period"]) / 2
        exact = np.array([p["sl_offered_20s"] for p in found["expected"]["periods"]])
        settings = {"threshold_s": 20, "patience_s": 150, "method": "erlang_a"}
        predicted = {}
        for moving in (False, True):
            day = evaluate_staffing(
                calls,
                inputs["mean_handle_time_s"],
                1800,
                inputs["agents_by_period"],
                modified_offered_load=moving,
                **settings,
            )
            predicted[moving] = day.service_level
        assert predicted[True] == pytest.approx(exact, abs=0.002)
        assert np.abs(predicted[False] - exact).max() > 0.05

    def test_a_centre_that_opens_empty(self):
        found = case("time_varying", "warm_up_from_empty")
        day = evaluate_staffing([100] * 4, 180, 1800, 14, modified_offered_load=True)
        exact = [p["sl_offered_20s"] for p in found["expected"]["periods"]]
        assert day.service_level == pytest.approx(exact, abs=0.012)


class TestStaffForecast:
    def test_the_trade_example(self):
        """100 calls in half an hour of 180 s, 80/20, 30 % shrinkage: 14 on the phones, 20 paid."""
        plan = staff_forecast([100], 180, 1800, service_level=0.8, threshold_s=20, shrinkage=0.3)
        assert plan.workload.tolist() == [10.0]
        assert plan.required.tolist() == [14]
        assert plan.scheduled[0] == pytest.approx(14 / 0.7)
        assert plan.heads.tolist() == [20]
        assert plan.fte_hours[0] == pytest.approx(10.0)
        assert plan.service_level[0] == pytest.approx(0.8883500192)
        assert plan.occupancy[0] == pytest.approx(10 / 14)

    def test_intervals_are_the_single_formula(self):
        calls, aht = [3, 60, 0, 215, 9], [300, 240, 0, 260, 200]
        plan = staff_forecast(calls, aht, 1800, service_level=0.8, threshold_s=30)
        for i in (0, 1, 3, 4):
            alone = fewest_agents(2 * calls[i], aht[i], service_level=0.8, threshold_s=30)
            assert plan.required[i] == alone
            seen = erlang_c(2 * calls[i], aht[i], alone, threshold_s=30)
            assert plan.service_level[i] == pytest.approx(seen.sl_offered, rel=1e-12)
            assert plan.asa_s[i] == pytest.approx(seen.mean_wait_all_s, rel=1e-12)
        assert plan.required[2] == 0
        assert math.isnan(plan.service_level[2])

    def test_pooled_counts_calls_and_not_intervals(self):
        plan = evaluate_staffing([100, 20], 180, 1800, [11, 12], threshold_s=20)
        parts = [erlang_c(200, 180, 11).sl_offered, erlang_c(40, 180, 12).sl_offered]
        assert plan.pooled_service_level == pytest.approx((100 * parts[0] + 20 * parts[1]) / 120)
        assert plan.pooled_occupancy == pytest.approx((10 + 2) / (11 + 12))

    def test_pooled_abandonment(self):
        plan = evaluate_staffing(
            [100, 20, 0], 180, 1800, [9, 2, 0], patience_s=120, method="erlang_a"
        )
        parts = [erlang_a(200, 180, 9, 120), erlang_a(40, 180, 2, 120)]
        gone = 100 * parts[0].p_abandon + 20 * parts[1].p_abandon
        assert plan.pooled_p_abandon == pytest.approx(gone / 120)
        waited = sum(
            n * s.p_answered * s.asa_answered_s for n, s in zip((100, 20), parts, strict=True)
        )
        assert plan.pooled_asa_s == pytest.approx(waited / (120 - gone))

    def test_overloaded_interval_says_so(self):
        plan = evaluate_staffing([100, 20], 180, 1800, [9, 12])
        assert plan.service_level[0] == 0.0
        assert plan.asa_s[0] == plan.pooled_asa_s == math.inf
        assert plan.to_json()["pooled_asa_s"] is None

    def test_occupancy_ceiling_asks_for_more(self):
        free = staff_forecast([200], 240, 1800, service_level=0.8)
        held = staff_forecast([200], 240, 1800, service_level=0.8, max_occupancy=0.8)
        assert held.required[0] > free.required[0]
        assert held.occupancy[0] <= 0.8 < free.occupancy[0]

    def test_the_morning_needs_fewer_and_the_evening_more(self):
        calls = [100, 100, 20]
        still = staff_forecast(calls, 600, 1800, service_level=0.8)
        moving = staff_forecast(calls, 600, 1800, service_level=0.8, modified_offered_load=True)
        assert moving.required[0] < still.required[0]
        assert moving.required[2] > still.required[2]
        assert moving.workload.tolist() == still.workload.tolist()

    def test_goals_hold_with_a_moving_load(self):
        calls, settings = [60, 130, 200, 120, 40], {"modified_offered_load": True}
        plan = staff_forecast(calls, 300, 1800, service_level=0.8, **settings)
        assert (plan.service_level >= 0.8).all()
        for i in range(5):
            fewer = plan.required.copy()
            fewer[i] -= 1
            seen = evaluate_staffing(calls, 300, 1800, fewer, **settings)
            assert seen.service_level[i] < 0.8

    def test_json_has_plain_numbers(self):
        plan = staff_forecast([0, 12], 240, 1800, service_level=0.8)
        again = json.loads(json.dumps(plan.to_json(), allow_nan=False))
        assert again["intervals"][0]["service_level"] is None
        assert again["intervals"][1]["required"] == int(plan.required[1])
        assert plan.table()["offered"].tolist() == [0, 12]

    def test_no_intervals_at_all(self):
        plan = staff_forecast([], 240, 1800, service_level=0.8)
        assert plan.total_fte_hours == 0.0
        assert math.isnan(plan.pooled_service_level)

    def test_every_mistake_is_told_at_once(self):
        with pytest.raises(InputError) as error:
            staff_forecast(
                [10, -4, math.nan],
                [240, 240, 0],
                0,
                service_level=80,
                shrinkage=1.0,
                method="erlang_z",
            )
        said = str(error.value)
        for word in ("offered[1]", "offered[2]", "interval_s", "service_level", "shrinkage"):
            assert word in said
        assert "erlang_z" in said

    @pytest.mark.parametrize(
        "settings, word",
        [
            ({"method": "erlang_a", "service_level": 0.8}, "patience_s"),
            ({}, "no goal"),
            ({"p_abandon": 0.05}, "erlang_a"),
            ({"service_level": 0.8, "max_occupancy": 88}, "max_occupancy"),
        ],
    )
    def test_what_is_missing_is_named(self, settings, word):
        with pytest.raises(InputError, match=word):
            staff_forecast([10], 240, 1800, **settings)

    def test_handle_times_must_fit_the_intervals(self):
        with pytest.raises(InputError, match="aht_s"):
            staff_forecast([10, 20], [240] * 3, 1800, service_level=0.8)
        with pytest.raises(InputError, match="agents"):
            evaluate_staffing([10, 20], 240, 1800, [3, 2.5])


class TestGoalText:
    @pytest.mark.parametrize(
        "text, goal",
        [
            ("80/30", (0.8, 30.0)),
            (" 92.5 % / 20 s ", (0.925, 20.0)),
            ("90/1min", (0.9, 60.0)),
            ("80/0", (0.8, 0.0)),
        ],
    )
    def test_percent_and_seconds(self, text, goal):
        assert parse_sl_goal(text) == pytest.approx(goal)

    @pytest.mark.parametrize("text", ["80", "80:20", "0.8/20", "100/20", "80/20 parsecs", "", "/"])
    def test_anything_else_is_refused(self, text):
        with pytest.raises(InputError, match="80/30"):
            parse_sl_goal(text)
