"""`slasim init`: ten answers, and a folder that is a complete scenario at once, or nothing at all."""

from __future__ import annotations

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import slasim as sl
from slasim.erlang import erlang_a
from slasim.starter import check_answer, patience, questions, write_scenario

BANK = Path(__file__).parents[1] / "scenarios" / "bank_1999"
TODAY = date(2026, 2, 10)

EVERY_FLAG = {
    "hours": "mon-fri 8:00-12:00 13:00-18:15, sat 09:00-14:00 Europe/Bucharest",
    "queues": "billing, Sales DE",
    "forecast": "none",
    "aht": "billing 260s, Sales DE 3min",
    "abandonment": "5 %, 20s",
    "staffing": "15.5 scheduled",
    "shrinkage": "10 %, 6 %, 95 %",
    "target": "75/20",
    "period": "week",
    "fee": "100,000 eur",
}
BANK_HOURS = (
    "sun-thu 00:00-00:05 06:50-24:00, fri 00:00-00:05 06:50-14:05, sat 19:20-24:00 Asia/Jerusalem"
)


def made(folder: Path, **answers: str) -> sl.Scenario:
    return sl.load(write_scenario(folder, answers, today=TODAY)[0])


def told(folder: Path, **answers: str) -> list[str]:
    """What is refused, and that nothing was written."""
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(sl.InputError) as refused:
        write_scenario(folder, answers, today=TODAY)
    assert sorted(folder.parent.rglob("*")) == before
    return [str(problem) for problem in refused.value.problems]


def test_there_are_ten_questions_and_each_default_answers_its_own() -> None:
    asked = questions()
    assert [q.key for q in asked] == [*EVERY_FLAG]
    assert [q.flag for q in asked] == [f"--{key}" for key in EVERY_FLAG]
    for question in asked:
        check_answer(question.key, question.default)


def test_nothing_answered_is_a_complete_scenario(tmp_path: Path) -> None:
    paths = write_scenario(tmp_path / "first", {}, today=TODAY)
    assert [path.name for path in paths] == ["centre.yaml", "forecast.csv", "staffing.csv"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        ["first", *(path.name for path in paths)]
    )
    assert sl.check(paths[0]) == []
    lines = paths[0].read_text(encoding="utf-8").splitlines()
    assert 20 <= len(lines) <= 30
    assert sum("#" in line for line in lines) >= 12
    centre = sl.load(paths[0])
    assert (str(centre.start.date()), str(centre.end.date())) == ("2026-03-01", "2026-04-01")
    result = sl.simulate(centre, replications=5)
    assert 0.6 < result.estimate("answered_in_time").value < 1
    assert sl.judge(result)[0].target == 0.80


def test_the_example_volumes_keep_the_staffing_as_busy_as_they_say(tmp_path: Path) -> None:
    rows = made(tmp_path, staffing="40 paid", shrinkage="25 %", aht="5min").workload().rows
    busy = np.array([row.occupancy for row in rows if row.contacts])
    assert 0.59 < busy.min() < 0.65
    assert 0.84 < busy.max() < 0.86
    assert {row.on_phones for row in rows if row.contacts} == {30.0}


def test_every_flag_is_in_the_scenario(tmp_path: Path) -> None:
    centre = made(tmp_path / "b", **EVERY_FLAG)
    text = (tmp_path / "b" / "centre.yaml").read_text(encoding="utf-8")
    assert 20 <= len(text.splitlines()) <= 30
    assert centre.timezone == "Europe/Bucharest"
    assert list(centre.queues) == ["billing", "Sales DE"]
    assert (str(centre.start.date()), str(centre.end.date())) == ("2026-02-16", "2026-02-23")
    # Monday from 18:00 until 18:15: half of an interval is open
    evening, noon = 36, 24
    billing = centre.expected("billing")
    assert billing.volume[noon] == 0
    assert 0 < billing.volume[evening] < 0.55 * billing.volume[evening - 1]
    assert billing.aht_ms[evening] == 260_000
    assert centre.expected("Sales DE").aht_ms[evening] == 180_000
    patient = centre.queues["billing"].patience
    assert patient.mean == 400_000  # all callers wait 20 s on average, one in 20 leaves
    assert centre.staffing("agents")[evening] == 15.5
    assert centre.on_phones("agents")[evening] == pytest.approx(15.5 * 0.94 * 0.95)
    assert centre.metrics["answered_in_time"].threshold == 20_000
    assert centre.contract is not None and centre.contract.period == "week"
    assert centre.contract.commitments[0].target == 0.75
    assert centre.currency == "EUR"
    assert "# fee: 100000 EUR a week" in text
    assert sl.simulate(centre, replications=5).estimate("abandoned").value > 0


def test_patience_from_the_rate_alone_gives_that_rate_back(tmp_path: Path) -> None:
    centre = made(
        tmp_path, staffing="12", aht="3min", abandonment="4 %", hours="mon-fri 9:00-17:00"
    )
    assert "# Erlang A: with this patience 4 % abandon" in (tmp_path / "centre.yaml").read_text()
    mean = centre.queues["calls"].patience.mean / 1000
    rows = [row for row in centre.workload().rows if row.contacts]
    left = sum(row.contacts * erlang_a(2 * row.contacts, 180, 12, mean).p_abandon for row in rows)
    # the centre is nearly steady within half an hour, and hours pool two intervals
    assert left / sum(row.contacts for row in rows) == pytest.approx(0.04, abs=0.001)
    assert sl.simulate(centre, replications=20).estimate("abandoned").value == pytest.approx(
        0.04, abs=0.004
    )


def test_between_two_numbers_of_agents_erlang_a_is_taken_in_proportion() -> None:
    one, two = (erlang_a(100, 180, n, 60).p_abandon for n in (5, 6))
    found = patience._leaving([(10.0, 100.0, 180.0, 5.25)], 60)
    assert found == pytest.approx(0.75 * one + 0.25 * two)


def test_a_rate_that_no_patience_gives_is_refused(tmp_path: Path) -> None:
    (said,) = told(tmp_path / "x", abandonment="60 %")
    assert "60.0% cannot abandon" in said and "mean wait" in said
    (said,) = told(tmp_path / "x", forecast=str(BANK / "forecast.csv"), hours=BANK_HOURS,
                   staffing="1", abandonment="5 %")  # fmt: skip
    assert "even callers with a day of patience" in said


def test_files_that_are_there_take_the_place_of_templates(tmp_path: Path) -> None:
    bank = sl.load(BANK / "bank.yaml")
    shrinkage = bank.to_json()["groups"]["agents"]["shrinkage"]["in_office"]
    centre = made(tmp_path / "bank", hours=BANK_HOURS, forecast=str(BANK / "forecast.csv"),
                  staffing=f"{BANK / 'presence.csv'} scheduled", shrinkage=f"{100 * shrinkage:.1f} %")  # fmt: skip
    assert list(centre.queues) == list(bank.queues)
    assert (centre.start, centre.end) == (bank.start, bank.end)
    for queue in bank.queues:
        assert centre.expected(queue).volume.tolist() == bank.expected(queue).volume.tolist()
        assert centre.expected(queue).aht_ms.tolist() == bank.expected(queue).aht_ms.tolist()
    assert centre.on_phones("agents").tolist() == bank.on_phones("agents").tolist()


def test_a_forecast_in_the_folder_stays_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "forecast.csv"
    shutil.copy(BANK / "forecast.csv", own)
    stamp = own.stat()
    centre = made(tmp_path, hours=BANK_HOURS, forecast=str(own), period="day")
    assert own.stat() == stamp
    assert centre.staffing("agents").max() == 12


def test_a_wide_forecast_by_quarter_hours(tmp_path: Path) -> None:
    rows = [f"2026-03-02 {h:02d}:{m:02d},10,{h}.5" for h in range(9, 12) for m in (0, 15, 30, 45)]
    own = tmp_path / "wide.csv"
    own.write_text("\n".join(["interval_start,Billing,VIP line", *rows]), encoding="utf-8")
    centre = made(tmp_path / "w", forecast=str(own), hours="mon 9:00-12:00", period="day",
                  aht="Billing 2min, 100s")  # fmt: skip
    assert list(centre.queues) == ["Billing", "VIP line"]
    assert centre.interval == 900_000
    assert centre.expected("Billing").volume.sum() == 120
    assert centre.expected("Billing").aht_ms[36] == 120_000
    assert centre.expected("VIP line").aht_ms[36] == 100_000


def test_a_wide_forecast_with_the_aht_of_each_queue(tmp_path: Path) -> None:
    rows = [f"2026-03-02 {h:02d}:{m:02d},10,{h}.5,200,300" for h in range(9, 12) for m in (0, 30)]
    own = tmp_path / "wide.csv"
    heads = "interval_start,calls,sales,calls_aht_s,sales_aht_s"
    own.write_text("\n".join([heads, *rows]), encoding="utf-8")
    centre = made(tmp_path / "w", forecast=str(own), hours="mon 9:00-12:00", period="day")
    assert list(centre.queues) == ["calls", "sales"]
    assert centre.expected("calls").aht_ms[18] == 200_000
    assert centre.expected("sales").aht_ms[18] == 300_000


def test_hours_over_midnight(tmp_path: Path) -> None:
    centre = made(tmp_path, hours="sun 22:00-02:00", period="week")
    (monday,) = np.flatnonzero(centre.expected("calls").volume[:24] > 0).tolist()[-1:]
    assert monday == 3  # until 02:00
    assert (centre.on_phones("agents") > 0).tolist() == (
        centre.expected("calls").volume > 0
    ).tolist()


def test_everything_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    said = told(
        tmp_path / "x", hours="monday", queues="a, a", forecast="/no/such.csv", aht="260",
        abandonment="5, 20s", staffing="12 heads", shrinkage="1 %, 2 %", target="80",
        period="year", fee="much", rota="9",
    )  # fmt: skip
    assert len(said) == 11
    for key in EVERY_FLAG:
        assert sum(line.startswith(f"--{key}: ") for line in said) == 1
    assert all(line.endswith((".", "?")) for line in said)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("hours", "mon 8-12"),
        ("hours", "mon-fri 08:00-25:00"),
        ("hours", "mon-fry 08:00-20:00"),
        ("hours", "mon-fri 08:00-20:00 Europe/Nowhere"),
        ("hours", ""),
        ("queues", "billing,,sales"),
        ("queues", "=cmd"),
        ("forecast", "."),
        ("aht", "0s"),
        ("aht", "-5s"),
        ("aht", "a 1min, a 2min"),
        ("abandonment", "0 %, 20s"),
        ("abandonment", "5 %, 0s"),
        ("abandonment", "5 %, 20"),
        ("staffing", "0"),
        ("staffing", "nan"),
        ("staffing", "-3 paid"),
        ("shrinkage", "100 %"),
        ("shrinkage", "10 %, 6 %, 0 %"),
        ("target", "100/20"),
        ("period", "quarter"),
        ("fee", "1 EURO"),
    ],
)
def test_a_bad_answer_is_a_sentence_with_what_would_do(key: str, text: str) -> None:
    with pytest.raises(sl.InputError) as refused:
        check_answer(key, text)
    (problem,) = refused.value.problems
    assert problem.path == f"--{key}"
    assert problem.found and not problem.found.endswith(".")


def test_answers_that_do_not_fit_each_other(tmp_path: Path) -> None:
    (said,) = told(tmp_path / "x", queues="billing, sales", aht="biling 2min")
    assert (
        said
        == "--aht: there is no queue 'biling'. Queues are: billing, sales. Did you mean billing?"
    )
    own = tmp_path / "f.csv"
    own.write_text("queue,interval_start,offered\ncalls,2026-03-02 09:00,5\n", encoding="utf-8")
    (said,) = told(tmp_path / "x", forecast=str(own), hours="mon 9:00-9:30")
    assert said.startswith("--period: the file covers 2026-03-02 to 2026-03-02, and no whole month")
    (said,) = told(tmp_path / "x", forecast=str(own), hours="mon 10:00-11:00", period="day")[:1]
    assert said.startswith(f"{own}, line 2")


def test_existing_files_are_overwritten_only_when_forced(tmp_path: Path) -> None:
    (tmp_path / "staffing.csv").write_text("mine", encoding="utf-8")
    (said,) = told(tmp_path)
    assert said.startswith(f"{tmp_path / 'staffing.csv'}: the file exists. Use it with --staffing")
    assert (tmp_path / "staffing.csv").read_text(encoding="utf-8") == "mine"
    write_scenario(tmp_path, {}, force=True, today=TODAY)
    assert (tmp_path / "staffing.csv").read_text(encoding="utf-8").startswith("time,mon")
    said_now = told(tmp_path)
    assert len(said_now) == 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "Permission denied" in told(tmp_path / "x")[0]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("", encoding="utf-8")
    assert told(tmp_path / "x") == [f"{tmp_path / 'x'} is a file. Name a folder."]


@pytest.mark.parametrize(
    ("first", "days", "period", "start", "end"),
    [
        ("2026-03-02", 5, "week", "2026-03-02", "2026-03-09"),  # Monday to Friday
        ("2026-03-04", 10, "week", "2026-03-09", "2026-03-16"),  # from a Wednesday to a Friday
        ("2026-03-02", 30, "month", "2026-03-01", "2026-04-01"),  # the 1st is a Sunday
        ("2026-03-02", 5, "day", "2026-02-28", "2026-03-09"),
    ],
)
def test_closed_days_at_the_edges_of_a_file_are_covered_by_it(
    first: str, days: int, period: str, start: str, end: str, tmp_path: Path
) -> None:
    begin = date.fromisoformat(first)
    rows = [
        f"{day} {hour:02d}:00,10"
        for day in (begin + timedelta(days=k) for k in range(days))
        for hour in range(8, 20)
        if day.weekday() < 5
    ]
    own = tmp_path / "own.csv"
    own.write_text("\n".join(["interval_start,calls", *rows]), encoding="utf-8")
    centre = made(
        tmp_path / "c", forecast=str(own), hours="mon-fri 08:00-20:00", period=period, aht="3min"
    )
    assert (str(centre.start.date()), str(centre.end.date())) == (start, end)


def test_files_as_a_continental_spreadsheet_writes_them(tmp_path: Path) -> None:
    days = [f"{2 + k:02d}.03.2026" for k in range(5)]
    clocks = [f"{hour}:{half}" for hour in range(8, 12) for half in ("00", "30")]
    rows = [f"{day} {at};10,5" for day in days for at in clocks]
    own, staff = tmp_path / "own.csv", tmp_path / "staff.csv"
    own.write_bytes("\r\n".join(["interval_start;Büro", *rows]).encode("cp1252"))
    rows = [f"{day} {at};3,5" for day in days for at in clocks]
    staff.write_bytes("\r\n".join(["interval_start;Köpfe", *rows]).encode("cp1252"))
    answers = {"forecast": str(own), "staffing": f"{staff} on_phones", "aht": "3min", "period": "week",
               "hours": "mon-fri 8:00-12:00"}  # fmt: skip
    assert "--encoding cp1252" in told(tmp_path / "x", **answers)[0]
    with pytest.raises(sl.InputError, match="--day-first"):
        write_scenario(tmp_path / "x", answers, encoding="cp1252")
    written = write_scenario(tmp_path / "x", answers, encoding="cp1252", day_first=True)
    centre = sl.load(written[0])
    assert centre.expected("Büro").volume.sum() == 5 * 8 * 10.5
    assert centre.staffing("agents").max() == 3.5
    assert str(centre.end.date()) == "2026-03-09"
