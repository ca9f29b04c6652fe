"""Shifts beside each other: one name is one team, breaks lie inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from slasim import clock
from slasim.errors import Problem
from slasim.scenario.checks.case import Case

if TYPE_CHECKING:
    from slasim.scenario.schema import Shift

__all__ = ["breaks_lie_inside", "overlap", "shifts_do_not_meet_themselves", "shifts_do_not_overlap"]


def shifts_do_not_overlap(case: Case) -> Iterator[Problem]:
    """The same name stands for the same agents: they cannot be on two shifts at once."""
    for name, group in case.centre.groups.items():
        for index, shift in enumerate(group.shifts or ()):
            for other in (group.shifts or ())[:index]:
                if shift.name == other.name and overlap(shift, other):
                    yield case.problem(
                        ("groups", name, "shifts", index),
                        f"shift `{shift.name}` overlaps itself: {_hours(other)} and {_hours(shift)}",
                        "One name is one team of agents; give the second team another name.",
                    )


def overlap(one: Shift, other: Shift) -> bool:
    """Whether two shifts of one week have any moment in common."""
    week = 7 * clock.DAY
    for day in one.days:
        for also in other.days:
            begin = day * clock.DAY + one.from_
            begins = also * clock.DAY + other.from_
            for turn in (-week, 0, week):
                if begin < begins + turn + other.length and begins + turn < begin + one.length:
                    return True
    return False


def _hours(shift: Shift) -> str:
    return f"{clock.format_time_of_day(shift.from_)}-{clock.format_time_of_day(shift.to)}"


def shifts_do_not_meet_themselves(case: Case) -> Iterator[Problem]:
    for name, group in case.centre.groups.items():
        counted = {shift.counts for shift in group.shifts or ()}
        if len(counted) > 1:
            yield case.problem(
                ("groups", name, "shifts"),
                f"the shifts count different things: {', '.join(sorted(counted))}",
                "Let all shifts of a group count the same.",
            )
        for index, shift in enumerate(group.shifts or ()):
            if shift.from_ == shift.to:
                yield case.problem(
                    ("groups", name, "shifts", index),
                    f"shift `{shift.name}` begins and ends at {clock.format_time_of_day(shift.to)}",
                    "A shift is shorter than a day; write two.",
                )


def breaks_lie_inside(case: Case) -> Iterator[Problem]:
    for name, group in case.centre.groups.items():
        for index, shift in enumerate(group.shifts or ()):
            spans = sorted(
                (shift.break_offset(pause), place) for place, pause in enumerate(shift.breaks)
            )
            free_from = 0
            for offset, place in spans:
                pause = shift.breaks[place]
                at = clock.format_time_of_day(pause.at)
                loc = ("groups", name, "shifts", index, "breaks", place)
                if not pause.length:
                    yield case.problem(loc, f"the break at {at} has no length", "")
                if offset + pause.length > shift.length:
                    found = f"the break at {at} lies outside its shift {_hours(shift)}"
                    yield case.problem(loc, found, "Move it inside.")
                elif offset < free_from:
                    found = f"the break at {at} begins inside the break before it"
                    yield case.problem(loc, found, "Move one of them.")
                free_from = max(free_from, offset + pause.length)
