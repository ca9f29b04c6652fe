"""Routing is a table of numbers per (queue, group); engines read nothing else.

A policy is ordinary Python that fills this table. The engines never ask which policy it was, so that the
compiled one is one fixed function whose machine code can be kept on disk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slasim.arrays import Ints

NEVER = 1 << 60
"""Milliseconds that never come: no skill, no patience limit, no limit of lines."""

SPEED_ONE = 1_000_000
"""The speed of an ordinary agent: speeds are whole millionths."""


@dataclass(frozen=True, eq=False)
class RoutingTable:
    """All arrays int64; Q queues, G groups.

    opens       (Q, G) ms a contact must have waited before the group may take it; NEVER = no skill
    rank        (Q, G) the group's own order of queues: smaller is taken first
    preference  (Q, G) the contact's order of groups: smaller is tried first
    weight      (Q, G) how fast a contact's claim grows while it waits; equal weights = longest wait
    reserve     (Q, G) the group must have more than this many wholly idle agents
    speed       (Q, G) millionths; handle time is the drawn one divided by it
    priority    (Q,)   place in line: 1 goes first
    head_start  (Q,)   ms of waiting credited on arrival (negative: held back)
    """

    opens: Ints
    rank: Ints
    preference: Ints
    weight: Ints
    reserve: Ints
    speed: Ints
    priority: Ints
    head_start: Ints

    @classmethod
    def closed(cls, queues: int, groups: int) -> RoutingTable:
        """A table in which no group may take anything yet."""
        shape = (queues, groups)
        return cls(
            opens=np.full(shape, NEVER, np.int64),
            rank=np.ones(shape, np.int64),
            preference=np.ones(shape, np.int64),
            weight=np.ones(shape, np.int64),
            reserve=np.zeros(shape, np.int64),
            speed=np.full(shape, SPEED_ONE, np.int64),
            priority=np.full(queues, 5, np.int64),
            head_start=np.zeros(queues, np.int64),
        )
