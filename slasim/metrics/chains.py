"""What single attempts hide: who calls again, who is called back in time, what it takes until a matter is settled.

Ratios over chains of touches (`counts.ChainCounts`). This file knows no wait and no queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from slasim import registry
from slasim.metrics.counts import ChainCounts
from slasim.metrics.service_level import Parts
from slasim.metrics.standard import Better, Over, Plain, Unit

__all__ = ["MILLION", "OfChains"]

MILLION = 1_000_000


@dataclass(frozen=True)
class OfChains(Plain):
    """A ratio over chains without settings: its docstring is its text."""

    unit: ClassVar[Unit] = "share"
    over: ClassVar[Over] = "chains"
    part_of_whole: ClassVar[bool] = True
    """of a share: what it counts is a part of what it is divided by"""


@registry.kind("metric", "attempts_per_caller")
@dataclass(frozen=True)
class AttemptsPerCaller(OfChains):
    """attempts, redials included / callers"""

    unit: ClassVar[Unit] = "number"

    def parts(self, c: ChainCounts) -> Parts:
        return c.attempts, c.callers


@registry.kind("metric", "redial_rate")
@dataclass(frozen=True)
class RedialRate(OfChains):
    """redials / all attempts"""

    def parts(self, c: ChainCounts) -> Parts:
        return c.attempts - c.callers, c.attempts


@registry.kind("metric", "call_backs_in_time")
@dataclass(frozen=True)
class CallBacksInTime(OfChains):
    """call-backs made within the promised time / call-backs promised"""

    better: ClassVar[Better] = "higher"

    def parts(self, c: ChainCounts) -> Parts:
        return c.in_time, c.promised


@registry.kind("metric", "call_backs_made")
@dataclass(frozen=True)
class CallBacksMade(OfChains):
    """call-backs made / call-backs promised"""

    better: ClassVar[Better] = "higher"

    def parts(self, c: ChainCounts) -> Parts:
        return c.called_back, c.promised


@registry.kind("metric", "repeat_rate")
@dataclass(frozen=True)
class RepeatRate(OfChains):
    """contacts that come once more with the same matter / (matters + those)"""

    def parts(self, c: ChainCounts) -> Parts:
        return c.repeats, c.matters + c.repeats


@registry.kind("metric", "contacts_per_resolution")
@dataclass(frozen=True)
class ContactsPerResolution(OfChains):
    """contacts of customers, redials, repeats, replies and reopened included / matters resolved"""

    unit: ClassVar[Unit] = "number"

    def parts(self, c: ChainCounts) -> Parts:
        return c.contacts, c.resolved


@registry.kind("metric", "first_contact_resolution")
@dataclass(frozen=True)
class FirstContactResolution(OfChains):
    """matters whose first answered contact was the last / matters answered (a transfer is no new contact)"""

    better: ClassVar[Better] = "higher"

    def parts(self, c: ChainCounts) -> Parts:
        return c.at_first, c.served
