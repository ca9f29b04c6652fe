"""Named agents of the compiled loop: stints, breaks, and what an agent does when nothing holds it.

``now_of`` (A, 6) says where each agent stands: its stint, whether it is occupied, the break it rests in,
its next break, the stint it leaves after the contact in hand, and when its rest ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop
from slasim.contactlog import NOT_YET
from slasim.engine import rules
from slasim.engine.rules import NOBODY
from slasim.engine.seats import sit_down, stand_up

STINT, OCCUPIED, RESTING, NEXT_BREAK, LEAVING_STINT, REST_ENDS = range(6)
FAR = 1 << 62


def agents_at_home(agents: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """``now_of`` before anything has happened."""
    now_of = np.zeros((agents, 6), np.int64)
    now_of[:, (STINT, RESTING, LEAVING_STINT)] = NOBODY
    now_of[:, REST_ENDS] = FAR
    return now_of


@beside_a_loop
def settle(
    a: Any,
    now: Any,
    now_of: Any,
    agent_group: Any,
    stint_to: Any,
    break_first: Any,
    break_at: Any,
    break_length: Any,
    ring: Any,
    start: Any,
    idle: Any,
    stint_left: Any,
    break_began: Any,
) -> None:
    """Work, rest or wait: what agent a does from this instant on."""
    stand_up(ring, start, idle, agent_group[a], a)
    if now_of[a, OCCUPIED] or now_of[a, RESTING] != NOBODY:
        return
    h = now_of[a, STINT]
    if h == NOBODY:
        if now_of[a, LEAVING_STINT] != NOBODY:
            stint_left[now_of[a, LEAVING_STINT]] = now
            now_of[a, LEAVING_STINT] = NOBODY
        return
    b = now_of[a, NEXT_BREAK]
    if b < break_first[h + 1] and rules.rests_now(break_at[b], now, stint_to[h]):
        now_of[a, NEXT_BREAK] = b + 1
        now_of[a, RESTING] = b
        now_of[a, REST_ENDS] = now + break_length[b]
        break_began[b] = now
        return
    sit_down(ring, start, idle, agent_group[a], now, a)


@beside_a_loop
def rests_end(
    now: Any,
    now_of: Any,
    agent_group: Any,
    stint_to: Any,
    break_first: Any,
    break_at: Any,
    break_length: Any,
    ring: Any,
    start: Any,
    idle: Any,
    stint_left: Any,
    break_began: Any,
    break_ended: Any,
) -> None:
    """Every break that ends now."""
    for a in range(now_of.shape[0]):
        if now_of[a, REST_ENDS] == now:
            break_ended[now_of[a, RESTING]] = now
            now_of[a, RESTING] = NOBODY
            now_of[a, REST_ENDS] = FAR
            settle(a, now, now_of, agent_group, stint_to, break_first, break_at, break_length,
                   ring, start, idle, stint_left, break_began)  # fmt: skip


@beside_a_loop
def on_roster(
    now: Any,
    part: Any,
    of: Any,
    now_of: Any,
    agent_group: Any,
    stint_agent: Any,
    stint_to: Any,
    break_first: Any,
    stint_of_break: Any,
    break_at: Any,
    break_length: Any,
    ring: Any,
    start: Any,
    idle: Any,
    stint_left: Any,
    break_began: Any,
    break_ended: Any,
) -> None:
    """A stint begins or ends, or a break is due."""
    if part == rules.BREAK_DUE:
        h = stint_of_break[of]
        a = stint_agent[h]
        if now_of[a, STINT] != h:
            return
    elif part == rules.STINT_BEGINS:
        a = stint_agent[of]
        if now_of[a, LEAVING_STINT] != NOBODY:
            stint_left[now_of[a, LEAVING_STINT]] = now
            now_of[a, LEAVING_STINT] = NOBODY
        now_of[a, STINT] = of
        now_of[a, NEXT_BREAK] = break_first[of]
    else:
        a = stint_agent[of]
        now_of[a, STINT] = NOBODY
        if now_of[a, RESTING] != NOBODY:
            break_ended[now_of[a, RESTING]] = now
            now_of[a, RESTING] = NOBODY
            now_of[a, REST_ENDS] = FAR
        if now_of[a, OCCUPIED]:
            now_of[a, LEAVING_STINT] = of
        elif stint_left[of] == NOT_YET:
            stint_left[of] = now
    settle(a, now, now_of, agent_group, stint_to, break_first, break_at, break_length,
           ring, start, idle, stint_left, break_began)  # fmt: skip


@beside_a_loop
def next_rest_end(
    now_of: Any,
) -> Any:
    """When the next break ends; FAR if nobody rests."""
    soonest = FAR
    for a in range(now_of.shape[0]):
        soonest = min(soonest, now_of[a, REST_ENDS])
    return soonest
