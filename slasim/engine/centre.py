"""A whole centre as arrays of integers: what the compiled floor reads and what it writes.

Everything of one subject stands in one array with a row (or a column) per field, named below: a compiled function takes
the whole centre as one argument, and its machine code stays small. Nothing happens here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from slasim.bare import bare, column, rows
from slasim.compiling import part_of_a_loop

# ---- touch (T, .): what becomes of touches. First the log's columns, of which those from GROUP on are said when one is
# taken;
ARRIVED, OUTCOME, LEFT, GROUP, AGENT, SEAT, BEGUN, RELEASED, FINISHED = range(9)
# where it stands: in a line since when and with which key, between whom. In hand the last two are agent and place;
STANDS, LINE, SINCE, KEY, BEFORE, BEHIND = range(9, 15)
UNIT, PLACE = BEFORE, BEHIND
# if there is ``more`` (``whole.play``): the next instant at which something may become of it by itself; due instants,
# what the solve clock had counted on arrival, its next step, who is waited for until when, who released it;
TIMER = 15
REPLY_DUE, SOLVE_DUE, COUNTED, NEXT_STEP, OWNER, KEPT_UNTIL, RELEASED_BY = range(16, 23)
# if work may be interrupted: what is left of it, and the speed at which it was handled.
CUT_LEFT, CUT_SPEED = range(23, 25)
PLAIN_TOUCH, FULL_TOUCH, CUTTABLE_TOUCH = 16, 23, 25

COMING, WAITS, KEPT, HANDLED, GONE = range(5)
"""STANDS of a touch."""

# ---- line (R, .)
HEAD, TAIL, OF_QUEUE, OF_CHANNEL, ORDER, SLACK, PRIORITY, HEAD_START, HAS_DOORS = range(9)
LINE_FIELDS = 16

# ---- skill (R, G, .)
(
    OPENS, RANK, PREFERENCE, WEIGHT, RESERVE, SKILL_SPEED, LOAD, PREEMPT, STANDS_IN, HOURS, MOST_BUSY, CUTTABLE,
) = range(12)  # fmt: skip
SKILL_FIELDS = 16

# ---- queue (Q, .): limits, and who waits, who of them was never answered, who is talked to
LINES, LIMIT, STOP, ALL_WAITING, UNANSWERED, IN_SERVICE = range(6)
QUEUE_FIELDS = 8

# ---- crew (G, .). LEAST is the smallest load the group knows, FIRST_LIST and LISTS its lists of available agents;
# FLAT: the pace does not depend on what is in hand; CUTTABLES how many talks may be interrupted, WORST the worst line.
(
    ON_DUTY, BUSY, IDLE, PRESENT, MOST_ROOM, HAND, HAND_SINCE, CHOSEN, LEAST, FIRST_LIST, LISTS, FLAT, FIRST_SEAT,
    BY_NUMBER, LOSS_BY_SWITCHING, CUTTABLES, WORST,
) = range(17)  # fmt: skip
CREW_FIELDS = 32

# ---- unit (U, .): an agent who can take contacts. NAMED and SEATED are its numbers, NOBODY if it has none.
(
    OF_GROUP, NAMED, SEATED, IN_HAND, ROOM_LEFT, UNCHANGED, LISTED_IN, ABOVE, BELOW, CHANNEL, FIRST_PLACE,
) = range(11)  # fmt: skip
UNIT_FIELDS = 16

# ---- place (P, .): in a hand. END is packed (instant, touch).
TALKING, WORK_LEFT, LAST, END, AT_SPEED = range(5)
PLACE_FIELDS = 8

# ---- day (A, .): of a named agent
(
    STINT,
    RESTING,
    NEXT_BREAK,
    LEAVING_STINT,
    NEXT_FROM,
    AT_UNIT,
    IN_GROUP,
    SPEED,
    KEPT_FIRST,
    OWNERS_AT,
) = range(10)
DAY_FIELDS = 16

# ---- stint (., H+1) and pause (., B)
STINT_AGENT, STINT_TO, NEXT_STINT, BREAK_FIRST, STINT_LEFT = range(5)
BREAK_AT, BREAK_LENGTH, BREAK_STINT, BREAK_BEGAN, BREAK_ENDED = range(5)

# ---- window (., W) and step (., S)
OPEN, CLOSE, WINDOW_BEFORE = range(3)
STEP_CLOCK, STEP_OFFSET, STEP_BUSINESS = range(3)

# ---- heaps (3, .) of what is to come: touches, timers, ends of patience; counts: their sizes, and of lists
(
    FOLLOWING, TIMING, LOSING, FRESH_COUNT, WAITING_COUNT, OWNER_COUNT, CUTTABLE_COUNT, CUTS, STEPS_TAKEN,
) = range(9)  # fmt: skip
COUNTS = 9

# ---- lists (5, T): who came in this instant; who is kept for an owner who is available, his group and his room; of
# each touch that follows another, whether it has come
FRESH, KEPT_LIST, KEPT_GROUP, KEPT_ROOM, CAME = range(5)

# ---- talks (3, P): a list of what may be interrupted
TALK, TALK_GROUP, TALK_ROOM = range(3)


class Told(NamedTuple):
    """What the Draw says of touches, a column (T,) each, as the Draw and its Floor have them."""

    arrival: Any
    work: Any
    wrap: Any
    patience: Any
    leaves_as: Any
    queue: Any
    line: Any
    credit: Any
    after_answer: Any
    after_loss: Any
    after_late: Any
    loss_mask: Any
    late_after: Any
    keeps_owner: Any
    purpose: Any
    reply_target: Any
    reply_calendar: Any
    solve_target: Any
    solve_calendar: Any
    solve_pauses: Any
    plan: Any
    contact: Any
    touch: Any


ITEMS = dict.fromkeys(Told._fields, np.int64) | {
    "leaves_as": np.int8,
    "queue": np.int16,
    "purpose": np.int8,
    "solve_pauses": np.int8,
    "touch": np.int16,
}
"""The types in which they are looked at."""


class Centre(NamedTuple):
    """The arrays of a centre, int64. ``told`` (23, 3): where each column of ``Told`` stands (``bare.places``).
    ``bout`` and ``rests``: whose work and whose rest end next (``soonest``).

    listed (., 2) the first and the last of each list of available agents; owners (A,) a list of agents for whom
    something is kept; cuts (6, X) and steps_taken (3, Y) rows of the log, counted beyond their room.
    """

    told: Any
    touch: Any
    line: Any
    skill: Any
    queue: Any
    crew: Any
    unit: Any
    place: Any
    listed: Any
    bout: Any
    pace: Any
    day: Any
    rests: Any
    owners: Any
    stint: Any
    pause: Any
    window_first: Any
    window: Any
    plan_first: Any
    step: Any
    step_to: Any
    heaps: Any
    counts: Any
    talks: Any
    lists: Any
    cuts: Any
    steps_taken: Any


@part_of_a_loop
def told_of(
    places: Any,
) -> Any:
    """The columns that stand there, for compiled code; in their order, with the types of ``ITEMS``."""
    return Told(
        column(places, 0, np.int64),
        column(places, 1, np.int64),
        column(places, 2, np.int64),
        column(places, 3, np.int64),
        column(places, 4, np.int8),
        column(places, 5, np.int16),
        column(places, 6, np.int64),
        column(places, 7, np.int64),
        column(places, 8, np.int64),
        column(places, 9, np.int64),
        column(places, 10, np.int64),
        column(places, 11, np.int64),
        column(places, 12, np.int64),
        column(places, 13, np.int64),
        column(places, 14, np.int8),
        column(places, 15, np.int64),
        column(places, 16, np.int64),
        column(places, 17, np.int64),
        column(places, 18, np.int64),
        column(places, 19, np.int8),
        column(places, 20, np.int64),
        column(places, 21, np.int64),
        column(places, 22, np.int16),
    )


@part_of_a_loop
def bared(
    c: Any,
    more: Any,
) -> Any:
    """The same centre for compiled code, as ``bare`` arrays; rows whose width is known where there is not ``more``."""
    return Centre(
        told_of(c.told),
        rows(c.touch, PLAIN_TOUCH, more),
        rows(c.line, LINE_FIELDS, None),
        rows(c.skill, SKILL_FIELDS, None),
        rows(c.queue, QUEUE_FIELDS, None),
        rows(c.crew, CREW_FIELDS, None),
        rows(c.unit, UNIT_FIELDS, None),
        rows(c.place, PLACE_FIELDS, None),
        rows(c.listed, 2, None),
        bare(c.bout),
        bare(c.pace),
        rows(c.day, DAY_FIELDS, None),
        bare(c.rests),
        bare(c.owners),
        bare(c.stint),
        bare(c.pause),
        bare(c.window_first),
        bare(c.window),
        bare(c.plan_first),
        bare(c.step),
        bare(c.step_to),
        bare(c.heaps),
        bare(c.counts),
        bare(c.talks),
        bare(c.lists),
        bare(c.cuts),
        bare(c.steps_taken),
    )
