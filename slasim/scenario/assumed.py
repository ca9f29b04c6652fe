"""What was taken for granted: the lines that `slasim check` prints.

Nothing flatters in silence: each default that moves an answer is told with its path and value. No chance here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from slasim import clock
from slasim.scenario.assumed_floor import of_group, of_queue
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document

if TYPE_CHECKING:
    from slasim.scenario.schema import Demand

__all__ = ["Assumption", "assumptions"]


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
    if queue.kind.waits_through_closing:
        if queue.calendar is None and queue.arrivals is not None:
            yield Assumption(f"{path}.calendar", "always open", "They come at any hour, and wait.")
    elif queue.calendar is None:
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
    yield from (Assumption(*found) for found in of_queue(centre, name, plain))
    patience = centre.patience_of(name)
    if not queue.kind.patience:
        return
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
    yield from (Assumption(*found) for found in of_group(centre, name, plain))


def _measured_in(demand: Demand, forecast: Sequence[str], actual: Sequence[str]) -> str:
    """Which columns would have it, where a file of forecasts and what came is given."""
    columns = f"{forecast[-1]} and {actual[-1]}"
    return f" It is measured where the file has the columns {columns}." if demand.from_ else ""


def _of_demand(centre: Centre) -> Iterator[Assumption]:
    demand = centre.demand
    if demand is None:
        sentence = "No forecast error given: volume, AHT and attendance come exactly as planned."
        yield Assumption("demand", "none", sentence)
        return
    from slasim.scenario.demand import ACTUAL_AHT, FORECAST_AHT, PLANNED, PRESENT

    volume, aht, attendance = demand.volume, demand.aht, demand.attendance
    if volume is None or not (volume.day_cv or volume.bias_sd or volume.interval_cv):
        yield Assumption("demand.volume", "none", "No error of the volume forecast.")
    if aht is None or not (aht.day_cv or aht.bias_sd):
        sentence = f"No error of the AHT forecast.{_measured_in(demand, FORECAST_AHT, ACTUAL_AHT)}"
        yield Assumption("demand.aht", "none", sentence)
    if attendance is None or not attendance.day_sd:
        sentence = f"Attendance does not vary.{_measured_in(demand, PLANNED, PRESENT)}"
        yield Assumption("demand.attendance", "none", sentence)
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
