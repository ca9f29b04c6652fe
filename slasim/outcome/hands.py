"""What agents have in hand: the spells of handling of a replication.

A *spell* is one uninterrupted handling of a touch. An agent who shares may have several contacts in hand at once; the
time with at least one is the union of his spells, and never counted twice: those spells are counted once more, in the
order in which they begin. Only additions of integers. This file knows no queue by name and no metric.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.compiling import beside_a_loop, compiled, compiled_loop
from slasim.contactlog import ANSWERED, NOT_YET
from slasim.memory import scratch
from slasim.outcome.columns import BUSY, CONTACTS, HANDLED_BY

__all__ = ["SHARED_FIELDS", "count_shared", "count_spells", "in_order", "seats_that_share"]

Ints = NDArray[np.int64]

_BEGIN, _END, _WHO, _GROUP = range(4)
SHARED_FIELDS = 4
"""Of a spell of one who shares, inside the horizon. WHO is his number: of a named agent his own, else that of his
seat after all named agents."""

_STEPS = 16
"""Places by which spells may move within their slice of time, each on average; beyond, sorting them one by one takes
too long."""


def seats_that_share(shares: NDArray[np.int8] | None, first_seat: Ints, agents: int) -> Ints:
    """(G,) the number of the first seat of each group that shares, -1 of the others.

    ``shares`` (G,) says whose agents may have several contacts in hand; those that are not named are told apart by
    ``first_seat`` (G,) plus their seat.

    >>> seats_that_share(np.array([0, 1], np.int8), np.array([0, 5]), 3).tolist()
    [-1, 8]
    """
    if shares is None:
        return np.full(first_seat.size, -1, np.int64)
    found: Ints = np.where(shares > 0, first_seat + agents, -1)
    return found


@beside_a_loop
def _add(times: Any, j: Any, upto: Any, begin: Any, end: Any, interval: Any) -> None:
    """Add a stretch that begins in interval j, which ends at ``upto``."""
    while end > upto:
        times[j] += upto - begin
        begin = upto
        j += 1
        upto += interval
    times[j] += end - begin


@compiled
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
    seat_of: Any,
    chats: Any,
    interval: int,
    intervals: int,
    busy: Any,
    busy_total: Any,
    in_hand: Any,
    in_hand_total: Any,
    chat: Any,
    chat_total: Any,
    people: Any,
    shared: Any,
) -> Any:
    """Add every spell: rows that were finished, and interrupted pieces. How many of ``shared`` have been filled.

    busy, in_hand, chat (G, I) and their totals (G,), ms; people (A, P): added to. A spell of one who shares adds to
    ``busy`` and to his time busy only in ``count_shared``: it is put into ``shared`` (N + X, SHARED_FIELDS).
    ``seat_of`` (G,) says whose seats share, see ``seats_that_share``; ``chats`` (Q,) which queues are chats. ``busy``
    None: counted already (plain calls); ``in_hand`` and ``people`` None: not asked. A contact belongs to the agent who
    finished it, if it arrived inside the horizon.
    """
    horizon = interval * intervals
    j, upto = 0, interval
    count = 0
    for n in range(outcome.size + cut_touch.size):
        if n < outcome.size:
            if outcome[n] != ANSWERED or finished[n] == NOT_YET:
                continue
            begin, end, touch = begun[n], finished[n], n
            g, a, s = np.int64(group[n]), np.int64(agent[n]), np.int64(seat[n])
        else:
            k = n - outcome.size
            begin, end, touch = cut_from[k], cut_to[k], cut_touch[k]
            g, a, s = np.int64(cut_group[k]), np.int64(cut_agent[k]), np.int64(cut_seat[k])
        if people is not None and a >= 0:
            came = arrived[touch]
            if came >= 0 and came < horizon:
                people[a, HANDLED_BY] += end - begin
                people[a, CONTACTS] += n < outcome.size
        since, to = max(begin, 0), min(end, horizon)
        if since >= to:
            continue
        if since >= upto or since < upto - interval:
            j = since // interval
            upto = (j + 1) * interval
        if in_hand is not None:
            in_hand_total[g] += to - since
            if to <= upto:
                in_hand[g, j] += to - since
            else:
                _add(in_hand[g], j, upto, since, to, interval)
            if chats[queue[touch]]:
                chat_total[g] += to - since
                if to <= upto:
                    chat[g, j] += to - since
                else:
                    _add(chat[g], j, upto, since, to, interval)
        if seat_of[g] >= 0:
            shared[count, _BEGIN] = since
            shared[count, _END] = to
            shared[count, _WHO] = a if a >= 0 else seat_of[g] + s
            shared[count, _GROUP] = g
            count += 1
            continue
        if busy is not None:
            busy_total[g] += to - since
            if to <= upto:
                busy[g, j] += to - since
            else:
                _add(busy[g], j, upto, since, to, interval)
        if people is not None and a >= 0:
            people[a, BUSY] += to - since
    return count


def in_order(shared: Ints, horizon: int) -> Ints:
    """(H,) the spells of ``shared`` (H, SHARED_FIELDS) in the order in which they begin, from 0 to before the horizon;
    good until the next replication of this thread."""
    count = shared.shape[0]
    order, slices = scratch("order of spells", count), scratch("slices of spells", count + 2)
    if _put_in_order(shared, count / horizon, slices, order):
        return order
    return np.argsort(shared[:, _BEGIN], kind="stable")


@compiled_loop
def _put_in_order(shared: Any, per_ms: Any, slices: Any, order: Any) -> Any:
    """Fill ``order`` by beginning: slice of time by slice, then each to its place. Whether that was done: not if too
    many begin in one slice."""
    for b in range(slices.size):
        slices[b] = 0
    for s in range(order.size):
        slices[np.int64(shared[s, _BEGIN] * per_ms) + 1] += 1
    for b in range(1, slices.size):
        slices[b] += slices[b - 1]
    for s in range(order.size):
        b = np.int64(shared[s, _BEGIN] * per_ms)
        order[slices[b]] = s
        slices[b] += 1
    steps = _STEPS * order.size
    latest = 0
    for k in range(order.size):
        s = order[k]
        begin = shared[s, _BEGIN]
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
            return False
    return True


@compiled
def count_shared(
    shared: Any,
    order: Any,
    until: Any,
    interval: int,
    busy: Any,
    busy_total: Any,
    people: Any,
) -> None:
    """Add the spells of those who share to busy (G, I), busy_total (G,) and, unless None, to people (A, P).

    In the order in which they begin, so that only what begins, or goes on, after all before it adds to the time of its
    agent. ``until`` (agents and seats,) is scratch, zeroed here.
    """
    j, upto = 0, interval
    until[:] = 0
    for k in range(order.size):
        s = order[k]
        since, to, who, g = shared[s, _BEGIN], shared[s, _END], shared[s, _WHO], shared[s, _GROUP]
        while since >= upto:
            j += 1
            upto += interval
        since = max(since, until[who])
        if since >= to:
            continue
        until[who] = to
        busy_total[g] += to - since
        if people is not None and who < people.shape[0]:
            people[who, BUSY] += to - since
        if to <= upto:
            busy[g, j] += to - since
            continue
        of_busy, upto_busy = j, upto
        while since >= upto_busy:
            of_busy += 1
            upto_busy += interval
        _add(busy[g], of_busy, upto_busy, since, to, interval)
