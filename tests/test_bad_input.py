"""Everything a planner can get wrong: told at its line, with what would do, all at once, without a traceback."""

# Mistakes stand one to a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slasim.errors import InputError, Problem
from slasim.scenario import check, load, load_text
from slasim.scenario.document import MOST_BYTES, Document, Loc, read_document, unshared
from slasim.scenario.files import build

GOOD = """\
name: Hotline
timezone: Europe/Berlin
start: 2026-03-02
end: 2026-03-03
calendars:
  phones: {weekly: {mon-fri: ["08:00-10:00"]}}
queues:
  billing:
    calendar: phones
    arrivals: {per_hour: 60}
    aht: 260s
    patience: {exponential: {mean: 4min}}
groups:
  front: {takes: {billing: 1}, staffing: 8}
metrics:
  quick: {type: service_level, threshold: 30s}
contract: {commitments: [{metric: quick, target: 0.8}]}
"""

FORECAST = """\
queue,interval_start,offered,aht_s
billing,2026-03-02 08:00,30,240
billing,2026-03-02 08:30,31.5,240
billing,2026-03-02 09:00,32,240
billing,2026-03-02 09:30,33,240
"""


def problems(text: str, folder: Path | None = None) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        load_text(text, file="hotline.yaml", folder=folder)
    return list(caught.value.problems)


def one(text: str, folder: Path | None = None) -> Problem:
    """The only problem: one mistake is one finding."""
    found = problems(text, folder)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def swapped(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_the_good_file_is_good() -> None:
    assert load_text(GOOD).queue_names == ["billing"]


# Each row: what stands in the good file, what stands there instead, line, path, words of the finding.
MISTAKES = {
    "unknown key": ("    aht: 260s", "    ath: 260s\n    aht: 1s", 11, "queues.billing.ath", "Did you mean aht?"),
    "unknown key at the top": ("name:", "nome: x\nname:", 1, "nome", "Did you mean name?"),
    "a section of later versions": ("metrics:", "services: {}\nmetrics:", 15, "services", "unknown key"),
    "misspelt key of the contract": ("{commitments", "{credit_basis: fee, commitments", 17, "contract.credit_basis", "Did you mean credit_base?"),
    "misspelt queue": ("{billing: 1}", "{billing: 1, biling: 2}", 14, "groups.front.takes.biling", "Did you mean billing?"),
    "misspelt calendar": ("calendar: phones", "calendar: phone", 9, "queues.billing.calendar", "Did you mean phones?"),
    "misspelt metric": ("metric: quick", "metric: quik", 17, "contract.commitments[0].metric", "Did you mean quick?"),
    "misspelt queue of a metric": ("threshold: 30s}", "threshold: 30s, queues: [bill]}", 16, "metrics.quick.queues[0]", "billing"),
    "misspelt group": ("aht: 260s", "aht: 260s\n    prefers: [frond]", 12, "queues.billing.prefers[0]", "Did you mean front?"),
    "missing unit": ("aht: 260s", "aht: 260", 11, "queues.billing.aht.mean", "Write 260s"),
    "unknown unit": ("aht: 260s", "aht: 4minuets", 11, "queues.billing.aht.mean", "Did you mean min?"),
    "days without meaning": ("aht: 260s", "aht: 1d", 11, "queues.billing.aht.mean", "what a day is"),
    "negative rate": ("per_hour: 60", "per_hour: -60", 10, "queues.billing.arrivals.per_hour", "negative"),
    "negative in a list": ("per_hour: 60", "per_hour: [1, -2]", 10, "queues.billing.arrivals.per_hour", "item 2 of the list: -2"),
    "negative duration": ("aht: 260s", "aht: -260s", 11, "queues.billing.aht.mean", "negative"),
    "negative staffing": ("staffing: 8", "staffing: -8", 14, "groups.front.staffing.agents", "negative"),
    "not a number": ("per_hour: 60", "per_hour: .nan", 10, "queues.billing.arrivals.per_hour", "finite"),
    "infinite": ("per_hour: 60", "per_hour: .inf", 10, "queues.billing.arrivals.per_hour", "finite"),
    "text for a number": ("per_hour: 60", "per_hour: sixty", 10, "queues.billing.arrivals.per_hour", "'sixty'"),
    "true for a number": ("per_hour: 60", "per_hour: true", 10, "queues.billing.arrivals.per_hour", "true"),
    "short list": ("per_hour: 60", "per_hour: [1, 2]", 10, "queues.billing.arrivals", "48 intervals"),
    "share above one": ("aht: 260s", "aht: 260s\n    hangs_up_at_once: 2", 12, "queues.billing.hangs_up_at_once", "Did you mean 2 %"),
    "target above one": ("target: 0.8", "target: 80", 17, "contract.commitments[0].target", "Did you mean 80 %"),
    "target in time": ("target: 0.8", "target: 30s", 17, "contract.commitments[0].target", "share"),
    "profile of wrong sum": ("{per_hour: 60}", "{per_day: 10, profile: [0.5, 0.4]}", 10, "queues.billing.arrivals.profile.shares", "add up to 0.9"),
    "profile of wrong length": ("{per_hour: 60}", "{per_day: 10, profile: [0.5, 0.5]}", 10, "queues.billing.arrivals", "48 intervals"),
    "shares of wrong sum": ("aht: 260s", "handle_time: {hyperexponential: {means: [1min, 9min], shares: [0.7, 0.2]}}", 11, "queues.billing.handle_time", "shares"),
    "two kinds of arrivals": ("{per_hour: 60}", "{per_hour: 60, per_day: 9}", 10, "queues.billing.arrivals", "Give one of"),
    "no arrivals": ("    arrivals: {per_hour: 60}\n", "", 8, "queues.billing.arrivals", "is missing"),
    "no AHT": ("    aht: 260s\n", "", 10, "queues.billing.arrivals", "no AHT"),
    "both handle times": ("aht: 260s", "aht: 260s\n    handle_time: {exponential: {mean: 9s}}", 8, "queues.billing", "`handle_time` and `aht`"),
    "acw longer than aht": ("aht: 260s", "aht: 260s\n    acw: 5min", 12, "queues.billing.acw", "longer than the AHT"),
    "unknown distribution": ("{exponential: {mean: 4min}}", "{exponental: {mean: 4min}}", 12, "queues.billing.patience", "Did you mean exponential?"),
    "unknown setting of a distribution": ("{mean: 4min}", "{meen: 4min}", 12, "queues.billing.patience", "Did you mean mean?"),
    "time to abandon for patience": ("{exponential: {mean: 4min}}", "{from: average_time_to_abandon, value: 40s}", 12, "queues.billing.patience", "only those who left"),
    "time to abandon as a key": ("aht: 260s", "aht: 260s\n    average_time_to_abandon: 40s", 12, "queues.billing.average_time_to_abandon", "only those who left"),
    "patience from nobody": ("{exponential: {mean: 4min}}", "{from: interval_report, wait_total_s: 100, abandoned: 0}", 12, "queues.billing.patience", "abandoned"),
    "bare patience": ("{exponential: {mean: 4min}}", "4min", 12, "queues.billing.patience", "{exponential: {mean: 4min}}"),
    "unknown channel": ("    aht: 260s", "    channel: fax\n    aht: 260s", 11, "queues.billing.channel", "Channels are: voice, chat, ticket"),
    "unknown zone": ("Europe/Berlin", "Europe/Berln", 2, "timezone", "Europe/Berlin"),
    "unknown weekday": ("{mon-fri:", "{mon-fry:", 6, "calendars.phones.weekly.mon-fry", "weekday"),
    "unknown key of a calendar": ("{weekly:", "{weakly: {}, weekly:", 6, "calendars.phones.weakly", "Did you mean weekly?"),
    "no such date": ("start: 2026-03-02", "start: 2026-02-30", 3, "start", "does not exist"),
    "end before start": ("end: 2026-03-03", "end: 2026-03-01", 4, "end", "not after"),
    "skipped by daylight saving": ("start: 2026-03-02\nend: 2026-03-03", "start: 2026-03-29 02:30\nend: 2026-03-31", 3, "start", "does not exist in Europe/Berlin"),
    "uneven interval": ("name:", "interval: 50min\nname:", 1, "interval", "does not divide a day"),
    "half an interval": ("end: 2026-03-03", "end: 2026-03-02 10:15", 4, "end", "whole intervals"),
    "too many intervals": ("end: 2026-03-03", "end: 2099-03-03", 4, "end", "intervals"),
    "text for a whole number": ("aht: 260s", "aht: 260s\n    lines: many", 12, "queues.billing.lines", "Write one, such as 12."),
    "half a week": ("{commitments", "{period: week, commitments", 17, "contract.period", "begin on Monday"),
    "half a month": ("{commitments", "{period: month, commitments", 17, "contract.period", "first of a month"),
    "unknown period": ("{commitments", "{period: year, commitments", 17, "contract.period", "horizon"),
    "nobody takes it": ("groups:", "  lonely: {arrivals: {per_hour: 1}, aht: 1min}\ngroups:", 13, "queues.lonely", "no group takes"),
    "nobody on duty": ("staffing: 8", "staffing: 0", 14, "groups.front.staffing", "ever on duty"),
    "staffing and shifts": ("staffing: 8", "staffing: 8, shifts: []", 14, "groups.front", "both of them"),
    "neither": (", staffing: 8", "", 14, "groups.front", "neither"),
    "takes as a list": ("{billing: 1}", "[billing]", 14, "groups.front.takes", "{billing: 1}"),
    "half an agent on shift": ("staffing: 8", 'shifts: [{name: a, from: "08:00", to: "10:00", agents: 1.5}]', 14, "groups.front.shifts[0].agents", "whole number"),
    "overlapping shifts": (
        "staffing: 8",
        'shifts: [{name: a, from: "08:00", to: "10:00", agents: 1}, {name: a, days: mon, from: "09:30", to: "12:00", agents: 1}]',
        14, "groups.front.shifts[1]", "overlaps itself",
    ),
    "overlapping over midnight": (
        "staffing: 8",
        'shifts: [{name: a, days: sun, from: "22:00", to: "06:00", agents: 1}, {name: a, days: mon, from: "05:00", to: "12:00", agents: 1}]',
        14, "groups.front.shifts[1]", "overlaps itself",
    ),
    "break outside": ("staffing: 8", 'shifts: [{name: a, from: "08:00", to: "10:00", agents: 1, breaks: [{at: "10:00", length: 9min}]}]', 14, "groups.front.shifts[0].breaks[0]", "outside"),
    "overlapping breaks": (
        "staffing: 8",
        'shifts: [{name: a, from: "08:00", to: "10:00", agents: 1, breaks: [{at: "09:00", length: 9min}, {at: "09:05", length: 9min}]}]',
        14, "groups.front.shifts[0].breaks[1]", "inside the break before",
    ),
    "grid that overlaps": ("staffing: 8", 'staffing: {grid: {mon: {"08:00-09:00": 3, "08:30-10:00": 4}}}', 14, "groups.front.staffing.grid", "overlap"),
    "grid inside an interval": ("staffing: 8", 'staffing: {grid: {mon: {"08:10-09:00": 3}}}', 14, "groups.front.staffing", "08:10"),
    "unknown policy": ("metrics:", "routing: {policy: longest_weight}\nmetrics:", 15, "routing.policy", "longest_wait"),
    "setting of a policy": ("metrics:", "routing: {policy: overflow, aftr: 10s}\nmetrics:", 15, "routing", "after"),
    "unknown formula": ("threshold: 30s}", "threshold: 30s, formula: negativ}", 16, "metrics.quick", "Did you mean negative?"),
    "unknown metric": ("type: service_level", "type: service_levl", 16, "metrics.quick.type", "Did you mean service_level?"),
    "no threshold": (", threshold: 30s", "", 16, "metrics.quick", "threshold"),
    "a metric over no queue": ("threshold: 30s}", "threshold: 30s, queues: []}", 16, "metrics.quick", "names no queue"),
    "occupancy of a queue": ("type: service_level, threshold: 30s", "type: occupancy, queues: [billing]", 16, "metrics.quick", "agents"),
    "nothing promised": ("metric: quick, ", "", 17, "contract.commitments[0]", "names no metric"),
    "too many contacts": ("per_hour: 60", "per_hour: 60000000", 7, "queues", "50,000,000"),
    "like nobody": ("groups:", "  more: {like: biling}\ngroups:\n  all: {takes: {more: 1}, staffing: 1}", 13, "queues.more.like", "Did you mean billing?"),
    "mape and cv": ("metrics:", "demand: {volume: {day_cv: 0.1, daily_mape: 8 %}}\nmetrics:", 15, "demand.volume", "say the same"),
    "unknown tag": ("aht: 260s", "aht: !!python/object:os.system 260s", 11, "queues.billing.aht", "unknown YAML tag"),
    "custom tag": ("aht: 260s", "aht: !seconds 260s", 11, "queues.billing.aht", "unknown YAML tag `!seconds`"),
    "duplicate key": ("    aht: 260s", "    aht: 260s\n    aht: 300s", 12, "queues.billing.aht", "stands twice (first in line 11)"),
    "duplicate queue": ("groups:", "  billing: {arrivals: {per_hour: 1}, aht: 1s}\ngroups:", 13, "queues.billing", "stands twice"),
    "a tab": ("    aht: 260s", "\taht: 260s", 11, "", "a tab"),
    "a tab after a colon": ("name: Hotline", "name: Hotline\nqueues:\n\tx: 1", 3, "", "a tab"),
    "an open bracket": ("{billing: 1}", "{billing: 1", 14, "", "not YAML"),
    "an unknown alias": ("aht: 260s", "aht: *long", 11, "", "names no anchor"),
    "a merge key": ("    aht: 260s", "    <<: {priority: 1}\n    aht: 260s", 11, "queues.billing", "like: other_queue"),
    "two documents": ("metrics:", "---\nmetrics:", 15, "", "second document"),
    "nothing where a record belongs": ("arrivals: {per_hour: 60}", "arrivals:", 10, "queues.billing.arrivals", "nothing stands where a mapping"),
    "a zone that is no text": ("Europe/Berlin", "[Europe/Berlin]", 2, "timezone", "a list"),
    "a calendar's zone that is no text": ("{weekly:", "{timezone: {a: 1}, weekly:", 6, "calendars.phones.timezone", "not text"),
    "half a character": ("Hotline", '"\\ud800"', 1, "name", "surrogate"),
    "a list where a record belongs": ("arrivals: {per_hour: 60}", "arrivals: [60]", 10, "queues.billing.arrivals", "a list stands where"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_told_once_at_its_place(mistake: str) -> None:
    old, new, line, path, words = MISTAKES[mistake]
    found = one(swapped(old, new))
    assert (found.file, found.line, found.path) == ("hotline.yaml", line, path)
    assert words in f"{found.found}. {found.would_do}"
    assert found.column > 0


def test_abandonment_cannot_be_promised_where_nobody_abandons() -> None:
    text = swapped("    patience: {exponential: {mean: 4min}}\n", "").replace(
        "{metric: quick, target: 0.8}", "{metric: abandonment_rate, target: 5 %}"
    )
    found = one(text)
    assert found.path == "contract.commitments[0].metric"
    assert "nobody can abandon in: billing" in found.found


def test_everything_is_told_at_once_and_in_order() -> None:
    text = (
        GOOD.replace("260s", "260")
        .replace("{billing: 1}", "{biling: 1}")
        .replace("threshold: 30s", "threshold: 30")
        .replace("target: 0.8", "target: 8")
        .replace("Europe/Berlin", "Berlin")
        .replace("staffing: 8", "staffing: {file: none.csv}")
    )
    paths = [problem.path.split(" ")[0] for problem in problems(text)]
    assert sorted(paths) == [
        "contract.commitments[0].target",
        "groups.front.staffing",
        "groups.front.takes.biling",
        "metrics.quick.threshold",
        "queues.billing",
        "queues.billing.aht.mean",
        "timezone",
    ]
    lines = [problem.line for problem in problems(text) if problem.file == "hotline.yaml"]
    assert lines == sorted(lines)


def test_a_mistake_that_like_copies_is_told_once() -> None:
    text = swapped("aht: 260s", "aht: 260").replace("groups:", "  more: {like: billing}\ngroups:")
    assert [p.path for p in problems(text)] == ["queues.billing.aht.mean", "queues.more"]


def test_the_right_item_of_a_list_is_named_when_one_before_it_is_wrong() -> None:
    text = swapped(
        "[{metric: quick, target: 0.8}]",
        "[{metric: quick, target: 80}, {metric: quick, target: 30s}, {target: 1}, {metric: x, target: 2}]",
    )
    assert [p.path for p in problems(text)] == [
        "contract.commitments[0].target",
        "contract.commitments[1].target",
        "contract.commitments[2]",
        "contract.commitments[3].metric",
        "contract.commitments[3].target",
    ]


WEIRD = [
    None,
    True,
    -1,
    0,
    1e300,
    math.nan,
    math.inf,
    "",
    "x",
    "30s",
    "-5min",
    "80 %",
    [],
    [None],
    [[]],
]
WEIRD += [
    {},
    {"x": {}},
    {"file": "no.csv"},
    {"mean": None},
    [{"name": 1}],
    "2026-03-29 02:30",
    10**30,
]


def places(value: Any, loc: Loc = ()) -> Iterator[Loc]:
    yield loc
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from places(item, (*loc, key))


def test_no_value_anywhere_makes_a_traceback() -> None:
    """Every place of the good file holds every strange value once."""
    document = read_document(GOOD)
    refused = 0
    for loc in [loc for loc in places(document.value) if loc]:
        for strange in WEIRD:
            value = unshared(document.value)
            here = value
            for part in loc[:-1]:
                here = here[part]
            here[loc[-1]] = strange
            try:
                build(Document(value, "", document.values, document.keys), None)
            except InputError as error:
                assert all(problem.path or problem.file for problem in error.problems)
                refused += 1
    assert refused > 400


def test_circles_of_like() -> None:
    text = swapped("groups:", "  a: {like: b}\n  b: {like: a}\ngroups:")
    assert any("a circle" in problem.found for problem in problems(text))


# ------------------------------------------------------------------ files that are no scenario


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n  \n# nothing\n", "holds nothing"),
        (b"- a\n- b\n", "holds a list"),
        (b"just words\n", "holds text"),
        (b"name: M\xfcnchen\n", "byte 0xfc is not UTF-8"),
        (b"\xff\xfen\x00a\x00", "is not UTF-8"),
        (b"name: a\x00b\n", "not YAML"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"),
    ],
)
def test_files_that_are_no_scenario(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "centre.yaml"
    path.write_bytes(content)
    [found] = check(path)
    assert words in found.found
    assert found.file == str(path)


def test_a_directory_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "city.yaml").write_text(GOOD, encoding="utf-8")
    assert "a directory" in check(tmp_path)[0].found
    [missing] = check(tmp_path / "citty.yaml")
    assert "Did you mean city.yaml?" in missing.would_do
    assert "no such file" in check(tmp_path / "no" / "city.yaml")[0].found


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "10 MB of nested lists": "a: " + "[" * 5_000_000 + "]" * 5_000_000,
    "nested lists under the size cap": "a: " + "[" * 200_000,
    "nested mappings": "".join(" " * depth + "a:\n" for depth in range(600)),
    "nested braces": "{a: " * 50_000,
    "a bomb of aliases": BOMB,
    "an alias of itself": "a: &a [*a]\n",
    "a million values": "a: [" + "1," * 240_000 + "1]",
    "a long number": "a: " + "9" * 400_000,
    "many keys": "".join(f"k{number}: 1\n" for number in range(40_000)),
    "many duplicate keys": "k: 1\n" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE, ids=str)
def test_hostile_files_are_refused_within_seconds(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(HOSTILE[name], encoding="utf-8")
    began = time.perf_counter()
    found = check(path)
    assert time.perf_counter() - began < 20  # seconds, on a loaded machine; 3 on an idle one
    assert found
    assert len("\n".join(map(str, found))) < 200_000


def test_the_size_is_told_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("#" * (MOST_BYTES + 1), encoding="utf-8")
    [found] = check(path)
    assert "a scenario may have 512 kB" in found.found


# ------------------------------------------------------------------ data files

WITH_FILE = GOOD.replace("{per_hour: 60}", "{file: forecast.csv}").replace("    aht: 260s\n", "")


def forecast(folder: Path, content: str | bytes) -> Path:
    path = folder / "forecast.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_the_good_forecast_is_good(tmp_path: Path) -> None:
    scenario = load_text(WITH_FILE, folder=forecast(tmp_path, FORECAST))
    assert scenario.expected("billing").volume.sum() == 126.5


CELLS = {
    "text": ("31.5,", "many,", 3, "'many' is not a number"),
    "empty": ("31.5,", ",", 3, "the cell is empty"),
    "nan": ("31.5,", "nan,", 3, "'nan' is not a number"),
    "infinite": ("31.5,", "inf,", 3, "'inf' is not a number"),
    "negative": ("31.5,", "-1,", 3, "-1 is negative"),
    "too large": ("31.5,", "1e300,", 3, "larger than"),
    "thousands": ("31.5,", '"1.234,5",', 3, "thousands mark"),
    "english thousands": ("31.5,", '"1,234",', 3, "thousands mark"),
    "negative AHT": ("31.5,240", "31.5,-1", 3, "-1 is negative"),
    "no AHT": ("31.5,240", "31.5,", 0, "aht_s of queue `billing` is empty or 0 in 1 intervals"),
    "AHT of 0": ("31.5,240", "31.5,0", 0, "aht_s of queue `billing` is empty or 0 in 1 intervals"),
    "duplicate": ("2026-03-02 08:30", "2026-03-02 08:00", 3, "stands twice (first in line 2)"),
    "gap": ("billing,2026-03-02 08:30,31.5,240\n", "", 2, "no row from 2026-03-02 08:30 to 2026-03-02 09:00"),
    "no such date": ("2026-03-02 08:30", "2026-02-30 08:30", 3, "does not exist"),
    "day first, undeclared": ("2026-03-02 08:30", "02.03.2026 08:30", 3, "dates: day_first"),
    "mixed offsets": ("2026-03-02 08:30", "2026-03-02T08:30+01:00", 3, "all rows alike"),
    "off the grid": ("2026-03-02 08:30", "2026-03-02 08:37", 3, "no start of an interval"),
    "when closed": ("billing,2026-03-02 08:00", "billing,2026-03-02 07:30,1,240\nbilling,2026-03-02 08:00", 2, "when the queue is closed"),
    "missing column": ("offered,", "calls,", 1, "no column `offered`"),
    "missing time column": ("interval_start", "time", 1, "no column `interval_start`"),
    "column twice": ("aht_s", "offered", 1, "two columns are called `offered`"),
    "ragged row": ("31.5,240", "31.5,240,7", 3, "5 cells, the header 4"),
    "open quote": ("31.5,240", '"31.5,240', 3, ""),
    "other queue": ("billing,", "sales,", 1, "no row has queue `billing`"),
    "other month": ("2026-03-02", "2026-04-02", 2, "its rows run from 2026-04-02 08:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS, ids=str)
def test_bad_cells_are_told_with_the_line_of_the_data_file(tmp_path: Path, name: str) -> None:
    old, new, line, words = CELLS[name]
    assert old in FORECAST
    found = problems(WITH_FILE, forecast(tmp_path, FORECAST.replace(old, new)))[0]
    if line:
        assert found.file == str(tmp_path / "forecast.csv")
        assert found.line == line
        assert "queues.billing.arrivals (line 10 of the scenario)" in found.path
    else:
        assert (found.file, found.line) == ("hotline.yaml", 10)
    assert words in f"{found.found}. {found.would_do}"


def test_many_bad_cells_are_counted_not_listed(tmp_path: Path) -> None:
    rows = "".join(f"billing,2026-03-02 08:{minute:02d},x,240\n" for minute in range(60))
    found = problems(WITH_FILE, forecast(tmp_path, "queue,interval_start,offered,aht_s\n" + rows))
    assert len(found) == 4
    assert "and 57 more rows" in found[3].found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n", "the file is empty"),
        (b"queue,interval_start,offered,aht_s\n", "a header and no rows"),
        (FORECAST.replace("billing", "b\xfclling").encode("cp1252"), "byte 0xfc is not UTF-8"),
        (FORECAST.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\x00\x00", "no text file"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: bytes, words: str) -> None:
    found = one(WITH_FILE, forecast(tmp_path, content))
    assert words in found.found
    assert found.file == str(tmp_path / "forecast.csv")


def test_a_missing_data_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "forcast.csv").write_text(FORECAST, encoding="utf-8")
    found = one(WITH_FILE, tmp_path)
    assert "there is no file `forecast.csv`" in found.found
    assert "Did you mean forcast.csv?" in found.would_do


def test_a_suffix_in_common_is_no_likeness(tmp_path: Path) -> None:
    for name in ("closed.csv", "copy.yaml"):
        (tmp_path / name).write_text(FORECAST, encoding="utf-8")
    [missing] = check(tmp_path / "core.yaml")
    assert missing.would_do == f"YAML files in {tmp_path} are: copy.yaml."
    missing = one(WITH_FILE.replace("forecast.csv", "nope3.csv"), tmp_path)
    assert missing.would_do == f"CSV files in {tmp_path} are: closed.csv."


def test_a_directory_for_a_data_file(tmp_path: Path) -> None:
    (tmp_path / "forecast.csv").mkdir()
    assert "a directory" in one(WITH_FILE, tmp_path).found


def test_declared_encodings_are_checked_too(tmp_path: Path) -> None:
    text = WITH_FILE.replace("{file: forecast.csv}", "{file: forecast.csv, encoding: utf9}")
    assert "`utf9` is unknown" in one(text, forecast(tmp_path, FORECAST)).found


def test_daylight_saving_gap_in_a_file(tmp_path: Path) -> None:
    text = WITH_FILE.replace("2026-03-02", "2026-03-29").replace("2026-03-03", "2026-03-30")
    text = text.replace("    calendar: phones\n", "")
    rows = "".join(
        f"billing,2026-03-29 {half // 2:02d}:{half % 2 * 30:02d},1,240\n" for half in range(48)
    )
    found = problems(text, forecast(tmp_path, "queue,interval_start,offered,aht_s\n" + rows))
    assert len(found) == 2
    assert "2026-03-29 02:00" in found[0].found
    assert "does not exist in Europe/Berlin" in found[0].found


def test_a_staffing_file_with_a_gap_in_open_hours(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(
        "interval_start;front\n2026-03-02 08:00;3,5\n2026-03-02 08:30;3,5\n", encoding="utf-8"
    )
    text = swapped("staffing: 8", "staffing: {file: staff.csv}")
    found = one(text, tmp_path)
    assert found.line == 3
    assert "no row from 2026-03-02 09:00 to 2026-03-02 10:00 (2 intervals)" in found.found


def test_a_profile_file_of_wrong_sum(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("time,share\n08:00,0.4\n08:30,0.4\n", encoding="utf-8")
    text = swapped("{per_hour: 60}", "{per_day: 90, profile: {file: p.csv}}")
    assert "adds up to 0.8" in one(text, tmp_path).found


def test_a_profile_outside_the_open_hours(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("time,share\n08:00,0.4\n12:00,0.6\n", encoding="utf-8")
    text = swapped("{per_hour: 60}", "{per_day: 90, profile: {file: p.csv}}")
    assert "60% of the profile lies outside the open hours of Monday" in one(text, tmp_path).found


def test_contacts_on_a_weekday_when_it_is_closed() -> None:
    text = swapped("{per_hour: 60}", "{per_day: {mon: 90, sun: 5}}").replace(
        "end: 2026-03-03", "end: 2026-03-09"
    )
    assert "per_day gives 5 contacts to Sunday" in one(text).found


def test_an_empirical_file(tmp_path: Path) -> None:
    text = swapped("{exponential: {mean: 4min}}", "{empirical: {file: w.csv, column: s}}")
    assert "there is no file `w.csv`" in one(text, tmp_path).found
    (tmp_path / "w.csv").write_text("s\n12\nx\n", encoding="utf-8")
    found = one(text, tmp_path)
    assert (found.file, found.line) == (str(tmp_path / "w.csv"), 3)
    assert found.path == "queues.billing.patience (line 12 of the scenario)"
    (tmp_path / "w.csv").write_text("t\n12\n", encoding="utf-8")
    assert "no column `s`" in one(text, tmp_path).found


def test_too_few_days_to_measure_an_error(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("date,forecast,actual\n2026-01-01,9,8\n", encoding="utf-8")
    text = swapped("metrics:", "demand: {from: {file: e.csv}}\nmetrics:")
    found = one(text, tmp_path)
    assert "1 day" in found.found
    assert "at least 5" in found.would_do


def test_a_forecast_that_demand_reads_too_is_told_once(tmp_path: Path) -> None:
    """What is wrong with arrivals is no second problem of `demand.from`; what is wrong with its own file is."""
    rows = "".join(f"2026-01-0{day},90,80\n" for day in range(1, 8))
    (tmp_path / "e.csv").write_text("date,forecast,actual\n" + rows, encoding="utf-8")
    (tmp_path / "p.csv").write_text("time,share\n07:00,1\n", encoding="utf-8")
    text = swapped("metrics:", "demand: {from: {file: e.csv}}\nmetrics:").replace(
        "{per_hour: 60}", "{per_day: {mon: 90}, profile: {file: p.csv, column: share}}"
    )
    assert one(text, tmp_path).path == "queues.billing.arrivals"
    (tmp_path / "e.csv").write_text("date,forecast,actual\n2026-01-01,9,8\n", encoding="utf-8")
    paths = sorted((found.path or "").split()[0] for found in problems(text, tmp_path))
    assert paths == ["demand.from", "queues.billing.arrivals"]


# ------------------------------------------------------------------ no traceback from a real process


def test_a_process_tells_and_does_not_trace(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(swapped("260s", "260"), encoding="utf-8")
    program = (
        "import sys\nfrom slasim.scenario import check\n"
        "print(*check(sys.argv[1]), sep='\\n')\n"
        "bad = {'numba', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "assert not bad, bad\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert "line 11" in done.stdout
    assert "Traceback" not in done.stderr


def test_load_raises_what_check_returns(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(swapped("260s", "260"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    assert list(caught.value.problems) == check(path)
