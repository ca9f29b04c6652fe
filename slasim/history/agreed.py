"""A policy's contract held against what really happened, by the code that judges simulated periods.

Each period of a real log or report becomes counts by interval; `sla/periods.py` judges it and `sla/credits.py` prices
it, with rounding, minimum volume, forecast relief and exclusions as the contract says. An interval report does not
know single contacts: what needs them (exclusion of contacts, first contacts in order of arrival) is refused. This
file reads no export and knows no chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from slasim.errors import InputError, Problem
from slasim.history.judged import Judged, Period
from slasim.scenario.agreements import contract_of
from slasim.scenario.policy import PolicyFile
from slasim.sla import periods as sla
from slasim.sla.contract import Commitment, Contract, exact
from slasim.sla.credits import Charges, Settled, Term, Usage, fee, settle

__all__ = ["Named", "contract_of_policy", "ledger", "results_by_period"]


@dataclass(frozen=True)
class Named:
    """A period by its local label ("1999-02"), and its result."""

    label: str
    result: sla.PeriodResult


@dataclass(frozen=True)
class _Around:
    timezone: str
    metrics: Mapping[str, Any]
    start_ms: int = 0


def contract_of_policy(policy: PolicyFile) -> Contract | None:
    """The policy's contract in exact terms; None where it has none. Exclusions are in epoch ms."""
    if policy.contract is None:
        return None
    return contract_of(_Around(policy.timezone, policy.contacts), policy.contract)


def results_by_period(
    contract: Contract, commitment: Commitment, judged: Judged, period: Period
) -> list[Named]:
    """Every period of a commitment in which the history has a row, judged.

    Raises InputError for a clause that needs single contacts, or a relief where no forecast is known.
    """
    _answerable(contract, commitment, judged)
    labels, where = judged._groups(period)
    touched = sla.touched(
        contract.exclusions, commitment.title, judged.start.tolist(), judged.interval
    )
    own = replace(commitment, zero_offered=judged.zero_offered) if (
        commitment.zero_offered == "skip"
    ) else commitment  # fmt: skip
    found = []
    for k, label in enumerate(labels):
        mine = np.flatnonzero(where == k)
        forecast = None
        if judged.forecast is not None:
            expected = judged.forecast[mine].tolist()
            forecast = [None if f != f else exact(f) for f in expected]
        agreed = sla.terms(contract, own, forecast=forecast, touched=[touched[i] for i in mine])
        counts = sla.Counts(
            judged.numerator[mine].tolist(), judged.denominator[mine].tolist(),
            judged.offered[mine].tolist(),
        )  # fmt: skip
        found.append(Named(label, sla.judge(agreed, counts)))
    return found


def _answerable(contract: Contract, commitment: Commitment, judged: Judged) -> None:
    problems = []
    relief = "none" if contract.forecast is None else contract.forecast.relief
    if relief == "first_in_arrival_order":
        would_do = "Write relief: exclude_interval or cap_denominator for histories."
        problems.append(
            Problem("the first contacts in order of arrival are not known by interval", would_do)
        )
    elif relief != "none" and judged.forecast is None:
        would_do = "Give the locked forecast with --forecast."
        problems.append(
            Problem(f"the relief {relief} needs the forecast of {judged.name}", would_do)
        )
    if any(
        one.scope == "contacts" and one.concerns(commitment.title) for one in contract.exclusions
    ):
        would_do = "Write scope: intervals for histories."
        problems.append(
            Problem("an exclusion of single contacts is not known by interval", would_do)
        )
    if problems:
        raise InputError(problems)


def ledger(
    contract: Contract, judged: Mapping[str, Judged], parts: Mapping[str, Fraction] | None = None
) -> tuple[tuple[str, ...], Term]:
    """The money of the real periods, in order of time: their labels, and the settled term.

    Prices per month and per contact are known from a history; others raise InputError. ``parts`` (title -> part of
    the fee) is needed where the credit base is the affected part. A metric without a row in a period is not measured.
    """
    price = contract.price
    if price is None:
        raise InputError(
            [Problem("the contract has no price", "Write price: {per: month, amount: ...}.")]
        )
    if price.per not in ("month", "contact"):
        would_do = "Histories know months and contacts."
        raise InputError(
            [Problem(f"what a price per {price.per} bills is not in the history", would_do)]
        )
    found: dict[str, dict[str, Any]] = {}
    offered: dict[str, int] = {}
    for commitment in contract.commitments:
        one = judged.get(commitment.metric)
        if one is None:
            continue
        for named in results_by_period(contract, commitment, one, contract.period):
            found.setdefault(named.label, {})[commitment.title] = named.result
        for span in one.by(contract.period):
            offered[span.label] = max(offered.get(span.label, 0), span.offered)
    labels = tuple(sorted(found))
    months = {"month": Fraction(1), "quarter": Fraction(3)}.get(contract.period, Fraction(1))
    settled = []
    for number, label in enumerate(labels, 1):
        units = months if price.per == "month" else Fraction(offered[label])
        charged = fee(price, Usage(units))
        shares = {title: charged * part for title, part in (parts or {}).items()}
        settled.append(Settled(found[label], Charges(charged, None, shares), number))
    return labels, settle(contract, settled)
