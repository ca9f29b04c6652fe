"""The waiting line of the compiled loop: patience, limits, closing, and doors that open later.

Contacts of queue q between ``low[q]`` and ``nxt[q]`` have arrived; those among them whose outcome is WAITING and whose
patience lasts still wait. Patience is settled only when somebody looks: leaving frees nothing that others wait for.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.contactlog import BLOCKED, CLOSED, WAITING
from slasim.routing.table import NEVER

FAR = 1 << 62


@part_of_a_loop
def gone(
    i: Any,
    until: Any,
    outcome: Any,
    left: Any,
    arrival: Any,
    patience: Any,
    leaves_as: Any,
) -> Any:
    """Whether contact i no longer waits at `until`; settles its patience if that has run out."""
    if outcome[i] != WAITING:
        return True
    if patience[i] < NEVER and arrival[i] + patience[i] < until:
        outcome[i] = leaves_as[i]
        left[i] = arrival[i] + patience[i]
        return True
    return False


@beside_a_loop
def waiting(
    low: Any,
    high: Any,
    until: Any,
    outcome: Any,
    left: Any,
    arrival: Any,
    patience: Any,
    leaves_as: Any,
) -> Any:
    """How many of the contacts low..high-1 still wait at `until`."""
    count = 0
    for k in range(low, high):
        if not gone(k, until, outcome, left, arrival, patience, leaves_as):
            count += 1
    return count


@beside_a_loop
def still_talking(
    talking: Any,
    talks: Any,
    q: Any,
    now: Any,
) -> Any:
    """Customers of queue q on a line with an agent; forgets those who have left by `now`."""
    held = 0
    for k in range(talks[q]):
        if talking[q, k] > now:
            talking[q, held] = talking[q, k]
            held += 1
    talks[q] = held
    return held


@beside_a_loop
def block_beyond(
    limit: Any,
    low: Any,
    high: Any,
    now: Any,
    stop: Any,
    outcome: Any,
    left: Any,
    arrival: Any,
    patience: Any,
    leaves_as: Any,
) -> None:
    """Of those who still wait after this instant, the latest beyond the limit are blocked."""
    until = min(now + 1, stop)
    beyond = waiting(low, high, until, outcome, left, arrival, patience, leaves_as) - limit
    k = high - 1
    while beyond > 0:
        if outcome[k] == WAITING:
            outcome[k] = BLOCKED
            left[k] = now
            beyond -= 1
        k -= 1


@beside_a_loop
def send_away(
    low: Any,
    high: Any,
    now: Any,
    outcome: Any,
    left: Any,
    arrival: Any,
    patience: Any,
    leaves_as: Any,
) -> None:
    """Whoever still waits after this instant leaves: the queue has closed."""
    for k in range(low, high):
        if not gone(k, now + 1, outcome, left, arrival, patience, leaves_as):
            outcome[k] = CLOSED
            left[k] = now


@beside_a_loop
def next_door(
    now: Any,
    doors: Any,
    door_next: Any,
    opens: Any,
    low: Any,
    nxt: Any,
    outcome: Any,
    arrival: Any,
) -> Any:
    """When the next group opens to somebody who waits. ``doors`` (D, 2) are the (queue, group) with a delay."""
    soonest = FAR
    for k in range(doors.shape[0]):
        q = doors[k, 0]
        delay = opens[q, doors[k, 1]]
        i = max(door_next[k], low[q])
        while i < nxt[q] and (outcome[i] != WAITING or arrival[i] + delay <= now):
            i += 1
        door_next[k] = i
        if i < nxt[q]:
            soonest = min(soonest, arrival[i] + delay)
    return soonest
