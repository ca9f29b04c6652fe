"""Named agents: who they are, how fast each works, how often they are away or late.

Who works when stands in the shifts; whether each name has one is asked in `checks/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from slasim.scenario.schema.records import Record, mapping_or
from slasim.scenario.values import DistributionValue, Share, read_number, wrong

__all__ = ["LateStart", "People", "Person", "Speed", "read_speed"]


def read_speed(value: Any) -> float:
    """1 for an ordinary agent. Raises PydanticCustomError."""
    speed = read_number(value, what="a speed")
    if not 0.01 <= speed <= 100:
        raise wrong(f"a speed of {speed:g} is out of range", "1 is ordinary; 0.01 to 100.")
    return speed


Speed = Annotated[float, BeforeValidator(read_speed)]


class Person(Record):
    """One agent by name; `speed` multiplies that of the group."""

    name: str
    speed: Speed = 1.0


def _people(value: Any) -> Any:
    if isinstance(value, Mapping):
        named = ", ".join(f"{{name: {name}}}" for name in list(value)[:2])
        raise wrong("`people` is a mapping", f"Write a list: [{named or 'Ana, Bo'}].")
    return value


People = Annotated[tuple[Annotated[Person, mapping_or("name")], ...], BeforeValidator(_people)]


class LateStart(Record):
    """An agent begins a shift late, by chance and by how much; each shift on its own."""

    chance: Share
    by: DistributionValue
