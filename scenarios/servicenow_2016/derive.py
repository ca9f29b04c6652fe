"""Derive every scenario file of this folder from the public log of a company's incident tickets.

    python scenarios/servicenow_2016/derive.py incident_event_log.csv.gz [OUTPUT FOLDER]

Reads the log (README.md says where it is public) and chosen.json beside this file, nothing else.
The output is a function of those two, byte by byte. The log itself is not kept here. It refuses to
know slasim: what the company did is counted here by other code than the code that later predicts it.

March 2016 sets the model. April is counted only into actual.csv and weeks.csv, which the scenario
does not read. README.md tells the rules in words.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Row = Mapping[str, str]

HERE = Path(__file__).resolve().parent
CHOSEN = "chosen.json"

MONTHS = {
    "march": (date(2016, 3, 1), date(2016, 4, 1)),
    "april": (date(2016, 4, 1), date(2016, 5, 1)),
}
"""The month that sets the model, and the month it has not seen: first day, and the day after the last."""
HOLIDAYS = ("2016-03-25", "2016-04-21")
"""Weekdays with hardly more tickets than a Sunday."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHARES = (0.25, 0.50, 0.75, 0.90)
GRID = 200  # points of an empirical distribution, each standing for 0.5 % of the waits on others
MOST = 3  # reassignments are told apart up to here
REASSIGNED = ("all", "0", "1", "2", "3 or more")
MEASURES = ("first_action", "resolution")
QUEUES = ("desk", "teams", "passed_on")
HOUR = 3600.0
NEVER = float("inf")


# --- what the log says ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Incident:
    """One ticket, times in hours.

    group         assignment group of the first event, ``?`` when it has none
    first_action  from opened to the first event whose state is not New; inf: never
    acted_after   reassignments when that came
    resolution    from opened until it was resolved for good; inf: never
    reassigned    reassignments in all
    waits         one per time it waited on others: from entering an Awaiting state until it left
    """

    number: str
    opened: datetime
    group: str
    first_action: float
    acted_after: int
    resolution: float
    reassigned: int
    waits: tuple[float, ...]

    @property
    def month(self) -> str:
        """``march``, ``april`` or nothing."""
        day = self.opened.date()
        return next((name for name, (first, end) in MONTHS.items() if first <= day < end), "")


def read(lines: Iterable[str]) -> list[Incident]:
    """The incidents of a log, in the order in which each first appears. The events of one stand in the log's order."""
    events: dict[str, list[Row]] = {}
    for row in csv.DictReader(lines):
        events.setdefault(row["number"], []).append(row)
    return [incident(rows) for rows in events.values()]


def incident(rows: Sequence[Row]) -> Incident:
    """One incident of its events."""
    first, opened = rows[0], _time(rows[0]["opened_at"])
    acted = next((row for row in rows if row["incident_state"] != "New"), None)
    return Incident(
        number=first["number"],
        opened=opened,
        group=first["assignment_group"],
        first_action=NEVER if acted is None else _hours(opened, acted["sys_updated_at"]),
        acted_after=0 if acted is None else int(acted["reassignment_count"]),
        resolution=_resolved(rows, opened),
        reassigned=max(int(row["reassignment_count"]) for row in rows),
        waits=tuple(_waits(rows)),
    )


def _resolved(rows: Sequence[Row], opened: datetime) -> float:
    """``resolved_at`` (of the last event); where it is missing, the last change into Resolved."""
    if rows[-1]["resolved_at"] not in ("", "?"):
        return _hours(opened, rows[-1]["resolved_at"])
    into = [
        row["sys_updated_at"]
        for before, row in zip([None, *rows], rows, strict=False)
        if row["incident_state"] == "Resolved"
        and (before is None or before["incident_state"] != "Resolved")
    ]
    return _hours(opened, into[-1]) if into else NEVER


def _waits(rows: Sequence[Row]) -> Iterator[float]:
    since: datetime | None = None
    for row in rows:
        waiting = row["incident_state"].startswith("Awaiting")
        if waiting and since is None:
            since = _time(row["sys_updated_at"])
        elif not waiting and since is not None:
            yield _hours(since, row["sys_updated_at"])
            since = None


def _time(text: str) -> datetime:
    """``29/2/2016 01:16``."""
    return datetime.strptime(text, "%d/%m/%Y %H:%M")


def _hours(since: datetime, text: str) -> float:
    """At least 0: two incidents of the log were acted on before they were opened."""
    return max(0.0, (_time(text) - since).total_seconds() / HOUR)


def opened_log(path: Path) -> TextIO:
    """The text of the log, gzipped or not."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


# --- which way an incident goes ------------------------------------------------------------------


def desk_of(incidents: Iterable[Incident]) -> str:
    """The group in which most incidents were opened: the service desk."""
    count: dict[str, int] = {}
    for one in incidents:
        count[one.group] = count.get(one.group, 0) + 1
    return max(count, key=lambda group: (count[group], group))


def queue_of(one: Incident, desk: str) -> str:
    """``passed_on``: reassigned before anybody acted; else acted on where it was opened: ``desk`` or ``teams``."""
    if one.acted_after > 0:
        return "passed_on"
    return "desk" if one.group == desk else "teams"


def chances(incidents: Sequence[Incident], desk: str) -> dict[str, float]:
    """How often a ticket is handed on, by where it is; README.md tells the way."""
    of = {queue: [one for one in incidents if queue_of(one, desk) == queue] for queue in QUEUES}
    passed = of["passed_on"]

    def share(of_these: Sequence[Incident], which: Callable[[Incident], bool]) -> float:
        return sum(map(which, of_these)) / len(of_these) if of_these else 0.0

    def further(one: Incident) -> int:
        return one.reassigned - one.acted_after

    found = {
        "passed_on to passed_on_2": share(passed, lambda one: one.acted_after >= 2),
        "passed_on_2 to passed_on_3": share(
            [one for one in passed if one.acted_after >= 2], lambda one: one.acted_after >= 3
        ),
        "desk to next_team": share(of["desk"], lambda one: further(one) > 0),
        "teams to next_team": share(of["teams"], lambda one: further(one) > 0),
    }
    for times in (1, 2, 3):  # of those on whom somebody acted after so many reassignments
        mine = [one for one in passed if min(one.acted_after, 3) == times]
        name = "passed_on" if times == 1 else f"passed_on_{times}"
        found[f"{name} to next_team"] = share(mine, lambda one: further(one) > 0)
    for times in (1, 2, 3):
        mine = [one for one in incidents if further(one) >= times]
        name = "next_team" if times == 1 else f"next_team_{times}"
        found[f"{name} to next_team_{times + 1}"] = share(mine, _more_than(times))
    return found


def _more_than(times: int) -> Callable[[Incident], bool]:
    return lambda one: one.reassigned - one.acted_after > times


def stretches(incidents: Iterable[Incident]) -> dict[int, float]:
    """Of how many stretches of work a ticket is made: one more than it waited on others. Number -> share; sums to 1."""
    counts = np.bincount([1 + len(one.waits) for one in incidents])
    several = {n: round(float(counts[n] / counts.sum()), 4) for n in range(2, counts.size)}
    several = {number: share for number, share in several.items() if share > 0}
    return {1: round(1.0 - sum(several.values()), 4), **several}


# --- volumes and waits ---------------------------------------------------------------------------


def holiday(day: date) -> bool:
    return day.isoformat() in HOLIDAYS


def per_day(incidents: Iterable[Incident], month: str) -> Floats:
    """(3, 7) incidents opened on an average day, by queue and weekday; holidays are left out."""
    first, end = MONTHS[month]
    days = [date.fromordinal(n) for n in range(first.toordinal(), end.toordinal())]
    number = np.bincount([day.weekday() for day in days if not holiday(day)], minlength=7)
    counts = np.zeros((len(QUEUES), 7))
    mine = [one for one in incidents if one.month == month]
    desk = desk_of(mine)
    for one in mine:
        if not holiday(one.opened.date()):
            counts[QUEUES.index(queue_of(one, desk)), one.opened.weekday()] += 1
    found: Floats = counts / number
    return found


def by_hour(incidents: Iterable[Incident], desk: str) -> Floats:
    """(24, 3) the share of a queue's incidents that each hour of the day brings."""
    counts = np.zeros((24, len(QUEUES)))
    for one in incidents:
        counts[one.opened.hour, QUEUES.index(queue_of(one, desk))] += 1
    found: Floats = counts / counts.sum(axis=0)
    return found


def points(waits: Iterable[float]) -> Floats:
    """(GRID,) equally likely: the means of that many equal parts of the waits, so that the mean is kept."""
    ordered = np.sort(np.fromiter(waits, np.float64))
    edges = np.linspace(0, ordered.size, GRID + 1)
    heaped = np.concatenate([[0.0], np.cumsum(ordered)])
    at = np.interp(edges, np.arange(ordered.size + 1), heaped)
    found: Floats = np.diff(at) / np.diff(edges)
    return found


# --- what really happened ------------------------------------------------------------------------


def percentiles(waits: Iterable[float]) -> Floats:
    """(4,) the wait that each of SHARES did not exceed; inf where it never ended."""
    values = np.sort(np.fromiter(waits, np.float64))
    found: Floats = values[np.ceil(np.array(SHARES) * values.size).astype(int) - 1]
    return found


def actual(
    incidents: Iterable[Incident],
) -> Iterator[tuple[tuple[str, str, str], int, Floats]]:
    """By month, measure and how often reassigned: the incidents, and their percentiles in hours."""
    incidents = list(incidents)
    for month in MONTHS:
        mine = [one for one in incidents if one.month == month]
        for measure in MEASURES:
            for times, name in enumerate(REASSIGNED, -1):
                those = [one for one in mine if times in (-1, min(one.reassigned, MOST))]
                yield (
                    (month, measure, name),
                    len(those),
                    percentiles(getattr(one, measure) for one in those),
                )


def by_week(incidents: Iterable[Incident]) -> Iterator[tuple[object, ...]]:
    """Rows of weeks.csv: Monday, incidents, the share never reassigned, and percentiles in hours."""
    weeks: dict[date, list[Incident]] = {}
    for one in incidents:
        if one.month:
            day = one.opened.date()
            weeks.setdefault(date.fromordinal(day.toordinal() - day.weekday()), []).append(one)
    for monday, those in sorted(weeks.items()):
        cells = [
            f"{x:.2f}"
            for measure in MEASURES
            for x in percentiles(getattr(one, measure) for one in those)[1:3]
        ]
        never = sum(one.reassigned == 0 for one in those) / len(those)
        yield monday, len(those), f"{never:.3f}", *cells


# --- the files -----------------------------------------------------------------------------------

SCENARIO = """\
# Written by derive.py from a company's incident log and from chosen.json; README.md says how. Change those, not this.
name: Incident tickets of a company, March and April 2016
timezone: UTC                    # the log's clock times as they stand; its zone is not published
start: 2016-03-01
end: 2016-05-01                  # not included
warm_up: {warm_up}
interval: 1h

calendars:
  any_hour: {{weekly: {{mon-sun: ["00:00-24:00"]}}, holidays: [{holidays}]}}
  office:   {{weekly: {{mon-fri: ["{office}"]}}, holidays: [{holidays}]}}

queues:
  # Where the first action happens, and how many are opened a day (March):
{queues}\
  # Handed on before anybody acted (transfer: no action), or after (tier_2). Nothing is drawn here.
{further}\
  # What the slow teams had before the warm-up (chosen):
{stocks}\

groups:                          # effective agents, not people: effort is not in the log (chosen)
  desk:
    takes: {{desk: 1}}
    staffing: {desk}
{groups}\

metrics:                         # ours: the company's own targets are not published
  resolution: {{queues: [desk, teams, passed_on], type: ticket_clock, metric: requester_wait, calendar: office,
               pause_on: [pending], target: 5d, day_means: 10h}}
"""

QUEUE = """\
  {name}:
    channel: ticket
    calendar: any_hour
    arrivals:
      per_day: {{{week}}}
      profile: {{file: hours.csv, column: {name}}}
    handle_time: {handle_time}
    attributes:                  # which pool takes it in which queue (chosen)
{pools}    # stretches of work: one more than it waited on others
    replies: {{{replies}}}
    customer_answers_after: {{empirical: {{file: waits.csv, column: {name}}}}}
"""
FURTHER = """\
  {name}:
    {{channel: ticket, calendar: any_hour, handle_time: {handle_time},
     attributes: {{{pool}}}{ways}}}
"""
STOCK = """\
  {name}_stock: {{channel: ticket, calendar: any_hour, arrivals: {{per_hour: 0}}, handle_time: {handle_time},
    backlog_at_start: {{tickets: {tickets}, oldest: {oldest}}}}}
"""
GROUP = "  {name}:\n    takes:\n{takes}    staffing: {staffing}\n{calendar}"
FED = ("passed_on_2", "passed_on_3", "next_team", "next_team_2", "next_team_3", "next_team_4")
WORKED_BY_TEAMS = ("teams", "passed_on", *FED)
"""Queues in whose lines the specialist teams find their work."""


def scenario(incidents: Sequence[Incident], chosen: Mapping[str, Any]) -> str:
    """The text of servicenow.yaml: figures of the incidents of March, and the numbers chosen by hand."""
    desk = desk_of(incidents)
    chance = chances(incidents, desk)
    week = per_day(incidents, "march")
    queues = ""
    for number, name in enumerate(QUEUES):
        mine = [one for one in incidents if queue_of(one, desk) == name]
        queues += QUEUE.format(
            name=name,
            week=", ".join(f"{d}: {x:.1f}" for d, x in zip(WEEKDAYS, week[number], strict=True)),
            handle_time=chosen["handle_time"]["desk" if name == "desk" else "teams"],
            pools="".join(f"      {pool(queue, chosen)}\n" for queue in pools_of(name, chance)),
            replies=", ".join(f'"{n}": {share:.4f}' for n, share in stretches(mine).items()),
        )
        queues += "".join(f"    {way}\n" for way in ways(name, chance))
    work = chosen["handle_time"]["teams"]
    further = "".join(
        FURTHER.format(
            name=name,
            handle_time=work,
            pool=pool(name, chosen),
            ways="".join(f",\n     {w}" for w in ways(name, chance)),
        )
        for name in FED
    )
    stocks = "".join(
        STOCK.format(name=name, handle_time=work, **stock)
        for name, stock in chosen["stock"].items()
    )
    return SCENARIO.format(
        warm_up=chosen["warm_up"],
        holidays=", ".join(f'"{day}"' for day in HOLIDAYS),
        office=chosen["office"],
        queues=queues,
        further=further,
        stocks=stocks,
        desk=chosen["staffing"]["desk"],
        groups="".join(group(name, chosen) for name in chosen["pool"]["later"]),
    )


def pool(queue: str, chosen: Mapping[str, Any]) -> str:
    """An attribute named like a queue of the teams: the pool that takes the ticket there."""
    shares = chosen["pool"].get(queue, chosen["pool"]["later"])
    return f"{queue}: {{{', '.join(f'{name}: {share}' for name, share in shares.items())}}}"


def pools_of(name: str, chance: Mapping[str, float]) -> list[str]:
    """The queues of the teams that a ticket which begins there may come to."""
    reached = {name}
    for way in chance:  # in an order in which each queue stands before those it leads to
        queue, _, to = way.partition(" to ")
        if queue in reached:
            reached.add(to)
    return [queue for queue in WORKED_BY_TEAMS if queue in reached]


def ways(name: str, chance: Mapping[str, float]) -> Iterator[str]:
    """Where tickets of a queue are handed on to, as the scenario says it."""
    for way, value in chance.items():
        queue, _, to = way.partition(" to ")
        if queue == name and value > 0:
            unacted = to.startswith("passed_on")
            key, word = ("transfer", "to") if unacted else ("tier_2", "queue")
            yield f"{key}: {{chance: {value:.3f}, {word}: {to}}}"


def group(name: str, chosen: Mapping[str, Any]) -> str:
    """A pool of specialist teams: it takes the tickets that are its own, the longest wait first."""
    takes = "".join(f"      {queue}: {{when: {{{queue}: {name}}}}}\n" for queue in WORKED_BY_TEAMS)
    if name in chosen["stock"]:
        takes += f"      {name}_stock: 1\n"
    staffing = chosen["staffing"][name]
    in_office = isinstance(staffing, int | float)
    return GROUP.format(
        name=name, takes=takes, staffing=staffing, calendar="    calendar: office\n" * in_office
    )


def write_csv(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def write(folder: Path, incidents: Sequence[Incident], chosen: Mapping[str, Any]) -> None:
    """Every derived file. Only actual.csv tells of April."""
    march = [one for one in incidents if one.month == "march"]
    desk = desk_of(march)
    folder.mkdir(parents=True, exist_ok=True)
    hours = by_hour(march, desk)
    write_csv(
        folder / "hours.csv",
        ("time", *QUEUES),
        ((f"{hour:02d}:00", *(f"{x:.5f}" for x in hours[hour])) for hour in range(24)),
    )
    waits = [
        points(wait for one in march if queue_of(one, desk) == name for wait in one.waits)
        for name in QUEUES
    ]
    write_csv(
        folder / "waits.csv",
        QUEUES,
        ([f"{x * HOUR:.0f}" for x in row] for row in zip(*waits, strict=True)),
    )
    write_csv(
        folder / "actual.csv",
        ("month", "measure", "reassigned", "incidents", *(f"p{100 * s:.0f}_h" for s in SHARES)),
        ((*key, count, *(f"{x:.2f}" for x in row)) for key, count, row in actual(incidents)),
    )
    write_csv(
        folder / "weeks.csv",
        (
            "week_of",
            "incidents",
            "never_reassigned",
            *(f"{measure}_p{p}_h" for measure in MEASURES for p in (50, 75)),
        ),
        by_week(incidents),
    )
    (folder / "servicenow.yaml").write_text(scenario(march, chosen), "utf-8", newline="\n")


def used(incidents: Sequence[Incident]) -> str:
    """What was read, for the reader of the terminal."""
    march = [one for one in incidents if one.month == "march"]
    desk = desk_of(march)
    ways = {name: sum(queue_of(one, desk) == name for one in march) for name in QUEUES}
    missing = sum(one.resolution == NEVER for one in march)
    lines = [
        f"{len(incidents):,} incidents, of which {len(march):,} opened in March (the desk is group {desk}):",
        "  " + ", ".join(f"{name} {count:,}" for name, count in ways.items()),
        f"  {sum(len(one.waits) for one in march):,} waits on others; {missing} never resolved",
    ]
    lines += [f"  {name:<28} {value:.3f}" for name, value in chances(march, desk).items()]
    return "\n".join(lines)


def derive(log: Path, folder: Path) -> str:
    """Write every derived file into `folder`; gives what was used."""
    with opened_log(log) as lines:
        incidents = read(lines)
    write(folder, incidents, json.loads((HERE / CHOSEN).read_text(encoding="utf-8")))
    return used(incidents)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print(derive(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else HERE))
