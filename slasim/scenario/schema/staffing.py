"""How many are on duty, in the planner's words: numbers, a grid or a file.

Also what of the paid time reaches the phones (shrinkage). What that comes to by interval stands in `interval_files/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    WithJsonSchema,
    model_validator,
)

from slasim.scenario.schema.later import later
from slasim.scenario.schema.records import MaybeSource, Record
from slasim.scenario.values import (
    Number,
    Numbers,
    Share,
    read_number,
    wrong,
)

if TYPE_CHECKING:
    from slasim.scenario.schema.grid import Grid
else:
    Grid = later("slasim.scenario.schema.grid", "Grid")

__all__ = ["Shrinkage", "Staffing", "read_staffing"]


class Staffing(MaybeSource):
    """Agents on duty, by number: `agents` (one number, or one per interval), a file, or a grid."""

    agents: Numbers | None = None
    grid: (
        Annotated[
            Grid,
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
