"""A small SVG canvas: lines, boxes and words, the same bytes for the same strokes.

Everything that is text is escaped; no identifiers, no date, no style but what is asked for. It knows no offer.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

__all__ = ["AMBER", "BLUE", "GREY", "INK", "PALE", "WASH", "Canvas", "ticks"]

BLUE, AMBER, INK, GREY, PALE, WASH = (
    "#0072B2",
    "#C04A00",
    "#1A1A1A",
    "#5F5F5F",
    "#DDDDDD",
    "#DCE9F2",
)
"""Blue and vermilion after Okabe and Ito; what differs in colour differs in shape as well."""


class Canvas:
    """Strokes in the order in which they are made; y grows downwards, as in SVG."""

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width, self.height, self._label = width, height, label
        self._made: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, *, colour: str = PALE, width: float = 1.0,
             dashes: str = "") -> None:  # fmt: skip
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._made.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{colour}" '
            f'stroke-width="{_n(width)}"{dashed}/>'
        )

    def box(self, x: float, y: float, width: float, height: float, *, fill: str) -> None:
        self._made.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0.0))}" height="{_n(max(height, 0.0))}" '
            f'fill="{fill}"/>'
        )

    def path(self, points: Sequence[tuple[float, float]], *, colour: str = BLUE, width: float = 2.0,
             fill: str = "none") -> None:  # fmt: skip
        if len(points) < 2:
            return
        drawn = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        stroke = f'stroke="{colour}" stroke-width="{_n(width)}"' if width else 'stroke="none"'
        self._made.append(
            f'<path d="{drawn}{"Z" if fill != "none" else ""}" fill="{fill}" {stroke} stroke-linejoin="round"/>'
        )

    def dot(self, x: float, y: float, *, fill: str = BLUE, radius: float = 5.0) -> None:
        self._made.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" stroke="#fff" stroke-width="1.5"/>'
        )

    def diamond(self, x: float, y: float, *, fill: str = AMBER, size: float = 6.5) -> None:
        at = f"{_n(x)} {_n(y - size)}L{_n(x + size)} {_n(y)}L{_n(x)} {_n(y + size)}L{_n(x - size)} {_n(y)}"
        self._made.append(f'<path d="M{at}Z" fill="{fill}" stroke="#fff" stroke-width="1.5"/>')

    def text(self, x: float, y: float, words: str, *, colour: str = GREY, size: float = 12.0, anchor: str = "start",
             bold: bool = False, halo: bool = False) -> None:  # fmt: skip
        more = ' font-weight="600"' if bold else ""
        if halo:  # a white rim, so that words stay readable on a line
            more += ' stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'
        self._made.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}" text-anchor="{anchor}"{more}>'
            f"{html.escape(words)}</text>"
        )

    def svg(self) -> str:
        """The picture as markup."""
        label = html.escape(self._label, quote=True)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self.width)} {_n(self.height)}" '
            f'role="img" aria-label="{label}">{"".join(self._made)}</svg>'
        )


def _n(x: float) -> str:
    said = f"{x:.1f}"
    return said.removesuffix(".0") if said != "-0.0" else "0"


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Round numbers between two ends, at most about so many.

    >>> ticks(0.0, 1.0, 5), ticks(61.0, 88.0)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [65.0, 70.0, 75.0, 80.0, 85.0])
    """
    if not high > low:
        return [low]
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 10) for k in range(first, math.floor(high / step + 1e-9) + 1)]
