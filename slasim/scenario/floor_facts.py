"""What follows from the records for the whole operation: which queues feed which, who shares, what needs a floor.

Derived facts only, for who turns a scenario into draws; nothing is drawn or judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from slasim.scenario.schema import Group, Queue, ScenarioRecord
from slasim.scenario.schema.chats import slowdown_at

if TYPE_CHECKING:
    from slasim.scenario.centre import Centre

__all__ = [
    "Handed",
    "clocked_queues",
    "feeds",
    "first_line_queues",
    "handed_on",
    "measured_slowdown",
    "needs_floor",
    "takers",
    "ticket_queues",
    "touches",
    "why_floor",
]


class Handed(NamedTuple):
    """A way from one queue to another: by which key, and with which chance (voicemail: 0 or 1 is not known)."""

    key: str
    to: str
    chance: float


def handed_on(queue: Queue) -> tuple[Handed, ...]:
    """Where contacts of a queue may go on: `transfer`, `tier_2`, `voicemail_to`."""
    found = []
    if queue.transfer is not None:
        found.append(Handed("transfer", queue.transfer.to, queue.transfer.chance))
    if queue.tier_2 is not None:
        found.append(Handed("tier_2", queue.tier_2.queue, queue.tier_2.chance))
    if queue.voicemail_to is not None:
        found.append(Handed("voicemail_to", queue.voicemail_to, 1.0))
    return tuple(found)


def feeds(centre: ScenarioRecord) -> dict[str, tuple[str, ...]]:
    """Queue -> the queues that hand contacts on to it; queues that nobody feeds are left out."""
    found: dict[str, list[str]] = {}
    for name, queue in centre.queues.items():
        for way in handed_on(queue):
            found.setdefault(way.to, []).append(name)
    return {to: tuple(dict.fromkeys(sources)) for to, sources in found.items()}


def first_line_queues(centre: ScenarioRecord) -> tuple[str, ...]:
    """Queues with arrivals of their own."""
    return tuple(name for name, queue in centre.queues.items() if queue.arrivals is not None)


def ticket_queues(centre: ScenarioRecord) -> tuple[str, ...]:
    """Queues whose contacts are threads of replies."""
    return tuple(name for name, queue in centre.queues.items() if queue.kind.replies)


def clocked_queues(centre: Centre) -> frozenset[str]:
    """Queues whose contacts may have due instants of their own: a ticket clock runs there, or they come from there."""
    found = {queue for metric in centre.ticket_metrics for queue in centre.queues_of_clock(metric)}
    waiting = [queue for queue in found if queue in centre.queues]
    while waiting:
        queue = centre.queues[waiting.pop()]
        for way in handed_on(queue) if queue.kind.replies else ():
            if way.to not in found and way.to in centre.queues:
                found.add(way.to)
                waiting.append(way.to)
    return frozenset(found)


def takers(centre: ScenarioRecord, queue: str) -> dict[str, Group]:
    """The groups that take a queue."""
    return {name: group for name, group in centre.groups.items() if queue in group.takes}


def measured_slowdown(centre: ScenarioRecord, queue: str) -> float:
    """By what the queue's handle times were slowed down already when they were measured.

    The mean over its takers of each curve at `handle_time_measured_at`; divide by it, so that the curve is not applied
    twice. 1 where nothing is said.
    """
    chats = centre.queues[queue].handle_time_measured_at
    if chats is None or not centre.queues[queue].kind.shares:
        return 1.0
    found = [slowdown_at(group.slowdown, chats) for group in takers(centre, queue).values()]
    return sum(found) / len(found) if found else 1.0


def touches(centre: ScenarioRecord, contacts: Mapping[str, float]) -> dict[str, float]:
    """How often each queue's contacts are handled, roughly, where `contacts` (of its own) come to each.

    Replies, reopened tickets, repeats and hand-overs by their chances; redials and messages depend on waiting, and are
    left out.
    """
    found: dict[str, float] = {}
    given = dict(contacts)
    ways = feeds(centre)
    for name in _in_order(centre, ways):
        queue = centre.queues[name]
        come = given.get(name, 0.0)
        for way in handed_on(queue):
            if way.key != "voicemail_to":
                given[way.to] = given.get(way.to, 0.0) + come * way.chance
        each = 1.0 if queue.replies is None else queue.replies.mean
        for again in (queue.reopen, queue.repeat):
            each *= 1.0 if again is None else 1.0 + again.chance
        found[name] = come * each
    return found


def _in_order(centre: ScenarioRecord, ways: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The queues, each after those that feed it (there are no circles: `checks/` refuses them)."""
    order: list[str] = []

    def put(name: str, above: tuple[str, ...]) -> None:
        for source in ways.get(name, ()):
            if source not in above:
                put(source, (*above, name))
        if name not in order:
            order.append(name)

    for name in centre.queues:
        put(name, (name,))
    return order


def needs_floor(centre: ScenarioRecord) -> bool:
    """Whether anything here goes beyond a voice centre; if not, draws keep the lean path."""
    return next(iter(why_floor(centre)), None) is not None


_OF_QUEUES = (
    "redial", "call_back", "transfer", "repeat", "replies", "reopen", "tier_2", "backlog_at_start", "owner",
    "voicemail_to", "priority_by", "first_message_after",
)  # fmt: skip
_OF_GROUPS = ("switching_loss", "chat_slowdown")
_OF_TAKES = ("preempt", "hours", "max_occupancy", "stands_in_for", "when")


def why_floor(centre: ScenarioRecord) -> Iterator[str]:
    """The paths of all that goes beyond a voice centre, in the order of the file."""
    for name, queue in centre.queues.items():
        kind, path = queue.kind, f"queues.{name}"
        if kind.shares or kind.replies or kind.waits_through_closing:
            yield f"{path}.channel"
        yield from (f"{path}.{key}" for key in _OF_QUEUES if getattr(queue, key))
    for name, group in centre.groups.items():
        path = f"groups.{name}"
        yield from (f"{path}.{key}" for key in _OF_GROUPS if getattr(group, key))
        if any(person.speed != 1.0 for person in group.people):
            yield f"{path}.people"
        for queue_name, take in group.takes.items():
            for key in _OF_TAKES:
                if getattr(take, key):
                    yield f"{path}.takes.{queue_name}.{key}"
    for key in ("reminders", "escalations"):
        for number, one in enumerate(getattr(centre, key)):
            moves = one.effect if key == "reminders" else one.action
            if one.active and moves:
                yield f"{key}[{number}]"
