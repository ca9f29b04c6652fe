"""Deferred work as the trade reports it: backlog at opening and closing, oldest item, days of work, what was in time.

    deferred(result, queue="email")   -> Deferred: one DeferredDay per local day, and the whole horizon

An item is a touch in a queue of tickets that is ours to do (`outcome/deferred.py`); tickets that wait for their
customer are none. Every number has its range over replications.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.errors import InputError, Problem, did_you_mean
from slasim.outcome import estimates
from slasim.outcome.deferred import ARRIVED, CLOSING, COMPLETED, OLDEST, OPENING
from slasim.outcome.estimates import Estimate, Kind
from slasim.study.local_time import cells_of

if TYPE_CHECKING:
    import pandas as pd

    from slasim.outcome.tickets import TicketTally
    from slasim.study.result import Result

__all__ = ["Deferred", "DeferredDay", "deferred"]


@dataclass(frozen=True)
class DeferredDay:
    """One local day, or the average day of the horizon (``day`` is "all").

    opening, arrived, completed, closing  items
    oldest        age (ms) at the day's end of the item that has waited longest, 0 when nothing lies there
    days_of_work  closing backlog / what is completed on an average day on which anything is
    in_time       met / all that fell due on the day, of the clock ``metric`` (None: no such clock)
    """

    day: str
    opening: Estimate
    arrived: Estimate
    completed: Estimate
    closing: Estimate
    oldest: Estimate
    days_of_work: Estimate
    in_time: Estimate | None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"day": self.day}
        for name in _NUMBERS:
            made: Estimate | None = getattr(self, name)
            found[name] = None if made is None else made.to_json()
        return found


_NUMBERS = ("opening", "arrived", "completed", "closing", "oldest", "days_of_work", "in_time")


@dataclass(frozen=True)
class Deferred:
    """Deferred work of some queues. ``metric`` is the clock of ``in_time``; ``worst`` the day that closes with most.

    ``moved``: reminders and escalations that acted on what waited there, in a replication; ``moved_by`` each of them.
    """

    queues: tuple[str, ...]
    metric: str | None
    days: tuple[DeferredDay, ...]
    whole: DeferredDay
    moved: Estimate
    moved_by: dict[str, Estimate]

    @property
    def worst(self) -> DeferredDay:
        """The day that closes with most items, the first of several."""
        return max(self.days, key=lambda day: day.closing.value)

    def table(self) -> pd.DataFrame:
        """One row per day; of each number the value, low and high. Ages in hours."""
        import pandas as pd

        rows = []
        for day in self.days:
            row: dict[str, Any] = {"day": day.day}
            for name in _NUMBERS:
                made: Estimate | None = getattr(day, name)
                if made is None:
                    continue
                unit, label = (3_600_000.0, "oldest_h") if name == "oldest" else (1.0, name)
                for part, value in (("", made.value), ("_low", made.low), ("_high", made.high)):
                    row[label + part] = math.nan if value is None else value / unit
            rows.append(row)
        return pd.DataFrame(rows)

    def to_json(self) -> dict[str, Any]:
        return {
            "queues": list(self.queues),
            "metric": self.metric,
            "whole": self.whole.to_json(),
            "moved": self.moved.to_json(),
            "moved_by": {said: e.to_json() for said, e in self.moved_by.items()},
            "days": [day.to_json() for day in self.days],
        }


def deferred(
    result: Result, queue: str | Sequence[str] | None = None, *, metric: str | None = None
) -> Deferred:
    """Deferred work of queues of tickets (None: all of them), day by day.

    ``metric`` is the clock of what fell due; by default the first that times a first reply there. Raises InputError
    where there are no tickets, for a queue that has none, and for a metric that is no ticket clock.
    """
    tally = result.tally.tickets
    if tally is None or not tally.deferred.queues:
        raise InputError([Problem("no queue has tickets", "Give one channel: ticket.")])
    known = tally.deferred.queues
    names = known if queue is None else (queue,) if isinstance(queue, str) else tuple(queue)
    wrong = [name for name in names if name not in known]
    if wrong:
        would = did_you_mean(wrong[0], known, what="Queues of tickets")
        raise InputError([Problem(f"{wrong[0]!r} is no queue of tickets", would)])
    counted, level = result.tally.counted, result.level
    days = tally.deferred.by_day(names, counted)
    chosen = _clock(tally, names, metric)
    due: tuple[Any, Any] | None = None
    if chosen is not None:
        due = tally.by_due_day(chosen, names, counted)
    grid = result.scenario.grid
    nothing = np.zeros((1, result.scenario.intervals))
    labels, _ = cells_of(grid.local, grid.warm, "day", nothing)

    def day(place: Any, label: str) -> DeferredDay:
        """``place`` picks one day, or all of them for the average one."""
        mine = days[:, place].reshape(days.shape[0], -1, days.shape[2])
        length = mine.shape[1]
        worked = np.maximum((days[:, :, COMPLETED] > 0).sum(axis=1), 1)

        def mean(column: int, unit: Kind = "number") -> Estimate:
            return estimates.pooled(
                mine[:, :, column].sum(axis=1), np.full(days.shape[0], length), level=level, share=False, unit=unit,
                metric=_SAID[column],
            )  # fmt: skip

        work = estimates.pooled(
            mine[:, :, CLOSING].sum(axis=1) * worked, days[:, :, COMPLETED].sum(axis=1) * length,
            level=level, share=False, unit="number",
            metric="closing backlog / completed on an average working day",
        )  # fmt: skip
        in_time = None
        if due is not None:
            met, judged = (part[:, place].reshape(days.shape[0], -1).sum(axis=1) for part in due)
            in_time = estimates.pooled(met, judged, level=level, metric=f"{chosen} met / fell due")
        return DeferredDay(
            label, mean(OPENING), mean(ARRIVED), mean(COMPLETED), mean(CLOSING),
            mean(OLDEST, "time"), work, in_time,
        )  # fmt: skip

    return Deferred(
        names, chosen,
        tuple(day(place, label) for place, label in enumerate(labels)),
        day(slice(None), "all"), *_moved(tally, names, counted, level),
    )  # fmt: skip


def _moved(
    tally: TicketTally, queues: Sequence[str], counted: Any, level: float
) -> tuple[Estimate, dict[str, Estimate]]:
    known = tally.layout.queues
    steps = tally.steps[counted][:, [known.index(name) for name in queues]].sum(axis=1)
    ones = np.ones(steps.shape[0])

    def mean(number: Any, said: str) -> Estimate:
        return estimates.pooled(number, ones, level=level, share=False, unit="number", metric=said)

    whole = mean(steps.sum(axis=1), "reminders and escalations that acted")
    each = {said: mean(steps[:, at], said) for at, said in enumerate(tally.layout.warnings)}
    return whole, each


_SAID = {
    OPENING: "items at the day's beginning",
    ARRIVED: "items that came",
    COMPLETED: "items completed",
    CLOSING: "items at the day's end",
    OLDEST: "age of the oldest item at the day's end",
}


def _clock(tally: TicketTally, queues: Sequence[str], metric: str | None) -> str | None:
    metrics = tally.layout.policy.metrics
    if metric is not None:
        if metric not in tally.layout.metrics:
            would = did_you_mean(metric, tally.layout.metrics, what="Ticket clocks")
            raise InputError([Problem(f"{metric!r} is no ticket clock", would)])
        return metric
    for name, setting in metrics.items():
        if setting.metric == "first_reply" and set(setting.queues) & set(queues):
            return name
    return None
