"""Chances of one queue's contacts: one number per contact from each stream, at the contact's place in its queue.

Whoever decides something compares these numbers with a chance. So a contact decides the same way however many others
there are and whatever the chance is: a chance of 0.4 takes everybody whom 0.3 took. What waited at the start stands
before place 0, so a backlog changes nobody else. Lengths that are not exponential come from numpy, one after the other
for all up to the last contact concerned; those of what waited from streams of their own.

This file knows no decision by name and no scenario.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slasim.arrays import Floats, Ints
from slasim.distributions import Distribution
from slasim.inputs.contacts import LONGEST, round_ms
from slasim.streams import Stream

__all__ = ["TURN", "Chances", "one_or_each"]

TURN = 1 << 40
"""Places between the numbers of one turn and those of the next: more than contacts."""


@dataclass(frozen=True)
class Chances:
    """The streams of one queue in one replication; ``backlog`` contacts stand before those that arrive.

    Every method takes ``who``: places in the queue, ascending (m,); marks, which name a stream among several of one
    decision, as the number of the visit; and a turn, for what the same contact decides again and again.
    """

    seed: int
    replication: int
    queue: str
    backlog: int = 0

    def uniform(self, decision: str, who: Ints, *marks: object, turn: int = 0) -> Floats:
        """(m,) numbers from [0, 1)."""
        from slasim.inputs.by_place import uniforms

        found = np.empty(who.size)
        uniforms(self.stream(decision, *marks).start, who, self.before(turn), found)
        return found

    def standard(
        self, shape: Distribution, decision: str, who: Ints, *marks: object, turn: int = 0
    ) -> Floats:
        """(m,) draws of a distribution divided by its mean."""
        if shape.memoryless:
            from slasim.inputs.by_place import exponentials

            found = np.empty(who.size)
            exponentials(self.stream(decision, *marks).start, who, self.before(turn), found)
            return found
        if turn:
            marks = (*marks, turn)
        drawn = [np.zeros(0)]
        waited = int(np.searchsorted(who, self.backlog)) if self.backlog else 0
        for some, marked, before in (
            (who[:waited], (*marks, "backlog"), 0),
            (who[waited:], marks, self.backlog),
        ):
            if some.size:
                upto = int(some[-1]) + 1 - before
                rng = self.stream(decision, *marked).generator()
                drawn.append(shape.standard(rng, upto)[some - before])
        return np.concatenate(drawn)

    def decided(
        self, decision: str, who: Ints, chance: float, *marks: object, turn: int = 0
    ) -> Ints:
        """(k,) which of these contacts a chance takes, as places in ``who``: those with a `uniform` below it."""
        from slasim.inputs.by_place import below

        found = np.empty(who.size, np.int64)
        start = self.stream(decision, *marks).start
        return found[: below(start, who, self.before(turn), chance, found)]

    def whole_ms(
        self,
        shape: Distribution,
        decision: str,
        who: Ints,
        mean: Floats | float,
        *marks: object,
        turn: int = 0,
        found: Ints | None = None,
    ) -> Ints:
        """(m,) `standard` draws times the mean, one number or (n,) by place in the queue, in whole ms; in ``found``
        where that is given."""
        if found is None:
            found = np.empty(who.size, np.int64)
        if not shape.memoryless:
            length = self.standard(shape, decision, who, *marks, turn=turn)
            length *= mean[who] if isinstance(mean, np.ndarray) else mean
            found[:] = round_ms(length)
            return found
        from slasim.inputs.by_place import whole_ms_of

        start = self.stream(decision, *marks).start
        whole_ms_of(start, who, self.before(turn), *one_or_each(mean), LONGEST, found)
        return found

    def before(self, turn: int) -> int:
        """How far the number of a contact is from its place in that turn."""
        return self.backlog - turn * TURN

    def stream(self, decision: str, *marks: object) -> Stream:
        """The stream of a decision."""
        name = "/".join([decision, self.queue, *map(str, marks)])
        return Stream(self.seed, self.replication, name)


def one_or_each(mean: Floats | float) -> tuple[float, Floats | None]:
    """A mean as compiled loops take it: one number, and (n,) by contact where each has its own."""
    return (0.0, mean) if isinstance(mean, np.ndarray) else (float(mean), None)
