"""Studies of ticket centres: cases solved by hand, studies against the reports of their own replications, pairs."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import slasim as sl
from slasim import clock
from slasim.cli import app
from slasim.clock import HOUR
from slasim.contactlog import ANSWERED
from slasim.errors import InputError
from slasim.scenario import load_text
from slasim.show.checked import check_screen
from slasim.show.compared import compared_screen
from slasim.show.judged import judge_screen
from slasim.show.simulated import simulated_screen
from slasim.sla.clocks import Clocks
from slasim.sla.compliance import (
    COMPLIANCE_COLUMNS,
    LOG_COLUMNS,
    compliance_report,
    log_report,
)
from slasim.sla.events import KINDS
from slasim.study import tickets
from slasim.study.deferred import deferred

ENGINE = "fast"

BY_HAND = """
name: Forty tickets of half an hour
start: 2026-03-02
end: 2026-03-07
drain_at_most: {ticket: 7d}
calendars: {office: {weekly: {mon-fri: ["09:00-17:00"]}}}
queues:
  email:
    channel: ticket
    arrivals: {per_hour: 0}
    handle_time: {constant: {mean: 30min}}
    backlog_at_start: {tickets: 40, oldest: 10h}
groups:
  front: {takes: {email: 1}, staffing: 1, calendar: office}
metrics:
  first_reply: {type: ticket_clock, metric: first_reply, calendar: office, target: 8h}
contract:
  period: horizon
  commitments: [{metric: first_reply, target: 0.4}]
"""


class TestSolvedByHand:
    """Forty tickets of Sunday evening, one agent, half an hour each: sixteen a day, so 24 and 8 lie over night."""

    @pytest.fixture(scope="class")
    @classmethod
    def result(cls) -> sl.Result:
        return sl.simulate(load_text(BY_HAND), replications=2, engine=ENGINE, executor=1)

    def test_in_time(self, result: sl.Result) -> None:
        # The sixteenth is done at 17:00 sharp, when eight business hours are full.
        assert result.estimate("first_reply").value == 16 / 40
        assert result.table("first_reply", "day")["value"].tolist()[0] == 16 / 40
        assert sl.judge(result)[0].chance.value == 1

    def test_backlog(self, result: sl.Result) -> None:
        found = deferred(result)
        assert [day.opening.value for day in found.days] == [40, 24, 8, 0, 0]
        assert [day.completed.value for day in found.days] == [16, 16, 8, 0, 0]
        assert [day.closing.value for day in found.days] == [24, 8, 0, 0, 0]
        assert found.worst.day == "2026-03-02"
        # 40 on three days on which anything was done: 13.3 a day.
        assert found.days[0].days_of_work.value == pytest.approx(24 / (40 / 3))
        assert found.days[0].in_time is not None
        assert found.days[0].in_time.value == 16 / 40

    def test_the_oldest_item(self, result: sl.Result) -> None:
        # The 17th of forty, ten hours of ages apart: between 5.5 and 6.5 h before midnight, and 24 h of Monday.
        age = deferred(result).days[0].oldest.value / HOUR
        assert 24 + 5.5 < age < 24 + 6.5

    def test_times_counted(self, result: sl.Result) -> None:
        assert tickets.achieved(result, "first_reply", 0.4).value == 8 * HOUR
        assert tickets.used(result, "first_reply", 0.4).value == 1
        # The last of forty takes 20 business hours, 2.5 of its target.
        assert tickets.used(result, "first_reply", 1).value == 2.5


DESK = """
name: A small desk
start: 2026-03-02
end: 2026-03-09
calendars: {office: {weekly: {mon-fri: ["09:00-17:00"]}}}
queues:
  email:
    channel: ticket
    arrivals: {per_day: {mon-sun: 40}}
    handle_time: {exponential: {mean: 20min}}
    replies: {1: 0.7, 2: 0.3}
    customer_answers_after: {exponential: {mean: 3h}}
    attributes: {priority: {low: 0.5, high: 0.5}, tags: {VIP: 0.1}}
    tier_2: {queue: experts_work, chance: 0.2, ola: 2h, calendar: office}
  experts_work: {channel: ticket, handle_time: {exponential: {mean: 30min}}}
groups:
  front: {takes: {email: 1}, staffing: 3, calendar: office, team: first line}
  experts: {takes: {experts_work: 1}, staffing: 1, calendar: office}
metrics:
  first_reply:
    {queues: [email], type: ticket_clock, metric: first_reply, calendar: office,
     target_by: {priority: {high: 2h, low: 8h}}}
  next_reply: {type: ticket_clock, metric: next_reply, calendar: office, target: {by: end_of_next_business_day}}
  resolution: {queues: [email], type: ticket_clock, metric: requester_wait, calendar: office, target: 16h}
levels:
  Gold: {first_reply: 1h}
rules:
  list: [{name: vip, when: {tags: VIP}, set_level: Gold}]
contract:
  period: week
  commitments:
    - {metric: first_reply, target: 0.8}
"""


@pytest.fixture(scope="module")
def desk() -> sl.Scenario:
    return load_text(DESK)


@pytest.fixture(scope="module")
def study(desk: sl.Scenario) -> sl.Result:
    return sl.simulate(desk, replications=6, seed=2, engine=ENGINE, executor=1)


def test_counts_are_those_of_the_reports_of_its_replications(study: sl.Result) -> None:
    scenario = study.scenario
    sums: dict[str, np.ndarray] = {}
    for replication in range(study.replications):
        clocks = tickets.clocks_of(study, replication)
        report = compliance_report(
            clocks, by="metric", since=scenario.start_ms, until=scenario.end_ms
        )
        for row in report.rows:
            told = np.array([row.totals.met, row.totals.missed])
            sums[row.groups[0]] = sums.get(row.groups[0], 0) + told
    for metric, (met, missed) in sums.items():
        assert met > 0
        above, below = (int(np.sum(part)) for part in study.parts(study._asked(metric, None)))
        assert (above, below - above) == (met, missed)


def test_three_readings_and_a_verdict(study: sl.Result) -> None:
    pooled, average, chance = (
        study.estimate("first_reply", reading=r) for r in ("pooled", "per_period", "chance")
    )  # type: ignore[arg-type]
    assert 0.3 < pooled.value < 0.95
    assert pooled.low is not None and pooled.low < pooled.value
    assert average.value != pooled.value
    verdict = sl.judge(study)[0]
    assert verdict.chance.value == chance.value
    assert "per week" in str(verdict)


def test_tables_add_up(study: sl.Result) -> None:
    tally = study.tally.tickets
    assert tally is not None
    whole = tally.counts("first_reply").cells.sum(axis=0).tolist()
    for aspect in ("queue", "level", "priority", "team", "owner"):
        assert tally.by_aspect("first_reply", aspect).cells.sum(axis=(0, 1)).tolist() == whole
    assert tally.counts_by_interval("first_reply").cells.sum(axis=(0, 1)).tolist() == whole
    week = tally.by_period("first_reply", ("email",), "week").cells.sum(axis=(0, 1)).tolist()
    assert week == whole
    frame = study.table("first_reply", ["queue", "interval"])
    assert len(frame) == 7 * 48
    assert study.table("first_reply", "level")["level"].tolist() == ["Gold", ""]


def test_what_comes_and_goes_is_what_lies_there(study: sl.Result) -> None:
    tally = study.tally.tickets
    assert tally is not None
    opening, arrived, completed, lost, closing, _ = np.moveaxis(tally.deferred.days, -1, 0)
    assert (opening + arrived - completed - lost == closing).all()
    assert (lost == 0).all()
    assert closing.sum() > 0


def test_the_desk_opens_again_after_the_end(study: sl.Result) -> None:
    """What came at the weekend is answered on the Monday after: staffing keeps its last number, calendars go on."""
    log = study.log(0)
    assert (log.arrived > 5 * 24 * HOUR).any()
    assert (log.outcome == ANSWERED).all()


def test_a_log_report_of_one_replication(study: sl.Result) -> None:
    report = log_report(tickets.clocks_of(study, 0))
    frame = report.table(more=True)
    assert {"first_reply", "next_reply", "resolution"} <= set(frame["metric"])
    assert (frame["level"] == "Gold").any()


def test_who_counts_makes_no_difference(desk: sl.Scenario, study: sl.Result) -> None:
    threads = sl.simulate(desk, replications=6, seed=2, engine=ENGINE, executor=2)
    assert threads.tally == study.tally
    with ProcessPoolExecutor(2) as pool:
        far = sl.simulate(desk, replications=6, seed=2, engine=ENGINE, executor=pool)
    assert far.tally == study.tally


def test_a_period_nobody_had_named_is_simulated_again(study: sl.Result) -> None:
    days = study.estimate("resolution", reading="per_period", period="day")
    assert 0 < days.value <= 1
    assert days.replications == 6


def test_two_desks_on_the_same_tickets(desk: sl.Scenario) -> None:
    more = desk.but({"groups.front.staffing": "+1"})
    found = sl.compare(desk, more, replications=6, seed=2, engine=ENGINE, executor=1)
    gain = found.difference("first_reply")
    assert gain.estimate.value > 0
    assert gain.variance_reduction > 1
    assert found.table("first_reply", "day")["difference"].notna().any()


STEPS = """
reminders: [{metric: first_reply, before: 1h, effect: {priority: 1}}]
escalations: [{metric: first_reply, at: due, action: {priority: 2}}]
"""


def test_reminders_that_act_are_counted(desk: sl.Scenario) -> None:
    acting = load_text(DESK + STEPS)
    found = sl.simulate(acting, replications=3, seed=2, engine=ENGINE, executor=1)
    logs = [found.log(r) for r in range(3)]
    horizon = 7 * 24 * HOUR
    taken = [int(((log.step_at >= 0) & (log.step_at < horizon)).sum()) for log in logs]
    assert min(taken) > 0
    assert deferred(found).moved.value == pytest.approx(np.mean(taken))
    assert deferred(found, "experts_work").moved.value == 0
    each = deferred(found).moved_by
    assert set(each) == {"first_reply, 1 h before", "first_reply, at due"}
    assert each["first_reply, 1 h before"].value > each["first_reply, at due"].value > 0
    assert found.tally.tickets is not None
    plain = sl.simulate(desk, replications=3, seed=2, engine=ENGINE, executor=1)
    assert deferred(plain).moved.value == 0


def test_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK + STEPS, encoding="utf-8")
    log, table = tmp_path / "week.csv", tmp_path / "levels.csv"
    asked = ["-n", "2", "--seed", "2", "--engine", ENGINE, "--threads", "1"]
    by = [
        "--metric",
        "first_reply",
        "--by",
        "level",
        "--out",
        str(table),
        "--log",
        str(log),
        "--json",
    ]
    ran = CliRunner().invoke(app, ["simulate", str(tmp_path / "desk.yaml"), *asked, *by])
    assert ran.exit_code == 3, ran.output  # two simulated weeks decide nothing
    told = json.loads(ran.stdout)
    assert 0 < told["estimates"]["first_reply"]["value"] < 1
    assert told["verdicts"][0]["metric"] == "first_reply"
    assert [row["level"] for row in told["table"]["rows"]] == ["Gold", ""]
    assert pd.read_csv(table)["level"].tolist()[0] == "Gold"
    report = pd.read_csv(tmp_path / "week.compliance.csv")
    assert tuple(report.columns) == COMPLIANCE_COLUMNS
    assert report["fulfilled"].sum() > 0
    assert tuple(pd.read_csv(tmp_path / "week.sla_log.csv").columns) == LOG_COLUMNS
    warned = pd.read_csv(tmp_path / "week.warnings.csv")
    assert set(warned["kind"]) == {"reminder", "escalation"}


POLICY_FILE = """
timezone: UTC
calendars: {office: {weekly: {mon-fri: ["09:00-17:00"]}}}
metrics:
  first_reply:
    {queues: [email], type: ticket_clock, metric: first_reply, calendar: office,
     target_by: {priority: {high: 2h, low: 8h}}}
  next_reply: {type: ticket_clock, metric: next_reply, calendar: office, target: {by: end_of_next_business_day}}
  resolution: {queues: [email], type: ticket_clock, metric: requester_wait, calendar: office, target: 16h}
levels: {Gold: {first_reply: 1h}}
rules: {list: [{name: vip, when: {tags: VIP}, set_level: Gold}]}
"""


def test_a_simulated_week_exported_and_judged_as_history(study: sl.Result, tmp_path: Path) -> None:
    clocks = study.clocks(0)
    events = clocks.events
    utc = clock.zone("UTC")
    column = {name: events.attribute(name).tolist() for name in ("queue", "priority", "tags")}
    pd.DataFrame(
        {
            "ticket_id": [events.ids[t] for t in events.ticket.tolist()],
            "event_at": [clock.format_instant(ms, utc, style="iso") for ms in events.at.tolist()],
            "event": [KINDS[k] for k in events.kind.tolist()],
            "value": [events.words[v] if v >= 0 else "" for v in events.value.tolist()],
            **column,
        }
    ).to_csv(tmp_path / "week.csv", index=False)
    (tmp_path / "policy.yaml").write_text(POLICY_FILE, encoding="utf-8")
    verdict = sl.judge_history(tmp_path / "week.csv", tmp_path / "policy.yaml")
    assert verdict.clocks is not None

    def told(found: Clocks) -> list[dict[str, object]]:
        # The export ends with its last event; only what has stopped is the same whenever one looks.
        rows = [row for row in found.to_json() if row["stop"] is not None]
        return sorted(({**row, "ticket_id": str(row["ticket_id"])} for row in rows), key=str)

    assert len(told(clocks)) > 300
    assert told(clocks) == told(verdict.clocks)


class TestOnlyTickets:
    """Nobody waits on the line, so nothing of calls stands on any screen: clocks tell what service levels tell."""

    OF_CALLS = (
        "20 s",
        "service_level",
        "Erlang",
        "formula",
        "abandoned",
        "ASA",
        "worst intervals",
        "Waits at most",
    )

    def test_the_first_look(self, study: sl.Result) -> None:
        summary = sl.summarise(study)
        assert summary.level_metric == "first_reply"
        assert not (summary.waits or summary.formulas or summary.worst or summary.beside)
        assert [asked.measure.text for asked in summary.columns.values()] == [
            asked.measure.text for asked in map(study._asked, ("mean_wait", "aht"), (None, None))
        ]
        screen = simulated_screen(summary)
        assert not [word for word in self.OF_CALLS if word in screen], screen
        assert "first_reply: " in screen and "worst hour" in screen

    def test_a_comparison(self, desk: sl.Scenario) -> None:
        both = sl.compare(desk, desk.but({"groups.front.staffing": 2}), replications=3, executor=1)
        screen = compared_screen(both)
        assert not [word for word in self.OF_CALLS if word in screen], screen
        assert "next_reply, by queue" not in screen and "first_reply" in screen
        assert list(both.first.overall()) == [
            "first_reply", "next_reply", "resolution", "mean_wait", "aht", "occupancy",
        ]  # fmt: skip

    def test_the_other_screens(self, desk: sl.Scenario, study: sl.Result) -> None:
        judged = judge_screen(study, sl.judge(study), sl.inside(study), sl.unserved(study), "")
        for screen in (judged, check_screen(desk)):
            assert not [word for word in self.OF_CALLS if word in screen], screen

    def test_no_agents_are_required_by_the_interval(self, study: sl.Result) -> None:
        with pytest.raises(InputError, match="tickets require no agents by the interval"):
            sl.trade(study)

    def test_without_any_clock_waiting_is_told(self) -> None:
        plain = load_text("""
name: Letters
start: 2026-03-02
end: 2026-03-03
queues: {letters: {channel: ticket, arrivals: {per_hour: 6}, handle_time: {constant: {mean: 10min}}}}
groups: {front: {takes: {letters: 1}, staffing: 1}}
""")
        summary = sl.summarise(sl.simulate(plain, replications=2, executor=1))
        assert summary.level_metric == "mean_wait"
        screen = simulated_screen(summary)
        assert not [word for word in self.OF_CALLS if word in screen], screen
