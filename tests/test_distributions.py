"""Every registered distribution keeps what its record promises; a new kind is tested at once."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from slasim import distributions, registry, streams
from slasim.distributions import (
    ByQuantile,
    Deterministic,
    Distribution,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Uniform,
    Weibull,
    parse,
)
from slasim.registry import kind

MINUTE = 60_000.0
STEPS = (Deterministic, Empirical)


def example(name: str) -> Distribution:
    thing = registry.get("distribution", name)
    return parse({name: dict(getattr(thing, "example", {}))})


@pytest.fixture(params=registry.names("distribution"))
def any_kind(request: pytest.FixtureRequest) -> Distribution:
    return example(request.param)


class TestEveryKind:
    def test_mean_and_cv_are_those_of_its_quantile(self, any_kind: Distribution) -> None:
        if isinstance(any_kind, STEPS):
            u = (np.arange(100_000) + 0.5) / 100_000
            values = any_kind.quantile(u)
            mean, second = values.mean(), (values**2).mean()
        else:

            def power(k: int) -> float:
                def at(x: float) -> float:
                    return float(
                        any_kind.quantile(np.array([-math.expm1(-x)]))[0] ** k * math.exp(-x)
                    )

                return float(integrate.quad(at, 0, 34, limit=400, epsrel=1e-9)[0])

            mean, second = power(1), power(2)
        assert mean == pytest.approx(any_kind.mean, rel=1e-5)
        assert math.sqrt(max(second / mean**2 - 1, 0)) == pytest.approx(
            any_kind.cv, rel=1e-4, abs=1e-6
        )

    def test_quantile_never_falls(self, any_kind: Distribution) -> None:
        u = np.concatenate([10.0 ** -np.arange(12, 1, -1), np.linspace(0.01, 0.999, 997)])
        values = any_kind.quantile(u)
        assert (values >= 0).all()
        assert (np.diff(values) >= 0).all()

    def test_draws_have_its_distribution(self, any_kind: Distribution) -> None:
        """Exact check: shares of draws below 19 quantiles are binomial."""
        n = 20_000
        draws = any_kind.standard(streams.generator(3, 0, "test"), n) * any_kind.mean
        assert draws.mean() == pytest.approx(
            any_kind.mean, rel=5 * max(any_kind.cv, 1e-12) / math.sqrt(n)
        )
        if isinstance(any_kind, STEPS):
            places, counts = np.unique(draws, return_counts=True)
            grid = any_kind.quantile((np.arange(n) + 0.5) / n)
            known, expected = np.unique(grid, return_counts=True)
            assert places == pytest.approx(known)
            assert (np.abs(counts - expected) <= 5 * np.sqrt(expected)).all()
            return
        for share in np.linspace(0.05, 0.95, 19):
            below = (draws <= any_kind.quantile(np.array([share]))[0]).mean()
            assert abs(below - share) < 4.5 * math.sqrt(share * (1 - share) / n)

    def test_draw_n_does_not_depend_on_how_many_are_drawn(self, any_kind: Distribution) -> None:
        few = any_kind.standard(streams.generator(1, 0, "x"), 10)
        many = any_kind.standard(streams.generator(1, 0, "x"), 1000)
        assert np.array_equal(few, many[:10])

    def test_who_has_no_memory_draws_plain_exponential_numbers(
        self, any_kind: Distribution
    ) -> None:
        draws = any_kind.standard(streams.generator(1, 0, "x"), 1000)
        plain = streams.generator(1, 0, "x").standard_exponential(1000)
        assert np.array_equal(draws, plain) or not any_kind.memoryless

    def test_prints_its_mean(self, any_kind: Distribution) -> None:
        assert ", mean " in str(any_kind)

    def test_an_unknown_setting_is_named(self, any_kind: Distribution) -> None:
        name = next(n for n in registry.names("distribution") if example(n) == any_kind)
        with pytest.raises(ValueError, match="has no setting 'nonsense'"):
            parse({name: {"nonsense": 1}})


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (Exponential(MINUTE), stats.expon(scale=MINUTE)),
        (
            Lognormal(MINUTE, 0.9),
            stats.lognorm(s=math.sqrt(math.log(1.81)), scale=MINUTE / math.sqrt(1.81)),
        ),
        (Gamma(MINUTE, 0.3), stats.gamma(0.3, scale=MINUTE / 0.3)),
        (Gamma(MINUTE, 6.25), stats.gamma(6.25, scale=MINUTE / 6.25)),
        (Erlang(MINUTE, 3.0), stats.erlang(3, scale=MINUTE / 3)),
        (Weibull(MINUTE, 0.7), stats.weibull_min(0.7, scale=MINUTE / math.gamma(1 + 1 / 0.7))),
        (Uniform(30_000, 90_000), stats.uniform(30_000, 60_000)),
    ],
    ids=lambda d: str(d) if isinstance(d, Distribution) else "",
)
def test_agrees_with_scipy(mine: Distribution, theirs: Any) -> None:
    u = np.array([1e-6, 0.01, 0.5, 0.9, 0.999999])
    assert mine.quantile(u) == pytest.approx(theirs.ppf(u), rel=1e-9)
    assert mine.cv == pytest.approx(theirs.std() / theirs.mean(), rel=1e-9)
    draws = mine.standard(streams.generator(5, 0, "ks"), 20_000) * mine.mean
    assert stats.kstest(draws, theirs.cdf).pvalue > 0.01


def test_hyperexponential_has_the_tail_of_its_shares() -> None:
    mixed = Hyperexponential((60_000.0, 600_000.0), (0.7, 0.3))
    t = mixed.quantile(np.array([0.2, 0.8, 0.99]))
    left = 0.7 * np.exp(-t / 60_000) + 0.3 * np.exp(-t / 600_000)
    assert 1 - left == pytest.approx([0.2, 0.8, 0.99], rel=1e-12)
    draws = mixed.standard(streams.generator(5, 0, "ks"), 20_000) * mixed.mean

    def cdf(x: Any) -> Any:
        return 1 - 0.7 * np.exp(-x / 60_000) - 0.3 * np.exp(-x / 600_000)

    assert stats.kstest(draws, cdf).pvalue > 0.01


@pytest.mark.parametrize("shape", [0.05, 0.3, 1.0, 2.78, 30.0, 400.0])
def test_the_gamma_table_is_the_gamma_quantile(shape: float) -> None:
    z = streams.generator(1, 0, "z").standard_normal(2000)
    exact = Gamma(1.0, shape).quantile(stats.norm.cdf(z))
    drawn = Gamma(1.0, shape).standard(streams.generator(1, 0, "z"), 2000)
    assert drawn == pytest.approx(exact, rel=1e-8, abs=1e-12)


def test_a_smaller_cv_keeps_the_order_of_contacts() -> None:
    wide = Gamma(1.0, 1.5).standard(streams.generator(1, 0, "z"), 500)
    narrow = Gamma(1.0, 4.0).standard(streams.generator(1, 0, "z"), 500)
    assert np.array_equal(np.argsort(wide), np.argsort(narrow))


def test_weibull_from_its_cv() -> None:
    found = parse({"weibull": {"mean": "3min", "cv": 1.0}})
    assert isinstance(found, Weibull)
    assert found.shape == pytest.approx(1.0)
    assert found.cv == pytest.approx(1.0)


def test_empirical_draws_only_what_was_measured() -> None:
    measured = Empirical.of([30.0, 10.0, 20.0], [1, 2, 0])
    assert measured.values == (10.0, 30.0)
    assert measured.mean == pytest.approx(50 / 3)
    assert measured.quantile(np.array([0.1, 0.66, 0.67, 0.999])).tolist() == [10, 10, 30, 30]


def test_short_forms() -> None:
    assert parse({"deterministic": "120s"}) == Deterministic(120_000)
    assert parse({"exponential": "3min"}) == Exponential(180_000)
    assert parse({"deterministic": 0}).standard(streams.generator(1, 0, "x"), 2).tolist() == [1, 1]
    assert parse({"lognormal": {"cv": 0.9}}, mean=260_000) == Lognormal(260_000, 0.9)
    assert parse({"gamma": {"mean": "1min", "cv": 0.5}}) == Gamma(60_000, 4)
    assert parse({"empirical": ["1s", "3s"]}).mean == 2000
    assert parse(
        {"from": "interval_report", "wait_total_s": 812000, "abandoned": 2350}
    ) == Exponential(812_000_000 / 2350)
    mean = parse({"exponential": {"mean": "3min"}})
    assert parse(mean) is mean


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"lognorml": {"mean": "1s", "cv": 1}}, "Did you mean lognormal"),
        ({"lognormal": {"mean": "260s"}}, "lognormal: cv is missing"),
        ({"lognormal": {"cv": 0.9}}, "lognormal: mean is missing"),
        ({"lognormal": {"mean": "260s", "cv": -1}}, "cv must be above 0, not -1"),
        ({"lognormal": {"mean": "260s", "cv": "x"}}, "cv must be a number"),
        ({"gamma": {"mean": "260s", "cv": 1, "shape": 2}}, "cv and shape say the same thing"),
        ({"gamma": {"mean": "260s"}}, "cv or shape is missing"),
        ({"exponential": {"mean": 180}}, "180 has no unit; write 180s"),
        ({"exponential": {"mean": "-3min"}}, "negative"),
        ({"exponential": {"mean": "0s"}}, "longer than 0"),
        ({"exponential": {"men": "3min"}}, "Did you mean mean"),
        ({"erlang": {"mean": "3min", "k": 2.5}}, "whole number"),
        ({"weibull": {"mean": "3min", "shape": 0.01}}, "at least 0.1"),
        ({"weibull": {"mean": "3min", "cv": 1e9}}, "out of reach"),
        ({"uniform": {"from": "3s", "to": "1s"}}, "longer than from"),
        ({"uniform": {"from": "3s"}}, "to is missing"),
        ({"hyperexponential": {"means": ["1s"], "shares": [0.5, 0.5]}}, "list of 1 numbers"),
        ({"hyperexponential": {"means": ["1s", "2s"], "shares": [0, 0]}}, "all 0"),
        ({"empirical": {"values": []}}, "list of lengths"),
        ({"empirical": {"values": ["1s"], "weights": [-1]}}, "at least 0"),
        ({"deterministic": {}}, "the length is missing"),
        ({"from": "interval_report", "wait_total_s": 1}, "abandoned missing"),
        ({"from": "interval_report", "wait_total_s": 1, "abandoned": 0}, "above 0"),
        ({"exponential": "3min", "gamma": {}}, "One distribution is wanted here, found 2"),
        (180, "is no distribution"),
        ({}, "is no distribution"),
    ],
    ids=str,
)
def test_what_is_refused_says_why(value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(value)


def test_a_quantile_function_is_a_kind() -> None:
    def pareto(u: Any, *, mean: float = 180_000.0, alpha: float) -> Any:
        """A heavy tail."""
        return mean * (alpha - 1) / alpha * (1 - u) ** (-1 / alpha)

    kind("distribution", "pareto_of_the_test")(pareto)
    try:
        assert inspect.getdoc(pareto)
        heavy = parse({"pareto_of_the_test": {"mean": "2min", "alpha": 6}})
        assert isinstance(heavy, ByQuantile)
        assert heavy.mean == pytest.approx(120_000, rel=1e-6)
        assert heavy.cv == pytest.approx(1 / math.sqrt(6 * 4), rel=1e-4)
        draws = heavy.standard(streams.generator(1, 0, "x"), 20_000) * heavy.mean
        assert stats.kstest(draws, stats.pareto(6, scale=100_000).cdf).pvalue > 0.01
        assert parse({"pareto_of_the_test": {"alpha": 6}}, mean=5.0).mean == pytest.approx(
            5.0, rel=1e-6
        )
        with pytest.raises(ValueError, match="alpha is missing"):
            parse({"pareto_of_the_test": {}})
    finally:
        del registry._kinds["distribution"]["pareto_of_the_test"]


def test_every_kind_says_its_meaning() -> None:
    for name in registry.names("distribution"):
        assert registry.meaning(registry.get("distribution", name)).endswith((".", "1", "0", ")"))
    assert distributions.__doc__
