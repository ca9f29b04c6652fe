"""Erlang A: agents with a queue that callers leave when their patience ends (M/M/n+M).

Patience is exponential. A waiting room (the call beyond it is blocked) and balking (who must wait
hangs up at once with a fixed chance) may be added. This file knows no intervals and no shrinkage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from slasim.arrays import Floats

from .delay import _known
from .loss import check_centre, check_count, idle_weight

MOST_STATES = 20_000_000
"""Queue lengths kept at most: above this, patience is so long that Erlang C is the model."""


@dataclass(frozen=True)
class Abandonment:
    """What a model with abandonment says about one interval in steady state.

    Seconds, shares from 0 to 1. Shares are of offered calls unless the name says otherwise:

    - ``p_wait`` finds no free agent (balking and blocked calls included);
    - ``sl_offered`` answered within the threshold / offered, blocked included (`negative`);
    - ``sl_answered`` ... / answered (`answered_only`);
    - ``sl_excl_short_abandon`` ... / (offered - abandoned within the threshold);
    - ``sl_incl_short_abandon`` (answered + abandoned, both within the threshold) / offered.

    ``mean_wait_all_s`` is over all offered calls, whatever became of them; ``asa_answered_s`` over
    the answered. Measures of a call are nan when nothing is offered, measures of answered calls nan
    when nobody is answered.
    """

    calls_per_hour: float
    aht_s: float
    agents: int
    threshold_s: float
    load: float
    p_wait: float
    p_abandon: float
    p_blocked: float
    mean_wait_all_s: float
    asa_answered_s: float
    mean_queue: float
    occupancy: float
    sl_offered: float
    p_abandon_within_threshold: float

    @property
    def stable(self) -> bool:
        """Always true: callers who leave keep the queue finite under any demand."""
        return True

    @property
    def p_answered(self) -> float:
        """Answered / offered."""
        return 1.0 - self.p_abandon - self.p_blocked

    @property
    def sl_answered(self) -> float:
        """Answered within the threshold / answered."""
        return _ratio(self.sl_offered, self.p_answered)

    @property
    def sl_excl_short_abandon(self) -> float:
        """Answered within the threshold / (offered - abandoned within the threshold)."""
        return _ratio(self.sl_offered, 1.0 - self.p_abandon_within_threshold)

    @property
    def sl_incl_short_abandon(self) -> float:
        """(Answered + abandoned within the threshold) / offered."""
        return self.sl_offered + self.p_abandon_within_threshold

    def service_level(self, formula: str = "negative") -> float:
        """The service level by a formula's name; ValueError for an unknown one."""
        _known(formula)
        return {
            "negative": self.sl_offered,
            "exclude_abandoned_within": self.sl_excl_short_abandon,
            "positive": self.sl_incl_short_abandon,
            "answered_only": self.sl_answered,
        }[formula]


def erlang_a(
    calls_per_hour: float,
    aht_s: float,
    agents: int,
    patience_s: float,
    *,
    threshold_s: float = 20.0,
    waiting_room: int | None = None,
    balking: float = 0.0,
) -> Abandonment:
    """All measures of M/M/n+M with mean patience ``patience_s`` (C. Palm, 1957; A. Mandelbaum,
    S. Zeltyn, Service engineering in action: the Palm/Erlang-A queue, 2007).

    The call that finds k others waiting must see k + 1 departures at rates ``n mu + i theta``,
    i = 0..k; with V that time, ``exp(-theta V)`` follows Beta(n mu / theta, k + 1). So the chance
    that V exceeds t is a negative binomial sum, which has positive terms only and is exact for
    1,000 agents as for one.

    ``waiting_room``: places to wait; a call beyond them is blocked (before it could balk).
    ``balking``: chance that a call that must wait leaves at once; it abandons with a wait of 0.

    Raises ValueError for numbers out of range, and for patience beyond weeks in an overloaded
    centre, where the queue would run to tens of millions (use Erlang C).

    >>> round(erlang_a(210, 180, 13, 300).sl_offered, 4)
    0.8163
    """
    check_centre(calls_per_hour, aht_s, agents, threshold_s)
    if not (math.isfinite(patience_s) and patience_s > 0.0):
        raise ValueError(f"patience_s is {patience_s}; it must be more than 0 seconds")
    if not 0.0 <= balking <= 1.0:
        raise ValueError(f"balking is {balking}; it must lie between 0 and 1")
    if waiting_room is not None:
        check_count("waiting_room", waiting_room)
    rate, load = calls_per_hour / 3600.0, calls_per_hour / 3600.0 * aht_s
    if rate == 0.0:
        return nothing_offered(aht_s, agents, threshold_s)
    working, leaving = agents / aht_s, 1.0 / patience_s
    log_queue = _log_queue_weights(rate * (1.0 - balking), working, leaving, waiting_room)
    highest = float(log_queue.max())
    queued = np.exp(log_queue - highest)
    idle = idle_weight(load, agents) * math.exp(-highest)
    everything = idle + float(queued.sum())
    state = queued / everything  # chance that all are busy and k = 0, 1, ... calls wait
    at_once = 1.0 / (1.0 + float(queued.sum()) / idle) if idle > 0.0 else 0.0

    room_left = state if waiting_room is None else state[:waiting_room]
    k = np.arange(len(room_left), dtype=np.float64)
    joins = room_left * (1.0 - balking)
    balks = balking * float(room_left.sum())
    shape = working / leaving
    answered = shape / (shape + k + 1.0)
    still_there = math.exp(-leaving * threshold_s)
    too_late = answered * _negative_binomial_cdf(shape + 1.0, leaving * threshold_s, len(k))
    undecided = still_there * _negative_binomial_cdf(shape, leaving * threshold_s, len(k))
    wait_if_answered = np.cumsum(1.0 / (working + leaving * (k + 1.0)))

    mean_queue = float(state @ np.arange(len(state)))
    p_answered = at_once + float(joins @ answered)
    waits_of_answered = float(joins @ (answered * wait_if_answered))
    left_in_time = float(joins @ np.maximum(1.0 - undecided - (answered - too_late), 0.0))
    return Abandonment(
        calls_per_hour=calls_per_hour,
        aht_s=aht_s,
        agents=agents,
        threshold_s=threshold_s,
        load=load,
        p_wait=float(state.sum()),
        p_abandon=leaving * mean_queue / rate + balks,
        p_blocked=0.0 if waiting_room is None else float(state[waiting_room:].sum()),
        mean_wait_all_s=mean_queue / rate,
        asa_answered_s=_ratio(waits_of_answered, p_answered),
        mean_queue=mean_queue,
        occupancy=load * p_answered / agents if agents else math.nan,
        sl_offered=at_once + float(joins @ (answered - too_late)),
        p_abandon_within_threshold=left_in_time + balks,
    )


def nothing_offered(aht_s: float, agents: int, threshold_s: float) -> Abandonment:
    """The record of an interval without calls: nothing to judge, agents idle."""
    nan = math.nan
    return Abandonment(
        calls_per_hour=0.0,
        aht_s=aht_s,
        agents=agents,
        threshold_s=threshold_s,
        load=0.0,
        p_wait=nan,
        p_abandon=nan,
        p_blocked=nan,
        mean_wait_all_s=nan,
        asa_answered_s=nan,
        mean_queue=0.0,
        occupancy=0.0 if agents else nan,
        sl_offered=nan,
        p_abandon_within_threshold=nan,
    )


def _log_queue_weights(
    joining: float, working: float, leaving: float, waiting_room: int | None
) -> Floats:
    """Log weight of "all busy, k waiting" for k = 0, 1, ... against 0 at k = 0.

    Stops at the waiting room, or where all that follows is below 1e-18 of the highest weight.
    """
    if joining == 0.0:
        return np.zeros(1)
    most_likely = max(0.0, (joining - working) / leaving)
    size = int(min(2.0 * most_likely, 4e18)) + 64
    while True:
        longest = size if waiting_room is None else min(size, waiting_room)
        if longest > MOST_STATES:
            raise ValueError(
                f"mean patience of {1 / leaving:.0f} s lets the queue grow beyond "
                f"{MOST_STATES:,} calls; use Erlang C"
            )
        rates = working + leaving * np.arange(1, longest + 1)
        weights: Floats = np.concatenate(([0.0], np.cumsum(np.log(joining / rates))))
        if longest == waiting_room:
            return weights
        ratio = joining / rates[-1]
        if ratio < 1.0:
            rest = weights[-1] - math.log1p(-ratio)
            if rest < weights.max() - 41.5:
                return weights
        size *= 2


def _negative_binomial_cdf(shape: float, decay: float, count: int) -> Floats:
    """P(N <= k), k = 0..count-1, for N negative binomial with success chance ``exp(-decay)``.

    Equal to the chance that a Beta(shape, k + 1) variable lies below ``exp(-decay)``.
    """
    i = np.arange(1, count, dtype=np.float64)
    with np.errstate(divide="ignore"):
        steps = np.log(-math.expm1(-decay) * (shape + i - 1.0) / i)
    logs = np.concatenate(([-shape * decay], -shape * decay + np.cumsum(steps)))
    sums: Floats = np.cumsum(np.exp(logs[:count]))
    return np.minimum(sums, 1.0, out=sums)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else math.nan
