"""One centre with its numbers by interval: instants, calendars, expected volumes, staffing.

What follows from the record of the file (`schema/`) and its data files. What is worked out once
is kept. Nothing here is random, and nothing is judged.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.calendars import Calendar
from slasim.scenario import interval_files
from slasim.scenario.interval_files import Horizon, QueueForecast
from slasim.scenario.schema import Metric, ScenarioRecord
from slasim.scenario.ticket_promises import policy_of

if TYPE_CHECKING:
    from slasim.scenario.schema import ClockMetric
    from slasim.sla.policy import Policy

__all__ = ["Centre"]


class Centre(ScenarioRecord):
    """What a planner wrote, and what it comes to interval by interval."""

    # -------------------------------------------------------------- time

    @cached_property
    def start_ms(self) -> int:
        """Epoch ms of the start."""
        return clock.to_epoch_ms(self.start, clock.zone(self.timezone))

    @cached_property
    def end_ms(self) -> int:
        """Epoch ms of the end, not included."""
        return clock.to_epoch_ms(self.end, clock.zone(self.timezone))

    @property
    def horizon(self) -> int:
        """ms from start to end."""
        return self.end_ms - self.start_ms

    @property
    def intervals(self) -> int:
        """I, the number of counted intervals."""
        return self.horizon // self.interval

    @cached_property
    def grid(self) -> Horizon:
        """The intervals, with those of the warm-up before them."""
        warm = self.warm_up // self.interval
        zone = clock.zone(self.timezone)
        return Horizon(self.start_ms, self.interval, self.intervals, warm, zone)

    # -------------------------------------------------------------- names and places

    @property
    def queue_names(self) -> list[str]:
        return list(self.queues)

    @property
    def group_names(self) -> list[str]:
        return list(self.groups)

    @property
    def file(self) -> str:
        """The file it was read from, or nothing."""
        return self._document.file

    @property
    def folder(self) -> Path | None:
        """Where its data files are."""
        return self._folder

    # -------------------------------------------------------------- tickets

    @cached_property
    def policy(self) -> Policy | None:
        """What is promised of tickets: clocks, levels, rules, reminders, escalations; None when nothing is.

        Its calendars are the scenario's. Raises InputError, as `check` tells before.
        """
        return policy_of(self._document.value, self.calendars, self.timezone)

    @property
    def ticket_metrics(self) -> dict[str, ClockMetric]:
        """The ticket clocks among `metrics`, by name."""
        return {name: one for name, one in self.metrics.items() if not isinstance(one, Metric)}

    def queues_of_clock(self, metric: str) -> tuple[str, ...]:
        """The queues over which a ticket clock runs: those it names, known or not, or all of its own channel."""
        from slasim.sla.ticket_clock import runs_over

        setting = self.ticket_metrics[metric]
        return tuple(setting.queues or ()) or tuple(
            name
            for name, queue in self.queues.items()
            if runs_over(
                setting.metric, (), name, replies=queue.kind.replies, shares=queue.kind.shares
            )
        )

    # -------------------------------------------------------------- numbers by interval

    def calendar_of(self, queue: str) -> Calendar:
        """When a queue is open; always, when it names no calendar."""
        name = self.queues[queue].calendar
        return Calendar.always(self.timezone) if name is None else self.calendars[name]

    def calendar_of_arrivals(self, queue: str) -> Calendar:
        """When contacts of a queue may come: while it is open, or always where a file tells when they wait for it."""
        record = self.queues[queue]
        from_file = record.arrivals is not None and record.arrivals.file is not None
        if from_file and record.kind.waits_through_closing:
            return Calendar.always(self.timezone)
        return self.calendar_of(queue)

    def calendar_of_group(self, group: str) -> Calendar | None:
        """When a group can be on duty; None = whenever its staffing says so."""
        name = self.groups[group].calendar
        return None if name is None else self.calendars[name]

    def zone_of_group(self, group: str) -> str:
        """The time zone in which a group's shifts and grid are written."""
        return self.groups[group].timezone or self.timezone

    def expected(self, queue: str, *, warm_up: bool = False) -> QueueForecast:
        """What is expected of a queue: arrays of I intervals, or of W + I with the warm-up's W first.

        Raises InputError when the data file has changed and is wrong now.
        """
        known: dict[str, QueueForecast] = self._kept("expected")
        if queue not in known:
            known[queue] = interval_files.expected(
                queue, self.queues[queue], self.calendar_of_arrivals(queue), self.grid, self._folder
            )
        whole = known[queue]
        return whole if warm_up else whole.part(self.grid.warm, self.grid.size)

    def patience_of(self, queue: str) -> Any:
        """The queue's patience: a Distribution, or None when nobody abandons.

        Where only the forecast file has patience_s: exponential with that mean.
        """
        given = self.queues[queue].patience
        mean = self.expected(queue).patience_mean
        if given is not None or mean is None:
            return given
        from slasim import distributions

        return distributions.parse({"exponential": {}}, mean=mean)

    def staffing(self, group: str, *, warm_up: bool = False) -> Floats:
        """float64 (I,): agents as the planner counts them (shifts: average heads less breaks)."""
        known: dict[str, Floats] = self._kept("staffing")
        if group not in known:
            known[group] = interval_files.staffing(
                group,
                self.groups[group],
                self.grid,
                self._folder,
                calendar=self.calendar_of_group(group),
                needed=lambda: self._open_for(group),
            )
        whole = known[group]
        return whole if warm_up else whole[self.grid.warm :]

    def staffing_until(self, group: str, until: int) -> Floats:
        """float64 (W + I + n,): staffing with its warm-up, and up to ``until`` (ms) where it has a pattern: a grid.

        Elsewhere n is 0. Shifts have instants of their own, and no numbers after the end.
        """
        rule, grid = self.groups[group].staffing, self.grid
        more = -(-(until - self.horizon) // self.interval)
        if rule is None or rule.grid is None or more <= 0:
            return self.staffing(group, warm_up=True)
        return interval_files.staffing(
            group,
            self.groups[group],
            replace(grid, intervals=grid.intervals + more),
            self._folder,
            calendar=self.calendar_of_group(group),
            needed=lambda: self._open_for(group),
        )

    def on_phones(self, group: str, *, warm_up: bool = False) -> Floats:
        """float64 (I,): agents on the phones on average, after shrinkage and attendance."""
        record = self.groups[group]
        return self.staffing(group, warm_up=warm_up) * record.to_phones * record.attendance

    def _open_for(self, group: str) -> Ints:
        """ms of each interval in which any queue of the group is open."""
        opened = np.zeros(self.grid.size, dtype=np.int64)
        for queue in self.groups[group].takes:
            if queue in self.queues:
                opened = np.maximum(opened, self.grid.open_ms(self.calendar_of(queue)))
        return opened

    def _kept(self, what: str) -> dict[str, Any]:
        kept: dict[str, dict[str, Any]] = self.__dict__.setdefault("_kept_numbers", {})
        return kept.setdefault(what, {})
