"""What a contract needs counted, and its periods out of those counts: the bridge from a tally to `sla/`.

A commitment needs whole numbers by interval: numerator and denominator, of all contacts, of the excluded, of the first
ones. They come from a Result, whose tally follows them (`wanted`); a period is then judged by `sla/periods.py` and
priced by `sla/credits.py`, exactly as a real one would be. `periods(result, agreed)` does so for one replication after
the other and keeps none. This file knows no chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.metrics.agents import Occupancy
from slasim.metrics.standard import AverageHandleTime, MeanWait
from slasim.outcome.tally import Only, Period
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed, agreements
from slasim.scenario.floor_facts import feeds
from slasim.scenario.schema import Metric
from slasim.sla import periods as sla
from slasim.sla.contract import Commitment, Contract, exact
from slasim.sla.credits import Charges, Settled, Usage, fee
from slasim.study import measures
from slasim.study.measures import Asked
from slasim.study.result import Result

__all__ = [
    "Judged",
    "Paid",
    "asked_of",
    "clauses_decide",
    "clauses_want",
    "covered",
    "paid",
    "periods",
    "plain_sums",
    "wanted",
]


_STAFFED: Any = Occupancy()

FULL_TIME_WEEK = 40
HOUR = 3_600_000


# ------------------------------------------------------------------ what is to be counted


def asked_of(scenario: Scenario, agreed: Agreed, commitment: Commitment) -> Asked:
    """The metric of a commitment over its queues."""
    record = agreed.metrics[commitment.title]
    if not isinstance(record, Metric):
        return measures.ask(scenario, commitment.metric)
    queues = tuple(dict.fromkeys(record.queues or scenario.queues))
    return Asked(commitment.title, record.measure, queues)


def plain_sums(contract: Contract, commitment: Commitment) -> bool:
    """Whether a period of it is one sum over one sum: nothing in it looks at single intervals."""
    relief = contract.forecast is not None and contract.forecast.relief != "none"
    dropped = any(
        one.scope == "intervals" and one.concerns(commitment.title) for one in contract.exclusions
    )
    return commitment.aggregate == "weighted" and not relief and not dropped


def clauses_decide(agreed: Agreed, commitment: Commitment) -> bool:
    """Whether more than its target says if a period of it is met, or measured at all."""
    contract = agreed.contract
    return (
        (not plain_sums(contract, commitment) and not _only_intervals_met(contract, commitment))
        or contract.rounding is not None
        or contract.min_volume > 0
        or any(one.concerns(commitment.title) for one in contract.exclusions)
        or (agreed.month is not None and bool(contract.ramp))
        or commitment.zero_offered != "skip"
    )


def _only_intervals_met(contract: Contract, commitment: Commitment) -> bool:
    """A share of intervals met, and no clause that looks at single intervals besides."""
    plain = replace(commitment, aggregate="weighted", interval_target=None)
    return commitment.aggregate == "share_of_intervals_met" and plain_sums(contract, plain)


def clauses_want(scenario: Scenario) -> list[tuple[Asked, Period]]:
    """What a tally must follow besides, so that `judge` can read the clauses of the scenario's contract."""
    return [
        pair
        for one in agreements(scenario)[:1]
        if scenario.contract is not None
        for commitment in one.contract.commitments
        if clauses_decide(one, commitment)
        for pair in _Looked(scenario, one, commitment, None).wanted
    ]


def wanted(
    scenario: Scenario, agreed: Sequence[Agreed] | None = None
) -> list[tuple[Asked, Period]]:
    """What a tally must follow so that these contracts (all of the scenario when None) can be judged from it."""
    found: list[tuple[Asked, Period]] = []
    for one in agreements(scenario) if agreed is None else agreed:
        for commitment in one.contract.commitments:
            found += _Looked(scenario, one, commitment, None).wanted
        found += _usage(scenario, one)
    return found


def _usage(scenario: Scenario, agreed: Agreed) -> list[tuple[Asked, Period]]:
    """What the price is multiplied by, where it is counted: contacts handled, or time on duty."""
    price, period = agreed.contract.price, agreed.contract.period
    if price is not None and price.per in ("contact", "minute"):
        return [(Asked("handled", AverageHandleTime(), covered(scenario, agreed)), period)]
    if price is not None and price.per == "productive_hour":
        return [(Asked("staffed", _STAFFED, tuple(scenario.queues)), period)]
    return []


def covered(scenario: Scenario, agreed: Agreed) -> tuple[str, ...]:
    """The queues that a contract is about: those that its commitments measure."""
    found: dict[str, None] = {}
    for commitment in agreed.contract.commitments:
        found.update(dict.fromkeys(asked_of(scenario, agreed, commitment).queues))
    return tuple(name for name in scenario.queues if name in found) or tuple(scenario.queues)


# ------------------------------------------------------------------ one commitment over the horizon


class _Looked:
    """A commitment with everything looked up that no replication changes. ``month`` is the first period's."""

    def __init__(
        self, scenario: Scenario, agreed: Agreed, commitment: Commitment, month: int | None
    ) -> None:
        self.scenario, self.agreed, self.commitment = scenario, agreed, commitment
        self.contract, self.month = agreed.contract, month
        self.asked = asked_of(scenario, agreed, commitment)
        self.period: Period = commitment.period or agreed.contract.period
        self.plain = plain_sums(agreed.contract, commitment)
        title = commitment.title
        concerned = [one for one in self.contract.exclusions if one.concerns(title)]
        self.spans = tuple((e.since, e.until) for e in concerned if e.scope == "contacts")
        forecast = self.contract.forecast
        self.relief = "none" if forecast is None else forecast.relief

    @cached_property
    def number(self) -> Ints:
        """(I,) the own period of each interval, -1 outside."""
        return np.asarray(measures.period_of(self.scenario, self.period), np.int64)

    @cached_property
    def whole(self) -> Ints:
        """(I,) the contract period of each interval."""
        return np.asarray(measures.period_of(self.scenario, self.contract.period), np.int64)

    @cached_property
    def inside(self) -> list[Ints]:
        """For each own period its intervals in which anything can be measured."""
        grid, scenario = self.scenario.grid, self.scenario
        opened = np.zeros(scenario.intervals, np.bool_)
        late = self.commitment.zero_offered == "skip"  # else nothing offered by night would count
        fed = feeds(scenario) if late else {}
        for name in self.asked.queues:
            record = scenario.queues[name]
            again = late and bool(record.redial or record.repeat or name in fed)
            if record.kind.waits_through_closing or again:
                opened[:] = True
                break
            opened |= grid.open_ms(scenario.calendar_of(name))[grid.warm :] > 0
        return [
            np.flatnonzero((self.number == p) & opened) for p in range(int(self.number.max()) + 1)
        ]

    @cached_property
    def of_contract(self) -> list[int]:
        """The contract period in which each own period lies; -1 in none."""
        return [
            int(self.whole[np.flatnonzero(self.number == p)[0]]) for p in range(len(self.inside))
        ]

    @cached_property
    def terms(self) -> list[sla.Terms]:
        """The terms of each own period."""
        dropped = sla.touched(
            self.contract.exclusions, self.commitment.title,
            [i * self.scenario.interval for i in range(self.scenario.intervals)],
            self.scenario.interval,
        )  # fmt: skip
        forecast = self._forecast()
        made = []
        for p, mine in enumerate(self.inside):
            month = None if self.month is None else self.month + self._months_in(p)
            made.append(
                sla.terms(
                    self.contract, self.commitment, month=month,
                    forecast=None if forecast is None else [forecast[i] for i in mine],
                    touched=[dropped[i] for i in mine] if not self.plain else None,
                )
            )  # fmt: skip
        return made

    def _months_in(self, p: int) -> int:
        """How many calendar months after the scenario's first month an own period begins."""
        text = self.scenario.grid.local.text[self.scenario.grid.warm :]
        first, own = str(text[0]), str(text[int(np.flatnonzero(self.number == p)[0])])
        return 12 * (int(own[:4]) - int(first[:4])) + int(own[5:7]) - int(first[5:7])

    def _forecast(self) -> list[Fraction] | None:
        known = self.agreed.forecast if self.relief != "none" else None
        if known is None:
            return None
        parts = [known[name] for name in self.asked.queues if name in known]
        return [sum(at, Fraction(0)) for at in zip(*parts, strict=True)]

    # -------------------------------------------------------------- counts

    @property
    def looks(self) -> Period:
        """The period by which the tally follows it."""
        return self.period if self.plain else "interval"

    @property
    def _offered(self) -> Asked:
        return Asked("offered", MeanWait(), self.asked.queues)

    @property
    def _excluded(self) -> Asked:
        return Asked(
            self.asked.name, self.asked.measure, self.asked.queues, Only(inside=self.spans)
        )

    @property
    def _first(self) -> Asked:
        only = Only(
            first=tuple(self.terms), period_of=tuple(self._own_of_open.tolist()), without=self.spans
        )
        return Asked(self.asked.name, self.asked.measure, self.asked.queues, only)

    @cached_property
    def _own_of_open(self) -> Ints:
        own = np.full(self.scenario.intervals, -1, np.int64)
        for p, mine in enumerate(self.inside):
            own[mine] = p
        return own

    @property
    def wanted(self) -> list[tuple[Asked, Period]]:
        found: list[tuple[Asked, Period]] = [(self.asked, self.looks)]
        if self.relief != "none":
            found.append((self._offered, "interval"))
        if self.spans:
            found.append((self._excluded, self.looks))
        if self.relief == "first_in_arrival_order":
            found.append((self._first, "interval"))
        return found

    def results(self, result: Result) -> _Rows:
        """All its periods of all replications, to be taken one replication at a time."""
        parts = {
            "all": result.by_period(self.asked, self.looks),
            "offered": result.by_period(self._offered, "interval")
            if self.relief != "none"
            else None,
            "excluded": result.by_period(self._excluded, self.looks) if self.spans else None,
            "first": result.by_period(self._first, "interval")
            if self.relief == "first_in_arrival_order"
            else None,
        }
        return _Rows(self, parts)


class _Rows:
    """A commitment's counts of many replications."""

    def __init__(self, looked: _Looked, parts: Mapping[str, Any]) -> None:
        self.looked, self.parts = looked, parts

    def of(self, replication: int) -> list[sla.PeriodResult]:
        """(P,) its own periods in one replication, judged."""
        looked = self.looked
        row: dict[str, Any] = {
            name: None if pair is None else (pair[0][replication], pair[1][replication])
            for name, pair in self.parts.items()
        }
        return [
            sla.judge(agreed, self._counts(row, p, mine))
            for p, (agreed, mine) in enumerate(zip(looked.terms, looked.inside, strict=True))
        ]

    def _counts(self, row: Mapping[str, Any], p: int, mine: Ints) -> sla.Counts:
        chosen: Any = slice(p, p + 1) if self.looked.plain else mine

        def both(name: str) -> tuple[list[int], list[int]] | None:
            pair = row[name]
            if pair is None:
                return None
            return pair[0][chosen].tolist(), pair[1][chosen].tolist()

        above, below = both("all") or ([], [])
        offered = both("offered")
        return sla.Counts(
            above, below, None if offered is None else offered[1], both("excluded"), both("first")
        )


# ------------------------------------------------------------------ what is paid


@dataclass(frozen=True)
class Paid:
    """Paid hours of each contract period, and what they cost (None where a group has no cost_per_hour).

    Where the contract's queues are not all there are, their share of the workload.
    """

    hours: tuple[float, ...]
    cost: tuple[Fraction, ...] | None


def paid(scenario: Scenario, agreed: Agreed, number: Ints) -> Paid:
    """What the staffing costs by contract period; ``number`` (I,) the period of each interval."""
    count = int(number.max()) + 1
    part = _workload_part(scenario, covered(scenario, agreed))
    hours = np.zeros(count)
    cost: list[Fraction] | None = [Fraction(0)] * count
    inside = number >= 0
    for name, group in scenario.groups.items():
        counted = scenario.staffing(name) * scenario.interval / HOUR
        own: Floats = np.bincount(number[inside], counted[inside], count).astype(np.float64)
        own = own * (group.shrinkage.to_paid(group.counts) * part)
        hours += own
        if group.cost_per_hour is None or cost is None:
            cost = None
        else:
            rate = exact(group.cost_per_hour)
            cost = [
                sum_ + rate * exact(round(float(h), 6)) for sum_, h in zip(cost, own, strict=True)
            ]
    return Paid(tuple(float(h) for h in hours), None if cost is None else tuple(cost))


def _workload_part(scenario: Scenario, queues: Sequence[str]) -> float:
    work = {}
    for name in scenario.queues:
        expected = scenario.expected(name)
        work[name] = float((expected.volume * expected.aht_ms).sum())
    total = sum(work.values())
    if len(queues) == len(work) or total == 0:
        return 1.0
    return sum(work[name] for name in queues) / total


def _months(scenario: Scenario, number: Ints) -> list[Fraction]:
    """How many months each contract period is: whole ones exactly, a day as its part of its month."""
    from calendar import monthrange

    text = scenario.grid.local.text[scenario.grid.warm :]
    days: dict[int, set[str]] = {}
    for period, at in zip(number.tolist(), text, strict=True):
        if period >= 0:
            days.setdefault(period, set()).add(str(at)[:10])
    return [
        sum(
            (Fraction(1, monthrange(int(day[:4]), int(day[5:7]))[1]) for day in sorted(days[p])),
            Fraction(0),
        )
        for p in range(int(number.max()) + 1)
    ]


class _Charged:
    """The charges of each contract period."""

    def __init__(self, scenario: Scenario, agreed: Agreed, result: Result) -> None:
        contract = agreed.contract
        self.contract = contract
        self.number = np.asarray(measures.period_of(scenario, contract.period), np.int64)
        self.paid = paid(scenario, agreed, self.number)
        self.months = _months(scenario, self.number)
        self.weeks = [
            Fraction(int(n) * scenario.interval, 7 * clock.DAY)
            for n in np.bincount(self.number[self.number >= 0])
        ]
        self.parts = _parts(scenario, agreed)
        self.forecast = _forecast_units(scenario, agreed, self.number)
        self.used: tuple[Any, Any] | None = None
        for asked, period in _usage(scenario, agreed):
            self.used = result.by_period(asked, period)

    def of(self, replication: int, p: int) -> Charges:
        price = self.contract.price
        if price is None:
            return Charges(Fraction(0))
        units: Fraction | int = self.months[p]
        if price.per == "fte":
            hours = exact(round(self.paid.hours[p], 6))
            units = self.months[p] * hours / FULL_TIME_WEEK / self.weeks[p]
        elif price.per == "productive_hour":
            assert self.used is not None
            units = Fraction(int(self.used[1][replication, p]), HOUR)
        elif price.per in ("contact", "minute"):
            assert self.used is not None
            above, below = self.used
            units = (
                int(below[replication, p])
                if price.per == "contact"
                else Fraction(int(above[replication, p]), 60_000)
            )
        charged = fee(price, Usage(units, self.forecast[p]))
        profit = None if self.paid.cost is None else charged - self.paid.cost[p]
        return Charges(charged, profit, {t: charged * part for t, part in self.parts.items()})


def _parts(scenario: Scenario, agreed: Agreed) -> dict[str, Fraction]:
    """title -> the part of the fee that a commitment covers: as written, else its share of the contacts."""
    volumes = {name: float(scenario.expected(name).volume.sum()) for name in scenario.queues}
    total = sum(volumes[name] for name in covered(scenario, agreed))
    found = {}
    for commitment in agreed.contract.commitments:
        own = agreed.part_of(commitment.title)
        if own is None:
            queues = asked_of(scenario, agreed, commitment).queues
            own = sum(volumes[name] for name in queues) / total if total else 1.0
        found[commitment.title] = exact(round(own, 9))
    return found


def _forecast_units(scenario: Scenario, agreed: Agreed, number: Ints) -> list[Fraction]:
    """What the client's forecast promised of contacts, or of minutes, in each contract period."""
    count = int(number.max()) + 1
    price = agreed.contract.price
    if price is None or price.minimum_of_forecast is None or agreed.forecast is None:
        return [Fraction(0)] * count
    units = [Fraction(0)] * count
    for name, volume in agreed.forecast.items():
        aht = scenario.expected(name).aht_ms
        for i, p in enumerate(number.tolist()):
            if p >= 0 and volume[i]:
                each = exact(round(float(aht[i]), 3)) / 60_000 if price.per == "minute" else 1
                units[p] += volume[i] * each
    return units


# ------------------------------------------------------------------ replication by replication


@dataclass(frozen=True)
class Judged:
    """One replication: its contract periods, ready for the ledger, and the single results by title."""

    settled: tuple[Settled, ...]
    results: Mapping[str, Sequence[sla.PeriodResult]]


def periods(result: Result, agreed: Agreed, *, month: int | None = None) -> Iterator[Judged]:
    """Every replication's periods, judged and charged, in order of replications.

    ``month`` is the contract month of the first period; None takes the one in which the scenario begins.
    """
    scenario = result.scenario
    first = agreed.month if month is None else month
    looked = [_Looked(scenario, agreed, one, first) for one in agreed.contract.commitments]
    rows = [one.results(result) for one in looked]
    charged = _Charged(scenario, agreed, result)
    count = int(charged.number.max()) + 1
    months = [
        None if first is None else first + _months_between(scenario, charged.number, p)
        for p in range(count)
    ]
    for replication in range(result.replications):
        own = {one.looked.commitment.title: one.of(replication) for one in rows}
        settled = []
        for p in range(count):
            here = {
                one.commitment.title: tuple(
                    found
                    for found, at in zip(own[one.commitment.title], one.of_contract, strict=True)
                    if at == p
                )
                for one in looked
            }
            settled.append(Settled(here, charged.of(replication, p), months[p]))
        yield Judged(tuple(settled), own)


def _months_between(scenario: Scenario, number: Ints, p: int) -> int:
    text = scenario.grid.local.text[scenario.grid.warm :]
    first, own = str(text[0]), str(text[int(np.flatnonzero(number == p)[0])])
    return 12 * (int(own[:4]) - int(first[:4])) + int(own[5:7]) - int(first[5:7])
