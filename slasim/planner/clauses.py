"""What each clause is worth: the same simulated periods, judged with it and without it.

A clause is another contract, so its worth is a paired difference that only the contract's words make. One that may be
put into an offer is certified by Bonferroni over all clauses tried. Forecast relief and minimum volume can move a
chance both ways; the sign is told, and why. What a clause does to people (a client who sends fewer calls) is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from slasim.outcome import estimates
from slasim.outcome.tally import Period
from slasim.planner.frontier import too_kind
from slasim.planner.offer import Clause
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.scenario.schema import Metric
from slasim.sla.contract import PERIODS, Commitment, Forecast, Rounding, exact
from slasim.study import measures
from slasim.study.contracting import covered
from slasim.study.promised import MISSED, Held, held
from slasim.study.result import Result

__all__ = ["Tried", "clauses", "tried"]

TOLERANCE = Fraction(3, 20)
"""Where the contract names no tolerance of its own; 10-15 % is usual."""
SHORT = 5_000
"""ms: an abandon that is short, where the contract does not say."""
FEW = 1_000
"""Contacts in an average period below which a minimum volume is worth asking for."""

_RELIEFS = {
    "exclude_interval": "such an interval is not measured",
    "waive_period": "the whole period is not measured",
    "first_in_arrival_order": "only the contacts up to that volume are measured, in order of arrival",
    "cap_denominator": "the contacts above it are taken off those served late",
}


@dataclass(frozen=True, eq=False)
class Tried:
    """A clause to be tried: the contract with it, the commitments it concerns ("" = the whole contract).

    ``without`` is the contract it is compared with: the draft, or, where the draft has the clause, the draft less it.
    """

    name: str
    words: str
    wording: str
    titles: tuple[str, ...]
    contract: Agreed | None
    without: Agreed
    why: str = ""
    month: int | None = None


def tried(scenario: Scenario, agreed: Agreed) -> list[Tried]:
    """Every clause worth trying on this contract, and those that cannot be valued, with the reason."""
    titles = ("", *(one.title for one in agreed.contract.commitments))
    return [
        *_relief(scenario, agreed, titles),
        *_minimum(scenario, agreed, titles),
        *_short(agreed),
        *_formula(agreed),
        *_longer(scenario, agreed),
        *_rounding(agreed, titles),
        *_ramp(agreed, titles),
    ]


def _relief(scenario: Scenario, agreed: Agreed, titles: tuple[str, ...]) -> list[Tried]:
    own = agreed.contract.forecast
    has = own is not None and own.relief != "none"
    tolerance = own.tolerance if own is not None and own.tolerance else TOLERANCE
    plain = agreed.with_contract(replace(agreed.contract, forecast=None))
    if agreed.forecast is None:  # the volume we expect, as if the client had locked it
        known = {
            name: tuple(exact(round(float(v), 6)) for v in scenario.expected(name).volume)
            for name in covered(scenario, agreed)
        }
        source = "our own forecast, as if locked"
    else:
        known, source = dict(agreed.forecast), "the client's locked forecast"
    reliefs = ["exclude_interval", "waive_period"]
    if own is not None and own.relief not in ("none", *reliefs):
        reliefs.append(own.relief)
    found = []
    for relief in reliefs:
        forecast = replace(own or Forecast(), tolerance=tolerance, relief=relief)  # type: ignore[arg-type]
        made = agreed.with_contract(replace(agreed.contract, forecast=forecast)).with_forecast(
            known
        )
        said = f"{float(tolerance):.0%}".replace("%", " %")
        short = {"exclude_interval": "by interval", "waive_period": "of the period"}.get(
            relief, relief.replace("_", " ")
        )
        in_draft = ", in the draft" if has and own is not None and own.relief == relief else ""
        found.append(
            Tried(
                f"forecast_relief_{relief}" if relief != "exclude_interval" else "forecast_relief",
                f"relief above +{said} of forecast, {short}{in_draft}",
                f"Where the volume offered exceeds the agreed forecast by more than {said}, {_RELIEFS[relief]}.",
                titles, made, plain, f"valued on {source}",
            )
        )  # fmt: skip
    return found


def _minimum(scenario: Scenario, agreed: Agreed, titles: tuple[str, ...]) -> list[Tried]:
    contract = agreed.contract
    plain = agreed.with_contract(replace(contract, min_volume=0))
    least = contract.min_volume
    if not least:
        smallest = min(
            (_contacts(scenario, agreed, one) for one in contract.commitments), default=0.0
        )
        if smallest >= FEW or not smallest:
            why = f"a period has about {smallest:,.0f} contacts: it would never apply"
            return [Tried("minimum_volume", "minimum volume", "", ("",), None, plain, why)]
        least = max(50, int(round(0.9 * smallest, -1)))
    wording = f"A period with fewer than {least:,} contacts is not measured."
    made = agreed.with_contract(replace(contract, min_volume=least))
    said = f"minimum volume {least:,}{', in the draft' if contract.min_volume else ''}"
    return [Tried("minimum_volume", said, wording, titles, made, plain)]


def _contacts(scenario: Scenario, agreed: Agreed, commitment: Commitment) -> float:
    record = agreed.metrics[commitment.title]
    names = covered(scenario, agreed)
    if isinstance(record, Metric) and record.queues:
        names = tuple(record.queues)
    total = sum(float(scenario.expected(name).volume.sum()) for name in names)
    number = measures.period_of(scenario, commitment.period or agreed.contract.period)
    return total / (max(number) + 1)


def _short(agreed: Agreed) -> list[Tried]:
    found = []
    for commitment in agreed.contract.commitments:
        record = agreed.metrics[commitment.title]
        if not isinstance(record, Metric) or record.short_abandon is not None:
            continue
        if record.type == "service_level" and record.formula == "negative":
            made = record.model_copy(update={"formula": "exclude_short", "short_abandon": SHORT})
        elif record.type == "abandonment_rate":
            made = record.model_copy(update={"short_abandon": SHORT})
        else:
            continue
        found.append(
            Tried(
                "short_abandons", f"abandons under {SHORT // 1000} s left out",
                f"Callers who hang up within {SHORT // 1000} seconds are not counted.",
                (commitment.title, ""), agreed.with_metric(commitment.title, made), agreed,
            )
        )  # fmt: skip
    return found


def _formula(agreed: Agreed) -> list[Tried]:
    found = []
    for commitment in agreed.contract.commitments:
        record = agreed.metrics[commitment.title]
        if not isinstance(record, Metric) or record.type != "service_level":
            continue
        if record.formula in ("answered_only", "exclude_abandoned_within"):
            continue
        seconds = (record.threshold or 0) / 1000
        for formula, words, wording in (
            ("exclude_abandoned_within", f"hang-ups inside {seconds:g} s left out",
             f"Callers who hang up within {seconds:g} seconds are not counted."),
            ("answered_only", "of answered calls only",
             f"Service level is calls answered within {seconds:g} seconds over calls answered."),
        ):  # fmt: skip
            made = record.model_copy(update={"formula": formula})
            found.append(
                Tried(
                    f"formula_{formula}", f"formula: {words}", wording, (commitment.title, ""),
                    agreed.with_metric(commitment.title, made), agreed,
                )
            )  # fmt: skip
    return found


def _longer(scenario: Scenario, agreed: Agreed) -> list[Tried]:
    contract = agreed.contract
    at = PERIODS.index(contract.period)
    for period in PERIODS[at + 1 : PERIODS.index("horizon")]:
        words = f"measured per {period}, not per {contract.period}"
        wording = f"Targets are measured over a calendar {period}."
        if max(measures.period_of(scenario, period)) < 0 or not _whole(scenario, period):
            why = f"the scenario holds no whole {period}; make it longer to value this"
            return [Tried("longer_period", words, wording, ("",), None, agreed, why)]
        commitments = tuple(
            replace(one, period=None) if one.period in (None, contract.period) else one
            for one in contract.commitments
        )
        made = agreed.with_contract(replace(contract, period=period, commitments=commitments))
        titles = ("", *(one.title for one in contract.commitments))
        why = "a longer period hides more short-term misses from the client"
        return [Tried("longer_period", words, wording, titles, made, agreed, why)]
    return []


def _whole(scenario: Scenario, period: Period) -> bool:
    number = measures.period_of(scenario, period)
    return min(number) >= 0


def _rounding(agreed: Agreed, titles: tuple[str, ...]) -> list[Tried]:
    if agreed.contract.rounding is not None:
        return []
    made = agreed.with_contract(replace(agreed.contract, rounding=Rounding(0)))
    wording = (
        "Values are rounded to whole percent (times to whole seconds) before they are compared."
    )
    return [Tried("rounding", "rounded to whole percent", wording, titles, made, agreed)]


def _ramp(agreed: Agreed, titles: tuple[str, ...]) -> list[Tried]:
    contract = agreed.contract
    if not contract.ramp:
        why = (
            "no hiring plan in the file, cannot be valued"
            if agreed.record.hiring is None
            else "the draft has no ramp; write one to value it"
        )
        wording = "In the first months the targets are lower while new agents are trained."
        return [Tried("ramp", "ramp, months 1-2", wording, ("",), None, agreed, why)]
    months = max(contract.ramp)
    plain = agreed.with_contract(replace(contract, ramp={}))
    said = f"ramp, month 1 of {months}, in the draft"
    wording = f"Until month {months} the targets are those of the ramp."
    return [Tried("ramp", said, wording, titles, agreed, plain, "with the scenario's staffing", 1)]


# ------------------------------------------------------------------ what they are worth


def clauses(
    result: Result, agreed: Agreed, made: Held, listed: Sequence[Tried]
) -> tuple[Clause, ...]:
    """Every clause valued on the result's periods; ``made`` is the draft held against them."""
    scenario = result.scenario
    feasible = scenario.feasibility
    valued = [one for one in listed if one.contract is not None]
    sure = 1 - (1 - feasible.confidence) / max(len(valued), 1)
    known: dict[int, Held] = {id(agreed): made}

    def against(one: Agreed, month: int | None) -> Held:
        if month is not None:
            return held(result, one, month=month)
        if id(one) not in known:
            known[id(one)] = held(result, one)
        return known[id(one)]

    found: list[Clause] = []
    for one in listed:
        if one.contract is None:
            found.append(
                Clause(one.name, one.words, one.wording, "", None, None, None, None, None, 0, one.why, False, False)
            )  # fmt: skip
            continue
        before, after = against(one.without, one.month), against(one.contract, one.month)
        for title in one.titles:
            found.append(_worth(scenario, agreed, one, title, before, after, sure))
    return tuple(found)


def _worth(
    scenario: Scenario, agreed: Agreed, one: Tried, title: str, before: Held, after: Held, sure: float
) -> Clause:  # fmt: skip
    biased = {c.title: too_kind(scenario, c) for c in agreed.contract.commitments}
    chances = [_chance(held_, agreed, title, biased, sure) for held_ in (before, after)]
    money = [float(m.credits.mean()) if m.credits.size else None for m in (before, after)]
    was, now = chances[0].estimate.value, chances[1].estimate.value
    sign, why = _sign(before, after, title, was, now)
    if one.why:
        why = f"{why}; {one.why}" if why else one.why
    own = next((t for t in one.titles if t), "")
    said = one.words if title or one.titles[0] == "" else f"{one.words} ({own})"
    return Clause(
        one.name, said, one.wording, title, was, now, chances[1].sure_low, money[0], money[1], sign, why,
        True, chances[1].sure_low >= scenario.feasibility.chance,
    )  # fmt: skip


def _chance(
    made: Held, agreed: Agreed, title: str, biased: dict[str, float], sure: float
) -> estimates.Chance:
    if title and biased.get(title):
        commitment = agreed.contract.commitment(title)
        aim = float(commitment.target)
        aim += biased[title] if commitment.side == "higher" else -biased[title]
        return made.chance_at(title, aim, commitment.side, confidence=sure)
    return made.chance(title or None, confidence=sure)


def _sign(before: Held, after: Held, title: str, was: float, now: float) -> tuple[int, str]:
    """+1 when it saves misses, -1 when it makes some, by the periods whose verdict it changes."""
    one, two = (m.status[title] if title else m.met for m in (before, after))
    if one.shape != two.shape:  # another period
        return int(np.sign(now - was)) if now == now and was == was else 0, ""
    saved, lost = (
        int(((one == MISSED) & (two != MISSED)).sum()),
        int(((one != MISSED) & (two == MISSED)).sum()),
    )
    if saved and lost:
        return (
            1 if saved > lost else -1
        ), f"{saved} periods saved, {lost} lost: it can move both ways"
    return (1 if saved else -1 if lost else 0), ""
