"""Metrics: the formulas, on hand-worked counts and in every order they must keep.

Cases V01, V02 and V04 are hand-worked in the project's service-level definitions (S. 2.3); V01's counts and formulas
follow an ICMI question on the ways to calculate a service level.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slasim import registry
from slasim.contactlog import NOT_YET, OUTCOMES, ContactLog
from slasim.errors import InputError
from slasim.metrics.counts import ContactCounts, ReportCounts, Screened
from slasim.metrics.ratio import ratio
from slasim.metrics.service_level import bounds
from slasim.metrics.standard import measure

FORMULAS = [
    "negative",
    "exclude_short",
    "exclude_abandoned_within",
    "positive",
    "short_positive",
    "answered_only",
]


def exact(metric, counts) -> Fraction | None:
    above, below = (int(np.sum(part)) for part in metric.parts(counts))
    return Fraction(above, below) if below else None


def level(formula, t=20_000, short=5_000, **settings):
    return measure("service_level", threshold=t, formula=formula, short_abandon=short, **settings)


# V01: six service-level formulas on one set of counts
V01 = ReportCounts(
    offered=np.array(1060), answered=np.array(1000), abandoned=np.array(60),
    answered_in={20_000: np.array(860)}, abandoned_in={20_000: np.array(20), 5_000: np.array(10)},
)  # fmt: skip
V01_EXPECTED = {
    "negative": "43/53", "exclude_short": "86/105", "exclude_abandoned_within": "43/52",
    "positive": "44/53", "short_positive": "87/106", "answered_only": "43/50",
}  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_v01_six_formulas_on_one_set_of_counts(formula):
    assert exact(level(formula), V01) == Fraction(V01_EXPECTED[formula])


def test_v01_abandonment():
    assert exact(measure("abandonment_rate"), V01) == Fraction(3, 53)
    assert exact(measure("abandonment_rate", short_abandon=5_000), V01) == Fraction(1, 21)


# V02: call by call, with boundaries, short abandons, flow-out, blocked call and calls waiting at the horizon
V02_CONTACTS = [
    (0, "answered"), (20, "answered"), (21, "answered"), (5, "abandoned"), (6, "abandoned"),
    (20, "abandoned"), (45, "abandoned"), (19, "answered"), (30, "voicemail"), (12, "waiting"),
    (50, "waiting"), (0, "blocked"),
]  # fmt: skip
V02 = ContactCounts(
    np.array([OUTCOMES.index(end) for _, end in V02_CONTACTS]),
    np.array([1000 * wait for wait, _ in V02_CONTACTS]),
    np.array([180_000 if end == "answered" else 0 for _, end in V02_CONTACTS]),
)
V02_EXPECTED = {
    "negative": "1/3", "exclude_short": "3/8", "exclude_abandoned_within": "1/2", "positive": "2/3",
    "short_positive": "4/9", "answered_only": "3/4",
}  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_v02_call_by_call_without_flow_outs(formula):
    assert exact(level(formula, include_flow_out=False), V02) == Fraction(V02_EXPECTED[formula])


def test_v02_flow_outs_count_as_not_within_unless_asked_otherwise():
    assert exact(level("negative"), V02) == Fraction(3, 10)


def test_v02_blocked_are_offered_only_on_request():
    assert exact(level("negative", include_blocked=True), V02) == Fraction(3, 11)


def test_v02_bounds_over_the_undetermined():
    low, high, offered = bounds(Screened(V02, include_flow_out=False), 20_000)
    assert Fraction(int(low.sum()), int(offered.sum())) == Fraction(3, 10)
    assert Fraction(int(high.sum()), int(offered.sum())) == Fraction(2, 5)


def test_v02_times():
    assert exact(measure("asa"), V02) == 15_000
    assert exact(measure("aht"), V02) == 180_000
    waits = sum(wait for wait, end in V02_CONTACTS if end != "blocked")
    assert exact(measure("mean_wait"), V02) == Fraction(1000 * waits, 11)
    assert exact(measure("abandonment_rate"), V02) == Fraction(1, 2)
    assert exact(measure("abandonment_rate", short_abandon=5_000), V02) == Fraction(3, 7)


def test_v04_pooled_is_weighted_by_volume_and_the_average_interval_is_not():
    day1 = np.array([[10, 10], [70, 100], [0, 0], [34, 40], [36, 50]])
    day2 = np.array([[270, 300]])
    each = ratio(day1[:, 0], day1[:, 1])
    assert np.isnan(each[2])  # an empty interval is nothing to judge
    assert Fraction(*map(int, day1.sum(axis=0))) == Fraction(3, 4)
    assert np.nanmean(each) == pytest.approx(327 / 400, abs=1e-15)
    assert np.nanmean(np.where(np.isnan(each), np.nan, each >= 0.8)) == 0.5
    both = np.vstack([day1, day2]).sum(axis=0)
    assert Fraction(*map(int, both)) == Fraction(21, 25)


def test_nothing_over_nothing_is_nothing_to_judge():
    assert np.isnan(ratio(0, 0))
    assert ratio([1, 0], [2, 5]).tolist() == [0.5, 0.0]
    assert ratio(np.zeros((2, 3)), 1).shape == (2, 3)


contacts = st.lists(
    st.tuples(st.integers(0, 60_000), st.sampled_from(range(len(OUTCOMES)))), max_size=40
)


@given(contacts, st.integers(0, 60_000), st.integers(0, 60_000), st.booleans())
def test_formulas_keep_their_order(rows, t, short, flow_out):
    """negative <= exclude_short; negative <= exclude_abandoned_within <= positive; negative <= short_positive;
    with short <= t also exclude_short <= exclude_abandoned_within."""
    counts = ContactCounts(
        np.array([o for _, o in rows], int),
        np.array([w for w, _ in rows], int),
        np.zeros(len(rows), int),
    )
    got = {f: exact(level(f, t, short, include_flow_out=flow_out), counts) for f in FORMULAS}

    def ordered(lower, upper):
        if got[lower] is not None and got[upper] is not None:
            assert got[lower] <= got[upper], (lower, upper)

    ordered("negative", "exclude_short")
    ordered("negative", "exclude_abandoned_within")
    ordered("exclude_abandoned_within", "positive")
    ordered("negative", "short_positive")
    if short <= t:
        ordered("exclude_short", "exclude_abandoned_within")
    for value in got.values():
        assert value is None or 0 <= value <= 1


@given(contacts, st.integers(0, 60_000))
def test_blocked_and_flow_outs_never_improve_a_service_level(rows, t):
    counts = ContactCounts(
        np.array([o for _, o in rows], int),
        np.array([w for w, _ in rows], int),
        np.zeros(len(rows), int),
    )
    for formula in FORMULAS:
        plain = exact(level(formula, t, 0), counts)
        kept_out = exact(level(formula, t, 0, include_flow_out=False), counts)
        blocked = exact(level(formula, t, 0, include_blocked=True), counts)
        if plain is not None:
            assert kept_out is None or plain <= kept_out
            assert blocked is not None and blocked <= plain


def log_of(*rows):
    """(arrived, left, outcome) in seconds."""
    n = len(rows)
    left = np.array([NOT_YET if at is None else 1000 * at for _, at, _ in rows])
    outcome = np.array([OUTCOMES.index(name) for *_, name in rows], np.int8)
    nobody = np.full(n, -1)
    done = np.where(outcome == 0, left + 60_000, NOT_YET)
    return ContactLog(
        np.arange(n), np.zeros(n, np.int16), np.zeros(n, np.int16),
        np.array([1000 * a for a, *_ in rows]), outcome, left, nobody.astype(np.int16),
        nobody.astype(np.int32), done, done, ("calls",), ("agents",),
    )  # fmt: skip


def test_counts_of_a_log():
    counts = ContactCounts.of(
        log_of((0, 20, "answered"), (5, 30, "abandoned"), (6, None, "waiting"))
    )
    assert counts.answered_within(20_000).tolist() == [1, 0, 0]
    assert counts.waiting_within(10**9).tolist() == [0, 0, 0], "unknown how long: late"
    assert counts.wait_all.tolist() == [20_000, 25_000, 74_000]
    assert counts.handled.tolist() == [60_000, 0, 0]
    watched = ContactCounts.of(log_of((6, None, "waiting")), seen_until=16_000)
    assert watched.waiting_within(10_000).tolist() == [1]
    assert watched.waiting_within(9_999).tolist() == [0]


def test_a_report_says_what_it_does_not_know():
    report = ReportCounts(np.array([100]), np.array([90]), np.array([10]), {30_000: np.array([80])})
    assert exact(level("negative", 30_000), report) == Fraction(4, 5)
    with pytest.raises(InputError, match="answered within 20 s"):
        level("negative", 20_000).parts(report)
    with pytest.raises(InputError, match="how long the answered waited"):
        measure("asa").parts(report)


def test_what_the_screen_prints():
    assert level("negative", 30_000).text == "answered within 30 s / all offered"
    assert level("exclude_short").text == (
        "answered within 20 s / all offered but those who abandoned within 5 s"
    )
    assert level("answered_only", include_blocked=True).text.endswith("blocked counted as offered")
    assert measure("abandonment_rate").text == "abandoned / (answered + abandoned)"


def test_every_registered_metric_and_formula_has_a_meaning():
    for family in ("metric", "service_level"):
        for name in registry.names(family):
            assert registry.meaning(registry.get(family, name)), name
    assert set(FORMULAS) <= set(registry.names("service_level"))


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("service_level", {}, "needs threshold"),
        ("service_level", {"threshold": 1, "formula": "negativ"}, "Did you mean negative"),
        ("service_level", {"threshold": 1, "formula": "exclude_short"}, "needs short_abandon"),
        ("service_level", {"threshold": -1}, "negative"),
        ("abandonment_rate", {"short_abandn": 5}, "Did you mean short_abandon"),
        ("asa", {"threshold": 5}, "no 'threshold'"),
    ],
)
def test_wrong_settings_are_named(kind, settings, said):
    with pytest.raises(ValueError, match=said):
        measure(kind, **settings)


def test_unknown_metric():
    with pytest.raises(InputError, match="Did you mean service_level"):
        measure("service_levle")
