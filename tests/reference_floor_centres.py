"""The reference cases of the whole operation as scenarios: redials, chats, e-mails behind calls, a backlog.

As in ``reference_centres``: through the text of a scenario file, and no expected number is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference_centres import (
    FORGETS_S,
    Case,
    exponential,
    relaxation_s,
    scenario,
    seconds,
    service_levels,
    steady,
)

from slasim.scenario import Scenario

ANY_NUMBER = 60
"""Redials that stand for any number of them: nobody comes so often (0.6 to the 60th is 5e-14)."""


def redials(found: Case) -> Scenario:
    """Who abandons calls again by chance after a while, each time with fresh patience."""
    inputs = found["inputs"]
    return steady(
        found["name"],
        {
            "calls": {
                "arrivals": {"per_hour": inputs["first_calls_per_hour"]},
                "handle_time": exponential(inputs["mean_handle_time_s"]),
                "patience": exponential(inputs["mean_patience_s"]),
                "counts": "first_attempts",
                "redial": {
                    "chance": inputs["redial_probability"],
                    "after": exponential(inputs["mean_redial_delay_s"]),
                    "at_most": ANY_NUMBER,
                },
            }
        },
        {"agents": {"takes": {"calls": 1}, "staffing": inputs["agents"]}},
        service_levels([0], ["sl_offered"]),
        relaxation_s=2 * inputs["mean_redial_delay_s"],
    )


def chat_windows(found: Case) -> Scenario:
    """One agent who never has a window free: ten chats come for each that he ends, and twenty wait."""
    inputs = found["inputs"]
    turns = {key: inputs[f"{key}_seconds_per_chat"] for key in ("agent", "customer")}
    alone = sum(turns.values())
    return scenario(
        found["name"],
        {
            "chats": {
                "channel": "chat",
                "arrivals": {"per_hour": 60},
                "handle_time": exponential(alone),
                "queue_limit": 20,
            }
        },
        {
            "agent": {
                "takes": {"chats": 1},
                "staffing": 1,
                "chat_slots": inputs["windows"],
                "chat_slowdown": {"turns": {who: seconds(s) for who, s in turns.items()}},
            }
        },
        length_s=240 * 3600,
        interval="1h",
        metrics={},
        warm_up="5h",
    )


def chat_levels(found: Case) -> Scenario:
    """Chats whose agents end them at a rate of their own for each number in hand."""
    inputs = found["inputs"]
    rates: Sequence[float] = inputs["total_completions_per_hour_by_level"]
    alone = rates[1]
    return steady(
        found["name"],
        {
            "chats": {
                "channel": "chat",
                "arrivals": {"per_hour": inputs["chats_per_hour"]},
                "handle_time": exponential(3600 / alone),
                "patience": exponential(inputs["mean_patience_s"]),
            }
        },
        {
            "agents": {
                "takes": {"chats": 1},
                "staffing": inputs["agents"],
                "chat_slots": len(rates) - 1,
                "chat_slowdown": [j * alone / rate for j, rate in enumerate(rates) if j],
            }
        },
        service_levels([0, inputs["threshold_s"]], ["sl_offered"]),
        relaxation_s=2 * FORGETS_S,
    )


def mails_behind_calls(found: Case, calls_s: float, mails_s: Sequence[float]) -> Scenario:
    """Calls before e-mails on the same agents; an e-mail is started when no call waits, and finished."""
    inputs = found["inputs"]
    rates, handles = inputs["arrivals_per_hour"], inputs["mean_handle_time_s"]
    load = sum(rate * handle / 3600 for rate, handle in zip(rates, handles, strict=True))
    return steady(
        found["name"],
        {
            "calls": {
                "arrivals": {"per_hour": rates[0]},
                "handle_time": exponential(handles[0]),
                "patience": exponential(inputs["mean_patience_s"][0]),
                "priority": 1,
            },
            "mails": {
                "channel": "ticket",
                "arrivals": {"per_hour": rates[1]},
                "handle_time": exponential(handles[1]),
                "priority": 2,
            },
        },
        {"agents": {"takes": {"calls": 1, "mails": 2}, "staffing": inputs["agents"]}},
        service_levels([calls_s], ["sl_offered"], ["calls"])
        | service_levels(mails_s, ["sl_offered"], ["mails"]),
        relaxation_s=relaxation_s(
            min(load, 0.9 * inputs["agents"]), inputs["agents"], max(handles)
        ),
    )


def backlog(found: Case) -> Scenario:
    """Nothing comes; so many in hand as there are agents, and the others wait, at the start."""
    inputs = found["inputs"]
    queue: dict[str, Any] = {
        "channel": "ticket",
        "arrivals": {"per_hour": 0},
        "handle_time": exponential(inputs["mean_handle_time_s"]),
        "backlog_at_start": {"tickets": inputs["waiting"] + inputs["agents"]},
    }
    return scenario(
        found["name"],
        {"mails": queue},
        {"agents": {"takes": {"mails": 1}, "staffing": inputs["agents"]}},
        length_s=24 * 3600,
        interval="1h",
        metrics={},
    )
