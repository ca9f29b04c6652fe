"""The Clocks table: one row for every cycle of every clock of every ticket, ordered by ticket, metric, cycle.

`run_clocks` is the one implementation for exports and simulated logs: it looks up targets and calendars for all events
at once, lets the compiled loop (`clocking.py`) follow the tickets, and turns positions on business time back into
instants. Reports are `compliance.py`, warnings `reminders.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim import clock as time
from slasim.arrays import Bools, Ints, NDArray
from slasim.calendars import Calendar, NeverOpens
from slasim.elapsed import UNDEFINED
from slasim.errors import InputError, Problem
from slasim.sla.events import Column, EventTable
from slasim.sla.levels import promised
from slasim.sla.policy import Policy
from slasim.sla.rules import levels_of, moments
from slasim.sla.targets import Target, goals
from slasim.sla.ticket_clock import (
    BEGINS,
    BREACH_MEMORY,
    CYCLES,
    NO_STATUS,
    ON_REOPEN,
    ON_TARGET_CHANGE,
    SOLVED,
    STARTS,
    WHEN_SOLVED,
    TicketClock,
    meaning,
)
from slasim.sla.versions import version_of
from slasim.turns import beside_others

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STANDINGS", "STATES", "Clocks", "Stretches", "run_clocks"]


STATES = ("met", "breached", "open", "cancelled", "not_applicable")
MET, BREACHED, OPEN, CANCELLED, NOT_APPLICABLE = range(5)
STANDINGS = ("stopped", "running", "paused", "outside_hours")
STANDS_STOPPED, STANDS_RUNNING, STANDS_PAUSED, STANDS_OUTSIDE = range(4)

_FAR = int(np.datetime64("2190-01-01", "ms").astype(np.int64))
_MOST_NAMED = 20


@dataclass(frozen=True, eq=False)
class Stretches:
    """Pieces of cycles in which neither target nor pause changed: P rows, for who asks what was due when.

    clock (P,) row of the Clocks table; generation counts restarts; ``since`` and ``until`` instants; ``position`` and
    ``counted`` business time and count at ``since``; ``due_position`` on business time, ``due_point`` an instant, each
    UNDEFINED where there is none; ``target`` ms, -1 for a point of the calendar; running or paused.
    """

    clock: Ints
    generation: Ints
    since: Ints
    until: Ints
    position: Ints
    counted: Ints
    due_position: Ints
    due_point: Ints
    target: Ints
    running: Bools


@dataclass(frozen=True, eq=False)
class Clocks:
    """K cycles. Instants are epoch ms, ``UNDEFINED`` where there is none; durations are ms.

    ticket       (K,) number of the ticket in ``events``
    metric       (K,) index into ``metrics``
    cycle        (K,) 1, 2 ... within ticket and metric
    clock_start  (K,) the first instant at which it could run: inside opening hours
    due_at       (K,) UNDEFINED while paused, and where there is no due time
    breached_at  (K,) UNDEFINED unless breached
    stop         (K,) UNDEFINED while it has not stopped
    elapsed      (K,) business time counted
    target       (K,) ms; -1 for points of the calendar and where the target has gone
    state        (K,) index into STATES; "open" is not stopped and not late at ``until``
    standing     (K,) index into STANDINGS: what it does at ``until``
    remaining    (K,) business time left to the due time, negative when overdue; UNDEFINED without a due time
    start_event, end_event (K,) rows of ``events``: where it started, the last that it saw
    """

    events: EventTable
    policy: Policy
    until: int
    level: Column
    metrics: tuple[str, ...]
    ticket: Ints
    metric: Ints
    cycle: Ints
    clock_start: Ints
    due_at: Ints
    breached_at: Ints
    stop: Ints
    elapsed: Ints
    target: Ints
    state: NDArray[np.int8]
    standing: NDArray[np.int8]
    remaining: Ints
    start_event: Ints
    end_event: Ints
    stretches: Stretches | None = None

    def __len__(self) -> int:
        return int(self.ticket.size)

    @cached_property
    def unanswered(self) -> Bools:
        """(K,) breached and still not stopped: missed, not merely late."""
        missed: Bools = (self.state == BREACHED) & (self.stop == UNDEFINED)
        return missed

    def attribute(self, name: str) -> list[str | None]:
        """The value of a ticket's attribute at the end of each cycle; ``level`` and ``metric`` too."""
        return self.column(name).tolist()

    def column(self, name: str) -> Column:
        """The same as numbers and words."""
        if name == "level":
            return self.level.taken(self.end_event)
        if name == "metric":
            return Column(self.metric.astype(np.int32), self.metrics)
        return self.events.attribute(name).taken(self.end_event)

    def states_now(self) -> list[str]:
        """State of each cycle as seen at ``until``: an open one is running, paused or outside hours."""
        return [
            STANDINGS[standing] if state == OPEN and standing else STATES[state]
            for state, standing in zip(self.state.tolist(), self.standing.tolist(), strict=True)
        ]

    def only(self, chosen: NDArray[Any]) -> Clocks:
        """The same table with only some rows, by mask or in the order of indices. Stretches are left out."""
        from dataclasses import replace

        columns: dict[str, Any] = {name: getattr(self, name)[chosen] for name in _COLUMNS}
        return replace(self, **columns, stretches=None)

    def to_json(self) -> list[dict[str, object]]:
        """One object per cycle: ISO instants in UTC, seconds, null where undefined."""
        utc = time.zone("UTC")

        def instant(ms: int) -> str | None:
            return None if ms == UNDEFINED else time.format_instant(ms, utc, style="iso")

        return [
            {
                "ticket_id": self.events.ids[ticket],
                "metric": self.metrics[metric],
                "cycle": cycle,
                "clock_start": instant(start),
                "due_at": instant(due),
                "breached_at": instant(breached),
                "stop": instant(stop),
                "elapsed_s": _seconds(elapsed),
                "target_s": None if target < 0 else _seconds(target),
                "state": STATES[state],
                "standing": STANDINGS[standing],
            }
            for ticket, metric, cycle, start, due, breached, stop, elapsed, target, state, standing in zip(
                *(getattr(self, name).tolist() for name in _SHOWN), strict=True
            )
        ]

    def table(self) -> pd.DataFrame:
        """A DataFrame with names, instants in UTC and seconds: one row per cycle."""
        import pandas as pd

        def named(codes: NDArray[Any], names: tuple[str, ...]) -> Any:
            return pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(list(names)))

        def instants(ms: Ints) -> Any:
            known = ms != UNDEFINED
            return pd.to_datetime(np.where(known, ms, 0), unit="ms", utc=True).where(known)

        return pd.DataFrame(
            {
                "ticket_id": [self.events.ids[ticket] for ticket in self.ticket.tolist()],
                "metric": named(self.metric, self.metrics),
                "cycle": self.cycle,
                "clock_start": instants(self.clock_start),
                "due_at": instants(self.due_at),
                "breached_at": instants(self.breached_at),
                "stop": instants(self.stop),
                "elapsed_s": self.elapsed / 1000,
                "target_s": np.where(self.target < 0, np.nan, self.target / 1000),
                "state": named(self.state, STATES),
                "standing": named(self.standing, STANDINGS),
            }
        )


_SHOWN = (
    "ticket", "metric", "cycle", "clock_start", "due_at", "breached_at", "stop", "elapsed", "target", "state",
    "standing",
)  # fmt: skip
_COLUMNS = (*_SHOWN, "remaining", "start_event", "end_event")


def _seconds(ms: int) -> int | float:
    return ms // 1000 if ms % 1000 == 0 else ms / 1000


def run_clocks(
    events: EventTable, policy: Policy, *, until: int | None = None, stretches: bool = False
) -> Clocks:
    """Every clock of a policy, followed through an event table up to ``until`` (epoch ms; default: the last event).

    What happens after ``until`` is not seen. ``stretches=True`` keeps what reminders need. Raises InputError for
    unknown attributes and levels, and for targets that can never be met because the calendar does not open again.
    """
    if until is None:
        until = events.last_at
    else:
        events = events.until(until)
    versions = policy.in_force
    mine = [version_of(events, versions) == number for number in range(len(versions))]
    for version, tickets in zip(versions, mine, strict=True):
        events = moments(events, version.policy.rules, tickets)
    level = _levels(events, policy, mine)
    positions: dict[Calendar, _Positions] = {}
    parts = []
    problems: list[Problem] = []
    numbers = {name: number for number, name in enumerate(policy.metrics)}
    for version, tickets in zip(versions, mine, strict=True):
        for name, setting in version.policy.metrics.items():
            calendar = version.policy.calendar_of(name)
            if calendar not in positions:
                positions[calendar] = _Positions.of(calendar, events.at, until)
            said = promised(version.policy.levels, name)
            part = _one_clock(
                events, level, tickets, numbers[name], name, setting, said, positions[calendar],
                until, stretches,
            )  # fmt: skip
            problems += part.problems
            parts.append(part)
    if problems:
        raise InputError(problems)
    return _joined(events, policy, until, level, parts, stretches)


def _levels(events: EventTable, policy: Policy, mine: list[Bools]) -> Column:
    """(E,) the level of each ticket after each event, by the rules of the version it is judged by."""
    names = [one.name for one in policy.levels]
    codes = np.full(len(events), -1, np.int32)
    for version, tickets in zip(policy.in_force, mine, strict=True):
        found = levels_of(events, version.policy.rules, names, where=policy.zone)
        codes = np.where(tickets[events.ticket], found.codes, codes)
    return Column(codes.astype(np.int32), tuple(dict.fromkeys(names)))


@dataclass(frozen=True, eq=False)
class _Positions:
    """Where events lie on one calendar's business time."""

    calendar: Calendar
    at: Ints
    first: Bools
    horizon: tuple[int, int, int]
    open_at_horizon: bool

    @classmethod
    def of(cls, calendar: Calendar, at: Ints, until: int) -> _Positions:
        here, before = calendar.business_time(at), calendar.business_time(at - 1)
        end, just_before = (int(b) for b in calendar.business_time(np.array([until, until - 1])))
        return cls(
            calendar, here, here > before, (until, end, int(end > just_before)), bool(calendar.is_open(until)),
        )  # fmt: skip

    def instants(self, positions: Ints) -> tuple[Ints, Bools]:
        """The earliest instant of each position, UNDEFINED where there is none; and which can never come."""
        known = positions != UNDEFINED
        never = np.zeros(positions.shape, bool)
        found = np.full(positions.shape, UNDEFINED, np.int64)
        try:
            found[known] = self.calendar.inverse(positions[known])
        except NeverOpens:
            never = known & (positions > int(self.calendar.business_time(_FAR)))
            found[known & ~never] = self.calendar.inverse(positions[known & ~never])
        return found, never


@dataclass(frozen=True, eq=False)
class _Part:
    """One metric's rows, and what was wrong."""

    columns: Mapping[str, Any]
    stretches: Stretches | None
    problems: list[Problem]


def _one_clock(
    events: EventTable,
    level: Column,
    tickets: Bools,
    number: int,
    name: str,
    setting: TicketClock,
    levels: Mapping[str, Target],
    positions: _Positions,
    until: int,
    keep: bool,
) -> _Part:
    from slasim.sla import clocking as c

    row = setting.row
    goal = goals(events, level, target=setting.target, target_by=setting.target_by, levels=levels)
    goal_ms = np.array([t if isinstance(t, int) else -1 for t in goal.targets] or [-1], np.int64)
    by_point = [t for t in goal.targets if not isinstance(t, int)]
    goal_point = np.array(
        [-1 if isinstance(t, int) else by_point.index(t) for t in goal.targets] or [-1], np.int64
    )
    if not tickets.all():  # the others are judged by another version
        goal.number[~tickets[events.ticket]] = -1
    meant = meaning(setting, events)
    if setting.queues and events.has("queue"):
        queue = events.attribute("queue")
        chosen = np.array([word in setting.queues for word in queue.words] + [False])
        goal.number[~chosen[queue.codes]] = -1
    calendar = positions.calendar
    problems: list[Problem] = []
    points = np.full((len(events) if by_point else 0, len(by_point)), UNDEFINED, np.int64)
    for column, promise in enumerate(by_point):
        try:
            points[:, column] = promise.points(calendar, events.at)
        except NeverOpens as error:
            problems.append(Problem(str(error), path=f"metrics.{name}.target"))
    if problems:
        return _Part({}, None, problems)
    begins = meant.bits & (BEGINS | STARTS) != 0
    if row.cycles == "by_reopen" and setting.on_reopen == "new_cycle":
        begins |= (meant.status != NO_STATUS) & (meant.status != SOLVED)
    capacity = int(begins.sum())
    rows = np.empty((capacity, c.WIDTH), np.int64)
    pieces = np.empty((2 * len(events) + 2 * events.tickets if keep else 0, c.S_WIDTH), np.int64)
    settings = (
        CYCLES.index(row.cycles), WHEN_SOLVED.index(row.when_solved), int(row.after_reply), int(row.while_solved),
        ON_TARGET_CHANGE.index(setting.on_target_change), BREACH_MEMORY.index(setting.breach_memory),
        ON_REOPEN.index(setting.on_reopen),
    )  # fmt: skip
    written, kept = beside_others(
        c.follow, events.starts, events.at, positions.at, positions.first, meant.bits, meant.status, goal.number,
        goal_ms, goal_point, points, settings, positions.horizon, rows, pieces,
    )  # fmt: skip
    rows = np.ascontiguousarray(rows[:written].T).T  # column by column from here on

    due_at, never = positions.instants(rows[:, c.DUE])
    by_point_due = rows[:, c.DUE_POINT] != UNDEFINED
    due_at[by_point_due] = rows[by_point_due, c.DUE_POINT]
    breach_due, _ = positions.instants(
        np.where(rows[:, c.BREACHED] == 1, rows[:, c.BREACH_DUE], UNDEFINED)
    )
    breach_due = np.maximum(breach_due, rows[:, c.BREACH_POINT])
    clock_start, unopened = _next_openings(calendar, rows[:, c.BEGAN])
    problems = _never_met(events, name, rows[never | unopened][:, c.START_EVENT], calendar)

    ended = rows[:, c.ENDED]
    late = rows[:, c.BREACHED] == 1
    gone = (rows[:, c.GOAL] < 0) & ~late
    counts_as = {"met": MET, "missed": BREACHED, "not_applicable": NOT_APPLICABLE}[row.count_as]
    state = np.select(
        [ended == c.CANCELLED, gone, ended == c.CLOSED, late, ended == c.HORIZON],
        [CANCELLED, CANCELLED, counts_as, BREACHED, OPEN],
        MET,
    ).astype(np.int8)
    breached_at = np.where(late, np.maximum(breach_due, rows[:, c.EFFECTIVE]), rows[:, c.STOP])
    stopped = ended != c.HORIZON
    standing = np.where(
        stopped,
        STANDS_STOPPED,
        np.where(
            rows[:, c.RUNNING] == 0,
            STANDS_PAUSED,
            STANDS_RUNNING if positions.open_at_horizon else STANDS_OUTSIDE,
        ),
    )
    target = np.where(rows[:, c.GOAL] < 0, -1, goal_ms[rows[:, c.GOAL]])
    elapsed = rows[:, c.COUNTED]
    remaining = np.where(target >= 0, target - elapsed, UNDEFINED)
    if by_point:
        seen = np.where(stopped, rows[:, c.STOP], until)
        left = calendar.elapsed(seen[by_point_due], due_at[by_point_due])
        remaining[by_point_due] = left
    columns = {
        "ticket": rows[:, c.TICKET],
        "metric": np.full(written, number, np.int64),
        "cycle": rows[:, c.CYCLE],
        "clock_start": clock_start,
        "due_at": due_at,
        "breached_at": np.where(state == BREACHED, breached_at, UNDEFINED),
        "stop": rows[:, c.STOP],
        "elapsed": elapsed,
        "target": target,
        "state": state,
        "standing": standing.astype(np.int8),
        "remaining": remaining,
        "start_event": rows[:, c.START_EVENT],
        "end_event": rows[:, c.END_EVENT],
    }
    stretched = None
    if keep:
        s = pieces[:kept]
        has = s[:, c.S_GOAL] >= 0
        stretched = Stretches(
            s[:, c.S_ROW], s[:, c.S_GENERATION], s[:, c.S_FROM_AT], s[:, c.S_TO_AT], s[:, c.S_FROM],
            s[:, c.S_COUNTED], s[:, c.S_DUE], s[:, c.S_DUE_POINT],
            np.where(has, goal_ms[s[:, c.S_GOAL]], -1), s[:, c.S_RUNNING] == 1,
        )  # fmt: skip
    return _Part(columns, stretched, problems)


def _next_openings(calendar: Calendar, instants: Ints) -> tuple[Ints, Bools]:
    never = np.zeros(instants.shape, bool)
    try:
        return calendar.next_opening(instants), never
    except NeverOpens:
        ever = int(calendar.business_time(_FAR))
        if ever == 0:  # not one window
            return instants, ~never
        never = instants >= int(calendar.inverse(ever))
        found = instants.copy()
        found[~never] = calendar.next_opening(instants[~never])
        return found, never


def _never_met(events: EventTable, name: str, starts: Ints, calendar: Calendar) -> list[Problem]:
    said = [
        Problem(
            f"ticket {events.ids[int(events.ticket[event])]}: the target of {name} can never be met, because "
            f"calendar '{calendar.name}' does not open often enough again",
            "Give the calendar later opening hours, or the metric another calendar.",
            path=f"metrics.{name}.calendar",
            line=int(events.row[event]),
        )
        for event in starts[:_MOST_NAMED].tolist()
    ]
    if starts.size > _MOST_NAMED:
        said.append(
            Problem(f"and {starts.size - _MOST_NAMED:,} more of {name}", path=f"metrics.{name}")
        )
    return said


def _joined(
    events: EventTable,
    policy: Policy,
    until: int,
    level: Column,
    parts: list[_Part],
    keep: bool,
) -> Clocks:
    columns: dict[str, Any] = {
        name: np.concatenate([part.columns[name] for part in parts])
        if parts
        else np.empty(0, np.int64)
        for name in _COLUMNS
    }
    # Each metric's rows come by ticket and cycle, so a stable sort by ticket and metric is all.
    order = np.argsort(columns["ticket"] * len(parts) + columns["metric"], kind="stable")
    stretches = None
    if keep:
        place = np.empty(order.size, np.int64)
        place[order] = np.arange(order.size)
        offset = np.cumsum([0, *(part.columns["ticket"].size for part in parts)])
        kept = [part.stretches for part in parts if part.stretches is not None]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in kept] or [np.empty(0, np.int64)])
            for name in Stretches.__dataclass_fields__
        }
        joined["clock"] = place[
            np.concatenate(
                [one.clock + at for one, at in zip(kept, offset, strict=False)]
                or [np.empty(0, np.int64)]
            )
        ]
        stretches = Stretches(**joined)
    return Clocks(
        events, policy, until, level, tuple(policy.metrics),
        **{name: column[order] for name, column in columns.items()},
        stretches=stretches,
    )  # fmt: skip
