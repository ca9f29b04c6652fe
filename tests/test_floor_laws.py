"""What holds on the whole operation whatever happens: outcomes, room, duty and work, counted from the log."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from floors import a_day, logged

from slasim.contactlog import ANSWERED, NOBODY, NOT_YET, WAITING, ContactLog
from slasim.draw import NEVER, Draw
from slasim.engine import rules, whole
from slasim.floor import NONE, PACE_ONE, ROOM
from slasim.routing.table import SPEED_ONE

SOME = range(400)


def bouts(log: ContactLog) -> list[tuple[int, int, int, int, int, int]]:
    """(row, group, agent, seat, from, to) of every handling, the interrupted ones too."""
    columns = (log.cut_touch, log.cut_group, log.cut_agent, log.cut_seat, log.cut_from, log.cut_to)
    made = list(zip(*(column.tolist() for column in columns), strict=True))
    for row in np.flatnonzero(log.released != NOT_YET):
        who = int(log.group[row]), int(log.agent[row]), int(log.seat[row])
        made.append((int(row), *who, int(log.begun[row]), int(log.finished[row])))
    return made


def line_at(draw: Draw, log: ContactLog, row: int, when: int) -> int:
    """The line a touch stood in when it was taken: every step before has moved it."""
    assert draw.floor is not None
    touch = touches_of(draw, log)[row]
    line = int(draw.floor.line[touch])
    for at, of, step in zip(log.step_at, log.step_touch, log.step_number, strict=True):
        if of == row and at <= when:
            line = int(draw.floor.step_to[step, line])
    return line


def touches_of(draw: Draw, log: ContactLog) -> list[int]:
    """The touch that each row is."""
    assert draw.floor is not None
    names = list(zip(draw.floor.contact.tolist(), draw.floor.touch.tolist(), strict=True))
    return [
        names.index(each) for each in zip(log.contact.tolist(), log.touch.tolist(), strict=True)
    ]


@pytest.mark.parametrize("part", range(4))
def test_every_touch_has_one_row_and_one_outcome(part: int) -> None:
    for seed in SOME[part::4]:
        draw, log = a_day(seed), logged(seed)
        rows = touches_of(draw, log)
        assert rows == sorted(set(rows))
        first = int(draw.first[-1])
        assert rows[:first] == list(range(first))  # every first touch arrives
        assert (log.arrived[:first] == draw.arrival[:first]).all()
        taken = log.outcome == ANSWERED
        assert ((log.left != NOT_YET) == (log.outcome != WAITING)).all()
        assert ((log.group != NOBODY) == taken).all()
        assert not log.released[~taken].max(initial=NOT_YET) > NOT_YET
        done = log.finished != NOT_YET
        assert (log.arrived <= log.left)[log.outcome != WAITING].all()
        assert (log.left <= log.begun)[taken].all()
        assert (log.begun <= log.released)[done].all() and (log.released <= log.finished)[
            done
        ].all()


def test_what_follows_arrives_when_it_was_released() -> None:
    for seed in SOME:
        draw, log = a_day(seed), logged(seed)
        floor = draw.floor
        assert floor is not None
        row = {touch: k for k, touch in enumerate(touches_of(draw, log))}
        came = set()
        for touch, k in row.items():
            done, outcome = int(log.released[k]), int(log.outcome[k])
            lost = outcome not in (WAITING, ANSWERED) and bool(
                floor.loss_mask[touch] >> outcome & 1
            )
            late = done != NOT_YET and log.left[k] - log.arrived[k] > floor.late_after[touch]
            for follower, when in (
                (int(floor.after_answer[touch]), done),
                (int(floor.after_loss[touch]), int(log.left[k]) if lost else NOT_YET),
                (int(floor.after_late[touch]), done if late else NOT_YET),
            ):
                if follower != NONE and when != NOT_YET:
                    assert log.arrived[row[follower]] == when + draw.arrival[follower]
                    came.add(follower)
        assert came == {touch for touch in row if touch >= draw.first[-1]}


def test_nobody_holds_more_than_his_room_or_works_off_duty() -> None:
    together = 0
    for seed in SOME:
        draw, log = a_day(seed), logged(seed)
        assert draw.floor is not None
        load = rules.whole_loads(draw.floor.load, draw.floor.shares)
        hands_of: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
        for row, g, agent, seat, begun, ended in bouts(log):
            r = line_at(draw, log, row, begun)
            assert draw.table.opens[r, g] < NEVER
            if agent != NOBODY:
                assert draw.agent_group[agent] == g
                own = draw.stint_agent == agent
                assert (own & (draw.stint_from <= begun) & (begun < draw.stint_to)).any()
            if agent != NOBODY or seat != NOBODY:
                hands_of.setdefault((g, agent, seat), []).append((begun, ended, int(load[r, g])))
        for held in hands_of.values():
            for at, _, _ in held:
                inside = [take for begun, ended, take in held if begun <= at < ended]
                together += len(inside) > 1
                assert sum(inside) <= ROOM
    assert together > 50


def test_work_done_is_the_work_drawn() -> None:
    """With everybody at ordinary speed: the pace of every ms in hand adds up to the work, but for the last ms of either
    stage."""
    checked = shared = 0
    for seed in SOME:
        draw = a_day(seed)
        floor = draw.floor
        assert floor is not None
        table = replace(draw.table, speed=np.full_like(draw.table.speed, SPEED_ONE))
        even = replace(
            floor,
            switching_loss=np.zeros_like(floor.switching_loss),
            agent_speed=np.full_like(floor.agent_speed, SPEED_ONE),
        )
        log = whole.run(replace(draw, table=table, floor=even))
        worked = bouts(log)
        rows = touches_of(draw, log)
        unfinished = (log.outcome == ANSWERED) & (log.finished == NOT_YET)
        if unfinished.any():
            continue
        for row in np.flatnonzero(log.finished != NOT_YET).tolist():
            done = 0
            for of, g, agent, seat, begun, ended in worked:
                if of != row:
                    continue
                mates = [(b, e) for _, *who, b, e in worked if tuple(who) == (g, agent, seat)]
                if agent == seat == NOBODY:
                    mates = [(begun, ended)]  # such seats do not share
                edges = sorted(
                    {t for span in mates for t in span if begun <= t <= ended} | {begun, ended}
                )
                for low, high in pairwise(edges):
                    count = sum(b <= low and high <= e for b, e in mates)
                    shared += count > 1
                    done += (high - low) * int(floor.pace[g, min(count, floor.pace.shape[1] - 1)])
            over = done - int(draw.work[rows[row]]) * PACE_ONE
            assert 0 <= over < 2 * PACE_ONE
            checked += 1
    assert checked > 1_000 and shared > 50
