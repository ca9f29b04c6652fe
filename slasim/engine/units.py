"""Agents and what they have in hand, for the compiled loop of the whole floor.

A *unit* is an agent who can take contacts: a seat of a group staffed by number, or a named agent. Seats come first,
group by group, then named agents, so that the lower unit is the lower seat or agent. Available units with room stand in
lists, one per group and number in hand, the one whose hand has not changed for longest first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.engine import rules
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_KEY, TOUCH, TOUCH_BITS, enter
from slasim.floor import ROOM

# Of a unit.
GROUP, AGENT, SEAT, IN_HAND, ROOM_LEFT, SINCE, LISTED_IN, ABOVE, BELOW, CHANNEL, FIRST_PLACE = range(11)
UNIT_FIELDS = 11

# Of a place in a hand. END is packed (instant, touch).
TALKING, LEFT, LAST, END, SPEED = range(5)
PLACE_FIELDS = 5

# Of a group. LEAST is the smallest load it knows, STEPS its first list, DEPTH how many it has; FLAT: the pace is one.
(
    ON_DUTY, BUSY, IDLE, PRESENT, MOST_ROOM, HAND, HAND_SINCE, CHOSEN, LEAST, STEPS, DEPTH, FLAT, FIRST_SEAT,
    CUTTABLE, BY_NUMBER,
) = range(15)  # fmt: skip
GROUP_FIELDS = 15


class Hands(NamedTuple):
    """unit (U, 11), place (P, 5), crew (15, G), listed (L, 2) the first and last of each list, bout: who ends next."""

    unit: Any
    place: Any
    crew: Any
    listed: Any
    bout: Any


@part_of_a_loop
def unlist(
    hands: Any,
    u: Any,
) -> None:
    """Unit u is not available, or has no room."""
    unit = hands.unit
    here = unit[u, LISTED_IN]
    if here == NOBODY:
        return
    above = unit[u, ABOVE]
    below = unit[u, BELOW]
    if above == NOBODY:
        hands.listed[here, 0] = below
    else:
        unit[above, BELOW] = below
    if below == NOBODY:
        hands.listed[here, 1] = above
    else:
        unit[below, ABOVE] = above
    unit[u, LISTED_IN] = NOBODY
    g = unit[u, GROUP]
    if here == hands.crew[STEPS, g]:
        hands.crew[IDLE, g] -= 1


@part_of_a_loop
def enlist(
    hands: Any,
    u: Any,
) -> None:
    """Unit u, which is in no list, is available: it stands where its hand and its since say, if it has room."""
    unit = hands.unit
    g = unit[u, GROUP]
    if unit[u, ROOM_LEFT] < hands.crew[LEAST, g]:
        return
    here = hands.crew[STEPS, g] + unit[u, IN_HAND]
    since = unit[u, SINCE]
    above = hands.listed[here, 1]
    below = NOBODY
    while above != NOBODY and (
        unit[above, SINCE] > since or (unit[above, SINCE] == since and above > u)
    ):
        below = above
        above = unit[above, ABOVE]
    unit[u, ABOVE] = above
    unit[u, BELOW] = below
    if above == NOBODY:
        hands.listed[here, 0] = u
    else:
        unit[above, BELOW] = u
    if below == NOBODY:
        hands.listed[here, 1] = u
    else:
        unit[below, ABOVE] = u
    unit[u, LISTED_IN] = here
    if unit[u, IN_HAND] == 0:
        hands.crew[IDLE, g] += 1


@part_of_a_loop
def shares_now(
    hands: Any,
    g: Any,
) -> Any:
    """Whether agents of the group with something in hand may take more: not while leavers are owed."""
    crew = hands.crew
    return crew[DEPTH, g] > 2 and (crew[BY_NUMBER, g] == 0 or crew[BUSY, g] <= crew[ON_DUTY, g])


@part_of_a_loop
def most_room(
    hands: Any,
    g: Any,
) -> Any:
    """The most room that one available agent of the group has left, 0 if none is."""
    crew = hands.crew
    if crew[IDLE, g] > 0:
        return ROOM
    most = 0
    if shares_now(hands, g):
        for n in range(1, crew[DEPTH, g]):
            if ROOM - n * crew[LEAST, g] <= most:
                break
            u = hands.listed[crew[STEPS, g] + n, 0]
            while u != NOBODY:
                most = max(most, hands.unit[u, ROOM_LEFT])
                if ROOM - n * crew[LEAST, g] <= most:
                    break
                u = hands.unit[u, BELOW]
    return most


@part_of_a_loop
def first_with_room(
    hands: Any,
    g: Any,
    load: Any,
) -> Any:
    """The available agent of the group with so much room whom ``rules.rather`` puts first, or NOBODY."""
    crew = hands.crew
    if crew[IDLE, g] > 0:
        return hands.listed[crew[STEPS, g], 0]
    if shares_now(hands, g):
        for n in range(1, crew[DEPTH, g]):
            u = hands.listed[crew[STEPS, g] + n, 0]
            while u != NOBODY:
                if hands.unit[u, ROOM_LEFT] >= load:
                    return u
                u = hands.unit[u, BELOW]
    return NOBODY


@part_of_a_loop
def bring_up_to_date(
    hands: Any,
    u: Any,
    now: Any,
    pace: Any,
    new_pace: Any,
) -> None:
    """What unit u has in hand went on at ``pace`` until now and goes on at ``new_pace``."""
    place = hands.place
    first = hands.unit[u, FIRST_PLACE]
    for p in range(first, first + hands.unit[u, IN_HAND]):
        place[p, LEFT] = rules.left_after(place[p, LEFT], pace, now - place[p, LAST])
        place[p, LAST] = now
        end = rules.work_ends(now, place[p, LEFT], new_pace)
        place[p, END] = (end << TOUCH_BITS) | (place[p, END] & TOUCH)


@part_of_a_loop
def next_end(
    hands: Any,
    u: Any,
) -> None:
    """Unit u competes with the first end of what it has in hand."""
    first = hands.unit[u, FIRST_PLACE]
    key = NO_KEY
    for p in range(first, first + hands.unit[u, IN_HAND]):
        key = min(key, hands.place[p, END])
    enter(hands.bout, u, key)


@part_of_a_loop
def put_down(
    hands: Any,
    waiting: Any,
    u: Any,
    p: Any,
    load: Any,
    now: Any,
    pace: Any,
) -> None:
    """Unit u no longer has what is in place p: the last of its hand moves there, the others get on at a new pace."""
    unit = hands.unit
    place = hands.place
    g = unit[u, GROUP]
    n = unit[u, IN_HAND]
    last = unit[u, FIRST_PLACE] + n - 1
    if p != last:
        for field in range(PLACE_FIELDS):
            place[p, field] = place[last, field]
        waiting.behind[place[p, END] & TOUCH] = p
    unit[u, IN_HAND] = n - 1
    unit[u, ROOM_LEFT] += load
    unit[u, SINCE] = now
    if n == 1:
        hands.crew[BUSY, g] -= 1
        enter(hands.bout, u, NO_KEY)
        return
    if not hands.crew[FLAT, g]:
        bring_up_to_date(
            hands, u, now, rules.pace_with(pace, g, n), rules.pace_with(pace, g, n - 1)
        )
    next_end(hands, u)


@beside_a_loop
def number_changes(
    hands: Any,
    g: Any,
    number: Any,
    now: Any,
) -> None:
    """A new number on duty in group g: the longest idle go first, the lowest-numbered away come."""
    unit = hands.unit
    crew = hands.crew
    crew[ON_DUTY, g] = number
    crew[PRESENT, g] = number
    free = rules.idle_by_number(number, crew[BUSY, g])
    while crew[IDLE, g] > free:
        unlist(hands, hands.listed[crew[STEPS, g], 0])
    u = crew[FIRST_SEAT, g]
    while crew[IDLE, g] < free:
        if unit[u, IN_HAND] == 0 and unit[u, LISTED_IN] == NOBODY:
            unit[u, CHANNEL] = NOBODY
            unit[u, SINCE] = now
            enlist(hands, u)
        u += 1
