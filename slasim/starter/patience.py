"""How patient callers are, from what a planner knows: who abandons now, and how long callers wait.

The mean of exponential patience is all waiting divided by the number who left (the maximum-likelihood estimate where
answered callers are censored), so mean wait of all / abandonment rate. Where only the rate is known, Erlang A is turned
round: the patience with which that rate would leave at the given workload and staffing. No chance here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from slasim.errors import InputError, Problem

if TYPE_CHECKING:
    from slasim.scenario import Scenario

__all__ = ["from_mean_wait", "from_rate"]

SHORTEST, LONGEST = 0.5, 86_400.0
"""Seconds between which a mean patience is looked for."""


def from_mean_wait(rate: float, mean_wait_ms: int) -> float:
    """Mean patience in ms: the mean wait of all callers / the share who abandon.

    >>> from_mean_wait(0.05, 20_000)
    400000.0
    """
    return mean_wait_ms / rate


def from_rate(scenario: Scenario, rate: float) -> float:
    """Mean patience in ms with which `rate` of the offered would abandon by Erlang A.

    All queues as one, each hour of the week in steady state at its mean workload and staffing on the phones; the
    scenario's own patience is not looked at. Raises InputError when no patience gives that rate.
    """
    cells = _week(scenario)
    few, many = _leaving(cells, LONGEST), _leaving(cells, SHORTEST)
    if not few <= rate <= many:
        side = (
            f"callers who hang up after half a second would be {many:.1%}"
            if rate > many
            else f"even callers with a day of patience would be {few:.1%}"
        )
        raise InputError(
            [
                Problem(
                    f"with this forecast, AHT and staffing {rate:.1%} cannot abandon: {side}",
                    "Give the mean wait of all callers as well (5 %, 20s), or correct the staffing.",
                    path="--abandonment",
                )
            ]
        )
    low, high = math.log(SHORTEST), math.log(LONGEST)
    while high - low > 1e-4:  # fewer leave the more patient they are
        middle = (low + high) / 2
        low, high = (middle, high) if _leaving(cells, math.exp(middle)) > rate else (low, middle)
    return 1000 * math.exp((low + high) / 2)


_Cell = tuple[float, float, float, float]


def _week(scenario: Scenario) -> list[_Cell]:
    """(contacts, contacts an hour, AHT in s, agents on the phones) of each hour of a week that has contacts."""
    rows = scenario.workload().rows
    local = scenario.grid.local
    hour = (local.weekday * 24 + local.minute_of_day // 60)[scenario.grid.warm :]
    contacts = np.array([row.contacts for row in rows])
    work = np.array([row.erlangs for row in rows]) * scenario.interval
    agents = np.array([row.on_phones for row in rows])
    cells = []
    for number in np.unique(hour[contacts > 0]):
        here = (hour == number) & (contacts > 0)
        total = float(contacts[here].sum())
        per_hour = total / float(here.sum()) * 3_600_000 / scenario.interval
        aht_s = float(work[here].sum()) / total / 1000
        cells.append((total, per_hour, aht_s, float(agents[here].mean())))
    return cells


def _leaving(cells: list[_Cell], patience_s: float) -> float:
    """Abandoned / offered over all cells; between two whole numbers of agents, in proportion."""
    from slasim.erlang import erlang_a

    left = offered = 0.0
    for contacts, per_hour, aht_s, agents in cells:
        whole = math.floor(agents)
        for number, part in ((whole, 1 - (agents - whole)), (whole + 1, agents - whole)):
            if part > 0:
                share = erlang_a(per_hour, aht_s, number, patience_s).p_abandon if number else 1.0
                left += contacts * part * share
        offered += contacts
    return left / offered
