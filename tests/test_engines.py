"""Two engines, one truth: short stories told to both, then thousands of days made up by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest
import simpy
from draws import one_queue, random_draw
from hypothesis import given, settings
from hypothesis import strategies as st

from slasim.contactlog import ABANDONED, ANSWERED, BLOCKED, CLOSED, VOICEMAIL, WAITING, ContactLog
from slasim.draw import NEVER, Draw
from slasim.engine import engine, fast, reference, rules
from slasim.routing.table import SPEED_ONE, RoutingTable

FOREVER = -(1 << 60)
STORIES = 2_400


class Behaviour:
    """What happens at a centre. Each story compares the whole log: (arrived, left the line, agent done)."""

    run: Callable[[Draw], ContactLog]

    def test_nobody_jumps_the_queue(self) -> None:
        log = self.run(one_queue([0, 10, 20], 60))
        assert log.rows == [(0, 0, 60), (10, 60, 120), (20, 120, 180)]

    def test_one_whose_patience_is_over_leaves(self) -> None:
        log = self.run(one_queue([0, 10, 20], 60, patience=[NEVER, 30, NEVER]))
        assert log.rows == [(0, 0, 60), (10, 40, FOREVER), (20, 60, 120)]
        assert log.outcome.tolist() == [ANSWERED, ABANDONED, ANSWERED]

    def test_patience_that_ends_as_an_agent_becomes_free_is_answered(self) -> None:
        log = self.run(one_queue([0, 10], 60, patience=[NEVER, 50]))
        assert log.rows == [(0, 0, 60), (10, 60, 120)]

    def test_no_patience_at_all_is_answered_only_by_a_free_agent(self) -> None:
        log = self.run(one_queue([0, 10, 60], 60, patience=0))
        assert log.rows == [(0, 0, 60), (10, 10, FOREVER), (60, 60, 120)]

    def test_work_of_no_time_frees_the_agent_in_the_same_instant(self) -> None:
        log = self.run(one_queue([5, 5, 5], 0))
        assert log.rows == [(5, 5, 5)] * 3

    def test_the_agent_is_busy_after_the_customer_has_left(self) -> None:
        log = self.run(one_queue([0, 10], 60, wrap=20))
        assert log.released.tolist() == [40, 100]
        assert log.rows == [(0, 0, 60), (10, 60, 120)]

    def test_at_a_drop_whoever_finishes_next_leaves(self) -> None:
        log = self.run(one_queue([0, 0, 5], [100, 40, 10], agents=2, changes=[(20, 1)]))
        assert log.rows == [(0, 0, 100), (0, 0, 40), (5, 100, 110)]

    def test_a_rise_cancels_leavers_still_owed(self) -> None:
        log = self.run(one_queue([0, 0, 5], [100, 40, 10], agents=2, changes=[(20, 1), (30, 2)]))
        assert log.rows == [(0, 0, 100), (0, 0, 40), (5, 40, 50)]

    def test_a_named_agent_finishes_the_contact_in_hand_and_leaves(self) -> None:
        log = self.run(
            one_queue([10, 20], 60, agents=None, stints=[(0, 0, 50, []), (1, 80, 200, [])])
        )
        assert log.rows == [(10, 10, 70), (20, 80, 140)]
        assert log.stint_left.tolist() == [70, 200]
        assert log.agent.tolist() == [0, 1]

    def test_a_break_waits_for_the_contact_in_hand_and_keeps_its_length(self) -> None:
        log = self.run(one_queue([10, 20], 60, agents=None, stints=[(0, 0, 500, [(30, 100)])]))
        assert log.rows == [(10, 10, 70), (20, 170, 230)]
        assert (log.break_began.tolist(), log.break_ended.tolist()) == ([70], [170])

    def test_the_end_of_a_stint_cuts_a_break(self) -> None:
        log = self.run(one_queue([10], 60, agents=None, stints=[(0, 0, 90, [(30, 100)])]))
        assert (log.break_began.tolist(), log.break_ended.tolist()) == ([70], [90])
        assert log.stint_left.tolist() == [90]

    def test_the_agent_longest_idle_is_chosen_then_the_lowest_number(self) -> None:
        stints = [(a, 0, 500, []) for a in range(3)]
        log = self.run(one_queue([0, 10, 100, 110], [20, 30, 5, 5], agents=None, stints=stints))
        assert log.agent.tolist() == [0, 1, 2, 0]

    def test_a_call_beyond_the_lines_is_blocked_on_arrival(self) -> None:
        log = self.run(one_queue([0, 10, 20, 70], 60, lines=2))
        assert log.outcome.tolist() == [ANSWERED, ANSWERED, BLOCKED, ANSWERED]

    def test_a_line_is_free_when_the_customer_leaves_not_after_wrap_up(self) -> None:
        log = self.run(one_queue([0, 45], 60, wrap=20, lines=1))
        assert log.outcome.tolist() == [ANSWERED, ANSWERED]

    def test_a_full_queue_blocks_the_latest_who_still_waits(self) -> None:
        log = self.run(one_queue([0, 10, 10, 10], 60, queue_limit=1))
        assert log.outcome.tolist() == [ANSWERED, ANSWERED, BLOCKED, BLOCKED]

    def test_with_no_place_to_wait_a_free_agent_still_answers(self) -> None:
        log = self.run(one_queue([0, 10, 60], 60, queue_limit=0))
        assert log.outcome.tolist() == [ANSWERED, BLOCKED, ANSWERED]

    def test_closing_sends_away_who_still_waits(self) -> None:
        log = self.run(one_queue([0, 10, 20], 60, patience=[NEVER, 15, NEVER], closings=[40]))
        assert log.outcome.tolist() == [ANSWERED, ABANDONED, CLOSED]
        assert log.left.tolist() == [0, 25, 40]

    def test_after_the_stop_nobody_is_taken_and_nobody_leaves(self) -> None:
        log = self.run(one_queue([0, 10, 20], 60, patience=[NEVER, NEVER, 500], stop=60))
        assert log.outcome.tolist() == [ANSWERED, WAITING, WAITING]
        assert log.rows[1:] == [(10, FOREVER, FOREVER), (20, FOREVER, FOREVER)]

    def test_impatience_may_lead_to_voicemail(self) -> None:
        draw = one_queue([0, 10], 60, patience=20)
        log = self.run(replace(draw, leaves_as=np.array([ABANDONED, VOICEMAIL], np.int8)))
        assert log.outcome.tolist() == [ANSWERED, VOICEMAIL]

    def test_speed_divides_the_handle_time(self) -> None:
        draw = one_queue([0, 10], 61, wrap=20)
        draw.table.speed[0, 0] = 2 * SPEED_ONE
        log = self.run(draw)
        assert log.finished.tolist() == [31, 62]  # 30.5 rounds half up
        assert log.released.tolist() == [21, 52]

    # ---- two queues, two groups

    def test_priority_goes_before_waiting(self) -> None:
        draw = two_by_two([[10], [0, 5]], opens=[[0], [0]], agents=[1])
        draw.table.priority[:] = 1, 2
        assert self.run(draw).rows == [(10, 60, 120), (0, 0, 60), (5, 120, 180)]

    def test_a_head_start_is_waiting_not_yet_done(self) -> None:
        draw = two_by_two([[10], [0, 5]], opens=[[0], [0]], agents=[1])
        draw.table.head_start[:] = 6, 0
        assert self.run(draw).rows == [(10, 60, 120), (0, 0, 60), (5, 120, 180)]

    def test_rank_is_the_groups_own_order(self) -> None:
        draw = two_by_two([[10], [0, 5]], opens=[[0], [0]], agents=[1])
        draw.table.rank[:, 0] = 1, 2
        assert self.run(draw).rows == [(10, 60, 120), (0, 0, 60), (5, 120, 180)]

    def test_weight_makes_waiting_count_more(self) -> None:
        draw = two_by_two([[10], [0, 5]], opens=[[0], [0]], agents=[1])
        draw.table.weight[:, 0] = 2, 1
        assert self.run(draw).rows == [(10, 60, 120), (0, 0, 60), (5, 120, 180)]

    def test_a_further_group_opens_after_the_wait(self) -> None:
        draw = two_by_two([[0, 1], []], opens=[[0, 30], [NEVER, NEVER]], agents=[1, 1])
        assert self.run(draw).rows == [(0, 0, 60), (1, 31, 91)]

    def test_a_reserve_keeps_agents_for_others(self) -> None:
        draw = two_by_two([[0, 5], [10]], opens=[[0], [0]], agents=[2])
        draw.table.reserve[0, 0] = 1
        assert self.run(draw).rows == [(0, 0, 60), (5, 70, 130), (10, 10, 70)]

    def test_a_contact_prefers_its_group_and_then_the_longest_idle(self) -> None:
        draw = two_by_two([[10], []], opens=[[0, 0], [NEVER, NEVER]], agents=[1, 1])
        draw.table.preference[0, :] = 2, 1
        assert self.run(draw).group.tolist() == [1]
        draw = two_by_two([[10, 20, 100], []], opens=[[0, 0], [NEVER, NEVER]], agents=[1, 1])
        draw = replace(draw, work=np.array([60, 10, 5]))
        assert self.run(draw).group.tolist() == [0, 1, 1]

    def test_when_many_meet_many_contacts_go_in_order_each_choosing(self) -> None:
        draw = two_by_two([[0, 0], [0]], opens=[[0, 0], [NEVER, 0]], agents=[1, 1])
        draw.table.rank[1, 1] = 2
        assert self.run(draw).rows == [(0, 0, 60), (0, 0, 60), (0, 60, 120)]


def two_by_two(arrivals: list[list[int]], *, opens: list[list[int]], agents: list[int]) -> Draw:
    """Two queues; groups by number; every contact takes 60."""
    base = one_queue([t for queue in arrivals for t in queue], 60)
    groups = len(agents)
    table = RoutingTable.closed(2, groups)
    table.opens[:] = opens
    return replace(
        base,
        table=table,
        first=np.cumsum([0, *(len(queue) for queue in arrivals)]),
        lines=np.full(2, NEVER),
        queue_limit=np.full(2, NEVER),
        stop=np.full(2, 10**9),
        by_number=np.ones(groups, np.int8),
        staff_at=np.full(groups, -1000),
        staff_group=np.arange(groups),
        staff_number=np.array(agents),
    )


class TestReference(Behaviour):
    run = staticmethod(reference.run)


class TestFast(Behaviour):
    run = staticmethod(fast.run)


def a_day(seed: int) -> Draw:
    """A third of the days on a coarse grid, where nearly everything is a tie."""
    return random_draw(
        seed,
        grid=(1, 100, 1)[seed % 3],
        queues=1 + seed % 4,
        groups=1 + seed // 4 % 3,
        contacts=4 + seed // 12 % 28,
    )


@settings(max_examples=STORIES)
@given(st.integers(0, 2**31))
def test_equal_logs(seed: int) -> None:
    draw = a_day(seed)
    assert reference.run(draw) == fast.run(draw)


def test_the_days_mix_every_outcome() -> None:
    seen = np.concatenate([fast.run(a_day(seed)).outcome for seed in range(200)])
    assert set(seen.tolist()) == {ANSWERED, ABANDONED, BLOCKED, CLOSED, VOICEMAIL, WAITING}


def test_the_fast_engine_is_compiled_and_the_other_is_simpy() -> None:
    assert isinstance(fast.play, numba.core.registry.CPUDispatcher)
    fast.run(one_queue([0], 1))
    assert fast.play.nopython_signatures
    centre = reference.Centre(one_queue([0], 1))
    assert isinstance(centre.env, simpy.Environment)
    assert engine("simpy") is reference.run and engine("fast")(one_queue([0], 1)).rows == [
        (0, 0, 1)
    ]


def first_day_that_differs(
    one: Callable[[Draw], ContactLog], other: Callable[[Draw], ContactLog]
) -> int | None:
    days = (seed for seed in range(1_500) if one(a_day(seed)) != other(a_day(seed)))
    return next(days, None)


def _wrong_rank_order(*args: Any) -> int:
    return right_next_touch(*args[:12], -args[12], *args[13:])


def _deaf_to_priority(*args: Any) -> int:
    return right_next_touch(*args[:11], np.ones_like(args[11]), *args[12:])


def _no_head_start(order: int, since: int, due: int, head_start: int, slack: int) -> int:
    return since


def _weights_equal(weight: int, now: int, key: int) -> int:
    return now - key


def _any_group(*args: Any) -> int:
    return right_choose_agent(*args[:3], np.zeros_like(args[3]), *args[4:])


def _shortest_idle(hand: int, since: int, other_hand: int, other_since: int) -> bool:
    return since > other_since


def _reserve_not_kept(*args: Any) -> bool:
    return right_may_join(*args[:5], np.zeros_like(args[5]), *args[6:])


def _doors_open_late(r: int, g: int, waited: int, now: int, opens: Any, *_: Any) -> bool:
    return bool(opens[r, g] < NEVER and waited > opens[r, g] - (opens[r, g] == 0))


right_next_touch = rules.next_touch
right_choose_agent = rules.choose_agent
right_may_join = rules.may_join

MISTAKES: dict[str, tuple[str, Any]] = {
    "patience before matching": ("reference.LEAVING", 2.5),
    "closing before patience": ("reference.QUEUE_CLOSES", -1),
    "the limit before patience": ("reference.QUEUE_IS_FULL", -1),
    "arrivals before the agents": ("reference.ARRIVALS", -0.5),
    "doors that open after leaving": ("reference.TIMERS", 4.5),
    "stints end after others begin": ("reference.STINT_ENDS", 8),
    "rank upside down": ("rules.next_touch", _wrong_rank_order),
    "deaf to priority": ("rules.next_touch", _deaf_to_priority),
    "no head start": ("rules.key_of", _no_head_start),
    "weights forgotten": ("rules.claim_of", _weights_equal),
    "any group will do": ("rules.choose_agent", _any_group),
    "shortest idle first": ("rules.rather", _shortest_idle),
    "reserve not kept": ("rules.may_join", _reserve_not_kept),
    "doors open one ms late": ("rules.open_to", _doors_open_late),
    "leavers take one more": ("rules.idle_by_number", lambda duty, busy: max(duty - busy, int(busy == duty + 1))),
    "breaks are forgotten": ("rules.rests_now", lambda at, now, to: False),
    "breaks past the end": ("rules.rests_now", lambda at, now, to: at <= now <= to + 200),
    "speed rounds down": ("rules.handle_time", lambda work, speed: work * SPEED_ONE // speed),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted on the SimPy side, where nothing is compiled."""
    place, wrong = MISTAKES[mistake]
    module, name = place.split(".")
    monkeypatch.setattr({"reference": reference, "rules": rules}[module], name, wrong)
    assert first_day_that_differs(reference.run, fast.run) is not None


@pytest.mark.parametrize(
    ("column", "wrong"),
    [("doors", None), ("queue_limit", np.full(4, NEVER)), ("stint_to", np.full(99, 3_000))],
)
def test_a_mistake_in_the_compiled_engine_is_caught(
    column: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiled loop made blind to one column."""
    play = fast.play
    place = play.py_func.__code__.co_varnames.index(column)
    monkeypatch.setattr(fast, "play", lambda *args: play(*args[:place], wrong, *args[place + 1 :]))
    assert first_day_that_differs(reference.run, fast.run) is not None


def test_more_agents_than_the_heap_can_name() -> None:
    draw = one_queue([0], 1, agents=None, stints=[(0, 0, 10, [])])
    with pytest.raises(ValueError, match="at most"):
        fast.run(replace(draw, agent_group=np.zeros(1 << 20, np.int64)))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_log_written_and_read_back_is_equal(suffix: str, tmp_path: Any) -> None:
    for seed in (3, 4, 5):
        log = fast.run(a_day(seed))
        assert ContactLog.read(log.write(tmp_path / f"log{suffix}")) == log


def test_a_log_as_a_table() -> None:
    table = fast.run(one_queue([0, 10], 60, patience=[NEVER, 20])).table()
    assert table["outcome"].tolist() == ["answered", "abandoned"]
    assert table["waited_s"].tolist() == [0.0, 0.02]
    assert table["handled_s"].isna().tolist() == [False, True]
