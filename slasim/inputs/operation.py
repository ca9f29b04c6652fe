"""From a Scenario to a `Whole`: what of the whole operation no replication changes.

The words of the scenario become the plain numbers that the other files of this room know. Whether a scenario needs a
floor at all is said in `facts.py`: a voice centre loads nothing of what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim import registry
from slasim.calendars import Calendar
from slasim.clock import DAY
from slasim.contactlog import OUTCOMES
from slasim.errors import InputError, Problem
from slasim.floor import NONE
from slasim.inputs.attributes import Described
from slasim.inputs.chains import (
    CallBacks,
    Following,
    HandOver,
    Manner,
    Redials,
    Repeats,
    Thread,
)
from slasim.inputs.facts import group_facts, queue_facts
from slasim.inputs.lines import GroupRoom, Lines, QueueLines, TakeConditions, lines_of
from slasim.inputs.people import Agent
from slasim.inputs.promises import Home, Promises, promises_of
from slasim.inputs.queues import QueuePlan
from slasim.inputs.whole import Aims, Plans, Whole
from slasim.inputs.windows import CalendarList
from slasim.routing.table import NEVER
from slasim.sets import distinct
from slasim.sla.policy import Policy
from slasim.sla.reminders import Move

if TYPE_CHECKING:
    from slasim.scenario import Scenario
    from slasim.scenario.schema import Group, Queue

__all__ = ["whole_of"]

_BEYOND = 60 * DAY
"""How far calendars reach beyond the last instant at which anybody is served."""


def whole_of(
    scenario: Scenario, queues: tuple[QueuePlan, ...], agents: Sequence[Agent], until: int
) -> Whole:
    """The whole operation of a scenario, over windows of time up to ``until`` (ms) and a little further.

    Raises InputError or ValueError for promises, steps and routing settings that cannot be.
    """
    grid, records = scenario.grid, list(scenario.queues.values())
    since = grid.first - grid.start
    oldest = max((int(queue.backlog.max(initial=0)) for queue in queues), default=0)
    calendars = CalendarList(grid.start, since - oldest - DAY, until + _BEYOND)
    policy = scenario.policy or Policy(timezone=scenario.timezone)
    described = _described(scenario, policy)
    classes = [one.classes for one in described]
    names = list(scenario.queues)
    origins = _origins(scenario)
    promises = promises_of(
        policy,
        [Home(name, queue.channel) for name, queue in scenario.queues.items()],
        classes,
        start_ms=grid.start,
        ola=_ola(scenario, origins),
    )
    tickets = np.array([record.kind.replies for record in records], np.bool_)
    plan_of, moves = _plan_numbers(promises, tickets, origins)
    hours: set[int] = set()
    lines = lines_of(
        scenario.routing.policy,
        scenario.routing.settings,
        queue_facts(scenario, queues),
        group_facts(scenario),
        about=[_about(scenario, record) for record in records],
        takes=[_takes(scenario, group, calendars, hours) for group in scenario.groups.values()],
        rooms=[_room(group) for group in scenario.groups.values()],
        classes=classes,
        moves=moves,
        origins=origins,
    )
    aims = _aims(promises, calendars)
    windows = calendars.windows()
    return Whole(
        start_ms=grid.start,
        since=since,
        queues=queues,
        described=described,
        following=tuple(_following(record, names) for record in records),
        manners=tuple(_manner(plan) for plan in queues),
        tickets=tickets,
        lines=lines,
        promises=promises,
        aims=aims,
        plans=Plans(
            plan_of,
            _plan_columns(promises, lines, list(scenario.groups)),
            tuple(step.said for plan in promises.plans for step in plan),
        ),
        windows=windows,
        looks=windows.looks(hours),
        agent_speed=np.array([agent.millionths for agent in agents], np.int64),
    )


# ------------------------------------------------------------------ queues


def _described(scenario: Scenario, policy: Policy) -> tuple[Described, ...]:
    """The attributes of each queue, and which of them anybody reads."""
    read: set[str] = set()
    for group in scenario.groups.values():
        for take in group.takes.values():
            read |= set(take.when)
    for queue in scenario.queues.values():
        read |= set(queue.priority_by)
    for version in policy.in_force:
        read |= {name for metric in version.policy.metrics.values() for name in metric.target_by}
        read |= {
            condition.column
            for rule in version.policy.rules.list
            for group_of in rule.when
            for condition in group_of
        }
    found = []
    for name, queue in scenario.queues.items():
        drawn = queue.drawn
        try:
            found.append(Described(drawn.shares, drawn.tags, frozenset(read)))
        except ValueError as error:
            path = f"queues.{name}.attributes"
            raise InputError([Problem(str(error), path=path)]) from None
    return tuple(found)


def _origins(scenario: Scenario) -> list[frozenset[int]]:
    """Queues whose contacts may come into each queue, itself first."""
    names = list(scenario.queues)
    found: list[set[int]] = [{q} for q in range(len(names))]
    for origin, name in enumerate(names):
        waiting, seen = [name], {name}
        while waiting:
            record = scenario.queues[waiting.pop()]
            further = {way.to for way in (record.transfer,) if way is not None}
            further |= {way.queue for way in (record.tier_2,) if way is not None}
            for to in further - seen:
                seen.add(to)
                waiting.append(to)
        message = scenario.queues[name].voicemail_to
        for to in seen | ({message} if message is not None else set()):
            found[names.index(to)].add(origin)
    return [frozenset(one) for one in found]


def _following(record: Queue, names: Sequence[str]) -> Following:
    transfer, second = record.transfer, record.tier_2
    return Following(
        redial=_redials(record),
        call_back=_call_backs(record),
        message_to=NONE if record.voicemail_to is None else names.index(record.voicemail_to),
        transfer=HandOver(transfer.chance, names.index(transfer.to)) if transfer else None,
        tier_2=HandOver(second.chance, names.index(second.queue)) if second else None,
        repeat=_repeats(record),
        thread=_thread(record),
        keeps_owner=0 if record.owner is None else record.owner.keep,
    )


def _redials(record: Queue) -> Redials | None:
    redial = record.redial
    if redial is None or redial.chance == 0:
        return None
    lost = tuple(OUTCOMES.index(outcome) for outcome in redial.when)
    return Redials(redial.chance, redial.after, redial.at_most, lost)


def _call_backs(record: Queue) -> CallBacks | None:
    back = record.call_back
    return None if back is None else CallBacks(back.offer_after, back.accept)


def _repeats(record: Queue) -> Repeats | None:
    repeat = record.repeat
    if repeat is None:
        return None
    over, chance = (NEVER, 0.0) if repeat.late is None else (repeat.late.over, repeat.late.chance)
    return Repeats(repeat.chance, repeat.after, repeat.at_most, over, chance)


def _thread(record: Queue) -> Thread | None:
    if not record.kind.replies or (record.replies is None and record.reopen is None):
        return None
    replies, reopen = record.replies, record.reopen
    return Thread(
        replies=(lambda u: np.ones(u.size, np.int64)) if replies is None else replies.at,
        answers_after=record.customer_answers_after,
        reopen_chance=0.0 if reopen is None else reopen.chance,
        reopen_after=None if reopen is None else reopen.after,
    )


def _manner(queue: QueuePlan) -> Manner:
    waiting, handling = queue.waiting, queue.handling
    return Manner(
        name=queue.name,
        shape=handling.shape,
        mean=queue.mean,
        wrap=min(handling.acw / queue.mean, 1.0) if queue.mean > 0 else 0.0,
        patience=waiting.patience,
        hangs_up=waiting.hangs_up,
        voicemail_after=waiting.voicemail_after,
        greeting=queue.greeting,
    )


# ------------------------------------------------------------------ lines


def _about(scenario: Scenario, record: Queue) -> QueueLines:
    back = record.call_back
    return QueueLines(
        channel=sorted(registry.names("channel")).index(record.channel),
        load=tuple(record.kind.load_with(group.chat_slots) for group in scenario.groups.values()),
        priority_by=record.priority_by,
        call_back_priority=None if back is None else back.priority,
    )


def _takes(
    scenario: Scenario, group: Group, calendars: CalendarList, hours: set[int]
) -> dict[str, TakeConditions]:
    """The conditions of a group's takes; calendars of hours are added to ``hours``."""
    names = list(scenario.groups)
    found = {}
    for queue, take in group.takes.items():
        open_in = NONE if take.hours is None else calendars.number(scenario.calendars[take.hours])
        hours.add(open_in)
        share = take.max_occupancy
        found[queue] = TakeConditions(
            preempt=take.preempt,
            hours=open_in,
            stands_in=NONE if take.stands_in_for is None else names.index(take.stands_in_for),
            most_busy=NEVER if share is None else round(1_000_000 * share),
            when=take.when,
        )
    return found


def _room(group: Group) -> GroupRoom:
    return GroupRoom(group.chat_slots, group.slowdown, group.switching_loss)


# ------------------------------------------------------------------ promises


def _ola(
    scenario: Scenario, origins: Sequence[frozenset[int]]
) -> dict[tuple[int, int], tuple[int, Calendar]]:
    """(queue in which a contact comes, queue to which it is handed on as the second line) -> what that promises."""
    names = list(scenario.queues)
    found: dict[tuple[int, int], tuple[int, Calendar]] = {}
    for h, record in enumerate(scenario.queues.values()):
        second = record.tier_2
        if second is not None and second.ola is not None:
            named = second.calendar
            calendar = (
                scenario.calendar_of(second.queue) if named is None else scenario.calendars[named]
            )
            for origin in sorted(origins[h]):
                key = (origin, names.index(second.queue))
                if origin == h or key not in found:
                    found[key] = (second.ola, calendar)
    return found


def _plan_numbers(
    promises: Promises, tickets: Any, origins: Sequence[frozenset[int]]
) -> tuple[Any, list[list[Move]]]:
    """(2, A+1, A+1) numbers of plans as `Plans` has them; and what their steps may do in each queue."""
    count = len(promises.aims)
    of = np.full((2, count + 1, count + 1), NONE, np.int64)
    moves: list[dict[Move, None]] = [{} for _ in origins]
    for home in range(len(origins)):
        solve = promises.solve[home]
        mine: dict[Move, None] = {}
        handed = distinct(promises.ola[home])
        pairs = [
            *((True, *pair) for pair in _pairs(promises.first[home], solve)),
            *((False, *pair) for pair in _pairs(promises.first[home], solve)),
            *((False, *pair) for pair in _pairs(promises.next_[home], solve)),
            *((False, int(reply), int(other)) for reply in handed for other in distinct(solve)),
            *((False, NONE, int(other)) for other in distinct(solve)),
            *((False, int(reply), NONE) for reply in distinct(promises.first[home])),
            *((False, int(reply), NONE) for reply in distinct(promises.next_[home])),
        ]
        for exact, reply, other in pairs:
            number = promises.plan(reply, other, exact=exact)
            of[int(exact), reply, other] = number
            if number != NONE:
                mine |= dict.fromkeys(step.move for step in list(promises.plans)[number])
        for q, came in enumerate(origins):
            if home == q or (home in came and tickets[home]):
                moves[q] |= mine
    return of, [list(one) for one in moves]


def _pairs(reply: Any, solve: Any) -> Iterable[tuple[int, int]]:
    """Aims that occur together."""
    found: list[list[int]] = np.unique(np.stack((reply, solve)), axis=1).T.tolist()
    return [(one, other) for one, other in found]


def _plan_columns(promises: Promises, lines: Lines, groups: Sequence[str]) -> dict[str, Any]:
    plans = list(promises.plans)
    steps = [step for plan in plans for step in plan]
    return {
        "plan_first": np.cumsum([0, *(len(plan) for plan in plans)]).astype(np.int64),
        "step_clock": np.array([step.clock for step in steps], np.int8),
        "step_offset": np.array([step.offset for step in steps], np.int64),
        "step_business": np.array([step.business for step in steps], np.int8),
        "step_to": lines.step_to(steps, groups),
    }


def _aims(promises: Promises, calendars: CalendarList) -> Aims:
    """The aims as numbers, with the calendars that they count on."""
    count = len(promises.aims)
    ms, later_ms = np.full(count + 1, NEVER), np.full(count + 1, NEVER)
    calendar, later = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    point, pauses = np.zeros(count + 1, np.bool_), np.zeros(count + 1, np.int8)
    for number, aim in enumerate(promises.aims):
        ms[number] = later_ms[number] = aim.ms
        calendar[number] = later[number] = calendars.number(aim.calendar)
        pauses[number] = aim.pauses
        if aim.target is not None and not isinstance(aim.target, int):
            point[number] = True
            later[number], later_ms[number] = calendars.point(aim.calendar, aim.target)
    return Aims(ms, calendar, later_ms, later, point, pauses)
