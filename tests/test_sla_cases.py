"""The hand-worked cases of tickets (T), rules and compliance columns (R), every variant, exact.

The cases of formulas and averages (V) are in ``test_metrics``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sla_stories import instant, policy, rows, table, wanted

from slasim.sla.clocks import run_clocks
from slasim.sla.reminders import warnings

FILE = Path(__file__).parent / "reference_cases" / "sla_clock_cases.yaml"
CASES = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))


def variants(kind: str) -> list[Any]:
    """(given, expected) of each case of a kind as it stands and of each of its variants."""
    found = []
    for case in CASES["cases"]:
        if case["kind"] != kind:
            continue
        stories = [({}, case["expected"])] if "expected" in case else []
        stories += [(v["set"], v["expected"]) for v in case.get("variants", [])]
        for change, expected in stories:
            name = "-".join([case["id"], *(str(value) for value in change.values())])
            found.append(pytest.param({**case["given"], **change}, expected, id=name))
    return found


def settings_of(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(metric, calendar) as a policy writes them."""
    metric = {k: v for k, v in given.items() if k not in ("calendar", "events", "holiday_scope")}
    calendar = dict(CASES["calendars"][given["calendar"]])
    if "holiday_scope" in given:
        calendar["holiday_scope"] = given["holiday_scope"]
    if "target_by_priority" in metric:
        metric["target_by"] = {"priority": metric.pop("target_by_priority")}
    return metric, calendar


@pytest.mark.parametrize(("given", "expected"), variants("ticket_clock"))
def test_ticket_clock(given: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    found = rows(run_clocks(table(given["events"]), policy(*settings_of(given))))
    assert found == [wanted(row) for row in expected]


@pytest.mark.parametrize(("given", "expected"), variants("reminder"))
def test_reminder(given: dict[str, Any], expected: dict[str, Any]) -> None:
    metric, calendar = settings_of(given)
    reminder = {
        "metric": "m",
        "before": metric.pop("remind_before"),
        "clock": metric.pop("reminder_clock"),
    }
    made = policy(metric, calendar, reminders=[reminder])
    clocks = run_clocks(table(given["events"]), made, stretches=True)
    assert clocks.due_at.tolist() == [instant(expected["due_at"])]
    assert warnings(clocks).at.tolist() == [instant(at) for at in expected["reminders"]]


def test_every_case_of_a_kind_is_there() -> None:
    assert len(variants("ticket_clock")) == 24
    assert len(variants("reminder")) == 2
