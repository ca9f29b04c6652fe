"""When contacts arrive: a Poisson process by inversion of its cumulative rate.

One stream of unit-rate arrivals per queue is stretched by the expected number of contacts. So "+15 %
volume" moves every caller a little earlier, adds some at the end, and caller n stays the same person.

The rate is constant over each *piece*: the open part of an interval, those of the warm-up included.
This file knows no scenario: it takes numbers per interval and open windows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from slasim.arrays import Floats, Ints
from slasim.sets import distinct
from slasim.streams import Stream

__all__ = ["Floats", "Ints", "Pieces", "open_spans", "pieces_of"]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Where contacts of one queue can arrive: K spans of constant rate, in order, disjoint.

    begin   (K,) ms
    length  (K,) ms, above 0
    volume  (K,) expected contacts, above 0
    source  (K,) the interval of the forecast that holds there
    """

    begin: Ints
    length: Ints
    volume: Floats
    source: Ints

    @cached_property
    def _stretch(self) -> Floats:
        return self._stretched(self.volume)

    def _stretched(self, volume: Floats) -> Floats:
        """(K, 4) unit time at which each piece ends and begins, its ms per unit of that time, the ms of its begin."""
        ends = np.cumsum(volume)
        starts = np.concatenate(([0.0], ends[:-1]))
        span = ends - starts
        # A hair below length / span keeps the last arrival strictly inside its piece.
        slope = np.divide(self.length * _BELOW_ONE, span, out=np.zeros(span.size), where=span > 0)
        return np.stack((ends, starts, slope, self.begin), axis=1)

    def draw(self, stream: Stream, factor: Floats | None = None) -> tuple[Ints, Ints]:
        """Arrival instants (N,) in order, and how many fall into each piece (K,).

        ``factor`` (K,) multiplies the expected contacts of each piece.
        """
        if self.volume.size == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        pieces = self._stretch if factor is None else self._stretched(self.volume * factor)
        from slasim.inputs.shaping import instants

        start, counts = stream.start, np.empty(len(pieces), np.int64)
        room = _room(float(pieces[-1, 0]))
        while True:
            times = np.empty(room, np.int64)
            found = instants(start, pieces, times, counts)
            if found >= 0:
                return times[:found], counts
            room *= 2


_BELOW_ONE = 1 - 2.0**-50


def _room(expected: float) -> int:
    """More arrivals than come in nearly all runs where so many are expected."""
    return int(expected + 4 * math.sqrt(expected)) + 16


def open_spans(
    opens: Ints, closes: Ints, interval_ms: int, since: int, until: int
) -> tuple[Ints, Ints]:
    """Begins and ends of the open parts of intervals in [since, until), ms."""
    first, last = since // interval_ms, -(-until // interval_ms)
    edges = np.arange(first, last + 1, dtype=np.int64) * interval_ms
    cuts = distinct(np.concatenate((edges, opens, closes, [since, until])))
    cuts = cuts[(cuts >= since) & (cuts <= until)]
    begin, end = cuts[:-1], cuts[1:]
    is_open = np.searchsorted(opens, begin, "right") > np.searchsorted(closes, begin, "right")
    return begin[is_open], end[is_open]


def pieces_of(
    volume: Floats, opens: Ints, closes: Ints, *, interval_ms: int, warm: int = 0
) -> Pieces:
    """Pieces of a queue from expected contacts per interval and its open windows (ms).

    ``volume`` (I,) begins ``warm`` intervals before the start instant. Contacts expected in an interval that is
    only partly open fall into its open part.
    """
    count = volume.size
    since = -warm * interval_ms
    begin, end = open_spans(opens, closes, interval_ms, since, since + count * interval_ms)
    interval = (begin - since) // interval_ms
    open_ms = np.bincount(interval, weights=end - begin, minlength=count)
    rate = np.divide(volume, open_ms, out=np.zeros(count), where=open_ms > 0)
    expected = rate[interval] * (end - begin)
    some = expected > 0
    return Pieces(begin[some], (end - begin)[some], expected[some], interval[some])
