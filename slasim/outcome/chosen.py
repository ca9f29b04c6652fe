"""Some of the contacts: those that arrived while something was excluded, or the first ones of each interval.

What a contract leaves out contact by contact is counted here, one replication at a time, from the log. Which contacts
those are, the contract's terms say (`sla/periods.py`); this file only sorts and adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.arrays import Bools, Ints
from slasim.contactlog import ANSWERED, BLOCKED, CALLED_BACK, WAITING, ContactLog
from slasim.draw import Draw
from slasim.metrics.counts import ContactCounts
from slasim.routing.table import NEVER
from slasim.sla.periods import among_first, first_limits

if TYPE_CHECKING:
    from slasim.outcome.tally import Followed, Layout

__all__ = ["chosen_parts"]


def chosen_parts(
    followed: Followed, queues: Sequence[int], draw: Draw, log: ContactLog, layout: Layout
) -> tuple[Ints, Ints]:
    """(I,) numerator and denominator of the metric over the chosen contacts of those queues, by interval of arrival."""
    found = _counted(followed, queues, draw, log).within(layout.interval * layout.intervals)
    above, below = found.parts(followed)
    arrived, interval = found.arrived, found.arrived // layout.interval
    only = followed.only
    assert only is not None
    if only.first:
        offered = (found.outcome != BLOCKED).astype(np.int64)
        return _first(followed, layout, arrived, interval, above, below, offered)
    if only.inside:
        inside = _within(arrived, only.inside)
        above, below, interval = above[inside], below[inside], interval[inside]
    return _sums(interval, above, layout.intervals), _sums(interval, below, layout.intervals)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The contacts that a metric counts, each once, in order of arrival; all (n,)."""

    arrived: Ints
    outcome: Any
    waited: Ints
    handled: Ints

    def within(self, horizon: int) -> _Rows:
        """Those that arrived in [0, horizon), in order of arrival."""
        kept = np.flatnonzero((self.arrived >= 0) & (self.arrived < horizon))
        kept = kept[np.argsort(self.arrived[kept], kind="stable")]
        return _Rows(self.arrived[kept], self.outcome[kept], self.waited[kept], self.handled[kept])

    def parts(self, followed: Followed) -> tuple[Ints, Ints]:
        """Numerator and denominator of every contact."""
        counts = ContactCounts(self.outcome, self.waited, self.handled)
        above, below = followed.measure.parts(counts)
        return np.asarray(above, np.int64), np.asarray(below, np.int64)


def _counted(followed: Followed, queues: Sequence[int], draw: Draw, log: ContactLog) -> _Rows:
    """What the tally counts for this metric: every attempt, the centre's own call-backs left out and waits ending at
    the agent's first message; or each caller once."""
    handled = log.handled
    if followed.of_callers:
        from slasim.outcome.chains import callers, joined
        from slasim.outcome.counting import NOT_COUNTED

        occasions = callers(draw, log, joined(draw, log), handled)
        outcome, left, handled = occasions.outcome, occasions.left, occasions.handled
        own = outcome != NOT_COUNTED
    else:
        outcome = log.outcome
        left = np.where(outcome == ANSWERED, log.greeted, log.left)
        own = log.purpose != CALLED_BACK
    rows = np.flatnonzero(own & np.isin(log.queue, np.asarray(queues)))
    outcome, arrived = outcome[rows], log.arrived[rows]
    stop = draw.stop[log.queue[rows]]
    so_far = np.where(stop < NEVER, stop - arrived, NEVER)
    waited = np.where(outcome == WAITING, so_far, left[rows] - arrived)
    return _Rows(arrived, outcome, waited, handled[rows])


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


def _within(arrived: Ints, spans: tuple[tuple[int, int], ...]) -> Bools:
    inside = np.zeros(arrived.size, np.bool_)
    for since, until in spans:
        inside |= (arrived >= since) & (arrived < until)
    return inside


def _sums(interval: Ints, part: Ints, intervals: int) -> Ints:
    sums = np.zeros(intervals, np.int64)
    np.add.at(sums, interval, part)
    return sums
