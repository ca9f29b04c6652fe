"""Which target applies: level over target_by over target; none means that there is no clock.

A target is a time on the clock (int ms of business time) or a point of the calendar. "24 business hours", "one
business day" (``1d`` beside ``day_means``) and "next business day" are three promises. What a day means is said
beside the target and settled here, once. Rules and levels are `rules.py` and `levels.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from slasim import clock
from slasim.arrays import Ints, NDArray
from slasim.calendars import Calendar
from slasim.errors import did_you_mean
from slasim.sla.events import Column, EventTable

__all__ = [
    "NO_TARGET",
    "EndOfNextBusinessDay",
    "Goals",
    "SameDayIfBefore",
    "Target",
    "goals",
    "print_target",
    "read_day_means",
    "read_target",
]

NO_TARGET = -1


@dataclass(frozen=True)
class EndOfNextBusinessDay:
    """``by: end_of_next_business_day``: the last closing of the first business day after the start's date."""

    def points(self, calendar: Calendar, instants: Ints) -> Ints:
        """The due instant for each start."""
        return calendar.end_of_next_business_day(instants)


@dataclass(frozen=True)
class SameDayIfBefore:
    """``same_day_if_before: "16:00"``: the end of the same business day, else of the next one."""

    cutoff: int
    """ms after local midnight."""

    def points(self, calendar: Calendar, instants: Ints) -> Ints:
        """The due instant for each start."""
        return calendar.same_day_if_before(instants, self.cutoff)


Target: TypeAlias = int | EndOfNextBusinessDay | SameDayIfBefore


def read_day_means(text: str | None, calendar: Calendar | None) -> int | None:
    """``24h``, ``9h`` or ``business_day`` (the calendar's day length) in ms. Raises ValueError."""
    if text is None:
        return None
    if text == "business_day":
        if calendar is None:
            raise ValueError("day_means: business_day needs a calendar.")
        return calendar.day_length()
    means = clock.parse_duration(text)
    if means <= 0:
        raise ValueError("A day of no length cannot be; write day_means: 24h or 8h.")
    return means


def read_target(plain: object, day_means: int | None = None) -> Target:
    """A target as a planner writes it: ``4h``, ``1d`` beside day_means, ``{by: ...}``, ``{same_day_if_before: ...}``.

    Raises ValueError.

    >>> read_target("1d", day_means=8 * 3_600_000)
    28800000
    """
    if isinstance(plain, (EndOfNextBusinessDay, SameDayIfBefore)):
        return plain
    if isinstance(plain, Mapping):
        if dict(plain) == {"by": "end_of_next_business_day"}:
            return EndOfNextBusinessDay()
        if set(plain) == {"same_day_if_before"}:
            return SameDayIfBefore(clock.parse_time_of_day(str(plain["same_day_if_before"])))
        if set(plain) == {"by"}:
            near = did_you_mean(str(plain["by"]), ["end_of_next_business_day"])
            raise ValueError(f"by: '{plain['by']}' is unknown. {near}")
        raise ValueError(
            f"{dict(plain)} is no target; write 4h, {{by: end_of_next_business_day}} "
            'or {same_day_if_before: "16:00"}.'
        )
    ms = clock.parse_duration(plain, day_means_ms=day_means)  # type: ignore[arg-type]
    if ms <= 0:
        raise ValueError("A target of 0 is no promise; write how long it may take, as 30min.")
    return ms


def print_target(target: Target) -> str:
    """A target as a planner reads it."""
    if isinstance(target, EndOfNextBusinessDay):
        return "end of next business day"
    if isinstance(target, SameDayIfBefore):
        return f"same day if before {clock.format_time_of_day(target.cutoff)}"
    return clock.format_duration(target)


@dataclass(frozen=True, eq=False)
class Goals:
    """Which target is in force after each of E events, for one metric.

    number  (E,) int32  index into ``targets``, NO_TARGET for none
    """

    number: NDArray[np.int32]
    targets: tuple[Target, ...]


def goals(
    events: EventTable,
    level: Column,
    *,
    target: Target | None,
    target_by: Mapping[str, Mapping[str, Target]],
    levels: Mapping[str, Target],
) -> Goals:
    """The target in force after each event.

    ``level`` (E,) is the ticket's level after each event, ``levels`` what each level promises for this metric.
    """
    known: dict[Target, int] = {}

    def number(of: Target | None) -> int:
        return NO_TARGET if of is None else known.setdefault(of, len(known))

    def by_word(words: tuple[str, ...], said: Mapping[str, Target]) -> NDArray[np.int32]:
        return np.array([number(said.get(word)) for word in words] + [NO_TARGET], np.int32)

    found = np.full(len(events), number(target), np.int32)
    for name in reversed(list(target_by)):
        column = events.attribute(name)
        special = by_word(column.words, target_by[name])[column.codes]
        found = np.where(special >= 0, special, found)
    special = by_word(level.words, levels)[level.codes]
    found = np.where(special >= 0, special, found)
    return Goals(found.astype(np.int32), tuple(known))
