"""Numbers by interval out of files as planners have them: Excel's CSV, zones, daylight saving, other intervals."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from slasim.errors import InputError
from slasim.inputs.sample import prepare
from slasim.scenario import Scenario, load_text
from slasim.scenario.demand import MAPE_TO_CV, split_error, squared_error

BASE = """\
name: Hotline
timezone: Europe/Berlin
start: 2026-03-02
end: 2026-03-03
calendars:
  phones: {weekly: {mon-fri: ["08:00-10:00"]}}
queues:
  billing: {calendar: phones, arrivals: ARRIVALS, aht: 4min}
groups:
  front: {takes: {billing: 1}, staffing: STAFFING}
"""

LONG = """\
queue,interval_start,offered,aht_s
billing,2026-03-02 08:00,30,240
billing,2026-03-02 08:30,31.5,250
sales,2026-03-02 08:30,99,9
billing,2026-03-02 09:00,32,
billing,2026-03-02 09:30,33,270
"""


def centre(
    folder: Path,
    arrivals: str = "{file: f.csv}",
    staffing: str = "8",
    *,
    change: dict[str, str] | None = None,
    encoding: str = "utf-8",
    **files: str,
) -> Scenario:
    """The hotline with these files (`f="..."` writes f.csv) and changes of its text."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content.encode(encoding))
    text = BASE.replace("ARRIVALS", arrivals).replace("STAFFING", staffing)
    for old, new in (change or {}).items():
        assert old in text
        text = text.replace(old, new)
    return load_text(text, folder=folder)


def open_part(scenario: Scenario) -> list[float]:
    """Volumes from 08:00 to 10:00; nothing may stand outside."""
    volume = scenario.expected("billing").volume
    assert volume.size == 48
    assert volume[:16].sum() == volume[20:].sum() == 0
    return [float(number) for number in volume[16:20]]


def test_a_long_file(tmp_path: Path) -> None:
    scenario = centre(tmp_path, f=LONG)
    assert open_part(scenario) == [30, 31.5, 32, 33]
    found = scenario.expected("billing")
    assert found.aht_ms[16:20].tolist() == [240_000, 250_000, 240_000, 270_000]  # blank: aht
    assert found.open_ms[15:21].tolist() == [0, 1800_000, 1800_000, 1800_000, 1800_000, 0]
    assert found.patience_scale is None
    assert any("from the file" in item.value for item in scenario.assumed())


def test_a_wide_file(tmp_path: Path) -> None:
    wide = "interval_start,sales,billing\n" + "".join(
        f"2026-03-02 {time},1,{n}\n"
        for n, time in enumerate(["08:00", "08:30", "09:00", "09:30"], 5)
    )
    assert open_part(centre(tmp_path, f=wide)) == [5, 6, 7, 8]
    assert open_part(centre(tmp_path, "{file: f.csv, column: sales}", f=wide)) == [1, 1, 1, 1]


def test_a_wide_file_with_means_of_each_queue(tmp_path: Path) -> None:
    wide = "interval_start,billing,billing_aht_s,aht_s,billing_patience_s\n" + "".join(
        f"2026-03-02 {time},7,{n},99,60\n"
        for n, time in enumerate(["08:00", "08:30", "09:00", "09:30"], 201)
    )
    scenario = centre(
        tmp_path, change={"aht: 4min": "aht: 4min, patience: {exponential: {mean: 2min}}"}, f=wide
    )
    found = scenario.expected("billing")
    assert found.aht_ms[16:20].tolist() == [201_000, 202_000, 203_000, 204_000]
    assert found.patience_scale is not None
    assert found.patience_scale[16:20].tolist() == [0.5] * 4
    for_all = wide.replace("billing_aht_s", "sales_aht_s")
    assert centre(tmp_path, f=for_all).expected("billing").aht_ms[16] == 99_000


def test_what_excel_writes(tmp_path: Path) -> None:
    excel = (
        "\ufeffQueue;Interval_start;Offered;AHT_s;;\r\n"
        "billing;2026-03-02 8:00;30,25;240,5;;\r\n"
        "billing;2026-03-02 8:30;31,5;240;;\r\n"
        ";;;;;\r\n"
        "billing;2026-03-02 9:00;32;240;;\r\n"
        "billing;2026-03-02 9:30;33;240;;\r\n"
        "\r\n"
    )
    scenario = centre(tmp_path, f=excel)
    assert open_part(scenario) == [30.25, 31.5, 32, 33]
    assert scenario.expected("billing").aht_ms[16] == 240_500
    assert open_part(centre(tmp_path, f=excel.replace(";", "\t").replace(",", "."))) == [
        30.25,
        31.5,
        32,
        33,
    ]
    quoted = LONG.replace("30,240", '"30","240"')
    assert open_part(centre(tmp_path, f=quoted)) == [30, 31.5, 32, 33]


def test_declared_encodings_and_day_first_dates(tmp_path: Path) -> None:
    text = LONG.replace("2026-03-02", "02.03.2026").replace("sales", "Förderung")
    scenario = centre(
        tmp_path, "{file: f.csv, encoding: cp1252, dates: day_first}", f=text, encoding="cp1252"
    )
    assert open_part(scenario) == [30, 31.5, 32, 33]
    slashes = LONG.replace("2026-03-02 08", "2/3/2026 8")
    scenario = centre(tmp_path, "{file: f.csv, dates: day_first}", f=slashes)
    assert open_part(scenario) == [30, 31.5, 32, 33]


def test_offsets_are_instants(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-02T0{7 + n // 2}:{n % 2 * 30:02d}:00Z,{n}\n" for n in range(4))
    assert open_part(centre(tmp_path, f="interval_start,offered\n" + rows)) == [0, 1, 2, 3]


def test_finer_intervals_are_added_up(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-03-02 {8 + n // 4:02d}:{n % 4 * 15:02d},{n + 1},{100 * (n + 1)}\n" for n in range(8)
    )
    scenario = centre(tmp_path, f="interval_start,offered,aht_s\n" + rows)
    assert open_part(scenario) == [3, 7, 11, 15]
    by_volume = (1 * 100 + 2 * 200) / 3 * 1000
    assert scenario.expected("billing").aht_ms[16] == pytest.approx(by_volume)
    assert any("added up" in item.sentence for item in scenario.assumed())


def test_coarser_intervals_are_spread(tmp_path: Path) -> None:
    rows = "2026-03-02 08:00,10,100\n2026-03-02 09:00,30,200\n"
    scenario = centre(tmp_path, f="interval_start,offered,aht_s\n" + rows)
    assert open_part(scenario) == [5, 5, 15, 15]
    assert scenario.expected("billing").aht_ms[16:20].tolist() == [1e5, 1e5, 2e5, 2e5]
    assert any("spread evenly" in item.sentence for item in scenario.assumed())


def test_coarser_intervals_fall_into_the_open_part(tmp_path: Path) -> None:
    rows = "2026-03-02 08:00,10\n2026-03-02 09:00,30\n"
    scenario = centre(
        tmp_path,
        f="interval_start,offered\n" + rows,
        change={'"08:00-10:00"': '"08:30-09:45"'},
    )
    assert open_part(scenario) == [0, 10, 20, 10]


def test_intervals_that_do_not_divide(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-02 {8 + n * 20 // 60:02d}:{n * 20 % 60:02d},1\n" for n in range(6))
    with pytest.raises(InputError, match="One of the two must divide the other"):
        centre(tmp_path, f="interval_start,offered\n" + rows)


def day_of_halves(date: str, texts: list[str]) -> str:
    return "interval_start,offered\n" + "".join(f"{date} {t},{n}\n" for n, t in enumerate(texts))


HALVES = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30)]


def always_open(date: str, following: str) -> dict[str, str]:
    return {
        "calendar: phones, ": "",
        "start: 2026-03-02": f"start: {date}",
        "end: 2026-03-03": f"end: {following}",
    }


def test_in_autumn_the_repeated_half_hour_is_no_duplicate(tmp_path: Path) -> None:
    texts = HALVES[:6] + HALVES[4:]
    text = day_of_halves("2026-10-25", texts)
    scenario = centre(tmp_path, f=text, change=always_open("2026-10-25", "2026-10-26"))
    assert scenario.intervals == 50
    assert scenario.expected("billing").volume.tolist() == list(range(50))
    with pytest.raises(InputError, match="a gap, no row from 2026-10-25 02:00"):
        centre(
            tmp_path,
            f=day_of_halves("2026-10-25", HALVES),
            change=always_open("2026-10-25", "2026-10-26"),
        )


def test_in_spring_the_missing_half_hour_is_no_gap(tmp_path: Path) -> None:
    text = day_of_halves("2026-03-29", HALVES[:4] + HALVES[6:])
    scenario = centre(tmp_path, f=text, change=always_open("2026-03-29", "2026-03-30"))
    assert scenario.intervals == 46
    assert scenario.expected("billing").volume.tolist() == list(range(46))


def test_profiles_on_days_of_daylight_saving(tmp_path: Path) -> None:
    shares = ", ".join(["0.0208333333333"] * 48)
    for date, following, intervals, total in (
        ("2026-03-29", "2026-03-30", 46, 46),  # what falls into the missing hour is lost
        ("2026-10-25", "2026-10-26", 50, 48),  # the repeated hour shares what one hour has
    ):
        scenario = centre(
            tmp_path,
            f"{{per_day: 48, profile: [{shares}]}}",
            change=always_open(date, following),
        )
        volume = scenario.expected("billing").volume
        assert volume.size == intervals
        assert volume.sum() == pytest.approx(total, abs=1e-6)
        even = centre(tmp_path, "{per_day: 48}", change=always_open(date, following))
        assert even.expected("billing").volume.sum() == pytest.approx(48)


def test_per_day_by_weekday_and_profile(tmp_path: Path) -> None:
    profile = "time;anteil\n08:00;40 %\n08:30;30 %\n09:00;20 %\n09:30;10 %\n"
    scenario = centre(
        tmp_path,
        "{per_day: {mon: 100, tue-fri: 50}, profile: {file: p.csv, column: anteil}}",
        p=profile,
        change={"end: 2026-03-03": "end: 2026-03-09"},
    )
    days = scenario.expected("billing").volume.reshape(7, 48)
    assert days.sum(axis=1).tolist() == pytest.approx([100, 50, 50, 50, 50, 0, 0])
    assert days[0, 16:20].tolist() == pytest.approx([40, 30, 20, 10])
    even = centre(tmp_path, "{per_day: 100}")
    assert open_part(even) == [25, 25, 25, 25]


def test_partly_open_intervals_hold_their_part(tmp_path: Path) -> None:
    scenario = centre(tmp_path, "{per_hour: 60}", change={'"08:00-10:00"': '"08:10-09:45"'})
    assert open_part(scenario) == [20, 30, 30, 15]
    assert scenario.expected("billing").open_ms[16:20].tolist() == [
        1200_000,
        1800_000,
        1800_000,
        900_000,
    ]


def test_holidays_and_special_days(tmp_path: Path) -> None:
    scenario = centre(
        tmp_path,
        "{per_hour: 60}",
        change={
            'mon-fri: ["08:00-10:00"]}': 'mon-fri: ["08:00-10:00"]}, holidays: ["2026-03-03"], '
            'special_days: {"2026-03-04": ["08:00-09:00"]}',
            "end: 2026-03-03": "end: 2026-03-06",
        },
    )
    assert scenario.expected("billing").volume.reshape(4, 48).sum(axis=1).tolist() == [
        120,
        0,
        60,
        120,
    ]


def test_lists_and_the_volume_lever(tmp_path: Path) -> None:
    numbers = ", ".join(str(n) for n in range(48))
    scenario = centre(
        tmp_path, f"{{per_hour: [{numbers}]}}", change={"aht: 4min": "volume: 1.1, aht: 4min"}
    )
    assert open_part(scenario) == pytest.approx([8 * 1.1, 8.5 * 1.1, 9 * 1.1, 9.5 * 1.1])


def test_levers_move_what_files_say(tmp_path: Path) -> None:
    scenario = centre(tmp_path, f=LONG)

    def aht(change: str) -> list[float]:
        found = scenario.but({"queues.billing.aht": change}).expected("billing").aht_ms[16:20]
        return [float(ms) / 1000 for ms in found]

    assert aht("+20s") == [260, 270, 260, 290]
    assert aht("-10%") == pytest.approx([216, 225, 216, 243])
    assert aht("200s") == [200, 200, 200, 200]
    half = scenario.but({"queues.billing.volume": "-50%"})
    assert open_part(half) == [15, 15.75, 16, 16.5]


def test_patience_by_interval(tmp_path: Path) -> None:
    rows = LONG.replace("aht_s", "patience_s").replace(",32,\n", ",32,240\n")
    own = centre(
        tmp_path, f=rows, change={"aht: 4min": "aht: 4min, patience: {exponential: {mean: 2min}}"}
    )
    scale = own.expected("billing").patience_scale
    assert scale is not None
    assert scale[16:20].tolist() == pytest.approx([2, 250 / 120, 2, 2.25])
    assert scale[0] == 1
    only = centre(tmp_path, f=rows)
    mean = (30 * 240 + 31.5 * 250 + 32 * 240 + 33 * 270) / 126.5 * 1000
    assert only.queues["billing"].patience is None
    assert only.patience_of("billing").mean == pytest.approx(mean)


def test_warm_up_repeats_the_end_unless_the_file_goes_back(tmp_path: Path) -> None:
    change = {"end: 2026-03-03": "end: 2026-03-03\nwarm_up: 1d"}
    scenario = centre(tmp_path, f=LONG, change=change)
    whole = scenario.expected("billing", warm_up=True)
    assert whole.volume.size == 96
    assert open_part(scenario) == [30, 31.5, 32, 33]
    assert whole.volume[:48].sum() == 0  # Sunday, closed
    weekday = {
        "end: 2026-03-03": "end: 2026-03-04\nwarm_up: 1d",
        "start: 2026-03-02": "start: 2026-03-03",
    }
    before = "".join(
        f"billing,2026-03-02 {t},7,240\n" for t in ("08:00", "08:30", "09:00", "09:30")
    )
    rows = (
        "queue,interval_start,offered,aht_s\n"
        + before
        + before.replace("02 0", "03 0").replace(",7,", ",9,")
    )
    earlier = centre(tmp_path, f=rows, change=weekday)
    assert earlier.expected("billing", warm_up=True).volume.reshape(2, 48).sum(axis=1).tolist() == [
        28,
        36,
    ]
    later = "queue,interval_start,offered,aht_s\n" + before.replace("02 0", "03 0")
    repeated = centre(tmp_path, f=later, change=weekday)
    assert repeated.expected("billing", warm_up=True).volume.reshape(2, 48).sum(
        axis=1
    ).tolist() == [28, 28]


# ------------------------------------------------------------------ staffing


def test_staffing_files(tmp_path: Path) -> None:
    times = ("08:00", "08:30", "09:00", "09:30")
    wide = "interval_start;front;back\n" + "".join(f"2026-03-02 {t};12,5;1\n" for t in times)
    agents = centre(tmp_path, "{per_hour: 60}", "{file: s.csv}", s=wide).staffing("front")
    assert agents.tolist() == [0.0] * 16 + [12.5] * 4 + [0.0] * 28
    other = centre(tmp_path, "{per_hour: 60}", "{file: s.csv, column: back}", s=wide)
    assert other.staffing("front").sum() == 4
    long = "group,interval_start,agents\n" + "".join(
        f"{g},2026-03-02 {t},{n}\n" for g, n in (("back", 1), ("front", 3)) for t in times
    )
    assert centre(tmp_path, "{per_hour: 60}", "{file: s.csv}", s=long).staffing("front").sum() == 12
    fine = "interval_start,agents\n" + "".join(
        f"2026-03-02 {8 + n // 4:02d}:{n % 4 * 15:02d},{n}\n" for n in range(8)
    )
    by_quarter = centre(tmp_path, "{per_hour: 60}", "{file: s.csv}", s=fine)
    assert by_quarter.staffing("front")[16:20].tolist() == [0.5, 2.5, 4.5, 6.5]


def test_staffing_by_interval_and_by_grid(tmp_path: Path) -> None:
    numbers = ", ".join(str(n / 2) for n in range(48))
    listed = centre(tmp_path, "{per_hour: 60}", f"[{numbers}]")
    assert listed.staffing("front").tolist() == [n / 2 for n in range(48)]
    week = {"end: 2026-03-03": "end: 2026-03-09"}
    grid = '{grid: {mon-fri: {"08:00-09:00": 12, "09:00-24:00": 2.5}, sat: {"00:00-01:00": 1}}}'
    days = centre(tmp_path, "{per_hour: 60}", grid, change=week).staffing("front").reshape(7, 48)
    assert days[0].tolist() == [0.0] * 16 + [12.0] * 2 + [2.5] * 30
    assert days[5].tolist() == [1.0] * 2 + [0.0] * 46
    rows = "time;mon;tue;wed;thu;fri;sat;sun\n08:00;3;4,5;3;3;3;;\n08:30;5;5;5;5;5;;\n"
    filed = centre(tmp_path, "{per_hour: 60}", "{grid: {file: g.csv}}", g=rows, change=week)
    days = filed.staffing("front").reshape(7, 48)
    assert days[1, 15:19].tolist() == [0, 4.5, 5, 0]
    assert days[5:].sum() == 0


def test_a_grid_is_local_to_its_group(tmp_path: Path) -> None:
    scenario = centre(
        tmp_path,
        "{per_hour: 60}",
        '{grid: {mon: {"08:00-09:00": 12}}}, timezone: Europe/London',
    )
    assert np.flatnonzero(scenario.staffing("front")).tolist() == [18, 19]


def test_a_group_with_a_calendar_is_on_duty_inside_it(tmp_path: Path) -> None:
    scenario = centre(tmp_path, "{per_hour: 60}", "4, calendar: phones")
    assert scenario.staffing("front").tolist() == [0.0] * 16 + [4.0] * 4 + [0.0] * 28
    assert scenario.workload().groups[0].on_phones == 8


# ------------------------------------------------------------------ measured doubt


def test_squared_error_takes_out_poisson_noise() -> None:
    rng = np.random.default_rng(1)
    forecast = np.full(20_000, 400.0)
    assert math.sqrt(squared_error(forecast, rng.poisson(forecast).astype(float))) < 0.01
    busy = rng.gamma(1 / 0.1**2, 0.1**2, forecast.size)
    measured = math.sqrt(squared_error(forecast, rng.poisson(forecast * busy).astype(float)))
    assert measured == pytest.approx(0.10, abs=0.003)
    naive = math.sqrt(float(np.mean((rng.poisson(forecast * busy) / forecast - 1) ** 2)))
    assert naive > 0.108  # what would be found with the noise left in


def test_split_error_tells_periods_from_days() -> None:
    rng = np.random.default_rng(2)
    periods = np.repeat(np.arange(2_000), 7)
    bias = rng.normal(0, 0.05, 2_000)[periods]
    day = rng.normal(0, 0.08, periods.size)
    forecast = rng.uniform(800, 1200, periods.size)
    actual = rng.poisson(forecast * np.maximum(1 + bias + day, 0)).astype(float)
    shared, own = split_error(forecast, actual, forecast, periods)
    assert shared == pytest.approx(0.05, abs=0.004)
    assert own == pytest.approx(0.08, abs=0.003)


WEEKDAYS = np.array([1400, 1500, 1650, 1500, 1450, 450, 190.0])


def months_told(weeks: int, bias: float, day: float, files: int = 300) -> np.ndarray:
    """What each of many files of a known truth says of a four-week month's error, over what is true; (files,)."""
    rng = np.random.default_rng(8)
    periods = np.repeat(np.arange(weeks), 7)
    forecast = np.tile(WEEKDAYS, weeks)
    k = float((WEEKDAYS**2).sum() / WEEKDAYS.sum() ** 2) / 4
    found = np.empty(files)
    for one in range(files):
        shared = rng.normal(0, bias, weeks)[periods]
        actual = rng.poisson(forecast * (1 + shared) * (1 + rng.normal(0, day, periods.size)))
        week, own = split_error(forecast, actual.astype(float), forecast, periods)
        found[one] = math.hypot(week, own * math.sqrt(k))
    return found / math.hypot(bias, day * math.sqrt(k))


@pytest.mark.parametrize(("bias", "day"), [(0.02, 0.12), (0.04, 0.11), (0.06, 0.10)])
def test_few_weeks_seldom_make_a_month_look_safer_than_it_is(bias: float, day: float) -> None:
    """Were the two parts told apart as if three weeks could: a bias of 0 in half the files."""
    told = months_told(3, bias, day)
    assert np.mean(told < 2 / 3) < 0.20
    assert np.median(told) > 1


def test_many_weeks_tell_a_month_as_it_is() -> None:
    for bias, day in ((0.04, 0.11), (0.06, 0.10)):
        assert np.median(months_told(150, bias, day, 60)) == pytest.approx(1.08, abs=0.08)


def error_file(days: int, seed: int = 3) -> str:
    rng = np.random.default_rng(seed)
    rows = ["queue,date,forecast,actual,forecast_aht_s,actual_aht_s,planned_agents,present_agents"]
    for day in range(days):
        date = np.datetime64("2025-01-06") + day
        shared = rng.normal(0, 0.10)
        for queue in ("billing", "sales"):
            count = rng.poisson(900 * max(1 + shared + rng.normal(0, 0.02), 0))
            aht = 240 * (1 + rng.normal(0, 0.06))
            rows.append(
                f"{queue},{date},900,{count},240,{aht:.1f},20,{20 * (1 + rng.normal(0, 0.04)):.2f}"
            )
    return "\n".join(rows) + "\n"


def test_demand_measured_from_a_file(tmp_path: Path) -> None:
    change = {"groups:": "demand: {from: {file: e.csv, lock_days: 30}}\ngroups:"}
    scenario = centre(tmp_path, "{per_hour: 60}", e=error_file(350), change=change)
    demand = scenario.demand
    assert demand is not None and demand.from_ is not None
    assert demand.volume is not None and demand.aht is not None and demand.attendance is not None
    assert demand.from_.lock_days == 30
    assert demand.volume.day_cv == pytest.approx(0.102, abs=0.01)
    assert demand.volume.bias_sd < 0.03
    assert demand.aht.day_cv == pytest.approx(0.06 / math.sqrt(2), abs=0.01)
    assert demand.attendance.day_sd == pytest.approx(0.04 / math.sqrt(2), abs=0.006)
    assert demand.correlation == pytest.approx(0.96, abs=0.04)
    assert any("Measured net of chance" in item.sentence for item in scenario.assumed())


def test_columns_that_would_have_measured_are_named(tmp_path: Path) -> None:
    change = {"groups:": "demand: {from: {file: e.csv}}\ngroups:"}
    plain = "\n".join(",".join(line.split(",")[:4]) for line in error_file(60).splitlines())
    scenario = centre(tmp_path, "{per_hour: 60}", e=plain, change=change)
    told = {item.path: item.sentence for item in scenario.assumed()}
    assert "the columns forecast_aht_s and actual_aht_s" in told["demand.aht"]
    assert "the columns planned and present" in told["demand.attendance"]
    change = {"groups:": "demand: {volume: {day_cv: 0.1}}\ngroups:"}
    typed = centre(tmp_path, "{per_hour: 8}", change=change)
    assert not any("the columns" in item.sentence for item in typed.assumed())


def test_typed_parts_go_before_measured_ones(tmp_path: Path) -> None:
    change = {
        "groups:": "demand: {from: {file: e.csv}, aht: {day_cv: 0.2}, correlation: 0.5}\ngroups:"
    }
    demand = centre(tmp_path, "{per_hour: 60}", e=error_file(30), change=change).demand
    assert demand is not None and demand.aht is not None and demand.volume is not None
    assert (demand.aht.day_cv, demand.correlation) == (0.2, 0.5)
    assert 0.05 < demand.volume.day_cv < 0.15


def test_interval_error_is_found_inside_days(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = ["interval_start,forecast,actual"]
    for day in range(120):
        busy = rng.gamma(1 / 0.1**2, 0.1**2)
        for half in range(20):
            at = np.datetime64("2025-01-06T08:00") + np.timedelta64(day * 1440 + half * 30, "m")
            count = rng.poisson(300 * busy * rng.gamma(1 / 0.05**2, 0.05**2))
            rows.append(f"{str(at).replace('T', ' ')},300,{count}")
    change = {"groups:": "demand: {from: {file: e.csv}}\ngroups:"}
    demand = centre(tmp_path, "{per_hour: 60}", e="\n".join(rows), change=change).demand
    assert demand is not None and demand.volume is not None
    assert demand.volume.interval_cv == pytest.approx(0.05, abs=0.008)
    assert demand.volume.day_cv == pytest.approx(0.10, abs=0.02)


def test_a_row_that_the_horizon_cuts_gives_only_its_part(tmp_path: Path) -> None:
    hourly = (
        "queue,interval_start,offered\nbilling,2026-03-02 08:00,60\nbilling,2026-03-02 09:00,40\n"
    )
    change = {
        "start: 2026-03-02": "start: 2026-03-02 08:30",
        "end: 2026-03-03": "end: 2026-03-02 09:30",
    }
    assert centre(tmp_path, f=hourly, change=change).expected("billing").volume.tolist() == [30, 20]
    always = change | {"calendar: phones, ": ""}
    assert centre(tmp_path, f=hourly, change=always).expected("billing").volume.tolist() == [30, 20]


def test_no_shift_is_counted_on_a_closed_date(tmp_path: Path) -> None:
    change = {
        "staffing: STAFFING".replace(
            "STAFFING", "8"
        ): 'calendar: phones, shifts: [{name: a, from: "08:00", '
        'to: "16:00", breaks: [{at: "12:00", length: 30min}], agents: 4}]',
        '["08:00-10:00"]}': '["08:00-16:00"]}, holidays: ["2026-03-03"]',
        "end: 2026-03-03": "end: 2026-03-04",
    }
    scenario = centre(tmp_path, "{per_hour: 60}", change=change)
    agents = scenario.staffing("front")
    assert agents[:48].sum() / 2 == 4 * 7.5
    assert not agents[48:].any()  # as in the rota: nobody comes on the holiday
    assert scenario.workload().groups[0].paid == 4 * 7.5
    drawn = prepare(scenario).sample(1, 0)
    assert (drawn.stint_from < scenario.horizon).sum() == 4


def test_mape_is_taken_net_of_poisson_noise(tmp_path: Path) -> None:
    change = {"groups:": "demand: {volume: {daily_mape: 10 %}}\ngroups:"}
    demand = centre(tmp_path, "{per_hour: 60}", change=change).demand  # 120 calls a day
    assert demand is not None and demand.volume is not None
    assert demand.volume.day_cv == pytest.approx(math.sqrt((0.1 * MAPE_TO_CV) ** 2 - 1 / 120))
    weekdays = {"end: 2026-03-03": "end: 2026-03-09"} | change
    week = centre(
        tmp_path, "{per_hour: 60}", change=weekdays
    ).demand  # nobody calls on a closed day
    assert week is not None and week.volume == demand.volume
    tiny = {"groups:": "demand: {volume: {daily_mape: 5 %}}\ngroups:"}
    demand = centre(tmp_path, "{per_hour: 60}", change=tiny).demand
    assert demand is not None and demand.volume is not None
    assert demand.volume.day_cv == 0  # such an error is no more than chance
    assert demand.correlation == 1


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    first = centre(tmp_path, f=LONG)
    second = centre(tmp_path, f=LONG.replace("31.5", "131.5"))
    assert open_part(first)[1] == 31.5
    assert open_part(second)[1] == 131.5


def test_measured_lengths(tmp_path: Path) -> None:
    change = {
        "aht: 4min": "aht: 4min, aht_shape: {empirical: {file: h.csv, column: s, weights: n}}, "
        "patience: {empirical: {file: h.csv, column: w}}"
    }
    scenario = centre(tmp_path, "{per_hour: 60}", h="s;n;w\n10,5;3;20\n1min;1;40s\n", change=change)
    billing = scenario.queues["billing"]
    assert billing.handling.mean == pytest.approx((3 * 10_500 + 60_000) / 4)
    assert billing.patience.mean == pytest.approx(30_000)
    assert scenario.expected("billing").aht_ms[16] == 240_000  # the shape gives no mean


def test_of_several_forecasts_the_last_one_before_the_lock_counts(tmp_path: Path) -> None:
    """Made a day ahead the forecast is right, made 30 days ahead it is 10 % off one way or the other."""
    rows = ["date,lead_days,forecast,actual"]
    for day in range(60):
        date = np.datetime64("2025-01-06") + day
        off = 900_000 * (1.1 if day % 2 else 0.9)
        rows += [
            f"{date},{lead},{made:.0f},900000"
            for lead, made in ((45, off * 2), (30, off), (1, 900_000))
        ]
    text = "\n".join(rows) + "\n"

    def day_cv(lock_days: int) -> float:
        change = {"groups:": f"demand: {{from: {{file: e.csv, lock_days: {lock_days}}}}}\ngroups:"}
        demand = centre(tmp_path, "{per_hour: 60}", e=text, change=change).demand
        assert demand is not None and demand.volume is not None
        return demand.volume.day_cv

    assert day_cv(0) == pytest.approx(0, abs=0.001)
    assert day_cv(30) == pytest.approx(0.1, abs=0.01)
    with pytest.raises(InputError, match="no forecast was made 60 days ahead"):
        day_cv(60)


def test_after_call_work_longer_than_the_files_aht_is_told(tmp_path: Path) -> None:
    rows = "\n".join(f"2026-03-02 {h:02d}:{m:02d},10,40" for h in (8, 9) for m in (0, 30))
    text = f"interval_start,offered,aht_s\n{rows}\n"
    scenario = centre(tmp_path, "{file: f.csv}", f=text, change={"aht: 4min": "acw: 60s"})
    assert any("cut to it in" in item.sentence for item in scenario.assumed())
