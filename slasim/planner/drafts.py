"""Draft against draft: several contracts over the same staffing, held against the very same simulated periods.

    drafts = compare_drafts(theirs, ours)        # scenarios that differ in their contract alone
    drafts.apart[0].chance                       # by how much the chance differs, paired

What happens on the phones does not depend on what is written, so one simulation serves all drafts, and a difference is
what the words alone make. Whoever wants other staffing compares scenarios (`study/comparison.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.errors import InputError, Problem
from slasim.outcome import estimates
from slasim.outcome.estimates import Estimate
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed, agreements
from slasim.scenario.schema import Metric
from slasim.study.odds import ContractOdds, plain
from slasim.study.promised import MET, NOT_MEASURED, Held, count, held, odds
from slasim.study.runs import Progress, checked_replications

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Apart", "Draft", "Drafts", "compare_drafts"]

_WORDS = ("name", "contract", "contracts", "metrics", "feasibility", "currency")
"""Sections that are about what is written; all others decide what happens, and must be the same."""


@dataclass(frozen=True)
class Draft:
    """One draft, and what comes of it."""

    name: str
    odds: ContractOdds


@dataclass(frozen=True)
class Apart:
    """A draft less the first one, on the same replications.

    chance       of meeting all that is promised in a period, with its paired range
    only_first   periods met under the first draft alone, only_this under this one alone (McNemar's discordant
                 pairs); None where the two are measured by different periods
    credits      of a contract period (of a whole replication where the periods differ); None without a price
    left         fee + bonus - credits; the staffing, and so its cost, is the same
    """

    name: str
    chance: Estimate
    only_first: int | None
    only_this: int | None
    credits: Estimate | None
    left: Estimate | None


@dataclass(frozen=True)
class Drafts:
    """Drafts side by side; ``apart`` holds each one after the first against it."""

    scenario: str
    currency: str
    drafts: tuple[Draft, ...]
    apart: tuple[Apart, ...]
    replications: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Stable keys."""
        return {
            "scenario": self.scenario, "currency": self.currency, "replications": self.replications, "seed": self.seed,
            "drafts": [{"name": one.name, **plain(one.odds)} for one in self.drafts],
            "against_first": plain(self.apart),
        }  # fmt: skip

    def table(self) -> pd.DataFrame:
        """One row per draft: chances, money, and the difference from the first with its range."""
        import pandas as pd

        rows = []
        for place, one in enumerate(self.drafts):
            money = one.odds.money
            other = self.apart[place - 1] if place else None
            row: dict[str, Any] = {
                "draft": one.name, "chance": one.odds.chance.value, "chance_low": one.odds.chance_low,
                "chance_alone": one.odds.chance_alone,
            }  # fmt: skip
            row |= {f"chance {c.title}": c.chance.value for c in one.odds.commitments}
            if money is not None:
                row |= {
                    "fee": money.fee, "expected_credits": money.expected_credits, "credits_p95": money.credits_p95,
                    "margin": money.margin,
                }  # fmt: skip
            for name in ("chance", "credits", "left"):
                made: Estimate | None = None if other is None else getattr(other, name)
                row |= {
                    f"{name}_apart": None if made is None else made.value,
                    f"{name}_apart_low": None if made is None else made.low,
                    f"{name}_apart_high": None if made is None else made.high,
                }
            rows.append(row)
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        lines = [
            f"{self.scenario}: {len(self.drafts)} drafts, {self.replications:,} replications, seed {self.seed}"
        ]
        for place, one in enumerate(self.drafts):
            said = f"  {one.name}: met together {one.odds.chance.value:.1%} (at least {one.odds.chance_low:.1%})"
            if place:
                found = self.apart[place - 1].chance
                said += f", {100 * found.value:+.1f} points against {self.drafts[0].name}"
            lines.append(said)
        return "\n".join(lines)


def compare_drafts(*scenarios: Scenario, names: Sequence[str] | None = None, replications: int = 500, seed: int = 1,
                   executor: int | Executor | None = None, progress: Progress | None = None) -> Drafts:  # fmt: skip
    """Two or more drafts of a contract, on the same replications.

    ``scenarios`` differ in `contract` and `metrics` alone; each one's first contract counts. ``names`` by default are
    the contracts' versions, or their names, or the scenarios'. Raises InputError with every other difference.
    """
    checked_replications(replications)
    chosen = _checked(scenarios, names)
    first = scenarios[0]
    called = tuple(names) if names is not None else _names(scenarios, chosen)
    doubted = first.demand is not None
    total = replications * (2 if doubted else 1)

    def told(before: int) -> Progress | None:
        if progress is None:
            return None
        return lambda done, _: progress(before + done, total)

    result = count(
        first, chosen, replications=replications, seed=seed, executor=executor, progress=told(0)
    )
    made = [held(result, one) for one in chosen]
    alone: list[Held | None] = [None] * len(chosen)
    if doubted:
        exact = first.but({"demand": None})
        bare = count(exact, chosen, replications=replications, seed=seed, only=True, executor=executor,
                     progress=told(replications))  # fmt: skip
        alone = [held(bare, one) for one in chosen]
    return Drafts(
        first.name, first.currency,
        tuple(
            Draft(name, odds(result, own, by_itself))
            for name, own, by_itself in zip(called, made, alone, strict=True)
        ),
        tuple(_apart(name, made[0], own, result.level) for name, own in zip(called[1:], made[1:], strict=True)),
        replications, seed,
    )  # fmt: skip


# ------------------------------------------------------------------ what may be compared


def _checked(scenarios: Sequence[Scenario], names: Sequence[str] | None) -> list[Agreed]:
    """The contract of each; raises InputError with all that is wrong."""
    problems: list[Problem] = []
    if len(scenarios) < 2:
        problems.append(Problem("one draft has nothing to be compared with", "Give two or more."))
    if names is not None and len(set(names)) != len(scenarios):
        problems.append(
            Problem("names do not tell the drafts apart", "Give each its own.", path="names")
        )
    chosen: list[Agreed] = []
    first = scenarios[0].to_json() if scenarios else {}
    for place, one in enumerate(scenarios):
        found = agreements(one)
        if not found:
            problems.append(
                Problem(
                    f"draft {place + 1} ({one.name}) has no contract", "Write one.", path="contract"
                )
            )
            continue
        chosen.append(found[0])
        if place:
            problems += _differences(place, first, one)
    if problems:
        raise InputError(problems)
    return chosen


def _differences(place: int, first: dict[str, Any], other: Scenario) -> list[Problem]:
    own = other.to_json()
    would = "Drafts share demand and staffing; `slasim compare` is for what-ifs of those."
    found = [
        Problem(
            f"draft {place + 1} ({other.name}) differs from the first in `{key}`", would, path=key
        )
        for key in sorted({*first, *own} - {*_WORDS})
        if first.get(key) != own.get(key)
    ]
    for name, metric in other.metrics.items():
        clock = not isinstance(metric, Metric)
        if clock and first.get("metrics", {}).get(name) != own["metrics"].get(name):
            said = f"draft {place + 1} ({other.name}) has another clock `{name}`: tickets are worked otherwise"
            found.append(Problem(said, would, path=f"metrics.{name}"))
    return found


def _names(scenarios: Sequence[Scenario], chosen: Sequence[Agreed]) -> tuple[str, ...]:
    for listed in (
        [f"draft {one.contract.version}" for one in chosen],
        [one.title for one in chosen],
        [one.name for one in scenarios],
    ):
        if len(set(listed)) == len(listed):
            return tuple(listed)
    return tuple(f"draft {place + 1}" for place in range(len(chosen)))


# ------------------------------------------------------------------ the paired difference


def _apart(name: str, first: Held, other: Held, level: float) -> Apart:
    same = first.agreed.contract.period == other.agreed.contract.period
    only_first = only_this = None
    both = None
    if same:
        both = (first.met != NOT_MEASURED) & (other.met != NOT_MEASURED)
        only_first = int(((first.met == MET) & (other.met != MET) & both).sum())
        only_this = int(((first.met != MET) & (other.met == MET) & both).sum())
    if both is not None and bool(both.all()) and first.met.shape[1] == 1:
        chance = estimates.paired_chances(
            only_first or 0, only_this or 0, first.replications, level=level
        )
    else:
        (a, b), (c, d) = (
            ((one.met == MET).sum(axis=1), (one.met != NOT_MEASURED).sum(axis=1))
            for one in (first, other)
        )
        chance = estimates.difference(
            a, b, c, d, level=level, metric="chance to meet all that is promised"
        ).estimate
    priced = first.credits.size > 0 and other.credits.size > 0
    periods = first.met.shape[1] if same else 1
    return Apart(
        name, chance, only_first, only_this,
        _money(first.credits, other.credits, periods, level) if priced else None,
        _money(_left(first), _left(other), periods, level) if priced else None,
    )  # fmt: skip


def _left(one: Held) -> Any:
    return one.fee + one.bonus - one.credits


def _money(first: Any, other: Any, periods: int, level: float) -> Estimate:
    """The paired difference of a sum of money, a contract period."""
    a, b = (np.asarray(one, np.float64).sum(axis=1) / periods for one in (first, other))
    each = np.ones_like(a)
    return estimates.difference(
        a, each, b, each, level=level, share=False, unit="number", metric="a contract period"
    ).estimate  # fmt: skip
