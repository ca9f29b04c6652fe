"""A back-test: predicted beside actual, by how much it was too kind, and the lines a planner pastes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contracts import centre
from typer.testing import CliRunner

import slasim as sl
from slasim.cli import app
from slasim.errors import InputError
from slasim.history.back_testing import BackTest, back_test
from slasim.scenario import Scenario, load_text
from slasim.scenario.bundled import bundled
from slasim.show.back_tested import back_test_screen
from slasim.study.too_kind import kinder_by, rounded_up, too_kind, weeks_of

BANK = bundled("bank_1999")
DAYS = tuple(f"2026-03-{day:02d}" for day in range(2, 9))
"""A Monday to the Sunday."""

HEAD = (
    "queue", "interval_start", "offered", "answered", "abandoned", "answered_within_sl", "sl_threshold_s",
    "answer_wait_total_s",
)  # fmt: skip
DAY = {
    "offered": 100,
    "answered": 90,
    "abandoned": 10,
    "answered_within_sl": 80,
    "answer_wait_total_s": 1110,
}
"""A day's report: 80 % within 20 s, 10 % lost, ASA 12.33 s."""


def written(path: Path, rows: Iterable[dict[str, Any]], *, queue: str = "calls",
            threshold: int = 20) -> Path:  # fmt: skip
    """An interval report; what a row leaves out is as in DAY."""
    plain = {"queue": queue, "sl_threshold_s": threshold, **DAY}
    lines = [",".join(str((plain | row)[name]) for name in HEAD) for row in rows]
    path.write_text("\n".join([",".join(HEAD), *lines]) + "\n", encoding="utf-8")
    return path


def each_day(days: Iterable[str] = DAYS, **more: Any) -> list[dict[str, Any]]:
    return [{"interval_start": f"{day} 09:00", **more} for day in days]


def promised(*commitments: dict[str, Any]) -> dict[str, Any]:
    return {"period": "day", "commitments": list(commitments)}


QUICK = {"metric": "quick", "target": 0.7}


def plenty(contract: dict[str, Any] | None = None, **more: Any) -> Scenario:
    """So many agents that everybody is answered at once: predicted are 100 %, 0 % and 0 s, whatever chance does."""
    return centre(contract, days=7, agents=30, per_hour=20, **more)


def test_the_rule() -> None:
    assert kinder_by(0.75, 0.5, "higher") == 0.25
    assert kinder_by(0.75, 0.5, "lower") == -0.25
    assert too_kind(0.75, 0.5, "lower") == 0  # a model that was too strict earns no softer promise
    assert too_kind(30_000, 45_000, "lower") == 15_000
    assert rounded_up(0.2, "share") == 0.2
    assert rounded_up(0.2001, "share") == 0.201
    assert rounded_up(12_333.3, "time") == 12_400
    assert weeks_of([0, 1, 2, 3, 4]) == 1
    assert weeks_of([]) == 0


class TestByHand:
    def found(self, tmp_path: Path, **more: Any) -> BackTest:
        report = written(tmp_path / "week.csv", each_day())
        return back_test(plenty(promised(QUICK), **more), report, replications=5)

    def test_predicted_actual_and_the_difference(self, tmp_path: Path) -> None:
        found = self.found(tmp_path)
        rows = {row.metric: row for row in found.rows}
        assert {name: (row.predicted, row.actual) for name, row in rows.items()} == {
            "quick": (1.0, 0.8), "lost": (0.0, 0.1), "asa": (0.0, pytest.approx(7 * 1_110_000 / 630)),
        }  # fmt: skip
        assert found.too_kind == {"quick": 0.2, "lost": 0.1, "asa": 12_400}
        assert found.weeks == 1 and len(found.days) == 7
        assert found.offered[1] == 700
        assert [row.metric for row in found.rows if row.promised] == ["quick"]
        assert found.lines == (
            "feasibility:",
            "  back_test:",
            "    weeks: 1",
            "    too_kind:",
            "      quick: 0.2",
            "      lost: 0.1",
            "      asa: 12.4s",
        )

    def test_a_model_that_was_too_strict_is_not_too_kind(self, tmp_path: Path) -> None:
        poor = centre(promised(QUICK), days=7, agents=1)
        good = each_day(answered=100, abandoned=0, answered_within_sl=100, answer_wait_total_s=0)
        found = back_test(poor, written(tmp_path / "week.csv", good), replications=5)
        assert found.too_kind == {"quick": 0.0, "lost": 0.0, "asa": 0.0}
        assert all(row.predicted != row.actual for row in found.rows)

    def test_the_doubt_in_demand_is_left_out(self, tmp_path: Path) -> None:
        doubt = {"volume": {"day_cv": 0.3}, "aht": {"bias_sd": 0.2}}
        busy = centre(promised(QUICK), days=7, agents=6, demand=doubt)
        found = back_test(busy, written(tmp_path / "week.csv", each_day()), replications=20, seed=3)
        alone = sl.simulate(busy.but({"demand": None}), replications=20, seed=3)
        assert found.rows[0].predicted == alone.estimate("quick").value
        assert (
            found.rows[0].predicted
            != sl.simulate(busy, replications=20, seed=3).estimate("quick").value
        )
        assert found.doubted and not self.found(tmp_path).doubted

    def test_days_that_the_report_lacks_are_left_out_on_both_sides(self, tmp_path: Path) -> None:
        """Nobody works on Saturday and Sunday: with these days predicted would be five sevenths, more or less."""
        weekdays = [30] * 48 * 5 + [0] * 48 * 2
        empty = centre(promised(QUICK), days=7, agents=weekdays, per_hour=20)  # type: ignore[arg-type]
        assert sl.simulate(empty, replications=5).estimate("quick").value < 0.8
        found = back_test(empty, written(tmp_path / "w.csv", each_day(DAYS[:5])), replications=5)
        assert [row.predicted for row in found.rows] == [1.0, 0.0, 0.0]
        assert found.weeks == 1 and len(found.days) == 5
        assert "2 of the scenario's 7 days have no contacts" in back_test_screen(found)

    def test_intervals_are_put_together_as_a_commitment_does(self, tmp_path: Path) -> None:
        """A busy half-hour at 30 of 100, a quiet one at 10 of 10: 36 % of contacts, mean 65 %, half of them met."""
        day = [
            {"at": "09:00", "answered_within_sl": 30},
            {
                "at": "09:30",
                "offered": 10,
                "answered": 10,
                "abandoned": 0,
                "answered_within_sl": 10,
            },
        ]
        rows = [{**row, "interval_start": f"{date} {row['at']}"} for date in DAYS for row in day]
        report = written(tmp_path / "week.csv", rows)
        met = {"aggregate": "share_of_intervals_met", "interval_target": 0.8, "name": "half-hours"}
        mean = {"metric": "quick", "name": "mean", "target": 0.7, "aggregate": "unweighted"}
        found = back_test(plenty(promised(QUICK, QUICK | met, mean)), report, replications=5)
        quick = {row.reading: row for row in found.rows if row.metric == "quick"}
        assert quick["weighted"].actual == pytest.approx(40 / 110)
        assert quick["unweighted"].actual == pytest.approx(0.65)
        assert quick["share_of_intervals_met"].actual == 0.5
        assert {row.predicted for row in quick.values()} == {1.0}
        assert found.too_kind["quick"] == 0.637  # the worst of the three, which are under one name

    def test_what_an_interval_report_cannot_say_is_told(self, tmp_path: Path) -> None:
        metrics = {
            "quick": {"type": "service_level", "threshold": "20s"},
            "slow": {"type": "service_level", "threshold": "60s"},
            "busy": {"type": "occupancy"},
            "talk": {"type": "aht"},
        }
        found = self.found(tmp_path, metrics=metrics)
        assert found.left_out == {
            "slow": "the report does not say how many were answered within 1 min",
            "busy": "an interval report does not say how long agents were on duty",
            "talk": "the report does not say how long contacts were handled",
        }
        assert found.aht is None
        assert "not compared: slow: the report does not say" in back_test_screen(found)


TWO = {
    "billing": {"calendar": "open", "arrivals": {"per_hour": 20}, "handle_time": {"exponential": {"mean": "4min"}}},
    "sales": {"like": "billing"},
}  # fmt: skip
FLOOR = {"front": {"takes": {"billing": 1, "sales": 1}, "staffing": 30}}
OVER = {
    "both": {"type": "service_level", "threshold": "20s"},
    "billing_quick": {"type": "service_level", "threshold": "20s", "queues": ["billing"]},
}


def two(**more: Any) -> Scenario:
    return centre(days=7, queues=TWO, groups=FLOOR, metrics=OVER, **more)


class TestQueues:
    def test_each_metric_over_its_own(self, tmp_path: Path) -> None:
        rows = each_day(queue="billing") + each_day(queue="sales", answered_within_sl=60)
        found = back_test(two(), written(tmp_path / "week.csv", rows), replications=3)
        assert {row.metric: row.actual for row in found.rows} == {"both": 0.7, "billing_quick": 0.8}
        assert found.offered[1] == 1400

    def test_a_queue_without_rows(self, tmp_path: Path) -> None:
        report = written(tmp_path / "week.csv", each_day(queue="billing"))
        found = back_test(two(), report, replications=3)
        assert [row.metric for row in found.rows] == ["billing_quick"]
        assert found.left_out == {"both": "the report has no rows of sales"}
        assert found.offered[0] == pytest.approx(7 * 4 * 20, rel=0.15)  # of billing alone

    def test_a_report_of_all_together(self, tmp_path: Path) -> None:
        report = written(tmp_path / "week.csv", each_day(queue="all"))
        found = back_test(two(), report, replications=3)
        assert [row.metric for row in found.rows] == ["both"]
        assert "does not tell queues apart" in found.left_out["billing_quick"]


class TestBadInput:
    def problems(self, scenario: Scenario, report: Path) -> list[str]:
        with pytest.raises(InputError) as caught:
            back_test(scenario, report, replications=3)
        return [str(problem) for problem in caught.value.problems]

    def test_everything_at_once_with_its_place(self, tmp_path: Path) -> None:
        """Too few days, days of another week, a queue misspelt, a threshold that the report does not have."""
        text = json.dumps(plenty(promised(QUICK)).to_json(), indent=1)
        line = 1 + text.splitlines().index('   "threshold": "20s"')
        (tmp_path / "next.yaml").write_text(text, encoding="utf-8")
        rows = [
            *each_day(DAYS[:3]),
            *each_day(["2026-03-09", "2026-03-10"]),
            *each_day(DAYS[:1], queue="cals"),
        ]
        report = written(tmp_path / "week.csv", rows, threshold=30)
        assert self.problems(sl.load(tmp_path / "next.yaml"), report) == [
            f"{tmp_path}/next.yaml, line {line}, column 4: metrics.quick.threshold: week.csv does not say how many "
            "were answered within 20 s, which is promised; its thresholds are: 30 s. "
            "Export the report at the promised threshold.",
            f"{report}: 3 days with contacts from start to end of the scenario. "
            "A back-test needs at least 5 days that the model has not seen.",
            f"{report}, line 5: 2 days from 2026-03-09 to 2026-03-10 are outside the scenario, which runs from "
            "2026-03-02 00:00 until 2026-03-09 00:00. "
            "Leave these rows out, or set the scenario's start and end around them.",
            f"{report}, line 7: the scenario has no queue 'cals'. Its queues are: calls. Did you mean calls?",
        ]

    def test_four_days_are_too_few_and_five_are_enough(self, tmp_path: Path) -> None:
        four = written(tmp_path / "four.csv", each_day(DAYS[:4]))
        assert "4 days with contacts" in self.problems(plenty(), four)[0]
        empty = each_day(DAYS[4:5], offered=0, answered=0, abandoned=0, answered_within_sl=0)
        shut = written(tmp_path / "shut.csv", each_day(DAYS[:4]) + empty)
        assert "4 days with contacts" in self.problems(plenty(), shut)[0]
        five = written(tmp_path / "five.csv", each_day(DAYS[:5]))
        assert back_test(plenty(), five, replications=2).weeks == 1

    def test_nothing_to_compare_says_every_reason(self, tmp_path: Path) -> None:
        report = written(tmp_path / "week.csv", each_day(), threshold=30)
        only = {name: {"type": "service_level", "threshold": name} for name in ("20s", "60s")}
        said = self.problems(plenty(metrics=only), report)
        assert len(said) == 2 and all("does not say how many" in one for one in said)
        assert "names no metric" in self.problems(plenty(metrics={}), report)[0]

    def test_other_columns(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv").write_text("ticket_id,event_at\n1,2\n", encoding="utf-8")
        assert (
            "not the columns of an interval report"
            in self.problems(plenty(), tmp_path / "x.csv")[0]
        )

    def test_a_threshold_that_no_column_says_is_told(self, tmp_path: Path) -> None:
        report = written(tmp_path / "week.csv", each_day())
        text = report.read_text().replace("sl_threshold_s", "team")
        report.write_text(text, encoding="utf-8")
        found = back_test(plenty(promised(QUICK)), report, replications=2)
        assert found.rows[0].actual == 0.8
        assert "taken to be within 20 s" in back_test_screen(found)


class TestRoundTrip:
    """The lines, pasted into the next scenario, are what `recommend` takes off; and it may say commit."""

    @staticmethod
    @cache
    def lines() -> tuple[str, ...]:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            nearly = each_day(answered=98, abandoned=2, answered_within_sl=95)
            report = written(Path(folder) / "week.csv", nearly)
            return back_test(plenty(promised(QUICK)), report, replications=5).lines

    def recommended(self, feasibility: str) -> Any:
        text = json.dumps(
            centre(promised(QUICK) | {"term": {"months": 1}}, agents=9, demand=self.DOUBT).to_json()
        )
        plain = "\n".join(f"{key}: {json.dumps(value)}" for key, value in json.loads(text).items())
        scenario = load_text(f"{plain}\n{feasibility}\n")
        return next(row for row in sl.recommend(scenario, replications=60).own())

    DOUBT = {"volume": {"day_cv": 0.05}, "aht": {"day_cv": 0.05}, "attendance": {"day_sd": 0.01}}  # noqa: RUF012

    def test_it_is_taken_off_and_may_be_committed(self) -> None:
        before = self.recommended("")
        after = self.recommended("\n".join(self.lines()))
        assert self.lines()[4] == "      quick: 0.05"
        assert after.target == pytest.approx(before.target - 0.05, abs=1.5e-6)
        assert (before.verdict, after.verdict) == ("commit with clause", "commit")
        assert [one.name for one in before.reasons].count("no_back_test") == 1
        said = [one.says for one in after.reasons if one.name == "back_test"]
        assert said == ["A back-test was missed by 5.0 points; they are taken off."]

    def test_names_that_yaml_would_misread(self, tmp_path: Path) -> None:
        metrics = {
            name: {"type": "service_level", "threshold": "20s"}
            for name in ("80/20", "on", 'a "b": c')
        }
        report = written(tmp_path / "week.csv", each_day())
        found = back_test(plenty(metrics=metrics), report, replications=2)
        plain = "\n".join(
            f"{key}: {json.dumps(value)}"
            for key, value in plenty(metrics=metrics).to_json().items()
        )
        read = load_text("\n".join([plain, *found.lines])).feasibility.back_test
        assert read is not None and read.too_kind == dict.fromkeys(metrics, 0.2)


class TestCommandLine:
    @pytest.fixture
    def run(self) -> Callable[..., Any]:
        def called(*arguments: object, code: int = 0) -> Any:
            done = CliRunner().invoke(app, [str(one) for one in arguments])
            assert done.exit_code == code, done.output
            return done

        return called

    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        text = json.dumps(plenty(promised(QUICK)).to_json())
        (tmp_path / "next.yaml").write_text(text, encoding="utf-8")
        return written(tmp_path / "week.csv", each_day()), tmp_path / "next.yaml"

    def test_the_screen_json_and_table(
        self, run: Any, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        report, scenario = files
        said = run("judge", report, "--against", scenario, "-n", 5).stdout
        assert "quick" in said and "20.0 points   promised" in said
        assert "      quick: 0.2\n" in said and "5 simulated weeks · seed 1" in said
        assert max(map(len, said.splitlines())) <= 100
        out = tmp_path / "rows.csv"
        told = json.loads(
            run("judge", report, "--against", scenario, "-n", 5, "--json", "--out", out).stdout
        )
        assert told["feasibility"] == {
            "back_test": {"weeks": 1, "too_kind": {"quick": 0.2, "lost": 0.1, "asa": "12.4s"}}
        }
        assert [row["metric"] for row in told["metrics"]] == ["quick", "lost", "asa"]
        again = plenty().but({"feasibility": told["feasibility"]}).feasibility.back_test
        assert again is not None and again.too_kind == {"quick": 0.2, "lost": 0.1, "asa": 12_400}
        assert out.read_text().splitlines()[0].startswith("metric,reading,text")

    def test_rows_that_are_dropped_are_told(self, run: Any, files: tuple[Path, Path]) -> None:
        report, scenario = files
        report.write_text(report.read_text().replace(",100,", ",50,", 1), encoding="utf-8")
        assert "more than offered" in run("judge", report, "--against", scenario, code=2).stderr
        said = run("judge", report, "--against", scenario, "-n", 3, "--bad-rows", "drop").stdout
        assert "1 of 7 rows of the report were dropped: " in said and "6 days" in said

    def test_changes_of_the_scenario_are_heeded(self, run: Any, files: tuple[Path, Path]) -> None:
        report, scenario = files
        poor = ("--set", "groups.front.staffing=1", "-n", 3, "--json")
        told = json.loads(run("judge", report, "--against", scenario, *poor).stdout)
        assert told["metrics"][0]["predicted"] < 0.8

    def test_what_does_not_belong_together(self, run: Any, files: tuple[Path, Path]) -> None:
        report, scenario = files
        said = run(
            "judge", scenario, "--against", scenario, "--policy", "p.yaml", "--sort", code=2
        ).stderr
        assert "no interval report" in said
        assert "--policy: says nothing beside --against" in said and "--sort: says nothing" in said
        assert "--against SCENARIO.yaml" in run("judge", report, code=2).stderr

    def test_problems_of_both_files_come_together(self, run: Any, files: tuple[Path, Path]) -> None:
        report, scenario = files
        scenario.write_text(
            scenario.read_text().replace('"threshold"', '"treshold"'), encoding="utf-8"
        )
        report.write_text(report.read_text().replace(",100,", ",many,", 1), encoding="utf-8")
        said = run("judge", report, "--against", scenario, code=2).stderr
        assert "Did you mean threshold?" in said and "line 2" in said and "many" in said
        assert "UTC" not in said  # the zone is the scenario's, and is not missing


class TestTheBank:
    def test_week_4_with_the_lines_for_its_scenario(self) -> None:
        """The counts are the README's of the folder; the model set on weeks 1-3 was too kind of the fourth."""
        found = back_test(
            sl.load(BANK / "week_4.yaml"), BANK / "week_4_report.csv", replications=20
        )
        assert found.offered[1] == 7_115 and found.weeks == 1
        assert found.aht is not None and round(found.aht.actual / 1000) == 193
        row = found.rows[0]
        assert (row.metric, row.promised) == ("answered_in_30", True)
        assert row.actual == pytest.approx(3951 / 7115)
        assert row.actual < row.low < row.predicted < row.high
        assert found.too_kind["answered_in_30"] == rounded_up(row.predicted - row.actual, "share")
        assert set(found.left_out) == {"answered_in_20", "answered_in_60"}
        screen = back_test_screen(found)
        assert "1 week of evidence is little" in screen
        assert "longer than forecast, and that is in these figures. The doubt in `demand`" in screen

    def test_the_whole_months_report_is_refused(self, tmp_path: Path) -> None:
        text = (BANK / "week_4_report.csv").read_text(encoding="utf-8")
        seen = text.splitlines()[1].replace("1999-02-22", "1999-02-21")
        (tmp_path / "more.csv").write_text(f"{text}{seen}\n", encoding="utf-8")
        with pytest.raises(InputError, match="1999-02-21 is outside the scenario"):
            back_test(sl.load(BANK / "week_4.yaml"), tmp_path / "more.csv", replications=2)
