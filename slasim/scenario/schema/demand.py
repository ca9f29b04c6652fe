"""How wrong volume, AHT and attendance may be: typed in, or a file of forecast and actual.

Measuring that file is `slasim.scenario.demand`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import (
    Field,
    model_validator,
)

from slasim.scenario.schema.records import Record, Source
from slasim.scenario.values import (
    Count,
    Share,
    wrong,
)

__all__ = ["AttendanceDoubt", "Demand", "ErrorFile", "TimeDoubt", "VolumeDoubt"]


class VolumeDoubt(Record):
    """How wrong volumes may be: cv by day, by interval inside a day, sd of the whole period's bias."""

    day_cv: Share = 0.0
    interval_cv: Share = 0.0
    bias_sd: Share = 0.0
    daily_mape: Share | None = None
    """mean absolute percentage error of days; used for `day_cv`, net of Poisson noise"""

    @model_validator(mode="after")
    def _one(self) -> VolumeDoubt:
        if self.daily_mape is not None and "day_cv" in self.model_fields_set:
            raise wrong("`day_cv` and `daily_mape` say the same", "Give one of both.")
        return self


class TimeDoubt(Record):
    """How wrong AHT may be: cv by day, sd of the whole period's bias."""

    day_cv: Share = 0.0
    bias_sd: Share = 0.0


class AttendanceDoubt(Record):
    """How much attendance varies: sd of the day's share."""

    day_sd: Share = 0.0


class ErrorFile(Record):
    """Forecast beside actual, of past days."""

    file: str
    lock_days: Count | None = None
    encoding: str | None = None
    dates: Literal["iso", "day_first"] = "iso"

    @property
    def source(self) -> Source:
        return Source(file=self.file, encoding=self.encoding, dates=self.dates)


class Demand(Record):
    """Doubt about the inputs, typed in or measured (`from`); absent parts are no doubt."""

    from_: ErrorFile | None = Field(default=None, alias="from")
    volume: VolumeDoubt | None = None
    aht: TimeDoubt | None = None
    attendance: AttendanceDoubt | None = None
    correlation: Share | None = None
    """between queues; when neither given nor measured, 1: all queues are busy on the same day"""
