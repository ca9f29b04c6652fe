"""The N-design of ``n_design.yaml`` as one bare compiled loop that can do nothing else: what speed could be.

Two classes, two groups, numbers on duty by the slot; it reads a Draw's columns and counts per class, writing no log.
It is the yardstick of the general engine, and counts what that engine counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

FAR = 1 << 62


@njit(nogil=True)
def _sift(heap: Any, size: int, value: int) -> None:
    """Put ``value`` in the place of the smallest of ``size`` entries."""
    at = 0
    child = 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
        child = 2 * at + 1
    heap[at] = value


@njit(nogil=True)
def _push(heap: Any, size: int, value: int) -> None:
    """Add ``value`` to ``size`` entries."""
    at = size
    while at > 0:
        above = (at - 1) // 2
        if heap[above] <= value:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = value


@njit(nogil=True)
def _next(arrival: Any, patience: Any, line: Any, head: int, tail: int, now: int) -> int:
    """The first of a line who has not given up."""
    while head < tail and arrival[line[head]] + patience[line[head]] < now:
        head += 1
    return head


@njit(nogil=True)
def count(
    first: Any, arrival: Any, work: Any, patience: Any, plan: Any, slot: int, within: Any
) -> Any:
    """(2, 3) answered, answered within ``within`` (2,) ms, and abandoned, by class.

    ``plan`` (2, slots) agents on duty; class 0 goes to group 0, then 1, and first in both; class 1 to group 1.
    """
    slots = plan.shape[1]
    answered = np.zeros((2, 3), np.int64)
    ends = np.full((2, 4 * plan.max() + 4), FAR)
    busy = np.zeros(2, np.int64)
    duty = np.zeros(2, np.int64)
    line = np.empty(arrival.size, np.int64)
    nxt = first[:2].copy()
    head = first[:2].copy()
    tail = first[:2].copy()
    k = 0
    while True:
        change = k * slot if k < slots else FAR
        now = min(change, min(ends[0, 0], ends[1, 0]))
        for c in range(2):
            if nxt[c] < first[c + 1]:
                now = min(now, arrival[nxt[c]])
        if now == FAR:
            break
        for g in range(2):
            while busy[g] and ends[g, 0] == now:
                busy[g] -= 1
                last = ends[g, busy[g]]
                ends[g, busy[g]] = FAR
                if busy[g]:
                    _sift(ends[g], busy[g], last)
        if now == change:
            duty[0] = plan[0, k]
            duty[1] = plan[1, k]
            k += 1
        for c in range(2):
            while nxt[c] < first[c + 1] and arrival[nxt[c]] == now:
                line[tail[c]] = nxt[c]
                tail[c] += 1
                nxt[c] += 1
        for c in range(2):
            while head[c] < tail[c]:
                g = 0
                if c == 1 or busy[0] >= duty[0]:
                    g = 1
                if busy[g] >= duty[g]:
                    break
                head[c] = _next(arrival, patience, line, head[c], tail[c], now)
                if head[c] == tail[c]:
                    break
                i = line[head[c]]
                head[c] += 1
                _push(ends[g], busy[g], now + work[i])
                busy[g] += 1
                answered[c, 0] += 1
                if now - arrival[i] <= within[c]:
                    answered[c, 1] += 1
    for c in range(2):
        answered[c, 2] = first[c + 1] - first[c] - answered[c, 0]
    return answered
