"""The whole operation as one compiled loop: touches that follow touches, shared agents, clocks that steer.

It must write the log that ``reference`` writes, integer by integer. What makes it fast changes nothing in the story: waiting
lines are sorted lists through the touches (``waiting_lines``), available agents stand in lists by what they have in
hand (``units``), who ends next is a tournament (``soonest``), and what is to come by itself stands in heaps whose entries
are asked whether they still hold (``agenda``, ``clocks``). Where nothing can change the end of a contact once it is
taken, its release and its finish are settled together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from slasim.compiling import beside_a_loop, compiled, part_of_a_loop
from slasim.contactlog import ANSWERED, BLOCKED, CLOSED, NOT_YET, WAITING, ContactLog, Ints
from slasim.draw import NEVER, Draw
from slasim.engine import rules
from slasim.engine.agenda import put, take_off
from slasim.engine.clocks import (
    FOLLOWING,
    KEPT_UNTIL,
    LOSING,
    NEXT_STEP,
    RELEASED_BY,
    REPLY_DUE,
    SOLVE_DUE,
    THREAD_FIELDS,
    TIMING,
    Clocks,
    set_clocks,
    set_timer,
    step_due,
)
from slasim.engine.duty import (
    AT_UNIT,
    DAY_FIELDS,
    KEPT_FIRST,
    NEXT_FROM,
    STINT,
    Duty,
    break_is_due,
    on_roster,
    rest_ends,
    settle,
)
from slasim.engine.fast import _roster as roster_of
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_INSTANT, NO_KEY, TOUCH, TOUCH_BITS
from slasim.engine.units import (
    AGENT,
    BUSY,
    BY_NUMBER,
    CHANNEL,
    CHOSEN,
    CUTTABLE,
    DEPTH,
    END,
    FIRST_PLACE,
    FIRST_SEAT,
    FLAT,
    GROUP,
    GROUP_FIELDS,
    HAND,
    HAND_SINCE,
    IDLE,
    IN_HAND,
    LAST,
    LEAST,
    LEFT,
    LISTED_IN,
    MOST_ROOM,
    ON_DUTY,
    PLACE_FIELDS,
    PRESENT,
    ROOM_LEFT,
    SEAT,
    SINCE,
    SPEED,
    STEPS,
    TALKING,
    UNIT_FIELDS,
    Hands,
    bring_up_to_date,
    enlist,
    first_with_room,
    most_room,
    next_end,
    number_changes,
    put_down,
    unlist,
)
from slasim.engine.waiting_lines import Waiting, join_line, leave_line
from slasim.engine.writing import write_touches
from slasim.floor import BY_WAIT, NONE, PACE_ONE, ROOM, Floor

COMING, WAITS, KEPT, HANDLED, GONE = range(5)
"""Where a touch stands."""

ALL_WAITING, UNANSWERED, IN_SERVICE = range(3)
"""Of a queue: who waits, who of them has never been answered, and who is being talked to."""

FRESH, OWNERS, KEPT_COUNT, CUTS, STEPS_TAKEN, CUTTABLES = range(6)
"""Counts: who came in this instant, agents for whom something is kept, what is kept, and rows of the log."""

KEPT_LEFT, KEPT_SPEED = range(2)
"""Of a touch that was interrupted: the work left and the speed at which it was handled."""


class Touches(NamedTuple):
    """What the Draw says of touches, (T,) each."""

    arrival: Any
    work: Any
    wrap: Any
    patience: Any
    leaves_as: Any
    queue: Any
    first_line: Any
    credit: Any
    after_answer: Any
    after_loss: Any
    after_late: Any
    loss_mask: Any
    late_after: Any
    keeps_owner: Any


class Table(NamedTuple):
    """The routing table and what the Floor says of lines, groups and agents; ``load`` is ``rules.whole_loads``."""

    opens: Any
    rank: Any
    preference: Any
    weight: Any
    reserve: Any
    speed: Any
    priority: Any
    head_start: Any
    line_queue: Any
    line_channel: Any
    order: Any
    slack: Any
    load: Any
    preempt: Any
    stands_in: Any
    hours: Any
    most_busy: Any
    pace: Any
    switching_loss: Any
    agent_speed: Any
    doors: Any


class Happened(NamedTuple):
    """The columns of the log, and where each touch stands now."""

    arrived: Any
    outcome: Any
    left: Any
    group: Any
    agent: Any
    seat: Any
    begun: Any
    released: Any
    finished: Any
    cuts: Any
    steps: Any
    stands: Any


class Now(NamedTuple):
    """Heaps of what is to come, counts, and lists that change all the time."""

    following: Any
    timing: Any
    losing: Any
    sizes: Any
    counts: Any
    of_queue: Any
    fresh: Any
    owners: Any
    owner_at: Any
    owner_of: Any
    kept: Any
    kept_group: Any
    kept_room: Any
    interrupted: Any
    cuttable: Any
    worst: Any
    talks: Any
    talks_group: Any
    talks_room: Any


# ------------------------------------------------------------------ touches


@part_of_a_loop
def release(
    j: Any,
    i: Any,
    at: Any,
    touches: Any,
    clocks: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Touch i lets touch j come: it arrives after its delay."""
    if j != NONE:
        put(now_is.following, now_is.sizes, FOLLOWING, at + touches.arrival[j], j)
        if threaded:
            clocks.thread[j, RELEASED_BY] = i


@part_of_a_loop
def set_key(
    i: Any,
    r: Any,
    table: Any,
    waiting: Any,
    clocks: Any,
    threaded: Any,
) -> None:
    """The place of touch i in line r, by the line's order."""
    due = NEVER
    if threaded:
        due = min(clocks.thread[i, REPLY_DUE], clocks.thread[i, SOLVE_DUE])
    waiting.line[i] = r
    waiting.key[i] = rules.key_of(
        table.order[r], waiting.since[i], due, table.head_start[r], table.slack[r]
    )


@part_of_a_loop
def keep(
    i: Any,
    a: Any,
    until: Any,
    waiting: Any,
    clocks: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
) -> None:
    """Touch i, whose key is set, waits for agent a."""
    first = duty.day[a, KEPT_FIRST]
    waiting.before[i] = NOBODY
    waiting.behind[i] = first
    if first == NOBODY:
        now_is.owner_at[a] = now_is.counts[OWNERS]
        now_is.owners[now_is.counts[OWNERS]] = a
        now_is.counts[OWNERS] += 1
    else:
        waiting.before[first] = i
    duty.day[a, KEPT_FIRST] = i
    now_is.owner_of[i] = a
    clocks.thread[i, KEPT_UNTIL] = until
    happened.stands[i] = KEPT


@beside_a_loop
def unkeep(
    i: Any,
    before: Any,
    behind: Any,
    day: Any,
    a: Any,
    owners: Any,
    owner_at: Any,
    counts: Any,
) -> None:
    """Touch i no longer waits for agent a."""
    left = before[i]
    right = behind[i]
    if right != NOBODY:
        before[right] = left
    if left != NOBODY:
        behind[left] = right
        return
    day[a, KEPT_FIRST] = right
    if right == NOBODY:
        counts[OWNERS] -= 1
        moved = owners[counts[OWNERS]]
        owners[owner_at[a]] = moved
        owner_at[moved] = owner_at[a]


@part_of_a_loop
def stop_waiting(
    i: Any,
    waiting: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
) -> None:
    """Touch i leaves its line, or the agent it was kept for."""
    if happened.stands[i] == KEPT:
        unkeep(
            i, waiting.before, waiting.behind, duty.day, now_is.owner_of[i], now_is.owners,
            now_is.owner_at, now_is.counts,
        )  # fmt: skip
    else:
        leave_line(waiting, i)


@part_of_a_loop
def lose(
    i: Any,
    outcome: Any,
    now: Any,
    touches: Any,
    clocks: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Touch i, which waits nowhere any more, leaves unanswered, and what it does next is released."""
    happened.outcome[i] = outcome
    happened.left[i] = now
    happened.stands[i] = GONE
    if (touches.loss_mask[i] >> outcome) & 1:
        release(touches.after_loss[i], i, now, touches, clocks, now_is, threaded)


@part_of_a_loop
def arrive(
    i: Any,
    now: Any,
    lines: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> Any:
    """Touch i arrives; True if somebody may now be found for it: it is first in its line, or kept for its owner."""
    q = touches.queue[i]
    r = touches.first_line[i]
    of_queue = now_is.of_queue
    happened.arrived[i] = now
    waiting.since[i] = now - touches.credit[i]
    if threaded:
        set_clocks(clocks, i, now, happened.arrived, happened.released, happened.outcome)
    if lines[q] < NEVER and of_queue[ALL_WAITING, q] + of_queue[IN_SERVICE, q] >= lines[q]:
        lose(i, BLOCKED, now, touches, clocks, happened, now_is, threaded)
        return False
    of_queue[ALL_WAITING, q] += 1
    of_queue[UNANSWERED, q] += 1
    now_is.fresh[now_is.counts[FRESH]] = i
    now_is.counts[FRESH] += 1
    set_key(i, r, table, waiting, clocks, threaded)
    if threaded:
        if clocks.thread[i, NEXT_STEP] == now:
            clocks.timer_at[i] = now
            put(now_is.timing, now_is.sizes, TIMING, now, i)
        before = clocks.thread[i, RELEASED_BY]
        if before != NOBODY and touches.keeps_owner[i] > 0 and happened.agent[before] != NOBODY:
            a = happened.agent[before]
            if table.opens[r, duty.agent_group[a]] < NEVER and rules.waits_for_owner(
                touches.keeps_owner[i],
                now,
                duty.day[a, STINT] != NOBODY,
                duty.day[a, NEXT_FROM],
            ):
                keep(i, a, now + touches.keeps_owner[i], waiting, clocks, duty, happened, now_is)
                return True
    happened.stands[i] = WAITS
    join_line(waiting, r, i)
    return waiting.heads[r] == i


@part_of_a_loop
def watch(
    i: Any,
    now: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """The next timer of touch i, which waits."""
    r = waiting.line[i]
    kept = happened.stands[i] == KEPT
    if table.doors[r] or (threaded and (kept or clocks.plan[i] != NONE)):
        set_timer(
            clocks, now_is.timing, now_is.sizes, table.opens, i, r, now, waiting.since[i],
            happened.arrived[i], threaded, kept,
        )  # fmt: skip


@part_of_a_loop
def take_steps(
    i: Any,
    now: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
) -> None:
    """The steps of the plan of touch i that are due now: told, and it moves to where they lead."""
    plan = clocks.plan[i]
    for step in range(clocks.plan_first[plan], clocks.plan_first[plan + 1]):
        if step_due(clocks, i, happened.arrived[i], step) != now:
            continue
        k = now_is.counts[STEPS_TAKEN]
        if k < happened.steps.shape[1]:
            happened.steps[0, k] = i
            happened.steps[1, k] = step
            happened.steps[2, k] = now
        now_is.counts[STEPS_TAKEN] += 1
        to = rules.line_after(clocks.step_to, step, waiting.line[i])
        if to != waiting.line[i]:
            stop_waiting(i, waiting, duty, happened, now_is)
            set_key(i, to, table, waiting, clocks, True)
            happened.stands[i] = WAITS
            join_line(waiting, to, i)


@part_of_a_loop
def timer_fires(
    i: Any,
    now: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """What becomes of touch i by itself at this instant, if it waits."""
    clocks.timer_at[i] = NO_INSTANT
    if happened.stands[i] != WAITS and happened.stands[i] != KEPT:
        return
    if threaded:
        if clocks.thread[i, NEXT_STEP] == now:
            take_steps(i, now, table, clocks, waiting, duty, happened, now_is)
        if happened.stands[i] == KEPT and clocks.thread[i, KEPT_UNTIL] == now:
            stop_waiting(i, waiting, duty, happened, now_is)
            happened.stands[i] = WAITS
            join_line(waiting, waiting.line[i], i)
    watch(i, now, touches, table, clocks, waiting, happened, now_is, threaded)


# ------------------------------------------------------------------ work


@part_of_a_loop
def count_cuttable(
    r: Any,
    g: Any,
    more: Any,
    table: Any,
    hands: Any,
    now_is: Any,
) -> None:
    """One more, or one less, of line r is being talked to in group g and may be interrupted."""
    crew = hands.crew
    now_is.cuttable[r, g] += more
    now_is.counts[CUTTABLES] += more
    crew[CUTTABLE, g] += more
    if now_is.cuttable[r, g] != max(more, 0):
        return
    worst = NOBODY
    for v in range(table.preempt.shape[0]):
        if now_is.cuttable[v, g] > 0 and (
            worst == NOBODY
            or table.priority[v] > table.priority[worst]
            or (table.priority[v] == table.priority[worst] and table.rank[v, g] > table.rank[worst, g])
        ):
            worst = v
    now_is.worst[g] = worst


@part_of_a_loop
def customer_leaves(
    i: Any,
    now: Any,
    touches: Any,
    clocks: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Touch i is released at this instant, and so is what follows it."""
    happened.released[i] = now
    release(touches.after_answer[i], i, now, touches, clocks, now_is, threaded)
    if touches.after_late[i] != NONE and (
        happened.left[i] - happened.arrived[i] > touches.late_after[i]
    ):
        release(touches.after_late[i], i, now, touches, clocks, now_is, threaded)


@part_of_a_loop
def take(
    i: Any,
    u: Any,
    now: Any,
    lines: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    hands: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Unit u takes touch i: first for the talk, then for what comes after the customer has gone."""
    unit = hands.unit
    place = hands.place
    crew = hands.crew
    g = unit[u, GROUP]
    r = waiting.line[i]
    q = touches.queue[i]
    stop_waiting(i, waiting, duty, happened, now_is)
    now_is.of_queue[ALL_WAITING, q] -= 1
    now_is.of_queue[IN_SERVICE, q] += 1
    unlist(hands, u)
    speed = table.speed[r, g]
    if unit[u, AGENT] != NOBODY:
        speed = rules.speed_with(speed, table.agent_speed[unit[u, AGENT]])
    if happened.outcome[i] == ANSWERED:
        left = rules.left_for_another(
            now_is.interrupted[i, KEPT_LEFT], now_is.interrupted[i, KEPT_SPEED], speed
        )
    else:
        left = rules.talk_time(touches.work[i], touches.wrap[i], speed) * PACE_ONE
        happened.outcome[i] = ANSWERED
        happened.left[i] = now
        now_is.of_queue[UNANSWERED, q] -= 1
    channel = table.line_channel[r]
    left += PACE_ONE * rules.loss_by_switching(unit[u, CHANNEL], channel, table.switching_loss[g])
    unit[u, CHANNEL] = channel
    happened.stands[i] = HANDLED
    happened.begun[i] = now
    happened.group[i] = g
    happened.agent[i] = unit[u, AGENT]
    happened.seat[i] = unit[u, SEAT]
    # the hand
    n = unit[u, IN_HAND]
    pace = rules.pace_with(table.pace, g, n + 1)
    if n == 0:
        crew[BUSY, g] += 1
    elif not crew[FLAT, g]:
        bring_up_to_date(hands, u, now, rules.pace_with(table.pace, g, n), pace)
    p = unit[u, FIRST_PLACE] + n
    unit[u, IN_HAND] = n + 1
    unit[u, ROOM_LEFT] -= table.load[r, g]
    unit[u, SINCE] = now
    waiting.before[i] = u
    waiting.behind[i] = p
    place[p, LEFT] = left
    place[p, LAST] = now
    place[p, SPEED] = speed
    place[p, TALKING] = 1
    end = rules.work_ends(now, left, pace)
    if crew[FLAT, g] and not table.preempt[r, g] and lines[q] >= NEVER:
        customer_leaves(i, end, touches, clocks, happened, now_is, threaded)
        end = rules.work_ends(end, rules.handle_time(touches.wrap[i], speed) * PACE_ONE, pace)
        place[p, TALKING] = 0
    elif table.preempt[r, g]:
        count_cuttable(r, g, 1, table, hands, now_is)
    place[p, END] = (end << TOUCH_BITS) | i
    next_end(hands, u)
    enlist(hands, u)


@part_of_a_loop
def work_ends(
    i: Any,
    now: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    hands: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """A stage of touch i ends: the customer leaves, or the agent is done."""
    unit = hands.unit
    place = hands.place
    crew = hands.crew
    u = waiting.before[i]
    p = waiting.behind[i]
    g = unit[u, GROUP]
    r = waiting.line[i]
    if place[p, TALKING]:
        now_is.of_queue[IN_SERVICE, touches.queue[i]] -= 1
        if table.preempt[r, g]:
            count_cuttable(r, g, -1, table, hands, now_is)
        customer_leaves(i, now, touches, clocks, happened, now_is, threaded)
        wrap = rules.handle_time(touches.wrap[i], place[p, SPEED])
        if wrap > 0:
            place[p, TALKING] = 0
            place[p, LEFT] = wrap * PACE_ONE
            place[p, LAST] = now
            pace = rules.pace_with(table.pace, g, unit[u, IN_HAND])
            place[p, END] = (rules.work_ends(now, place[p, LEFT], pace) << TOUCH_BITS) | i
            next_end(hands, u)
            return
    happened.finished[i] = now
    happened.stands[i] = GONE
    unlist(hands, u)
    put_down(hands, waiting, u, p, table.load[r, g], now, table.pace)
    if unit[u, AGENT] != NOBODY:
        settle(hands, duty, unit[u, AGENT], now)
    elif unit[u, IN_HAND] > 0 or crew[IDLE, g] < rules.idle_by_number(
        crew[ON_DUTY, g], crew[BUSY, g]
    ):
        enlist(hands, u)


@part_of_a_loop
def interrupt(
    v: Any,
    now: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    hands: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Touch v goes back to its line, or to what is kept for its agent, with the work that is left."""
    unit = hands.unit
    place = hands.place
    u = waiting.before[v]
    p = waiting.behind[v]
    g = unit[u, GROUP]
    r = waiting.line[v]
    q = touches.queue[v]
    pace = rules.pace_with(table.pace, g, unit[u, IN_HAND])
    now_is.interrupted[v, KEPT_LEFT] = rules.left_after(
        place[p, LEFT], pace, now - place[p, LAST]
    )
    now_is.interrupted[v, KEPT_SPEED] = place[p, SPEED]
    count_cuttable(r, g, -1, table, hands, now_is)
    unlist(hands, u)
    put_down(hands, waiting, u, p, table.load[r, g], now, table.pace)
    k = now_is.counts[CUTS]
    if k < happened.cuts.shape[1]:
        happened.cuts[0, k] = v
        happened.cuts[1, k] = g
        happened.cuts[2, k] = unit[u, AGENT]
        happened.cuts[3, k] = unit[u, SEAT]
        happened.cuts[4, k] = happened.begun[v]
        happened.cuts[5, k] = now
    now_is.counts[CUTS] += 1
    now_is.of_queue[IN_SERVICE, q] -= 1
    now_is.of_queue[ALL_WAITING, q] += 1
    set_key(v, r, table, waiting, clocks, threaded)
    if threaded and touches.keeps_owner[v] > 0 and unit[u, AGENT] != NOBODY:
        until = now + touches.keeps_owner[v]
        keep(v, unit[u, AGENT], until, waiting, clocks, duty, happened, now_is)
    else:
        happened.stands[v] = WAITS
        join_line(waiting, r, v)
    watch(v, now, touches, table, clocks, waiting, happened, now_is, threaded)


# ------------------------------------------------------------------ who with whom


@part_of_a_loop
def list_kept(
    touches: Any,
    table: Any,
    waiting: Any,
    hands: Any,
    duty: Any,
    now_is: Any,
) -> Any:
    """How many touches are kept for an owner who is available with room for them; ``kept`` lists them."""
    count = 0
    for k in range(now_is.counts[OWNERS]):
        a = now_is.owners[k]
        u = duty.day[a, AT_UNIT]
        if hands.unit[u, LISTED_IN] == NOBODY:
            continue
        i = duty.day[a, KEPT_FIRST]
        while i != NOBODY:
            if hands.unit[u, ROOM_LEFT] >= table.load[waiting.line[i], duty.agent_group[a]]:
                now_is.kept[count] = i
                now_is.kept_group[count] = duty.agent_group[a]
                now_is.kept_room[count] = hands.unit[u, ROOM_LEFT]
                count += 1
            i = waiting.behind[i]
    return count


@part_of_a_loop
def somebody_goes_before(
    table: Any,
    waiting: Any,
    now_is: Any,
) -> Any:
    """Whether some head of a line would go before the worst that may be interrupted; availability is asked later."""
    for r in range(waiting.heads.size):
        if waiting.heads[r] == NOBODY:
            continue
        for g in range(table.opens.shape[1]):
            worst = now_is.worst[g]
            if worst != NOBODY and table.opens[r, g] < NEVER and (
                table.priority[worst] > table.priority[r]
                or (
                    table.priority[worst] == table.priority[r]
                    and table.rank[worst, g] > table.rank[r, g]
                )
            ):
                return True
    return False


@part_of_a_loop
def list_talks(
    now: Any,
    table: Any,
    waiting: Any,
    hands: Any,
    duty: Any,
    now_is: Any,
) -> Any:
    """How many talks may be interrupted, their agents being available; ``talks`` lists them."""
    unit = hands.unit
    crew = hands.crew
    count = 0
    for u in range(unit.shape[0]):
        g = unit[u, GROUP]
        if unit[u, IN_HAND] == 0 or crew[CUTTABLE, g] == 0:
            continue
        a = unit[u, AGENT]
        if a == NOBODY:
            if crew[BUSY, g] > crew[ON_DUTY, g]:
                continue
        elif duty.day[a, STINT] == NOBODY or break_is_due(duty, a, now):
            continue
        for p in range(unit[u, FIRST_PLACE], unit[u, FIRST_PLACE] + unit[u, IN_HAND]):
            v = hands.place[p, END] & TOUCH
            if hands.place[p, TALKING] and table.preempt[waiting.line[v], g]:
                now_is.talks[count] = v
                now_is.talks_group[count] = g
                now_is.talks_room[count] = unit[u, ROOM_LEFT]
                count += 1
    return count


@part_of_a_loop
def turn_away(
    i: Any,
    outcome: Any,
    now: Any,
    touches: Any,
    clocks: Any,
    waiting: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Touch i waits no longer, and was never answered."""
    stop_waiting(i, waiting, duty, happened, now_is)
    now_is.of_queue[ALL_WAITING, touches.queue[i]] -= 1
    now_is.of_queue[UNANSWERED, touches.queue[i]] -= 1
    lose(i, outcome, now, touches, clocks, happened, now_is, threaded)


@beside_a_loop
def close_queue(
    q: Any,
    now: Any,
    touches: Any,
    line_queue: Any,
    clocks: Any,
    waiting: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
    threaded: Any,
) -> None:
    """Whoever still waits for a first answer in queue q leaves."""
    for lists in range(2):
        size = line_queue.size if lists == 0 else now_is.counts[OWNERS]
        for k in range(size - 1, -1, -1):
            if lists == 0:
                i = waiting.heads[k] if line_queue[k] == q else NOBODY
            else:
                i = duty.day[now_is.owners[k], KEPT_FIRST]
            while i != NOBODY:
                behind = waiting.behind[i]
                if happened.outcome[i] == WAITING and touches.queue[i] == q:
                    turn_away(i, CLOSED, now, touches, clocks, waiting, duty, happened, now_is,
                              threaded)  # fmt: skip
                i = behind


@compiled
def play(
    order_of_arrival: Any,
    lines: Any,
    queue_limit: Any,
    closing_at: Any,
    closing_queue: Any,
    stop: Any,
    staff_at: Any,
    staff_group: Any,
    staff_number: Any,
    roster: Any,
    looks: Any,
    threaded: Any,
    limited: Any,
    touches: Any,
    table: Any,
    clocks: Any,
    waiting: Any,
    hands: Any,
    duty: Any,
    happened: Any,
    now_is: Any,
) -> None:
    """One replication; the columns of the log are written in place.

    ``order_of_arrival`` are the first touches by (arrival, index), ``roster`` is that of ``fast.roster_of``. ``threaded``
    tells whether anything depends on the touch before, on a clock or an owner, ``limited`` whether a queue has
    a limit.
    """
    crew = hands.crew
    bout = hands.bout
    following = now_is.following
    timing = now_is.timing
    losing = now_is.losing
    sizes = now_is.sizes
    counts = now_is.counts
    of_queue = now_is.of_queue
    opens = table.opens
    load = table.load
    groups = opens.shape[1]
    idle = crew[IDLE]
    room = crew[MOST_ROOM]
    present = crew[PRESENT]
    busy = crew[BUSY]
    on_duty = crew[ON_DUTY]
    hand = crew[HAND]
    hand_since = crew[HAND_SINCE]
    chosen = crew[CHOSEN]

    first_k = staff_k = roster_k = closing_k = look_k = 0
    next_first = NO_INSTANT
    if order_of_arrival.size:
        next_first = touches.arrival[order_of_arrival[0]]
    next_staff = staff_at[0] if staff_at.size else NO_INSTANT
    next_roster = roster[0, 0] if roster.shape[1] else NO_INSTANT
    next_closing = closing_at[0] if closing_at.size else NO_INSTANT
    next_look = looks[0] if looks.size else NO_INSTANT

    while True:
        now = min(next_first, bout[1] >> TOUCH_BITS, following[0] >> TOUCH_BITS, next_staff)
        now = min(now, timing[0] >> TOUCH_BITS, losing[0] >> TOUCH_BITS, next_closing, next_look)
        now = min(now, next_roster, duty.rests[1] >> TOUCH_BITS)
        if now >= NO_INSTANT:
            break
        look = False
        counts[FRESH] = 0
        watched = 0
        while True:
            # ---- agents: what ends, then what begins
            while bout[1] >> TOUCH_BITS == now:
                look = True
                work_ends(bout[1] & TOUCH, now, touches, table, clocks, waiting, hands, duty,
                          happened, now_is, threaded)  # fmt: skip
            while duty.rests[1] >> TOUCH_BITS == now:
                look = True
                rest_ends(hands, duty, duty.rests[1] & TOUCH, now)
            while next_staff == now:
                look = True
                number_changes(hands, staff_group[staff_k], staff_number[staff_k], now)
                staff_k += 1
                next_staff = staff_at[staff_k] if staff_k < staff_at.size else NO_INSTANT
            while next_roster == now:
                look = True
                on_roster(hands, duty, now, roster[1, roster_k], roster[2, roster_k])
                roster_k += 1
                next_roster = roster[0, roster_k] if roster_k < roster.shape[1] else NO_INSTANT
            if duty.rests[1] >> TOUCH_BITS == now:
                continue  # a break of no length ends in the instant it began

            # ---- arrivals, one at a time by index: first touches have the smaller ones
            while True:
                if next_first == now:
                    i = order_of_arrival[first_k]
                    first_k += 1
                    next_first = NO_INSTANT
                    if first_k < order_of_arrival.size:
                        next_first = touches.arrival[order_of_arrival[first_k]]
                elif following[0] >> TOUCH_BITS == now:
                    i = take_off(following, sizes, FOLLOWING)
                else:
                    break
                if arrive(i, now, lines, touches, table, clocks, waiting, duty, happened, now_is,
                          threaded):  # fmt: skip
                    look = True

            # ---- timers: doors open, steps of plans are due, owners have been waited for long enough
            while timing[0] >> TOUCH_BITS == now:
                i = take_off(timing, sizes, TIMING)
                if clocks.timer_at[i] == now:
                    look = True
                    timer_fires(i, now, touches, table, clocks, waiting, duty, happened, now_is,
                                threaded)  # fmt: skip
            while next_look == now:
                look = True
                look_k += 1
                next_look = looks[look_k] if look_k < looks.size else NO_INSTANT

            # ---- matching: one contact and one agent, then the instant starts over
            if look:
                i = NOBODY
                u = NOBODY
                free = False
                for g in range(groups):
                    room[g] = most_room(hands, g)
                    free |= room[g] > 0
                if free:
                    kept = 0
                    if counts[OWNERS] > 0:
                        kept = list_kept(touches, table, waiting, hands, duty, now_is)
                    i = rules.next_touch(
                        now, waiting.heads, now_is.kept, now_is.kept_group, now_is.kept_room, kept,
                        waiting.line, waiting.since, waiting.key, stop, table.line_queue, table.priority,
                        table.rank, table.weight, opens, table.reserve, load, idle, room,
                        table.stands_in, present, table.hours, clocks.window_first,
                        clocks.window_open, clocks.window_close, table.most_busy, busy, on_duty,
                    )  # fmt: skip
                if i != NOBODY:
                    if happened.stands[i] == KEPT:
                        u = duty.day[now_is.owner_of[i], AT_UNIT]
                    else:
                        r = waiting.line[i]
                        for g in range(groups):
                            if room[g] >= load[r, g]:
                                chosen[g] = first_with_room(hands, g, load[r, g])
                                hand[g] = hands.unit[chosen[g], IN_HAND]
                                hand_since[g] = hands.unit[chosen[g], SINCE]
                        u = chosen[rules.choose_agent(
                            r, now - waiting.since[i], now, table.preference, hand, hand_since, opens,
                            table.reserve, load, idle, room, table.stands_in, present, table.hours,
                            clocks.window_first, clocks.window_open, clocks.window_close,
                            table.most_busy, busy, on_duty,
                        )]  # fmt: skip
                elif counts[CUTTABLES] > 0 and somebody_goes_before(table, waiting, now_is):
                    talks = list_talks(now, table, waiting, hands, duty, now_is)
                    i, v = rules.next_interruption(
                        now, waiting.heads, now_is.talks, now_is.talks_group, now_is.talks_room, talks,
                        waiting.line, waiting.since, waiting.key, happened.begun, stop,
                        table.line_queue, table.priority, table.rank, table.weight, table.preempt,
                        opens, table.reserve, load, table.stands_in, present, table.hours,
                        clocks.window_first, clocks.window_open, clocks.window_close,
                    )  # fmt: skip
                    if i != NOBODY:
                        u = waiting.before[v]
                        interrupt(v, now, touches, table, clocks, waiting, hands, duty, happened,
                                  now_is, threaded)  # fmt: skip
                if i != NOBODY:
                    take(i, u, now, lines, touches, table, clocks, waiting, hands, duty, happened,
                         now_is, threaded)  # fmt: skip
                    continue
                look = False

            # ---- whoever has come in this instant and still waits: from when on something may become of it
            while watched < counts[FRESH]:
                i = now_is.fresh[watched]
                watched += 1
                if happened.outcome[i] != WAITING:
                    continue
                if touches.patience[i] < NEVER:
                    put(losing, sizes, LOSING, now + touches.patience[i], i)
                watch(i, now, touches, table, clocks, waiting, happened, now_is, threaded)

            # ---- leaving: patience, then what is beyond the limit, then whom closing sends away
            loser = NOBODY
            outcome = BLOCKED
            while losing[0] >> TOUCH_BITS == now and loser == NOBODY:
                i = take_off(losing, sizes, LOSING)
                if happened.outcome[i] == WAITING and now < stop[touches.queue[i]]:
                    loser = i
                    outcome = touches.leaves_as[i]
            if limited and loser == NOBODY:
                for q in range(queue_limit.size):
                    if of_queue[UNANSWERED, q] > queue_limit[q]:
                        for k in range(counts[FRESH]):
                            i = now_is.fresh[k]
                            if touches.queue[i] == q and happened.outcome[i] == WAITING:
                                loser = max(loser, i)
                        break
            if loser != NOBODY:
                r = waiting.line[loser]
                turn_away(loser, outcome, now, touches, clocks, waiting, duty, happened, now_is,
                          threaded)  # fmt: skip
                look = table.order[r] != BY_WAIT  # who stands behind it may have waited longer
                continue
            if next_closing == now:
                q = closing_queue[closing_k]
                if now < stop[q]:
                    close_queue(q, now, touches, table.line_queue, clocks, waiting, duty, happened,
                                now_is, threaded)  # fmt: skip
                closing_k += 1
                next_closing = closing_at[closing_k] if closing_k < closing_at.size else NO_INSTANT
                continue
            break


# ------------------------------------------------------------------ around the loop


def _writable(column: Any, kind: Any = np.int64) -> Any:
    """The column as compiled code is made for it: contiguous, of one type."""
    made = np.ascontiguousarray(column, kind)
    return made if made.flags.writeable else made.copy()


def _table(draw: Draw, floor: Floor) -> Table:
    table = draw.table
    delays = (table.opens > 0) & (table.opens < NEVER)
    return Table(
        *(
            _writable(column)
            for column in (
                table.opens, table.rank, table.preference, table.weight, table.reserve, table.speed,
                table.priority, table.head_start, floor.line_queue, floor.line_channel, floor.order,
                floor.slack, rules.whole_loads(floor.load, floor.shares), floor.preempt,
                floor.stands_in, floor.hours, floor.most_busy, floor.pace, floor.switching_loss,
                floor.agent_speed, delays.any(axis=1),
            )
        )
    )  # fmt: skip


def _hands(draw: Draw, floor: Floor, table: Table) -> Hands:
    """Everybody away, with empty hands."""
    groups = draw.groups
    skilled = table.opens < NEVER
    least = np.where(skilled, table.load, ROOM).min(axis=0, initial=ROOM)
    if least.size and least.min() < 1:
        raise ValueError("a contact takes no room of an agent: loads are at least 1")
    depth = ROOM // least + 1
    seats = np.zeros(groups, np.int64)
    np.maximum.at(seats, draw.staff_group, draw.staff_number)
    seats[draw.by_number == 0] = 0
    agents = draw.agent_group.size
    unit = np.zeros((int(seats.sum()) + agents + 1, UNIT_FIELDS), np.int64)
    unit[:, (AGENT, SEAT, LISTED_IN, CHANNEL)] = NOBODY
    unit[:-1, GROUP] = np.concatenate([np.repeat(np.arange(groups), seats), draw.agent_group])
    unit[:, ROOM_LEFT] = ROOM
    first_seat = np.cumsum(seats) - seats
    named = int(seats.sum())
    unit[:named, SEAT] = np.arange(named) - np.repeat(first_seat, seats)
    unit[named:-1, AGENT] = np.arange(agents)
    places = (depth - 1)[unit[:-1, GROUP]]
    unit[:-1, FIRST_PLACE] = np.cumsum(places) - places
    crew = np.zeros((GROUP_FIELDS, groups), np.int64)
    crew[LEAST] = least
    crew[DEPTH] = depth
    crew[STEPS] = np.cumsum(depth) - depth
    crew[FLAT] = (table.pace[:, 1:] == table.pace[:, 1:2]).all(axis=1)
    crew[FIRST_SEAT] = first_seat
    crew[BY_NUMBER] = draw.by_number
    return Hands(
        unit=unit,
        place=np.zeros((int(places.sum()) + 1, PLACE_FIELDS), np.int64),
        crew=crew,
        listed=np.full((int(depth.sum()) + 1, 2), NOBODY, np.int64),
        bout=np.full(2 * unit.shape[0], NO_KEY, np.int64),
    )


def _duty(draw: Draw, first_unit: int) -> Duty:
    """Everybody at home."""
    agents, stints = draw.agent_group.size, draw.stint_to.size
    day = np.full((agents, DAY_FIELDS), NOBODY, np.int64)
    day[:, AT_UNIT] = first_unit + np.arange(agents)
    day[:, NEXT_FROM] = NEVER
    next_from = np.full(stints, NEVER, np.int64)
    for h in range(stints - 1, -1, -1):
        a = draw.stint_agent[h]
        next_from[h] = day[a, NEXT_FROM]
        day[a, NEXT_FROM] = draw.stint_from[h]
    return Duty(
        agent_group=_writable(draw.agent_group),
        stint_agent=_writable(draw.stint_agent),
        stint_to=_writable(draw.stint_to),
        next_from=next_from,
        break_first=_writable(draw.break_first),
        stint_of_break=np.repeat(np.arange(stints), np.diff(draw.break_first)),
        break_at=_writable(draw.break_at),
        break_length=_writable(draw.break_length),
        day=day,
        rests=np.full(2 * agents + 2, NO_KEY, np.int64),
        stint_left=np.full(stints, NOT_YET, np.int64),
        break_began=np.full(draw.break_at.size, NOT_YET, np.int64),
        break_ended=np.full(draw.break_at.size, NOT_YET, np.int64),
    )


def _play(draw: Draw, floor: Floor, cuts: int, steps: int) -> tuple[Happened, Now, Duty]:
    """One replication with room for so many interruptions and steps of plans in its log."""
    n, first = draw.contacts, int(draw.first[-1])
    lines, groups = draw.table.opens.shape
    agents = draw.agent_group.size
    table = _table(draw, floor)
    hands = _hands(draw, floor, table)
    duty = _duty(draw, hands.unit.shape[0] - 1 - agents)
    planned = bool((floor.plan != NONE).any())
    owned = bool(floor.keeps_owner.any())
    clocked = bool((floor.reply_target < NEVER).any() or (floor.solve_target < NEVER).any())
    threaded = planned or owned or clocked
    timed = planned or owned or bool(table.doors.any())
    preempts = bool(floor.preempt.any())

    def empty(size: int, used: bool = True) -> Ints:
        return np.empty(size if used else 1, np.int64)

    def heap(size: int) -> Ints:
        made = np.empty(size + 1, np.int64)
        made[0] = NO_KEY
        return made

    thread = np.zeros((n if threaded else 1, THREAD_FIELDS), np.int64)
    thread[:, RELEASED_BY] = NOBODY
    clocks = Clocks(
        *(
            _writable(column)
            for column in (
                floor.purpose, floor.reply_target, floor.reply_calendar, floor.solve_target,
                floor.solve_calendar, floor.solve_pauses, floor.plan, floor.window_first,
                floor.window_open, floor.window_close, floor.window_before, floor.plan_first,
                floor.step_clock, floor.step_offset, floor.step_business, floor.step_to,
            )
        ),
        thread=thread,
        timer_at=np.full(n if timed else 1, NO_INSTANT, np.int64),
    )  # fmt: skip
    touches = Touches(
        *(
            _writable(column)
            for column in (
                draw.arrival, draw.work, draw.wrap, draw.patience, draw.leaves_as, floor.queue,
                floor.line, floor.credit, floor.after_answer, floor.after_loss, floor.after_late,
                floor.loss_mask, floor.late_after, floor.keeps_owner,
            )
        )
    )  # fmt: skip
    happened = Happened(
        arrived=np.full(n, NOT_YET, np.int64),
        outcome=np.full(n, WAITING, np.int8),
        left=np.full(n, NOT_YET, np.int64),
        group=np.full(n, NOBODY, np.int16),
        agent=np.full(n, NOBODY, np.int32),
        seat=np.full(n, NOBODY, np.int32),
        begun=np.full(n, NOT_YET, np.int64),
        released=np.full(n, NOT_YET, np.int64),
        finished=np.full(n, NOT_YET, np.int64),
        cuts=np.zeros((6, cuts), np.int64),
        steps=np.zeros((3, steps), np.int64),
        stands=np.zeros(n, np.int8),
    )
    waiting = Waiting(
        line=empty(n), since=empty(n), key=empty(n), before=empty(n), behind=empty(n),
        heads=np.full(lines, NOBODY, np.int64), tails=np.full(lines, NOBODY, np.int64),
    )  # fmt: skip
    now_is = Now(
        following=heap(n - first),
        timing=heap(2 * n + 64 if timed else 0),
        losing=heap(n),
        sizes=np.zeros(3, np.int64),
        counts=np.zeros(6, np.int64),
        of_queue=np.zeros((3, draw.queues), np.int64),
        fresh=empty(n),
        owners=empty(agents),
        owner_at=empty(agents),
        owner_of=empty(n, owned),
        kept=empty(n, owned),
        kept_group=empty(n, owned),
        kept_room=empty(n, owned),
        interrupted=np.empty((n if preempts else 1, 2), np.int64),
        cuttable=np.zeros((lines, groups), np.int64),
        worst=np.full(groups, NOBODY, np.int64),
        talks=empty(hands.place.shape[0]),
        talks_group=empty(hands.place.shape[0]),
        talks_room=empty(hands.place.shape[0]),
    )
    limits = _writable(draw.queue_limit)
    play(
        np.argsort(draw.arrival[:first], kind="stable"), _writable(draw.lines), limits,
        _writable(draw.closing_at), _writable(draw.closing_queue), _writable(draw.stop),
        _writable(draw.staff_at), _writable(draw.staff_group), _writable(draw.staff_number),
        roster_of(draw), _writable(floor.looks), threaded, bool((limits < NEVER).any()),
        touches, table, clocks, waiting, hands, duty, happened, now_is,
    )  # fmt: skip
    return happened, now_is, duty


def run(draw: Draw) -> ContactLog:
    """Play one replication. The log has one row per touch that arrived, in the Draw's order.

    Raises ValueError beyond 4,194,303 touches, named agents or groups (who happens next is packed into 22 bits).
    """
    floor = draw.floor or Floor.plain(draw.table, draw.first, int(draw.agent_group.size))
    for count, what in ((draw.contacts, "touches"), (draw.agent_group.size, "named agents")):
        if count > TOUCH:
            raise ValueError(
                f"at most {TOUCH:,} {what} can be told apart in a replication, not {count:,}: "
                "simulate a shorter period, or split the centre"
            )
    room_for = [1024 if floor.preempt.any() else 1, 1024 if floor.step_clock.size else 1]
    while True:
        happened, now_is, duty = _play(draw, floor, *room_for)
        needed = now_is.counts[[CUTS, STEPS_TAKEN]].tolist()
        if needed[0] <= room_for[0] and needed[1] <= room_for[1]:
            break
        room_for = [max(have, need) for have, need in zip(room_for, needed, strict=True)]
    return write_touches(
        draw, floor, happened.arrived, happened.outcome, happened.left, happened.group,
        happened.agent, happened.seat, happened.begun, happened.released, happened.finished,
        happened.cuts[:, : needed[0]], happened.steps[:, : needed[1]],
        duty.stint_left, duty.break_began, duty.break_ended,
    )  # fmt: skip
