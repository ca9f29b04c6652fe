"""Definitions as we read them: what a contract's words were taken to mean, in sentences that can be put into it.

One reading for each commitment and one for the whole. No figure of chance and none of money stands in them, so both
sides may read them.
"""

from __future__ import annotations

from collections.abc import Iterator

from slasim.clock import format_duration
from slasim.planner.offer import Reading
from slasim.planner.words import goal
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.scenario.schema import Metric
from slasim.sla.contract import Commitment, Contract
from slasim.study.contracting import asked_of

__all__ = ["readings"]

_ROUNDED = {
    "half_up": "halves up",
    "half_even": "halves to the even digit",
    "truncate": "further digits cut off",
}
_RELIEFS = {
    "exclude_interval": "the interval is not measured",
    "waive_period": "the whole period is not measured",
    "first_in_arrival_order": "only the contacts up to that volume are measured, in order of arrival",
    "cap_denominator": "the contacts above it are taken off those not served in time",
}


def readings(scenario: Scenario, agreed: Agreed) -> tuple[Reading, ...]:
    """Of each commitment, then of the whole contract (title "")."""
    found = [
        Reading(one.title, tuple(_commitment(scenario, agreed, one)))
        for one in agreed.contract.commitments
    ]
    return (*found, Reading("", tuple(_whole(scenario, agreed))))


# ------------------------------------------------------------------ one commitment


def _commitment(scenario: Scenario, agreed: Agreed, one: Commitment) -> Iterator[str]:
    asked = asked_of(scenario, agreed, one)
    text = asked.measure.text
    yield f"{text[:1].upper()}{text[1:]}."
    if asked.measure.over == "agents":
        yield "Measured over all agents on duty."
    elif len(scenario.queues) > 1:
        every = set(asked.queues) == set(scenario.queues)
        yield f"Over {'all queues' if every else _listed(asked.queues)}, together."
    yield _together(scenario, one)
    if one.period is not None and one.period != agreed.contract.period:
        yield f"Judged per {_called(one.period)}, not per {_called(agreed.contract.period)}."
    record = agreed.metrics[one.title]
    if isinstance(record, Metric) and record.type == "service_level":
        said = format_duration(record.threshold or 0)
        yield f"A wait of exactly {said} is within it. Whoever still waits after {said} is late."
    if asked.measure.over == "tickets":
        yield "What is still open at the end counts as not met where that is still possible."
    else:
        yield "A contact belongs to the interval in which it arrives."
    ramp = [
        f"{goal(float(targets[one.title]), one.judged_unit)} in month {month}"
        for month, targets in sorted(agreed.contract.ramp.items())
        if one.title in targets
    ]
    if ramp:
        yield f"Ramp: {_listed(ramp)}; from then on the target itself."
    if not one.critical:
        yield "Reported only: a miss has no consequence."


def _together(scenario: Scenario, one: Commitment) -> str:
    each = format_duration(scenario.interval)
    if one.aggregate == "unweighted":
        return f"The plain mean of the {each} intervals: a quiet one counts as much as a busy one."
    if one.aggregate == "share_of_intervals_met":
        aim = "the target"
        if one.interval_target is not None:
            aim = goal(float(one.interval_target), one.unit)
        nothing = {
            "skip": "is left out", "met": "counts as met", "missed": "counts as missed"
        }.get(str(one.zero_offered), str(one.zero_offered))  # fmt: skip
        return (
            f"The share of {each} intervals that reach {aim}; one in which nobody came {nothing}."
        )
    return "All contacts of a period together, so that busy hours count for more than quiet ones."


# ------------------------------------------------------------------ the whole


def _whole(scenario: Scenario, agreed: Agreed) -> Iterator[str]:
    contract = agreed.contract
    if contract.period == "horizon":
        yield f"Measured once, from start to end, local time {scenario.timezone}."
    else:
        yield f"Measured per calendar {contract.period}, local time {scenario.timezone}."
    rounding = contract.rounding
    if rounding is None:
        yield "Values are not rounded: 79.99 % misses 80 %."
    else:
        decimals = "1 decimal" if rounding.decimals == 1 else f"{rounding.decimals} decimals"
        yield f"Values are rounded to {decimals}, {_ROUNDED[rounding.mode]}, before they are compared."
    yield from _relief(contract)
    if contract.min_volume:
        yield f"A period with fewer than {contract.min_volume:,} contacts is not measured."
    for kind in dict.fromkeys(one.kind for one in contract.exclusions):
        mine = [one for one in contract.exclusions if one.kind == kind]
        scope = (
            "contacts that arrive then" if mine[0].scope == "contacts" else "every interval touched"
        )
        stretches = "1 stretch" if len(mine) == 1 else f"{len(mine)} stretches"
        yield f"Not measured: {kind} ({stretches}; {scope})."
    leaving = contract.termination
    if leaving is not None:
        of = "any commitment" if leaving.of == "any" else "one and the same commitment"
        yield (
            f"The client may leave after {leaving.misses} missed periods of {of} within any "
            f"{leaving.within_periods} successive ones."
        )


def _relief(contract: Contract) -> Iterator[str]:
    forecast = contract.forecast
    if forecast is None or forecast.relief == "none":
        yield "No relief for volume above forecast is written."
        return
    above = f"{float(forecast.tolerance):.0%}".replace("%", " %")
    side = "above" if forecast.sided == "upper" else "above or below"
    locked = f" locked {forecast.lock_days} days before" if forecast.lock_days else ""
    yield f"Volume more than {above} {side} the forecast{locked}: {_RELIEFS[forecast.relief]}."


def _called(period: str) -> str:
    return "run" if period == "horizon" else period


def _listed(parts: tuple[str, ...] | list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
