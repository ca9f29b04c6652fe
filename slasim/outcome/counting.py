"""The compiled loops of the tally: one pass over a replication's columns into integer sums.

Only additions of integers, so any order and any number of threads gives the same numbers. It knows column numbers, not
what they mean: see ``tally.py``. Callers and agents with several contacts in hand: ``chains.py``, ``hands.py``.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import beside_a_loop, compiled, compiled_loop
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

FINE = 1_000
"""ms: waits up to the last whole second of ``start`` find their bin by division."""


@compiled_loop
def as_contacts(
    purpose: Any,
    outcome: Any,
    left: Any,
    greeted: Any,
    group: Any,
    begun: Any,
    finished: Any,
    cut_touch: Any,
    cut_from: Any,
    cut_to: Any,
    outcomes: Any,
    ends: Any,
    groups: Any,
    handled: Any,
) -> None:
    """Fill the last four (N,) with what ``count_contacts`` asks of touches: a wait ends at the first message of the
    agent, handling may be interrupted, and the centre's own call-backs are no contacts."""
    for n in range(outcome.size):
        outcomes[n] = NOT_COUNTED if purpose[n] == CALLED_BACK else outcome[n]
        ends[n] = greeted[n] if outcome[n] == ANSWERED else left[n]
        groups[n] = max(group[n], 0)
        handled[n] = 0 if finished[n] == NOT_YET else finished[n] - begun[n]
    for k in range(cut_touch.size):
        handled[cut_touch[k]] += cut_to[k] - cut_from[k]


@compiled
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
    timed: Any,
    periods: Any,
    queue: Any,
    handling: Any,
) -> None:
    """Add every contact of one replication.

    Contacts stand queue by queue in order of arrival. Where they do not, ``first`` is (0, N) and ``queue`` (N,) says
    whose each is; ``handling`` (N,) then gives the ms of agents' time, and ``busy`` is None: what follows, is shared or
    interrupted is counted in ``chains`` and ``hands``. Else ``queue`` and ``handling`` are None, and numba leaves out
    what only they need.

    cells (Q, I, M), total (Q, M), waits (Q, 2, bins), busy (G, I), busy_total (G,), taken (Q, G),
    periods (P, 2): added to.
    edges (bins - 1,) upper edges of wait; start (seconds + 1,) the first bin to try for a wait that ends in that
    second; bucket (bins,) threshold bucket of a bin. Queue q is followed by follows[follows_first[q]:
    follows_first[q + 1]]; for followed metric f, period (F, I) numbers the period of an interval or is -1, its
    row is offset[f] + that, and over, under (F, M) are the weights of the columns in numerator and denominator;
    timed (F,) says which have weights on sums of ms.
    """  # fmt: skip
    horizon = interval * intervals
    last_edge = edges.size
    for part in range(first.size - 1):
        q = part
        i = 0
        until = interval
        sum_wait, sum_handled, sum_wrap = 0, 0, 0
        for n in range(first[part], first[part + 1]):
            came = arrived[n]
            if queue is None:
                if came >= horizon:
                    break
                while came >= until:
                    i += 1
                    until += interval
            else:
                if came < 0 or came >= horizon or outcome[n] == NOT_COUNTED:
                    continue
                q = int(queue[n])
                if came >= until or came < until - interval:
                    i = came // interval
                    until = (i + 1) * interval
            what = outcome[n]
            gone = left[n]
            handled = 0
            wrap = 0
            if what == ANSWERED:
                end = finished[n]
                if handling is None:
                    handled = end - gone
                    wrap = end - released[n]
                else:
                    handled = handling[n]
                    if end != NOT_YET:
                        wrap = end - released[n]
                if busy is not None and end > 0 and gone < horizon:
                    begin = max(gone, 0)
                    end = min(end, horizon)
                    g = group[n]
                    busy_total[g] += end - begin
                    j, upto = i, until
                    while begin >= upto:
                        j += 1
                        upto += interval
                    while end > upto:
                        busy[g, j] += upto - begin
                        begin = upto
                        j += 1
                        upto += interval
                    busy[g, j] += end - begin
            if came < 0:
                continue
            row = cells[q, i]
            if what == ANSWERED:
                taken[q, group[n]] += 1
            wait = 0
            total_of = WAIT_OTHER
            if what == BLOCKED:
                column = LOST_BLOCKED
            else:
                b = -1
                if what != WAITING:
                    wait = gone - came
                elif stop[q] < NEVER:
                    wait = stop[q] - came
                else:  # it waits for ever: late for every threshold, and known to have waited to the end
                    wait = horizon - came
                    b = last_edge
                if b < 0:
                    b = 0
                    if wait > 0:
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
                    total_of = WAIT_ANSWERED
                    row[HANDLED] += handled
                    row[WRAP] += wrap
                    row[WAIT_ANSWERED] += wait
                    if queue is None:
                        sum_handled += handled
                        sum_wrap += wrap
                        sum_wait += wait
                    else:
                        total[q, HANDLED] += handled
                        total[q, WRAP] += wrap
                        total[q, WAIT_ANSWERED] += wait
                else:
                    waits[q, 1, b] += 1
                    if what == ABANDONED:
                        column = BUCKETS + buckets + bucket[b]
                        total_of = WAIT_ABANDONED
                    elif what == WAITING:
                        column = BUCKETS + 2 * buckets + bucket[b]
                    elif what == CLOSED:
                        column = LOST_CLOSED
                    elif what == CALL_BACK:
                        column = BUCKETS + 3 * buckets
                    else:
                        column = LOST_VOICEMAIL
                    row[total_of] += wait
                    total[q, total_of] += wait
            row[column] += 1
            total[q, column] += 1
            for k in range(follows_first[q], follows_first[q + 1]):
                f = follows[k]
                p = period[f, i]
                if p >= 0:
                    above, below = over[f, column], under[f, column]
                    if timed[f]:
                        above += (
                            over[f, total_of] * wait
                            + over[f, HANDLED] * handled
                            + over[f, WRAP] * wrap
                        )
                        below += (
                            under[f, total_of] * wait
                            + under[f, HANDLED] * handled
                            + under[f, WRAP] * wrap
                        )
                    periods[offset[f] + p, 0] += above
                    periods[offset[f] + p, 1] += below
        if queue is None:
            total[q, WAIT_ANSWERED] += sum_wait
            total[q, HANDLED] += sum_handled
            total[q, WRAP] += sum_wrap


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


@compiled
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
    number: Any,
    since: Any,
    staffed: Any,
    staffed_total: Any,
    stint_left: Any,
    overtime: Any,
    overtime_total: Any,
    people: Any,
) -> None:
    """Add the time on duty: staffed (G, I), staffed_total (G,) in ms; number, since (G,) are scratch, zeroed here.

    Groups by number: the number on duty over time. Named agents: their stints as planned, less the breaks they
    took; what they work beyond is overtime (G, I), busy and not staffed. people (A, P), or None, gets each agent's own.
    ``stint_agent`` is None where nobody is named: numba then leaves their part out.
    """  # fmt: skip
    horizon = interval * staffed.shape[1]
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
