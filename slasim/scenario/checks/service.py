"""Who serves whom: every queue is taken, parts of a handle time fit into it, the routing policy fills its table."""

from __future__ import annotations

from collections.abc import Iterator

from slasim import clock, registry
from slasim.errors import Problem, did_you_mean
from slasim.scenario.checks.case import Case, mapping
from slasim.scenario.floor_facts import clocked_queues

__all__ = [
    "acw_is_part_of_aht",
    "every_queue_is_taken",
    "first_message_is_part_of_aht",
    "hours_open",
    "routing_is_known",
]


def every_queue_is_taken(case: Case) -> Iterator[Problem]:
    groups = mapping(case.document.value.get("groups"))
    taken = {queue for group in groups.values() for queue in mapping(mapping(group).get("takes"))}
    for queue in mapping(case.document.value.get("queues")):
        if queue not in taken and groups:
            yield case.problem(
                ("queues", queue),
                f"no group takes queue `{queue}`",
                f"Add it to `takes` of a group: {', '.join(groups)}.",
                key=True,
            )


def hours_open(case: Case) -> Iterator[Problem]:
    """The hours in which a group may take a queue come between start and end."""
    centre = case.centre
    for name, group in centre.groups.items():
        for queue, take in group.takes.items():
            calendar = centre.calendars.get(take.hours or "")
            if calendar is None or calendar.always_open:
                continue
            opens, _ = calendar.windows(centre.start_ms, centre.end_ms)
            if not opens.size:
                yield case.problem(
                    ("groups", name, "takes", queue, "hours"),
                    f"calendar `{take.hours}` never opens from start to end: {name} would never take {queue}",
                    "Check its weekdays and dates, or leave hours out.",
                )


def acw_is_part_of_aht(case: Case) -> Iterator[Problem]:
    for name, queue in case.centre.queues.items():
        mean = queue.aht_mean
        if case.whole("queues", name) and mean is not None and queue.acw > mean:
            yield case.problem(
                ("queues", name, "acw"),
                f"after-call work of {clock.format_duration(queue.acw)} is longer than the AHT of "
                f"{clock.format_duration(mean)}",
                "AHT is talk + hold + after-call work; acw is a part of it.",
            )


def first_message_is_part_of_aht(case: Case) -> Iterator[Problem]:
    """The agent's first message of a chat is sent while it is handled, before its after-call work."""
    for name, queue in case.centre.queues.items():
        mean, first = queue.aht_mean, queue.first_message_after
        if not case.whole("queues", name) or mean is None or not first or queue.acw > mean:
            continue
        if first.mean > mean - queue.acw:
            less = f", less {clock.format_duration(queue.acw)} of after-call work" * bool(queue.acw)
            yield case.problem(
                ("queues", name, "first_message_after"),
                f"a first message after {clock.format_duration(first.mean)} comes when the chat is over: its AHT is "
                f"{clock.format_duration(mean)}{less}",
                "The first message is sent within the handle time; waiting to be taken does not count. Write for "
                "example 20s.",
            )


def routing_is_known(case: Case) -> Iterator[Problem]:
    """The policy exists and takes its settings: it is asked to fill its table once."""
    from slasim.routing import policies

    if not registry.has("routing", case.centre.routing.policy):
        known = registry.names("routing")
        yield case.problem(
            ("routing", "policy"),
            f"no routing policy is called `{case.centre.routing.policy}`",
            did_you_mean(case.centre.routing.policy, known, what="Policies"),
        )
        return
    clocked = clocked_queues(case.centre)
    queues = [
        policies.QueueFacts(
            name, queue.priority, queue.head_start, queue.prefers, clock=name in clocked
        )
        for name, queue in case.centre.queues.items()
    ]
    groups = [
        policies.GroupFacts(
            name,
            {
                queue: policies.TakeFacts(take.rank, take.after, take.reserve)
                for queue, take in group.takes.items()
            },
            group.speed,
        )
        for name, group in case.centre.groups.items()
    ]
    if not case.whole("queues") or not case.whole("groups") or not case.whole("routing"):
        return
    try:
        policies.fill(case.centre.routing.policy, queues, groups, case.centre.routing.settings)
    except ValueError as error:
        yield case.problem(("routing",), str(error), "")
