"""What is promised, between whom, and when a promise may be made.

Whether a promise was met is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from slasim import clock
from slasim.scenario.schema.metrics import Metric
from slasim.scenario.schema.records import Period, Record
from slasim.scenario.values import (
    Share,
    read_share,
    said,
    wrong,
)

__all__ = ["Commitment", "Contract", "Feasibility", "Parties", "Stress"]


def _target(value: Any) -> float:
    if isinstance(value, str) and "%" not in value:
        try:
            return float(clock.parse_duration(value))
        except ValueError as error:
            raise said(str(error)) from None
    return read_share(value)


class Commitment(Record):
    """What is promised: a metric, its target, per period, and how intervals are put together."""

    metric: str | None = None
    inline: Metric | None = None
    name: str | None = None
    target: Annotated[
        float,
        PlainValidator(_target),
        WithJsonSchema({"type": ["number", "string"], "examples": [0.8, "80 %", "30s"]}),
    ]
    """a share, or ms for a metric in time"""
    better: Literal["higher", "lower"] | None = None
    period: Period | None = None
    aggregate: Literal["weighted", "share_of_intervals_met"] = "weighted"
    interval_target: (
        Annotated[
            float,
            PlainValidator(_target),
            WithJsonSchema({"type": ["number", "string"]}),
        ]
        | None
    ) = None

    @model_validator(mode="before")
    @classmethod
    def _inline(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and isinstance(value.get("metric"), Mapping):
            value = dict(value)
            value["inline"] = value.pop("metric")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Commitment:
        if (self.metric is None) == (self.inline is None):
            raise wrong("the commitment names no metric", "Write metric: and a name of `metrics`.")
        by_interval = self.aggregate == "share_of_intervals_met"
        if by_interval and self.interval_target is None:
            raise wrong(
                "share_of_intervals_met needs interval_target",
                "Write for example target: 0.9, interval_target: 0.8 (9 of 10 intervals at 80 %).",
            )
        if not by_interval and self.interval_target is not None:
            raise wrong(
                "interval_target stands here without aggregate",
                "Write aggregate: share_of_intervals_met, or leave it out.",
            )
        return self

    @property
    def exact_target(self) -> Fraction:
        """The target as it was written, in fractions."""
        return Fraction(repr(self.target))


class Parties(Record):
    """Between whom."""

    kind: Literal["sla", "ola", "supplier"] = "sla"
    provider: str = ""
    client: str = ""


class Contract(Record):
    """What is promised (SLA)."""

    parties: Parties = Parties()
    period: Period = "horizon"
    commitments: tuple[Commitment, ...] = ()


class Stress(Record):
    """By how much the inputs may be worse and the promise must still hold."""

    volume: Share = 0.0
    aht: Share = 0.0
    attendance: Share = 0.0


class Feasibility(Record):
    """When a promise may be made: the chance to keep it, and how sure of that chance."""

    chance: Share = 0.90
    confidence: Share = 0.95
    stress: Stress = Stress()

    @model_validator(mode="after")
    def _inside(self) -> Feasibility:
        for key in ("chance", "confidence"):
            if not 0 < getattr(self, key) < 1:
                raise wrong(f"`{key}` is {getattr(self, key):g}", "It lies between 0 and 1.")
        return self
