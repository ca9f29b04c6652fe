"""Named agents: who they are, how fast each works, how often they are away or late.

Who works when stands in the shifts; whether each name has one is asked in `checks/`.
"""

from __future__ import annotations

from slasim.scenario.schema.records import Record
from slasim.scenario.values import DistributionValue, Share, Speed

__all__ = ["LateStart", "Person"]


class Person(Record):
    """One agent by name; `speed` multiplies that of the group."""

    name: str
    speed: Speed = 1.0


class LateStart(Record):
    """An agent begins a shift late, by chance and by how much; each shift on its own."""

    chance: Share
    by: DistributionValue
