"""What agents have in hand: the spells of handling of a replication, counted in the order in which they begin.

A *spell* is one uninterrupted handling of a touch. An agent who shares may have several contacts in hand at once; the
time with at least one is the union of his spells, and never counted twice. Only additions of integers. This file knows
no queue by name and no metric.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.compiling import beside_a_loop, compiled, compiled_loop
from slasim.contactlog import ANSWERED, NOT_YET, ContactLog
from slasim.memory import scratch
from slasim.outcome.columns import BUSY, CONTACTS, HANDLED_BY

__all__ = ["count_spells", "spells_of"]

Ints = NDArray[np.int64]

_BEGIN, _END, _GROUP, _AGENT, _WHO, _ROW, _LAST = range(7)
_FIELDS = 8
"""Of a spell: a line of the processor's cache. WHO is the agent or seat that shares, or -1."""

_CROWDED = 256
"""Spells that begin in one slice of time; beyond, sorting them one by one takes too long."""


def spells_of(
    log: ContactLog, shares: NDArray[np.int8] | None, first_seat: Ints, agents: int
) -> tuple[Ints, Ints]:
    """(spells (H, .), order (H,) in which they begin), good until the next replication of this thread: rows that were
    finished, and interrupted pieces.

    ``shares`` (G,) says whose agents may have several contacts in hand; those that are not named are told apart by
    ``first_seat`` (G,) plus their seat.
    """
    room = len(log) + log.cut_touch.size
    spells = scratch("spells", room, _FIELDS)
    seat_of = np.full(first_seat.size, -1, np.int64)
    if shares is not None:
        seat_of[shares > 0] = first_seat[shares > 0] + agents
    count, low, high = _list(
        log.outcome, log.begun, log.finished, log.group, log.agent, np.ascontiguousarray(log.seat),
        log.cut_touch, log.cut_group, log.cut_agent, log.cut_seat, log.cut_from, log.cut_to,
        seat_of, spells,
    )  # fmt: skip
    spells, order = spells[:count], scratch("order of spells", count)
    slices = scratch("slices of spells", count + 2)
    shift = max(0, ((high - low) // max(count, 1)).bit_length())
    if _put_in_order(spells, low, shift, slices, order) > _CROWDED:
        order = np.argsort(spells[:, _BEGIN], kind="stable")
    return spells, order


@compiled_loop
def _list(
    outcome: Any,
    begun: Any,
    finished: Any,
    group: Any,
    agent: Any,
    seat: Any,
    cut_touch: Any,
    cut_group: Any,
    cut_agent: Any,
    cut_seat: Any,
    cut_from: Any,
    cut_to: Any,
    seat_of: Any,
    spells: Any,
) -> Any:
    """(spells found, the first and the last beginning)."""
    count = 0
    low, high = 0, 0
    for n in range(outcome.size + cut_touch.size):
        if n < outcome.size:
            if outcome[n] != ANSWERED or finished[n] == NOT_YET:
                continue
            begin, end = begun[n], finished[n]
            g, a, s = np.int64(group[n]), np.int64(agent[n]), np.int64(seat[n])
        else:
            k = n - outcome.size
            begin, end = cut_from[k], cut_to[k]
            g, a, s = np.int64(cut_group[k]), np.int64(cut_agent[k]), np.int64(cut_seat[k])
        who: Any = -1
        if seat_of[g] >= 0:
            who = a if a >= 0 else seat_of[g] + s
        low = begin if count == 0 else min(low, begin)
        high = begin if count == 0 else max(high, begin)
        spells[count, _BEGIN] = begin
        spells[count, _END] = end
        spells[count, _GROUP] = g
        spells[count, _AGENT] = a
        spells[count, _WHO] = who
        spells[count, _ROW] = n if n < outcome.size else cut_touch[n - outcome.size]
        spells[count, _LAST] = n < outcome.size
        count += 1
    return count, low, high


@compiled_loop
def _put_in_order(spells: Any, low: Any, shift: Any, slices: Any, order: Any) -> Any:
    """Fill ``order`` by beginning: slice of time by slice, then each to its place. The most spells of one slice; if
    that is crowded, the order is not made."""
    for b in range(slices.size):
        slices[b] = 0
    for s in range(spells.shape[0]):
        slices[((spells[s, _BEGIN] - low) >> shift) + 1] += 1
    most = 0
    for b in range(1, slices.size):
        most = max(most, slices[b])
        slices[b] += slices[b - 1]
    if most > _CROWDED:
        return most
    for s in range(spells.shape[0]):
        b = (spells[s, _BEGIN] - low) >> shift
        order[slices[b]] = s
        slices[b] += 1
    for k in range(1, order.size):
        s = order[k]
        begin = spells[s, _BEGIN]
        while k > 0 and spells[order[k - 1], _BEGIN] > begin:
            order[k] = order[k - 1]
            k -= 1
        order[k] = s
    return most


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
    spells: Any,
    order: Any,
    until: Any,
    arrived: Any,
    chats: Any,
    queue: Any,
    interval: int,
    intervals: int,
    busy: Any,
    busy_total: Any,
    in_hand: Any,
    in_hand_total: Any,
    chat: Any,
    chat_total: Any,
    people: Any,
) -> None:
    """Add every spell: busy, in_hand, chat (G, I) and their totals (G,), ms; people (A, P).

    In the order in which they begin, so that of one who shares only what begins, or goes on, after all before it adds
    to ``busy``; ``until`` (agents and seats,) is scratch, zeroed here. ``chats`` (Q,) says which queues are chats.
    ``busy`` None: counted already (plain calls); ``in_hand`` and ``people`` None: not asked. A contact belongs to the
    agent who finished it, if it arrived inside the horizon.
    """
    horizon = interval * intervals
    j, upto = 0, interval
    until[:] = 0
    for k in range(order.size):
        s = order[k]
        g, a, who, n = spells[s, _GROUP], spells[s, _AGENT], spells[s, _WHO], spells[s, _ROW]
        if people is not None and a >= 0:
            came = arrived[n]
            if came >= 0 and came < horizon:
                people[a, HANDLED_BY] += spells[s, _END] - spells[s, _BEGIN]
                people[a, CONTACTS] += spells[s, _LAST]
        since, to = max(spells[s, _BEGIN], 0), min(spells[s, _END], horizon)
        if since >= to:
            continue
        while since >= upto:
            j += 1
            upto += interval
        if in_hand is not None:
            in_hand_total[g] += to - since
            _add(in_hand[g], j, upto, since, to, interval)
            if chats[queue[n]]:
                chat_total[g] += to - since
                _add(chat[g], j, upto, since, to, interval)
        of_busy, upto_busy = j, upto
        if who >= 0:
            since = max(since, until[who])
            if since >= to:
                continue
            until[who] = to
            while since >= upto_busy:
                of_busy += 1
                upto_busy += interval
        if busy is not None:
            busy_total[g] += to - since
            _add(busy[g], of_busy, upto_busy, since, to, interval)
        if people is not None and a >= 0:
            people[a, BUSY] += to - since
