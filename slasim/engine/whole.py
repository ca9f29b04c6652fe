"""The whole operation as one compiled loop: touches that follow touches, shared agents, clocks that steer.

It must write the log that ``reference`` writes, integer by integer. What makes it fast changes nothing in the story:
waiting lines are sorted lists through the touches (``waiting_lines``), available agents stand in lists by what they
have in hand (``units``), who ends next is a tournament (``soonest``), and what is to come by itself stands in heaps
whose entries are asked whether they still hold (``agenda``, ``clocks``). Where nothing can change the end of a contact
once it is taken, its release and its finish are settled together. The arrays are a ``centre``, filled by ``opening``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from slasim.bare import bare, only_if
from slasim.compiling import compiled_loop, compiled_story, part_of_a_loop
from slasim.contactlog import ANSWERED, BLOCKED, NOT_YET, WAITING, ContactLog
from slasim.draw import Draw
from slasim.engine import rules
from slasim.engine.agenda import put, take_off
from slasim.engine.centre import (
    AGENT,
    ARRIVED,
    AT_UNIT,
    BEGUN,
    BREAK_BEGAN,
    BREAK_ENDED,
    BUSY,
    CAME,
    CHOSEN,
    CLOSE,
    CUTS,
    CUTTABLE_COUNT,
    FINISHED,
    FOLLOWING,
    FRESH,
    FRESH_COUNT,
    GROUP,
    HAND,
    HAND_SINCE,
    HEAD,
    HOURS,
    IDLE,
    IN_HAND,
    KEPT,
    KEPT_GROUP,
    KEPT_LIST,
    KEPT_ROOM,
    KEY,
    LEFT,
    LINE,
    LOAD,
    LOSING,
    MOST_BUSY,
    MOST_ROOM,
    OF_QUEUE,
    ON_DUTY,
    OPEN,
    OPENS,
    ORDER,
    OUTCOME,
    OWNER,
    OWNER_COUNT,
    PREEMPT,
    PREFERENCE,
    PRESENT,
    PRIORITY,
    RANK,
    RELEASED,
    RELEASED_BY,
    RESERVE,
    SEAT,
    SINCE,
    STANDS,
    STANDS_IN,
    STEPS_TAKEN,
    STINT_LEFT,
    STOP,
    TALK,
    TALK_GROUP,
    TALK_ROOM,
    TIMER,
    TIMING,
    UNCHANGED,
    UNIT,
    WAITING_COUNT,
    WAITS,
    WEIGHT,
    bared,
    told_of,
)
from slasim.engine.clocks import watch
from slasim.engine.coming import arrive, close_queue, timer_fires, turn_away, who_is_beyond
from slasim.engine.duty import on_roster, rest_ends
from slasim.engine.handling import (
    interrupt,
    list_kept,
    list_talks,
    somebody_goes_before,
    take,
    work_ends,
)
from slasim.engine.opening import columns_of, empty, opened
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_INSTANT, NO_KEY, TOUCH, TOUCH_BITS, enter, players
from slasim.engine.units import first_with_room, most_room, number_changes
from slasim.engine.writing import write_rows
from slasim.floor import BY_WAIT, Floor
from slasim.memory import scratch
from slasim.routing.table import NEVER
from slasim.turns import beside_others


@compiled_story
def play(
    centre: Any,
    next_of_each: Any,
    end_of_each: Any,
    next_of_queue: Any,
    staff_at: Any,
    staff_group: Any,
    staff_number: Any,
    roster: Any,
    looks: Any,
    closing_at: Any,
    closing_queue: Any,
    more: Any,
    limited: Any,
) -> None:
    """One replication; what happens is written into the arrays of the ``Centre``.

    ``next_of_each`` and ``end_of_each`` (Q,): the next first touch of each queue, which moves on, and the first touch
    that is not its; ``next_of_queue``: room for a tournament of queues. ``roster`` (3, .): instants of stints and
    planned breaks.
    ``more``: there is more than calls, chats and what follows them: a touch may depend on the one before, on a clock, a
    timer or an owner, may be interrupted, blocked, or not be taken for another reason than skill and reserve. None:
    nothing of this is, and the loop is made without it. ``limited``: a queue has a limit.
    """
    c = bared(centre, more)
    told = c.told
    touch = c.touch
    unit = c.unit
    crew = c.crew
    bout = c.bout
    counts = c.counts
    skill = c.skill
    following = c.heaps[FOLLOWING]
    timing = c.heaps[TIMING]
    losing = c.heaps[LOSING]
    heads = c.line[:, HEAD]
    line_queue = c.line[:, OF_QUEUE]
    priority = c.line[:, PRIORITY]
    stop = c.queue[:, STOP]
    opens = skill[:, :, OPENS]
    rank = skill[:, :, RANK]
    weight = skill[:, :, WEIGHT]
    reserve = skill[:, :, RESERVE]
    load = skill[:, :, LOAD]
    stands_in = only_if(more, skill[:, :, STANDS_IN])
    hours = only_if(more, skill[:, :, HOURS])
    most_busy = only_if(more, skill[:, :, MOST_BUSY])
    kept_touch = only_if(more, c.lists[KEPT_LIST])
    groups = crew.shape[0]
    idle = crew[:, IDLE]
    room = crew[:, MOST_ROOM]
    present = crew[:, PRESENT]
    busy = crew[:, BUSY]
    on_duty = crew[:, ON_DUTY]
    chosen = crew[:, CHOSEN]

    staff_k = roster_k = closing_k = look_k = 0
    arrival = told.arrival
    first = bare(next_of_each)
    end = bare(end_of_each)
    queues = bare(next_of_queue)
    for q in range(first.size):
        if first[q] < end[q]:
            enter(queues, q, (arrival[first[q]] << TOUCH_BITS) | q)
    next_first = queues[1] >> TOUCH_BITS
    next_staff = staff_at[0] if staff_at.size else NO_INSTANT
    next_roster = roster[0, 0] if roster.shape[1] else NO_INSTANT
    next_closing = closing_at[0] if closing_at.size else NO_INSTANT
    next_look = looks[0] if looks.size else NO_INSTANT
    next_seldom = min(next_staff, next_roster, next_closing, next_look)

    while True:
        now = next_to_come(c, more)
        if losing[0] >> TOUCH_BITS < now:
            now = losing[0] >> TOUCH_BITS
        if next_first < now:
            now = next_first
        seldom = next_seldom <= now
        if seldom:
            now = next_seldom
        if now >= NO_INSTANT:
            break
        look = False
        due = True
        counts[FRESH_COUNT] = 0
        watched = 0
        while True:
            if due:
                # ---- agents: what ends, then what begins
                while bout[1] >> TOUCH_BITS == now:
                    look = True
                    work_ends(c, bout[1] & TOUCH, now, more)
                while c.rests[1] >> TOUCH_BITS == now:
                    look = True
                    rest_ends(c, c.rests[1] & TOUCH, now)
                while seldom and next_staff == now:
                    look = True
                    number_changes(
                        unit, crew, c.listed, staff_group[staff_k], staff_number[staff_k], now
                    )
                    staff_k += 1
                    next_staff = staff_at[staff_k] if staff_k < staff_at.size else NO_INSTANT
                while seldom and next_roster == now:
                    look = True
                    on_roster(c, now, roster[1, roster_k], roster[2, roster_k])
                    roster_k += 1
                    next_roster = roster[0, roster_k] if roster_k < roster.shape[1] else NO_INSTANT
                if c.rests[1] >> TOUCH_BITS == now:
                    continue  # a break of no length ends in the instant it began

                # ---- arrivals, one at a time by index: first touches have the smaller ones
                while True:
                    if next_first == now:
                        q = queues[1] & TOUCH
                        i = first[q]
                        first[q] = i + 1
                        if i + 1 < end[q]:
                            enter(queues, q, (arrival[i + 1] << TOUCH_BITS) | q)
                        else:
                            enter(queues, q, np.int64(NO_KEY))
                        next_first = queues[1] >> TOUCH_BITS
                        if more is not None:
                            touch[i, RELEASED_BY] = NOBODY
                    elif following[0] >> TOUCH_BITS == now:
                        i = take_off(c.heaps, counts, np.int64(FOLLOWING))
                        c.lists[CAME, i] = 1
                    else:
                        break
                    if arrive(c, i, now, more):
                        look = True

                # ---- timers: doors open, steps of plans are due, owners have been waited for long enough
                while more is not None and timing[0] >> TOUCH_BITS == now:
                    i = take_off(c.heaps, counts, np.int64(TIMING))
                    if touch[i, TIMER] == now:
                        look = True
                        timer_fires(c, i, now, more)
                while seldom and next_look == now:
                    look = True
                    look_k += 1
                    next_look = looks[look_k] if look_k < looks.size else NO_INSTANT

            # ---- matching: one contact and one agent, then the instant starts over
            if look and counts[WAITING_COUNT] > 0:
                u = NOBODY
                for g in range(groups):
                    room[g] = most_room(unit, crew, c.listed, g)
                kept = 0
                if more is not None and counts[OWNER_COUNT] > 0:
                    kept = list_kept(touch, skill, unit, c.day, c.owners, counts, c.lists)
                i = NOBODY
                if more is None and counts[WAITING_COUNT] == 1:
                    i = alone(c, now)
                if i == NOBODY:
                    i = rules.next_touch(
                        now, heads, kept_touch, c.lists[KEPT_GROUP], c.lists[KEPT_ROOM], kept,
                        touch[:, LINE], touch[:, SINCE], touch[:, KEY], stop, line_queue, priority, rank, weight,
                        opens, reserve, load, idle, room, stands_in, present, hours, c.window_first,
                        c.window[OPEN], c.window[CLOSE], most_busy, busy, on_duty,
                    )  # fmt: skip
                if i != NOBODY:
                    if more is not None and touch[i, STANDS] == KEPT:
                        u = c.day[touch[i, OWNER], AT_UNIT]
                    else:
                        r = touch[i, LINE]
                        for g in range(groups):
                            if room[g] >= load[r, g]:
                                chosen[g] = first_with_room(unit, crew, c.listed, g, load[r, g])
                                crew[g, HAND] = unit[chosen[g], IN_HAND]
                                crew[g, HAND_SINCE] = unit[chosen[g], UNCHANGED]
                        g = rules.choose_agent(
                            r, now - touch[i, SINCE], now, skill[:, :, PREFERENCE], crew[:, HAND],
                            crew[:, HAND_SINCE], opens, reserve, load, idle, room, stands_in, present,
                            hours, c.window_first, c.window[OPEN], c.window[CLOSE], most_busy, busy,
                            on_duty,
                        )  # fmt: skip
                        if g == NOBODY:  # who waits alone was not asked before
                            i = NOBODY
                        else:
                            u = chosen[g]
                elif (
                    more is not None
                    and counts[CUTTABLE_COUNT] > 0
                    and somebody_goes_before(c.line, skill, crew)
                ):
                    talks = list_talks(c, now)
                    i, v = rules.next_interruption(
                        now, heads, c.talks[TALK], c.talks[TALK_GROUP], c.talks[TALK_ROOM], talks,
                        touch[:, LINE], touch[:, SINCE], touch[:, KEY], touch[:, BEGUN], stop, line_queue,
                        priority, rank, weight, skill[:, :, PREEMPT], opens, reserve, load, stands_in, present, hours,
                        c.window_first, c.window[OPEN], c.window[CLOSE],
                    )  # fmt: skip
                    if i != NOBODY:
                        u = touch[v, UNIT]
                        interrupt(c, v, now, more)
                if i != NOBODY:
                    take(c, i, u, now, more)
                    due = next_to_come(c, more) == now
                    continue
            look = False

            # ---- whoever came in this instant and still waits: from when on something may become of it
            while watched < counts[FRESH_COUNT]:
                i = c.lists[FRESH, watched]
                watched += 1
                if touch[i, OUTCOME] != WAITING:
                    continue
                if told.patience[i] < NEVER:
                    put(c.heaps, counts, np.int64(LOSING), now + told.patience[i], i)
                if more is not None:
                    watch(c, i, now)

            # ---- leaving: patience, then who is beyond the limit, then whom closing sends away
            loser = NOBODY
            outcome = BLOCKED
            while losing[0] >> TOUCH_BITS == now and loser == NOBODY:
                i = take_off(c.heaps, counts, np.int64(LOSING))
                if touch[i, OUTCOME] == WAITING and now < stop[told.queue[i]]:
                    loser = i
                    outcome = told.leaves_as[i]
            if more is not None and limited and loser == NOBODY:
                loser = who_is_beyond(c)
            if loser != NOBODY:
                turn_away(c, loser, outcome, now, more)
                # who stands behind it may have waited longer
                look = c.line[touch[loser, LINE], ORDER] != BY_WAIT
                due = next_to_come(c, more) == now
                continue
            if not seldom or next_closing != now:
                break
            if now < stop[closing_queue[closing_k]]:
                close_queue(c, closing_queue[closing_k], now, more)
                due = next_to_come(c, more) == now
            closing_k += 1
            next_closing = closing_at[closing_k] if closing_k < closing_at.size else NO_INSTANT
        if seldom:
            next_seldom = min(next_staff, next_roster, next_closing, next_look)


@part_of_a_loop
def next_to_come(
    c: Any,
    more: Any,
) -> Any:
    """The next instant at which work or a rest ends, a touch follows, or a timer fires."""
    key = c.bout[1]
    if c.heaps[FOLLOWING, 0] < key:
        key = c.heaps[FOLLOWING, 0]
    if more is not None and c.heaps[TIMING, 0] < key:
        key = c.heaps[TIMING, 0]
    if c.rests[1] < key:
        key = c.rests[1]
    return key >> TOUCH_BITS


@part_of_a_loop
def alone(
    c: Any,
    now: Any,
) -> Any:
    """Who came in this instant and is the only one to wait, or NOBODY: nobody goes before it, so there is no order to
    ask for."""
    fresh = c.counts[FRESH_COUNT]
    if fresh == 0:
        return NOBODY
    i = c.lists[FRESH, fresh - 1]
    if c.touch[i, STANDS] != WAITS or now >= c.queue[c.line[c.touch[i, LINE], OF_QUEUE], STOP]:
        return NOBODY
    return i


SPARE = 1024
"""Room for so many interruptions, or steps, beyond one a touch: enough for nearly all. A replication that needs more
is played again."""


def run(draw: Draw, story: Callable[..., None] | None = None) -> ContactLog:
    """Play one replication. The log has one row per touch that arrived, in the Draw's order. ``story`` plays it; None =
    ``play``.

    Raises ValueError beyond 4,194,303 touches or named agents: what happens next is packed into 41 bits of time and 22
    of who.
    """
    floor = draw.floor or Floor.plain(draw.table, draw.first, int(draw.agent_group.size))
    for count, what in ((draw.contacts, "touches"), (int(draw.agent_group.size), "named agents")):
        if count > TOUCH:
            raise ValueError(
                f"at most {TOUCH:,} {what} can be told apart in one replication, not {count:,}: "
                "simulate a shorter period"
            )
    room = empty(draw, floor)
    room_for_cuts = 1 + (SPARE + draw.contacts) * room.preempts
    room_for_steps = 1 + (SPARE + draw.contacts) * bool(floor.step_clock.size)
    told = columns_of(draw, floor)
    while True:
        c, more = opened(room, draw, floor, told, room_for_cuts, room_for_steps)
        queues = np.full(2 * players(draw.queues), NO_KEY, np.int64)
        beside_others(
            story or play,
            c,
            draw.first[:-1].copy(),
            draw.first[1:],
            queues,
            *room.agenda,
            more,
            room.limited,
        )
        cuts, steps = int(c.counts[CUTS]), int(c.counts[STEPS_TAKEN])
        if cuts <= room_for_cuts and steps <= room_for_steps:
            break
        room_for_cuts, room_for_steps = max(cuts, room_for_cuts), max(steps, room_for_steps)
    count = draw.contacts
    moments = np.empty((6, count), np.int64)
    small = np.empty((2, count), np.int8)
    short = np.empty((3, count), np.int16)
    who = np.empty((2, count), np.int32)
    came = scratch("came", count)
    n = beside_others(
        tell,
        c.told,
        c.touch,
        c.lists[CAME],
        draw.first[-1],
        room.shown,
        came,
        moments,
        small,
        short,
        who,
    )
    contact, arrived, left, begun, released, finished = moments[:, :n]
    (purpose, outcome), (queue, number, group), (agent, seat) = (
        small[:, :n],
        short[:, :n],
        who[:, :n],
    )
    return write_rows(
        draw, floor, came[:n], contact, number, queue, purpose, arrived, outcome, left, group,
        agent, seat, begun, released, finished, c.cuts[:, :cuts], c.steps_taken[:, :steps],
        c.stint[STINT_LEFT, :-1].copy(), c.pause[BREAK_BEGAN].copy(), c.pause[BREAK_ENDED].copy(),
    )  # fmt: skip


@compiled_loop
def tell(
    places: Any,
    touch: Any,
    follower_came: Any,
    firsts: Any,
    shown: Any,
    came: Any,
    moments: Any,
    small: Any,
    short: Any,
    who: Any,
) -> Any:
    """How many touches came; they become columns of the log, in its types. Who was never taken had nothing ``begun``:
    it stands when it left. ``shown`` (G,): the seats of the group are told."""
    told = told_of(places)
    for i in range(firsts):
        came[i] = i
        moments[0, i] = i
        short[1, i] = 0
        tell_of(told, touch, shown, i, i, moments, small, short, who)
    n = firsts
    for i in range(firsts, touch.shape[0]):
        if follower_came[i]:
            came[n] = i
            moments[0, n] = told.contact[i]
            short[1, n] = told.touch[i]
            tell_of(told, touch, shown, i, n, moments, small, short, who)
            n += 1
    return n


@part_of_a_loop
def tell_of(
    told: Any,
    touch: Any,
    shown: Any,
    i: Any,
    n: Any,
    moments: Any,
    small: Any,
    short: Any,
    who: Any,
) -> None:
    """What became of touch i, in row n."""
    moments[1, n] = touch[i, ARRIVED]
    moments[2, n] = touch[i, LEFT]
    small[0, n] = told.purpose[i]
    small[1, n] = touch[i, OUTCOME]
    short[0, n] = told.queue[i]
    if touch[i, OUTCOME] == ANSWERED:
        moments[3, n] = touch[i, BEGUN]
        moments[4, n] = touch[i, RELEASED]
        moments[5, n] = touch[i, FINISHED]
        short[2, n] = touch[i, GROUP]
        who[0, n] = touch[i, AGENT]
        who[1, n] = touch[i, SEAT] if shown[touch[i, GROUP]] else NOBODY
    else:
        moments[3, n] = touch[i, LEFT]
        moments[4, n] = NOT_YET
        moments[5, n] = NOT_YET
        short[2, n] = NOBODY
        who[0, n] = NOBODY
        who[1, n] = NOBODY
