"""recommend: from a scenario and its contract to what may be signed.

The months simulated, and what each set is for:

    replications        the draft, its thresholds, its clauses: chances, frontier, money (all paired)
    as many, no error   the same with nothing wrong in the inputs: what chance alone would say
    as many, fresh      the package that was chosen on the first, certified on months it has not seen
    terms x months      the term
    paired              each lever, both ways, and each rung of more agents, on the first replications

Nothing chosen among several is certified on the replications that chose it, but by Bonferroni or fresh ones.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from fractions import Fraction

import slasim.planner.words as words
from slasim import registry
from slasim.errors import InputError, Problem, did_you_mean
from slasim.outcome import estimates
from slasim.planner.clauses import Tried, clauses, tried
from slasim.planner.customer import customer
from slasim.planner.frontier import (
    Alternative,
    alternatives,
    backed,
    chance_of_target,
    frontier,
    too_kind,
)
from slasim.planner.next_step import best_under, steps
from slasim.planner.offer import (
    Clause,
    Decision,
    Evidence,
    Gap,
    Lever,
    Point,
    Recommendation,
    Signable,
    Step,
    Way,
)
from slasim.planner.perils import NOT_MODELLED, perils
from slasim.planner.readings import readings
from slasim.planner.sensitivity import doubted, levers, pulls
from slasim.planner.verdicts import Ruling, rule, whole
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed, agreed, agreements
from slasim.scenario.schema import Commitment as CommitmentRecord
from slasim.scenario.schema import Contract as ContractRecord
from slasim.scenario.schema import Metric
from slasim.sla.contract import Commitment, Contract, Tier, exact
from slasim.sla.credits import share_reached
from slasim.study.contracting import asked_of
from slasim.study.odds import ContractOdds, TermOdds
from slasim.study.promised import Held, count, held, odds
from slasim.study.result import Result
from slasim.study.runs import Progress, checked_replications
from slasim.study.summary import USUAL_SHORT_ABANDON, undoubted
from slasim.study.term import MONTHS, term

__all__ = ["recommend"]

LEAST_PAIRED = 100
"""Replications on which levers and rungs are tried, at least (a fifth of all, else)."""


def recommend(scenario: Scenario, *, replications: int = 1000, seed: int = 1, contract: str | None = None,
              budget: float | None = None, executor: int | Executor | None = None,
              progress: Progress | None = None) -> Recommendation:  # fmt: skip
    """What may be signed with this staffing, with which chance, at what price.

    ``contract`` names a client of `contracts`; by default `contract`, else the first. ``budget`` is money a contract
    period for more staffing. ``executor`` is a number of threads, any ``concurrent.futures.Executor``, or None;
    ``progress(done, total)`` counts simulated months. Without a contract it says what could be promised of each
    metric. Raises InputError.
    """
    began = time.perf_counter()
    checked_replications(replications)
    chosen, others = _chosen(scenario, contract)
    free = chosen is None
    subject = _free(scenario) if chosen is None else chosen
    paired = min(replications, max(LEAST_PAIRED, replications // 5))
    stages = _Stages(progress, _planned(scenario, subject, free, replications, paired))
    listed = alternatives(subject)
    asked_for = [] if free else tried(scenario, subject)
    result = count(
        scenario, _all(subject, others, listed, asked_for), replications=replications, seed=seed,
        executor=executor, progress=stages.next(replications),
    )  # fmt: skip
    made = held(result, subject)
    points, at = frontier(result, listed)
    evidence = _evidence(scenario)
    if free:
        rows = _rows(result, subject, made, listed, points, at, {}, (), None, asked=False)
        return _put(
            scenario, subject, result, paired, 0, None, rows, None, None, None, (), None, points, (),
            (), (), (), None, (), (), evidence, began,
        )  # fmt: skip
    alone = None
    if scenario.demand is not None:
        exact_inputs = scenario.but({"demand": None})
        here = subject.rebound(exact_inputs)
        bare = count(
            exact_inputs, [here], replications=replications, seed=seed, only=True, executor=executor,
            progress=stages.next(replications),
        )  # fmt: skip
        alone = held(bare, here)
        del bare
    said = odds(result, made, alone)
    worth = clauses(result, subject, made, asked_for)
    moved = levers(
        scenario, subject, made, pulls(scenario, subject), replications=paired, seed=seed,
        executor=executor, progress=stages.next(paired * 10),
    )  # fmt: skip
    lasting = term(
        scenario, subject, terms=max(paired, 1), seed=seed, executor=executor,
        progress=stages.next(paired * _months(subject)),
    )  # fmt: skip
    rulings = {
        one.title: _ruled(scenario, one, said, made, worth, moved)
        for one in subject.contract.commitments
    }
    rows = _rows(
        result, subject, made, listed, points, at, rulings, said.commitments, lasting, asked=True
    )
    decision = whole(
        rulings[one.title].decision for one in subject.contract.commitments if one.critical
    )
    weakest = _weakest(subject, said)
    rungs: tuple[Step, ...] = ()
    if weakest is not None:
        rungs = steps(
            result, subject, weakest, paired=paired, fresh=replications, executor=executor,
            progress=stages.next(paired * 7 + replications),
        )  # fmt: skip
    package, package_odds, fresh = _package(
        result, subject, rows, rulings, decision, executor, stages.next(replications)
    )
    ways = _ways(result, subject, rows, rulings, at, worth, rungs, package)
    targets_now = {row.title: row.target for row in rows if row.own}
    bought = None if budget is None else best_under(budget, rungs, targets_now)
    gaps = _gaps(subject, said, rungs)
    hidden = perils(result, subject, said, lasting, moved, worth)
    beside = tuple(odds(result, held(result, one)) for one in others)
    stages.done()
    return _put(
        scenario, subject, result, paired, fresh, decision, rows, said, package, package_odds, beside,
        lasting, points, ways, worth, moved, rungs, bought, gaps, hidden, evidence, began,
    )  # fmt: skip


# ------------------------------------------------------------------ which contract, which months


def _chosen(scenario: Scenario, name: str | None) -> tuple[Agreed | None, list[Agreed]]:
    """The contract to be recommended on, and those of the other clients."""
    found = list(agreements(scenario))
    if name is not None:
        known = [one.name or "contract" for one in found]
        if name not in known:
            raise InputError(
                [
                    Problem(
                        f"no contract is called {name!r}",
                        did_you_mean(name, known, what="Contracts"),
                    )
                ]
            )
        first = found[known.index(name)]
    elif not found:
        return None, []
    else:
        first = found[0]
    return first, [one for one in found if one is not first]


def _free(scenario: Scenario) -> Agreed:
    """A contract that promises nothing yet: every metric of the scenario, or a service level."""
    names = [name for name, one in scenario.metrics.items() if isinstance(one, Metric)]
    promised = [
        CommitmentRecord(metric=name, target=0.0, inline=None, name=None) for name in names
    ] or [CommitmentRecord(inline=Metric(type="service_level", threshold="20s"), target=0.0)]  # type: ignore[arg-type]
    record = ContractRecord(commitments=tuple(promised))
    return agreed(scenario, "", ("contract",), record)


def _all(
    subject: Agreed, others: Iterable[Agreed], listed: Iterable[Alternative], asked: Iterable[Tried]
) -> list[Agreed]:
    """Every contract that must be judged from one set of replications."""
    found = [subject, *others, *(one.agreed for one in listed)]
    for one in asked:
        found.append(one.without)
        if one.contract is not None:
            found.append(one.contract)
    return found


def _months(subject: Agreed) -> int:
    record = subject.record.term
    return MONTHS if record is None else record.months


def _planned(
    scenario: Scenario, subject: Agreed, free: bool, replications: int, paired: int
) -> int:
    if free:
        return replications
    alone = replications if scenario.demand is not None else 0
    return 3 * replications + alone + paired * (17 + _months(subject))


class _Stages:
    """One progress for several studies, counted in simulated months."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._before = progress, total, 0

    def next(self, size: int) -> Progress | None:
        before, self._before = self._before, self._before + size
        told = self._progress
        if told is None:
            return None
        return lambda done, total: told(before + done * size // max(total, 1), self._total)

    def done(self) -> None:
        if self._progress is not None:
            self._progress(self._total, self._total)


# ------------------------------------------------------------------ one row per metric and threshold


def _ruled(
    scenario: Scenario,
    commitment: Commitment,
    said: ContractOdds,
    made: Held,
    worth: Sequence[Clause],
    moved: Sequence[Lever],
) -> Ruling:
    title = commitment.title
    one = said.commitment(title)
    return rule(
        scenario, one.period, _asked_chance(scenario, commitment, made), one.contacts,
        [clause for clause in worth if clause.title == title],
        [lever for lever in moved if lever.title == title],
        too_kind(scenario, commitment), commitment.judged_unit, backed(scenario, commitment),
    )  # fmt: skip


def _asked_chance(scenario: Scenario, commitment: Commitment, made: Held) -> estimates.Chance:
    bias, sure = too_kind(scenario, commitment), scenario.feasibility.confidence
    if not bias:
        return made.chance(commitment.title, confidence=sure)
    return chance_of_target(made, commitment, float(commitment.target), bias=bias, confidence=sure)


def _rows(
    result: Result,
    subject: Agreed,
    made: Held,
    listed: Sequence[Alternative],
    points: Sequence[Point],
    at: Mapping[tuple[str, int | None], Held],
    rulings: Mapping[str, Ruling],
    told: Sequence[object],
    lasting: TermOdds | None,
    *,
    asked: bool,
) -> tuple[Signable, ...]:
    scenario = result.scenario
    feasible = scenario.feasibility
    alone = {one.title: one.chance_alone for one in told}  # type: ignore[attr-defined]
    rows = []
    for one in listed:
        commitment, title = one.commitment, one.commitment.title
        here = at[title, one.threshold]
        point = next(
            p for p in points
            if p.title == title and p.wished == feasible.chance
            and p.threshold_s == (None if one.threshold is None else one.threshold / 1000)
        )  # fmt: skip
        bias = too_kind(scenario, commitment)
        sure = (
            None
            if point.target is None
            else chance_of_target(
                here, commitment, point.target, bias=bias, confidence=feasible.confidence
            )
        )
        found = _asked_chance(scenario, commitment, made if one.own else here)
        ruling = None
        if asked:
            ruling = rulings[title] if one.own else rule(
                scenario, commitment.period or subject.contract.period, found,
                float(here.volume[title].mean()), bias=bias, unit=commitment.judged_unit,
                backed=backed(scenario, commitment),
            )  # fmt: skip
        measure = asked_of(scenario, one.agreed, commitment).measure
        rows.append(
            Signable(
                metric=commitment.metric or title,
                title=title,
                threshold_s=point.threshold_s,
                own=one.own,
                formula=measure.text,
                unit=commitment.judged_unit,
                better=commitment.side,
                period=commitment.period or subject.contract.period,
                target=point.target,
                chance=None if sure is None else sure.estimate.value,
                chance_low=None if sure is None else sure.sure_low,
                target_among=point.target_among,
                mean=point.mean,
                asked=float(subject.contract.target(commitment, subject.month)) if asked else None,
                asked_chance=found.estimate.value if asked else None,
                asked_chance_low=found.sure_low if asked else None,
                asked_chance_high=found.sure_high if asked else None,
                asked_chance_alone=alone.get(title) if asked and one.own else None,
                verdict=None if ruling is None else ruling.decision,
                clause=None if ruling is None else ruling.clause,
                no_miss=None if lasting is None or not one.own else lasting.no_miss[title].value,
                reasons=() if ruling is None else ruling.reasons,
            )
        )
    return tuple(rows)


def _weakest(subject: Agreed, said: ContractOdds) -> Commitment | None:
    """The critical commitment with the smallest chance."""
    critical = [
        one for one in said.commitments if one.critical and one.chance.value == one.chance.value
    ]
    if not critical:
        return None
    return subject.contract.commitment(min(critical, key=lambda one: one.chance.value).title)


# ------------------------------------------------------------------ the package


def _package(
    result: Result,
    subject: Agreed,
    rows: Sequence[Signable],
    rulings: Mapping[str, Ruling],
    decision: Decision | None,
    executor: int | Executor | None,
    progress: Progress | None,
) -> tuple[Way | None, ContractOdds | None, int]:
    """What we would offer instead, its contract as a whole, and on how many fresh replications that is certified."""
    if decision in (None, "commit"):
        return None, None, 0
    scenario = result.scenario
    changed: list[Commitment] = []
    said: list[str] = []
    for commitment in subject.contract.commitments:
        row = next(one for one in rows if one.title == commitment.title and one.own)
        ruling = rulings[commitment.title]
        if ruling.decision in ("commit", "commit with clause") or row.target_among is None:
            changed.append(commitment)
            continue
        target = words.safe(row.target_among, row.unit, row.better)
        changed.append(with_target(commitment, exact(round(target, 9))))
        asked = words.short(row.asked or 0.0, row.threshold_s, row.unit)
        said.append(f"{words.short(target, row.threshold_s, row.unit)} instead of {asked}")
    contract = replace(subject.contract, commitments=tuple(changed), ramp={})
    offer = subject.with_contract(contract)
    relief = any(one.clause and "relief" in one.clause for one in rulings.values())
    if relief:
        offer, words_of_relief = _relieved(scenario, offer)
        said.append(words_of_relief)
    if not said:
        return None, None, 0
    fresh = result.replications
    counted = count(
        scenario, [offer], replications=fresh, seed=result.seed, first=fresh, executor=executor,
        progress=progress,
    )  # fmt: skip
    certified_ = held(counted, offer)
    whole_ = odds(counted, certified_)
    way = Way(
        "", "", "package", " and ".join(said), None, None, whole_.chance.value, whole_.chance_low, 0.0, 0.0,
        whole_.chance_low >= scenario.feasibility.chance, "fresh",
    )  # fmt: skip
    return way, whole_, fresh


def _relieved(scenario: Scenario, offer: Agreed) -> tuple[Agreed, str]:
    """The same contract with forecast relief by interval."""
    for one in tried(scenario, offer):
        if one.name == "forecast_relief" and one.contract is not None:
            return one.contract, one.words
    return offer, ""


def with_target(commitment: Commitment, target: Fraction) -> Commitment:
    """The commitment at another target; its tiers begin there, at what the draft charges just beyond."""
    if not commitment.tiers:
        return replace(commitment, target=target, bonus=())
    higher = commitment.side == "higher"
    beyond = target - Fraction(1, 10**9) if higher else target + Fraction(1, 10**9)
    first = share_reached(commitment.tiers, beyond)
    if higher:
        rest = [t for t in commitment.tiers if t.below is not None and t.below < target]
        begin = Tier(first, below=target)
    else:
        rest = [t for t in commitment.tiers if t.above is not None and t.above > target]
        begin = Tier(first, above=target)
    return replace(commitment, target=target, tiers=(begin, *rest), bonus=())


# ------------------------------------------------------------------ ways, gaps


def _ways(
    result: Result,
    subject: Agreed,
    rows: Sequence[Signable],
    rulings: Mapping[str, Ruling],
    at: Mapping[tuple[str, int | None], Held],
    worth: Sequence[Clause],
    rungs: Sequence[Step],
    package: Way | None,
) -> tuple[Way, ...]:
    """What we could sign for each commitment that cannot be signed as asked; then the package."""
    scenario = result.scenario
    found: list[Way] = []
    for commitment in subject.contract.commitments:
        title = commitment.title
        if not commitment.critical:
            continue
        mine = [row for row in rows if row.title == title]
        if (mine[0].asked_chance_low or 0.0) >= scenario.feasibility.chance:
            continue
        made: list[Way] = [
            *_by_target(scenario, commitment, mine, at),
            *_by_threshold(scenario, commitment, mine, at),
            *_by_staffing(commitment, mine[0], rungs),
            *_by_clauses(scenario, commitment, mine[0], worth),
        ]
        found += [
            replace(way, letter=chr(ord("a") + number % 26)) for number, way in enumerate(made)
        ]
    return (*found, *([package] if package is not None else []))


def _by_target(
    scenario: Scenario, commitment: Commitment, mine: Sequence[Signable],
    at: Mapping[tuple[str, int | None], Held],
) -> list[Way]:  # fmt: skip
    row = mine[0]
    if row.target_among is None or row.verdict == "commit with clause":
        return []
    target = words.safe(row.target_among, row.unit, row.better)
    threshold = None if row.threshold_s is None else round(row.threshold_s * 1000)
    sure = chance_of_target(
        at[row.title, threshold], commitment, target, bias=too_kind(scenario, commitment),
        confidence=_among(scenario, len(mine)),
    )  # fmt: skip
    said = words.target_words(target, row.unit, row.better, row.threshold_s)
    return [
        Way("", row.title, "target", said, target, row.threshold_s, sure.estimate.value, sure.sure_low, 0.0, 0.0,
            sure.sure_low >= scenario.feasibility.chance, "these")
    ]  # fmt: skip


def _among(scenario: Scenario, choices: int) -> float:
    return 1 - (1 - scenario.feasibility.confidence) / max(choices, 1)


def _by_threshold(
    scenario: Scenario, commitment: Commitment, mine: Sequence[Signable],
    at: Mapping[tuple[str, int | None], Held],
) -> list[Way]:  # fmt: skip
    """The shortest longer threshold at which the asked target can be signed."""
    own = mine[0].threshold_s
    longer = sorted(
        (
            row
            for row in mine[1:]
            if own is not None and row.threshold_s is not None and row.threshold_s > own
        ),
        key=lambda row: row.threshold_s or 0.0,
    )
    for row in longer:
        sure = chance_of_target(
            at[row.title, round((row.threshold_s or 0.0) * 1000)], commitment, row.asked or 0.0,
            bias=too_kind(scenario, commitment), confidence=_among(scenario, len(mine)),
        )  # fmt: skip
        if sure.sure_low >= scenario.feasibility.chance:
            said = words.target_words(row.asked or 0.0, row.unit, row.better, row.threshold_s)
            return [
                Way("", row.title, "threshold", said, row.asked, row.threshold_s, sure.estimate.value,
                    sure.sure_low, 0.0, 0.0, True, "these")
            ]  # fmt: skip
    return []


def _by_staffing(commitment: Commitment, row: Signable, rungs: Sequence[Step]) -> list[Way]:
    if row.asked is None or not rungs:
        return []
    step = next((one for one in rungs if one.enough), rungs[-1])
    said = words.target_words(row.asked, row.unit, row.better, row.threshold_s)
    agents = "agent" if step.agents == 1 else "agents"
    said = f"{said}, +{step.agents} {agents} {step.when}"
    return [
        Way("", row.title, "staffing", said, row.asked, row.threshold_s, step.by_commitment[commitment.title],
            step.low_by_commitment[commitment.title], step.cost, step.paid_hours, step.enough,
            "fresh" if step.enough else "these")
    ]  # fmt: skip


def _by_clauses(
    scenario: Scenario, commitment: Commitment, row: Signable, worth: Sequence[Clause]
) -> list[Way]:
    """The one clause that is worth most."""
    mine = [
        one for one in worth
        if one.title == commitment.title and one.valued and one.chance is not None and one.sign > 0
        and "in the draft" not in one.words and one.chance_low is not None
    ]  # fmt: skip
    if not mine or row.asked is None:
        return []
    best = max(mine, key=lambda one: one.chance or 0.0)
    said = words.target_words(row.asked, row.unit, row.better, row.threshold_s)
    return [
        Way("", row.title, "clauses", f"{said}, {best.words}", row.asked, row.threshold_s, best.chance or 0.0,
            best.chance_low or 0.0, 0.0, 0.0, best.enough, "these")
    ]  # fmt: skip


def _gaps(subject: Agreed, said: ContractOdds, rungs: Sequence[Step]) -> tuple[Gap, ...]:
    """Current against required, by commitment."""
    enough = next((one for one in rungs if one.enough), None)
    hours = 0.0 if said.money is None else said.money.paid_hours
    found = []
    for one in said.commitments:
        short = one.chance_low < said.required
        found.append(
            Gap(
                one.title, one.target, one.value.value, one.chance.value, said.required, hours,
                0.0 if not short else None if enough is None else enough.paid_hours,
                0.0 if not short else None if enough is None else enough.cost,
            )
        )  # fmt: skip
    return tuple(found)


# ------------------------------------------------------------------ what it stands on


def _evidence(scenario: Scenario) -> Evidence:
    assumed = tuple(scenario.assumed())
    demand, tested = scenario.demand, scenario.feasibility.back_test
    measured = None if demand is None or demand.from_ is None else demand.from_.file
    return Evidence(
        certain=undoubted(assumed),
        assumed=tuple((one.path, one.value, one.sentence) for one in assumed),
        demand=doubted(scenario),
        measured_from=measured,
        typed=() if measured is None else _typed(scenario),
        lock_days=None if demand is None or demand.from_ is None else demand.from_.lock_days,
        back_test=None if tested is None else dict(tested.too_kind),
        weeks=None if tested is None else tested.weeks,
        not_modelled=NOT_MODELLED,
    )


def _typed(scenario: Scenario) -> tuple[str, ...]:
    """Doubts that the file states beside those that are measured: they go before what was measured."""
    given = scenario.to_json()["demand"]
    return tuple(name for name in ("volume", "aht", "attendance") if given.get(name))


def _formulas(result: Result, subject: Agreed) -> dict[str, dict[str, float]]:
    """Each service level promised, by every formula, all contacts together."""
    found: dict[str, dict[str, float]] = {}
    for commitment in subject.contract.commitments:
        asked = asked_of(result.scenario, subject, commitment)
        measure = asked.measure
        if not hasattr(measure, "formula") or not hasattr(measure, "threshold"):
            continue
        short = getattr(measure, "short_abandon", None) or USUAL_SHORT_ABANDON
        values = {}
        for name in registry.names("service_level"):
            try:
                values[name] = result.estimate(
                    "service_level", queue=asked.queues, threshold=measure.thresholds[0], formula=name,
                    short_abandon=short,
                ).value  # fmt: skip
            except InputError:  # a formula of somebody else that needs more than a threshold
                continue
        found[commitment.title] = values
    return found


def fingerprint(scenario: Scenario) -> str:
    """A short hash of what the scenario says, to tell two apart."""
    text = json.dumps(scenario.to_json(), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _put(
    scenario: Scenario,
    subject: Agreed,
    result: Result,
    paired: int,
    fresh: int,
    decision: Decision | None,
    rows: tuple[Signable, ...],
    said: ContractOdds | None,
    package: Way | None,
    package_odds: ContractOdds | None,
    beside: tuple[ContractOdds, ...],
    lasting: TermOdds | None,
    points: Sequence[Point],
    ways: tuple[Way, ...],
    worth: tuple[Clause, ...],
    moved: tuple[Lever, ...],
    rungs: tuple[Step, ...],
    bought: object,
    gaps: tuple[Gap, ...],
    hidden: Sequence[object],
    evidence: Evidence,
    began: float,
) -> Recommendation:
    contract: Contract = subject.contract
    own = [row for row in rows if row.own]
    return Recommendation(
        scenario=scenario.name,
        currency=scenario.currency,
        period=contract.period,
        version=contract.version,
        seed=result.seed,
        replications=result.replications,
        paired=paired,
        fresh=fresh,
        seconds=time.perf_counter() - began,
        fingerprint=fingerprint(scenario),
        decision=decision,
        answer=words.answer(decision, own, said, package),
        recommendations=rows,
        odds=said,
        package=package,
        package_odds=package_odds,
        others=beside,
        term=lasting,
        frontier=tuple(points),
        ways=ways,
        clauses=worth,
        levers=moved,
        steps=rungs,
        budget=bought,  # type: ignore[arg-type]
        gaps=gaps,
        perils=tuple(hidden),  # type: ignore[arg-type]
        evidence=evidence,
        formulas=_formulas(result, subject),
        negotiator=words.negotiator(
            own, package, worth, rungs, contract.period, scenario.feasibility.chance
        ),
        readings=readings(scenario, subject),
        customer=customer(result, subject),
    )
