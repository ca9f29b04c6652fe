"""Seeds: one named stream of chance per decision.

``generator(seed, replication, "patience/billing")`` depends on those three and on nothing else: not
on the order of drawing, not on which other streams exist, not on the thread. So adding a queue
changes no other queue's callers, and two scenarios compared at one seed meet the same callers.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from slasim.arrays import NDArray

__all__ = ["Stream", "generator", "starts"]

_LARGEST = 1 << 63


class Stream(ISeedSequence):
    """The stream ``name`` of one replication, before its first number.

    ``seed`` and ``replication`` are integers >= 0 below 2**63. Replication -1 is reserved for what is drawn once for a
    whole study. Raises ValueError for numbers outside.

    Its start values are a hash of its whole name: BLAKE2b gives 512 evenly mixed bits in 1 µs; numpy's own
    SeedSequence, which mixes in Python objects, takes 15 to 20 µs a stream, as long as drawing 5,000 exponentials.
    """

    def __init__(self, seed: int, replication: int, name: str):
        if not 0 <= seed < _LARGEST:
            raise ValueError(f"seed must be 0 or more and below 2**63, not {seed}")
        if not -1 <= replication < _LARGEST:
            raise ValueError(f"replication must be 0 or more, not {replication}")
        self.hash = blake2b(f"{seed}/{replication}/{name}".encode(), digest_size=64).digest()

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
        return np.frombuffer(self.hash, dtype, n_words)

    @property
    def start(self) -> NDArray[np.uint64]:
        """(3,) what its SFC64 starts from, for compiled loops that draw for themselves."""
        return np.frombuffer(self.hash, np.uint64, 3)

    def generator(self) -> np.random.Generator:
        """Its numbers, from the first on."""
        # The stubs of numpy know SeedSequence only; its manual allows any ISeedSequence.
        words: Any = self
        return np.random.Generator(np.random.SFC64(words))


def starts(streams: Iterable[Stream]) -> NDArray[np.uint64]:
    """(n, 8) the ``start`` of each in the beginning of its row."""
    return np.frombuffer(b"".join(one.hash for one in streams), np.uint64).reshape(-1, 8)


def generator(seed: int, replication: int, name: str) -> np.random.Generator:
    """The numbers of the `Stream` of that name."""
    return Stream(seed, replication, name).generator()
