"""The folder that `slasim init` writes: centre.yaml with a comment on every choice, forecast.csv and staffing.csv.

Whatever is written has been loaded and checked first; then files appear whole, or none does. Example volumes keep the
stated staffing busy a sensible part of the time, and say that they are examples. Nothing is random here.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from slasim import clock
from slasim.errors import InputError, Problem
from slasim.starter import patience
from slasim.starter.answers import Answers, read_answers

if TYPE_CHECKING:
    from slasim.scenario import Scenario
    from slasim.scenario.tables import Table

__all__ = ["check_folder", "write_scenario"]

SCENARIO, FORECAST, STAFFING = "centre.yaml", "forecast.csv", "staffing.csv"
INTERVAL = 30 * clock.MINUTE
DEFAULT_AHT = 260 * clock.SECOND
QUIET, BUSY = 0.60, 0.85
"""Share of the staffing's time that the example volumes fill, in the quietest and the busiest intervals."""

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def write_scenario(folder: str | Path, answers: Mapping[str, str], *, force: bool = False,
                   today: date | None = None, encoding: str | None = None,
                   day_first: bool = False) -> list[Path]:  # fmt: skip
    """Write a scenario that can be simulated at once, and the CSV files it reads; return their paths.

    ``answers`` by the keys of ``questions()``; what is missing is the default. A forecast or staffing file that is
    named takes the place of its template (a copy; left alone where it is that very file). Without a file that has
    dates, the scenario begins in the next month or week after ``today``. Existing files are
    overwritten only with ``force``. ``encoding`` and ``day_first`` are declared of the planner's own files, where they
    are not UTF-8 and their dates not ISO. Raises InputError, and then nothing is written.
    """
    read, place = read_answers(answers), Path(folder)
    check_folder(place)
    _refuse_existing(place, read, force)
    above = next(parent for parent in (place, *place.absolute().parents) if parent.is_dir())
    try:
        with tempfile.TemporaryDirectory(prefix=".slasim-init-", dir=above) as made:
            draft = Path(made)
            own = _Own(encoding, day_first)
            _compose(draft, read, own, place.absolute().name, today or date.today())
            place.mkdir(parents=True, exist_ok=True)
            written = [place / name for name in (SCENARIO, FORECAST, STAFFING)]
            for path in written:
                if not _is_own(path, read):
                    os.replace(draft / path.name, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError([Problem(reason, "Choose another folder.", file=str(folder))]) from None
    return written


def _is_own(path: Path, answers: Answers) -> bool:
    """Whether the planner's own file is this one already."""
    given = answers.forecast if path.name == FORECAST else answers.staffing
    return (
        path.name != SCENARIO
        and isinstance(given, Path)
        and path.is_file()
        and path.samefile(given)
    )


def check_folder(folder: str | Path) -> None:
    """Raise InputError where a file is named, or what is meant as one: a scenario and its CSV files fill a folder."""
    place = Path(folder)
    if place.suffix.lower() in (".yaml", ".yml"):
        would_do = f"Name a folder, for example: slasim init {place.with_suffix('')}"
        raise InputError([Problem(f"{place} is the name of a file", would_do)])
    if place.exists() and not place.is_dir():
        raise InputError([Problem(f"{place} is a file", "Name a folder.")])


def _refuse_existing(folder: Path, answers: Answers, force: bool) -> None:
    problems = []
    for name in (SCENARIO, FORECAST, STAFFING):
        path = folder / name
        if (force and not path.is_dir()) or not path.exists() or _is_own(path, answers):
            continue
        use = "" if name == SCENARIO else f"use it with --{name.removesuffix('.csv')} {path}, "
        would_do = f"{use}choose another folder, or overwrite it with --force"
        problems.append(
            Problem("the file exists", f"{would_do[0].upper()}{would_do[1:]}.", file=str(path))
        )
    if problems:
        raise InputError(problems)


# ------------------------------------------------------------------ the drafts


@dataclass(frozen=True)
class _Own:
    """What is declared of the planner's own files."""

    encoding: str | None
    day_first: bool

    @property
    def said(self) -> str:
        """As it stands behind the file's name in the scenario."""
        encoding = "" if self.encoding is None else f", encoding: {_plain(self.encoding)}"
        return encoding + (", dates: day_first" if self.day_first else "")


@dataclass(frozen=True)
class _Plan:
    """What the YAML is written from, besides the answers."""

    name: str
    queues: tuple[str, ...]
    start: date
    end: date
    interval: int = INTERVAL
    staffing: str = ""
    """the value of `staffing:` without what it counts"""
    file_aht: bool = True
    """whether forecast.csv has the AHT of every queue"""
    example: bool = True
    """whether its volumes are ours"""
    wide: bool = False
    """one column per queue, which then has the queue's name"""
    volumes: bool = False
    """whether forecast.csv stands there yet"""
    patience_ms: float | None = None
    declared: str = ""
    """of forecast.csv, where it is the planner's own"""


def _compose(folder: Path, answers: Answers, own: _Own, name: str, today: date) -> None:
    """Write the three files into an empty folder, checked. Raises InputError."""
    plan = _plan(folder, answers, own, name, today)
    if answers.forecast is None:
        _write_volumes(folder, plan, answers, _loaded(folder, plan, answers))
    plan = replace(plan, volumes=True)
    if answers.abandonment is not None and answers.mean_wait is not None:
        mean = patience.from_mean_wait(answers.abandonment, answers.mean_wait)
        plan = replace(plan, patience_ms=mean)
    elif answers.abandonment is not None:
        mean = patience.from_rate(_loaded(folder, plan, answers), answers.abandonment)
        plan = replace(plan, patience_ms=mean)
    _loaded(folder, plan, answers)
    (folder / SCENARIO).write_text(_yaml(plan, answers), encoding="utf-8")


def _loaded(folder: Path, plan: _Plan, answers: Answers) -> Scenario:
    """The scenario as far as it is known; problems name the planner's own files."""
    from slasim.scenario import load_text

    own = {FORECAST: answers.forecast, STAFFING: answers.staffing}
    try:
        return load_text(_yaml(plan, answers), file=SCENARIO, folder=folder)
    except InputError as error:
        raise InputError(
            replace(problem, file=str(own.get(Path(problem.file).name) or problem.file))
            for problem in error.problems
        ) from None


def _plan(folder: Path, answers: Answers, own: _Own, name: str, today: date) -> _Plan:
    queues = answers.queues or ("calls",)
    file_aht = example = True
    wide, interval = False, INTERVAL
    days: tuple[date, date] | None = None
    if answers.forecast is not None:
        _copy(answers.forecast, folder / FORECAST)
        table = _table(folder / FORECAST, answers.forecast, own)
        wide, example = not table.has("queue"), False
        if answers.queues is None:
            queues = _queues_of(table)
        file_aht = all(_has_aht(table, queue) for queue in queues)
        days, interval = _covered(table, answers, answers.forecast, own)
    staffing = "{grid: {file: staffing.csv}"
    if isinstance(answers.staffing, Path):
        _copy(answers.staffing, folder / STAFFING)
        table = _table(folder / STAFFING, answers.staffing, own)
        encoding = _Own(own.encoding, False).said
        staffing = f"{{grid: {{file: staffing.csv{encoding}}}"
        if table.has("interval_start"):
            column = next((c for c in ("agents", "staffing") if table.has(c)), table.header[-1])
            staffing = f"{{file: staffing.csv, column: {_plain(column)}{own.said}"
            days = days or _covered(table, answers, answers.staffing, own)[0]
    else:
        (folder / STAFFING).write_text(_grid(answers, answers.staffing, interval), encoding="utf-8")
    start, end = _span(answers, days, today)
    return _Plan(
        name.replace("\n", " ") or "centre",
        queues,
        start,
        end,
        interval,
        staffing,
        file_aht,
        example,
        wide,
        declared="" if example else own.said,
    )


def _copy(own: Path, to: Path) -> None:
    try:
        shutil.copyfile(own, to)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError([Problem(f"cannot be read: {reason}", file=str(own))]) from None


def _table(copy: Path, own: Path, declared: _Own) -> Table:
    from slasim.scenario.tables import open_table

    try:
        return open_table(copy.name, copy.parent, encoding=declared.encoding)
    except InputError as error:
        raise InputError(replace(problem, file=str(own)) for problem in error.problems) from None


def _queues_of(table: Table) -> tuple[str, ...]:
    """The queues a forecast file names in its rows, or over its columns."""
    if table.has("queue"):
        return tuple(dict.fromkeys(table.column("queue")))
    if table.has("offered"):
        return ("calls",)
    from slasim.scenario.forecast_columns import queues_of

    return tuple(queues_of(table)) or ("calls",)


def _has_aht(table: Table, queue: str) -> bool:
    from slasim.scenario.forecast_columns import mean_column

    return mean_column(table, queue, "aht_s") is not None


def _covered(
    table: Table, answers: Answers, own: Path, declared: _Own
) -> tuple[tuple[date, date], int]:
    """((first local day, day after the last), interval in ms) of a file by intervals."""
    zone = clock.zone(answers.timezone)
    series = next((name for name in ("queue", "group") if table.has(name)), None)
    keys = None if series is None else table.column(series)
    try:
        instants = table.instants("interval_start", zone, day_first=declared.day_first, keys=keys)
    except InputError as error:
        raise InputError(replace(problem, file=str(own)) for problem in error.problems) from None
    if not instants.size:
        raise InputError([Problem("the file has no rows", "Give one per interval.", file=str(own))])
    ordinals = clock.local_labels(instants, zone).ordinal
    steps = np.diff(np.unique(instants))
    interval = int(steps.min()) if steps.size else INTERVAL
    first, last = (date.fromordinal(int(day)) for day in (ordinals.min(), ordinals.max()))
    return (first, last + timedelta(days=1)), interval


def _span(answers: Answers, days: tuple[date, date] | None, today: date) -> tuple[date, date]:
    """Start and end: the whole periods a file covers, or the next month (week, for days and weeks)."""
    if days is None:
        if answers.period == "month":
            start = _next_month(today)
            return start, _next_month(start)
        start = today + timedelta(days=7 - today.weekday())
        return start, start + timedelta(days=7)
    first, end = _with_closed_days(answers, *days)
    if answers.period == "week":
        first += timedelta(days=-first.weekday() % 7)
        end -= timedelta(days=end.weekday())
    elif answers.period == "month":
        first = first if first.day == 1 else _next_month(first)
        end = end.replace(day=1)
    if first >= end:
        raise InputError(
            [
                Problem(
                    f"the file covers {days[0]} to {days[1] - timedelta(days=1)}, and no whole {answers.period}",
                    "Judge by a shorter period, or give more of the forecast.",
                    path="--period",
                )
            ]
        )
    return first, end


def _with_closed_days(answers: Answers, first: date, end: date) -> tuple[date, date]:
    """Grown over the closed days before and after: a file has no rows for them, and covers them all the same."""
    from slasim.calendars import Calendar

    if not answers.weekly:
        return first, end
    calendar = Calendar.from_plain({"weekly": answers.weekly}, timezone="UTC")
    monday = clock.epoch_ms(datetime(2026, 1, 5))
    edges = monday + np.arange(8, dtype=np.int64) * clock.DAY
    opened = np.diff(calendar.business_time(edges)) > 0
    if not opened.any():
        return first, end
    while not opened[(first - timedelta(days=1)).weekday()]:
        first -= timedelta(days=1)
    while not opened[end.weekday()]:
        end += timedelta(days=1)
    return first, end


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# ------------------------------------------------------------------ CSV templates


def _grid(answers: Answers, agents: float, interval: int) -> str:
    """staffing.csv: agents by time of day (rows) and weekday (columns), where any of the interval is open."""
    from slasim.calendars import Calendar

    calendar = (
        Calendar.from_plain({"weekly": answers.weekly}, timezone="UTC") if answers.weekly else None
    )
    monday = clock.epoch_ms(datetime(2026, 1, 5))
    edges = monday + np.arange(7 * clock.DAY // interval + 1, dtype=np.int64) * interval
    opened = np.ones(edges.size - 1) if calendar is None else np.diff(calendar.business_time(edges))
    week = opened.reshape(7, -1) > 0
    rows = [["time", *_WEEK]]
    for slot in np.flatnonzero(week.any(axis=0)):
        cells = [f"{agents:g}" if week[day, slot] else "0" for day in range(7)]
        rows.append([clock.format_time_of_day(int(slot) * interval), *cells])
    return _csv(rows)


def _write_volumes(folder: Path, plan: _Plan, answers: Answers, scenario: Scenario) -> None:
    """forecast.csv with example volumes: two peaks a day, scaled to the staffing on the phones."""
    open_part = scenario.expected(plan.queues[0]).volume * clock.HOUR / plan.interval
    agents = scenario.on_phones("agents")
    local = scenario.grid.local
    rows = [["queue", "interval_start", "offered", "aht_s"]]
    for queue in plan.queues:
        aht = _aht_of(answers, queue)
        for i in np.flatnonzero(open_part > 0):
            busy = QUIET + (BUSY - QUIET) * _peaks(float(local.minute_of_day[i]) / 60)
            erlangs = busy * float(agents[i]) / len(plan.queues)
            offered = erlangs * plan.interval / aht * float(open_part[i])
            rows.append([queue, str(local.text[i]), f"{offered:.1f}", f"{aht / 1000:g}"])
    (folder / FORECAST).write_text(_csv(rows), encoding="utf-8")


def _peaks(hour: float) -> float:
    """0 to 1: how near an hour of the day is to the peaks at 10:30 and, lower, 15:00."""
    morning, afternoon = (
        math.exp(-(((hour - 10.5) / 1.5) ** 2)),
        math.exp(-(((hour - 15) / 1.5) ** 2)),
    )
    return max(morning, 0.8 * afternoon)


def _aht_of(answers: Answers, queue: str) -> int:
    given = answers.aht or {}
    return given.get(queue, given.get("", DEFAULT_AHT))


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


# ------------------------------------------------------------------ YAML


def _yaml(plan: _Plan, answers: Answers) -> str:
    lines = [
        f"# Written by `slasim init`. Now: slasim check {SCENARIO}, then slasim simulate {SCENARIO}",
        f"name: {_plain(plan.name)}",
        _line(f"timezone: {answers.timezone}", "of every time below and in the files"),
        *([f"currency: {answers.currency}"] if answers.currency else []),
        _line(f"start: {plan.start}", f"to end is one simulated {_length(plan)}"),
        _line(f"end: {plan.end}", "not included"),
        f"interval: {_minutes(plan.interval)}",
        *([_line("calendars:", "phones may have holidays too: {weekly: ..., holidays: {country: RO}}"),
           f"  phones: {_weekly(answers)}"] if answers.weekly else []),
        "queues:",
        *_queue_lines(plan, answers),
        "groups:",
        "  agents:",
        _takes(plan),
        _line(f"    staffing: {plan.staffing}, counts: {answers.counts}}}", _COUNTED[answers.counts]),
        _shrinkage(answers),
        "metrics:",
        _line(f"  answered_in_time: {{type: service_level, threshold: {_duration(answers.threshold)}}}",
              "of all offered, all queues"),
        "  abandoned: {type: abandonment_rate}",
        _line("contract:", "what is promised; `slasim judge` tells the chance to meet it"),
        f"  period: {answers.period}",
        *_fee_lines(answers),
        f"  commitments: [{{metric: answered_in_time, target: {_percent(answers.target)}}}]",
        "# demand: {volume: {day_cv: 0.08}, aht: {day_cv: 0.03}}  # how wrong forecasts were; none is doubted here",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


_COUNTED = {
    "on_phones": "agents on the phones, by weekday and time",
    "scheduled": "agents scheduled; shrinkage is taken off",
    "paid": "agents paid; shrinkage is taken off",
}


def _queue_lines(plan: _Plan, answers: Answers) -> list[str]:
    first, *others = plan.queues
    arrivals = f"{{file: forecast.csv{plan.declared}}}" if plan.volumes else "{per_hour: 1}"
    lines = [
        f"  {_plain(first)}:",
        *(["    calendar: phones"] if answers.weekly else []),
        _line(f"    arrivals: {arrivals}", _told_of_forecast(plan)),
        *_aht_lines(plan, answers, first),
        *_patience_lines(plan, answers),
    ]
    for queue in others:
        own = _aht_of(answers, queue)
        apart = (
            f", aht: {_duration(own)}"
            if _writes_aht(plan, answers) and own != _aht_of(answers, first)
            else ""
        )
        lines.append(f"  {_plain(queue)}: {{like: {_plain(first)}, arrivals: {arrivals}{apart}}}")
    return lines


def _takes(plan: _Plan) -> str:
    ranks = [f"{_plain(queue)}: 1" for queue in plan.queues]
    if len(ranks) > 4:
        return "    takes:  # rank of each queue for this group\n" + "\n".join(
            f"      {r}" for r in ranks
        )
    return _line(f"    takes: {{{', '.join(ranks)}}}", "rank of each queue for this group")


def _told_of_forecast(plan: _Plan) -> str:
    if plan.example:
        return "EXAMPLE volumes, put yours in their place"
    return (
        "interval_start, and a column for each queue"
        if plan.wide
        else "yours: contacts by queue and interval"
    )


def _writes_aht(plan: _Plan, answers: Answers) -> bool:
    return answers.aht is not None or not plan.file_aht or not plan.volumes or plan.example


def _aht_lines(plan: _Plan, answers: Answers, queue: str) -> list[str]:
    if not _writes_aht(plan, answers):
        return ["    # aht: from forecast.csv, by interval"]
    told = (
        "talk + hold + after-call work" if answers.aht else "ASSUMED: talk + hold + after-call work"
    )
    where = "; that of forecast.csv goes before it" if plan.file_aht else ""
    return [_line(f"    aht: {_duration(_aht_of(answers, queue))}", f"{told}{where}")]


def _patience_lines(plan: _Plan, answers: Answers) -> list[str]:
    if answers.abandonment is None or plan.patience_ms is None:
        return ["    # patience: {exponential: {mean: 4min}}  # left out: nobody abandons"]
    line = f"    patience: {{exponential: {{mean: {_duration(max(round(plan.patience_ms, -3), 1000))}}}}}"
    if answers.mean_wait is not None:
        wait = clock.format_duration(answers.mean_wait)
        return [
            _line(
                line,
                f"mean wait of all callers, {wait} / abandoned, {_percent(answers.abandonment)}",
            )
        ]
    which = "example forecast" if plan.example else "forecast"
    return [
        f"    # Erlang A: with this patience {_percent(answers.abandonment)} abandon at the {which}",
        _line(line, "and staffing, if all is one queue and every hour is steady"),
    ]


def _shrinkage(answers: Answers) -> str:
    if answers.shrinkage is None:
        return "    # shrinkage: {out_of_office: 10 %, in_office: 6 %, adherence: 95 %}  # left out: none"
    parts = ", ".join(f"{key}: {_percent(share)}" for key, share in answers.shrinkage.items())
    told = "all of it in one" if len(answers.shrinkage) == 1 else "each applied once"
    return _line(f"    shrinkage: {{{parts}}}", f"paid > scheduled > on phones; {told}")


def _fee_lines(answers: Answers) -> list[str]:
    if answers.fee is None:
        return []
    amount = f"{answers.fee} {answers.currency or ''}".strip()
    return [
        f"  # fee: {amount} a {answers.period}; a note for when prices are judged, no number depends on it"
    ]


def _weekly(answers: Answers) -> str:
    hours = ", ".join(
        f"{_days(days)}: [{', '.join(json.dumps(window) for window in windows)}]"
        for days, windows in answers.weekly.items()
    )
    return f"{{weekly: {{{hours}}}}}"


def _days(text: str) -> str:
    return json.dumps(text) if "," in text else text


def _line(text: str, comment: str) -> str:
    return f"{text:<29}  # {comment}"


def _length(plan: _Plan) -> str:
    days = (plan.end - plan.start).days
    if plan.start.day == plan.end.day == 1 and days <= 31:
        return "month"
    return {1: "day", 7: "week"}.get(days, f"stretch of {days} days")


def _percent(share: float) -> str:
    return f"{share * 100:.6g} %"


def _minutes(ms: int) -> str:
    return f"{ms // clock.MINUTE}min" if ms % clock.MINUTE == 0 else _duration(ms)


def _duration(ms: float) -> str:
    seconds = round(ms) / 1000
    return f"{seconds:g}s" if seconds < 1e5 else f"{seconds:.0f}s"


def _plain(text: str) -> str:
    """A text as YAML 1.2 reads it back, quoted where it must be."""
    simple = re.fullmatch(r"[A-Za-z_][\w-]*(?: [A-Za-z_][\w-]*)*", text, re.ASCII)
    if simple and text.lower() not in ("true", "false", "null"):
        return text
    return json.dumps(text, ensure_ascii=False)
