"""What `slasim recommend` shows: the answer first, then what it rests on, on one screen of 100 columns.

Percentages without decimals, chances as months of 100 with what is certain, signable targets rounded to the safe side.
Chance alone and chance with input error stand apart, and the verdict comes from the second. It lays out what an offer
holds and works out nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from slasim.planner.offer import Clause, Lever, Recommendation, Signable, Way
from slasim.planner.verdicts import SAID, of_hundred
from slasim.planner.words import HEAD, safe, short, target_words, together
from slasim.show.words import aligned, count, formula_words, headline, percent, spoken, wrapped
from slasim.study.odds import CommitmentOdds, TermOdds

__all__ = ["recommended_screen"]

_HALF = 50
_MOST_CLAUSES, _MOST_LEVERS, _MOST_PERILS = 6, 6, 7
_MOST_WAYS = 4


def recommended_screen(offer: Recommendation) -> str:
    """The whole screen, without a last line break."""
    parts = [
        _head(offer),
        wrapped(f"{HEAD.get(offer.decision or '', '')} {offer.answer}".strip()),
        _asked(offer) if offer.odds is not None else _signable(offer),
        _ways(offer),
        _money(offer),
        _clauses_and_levers(offer),
        _others(offer),
        _before(offer),
        wrapped(f'FOR THE NEGOTIATOR "{offer.negotiator}"'),
        _foot(offer),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part)


def _head(offer: Recommendation) -> list[str]:
    odds = offer.odds
    if odds is None:
        return [headline("recommend", offer.scenario, "no contract", offer.currency)]
    each = "from start to end" if odds.period == "horizon" else f"per calendar {odds.period}"
    draft = f"version {odds.version}"
    client = odds.client or ""
    line = headline("recommend", offer.scenario, client, draft, f"measured {each}", offer.currency)
    lines = [line]
    if offer.evidence.certain:
        named = ", ".join(offer.evidence.certain)
        lines.append(f"Taken as exact, for no error is stated: {named}.")
    return lines


# ------------------------------------------------------------------ what is asked


def _asked(offer: Recommendation) -> list[str]:
    odds = offer.odds
    assert odds is not None
    many = SAID.get(odds.period, odds.period)
    lasting = "" if offer.term is None else f"no miss in {offer.term.months}"
    rows = [["THE CLIENT ASKS", "", f"{many} of 100", "chance", lasting, ""],
            ["", "", "met (at least)", "alone", "", "VERDICT"]]  # fmt: skip
    notes: list[list[str]] = []
    for row in offer.own():
        one = odds.commitment(row.title)
        rows.append(_asked_row(row, one))
        notes.append(_inside(one) + ([f"   with: {row.clause}"] if row.clause else []))
    counted = sum(1 for one in odds.commitments if one.critical)
    name = together(counted) if counted > 1 else "Contract"
    miss = "" if offer.term is None else _hundred(offer.term.contract_no_miss.value)
    alone = "" if odds.chance_alone is None else _hundred(odds.chance_alone)
    rows.append([f" {name}", "", _met(odds.chance.value, odds.chance_low), alone, miss, ""])
    table = aligned(rows, left=(0, 1, 5), gap=2)
    lines = table[:2]
    for line, note in zip(table[2:-1], notes, strict=True):
        lines += [line, *note]
    return [*lines, table[-1], *_term(offer.term, odds.period)]


def _asked_row(row: Signable, one: CommitmentOdds) -> list[str]:
    asked = target_words(row.asked or 0.0, row.unit, row.better, row.threshold_s)
    alone = "" if row.asked_chance_alone is None else _hundred(row.asked_chance_alone)
    miss = "" if row.no_miss is None else _hundred(row.no_miss)
    verdict = (row.verdict or "").upper()
    if not one.critical:
        verdict = f"reported only ({verdict.lower()})"
    name = row.title if len(row.title) <= 16 else row.title[:15] + "…"
    met = _met(row.asked_chance or 0.0, row.asked_chance_low or 0.0)
    return [f" {name}", asked, met, alone, miss, _cut(verdict, 40)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _inside(one: CommitmentOdds) -> list[str]:
    parts = [
        f"mean {spoken(one.value.value, one.unit)}",
        f"1 in 20 {spoken(one.one_in_20, one.unit)}",
    ]
    if one.intervals_met is not None:
        parts.append(f"{percent(one.intervals_met)} of intervals meet it")
    if one.worst_hour is not None:
        parts.append(f"worst hour {one.worst_hour}, {spoken(one.worst_value, one.unit)}")
    if one.measured < 1:
        parts.append(f"measured in {percent(one.measured)} of periods")
    return wrapped("   " + "; ".join(parts), indent=3)


def _term(term: TermOdds | None, period: str) -> list[str]:
    """The term is more than its months: what independence would have said, and the right to leave."""
    if term is None:
        return []
    said = (
        f"no miss in {term.months} {term.each}s: {_hundred(term.contract_no_miss.value)} of 100 terms "
        f"({_hundred(term.if_independent)} if they were independent)"
    )
    if term.may_terminate is None:
        return wrapped(f"   {said}; no right to leave is written", indent=3)
    leaving = f"{term.termination}: {_hundred(term.may_terminate)} of 100 terms"
    return wrapped(f"   {said}; the client may leave after {leaving}", indent=3)


def _met(chance: float, low: float) -> str:
    if math.isnan(chance):
        return "-"
    met = of_hundred(chance)
    return f"{met:>3} ({min(math.floor(100 * low + 1e-9), met):>2})"


def _hundred(chance: float) -> str:
    return "-" if math.isnan(chance) else f"{of_hundred(chance)}"


def _signable(offer: Recommendation) -> list[str]:
    """Without a contract: what could be promised of each metric."""
    rows = [["WHAT COULD BE PROMISED", "", "met (at least)", "mean"]]
    for row in offer.recommendations:
        if row.target is None:
            said = "too few simulated periods"
        else:
            safe_ = safe(row.target, row.unit, row.better)
            said = target_words(safe_, row.unit, row.better, row.threshold_s)
        met = (
            "-"
            if row.chance is None or row.chance_low is None
            else _met(row.chance, row.chance_low)
        )
        rows.append([f" {row.title}", said, met, spoken(row.mean, row.unit)])
    return aligned(rows, left=(0, 1))


# ------------------------------------------------------------------ ways and money


def _ways(offer: Recommendation) -> list[str]:
    lines: list[str] = []
    for title in dict.fromkeys(way.title for way in offer.ways if way.kind != "package"):
        rows = [
            [
                f"WHAT WE COULD SIGN FOR {title}",
                "met",
                f"extra cost a {_each(offer.period)}",
            ]
        ]
        for way in [one for one in offer.ways if one.title == title][:_MOST_WAYS]:
            words = way.words if way.enough else f"{way.words}; not enough alone"
            rows.append(
                [_cut(f" {way.letter}  {words}", 66), _met(way.chance, way.chance_low), _cost(way)]
            )
        lines += aligned(rows, left=(0, 2))
    return lines


def _cost(way: Way) -> str:
    if way.paid_hours:
        money = "" if way.extra_cost is None else f"{count(way.extra_cost)} "
        hours = f"{count(way.paid_hours)} h paid"
        return f"{money}({hours})" if money else hours
    return "none"


def _each(period: str) -> str:
    return "run" if period == "horizon" else period


def _money(offer: Recommendation) -> list[str]:
    odds = offer.odds
    if odds is None or odds.money is None:
        return []
    drafted, offered = odds.money, None if offer.package_odds is None else offer.package_odds.money
    head = f"MONEY A {_each(odds.period).upper()}  fee {count(drafted.fee)}"
    if drafted.at_risk is not None:
        head += f", at risk {count(drafted.at_risk)}"
    rows = [[head, "draft", "offer" if offered is not None else ""]]

    def put(name: str, values: Sequence[float | None]) -> None:
        cells = ["" if value is None else count(value) for value in values]
        rows.append([f" {name}", cells[0], cells[1] if len(cells) > 1 else ""])

    both = [drafted] if offered is None else [drafted, offered]
    put("expected credits", [one.expected_credits for one in both])
    put(f"one {_each(odds.period)} in 20 costs at least", [one.credits_p95 for one in both])
    put("the worst seen", [one.credits_worst for one in both])
    if drafted.expected_bonus:
        put("expected bonus", [one.expected_bonus for one in both])
    if drafted.cost is not None:
        put("paid hours cost", [one.cost for one in both])
        put("left (fee + bonus - credits - cost)", [one.margin for one in both])
    term = offer.term
    if term is not None and term.expected_credits is not None:
        put(f"credits of the term, {term.months} {term.each}s", [term.expected_credits])
    return aligned(rows)


# ------------------------------------------------------------------ clauses and levers


def _clauses_and_levers(offer: Recommendation) -> list[str]:
    odds = offer.odds
    if odds is None:
        return []
    critical = [one for one in odds.commitments if one.critical] or list(odds.commitments)
    focus = min(
        critical, key=lambda one: one.chance.value if one.chance.value == one.chance.value else 2.0
    )
    row = next(one for one in offer.own() if one.title == focus.title)
    name = short(row.asked or 0.0, row.threshold_s, row.unit)
    met = _hundred(focus.chance.value)
    left = [f"CLAUSES, {name} from {met} to", *_clause_rows(offer.clauses, focus.title)]
    base = next((_hundred(one.base) for one in offer.levers if one.title == focus.title), met)
    right = [
        f"WHAT MOVES {name} (paired: {base})".ljust(30) + "worse  better",
        *_lever_rows(offer.levers, focus.title),
    ]
    lines = []
    for k in range(max(len(left), len(right))):
        one = left[k] if k < len(left) else ""
        other = right[k] if k < len(right) else ""
        lines.append(f"{one:<{_HALF}}{other}")
    return lines


def _clause_rows(clauses: Sequence[Clause], title: str) -> list[str]:
    valued = [one for one in clauses if one.valued and one.title == title]
    valued.sort(key=lambda one: -abs((one.chance or 0) - (one.chance_before or 0)))
    rows = [
        f" {_cut(one.words, 40):<40} {_hundred(one.chance or 0.0):>3}"
        for one in valued[:_MOST_CLAUSES]
    ]
    for one in clauses:
        if not one.valued and len(rows) < _MOST_CLAUSES + 2:
            rows += [f" {_cut(f'{one.words}: {one.why}', 47)}"]
    return rows


def _lever_rows(levers: Sequence[Lever], title: str) -> list[str]:
    rows = []
    for one in [lever for lever in levers if lever.title == title][:_MOST_LEVERS]:
        by = f"{one.worse_by} / {one.better_by}" if one.better_by else one.worse_by
        better = _hundred(one.better) if one.better_by else ""
        rows.append(f" {_cut(f'{one.name} {by}', 29):<29}{_hundred(one.worse):>5}  {better:>6}")
    return rows


def _others(offer: Recommendation) -> list[str]:
    if not offer.others:
        return []
    rows = [["OTHER CLIENTS ON THE SAME STAFFING", "met (at least)", "expected credits"]]
    for one in offer.others:
        credits_ = "" if one.money is None else count(one.money.expected_credits)
        rows.append(
            [
                f" {one.name}, per {_each(one.period)}",
                _met(one.chance.value, one.chance_low),
                credits_,
            ]
        )
    return aligned(rows)


# ------------------------------------------------------------------ before you sign


def _before(offer: Recommendation) -> list[str]:
    lines = ["BEFORE YOU SIGN"]
    for peril in offer.perils[:_MOST_PERILS]:
        lines += wrapped(f" ! {peril.says}", indent=3)
    for said in _definitions(offer):
        lines += wrapped(f" ! {said}", indent=3)
    for row in offer.own():
        for reason in row.reasons:
            if reason.name in ("stress", "small_volume", "back_test", "undecided", "too_few"):
                lines += wrapped(f" ! {row.title}: {reason.says}", indent=3)
    lines += wrapped(f" Not modelled: {'; '.join(offer.evidence.not_modelled)}.", indent=3)
    return lines


def _definitions(offer: Recommendation) -> Iterator[str]:
    for title, values in offer.formulas.items():
        row = next(one for one in offer.recommendations if one.title == title and one.own)
        parts = [f"{formula_words(name)} {percent(value)}" for name, value in values.items()]
        yield f"{title} is {row.formula}. By other formulas: {', '.join(parts)}. Put it in writing."


def _foot(offer: Recommendation) -> list[str]:
    many = SAID.get(offer.period, offer.period)
    parts = [f"{offer.replications:,} simulated {many}"]
    if offer.fresh:
        parts.append(f"offer certified on {offer.fresh:,} fresh ones")
    if offer.odds is not None:
        parts.append(f"levers paired on {offer.paired:,}")
        parts.append(f"{100 * offer.odds.confidence:g} % sure")
    parts += [f"seed {offer.seed}", f"{offer.seconds:.0f} s"]
    return wrapped(" · ".join(parts))
