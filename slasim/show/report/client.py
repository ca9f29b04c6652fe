"""What a client may read of an offer: a value of its own, built from named fields and from nothing else.

A field that is not here cannot reach the client's page, in its source neither: no cost, margin, credit, budget, paid
hour, staffing, lever, nor a target stricter than the ones on the table. The picture's curve ends at the stricter of
the asked target and the offered one. Plain words and numbers; how they are laid out is the template's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from slasim.clock import format_duration
from slasim.planner.offer import Clause, Recommendation, Signable
from slasim.planner.verdicts import SAID, of_hundred
from slasim.planner.words import goal, safe, short, target_words, together
from slasim.show.words import formula_words, percent, spoken
from slasim.study.odds import CommitmentOdds

__all__ = [
    "Card",
    "ClauseLine",
    "ClientOffer",
    "Curve",
    "Defined",
    "Hours",
    "Line",
    "Mark",
    "WayLine",
    "client_offer",
    "curve_of",
    "listed",
    "met",
]

REVIEW = "Targets are reviewed after three months of actual data."
_ANSWERS = {
    "commit": "yes",
    "commit with clause": "yes, with a clause",
    "do not commit": "not as drafted",
    "not enough evidence": "not enough evidence",
}
_DOUBTS = {
    "day_cv": "from day to day", "interval_cv": "from interval to interval", "bias_sd": "of the whole period",
    "day_sd": "from day to day",
}  # fmt: skip
_NAMES = {"volume": "volume", "aht": "AHT", "attendance": "attendance"}


@dataclass(frozen=True)
class Card:
    """A number that leads the page, and what it counts."""

    number: str
    of: str
    says: str
    note: str = ""


@dataclass(frozen=True)
class Mark:
    """A point of a curve: the asked target, or the one that we would sign."""

    kind: Literal["asked", "signable", "both"]
    says: str
    x: float
    chance: float
    low: float


@dataclass(frozen=True)
class Curve:
    """Chance against target. ``points`` (target, chance), targets ascending; shares, or ms where unit is "time"."""

    title: str
    unit: str
    better: str
    period: str
    required: float
    points: tuple[tuple[float, float], ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Line:
    """A commitment: asked, its chance, what we answer and offer; and what its figure hides."""

    title: str
    asked: str
    met: str
    alone: str
    answer: str
    offered: str
    offered_met: str
    inside: tuple[str, ...]


@dataclass(frozen=True)
class Defined:
    """Sentences on one commitment, or (title "") on the whole contract."""

    title: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class WayLine:
    """A way to get there."""

    title: str
    words: str
    met: str
    price: str


@dataclass(frozen=True)
class ClauseLine:
    """A clause, its wording, and what it does to chances."""

    words: str
    wording: str
    does: tuple[str, ...]


@dataclass(frozen=True)
class Hours:
    """A commitment by hour of the day, in the order of the clock."""

    title: str
    unit: str
    better: str
    target: float
    hours: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class ClientOffer:
    """All that the client's page says."""

    scenario: str
    client: str
    provider: str
    subtitle: str
    head: str
    answer: str
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]
    together: Line | None
    definitions: tuple[Defined, ...]
    formulas: tuple[str, ...]
    curves: tuple[Curve, ...]
    ways: tuple[WayLine, ...]
    clauses: tuple[ClauseLine, ...]
    refused: tuple[str, ...]
    term: tuple[str, ...]
    customer: tuple[str, ...]
    hours: tuple[Hours, ...]
    perils: tuple[str, ...]
    evidence: tuple[str, ...]
    assumed: tuple[str, ...]
    not_modelled: tuple[str, ...]
    foot: tuple[str, ...]

    def mark(self) -> str:
        """A short hash of what is said here, to tell two papers apart; nothing of ours goes into it."""
        return hashlib.sha256(repr(asdict(self)).encode()).hexdigest()[:12]


def client_offer(offer: Recommendation) -> ClientOffer:
    """The client's part of an offer."""
    odds = offer.odds
    return ClientOffer(
        scenario=offer.scenario,
        client="" if odds is None else odds.client,
        provider="" if odds is None else odds.provider,
        subtitle=_subtitle(offer),
        head=_head(offer),
        answer=_answer(offer),
        cards=tuple(_cards(offer)),
        lines=tuple(_line(offer, row) for row in offer.own()),
        together=_together(offer),
        definitions=tuple(Defined(one.title, one.says) for one in offer.readings),
        formulas=tuple(_formulas(offer)),
        curves=tuple(
            curve for row in offer.own()
            if (curve := curve_of(offer, row, signable_of(offer, row), cut=True)) is not None
        ),
        ways=tuple(_ways(offer)),
        clauses=tuple(_clauses(offer)),
        refused=tuple(_refused(offer)),
        term=tuple(_term(offer)),
        customer=tuple(_customer(offer)),
        hours=tuple(hours_of(offer)),
        perils=tuple(one.says for one in offer.perils if one.client),
        evidence=tuple(_evidence(offer)),
        assumed=tuple(
            f"{sentence} ({path}: {value})"
            for path, value, sentence in offer.evidence.assumed
            if path.split(".")[0] in ("timezone", "interval", "warm_up", "queues", "demand")
        ),
        not_modelled=offer.evidence.not_modelled,
        foot=tuple(_foot(offer)),
    )  # fmt: skip


# ------------------------------------------------------------------ words for all


def many(period: str) -> str:
    """ "months" of "month"."""
    return SAID.get(period, f"{period}s")


def each(period: str) -> str:
    return "run" if period == "horizon" else period


def met(chance: float | None, low: float | None) -> str:
    """ "71 (at least 69)" of 100; "-" where nothing was judged."""
    if chance is None or low is None or math.isnan(chance):
        return "-"
    found = of_hundred(chance)
    return f"{found} (at least {min(math.floor(100 * low + 1e-9), found)})"


def hundred(chance: float | None) -> str:
    return "-" if chance is None or math.isnan(chance) else f"{of_hundred(chance)}"


def listed(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    return (
        ""
        if not parts
        else parts[0]
        if len(parts) == 1
        else f"{', '.join(parts[:-1])} and {parts[-1]}"
    )


def named(title: str) -> str:
    return title or "the whole contract"


# ------------------------------------------------------------------ head and answer


def _subtitle(offer: Recommendation) -> str:
    odds = offer.odds
    if odds is None:
        return "No contract is drafted yet"
    measured = "from start to end" if odds.period == "horizon" else f"per calendar {odds.period}"
    between = " and ".join(part for part in (odds.provider, odds.client) if part)
    return " · ".join(
        part for part in (between, f"draft {odds.version}", f"measured {measured}") if part
    )


def _head(offer: Recommendation) -> str:
    return {
        "commit": "We can sign this as drafted.",
        "commit with clause": "We can sign this, with the clauses below.",
        "do not commit": "Not as drafted: here is what we can promise.",
        "not enough evidence": "Not yet: the evidence does not decide it.",
    }.get(offer.decision or "", "What could be promised with this staffing.")


def _answer(offer: Recommendation) -> str:
    odds = offer.odds
    if odds is None:
        return "No contract is given; the table shows what could be promised of each metric."
    count = sum(1 for one in odds.commitments if one.critical)
    verb = "The target is" if count == 1 else f"{together(count)} targets together are"
    said = f"{verb} met in {met_of(odds.chance.value, odds.chance_low, odds.period)} as drafted."
    if offer.package is not None:
        way = offer.package
        said += f" We offer {way.words}: met in {met_of(way.chance, way.chance_low, odds.period)}."
    return said


def met_of(chance: float, low: float, period: str) -> str:
    """ "71 months of 100 (at least 69)"."""
    found = of_hundred(chance) if not math.isnan(chance) else 0
    return f"{found} {many(period)} of 100 (at least {min(math.floor(100 * low + 1e-9), found)})"


def _cards(offer: Recommendation) -> Iterator[Card]:
    odds = offer.odds
    if odds is None:
        return
    of = f"{many(odds.period)} of 100"
    yield Card(
        hundred(odds.chance.value), of, "met in full, as drafted",
        f"at least {math.floor(100 * odds.chance_low + 1e-9)}" + (
            "" if odds.chance_alone is None else f"; {hundred(odds.chance_alone)} by chance alone"
        ),
    )  # fmt: skip
    if offer.package is not None:
        low = math.floor(100 * offer.package.chance_low + 1e-9)
        yield Card(hundred(offer.package.chance), of, "met in full, as we offer", f"at least {low}")
    term = offer.term
    if term is not None:
        yield Card(
            hundred(term.contract_no_miss.value), "terms of 100",
            f"without a miss in {term.months} {term.each}s, as drafted",
        )  # fmt: skip


# ------------------------------------------------------------------ asked against signable


def signable_of(offer: Recommendation, row: Signable) -> tuple[float, float, float] | None:
    """(target, chance, at least) that stands on the table for a commitment; None when nothing does."""
    if row.asked is None:
        if row.target is None:
            return None
        return (
            safe(row.target, row.unit, row.better),
            row.chance or math.nan,
            row.chance_low or math.nan,
        )
    if row.verdict in ("commit", "commit with clause"):
        for one in offer.clauses:
            certain = one.chance is not None and one.chance_low is not None
            if one.title == row.title and one.words == row.clause and certain:
                return row.asked, one.chance or 0.0, one.chance_low or 0.0
        if row.asked_chance is None or row.asked_chance_low is None:
            return None
        return row.asked, row.asked_chance, row.asked_chance_low
    package = offer.package_odds
    for other in () if package is None else package.commitments:
        if other.title == row.title and other.target != row.asked:
            return other.target, other.chance.value, other.chance_low
    return None


def _line(offer: Recommendation, row: Signable) -> Line:
    signable = signable_of(offer, row)
    odds = None if offer.odds is None else offer.odds.commitment(row.title)
    answer = _ANSWERS.get(row.verdict or "", "")
    if odds is not None and not odds.critical:
        answer = "reported only"
    asked = (
        "" if row.asked is None else target_words(row.asked, row.unit, row.better, row.threshold_s)
    )
    offers = ""
    if signable is not None:
        offers = target_words(signable[0], row.unit, row.better, row.threshold_s)
    return Line(
        row.title, asked, met(row.asked_chance, row.asked_chance_low), hundred(row.asked_chance_alone), answer,
        offers, "" if signable is None else met(signable[1], signable[2]),
        (*([f"with {row.clause}"] if row.clause else []), *(() if odds is None else inside(odds))),
    )  # fmt: skip


def inside(one: CommitmentOdds) -> tuple[str, ...]:
    """What a period's figure hides."""
    worse = "below" if one.better == "higher" else "above"
    parts = [
        f"mean {spoken(one.value.value, one.unit)}",
        f"one {each(one.period)} in 20 {worse} {spoken(one.one_in_20, one.unit)}",
    ]
    if one.intervals_met is not None:
        parts.append(f"{percent(one.intervals_met)} of intervals reach the target")
    if one.worst_hour is not None:
        parts.append(f"worst hour {one.worst_hour}: {spoken(one.worst_value, one.unit)}")
    if one.measured < 1:
        parts.append(f"measured in {percent(one.measured)} of periods")
    return tuple(parts)


def _together(offer: Recommendation) -> Line | None:
    odds = offer.odds
    if odds is None:
        return None
    count = sum(1 for one in odds.commitments if one.critical)
    package = offer.package
    return Line(
        together(count) if count > 1 else "Contract", "", met(odds.chance.value, odds.chance_low),
        hundred(odds.chance_alone), "", "" if package is None else "our offer",
        "" if package is None else met(package.chance, package.chance_low), (),
    )  # fmt: skip


def _formulas(offer: Recommendation) -> Iterator[str]:
    """Each service level by every formula: the words decide."""
    for title, values in offer.formulas.items():
        parts = [f"{formula_words(name)} {percent(v)}" for name, v in values.items()]
        yield f"{title}, the same calls by other formulas: {', '.join(parts)}."


# ------------------------------------------------------------------ the picture


def curve_of(
    offer: Recommendation, row: Signable, signable: tuple[float, float, float] | None, *, cut: bool
) -> Curve | None:
    """Chance against target, less what a back-test takes off. ``cut``: no farther than the stricter mark."""
    if offer.odds is None or row.asked is None:
        return None
    odds = offer.odds.commitment(row.title)
    if len(odds.values) < 2:
        return None
    higher = row.better == "higher"
    tested = offer.evidence.back_test
    bias = 0.0 if tested is None else tested.get(row.metric, 0.0)
    bias = 0.0 if row.unit == "share" and bias > 1 else bias  # seconds of no share of intervals
    values = sorted(value - bias if higher else value + bias for value in odds.values)
    points = chances(values, higher)
    marks = _marks(row, signable)
    if cut and marks:
        ends = [mark.x for mark in marks]
        limit = max(ends) if higher else min(ends)
        points = [(x, y) for x, y in points if (x <= limit if higher else x >= limit)]
        points.append((limit, share_reaching(values, limit, higher)))
        points.sort()
        if len({y for _, y in points}) < 3:  # nothing is left of it to be looked at
            return None
    return Curve(
        row.title, row.unit, row.better, odds.period, offer.odds.required, tuple(points), marks
    )


def chances(values: Sequence[float], higher: bool) -> list[tuple[float, float]]:
    """(target, chance) at every value seen; ``values`` ascending."""
    count = len(values)
    if higher:
        found = {x: (count - k) / count for k, x in reversed(list(enumerate(values)))}
    else:
        found = {x: (k + 1) / count for k, x in enumerate(values)}
    return sorted(found.items())


def share_reaching(values: Sequence[float], target: float, higher: bool) -> float:
    good = sum(1 for x in values if (x >= target if higher else x <= target))
    return good / len(values)


def _marks(row: Signable, signable: tuple[float, float, float] | None) -> tuple[Mark, ...]:
    assert row.asked is not None
    chance, low = row.asked_chance, row.asked_chance_low
    if chance is None or low is None or math.isnan(chance):
        return ()
    said = goal(row.asked, row.unit)
    if signable is not None and signable[:2] == (row.asked, chance):
        return (Mark("both", f"asked, and signable: {said}", row.asked, chance, low),)
    made = [Mark("asked", f"asked: {said}", row.asked, chance, low)]
    if signable is not None and not math.isnan(signable[1]):
        clause = ", with the clause" if signable[0] == row.asked else ""
        made.append(Mark("signable", f"signable: {goal(signable[0], row.unit)}{clause}", *signable))
    return tuple(made)


# ------------------------------------------------------------------ ways, clauses, what not


def _ways(offer: Recommendation) -> Iterator[WayLine]:
    rows = {row.title: row for row in offer.own()}
    for way in offer.ways:
        if not way.enough and way.kind != "package":
            continue
        words, price = way.words, "none"
        if way.kind == "staffing":
            row = rows.get(way.title)
            if row is None or way.target is None:
                continue
            words = f"{target_words(way.target, row.unit, row.better, way.threshold_s)}, with more staff"
            price = "to be agreed"
        elif way.kind not in ("target", "threshold", "clauses", "package"):
            continue
        yield WayLine(named(way.title), words, met(way.chance, way.chance_low), price)


def _clauses(offer: Recommendation) -> Iterator[ClauseLine]:
    """Those that we ask for: they help, they are not in the draft, and something needs help."""
    needy = {row.title: row for row in offer.own() if row.verdict not in (None, "commit")}
    by_wording: dict[str, list[Clause]] = {}
    for one in offer.clauses:
        gain = (one.chance or 0.0) - (one.chance_before or 0.0)
        helps = one.valued and gain >= 0.01 and "in the draft" not in one.words
        if helps and one.title in needy and one.wording:
            by_wording.setdefault(one.wording, []).append(one)
    most_first = sorted(
        by_wording.items(),
        key=lambda pair: -max((one.chance or 0) - (one.chance_before or 0) for one in pair[1]),
    )
    for wording, found in most_first:
        does = [
            f"{_short(needy[one.title])}: from {hundred(one.chance_before)} to {hundred(one.chance)} of 100"
            for one in found
        ]
        yield ClauseLine(found[0].words, wording, tuple(does))
    asked = listed([row.title for row in needy.values() if row.clause and "review" in row.clause])
    if asked:
        yield ClauseLine("review", REVIEW, (f"for {asked}",))


def _short(row: Signable) -> str:
    return f"{row.title} {short(row.asked or 0.0, row.threshold_s, row.unit)}"


def _refused(offer: Recommendation) -> Iterator[str]:
    odds = offer.odds
    if odds is None:
        return
    for row in offer.own():
        if (
            row.verdict == "do not commit"
            and row.asked is not None
            and odds.commitment(row.title).critical
        ):
            asked = target_words(row.asked, row.unit, row.better, row.threshold_s)
            yield (
                f"{row.title}: {asked} as drafted. It is met in {met(row.asked_chance, row.asked_chance_low)} "
                f"{many(row.period)} of 100; we promise what is met in {100 * odds.required:g}."
            )


# ------------------------------------------------------------------ term and customers


def _term(offer: Recommendation) -> Iterator[str]:
    term, odds = offer.term, offer.odds
    if term is None or odds is None:
        return
    yield (
        f"{100 * odds.required:g} {many(odds.period)} of 100 are not all of them: over {term.months} {term.each}s, as "
        f"drafted, {hundred(term.contract_no_miss.value)} terms of 100 have no miss at all "
        f"({hundred(term.if_independent)} if {term.each}s were independent of each other)."
    )
    alone = [f"{title} {hundred(found.value)}" for title, found in term.no_miss.items()]
    if len(alone) > 1:
        yield f"One by one, without a miss in the term: {', '.join(alone)} of 100."
    if term.may_terminate is None:
        yield "No right to leave is written."
    else:
        yield f"The client may leave ({term.termination}) in {hundred(term.may_terminate)} terms of 100."


def _customer(offer: Recommendation) -> Iterator[str]:
    seen = offer.customer
    if seen is None:
        return
    waits = dict(seen.waits)
    if 0.5 in waits:
        wait = "do not wait" if waits[0.5] < 1000 else f"wait {format_duration(waits[0.5])} at most"
        yield f"Half of the callers {wait}."
    for share, words in ((0.95, "1 caller in 20"), (0.99, "1 caller in 100")):
        if share in waits:
            yield f"{words} waits longer than {format_duration(waits[share])}."
    if seen.abandoned is not None:
        yield f"{percent(seen.abandoned)} of callers hang up."
    if seen.oldest_ticket is not None:
        yield f"The oldest ticket at the end of a day is {format_duration(seen.oldest_ticket)} old on average."
    if offer.odds is not None:
        for one in offer.odds.commitments:
            if one.intervals_met is not None:
                said = target_words(one.target, one.unit, one.better, one.threshold_s)
                yield f"{one.title}: {percent(one.intervals_met)} of single intervals reach {said}."


def hours_of(offer: Recommendation) -> Iterator[Hours]:
    """By commitment, in the order of the clock."""
    if offer.customer is None or offer.odds is None:
        return
    for one in offer.odds.commitments:
        mine = [(hour.hour, hour.value) for hour in offer.customer.hours if hour.title == one.title]
        if len(mine) > 1:
            yield Hours(one.title, one.unit, one.better, one.target, tuple(sorted(mine)))


# ------------------------------------------------------------------ what it stands on


def _evidence(offer: Recommendation) -> Iterator[str]:
    known = offer.evidence
    for name, sizes in known.demand.items():
        parts = [
            f"{_DOUBTS.get(size, size)} {percent(value)}" for size, value in sizes.items() if value
        ]
        if parts:
            yield f"How wrong {_NAMES.get(name, name)} may be: {', '.join(parts)}."
    if known.demand:
        lock = "" if known.lock_days is None else f", {known.lock_days} days ahead"
        typed = listed([_NAMES.get(name, name) for name in known.typed])
        but = f", but for {typed}: typed in" if typed else ""
        yield (
            f"These errors were measured on past forecasts{lock}{but}."
            if known.measured_from is not None
            else "These errors were typed in, not measured."
        )
    if known.certain:
        yield f"Taken as exact, for no error is stated: {listed(known.certain)}."
    if known.back_test is None:
        yield "No back-test on weeks that the model has not seen."
    else:
        weeks = "" if known.weeks is None else f" on {_weeks(known.weeks)}"
        times = {row.metric for row in offer.own() if row.unit == "time"}
        shares = {row.metric for row in offer.own() if row.unit == "share"}
        parts = [
            f"{name} {_missed(value, 'time' if name in times else 'share')}"
            for name, value in known.back_test.items()
            if name in times or (name in shares and value <= 1)  # seconds of no share of intervals
        ]
        found = f": {', '.join(parts)}" if parts else ", of nothing that is promised here"
        yield f"Back-test{weeks}{found}. What was too kind is taken off every promise."


def _weeks(weeks: float) -> str:
    return "1 unseen week" if weeks == 1 else f"{weeks:g} unseen weeks"


def _missed(value: float, unit: str) -> str:
    size = format_duration(abs(value)) if unit == "time" else f"{100 * abs(value):.1f} points"
    return "on the spot" if not value else f"{size} {'too kind' if value > 0 else 'too strict'}"


def _foot(offer: Recommendation) -> Iterator[str]:
    yield f"{offer.replications:,} simulated {many(offer.period)}"
    if offer.fresh:
        yield f"our offer certified on {offer.fresh:,} fresh ones"
    if offer.odds is not None:
        yield f"{100 * offer.odds.confidence:g} % sure"
    yield f"seed {offer.seed}"
