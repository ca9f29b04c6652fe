"""The pictures of a page: words touch neither lines nor each other, wherever the curve runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from slasim.show.report.client import Curve, Hours, Mark
from slasim.show.report.labels import Box, beside, free, stretch, wide
from slasim.show.report.picture import curve_picture, hours_picture

SVG = "{http://www.w3.org/2000/svg}"


def strokes(picture: str) -> list[Box]:
    """Every stretch of the curve, and the line of what a promise takes, as boxes."""
    root = ET.fromstring(picture)
    found = []
    for path in root.iter(f"{SVG}path"):
        if path.get("fill") == "none":
            at = [tuple(map(float, one.split())) for one in path.get("d")[1:].split("L")]
            found += [stretch(*a, *b) for a, b in pairwise(at)]
    for line in root.iter(f"{SVG}line"):
        if line.get("stroke-dasharray"):
            found.append(stretch(*(float(line.get(k)) for k in ("x1", "y1", "x2", "y2"))))
    return found


def words(picture: str) -> list[tuple[str, Box]]:
    """The labels inside the picture, with the room they take."""
    found = []
    for text in ET.fromstring(picture).iter(f"{SVG}text"):
        if text.get("stroke") is None:  # an axis
            continue
        size, x, y = (float(text.get(k)) for k in ("font-size", "x", "y"))
        width = wide(text.text, size, bold=text.get("font-weight") is not None)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[text.get("text-anchor")]
        found.append((text.text, Box(left, y - 0.75 * size, left + width, y + 0.2 * size)))
    return found


def curve(
    *points: tuple[float, float], asked: float, signable: float | None, better: str = "higher"
) -> Curve:
    at = dict(points)
    marks = [Mark("asked", f"asked: {100 * asked:.0f} %", asked, at[asked], at[asked] - 0.02)]
    if signable is not None:
        said = f"signable: {100 * signable:.0f} %, with the clause"
        marks.append(Mark("signable", said, signable, at[signable], at[signable] - 0.02))
    return Curve("Voice", "share", better, "month", 0.9, tuple(sorted(points)), tuple(marks))


FALLING = [(0.50 + k / 100, max(0.0, min(1.0, 1.4 - 0.035 * k))) for k in range(41)]
FLAT = [(0.70, 1.0), (0.71, 0.995), (0.72, 0.99), (0.73, 0.985), (0.74, 0.975), (0.75, 0.97)]
CURVES = {
    "nobody reaches the asked one": curve(*FALLING, (0.95, 0.0), asked=0.95, signable=0.61),
    "both on the slope": curve(*FALLING, asked=0.72, signable=0.62),
    "flat near 100": curve(*FLAT, asked=0.75, signable=0.72),
    "flat, side by side": curve(*FLAT, asked=0.73, signable=0.72),
    "one mark": curve(*FLAT, asked=0.74, signable=None),
    "rising": curve(
        *((1 - x, y) for x, y in FALLING), asked=1 - FALLING[22][0], signable=1 - FALLING[12][0],
        better="lower",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
def test_words_touch_neither_a_line_nor_other_words(name: str) -> None:
    picture = curve_picture(CURVES[name])
    said, lines = words(picture), strokes(picture)
    assert len(said) == 1 + len(CURVES[name].marks)
    assert len(lines) > len(CURVES[name].points) / 2
    for text, box in said:
        assert not [line for line in lines if box.covers(line)], text
        assert not [other for other, room in said if other != text and box.covers(room)], text
        assert box.within(Box(40, 0, 680, 254)), (
            text
        )  # and none runs into the axis or out of the picture


def test_numbers_of_hours_stand_clear_of_the_target() -> None:
    hours = tuple((f"{h:02d}:00", 0.62 + 0.02 * (h - 7)) for h in range(7, 20))
    picture = hours_picture(Hours("Voice", "share", "higher", 0.8, hours))
    root = ET.fromstring(picture)
    (target,) = [
        float(line.get("y1")) for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray")
    ]
    numbers = [text for text in root.iter(f"{SVG}text") if text.text in {"62", "72", "80", "86"}]
    assert len(numbers) == 4
    for text in numbers:
        assert abs(float(text.get("y")) - 4 - target) > 12


def test_a_label_takes_the_first_place_that_is_free() -> None:
    area = Box(0, 0, 200, 100)
    wall = stretch(0, 38, 200, 38)
    above, below = (
        free(beside(50, 50, 40, 12), [], area),
        free(beside(50, 50, 40, 12), [wall], area),
    )
    assert (above.y, above.anchor) == (41, "start")
    assert below.y > 50
    with pytest.raises(ValueError, match="inside the area"):
        free(beside(50, 50, 400, 12), [], area)
