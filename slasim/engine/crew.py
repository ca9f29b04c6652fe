"""Who is there in the readable engine: every group's agents, who of them is available, and whom a contact gets.

This file knows no SimPy, no order of an instant and no line; who may take what it asks ``rules``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slasim.draw import Draw
from slasim.engine import rules
from slasim.engine.hands import Agent, Handling
from slasim.engine.rules import NOBODY
from slasim.floor import NONE, Floor


class Crew:
    """Named agents and seats of all groups, as they stand now."""

    def __init__(self, draw: Draw, floor: Floor):
        self.draw = draw
        self.floor = floor
        self.load = rules.whole_loads(floor.load, floor.shares)
        self.named = [Agent(a, int(g), named=True) for a, g in enumerate(draw.agent_group)]
        self.members: list[list[Agent]] = [[] for _ in range(draw.groups)]
        for agent in self.named:
            self.members[agent.group].append(agent)
        self.number = [0] * draw.groups

    def speed(self, agent: Agent, r: int) -> int:
        """Millionths, at a line."""
        speed = int(self.draw.table.speed[r, agent.group])
        if agent.named:
            speed = rules.speed_with(speed, int(self.floor.agent_speed[agent.index]))
        return speed

    def pace(self, agent: Agent) -> int:
        """At which each contact in hand gets on."""
        return int(rules.pace_with(self.floor.pace, agent.group, len(agent.hand)))

    # ---- how many

    def busy(self, g: int) -> int:
        return sum(bool(agent.hand) for agent in self.members[g])

    def present(self, g: int) -> int:
        """Those who rest are there too."""
        if self.draw.by_number[g]:
            return self.number[g]
        return sum(agent.stint != NOBODY for agent in self.members[g])

    def on_duty(self, g: int) -> int:
        if self.draw.by_number[g]:
            return self.number[g]
        return sum(agent.stint != NOBODY and agent.resting == NOBODY for agent in self.members[g])

    # ---- who

    def is_available(self, agent: Agent, now: int) -> bool:
        """May it take something more? Room is another question."""
        if agent.named:
            return (
                agent.stint != NOBODY
                and agent.resting == NOBODY
                and not self.break_is_due(agent, now)
            )
        g = agent.group
        return not agent.away and (not agent.hand or self.busy(g) <= self.number[g])

    def break_is_due(self, agent: Agent, now: int) -> bool:
        draw, b, h = self.draw, agent.next_break, agent.stint
        return bool(
            b < draw.break_first[h + 1]
            and rules.rests_now(int(draw.break_at[b]), now, int(draw.stint_to[h]))
        )

    def doors(self, now: int) -> tuple[Any, ...]:
        """What ``rules.may_join`` asks about the groups, in its order."""
        groups, floor, table = range(self.draw.groups), self.floor, self.draw.table
        free = [[each for each in self.members[g] if self.is_available(each, now)] for g in groups]
        return (
            table.opens,
            table.reserve,
            self.load,
            np.array([sum(not agent.hand for agent in free[g]) for g in groups]),
            np.array([max((agent.room for agent in free[g]), default=0) for g in groups]),
            floor.stands_in,
            np.array([self.present(g) for g in groups]),
            floor.hours,
            floor.window_first,
            floor.window_open,
            floor.window_close,
            floor.most_busy,
            np.array([self.busy(g) for g in groups]),
            np.array([self.on_duty(g) for g in groups]),
        )

    def choose(self, r: int, waited: int, now: int, doors: tuple[Any, ...]) -> Agent:
        """Of each group the agent it would rather give a contact of line ``r``, and of these the contact's choice."""
        first: list[Agent | None] = [None] * self.draw.groups
        for g, agents in enumerate(self.members):
            for agent in agents:
                if self.is_available(agent, now) and agent.room >= self.load[r, g]:
                    best = first[g]
                    if best is None or rules.rather(
                        len(agent.hand), agent.since, len(best.hand), best.since
                    ):
                        first[g] = agent
        g = rules.choose_agent(
            r, waited, now, self.draw.table.preference,
            [len(agent.hand) if agent else 0 for agent in first],
            [agent.since if agent else 0 for agent in first],
            *doors,
        )  # fmt: skip
        chosen = first[g]
        assert chosen is not None
        return chosen

    def talks(self, now: int) -> list[Handling]:
        """What is being talked about by those who are still available: it may be interrupted."""
        return [
            handling
            for agents in self.members
            for agent in agents
            if self.is_available(agent, now)
            for handling in agent.hand
            if handling.talking
        ]

    # ---- seats

    def number_becomes(self, g: int, number: int, now: int) -> None:
        """Idle seats come or go: the longest idle leave first, the lowest that are away come."""
        self.number[g] = number
        seats = self.members[g]
        free = rules.idle_by_number(number, self.busy(g))
        idle = [seat for seat in seats if not (seat.away or seat.hand)]
        idle.sort(key=lambda seat: (seat.since, seat.index))
        for seat in idle[: max(0, len(idle) - free)]:
            seat.away = True
        away = [seat for seat in seats if seat.away]
        for come in range(free - len(idle)):
            if come == len(away):
                away.append(Agent(len(seats), g, named=False))
                seats.append(away[come])
            away[come].away = False
            away[come].since = now
            away[come].last_channel = NONE

    def is_done(self, seat: Agent) -> None:
        """A seat with nothing in hand any more stays only while the number asks for it."""
        g = seat.group
        others = sum(not (each.away or each.hand) for each in self.members[g]) - 1
        seat.away = others >= rules.idle_by_number(self.number[g], self.busy(g))
