"""What agents have in hand: one compiled pass over the spells of handling of a replication.

A *spell* is one uninterrupted handling of a touch. An agent who shares may have several contacts in hand at once; the
time with at least one is the union of his spells, and never counted twice. Only additions of integers. This file knows
no queue by name and no metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.compiling import compiled
from slasim.contactlog import ANSWERED, NOT_YET, ContactLog
from slasim.outcome.columns import BUSY, CONTACTS, HANDLED_BY
from slasim.outcome.counting import add_stretch

__all__ = ["Spells", "count_spells", "spells_of"]

Ints = NDArray[np.int64]

_SEATS = 1 << 16
_TIME_BITS = 38
"""Instants of up to 4 years on either side of the start, beside 2^25 agents and seats, in one number to sort by."""


@dataclass(frozen=True, eq=False)
class Spells:
    """H spells: rows that were finished, then interrupted pieces.

    group, agent (H,); begin, end (H,) ms; row (H,) of the log; last (H,) whether it is the row's last piece
    order (H,) in which to count them: those who share by agent or seat and beginning
    """

    group: Ints
    agent: Ints
    begin: Ints
    end: Ints
    row: Ints
    last: NDArray[np.bool_]
    who: Ints
    order: Ints


def spells_of(log: ContactLog, shares: NDArray[np.int8] | None) -> Spells:
    """All handling of a replication; ``shares`` (G,) says whose agents may have several contacts in hand."""
    done = np.flatnonzero((log.outcome == ANSWERED) & (log.finished != NOT_YET))
    begun = log.begun[done]

    def both(column: Any, cut: Any) -> Ints:
        pieces: Ints = np.concatenate([column[done], cut]).astype(np.int64)
        return pieces

    group, agent = both(log.group, log.cut_group), both(log.agent, log.cut_agent)
    begin = np.concatenate([begun, log.cut_from]).astype(np.int64)
    end = both(log.finished, log.cut_to)
    row = np.concatenate([done, log.cut_touch]).astype(np.int64)
    last = np.zeros(row.size, np.bool_)
    last[: done.size] = True
    who, order = np.full(row.size, -1, np.int64), np.arange(row.size)
    if shares is not None and shares.any():
        seat = both(log.seat, log.cut_seat)
        shared = shares[group] > 0
        named = int(agent.max(initial=-1)) + 1
        who[shared] = np.where(agent >= 0, agent, named + group * _SEATS + seat)[shared]
        mine = np.flatnonzero(shared)
        key = (who[mine] << _TIME_BITS) + begin[mine]
        order = np.concatenate([np.flatnonzero(~shared), mine[np.argsort(key, kind="stable")]])
    return Spells(group, agent, begin, end, row, last, who, order)


@compiled
def count_spells(
    group: Any,
    agent: Any,
    begin: Any,
    end: Any,
    row: Any,
    last: Any,
    who: Any,
    order: Any,
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

    The spells of one ``who`` (>= 0) follow each other by beginning, and add to ``busy`` only where none before them
    still ran. ``chats`` (Q,) says which queues are chats. ``busy`` None: counted already (plain calls); ``in_hand`` and
    ``people`` None: not asked. A contact belongs to the agent who finished it, if it arrived inside the horizon.
    """  # fmt: skip
    horizon = interval * intervals
    one, until = -1, 0
    for k in range(order.size):
        s = order[k]
        g = group[s]
        a = agent[s]
        since, to = begin[s], end[s]
        if in_hand is not None:
            add_stretch(in_hand, in_hand_total, g, since, to, 1, interval)
            if chats[queue[row[s]]]:
                add_stretch(chat, chat_total, g, since, to, 1, interval)
        if people is not None and a >= 0:
            came = arrived[row[s]]
            if came >= 0 and came < horizon:
                people[a, HANDLED_BY] += to - since
                if last[s]:
                    people[a, CONTACTS] += 1
        if who[s] >= 0:
            if who[s] != one:
                one, until = who[s], since
            elif since < until:
                since = until
            if to <= since:
                continue
            until = to
        if busy is not None:
            add_stretch(busy, busy_total, g, since, to, 1, interval)
        if people is not None and a >= 0:
            inside = min(to, horizon) - max(since, 0)
            if inside > 0:
                people[a, BUSY] += inside
