"""Our own page's part of an offer: money, the walk-away targets, more staffing, levers, what to refuse.

Nothing here may be read by the client; the client's page is built without this file's values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slasim.planner.offer import Clause, Recommendation, Signable
from slasim.planner.words import safe, short, target_words
from slasim.show.report.client import (
    Curve,
    curve_of,
    each,
    hundred,
    listed,
    many,
    met,
    named,
    signable_of,
)
from slasim.show.words import count, formula_words, percent
from slasim.study.odds import Money

__all__ = ["Ours", "Tornado", "ours"]

_MOST_LEVERS = 8


@dataclass(frozen=True)
class Limit:
    """Of a commitment: the strictest target that may be signed, and how one may choose among thresholds."""

    title: str
    asked: str
    met: str
    alone: str
    limit: str
    limit_met: str
    no_miss: str
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ClauseWorth:
    """A clause: what it does to chances, to expected credits, its wording, and why it moves so."""

    words: str
    chances: tuple[str, ...]
    credits: str
    wording: str
    why: str


@dataclass(frozen=True)
class Tornado:
    """Levers of one commitment: (name, worse by, better by, worse, better or None)."""

    title: str
    base: float
    required: float
    replications: int
    levers: tuple[tuple[str, str, str, float, float | None], ...]


@dataclass(frozen=True)
class Ours:
    """What only we read."""

    decision: str
    period: str
    answer: str
    limits: tuple[Limit, ...]
    alternatives: tuple[tuple[str, ...], ...]
    curves: tuple[Curve, ...]
    ways: tuple[tuple[str, ...], ...]
    rungs: tuple[tuple[str, ...], ...]
    budget: str
    money_head: str
    money: tuple[tuple[str, str, str], ...]
    has_offer: bool
    credits: tuple[float, ...]
    credit_marks: tuple[tuple[str, float], ...]
    clauses: tuple[ClauseWorth, ...]
    not_valued: tuple[str, ...]
    refused: tuple[str, ...]
    term_money: tuple[str, ...]
    tornadoes: tuple[Tornado, ...]
    others: tuple[tuple[str, ...], ...]
    perils: tuple[str, ...]
    assumed: tuple[str, ...]
    negotiator: str
    fingerprint: str


def ours(offer: Recommendation) -> Ours:
    """Our part of an offer."""
    odds = offer.odds
    drafted = None if odds is None else odds.money
    offered = None if offer.package_odds is None else offer.package_odds.money
    return Ours(
        decision=(offer.decision or "").upper(),
        period=offer.period,
        answer=offer.answer,
        limits=tuple(_limit(row) for row in offer.own()),
        alternatives=tuple(_alternatives(offer)),
        curves=tuple(
            curve for row in offer.own()
            if (curve := curve_of(offer, row, _walk_away(offer, row), cut=False)) is not None
        ),
        ways=tuple(_ways(offer)),
        rungs=tuple(_rungs(offer)),
        budget=_budget(offer),
        money_head="" if drafted is None or odds is None else _money_head(drafted, each(odds.period)),
        money=() if drafted is None else tuple(_money(offer, drafted, offered)),
        has_offer=offered is not None,
        credits=() if drafted is None or not drafted.credits_worst else drafted.credits,
        credit_marks=() if drafted is None else tuple(_credit_marks(drafted)),
        clauses=tuple(_clauses(offer)),
        not_valued=tuple(dict.fromkeys(_without_worth(offer))),
        refused=tuple(_refused(offer)),
        term_money=tuple(_term_money(offer)),
        tornadoes=tuple(_tornadoes(offer)),
        others=tuple(
            (one.name, each(one.period), met(one.chance.value, one.chance_low),
             "" if one.money is None else count(one.money.expected_credits))
            for one in offer.others
        ),
        perils=tuple(dict.fromkeys(one.says for one in offer.perils)),
        assumed=tuple(f"{sentence} ({path}: {value})" for path, value, sentence in offer.evidence.assumed),
        negotiator=offer.negotiator,
        fingerprint=offer.fingerprint,
    )  # fmt: skip


# ------------------------------------------------------------------ targets


def _limit(row: Signable) -> Limit:
    limit = "too few simulated periods"
    if row.target is not None:
        limit = target_words(
            safe(row.target, row.unit, row.better), row.unit, row.better, row.threshold_s
        )
    asked = (
        "" if row.asked is None else target_words(row.asked, row.unit, row.better, row.threshold_s)
    )
    return Limit(
        row.title, asked, met(row.asked_chance, row.asked_chance_low), hundred(row.asked_chance_alone),
        limit, "" if row.target is None else met(row.chance, row.chance_low), hundred(row.no_miss),
        (row.verdict or "").upper(), tuple(one.says for one in row.reasons),
    )  # fmt: skip


def _walk_away(offer: Recommendation, row: Signable) -> tuple[float, float, float] | None:
    """What stands on the table; else the strictest certified target."""
    table = signable_of(offer, row)
    if table is not None or row.target is None or row.chance is None or row.chance_low is None:
        return table
    return safe(row.target, row.unit, row.better), row.chance, row.chance_low


def _alternatives(offer: Recommendation) -> Iterator[tuple[str, ...]]:
    """Targets at other thresholds, valid for whoever chooses among them."""
    for row in offer.recommendations:
        if row.own or row.target_among is None or row.asked is None:
            continue
        target = safe(row.target_among, row.unit, row.better)
        yield (
            row.title, target_words(target, row.unit, row.better, row.threshold_s),
            target_words(row.asked, row.unit, row.better, row.threshold_s),
            met(row.asked_chance, row.asked_chance_low),
        )  # fmt: skip


# ------------------------------------------------------------------ ways and money


def _ways(offer: Recommendation) -> Iterator[tuple[str, ...]]:
    for way in offer.ways:
        cost = "none"
        if way.paid_hours:
            money = "" if way.extra_cost is None else f"{count(way.extra_cost)} "
            hours = f"{count(way.paid_hours)} h paid"
            cost = f"{money}({hours})" if money else hours
        enough = "" if way.enough else "not enough alone"
        yield (
            way.letter,
            named(way.title),
            way.words,
            met(way.chance, way.chance_low),
            cost,
            enough,
        )


def _rungs(offer: Recommendation) -> Iterator[tuple[str, ...]]:
    for step in offer.steps:
        yield (
            f"+{step.agents} {listed(step.groups)}", step.when, count(step.phone_hours), count(step.paid_hours),
            "-" if step.cost is None else count(step.cost), met(step.chance, step.chance_low),
            "enough" if step.enough else "",
        )  # fmt: skip


def _budget(offer: Recommendation) -> str:
    bought = offer.budget
    if bought is None:
        return ""
    targets = []
    for row in offer.own():
        target = bought.targets.get(row.title)
        if target is not None:
            said = safe(target, row.unit, row.better)
            targets.append(
                f"{row.title} {target_words(said, row.unit, row.better, row.threshold_s)}"
            )
    with_ = (
        "no more agents"
        if bought.step is None
        else f"+{bought.step.agents} agents {bought.step.when}"
    )
    signable = f"; signable then: {', '.join(targets)}" if targets else ""
    return f"A budget of {count(bought.amount)} a {each(offer.period)} buys {with_}{signable}."


def _money_head(money: Money, period: str) -> str:
    said = f"{money.currency} a {period}: fee {count(money.fee)}"
    if money.at_risk is None:
        return f"{said}, credits without a cap"
    return f"{said}, at risk {count(money.at_risk)} at most"


def _money(
    offer: Recommendation, drafted: Money, offered: Money | None
) -> Iterator[tuple[str, str, str]]:
    both: Sequence[Money] = [drafted] if offered is None else [drafted, offered]

    def row(name: str, values: Sequence[float | None]) -> tuple[str, str, str]:
        cells = ["" if value is None else count(value) for value in values]
        return name, cells[0], cells[1] if len(cells) > 1 else ""

    period = each(offer.period)
    yield row("fee", [one.fee for one in both])
    yield row("expected credits", [one.expected_credits for one in both])
    yield row(f"one {period} in 20 costs at least", [one.credits_p95 for one in both])
    yield row("the worst seen", [one.credits_worst for one in both])
    chances = [hundred(one.chance_of_credits) for one in both]
    yield (
        f"{many(offer.period)} of 100 with any credit",
        chances[0],
        chances[1] if len(chances) > 1 else "",
    )
    for title in drafted.by_commitment:
        yield row(f"of the credits, {title}", [one.by_commitment.get(title) for one in both])
    if any(one.expected_bonus for one in both):
        yield row("expected bonus", [one.expected_bonus for one in both])
    yield row("paid hours", [one.paid_hours for one in both])
    if drafted.cost is not None:
        yield row("what they cost", [one.cost for one in both])
        yield row("margin: fee + bonus - credits - cost", [one.margin for one in both])
        yield row(f"one {period} in 20 leaves no more than", [one.margin_p5 for one in both])


def _credit_marks(money: Money) -> Iterator[tuple[str, float]]:
    yield "mean", money.expected_credits
    if not math.isclose(money.credits_p95, money.expected_credits):
        yield "1 in 20 at least", money.credits_p95


# ------------------------------------------------------------------ clauses, refusals, term


def _clauses(offer: Recommendation) -> Iterator[ClauseWorth]:
    """One for each wording, what moves most first; those that move nothing come together, last."""
    by_wording: dict[str, list[Clause]] = {}
    for one in offer.clauses:
        if one.valued:
            by_wording.setdefault(one.wording, []).append(one)
    moving = [found for found in by_wording.values() if max(map(_moves, found)) > 0]
    for found in sorted(moving, key=lambda found: -max(map(_moves, found))):
        chances = [
            f"{named(one.title)} {hundred(one.chance_before)} to {hundred(one.chance)}"
            + (" (enough)" if one.enough else "")
            for one in sorted(found, key=lambda one: not one.title)
            if _moves(one) > 0
        ]
        paid = next((one for one in found if one.credits is not None and not one.title), found[0])
        credits_ = ""
        if paid.credits is not None and paid.credits_before is not None:
            credits_ = f"{count(paid.credits_before)} to {count(paid.credits)}"
        why = "; ".join(
            dict.fromkeys(part for one in found for part in one.why.split("; ") if part)
        )
        yield ClauseWorth(found[0].words, tuple(chances), credits_, found[0].wording, why)


def _moves(one: Clause) -> float:
    """By how much a clause moves a chance; 0 for less than half a point."""
    moved = abs((one.chance or 0.0) - (one.chance_before or 0.0))
    return moved if moved >= 0.005 else 0.0


def _without_worth(offer: Recommendation) -> Iterator[str]:
    """Clauses that move nothing, and those that cannot be valued."""
    moving = {one.wording for one in offer.clauses if one.valued and _moves(one) > 0}
    for one in offer.clauses:
        if not one.valued:
            yield f"{one.words}: {one.why}"
    still = [one.words for one in offer.clauses if one.valued and one.wording not in moving]
    alone = [words for words in still if not any(words.startswith(f"{other} (") for other in still)]
    if alone:
        yield f"move nothing here: {', '.join(dict.fromkeys(alone))}"


def _refused(offer: Recommendation) -> Iterator[str]:
    odds = offer.odds
    if odds is None:
        return
    for row in offer.own():
        if row.asked is None:
            continue
        asked = f"{row.title} {target_words(row.asked, row.unit, row.better, row.threshold_s)} as drafted"
        first = row.reasons[0].says if row.reasons else ""
        if row.verdict == "do not commit":
            yield f"{asked}: {first}"
        elif row.verdict == "not enough evidence":
            yield f"{asked}, before more is known: {' '.join(one.says for one in row.reasons)}"
    for one in odds.commitments:
        if one.intervals_met is not None and one.intervals_met < odds.required:
            said = short(one.target, one.threshold_s, one.unit)
            yield f"{one.title} {said} in every interval: {percent(one.intervals_met)} of them reach it."
    for title, values in offer.formulas.items():
        own = odds.commitment(title).value.value
        worse = [
            f"{formula_words(name)} {percent(value)}"
            for name, value in values.items()
            if value < own - 0.005
        ]
        if worse:
            yield f"{title} at the same target by a stricter formula: {', '.join(worse)}, after {percent(own)}."
    for clause in offer.clauses:
        if clause.valued and clause.sign < 0 and clause.title:
            yield (
                f"{clause.words}, for {clause.title}: {hundred(clause.chance_before)} to "
                f"{hundred(clause.chance)} of 100. {clause.why}".rstrip()
            )
    if odds.money is not None and odds.money.at_risk is None:
        yield "Credits without a cap: agree the most that a period may cost."


def _term_money(offer: Recommendation) -> Iterator[str]:
    term = offer.term
    if term is None:
        return
    missed = [
        f"{k or 'none'} in {hundred(share)}"
        for k, share in enumerate(term.misses)
        if share >= 0.005
    ]
    if missed:
        yield f"{term.each.capitalize()}s with a miss, in how many terms of 100: {', '.join(missed)}."
    if term.expected_credits is not None:
        yield (
            f"Credits of the term: {count(term.expected_credits)} expected, one term in 20 at least "
            f"{count(term.credits_p95 or 0.0)}, the worst {count(term.credits_worst or 0.0)}"
            + (f"; earned back {count(term.earned_back)}." if term.earned_back else ".")
        )
    if term.margin is not None and term.revenue is not None and term.cost is not None:
        yield (
            f"Over the term: revenue {count(term.revenue)}, staff {count(term.cost)}, left {count(term.margin)}."
        )
    yield from term.assumed


def _tornadoes(offer: Recommendation) -> Iterator[Tornado]:
    """Of each critical commitment that is in doubt, and of the whole."""
    odds = offer.odds
    if odds is None:
        return
    titles = ["", *(one.title for one in odds.commitments if one.critical)]
    if len(titles) == 2:
        titles = titles[1:]
    for title in titles:
        mine = [one for one in offer.levers if one.title == title]
        if not mine or all(
            abs(one.swing) < 0.005 and abs(one.worse - one.base) < 0.005 for one in mine
        ):
            continue
        mine = sorted(mine, key=lambda one: -max(abs(one.swing), abs(one.base - one.worse)))[
            :_MOST_LEVERS
        ]
        yield Tornado(
            title, mine[0].base, odds.required, mine[0].replications,
            tuple(
                (one.name, one.worse_by, one.better_by, one.worse, one.better if one.better_by else None)
                for one in mine
            ),
        )  # fmt: skip
