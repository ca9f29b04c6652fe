"""The frontier: which targets may be promised, at which threshold, with which chance.

Periods' values are sorted; the certified target of a wished chance is one of them (`outcome.estimates.certified_rank`),
valid for all targets of one metric and threshold at once. Whoever chooses among thresholds uses `target_among`:
Bonferroni over the thresholds shown. A back-test's bias is taken off before anything is promised. Nothing is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from slasim.arrays import Floats
from slasim.outcome import estimates
from slasim.planner.offer import Point
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.scenario.schema import Metric
from slasim.sla.contract import Commitment
from slasim.study.promised import Held, held
from slasim.study.result import Result

__all__ = [
    "WISHED",
    "Alternative",
    "alone",
    "alternatives",
    "at_threshold",
    "backed",
    "certified",
    "chance_of_target",
    "frontier",
    "measuring",
    "threshold_of",
    "too_kind",
]


WISHED = (0.80, 0.85, 0.90, 0.95, 0.99)
"""Chances at which the frontier is shown, besides the scenario's own."""

_USUAL_S = (10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Alternative:
    """A commitment's metric at one threshold (ms; None has none): the contract with this commitment alone."""

    commitment: Commitment
    threshold: int | None
    own: bool
    agreed: Agreed


def measuring(agreed: Agreed, title: str, **changes: object) -> Agreed:
    """The same contract with other settings of one commitment's metric, as threshold or formula."""
    record = agreed.metrics[title]
    assert isinstance(record, Metric)
    return agreed.with_metric(title, record.model_copy(update=dict(changes)))


def alone(agreed: Agreed, commitment: Commitment) -> Agreed:
    """The contract with this commitment only, and without its money."""
    contract = replace(
        agreed.contract, commitments=(commitment,), price=None, earn_back=None,
        ramp={m: {t: x for t, x in r.items() if t == commitment.title} for m, r in agreed.contract.ramp.items()},
    )  # fmt: skip
    return agreed.with_contract(contract)


def threshold_of(agreed: Agreed, commitment: Commitment) -> int | None:
    """ms of waiting that its metric judges by; None where it has none."""
    record = agreed.metrics[commitment.title]
    if not isinstance(record, Metric) or record.type != "service_level":
        return None
    return record.threshold


def at_threshold(agreed: Agreed, commitment: Commitment, threshold: int) -> Agreed:
    """The commitment alone, at another threshold."""
    return alone(measuring(agreed, commitment.title, threshold=threshold), commitment)


def alternatives(agreed: Agreed, *, most: int = 7) -> list[Alternative]:
    """Each commitment at its own threshold, first, and at the usual ones around it."""
    found = []
    for commitment in agreed.contract.commitments:
        own = threshold_of(agreed, commitment)
        found.append(Alternative(commitment, own, True, alone(agreed, commitment)))
        if own is None:
            continue
        others = [1000 * s for s in _USUAL_S if 1000 * s != own]
        others.sort(key=lambda t: abs(math.log(max(t, 1) / max(own, 1))))
        found += [
            Alternative(commitment, t, False, at_threshold(agreed, commitment, t))
            for t in sorted(others[: most - 1])
        ]
    return found


# ------------------------------------------------------------------ certified targets


def too_kind(scenario: Scenario, commitment: Commitment) -> float:
    """By how much a back-test found the model too kind of this metric; 0 when none did."""
    tested = scenario.feasibility.back_test
    if tested is None or not backed(scenario, commitment):
        return 0.0
    return float(tested.too_kind[commitment.metric])


def backed(scenario: Scenario, commitment: Commitment) -> bool:
    """Whether a back-test names its metric; seconds say nothing of a share of intervals."""
    tested = scenario.feasibility.back_test
    alike = commitment.judged_unit == commitment.unit
    return tested is not None and alike and commitment.metric in tested.too_kind


def certified(
    values: Floats, side: str, wished: float, confidence: float, *, bias: float = 0.0
) -> float | None:
    """The strictest target met with the wished chance, surely, rounded to the safe side; None: too few periods.

    ``values`` (R, P): what the contract compares; one period per replication counts.
    """
    each = estimates.one_period_each(values)
    found = estimates.certified_target(
        each, wished, confidence, "higher" if side == "higher" else "lower"
    )
    if found is None:
        return None
    return _safe(found - bias if side == "higher" else found + bias, side)


def _safe(target: float, side: str) -> float:
    steps = 10.0**_DECIMALS
    if side == "higher":
        return max(float(math.floor(round(target * steps, 3))) / steps, 0.0)
    return float(math.ceil(round(target * steps, 3))) / steps


def chance_of_target(
    made: Held, commitment: Commitment, target: float, *, bias: float, confidence: float
) -> estimates.Chance:
    """The chance that a period of the commitment reaches a target, a back-test's bias taken off its values."""
    side = commitment.side
    aim = target + bias if side == "higher" else target - bias
    return made.chance_at(commitment.title, aim, side, confidence=confidence)


def frontier(
    result: Result, listed: Iterable[Alternative], wished: Iterable[float] = WISHED
) -> tuple[list[Point], Mapping[tuple[str, int | None], Held]]:
    """Every point of the frontier, and each alternative held against the periods, by title and threshold."""
    scenario = result.scenario
    feasible = scenario.feasibility
    chances = sorted({*wished, feasible.chance})
    rows = list(listed)
    made = {(one.commitment.title, one.threshold): held(result, one.agreed) for one in rows}
    points = []
    for one in rows:
        title = one.commitment.title
        values = made[title, one.threshold].value[title]
        among = sum(1 for other in rows if other.commitment.title == title)
        bias = too_kind(scenario, one.commitment)
        known = values[~np.isnan(values)]
        for chance in chances:
            targets = [
                certified(values, one.commitment.side, chance, sure, bias=bias)
                for sure in (feasible.confidence, 1 - (1 - feasible.confidence) / among)
            ]
            points.append(
                Point(
                    title, one.commitment.metric,
                    None if one.threshold is None else one.threshold / 1000,
                    chance, targets[0], targets[1],
                    float(known.mean()) if known.size else math.nan,
                )
            )  # fmt: skip
    return points, made
