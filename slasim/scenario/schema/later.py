"""Records of sections that few files have: imported, and their validator built, when a file has the key.

    if TYPE_CHECKING:
        from slasim.scenario.schema.contract import Contract
    else:
        Contract = later("slasim.scenario.schema.contract", "Contract")

    contract: Contract | None = None

A plain voice centre is read in two thirds of the time. Findings have the paths that they would have otherwise, and
the JSON Schema says the same. It knows no record by name.
"""

from __future__ import annotations

import importlib
from typing import Annotated, Any

from pydantic import BaseModel, ValidationInfo
from pydantic_core import core_schema

__all__ = ["Later", "later"]


class Later:
    """Stands for a record inside `| None`, a list or a mapping."""

    def __init__(self, home: str, name: str) -> None:
        self._home, self._name = home, name

    @property
    def record(self) -> type[BaseModel]:
        """The record itself; imports its home."""
        found: type[BaseModel] = getattr(importlib.import_module(self._home), self._name)
        return found

    def _read(self, value: Any, info: ValidationInfo) -> Any:
        return self.record.model_validate(value, context=info.context)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        record = self.record
        record.model_rebuild()
        # As a schema with definitions, it is told once, under its own name, whoever else refers to it.
        return handler(core_schema.definitions_schema(record.__pydantic_core_schema__, []))


def later(home: str, name: str) -> Any:
    """The annotation that stands for record ``name`` of module ``home``."""
    return Annotated[Any, Later(home, name)]
