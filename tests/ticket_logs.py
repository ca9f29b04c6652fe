"""Logs of tickets written by hand: a touch in a line, instants as `mon 09:30`, and a week told twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim import clock
from slasim import contactlog as cl
from slasim.contactlog import ANSWERED, NOBODY, NOT_YET, PURPOSES, WAITING, ContactLog
from slasim.sla.events import KINDS, EventTable
from slasim.sla.simulated import AS_TICKET, NOT_WATCHED, Desk

MIN, HOUR, DAY = clock.MINUTE, clock.HOUR, clock.DAY
START = clock.parse_instant("2026-03-02", clock.zone("UTC"))  # a Monday
QUEUES, GROUPS = ("calls", "email", "experts_work"), ("front", "experts")
DESK = Desk(
    QUEUES,
    GROUPS,
    (NOT_WATCHED, AS_TICKET, AS_TICKET),
    ("Ana", "Bo"),
    (0, 1),
    ("first line", "second line"),
)


def at(text: str) -> int:
    """`mon 09:30` as ms since the start."""
    day, time = text.split()
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day)
    return days * DAY + clock.parse_time_of_day(time)


def touch(
    contact: int,
    number: int,
    purpose: str,
    arrived: str,
    left: str = "",
    released: str = "",
    *,
    queue: str = "email",
    group: str = "front",
    agent: int = NOBODY,
    outcome: int = ANSWERED,
) -> dict[str, Any]:
    """One row of a log; without ``left`` it waits to the end."""
    if not left:
        outcome = WAITING
    taken = outcome == ANSWERED
    return {
        "contact": contact,
        "touch": number,
        "purpose": PURPOSES.index(purpose),
        "queue": QUEUES.index(queue),
        "arrived": at(arrived),
        "outcome": outcome,
        "left": at(left) if left else NOT_YET,
        "group": GROUPS.index(group) if taken else NOBODY,
        "agent": agent if taken else NOBODY,
        "released": at(released) if released else NOT_YET,
        "finished": at(released) if released else NOT_YET,
    }


def log_of(*rows: dict[str, Any]) -> ContactLog:
    """In the order of a Draw: first touches queue by queue, then those that follow."""
    ordered = sorted(rows, key=lambda row: (row["touch"] > 0, row["queue"] * (row["touch"] == 0)))
    columns = {
        name: np.array([row[name] for row in ordered], cl._COLUMNS[name]) for name in rows[0]
    }
    return ContactLog(**columns, queues=QUEUES, groups=GROUPS, start_ms=START)


def story(*events: tuple[Any, ...]) -> EventTable:
    """(ticket, instant, kind, value) as an event file tells it."""
    return EventTable.from_columns(
        [e[0] for e in events],
        [START + at(e[1]) for e in events],
        [e[2] for e in events],
        [e[3] if len(e) > 3 else "" for e in events],
    )


def told(events: EventTable) -> list[tuple[object, str, str, str]]:
    """The events in words, whatever their numbers."""
    utc = clock.zone("UTC")
    return [
        (events.ids[t], clock.format_instant(a, utc), KINDS[k], events.words[v] if v >= 0 else "")
        for t, a, k, v in zip(
            events.ticket.tolist(), events.at.tolist(), events.kind.tolist(), events.value.tolist(),
            strict=True,
        )
    ]  # fmt: skip


def week_of_rows() -> list[dict[str, Any]]:
    """A week of a desk: in time, over night, late, handed on, reopened, and never answered."""
    return [
        touch(0, 0, "first", "mon 08:00", "mon 09:30", "mon 10:00"),  # before opening
        touch(0, 1, "reply", "mon 16:30", "tue 09:05", "tue 09:20"),  # over night, in time
        touch(0, 2, "reply", "tue 10:00", "tue 11:30", "tue 12:00"),  # late
        touch(1, 0, "first", "mon 09:00", "mon 11:30", "mon 11:30"),  # late by half an hour
        touch(2, 0, "first", "fri 16:00", "fri 16:30", "fri 16:40"),
        touch(2, 1, "tier_2", "fri 16:40", "sat 12:00", "sat 13:00", queue="experts_work",
              group="experts"),
        touch(2, 2, "reopen", "sun 12:00", "sun 13:00", "sun 14:00"),
        touch(3, 0, "first", "thu 12:00"),
    ]  # fmt: skip


def week_of_events() -> EventTable:
    """The same week as an event file tells it."""
    return story(
        (0, "mon 08:00", "created"), (0, "mon 09:30", "assigned", "front"),
        (0, "mon 10:00", "agent_public"), (0, "mon 10:00", "status", "pending"),
        (0, "mon 16:30", "customer_message"), (0, "mon 16:30", "status", "open"),
        (0, "tue 09:20", "agent_public"), (0, "tue 09:20", "status", "pending"),
        (0, "tue 10:00", "customer_message"), (0, "tue 10:00", "status", "open"),
        (0, "tue 12:00", "agent_public"), (0, "tue 12:00", "status", "solved"),
        (1, "mon 09:00", "created"), (1, "mon 11:30", "assigned", "front"),
        (1, "mon 11:30", "agent_public"), (1, "mon 11:30", "status", "solved"),
        (2, "fri 16:00", "created"), (2, "fri 16:30", "assigned", "front"),
        (2, "sat 12:00", "assigned", "experts"),
        (2, "sat 13:00", "agent_public"), (2, "sat 13:00", "status", "solved"),
        (2, "sun 12:00", "customer_message"), (2, "sun 12:00", "status", "open"),
        (2, "sun 13:00", "assigned", "front"),
        (2, "sun 14:00", "agent_public"), (2, "sun 14:00", "status", "solved"),
        (3, "thu 12:00", "created"),
    )  # fmt: skip
