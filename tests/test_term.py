"""The term: months that share one forecast bias and differ in all else; its ledger, ramp, hiring and growth."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from contracts import centre, paid

from slasim.inputs.doubt import Doubt
from slasim.inputs.sample import prepare
from slasim.scenario.agreements import agreements
from slasim.study.contracting import wanted
from slasim.study.measures import layout
from slasim.study.term import SharedDoubt, _MonthRun, months_of, term

PROMISE = [{"metric": "quick", "target": 0.75}]


def by_term(contract: dict[str, Any], *, terms: int = 60, **more: Any) -> Any:
    scenario = centre(contract, **more)
    return term(scenario, agreements(scenario)[0], terms=terms)


class TestMonthsHangTogether:
    """A bias of 30 % on volume and nothing else: a term is good or bad as a whole, and days inside are not copies."""

    BIASED = {"volume": {"bias_sd": 0.3}}  # noqa: RUF012

    def test_one_bias_for_the_whole_term(self) -> None:
        doubt = SharedDoubt(volume_bias_sd=0.3, months=12)
        nothing = np.zeros(1, np.int64)
        factors = [doubt.volume(1, r, "calls", nothing, nothing) for r in range(24)]
        assert len({float(f[0]) for f in factors[:12] if f is not None}) == 1
        assert len({float(f[0]) for f in factors if f is not None}) == 2
        alone = Doubt(volume_bias_sd=0.3)
        assert (
            len({float(alone.volume(1, r, "calls", nothing, nothing)[0]) for r in range(12)}) == 12
        )  # type: ignore[index]

    def test_months_are_no_copies(self) -> None:
        scenario = centre({"period": "day", "commitments": PROMISE}, demand=self.BIASED)
        run = _MonthRun(scenario, 1, layout(scenario, followed=wanted(scenario)), months=3)
        plan = prepare(scenario)
        first, second = (run.one(plan, r)[0].arrival for r in (0, 1))
        assert not np.array_equal(first[:20], second[:20])

    def test_calls_and_tickets_of_one_floor_share_it_too(self) -> None:
        """Chats and tickets come through the whole operation, redials and all: a term has one bias there as well."""
        aht = {"aht": {"bias_sd": 0.5}, "volume": {"bias_sd": 0.5}}
        plain = {"arrivals": {"per_hour": 200}, "handle_time": {"constant": {"mean": "1min"}}}
        scenario = centre(
            queues={"chats": {"channel": "chat", **plain}, "email": {"channel": "ticket", **plain}},
            groups={"front": {"takes": {"chats": 1, "email": 2}, "staffing": 9}},
            demand=aht,
            metrics={},
        )
        plan, months = prepare(scenario), 3
        assert plan.whole is not None
        run = _MonthRun(scenario, 1, layout(scenario), months=months)
        draws = [run.one(plan, r)[0] for r in range(2 * months)]
        work = [sorted(set(draw.work.tolist())) for draw in draws]
        assert work[0] == work[1] == work[2] != work[3] == work[4] == work[5]
        came = [draw.first.tolist()[1:] for draw in draws]
        assert len({tuple(first) for first in came}) == 2 * months  # other callers every month
        terms = np.array(came, float).reshape(2, months, 2)
        between = np.abs(np.diff(terms.mean(axis=1), axis=0))
        assert (between > 3 * terms.std(axis=1).max(axis=0)).all()

    def test_no_miss_is_far_above_what_independence_says(self) -> None:
        found = by_term(
            {"period": "day", "commitments": PROMISE, "term": 8}, demand=self.BIASED, agents=6
        )
        assert found.contract_no_miss.value > found.if_independent + 0.15
        assert len(found.misses) == 9 and sum(found.misses) == pytest.approx(1)
        assert sum(found.misses[5:]) > 0.02  # terms that miss nearly every time

    def test_without_bias_they_are_nearly_independent(self) -> None:
        found = by_term({"period": "day", "commitments": PROMISE, "term": 6}, agents=7)
        low, high = found.contract_no_miss.low, found.contract_no_miss.high
        assert low is not None and low <= found.if_independent <= high
        assert any("No bias" in said for said in found.assumed)


def test_index_and_growth_move_the_volume() -> None:
    contract = {"period": "day", "commitments": PROMISE,
                "term": {"months": 3, "monthly_volume": [1, 0.5, 2], "growth": "10 %"}}  # fmt: skip
    scenario = centre(contract)
    months = months_of(scenario, agreements(scenario)[0])
    assert [round(m.volume, 4) for m in months] == [
        1,
        round(0.5 * 1.1 ** (1 / 12), 4),
        round(2 * 1.1 ** (2 / 12), 4),
    ]
    found = term(scenario, agreements(scenario)[0], terms=30)
    chances = [month.chance for month in found.by_month]
    assert chances[1] > chances[0] > chances[2]


def test_staffing_may_follow_the_volume() -> None:
    contract = {"period": "day", "commitments": PROMISE,
                "term": {"months": 2, "monthly_volume": [1, 3], "monthly_staffing": "follows_volume"}}  # fmt: skip
    found = by_term(contract, terms=30)
    assert found.by_month[1].staffing == 3
    assert (
        found.by_month[1].chance >= found.by_month[0].chance
    )  # a larger centre at the same load is better


def test_hiring_attrition_and_learning() -> None:
    hiring = {
        "classes": [{"agents": 3, "date": "2026-04-02", "weekly_aht_factor": [2, 2, 1.5]}],
        "attrition": 0.1,
    }
    contract = {"period": "day", "commitments": PROMISE, "term": 3, "hiring": hiring}
    scenario = centre(contract)
    heads = scenario.workload().groups[0].fte
    months = months_of(scenario, agreements(scenario)[0])
    assert months[0].begins == date(2026, 3, 2) and months[0].staffing["front"] == 1
    assert months[1].staffing["front"] == pytest.approx(
        0.9 + 3 / heads, rel=0.06
    )  # the class shrinks as well
    assert months[1].speed["front"] < 1 < months[2].speed["front"] + 1e-9 + 0.01


def test_a_ramp_holds_in_its_months_only() -> None:
    contract = {"period": "day", "commitments": [{"metric": "quick", "target": 0.9}], "term": 3,
                "ramp": {1: {"quick": 0.3}}, "hiring": {"attrition": 0}}  # fmt: skip
    found = by_term(contract, terms=40)
    chances = [month.chance for month in found.by_month]
    assert chances[0] > 0.9 and chances[1] < 0.6 and abs(chances[1] - chances[2]) < 0.3


def test_the_ledger_and_the_right_to_leave() -> None:
    contract = paid([{"metric": "quick", "target": 0.99, "weight": 1}],
                    term=6, earn_back={"good_periods": 1}, termination={"misses": 3, "within_periods": 3})  # fmt: skip
    found = by_term(contract, terms=20, agents=5)
    assert found.may_terminate == 1 and found.termination == "3 misses within 3 days"
    assert (
        found.expected_credits == 6 * 100 and found.credits_worst == 600 and found.earned_back == 0
    )
    assert found.revenue == 6 * 900 and found.cost == 6 * 5 * 24 * 20
    assert found.margin == found.revenue - found.cost
    easy = paid(
        [{"metric": "quick", "target": 0.75, "weight": 1}], term=6, earn_back={"good_periods": 1}
    )
    back = by_term(easy, terms=40)
    assert back.earned_back > 0 and back.may_terminate is None


def test_a_later_version_holds_in_later_months() -> None:
    contract = {
        "period": "day", "effective": ["2026-03-02", "2026-04-01"], "term": 3,
        "commitments": [{"metric": "quick", "target": 0.2}],
        "versions": [{"version": 2, "effective": ["2026-04-02", None],
                      "commitments": [{"metric": "quick", "target": 0.999}]}],
    }  # fmt: skip
    found = by_term(contract, terms=20)
    assert [round(month.chance) for month in found.by_month] == [1, 0, 0]
