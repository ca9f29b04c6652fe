"""What counting tickets needs to know: the policy, the names, the intervals, and what is told apart.

It knows no scenario, no log and no sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from slasim.arrays import Ints
from slasim.clock import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from slasim.sla.ola import Promise
    from slasim.sla.policy import Policy
    from slasim.sla.simulated import Desk

__all__ = [
    "STANDINGS",
    "USED_ONE",
    "Aspect",
    "FollowedTickets",
    "TicketLayout",
    "TierTwo",
]


STANDINGS = ("met", "late", "unanswered", "open", "not_applicable")
"""What becomes of a cycle; late and unanswered are the two kinds of missed, cancelled is not applicable."""
IN_TIME, LATE, UNANSWERED, STILL_OPEN, NOT_JUDGED = range(len(STANDINGS))

USED_ONE = 1_000
"""The whole target, in parts."""


@dataclass(frozen=True)
class Aspect:
    """Something that tells tickets apart: an attribute, and ``words`` it may have; what is none of them is ""."""

    name: str
    words: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return (*self.words, "")


@dataclass(frozen=True)
class TierTwo:
    """What the second line promises of tickets that began in a queue, from hand-over to its reply."""

    queue: str
    promise: Promise


@dataclass(frozen=True)
class FollowedTickets:
    """A ticket metric whose counts are wanted period by period. ``period_of`` (I,); -1 = outside all.

    ``inside``: only cycles whose SLA started in one of these spans [since, until), ms; () = all.
    """

    metric: str
    period: str
    queues: tuple[str, ...]
    period_of: tuple[int, ...]
    inside: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> tuple[str, tuple[str, ...], str, tuple[tuple[int, int], ...]]:
        """What tells it apart."""
        return self.metric, self.queues, self.period, self.inside

    @property
    def periods(self) -> int:
        return max(self.period_of, default=-1) + 1


@dataclass(frozen=True)
class TicketLayout:
    """The plain facts that counting tickets needs.

    start_ms  epoch ms of instant 0; until: ms at which watching ends
    interval  ms; ``intervals`` of them make the horizon; ``day_of`` (I,) numbers the local day of each from 0
    aspects   what ``shares`` tells apart
    steps     by the number of a step of the Floor's plans: whose reminder or escalation it is; several may be one's
    only_met  nothing is counted but what was met, missed and open: no days, no times, no steps
    """

    policy: Policy = field(hash=False)
    desk: Desk
    start_ms: int
    timezone: str
    until: int
    interval: int
    intervals: int
    day_of: tuple[int, ...]
    aspects: tuple[Aspect, ...] = ()
    steps: tuple[str, ...] = ()
    tier_two: tuple[TierTwo, ...] = field(default=(), hash=False)
    followed: tuple[FollowedTickets, ...] = ()
    only_met: bool = False

    def __post_init__(self) -> None:
        if not self.aspects or self.aspects[0] != Aspect("queue", self.queues):
            raise ValueError("the first aspect is the queue, with those that clocks watch.")
        for f in self.followed:
            if f.metric not in self.metrics:
                raise ValueError(f"{f.metric} is no ticket clock of this policy.")
            if len(f.period_of) != self.intervals:
                raise ValueError(f"{f.metric} has periods for {len(f.period_of)} intervals.")

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The policy's ticket clocks, then the promises of the second line."""
        return (*self.policy.metrics, *dict.fromkeys(one.promise.name for one in self.tier_two))

    @cached_property
    def queues(self) -> tuple[str, ...]:
        """Those that clocks watch."""
        desk = self.desk
        return tuple(name for name, how in zip(desk.queues, desk.watched, strict=True) if how)

    @cached_property
    def place_of_queue(self) -> Ints:
        """(all queues,) the place of each among ``queues``; -1 where clocks watch none."""
        place = {name: number for number, name in enumerate(self.queues)}
        return np.array([place.get(name, -1) for name in self.desk.queues], np.int64)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Reminders and escalations that may act, each once."""
        return tuple(dict.fromkeys(self.steps))

    @cached_property
    def warning_of_step(self) -> Ints:
        """(S,) index of each step into ``warnings``."""
        return np.array([self.warnings.index(said) for said in self.steps], np.int64)

    @property
    def horizon(self) -> int:
        """ms."""
        return self.interval * self.intervals

    @property
    def days(self) -> int:
        return max(self.day_of, default=-1) + 1

    @cached_property
    def day_ends(self) -> Ints:
        """(D,) where each day ends, ms."""
        day = np.array(self.day_of, np.int64)
        last = np.append(np.flatnonzero(np.diff(day)), day.size - 1)
        ends: Ints = (last + 1) * self.interval
        return ends

    @cached_property
    def elapsed_edges(self) -> Ints:
        """Upper edges of the bins of time counted, ms: minutes to 2 h, then steps of 2 %; every promised time too."""
        fine = [MINUTE * k for k in range(121)]
        steps = int(np.log(400 * DAY / (2 * HOUR)) / np.log(1.02)) + 1
        coarse = [round(2 * HOUR * 1.02**k / MINUTE) * MINUTE for k in range(1, steps + 1)]
        return np.array(sorted({*fine, *coarse, *self._promised}), np.int64)

    @cached_property
    def used_edges(self) -> Ints:
        """Upper edges of the bins of the share of the target used, in thousandths."""
        return np.array([*range(0, 2_001, 10), *range(2_050, 10_001, 50)], np.int64)

    @property
    def _promised(self) -> set[int]:
        found: set[int] = set()
        for version in self.policy.in_force:
            policy = version.policy
            said = [clock.target for clock in policy.metrics.values()]
            for clock in policy.metrics.values():
                said += [target for by in clock.target_by.values() for target in by.values()]
            said += [target for level in policy.levels for target in level.targets.values()]
            found |= {target for target in said if isinstance(target, int)}
        found |= {t.promise.target for t in self.tier_two if isinstance(t.promise.target, int)}
        return found

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """Aspect -> (its first column of ``shares``, one past its last)."""
        found, at = {}, 0
        for aspect in self.aspects:
            found[aspect.name] = (at, at + len(aspect.labels))
            at += len(aspect.labels)
        return found

    @property
    def width(self) -> int:
        """W."""
        return sum(len(aspect.labels) for aspect in self.aspects)

    def offset(
        self,
        metric: str,
        queues: tuple[str, ...],
        period: str,
        inside: tuple[tuple[int, int], ...] = (),
    ) -> tuple[int, FollowedTickets]:
        """Where a followed metric's rows begin. KeyError when it is not followed so."""
        at = 0
        for f in self.followed:
            if f.key == (metric, queues, period, inside):
                return at, f
            at += f.periods
        raise KeyError(f"{metric} by {period}")
