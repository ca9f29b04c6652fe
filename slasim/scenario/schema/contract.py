"""What is promised, between whom, at what price, and with which clauses.

Each record knows what is wrong inside itself; what concerns several of them is `sla/contract_checks.py`, and what they
come to is `scenario/agreements.py`. Whether a promise was met is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    WithJsonSchema,
    model_validator,
)

from slasim import clock
from slasim.metrics.ratio import ZeroOffered
from slasim.scenario.schema.feasibility import Target, read_target
from slasim.scenario.schema.metrics import Metric
from slasim.scenario.schema.records import MaybeSource, NameList, Period, Record, mapping_or
from slasim.scenario.values import (
    Count,
    LocalMoment,
    Number,
    Read,
    Share,
    read_number,
    read_share,
    shown,
    wrong,
)

__all__ = [
    "Class",
    "Commitment",
    "Contract",
    "Hiring",
    "LockedForecast",
    "Parties",
    "Tier",
]


def _weight(value: Any) -> float:
    return read_share(value, most=100.0)


Weight = Annotated[
    float, Read(_weight), WithJsonSchema({"type": ["number", "string"], "minimum": 0})
]
"""A share that may exceed 1: weights together may total more than 100 %."""


def _growth(value: Any) -> float:
    """A share that may be negative: a year's growth or decline."""
    text = value.strip() if isinstance(value, str) else value
    negative = isinstance(text, str) and text.startswith("-")
    if isinstance(text, str):
        return (-1 if negative else 1) * read_share(text.lstrip("+-").strip(), most=10.0)
    return read_number(text, least=-0.99)


Growth = Annotated[float, Read(_growth), WithJsonSchema({"type": ["number", "string"]})]


# ------------------------------------------------------------------ commitments


class Tier(Record):
    """A step of the credits (or, of a bonus, of what is earned), by its edges."""

    share: Share
    below: Target | None = None
    above: Target | None = None
    at_least: Target | None = None
    at_most: Target | None = None


class Linear(Record):
    """Credits in proportion to the shortfall: rate x (target - actual) of the charges."""

    rate: Number = 1.0


def _linear(value: Any) -> Any:
    if value is True:
        return {}
    return value if isinstance(value, Mapping | Record) or value is None else {"rate": value}


class Commitment(Record):
    """What is promised: a metric, its target, per period, how intervals are put together, what a miss costs."""

    metric: str | None = None
    inline: Metric | None = None
    name: str | None = None
    target: Target
    """a share, or ms for a metric in time"""
    better: Literal["higher", "lower"] | None = None
    period: Period | None = None
    aggregate: Literal["weighted", "unweighted", "share_of_intervals_met"] = "weighted"
    interval_target: Target | None = None
    zero_offered: ZeroOffered = "skip"
    """what an interval with nothing offered counts as, with share_of_intervals_met"""
    weight: Weight = 0.0
    """its share of the money at risk"""
    critical: StrictBool = True
    """false: reported only, no credit, no part in a termination"""
    tiers: tuple[Tier, ...] = ()
    linear: Annotated[Linear | None, BeforeValidator(_linear)] = None
    bonus: tuple[Tier, ...] = ()
    year_target: Target | None = None
    part: Share | None = None
    """the part of the fee that it covers, with credit_base: affected_part; by default its share of the contacts"""

    @model_validator(mode="before")
    @classmethod
    def _inline(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and isinstance(value.get("metric"), Mapping):
            value = dict(value)
            value["inline"] = value.pop("metric")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Commitment:
        if (self.metric is None) == (self.inline is None):
            raise wrong("the commitment names no metric", "Write metric: and a name of `metrics`.")
        by_interval = self.aggregate == "share_of_intervals_met"
        if by_interval and self.interval_target is None:
            raise wrong(
                "share_of_intervals_met needs interval_target",
                "Write for example target: 0.9, interval_target: 0.8 (9 of 10 intervals at 80 %).",
            )
        if not by_interval and self.interval_target is not None:
            raise wrong(
                "interval_target stands here without aggregate",
                "Write aggregate: share_of_intervals_met, or leave it out.",
            )
        return self

    @property
    def exact_target(self) -> Fraction:
        """The target as it was written, in fractions."""
        return Fraction(repr(self.target))


# ------------------------------------------------------------------ clauses


class Parties(Record):
    """Between whom."""

    kind: Literal["sla", "ola", "supplier"] = "sla"
    provider: str = ""
    client: str = ""


class LockedForecast(MaybeSource):
    """The client's forecast, locked before the period, and the relief when volume leaves it."""

    lock_days: Count = 0
    tolerance: Share = 0.0
    relief: Literal[
        "none", "exclude_interval", "waive_period", "first_in_arrival_order", "cap_denominator"
    ] = "none"
    sided: Literal["upper", "both"] = "upper"
    by: Literal["interval", "period"] = "interval"

    @model_validator(mode="after")
    def _of_a_file(self) -> LockedForecast:
        self._without_file()
        return self


class Exclusion(Record):
    """A stretch of local time that is not measured, with its reason."""

    kind: str
    from_: LocalMoment = Field(alias="from")
    to: LocalMoment
    scope: Literal["contacts", "intervals"] = "contacts"
    commitments: NameList = ()


class Rounding(Record):
    """Values are rounded before they are compared: percentages, or seconds, to so many decimals."""

    decimals: Count = 0
    mode: Literal["half_up", "half_even", "truncate"] = "half_up"


class Price(Record):
    """What is paid."""

    per: Literal["month", "fte", "productive_hour", "contact", "minute"] = "month"
    amount: Number
    minimum: Number = 0.0
    minimum_of_forecast: Share | None = None


class EarnBack(Record):
    """When a credit comes back."""

    good_periods: Count | None = None
    year_average: StrictBool = False
    share: Share = 1.0


class Termination(Record):
    """The client may leave after so many missed periods within so many."""

    misses: Count
    within_periods: Count
    of: Literal["any", "same"] = "any"


class Class(Record):
    """A class of new agents: how many, from when, how much longer they take in their first weeks, and who leaves."""

    group: str | None = None
    agents: Number
    date: LocalMoment
    weekly_aht_factor: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> Class:
        for factor in self.weekly_aht_factor:
            if factor < 0.1 or factor > 10:
                raise wrong(f"an AHT factor of {factor:g}", "1.4 is 40 % longer than a veteran.")
        return self


class Hiring(Record):
    """The hiring plan of the term: classes, and the share of all agents that leaves each month."""

    classes: tuple[Class, ...] = ()
    attrition: Share = 0.0


def _months(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [value]
    return value


class Term(Record):
    """How long the contract runs, and how its months differ from the scenario's."""

    months: Annotated[int, BeforeValidator(lambda v: _count_of_months(v))] = 12
    monthly_volume: tuple[Number, ...] = ()
    """volume of each month beside the scenario's; 1 where nothing is said"""
    monthly_staffing: tuple[Number, ...] | Literal["follows_volume"] = ()
    growth: Growth = 0.0
    """a year's growth of the volume, month by month"""

    @model_validator(mode="after")
    def _as_long(self) -> Term:
        for key in ("monthly_volume", "monthly_staffing"):
            listed = getattr(self, key)
            if isinstance(listed, tuple) and listed and len(listed) != self.months:
                raise wrong(
                    f"`{key}` has {len(listed)} numbers for a term of {self.months} months",
                    "Write one number per month; 1 is as in the scenario.",
                )
        return self


def _count_of_months(value: Any) -> int:
    number = read_number(value, least=1, what="a whole number")
    if number != int(number) or number > 120:
        raise wrong(f"a term of {shown(value)} months", "Write 1 to 120.")
    return int(number)


def _effective(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise wrong(
            f"{shown(value)} is no pair of dates",
            'Write ["2026-01-01", "2026-12-31"]; null is open.',
        )
    return tuple(None if one is None else _day(one) for one in value)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return clock.parse_local_datetime(value).date()
    except (ValueError, TypeError, AttributeError):
        raise wrong(f"{shown(value)} is no date", "Write it as 2026-03-01.") from None


def _ramp(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise wrong(
            f"{shown(value)} is no ramp", "Write {1: {voice_80_30: 0.70}}, by contract month."
        )
    found: dict[int, dict[str, float]] = {}
    for month, targets in value.items():
        if isinstance(month, bool) or not str(month).isdigit():
            raise wrong(f"{shown(month)} is no contract month", "Months count from 1.")
        if not isinstance(targets, Mapping):
            raise wrong(f"month {month} has no targets", "Write {voice_80_30: 0.70}.")
        found[int(month)] = {str(title): read_target(target) for title, target in targets.items()}
    return found


# ------------------------------------------------------------------ the whole


class Contract(Record):
    """What is promised (SLA)."""

    name: str = ""
    parties: Parties = Parties()
    version: Annotated[
        str, BeforeValidator(lambda v: str(v) if isinstance(v, int | float) else v)
    ] = "1"
    effective: Annotated[
        Any, Read(_effective), WithJsonSchema({"type": "array", "maxItems": 2})
    ] = (None, None)
    """first and last day it holds; null is open"""
    period: Period = "horizon"
    term: Annotated[Term | None, mapping_or("months")] = None
    forecast: LockedForecast | None = None
    exclusions: tuple[Exclusion, ...] = ()
    min_volume: Count = 0
    ramp: Annotated[Any, Read(_ramp), WithJsonSchema({"type": "object"})] = Field(default={})
    """contract month -> commitment -> target"""
    hiring: Hiring | None = None
    credit_free_months: Count = 0
    rounding: Rounding | None = None
    price: Price | None = None
    credit_base: Literal["fee", "profit", "affected_part"] = "fee"
    at_risk: Share | None = None
    net_bonus: StrictBool = False
    commitments: tuple[Commitment, ...] = ()
    earn_back: EarnBack | None = None
    termination: Termination | None = None
    credits_as: Literal["deduction", "future_fees"] = "deduction"
    refund: StrictBool = True
    versions: tuple[dict[str, Any], ...] = ()
    """later versions: `effective`, and what differs from this one"""
