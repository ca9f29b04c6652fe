"""Contracts on a floor with redials, call-backs, chats and tickets: clauses by contact, counted by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts import centre, locked

import slasim as sl
from slasim.contactlog import ANSWERED, BLOCKED, CALLED_BACK, REDIAL
from slasim.errors import InputError
from slasim.metrics.agents import Occupancy
from slasim.scenario.agreements import Agreed, agreements
from slasim.study.contracting import periods
from slasim.study.measures import Asked
from slasim.study.promised import count, held

HALF_HOUR = 1_800_000
OUTAGE = [{"kind": "outage", "from": "2026-03-02 09:10", "to": "2026-03-02 10:40"}]
SINCE, UNTIL = (9 * 60 + 10) * 60_000, (10 * 60 + 40) * 60_000

QUEUES = {
    "calls": {
        "calendar": "open",
        "counts": "first_attempts",
        "arrivals": {"per_hour": 50},
        "handle_time": {"exponential": {"mean": "4min"}},
        "patience": {"exponential": {"mean": "2min"}},
        "redial": {"chance": 0.7, "after": {"exponential": {"mean": "10min"}}},
        "call_back": {"offer_after": "1min", "accept": 0.3, "within": "30min"},
    },
    "chats": {
        "channel": "chat",
        "calendar": "open",
        "arrivals": {"per_hour": 20},
        "handle_time": {"exponential": {"mean": "6min"}},
        "first_message_after": "10s",
    },
    "email": {
        "channel": "ticket",
        "arrivals": {"per_hour": 3},
        "handle_time": {"exponential": {"mean": "5min"}},
        "replies": {1: 0.7, 2: 0.3},
        "customer_answers_after": {"exponential": {"mean": "20min"}},
    },
}
GROUPS = {
    "front": {"takes": {"calls": 1, "chats": 2, "email": 3}, "staffing": 5, "cost_per_hour": 20}
}
METRICS = {
    "quick": {"type": "service_level", "threshold": "20s", "queues": ["calls", "chats"]},
    "calls": {"type": "service_level", "threshold": "20s", "queues": ["calls"]},
    "callers": {"type": "service_level", "threshold": "20s", "queues": ["calls"], "counts": "callers"},
    "busy": {"type": "occupancy"},
    "fcr": {"type": "first_contact_resolution", "queues": ["calls"]},
}  # fmt: skip


def floor(contract: dict[str, Any], folder: Path | None = None, **more: Any) -> sl.Scenario:
    sections: dict[str, Any] = {"queues": QUEUES, "groups": GROUPS, "metrics": METRICS} | more
    return centre(contract, folder=folder, **sections)


def counted(
    folder: Path, metric: str, *, forecast: dict[str, Any] | None = None, **more: Any
) -> tuple[sl.Result, Agreed]:
    locked(folder, 30)
    contract = {"period": "day", "commitments": [{"metric": metric, "target": 0.5}], **more}
    if forecast:
        contract["forecast"] = {"file": "locked.csv", "tolerance": 0.1} | forecast
    scenario = floor(contract, folder)
    return count(scenario, agreements(scenario), replications=12), agreements(scenario)[0]


def asked_of_busy(result: sl.Result) -> Asked:
    occupancy: Any = Occupancy()
    return Asked("busy", occupancy, tuple(result.scenario.queues))


def attempts(log: sl.ContactLog, queues: tuple[int, ...]) -> list[tuple[int, bool, bool]]:
    """(arrived, offered, within 20 s) of every attempt of the customers, in order of arrival."""
    found = []
    for n in range(len(log)):
        if log.queue[n] in queues and log.purpose[n] != CALLED_BACK:
            quick = log.outcome[n] == ANSWERED and log.greeted[n] - log.arrived[n] <= 20_000
            found.append((int(log.arrived[n]), bool(log.outcome[n] != BLOCKED), bool(quick)))
    return sorted(found, key=lambda one: one[0])


class TestClausesCountedByHand:
    def test_contacts_of_an_outage_are_left_out_redials_and_chats_too(self, tmp_path: Path) -> None:
        result, agreed = counted(tmp_path, "quick", exclusions=OUTAGE)
        redials = 0
        for replication, judged in enumerate(periods(result, agreed)):
            log, (period,) = result.log(replication), judged.results["quick"]
            kept = [
                one for one in attempts(log, (0, 1))
                if one[0] < 48 * HALF_HOUR and not SINCE <= one[0] < UNTIL
            ]  # fmt: skip
            redials += int(((log.purpose == REDIAL) & (log.arrived < UNTIL)).sum())
            assert (period.numerator, period.denominator) == (
                sum(quick for _, _, quick in kept),
                sum(offered for _, offered, _ in kept),
            )
        assert redials > 50

    def test_only_the_first_attempts_of_an_interval(self, tmp_path: Path) -> None:
        result, agreed = counted(tmp_path, "calls", forecast={"relief": "first_in_arrival_order"})
        beyond = 0
        for replication, judged in enumerate(periods(result, agreed)):
            (period,) = judged.results["calls"]
            seen, above, below = [0] * 48, 0, 0
            for arrived, offered, quick in attempts(result.log(replication), (0,)):
                at = arrived // HALF_HOUR
                most = 33 if 16 <= at < 24 else 0  # by night nobody was forecast
                if at < 48 and offered:
                    seen[at] += 1
                    below += seen[at] <= most
                    above += quick and seen[at] <= most
                    beyond += seen[at] > most
            assert (period.numerator, period.denominator) == (above, below)
        assert beyond > 10

    def test_each_caller_is_left_out_by_his_first_attempt(self, tmp_path: Path) -> None:
        result, agreed = counted(tmp_path, "callers", exclusions=OUTAGE)
        again = 0
        for replication, judged in enumerate(periods(result, agreed)):
            log, (period,) = result.log(replication), judged.results["callers"]
            above = below = 0
            for contact in np.unique(log.contact[log.queue == 0]):
                rows = np.flatnonzero(log.contact == contact)
                rows = rows[np.argsort(log.arrived[rows], kind="stable")]
                came = int(log.arrived[rows[0]])
                if came >= 48 * HALF_HOUR or SINCE <= came < UNTIL:
                    continue
                below += 1
                again += rows.size > 1
                last = rows[-1]
                if log.outcome[last] == ANSWERED:
                    # Whoever is called back has waited since the attempt in which he was promised it.
                    since = rows[-2] if log.purpose[last] == CALLED_BACK else last
                    above += bool(log.greeted[last] - log.arrived[since] <= 20_000)
            assert (period.numerator, period.denominator) == (above, below)
        assert again > 50
        assert Fraction(period.numerator, period.denominator) != 1


def test_redials_after_hours_count_interval_by_interval_too(tmp_path: Path) -> None:
    """An interval left out by day does not make the redials of the evening vanish."""
    one = [
        {
            "kind": "outage",
            "from": "2026-03-02 09:00",
            "to": "2026-03-02 09:30",
            "scope": "intervals",
        }
    ]
    result, agreed = counted(tmp_path, "quick", exclusions=one)
    evening = 0
    for replication, judged in enumerate(periods(result, agreed)):
        came = [a for a in attempts(result.log(replication), (0, 1)) if a[0] < 48 * HALF_HOUR]
        evening += sum(offered for arrived, offered, _ in came if arrived >= 24 * HALF_HOUR)
        kept = [offered for arrived, offered, _ in came if arrived // HALF_HOUR != 18]
        assert judged.results["quick"][0].denominator == sum(kept)
    assert evening > 20


class TestWhatNoClauseCanFind:
    @pytest.mark.parametrize("metric", ["busy", "fcr"])
    def test_contacts_left_out_of_what_is_no_ratio_of_contacts(self, metric: str) -> None:
        contract = {
            "period": "day",
            "commitments": [{"metric": "quick", "target": 0.5}, {"metric": metric, "target": 0.5}],
            "exclusions": OUTAGE,
        }
        with pytest.raises(InputError) as told:
            floor(contract)
        (problem,) = told.value.problems
        assert problem.path == "contract.exclusions[0]"
        assert metric in problem.found and "quick" not in problem.found
        assert "scope: intervals" in problem.would_do

    def test_by_intervals_it_can(self, tmp_path: Path) -> None:
        dropped = [{**OUTAGE[0], "scope": "intervals"}]
        result, agreed = counted(tmp_path, "busy", exclusions=dropped)
        kept = [i for i in range(48) if not 18 <= i <= 21]
        for replication, judged in enumerate(periods(result, agreed)):
            above, below = result.by_period(asked_of_busy(result), "interval")
            (period,) = judged.results["busy"]
            assert period.numerator == above[replication, kept].sum()
            assert period.denominator == below[replication, kept].sum()

    def test_no_first_tickets(self, tmp_path: Path) -> None:
        locked(tmp_path, 30)
        contract = {
            "period": "day",
            "commitments": [{"metric": "busy", "target": 0.5}],
            "forecast": {"file": "locked.csv", "relief": "first_in_arrival_order"},
        }
        queues = {"calls": QUEUES["calls"]}
        groups = {"front": {"takes": {"calls": 1}, "staffing": 5, "cost_per_hour": 20}}
        with pytest.raises(InputError) as told:
            floor(
                contract, tmp_path, queues=queues, groups=groups, metrics={"busy": METRICS["busy"]}
            )
        assert [one.path for one in told.value.problems] == ["contract.forecast.relief"]


@pytest.mark.parametrize("per", ["minute", "productive_hour", "contact"])
def test_counting_only_what_a_contract_needs_judges_and_prices_it_alike(
    tmp_path: Path, per: str
) -> None:
    contract = {
        "period": "day",
        "price": {"per": per, "amount": 1},
        "at_risk": 0.2,
        "commitments": [
            {
                "metric": name,
                "target": 0.5,
                "weight": 0.2,
                "tiers": [{"above" if name == "busy" else "below": 0.5, "share": 0.5}],
            }
            for name in METRICS
        ],
    }
    scenario = floor(contract, tmp_path)
    (agreed,) = agreements(scenario)
    every, only = (
        held(count(scenario, [agreed], replications=20, only=few), agreed) for few in (False, True)
    )
    for name in METRICS:
        assert np.array_equal(every.status[name], only.status[name]), name
        assert np.array_equal(every.value[name], only.value[name]), name
        if name != "fcr":  # nobody comes back here
            assert len(set(every.value[name].ravel().tolist())) > 10, name
    assert np.array_equal(every.credits, only.credits) and np.array_equal(every.fee, only.fee)
    assert (every.fee > 0).all()
