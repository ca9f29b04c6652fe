"""Contracts in scenario files: what is written becomes exact terms; what is wrong is told at its place, all at once."""

# Contracts stand one to a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from slasim.errors import InputError, Problem
from slasim.scenario import Scenario, load_text
from slasim.scenario.agreements import Agreed, agreements
from slasim.sla.contract import Tier

CENTRE = """\
name: Hotline
timezone: Europe/Berlin
start: 2026-03-01
end: 2026-04-01
calendars:
  phones: {weekly: {mon-fri: ["08:00-10:00"]}}
queues:
  billing:
    calendar: phones
    arrivals: {per_hour: 60}
    aht: 260s
    patience: {exponential: {mean: 4min}}
groups:
  front: {takes: {billing: 1}, staffing: 8, cost_per_hour: 20}
metrics:
  quick: {type: service_level, threshold: 30s}
  lost: {type: abandonment_rate}
"""

FULL = """\
contract:
  parties: {provider: P, client: C}
  version: 2
  effective: ["2026-02-01", "2027-01-31"]
  period: month
  term: {months: 3, monthly_volume: [1, 0.9, 1.2], growth: "-5 %"}
  forecast: {file: locked.csv, lock_days: 30, tolerance: 15 %, relief: exclude_interval}
  exclusions: [{kind: outage, from: "2026-03-03 10:00", to: "2026-03-03 10:30"}]
  min_volume: 50
  ramp: {1: {quick: 0.7}, 2: {quick: 0.75}}
  hiring: {classes: [{group: front, agents: 4, date: 2026-02-15, weekly_aht_factor: [1.4, 1.2]}], attrition: 2 %}
  rounding: {decimals: 1}
  price: {per: month, amount: 100000}
  at_risk: 0.10
  commitments:
    - {metric: quick, target: 0.80, weight: 0.7, tiers: [{below: 0.8, share: 0.25}, {below: 0.7, share: 1}]}
    - {metric: lost, target: 5 %, weight: 0.5}
  earn_back: {good_periods: 3}
  termination: {misses: 3, within_periods: 6}
contracts:
  other: {period: day, commitments: [{metric: {type: asa}, target: 20s}]}
"""

LOCKED = "queue,interval_start,offered\n" + "".join(
    f"billing,2026-03-{day:02d} {time},{30.5}\n"
    for day in range(2, 32)
    if date(2026, 3, day).weekday() < 5
    for time in ("08:00", "08:30", "09:00", "09:30")
)


def read(text: str, folder: Path | None = None) -> Scenario:
    return load_text(CENTRE + text, file="hotline.yaml", folder=folder)


def problems(contract: str, centre: str = CENTRE) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        load_text(centre + contract, file="hotline.yaml")
    return list(caught.value.problems)


@pytest.fixture
def both(tmp_path: Path) -> tuple[Agreed, ...]:
    (tmp_path / "locked.csv").write_text(LOCKED, encoding="utf-8")
    return agreements(read(FULL, tmp_path))


def test_what_is_written_becomes_exact_terms(both: tuple[Agreed, ...]) -> None:
    own = both[0].contract
    first, second = own.commitments
    assert (first.target, second.target, second.better) == (
        Fraction(4, 5),
        Fraction(1, 20),
        "lower",
    )
    assert first.tiers == (
        Tier(Fraction(1, 4), below=Fraction(4, 5)),
        Tier(Fraction(1), below=Fraction(7, 10)),
    )
    assert own.forecast is not None and own.forecast.tolerance == Fraction(3, 20)
    assert own.price is not None and own.price.amount == 100_000
    assert own.target(first, 2) == Fraction(3, 4)
    assert both[0].month == 2  # the scenario's March is the second month since 1 February
    assert own.exclusions[0].until - own.exclusions[0].since == 30 * 60_000


def test_the_clients_forecast_is_read_by_interval(both: tuple[Agreed, ...]) -> None:
    forecast = both[0].forecast
    assert forecast is not None
    assert sum(forecast["billing"]) == Fraction(61, 2) * 4 * 22
    assert len(forecast["billing"]) == 31 * 48 - 2  # clocks go forward


def test_other_clients_stand_on_the_same_staffing(both: tuple[Agreed, ...]) -> None:
    assert [one.title for one in both] == ["C", "other"]
    assert both[1].contract.commitments[0].target == 20_000
    assert both[1].contract.commitments[0].unit == "time"


def test_a_contract_without_price_and_weights_is_valid() -> None:
    made = agreements(
        read("contract: {period: month, commitments: [{metric: quick, target: 0.8}]}\n")
    )
    assert made[0].contract.price is None


def test_a_later_version_changes_what_it_says() -> None:
    made = agreements(
        read("""\
contract:
  period: month
  effective: ["2026-01-01", "2026-02-28"]
  commitments: [{metric: quick, target: 0.7}]
  versions:
    - {version: 2, effective: ["2026-03-01", null], commitments: [{metric: quick, target: 0.8}]}
""")
    )[0]
    assert (made.contract.version, made.contract.commitments[0].target) == ("2", Fraction(4, 5))
    earlier = made.version_on(date(2026, 2, 1))
    assert earlier is not None and earlier.commitments[0].target == Fraction(7, 10)


# Each row: the contract, then for each problem its line in the contract, its path, and words of it.
WRONG: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "tiers that overlap": (
        "contract:\n  period: month\n  price: {amount: 10}\n  at_risk: 0.1\n  commitments:\n"
        "    - {metric: quick, target: 0.8, weight: 1, tiers: [{below: 0.8, at_least: 0.7, share: 0.2}, {below: 0.75, share: 1}]}\n",
        [(6, "contract.commitments[0].tiers", "overlap")],
    ),
    "tiers that leave a gap": (
        "contract:\n  period: month\n  price: {amount: 10}\n  at_risk: 0.1\n  commitments:\n"
        "    - {metric: quick, target: 0.8, weight: 1, tiers: [{below: 0.75, share: 0.2}]}\n",
        [(6, "contract.commitments[0].tiers", "gap between the target 0.8 and 0.75")],
    ),
    "weights without a price": (
        "contract:\n  period: month\n  at_risk: 0.1\n  commitments: [{metric: quick, target: 0.8, weight: 1}]\n",
        [(1, "contract.price", "weights and no price")],
    ),
    "a period longer than the scenario": (
        "contract:\n  period: quarter\n  commitments: [{metric: quick, target: 0.8}]\n",
        [(2, "contract.period", "a period of a quarter is longer than the scenario (31 days)")],
    ),
    "a metric without its queue": (
        "contract:\n  commitments: [{metric: {type: service_level, threshold: 30s, queues: [bill]}, target: 0.8}]\n",
        [(2, "contract.commitments[0].metric.queues[0]", "no queue `bill`")],
    ),
    "a target above 1": (
        "contract:\n  commitments: [{metric: quick, target: 1.2}]\n",
        [(2, "contract.commitments[0].target", "Did you mean 1.2 %?")],
    ),
    "relief without a forecast": (
        "contract:\n  forecast: {relief: waive_period, tolerance: 0.1}\n  commitments: [{metric: quick, target: 0.8}]\n",
        [(2, "contract.forecast", "relief")],
    ),
    "a ramp without a plan": (
        "contract:\n  ramp: {1: {quick: 0.7}}\n  commitments: [{metric: quick, target: 0.8}]\n",
        [(2, "contract.ramp", "a ramp and no hiring plan")],
    ),
    "a profit without costs": (
        "contract:\n  credit_base: profit\n  price: {amount: 10}\n  at_risk: 0.1\n"
        "  commitments: [{metric: quick, target: 0.8, weight: 1}]\n",
        [(2, "contract.credit_base", "a profit and no cost")],
    ),
    "a term of another length": (
        "contract:\n  term: {months: 12, monthly_volume: [1, 2]}\n  commitments: [{metric: quick, target: 0.8}]\n",
        [(2, "contract.term", "2 numbers for a term of 12 months")],
    ),
    "versions that overlap": (
        'contract:\n  effective: ["2026-01-01", "2026-03-31"]\n  commitments: [{metric: quick, target: 0.8}]\n'
        '  versions:\n    - {version: 2, effective: ["2026-03-01", null]}\n',
        [(4, "contract.versions", "hold on the same days")],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_at_its_place(name: str) -> None:
    text, expected = WRONG[name]
    centre = (
        CENTRE.replace(", cost_per_hour: 20", "") if name == "a profit without costs" else CENTRE
    )
    above = centre.count("\n")
    found = problems(text, centre)
    assert [(p.line - above, p.path) for p in found] == [
        (line, path) for line, path, _ in expected
    ], found
    for problem, (_, _, words) in zip(found, expected, strict=True):
        assert words in str(problem) and problem.would_do and problem.file == "hotline.yaml"


def test_a_metric_promised_twice_is_told_apart_by_its_periods() -> None:
    made = agreements(
        read(
            "contract: {period: month, commitments: [{metric: quick, target: 0.8}, {metric: quick, period: day, target: 0.7}]}\n"
        )
    )
    assert [one.title for one in made[0].contract.commitments] == [
        "quick per month",
        "quick per day",
    ]
    (found,) = problems(
        "contract: {commitments: [{metric: quick, target: 0.8}, {metric: quick, target: 0.7}]}\n"
    )
    assert "two commitments are called" in found.found


def test_all_of_it_is_told_at_once() -> None:
    found = problems("""\
contract:
  period: quarter
  forecast: {relief: exclude_interval}
  ramp: {1: {quick: 0.7}}
  at_risk: 0.1
  commitments:
    - {metric: quick, target: 0.8, weight: 1, tiers: [{below: 0.75, share: 0.2}]}
    - {metric: {type: service_level, threshold: 30s, queues: [bill]}, target: 0.8}
""")
    said = " ".join(map(str, found))
    for words in ("longer than", "relief", "hiring plan", "no price", "gap", "no queue `bill`"):
        assert words in said, words


def test_a_wrong_contract_of_another_client_is_told_too() -> None:
    (found,) = problems(
        "contracts:\n  b: {period: month, commitments: [{metric: quik, target: 0.8}]}\n"
    )
    assert found.path == "contracts.b.commitments[0].metric"
    assert "Did you mean quick?" in found.would_do


def test_the_contract_of_the_documentation_is_valid(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "contracts.md").read_text(encoding="utf-8")
    written = page.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "locked_forecast.csv").write_text(LOCKED, encoding="utf-8")
    centre = CENTRE.replace("quick:", "voice_80_30:").replace("lost:", "voice_lost:")
    made = agreements(load_text(centre + written, folder=tmp_path))[0]
    assert [one.title for one in made.contract.commitments] == [
        "voice_80_30",
        "voice_lost",
        "intervals",
    ]
    assert made.record.hiring is not None and made.contract.termination is not None
