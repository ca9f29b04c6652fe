"""An interval report, as a switchboard gives it: one row per queue and interval -> counts.

Columns: interval_start, offered (needed); interval_minutes, queue, channel, answered, abandoned, short_abandoned,
answered_within_sl, abandoned_within_sl, sl_threshold_s, answer_wait_total_s or asa_s, abandon_wait_total_s,
handle_total_s or talk_total_s + hold_total_s + acw_total_s or aht_s, flow_out, blocked, forecast.

What a report does not say stays unknown: it is told when a metric asks for it, and never taken as 0. An empty cell
in a column that other rows fill is a bad row, unless nothing was offered then. This file knows no formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Floats, Ints
from slasim.errors import InputError, Problem
from slasim.history.read import UNKNOWN, BadRows, Export, ReadingReport
from slasim.metrics.counts import ReportCounts

__all__ = ["IntervalReport", "is_interval_report", "read_intervals", "with_forecast"]


NEEDED = ("interval_start", "offered")
_LEAST, _MOST = clock.MINUTE, clock.DAY


@dataclass(frozen=True, eq=False)
class IntervalReport:
    """N rows, one per queue and interval.

    queue     (N,) int    index into ``queues``
    start     (N,) int64  epoch ms
    interval  ms
    counts    of N cells
    known     names of Counts that the report says something of (``answered_within(20000)`` for a threshold)
    forecast  (N,) contacts expected, nan where unknown; None without that column
    line      (N,) the line of the file in which each row begins
    """

    queues: tuple[str, ...]
    queue: Ints
    start: Ints
    interval: int
    timezone: str
    counts: ReportCounts
    known: frozenset[str]
    thresholds: tuple[int, ...]
    forecast: Floats | None
    report: ReadingReport
    line: Ints

    def __len__(self) -> int:
        return int(self.start.size)


def is_interval_report(export: Export) -> bool:
    """Does the file have the columns of an interval report?"""
    return export.has(*NEEDED)


def read_intervals(
    path: str | Path,
    *,
    timezone: str | None = None,
    threshold: int | None = None,
    short_abandon: int | None = None,
    short_inside: bool | None = None,
    encoding: str | None = None,
    day_first: bool = False,
    bad_rows: BadRows = "refuse",
) -> IntervalReport:
    """The interval report of a CSV file.

    ``timezone`` is the zone of naive instants and of the report's days (else UTC). ``threshold`` (ms) is what
    answered_within_sl refers to where there is no column sl_threshold_s. ``short_abandon`` (ms) is the limit of
    the column short_abandoned, ``short_inside`` whether ``abandoned`` has them; without both the column is not used.
    Raises InputError with every problem.
    """
    export = Export.open(path, timezone=timezone, encoding=encoding, day_first=day_first)
    return intervals_of(export, threshold, short_abandon, short_inside, bad_rows)


def intervals_of(
    export: Export,
    threshold: int | None = None,
    short_abandon: int | None = None,
    short_inside: bool | None = None,
    bad_rows: BadRows = "refuse",
) -> IntervalReport:
    """As `read_intervals`, of an open export."""
    export.require(NEEDED)
    start = export.instants("interval_start")
    export.all_wrong(
        np.flatnonzero((start == UNKNOWN) & _empty(export, "interval_start")),
        "interval_start is empty",
    )
    queues, queue = _queues(export)
    interval = _interval(export, queue, start)
    numbers = {name: export.counts(name) for name in _COUNTS}
    sums = {name: export.ms(name) for name in _SUMS}
    at = _thresholds(export, threshold, numbers["answered_within_sl"])
    forecast = export.decimals("forecast") if export.has("forecast") else None
    short = _short(export, numbers, short_abandon, short_inside)
    _checks(export, numbers, queue, start)
    kept = export.settle(bad_rows)
    counts, known = _counts(export, numbers, sums, at, short, kept)
    return IntervalReport(
        queues,
        queue[kept],
        start[kept],
        interval,
        export.zone.key if export.zone is not None else "UTC",
        counts,
        known,
        tuple(sorted({*counts.answered_in, *counts.abandoned_in})),
        None if forecast is None else forecast[kept],
        export.report(),
        np.array(export.table.lines, np.int64)[kept],
    )


_COUNTS = (
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "answered_within_sl",
    "abandoned_within_sl",
    "flow_out",
    "blocked",
)
_SUMS = (
    "answer_wait_total_s",
    "asa_s",
    "abandon_wait_total_s",
    "handle_total_s",
    "talk_total_s",
    "hold_total_s",
    "acw_total_s",
    "aht_s",
)


def _empty(export: Export, name: str) -> Bools:
    return np.array([not cell for cell in export.texts(name)], bool)


def _queues(export: Export) -> tuple[tuple[str, ...], Ints]:
    """Names and numbers; a queue with several channels is one queue per channel."""
    names = [name or "all" for name in export.texts("queue")]
    channels = [name or "voice" for name in export.texts("channel")]
    several: dict[str, set[str]] = {}
    for name, channel in zip(names, channels, strict=True):
        several.setdefault(name, set()).add(channel)
    called = [
        f"{name}/{channel}" if len(several[name]) > 1 else name
        for name, channel in zip(names, channels, strict=True)
    ]
    known = {name: number for number, name in enumerate(dict.fromkeys(called))}
    return tuple(known), np.array([known[name] for name in called], np.int64)


def _interval(export: Export, queue: Ints, start: Ints) -> int:
    """The length of an interval in ms: as the file says, else the smallest gap. Raises InputError when mixed."""
    said = export.decimals("interval_minutes")
    if not np.isnan(said).all():
        lengths = np.unique(said[~np.isnan(said)])
        if lengths.size > 1:
            row = int(np.flatnonzero(said == lengths[1])[0])
            found = f"intervals of {lengths[0]:g} and of {lengths[1]:g} minutes in one file"
            raise InputError([export.table.problem(row, "", f"{found}; split it by length")])
        length = round(float(lengths[0]) * clock.MINUTE)
        if not _LEAST <= length <= _MOST:
            row = int(np.flatnonzero(~np.isnan(said))[0])
            raise InputError(
                [export.table.problem(row, "", f"an interval of {lengths[0]:g} minutes")]
            )
        return length
    gaps = [np.diff(np.unique(start[(queue == q) & (start != UNKNOWN)])) for q in np.unique(queue)]
    every = np.concatenate(gaps) if gaps else np.zeros(0, np.int64)
    if every.size == 0:
        export.said.append(
            "interval_minutes is not given and cannot be told from one row: 30 min taken"
        )
        return 30 * clock.MINUTE
    length = int(every.min())
    if not _LEAST <= length <= _MOST or (every % length).any():
        found = f"the rows are {clock.format_duration(length)} apart in places, and not multiples of it elsewhere"
        would_do = "Give a column interval_minutes; a file holds one length."
        raise InputError([Problem(found, would_do, file=export.file, line=1)])
    return length


def _thresholds(export: Export, threshold: int | None, within: Ints) -> int | None:
    said = export.ms("sl_threshold_s")
    found = np.unique(said[said != UNKNOWN])
    if found.size > 1:
        row = int(np.flatnonzero(said == found[1])[0])
        sentence = (
            f"thresholds of {clock.format_duration(int(found[0]))} and "
            f"{clock.format_duration(int(found[1]))} in one file; split it by threshold"
        )
        raise InputError([export.table.problem(row, "sl_threshold_s", sentence)])
    if found.size:
        return int(found[0])
    if threshold is None and (within != UNKNOWN).any():
        export.said.append(
            "answered_within_sl and abandoned_within_sl are not used: no threshold is given "
            "(column sl_threshold_s, or threshold)"
        )
    return threshold


def _short(
    export: Export, numbers: Mapping[str, Ints], short_abandon: int | None, inside: bool | None
) -> tuple[int, Ints, bool] | None:
    column = numbers["short_abandoned"]
    if not (column != UNKNOWN).any():
        return None
    if short_abandon is None or inside is None:
        export.said.append(
            "short_abandoned is not used: say its limit and whether `abandoned` has them "
            "(short_abandon, short_inside)"
        )
        return None
    return short_abandon, column, inside


def _checks(export: Export, n: Mapping[str, Ints], queue: Ints, start: Ints) -> None:
    offered = n["offered"]
    unread = {row for _, row, _ in export.bad}
    missing = [row for row in np.flatnonzero(offered == UNKNOWN).tolist() if row not in unread]
    export.all_wrong(missing, "offered is empty", "unknown is not 0")
    for name in _COUNTS[1:]:
        column = n[name]
        if not (column != UNKNOWN).any():
            continue
        gap = (column == UNKNOWN) & (offered > 0)
        export.all_wrong(
            [row for row in np.flatnonzero(gap).tolist() if row not in unread],
            f"{name} is empty where contacts were offered",
            "fill it in, or leave the column out",
        )
    for part, whole in (
        ("answered", "offered"),
        ("abandoned", "offered"),
        ("answered_within_sl", "offered"),
        ("answered_within_sl", "answered"),
        ("abandoned_within_sl", "abandoned"),
    ):
        more = (n[part] != UNKNOWN) & (n[whole] != UNKNOWN) & (n[part] > n[whole])
        export.all_wrong(np.flatnonzero(more), f"{part} is more than {whole}", "check the columns")
    both = (n["answered"] != UNKNOWN) & (n["abandoned"] != UNKNOWN) & (offered != UNKNOWN)
    flowed = np.where(n["flow_out"] == UNKNOWN, 0, n["flow_out"])
    over = both & (n["answered"] + n["abandoned"] + flowed > offered)
    export.all_wrong(
        np.flatnonzero(over & (n["answered"] <= offered) & (n["abandoned"] <= offered)),
        "answered + abandoned + flow_out are more than offered",
        "is a contact booked in another interval when it ends?",
    )
    seen: dict[tuple[int, int], int] = {}
    for row, key in enumerate(zip(queue.tolist(), start.tolist(), strict=True)):
        if key[1] == UNKNOWN:
            continue
        first = seen.setdefault(key, row)
        if first != row:
            line = export.table.lines[first]
            export.wrong(
                row, "an interval stands twice", f"the interval of line {line} stands here again"
            )


def _counts(
    export: Export,
    numbers: Mapping[str, Ints],
    sums: Mapping[str, Ints],
    threshold: int | None,
    short: tuple[int, Ints, bool] | None,
    kept: Bools,
) -> tuple[ReportCounts, frozenset[str]]:
    known = {"offered"}

    everything = {**numbers, **sums}

    def column(name: str) -> Ints | None:
        values = everything[name][kept]
        if not (values != UNKNOWN).any():
            return None
        return np.where(values == UNKNOWN, 0, values)

    offered = numbers["offered"][kept]
    answered, abandoned, flow_out = column("answered"), column("abandoned"), column("flow_out")
    rest = np.zeros_like(offered) if flow_out is None else flow_out
    if answered is None and abandoned is not None:
        answered = offered - abandoned - rest
        export.said.append("answered is not given: taken as offered - abandoned - flow_out")
    elif abandoned is None and answered is not None:
        abandoned = offered - answered - rest
        export.said.append("abandoned is not given: taken as offered - answered - flow_out")
    short_column = None if short is None else np.where(short[1] == UNKNOWN, 0, short[1])[kept]
    if short is not None and not short[2] and abandoned is not None and short_column is not None:
        abandoned = abandoned + short_column
    answered_in: dict[int, Ints] = {}
    abandoned_in: dict[int, Ints] = {}
    if threshold is not None:
        for name, found in (
            ("answered_within_sl", answered_in),
            ("abandoned_within_sl", abandoned_in),
        ):
            values = column(name)
            if values is not None:
                found[threshold] = values
    if short is not None and short_column is not None:
        abandoned_in[short[0]] = short_column
    wait_answered = _sum_or_average(column("answer_wait_total_s"), column("asa_s"), answered)
    wait_abandoned = column("abandon_wait_total_s")
    wait_all = None
    if wait_answered is not None and wait_abandoned is not None and answered is not None:
        if abandoned is not None and (answered + abandoned == offered).all():
            wait_all = wait_answered + wait_abandoned
        else:
            export.said.append(
                "mean_wait is not known: some offered were neither answered nor abandoned"
            )
    handled = column("handle_total_s")
    parts = [column(name) for name in ("talk_total_s", "hold_total_s", "acw_total_s")]
    if handled is None and parts[0] is not None:
        lacking = [
            n for n, p in zip(("hold_total_s", "acw_total_s"), parts[1:], strict=True) if p is None
        ]
        if lacking:
            export.said.append(
                f"AHT is not known: {' and '.join(lacking)} not given, so it may lack a part"
            )
        else:
            handled = sum((part for part in parts if part is not None), np.zeros_like(offered))
    if handled is None:
        handled = _sum_or_average(None, column("aht_s"), answered)
    blocked = column("blocked")
    for name, found_column in (
        ("answered", answered),
        ("abandoned", abandoned),
        ("voicemail", flow_out),
        ("blocked", blocked),
        ("wait_answered", wait_answered),
        ("wait_all", wait_all),
        ("handled", handled),
    ):
        if found_column is not None:
            known.add(name)
    known |= {f"answered_within({t})" for t in answered_in}
    known |= {f"abandoned_within({t})" for t in abandoned_in}
    none = np.zeros_like(offered)
    counts = ReportCounts(
        offered,
        none if answered is None else answered,
        none if abandoned is None else abandoned,
        answered_in,
        abandoned_in,
        none if blocked is None else blocked,
        none if flow_out is None else flow_out,
        wait_all,
        wait_answered,
        handled,
    )
    return counts, frozenset(known)


def _sum_or_average(total: Ints | None, average: Ints | None, count: Ints | None) -> Ints | None:
    if total is not None or average is None or count is None:
        return total
    return average * count


def with_forecast(
    report: IntervalReport, path: str | Path, *, timezone: str | None = None
) -> IntervalReport:
    """The same report beside a forecast file: interval_start, queue (if the report has several) and
    forecast, else offered. Raises InputError; an interval that the forecast lacks stays unknown.
    """
    export = Export.open(path, timezone=timezone)
    export.require(("interval_start",), one_of=(("forecast", "offered"),))
    start = export.instants("interval_start")
    volume = export.decimals("forecast" if export.has("forecast") else "offered")
    names = [name or "all" for name in export.texts("queue")]
    export.settle("refuse")
    known: dict[tuple[str, int], float] = {}
    for row, key in enumerate(zip(names, start.tolist(), strict=True)):
        if key in known:
            raise InputError(
                [export.table.problem(row, "", "the interval stands twice; keep one row")]
            )
        known[key] = float(volume[row])
    alone = len(report.queues) == 1 and not export.has("queue")
    expected = np.array(
        [
            known.get(("all" if alone else report.queues[q], at), np.nan)
            for q, at in zip(report.queue.tolist(), report.start.tolist(), strict=True)
        ]
    )
    if np.isnan(expected).all():
        found = "no interval of the forecast is one of the report"
        would_do = "Are queue names and time zone the same in both files?"
        raise InputError([Problem(found, would_do, file=export.file, line=1)])
    return replace(report, forecast=expected)
