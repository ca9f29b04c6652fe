"""Some of the contacts: those that arrived while something was excluded, or the first ones of each interval.

What a contract leaves out contact by contact is counted here, one replication at a time, from the log. Which contacts
those are, the contract's terms say (`sla/periods.py`); this file only sorts and adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from slasim.contactlog import BLOCKED, WAITING, ContactLog
from slasim.draw import Draw
from slasim.metrics.counts import ContactCounts
from slasim.routing.table import NEVER
from slasim.sla.periods import among_first, first_limits

if TYPE_CHECKING:
    from slasim.outcome.tally import Followed, Layout

__all__ = ["chosen_parts"]

Ints = NDArray[np.int64]


def chosen_parts(
    followed: Followed, queues: Sequence[int], draw: Draw, log: ContactLog, layout: Layout
) -> tuple[Ints, Ints]:
    """(I,) numerator and denominator of the metric over the chosen contacts of those queues, by interval of arrival."""
    rows = np.concatenate([np.arange(draw.first[q], draw.first[q + 1]) for q in queues])
    arrived = log.arrived[rows]
    counted = (arrived >= 0) & (arrived < layout.interval * layout.intervals)
    rows, arrived = rows[counted], arrived[counted]
    order = np.argsort(arrived, kind="stable")
    rows, arrived = rows[order], arrived[order]
    above, below = _each(followed, draw, log, rows)
    interval = arrived // layout.interval
    only = followed.only
    assert only is not None
    if only.first:
        return _first(followed, layout, arrived, interval, above, below, _offered(log, rows))
    if only.inside:
        inside = _within(arrived, only.inside)
        above, below, interval = above[inside], below[inside], interval[inside]
    return _sums(interval, above, layout.intervals), _sums(interval, below, layout.intervals)


def _each(followed: Followed, draw: Draw, log: ContactLog, rows: Ints) -> tuple[Ints, Ints]:
    """Numerator and denominator of every contact."""
    outcome = log.outcome[rows]
    queue = np.searchsorted(draw.first, rows, side="right") - 1
    waited = log.left[rows] - log.arrived[rows]
    stop = draw.stop[queue]
    so_far = np.where(stop < NEVER, stop - log.arrived[rows], NEVER)
    waited = np.where(outcome == WAITING, so_far, waited)
    above, below = followed.measure.parts(ContactCounts(outcome, waited, log.handled[rows]))
    return np.asarray(above, np.int64), np.asarray(below, np.int64)


def _offered(log: ContactLog, rows: Ints) -> Ints:
    offered: Ints = (log.outcome[rows] != BLOCKED).astype(np.int64)
    return offered


def _first(
    followed: Followed, layout: Layout, arrived: Ints, interval: Ints, above: Ints, below: Ints,
    offered: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    only = followed.only
    assert only is not None
    kept = offered > 0  # the blocked have no place in the order of arrival
    arrived, interval, above, below = (part[kept] for part in (arrived, interval, above, below))
    if only.without:
        outside = ~_within(arrived, only.without)
        above, below = above * outside, below * outside
    volume = np.bincount(interval, minlength=layout.intervals)
    limits = volume.astype(np.int64)
    number = np.asarray(only.period_of)
    for p, terms in enumerate(only.first):
        mine = np.flatnonzero(number == p)
        limits[mine] = first_limits(terms, volume[mine].tolist())
    tops, bottoms = among_first(limits, interval, above, below)
    return np.asarray(tops, np.int64), np.asarray(bottoms, np.int64)


def _within(arrived: Ints, spans: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    inside = np.zeros(arrived.size, np.bool_)
    for since, until in spans:
        inside |= (arrived >= since) & (arrived < until)
    return inside


def _sums(interval: Ints, part: Ints, intervals: int) -> Ints:
    sums = np.zeros(intervals, np.int64)
    np.add.at(sums, interval, part)
    return sums
