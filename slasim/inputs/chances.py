"""Chances of one queue's contacts: one number per contact from each stream, at the contact's place in its queue.

Whoever decides something draws for all up to the last contact concerned and compares. So a contact decides the same
way however many others there are and whatever the chance is: a chance of 0.4 takes everybody whom 0.3 took.
What waited at the start has streams of its own and comes first, so a backlog changes nobody else.

This file knows no decision by name and no scenario.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slasim.distributions import Distribution
from slasim.inputs.arrivals import Floats, Ints
from slasim.streams import generator

__all__ = ["Chances"]


@dataclass(frozen=True)
class Chances:
    """The streams of one queue in one replication; ``backlog`` contacts stand before those that arrive.

    Every method takes ``who``: places in the queue, ascending (m,); and marks, which name a stream among several of
    one decision, as the number of the attempt.
    """

    seed: int
    replication: int
    queue: str
    backlog: int = 0

    def uniform(self, decision: str, who: Ints, *marks: object) -> Floats:
        """(m,) numbers from [0, 1)."""
        return self._drawn(None, decision, who, marks)

    def standard(self, shape: Distribution, decision: str, who: Ints, *marks: object) -> Floats:
        """(m,) draws of a distribution divided by its mean."""
        return self._drawn(shape, decision, who, marks)

    def _drawn(
        self, shape: Distribution | None, decision: str, who: Ints, marks: tuple[object, ...]
    ) -> Floats:
        name = "/".join([decision, self.queue, *map(str, marks)])
        if who.size == 0:
            return np.zeros(0)
        waited = int(np.searchsorted(who, self.backlog)) if self.backlog else 0
        parts = []
        if waited:
            parts.append(self._stream(shape, f"{name}/backlog", who[:waited]))
        if waited < who.size:
            parts.append(self._stream(shape, name, who[waited:] - self.backlog))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _stream(self, shape: Distribution | None, name: str, who: Ints) -> Floats:
        rng = generator(self.seed, self.replication, name)
        upto = int(who[-1]) + 1
        drawn = rng.random(upto) if shape is None else shape.standard(rng, upto)
        return drawn if upto == who.size else drawn[who]
