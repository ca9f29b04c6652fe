"""How many agents a group has by interval: numbers, a file, a grid or shifts, levers included.

As the planner counts them: shrinkage and attendance are not applied here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.calendars import Calendar
from slasim.scenario.interval_files.grid import Horizon, stretched
from slasim.scenario.schema import Group

__all__ = ["staffing"]


def staffing(
    name: str,
    group: Group,
    horizon: Horizon,
    folder: Path | None,
    *,
    calendar: Calendar | None,
    needed: Callable[[], Ints],
) -> Floats:
    """(horizon.size,) agents by interval as the planner counts them, levers included.

    0 where the group's own calendar is closed all interval. `needed()` gives the open ms of the queues that the
    group takes: inside them a staffing file may have no gap. A group with shifts: average heads on duty.
    """
    zone = clock.zone(group.timezone) if group.timezone else horizon.zone
    if group.staffing is None:
        from slasim.scenario.interval_files.shifts import shift_presence

        return shift_presence(group.shifts or (), horizon, zone, calendar)
    rule = group.staffing
    if rule.source is not None:
        from slasim.scenario.interval_files.staff_rows import from_file

        agents = from_file(name, rule.source, horizon, folder, needed() > 0)
    elif rule.grid is not None:
        from slasim.scenario.interval_files.staff_rows import from_grid

        agents = from_grid(rule, horizon, folder, zone)
    else:
        assert rule.agents is not None
        agents = stretched(rule.agents, horizon, "staffing")
    if calendar is not None:
        agents = agents * (horizon.open_ms(calendar) > 0)
    levered = agents * rule.times + np.where(agents > 0, rule.plus, 0.0)
    return np.maximum(levered, 0.0)
