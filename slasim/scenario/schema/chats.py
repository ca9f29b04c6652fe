"""Chats beside each other: how many an agent has at most, and how each slows down with their number.

The formula behind `turns` is `slasim.erlang.chats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from slasim.scenario.schema.records import Record
from slasim.scenario.values import Duration, Read, read_number, shown, wrong

__all__ = ["MOST_SLOTS", "Curve", "Slots", "Slowdown", "SlowdownValue", "Turns", "slowdown_at"]

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


class Turns(Record):
    """What agent and customer need for all their turns of one chat; the curve follows from both."""

    agent: Duration
    customer: Duration


def _curve(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise wrong(
            f"{shown(value)} is no curve",
            "Write [1.0, 1.25, 1.6], or {turns: {agent: 286s, customer: 214s}}.",
        )
    return tuple(read_number(item, what="a factor") for item in value)


Curve = Annotated[
    tuple[float, ...],
    Read(_curve),
    WithJsonSchema({"type": "array", "items": {"type": "number"}}),
]


class Slowdown(Record):
    """How much longer a chat takes with 1, 2, 3 ... in hand: a `curve`, or `turns`, from which it follows."""

    curve: Curve | None = None
    turns: Turns | None = None

    def factors(self, slots: int) -> tuple[float, ...]:
        """The factor with 1, 2 ... `slots` chats in hand."""
        if self.curve is not None:
            return self.curve
        from slasim.erlang.chats import chat_slowdown

        assert self.turns is not None
        return chat_slowdown(self.turns.agent / 1000, self.turns.customer / 1000, slots)


def _widened(value: Any) -> Any:
    """A list is `{curve: list}`."""
    return value if isinstance(value, Mapping | Record) else {"curve": value}


SlowdownValue = Annotated[Slowdown, BeforeValidator(_widened)]


def slowdown_at(factors: tuple[float, ...], chats: float) -> float:
    """The factor at an average number of chats in hand, straight lines between whole numbers.

    >>> slowdown_at((1.0, 1.25, 1.6), 1.8)
    1.2
    """
    place = min(max(chats, 1.0), float(len(factors))) - 1.0
    below = min(int(place), len(factors) - 1)
    above = min(below + 1, len(factors) - 1)
    return factors[below] + (place - below) * (factors[above] - factors[below])
