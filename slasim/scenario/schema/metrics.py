"""What is measured: a kind of metric, over which queues, with its settings.

Formulas live in `slasim.metrics`; nothing is promised here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from slasim import registry
from slasim.errors import InputError, did_you_mean
from slasim.scenario.schema.later import later
from slasim.scenario.schema.records import NameList, Record
from slasim.scenario.values import (
    Duration,
    said,
    wrong,
)

if TYPE_CHECKING:
    from slasim.scenario.schema.promises import ClockMetric
else:
    ClockMetric = later("slasim.scenario.schema.promises", "ClockMetric")

__all__ = ["OF_CONTACTS", "OF_TICKETS", "AnyMetric", "Metric"]


class Metric(Record):
    """What is measured: a kind of metric, over which queues, with the settings of its kind."""

    type: str
    queues: NameList | None = None
    """None = all queues but those of tickets, which have clocks"""
    threshold: Duration | None = None
    formula: str = "negative"
    short_abandon: Duration | None = None
    include_blocked: bool = False
    include_flow_out: bool = True
    settings: dict[str, Any] = Field(default={})
    """settings of a kind that somebody added"""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Put settings that only the kind knows under `settings`."""
        if isinstance(value, Mapping) and value.get("type") == "ticket_clock":
            raise wrong(
                "a ticket clock is promised by its name",
                "Write it under `metrics:` and name it here.",
            )
        if not isinstance(value, Mapping) or not registry.has("metric", value.get("type")):
            return value
        kind = registry.get("metric", value["type"])
        own = set(getattr(kind, "__dataclass_fields__", ())) - set(cls.model_fields)
        more = {key: item for key, item in value.items() if key in own}
        rest = {key: item for key, item in value.items() if key not in own}
        return {**rest, "settings": more} if more else value

    @field_validator("type")
    @classmethod
    def _known(cls, value: str) -> str:
        if not registry.has("metric", value):
            known = registry.names("metric")
            raise wrong(f"there is no metric of type `{value}`", did_you_mean(value, known))
        return value

    @model_validator(mode="after")
    def _measurable(self) -> Metric:
        if self.type == "service_level" and self.threshold is None:
            raise wrong("a service level needs a threshold", "Write for example threshold: 30s.")
        try:
            made = self.measure
        except InputError as error:
            problem = error.problems[0]
            raise wrong(problem.found, problem.would_do) from None
        except ValueError as error:
            raise said(str(error)) from None
        if self.queues == ():
            raise wrong("`queues` names no queue", "Leave it out to measure all queues.")
        if self.queues is not None and made.over == "agents":
            raise wrong(f"{self.type} is measured over agents, not queues", "Leave `queues` out.")
        return self

    @property
    def measure(self) -> Any:
        """The `slasim.metrics.standard.ContactMetric` with these settings."""
        from slasim.metrics.standard import measure

        given = {key: getattr(self, key) for key in _SETTINGS if key in self.model_fields_set}
        return measure(self.type, **given, **self.settings)


_SETTINGS = ("threshold", "formula", "short_abandon", "include_blocked", "include_flow_out")

OF_CONTACTS, OF_TICKETS = "<of contacts>", "<of tickets>"
"""Which record a metric has; they stand in pydantic's paths and in no file."""


def _whose(value: Any) -> str:
    kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    named = isinstance(value, Mapping) and kind is None and "metric" in value
    return OF_TICKETS if kind == "ticket_clock" or named else OF_CONTACTS


AnyMetric = Annotated[
    Annotated[Metric, Tag(OF_CONTACTS)] | Annotated[ClockMetric, Tag(OF_TICKETS)],
    Discriminator(_whose),
]
"""A metric of contacts, or a ticket clock."""
