"""Comparison: two scenarios on the same callers, replication by replication.

Both are simulated at one seed, so caller n is the same person in both; what differs is what was changed. A
difference is taken inside each replication first, which makes it far more certain than two separate runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.errors import InputError, Problem
from slasim.metrics.ratio import ratio
from slasim.outcome import estimates
from slasim.outcome.estimates import Difference
from slasim.scenario import Scenario
from slasim.study import measures
from slasim.study.local_time import TIMES
from slasim.study.measures import Asked
from slasim.study.plans import shares_of
from slasim.study.result import Result
from slasim.study.runs import Progress, Run, checked_replications
from slasim.study.simulating import kept

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two results on the same callers; ``difference`` is the second less the first."""

    first: Result
    second: Result

    def __post_init__(self) -> None:
        """InputError when the two did not meet the same callers in the same batches."""
        for name, one, other in (
            ("replications", self.first.replications, self.second.replications),
            ("seed", self.first.seed, self.second.seed),
            ("batches", *(r.tally.layout.batches for r in (self.first, self.second))),
        ):
            if one != other:
                would_do = "Let `compare` simulate both scenarios."
                raise InputError([Problem(f"{name}: {one} in one, {other} in the other", would_do)])

    @property
    def replications(self) -> int:
        return self.first.replications

    def difference(self, metric: str, *, queue: str | Sequence[str] | None = None,
                   group: str | None = None, **settings: Any) -> Difference:  # fmt: skip
        """The paired difference of a pooled metric, with its range and the variance reduction.

        Arguments as in ``Result.estimate``. Raises InputError for what one of the scenarios does not have.
        """
        one, other = (r._asked(metric, queue, **settings) for r in (self.first, self.second))
        return _difference(
            one, self.first.parts(one, group=group), self.second.parts(other, group=group),
            self.first.level,
        )  # fmt: skip

    def chance_difference(self, commitment: int = 0) -> Difference:
        """By how much the chance of keeping a commitment (by its place) differs, on the same replications."""
        shares = []
        for result in (self.first, self.second):
            promised = measures.promises(result.scenario)
            if commitment >= len(promised):
                raise InputError(
                    [Problem(f"{result.scenario.name} has no commitment number {commitment + 1}")]
                )
            p = promised[commitment]
            above, below, better = result.promised_parts(p)
            value = ratio(above, below)
            judged = ~np.isnan(value)
            met = estimates.reaches(value, p.target, better) & judged
            shares.append((met.sum(axis=1), judged.sum(axis=1)))
        (a, b), (c, d) = shares
        return estimates.difference(
            a, b, c, d, level=self.first.level, metric="chance to meet the target"
        )

    def table(
        self, metric: str | None = None, by: Sequence[str] | str = (), **settings: Any
    ) -> pd.DataFrame:
        """One row per metric (or, of one metric, per cell of ``by``): both values, the difference and its range.

        ``by``: queue (group, for occupancy) or one of interval, hour, weekday, day, week, month. Times in seconds.
        ``variance_reduction``: how many times as many replications two unrelated runs would have needed.
        """
        import pandas as pd

        if metric is None:
            rows = [self._row({"metric": name}, name, {}) for name in self.first.overall()]
            return pd.DataFrame(rows)
        by = [by] if isinstance(by, str) else list(by)
        if not by:
            return pd.DataFrame([self._row({"metric": metric}, metric, settings)])
        if by == ["queue"]:
            asked = self.first._asked(metric, None, **settings)
            return pd.DataFrame(
                [
                    self._row({"queue": name}, metric, settings | {"queue": name})
                    for name in asked.queues
                ]
            )
        if by == ["group"]:
            groups = list(self.first.scenario.groups)
            return pd.DataFrame(
                [self._row({"group": name}, metric, settings | {"group": name}) for name in groups]
            )
        if len(by) == 1 and by[0] in TIMES:
            return pd.DataFrame(self._rows_by_time(metric, by[0], settings))
        raise InputError(
            [
                Problem(
                    f"a comparison cannot be split by {', '.join(by)}",
                    f"Give queue, group, or one of {', '.join(TIMES)}.",
                )
            ]
        )

    def _row(self, key: dict[str, Any], metric: str, settings: dict[str, Any]) -> dict[str, Any]:
        found = self.difference(metric, **settings)
        queue, group = settings.get("queue"), settings.get("group")
        rest = {k: v for k, v in settings.items() if k not in ("queue", "group")}
        values = []
        for result in (self.first, self.second):
            asked = result._asked(metric, queue, **rest)
            above, below = result.parts(asked, group=group)
            values.append(float(ratio(np.sum(above), np.sum(below))))
        return key | _told(found, values, found.estimate.unit)

    def _rows_by_time(
        self, metric: str, split: str, settings: dict[str, Any]
    ) -> list[dict[str, Any]]:
        queue = settings.get("queue")
        rest = {k: v for k, v in settings.items() if k != "queue"}
        one, other = (r._asked(metric, queue, **rest) for r in (self.first, self.second))
        keys, above_a, below_a = self.first._by_time(one, None, split)
        _, above_b, below_b = self.second._by_time(other, None, split)
        rows = []
        for k, key in enumerate(keys):
            found = _difference(
                one,
                (above_a[:, k], below_a[:, k]),
                (above_b[:, k], below_b[:, k]),
                self.first.level,
            )
            found = replace(found, estimate=replace(found.estimate, replications=self.replications))
            values = [
                float(ratio(a[:, k].sum(), b[:, k].sum()))
                for a, b in ((above_a, below_a), (above_b, below_b))
            ]
            rows.append({split: key} | _told(found, values, found.estimate.unit))
        return rows

    def to_json(self) -> dict[str, Any]:
        """Stable keys: both results, and the difference of every overall metric."""
        return {
            "first": self.first.to_json(),
            "second": self.second.to_json(),
            "differences": {name: self.difference(name).to_json() for name in self.first.overall()},
        }

    def __repr__(self) -> str:
        names = list(self.first.overall())
        wide = max(len(name) for name in names)
        lines = [
            f"{self.second.scenario.name} less {self.first.scenario.name}, on the same callers:"
        ]
        for name in names:
            found = self.difference(name)
            lines.append(
                f"  {name:<{wide}}  {found.estimate}, variance / {found.variance_reduction:.3g}"
            )
        return "\n".join(lines)


def _told(found: Difference, values: list[float], unit: str) -> dict[str, Any]:
    scale = 1000.0 if unit == "time" else 1.0

    def scaled(x: float | None) -> float:
        return float("nan") if x is None else x / scale

    estimate = found.estimate
    return {
        "first": values[0] / scale, "second": values[1] / scale,
        "difference": estimate.value / scale, "low": scaled(estimate.low), "high": scaled(estimate.high),
        "variance_reduction": found.variance_reduction, "replications": estimate.replications,
    }  # fmt: skip


def _difference(
    asked: Asked, one: tuple[Any, Any], other: tuple[Any, Any], level: float
) -> Difference:
    return estimates.difference(
        *one,
        *other,
        level=level,
        share=asked.share,
        unit=asked.measure.unit,
        metric=asked.measure.text,
    )


def compare(first: Scenario, second: Scenario, *, replications: int = 200, seed: int = 1,
            engine: str = "fast", executor: int | Executor | None = None,
            progress: Progress | None = None) -> Comparison:  # fmt: skip
    """Simulate two scenarios on the same callers.

    Arguments as in ``simulate``. Raises InputError when the two do not cover the same intervals.
    """
    spans = [(s.start_ms, s.intervals, s.interval) for s in (first, second)]
    if spans[0] != spans[1]:
        raise InputError(
            [
                Problem(
                    f"{first.name} and {second.name} do not cover the same intervals",
                    "Give both the same start, end and interval.",
                )
            ]
        )
    halves = [
        None
        if progress is None
        else (lambda done, total, at=at: progress(at * total + done, 2 * total))
        for at in range(2)
    ]
    numbers = range(checked_replications(replications))
    # The same people try first in both, also where the second loses fewer of them and so is called again less often.
    shares = shares_of(first)
    # One more queue or threshold takes memory: both are counted in as many batches as the larger one allows.
    batches = min(measures.layout(scenario).batches for scenario in (first, second))
    made = []
    for scenario, half in zip((first, second), halves, strict=True):
        layout = measures.layout(scenario, batches=batches)
        run = Run(scenario, seed, layout, engine, shares)
        counted = run.count(numbers, executor, half)
        made.append(
            Result(
                scenario, seed, engine, counted, threads=kept(executor), first_share=shares,
            )
        )  # fmt: skip
    return Comparison(*made)
