"""A small complete offer, written by hand: every number of it is known, and every sum of money is like no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slasim.outcome.estimates import Estimate
from slasim.planner.offer import (
    Budget,
    Clause,
    Customer,
    Evidence,
    Gap,
    HourOfDay,
    Lever,
    Peril,
    Point,
    Reading,
    Reason,
    Recommendation,
    Signable,
    Step,
    Way,
)
from slasim.study.odds import CommitmentOdds, ContractOdds, Money, MonthOdds, TermOdds

VOICE, LOST = "voice <b>80/30</b>", "hang-ups"

# Sums that can be recognised: no picture is a thousand points wide, and no count is one of them.
FEE, AT_RISK, EXPECTED, P95, WORST = 104_729.0, 10_473.0, 1_039.0, 4_253.0, 7_919.0
COST, MARGIN, MARGIN_P5, PAID = 88_211.0, 15_479.0, 12_263.0, 5_227.0
OFFERED_EXPECTED, OFFERED_P95 = 1_361.0, 2_003.0
STEP_COST, STEP_PAID, STEP_PHONES, BUDGET = 7_459.0, 1_511.0, 1_429.0, 9_001.0
TERM_CREDITS, TERM_REVENUE, TERM_COST, TERM_MARGIN = 12_473.0, 1_256_747.0, 1_058_531.0, 185_743.0
WALK_AWAY = 0.773_219


def estimate(value: float, reading: str = "chance", unit: str = "share") -> Estimate:
    return Estimate(value, value - 0.02, value + 0.02, 0.95, 1000, reading, unit, "hand made")  # type: ignore[arg-type]


def commitment(title: str = VOICE, **more: Any) -> CommitmentOdds:
    """Voice: 80 % in 30 s, met in 71 of 100 months."""
    values = tuple(0.775 + 0.132 * k / 400 for k in range(401))
    plain: dict[str, Any] = {
        "title": title, "metric": "voice", "formula": "answered within 30 s / all offered", "unit": "share",
        "better": "higher", "period": "month", "target": 0.80, "threshold": 30_000, "critical": True,
        "weight": 0.6, "chance": estimate(0.71), "chance_low": 0.69, "chance_high": 0.73, "chance_alone": 0.93,
        "measured": 1.0, "value": estimate(0.81, "pooled"), "one_in_20": 0.74, "intervals_met": 0.63,
        "worst_hour": "10:00", "worst_value": 0.58, "contacts": 40_000.0, "values": values,
    }  # fmt: skip
    return CommitmentOdds(**(plain | more))


def lost(**more: Any) -> CommitmentOdds:
    """Abandonment 5 % or less, met in 93 of 100 months."""
    plain: dict[str, Any] = {
        "metric": "abandoned", "formula": "abandoned / (answered + abandoned)", "better": "lower",
        "target": 0.05, "threshold": None, "weight": 0.4, "chance": estimate(0.93), "chance_low": 0.91,
        "chance_high": 0.94, "chance_alone": 0.99, "value": estimate(0.04, "pooled"), "one_in_20": 0.052,
        "intervals_met": 0.8, "worst_value": 0.09, "values": tuple(0.02 + 0.032 * k / 400 for k in range(401)),
    }  # fmt: skip
    return commitment(LOST, **(plain | more))


def money(**more: Any) -> Money:
    plain: dict[str, Any] = {
        "currency": "EUR", "fee": FEE, "at_risk": AT_RISK, "expected_credits": EXPECTED, "credits_low": 1_013.0,
        "credits_high": 1_097.0, "credits_p95": P95, "credits_worst": WORST, "chance_of_credits": 0.31,
        "expected_bonus": 0.0, "paid_hours": PAID, "cost": COST, "margin": MARGIN, "margin_p5": MARGIN_P5,
        "by_commitment": {VOICE: 8_779.0, LOST: 1_637.0},
        "credits": tuple(0.0 if k < 138 else WORST * (k - 137) / 63 for k in range(201)),
    }  # fmt: skip
    return Money(**(plain | more))


def contract(**more: Any) -> ContractOdds:
    plain: dict[str, Any] = {
        "name": "contract", "client": "City <i>services</i>", "provider": "Provider & Co", "version": "B",
        "period": "month", "replications": 1000, "confidence": 0.95, "required": 0.9, "chance": estimate(0.64),
        "chance_low": 0.61, "chance_high": 0.66, "chance_alone": 0.91, "commitments": (commitment(), lost()),
        "money": money(),
    }  # fmt: skip
    return ContractOdds(**(plain | more))


def term(**more: Any) -> TermOdds:
    plain: dict[str, Any] = {
        "months": 12, "terms": 200, "each": "month", "no_miss": {VOICE: estimate(0.04), LOST: estimate(0.48)},
        "contract_no_miss": estimate(0.02), "contract_no_miss_low": 0.01, "misses": (0.02, 0.08, 0.2, 0.7),
        "may_terminate": 0.65, "termination": "3 misses within 6 months", "if_independent": 0.005,
        "expected_credits": TERM_CREDITS, "credits_p95": 31_337.0, "credits_worst": 44_789.0, "earned_back": None,
        "revenue": TERM_REVENUE, "cost": TERM_COST, "margin": TERM_MARGIN,
        "by_month": (MonthOdds(1, 1.0, 1.0, 0.64, {VOICE: 0.71, LOST: 0.93}, EXPECTED),),
        "assumed": ("Staffing is the scenario's in every month.",),
    }  # fmt: skip
    return TermOdds(**(plain | more))


def signable(**more: Any) -> Signable:
    plain: dict[str, Any] = {
        "metric": "voice", "title": VOICE, "threshold_s": 30.0, "own": True,
        "formula": "answered within 30 s / all offered", "unit": "share", "better": "higher", "period": "month",
        "target": WALK_AWAY, "chance": 0.915, "chance_low": 0.9, "target_among": 0.764, "mean": 0.81, "asked": 0.80,
        "asked_chance": 0.71, "asked_chance_low": 0.69, "asked_chance_high": 0.73, "asked_chance_alone": 0.93,
        "verdict": "do not commit", "clause": None, "no_miss": 0.04,
        "reasons": (Reason("chance", "Met in 71 months of 100 (at least 69); 90 asked."),),
    }  # fmt: skip
    return Signable(**(plain | more))


def offer(**more: Any) -> Recommendation:
    """Voice cannot be signed as asked, hang-ups can with a review; 76/30 is offered instead."""
    offered = contract(
        chance=estimate(0.86), chance_low=0.84,
        commitments=(commitment(target=0.76, chance=estimate(0.92), chance_low=0.9), lost()),
        money=money(expected_credits=OFFERED_EXPECTED, credits_p95=OFFERED_P95),
    )  # fmt: skip
    package = Way(
        "",
        "",
        "package",
        "76/30 instead of 80/30",
        None,
        None,
        0.86,
        0.84,
        0.0,
        0.0,
        False,
        "fresh",
    )
    step = Step(
        ("front",), "10:00-13:00 mon-fri", 4, STEP_PHONES, STEP_PAID, STEP_COST, 200, 0.92, 0.9,
        {VOICE: 0.94, LOST: 0.97}, {VOICE: 0.92, LOST: 0.95}, {VOICE: 0.81, LOST: 0.045}, True,
    )  # fmt: skip
    plain: dict[str, Any] = {
        "scenario": "City <script>alert(1)</script>", "currency": "EUR", "period": "month", "version": "B", "seed": 7,
        "replications": 1000, "paired": 200, "fresh": 1000, "seconds": 31.7, "fingerprint": "c0ffee123456",
        "decision": "do not commit",
        "answer": "Both targets are met together in 64 months of 100 (at least 61). Offer 76/30 instead of 80/30: 86 "
        "of 100 (at least 84).",
        "recommendations": (
            signable(),
            signable(threshold_s=45.0, own=False, target=0.83, target_among=0.82, asked_chance=0.93, reasons=()),
            signable(metric="abandoned", title=LOST, threshold_s=None, better="lower", target=0.0488,
                     target_among=0.0488, asked=0.05, asked_chance=0.93, asked_chance_low=0.91, no_miss=0.48,
                     mean=0.04, verdict="commit with clause", clause="targets reviewed after 3 months of actual data",
                     reasons=(Reason("no_back_test", "No back-test."),)),
        ),
        "odds": contract(), "package": package, "package_odds": offered,
        "others": (contract(name="other client", money=money(expected_credits=6_131.0)),),
        "term": term(),
        "frontier": tuple(
            Point(VOICE, "voice", threshold, wished, base - (wished - 0.8) / 3, base - (wished - 0.8) / 3, 0.81)
            for threshold, base in ((20.0, 0.72), (30.0, 0.80), (45.0, 0.85))
            for wished in (0.8, 0.9, 0.95)
        ),
        "ways": (
            Way("a", VOICE, "target", "76 % in 30 s", 0.76, 30.0, 0.92, 0.9, 0.0, 0.0, True, "these"),
            Way("b", VOICE, "threshold", "80 % in 45 s", 0.80, 45.0, 0.93, 0.91, 0.0, 0.0, True, "these"),
            Way("c", VOICE, "staffing", "80 % in 30 s, +4 agents 10:00-13:00 mon-fri", 0.80, 30.0, 0.94, 0.92,
                STEP_COST, STEP_PAID, True, "fresh"),
            package,
        ),
        "clauses": (
            Clause("forecast_relief", "relief above +15 % of forecast, by interval",
                   "Where the volume offered exceeds the agreed forecast by more than 15 %, such an interval is not "
                   "measured.", VOICE, 0.71, 0.79, 0.77, EXPECTED, 6_421.0, 1, "on our own forecast", True, False),
            Clause("minimum_volume", "minimum volume 300", "A period with fewer than 300 contacts is not measured.",
                   VOICE, 0.71, 0.71, 0.69, EXPECTED, EXPECTED, 0, "", True, False),
            Clause("relief_cap", "the surplus taken off those served late", "The surplus is taken off.", VOICE, 0.71,
                   0.66, 0.64, EXPECTED, 1_187.0, -1, "it drops good contacts as well", True, False),
            Clause("ramp", "ramp, months 1-2", "", "", None, None, None, None, None, 0, "no hiring plan", False, False),
        ),
        "levers": tuple(
            Lever(name, title, worse, better, 0.71, low, high, 40, 30, 200, name == "volume")
            for title in ("", VOICE)
            for name, worse, better, low, high in (
                ("volume", "+10 %", "-10 %", 0.31, 0.94), ("AHT", "+5 %", "-5 %", 0.48, 0.88),
                ("patience", "-25 %", "+25 %", 0.69, 0.73),
            )
        ),
        "steps": (step,),
        "budget": Budget(BUDGET, step, {VOICE: 0.81, LOST: 0.045}),
        "gaps": (Gap(VOICE, 0.80, 0.81, 0.71, 0.9, PAID, STEP_PAID, STEP_COST),),
        "perils": (
            Peril("off_peak_averaging", "The month can be met while 10:00 runs at 58 %.", VOICE, True),
            Peril("missing_looks_cheap", f"Missing costs {EXPECTED:,.0f} a month, less than 1 % of the staff."),
        ),
        "evidence": Evidence(
            ("attendance",),
            (("queues.calls.patience", "exponential", "Patience is taken as exponential."),
             ("groups.front.shrinkage", "30.3 %", "Shrinkage is the trade's usual one.")),
            {"volume": {"day_cv": 0.08, "bias_sd": 0.03}}, None, None, {"voice": 0.013}, 4.0,
            ("a team leader's rescue during the day", "imperfect routing and adherence by the minute",
             "fatigue above 85 % occupancy"),
        ),
        "formulas": {VOICE: {"negative": 0.81, "answered_only": 0.85}},
        "negotiator": f"We expect to hold 76 % in 30 s; 80/30 as asked takes {STEP_PAID:,.0f} more paid hours a month.",
        "readings": (
            Reading(VOICE, ("Answered within 30 s / all offered.", "A wait of exactly 30 s is within it.")),
            Reading("", ("Measured per calendar month, local time UTC.",)),
        ),
        "customer": Customer(
            ((0.5, 8_000.0), (0.95, 161_000.0), (0.99, 380_000.0)), 0.04,
            tuple(HourOfDay(VOICE, f"{h:02d}:00", v) for h, v in ((10, 0.58), (9, 0.79), (11, 0.83))), 93_600_000.0,
        ),
    }  # fmt: skip
    return Recommendation(**(plain | more))


def without_contract() -> Recommendation:
    """Nothing is asked yet."""
    row = signable(asked=None, asked_chance=None, asked_chance_low=None, asked_chance_high=None, verdict=None,
                   asked_chance_alone=None, no_miss=None, reasons=())  # fmt: skip
    return replace(
        offer(), decision=None, odds=None, package=None, package_odds=None, others=(), term=None, ways=(), clauses=(),
        levers=(), steps=(), budget=None, gaps=(), perils=(), recommendations=(row,),
    )  # fmt: skip
