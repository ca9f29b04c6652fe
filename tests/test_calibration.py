"""Recommended targets keep their word on periods they have not seen: a small version of ``calibration_study.py``.

``python tests/calibration_study.py`` prints the table of 100 centres, each target judged by 20,000 fresh periods.
"""

from __future__ import annotations

import math

import calibration_study as study
import numpy as np
import pytest

REPLICATIONS, FRESH, CENTRES = 300, 2_000, 6


def test_targets_of_random_centres_hold_on_fresh_periods() -> None:
    found = study.study(CENTRES, REPLICATIONS, FRESH)
    assert len(found) == CENTRES
    error = math.sqrt(study.WISHED * (1 - study.WISHED) / FRESH)
    true = np.array([one.true for one in found])
    assert (true >= study.WISHED - 2 * error).sum() >= CENTRES - 1, study.table(found)
    assert np.median(true) < 0.955, study.table(
        found
    )  # 300 replications leave more room than 1,000
    assert len({one.target for one in found}) == CENTRES


def test_a_prediction_certifies_nothing() -> None:
    """The plain quantile of the same periods would fail half of the time: what is certified stands below it."""
    scenario = study.centre(1)
    (subject,) = study.agreements(scenario)
    seen = study.held(study.count(scenario, [subject], replications=REPLICATIONS), subject)
    fresh = study.held(
        study.count(scenario, [subject], replications=FRESH, first=REPLICATIONS), subject
    ).value["level"]
    own = study.judged(1, REPLICATIONS, FRESH)
    assert own is not None
    plain = float(np.quantile(seen.value["level"], 1 - study.WISHED))
    assert own.target < plain
    assert (fresh >= plain).mean() == pytest.approx(study.WISHED, abs=0.06)
