"""What was achieved, exactly: a metric by month, day and interval of an interval report or of single contacts.

Nothing is estimated here: numbers are sums of counts, values fractions. Three readings stand apart: all contacts
together (`weighted`), the average period (`unweighted`), the share of periods that reach the target (`share_met`).
What a report cannot answer is said, formula by formula. This file knows no policy and no file format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, cast

import numpy as np

from slasim import clock, registry
from slasim.arrays import ArrayLike, Bools, Floats, Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.history.intervals import IntervalReport
from slasim.metrics.counts import Counts
from slasim.metrics.ratio import ZeroOffered
from slasim.metrics.service_level import needs_short
from slasim.metrics.standard import ContactMetric, ServiceLevel
from slasim.outcome import exact

__all__ = [
    "PERIODS",
    "Judged",
    "Span",
    "answers",
    "judge_counts",
    "judge_report",
    "lacking",
    "spread",
]

Period = Literal["interval", "day", "week", "month", "quarter", "horizon"]
PERIODS = ("interval", "day", "week", "month", "horizon")


@dataclass(frozen=True)
class Span:
    """One period: its local label, the two sums, contacts offered and expected."""

    label: str
    numerator: int
    denominator: int
    offered: int
    forecast: float | None = None
    value: Fraction | None = None
    met: bool | None = None

    @property
    def variance(self) -> float | None:
        """(offered - forecast) / forecast; None where no forecast is known."""
        return None if not self.forecast else (self.offered - self.forecast) / self.forecast

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.label,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": None if self.value is None else float(self.value),
            "met": self.met,
            "offered": self.offered,
            "forecast": self.forecast,
            "variance": self.variance,
        }


@dataclass(frozen=True, eq=False)
class Judged:
    """A metric of known contacts, by I intervals that have a row.

    start, numerator, denominator, offered  (I,) int64; ``start`` epoch ms of the interval, ascending
    forecast  (I,) float64, nan where unknown; None without one
    target    a share or ms, exact; None when only the value is wanted
    """

    name: str
    text: str
    unit: Literal["share", "time", "number"]
    better: Literal["higher", "lower"]
    target: Fraction | None
    zero_offered: ZeroOffered
    timezone: str
    interval: int
    start: Ints
    numerator: Ints
    denominator: Ints
    offered: Ints
    forecast: Floats | None = None

    def sums(self, period: Period) -> tuple[list[str], Ints, Ints]:
        """(labels, numerators, denominators) by period, in order of time."""
        labels, where = self._groups(period)
        size = len(labels)
        return (
            labels,
            exact.grouped(self.numerator, where, size),
            exact.grouped(self.denominator, where, size),
        )

    def by(self, period: Period) -> tuple[Span, ...]:
        """One Span per period in which the log or report has a row."""
        labels, above, below = self.sums(period)
        _, where = self._groups(period)
        offered = exact.grouped(self.offered, where, len(labels))
        expected = np.full(len(labels), np.nan)
        if self.forecast is not None:
            expected = np.bincount(where, weights=self.forecast, minlength=len(labels))
        return tuple(
            self._span(*one) for one in zip(labels, above.tolist(), below.tolist(), offered.tolist(),
                                            expected.tolist(), strict=True)
        )  # fmt: skip

    def _span(self, label: str, above: int, below: int, offered: int, expected: float) -> Span:
        value = Fraction(above, below) if below else None
        met: bool | None = None
        if self.target is not None and value is not None:
            met = exact.meets(value, self.target, self.better)
        elif self.target is not None and self.zero_offered != "skip":
            met = self.zero_offered == "met"
        return Span(
            label, above, below, offered, None if np.isnan(expected) else expected, value, met
        )

    @property
    def weighted(self) -> Fraction | None:
        """All contacts together; None for nothing to judge."""
        return exact.weighted(self.numerator, self.denominator)

    def unweighted(self, period: Period = "interval") -> Fraction | None:
        """The mean of the periods' own values."""
        _, above, below = self.sums(period)
        return exact.unweighted(above, below)

    def share_met(self, period: Period = "interval") -> Fraction | None:
        """The share of periods that reach the target; None without a target or anything to judge."""
        if self.target is None:
            return None
        _, above, below = self.sums(period)
        return exact.share_met(above, below, self.target, self.better, self.zero_offered)

    def shares_met(self, period: Period) -> list[Fraction | None]:
        """For each period, the share of its intervals that reach the target."""
        if self.target is None:
            return []
        labels, where = self._groups(period)
        return [
            exact.share_met(
                self.numerator[where == k],
                self.denominator[where == k],
                self.target,
                self.better,
                self.zero_offered,
            )
            for k in range(len(labels))
        ]

    def _groups(self, period: Period) -> tuple[list[str], Ints]:
        if period not in PERIODS:
            raise InputError(
                [
                    Problem(
                        f"period '{period}' is unknown",
                        did_you_mean(period, PERIODS, what="Periods"),
                    )
                ]
            )
        if period == "horizon":
            return ["all"], np.zeros(self.start.size, np.int64)
        if period == "interval":
            return self.labels_of("interval"), np.arange(self.start.size, dtype=np.int64)
        found, where = np.unique(self.labels_of(period), return_inverse=True)
        return found.tolist(), where.astype(np.int64)

    def labels_of(self, period: Period) -> list[str]:
        """The local label of every interval's period."""
        local = clock.local_labels(self.start, clock.zone(self.timezone))
        if not self.start.size:
            return []
        if period == "interval":
            twice = [" (again)" if again else "" for again in local.second_pass.tolist()]
            return [f"{text}{more}" for text, more in zip(local.text.tolist(), twice, strict=True)]
        if period == "week":
            monday = (local.ordinal - local.weekday - _ORDINAL_1970).astype("datetime64[D]")
            return [str(day) for day in monday.tolist()]
        if period == "quarter":
            months = [str(text) for text in local.date.tolist()]
            return [f"{text[:4]} Q{(int(text[5:7]) + 2) // 3}" for text in months]
        return [text[: 10 if period == "day" else 7] for text in local.date.tolist()]

    def to_json(self) -> dict[str, Any]:
        def said(value: Fraction | None) -> float | None:
            return None if value is None else float(value)

        return {
            "metric": self.name,
            "text": self.text,
            "unit": self.unit,
            "better": self.better,
            "target": said(self.target),
            "zero_offered": self.zero_offered,
            "value": said(self.weighted),
            "mean_of_days": said(self.unweighted("day")),
            "share_of_intervals_met": said(self.share_met("interval")),
            "share_of_days_met": said(self.share_met("day")),
            "months": [span.to_json() for span in self.by("month")],
            "days": [span.to_json() for span in self.by("day")],
        }


_ORDINAL_1970 = 719163


def judge_counts(
    name: str,
    counts: Counts,
    start: ArrayLike,
    metric: ContactMetric,
    *,
    interval: int,
    timezone: str = "UTC",
    target: Fraction | None = None,
    better: Literal["higher", "lower"] | None = None,
    zero_offered: ZeroOffered = "skip",
    forecast: Floats | None = None,
    chosen: Bools | None = None,
) -> Judged:
    """A metric of counts (N cells) that begin at ``start`` (N,) epoch ms; cells of one instant are added.

    ``chosen`` (N,) picks cells, such as those of some queues. Raises InputError for what the counts do not know.
    """
    above, below = metric.parts(counts)
    at = np.asarray(start, np.int64)
    keep = np.ones(at.size, bool) if chosen is None else chosen
    starts, where = np.unique(at[keep], return_inverse=True)

    def summed(numbers: Any) -> Ints:
        whole = np.rint(np.broadcast_to(np.asarray(numbers), at.shape)[keep]).astype(np.int64)
        return exact.grouped(whole, where, starts.size)

    expected: Floats | None = None
    if forecast is not None:
        expected = np.bincount(where, forecast[keep], starts.size).astype(np.float64)
    return Judged(
        name, metric.text, metric.unit, better or metric.better, target, zero_offered, timezone, interval,
        starts, summed(above), summed(below), summed(counts.offered), expected,
    )  # fmt: skip


def judge_report(
    report: IntervalReport,
    metric: ContactMetric,
    *,
    name: str = "",
    target: Fraction | None = None,
    better: Literal["higher", "lower"] | None = None,
    queues: Iterable[str] | None = None,
    zero_offered: ZeroOffered = "skip",
) -> Judged:
    """A metric of an interval report over some queues (all when None).

    Raises InputError when the report does not say what the formula needs, or has no such queue.
    """
    missing = lacking(metric, report)
    if missing:
        would_do = "Choose a formula that does not need it, or add the column."
        found = f"{name or metric.text}: the report does not say {', '.join(missing)}"
        raise InputError([Problem(found, would_do, file=report.report.file)])
    return judge_counts(
        name or metric.text, report.counts, report.start, metric, interval=report.interval,
        timezone=report.timezone, target=target, better=better, zero_offered=zero_offered,
        forecast=report.forecast, chosen=_chosen(report, queues),
    )  # fmt: skip


def _chosen(report: IntervalReport, queues: Iterable[str] | None) -> Bools:
    if queues is None:
        return np.ones(len(report), bool)
    wanted = list(queues)
    for name in wanted:
        if name not in report.queues:
            would_do = did_you_mean(name, report.queues, what="Queues")
            raise InputError(
                [Problem(f"there is no queue `{name}`", would_do, file=report.report.file)]
            )
    return np.isin(report.queue, [report.queues.index(name) for name in wanted])


# ------------------------------------------------------------------ what a report can answer


@dataclass(eq=False)
class _Asking:
    """Counts that only write down what they are asked for."""

    asked: dict[str, None] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        none = np.zeros(1, np.int64)
        if name.endswith("_within"):

            def within(t: int) -> Any:
                self.asked[f"{name}({t})"] = None
                return none

            return within
        self.asked[name] = None
        return none


_SAID = {
    "offered": "how many were offered",
    "answered": "how many were answered",
    "abandoned": "how many abandoned",
    "voicemail": "how many flowed out",
    "blocked": "how many were blocked",
    "wait_answered": "how long the answered waited",
    "wait_all": "how long all offered waited",
    "handled": "how long contacts were handled",
    "busy": "how long agents were busy",
    "staffed": "how long agents were on duty",
}
_NEVER_IN_A_REPORT = ("waiting", "closed")


def lacking(metric: ContactMetric, report: IntervalReport) -> list[str]:
    """What a metric needs and the report does not say, in words; empty when it can be answered."""
    asking = _Asking()
    metric.parts(cast(Counts, asking))
    said = []
    for name in asking.asked:
        if name in report.known or name.startswith(_NEVER_IN_A_REPORT):
            continue
        if name.endswith(")"):
            what, _, t = name.partition("_within(")
            said.append(f"how many {_WITHIN[what]} within {clock.format_duration(int(t[:-1]))}")
        else:
            said.append(_SAID.get(name, name))
    return said


_WITHIN = {"answered": "were answered", "abandoned": "abandoned"}


def answers(
    report: IntervalReport, threshold: int, short_abandon: int | None = None
) -> dict[str, str]:
    """For every service-level formula: "" when the report answers it, else why not."""
    found = {}
    for name in registry.names("service_level"):
        if short_abandon is None and needs_short(registry.get("service_level", name)):
            found[name] = "no limit of short abandons is given"
            continue
        missing = lacking(ServiceLevel(threshold, name, short_abandon), report)
        found[name] = f"the report does not say {', '.join(missing)}" if missing else ""
    return found


def spread(
    report: IntervalReport, threshold: int, short_abandon: int | None = None
) -> dict[str, Fraction | None]:
    """Every formula that the report answers, all contacts together: how much the choice of formula matters."""
    return {
        name: judge_report(report, ServiceLevel(threshold, name, short_abandon)).weighted
        for name, reason in answers(report, threshold, short_abandon).items()
        if not reason
    }
