"""The pictures of the page, drawn on the canvas: chance against target, hours of the day, levers, credits.

Each is a function of plain values; what may be drawn for whom is decided before (`client.py`, `ours.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from slasim.show.report.canvas import AMBER, BLUE, GREY, INK, WASH, Canvas, ticks
from slasim.show.report.client import Curve, Hours, Mark, hundred, many
from slasim.show.report.labels import Box, Label, along, beside, free, stretch, wide
from slasim.show.words import spoken

__all__ = ["credits_picture", "curve_picture", "hours_picture", "lever_picture"]

WIDE = 680.0
_LEFT, _RIGHT = 46.0, 18.0
_FAR = 24.0
"""Words farther from their point are tied to it by a thin line."""


# ------------------------------------------------------------------ chance against target


def curve_picture(curve: Curve) -> str:
    """The chance that a period meets a target, by target; the asked and the signable one as points."""
    tall, top, bottom = 300.0, 22.0, 46.0
    label = f"{curve.title}: chance that a {_each(curve.period)} meets a target, by target"
    canvas = Canvas(WIDE, tall, label)
    low, high = _span(curve)

    def x_of(x: float) -> float:
        return _LEFT + (x - low) / (high - low) * (WIDE - _LEFT - _RIGHT)

    def y_of(chance: float) -> float:
        return top + (1 - chance) * (tall - top - bottom)

    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        canvas.line(_LEFT, y_of(share), WIDE - _RIGHT, y_of(share))
        canvas.text(_LEFT - 7, y_of(share) + 4, f"{100 * share:.0f}", anchor="end")
    scale = 100.0 if curve.unit == "share" else 0.001 if curve.unit == "time" else 1.0
    for tick in ticks(low * scale, high * scale):
        at = x_of(tick / scale)
        canvas.line(at, y_of(0), at, y_of(0) + 4, colour=GREY)
        canvas.text(at, y_of(0) + 18, _tick(tick, curve.unit), anchor="middle")
    canvas.text(_LEFT - 7, 11, f"{many(curve.period)} of 100 that meet it")
    side = "stricter to the right" if curve.better == "higher" else "stricter to the left"
    canvas.text(WIDE - _RIGHT, tall - 6, f"target ({side})", anchor="end")
    inner = [(x, y) for x, y in curve.points if low <= x <= high]
    steps = _stairs(inner, curve.better == "higher")
    canvas.path([(x_of(x), y_of(y)) for x, y in steps], colour=BLUE, width=2.2)
    canvas.line(
        _LEFT, y_of(curve.required), WIDE - _RIGHT, y_of(curve.required), colour=INK, dashes="5 4"
    )
    line = [(x_of(x), y_of(y)) for x, y in steps]
    drawn = [stretch(*a, *b) for a, b in pairwise(line)]
    drawn.append(stretch(_LEFT, y_of(curve.required), WIDE - _RIGHT, y_of(curve.required)))
    points = [(mark, x_of(mark.x), y_of(mark.chance), y_of(mark.low)) for mark in curve.marks]
    for _, x, y, y_low in points:
        drawn += [Box(x - 6, y - 7, x + 6, y + 7), stretch(x, y, x, y_low, 10)]
    area = Box(_LEFT, top - 2, WIDE - 4, y_of(0) - 1)
    for mark, x, y, y_low in points:
        words = f"{mark.says}, {hundred(mark.chance)} of 100"
        place = free(beside(x, y, wide(words, 13, bold=True), 13), drawn, area)
        drawn.append(place.box)
        _mark(canvas, mark, (x, y, y_low), words, place)
    words = f"{100 * curve.required:g}: what a promise takes"
    place = free(
        along(_LEFT, WIDE - _RIGHT, y_of(curve.required), wide(words, 12), 12), drawn, area
    )
    canvas.text(place.x, place.y, words, colour=INK, anchor=place.anchor, halo=True)
    return canvas.svg()


def _mark(
    canvas: Canvas, mark: Mark, at: tuple[float, float, float], words: str, place: Label
) -> None:
    """A point with what is certain of it below, and its words where there is room."""
    x, y, y_low = at
    asked = mark.kind == "asked"
    colour = AMBER if asked else BLUE
    canvas.line(x, y, x, y_low, colour=colour, width=2)
    canvas.line(x - 5, y_low, x + 5, y_low, colour=colour, width=2)
    if asked:
        canvas.diamond(x, y)
    else:
        canvas.dot(x, y)
    edge = place.box.top if place.box.top > y else place.box.bottom
    if abs(edge - y) > _FAR:  # else the words seem to belong to nothing
        middle = min(max(x, place.box.left), place.box.right)
        canvas.line(x, y + math.copysign(9, edge - y), middle, edge, colour=colour, width=0.8)
    canvas.text(
        place.x, place.y, words, colour=colour, size=13, bold=True, halo=True, anchor=place.anchor
    )


def _stairs(points: Sequence[tuple[float, float]], falling: bool) -> list[tuple[float, float]]:
    """The curve as it is: chances change only at values that were seen."""
    steps: list[tuple[float, float]] = []
    for k, (x, y) in enumerate(points):
        if k:
            before = points[k - 1]
            steps.append((before[0], y) if falling else (x, before[1]))
        steps.append((x, y))
    return steps


def _span(curve: Curve) -> tuple[float, float]:
    """The targets that are worth a look: what was seen, but for its outermost hundredth, and both marks."""
    xs = [x for x, _ in curve.points]
    middle = [x for x, y in curve.points if 0.005 <= y <= 0.995] or xs
    ends = [mark.x for mark in curve.marks]
    low, high = min([*middle, *ends]), max([*middle, *ends])
    room = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    low, high = low - room, high + room
    if curve.unit == "share":
        low, high = max(low, 0.0), min(high, 1.0)
    return low, high


def _tick(value: float, unit: str) -> str:
    return f"{value:g} %" if unit == "share" else f"{value:g} s" if unit == "time" else f"{value:g}"


def _each(period: str) -> str:
    return "run" if period == "horizon" else period


# ------------------------------------------------------------------ hours of the day


def hours_picture(hours: Hours) -> str:
    """A commitment by hour of the day; hours beyond the target in another colour, with the target as a line."""
    tall, top, bottom = 170.0, 26.0, 26.0
    canvas = Canvas(WIDE, tall, f"{hours.title} by hour of the day")
    values = [value for _, value in hours.hours if not math.isnan(value)]
    most = max([*values, hours.target]) * 1.12 or 1.0
    if hours.unit == "share" and hours.better == "higher":
        most = 1.0
    each = (WIDE - _LEFT - _RIGHT) / len(hours.hours)

    def y_of(value: float) -> float:
        return top + (1 - value / most) * (tall - top - bottom)

    canvas.line(_LEFT, y_of(0), WIDE - _RIGHT, y_of(0), colour=GREY)
    small = each < 34
    for k, (hour, value) in enumerate(hours.hours):
        x = _LEFT + k * each
        canvas.text(
            x + each / 2, tall - 8, hour.removesuffix(":00") if small else hour, anchor="middle"
        )
        if math.isnan(value):
            continue
        good = value >= hours.target if hours.better == "higher" else value <= hours.target
        canvas.box(
            x + 3, y_of(value), each - 6, y_of(0) - y_of(value), fill=BLUE if good else AMBER
        )
        said = spoken(value, hours.unit)
        said = said.removesuffix(" %") if hours.unit == "share" else said
        inside = y_of(0) - y_of(value) >= 20  # where it meets no line
        canvas.text(
            x + each / 2, y_of(0) - 6 if inside else y_of(value) - 4, said, anchor="middle",
            size=10.5 if small else 12, halo=not inside, colour="#fff" if inside else INK,
        )  # fmt: skip
    at = y_of(hours.target)
    canvas.line(_LEFT, at, WIDE - _RIGHT, at, colour=INK, dashes="5 4")
    canvas.text(
        _LEFT - 6, at + 4, spoken(hours.target, hours.unit), anchor="end", colour=INK, size=11
    )
    return canvas.svg()


# ------------------------------------------------------------------ what moves it (ours)


def lever_picture(
    levers: Sequence[tuple[str, str, str, float, float | None]], base: float, required: float
) -> str:
    """Bars from worse to better chance: (name, worse by, better by, worse, better or None), in their order."""
    tall = 44.0 + 26 * len(levers)
    left = 250.0
    canvas = Canvas(WIDE, tall, "what moves the chance: worse to better")

    def x_of(chance: float) -> float:
        return left + chance * (WIDE - left - 40)

    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        canvas.line(x_of(share), 20, x_of(share), tall - 18)
        canvas.text(x_of(share), tall - 4, f"{100 * share:.0f}", anchor="middle")
    canvas.line(x_of(required), 20, x_of(required), tall - 18, colour=INK, dashes="5 4")
    for k, (name, worse_by, better_by, worse, better) in enumerate(levers):
        y = 26.0 + 26 * k
        words = f"{name} {worse_by}"
        words += f" / {better_by}" if better_by else ""
        canvas.text(left - 44, y + 12, words, anchor="end", colour=INK)
        end = base if better is None else better
        low, high = sorted((worse, base))
        canvas.box(x_of(low), y, x_of(high) - x_of(low), 17, fill=AMBER if worse < base else BLUE)
        low, high = sorted((base, end))
        canvas.box(x_of(low), y, x_of(high) - x_of(low), 17, fill=BLUE if end >= base else AMBER)
        ends = (min(worse, base, end), max(worse, base, end))
        canvas.text(x_of(ends[0]) - 5, y + 12, hundred(ends[0]), anchor="end", halo=True)
        canvas.text(x_of(ends[1]) + 5, y + 12, hundred(ends[1]), halo=True)
    canvas.line(x_of(base), 18, x_of(base), tall - 18, colour=INK, width=1.5)
    canvas.text(x_of(base), 13, f"now {hundred(base)}", anchor="middle", colour=INK, bold=True)
    return canvas.svg()


def credits_picture(
    amounts: Sequence[float], marks: Sequence[tuple[str, float]], period: str
) -> str:
    """How many periods of 100 cost more than an amount; ``amounts`` are quantiles, ascending."""
    tall, top, bottom = 220.0, 22.0, 44.0
    canvas = Canvas(WIDE, tall, f"credits: {many(period)} of 100 that cost more than an amount")
    most = max([*amounts, *(amount for _, amount in marks)]) * 1.04 or 1.0

    def x_of(amount: float) -> float:
        return _LEFT + amount / most * (WIDE - _LEFT - _RIGHT)

    def y_of(share: float) -> float:
        return top + (1 - share) * (tall - top - bottom)

    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        canvas.line(_LEFT, y_of(share), WIDE - _RIGHT, y_of(share))
        canvas.text(_LEFT - 7, y_of(share) + 4, f"{100 * share:.0f}", anchor="end")
    for tick in ticks(0.0, most, 6):
        canvas.text(x_of(tick), y_of(0) + 17, f"{tick:,.0f}", anchor="middle")
    canvas.text(_LEFT - 7, 11, f"{many(period)} of 100 that cost more")
    canvas.text(WIDE - _RIGHT, tall - 6, "credits", anchor="end")
    count = len(amounts)
    more = {amount: 1 - (k + 1) / count for k, amount in enumerate(amounts)}
    steps = [
        (0.0, 1 - sum(1 for c in amounts if c <= 0) / count),
        *sorted((a, s) for a, s in more.items() if a > 0),
    ]
    line = [(x_of(x), y_of(y)) for x, y in _stairs(steps, False)]
    canvas.path([(x_of(0), y_of(0)), *line, (line[-1][0], y_of(0))], fill=WASH, width=0)
    canvas.path(line, colour=BLUE, width=2.2)
    for k, (words, amount) in enumerate(marks):
        x = x_of(amount)
        canvas.line(x, y_of(0), x, top + 8 + 18 * k, colour=INK, dashes="2 3")
        right = x < 0.6 * WIDE
        canvas.text(
            x + 5 if right else x - 5, top + 18 + 18 * k, f"{words} {amount:,.0f}", colour=INK, halo=True,
            anchor="start" if right else "end",
        )  # fmt: skip
    return canvas.svg()
