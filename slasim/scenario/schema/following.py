"""What follows a contact: redials, call-backs, hand-overs, repeats, replies, reopened tickets, tier 2.

Whether the queues named here exist, and whether they lead in a circle, is asked in `checks/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from slasim import clock
from slasim.scenario.schema.records import Record
from slasim.scenario.values import (
    Count,
    DistributionValue,
    Duration,
    LongDuration,
    Read,
    Share,
    shown,
    split_sentence,
    wrong,
)

__all__ = [
    "Backlog",
    "CallBack",
    "Late",
    "Lost",
    "Owner",
    "Redial",
    "Reopen",
    "Repeat",
    "Tier2",
    "Transfer",
]

Lost = Literal["abandoned", "blocked", "closed"]
"""Why a caller was not served, as the log says it."""


class Redial(Record):
    """A caller who was not served calls again: by chance, after a while, so many times at most."""

    chance: Share
    after: DistributionValue
    at_most: Count = 3
    when: Annotated[
        tuple[Lost, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)
    ] = ("abandoned",)

    @model_validator(mode="after")
    def _ends(self) -> Redial:
        if self.chance == 1 and "at_most" not in self.model_fields_set:
            raise wrong(
                "everybody calls again (chance 1), and nothing says how often",
                "Write at_most: 3, or a chance below 1.",
            )
        if not self.when:
            raise wrong("`when` is empty", "Write when: [abandoned], or leave it out.")
        return self


class CallBack(Record):
    """Virtual hold: who has waited may hang up, keeps the place in line, and is called back."""

    offer_after: Duration
    accept: Share
    within: Duration
    """the promise: met when the agent calls within this time after it was accepted"""
    priority: Count | None = None
    """place in line of the call-back; None = that of the queue"""


class Transfer(Record):
    """Handed on to another queue before it is answered for good (of a ticket: no reply is sent)."""

    chance: Share
    to: str


class Late(Record):
    """Another chance for contacts that have waited longer than `over`."""

    over: LongDuration
    chance: Share


class Repeat(Record):
    """The same matter once more: a new contact after one that was answered."""

    chance: Share
    after: DistributionValue
    at_most: Count = 1
    late: Late | None = None

    @model_validator(mode="after")
    def _more_when_late(self) -> Repeat:
        if self.chance == 1 and "at_most" not in self.model_fields_set:
            raise wrong(
                "every contact comes again (chance 1), and nothing says how often",
                "Write at_most: 1, or a chance below 1.",
            )
        if self.late is not None and self.late.chance < self.chance:
            raise wrong(
                f"late ones repeat less often ({self.late.chance:g}) than others ({self.chance:g})",
                "`late.chance` takes the place of `chance` where the wait was long: give it at least as much.",
            )
        return self


class Reopen(Record):
    """The customer comes back after the ticket was solved."""

    chance: Share
    after: DistributionValue


class Owner(Record):
    """The same agent answers again: a touch is kept that long for whom handled the one before."""

    keep: LongDuration = clock.DAY

    @model_validator(mode="before")
    @classmethod
    def _sticky(cls, value: Any) -> Any:
        """`sticky` is `{keep: 1d}`."""
        if isinstance(value, Mapping | Record):
            return value
        if value == "sticky":
            return {}
        raise wrong(f"{shown(value)} says nothing of an owner", "Write sticky, or {keep: 1d}.")


class Tier2(Record):
    """Handed on to a second line, with what it promises us (OLA)."""

    queue: str
    chance: Share
    ola: Annotated[
        int | None,
        Read(lambda value: value),
        WithJsonSchema({"type": ["string", "null"], "examples": ["4h", "1d"]}),
    ] = None
    """business ms on `calendar`, from hand-over to its reply; None = no promise"""
    day_means: Duration | None = None
    calendar: str | None = None
    """None = that of the queue it is handed to"""

    @model_validator(mode="after")
    def _days_have_a_length(self) -> Tier2:
        if isinstance(self.ola, str | float):
            try:
                read = clock.parse_duration(self.ola, day_means_ms=self.day_means)
            except ValueError as error:
                raise wrong(*split_sentence(str(error))) from None
            object.__setattr__(self, "ola", read)
        if self.ola is not None and (not isinstance(self.ola, int) or self.ola <= 0):
            raise wrong(f"an OLA of {shown(self.ola)} is no promise", "Write for example ola: 4h.")
        return self


class Backlog(Record):
    """Tickets that wait already at the start, their ages spread evenly from 0 to that of the oldest."""

    tickets: Count
    oldest: LongDuration = 0
