"""From an engine's columns to a ContactLog: the same last step for both engines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slasim.contactlog import ContactLog, Ints
from slasim.draw import Draw


def write_log(
    draw: Draw,
    outcome: NDArray[np.int8],
    left: Ints,
    group: NDArray[np.int16],
    agent: NDArray[np.int32],
    released: Ints,
    finished: Ints,
    stint_left: Ints,
    break_began: Ints,
    break_ended: Ints,
) -> ContactLog:
    """One row per contact, in the Draw's order. Queues and groups are numbered, not named."""
    n = draw.contacts
    queue: NDArray[Any] = np.repeat(np.arange(draw.queues, dtype=np.int16), np.diff(draw.first))
    return ContactLog(
        contact=np.arange(n, dtype=np.int64),
        touch=np.zeros(n, np.int16),
        queue=queue,
        arrived=draw.arrival,
        outcome=outcome,
        left=left,
        group=group,
        agent=agent,
        released=released,
        finished=finished,
        queues=tuple(f"queue {q}" for q in range(draw.queues)),
        groups=tuple(f"group {g}" for g in range(draw.groups)),
        stint_left=stint_left,
        break_began=break_began,
        break_ended=break_ended,
    )
