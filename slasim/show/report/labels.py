"""Where words may stand in a picture: beside their point, touching neither a line nor other words.

Everything drawn is a `Box`; a stretch of an axis-parallel line is a thin one. The first place that is free is taken,
in the order in which they are offered; where none is, the one that covers least. It knows no picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Box", "Label", "along", "beside", "free", "stretch", "wide"]

_LETTER, _BOLD = 0.5, 1.08
"""Width of a letter of the usual faces, in parts of the size; bold ones are a little wider."""


@dataclass(frozen=True)
class Box:
    """From (left, top) to (right, bottom); y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: Box) -> float:
        """The area that both share, at least a little where they only touch; 0 where they are apart."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return 0.0 if across <= 0 or down <= 0 else max(across * down, 1e-6)

    def within(self, other: Box) -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Label:
    """Words at the foot of their letters, (x, y), with the box they fill."""

    x: float
    y: float
    anchor: str
    box: Box


def wide(words: str, size: float, *, bold: bool = False) -> float:
    """About how wide words are."""
    return len(words) * size * _LETTER * (_BOLD if bold else 1.0)


def stretch(x1: float, y1: float, x2: float, y2: float, width: float = 2.0) -> Box:
    """A stretch of an axis-parallel line, with its thickness."""
    half = width / 2
    return Box(min(x1, x2) - half, min(y1, y2) - half, max(x1, x2) + half, max(y1, y2) + half)


def _at(x: float, y: float, anchor: str, width: float, size: float) -> Label:
    left = x - (width if anchor == "end" else width / 2 if anchor == "middle" else 0.0)
    return Label(
        x, y, anchor, Box(left - 3, y - 0.8 * size - 2, left + width + 3, y + 0.25 * size + 2)
    )


def beside(x: float, y: float, width: float, size: float) -> Iterable[Label]:
    """Places beside a point: near ones first, to the right and left, above, below and level with it."""
    for away in (0, 8, 16, 26, 38, 52, 70, 90, 115, 140):
        for down in (-9 - away, 9 + size + away):
            for side, anchor in ((10, "start"), (-10, "end"), (0, "middle")):
                yield _at(x + side, y + down, anchor, width, size)
        if not away:
            for side, anchor in ((14, "start"), (-14, "end")):
                yield _at(x + side, y + 0.35 * size, anchor, width, size)
    for away in range(30, 240, 15):
        for over in range(30, 300, 30):
            for down in (-away, away):
                yield _at(x + over, y + down, "start", width, size)
                yield _at(x - over, y + down, "end", width, size)


def along(left: float, right: float, y: float, width: float, size: float) -> Iterable[Label]:
    """Places along a level line: at its right end, its left end, its middle; above it first."""
    for down in (-6.0, 6.0 + size):
        for x, anchor in ((right, "end"), (left + 4, "start"), ((left + right) / 2, "middle")):
            yield _at(x, y + down, anchor, width, size)


def free(places: Iterable[Label], drawn: Sequence[Box], area: Box) -> Label:
    """The first place inside the area that touches nothing drawn; else the one that covers least. Raises ValueError."""
    best: tuple[float, Label] | None = None
    for place in places:
        if not place.box.within(area):
            continue
        covered = sum(place.box.covers(one) for one in drawn)
        if not covered:
            return place
        if best is None or covered < best[0]:
            best = (covered, place)
    if best is None:
        raise ValueError("no place lies inside the area")
    return best[1]
