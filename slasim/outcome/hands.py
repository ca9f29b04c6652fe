"""What agents have in hand: the spells of handling of a replication.

A *spell* is one uninterrupted handling of a touch. An agent who shares may have several contacts in hand at once; the
time with at least one is the union of his spells, and never counted twice: spells that leave room for another are
counted once more, in the order in which they begin. Only additions of integers. This file knows no queue by name and no
metric.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop, compiled_loop
from slasim.contactlog import ANSWERED, NOBODY, NOT_YET
from slasim.floor import ROOM
from slasim.outcome.columns import BUSY, CONTACTS, HANDLED_BY

__all__ = ["count_spells"]

_BEGIN, _END, _WHO, _GROUP = range(4)
_FIELDS = 4
"""Of a spell beside which there may be others, inside the horizon. WHO is the agent's number: of a named one his own,
else that of his seat after all named agents."""

_ALONE, _BESIDE, _CHAT = range(3)
"""Times of spells that leave no room for another, of those that do, and of chats among them all."""

_STEPS = 16
"""Places by which spells may move within their slice of time, each on average; beyond, sorting them one by one takes
too long."""


@beside_a_loop
def _add(times: Any, j: Any, upto: Any, begin: Any, end: Any, interval: Any) -> None:
    """Add a stretch that begins in interval j, which ends at ``upto``."""
    while end > upto:
        times[j] += upto - begin
        begin = upto
        j += 1
        upto += interval
    times[j] += end - begin


@beside_a_loop
def _put(times: Any, into: Any) -> Any:
    """Add the times of a replication to those of its batch; their sum."""
    total = 0
    for j in range(times.size):
        total += times[j]
        into[j] += times[j]
    return total


@beside_a_loop
def _who_shares(shared: Any, shares: Any, load: Any, line_queue: Any) -> None:
    """Fill shared (Q, G): whether a contact of the queue leaves room for others in the hands of the group's agents."""
    shared[:] = 0
    for r in range(line_queue.size):
        for g in range(shares.size):
            if shares[g] and load[r, g] < ROOM:
                shared[line_queue[r], g] = 1


@compiled_loop
def count_spells(
    arrived: Any,
    outcome: Any,
    begun: Any,
    finished: Any,
    group: Any,
    agent: Any,
    seat: Any,
    queue: Any,
    cut_touch: Any,
    cut_group: Any,
    cut_agent: Any,
    cut_seat: Any,
    cut_from: Any,
    cut_to: Any,
    shares: Any,
    load: Any,
    line_queue: Any,
    staff_number: Any,
    agents: int,
    chats: Any,
    interval: int,
    batch: int,
    row: int,
    busy: Any,
    busy_totals: Any,
    in_hand: Any,
    in_hand_totals: Any,
    chat: Any,
    chat_totals: Any,
    people: Any,
    work: Any,
) -> Any:
    """Add every spell: rows that were finished, and interrupted pieces.

    busy, in_hand, chat (B, G, I), their totals (R, G), ms, and people (B, A, P): this batch and row are added to.
    ``chats`` (Q,) says which queues are chats. ``in_hand`` and ``people`` None: not asked; ``shares`` None: nobody
    shares, and ``busy`` is counted already (plain calls). A contact belongs to the agent who finished it, if it arrived
    inside the horizon.

    ``shares`` (G,) says whose agents may have several contacts in hand, ``load`` (R, G) how much of their room contacts
    of each line take, ``line_queue`` (R,) whose lines these are; agents that are not named are told apart by their
    seats, of which ``staff_number`` (S,) tells how many a group may have. ``work`` is scratch. How large that has to
    be: where it is smaller, nothing was counted.
    """
    groups, intervals = busy.shape[1], busy.shape[2]
    rows, cells = outcome.size + cut_touch.size, groups * intervals
    seats = 0
    for k in range(staff_number.size):
        seats = max(seats, staff_number[k])
    of_shared = 3 * cells
    of_spells = of_shared + chats.size * groups
    of_order = of_spells + _FIELDS * rows
    of_until = of_order + 2 * rows + 2
    end_of_work = of_until + agents + groups * seats
    if work.size < end_of_work:
        return end_of_work
    times = work[:of_shared].reshape((3, groups, intervals))
    may_share = work[of_shared:of_spells].reshape((chats.size, groups))
    shared = work[of_spells:of_order].reshape((rows, _FIELDS))
    times[:] = 0
    if shares is not None:
        _who_shares(may_share, shares, load, line_queue)
    horizon = interval * intervals
    j, upto = 0, interval
    count = 0
    for n in range(rows):
        if n < outcome.size:
            if outcome[n] != ANSWERED or finished[n] == NOT_YET:
                continue
            begin, end, touch, g = begun[n], finished[n], n, int(group[n])
        else:
            k = n - outcome.size
            begin, end, touch, g = cut_from[k], cut_to[k], cut_touch[k], int(cut_group[k])
        a = NOBODY
        if people is not None:
            a = int(agent[n] if n < outcome.size else cut_agent[n - outcome.size])
            came = arrived[touch]
            if a >= 0 and came >= 0 and came < horizon:
                people[batch, a, HANDLED_BY] += end - begin
                people[batch, a, CONTACTS] += n < outcome.size
        since, to = max(begin, 0), min(end, horizon)
        if since >= to:
            continue
        if since >= upto or since < upto - interval:
            j = since // interval
            upto = (j + 1) * interval
        q = int(queue[touch])
        beside = shares is not None and may_share[q, g] != 0
        kind = _BESIDE if beside else _ALONE
        if to <= upto:
            times[kind, g, j] += to - since
        else:
            _add(times[kind, g], j, upto, since, to, interval)
        if chats[q]:
            if to <= upto:
                times[_CHAT, g, j] += to - since
            else:
                _add(times[_CHAT, g], j, upto, since, to, interval)
        if beside:
            if n < outcome.size:
                a, s = int(agent[n]), int(seat[n])
            else:
                a, s = int(cut_agent[n - outcome.size]), int(cut_seat[n - outcome.size])
            shared[count, _BEGIN] = since
            shared[count, _END] = to
            shared[count, _WHO] = a if a >= 0 else agents + g * seats + s
            shared[count, _GROUP] = g
            count += 1
            continue
        if people is not None and a >= 0:
            people[batch, a, BUSY] += to - since
    for g in range(groups):
        if shares is not None:
            busy_totals[row, g] += _put(times[_ALONE, g], busy[batch, g])
        if in_hand is not None:
            for kind in (_ALONE, _BESIDE):
                in_hand_totals[row, g] += _put(times[kind, g], in_hand[batch, g])
            chat_totals[row, g] += _put(times[_CHAT, g], chat[batch, g])
    if shares is not None and count > 0:
        order = work[of_order : of_order + count]
        slices = work[of_order + count : of_order + 2 * count + 1]
        _put_in_order(shared[:count], horizon, slices, order)
        _count_shared(
            shared, order, work[of_until:end_of_work], interval, batch, busy[batch], busy_totals[row], people
        )  # fmt: skip
    return end_of_work


@beside_a_loop
def _put_in_order(shared: Any, horizon: Any, slices: Any, order: Any) -> None:
    """Fill ``order`` (H,) by beginning: slice of time by slice, from 0 to the horizon, then each to its place."""
    per_ms = order.size / horizon
    for b in range(slices.size):
        slices[b] = 0
    for s in range(order.size):
        slices[np.uint64(np.int64(shared[s, _BEGIN] * per_ms))] += 1
    so_far = 0
    for b in range(slices.size):
        here = slices[b]
        slices[b] = so_far
        so_far += here
    for s in range(order.size):
        of_slice = np.uint64(np.int64(shared[s, _BEGIN] * per_ms))
        place = slices[of_slice]
        slices[of_slice] = place + 1
        order[np.uint64(place)] = s
    steps = _STEPS * order.size
    latest = 0
    for k in range(order.size):
        s = order[k]
        begin = shared[np.uint64(s), _BEGIN]
        if begin >= latest:
            latest = begin
            continue
        at = k
        while at > 0 and shared[order[at - 1], _BEGIN] > begin:
            order[at] = order[at - 1]
            at -= 1
        order[at] = s
        steps -= k - at
        if steps < 0:
            break
    if steps < 0:
        _heap_sort(shared, order)


@beside_a_loop
def _heap_sort(shared: Any, order: Any) -> None:
    """Put any order by beginning, however many begin in one slice."""
    size = order.size
    top = size // 2
    while size > 1:
        if top > 0:
            top -= 1
            s = order[top]
        else:
            size -= 1
            s = order[size]
            order[size] = order[0]
        at = top
        begin = shared[s, _BEGIN]
        while 2 * at + 1 < size:
            below = 2 * at + 1
            if below + 1 < size and (
                shared[order[below + 1], _BEGIN] > shared[order[below], _BEGIN]
            ):
                below += 1
            if shared[order[below], _BEGIN] <= begin:
                break
            order[at] = order[below]
            at = below
        order[at] = s


@beside_a_loop
def _count_shared(
    shared: Any,
    order: Any,
    until: Any,
    interval: Any,
    batch: Any,
    busy: Any,
    busy_total: Any,
    people: Any,
) -> None:
    """Add the spells of those who share to busy (G, I), busy_total (G,) and, unless None, to people (B, A, P).

    In the order in which they begin, so that only what begins, or goes on, after all before it adds to the time of its
    agent.
    """
    j, upto = 0, interval
    for k in range(until.size):
        until[k] = 0
    for k in range(order.size):
        s: Any = np.uint64(order[k])
        since, to = shared[s, _BEGIN], shared[s, _END]
        who, g = np.uint64(shared[s, _WHO]), np.uint64(shared[s, _GROUP])
        while since >= upto:
            j += 1
            upto += interval
        before = until[who]
        until[who] = max(before, to)
        since = max(since, before)
        more = max(to - since, 0)
        busy_total[g] += more
        if people is not None and who < people.shape[1]:
            people[batch, who, BUSY] += more
        if to <= upto:
            busy[g, j] += more
        elif more > 0:
            of_busy, upto_busy = j, upto
            while since >= upto_busy:
                of_busy += 1
                upto_busy += interval
            _add(busy[g], of_busy, upto_busy, since, to, interval)
