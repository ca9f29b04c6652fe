"""The whole operation in two engines: short stories worked by hand, days made up by chance, planted mistakes.

Chats side by side, interruptions, chains of touches, owners, clocks that steer; and what must hold whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numba
import numpy as np
import pytest
from draws import random_draw
from floors import Follow, a_floor, logged, one_floor, plain_floor, without_more
from hypothesis import given, settings
from hypothesis import strategies as st

from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALL_BACK,
    CALLED_BACK,
    NOBODY,
    NOT_YET,
    OUTCOMES,
    PURPOSES,
    REPLY,
    TIER_2,
    WAITING,
    ContactLog,
)  # fmt: skip
from slasim.draw import NEVER, Draw
from slasim.engine import engine, fast, opening, reference, whole
from slasim.engine.centre import ITEMS
from slasim.floor import (
    BY_DUE,
    BY_SLACK,
    NONE,
    PACE_ONE,
    REPLY_CLOCK,
    ROOM,
    SOLVE_CLOCK,
    WAITING_CLOCK,
    Floor,
)  # fmt: skip
from slasim.routing.table import SPEED_ONE

DAYS = 3_000
HALF = ROOM // 2
CHATS: dict[str, Any] = {"load": HALF, "shares": 1, "pace": [PACE_ONE, PACE_ONE, PACE_ONE // 2]}
ALWAYS = [[(-10_000, 100_000)]]


class Behaviour:
    """Each story compares (arrived, left the line, agent done) of every touch, and what else it is about."""

    run: Callable[[Draw], ContactLog]

    # ---- several contacts in hand

    def test_two_chats_slow_each_other_down(self) -> None:
        """0-20 one alone; two at half pace: the first has 40 left and ends at 100; the second has 20 left then."""
        log = self.run(one_floor([0, 20], 60, **CHATS))
        assert log.rows == [(0, 0, 100), (20, 20, 120)]
        assert log.handled.tolist() == [100, 100]

    def test_work_ends_at_the_first_whole_ms(self) -> None:
        log = self.run(one_floor([0, 0], 1, **CHATS | {"pace": [PACE_ONE, PACE_ONE, 333_333]}))
        assert log.rows == [(0, 0, 4), (0, 0, 4)]

    def test_a_third_chat_finds_no_room(self) -> None:
        """At 80 the second is done and the first has 20 left; the third and it share the pace until 100."""
        log = self.run(one_floor([0, 0, 10], [60, 40, 10], **CHATS))
        assert log.rows == [(0, 0, 110), (0, 0, 80), (10, 80, 100)]

    def test_after_call_work_keeps_its_room_and_its_share_of_the_pace(self) -> None:
        log = self.run(one_floor([0, 40], 60, wrap=20, **CHATS))
        assert log.released.tolist() == [40, 100]
        assert log.rows == [(0, 0, 80), (40, 40, 120)]

    def test_fewest_in_hand_then_longest_unchanged_then_the_lowest_seat(self) -> None:
        log = self.run(one_floor([0, 5, 10], 60, agents=2, **CHATS))
        assert log.seat.tolist() == [0, 1, 0]

    def test_a_call_takes_all_room(self) -> None:
        log = self.run(one_floor([[10], [0, 5]], 60, **CHATS | {"load": [[ROOM], [HALF]]}))
        assert log.rows == [(10, 120, 180), (0, 0, 115), (5, 5, 120)]

    def test_who_does_not_share_has_one_contact_whatever_its_load(self) -> None:
        log = self.run(one_floor([0, 0], 60, load=HALF))
        assert log.rows == [(0, 0, 60), (0, 60, 120)]
        assert log.seat.tolist() == [NOBODY, NOBODY]

    def test_a_reserve_counts_the_wholly_idle(self) -> None:
        """The second chat would fit beside the first, but one agent must stay free for calls."""
        draw = one_floor(
            [[10], [0, 5]], 60, agents=2, table={"reserve": [[0], [1]]},
            **CHATS | {"load": [[ROOM], [HALF]]},
        )  # fmt: skip
        assert self.run(draw).rows == [(10, 10, 70), (0, 0, 60), (5, 70, 130)]

    def test_after_a_drop_shared_seats_take_nothing_until_one_has_gone(self) -> None:
        draw = one_floor([0, 0, 30], [100, 40, 10], agents=2, changes=[(20, 0, 1)],
                         **CHATS | {"pace": [PACE_ONE] * 3})  # fmt: skip
        log = self.run(draw)
        assert log.rows == [(0, 0, 100), (0, 0, 40), (30, 40, 50)]
        assert log.seat.tolist() == [0, 1, 0]

    def test_a_break_waits_until_nothing_is_in_hand(self) -> None:
        draw = one_floor([0, 10, 50], [60, 100, 10], agents=None,
                         stints=[(0, 0, 0, 500, [(40, 30)])],
                         **CHATS | {"pace": [PACE_ONE] * 3})  # fmt: skip
        log = self.run(draw)
        assert (log.break_began.tolist(), log.break_ended.tolist()) == ([110], [140])
        assert log.rows == [(0, 0, 60), (10, 10, 110), (50, 140, 150)]

    # ---- interruptions

    def test_a_call_interrupts_an_email_which_is_resumed(self) -> None:
        log = self.run(interrupted([20], [0], [30, 60]))
        assert log.rows == [(20, 20, 50), (0, 0, 90)]
        assert (log.begun.tolist(), log.handled.tolist()) == ([20, 50], [30, 60])
        cut = (log.cut_touch, log.cut_group, log.cut_agent, log.cut_seat, log.cut_from, log.cut_to)
        assert [column.tolist() for column in cut] == [[1], [0], [-1], [-1], [0], [20]]

    def test_another_agent_of_another_speed_resumes_it(self) -> None:
        """40 ms of work are left at 20; who works at half the speed takes over at 25 and needs 80."""
        draw = interrupted(
            [20], [0], [30, 60], opens=[[0, NEVER], [0, 25]], agents=[1, 1],
            table={"priority": [1, 2], "speed": [[SPEED_ONE] * 2, [SPEED_ONE, SPEED_ONE // 2]]},
        )  # fmt: skip
        log = self.run(draw)
        assert log.rows == [(20, 20, 50), (0, 0, 105)]
        assert (log.group.tolist(), log.begun.tolist()) == ([0, 1], [20, 25])

    def test_after_call_work_is_not_interrupted(self) -> None:
        log = self.run(interrupted([40], [0], [30, 60], wrap=30))
        assert log.rows == [(40, 60, 90), (0, 0, 60)]

    def test_nobody_is_interrupted_by_an_equal(self) -> None:
        log = self.run(interrupted([20], [0], [30, 60], table={"priority": [2, 2]}))
        assert log.rows == [(20, 60, 90), (0, 0, 60)]

    def test_the_worst_is_interrupted_and_of_equals_the_latest_begun(self) -> None:
        log = self.run(interrupted([10], [0, 5], [30, 60, 60], agents=2))
        assert log.rows == [(10, 10, 40), (0, 0, 60), (5, 5, 95)]

    def test_who_has_been_answered_is_not_lost_when_interrupted(self) -> None:
        log = self.run(
            interrupted(
                [20], [0], [30, 60], patience=[NEVER, 25], closings=[(40, 1)], queue_limit=0
            )
        )
        assert log.rows == [(20, 20, 50), (0, 0, 90)]
        assert log.outcome.tolist() == [ANSWERED, ANSWERED]

    def test_an_email_never_resumed_stays_answered_and_unfinished(self) -> None:
        log = self.run(interrupted([20], [0], [30, 60], changes=[(30, 0, 0)]))
        assert log.rows == [(20, 20, 50), (0, 0, NOT_YET)]
        assert log.outcome.tolist() == [ANSWERED, ANSWERED] and log.handled.tolist() == [30, 20]

    def test_an_interrupted_touch_is_kept_for_who_began_it(self) -> None:
        stints = [(0, 0, 0, 500, []), (1, 0, 30, 500, [])]
        draw = interrupted([20], [0], [30, 60], agents=None, stints=stints)
        assert self.run(draw).agent.tolist() == [0, 1]
        kept = interrupted(
            [20], [0], [30, 60], agents=None, stints=stints, touches={"keeps_owner": 200}
        )
        log = self.run(kept)
        assert log.agent.tolist() == [0, 0]
        assert log.rows == [(20, 20, 50), (0, 0, 90)]

    # ---- touches that follow

    def test_a_call_back_keeps_its_place(self) -> None:
        draw = one_floor(
            [0, 10, 20], 60, patience=[NEVER, 20, NEVER],
            follow=[Follow(1, "loss", 5, columns={"credit": 25, "purpose": CALLED_BACK})],
        )  # fmt: skip
        log = self.run(replace(draw, leaves_as=np.full(4, CALL_BACK, np.int8)))
        assert log.rows == [(0, 0, 60), (10, 30, NOT_YET), (20, 120, 180), (35, 60, 120)]
        assert log.outcome.tolist() == [ANSWERED, CALL_BACK, ANSWERED, ANSWERED]
        assert log.purpose.tolist() == [0, 0, 0, CALLED_BACK]

    def test_a_redial_may_be_lost_and_redial(self) -> None:
        draw = one_floor(
            [0, 5], [100, 60], patience=[NEVER, 10],
            follow=[Follow(1, "loss", 20, patience=10), Follow(2, "loss", 60)],
        )  # fmt: skip
        log = self.run(draw)
        assert log.rows == [(0, 0, 100), (5, 15, NOT_YET), (35, 45, NOT_YET), (105, 105, 165)]
        assert (log.contact.tolist(), log.touch.tolist()) == ([0, 1, 1, 1], [0, 0, 1, 2])

    def test_who_is_blocked_redials(self) -> None:
        log = self.run(one_floor([0, 10], 60, lines=1, follow=[Follow(1, "loss", 50)]))
        assert log.rows == [(0, 0, 60), (10, 10, NOT_YET), (60, 60, 120)]
        assert log.outcome.tolist() == [ANSWERED, BLOCKED, ANSWERED]

    def test_only_the_losses_in_its_mask_are_followed(self) -> None:
        draw = one_floor(
            [0, 10], 60, lines=1, follow=[Follow(1, "loss", 50)],
            touches={"loss_mask": 1 << ABANDONED},
        )  # fmt: skip
        assert self.run(draw).rows == [(0, 0, 60), (10, 10, NOT_YET)]

    def test_a_redial_of_the_same_instant_comes_before_the_next_who_leaves(self) -> None:
        """Both lose patience at 10; the redial of the first arrives before the second has gone: no line is free."""
        draw = one_floor(
            [0, 10, 10], 60, patience=[NEVER, 0, 0], lines=3,
            follow=[Follow(1, "loss"), Follow(3, "loss")],
        )  # fmt: skip
        log = self.run(draw)
        assert log.rows == [(0, 0, 60), (10, 10, NOT_YET), (10, 10, NOT_YET), (10, 60, 120)]
        assert self.run(replace(draw, lines=np.array([2]))).outcome.tolist() == [
            ANSWERED, ABANDONED, BLOCKED, ANSWERED,
        ]  # fmt: skip

    def test_a_touch_that_nothing_releases_has_no_row(self) -> None:
        log = self.run(one_floor([0], 60, follow=[Follow(0, "loss"), Follow(0, "late", 5)]))
        assert log.rows == [(0, 0, 60)]

    def test_a_late_answer_makes_a_repeat(self) -> None:
        draw = one_floor([0, 10], 60, follow=[Follow(1, "late", 30, work=5)],
                         touches={"late_after": 49})  # fmt: skip
        assert self.run(draw).rows == [(0, 0, 60), (10, 60, 120), (150, 150, 155)]
        draw.floor.late_after[:] = 50  # type: ignore[union-attr]
        assert self.run(draw).rows == [(0, 0, 60), (10, 60, 120)]

    def test_an_answer_is_sent_before_the_after_call_work(self) -> None:
        log = self.run(one_floor([0], 60, wrap=20, follow=[Follow(0, delay=10, work=5)]))
        assert log.rows == [(0, 0, 60), (50, 60, 65)]

    def test_work_and_delays_of_no_time(self) -> None:
        log = self.run(one_floor([5], 0, follow=[Follow(0, work=0), Follow(1, work=0)]))
        assert log.rows == [(5, 5, 5)] * 3

    def test_who_is_handed_on_stands_behind_who_waits(self) -> None:
        """At 60 the agent is free, the patience of the second ends, and the transfer arrives."""
        log = self.run(one_floor([0, 10], 60, patience=[NEVER, 50], follow=[Follow(0, work=5)]))
        assert log.rows == [(0, 0, 60), (10, 60, 120), (60, 120, 125)]

    # ---- owners

    @pytest.mark.parametrize(("keeps", "taken", "by"), [(0, 170, 1), (50, 170, 1), (100, 180, 0)])
    def test_a_reply_waits_for_its_owner_a_while(self, keeps: int, taken: int, by: int) -> None:
        """The owner is busy until 180, the other until 170."""
        log = self.run(owned(keeps))
        assert (log.left[3], log.agent[3]) == (taken, by)
        assert log.agent[:3].tolist() == [0, 1, 0]

    def test_who_has_gone_home_is_not_waited_for(self) -> None:
        log = self.run(owned(100, home_at=90))
        assert (log.left[3], log.agent[3]) == (170, 1)

    def test_who_comes_back_soon_enough_is(self) -> None:
        log = self.run(owned(100, home_at=90, back_at=199))
        assert (log.left[3], log.agent[3]) == (199, 0)
        late = self.run(owned(100, home_at=90, back_at=201))
        assert (late.left[3], late.agent[3]) == (170, 1)

    # ---- clocks that steer

    def test_earliest_due_goes_first_and_no_clock_last(self) -> None:
        draw = one_floor(
            [0, 5, 10, 20], 60, windows=ALWAYS, order=BY_DUE,
            touches={"reply_target": [NEVER, NEVER, 500, 100]},
        )  # fmt: skip
        assert self.run(draw).left.tolist() == [0, 180, 120, 60]

    def test_least_slack_goes_first(self) -> None:
        """Due at 310 with 100 of work expected, and at 270 with none."""
        draw = one_floor(
            [[0, 10], [20]], 60, windows=ALWAYS, order=BY_SLACK, slack=[100, 0],
            touches={"reply_target": [300, 300, 250]},
        )  # fmt: skip
        assert self.run(draw).left.tolist() == [0, 60, 120]
        draw.floor.slack[:] = 0  # type: ignore[union-attr]
        assert self.run(draw).left.tolist() == [0, 120, 60]

    def test_who_stood_behind_is_taken_when_the_first_of_a_due_line_leaves(self) -> None:
        """The first has an earlier due time but has not waited 100 yet; the second has."""
        draw = one_floor(
            [0, 90], 60, opens=[[100]], windows=ALWAYS, order=BY_DUE, patience=[NEVER, 20],
            touches={"reply_target": [500, 50]},
        )  # fmt: skip
        assert self.run(draw).rows == [(0, 110, 170), (90, 110, NOT_YET)]

    def test_an_escalation_at_due_moves_it_up(self) -> None:
        log = self.run(escalated(REPLY_CLOCK, 0))
        assert log.left.tolist() == [0, 200, 100]
        steps = log.step_touch.tolist(), log.step_number.tolist(), log.step_at.tolist()
        assert steps == ([2], [0], [70])

    @pytest.mark.parametrize(
        ("clock", "offset", "at"),
        [
            (REPLY_CLOCK, -30, 40),
            (REPLY_CLOCK, -500, 20),
            (WAITING_CLOCK, 33, 53),
            (WAITING_CLOCK, 0, 20),
        ],
    )
    def test_steps_before_due_and_after_waiting(self, clock: int, offset: int, at: int) -> None:
        log = self.run(escalated(clock, offset))
        assert (log.left.tolist(), log.step_at.tolist()) == ([0, 200, 100], [at])

    def test_a_step_after_it_was_taken_is_not_taken(self) -> None:
        log = self.run(escalated(REPLY_CLOCK, 200))
        assert (log.left.tolist(), log.step_at.tolist()) == ([0, 100, 200], [])

    def test_a_step_at_the_arrival_instant_comes_before_anybody_is_joined(self) -> None:
        draw = one_floor(
            [7], 60, opens=[[NEVER], [0]], line_queue=0,
            plan=[(WAITING_CLOCK, 0, 0, [1, 1])], touches={"plan": 0},
        )  # fmt: skip
        assert self.run(draw).rows == [(7, 7, 67)]

    def test_a_due_time_crosses_the_night(self) -> None:
        """30 ms of business time from 90: 10 before the close at 100, 20 after 200."""
        draw = escalated(
            REPLY_CLOCK, 0, windows=[[(0, 100), (200, 300)]], target=30, arrivals=[0, 10, 90]
        )
        assert self.run(replace(draw, work=np.full(3, 250))).step_at.tolist() == [220]

    def test_an_offset_of_business_time_skips_the_night(self) -> None:
        draw = escalated(
            REPLY_CLOCK, -25, 1, windows=[[(0, 100), (200, 300)]], target=30, arrivals=[0, 10, 70]
        )
        assert self.run(replace(draw, work=np.full(3, 250))).step_at.tolist() == [75]

    @pytest.mark.parametrize(("pauses", "at"), [(1, 600), (0, 560)])
    def test_a_solve_clock_may_pause_while_the_customer_is_waited_for(
        self, pauses: int, at: int
    ) -> None:
        """60 of 100 are counted when the reply is sent at 60; the customer answers at 560. Unpaused it was due at 100,
        and the step fires as the answer arrives."""
        solve = {"purpose": REPLY, "solve_target": 100, "plan": 0}
        draw = one_floor(
            [0], 60, changes=[(100, 0, 0)], windows=ALWAYS, plan=[(SOLVE_CLOCK, 0, 0, [0])],
            touches={"solve_target": 100},
            follow=[Follow(0, delay=500, columns=solve | {"solve_pauses": pauses})],
        )  # fmt: skip
        log = self.run(draw)
        assert log.step_at.tolist() == [at]
        assert log.outcome.tolist() == [ANSWERED, WAITING]

    def test_a_solve_clock_does_not_pause_for_who_was_never_answered(self) -> None:
        draw = one_floor(
            [0, 5], [900, 60], patience=[NEVER, 10], windows=ALWAYS, plan=[(SOLVE_CLOCK, 0, 0, [0])],
            touches={"solve_target": 100},
            follow=[Follow(1, "loss", 20, columns={"solve_target": 100, "solve_pauses": 1, "plan": 0})],
        )  # fmt: skip
        assert self.run(draw).step_at.tolist() == [105]

    @pytest.mark.parametrize(
        ("purpose", "target", "at"), [(TIER_2, 500, 100), (TIER_2, 20, 80), (REPLY, 500, 560)]
    )
    def test_a_second_line_inherits_the_due_time(self, purpose: int, target: int, at: int) -> None:
        draw = one_floor(
            [0], 60, changes=[(50, 0, 0)], windows=ALWAYS, plan=[(REPLY_CLOCK, 0, 0, [0])],
            touches={"reply_target": 100},
            follow=[Follow(0, columns={"purpose": purpose, "reply_target": target, "plan": 0})],
        )  # fmt: skip
        assert self.run(draw).step_at.tolist() == [at]

    # ---- doors

    def test_a_backup_takes_it_once_nobody_is_there(self) -> None:
        draw = one_floor(
            [0, 10], 60, opens=[[0, 0]], agents=[1, 1], changes=[(30, 0, 0)], stands_in=[[NONE, 0]]
        )
        log = self.run(draw)
        assert (log.rows, log.group.tolist()) == ([(0, 0, 60), (10, 30, 90)], [0, 1])

    def test_a_backup_of_named_agents_waits_for_the_end_of_the_stint(self) -> None:
        stints = [(0, 0, 0, 30, []), (1, 1, 0, 500, [])]
        draw = one_floor(
            [0, 10], 60, opens=[[0, 0]], agents=None, stints=stints, stands_in=[[NONE, 0]]
        )
        log = self.run(draw)
        assert (log.left.tolist(), log.agent.tolist()) == ([0, 30], [0, 1])
        assert log.stint_left.tolist() == [60, 500]

    def test_hours_of_a_group(self) -> None:
        draw = one_floor([10, 195, 200], 5, windows=[[(100, 200), (300, 400)]], hours=0)
        assert self.run(draw).left.tolist() == [100, 195, 300]

    def test_a_most_busy_share(self) -> None:
        log = self.run(one_floor([0, 10], 60, agents=2, most_busy=500_000))
        assert log.rows == [(0, 0, 60), (10, 60, 120)]
        assert self.run(one_floor([0], 60, most_busy=999_999)).rows == [(0, NOT_YET, NOT_YET)]

    # ---- people

    def test_taking_another_channel_costs_time(self) -> None:
        draw = one_floor([[0], [10, 20]], 60, line_channel=[0, 1], switching_loss=15)
        assert self.run(draw).rows == [(0, 0, 60), (10, 60, 135), (20, 135, 195)]

    def test_on_a_new_stint_no_channel_is_the_last(self) -> None:
        draw = one_floor(
            [[0], [70]], 60, line_channel=[0, 1], switching_loss=15, agents=None,
            stints=[(0, 0, 0, 65, []), (0, 0, 70, 500, [])],
        )  # fmt: skip
        assert self.run(draw).rows == [(0, 0, 60), (70, 70, 130)]

    def test_agents_have_their_own_speed(self) -> None:
        draw = one_floor(
            [0, 100], 61, agents=None, stints=[(0, 0, 0, 500, [])], agent_speed=2 * SPEED_ONE,
            table={"speed": SPEED_ONE},
        )  # fmt: skip
        assert self.run(draw).rows == [(0, 0, 31), (100, 100, 131)]
        draw.table.speed[:] = SPEED_ONE // 2
        assert self.run(draw).rows == [(0, 0, 61), (100, 100, 161)]

    def test_the_first_message_comes_after_the_greeting(self) -> None:
        log = self.run(one_floor([0, 10], 60, patience=[NEVER, 20], touches={"greeting": 8}))
        assert log.greeted.tolist() == [8, 30]  # who was lost saw none: when it left


def interrupted(calls: list[int], emails: list[int], work: list[int], **more: Any) -> Draw:
    """Calls before emails, and work on an email may be interrupted."""
    more.setdefault("table", {"priority": [1, 2]})
    opens = more.pop("opens", [[0], [0]])
    preempt = [[0] * len(opens[0]), [1] * len(opens[0])]
    return one_floor([calls, emails], work, opens=opens, preempt=preempt, **more)


def owned(keeps: int, *, home_at: int = 1_000, back_at: int = 0) -> Draw:
    """Agent 0 answers at 0; 1 is busy 70-170, 0 again 80-180; the customer's reply arrives at 100."""
    stints = [(0, 0, 0, home_at, []), (1, 0, 0, 1_000, [])]
    if back_at:
        stints.append((0, 0, back_at, 1_000, []))
    return one_floor(
        [0, 70, 80], [60, 100, 100], agents=None, stints=stints,
        follow=[Follow(0, delay=40, columns={"purpose": REPLY, "keeps_owner": keeps})],
    )  # fmt: skip


def escalated(
    clock: int,
    offset: int,
    business: int = 0,
    *,
    windows: list[list[tuple[int, int]]] = ALWAYS,
    target: int = 50,
    arrivals: list[int] = [0, 10, 20],  # noqa: B006
) -> Draw:
    """One queue of two lines; a step of the last touch moves it to the line that goes first."""
    return one_floor(
        arrivals, 100, opens=[[0], [0]], line_queue=0, table={"priority": [5, 1]}, windows=windows,
        plan=[(clock, offset, business, [1, 1])],
        touches={"plan": [NONE, NONE, 0], "reply_target": target},
    )  # fmt: skip


class TestReference(Behaviour):
    run = staticmethod(reference.run)


class TestWhole(Behaviour):
    run = staticmethod(whole.run)


# ------------------------------------------------------------------ both engines, days made up by chance


@settings(max_examples=DAYS)
@given(st.integers(0, 2**31))
def test_equal_logs(seed: int) -> None:
    draw = a_floor(seed)
    assert reference.run(draw) == whole.run(draw)


@settings(max_examples=DAYS // 2)
@given(st.integers(0, 2**31))
def test_equal_logs_of_the_loop_that_is_made_without_more(seed: int) -> None:
    draw = without_more(a_floor(seed))
    assert has_more(draw) is None
    assert reference.run(draw) == whole.run(draw)


def has_more(draw: Draw) -> bool | None:
    """Which loop plays it."""
    assert draw.floor is not None
    told = opening.columns_of(draw, draw.floor)
    return opening.opened(opening.empty(draw, draw.floor), draw, draw.floor, told, 1, 1)[1]


def test_whatever_is_more_is_played_by_the_loop_that_knows_it() -> None:
    calm = without_more(a_floor(0))
    floor = calm.floor
    assert floor is not None and has_more(calm) is None
    more: dict[str, Any] = {
        "plan": 0, "keeps_owner": 1, "reply_target": 1, "solve_target": 1, "preempt": 1, "stands_in": 0, "hours": 0,
        "most_busy": 1, "after_late": 1,
    }  # fmt: skip
    for name, value in more.items():
        column = getattr(floor, name).copy()
        column.flat[-1] = value
        assert has_more(replace(calm, floor=replace(floor, **{name: column}))), name
    for name in ("lines", "queue_limit"):
        assert has_more(replace(calm, **{name: getattr(calm, name) * 0 + 5})), name
    assert has_more(replace(calm, table=replace(calm.table, opens=calm.table.opens + 1)))


def test_a_draw_that_is_changed_where_it_stands_is_played_anew() -> None:
    """What a centre is when nobody is there yet is kept from one replication to the next."""
    draw = without_more(a_floor(4))
    before = whole.run(draw)
    draw.table.rank[:] = draw.table.rank[::-1].copy()
    draw.staff_number[:] += 1
    assert draw.floor is not None
    draw.floor.pace[:, 1:] //= 2
    changed = whole.run(draw)
    assert changed != before
    assert changed == reference.run(draw)


def test_whatever_a_draw_says_is_asked_of_each_replication_or_compared() -> None:
    """A new column must not be forgotten where an empty centre is kept: it is of touches, or it is compared."""
    of_touches = {"arrival", "work", "wrap", "patience", "leaves_as", "first"}
    kept_elsewhere = {"table", "floor", "facts", "stint_late"}
    asked = {each.name for each in fields(Draw)} - of_touches - kept_elsewhere
    assert asked == set(opening._OF_DRAW)
    told = (set(ITEMS) | {"greeting"}) - of_touches
    assert {each.name for each in fields(Floor)} - told == set(opening._OF_FLOOR)


@settings(max_examples=300)
@given(st.integers(0, 2**31))
def test_a_lean_day_told_as_a_whole_floor_is_the_same_day(seed: int) -> None:
    draw = random_draw(seed, grid=(1, 100)[seed % 2], queues=1 + seed % 3, groups=1 + seed // 3 % 3)
    assert whole.run(plain_floor(draw)) == fast.run(draw) == reference.run(draw)


def test_the_whole_floor_is_played_by_compiled_code() -> None:
    assert isinstance(whole.play, numba.core.registry.CPUDispatcher)
    whole.run(one_floor([0, 20], 60, **CHATS))
    assert whole.play.nopython_signatures
    draw = one_floor([0, 20], 60, **CHATS)
    assert engine("fast")(draw) == engine("simpy")(draw)


def test_the_days_mix_every_outcome_purpose_and_event() -> None:
    logs = [logged(seed) for seed in range(300)]
    assert set(np.concatenate([log.outcome for log in logs]).tolist()) == set(range(len(OUTCOMES)))
    assert set(np.concatenate([log.purpose for log in logs]).tolist()) == set(range(len(PURPOSES)))
    assert sum(log.cut_touch.size for log in logs) > 50
    assert sum(log.step_touch.size for log in logs) > 200
    assert sum((log.begun > log.left).sum() for log in logs) > 20  # resumed
    assert sum((log.seat != NOBODY).sum() for log in logs) > 100


def test_a_day_with_more_interruptions_and_steps_than_room_is_played_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days = [a_floor(seed) for seed in range(60)]
    with_room = [whole.run(day) for day in days]
    assert max(log.cut_touch.size for log in with_room) > 1
    assert max(log.step_at.size for log in with_room) > 1
    for day, log in zip(days, with_room, strict=True):
        monkeypatch.setattr(whole, "SPARE", -day.contacts)
        assert whole.run(day) == log
