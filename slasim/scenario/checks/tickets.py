"""What is promised of tickets can be read, warns of what exists, and moves tickets only where somebody takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario.checks.case import Case
from slasim.scenario.document import Loc
from slasim.scenario.ticket_promises import (
    SECTIONS,
    follows,
    near_metric,
    never_open,
    place_in,
    told_once,
)
from slasim.scenario.values import split_sentence

__all__ = [
    "rules_read_what_is_drawn",
    "shares_are_of_a_time",
    "ticket_promises_are_known",
    "tickets_have_clocks",
    "warnings_move_within_reach",
]


def ticket_promises_are_known(case: Case) -> Iterator[Problem]:
    """Clocks, levels, rules, reminders, escalations and OLAs read by `slasim.sla`, whose words they are."""
    centre = case.centre
    try:
        policy = centre.policy
    except InputError as error:
        plain = centre._document.value
        places = list(_places(tuple(SECTIONS), plain))
        for problem in told_once(error.problems, plain.get("ola") or {}):
            if follows(
                problem, lambda loc: _stands(case.document.value, loc) and not _stands(plain, loc)
            ):
                continue
            loc = place_in(places, problem.path)
            found, would_do = split_sentence(problem.found)
            if problem.would_do:
                found = problem.found
                would_do = near_metric(problem, _metrics(case.document.value))
            yield case.problem(loc, found, would_do)
        return
    for name in never_open(policy):
        yield case.problem(
            ("calendars", name),
            f"calendar `{name}` never opens, and a clock runs on it",
            'Write weekly: {mon-fri: ["09:00-17:00"]}.',
        )


def _places(sections: tuple[str, ...], plain: Mapping[str, object]) -> Iterator[Loc]:
    for section in sections:
        if section in plain:
            yield from _inside((section,), plain[section])


def _inside(loc: Loc, value: object) -> Iterator[Loc]:
    yield loc
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _inside((*loc, key), item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _inside((*loc, number), item)


def _stands(value: object, loc: Loc) -> bool:
    for part in loc:
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def _metrics(plain: Mapping[str, object]) -> list[str]:
    metrics = plain.get("metrics")
    return list(metrics) if isinstance(metrics, Mapping) else []


def tickets_have_clocks(case: Case) -> Iterator[Problem]:
    """A clock of tickets runs over queues that have tickets; one of contacts (chat_answer) over any named."""
    for name, metric in case.centre.ticket_metrics.items():
        if not case.whole("queues"):
            continue
        queues = case.centre.queues_of_clock(name)
        if not queues:
            what, channel = _TIMED.get(metric.metric, ("tickets", "ticket"))
            yield case.problem(
                ("metrics", name),
                f"a ticket clock, and no queue has {what}",
                f"Write channel: {channel} in a queue.",
                key=True,
            )
        if metric.metric in _TIMED:
            continue
        for place, queue in enumerate(queues):
            if queue in case.centre.queues and not case.centre.queues[queue].kind.replies:
                yield case.problem(
                    ("metrics", name, "queues", place),
                    f"`{queue}` has no tickets: its channel is {case.centre.queues[queue].channel}",
                    "Use a metric of contacts, such as type: service_level.",
                )


_TIMED = {"chat_answer": ("chats", "chat"), "call_answer": ("calls", "voice")}
"""Clocks of other contacts than tickets: what they time, and its channel."""


def shares_are_of_a_time(case: Case) -> Iterator[Problem]:
    """A step at a share of its target moves a ticket only where the target is a time: nobody knows beforehand how much
    business time lies before a point of the calendar."""
    try:
        policy = case.centre.policy
    except InputError:
        return
    if policy is None:
        return
    from slasim.sla.levels import promised

    for number, one in enumerate(policy.escalations):
        shares = [point.text for point in one.points if point.share is not None]
        metric = policy.metrics.get(one.metric)
        if not (one.active and one.move and shares) or metric is None:
            continue
        targets = [
            metric.target,
            *(target for found in metric.target_by.values() for target in found.values()),
            *promised(policy.levels, one.metric).values(),
        ]
        if any(target is not None and not isinstance(target, int) for target in targets):
            yield case.problem(
                ("escalations", number, "at"),
                f"{shares[0]} of `{one.metric}`, whose target may be a point of the calendar",
                "Say when by the due time: {before: 1h}, or at: due.",
            )


_MOVES = ("priority", "to_group")


def warnings_move_within_reach(case: Case) -> Iterator[Problem]:
    """What a reminder or escalation changes is a place in line, or the group that takes the ticket from then on."""
    for section, part in (("reminders", "effect"), ("escalations", "action")):
        for number, one in enumerate(getattr(case.centre, section)):
            said = getattr(one, part)
            loc: Loc = (section, number, part)
            if said is None:
                continue
            if not isinstance(said, Mapping):
                yield case.problem(
                    loc, f"`{part}` is no mapping", "Write {priority: 1, to_group: experts}."
                )
                continue
            for key in said:
                if key not in _MOVES:
                    would_do = did_you_mean(str(key), _MOVES, what="Keys")
                    yield case.problem((*loc, key), f"unknown key `{key}`", would_do, key=True)
            priority = said.get("priority")
            place = isinstance(priority, int) and not isinstance(priority, bool) and priority >= 0
            if "priority" in said and not place:
                yield case.problem(
                    (*loc, "priority"),
                    f"`{priority}` is no place in line",
                    "Write a whole number; 1 goes first.",
                )
            group = said.get("to_group")
            if group is not None and not isinstance(group, str):
                yield case.problem(
                    (*loc, "to_group"),
                    f"`{group}` names no group",
                    "Write the name of a group; it need not take these tickets otherwise.",
                )


_TOLD_BY_THE_STORY = (
    "source", "status", "created", "changed", "deleted", "last_message", "assigned_to", "level",
)  # fmt: skip
"""Attributes that the simulation itself knows of every ticket."""


def rules_read_what_is_drawn(case: Case) -> Iterator[Problem]:
    """A rule asks for attributes that tickets have; one that nobody draws would never hold."""
    try:
        policy = case.centre.policy
    except InputError:
        return
    if policy is None or not case.whole("queues"):
        return
    drawn = [queue.drawn for queue in case.centre.queues.values() if queue.kind.replies]
    names = list(dict.fromkeys(name for one in drawn for name in one.names))
    for number, rule in enumerate(policy.rules.list):
        for condition in (one for group in rule.when for one in group):
            column, loc = condition.column, ("rules", "list", number, "when")
            if column in _TOLD_BY_THE_STORY:
                continue
            if column not in names:
                found = f"rule `{rule.name}` asks for `{condition.attribute}`, which no ticket queue draws"
                would_do = did_you_mean(column, [*names, *_TOLD_BY_THE_STORY], what="Attributes")
                yield case.problem(loc, found, would_do)
                continue
            known = list(dict.fromkeys(value for one in drawn for value in one.values(column)))
            whole = column == "tags" or condition.operator in ("is", "is_not", "in", "not_in")
            for value in condition.values if whole else ():
                if value not in known:
                    found = f"rule `{rule.name}`: `{value}` is no value of `{column}`"
                    yield case.problem(loc, found, did_you_mean(value, known, what="Values"))
