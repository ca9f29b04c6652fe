"""Judging a result: one Verdict per commitment of its scenario, the chance that a period meets it."""

from __future__ import annotations

from slasim.errors import NothingToJudge
from slasim.outcome.verdicts import Verdict, judge_commitment
from slasim.study import measures
from slasim.study.measures import Promise
from slasim.study.result import Result


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


def judge(result: Result) -> Verdicts:
    """One Verdict per commitment of the result's scenario: the chance that a period meets it.

    Raises NothingToJudge after a single replication.
    """
    promised = measures.promises(result.scenario)
    if promised and result.replications < 2:
        raise NothingToJudge("one replication says nothing about a chance; simulate more")
    return Verdicts(_verdict(result, p) for p in promised)


def _verdict(result: Result, promised: Promise) -> Verdict:
    scenario, asked = result.scenario, promised.asked
    above, below = result.by_period(asked, promised.followed_by)
    unit = asked.measure.unit
    if promised.interval_target is not None:
        above, below = measures.intervals_met(above, below, promised.interval_target, promised.better,
                                              measures.period_of(scenario, promised.period))  # fmt: skip
        unit = "share"
    return judge_commitment(
        promised.name, above, below, target=promised.target,
        better="higher" if promised.interval_target is not None else promised.better,
        period=promised.period, required=scenario.feasibility.chance,
        confidence=scenario.feasibility.confidence, level=result.level, unit=unit,
        text=asked.measure.text,
    )  # fmt: skip
