"""Ticket clocks: one short story a rule, and what is told when the input cannot be judged."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from sla_stories import OFFICE, instant, policy, story, table

from slasim import elapsed
from slasim.elapsed import UNDEFINED
from slasim.errors import InputError
from slasim.sla.clocks import STATES, run_clocks
from slasim.sla.events import EventTable
from slasim.sla.policy import Policy
from slasim.sla.ticket_clock import METRICS, TicketClock

FIRST = {"metric": "first_reply", "target": "1h"}
SOLVE = {"metric": "total_resolution", "target": "2h"}


class TestStartAndStop:
    def test_there_are_ten_metrics(self):
        assert len(METRICS) == 10

    def test_an_automatic_reply_is_no_reply_unless_it_counts(self):
        events = [("09:00", "created"), ("09:10", "auto_reply"), ("09:40", "agent_public")]
        assert story(events, FIRST) == [("09:00", "10:00", "40min", "met")]
        counted = {**FIRST, "auto_reply_counts": True}
        assert story(events, counted) == [("09:00", "10:00", "10min", "met")]

    def test_an_internal_note_is_no_reply_unless_it_counts(self):
        events = [("09:00", "created"), ("09:10", "agent_internal"), ("09:40", "agent_public")]
        assert story(events, FIRST) == [("09:00", "10:00", "40min", "met")]
        counted = {**FIRST, "internal_counts": True}
        assert story(events, counted) == [("09:00", "10:00", "10min", "met")]

    @pytest.mark.parametrize(
        ("count_as", "state"),
        [(None, "not_applicable"), ("met", "met"), ("missed", "breached 09:30")],
    )
    def test_resolved_without_a_reply(self, count_as, state):
        events = [("09:00", "created"), ("09:30", "status", "solved")]
        assert story(events, {**FIRST, "count_as": count_as}) == [
            ("09:00", "10:00", "30min", state)
        ]

    def test_resolved_with_the_reply_of_the_same_instant(self):
        events = [("09:00", "created"), ("09:30", "status", "solved"), ("09:30", "agent_public")]
        assert story(events, FIRST) == [("09:00", "10:00", "30min", "met")]

    def test_a_ticket_an_agent_made_waits_for_the_customer(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "created_by": "agent"},
            {"at": "2025-06-02T09:05", "type": "agent_public"},
            {"at": "2025-06-02T10:00", "type": "customer_message"},
            {"at": "2025-06-02T10:20", "type": "agent_public"},
            {"at": "2025-06-02T11:00", "type": "customer_message"},
            {"at": "2025-06-02T11:30", "type": "agent_public"},
        ]
        made = Policy.from_plain(
            {"metrics": {"f": FIRST, "n": {**FIRST, "metric": "next_reply"}, "s": SOLVE}}
        )
        clocks = run_clocks(table(rows), made)
        assert [(clocks.metrics[m], e // 60_000) for m, e in zip(clocks.metric, clocks.elapsed, strict=True)] == [
            ("f", 20), ("n", 30), ("s", 150),
        ]  # fmt: skip

    def test_a_customer_who_writes_again_after_solving_without_reply_waits_for_the_next_reply(self):
        events = [
            ("09:00", "created"), ("09:30", "status", "solved"), ("10:00", "customer_message"),
            ("10:20", "agent_public"),
        ]  # fmt: skip
        assert story(events, {**FIRST, "metric": "next_reply"}) == [
            ("10:00", "11:00", "20min", "met")
        ]

    def test_a_message_and_a_reply_in_one_instant_stop_before_they_start(self):
        events = [
            ("09:00", "created"), ("09:10", "agent_public"), ("10:00", "customer_message"),
            ("10:30", "customer_message"), ("10:30", "agent_public"), ("12:00", "agent_public"),
        ]  # fmt: skip
        assert story(events, {**FIRST, "metric": "next_reply"}) == [
            ("10:00", "11:00", "30min", "met"),
            ("10:30", "11:30", "1h30min", "breached 11:30"),
        ]

    def test_updates_run_from_reply_to_reply_until_solved(self):
        events = [
            ("09:00", "created"), ("09:10", "agent_public"), ("09:40", "agent_public"), ("10:00", "status", "solved"),
            ("10:30", "status", "open"), ("11:00", "agent_public"), ("12:30", "agent_public"),
            ("12:30", "status", "solved"),
        ]  # fmt: skip
        assert story(events, {**FIRST, "metric": "periodic_update"}) == [
            ("09:10", "10:10", "30min", "met"),
            ("09:40", "10:40", "20min", "met"),
            ("11:00", "12:00", "1h30min", "breached 12:00"),
        ]

    def test_a_pausable_update_rests_while_pending(self):
        events = [
            ("09:00", "created"), ("09:10", "agent_public"), ("09:20", "status", "pending"),
            ("11:20", "status", "open"), ("11:50", "agent_public"),
        ]  # fmt: skip
        found = story(events, {**FIRST, "metric": "pausable_update"}, until="11:50")
        assert found == [("09:10", "12:10", "40min", "met"), ("11:50", "12:50", "0s", "open")]

    def test_first_assign_needs_a_person(self):
        events = [("09:00", "created"), ("09:10", "assigned"), ("09:40", "assigned", "ana")]
        metric = {"metric": "first_assign", "target": "30m"}
        assert story(events, metric) == [("09:00", "09:30", "40min", "breached 09:30")]

    def test_a_deleted_ticket_is_cancelled(self):
        events = [("09:00", "created"), ("11:00", "deleted")]
        assert story(events, FIRST) == [("09:00", "10:00", "2h", "cancelled")]

    def test_call_and_chat_run_between_their_points(self):
        call = [
            ("10:00:00", "contact_start"), ("10:00:45", "queue_entry"), ("10:01:04", "agent_alert"),
            ("10:01:10", "agent_answer"),
        ]  # fmt: skip
        for clock, seconds in [
            (None, "25s"), ("contact_start>agent_answer", "1min10s"), ("queue_entry>agent_alert", "19s"),
        ]:  # fmt: skip
            metric = {"metric": "call_answer", "target": "20s", "clock": clock}
            assert [row[2] for row in story(call, metric)] == [seconds]
        chat = [
            ("10:00:00", "contact_start"), ("10:00:40", "queue_entry"), ("10:01:10", "agent_answer"),
            ("10:01:35", "first_agent_message"),
        ]  # fmt: skip
        assert [row[2] for row in story(chat, {"metric": "chat_answer", "target": "1m"})] == ["55s"]

    def test_a_call_answered_at_once(self):
        call = [("10:00", "queue_entry"), ("10:00", "agent_answer")]
        assert story(call, {"metric": "call_answer", "target": "20s"}) == [
            ("10:00", "10:00", "0s", "met")
        ]

    def test_a_call_given_up_counts_as_missed_unless_asked_otherwise(self):
        call = [("10:00:00", "queue_entry"), ("10:00:10", "abandoned")]
        metric = {"metric": "call_answer", "target": "20s"}
        assert story(call, metric)[0][3].startswith("breached")
        assert story(call, {**metric, "count_as": "not_applicable"})[0][3] == "not_applicable"

    def test_creation_stands_in_for_a_point_that_is_not_reported(self):
        chat = [("10:00", "created"), ("10:00:30", "agent_public")]
        assert story(chat, {"metric": "chat_answer", "target": "1m"})[0][2] == "30s"

    def test_queues_choose_tickets(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 1, "queue": "email"},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 2, "queue": "forms"},
        ]
        made = policy({**FIRST, "queues": ["email"]})
        assert run_clocks(table(rows), made).ticket.tolist() == [0]
        for row in rows:
            del row["queue"]
        assert run_clocks(table(rows), made).ticket.tolist() == [0, 1]


class TestOneInstant:
    def test_a_stop_wins_over_a_pause(self):
        for statuses in (("pending", "solved"), ("solved", "pending")):
            events = [("09:00", "created"), *(("10:00", "status", s) for s in statuses)]
            metric = {"metric": "requester_wait", "target": "2h"}
            assert story(events, metric, until="12:00") == [("09:00", "11:00", "1h", "met")]

    def test_a_pause_wins_over_a_resume(self):
        for statuses in (("pending", "open"), ("open", "pending")):
            events = [("09:00", "created"), *(("10:00", "status", s) for s in statuses)]
            metric = {"metric": "requester_wait", "target": "2h"}
            assert story(events, metric, until="15:00") == [("09:00", "", "1h", "open")]

    def test_creation_comes_first_wherever_it_stands(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "agent_public"},
            {"at": "2025-06-02T09:00", "type": "created"},
        ]
        clocks = run_clocks(table(rows), policy(FIRST))
        assert [STATES[s] for s in clocks.state] == ["met"]


class TestTargets:
    def test_three_promises_that_sound_alike(self):
        """24 business hours, one business day, next business day: Monday 15:00, 9 to 17."""
        events = [("15:00", "created")]
        for target, due in [
            ({"target": "24h"}, "+3d 15:00"),
            ({"target": "1d", "day_means": "8h"}, "+1d 15:00"),
            ({"target": "1d", "day_means": "business_day"}, "+1d 15:00"),
            ({"target": {"by": "end_of_next_business_day"}}, "+1d 17:00"),
            ({"target": {"same_day_if_before": "16:00"}}, "17:00"),
            ({"target": {"same_day_if_before": "14:00"}}, "+1d 17:00"),
        ]:
            assert story(events, {"metric": "first_reply", **target}, calendar=OFFICE)[0][1] == due

    def test_a_point_of_the_calendar_is_not_moved_by_pauses(self):
        events = [
            ("10:00", "created"),
            ("11:00", "status", "pending"),
            ("2025-06-03T18:00", "status", "solved"),
        ]
        metric = {"metric": "requester_wait", "target": {"by": "end_of_next_business_day"}}
        assert story(events, metric, calendar=OFFICE) == [
            ("10:00", "+1d 17:00", "1h", "breached +1d 17:00")
        ]

    def test_due_on_closing_time_stays_there_and_a_reply_after_it_is_late(self):
        events = [("16:00", "created"), ("17:00", "agent_public")]
        assert story(events, FIRST, calendar=OFFICE) == [("16:00", "17:00", "1h", "met")]
        events = [("16:00", "created"), ("17:01", "agent_public")]
        assert story(events, FIRST, calendar=OFFICE) == [("16:00", "17:00", "1h", "breached 17:00")]

    def test_created_at_closing_time_starts_next_morning(self):
        events = [("17:00", "created"), ("2025-06-03T09:30", "agent_public")]
        assert story(events, FIRST, calendar=OFFICE) == [("+1d 09:00", "+1d 10:00", "30min", "met")]

    def test_no_target_no_clock(self):
        assert story([("09:00", "created")], {"metric": "first_reply"}) == []

    def change(
        self, *, metric=FIRST, first="high", then="low", at="10:00", end="12:00", **settings
    ):
        by = {"priority": {"low": "4h", "high": "30m", "normal": "2h"}}
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "priority": first},
            {"at": f"2025-06-02T{at}", "type": "priority", "value": then},
            {"at": f"2025-06-02T{end}", "type": "agent_public"},
        ]
        made = policy({"metric": metric["metric"], "target_by": by, **settings})
        clocks = run_clocks(table(rows), made)
        return [STATES[s] for s in clocks.state], clocks.breached_at.tolist()

    def test_a_breach_sticks_when_the_target_grows_unless_only_the_last_one_counts(self):
        assert self.change() == (["breached"], [instant("2025-06-02T09:30")])
        assert self.change(breach_memory="final") == (["met"], [UNDEFINED])

    def test_a_restart_drops_the_old_cycle_with_its_breach(self):
        assert self.change(on_target_change="restart") == (["met"], [UNDEFINED])

    def test_a_target_that_goes_cancels_the_clock(self):
        assert self.change(first="low", then="other") == (["cancelled"], [UNDEFINED])
        assert self.change(first="high", then="other") == (
            ["breached"],
            [instant("2025-06-02T09:30")],
        )

    def test_a_target_that_comes_later_counts_from_the_start(self):
        assert self.change(first="none", then="high") == (
            ["breached"],
            [instant("2025-06-02T10:00")],
        )
        assert self.change(first="none", then="low", on_target_change="freeze") == (
            ["met"],
            [UNDEFINED],
        )

    def test_retroactive_ignores_pauses_before_the_change_and_counts_later_ones(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "priority": "low"},
            {"at": "2025-06-02T09:30", "type": "status", "value": "pending"},
            {"at": "2025-06-02T11:30", "type": "status", "value": "open"},
            {"at": "2025-06-02T12:00", "type": "priority", "value": "normal"},
            {"at": "2025-06-02T12:30", "type": "status", "value": "pending"},
            {"at": "2025-06-02T13:30", "type": "status", "value": "open"},
            {"at": "2025-06-02T14:00", "type": "status", "value": "solved"},
        ]
        by = {"priority": {"low": "8h", "normal": "3h30m"}}
        metric = {"metric": "requester_wait", "target_by": by}
        clocks = run_clocks(
            table(rows), policy({**metric, "on_target_change": "retroactive_no_pause"})
        )
        assert clocks.elapsed.tolist() == [4 * 3_600_000]  # 09:00 to 12:30 and 13:30 to 14:00
        assert clocks.due_at.tolist() == [instant("2025-06-02T12:30")]
        clocks = run_clocks(table(rows), policy(metric))
        assert clocks.elapsed.tolist() == [2 * 3_600_000]  # 30 min each: 09:00, 11:30, 12:00, 13:30
        rows[3]["value"], by["priority"]["normal"] = "normal", "2h30m"
        made = policy({**metric, "target_by": by, "on_target_change": "retroactive_no_pause"})
        clocks = run_clocks(table(rows), made)
        assert clocks.due_at.tolist() == [instant("2025-06-02T11:30")]
        assert clocks.breached_at.tolist() == [
            instant("2025-06-02T12:00")
        ]  # never before the change

    def test_a_shorter_target_is_found_in_an_earlier_stretch(self):
        """1 h counted before a pause of two: the half hour was reached at 09:30, the breach is the change."""
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "priority": "low"},
            {"at": "2025-06-02T10:00", "type": "status", "value": "pending"},
            {"at": "2025-06-02T12:00", "type": "status", "value": "open"},
            {"at": "2025-06-02T12:30", "type": "priority", "value": "high"},
            {"at": "2025-06-02T13:00", "type": "status", "value": "solved"},
        ]
        by = {"priority": {"low": "8h", "high": "30m"}}
        clocks = run_clocks(table(rows), policy({"metric": "requester_wait", "target_by": by}))
        assert clocks.due_at.tolist() == [instant("2025-06-02T09:30")]
        assert clocks.breached_at.tolist() == [instant("2025-06-02T12:30")]


class TestHorizon:
    def test_what_is_not_stopped_is_open_or_breached(self):
        events = [("09:00", "created")]
        assert story(events, FIRST, until="10:00") == [("09:00", "10:00", "1h", "open")]
        assert story(events, FIRST, until="10:01") == [
            ("09:00", "10:00", "1h1min", "breached 10:00")
        ]

    def test_standing_at_an_instant(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created"},
            {"at": "2025-06-02T10:00", "type": "status", "value": "pending"},
            {"at": "2025-06-02T11:00", "type": "status", "value": "open"},
        ]
        made = policy({"metric": "requester_wait", "target": "8h"}, OFFICE)
        for at, standing in [("09:30", "running"), ("10:30", "paused"), ("18:00", "outside_hours")]:
            clocks = run_clocks(table(rows), made, until=instant(f"2025-06-02T{at}"))
            assert clocks.states_now() == [standing]
            assert (clocks.due_at[0] == UNDEFINED) == (standing == "paused")

    def test_unanswered_is_not_late(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 1},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 2},
            {"at": "2025-06-02T11:00", "type": "agent_public", "ticket": 2},
        ]
        clocks = run_clocks(table(rows), policy(FIRST))
        assert clocks.unanswered.tolist() == [True, False]
        assert [STATES[s] for s in clocks.state] == ["breached", "breached"]

    def test_an_empty_log_and_a_policy_without_metrics(self):
        empty = EventTable.from_columns([], [], [])
        assert len(run_clocks(empty, policy(FIRST), stretches=True)) == 0
        assert len(run_clocks(table([{"at": 0, "type": "created"}]), Policy())) == 0


class TestTheTable:
    def test_rows_come_by_ticket_metric_cycle_and_print_as_json(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "ticket": "b"},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": "a"},
            {"at": "2025-06-02T09:10", "type": "agent_public", "ticket": "b"},
            {"at": "2025-06-02T09:20", "type": "customer_message", "ticket": "b"},
        ]
        made = Policy.from_plain({"metrics": {"n": {**FIRST, "metric": "next_reply"}, "f": FIRST}})
        found = run_clocks(table(rows), made).to_json()
        assert [(row["ticket_id"], row["metric"], row["cycle"]) for row in found] == [
            ("b", "n", 1), ("b", "f", 1), ("a", "f", 1),
        ]  # fmt: skip
        assert json.loads(json.dumps(found))[1] == {
            "ticket_id": "b", "metric": "f", "cycle": 1, "clock_start": "2025-06-02T09:00:00+00:00",
            "due_at": "2025-06-02T10:00:00+00:00", "breached_at": None, "stop": "2025-06-02T09:10:00+00:00",
            "elapsed_s": 600, "target_s": 3600, "state": "met", "standing": "stopped",
        }  # fmt: skip
        frame = run_clocks(table(rows), made).table()
        assert frame["elapsed_s"].tolist() == [0, 600, 1200]
        assert frame["stop"].isna().tolist() == [True, False, True]

    def test_a_clock_is_compiled(self):
        from slasim.sla import clocking

        assert clocking.follow.signatures or run_clocks(
            table([{"at": 0, "type": "created"}]), policy(FIRST)
        )
        assert clocking.follow.signatures

    def test_elapsed_is_plain_python(self):
        assert elapsed.due_position([0, 50], [0, 20], 2, True, 20, 10) == 10
        assert elapsed.due_position([], [], 0, False, 0, 10) == UNDEFINED
        assert elapsed.remaining(10, 30) == -20


def test_a_policy_is_read_without_anything_heavy():
    ask = (
        "import slasim.sla.policy, slasim.sla.clocks, slasim.sla.compliance, slasim.sla.ola, slasim.sla.presets, sys;"
        "print({'numba', 'scipy', 'pandas', 'matplotlib', 'simpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


class TestBadInput:
    def problems(self, rows, **settings):
        with pytest.raises(InputError) as error:
            table(rows, **settings)
        return [(problem.line, problem.found) for problem in error.value.problems]

    def test_everything_is_told_with_its_row(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 1},
            {"at": "2025-06-02T11:00", "type": "agent_public", "ticket": 1},
            {"at": "2025-06-02T10:00", "type": "status", "ticket": 1, "status": "solved"},
            {"at": "2025-06-02T08:00", "type": "agent_public", "ticket": 2},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 2},
            {"at": "2025-06-02T09:00", "type": "customer_message", "ticket": 3},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 4, "status": "slved"},
            {"at": "2025-06-02T09:00", "type": "agent_pubic", "ticket": 5},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": 6},
            {"at": "2025-06-02T09:30", "type": "created", "ticket": 6},
        ]
        said = self.problems(rows, first_row=2, file="events.csv")
        assert [line for line, _ in said] == [4, 5, 7, 8, 9, 11]
        for (_, found), part in zip(
            said,
            ["earlier than the one above", "before the ticket was created", "never created", "status 'slved'",
             "'agent_pubic' is no event", "a second time"],
            strict=True,
        ):  # fmt: skip
            assert part in found

    def test_a_near_miss_is_named(self):
        with pytest.raises(InputError, match="Did you mean agent_public"):
            table([{"at": 0, "type": "agent_pubic"}])

    def test_tickets_with_problems_can_be_left_out_and_none_is_lost(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "ticket": "good", "priority": "high"},
            {"at": "2025-06-02T09:00", "type": "customer_message", "ticket": "orphan"},
            {"at": "2025-06-02T09:00", "type": "created", "ticket": "odd", "priority": "low"},
            {"at": "2025-06-02T10:00", "type": "status", "ticket": "odd", "status": "odd"},
            {"at": "2025-06-02T10:00", "type": "created", "ticket": "late", "priority": "low"},
            {"at": "2025-06-02T09:00", "type": "agent_public", "ticket": "late"},
        ]
        made = table(rows, on_problem="drop")
        assert made.ids == ("good",) and made.attribute("priority").tolist() == ["high"]
        assert sorted(map(str, made.dropped)) == ["late", "odd", "orphan"]
        assert sorted({problem.line for problem in made.problems}) == [2, 4, 6]

    def test_events_can_be_sorted_on_request(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created"},
            {"at": "2025-06-02T11:00", "type": "customer_message"},
            {"at": "2025-06-02T09:30", "type": "agent_public"},
        ]
        assert self.problems(rows)
        made = table(rows, sort=True)
        assert made.row.tolist() == [1, 3, 2]

    def test_statuses_of_an_export_can_be_named(self):
        rows = [
            {"at": "2025-06-02T09:00", "type": "created"},
            {"at": "2025-06-02T10:00", "type": "status", "status": "Resolved"},
        ]
        assert "status 'Resolved' is unknown" in self.problems(rows)[0][1]
        made = table(rows, statuses={"Resolved": "solved"})
        assert made.attribute("status").tolist() == ["new", "solved"]

    def test_a_thousand_problems_are_told_and_the_rest_counted(self):
        rows = [{"at": 0, "type": "agent_public", "ticket": n} for n in range(1500)]
        said = self.problems(rows)
        assert len(said) == 1001 and said[-1][1] == "and 500 more problems"

    def test_a_target_that_can_never_be_met(self):
        once = {"timezone": "UTC", "weekly": {}, "special_days": {"2025-06-02": ["09:00-17:00"]}}
        rows = [
            {"at": "2025-06-02T09:00", "type": "created", "ticket": "in time"},
            {"at": "2025-06-02T16:30", "type": "created", "ticket": "too late"},
            {"at": "2025-06-02T18:00", "type": "created", "ticket": "closed"},
        ]
        with pytest.raises(InputError) as error:
            run_clocks(table(rows), policy(FIRST, once))
        assert [problem.line for problem in error.value.problems] == [2, 3]
        assert "can never be met" in str(error.value) and "ticket closed" in str(error.value)
        assert len(run_clocks(table(rows[:1]), policy(FIRST, once))) == 1

    @pytest.mark.parametrize("target", ["1h", {"by": "end_of_next_business_day"}])
    def test_a_calendar_that_never_opens_at_all(self, target):
        shut = {"timezone": "UTC", "weekly": {}}
        rows = [
            {"at": "2025-06-02T09:00", "type": "created"},
            {"at": "2025-06-02T09:30", "type": "agent_public"},
        ]
        with pytest.raises(InputError) as error:
            run_clocks(table(rows), policy({**FIRST, "target": target}, shut))
        assert error.value.problems[0].path.startswith("metrics.m.")

    @pytest.mark.parametrize(
        ("metric", "path", "said"),
        [
            ({"metric": "first_rply"}, "metric", "Did you mean first_reply?"),
            ({**FIRST, "target": "0s"}, "target", "target of 0"),
            ({**FIRST, "target": "1d"}, "target", "day_means"),
            ({**FIRST, "target": "-1h"}, "target", "negative"),
            ({**FIRST, "target": {"by": "end_of_day"}}, "target", "unknown"),
            ({**FIRST, "target": {"same_day_if_before": "25:00"}}, "target", "25:00"),
            (
                {**FIRST, "target_by": {"priority": {"low": "x"}}},
                "target_by.priority.low",
                "not a duration",
            ),
            ({**FIRST, "day_means": "0h"}, "day_means", "no length"),
            ({**FIRST, "pause_on": ["solved"]}, "pause_on", "cannot pause"),
            ({**FIRST, "on_reopen": "again"}, "on_reopen", "unknown"),
            ({**FIRST, "clock": "queue_entry>agent_answer"}, "clock", "no clock points"),
            (
                {"metric": "call_answer", "clock": "agent_answer>queue_entry"},
                "clock",
                "stops before",
            ),
            ({"metric": "call_answer", "clock": "ring>answer"}, "clock", "points are"),
            ({**FIRST, "calender": "c"}, "calender", "Did you mean calendar?"),
            ({**FIRST, "calendar": "offce"}, "calendar", "no calendar"),
        ],
    )
    def test_what_is_no_metric(self, metric, path, said):
        with pytest.raises(InputError) as error:
            policy(metric)
        assert [problem.path for problem in error.value.problems] == [f"metrics.m.{path}"]
        assert said in str(error.value)

    def test_a_ticket_clock_made_in_python_is_checked_too(self):
        with pytest.raises(ValueError, match="Did you mean sticky"):
            TicketClock("first_reply", breach_memory="stick")  # type: ignore[arg-type]

    def test_typed_columns_are_checked_as_rows_are(self):
        with pytest.raises(InputError, match="never created"):
            EventTable.of(np.zeros(1), np.zeros(1), np.ones(1), -np.ones(1))
