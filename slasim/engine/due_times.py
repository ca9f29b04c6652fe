"""When the clocks of a touch fall due in the readable engine, and when the steps of its plan are due.

All is settled when a touch arrives, from what became of the touch that released it. Business time is ``elapsed``'s,
which due instant counts is ``rules``'. This file knows no queue and no agent.
"""

from __future__ import annotations

from dataclasses import dataclass

from slasim import elapsed
from slasim.engine import rules
from slasim.floor import NONE, REPLY_CLOCK, SOLVE_CLOCK, Floor
from slasim.routing.table import NEVER


@dataclass(frozen=True)
class DueTimes:
    """Of a touch that has arrived: when each clock falls due (NEVER), and business ms the solve clock had counted."""

    reply: int
    solve: int
    counted: int

    @property
    def first(self) -> int:
        """What an order by due time goes by."""
        return min(self.reply, self.solve)


@dataclass(frozen=True)
class Before:
    """The touch that released this one: its arrival, when it was done with (``lost``: never answered), its clocks."""

    arrived: int
    released: int
    lost: bool
    due: DueTimes


def due_times(floor: Floor, i: int, arrived: int, before: Before | None) -> DueTimes:
    """The clocks of touch ``i`` as it arrives; ``before`` is None for a first touch."""
    windows = floor.window_first, floor.window_open, floor.window_close, floor.window_before
    own = elapsed.due(arrived, int(floor.reply_target[i]), int(floor.reply_calendar[i]), *windows)
    solve_target, k = int(floor.solve_target[i]), int(floor.solve_calendar[i])
    if before is None:
        solve = rules.solve_due_of(solve_target, 0, arrived, NEVER, k, *windows)
        return DueTimes(own, solve, 0)
    counted = before.due.counted
    if solve_target < NEVER:
        counted = rules.counted_by(
            counted,
            elapsed.position(before.arrived, k, *windows),
            elapsed.position(before.released, k, *windows),
            elapsed.position(arrived, k, *windows),
            before.lost,
            int(floor.solve_pauses[i]),
        )
    return DueTimes(
        rules.reply_due_of(own, before.due.reply, int(floor.purpose[i])),
        rules.solve_due_of(solve_target, counted, arrived, before.due.solve, k, *windows),
        counted,
    )


def steps_due(floor: Floor, i: int, arrived: int, due: DueTimes) -> list[tuple[int, int]]:
    """(instant, step) of the plan of touch ``i``, in the order of the steps; none before its arrival."""
    plan = int(floor.plan[i])
    if plan == NONE:
        return []
    windows = floor.window_first, floor.window_open, floor.window_close, floor.window_before
    coming = []
    for step in range(int(floor.plan_first[plan]), int(floor.plan_first[plan + 1])):
        clock = int(floor.step_clock[step])
        counted_from = {REPLY_CLOCK: due.reply, SOLVE_CLOCK: due.solve}.get(clock, arrived)
        calendar = floor.solve_calendar if clock == SOLVE_CLOCK else floor.reply_calendar
        when = elapsed.due_after(
            counted_from, int(floor.step_offset[step]), int(floor.step_business[step]),
            int(calendar[i]), *windows,
        )  # fmt: skip
        if when < NEVER:
            coming.append((max(int(when), arrived), step))
    return coming
