"""What `slasim drafts` says: drafts of a contract side by side, and what their words alone make.

It lays out a `Drafts` and works out nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from slasim.outcome.estimates import Estimate
from slasim.planner.drafts import Apart, Draft, Drafts
from slasim.planner.verdicts import SAID, of_hundred
from slasim.planner.words import target_words
from slasim.show.words import aligned, count, headline, points, shortened, wrapped
from slasim.study.odds import CommitmentOdds, Money

__all__ = ["drafted_screen"]

_NAME = 26


def drafted_screen(drafts: Drafts) -> str:
    """The whole screen, without a last line break."""
    many = {SAID.get(one.odds.period, one.odds.period) for one in drafts.drafts}
    word = many.pop() if len(many) == 1 else "periods"
    lines = [
        headline("drafts", drafts.scenario, f"{len(drafts.drafts)} drafts", drafts.currency),
        *wrapped(
            f"All held against the same {drafts.replications:,} simulated {word}: only the words differ."
        ),
        "",
    ]
    heads = [shortened(one.name, 20) for one in drafts.drafts]
    lines += aligned([["MET, of 100 (at least)", *heads], *_chances(drafts)], gap=3)
    money = list(_money(drafts))
    if money:
        lines += ["", *aligned([["MONEY A PERIOD", *heads], *money], gap=3)]
    first = drafts.drafts[0].name
    lines += ["", f"AGAINST {first.upper()}, on the same replications"]
    for one in drafts.apart:
        lines += wrapped(f" {_against(one)}", indent=3)
    lines += ["", f"range 95 of 100 · seed {drafts.seed}"]
    return "\n".join(line.rstrip() for line in lines)


def _chances(drafts: Drafts) -> Iterator[list[str]]:
    titles = dict.fromkeys(c.title for one in drafts.drafts for c in one.odds.commitments)
    for title in titles:
        found = [
            next((c for c in one.odds.commitments if c.title == title), None)
            for one in drafts.drafts
        ]
        yield [f" {shortened(title, _NAME)}", *("-" if c is None else _asked(c) for c in found)]
        yield ["", *("" if c is None else met(c.chance.value, c.chance_low) for c in found)]
    yield [
        " all together",
        *(met(one.odds.chance.value, one.odds.chance_low) for one in drafts.drafts),
    ]
    if any(one.odds.chance_alone is not None for one in drafts.drafts):
        yield [" by chance alone", *(_alone(one) for one in drafts.drafts)]


def _asked(one: CommitmentOdds) -> str:
    return target_words(one.target, one.unit, one.better, one.threshold_s)


def met(chance: float, low: float) -> str:
    """ "71 (69)"."""
    if math.isnan(chance):
        return "-"
    found = of_hundred(chance)
    return f"{found} ({min(math.floor(100 * low + 1e-9), found)})"


def _alone(one: Draft) -> str:
    alone = one.odds.chance_alone
    return "-" if alone is None or math.isnan(alone) else f"{of_hundred(alone)}"


def _money(drafts: Drafts) -> Iterator[list[str]]:
    known = [one.odds.money for one in drafts.drafts]
    if all(one is None for one in known):
        return
    rows: list[tuple[str, Callable[[Money], float | None]]] = [
        ("fee", lambda m: m.fee),
        ("at risk", lambda m: m.at_risk),
        ("expected credits", lambda m: m.expected_credits),
        ("one in 20 costs at least", lambda m: m.credits_p95),
        ("the worst seen", lambda m: m.credits_worst),
        ("left after staff", lambda m: m.margin),
    ]
    for name, of in rows:
        values = [None if one is None else of(one) for one in known]
        if any(value is not None for value in values):
            yield [f" {name}", *("-" if value is None else count(value) for value in values)]


def _against(one: Apart) -> str:
    e = one.chance
    said = f"{one.name}: chance {points(e.value, e.low, e.high)}"
    if one.only_this is not None and one.only_first is not None:
        said += f"; met under it alone {one.only_this:,} times, under the first alone {one.only_first:,}"
    for name, made in (("credits", one.credits), ("fee less credits", one.left)):
        if made is not None:
            said += f"; {name} {_sum(made)}"
    return f"{said}."


def _sum(made: Estimate) -> str:
    if made.low is None or made.high is None:
        return f"{made.value:+,.0f}"
    return f"{made.value:+,.0f} ({made.low:+,.0f} to {made.high:+,.0f})"
