"""Shifts with their breaks: who has the same hours, by number or by name.

What that comes to by interval stands in `interval_files/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from slasim import clock
from slasim.scenario.schema.records import NameList, Record
from slasim.scenario.values import Count, Days, Duration, TimeOfDay, wrong

__all__ = ["Break", "Shift"]


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
