"""Agents on duty from a file, by interval, and from a grid of weekdays and hours.

Knows neither levers nor calendars.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Floats
from slasim.scenario.interval_files.grid import Horizon, refused, with_warm_up
from slasim.scenario.interval_files.rows import covered_from, placed, refuse_gaps, rows_of
from slasim.scenario.interval_files.times import times_of_day
from slasim.scenario.schema import Source, Staffing
from slasim.scenario.tables import open_table
from slasim.sets import among

__all__ = ["from_file", "from_grid"]


def from_file(
    name: str, source: Source, horizon: Horizon, folder: Path | None, needed: Bools
) -> Floats:
    """(horizon.size,) agents by interval; a row may be missing where nobody is `needed`. Raises InputError."""
    table, instants, column, time = rows_of(name, "group", source, folder, horizon, "agents")
    agents = table.numbers(column)
    first = covered_from(instants, horizon)
    series = placed(table, instants, time, horizon, first)
    edges = first + np.arange(series.covered.size + 1, dtype=np.int64) * series.step
    per = horizon.interval // series.step
    here = needed if first == horizon.first else needed[horizon.warm :]
    refuse_gaps(series, np.repeat(here, per), edges, horizon, f"group `{name}`")
    by_slot = np.zeros(series.covered.size)
    by_slot[series.covered] = agents[series.row[series.covered]]
    means = by_slot.reshape(-1, per).mean(axis=1)
    return means if first == horizon.first else with_warm_up(means, horizon)


def from_grid(rule: Staffing, horizon: Horizon, folder: Path | None, zone: ZoneInfo) -> Floats:
    """(horizon.size,) agents by interval in the zone's local time; 0 where the grid is silent. Raises InputError."""
    assert rule.grid is not None
    local = clock.local_labels(horizon.edges[:-1], zone)
    time = local.local_ms % clock.DAY
    agents = np.zeros(horizon.size)
    source = rule.grid.source
    if source is not None:
        rows = _grid_file(source, folder)
    else:
        rows = [(row.days, row.begin, row.end, row.agents) for row in rule.grid.rows or ()]
    origin = int(time[horizon.warm])
    for days, begin, end, number in rows:
        for edge in (begin, end):
            if (edge - origin) % horizon.interval:
                raise refused(
                    f"the grid changes at {clock.format_time_of_day(edge)}, inside an interval",
                    f"Intervals are {clock.format_duration(horizon.interval)}; choose edges on them, "
                    "or a shorter interval.",
                )
        here = among(local.weekday, days) & (time >= begin) & (time < end)
        agents[here] = number
    return agents


def _grid_file(
    source: Source, folder: Path | None
) -> list[tuple[tuple[int, ...], int, int, float]]:
    table = open_table(source.file, folder, encoding=source.encoding)
    times = times_of_day(table)
    steps = sorted(later - earlier for earlier, later in pairwise(times))
    if steps and steps[0] <= 0:
        raise refused("column `time` does not ascend", "Sort the rows.", file=table.file, line=2)
    step = steps[0] if steps else clock.DAY
    weekdays = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    found: list[tuple[tuple[int, ...], int, int, float]] = []
    named = [day for day, key in enumerate(weekdays) if table.has(key)]
    if not named:
        table.column("mon")
    for day in named:
        numbers = table.numbers(weekdays[day], blank=0.0)
        found += [
            ((day,), at, min(at + step, clock.DAY), float(number))
            for at, number in zip(times, numbers, strict=True)
        ]
    return found
