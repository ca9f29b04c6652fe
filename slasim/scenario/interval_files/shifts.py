"""Shifts as average heads on duty by interval, breaks taken out.

Names nobody: which agent works when is the rota's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Floats
from slasim.calendars import Calendar
from slasim.scenario.interval_files.grid import Horizon
from slasim.sets import among

if TYPE_CHECKING:
    from slasim.scenario.schema import Shift

__all__ = ["shift_presence"]


def shift_presence(
    shifts: Sequence[Shift], horizon: Horizon, zone: ZoneInfo, calendar: Calendar | None = None
) -> Floats:
    """(horizon.size,) average heads on duty, breaks taken out, as the shifts count them.

    As in the rota: no shift on a date on which the group's calendar never opens during it.
    """
    changes: dict[int, float] = {}

    def change(at: int, heads: float) -> None:
        changes[at] = changes.get(at, 0.0) + heads

    first = int(clock.local_labels([horizon.first], zone).ordinal[0]) - 1
    last = int(clock.local_labels([horizon.end], zone).ordinal[0])
    days = np.arange(first, last + 1)
    midnights = (days - 719163) * clock.DAY
    for shift in shifts:
        worked = midnights[among((days - 1) % 7, shift.days)]
        begins, _, _ = clock.resolve_local(worked + shift.from_, zone)
        _, ends, _ = clock.resolve_local(worked + shift.from_ + shift.length, zone)
        if calendar is not None:
            next_day, _, _ = clock.resolve_local(worked + clock.DAY, zone)
            upto = np.maximum(np.minimum(ends, next_day), begins)
            held = calendar.elapsed(begins, upto) > 0
            worked, begins, ends = worked[held], begins[held], ends[held]
        spans = [(begins, ends, shift.agents)]
        for pause in shift.breaks:
            at, _, _ = clock.resolve_local(worked + shift.from_ + shift.break_offset(pause), zone)
            spans.append((at, np.minimum(at + pause.length, ends), -shift.agents))
        for since, until, more in spans:
            for comes, goes in zip(since.tolist(), until.tolist(), strict=True):
                change(comes, more)
                change(max(goes, comes), -more)
    if not changes:
        return np.zeros(horizon.size)
    times = np.array(sorted(changes), dtype=np.int64)
    heads = np.cumsum([changes[int(ms)] for ms in times])
    worked_ms = np.concatenate([[0.0], np.cumsum(heads[:-1] * np.diff(times))])
    by_edge = np.interp(horizon.edges.astype(float), times.astype(float), worked_ms)
    return np.asarray(np.maximum(np.diff(by_edge) / horizon.interval, 0.0))
