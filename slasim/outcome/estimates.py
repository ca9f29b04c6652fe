"""Numbers with their doubt: nothing leaves ``outcome/`` as a bare float.

The unit of doubt is the replication (or a batch of them), never the contact, interval or day inside one. Three
readings are kept apart: ``pooled`` (all contacts together), ``per_period`` (the average period's value) and the
``chance`` that a period meets its target. This file knows no tally, no metric by name and no scenario.

How ranges are made, and why so

- A share (pooled service level, abandonment, occupancy below 1): ratio estimator, its variance linearised over
  replications, turned into an effective number of contacts, and Clopper-Pearson on that number: Korn and Graubard,
  "Confidence intervals for proportions with small expected number of positive counts estimated from survey data",
  Survey Methodology 24 (1998) 193-201. One rule for all service levels: near 0 and 1 it bends as it must and never
  has width 0. Measured over 4,000 repetitions each of 20 to 400 small days of 100, 400 and 1,000 calls with
  abandonment: 94.1 to 96.0 % at service levels near 0.5, 0.9 and 0.995 (Student's t: down to 86 %).
- A time (ASA, AHT) or a share that may exceed 1: Student's t with the skewness removed by Hall's cubic
  transformation, "On the removal of skewness by transformation", J. Royal Statistical Society B 54 (1992) 221-228.
- A chance: Clopper-Pearson, one period per replication being one trial.
- A percentile of wait: Woodruff, J. American Statistical Association 47 (1952) 635-646.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, Bools, Floats
from slasim.clock import format_duration
from slasim.metrics.ratio import ratio

__all__ = [
    "BATCH",
    "LEAST",
    "Chance",
    "Difference",
    "Estimate",
    "Ranges",
    "at_least",
    "at_most",
    "certified_rank",
    "certified_target",
    "chance",
    "chance_of",
    "clopper_pearson",
    "difference",
    "in_small_words",
    "one_period_each",
    "paired_chances",
    "per_period",
    "percentile",
    "pooled",
    "precise_enough",
    "ranges",
    "reaches",
    "wilson",
]

Reading = Literal["pooled", "per_period", "chance", "difference", "percentile"]
Kind = Literal["share", "time", "number"]

LEAST, BATCH = 100, 50
"""A run until `precision` looks first after 100 replications, then after every 50 (see `precise_enough`)."""


@dataclass(frozen=True)
class Estimate:
    """A value with its range.

    ``low`` and ``high`` are None where one replication (or none) says nothing about its own doubt; ``value`` is nan
    when there is nothing to judge. Shares are 0..1, times are ms. ``metric`` is the formula in words.
    """

    value: float
    low: float | None
    high: float | None
    level: float
    replications: int
    reading: Reading
    unit: Kind = "share"
    metric: str = ""

    @property
    def half_width(self) -> float:
        """Half of the range; infinite where there is none."""
        return math.inf if self.low is None or self.high is None else (self.high - self.low) / 2

    def __str__(self) -> str:
        if math.isnan(self.value):
            return f"nothing to judge ({self._source})"
        said = in_small_words(self.value, self.unit, self.half_width)
        if self.low is None or self.high is None:
            return f"{said} {self._source}, no range"
        low, high = (in_small_words(x, self.unit, self.half_width) for x in (self.low, self.high))
        return f"{said} [{low}, {high}] {self._source}, {100 * self.level:g} %"

    @property
    def _source(self) -> str:
        plural = "" if self.replications == 1 else "s"
        return f"{self.reading}, {self.replications:,} replication{plural}"

    def to_json(self) -> dict[str, object]:
        """Keys that stay; what is not a finite number is null."""
        return {
            "value": _finite(self.value),
            "low": _finite(self.low),
            "high": _finite(self.high),
            "level": self.level,
            "replications": self.replications,
            "reading": self.reading,
            "unit": "ms" if self.unit == "time" else self.unit,
            "metric": self.metric,
        }


def _finite(x: float | None) -> float | None:
    return x if x is not None and math.isfinite(x) else None


def in_small_words(value: float, unit: Kind, half_width: float = math.inf) -> str:
    """As many digits as the range deserves: a share at least 3, a time its two largest units or parts of seconds."""
    doubt = 2 * half_width
    if unit == "time":
        if 0 < doubt < 2_000 and abs(value) < 600_000:
            return f"{value / 1000:.{1 if doubt >= 200 else 2}f} s"
        return format_duration(value)
    digits = 3 if not 0 < doubt < 0.1 else min(max(3, math.ceil(-math.log10(doubt)) + 1), 6)
    return f"{value:.{digits}f}"


# ------------------------------------------------------------------ pooled: sum over sum


@dataclass(frozen=True, eq=False)
class Ranges:
    """Many estimates at once, arrays of one shape; nan in ``value`` is nothing to judge, in ``low`` no range."""

    value: Floats
    low: Floats
    high: Floats


def ranges(
    numerator: ArrayLike, denominator: ArrayLike, *, level: float = 0.95, share: bool = True
) -> Ranges:
    """Pooled ratios and their ranges, cell by cell.

    Both (m, ...): one row per independent unit (a replication, or a batch of replications). With ``share`` the
    numerator is a part of the denominator, both counts (occupancy, a ratio of times, is no such share). Nothing is
    said of the doubt where fewer than two units have anything in them.

    A share that was 0 or 1 in every unit has shown no variance, so its design effect is unknown. It is taken as
    the root of the contacts per unit, half-way (on the scale of powers) between "every contact tells something
    new" and "only every replication does": late callers come in clumps, and no range is of width 0.
    """
    above: Floats = np.asarray(numerator, np.float64)
    below: Floats = np.asarray(denominator, np.float64)
    units = above.shape[0]
    total = below.sum(axis=0)
    value = ratio(above.sum(axis=0), total)
    rest = above - value * below
    filled = (below != 0).sum(axis=0)
    known = (filled >= 2) & (total > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (rest**2).sum(axis=0) * units / max(units - 1, 1) / total**2
        low, high = _skewed_range(value, rest, variance, filled, level)
        inside = (value >= 0) & (value <= 1)
        if share and inside.any():
            seen = np.where((value > 0) & (value < 1), variance, 0.0)
            bent = _share_range(value, seen, total, np.sqrt(total * filled), filled, level)
            low, high = np.where(inside, bent[0], low), np.where(inside, bent[1], high)
    return Ranges(value, np.where(known, low, np.nan), np.where(known, high, np.nan))


def _share_range(
    value: Floats, variance: Floats, most: ArrayLike, unseen: ArrayLike, units: Any, level: float
) -> tuple[Floats, Floats]:
    """Korn-Graubard: Clopper-Pearson on value x n of n contacts, n = value (1 - value) / variance.

    n is at most ``most``, and ``unseen`` where the variance is 0; Student's t enters by shrinking n.
    """
    from slasim import special

    tail = (1 - level) / 2
    with np.errstate(invalid="ignore", divide="ignore"):  # variance 0 takes `unseen`
        counted = np.where(variance > 0, value * (1 - value) / variance, unseen)
    counted = np.where(np.isfinite(counted), np.minimum(counted, most), 1.0)
    freedom = np.maximum(units - 1, 1)
    counted = counted * (special.ndtri(tail) / special.stdtrit(freedom, tail)) ** 2
    hits = value * counted
    misses = counted - hits
    low = np.where(hits > 0, special.betaincinv(hits, misses + 1, tail), 0.0)
    high = np.where(misses > 0, special.betaincinv(hits + 1, misses, 1 - tail), 1.0)
    return np.minimum(low, value), np.maximum(high, value)


def _skewed_range(
    value: Floats, rest: Floats, variance: Floats, units: Any, level: float
) -> tuple[Floats, Floats]:
    """Student's t through Hall's transformation, which removes the skewness; not below 0."""
    from slasim import special

    spread = np.sqrt((rest**2).mean(axis=0))
    skewness = np.where(spread > 0, (rest**3).mean(axis=0) / np.maximum(spread, 1e-100) ** 3, 0.0)
    bend = skewness / np.sqrt(rest.shape[0])
    t = -special.stdtrit(np.maximum(units - 1, 1), (1 - level) / 2)
    error = np.sqrt(variance)
    low, high = (value - _unbent(z, bend) * error for z in (t, -t))
    return np.maximum(low, 0.0), high


def _unbent(z: Floats, bend: Floats) -> Floats:
    """The studentised value whose transform T + b T²/3 + b² T³/27 + b/6 is z."""
    small = np.abs(bend) < 1e-6
    b = np.where(small, 1.0, bend)
    bent: Floats = np.where(small, z, 3 / b * (np.cbrt(1 + b * (z - b / 6)) - 1))
    return bent


def pooled(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    level: float = 0.95,
    replications: int | None = None,
    share: bool = True,
    unit: Kind = "share",
    metric: str = "",
) -> Estimate:
    """All contacts together: sum / sum. Both (m,), one element per replication (or per batch: say ``replications``)."""
    above, below = np.atleast_1d(np.asarray(numerator)), np.atleast_1d(np.asarray(denominator))
    made = ranges(above, below, level=level, share=share)
    count = above.shape[0] if replications is None else replications
    low, high = _or_none(made.low), _or_none(made.high)
    return Estimate(float(made.value), low, high, level, count, "pooled", unit, metric)


def _or_none(x: Any) -> float | None:
    return None if math.isnan(x) else float(x)


# ------------------------------------------------------------------ per period: the average period


def per_period(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    level: float = 0.95,
    share: bool = True,
    unit: Kind = "share",
    metric: str = "",
) -> Estimate:
    """The average period's value. Both (R, P): R replications of P periods; empty periods are not judged.

    A replication's value is the mean over its periods; the range is over replications.
    """
    each = ratio(numerator, denominator)
    own = _mean_of_known(each)
    value, low, high = _mean_range(own, level, share)
    return Estimate(value, low, high, level, each.shape[0], "per_period", unit, metric)


def _mean_of_known(each: Floats) -> Floats:
    """(R,) mean over axis 1 of what is not nan; rows with nothing are left out."""
    known = ~np.isnan(each)
    any_known = known.any(axis=1)
    sums: Floats = np.where(known, each, 0.0).sum(axis=1)[any_known]
    means: Floats = sums / known.sum(axis=1)[any_known]
    return means


def _mean_range(own: Floats, level: float, share: bool) -> tuple[float, float | None, float | None]:
    """Mean of one value per replication, with its range."""
    units = own.size
    if units == 0:
        return math.nan, None, None
    value = float(own.mean())
    if units == 1:
        return value, None, None
    variance: Floats = np.asarray(own.var(ddof=1) / units)
    middle: Floats = np.asarray(value)
    if share:
        if value in (0.0, 1.0):
            variance = np.zeros(())
        low, high = _share_range(middle, variance, np.inf, float(units), units, level)
    else:
        low, high = _skewed_range(middle, own - value, variance, units, level)
    return value, float(low), float(high)


# ------------------------------------------------------------------ chances


def clopper_pearson(
    successes: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[Any, Any]:
    """(low, high) of a chance, each tail at most (1 - level) / 2; exact, so rather too wide than too narrow.

    >>> low, high = clopper_pearson(18, 20)
    >>> round(float(low), 5), round(float(high), 5)
    (0.68302, 0.98765)
    """
    sure = 1 - (1 - level) / 2
    return at_least(successes, trials, sure), at_most(successes, trials, sure)


def wilson(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Any, Any]:
    """(low, high) of a chance for display: closer than `clopper_pearson` on average, and certifies nothing.

    Wilson, "Probable inference, the law of succession, and statistical inference", J. American Statistical
    Association 22 (1927) 209-212.

    >>> low, high = wilson(18, 20)
    >>> round(float(low), 5), round(float(high), 5)
    (0.69897, 0.97213)
    """
    from slasim import special

    hits: Floats = np.asarray(successes, np.float64)
    n: Floats = np.asarray(trials, np.float64)
    square = float(special.ndtri((1 + level) / 2)) ** 2
    centre = (hits + square / 2) / (n + square)
    half = np.sqrt(square * (hits * (n - hits) / n + square / 4)) / (n + square)
    return centre - half, centre + half


def at_least(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Any:
    """The certified one-sided lower bound of a chance.

    >>> round(float(at_least(20, 20)), 5)
    0.86089
    """
    from slasim import special

    hits: Floats = np.asarray(successes, np.float64)
    misses: Floats = np.asarray(trials, np.float64) - hits
    inside = special.betaincinv(np.maximum(hits, 1.0), misses + 1, 1 - confidence)
    return np.where(hits > 0, inside, 0.0)


def at_most(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Any:
    """The certified one-sided upper bound of a chance."""
    hits: Floats = np.asarray(successes, np.float64)
    return 1.0 - at_least(np.asarray(trials, np.float64) - hits, trials, confidence)


@dataclass(frozen=True)
class Chance:
    """The chance that a period meets its target.

    ``estimate`` is the share of judged periods that met it, with its range over replications. ``sure_low`` and
    ``sure_high`` are one-sided bounds at ``confidence`` from one period per replication, ``met`` of ``judged`` of
    which met the target: these are what a commitment may rest on.
    """

    estimate: Estimate
    sure_low: float
    sure_high: float
    confidence: float
    met: int
    judged: int


def reaches(values: Floats, target: float, better: Literal["higher", "lower"]) -> Bools:
    """Which values meet the target; a value equal to it does. nan meets nothing.

    Values are quotients of counts, correctly rounded, so 80 of 100 equals the target written as 0.8.
    """
    met: Bools = values >= target if better == "higher" else values <= target
    return met


def chance(
    numerator: ArrayLike,
    denominator: ArrayLike,
    target: float,
    better: Literal["higher", "lower"] = "higher",
    *,
    level: float = 0.95,
    confidence: float = 0.95,
    metric: str = "",
) -> Chance:
    """The chance that a period meets ``target``. Both (R, P): R replications of P periods.

    Empty periods are not judged. Periods of one replication are not independent, so the bounds take one each:
    the first judged one of replication 0, the second of replication 1, and so on round.
    """
    each = ratio(numerator, denominator)
    return chance_of(
        reaches(each, target, better), ~np.isnan(each), level=level, confidence=confidence,
        metric=metric,
    )  # fmt: skip


def chance_of(
    met: ArrayLike,
    judged: ArrayLike,
    *,
    level: float = 0.95,
    confidence: float = 0.95,
    metric: str = "",
) -> Chance:
    """The chance that a judged period is met. Both (R, P) of bool; as `chance` of what was decided elsewhere."""
    known: Bools = np.asarray(judged, np.bool_)
    good: Bools = np.asarray(met, np.bool_) & known
    replications, periods = known.shape
    one_met, one_judged = _one_each(good, known)
    text = "chance that a period meets the target" + (f": {metric}" if metric else "")
    if periods == 1:
        value = one_met / one_judged if one_judged else math.nan
        low: float | None = None
        high: float | None = None
        if one_judged >= 2:
            low, high = (float(x) for x in clopper_pearson(one_met, one_judged, level))
    else:
        own = _mean_of_known(np.where(known, good.astype(np.float64), np.nan))
        value, low, high = _mean_range(own, level, share=True)
    estimate = Estimate(value, low, high, level, replications, "chance", "share", text)
    sure_low = float(at_least(one_met, one_judged, confidence)) if one_judged else 0.0
    sure_high = float(at_most(one_met, one_judged, confidence)) if one_judged else 1.0
    return Chance(estimate, sure_low, sure_high, confidence, one_met, one_judged)


def one_period_each(values: ArrayLike) -> Floats:
    """(m,) one known value per replication of (R, P), every position taken in turn; nan is not known.

    These are independent, so a certified target may rest on them.
    """
    each: Floats = np.asarray(values, np.float64)
    known = ~np.isnan(each)
    counts = known.sum(axis=1)
    some = np.flatnonzero(counts > 0)
    turn = some % counts[some]
    place = np.argmax(np.cumsum(known[some], axis=1) == (turn + 1)[:, None], axis=1)
    taken: Floats = each[some, place]
    return taken


def _one_each(met: Bools, judged: Bools) -> tuple[int, int]:
    """(met, judged) over one period per replication, every position taken in turn."""
    counts = judged.sum(axis=1)
    some = np.flatnonzero(counts > 0)
    turn = some % counts[some]
    place = np.argmax(np.cumsum(judged[some], axis=1) == (turn + 1)[:, None], axis=1)
    return int(met[some, place].sum()), int(some.size)


def certified_rank(replications: int, chance: float = 0.90, confidence: float = 0.95) -> int | None:
    """j: the j-th smallest of the periods' values is met with at least this chance, surely.

    The largest j with P(Bin(m, 1 - chance) <= j - 1) <= 1 - confidence, the dual of Clopper-Pearson; None when so
    few replications can certify nothing. It holds for all targets of one metric and threshold at once.

    >>> certified_rank(1000)
    85
    >>> certified_rank(58, 0.95), certified_rank(59, 0.95)
    (None, 1)
    """
    from slasim import special

    below: Any = special.bdtr(np.arange(replications, dtype=np.float64), replications, 1 - chance)
    rank = int(np.searchsorted(below, 1 - confidence, side="right"))
    return rank or None


def certified_target(
    values: ArrayLike,
    chance: float = 0.90,
    confidence: float = 0.95,
    better: Literal["higher", "lower"] = "higher",
) -> float | None:
    """The best target met with at least this chance, from (m,) values of one period per replication.

    Periods with nothing to judge (nan) are left out. None when there are too few to certify anything.
    """
    each: Floats = np.asarray(values, np.float64)
    each = np.sort(each[~np.isnan(each)])
    rank = certified_rank(each.size, chance, confidence)
    if rank is None:
        return None
    return float(each[rank - 1] if better == "higher" else each[each.size - rank])


# ------------------------------------------------------------------ comparisons


@dataclass(frozen=True)
class Difference:
    """B less A on the same callers.

    ``variance_reduction`` says how many times as many replications two unrelated runs would have needed for the
    same range (1 = the common callers did not help; infinite = the two never differed; nan = not known).
    """

    estimate: Estimate
    variance_reduction: float

    def to_json(self) -> dict[str, object]:
        known = math.isfinite(self.variance_reduction)
        return self.estimate.to_json() | {
            "variance_reduction": self.variance_reduction if known else None
        }


def difference(
    numerator_a: ArrayLike,
    denominator_a: ArrayLike,
    numerator_b: ArrayLike,
    denominator_b: ArrayLike,
    *,
    level: float = 0.95,
    share: bool = True,
    unit: Kind = "share",
    metric: str = "",
) -> Difference:
    """Pooled B less pooled A, replications paired: all (m,), element r of both met the same callers.

    The range is Student's t over paired residuals of the two ratio estimators, through Hall's transformation. Two
    shares that never differed get the range that so many contacts without a difference allow, not width 0.
    """
    from slasim import special

    a, b = (
        _residuals(n, d) for n, d in ((numerator_a, denominator_a), (numerator_b, denominator_b))
    )
    m = a.each.size
    value = b.value - a.value
    if m < 2 or math.isnan(value):
        nothing = Estimate(value, None, None, level, m, "difference", unit, metric)
        return Difference(nothing, math.nan)
    rest = b.each - a.each
    paired = float((rest**2).sum() / (m - 1) / m)
    apart = float(((a.each**2).sum() + (b.each**2).sum()) / (m - 1) / m)
    if paired > 0:
        spread = math.sqrt(float((rest**2).mean()))
        bend: Floats = np.asarray(float((rest**3).mean()) / spread**3 / math.sqrt(m))
        t: Floats = np.asarray(-special.stdtrit(m - 1, (1 - level) / 2))
        low, high = (value - float(_unbent(z, bend)) * math.sqrt(paired) for z in (t, -t))
    else:
        contacts = min(a.total, b.total)
        room = float(at_most(0, math.sqrt(contacts * m), 1 - (1 - level) / 2)) if share else 0.0
        low, high = value - room, value + room
    reduction = apart / paired if paired > 0 else (math.inf if apart > 0 else math.nan)
    made = Estimate(value, low, high, level, m, "difference", unit, metric)
    return Difference(made, reduction)


def paired_chances(
    only_first: int, only_second: int, pairs: int, *, level: float = 0.95, metric: str = ""
) -> Estimate:
    """The second chance less the first, of ``pairs`` pairs of which these met in the one alone (McNemar's pairs).

    The range is Bonett and Price's adjusted Wald (Journal of Educational and Behavioral Statistics 37, 2012): one
    pair more on each side, so that it has a width where no pair differs.
    """
    from slasim import special

    if pairs < 1:
        return Estimate(math.nan, None, None, level, pairs, "difference", "share", metric)
    more = pairs + 2
    second, first = (only_second + 1) / more, (only_first + 1) / more
    wide = float(special.ndtri(0.5 + level / 2)) * math.sqrt(
        (second + first - (second - first) ** 2) / more
    )
    middle = second - first
    low, high = max(middle - wide, -1.0), min(middle + wide, 1.0)
    return Estimate(
        (only_second - only_first) / pairs, low, high, level, pairs, "difference", "share", metric
    )


@dataclass(frozen=True, eq=False)
class _Residuals:
    """A pooled ratio, each replication's part in its error, and its denominator."""

    value: float
    each: Floats
    total: float


def _residuals(numerator: ArrayLike, denominator: ArrayLike) -> _Residuals:
    above: Floats = np.asarray(numerator, np.float64)
    below: Floats = np.asarray(denominator, np.float64)
    total = float(below.sum())
    value = float(ratio(above.sum(), total))
    mean = total / max(above.size, 1)
    return _Residuals(value, (above - value * below) / mean if total else above * 0.0, total)


# ------------------------------------------------------------------ percentiles of wait


def percentile(
    edges: ArrayLike,
    histogram: ArrayLike,
    share: float,
    *,
    level: float = 0.95,
    replications: int | None = None,
    metric: str = "",
) -> Estimate:
    """The wait that this share of contacts did not exceed, in ms, rounded up to an edge of the histogram.

    ``histogram`` (m, bins) counts by independent unit; bin b holds waits above edges[b-1] and up to edges[b], so
    the answer is at most one bin too long. A contact beyond the last edge has an infinite wait.
    The range is Woodruff's: the range of the share of waits up to the value, read back as waits.
    """
    counts: Floats = np.asarray(histogram, np.float64)
    tops = np.append(np.asarray(edges, np.float64), np.inf)[: counts.shape[1]]
    units = counts.shape[0]
    count = units if replications is None else replications
    total = counts.sum()
    if total == 0:
        return Estimate(math.nan, None, None, level, count, "percentile", "time", metric)
    cumulated = np.cumsum(counts.sum(axis=0))
    at = int(np.searchsorted(cumulated, share * total * (1 - 1e-12)))
    value = float(tops[at])
    inside = counts[:, : at + 1].sum(axis=1)
    made = ranges(inside, counts.sum(axis=1), level=level)
    if math.isnan(float(made.low)):
        return Estimate(value, None, None, level, count, "percentile", "time", metric)
    below, above = float(made.value - made.low), float(made.high - made.value)
    low_at = int(np.searchsorted(cumulated, max(share - below, 0.0) * total))
    high_at = int(np.searchsorted(cumulated, min(share + above, 1.0) * total * (1 - 1e-12)))
    low, high = float(tops[min(low_at, at)]), float(tops[max(high_at, at)])
    return Estimate(value, low, high, level, count, "percentile", "time", metric)


# ------------------------------------------------------------------ until precise enough


def precise_enough(estimate: Estimate, precision: float) -> bool:
    """Whether a run until ``precision`` may stop here: half the range is at most ``precision``.

    Asked after 100 replications and every 50 more, the range at the stop still holds the truth 93.9 to 95.5 % of
    the time (service levels near 0.5, 0.9, 0.995; 4,000 repetitions each). Looking more often or earlier would
    stop where the variance happens to look small.
    """
    return estimate.replications >= LEAST and estimate.half_width <= precision
