"""Clocks that steer, for the compiled loop of the whole floor: due instants, steps of plans, and the next timer.

A touch has at most one timer that holds: the next instant at which something may become of it by itself. A further
group opens, a step of its plan is due, or it has been kept for its owner long enough. ``thread`` (T, 6) says of a
touch both due instants, what the solve clock had counted when it arrived, its next step, until when it is kept,
and the touch that released it. Business time is ``elapsed``'s, which due instant counts is ``rules``'.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from slasim import elapsed
from slasim.compiling import beside_a_loop
from slasim.contactlog import ANSWERED
from slasim.engine import rules
from slasim.engine.agenda import clear_up, put
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_INSTANT
from slasim.floor import NONE, REPLY_CLOCK, SOLVE_CLOCK
from slasim.routing.table import NEVER

REPLY_DUE, SOLVE_DUE, COUNTED, NEXT_STEP, KEPT_UNTIL, RELEASED_BY = range(6)
THREAD_FIELDS = 6

FOLLOWING, TIMING, LOSING = range(3)
"""The heaps: touches to come, timers, patience."""


class Clocks(NamedTuple):
    """What the Floor says of clocks and plans, ``thread``, and ``timer_at`` (T,): a touch's timer, NO_INSTANT."""

    purpose: Any
    reply_target: Any
    reply_calendar: Any
    solve_target: Any
    solve_calendar: Any
    solve_pauses: Any
    plan: Any
    window_first: Any
    window_open: Any
    window_close: Any
    window_before: Any
    plan_first: Any
    step_clock: Any
    step_offset: Any
    step_business: Any
    step_to: Any
    thread: Any
    timer_at: Any


@beside_a_loop
def step_due(
    clocks: Any,
    i: Any,
    arrived: Any,
    step: Any,
) -> Any:
    """The instant at which a step of the plan of touch i is due, not before its arrival; NEVER."""
    clock = clocks.step_clock[step]
    start = arrived
    k = clocks.reply_calendar[i]
    if clock == REPLY_CLOCK:
        start = clocks.thread[i, REPLY_DUE]
    elif clock == SOLVE_CLOCK:
        start = clocks.thread[i, SOLVE_DUE]
        k = clocks.solve_calendar[i]
    due = elapsed.due_after(
        start, clocks.step_offset[step], clocks.step_business[step], k,
        clocks.window_first, clocks.window_open, clocks.window_close, clocks.window_before,
    )  # fmt: skip
    return max(due, arrived)


@beside_a_loop
def next_step(
    clocks: Any,
    i: Any,
    arrived: Any,
    from_then: Any,
) -> Any:
    """The first instant, ``from_then`` on, at which a step of the plan of touch i is due; NEVER."""
    soonest = NEVER
    plan = clocks.plan[i]
    if plan != NONE:
        for step in range(clocks.plan_first[plan], clocks.plan_first[plan + 1]):
            due = step_due(clocks, i, arrived, step)
            if due >= from_then:
                soonest = min(soonest, due)
    return soonest


@beside_a_loop
def set_clocks(
    clocks: Any,
    i: Any,
    now: Any,
    arrived: Any,
    released: Any,
    outcome: Any,
) -> None:
    """The due instants of touch i, which arrives now, and its first step."""
    thread = clocks.thread
    before = thread[i, RELEASED_BY]
    target = clocks.solve_target[i]
    k = clocks.solve_calendar[i]
    counted = 0
    due_before = NEVER
    reply = elapsed.due(
        now, clocks.reply_target[i], clocks.reply_calendar[i],
        clocks.window_first, clocks.window_open, clocks.window_close, clocks.window_before,
    )  # fmt: skip
    if before != NOBODY:
        reply = rules.reply_due_of(reply, thread[before, REPLY_DUE], clocks.purpose[i])
        due_before = thread[before, SOLVE_DUE]
        counted = thread[before, COUNTED]
        if target < NEVER:
            counted = rules.counted_by(
                counted,
                elapsed.position(arrived[before], k, clocks.window_first, clocks.window_open,
                                 clocks.window_close, clocks.window_before),
                elapsed.position(released[before], k, clocks.window_first, clocks.window_open,
                                 clocks.window_close, clocks.window_before),
                elapsed.position(now, k, clocks.window_first, clocks.window_open,
                                 clocks.window_close, clocks.window_before),
                outcome[before] != ANSWERED, clocks.solve_pauses[i],
            )  # fmt: skip
    thread[i, REPLY_DUE] = reply
    thread[i, COUNTED] = counted
    thread[i, SOLVE_DUE] = rules.solve_due_of(
        target, counted, now, due_before, k,
        clocks.window_first, clocks.window_open, clocks.window_close, clocks.window_before,
    )  # fmt: skip
    thread[i, NEXT_STEP] = next_step(clocks, i, now, now)


@beside_a_loop
def set_timer(
    clocks: Any,
    heap: Any,
    size: Any,
    opens: Any,
    i: Any,
    r: Any,
    now: Any,
    since: Any,
    arrived: Any,
    threaded: Any,
    kept: Any,
) -> None:
    """The next instant after now at which something may become of touch i, which waits in line r (or is kept)."""
    soonest = NO_INSTANT
    for g in range(opens.shape[1]):
        if opens[r, g] < NEVER and since + opens[r, g] > now:
            soonest = min(soonest, since + opens[r, g])
    if threaded:
        thread = clocks.thread
        if thread[i, NEXT_STEP] <= now:
            thread[i, NEXT_STEP] = next_step(clocks, i, arrived, now + 1)
        soonest = min(soonest, thread[i, NEXT_STEP])
        if kept:
            soonest = min(soonest, thread[i, KEPT_UNTIL])
    timer_at = clocks.timer_at
    if soonest == timer_at[i]:
        return
    timer_at[i] = soonest
    if soonest < NO_INSTANT:
        if size[TIMING] == heap.size:
            clear_up(heap, size, TIMING, timer_at)
        put(heap, size, TIMING, soonest, i)
