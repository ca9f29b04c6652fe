"""When a promise may be made: how likely it must hold, how sure of that we must be, under which stress.

Also how a target is written. What is promised stands in `contract.py`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, model_validator

from slasim import clock
from slasim.scenario.schema.records import Record
from slasim.scenario.values import Number, Read, Share, read_share, said, wrong

__all__ = ["BackTest", "Feasibility", "Stress", "Target", "read_target"]


def read_target(value: Any) -> float:
    """A share, or ms. Raises PydanticCustomError."""
    if isinstance(value, str) and "%" not in value:
        try:
            return float(clock.parse_duration(value))
        except ValueError as error:
            raise said(str(error)) from None
    return read_share(value)


Target = Annotated[
    float,
    Read(read_target),
    WithJsonSchema({"type": ["number", "string"], "examples": [0.8, "80 %", "30s"]}),
]
"""A share, or ms for a metric in time."""


class Stress(Record):
    """By how much the inputs may be worse and the promise must still hold."""

    volume: Share = 0.0
    aht: Share = 0.0
    attendance: Share = 0.0


class BackTest(Record):
    """What a back-test on unseen weeks found: by how much the model was too kind, per metric."""

    weeks: Number | None = None
    too_kind: dict[str, Target] = Field(default={})
    """metric -> points (a share), or ms, by which the prediction was better than what happened; never below 0"""


class Feasibility(Record):
    """When a promise may be made: the chance to keep it, and how sure of that chance."""

    chance: Share = 0.90
    confidence: Share = 0.95
    stress: Stress = Stress.model_construct()
    back_test: BackTest | None = None

    @model_validator(mode="after")
    def _inside(self) -> Feasibility:
        for key in ("chance", "confidence"):
            if not 0 < getattr(self, key) < 1:
                raise wrong(f"`{key}` is {getattr(self, key):g}", "It lies between 0 and 1.")
        return self
