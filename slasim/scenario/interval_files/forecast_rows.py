"""A queue's forecast from a file: contacts, AHT and patience by interval.

The file may hold the scenario's own interval, a divisor of it (volumes are added, AHT weighted by volume) or a
multiple (volumes are spread evenly over the open part). Contacts outside open hours are an error.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.calendars import Calendar
from slasim.scenario.forecast_columns import mean_column
from slasim.scenario.interval_files.grid import Horizon, with_warm_up
from slasim.scenario.interval_files.rows import Series, covered_from, placed, refuse_gaps, rows_of
from slasim.scenario.schema import Source
from slasim.sets import distinct

__all__ = ["from_file"]


def from_file(
    name: str, source: Source, calendar: Calendar, horizon: Horizon, folder: Path | None
) -> tuple[Floats, Floats | None, Floats | None, list[str]]:
    """(volume, aht ms | None, patience ms | None, notes) by interval; NaN where a mean is empty."""
    table, instants, column, time = rows_of(name, "queue", source, folder, horizon, "offered")
    offered = table.numbers(column)
    given = {key: mean_column(table, column, key) for key in ("aht_s", "patience_s")}
    means = {
        key: None if one is None else table.milliseconds(one, blank=math.nan)
        for key, one in given.items()
    }
    first = covered_from(instants, horizon)
    series = placed(table, instants, time, horizon, first)
    slots = series.covered.size
    edges = first + np.arange(slots + 1, dtype=np.int64) * series.step
    open_ms = (
        np.full(slots, series.step, dtype=np.int64)
        if calendar.always_open
        else np.diff(calendar.business_time(edges))
    )
    refuse_gaps(series, open_ms > 0, edges, horizon, f"queue `{name}`")
    length = series.step * series.slots_per_row
    open_in_row = (
        np.full(instants.size, length, dtype=np.int64)
        if calendar.always_open
        else np.asarray(calendar.elapsed(instants, instants + length))
    )
    volume = _spread(series, offered, open_ms, open_in_row, time)
    aht = _weighted(series, means["aht_s"], volume, horizon)
    patience = _weighted(series, means["patience_s"], volume, horizon)
    per = horizon.interval // series.step
    summed = volume.reshape(-1, per).sum(axis=1)
    notes = _interval_note(series, horizon)
    parts = [summed, aht, patience]
    if first > horizon.first:
        parts = [None if p is None else with_warm_up(p, horizon) for p in parts]
        assert parts[0] is not None
        parts[0] = parts[0] * (horizon.open_ms(calendar) > 0)
        notes.append("before the horizon the forecast's end is repeated")
    assert parts[0] is not None
    return parts[0], parts[1], parts[2], notes


def _interval_note(series: Series, horizon: Horizon) -> list[str]:
    ours = clock.format_duration(horizon.interval)
    if series.slots_per_row > 1:
        own = clock.format_duration(horizon.interval * series.slots_per_row)
        return [f"its intervals of {own} are spread evenly over ours of {ours}"]
    if series.step < horizon.interval:
        return [
            f"its intervals of {clock.format_duration(series.step)} are added up to ours of {ours}"
        ]
    return []


def _spread(series: Series, offered: Floats, open_ms: Ints, by_row: Ints, time: str) -> Floats:
    """Contacts per slot; refuses contacts where the queue is closed.

    ``by_row`` are the open ms of each whole row, so that of a row which start or end of the horizon cuts only its
    part is taken.
    """
    table = series.table
    used = series.covered
    inside = distinct(series.row[used])
    closed = [int(row) for row in inside if by_row[row] == 0 and offered[row] > 0]
    table.refuse(
        time,
        [
            (
                row,
                f"{offered[row]:g} contacts at {table.column(time)[row]}, when the queue is closed; "
                "set them to 0 or open the calendar",
            )
            for row in closed
        ],
    )
    volume = np.zeros(series.covered.size)
    rows = series.row[used]
    share = np.divide(open_ms[used], by_row[rows], out=np.zeros(rows.size), where=by_row[rows] > 0)
    volume[used] = offered[rows] * share
    return volume


def _weighted(
    series: Series, means: Floats | None, volume: Floats, horizon: Horizon
) -> Floats | None:
    """Means by interval, weighted by volume; NaN where none is given (0 counts as none)."""
    if means is None:
        return None
    by_slot = np.full(series.covered.size, math.nan)
    by_slot[series.covered] = means[series.row[series.covered]]
    by_slot[by_slot == 0] = math.nan
    per = horizon.interval // series.step
    known = ~np.isnan(by_slot)
    weight = np.where(known, volume, 0.0).reshape(-1, per)
    plain = known.astype(float).reshape(-1, per)
    empty = weight.sum(axis=1) == 0
    weight = np.where(empty[:, None], plain, weight)
    total = weight.sum(axis=1)
    summed = (np.where(known, by_slot, 0.0).reshape(-1, per) * weight).sum(axis=1)
    means_of = np.full(total.size, math.nan)
    np.divide(summed, total, out=means_of, where=total > 0)
    return means_of
