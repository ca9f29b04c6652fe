"""Small stories of the whole operation, worked out by hand beside each test and told by both engines.

Who arrives when is laid down by hand; everything else comes from the scenario, whose lengths are constant. Instants
are seconds from the start of a Monday, local midnight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

import slasim as sl
from slasim.contactlog import NOT_YET, OUTCOMES, PURPOSES, ContactLog
from slasim.errors import InputError
from slasim.inputs.queues import QueuePlan
from slasim.scenario import Scenario, load_text
from slasim.show.simulated import simulated_screen

DAY, HOUR, MINUTE = 86_400, 3_600, 60
HEADER = "name: Story\nstart: 2026-03-02\nend: {end}\ninterval: 1h\n"


class Touch(NamedTuple):
    """One row of the log; ``who`` is the named agent, else the group, else None. Instants in seconds."""

    queue: str
    purpose: str
    arrived: float
    outcome: str
    left: float | None
    who: str | None
    finished: float | None


class Story:
    """A scenario told by both engines, on the arrivals given."""

    def __init__(self, scenario: Scenario):
        self.scenario = scenario
        self.result, readable = (
            sl.simulate(self.scenario, replications=1, executor=1, engine=engine)
            for engine in ("fast", "simpy")
        )
        self.log: ContactLog = self.result.log(0)
        assert self.log == readable.log(0)
        assert self.result.tally == readable.tally

    @property
    def touches(self) -> list[Touch]:
        """All rows in the order of their arrival; of one instant in the order of the log."""
        log, names = self.log, agents_of(self.scenario)
        found = [
            Touch(
                log.queues[log.queue[row]],
                PURPOSES[log.purpose[row]],
                log.arrived[row] / 1000,
                OUTCOMES[log.outcome[row]],
                _instant(log.left[row]),
                names[log.agent[row]] if log.agent[row] >= 0 else
                log.groups[log.group[row]] if log.group[row] >= 0 else None,
                _instant(log.finished[row]),
            )
            for row in range(len(log))
        ]  # fmt: skip
        return sorted(found, key=lambda touch: touch.arrived)

    def told(self, *columns: str) -> list[tuple[Any, ...]]:
        """The touches, only these columns."""
        return [tuple(getattr(touch, name) for name in columns) for touch in self.touches]

    def of(self, metric: str, **asked: Any) -> float:
        return self.result.estimate(metric, **asked).value

    def elapsed(self, metric: str) -> list[float]:
        """Seconds on a ticket clock, clock by clock."""
        clocks = self.result.clocks(0)
        mine = clocks.metric == clocks.metrics.index(metric)
        return [ms / 1000 for ms in clocks.elapsed[mine]]

    @property
    def summary(self) -> dict[str, Any]:
        return sl.summarise(self.result).to_json()


def agents_of(scenario: Scenario) -> list[str]:
    from slasim.inputs.sample import prepare

    return [agent.name for agent in prepare(scenario).agents]


def _instant(ms: Any) -> float | None:
    return None if ms == NOT_YET else int(ms) / 1000


def _lay_down(patch: pytest.MonkeyPatch, arrivals: dict[str, list[float]]) -> None:
    def arrive(plan: QueuePlan, seed: int, replication: int) -> tuple[Any, Any]:
        times = np.array([round(1000 * at) for at in arrivals.get(plan.name, [])], np.int64)
        piece = np.searchsorted(plan.pieces.begin, times, side="right") - 1
        return times, np.bincount(piece, minlength=plan.pieces.begin.size)

    patch.setattr(QueuePlan, "arrivals", arrive)


@pytest.fixture
def tell(monkeypatch):
    def told(
        text: str,
        end: str = "2026-03-03",
        settings: Mapping[str, Any] | None = None,
        **arrivals: list[float],
    ) -> Story:
        _lay_down(monkeypatch, arrivals)
        return Story(load_text(HEADER.format(end=end) + text).but(settings or {}))

    return told


class TestCallersWhoComeAgain:
    def test_redials_until_at_most(self, tell):
        """One agent busy from 0 to 600. The second caller waits 30 s, tries again after 100 s, twice at most."""
        story = tell("""
queues:
  calls:
    arrivals: {per_hour: 60}
    counts: first_attempts
    handle_time: {constant: {mean: 600s}}
    patience: {constant: {mean: 30s}}
    redial: {chance: 1, after: {constant: {mean: 100s}}, at_most: 2}
groups: {desk: {takes: {calls: 1}, staffing: 1}}
""", calls=[0, 10])  # fmt: skip
        assert story.told("purpose", "arrived", "outcome", "left") == [
            ("first", 0, "answered", 0),
            ("first", 10, "abandoned", 40),
            ("redial", 140, "abandoned", 170),
            ("redial", 270, "abandoned", 300),
        ]
        assert story.of("attempts_per_caller") == 2
        assert story.of("abandonment_rate") == 3 / 4
        assert story.of("abandonment_rate", counts="callers") == 1 / 2

    def test_blocked_callers_try_again(self, tell):
        """One line, taken until 100: blocked at 10 and at 60, through at 110."""
        story = tell("""
queues:
  calls:
    arrivals: {per_hour: 60}
    counts: first_attempts
    handle_time: {constant: {mean: 100s}}
    lines: 1
    redial: {chance: 1, after: {constant: {mean: 50s}}, at_most: 3, when: [blocked]}
groups: {desk: {takes: {calls: 1}, staffing: 1}}
""", calls=[0, 10])  # fmt: skip
        assert story.told("purpose", "arrived", "outcome", "finished") == [
            ("first", 0, "answered", 100),
            ("first", 10, "blocked", None),
            ("redial", 60, "blocked", None),
            ("redial", 110, "answered", 210),
        ]

    def test_a_full_queue_turns_the_latest_away(self, tell):
        """One in service, one may wait: who comes at 20 is turned away. Of two offered one is answered within 30 s (the
        other after 90 s); with those turned away, one of three."""
        story = tell("""
queues:
  calls: {arrivals: {per_hour: 60}, handle_time: {constant: {mean: 100s}}, queue_limit: 1}
groups: {desk: {takes: {calls: 1}, staffing: 1}}
metrics:
  in_30: {type: service_level, threshold: 30s}
  in_30_of_all: {type: service_level, threshold: 30s, include_blocked: true}
""", calls=[0, 10, 20])  # fmt: skip
        assert story.told("arrived", "outcome", "finished") == [
            (0, "answered", 100),
            (10, "answered", 200),
            (20, "blocked", None),
        ]
        assert story.of("in_30") == 1 / 2
        assert story.of("in_30_of_all") == pytest.approx(1 / 3)
        [turned] = story.summary["unserved"]
        assert (turned["outcome"], turned["contacts"], turned["share"]) == (
            "blocked",
            1,
            pytest.approx(1 / 3),
        )

    def test_a_call_back_keeps_the_place(self, tell):
        """Both callers who wait hang up after 60 s (70, 80) and are called at 150 and 450: `vip` (since 15) stands
        between them (since 10 and 20). The promise of 2 min holds for the first, 80 s after it was given."""
        story = tell("""
queues:
  calls:
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 150s}}
    patience: {constant: {mean: 1000s}}
    call_back: {offer_after: 60s, accept: 1, within: 2min}
  vip: {arrivals: {per_hour: 60}, handle_time: {constant: {mean: 150s}}}
groups: {desk: {takes: {calls: 1, vip: 1}, staffing: 1}}
""", calls=[0, 10, 20], vip=[15])  # fmt: skip
        assert story.told("queue", "purpose", "arrived", "outcome", "left") == [
            ("calls", "first", 0, "answered", 0),
            ("calls", "first", 10, "call_back", 70),
            ("vip", "first", 15, "answered", 300),
            ("calls", "first", 20, "call_back", 80),
            ("calls", "call_back", 70, "answered", 150),
            ("calls", "call_back", 80, "answered", 450),
        ]
        assert story.of("call_backs_made", queue="calls") == 1
        assert story.of("call_backs_in_time", queue="calls") == 1 / 2

    def test_a_voicemail_becomes_a_ticket(self, tell):
        """The second caller speaks on the tape at 70; the message is dealt with when the agent is free at 600."""
        story = tell("""
queues:
  calls:
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 600s}}
    voicemail_after: 60s
    voicemail_to: mail
  mail: {channel: ticket, handle_time: {constant: {mean: 120s}}}
groups: {desk: {takes: {calls: 1, mail: 2}, staffing: 1}}
""", calls=[0, 10])  # fmt: skip
        assert story.told("queue", "purpose", "arrived", "outcome", "left", "finished") == [
            ("calls", "first", 0, "answered", 0, 600),
            ("calls", "first", 10, "voicemail", 70, None),
            ("mail", "message", 70, "answered", 600, 720),
        ]

    def test_handed_on_to_experts(self, tell):
        """Both are with the desk for 60 s and then with the one expert for 90 s."""
        story = tell("""
queues:
  calls: {arrivals: {per_hour: 60}, handle_time: {constant: {mean: 60s}}, transfer: {chance: 1, to: expert_calls}}
  expert_calls: {handle_time: {constant: {mean: 90s}}}
groups:
  desk: {takes: {calls: 1}, staffing: 1}
  experts: {takes: {expert_calls: 1}, staffing: 1}
""", calls=[0, 10])  # fmt: skip
        assert story.told("queue", "purpose", "arrived", "left", "who", "finished") == [
            ("calls", "first", 0, 0, "desk", 60),
            ("calls", "first", 10, 60, "desk", 120),
            ("expert_calls", "transfer", 60, 60, "experts", 150),
            ("expert_calls", "transfer", 120, 150, "experts", 240),
        ]

    def test_who_waited_long_comes_once_more(self, tell):
        """Nobody repeats but who has waited over 30 s: the second (90 s), an hour after the end at 200."""
        story = tell("""
queues:
  calls:
    arrivals: {per_hour: 60}
    counts: first_attempts
    handle_time: {constant: {mean: 100s}}
    repeat: {chance: 0, after: {constant: {mean: 1h}}, late: {over: 30s, chance: 1}}
groups: {desk: {takes: {calls: 1}, staffing: 1}}
""", calls=[0, 10])  # fmt: skip
        assert story.told("purpose", "arrived", "left", "finished") == [
            ("first", 0, 0, 100),
            ("first", 10, 100, 200),
            ("repeat", 3800, 3800, 3900),
        ]
        assert story.of("first_contact_resolution") == 1 / 2
        assert story.of("contacts_per_resolution") == 3 / 2

    def test_satisfied_and_leaving_as_stated(self, tell):
        """Waits of 0 and 60 s: 0.9 satisfied and, half way from 10 to 110 s, 0.5; 0.1 leave, of the late one 0.3."""
        story = tell("""
queues:
  calls:
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 100s}}
    satisfaction:
      {best: 0.9, worst: 0.1, wait: {good: 10s, bad: 110s}, churn: {chance: 0.1, late: {over: 30s, chance: 0.3}}}
groups: {desk: {takes: {calls: 1}, staffing: 1}}
""", calls=[0, 40])  # fmt: skip
        assert story.of("satisfaction") == pytest.approx(0.7, abs=0.005)
        assert story.of("churn") == pytest.approx(0.2)


class TestTickets:
    MAIL = """
queues:
  mail:
    channel: ticket
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 300s}}
    replies: 2
    customer_answers_after: {constant: {mean: 1h}}
groups: {desk: {takes: {mail: 1}, staffing: 1}}
metrics:
  first: {type: ticket_clock, metric: first_reply, target: 8min}
  next: {type: ticket_clock, metric: next_reply, target: 5min}
  solved: {type: ticket_clock, metric: requester_wait, target: 12min, pause_on: [pending]}
"""

    def test_replies_and_the_wait_for_the_customer(self, tell):
        """First replies at 300 (in 300 s) and 600 (in 500 s, beyond 8 min); the customers answer an hour later.
        With us the tickets are 300 + 300 and 500 + 300 s: within and beyond 12 min."""
        story = tell(self.MAIL, mail=[0, 100])
        assert story.told("purpose", "arrived", "left", "finished") == [
            ("first", 0, 0, 300),
            ("first", 100, 300, 600),
            ("reply", 3900, 3900, 4200),
            ("reply", 4200, 4200, 4500),
        ]
        assert (story.of("first"), story.of("next"), story.of("solved")) == (1 / 2, 1, 1 / 2)
        assert story.elapsed("first") == [300, 500]
        assert story.elapsed("next") == [300, 300]
        assert story.elapsed("solved") == [600, 800]

    def test_nights_and_holidays(self, tell):
        """Tickets of Monday 16:50 and 16:58. Work on the first ends at 17:10, ten minutes of overtime; the second
        waits over the holiday, until Wednesday 09:00, done at 09:20: 2 + 20 min of office hours."""
        story = tell("""
calendars:
  office: {weekly: {mon-fri: ["09:00-17:00"]}, holidays: {dates: [2026-03-03]}}
queues:
  mail: {channel: ticket, arrivals: {per_hour: 60}, handle_time: {constant: {mean: 20min}}}
groups:
  desk:
    takes: {mail: 1}
    calendar: office
    shifts: [{name: day, days: mon-fri, from: "09:00", to: "17:00", agents: 1}]
metrics:
  first: {type: ticket_clock, metric: first_reply, calendar: office, target: 21min}
""", end="2026-03-05", mail=[16 * HOUR + 50 * MINUTE, 16 * HOUR + 58 * MINUTE])  # fmt: skip
        nine = 2 * DAY + 9 * HOUR
        assert story.told("left", "finished") == [
            (16 * HOUR + 50 * MINUTE, 17 * HOUR + 10 * MINUTE),
            (nine, nine + 20 * MINUTE),
        ]
        assert story.of("first") == 1 / 2
        [over] = story.summary["overtime"]
        assert over["length"]["value"] == 10 * MINUTE * 1000

    def test_reopened(self, tell):
        """Solved at 300, reopened a day later, solved again: 10 min with us when the clock goes on."""
        story = tell("""
queues:
  mail:
    channel: ticket
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 300s}}
    reopen: {chance: 1, after: {constant: {mean: 24h}}}
groups: {desk: {takes: {mail: 1}, staffing: 1}}
metrics:
  solved: {type: ticket_clock, metric: requester_wait, target: 9min}
""", end="2026-03-04", mail=[0])  # fmt: skip
        assert story.told("purpose", "arrived", "finished") == [
            ("first", 0, 300),
            ("reopen", DAY + 300, DAY + 600),
        ]
        assert story.of("solved") == 0
        assert story.elapsed("solved") == [600]

    def test_the_second_line_and_its_promise(self, tell):
        """Handed on at 60 and 120; the expert takes 300 s for each: replies after 300 and 540 s, 6 min promised.
        The customers' first replies come at 360 and 660."""
        story = tell("""
queues:
  mail:
    channel: ticket
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 60s}}
    tier_2: {queue: second_line, chance: 1, ola: 6min}
  second_line: {channel: ticket, handle_time: {constant: {mean: 300s}}}
groups:
  desk: {takes: {mail: 1}, staffing: 1}
  experts: {takes: {second_line: 1}, staffing: 1}
metrics:
  first: {queues: [mail], type: ticket_clock, metric: first_reply, target: 10min}
""", mail=[0, 10])  # fmt: skip
        assert story.told("queue", "purpose", "arrived", "left", "finished") == [
            ("mail", "first", 0, 0, 60),
            ("mail", "first", 10, 60, 120),
            ("second_line", "tier_2", 60, 60, 360),
            ("second_line", "tier_2", 120, 360, 660),
        ]
        assert story.summary["overflow"] == []
        screen = simulated_screen(sl.summarise(story.result))
        assert "second_line: 2 handed on to it\n" in screen and "- contacts" not in screen
        assert story.of("tier_2/mail") == 1 / 2
        assert story.of("first") == 1 / 2
        assert story.elapsed("first") == [360, 650]

    def test_what_waits_at_the_start(self, tell):
        """Three tickets, 3, 2 and 1 h old, the oldest first, 10 min each."""
        story = tell("""
queues:
  mail:
    channel: ticket
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 10min}}
    backlog_at_start: {tickets: 3, oldest: 3h}
groups: {desk: {takes: {mail: 1}, staffing: 1}}
metrics:
  first: {type: ticket_clock, metric: first_reply, target: 2h}
""", mail=[1800])  # fmt: skip
        assert story.told("arrived", "left", "finished") == [
            (-3 * HOUR, 0, 600),
            (-2 * HOUR, 600, 1200),
            (-HOUR, 1200, 1800),
            (1800, 1800, 2400),
        ]
        assert story.of("first") == 1

    def test_what_lies_there_at_the_end_of_a_day(self, tell):
        """An hour each, in office hours. Monday's tickets of 15:30 (to 16:30, the next to 17:30), 16:45 and 18:00 leave
        two at midnight, the older 7 h 15 min old; done on Tuesday by 11:00. Two a day are done on average."""
        three, quarter = 15 * HOUR + 30 * MINUTE, 16 * HOUR + 45 * MINUTE
        story = tell("""
queues:
  mail: {channel: ticket, arrivals: {per_hour: 60}, handle_time: {constant: {mean: 1h}}}
groups: {desk: {takes: {mail: 1}, shifts: [{name: d, from: "09:00", to: "17:00", agents: 1}]}}
metrics: {first: {type: ticket_clock, metric: first_reply, target: 3h}}
""", end="2026-03-04", mail=[three, three + 10, quarter, 18 * HOUR])  # fmt: skip
        assert story.told("finished") == [
            (three + HOUR,), (three + 2 * HOUR,), (DAY + 10 * HOUR,), (DAY + 11 * HOUR,),
        ]  # fmt: skip
        days = [
            [
                day[name]["value"]
                for name in ("opening", "arrived", "completed", "closing", "oldest", "days_of_work")
            ]
            for day in story.summary["deferred"]["days"]
        ]
        assert days == [[0, 4, 2, 2, (DAY - quarter) * 1000, 1], [2, 0, 2, 0, 0, 0]]
        assert story.of("first") == 1 / 2
        assert story.elapsed("first")[2:] == [DAY + 10 * HOUR - quarter, 17 * HOUR]


class TestWhoTakesWhat:
    def test_attributes_decide_level_place_and_group(self, tell):
        """Six tickets at 0..5 while the clerk is at work until 100 and the engineers are off until 08:00."""
        story = tell("""
queues:
  calls: {arrivals: {per_hour: 60}, handle_time: {constant: {mean: 100s}}}
  mail:
    channel: ticket
    arrivals: {per_hour: 60}
    handle_time: {constant: {mean: 100s}}
    attributes: {priority: {urgent: 0.5, low: 0.5}, department: {billing: 0.6, technical: 0.4}}
    priority_by: {priority: {urgent: 1, low: 7}}
groups:
  clerks: {takes: {calls: 1, mail: {rank: 1, when: {department: [billing]}}}, staffing: 1}
  engineers:
    takes: {mail: {rank: 1, when: {department: [technical]}}}
    shifts: [{name: day, from: "08:00", to: "16:00", agents: 1}]
metrics:
  first: {queues: [mail], type: ticket_clock, metric: first_reply, target: 10h}
levels: {Urgent: {first: 4min}}
rules: {list: [{name: urgent, when: [{priority: urgent}], set_level: Urgent}]}
""", calls=[0], mail=[1, 2, 3, 4, 5, 6, 7, 8])  # fmt: skip
        draw = story.result.draw(0)
        assert draw.facts is not None
        facts = draw.facts
        told = {
            name: [facts.words[name][code] for code in facts.codes[name][1:]]
            for name in ("priority", "department")
        }
        wanted = []
        for who, department, free in (("clerks", "billing", 100), ("day 1", "technical", 8 * HOUR)):
            mine = [n for n in range(8) if told["department"][n] == department]
            assert {told["priority"][n] for n in mine} == {"urgent", "low"}
            order = sorted(mine, key=lambda n: (told["priority"][n] == "low", n))
            for place, n in enumerate(order):
                wanted.append((n + 1, who, free + 100 * place, told["priority"][n]))
        found = story.told("queue", "arrived", "who", "left")
        assert [f[1:] for f in found if f[0] == "mail"] == [w[:3] for w in sorted(wanted)]
        met = [left + 100 - at <= (240 if p == "urgent" else 36_000) for at, _, left, p in wanted]
        assert story.of("first") == np.mean(met)

    @pytest.mark.parametrize(("owner", "who", "at"), [
        ("sticky", "Ana", 4600), ("{keep: 5min}", "Bo", 4200), ("{keep: 0s}", "Bo", 3900),
    ])  # fmt: skip
    def test_the_owner_answers_again(self, tell, owner, who, at):
        """Ana writes at 0 and is on the phone from 3600 to 4600, when the customer (3900) is back. Bo is free."""
        story = tell(f"""
queues:
  calls: {{arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 1000s}}}}}}
  mail:
    channel: ticket
    arrivals: {{per_hour: 60}}
    handle_time: {{constant: {{mean: 300s}}}}
    replies: 2
    customer_answers_after: {{constant: {{mean: 1h}}}}
    owner: {owner}
groups:
  desk: {{takes: {{calls: 1, mail: 1}}, shifts: [{{name: d, from: "00:00", to: "12:00", people: [Ana, Bo]}}]}}
""", mail=[0], calls=[10, 3600])  # fmt: skip
        assert story.told("queue", "arrived", "who", "left") == [
            ("mail", 0, "Ana", 0),
            ("calls", 10, "Bo", 10),
            ("calls", 3600, "Ana", 3600),
            ("mail", 3900, who, at),
        ]

    def test_the_backup_takes_while_nobody_of_the_first_is_there(self, tell):
        """The writer works to 12:00. Until then the second ticket waits for him; at noon the backup takes the last,
        though the writer is still at work on the one before."""
        ten, noon = 10 * HOUR, 12 * HOUR
        story = tell("""
queues:
  mail: {channel: ticket, arrivals: {per_hour: 60}, handle_time: {constant: {mean: 10min}}}
groups:
  writers: {takes: {mail: 1}, shifts: [{name: d, from: "09:00", to: "12:00", people: [Ana]}]}
  backup:
    takes: {mail: {rank: 2, stands_in_for: writers}}
    shifts: [{name: d, from: "09:00", to: "18:00", people: [Bo]}]
""", mail=[ten, ten + 10, noon - 300, noon - 240])  # fmt: skip
        assert story.told("arrived", "who", "left") == [
            (ten, "Ana", ten),
            (ten + 10, "Ana", ten + 600),
            (noon - 300, "Ana", noon - 300),
            (noon - 240, "Bo", noon),
        ]
        [over] = story.summary["overflow"]
        assert (over["group"], over["contacts"], over["share"]) == ("backup", 1, 1 / 4)


class TestPullOrder:
    @pytest.mark.parametrize(("routing", "head_start", "order"), [
        ("longest_wait", "0s", ["a", "b"]),
        ("priority_then_longest_wait", "0s", ["b", "a"]),
        ("earliest_due", "0s", ["b", "a"]),
        ("least_slack", "0s", ["a", "b"]),
        ("{policy: weighted_wait, weights: {b: 3}}", "0s", ["b", "a"]),
        ("{policy: weighted_wait, weights: {b: 3}}", "5min", ["a", "b"]),
    ])  # fmt: skip
    def test_who_is_next(self, tell, routing, head_start, order):
        """At 600 a (3500 s of work, since 10, due in an hour at 3610) and b (60 s, since 400, due at 1000) wait.
        Slack 110 and 940 s; weighted waits 590 (with a head start 890) and 3 x 200 = 600."""
        priority = 5 if "weight" in routing or "due" in routing or "slack" in routing else 4
        story = tell(f"""
queues:
  a:
    channel: ticket
    arrivals: {{per_hour: 60}}
    handle_time: {{constant: {{mean: 3500s}}}}
    head_start: {head_start}
  b: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 60s}}}}, priority: {priority}}}
  first: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 600s}}}}, priority: 1}}
groups: {{desk: {{takes: {{first: 1, a: 1, b: 1}}, staffing: 1}}}}
routing: {routing}
metrics:
  a_first: {{queues: [a], type: ticket_clock, metric: first_reply, target: 1h}}
  b_first: {{queues: [b, first], type: ticket_clock, metric: first_reply, target: 10min}}
""", first=[0], a=[10], b=[400])  # fmt: skip
        found = sorted(story.told("left", "queue"))
        assert [queue for _, queue in found] == ["first", *order]
        assert [left for left, _ in found] == [0, 600, 600 + (3500 if order[0] == "a" else 60)]


class TestRemindersAndEscalations:
    DESK = """
queues:
  other: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 1h}}}}, priority: 3}}
  mail: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 100s}}}}}}
groups:
  desk: {{takes: {{other: 1, mail: 1}}, staffing: 1}}
  helpers: {{takes: {{mail: {{rank: 2, after: 20h}}}}, staffing: 1}}
metrics: {{first: {{queues: [mail], type: ticket_clock, metric: first_reply, target: 90min}}}}
{rest}
"""

    def test_a_reminder_moves_a_contact_up(self, tell):
        """Three of `other` (priority 3, an hour each) and mail (5) of 10, due at 5410: at 3600 `other` goes first; at
        4810 mail is reminded of, and goes first at 7200. Without the reminder it is last."""
        rest = "reminders: [{metric: first, before: 10m, effect: {priority: 1}}]"
        arrivals = {"other": [0, 5, 6], "mail": [10]}
        with_it = tell(self.DESK.format(rest=rest), **arrivals)
        assert sorted(with_it.told("left", "queue")) == [
            (0, "other"), (3600, "other"), (7200, "mail"), (7300, "other"),
        ]  # fmt: skip
        assert with_it.log.step_at.tolist() == [(10 + 5400 - 600) * 1000]
        off = tell(self.DESK.format(rest=rest), settings={"reminders.0.active": False}, **arrivals)
        assert sorted(off.told("left", "queue")) == [
            (0, "other"), (3600, "other"), (7200, "other"), (10_800, "mail"),
        ]  # fmt: skip
        assert off.log.step_at.size == 0

    @pytest.mark.parametrize(("at", "instant"), [
        ("at: due", 5410), ("at: '50 %'", 2710), ("before: 30m", 3610), ("at: {waited: 2m}", 130),
        ("after: 5m", 5710), ("at: {after: 5m}", 5710), ("at: {before: 30m}", 3610),
    ])  # fmt: skip
    def test_an_escalation_moves_a_contact_to_another_group(self, tell, at, instant):
        """Mail of 10 is due at 5410; the desk is at work for hours. Who helps takes it at the instant of the step."""
        rest = f"escalations: [{{metric: first, {at}, action: {{to_group: helpers}}}}]"
        story = tell(self.DESK.format(rest=rest), other=[0, 1, 2, 3], mail=[10])
        assert ("mail", "helpers", instant) in story.told("queue", "who", "left")
        assert story.of("first") == (1 if instant + 100 <= 5410 else 0)

    @pytest.mark.parametrize(("clock", "instant"), [
        ("business", 16 * HOUR + 45 * MINUTE), ("calendar", DAY + 8 * HOUR + 45 * MINUTE),
    ])  # fmt: skip
    def test_business_time_and_real_time_before_a_due_time(self, tell, clock, instant):
        """Monday's ticket of 16:00, an hour and a half promised: due on Tuesday at 09:30. 45 min of office hours before
        that is Monday 16:45, by the wall clock it is Tuesday 08:45. Until the step nobody takes it."""
        story = tell(f"""
calendars: {{office: {{weekly: {{mon-fri: ["09:00-17:00"]}}}}}}
queues:
  mail: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 60s}}}}}}
groups:
  desk: {{takes: {{mail: {{rank: 1, after: 99h}}}}, staffing: 1}}
metrics: {{first: {{type: ticket_clock, metric: first_reply, calendar: office, target: 90min}}}}
escalations: [{{metric: first, at: {{before: 45m}}, clock: {clock}, action: {{to_group: desk}}}}]
""", end="2026-03-04", mail=[16 * HOUR])  # fmt: skip
        assert story.told("left") == [(instant,)]


class TestNeverServed:
    """What could never be taken is told before anything is simulated."""

    DESK = """
queues:
  mail: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 60s}}}}}}
  calls: {{arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 60s}}}}, {calls}}}
groups:
  desk: {{takes: {{calls: 1, mail: {{rank: 2, {mail}}}}}, {agents}}}
"""
    THREE = 'shifts: [{name: d, from: "09:00", to: "12:00", people: [Ana, Bo, Cy]}]'

    @pytest.mark.parametrize(("mail", "agents", "path", "found"), [
        ("reserve: 2", "staffing: 2", "reserve", "nobody ever takes `mail`: `desk` keeps 2 free, and never has"),
        ("reserve: 3", THREE, "reserve", "never has more than 3"),
        ("max_occupancy: 33 %", THREE, "max_occupancy", "one of at most 3 agents of `desk` is more than 33 %"),
    ])  # fmt: skip
    def test_more_kept_free_than_there_are(self, mail, agents, path, found):
        with pytest.raises(InputError) as caught:
            self.load(mail=mail, agents=agents)
        [problem] = caught.value.problems
        assert (problem.path, problem.line) == (f"groups.desk.takes.mail.{path}", 10)
        assert found in problem.found

    @pytest.mark.parametrize(("mail", "agents"), [
        ("reserve: 1", "staffing: 1.5"), ("reserve: 2", THREE), ("max_occupancy: 34 %", THREE),
    ])  # fmt: skip
    def test_one_more_will_do(self, mail, agents):
        self.load(mail=mail, agents=agents)

    def test_another_group_will_do(self):
        text = self.DESK.format(mail="reserve: 2", agents="staffing: 2", calls="")
        load_text(
            HEADER.format(end="2026-03-03") + text + "  more: {takes: {mail: 1}, staffing: 1}\n"
        )

    def test_nobody_calls_again_where_nobody_gives_up(self):
        again = "redial: {chance: 0.5, after: {constant: {mean: 60s}}}"
        with pytest.raises(InputError, match=r"queues\.calls\.redial: .* nobody ever abandons"):
            self.load(calls=again)
        self.load(calls=f"{again}, hangs_up_at_once: 1 %")

    def load(self, mail="after: 0s", agents="staffing: 1", calls=""):
        return load_text(
            HEADER.format(end="2026-03-03")
            + self.DESK.format(mail=mail, agents=agents, calls=calls)
        )


class TestChats:
    CHATS = """
queues:
  chats:
    channel: chat
    arrivals: {{per_hour: 60}}
    handle_time: {{constant: {{mean: {work}}}}}
    {more}
groups: {{desk: {{takes: {{chats: 1}}, staffing: 1, chat_slots: 2, chat_slowdown: [1, 2]}}}}
"""

    def test_each_chat_slows_the_other_down(self, tell):
        """100 s of work each, at half the pace while two are in hand. A is alone to 50 and with B to 150 (A is done), B
        with C (who waited from 60) to 250, C alone to 300: 150 + 200 + 150 s in hand in 300 s."""
        story = tell(self.CHATS.format(work="100s", more=""), chats=[0, 50, 60])
        assert story.told("arrived", "left", "finished") == [
            (0, 0, 150),
            (50, 50, 250),
            (60, 150, 300),
        ]
        [hands] = story.summary["chats"]
        assert hands["concurrency"]["value"] == pytest.approx(500 / 300)
        assert hands["occupancy"]["value"] == pytest.approx(300 / DAY)
        assert hands["slot_utilisation"]["value"] == pytest.approx(500 / (2 * DAY))

    def test_measured_at_two_in_hand(self, tell):
        """200 s measured with two in hand are 100 s alone."""
        story = tell(self.CHATS.format(work="200s", more="handle_time_measured_at: 2"), chats=[0])
        assert story.told("left", "finished") == [(0, 100)]

    def test_patience_ends_with_the_answer_and_the_clock_with_the_first_message(self, tell):
        """The third waits from 60 and leaves at 90. The first message comes 20 s after a chat is taken."""
        more = "first_message_after: 20s\n    patience: {constant: {mean: 30s}}"
        story = tell(self.CHATS.format(work="100s", more=more), chats=[0, 50, 60])
        assert story.told("arrived", "outcome", "left") == [
            (0, "answered", 0), (50, "answered", 50), (60, "abandoned", 90),
        ]  # fmt: skip
        assert story.of("service_level", threshold="19s") == 0
        assert story.of("service_level", threshold="20s") == pytest.approx(2 / 3)
        assert story.of("asa") == 20_000


class TestBlending:
    FLOOR = """
calendars: {{noon: {{weekly: {{mon-sun: ["12:00-17:00"]}}}}}}
queues:
  calls: {{arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 60s}}}}, priority: 2}}
  mail: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 600s}}}}}}
groups: {{desk: {{takes: {{calls: 1, mail: {{rank: 2, {mail}}}}}, staffing: {agents}, switching_loss: {loss}}}}}
"""

    def floor(self, mail="after: 0s", agents=1, loss="0s"):
        return self.FLOOR.format(mail=mail, agents=agents, loss=loss)

    def test_calls_interrupt(self, tell):
        """100 of 600 s are done when the call comes at 100; the rest from 160 to 660."""
        story = tell(self.floor("preempt: true"), mail=[0], calls=[100])
        assert story.told("queue", "left", "finished") == [("mail", 0, 660), ("calls", 100, 160)]
        assert (story.log.cut_from.tolist(), story.log.cut_to.tolist()) == ([0], [100_000])
        assert story.of("occupancy") == pytest.approx(660 / DAY)
        assert story.of("aht", queue="mail") == 600_000

    def test_nobody_is_interrupted_otherwise(self, tell):
        story = tell(self.floor(), mail=[0], calls=[100])
        assert story.told("queue", "left", "finished") == [("mail", 0, 600), ("calls", 600, 660)]

    def test_a_reserve_stays_free(self, tell):
        """Of two agents one is kept for calls: the second ticket begins when the first is done."""
        story = tell(self.floor("reserve: 1", agents=2), mail=[0, 1], calls=[100])
        assert story.told("queue", "left") == [("mail", 0), ("mail", 600), ("calls", 100)]

    def test_no_more_than_half_may_be_busy(self, tell):
        """At 0 one of two; at 60 the call makes it two; at 600 the first ticket is done, and one of two begins."""
        story = tell(self.floor("max_occupancy: 50 %", agents=2), mail=[0, 1], calls=[590])
        assert story.told("queue", "left") == [("mail", 0), ("mail", 650), ("calls", 590)]

    def test_hours_of_its_own(self, tell):
        story = tell(self.floor("hours: noon"), mail=[36_000], calls=[36_000])
        assert story.told("queue", "left") == [("calls", 36_000), ("mail", 43_200)]

    def test_changing_the_channel_costs(self, tell):
        """Nothing for the first contact and the second call; 20 s for mail and for the call after it."""
        story = tell(self.floor(loss="20s"), calls=[0, 10, 800], mail=[20])
        assert story.told("queue", "left", "finished") == [
            ("calls", 0, 60), ("calls", 60, 120), ("mail", 120, 740), ("calls", 800, 880),
        ]  # fmt: skip


class TestPeople:
    DESK = """
queues:
  mail: {{channel: ticket, arrivals: {{per_hour: 60}}, handle_time: {{constant: {{mean: 600s}}}}}}
groups:
  desk:
    takes: {{mail: 1}}
    team: blue
    people: [Ana, {{name: Bo, speed: 2}}]
    shifts: [{{name: d, from: "09:00", to: "12:00", people: [Ana, Bo]}}]
    {more}
metrics: {{first: {{type: ticket_clock, metric: first_reply, target: 9min}}}}
"""
    NINE = 9 * HOUR

    def test_speed_and_what_each_has_done(self, tell):
        """Ana needs 600 s, Bo 300; Ana took one (beyond 9 min), Bo two in time."""
        story = tell(self.DESK.format(more=""), mail=[self.NINE, self.NINE + 10, self.NINE + 400])
        assert story.told("who", "left", "finished") == [
            ("Ana", self.NINE, self.NINE + 600),
            ("Bo", self.NINE + 10, self.NINE + 310),
            ("Bo", self.NINE + 400, self.NINE + 700),
        ]
        found = {one.name: one.contacts.value for one in sl.people(story.result)}
        assert found == {"Ana": 1, "Bo": 2}
        table = story.result.table("first", by="owner").set_index("owner")["value"]
        assert table.to_dict() == {"Ana": 0, "Bo": 1}
        team = story.result.table("first", by="team").set_index("team")["value"]
        assert team.to_dict() == {"blue": pytest.approx(2 / 3)}

    def test_late(self, tell):
        """All begin 15 min late."""
        more = "late_start: {chance: 1, by: {constant: {mean: 15min}}}"
        story = tell(self.DESK.format(more=more), mail=[self.NINE])
        assert story.told("left") == [(self.NINE + 900,)]

    def test_absent(self, tell):
        """Nobody comes, all week."""
        story = tell(self.DESK.format(more="absence: 1"), mail=[self.NINE])
        assert story.told("outcome", "left") == [("waiting", None)]
        assert story.of("first") == 0

    def test_overtime(self, tell):
        """A ticket of 11:58 keeps Ana until 12:08."""
        story = tell(self.DESK.format(more=""), mail=[12 * HOUR - 120])
        assert story.told("who", "finished") == [("Ana", 12 * HOUR + 480)]
        [over] = story.summary["overtime"]
        assert over["length"]["value"] == 480_000
