"""Agents of the readable engine, what they have in hand, and how their work gets on.

An agent is named (with stints and breaks) or a seat of a group that is staffed by number. This file knows no SimPy
and no order of an instant; how long things take it asks ``rules``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from slasim.engine import rules
from slasim.engine.rules import NOBODY
from slasim.floor import NONE, PACE_ONE, ROOM


@dataclass
class Handling:
    """A touch in hand: ``left`` (millionths of a ms) of this stage at instant ``last``."""

    touch: int
    agent: Agent
    speed: int
    begun: int
    left: int
    last: int
    talking: bool = True
    interrupted: bool = False

    def brought_to(self, now: int, pace: int) -> None:
        """What was left less what has been done since at that pace."""
        self.left = rules.left_after(self.left, pace, now - self.last)
        self.last = now

    def wraps_up(self, now: int, wrap: int) -> None:
        """The customer has gone; ``wrap`` ms of after-call work follow."""
        self.talking = False
        self.left = wrap * PACE_ONE
        self.last = now


@dataclass(eq=False)
class Agent:
    """A named agent, or a seat (``stint`` and all about breaks do not matter then).

    ``since`` is when what it has in hand last changed, or when it came on duty or back from a break. ``loads`` tells
    the room that each touch in ``hand`` takes.
    """

    index: int
    group: int
    named: bool
    away: bool = True
    since: int = 0
    last_channel: int = NONE
    stint: int = NOBODY
    resting: int = NOBODY
    next_break: int = 0
    leaving: int = NOBODY
    hand: list[Handling] = field(default_factory=list)
    loads: list[int] = field(default_factory=list)

    @property
    def room(self) -> int:
        return ROOM - sum(self.loads)

    def brought_to(self, now: int, pace: int) -> None:
        """Every contact in hand gets on at the same pace; to be told before their number changes."""
        for handling in self.hand:
            handling.brought_to(now, pace)

    def takes(self, handling: Handling, load: int) -> None:
        self.hand.append(handling)
        self.loads.append(load)

    def gives_up(self, handling: Handling) -> None:
        """It is finished or interrupted."""
        place = self.hand.index(handling)
        del self.hand[place], self.loads[place]
