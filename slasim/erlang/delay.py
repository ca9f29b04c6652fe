"""Erlang C: agents with an endless queue that nobody leaves (M/M/n).

This file knows no impatience, no intervals and no shrinkage. Demand above capacity is an answer,
not an error: the queue grows without end, so the service level is 0 and the wait infinite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .loss import check_centre, check_count, check_load, idle_weight


def wait_probability(load: float, agents: int) -> float:
    """Erlang C: the share of calls that wait; 1 when the load reaches the number of agents.

    ``C = 1 / (1 + (1 - load/agents) (1/B - 1))`` with B of Erlang B (R. B. Cooper, Introduction
    to Queueing Theory, 1981).

    Raises ValueError for a negative load or a number of agents that is not whole.
    """
    check_load(load)
    check_count("agents", agents)
    if agents <= load:
        return 1.0
    return 1.0 / (1.0 + (1.0 - load / agents) * idle_weight(load, agents))


@dataclass(frozen=True)
class ErlangC:
    """What Erlang C says about one interval in steady state.

    Times in seconds, ``load`` in erlangs, shares from 0 to 1. Where nothing is offered the measures
    of a call are nan (nothing to judge). ``stable`` is false when the load reaches the agents: then
    ``p_wait`` is 1, the service level 0 and every mean wait and queue infinite.
    """

    calls_per_hour: float
    aht_s: float
    agents: int
    threshold_s: float
    load: float
    stable: bool
    p_wait: float
    mean_wait_all_s: float
    mean_wait_delayed_s: float
    mean_queue: float
    occupancy: float
    sl_offered: float

    @property
    def asa_answered_s(self) -> float:
        """Average speed of answer: the mean wait, as everybody is answered."""
        return self.mean_wait_all_s

    @property
    def p_abandon(self) -> float:
        """0: in this model nobody leaves."""
        return 0.0 if self.calls_per_hour > 0.0 else math.nan

    def service_level(self, formula: str = "negative") -> float:
        """Answered within the threshold. Every formula is the same, as nobody abandons."""
        _known(formula)
        return self.sl_offered

    def share_waiting_over(self, seconds: float) -> float:
        """``P(wait > t) = C exp(-(agents - load) t / AHT)``."""
        if not self.stable or math.isnan(self.p_wait):
            return self.p_wait
        return self.p_wait * math.exp(-(self.agents - self.load) * seconds / self.aht_s)

    def wait_percentile_s(self, share: float) -> float:
        """The wait that ``share`` of all calls do not exceed; 0 for those served at once.

        Raises ValueError unless ``0 <= share < 1``.
        """
        if not 0.0 <= share < 1.0:
            raise ValueError(f"share is {share}; it must be at least 0 and below 1")
        if not self.stable:
            return math.inf
        if math.isnan(self.p_wait):
            return math.nan
        if self.p_wait <= 1.0 - share:
            return 0.0
        return self.mean_wait_delayed_s * math.log(self.p_wait / (1.0 - share))


def erlang_c(
    calls_per_hour: float, aht_s: float, agents: int, *, threshold_s: float = 20.0
) -> ErlangC:
    """All measures of M/M/n (A. K. Erlang, 1917; N. Gans, G. Koole, A. Mandelbaum, 2003).

    ``mean wait of the delayed = AHT / (agents - load)``, ``mean wait = C`` times that,
    ``mean queue = call rate x mean wait`` (Little), ``SL = 1 - P(wait > threshold)``.

    Raises ValueError for numbers out of range; never for overload.

    >>> round(erlang_c(200, 180, 14).sl_offered, 4)
    0.8884
    """
    check_centre(calls_per_hour, aht_s, agents, threshold_s)
    load = calls_per_hour / 3600.0 * aht_s
    nothing = calls_per_hour == 0.0
    stable = agents > load
    p_wait = math.nan if nothing else wait_probability(load, agents)
    delayed = aht_s / (agents - load) if stable and not nothing else math.inf
    if nothing:
        delayed = math.nan
    mean_wait = p_wait * delayed
    occupancy = min(load / agents, 1.0) if agents else math.nan
    record = ErlangC(
        calls_per_hour=calls_per_hour,
        aht_s=aht_s,
        agents=agents,
        threshold_s=threshold_s,
        load=load,
        stable=stable or nothing,
        p_wait=p_wait,
        mean_wait_all_s=mean_wait,
        mean_wait_delayed_s=delayed,
        mean_queue=0.0 if nothing else calls_per_hour / 3600.0 * mean_wait,
        occupancy=occupancy,
        sl_offered=math.nan,
    )
    late = record.share_waiting_over(threshold_s)
    return ErlangC(**{**record.__dict__, "sl_offered": 1.0 - late})


@dataclass(frozen=True)
class PlainQueue:
    """M/M/n in plain rates: one time unit for both rates and for every time that comes out."""

    p_wait: float
    mean_queue: float
    mean_wait: float
    mean_time_in_system: float
    mean_in_system: float
    occupancy: float


def mmn(arrival_rate: float, service_rate: float, agents: int) -> PlainQueue:
    """M/M/n for textbook examples: rates per any one time unit.

    Raises ValueError for numbers out of range.
    """
    if not service_rate > 0.0:
        raise ValueError(f"service_rate is {service_rate}; it must be more than 0")
    seen = erlang_c(arrival_rate * 3600.0, 1.0 / service_rate, agents)
    return PlainQueue(
        p_wait=seen.p_wait,
        mean_queue=seen.mean_queue,
        mean_wait=seen.mean_wait_all_s,
        mean_time_in_system=seen.mean_wait_all_s + 1.0 / service_rate,
        mean_in_system=seen.mean_queue + seen.load if seen.stable else math.inf,
        occupancy=seen.occupancy,
    )


FORMULAS = ("negative", "exclude_abandoned_within", "positive", "answered_only")
"""Service-level formulas the closed forms can give, by the names of ``metrics/service_level``."""


def _known(formula: str) -> None:
    if formula not in FORMULAS:
        raise ValueError(f"formula is {formula!r}; here it can be one of {', '.join(FORMULAS)}")
