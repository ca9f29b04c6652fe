"""Overflow: contacts answered by another group than the one they try first.

A contact tries first the groups that stand first in its ``prefers``, or rank its queue best. This file only asks a
result; it knows no screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.routing.table import NEVER
from slasim.study.plans import plan_of
from slasim.study.result import Result


@dataclass(frozen=True)
class Overflow:
    """Contacts of one queue that one other group answered, in an average replication.

    ``share`` 0..1 of the queue's answered.
    """

    queue: str
    group: str
    contacts: float
    share: float

    def to_json(self) -> dict[str, Any]:
        return {
            "queue": self.queue,
            "group": self.group,
            "contacts": self.contacts,
            "share": self.share,
        }


def overflow(result: Result) -> tuple[Overflow, ...]:
    """What each group took of queues that try another one first, where that happened at all."""
    scenario, table = result.scenario, plan_of(result.scenario, result.first_share).table
    taken = result.tally.taken[result.tally.counted].sum(axis=0)
    found = []
    for q, queue in enumerate(scenario.queues):
        tried = np.where(table.opens[q] < NEVER, table.preference[q], NEVER)
        for g, group in enumerate(scenario.groups):
            if tried[g] > tried.min() and taken[q, g]:
                contacts = taken[q, g] / result.replications
                found.append(Overflow(queue, group, contacts, taken[q, g] / taken[q].sum()))
    return tuple(found)
