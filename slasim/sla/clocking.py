"""The one compiled loop of this room: it follows tickets' events and writes a row for every cycle of one clock.

It knows the bits of `ticket_clock.py`, positions on business time and numbers of targets; no calendar, no metric by
name. How time adds up is `slasim/elapsed.py`, taken in as it is. A breach is noticed at the next event and dated
afterwards, so nothing here asks a calendar.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim import elapsed
from slasim.compiling import beside_a_loop, compiled, part_of_a_loop
from slasim.elapsed import UNDEFINED
from slasim.sla.ticket_clock import (
    ANSWERS,
    ASKS,
    ASKS_FIRST,
    BEGINS,
    CANCELS,
    CLOSES,
    NO_STATUS,
    PAUSES,
    RUNS,
    SOLVED,
    STARTS,
    STOPS,
)

spent = part_of_a_loop(elapsed.spent)
due_position = part_of_a_loop(elapsed.due_position)
is_past = part_of_a_loop(elapsed.is_past)

# The columns of a row.
(
    TICKET, CYCLE, START, BEGAN, START_EVENT, END_EVENT, STOP, COUNTED, GOAL, DUE, DUE_POINT,
    BREACHED, BREACH_DUE, BREACH_POINT, EFFECTIVE, ENDED, RUNNING, WIDTH,
) = range(18)  # fmt: skip
# How a cycle ended.
HORIZON, STOPPED, CLOSED, CANCELLED = range(4)
# The columns of a stretch: a piece of a cycle in which nothing changed.
(
    S_ROW, S_GENERATION, S_FROM, S_FROM_AT, S_COUNTED, S_TO_AT, S_GOAL, S_DUE, S_DUE_POINT, S_RUNNING, S_WIDTH,
) = range(11)  # fmt: skip
# Settings, by their places in the tuples of ticket_clock.py.
KEEP_ELAPSED, RESTART, FREEZE, RETROACTIVE = range(4)
STICKY, FINAL = range(2)
FIRST_ONLY, RESUME, CONTINUOUS, NEW_CYCLE = range(4)
ONE, MANY, BY_REOPEN = range(3)
IGNORE, STOP_IT, CLOSE_IT = range(3)


def _write(
    stretches: Any, at: int, row: int, generation: int, position: int, since: int, counted: int,
    until: int, goal: int, due: int, point: int, running: bool,
) -> int:  # fmt: skip
    """Write one stretch; gives where the next one goes."""
    piece = stretches[at]
    piece[S_ROW], piece[S_GENERATION] = row, generation
    piece[S_FROM], piece[S_FROM_AT], piece[S_COUNTED] = position, since, counted
    piece[S_TO_AT], piece[S_GOAL] = until, goal
    piece[S_DUE], piece[S_DUE_POINT], piece[S_RUNNING] = due, point, running
    return at + 1


_write_stretch = beside_a_loop(_write)


@compiled
def follow(
    starts: Any,
    at: Any,
    position: Any,
    first: Any,
    bits: Any,
    status: Any,
    goal: Any,
    goal_ms: Any,
    goal_point: Any,
    points: Any,
    rules: Any,
    horizon: Any,
    rows: Any,
    stretches: Any,
) -> Any:
    """Follow every ticket through its events; gives (rows written, stretches written).

    starts (N+1,) where tickets begin; at, position, first, bits, status, goal (E,) per event; goal_ms (G,) targets in
    ms, goal_point (G,) column of ``points`` (E, P) that holds the due instant of a calendar target, or -1; rules =
    (cycles, when_solved, after_reply, while_solved, on_target_change, breach_memory, on_reopen); horizon = (instant,
    position, first); rows (R, WIDTH) and stretches (S, S_WIDTH) are written, stretches only if S > 0.
    """
    cycles, when_solved, after_reply, while_solved = rules[0], rules[1], rules[2], rules[3]
    on_change, memory, on_reopen = rules[4], rules[5], rules[6]
    keep = stretches.shape[0] > 0
    written = 0
    pieces = 0
    longest = 0
    for ticket in range(starts.size - 1):
        longest = max(longest, starts[ticket + 1] - starts[ticket])
    since = np.empty(longest + 2, np.int64)
    since_at = np.empty(longest + 2, np.int64)
    counted = np.empty(longest + 2, np.int64)

    for ticket in range(starts.size - 1):
        i, end = starts[ticket], starts[ticket + 1]
        opening = i
        now_status = RUNS
        asked = False
        answered = after_reply == 0
        active = False
        begun = 0  # cycles begun
        numbered = 0  # cycles written
        row_is_written = False
        may_reopen = False
        start = start_event = start_position = stop_position = 0
        n = 0
        running = False
        total = 0
        current = -1
        had_goal = False
        due = due_point = UNDEFINED
        breached = False
        breach_due = breach_point = UNDEFINED
        effective = 0
        generation = 0
        mark, mark_at, mark_counted, mark_running = 0, 0, 0, False
        mark_goal, mark_due, mark_point = -1, UNDEFINED, UNDEFINED

        while True:
            at_horizon = i >= end
            if at_horizon:
                if not active:
                    break
                t, p, is_first = horizon[0], horizon[1], horizon[2] != 0
                j, flags, new_status, new_goal = i, 0, NO_STATUS, current
                last = end - 1
            else:
                t, p, is_first = at[i], position[i], first[i] != 0
                j, flags, new_status = i, 0, NO_STATUS
                while j < end and at[j] == t:
                    flags |= bits[j]
                    if j > opening and status[j] > new_status:
                        new_status = status[j]
                    j += 1
                if new_status == NO_STATUS and i == opening:
                    new_status = status[opening]
                new_goal = goal[j - 1]
                last = j - 1
            begin = False

            # -- creation
            if flags & ASKS_FIRST:
                asked = True
            if flags & BEGINS and begun == 0:
                begin = True
            for turn in range(
                2
            ):  # a cycle may begin before the stops of its instant, or after them
                if begin:
                    begin = False
                    active, begun, row_is_written = True, begun + 1, False
                    start, start_event, start_position = t, i, p
                    n, total, running = 0, 0, now_status != PAUSES
                    if turn == 0:
                        running = True
                    if running:
                        since[0], since_at[0], counted[0], n = p, t, 0, 1
                    current, had_goal, effective = new_goal, new_goal >= 0, t
                    breached, breach_due, breach_point = False, UNDEFINED, UNDEFINED
                    generation = 0
                    mark_goal = -1
                if turn == 1:
                    break

                # -- is it late by now?
                if active and not breached and current >= 0:
                    k = goal_point[current]
                    if k >= 0:
                        due, due_point = UNDEFINED, points[start_event, k]
                        if t > due_point:
                            breached, breach_point = True, due_point
                    else:
                        due_point = UNDEFINED
                        due = due_position(since, counted, n, running, total, goal_ms[current])
                        if due != UNDEFINED and is_past(p, is_first, due):
                            breached, breach_due = True, due

                # -- stop
                if active:
                    ended = -1
                    if flags & STOPS:
                        ended = STOPPED
                    elif flags & CANCELS:
                        ended = CANCELLED
                    elif new_status == SOLVED and when_solved == STOP_IT:
                        ended = STOPPED
                    elif flags & CLOSES or (new_status == SOLVED and when_solved == CLOSE_IT):
                        ended = CLOSED
                    elif at_horizon:
                        ended = HORIZON
                    if ended >= 0:
                        if keep and mark_goal >= 0:
                            pieces = _write_stretch(
                                stretches, pieces, written, generation, mark, mark_at, mark_counted,
                                t, mark_goal, mark_due, mark_point, mark_running,
                            )  # fmt: skip
                            mark_goal = -1
                        due = due_point = UNDEFINED
                        if current >= 0:
                            if goal_point[current] >= 0:
                                due_point = points[start_event, goal_point[current]]
                            else:
                                due = due_position(
                                    since, counted, n, running, total, goal_ms[current]
                                )
                        was_running = running
                        if running:
                            total = spent(total, running, since[n - 1], p)
                            running = False
                        active, stop_position = False, p
                        may_reopen = ended == STOPPED
                        if had_goal:
                            numbered += 1
                            row_is_written = True
                            row = rows[written]
                            written += 1
                            row[TICKET], row[CYCLE] = ticket, numbered
                            row[START], row[START_EVENT] = start, start_event
                            row[BEGAN] = since_at[0] if n > 0 else start
                            row[END_EVENT] = last
                            row[STOP] = UNDEFINED if ended == HORIZON else t
                            row[COUNTED], row[GOAL] = total, current
                            row[DUE], row[DUE_POINT] = due, due_point
                            row[BREACHED] = breached
                            row[BREACH_DUE], row[BREACH_POINT] = breach_due, breach_point
                            row[EFFECTIVE], row[ENDED] = effective, ended
                            row[RUNNING] = was_running
                if at_horizon:
                    break

                # -- the first reply has been given, or will not be
                if asked and (flags & ANSWERS or new_status == SOLVED):
                    answered = True

                # -- pause, resume, reopen
                before = now_status
                if new_status != NO_STATUS:
                    now_status = new_status
                if active and now_status == PAUSES and running:
                    if p == since[n - 1]:
                        n -= 1  # no business time has passed: it never ran here
                    else:
                        total = spent(total, running, since[n - 1], p)
                    running = False
                elif active and now_status != PAUSES and not running:
                    since[n], since_at[n], counted[n] = p, t, total
                    n, running = n + 1, True
                elif (
                    may_reopen and cycles == BY_REOPEN and before == SOLVED and now_status != SOLVED
                ):
                    may_reopen = False
                    if on_reopen == NEW_CYCLE:
                        begin = True
                    elif on_reopen != FIRST_ONLY:
                        if row_is_written:
                            written -= 1
                            numbered -= 1
                        active, effective = True, t if not breached else effective
                        if on_reopen == CONTINUOUS:
                            since[n], since_at[n], counted[n] = stop_position, t, total
                            n, running = n + 1, now_status != PAUSES
                            if not running:
                                total += p - stop_position
                        elif now_status != PAUSES:
                            since[n], since_at[n], counted[n] = p, t, total
                            n, running = n + 1, True

                # -- start
                if flags & ASKS:
                    asked = True
                if (
                    flags & STARTS
                    and not active
                    and answered
                    and (cycles != ONE or begun == 0)
                    and (while_solved or now_status != SOLVED)
                ):
                    begin = True

            if at_horizon:
                break

            # -- another target
            if (
                active
                and new_goal != current
                and start != t
                and not (on_change == FREEZE and current >= 0)
            ):
                if keep and mark_goal >= 0:
                    pieces = _write_stretch(
                        stretches, pieces, written, generation, mark, mark_at, mark_counted,
                        t, mark_goal, mark_due, mark_point, mark_running,
                    )  # fmt: skip
                    mark_goal = -1
                if current >= 0 and memory == FINAL:
                    breached, breach_due, breach_point = False, UNDEFINED, UNDEFINED
                if not breached:
                    effective = t
                if on_change == RESTART:
                    start, start_event, start_position = t, i, p
                    effective, total, n, generation = t, 0, 0, generation + 1
                    breached, breach_due, breach_point = False, UNDEFINED, UNDEFINED
                    if running:
                        since[0], since_at[0], counted[0], n = p, t, 0, 1
                elif on_change == RETROACTIVE:
                    since[0], since_at[0], counted[0], n = start_position, start, 0, 1
                    total = 0 if running else p - start_position
                current = new_goal
                had_goal = had_goal or current >= 0

            # -- a new stretch
            if keep and active:
                due = due_point = UNDEFINED
                if current >= 0:
                    if goal_point[current] >= 0:
                        due_point = points[start_event, goal_point[current]]
                    else:
                        due = due_position(since, counted, n, running, total, goal_ms[current])
                if (
                    current != mark_goal
                    or running != mark_running
                    or due != mark_due
                    or due_point != mark_point
                ):
                    if mark_goal >= 0:
                        pieces = _write_stretch(
                            stretches, pieces, written, generation, mark, mark_at, mark_counted,
                            t, mark_goal, mark_due, mark_point, mark_running,
                        )  # fmt: skip
                    mark, mark_at, mark_running = p, t, running
                    mark_counted = spent(total, running, since[n - 1] if n > 0 else p, p)
                    mark_goal, mark_due, mark_point = current, due, due_point
            i = j
    return written, pieces
