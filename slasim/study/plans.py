"""Scenarios made ready to be drawn, each once; and which part of a forecast are first attempts.

A forecast that counts attempts has the redials and repeats inside. Those follow from what the simulation does to
callers, so only the first attempts may be drawn: a pilot finds the share of them with which simulated attempts come to
the forecast. It has a seed of its own and runs alone, so the share depends on the scenario and on nothing else.
This file knows no metric and no range.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.contactlog import FIRST, REDIAL, REPEAT
from slasim.engine import engine as engine_named
from slasim.inputs.sample import Plan, prepare
from slasim.scenario import Scenario
from slasim.study.ahead import compiling_ahead

__all__ = ["FirstAttempts", "Shares", "first_attempts", "plan_of"]

Shares = tuple[tuple[str, float], ...]
"""(queue, share of its forecast that are first attempts); a queue that is not named draws all of it."""

PILOT_SEED = 20_260
_ENOUGH, _FEW, _MANY = 20_000, 2, 40
"""Contacts that a pilot wants, and the least and most replications it takes for them."""
_ROUNDS, _CLOSE = 12, 0.0005


@dataclass(frozen=True)
class FirstAttempts:
    """A queue whose forecast counts attempts: ``forecast`` of them a replication, ``share`` of which come first."""

    queue: str
    forecast: float
    share: float

    def to_json(self) -> dict[str, Any]:
        return {"queue": self.queue, "forecast": self.forecast, "share": self.share}


_made: dict[tuple[int, Shares], tuple[weakref.ref[Scenario], Plan]] = {}
_found: dict[int, tuple[weakref.ref[Scenario], Shares]] = {}
_KEPT = 8


def plan_of(scenario: Scenario, shares: Shares | None = None) -> Plan:
    """The scenario made ready; ``shares`` None = as its own pilot finds them. Raises InputError or ValueError."""
    if shares is None:
        shares = shares_of(scenario)
    key = (id(scenario), shares)
    kept = _made.get(key)
    if kept is not None and kept[0]() is scenario:
        return kept[1]
    plan = prepare(scenario, first_share=dict(shares)) if shares else prepare(scenario)
    _keep(_made, key, (weakref.ref(scenario), plan))
    return plan


def shares_of(scenario: Scenario) -> Shares:
    """What the pilot finds; () where no forecast counts redials."""
    kept = _found.get(id(scenario))
    if kept is not None and kept[0]() is scenario:
        return kept[1]
    plain = plan_of(scenario, ())
    shares = _pilot(scenario, plain) if plain.attempts else ()
    _keep(_found, id(scenario), (weakref.ref(scenario), shares))
    return shares


def _keep(known: dict[Any, Any], key: Any, value: Any) -> None:
    while len(known) >= _KEPT:
        known.pop(next(iter(known)), None)
    known[key] = value


def first_attempts(scenario: Scenario, shares: Shares | None = None) -> tuple[FirstAttempts, ...]:
    """The queues whose forecast counts attempts, and what share of it comes first."""
    found = shares_of(scenario) if shares is None else shares
    return tuple(
        FirstAttempts(name, float(scenario.expected(name).volume.sum()), share)
        for name, share in found
    )


def _pilot(scenario: Scenario, plan: Plan) -> Shares:
    """Shares s with s x (attempts for each first one, at those shares) = 1; bisected where steps overshoot.

    More first attempts make more redials each, so s x attempts(s) only rises with s: there is one such share.
    """
    names = list(scenario.queues)
    places = [names.index(name) for name in plan.attempts]
    forecast = sum(float(scenario.expected(name).volume.sum()) for name in plan.attempts)
    replications = int(np.clip(-(-_ENOUGH // max(forecast, 1.0)), _FEW, _MANY))
    low, high = np.zeros(len(places)), np.ones(len(places))
    share = np.ones(len(places))
    for _ in range(_ROUNDS):
        shares = {name: float(s) for name, s in zip(plan.attempts, share, strict=True)}
        with compiling_ahead(scenario):
            each = _attempts_each(scenario, places, replications, shares)
        come = share * each  # of the forecast; 1 is wanted
        if (np.abs(come - 1) < _CLOSE).all():
            break
        low, high = np.where(come < 1, share, low), np.where(come > 1, share, high)
        step = share / come
        share = np.where((step > low) & (step < high), step, (low + high) / 2)
    return tuple((name, round(float(s), 4)) for name, s in zip(plan.attempts, share, strict=True))


def _attempts_each(
    scenario: Scenario, places: list[int], replications: int, shares: Mapping[str, float]
) -> Any:
    """(queues,) attempts for each first one, over the pilot's replications."""
    plan = prepare(scenario, first_share=shares)
    first, all_of = np.zeros(len(places)), np.zeros(len(places))
    for replication in range(replications):
        log = engine_named("fast")(plan.sample(PILOT_SEED, replication))
        inside = (log.arrived >= 0) & (log.arrived < scenario.horizon)
        ours = inside & np.isin(log.purpose, (FIRST, REDIAL, REPEAT))
        for k, q in enumerate(places):
            mine = ours & (log.queue == q)
            all_of[k] += int(mine.sum())
            first[k] += int((mine & (log.purpose == FIRST)).sum())
    return np.where(first > 0, all_of / np.maximum(first, 1), 1.0)
