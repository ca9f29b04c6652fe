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


def bilingual(found: Case) -> Scenario:
    """A week of two languages: agents of each, some of both, and callers who come again twenty minutes later."""
    inputs = found["inputs"]
    opens, closes = inputs["open_from_hour"], inputs["open_to_hour"]
    day = [0.0] * opens + [inputs["first_hour_per_hour"]]
    day += [inputs["later_per_hour"]] * (closes - opens - 1)
    day += [0.0] * (24 - closes)
    names = ("english", "spanish")
    queues = {
        name: {
            "calendar": "phones",
            "at_close": "disconnect",
            "arrivals": {"per_hour": [*day * inputs["days"], *[0.0] * 24 * (7 - inputs["days"])]},
            "handle_time": {"uniform": dict(zip(("from", "to"), map(seconds, times), strict=True))},
            "patience": exponential(inputs["mean_patience_s"]),
            "counts": "first_attempts",
            "redial": {
                "chance": inputs["redial_probability"],
                "after": {"deterministic": seconds(inputs["redial_delay_s"])},
                "at_most": ANY_NUMBER,
            },
        }
        for name, times in zip(names, inputs["handle_time_s_from_to"], strict=True)
    }
    return scenario(
        found["name"],
        queues,
        {
            f"g{g}": {
                "takes": {names[k]: 1 for k in types},
                "staffing": inputs["agents"][g],
                "calendar": "phones",
            }
            for g, types in enumerate(inputs["group_skills"])
        },
        length_s=7 * 24 * 3600,
        interval="1h",
        metrics=service_levels([inputs["threshold_s"]], ["sl_offered"]),
        calendars={"phones": {"weekly": {"mon-fri": [f"{opens:02d}:00-{closes:02d}:00"]}}},
    )
