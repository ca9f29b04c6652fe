"""Contracts: hand-worked cases C and S, every relief reading, credits, ledgers, and what holds for all contracts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from slasim.outcome.estimates import at_least, certified_rank, clopper_pearson, wilson
from slasim.sla.contract import (
    Commitment,
    Contract,
    EarnBack,
    Exclusion,
    Forecast,
    Linear,
    Price,
    Rounding,
    Termination,
    Tier,
    contract_month,
    exact,
    in_force,
)
from slasim.sla.contract_checks import Around, contract_problems, version_problems
from slasim.sla.credits import (
    Charges,
    Settled,
    Usage,
    fee,
    may_terminate,
    period_credits,
    settle,
    share_reached,
)
from slasim.sla.periods import (
    Counts,
    PeriodResult,
    all_met,
    among_first,
    excluded,
    first_limits,
    judge,
    terms,
    touched,
)

FILE = Path(__file__).parent / "reference_cases" / "sla_clock_cases.yaml"
CASES: dict[str, Any] = {
    case["id"]: case for case in YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["cases"]
}


def pct(number: Any) -> F:
    return exact(number) / 100


def share(metric: str = "sl", target: Any = "0.8", **settings: Any) -> Commitment:
    return Commitment(metric, exact(target), **settings)


def tiers(**steps: Any) -> tuple[Tier, ...]:
    """tiers(below={"0.8": "0.25"}): credit tiers by their edges."""
    return tuple(
        Tier(exact(cost), **{edge: exact(at)})
        for edge, found in steps.items()
        for at, cost in found.items()
    )


def judged(contract: Contract, counts: Counts, **around: Any) -> PeriodResult:
    """The first commitment of a contract on one period."""
    return judge(terms(contract, contract.commitments[0], **around), counts)


def result(commitment: Commitment, value: Any, target: F | None = None) -> PeriodResult:
    """A period of exactly this value."""
    whole = exact(value)
    judgement = judge(
        terms(Contract((commitment,)), replace(commitment, target=target or commitment.target)),
        Counts([whole.numerator], [whole.denominator]),
    )
    return judgement


# ------------------------------------------------------------------ the cases


@pytest.mark.parametrize(
    ("reading", "forecast"),
    [
        ("none", Forecast(F(15, 100))),
        ("upper_only", Forecast(F(15, 100), "exclude_interval")),
        ("two_sided", Forecast(F(15, 100), "exclude_interval", "both")),
    ],
)
def test_c01_volume_outside_the_forecast(reading: str, forecast: Forecast) -> None:
    case = CASES["C01"]
    rows = case["given"]["intervals"]
    contract = Contract((share(target=pct(case["given"]["target_pct"])),), forecast=forecast)
    found = judged(
        contract,
        Counts([r["within"] for r in rows], [r["offered"] for r in rows]),
        forecast=[r["forecast"] for r in rows],
    )
    assert found.value == F(case["expected"][reading])
    assert found.status == case["verdict"][reading]


@pytest.mark.parametrize(
    ("reading", "rounding"),
    [
        ("no_rounding", None),
        ("one_decimal_half_up", Rounding(1)),
        ("one_decimal_truncate", Rounding(1, "truncate")),
    ],
)
def test_c03_rounding_decides_the_month(reading: str, rounding: Rounding | None) -> None:
    case = CASES["C03"]
    given = case["given"]
    contract = Contract((share(target=pct(given["target_pct"])),), rounding=rounding)
    found = judged(contract, Counts([given["within"]], [given["offered"]]))
    assert found.value == F(1799, 2000)
    assert found.status == case["expected"][reading]


C04 = [({}, CASES["C04"]["expected"])] + [
    (variant["set"]["weights"], variant["expected"]) for variant in CASES["C04"]["variants"]
]


@pytest.mark.parametrize(("weights", "expected"), C04)
def test_c04_credits(weights: dict[str, int], expected: dict[str, Any]) -> None:
    given = CASES["C04"]["given"]
    commitments, results = [], {}
    for kpi in given["kpis"]:
        edge = "below" if kpi["better"] == "higher" else "above"
        steps = [Tier(pct(t["pct_of_share"]), **{edge: pct(t[edge])}) for t in kpi["tiers"]]
        commitment = Commitment(
            kpi["name"], getattr(steps[0], edge), better=kpi["better"], tiers=tuple(steps),
            weight=pct(weights.get(kpi["name"], kpi["weight_pct"])),
        )  # fmt: skip
        commitments.append(commitment)
        results[kpi["name"]] = result(commitment, pct(kpi["result"]))
    contract = Contract(
        tuple(commitments), at_risk=pct(given["at_risk_pct"]),
        price=Price("month", F(given["monthly_fee"])),
    )  # fmt: skip
    assert contract_problems(contract) == []
    found = period_credits(contract, results, Charges(F(given["monthly_fee"])))
    assert found.at_risk == expected["at_risk"]
    assert dict(found.credits) == expected["credits"]
    assert found.total == expected["total"]


def test_c06_ramp_and_minimum_volume() -> None:
    case = CASES["C06"]
    given = case["given"]
    contract = Contract(
        (share(target=pct(given["steady_target"])),),
        ramp={month: {"sl": pct(goal)} for month, goal in given["ramp_targets"].items()},
        min_volume=given["min_volume"],
    )
    found = []
    for month in given["months"]:
        within = pct(month["pct"]) * month["n"]
        scale = (
            within.denominator
        )  # 79 % of 40 are no whole contacts: the same share of the same volume
        agreed = terms(contract, contract.commitments[0], month=month["m"])
        agreed = replace(agreed, min_volume=agreed.min_volume * scale)
        found.append(judge(agreed, Counts([within.numerator], [month["n"] * scale])))
    assert [one.status for one in found] == case["expected"]["verdicts"]
    measured = [one for one in found if one.status != "not_measured"]
    assert len(measured) == case["expected"]["measured"]
    assert sum(one.status == "met" for one in measured) == case["expected"]["met"]


def test_s01_how_sure_after_20_replications() -> None:
    case = CASES["S01"]
    given, expected = case["given"], case["expected"]
    hits, n, sure = given["successes"], given["n"], given["confidence"]
    for ranged, name in ((wilson, "wilson"), (clopper_pearson, "clopper_pearson")):
        assert [round(float(x), 5) for x in ranged(hits, n, sure)] == expected[name]
    assert hits / n == expected["point"]
    assert round(float(at_least(n, n, sure)), 5) == expected["all_pass_lower_bound_n20"]
    enough = expected["zero_fail_n_for_95_95"]
    assert [certified_rank(m, 0.95, sure) for m in (enough - 1, enough)] == [None, 1]


def test_every_open_case_is_here() -> None:
    assert [name for name in CASES if name[0] in "CS"] == ["C01", "C03", "C04", "C06", "S01"]


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize("word", ["", "many", "1/0", float("nan"), float("inf"), True, "%"])
def test_what_is_no_number(word: Any) -> None:
    with pytest.raises(ValueError, match="is no number"):
        exact(word)


def test_numbers_are_taken_as_written() -> None:
    assert exact(0.15) == exact("0.15") == exact("15 %") == F(3, 20)
    assert exact(1e-7) == F(1, 10**7)


@pytest.mark.parametrize(
    ("rounding", "value", "unit", "expected"),
    [
        (Rounding(0), F(805, 1000), "share", F(81, 100)),
        (Rounding(0, "half_even"), F(805, 1000), "share", F(80, 100)),
        (Rounding(0, "half_even"), F(815, 1000), "share", F(82, 100)),
        (Rounding(2, "truncate"), F(2, 3), "share", F(6666, 10000)),
        (Rounding(0), F(29_500), "time", F(30_000)),  # seconds
        (Rounding(1, "truncate"), F(29_999), "time", F(29_900)),
        (Rounding(1), F(5, 100), "number", F(1, 10)),
    ],
)
def test_rounding(rounding: Rounding, value: F, unit: Any, expected: F) -> None:
    assert rounding.of(value, unit) == expected


# ------------------------------------------------------------------ one period


def relief(name: Any, **settings: Any) -> Contract:
    tolerance = settings.pop("tolerance", F(15, 100))
    commitment = share(**settings.pop("commitment", {}))
    return Contract((commitment,), forecast=Forecast(tolerance, name, **settings))


def test_a_waived_period_looks_at_the_whole_volume() -> None:
    counts = Counts([50, 50], [150, 80])  # 230 is exactly 15 % above 200
    assert judged(relief("waive_period"), counts, forecast=[100, 100]).status == "missed"
    more = Counts([50, 50], [150, 81])
    found = judged(relief("waive_period"), more, forecast=[100, 100])
    assert (found.status, found.value) == ("not_measured", None)
    assert "waived" in found.reason
    fewer = Counts([50, 50], [84, 85])
    assert judged(relief("waive_period"), fewer, forecast=[100, 100]).status == "missed"
    both = relief("waive_period", sided="both")
    assert judged(both, fewer, forecast=[100, 100]).status == "not_measured"
    assert judged(both, Counts([50, 50], [85, 85]), forecast=[100, 100]).status == "missed"


def test_only_the_first_contacts_in_order_of_arrival_are_measured() -> None:
    contract = relief("first_in_arrival_order", tolerance=F(1, 4))
    agreed = terms(contract, contract.commitments[0], forecast=[2, 4])
    assert first_limits(agreed, [4, 3]) == [2, 3]  # floor(2.5), and fewer than 5 came
    answered_in_time = [1, 0, 1, 1, 1, 1, 0]  # in order of arrival
    first = among_first([2, 3], [0, 0, 0, 0, 1, 1, 1], answered_in_time, [1] * 7)
    assert first == ([1, 2], [2, 3])
    found = judge(agreed, Counts([3, 2], [4, 3], first=first))
    assert (found.value, found.denominator) == (F(3, 5), 5)
    with pytest.raises(ValueError, match="first contacts"):
        judge(agreed, Counts([3, 2], [4, 3]))
    assert judge(agreed, Counts([2, 2], [2, 3])).value == F(4, 5), "nothing above: no need"


def test_the_first_contacts_of_the_whole_period() -> None:
    contract = relief("first_in_arrival_order", by="period", tolerance=F(0))
    agreed = terms(contract, contract.commitments[0], forecast=[3, None, 3])
    assert first_limits(agreed, [4, 9, 5]) == [4, 9, 2], "no forecast, no limit"


def test_the_denominator_is_capped_at_the_expense_of_those_not_served() -> None:
    counts = Counts([80, 90], [130, 100])
    found = judged(relief("cap_denominator"), counts, forecast=[100, 100])
    assert (found.numerator, found.denominator) == (170, 215)
    assert judged(relief("cap_denominator"), Counts([120], [130]), forecast=[100]).value == 1
    whole = judged(relief("cap_denominator", by="period"), counts, forecast=[100, 90])
    assert whole.value == F(170, 218)
    lost = {"metric": "lost", "target": "0.05", "better": "lower"}
    fewer = judged(relief("cap_denominator", commitment=lost), Counts([30], [130]), forecast=[100])
    assert fewer.value == F(15, 115), "15 of 30 lost contacts were above the volume"


def test_an_interval_without_a_forecast_has_no_relief() -> None:
    counts = Counts([0, 9], [500, 10])
    found = judged(relief("exclude_interval"), counts, forecast=[None, 10])
    assert found.value == F(9, 510)
    zero = judged(relief("exclude_interval"), counts, forecast=[0, 10])
    assert zero.value == F(9, 10), "500 came where nobody was expected"


def test_volume_is_offered_and_not_the_denominator() -> None:
    counts = Counts([58, 80], [110, 100], offered=[116, 100])  # 6 hung up at once
    assert judged(relief("exclude_interval"), counts, forecast=[100, 100]).value == F(80, 100)


def test_relief_needs_the_forecast_and_equal_lengths() -> None:
    with pytest.raises(ValueError, match="locked forecast"):
        judged(relief("waive_period"), Counts([1], [1]))
    with pytest.raises(ValueError):
        judged(relief("waive_period"), Counts([1], [1]), forecast=[1, 2])
    with pytest.raises(ValueError):
        judged(relief("exclude_interval"), Counts([1], [1]), forecast=[1, 2])
    with pytest.raises(ValueError, match="lengths"):
        judged(Contract((share(),)), Counts([1, 1], [1]))


OUTAGE = Exclusion("outage", since=100, until=250)


def test_an_exclusion_by_interval_drops_every_interval_touched() -> None:
    by_interval = replace(OUTAGE, scope="intervals", commitments=("sl",))
    starts = [0, 100, 200, 300]
    assert touched([by_interval], "sl", starts, 100) == [False, True, True, False]
    assert touched([by_interval], "chat", starts, 100) == [False] * 4
    assert touched([OUTAGE], "sl", starts, 100) == [False] * 4, "by contact"
    contract = Contract((share(),), exclusions=(by_interval,))
    dropped = touched(contract.exclusions, "sl", starts, 100)
    found = judged(contract, Counts([8, 0, 0, 9], [10, 9, 9, 10]), touched=dropped)
    assert (found.value, found.intervals) == (F(17, 20), 2)


def test_an_exclusion_by_contact_goes_by_the_arrival() -> None:
    assert excluded([OUTAGE], "sl", [99, 100, 249, 250]) == [False, True, True, False]
    contract = Contract((share(),), exclusions=(OUTAGE,))
    counts = Counts([8, 2], [10, 12], excluded=([0, 1], [0, 10]))
    assert judged(contract, counts).value == F(9, 12)


def test_what_an_exclusion_drops_is_in_no_comparison_with_the_forecast() -> None:
    contract = relief("waive_period")
    counts = Counts([90, 5], [100, 100])
    found = judged(contract, counts, forecast=[100, 10], touched=[False, True])
    assert (found.status, found.value) == ("met", F(9, 10))


def test_nothing_over_nothing_is_not_measured() -> None:
    empty = judged(Contract((share(),)), Counts([0, 0], [0, 0]))
    assert (empty.status, empty.reason) == ("not_measured", "nothing to judge")
    as_met = share(aggregate="share_of_intervals_met", interval_target=F(1, 2), zero_offered="met")
    assert judged(Contract((as_met,)), Counts([0], [0])).status == "not_measured", "never 100 %"


def test_three_ways_to_put_intervals_together() -> None:
    v04 = CASES["V04"]["given"]["day1"]
    counts = Counts([a for a, _ in v04], [b for _, b in v04])
    by_interval = {"aggregate": "share_of_intervals_met", "interval_target": F(4, 5)}
    found = [
        judged(Contract((share(**settings),)), counts).value
        for settings in (
            {},
            {"aggregate": "unweighted"},
            by_interval,
            by_interval | {"zero_offered": "met"},
            by_interval | {"zero_offered": "missed"},
        )
    ]
    assert found == [F(3, 4), F(327, 400), F(1, 2), F(3, 5), F(2, 5)]


def test_more_intervals_met_is_better_even_where_less_of_the_metric_is() -> None:
    lost = Commitment(
        "lost", F(9, 10), better="lower", aggregate="share_of_intervals_met",
        interval_target=F(5, 100), weight=F(1), tiers=tiers(below={"0.9": 1}),
    )  # fmt: skip
    contract = Contract((lost,), price=Price("month", F(100)), at_risk=F(1, 10))
    assert contract_problems(contract) == []
    found = judged(contract, Counts([5, 5, 6], [100, 100, 100]))
    assert (found.value, found.status) == (F(2, 3), "missed")
    assert judged(contract, Counts([5, 5], [100, 100])).status == "met"


def test_an_interval_emptied_by_a_clause_is_not_one_with_nothing_offered() -> None:
    strict = share(
        aggregate="share_of_intervals_met", interval_target=F(4, 5), zero_offered="missed"
    )
    counts = Counts([9, 1, 0], [10, 5, 0], excluded=([0, 1, 0], [0, 5, 0]))
    assert judged(Contract((strict,)), counts).value == F(1, 2)


def test_each_interval_is_rounded_as_the_contract_says() -> None:
    counted = share(aggregate="share_of_intervals_met", interval_target=F(4, 5))
    counts = Counts([159, 160], [200, 200])  # 79.5 % and 80 %
    assert judged(Contract((counted,)), counts).value == F(1, 2)
    assert judged(Contract((counted,), rounding=Rounding(0)), counts).value == 1


def test_a_minimum_volume_counts_what_is_measured() -> None:
    contract = replace(relief("exclude_interval"), min_volume=100)
    met = judged(contract, Counts([80, 0], [100, 120]), forecast=[100, 100])
    assert met.status == "met"
    small = judged(contract, Counts([80, 0], [99, 120]), forecast=[100, 100])
    assert (small.status, small.denominator) == ("not_measured", 99)
    assert "below the minimum of 100" in small.reason


def test_a_time_is_judged_in_ms() -> None:
    asa = Commitment("asa", F(30_000), better="lower", unit="time")
    assert judged(Contract((asa,)), Counts([300_001], [10])).status == "missed"
    assert judged(Contract((asa,), rounding=Rounding(0)), Counts([300_001], [10])).status == "met"


def test_all_met_speaks_of_critical_commitments_that_were_measured() -> None:
    a, b = share("a"), share("b", critical=False)
    contract = Contract((a, b))
    assert all_met(contract, {"a": result(a, "0.9"), "b": result(b, "0.1")}) is True
    assert all_met(contract, {"a": (result(a, "0.9"), result(a, "0.1"))}) is False
    assert all_met(contract, {"a": judged(contract, Counts([0], [0]))}) is None


# ------------------------------------------------------------------ dates


def test_contract_months_begin_on_the_day_of_the_start() -> None:
    start = date(2025, 1, 31)
    days = [date(2025, 2, 27), date(2025, 2, 28), date(2025, 3, 30), date(2025, 3, 31)]
    assert [contract_month(start, day) for day in days] == [1, 2, 2, 3]
    assert contract_month(date(2024, 11, 1), date(2025, 11, 1)) == 13
    with pytest.raises(ValueError, match="before the contract's start"):
        contract_month(start, date(2025, 1, 30))


def test_the_version_in_force() -> None:
    one = Contract(effective=(None, date(2025, 6, 30)), version="1")
    two = Contract(effective=(date(2025, 7, 1), None), version="2")
    assert version_problems([two, one]) == []
    assert in_force([one, two], date(2025, 6, 30)) == one
    assert in_force([one, two], date(2025, 7, 1)) == two
    assert in_force([one], date(2025, 7, 1)) is None
    late = replace(two, effective=(date(2025, 7, 3), None))
    early = replace(two, effective=(date(2025, 6, 30), None))
    assert "no version" in version_problems([one, late])[0].found
    assert "same days" in version_problems([one, early])[0].found


# ------------------------------------------------------------------ money

FEE = F(100_000)
CHARGES = Charges(FEE)
STEPS = tiers(below={"0.8": "0.25", "0.75": "0.5", "0.7": 1})


def priced(*commitments: Commitment, **settings: Any) -> Contract:
    settings = {"price": Price("month", FEE), "at_risk": F(1, 10)} | settings
    return Contract(commitments, **settings)


def test_a_miss_without_tiers_costs_the_whole_weight() -> None:
    plain = share(weight=F(1, 2))
    found = period_credits(priced(plain), {"sl": result(plain, "0.79")}, CHARGES)
    assert found.total == 5_000


def test_linear_credits_are_points_of_the_charges() -> None:
    for rate, weight, expected in ((F(1), 0, 6_000), (F(1, 2), 0, 3_000), (F(1), "0.4", 4_000)):
        linear = share(linear=Linear(rate), weight=exact(weight))
        found = period_credits(priced(linear), {"sl": result(linear, "0.74")}, CHARGES)
        assert found.total == expected
    deep = share(linear=Linear())
    assert period_credits(priced(deep), {"sl": result(deep, 0)}, CHARGES).total == 10_000


@pytest.mark.parametrize(
    ("base", "charges", "expected"),
    [
        ("fee", CHARGES, 10_000),
        ("profit", Charges(FEE, profit=F(8_000)), 800),
        ("profit", Charges(FEE, profit=F(-8_000)), 0),
        ("affected_part", Charges(FEE, parts={"sl": F(30_000)}), 3_000),
    ],
)
def test_credit_bases(base: Any, charges: Charges, expected: int) -> None:
    plain = share(weight=F(1))
    contract = priced(plain, credit_base=base)
    assert period_credits(contract, {"sl": result(plain, "0.5")}, charges).total == expected
    if base != "fee":
        with pytest.raises(ValueError, match="credits on"):
            period_credits(contract, {"sl": result(plain, "0.5")}, CHARGES)


def test_reported_only_and_credit_free_months_cost_nothing() -> None:
    reported = share(weight=F(1), critical=False)
    missed = {"sl": result(reported, "0.5")}
    assert period_credits(priced(reported), missed, CHARGES).total == 0
    contract = priced(replace(reported, critical=True), credit_free_months=2)
    found = [period_credits(contract, missed, CHARGES, month=m).total for m in (1, 2, 3)]
    assert found == [0, 0, 10_000]


def test_a_bonus_is_paid_once_and_beside_the_credits_unless_net() -> None:
    a = share("a", weight=F(1, 2))
    b = share("b", bonus=tiers(at_least={"0.9": "0.1", "0.95": "0.2"}))
    results = {"a": result(a, "0.5"), "b": result(b, "0.96")}
    beside = period_credits(priced(a, b), results, CHARGES)
    assert (beside.total, beside.bonus) == (5_000, 2_000)
    net = period_credits(priced(a, b, net_bonus=True), results, CHARGES)
    assert (net.total, net.bonus) == (3_000, 0)
    alone = period_credits(priced(a, b, net_bonus=True), {"b": results["b"]}, CHARGES)
    assert (alone.total, alone.bonus) == (0, 2_000)


def test_days_of_a_month_share_its_money() -> None:
    daily = share(period="day", weight=F(1))
    days = [result(daily, value) for value in ("0.9", "0.7", "0.9", "0.7")]
    assert period_credits(priced(daily), {"sl": days}, CHARGES).total == 5_000


@pytest.mark.parametrize(
    ("price", "usage", "expected"),
    [
        (Price("month", F(100)), Usage(3), 300),
        (Price("fte", F(2_000)), Usage(F(25, 2)), 25_000),
        (Price("contact", F(2)), Usage(900, 1_000), 1_800),
        (Price("contact", F(2), minimum_of_forecast=F(85, 100)), Usage(700, 1_000), 1_700),
        (Price("minute", F(1, 2), minimum=F(1_000)), Usage(100), 1_000),
    ],
)
def test_the_fee(price: Price, usage: Usage, expected: int) -> None:
    assert fee(price, usage) == expected


# ------------------------------------------------------------------ terms


def term(contract: Contract, values: list[Any], charges: Charges = CHARGES) -> Any:
    """A term of months of the first commitment; None is a month that was not measured."""
    commitment = contract.commitments[0]
    nothing = judge(terms(contract, commitment), Counts([0], [0]))
    return settle(
        contract,
        [
            Settled(
                {commitment.title: nothing if value is None else result(commitment, value)},
                charges,
                month,
            )
            for month, value in enumerate(values, 1)
        ],
    )


def test_credits_come_back_after_good_periods() -> None:
    contract = priced(share(weight=F(1)), earn_back=EarnBack(good_periods=2))
    back = [row.earned_back for row in term(contract, ["0.7", "0.9", None, "0.8", "0.7"]).rows]
    assert back == [0, 0, 0, 10_000, 0]
    assert term(contract, ["0.7", "0.9", "0.7", "0.9"]).credits == 20_000
    half = replace(contract, earn_back=EarnBack(good_periods=1, share=F(1, 2)))
    assert term(half, ["0.7", "0.9"]).credits == 5_000


def test_credits_come_back_for_a_good_year() -> None:
    commitment = share(weight=F(1), year_target=F(85, 100))
    contract = priced(commitment, earn_back=EarnBack(year_average=True))
    good = term(contract, ["0.7", *["0.9"] * 11, "0.7"])
    assert [row.earned_back for row in good.rows] == [*[0] * 11, 10_000, 0]
    assert term(contract, ["0.7", *["0.8"] * 11]).credits == 10_000


def test_of_two_ways_back_the_earlier_counts_once() -> None:
    contract = priced(
        share(weight=F(1), year_target=F(85, 100)), earn_back=EarnBack(2, year_average=True)
    )
    back = [row.earned_back for row in term(contract, ["0.7", *["0.9"] * 11]).rows]
    assert back == [0, 0, 10_000, *[0] * 9]


def test_a_credit_that_comes_back_at_once_is_on_no_invoice() -> None:
    commitment = share(weight=F(1), year_target=F(85, 100))
    contract = priced(commitment, earn_back=EarnBack(year_average=True), credits_as="future_fees")
    last = term(contract, [*["0.9"] * 11, "0.7"]).rows[-1]
    assert (last.credit, last.earned_back) == (10_000, 10_000)
    assert (last.used, last.closing, last.invoice) == (0, 0, FEE)


def test_what_is_earned_back_is_what_was_paid_under_the_cap() -> None:
    a, b = share("a", weight=F(3, 2)), share("b", weight=F(1, 2))
    contract = priced(a, b, earn_back=EarnBack(good_periods=1))
    both = {"a": result(a, "0.7"), "b": result(b, "0.7")}
    later = {"a": result(a, "0.9"), "b": result(b, "0.7")}
    found = settle(contract, [Settled(both, CHARGES), Settled(later, CHARGES)])
    assert [row.credit for row in found.rows] == [10_000, 5_000]
    assert found.rows[1].earned_back == 7_500, "a's part of the capped 10,000"


def test_the_ledger_carries_what_a_fee_cannot_hold() -> None:
    contract = priced(share(weight=F(1)), at_risk=F(1), credits_as="future_fees")
    found = term(contract, ["0.7", "0.9", "0.7"])
    assert [row.invoice for row in found.rows] == [FEE, 0, FEE]
    assert [row.closing for row in found.rows] == [FEE, 0, FEE]
    assert (found.refund, found.lapsed, found.revenue) == (FEE, 0, FEE)
    kept = term(replace(contract, refund=False), ["0.7", "0.9", "0.7"])
    assert (kept.refund, kept.lapsed, kept.revenue) == (0, FEE, 2 * FEE)
    now = term(replace(contract, credits_as="deduction"), ["0.7", "0.9", "0.7"])
    assert [row.invoice for row in now.rows] == [0, FEE, 0]


def test_a_right_to_leave() -> None:
    contract = priced(share(weight=F(1)), termination=Termination(2, 3))
    values = ["0.7", "0.9", "0.9", "0.7", None, "0.7", "0.9"]
    found = term(contract, values)
    assert [row.may_terminate for row in found.rows] == [False] * 5 + [True, False]
    assert found.first_right_to_leave == 5
    a, b = share("a"), share("b")
    turns = [
        {"a": result(a, "0.7"), "b": result(b, "0.9")},
        {"a": result(a, "0.9"), "b": result(b, "0.7")},
    ]
    either = Contract((a, b), termination=Termination(2, 3))
    same = replace(either, termination=Termination(2, 3, "same"))
    assert may_terminate(either, turns) == [False, True]
    assert may_terminate(same, turns) == [False, False]
    assert may_terminate(Contract((a, b)), turns) == [False, False]


# ------------------------------------------------------------------ what is wrong


def found(contract: Contract, **around: Any) -> list[tuple[str, str]]:
    problems = contract_problems(contract, Around(**around))
    return [(problem.path.removeprefix("contract."), problem.found) for problem in problems]


GOOD = priced(share(weight=F(1), tiers=STEPS))


def test_a_good_contract_has_no_problem() -> None:
    assert found(GOOD) == []
    assert found(Contract((share(),))) == [], "no price and no weights"
    bands = (Tier(F(1, 4), below=F(8, 10), at_least=F(7, 10)), Tier(F(1), below=F(7, 10)))
    assert found(priced(share(weight=F(1), tiers=bands))) == []
    free = tiers(below={"0.8": 0, "0.7": 1})
    assert found(priced(share(weight=F(1), tiers=free))) == []
    lost = Commitment("lost", F(5, 100), better="lower", weight=F(1))
    rising = (Tier(F(1, 2), above=F(5, 100), at_most=F(8, 100)), Tier(F(1), above=F(8, 100)))
    assert found(priced(replace(lost, tiers=rising))) == []


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (tiers(below={"0.75": "0.5", "0.7": 1}), "gap between the target 0.8 and 0.75"),
        (tiers(below={"0.85": "0.5"}), "overlap with what is met"),
        ((*STEPS, *STEPS[:1]), "the tiers at 0.8 and 0.8 overlap"),
        (tiers(below={"0.8": 1, "0.7": "0.5"}), "the further one counts less"),
        (
            (Tier(F(1, 4), below=F(8, 10), at_least=F(75, 100)), Tier(F(1), below=F(7, 10))),
            "the tiers at 0.8 and 0.7 leave a gap",
        ),
        (
            (Tier(F(1, 4), below=F(8, 10), at_least=F(6, 10)), Tier(F(1), below=F(7, 10))),
            "the tiers at 0.8 and 0.7 overlap",
        ),
        ((Tier(F(1, 4), below=F(8, 10), at_least=F(6, 10)),), "gap beyond 0.6"),
        ((Tier(F(1, 4), above=F(8, 10)),), "the tier says above"),
        ((Tier(F(3, 2), below=F(8, 10)),), "it is no share"),
    ],
)
def test_tiers_that_overlap_or_leave_a_gap(steps: tuple[Tier, ...], said: str) -> None:
    problems = found(priced(share(weight=F(1), tiers=steps)))
    assert len(problems) == 1, problems
    assert problems[0][0].startswith("commitments[0].tiers")
    assert said in problems[0][1]


def test_all_problems_at_once() -> None:
    broken = Contract(
        (
            share("sl", "1.2", weight=F(1, 2), tiers=STEPS),
            share("nobody", bonus=tiers(at_least={"0.7": "0.1"}), period="quarter"),
            share("sl", aggregate="share_of_intervals_met", name="sl"),
        ),
        forecast=Forecast(F(-1, 10), "waive_period"),
        ramp={2: {"nobody": F(9, 10)}, 3: {"none": F(1, 2)}},
        termination=Termination(4, 3),
        rounding=Rounding(mode="up"),  # type: ignore[arg-type]
        exclusions=(Exclusion("outage", 5, 5, commitments=("s",)),),
        effective=(date(2025, 2, 1), date(2025, 1, 1)),
    )
    problems = found(broken, metrics={"sl": "share"}, hiring_plan=False, longest="week")
    paths = [path for path, _ in problems]
    for path in (
        "rounding.mode", "effective", "forecast", "forecast.tolerance", "exclusions[0]",
        "exclusions[0].commitments", "ramp", "ramp.2.nobody", "ramp.3.none", "price", "at_risk",
        "termination", "commitments[2]", "commitments[0].target", "commitments[0].tiers",
        "period", "commitments[1].metric",
        "commitments[1].bonus", "commitments[1].period",
    ):  # fmt: skip
        assert path in paths, path
    said = dict(problems)
    assert said["price"] == "weights and no price"
    assert said["forecast"] == "relief waive_period and no forecast"
    assert said["commitments[0].target"] == "a target of 1.2 is above 1"
    assert said["period"] == "a period of a month is longer than the scenario"
    assert ("ramp", "a ramp and no hiring plan") in problems
    assert ("ramp", "the ramp of nobody has months 2") in problems


@pytest.mark.parametrize(
    ("contract", "path"),
    [
        (replace(GOOD, at_risk=F(11, 10)), "at_risk"),
        (replace(GOOD, price=Price("contact", F(1), minimum_of_forecast=F(1, 2))), "price.minimum_of_forecast"),
        (replace(GOOD, earn_back=EarnBack()), "earn_back"),
        (replace(GOOD, earn_back=EarnBack(good_periods=0)), "earn_back"),
        (replace(GOOD, earn_back=EarnBack(year_average=True)), "earn_back"),
        (replace(GOOD, min_volume=-1), "min_volume"),
        (replace(GOOD, credit_free_months=-1), "credit_free_months"),
        (replace(GOOD, forecast=Forecast(relief="cap_denominator", sided="both", source="f.csv")), "forecast.sided"),
        (priced(share(tiers=STEPS)), "commitments[0].tiers"),
        (priced(share(weight=F(1), tiers=STEPS, linear=Linear())), "commitments[0].linear"),
        (priced(Commitment("asa", F(9), unit="time", better="lower", linear=Linear())), "commitments[0].linear"),
        (priced(share(weight=F(1), interval_target=F(1, 2))), "commitments[0].interval_target"),
        (priced(share(weight=F(1), year_target=F(1, 2))), "commitments[0].year_target"),
    ],
)  # fmt: skip
def test_one_problem_each(contract: Contract, path: str) -> None:
    assert contract_problems(GOOD) == []
    assert [where for where, _ in found(contract)] == [path]


# ------------------------------------------------------------------ what holds for every contract

GOALS = [F(n, 20) for n in range(8, 20)]
intervals = st.lists(
    st.tuples(*[st.integers(0, 12)] * 4), min_size=1, max_size=6
)  # answered in time, answered late, abandoned at once, abandoned later
money = st.fractions(0, 1, max_denominator=20)


@st.composite
def commitments_of(draw: Any, number: int) -> Commitment:
    lower = draw(st.booleans())
    aggregate = draw(st.sampled_from(["weighted", "unweighted", "share_of_intervals_met"]))
    counted = aggregate == "share_of_intervals_met"
    target = draw(st.sampled_from(GOALS))
    falling = counted or not lower
    kind = draw(st.sampled_from(["tiers", "linear", "plain"]))
    steps: tuple[Tier, ...] = ()
    if kind == "tiers":
        costs = sorted(draw(st.lists(money, min_size=1, max_size=3)))
        edges = [target * (1 - F(n, 10)) if falling else target + F(n, 100) for n in range(3)]
        steps = tuple(
            Tier(cost, below=edge) if falling else Tier(cost, above=edge)
            for cost, edge in zip(costs, edges, strict=False)
        )
    return Commitment(
        "lost" if lower else "sl", target, name=f"c{number}", better="lower" if lower else "higher",
        aggregate=aggregate, interval_target=draw(st.sampled_from(GOALS)) if counted else None,
        zero_offered=draw(st.sampled_from(["skip", "met", "missed"])) if counted else "skip",
        weight=draw(st.fractions(F(1, 10), 2, max_denominator=10)),
        critical=draw(st.sampled_from([True, True, False])),
        tiers=steps, linear=Linear(draw(st.fractions(F(1, 10), 3))) if kind == "linear" else None,
    )  # fmt: skip


@st.composite
def contracts(draw: Any) -> Contract:
    promised = tuple(draw(commitments_of(n)) for n in range(draw(st.integers(1, 4))))
    readings = ["none", "exclude_interval", "waive_period", "cap_denominator"]
    return priced(
        *promised,
        rounding=draw(st.sampled_from([None, Rounding(0), Rounding(1, "truncate")])),
        at_risk=draw(st.fractions(F(1, 20), 1, max_denominator=20)),
        forecast=Forecast(
            draw(st.sampled_from([F(0), F(15, 100)])),
            draw(st.sampled_from(readings)),
            source="forecast.csv",
        ),
        min_volume=draw(st.integers(0, 20)),
    )


def counts_of(commitment: Commitment, rows: Any, *, without_short: bool = False) -> Counts:
    """Answered within t of offered, or abandoned of answered and abandoned; with or without short abandons."""
    short = 0 if without_short else 1
    offered = [sum(row) for row in rows]
    below = [a + b + short * c + d for a, b, c, d in rows]
    above = [a if commitment.metric == "sl" else short * c + d for a, _, c, d in rows]
    return Counts(above, below, offered=offered)


def one_month(contract: Contract, rows: Any, month: int | None = None, **settings: Any) -> Any:
    forecast = [10 + 7 * (n % 3) for n in range(len(rows))]
    results = {
        c.title: judge(
            terms(contract, c, month=month, forecast=forecast), counts_of(c, rows, **settings)
        )
        for c in contract.commitments
    }
    return period_credits(contract, results, CHARGES, month=month)


@given(contracts(), intervals)
def test_generated_contracts_are_good_and_never_cost_more_than_is_at_risk(contract, rows):
    assert contract_problems(contract) == []
    month = one_month(contract, rows)
    assert 0 <= month.total <= contract.at_risk * FEE
    assert sum((month.paid(c.title) for c in contract.commitments), F(0)) == month.total


@given(contracts(), intervals, st.integers(0, 100))
def test_a_minimum_volume_never_raises_credits(contract, rows, least):
    more = replace(contract, min_volume=contract.min_volume + least)
    assert one_month(more, rows).total <= one_month(contract, rows).total


@given(contracts(), intervals, st.data())
def test_a_ramp_never_raises_credits(contract, rows, data):
    easier = {
        c.title: c.target * data.draw(money)
        if c.side == "higher"
        else 1 - (1 - c.target) * data.draw(money)
        for c in contract.commitments
    }
    ramped = replace(contract, ramp={1: easier})
    assert contract_problems(ramped) == []
    assert one_month(ramped, rows, 1).total <= one_month(contract, rows, 1).total
    assert one_month(ramped, rows, 2) == one_month(contract, rows, 2)


@given(contracts(), intervals)
def test_leaving_out_short_abandons_never_raises_credits(contract, rows):
    without = one_month(contract, rows, without_short=True)
    with_them = one_month(contract, rows)
    assert without.total <= with_them.total


@given(contracts(), intervals, st.randoms(use_true_random=False))
def test_the_order_of_commitments_does_not_matter(contract, rows, random):
    turned = list(contract.commitments)
    random.shuffle(turned)
    turned = replace(contract, commitments=tuple(turned))
    assert one_month(turned, rows) == one_month(contract, rows)


@given(commitments_of(1), st.fractions(0, 1), st.fractions(0, 1))
def test_a_worse_value_never_costs_less(commitment, one, other):
    contract = priced(replace(commitment, critical=True))
    worse, better = sorted([one, other], reverse=commitment.side == "lower")

    def credit(value: F) -> F:
        status = "met" if (value >= commitment.target) == (commitment.side == "higher") else "missed"  # fmt: skip
        status = "met" if value == commitment.target else status
        result = PeriodResult(commitment.title, status, commitment.target, value, value)
        return period_credits(contract, {commitment.title: result}, CHARGES).total

    assert credit(worse) >= credit(better)
    assert share_reached(commitment.tiers, worse) >= share_reached(commitment.tiers, better)


@given(
    st.lists(st.sampled_from(["0.5", "0.7", "0.78", "0.8", "0.9", None]), min_size=1, max_size=30),
    st.sampled_from(["deduction", "future_fees"]),
    st.booleans(),
    st.sampled_from([None, EarnBack(2), EarnBack(1, share=F(1, 3)), EarnBack(3, year_average=True)]),
    st.fractions(F(1, 10), 1, max_denominator=10),
)  # fmt: skip
def test_the_ledger_keeps_every_coin(values, credits_as, refund, earn_back, at_risk):
    commitment = share(weight=F(1), tiers=STEPS, year_target=F(82, 100))
    contract = priced(
        commitment, credits_as=credits_as, refund=refund, earn_back=earn_back, at_risk=at_risk
    )
    found = term(contract, values)
    assert found.revenue == len(values) * FEE - found.credits + found.lapsed
    assert found.lapsed >= 0
    for row in found.rows:
        assert row.invoice >= 0
        assert row.closing == row.opening + row.credit - row.earned_back - row.used
    given_back = sum(row.earned_back for row in found.rows)
    assert 0 <= given_back <= sum(row.credit for row in found.rows)
    if earn_back is None:
        assert given_back == 0


@given(intervals, st.lists(st.integers(0, 30), min_size=6, max_size=6), st.booleans())
def test_relief_in_whole_numbers_agrees_with_fractions(rows, expected, both):
    """Limits worked out beforehand, in integers, say the same as the clause in fractions."""
    tolerance = F(15, 100)
    forecast = expected[: len(rows)]
    contract = relief("exclude_interval", sided="both" if both else "upper")
    counts = counts_of(contract.commitments[0], rows)
    kept = [
        (n, d)
        for n, d, offered, f in zip(
            counts.numerator, counts.denominator, counts.volume, forecast, strict=True
        )
        if not offered > (1 + tolerance) * f and not (both and offered < (1 - tolerance) * f)
    ]
    total = sum(d for _, d in kept)
    found = judged(contract, counts, forecast=forecast)
    assert found.value == (F(sum(n for n, _ in kept), total) if total else None)
