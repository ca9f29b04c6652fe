"""The benchmark workloads in SimPy the way its documentation teaches: a process per call, resources, ``yield a | b``.

Nothing of slasim but the scenario's numbers is used, and nothing is tuned; each call draws its own times. It is the
yardstick that people can write themselves in an afternoon.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy


@dataclass
class Seen:
    """What became of the calls of one queue."""

    within_s: float
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    waits: list[float] = field(default_factory=list)

    def answer(self, wait: float) -> None:
        self.answered += 1
        self.in_time += wait <= self.within_s
        self.waits.append(wait)

    @property
    def calls(self) -> int:
        return self.answered + self.abandoned


@dataclass(frozen=True)
class Callers:
    """A queue: calls an hour in each half hour, mean handle time and patience in seconds."""

    per_hour: Sequence[float]
    aht_s: float
    patience_s: float
    within_s: float


SLOT = 1800.0


def one_group(callers: Callers, agents: int, seed: int) -> list[Seen]:
    """Workloads (a) and (b): one queue and one group of agents for a day."""
    rng, env = random.Random(seed), simpy.Environment()
    desk, seen = simpy.Resource(env, capacity=agents), Seen(callers.within_s)

    def call() -> Iterator[Any]:
        came = env.now
        with desk.request() as agent:
            out_of_patience = env.timeout(rng.expovariate(1 / callers.patience_s))
            first = yield agent | out_of_patience
            if agent in first:
                seen.answer(env.now - came)
                yield env.timeout(rng.expovariate(1 / callers.aht_s))
            else:
                seen.abandoned += 1

    env.process(arrivals(env, rng, callers.per_hour, call))
    env.run(until=SLOT * len(callers.per_hour))
    return [seen]


def arrivals(
    env: simpy.Environment, rng: random.Random, per_hour: Sequence[float], call: Any
) -> Iterator[Any]:
    """A call after every exponential gap; at a new half hour the gap begins anew."""
    for k, rate in enumerate(per_hour):
        while True:
            gap = rng.expovariate(rate / 3600)
            if env.now + gap >= SLOT * (k + 1):
                yield env.timeout(SLOT * (k + 1) - env.now)
                break
            yield env.timeout(gap)
            env.process(call())


def n_design(
    business: Callers, private: Callers, own: Sequence[int], general: Sequence[int], seed: int
) -> list[Seen]:
    """Workload (c): business calls ask both groups and take the first, private ones only the general group.

    A resource's capacity is fixed, so who is off duty is held by a request of the highest priority.
    """
    rng, env = random.Random(seed), simpy.Environment()
    teams = [simpy.PriorityResource(env, capacity=max(plan)) for plan in (own, general)]
    seen = [Seen(business.within_s), Seen(private.within_s)]

    def off_duty(team: simpy.PriorityResource, plan: Sequence[int]) -> Iterator[Any]:
        away: list[Any] = []
        for agents in plan:
            while len(away) < team.capacity - agents:
                away.append(team.request(priority=-1))
            while len(away) > team.capacity - agents:
                team.release(away[-1]) if away[-1].triggered else away[-1].cancel()
                away.pop()
            yield env.timeout(SLOT)

    def business_call() -> Iterator[Any]:
        came = env.now
        asked = [teams[0].request(priority=0)]
        if not asked[0].triggered:
            asked.append(teams[1].request(priority=0))
            if not asked[1].triggered:
                yield asked[0] | asked[1] | env.timeout(rng.expovariate(1 / business.patience_s))
        got = next((k for k, request in enumerate(asked) if request.triggered), None)
        for k, request in enumerate(asked):
            if k != got:
                teams[k].release(request) if request.triggered else request.cancel()
        if got is None:
            seen[0].abandoned += 1
            return
        seen[0].answer(env.now - came)
        yield env.timeout(rng.expovariate(1 / business.aht_s))
        teams[got].release(asked[got])

    def private_call() -> Iterator[Any]:
        came = env.now
        with teams[1].request(priority=1) as agent:
            first = yield agent | env.timeout(rng.expovariate(1 / private.patience_s))
            if agent in first:
                seen[1].answer(env.now - came)
                yield env.timeout(rng.expovariate(1 / private.aht_s))
            else:
                seen[1].abandoned += 1

    for team, plan in zip(teams, (own, general), strict=True):
        env.process(off_duty(team, plan))
    env.process(arrivals(env, rng, business.per_hour, business_call))
    env.process(arrivals(env, rng, private.per_hour, private_call))
    env.run(until=SLOT * len(own))
    return seen
