"""Strict priorities in one queue: who waits how long, class by class.

The first class given goes first, first come first served within a class, nobody abandons. Nobody is
interrupted unless a name says `preemptive`. A class is stable as long as it and those before it fit
into the agents; the classes after it then wait without end, which is said as infinity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .delay import wait_probability
from .loss import check_centre


@dataclass(frozen=True)
class PriorityQueue:
    """M/M/n with one handle-time law and strict, non-preemptive priorities.

    ``p_wait`` is the same for every class; ``mean_wait_s`` per class in the order given.
    """

    calls_per_hour: tuple[float, ...]
    aht_s: float
    agents: int
    p_wait: float
    mean_wait_s: tuple[float, ...]

    def service_level(self, threshold_s: float) -> tuple[float, ...]:
        """Share of each class answered within the threshold (R. H. Davis, 1966).

        A waiting call of class k finds a geometric number of calls of its own and higher classes
        in the way; each departure (rate n / AHT) removes one, each arrival of a higher class adds
        one. The chance that none is left in time is followed step by step, with a Poisson number
        of steps (uniformisation), so all terms are positive.
        """
        if not threshold_s >= 0.0:
            raise ValueError(f"threshold_s is {threshold_s}; it must be 0 or more seconds")
        departing = self.agents / self.aht_s
        levels, higher = [], 0.0
        for calls in self.calls_per_hour:
            rate = calls / 3600.0
            busy = (higher + rate) / departing if departing else math.inf
            if busy >= 1.0:
                levels.append(0.0)
            else:
                in_time = _cleared_within(higher, departing, busy, threshold_s)
                levels.append(1.0 - self.p_wait * (1.0 - in_time))
            higher += rate
        return tuple(levels)


def priority_queue(calls_per_hour: Sequence[float], aht_s: float, agents: int) -> PriorityQueue:
    """Mean waits of M/M/n with non-preemptive priorities (A. Cobham, 1954; O. Kella, U. Yechiali,
    1985).

    ``W_k = C (AHT / n) / ((1 - s_{k-1}) (1 - s_k))`` with C of Erlang C for all classes together
    and s_k the load of classes 1..k per agent.

    Raises ValueError for numbers out of range.
    """
    for calls in calls_per_hour:
        check_centre(calls, aht_s, agents, 0.0)
    load = sum(calls_per_hour) / 3600.0 * aht_s
    p_wait = wait_probability(load, agents)
    remaining = p_wait * aht_s / agents if agents else math.inf
    shares = [c / 3600.0 * aht_s / agents if agents else math.inf for c in calls_per_hour]
    return PriorityQueue(
        calls_per_hour=tuple(float(c) for c in calls_per_hour),
        aht_s=aht_s,
        agents=agents,
        p_wait=p_wait,
        mean_wait_s=_by_class(shares, [remaining] * len(shares)),
    )


def preemptive_time_in_system(
    calls_per_hour: Sequence[float], aht_s: float, agents: int
) -> tuple[float, ...]:
    """Mean waiting + interrupted + handling seconds per class when a higher class interrupts.

    Classes 1..k together do not notice the others, so they are an Erlang C queue; Little's law
    gives each class by difference. M/M/n, preemptive-resume, one handle-time law.
    """
    times, before, total = [], 0.0, 0.0
    for calls in calls_per_hour:
        check_centre(calls, aht_s, agents, 0.0)
        total += calls / 3600.0
        load = total * aht_s
        inside = math.inf
        if load < agents:
            inside = load + wait_probability(load, agents) * load / (agents - load)
        rate = calls / 3600.0
        times.append(
            (inside - before) / rate
            if rate and math.isfinite(inside)
            else (math.inf if rate else math.nan)
        )
        before = inside
    return tuple(times)


def single_agent_priority_waits(
    calls_per_hour: Sequence[float],
    aht_s: Sequence[float],
    second_moment_s2: Sequence[float],
) -> tuple[float, ...]:
    """Mean waits per class of M/G/1 with non-preemptive priorities (A. Cobham, 1954).

    ``W_k = (sum over all i of rate_i E[S_i^2] / 2) / ((1 - s_{k-1}) (1 - s_k))``;
    ``second_moment_s2`` is E[S^2] = mean^2 (1 + cv^2) in square seconds. In overload the classes
    that still fit see an agent who is never free of the others; the last class that fits partly
    and all after it wait without end.
    """
    rates = [c / 3600.0 for c in calls_per_hour]
    loads = [r * s for r, s in zip(rates, aht_s, strict=True)]
    met, used = 0.0, 0.0
    for rate, load, moment in zip(rates, loads, second_moment_s2, strict=True):
        served = 1.0 if load == 0.0 else min(1.0, max(0.0, (1.0 - used) / load))
        met += served * rate * moment / 2.0
        used += load
    return _by_class(loads, [met] * len(loads))


def single_agent_preemptive_times(
    calls_per_hour: Sequence[float],
    aht_s: Sequence[float],
    second_moment_s2: Sequence[float],
) -> tuple[float, ...]:
    """Mean time in system per class of M/G/1 preemptive-resume (R. Conway, W. Maxwell, L. Miller,
    Theory of Scheduling, 1967): ``E[S_k] / (1 - s_{k-1})`` plus the wait of a centre that knows
    only classes 1..k."""
    rates = [c / 3600.0 for c in calls_per_hour]
    loads = [r * s for r, s in zip(rates, aht_s, strict=True)]
    met = np.cumsum([r * m / 2.0 for r, m in zip(rates, second_moment_s2, strict=True)])
    waits = _by_class(loads, [float(m) for m in met])
    before = np.concatenate(([0.0], np.cumsum(loads)[:-1]))
    return tuple(
        wait + s / (1.0 - b) if math.isfinite(wait) else math.inf
        for wait, s, b in zip(waits, aht_s, before, strict=True)
    )


def _by_class(loads: Sequence[float], met: Sequence[float]) -> tuple[float, ...]:
    """Cobham's quotient: what a call meets, stretched by those who go before it."""
    waits, before = [], 0.0
    for load, work in zip(loads, met, strict=True):
        after = before + load
        waits.append(work / ((1.0 - before) * (1.0 - after)) if after < 1.0 else math.inf)
        before = after
    return tuple(waits)


def _cleared_within(higher: float, departing: float, busy: float, seconds: float) -> float:
    """P(the way is clear within ``seconds``) for a call that must wait."""
    length = 2 if busy == 0.0 else int(min(45.0 / -math.log(busy), 5e6)) + 2
    ahead = (1.0 - busy) * busy ** np.arange(length, dtype=np.float64)
    up = higher / (higher + departing)
    mean_steps = (higher + departing) * seconds
    log_chance, clear, cleared, passed = -mean_steps, 0.0, 0.0, 0.0
    step = 0
    while passed < 1.0 - 1e-15 and step <= mean_steps + 40.0 * math.sqrt(mean_steps) + 60.0:
        chance = math.exp(log_chance)
        cleared += chance * clear
        passed += chance
        clear += (1.0 - up) * float(ahead[0])
        moved = np.zeros_like(ahead)
        moved[:-1] = (1.0 - up) * ahead[1:]
        moved[1:] += up * ahead[:-1]
        ahead = moved
        step += 1
        log_chance += math.log(mean_steps / step) if mean_steps else -math.inf
    return cleared
