"""TicketFacts: what is known of the contacts of one replication besides when they came and how long they take.

Chance settles it with everything else, so it travels with the Draw: a priority, a customer group, tags. Engines read
none of it (what steers a queue is in the Floor); SLA rules and targets read it afterwards, as an export's columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from slasim.arrays import NDArray

__all__ = ["NOT_SAID", "TicketFacts"]

NOT_SAID = -1
"""Code of a contact that does not have the attribute."""


@dataclass(frozen=True, eq=False)
class TicketFacts:
    """Attributes of C contacts, by contact number (of a first touch: its place among the Draw's contacts).

    codes  attribute -> (C,) int32, index into its words; NOT_SAID where the contact has none
    words  attribute -> its values. Of several tags at once the word is all of them, separated by ``;``

    Raises ValueError for an attribute without words, or columns of different length.
    """

    codes: Mapping[str, NDArray[np.int32]]
    words: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        if set(self.codes) != set(self.words):
            raise ValueError("every attribute has codes and words.")
        if len({column.size for column in self.codes.values()}) > 1:
            raise ValueError("the columns of the attributes differ in length.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TicketFacts):
            return NotImplemented
        return dict(self.words) == dict(other.words) and all(
            np.array_equal(self.codes[name], other.codes[name]) for name in self.codes
        )

    __hash__ = None  # type: ignore[assignment]
