"""Chats beside each other: they fit into an agent's room, and each takes longer the more there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from slasim.channels import ROOM
from slasim.errors import Problem
from slasim.scenario.checks.case import Case
from slasim.scenario.floor_facts import takers

__all__ = ["chat_curves_fit", "chats_are_taken", "loads_fit_the_room", "measured_where_chats_are"]


def loads_fit_the_room(case: Case) -> Iterator[Problem]:
    """No contact asks for more than a whole agent."""
    for name, queue in case.centre.queues.items():
        load = queue.kind.load
        if not 0 < load <= ROOM:
            yield case.problem(
                ("queues", name, "channel"),
                f"a contact of channel `{queue.channel}` takes {load} parts of an agent's {ROOM}",
                f"Its load lies between 1 and {ROOM} (slasim.channels.ROOM).",
            )


def chats_are_taken(case: Case) -> Iterator[Problem]:
    """Slots and a curve belong to groups that take a channel whose contacts share an agent."""
    for name, group in case.centre.groups.items():
        queues = [case.centre.queues[q] for q in group.takes if q in case.centre.queues]
        if any(queue.kind.shares for queue in queues) or not case.whole("queues"):
            continue
        for key, given in (
            ("chat_slots", group.chat_slots > 1),
            ("chat_slowdown", group.chat_slowdown),
        ):
            if given:
                yield case.problem(
                    ("groups", name, key),
                    f"`{key}` stands here, and the group takes no chats",
                    "Add a queue of channel chat to `takes`, or leave it out.",
                    key=True,
                )


def chat_curves_fit(case: Case) -> Iterator[Problem]:
    """One factor for each slot, at least 1, and never less with more chats in hand."""
    for name, group in case.centre.groups.items():
        given = group.chat_slowdown
        loc = ("groups", name, "chat_slowdown")
        if given is None or not case.whole("groups", name):
            continue
        if (given.curve is None) == (given.turns is None):
            yield case.problem(
                loc,
                "a slowdown is a curve or turns",
                "Write [1.0, 1.25, 1.6], or {turns: {agent: 286s, customer: 214s}}.",
            )
            continue
        if given.turns is not None:
            if given.turns.agent + given.turns.customer <= 0:
                yield case.problem(
                    (*loc, "turns"), "turns of no length", "Write for example agent: 286s."
                )
            continue
        curve = given.curve or ()
        said = ", ".join(f"{factor:g}" for factor in curve)
        if curve[0] < 1:
            yield case.problem(
                loc, f"the curve begins with {curve[0]:g}", "With one chat in hand it is 1 or more."
            )
        for place, (less, more) in enumerate(pairwise(curve), 1):
            if more < less:
                yield case.problem(
                    loc,
                    f"the curve {said} decreases: {place + 1} chats would each be faster than {place}",
                    "Each chat takes at least as long with one more in hand.",
                )
        if len(curve) != group.chat_slots:
            slots = "1 slot" if group.chat_slots == 1 else f"{group.chat_slots} slots"
            yield case.problem(
                loc,
                f"the curve has {len(curve)} factors for {slots}",
                "Write one factor for each of 1, 2 ... chat_slots chats, or {turns: ...} for any number.",
            )


def measured_where_chats_are(case: Case) -> Iterator[Problem]:
    """`handle_time_measured_at` is an average that the agents can have in hand."""
    for name, queue in case.centre.queues.items():
        chats = queue.handle_time_measured_at
        if chats is None or not case.whole("groups"):
            continue
        loc = ("queues", name, "handle_time_measured_at")
        most = max((g.chat_slots for g in takers(case.centre, name).values()), default=1)
        if not queue.kind.shares:
            yield case.problem(
                loc,
                f"contacts of channel `{queue.channel}` do not share an agent",
                "Leave it out: it says how many chats an agent had in hand.",
            )
        elif chats < 1 or chats > most:
            yield case.problem(
                loc,
                f"an average of {chats:g} chats in hand cannot be",
                f"Agents have 1 to {most} at once; write the average while they chat.",
            )
