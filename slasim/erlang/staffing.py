"""The formulas turned round: fewest agents for a goal, tightest threshold for a staffing.

This file knows single intervals in steady state; whole forecasts are in ``forecast.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .delay import ErlangC, erlang_c
from .patience import Abandonment, erlang_a

Outcome = ErlangC | Abandonment


@dataclass(frozen=True)
class Goals:
    """What the staffing must reach, all of it; None asks nothing.

    ``service_level`` is the least share answered within ``threshold_s`` by ``formula`` (names of
    ``metrics/service_level``); the others are ceilings: seconds, or shares from 0 to 1.
    """

    service_level: float | None = None
    threshold_s: float = 20.0
    formula: str = "negative"
    asa_s: float | None = None
    p_wait: float | None = None
    p_abandon: float | None = None
    max_occupancy: float | None = None

    def problems(self) -> list[str]:
        """Everything that makes these goals meaningless, in sentences."""
        found = []
        for name in ("service_level", "p_wait", "p_abandon"):
            share = getattr(self, name)
            if share is not None and not 0.0 < share < 1.0:
                found.append(f"{name} is {share:g}; write a share between 0 and 1, as 0.8")
        if self.max_occupancy is not None and not 0.0 < self.max_occupancy <= 1.0:
            found.append(
                f"max_occupancy is {self.max_occupancy:g}; "
                "write a share above 0 and at most 1, as 0.88"
            )
        if self.asa_s is not None and not self.asa_s > 0.0:
            found.append(f"asa_s is {self.asa_s:g}; it must be more than 0 seconds")
        if not (math.isfinite(self.threshold_s) and self.threshold_s >= 0.0):
            found.append(f"threshold_s is {self.threshold_s:g}; it must be 0 or more seconds")
        asked = (self.service_level, self.asa_s, self.p_wait, self.p_abandon, self.max_occupancy)
        if all(goal is None for goal in asked):
            found.append("no goal is given; ask for example for service_level=0.8")
        return found

    def met_by(
        self, service_level: float, asa_s: float, p_wait: float, p_abandon: float, occupancy: float
    ) -> bool:
        """Whether these measures reach every goal; nan reaches none."""
        return (
            (self.service_level is None or service_level >= self.service_level)
            and (self.asa_s is None or asa_s <= self.asa_s)
            and (self.p_wait is None or p_wait <= self.p_wait)
            and (self.p_abandon is None or p_abandon <= self.p_abandon)
            and (
                self.max_occupancy is None
                or occupancy <= self.max_occupancy * (1.0 + 1e-12)  # 44 of 50 is 0.88
            )
        )


def fewest_agents(
    calls_per_hour: float,
    aht_s: float,
    *,
    service_level: float | None = None,
    threshold_s: float = 20.0,
    formula: str = "negative",
    asa_s: float | None = None,
    p_wait: float | None = None,
    p_abandon: float | None = None,
    max_occupancy: float | None = None,
    patience_s: float | None = None,
) -> int:
    """Fewest agents that reach every goal given, by Erlang C or, with ``patience_s``, Erlang A.

    0 when nothing is offered, otherwise at least 1. Raises ValueError for numbers out of range and
    when no goal is given.

    >>> fewest_agents(200, 180, service_level=0.8, threshold_s=20)
    14
    """
    goals = Goals(service_level, threshold_s, formula, asa_s, p_wait, p_abandon, max_occupancy)
    wrong = goals.problems()
    if wrong:
        raise ValueError("; ".join(wrong))
    if patience_s is None and p_abandon is not None:
        raise ValueError("p_abandon without patience_s asks nothing: nobody abandons")
    if calls_per_hour == 0.0:
        return 0

    def meets(agents: int) -> bool:
        seen = steady_state(calls_per_hour, aht_s, agents, threshold_s, patience_s)
        return goals.met_by(
            seen.service_level(formula),
            seen.asa_answered_s,
            seen.p_wait,
            seen.p_abandon,
            seen.occupancy,
        )

    load = calls_per_hour / 3600.0 * aht_s
    return fewest(meets, guess=round(load + math.sqrt(load)))


def steady_state(
    calls_per_hour: float,
    aht_s: float,
    agents: int,
    threshold_s: float,
    patience_s: float | None = None,
) -> Outcome:
    """Erlang A where patience is given, otherwise Erlang C."""
    if patience_s is None or math.isinf(patience_s):
        return erlang_c(calls_per_hour, aht_s, agents, threshold_s=threshold_s)
    return erlang_a(calls_per_hour, aht_s, agents, patience_s, threshold_s=threshold_s)


def fewest(meets: Callable[[int], bool], *, guess: int) -> int:
    """Smallest number from 1 that ``meets``, found outwards from a guess and then by halving.

    In one queue one more agent never hurts, so what meets goes on to meet. Raises ValueError if
    nothing up to a billion does.
    """
    guess = max(guess, 1)
    step = 1
    if meets(guess):
        enough, short = guess, guess - step
        while short >= 1 and meets(short):
            step *= 2
            enough, short = short, short - step
        short = max(short, 0)
    else:
        short, enough = guess, guess + step
        while not meets(enough):
            step *= 2
            short, enough = enough, enough + step
            if enough > 1_000_000_000:
                raise ValueError("no number of agents reaches this goal")
    while enough - short > 1:
        middle = (enough + short) // 2
        if meets(middle):
            enough = middle
        else:
            short = middle
    return enough


def tightest_threshold(
    calls_per_hour: float,
    aht_s: float,
    agents: int,
    service_level: float,
    *,
    formula: str = "negative",
    patience_s: float | None = None,
) -> float | None:
    """Shortest threshold (seconds) within which the share ``service_level`` is answered on average.

    None when no threshold is long enough: too many callers abandon, or the queue grows without end.
    Raises ValueError for numbers out of range.
    """
    if not 0.0 < service_level < 1.0:
        raise ValueError(f"service_level is {service_level}; it must lie between 0 and 1")

    def reached(threshold_s: float) -> bool:
        seen = steady_state(calls_per_hour, aht_s, agents, threshold_s, patience_s)
        return seen.service_level(formula) >= service_level

    if reached(0.0):
        return 0.0
    short, enough = 0.0, 1.0
    while not reached(enough):
        short, enough = enough, 2.0 * enough
        if enough > 1e7:
            return None
    while enough - short > 1e-9 * enough:
        middle = (short + enough) / 2.0
        short, enough = (short, middle) if reached(middle) else (middle, enough)
    return enough
