"""Routing policies: what each prefers, written down as numbers in a table.

A policy is a function of light facts about queues and groups that fills a ``RoutingTable``. The
engines read the table and never ask which policy it was. ``reserve`` and ``after`` that a group's
``takes`` states hold under every policy. Add one with ``@kind("routing", name)``.

This file knows no scenario and no engine.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from slasim import registry
from slasim.clock import parse_duration
from slasim.codes import BY_DUE, BY_SLACK, BY_WAIT
from slasim.errors import did_you_mean
from slasim.registry import kind
from slasim.routing.table import NEVER, SPEED_ONE, RoutingTable

__all__ = ["GroupFacts", "QueueFacts", "TakeFacts", "fill", "order_of"]


@dataclass(frozen=True)
class QueueFacts:
    """What routing needs to know of a queue; ``head_start`` in ms, ``prefers`` names groups.

    ``clock``: its contacts have due instants of their own; ``work``: ms of handling expected.
    """

    name: str
    priority: int = 5
    head_start: int = 0
    prefers: tuple[str, ...] = ()
    clock: bool = False
    work: int = 0


@dataclass(frozen=True)
class TakeFacts:
    """How a group takes a queue: its rank, after what wait (ms), how many agents it keeps idle."""

    rank: int = 1
    after: int = 0
    reserve: int = 0


@dataclass(frozen=True)
class GroupFacts:
    """What routing needs to know of a group: what it takes and how fast it works (1 = ordinary)."""

    name: str
    takes: Mapping[str, TakeFacts]
    speed: float | Mapping[str, float] = field(default=1.0)


Policy = Callable[..., RoutingTable]


def fill(
    policy: str,
    queues: Sequence[QueueFacts],
    groups: Sequence[GroupFacts],
    settings: Mapping[str, Any] | None = None,
) -> RoutingTable:
    """The table of the policy of that name.

    Raises InputError for an unknown policy, ValueError with a sentence for a planner for settings
    that are unknown, missing or wrong, and for a table that does not fit.
    """
    fills: Policy = registry.get("routing", policy)
    given = dict(settings or {})
    known = dict(list(inspect.signature(fills).parameters.items())[2:])
    for name in given:
        if name not in known:
            raise ValueError(
                f"{policy} has no setting {name!r}. "
                + did_you_mean(name, list(known), what="Its settings")
            )
    for name, parameter in known.items():
        if name not in given and parameter.default is inspect.Parameter.empty:
            raise ValueError(f"{policy} needs the setting {name!r}.")
    table = fills(queues, groups, **given)
    _check(policy, table, len(queues), len(groups))
    return table


def _check(policy: str, table: RoutingTable, queues: int, groups: int) -> None:
    for part in fields(table):
        found = getattr(table, part.name)
        wanted = (queues,) if part.name in ("priority", "head_start") else (queues, groups)
        if found.shape != wanted or found.dtype != np.int64:
            raise ValueError(
                f"{policy} fills {part.name} with {found.dtype} of shape {found.shape}, "
                f"not int64 of {wanted}."
            )
    if (table.opens < 0).any() or (table.speed <= 0).any() or (table.weight <= 0).any():
        raise ValueError(
            f"{policy} fills the table with times, speeds or weights that are negative."
        )


# ------------------------------------------------------------------ the policies


@kind("routing", "priority_then_longest_wait")
def priority_then_longest_wait(
    queues: Sequence[QueueFacts], groups: Sequence[GroupFacts]
) -> RoutingTable:
    """Smallest priority number first, then the group's own ranks, then the longest wait."""
    table = RoutingTable.closed(len(queues), len(groups))
    for q, queue in enumerate(queues):
        table.priority[q] = queue.priority
        table.head_start[q] = queue.head_start
        for g, group in enumerate(groups):
            take = group.takes.get(queue.name)
            if take is None:
                continue
            table.opens[q, g] = take.after
            table.rank[q, g] = take.rank
            table.reserve[q, g] = take.reserve
            table.preference[q, g] = _preference(queue, group.name, take.rank)
            table.speed[q, g] = _speed(group, queue.name)
    return table


@kind("routing", "longest_wait")
def longest_wait(queues: Sequence[QueueFacts], groups: Sequence[GroupFacts]) -> RoutingTable:
    """Whoever has waited longest goes first, whatever its priority and the group's ranks."""
    table = priority_then_longest_wait(queues, groups)
    table.priority[:] = QueueFacts("").priority
    table.rank[:] = 1
    return table


@kind("routing", "overflow")
def overflow(
    queues: Sequence[QueueFacts], groups: Sequence[GroupFacts], *, after: str | int
) -> RoutingTable:
    """Groups that rank the queue best first; the others once the caller has waited `after`.

    A group whose ``takes`` states its own ``after`` keeps that.
    """
    wait = _duration("after", after)
    table = priority_then_longest_wait(queues, groups)
    skilled = table.opens < NEVER
    best = np.where(skilled, table.rank, NEVER).min(axis=1, initial=NEVER, keepdims=True)
    later = skilled & (table.rank > best) & (table.opens == 0)
    table.opens[later] = wait
    return table


@kind("routing", "weighted_wait")
def weighted_wait(
    queues: Sequence[QueueFacts],
    groups: Sequence[GroupFacts],
    *,
    weights: Mapping[str, float],
) -> RoutingTable:
    """Within a priority, waiting time counts by the queue's weight: weight 2 waits half as long.

    Queues not named weigh 1; the groups' ranks do not order contacts. Weights are kept to three
    decimals.
    """
    _only_queues("weights", weights, queues)
    thousandths = []
    for queue in queues:
        weight = weights.get(queue.name, 1)
        good = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not good or not 0.001 <= weight <= 1000:
            raise ValueError(f"weights: {queue.name} must weigh 0.001 to 1000, not {weight!r}.")
        thousandths.append(round(1000 * weight))
    table = priority_then_longest_wait(queues, groups)
    table.rank[:] = 1
    if thousandths:
        common = math.gcd(*thousandths)
        table.weight[:] = np.array(thousandths, np.int64)[:, np.newaxis] // common
    return table


@kind("routing", "earliest_due")
def earliest_due(
    queues: Sequence[QueueFacts],
    groups: Sequence[GroupFacts],
    *,
    targets: Mapping[str, str | int] | None = None,
) -> RoutingTable:
    """Within a priority, who falls due first goes first: by a ticket's own clock, else arrival + its queue's target.

    Every queue without a clock of its own needs a target; the groups' ranks do not order contacts.
    """
    table = priority_then_longest_wait(queues, groups)
    table.rank[:] = 1
    for q, target in _targets(queues, targets).items():
        table.head_start[q] -= target
    return table


@kind("routing", "least_slack")
def least_slack(
    queues: Sequence[QueueFacts],
    groups: Sequence[GroupFacts],
    *,
    targets: Mapping[str, str | int] | None = None,
) -> RoutingTable:
    """As earliest_due, by the time left once the handling expected is taken off: due instant less its work.

    So of two contacts due together the longer work begins first.
    """
    table = earliest_due(queues, groups, targets=targets)
    for q in _targets(queues, targets):
        table.head_start[q] += queues[q].work
    return table


def order_of(policy: str, queue: QueueFacts) -> int:
    """How contacts of a queue stand in line under a policy: BY_WAIT, or BY_DUE or BY_SLACK of clocks of their own.

    >>> order_of("earliest_due", QueueFacts("email", clock=True)) == BY_DUE
    True
    """
    return _BY_CLOCK.get(policy, BY_WAIT) if queue.clock else BY_WAIT


_BY_CLOCK = {"earliest_due": BY_DUE, "least_slack": BY_SLACK}


# ------------------------------------------------------------------ numbers they share


def _preference(queue: QueueFacts, group: str, rank: int) -> int:
    """Groups in ``prefers`` below 0, by their place; groups not named come after those, by their rank from 0."""
    if group in queue.prefers:
        return queue.prefers.index(group) - len(queue.prefers)
    return rank


def _speed(group: GroupFacts, queue: str) -> int:
    speed = group.speed.get(queue, 1.0) if isinstance(group.speed, Mapping) else group.speed
    return round(speed * SPEED_ONE)


def _duration(name: str, value: str | int) -> int:
    try:
        return parse_duration(value)
    except ValueError as why:
        raise ValueError(f"{name}: {why}") from None


def _targets(
    queues: Sequence[QueueFacts], targets: Mapping[str, str | int] | None
) -> dict[int, int]:
    """Index of each queue without a clock of its own -> its target, ms."""
    given = {} if targets is None else targets
    _only_queues("targets", given, queues)
    wanted = [(q, queue.name) for q, queue in enumerate(queues) if not queue.clock]
    missing = [name for _, name in wanted if name not in given]
    if missing:
        raise ValueError(
            f"targets: {', '.join(missing)} missing; every queue without a clock needs a target."
        )
    return {q: _duration(f"targets: {name}", given[name]) for q, name in wanted}


def _only_queues(name: str, named: Any, queues: Sequence[QueueFacts]) -> None:
    known = [queue.name for queue in queues]
    if not isinstance(named, Mapping):
        raise ValueError(
            f"{name} must name queues, for example {{{known[0] if known else 'queue'}: ...}}."
        )
    for queue in named:
        if queue not in known:
            raise ValueError(
                f"{name}: no queue is called {queue!r}. "
                + did_you_mean(str(queue), known, what="Queues")
            )
