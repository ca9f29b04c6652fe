"""Named agents: each once, each with a shift, and nobody in two places."""

from __future__ import annotations

from collections.abc import Iterator

from slasim.errors import Problem, did_you_mean
from slasim.scenario.checks.case import Case
from slasim.scenario.checks.shifts import overlap
from slasim.scenario.document import Loc
from slasim.scenario.floor_facts import takers

__all__ = [
    "nobody_is_in_two_places",
    "owners_have_names",
    "people_are_named_once",
    "settings_of_people_need_shifts",
]


def people_are_named_once(case: Case) -> Iterator[Problem]:
    """Everybody of `people` stands there once and works some shift; shifts name nobody else."""
    home: dict[str, str] = {}
    for name, group in case.centre.groups.items():
        here = [person.name for person in group.people]
        on_shift = {one for shift in group.shifts or () for one in shift.people}
        for place, one in enumerate(here):
            loc: Loc = ("groups", name, "people", place)
            if one in here[:place]:
                yield case.problem(loc, f"`{one}` is named twice", "Name each agent once.")
            elif group.shifts is not None and one not in on_shift and case.whole("groups", name):
                yield case.problem(
                    loc,
                    f"`{one}` works no shift",
                    "Add the name to `people` of a shift, or take it out here.",
                )
        for place, shift in enumerate(group.shifts or ()):
            for number, one in enumerate(shift.people):
                loc = ("groups", name, "shifts", place, "people", number)
                if one in shift.people[:number]:
                    found = f"`{one}` is named twice in shift `{shift.name}`"
                    yield case.problem(loc, found, "Name each agent once.")
                elif here and one not in here:
                    found = f"`{one}` is nobody of `people`"
                    yield case.problem(loc, found, did_you_mean(one, here, what="People"))
        for one in group.named:
            if one in home:
                yield case.problem(
                    ("groups", name),
                    f"`{one}` belongs to two groups: {home[one]} and {name}",
                    "An agent is in one group; let that group take what both take.",
                    key=True,
                )
            else:
                home[one] = name


def nobody_is_in_two_places(case: Case) -> Iterator[Problem]:
    """Who stands in two shifts works one after the other."""
    for name, group in case.centre.groups.items():
        shifts = group.shifts or ()
        for index, shift in enumerate(shifts):
            for other in shifts[:index]:
                both = [one for one in shift.people if one in other.people]
                if both and shift.name != other.name and overlap(shift, other):
                    yield case.problem(
                        ("groups", name, "shifts", index, "people"),
                        f"{', '.join(both)} would be on `{other.name}` and `{shift.name}` at once",
                        "Give them other days, or other hours.",
                    )


def settings_of_people_need_shifts(case: Case) -> Iterator[Problem]:
    """A number of agents has nobody who could be absent, late, or faster than the others."""
    for name, group in case.centre.groups.items():
        if group.staffing is None:
            continue
        for key in ("people", "absence", "late_start"):
            if getattr(group, key):
                yield case.problem(
                    ("groups", name, key),
                    f"`{key}` is of agents with shifts, and this group is staffed by number",
                    "Write `shifts`, or use `attendance` for the share that turns up.",
                    key=True,
                )


def owners_have_names(case: Case) -> Iterator[Problem]:
    """A ticket can go back to its owner only where agents have shifts: a number of agents is nobody."""
    for name, queue in case.centre.queues.items():
        if queue.owner is None or not case.whole("groups"):
            continue
        found = takers(case.centre, name)
        if found and all(group.shifts is None for group in found.values()):
            yield case.problem(
                ("queues", name, "owner"),
                f"the owner answers again, and {', '.join(found)} are agents by number, who are nobody",
                "Give a group that takes this queue `shifts`, or leave `owner` out.",
            )
