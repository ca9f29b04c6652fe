"""What is said of a contract that many simulated periods were held against: chances, money, the term.

Frozen values only: who works them out is `promised.py` (periods) and `term.py` (months in a row). Shares are 0..1,
times ms, money in the scenario's currency and floats, for here it is averaged; the arithmetic of each single
period was exact. "Period" is the contract's, "miss" a measured period that did not meet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from slasim.outcome.estimates import Estimate

__all__ = ["CommitmentOdds", "ContractOdds", "Money", "MonthOdds", "TermOdds", "plain"]


def plain(thing: Any) -> Any:
    """Dataclasses, tuples and mappings as what JSON knows; what is not finite is null."""
    if isinstance(thing, Estimate):
        return thing.to_json()
    if is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: plain(getattr(thing, f.name)) for f in fields(thing)}
    if isinstance(thing, dict):
        return {str(key): plain(item) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(item) for item in thing]
    if isinstance(thing, float):
        return thing if math.isfinite(thing) else None
    return thing


@dataclass(frozen=True)
class CommitmentOdds:
    """One commitment, over all simulated periods.

    metric          the name it has in the scenario; title tells two commitments over one metric apart
    formula         what is divided by what, in words
    target          share, or ms; after any ramp
    critical        False: reported only
    chance          that a measured period meets the target, with its range
    chance_low      and chance_high: what is certain of it, one-sided, at the confidence asked for
    chance_alone    the same chance with no input error (volume, AHT, attendance); None when there is none to leave out
    measured        share of the periods that are measured at all
    value           all contacts of all periods together
    one_in_20       the value that one period in 20 does not reach (on the bad side)
    intervals_met   share of the intervals whose own value reaches the target (or interval_target); None for a time
    worst_hour      local hour with the worst value ("10:00"), and worst_value there
    contacts        what is in the denominator of an average period
    values          a sample of at most 401 period values, sorted: quantiles 0, 1/400, .. 1, for a picture
    """

    title: str
    metric: str
    formula: str
    unit: str
    better: Literal["higher", "lower"]
    period: str
    target: float
    threshold: int | None
    critical: bool
    weight: float
    chance: Estimate
    chance_low: float
    chance_high: float
    chance_alone: float | None
    measured: float
    value: Estimate
    one_in_20: float
    intervals_met: float | None
    worst_hour: str | None
    worst_value: float
    contacts: float
    values: tuple[float, ...]

    @property
    def threshold_s(self) -> float | None:
        return None if self.threshold is None else self.threshold / 1000


@dataclass(frozen=True)
class Money:
    """The money of an average contract period. Never for the client's eyes but for fee, at_risk and credits owed.

    fee              what is charged; at_risk the most that credits can come to (None: no cap)
    expected_credits their mean, with its range; p95: one period in 20 costs at least this; worst: the dearest seen
    chance_of_credits a period costs anything
    expected_bonus   what is earned on top
    cost             paid hours x cost_per_hour; None where the scenario names no cost
    margin           fee + bonus - credits - cost, its mean; margin_p5: one period in 20 leaves no more
    by_commitment    title -> expected credits, after the cap
    credits          quantiles 0, 1/200, .. 1 of a period's credits, for a picture
    """

    currency: str
    fee: float
    at_risk: float | None
    expected_credits: float
    credits_low: float | None
    credits_high: float | None
    credits_p95: float
    credits_worst: float
    chance_of_credits: float
    expected_bonus: float
    paid_hours: float
    cost: float | None
    margin: float | None
    margin_p5: float | None
    by_commitment: dict[str, float]
    credits: tuple[float, ...]


@dataclass(frozen=True)
class ContractOdds:
    """One contract (of one client) over all simulated periods. ``money`` is None for a contract without a price.

    chance  that all critical commitments that were measured are met in a period, together
    """

    name: str
    client: str
    provider: str
    version: str
    period: str
    replications: int
    confidence: float
    required: float
    chance: Estimate
    chance_low: float
    chance_high: float
    chance_alone: float | None
    commitments: tuple[CommitmentOdds, ...]
    money: Money | None

    def commitment(self, title: str) -> CommitmentOdds:
        """By its title. Raises KeyError."""
        for one in self.commitments:
            if one.title == title:
                return one
        raise KeyError(title)


@dataclass(frozen=True)
class MonthOdds:
    """One month of the term: its place (from 1), volume and staffing beside the scenario's, and what comes of it."""

    month: int
    volume: float
    staffing: float
    chance: float
    by_commitment: dict[str, float]
    expected_credits: float | None


@dataclass(frozen=True)
class TermOdds:
    """The whole term. Months share one forecast bias and differ in index, growth, ramp and staffing.

    months, terms    how long, and how many terms were simulated; ``each`` is what one of its months is called
                     ("month", or "day" where the scenario is one day)
    no_miss          title -> chance of no miss in any month; contract_no_miss of all together
    misses           chance of 0, 1, 2, .. months with a miss
    may_terminate    chance that the client gets the right to leave (None: no such clause); `termination` in words
    if_independent   what contract_no_miss would be if the months were independent copies: a wrong number, for contrast
    expected_credits of the term, after earn-back; p95 and worst; None without a price
    revenue, cost, margin  of the whole term
    assumed          sentences: what was taken for granted (same calendar each month, staffing as it is, ..)
    """

    months: int
    terms: int
    each: str
    no_miss: dict[str, Estimate]
    contract_no_miss: Estimate
    contract_no_miss_low: float
    misses: tuple[float, ...]
    may_terminate: float | None
    termination: str
    if_independent: float
    expected_credits: float | None
    credits_p95: float | None
    credits_worst: float | None
    earned_back: float | None
    revenue: float | None
    cost: float | None
    margin: float | None
    by_month: tuple[MonthOdds, ...]
    assumed: tuple[str, ...]
