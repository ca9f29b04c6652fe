"""Verdicts: met, missed, undecided, and how they are said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from slasim.outcome.verdicts import judge_commitment


def months(met: int, of: int, **changes):
    """``of`` simulated months of 1,000 calls, ``met`` of them at 82 %, the others at 70 %."""
    within = np.array([820] * met + [700] * (of - met))[:, None]
    wanted = {"target": 0.80, "better": "higher", "period": "month"} | changes
    return judge_commitment("voice_80_30", within, np.full((of, 1), 1000), **wanted)


@pytest.mark.parametrize(
    ("met", "of", "status"),
    [(1000, 1000, "met"), (916, 1000, "met"), (915, 1000, "undecided"), (900, 1000, "undecided"),
     (884, 1000, "undecided"), (883, 1000, "missed"), (0, 10, "missed"), (20, 20, "undecided"),
     (29, 29, "met"), (28, 28, "undecided")],
)  # fmt: skip
def test_status_is_certain_or_undecided(met, of, status):
    made = months(met, of)
    assert made.status == status
    assert (made.chance_low >= 0.9) == (status == "met")
    assert (made.chance_high < 0.9) == (status == "missed")


def test_what_is_required_decides():
    assert months(95, 100).status == "undecided"
    assert months(95, 100, required=0.85).status == "met"
    assert months(95, 100, required=0.99).status == "missed"


def test_in_a_planners_words():
    made = months(920, 1000)
    assert made.sentence == "met in 92 months of 100 (at least 90)"
    assert str(made) == (
        "voice_80_30, at least 0.800 per month: met in 92 months of 100 (at least 90)  MET"
    )
    assert months(1000, 1000).sentence == "met in 100 months of 100 (at least 99)"
    assert months(999, 1000).sentence == "met in 99 months of 100 (at least 99)"
    assert months(1, 1000).sentence == "met in 1 months of 100 (at least 0)"
    assert months(0, 1000).sentence == "met in 0 months of 100 (at least 0)"


def test_margin_is_on_the_good_side():
    assert months(100, 100).margin == pytest.approx(0.02)
    lost = judge_commitment(
        "voice_lost",
        np.full((50, 1), 60),
        np.full((50, 1), 1000),
        target=0.05,
        better="lower",
        period="month",
    )
    assert lost.margin == pytest.approx(-0.01) and lost.status == "missed"
    asa = judge_commitment(
        "asa",
        np.full((50, 1), 24_000_000),
        np.full((50, 1), 1000),
        target=30_000,
        better="lower",
        period="day",
        unit="time",
    )
    assert asa.margin == pytest.approx(6_000) and asa.status == "met"
    assert "at most 30 s per day: met in 100 days of 100" in str(asa)


def test_a_target_reached_exactly_is_met():
    exactly = judge_commitment(
        "sl",
        np.full((40, 1), 800),
        np.full((40, 1), 1000),
        target=0.8,
        better="higher",
        period="month",
    )
    assert exactly.chance.value == 1.0


def test_days_of_one_replication_are_one_fact():
    """60 replications of 30 days, each all good or all bad: 1,800 days certify no more than 60."""
    good = np.repeat(np.arange(60) < 58, 30).reshape(60, 30) * 100
    made = judge_commitment(
        "sl", good, np.full((60, 30), 100), target=0.8, better="higher", period="day"
    )
    assert made.chance.value == pytest.approx(58 / 60)
    assert made.status == "undecided"


def test_nothing_to_judge():
    nothing = judge_commitment(
        "sl", np.zeros((9, 2)), np.zeros((9, 2)), target=0.8, better="higher", period="week"
    )
    assert nothing.status == "nothing_to_judge" and nothing.sentence == "nothing to judge"
    assert nothing.to_json()["margin"] is None


def test_json_keys_are_plain():
    made = json.loads(
        json.dumps(months(95, 100, text="answered within 30 s / all offered").to_json())
    )
    assert made["status"] == "undecided" and made["reading"] == "chance"
    assert made["value"]["metric"] == "answered within 30 s / all offered"
    assert made["chance"]["reading"] == "chance" and made["chance"]["replications"] == 100
