"""Touches of one replication as they are laid down: first ones, then those that follow, and what releases which.

A touch may be named by several that come before it (a caller answered at the first or at the third attempt is handed
on alike), for only one of those comes to pass. This file knows no chance, no queue by name and no scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from slasim.contactlog import FIRST
from slasim.floor import NONE
from slasim.inputs.arrivals import Ints
from slasim.routing.table import NEVER

__all__ = ["Touches"]

_TYPES: Mapping[str, Any] = {
    "contact": np.int64, "touch": np.int16, "purpose": np.int8, "queue": np.int16, "arrival": np.int64,
    "work": np.int64, "wrap": np.int64, "patience": np.int64, "leaves_as": np.int8, "credit": np.int64,
    "keeps_owner": np.int64, "greeting": np.int64, "visit": np.int16,
}  # fmt: skip
_PLAIN: Mapping[str, int] = {
    "wrap": 0, "patience": NEVER, "leaves_as": 0, "credit": 0, "keeps_owner": 0, "greeting": 0,
}  # fmt: skip


@dataclass
class Touches:
    """Columns of a Floor and a Draw in the making. ``contacts`` first touches come first, one for each contact.

    ``visit`` is that of what is added from now on: 0, and 1, 2 ... for repeats of the matter.
    """

    contacts: int
    visit: int = 0
    _parts: list[dict[str, Any]] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)
    _links: dict[str, list[tuple[Ints, Any]]] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self._chained = np.zeros(self.contacts, np.int16)

    def add(self, contact: Ints, *, queue: int, purpose: int, **columns: Any) -> Ints:
        """One more touch for each of these contacts; gives their numbers. What is left out is as in a plain call."""
        number = np.arange(self._count, self._count + contact.size)
        self._count += contact.size
        if contact.size == 0:
            return number
        if purpose != FIRST:
            self._chained[contact] += 1
        part = {
            "contact": contact,
            "queue": queue,
            "purpose": purpose,
            "touch": self._chained[contact],
            "visit": self.visit,
        }
        self._parts.append(part | columns)
        self._sizes.append(contact.size)
        return number

    def link(self, name: str, touch: Ints, value: Any) -> None:
        """Set ``after_answer``, ``loss_mask`` ... of some touches; later calls overrule earlier ones."""
        if touch.size:
            self._links.setdefault(name, []).append((touch, value))

    def columns(self) -> dict[str, Any]:
        """Every column, (T,)."""
        found: dict[str, Any] = {}
        for name, kind in _TYPES.items():
            plain = _PLAIN.get(name, 0)
            # Memory of zeros costs nothing before it is read.
            column = np.zeros(self._count, kind) if plain == 0 else np.full(self._count, plain)
            at = 0
            for part, size in zip(self._parts, self._sizes, strict=True):
                value = part.get(name, plain)
                if value is not plain:
                    column[at : at + size] = value
                at += size
            found[name] = column
        for name, plain in _LINKED.items():
            column = np.full(self._count, plain) if plain else np.zeros(self._count, np.int64)
            for touch, value in self._links.get(name, []):
                column[touch] = value
            found[name] = column
        for name in ("patience", "leaves_as"):
            for touch, value in self._links.get(name, []):
                found[name][touch] = value
        return found


_LINKED: Mapping[str, int] = {
    "after_answer": NONE, "after_loss": NONE, "after_late": NONE, "loss_mask": 0, "late_after": NEVER,
}  # fmt: skip
