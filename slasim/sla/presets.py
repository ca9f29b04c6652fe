"""What known help desks mean by their SLA clocks, as field values of ours. A preset has no code of its own.

Source: the vendors' public help pages, as compared in the project's SLA semantics (section 2.2), read in 2025. Systems
change: check a preset against your own before you sign by it. What field values cannot say stands under ``notes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slasim.errors import InputError, Problem, did_you_mean
from slasim.sla.rules import Rules
from slasim.sla.ticket_clock import TicketClock

__all__ = ["PRESETS", "Preset", "preset"]


@dataclass(frozen=True)
class Preset:
    """A help desk's meanings.

    metrics    the clocks it has, each with the fields that are its own
    clock      fields of every clock (see TicketClock)
    rules      fields of its rules (see Rules)
    day_means  what ``d`` in a target means there; None: it has no days
    notes      what field values cannot say
    """

    name: str
    metrics: Mapping[str, Mapping[str, Any]]
    clock: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    day_means: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        """Its clocks, how its rules are read, and what a day means, in one line."""
        day = f"; 1d is {self.day_means.replace('_', ' ')}" if self.day_means else ""
        mode = str(self.rules.get("mode", "")).replace("_", " ")
        return f"{', '.join(self.metrics)}; {mode}{day}"

    def fields_of(self, metric: str) -> dict[str, Any]:
        """The fields of one of its clocks. Raises InputError when it has no such clock."""
        if metric not in self.metrics:
            said = did_you_mean(metric, list(self.metrics), what=f"{self.name}'s clocks")
            raise InputError([Problem(f"{self.name} has no clock '{metric}'", said)])
        return {"metric": metric, **self.clock, **self.metrics[metric]}

    def filled(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """A metric of a policy file with this help desk's values wherever it says nothing itself."""
        days = {} if self.day_means is None else {"day_means": self.day_means}
        if self.day_means == "business_day" and plain.get("calendar") is None:
            days = {"day_means": "24h"}  # always open: its business day has 24 hours
        return {**days, **self.fields_of(str(plain["metric"])), **plain}

    def ticket_clock(self, metric: str, **more: Any) -> TicketClock:
        """One of its clocks with a calendar, a target and whatever else is yours."""
        return TicketClock(**{**self.fields_of(metric), **more})

    def rules_of(self, *rules: Any, **more: Any) -> Rules:
        """Your rules, looked at as it does."""
        return Rules(**{"list": tuple(rules), **self.rules, **more})


_FIRST_MATCH = {
    "mode": "first_match",
    "evaluate": ("created", "updated"),
    "no_match": "default_level",
}
_ALL_TICKET: Mapping[str, Mapping[str, Any]] = {
    "first_reply": {},
    "next_reply": {},
    "periodic_update": {},
    "pausable_update": {},
    "requester_wait": {},
    "agent_work": {},
    "total_resolution": {},
}
_SERVICENOW: Mapping[str, Mapping[str, Any]] = {
    "first_reply": {},
    "first_assign": {},
    "total_resolution": {"pause_on": ("on_hold",)},
}
_SERVICENOW_RULES = {
    "mode": "last_match_wins",
    "evaluate": ("created", "updated"),
    "no_match": "default_level",
}
_SERVICENOW_NOTES = (
    "Every definition whose start condition matches attaches: write one metric for each.",
    "Pause conditions are your own; on_hold is the usual one.",
)

PRESETS: Mapping[str, Preset] = {
    one.name: one
    for one in (
        Preset(
            "zendesk",
            _ALL_TICKET,
            {"on_target_change": "keep_elapsed", "breach_memory": "sticky", "on_reopen": "resume"},
            _FIRST_MATCH,
            notes=(
                "Targets are at least 15 s; windows cannot cross a date boundary.",
                "Business or calendar hours are chosen per priority: write one metric for each calendar.",
            ),
        ),
        Preset(
            "servicenow",
            _SERVICENOW,
            {"on_target_change": "restart", "breach_memory": "sticky", "on_reopen": "resume"},
            _SERVICENOW_RULES,
            day_means="24h",
            notes=_SERVICENOW_NOTES,
        ),
        Preset(
            "servicenow_retroactive_start",
            _SERVICENOW,
            {
                "on_target_change": "retroactive_no_pause",
                "breach_memory": "sticky",
                "on_reopen": "resume",
            },
            _SERVICENOW_RULES,
            day_means="24h",
            notes=_SERVICENOW_NOTES,
        ),
        Preset(
            "servicenow_retroactive_pause",
            _SERVICENOW,
            {"on_target_change": "keep_elapsed", "breach_memory": "sticky", "on_reopen": "resume"},
            _SERVICENOW_RULES,
            day_means="24h",
            notes=_SERVICENOW_NOTES,
        ),
        Preset(
            "jira",
            {"first_reply": {}, "total_resolution": {"pause_on": ("pending",)}},
            {"on_target_change": "keep_elapsed", "on_reopen": "new_cycle"},
            _FIRST_MATCH,
            notes=(
                "Start, pause and finish conditions are your own; waiting for the customer is the usual pause.",
            ),
        ),
        Preset(
            "freshdesk",
            {
                "first_reply": {"pause_on": ("pending", "on_hold")},
                "next_reply": {"pause_on": ("pending", "on_hold")},
                "total_resolution": {"pause_on": ("pending", "on_hold")},
            },
            {"on_target_change": "keep_elapsed", "on_reopen": "resume"},
            _FIRST_MATCH,
            day_means="business_day",
            notes=("Since 2026 a day may mean 24 business hours: then day_means is 24h.",),
        ),
        Preset(
            "liveagent",
            {
                "first_reply": {},
                "next_reply": {},
                "first_assign": {},
                "total_resolution": {},
                "chat_answer": {"clock": "contact_start>agent_answer"},
                "call_answer": {"clock": "contact_start>agent_answer"},
            },
            {"on_reopen": "new_cycle", "count_as": "not_applicable"},
            {"mode": "last_match_wins", "evaluate": ("created",), "no_match": "keep_level"},
            notes=(
                "A ticket without a level has an internal deadline of seven days; it is no promise and has no clock.",
                "Rules run on creation; level events carry what general and time rules changed later.",
            ),
        ),
    )
}


def preset(name: str) -> Preset:
    """The preset of that name. Raises InputError with the near miss."""
    if name not in PRESETS:
        said = did_you_mean(name, list(PRESETS), what="Presets")
        raise InputError([Problem(f"'{name}' is no preset", said)])
    return PRESETS[name]
