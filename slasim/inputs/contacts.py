"""What each contact brings along: its work, what of that is after-call work, its patience.

One number per contact from each stream, at the contact's place inside its queue; so contact n is the same
person however many others there are and whatever the means.

After-call work keeps its share: wrap = round(work x acw / aht), with the AHT expected in the interval
of arrival. This file knows no scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from slasim.arrays import Floats, Ints, NDArray
from slasim.contactlog import ABANDONED, VOICEMAIL
from slasim.distributions import Distribution
from slasim.routing.table import NEVER
from slasim.streams import Stream

__all__ = ["LONGEST", "Handling", "Waiting", "round_ms"]

LONGEST = float(1 << 43)
"""No handle time or patience is longer (278 years), so that sums stay whole numbers."""


def round_ms(length: Floats) -> Floats:
    """Whole milliseconds, in place, still as floats."""
    np.rint(length, out=length)
    return np.minimum(length, LONGEST, out=length)


def _standard(shape: Distribution, stream: Stream, n: int) -> Floats | None:
    """(n,) draws of mean 1; None where the compiled loop makes them for itself."""
    return None if shape.memoryless else shape.standard(stream.generator(), n)


@dataclass(frozen=True, eq=False)
class Handling:
    """Handle times of one queue: standard draws times the mean of the piece of arrival.

    aht    (K,) ms expected in each piece
    acw    ms of the AHT that is after-call work
    """

    shape: Distribution
    aht: Floats
    acw: float

    def draw(
        self,
        stream: Stream,
        counts: Ints,
        work: Ints,
        wrap: Ints,
        factor: Floats | None = None,
    ) -> None:
        """Fill ``work`` and ``wrap`` (N,); ``counts`` (K,) contacts per piece, ``factor`` (K,)."""
        from slasim.inputs.shaping import whole_ms

        mean = self.aht if factor is None else self.aht * factor
        share = np.minimum(self.acw / self.aht, 1.0) if self.acw else mean
        length = _standard(self.shape, stream, work.size)
        part = wrap if self.acw else None
        whole_ms(stream.start, length, mean, counts, LONGEST, work, share, part)


@dataclass(frozen=True, eq=False)
class Waiting:
    """How long contacts of one queue wait: patience, hanging up at once, voicemail.

    patience        None = nobody abandons
    mean            (K,) ms of patience in each piece
    hangs_up        share that leaves at once when it has to wait
    voicemail_after ms after which whoever still waits is sent to voicemail
    """

    patience: Distribution | None
    mean: Floats
    hangs_up: float
    voicemail_after: int | None

    def draw(
        self,
        stream: Stream,
        at_once: Callable[[], Stream],
        counts: Ints,
        patience: Ints,
        leaves_as: NDArray[np.int8],
    ) -> None:
        """Fill ``patience`` and ``leaves_as`` (N,). ``stream`` and ``at_once`` are streams of their own."""
        leaves_as.fill(ABANDONED)
        if self.patience is None:
            patience.fill(NEVER)
        else:
            from slasim.inputs.shaping import whole_ms

            length, mean = _standard(self.patience, stream, patience.size), self.mean
            whole_ms(stream.start, length, mean, counts, LONGEST, patience, mean, None)
        if self.hangs_up > 0:
            patience[at_once().generator().random(patience.size) < self.hangs_up] = 0
        if self.voicemail_after is not None:
            sent = patience > self.voicemail_after
            patience[sent] = self.voicemail_after
            leaves_as[sent] = VOICEMAIL
