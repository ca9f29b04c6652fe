"""Compliance and log reports, reminders and escalations, snapshots, presets, chains of promises."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from sla_stories import ALWAYS, OFFICE, instant, policy, rows, table
from test_sla_cases import CASES

from slasim.calendars import Calendar
from slasim.clock import HOUR, MINUTE, format_instant, parse_duration, zone
from slasim.elapsed import UNDEFINED
from slasim.errors import InputError
from slasim.sla.clocks import run_clocks
from slasim.sla.compliance import (
    COMPLIANCE_COLUMNS,
    LOG_COLUMNS,
    compliance_report,
    log_report,
    totals,
)
from slasim.sla.levels import Level
from slasim.sla.ola import Promise, chain
from slasim.sla.policy import Policy
from slasim.sla.presets import PRESETS, preset
from slasim.sla.reminders import snapshot, warnings
from slasim.sla.rules import Rules
from slasim.sla.ticket_clock import METRICS

R02 = next(case for case in CASES["cases"] if case["id"] == "R02")
FIRST = {"metric": "first_reply", "target": "1h"}


def day_of(cycles):
    """Clocks of one day that end as the case says, all at noon; what is open then stays open."""
    stories, noon = [], instant("2025-06-02T12:00")
    for number, cycle in enumerate(cycles):
        took, state = parse_duration(cycle["elapsed"]), cycle["state"]
        end = {"not_applicable": {"type": "status", "status": "solved"}}.get(
            state, {"type": "agent_public"}
        )
        start = noon - took
        stories.append({"ticket": number, "at": start, "type": "created"})
        if state != "open":
            stories.append({"ticket": number, "at": noon, **end})
    return run_clocks(table(stories), policy(FIRST), until=noon)


class TestCompliance:
    def test_r02_the_nine_columns(self):
        expected = R02["expected"]
        report = compliance_report(day_of(R02["given"]["cycles_on_day"]), by="day")
        (row,) = report.rows
        assert row.date == "2025-06-02"
        for name in COMPLIANCE_COLUMNS[1:]:
            found, wanted = getattr(row, name), expected[name]
            assert found == (wanted if isinstance(wanted, int) else parse_duration(wanted)), name
        assert row.totals.compliance == Fraction(expected["compliance"])
        assert float(100 * row.totals.compliance) == expected["pct"]
        assert (row.totals.open, row.totals.not_applicable) == (1, 1)

    def test_the_table_has_exactly_the_nine_columns(self):
        report = compliance_report(day_of(R02["given"]["cycles_on_day"]))
        frame = report.table()
        assert tuple(frame.columns) == (
            "date", "fulfilled", "avg_fulfilled", "max_fulfilled", "min_fulfilled",
            "missed", "avg_missed", "max_missed", "min_missed",
        )  # fmt: skip
        assert frame.iloc[0].tolist() == [
            "2025-06-02",
            3,
            2400.0,
            3600.0,
            1200.0,
            2,
            8100.0,
            10800.0,
            5400.0,
        ]
        assert list(report.table(more=True).columns)[9:12] == ["with_target", "late", "unanswered"]

    def test_totals_reconcile_and_bounds_hold_what_is_open(self):
        whole = totals(day_of(R02["given"]["cycles_on_day"]))
        assert (
            whole.with_target == whole.met + whole.missed + whole.open + whole.not_applicable == 7
        )
        assert (whole.low, whole.compliance, whole.high) == (
            Fraction(3, 6), Fraction(3, 5), Fraction(4, 6),
        )  # fmt: skip

    def test_nothing_to_judge_is_no_hundred_per_cent(self):
        clocks = day_of([{"elapsed": "10m", "state": "open"}])
        (row,) = compliance_report(clocks).rows
        assert (row.fulfilled, row.avg_fulfilled, row.totals.compliance) == (0, None, None)
        frame = compliance_report(clocks).table()
        assert np.isnan(frame["avg_fulfilled"][0])
        empty = compliance_report(clocks, department="none")
        assert empty.rows == () and empty.totals.compliance is None
        assert tuple(empty.table().columns) == COMPLIANCE_COLUMNS

    def test_unanswered_is_told_apart_from_late(self):
        story = [
            {"ticket": 1, "at": instant("2025-06-02T09:00"), "type": "created"},
            {"ticket": 2, "at": instant("2025-06-02T09:00"), "type": "created"},
            {"ticket": 2, "at": instant("2025-06-02T11:00"), "type": "agent_public"},
        ]
        whole = totals(run_clocks(table(story), policy(FIRST)))
        assert (whole.missed, whole.late, whole.unanswered) == (2, 1, 1)

    def two_months(self):
        story = []
        for number, (start, took, department, agent) in enumerate(
            [
                ("2025-05-31T20:00", 30, "sales", "ana"), ("2025-05-31T21:30", 90, "sales", "ion"),
                ("2025-06-02T09:00", 20, "support", "ana"), ("2025-06-08T09:00", 50, "support", None),
            ]
        ):  # fmt: skip
            begin = instant(start)
            story += [
                {
                    "ticket": number,
                    "at": begin,
                    "type": "created",
                    "department": department,
                    "requester": f"r{number}",
                },
                {"ticket": number, "at": begin + MINUTE, "type": "assigned", "value": agent or ""},
                {
                    "ticket": number,
                    "at": begin + took * MINUTE,
                    "type": "agent_public",
                    "value": agent or "eva",
                },
            ]
        return run_clocks(table(story), policy(FIRST, timezone="Europe/Bucharest"))

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            ("day", [("2025-05-31", 1, 0), ("2025-06-01", 0, 1), ("2025-06-02", 1, 0), ("2025-06-08", 1, 0)]),
            ("week", [("2025-05-26", 1, 1), ("2025-06-02", 2, 0)]),
            ("month", [("2025-05", 1, 0), ("2025-06", 2, 1)]),
            ("department", [("sales", 1, 1), ("support", 2, 0)]),
            ("agent", [("ana", 2, 0), ("eva", 1, 0), ("ion", 0, 1)]),
            ("metric", [("m", 3, 1)]),
        ],
    )  # fmt: skip
    def test_by(self, by, expected):
        """Days are local: 21:30 UTC is half past midnight in Bucharest."""
        found = compliance_report(self.two_months(), by=by).rows
        assert [(row.date or row.groups[0], row.fulfilled, row.missed) for row in found] == expected

    def test_by_two_and_by_the_closing_date(self):
        found = compliance_report(self.two_months(), by=["department", "month"]).rows
        assert [(*row.groups, row.date, row.fulfilled + row.missed) for row in found] == [
            ("sales", "2025-05", 1), ("sales", "2025-06", 1), ("support", "2025-06", 2),
        ]  # fmt: skip
        frame = compliance_report(self.two_months(), by=["department", "month"]).table()
        assert list(frame.columns)[:2] == ["department", "date"]
        closed = compliance_report(self.two_months(), by="day", date="closed").rows
        assert [row.date for row in closed] == [
            "2025-05-31",
            "2025-06-01",
            "2025-06-02",
            "2025-06-08",
        ]

    def test_department_and_time_range(self):
        report = compliance_report(
            self.two_months(),
            by="department",
            since=instant("2025-05-31T21:00"),
            until=instant("2025-06-08T09:00"),
        )
        assert [(row.groups[0], row.fulfilled, row.missed) for row in report.rows] == [
            ("sales", 0, 1), ("support", 1, 0),
        ]  # fmt: skip
        assert compliance_report(self.two_months(), department="sales").totals.with_target == 2

    def test_an_unknown_word(self):
        with pytest.raises(InputError, match="Did you mean department"):
            compliance_report(self.two_months(), by="departmnt")
        with pytest.raises(InputError, match="one period"):
            compliance_report(self.two_months(), by=["day", "month"])

    def test_the_report_prints_as_json(self):
        said = json.loads(json.dumps(compliance_report(self.two_months(), by="month").to_json()))
        assert said["totals"]["met"] == 3 and said["rows"][0]["avg_fulfilled"] == 1800

    def test_the_log_has_the_seven_columns_and_the_ticket(self):
        log = log_report(self.two_months())
        assert LOG_COLUMNS == (
            "ticket_id", "requester", "department", "agent", "level", "sla_start", "due_date", "closed",
        )  # fmt: skip
        assert tuple(log.table().columns) == LOG_COLUMNS
        assert log.records()[1] == {
            "ticket_id": 1, "requester": "r1", "department": "sales", "agent": "ion", "level": None,
            "sla_start": "2025-06-01 00:30", "due_date": "2025-06-01 01:30", "closed": "2025-06-01 02:00",
        }  # fmt: skip
        assert log.table(more=True)["remaining_business_s"].tolist() == [1800, -1800, 2400, 600]

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("ticket_id", [0, 1, 2, 3]), ("sla_start", [0, 1, 2, 3]), ("remaining", [1, 3, 0, 2]),
            ("agent", [0, 2, 3, 1]), ("department", [0, 1, 2, 3]), ("requester", [0, 1, 2, 3]),
            ("due_date", [0, 1, 2, 3]), ("closed", [0, 1, 2, 3]), ("remaining_calendar", [1, 3, 0, 2]),
        ],
    )  # fmt: skip
    def test_the_log_sorts(self, sort, expected):
        log = log_report(self.two_months(), sort=sort)
        assert log.clocks.ticket.tolist() == expected
        down = log_report(self.two_months(), sort=sort, descending=True)
        assert down.clocks.ticket.tolist()[0] in (expected[-1], 3)

    def test_the_log_filters(self):
        assert log_report(self.two_months(), states=["breached"]).clocks.ticket.tolist() == [1]
        assert log_report(self.two_months(), department="support").clocks.ticket.tolist() == [2, 3]
        with pytest.raises(InputError, match="cannot be sorted"):
            log_report(self.two_months(), sort="size")

    def test_open_and_not_applicable_are_not_in_the_log(self):
        assert len(log_report(day_of(R02["given"]["cycles_on_day"]))) == 5

    def test_level_and_team_at_the_end_of_the_cycle(self):
        story = [
            {"at": "2025-06-02T09:00", "type": "created"},
            {"at": "2025-06-02T09:10", "type": "level", "value": "Gold"},
            {"at": "2025-06-02T09:20", "type": "team", "value": "tier 2"},
            {"at": "2025-06-02T09:30", "type": "agent_public"},
        ]
        clocks = run_clocks(table(story), policy(FIRST, levels={"Gold": {}}))
        (row,) = compliance_report(clocks, by=["level", "team"]).rows
        assert row.groups == ("Gold", "tier 2")


class TestWarnings:
    def fired(self, events, metric=FIRST, calendar=ALWAYS, **more):
        clocks = run_clocks(table(events), policy(metric, calendar, **more), stretches=True)
        found = warnings(clocks)
        utc = zone("UTC")
        return [
            (format_instant(int(at), utc)[11:], record["when"], record["person"])
            for at, record in zip(found.at, found.to_json(), strict=True)
        ]

    story = (
        {"at": "2025-06-02T09:00", "type": "created"},
        {"at": "2025-06-02T09:10", "type": "assigned", "value": "ana"},
        {"at": "2025-06-02T12:00", "type": "agent_public"},
    )

    def test_owner_and_manager_are_told_before_at_and_after_due(self):
        found = self.fired(
            self.story,
            reminders=[{"metric": "m", "before": ["60m", "30m"], "at_due": True, "after": "1h"}],
            escalations=[
                {"metric": "m", "at": ["80%", "due"], "to": "manager", "action": {"priority": 1}}
            ],
            managers={"ana": "mia"},
        )
        assert found == [
            ("09:00", "1 h before", None), ("09:30", "30 min before", "ana"), ("09:48", "80 %", "mia"),
            ("10:00", "at due", "ana"), ("10:00", "at due", "mia"), ("11:00", "1 h after", "ana"),
        ]  # fmt: skip

    def test_nothing_fires_at_or_after_the_stop(self):
        events = [*self.story[:2], {"at": "2025-06-02T10:00", "type": "agent_public"}]
        assert self.fired(
            events, reminders=[{"metric": "m", "before": ["30m"], "at_due": True}]
        ) == [("09:30", "30 min before", "ana")]

    def test_a_paused_clock_warns_nobody_and_a_resumed_one_late(self):
        events = [
            {"at": "2025-06-02T09:00", "type": "created"},
            {"at": "2025-06-02T09:20", "type": "status", "value": "pending"},
            {"at": "2025-06-02T11:00", "type": "status", "value": "open"},
            {"at": "2025-06-02T13:00", "type": "status", "value": "solved"},
        ]
        metric = {"metric": "requester_wait", "target": "1h"}
        assert self.fired(events, metric, reminders=[{"metric": "m", "before": "30m"}]) == [
            ("11:10", "30 min before", None)
        ]
        # half past nine was right until the pause; it comes again with the new due time
        assert self.fired(
            events, metric, reminders=[{"metric": "m", "before": "15m", "clock": "calendar"}]
        ) == [("11:25", "15 min before", None)]

    def test_a_shorter_target_warns_at_once_and_only_once(self):
        events = [
            {"at": "2025-06-02T09:00", "type": "created", "priority": "low"},
            {"at": "2025-06-02T11:00", "type": "priority", "value": "high"},
            {"at": "2025-06-02T15:00", "type": "agent_public"},
        ]
        metric = {"metric": "first_reply", "target_by": {"priority": {"low": "4h", "high": "1h"}}}
        reminders = [{"metric": "m", "before": "30m"}]
        assert self.fired(events, metric, reminders=reminders) == [("11:00", "30 min before", None)]
        restarted = {**metric, "on_target_change": "restart"}
        assert self.fired(events, restarted, reminders=reminders) == [
            ("11:30", "30 min before", None)
        ]
        late = [events[0], {**events[1], "at": "2025-06-02T12:45"}, events[2]]
        assert self.fired(late, restarted, reminders=reminders) == [
            ("12:30", "30 min before", None), ("13:15", "30 min before", None),
        ]  # fmt: skip

    def test_shares_of_a_point_of_the_calendar(self):
        events = [
            {"at": "2025-06-02T13:00", "type": "created"},
            {"at": "2025-06-03T18:00", "type": "agent_public"},
        ]
        metric = {"metric": "first_reply", "target": {"by": "end_of_next_business_day"}}
        found = self.fired(
            events, metric, OFFICE, escalations=[{"metric": "m", "at": "50%", "before": "1h"}]
        )
        assert found == [("11:00", "50 %", "manager"), ("16:00", "1 h before", "manager")]

    def test_after_a_time_of_waiting(self):
        """Business time counts the office's hours only; calendar time all of them; a pause stops both being reached."""
        events = [
            {"at": "2025-06-02T13:00", "type": "created"},
            {"at": "2025-06-04T12:00", "type": "agent_public"},
        ]
        metric = {"metric": "first_reply", "target": "12h"}
        waited = [{"metric": "m", "at": {"waited": "5h"}}]
        assert self.fired(events, metric, OFFICE, escalations=waited) == [
            ("10:00", "5 h waited", "manager")
        ]
        waited[0]["clock"] = "calendar"
        assert self.fired(events, metric, OFFICE, escalations=waited) == [
            ("18:00", "5 h waited", "manager")
        ]
        point = {"metric": "first_reply", "target": {"by": "end_of_next_business_day"}}
        several = [{"metric": "m", "at": [{"waited": "1h"}, {"before": "1h"}, {"after": "1h"}]}]
        assert self.fired(events, point, OFFICE, escalations=several) == [
            ("14:00", "1 h waited", "manager"), ("16:00", "1 h before", "manager"), ("10:00", "1 h after", "manager"),
        ]  # fmt: skip

    def test_what_is_switched_off_warns_nobody(self):
        on = {"metric": "m", "before": "30m", "name": "soon"}
        assert len(self.fired(self.story, reminders=[on])) == 1
        off = {**on, "active": False}
        assert self.fired(self.story, reminders=[off], escalations=[off]) == []
        assert not policy(FIRST, reminders=[off], escalations=[off]).warns

    def test_the_table_and_the_counts(self):
        clocks = run_clocks(
            table(self.story),
            policy(FIRST, reminders=[{"metric": "m", "before": ["30m", "10m"]}]),
            stretches=True,
        )
        found = warnings(clocks)
        assert found.table()["kind"].tolist() == ["reminder", "reminder"]
        assert found.count_by_person() == {"ana": 2}
        assert len(warnings(run_clocks(table(self.story), policy(FIRST), stretches=True))) == 0

    def test_clocks_without_stretches_cannot_tell(self):
        clocks = run_clocks(
            table(self.story), policy(FIRST, reminders=[{"metric": "m", "before": "1h"}])
        )
        with pytest.raises(ValueError, match="stretches=True"):
            warnings(clocks)

    @pytest.mark.parametrize(
        ("section", "plain", "said"),
        [
            ("reminders", {"metric": "m"}, "never fires"),
            ("reminders", {"metric": "m", "before": "60"}, "unit"),
            (
                "reminders",
                {"metric": "m", "before": "1h", "clock": "wall"},
                "clock 'wall' is unknown",
            ),
            ("reminders", {"metric": "x", "before": "1h"}, "'x' is no metric"),
            ("reminders", {"before": "1h"}, "names no metric"),
            ("escalations", {"metric": "m", "at": "soon"}, "neither due nor a share"),
            ("escalations", {"metric": "m", "at": "-5%"}, "no share"),
            ("escalations", {"metric": "m", "att": "5%"}, "Did you mean at?"),
        ],
    )
    def test_what_is_no_reminder(self, section, plain, said):
        with pytest.raises(InputError) as error:
            policy(FIRST, **{section: [plain]})
        assert said in str(error.value)
        assert error.value.problems[0].path.startswith(f"{section}[0]")

    def test_a_snapshot_lists_what_is_near_due_and_overdue_as_known_then(self):
        events = [
            {"ticket": 1, "at": "2025-06-02T09:00", "type": "created", "assigned_to": "ana"},
            {"ticket": 1, "at": "2025-06-02T10:30", "type": "agent_public"},
            {"ticket": 2, "at": "2025-06-02T09:20", "type": "created", "assigned_to": "ion"},
            {"ticket": 3, "at": "2025-06-02T09:50", "type": "created"},
            {"ticket": 4, "at": "2025-06-02T10:30", "type": "created"},
        ]
        seen = snapshot(table(events), policy(FIRST), instant("2025-06-02T10:10"), near=30 * MINUTE)
        frame = seen.table()
        assert frame["ticket_id"].tolist() == [1, 2]
        assert frame["list"].tolist() == ["overdue", "near due"]
        assert frame["remaining_calendar_s"].tolist() == [-600, 600]
        assert seen.overdue_by_owner() == {"ana": 1}
        later = snapshot(
            table(events), policy(FIRST), instant("2025-06-02T10:40"), near=30 * MINUTE
        )
        assert later.table()["ticket_id"].tolist() == [2, 3]


class TestPresets:
    story = (
        {"at": "2025-06-02T09:00", "type": "created", "priority": "low"},
        {"at": "2025-06-02T10:00", "type": "status", "value": "pending"},
        {"at": "2025-06-02T12:00", "type": "status", "value": "open"},
        {"at": "2025-06-02T12:00", "type": "priority", "value": "high"},
        {"at": "2025-06-02T13:00", "type": "status", "value": "solved"},
        {"at": "2025-06-02T15:00", "type": "status", "value": "open"},
        {"at": "2025-06-02T16:00", "type": "status", "value": "solved"},
    )

    @pytest.mark.parametrize(
        ("name", "hours"),
        [
            ("zendesk", [5]),  # 09-13 and 15-16: total resolution does not pause on pending
            ("servicenow", [2]),  # a new definition from zero at 12: 12-13 and 15-16
            ("servicenow_retroactive_start", [5]),  # on_hold is its pause, not pending
            ("jira", [2, 1]),  # pending pauses, a reopened ticket is another cycle
            ("freshdesk", [3]),
            ("liveagent", [4, 1]),
        ],
    )
    def test_one_story_as_each_help_desk_counts_it(self, name, hours):
        by = {"priority": {"low": 8 * HOUR, "high": 4 * HOUR}}
        clock = preset(name).ticket_clock("total_resolution", target_by=by)
        clocks = run_clocks(table(self.story), Policy({"m": clock}))
        assert [ms // HOUR for ms in clocks.elapsed.tolist()] == hours

    @pytest.mark.parametrize("name", PRESETS)
    def test_every_preset_makes_clocks_and_rules(self, name):
        made = preset(name)
        for metric in made.metrics:
            assert metric in METRICS and made.ticket_clock(metric, target=HOUR).target == HOUR
        Policy(
            {"m": made.ticket_clock("first_reply", target=HOUR)},
            levels=(Level("A"),),
            rules=made.rules_of(),
        )

    def test_rules_are_looked_at_as_the_help_desk_does(self):
        assert preset("zendesk").rules_of() == Rules(
            mode="first_match", evaluate=("created", "updated"), no_match="default_level"
        )
        assert preset("liveagent").rules_of().evaluate == ("created",)

    def test_what_is_not_there(self):
        with pytest.raises(InputError, match="Did you mean zendesk"):
            preset("zendsk")
        with pytest.raises(InputError, match="no clock 'periodic_update'"):
            preset("liveagent").ticket_clock("periodic_update")


class TestChains:
    always = Calendar.always()
    office = Calendar.from_plain(OFFICE, name="office")

    def promise(self, name, target, *parts, kind="ola", calendar=None):
        return Promise(name, kind, target, calendar or self.always, parts=parts)

    def test_parts_that_exceed_the_whole_are_warned_about(self):
        promises = [
            self.promise("answer", 8 * HOUR, "triage", "fix", kind="sla"),
            self.promise("triage", 2 * HOUR),
            self.promise("fix", 7 * HOUR, "part", kind="ola"),
            self.promise("part", 7 * HOUR, kind="supplier"),
        ]
        found = chain(promises)
        assert [(line.promise.name, line.depth, line.slack) for line in found.lines] == [
            ("answer", 0, -HOUR), ("triage", 1, None), ("fix", 1, 0), ("part", 2, None),
        ]  # fmt: skip
        assert found.warnings == (
            "answer: its parts (triage, fix) take 1 h longer than the whole.",
        )
        assert found.table()["kind"].tolist() == ["sla", "ola", "ola", "supplier"]

    def test_parts_on_other_calendars_are_compared_in_real_time(self):
        """8 business hours at the supplier take up to 3 days and 16 hours over a weekend."""
        whole = self.promise("whole", 24 * HOUR, "part", kind="sla")
        part = self.promise("part", 8 * HOUR, kind="supplier", calendar=self.office)
        line = chain([whole, part]).lines[0]
        assert not line.exact and line.slack is not None
        friday_evening = instant("2025-06-06T17:00")
        monday_evening = instant("2025-06-09T17:00")
        assert (
            line.slack == 24 * HOUR - (monday_evening - friday_evening) or line.slack < -48 * HOUR
        )
        assert "at worst, in real time" in line.warning

    def test_a_circle_is_refused(self):
        circle = [
            self.promise("a", HOUR, "b"),
            self.promise("b", HOUR, "c"),
            self.promise("c", HOUR, "a"),
        ]
        with pytest.raises(InputError, match="a stands on b stands on c stands on a: a circle"):
            chain(circle)
        with pytest.raises(InputError, match="a stands on a"):
            chain([self.promise("a", HOUR, "a")])

    def test_everything_else_wrong_is_told_at_once(self):
        with pytest.raises(InputError) as error:
            chain(
                [
                    self.promise("fix", HOUR, "prt"),
                    self.promise("part", HOUR, kind="olla"),
                    self.promise("part", HOUR),
                ]
            )
        assert len(error.value.problems) == 3
        assert "Did you mean part?" in str(error.value) and "Did you mean ola?" in str(error.value)


def test_the_same_numbers_from_an_export_and_from_typed_columns():
    """A simulated log is typed arrays, an export is text: one implementation, one answer."""
    from slasim.sla.events import KINDS, EventTable

    story = [
        {"ticket": 0, "at": "2025-06-02T09:00", "type": "created"},
        {"ticket": 0, "at": "2025-06-02T09:30", "type": "agent_public"},
        {"ticket": 1, "at": "2025-06-02T09:10", "type": "created"},
    ]
    typed = EventTable.of(
        [0, 0, 1],
        [instant(row["at"]) for row in story],
        [KINDS.index(row["type"]) for row in story],
        [-1] * 3,
    )
    assert rows(run_clocks(typed, policy(FIRST))) == rows(run_clocks(table(story), policy(FIRST)))
    assert run_clocks(typed, policy(FIRST)).stop.tolist()[1] == UNDEFINED
