"""Overflow: contacts answered by another group than the one they try first.

A contact tries first, among the groups that may take it soonest, those that stand first in its ``prefers`` or rank its
queue best: where groups take contacts by their attributes, each has its own first. This file only asks a result; it
knows no screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Bools
from slasim.inputs.sample import Plan
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
    scenario, plan = result.scenario, plan_of(result.scenario, result.first_share)
    taken = result.tally.taken[result.tally.counted].sum(axis=0)
    found = []
    for q, queue in enumerate(scenario.queues):
        first = _tried_first(plan, q)
        for g, group in enumerate(scenario.groups):
            if not first[g] and taken[q, g]:
                contacts = taken[q, g] / result.replications
                found.append(Overflow(queue, group, contacts, taken[q, g] / taken[q].sum()))
    return tuple(found)


def _tried_first(plan: Plan, queue: int) -> Bools:
    """(G,) the groups that some contacts of a queue try first; to which escalations move them is no matter."""
    table, lines = plan.table, [queue]
    if plan.whole is not None:
        known = enumerate(plan.whole.lines.lines)
        lines = [r for r, line in known if line.queue == queue and not line.alone]
    opens = table.opens[lines]
    soonest = (opens < NEVER) & (opens == opens.min(axis=1, keepdims=True, initial=NEVER))
    tried = np.where(soonest, table.preference[lines], NEVER)
    first: Bools = (
        (tried < NEVER) & (tried == tried.min(axis=1, keepdims=True, initial=NEVER))
    ).any(axis=0)
    return first
