"""From what a planner wrote of a contract to the contract itself, exact and complete.

`agreements(centre)` gives the scenario's own contract first, then those of other clients on the same staffing, each
with what stands around it: its term, hiring plan, the client's locked forecast by interval. Numbers become fractions
as they are written. Nothing is judged here, and nothing drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from slasim import clock, registry
from slasim.scenario.document import Loc
from slasim.scenario.schema.contract import Commitment as CommitmentRecord
from slasim.scenario.schema.contract import Contract as ContractRecord
from slasim.scenario.schema.contract import Tier as TierRecord
from slasim.scenario.schema.metrics import Metric
from slasim.scenario.schema.promises import ClockMetric
from slasim.sla.contract import (
    Commitment,
    Contract,
    EarnBack,
    Exclusion,
    Forecast,
    Linear,
    Parties,
    Price,
    Rounding,
    Termination,
    Tier,
    Unit,
    contract_month,
    exact,
    in_force,
)

if TYPE_CHECKING:
    from slasim.scenario.centre import Centre

__all__ = ["Agreed", "Surroundings", "agreements", "contract_of", "locked_forecast", "metric_of"]


@dataclass(frozen=True, eq=False)
class Agreed:
    """A contract, and what the scenario says around it.

    name        of the client's section in `contracts`; "" for `contract`
    loc         where it stands in the file
    contract    the version in force on the scenario's first day
    versions    all of them
    record      as it was written
    metrics     (title -> metric record) of every commitment
    whole       as it was written, with its later versions
    month       the contract month in which the scenario begins; None where the contract has no first day
    """

    name: str
    loc: Loc
    contract: Contract
    versions: tuple[Contract, ...]
    record: ContractRecord
    metrics: Mapping[str, Metric | ClockMetric | None]
    month: int | None = None
    whole: ContractRecord | None = None
    _centre: Any = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """What to call it: its name, its client, or "contract"."""
        return self.contract.name or self.name or self.contract.parties.client or "contract"

    @cached_property
    def forecast(self) -> Mapping[str, tuple[Fraction, ...]] | None:
        """queue -> (I,) the client's locked forecast; None when there is none. Raises InputError."""
        return locked_forecast(self._centre, self.record)

    def version_on(self, day: date) -> Contract | None:
        """The version that holds on a day; None when none does."""
        return in_force(self.versions, day)

    def on(self, day: date) -> Agreed:
        """The same with the version that holds on a day; as it is where there is one only, or none holds."""
        if len(self.versions) < 2:
            return self
        return agreed(self._centre, self.name, self.loc, self.whole or self.record, day)

    def _keeping(self, other: Agreed) -> Agreed:
        """This one, with the forecast that the other has read already."""
        if "forecast" in other.__dict__:
            self.__dict__["forecast"] = other.__dict__["forecast"]
        return self

    def with_contract(self, contract: Contract) -> Agreed:
        """The same surroundings with other terms, as in a what-if of clauses."""
        made = Agreed(
            self.name, self.loc, contract, (contract,), self.record, self.metrics, self.month,
            self.whole, self._centre,
        )  # fmt: skip
        return made._keeping(self)

    def rebound(self, centre: Centre) -> Agreed:
        """The same contract on another centre, as in a what-if of volume or staffing."""
        return replace(self, _centre=centre)._keeping(self)

    def with_metric(self, title: str, metric: Metric) -> Agreed:
        """The same with another metric behind one commitment."""
        return replace(self, metrics={**self.metrics, title: metric})._keeping(self)

    def with_forecast(self, forecast: Mapping[str, tuple[Fraction, ...]] | None) -> Agreed:
        """The same with another locked forecast, as in another month of the term."""
        made = self.with_contract(self.contract)
        made.__dict__["forecast"] = forecast
        return made

    def part_of(self, title: str) -> float | None:
        """The part of the fee that a commitment covers, where the file says so."""
        for record, commitment in zip(
            self.record.commitments, self.contract.commitments, strict=False
        ):
            if commitment.title == title:
                return record.part
        return None


def agreements(centre: Centre) -> tuple[Agreed, ...]:
    """Every contract of the scenario: `contract` first, then `contracts` in the order of the file."""
    return tuple(made for _, made in _all(centre) if made is not None)


def _all(centre: Centre) -> Iterator[tuple[Loc, Agreed | None]]:
    if centre.contract is not None:
        yield ("contract",), agreed(centre, "", ("contract",), centre.contract)
    for name, record in centre.contracts.items():
        yield ("contracts", name), agreed(centre, name, ("contracts", name), record)


def agreed(
    centre: Centre, name: str, loc: Loc, record: ContractRecord, day: date | None = None
) -> Agreed:
    """One contract of a centre, with all its versions; the one in force on ``day`` (the scenario's first)."""
    written = [record, *(_later(record, change) for change in record.versions)]
    versions = tuple(contract_of(centre, one) for one in written)
    start = centre.start.date()
    holding = in_force(versions, day or start) or versions[0]
    own = written[versions.index(holding)]
    first = holding.effective[0]
    month = contract_month(first, start) if first is not None and first <= start else None
    metrics = {
        commitment.title: metric_of(centre, one)
        for commitment, one in zip(holding.commitments, own.commitments, strict=True)
    }
    return Agreed(name, loc, holding, versions, own, metrics, month, record, centre)


def _later(record: ContractRecord, change: Mapping[str, Any]) -> ContractRecord:
    """A version: what it says itself, and the rest as before."""
    plain = {
        (info.alias or key): getattr(record, key)
        for key, info in type(record).model_fields.items()
        if key in record.model_fields_set and key != "versions"
    }
    return ContractRecord.model_validate({**plain, **change})


def metric_of(centre: Surroundings, commitment: CommitmentRecord) -> Metric | ClockMetric | None:
    """The metric that is promised: written in place, of `metrics`, or a kind over all queues."""
    if commitment.inline is not None:
        return commitment.inline
    name = commitment.metric or ""
    if name in centre.metrics:
        found: Metric | ClockMetric = centre.metrics[name]
        return found
    if registry.has("metric", name) and name != "service_level":
        return Metric(type=name)
    return None


# ------------------------------------------------------------------ exact values


class Surroundings(Protocol):
    """What a contract's words need around them: a scenario, or a policy of a real history."""

    @property
    def timezone(self) -> str: ...
    @property
    def start_ms(self) -> int: ...
    @property
    def metrics(self) -> Mapping[str, Any]: ...


def contract_of(around: Surroundings, record: ContractRecord) -> Contract:
    """The contract as it was written, in fractions; exclusions in ms since ``around.start_ms``."""
    centre, zone = around, clock.zone(around.timezone)
    return Contract(
        commitments=_told_apart(
            [_commitment(centre, one) for one in record.commitments], record.period
        ),
        name=record.name,
        parties=Parties(record.parties.kind, record.parties.provider, record.parties.client),
        effective=record.effective,
        version=record.version,
        period=record.period,
        forecast=None
        if record.forecast is None
        else Forecast(
            exact(record.forecast.tolerance),
            record.forecast.relief,
            record.forecast.sided,
            record.forecast.by,
            record.forecast.lock_days,
            record.forecast.file or "",
        ),
        exclusions=tuple(
            Exclusion(
                one.kind,
                clock.to_epoch_ms(one.from_, zone) - centre.start_ms,
                clock.to_epoch_ms(one.to, zone) - centre.start_ms,
                one.scope,
                one.commitments,
            )
            for one in record.exclusions
        ),
        min_volume=record.min_volume,
        ramp={
            month: {title: exact(target) for title, target in targets.items()}
            for month, targets in record.ramp.items()
        },
        credit_free_months=record.credit_free_months,
        rounding=None
        if record.rounding is None
        else Rounding(record.rounding.decimals, record.rounding.mode),
        price=None
        if record.price is None
        else Price(
            record.price.per,
            exact(record.price.amount),
            exact(record.price.minimum),
            _maybe(record.price.minimum_of_forecast),
        ),
        credit_base=record.credit_base,
        at_risk=_maybe(record.at_risk),
        net_bonus=record.net_bonus,
        earn_back=None
        if record.earn_back is None
        else EarnBack(
            record.earn_back.good_periods,
            record.earn_back.year_average,
            exact(record.earn_back.share),
        ),
        termination=None
        if record.termination is None
        else Termination(
            record.termination.misses, record.termination.within_periods, record.termination.of
        ),
        credits_as=record.credits_as,
        refund=record.refund,
    )


def _told_apart(commitments: list[Commitment], period: str) -> tuple[Commitment, ...]:
    """A metric that is promised twice without names is called by its periods as well."""
    titles = [one.title for one in commitments]
    return tuple(
        replace(one, name=f"{one.title} per {one.period or period}")
        if titles.count(one.title) > 1 and not one.name
        else one
        for one in commitments
    )


def _commitment(centre: Surroundings, record: CommitmentRecord) -> Commitment:
    metric = metric_of(centre, record)
    measure = None if metric is None else metric.measure
    unit: Unit = "share" if measure is None else measure.unit
    named = record.metric or (metric.type if metric is not None else "")
    return Commitment(
        metric=named,
        target=record.exact_target,
        name=record.name or "",
        better=record.better or ("higher" if measure is None else measure.better),
        unit=unit,
        period=record.period,
        aggregate=record.aggregate,
        interval_target=_maybe(record.interval_target),
        zero_offered=record.zero_offered,
        weight=exact(record.weight),
        critical=record.critical,
        tiers=tuple(_tier(one) for one in record.tiers),
        linear=None if record.linear is None else Linear(exact(record.linear.rate)),
        bonus=tuple(_tier(one) for one in record.bonus),
        year_target=_maybe(record.year_target),
    )


def _tier(record: TierRecord) -> Tier:
    return Tier(
        exact(record.share), _maybe(record.below), _maybe(record.above),
        _maybe(record.at_least), _maybe(record.at_most),
    )  # fmt: skip


def _maybe(number: float | None) -> Fraction | None:
    return None if number is None else exact(number)


# ------------------------------------------------------------------ the client's forecast


def locked_forecast(
    centre: Centre, record: ContractRecord
) -> Mapping[str, tuple[Fraction, ...]] | None:
    """queue -> (I,) forecast of every queue that the contract measures; None without a file.

    The file is one that `arrivals` could name. Raises InputError.
    """
    from slasim.scenario import interval_files
    from slasim.scenario.schema.arrivals import Arrivals
    from slasim.scenario.schema.queues import Aht

    if record.forecast is None or record.forecast.source is None:
        return None
    wanted: dict[str, None] = {}
    for commitment in record.commitments:
        metric = metric_of(centre, commitment)
        names = metric.queues if metric is not None and metric.queues is not None else centre.queues
        wanted.update(dict.fromkeys(name for name in names if name in centre.queues))
    found = {}
    source = record.forecast
    for name in wanted:
        arrivals = Arrivals(
            file=source.file, column=source.column, encoding=source.encoding, dates=source.dates
        )
        queue = centre.queues[name].model_copy(  # volumes alone are asked for
            update={
                "arrivals": arrivals, "volume": 1.0, "handle_time": None, "aht": Aht.model_validate({"mean": "1s"}),
            }
        )  # fmt: skip
        read = interval_files.expected(
            name, queue, centre.calendar_of(name), centre.grid, centre.folder
        )
        volume = read.part(centre.grid.warm, centre.grid.size).volume
        found[name] = tuple(exact(float(number)) for number in volume.tolist())
    return found
