"""From a Scenario to Draws: everything that chance decides, settled before an engine starts.

``prepare(scenario)`` does once what no replication changes; ``plan.sample(seed, replication)`` is fast and may
be called from any number of threads. Each decision has a stream of its own, so adding a queue or a group changes
nobody else's draws, and two scenarios compared at one seed meet the same callers:

    arrivals/<queue>  work/<queue>  patience/<queue>  hangs_up/<queue>
    rota/<group>      rota/<group>/<shift>            attendance/<group>
    volume/bias  volume/day  volume/interval  aht/bias  aht/day    (each also with /<queue>)
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim import clock
from slasim.calendars import Calendar
from slasim.draw import NEVER, Draw
from slasim.inputs.arrivals import Ints, Pieces, pieces_of
from slasim.inputs.closings import closed_spans, when_nobody_is_left
from slasim.inputs.contacts import Handling, Waiting
from slasim.inputs.doubt import Doubt
from slasim.inputs.rota import (
    ByNumber,
    ByShifts,
    Duty,
    ShiftFacts,
    Stints,
    by_number,
    by_shifts,
    duty_by_number,
)
from slasim.routing.policies import GroupFacts, QueueFacts, TakeFacts, fill
from slasim.routing.table import RoutingTable
from slasim.streams import generator

if TYPE_CHECKING:
    from slasim.scenario import Scenario

__all__ = ["Plan", "prepare", "sample"]


@dataclass(frozen=True, eq=False)
class QueuePlan:
    """What is known of a queue before chance decides. K pieces, C closed spans."""

    name: str
    pieces: Pieces
    day: Ints  # (K,) local day of each piece, from the first simulated one
    handling: Handling
    waiting: Waiting
    doubt: Doubt
    close: Ints  # (C,) closings of its calendar
    reopen: Ints  # (C,) the openings that follow
    disconnect: bool
    takers: tuple[int, ...]  # the groups that may take it


@dataclass(frozen=True, eq=False)
class Rota:
    """Who is on duty in one replication, as a Draw holds it, and per group for the closings."""

    columns: dict[str, Any]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """A scenario made ready: ``sample`` draws one replication after another."""

    queues: tuple[QueuePlan, ...]
    groups: tuple[ByNumber | ByShifts, ...]
    table: RoutingTable
    lines: Ints
    queue_limit: Ints
    stop: Ints
    doubt: Doubt
    until: int
    settled: tuple[Rota, Ints, Ints] | None
    """Rota and closings, where neither decimals nor doubt leave them to chance."""

    def sample(self, seed: int, replication: int) -> Draw:
        """Replication number ``replication`` (0, 1, ...) of the study with that seed."""
        found = [self._arrivals(queue, seed, replication) for queue in self.queues]
        first = np.zeros(len(found) + 1, np.int64)
        np.cumsum([times.size for times, _ in found], out=first[1:])
        n = int(first[-1])
        arrival = np.concatenate([times for times, _ in found])
        work, wrap = np.empty(n, np.int64), np.zeros(n, np.int64)
        patience, leaves_as = np.empty(n, np.int64), np.empty(n, np.int8)
        for q, (queue, (_, counts)) in enumerate(zip(self.queues, found, strict=True)):
            mine = slice(int(first[q]), int(first[q + 1]))
            name = queue.name
            factor = queue.doubt.aht(seed, replication, name, queue.day)
            rng = generator(seed, replication, f"work/{name}")
            queue.handling.draw(rng, counts, work[mine], wrap[mine], factor)
            waiting = queue.waiting
            waiting.draw(
                generator(seed, replication, f"patience/{name}") if waiting.patience else None,
                generator(seed, replication, f"hangs_up/{name}") if waiting.hangs_up > 0 else None,
                counts,
                patience[mine],
                leaves_as[mine],
            )
        rota, closing_at, closing_queue = self.settled or self._rota(seed, replication)
        return Draw(
            table=self.table,
            first=first,
            arrival=arrival,
            work=work,
            wrap=wrap,
            patience=patience,
            leaves_as=leaves_as,
            lines=self.lines,
            queue_limit=self.queue_limit,
            closing_at=closing_at,
            closing_queue=closing_queue,
            stop=self.stop,
            **rota.columns,
        )

    def _arrivals(self, queue: QueuePlan, seed: int, replication: int) -> tuple[Ints, Ints]:
        pieces = queue.pieces
        factor = queue.doubt.volume(seed, replication, queue.name, queue.day, pieces.source)
        return pieces.draw(generator(seed, replication, f"arrivals/{queue.name}"), factor)

    def _rota(self, seed: int, replication: int) -> tuple[Rota, Ints, Ints]:
        drawn = [group.draw(seed, replication, self.doubt) for group in self.groups]
        rota = _rota(self.groups, drawn, self.until)
        return rota, *_closings(self.queues, rota.duties, self.stop)


# ------------------------------------------------------------------ one replication's rota


def _rota(
    groups: Sequence[ByNumber | ByShifts],
    drawn: Sequence[tuple[Ints, Ints] | Stints],
    until: int,
) -> Rota:
    """Put the groups' changes and stints together in the order a Draw wants."""
    duties: list[Duty] = []
    changes: list[tuple[Ints, ...]] = []
    stints: list[tuple[Ints, ...]] = []
    breaks: list[tuple[Ints, ...]] = []
    agents: list[Ints] = []
    known = count = 0
    for g, (group, found) in enumerate(zip(groups, drawn, strict=True)):
        if isinstance(found, Stints):
            assert isinstance(group, ByShifts)
            stints.append((known + found.agent, found.begin, found.end))
            of_stint = np.repeat(np.arange(found.agent.size), np.diff(found.break_first))
            breaks.append((count + of_stint, found.break_at, found.break_length))
            agents.append(np.full(group.agents, g, np.int64))
            duties.append(Duty(found.begin, found.end))
            known += group.agents
            count += found.agent.size
        else:
            at, number = found
            changes.append((at, np.full(at.size, g, np.int64), number))
            duties.append(duty_by_number(at, number, until))
    staff_at, staff_group, staff_number = _together(changes)
    stint_agent, stint_from, stint_to = _together(stints)
    of_stint, break_at, break_length = _together(breaks)
    by_time = np.argsort(staff_at, kind="stable")
    order = np.lexsort((stint_agent, stint_from))
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    of_stint = place[of_stint]
    by_stint = np.argsort(of_stint, kind="stable")
    return Rota(
        columns={
            "by_number": np.array([isinstance(group, ByNumber) for group in groups], np.int8),
            "staff_at": staff_at[by_time],
            "staff_group": staff_group[by_time],
            "staff_number": staff_number[by_time],
            "agent_group": np.concatenate(agents) if agents else np.zeros(0, np.int64),
            "stint_agent": stint_agent[order],
            "stint_from": stint_from[order],
            "stint_to": stint_to[order],
            "break_first": np.searchsorted(of_stint[by_stint], np.arange(order.size + 1)),
            "break_at": break_at[by_stint],
            "break_length": break_length[by_stint],
        },
        duties=tuple(duties),
    )


def _together(parts: list[tuple[Ints, ...]]) -> tuple[Ints, Ints, Ints]:
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    a, b, c = zip(*parts, strict=True)
    return np.concatenate(a), np.concatenate(b), np.concatenate(c)


def _closings(queues: Sequence[QueuePlan], duties: Sequence[Duty], stop: Ints) -> tuple[Ints, Ints]:
    """Closing instants of all queues in order of time, and their queues."""
    at: list[Ints] = [np.zeros(0, np.int64)]
    which: list[Ints] = [np.zeros(0, np.int64)]
    for q, queue in enumerate(queues):
        if queue.close.size == 0:
            continue
        found = queue.close
        if not queue.disconnect:
            takers = [duties[g] for g in queue.takers]
            found = when_nobody_is_left(queue.close, queue.reopen, takers)
        found = found[found < stop[q]]
        at.append(found)
        which.append(np.full(found.size, q, np.int64))
    closing_at, closing_queue = np.concatenate(at), np.concatenate(which)
    order = np.lexsort((closing_queue, closing_at))
    return closing_at[order], closing_queue[order]


# ------------------------------------------------------------------ preparing


def prepare(scenario: Scenario) -> Plan:
    """Do once what no replication of the scenario changes.

    Raises InputError or ValueError where the scenario's data or routing settings are wrong.
    """
    table = _table(scenario)
    doubt = _doubt(scenario)
    grid = scenario.grid
    since = grid.first - grid.start
    stop = np.array([_stop(scenario, queue) for queue in scenario.queues], np.int64)
    until = int(stop.max())
    queues = tuple(
        _queue_plan(scenario, q, name, table, doubt, since, int(stop[q]))
        for q, name in enumerate(scenario.queues)
    )
    groups = tuple(_group_plan(scenario, name, since, until) for name in scenario.groups)
    settled = None
    if not doubt.of_attendance and all(group.settled is not None for group in groups):
        rota = _rota(groups, [group.draw(0, 0, doubt) for group in groups], until)
        settled = (rota, *_closings(queues, rota.duties, stop))
    records = scenario.queues.values()
    return Plan(
        queues=queues,
        groups=groups,
        table=table,
        lines=_limits([record.lines for record in records]),
        queue_limit=_limits([record.queue_limit for record in records]),
        stop=stop,
        doubt=doubt,
        until=until,
        settled=settled,
    )


def _limits(given: list[int | None]) -> Ints:
    return np.array([NEVER if limit is None else limit for limit in given], np.int64)


def _stop(scenario: Scenario, queue: str) -> int:
    drain = getattr(scenario.drain_at_most, scenario.queues[queue].channel)
    return int(scenario.horizon + drain)


def _table(scenario: Scenario) -> RoutingTable:
    queues = [
        QueueFacts(name, queue.priority, queue.head_start, tuple(queue.prefers))
        for name, queue in scenario.queues.items()
    ]
    groups = [
        GroupFacts(
            name,
            {q: TakeFacts(take.rank, take.after, take.reserve) for q, take in group.takes.items()},
            group.speed,
        )
        for name, group in scenario.groups.items()
    ]
    return fill(scenario.routing.policy, queues, groups, scenario.routing.settings)


def _queue_plan(
    scenario: Scenario,
    q: int,
    name: str,
    table: RoutingTable,
    doubt: Doubt,
    since: int,
    stop: int,
) -> QueuePlan:
    record, grid = scenario.queues[name], scenario.grid
    forecast = scenario.expected(name, warm_up=True)
    calendar = scenario.calendar_of(name)
    opens, closes = _windows(calendar, grid.start, since, scenario.horizon)
    pieces = pieces_of(forecast.volume, opens, closes, interval_ms=grid.interval, warm=grid.warm)
    day = grid.local.ordinal[pieces.source] - int(grid.local.ordinal[0])
    patience = scenario.patience_of(name)
    mean = np.full(pieces.source.size, 0.0 if patience is None else patience.mean)
    if forecast.patience_scale is not None:
        mean *= forecast.patience_scale[pieces.source]
    close = reopen = np.zeros(0, np.int64)
    if not calendar.always_open:
        # The opening after the last closing may lie beyond the end: look a little further.
        beyond = stop + 8 * clock.DAY
        opens, closes = _windows(calendar, grid.start, since, beyond)
        close, reopen = closed_spans(opens, closes, since, beyond)
        close, reopen = close[close < stop], np.minimum(reopen[close < stop], stop)
    return QueuePlan(
        name=name,
        pieces=pieces,
        day=day,
        handling=Handling(record.handling, forecast.aht_ms[pieces.source], float(record.acw)),
        waiting=Waiting(patience, mean, record.hangs_up_at_once, record.voicemail_after),
        doubt=doubt,
        close=close,
        reopen=reopen,
        disconnect=record.at_close == "disconnect",
        takers=tuple(int(g) for g in np.flatnonzero(table.opens[q] < NEVER)),
    )


def _group_plan(scenario: Scenario, name: str, since: int, until: int) -> ByNumber | ByShifts:
    record, grid = scenario.groups[name], scenario.grid
    timezone = scenario.zone_of_group(name)
    calendar = scenario.calendar_of_group(name) or Calendar.always(timezone)
    if record.shifts is None:
        return by_number(
            name,
            scenario.staffing(name, warm_up=True) * record.to_phones,
            calendar,
            attendance=record.attendance,
            start_ms=grid.start,
            interval_ms=grid.interval,
            warm=grid.warm,
            until=until,
            timezone=timezone,
        )
    shifts = [
        ShiftFacts(
            name=shift.name,
            days=shift.days,
            begin=shift.from_,
            length=shift.length,
            breaks=tuple((shift.break_offset(pause), pause.length) for pause in shift.breaks),
            agents=shift.agents,
            to_phones=record.shrinkage.to_phones(shift.counts),
        )
        for shift in record.shifts
    ]
    return by_shifts(
        name,
        shifts,
        calendar,
        attendance=record.attendance,
        start_ms=grid.start,
        since=since,
        until=until,
        timezone=timezone,
    )


def _windows(calendar: Calendar, start_ms: int, since: int, until: int) -> tuple[Ints, Ints]:
    """Openings and closings in ms since the start; a window that reaches beyond is not cut."""
    opens, closes = calendar.windows(start_ms + since, start_ms + until, clip=False)
    return opens - start_ms, closes - start_ms


def _doubt(scenario: Scenario) -> Doubt:
    """The doubt that the scenario states or has measured; none where it states none."""
    demand = scenario.demand
    if demand is None:
        return Doubt()
    volume, aht, attendance = demand.volume, demand.aht, demand.attendance
    return Doubt(
        volume_day_cv=volume.day_cv if volume else 0.0,
        volume_interval_cv=volume.interval_cv if volume else 0.0,
        volume_bias_sd=volume.bias_sd if volume else 0.0,
        aht_day_cv=aht.day_cv if aht else 0.0,
        aht_bias_sd=aht.bias_sd if aht else 0.0,
        attendance_day_sd=attendance.day_sd if attendance else 0.0,
        correlation=1.0 if demand.correlation is None else demand.correlation,
    )


_last: tuple[weakref.ref[Scenario], Plan] | None = None


def sample(scenario: Scenario, seed: int, replication: int) -> Draw:
    """The Draw of one replication. For many, ``prepare`` once and call the plan's ``sample``."""
    global _last
    kept = _last
    if kept is None or kept[0]() is not scenario:
        kept = (weakref.ref(scenario), prepare(scenario))
        _last = kept
    return kept[1].sample(seed, replication)
