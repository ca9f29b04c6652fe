"""Clocks that steer, for the compiled loop of the whole floor: due instants, steps of plans, and the next timer.

A touch has at most one timer that holds: the next instant at which something may become of it by itself. A further
group opens, a step of its plan is due, or it has been kept for its owner long enough. Business time is ``elapsed``'s,
which due instant counts is ``rules``'.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim import elapsed
from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.contactlog import ANSWERED
from slasim.engine import rules
from slasim.engine.agenda import clear_up, put
from slasim.engine.centre import (
    ARRIVED,
    CLOSE,
    COUNTED,
    HAS_DOORS,
    KEPT,
    KEPT_UNTIL,
    LINE,
    NEXT_STEP,
    OPEN,
    OPENS,
    OUTCOME,
    RELEASED,
    RELEASED_BY,
    REPLY_DUE,
    SINCE,
    SOLVE_DUE,
    STANDS,
    STEP_BUSINESS,
    STEP_CLOCK,
    STEP_OFFSET,
    TIMER,
    TIMING,
    WINDOW_BEFORE,
)
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_INSTANT
from slasim.floor import NONE, REPLY_CLOCK, SOLVE_CLOCK
from slasim.routing.table import NEVER


@beside_a_loop
def _position(
    t: Any,
    k: Any,
    window_first: Any,
    window: Any,
) -> Any:
    return elapsed.position(t, k, window_first, window[OPEN], window[CLOSE], window[WINDOW_BEFORE])


@beside_a_loop
def step_due(
    c: Any,
    i: Any,
    step: Any,
) -> Any:
    """The instant at which a step of the plan of touch i is due, not before its arrival; NEVER."""
    clock = c.step[STEP_CLOCK, step]
    arrived = c.touch[i, ARRIVED]
    start = arrived
    k = c.told.reply_calendar[i]
    if clock == REPLY_CLOCK:
        start = c.touch[i, REPLY_DUE]
    elif clock == SOLVE_CLOCK:
        start = c.touch[i, SOLVE_DUE]
        k = c.told.solve_calendar[i]
    due = elapsed.due_after(
        start, c.step[STEP_OFFSET, step], c.step[STEP_BUSINESS, step], k,
        c.window_first, c.window[OPEN], c.window[CLOSE], c.window[WINDOW_BEFORE],
    )  # fmt: skip
    return max(due, arrived)


@beside_a_loop
def next_step(
    c: Any,
    i: Any,
    from_then: Any,
) -> Any:
    """The first instant, ``from_then`` on, at which a step of the plan of touch i is due; NEVER."""
    soonest = NEVER
    plan = c.told.plan[i]
    if plan != NONE:
        for step in range(c.plan_first[plan], c.plan_first[plan + 1]):
            due = step_due(c, i, step)
            if due >= from_then:
                soonest = min(soonest, due)
    return soonest


@beside_a_loop
def set_clocks(
    c: Any,
    i: Any,
    now: Any,
) -> None:
    """The due instants of touch i, which arrives now, and its first step."""
    touch = c.touch
    told = c.told
    before = touch[i, RELEASED_BY]
    target = told.solve_target[i]
    k = told.solve_calendar[i]
    counted = 0
    due_before = NEVER
    reply = elapsed.due(
        now, told.reply_target[i], told.reply_calendar[i],
        c.window_first, c.window[OPEN], c.window[CLOSE], c.window[WINDOW_BEFORE],
    )  # fmt: skip
    if before != NOBODY:
        reply = rules.reply_due_of(reply, touch[before, REPLY_DUE], told.purpose[i])
        due_before = touch[before, SOLVE_DUE]
        counted = touch[before, COUNTED]
        if target < NEVER:
            counted = rules.counted_by(
                counted,
                _position(touch[before, ARRIVED], k, c.window_first, c.window),
                _position(touch[before, RELEASED], k, c.window_first, c.window),
                _position(now, k, c.window_first, c.window),
                touch[before, OUTCOME] != ANSWERED,
                told.solve_pauses[i],
            )
    touch[i, REPLY_DUE] = reply
    touch[i, COUNTED] = counted
    touch[i, SOLVE_DUE] = rules.solve_due_of(
        target, counted, now, due_before, k,
        c.window_first, c.window[OPEN], c.window[CLOSE], c.window[WINDOW_BEFORE],
    )  # fmt: skip
    touch[i, NEXT_STEP] = next_step(c, i, now)


@beside_a_loop
def next_door(
    skill: Any,
    r: Any,
    since: Any,
    now: Any,
) -> Any:
    """The next instant after now at which a group opens to a touch of line r; NO_INSTANT."""
    soonest = NO_INSTANT
    for g in range(skill.shape[1]):
        opens = skill[r, g, OPENS]
        if opens < NEVER and since + opens > now:
            soonest = min(soonest, since + opens)
    return soonest


@beside_a_loop
def next_by_thread(
    c: Any,
    i: Any,
    now: Any,
) -> Any:
    """The next instant after now at which a step of its plan is due, or the keeping of touch i ends."""
    touch = c.touch
    if touch[i, NEXT_STEP] <= now:
        touch[i, NEXT_STEP] = next_step(c, i, now + 1)
    soonest = min(touch[i, NEXT_STEP], NO_INSTANT)
    if touch[i, STANDS] == KEPT:
        soonest = min(soonest, touch[i, KEPT_UNTIL])
    return soonest


@part_of_a_loop
def watch(
    c: Any,
    i: Any,
    now: Any,
) -> None:
    """The next timer of touch i, which waits in its line or is kept."""
    touch = c.touch
    r = touch[i, LINE]
    soonest = NO_INSTANT
    if c.line[r, HAS_DOORS]:
        soonest = next_door(c.skill, r, touch[i, SINCE], now)
    if touch[i, STANDS] == KEPT or c.told.plan[i] != NONE:
        soonest = min(soonest, next_by_thread(c, i, now))
    if soonest == touch[i, TIMER]:
        return
    touch[i, TIMER] = soonest
    if soonest < NO_INSTANT:
        if c.counts[TIMING] == c.heaps.shape[1] - 1:
            clear_up(c.heaps, c.counts, np.int64(TIMING), touch[:, TIMER])
        put(c.heaps, c.counts, np.int64(TIMING), soonest, i)
