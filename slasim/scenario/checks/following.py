"""What follows a contact: every queue has somebody to come, and nothing goes on in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from slasim.errors import Problem
from slasim.scenario.checks.case import Case, mapping
from slasim.scenario.floor_facts import handed_on

__all__ = ["every_queue_is_fed", "nothing_goes_in_a_circle"]


def every_queue_is_fed(case: Case) -> Iterator[Problem]:
    """A queue has arrivals, or another queue hands contacts on to it."""
    written = mapping(case.document.value.get("queues"))
    fed = {way.to for queue in case.centre.queues.values() for way in handed_on(queue)}
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
