"""Contacts neither answered nor abandoned: blocked, sent to voicemail, called back later, closed upon, still waiting.

A service level hides them, the blocked most of all: they are no part of offered. Whoever shows one shows these too.
This file only asks a result; it knows no screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.study.result import Result

OUTCOMES = ("blocked", "voicemail", "call_back", "closed", "waiting")


@dataclass(frozen=True)
class Unserved:
    """One outcome of one queue.

    ``contacts`` in an average replication; ``share`` 0..1 of all attempts (offered and blocked) for the blocked, of
    all offered for the others.
    """

    queue: str
    outcome: str
    contacts: float
    share: float

    def to_json(self) -> dict[str, Any]:
        return {
            "queue": self.queue,
            "outcome": self.outcome,
            "contacts": self.contacts,
            "share": self.share,
        }


def unserved(result: Result) -> tuple[Unserved, ...]:
    """Each outcome of each queue that happened at all, in the order of OUTCOMES and of the scenario's queues."""
    found = []
    for outcome in OUTCOMES:
        for queue in result.scenario.queues:
            counts = result.tally.counts(queue)
            number = int(np.sum(getattr(counts, outcome)))
            if number:
                blocked = int(np.sum(counts.blocked)) if outcome == "blocked" else 0
                among = int(np.sum(counts.offered)) + blocked
                found.append(Unserved(queue, outcome, number / result.replications, number / among))
    return tuple(found)
