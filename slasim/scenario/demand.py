"""How wrong forecasts were: doubt about volume, AHT and attendance, measured on a forecast-and-actual file.

Net of chance: a forecast of f contacts that is exactly right still sees sqrt(f) of Poisson noise,
which the simulation adds by itself. For days with forecast f and count N the squared error is
c^2 = max(0, sum((N-f)^2 - f) / sum(f^2)): the method of moments for a mixed Poisson count, whose
variance is f + c^2 f^2. It is then split: what whole periods share is bias, the rest is the day's,
and what is left inside a day is the interval's. Few periods hardly tell the two apart, and a bias taken for days
averages out over a month and makes it look safe: `split_error` leans to the bias, the less the more periods there are.
This file draws nothing, and judges nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.errors import InputError, Problem
from slasim.scenario.centre import Centre
from slasim.scenario.schema import AttendanceDoubt, Demand, TimeDoubt, VolumeDoubt
from slasim.scenario.tables import Table, open_table
from slasim.sets import distinct

__all__ = ["MAPE_TO_CV", "measured", "split_error", "squared_error", "with_measured"]


MAPE_TO_CV = math.sqrt(math.pi / 2)
"""For normal errors the mean absolute error is sqrt(2/pi) standard deviations."""

FORECAST = ("forecast_offered", "forecast")
ACTUAL = ("offered", "actual_offered", "actual")
FORECAST_AHT = ("forecast_aht_s",)
ACTUAL_AHT = ("aht_s", "actual_aht_s")
PLANNED = ("forecast_agent_hours", "planned_agent_hours", "planned_agents", "planned")
LEAD = "lead_days"
"""How many days ahead a forecast was made."""
PRESENT = ("agent_hours", "actual_agent_hours", "present_agents", "present")

S = TypeVar("S", bound=Centre)


def with_measured(centre: S) -> S:
    """The same centre with `demand` complete: measured where `from` says so, MAPE as a cv.

    A part that is typed in goes before what was measured. Raises InputError.
    """
    found = measured(centre)
    return centre if found is None else centre.model_copy(update={"demand": found})


def measured(centre: Centre) -> Demand | None:
    """The demand of a centre with every part filled in; None when it has none. Raises InputError."""
    given = centre.demand
    if given is None:
        return None
    errors = None if given.from_ is None else _read(centre)
    volume = given.volume or (errors.volume() if errors else VolumeDoubt())
    if volume.daily_mape is not None:
        volume = VolumeDoubt(
            day_cv=_from_mape(volume.daily_mape, centre),
            interval_cv=volume.interval_cv,
            bias_sd=volume.bias_sd,
        )
    correlation = given.correlation
    if correlation is None and errors is not None:
        correlation = errors.correlation()
    return Demand(
        **{"from": given.from_},
        volume=volume,
        aht=given.aht or (errors.aht(_handling_cv(centre)) if errors else TimeDoubt()),
        attendance=given.attendance or (errors.attendance() if errors else AttendanceDoubt()),
        correlation=1.0 if correlation is None else correlation,
    )


def _from_mape(mape: float, centre: Centre) -> float:
    """cv of a day from its mean absolute percentage error, net of Poisson noise of an average open day."""
    date = centre.grid.local.ordinal[centre.grid.warm :]
    index = date - int(date.min())
    daily = np.concatenate([_sums(index, centre.expected(name).volume) for name in centre.queues])
    daily = daily[daily > 0]  # a closed day has no error
    per_day = float(np.average(daily, weights=daily)) if daily.size else math.inf
    return math.sqrt(max(0.0, (mape * MAPE_TO_CV) ** 2 - 1 / per_day))


def _handling_cv(centre: Centre) -> float:
    volumes = [float(centre.expected(name).volume.sum()) for name in centre.queues]
    cvs = [float(queue.handling.cv) for queue in centre.queues.values()]
    return float(np.average(cvs, weights=volumes)) if sum(volumes) else max(cvs)


# ------------------------------------------------------------------ formulas


def squared_error(forecast: Floats, actual: Floats) -> float:
    """c^2 of counts against their forecasts, net of Poisson noise (arrays of one length)."""
    weight = float((forecast**2).sum())
    if weight == 0:
        return 0.0
    return max(0.0, float(((actual - forecast) ** 2 - forecast).sum()) / weight)


def split_error(
    forecast: Floats,
    actual: Floats,
    noise: Floats,
    periods: Ints,
    *,
    independent: int | None = None,
) -> tuple[float, float]:
    """(sd of what a whole period shares, sd of the single day), of errors actual / forecast - 1.

    `noise` is the variance of each day's actual by chance alone; `periods` numbers each day's period. With
    e the day's error and B the period's (weighted by forecast), E e^2 = bias^2 + day^2 + chance and
    E B^2 = bias^2 + k day^2 + chance, k = sum(f^2) / (sum f)^2 inside the period: two equations, two unknowns.
    Of P periods the mean of B^2 is known to about sqrt(2/P) of itself (a chi-square's spread). That one standard
    error is added to the bias, at most up to the periods' whole mean square, and taken from the days: what is certain,
    their sum, stays. Without it three weeks of days of 12 % with a bias of 2 % give a bias of 0 more often than not.
    `independent` is P where periods are not independent (several queues of one week); by default all of them are.
    """
    weight = forecast**2
    total = float(((actual - forecast) ** 2 - noise).sum()) / float(weight.sum())
    squares, shares, sizes = [], [], []
    for period in distinct(periods):
        here = periods == period
        size = float(forecast[here].sum())
        if size == 0:
            continue
        squares.append(
            ((float(actual[here].sum()) / size - 1) ** 2) - float(noise[here].sum()) / size**2
        )
        shares.append(float(weight[here].sum()) / size**2)
        sizes.append(size)
    square = float(np.average(squares, weights=sizes))
    share = float(np.average(shares, weights=sizes))
    if share >= 1:
        return 0.0, math.sqrt(max(0.0, total))
    apart = max(0.0, (square - share * total) / (1 - share))
    error = math.sqrt(2 / (independent or len(sizes))) * max(0.0, square)
    careful = min(apart + error, max(apart, square))
    bias = min(careful, max(0.0, total))
    return math.sqrt(bias), math.sqrt(max(0.0, total - bias))


def periods_of(days: Ints) -> Ints:
    """The period of each local date (ordinal): its week when the file holds three weeks or more, else one.

    Weeks and not months, since few files hold several months; a month's bias is then a little overstated.
    """
    week = (days - int(days.min())) // 7
    return week if int(week.max()) >= 2 else np.zeros_like(days)


# ------------------------------------------------------------------ reading


@dataclass(frozen=True, eq=False)
class _Errors:
    """Rows of the file: local day, place inside the day, series (queue), and the columns it has."""

    day: Ints
    by_interval: bool
    queue: Ints
    forecast: Floats
    actual: Floats
    forecast_aht: Floats | None
    actual_aht: Floats | None
    planned: Floats | None
    present: Floats | None

    def volume(self) -> VolumeDoubt:
        key = self.queue * 10**7 + self.day
        days, inverse = np.unique(key, return_inverse=True)
        forecast = _sums(inverse, self.forecast)
        actual = _sums(inverse, self.actual)
        day = days % 10**7
        period = periods_of(day)
        bias, spread = split_error(
            forecast, actual, forecast, period + 1000 * (days // 10**7),
            independent=distinct(period).size,
        )  # fmt: skip
        interval = self._interval_cv(inverse, forecast, actual) if self.by_interval else 0.0
        return VolumeDoubt(day_cv=_cap(spread), interval_cv=_cap(interval), bias_sd=_cap(bias))

    def _interval_cv(self, day: Ints, forecast: Floats, actual: Floats) -> float:
        """cv inside days: given the day's count, intervals are multinomial with variance m (1 - share)."""
        ratio = np.divide(actual, forecast, out=np.zeros(forecast.size), where=forecast > 0)
        mean = self.forecast * ratio[day]
        share = np.divide(
            self.forecast, forecast[day], out=np.zeros(mean.size), where=forecast[day] > 0
        )
        weight = float((mean**2).sum())
        if weight == 0:
            return 0.0
        error = ((self.actual - mean) ** 2 - mean * (1 - share)).sum()
        return math.sqrt(max(0.0, float(error) / weight))

    def aht(self, handling_cv: float) -> TimeDoubt:
        if self.forecast_aht is None or self.actual_aht is None:
            return TimeDoubt()
        days, inverse = np.unique(self.day, return_inverse=True)
        calls = _sums(inverse, self.actual)
        expected = _sums(inverse, self.actual * self.forecast_aht)
        handled = _sums(inverse, self.actual * self.actual_aht)
        used = (calls > 0) & (expected > 0)
        if not used.any():
            return TimeDoubt()
        noise = (expected * handling_cv) ** 2 / np.where(used, calls, 1)
        bias, spread = split_error(
            expected[used], handled[used], noise[used], periods_of(days[used])
        )
        return TimeDoubt(day_cv=_cap(spread), bias_sd=_cap(bias))

    def attendance(self) -> AttendanceDoubt:
        if self.planned is None or self.present is None:
            return AttendanceDoubt()
        days, inverse = np.unique(self.day, return_inverse=True)
        planned = _sums(inverse, self.planned)
        present = _sums(inverse, self.present)
        used = planned > 0
        if not used.any():
            return AttendanceDoubt()
        bias, spread = split_error(
            planned[used], present[used], np.zeros(int(used.sum())), periods_of(days[used])
        )
        return AttendanceDoubt(day_sd=_cap(math.hypot(bias, spread)))

    def correlation(self) -> float | None:
        """Of the queues' daily errors, pooled over pairs; None with one queue or no error."""
        queues = distinct(self.queue)
        if queues.size < 2:
            return None
        days, inverse = np.unique(self.day, return_inverse=True)
        error = np.zeros((queues.size, days.size))
        size = np.zeros((queues.size, days.size))
        variance = np.zeros(queues.size)
        for row, queue in enumerate(queues):
            here = self.queue == queue
            forecast = _sums(inverse[here], self.forecast[here], days.size)
            actual = _sums(inverse[here], self.actual[here], days.size)
            error[row], size[row] = actual - forecast, forecast
            variance[row] = squared_error(forecast, actual)
        above = below = 0.0
        for one in range(queues.size):
            for other in range(one):
                above += float((error[one] * error[other]).sum())
                weight = float((size[one] * size[other]).sum())
                below += weight * math.sqrt(variance[one] * variance[other])
        return min(max(above / below, 0.0), 1.0) if below > 0 else None


def _sums(index: Ints, values: Floats, count: int = 0) -> Floats:
    """The sum of the values of each index."""
    return np.bincount(index, values, count).astype(np.float64)


def _cap(value: float) -> float:
    return min(round(value, 6), 1.0)


def _read(centre: Centre) -> _Errors:
    assert centre.demand is not None and centre.demand.from_ is not None
    source = centre.demand.from_.source
    table = open_table(source.file, centre.folder, encoding=source.encoding)
    time = _first(table, ("interval_start", "date"), needed=True) or "date"
    table = _as_locked(table, time, centre.demand.from_.lock_days)
    by_queue = table.has("queue")
    names = table.column("queue") if by_queue else ("",) * table.size
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    zone = clock.zone(centre.timezone)
    keys = list(names)
    instants = table.instants(time, zone, day_first=source.dates == "day_first", keys=keys)
    queue = np.array([known[name] for name in names], dtype=np.int64)
    _refuse_duplicates(table, time, instants, queue)
    forecast = table.numbers(_first(table, FORECAST, needed=True) or "")
    actual = table.numbers(_first(table, ACTUAL, needed=True) or "")
    columns = [_optional(table, names) for names in (FORECAST_AHT, ACTUAL_AHT, PLANNED, PRESENT)]
    day = clock.local_labels(instants, zone).ordinal
    if distinct(day).size < 5:
        days = distinct(day).size
        raise InputError(
            [
                Problem(
                    f"the file holds {days} {'day' if days == 1 else 'days'}",
                    "To measure how wrong forecasts are takes at least 5, better 60; or type it in.",
                    file=table.file,
                    line=table.lines[0],
                )
            ]
        )
    if not forecast.sum():
        raise InputError([Problem("every forecast is 0", "", file=table.file, line=table.lines[0])])
    return _Errors(day, time == "interval_start", queue, forecast, actual, *columns)


def _as_locked(table: Table, time: str, lock_days: int | None) -> Table:
    """Of several forecasts of one interval, told apart by `lead_days`, the last made before the lock.

    A file without `lead_days` is taken as it is; `assumed` says so.
    """
    if lock_days is None or not table.has(LEAD):
        return table
    lead = table.numbers(LEAD)
    queues = table.column("queue") if table.has("queue") else ("",) * table.size
    latest: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(table.column(time), queues, strict=True)):
        if lead[row] >= lock_days and (key not in latest or lead[row] < lead[latest[key]]):
            latest[key] = row
    if not latest:
        found = f"no forecast was made {lock_days} days ahead"
        would_do = f"The longest `{LEAD}` is {lead.max():g}; lower lock_days."
        raise InputError([Problem(found, would_do, file=table.file, line=table.lines[0])])
    return table.take(sorted(latest.values()))


def _first(table: Table, names: Sequence[str], *, needed: bool = False) -> str | None:
    for name in names:
        if table.has(name):
            return name
    if needed:
        table.column(names[0])
    return None


def _optional(table: Table, names: Sequence[str]) -> Floats | None:
    name = _first(table, names)
    return None if name is None else table.numbers(name, blank=0.0)


def _refuse_duplicates(table: Table, time: str, instants: Ints, queue: Ints) -> None:
    order = np.lexsort((instants, queue))
    same = np.flatnonzero((np.diff(instants[order]) == 0) & (np.diff(queue[order]) == 0))
    table.refuse(
        time,
        [
            (
                int(order[place + 1]),
                f"{table.column(time)[order[place + 1]]} stands twice; keep one",
            )
            for place in same
        ],
    )
