"""One contract period judged: from whole counts per interval to met, missed or not measured.

The same for simulated periods and real ones. Everything the forecast, the exclusions and the ramp decide is worked out
once per period (`terms`), in integers; a period is then sums and one exact comparison (`judge`). The order is:
exclusions, forecast relief, minimum volume, aggregation, rounding, comparison. Volume is compared with the forecast as
it was offered, before contacts are excluded. This file knows no money and no chance.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress
from typing import Literal, TypeAlias

import numpy as np

from slasim.arrays import ArrayLike
from slasim.sla.contract import Better, Commitment, Contract, Exclusion, ReliefName, Rounding

__all__ = [
    "Counts",
    "PeriodResult",
    "Results",
    "Status",
    "Terms",
    "all_met",
    "among_first",
    "excluded",
    "first_limits",
    "judge",
    "meets",
    "results_of",
    "terms",
    "touched",
]

Status = Literal["met", "missed", "not_measured"]

_NO_LIMIT = sys.maxsize


def meets(value: Fraction, target: Fraction, better: Better) -> bool:
    """Is the value on the good side of the target? Equal is."""
    return value >= target if better == "higher" else value <= target


@dataclass(frozen=True)
class Counts:
    """One metric in one contract period, interval by interval (all sequences are of one length).

    numerator, denominator  the metric's two parts; counts, or ms and contacts for a time
    offered                 contacts offered, for the comparison with the forecast; None takes the denominator
    excluded                (numerator, denominator) of the contacts that arrived inside an exclusion
    first                   (numerator, denominator) of each interval's first contacts, as many as `first_limits`
                            says, without the excluded; needed where relief is first_in_arrival_order
    """

    numerator: Sequence[int]
    denominator: Sequence[int]
    offered: Sequence[int] | None = None
    excluded: tuple[Sequence[int], Sequence[int]] | None = None
    first: tuple[Sequence[int], Sequence[int]] | None = None

    @property
    def volume(self) -> Sequence[int]:
        """Contacts offered per interval."""
        return self.denominator if self.offered is None else self.offered


@dataclass(frozen=True)
class Terms:
    """What one commitment means in one contract period.

    upper, lower    per interval, the volumes that are still inside the forecast; () when relief has no say
    period_upper    and period_lower, of all intervals with a forecast together
    forecasted      per interval, whether there is a forecast
    kept            per interval, whether no exclusion touches it; () when none is touched
    """

    commitment: Commitment
    target: Fraction
    rounding: Rounding | None = None
    min_volume: int = 0
    relief: ReliefName = "none"
    by_period: bool = False
    upper: tuple[int, ...] = ()
    lower: tuple[int, ...] = ()
    period_upper: int = _NO_LIMIT
    period_lower: int = 0
    forecasted: tuple[bool, ...] = ()
    kept: tuple[bool, ...] = ()
    month: int | None = None

    def read(self, value: Fraction) -> Fraction:
        """A value of the commitment as the contract reads it: rounded if it says so."""
        if self.rounding is None:
            return value
        return self.rounding.of(value, self.commitment.judged_unit)


@dataclass(frozen=True)
class PeriodResult:
    """One commitment in one period.

    value is exact and compared is what the contract compares, after rounding; None when not measured for want of
    anything to judge. numerator and denominator are what was measured, intervals how many intervals were.
    reason says why a period was not measured.
    """

    title: str
    status: Status
    target: Fraction
    value: Fraction | None = None
    compared: Fraction | None = None
    numerator: int = 0
    denominator: int = 0
    intervals: int = 0
    month: int | None = None
    reason: str = ""


Results: TypeAlias = Mapping[str, PeriodResult | Sequence[PeriodResult]]
"""The results of one contract period by title: one, or several where a commitment is judged more often."""


# ------------------------------------------------------------------ what is settled before anyone calls


def terms(
    contract: Contract,
    commitment: Commitment,
    *,
    month: int | None = None,
    forecast: Sequence[int | Fraction | None] | None = None,
    touched: Sequence[bool] | None = None,
) -> Terms:
    """The terms of one commitment in one period.

    ``month`` is the contract month, for the ramp. ``forecast`` is the client's, per interval (None: unknown, no
    relief there), ``touched`` says which intervals an exclusion drops (`touched`). Raises ValueError when the contract
    gives relief and no forecast is given.
    """
    relief = "none" if contract.forecast is None else contract.forecast.relief
    kept = tuple(not t for t in touched) if touched is not None and any(touched) else ()
    plain = Terms(
        commitment, contract.target(commitment, month), contract.rounding, contract.min_volume,
        kept=kept, month=month,
    )  # fmt: skip
    if contract.forecast is None or relief == "none":
        return plain
    if forecast is None:
        raise ValueError(f"the relief {relief} needs the locked forecast of the period.")
    more = 1 + contract.forecast.tolerance
    less = 1 - contract.forecast.tolerance if contract.forecast.sided == "both" else Fraction(0)
    known = tuple(
        f is not None and (not kept or kept[i]) for i, f in enumerate(forecast)
    )  # what an exclusion drops is in neither sum
    total = sum((Fraction(f) for f, k in zip(forecast, known, strict=True) if f and k), Fraction(0))
    return Terms(
        commitment, plain.target, contract.rounding, contract.min_volume, relief,
        contract.forecast.by == "period",
        upper=tuple(_NO_LIMIT if f is None else math.floor(more * f) for f in forecast),
        lower=tuple(0 if f is None else math.ceil(less * f) for f in forecast),
        period_upper=math.floor(more * total), period_lower=math.ceil(less * total),
        forecasted=known, kept=kept, month=month,
    )  # fmt: skip


def touched(
    exclusions: Iterable[Exclusion], title: str, starts: Sequence[int], length: int
) -> list[bool]:
    """Which intervals [start, start + length) are dropped for a commitment; ms."""
    spans = _spans(exclusions, title, "intervals")
    return [any(a < start + length and start < b for a, b in spans) for start in starts]


def excluded(exclusions: Iterable[Exclusion], title: str, arrived: Sequence[int]) -> list[bool]:
    """Which contacts are dropped for a commitment, by their arrival in ms."""
    spans = _spans(exclusions, title, "contacts")
    return [any(a <= at < b for a, b in spans) for at in arrived]


def _spans(exclusions: Iterable[Exclusion], title: str, scope: str) -> list[tuple[int, int]]:
    return [(e.since, e.until) for e in exclusions if e.scope == scope and e.concerns(title)]


def first_limits(agreed: Terms, offered: Sequence[int]) -> list[int]:
    """How many of each interval's first contacts are measured, where relief is first_in_arrival_order."""
    if agreed.relief != "first_in_arrival_order":
        return list(offered)
    if not agreed.by_period:
        return [min(n, most) for n, most in zip(offered, agreed.upper, strict=True)]
    left, limits = agreed.period_upper, []
    for number, known in zip(offered, agreed.forecasted, strict=True):
        taken = min(number, left) if known else number
        limits.append(taken)
        left -= taken if known else 0
    return limits


def among_first(
    limits: ArrayLike,
    interval: ArrayLike,
    numerator: ArrayLike,
    denominator: ArrayLike,
) -> tuple[list[int], list[int]]:
    """(numerator, denominator) per interval of its first contacts.

    ``interval``, ``numerator`` and ``denominator`` are per contact, in the order of arrival; an excluded contact
    keeps its place in that order with 0 in both parts.
    """
    most, where = np.asarray(limits, np.int64), np.asarray(interval, np.int64)
    order = np.argsort(where, kind="stable")
    sorted_ = where[order]
    place = np.empty(where.size, np.int64)
    place[order] = np.arange(where.size) - np.searchsorted(sorted_, sorted_)
    first = place < most[where]
    sums = np.zeros((2, most.size), np.int64)
    for row, part in enumerate((numerator, denominator)):
        np.add.at(sums[row], where[first], np.asarray(part, np.int64)[first])
    return sums[0].tolist(), sums[1].tolist()


# ------------------------------------------------------------------ one period


def judge(agreed: Terms, counts: Counts) -> PeriodResult:
    """One period. Raises ValueError where lengths differ or counts that a relief needs are not given."""
    commitment = agreed.commitment
    if agreed.relief == "waive_period" and _waived(agreed, counts):
        return _not_measured(agreed, "volume outside the forecast: period waived")
    above, below = _measured(agreed, counts)
    top, volume = sum(above), sum(below)
    if agreed.relief == "cap_denominator" and agreed.by_period:
        top, volume = _capped(top, volume, agreed.period_upper, commitment.better)
    if volume == 0:
        return _not_measured(agreed, "nothing to judge", intervals=len(below))
    if volume < agreed.min_volume:
        return _not_measured(
            agreed, f"volume {volume:,} below the minimum of {agreed.min_volume:,}", top, volume, len(below)
        )  # fmt: skip
    if commitment.aggregate == "weighted":
        value = Fraction(top, volume)
    elif commitment.aggregate == "unweighted":
        value = _mean(above, below)
    else:
        value = _share_met(agreed, above, below)
    compared = agreed.read(value)
    return PeriodResult(
        commitment.title,
        "met" if meets(compared, agreed.target, commitment.side) else "missed",
        agreed.target, value, compared, top, volume, len(below), agreed.month,
    )  # fmt: skip


def _not_measured(
    agreed: Terms, reason: str, top: int = 0, volume: int = 0, intervals: int = 0
) -> PeriodResult:
    return PeriodResult(
        agreed.commitment.title, "not_measured", agreed.target, None, None, top, volume, intervals,
        agreed.month, reason,
    )  # fmt: skip


def _waived(agreed: Terms, counts: Counts) -> bool:
    volume = counts.volume
    if len(volume) != len(agreed.forecasted):
        raise ValueError(f"{len(volume)} intervals counted, {len(agreed.forecasted)} forecast.")
    total = sum(compress(volume, agreed.forecasted))
    return not agreed.period_lower <= total <= agreed.period_upper


def _measured(agreed: Terms, counts: Counts) -> tuple[Sequence[int], Sequence[int]]:
    """The two parts of every measured interval."""
    volume = counts.volume
    if not len(counts.numerator) == len(counts.denominator) == len(volume):
        raise ValueError("numerator, denominator and offered are of different lengths.")
    if agreed.kept and len(agreed.kept) != len(volume):
        raise ValueError(f"{len(volume)} intervals counted, exclusions of {len(agreed.kept)}.")
    above, below = _parts(agreed, counts)
    kept: Sequence[bool] = agreed.kept
    if agreed.relief == "exclude_interval":
        inside = [
            low <= n <= most
            for low, n, most in zip(agreed.lower, volume, agreed.upper, strict=True)
        ]
        kept = _both(kept, inside)
    if below is not counts.denominator:  # what a clause has emptied is not nothing offered
        kept = _both(
            kept, [d > 0 or whole == 0 for d, whole in zip(below, counts.denominator, strict=True)]
        )
    return (list(compress(above, kept)), list(compress(below, kept))) if kept else (above, below)


def _both(kept: Sequence[bool], also: list[bool]) -> list[bool]:
    return [a and b for a, b in zip(kept, also, strict=True)] if kept else also


def _parts(agreed: Terms, counts: Counts) -> tuple[Sequence[int], Sequence[int]]:
    """Numerator and denominator per interval, of the contacts for which the commitment holds."""
    above, below = counts.numerator, counts.denominator
    if agreed.relief == "first_in_arrival_order":
        limits = first_limits(agreed, counts.volume)
        if any(n > most for n, most in zip(counts.volume, limits, strict=True)):
            if counts.first is None:
                raise ValueError("first_in_arrival_order needs the counts of the first contacts.")
            return counts.first
    if counts.excluded is not None:
        above = [n - x for n, x in zip(above, counts.excluded[0], strict=True)]
        below = [d - x for d, x in zip(below, counts.excluded[1], strict=True)]
    if agreed.relief == "cap_denominator" and not agreed.by_period:
        better = agreed.commitment.better
        pairs = [
            _capped(n, d, most, better)
            for n, d, most in zip(above, below, agreed.upper, strict=True)
        ]
        return [n for n, _ in pairs], [d for _, d in pairs]
    return above, below


def _capped(top: int, volume: int, most: int, better: Better) -> tuple[int, int]:
    """A share of at most so many contacts: those above it come off the contacts that were not served in time."""
    if volume <= most:
        return top, volume
    return (min(top, most) if better == "higher" else max(top - (volume - most), 0)), most


def _mean(above: Sequence[int], below: Sequence[int]) -> Fraction:
    """The mean of the intervals that have a value; sums by denominator first, so that few fractions are added."""
    sums: dict[int, int] = {}
    counted = 0
    for n, d in zip(above, below, strict=True):
        if d:
            sums[d] = sums.get(d, 0) + n
            counted += 1
    return sum((Fraction(n, d) for d, n in sums.items()), Fraction(0)) / counted


def _share_met(agreed: Terms, above: Sequence[int], below: Sequence[int]) -> Fraction:
    """The share of intervals that meet the interval target; each is rounded as the contract rounds."""
    commitment = agreed.commitment
    goal = commitment.interval_target
    if goal is None:
        raise ValueError(f"{commitment.title} counts intervals met and names no interval_target.")
    higher, empty = commitment.better == "higher", commitment.zero_offered
    p, q, rounding = goal.numerator, goal.denominator, agreed.rounding
    met = counted = 0
    for n, d in zip(above, below, strict=True):
        if d == 0:
            counted += empty != "skip"
            met += empty == "met"
            continue
        counted += 1
        if rounding is not None:
            met += meets(rounding.of(Fraction(n, d), commitment.unit), goal, commitment.better)
        else:
            met += n * q >= p * d if higher else n * q <= p * d
    return Fraction(met, counted)


def results_of(results: Results, title: str) -> tuple[PeriodResult, ...]:
    """All results of one commitment in a contract period; none when it was not judged."""
    found = results.get(title, ())
    return (found,) if isinstance(found, PeriodResult) else tuple(found)


def all_met(contract: Contract, results: Results) -> bool | None:
    """Did the period meet every critical commitment that was measured? None when none was."""
    found = {
        one.status
        for commitment in contract.commitments
        if commitment.critical
        for one in results_of(results, commitment.title)
    }
    return False if "missed" in found else True if "met" in found else None
