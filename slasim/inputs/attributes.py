"""What contacts are: attributes drawn by their shares, tags each on its own; and the classes that follow.

A *class* is a combination of those values that somebody reads: routing, priorities, SLA rules, targets. All contacts
of a class wait in the same line and are promised the same. Attributes that nobody reads are drawn all the same, for
reports group by them. This file knows no rule, no target and no scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from slasim.arrays import Bools, Ints, NDArray
from slasim.inputs.chances import Chances
from slasim.ticketfacts import NOT_SAID, TicketFacts

__all__ = ["MOST_CLASSES", "TAGS", "Classes", "Codes", "Described", "facts_of"]

TAGS = "tags"
MOST_CLASSES = 100_000
MOST_TAGS = 12

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Described:
    """The attributes of one queue's contacts: attribute -> value -> share, and tag -> chance.

    ``read`` names the attributes that somebody reads. Raises ValueError when these make too many classes.
    """

    shares: Mapping[str, Mapping[str, float]]
    tags: Mapping[str, float]
    read: frozenset[str]

    def __post_init__(self) -> None:
        if len(self.tags) > MOST_TAGS:
            raise ValueError(f"{len(self.tags)} tags; a queue has {MOST_TAGS} at most.")
        count = self.classes.count
        if count > MOST_CLASSES:
            named = ", ".join(name for name, _ in self.classes.values)
            raise ValueError(
                f"{named} make {count:,} kinds of contact; at most {MOST_CLASSES:,} may be told apart. "
                "Leave out attributes that no rule and no group reads."
            )

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """Attribute -> its values; of tags every set of them, joined by ``;``, without the empty one."""
        found = {name: tuple(values) for name, values in self.shares.items()}
        if self.tags:
            found[TAGS] = tuple(
                ";".join(tag for bit, tag in enumerate(self.tags) if mask >> bit & 1)
                for mask in range(1, 1 << len(self.tags))
            )
        return found

    @cached_property
    def classes(self) -> Classes:
        """The classes of these contacts."""
        read = [(name, values) for name, values in self.words.items() if name in self.read]
        return Classes(tuple((n, v if n != TAGS else ("", *v)) for n, v in read))

    def draw(self, chances: Chances, contacts: int) -> dict[str, Codes]:
        """Attribute -> (contacts,) index into its words, NOT_SAID for no tag at all."""
        found: dict[str, Codes] = {}
        if not self.shares and not self.tags:
            return found
        who = np.arange(contacts)
        for name, values in self.shares.items():
            edges = np.cumsum(list(values.values()))[:-1]
            u = chances.uniform("attributes", who, name)
            found[name] = np.searchsorted(edges, u, side="right").astype(np.int32)
        if self.tags:
            mask = np.zeros(contacts, np.int32)
            for bit, (tag, chance) in enumerate(self.tags.items()):
                mask |= (chances.uniform("attributes", who, TAGS, tag) < chance).astype(
                    np.int32
                ) << np.int32(bit)
            found[TAGS] = mask - np.int32(1)
        return found

    def class_of(self, codes: Mapping[str, Codes], contacts: int) -> Ints:
        """(contacts,) the class of each."""
        number = np.zeros(contacts, np.int64)
        for name, values in self.classes.values:
            number *= len(values)
            number += codes[name] + (name == TAGS)
        return number


@dataclass(frozen=True)
class Classes:
    """Combinations of values, numbered: the last attribute changes fastest. Of tags the values are sets of them."""

    values: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        found = 1
        for _, values in self.values:
            found *= len(values)
        return found

    def codes(self, name: str) -> Codes:
        """(count,) index of each class into the attribute's values; NOT_SAID where it is none of these contacts'."""
        repeat = self.count
        for known, values in self.values:
            repeat //= len(values)
            if known == name:
                tile = self.count // (repeat * len(values))
                return np.tile(np.repeat(np.arange(len(values), dtype=np.int32), repeat), tile)
        return np.full(self.count, NOT_SAID, np.int32)

    def has(self, name: str) -> bool:
        return any(known == name for known, _ in self.values)

    def fits(self, name: str, wanted: Sequence[str]) -> Bools:
        """(count,) does the class have one of those values? All do, where its contacts have no such attribute."""
        if not self.has(name):
            return np.ones(self.count, np.bool_)
        values = dict(self.values)[name]
        asked = set(wanted)
        if name == TAGS:
            inside = [bool(asked & set(value.split(";"))) for value in values]
        else:
            inside = [value in asked for value in values]
        return np.array(inside, np.bool_)[self.codes(name)]


def facts_of(
    described: Sequence[Described], drawn: Sequence[Mapping[str, Codes]], first: Ints
) -> TicketFacts | None:
    """The attributes of all contacts, queue by queue; None when no queue has any."""
    words: dict[str, dict[str, int]] = {}
    for queue in described:
        for name, values in queue.words.items():
            known = words.setdefault(name, {})
            for value in values:
                known.setdefault(value, len(known))
    if not words:
        return None
    codes = {name: np.full(int(first[-1]), NOT_SAID, np.int32) for name in words}
    for number, (queue, columns) in enumerate(zip(described, drawn, strict=True)):
        mine = slice(int(first[number]), int(first[number + 1]))
        for name, values in queue.words.items():
            place = np.array([*(words[name][value] for value in values), NOT_SAID], np.int32)
            codes[name][mine] = place[columns[name]]
    return TicketFacts(codes, {name: tuple(values) for name, values in words.items()})
