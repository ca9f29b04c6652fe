"""What a metric may ask for: counts of contacts and sums of time, wherever they come from.

A formula sees only ``Counts``, so the same few lines serve a simulation's tally, single contacts and a client's
interval report. This file knows no formula, no threshold by heart and no scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from slasim.arrays import NDArray
from slasim.clock import format_duration
from slasim.codes import ABANDONED, ANSWERED, BLOCKED, CALL_BACK, CLOSED, VOICEMAIL, WAITING
from slasim.errors import InputError, Problem

if TYPE_CHECKING:
    from slasim.contactlog import ContactLog

Numbers = NDArray[Any]


class Counts(Protocol):
    """Arrays of one common shape; a cell may be a queue, an interval, a day, a replication, one contact.

    offered        all that entered the queue: answered + abandoned + closed + voicemail + call_back + waiting
    waiting        still waiting when the simulation, or the report, ended
    blocked        found all lines taken; never part of ``offered``
    closed         still waiting when the queue closed
    voicemail      flowed out by the centre's own offer
    call_back      hung up on the centre's promise to call back: flowed out too
    *_within(t)    of those, with a wait of at most ``t`` ms (a wait of exactly ``t`` is within)
    wait_*         sums of waiting in ms; ``wait_all`` is over ``offered``
    handled        ms of agents' time, after-call work included

    A source that does not know one of them raises InputError when asked.
    """

    @property
    def offered(self) -> Numbers: ...
    @property
    def answered(self) -> Numbers: ...
    @property
    def abandoned(self) -> Numbers: ...
    @property
    def blocked(self) -> Numbers: ...
    @property
    def closed(self) -> Numbers: ...
    @property
    def voicemail(self) -> Numbers: ...
    @property
    def call_back(self) -> Numbers: ...
    @property
    def waiting(self) -> Numbers: ...
    @property
    def wait_answered(self) -> Numbers: ...
    @property
    def wait_all(self) -> Numbers: ...
    @property
    def handled(self) -> Numbers: ...

    def answered_within(self, t: int) -> Numbers: ...
    def abandoned_within(self, t: int) -> Numbers: ...
    def waiting_within(self, t: int) -> Numbers: ...


class WorkingTimes(Protocol):
    """Sums of agents' time in ms, arrays of one common shape.

    busy      with at least one contact in hand, by clock time, after-call work included; overtime too
    staffed   on duty on the phones, breaks taken left out, overtime left out
    in_hand   of every contact in hand, so two at a time count twice
    chat      of that, of chats
    slots     on duty times the chats that an agent may have in hand; 0 where nobody takes chats
    overtime  worked past the end of the shift, of agents with shifts
    """

    @property
    def busy(self) -> Numbers: ...
    @property
    def staffed(self) -> Numbers: ...
    @property
    def in_hand(self) -> Numbers: ...
    @property
    def chat(self) -> Numbers: ...
    @property
    def slots(self) -> Numbers: ...
    @property
    def overtime(self) -> Numbers: ...


class ChainCounts(Protocol):
    """What single touches do not tell: how callers come again, and what becomes of a matter. Arrays of one shape.

    A *matter* is a contact with all that follows it; it is booked where it first arrived. A *caller* here is one
    occasion: an attempt with its redials and call-backs. Sums called `*_ppm` are in millionths.

    matters      contacts that came for the first time
    callers      occasions: first contacts and repeats
    attempts     of those, redials included
    promised     call-backs accepted
    called_back  of those, made and answered by an agent
    in_time      of those, within the promised time
    repeats      the same matter once more
    contacts     how often the customers of the matters came: first, redials, repeats, replies, reopened
    served       matters of which some touch was answered
    resolved     matters whose last contact was answered and dealt with
    at_first     matters whose first answered contact was the last
    satisfaction_ppm, judged   the stated function of wait and resolution, and the matters it is known of
    churn_ppm, may_leave       the stated chance of leaving, and the matters it is known of
    """

    @property
    def matters(self) -> Numbers: ...
    @property
    def callers(self) -> Numbers: ...
    @property
    def attempts(self) -> Numbers: ...
    @property
    def promised(self) -> Numbers: ...
    @property
    def called_back(self) -> Numbers: ...
    @property
    def in_time(self) -> Numbers: ...
    @property
    def repeats(self) -> Numbers: ...
    @property
    def contacts(self) -> Numbers: ...
    @property
    def served(self) -> Numbers: ...
    @property
    def resolved(self) -> Numbers: ...
    @property
    def at_first(self) -> Numbers: ...
    @property
    def satisfaction_ppm(self) -> Numbers: ...
    @property
    def judged(self) -> Numbers: ...
    @property
    def churn_ppm(self) -> Numbers: ...
    @property
    def may_leave(self) -> Numbers: ...


@dataclass(frozen=True, eq=False)
class ContactCounts:
    """Counts of single contacts: N cells of 0 or 1.

    outcome  (N,) as in the ContactLog
    waited   (N,) ms; of a contact still waiting, what it is known to have waited
    handling (N,) ms of the agent's time
    open_is_late  whether contacts still waiting are late for every threshold
    """

    outcome: Numbers
    waited: Numbers
    handling: Numbers
    open_is_late: bool = False

    @classmethod
    def of(cls, log: ContactLog, *, seen_until: int | None = None) -> ContactCounts:
        """One cell per row of the log.

        ``seen_until`` is the instant (ms) at which watching stopped; without it a contact still waiting is
        taken as late for every threshold, which never flatters, and its known wait ends with the log.
        """
        last = max(
            (int(a.max()) for a in (log.arrived, log.left, log.finished) if a.size), default=0
        )
        so_far = (last if seen_until is None else seen_until) - log.arrived
        waited = np.where(log.outcome == WAITING, so_far, log.waited)
        return cls(log.outcome, waited, log.handled, open_is_late=seen_until is None)

    def _as(self, outcome: int) -> Numbers:
        chosen: Numbers = self.outcome == outcome
        return chosen.astype(np.int64)

    def _as_within(self, outcome: int, t: int) -> Numbers:
        chosen: Numbers = (self.outcome == outcome) & (self.waited <= t)
        return chosen.astype(np.int64)

    @property
    def offered(self) -> Numbers:
        chosen: Numbers = self.outcome != BLOCKED
        return chosen.astype(np.int64)

    @property
    def answered(self) -> Numbers:
        return self._as(ANSWERED)

    @property
    def abandoned(self) -> Numbers:
        return self._as(ABANDONED)

    @property
    def blocked(self) -> Numbers:
        return self._as(BLOCKED)

    @property
    def closed(self) -> Numbers:
        return self._as(CLOSED)

    @property
    def voicemail(self) -> Numbers:
        return self._as(VOICEMAIL)

    @property
    def call_back(self) -> Numbers:
        return self._as(CALL_BACK)

    @property
    def waiting(self) -> Numbers:
        return self._as(WAITING)

    @property
    def wait_answered(self) -> Numbers:
        return np.where(self.outcome == ANSWERED, self.waited, 0)

    @property
    def wait_all(self) -> Numbers:
        return np.where(self.outcome == BLOCKED, 0, self.waited)

    @property
    def handled(self) -> Numbers:
        return self.handling

    def answered_within(self, t: int) -> Numbers:
        return self._as_within(ANSWERED, t)

    def abandoned_within(self, t: int) -> Numbers:
        return self._as_within(ABANDONED, t)

    def waiting_within(self, t: int) -> Numbers:
        if self.open_is_late:
            return np.zeros_like(self.waited)
        return self._as_within(WAITING, t)


@dataclass(frozen=True, eq=False)
class ReportCounts:
    """Counts of a switchboard's interval report: one cell per row of the report.

    ``answered_in`` and ``abandoned_in`` give, by threshold in ms, how many had waited no longer (a report usually
    knows one threshold). What the report does not say is left out, and asking for it raises InputError.
    ``wait_total`` and ``wait_answered_total`` and ``handle_total`` are sums in ms.
    """

    offered: Numbers
    answered: Numbers
    abandoned: Numbers
    answered_in: Mapping[int, Numbers] = field(default_factory=dict)
    abandoned_in: Mapping[int, Numbers] = field(default_factory=dict)
    blocked: Numbers = field(default_factory=lambda: np.zeros((), np.int64))
    voicemail: Numbers = field(default_factory=lambda: np.zeros((), np.int64))
    wait_total: Numbers | None = None
    wait_answered_total: Numbers | None = None
    handle_total: Numbers | None = None

    @property
    def closed(self) -> Numbers:
        return np.zeros_like(self.offered)

    @property
    def call_back(self) -> Numbers:
        return np.zeros_like(self.offered)

    @property
    def waiting(self) -> Numbers:
        return np.zeros_like(self.offered)

    @property
    def wait_answered(self) -> Numbers:
        return _known(self.wait_answered_total, "how long the answered waited")

    @property
    def wait_all(self) -> Numbers:
        return _known(self.wait_total, "how long all offered waited")

    @property
    def handled(self) -> Numbers:
        return _known(self.handle_total, "how long contacts were handled")

    def answered_within(self, t: int) -> Numbers:
        return _known(
            self.answered_in.get(t), f"how many were answered within {format_duration(t)}"
        )

    def abandoned_within(self, t: int) -> Numbers:
        what = f"how many abandoned within {format_duration(t)}"
        return _known(self.abandoned_in.get(t), what)

    def waiting_within(self, t: int) -> Numbers:
        return np.zeros_like(self.offered)


def _known(column: Numbers | None, what: str) -> Numbers:
    if column is None:
        raise InputError(
            [
                Problem(
                    f"the interval report does not say {what}",
                    "Choose a formula that does not need it.",
                )
            ]
        )
    return column


@dataclass(frozen=True, eq=False)
class Screened:
    """The same counts with another idea of who was offered.

    Leaving out the flow-outs, or adding the blocked, changes only ``offered``; no formula knows about it.
    """

    counts: Counts
    include_flow_out: bool = True
    include_blocked: bool = False

    @property
    def offered(self) -> Numbers:
        offered = self.counts.offered
        if not self.include_flow_out:
            offered = offered - self.counts.voicemail - self.counts.call_back
        if self.include_blocked:
            offered = offered + self.counts.blocked
        return offered

    @property
    def answered(self) -> Numbers:
        return self.counts.answered

    @property
    def abandoned(self) -> Numbers:
        return self.counts.abandoned

    @property
    def blocked(self) -> Numbers:
        return self.counts.blocked

    @property
    def closed(self) -> Numbers:
        return self.counts.closed

    @property
    def voicemail(self) -> Numbers:
        return self.counts.voicemail

    @property
    def call_back(self) -> Numbers:
        return self.counts.call_back

    @property
    def waiting(self) -> Numbers:
        return self.counts.waiting

    @property
    def wait_answered(self) -> Numbers:
        return self.counts.wait_answered

    @property
    def wait_all(self) -> Numbers:
        return self.counts.wait_all

    @property
    def handled(self) -> Numbers:
        return self.counts.handled

    def answered_within(self, t: int) -> Numbers:
        return self.counts.answered_within(t)

    def abandoned_within(self, t: int) -> Numbers:
        return self.counts.abandoned_within(t)

    def waiting_within(self, t: int) -> Numbers:
        return self.counts.waiting_within(t)
