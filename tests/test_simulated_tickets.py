"""Tickets of simulated logs: the same story told as a log and as an event file is judged alike, to the millisecond."""

from __future__ import annotations

import numpy as np
import pytest
from ticket_logs import (
    DESK,
    GROUPS,
    HOUR,
    MIN,
    QUEUES,
    START,
    at,
    log_of,
    told,
    touch,
    week_of_events,
    week_of_rows,
)

from slasim import contactlog as cl
from slasim.elapsed import UNDEFINED
from slasim.sla.clocks import run_clocks
from slasim.sla.compliance import compliance_report, log_report, totals
from slasim.sla.policy import Policy
from slasim.sla.simulated import AS_ATTEMPT, AS_TICKET, NOT_WATCHED, Desk, tickets_of
from slasim.ticketfacts import TicketFacts

POLICY = Policy.from_plain(
    {
        "calendars": {"office": {"weekly": {"mon-fri": ["09:00-17:00"]}}},
        "metrics": {
            "first_reply": {"metric": "first_reply", "calendar": "office", "target": "2h"},
            "next_reply": {"metric": "next_reply", "calendar": "office", "target": "1h"},
            "resolution": {"metric": "requester_wait", "calendar": "office", "target": "4h"},
            "assigned": {"metric": "first_assign", "target": "30min"},
        },
    }
)


class TestStatusPaths:
    """Each way a ticket may go, row by row of its log."""

    def test_answered_and_solved(self) -> None:
        log = log_of(touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30", agent=1))
        assert told(tickets_of(log, DESK).events) == [
            (0, "2026-03-02 10:00", "created", ""),
            (0, "2026-03-02 10:20", "assigned", "Bo"),
            (0, "2026-03-02 10:30", "agent_public", "Bo"),
            (0, "2026-03-02 10:30", "status", "solved"),
        ]

    def test_a_group_that_is_staffed_by_number_owns_by_its_name(self) -> None:
        log = log_of(touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"))
        assert told(tickets_of(log, DESK).events)[1][2:] == ("assigned", "front")

    def test_the_customer_is_waited_for_and_comes_back(self) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"),
            touch(0, 1, "reply", "mon 15:00", "tue 09:10", "tue 09:15"),
        )
        assert told(tickets_of(log, DESK).events) == [
            (0, "2026-03-02 10:00", "created", ""),
            (0, "2026-03-02 10:20", "assigned", "front"),
            (0, "2026-03-02 10:30", "agent_public", "front"),
            (0, "2026-03-02 10:30", "status", "pending"),
            (0, "2026-03-02 15:00", "customer_message", ""),
            (0, "2026-03-02 15:00", "status", "open"),
            (0, "2026-03-03 09:10", "assigned", "front"),
            (0, "2026-03-03 09:15", "agent_public", "front"),
            (0, "2026-03-03 09:15", "status", "solved"),
        ]

    def test_solved_and_reopened(self) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"),
            touch(0, 1, "reopen", "wed 15:00", "wed 15:00", "wed 15:30"),
        )
        statuses = [e[1:] for e in told(tickets_of(log, DESK).events) if e[2] == "status"]
        assert statuses == [
            ("2026-03-02 10:30", "status", "solved"),
            ("2026-03-04 15:00", "status", "open"),
            ("2026-03-04 15:30", "status", "solved"),
        ]

    @pytest.mark.parametrize("purpose", ["transfer", "tier_2"])
    def test_what_is_handed_on_is_no_reply(self, purpose: str) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"),
            touch(
                0, 1, purpose, "mon 10:30", "mon 14:00", "mon 14:40", queue="experts_work",
                group="experts",
            ),
        )  # fmt: skip
        events = tickets_of(log, DESK).events
        assert [e[1:] for e in told(events)] == [
            ("2026-03-02 10:00", "created", ""),
            ("2026-03-02 10:20", "assigned", "front"),
            ("2026-03-02 14:00", "assigned", "experts"),
            ("2026-03-02 14:40", "agent_public", "experts"),
            ("2026-03-02 14:40", "status", "solved"),
        ]
        assert events.attribute("queue").tolist() == ["email"] * 5  # where it began

    def test_waiting_to_the_end_stays_open(self) -> None:
        log = log_of(touch(0, 0, "first", "mon 10:00"))
        clocks = run_clocks(tickets_of(log, DESK).events, POLICY, until=START + at("mon 11:00"))
        assert totals(clocks).open == 2  # first reply, resolution; its assignment is late
        later = run_clocks(tickets_of(log, DESK).events, POLICY, until=START + at("mon 12:01"))
        assert (totals(later).open, totals(later).unanswered) == (1, 2)

    def test_a_reply_that_is_still_being_written_is_not_sent(self) -> None:
        row = touch(0, 0, "first", "mon 10:00", "mon 10:20")
        assert [e[2] for e in told(tickets_of(log_of(row), DESK).events)] == ["created", "assigned"]

    def test_a_message_left_on_the_phone_is_a_ticket_and_the_call_is_none(self) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:02", queue="calls", outcome=cl.VOICEMAIL),
            touch(0, 1, "message", "mon 10:02", "mon 11:00", "mon 11:10"),
        )
        events = told(tickets_of(log, DESK).events)
        assert [e[2] for e in events] == ["created", "assigned", "agent_public", "status"]
        assert events[0][1] == "2026-03-02 10:02"

    def test_a_call_handed_to_email_becomes_a_ticket_there(self) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:01", "mon 10:04", queue="calls"),
            touch(0, 1, "transfer", "mon 10:04", "mon 11:00", "mon 11:10"),
            touch(0, 2, "reply", "mon 12:00", "mon 12:30", "mon 12:40"),
        )
        found = tickets_of(log, DESK)
        assert told(found.events)[0][1:3] == ("2026-03-02 10:04", "created")
        assert found.of.tolist() == [0, 0]
        assert log.touch[found.row].tolist() == [1, 2]

    def test_the_same_matter_once_more_is_another_ticket(self) -> None:
        log = log_of(
            touch(7, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"),
            touch(7, 1, "repeat", "mon 12:00", "mon 12:10", "mon 12:20"),
        )
        events = tickets_of(log, DESK).events
        assert events.ids == ("7", "7-2")
        assert [e[2] for e in told(events)].count("created") == 2

    def test_nothing_after_the_end_of_watching_is_seen(self) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"),
            touch(0, 1, "reply", "mon 15:00", "mon 16:00", "mon 16:30"),
            touch(1, 0, "first", "mon 14:00", "mon 14:20", "mon 14:30"),
        )
        events = tickets_of(log, DESK, until=at("mon 11:00")).events
        assert events.ids == (0,)
        assert told(events)[-1][2:] == ("status", "pending")  # the customer will answer

    def test_calls_have_a_ticket_for_each_attempt(self) -> None:
        desk = Desk(QUEUES, GROUPS, (AS_ATTEMPT, AS_TICKET, NOT_WATCHED))
        log = log_of(
            touch(0, 0, "first", "mon 10:00", "mon 10:02", queue="calls", outcome=cl.ABANDONED),
            touch(0, 1, "redial", "mon 10:05", "mon 10:06", "mon 10:09", queue="calls"),
        )
        events = tickets_of(log, desk).events
        assert events.ids == ("0", "0-2")
        policy = Policy.from_plain(
            {"metrics": {"in_time": {"metric": "call_answer", "target": "30s"},
                         "soon": {"metric": "call_answer", "target": "60s"}}}
        )  # fmt: skip
        clocks = run_clocks(events, policy)
        states = [(clocks.metrics[m], s) for m, s in zip(clocks.metric, clocks.state, strict=True)]
        assert states == [("in_time", 1), ("soon", 1), ("in_time", 1), ("soon", 0)]

    def test_a_queue_that_is_not_watched_has_no_tickets(self) -> None:
        desk = Desk(QUEUES, GROUPS, (NOT_WATCHED,) * 3)
        log = log_of(touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 10:30"))
        assert tickets_of(log, desk).events.tickets == 0


class TestTheSameStory:
    """A month of desks, told twice: as a log, and as the event file that a help desk would export."""

    def test_every_clock_reads_the_same(self) -> None:
        until = START + at("sun 20:00")
        mine = run_clocks(tickets_of(log_of(*week_of_rows()), DESK).events, POLICY, until=until)
        theirs = run_clocks(week_of_events(), POLICY, until=until)
        assert mine.to_json() == theirs.to_json()
        assert len(mine) == 4 + 3 + 4 + 4

    def test_what_came_of_it(self) -> None:
        until = START + at("sun 20:00")
        clocks = run_clocks(tickets_of(log_of(*week_of_rows()), DESK).events, POLICY, until=until)
        first = clocks.only(clocks.metric == clocks.metrics.index("first_reply"))
        assert [clocks.events.ids[t] for t in first.ticket] == [0, 1, 2, 3]
        # 2 came an hour before the week closed, and was answered on Saturday: one hour counted.
        assert (first.elapsed[:3] / MIN).tolist() == [60, 150, 60]
        assert first.state.tolist() == [0, 1, 0, 1]
        assert first.stop[3] == UNDEFINED

    def test_the_reports_are_those_of_history(self) -> None:
        until = START + at("sun 20:00")
        events = tickets_of(log_of(*week_of_rows()), DESK, teams=True).events
        clocks = run_clocks(events, POLICY, until=until)
        theirs = run_clocks(week_of_events(), POLICY, until=until)
        assert compliance_report(clocks, by=["metric", "day"]).to_json() == (
            compliance_report(theirs, by=["metric", "day"]).to_json()
        )
        assert log_report(clocks).table().equals(log_report(theirs).table())
        teams = {row.groups[0]: row.totals for row in compliance_report(clocks, by="team").rows}
        assert set(teams) == {"", "first line", "second line"}


def test_facts_are_attributes() -> None:
    log = log_of(
        touch(0, 0, "first", "mon 10:00", "mon 10:20", "mon 11:30"),
        touch(1, 0, "first", "mon 10:00", "mon 10:20", "mon 11:30"),
    )
    facts = TicketFacts(
        {"priority": np.array([1, -1], np.int32), "tags": np.array([-1, 0], np.int32)},
        {"priority": ("low", "urgent"), "tags": ("URGENT;vip",)},
    )
    events = tickets_of(log, DESK, facts).events
    policy = Policy.from_plain(
        {
            "metrics": {
                "first_reply": {
                    "metric": "first_reply",
                    "target_by": {"priority": {"urgent": "1h", "low": "8h"}},
                }
            },
            "levels": {"Quick": {"first_reply": "2h"}},
            "rules": {"list": [{"name": "vip", "when": {"tags": "vip"}, "set_level": "Quick"}]},
        }
    )
    clocks = run_clocks(events, policy)
    assert (clocks.target / HOUR).tolist() == [1, 2]
    assert clocks.state.tolist() == [1, 0]
    assert clocks.attribute("level") == [None, "Quick"]
