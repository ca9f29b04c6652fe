"""What each contact is promised: the due times that steer the queue, and the steps of its reminders and escalations.

All contacts of a class that were created in the same *span* (between dates that rules or versions of the policy name)
are promised the same. So one ticket of every class and span is put before the rules (`sla/rules.py`) and the targets
(`sla/targets.py`), once for all replications, and the rest is looking up.

What steers is the promise as it stood at creation: of several metrics that time a reply or a solution the first in the
policy that promises this contact anything. Afterwards the log is judged by all of them, through `sla/clocks.py`.
This file knows no scenario and no chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from slasim import clock
from slasim.arrays import Ints
from slasim.calendars import Calendar
from slasim.channels import channel
from slasim.errors import InputError, Problem
from slasim.floor import NONE, REPLY_CLOCK, SOLVE_CLOCK, WAITING_CLOCK
from slasim.inputs.attributes import TAGS, Classes
from slasim.routing.table import NEVER
from slasim.sla.events import CREATED, Column, EventTable
from slasim.sla.levels import promised
from slasim.sla.policy import Policy
from slasim.sla.reminders import Escalation, Move, Point, Reminder
from slasim.sla.rules import levels_of
from slasim.sla.targets import Target, goals
from slasim.sla.ticket_clock import TicketClock, runs_over
from slasim.sla.versions import version_of

__all__ = [
    "FIRST_REPLY",
    "NEXT_REPLY",
    "SOLUTION",
    "Aim",
    "Home",
    "Promises",
    "Step",
    "promises_of",
]

FIRST_REPLY = ("first_reply", "chat_answer", "call_answer", "first_assign")
NEXT_REPLY = ("next_reply",)
SOLUTION = ("requester_wait", "agent_work", "total_resolution")
"""Metrics that time the first reply (or answer), further replies, the solution. Others steer nothing."""

_MOST_SPOTS = 1_000_000


@dataclass(frozen=True)
class Home:
    """A queue in which something begins that clocks may time."""

    name: str
    channel: str

    def has(self, setting: TicketClock) -> bool:
        """Is what begins here timed by that metric?"""
        kind = channel(self.channel)
        return runs_over(
            setting.metric, setting.queues, self.name, replies=kind.replies, shares=kind.shares
        )


@dataclass(frozen=True)
class Step:
    """One step of a plan: counted from a due instant or the arrival, by so many ms, it moves the contact.

    ``said`` is whose step it is and when, in words.
    """

    clock: int
    offset: int
    business: bool
    move: Move
    said: str


@dataclass(frozen=True)
class Aim:
    """One target under one metric: what a clock runs towards.

    ``target`` None is a promise of our own second line (OLA), of ``ms`` on ``calendar``, on which no step stands.
    """

    version: int
    metric: str
    target: Target | None
    calendar: Calendar
    ms: int
    pauses: bool = False


@dataclass(frozen=True, eq=False)
class Promises:
    """Which aim each contact has; S spots (span x class), H homes.

    edges        (E,) ms since the start at which a new span begins
    classes      number of classes over all queues; spot = span * classes + class
    first, next_, solve  (H, S) index into ``aims``, NONE; the reply to what begins in a home, later replies, solution
    ola          (H, H) aim of what came in one queue and is handed on to another as the second line, NONE
    """

    edges: Ints
    classes: int
    aims: tuple[Aim, ...]
    first: Ints
    next_: Ints
    solve: Ints
    ola: Ints
    settings: tuple[tuple[Reminder | Escalation, ...], ...]
    plans: dict[tuple[Step, ...], int] = field(default_factory=dict)
    _plan_of: dict[tuple[int, int, bool], int] = field(default_factory=dict)

    def spots(self, arrival: Ints, contact_class: Ints) -> Ints:
        """(n,) the spot of contacts that arrive then."""
        if self.edges.size == 0:
            return contact_class
        return np.searchsorted(self.edges, arrival, side="right") * self.classes + contact_class

    def plan(self, reply: int, solve: int, *, exact: bool) -> int:
        """Number of the plan of a touch with those aims (NONE: no clock); ``exact``: its arrival is known beforehand.

        Raises InputError for a step at a share of a target that is a point of the calendar.
        """
        key = (reply, solve, exact)
        if key not in self._plan_of:
            steps = tuple(
                chain(self._steps(reply, REPLY_CLOCK, exact), self._steps(solve, SOLVE_CLOCK, True))
            )
            number = self.plans.setdefault(steps, len(self.plans)) if steps else NONE
            self._plan_of[key] = number
        return self._plan_of[key]

    def _steps(self, aim: int, which: int, exact: bool) -> Iterable[Step]:
        if aim == NONE or self.aims[aim].target is None:
            return
        target = self.aims[aim]
        for setting in self.settings[target.version]:
            if setting.metric != target.metric:
                continue
            for point in setting.points:
                yield _step(setting, point, target, which, exact)


def _step(setting: Reminder | Escalation, point: Point, aim: Aim, which: int, exact: bool) -> Step:
    business = setting.clock == "business"
    whole = aim.target
    said = f"{setting.name or setting.metric}, {point.text}"
    if point.share is not None:
        if not isinstance(whole, int):
            raise InputError(
                [
                    Problem(
                        f"{setting.metric}: a step at {point.text} of a target that is a point of the calendar",
                        "Say when by the due time: before: 1h, or at: due.",
                    )
                ]
            )
        used = int(np.ceil(whole * point.share))
        return Step(which, used - whole, True, setting.move, said)
    if point.waited is not None:
        if business and isinstance(whole, int):
            return Step(which, point.waited - whole, True, setting.move, said)
        return Step(WAITING_CLOCK, point.waited, False, setting.move, said)
    # A clock whose start is not known beforehand counts a point of the calendar in days: offsets are real time.
    counted = business and (exact or isinstance(whole, int))
    return Step(which, point.offset, counted, setting.move, said)


# ------------------------------------------------------------------ making them


def promises_of(
    policy: Policy,
    homes: Sequence[Home],
    classes: Sequence[Classes],
    *,
    start_ms: int,
    ola: Mapping[tuple[int, int], tuple[int, Calendar]],
) -> Promises:
    """What the policy promises: ``homes`` and the ``classes`` of each queue's own contacts go by queue.

    ``ola``: (queue in which a contact comes, second line) -> business ms and calendar of that promise. Raises
    InputError for rules that read attributes which no contact has, ValueError for more combinations than can be told
    apart.
    """
    edges = _edges(policy)
    count = sum(one.count for one in classes)
    spots = (edges.size + 1) * count
    if spots * len(homes) > _MOST_SPOTS:
        raise ValueError(
            f"{count:,} kinds of contact in {edges.size + 1} spans of dates and {len(homes)} queues are too many "
            "to tell apart; leave out attributes that no rule and no group reads."
        )
    number: dict[Aim, int] = {}
    shape = (len(homes), spots)
    found = {kinds: np.full(shape, NONE, np.int64) for kinds in _KINDS}
    events = _one_of_each(homes, classes, edges, start_ms)
    names = [one.name for one in policy.levels]
    chosen = version_of(events, policy.in_force)
    for which, version in enumerate(policy.in_force):
        level = levels_of(events, version.policy.rules, names, where=policy.zone)
        for name, setting in version.policy.metrics.items():
            kinds = next((kinds for kinds in _KINDS if setting.metric in kinds), None)
            if kinds is None:
                continue
            goal = goals(
                events,
                level,
                target=setting.target,
                target_by=setting.target_by,
                levels=promised(version.policy.levels, name),
            )
            calendar = version.policy.calendar_of(name)
            pauses = "pending" in setting.row.pause_on
            aims = [_aim(which, name, one, calendar, pauses) for one in goal.targets]
            index = np.array([*(number.setdefault(a, len(number)) for a in aims), NONE], np.int64)
            timed = np.array([home.has(setting) for home in homes], np.bool_)
            mine = (index[goal.number]).reshape(shape)
            free = (found[kinds] == NONE) & timed[:, np.newaxis] & (chosen == which).reshape(shape)
            found[kinds] = np.where(free, mine, found[kinds])
    second = np.full((len(homes), len(homes)), NONE, np.int64)
    for way, (ms, calendar) in ola.items():
        own = Aim(0, "ola", None, calendar, ms)
        second[way] = number.setdefault(own, len(number))
    return Promises(
        edges=edges - start_ms,
        classes=count,
        aims=tuple(number),
        first=found[FIRST_REPLY],
        next_=found[NEXT_REPLY],
        solve=found[SOLUTION],
        ola=second,
        settings=tuple(_moving(version.policy) for version in policy.in_force),
    )


_KINDS = (FIRST_REPLY, NEXT_REPLY, SOLUTION)


def _aim(version: int, metric: str, target: Target, calendar: Calendar, pauses: bool) -> Aim:
    ms = target if isinstance(target, int) else NEVER
    return Aim(version, metric, target, calendar, ms, pauses)


def _moving(policy: Policy) -> tuple[Reminder | Escalation, ...]:
    """What is switched on and changes anything in a queue."""
    listed: tuple[Reminder | Escalation, ...] = (*policy.reminders, *policy.escalations)
    return tuple(one for one in listed if one.active and one.move)


def _edges(policy: Policy) -> Ints:
    """Epoch ms at which what is promised to new contacts may change."""
    found: set[int] = set()
    for version in policy.in_force:
        found |= {ms for ms in (version.since, version.until) if ms is not None}
        for rule in version.policy.rules.list:
            for condition in chain.from_iterable(rule.when) if rule.active else ():
                if condition.operator in ("before", "after"):
                    at = clock.parse_instant(condition.values[0], policy.zone)
                    found |= {at, at + 1}
    return np.array(sorted(found), np.int64)


def _one_of_each(
    homes: Sequence[Home], classes: Sequence[Classes], edges: Ints, start_ms: int
) -> EventTable:
    """A ticket of every class, created at the beginning of every span, in every home: (homes, spans, classes)."""
    spans = np.concatenate((edges[:1] - 1 if edges.size else [start_ms], edges)).astype(np.int64)
    count = sum(one.count for one in classes)
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(name for one in classes for name, _ in one.values):
        words: dict[str, int] = {}
        parts = []
        for one in classes:
            values = dict(one.values).get(name, ())
            place = [words.setdefault(v, len(words)) if v or name != TAGS else -1 for v in values]
            parts.append(np.array([*place, -1], np.int32)[one.codes(name)])
        codes = np.tile(np.concatenate(parts), spans.size * len(homes))
        columns[name] = Column(codes, tuple(words))
    each = spans.size * count
    home = np.repeat(np.arange(len(homes), dtype=np.int32), each)
    columns["queue"] = Column(home, tuple(one.name for one in homes))
    total = home.size
    return EventTable.of(
        np.arange(total),
        np.tile(np.repeat(spans, count), len(homes)),
        np.full(total, CREATED, np.int8),
        np.full(total, -1, np.int32),
        attributes=columns,
    )
