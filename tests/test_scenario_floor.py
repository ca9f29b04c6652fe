"""The whole operation in a scenario file: what may stand there, what it comes to, and what is told when it is wrong."""

# Mistakes stand one to a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from slasim.channels import ROOM, channel
from slasim.clock import DAY, HOUR, MINUTE, SECOND
from slasim.errors import InputError, Problem
from slasim.inputs.promises import Home
from slasim.scenario import Scenario, load_text, parse_setting, schema_json
from slasim.scenario.counts import MOST_REPLIES, read_reply_count
from slasim.scenario.document import read_document
from slasim.scenario.floor_facts import (
    feeds,
    first_line_queues,
    handed_on,
    measured_slowdown,
    needs_floor,
    ticket_queues,
    touches,
    why_floor,
)
from slasim.scenario.schema.chats import slowdown_at
from slasim.sla.targets import EndOfNextBusinessDay

DESK = """\
name: Service desk
timezone: Europe/Bucharest
start: 2026-03-02
end: 2026-03-09
drain_at_most: {voice: 6h, ticket: 14d}
calendars:
  phones: {weekly: {mon-fri: ["08:00-20:00"]}}
  office: {weekly: {mon-fri: ["09:00-18:00"]}}
queues:
  calls:
    calendar: phones
    arrivals: {per_hour: 30}
    aht: 260s
    counts: first_attempts
    patience: {exponential: {mean: 4min}}
    redial: {chance: 0.35, after: {exponential: {mean: 15min}}, at_most: 3, when: [abandoned, closed]}
    call_back: {offer_after: 2min, accept: 0.4, within: 1h, priority: 3}
    voicemail_after: 10min
    voicemail_to: email
    repeat: {chance: 0.05, after: {exponential: {mean: 1h}}, late: {over: 10min, chance: 20 %}}
    satisfaction: {best: 0.9, worst: 0.2, wait: {good: 1min, bad: 10min}, churn: {late: {over: 15min, chance: 0.1}}}
  chat:
    channel: chat
    calendar: phones
    arrivals: {per_hour: 20}
    handle_time: {gamma: {mean: 8min, cv: 0.6}}
    handle_time_measured_at: 1.8
    first_message_after: {exponential: {mean: 20s}}
    patience: {exponential: {mean: 3min}}
    transfer: {chance: 0.1, to: email}
  email:
    channel: ticket
    arrivals: {per_hour: 12}
    handle_time: {lognormal: {mean: 6min, cv: 1.1}}
    replies: {geometric: {mean: 1.6}}
    customer_answers_after: {lognormal: {mean: 5h, cv: 1.5}}
    reopen: {chance: 0.1, after: {exponential: {mean: 2h}}}
    backlog_at_start: {tickets: 40, oldest: 20h}
    attributes:
      priority: {low: 0.2, normal: 0.6, high: 0.15, urgent: 0.05}
      customer_group: {standard: 90 %, vip: 10 %}
      department: {billing: 0.7, technical: 0.3}
      tags: {URGENT: 0.05}
    priority_by: {priority: {urgent: 1, high: 3, normal: 5, low: 7}, tags: {URGENT: 1}}
    owner: sticky
    tier_2: {queue: experts_work, chance: 0.15, ola: 1d, day_means: 9h, calendar: office}
  experts_work: {channel: ticket, handle_time: {lognormal: {mean: 25min, cv: 0.8}}}
groups:
  desk:
    takes:
      calls: 1
      chat: {rank: 2, reserve: 1}
      email: {rank: 3, preempt: true, hours: office, max_occupancy: 90 %, when: {department: [billing, technical]}}
    shifts:
      - {name: early, days: mon-fri, from: "08:00", to: "16:30", people: [Ana, Bo, Cy, Di]}
      - {name: late, days: mon-fri, from: "11:30", to: "20:00", agents: 3}
    people: [Ana, {name: Bo, speed: 1.2}, Cy, Di]
    chat_slots: 3
    chat_slowdown: [1.0, 1.25, 1.6]
    switching_loss: 30s
    team: blue
    absence: 0.05
    late_start: {chance: 0.1, by: {exponential: {mean: 10min}}}
  experts: {takes: {experts_work: 1, email: 2}, staffing: 2, calendar: office}
  backup: {takes: {experts_work: {rank: 2, stands_in_for: experts}}, staffing: 1, calendar: phones}
metrics:
  calls_80_30: {queues: [calls], type: service_level, threshold: 30s}
  first_reply: {queues: email, type: ticket_clock, metric: first_reply, calendar: office, target_by: {priority: {urgent: 1h, high: 4h}}, target: 8h}
  next_reply: {queues: [email], type: ticket_clock, metric: next_reply, calendar: office, target: {by: end_of_next_business_day}}
  resolution: {type: ticket_clock, metric: requester_wait, calendar: office, target: 3d, day_means: 9h, pause_on: pending}
levels:
  Urgent: {first_reply: 1h, next_reply: 30m}
rules:
  mode: last_match_wins
  list:
    - {name: urgent tag, when: [{tags_contains: URGENT}], set_level: Urgent, stop: true}
reminders:
  - {name: soon, metric: first_reply, before: [60m, 30m], effect: {priority: 2}}
escalations:
  - {name: at due, metric: first_reply, at: [due, 80 %], action: {priority: 1}}
  - {name: old, metric: first_reply, at: {waited: 2h}, action: {to_group: experts}, active: false}
ola:
  triage: {provider: desk, target: 4h, calendar: office}
  whole: {metric: resolution, parts: [triage]}
contract: {commitments: [{metric: calls_80_30, target: 0.8}, {metric: first_reply, target: 0.9}]}
"""

VOICE = """\
name: Voice
start: 2026-03-02
end: 2026-03-03
queues:
  calls: {arrivals: {per_hour: 60}, aht: 260s, patience: {exponential: {mean: 4min}}, hangs_up_at_once: 0.02, voicemail_after: 5min, lines: 40}
groups:
  front: {takes: {calls: {rank: 1, after: 10s, reserve: 1}}, shifts: [{name: day, from: "08:00", to: "20:00", agents: 8}], speed: 0.9}
"""


@pytest.fixture(scope="module")
def desk() -> Scenario:
    return load_text(DESK, file="desk.yaml")


# ------------------------------------------------------------------ reading


class TestReading:
    def test_calls_and_what_follows_them(self, desk: Scenario) -> None:
        calls = desk.queues["calls"]
        assert calls.counts == "first_attempts"
        assert calls.redial is not None and calls.redial.when == ("abandoned", "closed")
        assert (calls.redial.chance, calls.redial.at_most) == (0.35, 3)
        assert calls.redial.after.mean == 15 * MINUTE
        assert calls.call_back is not None
        assert (calls.call_back.offer_after, calls.call_back.within) == (2 * MINUTE, HOUR)
        assert calls.call_back.priority == 3
        assert calls.repeat is not None and calls.repeat.late is not None
        assert (calls.repeat.at_most, calls.repeat.late.over) == (1, 10 * MINUTE)
        assert calls.satisfaction is not None and calls.satisfaction.churn is not None

    def test_tickets(self, desk: Scenario) -> None:
        email = desk.queues["email"]
        assert email.replies is not None and email.replies.mean == pytest.approx(1.6)
        assert email.owner is not None and email.owner.keep == DAY
        assert email.tier_2 is not None and email.tier_2.ola == 9 * HOUR
        assert email.backlog_at_start is not None and email.backlog_at_start.oldest == 20 * HOUR
        assert email.drawn.names == ("priority", "customer_group", "department", "tags")
        assert email.drawn.shares["customer_group"] == {"standard": 0.9, "vip": 0.1}
        assert email.drawn.tags == {"URGENT": 0.05}
        assert desk.queues["experts_work"].arrivals is None

    def test_groups(self, desk: Scenario) -> None:
        group = desk.groups["desk"]
        email = group.takes["email"]
        assert (email.preempt, email.hours, email.max_occupancy) == (True, "office", 0.9)
        assert email.when == {"department": ("billing", "technical")}
        assert group.slowdown == (1.0, 1.25, 1.6)
        assert group.named == ("Ana", "Bo", "Cy", "Di")
        assert [person.speed for person in group.people] == [1, 1.2, 1, 1]
        assert [shift.agents for shift in group.shifts or ()] == [4, 3]
        assert group.late_start is not None and group.late_start.by.mean == 10 * MINUTE
        assert group.switching_loss == 30 * SECOND
        assert desk.groups["backup"].takes["experts_work"].stands_in_for == "experts"

    def test_turns_give_a_curve_for_any_number_of_slots(self) -> None:
        text = DESK.replace("[1.0, 1.25, 1.6]", "{turns: {agent: 286s, customer: 214s}}")
        curve = load_text(text).groups["desk"].slowdown
        assert len(curve) == 3
        assert curve[2] == pytest.approx(1.774, abs=2e-3)
        more = load_text(text).but({"groups.desk.chat_slots": 5}).groups["desk"].slowdown
        assert more[:3] == curve and len(more) == 5

    def test_short_forms(self) -> None:
        text = DESK.replace("{geometric: {mean: 1.6}}", "2").replace(
            "{exponential: {mean: 20s}}", "20s"
        )
        scenario = load_text(text)
        replies = scenario.queues["email"].replies
        assert replies is not None and replies.at(np.array([0.0, 0.99])).tolist() == [2, 2]
        assert scenario.queues["chat"].first_message_after.mean == 20 * SECOND

    def test_draining_by_channel(self, desk: Scenario) -> None:
        drains = desk.drain_at_most
        assert (drains.voice, drains.chat, drains.ticket) == (6 * HOUR, DAY, 14 * DAY)
        assert {channel(name).drain for name in ("voice", "chat", "ticket")} == set(
            type(drains).model_fields
        )

    def test_a_scenario_is_frozen_and_travels(self, desk: Scenario) -> None:
        again = pickle.loads(pickle.dumps(desk))
        assert again.queues == desk.queues and again.groups == desk.groups
        assert again.policy == desk.policy
        with pytest.raises(ValueError, match="frozen"):
            desk.queues["email"].owner.keep = 0  # type: ignore[union-attr]

    def test_to_json_reads_back_as_the_same(self, desk: Scenario) -> None:
        again = load_text(json.dumps(desk.to_json()))
        assert again.queues == desk.queues and again.groups == desk.groups
        assert again.policy == desk.policy

    def test_the_schema_takes_what_load_takes(self) -> None:
        jsonschema = pytest.importorskip("jsonschema")
        plain = read_document(DESK).value
        jsonschema.validate(plain, schema_json())
        wrong = {**plain, "escalations": [{**plain["escalations"][0], "activ": False}]}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema_json())

    def test_like_copies_the_whole_operation(self) -> None:
        text = DESK.replace(
            "  experts_work:", "  letters: {like: email, owner: {keep: 2d}}\n  experts_work:", 1
        ).replace("      calls: 1\n", "      calls: 1\n      letters: 4\n")
        queues = load_text(text).queues
        assert queues["letters"].attributes == queues["email"].attributes
        assert queues["letters"].owner is not None and queues["letters"].owner.keep == 2 * DAY


class TestChannels:
    def test_a_call_takes_all_of_an_agent_and_a_chat_a_part(self) -> None:
        assert channel("voice").load_with(3) == ROOM
        assert channel("ticket").load_with(3) == ROOM
        assert [channel("chat").load_with(slots) * slots for slots in range(1, 11)] == [ROOM] * 10

    def test_who_may_leave_and_who_waits(self) -> None:
        assert [channel(name).patience for name in ("voice", "chat", "ticket")] == [
            True,
            True,
            False,
        ]
        assert channel("ticket").waits_through_closing and channel("ticket").replies

    def test_tickets_of_a_file_come_at_night_and_calls_do_not(self, tmp_path) -> None:
        rows = "interval_start,email\n" + "".join(
            f"2026-03-02 {hour:02d}:{minute:02d},1\n" for hour in range(24) for minute in (0, 30)
        )
        (tmp_path / "f.csv").write_text(rows)
        text = (
            "name: x\nstart: 2026-03-02\nend: 2026-03-03\n"
            'calendars: {office: {weekly: {mon-fri: ["09:00-17:00"]}}}\n'
            "queues: {email: {channel: CHANNEL, calendar: office, arrivals: {file: f.csv, column: email}, aht: 60s}}\n"
            "groups: {all: {takes: {email: 1}, staffing: 2}}\n"
        )
        night = load_text(text.replace("CHANNEL", "ticket"), folder=tmp_path)
        assert night.expected("email").volume.tolist() == [1.0] * 48
        with pytest.raises(InputError, match="when the queue is closed"):
            load_text(text.replace("CHANNEL", "voice"), folder=tmp_path)


class TestNumberOfReplies:
    U = (np.arange(200_000) + 0.5) / 200_000

    @pytest.mark.parametrize("mean", [1, 1.6, 4])
    def test_geometric_has_its_mean(self, mean: float) -> None:
        replies = read_reply_count({"geometric": {"mean": mean}})
        found = replies.at(self.U)
        assert found.min() == 1 and found.max() <= MOST_REPLIES
        assert found.mean() == pytest.approx(mean, rel=2e-3) and replies.mean == pytest.approx(mean)
        assert (np.diff(found) >= 0).all()

    def test_shares(self) -> None:
        replies = read_reply_count({"1": 0.5, "2": "30 %", "4": 0.2})
        found = replies.at(self.U)
        assert np.bincount(found).tolist() == [0, 100_000, 60_000, 0, 40_000]
        assert (replies.mean, replies.most) == (pytest.approx(1.9), 4)


# ------------------------------------------------------------------ promises of tickets


class TestPolicy:
    def test_it_is_what_a_policy_file_says_in_the_same_words(self, desk: Scenario) -> None:
        from slasim.scenario.policy import policy_of_text

        sections = ("calendars", "metrics", "levels", "rules", "reminders", "escalations", "ola")
        plain = {key: desk.to_json()[key] for key in sections} | {"timezone": desk.timezone}
        same = policy_of_text(json.dumps(plain)).tickets
        assert desk.policy is not None
        assert desk.policy.metrics == same.metrics and desk.policy.levels == same.levels
        assert desk.policy.rules == same.rules and desk.policy.reminders == same.reminders
        assert desk.policy.escalations == same.escalations
        assert [line.slack for line in desk.policy.chain.lines] == [
            line.slack for line in same.chain.lines
        ]

    def test_clocks(self, desk: Scenario) -> None:
        assert desk.policy is not None
        assert list(desk.policy.metrics) == ["first_reply", "next_reply", "resolution"]
        first = desk.policy.metrics["first_reply"]
        assert first.target_by == {"priority": {"urgent": HOUR, "high": 4 * HOUR}}
        assert first.queues == ("email",)
        assert desk.policy.metrics["next_reply"].target == EndOfNextBusinessDay()
        assert desk.policy.metrics["resolution"].target == 27 * HOUR
        assert desk.policy.metrics["resolution"].pause_on == ("pending",)
        assert desk.policy.calendar_of("first_reply") is desk.calendars["office"]

    def test_queues_of_clocks(self, desk: Scenario) -> None:
        assert list(desk.ticket_metrics) == ["first_reply", "next_reply", "resolution"]
        assert desk.queues_of_clock("first_reply") == ("email",)
        assert desk.queues_of_clock("resolution") == ("email", "experts_work")
        assert desk.metrics["first_reply"].measure.unit == "share"

    def test_warnings_move_tickets(self, desk: Scenario) -> None:
        assert desk.policy is not None
        reminder, (due, old) = desk.policy.reminders[0], desk.policy.escalations
        assert (reminder.name, reminder.move.priority, reminder.move.to_group) == ("soon", 2, None)
        assert [point.text for point in due.points] == ["at due", "80 %"]
        assert (due.move.priority, due.active) == (1, True)
        assert (old.move.to_group, old.active, old.points[0].waited) == ("experts", False, 2 * HOUR)

    def test_without_tickets_there_is_no_policy(self) -> None:
        assert load_text(VOICE).policy is None

    def test_a_preset_fills_what_is_not_said(self) -> None:
        text = DESK.replace("levels:\n", "preset: zendesk\nlevels:\n", 1)
        policy = load_text(text).policy
        assert policy is not None and policy.rules.mode == "last_match_wins"


# ------------------------------------------------------------------ facts


class TestFacts:
    def test_who_feeds_whom(self, desk: Scenario) -> None:
        assert feeds(desk) == {"email": ("calls", "chat"), "experts_work": ("email",)}
        assert first_line_queues(desk) == ("calls", "chat", "email")
        assert ticket_queues(desk) == ("email", "experts_work")
        assert [way.key for way in handed_on(desk.queues["email"])] == ["tier_2"]

    def test_a_voice_centre_needs_no_floor(self) -> None:
        assert not needs_floor(load_text(VOICE))

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"queues.calls.redial": {"chance": 0.2, "after": {"constant": {"mean": "1h"}}}}, "queues.calls.redial"),
            ({"queues.calls.channel": "chat"}, "queues.calls.channel"),
            ({"groups.front.takes.calls.max_occupancy": 0.9}, "groups.front.takes.calls.max_occupancy"),
            ({"groups.front.switching_loss": "10s"}, "groups.front.switching_loss"),
        ],
    )  # fmt: skip
    def test_what_goes_beyond_it_does(self, change: dict, why: str) -> None:
        assert list(why_floor(load_text(VOICE).but(change))) == [why]

    def test_people_with_a_speed_of_their_own_need_one_and_names_alone_do_not(self) -> None:
        text = VOICE.replace("agents: 8", "people: [Ana, Bo]").replace(
            "speed: 0.9", "people: PEOPLE"
        )
        assert not needs_floor(load_text(text.replace("PEOPLE", "[Ana, Bo]")))
        assert needs_floor(load_text(text.replace("PEOPLE", "[Ana, {name: Bo, speed: 1.1}]")))

    def test_a_warning_that_is_switched_off_changes_nothing(self, desk: Scenario) -> None:
        assert [path for path in why_floor(desk) if path[-1] == "]"] == [
            "reminders[0]",
            "escalations[0]",
        ]
        off = desk.but({"escalations.0.active": False, "reminders.soon.active": False})
        assert not [path for path in why_floor(off) if path[-1] == "]"]

    def test_the_curve_is_not_applied_twice(self, desk: Scenario) -> None:
        assert slowdown_at((1.0, 1.25, 1.6), 1.8) == pytest.approx(1.2)
        assert slowdown_at((1.0, 1.25, 1.6), 3) == 1.6
        assert measured_slowdown(desk, "chat") == pytest.approx(1.2)
        assert measured_slowdown(desk, "calls") == 1.0

    def test_touches(self, desk: Scenario) -> None:
        found = touches(desk, {"calls": 100, "chat": 50, "email": 95})
        assert found["calls"] == pytest.approx(105)
        assert found["email"] == pytest.approx((95 + 5) * 1.6 * 1.1)
        assert found["experts_work"] == pytest.approx(15)


class TestCheck:
    def test_deferred_work_needs_hours_and_no_staff_by_interval(self, desk: Scenario) -> None:
        work = desk.workload()
        busy = [row for row in work.rows if row.contacts]
        chats = 20 * 480 * (1.6 / 3) / 1.2 / 3600
        assert {round(row.erlangs, 9) for row in busy} == {round(30 * 260 / 3600 + chats, 9)}
        assert len(busy) == 5 * 24
        email, experts = work.deferred
        assert (email.queue, email.contacts) == ("email", pytest.approx(12 * 24 * 7))
        assert email.hours == pytest.approx(email.handled * 0.1)
        assert experts.contacts == 0 and experts.hours > 0
        assert 0 < work.spare_hours < sum(group.on_phones for group in work.groups)
        assert work.contacts == pytest.approx(30 * 60 + 20 * 60 + 12 * 24 * 7)

    def test_voice_alone_has_none(self) -> None:
        work = load_text(VOICE).workload()
        assert work.deferred == () and work.spare_hours == 0

    def test_defaults_that_flatter_are_told(self) -> None:
        text = DESK
        for given in (
            "    chat_slowdown: [1.0, 1.25, 1.6]\n", "    switching_loss: 30s\n", ", at_most: 3, when: [abandoned, closed]",
            "    counts: first_attempts\n", "    first_message_after: {exponential: {mean: 20s}}\n",
            "    backlog_at_start: {tickets: 40, oldest: 20h}\n", ", ola: 1d, day_means: 9h, calendar: office",
        ):  # fmt: skip
            assert given in text
            text = text.replace(given, "")
        told = {item.path: item for item in load_text(text).assumed()}
        assert "flatters" in told["groups.desk.chat_slowdown"].sentence
        assert "flatters" in told["groups.desk.switching_loss"].sentence
        values = {
            "queues.calls.redial.at_most": "3", "queues.calls.redial.when": "abandoned", "queues.calls.counts": "attempts",
            "queues.email.owner.keep": "24 h", "queues.chat.first_message_after": "0 s",
            "queues.email.backlog_at_start": "none", "queues.email.tier_2.ola": "none",
            "queues.experts_work.replies": "1",
        }  # fmt: skip
        assert {path: told[path].value for path in values} == values
        assert not any("email.patience" in path for path in told)

    def test_what_was_given_is_not_told(self, desk: Scenario) -> None:
        told = {item.path for item in desk.assumed()}
        assert not told & {
            "groups.desk.chat_slowdown", "groups.desk.switching_loss", "queues.calls.redial.at_most",
            "queues.calls.counts", "queues.chat.first_message_after", "queues.email.backlog_at_start",
        }  # fmt: skip

    def test_the_screen(self, desk: Scenario) -> None:
        from slasim.show.checked import check_json, check_screen

        screen = check_screen(desk)
        assert "Channels  voice: calls; chat: chat; ticket: email, experts_work" in screen
        assert "desk 3 slots (handle time x 1, 1.25, 1.6)" in screen
        assert "Deferred work" in screen and "the backlog grows" in screen
        found = check_json(desk)["workload"]
        assert [queue["queue"] for queue in found["deferred"]] == ["email", "experts_work"]
        assert "Channels" not in check_screen(load_text(VOICE))


# ------------------------------------------------------------------ what-ifs

SETTINGS = {
    "escalations.0.active=false": lambda s: not s.policy.escalations[0].active,
    "escalations.old.active=true": lambda s: s.policy.escalations[1].active,
    "reminders.soon.active=false": lambda s: not s.policy.reminders[0].active,
    "rules.list.urgent tag.active=false": lambda s: not s.policy.rules.list[0].active,
    "levels.Urgent.first_reply=30m": lambda s: s.policy.levels[0].targets["first_reply"] == 30 * MINUTE,
    "metrics.first_reply.target=6h": lambda s: s.policy.metrics["first_reply"].target == 6 * HOUR,
    "queues.calls.redial.chance=+10%": lambda s: s.queues["calls"].redial.chance == 0.385,
    "queues.calls.redial.at_most=+1": lambda s: s.queues["calls"].redial.at_most == 4,
    "queues.calls.call_back.within=+30min": lambda s: s.queues["calls"].call_back.within == 90 * MINUTE,
    "queues.email.tier_2.chance=+0.1": lambda s: s.queues["email"].tier_2.chance == 0.25,
    "queues.email.owner.keep=2d": lambda s: s.queues["email"].owner.keep == 2 * DAY,
    "queues.email.replies.geometric.mean=+0.4": lambda s: s.queues["email"].replies.mean == 2,
    "queues.email.backlog_at_start.tickets=+60": lambda s: s.queues["email"].backlog_at_start.tickets == 100,
    "queues.email.priority_by.priority.low=9": lambda s: s.queues["email"].priority_by["priority"]["low"] == 9,
    "groups.desk.takes.calls.preempt=true": lambda s: s.groups["desk"].takes["calls"].preempt,
    "groups.desk.people.Ana.speed=1.1": lambda s: s.groups["desk"].people[0].speed == 1.1,
    "groups.desk.people.Bo.speed=+10%": lambda s: s.groups["desk"].people[1].speed == pytest.approx(1.32),
    "groups.desk.absence=+5%": lambda s: s.groups["desk"].absence == pytest.approx(0.0525),
    "groups.backup.switching_loss=+20s": lambda s: s.groups["backup"].switching_loss == 20 * SECOND,
    "groups.desk.chat_slowdown[2]=2": lambda s: s.groups["desk"].slowdown == (1.0, 1.25, 2.0),
    "drain_at_most.chat=+1h": lambda s: s.drain_at_most.chat == 25 * HOUR,
}  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
def test_any_value_can_be_changed(desk: Scenario, setting: str) -> None:
    changed = desk.but(dict([parse_setting(setting)]))
    assert not SETTINGS[setting](desk)
    assert SETTINGS[setting](changed)


# ------------------------------------------------------------------ what is wrong


def problems(text: str) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        load_text(text, file="desk.yaml")
    return list(caught.value.problems)


# Each row: what stands in the good file, what stands there instead, a part of its line, path, words of the finding.
MISTAKES = {
    "eleven slots": ("chat_slots: 3", "chat_slots: 11", "groups.desk.chat_slots", "from 1 to 10"),
    "no slot": ("chat_slots: 3", "chat_slots: 0", "groups.desk.chat_slots", "from 1 to 10"),
    "half a slot": ("chat_slots: 3", "chat_slots: 2.5", "groups.desk.chat_slots", "whole number"),
    "a curve that decreases": ("[1.0, 1.25, 1.6]", "[1.0, 1.25, 1.2]", "groups.desk.chat_slowdown", "3 chats would each be faster than 2"),
    "a curve that begins below 1": ("[1.0, 1.25, 1.6]", "[0.9, 1.25, 1.6]", "groups.desk.chat_slowdown", "begins with 0.9"),
    "a curve longer than slots": ("[1.0, 1.25, 1.6]", "[1.0, 1.25, 1.6, 2]", "groups.desk.chat_slowdown", "4 factors for 3 slots"),
    "a curve shorter than slots": ("[1.0, 1.25, 1.6]", "[1.0, 1.25]", "groups.desk.chat_slowdown", "2 factors for 3 slots"),
    "turns of no length": ("[1.0, 1.25, 1.6]", "{turns: {agent: 0s, customer: 0s}}", "groups.desk.chat_slowdown.turns", "no length"),
    "measured beyond the slots": ("measured_at: 1.8", "measured_at: 4", "queues.chat.handle_time_measured_at", "1 to 3 at once"),
    "measured below 1": ("measured_at: 1.8", "measured_at: 0.5", "queues.chat.handle_time_measured_at", "1 to 3 at once"),
    "a first message when the chat is over": ("first_message_after: {exponential: {mean: 20s}}", "first_message_after: 9min", "queues.chat.first_message_after", "its AHT is 8 min"),
    "a first message during the notes": ("first_message_after: {exponential: {mean: 20s}}", "acw: 2min\n    first_message_after: 7min", "queues.chat.first_message_after", "less 2 min of after-call work"),
    "measured for calls": ("    counts: first", "    handle_time_measured_at: 2\n    counts: first", "queues.calls.handle_time_measured_at", "do not share"),
    "slots without chats": ("staffing: 2,", "staffing: 2, chat_slots: 2,", "groups.experts.chat_slots", "takes no chats"),
    "tiers in a circle": ("{mean: 25min, cv: 0.8}}", "{mean: 25min, cv: 0.8}}, transfer: {chance: 0.1, to: email}", "queues.email.tier_2.queue", "email to experts_work to email"),
    "a transfer to itself": ("transfer: {chance: 0.1, to: email}", "transfer: {chance: 0.1, to: chat}", "queues.chat.transfer.to", "on to itself"),
    "a second line that nobody takes": ("{takes: {experts_work: 1, email: 2}, staffing: 2, calendar: office}\n  backup: {takes: {experts_work: {rank: 2, stands_in_for: experts}}", "{takes: {email: 2}, staffing: 2, calendar: office}\n  backup: {takes: {email: 4}", "queues.experts_work", "no group takes queue `experts_work`"),
    "a queue that nobody feeds": ("    tier_2: {queue: experts_work, chance: 0.15, ola: 1d, day_means: 9h, calendar: office}\n", "", "queues.experts_work.arrivals", "no queue hands contacts on"),
    "a second line that is none": ("queue: experts_work", "queue: experts_wrk", "queues.email.tier_2.queue", "Did you mean experts_work?"),
    "a transfer to nobody": ("to: email}", "to: emial}", "queues.chat.transfer.to", "Did you mean email?"),
    "voicemail to nobody": ("voicemail_to: email", "voicemail_to: mail", "queues.calls.voicemail_to", "no queue `mail`"),
    "experts who never work": ("staffing: 2", "staffing: 0", "groups.experts.staffing", "ever on duty"),
    "a value that nobody takes": ("experts_work: 1, email: 2}", "experts_work: 1, email: {rank: 2, when: {department: technical}}}", None, None),
    "a backup for itself": ("stands_in_for: experts", "stands_in_for: backup", "groups.backup.takes.experts_work.stands_in_for", "stands in for itself"),
    "backups in a circle": ("{takes: {experts_work: 1,", "{takes: {experts_work: {rank: 1, stands_in_for: backup},", "groups.experts.takes.experts_work.stands_in_for", "a circle: experts for backup for experts"),
    "a backup for nobody": ("stands_in_for: experts", "stands_in_for: expert", "groups.backup.takes.experts_work.stands_in_for", "Did you mean experts?"),
    "backups alone": ("takes: {experts_work: 1, email: 2}", "takes: {email: 2}", "groups.backup.takes.experts_work.stands_in_for", "backups alone"),
    "an unknown attribute in when": ("when: {department: [billing, technical]}", "when: {departmnt: [billing]}", "groups.desk.takes.email.when.departmnt", "Did you mean department?"),
    "an unknown value in when": ("[billing, technical]}", "[billing, tecnical]}", "groups.desk.takes.email.when.department", "Did you mean technical?"),
    "an unknown attribute in priority_by": ("priority_by: {priority: {urgent: 1, high: 3, normal: 5, low: 7}, tags", "priority_by: {urgency: {urgent: 1}, tags", "queues.email.priority_by.urgency", "no attribute of queue email"),
    "an unknown value in priority_by": ("low: 7}", "lo: 7}", "queues.email.priority_by.priority", "Did you mean low?"),
    "an unknown value in target_by": ("{priority: {urgent: 1h, high: 4h}}", "{priority: {urgnt: 1h}}", "metrics.first_reply.target_by.priority", "Did you mean urgent?"),
    "an unknown attribute in target_by": ("{priority: {urgent: 1h, high: 4h}}", "{product: {phone: 1h}}", "metrics.first_reply.target_by.product", "no attribute of queue email"),
    "a rule on what nobody draws": ("{tags_contains: URGENT}", "{product: phone}", "rules.list[0].when", "no ticket queue draws"),
    "a rule on an unknown tag": ("{tags_contains: URGENT}", "{tags_contains: URGNT}", "rules.list[0].when", "Did you mean URGENT?"),
    "shares that do not make a whole": ("{low: 0.2, normal: 0.6, high: 0.15, urgent: 0.05}", "{low: 0.2, normal: 0.6, high: 0.15, urgent: 0.5}", "queues.email.attributes.priority", "add up to 1.45"),
    "a share above 1": ("{URGENT: 0.05}", "{URGENT: 5}", "queues.email.attributes.tags.URGENT", "Did you mean 5 %?"),
    "replies that do not make a whole": ("{geometric: {mean: 1.6}}", "{1: 0.5, 2: 0.3}", "queues.email.replies", "add up to 0.8"),
    "less than one reply": ("{geometric: {mean: 1.6}}", "{geometric: {mean: 0.6}}", "queues.email.replies", "1 to 20 on average"),
    "replies without answers": ("    customer_answers_after: {lognormal: {mean: 5h, cv: 1.5}}\n", "", "queues.email.replies", "when the customer answers"),
    "answers without replies": ("    replies: {geometric: {mean: 1.6}}\n", "", "queues.email.customer_answers_after", "one reply"),
    "a sticky owner without names": ("  experts_work: {channel: ticket,", "  experts_work: {owner: sticky, channel: ticket,", "queues.experts_work.owner", "agents by number"),
    "an owner of what?": ("owner: sticky", "owner: sticki", "queues.email.owner", "sticky, or {keep: 1d}"),
    "escalated to nobody": ("{to_group: experts}", "{to_group: expert}", "escalations[1].action.to_group", "Did you mean experts?"),
    "a share of a point of the calendar": ("target: 8h}", "target: {by: end_of_next_business_day}}", "escalations[0].at", "80 % of `first_reply`"),
    "an action that is none": ("{to_group: experts}", "{group: experts}", "escalations[1].action.group", "Did you mean to_group?"),
    "a place in line that is none": ("effect: {priority: 2}", "effect: {priority: high}", "reminders[0].effect.priority", "no place in line"),
    "a reminder of no metric": ("{name: soon, metric: first_reply", "{name: soon, metric: first_replay", "reminders[0].metric", "Did you mean first_reply?"),
    "an escalation of no metric": ("{name: old, metric: first_reply", "{name: old, metric: solving", "escalations[1].metric", "'solving' is no metric"),
    "an escalation at no time": ("at: {waited: 2h}", "at: {waitd: 2h}", "escalations[1]", "Did you mean waited?"),
    "a warning of calls": ("{name: soon, metric: first_reply", "{name: soon, metric: calls_80_30", "reminders[0].metric", "is no metric"),
    "switched off by a word": ("active: false", 'active: "no"', "escalations[1].active", "true or false"),
    "a level of no metric": ("Urgent: {first_reply: 1h", "Urgent: {first_rply: 1h", "levels.Urgent.first_rply", "Did you mean first_reply?"),
    "a rule to no level": ("set_level: Urgent", "set_level: Urgnt", "rules.list[0].set_level", "Did you mean Urgent?"),
    "an unknown key of a rule": ("set_level: Urgent, stop: true", "set_levl: Urgent, stop: true", "rules.list[0].set_levl", "Did you mean set_level?"),
    "an unknown key of a clock": ("metric: first_reply, calendar", "metric: first_reply, calender: office, calendar", "metrics.first_reply.calender", "Did you mean calendar?"),
    "a clock that is none": ("metric: requester_wait", "metric: requester_weight", "metrics.resolution.metric", "Did you mean requester_wait?"),
    "a clock without calendar": ("metric: requester_wait, calendar: office", "metric: requester_wait, calendar: offce", "metrics.resolution.calendar", "Did you mean office?"),
    "a target without unit": ("target: 8h}", "target: 8}", "metrics.first_reply.target", "8"),
    "days without their length": ("target: 3d, day_means: 9h", "target: 3d", "metrics.resolution.target", "day_means"),
    "a ticket clock over calls": ("{queues: [email], type: ticket_clock, metric: next_reply", "{queues: [calls], type: ticket_clock, metric: next_reply", "metrics.next_reply.queues[0]", "no tickets"),
    "a ticket clock written in place": ("{metric: first_reply, target: 0.9}", "{metric: {type: ticket_clock, metric: first_reply}, target: 0.9}", "contract.commitments[1].metric", "by its name"),
    "an OLA that stands on nothing": ("parts: [triage]", "parts: [triag]", "ola.whole.parts", "Did you mean triage?"),
    "days of an OLA without their length": ("ola: 1d, day_means: 9h, calendar", "ola: 1d, calendar", "queues.email.tier_2", "1d"),
    "an OLA on no calendar": ("day_means: 9h, calendar: office}\n  experts_work", "day_means: 9h, calendar: offic}\n  experts_work", "queues.email.tier_2.calendar", "Did you mean office?"),
    "hours of no calendar": ("hours: office", "hours: offices", "groups.desk.takes.email.hours", "Did you mean office?"),
    "somebody named twice": ("people: [Ana, {name: Bo", "people: [Ana, Ana, {name: Bo", "groups.desk.people[1]", "named twice"),
    "somebody twice in a shift": ("people: [Ana, Bo, Cy, Di]", "people: [Ana, Bo, Cy, Di, Bo]", "groups.desk.shifts[0].people[4]", "named twice"),
    "somebody without a shift": ("people: [Ana, Bo, Cy, Di]}", "people: [Ana, Bo, Cy]}", "groups.desk.people[3]", "`Di` works no shift"),
    "somebody unknown in a shift": ("people: [Ana, Bo, Cy, Di]}", "people: [Ana, Bo, Cy, Di, Dia]}", "groups.desk.shifts[0].people[4]", "nobody of `people`"),
    "somebody in two shifts at once": ('to: "20:00", agents: 3', 'to: "20:00", people: [Ana]', "groups.desk.shifts[1].people", "at once"),
    "agents and people": ("people: [Ana, Bo, Cy, Di]}", "agents: 4, people: [Ana, Bo, Cy, Di]}", "groups.desk.shifts[0]", "Keep one of them"),
    "absent from a number": ("staffing: 1,", "staffing: 1, absence: 0.1,", "groups.backup.absence", "staffed by number"),
    "a redial without end": ("redial: {chance: 0.35, after: {exponential: {mean: 15min}}, at_most: 3,", "redial: {chance: 1, after: {exponential: {mean: 15min}},", "queues.calls.redial", "Write at_most: 3"),
    "a redial after what?": ("when: [abandoned, closed]", "when: [abandonned]", "queues.calls.redial.when[0]", "Did you mean abandoned?"),
    "repeats that are fewer when late": ("chance: 20 %}", "chance: 1 %}", "queues.calls.repeat", "late ones repeat less often"),
    "an offer after the voicemail": ("offer_after: 2min", "offer_after: 15min", "queues.calls.call_back.offer_after", "voicemail"),
    "messages of nobody": ("    voicemail_after: 10min\n", "", "queues.calls.voicemail_to", "nobody is sent to voicemail"),
    "patience of tickets": ("    owner: sticky", "    patience: {exponential: {mean: 1h}}\n    owner: sticky", "queues.email.patience", "wait as long as it takes"),
    "replies of calls": ("    counts: first", "    replies: 1\n    counts: first", "queues.calls.replies", "is of tickets"),
    "tickets that are cut off": ("    owner: sticky", "    at_close: disconnect\n    owner: sticky", "queues.email.at_close", "wait through closing"),
    "satisfied with nothing": (" wait: {good: 1min, bad: 10min},", "", "queues.calls.satisfaction", "depends on nothing"),
    "bad before good": ("{good: 1min, bad: 10min}", "{good: 10min, bad: 1min}", "queues.calls.satisfaction.wait", "not later"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_once_at_its_place(mistake: str) -> None:
    old, new, path, words = MISTAKES[mistake]
    assert DESK.count(old) == 1, old
    text = DESK.replace(old, new)
    if path is None:  # a value that nobody takes needs the desk to leave it as well
        text = text.replace("[billing, technical]", "[technical]").replace(
            "{to_group: experts}", "{priority: 1}"
        )
        path, words = "queues.email", "department billing: it is never solved"
    found = problems(text)
    assert len(found) == 1, "\n".join(map(str, found))
    assert found[0].path == path
    assert found[0].file == "desk.yaml" and found[0].line > 0 and found[0].column > 0
    said = f"{found[0].found}. {found[0].would_do}"
    assert words is None or words in said, said
    assert found[0].would_do


def test_lines_are_those_of_the_file() -> None:
    text = DESK.replace("chat_slots: 3", "chat_slots: 11").replace(
        "hours: office", "hours: offices"
    )
    for problem in problems(text):
        key = problem.path.rpartition(".")[2]
        assert key in text.splitlines()[problem.line - 1]


def test_everything_is_told_at_once() -> None:
    text = DESK
    wanted = set()
    for mistake in (
        "a curve that decreases", "hours of no calendar", "somebody without a shift", "an unknown value in priority_by",
        "shares that do not make a whole", "a reminder of no metric",
        "a backup for itself", "an offer after the voicemail", "an unknown key of a rule",
    ):  # fmt: skip
        old, new, path, _ = MISTAKES[mistake]
        text = text.replace(old, new)
        wanted.add(path)
    assert wanted <= {problem.path for problem in problems(text)}


def test_what_follows_from_a_faulty_part_is_not_told_again() -> None:
    text = DESK.replace(
        "metric: first_reply, calendar", "metric: first_reply, calender: office, calendar"
    )
    assert [problem.path for problem in problems(text)] == ["metrics.first_reply.calender"]
    text = DESK.replace("office: {weekly", "office: {weakly")
    assert {problem.path.rpartition(".")[0] for problem in problems(text)} == {"calendars.office"}


def test_a_calendar_that_never_opens_keeps_no_promise() -> None:
    text = DESK.replace("  office:", "  never: {weekly: {}, special_days: {}}\n  office:").replace(
        "metric: next_reply, calendar: office", "metric: next_reply, calendar: never"
    )
    found = problems(text)
    assert [problem.path for problem in found] == ["calendars.never"]


def test_a_share_of_a_point_may_stand_where_it_moves_nobody() -> None:
    point = DESK.replace("target: 8h}", "target: {by: end_of_next_business_day}}")
    off = point.replace("action: {priority: 1}}", "action: {priority: 1}, active: false}")
    assert load_text(off).escalations[0].at == ["due", "80 %"]
    assert load_text(point.replace("at: [due, 80 %]", "at: due")).escalations[0].active


def test_a_clock_that_names_no_queue_runs_over_those_of_its_channel() -> None:
    clocks = "".join(
        f"  {name}: {{type: ticket_clock, metric: {name}, target: 1min}}\n"
        for name in ("call_answer", "chat_answer", "total_resolution")
    )
    centre = load_text(DESK.replace("metrics:\n", f"metrics:\n{clocks}"))
    assert centre.queues_of_clock("call_answer") == ("calls",)
    assert centre.queues_of_clock("chat_answer") == ("chat",)
    assert centre.queues_of_clock("total_resolution") == ("email", "experts_work")
    assert centre.policy is not None
    for name in centre.ticket_metrics:  # what steers the queues says the same
        setting = centre.policy.metrics[name]
        timed = [q for q, queue in centre.queues.items() if Home(q, queue.channel).has(setting)]
        assert tuple(timed) == centre.queues_of_clock(name)


def test_a_clock_of_chats_needs_chats() -> None:
    text = """
name: Calls alone
start: 2026-03-02
end: 2026-03-03
queues: {calls: {arrivals: {per_hour: 10}, aht: 3min}}
groups: {desk: {takes: {calls: 1}, staffing: 2}}
metrics: {quick: {type: ticket_clock, metric: chat_answer, target: 1min}}
"""
    [found] = problems(text)
    assert found.path == "metrics.quick" and "no queue has chats" in found.found


def test_hours_that_never_come() -> None:
    text = DESK.replace("  office:", '  sundays: {weekly: {sun: ["09:00-12:00"]}}\n  office:', 1)
    text = text.replace("hours: office", "hours: sundays")
    assert load_text(text).groups["desk"].takes["email"].hours == "sundays"
    [found] = problems(text.replace("end: 2026-03-09", "end: 2026-03-07"))
    assert found.path == "groups.desk.takes.email.hours" and "never opens" in found.found


def test_a_channel_of_ones_own_that_does_not_fit() -> None:
    from slasim import registry
    from slasim.channels import Channel
    from slasim.registry import kind

    @kind("channel", "siege")
    def siege() -> Channel:
        """Takes two agents at once."""
        return Channel("siege", load=2 * ROOM, patience=True)

    try:
        [found] = problems(VOICE.replace("calls: {arrivals", "calls: {channel: siege, arrivals"))
    finally:
        del registry._kinds["channel"]["siege"]
    assert found.path == "queues.calls.channel" and "2520" in found.would_do


def test_redial_chance_one_is_fine_when_it_says_how_often() -> None:
    text = DESK.replace("redial: {chance: 0.35,", "redial: {chance: 1,")
    redial = load_text(text).queues["calls"].redial
    assert redial is not None and redial.at_most == 3
