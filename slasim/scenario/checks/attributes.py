"""Attributes of tickets: their shares make a whole, who reads them knows them, and somebody takes every ticket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from slasim.errors import Problem, did_you_mean
from slasim.scenario.checks.case import Case
from slasim.scenario.document import Loc
from slasim.scenario.floor_facts import takers
from slasim.scenario.schema.attributes import TAGS

__all__ = ["attributes_are_known", "described", "every_ticket_is_taken", "shares_make_a_whole"]


def shares_make_a_whole(case: Case) -> Iterator[Problem]:
    """Of each attribute every ticket has one value; tags come on their own."""
    for name, queue in case.centre.queues.items():
        for attribute, shares in queue.attributes.items():
            loc = ("queues", name, "attributes", attribute)
            if attribute == TAGS or not case.whole(*loc):
                continue
            total = sum(shares.values())
            if abs(total - 1) > 0.001:
                found = f"the shares of {', '.join(shares) or 'nothing'} add up to {total:.4g}"
                yield case.problem(loc, found, "They must add up to 1.")


def attributes_are_known(case: Case) -> Iterator[Problem]:
    """`when`, `priority_by` and `target_by` name attributes that are drawn, and values that occur."""
    if not case.whole("queues"):
        return
    for name, queue in case.centre.queues.items():
        for attribute, places in queue.priority_by.items():
            where: Loc = ("queues", name, "priority_by", attribute)
            yield from _unknown(case, where, attribute, places, [name])
    for name, group in case.centre.groups.items():
        for queue_name, take in group.takes.items():
            if queue_name not in case.centre.queues:
                continue
            for attribute, values in take.when.items():
                where = ("groups", name, "takes", queue_name, "when", attribute)
                yield from _unknown(case, where, attribute, values, [queue_name])
    for name, metric in case.centre.ticket_metrics.items():
        queues = [q for q in case.centre.queues_of_clock(name) if q in case.centre.queues]
        for attribute, targets in metric.target_by.items():
            where = ("metrics", name, "target_by", attribute)
            yield from _unknown(case, where, attribute, targets, queues)


def _unknown(
    case: Case, loc: Loc, attribute: str, values: Iterable[str], queues: list[str]
) -> Iterator[Problem]:
    """The attribute is drawn in one of the queues, and each value is one of its."""
    drawn = [case.centre.queues[queue].drawn for queue in queues]
    names = list(dict.fromkeys(name for one in drawn for name in one.names))
    whose = f"queue {queues[0]}" if len(queues) == 1 else "these queues"
    if attribute not in names:
        would_do = (
            did_you_mean(attribute, names, what="Attributes")
            if names
            else f"Write attributes: {{{attribute}: {{...}}}} in the queue."
        )
        found = f"`{attribute}` is no attribute of {whose}"
        yield case.problem(loc, found, would_do, key=True)
        return
    known = list(dict.fromkeys(value for one in drawn for value in one.values(attribute)))
    for value in values:
        if value not in known:
            found = f"`{value}` is no value of `{attribute}` in {whose}"
            yield case.problem(loc, found, did_you_mean(value, known, what="Values"))


def every_ticket_is_taken(case: Case) -> Iterator[Problem]:
    """Whatever attributes a contact has, some group takes it; else it would wait to the end."""
    if not case.whole("queues") or not case.whole("groups"):
        return
    for name, queue in case.centre.queues.items():
        takes = [group.takes[name] for group in takers(case.centre, name).values()]
        if not takes or any(not take.when for take in takes):
            continue
        read = tuple(dict.fromkeys(attribute for take in takes for attribute in take.when))
        if any(attribute not in queue.drawn.names for attribute in read):
            continue
        for ticket in queue.drawn.combinations(read):
            if not any(take.fits(ticket) for take in takes):
                yield case.problem(
                    ("queues", name),
                    f"no group takes a contact of `{name}` with {described(ticket)}: it is never solved",
                    "Let a group take the rest: one without `when`, or with that value.",
                    key=True,
                )
                break


def described(ticket: Mapping[str, tuple[str, ...]]) -> str:
    """The values of a ticket's attributes, in words."""
    return ", ".join(f"{name} {' '.join(values) or 'none'}" for name, values in ticket.items())
