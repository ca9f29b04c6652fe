"""The price of the next step up: a simple search for the fewest more agents that meet the contract as asked.

Agents are added, one rung after another, to the group that works most for the weakest commitment: first in the hours
in which it misses its target, else whenever somebody is on duty. Rungs are tried on a part of the replications; the
one that does is certified on fresh ones, for it was chosen. This finds a price, not the best staffing.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Bools, Floats
from slasim.metrics.ratio import ratio
from slasim.planner.frontier import certified, chance_of_target, too_kind
from slasim.planner.offer import Budget, Step
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.sla.contract import Commitment
from slasim.study import measures
from slasim.study.contracting import asked_of
from slasim.study.promised import Held, count, held
from slasim.study.result import Result
from slasim.study.runs import Progress

__all__ = ["Place", "best_under", "place_of", "steps", "with_more"]


HOUR = 3_600_000
MOST_RUNGS = 7


@dataclass(frozen=True, eq=False)
class Place:
    """Where agents are added: to which group, in which intervals (I,), and how that is said."""

    group: str
    inside: Bools
    when: str


def place_of(result: Result, agreed: Agreed, commitment: Commitment) -> Place:
    """The group that takes most of a commitment's queues, and the hours in which the commitment misses its target."""
    scenario = result.scenario
    asked = asked_of(scenario, agreed, commitment)
    takers = {
        name: float((scenario.staffing(name)).sum())
        for name, group in scenario.groups.items()
        if set(group.takes) & set(asked.queues)
    }
    group = max(takers, key=lambda name: takers[name])
    on_duty = scenario.staffing(group) > 0
    minute = np.asarray(scenario.grid.local.minute_of_day)[scenario.grid.warm :]
    hours = minute // 60
    bad = _bad_hours(result, asked, commitment, hours)
    inside = on_duty & np.isin(hours, bad)
    if not inside.any() or len(bad) >= len(np.unique(hours[on_duty])):
        return Place(group, on_duty, "whenever somebody is on duty")
    return Place(group, inside, _said(bad))


def _bad_hours(result: Result, asked: Any, commitment: Commitment, hours: Any) -> list[int]:
    """Hours of the day whose own value misses the target; the three worst when none does."""
    if asked.measure.over != "contacts":
        return []
    above, below = (np.asarray(part).sum(axis=0) for part in result.parts_by_interval(asked))
    numbers = np.unique(hours)
    sums = [np.array([part[hours == h].sum() for h in numbers]) for part in (above, below)]
    value = ratio(*sums)
    goal = float(commitment.interval_target or commitment.target)
    counted = sums[1] >= max(1.0, 0.01 * float(sums[1].sum()))
    worse = value < goal if commitment.better == "higher" else value > goal
    found = [int(h) for h in numbers[worse & counted]]
    if found:
        return found
    sign = 1 if commitment.better == "higher" else -1
    order = np.argsort(np.where(counted, sign * value, np.inf), kind="stable")
    return sorted(int(h) for h in numbers[order[:3]])


def _said(hours: Sequence[int]) -> str:
    spans: list[list[int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    *first, last = (f"{a:02d}:00-{b:02d}:00" for a, b in spans)
    return f"{', '.join(first)} and {last}" if first else last


def with_more(scenario: Scenario, place: Place, agents: int) -> Scenario:
    """The same centre with so many more agents on the phones at that place.

    To a group with shifts they come as a second one, by number: nobody of a number is late, and as many are absent.
    """
    group = scenario.groups[place.group]
    turns_up = round(group.attendance * (1 - group.absence), 6)
    factor = max(group.to_phones * turns_up, 1e-9)
    more: Floats = np.where(place.inside, agents / factor, 0.0)
    if group.staffing is not None:
        planned = scenario.staffing(place.group) + more
        listed = [round(float(n), 6) for n in planned]
        return scenario.but(
            {f"groups.{place.group}.staffing": {"agents": listed, "counts": group.counts}}
        )
    written = dict(scenario.to_json()["groups"][place.group])
    for key in ("shifts", "people", "absence", "late_start"):
        written.pop(key, None)
    written["attendance"] = turns_up
    written["staffing"] = {
        "agents": [round(float(n), 6) for n in more],
        "counts": group.counts,
    }
    return scenario.but({f"groups.{place.group}_more": written})


def _rungs(scenario: Scenario, place: Place) -> list[int]:
    """How many agents more to try: one, then about 2, 4, 8 % and so on of those on duty."""
    level = float(scenario.on_phones(place.group)[place.inside].mean())
    step = max(1, round(0.03 * level))
    found = [1]
    while len(found) < MOST_RUNGS:
        found.append(found[-1] + max(step, round(0.5 * found[-1])))
    return found


def steps(
    result: Result,
    agreed: Agreed,
    weakest: Commitment,
    *,
    paired: int,
    fresh: int,
    executor: int | Executor | None = None,
    progress: Progress | None = None,
) -> tuple[Step, ...]:
    """The rungs tried, up to the first that meets the contract as asked. Its chance is from ``fresh`` replications."""
    scenario, seed = result.scenario, result.seed
    place = place_of(result, agreed, weakest)
    rungs = _rungs(scenario, place)
    goal = scenario.feasibility.chance
    found: list[Step] = []
    for number, agents in enumerate(rungs):
        centre = with_more(scenario, place, agents)
        here = agreed.rebound(centre)
        told = _part(progress, number, len(rungs) + 1)
        counted = count(
            centre, [here], replications=paired, seed=seed, only=True, executor=executor,
            progress=told,
        )  # fmt: skip
        made = held(counted, here)
        step = _step(scenario, agreed, place, agents, made, confirmed=False)
        if min([step.chance, *step.by_commitment.values()]) >= goal + _room(goal, paired):
            counted = count(
                centre, [here], replications=fresh, seed=seed, first=result.replications,
                only=True, executor=executor,
                progress=_part(progress, len(rungs), len(rungs) + 1),
            )  # fmt: skip
            step = _step(scenario, agreed, place, agents, held(counted, here), confirmed=True)
        found.append(step)
        if step.enough:
            break
    return tuple(found)


def _room(goal: float, paired: int) -> float:
    """So far above the goal a rung must lie on few replications to be worth certifying on many."""
    return float(np.sqrt(goal * (1 - goal) / paired)) * 0.5


def _part(progress: Progress | None, number: int, of: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, of * total)


def _step(
    scenario: Scenario, agreed: Agreed, place: Place, agents: int, made: Held, *, confirmed: bool
) -> Step:
    feasible, group = scenario.feasibility, scenario.groups[place.group]
    periods = max(measures.period_of(scenario, agreed.contract.period)) + 1
    phones = agents * float(place.inside.sum()) * scenario.interval / HOUR / periods
    paid = (
        phones
        / max(group.to_phones * group.attendance, 1e-9)
        * group.shrinkage.to_paid(group.counts)
    )
    together = made.chance(confidence=feasible.confidence)
    by_title = {one.title: _of(scenario, agreed, made, one) for one in agreed.contract.commitments}
    targets = {
        one.title: certified(
            made.value[one.title], one.side, feasible.chance, feasible.confidence,
            bias=too_kind(scenario, one),
        )
        for one in agreed.contract.commitments
    }  # fmt: skip
    critical = [one.title for one in agreed.contract.commitments if one.critical]
    enough = (
        confirmed
        and together.sure_low >= feasible.chance
        and all(by_title[title][1] >= feasible.chance for title in critical)
    )
    return Step(
        (place.group,), place.when, agents, phones, paid,
        None if group.cost_per_hour is None else paid * group.cost_per_hour, made.replications,
        together.estimate.value, together.sure_low, {t: c[0] for t, c in by_title.items()},
        {t: c[1] for t, c in by_title.items()}, targets, enough,
    )  # fmt: skip


def _of(
    scenario: Scenario, agreed: Agreed, made: Held, commitment: Commitment
) -> tuple[float, float]:
    """(chance, certain chance) of a commitment."""
    sure = made.chance(commitment.title, confidence=scenario.feasibility.confidence)
    if not too_kind(scenario, commitment):
        return sure.estimate.value, sure.sure_low
    found = chance_of_target(
        made, commitment, float(commitment.target), bias=too_kind(scenario, commitment),
        confidence=scenario.feasibility.confidence,
    )  # fmt: skip
    return found.estimate.value, found.sure_low


def best_under(
    budget: float, rungs: Sequence[Step], targets_now: dict[str, float | None]
) -> Budget:
    """The dearest rung within a budget a period, and its targets; none: today's staffing and today's."""
    affordable = [one for one in rungs if one.cost is not None and one.cost <= budget]
    if not affordable:
        return Budget(budget, None, targets_now)
    best = max(affordable, key=lambda one: one.agents)
    return Budget(budget, best, best.targets)
