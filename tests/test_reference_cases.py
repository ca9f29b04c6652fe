"""Numbers we did not make, by simulation: every exact value inside a narrow 99.9 % range, or listed with its reason.

The closed forms meet the same cases in ``test_erlang``. ``python tests/reference_study.py`` prints all of it, with the
four costliest cases to the same bar as the others.
"""

from __future__ import annotations

import math
from functools import cache

import pytest
import reference_floor as floor
import reference_study as study
from reference import case, cases
from reference_bilingual import measured

FAR = 1.6
"""No single value of a thousand may lie so many times as far off as its 99.9 % range reaches (5.3 standard errors)."""

SHARP_DROP = "sharp_drop_while_busy"


@cache
def found(topic, name):
    return study.simulate_case(topic, name, quick=True).checks


def complaints(checks):
    """What speaks against the checks of a case: values far outside their range, and ranges too wide to say anything."""
    far = [f"far: {study.line(check)}" for check in checks if not check.within(FAR)]
    return far + [f"wide: {study.line(check)}" for check in checks if check.half_width > check.bar]


@pytest.mark.parametrize(("topic", "name"), study.all_names())
def test_simulation_meets_the_case(topic, name):
    checks = found(topic, name)
    assert checks
    assert complaints(checks) == []


def test_no_more_values_outside_their_range_than_chance_allows():
    checks = [check for at in study.all_names() for check in found(*at)]
    missed = [study.line(check) for check in checks if not check.held]
    assert len(checks) > 980
    assert len(missed) <= study.most_misses(len(checks)), "\n".join(missed)


def test_what_is_quicker_in_ci_still_says_something():
    names = {name for _, name in study.all_names()}
    assert set(study.QUICK) | set(study.QUICK_DAYS) <= names
    assert len(study.QUICK) <= 4 and all(bar <= 2 * study.BAR for bar in study.QUICK.values())


def test_the_other_drop_rule_is_rejected():
    """Under the other rule calls of leaving agents go back to the queue: the test above would not let it pass."""
    other = case("time_varying", study.OTHER_RULE)
    ours = case("time_varying", SHARP_DROP)
    checks = list(study.time_varying({**ours, "expected": other["expected"]}, study.BAR))
    assert complaints(checks)
    told_apart = {check.what for check in checks if not check.within(FAR)}
    assert told_apart >= {"p_wait period 1", "abandoned_during period 1", "abandoned day"}
    assert {c.what for c in checks if c.what.endswith("period 0")}.isdisjoint(told_apart)


def test_without_interruptions_the_preemptive_values_are_rejected():
    checks = list(floor.preempted(case("priorities", "mmn_priority_two_classes_n5"), preempt=False))
    assert {check.what.split(" ")[0] for check in checks if not check.within(FAR)} == {
        "preemptive_resume_mean_time_in_system_s"
    }
    assert len(complaints(checks)) == len(checks) == 2


def test_the_other_simulator_is_what_was_printed_about_two_languages():
    """Told as the library tells it, every number of a week lies where its authors' program put it."""
    printed = case("bilingual", "contactcenters_Bilingual")["published"]["values"]
    weeks = 60
    seen = measured(weeks, as_library=True, seed=2026)
    for name, theirs in printed.items():
        low, high = theirs["interval"]
        mean, error = seen[name]
        error = error or math.sqrt(theirs["mean"] / weeks)  # of what was never seen
        allowed = study.SURE * math.hypot(error, (high - low) / 2 / 1.96)
        assert abs(mean - theirs["mean"]) <= allowed, name


def expected_names(found_case):
    """The names under which a case expects numbers; those of periods, day and series one by one."""
    names = set()
    for name, value in found_case["expected"].items():
        if name in ("periods", "series"):
            names |= {key for part in value for key in part} - {"t"}
        elif name == "day":
            names |= set(value)
        else:
            names.add(name)
    return names


def test_every_expected_value_is_simulated_or_listed_with_its_reason():
    left_out = {}
    for topic, name in study.all_names():
        seen = {check.what.split(" ")[0].rstrip(":") for check in found(topic, name)}
        for wanted in expected_names(case(topic, name)) - seen:
            left_out.setdefault((topic, wanted), []).append(name)
    assert set(left_out) == set(study.NOT_SIMULATED)
    assert all(study.NOT_SIMULATED.values())


def test_every_case_is_simulated():
    everything = {(topic, c["name"]) for topic in study.TOPICS for c in cases(topic)}
    assert everything - set(study.all_names()) == {("time_varying", study.OTHER_RULE)}
