"""Pictures of offers and drafts: what they draw is what the offer says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.colors
import numpy as np
import offers
import pytest
from offers import offer

import slasim as sl
from slasim.errors import InputError
from slasim.planner.drafts import Apart, Draft, Drafts
from slasim.show.plots import BLUE, Picture
from slasim.show.plots.offers import AMBER, KINDS


def said(figure: Picture) -> str:
    axes = [
        text.get_text() for one in figure.axes for text in (one.title, one._left_title, *one.texts)
    ]  # type: ignore[attr-defined]
    legends = [
        text.get_text()
        for one in figure.axes
        if (found := one.get_legend())
        for text in found.get_texts()
    ]
    ticks = [label.get_text() for one in figure.axes for label in one.get_yticklabels()]
    return " | ".join([*(text.get_text() for text in figure.texts), *axes, *legends, *ticks])


def drafts() -> Drafts:
    second = offers.contract(
        chance=offers.estimate(0.92),
        chance_low=0.9,
        money=offers.money(expected_credits=offers.OFFERED_EXPECTED),
    )
    apart = Apart("theirs", offers.estimate(0.28, "difference"), 3, 283, None, None)
    return Drafts(
        "City",
        "EUR",
        (Draft("ours", offers.contract()), Draft("theirs", second)),
        (apart,),
        1000,
        7,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_the_same_bytes(kind: str, tmp_path: Path) -> None:
    places = [tmp_path / f"{k}.svg" for k in range(2)]
    for place in places:
        sl.plot(offer(), kind, to=place)
    first, again = (place.read_bytes() for place in places)
    assert first == again and len(first) > 5_000


def test_chance_curves_are_what_was_seen() -> None:
    figure = sl.plot(offer())
    assert len(figure.axes) == 2
    curve = figure.axes[0].lines[0]
    at, chance = (np.asarray(x, float) for x in (curve.get_xdata(), curve.get_ydata()))
    values = 100 * (
        np.array(offers.commitment().values) - 0.013
    )  # less what the back-test found too kind
    for target, height in zip(at[::80], chance[::80], strict=True):
        assert height == pytest.approx(100 * (values >= target - 1e-9).mean())
    assert "asked: 80 %, 71 of 100" in said(figure) and "signable: 76 %, 92 of 100" in said(figure)
    assert "asked, and signable: 5 %, 93 of 100" in said(figure)


def test_the_frontier_has_a_line_for_each_wished_chance() -> None:
    axes = sl.plot(offer(), "frontier").axes[0]
    lines = {line.get_label(): np.asarray(line.get_ydata(), float) for line in axes.lines}
    assert set(lines) == {"80 of 100", "90 of 100", "95 of 100", "asked"}
    assert lines["80 of 100"] == pytest.approx([72, 80, 85]) and lines["asked"] == pytest.approx(
        [80]
    )
    styles = {(line.get_linestyle(), line.get_marker()) for line in axes.lines}
    assert len(styles) == 4  # told apart without colour


def test_credits_fall_from_the_chance_of_any() -> None:
    figure = sl.plot(offer(), "credits")
    drafted = figure.axes[0].lines[0]
    height = np.asarray(drafted.get_ydata(), float)
    assert (
        height[0] == pytest.approx(100 * 63 / 201)
        and height[-1] == 0
        and (np.diff(height) <= 0).all()
    )
    assert "1,039 expected" in said(figure) and "as we offer" in said(figure)


def test_levers_reach_from_worse_to_better_the_widest_on_top() -> None:
    axes = sl.plot(offer(), "levers").axes[0]
    bars: Any = axes.patches
    ends = {(round(bar.get_x()), round(bar.get_x() + bar.get_width())) for bar in bars}
    assert {(31, 71), (71, 94), (48, 71), (71, 88)} <= ends
    assert axes.get_yticklabels()[-1].get_text() == "volume +10 % / -10 %"
    worse = [bar for bar in bars if matplotlib.colors.to_hex(bar.get_facecolor()).upper() == AMBER]
    assert worse and all(bar.get_hatch() for bar in worse)


def test_steps_begin_with_none() -> None:
    axes = sl.plot(offer(), "steps").axes[0]
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    assert list(np.asarray(dots.get_xdata())) == [0, 4]
    assert list(np.asarray(dots.get_ydata())) == pytest.approx([64, 92])


def test_drafts_stand_below_each_other_the_first_on_top() -> None:
    figure = sl.plot(drafts())
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["theirs", "ours"]
    dots = [line for line in figure.axes[0].lines if line.get_color() == BLUE]
    assert [float(np.asarray(line.get_xdata())[0]) for line in dots] == pytest.approx([92, 64])
    assert len(figure.axes) == 2
    bare = replace(
        drafts(),
        drafts=tuple(replace(d, odds=replace(d.odds, money=None)) for d in drafts().drafts),
    )
    assert len(sl.plot(bare).axes) == 1


def test_what_an_offer_does_not_hold_is_said() -> None:
    with pytest.raises(InputError, match="Did you mean levers"):
        sl.plot(offer(), "lever")
    free = offers.without_contract()
    for kind in ("chance", "credits", "levers", "steps"):
        with pytest.raises(InputError, match=r"no .* to plot"):
            sl.plot(free, kind)
    assert "strictest target" in said(sl.plot(free))
    with pytest.raises(InputError, match="nothing to plot"):
        sl.plot(3)  # type: ignore[arg-type]
