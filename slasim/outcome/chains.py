"""Touches that belong together: the attempts of a caller, and all that a matter took.

A caller who was lost and redials, or who is called back, is one caller: `callers` turns the rows of a log into rows of
occasions, which the tally then counts like single contacts. `count_chains` adds up what becomes of matters. One pass
each, over arrays, compiled. This file knows no metric and no range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Ints, NDArray
from slasim.compiling import beside_a_loop, compiled_loop
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
from slasim.memory import scratch
from slasim.metrics.after_service import sloping
from slasim.outcome.columns import CHAINS, PURPOSE_COLUMNS
from slasim.outcome.counting import NOT_COUNTED
from slasim.routing.table import NEVER

__all__ = ["CHAIN_FIELDS", "Callers", "callers", "count_chains", "joined"]


(
    _MATTERS, _CALLERS, _ATTEMPTS, _PROMISED, _CALLED, _IN_TIME, _REPEATS, _CONTACTS, _SERVED, _RESOLVED, _AT_FIRST,
    _SATISFIED, _JUDGED, _LEAVING, _MAY_LEAVE,
) = range(len(CHAINS))  # fmt: skip

_ONE = np.uint64(1)

_sloping = beside_a_loop(sloping)


@compiled_loop
def _join(firsts: Any, contact: Any, touch: Any, purpose: Any, after_loss: Any, loss_mask: Any,
          log_contact: Any, log_touch: Any, log_purpose: Any, outcome: Any, before: Any, rows_of: Any,
          touches_of: Any) -> Any:  # fmt: skip
    """Fill before (N,): the row whose loss released this one or -1. How many rows have been found.

    Mostly all first touches came, and their rows have their numbers. Scratch: rows_of (T,) the rows of touches after
    these, -1 if they did not come; touches_of (N,) the touches of rows after these.
    """
    rows = log_contact.size
    same = min(firsts, rows)
    differs = 0
    for n in range(same):
        differs |= (contact[n] ^ log_contact[n]) | (touch[n] ^ log_touch[n])
        differs |= purpose[n] ^ log_purpose[n]
    if differs:
        same = 0
    n = same
    for t in range(same, contact.size):
        rows_of[t - same] = -1
        if (
            n < rows
            and contact[t] == log_contact[n]
            and touch[t] == log_touch[n]
            and purpose[t] == log_purpose[n]
        ):
            rows_of[t - same] = n
            touches_of[n - same] = t
            n += 1
    found = n
    for n in range(rows):
        before[n] = -1
    for n in range(found):
        if outcome[n] == ANSWERED:
            continue
        t = n if n < same else touches_of[n - same]
        follows = after_loss[t]
        if follows >= 0 and (loss_mask[t] >> outcome[n]) & 1:
            row = follows if follows < same else rows_of[follows - same]
            if row >= 0:
                before[row] = n
    return found


def joined(draw: Draw, log: ContactLog) -> Ints:
    """(N,) the row whose loss brought this one about (a redial, a call-back), or -1; good until the next replication of
    this thread.

    ValueError when the log is not this draw's.
    """
    floor, rows = draw.floor, len(log)
    if floor is None:
        if rows != draw.contacts:
            raise ValueError("the log is not this draw's.")
        return np.full(rows, -1, np.int64)
    work = scratch("rows joined", 2 * rows + draw.contacts)
    contact, touch, purpose, after_loss, loss_mask = (
        np.ascontiguousarray(column)
        for column in (floor.contact, floor.touch, floor.purpose, floor.after_loss, floor.loss_mask)
    )
    found = _join(
        int(draw.first[-1]), contact, touch, purpose, after_loss, loss_mask,
        log.contact, log.touch, log.purpose, log.outcome, work[:rows], work[2 * rows :],
        work[rows : 2 * rows],
    )  # fmt: skip
    if found != rows:
        raise ValueError("the log is not this draw's.")
    return work[:rows]


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


@compiled_loop
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


_FIRST_ROW, _LATEST, _ANSWER, _ANSWERS, _TIMES, _SOLVED, _OPEN = range(7)
CHAIN_FIELDS = 8
"""Of a contact that took more than one touch: the row of its first, the row that came last, the row that was answered
first, how many were, how often the customer came, when the last answer ended, how many still wait."""


@compiled_loop
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
    more: Any,
    later: Any,
    chain: Any,
    cells: Any,
    total: Any,
) -> None:
    """Add one replication's chains: cells (Q, I, C), total (Q, C); see CHAINS. First touches stand first.

    Scratch: more (contacts,) int8, whether it took more than one touch; later (N,) the rows that are no first touches;
    chain (contacts, CHAIN_FIELDS) of those that took more. A matter belongs to the queue and interval in which it first
    came. Those of one touch are added up on the way until one of another queue or interval comes.
    """
    horizon = interval * intervals
    more[:] = 0
    follow = 0
    for n in range(purpose.size):
        if purpose[n] != FIRST:
            more[contact[n]] = 1
            later[follow] = n
            follow += 1
    at: Any = np.uint64(0)
    rows: Any = np.uint64(arrived.size)
    while at < rows:
        came = arrived[at]
        q = int(queue[at])
        inside = came >= 0 and came < horizon
        i = came // interval if inside else 0
        begin = i * interval
        end = begin + interval
        lost, in_hand, done = 0, 0, 0
        while at < rows:
            came = arrived[at]
            if inside:
                if came < begin or came >= end or queue[at] != q:
                    break
            elif came >= 0 and came < horizon:
                break
            n = at
            at += _ONE
            c = contact[n]
            why = purpose[n]
            what = outcome[n]
            if inside and what == CALL_BACK:
                cells[q, i, _PROMISED] += 1
                total[q, _PROMISED] += 1
            if why == FIRST and not more[c]:
                if not inside:
                    continue
                answered = False
                if what != ANSWERED:
                    lost += 1
                    if what == WAITING:
                        continue
                elif released[n] == NOT_YET:
                    in_hand += 1
                    continue
                else:
                    done += 1
                    answered = True
                if service[q, 2] or service[q, 10]:
                    _judge(
                        service, q, cells[q, i], total[q], answered, answered,
                        (released[n] if service[q, 1] else greeted[n]) - came, released[n] - came,
                    )  # fmt: skip
                continue
            if why == FIRST:
                chain[c, _FIRST_ROW] = n
                chain[c, _LATEST] = n
                chain[c, _ANSWER] = -1
                chain[c, _ANSWERS] = 0
                chain[c, _TIMES] = 0
                chain[c, _SOLVED] = NOT_YET
                chain[c, _OPEN] = 0
            if why in (FIRST, REDIAL, REPEAT, REOPEN, REPLY):
                chain[c, _TIMES] += 1
            if came >= arrived[chain[c, _LATEST]]:
                chain[c, _LATEST] = n
            if what == ANSWERED:
                if why in (REPEAT, REOPEN, REPLY):
                    chain[c, _ANSWERS] += 2  # not the first contact of this matter
                elif why != TRANSFER and why != TIER_2:
                    chain[c, _ANSWERS] += 1
                if chain[c, _ANSWER] < 0 or left[n] < left[chain[c, _ANSWER]]:
                    chain[c, _ANSWER] = n
                if released[n] == NOT_YET:
                    chain[c, _OPEN] += 1
                else:
                    chain[c, _SOLVED] = max(chain[c, _SOLVED], released[n])
            elif what == WAITING:
                chain[c, _OPEN] += 1
            if not inside:
                continue
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
        came = lost + in_hand + done
        if came == 0:
            continue
        for column in (_MATTERS, _CALLERS, _ATTEMPTS, _CONTACTS, PURPOSE_COLUMNS + FIRST):
            cells[q, i, column] += came
            total[q, column] += came
        cells[q, i, _SERVED] += in_hand + done
        total[q, _SERVED] += in_hand + done
        for column in (_RESOLVED, _AT_FIRST):
            cells[q, i, column] += done
            total[q, column] += done
    for k in range(follow):
        n = later[k]
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
    for k in range(follow):
        c = contact[later[k]]
        if not more[c]:
            continue
        more[c] = 0
        n = chain[c, _FIRST_ROW]
        came = arrived[n]
        if came < 0 or came >= horizon:
            continue
        q = int(queue[n])
        row, whole = cells[q, came // interval], total[q]
        row[_MATTERS] += 1
        whole[_MATTERS] += 1
        row[_CONTACTS] += chain[c, _TIMES]
        whole[_CONTACTS] += chain[c, _TIMES]
        answer = chain[c, _ANSWER]
        settled = chain[c, _OPEN] == 0 and outcome[chain[c, _LATEST]] == ANSWERED
        if answer >= 0:
            row[_SERVED] += 1
            whole[_SERVED] += 1
            if settled:
                row[_RESOLVED] += 1
                whole[_RESOLVED] += 1
                if chain[c, _ANSWERS] == 1:
                    row[_AT_FIRST] += 1
                    whole[_AT_FIRST] += 1
        if chain[c, _OPEN]:
            continue
        wait = NEVER
        if answer >= 0:
            if service[q, 1]:
                wait = released[answer] - came
            else:
                wait = greeted[answer] - _since(before, purpose, arrived, answer)
        _judge(service, q, row, whole, answer >= 0, settled, wait, chain[c, _SOLVED] - came)


@beside_a_loop
def _judge(
    service: Any,
    q: Any,
    row: Any,
    whole: Any,
    answered: Any,
    settled: Any,
    wait: Any,
    solved: Any,
) -> None:
    """What a contact that is over leaves behind, if its queue states it: satisfaction, and whether the customer goes.

    ``wait`` and ``solved`` (from its first arrival) in ms, if it was answered, and settled.
    """
    if service[q, 2]:
        if not answered:
            liked = service[q, 5]
        else:
            longest = solved if settled else NEVER
            liked = min(
                _sloping(service[q, 3], service[q, 4], service[q, 6], service[q, 7], wait),
                _sloping(service[q, 3], service[q, 4], service[q, 8], service[q, 9], longest),
            )
        row[_SATISFIED] += liked
        whole[_SATISFIED] += liked
        row[_JUDGED] += 1
        whole[_JUDGED] += 1
    if service[q, 10]:
        if not answered:
            leaves = service[q, 13]
        elif wait > service[q, 14]:
            leaves = service[q, 12]
        else:
            leaves = service[q, 11]
        row[_LEAVING] += leaves
        whole[_LEAVING] += leaves
        row[_MAY_LEAVE] += 1
        whole[_MAY_LEAVE] += 1
