"""Rows of an interval file placed on the grid: one queue's or group's, duplicates and gaps refused.

A repeated half hour in autumn is no duplicate, the missing one in spring no gap. What the rows mean is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario.interval_files.grid import Horizon, refused
from slasim.scenario.schema import Source
from slasim.scenario.tables import Table, open_table

__all__ = ["Series", "covered_from", "placed", "refuse_gaps", "rows_of"]


@dataclass(frozen=True, eq=False)
class Series:
    """Rows of one queue or group on slots of `step` ms: the finer of the file's interval and ours."""

    table: Table
    step: int
    covered: Bools
    row: Ints
    """the row that covers each slot, -1 for none"""
    slots_per_row: int


def placed(table: Table, instants: Ints, column: str, horizon: Horizon, first: int) -> Series:
    """Place rows on the grid from epoch ms `first`. Raises InputError."""
    order = np.argsort(instants, kind="stable")
    at = instants[order]
    same = np.flatnonzero(np.diff(at) == 0)
    if same.size:
        bad = []
        for place in same:
            row, before = int(order[place + 1]), int(order[place])
            text = table.column(column)[row]
            bad.append(
                (row, f"{text} stands twice (first in line {table.lines[before]}); keep one")
            )
        table.refuse(column, bad)
    own = _own_interval(at, horizon)
    step = min(own, horizon.interval)
    if max(own, horizon.interval) % step:
        raise refused(
            f"its interval is {clock.format_duration(own)}, the scenario's "
            f"{clock.format_duration(horizon.interval)}",
            "One of the two must divide the other.",
            file=table.file,
            line=table.lines[0],
        )
    off = np.flatnonzero((instants - horizon.start) % step)
    if not off.size:
        off = np.flatnonzero((instants - at[0]) % own)
    if off.size:
        text = clock.format_duration(own)
        table.refuse(
            column,
            [
                (int(row), f"{table.column(column)[row]} is no start of an interval of {text}")
                for row in off
            ],
        )
    per_row = max(own // horizon.interval, 1)
    slots = (horizon.end - first) // step
    rows = np.full(slots, -1, dtype=np.int64)
    begins = (instants - first) // step
    for extra in range(per_row):
        slot = begins + extra
        inside: Bools = (slot >= 0) & (slot < slots)
        rows[slot[inside]] = np.flatnonzero(inside)
    return Series(table, step, rows >= 0, rows, per_row)


def _own_interval(at: Ints, horizon: Horizon) -> int:
    """The commonest distance of rows, ours in a tie: one row off the grid does not change it."""
    distances, counts = np.unique(np.diff(at), return_counts=True)
    if distances.size == 0:
        return horizon.interval
    best = distances[counts == counts.max()]
    return horizon.interval if horizon.interval in best else int(best[0])


@lru_cache(maxsize=32)
def _instants(
    table: Table, time: str, by_name: str | None, zone: ZoneInfo, day_first: bool
) -> Ints:
    """Epoch ms of every row, read once for all queues or groups of a file."""
    keys = None if by_name is None else table.column(by_name)
    return table.instants(time, zone, day_first=day_first, keys=keys)


def rows_of(
    name: str, what: str, source: Source, folder: Path | None, horizon: Horizon, value: str
) -> tuple[Table, Ints, str, str]:
    """(rows of one queue or group, their instants, value column, time column)."""
    table = open_table(source.file, folder, encoding=source.encoding)
    time = "interval_start"
    table.column(time)
    by_name = what if table.has(what) else None
    instants = _instants(table, time, by_name, horizon.zone, source.dates == "day_first")
    if by_name is not None:
        names = table.column(what)
        rows = [row for row, found in enumerate(names) if found == name]
        if not rows:
            known = list(dict.fromkeys(names))[:20]
            raise refused(
                f"no row has {what} `{name}`",
                did_you_mean(name, known, what=f"{what.capitalize()}s in it"),
                file=table.file,
                line=1,
            )
        table, instants = table.take(rows), instants[rows]
        column = source.column or value
    else:
        candidates = [source.column] if source.column else [name, value]
        column = next((c for c in candidates if c and table.has(c)), candidates[0] or value)
    table.column(column)
    inside = np.flatnonzero((instants >= horizon.first - clock.DAY) & (instants < horizon.end))
    if not ((instants >= horizon.start) & (instants < horizon.end)).any():
        since, until = (
            clock.format_instant(int(ms), horizon.zone) for ms in (instants.min(), instants.max())
        )
        begin, end = (clock.format_instant(ms, horizon.zone) for ms in (horizon.start, horizon.end))
        raise refused(
            f"its rows run from {since} to {until}",
            f"The scenario runs from {begin} to {end}.",
            file=table.file,
            line=table.lines[0],
        )
    return table.take(inside.tolist()), instants[inside], column, time


def covered_from(instants: Ints, horizon: Horizon) -> int:
    """Where the file is read from: the warm-up's begin if it has rows there, else the start."""
    before = (instants >= horizon.first) & (instants < horizon.start)
    return horizon.first if before.any() else horizon.start


def refuse_gaps(series: Series, wanted: Bools, edges: Ints, horizon: Horizon, whose: str) -> None:
    missing = np.flatnonzero(wanted & ~series.covered)
    if not missing.size:
        return
    breaks = np.flatnonzero(np.diff(missing) > 1)
    firsts = missing[np.concatenate([[0], breaks + 1])]
    lasts = missing[np.append(breaks, missing.size - 1)]
    problems = []
    for since, until in list(zip(firsts, lasts, strict=True))[:3]:
        begin = clock.format_instant(int(edges[since]), horizon.zone)
        end = clock.format_instant(int(edges[until + 1]), horizon.zone)
        before = series.row[: since + 1]
        known = before[before >= 0]
        line = series.table.lines[int(known[-1])] if known.size else series.table.lines[0]
        problems.append(
            Problem(
                f"{whose}: a gap, no row from {begin} to {end} ({until - since + 1} intervals)",
                "Inside open hours every interval needs a row; write 0 where there is nothing.",
                file=series.table.file,
                line=line,
            )
        )
    if firsts.size > 3:
        rest = f"{whose}: and {firsts.size - 3:,} more gaps ({missing.size:,} intervals in all)"
        problems.append(Problem(rest, file=series.table.file, line=problems[-1].line))
    raise InputError(problems)
