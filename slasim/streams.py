"""Seeds: one named stream of chance per decision.

``generator(seed, replication, "patience/billing")`` depends on those three and on nothing else: not on the order
of drawing, not on which other streams exist, not on the thread. So adding a queue changes no other queue's callers,
and two scenarios compared at the same seed meet the same callers.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=4096)
def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def generator(seed: int, replication: int, name: str) -> np.random.Generator:
    """The stream ``name`` of one replication.

    ``seed`` and ``replication`` are integers >= 0 below 2**63. Replication -1 is reserved for what is drawn
    once for a whole study.
    """
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, not {seed}")
    return np.random.Generator(np.random.SFC64([seed, replication + 1, _key(name)]))
