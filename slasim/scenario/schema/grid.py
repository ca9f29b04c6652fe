"""A grid: agents on duty by weekday and time of day, in place or in a file.

What that comes to by interval stands in `interval_files/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from slasim import clock
from slasim.scenario.schema.records import MaybeSource, Record
from slasim.scenario.values import read_days, read_number, said, shown, wrong

__all__ = ["Grid", "GridRow"]


class GridRow(Record):
    """`agents` on duty from `begin` to `end` (ms after local midnight) on those weekdays."""

    days: tuple[int, ...]
    begin: int
    end: int
    agents: float


def _grid(value: Any) -> Any:
    """`{mon-fri: {"08:00-12:00": 12}}` as rows; `{file: grid.csv}` stays."""
    if not isinstance(value, Mapping) or "file" in value:
        return value
    rows: list[GridRow] = []
    for key, hours in value.items():
        try:
            days = read_days(key)
            if not isinstance(hours, Mapping):
                raise wrong(f"`{key}` has {shown(hours)}", 'Write {"08:00-12:00": 12}.')
            for text, agents in hours.items():
                parts = str(text).replace("\N{EN DASH}", "-").split("-")
                if len(parts) != 2:
                    raise wrong(f"'{text}' is no span of time", "Write it as 08:00-12:00.")
                begin, end = (clock.parse_time_of_day(part) for part in parts)
                if begin >= end:
                    would_do = "Write two spans, up to 24:00 and from 00:00 of the next weekday."
                    raise wrong(f"'{text}' ends before it begins", would_do)
                rows.append(GridRow(days=days, begin=begin, end=end, agents=read_number(agents)))
        except ValueError as error:
            if type(error) is ValueError:
                raise said(str(error)) from None
            raise
    for number, row in enumerate(rows):
        for other in rows[:number]:
            if set(row.days) & set(other.days) and row.begin < other.end and other.begin < row.end:
                would_do = "Give each hour of a weekday once."
                raise wrong("two spans of the grid overlap", would_do)
    return {"rows": tuple(rows)}


class Grid(MaybeSource):
    """Agents by weekday and time of day: rows, or a file with columns time, mon, ..., sun."""

    rows: tuple[GridRow, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_day(cls, value: Any) -> Any:
        return _grid(value)
