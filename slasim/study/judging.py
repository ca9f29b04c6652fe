"""Judging a result: one Verdict per commitment of its scenario, the chance that a period meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slasim.errors import NothingToJudge
from slasim.outcome.verdicts import Verdict, judge_commitment
from slasim.study import measures
from slasim.study.measures import Promise
from slasim.study.result import Result

if TYPE_CHECKING:
    import pandas as pd


class Verdicts(tuple[Verdict, ...]):
    """One Verdict per commitment, in the contract's order; prints one line each."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(str(verdict) for verdict in self) or "no commitments in this scenario"

    @property
    def status(self) -> str:
        """missed if any is missed, else undecided if any is, else met; nothing_to_judge without any."""
        found = {verdict.status for verdict in self}
        order = ("missed", "undecided", "met")
        return next((status for status in order if status in found), "nothing_to_judge")

    def table(self) -> pd.DataFrame:
        """One row per commitment: its value and its chance, each with low and high; times in seconds."""
        import pandas as pd

        names = ["metric", "better", "target", "period", "value", "low", "high", "chance", "chance_low",
                 "chance_high", "required", "confidence", "status", "replications"]  # fmt: skip
        return pd.DataFrame([_row(verdict) for verdict in self], columns=names)


def _row(verdict: Verdict) -> dict[str, Any]:
    e, unit = verdict.value, 1000.0 if verdict.value.unit == "time" else 1.0
    low, high = (None if x is None else x / unit for x in (e.low, e.high))
    return {
        "metric": verdict.metric, "better": verdict.better, "target": verdict.target / unit,
        "period": verdict.period, "value": e.value / unit, "low": low, "high": high,
        "chance": verdict.chance.value, "chance_low": verdict.chance_low, "chance_high": verdict.chance_high,
        "required": verdict.required, "confidence": verdict.confidence, "status": verdict.status,
        "replications": e.replications,
    }  # fmt: skip


def judge(result: Result) -> Verdicts:
    """One Verdict per commitment of the result's scenario: the chance that a period meets it.

    Raises NothingToJudge after a single replication.
    """
    promised = measures.promises(result.scenario)
    if promised and result.replications < 2:
        raise NothingToJudge("one replication says nothing about a chance; simulate more")
    decided = _decided(result)
    return Verdicts(_verdict(result, p, decided.get(k)) for k, p in enumerate(promised))


Decided = tuple[Any, Any]
"""Met and judged, (R, P) of bool, where the contract's clauses say what is measured."""


def _decided(result: Result) -> dict[int, Decided]:
    """By the place of a commitment, where more than its target decides: rounding, relief, exclusions and the like."""
    scenario = result.scenario
    if scenario.contract is None:
        return {}
    from slasim.scenario.agreements import agreements
    from slasim.study.contracting import clauses_decide
    from slasim.study.promised import MET, NOT_MEASURED, held

    agreed = agreements(scenario)[0]
    listed = agreed.contract.commitments
    if len(listed) != len(scenario.contract.commitments) or not any(
        clauses_decide(agreed, one) for one in listed
    ):
        return {}
    made = held(result, agreed)
    return {
        k: (made.status[one.title] == MET, made.status[one.title] != NOT_MEASURED)
        for k, one in enumerate(listed)
        if clauses_decide(agreed, one)
    }


def _verdict(result: Result, promised: Promise, decided: Decided | None = None) -> Verdict:
    scenario, asked = result.scenario, promised.asked
    above, below, better = result.promised_parts(promised)
    unit = asked.measure.unit if promised.interval_target is None else "share"
    return judge_commitment(
        promised.name, above, below, target=promised.target,
        better=better,
        period=promised.period, required=scenario.feasibility.chance,
        confidence=scenario.feasibility.confidence, level=result.level, unit=unit,
        text=asked.measure.text, decided=decided,
    )  # fmt: skip
