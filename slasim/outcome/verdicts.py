"""Verdicts: what the simulated periods say about a commitment.

A commitment is a metric, a target and a period; its verdict is the chance that a period meets the target, with the
chance that is certain at the confidence asked for. A commitment is met when that certain chance reaches the chance
required, missed when even the best chance that can be believed does not, undecided between the two. This file knows no
scenario, no contract and no money.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, NDArray
from slasim.outcome.estimates import (
    Chance,
    Estimate,
    Kind,
    chance,
    chance_of,
    in_small_words,
    pooled,
)

__all__ = ["Status", "Verdict", "judge_commitment"]

Status = Literal["met", "missed", "undecided", "nothing_to_judge"]
Better = Literal["higher", "lower"]

_SAID = {
    "interval": "intervals",
    "day": "days",
    "week": "weeks",
    "month": "months",
    "horizon": "runs",
}


@dataclass(frozen=True)
class Verdict:
    """One commitment, judged.

    ``value`` is the pooled value over all periods, ``chance`` the chance that a period meets ``target`` with its
    range over replications, ``chance_low`` and ``chance_high`` the one-sided bounds at ``confidence``. ``margin`` is
    how far the value is on the good side of the target (shares, or ms). ``required`` is the chance asked for.
    """

    metric: str
    target: float
    better: Better
    period: str
    value: Estimate
    chance: Estimate
    chance_low: float
    chance_high: float
    required: float
    confidence: float
    status: Status
    reading: Literal["chance"] = "chance"

    @property
    def margin(self) -> float:
        apart = self.value.value - self.target
        return apart if self.better == "higher" else -apart

    @property
    def sentence(self) -> str:
        """In a planner's words: "met in 92 months of 100 (at least 90)"."""
        if self.status == "nothing_to_judge":
            return "nothing to judge"
        met = _of_hundred(self.chance.value)
        return f"met in {met} {self._periods} of 100 (at least {min(_floor(self.chance_low), met)})"

    @property
    def _periods(self) -> str:
        return _SAID.get(self.period, f"{self.period}s")

    def __str__(self) -> str:
        side = "at least" if self.better == "higher" else "at most"
        goal = in_small_words(self.target, self.value.unit)
        status = self.status.replace("_", " ").upper()
        return f"{self.metric}, {side} {goal} per {self.period}: {self.sentence}  {status}"

    def to_json(self) -> dict[str, object]:
        return {
            "metric": self.metric,
            "target": self.target,
            "better": self.better,
            "period": self.period,
            "reading": self.reading,
            "value": self.value.to_json(),
            "chance": self.chance.to_json(),
            "chance_low": self.chance_low,
            "chance_high": self.chance_high,
            "required": self.required,
            "confidence": self.confidence,
            "margin": None if math.isnan(self.margin) else self.margin,
            "status": self.status,
            "sentence": self.sentence,
        }


def judge_commitment(
    metric: str,
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    target: float,
    better: Better,
    period: str,
    required: float = 0.90,
    confidence: float = 0.95,
    level: float = 0.95,
    unit: Kind = "share",
    text: str = "",
    decided: tuple[ArrayLike, ArrayLike] | None = None,
) -> Verdict:
    """The verdict on one commitment. Numerator and denominator (R, P): R replications of P periods.

    ``required`` is the chance asked for (feasibility.chance), ``text`` the metric's formula in words. ``decided`` is
    (met, judged), both (R, P) of bool, where clauses of the contract decide and not the target alone.
    """
    if decided is None:
        found = chance(
            numerator, denominator, target, better, level=level, confidence=confidence, metric=text
        )
    else:
        found = chance_of(*decided, level=level, confidence=confidence, metric=text)
    value = pooled(
        _row_sums(numerator), _row_sums(denominator), level=level, share=unit == "share", unit=unit,
        metric=text,
    )  # fmt: skip
    return Verdict(
        metric, target, better, period, value, found.estimate, found.sure_low, found.sure_high,
        required, confidence, _status(found, required),
    )  # fmt: skip


def _row_sums(parts: ArrayLike) -> NDArray[Any]:
    sums: NDArray[Any] = np.asarray(parts).sum(axis=1)
    return sums


def _status(found: Chance, required: float) -> Status:
    if found.judged == 0:
        return "nothing_to_judge"
    if found.sure_low >= required:
        return "met"
    return "missed" if found.sure_high < required else "undecided"


def _of_hundred(share: float) -> int:
    """Rounded, but 100 only for all and 0 only for none."""
    rounded = round(100 * share)
    if rounded == 100 and share < 1:
        return 99
    return 1 if rounded == 0 and share > 0 else rounded


def _floor(share: float) -> int:
    return math.floor(100 * share + 1e-9)
