"""What was taken for granted of the whole operation: what follows contacts, chats side by side, tickets, changing work.

As `assumed.py`, which asks here; a default that flatters says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from slasim import clock
from slasim.scenario.centre import Centre
from slasim.scenario.floor_facts import takers

__all__ = ["of_group", "of_queue"]

Found = tuple[str, str, str]
"""path, value, sentence"""


def of_queue(centre: Centre, name: str, plain: dict[str, Any]) -> Iterator[Found]:
    """What was not said of what follows a queue's contacts, and of its chats and tickets."""
    queue, path = centre.queues[name], f"queues.{name}"
    follows = queue.redial is not None or queue.repeat is not None
    if follows and "counts" not in plain and queue.arrivals is not None:
        sentence = (
            "The volume already holds redials and repeats: that many fewer first contacts come."
        )
        yield f"{path}.counts", "attempts", sentence
    if queue.redial is not None:
        said = plain["redial"]
        if "at_most" not in said:
            yield f"{path}.redial.at_most", "3", "Nobody calls again more than three times."
        if "when" not in said:
            yield (
                f"{path}.redial.when",
                "abandoned",
                "Who is blocked or finds it closed does not call again.",
            )
    if queue.owner is not None and plain.get("owner") in ("sticky", {}):
        keep = clock.format_duration(queue.owner.keep)
        sentence = "A ticket waits that long for its owner; then whoever takes the queue answers."
        yield f"{path}.owner.keep", keep, sentence
    yield from _of_chats(centre, name)
    if queue.kind.replies:
        yield from _of_tickets(centre, name)


def _of_chats(centre: Centre, name: str) -> Iterator[Found]:
    queue, path = centre.queues[name], f"queues.{name}"
    if not queue.kind.shares:
        return
    if not queue.first_message_after:
        sentence = "The first message is sent in the moment in which a chat is taken."
        yield f"{path}.first_message_after", "0 s", sentence
    slowed = any(group.slowdown[-1] > 1 for group in takers(centre, name).values())
    if slowed and queue.handle_time_measured_at is None:
        sentence = "Handle times were measured with one chat in hand: the curve makes them longer."
        yield f"{path}.handle_time_measured_at", "1", sentence


def _of_tickets(centre: Centre, name: str) -> Iterator[Found]:
    queue, path = centre.queues[name], f"queues.{name}"
    if queue.replies is None:
        yield f"{path}.replies", "1", "One reply solves every ticket."
    if queue.backlog_at_start is None:
        if queue.arrivals is not None:
            yield f"{path}.backlog_at_start", "none", "No ticket waits at the start."
    elif not queue.backlog_at_start.oldest:
        sentence = "The tickets that wait at the start have just come."
        yield f"{path}.backlog_at_start.oldest", "0 s", sentence
    if queue.tier_2 is not None and queue.tier_2.ola is None:
        sentence = "The second line promises no time of its own."
        yield f"{path}.tier_2.ola", "none", sentence
    if "priority" in queue.attributes and not queue.priority_by:
        sentence = "Urgent tickets have the same place in line as all others of their queue."
        yield f"{path}.priority_by", f"all {queue.priority}", sentence


def of_group(centre: Centre, name: str, plain: dict[str, Any]) -> Iterator[Found]:
    """What was not said of how a group's agents share their time."""
    group, path = centre.groups[name], f"groups.{name}"
    kinds = [centre.queues[queue].kind for queue in group.takes]
    if any(kind.shares for kind in kinds):
        if "chat_slots" not in plain:
            yield f"{path}.chat_slots", "1", "Each agent has one chat at a time."
        elif group.chat_slots > 1 and group.chat_slowdown is None:
            sentence = (
                "Several chats at once are as fast as one: perfect multitasking, which flatters."
            )
            yield f"{path}.chat_slowdown", "none", sentence
    if len({kind.name for kind in kinds}) > 1 and "switching_loss" not in plain:
        sentence = (
            "Agents change between channels without any loss: perfect gap-filling, which flatters."
        )
        yield f"{path}.switching_loss", "none", sentence
    yield from _after_the_end(centre, name)
    if group.named and "absence" not in plain and "attendance" in plain:
        yield f"{path}.absence", "0 %", "No named agent is ever absent for a day of his own."


def _after_the_end(centre: Centre, name: str) -> Iterator[Found]:
    """Numbers by interval have no pattern to go on by; what waits at the end meets the last of them."""
    rule, path = centre.groups[name].staffing, f"groups.{name}.staffing"
    waits = any(
        centre.queues[queue].kind.waits_through_closing for queue in centre.groups[name].takes
    )
    if rule is None or not waits or not (rule.source is not None or isinstance(rule.agents, tuple)):
        return
    agents, calendar = centre.staffing(name), centre.calendar_of_group(name)
    if calendar is not None:
        opened = np.flatnonzero(centre.grid.open_ms(calendar)[centre.grid.warm :] > 0)
        agents = agents[opened]
    last = float(agents[-1]) if agents.size else 0.0
    if last == 0:
        sentence = (
            "Nobody of it works after the end, so tickets of the last night are missed: give the group shifts, a grid "
            "by weekday, or a calendar whose last hours are staffed."
        )
        yield path, "0 after the end", sentence
    elif calendar is None:
        sentence = "The last number works on day and night until no ticket waits: give the group a calendar."
        yield path, f"{last:g} after the end", sentence
