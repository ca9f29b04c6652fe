"""Who stands in for whom: never for oneself, never in a circle, and never for a group that would not have taken it."""

from __future__ import annotations

from collections.abc import Iterator

from slasim.errors import Problem
from slasim.scenario.checks.case import Case
from slasim.scenario.floor_facts import takers

__all__ = ["backups_stand_in_for_others", "backups_stand_in_for_takers"]


def backups_stand_in_for_others(case: Case) -> Iterator[Problem]:
    """A backup takes a queue while nobody of another group is on duty; in a circle nobody would."""
    told: set[frozenset[str]] = set()
    for queue in case.centre.queues:
        first = {
            name: group.takes[queue].stands_in_for
            for name, group in takers(case.centre, queue).items()
        }
        for name in first:
            chain = [name]
            while (above := first.get(chain[-1])) is not None and above not in chain:
                chain.append(above)
            if above != name or frozenset((queue, *chain)) in told:
                continue
            told.add(frozenset((queue, *chain)))
            circle = " for ".join((*chain, name))
            found = f"`{name}` stands in for itself" if len(chain) == 1 else f"a circle: {circle}"
            yield case.problem(
                ("groups", name, "takes", queue, "stands_in_for"),
                found,
                "Name the group whose absence it waits for.",
            )


def backups_stand_in_for_takers(case: Case) -> Iterator[Problem]:
    """Somebody takes a queue in the first place; with backups alone nobody would while the others are on duty."""
    if not case.whole("groups"):
        return
    for queue in case.centre.queues:
        found = takers(case.centre, queue)
        first = {name: group.takes[queue].stands_in_for for name, group in found.items()}
        if not first or any(above is None or above in found for above in first.values()):
            continue
        name, above = next(iter(first.items()))
        yield case.problem(
            ("groups", name, "takes", queue, "stands_in_for"),
            f"`{queue}` is taken by backups alone: while `{above}` is on duty, which does not take it, nobody does",
            f"Add {queue} to `takes` of {above}, or leave stands_in_for out.",
        )
