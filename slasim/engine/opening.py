"""A Draw as the arrays of a ``Centre``, before anything has happened: everybody at home, every hand empty."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from slasim.arrays import Bools, Ints, NDArray
from slasim.bare import places
from slasim.contactlog import NOT_YET
from slasim.draw import Draw
from slasim.engine import rules
from slasim.engine.centre import (
    AT_UNIT,
    BREAK_AT,
    BREAK_FIRST,
    BREAK_LENGTH,
    BREAK_STINT,
    BY_NUMBER,
    CAME,
    CHANNEL,
    COUNTS,
    CREW_FIELDS,
    CUTTABLE_TOUCH,
    DAY_FIELDS,
    FIRST_LIST,
    FIRST_PLACE,
    FIRST_SEAT,
    FLAT,
    FULL_TOUCH,
    HAS_DOORS,
    IN_GROUP,
    ITEMS,
    LEAST,
    LINE_FIELDS,
    LISTED_IN,
    LISTS,
    LOAD,
    LOSS_BY_SWITCHING,
    NAMED,
    NEXT_FROM,
    NEXT_STINT,
    OF_GROUP,
    OPENS,
    PLACE_FIELDS,
    PLAIN_TOUCH,
    QUEUE_FIELDS,
    ROOM_LEFT,
    SEATED,
    SKILL_FIELDS,
    SPEED,
    STINT_AGENT,
    STINT_TO,
    UNIT_FIELDS,
    WORST,
    Centre,
)
from slasim.engine.planned import roster_of
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_KEY, players
from slasim.engine.writing import seats_shown
from slasim.floor import NONE, ROOM, Floor, everywhere, said_of_all
from slasim.memory import scratch
from slasim.routing.table import NEVER, RoutingTable


class Empty(NamedTuple):
    """A centre with nobody in it and nothing to come. It belongs to one thread, which plays one replication after the
    other in it.

    centre        without what is made for the touches of one replication
    state         the memory of all in it that changes, and ``at_first`` what stands there before anything happens
    agenda        what is known beforehand, as ``whole.play`` takes it: staff_at, staff_group, staff_number, roster,
                  looks, closing_at, closing_queue
    shown         (G,) whose seats the log tells
    has_doors     a group opens to a line after some waiting
    conditional   work may be interrupted, or who may take a line depends on hours, on others or on how many are busy,
                  or a queue has so many lines or a limit
    """

    centre: Centre
    state: Ints
    at_first: Ints
    agenda: tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]
    shown: Bools
    has_doors: bool
    conditional: bool
    preempts: bool
    limited: bool


def empty(draw: Draw, floor: Floor) -> Empty:
    """The empty centre of a Draw; the same as this thread's last, if all that it depends on says the same."""
    columns = (*_of_draw(draw), *_of_table(draw.table), *_of_floor(floor))
    sizes = list(map(len, columns))
    try:
        said = b"".join(columns)
    except BufferError:  # some column is no piece of memory
        said = b"".join(column.tobytes() for column in columns)
    kept: tuple[Any, Any, Empty] | None = getattr(_KEPT, "empty", None)
    if kept is None or kept[0] != said or kept[1] != sizes:
        kept = _KEPT.empty = (said, sizes, _empty(draw, floor))
    return kept[2]


_KEPT = threading.local()
_OF_DRAW = (
    "lines", "queue_limit", "stop", "closing_at", "closing_queue", "by_number", "staff_at", "staff_group",
    "staff_number", "agent_group", "stint_agent", "stint_from", "stint_to", "break_first", "break_at", "break_length",
)  # fmt: skip
_OF_FLOOR = (
    "line_queue", "line_channel", "order", "slack", "load", "preempt", "stands_in", "hours", "most_busy", "pace",
    "switching_loss", "shares", "agent_speed", "window_first", "window_open", "window_close", "window_before", "looks",
    "plan_first", "step_clock", "step_offset", "step_business", "step_to",
)  # fmt: skip


_of_draw, _of_floor = attrgetter(*_OF_DRAW), attrgetter(*_OF_FLOOR)
_of_table = attrgetter(*(each.name for each in fields(RoutingTable)))


def _empty(draw: Draw, floor: Floor) -> Empty:
    skill = _skill(draw, floor)
    line = _line(draw, floor)
    line[HAS_DOORS] = ((skill[OPENS] > 0) & (skill[OPENS] < NEVER)).any(axis=1)
    crew, unit, taken, listed = _people(draw, floor, skill)
    day, stint, pause = _duty(draw, floor, unit.shape[0] - 1 - int(draw.agent_group.size))
    conditions = (
        (floor.stands_in, NONE), (floor.hours, NONE), (floor.most_busy, NEVER), (draw.lines, NEVER),
        (draw.queue_limit, NEVER),
    )  # fmt: skip
    preempts = bool(floor.preempt.any())
    agents = int(draw.agent_group.size)
    state, changing = _in_one_piece(
        line=_one_by_one(line, LINE_FIELDS),
        skill=_one_by_one(skill, SKILL_FIELDS),
        queue=_one_by_one(_queue(draw), QUEUE_FIELDS),
        crew=_one_by_one(crew, CREW_FIELDS),
        unit=unit,
        place=np.zeros((taken, PLACE_FIELDS), np.int64),
        listed=listed,
        bout=np.full(2 * players(unit.shape[0]), NO_KEY, np.int64),
        day=day,
        rests=np.full(2 * players(agents), NO_KEY, np.int64),
        owners=np.zeros(agents + 1, np.int64),
        stint=stint,
        pause=pause,
        counts=np.zeros(COUNTS, np.int64),
    )
    return Empty(
        centre=Centre(
            **changing,
            pace=_ints(floor.pace),
            window_first=_ints(floor.window_first),
            window=_rows(floor.window_open, floor.window_close, floor.window_before),
            plan_first=_ints(floor.plan_first),
            step=_rows(floor.step_clock, floor.step_offset, floor.step_business),
            step_to=_ints(floor.step_to),
            talks=np.empty((3, taken), np.int64),
            **dict.fromkeys(_OF_ONE),
        ),
        state=state,
        at_first=state.copy(),
        agenda=(
            _ints(draw.staff_at), _ints(draw.staff_group), _ints(draw.staff_number), roster_of(draw),
            _ints(floor.looks), _ints(draw.closing_at), _ints(draw.closing_queue),
        ),
        shown=seats_shown(draw, floor),
        has_doors=bool(line[HAS_DOORS].any()),
        conditional=preempts or any(_says(of, but) for of, but in conditions),
        preempts=preempts,
        limited=bool((draw.queue_limit < NEVER).any()),
    )  # fmt: skip


_OF_ONE = ("told", "touch", "heaps", "lists", "cuts", "steps_taken")
"""Arrays made for the touches of one replication."""


def _in_one_piece(**arrays: Ints) -> tuple[Ints, dict[str, Ints]]:
    """Memory that holds all of them one after the other, and each as it stands there."""
    memory = np.concatenate([array.ravel() for array in arrays.values()])
    found, at = {}, 0
    for name, array in arrays.items():
        found[name] = memory[at : at + array.size].reshape(array.shape)
        at += array.size
    return memory, found


def opened(
    empty: Empty, draw: Draw, floor: Floor, told: Sequence[NDArray[Any]], cuts: int, steps: int
) -> tuple[Centre, bool | None]:
    """The centre before anything has happened, with room for so many interruptions and steps of plans, and whether
    there is ``more``, as ``whole.play`` asks: True or None. ``told`` are its ``columns_of``, which have to outlive it.
    """
    planned, owned = _says(floor.plan, NONE), _says(floor.keeps_owner, 0)
    clocked = _says(floor.reply_target, NEVER) or _says(floor.solve_target, NEVER)
    timed = planned or owned or empty.has_doors
    more = timed or clocked or empty.conditional or _says(floor.after_late, NONE)
    heaps = scratch("heaps", 3, (2 if timed else 1) * draw.contacts + 65)
    heaps[:, 0] = NO_KEY
    lists = scratch("lists", 5, draw.contacts)
    lists[CAME, int(draw.first[-1]) :] = 0
    empty.state[:] = empty.at_first
    centre = empty.centre._replace(
        told=places(told),
        touch=_touch(draw.contacts, more, empty.preempts),
        heaps=heaps,
        lists=lists,
        cuts=scratch("cuts", 6, cuts),
        steps_taken=scratch("steps", 3, steps),
    )
    return centre, more or None


def _one_by_one(fields: Ints, width: int) -> Ints:
    """Fields of everything (F, ...) as everything with its fields (..., width)."""
    found = np.zeros((*fields.shape[1:], width), np.int64)
    found[..., : fields.shape[0]] = np.moveaxis(fields, 0, -1)
    return found


def _says(column: NDArray[Any], but: int) -> bool:
    """Whether the column says anything else of any touch."""
    said = said_of_all(column)
    return bool((column != but).any()) if said is None else said != but


def _ints(column: NDArray[Any]) -> Ints:
    """A column as compiled code is made for it."""
    return np.array(column, np.int64)


def _rows(*columns: NDArray[Any]) -> Ints:
    return np.array([np.asarray(column, np.int64) for column in columns], np.int64)


def columns_of(draw: Draw, floor: Floor) -> list[NDArray[Any]]:
    """What the Draw says of touches, in the order and the types of ``Told``; where it has them so, they are its own."""
    return [
        _as(getattr(draw if hasattr(draw, name) else floor, name), kind)
        for name, kind in ITEMS.items()
    ]


def _as(column: NDArray[Any], kind: Any) -> NDArray[Any]:
    if column.dtype == kind:
        return column
    said = said_of_all(column)
    return column.astype(kind) if said is None else everywhere(said, column.size, kind)


def _touch(count: int, more: bool, preempts: bool) -> Ints:
    """Touches that have not come; they are written when they do."""
    width = PLAIN_TOUCH
    if more:
        width = CUTTABLE_TOUCH if preempts else FULL_TOUCH
    return scratch("touch", count, width)


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


def _people(draw: Draw, floor: Floor, skill: Ints) -> tuple[Ints, Ints, int, Ints]:
    """(crew, unit, places, listed). The last unit is nobody's, so that there is one."""
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
    hands = (lists - 1)[unit[:-1, OF_GROUP]]
    unit[:-1, FIRST_PLACE] = np.cumsum(hands) - hands
    listed = np.full((int(lists.sum()) + 1, 2), NOBODY, np.int64)
    return crew, unit, int(hands.sum()) + 1, listed


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
