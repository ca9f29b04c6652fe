"""Small centres with contracts, for the tests of what may be signed: a day or a few, so that a thousand cost little."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from slasim.scenario import Scenario, load_text

QUICK = {"type": "service_level", "threshold": "20s"}


def centre(
    contract: dict[str, Any] | None = None,
    *,
    days: int = 1,
    agents: float = 6,
    per_hour: float = 60,
    hours: str = "08:00-12:00",
    folder: Path | None = None,
    **more: Any,
) -> Scenario:
    """Calls from ``hours`` each day, AHT 4 min, patience 3 min; Monday 2 March 2026 on. ``more`` are sections."""
    plain: dict[str, Any] = {
        "name": "Small centre",
        "start": "2026-03-02",
        "end": f"2026-03-{2 + days:02d}",
        "calendars": {"open": {"weekly": {"mon-sun": [hours]}}},
        "queues": {
            "calls": {
                "calendar": "open",
                "arrivals": {"per_hour": per_hour},
                "handle_time": {"exponential": {"mean": "4min"}},
                "patience": {"exponential": {"mean": "3min"}},
            }
        },
        "groups": {"front": {"takes": {"calls": 1}, "staffing": agents, "cost_per_hour": 20}},
        "metrics": {
            "quick": QUICK,
            "lost": {"type": "abandonment_rate"},
            "asa": {"type": "asa"},
        },
    }
    plain |= more
    if contract is not None:
        plain["contract"] = contract
    return load_text(json.dumps(plain), folder=folder)


def paid(commitments: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A contract per day with a price: 1,000 a month, a tenth of it at risk."""
    return {
        "period": "day",
        "price": {"per": "month", "amount": 31_000},
        "at_risk": 0.1,
        "commitments": commitments,
        **more,
    }


def locked(folder: Path, per_interval: float, days: int = 1) -> str:
    """A client's forecast of so many contacts in every half hour from 08:00 to 12:00."""
    rows = [
        f"calls,2026-03-{2 + day:02d} {hour:02d}:{minute:02d},{per_interval}"
        for day in range(days)
        for hour in range(8, 12)
        for minute in (0, 30)
    ]
    text = "\n".join(["queue,interval_start,offered", *rows]) + "\n"
    (folder / "locked.csv").write_text(text, encoding="utf-8")
    return "locked.csv"
