"""What is promised can be measured, in its unit, over whole periods, and could be missed at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from slasim.errors import InputError, Problem
from slasim.scenario.agreements import metric_of
from slasim.scenario.centre import Centre
from slasim.scenario.checks.case import Case
from slasim.scenario.document import Loc
from slasim.scenario.schema import Commitment, Contract
from slasim.scenario.tell import as_written

__all__ = [
    "abandonment_needs_patience",
    "commitments_fit_their_metric",
    "contracts_of",
    "metric_of",
    "periods_are_whole",
]


def commitments_fit_their_metric(case: Case) -> Iterator[Problem]:
    for loc, commitment in _commitments(case.centre):
        metric = metric_of(case.centre, commitment)
        if metric is None:
            if isinstance(commitment.metric, str) and commitment.metric == "service_level":
                yield case.problem(
                    (*loc, "metric"),
                    "a service level needs a threshold",
                    "Name one of `metrics`, or write metric: {type: service_level, threshold: 30s}.",
                )
            continue
        unit = metric.measure.unit
        for key in ("target", "interval_target"):
            value = getattr(commitment, key)
            in_share = commitment.aggregate == "share_of_intervals_met" and key == "target"
            if value is None:
                continue
            raw = _raw(case, (*loc, key))
            written_as_time = isinstance(raw, str) and "%" not in raw
            if (unit == "time" and not in_share) and not written_as_time:
                found = f"the target of {metric.type} is {raw}, and it is a time"
                yield case.problem((*loc, key), found, "Write for example target: 30s.")
            if (unit == "share" or in_share) and written_as_time:
                found = f"the target is {raw}, and it is a share"
                yield case.problem((*loc, key), found, "Write for example target: 0.8.")


def abandonment_needs_patience(case: Case) -> Iterator[Problem]:
    """Without patience nobody abandons, and such a promise would be met for nothing."""
    for loc, commitment in _commitments(case.centre):
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
                (*loc, "metric"),
                f"abandonment is promised, and nobody can abandon in: {', '.join(without)}",
                "Give the queue its patience, for example patience: {exponential: {mean: 4min}}.",
            )


def _abandons(centre: Centre, name: str) -> bool:
    queue = centre.queues[name]
    if queue.patience is not None or queue.hangs_up_at_once > 0:
        return True
    if queue.arrivals is None or queue.arrivals.file is None:
        return False
    try:
        return centre.expected(name).patience_mean is not None
    except (InputError, ValueError):
        return True  # the file itself is told elsewhere


def periods_are_whole(case: Case) -> Iterator[Problem]:
    """`start` to `end` is one replication, and holds whole contract periods."""
    for loc, contract in contracts_of(case.centre):
        places: list[tuple[Loc, str]] = [((*loc, "period"), contract.period)]
        for index, commitment in enumerate(contract.commitments):
            if commitment.period is not None:
                places.append(((*loc, "commitments", index, "period"), commitment.period))
        for place, period in places:
            days = (case.centre.end - case.centre.start).total_seconds() / 86_400
            if days < _LEAST_DAYS.get(period, 0):
                yield case.problem(
                    place,
                    f"a period of a {period} is longer than the scenario ({days:g} days)",
                    f"Let start to end hold whole {period}s{_BEGINS.get(period, '')}, or judge by a shorter period.",
                )
                continue
            reason = _cut(period, case.centre.start, case.centre.end)
            if reason:
                yield case.problem(
                    place,
                    f"{reason}, so the scenario does not hold whole periods ({period})",
                    "Change start and end, or write period: horizon.",
                )


_BEGINS = {
    "week": " (weeks begin on Monday)",
    "month": " (from the first of a month)",
    "quarter": " (from the first of a quarter)",
}
_LEAST_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90}


def _cut(period: str, start: datetime, end: datetime) -> str:
    if period in ("interval", "horizon"):
        return ""
    for key, moment in (("start", start), ("end", end)):
        if moment.time() != datetime.min.time():
            return f"`{key}` {moment:%Y-%m-%d %H:%M} is not midnight"
        if period in ("month", "quarter") and moment.day != 1:
            return f"`{key}` {moment:%Y-%m-%d} is not the first of a month"
        if period == "quarter" and moment.month % 3 != 1:
            return f"`{key}` {moment:%Y-%m-%d} is not the first of a quarter"
        if period == "week" and moment.weekday():
            return f"`{key}` {moment:%Y-%m-%d} is not a Monday, and weeks begin on Monday"
    return ""


def contracts_of(centre: Centre) -> Iterator[tuple[Loc, Contract]]:
    """Every contract as it was written, and where."""
    if centre.contract is not None:
        yield ("contract",), centre.contract
    for name, contract in centre.contracts.items():
        yield ("contracts", name), contract


def _commitments(centre: Centre) -> Iterator[tuple[Loc, Commitment]]:
    for loc, contract in contracts_of(centre):
        for index, commitment in enumerate(contract.commitments):
            yield (*loc, "commitments", index), commitment


def _raw(case: Case, loc: Loc) -> object:
    here: object = case.document.value
    for part in as_written(loc, case.faulty):
        here = here[part]  # type: ignore[index]
    return here
