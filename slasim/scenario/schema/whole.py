"""The whole file: times, calendars, and every section under its key.

What follows from it is `slasim.scenario.scenario.Scenario`; what concerns several sections, `checks/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    Field,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from slasim import clock
from slasim.calendars import Calendar, CalendarProblems
from slasim.scenario.document import Document
from slasim.scenario.schema.feasibility import Feasibility
from slasim.scenario.schema.groups import Group
from slasim.scenario.schema.later import later
from slasim.scenario.schema.metrics import AnyMetric
from slasim.scenario.schema.queues import Queue
from slasim.scenario.schema.records import Record, known_zone
from slasim.scenario.schema.routing import Routing
from slasim.scenario.values import (
    Duration,
    LocalMoment,
    LongDuration,
    Read,
    shown,
    wrong,
)

if TYPE_CHECKING:
    from slasim.scenario.schema.contract import Contract
    from slasim.scenario.schema.demand import Demand
    from slasim.scenario.schema.promises import (
        EscalationRecord,
        PromiseRecord,
        ReminderRecord,
        RulesRecord,
    )
else:
    Contract = later("slasim.scenario.schema.contract", "Contract")
    Demand = later("slasim.scenario.schema.demand", "Demand")
    EscalationRecord = later("slasim.scenario.schema.promises", "EscalationRecord")
    PromiseRecord = later("slasim.scenario.schema.promises", "PromiseRecord")
    ReminderRecord = later("slasim.scenario.schema.promises", "ReminderRecord")
    RulesRecord = later("slasim.scenario.schema.promises", "RulesRecord")

__all__ = ["Drain", "ScenarioRecord", "start_of"]


class Drain(Record):
    """How long after `end` what is left is still served."""

    voice: LongDuration = clock.DAY
    chat: LongDuration = clock.DAY
    ticket: LongDuration = 30 * clock.DAY


def _calendars(value: Any, info: ValidationInfo) -> dict[str, Calendar]:
    from slasim.scenario.tell import Told

    if not isinstance(value, Mapping):
        raise wrong(f"{shown(value)} is not a mapping of calendars", "Write phones: {weekly: ...}.")
    context = info.context if isinstance(info.context, dict) else {}
    zone_name = context.get("timezone", "UTC")
    found: dict[str, Calendar] = {}
    inside: list[Told] = context.setdefault("inside", [])
    for name, plain in value.items():
        if isinstance(plain, Calendar):
            found[str(name)] = plain
            continue
        if not isinstance(plain, Mapping):
            inside.append(
                Told(
                    ("calendars", str(name)),
                    f"{shown(plain)} is not a calendar",
                    'Write {weekly: {mon-fri: ["08:00-20:00"]}}.',
                )
            )
            continue
        if not isinstance(plain.get("timezone", ""), str):
            loc = ("calendars", str(name), "timezone")
            inside.append(Told(loc, f"{shown(plain['timezone'])} is not text", "Put it in quotes."))
            continue
        try:
            found[str(name)] = Calendar.from_plain(plain, timezone=zone_name, name=str(name))
        except CalendarProblems as error:
            for path, sentence in error.problems:
                inside.append(Told.sentence(("calendars", str(name), *path), sentence))
    return found


class ScenarioRecord(Record):
    """The whole file. `slasim.scenario.Scenario` adds what follows from it."""

    name: str
    timezone: str = "UTC"
    currency: str = "EUR"
    start: LocalMoment
    end: LocalMoment
    interval: Duration = 30 * clock.MINUTE
    warm_up: LongDuration = 0
    drain_at_most: Drain = Drain.model_construct()
    calendars: Annotated[
        dict[str, Calendar],
        Read(_calendars, info=True),
        WithJsonSchema({"type": "object"}),
    ] = Field(default={})
    demand: Demand | None = None
    queues: dict[str, Queue]
    groups: dict[str, Group]
    routing: Routing = Routing.model_construct()
    metrics: dict[str, AnyMetric] = Field(default={})
    """what is measured, by name: of contacts, or of the clocks of tickets"""
    preset: str | None = None
    """the help desk whose meanings hold for ticket clocks where nothing else is said"""
    levels: dict[str, dict[str, Any] | None] = Field(default={})
    rules: RulesRecord | None = None
    reminders: tuple[ReminderRecord, ...] = ()
    escalations: tuple[EscalationRecord, ...] = ()
    managers: dict[str, str] = Field(default={})
    ola: dict[str, PromiseRecord] = Field(default={})
    contract: Contract | None = None
    contracts: dict[str, Contract] = Field(default={})
    """of other clients on the same staffing, by name"""
    feasibility: Feasibility = Feasibility.model_construct()

    _document: Document = PrivateAttr(default_factory=lambda: Document({}))
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return known_zone(value)

    @field_validator("queues", "groups", mode="before")
    @classmethod
    def _some(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping) and not value:
            raise wrong(f"there are no {info.field_name}", "A scenario has at least one.")
        return value

    @field_validator("interval")
    @classmethod
    def _divides(cls, value: int) -> int:
        if not value or clock.DAY % value or value < clock.MINUTE:
            raise wrong(
                f"an interval of {clock.format_duration(value)} does not divide a day",
                "Write for example 15min, 30min or 1h (at least 1min).",
            )
        return value

    @field_validator("end")
    @classmethod
    def _after(cls, value: datetime, info: ValidationInfo) -> datetime:
        start = info.data.get("start")
        if start is not None and value <= start:
            would_do = f"`start` is {start_of(start)}; `end` is the first moment not included."
            raise wrong(f"`end` {start_of(value)} is not after `start`", would_do)
        return value


def start_of(value: datetime) -> str:
    """A local moment as it stands in a file."""
    return value.isoformat(" ", "minutes")
