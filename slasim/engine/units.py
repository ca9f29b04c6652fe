"""Agents and what they have in hand, for the compiled loop of the whole floor.

A *unit* is an agent who can take contacts: a seat of a group staffed by number, or a named agent. Seats come first,
group by group, then named agents, so that the lower unit is the lower seat or agent. Available units with room stand in
lists, one per group and number in hand, the one whose hand has not changed for longest first.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.engine import rules
from slasim.engine.centre import (
    ABOVE,
    BELOW,
    BUSY,
    BY_NUMBER,
    CHANNEL,
    END,
    FIRST_LIST,
    FIRST_PLACE,
    FIRST_SEAT,
    FLAT,
    IDLE,
    IN_HAND,
    LAST,
    LEAST,
    LISTED_IN,
    LISTS,
    OF_GROUP,
    ON_DUTY,
    PLACE,
    PLACE_FIELDS,
    PRESENT,
    ROOM_LEFT,
    UNCHANGED,
    WORK_LEFT,
)
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_KEY, TOUCH, TOUCH_BITS, enter
from slasim.floor import ROOM


@beside_a_loop
def unlist(
    unit: Any,
    crew: Any,
    listed: Any,
    u: Any,
) -> None:
    """Unit u is not available, or has no room."""
    here = unit[u, LISTED_IN]
    if here == NOBODY:
        return
    above = unit[u, ABOVE]
    below = unit[u, BELOW]
    if above == NOBODY:
        listed[here, 0] = below
    else:
        unit[above, BELOW] = below
    if below == NOBODY:
        listed[here, 1] = above
    else:
        unit[below, ABOVE] = above
    unit[u, LISTED_IN] = NOBODY
    g = unit[u, OF_GROUP]
    if here == crew[g, FIRST_LIST]:
        crew[g, IDLE] -= 1


@beside_a_loop
def enlist(
    unit: Any,
    crew: Any,
    listed: Any,
    u: Any,
) -> None:
    """Unit u, which is in no list, is available: it stands where its hand and its time say, if it has room."""
    g = unit[u, OF_GROUP]
    if unit[u, ROOM_LEFT] < crew[g, LEAST]:
        return
    here = crew[g, FIRST_LIST] + unit[u, IN_HAND]
    since = unit[u, UNCHANGED]
    above = listed[here, 1]
    below = NOBODY
    while above != NOBODY and (
        unit[above, UNCHANGED] > since or (unit[above, UNCHANGED] == since and above > u)
    ):
        below = above
        above = unit[above, ABOVE]
    unit[u, ABOVE] = above
    unit[u, BELOW] = below
    if above == NOBODY:
        listed[here, 0] = u
    else:
        unit[above, BELOW] = u
    if below == NOBODY:
        listed[here, 1] = u
    else:
        unit[below, ABOVE] = u
    unit[u, LISTED_IN] = here
    if unit[u, IN_HAND] == 0:
        crew[g, IDLE] += 1


@part_of_a_loop
def shares_now(
    crew: Any,
    g: Any,
) -> Any:
    """Whether agents of the group with something in hand may take more: not while leavers are owed."""
    return crew[g, LISTS] > 2 and (crew[g, BY_NUMBER] == 0 or crew[g, BUSY] <= crew[g, ON_DUTY])


@part_of_a_loop
def most_room(
    unit: Any,
    crew: Any,
    listed: Any,
    g: Any,
) -> Any:
    """The most room that one available agent of the group has left, 0 if none is."""
    if crew[g, IDLE] > 0:
        return ROOM
    most = 0
    if shares_now(crew, g):
        for n in range(1, crew[g, LISTS]):
            if ROOM - n * crew[g, LEAST] <= most:
                break
            u = listed[crew[g, FIRST_LIST] + n, 0]
            while u != NOBODY:
                most = max(most, unit[u, ROOM_LEFT])
                if ROOM - n * crew[g, LEAST] <= most:
                    break
                u = unit[u, BELOW]
    return most


@part_of_a_loop
def first_with_room(
    unit: Any,
    crew: Any,
    listed: Any,
    g: Any,
    load: Any,
) -> Any:
    """The available agent of the group with so much room whom ``rules.rather`` puts first, or NOBODY."""
    if crew[g, IDLE] > 0:
        return listed[crew[g, FIRST_LIST], 0]
    if shares_now(crew, g):
        for n in range(1, crew[g, LISTS]):
            u = listed[crew[g, FIRST_LIST] + n, 0]
            while u != NOBODY:
                if unit[u, ROOM_LEFT] >= load:
                    return u
                u = unit[u, BELOW]
    return NOBODY


@beside_a_loop
def bring_up_to_date(
    unit: Any,
    place: Any,
    u: Any,
    now: Any,
    pace: Any,
    new_pace: Any,
) -> None:
    """What unit u has in hand went on at ``pace`` until now and goes on at ``new_pace``."""
    first = unit[u, FIRST_PLACE]
    for p in range(first, first + unit[u, IN_HAND]):
        place[p, WORK_LEFT] = rules.left_after(place[p, WORK_LEFT], pace, now - place[p, LAST])
        place[p, LAST] = now
        end = rules.work_ends(now, place[p, WORK_LEFT], new_pace)
        place[p, END] = (end << TOUCH_BITS) | (place[p, END] & TOUCH)


@beside_a_loop
def next_end(
    unit: Any,
    place: Any,
    bout: Any,
    u: Any,
) -> None:
    """Unit u competes with the first end of what it has in hand."""
    first = unit[u, FIRST_PLACE]
    key = NO_KEY
    for p in range(first, first + unit[u, IN_HAND]):
        key = min(key, place[p, END])
    enter(bout, u, key)


@beside_a_loop
def put_down(
    touch: Any,
    unit: Any,
    place: Any,
    crew: Any,
    bout: Any,
    pace: Any,
    u: Any,
    p: Any,
    load: Any,
    now: Any,
) -> None:
    """Unit u no longer has what is in place p: the last of its hand moves there, the others get on at a new pace."""
    g = unit[u, OF_GROUP]
    n = unit[u, IN_HAND]
    last = unit[u, FIRST_PLACE] + n - 1
    if p != last:
        for field in range(PLACE_FIELDS):
            place[p, field] = place[last, field]
        touch[place[p, END] & TOUCH, PLACE] = p
    unit[u, IN_HAND] = n - 1
    unit[u, ROOM_LEFT] += load
    unit[u, UNCHANGED] = now
    if n == 1:
        crew[g, BUSY] -= 1
    elif not crew[g, FLAT]:
        bring_up_to_date(
            unit, place, u, now, rules.pace_with(pace, g, n), rules.pace_with(pace, g, n - 1)
        )
    next_end(unit, place, bout, u)


@beside_a_loop
def number_changes(
    unit: Any,
    crew: Any,
    listed: Any,
    g: Any,
    number: Any,
    now: Any,
) -> None:
    """A new number on duty in group g: the longest idle go first, the lowest-numbered away come."""
    crew[g, ON_DUTY] = number
    crew[g, PRESENT] = number
    free = rules.idle_by_number(number, crew[g, BUSY])
    while crew[g, IDLE] > free:
        unlist(unit, crew, listed, listed[crew[g, FIRST_LIST], 0])
    u = crew[g, FIRST_SEAT]
    while crew[g, IDLE] < free:
        if unit[u, IN_HAND] == 0 and unit[u, LISTED_IN] == NOBODY:
            unit[u, CHANNEL] = NOBODY
            unit[u, UNCHANGED] = now
            enlist(unit, crew, listed, u)
        u += 1
