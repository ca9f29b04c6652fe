"""How chats that an agent has beside each other slow down: a curve, or the turns from which it follows.

The formula behind `turns` is `slasim.erlang.chats`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import WithJsonSchema

from slasim.scenario.schema.records import Record
from slasim.scenario.values import Duration, Read, read_number, shown, wrong

__all__ = ["Slowdown", "Turns"]


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
