"""May it be signed? The rule from a chance, its clauses, stress and evidence to one of four words.

    commit                the certain chance reaches the one wished for, stress leaves it there, a back-test backs it
    commit with clause    it does, but for stress or want of a back-test; or a clause lifts it there, certified
    do not commit         even the best chance that can be believed is below the one wished for
    not enough evidence   nothing to judge, too few replications, or a chance between the two

Names of reasons: chance, undecided, too_few, nothing_to_judge, clause, stress, no_back_test, back_test,
no_input_error, small_volume. Nothing is simulated here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slasim.outcome import estimates
from slasim.planner.offer import Clause, Decision, Lever, Reason
from slasim.scenario import Scenario
from slasim.sla.contract import Unit

__all__ = ["FEW", "Ruling", "SAID", "of_hundred", "rule", "whole"]

FEW = 200
"""Contacts in a period below which counts are told and a minimum volume is proposed."""

SAID = {
    "interval": "intervals", "day": "days", "week": "weeks", "month": "months", "quarter": "quarters",
    "horizon": "runs",
}  # fmt: skip

REVIEW = "targets reviewed after 3 months of actual data"
_CLAUSE_OF = {"volume": "forecast relief", "AHT": "AHT agreed, targets reviewed when it moves"}

_ORDER = ("forecast_relief", "short_abandons", "minimum_volume", "longer_period", "rounding")


@dataclass(frozen=True)
class Ruling:
    """The word, the clause it needs, and why."""

    decision: Decision
    clause: str | None
    reasons: tuple[Reason, ...]


def of_hundred(share: float) -> int:
    """Rounded, but 100 only for all and 0 only for none."""
    return min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)


def met_in(chance: float, low: float, period: str) -> str:
    """ "met in 71 months of 100 (at least 69)"."""
    met = of_hundred(chance)
    least = min(math.floor(100 * low + 1e-9), met)
    return f"met in {met} {SAID.get(period, period)} of 100 (at least {least})"


def rule(
    scenario: Scenario,
    period: str,
    found: estimates.Chance,
    contacts: float,
    clauses: Sequence[Clause] = (),
    levers: Iterable[Lever] = (),
    bias: float = 0.0,
    unit: Unit = "share",
    backed: bool = True,
) -> Ruling:
    """The verdict on one target. ``clauses`` and ``levers`` are those of its commitment, ``unit`` is that of ``bias``;
    ``backed``: whether a back-test, where there is one, tells of its metric.
    """
    wished = scenario.feasibility.chance
    reasons: list[Reason] = []
    if found.judged == 0:
        said = Reason("nothing_to_judge", "Nothing was measured in any simulated period.")
        return Ruling("not enough evidence", None, (said,))
    needed = _needed(wished, found.confidence)
    said_chance = f"{met_in(found.estimate.value, found.sure_low, period)}; {100 * wished:g} asked".capitalize()
    if bias:
        reasons.append(
            Reason(
                "back_test",
                f"A back-test was missed by {_missed(bias, unit)}; {'that is' if unit == 'time' else 'they are'} "
                "taken off.",
            )
        )
    if contacts < FEW:
        least = max(20, int(round(0.8 * contacts, -1)))
        reasons.append(
            Reason(
                "small_volume",
                f"About {contacts:.0f} contacts a period: one more or less is "
                f"{100 / max(contacts, 1):.1f} points. Propose a minimum volume of {least}.",
            )
        )
    if found.judged < needed:
        said = Reason(
            "too_few",
            f"{found.judged} simulated {SAID.get(period, period)} cannot certify {100 * wished:g} %; "
            f"it takes {needed} at least.",
        )
        return Ruling("not enough evidence", None, (said, *reasons))
    reasons.insert(0, Reason("chance", f"{said_chance}."))
    if found.sure_low >= wished:
        return _signable(scenario, wished, levers, reasons, backed)
    lifting = _lifting(clauses)
    if lifting is not None and lifting.chance is not None and lifting.chance_low is not None:
        reasons.append(
            Reason(
                "clause",
                f"With {lifting.words}: {met_in(lifting.chance, lifting.chance_low, period)}.",
            )
        )
        return Ruling("commit with clause", lifting.words, tuple(reasons))
    if found.sure_high < wished:
        return Ruling("do not commit", None, tuple(reasons))
    reasons.append(
        Reason(
            "undecided",
            f"The chance lies between {100 * found.sure_low:.1f} and {100 * found.sure_high:.1f} %: more simulated "
            f"{SAID.get(period, period)} would decide it (--replications).",
        )
    )
    return Ruling("not enough evidence", None, tuple(reasons))


def _signable(
    scenario: Scenario,
    wished: float,
    levers: Iterable[Lever],
    reasons: list[Reason],
    backed: bool,
) -> Ruling:
    clause: str | None = None
    for lever in levers:
        if lever.asked_for and lever.worse < wished:
            moved = f"{lever.name[0].upper()}{lever.name[1:]} {lever.worse_by}"
            reasons.append(
                Reason(
                    "stress",
                    f"{moved} leaves {of_hundred(lever.worse)} of 100.",
                )
            )
            clause = clause or _CLAUSE_OF.get(lever.name, REVIEW)
    if scenario.demand is None:
        reasons.append(
            Reason("no_input_error", "No forecast error is stated: the forecast is taken as exact.")
        )
        clause = clause or REVIEW
    tested = scenario.feasibility.back_test
    if tested is None or not backed:
        of = "" if tested is None else " of this metric"
        reasons.append(
            Reason(
                "no_back_test",
                f"No back-test{of} on weeks the model has not seen: never more than with a clause.",
            )
        )
        clause = clause or REVIEW
    decision: Decision = "commit" if clause is None else "commit with clause"
    return Ruling(decision, clause, tuple(reasons))


def _missed(bias: float, unit: Unit) -> str:
    return f"{bias / 1000:.1f} s" if unit == "time" else f"{100 * bias:.1f} points"


def _lifting(clauses: Sequence[Clause]) -> Clause | None:
    """The first clause, in the order in which one would ask for them, that does it by itself and is not there yet."""
    enough = [
        one for one in clauses if one.enough and one.valued and "in the draft" not in one.words
    ]
    for name in _ORDER:
        for one in enough:
            if one.name.startswith(name):
                return one
    return None


def _needed(wished: float, confidence: float) -> int:
    """The fewest periods of which all must be met to certify the chance: 29 for 90 % at 95 %, 59 for 95 %."""
    return math.ceil(math.log(1 - confidence) / math.log(wished) - 1e-9)


def whole(decisions: Iterable[Decision | None]) -> Decision | None:
    """Of the whole contract: the least of its commitments."""
    found = [one for one in decisions if one is not None]
    order: tuple[Decision, ...] = (
        "do not commit", "not enough evidence", "commit with clause", "commit",
    )  # fmt: skip
    return next((one for one in order if one in found), None)
