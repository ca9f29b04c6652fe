"""Touches that belong together: the attempts of a caller, and all that a matter took.

A caller who was lost and redials, or who is called back, is one caller: `callers` turns the rows of a log into rows of
occasions, which the tally then counts like single contacts. `count_chains` adds up what becomes of matters. One pass
each, over arrays, compiled. This file knows no metric and no range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.compiling import beside_a_loop, compiled
from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    CALL_BACK,
    CALLED_BACK,
    FIRST,
    NOT_YET,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    VOICEMAIL,
    WAITING,
    ContactLog,
)
from slasim.draw import Draw
from slasim.metrics.after_service import sloping
from slasim.outcome.columns import CHAINS, PURPOSE_COLUMNS
from slasim.outcome.counting import NOT_COUNTED
from slasim.routing.table import NEVER

__all__ = ["Callers", "callers", "count_chains", "joined"]

Ints = NDArray[np.int64]

(
    _MATTERS, _CALLERS, _ATTEMPTS, _PROMISED, _CALLED, _IN_TIME, _REPEATS, _CONTACTS, _SERVED, _RESOLVED, _AT_FIRST,
    _SATISFIED, _JUDGED, _LEAVING, _MAY_LEAVE,
) = range(len(CHAINS))  # fmt: skip

_sloping = beside_a_loop(sloping)


@compiled
def _join(contact: Any, touch: Any, purpose: Any, after_loss: Any, loss_mask: Any,
          log_contact: Any, log_touch: Any, log_purpose: Any, outcome: Any, row_of: Any,
          before: Any) -> int:  # fmt: skip
    """row_of (T,) the row of each touch or -1; before (N,) the row whose loss released this one or -1. Rows found."""
    n = 0
    rows = log_contact.size
    for t in range(contact.size):
        row_of[t] = -1
        if (
            n < rows
            and contact[t] == log_contact[n]
            and touch[t] == log_touch[n]
            and purpose[t] == log_purpose[n]
        ):
            row_of[t] = n
            before[n] = -1
            n += 1
    for t in range(contact.size):
        follows = after_loss[t]
        row = row_of[t]
        if follows < 0 or row < 0 or row_of[follows] < 0:
            continue
        if (loss_mask[t] >> outcome[row]) & 1:
            before[row_of[follows]] = row
    return n


def joined(draw: Draw, log: ContactLog) -> Ints:
    """(N,) the row whose loss brought this one about (a redial, a call-back), or -1.

    ValueError when the log is not this draw's.
    """
    before = np.full(len(log), -1, np.int64)
    floor = draw.floor
    if floor is None:
        if len(log) != draw.contacts:
            raise ValueError("the log is not this draw's.")
        return before
    row_of = np.empty(draw.contacts, np.int64)
    found = _join(
        floor.contact, floor.touch, floor.purpose, floor.after_loss, floor.loss_mask, log.contact,
        log.touch, log.purpose, log.outcome, row_of, before,
    )  # fmt: skip
    if found != len(log):
        raise ValueError("the log is not this draw's.")
    return before


@dataclass(frozen=True, eq=False)
class Callers:
    """One row per row of the log; where it began an occasion, what came of that, else NOT_COUNTED.

    outcome (N,) int8; left (N,) ms, so that left - arrived is the wait of the attempt that was answered; handled
    (N,) ms of all its attempts; group (N,) who answered.
    """

    outcome: NDArray[np.int8]
    left: Ints
    handled: Ints
    group: NDArray[np.int16]


@beside_a_loop
def _began(before: Any, purpose: Any, n: int) -> int:
    """The row with which the occasion of row ``n`` began."""
    while before[n] >= 0 and (purpose[n] == REDIAL or purpose[n] == CALLED_BACK):
        n = before[n]
    return n


@beside_a_loop
def _since(before: Any, purpose: Any, arrived: Any, n: int) -> int:
    """From when a customer has waited for this answer: called back, since he took the place in line that he kept."""
    if purpose[n] == CALLED_BACK and before[n] >= 0:
        return int(arrived[before[n]])
    return int(arrived[n])


@compiled
def _callers(before: Any, purpose: Any, outcome: Any, arrived: Any, left: Any, greeted: Any,
             handled: Any, group: Any, counts: Any, made: Any, gone: Any, took: Any, who: Any) -> None:  # fmt: skip
    """counts (N,): of an occasion, the attempt that was answered, else the latest; -1 for rows that began none."""
    rows = arrived.size
    for n in range(rows):
        counts[n] = -1
        took[n] = 0
    for n in range(rows):
        h = _began(before, purpose, n)
        took[h] += handled[n]
        k = counts[h]
        if k < 0 or (
            outcome[k] != ANSWERED and (outcome[n] == ANSWERED or arrived[n] >= arrived[k])
        ):
            counts[h] = n
    for h in range(rows):
        k = counts[h]
        made[h], gone[h], who[h] = NOT_COUNTED, NOT_YET, -1
        if k < 0:
            continue
        what = outcome[k]
        made[h] = what
        if what == ANSWERED:
            gone[h] = arrived[h] + greeted[k] - _since(before, purpose, arrived, k)
            who[h] = group[k]
        elif what != WAITING:
            gone[h] = arrived[h] + left[k] - arrived[k]
            if what != VOICEMAIL and what != CALL_BACK:
                made[h] = ABANDONED


def callers(draw: Draw, log: ContactLog, before: Ints, handled: Ints) -> Callers:
    """The occasions of a log. Who was never served and is gone has abandoned, however he was lost; who left a message
    or still waits to be called back has not."""
    n = len(log)
    counts, made = np.empty(n, np.int64), np.empty(n, np.int8)
    gone, took, who = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int16)
    _callers(
        before, log.purpose, log.outcome, log.arrived, log.left, log.greeted, handled, log.group,
        counts, made, gone, took, who,
    )  # fmt: skip
    return Callers(made, gone, took, who)


@compiled
def count_chains(
    before: Any,
    contact: Any,
    purpose: Any,
    queue: Any,
    arrived: Any,
    outcome: Any,
    left: Any,
    greeted: Any,
    released: Any,
    service: Any,
    interval: int,
    intervals: int,
    first_row: Any,
    latest: Any,
    answer: Any,
    answers: Any,
    times: Any,
    solved: Any,
    open_ones: Any,
    cells: Any,
    total: Any,
) -> None:
    """Add one replication's chains: cells (Q, I, C), total (Q, C); see CHAINS.

    Scratch, one entry per contact: first_row, latest (the row that came last), answer (the row that was answered
    first), answers (how many were), times (how often the customer came), solved (when the last answer ended),
    open_ones (how many still wait). A matter belongs to the queue and interval in which it first came.
    """  # fmt: skip
    horizon = interval * intervals
    for c in range(first_row.size):
        first_row[c] = -1
        latest[c] = -1
        answer[c] = -1
        answers[c] = 0
        times[c] = 0
        solved[c] = NOT_YET
        open_ones[c] = 0
    for n in range(arrived.size):
        c = contact[n]
        why = purpose[n]
        what = outcome[n]
        if why == FIRST:
            first_row[c] = n
        if why in (FIRST, REDIAL, REPEAT, REOPEN, REPLY):
            times[c] += 1
        if latest[c] < 0 or arrived[n] >= arrived[latest[c]]:
            latest[c] = n
        if what == ANSWERED:
            if why in (REPEAT, REOPEN, REPLY):
                answers[c] += 2  # not the first contact of this matter
            elif why != TRANSFER and why != TIER_2:
                answers[c] += 1
            if answer[c] < 0 or left[n] < left[answer[c]]:
                answer[c] = n
            if released[n] == NOT_YET:
                open_ones[c] += 1
            elif released[n] > solved[c]:
                solved[c] = released[n]
        elif what == WAITING:
            open_ones[c] += 1
        came = arrived[n]
        if came < 0 or came >= horizon:
            continue
        q = int(queue[n])
        i = came // interval
        cells[q, i, PURPOSE_COLUMNS + why] += 1
        total[q, PURPOSE_COLUMNS + why] += 1
        if why == REPEAT:
            cells[q, i, _REPEATS] += 1
            total[q, _REPEATS] += 1
        if why in (FIRST, REPEAT):
            cells[q, i, _CALLERS] += 1
            total[q, _CALLERS] += 1
            cells[q, i, _ATTEMPTS] += 1
            total[q, _ATTEMPTS] += 1
        if what == CALL_BACK:
            cells[q, i, _PROMISED] += 1
            total[q, _PROMISED] += 1
    for n in range(arrived.size):
        why = purpose[n]
        if why == REDIAL:
            h = _began(before, purpose, n)
            came = arrived[h]
            if came >= 0 and came < horizon:
                q = int(queue[h])
                i = came // interval
                cells[q, i, _ATTEMPTS] += 1
                total[q, _ATTEMPTS] += 1
        elif why == CALLED_BACK and outcome[n] == ANSWERED and before[n] >= 0:
            p = before[n]
            came = arrived[p]
            if came >= 0 and came < horizon:
                q = int(queue[p])
                i = came // interval
                cells[q, i, _CALLED] += 1
                total[q, _CALLED] += 1
                if left[n] - left[p] <= service[q, 0]:
                    cells[q, i, _IN_TIME] += 1
                    total[q, _IN_TIME] += 1
    for c in range(first_row.size):
        n = first_row[c]
        if n < 0:
            continue
        came = arrived[n]
        if came < 0 or came >= horizon:
            continue
        q = int(queue[n])
        row, whole = cells[q, came // interval], total[q]
        row[_MATTERS] += 1
        whole[_MATTERS] += 1
        row[_CONTACTS] += times[c]
        whole[_CONTACTS] += times[c]
        settled = open_ones[c] == 0 and outcome[latest[c]] == ANSWERED
        if answer[c] >= 0:
            row[_SERVED] += 1
            whole[_SERVED] += 1
            if settled:
                row[_RESOLVED] += 1
                whole[_RESOLVED] += 1
                if answers[c] == 1:
                    row[_AT_FIRST] += 1
                    whole[_AT_FIRST] += 1
        if open_ones[c]:
            continue
        wait = NEVER
        if answer[c] >= 0:
            a = answer[c]
            wait = (
                released[a] - came
                if service[q, 1]
                else greeted[a] - _since(before, purpose, arrived, a)
            )
        if service[q, 2]:
            if answer[c] < 0:
                liked = service[q, 5]
            else:
                longest = solved[c] - came if settled else NEVER
                liked = min(
                    _sloping(service[q, 3], service[q, 4], service[q, 6], service[q, 7], wait),
                    _sloping(service[q, 3], service[q, 4], service[q, 8], service[q, 9], longest),
                )
            row[_SATISFIED] += liked
            whole[_SATISFIED] += liked
            row[_JUDGED] += 1
            whole[_JUDGED] += 1
        if service[q, 10]:
            if answer[c] < 0:
                leaves = service[q, 13]
            elif wait > service[q, 14]:
                leaves = service[q, 12]
            else:
                leaves = service[q, 11]
            row[_LEAVING] += leaves
            whole[_LEAVING] += leaves
            row[_MAY_LEAVE] += 1
            whole[_MAY_LEAVE] += 1
