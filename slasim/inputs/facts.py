"""What routing needs to know of queues and groups, and whether there is more here than a voice centre.

What goes beyond it is `operation.py`. A scenario whose routing reads due instants needs a floor for its clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from slasim.floor import BY_WAIT
from slasim.inputs.queues import QueuePlan
from slasim.routing.policies import GroupFacts, QueueFacts, TakeFacts, order_of
from slasim.scenario.floor_facts import clocked_queues, needs_floor

if TYPE_CHECKING:
    from slasim.scenario import Scenario

__all__ = ["group_facts", "has_floor", "queue_facts"]


def has_floor(scenario: Scenario) -> bool:
    """Does anything here go beyond a voice centre, or does routing read clocks?"""
    if needs_floor(scenario):
        return True
    by_clock = order_of(scenario.routing.policy, QueueFacts("", clock=True)) != BY_WAIT
    return by_clock and scenario.policy is not None


def queue_facts(scenario: Scenario, queues: Sequence[QueuePlan] = ()) -> list[QueueFacts]:
    """What routing needs to know of the queues; of clocks and work only where there is a floor (``queues`` given)."""
    found = [
        QueueFacts(name, queue.priority, queue.head_start, tuple(queue.prefers))
        for name, queue in scenario.queues.items()
    ]
    if not queues:
        return found
    clocked = clocked_queues(scenario)
    return [
        replace(facts, clock=facts.name in clocked, work=round(plan.mean))
        for facts, plan in zip(found, queues, strict=True)
    ]


def group_facts(scenario: Scenario) -> list[GroupFacts]:
    """What routing needs to know of the groups."""
    return [
        GroupFacts(
            name,
            {q: TakeFacts(take.rank, take.after, take.reserve) for q, take in group.takes.items()},
            group.speed,
        )
        for name, group in scenario.groups.items()
    ]
