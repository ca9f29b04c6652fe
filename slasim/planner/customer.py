"""What the client's customers meet: long waits, bad hours, hang-ups, old tickets. A contract's target shows none of it.

All simulated periods together, over the contract's own queues. Frozen values come out (`offer.py`); nothing is
simulated here, and nothing said.
"""

from __future__ import annotations

import math

import numpy as np

from slasim.metrics.ratio import ratio
from slasim.planner.offer import Customer, HourOfDay
from slasim.scenario.agreements import Agreed
from slasim.study.contracting import asked_of, covered
from slasim.study.measures import Asked
from slasim.study.result import Result

__all__ = ["customer"]

SHARES = (0.50, 0.95, 0.99)
LEAST = 0.01
"""An hour with a smaller part of a commitment's contacts is not told."""


def customer(result: Result, agreed: Agreed) -> Customer:
    """The customers' view of one contract."""
    scenario = result.scenario
    names = covered(scenario, agreed)
    waiting = tuple(name for name in names if scenario.queues[name].channel != "ticket")
    tickets = tuple(name for name in names if scenario.queues[name].channel == "ticket")
    waits: list[tuple[float, float]] = []
    abandoned: float | None = None
    if waiting:
        waits = [(share, result.percentile(share, queue=waiting).value) for share in SHARES]
        left = result.estimate("abandonment_rate", queue=waiting).value
        abandoned = None if math.isnan(left) else left
    hours: list[HourOfDay] = []
    for commitment in agreed.contract.commitments:
        asked = asked_of(scenario, agreed, commitment)
        if asked.measure.over == "contacts":
            hours += _hours(result, asked, commitment.title)
    oldest = None
    if tickets:
        oldest = float(result.deferred(tickets).whole.oldest.value)
    return Customer(
        tuple((share, wait) for share, wait in waits if not math.isnan(wait)), abandoned, tuple(hours),
        oldest,
    )  # fmt: skip


def _hours(result: Result, asked: Asked, title: str) -> list[HourOfDay]:
    """By local hour of arrival, the worst first."""
    grid = result.scenario.grid
    hours = np.asarray(grid.local.minute_of_day)[grid.warm :] // 60
    above, below = (
        np.bincount(hours, np.asarray(part).sum(axis=0), 24)
        for part in result.parts_by_interval(asked)
    )
    values = ratio(above, below)
    enough = np.flatnonzero(below >= max(1.0, LEAST * float(below.sum())))
    sign = 1.0 if asked.measure.better == "higher" else -1.0
    worst_first = enough[np.argsort(sign * values[enough], kind="stable")]
    return [
        HourOfDay(title, f"{hour:02d}:00", float(values[hour])) for hour in worst_first.tolist()
    ]
