"""The centre told as SimPy processes: a contact, a stint, the router.

To be read, stepped through and extended; the fast engine must write the same log. It draws nothing and counts
nothing. Every event is an ``Instant``: a time and a phase of ``rules``' order; SimPy serves equal times by
phase, and its own messages (a process starting, an event succeeding) before any phase.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from slasim.contactlog import ANSWERED, BLOCKED, CLOSED, NOT_YET, WAITING, ContactLog
from slasim.draw import NEVER, Draw
from slasim.engine import rules
from slasim.engine.rules import (
    AGENTS,
    ARRIVALS,
    BREAK_DUE,
    BREAK_ENDS,
    LEAVING,
    MATCHING,
    NOBODY,
    NUMBER_CHANGES,
    PATIENCE_ENDS,
    QUEUE_CLOSES,
    QUEUE_IS_FULL,
    STINT_BEGINS,
    STINT_ENDS,
    TIMERS,
    WORK_ENDS,
)
from slasim.engine.writing import write_log

Story = Generator[simpy.Event, Any, None]


class Instant(simpy.Event):
    """Happens at a time, in a phase of that time."""

    def __init__(self, env: Any, when: int, phase: int, part: int = 0):
        super().__init__(env)
        self._ok = True
        self._value = None
        after_simpys_own = 10 * (phase + 1) + part
        env.schedule(self, after_simpys_own, when - env.now)


@dataclass
class Agent:
    """A named agent: where it stands in its day."""

    index: int
    group: int
    stint: int = NOBODY
    busy: bool = False
    resting: int = NOBODY
    next_break: int = 0
    leaving: int = NOBODY


class Centre:
    """One replication of a centre, alive."""

    def __init__(self, draw: Draw):
        self.draw = draw
        self.env: Any = simpy.Environment(initial_time=_first_instant(draw))
        self.lines: list[list[int]] = [[] for _ in range(draw.queues)]
        self.in_service = [0] * draw.queues
        self.answered: dict[int, simpy.Event] = {}
        self.on_duty = [0] * draw.groups
        self.busy = [0] * draw.groups
        self.idle: list[list[Any]] = [[] for _ in range(draw.groups)]
        self.agents = [Agent(a, int(g)) for a, g in enumerate(draw.agent_group)]
        self.asked = False
        n = draw.contacts
        self.outcome = np.full(n, WAITING, np.int8)
        self.left = np.full(n, NOT_YET, np.int64)
        self.group = np.full(n, NOBODY, np.int16)
        self.agent = np.full(n, NOBODY, np.int32)
        self.released = np.full(n, NOT_YET, np.int64)
        self.finished = np.full(n, NOT_YET, np.int64)
        self.stint_left = np.full(draw.stint_to.size, NOT_YET, np.int64)
        self.break_began = np.full(draw.break_at.size, NOT_YET, np.int64)
        self.break_ended = np.full(draw.break_at.size, NOT_YET, np.int64)
        self._begin()

    def _begin(self) -> None:
        draw, env = self.draw, self.env
        for q in range(draw.queues):
            for i in range(int(draw.first[q]), int(draw.first[q + 1])):
                env.process(self.contact(i, q))
        for k in range(draw.staff_at.size):
            env.process(self.number_changes(k))
        for h in range(draw.stint_to.size):
            env.process(self.works(h))
            for b in range(int(draw.break_first[h]), int(draw.break_first[h + 1])):
                env.process(self.break_due(b, h))
        for k in range(draw.closing_at.size):
            env.process(self.closes(k))

    # ---- a contact

    def contact(self, i: int, q: int) -> Story:
        """Arrives, waits until answered or out of patience, is served."""
        draw, env = self.draw, self.env
        yield Instant(env, int(draw.arrival[i]), ARRIVALS)
        if self.in_service[q] + len(self.lines[q]) >= draw.lines[q]:
            self.leaves(i, BLOCKED)
            return
        self.lines[q].append(i)
        self.ask_router()
        self.watch_overflow(q)
        if draw.queue_limit[q] < NEVER:
            full = Instant(env, env.now, LEAVING, QUEUE_IS_FULL)
            full.callbacks.append(lambda _: self.block_beyond_limit(q))
        answered = self.answered[i] = env.event()
        waits: list[simpy.Event] = [answered]
        if draw.patience[i] < NEVER:
            gives_up = int(draw.arrival[i] + draw.patience[i])
            waits.append(Instant(env, gives_up, LEAVING, PATIENCE_ENDS))
        yield env.any_of(waits)
        if answered.triggered:
            if answered.value is not None:
                yield from self.service(i, q, *answered.value)
        elif env.now < draw.stop[q]:
            self.lines[q].remove(i)
            self.leaves(i, int(draw.leaves_as[i]))

    def service(self, i: int, q: int, g: int, agent: Agent | None) -> Story:
        """An agent handles the contact; the line is free when the customer leaves, the agent after that."""
        draw, env = self.draw, self.env
        speed = int(draw.table.speed[q, g])
        handle = rules.handle_time(int(draw.work[i]), speed)
        wrap = rules.handle_time(int(draw.wrap[i]), speed)
        self.in_service[q] += 1
        self.released[i] = env.now + handle - wrap
        self.finished[i] = env.now + handle
        yield Instant(env, int(self.released[i]), AGENTS, WORK_ENDS)
        self.in_service[q] -= 1
        if wrap:
            yield Instant(env, int(self.finished[i]), AGENTS, WORK_ENDS)
        if agent is None:
            self.busy[g] -= 1
            self.seats_of(g)
        else:
            agent.busy = False
            self.settle(agent)
        self.ask_router()

    def leaves(self, i: int, outcome: int) -> None:
        self.outcome[i] = outcome
        self.left[i] = self.env.now

    def block_beyond_limit(self, q: int) -> None:
        """Of those still waiting, the latest beyond the limit are blocked."""
        while len(self.lines[q]) > self.draw.queue_limit[q]:
            i = self.lines[q].pop()
            self.leaves(i, BLOCKED)
            self.answered[i].succeed(None)

    def watch_overflow(self, q: int) -> None:
        """The router looks again when a further group opens to this contact."""
        for opens in {int(ms) for ms in self.draw.table.opens[q] if 0 < ms < NEVER}:
            timer = Instant(self.env, self.env.now + opens, TIMERS)
            timer.callbacks.append(lambda _: self.ask_router())

    # ---- the router

    def ask_router(self) -> None:
        if not self.asked:
            self.asked = True
            Instant(self.env, self.env.now, MATCHING).callbacks.append(self.match)

    def match(self, _: simpy.Event) -> None:
        """Joins one contact and one agent, and asks again until nothing more can be joined."""
        self.asked = False
        draw, table, now = self.draw, self.draw.table, int(self.env.now)
        heads = np.array([line[0] if line else NOBODY for line in self.lines], np.int64)
        idle = np.array([len(agents) for agents in self.idle], np.int64)
        q = rules.next_contact(
            now, heads, draw.arrival, draw.stop, table.opens, table.rank, table.weight,
            table.reserve, table.priority, table.head_start, idle,
        )  # fmt: skip
        if q == NOBODY:
            return
        i = self.lines[q].pop(0)
        since = np.array([agents[0][0] if agents else 0 for agents in self.idle], np.int64)
        waited = now - int(draw.arrival[i])
        g = rules.choose_group(q, waited, table.opens, table.preference, table.reserve, idle, since)
        _, index = self.idle[g].pop(0)
        agent = None if index == NOBODY else self.agents[index]
        if agent is None:
            self.busy[g] += 1
        else:
            agent.busy = True
            self.agent[i] = agent.index
        self.group[i] = g
        self.leaves(i, ANSWERED)
        self.answered[i].succeed((g, agent))
        self.ask_router()

    # ---- staffing by number: nobody is named

    def number_changes(self, k: int) -> Story:
        yield Instant(self.env, int(self.draw.staff_at[k]), AGENTS, NUMBER_CHANGES)
        g = int(self.draw.staff_group[k])
        self.on_duty[g] = int(self.draw.staff_number[k])
        self.seats_of(g)
        self.ask_router()

    def seats_of(self, g: int) -> None:
        """Bring the idle seats of a group to their number: the longest idle leaves first."""
        free = rules.idle_by_number(self.on_duty[g], self.busy[g])
        del self.idle[g][: max(0, len(self.idle[g]) - free)]
        while len(self.idle[g]) < free:
            self.idle[g].append((int(self.env.now), NOBODY))

    # ---- named agents

    def works(self, h: int) -> Story:
        """One stint: comes on duty, and at its end leaves or finishes the contact in hand first."""
        draw, env = self.draw, self.env
        agent = self.agents[int(draw.stint_agent[h])]
        yield Instant(env, int(draw.stint_from[h]), AGENTS, STINT_BEGINS)
        if agent.leaving != NOBODY:
            self.stint_left[agent.leaving] = env.now
            agent.leaving = NOBODY
        agent.stint = h
        agent.next_break = int(draw.break_first[h])
        self.settle(agent)
        self.ask_router()
        yield Instant(env, int(draw.stint_to[h]), AGENTS, STINT_ENDS)
        agent.stint = NOBODY
        if agent.resting != NOBODY:
            self.break_ended[agent.resting] = env.now
            agent.resting = NOBODY
        if agent.busy:
            agent.leaving = h
        else:
            self.stint_left[h] = env.now
        self.settle(agent)

    def break_due(self, b: int, h: int) -> Story:
        yield Instant(self.env, int(self.draw.break_at[b]), AGENTS, BREAK_DUE)
        agent = self.agents[int(self.draw.stint_agent[h])]
        if agent.stint == h:
            self.settle(agent)

    def rests(self, agent: Agent, b: int) -> Story:
        """A break keeps its length, unless the stint ends first."""
        ends = int(self.env.now + self.draw.break_length[b])
        yield Instant(self.env, ends, AGENTS, BREAK_ENDS)
        if agent.resting == b:
            self.break_ended[b] = self.env.now
            agent.resting = NOBODY
            self.settle(agent)
            self.ask_router()

    def settle(self, agent: Agent) -> None:
        """Work, rest or wait: what a named agent does from this instant on."""
        draw, now, g = self.draw, int(self.env.now), agent.group
        self.idle[g] = [seat for seat in self.idle[g] if seat[1] != agent.index]
        if agent.busy or agent.resting != NOBODY:
            return
        if agent.stint == NOBODY:
            if agent.leaving != NOBODY:
                self.stint_left[agent.leaving] = now
                agent.leaving = NOBODY
            return
        b = agent.next_break
        if b < draw.break_first[agent.stint + 1] and rules.rests_now(
            int(draw.break_at[b]), now, int(draw.stint_to[agent.stint])
        ):
            agent.next_break += 1
            agent.resting = b
            self.break_began[b] = now
            self.env.process(self.rests(agent, b))
            return
        self.idle[g].append((now, agent.index))
        self.idle[g].sort()

    # ---- closing

    def closes(self, k: int) -> Story:
        """Whoever still waits when a queue closes leaves."""
        yield Instant(self.env, int(self.draw.closing_at[k]), LEAVING, QUEUE_CLOSES)
        q = int(self.draw.closing_queue[k])
        if self.env.now >= self.draw.stop[q]:
            return
        for i in self.lines[q]:
            self.leaves(i, CLOSED)
            self.answered[i].succeed(None)
        self.lines[q].clear()


def _first_instant(draw: Draw) -> int:
    starts = (draw.arrival, draw.staff_at, draw.stint_from, draw.closing_at)
    return min((int(times.min()) for times in starts if times.size), default=0)


def run(draw: Draw) -> ContactLog:
    """Play one replication. The log has one row per contact, in the Draw's order."""
    centre = Centre(draw)
    centre.env.run()
    return write_log(
        draw, centre.outcome, centre.left, centre.group, centre.agent, centre.released,
        centre.finished, centre.stint_left, centre.break_began, centre.break_ended,
    )  # fmt: skip
