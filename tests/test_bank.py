"""The bank's scenario files follow from the bank's calls, and the counts are those of its README."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from slasim.scenario import load as load_scenario

FOLDER = Path(__file__).parents[1] / "scenarios" / "bank_1999"
WRITTEN_BY_HAND = {"README.md", "calls_1999_02.csv.gz", "derive.py", "fitted.json"}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bank_1999_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


derive = load("derive")
fit_availability = load("fit_availability")


@pytest.fixture(scope="module")
def calls():
    return derive.read(FOLDER / derive.CALLS)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_is_what_the_script_derives(tmp_path: Path) -> None:
    derive.derive(tmp_path)
    derived = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(derived) == 10
    for name, content in derived.items():
        assert (FOLDER / name).read_bytes() == content, f"{name}: run derive.py again"


def test_no_derived_file_is_left_over_and_the_folder_is_small() -> None:
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2_000_000
    csv_and_yaml = {path.name for path in files if path.suffix in (".csv", ".yaml")}
    assert len(csv_and_yaml - WRITTEN_BY_HAND) == 10


def test_the_counts_are_the_banks(calls) -> None:
    days = Counter(
        derive.day_class(int(day)) if day < derive.MODEL_DAYS else "week 4" for day in calls.day
    )
    assert days == {"sun-thu": 22_109, "fri": 1_342, "sat": 559, "week 4": 7_115}
    assert len(calls.at) == 31_125
    assert np.count_nonzero(calls.answered) == 27_162
    assert round(np.mean(calls.wait), 1) == 43.9
    within = [round(100 * np.mean(calls.answered & (calls.wait <= t)), 1) for t in (20, 30, 60)]
    assert within == [52.1, 57.0, 67.3]


def test_no_offered_call_falls_outside_the_open_windows(calls) -> None:
    for at, interval in zip(calls.at, calls.interval, strict=True):
        opens, closes = derive.open_part(int(interval))
        assert opens <= at < closes


def test_the_forecast_brings_every_call_of_the_month() -> None:
    forecast = rows("forecast.csv")
    volume: Counter[str] = Counter()
    for row in forecast:
        volume[row["queue"].removesuffix("_priority")] += float(row["offered"])
    assert {name: round(total, 6) for name, total in volume.items()} == {
        "banking": 20_163,
        "stock_exchange": 2_702,
        "prospects": 6_959,
        "returned": 1_040,
        "internet": 261,
    }
    assert len(forecast) == len(derive.QUEUES) * derive.DAYS * derive.PER_DAY
    assert all(float(row["aht_s"]) > 0 for row in forecast)


def test_actual_adds_up_to_the_calls(calls) -> None:
    actual = rows("actual.csv")
    measures = [key for key in actual[0] if key not in ("type", "interval_start")]
    total = {key: sum(int(row[key]) for row in actual) for key in measures}
    assert total["offered"] == total["answered"] + total["abandoned"] == 31_125
    assert total["wait_answered_s"] + total["wait_abandoned_s"] == calls.wait.sum()
    assert total["service_s"] == calls.served[calls.answered].sum()


def test_week_4_sets_nothing(calls) -> None:
    """Other handle times, waits and priorities in week 4 change no distribution and no AHT."""
    seen = calls.day < derive.MODEL_DAYS
    other = derive.Calls(
        **{
            **vars(calls),
            "served": np.where(seen, calls.served, 9_999),
            "wait": np.where(seen, calls.wait, 1),
            "priority": np.where(seen, calls.priority, 2),
            "answered": calls.answered | ~seen,
        }
    )
    mean, other_mean = derive.handle_mean(calls), derive.handle_mean(other)
    for name in derive.TYPES:
        assert np.array_equal(derive.handle_shape(calls, name), derive.handle_shape(other, name))
        for days, hour in itertools.product(derive.WINDOWS, range(24)):
            assert mean(name, days, hour) == other_mean(name, days, hour)
    volume, other_volume = derive.volumes(calls), derive.volumes(other)
    for queue in derive.QUEUES:
        assert np.array_equal(derive.waited(calls, queue), derive.waited(other, queue))
        assert np.array_equal(volume[queue], other_volume[queue])
    assert np.array_equal(derive.forecast_and_actual(calls), derive.forecast_and_actual(other))


def test_the_doubts_are_measured_on_weeks_1_to_3_and_told_in_the_readme() -> None:
    centre = load_scenario(FOLDER / "bank.yaml")
    told = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    demand = centre.demand
    assert demand is not None and demand.volume is not None and demand.aht is not None
    volume, aht = demand.volume, demand.aht
    assert f"volume {volume.day_cv:.1%} by day".replace("%", " %") in told
    assert f"and {volume.bias_sd:.1%} by month, AHT".replace("%", " %") in told
    assert f"AHT {aht.day_cv:.1%} and {aht.bias_sd:.1%}.".replace("%", " %") in told
    most = centre.but({"demand": {"from": {"file": "forecast_and_actual.csv"}}}).demand
    assert most is not None and most.attendance is not None
    assert f"would give {most.attendance.day_sd:.1%},".replace("%", " %") in told
    days = [row["date"] for row in rows("forecast_and_actual.csv")]
    assert (min(days), max(days)) == ("1999-02-01", "1999-02-21")


def test_handle_times_keep_their_mean(calls) -> None:
    known = calls.answered & (calls.day < derive.MODEL_DAYS)
    for name in derive.TYPES:
        shape = derive.handle_shape(calls, name)
        assert np.isclose(shape.mean(), calls.served[known & (calls.type == name)].mean())
        assert (np.diff(shape) > -1e-9).all()


def test_patience_of_a_day_that_can_be_done_by_hand() -> None:
    """100 callers: 50 hang up after 10 s, 10 are answered after 20 s, 20 of the 40 left hang up
    after 30 s. So half is gone by 10 s and three quarters by 30 s. Then 20 wait on to 130 s and
    two of them hang up: 200 s beyond two minutes for 2 hang-ups, a mean of 100 s."""
    wait = np.repeat([10, 20, 30, 130], [50, 10, 20, 20])
    left = np.repeat([True, False, True, False], [50, 10, 20, 20])
    left[-2:] = True
    grid = derive.patience(wait, left)
    assert len(grid) == derive.GRID
    assert (grid[:100] == 10).all()
    assert (grid[100:150] == 30).all()
    share = (np.arange(150, 200) + 0.5) / 200
    assert np.allclose(grid[150:], 30 + 100 * np.log(0.25 / (1 - share)))


def test_a_session_ends_with_a_gap_of_more_than_45_minutes(calls) -> None:
    def one_agent(*spans: tuple[int, int]):
        begins, ends = np.array(spans).T
        many = {key: np.zeros(len(spans), dtype=np.int64) for key in vars(calls)}
        yes = np.ones(len(spans), dtype=bool)
        return derive.Calls(
            **{
                **many,
                "begins": begins,
                "ends": ends,
                "answered": yes,
                "clocked": yes,
                "server": np.array(["A"] * len(spans)),
            }
        )

    assert derive.sessions(one_agent((0, 60), (2_760, 2_800))) == [(0, 2_800)]
    assert derive.sessions(one_agent((0, 60), (2_761, 2_800))) == [(0, 60), (2_761, 2_800)]
    assert derive.sessions(one_agent((0, 900), (100, 200))) == [(0, 900)]


def test_presence_counts_the_open_part_only(calls) -> None:
    whole = derive.presence(calls, lambda i: (i * 1_800, (i + 1) * 1_800))
    assert np.isclose(whole.sum() * 1_800, sum(e - b for b, e in derive.sessions(calls)), rtol=1e-3)
    agents = np.array([float(row["agents"]) for row in rows("presence.csv")])
    for interval in range(derive.DAYS * derive.PER_DAY):
        opens, closes = derive.open_part(interval)
        if closes - opens == derive.INTERVAL:
            assert abs(agents[interval] - whole[interval]) < 0.001
        if closes == opens:
            assert agents[interval] == 0


@pytest.mark.parametrize(
    ("file", "offered"), [("bank", 31_125), ("weeks_1_3", 24_010), ("week_4", 7_115)]
)
def test_each_scenario_brings_the_calls_of_its_weeks(file: str, offered: int) -> None:
    centre = load_scenario(FOLDER / f"{file}.yaml")
    volumes = {queue: centre.expected(queue).volume.sum() for queue in centre.queue_names}
    assert list(volumes) == list(derive.QUEUES)
    assert round(sum(volumes.values()), 6) == offered


def test_the_factor_is_where_simulated_weeks_1_to_3_lose_as_many_callers_as_the_real_ones(
    calls,
) -> None:
    seen = calls.day < derive.MODEL_DAYS
    assert fit_availability.actual_abandonment() == np.mean(~calls.answered[seen])
    availability = json.loads((FOLDER / "fitted.json").read_text(encoding="utf-8"))["availability"]
    few, many = (
        fit_availability.predicted_abandonment(availability + d, 40) for d in (0.02, -0.02)
    )
    assert few < fit_availability.actual_abandonment() < many
    assert abs(fit_availability.fit(20) - availability) < 0.01


def test_the_factor_of_the_scenarios_is_the_fitted_one() -> None:
    availability = json.loads((FOLDER / "fitted.json").read_text(encoding="utf-8"))["availability"]
    for file in ("bank", "weeks_1_3", "week_4"):
        group = load_scenario(FOLDER / f"{file}.yaml").groups["agents"]
        assert round(group.to_phones, 3) == availability


def test_the_three_scenarios_differ_in_name_dates_and_period_only() -> None:
    texts = [(FOLDER / f"{file}.yaml").read_text().splitlines() for file in ("bank", "week_4")]
    differing = [
        line.split(":")[0].strip() for line, other in zip(*texts, strict=True) if line != other
    ]
    assert differing == ["name", "start", "period"]
