"""From an engine's columns to a ContactLog: the same last step for all engines."""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.arrays import Bools, Ints, NDArray
from slasim.contactlog import ANSWERED, NOBODY, NOT_YET, ContactLog
from slasim.draw import Draw
from slasim.floor import Floor, said_of_all


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
        queues=_numbered("queue", draw.queues),
        groups=_numbered("group", draw.groups),
        stint_left=stint_left,
        break_began=break_began,
        break_ended=break_ended,
    )


def write_touches(
    draw: Draw,
    floor: Floor,
    arrived: Ints,
    outcome: NDArray[np.int8],
    left: Ints,
    group: NDArray[np.int16],
    agent: NDArray[np.int32],
    seat: NDArray[np.int32],
    begun: Ints,
    released: Ints,
    finished: Ints,
    cuts: Ints,
    steps: Ints,
    stint_left: Ints,
    break_began: Ints,
    break_ended: Ints,
) -> ContactLog:
    """One row per touch that arrived, in the Draw's order.

    All columns are (T,) over the floor's touches; ``arrived`` is NOT_YET for those that never came, ``begun`` for
    those that nobody took. ``cuts`` (6, X) are touch, group, agent, seat, from and to of what was interrupted,
    ``steps`` (3, Y) touch, number in the floor's steps and instant, both as they happened. A seat is told only where
    seats share.
    """
    came = np.flatnonzero(arrived != NOT_YET)
    begun = np.where(begun == NOT_YET, left, begun)
    seen = (outcome == ANSWERED) & seats_shown(draw, floor)[group]
    seat = np.where(seen, seat, np.int32(NOBODY))
    return write_rows(
        draw, floor, came, floor.contact[came], floor.touch[came], floor.queue[came],
        floor.purpose[came], arrived[came], outcome[came], left[came], group[came], agent[came],
        seat[came], begun[came], released[came], finished[came], cuts, steps,
        stint_left, break_began, break_ended,
    )  # fmt: skip


def seats_shown(draw: Draw, floor: Floor) -> Bools:
    """(G,) whose seats are told: those that share."""
    shown: Bools = (floor.shares != 0) & (draw.by_number != 0)
    return shown


def write_rows(
    draw: Draw,
    floor: Floor,
    came: Ints,
    contact: Ints,
    touch: NDArray[np.int16],
    queue: NDArray[np.int16],
    purpose: NDArray[np.int8],
    arrived: Ints,
    outcome: NDArray[np.int8],
    left: Ints,
    group: NDArray[np.int16],
    agent: NDArray[np.int32],
    seat: NDArray[np.int32],
    begun: Ints,
    released: Ints,
    finished: Ints,
    cuts: Ints,
    steps: Ints,
    stint_left: Ints,
    break_began: Ints,
    break_ended: Ints,
) -> ContactLog:
    """The same of columns that tell only of the touches in ``came`` (N,), ascending; ``begun`` is ``left`` for those
    that nobody took, ``seat`` as ``seats_shown`` says."""
    cuts, steps = cuts.reshape(6, -1), steps.reshape(3, -1)
    if cuts.size:
        cuts = cuts.copy()
        cuts[0] = np.searchsorted(came, cuts[0])
        cuts[3] = np.where(seats_shown(draw, floor)[cuts[1]], cuts[3], NOBODY)
        cuts = np.take(cuts, np.lexsort((cuts[0], cuts[5])), axis=1)
    if steps.size:
        steps = steps.copy()
        steps[0] = np.searchsorted(came, steps[0])
        steps = np.take(steps, np.lexsort((steps[1], steps[0], steps[2])), axis=1)
    greeted = left
    if said_of_all(floor.greeting) != 0 and floor.greeting.any():
        greeted = np.where(outcome == ANSWERED, left + floor.greeting[came], left)
    return ContactLog(
        contact=contact,
        touch=touch,
        queue=queue,
        arrived=arrived,
        outcome=outcome,
        left=left,
        group=group,
        agent=agent,
        released=released,
        finished=finished,
        queues=_numbered("queue", draw.queues),
        groups=_numbered("group", draw.groups),
        purpose=purpose,
        greeted=greeted,
        begun=begun,
        seat=seat,
        stint_left=stint_left,
        break_began=break_began,
        break_ended=break_ended,
        cut_touch=cuts[0],
        cut_group=cuts[1],
        cut_agent=cuts[2],
        cut_seat=cuts[3],
        cut_from=cuts[4],
        cut_to=cuts[5],
        step_touch=steps[0],
        step_number=steps[1],
        step_at=steps[2],
    )


def _numbered(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word} {k}" for k in range(count))
