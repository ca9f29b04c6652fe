"""Late starts: what was drawn, counted by hand from the draws, by person, team and group, and on the screens."""

from __future__ import annotations

import numpy as np
import pytest

import slasim as sl
from slasim.inputs.sample import prepare
from slasim.scenario import Scenario, load_text
from slasim.show.operation import people_screen
from slasim.show.simulated import simulated_screen

CALLS = """
name: Late
start: 2026-03-02
end: 2026-03-05
queues:
  calls: {arrivals: {per_hour: 20}, handle_time: {exponential: {mean: 3min}}, patience: {exponential: {mean: 3min}}}
groups:
  desk:
    takes: {calls: 1}
    team: blue
    people: [Ana, Bo]
    shifts:
      - {name: early, days: mon-sun, from: "08:00", to: "12:00", people: [Ana, Bo]}
      - {name: noon, days: mon-sun, from: "12:00", to: "18:00", agents: 3}
    late_start: {chance: 0.4, by: {exponential: {mean: 20min}}}
  sure: {takes: {calls: 2}, shifts: [{name: s, days: mon-sun, from: "08:00", to: "18:00", agents: 2}]}
"""


@pytest.fixture(scope="module")
def centre() -> Scenario:
    return load_text(CALLS)


@pytest.fixture(scope="module")
def result(centre: Scenario) -> sl.Result:
    return sl.simulate(centre, replications=10, executor=1)


def test_a_draw_carries_how_late_each_stint_begins(centre: Scenario) -> None:
    punctual = prepare(centre.but({"groups.desk.late_start": None})).sample(1, 0)
    draw = prepare(centre).sample(1, 0)
    assert punctual.stint_late is None and draw.stint_late is not None
    planned = {(a, end): begin for a, begin, end in zip(
        punctual.stint_agent, punctual.stint_from, punctual.stint_to, strict=True)}  # fmt: skip
    begins = [planned[a, end] for a, end in zip(draw.stint_agent, draw.stint_to, strict=True)]
    assert np.array_equal(draw.stint_from - draw.stint_late, begins)
    assert (draw.stint_late > 0).any() and (draw.stint_late == 0).any()
    assert not draw.stint_late[draw.agent_group[draw.stint_agent] == 1].any()


def test_people_and_groups_count_what_was_drawn(centre: Scenario, result: sl.Result) -> None:
    late, starts, shifts = np.zeros(7), np.zeros(7), np.zeros(7)
    for replication in range(10):
        draw = prepare(centre).sample(1, replication)
        assert draw.stint_late is not None
        for agent, begin, by in zip(
            draw.stint_agent, draw.stint_from, draw.stint_late, strict=True
        ):
            if begin < centre.horizon:
                shifts[agent] += 1
                late[agent] += by
                starts[agent] += by > 0
    found = sl.people(result)
    assert [one.shifts for one in found] == pytest.approx(shifts / 10)
    assert [one.late.value for one in found] == pytest.approx(late / 10)
    assert [one.late_starts.value for one in found] == pytest.approx(starts / shifts)
    [group] = sl.summarise(result).late
    assert group.group == "desk"
    assert group.length.value == pytest.approx(late.sum() / 10)
    assert group.share.value == pytest.approx(starts[:5].sum() / shifts[:5].sum())
    assert group.share.low is not None and group.share.low < group.share.value
    blue = next(one for one in sl.people(result, teams=True) if one.name == "blue")
    assert blue.late.value == pytest.approx(late.sum() / 10)


def test_the_screens_tell_it(centre: Scenario, result: sl.Result) -> None:
    found = sl.people(result)
    screen = people_screen(found, result)
    assert "late = shifts that began late / shifts worked" in screen
    assert max(map(len, screen.splitlines())) <= 100
    table = sl.people_table(found)
    assert table["late_h"].sum() == pytest.approx(sum(p.late.value for p in found) / 3_600_000)
    summary = sl.summarise(result)
    assert "Late starts: desk " in simulated_screen(summary)
    assert [one["group"] for one in summary.to_json()["late_starts"]] == ["desk"]
    punctual = sl.simulate(centre.but({"groups.desk.late_start": None}), replications=2, executor=1)
    assert "Late" not in simulated_screen(sl.summarise(punctual)).partition("\n")[2]
    assert " late" not in people_screen(sl.people(punctual), punctual)
