"""Real periods judged by the code that judges simulated ones: six calls by hand, and a simulated log read back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from contracts import centre

import slasim as sl
from slasim.errors import InputError
from slasim.history.agreed import contract_of_policy, ledger, results_by_period
from slasim.history.judged import judge_counts
from slasim.metrics.counts import ContactCounts
from slasim.scenario.agreements import agreements
from slasim.scenario.policy import policy_of_text
from slasim.study.contracting import periods
from slasim.study.promised import count

POLICY = """\
timezone: Asia/Jerusalem
metrics:
  level: {{type: service_level, threshold: 30s}}
contract:
  period: day
  price: {{per: contact, amount: 2}}
  at_risk: 0.1
  {clause}
  commitments:
    - {{metric: level, target: 0.6, weight: 1}}
"""

CALLS = """\
contact_id,queue,queued_at,wait_s,outcome
1,a,1999-02-01 09:00,5,answered
2,a,1999-02-01 09:01,50,answered
3,a,1999-02-01 09:31,5,answered
4,a,1999-02-01 09:32,6,answered
5,a,1999-02-02 09:00,90,answered
6,a,1999-02-02 09:02,3,answered
"""


def verdict(tmp_path: Path, clause: str = "", forecast: str | None = None) -> sl.HistoryVerdict:
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY.format(clause=clause), encoding="utf-8")
    return sl.judge_history(
        tmp_path / "calls.csv",
        tmp_path / "policy.yaml",
        forecast=forecast,
        timezone="Asia/Jerusalem",
    )


def test_days_and_their_money(tmp_path: Path) -> None:
    found = verdict(tmp_path)
    (kept,) = found.kept
    assert (kept.met, kept.judged) == (1, 2)  # 3 of 4, and 1 of 2
    contract = contract_of_policy(found.policy)
    assert contract is not None
    labels, term = ledger(contract, found.judged)
    assert labels == ("1999-02-01", "1999-02-02")
    assert [row.fee for row in term.rows] == [8, 4]
    assert [row.credit for row in term.rows] == [
        0,
        Fraction(2, 5),
    ]  # a tenth of the second day's fee


@pytest.mark.parametrize(
    ("clause", "met", "judged"),
    [
        ("min_volume: 3", 1, 1),
        ("rounding: {decimals: 0}", 1, 2),
        (
            'exclusions: [{kind: outage, from: "1999-02-02 09:00", to: "1999-02-02 09:01", scope: intervals}]',
            1,
            1,
        ),
    ],
)
def test_clauses_hold_for_real_periods_too(
    tmp_path: Path, clause: str, met: int, judged: int
) -> None:
    (kept,) = verdict(tmp_path, clause).kept
    assert (kept.met, kept.judged) == (met, judged)


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("forecast: {relief: exclude_interval}", "--forecast"),
        ("forecast: {relief: first_in_arrival_order}", "first contacts"),
        (
            'exclusions: [{kind: x, from: "1999-02-02 09:00", to: "1999-02-02 09:01"}]',
            "scope: intervals",
        ),
    ],
)
def test_what_a_history_does_not_know_is_refused(tmp_path: Path, clause: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        verdict(tmp_path, clause)


def test_a_policys_contract_is_checked() -> None:
    with pytest.raises(InputError) as caught:
        policy_of_text(
            POLICY.format(clause="").replace("price: {per: contact, amount: 2}", "min_volume: 1")
        )
    (problem,) = caught.value.problems
    assert "no price" in problem.found and problem.path == "contract"


def test_a_simulated_log_read_as_history_is_judged_alike() -> None:
    commitments = [
        {"metric": "quick", "target": 0.8},
        {"metric": "quick", "name": "mean", "target": 0.8, "aggregate": "unweighted"},
        {"metric": "quick", "name": "most", "target": 0.6, "aggregate": "share_of_intervals_met",
         "interval_target": 0.8},
    ]  # fmt: skip
    scenario = centre(
        {
            "period": "day",
            "min_volume": 200,
            "rounding": {"decimals": 1},
            "commitments": commitments,
        },
        days=3,
    )
    (subject,) = agreements(scenario)
    result = count(scenario, [subject], replications=5)
    for replication, simulated in enumerate(periods(result, subject)):
        log = result.log(replication)
        start = log.start_ms + log.arrived // 1_800_000 * 1_800_000
        real = judge_counts(
            "quick", ContactCounts.of(log), start, subject.metrics["quick"].measure,  # type: ignore[union-attr]
            interval=1_800_000, timezone="UTC",
        )  # fmt: skip
        for commitment in subject.contract.commitments:
            mine = [
                named.result
                for named in results_by_period(subject.contract, commitment, real, "day")
            ]
            theirs = simulated.results[commitment.title]
            assert [(r.status, r.value, r.compared) for r in mine] == [
                (r.status, r.value, r.compared) for r in theirs
            ]
