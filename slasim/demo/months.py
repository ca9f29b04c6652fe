"""The bank's month, predicted beside actual: the rows of the demo's table, its hours, definitions and picture.

One run of the month gives every row: its metrics are followed day by day, and only chance differs between the months
(who calls when, how long it takes, who is patient); the volumes are the bank's. What may be promised is
`promise.py`'s; this file knows no words.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from slasim.arrays import Bools, Ints
from slasim.demo.actual import Actual
from slasim.errors import InputError
from slasim.metrics.ratio import ratio
from slasim.metrics.standard import ContactMetric, measure
from slasim.scenario import Scenario
from slasim.study import Result, measures
from slasim.study.measures import Asked
from slasim.study.runs import Progress, Run

__all__ = [
    "COLUMNS",
    "PROMISED",
    "SET_DAYS",
    "Figure",
    "Row",
    "counted",
    "days_of",
    "definitions",
    "hours",
    "picture",
    "predicted_and_actual",
    "simulated_aht",
]


SPREAD = 0.95
"""The ranges of the table hold this share of the simulated months."""

COLUMNS = ("answered_in_20", "answered_in_30", "answered_in_60", "abandoned", "mean_wait")
"""The scenario's metrics, in the order of the table."""

PROMISED = "answered_in_30"
THRESHOLD = 30_000
SET_DAYS = 21
"""Weeks 1-3 set the model."""

SUN_TO_THU, FRI, SAT = (6, 0, 1, 2, 3), (4,), (5,)

ENOUGH_CALLS = 100
"""An hour of the day with fewer real calls in the month is neither the hardest nor the best."""


@dataclass(frozen=True)
class Figure:
    """A metric predicted and actual: shares, or seconds. ``low`` and ``high`` hold 95 of 100 simulated months."""

    predicted: float
    low: float
    high: float
    actual: float


@dataclass(frozen=True)
class Row:
    """Some days of the month: offered calls (the bank's) and the five metrics of COLUMNS."""

    name: str
    part: Literal["set", "unseen", "month"]
    offered: int
    figures: tuple[Figure, ...]

    def figure(self, metric: str) -> Figure:
        return self.figures[COLUMNS.index(metric)]


def days_of(centre: Scenario) -> Ints:
    """(I,) the day of the scenario, from 0, that each interval belongs to."""
    local = centre.grid.local
    return np.asarray((local.local_ms - local.local_ms[0]) // 86_400_000)


def counted(centre: Scenario, follow: list[Asked], replications: int, seed: int,
           executor: int | Executor | None, progress: Progress | None) -> Result:  # fmt: skip
    """A result whose metrics ``follow`` can be asked for day by day, in every replication."""
    layout = measures.layout(centre, followed=[(asked, "day") for asked in follow])
    tally = Run(centre, seed, layout).count(range(replications), executor, progress)
    return Result(centre, seed, "fast", tally)


def predicted_and_actual(result: Result, follow: list[Asked], happened: Actual) -> tuple[Row, ...]:
    """The rows of the table, from a result that follows these metrics day by day."""
    day = days_of(result.scenario)
    weekday = np.asarray(result.scenario.grid.local.weekday)
    seen = day < SET_DAYS
    every = np.ones_like(seen)
    parts: list[tuple[str, Literal["set", "unseen", "month"], Bools]] = [
        ("Sun-Thu", "set", seen & np.isin(weekday, SUN_TO_THU)),
        ("Fri", "set", seen & np.isin(weekday, FRI)),
        ("Sat", "set", seen & np.isin(weekday, SAT)),
        ("weeks 1-3", "set", seen),
        ("week 4", "unseen", ~seen),
        ("month", "month", every),
    ]
    by_day = {asked.name: result.by_period(asked, "day") for asked in follow}
    return tuple(
        Row(
            name,
            part,
            int(happened.columns["offered"][chosen].sum()),
            tuple(
                _predicted(
                    asked.measure, by_day[asked.name], np.unique(day[chosen]), happened, chosen
                )
                for asked in follow
            ),
        )
        for name, part, chosen in parts
    )


def _predicted(metric: ContactMetric, by_day: tuple[Any, Any], days: Any, happened: Actual,
               chosen: Bools) -> Figure:  # fmt: skip
    above, below = (np.asarray(part)[:, days].sum(axis=1) for part in by_day)
    own = ratio(above, below)
    low, high = np.nanquantile(own, [(1 - SPREAD) / 2, (1 + SPREAD) / 2])
    unit = 1000.0 if metric.unit == "time" else 1.0
    pooled = float(ratio(above.sum(), below.sum()))
    return Figure(
        pooled / unit, float(low) / unit, float(high) / unit, happened.value(metric, chosen) / unit
    )


def simulated_aht(result: Result, chosen: Bools) -> float:
    """ms, over the chosen intervals of all simulated months."""
    above, below = result.parts_by_interval(measures.ask(result.scenario, "aht"))
    return float(ratio(above[:, chosen].sum(), below[:, chosen].sum()))


def hours(centre: Scenario, happened: Actual) -> tuple[tuple[str, float], ...]:
    """(hour, actual answered in 30 s), Sun-Thu, worst first."""
    local = centre.grid.local
    hour = np.asarray(local.minute_of_day) // 60
    weekday = np.isin(np.asarray(local.weekday), SUN_TO_THU)
    metric = measures.ask(centre, PROMISED).measure
    found = []
    for h in range(24):
        chosen = weekday & (hour == h)
        if happened.columns["offered"][chosen].sum() >= ENOUGH_CALLS:
            found.append((f"{h:02d}:00", happened.value(metric, chosen)))
    return tuple(sorted(found, key=lambda one: one[1]))


def definitions(happened: Actual) -> dict[str, float]:
    """The real month's 30 s service level by formula."""
    every = np.ones_like(happened.columns["offered"], np.bool_)
    return {
        name: happened.value(measure("service_level", threshold=THRESHOLD, formula=name), every)
        for name in ("negative", "exclude_abandoned_within", "answered_only")
    }


def picture(result: Result, happened: Actual, folder: Path) -> tuple[Path | None, tuple[str, ...]]:
    """demo.png: answered in 30 s by half-hour of the day, Sun-Thu, the actual as dots."""
    from slasim.show.cells import grid_of
    from slasim.show.plots import plot

    days = ["sun", "mon", "tue", "wed", "thu"]
    above, below = happened.by_interval(measures.ask(result.scenario, PROMISED).measure)
    grid = grid_of(result, "time", days)
    told = dict(
        zip(grid.labels, ratio(grid.summed(above), grid.summed(below)).tolist(), strict=True)
    )
    path = folder / "demo.png"
    try:
        plot(
            result, PROMISED, by="time", days=days, least=ENOUGH_CALLS / 2,
            actual={label: value for label, value in told.items() if not math.isnan(value)},
            title="Answered within 30 seconds, a real bank's February", to=path,
        )  # fmt: skip
    except InputError as why:
        return None, tuple(str(problem) for problem in why.problems)
    return path, ()
