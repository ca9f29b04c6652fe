"""What follows contacts, what they are and what they are promised, is drawn here: laws, streams, lines and clocks."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from slasim.calendars import Calendar
from slasim.clock import DAY, HOUR, MINUTE
from slasim.contactlog import (
    ABANDONED,
    BLOCKED,
    CALL_BACK,
    CALLED_BACK,
    MESSAGE,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    VOICEMAIL,
)
from slasim.distributions import Constant, Exponential, Lognormal, Uniform
from slasim.draw import NEVER, Draw
from slasim.elapsed import due as due_instant
from slasim.errors import InputError
from slasim.floor import (
    BY_DUE,
    BY_SLACK,
    BY_WAIT,
    NONE,
    REPLY_CLOCK,
    ROOM,
    SOLVE_CLOCK,
    Floor,
    said_of_all,
)
from slasim.inputs.attributes import Described
from slasim.inputs.chains import (
    CallBacks,
    Following,
    HandOver,
    Manner,
    Redials,
    Repeats,
    Thread,
    Visitors,
    follow,
)
from slasim.inputs.chances import Chances
from slasim.inputs.people import Days
from slasim.inputs.rota import ByShifts, ShiftFacts, by_shifts
from slasim.inputs.sample import Plan, prepare
from slasim.inputs.touches import Touches
from slasim.inputs.windows import CalendarList
from slasim.scenario import Scenario, load_text
from slasim.scenario.counts import read_reply_count
from slasim.sla.clocks import run_clocks
from slasim.sla.events import CREATED, Column, EventTable
from slasim.sla.targets import EndOfNextBusinessDay, SameDayIfBefore

N = 20_000
CALLS, EXPERTS, MAIL = 0, 1, 2
MANNERS = (
    Manner("calls", Exponential(200_000.0), 200_000.0, wrap=0.25, patience=Exponential(120_000.0)),
    Manner("experts", Exponential(400_000.0), 400_000.0, patience=Exponential(60_000.0)),
    Manner("mail", Constant(300_000.0), 300_000.0),
)


class Laid:
    """Chains of N contacts of queue 0, each with a patience of 120 s on average."""

    def __init__(self, seed: int = 1, contacts: int = N, backlog: int = 0, **of: Any) -> None:
        chances = Chances(seed, 0, "calls", backlog)
        who = np.arange(contacts)
        patience = np.rint(chances.standard(Exponential(1.0), "patience", who) * 120_000).astype(
            np.int64
        )
        work = np.full(contacts, 200_000)
        leaves_as = np.full(contacts, ABANDONED, np.int8)
        sent = of.pop("voicemail_after", None)
        if sent is not None:
            leaves_as[patience > sent] = VOICEMAIL
            patience = np.minimum(patience, sent)
        touches = Touches(contacts)
        manners = (of.pop("manner", MANNERS[CALLS]), *MANNERS[1:])
        brought = of.pop("brought", {"wrap": 0})
        first = touches.add(
            who,
            queue=CALLS,
            purpose=0,
            arrival=who,
            work=work,
            patience=patience,
            leaves_as=leaves_as,
            **brought,
        )
        visitors = Visitors(
            queue=CALLS,
            chances=chances,
            touch=first,
            patience=patience,
            leaves_as=leaves_as,
            mean=lambda queue: MANNERS[queue].mean,
            patience_mean=120_000.0,
        )
        others = of.pop("others", {})
        following = [Following(**of), *(others.get(q, Following()) for q in (EXPERTS, MAIL))]
        follow(visitors, following, manners, touches)
        self.columns = touches.columns()
        self.contacts = contacts

    def __getattr__(self, name: str) -> Any:
        return self.columns[name]

    def with_purpose(self, purpose: int) -> Any:
        return np.flatnonzero(self.purpose == purpose)

    def sound(self) -> None:
        """Every link leads to a later touch of the same contact."""
        for name in ("after_answer", "after_loss", "after_late"):
            rows = np.flatnonzero(self.columns[name] != NONE)
            then = self.columns[name][rows]
            assert (self.contact[then] == self.contact[rows]).all()
            assert (self.touch[then] > self.touch[rows]).all()
            assert (then >= self.contacts).all()
        assert ((self.after_loss != NONE) == (self.loss_mask != 0)).all()
        assert ((self.after_late != NONE) == (self.late_after != NEVER)).all()
        released = [self.columns[name] for name in ("after_answer", "after_loss", "after_late")]
        seen = np.unique(np.concatenate(released))
        assert np.isin(np.arange(self.contacts, self.contact.size), seen).all()


class TestRedials:
    REDIAL = Redials(0.4, Exponential(900_000.0), 3, (ABANDONED, BLOCKED))

    def test_each_attempt_is_followed_with_the_chance_up_to_three_times(self) -> None:
        laid = Laid(redial=self.REDIAL)
        laid.sound()
        tries = np.bincount(laid.contact[laid.with_purpose(REDIAL)], minlength=N)
        expected = [0.6, 0.24, 0.096, 0.064]
        assert np.bincount(tries) / N == pytest.approx(expected, abs=0.012)
        assert set(laid.loss_mask.tolist()) == {0, 1 << ABANDONED | 1 << BLOCKED}

    def test_it_is_the_same_matter_with_a_patience_of_its_own_after_a_while(self) -> None:
        laid = Laid(redial=self.REDIAL)
        rows = laid.with_purpose(REDIAL)
        assert (laid.work[rows] == 200_000).all()
        assert laid.arrival[rows].mean() == pytest.approx(900_000, rel=0.03)
        assert laid.patience[rows].mean() == pytest.approx(120_000, rel=0.03)
        again = np.corrcoef(laid.patience[rows], laid.patience[laid.contact[rows]])[0, 1]
        assert abs(again) < 0.03

    def test_a_larger_chance_takes_everybody_whom_a_smaller_took(self) -> None:
        few = Laid(redial=Redials(0.3, Exponential(900_000.0), 2))
        many = Laid(redial=Redials(0.4, Exponential(900_000.0), 2))
        keep = {
            (c, t): (a, p)
            for c, t, a, p in zip(
                many.contact, many.touch, many.arrival, many.patience, strict=True
            )
        }
        rows = few.with_purpose(REDIAL)
        assert rows.size < many.with_purpose(REDIAL).size
        for row in rows.tolist():
            key = (few.contact[row], few.touch[row])
            assert keep[key] == (few.arrival[row], few.patience[row])

    @pytest.mark.parametrize("backlog", [0, 30])
    @pytest.mark.parametrize("after", [Exponential(9e5), Lognormal(9e5, 0.5)])
    @pytest.mark.parametrize("patience", [Exponential(1.2e5), Lognormal(1.2e5, 0.5), None])
    def test_all_attempts_are_what_the_chances_say_one_by_one(
        self, backlog: int, after: Any, patience: Any
    ) -> None:
        """With so high a chance there is not room for all at once."""
        contacts, at_most = 400, 6
        manner = replace(MANNERS[CALLS], patience=patience, hangs_up=0.1, voicemail_after=200_000)
        brought = {"wrap": np.arange(contacts) + 7, "greeting": np.arange(contacts) + 9}
        redial = Redials(0.9, after, at_most)
        laid = Laid(contacts=contacts, backlog=backlog, redial=redial, manner=manner, brought=brought)  # fmt: skip
        laid.sound()
        chances, who = Chances(1, 0, "calls", backlog), np.arange(contacts)
        before, number = who, contacts
        for attempt in range(1, at_most + 1):
            again = chances.decided("redial", who, 0.9, turn=attempt)
            who, before = who[again], before[again]
            rows = number + np.arange(who.size)
            patient = np.full(who.size, NEVER)
            if patience is not None:
                patient = chances.whole_ms(patience, "redial_patience", who, 1.2e5, turn=attempt)
            patient[chances.decided("redial_hangs_up", who, 0.1, turn=attempt)] = 0
            sent = patient > 200_000
            for name, expected in {
                "contact": who,
                "touch": np.full(who.size, attempt),
                "purpose": np.full(who.size, REDIAL),
                "arrival": chances.whole_ms(after, "redial_after", who, 9e5, turn=attempt),
                "patience": np.where(sent, 200_000, patient),
                "leaves_as": np.where(sent, VOICEMAIL, ABANDONED),
                "work": np.full(who.size, 200_000),
                "wrap": who + 7,
                "greeting": who + 9,
            }.items():
                assert np.array_equal(laid.columns[name][rows], expected), (name, attempt)
            assert np.array_equal(laid.after_loss[before], rows)
            assert (laid.loss_mask[before] == 1 << ABANDONED).all()
            before, number = rows, number + who.size
        assert number == laid.contact.size and who.size > 150
        assert (laid.after_loss[before] == NONE).all() and (laid.loss_mask[before] == 0).all()

    def test_more_contacts_and_a_backlog_change_nobody(self) -> None:
        small = Laid(contacts=1000, redial=self.REDIAL)
        for other, shift in ((Laid(contacts=1500, redial=self.REDIAL), 0), (Laid(
            contacts=1100, backlog=100, redial=self.REDIAL), 100)):  # fmt: skip
            mine = (other.contact >= shift) & (other.contact < 1000 + shift)
            order = np.lexsort((other.touch[mine], other.contact[mine]))
            base = np.lexsort((small.touch, small.contact))
            for name in ("arrival", "patience", "work", "purpose", "touch"):
                theirs, ours = other.columns[name][mine][order], small.columns[name][base]
                if name == "arrival":
                    follows = small.purpose[base] == REDIAL
                    theirs, ours = theirs[follows], ours[follows]
                assert theirs.tolist() == ours.tolist()


class TestCallBacksAndMessages:
    def test_who_would_wait_beyond_the_offer_accepts_with_the_chance(self) -> None:
        laid = Laid(call_back=CallBacks(60_000, 0.5))
        laid.sound()
        rows = laid.with_purpose(CALLED_BACK)
        assert rows.size / N == pytest.approx(0.5 * np.exp(-0.5), abs=0.012)
        before = laid.contact[rows]
        assert (laid.patience[before] == 60_000).all()
        assert (laid.leaves_as[before] == CALL_BACK).all()
        assert (laid.loss_mask[before] == 1 << CALL_BACK).all()
        assert (laid.after_loss[before] == rows).all()
        assert (laid.credit[rows] == 60_000).all() and (laid.arrival[rows] == 0).all()
        assert (laid.patience[rows] == NEVER).all()
        assert (laid.work[rows] == 200_000).all()

    def test_who_accepts_does_not_redial_and_has_one_call_back_whichever_attempt(self) -> None:
        laid = Laid(call_back=CallBacks(60_000, 0.5), redial=Redials(0.9, Constant(1000.0), 3))
        rows = laid.with_purpose(CALLED_BACK)
        assert np.unique(laid.contact[rows]).size == rows.size
        offered = laid.leaves_as == CALL_BACK
        assert (laid.purpose[laid.after_loss[offered]] == CALLED_BACK).all()
        redials = np.flatnonzero(offered & (laid.purpose == REDIAL))
        assert redials.size > 1000

    def test_a_message_is_dealt_with_in_the_other_queue(self) -> None:
        laid = Laid(voicemail_after=60_000, message_to=MAIL)
        laid.sound()
        rows = laid.with_purpose(MESSAGE)
        assert rows.size / N == pytest.approx(np.exp(-0.5), abs=0.012)
        assert (laid.queue[rows] == MAIL).all() and (laid.work[rows] == 300_000).all()
        assert (laid.loss_mask[laid.contact[rows]] == 1 << VOICEMAIL).all()


class TestHandingOn:
    def test_a_transfer_is_shared_by_all_attempts(self) -> None:
        laid = Laid(transfer=HandOver(0.2, EXPERTS), redial=Redials(0.5, Constant(1000.0), 2))
        laid.sound()
        rows = laid.with_purpose(TRANSFER)
        assert rows.size / N == pytest.approx(0.2, abs=0.01)
        assert np.unique(laid.contact[rows]).size == rows.size
        for before in (laid.contact[rows], *([laid.with_purpose(REDIAL)])):
            moved = laid.after_answer[before]
            some = moved != NONE
            assert np.isin(laid.contact[before][some], laid.contact[rows]).all()
            assert np.isin(laid.contact[before], laid.contact[rows]).tolist() == some.tolist()
        assert laid.work[rows].mean() == pytest.approx(400_000, rel=0.05)
        assert laid.patience[rows].mean() == pytest.approx(60_000, rel=0.05)

    def test_queues_hand_on_in_turn(self) -> None:
        laid = Laid(
            transfer=HandOver(0.5, EXPERTS),
            others={EXPERTS: Following(tier_2=HandOver(0.4, MAIL))},
        )
        laid.sound()
        second = laid.with_purpose(TIER_2)
        assert second.size / N == pytest.approx(0.2, abs=0.01)
        assert (laid.queue[second] == MAIL).all()
        assert np.isin(second, laid.after_answer[laid.with_purpose(TRANSFER)]).all()


class TestThreads:
    def test_replies_reopenings_and_who_answers(self) -> None:
        thread = Thread(
            read_reply_count({"geometric": {"mean": 1.6}}).at, Exponential(5.0 * HOUR), 0.1, Exponential(1.0 * DAY)
        )  # fmt: skip
        laid = Laid(thread=thread, tier_2=HandOver(0.15, MAIL), keeps_owner=DAY)
        laid.sound()
        replies, back = laid.with_purpose(REPLY), laid.with_purpose(REOPEN)
        assert replies.size / N == pytest.approx(0.6, abs=0.03)
        assert back.size / N == pytest.approx(0.1, abs=0.01)
        assert laid.arrival[replies].mean() == pytest.approx(5 * HOUR, rel=0.05)
        assert laid.arrival[back].mean() == pytest.approx(DAY, rel=0.06)
        assert (laid.keeps_owner[replies] == DAY).all() and laid.keeps_owner[:N].sum() == 0
        handed = np.isin(laid.contact[replies], laid.contact[laid.with_purpose(TIER_2)])
        assert set(laid.queue[replies][handed].tolist()) == {MAIL}
        assert set(laid.queue[replies][~handed].tolist()) == {CALLS}
        # a reopening comes after the last reply, whichever that is
        assert (laid.after_answer[back] == NONE).all()

    def test_a_longer_thread_begins_with_the_shorter_one(self) -> None:
        short, long = (
            Laid(
                thread=Thread(read_reply_count({"geometric": {"mean": mean}}).at, Exponential(1e6))
            )
            for mean in (1.6, 2.0)
        )
        columns = (long.contact, long.touch, long.arrival, long.work)
        found = {(c, t): (a, w) for c, t, a, w in zip(*columns, strict=True)}
        assert short.contact.size < long.contact.size
        for row in short.with_purpose(REPLY).tolist():
            key = (short.contact[row], short.touch[row])
            assert found[key] == (short.arrival[row], short.work[row])


class TestRepeats:
    def test_late_ones_repeat_more_often(self) -> None:
        laid = Laid(repeat=Repeats(0.1, Exponential(3e6), 2, 4 * HOUR, 0.3))
        laid.sound()
        anyway = laid.after_answer[:N] != NONE
        late = laid.after_late[:N] != NONE
        assert anyway.mean() == pytest.approx(0.1, abs=0.008)
        assert late.mean() == pytest.approx(0.2, abs=0.01)
        assert not (anyway & late).any()
        assert set(laid.late_after[:N][late].tolist()) == {4 * HOUR}
        rows = laid.with_purpose(REPEAT)
        assert np.bincount(laid.contact[rows], minlength=N).max() == 2
        assert laid.visit[rows].tolist() == laid.touch[rows].tolist()

    def test_a_repeat_may_redial(self) -> None:
        laid = Laid(repeat=Repeats(0.5, Constant(1.0)), redial=Redials(0.5, Constant(1.0), 1))
        rows = np.flatnonzero((laid.purpose == REDIAL) & (laid.visit == 1))
        assert rows.size / N == pytest.approx(0.25, abs=0.015)
        before = np.flatnonzero(np.isin(laid.after_loss, rows))
        assert (laid.purpose[before] == REPEAT).all()
        assert (laid.work[rows] == laid.work[before[np.argsort(laid.after_loss[before])]]).all()


class TestAttributes:
    DESCRIBED = Described(
        {"priority": {"low": 0.2, "high": 0.8}, "product": {"a": 0.5, "b": 0.3, "c": 0.2}},
        {"URGENT": 0.25, "vip": 0.5},
        frozenset({"priority", "tags"}),
    )

    def test_shares_and_independence(self) -> None:
        codes = self.DESCRIBED.draw(Chances(1, 0, "mail"), N)
        assert np.bincount(codes["priority"]) / N == pytest.approx([0.2, 0.8], abs=0.01)
        assert np.bincount(codes["product"]) / N == pytest.approx([0.5, 0.3, 0.2], abs=0.012)
        assert self.DESCRIBED.words["tags"] == ("URGENT", "vip", "URGENT;vip")
        sets = np.bincount(codes["tags"] + 1) / N
        assert sets == pytest.approx([0.375, 0.125, 0.375, 0.125], abs=0.012)
        assert abs(np.corrcoef(codes["priority"], codes["product"])[0, 1]) < 0.03

    def test_a_class_is_what_somebody_reads(self) -> None:
        classes = self.DESCRIBED.classes
        assert classes.count == 8
        codes = self.DESCRIBED.draw(Chances(1, 0, "mail"), 500)
        number = self.DESCRIBED.class_of(codes, 500)
        assert (classes.codes("priority")[number] == codes["priority"]).all()
        assert (classes.codes("tags")[number] - 1 == codes["tags"]).all()
        high = classes.fits("priority", ["high"])[number]
        assert (high == (codes["priority"] == 1)).all()
        urgent = classes.fits("tags", ["URGENT"])[number]
        assert (urgent == np.isin(codes["tags"], [0, 2])).all()
        assert classes.fits("department", ["sales"]).all()  # nobody here has one

    def test_a_changed_share_moves_only_those_at_its_edge(self) -> None:
        more = Described({"priority": {"low": 0.3, "high": 0.7}}, {}, frozenset())
        before = self.DESCRIBED.draw(Chances(1, 0, "mail"), N)["priority"]
        after = more.draw(Chances(1, 0, "mail"), N)["priority"]
        assert (after <= before).all() and 0.08 < (after != before).mean() < 0.12

    def test_too_many_combinations_are_told(self) -> None:
        many = {f"a{n}": {str(v): 0.1 for v in range(10)} for n in range(6)}
        with pytest.raises(ValueError, match="1,000,000 kinds of contact"):
            Described(many, {}, frozenset(many))


# ------------------------------------------------------------------ from a scenario

DESK = """
name: Desk
start: 2026-03-02
end: 2026-03-23
timezone: Europe/Bucharest
calendars:
  phones: {weekly: {mon-fri: ["08:00-20:00"], sat: ["09:00-14:00"]}}
  office: {weekly: {mon-fri: ["09:00-18:00"]}, holidays: ["2026-03-09"]}
queues:
  calls:
    calendar: phones
    arrivals: {per_hour: 60}
    handle_time: {exponential: {mean: 260s}}
    patience: {exponential: {mean: 4min}}
    call_back: {offer_after: 2min, accept: 0.4, within: 1h, priority: 2}
    voicemail_after: 10min
    voicemail_to: email
  chat:
    channel: chat
    calendar: phones
    arrivals: {per_hour: 20}
    handle_time: {gamma: {mean: 8min, cv: 0.6}}
    handle_time_measured_at: 1.8
    first_message_after: {exponential: {mean: 20s}}
    patience: {exponential: {mean: 3min}}
  email:
    channel: ticket
    arrivals: {per_day: {mon-fri: 200, sat: 50, sun: 20}}
    handle_time: {lognormal: {mean: 6min, cv: 1.1}}
    replies: {geometric: {mean: 1.6}}
    customer_answers_after: {lognormal: {mean: 5h, cv: 1.5}}
    backlog_at_start: {tickets: 40, oldest: 20h}
    attributes:
      priority: {low: 0.2, normal: 0.6, high: 0.15, urgent: 0.05}
      tags: {URGENT: 0.05}
      department: {billing: 0.7, technical: 0.3}
    priority_by: {priority: {urgent: 1, high: 3}}
    owner: sticky
    tier_2: {queue: experts_work, chance: 0.15, ola: 1d, day_means: 9h, calendar: office}
  experts_work: {channel: ticket, handle_time: {lognormal: {mean: 25min, cv: 0.8}}}
groups:
  front: {takes: {calls: 1}, staffing: 6, calendar: phones}
  flexible:
    takes:
      calls: {rank: 2, stands_in_for: front}
      chat: {rank: 1, reserve: 1}
      email: {rank: 4, preempt: true, max_occupancy: 0.9, when: {department: [billing]}}
    staffing: 5
    calendar: phones
    chat_slots: 3
    chat_slowdown: [1.0, 1.25, 1.6]
    switching_loss: 5s
  experts:
    takes: {experts_work: 1, email: {rank: 3, hours: office}}
    shifts: [{name: day, days: mon-fri, from: "09:00", to: "18:00", agents: 4}]
    calendar: office
metrics:
  first_reply:
    type: ticket_clock
    metric: first_reply
    calendar: office
    target_by: {priority: {urgent: 1h, high: 4h, normal: 8h}}
  next_reply:
    {type: ticket_clock, metric: next_reply, calendar: office, target: {by: end_of_next_business_day}}
  resolution:
    {queues: [email], type: ticket_clock, metric: requester_wait, calendar: office, target: 3d, day_means: 9h}
levels: {Urgent: {first_reply: 30min, next_reply: 30min}, Late: {first_reply: {by: end_of_next_business_day}}}
rules:
  list:
    - {name: urgent tag, when: [{tags_contains: URGENT}], set_level: Urgent, stop: true}
    - {name: low and late, when: [{priority: low, created_after: "2026-03-12 12:00"}], set_level: Late}
reminders: [{metric: first_reply, before: [60m], effect: {priority: 2}}]
escalations:
  - {metric: first_reply, at: due, action: {to_group: experts, priority: 1}}
  - {metric: resolution, at: "80%", action: {priority: 3}}
"""


def plan_of(**changes: Any) -> tuple[Scenario, Plan]:
    scenario = load_text(DESK)
    if changes:
        scenario = scenario.but({key.replace("__", "."): value for key, value in changes.items()})
    return scenario, prepare(scenario)


@pytest.fixture(scope="module")
def desk() -> tuple[Scenario, Plan, Draw, Floor]:
    scenario, plan = plan_of()
    draw = plan.sample(1, 0)
    assert draw.floor is not None
    return scenario, plan, draw, draw.floor


Q = {name: q for q, name in enumerate(("calls", "chat", "email", "experts_work"))}


class TestTheWholeDraw:
    def test_columns_have_one_entry_per_touch_and_the_floors_types(self, desk: Any) -> None:
        _, _, draw, floor = desk
        plain = Floor.plain(draw.table, draw.first, 0)
        for f in fields(Floor):
            mine, theirs = getattr(floor, f.name), getattr(plain, f.name)
            assert mine.dtype == theirs.dtype, f.name
            assert mine.ndim == theirs.ndim, f.name
            assert mine.flags.c_contiguous or said_of_all(mine) is not None, f.name
        for name in ("arrival", "work", "wrap", "patience", "leaves_as"):
            assert getattr(draw, name).size == floor.contact.size
        assert draw.leaves_as.dtype == np.int8
        assert (draw.wrap <= draw.work).all()
        assert (floor.line_queue[floor.line] == floor.queue).all()
        assert draw.facts is not None
        assert {column.size for column in draw.facts.codes.values()} == {int(draw.first[-1])}

    def test_the_same_seed_gives_the_same_draw_and_another_does_not(self, desk: Any) -> None:
        _, plan, draw, _ = desk
        assert plan_of()[1].sample(1, 0) == draw
        assert plan.sample(1, 1) != draw and plan.sample(2, 0) != draw

    def test_first_contacts_are_those_of_the_lean_path(self) -> None:
        """What follows changes no first contact: the same callers with and without."""
        lean = load_text(DESK.split("    call_back:")[0] + """
groups: {front: {takes: {calls: 1}, staffing: 6, calendar: phones}}
""")  # fmt: skip
        few, many = prepare(lean).sample(5, 2), plan_of()[1].sample(5, 2)
        assert few.floor is None and few.facts is None
        n = int(few.first[1])
        assert few.arrival.tolist() == many.arrival[:n].tolist()
        assert few.work.tolist() == many.work[:n].tolist()
        back = many.leaves_as[:n] == CALL_BACK
        assert back.any()
        cut = np.minimum(few.patience[~back], 10 * MINUTE)
        assert cut.tolist() == many.patience[:n][~back].tolist()

    @pytest.mark.parametrize(
        "changes",
        [
            {"queues__calls__volume": "+30%"},
            {"queues__calls__call_back__accept": 0.9},
            {"queues__chat__handle_time": {"exponential": {"mean": "1min"}}},
        ],
    )
    def test_one_queues_changes_leave_the_others_alone(self, desk: Any, changes: Any) -> None:
        _, _, draw, floor = desk
        other = plan_of(**changes)[1].sample(1, 0)
        assert other.floor is not None

        def email(d: Draw, f: Floor) -> list[Any]:
            a, b = int(d.first[Q["email"]]), int(d.first[Q["email"] + 1])
            mine = (f.contact >= a) & (f.contact < b)
            order = np.lexsort((f.touch[mine], f.contact[mine]))
            columns = (f.contact - a, f.touch, d.arrival, d.work, f.purpose, f.reply_target, f.plan)
            return [column[mine][order].tolist() for column in columns]

        assert email(other, other.floor) == email(draw, floor)

    def test_the_backlog_is_evenly_aged_and_comes_before_the_start(self, desk: Any) -> None:
        draw = desk[2]
        a, b = draw.first[Q["email"]], draw.first[Q["email"] + 1]
        arrival = draw.arrival[a:b]
        assert (np.diff(arrival) >= 0).all()
        assert arrival[:40].tolist() == [-HOUR // 2 * (40 - n) for n in range(40)]
        assert (arrival[40:] >= 0).all()
        without = plan_of(queues__email__backlog_at_start=None)[1].sample(1, 0)
        begin = int(without.first[Q["email"]])
        assert without.arrival[begin : begin + 500].tolist() == arrival[40:540].tolist()
        assert without.work[begin : begin + 500].tolist() == draw.work[a + 40 : a + 540].tolist()

    def test_a_chat_is_measured_beside_others_and_greeted(self, desk: Any) -> None:
        _, plan, _, _ = desk
        assert plan.queues[Q["chat"]].mean == pytest.approx(8 * MINUTE / 1.2)
        drawn = [plan.sample(1, r) for r in range(5)]
        greeting = np.concatenate(
            [d.floor.greeting[d.first[1] : d.first[2]] for d in drawn if d.floor]
        )
        assert greeting.mean() == pytest.approx(20_000, rel=0.05)
        work = np.concatenate([d.work[d.first[1] : d.first[2]] for d in drawn])
        assert work.mean() == pytest.approx(400_000, rel=0.03)

    def test_volume_that_counts_attempts_is_brought_down_by_the_share(self) -> None:
        redial = {"chance": 0.3, "after": {"exponential": {"mean": "15min"}}}
        scenario, plan = plan_of(queues__calls__redial=redial)
        assert plan.attempts == ("calls",)
        less = prepare(scenario, first_share={"calls": 0.5})
        whole, half = plan.queues[0].pieces.volume, less.queues[0].pieces.volume
        assert half.tolist() == pytest.approx((whole / 2).tolist())
        assert plan_of(queues__calls__counts="first_attempts")[1].attempts == ()


class TestLines:
    def test_a_class_waits_where_the_groups_that_may_take_it_look(self, desk: Any) -> None:
        _, _, draw, floor = desk
        facts = draw.facts
        first = slice(int(draw.first[Q["email"]]), int(draw.first[Q["email"] + 1]))
        line = floor.line[first]
        billing = facts.codes["department"][first] == facts.words["department"].index("billing")
        assert ((draw.table.opens[line, 1] < NEVER) == billing).all()
        assert (draw.table.opens[line, 2] == 0).all()
        urgent = facts.codes["priority"][first] == facts.words["priority"].index("urgent")
        high = facts.codes["priority"][first] == facts.words["priority"].index("high")
        place = np.where(urgent, 1, np.where(high, 3, 5))
        assert (draw.table.priority[line] == place).all()

    def test_what_stands_at_takes_stands_at_its_lines(self, desk: Any) -> None:
        _, _, draw, floor = desk
        email, chat = floor.line_queue == Q["email"], floor.line_queue == Q["chat"]
        may = draw.table.opens < NEVER
        assert (floor.preempt[:, 1] == (email & may[:, 1])).all()
        assert set(floor.most_busy[email & may[:, 1], 1].tolist()) == {900_000}
        calls = floor.line_queue == Q["calls"]
        assert (floor.stands_in[calls] == [NONE, 0, NONE]).all()
        assert (floor.stands_in[~calls] == NONE).all()
        assert (floor.load[chat, 1] == ROOM // 3).all() and (floor.load[~chat] == ROOM).all()
        assert floor.pace.tolist()[1] == [1_000_000, 1_000_000, 800_000, 625_000]
        assert floor.shares.tolist() == [0, 1, 0]
        assert floor.switching_loss.tolist() == [0, 5000, 0]
        office = floor.hours[email & (floor.hours[:, 2] != NONE), 2]
        assert office.size and (office == office[0]).all()
        k = int(office[0])
        opens = floor.window_open[floor.window_first[k] : floor.window_first[k + 1]]
        assert floor.looks.tolist() == opens.tolist()

    def test_call_backs_have_a_line_of_their_own(self, desk: Any) -> None:
        _, _, draw, floor = desk
        back = floor.line[floor.purpose == CALLED_BACK]
        assert back.size and (draw.table.priority[back] == 2).all()
        assert (draw.table.priority[floor.line[: draw.first[1]]] == 5).all()

    def test_steps_lead_to_lines_that_exist_and_stay_in_the_queue(self, desk: Any) -> None:
        _, _, draw, floor = desk
        to = floor.step_to
        assert to.shape == (floor.step_clock.size, floor.line_queue.size)
        assert ((to >= 0) & (to < floor.line_queue.size)).all()
        assert (floor.line_queue[to] == floor.line_queue).all()
        step = int(np.flatnonzero((floor.step_clock == REPLY_CLOCK) & (floor.step_offset == 0))[0])
        email = np.flatnonzero(floor.line_queue == Q["email"])
        alone = to[step, email]
        assert (draw.table.priority[alone] == 1).all()
        assert (draw.table.opens[alone] == [NEVER, NEVER, 0]).all()
        assert (to[step, alone] == alone).all()

    def test_a_policy_that_ignores_priorities_still_does(self) -> None:
        _, plan = plan_of(routing="longest_wait")
        assert set(plan.table.priority.tolist()) == {5}

    @pytest.mark.parametrize(("policy", "order"), [("earliest_due", BY_DUE), ("least_slack", BY_SLACK)])  # fmt: skip
    def test_tickets_stand_by_their_own_clock(self, policy: str, order: int) -> None:
        targets = {"calls": "20s", "chat": "1min", "experts_work": "1h"}
        scenario = load_text(DESK)
        try:
            scenario = scenario.but({"routing": {"policy": policy, "targets": targets}})
        except InputError as error:
            pytest.fail(str(error))
        draw = prepare(scenario).sample(1, 0)
        assert draw.floor is not None
        clocked = np.isin(draw.floor.line_queue, [Q["email"], Q["experts_work"]])
        assert draw.floor.order.tolist() == np.where(clocked, order, BY_WAIT).tolist()
        assert draw.table.head_start[draw.floor.line_queue == Q["calls"]].max() <= 260_000 - 20_000
        assert (draw.table.head_start[clocked] == 0).all()
        work = draw.floor.slack[draw.floor.line_queue == Q["experts_work"]]
        assert (work == 25 * MINUTE).all()

    def test_a_step_to_nobody_is_told(self) -> None:
        plain = DESK.replace("to_group: experts", "to_group: expert")
        with pytest.raises(InputError, match="expert"):
            prepare(load_text(plain))


class TestPromises:
    def test_targets_are_those_of_the_clocks_that_judge_afterwards(self, desk: Any) -> None:
        """Every ticket's due instants, from its Floor and from an event table of the same tickets."""
        scenario, _, draw, floor = desk
        first = np.arange(draw.first[Q["email"]], draw.first[Q["email"] + 1])
        n = first.size
        attributes = {
            name: Column(codes[first], draw.facts.words[name])
            for name, codes in draw.facts.codes.items()
        }
        attributes["queue"] = Column(np.zeros(n, np.int32), ("email",))
        events = EventTable.of(
            np.arange(n),
            draw.arrival[first] + scenario.start_ms,
            np.full(n, CREATED, np.int8),
            np.full(n, -1, np.int32),
            attributes=attributes,
        )
        clocks = run_clocks(events, scenario.policy, until=scenario.start_ms + 40 * DAY)
        windows = (floor.window_first, floor.window_open, floor.window_close, floor.window_before)
        for metric, column in (("first_reply", "reply"), ("resolution", "solve")):
            mine = clocks.only(clocks.metric == clocks.metrics.index(metric))
            target = getattr(floor, f"{column}_target")[first]
            calendar = getattr(floor, f"{column}_calendar")[first]
            timed = np.flatnonzero(target < NEVER)
            assert timed.tolist() == mine.ticket.tolist()
            due = [
                due_instant(int(draw.arrival[first[i]]), int(target[i]), int(calendar[i]), *windows)
                for i in timed
            ]
            assert (np.array(due) + scenario.start_ms).tolist() == mine.due_at.tolist()
        low = draw.facts.codes["priority"][first] == draw.facts.words["priority"].index("low")
        reply = floor.reply_target[first]
        plain = low & (draw.facts.codes["tags"][first] == -1)
        before = draw.arrival[first] < 10 * DAY
        assert (reply[plain & before] == NEVER).all() and (reply[plain & before]).size > 20
        late = plain & (draw.arrival[first] > 11 * DAY)
        assert np.unique(reply[late]).size > 20  # each to the end of its own next business day
        assert (floor.solve_pauses[first] == 1).all()

    def test_later_replies_and_the_second_line_have_clocks_of_their_own(self, desk: Any) -> None:
        _, _, draw, floor = desk
        urgent = draw.facts.codes["tags"][floor.contact] == 0
        replies = floor.purpose == REPLY
        assert set(floor.reply_target[replies & urgent].tolist()) == {30 * MINUTE}
        assert set(floor.reply_target[replies & ~urgent].tolist()) == {3}
        second = floor.purpose == TIER_2
        assert set(floor.reply_target[second].tolist()) == {9 * HOUR}
        assert (floor.reply_target[floor.purpose == CALLED_BACK] == NEVER).all()
        message = floor.purpose == MESSAGE
        assert (
            message.any() and (floor.reply_target[message] == NEVER).all()
        )  # no priority, no level
        assert (floor.solve_target[message] == 27 * HOUR).all()

    def test_steps_are_offsets_from_due_in_business_time(self, desk: Any) -> None:
        _, _, draw, floor = desk

        def steps(touch: int) -> list[tuple[int, int, int]]:
            p = int(floor.plan[touch])
            here = slice(int(floor.plan_first[p]), int(floor.plan_first[p + 1]))
            columns = (floor.step_clock, floor.step_offset, floor.step_business)
            return list(zip(*(column[here].tolist() for column in columns), strict=True))

        first = np.arange(draw.first[Q["email"]], draw.first[Q["email"] + 1])
        timed = first[floor.reply_target[first] == 4 * HOUR][0]
        resolution = (SOLVE_CLOCK, round(-0.2 * 27 * HOUR), 1)
        reply = [(REPLY_CLOCK, -HOUR, 1), (REPLY_CLOCK, 0, 1)]
        assert steps(int(timed)) == [*reply, resolution]
        untimed = first[floor.reply_target[first] == NEVER][0]
        assert steps(int(untimed)) == [resolution]
        assert (floor.plan[: draw.first[1]] == NONE).all()
        follow_up = int(np.flatnonzero(floor.purpose == REPLY)[0])
        assert steps(follow_up) == [resolution]

    def test_what_is_switched_off_moves_nothing(self) -> None:
        plain = DESK.replace("{metric: resolution, at:", "{metric: resolution, active: false, at:")
        draw = prepare(load_text(plain)).sample(1, 0)
        assert draw.floor is not None
        assert SOLVE_CLOCK not in draw.floor.step_clock.tolist()

    def test_a_share_of_a_point_of_the_calendar_is_refused(self) -> None:
        plain = DESK.replace('{metric: resolution, at: "80%"', '{metric: next_reply, at: "80%"')
        with pytest.raises(InputError, match="point of the calendar"):
            prepare(load_text(plain))


class TestPointsOfTheCalendar:
    """A clock whose start nobody knows beforehand counts on a calendar made for it."""

    OFFICE = Calendar.from_plain(
        {"weekly": {"mon-thu": ["09:00-12:00", "13:00-18:00"], "fri": ["09:00-16:00"]}, "holidays": ["2026-03-10"]},
        timezone="Europe/Bucharest",
    )  # fmt: skip
    START = 1_772_402_400_000  # 2026-03-02, 00:00

    def due(self, target: Any, starts: Any) -> tuple[Any, Any]:
        listed = CalendarList(self.START, -DAY, 60 * DAY)
        number, ms = listed.point(self.OFFICE, target)
        w = listed.windows()
        found = [
            due_instant(int(t), ms, number, w.first, w.open, w.close, w.before) for t in starts
        ]
        exact = target.points(self.OFFICE, starts + self.START)
        return np.array(found) + self.START, exact

    def test_end_of_the_next_business_day_to_the_business_second(self) -> None:
        starts = np.arange(0, 35 * DAY, 17 * MINUTE)
        found, exact = self.due(EndOfNextBusinessDay(), starts)
        assert (found >= exact).all()
        between = self.OFFICE.elapsed(exact, found)
        assert between.max() == 0
        inside = self.OFFICE.is_open(starts + self.START)
        assert inside.any() and (found[inside] == exact[inside]).all()

    def test_same_day_if_before_errs_only_between_cut_off_and_closing(self) -> None:
        starts = np.arange(0, 35 * DAY, 17 * MINUTE)
        found, exact = self.due(SameDayIfBefore(15 * HOUR), starts)
        early = self.OFFICE.elapsed(found, exact)
        local = (starts // MINUTE) % (24 * 60)  # no clock change before the last Sunday of March
        odd = (local >= 15 * 60) & self.OFFICE.is_open(starts + self.START)
        assert (early[~odd & (starts < 25 * DAY)] == 0).all()
        assert (early[odd] >= 0).all() and early.max() <= 3 * HOUR


# ------------------------------------------------------------------ people


def shifts(agents: int = 10, people: tuple[str, ...] = (), **own: Any) -> ByShifts:
    breaks = ((0, 15 * MINUTE), (4 * HOUR, 30 * MINUTE))
    shift = ShiftFacts("early", tuple(range(5)), 8 * HOUR, 8 * HOUR, breaks, agents, 1.0)
    team = (
        [ShiftFacts("named", tuple(range(7)), 9 * HOUR, HOUR, (), len(people), 1.0, tuple(range(len(people))))]
        if people
        else []
    )  # fmt: skip
    return by_shifts(
        "front", [*team, shift], Calendar.always("UTC"), attendance=1.0, start_ms=0, since=0,
        until=200 * DAY, timezone="UTC", people=people, own=Days(**own),
    )  # fmt: skip


class TestPeople:
    from slasim.inputs.doubt import Doubt

    def stints(self, plan: ByShifts, replication: int = 0) -> Any:
        return plan.draw(1, replication, self.Doubt())

    def test_each_is_absent_on_the_share_of_days_on_his_own(self) -> None:
        plan = shifts(absence=0.1)
        assert plan.settled is None
        found = self.stints(plan)
        whole = plan.agent.size
        assert found.agent.size / whole == pytest.approx(0.9, abs=0.025)
        by_agent = np.bincount(found.agent, minlength=10) / np.bincount(plan.agent)
        assert by_agent.min() > 0.8 and by_agent.std() > 0.005
        assert found.break_first[-1] == 2 * found.agent.size

    def test_one_agent_more_changes_nobodys_days(self) -> None:
        few, many = self.stints(shifts(10, absence=0.2)), self.stints(shifts(12, absence=0.2))
        for agent in range(10):
            mine = few.begin[few.agent == agent].tolist()
            assert mine == many.begin[many.agent == agent].tolist()

    def test_a_late_stint_loses_its_beginning_and_the_breaks_in_it(self) -> None:
        plan = shifts(late_chance=0.25, late_by=Uniform(0.0, 2.0 * HOUR))
        found = self.stints(plan)
        on_time = (found.begin - 8 * HOUR) % DAY == 0
        assert on_time.mean() == pytest.approx(0.75, abs=0.03)
        late = ((found.begin - 8 * HOUR) % DAY)[~on_time]
        assert late.mean() == pytest.approx(HOUR, rel=0.08) and late.max() < 2 * HOUR
        assert (np.diff(found.begin) >= 0).all()
        breaks = np.diff(found.break_first)
        assert (breaks[on_time] == 2).all() and (breaks[~on_time] == 1).all()
        of = np.repeat(np.arange(found.agent.size), breaks)
        assert (found.break_at >= found.begin[of]).all() and (found.break_at < found.end[of]).all()

    def test_who_is_later_than_the_shift_is_long_does_not_come(self) -> None:
        found = self.stints(shifts(late_chance=1.0, late_by=Constant(9.0 * HOUR)))
        assert found.agent.size == 0 and found.break_first.tolist() == [0]

    def test_named_people_come_first_and_keep_their_names(self) -> None:
        plan = shifts(2, people=("Ana", "Bo"))
        assert plan.names == ("Ana", "Bo", "early 1", "early 2")
        named = plan.agent[(plan.begin - 9 * HOUR) % DAY == 0]
        assert set(named.tolist()) == {0, 1}
        assert plan.settled is not None

    def test_agents_of_a_scenario(self) -> None:
        text = """
name: Shifts
start: 2026-03-02
end: 2026-03-09
queues: {calls: {arrivals: {per_hour: 5}, aht: 200s}}
groups:
  front:
    takes: {calls: 1}
    team: north
    people: [{name: Ana, speed: 1.25}, Bo]
    shifts:
      - {name: early, from: "08:00", to: "16:00", people: [Bo, Ana]}
      - {name: late, from: "12:00", to: "20:00", agents: 2}
  back: {takes: {calls: 2}, staffing: 3}
"""
        plan = prepare(load_text(text))
        assert [a.name for a in plan.agents] == ["Ana", "Bo", "late 1", "late 2"]
        assert {(a.group, a.team) for a in plan.agents} == {("front", "north")}
        draw = plan.sample(1, 0)
        assert draw.agent_group.size == len(plan.agents)
        assert draw.floor is not None
        assert draw.floor.agent_speed.tolist() == [1_250_000, 1_000_000, 1_000_000, 1_000_000]
