"""Conditions of SLA rules: an attribute, an operator, what it is compared with.

Fifteen attributes are known to every ticket (`ATTRIBUTES`); any other column of the event table is a custom field. A
condition is worked out once per distinct value and looked up per event, so a million events cost no more than a
few arrays. It refuses to know what a rule does (`rules.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Ints
from slasim.errors import did_you_mean
from slasim.sla.events import CREATED, KINDS, MOMENT, Column, EventTable, split_tags

__all__ = ["ATTRIBUTES", "OPERATORS", "Condition", "read_group"]


ATTRIBUTES: Mapping[str, str] = {
    "source": "where the ticket came from: email, chat, form ...",
    "status": "new, open, pending, on_hold, solved, closed",
    "created": "when it was created",
    "changed": "when anything last happened to it",
    "deleted": "whether it has been deleted: yes or no",
    "referrer": "the address of the page it was started from",
    "priority": "its urgency",
    "last_message": "who wrote last: customer, agent, internal, auto",
    "agent_status": "whether its agent is online, away, offline ...",
    "custom": "any field of your own, as custom.product",
    "department": "the department it belongs to",
    "assigned_to": "the agent who owns it",
    "customer_group": "standard, vip ...",
    "from_invitation": "whether it came from an invitation: yes or no",
    "tags": "its tags",
}
"""The fifteen attributes of help-desk rules."""

DATES = ("created", "changed")
FLAGS = ("deleted", "from_invitation")
TEXT_OPERATORS = ("is", "is_not", "in", "not_in", "contains", "not_contains")
DATE_OPERATORS = ("before", "after", "longer_ago_than", "within")
OPERATORS = TEXT_OPERATORS + DATE_OPERATORS
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "")

_AUTHORS = {
    "customer_message": "customer",
    "agent_public": "agent",
    "agent_internal": "internal",
    "auto_reply": "auto",
}


@dataclass(frozen=True)
class Condition:
    """``attribute`` ``operator`` ``values``: one test of a ticket at an instant.

    ``contains`` on tags is equality with a whole tag, on other attributes a part of the text. ``before`` and ``after``
    take an instant, ``longer_ago_than`` and ``within`` a duration before the moment of looking. Raises ValueError.
    """

    attribute: str
    operator: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        allowed = DATE_OPERATORS if self.attribute in DATES else TEXT_OPERATORS
        if self.operator not in allowed:
            raise ValueError(
                f"'{self.operator}' cannot be asked of {self.attribute}. "
                + did_you_mean(self.operator, allowed)
            )
        if not self.values:
            raise ValueError(f"{self.attribute} {self.operator} has nothing to compare with.")
        if self.operator in ("longer_ago_than", "within") and self.span <= 0:
            raise ValueError(f"{self.attribute} {self.operator} needs a time, as 2h.")
        if self.operator in ("before", "after"):
            clock.parse_instant(self.values[0], ZoneInfo("UTC"))
        if self.attribute in FLAGS:
            for word in self.values:
                if word.lower() not in _YES + _NO:
                    raise ValueError(f"{self.attribute} is yes or no, not '{word}'.")

    @property
    def span(self) -> int:
        """The duration compared with, in ms."""
        return clock.parse_duration(self.values[0], days=True)

    @property
    def column(self) -> str:
        """The column of the event table that it reads."""
        return self.attribute.removeprefix("custom.")

    def holds(self, events: EventTable, where: ZoneInfo) -> Bools:
        """(E,) does it hold after each event? ``where`` is the zone of dates without one."""
        if self.attribute in DATES:
            return self._holds_in_time(_instants(events, self.attribute), events, where)
        column = _column(events, self.column)
        test = self._test()
        asked = np.array([test(word) for word in column.words] + [test("")], bool)
        holds: Bools = asked[column.codes]
        return holds

    def _test(self) -> Callable[[str], bool]:
        wanted = frozenset(self.values)
        if self.attribute in FLAGS:
            yes = frozenset(word.lower() in _YES for word in self.values)
            inside: Callable[[str], bool] = lambda word: (word.lower() in _YES) in yes  # noqa: E731
        elif self.attribute == "tags":
            inside = lambda word: bool(split_tags(word) & wanted)  # noqa: E731
        elif self.operator in ("contains", "not_contains"):
            inside = lambda word: any(part in word for part in wanted)  # noqa: E731
        else:
            inside = lambda word: word in wanted  # noqa: E731
        negated = self.operator in ("is_not", "not_in", "not_contains")
        return (lambda word: not inside(word)) if negated else inside

    def _holds_in_time(self, said: Ints, events: EventTable, where: ZoneInfo) -> Bools:
        holds: Bools
        if self.operator == "before":
            holds = said < clock.parse_instant(self.values[0], where)
        elif self.operator == "after":
            holds = said > clock.parse_instant(self.values[0], where)
        elif self.operator == "longer_ago_than":
            holds = events.at - said >= self.span
        else:
            holds = events.at - said < self.span
        return holds

    def settled(self, events: EventTable) -> bool:
        """Whether it holds of a ticket from its first event on or never: nothing that it reads changes here."""
        read = self.column
        return self.attribute not in DATES and not (
            read in ("deleted", "last_message") or events.changes(read)
        )

    def unknown_to(self, events: EventTable) -> str:
        """A sentence when the event table has no such attribute, else empty."""
        if self.attribute in DATES or self.column in ("status", "deleted", "last_message"):
            return ""
        if self.column in ATTRIBUTES and self.column != "custom":
            return ""  # known to help desks; this export does not have it, so it holds nothing
        if events.has(self.column):
            return ""
        return did_you_mean(self.column, [*ATTRIBUTES, *events.attributes], what="Attributes")


def _instants(events: EventTable, name: str) -> Ints:
    """(E,) when the ticket was created, or last changed, as seen after each event."""
    begins = events.starts[:-1][events.ticket]
    if name == "created":
        created = np.zeros(events.tickets, np.int64)
        has = events.kind == CREATED
        created[:] = events.at[events.starts[:-1]]
        created[events.ticket[has]] = events.at[has]
        return created[events.ticket]
    real = np.where(events.kind != MOMENT, np.arange(len(events)), 0)
    return events.at[np.maximum(np.maximum.accumulate(real), begins)]


def _column(events: EventTable, name: str) -> Column:
    if name == "deleted":
        gone = np.cumsum(events.kind == KINDS.index("deleted"))
        before = gone[events.starts[:-1]] - (
            events.kind[events.starts[:-1]] == KINDS.index("deleted")
        )
        return Column((gone > before[events.ticket]).astype(np.int32), ("no", "yes"))
    if name == "last_message" and not events.has(name):
        words = tuple(_AUTHORS.values())
        spoke = np.full(len(KINDS), -1, np.int32)
        for number, kind in enumerate(_AUTHORS):
            spoke[KINDS.index(kind)] = number
        wrote = spoke[events.kind]
        wrote[events.kind == CREATED] = np.where(
            events.made_by_agent()[events.ticket[events.kind == CREATED]], 1, 0
        )
        begins = events.starts[:-1][events.ticket]
        at = np.maximum(
            np.maximum.accumulate(np.where(wrote >= 0, np.arange(len(events)), 0)), begins
        )
        return Column(wrote[at], words)
    return events.attribute(name)


def read_group(plain: Mapping[str, object]) -> tuple[Condition, ...]:
    """One AND group as a planner writes it: ``{department: sales, tags_contains: URGENT, priority: {in: [high]}}``.

    Raises ValueError with a sentence for every mistake.
    """
    found, wrong = [], []
    for key, value in plain.items():
        try:
            found += _read_condition(str(key), value)
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError(" ".join(wrong))
    if not found:
        raise ValueError("A group of conditions is empty; it would hold for every ticket.")
    return tuple(found)


def _read_condition(key: str, value: object) -> list[Condition]:
    for operator in sorted(OPERATORS, key=len, reverse=True):
        if key.endswith(f"_{operator}"):
            return [Condition(key.removesuffix(f"_{operator}"), operator, _words(value))]
    if isinstance(value, Mapping):
        return [Condition(key, str(operator), _words(wanted)) for operator, wanted in value.items()]
    if key == "tags":
        return [Condition(key, "contains", _words(value))]
    return [Condition(key, "in" if isinstance(value, (list, tuple)) else "is", _words(value))]


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(word for part in value for word in _words(part))
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return (str(value),)
