"""What a contract says holds together: its tiers, weights, clauses and money, and what they need around them.

The rules themselves are `sla/contract_checks.py`; here they are told at their places in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import ValidationError

from slasim.errors import InputError, Problem
from slasim.scenario.agreements import agreed, locked_forecast
from slasim.scenario.checks.case import Case, placed
from slasim.scenario.checks.promises import commitments_fit_their_metric, contracts_of
from slasim.scenario.document import Loc, dotted
from slasim.scenario.schema import Contract
from slasim.sla.contract_checks import Around, contract_problems, version_problems

__all__ = [
    "clauses_find_contacts",
    "contracts_hold_together",
    "locked_forecasts_are_known",
]

_PART = re.compile(r"[^.\[\]]+|\[\d+\]")


def contracts_hold_together(case: Case) -> Iterator[Problem]:
    for loc, record in contracts_of(case.centre):
        if not case.whole(*(str(part) for part in loc)):
            continue
        if not case.whole("metrics"):
            continue
        try:
            made = agreed(case.centre, "", loc, record)
        except ValidationError as error:
            first = error.errors()[0]
            said = (first.get("ctx") or {}).get("found") or first["msg"]
            where = ".".join(str(part) for part in first["loc"])
            yield case.problem((*loc, "versions"), f"a version: {where}: {said}", "")
            continue
        except ValueError as error:  # a local time that does not exist
            yield case.problem((*loc, "exclusions"), str(error), "")
            continue
        if not record.commitments:
            yield case.problem(
                loc,
                "the contract promises nothing",
                "Write commitments: [{metric: ..., target: ...}].",
            )
        around = Around(
            forecast=record.forecast is not None and record.forecast.source is not None,
            hiring_plan=record.hiring is not None,
        )
        told: set[tuple[str, str]] = set()
        mistaken = {problem.path for problem in commitments_fit_their_metric(case)}
        for number, version in enumerate(made.versions):
            for problem in contract_problems(version, around):
                key = (problem.path, problem.found)
                if key not in told:
                    told.add(key)
                    place = _loc(loc, problem.path)
                    if dotted(place) in mistaken:
                        continue
                    if number and not _written(record, place[len(loc) :]):
                        place = (*loc, "versions", number - 1)
                    yield case.problem(place, problem.found, problem.would_do)
        if len(made.versions) > 1:
            for problem in version_problems(made.versions):
                yield case.problem((*loc, "versions"), problem.found, problem.would_do)
        yield from _money(case, loc, record)


def clauses_find_contacts(case: Case) -> Iterator[Problem]:
    """A clause that picks single contacts needs a metric that is a ratio of contacts, or of tickets where they do."""
    for loc, record in contracts_of(case.centre):
        if not case.whole(*(str(part) for part in loc)) or not case.whole("metrics"):
            continue
        try:
            made = agreed(case.centre, "", loc, record)
        except ValueError:  # told by `contracts_hold_together`
            continue
        over = {title: one.measure.over for title, one in made.metrics.items() if one is not None}
        for number, exclusion in enumerate(made.contract.exclusions):
            titles = [
                title
                for title, what in over.items()
                if what in _NO_CONTACTS and exclusion.concerns(title)
            ]
            if exclusion.scope == "contacts" and titles:
                yield case.problem(
                    (*loc, "exclusions", number),
                    f"contacts are left out, and {', '.join(titles)} is no ratio of contacts",
                    "Write scope: intervals, or commitments: with those that it is for.",
                )
        forecast = made.contract.forecast
        titles = [title for title, what in over.items() if what != "contacts"]
        if forecast is not None and forecast.relief == "first_in_arrival_order" and titles:
            yield case.problem(
                (*loc, "forecast", "relief"),
                f"the first contacts of an interval count, and {', '.join(titles)} is no ratio of contacts",
                "Give the forecast another relief, or promise that in a contract of its own.",
            )


_NO_CONTACTS = ("agents", "chains")
"""What a metric may be over without any single contacts or tickets."""


def _money(case: Case, loc: Loc, record: Contract) -> Iterator[Problem]:
    if record.credit_base == "profit":
        free = [name for name, group in case.centre.groups.items() if group.cost_per_hour is None]
        if free:
            would_do = f"Give these groups their cost_per_hour: {', '.join(free)}."
            yield case.problem((*loc, "credit_base"), "a profit and no cost", would_do)
    price = record.price
    if price is not None and price.minimum_of_forecast is not None and price.per not in (
        "contact", "minute",
    ):  # fmt: skip
        yield case.problem(
            (*loc, "price", "minimum_of_forecast"),
            f"the forecast counts contacts, and the price is per {price.per}",
            "Write minimum: and the least amount, or a price per contact or minute.",
        )


def locked_forecasts_are_known(case: Case) -> Iterator[Problem]:
    """The client's forecast can be read for every queue that the contract measures."""
    for loc, record in contracts_of(case.centre):
        if not case.whole("queues") or not case.whole("metrics"):
            continue
        try:
            locked_forecast(case.centre, record)
        except InputError as error:
            yield from placed(error, case.document, (*loc, "forecast"))
        except (ValueError, KeyError) as error:
            yield case.problem((*loc, "forecast"), str(error), "")


def _loc(loc: Loc, path: str) -> Loc:
    """`contract.commitments[0].tiers` below where the contract stands."""
    parts = _PART.findall(path)[1:]
    return (*loc, *(int(part[1:-1]) if part[0] == "[" else part for part in parts))


def _written(record: Contract, inside: Loc) -> bool:
    return bool(inside) and str(inside[0]) in record.model_fields_set
