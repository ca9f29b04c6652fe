"""To which instant, and so to which interval, a contact belongs; and from where to where its wait is measured.

`arrival` books a contact when it came, `end` when it was answered or gave up, `sl_event` at the first of answer,
abandonment and the end of the threshold. Totals agree under every rule, intervals do not. This file knows no
interval and no formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, Ints
from slasim.contactlog import NOT_YET
from slasim.errors import did_you_mean

__all__ = [
    "ATTRIBUTIONS",
    "CLOCK_POINTS",
    "Attribution",
    "attributed",
    "clock_points",
    "waited_between",
]

Attribution = Literal["arrival", "end", "sl_event"]
ATTRIBUTIONS = ("arrival", "end", "sl_event")

CLOCK_POINTS = (
    "contact_start",
    "ivr_exit",
    "queue_entry",
    "agent_alert",
    "agent_answer",
    "first_agent_message",
)
"""The points of a contact in their order."""


def attributed(arrived: ArrayLike, left: ArrayLike, threshold: int, rule: Attribution) -> Ints:
    """The instant to which each contact belongs, in the unit of ``arrived`` (ms); NOT_YET where it has none so far.

    ``left`` is NOT_YET while a contact waits. With ``sl_event`` such a contact belongs to the end of its threshold.
    Raises ValueError for an unknown rule.

    >>> attributed([0, 0], [10_000, 30_000], 20_000, "sl_event").tolist()
    [10000, 20000]
    """
    came, gone = np.asarray(arrived, np.int64), np.asarray(left, np.int64)
    if rule == "arrival":
        return came.copy()
    if rule == "end":
        return gone.copy()
    if rule == "sl_event":
        return np.where(gone == NOT_YET, came + threshold, np.minimum(gone, came + threshold))
    raise ValueError(f"attribution '{rule}' is unknown. {did_you_mean(rule, ATTRIBUTIONS)}")


def clock_points(clock: str) -> tuple[str, str]:
    """``queue_entry>agent_answer`` as its start and its stop. Raises ValueError."""
    points = [point.strip() for point in clock.split(">")]
    if len(points) != 2 or any(point not in CLOCK_POINTS for point in points):
        raise ValueError(
            f"clock '{clock}' is not start>stop; points are {', '.join(CLOCK_POINTS)}."
        )
    if CLOCK_POINTS.index(points[0]) >= CLOCK_POINTS.index(points[1]):
        raise ValueError(f"clock '{clock}' stops before it starts; write it the other way round.")
    return points[0], points[1]


def waited_between(points: Mapping[str, Any], clock: str) -> Any:
    """What passed from a clock's start to its stop, in the unit of the instants.

    ``points`` gives an instant (or an array of them) by the name of the point. Raises ValueError for an unknown
    clock and KeyError for a point that was not given.

    >>> waited_between({"queue_entry": 45, "agent_answer": 70}, "queue_entry>agent_answer")
    25
    """
    start, stop = clock_points(clock)
    return points[stop] - points[start]
