"""The sentences of an offer: the answer, the paragraph for the negotiator, and the few lines that Python prints.

Percentages without decimals, signable targets rounded to the safe side, chances as months of 100. Layout of the whole
screen is `show/recommended.py`; nothing is worked out here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from slasim.clock import format_duration
from slasim.planner.offer import Clause, Recommendation, Signable, Step, Way
from slasim.planner.verdicts import SAID, of_hundred
from slasim.study.odds import ContractOdds

__all__ = ["answer", "goal", "negotiator", "plain_lines", "safe", "target_words"]

HEAD = {
    "commit": "YES, AS DRAFTED.",
    "commit with clause": "YES, WITH CLAUSES.",
    "do not commit": "NOT AS DRAFTED.",
    "not enough evidence": "NOT ENOUGH EVIDENCE.",
}


def safe(target: float, unit: str, better: str) -> float:
    """A signable target as it is said: whole points, or whole seconds, rounded to the safe side.

    >>> safe(0.7691, "share", "higher"), safe(0.0412, "share", "lower")
    (0.76, 0.05)
    """
    scale = 100.0 if unit == "share" else 0.001
    scaled = target * scale
    rounded = math.floor(scaled + 1e-6) if better == "higher" else math.ceil(scaled - 1e-6)
    return rounded / 100 if unit == "share" else rounded * 1000.0


def goal(target: float, unit: str) -> str:
    """`80 %`, `5 %`, `20 s`; a share that is no whole point keeps its decimals."""
    if unit == "share":
        return f"{round(100 * target, 2):g} %"
    return format_duration(round(target))


def target_words(target: float, unit: str, better: str, threshold_s: float | None) -> str:
    """`76 % in 30 s`, `5 % or less`, `20 s or less`."""
    if threshold_s is not None:
        return f"{goal(target, unit)} in {threshold_s:g} s"
    return f"{goal(target, unit)} or {'more' if better == 'higher' else 'less'}"


def short(target: float, threshold_s: float | None, unit: str) -> str:
    """`76/30`, as the trade writes it; else the target."""
    if threshold_s is not None and unit == "share":
        return f"{round(100 * target, 2):g}/{threshold_s:g}"
    return goal(target, unit)


def together(count: int) -> str:
    numbers = ("None", "It", "Both", "All three", "All four", "All five", "All six")
    return numbers[count] if count < len(numbers) else f"All {count}"


# ------------------------------------------------------------------ the answer


def answer(
    decision: str | None,
    own: Sequence[Signable],
    odds: ContractOdds | None,
    package: Way | None,
) -> str:
    """The answer in two sentences."""
    if odds is None or decision is None:
        return _without_contract(own)
    periods = SAID.get(odds.period, odds.period)
    met = of_hundred(odds.chance.value) if odds.chance.value == odds.chance.value else 0
    least = min(math.floor(100 * odds.chance_low + 1e-9), met)
    count = sum(1 for one in odds.commitments if one.critical)
    if count == 1:
        said = f"The target is met in {met} {periods} of 100 (at least {least})."
    else:
        said = f"{together(count)} targets are met together in {met} {periods} of 100 (at least {least})."
    if decision == "commit":
        return said
    if decision == "commit with clause":
        clauses = list(dict.fromkeys(one.clause for one in own if one.clause))
        if package is not None:
            chance = of_hundred(package.chance)
            low = min(math.floor(100 * package.chance_low + 1e-9), chance)
            said += f" With {package.words}: {chance} of 100 (at least {low})."
        return f"{said} Ask for: {'; '.join(clauses)}." if clauses else said
    if package is not None:
        chance = of_hundred(package.chance)
        low = min(math.floor(100 * package.chance_low + 1e-9), chance)
        return f"{said} Offer {package.words}: {chance} of 100 (at least {low})."
    return said


def _without_contract(own: Sequence[Signable]) -> str:
    parts = [
        f"{one.title} {target_words(safe(one.target, one.unit, one.better), one.unit, one.better, one.threshold_s)}"
        for one in own
        if one.target is not None
    ]
    if not parts:
        return "No contract is given, and too few periods were simulated to certify any target."
    return f"No contract is given. Signable with this staffing: {'; '.join(parts)}."


def negotiator(
    own: Sequence[Signable], package: Way | None, clauses: Sequence[Clause], rungs: Sequence[Step], period: str,
    chance: float,
) -> str:  # fmt: skip
    """A paragraph to paste into a letter, with its chance and its condition; no money in it."""
    periods = SAID.get(period, period)
    parts = []
    for one in own:
        if one.target is None:
            continue
        keep = one.asked is not None and one.verdict in ("commit", "commit with clause")
        certain = one.target if one.target_among is None else one.target_among
        target = (
            one.asked if keep and one.asked is not None else safe(certain, one.unit, one.better)
        )
        words = target_words(target, one.unit, one.better, one.threshold_s)
        parts.append(f"{words} ({one.formula})")
    if not parts:
        return "No target can be stated yet: too few periods were simulated."
    relief = any(one.clause and "relief" in one.clause for one in own)
    condition = "If volume stays within the agreed forecast, we" if relief else "We"
    of_ten = math.floor(10 * chance + 1e-9)
    often = (
        f"{of_ten} {periods} of ten"
        if abs(10 * chance - of_ten) < 1e-6
        else f"{100 * chance:g} {periods} of 100"
    )
    every = ", each" if len(parts) > 1 else ""
    said = f"{condition} expect to hold {_listed(parts)}{every} in at least {often}."
    if package is not None and len(parts) > 1:
        said += f" All of them together: about {of_hundred(package.chance)} {periods} of 100."
    enough = next((one for one in rungs if one.enough), None)
    missed = [one for one in own if one.verdict == "do not commit" and one.asked is not None]
    if enough is not None and missed:
        first = missed[0]
        assert first.asked is not None
        said += (
            f" {short(first.asked, first.threshold_s, first.unit)} as asked takes {enough.paid_hours:,.0f} more paid "
            f"hours a {period}."
        )
    return said


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# ------------------------------------------------------------------ what Python prints


def plain_lines(offer: Recommendation) -> str:
    """A few lines: the answer, and one per commitment."""
    head = HEAD.get(offer.decision or "", "")
    lines = [f"{offer.scenario}: {head} {offer.answer}".replace(":  ", ": ")]
    for one in offer.own():
        target = "-" if one.target is None else goal(one.target, one.unit)
        asked = ""
        if one.asked is not None and one.asked_chance is not None:
            asked = f"asked {goal(one.asked, one.unit)}: {of_hundred(one.asked_chance)} of 100, "
        verdict = (one.verdict or "").upper()
        lines.append(f"  {one.title}: {asked}signable {target}  {verdict}".rstrip())
    lines.append(f"  {offer.replications:,} replications, seed {offer.seed}")
    return "\n".join(lines)
