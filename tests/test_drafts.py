"""Draft against draft: one simulation, so that the words alone make the difference."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contracts import centre, paid

import slasim as sl
from slasim.errors import InputError
from slasim.outcome.estimates import paired_chances
from slasim.planner.drafts import Drafts
from slasim.show.drafted import drafted_screen

DOUBT = {"volume": {"day_cv": 0.1}}
N = 60


def asked(target: float, **more: Any) -> dict[str, Any]:
    tiers = [{"below": target, "share": 0.5}, {"below": target - 0.1, "share": 1}]
    return paid([{"metric": "quick", "target": target, "weight": 1.0, "tiers": tiers}], **more)


def draft(target: float = 0.80, **more: Any) -> sl.Scenario:
    return centre(asked(target, **more), demand=DOUBT)


@cache
def three() -> Drafts:
    return sl.compare_drafts(
        draft(version="A"),
        draft(0.70, version="B"),
        draft(at_risk=0.05, version="C"),
        replications=N,
    )


def test_each_is_what_its_own_judgement_says() -> None:
    for one, scenario in zip(three().drafts, (draft(), draft(0.70), draft()), strict=True):
        verdict = sl.judge(sl.simulate(scenario, replications=N))[0]
        assert (
            one.odds.chance.value == verdict.chance.value
            and one.odds.chance_low == verdict.chance_low
        )
    assert [one.name for one in three().drafts] == ["draft A", "draft B", "draft C"]
    assert three().drafts[0].odds.chance_alone is not None


def test_a_lower_target_never_misses_what_the_stricter_met() -> None:
    first, lower, _ = three().drafts
    apart = three().apart[0]
    assert apart.only_first == 0 and (apart.only_this or 0) > 0
    assert apart.chance.value == pytest.approx(lower.odds.chance.value - first.odds.chance.value)
    assert apart.chance.value == (apart.only_this or 0) / N
    assert (apart.chance.low or 0) < apart.chance.value < (apart.chance.high or 0)


def test_money_apart_is_the_difference_of_the_means() -> None:
    first, lower, capped = (one.odds.money for one in three().drafts)
    assert first is not None and lower is not None and capped is not None
    for one, apart in zip((lower, capped), three().apart, strict=True):
        assert apart.credits is not None and apart.left is not None
        assert apart.credits.value == pytest.approx(one.expected_credits - first.expected_credits)
        assert apart.left.value == pytest.approx(-apart.credits.value)  # the same fee
        assert apart.credits.value < 0
    assert three().apart[1].chance.value == 0  # half the money at risk changes no chance
    assert (three().apart[1].chance.high or 0) > 0  # and is no proof that none ever differs


def test_the_range_is_bonett_and_prices() -> None:
    """By hand: 0 and 6 of 60 pairs: (7 - 1)/62 +- 1.96 sqrt((8/62 - (6/62)^2)/62)."""
    found = paired_chances(0, 6, 60)
    middle, wide = 6 / 62, 1.959964 * ((8 / 62 - (6 / 62) ** 2) / 62) ** 0.5
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.1, middle - wide, middle + wide)
    )
    again = paired_chances(6, 0, 60)
    assert (again.low, again.high) == pytest.approx((-(found.high or 0), -(found.low or 0)))


def test_periods_of_another_length_are_paired_by_replication() -> None:
    daily = draft(version="A")
    whole = centre(asked(0.80, period="horizon", version="B"), demand=DOUBT)
    found = sl.compare_drafts(daily, whole, replications=20).apart[0]
    assert found.only_first is None and found.chance.value == 0  # the scenario is one day long


def test_what_differs_besides_the_words_is_refused_all_at_once() -> None:
    other = centre(asked(0.80), demand=DOUBT, agents=7, per_hour=61)
    none = centre(demand=DOUBT)
    with pytest.raises(InputError) as found:
        sl.compare_drafts(draft(), other, none, replications=20)
    text = str(found.value)
    assert "`groups`" in text and "`queues`" in text and "no contract" in text
    with pytest.raises(InputError, match="two or more"):
        sl.compare_drafts(draft())
    with pytest.raises(InputError, match="tell the drafts apart"):
        sl.compare_drafts(draft(), draft(0.7), names=("x", "x"))


def test_drafts_without_versions_are_still_told_apart() -> None:
    made = sl.compare_drafts(draft(), draft(0.7), replications=5)
    assert len({one.name for one in made.drafts}) == 2
    named = sl.compare_drafts(draft(), draft(0.7), names=("ours", "theirs"), replications=5)
    assert [one.name for one in named.drafts] == ["ours", "theirs"]


def test_screen_table_and_json() -> None:
    text = drafted_screen(three())
    assert max(map(len, text.splitlines())) <= 100
    for words in (
        "3 drafts",
        "MET, of 100",
        "by chance alone",
        "AGAINST DRAFT A",
        "met under it alone",
        "expected credits",
    ):
        assert words in text, words
    frame = three().table()
    assert (
        list(frame["draft"]) == ["draft A", "draft B", "draft C"] and frame["chance_apart"][0] != 0
    )
    told = json.loads(json.dumps(three().to_json()))
    assert told["against_first"][0]["only_first"] == 0 and len(told["drafts"]) == 3


def test_the_command(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from slasim.cli import app

    files = []
    for name, target in (("a", 0.8), ("b", 0.7)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(draft(target, version=name).to_json()), encoding="utf-8")
        files.append(str(path))
    done = CliRunner().invoke(app, ["drafts", *files, "-n", "20", "--out", str(tmp_path / "d.csv")])
    assert done.exit_code == 0 and "AGAINST DRAFT A" in done.stdout
    assert (tmp_path / "d.csv").read_text().startswith("draft,")
    assert CliRunner().invoke(app, ["drafts", files[0], "-n", "20"]).exit_code != 0
