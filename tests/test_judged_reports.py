"""Service levels of known contacts, exactly: the open cases V01 to V05, and clients' interval reports."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from slasim.clock import parse_instant, parse_time_of_day, zone
from slasim.contactlog import ABANDONED, ANSWERED, BLOCKED, VOICEMAIL, WAITING
from slasim.errors import InputError
from slasim.history import IntervalReport, judge_counts, judge_report, read_contacts, read_intervals
from slasim.history.intervals import with_forecast
from slasim.history.judged import answers, spread
from slasim.metrics.attribution import ATTRIBUTIONS, attributed, waited_between
from slasim.metrics.counts import ContactCounts, ReportCounts, Screened
from slasim.metrics.service_level import bounds
from slasim.metrics.standard import AbandonmentRate, AverageSpeedOfAnswer, ServiceLevel
from slasim.outcome import exact

CASES = Path(__file__).parent / "reference_cases" / "sla_clock_cases.yaml"
ALL = {case["id"]: case for case in YAML(typ="safe").load(CASES.read_text())["cases"]}
FORMULAS = (
    "negative",
    "exclude_short",
    "exclude_abandoned_within",
    "positive",
    "short_positive",
    "answered_only",
)
END = {
    "answered": ANSWERED,
    "abandoned": ABANDONED,
    "flow_out": VOICEMAIL,
    "waiting": WAITING,
    "blocked": BLOCKED,
}
S = 1000


def fraction(parts: tuple[Any, Any]) -> Fraction | None:
    return exact.weighted(*parts)


def expected(case: Mapping[str, Any], *names: str) -> dict[str, Fraction]:
    return {name: Fraction(case["expected"][name]) for name in names}


# ------------------------------------------------------------------ the open cases


def test_v01_six_formulas_on_one_set_of_counts() -> None:
    case = ALL["V01"]
    n = {name: np.array([count]) for name, count in case["given"].items()}
    counts = ReportCounts(
        n["answered"] + n["abandoned"], n["answered"], n["abandoned"], {20 * S: n["answered_within"]},
        {20 * S: n["abandoned_within"], 5 * S: n["abandoned_short"]},
    )  # fmt: skip
    found = {name: fraction(ServiceLevel(20 * S, name, 5 * S).parts(counts)) for name in FORMULAS}
    found["abandon_rate"] = fraction(AbandonmentRate().parts(counts))
    found["abandon_rate_excl_short"] = fraction(AbandonmentRate(5 * S).parts(counts))
    assert found == expected(case, *case["expected"])


def test_v02_call_by_call_with_boundaries() -> None:
    case = ALL["V02"]
    contacts = case["given"]["contacts"]
    outcome = np.array([END[c["end"]] for c in contacts])
    waited = np.array([c["wait"] * S for c in contacts])
    counts = ContactCounts(outcome, waited, np.zeros(len(contacts), np.int64))
    t, short = 20 * S, 5 * S
    found: dict[str, Fraction | None] = {
        name: fraction(ServiceLevel(t, name, short, include_flow_out=False).parts(counts))
        for name in FORMULAS
    }
    found["negative_with_flow_out"] = fraction(ServiceLevel(t).parts(counts))
    # The bounds are over all but the flow-out, as the case's own denominators are.
    low, high, offered = bounds(Screened(counts, include_flow_out=False), t)
    found["bound_low"] = exact.weighted(low, offered)
    found["bound_high"] = exact.weighted(high, offered)
    found["abandon_rate"] = fraction(AbandonmentRate().parts(counts))
    found["abandon_rate_excl_short"] = fraction(AbandonmentRate(short).parts(counts))
    assert found == expected(case, *found)
    asa = fraction(AverageSpeedOfAnswer().parts(counts))
    assert asa == case["expected"]["asa_s"] * S
    late = counts.waiting - counts.waiting_within(t)
    numbers = {
        "answered": counts.answered, "answered_within": counts.answered_within(t), "abandoned": counts.abandoned,
        "abandoned_within": counts.abandoned_within(t), "abandoned_short": counts.abandoned_within(short),
        "flow_out": counts.voicemail, "waiting_late": late, "undetermined": counts.waiting_within(t),
        "blocked": counts.blocked,
    }  # fmt: skip
    for name, column in numbers.items():
        assert int(column.sum()) == case["expected"][name], name


def v03(rule: Any) -> list[tuple[int, int]]:
    given_ = ALL["V03"]["given"]
    start = parse_time_of_day(given_["interval_start"])
    arrived = np.array([parse_time_of_day(c["arrive"]) for c in given_["contacts"]])
    waited = np.array([c["wait"] * S for c in given_["contacts"]])
    counts = ContactCounts(
        np.array([END[c["end"]] for c in given_["contacts"]]),
        waited,
        np.zeros(waited.size, np.int64),
    )
    length = given_["interval_min"] * 60 * S
    at = attributed(arrived, arrived + waited, given_["threshold_s"] * S, rule)
    where = start + (at - start) // length * length
    judged = judge_counts(
        "v03", counts, where, ServiceLevel(given_["threshold_s"] * S), interval=length
    )
    assert judged.weighted == Fraction(ALL["V03"]["expected"]["total"])
    return list(zip(judged.numerator.tolist(), judged.denominator.tolist(), strict=True))


@pytest.mark.parametrize("rule", ATTRIBUTIONS)
def test_v03_intervals_by_arrival_end_and_event(rule: str) -> None:
    said = [tuple(map(int, part.split("/"))) for part in ALL["V03"]["expected"][rule]]
    assert v03(rule) == said


def v04(tmp_path: Path) -> IntervalReport:
    rows = ["interval_start,offered,answered_within_sl,sl_threshold_s"]
    for day in (1, 2):
        for number, (within, offered) in enumerate(ALL["V04"]["given"][f"day{day}"]):
            rows.append(
                f"2026-03-0{day} {9 + number // 2:02d}:{30 * (number % 2):02d},{offered},{within},20"
            )
    return read_intervals(written(tmp_path, rows), timezone="UTC")


def written(folder: Path, rows: list[str]) -> Path:
    path = folder / "report.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_v04_weighted_unweighted_share_of_intervals_and_an_empty_one(tmp_path: Path) -> None:
    report = v04(tmp_path)
    goal = Fraction(ALL["V04"]["given"]["target_pct"], 100)
    month = judge_report(report, ServiceLevel(20 * S), target=goal)
    day1 = np.array([label.startswith("2026-03-01") for label in month.labels_of("interval")])

    def first_day(zero_offered: Any) -> Fraction | None:
        return exact.share_met(
            month.numerator[day1], month.denominator[day1], goal, "higher", zero_offered
        )

    found = {
        "day1_weighted": month.by("day")[0].value,
        "day1_unweighted": exact.unweighted(month.numerator[day1], month.denominator[day1]),
        "day1_share_met_skip_empty": first_day("skip"),
        "day1_share_met_empty_as_met": first_day("met"),
        "month_weighted": month.by("month")[0].value,
        "month_mean_of_days": month.unweighted("day"),
        "days_met": month.share_met("day"),
    }
    assert found == expected(ALL["V04"], *found) and set(found) == set(ALL["V04"]["expected"])
    assert first_day("missed") == Fraction(2, 5)
    assert [span.met for span in month.by("day")] == [False, True]


@pytest.mark.parametrize("kind", ["call", "chat"])
def test_v05_where_the_clock_starts_and_stops(kind: str) -> None:
    case = ALL["V05"]
    points = {name: parse_time_of_day(text) // S for name, text in case["given"][kind].items()}
    found = {clock: waited_between(points, clock) for clock in case["expected"][kind]}
    assert found == case["expected"][kind]
    limit = 20 if kind == "call" else 60
    assert {clock: wait <= limit for clock, wait in found.items()} == case["expected"][
        f"{kind}_met_at_{limit}s"
    ]


def test_v05_from_an_export(tmp_path: Path) -> None:
    """The same call, read from a contact export, by each of its three clocks."""
    path = written(tmp_path, [
        "contact_id,created_at,queued_at,answered_at,ring_s,outcome",
        "1,2026-03-02T10:00:00Z,2026-03-02T10:00:45Z,2026-03-02T10:01:10Z,6,answered",
    ])  # fmt: skip
    for clock, seconds in ALL["V05"]["expected"]["call"].items():
        assert read_contacts(path, clock=clock).log.waited.tolist() == [seconds * S], clock
    with pytest.raises(InputError, match="first_agent_message"):
        read_contacts(path, clock="queue_entry>first_agent_message")
    with pytest.raises(InputError, match="stops before it starts"):
        read_contacts(path, clock="agent_answer>queue_entry")


# ------------------------------------------------------------------ properties


contacts_drawn = st.lists(
    st.tuples(st.integers(0, 7200), st.integers(0, 90), st.sampled_from([ANSWERED, ABANDONED])),
    min_size=1,
    max_size=40,
)


@given(contacts_drawn, st.integers(1, 60))
def test_totals_do_not_depend_on_the_attribution(
    drawn: list[tuple[int, int, int]], threshold: int
) -> None:
    arrived, waited, outcome = (np.array(column) for column in zip(*drawn, strict=True))
    counts = ContactCounts(outcome, waited, np.zeros(len(drawn), np.int64))
    totals = set()
    for rule in ATTRIBUTIONS:
        at = attributed(arrived, arrived + waited, threshold, rule)  # type: ignore[arg-type]
        judged = judge_counts(
            "x", counts, at // 1800 * 1800, ServiceLevel(threshold), interval=1800
        )
        totals.add((int(judged.numerator.sum()), int(judged.denominator.sum())))
    assert len(totals) == 1


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=20))
def test_share_met_lies_between_its_readings_of_empty_periods(drawn: list[tuple[int, int]]) -> None:
    above = [min(a, b) for a, b in drawn]
    below = [b for _, b in drawn]
    goal = Fraction(4, 5)
    low, high = (exact.share_met(above, below, goal, "higher", z) for z in ("missed", "met"))
    skipped = exact.share_met(above, below, goal)
    assert low is not None and high is not None and low <= high
    assert skipped is None or low <= skipped <= high


# ------------------------------------------------------------------ reading a report

HEAD = (
    "Interval Start;Queue;Offered;Answered;Abandoned;Answered within SL;SL threshold s;asa_s;Note"
)


def test_a_report_as_excel_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    rows = [HEAD, "2.3.2026 8:00;calls;100;90;10;80;20;12,5;x", "2.3.2026 8:30;calls;0;0;0;;;;"]
    path.write_bytes(("\ufeff" + "\r\n".join(rows)).encode())
    report = read_intervals(path, timezone="Europe/Bucharest", day_first=True)
    assert report.interval == 30 * 60 * S and report.queues == ("calls",)
    assert report.start[0] == parse_instant("2026-03-02 08:00", zone("Europe/Bucharest"))
    assert report.counts.wait_answered.tolist() == [90 * 12_500, 0]
    assert report.report.ignored == ("Note",) and report.report.read == 2
    judged = judge_report(report, ServiceLevel(20 * S), target=Fraction(4, 5))
    assert judged.weighted == Fraction(4, 5) and judged.by("month")[0].met is True
    assert judged.share_met() == 1  # the empty interval is nothing to judge


def test_which_formulas_a_report_can_answer(tmp_path: Path) -> None:
    path = written(tmp_path, [
        "interval_start,offered,answered_within_sl,abandoned,sl_threshold_s,short_abandoned",
        "2026-03-02T08:00:00Z,100,80,10,20,4",
    ])  # fmt: skip
    report = read_intervals(path)
    said = answers(report, 20 * S, 5 * S)
    assert {name for name, reason in said.items() if not reason} == {"negative", "answered_only"}
    assert (
        "abandoned within 20 s" in said["positive"]
        and "abandoned within 5 s" in said["exclude_short"]
    )
    assert any("short_abandoned is not used" in sentence for sentence in report.report.said)
    assert spread(report, 20 * S) == {"negative": Fraction(4, 5), "answered_only": Fraction(8, 9)}
    with pytest.raises(InputError, match="abandoned within 20 s"):
        judge_report(report, ServiceLevel(20 * S, "positive"))
    short = read_intervals(path, short_abandon=5 * S, short_inside=True)
    assert spread(short, 20 * S, 5 * S)["exclude_short"] == Fraction(80, 96)


def test_variance_to_a_forecast_file(tmp_path: Path) -> None:
    report = v04(tmp_path)
    plan = tmp_path / "forecast.csv"
    plan.write_text(
        "interval_start,offered\n2026-03-01 09:00,8\n2026-03-01 09:30,72\n2026-03-02 09:00,400\n"
    )
    beside = judge_report(with_forecast(report, plan, timezone="UTC"), ServiceLevel(20 * S))
    assert [span.variance for span in beside.by("interval")][:2] == [
        pytest.approx(0.25),
        pytest.approx(100 / 72 - 1),
    ]
    assert beside.by("interval")[2].forecast is None
    second = beside.by("day")[1]
    assert (second.offered, second.forecast, second.variance) == (300, 400.0, -0.25)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-03-02T08:00:00Z,100,101,0", "answered_within_sl is more than offered"),
        ("2026-03-02T08:00:00Z,100,,0", "answered_within_sl is empty where contacts were offered"),
        ("2026-03-02T08:00:00Z,10.5,8,0", "10.5 is not a whole number"),
        ("2026-03-02T08:00:00Z,,8,0", "offered is empty"),
        ("2026-03-02T08:00:00Z,-4,1,0", "negative"),
        ("2026-03-02 08:00,100,80,0", "has no UTC offset and the instants above have one"),
        ("2026-03-02T07:00:00Z,100,80,0", "the interval of line 2 stands here again"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    path = written(tmp_path, [
        "interval_start,offered,answered_within_sl,abandoned", "2026-03-02T07:00:00Z,10,8,1", row,
    ])  # fmt: skip
    with pytest.raises(InputError) as caught:
        read_intervals(path, threshold=20 * S)
    assert told in str(caught.value) and {p.line for p in caught.value.problems} == {3}


def test_bad_rows_dropped_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, [
        "interval_start,offered,answered_within_sl", "2026-03-02T07:00:00Z,10,8", "2026-03-02T07:30:00Z,ten,8",
        "2026-03-02T08:00:00Z,10,", "2026-03-02T08:30:00Z,0,",
    ])  # fmt: skip
    report = read_intervals(path, threshold=20 * S, bad_rows="drop").report
    assert (report.read, report.kept) == (4, 2)
    assert {(rows.reason, rows.lines) for rows in report.dropped} == {
        ("column offered cannot be read", (3,)),
        ("answered_within_sl is empty where contacts were offered", (4,)),
    }


def test_mixed_lengths_and_a_missing_zone_are_refused(tmp_path: Path) -> None:
    mixed = [
        "interval_start,offered,interval_minutes",
        "2026-03-02T07:00:00Z,1,30",
        "2026-03-02T07:30:00Z,1,15",
    ]
    with pytest.raises(InputError, match="intervals of 15 and of 30 minutes"):
        read_intervals(written(tmp_path, mixed))
    with pytest.raises(InputError, match="no time zone is declared"):
        read_intervals(written(tmp_path, ["interval_start,offered", "2026-03-02 07:00,1"]))
