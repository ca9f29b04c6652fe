"""After service: how satisfied customers are and how many leave, as functions that the planner states.

Nothing here is measured by slasim. A scenario states per queue from which wait, and from which time to resolution,
service is no longer good and from which it is bad; satisfied is `best` up to the first, `worst` from the second on,
and on the straight line between. Where both are stated the worse counts. Who was never served is satisfied with
chance `lost`. Of those who leave a share is stated likewise: `chance`, more when the wait was long, more when nobody
ever answered. Values are whole millionths, so sums do not depend on their order.
This file knows no queue and no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from slasim import registry
from slasim.clock import format_duration
from slasim.metrics.chains import MILLION, OfChains
from slasim.metrics.counts import ChainCounts
from slasim.metrics.service_level import Parts
from slasim.metrics.standard import Better

__all__ = ["NO_SPAN", "Churn", "ChurnMetric", "Satisfaction", "SatisfactionMetric", "sloping"]

NO_SPAN = (1 << 60, 1 << 61)
"""Good and bad (ms) where nothing is stated: always good."""


def sloping(best: int, worst: int, good: int, bad: int, length: int) -> int:
    """``best`` up to ``good``, ``worst`` from ``bad`` on, the straight line between, rounded down; integers.

    Plain Python over integers, so that a compiled loop can take it in as it is.

    >>> [sloping(900_000, 100_000, 60, 120, t) for t in (60, 61, 90, 120, 500)]
    [900000, 886666, 500000, 100000, 100000]
    """
    if length <= good:
        return best
    if length >= bad:
        return worst
    return best - -(-(best - worst) * (length - good) // (bad - good))


def _ppm(share: float) -> int:
    return round(share * MILLION)


@dataclass(frozen=True)
class Satisfaction:
    """The share of satisfied customers (0..1); ``wait`` and ``resolution`` are (good, bad) in ms, None = no matter.

    ValueError for a share outside 0..1 or a `bad` that is not later than its `good`.
    """

    best: float
    worst: float
    lost: float
    wait: tuple[int, int] | None = None
    resolution: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _shares(best=self.best, worst=self.worst, lost=self.lost)
        for span in (self.wait, self.resolution):
            if span is not None and not 0 <= span[0] < span[1]:
                raise ValueError("bad is not later than good.")

    @property
    def numbers(self) -> tuple[int, ...]:
        """best, worst and lost in millionths; good and bad wait, good and bad resolution in ms."""
        wait, resolution = self.wait or NO_SPAN, self.resolution or NO_SPAN
        return _ppm(self.best), _ppm(self.worst), _ppm(self.lost), *wait, *resolution

    @property
    def text(self) -> str:
        """The function in words."""
        said = [
            f"{what} {format_duration(span[0])} to {format_duration(span[1])}"
            for what, span in (("wait", self.wait), ("resolution", self.resolution))
            if span is not None
        ]
        return (
            f"{self.best:g} down to {self.worst:g} as {' or '.join(said)}; "
            f"{self.lost:g} if never served"
        )


@dataclass(frozen=True)
class Churn:
    """The share of customers who leave (0..1): ``late`` after a wait above ``over`` (ms), ``lost`` without an answer.

    ValueError for a share outside 0..1 or a negative time.
    """

    chance: float
    over: int
    late: float
    lost: float

    def __post_init__(self) -> None:
        _shares(chance=self.chance, late=self.late, lost=self.lost)
        if self.over < 0:
            raise ValueError("over is negative; a wait cannot be.")

    @property
    def numbers(self) -> tuple[int, ...]:
        """chance, late and lost in millionths, over in ms."""
        return _ppm(self.chance), _ppm(self.late), _ppm(self.lost), self.over


def _shares(**given: float) -> None:
    for name, share in given.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} {share:g} is no share; give 0 to 1.")


@registry.kind("metric", "satisfaction")
@dataclass(frozen=True)
class SatisfactionMetric(OfChains):
    """satisfied by the stated function of wait and resolution / matters of queues that state one"""

    better: ClassVar[Better] = "higher"
    part_of_whole: ClassVar[bool] = False  # chances, not counts

    def parts(self, c: ChainCounts) -> Parts:
        return c.satisfaction_ppm, c.judged * MILLION


@registry.kind("metric", "churn")
@dataclass(frozen=True)
class ChurnMetric(OfChains):
    """leaving by the stated function of lateness / matters of queues that state one"""

    part_of_whole: ClassVar[bool] = False

    def parts(self, c: ChainCounts) -> Parts:
        return c.churn_ppm, c.may_leave * MILLION
