"""Short stories of tickets for the SLA tests: events as the cases write them, policies as a planner does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from slasim.clock import epoch_ms, format_duration, parse_duration
from slasim.elapsed import UNDEFINED
from slasim.sla.clocks import STATES, Clocks, run_clocks
from slasim.sla.events import EventTable
from slasim.sla.policy import Policy

ALWAYS = {"timezone": "UTC", "weekly": {"mon-sun": ["00:00-24:00"]}}
OFFICE = {"timezone": "UTC", "weekly": {"mon-fri": ["09:00-17:00"]}}


def instant(text: str) -> int:
    """Epoch ms of an ISO date-time with an offset (without one: UTC)."""
    return epoch_ms(datetime.fromisoformat(text))


def table(events: Sequence[Mapping[str, Any]], **settings: Any) -> EventTable:
    """Rows as the cases write them: ``at``, ``type``, and ``status`` or ``priority`` (on created: both)."""
    value_of = {"status": "status", "priority": "priority", "created": "status"}
    names = {
        name
        for row in events
        for name in row
        if name not in ("at", "type", "status", "value", "ticket")
    }
    return EventTable.from_columns(
        [row.get("ticket", "t") for row in events],
        [row["at"] if isinstance(row["at"], int) else instant(str(row["at"])) for row in events],
        [row["type"] for row in events],
        [row.get("value", row.get(value_of.get(row["type"], ""), "")) for row in events],
        attributes={name: [row.get(name) for row in events] for name in sorted(names)},
        **settings,
    )


def policy(metric: Mapping[str, Any], calendar: Mapping[str, Any] = ALWAYS, **more: Any) -> Policy:
    """A policy of one metric, ``m``, on one calendar."""
    return Policy.from_plain(
        {"calendars": {"c": calendar}, "metrics": {"m": {"calendar": "c", **metric}}, **more}
    )


def rows(clocks: Clocks) -> list[dict[str, Any]]:
    """Every cycle as the cases write it, with epoch instants and ms."""
    found = []
    for k in range(len(clocks)):
        row: dict[str, Any] = {
            "clock_start": int(clocks.clock_start[k]),
            "due_at": _known(clocks.due_at[k]),
            "elapsed": int(clocks.elapsed[k]),
            "state": STATES[clocks.state[k]],
        }
        if clocks.breached_at[k] != UNDEFINED:
            row["breached_at"] = int(clocks.breached_at[k])
        found.append(row)
    return found


def wanted(case_row: Mapping[str, Any]) -> dict[str, Any]:
    """An expected row of the cases, with epoch instants and ms."""
    found: dict[str, Any] = {}
    for key, value in case_row.items():
        if key == "elapsed":
            found[key] = parse_duration(value)
        elif key == "state" or value is None:
            found[key] = value
        else:
            found[key] = instant(value)
    return found


def story(
    events: Sequence[tuple[str, ...]],
    metric: Mapping[str, Any],
    *,
    until: str | None = None,
    **more: Any,
) -> list[tuple[str, str, str, str]]:
    """(start, due, elapsed, state) as text of every cycle on Monday 2 June 2025; events are ("09:00", kind, value)."""
    day = "2025-06-02T"
    event_rows = [
        {"at": text if "T" in text else day + text, "type": kind, "value": "".join(value)}
        for text, kind, *value in events
    ]
    clocks = run_clocks(
        table(event_rows),
        policy(metric, **more),
        until=None if until is None else instant(day + until),
    )
    return [
        (
            _clock_time(row["clock_start"]),
            "" if row["due_at"] is None else _clock_time(row["due_at"]),
            format_duration(row["elapsed"]).replace(" ", ""),
            row["state"] + (f" {_clock_time(row['breached_at'])}" if "breached_at" in row else ""),
        )
        for row in rows(clocks)
    ]


def _known(ms: Any) -> int | None:
    return None if ms == UNDEFINED else int(ms)


def _clock_time(ms: int) -> str:
    days, rest = divmod(ms - instant("2025-06-02T00:00"), 86_400_000)
    text = f"{rest // 3_600_000:02d}:{rest // 60_000 % 60:02d}"
    return f"+{days}d {text}" if days else text
