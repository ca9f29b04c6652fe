"""The demo: its screen says what the numbers say, the actual ones are the bank's, and it works in any folder."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path

import pytest

import slasim as sl
from slasim.demo import Demo, run
from slasim.demo.months import COLUMNS, PROMISED, Figure
from slasim.demo.screen import _actual, _predicted

BANK = Path(__file__).parents[1] / "scenarios" / "bank_1999"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, int]]) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return run(
            ".",
            replications=12,
            promises=60,
            progress=lambda done, total: told.append((done, total)),
        )


@pytest.fixture(scope="module")
def screen(demo: Demo) -> str:
    return demo.screen()


def real(chosen=lambda day: True) -> dict[str, int]:
    """Sums of actual.csv over the days of February that are chosen, counted without slasim."""
    total: dict[str, int] = {}
    with (BANK / "actual.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if chosen(int(row["interval_start"][8:10])):
                for key, value in row.items():
                    if key not in ("type", "interval_start"):
                        total[key] = total.get(key, 0) + int(value)
    return total


@pytest.mark.parametrize(
    ("name", "chosen", "offered"),
    [  # 1 February 1999 was a Monday
        ("Sun-Thu", lambda day: day <= 21 and day % 7 not in (5, 6), 22_109),
        ("Fri", lambda day: day <= 21 and day % 7 == 5, 1_342),
        ("Sat", lambda day: day <= 21 and day % 7 == 6, 559),
        ("weeks 1-3", lambda day: day <= 21, 24_010),
        ("week 4", lambda day: day > 21, 7_115),
        ("month", lambda day: True, 31_125),
    ],
)
def test_the_actual_numbers_are_the_banks(demo: Demo, name: str, chosen, offered: int) -> None:
    row, c = demo.row(name), real(chosen)
    assert row.offered == c["offered"] == offered
    waits = c["wait_answered_s"] + c["wait_abandoned_s"]
    within = [c[f"answered_within_{t}s"] for t in (20, 30, 60)]
    expected = [x / c["offered"] for x in (*within, c["abandoned"], waits)]
    assert [f.actual for f in row.figures] == pytest.approx(expected)


def test_what_was_predicted_is_near_and_lies_in_its_range(demo: Demo) -> None:
    for row in demo.rows:
        for metric, figure in zip(COLUMNS, row.figures, strict=True):
            assert figure.low <= figure.predicted <= figure.high, (row.name, metric)
    set_weeks = demo.row("weeks 1-3").figure("abandoned")
    assert set_weeks.predicted == pytest.approx(set_weeks.actual, abs=0.01)  # what was fitted
    assert demo.row("month").figure(PROMISED).predicted == pytest.approx(0.63, abs=0.03)


def test_the_ranges_are_those_of_single_months_not_of_a_mean(demo: Demo) -> None:
    """A Saturday's range is far wider than the month's: 559 calls against 31,125."""
    widths = [demo.row(name).figure(PROMISED) for name in ("Sat", "month")]
    saturday, month = (figure.high - figure.low for figure in widths)
    assert saturday > 3 * month > 0.02


def test_the_real_month_beside_the_promise(demo: Demo) -> None:
    p, c = demo.promise, real()
    assert p.month.actual == pytest.approx(c["answered_within_30s"] / c["offered"])
    days = [real(lambda day, d=d: day == d) for d in range(1, 29)]
    good = [day["answered_within_30s"] / day["offered"] >= 0.8 for day in days]
    assert (p.actual_days, p.days) == (sum(good), 28)
    assert p.months == p.month.periods == p.week_4.periods == 60
    assert p.reached == 0
    assert p.decision == "do not commit"


def test_more_doubt_and_the_models_error_each_lower_what_may_be_signed(demo: Demo) -> None:
    set_weeks, week_4 = (demo.row(name).figure(PROMISED) for name in ("weeks 1-3", "week 4"))
    then = set_weeks.predicted - set_weeks.actual
    assert demo.unexplained == pytest.approx(demo.unseen_with_its_aht - week_4.actual)
    assert demo.promise.month.own_error == max(then, demo.unexplained)
    assert demo.promise.week_4.own_error == pytest.approx(then)  # made from weeks 1-3 alone
    for one in (demo.promise.month, demo.promise.week_4):
        assert one.volume_only is not None and one.all_doubts is not None
        assert one.signable is not None
        assert one.volume_only > one.all_doubts > one.signable
        assert one.signable == pytest.approx(one.all_doubts - one.own_error, abs=1e-5)


def test_what_may_be_signed_is_held_against_the_week_it_has_not_seen(
    demo: Demo, screen: str
) -> None:
    week, c = demo.promise.week_4, real(lambda day: day > 21)
    assert week.actual == pytest.approx(c["answered_within_30s"] / c["offered"])
    missed = week.missed_by(week.volume_only)
    assert missed is not None and week.volume_only is not None
    assert missed > 0.02  # volume error alone would have had us sign too much
    said = re.search(r"only the volume is uncertain .* (\d+) %  missed by (\d+) ", screen)
    assert said is not None and int(said[1]) == math.floor(100 * week.volume_only)
    assert int(said[2]) == math.ceil(int(said[1]) - 100 * week.actual)
    assert re.search(r"own error is taken off.* \d+ %  held ", screen)


def test_the_offer_is_the_number_above_it_and_the_recommendations_own(
    demo: Demo, screen: str
) -> None:
    """One number, from one set of months: what `sl.recommend` says of the month with the same back-test."""
    month = demo.promise.month
    tested = {"weeks": 4, "too_kind": {PROMISED: month.own_error}}
    centre = sl.load(BANK / "bank.yaml").but(
        {"feasibility": {"back_test": tested}, "contract.term": {"months": 1}}
    )
    (row,) = sl.recommend(centre, replications=60).own()
    assert (row.verdict, row.target) == (demo.promise.decision, month.signable)
    assert demo.promise.offer == math.floor(100 * row.target) / 100
    signed = re.search(r"(\d+) %  < sign", screen)
    offered = re.search(
        r"DO NOT COMMIT to 80 %. Offer (\d+) % in 30 s: met in (\d+) months of 100 \(at least (\d+)\)", screen
    )  # fmt: skip
    assert signed is not None and offered is not None
    assert int(signed[1]) == int(offered[1]) == round(100 * demo.promise.offer)
    assert 90 <= int(offered[3]) <= int(offered[2])


def test_longer_calls_explain_a_part_of_week_4(demo: Demo) -> None:
    assert round(demo.aht_set) == 172
    assert round(demo.aht_unseen) == 193
    week_4 = demo.row("week 4").figure(PROMISED)
    assert week_4.actual < demo.unseen_with_its_aht < week_4.predicted


def test_the_real_month_by_three_definitions(demo: Demo) -> None:
    c = real()
    within, left = c["answered_within_30s"], c["abandoned_within_30s"]
    assert demo.definitions == pytest.approx(
        {
            "negative": within / c["offered"],
            "exclude_abandoned_within": within / (c["offered"] - left),
            "answered_only": within / c["answered"],
        }
    )


def test_the_screen_is_complete_and_no_wider_than_a_terminal(screen: str) -> None:
    lines = screen.splitlines()
    assert max(map(len, lines)) <= 100
    assert 40 <= len(lines) <= 50
    for words in (
        "A real bank's phones, February 1999 · 31,125 calls offered · 28 days",
        "Volumes are the bank's", "weeks 1-3, used to set the model", "week 4, not seen",
        "average of 12 simulated months", "by chance alone", "What this tells you",
        "AHT 193 s", "after 172 s", "Hardest hours", "Can 80 % in 30 s be promised per month",
        "NO.", "0 of 60 simulated months", "if only the volume is uncertain (day 13 %, month 4 %)",
        "assumed", "the model's own error", "< sign", "Agree on the formula", "demo.png", "slasim init",
    ):  # fmt: skip
        assert words in screen, words
    table = lines[lines.index("weeks 1-3, used to set the model") :]
    assert sum("predicted" in line for line in table) == 5
    assert sum(line.strip().startswith("actual") for line in table) == 5


def test_the_signed_targets_follow_from_the_lines_above_them(demo: Demo, screen: str) -> None:
    """By week and month: all doubts less the model's own error, each rounded to the safe side."""
    lines = [line for line in screen.splitlines() if re.match("    (if only|and) ", line)]
    shares = [
        [int(x) for x in re.findall(r" (\d+) %  ?(?:missed|held|<|$)", line + " ")]
        for line in lines
    ]
    volume, doubted, signed = shares
    then, now = (int(x) for x in re.search(r"(\d+) points? then, (\d+) now", screen).groups())
    assert all(len(found) == 2 for found in shares)
    assert volume[0] > doubted[0] and volume[1] > doubted[1]
    for all_doubts, sign, less in zip(doubted, signed, (then, now), strict=True):
        assert all_doubts - less <= sign <= all_doubts - less + 1
    assert (then, now) == tuple(
        math.ceil(100 * one.own_error) for one in (demo.promise.week_4, demo.promise.month)
    )


def test_a_mark_stands_where_the_actual_lies_outside_the_printed_range() -> None:
    inside = Figure(predicted=0.60, low=0.57, high=0.63, actual=0.634)
    assert _predicted(inside, PROMISED) == "60 % (57-63)"
    assert _actual(inside, PROMISED) == "63 %"
    assert _actual(Figure(0.60, 0.57, 0.63, 0.53), PROMISED) == "53 % below"
    assert _actual(Figure(32.0, 27.0, 37.0, 48.0), "mean_wait") == "48 s above"


def test_it_writes_one_picture_into_the_current_folder(demo: Demo) -> None:
    assert demo.picture is not None
    assert demo.picture.name == "demo.png"
    assert demo.picture.parent == Path(".")
    assert demo.warnings == ()


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    demo = run(tmp_path, replications=2, promises=2)
    assert [path.name for path in tmp_path.iterdir()] == ["demo.png"]
    assert (tmp_path / "demo.png").read_bytes().startswith(PNG)
    assert "TOO FEW MONTHS TO SAY" in demo.screen()
    assert "Too few simulated months to offer a target" in demo.screen()


def test_without_a_folder_to_write_to_the_screen_still_comes(tmp_path: Path) -> None:
    demo = run(tmp_path / "nowhere", replications=2, promises=2)
    assert demo.picture is None
    assert "there is no folder" in demo.screen()


def test_json_and_progress(demo: Demo, told: list[tuple[int, int]]) -> None:
    read = json.loads(json.dumps(demo.to_json(), allow_nan=False))
    assert read["offered"] == 31_125
    assert read["promise"]["month"]["signable"] == pytest.approx(demo.promise.month.signable)
    assert [row["name"] for row in read["rows"]][-1] == "month"
    # 12 for the table, 3 for week 4 again, 60 and 60 for the promise, twice 15 for week 4
    assert told[-1] == (165, 165)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
