"""Who would be warned when: reminders before a clock falls due, escalations, and what is near due or overdue.

A warning fires at the instant its clock reaches it under the target then in force, once per cycle (again after a
restart). It never fires at or after the stop, and not while the clock is paused; one that is already past when the
clock starts, resumes or gets a shorter target fires at once. What a warning changes in a queue is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from slasim import clock as time
from slasim.arrays import Bools, Ints
from slasim.elapsed import UNDEFINED
from slasim.errors import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from slasim.sla.clocks import Clocks
    from slasim.sla.events import EventTable
    from slasim.sla.policy import Policy

__all__ = [
    "Escalation",
    "Move",
    "Point",
    "Reminder",
    "Snapshot",
    "Warnings",
    "snapshot",
    "warnings",
]

CLOCKS = ("business", "calendar")


@dataclass(frozen=True)
class Point:
    """When a warning fires: a share of the target counted, a time counted since the start (``waited``, ms), or an
    offset in ms from the due time (negative: before)."""

    text: str
    offset: int = 0
    share: float | None = None
    waited: int | None = None


@dataclass(frozen=True)
class Move:
    """What a warning changes in a queue: the place in line, the group that takes it; None where it stays."""

    priority: int | None = None
    to_group: str | None = None

    @classmethod
    def of(cls, said: object) -> Move:
        """From an effect or action as a planner wrote it; what is not meant for a queue is passed over."""
        plain = said if isinstance(said, Mapping) else {}
        priority, group = plain.get("priority"), plain.get("to_group")
        whole = isinstance(priority, int) and not isinstance(priority, bool)
        return cls(priority if whole else None, None if group is None else str(group))

    def __bool__(self) -> bool:
        return self != Move()


@dataclass(frozen=True)
class Reminder:
    """Warn ``to`` some time ``before`` a metric falls due, at due, and some time ``after``.

    before, after  ms; clock business (time on the clock) or calendar (real minutes before the due time)
    at_due         warn at the due time too, when the clock has not stopped by then
    to             owner, manager, or any other role, which is passed on as it stands
    effect         what it may change in a queue (`Move`), passed on as it stands
    active         whether it is used at all; ``name`` is how a planner switches it
    """

    metric: str
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    at_due: bool = False
    clock: Literal["business", "calendar"] = "business"
    to: str = "owner"
    effect: object = None
    name: str = ""
    active: bool = True

    @property
    def move(self) -> Move:
        """What it changes in a queue."""
        return Move.of(self.effect)

    @property
    def points(self) -> list[Point]:
        """When it fires."""
        found = [Point(f"{time.format_duration(ms)} before", -ms) for ms in self.before]
        found += [Point("at due")] if self.at_due else []
        return found + [Point(f"{time.format_duration(ms)} after", ms) for ms in self.after]


@dataclass(frozen=True)
class Escalation:
    """Do ``action`` and tell ``to`` when a share of the target is used up, or before, at or after the due time, or
    after a time of waiting. ``active`` and ``name`` as of a reminder."""

    metric: str
    points: tuple[Point, ...] = ()
    clock: Literal["business", "calendar"] = "business"
    to: str = "manager"
    action: Mapping[str, object] = field(default_factory=dict)
    name: str = ""
    active: bool = True

    @property
    def move(self) -> Move:
        """What it changes in a queue."""
        return Move.of(self.action)


def _durations(said: Any) -> tuple[int, ...]:
    many = said if isinstance(said, (list, tuple)) else [said]
    return tuple(time.parse_duration(one) for one in many if one is not None)


def _checked(plain: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [str(key) for key in plain if key not in known]
    if unknown:
        raise ValueError(f"'{unknown[0]}' is unknown. {did_you_mean(unknown[0], known)}")
    if plain.get("clock", "business") not in CLOCKS:
        raise ValueError(
            f"clock '{plain['clock']}' is unknown. {did_you_mean(str(plain['clock']), CLOCKS)}"
        )
    if not plain.get("metric"):
        raise ValueError("It names no metric.")


def read_reminder(plain: Mapping[str, Any]) -> Reminder:
    """A reminder as a planner writes it: ``{metric, before: [60m, 30m], at_due, after, clock, to, effect}``.

    Raises ValueError."""
    _checked(plain, tuple(Reminder.__dataclass_fields__))
    made = Reminder(
        str(plain["metric"]),
        _durations(plain.get("before")),
        _durations(plain.get("after")),
        bool(plain.get("at_due", False)),
        plain.get("clock", "business"),
        str(plain.get("to", "owner")),
        plain.get("effect"),
        str(plain.get("name") or ""),
        bool(plain.get("active", True)),
    )
    if not made.points:
        raise ValueError("It never fires; say before: [60m, 30m], at_due: true or after: 1h.")
    return made


def read_escalation(plain: Mapping[str, Any]) -> Escalation:
    """An escalation as a planner writes it: ``at`` is ``80%``, ``due``, ``{before: 30m}``, ``{after: 2h}`` or
    ``{waited: 2h}``; or ``before: 30m``, ``after: 2h`` stand beside it; ``to``, ``action``.

    Raises ValueError.
    """
    _checked(plain, ("metric", "at", "before", "after", "clock", "to", "action", "name", "active"))
    points = []
    said = plain.get("at")
    for one in said if isinstance(said, (list, tuple)) else [] if said is None else [said]:
        if one == "due":
            points.append(Point("at due"))
            continue
        if isinstance(one, Mapping):
            points.append(_point(one))
            continue
        text = str(one).replace(" ", "").removesuffix("%")
        try:
            share = float(text) / (100 if str(one).strip().endswith("%") else 1)
        except ValueError:
            raise ValueError(
                f"at: '{one}' is neither due nor a share, as 80%, nor {{waited: 2h}}."
            ) from None
        if not 0 <= share <= 100:
            raise ValueError(f"at: '{one}' is no share of the target.")
        points.append(Point(f"{100 * share:g} %", share=share))
    points += [
        Point(f"{time.format_duration(ms)} before", -ms) for ms in _durations(plain.get("before"))
    ]
    points += [
        Point(f"{time.format_duration(ms)} after", ms) for ms in _durations(plain.get("after"))
    ]
    if not points:
        raise ValueError("It never fires; say at: 80%, at: due, before: 30m or after: 2h.")
    return Escalation(
        str(plain["metric"]),
        tuple(points),
        plain.get("clock", "business"),
        str(plain.get("to", "manager")),
        dict(plain.get("action") or {}),
        str(plain.get("name") or ""),
        bool(plain.get("active", True)),
    )


def _point(said: Mapping[str, Any]) -> Point:
    """``{before: 30m}``, ``{after: 1h}`` or ``{waited: 2h}``. Raises ValueError."""
    known = ("before", "after", "waited")
    if len(said) != 1 or next(iter(said)) not in known:
        near = did_you_mean(str(next(iter(said), "")), known)
        raise ValueError(f"at: {dict(said)} says no one instant; {near}")
    ((word, text),) = said.items()
    ms = time.parse_duration(text)
    shown = time.format_duration(ms)
    if word == "waited":
        return Point(f"{shown} waited", waited=ms)
    return Point(f"{shown} {word}", -ms if word == "before" else ms)


@dataclass(frozen=True, eq=False)
class Warnings:
    """W warnings, in the order in which they fire.

    at (W,) epoch ms; clock (W,) row of the Clocks table; setting (W,) index into ``settings``; point (W,) index into
    that setting's points; person (W,) who is warned: the owner at that instant, the owner's manager, or the role
    """

    clocks: Clocks
    settings: tuple[Reminder | Escalation, ...]
    at: Ints
    clock: Ints
    setting: Ints
    point: Ints
    person: tuple[str | None, ...]

    def __len__(self) -> int:
        return int(self.at.size)

    def to_json(self) -> list[dict[str, object]]:
        """One object per warning: ISO instants in UTC."""
        utc = time.zone("UTC")
        found = []
        for number in range(len(self)):
            setting = self.settings[int(self.setting[number])]
            row = int(self.clock[number])
            found.append(
                {
                    "at": time.format_instant(int(self.at[number]), utc, style="iso"),
                    "ticket_id": self.clocks.events.ids[int(self.clocks.ticket[row])],
                    "metric": setting.metric,
                    "cycle": int(self.clocks.cycle[row]),
                    "kind": "reminder" if isinstance(setting, Reminder) else "escalation",
                    "when": setting.points[int(self.point[number])].text,
                    "to": setting.to,
                    "person": self.person[number],
                    "action": setting.effect
                    if isinstance(setting, Reminder)
                    else dict(setting.action),
                }
            )
        return found

    def table(self) -> pd.DataFrame:
        """A DataFrame: one row per warning."""
        import pandas as pd

        columns = ["at", "ticket_id", "metric", "cycle", "kind", "when", "to", "person", "action"]
        return pd.DataFrame(self.to_json(), columns=columns)

    def count_by_person(self) -> dict[str, int]:
        """How many warnings each person or role gets."""
        found: dict[str, int] = {}
        for person in self.person:
            found[person or "nobody"] = found.get(person or "nobody", 0) + 1
        return dict(sorted(found.items()))


def warnings(clocks: Clocks) -> Warnings:
    """All warnings of the policy's reminders and escalations. ``clocks`` must have been run with ``stretches=True``."""
    from slasim.sla.versions import version_of

    versions = clocks.policy.in_force
    chosen = version_of(clocks.events, versions)
    by_version: list[tuple[int, Reminder | Escalation]] = [
        (number, setting)
        for number, version in enumerate(versions)
        for setting in _settings(version.policy)
    ]
    settings = tuple(setting for _, setting in by_version)
    ats, rows, which, places = [], [], [], []
    for number, (version_number, setting) in enumerate(by_version):
        for place, point in enumerate(setting.points):
            policy, mine = versions[version_number].policy, chosen == version_number
            row, at = _fires(clocks, policy, mine, setting, point)
            ats.append(at)
            rows.append(row)
            which.append(np.full(at.size, number))
            places.append(np.full(at.size, place))
    if not ats:
        none = np.empty(0, np.int64)
        return Warnings(clocks, settings, none, none, none, none, ())
    at, row, setting_of, place_of = (np.concatenate(part) for part in (ats, rows, which, places))
    order = np.lexsort((place_of, setting_of, row, at))
    at, row, setting_of, place_of = at[order], row[order], setting_of[order], place_of[order]
    return Warnings(
        clocks,
        settings,
        at,
        row,
        setting_of,
        place_of,
        _persons(clocks, settings, at, row, setting_of),
    )


def _settings(policy: Policy) -> tuple[Reminder | Escalation, ...]:
    every: tuple[Reminder | Escalation, ...] = (*policy.reminders, *policy.escalations)
    return tuple(one for one in every if one.active)


def _fires(
    clocks: Clocks,
    policy: Policy,
    tickets: Bools,
    setting: Reminder | Escalation,
    point: Point,
) -> tuple[Ints, Ints]:
    """(row of the Clocks table, instant) wherever one point of one setting fires, for some tickets (N,)."""
    stretches = clocks.stretches
    if stretches is None:
        raise ValueError("Run the clocks with stretches=True to know what was due when.")
    calendar = policy.calendar_of(setting.metric)
    number = clocks.metrics.index(setting.metric)
    by_point = stretches.due_point != UNDEFINED
    counts = by_point | (stretches.running & (stretches.due_position != UNDEFINED))
    counts &= tickets[clocks.ticket[stretches.clock]]
    chosen = np.flatnonzero((clocks.metric[stretches.clock] == number) & counts)
    row, since, until = stretches.clock[chosen], stretches.since[chosen], stretches.until[chosen]
    position, counted = stretches.position[chosen], stretches.counted[chosen]
    target, is_point = stretches.target[chosen], by_point[chosen]
    due = np.where(is_point, stretches.due_point[chosen], 0)
    due[~is_point] = calendar.inverse(stretches.due_position[chosen][~is_point])

    start = since.copy()  # a clock that has counted nothing yet begins with the opening
    start[counted == 0] = calendar.next_opening(since[counted == 0])
    if point.waited is not None and setting.clock == "calendar":
        fires = np.maximum(clocks.clock_start[row] + point.waited, start)
    elif point.share is not None or point.waited is not None:
        # Of a point of the calendar the share is of the business time from the start to it.
        begin = clocks.clock_start[row]
        whole = np.where(is_point, calendar.elapsed(begin, due), target)
        if point.share is None:
            used = np.full(row.size, point.waited, np.int64)
        else:
            used = np.ceil(whole * point.share).astype(np.int64)
        wanted = np.where(is_point, calendar.business_time(begin) + used, position + used - counted)
        fires = _reached(calendar, wanted, position, start)
    elif setting.clock == "calendar":
        fires = np.maximum(due + point.offset, start)
    else:
        goal = np.where(is_point, calendar.business_time(due), stretches.due_position[chosen])
        # In the first stretch of a clock all is still to come; a due time in the past lies before `position`.
        fires = _reached(calendar, goal + point.offset, position, start)
    # A stretch that ends with the table has not been stopped: what is due in it later is not known to be needed.
    open_end = (clocks.stop[row] == UNDEFINED) & (until >= clocks.until)
    inside = (fires < until) | (open_end & (fires >= until))
    row, fires = row[inside], fires[inside]
    generation = stretches.generation[chosen][inside]
    order = np.lexsort((fires, generation, row))
    row, fires, generation = row[order], fires[order], generation[order]
    fresh = np.ones(row.size, bool)
    fresh[1:] = (row[1:] != row[:-1]) | (generation[1:] != generation[:-1])
    return row[fresh], fires[fresh]


def _reached(calendar: Any, wanted: Ints, position: Ints, start: Ints) -> Ints:
    """When business time reaches ``wanted``; at once where it has."""
    found = start.copy()
    later = wanted > position
    found[later] = np.maximum(calendar.inverse(wanted[later]), start[later])
    return found


def _persons(
    clocks: Clocks,
    settings: tuple[Reminder | Escalation, ...],
    at: Ints,
    row: Ints,
    setting_of: Ints,
) -> tuple[str | None, ...]:
    owners = owners_at(clocks.events, clocks.ticket[row], at)
    found: list[str | None] = []
    for owner, number in zip(owners, setting_of.tolist(), strict=True):
        to = settings[number].to
        if to == "owner":
            found.append(owner)
        elif to == "manager":
            found.append(clocks.policy.managers.get(owner or "", "manager"))
        else:
            found.append(to)
    return tuple(found)


def owners_at(events: EventTable, ticket: Ints, at: Ints) -> list[str | None]:
    """Who owns each ticket at each instant."""
    if not at.size:
        return []
    low = min(int(events.at.min(initial=0)), int(at.min()))
    span = max(int(events.at.max(initial=0)), int(at.max())) - low + 2
    keys = events.ticket.astype(np.int64) * span + (events.at - low)
    place = np.searchsorted(keys, ticket * span + (at - low), side="right") - 1
    return events.attribute("assigned_to").taken(place).tolist()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Work as it stands at one instant: clocks near due and overdue ones, most urgent first.

    near_due, overdue  rows of ``clocks``
    """

    at: int
    clocks: Clocks
    near_due: Ints
    overdue: Ints

    def table(self) -> pd.DataFrame:
        """A DataFrame: overdue work first, then what is near due; time left in seconds, business and calendar."""
        import pandas as pd

        rows = np.concatenate([self.overdue, self.near_due])
        chosen = self.clocks.only(rows)
        frame = chosen.table()[["ticket_id", "metric", "cycle", "due_at", "elapsed_s", "target_s"]]
        known = chosen.remaining != UNDEFINED
        due = chosen.due_at != UNDEFINED
        return frame.assign(
            owner=pd.Series(chosen.attribute("assigned_to"), dtype=object),
            standing=pd.Categorical(chosen.states_now()),
            remaining_business_s=np.where(known, chosen.remaining / 1000, np.nan),
            remaining_calendar_s=np.where(due, (chosen.due_at - self.at) / 1000, np.nan),
            list=["overdue"] * self.overdue.size + ["near due"] * self.near_due.size,
        )

    def overdue_by_owner(self) -> dict[str, int]:
        """How many overdue clocks each owner has."""
        owners = self.clocks.only(self.overdue).attribute("assigned_to")
        return {
            name: owners.count(None if name == "nobody" else name)
            for name in sorted({owner or "nobody" for owner in owners})
        }


def snapshot(events: EventTable, policy: Policy, at: int, *, near: int) -> Snapshot:
    """What is near due (within ``near`` ms of business time) and overdue at an instant, as was known then."""
    from slasim.sla.clocks import BREACHED, OPEN, run_clocks

    clocks = run_clocks(events, policy, until=at)
    waiting = clocks.stop == UNDEFINED
    overdue = np.flatnonzero(waiting & (clocks.state == BREACHED))
    due = clocks.due_at != UNDEFINED
    close = np.flatnonzero(waiting & (clocks.state == OPEN) & due & (clocks.remaining <= near))
    return Snapshot(
        at,
        clocks,
        close[np.argsort(clocks.due_at[close], kind="stable")],
        overdue[np.argsort(clocks.due_at[overdue], kind="stable")],
    )
