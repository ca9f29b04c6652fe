"""Which version of a policy a ticket is judged by: the one in force when the ticket was created.

A promise changes from a date on, and what was taken in under the old one is owed by the old one, to the end. This file
knows dates and creations, and nothing of what a version says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import NDArray
from slasim.sla.events import EventTable

if TYPE_CHECKING:
    from slasim.sla.policy import Policy

__all__ = ["NO_VERSION", "Version", "overlaps", "read_effective", "version_of"]

NO_VERSION = -1


@dataclass(frozen=True)
class Version:
    """A policy and the tickets it holds for: created in [since, until) (epoch ms; None: without end)."""

    policy: Policy
    since: int | None = None
    until: int | None = None

    def said(self) -> str:
        """Its dates, the last one included."""
        zone = self.policy.zone
        first = None if self.since is None else clock.format_instant(self.since, zone)[:10]
        last = None if self.until is None else clock.format_instant(self.until - 1, zone)[:10]
        if first and last:
            return f"{first} to {last}"
        return f"from {first}" if first else f"until {last}" if last else "always"


def read_effective(said: object, zone: ZoneInfo) -> tuple[int | None, int | None]:
    """``["2025-01-01", "2025-06-30"]`` as (since, until): local dates, both in force; null is without end.

    Raises ValueError.
    """
    if not isinstance(said, (list, tuple)) or len(said) != 2:
        raise ValueError(
            'It is two dates; write effective: ["2025-01-01", "2025-12-31"], or null for an open end.'
        )
    first, last = (None if one is None else _day(one) for one in said)
    if first and last and last < first:
        raise ValueError(f"It ends on {last}, before it begins on {first}.")
    since = None if first is None else _midnight(first, zone)
    until = None if last is None else _midnight(last + timedelta(days=1), zone)
    return since, until


def _day(text: object) -> date:
    try:
        found = date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"'{text}' is no date; write 2025-07-01.") from None
    if not 1901 <= found.year <= 2189:
        raise ValueError(f"'{text}' is no date of a policy; leave an open end as null.")
    return found


def _midnight(day: date, zone: ZoneInfo) -> int:
    return clock.epoch_ms(datetime(day.year, day.month, day.day, tzinfo=zone))


def overlaps(spans: Sequence[tuple[int | None, int | None]]) -> list[tuple[int, int]]:
    """Pairs of numbers of spans that share an instant, the earlier number first."""
    far = 1 << 62

    def ends(span: tuple[int | None, int | None]) -> tuple[int, int]:
        return (-far if span[0] is None else span[0], far if span[1] is None else span[1])

    known = [ends(span) for span in spans]
    return [
        (one, other)
        for other in range(len(known))
        for one in range(other)
        if known[one][0] < known[other][1] and known[other][0] < known[one][1]
    ]


def version_of(events: EventTable, versions: Sequence[Version]) -> NDArray[np.int32]:
    """(N,) the number of the version that each ticket is judged by; NO_VERSION where none was in force."""
    created = np.zeros(events.tickets, np.int64)
    created[events.ticket[::-1]] = events.at[::-1]  # its first event
    found = np.full(events.tickets, NO_VERSION, np.int32)
    for number, version in enumerate(versions):
        inside = np.ones(events.tickets, bool)
        if version.since is not None:
            inside &= created >= version.since
        if version.until is not None:
            inside &= created < version.until
        found[inside & (found == NO_VERSION)] = number
    return found
