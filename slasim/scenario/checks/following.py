"""What follows a contact: every queue has somebody to come, and nothing goes on in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from slasim.errors import Problem
from slasim.scenario.checks.case import Case, mapping
from slasim.scenario.floor_facts import handed_on

__all__ = [
    "every_queue_is_fed",
    "keys_fit_their_channel",
    "nothing_goes_in_a_circle",
    "offers_come_in_time",
    "threads_are_complete",
    "who_calls_again_was_lost",
]

_OF_THREADS = (
    "replies", "customer_answers_after", "reopen", "backlog_at_start", "owner",
)  # fmt: skip
_OF_CALLERS = (
    "patience", "hangs_up_at_once", "voicemail_after", "voicemail_to", "redial", "call_back",
)  # fmt: skip


def keys_fit_their_channel(case: Case) -> Iterator[Problem]:
    """Only threads have replies, only callers lose patience, only what shares an agent has a first message."""
    for name, queue in case.centre.queues.items():
        kind = queue.kind
        wrong: list[tuple[str, str]] = []
        if not kind.replies:
            said = f"is of tickets; a contact of channel `{kind.name}` is over when it is answered"
            wrong += [(key, said) for key in _OF_THREADS]
        if not kind.patience:
            said = f"is of callers; contacts of channel `{kind.name}` wait as long as it takes"
            wrong += [(key, said) for key in _OF_CALLERS]
        if not kind.shares:
            wrong.append(("first_message_after", f"is of chats, and this is channel `{kind.name}`"))
        for key, said in wrong:
            if getattr(queue, key):
                yield case.problem(
                    ("queues", name, key), f"`{key}` {said}", "Leave it out.", key=True
                )
        if kind.waits_through_closing and queue.at_close == "disconnect":
            yield case.problem(
                ("queues", name, "at_close"),
                f"contacts of channel `{kind.name}` wait through closing time",
                "Leave at_close out.",
            )


def threads_are_complete(case: Case) -> Iterator[Problem]:
    """Between two replies of ours the customer answers, after some time."""
    for name, queue in case.centre.queues.items():
        several = queue.replies is not None and queue.replies.most > 1
        if several and queue.customer_answers_after is None and case.whole("queues", name):
            yield case.problem(
                ("queues", name, "replies"),
                "a ticket needs several replies, and nothing says when the customer answers between them",
                "Write for example customer_answers_after: {lognormal: {mean: 5h, cv: 1.5}}.",
            )
        if queue.customer_answers_after is not None and not several and case.whole("queues", name):
            yield case.problem(
                ("queues", name, "customer_answers_after"),
                "the customer answers, and every ticket has one reply",
                "Write for example replies: {geometric: {mean: 1.6}}.",
            )


def offers_come_in_time(case: Case) -> Iterator[Problem]:
    """Who is sent to voicemail first is offered no call-back; a message that goes nowhere is sent nowhere."""
    for name, queue in case.centre.queues.items():
        after = queue.voicemail_after
        if queue.voicemail_to is not None and after is None and case.whole("queues", name):
            yield case.problem(
                ("queues", name, "voicemail_to"),
                "messages go to a queue, and nobody is sent to voicemail",
                "Write for example voicemail_after: 5min.",
            )
        if (
            queue.call_back is not None
            and after is not None
            and after <= queue.call_back.offer_after
        ):
            yield case.problem(
                ("queues", name, "call_back", "offer_after"),
                "the call-back is offered when everybody has been sent to voicemail",
                "Offer it earlier, or send to voicemail later.",
            )


def who_calls_again_was_lost(case: Case) -> Iterator[Problem]:
    """Only who may be lost in one of the ways named calls again."""
    for name, queue in case.centre.queues.items():
        if queue.redial is None or not case.whole("queues", name):
            continue
        impatient = queue.patience is not None or queue.hangs_up_at_once > 0
        impatient |= queue.arrivals is not None and queue.arrivals.file is not None
        if queue.redial.when == ("abandoned",) and not impatient:
            yield case.problem(
                ("queues", name, "redial"),
                "who has abandoned calls again, and nobody ever abandons",
                "Give the queue its patience, for example patience: {exponential: {mean: 4min}}.",
            )


def every_queue_is_fed(case: Case) -> Iterator[Problem]:
    """A queue has arrivals, or another queue hands contacts on to it."""
    written = mapping(case.document.value.get("queues"))
    fed = {way.to for queue in case.centre.queues.values() for way in handed_on(queue)}
    if not fed <= set(written):
        return  # a name that is none, told by name, may mean any of them
    for name, queue in case.centre.queues.items():
        if "arrivals" in mapping(written.get(name)) or not case.whole("queues", name):
            continue
        if queue.arrivals is None and name not in fed and case.whole("queues"):
            yield case.problem(
                ("queues", name, "arrivals"),
                "`arrivals` is missing, and no queue hands contacts on to this one",
                "Write for example arrivals: {per_hour: 60}, or {file: forecast.csv}.",
            )


def nothing_goes_in_a_circle(case: Case) -> Iterator[Problem]:
    """Transfers, tiers and voicemail lead on, never back: a contact would be handed round without end."""
    ways = {
        name: {way.to: way.key for way in handed_on(queue)}
        for name, queue in case.centre.queues.items()
    }
    told: set[frozenset[str]] = set()
    for start in ways:
        for circle in _circles(ways, start):
            if frozenset(circle) in told:
                continue
            told.add(frozenset(circle))
            key = ways[circle[0]][circle[1]]
            loc = ("queues", circle[0], *_places[key])
            if len(circle) == 2:
                found = f"`{circle[0]}` hands contacts on to itself"
            else:
                found = f"contacts go in a circle: {' to '.join(circle)}"
            yield case.problem(loc, found, "Take one of these ways out: each must lead on.")


_places = {
    "transfer": ("transfer", "to"),
    "tier_2": ("tier_2", "queue"),
    "voicemail_to": ("voicemail_to",),
}


def _circles(ways: dict[str, dict[str, str]], start: str) -> Iterator[tuple[str, ...]]:
    """The shortest circle through `start`, as (start, ..., start)."""
    paths: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for to in ways.get(path[-1], ()):
            if to == start:
                yield (*path, to)
                return
            if to not in seen:
                seen.add(to)
                paths.append((*path, to))
