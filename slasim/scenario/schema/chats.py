"""Chats beside each other: how many an agent has at most, and what a curve of slowing down says between its numbers.

What a planner writes as that curve stands in `slowdown.py`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import WithJsonSchema

from slasim.scenario.values import Read, read_number, shown, wrong

__all__ = ["MOST_SLOTS", "Slots", "slowdown_at"]

MOST_SLOTS = 10
"""Chats that one agent can have at once."""


def _slots(value: Any) -> int:
    number = read_number(value, what="a number of slots")
    if number != int(number) or not 1 <= number <= MOST_SLOTS:
        raise wrong(
            f"{shown(value)} chats at once do not fit into an agent",
            f"A whole number from 1 to {MOST_SLOTS}.",
        )
    return int(number)


Slots = Annotated[
    int,
    Read(_slots),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_SLOTS}),
]


def slowdown_at(factors: tuple[float, ...], chats: float) -> float:
    """The factor at an average number of chats in hand, straight lines between whole numbers.

    >>> slowdown_at((1.0, 1.25, 1.6), 1.8)
    1.2
    """
    place = min(max(chats, 1.0), float(len(factors))) - 1.0
    below = min(int(place), len(factors) - 1)
    above = min(below + 1, len(factors) - 1)
    return factors[below] + (place - below) * (factors[above] - factors[below])
