"""The report of days that a scenario has not seen: which days and queues both have, and what of it is refused.

A back-test (`back_testing.py`) compares over these. This file simulates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.history.intervals import IntervalReport, intervals_of, is_interval_report
from slasim.history.read import BadRows, Export
from slasim.outcome.tally import Only
from slasim.scenario import Scenario
from slasim.scenario.agreements import agreements
from slasim.scenario.schema import Metric
from slasim.sla.contract import Commitment
from slasim.study import measures

__all__ = [
    "LEAST_DAYS",
    "Days",
    "days_of",
    "notes_of",
    "numbers_of",
    "promises",
    "queues_told",
    "read_unseen",
    "strange_queues",
    "told_together",
    "wrong_days",
]

LEAST_DAYS = 5
"""Days with contacts that a back-test needs: a working week."""

_WHOLE = "all"
"""The queue of a report that does not tell queues apart."""


def read_unseen(
    scenario: Scenario, path: str | Path, timezone: str | None, encoding: str | None,
    day_first: bool, bad_rows: BadRows,
) -> tuple[IntervalReport, list[str]]:  # fmt: skip
    export = Export.open(
        path, timezone=timezone or scenario.timezone, encoding=encoding, day_first=day_first
    )
    if not is_interval_report(export):
        found = "these are not the columns of an interval report"
        would_do = (
            f"It has interval_start and offered. Columns are: {', '.join(export.table.header)}."
        )
        raise InputError([Problem(found, would_do, file=export.file, line=1)])
    promised = {name for name, _ in promises(scenario)}
    asked = {
        record.threshold
        for name, record in scenario.metrics.items()
        if isinstance(record, Metric) and record.type == "service_level"
        and (name in promised or not promised)
    }  # fmt: skip
    alone = next(iter(asked)) if len(asked) == 1 else None
    assumed = export.has("answered_within_sl") and not export.has("sl_threshold_s")
    report = intervals_of(export, alone if assumed else None, bad_rows=bad_rows)
    notes = []
    if assumed and alone is not None:
        notes.append(
            f"answered_within_sl is taken to be within {clock.format_duration(alone)}, the scenario's threshold: the "
            "report does not say (column sl_threshold_s)"
        )
    return report, notes


def promises(scenario: Scenario) -> Iterator[tuple[str, Commitment]]:
    """(metric, commitment) of every contract of the scenario."""
    for agreed in agreements(scenario):
        for commitment in agreed.contract.commitments:
            yield commitment.metric, commitment


def notes_of(scenario: Scenario, days: Days) -> Iterator[str]:
    if any(agreed.contract.exclusions for agreed in agreements(scenario)):
        yield "the contract's exclusions are not applied: every contact of these days counts"


# ------------------------------------------------------------------ the days


@dataclass(frozen=True, eq=False)
class Days:
    """The days that scenario and report have.

    known        ordinals of those on which contacts were offered
    of_interval  (I,) ordinal of each interval of the scenario
    covered      (I,) whether the report has a row of that day
    """

    known: Ints
    of_interval: Ints
    covered: Bools

    def only(self, interval: int) -> Only | None:
        """What arrives on these days; None for all from start to end."""
        if self.covered.all():
            return None
        edge = np.flatnonzero(np.diff(np.concatenate(([0], self.covered.astype(np.int8), [0]))))
        spans = (interval * edge).reshape(-1, 2).tolist()
        return Only(inside=tuple((since, until) for since, until in spans))


def days_of(scenario: Scenario, report: IntervalReport) -> Days:
    ordinal = clock.local_labels(report.start, clock.zone(scenario.timezone)).ordinal
    inside = ~_outside(scenario, report)
    offered = np.asarray(report.counts.offered) > 0
    of_interval = scenario.grid.local.ordinal[scenario.grid.warm :]
    return Days(
        np.unique(ordinal[inside & offered]), of_interval, np.isin(of_interval, ordinal[inside])
    )


def _outside(scenario: Scenario, report: IntervalReport) -> Bools:
    return (report.start < scenario.start_ms) | (report.start >= scenario.end_ms)


def wrong_days(scenario: Scenario, report: IntervalReport, days: Days) -> Iterator[Problem]:
    outside = _outside(scenario, report)
    if outside.any():
        zone = clock.zone(scenario.timezone)
        there = np.unique(clock.local_labels(report.start[outside], zone).ordinal)
        first, last = (date.fromordinal(int(day)) for day in (there[0], there[-1]))
        many = f"{first} is" if there.size == 1 else f"{there.size} days from {first} to {last} are"
        yield Problem(
            f"{many} outside the scenario, which runs from {scenario.start:%Y-%m-%d %H:%M} until "
            f"{scenario.end:%Y-%m-%d %H:%M}",
            "Leave these rows out, or set the scenario's start and end around them.",
            file=report.report.file, line=int(report.line[outside].min()),
        )  # fmt: skip
    if days.known.size < LEAST_DAYS:
        many = {0: "no day", 1: "1 day"}.get(days.known.size, f"{days.known.size} days")
        yield Problem(
            f"{many} with contacts from start to end of the scenario",
            f"A back-test needs at least {LEAST_DAYS} days that the model has not seen.",
            file=report.report.file,
        )


# ------------------------------------------------------------------ the queues


def told_together(scenario: Scenario, report: IntervalReport) -> bool:
    """Whether the report tells all contacts together, with no queue."""
    return report.queues == (_WHOLE,) and _WHOLE not in scenario.queues


def strange_queues(scenario: Scenario, report: IntervalReport) -> Iterator[Problem]:
    """The report's queues that the scenario does not know."""
    if told_together(scenario, report):
        return
    for number, name in enumerate(report.queues):
        if name not in scenario.queues:
            yield Problem(
                f"the scenario has no queue '{name}'",
                did_you_mean(name, scenario.queue_names, what="Its queues"),
                file=report.report.file, line=int(report.line[report.queue == number].min()),
            )  # fmt: skip


def queues_told(scenario: Scenario, report: IntervalReport) -> tuple[str, ...]:
    """The scenario's queues of which the report tells."""
    if told_together(scenario, report):
        return measures.on_the_line(scenario)
    return tuple(name for name in scenario.queues if name in report.queues)


def numbers_of(report: IntervalReport, queues: Sequence[str] | None) -> list[int]:
    """The report's numbers of these queues; None = all."""
    return [k for k, name in enumerate(report.queues) if queues is None or name in queues]
