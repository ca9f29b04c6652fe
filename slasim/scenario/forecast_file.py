"""A forecast file by itself, without a scenario: the planner's first question, answered by formula.

    read_forecast("forecast.csv", aht="260s")           -> Forecast: each queue's intervals
    read_forecast(...).staffed(service_level=0.8, ...)  -> StaffedForecast: required, scheduled, FTE, occupancy

The file is one a scenario could name (long: queue, interval_start, offered[, aht_s][, patience_s]; wide: interval_start
and a column per queue; see ``forecast_columns``), read by the same reader. A queue is taken as open each day from its
first row to its last: a missing row between them is an error, a night without rows is none. Nothing here is random.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim import clock
from slasim.arrays import Ints
from slasim.calendars import Calendar
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario.forecast_columns import mean_column, queues_of
from slasim.scenario.interval_files import Horizon, QueueForecast, expected
from slasim.scenario.schema import Queue
from slasim.scenario.tables import Table, open_table
from slasim.scenario.workload import WEEK_HOURS
from slasim.sets import distinct

if TYPE_CHECKING:
    from slasim.erlang import ForecastStaffing

__all__ = ["Forecast", "StaffedForecast", "read_forecast"]


@dataclass(frozen=True, eq=False)
class Forecast:
    """Each queue's forecast on one grid of intervals."""

    file: str
    horizon: Horizon
    queues: dict[str, QueueForecast]

    def staffed(
        self, *, service_level: float, threshold_s: float, max_occupancy: float | None = None,
        shrinkage: float = 0.0, patience_s: float | None = None, modified_offered_load: bool = False,
    ) -> StaffedForecast:  # fmt: skip
        """Fewest agents per queue and interval that reach the goals, by Erlang A where a patience is known, else C.

        A patience_s column of the file comes before ``patience_s``. Raises InputError.
        """
        from slasim.erlang import staff_forecast

        made: dict[str, ForecastStaffing] = {}
        for name, queue in self.queues.items():
            own = None if queue.patience_mean is None else queue.patience_mean / 1000
            patience = own or patience_s
            made[name] = staff_forecast(
                queue.volume, queue.aht_ms / 1000, self.horizon.interval / 1000,
                service_level=service_level, threshold_s=threshold_s, max_occupancy=max_occupancy,
                shrinkage=shrinkage, patience_s=patience,
                method="erlang_c" if patience is None else "erlang_a",
                modified_offered_load=modified_offered_load,
            )  # fmt: skip
        together = None
        if len(made) > 1:
            volume, work, leaving = (np.zeros(self.horizon.intervals) for _ in range(3))
            for queue in self.queues.values():
                volume += queue.volume
                work += queue.volume * queue.aht_ms / 1000
                own = patience_s if queue.patience_mean is None else queue.patience_mean / 1000
                leaving += 0.0 if own is None else queue.volume / own
            patience = float(volume.sum() / leaving.sum()) if leaving.any() else None
            together = staff_forecast(
                volume, np.divide(work, volume, out=np.zeros(volume.size), where=volume > 0),
                self.horizon.interval / 1000, service_level=service_level, threshold_s=threshold_s,
                max_occupancy=max_occupancy, shrinkage=shrinkage, patience_s=patience,
                method="erlang_c" if patience is None else "erlang_a",
                modified_offered_load=modified_offered_load,
            )  # fmt: skip
        return StaffedForecast(
            self, made, together, service_level, threshold_s, max_occupancy, shrinkage,
            modified_offered_load,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class StaffedForecast:
    """A forecast file staffed by formula, queue by queue, and what was asked."""

    forecast: Forecast
    queues: dict[str, ForecastStaffing]
    together: ForecastStaffing | None
    """all queues as one, if every agent took every call; None for a single queue"""
    service_level: float
    threshold_s: float
    max_occupancy: float | None
    shrinkage: float
    modified_offered_load: bool

    @property
    def weeks(self) -> float:
        """Weeks from the first row's day to the last row's, at least one."""
        days = len(set(self.forecast.horizon.local.date.tolist()))
        return max(days / 7, 1.0)

    @property
    def scheduled_hours(self) -> float:
        return sum(queue.total_fte_hours for queue in self.queues.values())

    @property
    def fte(self) -> float:
        """Scheduled hours per week divided by WEEK_HOURS."""
        return self.scheduled_hours / self.weeks / WEEK_HOURS

    @property
    def fte_together(self) -> float | None:
        """The same if all queues shared their agents; None for a single queue."""
        if self.together is None:
            return None
        return self.together.total_fte_hours / self.weeks / WEEK_HOURS

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per queue and open interval: local start, and the columns of ``ForecastStaffing``."""
        local = self.forecast.horizon.local.text
        for name, queue in self.queues.items():
            columns = {key: column.tolist() for key, column in queue.columns().items()}
            for i in np.flatnonzero(self.forecast.queues[name].open_ms > 0).tolist():
                yield {"queue": name, "interval_start": str(local[i])} | {
                    key: column[i] for key, column in columns.items()
                }

    def to_json(self) -> dict[str, Any]:
        """Stable keys; what cannot be judged is null."""
        return {
            "file": self.forecast.file,
            "interval_s": self.forecast.horizon.interval / 1000,
            "service_level": self.service_level,
            "threshold_s": self.threshold_s,
            "max_occupancy": self.max_occupancy,
            "shrinkage": self.shrinkage,
            "modified_offered_load": self.modified_offered_load,
            "scheduled_hours": self.scheduled_hours,
            "fte": self.fte,
            "fte_together": self.fte_together,
            "fte_week_hours": WEEK_HOURS,
            "queues": {
                name: {key: item for key, item in queue.to_json().items() if key != "intervals"}
                for name, queue in self.queues.items()
            },
            "intervals": [
                {key: None if _empty(item) else item for key, item in row.items()}
                for row in self.rows()
            ],
        }


def _empty(item: Any) -> bool:
    return isinstance(item, float) and not np.isfinite(item)


def read_forecast(
    file: str, *, aht: str | None = None, interval: str | None = None, queue: str | None = None,
    timezone: str | None = None, encoding: str | None = None, day_first: bool = False,
) -> Forecast:  # fmt: skip
    """The forecast of a CSV file; ``queue`` takes only that one, ``aht`` is used where the file has none.

    ``interval`` is the grid to staff on, by default the file's own. Without a ``timezone`` local times are read as
    UTC. Raises InputError.
    """
    problems: list[Problem] = []
    mean = _duration("aht", aht, problems)
    length = _duration("interval", interval, problems)
    try:
        zone = clock.zone(timezone or "UTC")
    except ValueError as error:
        problems.append(Problem(str(error), path="timezone"))
    if problems:
        raise InputError(problems)
    table = open_table(file, None, encoding=encoding)
    names = _queues(table, queue)
    if mean is None and not all(mean_column(table, name, "aht_s") for name in names):
        would_do = "Give --aht 260s, or the file a column aht_s (seconds, by interval)."
        raise InputError(
            [Problem("nothing says how long contacts take", would_do, file=file, line=1)]
        )
    starts: dict[str, Ints] = {}
    for name in names:
        rows = table
        if table.has("queue"):
            at = [row for row, found in enumerate(table.column("queue")) if found == name]
            rows = table.take(at)
        starts[name] = rows.instants("interval_start", zone, day_first=day_first)
        if timezone is None:
            _refuse_local_times_that_repeat(rows, starts[name], day_first)
    every = np.concatenate(list(starts.values()))
    own = _own_interval(every)
    grid = length or own
    if grid < clock.MINUTE or clock.DAY % grid:
        said = clock.format_duration(grid)
        would_do = "Give --interval 15min, 30min or 1h, and sort out the rows."
        raise InputError(
            [Problem(f"an interval of {said} does not divide a day", would_do, file=file)]
        )
    first, last = int(every.min()), int(every.max()) + own
    horizon = Horizon(first, grid, max(1, -(-(last - first) // grid)), 0, zone)
    found: dict[str, QueueForecast] = {}
    for name in names:
        source = {"file": file, "encoding": encoding, "dates": "day_first" if day_first else "iso"}
        if not table.has("queue") and table.has(name):
            source["column"] = name
        record = Queue.model_validate(
            {"arrivals": {k: v for k, v in source.items() if v is not None}}
            | ({} if mean is None else {"aht": {"mean": f"{mean}ms"}})
        )
        calendar = _open_from_first_to_last(starts[name], max(own, grid), horizon)
        try:
            found[name] = expected(name, record, calendar, horizon, None)
        except InputError as error:
            raise InputError(
                [
                    p if p.file else Problem(p.found, p.would_do, p.path, file)
                    for p in error.problems
                ]
            ) from None
    return Forecast(file, horizon, found)


def _duration(key: str, text: str | None, problems: list[Problem]) -> int | None:
    if text is None:
        return None
    try:
        found = clock.parse_duration(text)
    except ValueError as error:
        problems.append(Problem(str(error), path=key))
        return None
    if found <= 0:
        problems.append(Problem(f"'{text}' is no time", "Write for example 260s.", path=key))
    return found


def _queues(table: Table, wanted: str | None) -> list[str]:
    """The queues of the file, or the wanted one."""
    table.column("interval_start")
    if table.has("queue"):
        table.column("offered")
        names = list(dict.fromkeys(table.column("queue")))
    elif table.has("offered"):
        names = ["offered"]
    else:
        names = queues_of(table)
    if not names:
        would_do = (
            "It needs columns queue, interval_start, offered; or interval_start and one per queue."
        )
        raise InputError([Problem("the file names no queue", would_do, file=table.file, line=1)])
    if wanted is None:
        return names
    if wanted not in names:
        found = f"the file has no queue `{wanted}`"
        raise InputError(
            [Problem(found, did_you_mean(wanted, names, what="Queues"), file=table.file, line=1)]
        )
    return [wanted]


def _refuse_local_times_that_repeat(rows: Table, instants: Ints, day_first: bool) -> None:
    """Where nobody gave a zone, a local time that stands twice may be the autumn hour, of which no row is too many.

    Times with an offset are left to whoever places the rows: of those one is too many in any zone.
    """
    order = np.argsort(instants, kind="stable")
    twice = np.flatnonzero(np.diff(instants[order]) == 0)
    if not twice.size:
        return
    elsewhere = rows.instants("interval_start", clock.zone("Etc/GMT+1"), day_first=day_first)
    would_do = (
        "times were read as UTC: --timezone ZONE reads the hour that repeats in autumn; "
        "of rows that repeat for another reason keep one"
    )
    bad = []
    for place in twice.tolist():
        row, before = int(order[place + 1]), int(order[place])
        if elsewhere[row] != instants[row]:
            cell = rows.column("interval_start")[row]
            found = f"{cell} stands twice (first in line {rows.lines[before]})"
            bad.append((row, f"{found}; {would_do}"))
    rows.refuse("interval_start", bad)


def _own_interval(instants: Ints) -> int:
    """The commonest distance between rows; half an hour where there is one row only."""
    distances = np.diff(distinct(instants)).tolist()
    return int(Counter(distances).most_common(1)[0][0]) if distances else 30 * clock.MINUTE


def _open_from_first_to_last(instants: Ints, length: int, horizon: Horizon) -> Calendar:
    """Open each local day from its first row to the end of its last."""
    local = clock.local_labels(instants, horizon.zone)
    time = np.asarray(local.local_ms % clock.DAY)
    special = []
    for day in distinct(local.ordinal).tolist():
        here = time[local.ordinal == day]
        until = min(int(here.max()) + length, clock.DAY)
        date = clock.parse_date(str(local.date[np.flatnonzero(local.ordinal == day)[0]]))
        special.append((date, ((int(here.min()), until),)))
    return Calendar(
        horizon.zone.key, weekly=((),) * 7, special_days=tuple(special), name="the file's rows"
    )
