"""Contracts held against simulated periods: the same periods counted by hand from the log, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts import centre, locked, paid

import slasim as sl
from slasim.contactlog import ABANDONED, ANSWERED
from slasim.planner.frontier import at_threshold
from slasim.scenario.agreements import Agreed, agreements
from slasim.scenario.schema import Metric
from slasim.study.contracting import periods
from slasim.study.promised import MET, MISSED, NOT_MEASURED, count, held, odds

HALF_HOUR = 1_800_000


def of(scenario: sl.Scenario) -> Agreed:
    return agreements(scenario)[0]


def parts_by_hand(
    result: sl.Result, replication: int, *, keep: Any = None, first: int | None = None
) -> tuple[list[int], list[int]]:
    """(answered within 20 s, offered) by half hour, contact by contact; ``first`` of each, ``keep(arrived)`` only."""
    log = result.log(replication)
    above, below, seen = [0] * 48, [0] * 48, [0] * 48
    for n in np.argsort(log.arrived, kind="stable"):
        at = int(log.arrived[n]) // HALF_HOUR
        if at >= 48:
            continue
        place, seen[at] = seen[at], seen[at] + 1
        if (first is not None and place >= first) or (
            keep is not None and not keep(log.arrived[n])
        ):
            continue
        below[at] += 1
        above[at] += bool(log.outcome[n] == ANSWERED and log.left[n] - log.arrived[n] <= 20_000)
    return above, below


def found(result: sl.Result, agreed: Agreed) -> list[Any]:
    return [one.results["quick"][0] for one in periods(result, agreed)]


RELIEF = {"file": "locked.csv", "tolerance": 0.1}


class TestClausesCountedByHand:
    def result(
        self, tmp_path: Path, forecast: dict[str, Any], **more: Any
    ) -> tuple[sl.Result, Agreed]:
        locked(tmp_path, 30)  # 33 contacts in a half hour are inside, 34 outside
        contract = {"period": "day", "commitments": [{"metric": "quick", "target": 0.8}], **more}
        if forecast:
            contract["forecast"] = RELIEF | forecast
        scenario = centre(contract, folder=tmp_path)
        return count(scenario, agreements(scenario), replications=40), of(scenario)

    def test_relief_by_interval(self, tmp_path: Path) -> None:
        result, agreed = self.result(tmp_path, {"relief": "exclude_interval"})
        relieved = 0
        for replication, period in enumerate(found(result, agreed)):
            above, below = parts_by_hand(result, replication)
            kept = [i for i in range(48) if below[i] <= 33]
            relieved += sum(n > 33 for n in below)
            assert period.value == Fraction(
                sum(above[i] for i in kept), sum(below[i] for i in kept)
            )
        assert relieved > 20

    def test_relief_of_the_period(self, tmp_path: Path) -> None:
        result, agreed = self.result(tmp_path, {"relief": "waive_period", "tolerance": 0.05})
        waived = 0
        for replication, period in enumerate(found(result, agreed)):
            volume = sum(parts_by_hand(result, replication)[1])
            assert (period.status == "not_measured") == (volume > 252)
            waived += volume > 252
        assert 0 < waived < 40

    def test_only_the_first_contacts(self, tmp_path: Path) -> None:
        result, agreed = self.result(tmp_path, {"relief": "first_in_arrival_order"})
        for replication, period in enumerate(found(result, agreed)):
            above, below = parts_by_hand(result, replication, first=33)
            assert (period.numerator, period.denominator) == (sum(above), sum(below))

    def test_the_denominator_is_capped(self, tmp_path: Path) -> None:
        result, agreed = self.result(tmp_path, {"relief": "cap_denominator"})
        for replication, period in enumerate(found(result, agreed)):
            above, below = parts_by_hand(result, replication)
            capped = [(min(a, 33), min(b, 33)) for a, b in zip(above, below, strict=True)]
            assert period.value == Fraction(sum(a for a, _ in capped), sum(b for _, b in capped))

    def test_contacts_of_an_outage_are_left_out(self, tmp_path: Path) -> None:
        outage = [{"kind": "outage", "from": "2026-03-02 09:10", "to": "2026-03-02 09:50"}]
        result, agreed = self.result(tmp_path, {}, exclusions=outage)
        since, until = (9 * 60 + 10) * 60_000, (9 * 60 + 50) * 60_000
        for replication, period in enumerate(found(result, agreed)):
            above, below = parts_by_hand(
                result, replication, keep=lambda at: not since <= at < until
            )
            assert (period.numerator, period.denominator) == (sum(above), sum(below))

    def test_intervals_an_outage_touches_are_left_out(self, tmp_path: Path) -> None:
        outage = [
            {
                "kind": "outage",
                "from": "2026-03-02 09:10",
                "to": "2026-03-02 09:50",
                "scope": "intervals",
            }
        ]
        result, agreed = self.result(tmp_path, {}, exclusions=outage)
        for replication, period in enumerate(found(result, agreed)):
            above, below = parts_by_hand(result, replication)
            for dropped in (18, 19):
                above[dropped] = below[dropped] = 0
            assert (period.numerator, period.denominator) == (sum(above), sum(below))

    def test_an_outage_of_the_first_contacts(self, tmp_path: Path) -> None:
        outage = [{"kind": "outage", "from": "2026-03-02 09:10", "to": "2026-03-02 09:50"}]
        result, agreed = self.result(
            tmp_path, {"relief": "first_in_arrival_order"}, exclusions=outage
        )
        since, until = (9 * 60 + 10) * 60_000, (9 * 60 + 50) * 60_000
        for replication, period in enumerate(found(result, agreed)):
            above, below = parts_by_hand(
                result, replication, first=33, keep=lambda at: not since <= at < until
            )
            assert (period.numerator, period.denominator) == (sum(above), sum(below))


def test_a_plain_contract_is_judged_as_before() -> None:
    scenario = centre(
        {"period": "day", "commitments": [{"metric": "quick", "target": 0.8}]}, days=3
    )
    result = count(scenario, agreements(scenario), replications=60)
    (verdict,) = sl.judge(result)
    chance = held(result, of(scenario)).chance("quick")
    assert chance.estimate == replace(verdict.chance, metric=chance.estimate.metric)
    assert (chance.sure_low, chance.sure_high) == (verdict.chance_low, verdict.chance_high)


def test_intervals_put_together_and_their_mean() -> None:
    commitments = [
        {"metric": "quick", "target": 0.6, "aggregate": "share_of_intervals_met", "interval_target": 0.8},
        {"metric": "quick", "name": "mean of intervals", "target": 0.8, "aggregate": "unweighted"},
    ]  # fmt: skip
    scenario = centre({"period": "day", "commitments": commitments})
    result = count(scenario, agreements(scenario), replications=30)
    made = held(result, of(scenario))
    for replication in range(30):
        above, below = parts_by_hand(result, replication)
        values = [Fraction(a, b) for a, b in zip(above, below, strict=True) if b]
        share = Fraction(sum(v >= Fraction(4, 5) for v in values), len(values))
        mean = sum(values, Fraction(0)) / len(values)
        assert made.value["quick share_of_intervals_met"][replication, 0] == float(share)
        assert made.value["mean of intervals"][replication, 0] == float(mean)


def test_money_of_a_period_by_hand() -> None:
    tiers = [{"below": 0.85, "share": 0.25}, {"below": 0.80, "share": 1}]
    contract = paid(
        [
            {"metric": "quick", "target": 0.85, "weight": 0.75, "tiers": tiers},
            {"metric": "lost", "target": "6 %", "weight": 0.75},
        ]
    )
    scenario = centre(contract)
    result = count(scenario, agreements(scenario), replications=200)
    made = held(result, of(scenario))
    assert set(made.fee.ravel()) == {1000.0}  # a day is a 31st of its month's 31,000
    quick, lost = made.value["quick"][:, 0], made.value["lost"][:, 0]
    share = np.where(quick < 0.80, 1.0, np.where(quick < 0.85, 0.25, 0.0))
    owed = 75 * share + 75 * (lost > 0.06)
    assert np.allclose(made.credits[:, 0], np.minimum(owed, 100))
    money = odds(result, made).money
    assert money is not None and money.cost == 6 * 24 * 20
    assert money.margin == pytest.approx(1000 - 2880 - made.credits.mean())
    assert money.credits_worst == 100 and (owed > 100).any()
    assert money.by_commitment["quick"] + money.by_commitment["lost"] == pytest.approx(
        money.expected_credits
    )


@pytest.mark.parametrize(
    ("price", "fee"),
    [
        ({"per": "contact", "amount": 2}, lambda log: 2 * int((log.outcome == ANSWERED).sum())),
        ({"per": "minute", "amount": 1},
         lambda log: int(log.handled[log.outcome == ANSWERED].sum()) / 60_000),
        ({"per": "contact", "amount": 2, "minimum": 1_000}, lambda log: 1_000),
        ({"per": "productive_hour", "amount": 30}, lambda log: 30 * 6 * 24),
        ({"per": "fte", "amount": 310}, lambda log: 10 * 6 * 24 * 7 / 40),
    ],
)  # fmt: skip
def test_what_is_billed(price: dict[str, Any], fee: Any) -> None:
    scenario = centre(
        {"period": "day", "price": price, "commitments": [{"metric": "lost", "target": 0.1}]}
    )
    result = count(scenario, agreements(scenario), replications=5)
    made = held(result, of(scenario))
    for replication in range(5):
        assert made.fee[replication, 0] == pytest.approx(fee(result.log(replication)), rel=1e-6)


def test_minimum_billing_follows_the_clients_forecast(tmp_path: Path) -> None:
    locked(tmp_path, 100)
    contract = {
        "period": "day", "forecast": {"file": "locked.csv"},
        "price": {"per": "contact", "amount": 1, "minimum_of_forecast": 0.85},
        "commitments": [{"metric": "lost", "target": 0.1}],
    }  # fmt: skip
    scenario = centre(contract, folder=tmp_path)
    made = held(count(scenario, agreements(scenario), replications=5), of(scenario))
    assert set(made.fee.ravel()) == {680.0}


def test_clients_share_one_staffing_and_each_is_judged_by_its_own() -> None:
    two = {
        "a": {"period": "day", "commitments": [{"metric": "quick", "target": 0.7}]},
        "b": {"period": "day", "commitments": [{"metric": "lost", "target": 0.05}]},
    }
    scenario = centre(contracts=two, days=2)
    both = agreements(scenario)
    result = count(scenario, both, replications=50)
    for one, metric in zip(both, ("quick", "lost"), strict=True):
        made = held(result, one)
        assert list(made.status) == [metric]
        alone = centre({"period": "day", "commitments": two[one.name]["commitments"]}, days=2)
        same = held(count(alone, agreements(alone), replications=50), of(alone))
        assert np.array_equal(made.met, same.met)


@pytest.mark.parametrize(
    "clause",
    [
        {"rounding": {"decimals": 0}},
        {"min_volume": 235},
        {"exclusions": [{"kind": "outage", "from": "2026-03-02 09:10", "to": "2026-03-02 09:50"}]},
    ],
    ids=str,
)
def test_judge_reads_the_clauses_too(clause: dict[str, Any]) -> None:
    commitments = [{"metric": "quick", "target": 0.8}, {"metric": "lost", "target": 0.05}]
    scenario = centre({"period": "day", "commitments": commitments, **clause})
    result = sl.simulate(scenario, replications=100)
    made = held(result, of(scenario))
    plain = sl.judge(sl.simulate(scenario.but({"contract": {"period": "day", "commitments": commitments}}),
                                 replications=100))  # fmt: skip
    verdicts = sl.judge(result)
    for verdict in verdicts:
        sure = made.chance(verdict.metric)
        assert (verdict.chance.value, verdict.chance_low) == (sure.estimate.value, sure.sure_low)
    assert [v.chance_low for v in verdicts] != [v.chance_low for v in plain]


class TestWhatAlwaysHolds:
    """On the same replications, whatever the seed."""

    CONTRACT = paid(
        [
            {"metric": "quick", "target": 0.8, "weight": 0.6, "tiers": [
                {"below": 0.8, "share": 0.25}, {"below": 0.7, "share": 1}]},
            {"metric": "lost", "target": 0.05, "weight": 0.6},
        ]
    )  # fmt: skip

    def made(self, seed: int, agreed: Agreed | None = None) -> tuple[sl.Result, Agreed]:
        scenario = centre(self.CONTRACT, demand={"volume": {"day_cv": 0.15}}, days=2)
        subject = of(scenario)
        listed = [
            subject,
            *(at_threshold(subject, subject.contract.commitments[0], t) for t in (10_000, 30_000)),
        ]
        result = count(scenario, [*listed, *self.variants(subject)], replications=60, seed=seed)
        return result, subject

    def variants(self, subject: Agreed) -> list[Agreed]:
        short = []
        for title, changes in (("quick", {"formula": "exclude_short"}), ("lost", {})):
            record = subject.metrics[title]
            assert isinstance(record, Metric)
            made = record.model_copy(update={**changes, "short_abandon": 5_000})
            short.append(subject.with_metric(title, made))
        minimum = subject.with_contract(replace(subject.contract, min_volume=240))
        return [*short, minimum]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_a_stricter_target_never_raises_the_chance(self, seed: int) -> None:
        result, subject = self.made(seed)
        made = held(result, subject)
        for title, better, targets in (
            ("quick", "higher", [k / 50 for k in range(51)]),
            ("lost", "lower", [k / 50 for k in range(50, -1, -1)]),
        ):
            chances = [made.chance_at(title, t, better).estimate.value for t in targets]
            assert chances == sorted(chances, reverse=True) and chances[0] > chances[-1]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_a_shorter_threshold_never_raises_the_chance(self, seed: int) -> None:
        result, subject = self.made(seed)
        quick = subject.contract.commitments[0]
        own = held(result, subject).value["quick"]
        shorter, longer = (
            held(result, at_threshold(subject, quick, t)).value["quick"] for t in (10_000, 30_000)
        )
        assert (shorter <= own).all() and (own <= longer).all() and (shorter < longer).any()

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_these_clauses_never_raise_credits(self, seed: int) -> None:
        result, subject = self.made(seed)
        before = held(result, subject).credits
        for one in self.variants(subject):
            after = held(result, one).credits
            assert (after <= before).all() and after.sum() < before.sum()
        ramp = {1: {"quick": Fraction(7, 10), "lost": Fraction(1, 10)}}
        easier = subject.with_contract(replace(subject.contract, ramp=ramp))
        after = held(result, easier, month=1).credits
        assert (after <= before).all() and after.sum() < before.sum()
        assert np.array_equal(held(result, easier, month=2).credits, before)


def test_interval_relief_can_move_a_period_both_ways(tmp_path: Path) -> None:
    locked(tmp_path, 30, days=2)
    contract = {"period": "day", "commitments": [{"metric": "quick", "target": 0.8}],
                "forecast": {"file": "locked.csv", "tolerance": 0, "relief": "exclude_interval"}}  # fmt: skip
    scenario = centre(contract, days=2, folder=tmp_path)
    subject = of(scenario)
    plain = subject.with_contract(replace(subject.contract, forecast=None))
    result = count(scenario, [subject, plain], replications=300)
    before, after = held(result, plain).met, held(result, subject).met
    assert ((before == MISSED) & (after == MET)).any() and (
        (before == MET) & (after == MISSED)
    ).any()


def test_nothing_measured_is_neither_met_nor_missed() -> None:
    contract = {
        "period": "day",
        "min_volume": 230,
        "commitments": [{"metric": "quick", "target": 0.8}],
    }
    scenario = centre(contract)
    result = count(scenario, agreements(scenario), replications=100)
    made = held(result, of(scenario))
    small = np.array([sum(parts_by_hand(result, r)[1]) < 230 for r in range(20)])
    assert np.array_equal(made.met[:20, 0] == NOT_MEASURED, small) and small.any()
    assert made.chance("quick").judged == int((made.met != NOT_MEASURED).sum())
    assert odds(result, made).commitments[0].measured < 1


def test_a_replication_later_is_the_same_later() -> None:
    """Fresh months are those with higher numbers, and nothing else."""
    scenario = centre({"period": "day", "commitments": [{"metric": "quick", "target": 0.8}]})
    both = held(count(scenario, agreements(scenario), replications=40), of(scenario))
    late = held(count(scenario, agreements(scenario), replications=20, first=20), of(scenario))
    assert np.array_equal(both.value["quick"][20:], late.value["quick"])


def test_abandoned_calls_are_counted_in_the_log_too() -> None:
    """The hand count above sees the same calls as the tally."""
    scenario = centre({"period": "day", "commitments": [{"metric": "lost", "target": 0.05}]})
    result = count(scenario, agreements(scenario), replications=5)
    made = held(result, of(scenario))
    for replication in range(5):
        log = result.log(replication)
        lost, answered = (int((log.outcome == code).sum()) for code in (ABANDONED, ANSWERED))
        assert made.value["lost"][replication, 0] == lost / (lost + answered)
