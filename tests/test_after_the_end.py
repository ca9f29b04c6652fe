"""After the end: a grid goes on by its weekdays; numbers by interval end with their last one, and `check` says so."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import slasim as sl
from slasim.clock import DAY, HOUR
from slasim.contactlog import ANSWERED
from slasim.inputs.sample import prepare
from slasim.scenario import Scenario, load_text

GRID = {"grid": {"mon-fri": {"09:00-17:00": 2}}}


def desk(staffing: Any, **more: Any) -> Scenario:
    """E-mails at all hours of Monday 2 March 2026 and the day after; half an hour each."""
    plain = {
        "name": "Desk",
        "start": "2026-03-02",
        "end": "2026-03-04",
        "drain_at_most": {"ticket": "5d"},
        "calendars": {"office": {"weekly": {"mon-fri": ["09:00-17:00"]}}},
        "queues": {
            "email": {
                "channel": "ticket",
                "arrivals": {"per_hour": 1},
                "handle_time": {"constant": {"mean": "30min"}},
            }
        },
        "groups": {"front": {"takes": {"email": 1}, "staffing": staffing, **more}},
    }
    return load_text(json.dumps(plain))


def by_day(agents: float) -> list[float]:
    return [agents if 18 <= slot % 48 < 34 else 0 for slot in range(96)]


def test_a_grid_goes_on_by_weekday() -> None:
    draw = prepare(desk(GRID)).sample(1, 0)
    found = list(zip((draw.staff_at / HOUR).tolist(), draw.staff_number.tolist(), strict=True))
    rises = [hour for hour, number in found if number == 2]
    assert rises == [9, 33, 57, 81, 105]  # Monday to Friday, and no Saturday
    assert [hour for hour, number in found if number == 0] == [0, 17, 41, 65, 89, 113]


def test_tickets_of_the_last_night_are_answered() -> None:
    result = sl.simulate(desk(GRID), replications=3, executor=1)
    for replication in range(3):
        log = result.log(replication)
        late = (log.arrived > DAY + 17 * HOUR) & (log.arrived < 2 * DAY)
        assert late.any() and (log.outcome == ANSWERED).all()
        assert (
            (log.left[late] >= 2 * DAY + 9 * HOUR) & (log.left[late] < 2 * DAY + 17 * HOUR)
        ).all()


def test_inside_the_horizon_nothing_changes() -> None:
    listed, grid = prepare(desk(by_day(2))), prepare(desk(GRID))
    one, other = listed.sample(1, 0), grid.sample(1, 0)
    inside = other.staff_at < 2 * DAY
    assert np.array_equal(one.staff_at, other.staff_at[inside])
    assert np.array_equal(one.staff_number, other.staff_number[inside])


class TestCheckSaysSo:
    def said(self, scenario: Scenario) -> list[tuple[str, str]]:
        return [(a.value, a.sentence) for a in scenario.assumed() if "after the end" in a.value]

    def test_a_last_number_of_0(self) -> None:
        [(value, sentence)] = self.said(desk(by_day(2)))
        assert value == "0 after the end" and "give the group shifts, a grid" in sentence
        log = sl.simulate(desk(by_day(2)), replications=2, executor=1).log(0)
        assert (log.outcome[log.arrived > DAY + 17 * HOUR] != ANSWERED).all()

    def test_a_last_number_that_stays(self) -> None:
        [(value, sentence)] = self.said(desk([3] * 96))
        assert value == "3 after the end" and "day and night" in sentence

    @pytest.mark.parametrize("staffing", [GRID, 2])
    def test_nothing_where_there_is_a_pattern_or_one_number(self, staffing: Any) -> None:
        assert self.said(desk(staffing)) == []

    def test_nothing_where_a_calendar_says_when(self) -> None:
        assert self.said(desk(by_day(2), calendar="office")) == []
        log = sl.simulate(desk(by_day(2), calendar="office"), replications=2, executor=1).log(0)
        assert (log.outcome == ANSWERED).all()
