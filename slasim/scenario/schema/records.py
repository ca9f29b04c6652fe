"""What every section of a scenario file is: a frozen record, and the data file that it may name.

Unknown keys are errors. Knows no section by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
)

from slasim import clock
from slasim.scenario.values import (
    said,
    wrong,
)

__all__ = [
    "MaybeSource",
    "NameList",
    "Period",
    "Record",
    "Source",
    "Words",
    "known_zone",
    "mapping_or",
]


Period = Literal["interval", "day", "week", "month", "quarter", "horizon"]


class Record(BaseModel):
    """A frozen section of the file; unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # one validator of the whole file, not one of every section
    )
    also_known: ClassVar[Mapping[str, str]] = {}
    """Keys that people write here by mistake, and what to say."""


def mapping_or(key: str) -> BeforeValidator:
    """Let a single value stand for `{key: value}`."""

    def widen(value: Any) -> Any:
        return value if isinstance(value, Mapping | Record) else {key: value}

    return BeforeValidator(widen)


class Source(Record):
    """A CSV file beside the scenario, and how to read it."""

    file: str
    column: str | None = None
    encoding: str | None = None
    """Text encoding where it is not UTF-8, such as cp1252."""
    dates: Literal["iso", "day_first"] = "iso"


class MaybeSource(Record):
    file: str | None = None
    column: str | None = None
    encoding: str | None = None
    dates: Literal["iso", "day_first"] = "iso"

    @property
    def source(self) -> Source | None:
        """The file that is named, if one is."""
        if self.file is None:
            return None
        return Source(file=self.file, column=self.column, encoding=self.encoding, dates=self.dates)

    def _without_file(self) -> None:
        for key in ("column", "encoding", "dates"):
            if self.file is None and key in self.model_fields_set:
                raise wrong(f"`{key}` stands here without `file`", "Name the file it belongs to.")


Words = tuple[str, ...]
"""Names; a list in the file."""

NameList = Annotated[
    Words,
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
]


def known_zone(value: str) -> str:
    try:
        clock.zone(value)
    except ValueError as error:
        raise said(str(error)) from None
    return value
