"""What is promised can be measured, in its unit, over whole periods, and could be missed at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from slasim import registry
from slasim.errors import InputError, Problem
from slasim.scenario.centre import Centre
from slasim.scenario.checks.case import Case
from slasim.scenario.document import Loc
from slasim.scenario.schema import Commitment, Metric
from slasim.scenario.tell import as_written

__all__ = [
    "abandonment_needs_patience",
    "commitments_fit_their_metric",
    "metric_of",
    "periods_are_whole",
]


def commitments_fit_their_metric(case: Case) -> Iterator[Problem]:
    for index, commitment in enumerate(_commitments(case.centre)):
        metric = metric_of(case.centre, commitment)
        if metric is None:
            if isinstance(commitment.metric, str) and commitment.metric == "service_level":
                yield case.problem(
                    ("contract", "commitments", index, "metric"),
                    "a service level needs a threshold",
                    "Name one of `metrics`, or write metric: {type: service_level, threshold: 30s}.",
                )
            continue
        unit = metric.measure.unit
        for key in ("target", "interval_target"):
            value = getattr(commitment, key)
            in_share = commitment.aggregate == "share_of_intervals_met" and key == "target"
            loc = ("contract", "commitments", index, key)
            if value is None:
                continue
            raw = _raw(case, loc)
            written_as_time = isinstance(raw, str) and "%" not in raw
            if (unit == "time" and not in_share) and not written_as_time:
                found = f"the target of {metric.type} is {raw}, and it is a time"
                yield case.problem(loc, found, "Write for example target: 30s.")
            if (unit == "share" or in_share) and written_as_time:
                found = f"the target is {raw}, and it is a share"
                yield case.problem(loc, found, "Write for example target: 0.8.")


def abandonment_needs_patience(case: Case) -> Iterator[Problem]:
    """Without patience nobody abandons, and such a promise would be met for nothing."""
    for index, commitment in enumerate(_commitments(case.centre)):
        metric = metric_of(case.centre, commitment)
        if metric is None or metric.type != "abandonment_rate":
            continue
        names = metric.queues if metric.queues is not None else tuple(case.centre.queues)
        without = [
            name
            for name in names
            if name in case.centre.queues and not _abandons(case.centre, name)
        ]
        if without:
            yield case.problem(
                ("contract", "commitments", index, "metric"),
                f"abandonment is promised, and nobody can abandon in: {', '.join(without)}",
                "Give the queue its patience, for example patience: {exponential: {mean: 4min}}.",
            )


def _abandons(centre: Centre, name: str) -> bool:
    queue = centre.queues[name]
    if queue.patience is not None or queue.hangs_up_at_once > 0:
        return True
    if queue.arrivals.file is None:
        return False
    try:
        return centre.expected(name).patience_mean is not None
    except (InputError, ValueError):
        return True  # the file itself is told elsewhere


def periods_are_whole(case: Case) -> Iterator[Problem]:
    """`start` to `end` is one replication, and holds whole contract periods."""
    contract = case.centre.contract
    if contract is None:
        return
    places: list[tuple[Loc, str]] = [(("contract", "period"), contract.period)]
    for index, commitment in enumerate(contract.commitments):
        if commitment.period is not None:
            places.append((("contract", "commitments", index, "period"), commitment.period))
    for loc, period in places:
        reason = _cut(period, case.centre.start, case.centre.end)
        if reason:
            yield case.problem(
                loc,
                f"{reason}, so the scenario does not hold whole periods ({period})",
                "Change start and end, or write period: horizon.",
            )


def _cut(period: str, start: datetime, end: datetime) -> str:
    if period in ("interval", "horizon"):
        return ""
    for key, moment in (("start", start), ("end", end)):
        if moment.time() != datetime.min.time():
            return f"`{key}` {moment:%Y-%m-%d %H:%M} is not midnight"
        if period == "month" and moment.day != 1:
            return f"`{key}` {moment:%Y-%m-%d} is not the first of a month"
        if period == "week" and moment.weekday():
            return f"`{key}` {moment:%Y-%m-%d} is not a Monday, and weeks begin on Monday"
    return ""


def _commitments(centre: Centre) -> tuple[Commitment, ...]:
    return () if centre.contract is None else centre.contract.commitments


def metric_of(centre: Centre, commitment: Commitment) -> Metric | None:
    """The metric that is promised: written in place, of `metrics`, or a kind over all queues."""
    if commitment.inline is not None:
        return commitment.inline
    name = commitment.metric or ""
    if name in centre.metrics:
        return centre.metrics[name]
    if name in registry.names("metric") and name != "service_level":
        return Metric(type=name)
    return None


def _raw(case: Case, loc: Loc) -> object:
    here: object = case.document.value
    for part in as_written(loc, case.faulty):
        here = here[part]  # type: ignore[index]
    return here
