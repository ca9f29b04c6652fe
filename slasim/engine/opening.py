"""A Draw as the arrays of a ``Centre``, before anything has happened: everybody at home, every hand empty."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.contactlog import NOT_YET, WAITING
from slasim.draw import Draw
from slasim.engine import rules
from slasim.engine.centre import (
    AGENT,
    ARRIVED,
    AT_UNIT,
    BEGUN,
    BREAK_AT,
    BREAK_FIRST,
    BREAK_LENGTH,
    BREAK_STINT,
    BY_NUMBER,
    CHANNEL,
    COUNTS,
    CUTTABLE_TOUCH,
    DAY_FIELDS,
    FINISHED,
    FIRST_LINE,
    FIRST_LIST,
    FIRST_PLACE,
    FIRST_SEAT,
    FLAT,
    GROUP,
    HAS_DOORS,
    IN_GROUP,
    LEAST,
    LEFT,
    LISTED_IN,
    LISTS,
    LOAD,
    LOSS_BY_SWITCHING,
    NAMED,
    NEXT_FROM,
    NEXT_STINT,
    OF_GROUP,
    OPENS,
    OUTCOME,
    PLACE_FIELDS,
    PLAIN_TOUCH,
    PLAN,
    QUEUE,
    RELEASED,
    RELEASED_BY,
    ROOM_LEFT,
    SEAT,
    SEATED,
    SPEED,
    STINT_AGENT,
    STINT_TO,
    THREADED_TOUCH,
    UNIT_FIELDS,
    WORST,
    Centre,
)
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_KEY
from slasim.floor import NONE, ROOM, Floor
from slasim.routing.table import NEVER, Ints

NOTHING = np.zeros(9, np.int64)
"""What the log says of a touch that has just come."""
NOTHING[[LEFT, BEGUN, RELEASED, FINISHED, ARRIVED]] = NOT_YET
NOTHING[[GROUP, AGENT, SEAT]] = NOBODY
NOTHING[OUTCOME] = WAITING


def opened(draw: Draw, floor: Floor, cuts: int, steps: int) -> tuple[Centre, bool]:
    """The centre, with room for so many interruptions and steps of plans, and whether it is threaded: whether anything
    depends on the touch before, on a clock or an owner."""
    skill = _skill(draw, floor)
    line = _line(draw, floor)
    line[HAS_DOORS] = ((skill[OPENS] > 0) & (skill[OPENS] < NEVER)).any(axis=1)
    crew, unit, place, listed = _people(draw, floor, skill)
    agents = int(draw.agent_group.size)
    planned = bool((floor.plan != NONE).any())
    owned = bool(floor.keeps_owner.any())
    clocked = bool((floor.reply_target < NEVER).any() or (floor.solve_target < NEVER).any())
    threaded = planned or owned or clocked
    timed = planned or owned or bool(line[HAS_DOORS].any())
    told, told_at = _told(draw, floor, threaded)
    day, stint, pause = _duty(draw, floor, unit.shape[0] - 1 - agents)
    heaps = scratch("heaps", 3, (2 if timed else 1) * draw.contacts + 65)
    heaps[:, 0] = NO_KEY
    centre = Centre(
        told=told,
        told_at=told_at,
        touch=_touch(int(draw.first[-1]), draw.contacts, threaded, bool(floor.preempt.any())),
        line=line,
        skill=skill,
        queue=_queue(draw),
        crew=crew,
        unit=unit,
        place=place,
        listed=listed,
        bout=np.full(2 * unit.shape[0], NO_KEY, np.int64),
        pace=np.array(floor.pace, np.int64),
        day=day,
        rests=np.full(2 * agents + 2, NO_KEY, np.int64),
        owners=np.zeros(agents + 1, np.int64),
        stint=stint,
        pause=pause,
        window_first=np.array(floor.window_first, np.int64),
        window=_rows(floor.window_open, floor.window_close, floor.window_before),
        plan_first=np.array(floor.plan_first, np.int64),
        step=_rows(floor.step_clock, floor.step_offset, floor.step_business),
        step_to=np.array(floor.step_to, np.int64),
        heaps=heaps,
        counts=np.zeros(COUNTS, np.int64),
        lists=scratch("lists", 4, draw.contacts),
        nothing=NOTHING.copy(),
        talks=np.empty((3, place.shape[0]), np.int64),
        cuts=np.empty((6, cuts), np.int64),
        steps_taken=np.empty((3, steps), np.int64),
    )
    return centre, threaded


def roster_of(draw: Draw) -> Ints:
    """(3, .) instants of stints and planned breaks, sorted by (time, part of AGENTS), part and number."""
    stints, breaks = np.arange(draw.stint_to.size), np.arange(draw.break_at.size)
    parts = np.array([rules.STINT_ENDS, rules.STINT_BEGINS, rules.BREAK_DUE], np.int64)
    roster = np.stack(
        [
            np.concatenate([draw.stint_to, draw.stint_from, draw.break_at]),
            np.repeat(parts, [stints.size, stints.size, breaks.size]),
            np.concatenate([stints, stints, breaks]),
        ]
    )
    return np.ascontiguousarray(roster[:, np.lexsort(roster[::-1])])


def _rows(*columns: NDArray[Any]) -> Ints:
    return np.array([np.asarray(column, np.int64) for column in columns], np.int64)


def _told(draw: Draw, floor: Floor, threaded: bool) -> tuple[Ints, Ints]:
    """What is told of touches, and where each column stands: columns that say the same share one."""
    columns: list[NDArray[Any]] = [
        draw.arrival, draw.work, draw.wrap, draw.patience, draw.leaves_as, floor.queue, floor.line,
        floor.credit, floor.after_answer, floor.after_loss, floor.after_late, floor.loss_mask,
        floor.late_after, floor.keeps_owner,
    ]  # fmt: skip
    if threaded:
        columns += [
            floor.purpose, floor.reply_target, floor.reply_calendar, floor.solve_target,
            floor.solve_calendar, floor.solve_pauses, floor.plan,
        ]  # fmt: skip
    column_of: dict[int, int] = {}
    told_columns: list[NDArray[Any]] = []
    told_at = np.zeros(PLAN + 1, np.int64)
    for k, column in enumerate(columns):
        if k == FIRST_LINE and np.array_equal(column, floor.queue):
            told_at[k] = told_at[QUEUE]
            continue
        alike = column.size > 0 and column[0] == column[-1] and bool((column == column[0]).all())
        if alike and int(column[0]) in column_of:
            told_at[k] = column_of[int(column[0])]
            continue
        if alike:
            column_of[int(column[0])] = len(told_columns)
        told_at[k] = len(told_columns)
        told_columns.append(column)
    told = scratch("told", draw.contacts, len(told_columns))
    for some in _slices(draw.contacts):
        for k, column in enumerate(told_columns):
            told[some, k] = column[some]
    return told, told_at


def _touch(first: int, count: int, threaded: bool, preempts: bool) -> Ints:
    """Touches that have not come; first touches are written when they come, for they all do."""
    fields = PLAIN_TOUCH
    if threaded:
        fields = THREADED_TOUCH
    if preempts:
        fields = CUTTABLE_TOUCH
    touch = scratch("touch", count, fields)
    touch[first:, : NOTHING.size] = NOTHING
    if threaded:
        touch[first:, RELEASED_BY] = NOBODY
    return touch


def scratch(name: str, *shape: int) -> Ints:
    """An array of that shape with anything in it; the same memory at the next replication of this thread.

    Fresh memory costs more than what is done in it. What is too large to be kept for ever is fresh.
    """
    size = int(np.prod(shape))
    kept: dict[str, Ints] = _KEPT.__dict__
    if size > LARGEST_KEPT:
        return np.empty(shape, np.int64)
    if name not in kept or kept[name].size < size:
        kept[name] = np.empty(size + size // 4, np.int64)
    return kept[name][:size].reshape(shape)


_KEPT = threading.local()
LARGEST_KEPT = 1 << 24
"""Integers of one array: 128 MB."""


def _slices(count: int) -> Iterator[slice]:
    """So many touches at a time that they stay near the processor while columns come side by side."""
    return (slice(start, start + 4096) for start in range(0, count, 4096))


def _line(draw: Draw, floor: Floor) -> Ints:
    table = draw.table
    nobody = np.full(floor.line_queue.size, NOBODY)
    return _rows(
        nobody, nobody, floor.line_queue, floor.line_channel, floor.order, floor.slack, table.priority,
        table.head_start, np.zeros_like(nobody),
    )  # fmt: skip


def _skill(draw: Draw, floor: Floor) -> Ints:
    table = draw.table
    return _rows(
        table.opens, table.rank, table.preference, table.weight, table.reserve, table.speed,
        rules.whole_loads(floor.load, floor.shares), floor.preempt, floor.stands_in, floor.hours,
        floor.most_busy, np.zeros_like(table.opens),
    )  # fmt: skip


def _queue(draw: Draw) -> Ints:
    nothing = np.zeros(draw.queues, np.int64)
    return _rows(draw.lines, draw.queue_limit, draw.stop, nothing, nothing, nothing)


def _people(draw: Draw, floor: Floor, skill: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """(crew, unit, place, listed). The last unit is nobody's, so that there is one."""
    groups, agents = draw.groups, int(draw.agent_group.size)
    least = np.where(skill[OPENS] < NEVER, skill[LOAD], ROOM).min(axis=0, initial=ROOM)
    if (least < 1).any():
        raise ValueError("a contact takes at least 1 part of an agent's room")
    lists = ROOM // least + 1
    seats = np.zeros(groups, np.int64)
    np.maximum.at(seats, draw.staff_group, draw.staff_number)
    named = int(seats.sum())
    crew = np.zeros((WORST + 1, groups), np.int64)
    crew[LEAST] = least
    crew[LISTS] = lists
    crew[FIRST_LIST] = np.cumsum(lists) - lists
    crew[FLAT] = (floor.pace[:, 1:] == floor.pace[:, 1:2]).all(axis=1)
    crew[FIRST_SEAT] = np.cumsum(seats) - seats
    crew[BY_NUMBER] = draw.by_number
    crew[LOSS_BY_SWITCHING] = floor.switching_loss
    crew[WORST] = NOBODY
    unit = np.zeros((named + agents + 1, UNIT_FIELDS), np.int64)
    unit[:, [NAMED, SEATED, LISTED_IN, CHANNEL]] = NOBODY
    unit[:, ROOM_LEFT] = ROOM
    unit[:-1, OF_GROUP] = np.concatenate([np.repeat(np.arange(groups), seats), draw.agent_group])
    unit[:named, SEATED] = np.arange(named) - np.repeat(crew[FIRST_SEAT], seats)
    unit[named:-1, NAMED] = np.arange(agents)
    places = (lists - 1)[unit[:-1, OF_GROUP]]
    unit[:-1, FIRST_PLACE] = np.cumsum(places) - places
    place = np.zeros((int(places.sum()) + 1, PLACE_FIELDS), np.int64)
    return crew, unit, place, np.full((int(lists.sum()) + 1, 2), NOBODY, np.int64)


def _duty(draw: Draw, floor: Floor, first_unit: int) -> tuple[Ints, Ints, Ints]:
    """(day, stint, pause) of named agents."""
    agents, stints, breaks = int(draw.agent_group.size), draw.stint_to.size, draw.break_at.size
    day = np.full((agents + 1, DAY_FIELDS), NOBODY, np.int64)
    day[:-1, AT_UNIT] = first_unit + np.arange(agents)
    day[:-1, IN_GROUP] = draw.agent_group
    day[:-1, SPEED] = floor.agent_speed[:agents]
    day[:, NEXT_FROM] = NEVER
    stint = np.full((5, stints + 1), NOT_YET, np.int64)
    stint[STINT_AGENT, :-1] = draw.stint_agent
    stint[STINT_TO, :-1] = draw.stint_to
    stint[BREAK_FIRST] = draw.break_first
    for h in range(stints - 1, -1, -1):
        a = draw.stint_agent[h]
        stint[NEXT_STINT, h] = day[a, NEXT_FROM]
        day[a, NEXT_FROM] = draw.stint_from[h]
    pause = np.full((5, breaks), NOT_YET, np.int64)
    pause[BREAK_AT] = draw.break_at
    pause[BREAK_LENGTH] = draw.break_length
    pause[BREAK_STINT] = np.repeat(np.arange(stints), np.diff(draw.break_first))
    return day, stint, pause
