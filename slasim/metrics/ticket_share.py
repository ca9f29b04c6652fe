"""Tickets in time: the share of ticket clocks that were met, over counts of what became of them.

A ticket clock is a policy's (`slasim.sla`); here only its ratio is written down. What is still open at the end of
watching is in no ratio: two bounds say what it may still become, and a promise is judged at the lower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from slasim.metrics.counts import Numbers
from slasim.metrics.service_level import Parts

__all__ = ["OpenIs", "TicketCounts", "TicketShare"]

OpenIs = Literal["left_out", "missed", "met"]


class TicketCounts(Protocol):
    """Cycles of a clock, all of one shape; ``missed`` are the late and those past due without an end."""

    @property
    def met(self) -> Numbers: ...
    @property
    def missed(self) -> Numbers: ...
    @property
    def open(self) -> Numbers: ...


@dataclass(frozen=True)
class TicketShare:
    """met / (met + missed)

    ``metric`` is the policy's name of the clock, ``said`` what it promises in words. ``open_is`` says what open clocks
    count as: nothing, or for the two bounds missed or met.
    """

    metric: str
    said: str = ""
    open_is: OpenIs = "left_out"

    unit: ClassVar[Literal["share"]] = "share"
    better: ClassVar[Literal["higher"]] = "higher"
    over: ClassVar[Literal["tickets"]] = "tickets"

    @property
    def text(self) -> str:
        more = {"left_out": "", "missed": ", open ones missed", "met": ", open ones met"}
        return f"{self.said or 'met / (met + missed)'}{more[self.open_is]}"

    @property
    def thresholds(self) -> tuple[int, ...]:
        return ()

    def parts(self, c: TicketCounts) -> Parts:
        if self.open_is == "left_out":
            return c.met, c.met + c.missed
        return c.met + c.open if self.open_is == "met" else c.met, c.met + c.missed + c.open
