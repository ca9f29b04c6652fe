"""The term of a contract: its months in a row, which share one forecast bias and differ in all else.

A term is never so many copies of one month. Month k of term r is a replication of its own, with its own days, callers
and volume (index and growth), staffing (hiring, attrition) and targets (ramp, versions); but whoever was too hopeful
about volume or AHT in the first month is so in all of them: the bias of the period is drawn once per term. Credits
go through the ledger: earn-back, future fees, the right to leave. No range is worked out here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from slasim.arrays import Floats
from slasim.clock import format_duration
from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.inputs.doubt import Doubt
from slasim.inputs.sample import Plan
from slasim.outcome import estimates
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.scenario.schema.contract import Class
from slasim.scenario.schema.contract import Term as TermRecord
from slasim.sla.credits import Settled, settle
from slasim.sla.periods import all_met, results_of
from slasim.study import measures
from slasim.study.contracting import covered, paid, periods, wanted
from slasim.study.odds import MonthOdds, TermOdds
from slasim.study.plans import shares_of
from slasim.study.result import Result
from slasim.study.runs import Progress, Run

__all__ = ["Month", "SharedDoubt", "months_of", "term"]

_BATCHES = 23
"""A prime, so that the replications of one month spread over all batches and threads."""
MONTHS = 12
"""Where the contract does not say how long it runs."""


@dataclass(frozen=True)
class SharedDoubt(Doubt):
    """A doubt whose bias of the whole period is shared by ``months`` successive replications: those of one term."""

    months: int = 1

    def _normal(self, seed: int, replication: int, of: str, queue: str, n: int) -> Floats:
        if of.endswith("/bias"):
            replication //= self.months
        return super()._normal(seed, replication, of, queue, n)


@dataclass(frozen=True)
class _MonthRun(Run):
    """Replications of one month of many terms."""

    months: int = 1

    def one(self, plan: Plan, replication: int) -> tuple[Draw, ContactLog]:
        plan = plan.doubting(lambda doubt: _shared(doubt, self.months))
        return super().one(plan, replication)


def _shared(doubt: Doubt, months: int) -> SharedDoubt:
    own = {f.name: getattr(doubt, f.name) for f in fields(Doubt)}
    return SharedDoubt(**own, months=months)


# ------------------------------------------------------------------ how the months differ


@dataclass(frozen=True)
class Month:
    """One month beside the scenario's: factors on volume (of the contract's queues), staffing and speed by group."""

    number: int
    begins: date
    volume: float
    staffing: Mapping[str, float]
    speed: Mapping[str, float]

    @property
    def staffed(self) -> float:
        """Agents beside the scenario's, all groups alike."""
        return float(np.mean(list(self.staffing.values()))) if self.staffing else 1.0


def months_of(scenario: Scenario, agreed: Agreed) -> tuple[Month, ...]:
    """Every month of the term, from the contract's first day (the scenario's, where it names none)."""
    record = agreed.record.term or TermRecord()
    begins = agreed.contract.effective[0] or scenario.start.date()
    growth = 1 + record.growth
    made = []
    for k in range(record.months):
        index = record.monthly_volume[k] if record.monthly_volume else 1.0
        volume = index * growth ** (k / 12)
        start = _later(begins, k)
        if record.monthly_staffing == "follows_volume":
            level = volume
        else:
            level = float(record.monthly_staffing[k]) if record.monthly_staffing else 1.0
        staffing, speed = _hired(scenario, agreed, begins, start, k)
        made.append(Month(k + 1, start, volume, {g: level * s for g, s in staffing.items()}, speed))
    return tuple(made)


def _hired(
    scenario: Scenario, agreed: Agreed, begins: date, start: date, k: int
) -> tuple[dict[str, float], dict[str, float]]:
    """(heads beside today's, mean speed beside a veteran's) of each group in month k, by the hiring plan."""
    staffing = dict.fromkeys(scenario.groups, 1.0)
    speed = dict.fromkeys(scenario.groups, 1.0)
    plan = agreed.record.hiring
    if plan is None:
        return staffing, speed
    stays = 1 - plan.attrition
    heads = {one.group: max(one.fte, 1e-9) for one in scenario.workload().groups}
    first = next(iter(scenario.groups))
    end = _later(begins, k + 1)
    for group, number in heads.items():
        there = work = number * stays**k
        for one in plan.classes:
            if (one.group or first) == group:
                came, done = _of_class(one, start, end, stays)
                there, work = there + came, work + done
        staffing[group] = there / number
        speed[group] = work / there if there > 0 else 1.0
    return staffing, speed


def _of_class(one: Class, start: date, end: date, stays: float) -> tuple[float, float]:
    """(heads, veterans' worth of work) of a class in the days [start, end), on average."""
    days = (end - start).days
    hired = one.date.date()
    heads = work = 0.0
    for at in range(days):
        since = (start + timedelta(at) - hired).days
        if since < 0:
            continue
        left = one.agents * stays ** (since / 30.4375)
        week = since // 7
        factor = one.weekly_aht_factor[week] if week < len(one.weekly_aht_factor) else 1.0
        heads += left
        work += left / factor
    return heads / days, work / days


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    from calendar import monthrange

    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _scenario_of(scenario: Scenario, agreed: Agreed, month: Month) -> Scenario:
    changes: dict[str, Any] = {}
    if not math.isclose(month.volume, 1):
        for name in covered(scenario, agreed):
            changes[f"queues.{name}.volume"] = f"{month.volume - 1:+.6%}"
    for name, group in scenario.groups.items():
        level, speed = month.staffing[name], month.speed[name]
        if not math.isclose(level, 1):
            if group.shifts is None:
                changes[f"groups.{name}.staffing"] = f"{level - 1:+.6%}"
            else:
                for at, shift in enumerate(group.shifts):
                    changes[f"groups.{name}.shifts[{at}].agents"] = round(shift.agents * level)
        if not math.isclose(speed, 1):
            changes[f"groups.{name}.speed"] = {
                queue: round(group.speed_of(queue) * speed, 9) for queue in group.takes
            }
    return scenario.but(changes) if changes else scenario


# ------------------------------------------------------------------ simulated terms


def term(scenario: Scenario, agreed: Agreed, *, terms: int = 200, seed: int = 1, engine: str = "fast",
         executor: int | Executor | None = None, progress: Progress | None = None) -> TermOdds:  # fmt: skip
    """Simulate whole terms of a contract. ``progress(done, total)`` counts months. Raises InputError."""
    months = months_of(scenario, agreed)
    rows: list[list[list[Settled]]] = [[] for _ in range(terms)]
    costs: list[Fraction | None] = []
    base = agreed.forecast
    first = shares_of(scenario)
    for k, month in enumerate(months):
        centre = _scenario_of(scenario, agreed, month)
        here = agreed.on(month.begins)
        if base is not None:
            factor = Fraction(repr(round(month.volume, 9)))
            here = here.with_forecast(
                {name: tuple(v * factor for v in volume) for name, volume in base.items()}
            )
        layout = measures.layout(
            centre, followed=wanted(centre, [here]), batches=_BATCHES, only=True
        )
        run = _MonthRun(centre, seed, layout, engine, first, len(months))
        told = None if progress is None else _part(progress, k, len(months))
        numbers = [r * len(months) + k for r in range(terms)]
        result = Result(centre, seed, engine, run.count(numbers, executor, told))
        for r, one in enumerate(periods(result, here, month=month.number)):
            rows[r].append(list(one.settled))
        number = np.asarray(measures.period_of(centre, here.contract.period), np.int64)
        spent = paid(centre, here, number).cost
        costs.append(None if spent is None else sum(spent, Fraction(0)))
    return _told(scenario, agreed, months, rows, costs)


def _part(progress: Progress, k: int, months: int) -> Progress:
    return lambda done, total: progress(k * total + done, months * total)


def _told(
    scenario: Scenario, agreed: Agreed, months: Sequence[Month], rows: Sequence[Sequence[Sequence[Settled]]],
    costs: Sequence[Fraction | None],
) -> TermOdds:  # fmt: skip
    contract = agreed.contract
    titles = [one.title for one in contract.commitments]
    confidence = scenario.feasibility.confidence
    missed = np.array([[_missed(agreed, month) for month in row] for row in rows], np.int8)
    by_title = {
        title: np.array([[_missed_title(month, title) for month in row] for row in rows], np.int8)
        for title in titles
    }
    priced = contract.price is not None
    ledgers = [settle(contract, [one for month in row for one in month]) for row in rows]
    owed = [float(one.credits) for one in ledgers]
    back = [float(sum((r.earned_back for r in one.rows), Fraction(0))) for one in ledgers]
    revenue = [float(one.revenue) for one in ledgers]
    total = None if None in costs else float(sum(c for c in costs if c is not None))
    together = _never(missed, confidence)
    chances = [_share(missed[:, k]) for k in range(len(months))]
    leaving = contract.termination
    return TermOdds(
        months=len(months),
        terms=len(rows),
        each=_called(scenario),
        no_miss={title: _never(codes, confidence).estimate for title, codes in by_title.items()},
        contract_no_miss=together.estimate,
        contract_no_miss_low=together.sure_low,
        misses=tuple(
            float(((missed == 1).sum(axis=1) == n).mean()) for n in range(len(months) + 1)
        ),
        may_terminate=None
        if leaving is None
        else float(np.mean([one.first_right_to_leave is not None for one in ledgers])),
        termination=""
        if leaving is None
        else f"{leaving.misses} misses within {leaving.within_periods} {contract.period}s",
        if_independent=float(np.prod(chances)),
        expected_credits=float(np.mean(owed)) if priced else None,
        credits_p95=float(np.quantile(owed, 0.95, method="higher")) if priced else None,
        credits_worst=max(owed) if priced else None,
        earned_back=float(np.mean(back)) if priced else None,
        revenue=float(np.mean(revenue)) if priced else None,
        cost=total,
        margin=None if total is None or not priced else float(np.mean(revenue)) - total,
        by_month=tuple(
            MonthOdds(
                month.number, month.volume, month.staffed, chances[k],
                {title: _share(codes[:, k]) for title, codes in by_title.items()},
                float(np.mean([_credits(one, rows, r, k) for r, one in enumerate(ledgers)]))
                if priced
                else None,
            )
            for k, month in enumerate(months)
        ),
        assumed=tuple(_assumed(scenario, agreed)),
    )  # fmt: skip


def _credits(ledger: Any, rows: Sequence[Sequence[Sequence[Settled]]], r: int, k: int) -> float:
    """Credits that month k of term r adds."""
    before = sum(len(month) for month in rows[r][:k])
    return float(sum((ledger.rows[before + i].credit for i in range(len(rows[r][k]))), Fraction(0)))


def _missed(agreed: Agreed, month: Sequence[Settled]) -> int:
    """1 a miss in that month, 0 none, -1 nothing measured."""
    found = [all_met(agreed.contract, one.results) for one in month]
    return 1 if False in found else 0 if True in found else -1


def _missed_title(month: Sequence[Settled], title: str) -> int:
    found = {one.status for period in month for one in results_of(period.results, title)}
    return 1 if "missed" in found else 0 if "met" in found else -1


def _share(codes: Any) -> float:
    """Months without a miss among those measured."""
    known = codes >= 0
    return float((codes[known] == 0).mean()) if known.any() else math.nan


def _never(codes: Any, confidence: float) -> estimates.Chance:
    """The chance of no miss in a whole term, in which anything was measured."""
    measured = (codes >= 0).any(axis=1)
    clean = ~(codes == 1).any(axis=1)
    return estimates.chance_of(clean[:, None], measured[:, None], confidence=confidence)


def _called(scenario: Scenario) -> str:
    days = scenario.horizon / 86_400_000
    if 0.9 <= days <= 1.1:
        return "day"
    if 6.9 <= days <= 7.1:
        return "week"
    return "month" if 27.9 <= days <= 31.1 else "period"


def _assumed(scenario: Scenario, agreed: Agreed) -> list[str]:
    record, said = agreed.record.term, []
    each = _called(scenario)
    if each != "month":
        whole = format_duration(scenario.horizon)
        said.append(f"The scenario is {whole} long: the term is so many of them in a row.")
    if record is None:
        said.append(f"No term given: {MONTHS} {each}s.")
    if record is None or not record.monthly_volume:
        said.append("Volume is the same in every month but for growth and error.")
    if (record is None or not record.monthly_staffing) and agreed.record.hiring is None:
        said.append("Staffing is the scenario's in every month.")
    said.append(
        f"Every {each} has the scenario's calendar; the forecast's bias is one for the whole term."
    )
    demand = scenario.demand
    if demand is None or demand.volume is None or not demand.volume.bias_sd:
        said.append(
            "No bias of the volume forecast is given, so months hang together less than they would."
        )
    return said
