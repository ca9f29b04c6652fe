"""How agents' time is used: three numbers for chats that are often taken for one another, and overtime.

With several contacts in hand, "busy" has three meanings, and each has a name of its own here:

    occupancy          time with at least one contact in hand / time on duty
    concurrency        time of all contacts in hand / time with at least one in hand
    slot_utilisation   time of chats in hand / (chat slots x time on duty)

This file knows no queue and no group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from slasim import registry
from slasim.metrics.counts import WorkingTimes
from slasim.metrics.service_level import Parts
from slasim.metrics.standard import Over, Plain, Unit

__all__ = ["Concurrency", "Occupancy", "Overtime", "SlotUtilisation"]


@dataclass(frozen=True)
class _OfAgents(Plain):
    unit: ClassVar[Unit] = "share"
    over: ClassVar[Over] = "agents"


@registry.kind("metric", "occupancy")
@dataclass(frozen=True)
class Occupancy(_OfAgents):
    """time with a contact in hand / time on duty on the phones

    Above 1 only where agents finish contacts after their shift or after a drop in staffing.
    """

    def parts(self, c: WorkingTimes) -> Parts:
        return c.busy, c.staffed


@registry.kind("metric", "concurrency")
@dataclass(frozen=True)
class Concurrency(_OfAgents):
    """time of all contacts in hand / time with a contact in hand"""

    unit: ClassVar[Unit] = "number"

    def parts(self, c: WorkingTimes) -> Parts:
        return c.in_hand, c.busy


@registry.kind("metric", "slot_utilisation")
@dataclass(frozen=True)
class SlotUtilisation(_OfAgents):
    """time of chats in hand / (chat slots x time on duty), of groups that take chats"""

    def parts(self, c: WorkingTimes) -> Parts:
        return c.chat, c.slots


@registry.kind("metric", "overtime")
@dataclass(frozen=True)
class Overtime(_OfAgents):
    """time worked past the end of the shift / time on duty on the phones"""

    def parts(self, c: WorkingTimes) -> Parts:
        return c.overtime, c.staffed
