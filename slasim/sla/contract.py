"""What a contract says: commitments, targets, clauses, price and credits, as frozen values.

Every number is an integer or a fraction, because a contract is decided at its boundaries: 80 % of 200 is exactly 160,
and 15 % above 100 is exactly 115. Shares are 0..1, times ms, money in the contract's own unit. The words are those
of a scenario's `contract:` section. How a period is judged is `periods.py`, what it costs `credits.py`, what is wrong
with a contract `contract_checks.py`. This file knows no file, no scenario and no chance.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from slasim.metrics.ratio import ZeroOffered

__all__ = [
    "AGGREGATES",
    "CREDIT_BASES",
    "PERIODS",
    "PRICED_BY",
    "RELIEFS",
    "ROUNDING_MODES",
    "Commitment",
    "Contract",
    "EarnBack",
    "Exclusion",
    "Forecast",
    "Linear",
    "Parties",
    "Price",
    "Rounding",
    "Termination",
    "Tier",
    "contract_month",
    "exact",
    "in_force",
]

Better: TypeAlias = Literal["higher", "lower"]
Unit: TypeAlias = Literal["share", "time", "number"]
Period: TypeAlias = Literal["interval", "day", "week", "month", "quarter", "horizon"]
Aggregate: TypeAlias = Literal["weighted", "unweighted", "share_of_intervals_met"]
ReliefName: TypeAlias = Literal[
    "none", "exclude_interval", "waive_period", "first_in_arrival_order", "cap_denominator"
]
RoundingMode: TypeAlias = Literal["half_up", "half_even", "truncate"]
CreditBase: TypeAlias = Literal["fee", "profit", "affected_part"]
PricedBy: TypeAlias = Literal["month", "fte", "productive_hour", "contact", "minute"]

PERIODS: tuple[Period, ...] = ("interval", "day", "week", "month", "quarter", "horizon")
"""From short to long."""
AGGREGATES = ("weighted", "unweighted", "share_of_intervals_met")
RELIEFS = (
    "none",
    "exclude_interval",
    "waive_period",
    "first_in_arrival_order",
    "cap_denominator",
)
ROUNDING_MODES = ("half_up", "half_even", "truncate")
CREDIT_BASES = ("fee", "profit", "affected_part")
PRICED_BY = ("month", "fte", "productive_hour", "contact", "minute")

ZERO, ONE = Fraction(0), Fraction(1)


def exact(number: int | float | str | Decimal | Fraction) -> Fraction:
    """A number as it is written: 0.15 is 3/20, never the binary number next to it. Raises ValueError.

    >>> exact(0.15), exact("80 %"), exact("89.95 %")
    (Fraction(3, 20), Fraction(4, 5), Fraction(1799, 2000))
    """
    if isinstance(number, bool):
        raise ValueError(f"{number} is no number.")
    try:
        if isinstance(number, str) and number.rstrip().endswith("%"):
            return Fraction(number.rstrip()[:-1].strip()) / 100
        return Fraction(repr(number) if isinstance(number, float) else number)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"{number!r} is no number; write for example 0.15 or 15 %.") from None


# ------------------------------------------------------------------ commitments


@dataclass(frozen=True)
class Tier:
    """A step of the credits: the share of a commitment's money that a value on it costs (or, as a bonus, earns).

    A credit tier says ``below`` where more is better, ``above`` where less is; the worst tier reached counts. A
    tier may name its other edge as well (``at_least``, ``at_most``). A bonus says ``at_least`` or ``at_most``.
    """

    share: Fraction
    below: Fraction | None = None
    above: Fraction | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None

    def holds(self, value: Fraction) -> bool:
        """Is the value on this step? Edges called below and above are strict."""
        return (
            (self.below is None or value < self.below)
            and (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
        )


@dataclass(frozen=True)
class Linear:
    """Credits in proportion to the shortfall: ``rate`` x (target - actual) of the charges.

    At rate 1, 74 % against 80 % costs 6 % of the charges.
    """

    rate: Fraction = ONE


@dataclass(frozen=True)
class Commitment:
    """A metric, its target and what a miss costs.

    unit             of the metric: "share" (0..1), "time" (ms) or "number"
    better           which side of the metric is the good one
    period           how often it is judged; None takes the contract's
    aggregate        contacts together, the mean of the intervals, or the share of intervals met
    interval_target  what an interval must reach, with share_of_intervals_met
    zero_offered     what an interval with nothing offered counts as, with share_of_intervals_met
    weight           its share of the money at risk; weights may total more than 1
    critical         False: reported only, no credit, no part in a termination
    tiers            what a miss costs; without tiers and linear a miss costs the whole weight
    linear           instead of tiers; a weight beside it caps this commitment's own credit
    bonus            positive tiers: share of the money at risk earned; the best reached is paid once per period
    year_target      the mean of a year's values that returns its credits, with EarnBack.year_average
    """

    metric: str
    target: Fraction
    name: str = ""
    better: Better = "higher"
    unit: Unit = "share"
    period: Period | None = None
    aggregate: Aggregate = "weighted"
    interval_target: Fraction | None = None
    zero_offered: ZeroOffered = "skip"
    weight: Fraction = ZERO
    critical: bool = True
    tiers: tuple[Tier, ...] = ()
    linear: Linear | None = None
    bonus: tuple[Tier, ...] = ()
    year_target: Fraction | None = None

    @property
    def title(self) -> str:
        """Its name; without one, the metric's, and how it is put together where that is not the usual."""
        if self.name:
            return self.name
        return self.metric if self.aggregate == "weighted" else f"{self.metric} {self.aggregate}"

    @property
    def side(self) -> Better:
        """The good side of the target. More intervals met is better, whatever is better in an interval."""
        return "higher" if self.aggregate == "share_of_intervals_met" else self.better

    @property
    def judged_unit(self) -> Unit:
        """The unit of the value that is compared with the target."""
        return "share" if self.aggregate == "share_of_intervals_met" else self.unit

    @property
    def costs_money(self) -> bool:
        """Can a period of this commitment cost or earn anything?"""
        return self.critical and bool(self.weight or self.linear or self.bonus)


# ------------------------------------------------------------------ clauses


@dataclass(frozen=True)
class Forecast:
    """The client's locked forecast and what follows when the volume leaves it.

    Volume is outside when it is strictly above (1 + tolerance) x forecast; with ``sided="both"`` also strictly below
    (1 - tolerance) x forecast. ``relief``:

    none                    the forecast has no say
    exclude_interval        such an interval is not measured, neither its numerator nor its denominator
    waive_period            a period whose whole volume is outside is not measured
    first_in_arrival_order  only the first floor((1 + tolerance) x forecast) contacts are measured
    cap_denominator         the contacts above it are taken off those not served in time

    ``by`` says whether the last two look at the volume of each interval or of the whole period. ``source`` is the
    name of the file; this room does not open it.
    """

    tolerance: Fraction = ZERO
    relief: ReliefName = "none"
    sided: Literal["upper", "both"] = "upper"
    by: Literal["interval", "period"] = "interval"
    lock_days: int = 0
    source: str = ""


@dataclass(frozen=True)
class Exclusion:
    """A stretch [since, until) that is not measured, with its reason; instants in ms, the axis of the arrivals.

    ``scope="contacts"`` drops the contacts that arrived inside, ``"intervals"`` every interval touched.
    ``commitments`` names the commitments it holds for (none named: all).
    """

    kind: str
    since: int
    until: int
    scope: Literal["contacts", "intervals"] = "contacts"
    commitments: tuple[str, ...] = ()

    def concerns(self, title: str) -> bool:
        """Does it hold for this commitment?"""
        return not self.commitments or title in self.commitments


@dataclass(frozen=True)
class Rounding:
    """Values are rounded before they are compared: percentages, or seconds for a time, to so many decimals."""

    decimals: int = 0
    mode: RoundingMode = "half_up"

    def of(self, value: Fraction, unit: Unit = "share") -> Fraction:
        """The value as the contract reads it.

        >>> Rounding(1).of(Fraction(1799, 2000)), Rounding(1, "truncate").of(Fraction(1799, 2000))
        (Fraction(9, 10), Fraction(899, 1000))
        """
        steps = Fraction(10**self.decimals)
        if unit == "share":
            steps *= 100
        elif unit == "time":
            steps /= 1000
        scaled = value * steps
        if self.mode == "half_even":
            return round(scaled) / steps
        up = 1 if self.mode == "half_up" else 0
        return (2 * scaled.numerator + up * scaled.denominator) // (2 * scaled.denominator) / steps


@dataclass(frozen=True)
class EarnBack:
    """When a credit comes back to the provider.

    good_periods  the commitment's next so many measured periods are all met
    year_average  the plain mean of a contract year's measured values reaches the commitment's ``year_target``
    share         how much of the credit comes back
    """

    good_periods: int | None = None
    year_average: bool = False
    share: Fraction = ONE


@dataclass(frozen=True)
class Termination:
    """The client may leave after ``misses`` missed periods within any ``within_periods`` successive ones.

    ``of="any"``: a period is missed when any critical commitment is; ``"same"``: one and the same commitment.
    """

    misses: int
    within_periods: int
    of: Literal["any", "same"] = "any"


@dataclass(frozen=True)
class Price:
    """What is paid: ``amount`` per month, FTE, productive hour, contact or minute.

    ``minimum`` is the least amount of a period. ``minimum_of_forecast`` bills at least this share of the units that
    the client's forecast promised.
    """

    per: PricedBy
    amount: Fraction
    minimum: Fraction = ZERO
    minimum_of_forecast: Fraction | None = None


@dataclass(frozen=True)
class Parties:
    """Between whom: a service level agreement, an operational level inside the house, or a supplier's contract."""

    kind: Literal["sla", "ola", "supplier"] = "sla"
    provider: str = ""
    client: str = ""


# ------------------------------------------------------------------ the whole


@dataclass(frozen=True)
class Contract:
    """All that is agreed.

    effective           first and last day it holds; None is open
    version             which draft or version this is
    min_volume          a period with a smaller measured denominator is not measured
    ramp                contract month (from 1) -> title of a commitment -> its target in that month; tiers stay
    credit_free_months  no credits and no bonuses in the first so many contract months
    at_risk             share of the credit base that a period's credits cannot exceed
    net_bonus           a period's bonus is set against its credits after the cap, instead of being paid beside them
    credits_as          credits reduce the same invoice, or go to a ledger used on later fees
    refund              what is left in the ledger at the end is paid out; otherwise it lapses
    """

    commitments: tuple[Commitment, ...] = ()
    name: str = ""
    parties: Parties = field(default_factory=Parties)
    effective: tuple[date | None, date | None] = (None, None)
    version: str = "1"
    period: Period = "month"
    forecast: Forecast | None = None
    exclusions: tuple[Exclusion, ...] = ()
    min_volume: int = 0
    ramp: Mapping[int, Mapping[str, Fraction]] = field(default_factory=dict)
    credit_free_months: int = 0
    rounding: Rounding | None = None
    price: Price | None = None
    credit_base: CreditBase = "fee"
    at_risk: Fraction | None = None
    net_bonus: bool = False
    earn_back: EarnBack | None = None
    termination: Termination | None = None
    credits_as: Literal["deduction", "future_fees"] = "deduction"
    refund: bool = True

    def commitment(self, title: str) -> Commitment:
        """The commitment of that title. Raises KeyError."""
        for commitment in self.commitments:
            if commitment.title == title:
                return commitment
        raise KeyError(title)

    def target(self, commitment: Commitment, month: int | None = None) -> Fraction:
        """The target in force in a contract month (from 1); None is after any ramp."""
        if month is None:
            return commitment.target
        return self.ramp.get(month, {}).get(commitment.title, commitment.target)


def contract_month(start: date, day: date) -> int:
    """The contract month in which a day lies, counted from 1. Raises ValueError for a day before the start.

    A contract that starts on the 31st begins its months on the last day of shorter ones.

    >>> contract_month(date(2025, 1, 15), date(2025, 2, 14)), contract_month(date(2025, 1, 31), date(2025, 2, 28))
    (1, 2)
    """
    if day < start:
        raise ValueError(f"{day} lies before the contract's start on {start}.")
    begins = min(start.day, monthrange(day.year, day.month)[1])
    months = 12 * (day.year - start.year) + day.month - start.month
    return months + (day.day >= begins)


def in_force(versions: Iterable[Contract], day: date) -> Contract | None:
    """The version that holds on a day; of several, the one that started last. None when none does."""
    holding = [
        version
        for version in versions
        if (version.effective[0] or day) <= day <= (version.effective[1] or day)
    ]
    return max(holding, key=lambda version: version.effective[0] or date.min, default=None)
