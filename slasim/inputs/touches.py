"""Touches of one replication as they are laid down: first ones, then those that follow, and what releases which.

A touch may be named by several that come before it (a caller answered at the first or at the third attempt is handed
on alike), for only one of those comes to pass. This file knows no chance, no queue by name and no scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.contactlog import FIRST
from slasim.floor import NONE, everywhere, said_of_all
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
        found = {name: self._column(name, kind) for name, kind in _TYPES.items()}
        for name, plain in _LINKED.items():
            found[name] = self._linked(name, everywhere(plain, self._count))
        for name in ("patience", "leaves_as"):
            found[name] = self._linked(name, found[name])
        return found

    def _column(self, name: str, kind: Any) -> NDArray[Any]:
        """What each part says of its touches, side by side."""
        plain = _PLAIN.get(name, 0)
        values = [part.get(name, plain) for part in self._parts]
        if all(_is(value, plain) for value in values):
            return everywhere(plain, self._count, kind)
        column = np.empty(self._count, kind)
        at = 0
        for value, size in zip(values, self._sizes, strict=True):
            column[at : at + size] = value
            at += size
        return column

    def _linked(self, name: str, column: NDArray[Any]) -> NDArray[Any]:
        """The column with what was linked."""
        links = self._links.get(name, [])
        if links and not column.flags.writeable:
            column = np.array(column)
        for touch, value in links:
            column[touch] = value
        return column


def _is(value: Any, plain: int) -> bool:
    said = said_of_all(value) if isinstance(value, np.ndarray) else value
    return said is not None and int(said) == plain


_LINKED: Mapping[str, int] = {
    "after_answer": NONE, "after_loss": NONE, "after_late": NONE, "loss_mask": 0, "late_after": NEVER,
}  # fmt: skip
