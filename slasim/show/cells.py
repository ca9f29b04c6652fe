"""From a result to the cells of a picture: one value with its band for each half hour, time of day or day.

A *cell* is what one step of a plotted line stands for. Cells lie side by side on a number line (hours, or days); where
nobody calls, or too few, a cell is empty. This file draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from slasim.arrays import Floats, Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.metrics.ratio import ratio
from slasim.outcome import estimates
from slasim.study import Comparison, Result, measures
from slasim.study.measures import Asked

__all__ = [
    "BY",
    "Cells",
    "Grid",
    "Series",
    "actual_of",
    "compared",
    "default_metric",
    "grid_of",
    "placed",
    "promised_target",
    "simulated",
]


BY = ("interval", "time", "day")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOUR, _DAY = 3_600_000, 86_400_000
_SHORT = 2
"""Up to so many local days are shown interval by interval, more of them by time of day."""


@dataclass(frozen=True, eq=False)
class Grid:
    """C cells: where each begins on the number line (C + 1 edges), its label, and (I,) the cell of each interval.

    ``edges`` in hours since local midnight of the first day (by time of day: of any day), or in days. Intervals that
    are in no cell have -1.
    """

    by: str
    edges: Floats
    labels: tuple[str, ...]
    cell_of: Ints
    days: tuple[str, ...] | None = None

    def summed(self, part: Any) -> Floats:
        """(..., I) summed to (..., C)."""
        values: Floats = np.asarray(part, np.float64)
        total = np.zeros((*values.shape[:-1], len(self.labels)))
        inside = self.cell_of >= 0
        np.add.at(total.T, self.cell_of[inside], values[..., inside].T)
        return total


@dataclass(frozen=True, eq=False)
class Series:
    """(C,) values with the low and high end of a band; nan where a cell is empty or has no band."""

    value: Floats
    low: Floats
    high: Floats
    contacts: Floats
    """(C,) contacts in the cell, in an average replication; nan for a ratio over agents"""

    def without(self, empty: Any) -> Series:
        blank = {
            name: np.where(empty, np.nan, getattr(self, name)) for name in ("value", "low", "high")
        }
        return replace(self, **blank)


@dataclass(frozen=True, eq=False)
class Cells:
    """What a picture shows: the grid, its series, and what the band is (``spread`` or ``mean``)."""

    grid: Grid
    series: tuple[Series, ...]
    band: str
    left_out: int
    """cells with contacts, but with too few"""


def simulated(result: Result) -> str:
    """What a replication is to a planner: a simulated day, week or month; else a run."""
    days = result.scenario.horizon / _DAY
    if 0.9 <= days <= 1.1:
        return "day"
    if 6.9 <= days <= 7.1:
        return "week"
    return "month" if 27.9 <= days <= 31.1 else "run"


def grid_of(result: Result, by: str | None = None, days: Iterable[str] | None = None) -> Grid:
    """The cells by ``by`` (default: interval for up to two days, else time of day), of those weekdays only.

    Raises InputError for another ``by``, an unknown weekday, or days that the horizon does not have.
    """
    if by is not None and by not in BY:
        raise InputError([Problem(f"a picture cannot be by {by!r}", did_you_mean(by, BY))])
    chosen = None if days is None else _weekdays(days)
    centre = result.scenario
    local = centre.grid.local
    ms: Ints = np.asarray(local.local_ms[centre.grid.warm :], np.int64)
    text = [str(t) for t in local.text[centre.grid.warm :]]
    weekday: Ints = np.asarray(local.weekday[centre.grid.warm :], np.int64)
    day: Ints = ms // _DAY - int(ms[0]) // _DAY
    kept = np.ones(ms.size, np.bool_) if chosen is None else np.isin(weekday, chosen)
    if not kept.any():
        raise InputError([Problem("the scenario has none of these days", path="days")])
    names = None if chosen is None else tuple(WEEK[k] for k in chosen)
    if by is None:
        by = "interval" if int(day.max()) < _SHORT else "time"
    step = centre.interval / _HOUR
    if by == "interval":  # elapsed time, so that a change of clocks leaves no hole
        begin = (int(ms[0]) % _DAY) / _HOUR
        edges: Floats = begin + step * np.arange(ms.size + 1, dtype=np.float64)
        return Grid(by, edges, tuple(text), np.where(kept, np.arange(ms.size), -1), names)
    if by == "day":
        first = [text[int(k)] for k in np.searchsorted(day, np.arange(int(day.max()) + 1))]
        count = len(first)
        return Grid(
            by, np.arange(count + 1.0), tuple(t[:10] for t in first), np.where(kept, day, -1), names
        )
    place: Ints = (ms % _DAY) // centre.interval
    low, high = int(place[kept].min()), int(place[kept].max())
    places: Floats = step * np.arange(low, high + 2, dtype=np.float64)
    labels = tuple(
        f"{int(m) // 60:02d}:{int(m) % 60:02d}" for m in (places[:-1] * 60).round().astype(int)
    )
    return Grid(by, places, labels, np.where(kept, place - low, -1), names)


def _weekdays(days: Iterable[str]) -> list[int]:
    wanted = [days] if isinstance(days, str) else list(days)
    for name in wanted:
        if name not in WEEK:
            raise InputError([Problem(f"no weekday is called {name!r}", did_you_mean(name, WEEK))])
    return sorted({WEEK.index(name) for name in wanted})


def placed(result: Result, asked: Asked, grid: Grid, *, band: str, least: float) -> Cells:
    """A result's metric in the cells.

    ``band``: ``spread`` is what 95 of 100 replications' own values lie in, ``mean`` the range of the mean. Agents'
    working time is not kept by replication and interval, so occupancy has only the second. Cells in which an average
    replication has less than ``least`` contacts stay empty.
    """
    if band not in ("spread", "mean"):
        raise InputError(
            [Problem(f"no band is called {band!r}", did_you_mean(band, ["spread", "mean"]))]
        )
    if asked.measure.over == "agents":
        band = "mean"
    if band == "mean":
        above, below = (grid.summed(part) for part in result.parts_by_interval(asked))
        made = estimates.ranges(above, below, level=result.level, share=asked.share)
        series = Series(made.value, made.low, made.high, _contacts(result, asked, below))
    else:
        above, below = (grid.summed(part) for part in result.by_period(asked, "interval"))
        series = _spread(above, below, result.level)
    few = series.contacts < least
    some = ~np.isnan(series.value)
    return Cells(grid, (series.without(few),), band, int((few & some).sum()))


def _spread(above: Floats, below: Floats, level: float) -> Series:
    """Both (R, C). A quantile over the replications in which the cell has contacts."""
    own = ratio(above, below)
    low, high = np.full((2, own.shape[1]), np.nan)
    for cell in range(own.shape[1]):
        known = own[~np.isnan(own[:, cell]), cell]
        if known.size >= 2:
            low[cell], high[cell] = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    value = ratio(above.sum(axis=0), below.sum(axis=0))
    return Series(value, low, high, below.sum(axis=0) / own.shape[0])


def _contacts(result: Result, asked: Asked, below: Floats) -> Floats:
    if asked.measure.over == "agents":
        return np.full(below.shape[1], math.nan)
    contacts: Floats = below.sum(axis=0) / result.replications
    return contacts


def compared(both: Comparison, one: Asked, other: Asked, grid: Grid, *, least: float) -> Cells:
    """Both metrics with the range of their means, and third the paired difference with its own."""
    first, second = both.first, both.second
    parts = [
        tuple(grid.summed(part) for part in result.parts_by_interval(asked))
        for result, asked in ((first, one), (second, other))
    ]
    series = []
    for (above, below), asked in zip(parts, (one, other), strict=True):
        made = estimates.ranges(above, below, level=first.level, share=asked.share)
        series.append(Series(made.value, made.low, made.high, _contacts(first, asked, below)))
    low, high, value = np.full((3, len(grid.labels)), np.nan)
    for cell in range(len(grid.labels)):
        (a, b), (c, d) = parts
        found = estimates.difference(
            a[:, cell], b[:, cell], c[:, cell], d[:, cell],
            level=first.level, share=one.share, unit=one.measure.unit,
        ).estimate  # fmt: skip
        value[cell] = found.value
        if found.low is not None and found.high is not None:
            low[cell], high[cell] = found.low, found.high
    contacts = np.minimum(series[0].contacts, series[1].contacts)
    series.append(Series(value, low, high, contacts))
    few = contacts < least
    some = ~np.isnan(value)
    return Cells(grid, tuple(s.without(few) for s in series), "mean", int((few & some).sum()))


def actual_of(grid: Grid, actual: Any) -> Floats:
    """(C,) the actual values by cell: from a mapping of labels (a pandas Series will do), or one value per cell.

    Raises InputError for a label that is no cell, or another number of values.
    """
    if hasattr(actual, "keys"):
        given = {str(key): float(actual[key]) for key in actual.keys()}  # noqa: SIM118 a Series iterates values
        unknown = [key for key in given if key not in grid.labels]
        if unknown:
            raise InputError(
                [
                    Problem(
                        f"actual values are given for {unknown[0]!r}, which is no cell",
                        f"Cells run from {grid.labels[0]} to {grid.labels[-1]}.",
                        path="actual",
                    )
                ]
            )
        return np.array([given.get(label, math.nan) for label in grid.labels])
    values: Floats = np.asarray(actual, np.float64)
    if values.shape != (len(grid.labels),):
        raise InputError(
            [
                Problem(
                    f"{values.size} actual values for {len(grid.labels)} cells",
                    "Give one for each, nan where there is none, or a mapping of labels.",
                    path="actual",
                )
            ]
        )
    return values


def default_metric(result: Result) -> str:
    """The first service level that the scenario names, else service_level."""
    centre = result.scenario
    named = (name for name, record in centre.metrics.items() if record.type == "service_level")
    return next(named, "service_level")


def promised_target(result: Result, asked: Asked) -> float | None:
    """The target of the first commitment that promises this very metric."""
    for promise in measures.promises(result.scenario):
        if (promise.asked.measure, promise.asked.queues) == (asked.measure, asked.queues):
            return promise.target if promise.interval_target is None else None
    return None
