"""The compiled loops of the tally: one pass over a replication's columns into integer sums.

Only additions of integers, so any order and any number of threads gives the same numbers. It knows column numbers, not
what they mean: see ``tally.py``. Callers and agents with several contacts in hand: ``chains.py``, ``hands.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop, compiled_loop
from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALL_BACK,
    CALLED_BACK,
    CLOSED,
    NOT_YET,
    WAITING,
)
from slasim.outcome.columns import OVERTIME, STAFFED, STINTS
from slasim.routing.table import NEVER

(
    WAIT_ANSWERED,
    WAIT_ABANDONED,
    WAIT_OTHER,
    HANDLED,
    WRAP,
    LOST_BLOCKED,
    LOST_CLOSED,
    LOST_VOICEMAIL,
) = range(8)
BUCKETS = 8
"""Columns of a row: sums of ms, three counts, then from here the buckets of answered, abandoned and waiting, and last
the call-backs promised.

The sums stand first, beside the buckets of short waits: most contacts touch two lines of the processor's cache."""

NOT_COUNTED = -1
"""In the place of an outcome: a row that is no contact of its own."""

_ONE = np.uint64(1)
"""A step of a row number that cannot be negative, so that it is not asked at each access whether it is."""

FINE = 1_000
"""ms: waits up to the last whole second of ``start`` find their bin by division."""


@compiled_loop
def count_contacts(
    first: Any,
    arrived: Any,
    outcome: Any,
    left: Any,
    group: Any,
    released: Any,
    finished: Any,
    stop: Any,
    interval: int,
    intervals: int,
    buckets: int,
    edges: Any,
    start: Any,
    bucket: Any,
    cells: Any,
    total: Any,
    waits: Any,
    busy: Any,
    busy_total: Any,
    taken: Any,
    follows_first: Any,
    follows: Any,
    period: Any,
    offset: Any,
    over: Any,
    under: Any,
    periods: Any,
    queue: Any,
    greeted: Any,
    begun: Any,
    purpose: Any,
) -> None:
    """Add every contact of one replication.

    Contacts stand queue by queue in order of arrival. Where they do not, ``first`` is (0, N) and ``queue`` (N,) says
    whose each is; a wait then ends at ``greeted`` (N,), handling begins at ``begun`` (N,), what is CALLED_BACK by
    ``purpose`` (N,) is no contact, and ``busy`` is None: what follows, is shared or interrupted is counted in
    ``chains``, ``hands`` and ``count_cuts``. Else these four are None, and numba leaves out what only they need.

    cells (Q, I, M), total (Q, M), waits (Q, 2, bins), busy (G, I), busy_total (G,), taken (Q, G),
    periods (P, 2): added to.
    edges (bins - 1,) upper edges of wait; start (seconds + 1,) the first bin to try for a wait that ends in that
    second; bucket (bins,) threshold bucket of a bin. Queue q is followed by follows[follows_first[q]:
    follows_first[q + 1]]; for followed metric f, period (F, I) numbers the period of an interval or is -1, its
    row is offset[f] + that, and over, under (F, M) are the weights of the columns in numerator and denominator.

    Most contacts come into the cell (queue and interval) of the one before: what all have in common is added up on
    the way and put into the cell when the next comes elsewhere.
    """  # fmt: skip
    horizon = interval * intervals
    last_edge = edges.size
    at_once = BUCKETS + bucket[0]
    for part in range(first.size - 1):
        n = np.uint64(first[part])
        last = np.uint64(first[part + 1])
        q = part
        while n < last:
            came = arrived[n]
            if queue is not None:
                if came < 0 or came >= horizon:
                    n += _ONE
                    continue
                q = int(queue[n])
            elif came >= horizon:
                break
            i = max(came, 0) // interval
            since = i * interval
            until = since + interval
            row, whole, taken_by = cells[q, i], total[q], taken[q]
            follows_from, follows_to = follows_first[q], follows_first[q + 1]
            count, sum_wait, sum_handled, sum_wrap = 0, 0, 0, 0
            while n < last:
                came = arrived[n]
                if came >= until:
                    break
                if queue is not None and (came < since or queue[n] != q):
                    break
                what = outcome[n]
                gone = left[n]
                if queue is not None and (what == NOT_COUNTED or purpose[n] == CALLED_BACK):
                    n += _ONE
                    continue
                b = 0
                if what == ANSWERED:
                    end = finished[n]
                    g = max(group[n], 0)
                    if queue is not None:
                        gone = greeted[n]
                        if end != NOT_YET:
                            sum_handled += end - begun[n]
                            sum_wrap += end - released[n]
                    if busy is not None:
                        if end > 0 and gone < horizon:
                            begin = max(gone, 0)
                            upto = until
                            clipped = min(end, horizon)
                            busy_total[g] += clipped - begin
                            j = i
                            while begin >= upto:
                                j += 1
                                upto += interval
                            while clipped > upto:
                                busy[g, j] += upto - begin
                                begin = upto
                                j += 1
                                upto += interval
                            busy[g, j] += clipped - begin
                        if came < 0:
                            n += _ONE
                            continue
                        sum_handled += end - gone
                        sum_wrap += end - released[n]
                    taken_by[g] += 1
                    wait = gone - came
                    if wait <= 0:
                        sum_wait += wait
                        count += 1
                        n += _ONE
                        continue
                elif came < 0:
                    n += _ONE
                    continue
                elif what != WAITING:
                    wait = gone - came
                elif stop[q] < NEVER:
                    wait = stop[q] - came
                else:  # it waits for ever: late for every threshold, and known to have waited to the end
                    wait = horizon - came
                    b = last_edge
                n += _ONE
                if what == BLOCKED:
                    column = LOST_BLOCKED
                    wait = 0
                else:
                    if b == 0 and wait > 0:
                        second = (wait + FINE - 1) // FINE
                        if second < start.size:
                            b = start[second]
                            while wait > edges[b]:
                                b += 1
                        else:
                            b, high = start[start.size - 1], last_edge
                            while b < high:
                                middle = (b + high) // 2
                                if edges[middle] >= wait:
                                    high = middle
                                else:
                                    b = middle + 1
                    if what == ANSWERED:
                        waits[q, 0, b] += 1
                        column = BUCKETS + bucket[b]
                    else:
                        waits[q, 1, b] += 1
                        if what == ABANDONED:
                            column = BUCKETS + buckets + bucket[b]
                        elif what == WAITING:
                            column = BUCKETS + 2 * buckets + bucket[b]
                        elif what == CLOSED:
                            column = LOST_CLOSED
                        elif what == CALL_BACK:
                            column = BUCKETS + 3 * buckets
                        else:
                            column = LOST_VOICEMAIL
                total_of = WAIT_OTHER
                if what == ANSWERED:
                    sum_wait += wait
                    wait = 0
                else:
                    if what == ABANDONED:
                        total_of = WAIT_ABANDONED
                    row[total_of] += wait
                    whole[total_of] += wait
                row[column] += 1
                whole[column] += 1
                for k in range(follows_from, follows_to):
                    f = follows[k]
                    p = period[f, i]
                    if p >= 0:
                        p += offset[f]
                        periods[p, 0] += over[f, column] + over[f, total_of] * wait
                        periods[p, 1] += under[f, column] + under[f, total_of] * wait
            row[WAIT_ANSWERED] += sum_wait
            row[HANDLED] += sum_handled
            row[WRAP] += sum_wrap
            row[at_once] += count
            waits[q, 0, 0] += count
            whole[WAIT_ANSWERED] += sum_wait
            whole[HANDLED] += sum_handled
            whole[WRAP] += sum_wrap
            whole[at_once] += count
            for k in range(follows_from, follows_to):
                f = follows[k]
                p = period[f, i]
                if p >= 0:
                    p += offset[f]
                    periods[p, 0] += (
                        over[f, at_once] * count
                        + over[f, WAIT_ANSWERED] * sum_wait
                        + over[f, HANDLED] * sum_handled
                        + over[f, WRAP] * sum_wrap
                    )
                    periods[p, 1] += (
                        under[f, at_once] * count
                        + under[f, WAIT_ANSWERED] * sum_wait
                        + under[f, HANDLED] * sum_handled
                        + under[f, WRAP] * sum_wrap
                    )


@compiled_loop
def count_cuts(
    cut_touch: Any,
    cut_from: Any,
    cut_to: Any,
    arrived: Any,
    outcome: Any,
    purpose: Any,
    queue: Any,
    interval: int,
    intervals: int,
    cells: Any,
    total: Any,
    follows_first: Any,
    follows: Any,
    period: Any,
    offset: Any,
    over: Any,
    under: Any,
    periods: Any,
) -> None:
    """Add the handlings (X,) that were interrupted to those of their contacts: see ``count_contacts``."""
    for k in range(cut_touch.size):
        n = cut_touch[k]
        came = arrived[n]
        if came < 0 or came >= interval * intervals:
            continue
        if outcome[n] != ANSWERED or purpose[n] == CALLED_BACK:
            continue
        q = int(queue[n])
        i = came // interval
        handled = cut_to[k] - cut_from[k]
        cells[q, i, HANDLED] += handled
        total[q, HANDLED] += handled
        for at in range(follows_first[q], follows_first[q + 1]):
            f = follows[at]
            p = period[f, i]
            if p >= 0:
                periods[offset[f] + p, 0] += over[f, HANDLED] * handled
                periods[offset[f] + p, 1] += under[f, HANDLED] * handled


@beside_a_loop
def add_stretch(
    staffed: Any, total: Any, g: int, begin: int, end: int, by: int, interval: int
) -> None:
    """Add ``by`` agents from begin to end, clipped to the horizon; staffed (G, I), total (G,)."""
    begin = max(begin, 0)
    end = min(end, interval * staffed.shape[1])
    if begin >= end or by == 0:
        return
    total[g] += by * (end - begin)
    j = begin // interval
    upto = (j + 1) * interval
    while end > upto:
        staffed[g, j] += by * (upto - begin)
        begin = upto
        j += 1
        upto += interval
    staffed[g, j] += by * (end - begin)


@compiled_loop
def count_agents(
    by_number: Any,
    staff_at: Any,
    staff_group: Any,
    staff_number: Any,
    agent_group: Any,
    stint_agent: Any,
    stint_from: Any,
    stint_to: Any,
    break_first: Any,
    break_began: Any,
    break_ended: Any,
    interval: int,
    number_and_since: Any,
    staffed: Any,
    staffed_total: Any,
    stint_left: Any,
    overtime: Any,
    overtime_total: Any,
    people: Any,
) -> None:
    """Add the time on duty: staffed (G, I), staffed_total (G,) in ms; number_and_since (2, G) is scratch.

    Groups by number: the number on duty over time. Named agents: their stints as planned, less the breaks they
    took; what they work beyond is overtime (G, I), busy and not staffed. people (A, P), or None, gets each agent's own.
    ``stint_agent`` is None where nobody is named: numba then leaves their part out.
    """  # fmt: skip
    horizon = interval * staffed.shape[1]
    number, since = number_and_since[0], number_and_since[1]
    number[:] = 0
    since[:] = 0
    for s in range(staff_at.size):
        g = staff_group[s]
        at = staff_at[s]
        add_stretch(staffed, staffed_total, g, since[g], at, number[g], interval)
        number[g] = staff_number[s]
        since[g] = at
    for g in range(by_number.size):
        add_stretch(staffed, staffed_total, g, since[g], horizon, number[g], interval)
    if stint_agent is not None:
        for h in range(stint_agent.size):
            a = stint_agent[h]
            g = agent_group[a]
            before = staffed_total[g]
            if people is not None and stint_from[h] < horizon and stint_to[h] > 0:
                people[a, STINTS] += 1
            add_stretch(staffed, staffed_total, g, stint_from[h], stint_to[h], 1, interval)
            if stint_left[h] > stint_to[h]:
                more = overtime_total[g]
                add_stretch(overtime, overtime_total, g, stint_to[h], stint_left[h], 1, interval)
                if people is not None:
                    people[a, OVERTIME] += overtime_total[g] - more
            for k in range(break_first[h], break_first[h + 1]):
                if break_began[k] != NOT_YET:
                    back = (
                        stint_to[h]
                        if break_ended[k] == NOT_YET
                        else min(break_ended[k], stint_to[h])
                    )
                    began = max(break_began[k], stint_from[h])
                    add_stretch(staffed, staffed_total, g, began, back, -1, interval)
            if people is not None:
                people[a, STAFFED] += staffed_total[g] - before
