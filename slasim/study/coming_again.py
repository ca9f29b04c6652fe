"""Who comes again, and what becomes of matters: redials, call-backs, repeats, resolution, satisfaction, churn.

    coming_again(result)   -> one line for each queue where any of this happened

This file only asks a result; it knows no screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.outcome.estimates import Estimate
from slasim.study.plans import FirstAttempts, first_attempts
from slasim.study.result import Result

__all__ = ["ComingAgain", "coming_again"]


@dataclass(frozen=True)
class ComingAgain:
    """One queue. Numbers are of an average replication; an Estimate is None where it has nothing to be about.

    redials, promised, called_back, repeats, transfers, messages   how many; transfers and messages are those that came
    here from another queue
    first    what part of a forecast of attempts are first ones
    """

    queue: str
    redials: float
    attempts_per_caller: Estimate | None
    promised: float
    called_back: float
    in_time: Estimate | None
    repeats: float
    first_contact_resolution: Estimate | None
    contacts_per_resolution: Estimate | None
    transfers: float
    messages: float
    satisfaction: Estimate | None
    churn: Estimate | None
    first: FirstAttempts | None

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key, value in vars(self).items():
            plain[key] = value.to_json() if hasattr(value, "to_json") else value
        return plain


def coming_again(result: Result) -> tuple[ComingAgain, ...]:
    """Every queue from which anybody came again, was handed on, called back or is said to be satisfied or to leave."""
    if not result.tally.layout.whole:
        return ()
    firsts = {one.queue: one for one in first_attempts(result.scenario, result.first_share)}
    found = []
    for name, record in result.scenario.queues.items():
        counts = result.tally.chain_counts(name)

        def mean(part: Any) -> float:
            return float(np.sum(part)) / result.replications

        def asked(metric: str, wanted: bool, queue: str = name) -> Estimate | None:
            found = result.estimate(metric, queue=queue) if wanted else None
            return None if found is None or math.isnan(found.value) else found

        redials, repeats = mean(counts.attempts - counts.callers), mean(counts.repeats)
        promised = mean(counts.promised)
        handed = mean(counts.touches("transfer") + counts.touches("tier_2"))
        messages = mean(counts.touches("message"))
        back = bool(repeats or mean(counts.touches("reopen")) or mean(counts.touches("reply")))
        again = back or bool(redials)
        liked = record.satisfaction is not None
        if not (again or promised or handed or messages or liked or name in firsts):
            continue
        found.append(
            ComingAgain(
                name, redials, asked("attempts_per_caller", bool(redials)),
                promised, mean(counts.called_back), asked("call_backs_in_time", bool(promised)),
                repeats, asked("first_contact_resolution", back), asked("contacts_per_resolution", again),
                handed, messages, asked("satisfaction", liked),
                asked("churn", record.satisfaction is not None and record.satisfaction.churn is not None),
                firsts.get(name),
            )
        )  # fmt: skip
    return tuple(found)
