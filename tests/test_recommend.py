"""recommend: what may be signed, and why; its words, its guards and its numbers, each against another way to them."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts import centre, paid
from offers import offer as offers_offer
from offers import signable

import slasim as sl
from slasim.errors import InputError
from slasim.outcome import estimates
from slasim.planner.frontier import certified
from slasim.planner.next_step import Place, _said, place_of, with_more
from slasim.planner.offer import Clause, Lever, Recommendation, Signable
from slasim.planner.recommend import _evidence, with_target
from slasim.planner.verdicts import rule
from slasim.planner.words import negotiator, safe
from slasim.scenario.agreements import agreements
from slasim.scenario.bundled import bundled
from slasim.show.recommended import recommended_screen
from slasim.sla.contract import Commitment, Tier, exact
from slasim.study.promised import count, held

DOUBT = {"volume": {"day_cv": 0.1, "bias_sd": 0.05}, "aht": {"bias_sd": 0.05}}
ASKED = [
    {"metric": "quick", "target": 0.80, "weight": 0.6,
     "tiers": [{"below": 0.80, "share": 0.5}, {"below": 0.70, "share": 1}]},
    {"metric": "lost", "target": 0.30, "weight": 0.4},
]  # fmt: skip
N = 120


def small(**more: Any) -> sl.Scenario:
    return centre(
        paid(ASKED, term=4, termination={"misses": 2, "within_periods": 3}),
        **{"demand": DOUBT} | more,
    )


@cache
def offer() -> Recommendation:
    return sl.recommend(small(), replications=N, budget=5_000)


def row(title: str) -> Any:
    return next(one for one in offer().own() if one.title == title)


class TestJson:
    def test_the_keys_that_stay(self) -> None:
        told = json.loads(json.dumps(offer().to_json()))
        assert list(told)[:6] == [
            "recommendations",
            "contract",
            "term",
            "frontier",
            "clauses",
            "sensitivity",
        ]
        wanted = {"metric", "threshold_s", "period", "target", "chance", "chance_low", "asked", "asked_chance",
                  "asked_chance_low", "verdict", "reasons"}  # fmt: skip
        for one in told["recommendations"]:
            assert wanted <= set(one)
        assert {"chance", "chance_low", "expected_credits", "credits_p95"} <= set(told["contract"])
        assert told["term"]["months"] == 4

    def test_one_row_per_metric_and_threshold_its_own_first(self) -> None:
        rows = offer().to_json()["recommendations"]
        quick = [one["threshold_s"] for one in rows if one["metric"] == "quick"]
        assert rows[0]["metric"] == "quick" and quick[0] == 20 and sorted(quick[1:]) == quick[1:]
        assert len({(one["metric"], one["threshold_s"]) for one in rows}) == len(rows)
        assert [one["threshold_s"] for one in rows if one["metric"] == "lost"] == [None]

    def test_the_same_whoever_computes_it(self) -> None:
        again = sl.recommend(small(), replications=N, budget=5_000, executor=1)
        assert again.to_json() == offer().to_json()


class TestNumbers:
    def test_targets_are_order_statistics_of_the_periods(self) -> None:
        scenario = small()
        made = held(count(scenario, agreements(scenario), replications=N), agreements(scenario)[0])
        rank = estimates.certified_rank(N)
        assert rank is not None
        quick, lost = (np.sort(made.value[title][:, 0]) for title in ("quick", "lost"))
        assert row("quick").target == math.floor(quick[rank - 1] * 1e6) / 1e6
        assert row("lost").target == math.ceil(lost[N - rank] * 1e6) / 1e6
        for title, values, better in (("quick", quick, 1), ("lost", lost, -1)):
            one = row(title)
            met = int((better * values >= better * one.target).sum())
            assert (
                one.chance == met / N
                and one.chance_low == float(estimates.at_least(met, N)) >= 0.90
            )

    def test_asked_is_judges_own_verdict(self) -> None:
        for one, verdict in zip(
            offer().own(), sl.judge(sl.simulate(small(), replications=N)), strict=True
        ):
            assert (one.asked_chance, one.asked_chance_low) == (
                verdict.chance.value,
                verdict.chance_low,
            )

    def test_chance_alone_stands_beside_and_is_kinder(self) -> None:
        exact_inputs = sl.judge(sl.simulate(small(demand=None), replications=N))
        assert (
            row("quick").asked_chance_alone
            == exact_inputs[0].chance.value
            > row("quick").asked_chance
        )

    def test_whoever_chooses_among_thresholds_pays_for_it(self) -> None:
        for one in offer().frontier:
            if one.target is not None and one.target_among is not None:
                worse = (
                    one.target_among <= one.target
                    if one.metric == "quick"
                    else one.target_among >= one.target
                )
                assert worse

    def test_the_frontier_is_monotone(self) -> None:
        quick = [
            one for one in offer().frontier if one.metric == "quick" and one.target is not None
        ]
        for wished in {one.wished for one in quick}:
            targets = [
                p.target
                for p in sorted(quick, key=lambda p: p.threshold_s or 0)
                if p.wished == wished
            ]
            assert targets == sorted(targets) and len(targets) == 7  # type: ignore[type-var]
        own = [one.target for one in sorted(quick, key=lambda p: p.wished) if one.threshold_s == 20]
        assert own == sorted(own, reverse=True)  # type: ignore[type-var]

    def test_levers_are_paired_and_have_the_right_sign(self) -> None:
        whole = {one.name: one for one in offer().levers if one.title == "quick"}
        assert {"volume", "AHT", "absence", "patience", "forecast error"} <= set(whole)
        for name in ("volume", "AHT", "absence"):
            assert whole[name].worse < whole[name].base < whole[name].better
            assert whole[name].replications >= 100
        assert offer().levers[0].swing == max(
            one.swing for one in offer().levers if one.title == ""
        )

    def test_more_agents_do_what_they_cost(self) -> None:
        rungs = offer().steps
        assert [one.agents for one in rungs] == sorted({one.agents for one in rungs})
        first = rungs[0]
        assert (
            first.cost == pytest.approx(first.paid_hours * 20)
            and first.paid_hours == first.phone_hours
        )
        assert rungs[-1].chance > offer().odds.chance.value  # type: ignore[union-attr]
        bought = offer().budget
        assert bought is not None and bought.step is not None and (bought.step.cost or 0) <= 5_000

    def test_the_package_is_certified_on_fresh_months(self) -> None:
        made = offer()
        assert made.package is not None and made.package_odds is not None and made.fresh == N
        assert made.package.certified_on == "fresh"
        assert made.package_odds.chance.value == made.package.chance > made.odds.chance.value  # type: ignore[union-attr]
        promised = {one.title: one.target for one in made.package_odds.commitments}
        assert promised["quick"] == safe(row("quick").target_among, "share", "higher")
        assert promised["lost"] == 0.30


class TestVerdicts:
    def rule(
        self, met: int, of: int = 1000, clauses: Any = (), levers: Any = (), **more: Any
    ) -> Any:
        scenario = small(**more)
        found = estimates.chance_of(np.arange(of)[:, None] < met, np.ones((of, 1), np.bool_))
        return rule(scenario, "month", found, 5_000, clauses, levers)

    TESTED = {"chance": 0.9, "back_test": {"weeks": 8, "too_kind": {"quick": 0}}}  # noqa: RUF012

    def lever(self, worse: float, asked: bool = True) -> Lever:
        return Lever("volume", "quick", "+10 %", "-10 %", 0.95, worse, 1.0, 5, 5, 200, asked)

    def clause(self, enough: bool, words: str = "relief above +15 %") -> Clause:
        return Clause(
            "forecast_relief", words, "", "quick", 0.87, 0.95, 0.93, None, None, 1, "", True, enough
        )

    def test_the_four_words(self) -> None:
        assert self.rule(950, feasibility=self.TESTED).decision == "commit"
        assert self.rule(950).decision == "commit with clause"  # no back-test
        assert self.rule(870).decision == "do not commit"
        assert self.rule(905).decision == "not enough evidence"  # 90.5 (at least 88.8)
        assert self.rule(28, 28).decision == "not enough evidence"
        assert self.rule(29, 29, feasibility=self.TESTED).decision == "commit"

    def test_stress_turns_commit_into_commit_with_clause(self) -> None:
        tested = {"feasibility": self.TESTED}
        assert self.rule(950, levers=[self.lever(0.5)], **tested).decision == "commit with clause"
        assert self.rule(950, levers=[self.lever(0.95)], **tested).decision == "commit"
        assert self.rule(950, levers=[self.lever(0.5, asked=False)], **tested).decision == "commit"
        reasons = self.rule(950, levers=[self.lever(0.5)], **tested).reasons
        assert [one.says for one in reasons if one.name == "stress"] == [
            "Volume +10 % leaves 50 of 100."
        ]

    def test_a_clause_must_do_it_by_itself_and_be_certain(self) -> None:
        assert self.rule(870, clauses=[self.clause(True)]).decision == "commit with clause"
        assert self.rule(870, clauses=[self.clause(False)]).decision == "do not commit"
        there = self.clause(True, "relief, in the draft")
        assert self.rule(870, clauses=[there]).decision == "do not commit"

    def test_no_stated_forecast_error_is_said(self) -> None:
        reasons = self.rule(950, demand=None).reasons
        assert "no_input_error" in [one.name for one in reasons]
        exact_inputs = sl.recommend(small(demand=None), replications=30)
        assert "taken as exact" in " ".join(one.says for one in exact_inputs.perils)
        assert recommended_screen(exact_inputs).splitlines()[1].startswith("Taken as exact")

    def test_a_back_test_backs_the_metrics_that_it_names(self) -> None:
        """Seconds of a back-test say nothing of a share of intervals; what is not named is not backed."""
        met = {
            "aggregate": "share_of_intervals_met",
            "interval_target": "30s",
            "name": "half-hours",
            "target": 0.9,
        }
        wanted = [{"metric": "quick", "target": 0.5}, {"metric": "lost", "target": 0.3},
                  {"metric": "asa", "target": "10min"}, {"metric": "asa"} | met]  # fmt: skip
        tested = {
            "chance": 0.9,
            "back_test": {"weeks": 1, "too_kind": {"asa": "5.7s", "quick": 0.02}},
        }
        offer = sl.recommend(
            centre({"period": "day", "term": {"months": 1}, "commitments": wanted}, agents=10,
                   demand=DOUBT, feasibility=tested),
            replications=60,
        )  # fmt: skip
        rows = {one.title: one for one in offer.own()}
        words = {title: one.verdict for title, one in rows.items()}
        assert words == {
            "quick": "commit", "asa": "commit", "lost": "commit with clause", "half-hours": "commit with clause",
        }  # fmt: skip
        said = {
            title: [why.says for why in one.reasons if why.name in ("back_test", "no_back_test")]
            for title, one in rows.items()
        }
        none = "No back-test of this metric on weeks the model has not seen: never more than with a clause."
        assert said == {
            "quick": ["A back-test was missed by 2.0 points; they are taken off."], "lost": [none],
            "asa": ["A back-test was missed by 5.7 s; that is taken off."], "half-hours": [none],
        }  # fmt: skip
        page = sl.report(offer, edition="client").html
        assert "Back-test on 1 unseen week: asa 5.7 s too kind, quick 2.0 points too kind." in page

    def test_a_back_tests_bias_is_taken_off(self) -> None:
        kind = {"chance": 0.9, "back_test": {"weeks": 4, "too_kind": {"quick": 0.05}}}
        biased = sl.recommend(small(feasibility=kind), replications=N)
        one = next(r for r in biased.own() if r.title == "quick")
        assert one.target == pytest.approx(row("quick").target - 0.05, abs=2e-6)
        assert one.asked_chance is not None and one.asked_chance < row("quick").asked_chance
        assert one.chance == row("quick").chance


def test_without_a_contract_it_says_what_could_be_promised() -> None:
    found = sl.recommend(centre(demand=DOUBT), replications=60)
    assert found.decision is None and found.odds is None and found.to_json()["contract"] is None
    assert all(one.asked is None and one.verdict is None for one in found.recommendations)
    assert next(one for one in found.recommendations if one.metric == "asa").target is not None
    assert "No contract" in recommended_screen(found) or "no contract" in recommended_screen(found)


def test_a_contract_without_price_and_weights() -> None:
    found = sl.recommend(
        centre({"period": "day", "commitments": [{"metric": "quick", "target": 0.7}]}),
        replications=40,
    )
    assert found.odds is not None and found.odds.money is None
    told = found.to_json()["contract"]
    assert told["expected_credits"] is None and told["credits_p95"] is None


SHAPES: dict[str, dict[str, Any]] = {
    "two lengths of period": {"contract": {"period": "week", "commitments": [
        {"metric": "quick", "target": 0.8}, {"metric": "asa", "period": "day", "target": "20s"}]}, "days": 14},
    "intervals": {"contract": {"period": "day", "commitments": [
        {"metric": "quick", "target": 0.9, "aggregate": "share_of_intervals_met", "interval_target": 0.8}]}},
    "named agents": {"contract": {"period": "day", "commitments": [{"metric": "quick", "target": 0.8}]},
        "groups": {"front": {"takes": {"calls": 1}, "cost_per_hour": 20, "shifts": [
            {"name": "a", "days": "mon-sun", "from": "08:00", "to": "12:00", "agents": 5}]}}},
    "agents' time": {"contract": {"period": "day", "commitments": [
        {"metric": {"type": "occupancy"}, "target": "85 %"}, {"metric": "quick", "target": 0.7}]}},
    "many clauses": {"contract": paid(
        [{"metric": "quick", "target": 0.8, "weight": 1, "bonus": [{"at_least": 0.95, "share": 0.1}]}],
        exclusions=[{"kind": "x", "from": "2026-03-02 09:00", "to": "2026-03-02 09:45"}], min_volume=100,
        rounding={"decimals": 0}, net_bonus=True, credits_as="future_fees")},
    "nobody calls": {"contract": {"period": "day", "commitments": [{"metric": "quick", "target": 0.8}]},
        "per_hour": 0.001, "agents": 1},
}  # fmt: skip


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("shape", SHAPES)
def test_any_contract_gives_a_screen_that_fits_and_json_without_nan(shape: str) -> None:
    found = sl.recommend(centre(**SHAPES[shape]), replications=30)
    json.dumps(found.to_json(), allow_nan=False)
    assert max(map(len, recommended_screen(found).splitlines())) <= 100
    assert found.decision is not None and found.answer
    if shape == "nobody calls":
        assert found.own()[0].reasons[0].name in ("nothing_to_judge", "too_few")


def test_too_few_replications_certify_nothing() -> None:
    found = sl.recommend(small(), replications=20)
    assert {one.target for one in found.recommendations} == {None}
    assert {one.verdict for one in found.own()} == {"not enough evidence"}


def test_clients_are_recommended_on_one_by_one() -> None:
    two = {name: {"period": "day", "commitments": [{"metric": metric, "target": target}]}
           for name, metric, target in (("a", "quick", 0.7), ("b", "lost", 0.05))}  # fmt: skip
    scenario = centre(contracts=two)
    first, second = (sl.recommend(scenario, replications=40, contract=name) for name in two)
    assert [one.name for one in first.others] == ["b"] and [one.name for one in second.others] == [
        "a"
    ]
    assert first.others[0].chance == second.odds.chance  # type: ignore[union-attr]
    with pytest.raises(InputError, match="Did you mean"):
        sl.recommend(scenario, replications=40, contract="aa")


def test_the_screen_fits_and_carries_its_guards() -> None:
    text = recommended_screen(offer())
    assert max(map(len, text.splitlines())) <= 100
    text = " ".join(text.split())
    for words in ("NOT AS DRAFTED", "alone", "worst hour", "of intervals meet it", "no miss in 4", "2 misses within",
                  "Not modelled", "By other formulas", "FOR THE NEGOTIATOR", "on 120 fresh ones"):  # fmt: skip
        assert words in text, words


def test_more_agents_stand_where_they_are_put() -> None:
    scenario = small()
    subject = agreements(scenario)[0]
    result = count(scenario, [subject], replications=20)
    place = place_of(result, subject, subject.contract.commitments[0])
    more = with_more(scenario, place, 3)
    added = more.staffing("front") - scenario.staffing("front")
    assert np.array_equal(added > 0, place.inside) and set(added[place.inside]) == {3.0}


def test_more_agents_join_a_group_whose_people_have_shifts_are_absent_and_late() -> None:
    shift = {"name": "day", "days": "mon-sun", "from": "08:00", "to": "18:00", "agents": 4}
    front = {
        "takes": {"calls": 1}, "shifts": [shift], "absence": 0.1, "cost_per_hour": 20,
        "late_start": {"chance": 0.2, "by": {"exponential": {"mean": "5min"}}},
    }  # fmt: skip
    scenario = small(groups={"front": front})
    place = Place("front", scenario.staffing("front") > 0, "whenever somebody is on duty")
    more = with_more(scenario, place, 3)
    assert more.groups["front"].late_start is not None and more.groups["front_more"].shifts is None
    on_phones = more.staffing("front_more") * more.groups["front_more"].attendance
    assert more.groups["front_more"].attendance == 0.9
    assert on_phones[place.inside] == pytest.approx(3, abs=1e-5)
    assert not on_phones[~place.inside].any()
    sl.simulate(more, replications=2)


def test_one_commitment_is_not_told_as_several() -> None:
    def row(**more: Any) -> Signable:
        return signable(**{"verdict": "do not commit", "target_among": 0.76} | more)

    way = offers_offer().package
    assert way is not None
    alone = negotiator([row()], way, (), (), "month", 0.9)
    assert " in at least 9 months of ten." in alone
    assert "each" not in alone and "All of them" not in alone
    both = negotiator([row(), row(title="Lost")], way, (), (), "month", 0.9)
    assert ", each in at least 9 months of ten. All of them together: about" in both


def test_hours_are_listed_as_one_says_them() -> None:
    assert _said([8, 9, 11, 13, 14]) == "08:00-10:00, 11:00-12:00 and 13:00-15:00"
    assert (_said([8]), _said([8, 10])) == ("08:00-09:00", "08:00-09:00 and 10:00-11:00")


def test_of_measured_doubts_those_typed_in_are_known() -> None:
    bank = sl.load(bundled("bank_1999") / "bank.yaml")
    assert _evidence(bank).typed == ("attendance",)
    assert _evidence(bank).measured_from == "forecast_and_actual.csv"
    assert _evidence(small()).typed == ()  # nothing of it is measured


def test_tiers_follow_the_target() -> None:
    tiers = (
        Tier(exact(0.25), below=exact(0.8)),
        Tier(exact(0.5), below=exact(0.75)),
        Tier(exact(1), below=exact(0.7)),
    )
    one = with_target(Commitment("m", exact(0.8), weight=exact(1), tiers=tiers), exact(0.76))
    assert one.tiers == (Tier(exact(0.25), below=exact(0.76)), *tiers[1:])
    low = with_target(Commitment("m", exact(0.8), weight=exact(1), tiers=tiers), exact(0.72))
    assert low.tiers == (Tier(exact(0.5), below=exact(0.72)), tiers[2])


def test_certified_targets_round_to_the_safe_side() -> None:
    values = np.linspace(0.5, 0.9, 100)[:, None]
    higher, lower = (certified(values, side, 0.9, 0.95) for side in ("higher", "lower"))
    assert higher is not None and lower is not None
    assert (values >= higher).mean() >= 0.9 and (values <= lower).mean() >= 0.9
    assert certified(values[:20], "higher", 0.9, 0.95) is None


def test_the_command(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from slasim.cli import app

    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(small().to_json()), encoding="utf-8")
    done = CliRunner().invoke(
        app, ["recommend", str(path), "-n", "40", "--json", "--out", str(tmp_path / "r.csv")]
    )
    told = json.loads(done.stdout)
    assert done.exit_code == {"do not commit": 1, "not enough evidence": 3}.get(told["decision"], 0)
    assert told["replications"] == 40 and (tmp_path / "r.csv").read_text().startswith("metric,")
