"""What is expected of a queue by interval: volume, AHT and patience, levers included.

Knows no column of a file: those are read in `forecast_rows.py`, where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.calendars import Calendar
from slasim.scenario.interval_files.grid import Horizon, refused, stretched
from slasim.scenario.schema import Queue

__all__ = ["QueueForecast", "expected"]


@dataclass(frozen=True, eq=False)
class QueueForecast:
    """What is expected of one queue, by interval; the rate is constant over the open part.

    volume          float64 (I,) expected first contacts, the `volume` lever included
    aht_ms          float64 (I,) mean handle time, levers included; > 0 wherever volume is
    patience_scale  float64 (I,) factor on the queue's patience, or None where it is the same all day
    open_ms         int64 (I,) how long the queue is open in the interval
    patience_mean   ms, from the file's patience_s where the queue itself has no patience; else None
    """

    volume: Floats
    aht_ms: Floats
    patience_scale: Floats | None
    open_ms: Ints
    patience_mean: float | None = None
    notes: tuple[str, ...] = ()

    def part(self, since: int, until: int) -> QueueForecast:
        """The forecast of intervals since..until."""
        scale = None if self.patience_scale is None else self.patience_scale[since:until]
        return replace(
            self,
            volume=self.volume[since:until],
            aht_ms=self.aht_ms[since:until],
            patience_scale=scale,
            open_ms=self.open_ms[since:until],
        )


def expected(
    name: str, queue: Queue, calendar: Calendar, horizon: Horizon, folder: Path | None
) -> QueueForecast:
    """What is expected of a queue over warm-up and horizon (arrays of horizon.size).

    Raises InputError; problems without a file concern the queue's `arrivals` in the scenario.
    """
    open_ms = horizon.open_ms(calendar)
    arrivals = queue.arrivals
    file_aht = file_patience = None
    notes: list[str] = []
    if arrivals is None:
        volume = np.zeros(horizon.size)
    elif arrivals.source is not None:
        from slasim.scenario.interval_files.forecast_rows import from_file

        volume, file_aht, file_patience, notes = from_file(
            name, arrivals.source, calendar, horizon, folder
        )
    elif arrivals.per_hour is not None:
        per_hour = stretched(arrivals.per_hour, horizon, "per_hour")
        volume = per_hour * open_ms / clock.HOUR
    else:
        from slasim.scenario.interval_files.per_day import by_weekday

        volume = by_weekday(arrivals, calendar, horizon, folder)
    aht, aht_note = _aht(name, queue, volume, file_aht)
    scale, patience_mean = _patience(queue, volume, file_patience)
    return QueueForecast(
        volume * queue.volume, aht, scale, open_ms, patience_mean, (*notes, *aht_note)
    )


def _aht(
    name: str, queue: Queue, volume: Floats, file_aht: Floats | None
) -> tuple[Floats, tuple[str, ...]]:
    given = queue.aht_mean
    notes: tuple[str, ...] = ()
    if file_aht is None:
        if given is None:
            raise refused(
                f"queue `{name}` has no AHT",
                "Write aht: 260s, handle_time: {...}, or give the forecast file a column aht_s.",
            )
        base = np.full(volume.size, given)
    else:
        blank = np.isnan(file_aht)
        used = ~blank & (volume > 0)
        if given is None:
            if (blank & (volume > 0)).any():
                count = int((blank & (volume > 0)).sum())
                raise refused(
                    f"aht_s of queue `{name}` is empty or 0 in {count} intervals with contacts",
                    "Fill it in, or write aht: in the queue for those intervals.",
                )
            given = (
                float(np.average(file_aht[used], weights=volume[used])) if used.any() else 1000.0
            )
        elif used.any():
            notes = (f"AHT by interval from the file; {clock.format_duration(given)} where empty",)
        base = np.where(blank, given, file_aht)
    mean = base * queue.aht.times + queue.aht.plus
    if (mean[volume > 0] <= 0).any() or (mean <= 0).all():
        raise refused(
            f"the levers of aht leave queue `{name}` a handle time of 0 or less",
            f"times {queue.aht.times:g} and plus {clock.format_duration(queue.aht.plus)} take too much.",
        )
    return np.maximum(mean, 0.0), notes


def _patience(
    queue: Queue, volume: Floats, file_patience: Floats | None
) -> tuple[Floats | None, float | None]:
    if file_patience is None:
        return None, None
    used = ~np.isnan(file_patience) & (volume > 0)
    own = None if queue.patience is None else float(queue.patience.mean)
    if not used.any():
        return None, None
    mean = own or float(np.average(file_patience[used], weights=volume[used]))
    scale = np.where(np.isnan(file_patience), 1.0, file_patience / mean)
    return scale, None if own else mean
