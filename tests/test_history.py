"""Ticket logs and contact exports judged from files: every open ticket case by `slasim judge`; bad input told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

import slasim as sl
from slasim.cli import app
from slasim.clock import HOUR, parse_duration
from slasim.contactlog import ABANDONED, ANSWERED, VOICEMAIL
from slasim.errors import InputError
from slasim.history import judge_history, read_contacts, read_tickets
from slasim.history.read import plain_name
from slasim.scenario.policy import policy_of_text
from slasim.scenario.schema import ClockMetric
from slasim.show.history import history_screen, write_reports
from slasim.sla.ticket_clock import TicketClock

CASES = YAML(typ="safe").load(
    (Path(__file__).parent / "reference_cases" / "sla_clock_cases.yaml").read_text()
)
STORIES = [
    (case["id"], case, variant)
    for case in CASES["cases"]
    if case["kind"] == "ticket_clock"
    for variant in ([case] if "expected" in case else []) + case.get("variants", [])
]
POLICY = """
calendars:
  office: {timezone: Europe/Bucharest, weekly: {mon-fri: ["09:00-18:00"]}}
metrics:
  first: {type: ticket_clock, metric: first_reply, calendar: office, target_by: {priority: {urgent: 1h, normal: 8h}}}
  fix: {type: ticket_clock, metric: requester_wait, calendar: office, target: 3d, day_means: 9h}
"""
LOG = """ticket_id,event_at,event,value,priority,department
7,2025-06-02T09:00:00+03:00,created,,normal,sales
7,2025-06-02T09:40:00+03:00,agent_public,eve,,
8,2025-06-02T12:00:00+03:00,created,open,urgent,support
8,2025-06-02T12:30:00+03:00,status,pending,,
8,2025-06-02T15:00:00+03:00,status,solved,,
9,2025-06-02T16:00:00+03:00,created,,urgent,support
"""


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def utc(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# ------------------------------------------------------------------ the open cases, from files


def story_files(
    folder: Path, case: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[Path, Path]:
    """A case's event log and policy, as a user would have them."""
    given = {**case["given"], **settings}
    calendar = dict(CASES["calendars"][given["calendar"]])
    if "holiday_scope" in given:
        calendar["holiday_scope"] = given["holiday_scope"]
    metric = {"type": "ticket_clock", "calendar": "c"}
    for key, value in given.items():
        if key == "target_by_priority":
            metric["target_by"] = {"priority": value}
        elif key not in ("calendar", "events", "holiday_scope"):
            metric[key] = value
    policy = folder / "policy.yaml"
    policy.write_text(json.dumps({"calendars": {"c": calendar}, "metrics": {"m": metric}}))
    lines = ["ticket_id,event_at,event,value,priority"]
    for event in given["events"]:
        value = event.get("status", event.get("priority", ""))
        if event["type"] == "created":
            value = event.get("status", "")
        first = event.get("priority", "") if event["type"] == "created" else ""
        lines.append(f"T,{event['at']},{event['type']},{value},{first}")
    history = folder / "history.csv"
    history.write_text("\n".join(lines) + "\n")
    return history, policy


@pytest.mark.parametrize(
    ("case", "variant"),
    [story[1:] for story in STORIES],
    ids=[f"{story[0]}-{number}" for number, story in enumerate(STORIES)],
)
def test_every_open_ticket_case_through_the_command(
    tmp_path: Path, case: Mapping[str, Any], variant: Mapping[str, Any]
) -> None:
    history, policy = story_files(tmp_path, case, variant.get("set", {}))
    done = CliRunner().invoke(app, ["judge", str(history), "--policy", str(policy), "--json"])
    assert done.exit_code == 0, done.output
    clocks = json.loads(done.stdout)["clocks"]
    assert len(clocks) == len(variant["expected"])
    for number, (found, wanted) in enumerate(zip(clocks, variant["expected"], strict=True)):
        assert (found["ticket_id"], found["metric"], found["cycle"]) == ("T", "m", number + 1)
        assert utc(found["clock_start"]) == utc(wanted["clock_start"])
        assert utc(found["due_at"]) == utc(wanted["due_at"])
        assert utc(found["breached_at"]) == utc(wanted.get("breached_at"))
        assert found["elapsed_s"] * 1000 == parse_duration(wanted["elapsed"])
        assert found["state"] == wanted["state"]


def test_no_open_case_is_left_out() -> None:
    assert len(STORIES) == 24


# ------------------------------------------------------------------ ticket logs


def test_totals_reports_and_screen(put: Any, tmp_path: Path) -> None:
    verdict = judge_history(put("h.csv", LOG), put("p.yaml", POLICY))
    totals = verdict.totals
    assert totals is not None
    assert (totals.met, totals.missed, totals.open, totals.not_applicable) == (2, 0, 3, 1)
    assert totals.with_target == 6
    by_department = verdict.compliance(("department", "day")).table()
    assert by_department[["department", "fulfilled", "missed"]].values.tolist() == [
        ["sales", 1, 0],
        ["support", 1, 0],
    ]
    screen = history_screen(verdict)
    assert "6 rows read, 0 dropped" in screen and "1 near due" in screen
    pathless = [line for line in screen.splitlines() if str(tmp_path) not in line]
    assert max(map(len, pathless)) <= 100  # a path is never broken
    for suffix in ("csv", "xlsx", "parquet", "json"):
        files = write_reports(verdict, tmp_path / "out", suffix)
        assert {path.stem for path in files} == {
            "reading", "compliance", "compliance_by_metric_and_day", "compliance_by_metric_and_month", "log",
            "log_with_details", "clocks", "near_due_and_overdue",
        }  # fmt: skip
        assert all(path.stat().st_size > 0 for path in files)
    log = (tmp_path / "out" / "log.csv").read_text().splitlines()
    assert log[0] == "ticket_id,requester,department,agent,level,sla_start,due_date,closed"
    compliance = (tmp_path / "out" / "compliance.csv").read_text().splitlines()
    assert compliance[0] == (
        "date,fulfilled,avg_fulfilled,max_fulfilled,min_fulfilled,missed,avg_missed,max_missed,min_missed"
    )
    assert len(log) == 1 + totals.met + totals.missed


def test_names_are_matched_without_case_spaces_and_punctuation(put: Any) -> None:
    head, rest = LOG.split("\n", 1)
    odd = "Ticket ID;Event At;EVENT;Value;Priority;Department\n" + rest.replace(",", ";").replace(
        "agent_public", "Agent Public"
    )
    found = [
        judge_history(put("h.csv", text), put("p.yaml", POLICY)).to_json()["clocks"]
        for text in (f"{head}\n{rest}", odd)
    ]
    assert found[0] == found[1]
    assert plain_name("Event-At") == plain_name("event_at")


def test_naive_instants_in_a_declared_zone_are_the_same_instants(put: Any) -> None:
    naive = LOG.replace("+03:00", "")
    known = judge_history(put("h.csv", LOG), put("p.yaml", POLICY)).to_json()["clocks"]
    again = judge_history(put("n.csv", naive), put("p.yaml", POLICY), timezone="Europe/Bucharest")
    assert again.to_json()["clocks"] == known
    other = LOG.replace("T16:00:00+03:00", "T13:00:00Z")  # another offset, the same instant
    assert judge_history(put("o.csv", other), put("p.yaml", POLICY)).to_json()["clocks"] == known


def test_the_hour_that_comes_twice_follows_the_order_of_a_ticket(put: Any) -> None:
    log = put(
        "h.csv",
        "ticket_id,event_at,event\n1,2025-10-26 03:50,created\n1,2025-10-26 03:10,agent_public\n",
    )
    read = read_tickets(log, timezone="Europe/Bucharest")
    assert (read.events.at[1] - read.events.at[0]) == 20 * 60_000
    assert read.report.noted[0].rows == 2


def test_statuses_of_the_export(put: Any) -> None:
    log = put("h.csv", LOG.replace(",pending,", ",Awaiting User,"))
    with pytest.raises(InputError, match="status 'Awaiting User' is unknown"):
        read_tickets(log)
    read = read_tickets(log, statuses={"awaiting user": "pending"})
    assert len(read.events) == 6
    with pytest.raises(InputError, match="Did you mean pending"):
        read_tickets(log, statuses={"awaiting user": "pendng"})


BAD = {
    "out of order": ("8,2025-06-02T11:00:00+03:00,agent_public,,,", "earlier than the one above"),
    "an unknown status": ("8,2025-06-02T16:00:00+03:00,status,waiting,,", "status 'waiting' is unknown"),
    "an unknown event": ("8,2025-06-02T16:00:00+03:00,anwser,,,", "'anwser' is no event"),
    "never created": ("10,2025-06-02T16:00:00+03:00,agent_public,,,", "is never created"),
    "created twice": ("8,2025-06-02T16:00:00+03:00,created,,,", "created a second time"),
    "no instant": ("8,,agent_public,,,", "event_at is empty"),
    "no such hour": ("8,2025-06-02T26:00:00+03:00,agent_public,,,", "does not exist"),
    "naive among offsets": ("8,2025-06-02T16:00:00,agent_public,,,", "has no UTC offset"),
    "a date of another kind": ("8,02.06.2025 16:00,agent_public,,,", "is no ISO date"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_are_told_with_their_line(put: Any, name: str) -> None:
    row, told = BAD[name]
    with pytest.raises(InputError) as caught:
        judge_history(put("h.csv", f"{LOG}{row}\n"), put("p.yaml", POLICY))
    assert told in str(caught.value)
    assert {problem.line for problem in caught.value.problems} == {8}
    done = CliRunner().invoke(
        app, ["judge", str(put("h.csv", f"{LOG}{row}\n")), "--policy", str(put("p.yaml", POLICY))]
    )
    assert done.exit_code == 2 and "Traceback" not in done.output


def test_a_reply_before_the_creation(put: Any) -> None:
    log = "ticket_id,event_at,event\n1,2025-06-02T09:00:00Z,agent_public\n1,2025-06-02T10:00:00Z,created\n"
    with pytest.raises(
        InputError, match="line 2: ticket 1: agent_public comes before the ticket was created"
    ):
        read_tickets(put("h.csv", log))


def test_all_bad_rows_at_once(put: Any) -> None:
    rows = "\n".join(BAD[name][0] for name in ("out of order", "an unknown event", "never created"))
    with pytest.raises(InputError) as caught:
        read_tickets(put("h.csv", f"{LOG}{rows}\n"))
    assert sorted({problem.line for problem in caught.value.problems}) == [8, 9, 10]


def test_dropped_tickets_are_whole_and_counted(put: Any) -> None:
    rows = "\n".join(BAD[name][0] for name in ("an unknown status", "never created")) + "\n"
    read = read_tickets(put("h.csv", LOG + rows + LOG.splitlines()[1] + "\n"), bad_rows="drop")
    assert read.events.ids == ("7", "9") and read.dropped_tickets == ("10", "8")
    assert (read.report.read, read.report.kept) == (9, 3)
    assert {(rows.reason, rows.rows) for rows in read.report.dropped} == {
        ("the same row stands above", 1), ("an unknown status", 1), ("a ticket that is never created", 1),
        ("other rows of tickets with such a row", 3),
    }  # fmt: skip


def test_a_row_that_comes_back_within_an_instant_is_no_repeat(put: Any) -> None:
    at = "2025-06-02T16:10:00+03:00"
    names = "".join(f"9,{at},assigned,{name},,\n" for name in ("ana", "ion", "ana"))
    read = read_tickets(put("h.csv", LOG + names))
    assert read.report.read == read.report.kept == 9
    assert read.events.attribute("assigned_to").tolist()[-1] == "ana"
    assert read_tickets(put("h.csv", LOG + f"9,{at},assigned,ana,,\n" * 2)).report.dropped[
        0
    ].lines == (9,)


def test_events_sorted_on_request(put: Any) -> None:
    lines = LOG.splitlines()
    turned = "\n".join([lines[0], lines[2], lines[1], *lines[3:]]) + "\n"
    with pytest.raises(InputError, match="--sort"):
        read_tickets(put("h.csv", turned))
    read = read_tickets(put("h.csv", turned), sort=True)
    assert read.report.noted[0].lines == (3,)
    assert read.events.at.tolist() == read_tickets(put("i.csv", LOG)).events.at.tolist()


def test_a_calendar_that_never_opens_again_is_told_at_the_policy(put: Any) -> None:
    policy = POLICY.replace('["09:00-18:00"]}', '["09:00-18:00"]}, holidays: [2025-06-02]')
    shut = POLICY.replace('{mon-fri: ["09:00-18:00"]}', "{}")
    assert judge_history(put("h.csv", LOG), put("p.yaml", policy)).clocks is not None
    with pytest.raises(InputError) as caught:
        judge_history(put("h.csv", LOG), put("p.yaml", shut))
    assert (
        "calendar `office` never opens" in str(caught.value) and caught.value.problems[0].line == 3
    )
    past = POLICY.replace(
        '{mon-fri: ["09:00-18:00"]}', '{}, special_days: {"2020-01-07": ["09:00-10:00"]}'
    )
    with pytest.raises(InputError, match=r"h\.csv, line 2: .* can never be met"):
        judge_history(put("h.csv", LOG), put("p.yaml", past))


def test_a_queue_that_no_ticket_has_is_said(put: Any) -> None:
    log = LOG.replace("department", "queue")
    policy = POLICY.replace(
        "calendar: office, target: 3d", "calendar: office, queues: [sale], target: 3d"
    )
    verdict = judge_history(put("h.csv", log), put("p.yaml", policy))
    assert verdict.notes == (
        "metric fix: no ticket has the queue 'sale'. Queues are: sales, support. Did you mean sales?",
    )
    assert {row["metric"] for row in verdict.to_json()["clocks"]} == {"first"}
    one = POLICY.replace(
        "calendar: office, target: 3d", "calendar: office, queues: [support], target: 3d"
    )
    fixes = [
        row
        for row in judge_history(put("h.csv", log), put("q.yaml", one)).to_json()["clocks"]
        if row["metric"] == "fix"
    ]
    assert [row["ticket_id"] for row in fixes] == ["8", "9"]


def test_a_promise_about_clocks_is_judged_at_its_low_bound(put: Any) -> None:
    promise = "contract: {period: day, commitments: [{metric: fix, target: 30 %}, {metric: first, target: 0.9}]}\n"
    history, policy = put("h.csv", LOG), put("p.yaml", POLICY + promise)
    verdict = judge_history(history, policy)
    assert [(one.metric, one.status, one.value) for one in verdict.kept] == [
        ("first", "missed", Fraction(1, 2)),
        ("fix", "met", Fraction(1, 3)),
    ]
    done = CliRunner().invoke(app, ["judge", str(history), "--policy", str(policy)])
    assert (
        done.exit_code == 1 and "MISSED  first, at least 90 % per day: met in 0 of 1" in done.stdout
    )


# ------------------------------------------------------------------ contacts

CONTACTS = """contact_id;queue;queued_at;wait_s;outcome;talk_s;hold_s;acw_s;agent;site
1;a;2026-03-02 09:28:00;10;answered;100;5;20;x;N
2;a;2026-03-02 09:29:50;30;answered;100;0;20;;N
3;b;2026-03-02 09:29:55;10;Short Abandoned;;;;;N
3;a;2026-03-02 09:40:00;10,5;voicemail;;;;;N
4;a;2026-03-02 09:41:00;5;ivr only;;;;;N
4;a;2026-03-02 09:41:00;5;ivr only;;;;;N
"""


def test_a_contact_export_as_a_log(put: Any) -> None:
    read = read_contacts(put("c.csv", CONTACTS), timezone="Europe/Bucharest")
    log = read.log
    assert log.outcome.tolist() == [ANSWERED, ANSWERED, ABANDONED, VOICEMAIL]
    assert log.waited.tolist() == [10_000, 30_000, 10_000, 10_500]
    assert log.handled.tolist() == [125_000, 120_000, 0, 0]
    assert (log.finished - log.released)[:2].tolist() == [20_000, 20_000]
    assert list(zip(log.contact.tolist(), log.touch.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (2, 0),
        (2, 1),
    ]
    assert (read.agents, log.agent.tolist()) == (("x",), [0, -1, -1, -1])
    assert [(rows.reason, rows.rows) for rows in read.report.dropped] == [("outcome ivr_only", 2)]
    assert [rows.reason for rows in read.report.noted] == ["answered without an agent"]
    assert read.report.ignored == ("site",)


def test_contacts_judged_by_the_policy(put: Any) -> None:
    policy = """
    metrics:
      voice: {type: service_level, threshold: 20s, queues: [a], formula: negative}
      strict: {type: service_level, threshold: 20s, attribution: sl_event, interval: 15min}
      aht: {type: aht}
      busy: {type: occupancy}
    contract: {period: day, commitments: [{metric: voice, target: 80 %}]}
    """
    history, path = put("c.csv", CONTACTS), put("p.yaml", policy)
    verdict = judge_history(history, path, timezone="Europe/Bucharest")
    assert verdict.judged["voice"].weighted == Fraction(1, 3)
    assert verdict.judged["aht"].weighted == 122_500
    assert [span.label for span in verdict.judged["strict"].by("interval")] == [
        "2026-03-02 09:15",
        "2026-03-02 09:30",
    ]
    assert "on duty" in verdict.lacking["busy"] and verdict.status == "missed"
    assert "MISSED  voice, at least 80 % per day: met in 0 of 1" in history_screen(verdict)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("5;a;2026-03-02 09:40:00;10;vanished;;;;;", "outcome 'vanished' is unknown"),
        ("5;a;2026-03-02 09:40:00;-10;answered;;;;;", "negative"),
        ("5;a;2026-03-02 09:40:00;;answered;;;;;", "how long it waited is not known"),
        ("5;a;;10;answered;;;;;", "neither queued_at nor created_at"),
    ],
)
def test_bad_contacts_are_told_with_their_line(put: Any, row: str, told: str) -> None:
    path = put("c.csv", f"{CONTACTS}{row}\n")
    with pytest.raises(InputError) as caught:
        read_contacts(path, timezone="UTC")
    assert told in str(caught.value) and {problem.line for problem in caught.value.problems} == {8}
    assert read_contacts(path, timezone="UTC", bad_rows="drop").report.kept == 4


def test_durations_that_disagree_with_instants_are_told(put: Any) -> None:
    rows = "contact_id,queued_at,answered_at,wait_s,outcome\n1,2026-03-02T09:00:00Z,2026-03-02T09:00:30Z,{},answered\n"
    assert read_contacts(put("c.csv", rows.format(31))).log.waited.tolist() == [31_000]
    with pytest.raises(InputError, match="differ by more than 1 s"):
        read_contacts(put("c.csv", rows.format(32)))
    wrapped = "contact_id,queued_at,answered_at,outcome\n1,2026-03-02T23:59:00Z,2026-03-02T00:01:00Z,answered\n"
    with pytest.raises(InputError, match="leaves the queue before it enters"):
        read_contacts(put("c.csv", wrapped))


# ------------------------------------------------------------------ policies


def test_every_mistake_of_a_policy_is_told_at_its_place() -> None:
    text = POLICY.replace("calendar: office, target:", "calender: office, target:") + (
        "levels: {Urgent: {frst: 30m}}\n"
        "rules: {list: [{name: a, wen: {tags: X}, set_level: Urgent}, {name: b, when: {tags: X}, set_level: Urgnt}]}\n"
        "reminders: [{metric: first, before: 3}]\n"
        "remindres: []\n"
    )
    with pytest.raises(InputError) as caught:
        policy_of_text(text, file="p.yaml")
    said = {(problem.line, problem.path): str(problem) for problem in caught.value.problems}
    assert set(said) == {
        (6, "metrics.fix.calender"), (7, "levels.Urgent.frst"), (8, "rules.list[0].wen"),
        (8, "rules.list[1].set_level"), (9, "reminders[0]"), (10, "remindres"),
    }  # fmt: skip
    assert "Did you mean calendar?" in said[6, "metrics.fix.calender"]
    assert "Did you mean first?" in said[7, "levels.Urgent.frst"]
    assert "Did you mean Urgent?" in said[8, "rules.list[1].set_level"]
    assert "Did you mean reminders?" in said[10, "remindres"]


@pytest.mark.parametrize(
    "value", ["[]", "3", "text", "null", "{a: 1}", "[[1]]", "{a: [1, {b: 2}]}", ".nan", "-1h"]
)
@pytest.mark.parametrize(
    "path",
    [
        *("timezone", "calendars", "calendars.office", "calendars.office.weekly", "metrics", "metrics.fix"),
        *(f"metrics.fix.{key}" for key in ("target", "queues", "pause_on", "day_means", "clock", "target_by")),
        *("levels", "levels.U", "levels.U.fix", "rules", "rules.list", "rules.mode", "rules.evaluate"),
        *("reminders", "escalations", "managers", "contract", "preset", "ola", "ola.x", "ola.x.parts", "ola.x.target"),
        *("effective", "versions"),
    ],
)  # fmt: skip
def test_no_value_at_any_place_of_a_policy_makes_a_traceback(path: str, value: str) -> None:
    plain = YAML(typ="safe").load(POLICY)
    here = plain
    *parents, last = path.split(".")
    for part in parents:
        here = here.setdefault(part, {})
    here[last] = YAML(typ="safe").load(value)
    text = json.dumps(plain).replace("NaN", ".nan")
    try:
        policy_of_text(text, file="p.yaml")
    except InputError as error:
        assert all(problem.found for problem in error.problems)


def test_what_is_no_history_or_has_no_policy_is_told(put: Any) -> None:
    odd, policy = put("odd.csv", "a,b\n1,2\n"), put("p.yaml", POLICY)
    with pytest.raises(InputError, match="not the columns of a history"):
        judge_history(odd, policy)
    for arguments, told in (
        (["judge", str(odd)], "--policy POLICY.yaml"),
        (["judge", str(policy), "--policy", str(policy)], "is no CSV file"),
        (["judge", str(odd), "--policy", str(policy), "--near", "1"], "has no unit"),
        (["judge", str(odd), "--policy", "none.yaml"], "there is no such file"),
    ):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 2 and told in done.output.replace("\n", " "), done.output
    assert sl.judge_history is judge_history


# ------------------------------------------------------------------ promises on promises, presets


OLA = """timezone: Europe/Bucharest
calendars: {office: {weekly: {mon-fri: ["09:00-18:00"]}}}
metrics: {fix: {metric: requester_wait, calendar: office, target: 3d, day_means: 9h}}
levels: {Urgent: {fix: 1d}}
ola:
  repaired: {metric: fix, provider: desk, parts: [triage, second_line, spare_part]}
  urgent: {metric: fix, level: Urgent, parts: triage}
  triage: {target: 4h, calendar: office}
  second_line: {target: 18h, calendar: office}
  spare_part: {kind: supplier, target: 6h, calendar: office}
"""


def test_sla_ola_and_supplier_stand_side_by_side(put: Any, tmp_path: Path) -> None:
    """4 + 18 + 6 business hours do not fit into three days of nine."""
    verdict = judge_history(put("h.csv", LOG), put("p.yaml", OLA))
    screen = history_screen(verdict).splitlines()
    start = next(n for n, line in enumerate(screen) if line.startswith("promises and their parts"))
    assert [line.split() for line in screen[start + 1 : start + 7]] == [
        ["repaired", "SLA", "desk", "27", "h", "office", "-1", "h"],
        ["triage", "OLA", "4", "h", "office"],
        ["second_line", "OLA", "18", "h", "office"],
        ["spare_part", "supplier", "6", "h", "office"],
        ["urgent", "SLA", "9", "h", "office", "5", "h"],
        ["triage", "OLA", "4", "h", "office"],
    ]
    said = json.loads(json.dumps(verdict.to_json()))["ola"]
    assert [one["slack_s"] for one in said["promises"]] == [-3600, None, None, None, 18000, None]
    assert said["warnings"] == [
        "repaired: its parts (triage, second_line, spare_part) take 1 h longer than the whole."
    ]
    written = {path.name for path in write_reports(verdict, tmp_path / "out")}
    assert "ola.csv" in written


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "told"),
    [
        ("triage: {", "triage: {parts: [repaired], ", 6, "ola.repaired",
         "repaired stands on triage stands on repaired: a circle"),
        ("spare_part]", "spare_prt]", 6, "ola.repaired.parts", "Did you mean spare_part?"),
        ("level: Urgent", "level: Urgnt", 7, "ola.urgent.level", "Did you mean Urgent?"),
        ("metric: fix, level", "metric: fx, level", 7, "ola.urgent.metric", "Did you mean fix?"),
        ("{target: 4h, calendar", "{calendar", 8, "ola.triage", "no target of its own"),
        ("kind: supplier", "kind: suplier", 10, "ola.spare_part.kind", "Did you mean supplier?"),
        ("calendar: office}\n  second", "calendar: ofice}\n  second", 8, "ola.triage.calendar", "office?"),
        ("kind: supplier", "knd: supplier", 10, "ola.spare_part.knd", "Did you mean kind?"),
        ("timezone:", "preset: zendsk\ntimezone:", 1, "preset", "Did you mean zendesk?"),
        ("timezone:", "preset: jira\ntimezone:", 4, "metrics.fix.metric", "jira has no clock 'requester_wait'"),
    ],
)  # fmt: skip
def test_a_wrong_chain_or_preset_is_told_at_its_line(
    old: str, new: str, line: int, path: str, told: str
) -> None:
    assert OLA.count(old) == 1
    with pytest.raises(InputError) as caught:
        policy_of_text(OLA.replace(old, new), file="p.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (line, path)
    assert told in str(problem)


def test_a_preset_fills_in_what_the_policy_does_not_say(put: Any) -> None:
    """Freshdesk: a day is a business day, and pending does not count; with calendar hours it does."""
    text = """preset: freshdesk
calendars: {office: {timezone: Europe/Bucharest, weekly: {mon-fri: ["09:00-18:00"]}}}
metrics:
  fix: {metric: total_resolution, calendar: office, target: 1d}
  whole: {metric: total_resolution, target: 1d}
  own: {metric: total_resolution, calendar: office, target: 1d, day_means: 24h, pause_on: [], on_reopen: continuous}
"""
    policy = policy_of_text(text).tickets
    clocks = policy.metrics
    assert [clocks[name].target for name in clocks] == [9 * HOUR, 24 * HOUR, 24 * HOUR]
    assert clocks["fix"].pause_on == ("pending", "on_hold") and clocks["own"].pause_on == ()
    assert clocks["fix"].on_reopen == "resume" and clocks["own"].on_reopen == "continuous"
    assert policy.rules.mode == "first_match" and policy.rules.no_match == "default_level"
    screen = history_screen(judge_history(put("h.csv", LOG), put("p.yaml", text)))
    assert "! freshdesk: Since 2026" in screen


def test_what_a_policy_file_may_say_of_a_clock_is_what_a_clock_knows() -> None:
    assert {*ClockMetric.model_fields} == {
        *TicketClock.__dataclass_fields__, "type", "channel", "day_means",
    }  # fmt: skip


# ------------------------------------------------------------------ versions of a policy


VERSIONS = """timezone: Europe/Bucharest
calendars: {office: {weekly: {mon-fri: ["09:00-18:00"]}}}
metrics: {first: {metric: first_reply, calendar: office, target: 4h}}
levels: {Urgent: {first: 1h}}
versions:
  - effective: [2025-06-01, "2025-06-30"]
    rules: {list: [{name: a, when: [{tags_contains: URGENT}], set_level: Urgent}]}
    reminders: [{metric: first, before: [30m]}]
  - effective: ["2025-07-01", null]
    metrics:
      first: {metric: first_reply, calendar: office, target: 2h}
      fix: {metric: requester_wait, calendar: office, target: 9h}
contract: {period: month, commitments: [{metric: first, target: 0.9}]}
"""
CHANGE = """ticket_id,event_at,event,value,tags
0,2025-05-31T23:59:59.999+03:00,created,,
1,2025-06-30T09:00:00+03:00,created,,URGENT
1,2025-06-30T10:30:00+03:00,agent_public,eve,
2,2025-06-30T23:59:59+03:00,created,,
2,2025-07-01T12:00:00+03:00,agent_public,eve,
3,2025-07-01T00:00:00+03:00,created,,URGENT
3,2025-07-01T10:30:00+03:00,agent_public,eve,
4,2025-07-01T09:00:00+03:00,created,,
4,2025-07-01T12:00:00+03:00,agent_public,eve,
"""


def test_a_ticket_is_judged_by_the_version_in_force_when_it_was_created(put: Any) -> None:
    """Level Urgent until June, 2 h for all and a second promise from July; the last of June keeps its 4 h in July."""
    verdict = judge_history(put("h.csv", CHANGE), put("p.yaml", VERSIONS))
    found = [
        (row["ticket_id"], row["metric"], row["target_s"] / 3600, row["state"])
        for row in verdict.to_json()["clocks"]
    ]
    assert found == [
        ("1", "first", 1, "breached"), ("2", "first", 4, "met"),
        ("3", "first", 2, "met"), ("3", "fix", 9, "open"),
        ("4", "first", 2, "breached"), ("4", "fix", 9, "open"),
    ]  # fmt: skip
    assert verdict.warnings is not None  # only June's version reminds: ticket 1, 30 min before due
    assert [(w["ticket_id"], w["at"]) for w in verdict.warnings.to_json()] == [
        ("1", "2025-06-30T06:30:00+00:00")
    ]
    assert verdict.notes[:3] == (
        "tickets created 2025-06-01 to 2025-06-30: 2, judged by version 1",
        "tickets created from 2025-07-01: 2, judged by version 2",
        "tickets created when no version was in force: 1, not judged",
    )
    assert verdict.status == "missed"
    assert [row.totals.met for row in verdict.compliance("month").rows] == [0, 2]


def test_one_version_for_all_time_changes_nothing(put: Any) -> None:
    history = put("h.csv", LOG)
    plain = judge_history(history, put("p.yaml", POLICY)).to_json()
    one = judge_history(
        history, put("q.yaml", f"{POLICY}versions: [{{effective: [null, null]}}]\n")
    )
    assert (one.to_json()["clocks"], one.to_json()["totals"]) == (plain["clocks"], plain["totals"])
    dates = put("r.yaml", f"{POLICY}effective: [2025-06-02, 2025-06-02]\n")
    assert judge_history(history, dates).to_json()["clocks"] == plain["clocks"]
    later = put("s.yaml", f"{POLICY}effective: [2025-06-03, null]\n")
    assert judge_history(history, later).to_json()["clocks"] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "told"),
    [
        ('"2025-06-30"]', '"2025-07-01"]', 9, "versions[1].effective", "versions 1 and 2 are in force at once"),
        ('["2025-07-01", null]', "2025", 9, "versions[1].effective", "two dates"),
        ('["2025-07-01", null]', '["2025-07-32", null]', 9, "versions[1].effective", "is no date"),
        ('["2025-07-01", null]', '["2025-07-02", "2025-07-01"]', 9, "versions[1].effective", "before it begins"),
        ('effective: ["2025-07-01", null]', "effektive: [null, null]", 9, "versions[1].effektive", "effective?"),
        ("target: 9h", "target: 9hh", 12, "versions[1].metrics.fix.target", "unknown unit"),
        ("office, target: 9h", "ofice, target: 9h", 12, "versions[1].metrics.fix.calendar", "office?"),
        ("before:", "befor:", 8, "versions[0].reminders[0].befor", "before?"),
        ("set_level: Urgent", "set_level: Urgnt", 7, "versions[0].rules.list[0].set_level", "Urgent?"),
        ("target: 4h", "target: 4hh", 3, "metrics.first.target", "unknown unit"),
        ("metric: first, target: 0.9", "metric: frst, target: 0.9", 13, "contract.commitments[0].metric", "first?"),
    ],
)  # fmt: skip
def test_a_wrong_version_is_told_at_its_line(
    old: str, new: str, line: int, path: str, told: str
) -> None:
    assert VERSIONS.count(old) == 1
    with pytest.raises(InputError) as caught:
        policy_of_text(VERSIONS.replace(old, new), file="p.yaml")
    assert (line, path) in {(one.line, one.path) for one in caught.value.problems}
    assert told in str(caught.value)
