"""What was taken for granted, and what the numbers come to: the lines that `slasim check` prints.

Nothing flatters in silence: each default that moves an answer is told with its path and value. The
workload sets Erlangs (volume x AHT) beside staff on the phones by interval, and follows the chain
paid > scheduled > on phones. No chance here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slasim import clock
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document

__all__ = [
    "WEEK_HOURS",
    "Assumption",
    "Staffed",
    "Workload",
    "WorkloadRow",
    "assumptions",
    "workload",
]

Floats = NDArray[np.float64]

WEEK_HOURS = 40.0
"""Paid hours of one full-time week, as stated beside every FTE."""


class Assumption(NamedTuple):
    """A value that was not given: where, what is taken, and a sentence for a planner."""

    path: str
    value: str
    sentence: str


def assumptions(centre: Centre, document: Document) -> list[Assumption]:
    """Everything that was defaulted and moves an answer, in the order of the file."""
    return list(_assumptions(centre, document.value))


def _assumptions(centre: Centre, plain: dict[str, Any]) -> Iterator[Assumption]:
    if "timezone" not in plain:
        yield Assumption("timezone", "UTC", "No time zone given: times are UTC.")
    if "interval" not in plain:
        yield Assumption("interval", "30 min", "Intervals are 30 minutes.")
    if not centre.warm_up:
        always = all(centre.calendar_of(name).always_open for name in centre.queues)
        sentence = "The first moment starts with nobody waiting" + (
            ", although the centre never closes." if always else "."
        )
        yield Assumption("warm_up", "0 s", sentence)
    for name in centre.queues:
        yield from _of_queue(centre, name, plain["queues"][name])
    for name in centre.groups:
        yield from _of_group(centre, name, plain["groups"][name])
    yield from _of_demand(centre)
    if centre.contract is not None and "period" not in plain["contract"]:
        yield Assumption("contract.period", "horizon", "Promises are judged from start to end.")


def _of_queue(centre: Centre, name: str, plain: dict[str, Any]) -> Iterator[Assumption]:
    queue, path = centre.queues[name], f"queues.{name}"
    if queue.calendar is None:
        yield Assumption(
            f"{path}.calendar", "always open", "No calendar given: open day and night."
        )
    elif queue.at_close == "serve" and "at_close" not in plain:
        sentence = "At closing time who waits is still served while somebody is on duty."
        yield Assumption(f"{path}.at_close", "serve", sentence)
    arrivals = queue.arrivals
    if arrivals is not None and arrivals.per_day is not None and arrivals.profile is None:
        sentence = "No profile given: contacts spread evenly over the open hours."
        yield Assumption(f"{path}.arrivals.profile", "even", sentence)
    if queue.handle_time is None and queue.aht_shape is None:
        sentence = "Only the mean handle time is given: log-normal with cv 0.9 around it."
        yield Assumption(f"{path}.aht_shape", "lognormal, cv 0.9", sentence)
    shorter = int(
        np.count_nonzero(
            (centre.expected(name).aht_ms < queue.acw) & (centre.expected(name).volume > 0)
        )
    )
    if shorter:
        sentence = (
            f"After-call work is no longer than the AHT: it is cut to it in {shorter} intervals."
        )
        yield Assumption(f"{path}.acw", "cut", sentence)
    for note in centre.expected(name).notes:
        yield Assumption(f"{path}.arrivals", "from the file", note[0].upper() + note[1:] + ".")
    patience = centre.patience_of(name)
    if patience is None:
        sentence = "No patience given: nobody abandons, everybody waits to the end."
        yield Assumption(f"{path}.patience", "none", sentence)
    elif queue.patience is None:
        said = clock.format_duration(patience.mean)
        sentence = "Patience is exponential around the file's patience_s."
        yield Assumption(f"{path}.patience", f"exponential, mean {said}", sentence)
    elif isinstance(plain.get("patience"), dict) and "from" in plain["patience"]:
        said = clock.format_duration(patience.mean)
        sentence = "Mean patience is all waiting divided by the number who left; exponential."
        yield Assumption(f"{path}.patience", f"exponential, mean {said}", sentence)


def _of_group(centre: Centre, name: str, plain: dict[str, Any]) -> Iterator[Assumption]:
    group, path = centre.groups[name], f"groups.{name}"
    written = plain.get("staffing")
    if group.staffing is not None and not (isinstance(written, dict) and "counts" in written):
        sentence = "Staffing counts agents on the phones: no shrinkage is taken off."
        yield Assumption(f"{path}.staffing.counts", "on_phones", sentence)
    elif group.counts != "on_phones" and "shrinkage" not in plain:
        sentence = f"Staffing counts {group.counts} agents and no shrinkage is given: all are on the phones."
        yield Assumption(f"{path}.shrinkage", "none", sentence)
    if "attendance" not in plain:
        yield Assumption(f"{path}.attendance", "100 %", "Everybody who is planned turns up.")
    if any(shift.breaks for shift in group.shifts or ()):
        yield Assumption(
            f"{path}.shifts.breaks", "unpaid", "Paid hours leave out the breaks of shifts."
        )
    if "speed" not in plain and len(centre.groups) > 1:
        yield Assumption(f"{path}.speed", "1", "These agents work at ordinary speed.")


def _of_demand(centre: Centre) -> Iterator[Assumption]:
    demand = centre.demand
    if demand is None:
        sentence = "No forecast error given: volume, AHT and attendance come exactly as planned."
        yield Assumption("demand", "none", sentence)
        return
    volume, aht, attendance = demand.volume, demand.aht, demand.attendance
    if volume is None or not (volume.day_cv or volume.bias_sd or volume.interval_cv):
        yield Assumption("demand.volume", "none", "No error of the volume forecast.")
    if aht is None or not (aht.day_cv or aht.bias_sd):
        yield Assumption("demand.aht", "none", "No error of the AHT forecast.")
    if attendance is None or not attendance.day_sd:
        yield Assumption("demand.attendance", "none", "Attendance does not vary.")
    elif any(group.shifts for group in centre.groups.values()):
        sentence = "Named agents never exceed their number: on good days staffing by number does."
        yield Assumption("demand.attendance", "at most 100 % of shifts", sentence)
    if demand.from_ is not None and demand.from_.lock_days is not None:
        sentence = (
            f"Of several forecasts (column lead_days) the last one made {demand.from_.lock_days} days "
            "ahead; a file with one forecast is taken to be that one."
        )
        yield Assumption("demand.from.lock_days", str(demand.from_.lock_days), sentence)
    if demand.from_ is not None and volume is not None:
        sentence = (
            f"Measured net of chance: volume by day {volume.day_cv:.1%}, by interval "
            f"{volume.interval_cv:.1%}, whole period {volume.bias_sd:.1%}."
        )
        yield Assumption("demand.volume", "measured", sentence)


# ------------------------------------------------------------------ workload


@dataclass(frozen=True)
class WorkloadRow:
    """One interval of the whole centre."""

    start: str
    """local time"""
    contacts: float
    aht_s: float
    erlangs: float
    """volume x AHT / interval: agents busy all the time, if nobody abandons"""
    on_phones: float
    over: float
    """on_phones - erlangs"""
    occupancy: float
    """erlangs / on_phones; nan when nobody is on the phones, above 1 when it cannot be done"""


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
    """Every interval of the centre, and the hours of each group."""

    rows: tuple[WorkloadRow, ...]
    groups: tuple[Staffed, ...]
    week_hours: float

    @property
    def contacts(self) -> float:
        return sum(row.contacts for row in self.rows)

    @property
    def short(self) -> tuple[WorkloadRow, ...]:
        """Intervals with more work than staff: without abandonment the queue grows there."""
        return tuple(row for row in self.rows if row.erlangs > row.on_phones)


def workload(centre: Centre) -> Workload:
    """Erlangs (volume x AHT) beside staff on the phones; paid > scheduled > on phones; FTE."""
    contacts = np.zeros(centre.intervals)
    work = np.zeros(centre.intervals)
    for name in centre.queues:
        found = centre.expected(name)
        contacts += found.volume
        work += found.volume * found.aht_ms
    phones = np.zeros(centre.intervals)
    for name in centre.groups:
        phones += centre.on_phones(name) * _open_part(centre, name)
    erlangs = work / centre.interval
    aht = np.divide(work, contacts, out=np.full(work.size, np.nan), where=contacts > 0) / 1000
    occupancy = np.divide(erlangs, phones, out=np.full(work.size, np.nan), where=phones > 0)
    labels = centre.grid.local.text[centre.grid.warm :]
    rows = tuple(
        WorkloadRow(str(label), *(float(number) for number in numbers))
        for label, *numbers in zip(
            labels, contacts, aht, erlangs, phones, phones - erlangs, occupancy, strict=True
        )
    )
    return Workload(rows, tuple(_staffed(centre, name) for name in centre.groups), WEEK_HOURS)


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
