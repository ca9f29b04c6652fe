"""What happens at a centre, written once: the order of an instant, who serves whom, how long.

Plain functions over plain arrays. The readable engine calls them as ordinary Python, the fast ones as machine code
(``register_jitable``). They know no process, no heap and no clock of their own. Arrays are those of
``draw.Draw``, ``routing.table.RoutingTable`` and ``floor.Floor``; times are milliseconds.

The first half is a voice centre: a queue is a line, an agent has one contact or none. The second half (from
``open_to`` on) is the whole operation, of which the first is the plain case. Arguments that may be None there are parts
that a centre does without: a compiled loop then leaves them out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from slasim import elapsed
from slasim.contactlog import TIER_2, TRANSFER
from slasim.floor import BY_DUE, BY_SLACK, NONE, PACE_ONE, ROOM
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

for _function in (
    elapsed.window_of,
    elapsed.is_open,
    elapsed.position,
    elapsed.instant_of,
    elapsed.due,
    elapsed.due_after,
):
    rule(_function)


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


# ------------------------------------------------------------------ who may serve whom


def whole_loads(load: Any, shares: Any) -> Any:
    """(R, G) parts of ROOM a contact really takes: all of it in a group whose agents do not share."""
    return np.where(np.asarray(shares)[None, :] != 0, load, ROOM)


@rule
def open_to(
    r: int,
    g: int,
    waited: int,
    now: int,
    opens: Any,
    stands_in: Any,
    present: Any,
    hours: Any,
    window_first: Any,
    window_open: Any,
    window_close: Any,
) -> bool:
    """Whether group ``g`` is open to a contact of line ``r`` that has waited so long: it has the skill, the wait is
    long enough, nobody it stands in for is on duty, and its hours for the line are now.

    ``present`` (G,) is the number on duty, of named agents those whose stint is running. ``stands_in`` and
    ``hours`` may be None.
    """
    if opens[r, g] >= NEVER or waited < opens[r, g]:
        return False
    if stands_in is not None and stands_in[r, g] != NONE and present[stands_in[r, g]] > 0:
        return False
    if hours is not None and hours[r, g] != NONE:
        return elapsed.is_open(now, hours[r, g], window_first, window_open, window_close)
    return True


@rule
def may_join(
    r: int,
    g: int,
    waited: int,
    now: int,
    opens: Any,
    reserve: Any,
    load: Any,
    idle: Any,
    room: Any,
    stands_in: Any,
    present: Any,
    hours: Any,
    window_first: Any,
    window_open: Any,
    window_close: Any,
    most_busy: Any,
    busy: Any,
    on_duty: Any,
) -> bool:
    """Whether group ``g`` may take a contact of line ``r`` now.

    Of every group: ``idle`` (G,) its available agents with nothing in hand, ``room`` (G,) the most room that one of its
    available agents has left (0 if none is), ``busy`` (G,) all its agents with something in hand, ``on_duty`` (G,) the
    number on duty, of named agents those whose stint is running and who do not rest. ``load`` is ``whole_loads``.
    ``most_busy`` may be None.
    """
    if room[g] < load[r, g] or (reserve[r, g] > 0 and idle[g] <= reserve[r, g]):
        return False
    if (
        most_busy is not None
        and most_busy[r, g] < NEVER
        and (busy[g] + 1) * PACE_ONE > most_busy[r, g] * on_duty[g]
    ):
        return False
    return open_to(
        r, g, waited, now, opens, stands_in, present, hours, window_first, window_open, window_close
    )


# ------------------------------------------------------------------ the order of a line


@rule
def key_of(order: int, since: int, due: int, head_start: int, slack: int) -> int:
    """The place of a touch in a line; the smaller goes first, equal keys by touch index. NEVER without a clock."""
    if order == BY_DUE:
        return due
    if order == BY_SLACK:
        return due - slack if due < NEVER else NEVER
    return since - head_start


@rule
def claim_of(weight: int, now: int, key: int) -> int:
    """How much a touch asks for an agent; the weakest where its line goes by a clock it does not have."""
    if key >= NEVER:
        return -NEVER
    return weight * (now - key)


@rule
def goes_first(
    priority: int,
    rank: int,
    claim: int,
    i: int,
    other_priority: int,
    other_rank: int,
    other_claim: int,
    other: int,
) -> bool:
    """Which of two touches is served first: priority, the taker's rank, the stronger claim, touch index."""
    if priority != other_priority:
        return priority < other_priority
    if rank != other_rank:
        return rank < other_rank
    if claim != other_claim:
        return claim > other_claim
    return i < other


@rule
def line_after(step_to: Any, step: int, r: int) -> int:
    """The line in which a touch of line ``r`` stands once the step has been taken."""
    return step_to[step, r]  # type: ignore[no-any-return]


@rule
def next_touch(
    now: int,
    heads: Any,
    kept: Any,
    kept_group: Any,
    kept_room: Any,
    kept_count: int,
    line: Any,
    since: Any,
    key: Any,
    stop: Any,
    line_queue: Any,
    priority: Any,
    rank: Any,
    weight: Any,
    opens: Any,
    reserve: Any,
    load: Any,
    idle: Any,
    room: Any,
    stands_in: Any,
    present: Any,
    hours: Any,
    window_first: Any,
    window_open: Any,
    window_close: Any,
    most_busy: Any,
    busy: Any,
    on_duty: Any,
) -> int:
    """The touch that is served next, or NOBODY: a head of a line, or one kept for its owner.

    ``heads`` (R,) the touch at the head of each line, NOBODY if none; ``line``, ``since`` and ``key`` (T,) of each
    touch now. ``kept[:kept_count]`` are touches kept for an owner, with the owner's group and the room he has left (0
    if he is not available); for them the owner's group is the only taker, and what else ``may_join`` asks does not
    matter. ``kept`` may be None. Order: ``goes_first``, by the group with the smallest rank of those that may take it
    (the first of equals).
    """
    best = NOBODY
    best_r = 0
    best_rank = 0
    best_claim = 0
    for r in range(heads.size):
        i = heads[r]
        if i == NOBODY or now >= stop[line_queue[r]]:
            continue
        if best != NOBODY and priority[r] > priority[best_r]:
            continue
        taker = NOBODY
        for g in range(idle.size):
            if (taker == NOBODY or rank[r, g] < rank[r, taker]) and may_join(
                r, g, now - since[i], now, opens, reserve, load, idle, room, stands_in, present, hours,
                window_first, window_open, window_close, most_busy, busy, on_duty,
            ):  # fmt: skip
                taker = g
        if taker == NOBODY:
            continue
        claim = claim_of(weight[r, taker], now, key[i])
        if best == NOBODY or goes_first(
            priority[r], rank[r, taker], claim, i, priority[best_r], best_rank, best_claim, best
        ):
            best = i
            best_r = r
            best_rank = rank[r, taker]
            best_claim = claim
    if kept is not None:
        for k in range(kept_count):
            i = kept[k]
            r = line[i]
            g = kept_group[k]
            if now >= stop[line_queue[r]] or kept_room[k] < load[r, g]:
                continue
            claim = claim_of(weight[r, g], now, key[i])
            if best == NOBODY or goes_first(
                priority[r], rank[r, g], claim, i, priority[best_r], best_rank, best_claim, best
            ):
                best = i
                best_r = r
                best_rank = rank[r, g]
                best_claim = claim
    return best


@rule
def rather(hand: int, since: int, other_hand: int, other_since: int) -> bool:
    """Which of two agents of a group takes a contact: fewest in hand, longest idle; equals by index.

    ``since`` is the instant at which what the agent has in hand last changed, or at which it came on duty or back
    from a break, if that was later.
    """
    return hand < other_hand or (hand == other_hand and since < other_since)


@rule
def choose_agent(
    r: int,
    waited: int,
    now: int,
    preference: Any,
    hand: Any,
    hand_since: Any,
    opens: Any,
    reserve: Any,
    load: Any,
    idle: Any,
    room: Any,
    stands_in: Any,
    present: Any,
    hours: Any,
    window_first: Any,
    window_open: Any,
    window_close: Any,
    most_busy: Any,
    busy: Any,
    on_duty: Any,
) -> int:
    """The group whose agent takes a contact of line ``r``, or NOBODY.

    ``hand`` and ``hand_since`` (G,) are those of each group's agent whom ``rather`` puts first among the available
    ones with room for it. Order: the contact's preference, then ``rather``, then the group's index.
    """
    best = NOBODY
    for g in range(idle.size):
        if not may_join(
            r, g, waited, now, opens, reserve, load, idle, room, stands_in, present, hours,
            window_first, window_open, window_close, most_busy, busy, on_duty,
        ):  # fmt: skip
            continue
        if (
            best == NOBODY
            or preference[r, g] < preference[r, best]
            or (
                preference[r, g] == preference[r, best]
                and rather(hand[g], hand_since[g], hand[best], hand_since[best])
            )
        ):
            best = g
    return best


# ------------------------------------------------------------------ interruptions


@rule
def may_interrupt(
    r: int,
    g: int,
    victim_line: int,
    room_left: int,
    priority: Any,
    rank: Any,
    preempt: Any,
    load: Any,
) -> bool:
    """Whether a contact of line ``r`` may take the place of one of ``victim_line`` that an agent of group ``g`` with
    ``room_left`` is talking to: that may be interrupted, is worse by (priority, rank), and makes room enough."""
    if not preempt[victim_line, g] or room_left + load[victim_line, g] < load[r, g]:
        return False
    if priority[victim_line] != priority[r]:
        return priority[victim_line] > priority[r]  # type: ignore[no-any-return]
    return rank[victim_line, g] > rank[r, g]  # type: ignore[no-any-return]


@rule
def rather_interrupted(
    priority: int,
    rank: int,
    begun: int,
    i: int,
    other_priority: int,
    other_rank: int,
    other_begun: int,
    other: int,
) -> bool:
    """Which of two is interrupted: the worse (priority, rank), the latest begun, the largest touch index."""
    if priority != other_priority:
        return priority > other_priority
    if rank != other_rank:
        return rank > other_rank
    if begun != other_begun:
        return begun > other_begun
    return i > other


@rule
def next_interruption(
    now: int,
    heads: Any,
    hand: Any,
    hand_group: Any,
    hand_room: Any,
    hand_count: int,
    line: Any,
    since: Any,
    key: Any,
    begun: Any,
    stop: Any,
    line_queue: Any,
    priority: Any,
    rank: Any,
    weight: Any,
    preempt: Any,
    opens: Any,
    reserve: Any,
    load: Any,
    stands_in: Any,
    present: Any,
    hours: Any,
    window_first: Any,
    window_open: Any,
    window_close: Any,
) -> tuple[int, int]:
    """(touch that interrupts, touch that is interrupted), or (NOBODY, NOBODY). Asked when nothing can be joined.

    ``hand[:hand_count]`` are the touches being talked to whose agent is still available, with his group and the room
    he has left. Only heads of lines interrupt, only where nothing is reserved from them; the number busy stays the
    same, so ``most_busy`` does not matter.
    """
    best = NOBODY
    best_r = 0
    best_rank = 0
    best_claim = 0
    for r in range(heads.size):
        i = heads[r]
        if i == NOBODY or now >= stop[line_queue[r]]:
            continue
        taker = NOBODY
        for g in range(opens.shape[1]):
            if taker != NOBODY and rank[r, g] >= rank[r, taker]:
                continue
            if reserve[r, g] != 0 or not open_to(
                r, g, now - since[i], now, opens, stands_in, present, hours,
                window_first, window_open, window_close,
            ):  # fmt: skip
                continue
            for k in range(hand_count):
                if hand_group[k] == g and may_interrupt(
                    r, g, line[hand[k]], hand_room[k], priority, rank, preempt, load
                ):
                    taker = g
        if taker == NOBODY:
            continue
        claim = claim_of(weight[r, taker], now, key[i])
        if best == NOBODY or goes_first(
            priority[r], rank[r, taker], claim, i, priority[best_r], best_rank, best_claim, best
        ):
            best = i
            best_r = r
            best_rank = rank[r, taker]
            best_claim = claim
    victim = NOBODY
    victim_g = 0
    if best != NOBODY:
        for k in range(hand_count):
            g = hand_group[k]
            v = hand[k]
            if reserve[best_r, g] != 0 or not open_to(
                best_r, g, now - since[best], now, opens, stands_in, present, hours,
                window_first, window_open, window_close,
            ):  # fmt: skip
                continue
            if not may_interrupt(best_r, g, line[v], hand_room[k], priority, rank, preempt, load):
                continue
            if victim == NOBODY or rather_interrupted(
                priority[line[v]], rank[line[v], g], begun[v], v,
                priority[line[victim]], rank[line[victim], victim_g], begun[victim], victim,
            ):  # fmt: skip
                victim = v
                victim_g = g
    return best, victim


# ------------------------------------------------------------------ how long


@rule
def speed_with(speed: int, agent_speed: int) -> int:
    """Millionths: the speed of a named agent at a line, rounded half up."""
    if agent_speed == SPEED_ONE:
        return speed
    return (speed * agent_speed + SPEED_ONE // 2) // SPEED_ONE


@rule
def loss_by_switching(last_channel: int, channel: int, loss: int) -> int:
    """ms of work more when an agent takes another channel than the last time; NONE = no last time on this duty."""
    if last_channel in (NONE, channel):
        return 0
    return loss


@rule
def talk_time(work: int, wrap: int, speed: int) -> int:
    """ms at that speed until the customer is done with; ``handle_time(wrap, speed)`` follows."""
    return handle_time(work, speed) - handle_time(wrap, speed)


@rule
def pace_with(pace: Any, g: int, hand: int) -> int:
    """Millionths of ordinary pace at which each of ``hand`` contacts of an agent of group ``g`` gets on."""
    return pace[g, min(hand, pace.shape[1] - 1)]  # type: ignore[no-any-return]


@rule
def left_after(left: int, pace: int, passed: int) -> int:
    """Work left, in millionths of a ms, after ``passed`` ms at that pace."""
    return left - pace * passed


@rule
def work_ends(now: int, left: int, pace: int) -> int:
    """The first whole ms at which nothing is left, never before now."""
    if left <= 0:
        return now
    if pace == PACE_ONE:  # the same, and dividing by what is known is quicker
        return now + (left + PACE_ONE - 1) // PACE_ONE
    return now + (left + pace - 1) // pace


@rule
def left_for_another(left: int, speed: int, new_speed: int) -> int:
    """Work left of an interrupted talk, in millionths of a ms, for an agent of ``new_speed``.

    Exactly the same at the same speed; else whole ms (rounded up) become drawn work (half up) and are handled anew.
    """
    if new_speed == speed:
        return left
    whole = (left + PACE_ONE - 1) // PACE_ONE
    drawn = (whole * speed + SPEED_ONE // 2) // SPEED_ONE
    return handle_time(drawn, new_speed) * PACE_ONE


# ------------------------------------------------------------------ owners and clocks


@rule
def waits_for_owner(keeps: int, arrived: int, on_stint: bool, next_stint: int) -> bool:
    """Whether a touch is kept for its owner: he is on a stint, or one begins before the keeping ends.

    ``next_stint`` is the first instant after now at which a stint of his begins, NEVER if none.
    """
    return keeps > 0 and (on_stint or next_stint <= arrived + keeps)


@rule
def reply_due_of(own: int, brought: int, purpose: int) -> int:
    """The reply due instant of a touch: of one handed on the earlier of its own and the one it brings."""
    if purpose in (TRANSFER, TIER_2):
        return min(own, brought)
    return own


@rule
def counted_by(counted: int, arrived: int, released: int, now: int, lost: bool, pauses: int) -> int:
    """Business ms that a solve clock has counted when a touch arrives; all positions, not instants.

    ``counted`` when the touch before it arrived at ``arrived``; ``released`` when that was done with; ``now`` of the
    arrival. After a touch that was never answered (``lost``) the clock has not paused.
    """
    if lost or not pauses:
        return counted + now - arrived
    return counted + released - arrived


@rule
def solve_due_of(
    target: int,
    counted: int,
    arrived: int,
    before: int,
    k: int,
    window_first: Any,
    window_open: Any,
    window_close: Any,
    window_before: Any,
) -> int:
    """The due instant of a solve clock from a touch on that arrives at ``arrived`` with so much counted.

    ``before`` is the due instant found for the touch before it (NEVER: none), which holds if the target is spent.
    """
    if target >= NEVER:
        return NEVER
    if counted >= target and before < NEVER:
        return before
    return elapsed.due(
        arrived, target - counted, k, window_first, window_open, window_close, window_before
    )
