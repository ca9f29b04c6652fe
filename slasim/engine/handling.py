"""Agents take touches, work on them, are interrupted and put them down, for the compiled loop of the whole floor."""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.contactlog import ANSWERED
from slasim.engine import rules
from slasim.engine.centre import (
    AGENT,
    ALL_WAITING,
    ARRIVED,
    AT_SPEED,
    AT_UNIT,
    BEGUN,
    BEHIND,
    BUSY,
    CHANNEL,
    CUT_LEFT,
    CUT_SPEED,
    CUTS,
    CUTTABLE,
    CUTTABLE_COUNT,
    CUTTABLES,
    END,
    FINISHED,
    FIRST_PLACE,
    FLAT,
    GONE,
    GROUP,
    HANDLED,
    HEAD,
    IDLE,
    IN_GROUP,
    IN_HAND,
    IN_SERVICE,
    KEPT_FIRST,
    KEPT_GROUP,
    KEPT_LIST,
    KEPT_ROOM,
    LAST,
    LEFT,
    LINE,
    LINES,
    LISTED_IN,
    LOAD,
    LOSS_BY_SWITCHING,
    NAMED,
    OF_CHANNEL,
    OF_GROUP,
    ON_DUTY,
    OPENS,
    OUTCOME,
    OWNER_COUNT,
    PLACE,
    PREEMPT,
    PRIORITY,
    RANK,
    RELEASED,
    ROOM_LEFT,
    SEAT,
    SEATED,
    SKILL_SPEED,
    SPEED,
    STANDS,
    STINT,
    TALK,
    TALK_GROUP,
    TALK_ROOM,
    TALKING,
    UNANSWERED,
    UNCHANGED,
    UNIT,
    WAITING_COUNT,
    WAITS,
    WORK_LEFT,
    WORST,
)
from slasim.engine.clocks import watch
from slasim.engine.coming import keep, release, set_key, stop_waiting
from slasim.engine.duty import break_is_due, settle
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import TOUCH, TOUCH_BITS
from slasim.engine.units import bring_up_to_date, enlist, next_end, put_down, unlist
from slasim.engine.waiting_lines import join_line
from slasim.floor import NONE, PACE_ONE
from slasim.routing.table import NEVER


@beside_a_loop
def count_cuttable(
    skill: Any,
    line: Any,
    crew: Any,
    counts: Any,
    r: Any,
    g: Any,
    more: Any,
) -> None:
    """One more, or one less, of line r is talked to in group g and may be interrupted; which line is the worst now?"""
    skill[r, g, CUTTABLE] += more
    counts[CUTTABLE_COUNT] += more
    crew[g, CUTTABLES] += more
    if skill[r, g, CUTTABLE] != max(more, 0):
        return
    worst = NOBODY
    for v in range(skill.shape[0]):
        if skill[v, g, CUTTABLE] > 0 and (
            worst == NOBODY
            or line[v, PRIORITY] > line[worst, PRIORITY]
            or (
                line[v, PRIORITY] == line[worst, PRIORITY]
                and skill[v, g, RANK] > skill[worst, g, RANK]
            )
        ):
            worst = v
    crew[g, WORST] = worst


@part_of_a_loop
def customer_leaves(
    c: Any,
    i: Any,
    at: Any,
    more: Any,
) -> None:
    """Touch i is released at that instant, and so is what follows it."""
    touch = c.touch
    told = c.told
    touch[i, RELEASED] = at
    release(c, told.after_answer[i], i, at, more)
    if more is None:
        return
    late = told.after_late[i]
    if late != NONE and touch[i, LEFT] - touch[i, ARRIVED] > told.late_after[i]:
        release(c, late, i, at, more)


@part_of_a_loop
def take(
    c: Any,
    i: Any,
    u: Any,
    now: Any,
    more: Any,
) -> None:
    """Unit u takes touch i: first for the talk, then for what comes after the customer has gone."""
    touch = c.touch
    told = c.told
    unit = c.unit
    place = c.place
    crew = c.crew
    skill = c.skill
    g = unit[u, OF_GROUP]
    r = touch[i, LINE]
    q = told.queue[i]
    a = unit[u, NAMED]
    stop_waiting(c, i, more)
    c.counts[WAITING_COUNT] -= 1
    if more is not None:
        c.queue[q, ALL_WAITING] -= 1
        c.queue[q, IN_SERVICE] += 1
    unlist(unit, crew, c.listed, u)
    speed = skill[r, g, SKILL_SPEED]
    if a != NOBODY:
        speed = rules.speed_with(speed, c.day[a, SPEED])
    wrap = told.wrap[i]
    if more is not None and touch[i, OUTCOME] == ANSWERED:
        left = rules.left_for_another(touch[i, CUT_LEFT], touch[i, CUT_SPEED], speed)
    else:
        left = rules.talk_time(told.work[i], wrap, speed) * PACE_ONE
        touch[i, OUTCOME] = ANSWERED
        touch[i, LEFT] = now
        if more is not None:
            c.queue[q, UNANSWERED] -= 1
    channel = c.line[r, OF_CHANNEL]
    left += PACE_ONE * rules.loss_by_switching(
        unit[u, CHANNEL], channel, crew[g, LOSS_BY_SWITCHING]
    )
    unit[u, CHANNEL] = channel
    touch[i, STANDS] = HANDLED
    touch[i, BEGUN] = now
    touch[i, GROUP] = g
    touch[i, AGENT] = a
    touch[i, SEAT] = unit[u, SEATED]
    n = unit[u, IN_HAND]
    pace = rules.pace_with(c.pace, g, n + 1)
    if n == 0:
        crew[g, BUSY] += 1
    elif not crew[g, FLAT]:
        bring_up_to_date(unit, place, u, now, rules.pace_with(c.pace, g, n), pace)
    p = unit[u, FIRST_PLACE] + n
    unit[u, IN_HAND] = n + 1
    unit[u, ROOM_LEFT] -= skill[r, g, LOAD]
    unit[u, UNCHANGED] = now
    touch[i, UNIT] = u
    touch[i, PLACE] = p
    place[p, TALKING] = 1
    place[p, WORK_LEFT] = left
    place[p, LAST] = now
    place[p, AT_SPEED] = speed
    end = rules.work_ends(now, left, pace)
    if more is not None and skill[r, g, PREEMPT]:
        count_cuttable(skill, c.line, crew, c.counts, r, g, np.int64(1))
    elif crew[g, FLAT] and (
        more is None or c.queue[q, LINES] >= NEVER
    ):  # nothing can change when it ends
        customer_leaves(c, i, end, more)
        end = rules.work_ends(end, rules.handle_time(wrap, speed) * PACE_ONE, pace)
        place[p, TALKING] = 0
    place[p, END] = (end << TOUCH_BITS) | i
    next_end(unit, place, c.bout, u)
    enlist(unit, crew, c.listed, u)


@part_of_a_loop
def work_ends(
    c: Any,
    i: Any,
    now: Any,
    more: Any,
) -> None:
    """A stage of touch i ends: the customer leaves, or the agent is done."""
    touch = c.touch
    unit = c.unit
    place = c.place
    crew = c.crew
    u = touch[i, UNIT]
    p = touch[i, PLACE]
    g = unit[u, OF_GROUP]
    r = touch[i, LINE]
    if place[p, TALKING]:
        if more is not None:
            c.queue[c.told.queue[i], IN_SERVICE] -= 1
        if more is not None and c.skill[r, g, PREEMPT]:
            count_cuttable(c.skill, c.line, crew, c.counts, r, g, np.int64(-1))
        customer_leaves(c, i, now, more)
        wrap = rules.handle_time(c.told.wrap[i], place[p, AT_SPEED])
        if wrap > 0:
            place[p, TALKING] = 0
            place[p, WORK_LEFT] = wrap * PACE_ONE
            place[p, LAST] = now
            pace = rules.pace_with(c.pace, g, unit[u, IN_HAND])
            end = rules.work_ends(now, place[p, WORK_LEFT], pace)
            place[p, END] = (end << TOUCH_BITS) | i
            next_end(unit, place, c.bout, u)
            return
    touch[i, FINISHED] = now
    touch[i, STANDS] = GONE
    unlist(unit, crew, c.listed, u)
    put_down(touch, unit, place, crew, c.bout, c.pace, u, p, c.skill[r, g, LOAD], now)
    a = unit[u, NAMED]
    if a == NOBODY:
        free = rules.idle_by_number(crew[g, ON_DUTY], crew[g, BUSY])
        if unit[u, IN_HAND] > 0 or crew[g, IDLE] < free:
            enlist(unit, crew, c.listed, u)
    elif c.day[a, STINT] == NOBODY or break_is_due(c.day, c.stint, c.pause, a, now):
        settle(c, a, now)
    else:
        enlist(unit, crew, c.listed, u)


@beside_a_loop
def interrupt(
    c: Any,
    v: Any,
    now: Any,
    more: Any,
) -> None:
    """Touch v goes back to its line, or to what is kept for its agent, with the work that is left."""
    touch = c.touch
    unit = c.unit
    place = c.place
    u = touch[v, UNIT]
    p = touch[v, PLACE]
    g = unit[u, OF_GROUP]
    a = unit[u, NAMED]
    r = touch[v, LINE]
    q = c.told.queue[v]
    pace = rules.pace_with(c.pace, g, unit[u, IN_HAND])
    touch[v, CUT_LEFT] = rules.left_after(place[p, WORK_LEFT], pace, now - place[p, LAST])
    touch[v, CUT_SPEED] = place[p, AT_SPEED]
    count_cuttable(c.skill, c.line, c.crew, c.counts, r, g, np.int64(-1))
    unlist(unit, c.crew, c.listed, u)
    put_down(touch, unit, place, c.crew, c.bout, c.pace, u, p, c.skill[r, g, LOAD], now)
    k = c.counts[CUTS]
    if k < c.cuts.shape[1]:
        c.cuts[0, k] = v
        c.cuts[1, k] = g
        c.cuts[2, k] = a
        c.cuts[3, k] = unit[u, SEATED]
        c.cuts[4, k] = touch[v, BEGUN]
        c.cuts[5, k] = now
    c.counts[CUTS] += 1
    c.queue[q, IN_SERVICE] -= 1
    c.queue[q, ALL_WAITING] += 1
    c.counts[WAITING_COUNT] += 1
    set_key(c, v, r, more)
    keeps = c.told.keeps_owner[v]
    if a != NOBODY and keeps > 0:
        keep(touch, c.day, c.owners, c.counts, v, a, now + keeps)
    else:
        touch[v, STANDS] = WAITS
        join_line(touch, c.line, v)
    watch(c, v, now)


# ------------------------------------------------------------------ lists for the rules


@beside_a_loop
def list_kept(
    touch: Any,
    skill: Any,
    unit: Any,
    day: Any,
    owners: Any,
    counts: Any,
    lists: Any,
) -> Any:
    """How many touches are kept for an owner who is available with room for them; ``lists`` names them."""
    count = 0
    for k in range(counts[OWNER_COUNT]):
        a = owners[k]
        u = day[a, AT_UNIT]
        if unit[u, LISTED_IN] == NOBODY:
            continue
        i = day[a, KEPT_FIRST]
        while i != NOBODY:
            if unit[u, ROOM_LEFT] >= skill[touch[i, LINE], day[a, IN_GROUP], LOAD]:
                lists[KEPT_LIST, count] = i
                lists[KEPT_GROUP, count] = day[a, IN_GROUP]
                lists[KEPT_ROOM, count] = unit[u, ROOM_LEFT]
                count += 1
            i = touch[i, BEHIND]
    return count


@beside_a_loop
def somebody_goes_before(
    line: Any,
    skill: Any,
    crew: Any,
) -> Any:
    """Whether some head of a line goes before the worst that may be interrupted; whether it may be is asked later."""
    for r in range(line.shape[0]):
        if line[r, HEAD] == NOBODY:
            continue
        for g in range(crew.shape[0]):
            worst = crew[g, WORST]
            if (
                worst != NOBODY
                and skill[r, g, OPENS] < NEVER
                and (
                    line[worst, PRIORITY] > line[r, PRIORITY]
                    or (
                        line[worst, PRIORITY] == line[r, PRIORITY]
                        and skill[worst, g, RANK] > skill[r, g, RANK]
                    )
                )
            ):
                return True
    return False


@beside_a_loop
def list_talks(
    c: Any,
    now: Any,
) -> Any:
    """How many talks may be interrupted, their agents being available; ``talks`` lists them."""
    unit = c.unit
    count = 0
    for u in range(unit.shape[0]):
        g = unit[u, OF_GROUP]
        if unit[u, IN_HAND] == 0 or c.crew[g, CUTTABLES] == 0:
            continue
        a = unit[u, NAMED]
        if a == NOBODY:
            if c.crew[g, BUSY] > c.crew[g, ON_DUTY]:
                continue
        elif c.day[a, STINT] == NOBODY or break_is_due(c.day, c.stint, c.pause, a, now):
            continue
        for p in range(unit[u, FIRST_PLACE], unit[u, FIRST_PLACE] + unit[u, IN_HAND]):
            v = c.place[p, END] & TOUCH
            if c.place[p, TALKING] and c.skill[c.touch[v, LINE], g, PREEMPT]:
                c.talks[TALK, count] = v
                c.talks[TALK_GROUP, count] = g
                c.talks[TALK_ROOM, count] = unit[u, ROOM_LEFT]
                count += 1
    return count
