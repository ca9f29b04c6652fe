"""How many are on duty, in the planner's words: numbers, a grid, a file, or shifts with breaks.

Also what of the paid time reaches the phones (shrinkage). What that comes to by interval stands in `interval_files/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    WithJsonSchema,
    model_validator,
)

from slasim import clock
from slasim.scenario.schema.records import MaybeSource, NameList, Record
from slasim.scenario.values import (
    Count,
    Days,
    Duration,
    Number,
    Numbers,
    Share,
    TimeOfDay,
    read_days,
    read_number,
    said,
    shown,
    wrong,
)

__all__ = ["Break", "Grid", "GridRow", "Shift", "Shrinkage", "Staffing", "read_staffing"]


class GridRow(Record):
    """`agents` on duty from `begin` to `end` (ms after local midnight) on those weekdays."""

    days: tuple[int, ...]
    begin: int
    end: int
    agents: float


def _grid(value: Any) -> Any:
    """`{mon-fri: {"08:00-12:00": 12}}` as rows; `{file: grid.csv}` stays."""
    if isinstance(value, Grid) or not isinstance(value, Mapping) or "file" in value:
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


class Staffing(MaybeSource):
    """Agents on duty, by number: `agents` (one number, or one per interval), a file, or a grid."""

    agents: Numbers | None = None
    grid: (
        Annotated[
            Grid,
            BeforeValidator(_grid),
            WithJsonSchema({"type": "object", "examples": [{"mon-fri": {"08:00-12:00": 12}}]}),
        ]
        | None
    ) = None
    counts: Literal["on_phones", "scheduled", "paid"] = "on_phones"
    times: Number = 1.0
    plus: Annotated[float, BeforeValidator(lambda v: read_number(v, least=-1e6))] = 0.0
    """added where somebody is on duty; never below 0"""

    @model_validator(mode="after")
    def _one_of_three(self) -> Staffing:
        given = [key for key in ("agents", "file", "grid") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{key}`" for key in given) or "nothing"
            raise wrong(
                f"staffing is given by {found}",
                "Give a number, a list per interval, {file, column} or {grid: ...}.",
            )
        self._without_file()
        return self


def read_staffing(value: Any) -> Any:
    return value if isinstance(value, Mapping | Record) else {"agents": value}


class Break(Record):
    """A planned break at a local time."""

    at: TimeOfDay
    length: Duration


class Shift(Record):
    """Agents with the same hours and breaks, by number or by name; `to` before `from` ends on the next day."""

    name: str
    days: Days = tuple(range(7))
    from_: TimeOfDay = Field(alias="from")
    to: TimeOfDay
    breaks: tuple[Break, ...] = ()
    agents: Count
    """how many; with `people` as many as are named"""
    people: NameList = ()
    counts: Literal["on_phones", "scheduled", "paid"] = "scheduled"

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.get("people") is None:
            return value
        if value.get("agents") is not None:
            raise wrong("`agents` and `people` both say who works", "Keep one of them.")
        people = value["people"]
        return {**value, "agents": 1 if isinstance(people, str) else len(people)}

    @property
    def length(self) -> int:
        """ms by the wall clock from begin to end."""
        return self.to - self.from_ if self.to > self.from_ else self.to + clock.DAY - self.from_

    def break_offset(self, pause: Break) -> int:
        """ms by the wall clock from the shift's begin to the break's."""
        return (pause.at - self.from_) % clock.DAY


class Shrinkage(Record):
    """Paid time that is not on the phones; each part applied once, in this order."""

    out_of_office: Share = 0.0
    """of paid: holidays, sickness, training"""
    in_office: Share = 0.0
    """of scheduled: breaks not in the shifts, meetings"""
    adherence: Share = 1.0
    """of what is then planned, the part that happens"""

    def to_phones(self, counts: str) -> float:
        """The factor from what the staffing counts to agents on the phones."""
        factor = 1.0
        if counts == "paid":
            factor *= 1 - self.out_of_office
        if counts in ("paid", "scheduled"):
            factor *= (1 - self.in_office) * self.adherence
        return factor

    def to_scheduled(self, counts: str) -> float:
        """The factor from what the staffing counts to scheduled agents (inf if nobody could be)."""
        if counts == "paid":
            return 1 - self.out_of_office
        if counts == "scheduled":
            return 1.0
        phones = (1 - self.in_office) * self.adherence
        return 1 / phones if phones > 0 else float("inf")

    def to_paid(self, counts: str) -> float:
        """The factor from what the staffing counts to paid agents."""
        if counts == "paid":
            return 1.0
        present = 1 - self.out_of_office
        return self.to_scheduled(counts) / present if present > 0 else float("inf")
