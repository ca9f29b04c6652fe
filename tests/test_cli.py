"""The command line: exit codes, what goes to stdout and stderr, files, and words a planner reads.

Most run in this process; what belongs to a process (imports, pipes, interrupts) runs in one of its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import slasim as sl
from slasim import registry
from slasim.cli import app
from slasim.show.judged import inside_line
from slasim.show.writing import checked_place, escaped, replacing, write_table
from slasim.study.summary import Inside

ROOT = Path(__file__).resolve().parents[1]

DAY = """
name: Small day
timezone: Europe/Berlin
start: 2026-03-02
end: 2026-03-03
calendars: {phones: {weekly: {mon-fri: ["08:00-12:00"]}}}
queues:
  billing:
    calendar: phones
    arrivals: {per_hour: 60}
    aht: 240s
    patience: {exponential: {mean: 180s}}
  "=sales":
    like: billing
    arrivals: {per_hour: 30}
groups:
  front: {takes: {billing: 1, "=sales": 1}, staffing: 7, calendar: phones, max_occupancy: 0.5}
metrics:
  level: {type: service_level, threshold: 20s}
contract:
  period: day
  commitments: [{metric: level, target: TARGET}]
"""

FORECAST = "queue,interval_start,offered,aht_s\n" + "".join(
    f"billing,2026-03-02 {hour:02d}:{half},{40 + hour},260\n"
    for hour in range(8, 12)
    for half in ("00", "30")
)


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A morning whose target is easily met."""
    return _written(tmp_path / "day.yaml", target=0.2)


def _written(path: Path, target: float) -> Path:
    path.write_text(DAY.replace("TARGET", str(target)), encoding="utf-8")
    return path


@pytest.fixture
def forecast(tmp_path: Path) -> Path:
    path = tmp_path / "forecast.csv"
    path.write_text(FORECAST, encoding="utf-8")
    return path


def run(*arguments: object, code: int = 0) -> Any:
    """The command's result; its exit code must be this one, and nothing may have gone wrong inside."""
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert not isinstance(done.exception, Exception), done.exception
    assert done.exit_code == code, done.output
    return done


def told(*arguments: object, code: int = 0) -> dict[str, Any]:
    """What --json says: one object, all that is on stdout."""
    found: dict[str, Any] = json.loads(run(*arguments, "--json", code=code).stdout)
    return found


def process(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "slasim", *(str(a) for a in arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, **more,
    )  # fmt: skip


class TestExitCodes:
    def test_met_missed_undecided(self, tmp_path: Path) -> None:
        assert told("judge", _written(tmp_path / "a.yaml", 0.2), "-n", 60)["status"] == "met"
        missed = _written(tmp_path / "b.yaml", 0.9999)
        assert told("judge", missed, "-n", 60, code=1)["status"] == "missed"
        assert told("simulate", missed, "-n", 60, code=1)["status"] == "missed"
        # 20 days that all meet it are sure of 86 in 100 only, and 90 are asked
        few = _written(tmp_path / "c.yaml", 0.2)
        assert told("judge", few, "-n", 20, code=3)["status"] == "undecided"

    def test_one_replication_judges_nothing(self, day: Path) -> None:
        assert "one replication says nothing" in run("judge", day, "-n", 1, code=3).stderr
        assert "without ranges" in run("simulate", day, "-n", 1).stdout
        one = told("compare", day, "--set", "groups.front.staffing=+2", "-n", 1)
        assert one["differences"]["level"]["low"] is None

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["simulate", "nowhere.yaml"], "there is no such file"),
            (["simulate"], "Missing argument"),
            (["check"], "no scenario is named"),
            (["simulate", "DAY", "--colour"], "No such option"),
            (["judgement"], "judgement"),
            (["check", "DAY", "--set", "queues.biling.volume=+5%"], "Did you mean billing"),
            (["check", "DAY", "--set", "volume"], "is no setting"),
            (["compare", "DAY"], "nothing to compare with"),
            (["simulate", "DAY", "--engine", "quick", "-n", "2"], "quick"),
            (["simulate", "DAY", "--metric", "levle", "-n", "2"], "Did you mean level"),
            (["simulate", "DAY", "--by", "moon", "-n", "2"], "moon"),
            (["simulate", "DAY", "--out", "table.doc"], ".csv, .parquet, .xlsx"),
            (["simulate", "DAY", "--out", "no/such/folder/t.csv"], "there is no folder"),
            (["simulate", "DAY", "--log", "l.csv", "-r", "9", "-n", "2"], "replication 9 of 2"),
            (["simulate", "DAY", "--precision", "2"], "precision"),
            (["erlang", "nowhere.csv"], "there is no file"),
            (["erlang", "FORECAST", "--sl", "120/x"], "not a service-level goal"),
            (["erlang", "FORECAST", "--shrinkage", "1.5"], "out of range"),
            (["erlang", "FORECAST", "--patience", "soon"], "soon"),
            (["erlang", "FORECAST", "--interval", "7min"], "does not divide a day"),
            (["erlang", "FORECAST", "--queue", "biling"], "Did you mean billing"),
            (["erlang", "FORECAST", "--timezone", "Nowhere"], "Nowhere"),
            (["kinds", "--with", "nowhere.py"], "there is no such file"),
        ],
    )
    def test_wrong_input(self, arguments: list[str], said: str, day: Path, forecast: Path) -> None:
        known = {"DAY": str(day), "FORECAST": str(forecast)}
        arguments = [known.get(a, a) for a in arguments]
        done = run(*arguments, code=2)
        assert said in done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        errors = told(*arguments, code=2)["errors"]
        assert said in " ".join(f"{e['found']}. {e['would_do']} {e['path']}" for e in errors)

    def test_every_problem_has_a_line_of_its_own(self, day: Path) -> None:
        text = day.read_text().replace("per_hour: 60", "per_hour: -1").replace("240s", "240 zs")
        bad = day.with_name(
            "a file with a rather long name, so that a narrow terminal would wrap it.yaml"
        )
        bad.write_text(text)
        done = run("check", bad, code=2)
        lines = done.stderr.splitlines()
        assert len(lines) == len(told("check", bad, code=2)["errors"]) >= 2
        assert all(line.startswith(f"{bad}, line ") for line in lines)


class TestCheck:
    def test_says_what_was_assumed_and_the_chain(self, day: Path) -> None:
        said = run("check", day).stdout
        assert "Assumed, not given" in said
        assert "lognormal, cv 0.9" in said
        assert "No forecast error given" in said
        assert "paid 28 h > scheduled 28 h > on phones 28 h" in said
        assert "08:00-12:00" in said  # equal hours share a line
        assert max(len(line) for line in said.splitlines() if str(day) not in line) <= 100

    @pytest.mark.parametrize(("start", "end"), [("03-29", "03-30"), ("10-25", "10-26")])
    def test_a_day_of_23_or_25_hours_is_one_day(self, day: Path, start: str, end: str) -> None:
        dates = f"start: 2026-{start}\nend: 2026-{end}"
        text = day.read_text().replace("start: 2026-03-02\nend: 2026-03-03", dates)
        day.write_text(text.replace("mon-fri", "mon-sun"))
        assert f"1 day from 2026-{start}" in run("check", day).stdout

    def test_json(self, day: Path) -> None:
        found = told("check", day)
        assert found["problems"] == []
        assert {"path": "demand", "value": "none"}.items() <= found["assumed"][-1].items()
        busy = [row for row in found["workload"]["intervals"] if row["contacts"]]
        assert len(busy) == 8
        assert busy[0]["erlangs"] == pytest.approx(90 * 240 / 3600)

    def test_names_the_hours_in_which_work_exceeds_staff(self, day: Path) -> None:
        said = run("check", day, "--set", "groups.front.staffing=5").stdout
        assert "Work exceeds staff in 8 of 8 intervals with contacts (4.0 h)" in said
        assert (
            told("check", day, "--set", "groups.front.staffing=5")["workload"]["intervals_short"]
            == 8
        )

    def test_names_staff_on_duty_while_all_is_closed(self, day: Path) -> None:
        assert "while all its queues are closed" not in run("check", day).stdout
        day.write_text(day.read_text().replace("staffing: 7, calendar: phones", "staffing: 7"))
        assert (
            "140 h of them on the phones while all its queues are closed"
            in run("check", day).stdout
        )

    def test_schema(self) -> None:
        assert "queues" in told("check", "--schema")["properties"]

    def test_out(self, day: Path, tmp_path: Path) -> None:
        run("check", day, "--out", tmp_path / "work.csv")
        assert len(pd.read_csv(tmp_path / "work.csv")) == 48


class TestSimulate:
    def test_screen(self, day: Path) -> None:
        said = run("simulate", day, "-n", 60).stdout
        lines = said.splitlines()
        assert len(lines) <= 40
        assert max(map(len, lines)) <= 100
        assert "60 simulated days" in lines[0]
        assert "CHANCE ALONE" in lines[1]
        for words in (
            "met in 100 days of 100", "range", "ABOVE the 50 % allowed", "worst hour",
            "The formula matters by", "Erlang C", "Erlang A", "Why they differ",
            "The five worst intervals and queues", "Assumed, not given",
        ):  # fmt: skip
            assert words in said
        assert "confidence" not in said
        assert "replication" not in said

    def test_json(self, day: Path) -> None:
        found = told("simulate", day, "-n", 60)
        keys = {"scenario", "seed", "replications", "engine", "estimates", "queues", "groups", "verdicts", "status",
                "inside", "formulas", "erlang", "worst_intervals", "assumed", "taken_as_certain",
                "unserved", "overflow", "waits", "channels", "chats", "overtime", "late_starts", "coming_again",
                "tickets",
                "deferred"}  # fmt: skip
        assert set(found) == keys
        assert found["groups"][0]["too_busy"] is True
        assert found["taken_as_certain"] == ["volume", "AHT", "attendance"]
        assert set(found["formulas"]) == set(registry.names("service_level"))
        centre = sl.load(day)
        expected = sl.simulate(centre, replications=60, seed=1).estimate("level")
        assert found["estimates"]["level"] == expected.to_json()

    def test_who_was_neither_answered_nor_abandoned_is_told(self, day: Path) -> None:
        before = told("simulate", day, "-n", 60)["unserved"]
        assert {one["outcome"] for one in before} == {"closed"}  # at noon staff and lines close
        changes = {"queues.billing.lines": 4, "queues.billing.voicemail_after": "10s",
                   "groups.front.staffing": 3, "contract.commitments[0].target": 0.01}  # fmt: skip
        flags = [part for path, value in changes.items() for part in ("--set", f"{path}={value}")]
        result = sl.simulate(sl.load(day).but(changes), replications=60)
        rows = pd.concat([result.log(r).table() for r in range(60)])
        outcomes = rows[rows["queue"] == "billing"]["outcome"]
        found = told("simulate", day, "-n", 60, *flags)["unserved"]
        counted = {one["outcome"]: one for one in found if one["queue"] == "billing"}
        blocked, voicemail = counted["blocked"], counted["voicemail"]
        assert blocked["contacts"] == (outcomes == "blocked").sum() / 60 > 1
        assert blocked["share"] == (outcomes == "blocked").mean()
        assert voicemail["contacts"] == (outcomes == "voicemail").sum() / 60 > 1
        offered = outcomes[outcomes != "blocked"]
        assert voicemail["share"] == (offered == "voicemail").mean()
        for verb in ("simulate", "judge"):
            said = run(verb, day, "-n", 60, *flags).stdout
            assert "Blocked, no line or place free, and not part of offered: billing" in said
            assert "Sent to voicemail, offered and counted as late: billing" in said

    def test_set_seed_engine_and_threads(self, day: Path) -> None:
        def value(*more: object) -> float:
            return float(told("simulate", day, "-n", 60, *more)["estimates"]["level"]["value"])

        plain = value()
        assert value("--engine", "simpy", "--threads", 1) == plain == value("--threads", 2)
        assert value("--seed", 2) != plain
        assert value("--set", "groups.front.staffing=+3") > plain

    def test_by(self, day: Path) -> None:
        found = told("simulate", day, "-n", 60, "--by", "queue,hour")["table"]
        assert found["metric"] == "level"
        rows = [row for row in found["rows"] if row["queue"] == "billing" and row["value"]]
        assert [row["hour"] for row in rows] == ["08:00", "09:00", "10:00", "11:00"]
        said = run("simulate", day, "-n", 60, "--by", "queue,hour").stdout
        assert said.startswith("level: answered within 20 s / all offered")
        assert "07:00" not in said  # nobody called

    def test_trade_columns(self, day: Path) -> None:
        said = run("simulate", day, "-n", 60, "--trade").stdout
        for head in (
            "forecast",
            "AHT",
            "workload",
            "required",
            "on phones",
            "over/under",
            "occupancy",
        ):
            assert head in said
        columns = told("simulate", day, "-n", 60, "--trade")["trade"][0]["columns"]
        nine = columns["interval"].index("2026-03-02 09:00")
        assert columns["forecast"][nine] == 45
        assert columns["workload"][nine] == pytest.approx(6)
        assert columns["over_under"][nine] == 7 - columns["required"][nine]
        assert 0.7 < columns["occupancy"][nine] < 1

    @pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
    def test_out_round_trip(self, suffix: str, day: Path, tmp_path: Path) -> None:
        place = tmp_path / f"table{suffix}"
        done = run("simulate", day, "-n", 60, "--by", "hour", "--out", place)
        assert f"wrote {place}" in done.stderr
        assert str(place) not in done.stdout
        expected = sl.simulate(sl.load(day), replications=60, seed=1).table("level", "hour")
        if suffix == ".xlsx":
            import zipfile

            assert b"08:00" in zipfile.ZipFile(place).read("xl/sharedStrings.xml")
        else:
            read = pd.read_csv(place) if suffix == ".csv" else pd.read_parquet(place)
            pd.testing.assert_frame_equal(read, expected, check_dtype=False)
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_log_of_one_replication(self, day: Path, tmp_path: Path) -> None:
        place = tmp_path / "log.parquet"
        run("simulate", day, "-n", 60, "--log", place, "--replication", 3)
        assert sl.ContactLog.read(place) == sl.simulate(sl.load(day), replications=4, seed=1).log(3)

    def test_plot(self, day: Path, tmp_path: Path) -> None:
        run("simulate", day, "-n", 60, "--plot", tmp_path / "day.png")
        assert (tmp_path / "day.png").read_bytes().startswith(b"\x89PNG")


class TestCompare:
    def test_what_if_without_a_second_file(self, day: Path) -> None:
        found = told("compare", day, "--set", "groups.front.staffing=+2", "-n", 60)
        assert found["changes"] == ["groups.front.staffing=+2"]
        assert found["differences"]["level"]["value"] > 0
        assert found["differences"]["level"]["variance_reduction"] > 1
        said = run("compare", day, "--set", "groups.front.staffing=+2", "-n", 60).stdout
        assert "as sure as" in said
        assert "times as many unrelated days" in " ".join(said.split())
        assert "Paid hours 28 before, 36 after (+8)" in said
        assert max(map(len, said.splitlines())) <= 100

    def test_two_files(self, day: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.yaml"
        other.write_text(day.read_text().replace("staffing: 7", "staffing: 9"))
        by_file = told("compare", day, other, "-n", 60)["differences"]["level"]
        assert (
            by_file
            == told("compare", day, "--set", "groups.front.staffing=9", "-n", 60)["differences"][
                "level"
            ]
        )

    def test_two_of_one_name_are_told_apart_by_their_files(self, day: Path, tmp_path: Path) -> None:
        text = day.read_text()
        other = tmp_path / "other.yaml"
        other.write_text(text)
        said = run("compare", day, other, "-n", 2).stdout
        assert "With other.yaml against day.yaml: the same callers" in said
        (tmp_path / "more").mkdir()
        copy = tmp_path / "more" / "day.yaml"
        copy.write_text(text)
        said = "".join(run("compare", day, copy, "-n", 2).stdout.split())
        assert f"With{copy}against{day}:" in said
        other.write_text(text.replace("Small day", "Large day"))
        assert "With Large day against Small day" in run("compare", day, other, "-n", 2).stdout

    def test_by(self, day: Path) -> None:
        said = run(
            "compare", day, "--set", "groups.front.staffing=+2", "-n", 60, "--by", "hour"
        ).stdout
        assert "before" in said
        assert "pt" in said


class TestJudge:
    def test_value_and_chance_apart(self, day: Path) -> None:
        said = run("judge", day, "-n", 60).stdout
        assert "CHANCE ALONE: no doubt about the forecast is stated" in said.splitlines()[0]
        assert (
            "MET  level, at least 20 % per day: met in 100 days of 100 (at least 95; 90 asked)"
            in said
        )
        assert "  value   " in said
        assert "  chance  100 % (94-100) that a day meets it; 95 % sure of at least 95 %" in said

    def test_what_is_certain_is_rounded_down(self, day: Path) -> None:
        said = run("judge", day, "-n", 200).stdout  # 0.05 ** (1 / 200) = 98.5 %
        assert "(at least 98; 90 asked)" in said
        assert "95 % sure of at least 98 %, and of at most 100 %" in said

    def test_a_metric_promised_twice_and_occupancy(self, day: Path) -> None:
        both = ("[{metric: level, period: interval, target: 90 %}, {metric: occupancy, target: 99 %}, "
                "{metric: level, target: 20 %}]")  # fmt: skip
        day.write_text(day.read_text().replace("[{metric: level, target: 0.2}]", both))
        said = run("judge", day, "-n", 60, "--set", "groups.front.staffing=4", code=1).stdout
        first, _, last = said.split("\n\n")[1:4]
        assert "one interval in 20 is below" in first and "intervals reach 90 %" in first
        assert "that an interval meets it" in first
        assert "one day in 20 is below" in last and "intervals reach 20 %" in last
        assert "all contacts together" not in said

    def test_nothing_is_below_zero(self) -> None:
        one = Inside("level", "higher", "interval", 0.0, 0.9, None, None, None, 0.0, "share")
        assert inside_line(one, "30 min") == "one interval in 20 is at 0 %"
        assert inside_line(replace(one, one_in_20=0.1), "") == "one interval in 20 is below 10 %"

    def test_occupancy_may_be_promised_by_period(self, day: Path) -> None:
        text = day.read_text().replace("end: 2026-03-03", "end: 2026-03-04")
        day.write_text(
            text.replace("{metric: level, target: 0.2}", "{metric: occupancy, target: 70 %}")
        )
        found = told("judge", day, "-n", 60, code=1)
        (verdict,) = found["verdicts"]
        result = sl.simulate(sl.load(day), replications=60)
        by_day = []
        for r in range(60):
            rows = result.log(r).table()
            for date in ("2026-03-02", "2026-03-03"):
                worked = rows[rows["answered_at"].dt.strftime("%Y-%m-%d") == date][
                    "handled_s"
                ].sum()
                by_day.append(worked / (7 * 4 * 3600))
        assert verdict["period"] == "day"
        assert verdict["value"]["value"] == pytest.approx(
            sum(by_day) / 120, rel=0.02
        )  # overtime is work too
        assert 0.02 < verdict["chance"]["value"] < 0.98

    def test_a_table_of_verdicts(self, day: Path, tmp_path: Path) -> None:
        run("judge", day, "-n", 60, "--out", tmp_path / "v.csv")
        (row,) = pd.read_csv(tmp_path / "v.csv").to_dict("records")
        assert (row["metric"], row["status"], row["target"]) == ("level", "met", 0.2)
        assert row["chance"] == 1.0 and row["chance_low"] == pytest.approx(0.05 ** (1 / 60))
        assert "Use one of .csv" in run("judge", day, "--out", tmp_path / "v.doc", code=2).stderr

    def test_a_stated_doubt_is_no_chance_alone(self, day: Path) -> None:
        with_doubt = day.read_text() + "demand: {volume: {day_cv: 0.1}, aht: {day_cv: 0.05}}\n"
        day.write_text(with_doubt)
        first = run("judge", day, "-n", 60).stdout.splitlines()[0]
        assert "CHANCE ALONE" not in first
        assert "attendance taken as certain" in first

    def test_without_a_contract(self, day: Path) -> None:
        day.write_text(day.read_text().partition("contract:")[0])
        assert "nothing to judge" in run("judge", day, "-n", 2).stdout
        assert told("judge", day, "-n", 2)["status"] == "nothing_to_judge"


class TestErlang:
    def test_answers_the_first_question(self, forecast: Path) -> None:
        found = told(
            "erlang", forecast, "--sl", "80/30", "--shrinkage", "25%", "--max-occupancy", 0.88
        )
        row = found["intervals"][0]
        assert row["interval_start"] == "2026-03-02 08:00"
        assert row["workload"] == pytest.approx(48 * 260 / 1800)
        assert row["service_level"] >= 0.8
        assert row["scheduled"] == pytest.approx(row["required"] / 0.75)
        from slasim.erlang import fewest_agents

        assert row["required"] == fewest_agents(96, 260, service_level=0.8, threshold_s=30)
        said = run("erlang", forecast, "--sl", "80/30", "--shrinkage", 0.25).stdout
        assert "FTE" in said
        assert "Erlang C" in said
        assert max(map(len, said.splitlines())) <= 100

    def test_all_that_is_wrong_is_told_at_once(self, forecast: Path) -> None:
        wrong = ("--max-occupancy", 0, "--shrinkage", 1, "--patience", "-1s", "--aht", "banana")
        said = run("erlang", forecast, *wrong, code=2).stderr
        for name in ("--max-occupancy", "--shrinkage", "--patience", "aht: 'banana'"):
            assert name in said

    def test_patience_and_moving_load(self, forecast: Path) -> None:
        plain = told("erlang", forecast)
        patient = told("erlang", forecast, "--patience", "120s")
        assert patient["queues"]["billing"]["method"] == "erlang_a"
        assert patient["scheduled_hours"] <= plain["scheduled_hours"]
        moving = told("erlang", forecast, "--modified-offered-load")
        first = [found["intervals"][0] for found in (plain, moving)]
        assert first[0]["required"] == first[1]["required"]
        assert first[1]["service_level"] > first[0]["service_level"]  # the day starts empty

    def test_wide_file_needs_an_aht(self, tmp_path: Path) -> None:
        wide = tmp_path / "wide.csv"
        wide.write_text(
            "interval_start,billing,sales\n2026-03-02 08:00,50,20\n2026-03-02 08:30,60,20\n"
        )
        assert "--aht 260s" in run("erlang", wide, code=2).stderr
        found = told("erlang", wide, "--aht", "260s")
        assert [row["queue"] for row in found["intervals"]] == ["billing"] * 2 + ["sales"] * 2
        assert found["fte_together"] < found["fte"]
        only = told("erlang", wide, "--aht", "260s", "--queue", "sales")
        assert set(only["queues"]) == {"sales"}

    def test_means_of_each_queue_in_a_wide_file_are_no_queues(self, tmp_path: Path) -> None:
        wide = tmp_path / "wide.csv"
        rows = [f"2026-03-02 0{h}:{m},50,20,200,300" for h in (8, 9) for m in ("00", 30)]
        heads = "interval_start,billing,sales,billing_aht_s,Sales_AHT_s"
        wide.write_text("\n".join([heads, *rows]))
        found = told("erlang", wide)
        assert list(found["queues"]) == ["billing", "sales"]
        aht = {row["queue"]: row["aht_s"] for row in found["intervals"]}
        assert aht == {"billing": 200, "sales": 300}
        wide.write_text("\n".join([heads.replace("Sales_AHT_s", "other"), *rows]))
        assert "--aht 260s" in run("erlang", wide, code=2).stderr

    def test_a_night_is_no_gap_and_a_missing_half_hour_is_one(self, tmp_path: Path) -> None:
        rows = [
            f"q,2026-03-0{d} {h:02d}:{m},50,200"
            for d in (2, 3)
            for h in (8, 9)
            for m in ("00", "30")
        ]
        file = tmp_path / "f.csv"
        file.write_text("\n".join(["queue,interval_start,offered,aht_s", *rows]))
        assert len(told("erlang", file)["intervals"]) == 8
        file.write_text("\n".join(["queue,interval_start,offered,aht_s", *rows[:1], *rows[2:]]))
        assert "a gap, no row from 2026-03-02 08:30" in run("erlang", file, code=2).stderr

    def test_the_hour_that_autumn_repeats_asks_for_the_zone(self, tmp_path: Path) -> None:
        hours = [0, 1, 2, 3, 3, *range(4, 24)]
        rows = [f"q,2026-10-25 {h:02d}:00,50,200" for h in hours]
        file = tmp_path / "autumn.csv"
        file.write_text("\n".join(["queue,interval_start,offered,aht_s", *rows]))
        said = run("erlang", file, code=2).stderr
        assert "2026-10-25 03:00 stands twice (first in line 5)" in said
        assert "Times were read as UTC: --timezone ZONE reads the hour that repeats" in said
        assert "keep one" in said
        found = told("erlang", file, "--timezone", "Europe/Bucharest")
        assert sum(row["offered"] for row in found["intervals"]) == 25 * 50

    def test_a_row_too_many_has_no_zone_to_blame(self, tmp_path: Path) -> None:
        head, row = "queue,interval_start,offered,aht_s", "q,2026-03-02 08:00,50,200"
        file = tmp_path / "twice.csv"
        file.write_text("\n".join([head, row, row]))
        said = run("erlang", file, "--timezone", "UTC", code=2).stderr
        assert "Keep one" in said
        assert "read as UTC" not in said
        row = row.replace("08:00", "08:00+02:00")
        file.write_text("\n".join([head, row, row]))
        assert "read as UTC" not in run("erlang", file, code=2).stderr

    def test_other_interval_and_out(self, forecast: Path, tmp_path: Path) -> None:
        hourly = told("erlang", forecast, "--interval", "1h")["intervals"]
        assert len(hourly) == 4
        assert hourly[0]["offered"] == 96
        run("erlang", forecast, "--out", tmp_path / "need.csv")
        assert list(pd.read_csv(tmp_path / "need.csv")["offered"]) == [
            48,
            48,
            49,
            49,
            50,
            50,
            51,
            51,
        ]


class TestKinds:
    def test_every_kind_with_its_meaning(self) -> None:
        found = told("kinds")["kinds"]
        assert set(found) >= {"distribution", "metric", "service_level", "routing", "channel"}
        assert all(meaning for family in found.values() for meaning in family.values())
        said = run("kinds").stdout
        for family, kinds in found.items():
            assert all(f" {name} " in said for name in kinds), family

    def test_kinds_of_ones_own(
        self, tmp_path: Path, day: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "_kinds", {f: dict(k) for f, k in _loaded_kinds().items()})
        own = tmp_path / "ours.py"
        own.write_text(
            "from slasim.metrics.service_level import service_level\n\n"
            "@service_level('half_way')\n"
            "def half_way(c, t, short):\n"
            '    """answered within half of {t} / all offered"""\n'
            "    return c.answered_within(t), c.offered\n"
        )
        said = run("kinds", "--with", own).stdout
        assert "half_way*" in said
        assert "not slasim's own" in said
        assert "half_way" in told("simulate", day, "-n", 60, "--with", own)["formulas"]

    def test_a_file_that_is_not_python(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.py"
        bad.write_text("x = 1\nimport (\n")
        assert run("kinds", "--with", bad, code=2).stderr.startswith(
            f"{bad}, line 2: is not valid Python"
        )

    def test_a_file_that_breaks(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.py"
        bad.write_text("x = 1\nx = y\n")
        assert run("kinds", "--with", bad, code=2).stderr.startswith(
            f"{bad}, line 2: cannot be loaded: NameError"
        )


def _loaded_kinds() -> dict[str, dict[str, Any]]:
    registry.load_all()
    return registry._kinds


class TestFiles:
    def test_text_that_a_spreadsheet_would_run_is_escaped(self, tmp_path: Path) -> None:
        frame = pd.DataFrame(
            {"=queue": ["=1+1", "+x", "-y", "@z", "plain"], "value": [-1.0, 2, 3, 4, 5]}
        )
        assert list(escaped(frame)["'=queue"]) == ["'=1+1", "'+x", "'-y", "'@z", "plain"]
        text = write_table(frame, tmp_path / "t.csv").read_text()
        assert text.splitlines()[:2] == ["'=queue,value", "'=1+1,-1.0"]

    def test_a_queue_called_like_a_formula(self, day: Path, tmp_path: Path) -> None:
        run("simulate", day, "-n", 60, "--by", "queue", "--out", tmp_path / "t.csv")
        assert list(pd.read_csv(tmp_path / "t.csv")["queue"]) == ["billing", "'=sales"]

    def test_nothing_half_written(self, tmp_path: Path) -> None:
        place = tmp_path / "t.csv"
        place.write_text("old")
        with pytest.raises(KeyboardInterrupt), replacing(place) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt
        assert place.read_text() == "old"
        assert list(tmp_path.iterdir()) == [place]


class TestProcess:
    @pytest.mark.parametrize("module", ["slasim", "slasim.cli"])
    def test_help_imports_nothing_heavy(self, module: str) -> None:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", module, "--help"],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0
        imported = {
            line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()
        }
        assert "typer" in imported
        assert not imported & {
            "numpy",
            "numba",
            "scipy",
            "pandas",
            "matplotlib",
            "pydantic",
            "rich",
            "simpy",
        }
        for verb in ("init", "check", "simulate", "compare", "judge", "erlang", "kinds", "demo"):
            assert f"  {verb} " in done.stdout

    def test_no_command_and_version(self) -> None:
        assert process().stdout == process("--help").stdout
        assert process("--version").stdout == f"slasim {sl.__version__}\n"

    def test_results_to_stdout_and_no_bar_when_piped(self, day: Path) -> None:
        done = process("simulate", day, "-n", 60, "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["replications"] == 60
        assert done.stderr == ""

    def test_a_closed_pipe_is_no_error(self, day: Path) -> None:
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [sys.executable, "-m", "slasim", "check", str(day)],
            cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
        os.close(write)
        assert done.returncode == 141
        assert done.stderr == ""

    def test_interrupt(self, day: Path, tmp_path: Path) -> None:
        running = subprocess.Popen(
            [sys.executable, "-m", "slasim", "simulate", str(day), "-n", "1000000", "--out", str(tmp_path / "t.csv")],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(4)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
        assert running.returncode == 130
        assert stdout == ""
        assert "interrupted" in stderr
        assert "Traceback" not in stderr
        assert [path.name for path in tmp_path.iterdir()] == ["day.yaml"]

    def test_a_mistake_of_ours_is_told_in_full_and_is_not_missed(self) -> None:
        program = (
            "import sys, slasim.cli, slasim.registry\n"
            "def broken(): raise ZeroDivisionError('ours')\n"
            "slasim.registry.families = broken\n"
            "sys.exit(slasim.cli.main(['kinds']))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 70
        assert "ZeroDivisionError: ours" in done.stderr


class TestInit:
    def test_what_it_writes_can_be_checked(self, tmp_path: Path) -> None:
        written = told("init", tmp_path / "mine", "--yes", "--aht", "200s")
        assert written["scenario"] in written["written"]
        assert told("check", written["scenario"])["problems"] == []
        assert "exists" in run("init", tmp_path / "mine", "--yes", code=2).stderr

    def test_answers_that_are_piped_are_not_read_and_it_says_so(self, tmp_path: Path) -> None:
        said = run("init", tmp_path / "piped")
        assert said.stderr == (
            "not a terminal, so nothing is asked: what no option says is as suggested\n"
        )
        assert "wrote" in said.stdout
        assert run("init", tmp_path / "on_purpose", "--yes").stderr == ""

    @pytest.mark.parametrize("name", ["my.yaml", "my.YML"])
    def test_a_scenario_file_is_no_folder(self, tmp_path: Path, name: str) -> None:
        said = run("init", tmp_path / name, "--yes", code=2).stderr
        assert f"{tmp_path / name} is the name of a file" in said
        assert f"Name a folder, for example: slasim init {tmp_path / 'my'}" in said
        assert not list(tmp_path.iterdir())


def test_a_library_that_is_missing_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(sl.SlasimError, match=r"slasim\[excel\]"):
        checked_place(tmp_path / "t.xlsx")
    assert checked_place(tmp_path / "t.csv") == tmp_path / "t.csv"
