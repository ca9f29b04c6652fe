"""The same story as one compiled loop; the default engine.

It must write the log that ``reference`` writes, integer by integer. What makes it fast changes nothing in the
story: patience is settled when somebody looks (``crowd``), ends of work stand in one heap of packed
(time, who), idle agents in a ring per group (``seats``), and what is rare stands outside the loop (``named``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from slasim.arrays import Ints
from slasim.compiling import compiled_story
from slasim.contactlog import ANSWERED, BLOCKED, NOT_YET, WAITING, ContactLog
from slasim.draw import NEVER, Draw
from slasim.engine import rules
from slasim.engine.crowd import block_beyond, gone, next_door, send_away, still_talking, waiting
from slasim.engine.heap import push, sift
from slasim.engine.named import (
    OCCUPIED,
    agents_at_home,
    next_rest_end,
    on_roster,
    rests_end,
    settle,
)
from slasim.engine.planned import roster_of
from slasim.engine.rules import NOBODY
from slasim.engine.seats import first_stands_up, sit_down
from slasim.engine.writing import write_log
from slasim.turns import beside_others

FAR = 1 << 62
WHO_BITS = 20
WHO = (1 << WHO_BITS) - 1


@compiled_story
def play(
    first: Any,
    arrival: Any,
    work: Any,
    wrap: Any,
    patience: Any,
    leaves_as: Any,
    lines: Any,
    queue_limit: Any,
    closing_at: Any,
    closing_queue: Any,
    stop: Any,
    by_number: Any,
    staff_at: Any,
    staff_group: Any,
    staff_number: Any,
    agent_group: Any,
    stint_agent: Any,
    stint_to: Any,
    break_first: Any,
    stint_of_break: Any,
    break_at: Any,
    break_length: Any,
    roster: Any,
    now_of: Any,
    ring: Any,
    doors: Any,
    door_next: Any,
    heap: Any,
    talking: Any,
    of_queue: Any,
    of_group: Any,
    opens: Any,
    rank: Any,
    preference: Any,
    weight: Any,
    reserve: Any,
    speed: Any,
    priority: Any,
    head_start: Any,
    outcome: Any,
    left: Any,
    group: Any,
    agent: Any,
    released: Any,
    finished: Any,
    stint_left: Any,
    break_began: Any,
    break_ended: Any,
) -> None:
    """One replication. The columns of the log are written in place; arguments as in ``Draw``.

    ``roster`` (3, .) are the instants of stints and planned breaks, the part of AGENTS each belongs to and
    the number of its stint or break, in order; ``doors`` the (queue, group) pairs that open after a delay.
    ``now_of`` (named agents), ``talking`` (limited lines or places) and ``doors`` may be None: numba then leaves
    out what only they need.
    """
    queues = first.size - 1
    groups = by_number.size

    low = of_queue[0]  # nobody before this contact waits
    nxt = of_queue[1]  # the next contact of each queue to arrive
    heads = of_queue[2]
    talks = of_queue[3]
    fuller = of_queue[4]  # somebody joined this queue in this instant
    on_duty = of_group[0]
    busy = of_group[1]
    start = of_group[2]  # of the ring of idle agents
    idle = of_group[3]
    idle_since = of_group[4]
    unseen = 0  # contacts between low and nxt, over all queues
    working = 0  # entries of the heap, time << WHO_BITS | group, or groups + agent
    hole = False  # the first of them has just ended

    next_arrival = FAR
    arriving = NOBODY
    for k in range(queues):
        if nxt[k] < first[k + 1] and arrival[nxt[k]] < next_arrival:
            next_arrival = arrival[nxt[k]]
            arriving = k
    next_end = FAR  # of work
    staff_k = roster_k = closing_k = 0
    next_staff = staff_at[0] if staff_at.size else FAR
    next_roster = FAR
    if now_of is not None:
        next_roster = roster[0, 0]
    next_closing = closing_at[0] if closing_at.size else FAR
    next_rest = FAR
    next_timer = FAR

    while True:
        now = min(next_arrival, next_end, next_staff, next_timer)
        now = min(now, next_roster, next_closing, next_rest)
        if now == FAR:
            break
        look = False
        while True:
            # ---- agents: what ends, then what begins
            while next_end == now:
                look = True
                if hole:
                    working -= 1
                    sift(heap, working, heap[working])
                who = heap[0] & WHO
                hole = True
                next_end = FAR
                if working > 1:
                    next_end = heap[1] >> WHO_BITS
                if working > 2:
                    next_end = min(next_end, heap[2] >> WHO_BITS)
                if who < groups:
                    busy[who] -= 1
                    if idle[who] < rules.idle_by_number(on_duty[who], busy[who]):
                        sit_down(ring, start, idle, who, now, NOBODY)
                if now_of is not None and who >= groups:
                    now_of[who - groups, OCCUPIED] = 0
                    settle(who - groups, now, now_of, agent_group, stint_to, break_first,
                           break_at, break_length, ring, start, idle, stint_left,
                           break_began)  # fmt: skip
                    next_rest = next_rest_end(now_of)
            if now_of is not None:
                while next_rest == now:
                    look = True
                    rests_end(now, now_of, agent_group, stint_to, break_first, break_at,
                              break_length, ring, start, idle, stint_left, break_began,
                              break_ended)  # fmt: skip
                    next_rest = next_rest_end(now_of)
            while next_staff == now:
                look = True
                g = staff_group[staff_k]
                on_duty[g] = staff_number[staff_k]
                seats = rules.idle_by_number(on_duty[g], busy[g])
                while idle[g] > seats:
                    first_stands_up(ring, start, idle, g)
                while idle[g] < seats:
                    sit_down(ring, start, idle, g, now, NOBODY)
                staff_k += 1
                next_staff = staff_at[staff_k] if staff_k < staff_at.size else FAR
            if now_of is not None:
                while next_roster == now:
                    look = True
                    on_roster(now, roster[1, roster_k], roster[2, roster_k], now_of, agent_group,
                              stint_agent, stint_to, break_first, stint_of_break, break_at,
                              break_length, ring, start, idle, stint_left, break_began,
                              break_ended)  # fmt: skip
                    roster_k += 1
                    next_roster = roster[0, roster_k] if roster_k < roster.shape[1] else FAR
                    next_rest = next_rest_end(now_of)
                if next_rest == now:
                    continue  # a break of no length ends in the instant it began

            # ---- arrivals, one at a time by index
            while next_arrival == now:
                q = arriving
                i = nxt[q]
                until = min(now, stop[q])
                while low[q] < i and gone(
                    low[q], until, outcome, left, arrival, patience, leaves_as
                ):
                    low[q] += 1
                    unseen -= 1
                if low[q] == i:  # nobody before it: somebody may be free for it
                    look = True
                if talking is not None:
                    fuller[q] = 1
                    if lines[q] < NEVER and lines[q] <= still_talking(
                        talking, talks, q, now
                    ) + waiting(low[q], i, until, outcome, left, arrival, patience, leaves_as):
                        outcome[i] = BLOCKED
                        left[i] = now
                nxt[q] += 1
                unseen += 1
                next_arrival = FAR
                for k in range(queues):
                    if nxt[k] < first[k + 1] and arrival[nxt[k]] < next_arrival:
                        next_arrival = arrival[nxt[k]]
                        arriving = k

            # ---- timers: a further group opens to somebody
            if next_timer == now:
                look = True
                next_timer = FAR

            # ---- matching: one contact and one agent, then the instant starts over
            if not look or unseen == 0:
                break
            free = 0
            for g in range(groups):
                free += idle[g]
                idle_since[g] = ring[0, g, start[g]]
            if free == 0:
                break
            for q in range(queues):
                until = min(now, stop[q])
                while low[q] < nxt[q] and gone(
                    low[q], until, outcome, left, arrival, patience, leaves_as
                ):
                    low[q] += 1
                    unseen -= 1
                heads[q] = low[q] if low[q] < nxt[q] else NOBODY
            q = rules.next_contact(
                now, heads, arrival, stop, opens, rank, weight, reserve, priority, head_start, idle
            )
            if q == NOBODY:
                break
            i = heads[q]
            g = rules.choose_group(
                q, now - arrival[i], opens, preference, reserve, idle, idle_since
            )
            who = g
            if by_number[g]:
                busy[g] += 1
            if now_of is not None and not by_number[g]:
                a = ring[1, g, start[g]]
                who = groups + a
                agent[i] = a
                now_of[a, OCCUPIED] = 1
            first_stands_up(ring, start, idle, g)
            low[q] += 1
            unseen -= 1
            handle = rules.handle_time(work[i], speed[q, g])
            outcome[i] = ANSWERED
            left[i] = now
            group[i] = g
            finished[i] = now + handle
            released[i] = now + handle - rules.handle_time(wrap[i], speed[q, g])
            entry = (finished[i] << WHO_BITS) | who
            if hole:
                sift(heap, working, entry)
                hole = False
            else:
                push(heap, working, entry)
                working += 1
            next_end = heap[0] >> WHO_BITS
            if talking is not None and lines[q] < NEVER:
                talking[q, still_talking(talking, talks, q, now)] = released[i]
                talks[q] += 1

        # ---- leaving: patience, then what is beyond the limit, then whom closing sends away
        if talking is not None:
            for q in range(queues):
                if fuller[q] and queue_limit[q] < NEVER:
                    block_beyond(queue_limit[q], low[q], nxt[q], now, stop[q], outcome, left, arrival,
                                 patience, leaves_as)  # fmt: skip
                fuller[q] = 0
        while next_closing == now:
            q = closing_queue[closing_k]
            if now < stop[q]:
                send_away(low[q], nxt[q], now, outcome, left, arrival, patience, leaves_as)
                unseen -= nxt[q] - low[q]
                low[q] = nxt[q]
            closing_k += 1
            next_closing = closing_at[closing_k] if closing_k < closing_at.size else FAR
        if doors is not None:
            next_timer = next_door(now, doors, door_next, opens, low, nxt, outcome, arrival)
    for q in range(queues):
        waiting(low[q], nxt[q], stop[q], outcome, left, arrival, patience, leaves_as)


def _most_at_once(draw: Draw) -> Ints:
    """(G,) most agents of each group that can ever be on duty at once."""
    most = np.bincount(draw.agent_group, minlength=draw.groups)
    np.maximum.at(most, draw.staff_group, draw.staff_number)
    return most


def run(draw: Draw, story: Callable[..., None] | None = None) -> ContactLog:
    """Play one replication. The log has one row per contact, in the Draw's order. ``story`` plays it; None = ``play``.

    A Draw with a Floor is played by ``whole``. Raises ValueError beyond 1,048,000 agents and groups (the heap packs who
    into 20 bits).
    """
    if draw.floor is not None:
        from slasim.engine import whole

        return whole.run(draw, story)
    n = draw.contacts
    if draw.groups + draw.agent_group.size > WHO:
        raise ValueError(f"at most {WHO} agents and groups, not {draw.agent_group.size}")
    table = draw.table
    outcome = np.full(n, WAITING, np.int8)
    left = np.full(n, NOT_YET, np.int64)
    group = np.full(n, NOBODY, np.int16)
    agent = np.full(n, NOBODY, np.int32)
    released = np.full(n, NOT_YET, np.int64)
    finished = np.full(n, NOT_YET, np.int64)
    stint_left = np.full(draw.stint_to.size, NOT_YET, np.int64)
    break_began = np.full(draw.break_at.size, NOT_YET, np.int64)
    break_ended = np.full(draw.break_at.size, NOT_YET, np.int64)
    limited = bool((draw.lines < NEVER).any() or (draw.queue_limit < NEVER).any())
    most = _most_at_once(draw)
    agents = int(most.sum())
    doors = np.argwhere((table.opens > 0) & (table.opens < NEVER))
    of_queue = np.zeros((5, draw.queues), np.int64)
    of_queue[:2] = draw.first[:-1]
    beside_others(
        story or play, draw.first, draw.arrival, draw.work, draw.wrap, draw.patience, draw.leaves_as, draw.lines,
        draw.queue_limit, draw.closing_at, draw.closing_queue, draw.stop, draw.by_number,
        draw.staff_at, draw.staff_group, draw.staff_number, draw.agent_group, draw.stint_agent,
        draw.stint_to, draw.break_first,
        np.repeat(np.arange(draw.stint_to.size), np.diff(draw.break_first)),
        draw.break_at, draw.break_length,
        roster_of(draw), agents_at_home(draw.agent_group.size) if draw.stint_to.size else None,
        np.zeros((2, draw.groups, int(most.max()) + 1), np.int64),
        doors if len(doors) else None, np.zeros(len(doors), np.int64),
        np.empty(agents + 1, np.int64),
        np.zeros((draw.queues, agents + 1), np.int64) if limited else None,
        of_queue, np.zeros((5, draw.groups), np.int64),
        table.opens, table.rank, table.preference, table.weight, table.reserve, table.speed,
        table.priority, table.head_start, outcome, left, group, agent, released, finished,
        stint_left, break_began, break_ended,
    )  # fmt: skip
    return write_log(
        draw, outcome, left, group, agent, released, finished, stint_left, break_began, break_ended
    )
