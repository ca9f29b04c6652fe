"""Touches of one replication as they are laid down: first ones, then those that follow, and what releases which.

A touch may be named by several that come before it (a caller answered at the first or at the third attempt is handed
on alike), for only one of those comes to pass. This file knows no chance, no queue by name and no scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from slasim.arrays import Ints, NDArray
from slasim.contactlog import FIRST
from slasim.floor import NONE, everywhere, said_of_all
from slasim.memory import counting_up
from slasim.routing.table import NEVER

__all__ = ["Touches"]

_TYPES: Mapping[str, Any] = {
    "contact": np.int64, "touch": np.int16, "purpose": np.int8, "queue": np.int16, "arrival": np.int64,
    "work": np.int64, "wrap": np.int64, "patience": np.int64, "leaves_as": np.int8, "credit": np.int64,
    "keeps_owner": np.int64, "greeting": np.int64, "visit": np.int16,
    "after_answer": np.int64, "after_loss": np.int64, "after_late": np.int64, "loss_mask": np.int64,
    "late_after": np.int64,
}  # fmt: skip
_PLAIN: Mapping[str, int] = {
    "wrap": 0, "patience": NEVER, "leaves_as": 0, "credit": 0, "keeps_owner": 0, "greeting": 0,
    "after_answer": NONE, "after_loss": NONE, "after_late": NONE, "loss_mask": 0, "late_after": NEVER,
}  # fmt: skip
_CHAIN = ("contact", "touch")
_FILLED = ("arrival", "work", "patience", "leaves_as")
_CUT = ("patience", "leaves_as")
"""Columns whose links wait for the end: what was said at first is still read meanwhile."""


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
        self._cuts: dict[str, list[tuple[Ints, Any]]] = {}
        self._chained = np.zeros(contacts, np.int16)

    def firsts(self, first: Ints, arrivals: Sequence[Ints]) -> None:
        """The first touches of all queues: those of queue q are ``first[q]`` .. ``first[q + 1] - 1``. Their work,
        patience and ``leaves_as`` are to be filled as `own` has them, the other columns where they are not plain."""
        self._begun = {name: np.empty(self._room, _TYPES[name]) for name in _FILLED}
        self._count = int(first[-1])
        self._begun["contact"] = np.empty(self._room, np.int64)
        self._begun["contact"][: self._count] = counting_up(self._count)
        np.concatenate(arrivals, out=self._begun["arrival"][: self._count])
        for q, (since, to) in enumerate(pairwise(first.tolist())):
            here = slice(since, to)
            self._runs.append((q, here))
            if q:
                self._column("queue")[here] = q

    def own(self, name: str, here: slice) -> NDArray[Any]:
        """Places in a column, to be filled."""
        return self._column(name)[here]

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
        number = np.arange(self._count, self._count + contact.size)
        if contact.size:
            here = self._begin(contact.size, queue, purpose, columns, _CHAIN)
            self._column("contact")[here] = contact
            if purpose != FIRST:
                chained = self._chained[contact] + np.int16(1)
                self._chained[contact] = chained
                self._column("touch")[here] = chained
        self._lent.clear()
        return number

    def room_for(self, count: int, *names: str) -> tuple[slice, list[NDArray[Any]]]:
        """Places of the touches added next, so many or more, and whole columns that have them."""
        self._reserve(self._count + count)
        return slice(self._count, self._room), [self._column(name) for name in names]

    def laid_down(
        self, count: int, names: tuple[str, ...], *, queue: int, purpose: int, **columns: Any
    ) -> None:
        """So many more touches stand in columns ``names`` already, where `room_for` has said; the others as `add`."""
        if count:
            self._begin(count, queue, purpose, columns, names)

    def link(self, name: str, touch: Ints, value: Any) -> None:
        """Set ``after_answer``, ``loss_mask`` ... of some touches; later calls overrule earlier ones."""
        if touch.size == 0:
            return
        if name in _CUT:
            self._cuts.setdefault(name, []).append((touch, value))
        else:
            self._column(name)[touch] = value

    def said(self, name: str, touch: Ints) -> NDArray[Any]:
        """What a column says of some touches that were added."""
        if name not in self._begun:
            return everywhere(_PLAIN.get(name, 0), touch.size, _TYPES[name])
        found: NDArray[Any] = self._begun[name][touch]
        return found

    def has(self, name: str) -> bool:
        """Whether a column is begun."""
        return name in self._begun

    @property
    def chained(self) -> NDArray[np.int16]:
        """(C,) touches of each contact after its first."""
        return self._chained

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
        for name, cuts in self._cuts.items():
            for touch, value in cuts:
                if said_of_all(found[name]) is not None:
                    found[name] = np.array(found[name])
                found[name][touch] = value
        return found

    # -------------------------------------------------------------- columns that grow

    def _begin(
        self,
        count: int,
        queue: int,
        purpose: int,
        columns: dict[str, Any],
        others: tuple[str, ...],
    ) -> slice:
        """Where the next touches are; says what all say of them but for ``others``."""
        here = slice(self._count, self._count + count)
        self._reserve(here.stop)
        self._runs.append((queue, here))
        said = {"queue": queue, "purpose": purpose, "visit": self.visit} | columns
        for name, value in said.items():
            self._say(name, here, value)
        for name, column in self._begun.items():
            if name not in said and name not in others:
                column[here] = _PLAIN.get(name, 0)
        self._count = here.stop
        return here

    def _say(self, name: str, here: slice, value: Any) -> None:
        """What a part says of its touches."""
        if name in self._begun:
            if value is not self._lent.get(name):
                self._begun[name][here] = value
        elif not _is(value, _PLAIN.get(name, 0)):
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


def _is(value: Any, plain: int) -> bool:
    said = said_of_all(value) if isinstance(value, np.ndarray) else value
    return said is not None and int(said) == plain
