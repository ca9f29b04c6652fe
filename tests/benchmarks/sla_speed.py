"""How fast the SLA layer judges: 100,000 tickets with a million events. Figures are printed, never asserted.

python tests/benchmarks/sla_speed.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from slasim.sla.clocks import STATES, run_clocks
from slasim.sla.compliance import compliance_report
from slasim.sla.events import KINDS, STATUSES, Column, EventTable
from slasim.sla.policy import Policy
from slasim.sla.reminders import warnings
from slasim.sla.ticket_clock import METRICS

PRIORITIES = ("low", "normal", "high", "urgent")


def made_up(tickets: int, each: int, seed: int = 1) -> EventTable:
    """Tickets of a year with random events at random office hours and nights."""
    rng = np.random.default_rng(seed)
    count = tickets * each
    ticket = np.repeat(np.arange(tickets), each)
    begin = 1_735_689_600_000 + rng.integers(0, 365 * 86_400_000, tickets)
    gaps = rng.exponential(4 * 3_600_000, (tickets, each)).astype(np.int64) + 1
    gaps[:, 0] = 0
    at = (begin[:, None] + np.cumsum(gaps, axis=1)).ravel()
    words = (*STATUSES, *PRIORITIES)
    kinds = ["customer_message", "agent_public", "agent_internal", "status", "priority"]
    kind = rng.choice([KINDS.index(k) for k in kinds], count, p=[0.3, 0.35, 0.05, 0.25, 0.05])
    first = np.arange(count) % each == 0
    kind[first] = KINDS.index("created")
    value = np.where(kind == KINDS.index("status"), rng.integers(1, 5, count), -1)
    value = np.where(kind == KINDS.index("priority"), rng.integers(6, 10, count), value)
    drawn = Column(rng.integers(0, 4, tickets).astype(np.int32), PRIORITIES)
    tags = Column(rng.choice([-1, 0], tickets, p=[0.9, 0.1]).astype(np.int32), ("URGENT",))
    return EventTable.of(
        ticket, at, kind, value, words=words, attributes={"priority": drawn, "tags": tags}
    )


def policy(metrics: list[str]) -> Policy:
    office = {"timezone": "Europe/Bucharest", "weekly": {"mon-fri": ["09:00-18:00"]}}
    by = {"priority": {"urgent": "1h", "high": "4h", "normal": "8h", "low": "24h"}}
    urgent = {"name": "urgent tag", "when": {"tags_contains": "URGENT"}, "set_level": "Urgent"}
    return Policy.from_plain(
        {
            "calendars": {"office": office},
            "metrics": {m: {"metric": m, "calendar": "office", "target_by": by} for m in metrics},
            "levels": {"Urgent": {metrics[0]: "30m"}},
            "rules": {"evaluate": ["created", "updated"], "list": [urgent]},
            "reminders": [{"metric": metrics[0], "before": ["60m", "30m"]}],
        }
    )


def main() -> None:
    run_clocks(made_up(100, 10), policy(list(METRICS)[:8]), stretches=True)
    begin = perf_counter()
    events = made_up(100_000, 10)
    print(
        f"making {len(events):,} events of {events.tickets:,} tickets {perf_counter() - begin:.2f} s"
    )
    for metrics in (
        ["first_reply"],
        ["first_reply", "next_reply", "requester_wait"],
        list(METRICS)[:8],
    ):
        begin = perf_counter()
        clocks = run_clocks(events, policy(metrics))
        took = perf_counter() - begin
        counts = np.bincount(clocks.state, minlength=len(STATES)).tolist()
        print(
            f"{len(metrics)} metrics: {len(clocks):,} cycles in {took:.2f} s; {dict(zip(STATES, counts, strict=True))}"
        )
    begin = perf_counter()
    report = compliance_report(clocks, by="month")
    print(f"compliance by month {perf_counter() - begin:.2f} s, {len(report.rows)} rows")
    clocks = run_clocks(events, policy(metrics[:1]), stretches=True)
    begin = perf_counter()
    print(f"{len(warnings(clocks)):,} warnings {perf_counter() - begin:.2f} s")


if __name__ == "__main__":
    main()
