"""What tickets are: priority, department, customer group, tags ... drawn for each by its shares.

Rules of the SLA, `when` of a group and `priority_by` read them; whether those know the values, and whether shares
make a whole, is asked in `checks/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from slasim.scenario.schema.records import NameList
from slasim.scenario.values import Count, Share

__all__ = ["TAGS", "Attributes", "AttributeShares", "PriorityBy", "When"]

TAGS = "tags"
"""The attribute of which a contact may have several values, or none."""

AttributeShares = dict[str, dict[str, Share]]
"""attribute -> value -> share. The shares of an attribute make 1; of `tags` each has a chance of its own."""

PriorityBy = dict[str, dict[str, Count]]
"""attribute -> value -> place in line; of several that fit the smallest counts, of none the queue's own."""

When = dict[str, NameList]
"""attribute -> values; a contact fits when it has one of them of each attribute that is named."""


@dataclass(frozen=True)
class Attributes:
    """What is drawn for each contact of a queue.

    shares  attribute -> value -> share; of each attribute they add up to 1
    tags    tag -> chance, independent of all else
    """

    shares: Mapping[str, Mapping[str, float]]
    tags: Mapping[str, float]

    @classmethod
    def of(cls, written: Mapping[str, Mapping[str, float]]) -> Attributes:
        """From what stands in the file."""
        shares = {
            name: {value: share / (sum(of.values()) or 1.0) for value, share in of.items()}
            for name, of in written.items()
            if name != TAGS
        }
        return cls(shares, dict(written.get(TAGS, {})))

    @property
    def names(self) -> tuple[str, ...]:
        """All attributes, tags last."""
        return (*self.shares, *((TAGS,) if self.tags else ()))

    def values(self, name: str) -> tuple[str, ...]:
        """The values that an attribute may have; none when it is not drawn."""
        return tuple(self.tags if name == TAGS else self.shares.get(name, ()))

    def combinations(self, names: tuple[str, ...]) -> list[dict[str, tuple[str, ...]]]:
        """How the named attributes may come together: of tags none or one, of others one with a share above 0.

        >>> drawn = Attributes.of({"department": {"sales": 1.0, "legal": 0.0}, "tags": {"URGENT": 0.1}})
        >>> drawn.combinations(("department", "tags"))
        [{'department': ('sales',), 'tags': ()}, {'department': ('sales',), 'tags': ('URGENT',)}]
        """
        choices: list[list[tuple[str, ...]]] = []
        for name in names:
            if name == TAGS:
                choices.append([(), *((tag,) for tag, chance in self.tags.items() if chance > 0)])
            else:
                of = self.shares.get(name, {})
                choices.append([(value,) for value, share in of.items() if share > 0] or [()])
        return [dict(zip(names, chosen, strict=True)) for chosen in product(*choices)]
