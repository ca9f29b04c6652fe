"""Groups of a scenario as the rota plans them, with the agents' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slasim.calendars import Calendar
from slasim.inputs.people import Agent, Days
from slasim.inputs.rota import ByNumber, ByShifts, ShiftFacts, by_number, by_shifts

if TYPE_CHECKING:
    from slasim.scenario import Scenario

__all__ = ["agents_of", "group_plan"]


def group_plan(scenario: Scenario, name: str, since: int, until: int) -> ByNumber | ByShifts:
    """A group's staffing or shifts over [since, until) (ms)."""
    record, grid = scenario.groups[name], scenario.grid
    timezone = scenario.zone_of_group(name)
    calendar = scenario.calendar_of_group(name) or Calendar.always(timezone)
    if record.shifts is None:
        return by_number(
            name,
            scenario.staffing_until(name, until) * record.to_phones,
            calendar,
            attendance=record.attendance,
            start_ms=grid.start,
            interval_ms=grid.interval,
            warm=grid.warm,
            until=until,
            timezone=timezone,
        )
    people = record.named
    shifts = [
        ShiftFacts(
            name=shift.name,
            days=shift.days,
            begin=shift.from_,
            length=shift.length,
            breaks=tuple((shift.break_offset(pause), pause.length) for pause in shift.breaks),
            agents=shift.agents,
            to_phones=record.shrinkage.to_phones(shift.counts),
            people=tuple(people.index(person) for person in shift.people),
        )
        for shift in record.shifts
    ]
    late = record.late_start
    return by_shifts(
        name,
        shifts,
        calendar,
        attendance=record.attendance,
        start_ms=grid.start,
        since=since,
        until=until,
        timezone=timezone,
        people=people,
        own=Days(
            absence=record.absence,
            late_chance=0.0 if late is None else late.chance,
            late_by=None if late is None else late.by,
        ),
    )


def agents_of(scenario: Scenario, name: str, plan: ByNumber | ByShifts) -> tuple[Agent, ...]:
    """The named agents of a group, in their order."""
    if isinstance(plan, ByNumber):
        return ()
    record = scenario.groups[name]
    speed = {person.name: person.speed for person in record.people}
    team = record.team or ""
    return tuple(Agent(agent, name, team, speed.get(agent, 1.0)) for agent in plan.names)
