"""A contract held against many simulated periods: which were met, what they cost, and with which chance.

    made = held(result, agreed)      every period judged and priced exactly, then kept as arrays
    odds(result, made)               -> ContractOdds: chances with what is certain of them, expected and bad-case money

Several contracts are held against one result, so they (and two drafts of one) are paired replication by replication.
The arithmetic of a period has its home in `sla/`; ranges have theirs in `outcome/estimates.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from slasim.arrays import Floats, NDArray
from slasim.outcome import estimates
from slasim.outcome.tally import Period
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.sla.contract import Commitment
from slasim.sla.credits import period_credits
from slasim.sla.periods import all_met
from slasim.study import measures
from slasim.study.contracting import asked_of, paid, periods, wanted
from slasim.study.measures import Asked, Promise
from slasim.study.odds import CommitmentOdds, ContractOdds, Money
from slasim.study.result import Result
from slasim.study.runs import Progress, Run, checked_replications
from slasim.study.simulating import kept
from slasim.study.summary import worst_hour

__all__ = ["MET", "MISSED", "NOT_MEASURED", "Held", "count", "held", "odds", "promise_of"]

Codes = NDArray[np.int8]

MISSED, MET, NOT_MEASURED = 0, 1, -1
_CODE = {"missed": MISSED, "met": MET, "not_measured": NOT_MEASURED}

_FEW_BATCHES = 16
"""Where nothing is told by batch they only share the work; more would be memory that is touched once."""
_QUANTILES = 401
_CREDIT_QUANTILES = 201


def count(scenario: Scenario, agreed: Sequence[Agreed], *, replications: int, seed: int = 1,
          first: int = 0, followed: Sequence[tuple[Asked, Period]] = (), only: bool = False,
          engine: str = "fast", executor: int | Executor | None = None,
          progress: Progress | None = None) -> Result:  # fmt: skip
    """Simulate replications ``first``, .. and keep all that these contracts need.

    ``followed`` are metrics to keep period by period besides. ``only``: what `held` reads and nothing else is counted,
    for replications of which nothing else is asked. Arguments else as in ``simulate``.
    """
    numbers = range(first, first + checked_replications(replications))
    layout = measures.layout(
        scenario, followed=[*wanted(scenario, agreed), *followed], only=only,
        batches=_FEW_BATCHES if only else 0,
    )  # fmt: skip
    tally = Run(scenario, seed, layout, engine).count(numbers, executor, progress)
    return Result(scenario, seed, engine, tally, threads=kept(executor))


@dataclass(frozen=True, eq=False)
class Held:
    """A contract's periods over R replications: P of the contract, and each commitment's own.

    status    title -> (R, own periods) MET, MISSED, NOT_MEASURED
    value     title -> (R, own periods) what the contract compares; nan where not measured
    volume    title -> (R, own periods) what was measured
    met       (R, P) all critical commitments that were measured; NOT_MEASURED where none was
    credits, bonus, fee   (R, P) of the contract period, after caps
    shares    title -> (R, P) the commitment's part of the credits
    worst     the dearest period's credits, exact
    """

    agreed: Agreed
    status: Mapping[str, Codes]
    value: Mapping[str, Floats]
    volume: Mapping[str, Floats]
    met: Codes
    credits: Floats
    bonus: Floats
    fee: Floats
    at_risk: Floats
    shares: Mapping[str, Floats]
    worst: Fraction

    @property
    def replications(self) -> int:
        return int(self.met.shape[0])

    def first(self, replications: int) -> Held:
        """The same over the first replications, to be paired with another."""
        if replications >= self.replications:
            return self

        def rows(part: Mapping[str, Any]) -> dict[str, Any]:
            return {title: found[:replications] for title, found in part.items()}

        n = replications
        return replace(
            self, status=rows(self.status), value=rows(self.value), volume=rows(self.volume),
            met=self.met[:n], credits=self.credits[:n], bonus=self.bonus[:n], fee=self.fee[:n],
            at_risk=self.at_risk[:n], shares=rows(self.shares),
        )  # fmt: skip

    def chance(self, title: str | None = None, *, level: float = 0.95,
               confidence: float = 0.95) -> estimates.Chance:  # fmt: skip
        """That a measured period meets a commitment (None: all critical ones together)."""
        codes = self.met if title is None else self.status[title]
        return estimates.chance_of(
            codes == MET, codes != NOT_MEASURED, level=level, confidence=confidence
        )

    def chance_at(self, title: str, target: float, better: str, *, level: float = 0.95,
                  confidence: float = 0.95) -> estimates.Chance:  # fmt: skip
        """That a measured period of it would meet another target."""
        values = self.value[title]
        met = estimates.reaches(values, target, "higher" if better == "higher" else "lower")
        return estimates.chance_of(met, ~np.isnan(values), level=level, confidence=confidence)


def held(result: Result, agreed: Agreed, *, month: int | None = None) -> Held:
    """Every period of every replication, judged and priced by the contract's own words.

    ``month`` is the contract month of the first period; None takes the scenario's.
    """
    contract = agreed.contract
    titles = [one.title for one in contract.commitments]
    status: dict[str, list[list[int]]] = {title: [] for title in titles}
    value: dict[str, list[list[float]]] = {title: [] for title in titles}
    volume: dict[str, list[list[int]]] = {title: [] for title in titles}
    shares: dict[str, list[list[float]]] = {title: [] for title in titles}
    met: list[list[int]] = []
    money: dict[str, list[list[float]]] = {
        name: [] for name in ("credits", "bonus", "fee", "at_risk")
    }
    worst = Fraction(0)
    priced = contract.price is not None
    for one in periods(result, agreed, month=month):
        for title in titles:
            found = one.results[title]
            status[title].append([_CODE[r.status] for r in found])
            value[title].append(
                [float("nan") if r.compared is None else float(r.compared) for r in found]
            )
            volume[title].append([r.denominator for r in found])
        met.append([_together(all_met(contract, period.results)) for period in one.settled])
        if not priced:
            continue
        owed = [
            period_credits(contract, period.results, period.charges, month=period.month)
            for period in one.settled
        ]
        worst = max(worst, *(own.total for own in owed))
        money["credits"].append([float(own.total) for own in owed])
        money["bonus"].append([float(own.bonus) for own in owed])
        money["fee"].append([float(period.charges.fee) for period in one.settled])
        money["at_risk"].append(
            [float("nan") if own.at_risk is None else float(own.at_risk) for own in owed]
        )
        for title in titles:
            shares[title].append([float(own.paid(title)) for own in owed])
    made = {name: np.array(rows, np.float64) for name, rows in money.items()}
    return Held(
        agreed,
        {title: np.array(rows, np.int8) for title, rows in status.items()},
        {title: np.array(rows, np.float64) for title, rows in value.items()},
        {title: np.array(rows, np.float64) for title, rows in volume.items()},
        np.array(met, np.int8),
        made["credits"], made["bonus"], made["fee"], made["at_risk"],
        {title: np.array(rows, np.float64) for title, rows in shares.items()},
        worst,
    )  # fmt: skip


def _together(met: bool | None) -> int:
    return NOT_MEASURED if met is None else MET if met else MISSED


# ------------------------------------------------------------------ what is said of it


def odds(result: Result, made: Held, alone: Held | None = None) -> ContractOdds:
    """Chances and money of a contract; ``alone`` is the same held where nothing is wrong with the inputs."""
    scenario, contract = result.scenario, made.agreed.contract
    confidence, level = scenario.feasibility.confidence, result.level
    together = made.chance(level=level, confidence=confidence)
    return ContractOdds(
        name=made.agreed.title,
        client=contract.parties.client,
        provider=contract.parties.provider,
        version=contract.version,
        period=contract.period,
        replications=made.replications,
        confidence=confidence,
        required=scenario.feasibility.chance,
        chance=together.estimate,
        chance_low=together.sure_low,
        chance_high=together.sure_high,
        chance_alone=None if alone is None else alone.chance().estimate.value,
        commitments=tuple(_commitment(result, made, one, alone) for one in contract.commitments),
        money=None if contract.price is None else _money(result, made),
    )


def promise_of(scenario: Scenario, agreed: Agreed, commitment: Commitment) -> Promise:
    """The commitment as `measures` knows it."""
    goal = commitment.interval_target
    return Promise(
        asked_of(scenario, agreed, commitment), float(agreed.contract.target(commitment, agreed.month)),
        commitment.better, commitment.period or agreed.contract.period,
        None if goal is None else float(goal),
    )  # fmt: skip


def _commitment(
    result: Result, made: Held, commitment: Commitment, alone: Held | None
) -> CommitmentOdds:
    scenario, title = result.scenario, commitment.title
    promise = promise_of(scenario, made.agreed, commitment)
    asked, measure = promise.asked, promise.asked.measure
    found = made.chance(title, level=result.level, confidence=scenario.feasibility.confidence)
    values, codes = made.value[title], made.status[title]
    known = np.sort(values[~np.isnan(values)])
    inside = None
    if measure.unit == "share" and measure.over == "contacts":
        goal = promise.target if promise.interval_target is None else promise.interval_target
        inside = result.intervals_met(promise, goal).value
    hour, at_worst = (None, float("nan"))
    if measure.over == "contacts":
        hour, at_worst = worst_hour(result, asked)
    higher = commitment.side == "higher"
    return CommitmentOdds(
        title=title,
        metric=commitment.metric or title,
        formula=measure.text,
        unit=commitment.judged_unit,
        better=commitment.side,
        period=promise.period,
        target=promise.target,
        threshold=getattr(measure, "threshold", None),
        critical=commitment.critical,
        weight=float(commitment.weight),
        chance=found.estimate,
        chance_low=found.sure_low,
        chance_high=found.sure_high,
        chance_alone=None if alone is None else alone.chance(title).estimate.value,
        measured=float((codes != NOT_MEASURED).mean()),
        value=_value(result, made, promise, commitment),
        one_in_20=float(np.quantile(known, 0.05 if higher else 0.95))
        if known.size
        else float("nan"),
        intervals_met=inside,
        worst_hour=hour,
        worst_value=at_worst,
        contacts=float(made.volume[title][codes != NOT_MEASURED].mean())
        if (codes != NOT_MEASURED).any()
        else 0.0,
        values=_quantiles(known, _QUANTILES),
    )


def _value(
    result: Result, made: Held, promise: Promise, commitment: Commitment
) -> estimates.Estimate:
    """All contacts together; where periods are put together of intervals, the average period."""
    if commitment.aggregate == "weighted":
        above, below = result.parts(promise.asked)
        return result._pooled(promise.asked, above, below)
    values = made.value[commitment.title]
    return estimates.per_period(
        np.where(np.isnan(values), 0.0, values), ~np.isnan(values), level=result.level,
        unit=commitment.judged_unit, metric=promise.asked.measure.text,
    )  # fmt: skip


def _quantiles(known: Floats, count: int) -> tuple[float, ...]:
    if not known.size:
        return ()
    if known.size <= count:
        return tuple(known.tolist())
    return tuple(np.quantile(known, np.linspace(0, 1, count)).tolist())


def _money(result: Result, made: Held) -> Money:
    scenario, agreed = result.scenario, made.agreed
    number = np.asarray(measures.period_of(scenario, agreed.contract.period), np.int64)
    spent = paid(scenario, agreed, number)
    credits_, level = made.credits, result.level
    each = credits_.mean(axis=1)
    mean = estimates.per_period(
        each[:, None], np.ones((each.size, 1)), level=level, share=False, unit="number"
    )
    cost = None if spent.cost is None else np.array([float(c) for c in spent.cost])
    left = None if cost is None else made.fee + made.bonus - credits_ - cost[None, :]
    capped = made.at_risk[~np.isnan(made.at_risk)]
    flat = np.sort(credits_.ravel())
    return Money(
        currency=scenario.currency,
        fee=float(made.fee.mean()),
        at_risk=float(capped.mean()) if capped.size else None,
        expected_credits=float(credits_.mean()),
        credits_low=mean.low,
        credits_high=mean.high,
        credits_p95=_at_least_in_20(flat),
        credits_worst=float(made.worst),
        chance_of_credits=float((flat > 0).mean()),
        expected_bonus=float(made.bonus.mean()),
        paid_hours=float(np.mean(spent.hours)),
        cost=None if cost is None else float(cost.mean()),
        margin=None if left is None else float(left.mean()),
        margin_p5=None if left is None else float(np.quantile(left, 0.05, method="lower")),
        by_commitment={title: float(part.mean()) for title, part in made.shares.items()},
        credits=_quantiles(flat, _CREDIT_QUANTILES),
    )


def _at_least_in_20(flat: Floats) -> float:
    """One period in 20 costs at least this: the 95th percentile, an amount that was seen."""
    return float(np.quantile(flat, 0.95, method="higher")) if flat.size else 0.0
