"""Named agents of the whole floor: stints, breaks, and whether they are available, for the compiled loop.

``day`` (A, 7) says where each agent stands: its stint, the break it rests in, its next break, the stint it leaves
after what it has in hand, when its next stint begins, its unit, and the first touch that is kept for it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.contactlog import NOT_YET
from slasim.engine import rules
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_KEY, TOUCH_BITS, enter
from slasim.engine.units import (
    CHANNEL,
    IN_HAND,
    ON_DUTY,
    PRESENT,
    SINCE,
    Hands,
    enlist,
    unlist,
)

STINT, RESTING, NEXT_BREAK, LEAVING_STINT, NEXT_FROM, AT_UNIT, KEPT_FIRST = range(7)
DAY_FIELDS = 7


class Duty(NamedTuple):
    """Stints and breaks of the Draw, where each agent stands, whose rest ends next, and what came of it all.

    next_from (H,) says when the same agent's next stint begins, NEVER if none does.
    """

    agent_group: Any
    stint_agent: Any
    stint_to: Any
    next_from: Any
    break_first: Any
    stint_of_break: Any
    break_at: Any
    break_length: Any
    day: Any
    rests: Any
    stint_left: Any
    break_began: Any
    break_ended: Any


@part_of_a_loop
def break_is_due(
    duty: Any,
    a: Any,
    now: Any,
) -> Any:
    """Whether agent a, whose stint runs, rests from now on."""
    h = duty.day[a, STINT]
    b = duty.day[a, NEXT_BREAK]
    return b < duty.break_first[h + 1] and rules.rests_now(duty.break_at[b], now, duty.stint_to[h])


@beside_a_loop
def settle(
    hands: Any,
    duty: Any,
    a: Any,
    now: Any,
) -> None:
    """Work, rest, take more or leave: what agent a does from this instant on."""
    day = duty.day
    u = day[a, AT_UNIT]
    g = duty.agent_group[a]
    in_hand = hands.unit[u, IN_HAND]
    unlist(hands, u)
    if day[a, RESTING] != NOBODY:
        return
    if day[a, STINT] == NOBODY:
        if in_hand == 0 and day[a, LEAVING_STINT] != NOBODY:
            duty.stint_left[day[a, LEAVING_STINT]] = now
            day[a, LEAVING_STINT] = NOBODY
        return
    if break_is_due(duty, a, now):
        if in_hand == 0:
            b = day[a, NEXT_BREAK]
            day[a, NEXT_BREAK] = b + 1
            day[a, RESTING] = b
            duty.break_began[b] = now
            hands.crew[ON_DUTY, g] -= 1
            enter(duty.rests, a, ((now + duty.break_length[b]) << TOUCH_BITS) | a)
        return
    hands.unit[u, SINCE] = now
    enlist(hands, u)


@beside_a_loop
def rest_ends(
    hands: Any,
    duty: Any,
    a: Any,
    now: Any,
) -> None:
    """The break of agent a has had its length."""
    day = duty.day
    duty.break_ended[day[a, RESTING]] = now
    day[a, RESTING] = NOBODY
    enter(duty.rests, a, NO_KEY)
    hands.crew[ON_DUTY, duty.agent_group[a]] += 1
    settle(hands, duty, a, now)


@beside_a_loop
def on_roster(
    hands: Any,
    duty: Any,
    now: Any,
    part: Any,
    of: Any,
) -> None:
    """A stint begins or ends, or a break is due."""
    day = duty.day
    crew = hands.crew
    if part == rules.BREAK_DUE:
        h = duty.stint_of_break[of]
        a = duty.stint_agent[h]
        if day[a, STINT] == h:
            settle(hands, duty, a, now)
        return
    a = duty.stint_agent[of]
    g = duty.agent_group[a]
    u = day[a, AT_UNIT]
    if part == rules.STINT_BEGINS:
        if day[a, LEAVING_STINT] != NOBODY:
            duty.stint_left[day[a, LEAVING_STINT]] = now
            day[a, LEAVING_STINT] = NOBODY
        day[a, STINT] = of
        day[a, NEXT_BREAK] = duty.break_first[of]
        day[a, NEXT_FROM] = duty.next_from[of]
        hands.unit[u, CHANNEL] = NOBODY
        crew[ON_DUTY, g] += 1
        crew[PRESENT, g] += 1
    else:
        day[a, STINT] = NOBODY
        crew[PRESENT, g] -= 1
        if day[a, RESTING] != NOBODY:
            duty.break_ended[day[a, RESTING]] = now
            day[a, RESTING] = NOBODY
            enter(duty.rests, a, NO_KEY)
        else:
            crew[ON_DUTY, g] -= 1
        if hands.unit[u, IN_HAND] > 0:
            day[a, LEAVING_STINT] = of
        elif duty.stint_left[of] == NOT_YET:
            duty.stint_left[of] = now
    settle(hands, duty, a, now)


__all__ = ["Duty", "Hands", "break_is_due", "on_roster", "rest_ends", "settle"]
