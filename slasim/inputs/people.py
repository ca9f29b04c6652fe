"""Named agents: who they are, and on which days each is away or late.

Every agent has streams of its own, ``absence/<group>/<agent>`` and ``late/<group>/<agent>``, with one number for each
day. So one agent more, or another's shift, changes nobody else's days. This file knows no shift and no scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from slasim.arrays import Bools, Ints
from slasim.distributions import Distribution
from slasim.inputs.contacts import round_ms
from slasim.routing.table import SPEED_ONE
from slasim.streams import generator

__all__ = ["Agent", "Days"]


@dataclass(frozen=True)
class Agent:
    """One agent. Who is not named in the scenario is called after the shift, with a number."""

    name: str
    group: str
    team: str = ""
    speed: float = 1.0

    @property
    def millionths(self) -> int:
        """The speed as a Floor has it."""
        return round(self.speed * SPEED_ONE)


@dataclass(frozen=True)
class Days:
    """How reliable the agents of a group are: ``absence`` is the share of days on which each is away, on its own.

    late_chance  of a day's stint to begin late, by ``late_by`` (ms)
    """

    absence: float = 0.0
    late_chance: float = 0.0
    late_by: Distribution | None = None

    @property
    def certain(self) -> bool:
        """Is everybody there and in time?"""
        return self.absence == 0 and not self.may_be_late

    @property
    def may_be_late(self) -> bool:
        return self.late_chance > 0 and self.late_by is not None

    def away(
        self, seed: int, replication: int, group: str, agents: Sequence[str], days: int
    ) -> Bools:
        """(agents, days) who is absent when."""
        found = np.zeros((len(agents), days), np.bool_)
        if self.absence > 0:
            for number, name in enumerate(agents):
                rng = generator(seed, replication, f"absence/{group}/{name}")
                found[number] = rng.random(days) < self.absence
        return found

    def late(
        self, seed: int, replication: int, group: str, agents: Sequence[str], days: int
    ) -> Ints:
        """(agents, days) ms by which a stint begins late."""
        found = np.zeros((len(agents), days), np.int64)
        if self.may_be_late:
            assert self.late_by is not None
            for number, name in enumerate(agents):
                rng = generator(seed, replication, f"late/{group}/{name}")
                is_late = rng.random(days) < self.late_chance
                by = generator(seed, replication, f"late_by/{group}/{name}")
                length = self.late_by.standard(by, days) * self.late_by.mean
                found[number] = np.where(is_late, round_ms(length), 0)
        return found
