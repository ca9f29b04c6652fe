"""Named agents of the whole floor: stints, breaks, and whether they are available, for the compiled loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop
from slasim.contactlog import NOT_YET
from slasim.engine import rules
from slasim.engine.centre import (
    AT_UNIT,
    BREAK_AT,
    BREAK_BEGAN,
    BREAK_ENDED,
    BREAK_FIRST,
    BREAK_LENGTH,
    BREAK_STINT,
    CHANNEL,
    IN_GROUP,
    IN_HAND,
    LEAVING_STINT,
    NEXT_BREAK,
    NEXT_FROM,
    NEXT_STINT,
    ON_DUTY,
    PRESENT,
    RESTING,
    STINT,
    STINT_AGENT,
    STINT_LEFT,
    STINT_TO,
    UNCHANGED,
)
from slasim.engine.rules import NOBODY
from slasim.engine.soonest import NO_KEY, TOUCH_BITS, enter
from slasim.engine.units import enlist, unlist


@beside_a_loop
def break_is_due(
    day: Any,
    stint: Any,
    pause: Any,
    a: Any,
    now: Any,
) -> Any:
    """Whether agent a, whose stint runs, rests from now on."""
    h = day[a, STINT]
    b = day[a, NEXT_BREAK]
    if b >= stint[BREAK_FIRST, h + 1]:
        return False
    return rules.rests_now(pause[BREAK_AT, b], now, stint[STINT_TO, h])


@beside_a_loop
def settle(
    c: Any,
    a: Any,
    now: Any,
) -> None:
    """Work, rest, take more or leave: what agent a does from this instant on."""
    day = c.day
    u = day[a, AT_UNIT]
    in_hand = c.unit[u, IN_HAND]
    unlist(c.unit, c.crew, c.listed, u)
    if day[a, RESTING] != NOBODY:
        return
    if day[a, STINT] == NOBODY:
        if in_hand == 0 and day[a, LEAVING_STINT] != NOBODY:
            c.stint[STINT_LEFT, day[a, LEAVING_STINT]] = now
            day[a, LEAVING_STINT] = NOBODY
        return
    if break_is_due(day, c.stint, c.pause, a, now):
        if in_hand == 0:
            b = day[a, NEXT_BREAK]
            day[a, NEXT_BREAK] = b + 1
            day[a, RESTING] = b
            c.pause[BREAK_BEGAN, b] = now
            c.crew[day[a, IN_GROUP], ON_DUTY] -= 1
            enter(c.rests, a, ((now + c.pause[BREAK_LENGTH, b]) << TOUCH_BITS) | a)
        return
    c.unit[u, UNCHANGED] = now
    enlist(c.unit, c.crew, c.listed, u)


@beside_a_loop
def rest_ends(
    c: Any,
    a: Any,
    now: Any,
) -> None:
    """The break of agent a has had its length."""
    day = c.day
    c.pause[BREAK_ENDED, day[a, RESTING]] = now
    day[a, RESTING] = NOBODY
    enter(c.rests, a, np.int64(NO_KEY))
    c.crew[day[a, IN_GROUP], ON_DUTY] += 1
    settle(c, a, now)


@beside_a_loop
def on_roster(
    c: Any,
    now: Any,
    part: Any,
    of: Any,
) -> None:
    """A stint begins or ends, or a break is due."""
    day = c.day
    crew = c.crew
    stint = c.stint
    if part == rules.BREAK_DUE:
        h = c.pause[BREAK_STINT, of]
        if day[stint[STINT_AGENT, h], STINT] == h:
            settle(c, stint[STINT_AGENT, h], now)
        return
    a = stint[STINT_AGENT, of]
    g = day[a, IN_GROUP]
    u = day[a, AT_UNIT]
    if part == rules.STINT_BEGINS:
        if day[a, LEAVING_STINT] != NOBODY:
            stint[STINT_LEFT, day[a, LEAVING_STINT]] = now
            day[a, LEAVING_STINT] = NOBODY
        day[a, STINT] = of
        day[a, NEXT_BREAK] = stint[BREAK_FIRST, of]
        day[a, NEXT_FROM] = stint[NEXT_STINT, of]
        c.unit[u, CHANNEL] = NOBODY
        crew[g, ON_DUTY] += 1
        crew[g, PRESENT] += 1
    else:
        day[a, STINT] = NOBODY
        crew[g, PRESENT] -= 1
        if day[a, RESTING] != NOBODY:
            c.pause[BREAK_ENDED, day[a, RESTING]] = now
            day[a, RESTING] = NOBODY
            enter(c.rests, a, np.int64(NO_KEY))
        else:
            crew[g, ON_DUTY] -= 1
        if c.unit[u, IN_HAND] > 0:
            day[a, LEAVING_STINT] = of
        elif stint[STINT_LEFT, of] == NOT_YET:
            stint[STINT_LEFT, of] = now
    settle(c, a, now)
