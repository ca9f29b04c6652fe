"""What may be promised of the bank's month: the targets certified at growing doubt, and the recommendation's verdict.

The month's number is the recommendation's own (`planner.frontier`, `planner.verdicts`), made on all simulated months
of the promise; `sl.recommend` with the same back-test says the same. Week 4 stands beside it: what weeks 1-3 would have
had us sign for it, and what it really made. This file knows no words.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from slasim.demo.actual import Actual
from slasim.demo.months import PROMISED
from slasim.metrics.ratio import ratio
from slasim.outcome import estimates
from slasim.outcome.tally import Period
from slasim.planner.frontier import alternatives, certified, chance_of_target
from slasim.planner.verdicts import rule
from slasim.planner.words import safe
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed, agreements
from slasim.study import measures
from slasim.study.promised import Held, count, held
from slasim.study.runs import Progress

__all__ = ["Offered", "Promise", "offered", "promise", "simulated", "volume_only"]


@dataclass(frozen=True)
class Offered:
    """Targets met 9 times of 10, certified, at growing doubt, and what really came. None: too few periods to say."""

    periods: int
    volume_only: float | None
    all_doubts: float | None
    own_error: float
    """by how much the model was too kind, as far as known then; never below 0"""
    signable: float | None
    """of all doubts, the model's own error taken off"""
    actual: float

    def missed_by(self, target: float | None) -> float | None:
        """By how much the actual missed such a target; below 0 it held."""
        return None if target is None else target - self.actual


@dataclass(frozen=True)
class Promise:
    """Can the target be promised per month? By simulated months, one value each, and by the real one."""

    target: float
    decision: str
    """the recommendation's verdict on the asked target"""
    months: int
    reached: int
    """of the months with all doubts, those that reach the target"""
    month: Offered
    offer: float | None
    """whole points: what may be signed"""
    offer_chance: float | None
    offer_chance_low: float | None
    """of the months that reach the offer, the model's own error taken off; certified"""
    week_4: Offered
    """made from weeks 1-3 alone"""
    actual_days: int
    """days that reached the target, of ``days``"""
    days: int
    actual_half_hours: float
    """share of the half-hours with calls that reached the target"""


def volume_only(centre: Scenario) -> Scenario:
    """The same where nothing is uncertain but the volume."""
    return centre.but({"demand.aht": {"day_cv": 0}, "demand.attendance": {"day_sd": 0}})


def simulated(centre: Scenario, period: Period, replications: int, seed: int,
              executor: int | Executor | None, progress: Progress | None) -> Held:  # fmt: skip
    """The contract over simulated months, or weeks; its period is that of the scenario's contract."""
    subject = agreed(centre)
    assert subject.contract.period == period
    result = count(
        centre,
        [subject],
        replications=replications,
        seed=seed,
        executor=executor,
        progress=progress,
    )
    return held(result, subject)


def agreed(centre: Scenario) -> Agreed:
    """The contract, with the promised metric alone."""
    (subject,) = agreements(centre)
    return next(one.agreed for one in alternatives(subject) if one.own)


def offered(
    centre: Scenario, volume: Held, doubted: Held, own_error: float, actual: float
) -> Offered:
    """The certified targets of periods with the volume, and with all, uncertain."""
    return Offered(
        periods=doubted.replications,
        volume_only=_certified(centre, volume),
        all_doubts=_certified(centre, doubted),
        own_error=own_error,
        signable=_certified(centre, doubted, own_error),
        actual=actual,
    )


def _certified(centre: Scenario, made: Held, bias: float = 0.0) -> float | None:
    (commitment,) = made.agreed.contract.commitments
    feasible = centre.feasibility
    return certified(
        made.value[commitment.title],
        commitment.side,
        feasible.chance,
        feasible.confidence,
        bias=bias,
    )


def promise(centre: Scenario, doubted: Held, month: Offered, week_4: Offered,
            happened: Actual) -> Promise:  # fmt: skip
    """The verdict on the asked target, the offer instead of it, and the real month beside both."""
    (commitment,) = doubted.agreed.contract.commitments
    target, sure = float(commitment.target), centre.feasibility.confidence
    bias = month.own_error
    asked = chance_of_target(doubted, commitment, target, bias=bias, confidence=sure)
    ruling = rule(
        centre, doubted.agreed.contract.period, asked, float(doubted.volume[commitment.title].mean()),
        bias=bias,
    )  # fmt: skip
    offer = (
        None
        if month.signable is None
        else safe(month.signable, commitment.judged_unit, commitment.side)
    )
    chance = (
        None
        if offer is None
        else chance_of_target(doubted, commitment, offer, bias=bias, confidence=sure)
    )
    above, below = happened.by_interval(measures.ask(centre, PROMISED).measure)
    day = np.asarray(measures.period_of(centre, "day"))
    by_day = ratio(np.bincount(day, above), np.bincount(day, below))
    by_interval = ratio(above, below)
    return Promise(
        target=target,
        decision=ruling.decision,
        months=doubted.replications,
        reached=int(
            estimates.reaches(doubted.value[commitment.title][:, 0], target, "higher").sum()
        ),
        month=month,
        offer=offer,
        offer_chance=None if chance is None else chance.estimate.value,
        offer_chance_low=None if chance is None else chance.sure_low,
        week_4=week_4,
        actual_days=int(estimates.reaches(by_day, target, "higher").sum()),
        days=int((~np.isnan(by_day)).sum()),
        actual_half_hours=float(
            estimates.reaches(by_interval, target, "higher").sum() / (~np.isnan(by_interval)).sum()
        ),
    )
