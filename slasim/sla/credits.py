"""What a contract's periods cost: credits, bonuses, earn-back, the ledger of credits, and the right to leave.

A period's credits are worked out from its results and its charges (`period_credits`), a term's from all its periods
in order (`settle`). Weights may total more than 1: a commitment's own credit is its weight times the money at risk, and
the total stops at that money. Exact fractions of the contract's money; nothing is rounded here. This file
knows no counts and no chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from slasim.sla.contract import Better, Commitment, Contract, Price, Tier
from slasim.sla.periods import PeriodResult, Results, all_met, meets, results_of

__all__ = [
    "Charges",
    "LedgerRow",
    "PeriodCredits",
    "Settled",
    "Term",
    "Usage",
    "earned_back",
    "fee",
    "may_terminate",
    "period_credits",
    "settle",
    "share_reached",
]

ZERO = Fraction(0)


# ------------------------------------------------------------------ what is charged


@dataclass(frozen=True)
class Usage:
    """What a period is billed for. ``units`` is in the price's own unit (months, FTE, productive hours, contacts or
    minutes); ``forecast_units`` is what the client's forecast promised, for minimum billing."""

    units: Fraction | int
    forecast_units: Fraction | int = 0


def fee(price: Price, usage: Usage) -> Fraction:
    """The fee of a period.

    >>> fee(Price("contact", Fraction(2), minimum_of_forecast=Fraction(4, 5)), Usage(700, 1000))
    Fraction(1600, 1)
    """
    units = Fraction(usage.units)
    if price.minimum_of_forecast is not None:
        units = max(units, price.minimum_of_forecast * usage.forecast_units)
    return max(price.minimum, price.amount * units)


@dataclass(frozen=True)
class Charges:
    """The money of a period that credits are a share of.

    ``profit`` is needed where the credit base is profit (a loss counts as 0), ``parts`` (title of a commitment -> the
    part of the fee that it covers) where it is affected_part.
    """

    fee: Fraction
    profit: Fraction | None = None
    parts: Mapping[str, Fraction] = field(default_factory=dict)


# ------------------------------------------------------------------ one period


def share_reached(tiers: Sequence[Tier], value: Fraction) -> Fraction:
    """The share that the furthest tier reached costs (or, of a bonus, earns); 0 when none is reached.

    >>> steps = (Tier(Fraction(1, 4), below=Fraction(4, 5)), Tier(Fraction(1), below=Fraction(7, 10)))
    >>> share_reached(steps, Fraction(3, 4))
    Fraction(1, 4)
    """
    return max((tier.share for tier in tiers if tier.holds(value)), default=ZERO)


@dataclass(frozen=True)
class PeriodCredits:
    """The credits of one period.

    at_risk  the most that the period's credits may total; None where the contract has no cap
    credits  title -> the commitment's own credit, before the cap
    bonuses  title -> its bonus
    total    what the credits come to: capped, and less the bonuses where these are net
    bonus    what is paid on top of the fee
    """

    at_risk: Fraction | None
    credits: Mapping[str, Fraction]
    bonuses: Mapping[str, Fraction]
    total: Fraction
    bonus: Fraction

    @property
    def raw(self) -> Fraction:
        """The credits before the cap."""
        return sum(self.credits.values(), ZERO)

    def paid(self, title: str) -> Fraction:
        """A commitment's part of the total: the cap and net bonuses shrink all credits alike."""
        own = self.credits.get(title, ZERO)
        return own * self.total / self.raw if own else ZERO


def period_credits(
    contract: Contract,
    results: Results,
    charges: Charges,
    *,
    month: int | None = None,
) -> PeriodCredits:
    """The credits of one contract period.

    Where a commitment is judged more often than the contract's period, each of its results carries an equal part of
    the commitment's money. Nothing that was not measured costs or earns. Raises ValueError when the
    credit base is not among the charges.
    """
    owed, bonuses = {}, {}
    free = month is not None and month <= contract.credit_free_months
    cap = None if contract.at_risk is None else contract.at_risk * _base(contract, charges)
    for commitment in contract.commitments:
        title = commitment.title
        each = results_of(results, title)
        credit = bonus = ZERO
        if commitment.costs_money and not free and each:
            own = _base(contract, charges, title)
            credit = sum((_credit(contract, commitment, one, own) for one in each), ZERO)
            bonus = sum((_bonus(contract, commitment, one, own) for one in each), ZERO)
            credit, bonus = credit / len(each), bonus / len(each)
        owed[title], bonuses[title] = credit, bonus
    total = sum(owed.values(), ZERO)
    total = total if cap is None else min(total, cap)
    bonus = sum(bonuses.values(), ZERO)
    if contract.net_bonus:
        total, bonus = max(total - bonus, ZERO), max(bonus - total, ZERO)
    return PeriodCredits(cap, owed, bonuses, total, bonus)


def _base(contract: Contract, charges: Charges, title: str | None = None) -> Fraction:
    """The money that at_risk is a share of: of one commitment, or (no title) of the whole period."""
    if contract.credit_base == "profit":
        if charges.profit is None:
            raise ValueError("credits on profit need the period's profit.")
        return max(charges.profit, ZERO)
    if contract.credit_base == "affected_part" and title is not None:
        if title not in charges.parts:
            raise ValueError(f"credits on the affected part need the part of the fee of {title}.")
        return charges.parts[title]
    return charges.fee


def _credit(
    contract: Contract, commitment: Commitment, result: PeriodResult, base: Fraction
) -> Fraction:
    if result.status != "missed" or result.compared is None:
        return ZERO
    most = commitment.weight * (contract.at_risk or ZERO) * base
    if commitment.linear is not None:
        short = _beyond(result.target, result.compared, commitment.side)
        credit = commitment.linear.rate * short * base
        return min(credit, most) if commitment.weight else credit
    if not commitment.tiers:
        return most
    return most * share_reached(commitment.tiers, result.compared)


def _beyond(target: Fraction, value: Fraction, better: Better) -> Fraction:
    return target - value if better == "higher" else value - target


def _bonus(
    contract: Contract, commitment: Commitment, result: PeriodResult, base: Fraction
) -> Fraction:
    if result.status != "met" or result.compared is None:
        return ZERO
    return share_reached(commitment.bonus, result.compared) * (contract.at_risk or ZERO) * base


# ------------------------------------------------------------------ a term of periods


@dataclass(frozen=True)
class Settled:
    """One period of a term, ready for the ledger. ``month`` is the contract month in which it begins (from 1)."""

    results: Results
    charges: Charges
    month: int | None = None


@dataclass(frozen=True)
class LedgerRow:
    """One period's money.

    opening      credits that the client holds from before; negative is owed by the client
    credit       added by this period
    earned_back  taken off again, of this or an earlier period
    used         set against this period's invoice; negative collects what the client owes
    closing      opening + credit - earned_back - used
    invoice      fee + bonus - used
    """

    fee: Fraction
    credits: PeriodCredits
    earned_back: Fraction
    opening: Fraction
    used: Fraction
    closing: Fraction
    met: bool | None
    may_terminate: bool

    @property
    def credit(self) -> Fraction:
        return self.credits.total

    @property
    def invoice(self) -> Fraction:
        return self.fee + self.credits.bonus - self.used


@dataclass(frozen=True)
class Term:
    """A whole term. ``refund`` is what is paid out at its end, ``lapsed`` the credit that the client loses."""

    rows: tuple[LedgerRow, ...]
    refund: Fraction
    lapsed: Fraction

    @property
    def credits(self) -> Fraction:
        """All credits less what was earned back."""
        return sum((row.credit - row.earned_back for row in self.rows), ZERO)

    @property
    def revenue(self) -> Fraction:
        """All invoices less the refund."""
        return sum((row.invoice for row in self.rows), ZERO) - self.refund

    @property
    def first_right_to_leave(self) -> int | None:
        """The index of the first period after which the client may leave; None when there is none."""
        return next((i for i, row in enumerate(self.rows) if row.may_terminate), None)


def settle(contract: Contract, periods: Sequence[Settled]) -> Term:
    """The ledger of a term, its periods in order.

    Credits reduce the invoice of their own period or, with ``credits_as="future_fees"``, of later ones; what a fee
    cannot hold is carried forward. Raises ValueError when the
    credit base is not among the charges.
    """
    owed = [period_credits(contract, p.results, p.charges, month=p.month) for p in periods]
    results = [p.results for p in periods]
    back = earned_back(contract, results, owed, [p.month for p in periods])
    leave = may_terminate(contract, results)
    rows: list[LedgerRow] = []
    opening = ZERO
    for period, own, returned, may in zip(periods, owed, back, leave, strict=True):
        charged = period.charges.fee
        used = min(_usable(contract, opening - returned, own.total), charged)
        closing = opening + own.total - returned - used
        met = all_met(contract, period.results)
        rows.append(LedgerRow(charged, own, returned, opening, used, closing, met, may))
        opening = closing
    balance = opening
    refund = balance if contract.refund or balance < 0 else ZERO
    return Term(tuple(rows), refund, balance - refund)


def _usable(contract: Contract, held: Fraction, new: Fraction) -> Fraction:
    """The credit that this invoice may take; new credit counts at once only as a deduction, or against a debt."""
    if contract.credits_as == "deduction":
        return held + new
    return held if held >= 0 else min(held + new, ZERO)


def earned_back(
    contract: Contract,
    results: Sequence[Results],
    owed: Sequence[PeriodCredits],
    months: Sequence[int | None] | None = None,
) -> list[Fraction]:
    """(periods,) what comes back to the provider, booked in the period in which it is earned.

    Periods that were not measured are passed over: they neither help nor harm. A credit comes back once. A contract
    year ends with the last period of its 12 months, or with the term; without ``months`` each period is a month.
    """
    back = [ZERO] * len(results)
    clause = contract.earn_back
    if clause is None:
        return back
    numbers = [i + 1 if months is None else months[i] or i + 1 for i in range(len(results))]
    years = [(month - 1) // 12 for month in numbers]
    for commitment in contract.commitments:
        rows = [results_of(row, commitment.title) for row in results]
        for at, row in enumerate(owed):
            paid = row.paid(commitment.title) * clause.share
            if not paid:
                continue
            ways = (
                _after_good_periods(clause.good_periods, at, rows),
                _after_year(commitment, clause.year_average, at, rows, years),
            )
            when = [period for period in ways if period is not None]
            if when:
                back[min(when)] += paid
    return back


def _after_good_periods(
    needed: int | None, at: int, rows: Sequence[Sequence[PeriodResult]]
) -> int | None:
    """The period that completes the good ones right after ``at``; None when one is bad or too few are left."""
    if needed is None:
        return None
    for later in range(at + 1, len(rows)):
        found = {one.status for one in rows[later]}
        if "missed" in found:
            return None
        needed -= "met" in found
        if needed == 0:
            return later
    return None


def _after_year(
    commitment: Commitment,
    asked: bool,
    at: int,
    rows: Sequence[Sequence[PeriodResult]],
    years: Sequence[int],
) -> int | None:
    """The last period of the year of ``at`` when the year's mean reaches the year's target."""
    if not asked or commitment.year_target is None:
        return None
    inside = [i for i, year in enumerate(years) if year == years[at]]
    values = [one.compared for i in inside for one in rows[i] if one.compared is not None]
    if not values:
        return None
    mean = sum(values, ZERO) / len(values)
    return inside[-1] if meets(mean, commitment.year_target, commitment.side) else None


def may_terminate(contract: Contract, results: Sequence[Results]) -> list[bool]:
    """(periods,) may the client leave after this period, for the misses in the window that ends with it?

    Only critical commitments count; a period that was not measured is no miss and keeps its place in the window.
    """
    clause = contract.termination
    if clause is None:
        return [False] * len(results)
    titles = [c.title for c in contract.commitments if c.critical]
    missed = [
        {t for t in titles if any(one.status == "missed" for one in results_of(row, t))}
        for row in results
    ]
    found = []
    for end in range(len(results)):
        window = missed[max(end + 1 - clause.within_periods, 0) : end + 1]
        if clause.of == "same":
            most = max((sum(title in row for row in window) for title in titles), default=0)
        else:
            most = sum(bool(row) for row in window)
        found.append(most >= clause.misses)
    return found
