"""Perils: what the figures of a contract hide, each in a sentence with its numbers.

What a client may read too is marked so. Every sentence states what was seen in the simulated periods or what stands in
the scenario; nothing is simulated here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from slasim.clock import format_duration
from slasim.planner.offer import Clause, Lever, Peril
from slasim.planner.verdicts import FEW, of_hundred
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.scenario.schema import Metric
from slasim.study.odds import CommitmentOdds, ContractOdds, TermOdds
from slasim.study.result import Result

__all__ = ["NOT_MODELLED", "perils"]

NOT_MODELLED = (
    "a team leader's rescue during the day",
    "imperfect routing and adherence by the minute",
    "fatigue above 85 % occupancy",
)
_TAIL_MS = 5 * 60_000


def perils(
    result: Result,
    agreed: Agreed,
    odds: ContractOdds,
    term: TermOdds | None,
    levers: Sequence[Lever],
    clauses: Sequence[Clause],
) -> tuple[Peril, ...]:
    """Everything to know before signing, the weightiest first."""
    scenario = result.scenario
    return (
        *_doubt(scenario, levers),
        *_off_peak(odds),
        *_tails(result, agreed),
        *_rewarded(agreed),
        *_small(odds),
        *_both_ways(clauses),
        *_outside(scenario, term),
        *_missing_on_purpose(odds, term),
    )


def _doubt(scenario: Scenario, levers: Sequence[Lever]) -> Iterator[Peril]:
    demand = scenario.demand
    if demand is None:
        yield Peril(
            "no_input_error",
            "No forecast error is stated: volume, AHT and attendance are taken as exact. The range is chance alone.",
            client=True,
        )
        return
    for one in levers:
        if one.title == "" and one.name == "forecast error":
            typed = "measured" if demand.from_ is not None else "typed in, not measured"
            yield Peril(
                "forecast_error",
                f"Forecast error was {typed}. Half as much again: {of_hundred(one.base)} becomes "
                f"{of_hundred(one.worse)} of 100.",
            )
        elif one.title == "" and one.name.endswith("not given"):
            yield Peril(
                "error_not_given",
                f"{one.name[0].upper()}{one.name[1:]}: at {one.worse_by}, {of_hundred(one.base)} becomes "
                f"{of_hundred(one.worse)} of 100.",
            )
    if scenario.feasibility.back_test is None:
        yield Peril("no_back_test", "No back-test on your own weeks.", client=True)


def _off_peak(odds: ContractOdds) -> Iterator[Peril]:
    for one in odds.commitments:
        if one.unit != "share" or one.worst_hour is None or math.isnan(one.worst_value):
            continue
        beyond = (
            one.worst_value < one.target if one.better == "higher" else one.worst_value > one.target
        )
        if beyond and one.chance.value >= 0.5:
            met = (
                ""
                if one.intervals_met is None
                else f"; {100 * one.intervals_met:.0f} % of intervals reach it"
            )
            yield Peril(
                "off_peak_averaging",
                f"{one.title}: the {_called(one)} can be met while {one.worst_hour} runs at "
                f"{100 * one.worst_value:.0f} %{met}.",
                one.title, True,
            )  # fmt: skip


def _called(one: CommitmentOdds) -> str:
    return "whole" if one.period == "horizon" else one.period


def _tails(result: Result, agreed: Agreed) -> Iterator[Peril]:
    callers = [name for name, one in result.scenario.queues.items() if one.channel != "ticket"]
    if not callers:
        return
    wait = result.percentile(0.99, queue=callers)
    if math.isfinite(wait.value) and wait.value >= 60_000:
        long = " and no target counts it" if wait.value > _TAIL_MS else ""
        yield Peril(
            "tail",
            f"1 caller in 100 waits over {format_duration(int(wait.value))}{long}.",
            client=True,
        )


def _rewarded(agreed: Agreed) -> Iterator[Peril]:
    """A pure threshold rewards leaving those who are late already: no target of this contract counts their wait."""
    records = [record for record in agreed.metrics.values() if isinstance(record, Metric)]
    tails = any(record.type in ("asa", "mean_wait") for record in records)
    levels = [record for record in records if record.type == "service_level"]
    if levels and not tails:
        yield Peril(
            "rewards_leaving_the_late",
            f"Past {format_duration(int(levels[0].threshold or 0))} a caller no longer counts: the target rewards "
            "serving new callers first. Put a mean wait or a longest wait beside it.",
            client=True,
        )


def _small(odds: ContractOdds) -> Iterator[Peril]:
    for one in odds.commitments:
        if 0 < one.contacts < FEW:
            least = max(20, int(round(0.8 * one.contacts, -1)))
            yield Peril(
                "small_volume",
                f"{one.title}: about {one.contacts:.0f} contacts a {_called(one)}; one contact is "
                f"{100 / one.contacts:.1f} points. Ask for a minimum volume of {least}.",
                one.title,
            )


def _both_ways(clauses: Sequence[Clause]) -> Iterator[Peril]:
    for one in clauses:
        if one.valued and one.sign < 0 and one.title:
            yield Peril(
                "clause_against_us",
                f"{one.words}: {one.title} goes from {of_hundred(one.chance_before or 0)} to "
                f"{of_hundred(one.chance or 0)} of 100; it drops good contacts as well.",
                one.title,
            )


def _outside(scenario: Scenario, term: TermOdds | None) -> Iterator[Peril]:
    if term is None:
        return
    far = [month for month in term.by_month if not 0.8 <= month.volume <= 1.25]
    if far:
        furthest = max(far, key=lambda month: abs(math.log(max(month.volume, 1e-9))))
        yield Peril(
            "extrapolated",
            f"Month {furthest.month} of the term has {100 * furthest.volume:.0f} % of the volume the scenario was set "
            "on: patience, AHT and shapes are carried over unseen.",
        )


def _missing_on_purpose(odds: ContractOdds, term: TermOdds | None) -> Iterator[Peril]:
    money = odds.money
    if money is None or money.cost is None or money.expected_credits <= 0:
        return
    if money.expected_credits < 0.01 * money.cost and odds.chance.value < odds.required:
        leave = (
            "no right to leave is written"
            if term is None or term.may_terminate is None
            else f"the client may leave in {of_hundred(term.may_terminate)} terms of 100"
        )
        yield Peril(
            "missing_looks_cheap",
            f"Missing costs {money.expected_credits:,.0f} a {odds.period}, less than 1 % of the staff; but {leave}, "
            "and callers are lost.",
        )
