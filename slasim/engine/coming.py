"""Touches come, wait and go, for the compiled loop of the whole floor; who takes them stands elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.contactlog import BLOCKED, CLOSED, NOT_YET, WAITING
from slasim.engine import rules
from slasim.engine.agenda import put
from slasim.engine.centre import (
    AGENT,
    ALL_WAITING,
    ARRIVED,
    BEFORE,
    BEHIND,
    FINISHED,
    FOLLOWING,
    FRESH,
    FRESH_COUNT,
    GONE,
    HEAD,
    HEAD_START,
    IN_GROUP,
    IN_SERVICE,
    KEPT,
    KEPT_FIRST,
    KEPT_UNTIL,
    KEY,
    LEFT,
    LIMIT,
    LINE,
    LINES,
    NEXT_FROM,
    NEXT_STEP,
    OPENS,
    ORDER,
    OUTCOME,
    OWNER,
    OWNER_COUNT,
    OWNERS_AT,
    RELEASED,
    RELEASED_BY,
    REPLY_DUE,
    SINCE,
    SLACK,
    SOLVE_DUE,
    STANDS,
    STEPS_TAKEN,
    STINT,
    TIMER,
    TIMING,
    UNANSWERED,
    WAITING_COUNT,
    WAITS,
)
from slasim.engine.clocks import set_clocks, step_due, watch
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_INSTANT
from slasim.engine.waiting_lines import join_line, leave_line
from slasim.floor import NONE
from slasim.routing.table import NEVER


@part_of_a_loop
def release(
    c: Any,
    j: Any,
    i: Any,
    at: Any,
    more: Any,
) -> None:
    """Touch i lets touch j, if there is one, come after its delay."""
    if j != NONE:
        put(c.heaps, c.counts, np.int64(FOLLOWING), at + c.told.arrival[j], j)
        if more is not None:
            c.touch[j, RELEASED_BY] = i


@part_of_a_loop
def set_key(
    c: Any,
    i: Any,
    r: Any,
    more: Any,
) -> None:
    """Touch i belongs to line r; its place there is by the line's order."""
    touch = c.touch
    due = NEVER
    if more is not None:
        due = min(touch[i, REPLY_DUE], touch[i, SOLVE_DUE])
    touch[i, LINE] = r
    touch[i, KEY] = rules.key_of(
        c.line[r, ORDER], touch[i, SINCE], due, c.line[r, HEAD_START], c.line[r, SLACK]
    )


@beside_a_loop
def keep(
    touch: Any,
    day: Any,
    owners: Any,
    counts: Any,
    i: Any,
    a: Any,
    until: Any,
) -> None:
    """Touch i, whose key is set, waits for agent a."""
    first = day[a, KEPT_FIRST]
    touch[i, BEFORE] = NOBODY
    touch[i, BEHIND] = first
    if first == NOBODY:
        day[a, OWNERS_AT] = counts[OWNER_COUNT]
        owners[counts[OWNER_COUNT]] = a
        counts[OWNER_COUNT] += 1
    else:
        touch[first, BEFORE] = i
    day[a, KEPT_FIRST] = i
    touch[i, OWNER] = a
    touch[i, KEPT_UNTIL] = until
    touch[i, STANDS] = KEPT


@beside_a_loop
def unkeep(
    touch: Any,
    day: Any,
    owners: Any,
    counts: Any,
    i: Any,
) -> None:
    """Touch i no longer waits for its owner."""
    a = touch[i, OWNER]
    left = touch[i, BEFORE]
    right = touch[i, BEHIND]
    if right != NOBODY:
        touch[right, BEFORE] = left
    if left != NOBODY:
        touch[left, BEHIND] = right
        return
    day[a, KEPT_FIRST] = right
    if right == NOBODY:
        counts[OWNER_COUNT] -= 1
        moved = owners[counts[OWNER_COUNT]]
        owners[day[a, OWNERS_AT]] = moved
        day[moved, OWNERS_AT] = day[a, OWNERS_AT]


@part_of_a_loop
def stop_waiting(
    c: Any,
    i: Any,
    more: Any,
) -> None:
    """Touch i leaves its line, or the agent it was kept for."""
    if more is not None and c.touch[i, STANDS] == KEPT:
        unkeep(c.touch, c.day, c.owners, c.counts, i)
    else:
        leave_line(c.touch, c.line, i)


@part_of_a_loop
def lose(
    c: Any,
    i: Any,
    outcome: Any,
    now: Any,
    more: Any,
) -> None:
    """Touch i, which waits nowhere any more, leaves unanswered, and what it does next is released."""
    c.touch[i, OUTCOME] = outcome
    c.touch[i, LEFT] = now
    c.touch[i, STANDS] = GONE
    if (c.told.loss_mask[i] >> outcome) & 1:
        release(c, c.told.after_loss[i], i, now, more)


@part_of_a_loop
def turn_away(
    c: Any,
    i: Any,
    outcome: Any,
    now: Any,
    more: Any,
) -> None:
    """Touch i waits no longer, and was never answered."""
    q = c.told.queue[i]
    stop_waiting(c, i, more)
    if more is not None:
        c.queue[q, ALL_WAITING] -= 1
        c.queue[q, UNANSWERED] -= 1
    c.counts[WAITING_COUNT] -= 1
    lose(c, i, outcome, now, more)


@beside_a_loop
def kept_for(
    c: Any,
    i: Any,
    now: Any,
) -> Any:
    """The agent for whom touch i, which arrives now, is kept, or NOBODY."""
    before = c.touch[i, RELEASED_BY]
    keeps = c.told.keeps_owner[i]
    if before == NOBODY or keeps <= 0 or c.touch[before, AGENT] == NOBODY:
        return NOBODY
    a = c.touch[before, AGENT]
    if c.skill[c.touch[i, LINE], c.day[a, IN_GROUP], OPENS] >= NEVER:
        return NOBODY
    on_stint = c.day[a, STINT] != NOBODY
    if rules.waits_for_owner(keeps, now, on_stint, c.day[a, NEXT_FROM]):
        return a
    return NOBODY


@part_of_a_loop
def arrive(
    c: Any,
    i: Any,
    now: Any,
    more: Any,
) -> Any:
    """Touch i arrives; True if somebody may now be found for it: it is first in its line, or kept for its owner."""
    touch = c.touch
    told = c.told
    q = told.queue[i]
    touch[i, ARRIVED] = now
    touch[i, OUTCOME] = WAITING
    touch[i, LEFT] = NOT_YET
    touch[i, SINCE] = now - told.credit[i]
    if more is not None:
        touch[i, AGENT] = NOBODY
        touch[i, RELEASED] = NOT_YET
        touch[i, FINISHED] = NOT_YET
        touch[i, TIMER] = NO_INSTANT
        set_clocks(c, i, now)
        if c.queue[q, LINES] < NEVER and (
            c.queue[q, ALL_WAITING] + c.queue[q, IN_SERVICE] >= c.queue[q, LINES]
        ):
            lose(c, i, np.int64(BLOCKED), now, more)
            return False
        c.queue[q, ALL_WAITING] += 1
        c.queue[q, UNANSWERED] += 1
    c.counts[WAITING_COUNT] += 1
    c.lists[FRESH, c.counts[FRESH_COUNT]] = i
    c.counts[FRESH_COUNT] += 1
    set_key(c, i, told.line[i], more)
    if more is not None:
        if touch[i, NEXT_STEP] == now:
            touch[i, TIMER] = now
            put(c.heaps, c.counts, np.int64(TIMING), now, i)
        a = kept_for(c, i, now)
        if a != NOBODY:
            keep(touch, c.day, c.owners, c.counts, i, a, now + told.keeps_owner[i])
            return True
    touch[i, STANDS] = WAITS
    join_line(touch, c.line, i)
    return c.line[touch[i, LINE], HEAD] == i


@part_of_a_loop
def timer_fires(
    c: Any,
    i: Any,
    now: Any,
    more: Any,
) -> None:
    """What becomes of touch i by itself at this instant, if it waits."""
    touch = c.touch
    touch[i, TIMER] = NO_INSTANT
    if touch[i, STANDS] != WAITS and touch[i, STANDS] != KEPT:
        return
    if more is not None:
        plan = c.told.plan[i]
        if plan != NONE and touch[i, NEXT_STEP] == now:
            for step in range(c.plan_first[plan], c.plan_first[plan + 1]):
                if step_due(c, i, step) != now:
                    continue
                k = c.counts[STEPS_TAKEN]
                if k < c.steps_taken.shape[1]:
                    c.steps_taken[0, k] = i
                    c.steps_taken[1, k] = step
                    c.steps_taken[2, k] = now
                c.counts[STEPS_TAKEN] += 1
                to = rules.line_after(c.step_to, step, touch[i, LINE])
                if to != touch[i, LINE]:
                    stop_waiting(c, i, more)
                    set_key(c, i, to, more)
                    touch[i, STANDS] = WAITS
                    join_line(touch, c.line, i)
        if touch[i, STANDS] == KEPT and touch[i, KEPT_UNTIL] == now:
            stop_waiting(c, i, more)
            touch[i, STANDS] = WAITS
            join_line(touch, c.line, i)
    watch(c, i, now)


@part_of_a_loop
def who_is_beyond(
    c: Any,
) -> Any:
    """The latest to come of a queue that is over its limit, or NOBODY. Only who came in this instant can be beyond."""
    latest = NOBODY
    for q in range(c.queue.shape[0]):
        if c.queue[q, UNANSWERED] > c.queue[q, LIMIT]:
            for k in range(c.counts[FRESH_COUNT]):
                i = c.lists[FRESH, k]
                if c.told.queue[i] == q and c.touch[i, OUTCOME] == WAITING:
                    latest = max(latest, i)
            break
    return latest


@beside_a_loop
def close_queue(
    c: Any,
    q: Any,
    now: Any,
    more: Any,
) -> None:
    """Whoever still waits for a first answer in queue q leaves, from its lines and from what is kept for owners."""
    lines = c.line.shape[0]
    for k in range(lines + c.counts[OWNER_COUNT] - 1, -1, -1):
        i = c.line[k, HEAD] if k < lines else c.day[c.owners[k - lines], KEPT_FIRST]
        while i != NOBODY:
            behind = c.touch[i, BEHIND]
            if c.touch[i, OUTCOME] == WAITING and c.told.queue[i] == q:
                turn_away(c, i, np.int64(CLOSED), now, more)
            i = behind
