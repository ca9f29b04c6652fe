"""The routing policy by name, and its settings; what it prefers is the policy's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import (
    Field,
    model_validator,
)

from slasim.scenario.schema.records import Record

__all__ = ["Routing"]


class Routing(Record):
    """The policy by name, and its settings."""

    policy: str = "priority_then_longest_wait"
    settings: dict[str, Any] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"policy": value}
        if isinstance(value, Mapping) and "settings" not in value:
            rest = {key: item for key, item in value.items() if key != "policy"}
            return {**{k: v for k, v in value.items() if k == "policy"}, "settings": rest}
        return value
