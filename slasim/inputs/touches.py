"""Touches of one replication as they are laid down: first ones, then those that follow, and what releases which.

A touch may be named by several that come before it (a caller answered at the first or at the third attempt is handed
on alike), for only one of those comes to pass. This file knows no chance, no queue by name and no scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
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


class Touches:
    """Columns of a Floor and a Draw in the making. ``contacts`` first touches come first, one for each contact.

    ``visit`` is that of what is added from now on: 0, and 1, 2 ... for repeats of the matter. A column is begun when
    something is said that is not as in a plain call, with room for more touches than there are yet.
    """

    def __init__(self, contacts: int):
        self.contacts = contacts
        self.visit = 0
        self._count = 0
        self._room = 2 * contacts
        self._begun: dict[str, NDArray[Any]] = {}
        self._lent: dict[str, NDArray[Any]] = {}
        self._runs: list[tuple[int, slice]] = []
        self._links: dict[str, list[tuple[Ints, Any]]] = {}
        self._chained = np.zeros(contacts, np.int16)

    def places(self, name: str, count: int) -> NDArray[Any]:
        """(count,) the places of a column that the touches added next will have, to be filled and given to `add`.

        What is in them can be read for ever, and may change as long as `columns` has not been asked for.
        """
        self._reserve(self._count + count)
        found = self._column(name)[self._count : self._count + count]
        self._lent[name] = found
        return found

    def add(self, contact: Ints, *, queue: int, purpose: int, **columns: Any) -> Ints:
        """One more touch for each of these contacts; gives their numbers. What is left out is as in a plain call."""
        here = slice(self._count, self._count + contact.size)
        number = np.arange(here.start, here.stop)
        if contact.size == 0:
            self._lent.clear()
            return number
        self._reserve(here.stop)
        self._runs.append((queue, here))
        self._column("contact")[here] = contact
        if purpose != FIRST:
            chained = self._chained[contact] + np.int16(1)
            self._chained[contact] = chained
            self._column("touch")[here] = chained
        said = {"queue": queue, "purpose": purpose, "visit": self.visit} | columns
        for name in _TYPES:
            if name in said:
                self._say(name, here, said[name])
            elif name in self._begun and name not in ("contact", "touch"):
                self._begun[name][here] = _PLAIN.get(name, 0)
        self._count = here.stop
        self._lent.clear()
        return number

    def link(self, name: str, touch: Ints, value: Any) -> None:
        """Set ``after_answer``, ``loss_mask`` ... of some touches; later calls overrule earlier ones."""
        if touch.size:
            self._links.setdefault(name, []).append((touch, value))

    def by_queue(self, said: Ints) -> Ints:
        """(T,) what is said of each touch's queue; ``said`` (Q,)."""
        found = np.empty(self._count, np.int64)
        for queue, here in self._runs:
            found[here] = said[queue]
        return found

    def columns(self) -> dict[str, Any]:
        """Every column, (T,)."""
        found: dict[str, Any] = {}
        for name, kind in _TYPES.items():
            begun = self._begun.get(name)
            plain = _PLAIN.get(name, 0)
            found[name] = (
                everywhere(plain, self._count, kind) if begun is None else begun[: self._count]
            )
        for name, plain in _LINKED.items():
            found[name] = self._linked(name, everywhere(plain, self._count))
        for name in ("patience", "leaves_as"):
            found[name] = self._linked(name, found[name])
        return found

    # -------------------------------------------------------------- columns that grow

    def _say(self, name: str, here: slice, value: Any) -> None:
        """What a part says of its touches."""
        if value is self._lent.get(name):
            return
        if name in self._begun or not _is(value, _PLAIN.get(name, 0)):
            self._column(name)[here] = value

    def _column(self, name: str) -> NDArray[Any]:
        """The column, begun if it is not yet."""
        if name not in self._begun:
            self._begun[name] = np.empty(self._room, _TYPES[name])
            self._begun[name][: self._count] = _PLAIN.get(name, 0)
        return self._begun[name]

    def _reserve(self, upto: int) -> None:
        """Room for so many touches."""
        if upto <= self._room:
            return
        self._room = 2 * upto
        for name, before in self._begun.items():
            self._begun[name] = np.empty(self._room, before.dtype)
            self._begun[name][: self._count] = before[: self._count]

    def _linked(self, name: str, column: NDArray[Any]) -> NDArray[Any]:
        """The column with what was linked."""
        links = self._links.get(name, [])
        said = said_of_all(column)
        if links and said is not None:
            column = np.full(column.size, said, column.dtype)
        for touch, value in links:
            column[touch] = value
        return column


def _is(value: Any, plain: int) -> bool:
    said = said_of_all(value) if isinstance(value, np.ndarray) else value
    return said is not None and int(said) == plain


_LINKED: Mapping[str, int] = {
    "after_answer": NONE, "after_loss": NONE, "after_late": NONE, "loss_mask": 0, "late_after": NEVER,
}  # fmt: skip
