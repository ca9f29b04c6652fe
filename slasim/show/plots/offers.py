"""Pictures of an offer and of drafts: chance curves, frontier, credits, levers, more agents.

    plot(offer)                 chance against target, a panel for each commitment, asked and signable as points
    plot(offer, "frontier")     the strictest certified target by threshold, a line for each wished chance
    plot(offer, "credits")      how often a period costs more than an amount, as drafted and as offered
    plot(offer, "levers")       what moves the chance most: a tornado
    plot(offer, "steps")        what each extra agent does to the chance
    plot(drafts)                chance and credits of each draft

Each is a function of result types and works out nothing. What differs in colour differs in shape or dashes too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from slasim.errors import InputError, Problem, did_you_mean
from slasim.planner.drafts import Drafts
from slasim.planner.offer import Point, Recommendation
from slasim.planner.verdicts import SAID, of_hundred
from slasim.show.plots import BLUE, GREY, INK, PALE, Picture, _caption, _figure, _words
from slasim.show.report.client import Curve, curve_of, signable_of
from slasim.show.words import count
from slasim.study.odds import Money

__all__ = ["KINDS", "draft_picture", "offer_picture"]

AMBER = "#D55E00"
DASHES = ("-", "--", ":", "-.", (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v")
KINDS = ("chance", "frontier", "credits", "levers", "steps")


def offer_picture(offer: Recommendation, kind: str | None, title: str | None) -> Picture:
    """One of KINDS; the chance curves where none is named. Raises InputError for what an offer does not hold."""
    draw = {
        "chance": _chance, "frontier": _frontier, "credits": _credits, "levers": _levers, "steps": _steps,
    }  # fmt: skip
    name = kind or ("chance" if offer.odds is not None else "frontier")
    if name not in draw:
        raise InputError(
            [
                Problem(
                    f"no picture of an offer is called {name!r}",
                    did_you_mean(name, list(KINDS)),
                    path="metric",
                )
            ]
        )
    return draw[name](offer, title or offer.scenario)


# ------------------------------------------------------------------ chance against target


def _chance(offer: Recommendation, title: str) -> Picture:
    curves = [
        curve for row in offer.own()
        if (curve := curve_of(offer, row, signable_of(offer, row), cut=False)) is not None
    ]  # fmt: skip
    if not curves:
        raise _nothing("chance", "no contract, or nothing that was measured")
    figure, panels = _panels(len(curves), 2.0)
    _words(figure, panels[0], title, f"{_many(offer.period)} of 100 that meet a target, by target")
    for curve, axes in zip(curves, panels, strict=True):
        _one_curve(axes, curve)
    _caption(figure, f"The bar under a point is what is certain. {_runs(offer)}")
    return figure


def _one_curve(axes: Axes, curve: Curve) -> None:
    scale = _scale(curve.unit)
    xs, ys = ([p[k] * s for p in curve.points] for k, s in ((0, scale), (1, 100.0)))
    axes.step(
        xs, ys, where="pre" if curve.better == "higher" else "post", color=BLUE, linewidth=1.8
    )
    axes.axhline(100 * curve.required, color=INK, linewidth=0.9, dashes=(5, 3))
    for mark in curve.marks:
        asked = mark.kind == "asked"
        at, low, high = mark.x * scale, 100 * mark.low, 100 * mark.chance
        axes.plot([at, at], [low, high], color=AMBER if asked else BLUE, linewidth=1.6)
        axes.plot(
            at, high, "D" if asked else "o", color=AMBER if asked else BLUE, markersize=6, markeredgecolor="white",
            label=f"{mark.says}, {of_hundred(mark.chance)} of 100", linestyle="none", zorder=5,
        )  # fmt: skip
    axes.set_ylim(0, 102)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x, curve.unit)))
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    axes.set_title(curve.title, loc="left", fontsize=9, color=GREY, pad=4)
    side: Any = "lower left" if curve.better == "higher" else "lower right"
    axes.legend(loc=side, frameon=False, fontsize=8.5, handlelength=1.2)


# ------------------------------------------------------------------ the frontier


def _frontier(offer: Recommendation, title: str) -> Picture:
    """Of the first metric that has thresholds."""
    points = [
        one for one in offer.frontier if one.threshold_s is not None and one.target is not None
    ]
    if not points:
        raise _nothing("frontier", "no certified target at any threshold")
    of = points[0].title
    mine = [one for one in points if one.title == of]
    figure = _figure(3.9)
    axes = _axes_of(figure, 0.8, 2.2)
    for k, wished in enumerate(sorted({one.wished for one in mine})):
        line: list[Point] = sorted(
            (one for one in mine if one.wished == wished), key=lambda p: p.threshold_s or 0
        )
        axes.plot(
            [one.threshold_s or 0 for one in line], [100 * (one.target or 0) for one in line],
            linestyle=DASHES[k % len(DASHES)], marker=MARKERS[k % len(MARKERS)], markersize=4, linewidth=1.5,
            color=BLUE if k % 2 else INK, label=f"{100 * wished:g} of 100",
        )  # fmt: skip
    own = next((row for row in offer.own() if row.title == of and row.asked is not None), None)
    if own is not None and own.asked is not None and own.threshold_s is not None:
        axes.plot(
            own.threshold_s,
            100 * own.asked,
            "D",
            color=AMBER,
            markersize=7,
            label="asked",
            zorder=5,
        )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g} %"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g} s"))
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    _words(
        figure,
        axes,
        title,
        f"{of}: strictest target that may be signed, by threshold and wished chance",
    )
    _caption(
        figure,
        f"Each certified by itself; whoever chooses among thresholds has a little less. {_runs(offer)}",
    )
    return figure


# ------------------------------------------------------------------ money


def _credits(offer: Recommendation, title: str) -> Picture:
    drafted = None if offer.odds is None else offer.odds.money
    if drafted is None:
        raise _nothing("credits", "no price in the contract")
    shown = [("as drafted", drafted)]
    if offer.package_odds is not None and offer.package_odds.money is not None:
        shown.append(("as we offer", offer.package_odds.money))
    figure = _figure(3.9)
    axes = _axes_of(figure, 0.8, 2.2)
    _exceeding(axes, shown)
    said = f"{_many(offer.period)} of 100 whose credits exceed an amount, {offer.currency}"
    _words(figure, axes, title, said)
    means = "; ".join(
        f"{name}: {count(one.expected_credits)} expected, one in 20 at least {count(one.credits_p95)}"
        for name, one in shown
    )
    _caption(figure, f"{means}. {_runs(offer)}")
    return figure


def _exceeding(axes: Axes, shown: Sequence[tuple[str, Money]]) -> None:
    for k, (name, money) in enumerate(shown):
        size = len(money.credits)
        if not size:
            continue
        at = [0.0, *money.credits]
        more = [100.0 * sum(1 for c in money.credits if c > amount) / size for amount in at]
        colour = (AMBER, BLUE, INK, GREY)[k % 4]
        axes.step(
            at,
            more,
            where="post",
            color=colour,
            linestyle=DASHES[k % len(DASHES)],
            linewidth=1.8,
            label=name,
        )
        axes.plot(
            money.expected_credits,
            0,
            MARKERS[k % len(MARKERS)],
            color=colour,
            markersize=6,
            clip_on=False,
            zorder=5,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.grid(axis="y", color=PALE, linewidth=0.6)


# ------------------------------------------------------------------ levers and steps


def _levers(offer: Recommendation, title: str) -> Picture:
    """Of the whole contract; of its only commitment where there is one."""
    titles = dict.fromkeys(one.title for one in offer.levers)
    of = "" if "" in titles else next(iter(titles), "")
    mine = sorted(
        (one for one in offer.levers if one.title == of),
        key=lambda one: max(abs(one.swing), abs(one.base - one.worse)),
    )
    if not mine:
        raise _nothing("levers", "nothing was moved")
    figure = _figure(1.7 + 0.28 * len(mine))
    axes = _axes_of(figure, 0.7, 0.28 * len(mine) + 0.2, left=0.3)
    for k, one in enumerate(mine):
        better = one.better if one.better_by else one.base
        for end, colour, hatch in ((one.worse, AMBER, "///"), (better, BLUE, "")):
            low, high = sorted((100 * one.base, 100 * end))
            axes.barh(
                k,
                high - low,
                left=low,
                height=0.62,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0,
            )
    axes.axvline(100 * mine[-1].base, color=INK, linewidth=1.2)
    if offer.odds is not None:
        axes.axvline(100 * offer.odds.required, color=INK, linewidth=0.9, dashes=(5, 3))
    names = [
        f"{one.name} {one.worse_by}" + (f" / {one.better_by}" if one.better_by else "")
        for one in mine
    ]
    axes.set_yticks(range(len(mine)), names)
    axes.set_xlim(0, 100)
    axes.tick_params(axis="y", length=0)
    _words(
        figure,
        axes,
        title,
        f"what moves {of or 'all that is asked'}: {_many(offer.period)} of 100 that meet it",
    )
    _caption(
        figure,
        f"Worse hatched, better plain; {mine[0].replications} paired replications; dashed: what is wished.",
    )
    return figure


def _steps(offer: Recommendation, title: str) -> Picture:
    if offer.odds is None or not offer.steps:
        raise _nothing("steps", "no staffing was tried: all can be signed, or nothing is asked")
    figure = _figure(3.6)
    axes = _axes_of(figure, 0.8, 1.9)
    agents = [0, *(one.agents for one in offer.steps)]
    chances = [offer.odds.chance.value, *(one.chance for one in offer.steps)]
    lows = [offer.odds.chance_low, *(one.chance_low for one in offer.steps)]
    axes.vlines(
        agents, [100 * x for x in lows], [100 * x for x in chances], color=BLUE, linewidth=1.6
    )
    axes.plot(agents, [100 * x for x in chances], "o-", color=BLUE, markersize=5, linewidth=1.2)
    for step, chance in zip(offer.steps, chances[1:], strict=True):
        said = (
            f"{count(step.paid_hours)} h"
            if step.cost is None
            else f"{count(step.cost)} {offer.currency}"
        )
        axes.annotate(said, (step.agents, 100 * chance), (0, -24), textcoords="offset points", ha="center", fontsize=8,
                      color=GREY)  # fmt: skip
    axes.axhline(100 * offer.odds.required, color=INK, linewidth=0.9, dashes=(5, 3))
    axes.set_ylim(0, 104)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    _words(
        figure,
        axes,
        title,
        f"more agents, {offer.steps[-1].when}: {_many(offer.period)} of 100 that meet all asked",
    )
    _caption(
        figure,
        f"Paid hours or cost a period beside each; the bar under a point is what is certain. {_runs(offer)}",
    )
    return figure


# ------------------------------------------------------------------ drafts


def draft_picture(drafts: Drafts, title: str | None) -> Picture:
    """The chance of each draft with what is certain of it; below, its credits, where all have a price."""
    priced = [(one.name, one.odds.money) for one in drafts.drafts if one.odds.money is not None]
    with_money = len(priced) == len(drafts.drafts)
    figure = _figure(5.25 if with_money else 2.9)
    tall = 0.28 * len(drafts.drafts) + 0.5
    upper = _axes_of(figure, (5.25 if with_money else 2.9) - 0.95 - tall, tall, left=0.3)
    for k, one in enumerate(reversed(drafts.drafts)):
        odds = one.odds
        upper.hlines(k, 100 * odds.chance_low, 100 * odds.chance.value, color=BLUE, linewidth=2)
        upper.plot(100 * odds.chance.value, k, "o", color=BLUE, markersize=6)
        if odds.chance_alone is not None and not math.isnan(odds.chance_alone):
            upper.plot(100 * odds.chance_alone, k, "x", color=GREY, markersize=5)
    upper.axvline(100 * drafts.drafts[0].odds.required, color=INK, linewidth=0.9, dashes=(5, 3))
    upper.set_yticks(range(len(drafts.drafts)), [one.name for one in reversed(drafts.drafts)])
    upper.set_ylim(-0.6, len(drafts.drafts) - 0.4)
    upper.set_xlim(0, 102)
    upper.grid(axis="x", color=PALE, linewidth=0.6)
    if with_money:
        lower = _axes_of(figure, 0.7, 1.5)
        _exceeding(lower, [(name, money) for name, money in priced if money is not None])
        said = f"of 100 periods, those whose credits exceed an amount, {drafts.currency}"
        lower.set_title(said, loc="left", fontsize=9, color=GREY, pad=4)
        lower.legend(loc="upper right", frameon=False, fontsize=8.5)
    _words(
        figure,
        upper,
        title or drafts.scenario,
        "periods of 100 that meet all that each draft promises",
    )
    _caption(
        figure,
        f"The bar is what is certain, x by chance alone; {drafts.replications:,} replications, the same for all.",
    )
    return figure


# ------------------------------------------------------------------ what all are made of


def _panels(number: int, height: float) -> tuple[Picture, list[Axes]]:
    """A figure of panels one above the other, each ``height`` inches of drawing."""
    tall = 1.35 + number * (height + 0.62) - 0.3
    figure = _figure(tall)
    bottoms = [0.72 + k * (height + 0.62) for k in reversed(range(number))]
    return figure, [_axes_of(figure, bottom, height) for bottom in bottoms]


def _axes_of(figure: Picture, bottom: float, height: float, left: float = 0.085) -> Axes:
    tall = figure.get_figheight()
    return figure.add_axes((left, bottom / tall, 0.97 - left, height / tall))


def _scale(unit: str) -> float:
    return 100.0 if unit == "share" else 0.001 if unit == "time" else 1.0


def _tick(x: float, unit: str) -> str:
    return f"{x:g} %" if unit == "share" else f"{x:g} s" if unit == "time" else f"{x:g}"


def _many(period: str) -> str:
    return SAID.get(period, f"{period}s")


def _runs(offer: Recommendation) -> str:
    return f"{offer.replications:,} simulated {_many(offer.period)}, seed {offer.seed}."


def _nothing(name: str, why: str) -> InputError:
    return InputError([Problem(f"this offer has no {name} to plot: {why}", path="metric")])
