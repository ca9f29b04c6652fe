"""Derive every scenario file of this folder from the bank's own calls.

    python scenarios/bank_1999/derive.py [OUTPUT FOLDER]

Reads calls_1999_02.csv.gz and fitted.json beside it, nothing else, and writes the interval files,
the distributions and the three scenarios. The output is a function of those two files, byte by
byte (tests/test_bank.py holds this). It refuses to know slasim: what the bank did is counted here
by other code than the code that later predicts it.

Weeks 1-3 (1 to 21 February) set the model: handle times, patience, the share of priority callers,
and what a forecast would have said (how wrong it was is measured by slasim, on that file). Of week
4 only two things are used, which a planner has in hand before the week: how many calls each half
hour brought and how many agents were there.
README.md tells the rules in words.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HERE = Path(__file__).resolve().parent
CALLS = "calls_1999_02.csv.gz"
FITTED = "fitted.json"

DAYS = 28
MODEL_DAYS = 21  # weeks 1-3
DAY = 86_400  # seconds
INTERVAL = 1_800
PER_DAY = DAY // INTERVAL
GRID = 200  # points of an empirical distribution, each standing for 0.5 % of the callers
SESSION_GAP = 45 * 60  # an agent who serves nobody for longer has left and come back
ENOUGH_CALLS = 200  # to give a mean handle time of its own; fewer are pooled
ENOUGH_WAITED = 100  # to give a share of priority callers of its own
STILL_WAITING = 30  # the observed part of a patience curve ends where fewer are still in line
TAIL_FROM = 120  # seconds: the tail's mean is measured on waits beyond this

CALL_TYPES = {
    "PS": "banking",
    "PE": "banking",  # the same in English: 136 calls
    "NE": "stock_exchange",
    "NW": "prospects",
    "TT": "returned",
    "IN": "internet",
}
TYPES = ("banking", "stock_exchange", "prospects", "returned", "internet")
WITH_PRIORITY = ("banking", "stock_exchange", "returned")
QUEUES = (
    "banking",
    "banking_priority",
    "stock_exchange",
    "stock_exchange_priority",
    "prospects",
    "returned",
    "returned_priority",
    "internet",
)

# Open windows in seconds of the day. They are wide enough for every call that was offered: the
# bank opened at 07:00, Friday until 14:00, Saturday about 20:00, and a few calls came just outside.
MIDNIGHT = (0, 5 * 60)
WINDOWS: dict[str, tuple[tuple[int, int], ...]] = {
    "sun-thu": (MIDNIGHT, (6 * 3600 + 50 * 60, DAY)),
    "fri": (MIDNIGHT, (6 * 3600 + 50 * 60, 14 * 3600 + 5 * 60)),
    "sat": ((19 * 3600 + 20 * 60, DAY),),
}
ATTENDANCE = (
    0.03  # assumed, README.md says why; what the hours present would give is an upper bound
)
THRESHOLD = 30  # seconds, of the report of week 4
BLOCKS = (0, 13, 19, 24)  # morning, afternoon, evening: where an hour has too few calls


@dataclass(frozen=True)
class Calls:
    """The offered calls, one element each, in the order of the file. Times in seconds since
    1 February 00:00; `wait` and `served` in seconds; `server` is empty where nobody is named."""

    type: npt.NDArray[np.str_]
    day: Ints  # 0..27
    at: Ints  # arrival at the queue: the caller leaves the voice unit
    queued: Bools
    wait: Ints
    priority: Ints  # 2 = high; recorded only for callers who waited
    answered: Bools
    begins: Ints
    ends: Ints
    clocked: Bools  # the service has clock times
    served: Ints
    server: npt.NDArray[np.str_]

    @property
    def modelled(self) -> Bools:
        return self.day < MODEL_DAYS

    @property
    def interval(self) -> Ints:
        return self.at // INTERVAL

    @property
    def hour(self) -> Ints:
        return self.at % DAY // 3600


def read(path: Path) -> Calls:
    """The offered calls: no PHANTOM, and no HANG that never left the voice unit."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        rows = [row for row in csv.DictReader(file) if is_offered(row)]
    day = np.array([int(row["date"]) % 100 - 1 for row in rows])
    exit_ = np.array([of_day(row["vru_exit"]) for row in rows])
    starts = np.array([of_day(row["ser_start"]) for row in rows])
    stops = np.array([of_day(row["ser_exit"]) for row in rows])
    midnight = day * DAY
    begins = midnight + starts + DAY * (starts < exit_ - DAY // 2)  # served after midnight
    ends = begins + (stops - starts) % DAY
    return Calls(
        type=np.array([CALL_TYPES[row["type"]] for row in rows]),
        day=day,
        at=midnight + exit_,
        queued=np.array([has_queued(row) for row in rows]),
        wait=np.array([int(row["q_time"]) for row in rows]),
        priority=np.array([int(row["priority"]) for row in rows]),
        answered=np.array([row["outcome"] == "AGENT" for row in rows]),
        begins=begins,
        ends=ends,
        clocked=(starts > 0) | (stops > 0),
        served=np.array([int(row["ser_time"]) for row in rows]),
        server=np.array([row["server"].replace("NO_SERVER", "") for row in rows]),
    )


def is_offered(row: dict[str, str]) -> bool:
    if row["outcome"] == "PHANTOM":
        return False
    return row["outcome"] == "AGENT" or row["q_start"] != "0:00:00"


def has_queued(row: dict[str, str]) -> bool:
    """A call that began to wait at midnight sharp has q_start 0:00:00 and a wait."""
    return row["q_start"] != "0:00:00" or int(row["q_time"]) > 0


def of_day(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


# --- the calendar of the month -------------------------------------------------------------------


def day_class(day: int) -> str:
    """1 February 1999 was a Monday."""
    return {4: "fri", 5: "sat"}.get(day % 7, "sun-thu")


def open_part(interval: int) -> tuple[int, int]:
    """The open part of an interval, in seconds since the month's start; empty where closed."""
    day, within = divmod(interval * INTERVAL, DAY)
    for opens, closes in WINDOWS[day_class(day)]:
        low, high = max(opens, within), min(closes, within + INTERVAL)
        if low < high:
            return day * DAY + low, day * DAY + high
    return interval * INTERVAL, interval * INTERVAL


def label(interval: int) -> str:
    day, slot = divmod(interval, PER_DAY)
    return f"1999-02-{day + 1:02d}T{slot // 2:02d}:{slot % 2 * 30:02d}"


# --- what a planner would call the forecast ------------------------------------------------------


def volumes(calls: Calls) -> dict[str, Floats]:
    """Offered calls per interval and queue (1344,), the bank's own in all four weeks.

    A caller's priority is recorded only if he waited. So a type's calls are split by the share of
    priority callers among those who waited, by hour of the day, on weeks 1-3.
    """
    result: dict[str, Floats] = {}
    hours = np.arange(DAYS * PER_DAY) % PER_DAY // 2
    for name in TYPES:
        count = np.bincount(calls.interval[calls.type == name], minlength=DAYS * PER_DAY)
        if name in WITH_PRIORITY:
            share = np.array([priority_share(calls, name, hour) for hour in range(24)])
            result[name + "_priority"] = np.round(count * share[hours], 3)
            result[name] = count - result[name + "_priority"]
        else:
            result[name] = count.astype(np.float64)
    return {queue: result[queue] for queue in QUEUES}


def priority_share(calls: Calls, name: str, hour: int) -> float:
    waited = calls.modelled & calls.queued & (calls.type == name)
    in_hour = waited & (calls.hour == hour)
    chosen = in_hour if np.count_nonzero(in_hour) >= ENOUGH_WAITED else waited
    return float(np.mean(calls.priority[chosen] == 2))


def handle_mean(calls: Calls) -> Callable[[str, str, int], float]:
    """(type, day class, hour) -> mean handle time in seconds, on weeks 1-3.

    The first of these with enough calls: the hour on such days; the part of the day on such days;
    such days; the type. Every answered call counts, also the few of 0 seconds and those without a
    named agent: they are in "answered", so their work must be in the mean.
    """
    known = calls.answered & calls.modelled
    classes = np.array([day_class(int(day)) for day in calls.day])
    block = np.searchsorted(BLOCKS, calls.hour, side="right")
    cells: dict[tuple[str, str, int], float] = {}
    for name in TYPES:
        of_type = known & (calls.type == name)
        for days in WINDOWS:
            of_days = of_type & (classes == days)
            for hour in range(24):
                of_block = of_days & (block == np.searchsorted(BLOCKS, hour, side="right"))
                tries = (of_days & (calls.hour == hour), of_block, of_days)
                enough = [t for t in tries if np.count_nonzero(t) >= ENOUGH_CALLS]
                cells[name, days, hour] = float(np.mean(calls.served[[*enough, of_type][0]]))
    return lambda name, days, hour: cells[name, days, hour]


def write_forecast(folder: Path, calls: Calls) -> None:
    mean = handle_mean(calls)
    volume = volumes(calls)
    rows = []
    for queue in QUEUES:
        name = queue.removesuffix("_priority")
        for interval in range(DAYS * PER_DAY):
            day, slot = divmod(interval, PER_DAY)
            aht = mean(name, day_class(day), slot // 2)
            offered = f"{volume[queue][interval]:.3f}".rstrip("0").rstrip(".")
            rows.append((queue, label(interval), offered, f"{aht:.1f}"))
    write_csv(folder / "forecast.csv", ("queue", "interval_start", "offered", "aht_s"), rows)


# --- the agents ----------------------------------------------------------------------------------


def presence(calls: Calls, part: Callable[[int], tuple[int, int]]) -> Floats:
    """Average number of agents present in the given part of each interval (1344,).

    An agent is present from the first to the last call of a working session; a gap of more than
    45 minutes ends a session. A part that is empty has nobody.
    """
    total = np.zeros(DAYS * PER_DAY)
    for begins, ends in sessions(calls):
        for interval in range(begins // INTERVAL, min(ends // INTERVAL + 1, DAYS * PER_DAY)):
            low, high = part(interval)
            if low < high:
                inside = np.clip(ends, low, high) - np.clip(begins, low, high)
                total[interval] += inside / (high - low)
    return total


def sessions(calls: Calls) -> list[tuple[int, int]]:
    """Working sessions of all named agents, in seconds."""
    found: list[tuple[int, int]] = []
    named = calls.answered & calls.clocked & (calls.server != "")
    for agent in np.unique(calls.server[named]):
        mine = np.flatnonzero(named & (calls.server == agent))
        mine = mine[np.lexsort((calls.ends[mine], calls.begins[mine]))]
        first, last = int(calls.begins[mine[0]]), int(calls.ends[mine[0]])
        for call in mine[1:]:
            if calls.begins[call] - last > SESSION_GAP:
                found.append((first, last))
                first, last = int(calls.begins[call]), int(calls.ends[call])
            last = max(last, int(calls.ends[call]))
        found.append((first, last))
    return found


def write_presence(folder: Path, calls: Calls) -> None:
    agents = presence(calls, open_part)
    rows = [(label(i), f"{agents[i]:.3f}") for i in range(DAYS * PER_DAY)]
    write_csv(folder / "presence.csv", ("interval_start", "agents"), rows)


# --- distributions -------------------------------------------------------------------------------


def handle_shape(calls: Calls, name: str) -> Floats:
    """Mean of each of GRID equal parts of the handle times of a type, weeks 1-3, in seconds.

    Each call is first divided by the mean of its own hour, so that the busy hours' longer calls
    are not counted twice: the forecast brings them. The mean is the type's mean.
    """
    mean = handle_mean(calls)
    mine = np.flatnonzero(calls.answered & calls.modelled & (calls.type == name))
    expected = np.array(
        [mean(name, day_class(int(calls.day[i])), int(calls.hour[i])) for i in mine]
    )
    ratio = np.sort(calls.served[mine] / expected)
    below = np.concatenate(([0.0], np.cumsum(ratio))) / len(ratio)
    edges = np.interp(np.linspace(0, 1, GRID + 1), np.linspace(0, 1, len(ratio) + 1), below)
    parts: Floats = np.diff(edges) / edges[-1] * GRID * np.mean(calls.served[mine])
    return parts


def patience(wait: Ints, left: Bools) -> Floats:
    """GRID equally likely patiences in seconds by Kaplan and Meier (1958), JASA 53, 457-481.

    A caller who was answered is known only to have had more patience than the wait. Where fewer
    than 30 are still waiting the curve goes on exponentially, with the mean of waits beyond
    two minutes: time waited beyond / callers who hung up beyond.
    """
    times, events = np.unique(wait[left], return_counts=True)
    at_risk = len(wait) - np.searchsorted(np.sort(wait), times, side="left")
    seen = at_risk >= STILL_WAITING
    times, events, at_risk = times[seen], events[seen], at_risk[seen]
    gone = 1.0 - np.cumprod((at_risk - events) / at_risk)
    beyond = wait[wait > TAIL_FROM] - TAIL_FROM
    tail = float(np.sum(beyond)) / max(1, int(np.sum(wait[left] > TAIL_FROM)))
    share = (np.arange(GRID) + 0.5) / GRID
    place = np.searchsorted(gone, share, side="left")
    later = times[-1] + tail * np.log(np.maximum(1.0, (1.0 - gone[-1]) / (1.0 - share)))
    return np.where(place < len(times), times[np.minimum(place, len(times) - 1)], later)


def waited(calls: Calls, queue: str) -> Bools:
    """Callers of weeks 1-3 who waited and belong to the queue."""
    name = queue.removesuffix("_priority")
    mine: Bools = calls.modelled & calls.queued & (calls.type == name)
    if name in WITH_PRIORITY:
        mine = mine & ((calls.priority == 2) == queue.endswith("_priority"))
    return mine


def write_distributions(folder: Path, calls: Calls) -> None:
    shapes = np.column_stack([handle_shape(calls, name) for name in TYPES])
    write_csv(folder / "handle_times.csv", TYPES, ([f"{x:.3f}" for x in row] for row in shapes))
    curves = []
    for queue in QUEUES:
        mine = waited(calls, queue)
        if queue.startswith("returned"):  # too few for two curves
            mine = waited(calls, "returned") | waited(calls, "returned_priority")
        curves.append(patience(calls.wait[mine], ~calls.answered[mine]))
    rows = ([f"{x:.1f}" for x in row] for row in np.column_stack(curves))
    write_csv(folder / "patience.csv", QUEUES, rows)


# --- how wrong a forecast would have been --------------------------------------------------------


def daily(calls: Calls) -> Floats:
    """Per day: offered, answered, service seconds, agent hours present (28, 4)."""
    agents = presence(calls, lambda i: (i * INTERVAL, (i + 1) * INTERVAL))
    work = calls.served * calls.answered
    columns = (
        np.bincount(calls.day, minlength=DAYS),
        np.bincount(calls.day, weights=calls.answered, minlength=DAYS),
        np.bincount(calls.day, weights=work, minlength=DAYS),
        agents.reshape(DAYS, PER_DAY).sum(axis=1) / 2,
    )
    return np.column_stack(columns).astype(np.float64)


def forecast_and_actual(calls: Calls) -> Floats:
    """Weeks 1-3 (21, 6): forecast and actual of offered calls, AHT in seconds and agent hours.

    The forecast of a day is what the same weekday of the other two weeks brought.
    """
    weeks = daily(calls)[:MODEL_DAYS].reshape(3, 7, 4)
    other = weeks.sum(axis=0) - weeks
    offered = np.stack((other[..., 0] / 2, weeks[..., 0]), axis=-1)
    aht = np.stack((other[..., 2] / other[..., 1], weeks[..., 2] / weeks[..., 1]), axis=-1)
    agents = np.stack((other[..., 3] / 2, weeks[..., 3]), axis=-1)
    return np.concatenate((offered, aht, agents), axis=-1).reshape(MODEL_DAYS, 6)


def write_forecast_and_actual(folder: Path, calls: Calls) -> None:
    head = (
        "date",
        "forecast_offered",
        "offered",
        "forecast_aht_s",
        "aht_s",
        "forecast_agent_hours",
        "agent_hours",
    )
    rows = (
        (label(day * PER_DAY)[:10], *(f"{x:.2f}" for x in row))
        for day, row in enumerate(forecast_and_actual(calls))
    )
    write_csv(folder / "forecast_and_actual.csv", head, rows)


# --- what really happened ------------------------------------------------------------------------


def write_actual(folder: Path, calls: Calls) -> None:
    """By type and interval of arrival; intervals without a call have no row."""
    measures: dict[str, Ints] = {
        "offered": np.ones(len(calls.at), dtype=np.int64),
        "answered": calls.answered.astype(np.int64),
        "answered_within_20s": (calls.answered & (calls.wait <= 20)).astype(np.int64),
        "answered_within_30s": (calls.answered & (calls.wait <= 30)).astype(np.int64),
        "answered_within_60s": (calls.answered & (calls.wait <= 60)).astype(np.int64),
        "abandoned": (~calls.answered).astype(np.int64),
        "abandoned_within_30s": (~calls.answered & (calls.wait <= 30)).astype(np.int64),
        "wait_answered_s": calls.wait * calls.answered,
        "wait_abandoned_s": calls.wait * ~calls.answered,
        "service_s": calls.served * calls.answered,
    }
    rows = []
    for name in TYPES:
        mine = calls.type == name
        sums = np.column_stack(
            [
                np.bincount(calls.interval[mine], values[mine], DAYS * PER_DAY)
                for values in measures.values()
            ]
        ).astype(np.int64)
        for interval in np.flatnonzero(sums[:, 0]):
            rows.append((name, label(int(interval)), *(int(x) for x in sums[interval])))
    write_csv(folder / "actual.csv", ("type", "interval_start", *measures), rows)


def write_report(folder: Path, calls: Calls) -> None:
    """Week 4 as a switchboard reports it: all calls together by interval of arrival, one threshold."""
    unseen = ~calls.modelled
    within = calls.wait <= THRESHOLD
    measures = {
        "offered": unseen,
        "answered": unseen & calls.answered,
        "abandoned": unseen & ~calls.answered,
        "answered_within_sl": unseen & calls.answered & within,
        "abandoned_within_sl": unseen & ~calls.answered & within,
        "answer_wait_total_s": calls.wait * (unseen & calls.answered),
        "abandon_wait_total_s": calls.wait * (unseen & ~calls.answered),
        "handle_total_s": calls.served * (unseen & calls.answered),
    }
    sums = np.column_stack(
        [np.bincount(calls.interval, values, DAYS * PER_DAY) for values in measures.values()]
    ).astype(np.int64)
    rows = (
        (label(int(interval)), INTERVAL // 60, THRESHOLD, *(int(x) for x in sums[interval]))
        for interval in np.flatnonzero(sums[:, 0])
    )
    head = ("interval_start", "interval_minutes", "sl_threshold_s", *measures)
    write_csv(folder / "week_4_report.csv", head, rows)


# --- the scenarios -------------------------------------------------------------------------------

SCENARIO = """\
# Written by derive.py from the bank's calls; README.md says how. Change that, not this.
name: {name}
timezone: Asia/Jerusalem
start: {start}
end: {end}                  # not included
interval: 30min

calendars:
  phones:                        # wide enough for every call that was offered
    weekly:
{weekly}

demand:                          # how wrong a forecast of weeks 1-3 was
  from: {{file: forecast_and_actual.csv}}     # volume and AHT, all calls together
  attendance: {{day_sd: {attendance:.3f}}}  # assumed (README.md)

queues:                          # handle times and patience: weeks 1-3
{queues}
groups:
  agents:                        # one pool: the calls show no other (README.md)
    takes:
{takes}
    staffing: {{file: presence.csv, column: agents, counts: scheduled}}  # present
    shrinkage: {{in_office: {shrinkage:.3f}}}  # 1 - availability of fitted.json, set on weeks 1-3

routing: {{policy: priority_then_longest_wait}}

metrics:                         # over all queues together
  answered_in_20: {{type: service_level, threshold: 20s}}
  answered_in_30: {{type: service_level, threshold: 30s}}
  answered_in_60: {{type: service_level, threshold: 60s}}
  abandoned: {{type: abandonment_rate}}
  mean_wait: {{type: mean_wait}}

contract:                        # the trade's 80/30; the bank itself had promised nothing we know of
  period: {period}
  commitments:
    - {{metric: answered_in_30, target: 0.80}}
"""

QUEUE = """\
  {queue}:
    {like}
    aht_shape: {{empirical: {{file: handle_times.csv, column: {type}}}}}
    patience: {{empirical: {{file: patience.csv, column: {queue}}}}}
"""
FIRST = """\
channel: voice
    calendar: phones
    at_close: serve
    arrivals: {file: forecast.csv}            # queue, interval_start, offered, aht_s"""

SCENARIOS = {
    "bank.yaml": ("A bank's phones, February 1999", "1999-02-01", "1999-03-01", "month"),
    "weeks_1_3.yaml": ("Weeks 1-3, set the model", "1999-02-01", "1999-02-22", "horizon"),
    "week_4.yaml": ("Week 4, not seen", "1999-02-22", "1999-03-01", "horizon"),
}


def write_scenarios(folder: Path, availability: float) -> None:
    for file, (name, start, end, period) in SCENARIOS.items():
        text = SCENARIO.format(
            name=name,
            start=start,
            end=end,
            period=period,
            weekly="\n".join(f"      {days}: {windows_text(days)}" for days in WINDOWS),
            attendance=ATTENDANCE,
            queues="".join(queue_text(queue) for queue in QUEUES),
            takes="\n".join(f"      {queue}: 1" for queue in QUEUES),
            shrinkage=1.0 - availability,
        )
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def queue_text(queue: str) -> str:
    like = FIRST if queue == QUEUES[0] else f"like: {QUEUES[0]}"
    text = QUEUE.format(queue=queue, like=like, type=queue.removesuffix("_priority"))
    return text + "    head_start: 90s\n" if queue.endswith("_priority") else text


def windows_text(days: str) -> str:
    spans = (f'"{clock(opens)}-{clock(closes)}"' for opens, closes in WINDOWS[days])
    return f"[{', '.join(spans)}]"


def clock(second: int) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"


# --- all of it -----------------------------------------------------------------------------------


def write_csv(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def derive(folder: Path) -> None:
    """Write every derived file into `folder`."""
    calls = read(HERE / CALLS)
    availability = float(json.loads((HERE / FITTED).read_text(encoding="utf-8"))["availability"])
    folder.mkdir(parents=True, exist_ok=True)
    write_forecast(folder, calls)
    write_presence(folder, calls)
    write_distributions(folder, calls)
    write_forecast_and_actual(folder, calls)
    write_actual(folder, calls)
    write_report(folder, calls)
    write_scenarios(folder, availability)


if __name__ == "__main__":
    derive(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
