"""What is promised of tickets: clocks, levels, rules, reminders, escalations, and what they stand on (OLA).

The words are those of a policy file, which has the same records. Shapes and unknown keys are settled here; what the
values mean is `slasim.sla`, and `slasim.scenario.policy` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, StrictBool

from slasim.scenario.schema.records import NameList, Record

__all__ = [
    "ClockMeasure",
    "ClockMetric",
    "EscalationRecord",
    "PromiseRecord",
    "ReminderRecord",
    "RuleActions",
    "RuleRecord",
    "RulesRecord",
]


@dataclass(frozen=True)
class ClockMeasure:
    """How a ticket clock reads as a measure: the share of clocks that were met, of those met or missed."""

    unit: Literal["share"] = "share"
    better: Literal["higher"] = "higher"
    over: Literal["tickets"] = "tickets"
    thresholds: tuple[int, ...] = ()


class ClockMetric(Record):
    """A metric of type ticket_clock; `slasim.sla.ticket_clock.TicketClock` is what it comes to."""

    type: Literal["ticket_clock"] = "ticket_clock"
    metric: str
    channel: str | None = None
    calendar: str | None = None
    queues: NameList | None = None
    """None = all that have tickets"""
    target: Any = None
    target_by: dict[str, dict[str, Any]] = Field({})
    day_means: Any = None
    clock: str | None = None
    pause_on: NameList | None = None
    auto_reply_counts: StrictBool = False
    internal_counts: StrictBool = False
    on_target_change: str = "keep_elapsed"
    breach_memory: str = "sticky"
    on_reopen: str = "resume"
    count_as: str | None = None

    @property
    def measure(self) -> ClockMeasure:
        """What a commitment needs to know of it."""
        return ClockMeasure()


class RuleActions(Record):
    """What follows from a rule, written apart from its conditions."""

    set_level: str | None = None
    stop: StrictBool = False


class RuleRecord(Record):
    """An SLA rule."""

    name: str
    active: StrictBool = True
    when: list[dict[str, Any]] | dict[str, Any] = Field({})
    set_level: str | None = None
    stop: StrictBool = False
    actions: RuleActions | None = None


class RulesRecord(Record):
    """The ordered rules."""

    mode: str = "last_match_wins"
    evaluate: NameList = ("created",)
    default_level: str | None = None
    no_match: str = "keep_level"
    items: tuple[RuleRecord, ...] = Field(default=(), alias="list")


class ReminderRecord(Record):
    """Who is warned when, and what that changes in the queue: `effect: {priority: 2}`."""

    name: str = ""
    active: StrictBool = True
    metric: str
    before: Any = None
    after: Any = None
    at_due: StrictBool = False
    clock: str = "business"
    to: str = "owner"
    effect: Any = None


class EscalationRecord(Record):
    """What is done when: `at: due`, `80 %`, `{before: 30m}`, `{waited: 2h}`; `action: {to_group: g, priority: 1}`."""

    name: str = ""
    active: StrictBool = True
    metric: str
    at: Any = None
    before: Any = None
    after: Any = None
    clock: str = "business"
    to: str = "manager"
    action: dict[str, Any] = Field({})


class PromiseRecord(Record):
    """An SLA, OLA or supplier's promise, and the parts it stands on."""

    kind: str | None = None
    provider: str = ""
    metric: str | None = None
    level: str | None = None
    target: Any = None
    day_means: Any = None
    calendar: str | None = None
    parts: NameList = ()
