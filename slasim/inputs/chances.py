"""Chances of one queue's contacts: one number per contact from each stream, at the contact's place in its queue.

Whoever decides something draws for all up to the last contact concerned and compares. So a contact decides the same
way however many others there are and whatever the chance is: a chance of 0.4 takes everybody whom 0.3 took.
What waited at the start has streams of its own and comes first, so a backlog changes nobody else.

This file knows no decision by name and no scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from slasim.distributions import Distribution
from slasim.inputs.arrivals import Floats, Ints
from slasim.inputs.contacts import LONGEST, round_ms
from slasim.memory import scratch
from slasim.streams import Stream

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

    def decided(self, decision: str, who: Ints, chance: float, *marks: object) -> Ints:
        """(k,) which of these contacts a chance takes, as places in ``who``: those with a `uniform` below it."""
        from slasim.inputs.shaping import below

        found, n = np.empty(who.size, np.int64), 0
        for stream, some, before in self._streams(decision, who, marks):
            at = who.size - some.size if before else 0
            taken = scratch("taken", int(some[-1]) + 1 - before, kind=np.bool_)
            n += below(stream.start, some, before, chance, at, taken, found[n:])
        return found[:n]

    def whole_ms(
        self,
        shape: Distribution,
        decision: str,
        who: Ints,
        mean: Floats | float,
        *marks: object,
        found: Ints | None = None,
    ) -> Ints:
        """(m,) `standard` draws times the mean, one number or (n,) by place in the queue, in whole ms; in ``found``
        where that is given."""
        if found is None:
            found = np.empty(who.size, np.int64)
        if not shape.memoryless:
            length = self.standard(shape, decision, who, *marks)
            length *= mean[who] if isinstance(mean, np.ndarray) else mean
            found[:] = round_ms(length)
            return found
        from slasim.inputs.shaping import whole_ms_of

        one, means = (0.0, mean) if isinstance(mean, np.ndarray) else (float(mean), None)
        n = 0
        for stream, some, before in self._streams(decision, who, marks):
            upto = n + some.size
            drawn = scratch("drawn", int(some[-1]) + 1 - before, kind=np.float64)
            whole_ms_of(stream.start, some, before, one, means, LONGEST, drawn, found[n:upto])
            n = upto
        return found

    def _drawn(
        self, shape: Distribution | None, decision: str, who: Ints, marks: tuple[object, ...]
    ) -> Floats:
        found = []
        for stream, some, before in self._streams(decision, who, marks):
            rng, upto = stream.generator(), int(some[-1]) + 1 - before
            drawn = rng.random(upto) if shape is None else shape.standard(rng, upto)
            found.append(drawn if upto == some.size else drawn[some - before])
        return found[0] if len(found) == 1 else np.concatenate([np.zeros(0), *found])

    def _streams(
        self, decision: str, who: Ints, marks: tuple[object, ...]
    ) -> Iterator[tuple[Stream, Ints, int]]:
        """The streams that decide, whom each decides for, and how many contacts stand before its first."""
        if who.size == 0:
            return
        name = "/".join([decision, self.queue, *map(str, marks)])
        waited = int(np.searchsorted(who, self.backlog)) if self.backlog else 0
        if waited:
            yield Stream(self.seed, self.replication, f"{name}/backlog"), who[:waited], 0
        if waited < who.size:
            yield Stream(self.seed, self.replication, name), who[waited:], self.backlog
