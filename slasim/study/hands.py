"""How a group's time went: occupancy beside the two other numbers that chats make of it, and overtime.

This file only asks a result; it knows no screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.outcome import estimates
from slasim.outcome.estimates import Estimate
from slasim.study.result import Result

__all__ = ["Hands", "Overtime", "hands", "overtime"]


@dataclass(frozen=True)
class Hands:
    """A group that may have several chats in hand, and its three numbers; each says its own formula."""

    group: str
    slots: int
    occupancy: Estimate
    concurrency: Estimate
    slot_utilisation: Estimate

    def to_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "slots": self.slots,
            "occupancy": self.occupancy.to_json(),
            "concurrency": self.concurrency.to_json(),
            "slot_utilisation": self.slot_utilisation.to_json(),
        }


def hands(result: Result) -> tuple[Hands, ...]:
    """Every group that takes chats."""
    layout = result.tally.layout
    return tuple(
        Hands(
            name,
            slots,
            result.estimate("occupancy", group=name),
            result.estimate("concurrency", group=name),
            result.estimate("slot_utilisation", group=name),
        )
        for name, slots in zip(layout.groups, layout.slots, strict=False)
        if slots
    )


@dataclass(frozen=True)
class Overtime:
    """Time that a group's named agents worked past the end of their shifts: ms in an average replication, and as a
    share of their time on duty."""

    group: str
    length: Estimate
    share: Estimate

    def to_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "length": self.length.to_json(),
            "share": self.share.to_json(),
        }


def overtime(result: Result) -> tuple[Overtime, ...]:
    """Every group with named agents that worked past a shift at all."""
    found = []
    for name in result.scenario.groups:
        times = result.tally.times(name)
        if not times.overtime.any():
            continue
        length = estimates.pooled(
            times.overtime, np.ones(result.replications), level=result.level, share=False, unit="time",
            metric="time worked past the end of the shift",
        )  # fmt: skip
        found.append(Overtime(name, length, result.estimate("overtime", group=name)))
    return tuple(found)
