"""Result: what many simulated months of one scenario came to.

A Result is frozen and holds counts, not contacts: ``log(r)`` draws a replication again. A question that the
counts cannot answer (a waiting threshold nobody had named) is answered by simulating the same months once more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.errors import InputError, Problem, did_you_mean
from slasim.metrics.standard import Better, Counted
from slasim.outcome import estimates
from slasim.outcome.estimates import Estimate
from slasim.outcome.tally import Layout, Period, Tally
from slasim.scenario import Scenario
from slasim.study import measures, tickets
from slasim.study.local_time import TIMES, cells_of
from slasim.study.measures import Asked, Promise
from slasim.study.plans import Shares, plan_of
from slasim.study.runs import Run

if TYPE_CHECKING:
    import pandas as pd

    from slasim.sla.clocks import Clocks
    from slasim.study.deferred import Deferred

Reading = Literal["pooled", "per_period", "chance"]
PERIODS = get_args(Period)


@dataclass(frozen=True, eq=False)
class Result:
    """Counts of R replications of a scenario. Ask it with ``estimate``, ``table``, ``judge``."""

    scenario: Scenario
    seed: int
    engine: str
    tally: Tally
    level: float = 0.95
    threads: int | Executor | None = field(default=None, repr=False)
    first_share: Shares | None = field(default=None, repr=False)
    """of forecasts that count attempts, which part came first; None = as a pilot finds it"""
    _again: dict[Layout, Tally] = field(default_factory=dict, repr=False)

    # ---------------------------------------------------------------- what was simulated

    @property
    def replications(self) -> int:
        return self.tally.replications

    def draw(self, replication: int) -> Draw:
        """All that chance decided in one replication. IndexError beyond the last one."""
        if not 0 <= replication < self.replications:
            raise IndexError(f"replication {replication} of {self.replications}")
        return plan_of(self.scenario, self.first_share).sample(self.seed, replication)

    def log(self, replication: int) -> ContactLog:
        """One replication's contacts, simulated again with the result's own engine."""
        run = Run(self.scenario, self.seed, self.tally.layout, self.engine, self.first_share)
        if not 0 <= replication < self.replications:
            raise IndexError(f"replication {replication} of {self.replications}")
        log = run.one(run.plan, replication)[1]
        return log.renamed(
            queues=tuple(self.scenario.queues), groups=tuple(self.scenario.groups),
            start_ms=self.scenario.start_ms, timezone=self.scenario.timezone,
        )  # fmt: skip

    # ---------------------------------------------------------------- numbers with their doubt

    def estimate(self, metric: str, *, queue: str | Sequence[str] | None = None,
                 group: str | None = None, interval: int | str | None = None,
                 threshold: int | str | None = None, formula: str | None = None,
                 short_abandon: int | str | None = None, counts: Counted | None = None,
                 reading: Reading = "pooled",
                 period: Period | None = None, target: float | None = None) -> Estimate:  # fmt: skip
        """One number with its range.

        ``metric`` is a name of the scenario's ``metrics`` or a kind with its settings (``threshold`` and
        ``short_abandon`` in ms or as text; ``counts``: attempts or callers). ``interval`` is its number or its local
        start ("2026-03-02 09:00").
        ``reading``: ``pooled`` (sum over sum), ``per_period`` (the average ``period``'s value) or ``chance`` (that a
        period meets ``target``; both default to the metric's commitment, the period else to the whole horizon).
        Periods that start or end of the scenario cut are not judged. ``group`` is for metrics over agents only.
        Raises InputError for what does not exist.
        """
        asked = self._asked(
            metric, queue, threshold=threshold, formula=formula, short_abandon=short_abandon,
            counts=counts,
        )  # fmt: skip
        if reading == "pooled" or asked.measure.over == "agents":
            if reading != "pooled":
                raise InputError(
                    [Problem(f"{metric} has no reading {reading!r} here", "Ask for pooled.")]
                )
            above, below = self.parts(asked, group=group)
            if interval is not None:
                above, below = (
                    part[:, self._interval(interval)]
                    for part in self.parts_by_interval(asked, group)
                )
            return self._pooled(asked, above, below)
        if interval is not None:
            raise InputError(
                [Problem(f"the {reading} of one interval is not kept", "Ask for pooled.")]
            )
        if reading not in ("per_period", "chance"):
            raise InputError(
                [
                    Problem(
                        f"no reading is called {reading!r}",
                        did_you_mean(reading, ["pooled", "per_period", "chance"], what="readings"),
                    )
                ]
            )
        promised = next((p for p in measures.promises(self.scenario) if p.asked.measure == asked.at_worst.measure
                         and p.asked.queues == asked.queues), None)  # fmt: skip
        length = period or (promised.period if promised else "horizon")
        above, below = self.by_period(asked.at_worst if reading == "chance" else asked, length)
        if reading == "per_period":
            return estimates.per_period(above, below, level=self.level, share=asked.share,
                                        unit=asked.measure.unit, metric=asked.measure.text)  # fmt: skip
        text, better = asked.measure.text, promised.better if promised else asked.measure.better
        if target is None and promised and promised.interval_target is not None:
            above, below, better = self.promised_parts(replace(promised, period=length))
            text = f"share of intervals: {text}"
        aim = promised.target if target is None and promised else target
        if aim is None:
            raise InputError(
                [
                    Problem(
                        f"the chance of {metric} needs a target",
                        "Give target=, or state a commitment with this metric.",
                    )
                ]
            )
        return estimates.chance(above, below, aim, better, level=self.level,
                                confidence=self.scenario.feasibility.confidence,
                                metric=text).estimate  # fmt: skip

    def table(self, metric: str, by: Sequence[str] | str = (), **settings: Any) -> pd.DataFrame:
        """value, low, high and replications of a metric, one row per cell of ``by``.

        ``by``: any of queue (group, for occupancy), and one of interval, hour, weekday, day, week, month (local time
        of arrival, of ticket clocks of the SLA start); of ticket clocks also level, team, owner or an attribute alone.
        Settings as in ``estimate``. Times in seconds. Cells without contacts have no value.
        """
        import pandas as pd

        by = [by] if isinstance(by, str) else list(by)
        asked = self._asked(metric, settings.pop("queue", None), **settings)
        over_agents = asked.measure.over == "agents"
        kind = "group" if over_agents else "queue"
        if asked.measure.over == "tickets" and not {*by} <= {kind, *TIMES}:
            return tickets.table_by(self, asked, by)
        times = [name for name in by if name in TIMES]
        wrong = [name for name in by if name not in (*TIMES, kind)]
        if wrong or len(times) > 1:
            found = f"a table cannot be split by {wrong[0]!r}" if wrong else "two splits by time"
            raise InputError([Problem(found, f"Give {kind} and one of {', '.join(TIMES)}.")])
        names: list[str | None] = [None]
        if kind in by:
            names = list(self.scenario.groups) if over_agents else list(asked.queues)
        rows: list[pd.DataFrame] = []
        for name in names:
            one = (
                asked if name is None or over_agents else Asked(asked.name, asked.measure, (name,))
            )
            group = name if over_agents else None
            keys: list[Any] = [None]
            if times:
                keys, above, below = self._by_time(one, group, times[0])
            else:
                above, below = (part[:, None] for part in self.parts(one, group=group))
            made = estimates.ranges(above, below, level=self.level, share=one.share)
            unit = 1000.0 if one.measure.unit == "time" else 1.0
            columns: dict[str, Any] = {kind: [name] * len(keys)} if kind in by else {}
            if times:
                columns[times[0]] = keys
            columns |= {
                "value": made.value / unit, "low": made.low / unit, "high": made.high / unit,
                "replications": self.replications,
            }  # fmt: skip
            rows.append(pd.DataFrame(columns))
        return pd.concat(rows, ignore_index=True)[[*by, "value", "low", "high", "replications"]]

    def percentile(self, share: float, *, queue: str | Sequence[str] | None = None,
                   of: Literal["answered", "offered"] = "offered") -> Estimate:  # fmt: skip
        """The wait (ms) that this share (0..1) of contacts did not exceed. Raises InputError."""
        if not 0 < share <= 1:
            raise InputError(
                [Problem(f"a share of {share:g}", "Give 0.95 for 95 of 100 contacts.")]
            )
        if of not in ("answered", "offered"):
            raise InputError([Problem(f"waits of {of!r}", "Give answered or offered.")])
        names = None if queue is None else measures.queues_named(self.scenario, queue)
        edges, counts = self.tally.wait_histogram(names, of)
        return estimates.percentile(
            edges, counts, share, level=self.level, replications=self.replications,
            metric=f"wait of {share:.0%} of the {of}",
        )  # fmt: skip

    def achieved(self, metric: str, share: float, *, queue: str | Sequence[str] | None = None,
                 of_target: bool = False, stopped_only: bool = False) -> Estimate:  # fmt: skip
        """The time on a ticket clock (ms) that this share (0..1) of tickets did not exceed: how far below the limit.

        With ``of_target`` the part of its own target that each ticket took (1 = all of it); points of the calendar have
        none. What was never finished took longer than any time, unless only the stopped are asked for. Raises
        InputError.
        """
        ask = tickets.used if of_target else tickets.achieved
        return ask(self, metric, share, queue=queue, stopped_only=stopped_only)

    def clocks(self, replication: int, *, stretches: bool = False) -> Clocks:
        """Every ticket clock of one replication, as of a real export: for compliance and log reports, and warnings.

        ``stretches=True`` keeps what warnings need. Raises InputError where the scenario has no ticket clock.
        """
        return tickets.clocks_of(self, replication, stretches=stretches)

    def deferred(
        self, queue: str | Sequence[str] | None = None, *, metric: str | None = None
    ) -> Deferred:
        """Backlog by day of the queues of tickets, as the trade reports it. Raises InputError (`study/deferred.py`)."""
        from slasim.study.deferred import deferred

        return deferred(self, queue, metric=metric)

    def parts(self, asked: Asked, *, group: str | None = None) -> tuple[Any, Any]:
        """Numerator and denominator, (R,) each, by replication."""
        self._check_group(asked, group)
        tally = self._knowing(asked)
        if asked.measure.over == "agents":
            return asked.measure.parts(cast(Any, tally.times(group)))
        if asked.measure.over == "tickets":
            return tickets.parts(tally, asked)
        if asked.measure.over == "chains":
            return asked.measure.parts(cast(Any, tally.chain_counts(asked.queues)))
        return asked.measure.parts(tally.counts(asked.queues, asked.counted))

    def parts_by_interval(self, asked: Asked, group: str | None = None) -> tuple[Any, Any]:
        """Numerator and denominator, (B, I) each, by batch of replications and interval."""
        self._check_group(asked, group)
        tally = self._knowing(asked)
        if asked.measure.over == "agents":
            return asked.measure.parts(cast(Any, tally.times_by_interval(group)))
        if asked.measure.over == "tickets":
            return tickets.parts_by_interval(tally, asked)
        if asked.measure.over == "chains":
            return asked.measure.parts(cast(Any, tally.chains_by_interval(asked.queues)))
        return asked.measure.parts(tally.counts_by_interval(asked.queues, asked.counted))

    def by_period(self, asked: Asked, period: Period) -> tuple[Any, Any]:
        """Numerator and denominator, (R, P) each, by replication and whole period.

        Raises InputError when start to end holds no whole period of that length.
        """
        if period == "horizon" and asked.only is None:
            above, below = self.parts(asked)
            return np.asarray(above)[:, None], np.asarray(below)[:, None]
        if period not in PERIODS:
            raise InputError(
                [Problem(f"no period is called {period!r}", did_you_mean(period, list(PERIODS)))]
            )
        if max(measures.period_of(self.scenario, period)) < 0:
            raise InputError(
                [Problem(f"start to end holds no whole {period}", "Ask for period horizon.")]
            )
        tally = self._knowing(asked, period)
        if asked.measure.over == "tickets":
            return tickets.parts_by_period(tally, asked, period)
        return tally.by_period(measures.followed_name(asked), period)

    def promised_parts(self, promised: Promise) -> tuple[Any, Any, Better]:
        """What is held against a promise's target: numerator and denominator, (R, P), and which side is good.

        Where intervals are put together, these are the intervals that reach their own target, and all that have one.
        """
        above, below = self.by_period(promised.asked.at_worst, promised.followed_by)
        if promised.interval_target is None:
            return above, below, promised.better
        number = measures.period_of(self.scenario, promised.period)
        met, judged = measures.intervals_met(
            above, below, promised.interval_target, promised.better, number
        )
        return met, judged, "higher"

    def intervals_met(self, promised: Promise, target: float) -> Estimate:
        """Share of intervals whose own value reaches the target: the average replication's."""
        above, below = self.by_period(promised.asked, "interval")
        met, judged = measures.intervals_met(above, below, target, promised.better,
                                             [0] * self.scenario.intervals)  # fmt: skip
        return estimates.per_period(met, judged, level=self.level,
                                    metric=f"share of intervals: {promised.asked.measure.text}")  # fmt: skip

    # ---------------------------------------------------------------- the rest

    def to_json(self) -> dict[str, Any]:
        """Stable keys: the scenario's name, seed, replications, the overall estimates, verdicts."""
        from slasim.study.judging import judge

        return {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine,
            "estimates": {name: e.to_json() for name, e in self.overall().items()},
            "verdicts": [v.to_json() for v in judge(self)] if self.replications > 1 else [],
        }

    def overall(self) -> dict[str, Estimate]:
        """The metrics of the scenario (a service level where it names none) and the usual five; of tickets alone those
        that they have."""
        first, usual = (
            ["service_level"],
            ["abandonment_rate", "asa", "mean_wait", "aht", "occupancy"],
        )
        if measures.only_tickets(self.scenario):
            first, usual = [], usual[2:]
        names = dict.fromkeys([*(list(self.scenario.metrics) or first), *usual])
        return {name: self.estimate(name) for name in names}

    def __repr__(self) -> str:
        lines = [f"{self.scenario.name}: {self.replications:,} replications, seed {self.seed}"]
        wide = max(len(name) for name in self.overall())
        lines += [f"  {name:<{wide}}  {estimate}" for name, estimate in self.overall().items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(str(estimate))}</td></tr>"
            for name, estimate in self.overall().items()
        )
        title = f"{self.scenario.name}: {self.replications:,} replications, seed {self.seed}"
        return f"<table><caption>{escape(title)}</caption>{rows}</table>"

    # ---------------------------------------------------------------- inside

    def _asked(self, metric: str, queue: str | Sequence[str] | None, **settings: Any) -> Asked:
        return measures.ask(self.scenario, metric, queue, **settings)

    def _check_group(self, asked: Asked, group: str | None) -> None:
        if group is None:
            return
        known = list(self.scenario.groups)
        if asked.measure.over != "agents":
            would_do = "Ask for occupancy, or for the queues the group takes."
            raise InputError([Problem(f"{asked.name} is not known by group", would_do)])
        if group not in known:
            raise InputError([Problem(f"no group is called {group!r}", did_you_mean(group, known))])

    def _pooled(self, asked: Asked, above: Any, below: Any) -> Estimate:
        return estimates.pooled(
            above, below, level=self.level, replications=self.replications, share=asked.share,
            unit=asked.measure.unit, metric=asked.measure.text,
        )  # fmt: skip

    def _interval(self, interval: int | str) -> int:
        if isinstance(interval, str):
            starts = list(self.scenario.grid.local.text[self.scenario.grid.warm :])
            if interval not in starts:
                raise InputError(
                    [
                        Problem(
                            f"no interval starts at {interval!r}",
                            f"They run from {starts[0]} to {starts[-1]}.",
                        )
                    ]
                )
            return starts.index(interval)
        if not 0 <= interval < self.scenario.intervals:
            raise InputError(
                [Problem(f"interval {interval} of {self.scenario.intervals}", "Count from 0.")]
            )
        return interval

    def _by_time(self, asked: Asked, group: str | None, split: str) -> tuple[list[Any], Any, Any]:
        """The labels of a split by time, and numerator and denominator (B, cells)."""
        grid, parts = self.scenario.grid, self.parts_by_interval(asked, group)
        labels, (above, below) = cells_of(grid.local, grid.warm, split, *parts)
        return labels, above, below

    def _knowing(self, asked: Asked, period: Period | None = None) -> Tally:
        """A tally that tells this metric's thresholds apart and follows it by this period."""
        if asked.measure.over == "tickets" and tickets.knows(self.tally, asked, period):
            return self.tally
        have = self.tally.layout
        known = set(asked.measure.thresholds) <= set(have.thresholds)
        known &= have.callers or asked.counted == "attempts"
        known &= have.whole or not asked.needs_whole
        names = {(f.name, f.period) for f in self.tally.layout.followed}
        followed = period is None or (measures.followed_name(asked), period) in names
        if known and followed:
            return self.tally
        wanted = measures.layout(
            self.scenario,
            thresholds=(*self.tally.layout.wanted, *asked.measure.thresholds),
            followed=[(asked, period)] if period is not None else [],
            asked=[asked],
            batches=self.tally.layout.batches,
        )
        if wanted not in self._again:
            run = Run(self.scenario, self.seed, wanted, self.engine, self.first_share)
            self._again[wanted] = run.count(self.tally.numbers.tolist(), self.threads)
        return self._again[wanted]


def worst_cells(result: Result, metric: str, count: int = 5) -> list[dict[str, Any]]:
    """The intervals and queues in which a metric is worst, with its range and the contacts behind it."""
    asked = result._asked(metric, None)
    grid = result.scenario.grid
    starts = grid.local.text[grid.warm :]
    found: list[dict[str, Any]] = []
    for name in asked.queues:
        one = Asked(asked.name, asked.measure, (name,))
        above, below = result.parts_by_interval(one)
        made = estimates.ranges(above, below, level=result.level, share=one.share)
        offered = np.asarray(below.sum(axis=0)) / result.replications
        found += [
            {"queue": name, "interval": str(starts[i]), "value": float(made.value[i]), "low": float(made.low[i]),
             "high": float(made.high[i]), "contacts": float(offered[i])}
            for i in range(len(starts)) if not math.isnan(made.value[i]) and offered[i] >= 1
        ]  # fmt: skip
    sign = 1 if asked.measure.better == "higher" else -1
    return sorted(found, key=lambda cell: sign * cell["value"])[:count]
