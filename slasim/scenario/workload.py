"""Work against staff: Erlangs beside agents by interval, deferred work in hours, paid > scheduled > on phones.

Calls and chats are wanted now: their Erlangs stand beside the staff of the same interval. Tickets can wait: for them
only the hours count. What is worked out here is expected volume times AHT; nothing waits and nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slasim import clock
from slasim.arrays import Floats
from slasim.scenario.centre import Centre
from slasim.scenario.floor_facts import measured_slowdown, takers, touches

__all__ = ["WEEK_HOURS", "Deferred", "Staffed", "Workload", "WorkloadRow", "workload"]


WEEK_HOURS = 40.0
"""Paid hours of one full-time week, as stated beside every FTE."""


@dataclass(frozen=True)
class WorkloadRow:
    """One interval of the whole centre: what is wanted at once, beside the staff for it."""

    start: str
    """local time"""
    contacts: float
    aht_s: float
    erlangs: float
    """volume x AHT / interval: agents busy all the time, if nobody abandons; chats with all slots in use"""
    on_phones: float
    """agents of groups that take anything wanted at once"""
    over: float
    """on_phones - erlangs"""
    occupancy: float
    """erlangs / on_phones; nan when nobody is on the phones, above 1 when it cannot be done"""


@dataclass(frozen=True)
class Deferred:
    """Work of one queue that can wait, from start to end."""

    queue: str
    contacts: float
    """of its own; those that other queues hand on come later"""
    handled: float
    """how often something is handled, roughly: replies, reopened and handed-on tickets, those that wait at the start"""
    hours: float


@dataclass(frozen=True)
class Staffed:
    """Hours of one group from start to end, and its full-time equivalents."""

    group: str
    paid: float
    scheduled: float
    on_phones: float
    fte: float
    """paid hours per week divided by WEEK_HOURS"""
    cost: float | None


@dataclass(frozen=True)
class Workload:
    """Every interval of the centre, work that can wait, and the hours of each group."""

    rows: tuple[WorkloadRow, ...]
    groups: tuple[Staffed, ...]
    week_hours: float
    deferred: tuple[Deferred, ...] = ()
    spare_hours: float = 0.0
    """hours of groups that take deferred work, less what is wanted at once"""

    @property
    def contacts(self) -> float:
        """First contacts of all queues."""
        at_once = sum(row.contacts for row in self.rows)
        return at_once + sum(queue.contacts for queue in self.deferred)

    @property
    def short(self) -> tuple[WorkloadRow, ...]:
        """Intervals with more work than staff: without abandonment the queue grows there."""
        return tuple(row for row in self.rows if row.erlangs > row.on_phones)


def workload(centre: Centre) -> Workload:
    """Erlangs (volume x AHT) beside staff on the phones; deferred hours; paid > scheduled > on phones; FTE."""
    contacts = np.zeros(centre.intervals)
    work = np.zeros(centre.intervals)
    load = np.zeros(centre.intervals)
    for name, queue in centre.queues.items():
        if queue.kind.waits_through_closing:
            continue
        found = centre.expected(name)
        contacts += found.volume
        work += found.volume * found.aht_ms
        load += found.volume * found.aht_ms * _agents_each(centre, name)
    phones = np.zeros(centre.intervals)
    shared = np.zeros(centre.intervals)
    apart = np.zeros(centre.intervals)
    waiting = [name for name, queue in centre.queues.items() if queue.kind.waits_through_closing]
    for name, group in centre.groups.items():
        here = centre.on_phones(name) * _open_part(centre, name)
        at_once = any(queue not in waiting for queue in group.takes)
        phones += here * at_once
        shared += here * (at_once and any(queue in waiting for queue in group.takes))
        apart += here * (not at_once)
    erlangs = load / centre.interval
    aht = np.divide(work, contacts, out=np.full(work.size, np.nan), where=contacts > 0) / 1000
    occupancy = np.divide(erlangs, phones, out=np.full(work.size, np.nan), where=phones > 0)
    labels = centre.grid.local.text[centre.grid.warm :]
    rows = tuple(
        WorkloadRow(str(label), *(float(number) for number in numbers))
        for label, *numbers in zip(
            labels, contacts, aht, erlangs, phones, phones - erlangs, occupancy, strict=True
        )
    )
    # Agents who take both are kept from deferred work only by what exceeds those who do not take it.
    left = apart + np.minimum(shared, np.maximum(phones - erlangs, 0.0))
    return Workload(
        rows,
        tuple(_staffed(centre, name) for name in centre.groups),
        WEEK_HOURS,
        tuple(_deferred(centre, waiting)),
        float(left.sum()) * centre.interval / clock.HOUR if waiting else 0.0,
    )


def _agents_each(centre: Centre, queue: str) -> float:
    """Agents that one contact keeps busy: 1, or of a chat a part, with all slots in use."""
    found = takers(centre, queue)
    if not centre.queues[queue].kind.shares or not found:
        return 1.0
    each = [group.slowdown[-1] / group.chat_slots for group in found.values()]
    return sum(each) / len(each) / measured_slowdown(centre, queue)


def _deferred(centre: Centre, waiting: list[str]) -> list[Deferred]:
    """Hours of the queues whose contacts can wait."""
    own = {name: float(centre.expected(name).volume.sum()) for name in centre.queues}
    start = {name: centre.queues[name].backlog_at_start for name in waiting}
    more = {name: 0 if backlog is None else backlog.tickets for name, backlog in start.items()}
    handled = touches(centre, {name: own[name] + more.get(name, 0) for name in own})
    found = []
    for name in waiting:
        expected = centre.expected(name)
        total = float((expected.volume * expected.aht_ms).sum())
        mean = total / own[name] if own[name] else float(expected.aht_ms.mean())
        hours = handled[name] * mean / clock.HOUR
        found.append(Deferred(name, own[name], handled[name], hours))
    return found


def _open_part(centre: Centre, name: str) -> Floats:
    """The part of each interval in which the group can be on duty."""
    calendar = centre.calendar_of_group(name)
    if calendar is None or centre.groups[name].staffing is None:
        return np.ones(centre.intervals)
    return centre.grid.open_ms(calendar)[centre.grid.warm :] / centre.interval


def _staffed(centre: Centre, name: str) -> Staffed:
    group = centre.groups[name]
    counted = float((centre.staffing(name) * _open_part(centre, name)).sum())
    counted *= centre.interval / clock.HOUR
    paid = counted * group.shrinkage.to_paid(group.counts)
    weeks = centre.horizon / (7 * clock.DAY)
    return Staffed(
        group=name,
        paid=paid,
        scheduled=counted * group.shrinkage.to_scheduled(group.counts),
        on_phones=counted * group.to_phones * group.attendance,
        fte=paid / weeks / WEEK_HOURS,
        cost=None if group.cost_per_hour is None else paid * group.cost_per_hour,
    )
