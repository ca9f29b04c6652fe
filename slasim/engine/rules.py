"""What happens at a centre, written once: the order of an instant, who serves whom, how long.

Plain functions over plain arrays. The readable engine calls them as ordinary Python, the fast one as machine code
(``register_jitable``). They know no process, no heap and no clock of their own. Arrays are those of
``draw.Draw`` and ``routing.table.RoutingTable``; times are milliseconds.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from slasim.routing.table import NEVER, SPEED_ONE

# The order of one instant. At every step the lowest phase that has work at this instant goes first.
AGENTS, ARRIVALS, TIMERS, MATCHING, LEAVING = range(5)

# Inside AGENTS: what ends comes before what begins.
WORK_ENDS, BREAK_ENDS, STINT_ENDS, NUMBER_CHANGES, STINT_BEGINS, BREAK_DUE = range(6)

# Inside LEAVING: patience first, so that a full queue blocks only who would have stayed.
PATIENCE_ENDS, QUEUE_IS_FULL, QUEUE_CLOSES = range(3)

NOBODY = -1

rule = register_jitable(forceinline=True, error_model="numpy")
"""Marks a function as ordinary Python that is also compiled into the loops that call it."""


@rule
def handle_time(work: int, speed: int) -> int:
    """ms an agent of that speed (millionths) needs for the drawn work, rounded half up."""
    if speed == SPEED_ONE:
        return work
    return (work * SPEED_ONE + speed // 2) // speed


@rule
def may_take(waited: int, opens: int, idle: int, reserve: int) -> bool:
    """Whether a group takes a contact of a queue now: it has the skill, the contact has waited long
    enough, and more agents than the reserve are wholly idle."""
    return opens < NEVER and waited >= opens and idle > reserve


@rule
def idle_by_number(on_duty: int, busy: int) -> int:
    """Agents free to take a contact in a group staffed by number.

    After a drop nobody of the group takes a contact until the number busy has come down to the new
    number on duty; a rise first cancels leavers still owed. Both follow from this difference.
    """
    return max(0, on_duty - busy)


@rule
def rests_now(break_at: int, now: int, stint_to: int) -> bool:
    """Whether a break that is due begins: it waits for the contact in hand, and a stint's end cuts it."""
    return break_at <= now < stint_to


@rule
def next_contact(
    now: int,
    heads: Any,
    arrival: Any,
    stop: Any,
    opens: Any,
    rank: Any,
    weight: Any,
    reserve: Any,
    priority: Any,
    head_start: Any,
    idle: Any,
) -> int:
    """The queue whose longest-waiting contact is served next, or NOBODY.

    ``heads`` (Q,) the contact at the head of each queue, NOBODY if none waits; ``idle`` (G,) wholly idle agents.
    Order: priority, then the smallest rank over the groups that may take it now, then the strongest claim (weight
    times waiting, head start credited), then the contact's index. Inside a queue the first come is
    always first, so only heads compete.
    """
    best = NOBODY
    best_priority = 0
    best_rank = 0
    best_claim = 0
    for q in range(heads.size):
        head = heads[q]
        if head == NOBODY or now >= stop[q]:
            continue
        if best != NOBODY and priority[q] > best_priority:
            continue
        waited = now - arrival[head]
        taker = NOBODY
        for g in range(idle.size):
            if may_take(waited, opens[q, g], idle[g], reserve[q, g]) and (
                taker == NOBODY or rank[q, g] < rank[q, taker]
            ):
                taker = g
        if taker == NOBODY:
            continue
        claim = weight[q, taker] * (waited + head_start[q])
        first = best == NOBODY or priority[q] < best_priority
        if not first:
            if rank[q, taker] != best_rank:
                first = rank[q, taker] < best_rank
            elif claim != best_claim:
                first = claim > best_claim
            else:
                first = head < heads[best]
        if first:
            best = q
            best_priority = priority[q]
            best_rank = rank[q, taker]
            best_claim = claim
    return best


@rule
def choose_group(
    q: int,
    waited: int,
    opens: Any,
    preference: Any,
    reserve: Any,
    idle: Any,
    idle_since: Any,
) -> int:
    """The group whose agent takes a contact of queue ``q``, or NOBODY.

    Order: the contact's preference, then the agent longest idle (``idle_since`` (G,) of each group's longest idle
    agent), then the agent's index, which runs group by group.
    """
    best = NOBODY
    for g in range(idle.size):
        if not may_take(waited, opens[q, g], idle[g], reserve[q, g]):
            continue
        if (
            best == NOBODY
            or preference[q, g] < preference[q, best]
            or (preference[q, g] == preference[q, best] and idle_since[g] < idle_since[best])
        ):
            best = g
    return best
