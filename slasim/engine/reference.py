"""The centre told as SimPy processes: a touch of a contact, a stint, the router.

To be read, stepped through and extended; the compiled engines must write the same log. It draws nothing and counts
nothing. Every event is an ``Instant``: a time and a phase of ``rules``' order; SimPy serves equal times by
phase, and its own messages (a process starting, an event succeeding) before any phase.

Every Draw is told the same way: one without a Floor has the plain one. What the phases leave open:

- What arrives in one instant arrives by touch index, follow-ups released in that very instant included; work ends by
  touch index, too. What was lost leaves one at a time, a queue that closes sends all away at once; after each the
  instant starts over, so that a redial without delay arrives before the next one leaves.
- Who was answered once is never lost, even while interrupted. From ``stop`` on nobody of the queue is taken, runs out
  of patience or is sent away by a closing; steps of plans go on.
- The router looks again whenever a join may have become possible, also when somebody leaves a line: where due times
  order it, the next may have waited longer. Looking more often changes nothing.
- A break that is due waits until nothing is in hand. A step is taken only of a touch that waits at that instant.
- A touch kept for its owner stands in no line; when the keeping ends in the instant in which the owner becomes
  free, it has joined its line before.
- The solve clock is handed from a touch to the one it releases: two that follow one touch each have their own.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from slasim.contactlog import ANSWERED, BLOCKED, CLOSED, NOT_YET, WAITING, ContactLog
from slasim.draw import NEVER, Draw
from slasim.engine import rules
from slasim.engine.crew import Crew
from slasim.engine.due_times import Before, DueTimes, due_times, steps_due
from slasim.engine.hands import Agent, Handling
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
from slasim.engine.writing import write_touches
from slasim.floor import NONE, PACE_ONE, Floor

Story = Generator[simpy.Event, Any, None]


class Instant(simpy.Event):
    """Happens at a time, in a phase of that time; equals by ``index``."""

    def __init__(self, env: Any, when: int, phase: int, part: int = 0, index: int = 0):
        super().__init__(env)
        self._ok = True
        self._value = None
        after_simpys_own = (10 * (phase + 1) + part) * (1 << 32) + index
        env.schedule(self, after_simpys_own, when - env.now)


class Centre:
    """One replication of a centre, alive."""

    def __init__(self, draw: Draw):
        self.draw = draw
        self.floor = floor = draw.floor or Floor.plain(
            draw.table, draw.first, int(draw.agent_group.size)
        )
        self.env: Any = simpy.Environment(initial_time=_first_instant(draw))
        self.crew = Crew(draw, floor)
        self.asked = False
        # touches
        n = draw.contacts
        self.line = [int(r) for r in floor.line]
        self.since = [0] * n
        self.key = [0] * n
        self.due: dict[int, DueTimes] = {}
        self.before: dict[int, int] = {}
        self.taken: dict[int, simpy.Event] = {}
        self.handling: dict[int, Handling] = {}
        self.hand_changes: dict[int, simpy.Event] = {}
        # where they wait: in a line by (key, touch), or kept for an agent until an instant
        self.lines: list[list[tuple[int, int]]] = [[] for _ in range(floor.line_queue.size)]
        self.kept: dict[int, tuple[Agent, int]] = {}
        self.waiting: list[list[int]] = [[] for _ in range(draw.queues)]
        self.in_service = [0] * draw.queues
        # the log
        self.arrived = np.full(n, NOT_YET, np.int64)
        self.outcome = np.full(n, WAITING, np.int8)
        self.left = np.full(n, NOT_YET, np.int64)
        self.group = np.full(n, NOBODY, np.int16)
        self.agent = np.full(n, NOBODY, np.int32)
        self.seat = np.full(n, NOBODY, np.int32)
        self.begun = np.full(n, NOT_YET, np.int64)
        self.released = np.full(n, NOT_YET, np.int64)
        self.finished = np.full(n, NOT_YET, np.int64)
        self.cuts: list[tuple[int, int, int, int, int, int]] = []
        self.steps: list[tuple[int, int, int]] = []
        self.stint_left = np.full(draw.stint_to.size, NOT_YET, np.int64)
        self.break_began = np.full(draw.break_at.size, NOT_YET, np.int64)
        self.break_ended = np.full(draw.break_at.size, NOT_YET, np.int64)
        self._begin()

    def _begin(self) -> None:
        draw, env = self.draw, self.env
        for i in range(int(draw.first[-1])):
            env.process(self.touch(i, int(draw.arrival[i])))
        for k in range(draw.staff_at.size):
            env.process(self.number_changes(k))
        for h in range(draw.stint_to.size):
            env.process(self.works(h))
            for b in range(int(draw.break_first[h]), int(draw.break_first[h + 1])):
                env.process(self.break_due(b, h))
        for k in range(draw.closing_at.size):
            env.process(self.closes(k))
        for at in self.floor.looks[self.floor.looks >= env.now]:
            self.at_a_timer(int(at), self.ask_router)

    def at_a_timer(self, when: int, what: Callable[[], None], index: int = 0) -> None:
        timer = Instant(self.env, when, TIMERS, index=index)
        timer.callbacks.append(lambda _: what())

    # ---- a touch of a contact

    def touch(self, i: int, when: int) -> Story:
        """Arrives, waits until taken or out of patience, is handled; waits again if it is interrupted."""
        draw, env = self.draw, self.env
        yield Instant(env, when, ARRIVALS, index=i)
        q = int(self.floor.queue[i])
        self.arrives(i)
        if self.in_service[q] + len(self.waiting[q]) >= draw.lines[q]:
            self.leaves(i, BLOCKED)
            return
        self.starts_to_wait(i, q)
        waits = [self.taken[i]]
        if draw.patience[i] < NEVER:
            gives_up = int(env.now + draw.patience[i])
            waits.append(Instant(env, gives_up, LEAVING, PATIENCE_ENDS, i))
        yield env.any_of(waits)
        if not self.taken[i].triggered:
            if env.now >= draw.stop[q]:
                return
            self.stops_waiting(i)
            self.leaves(i, int(draw.leaves_as[i]))
        while self.outcome[i] == ANSWERED:
            yield from self.service(i)
            if self.finished[i] != NOT_YET:
                return
            yield self.taken[i]

    def arrives(self, i: int) -> None:
        """Its clocks start, and it brings the waiting it is credited with."""
        floor, now = self.floor, int(self.env.now)
        self.arrived[i] = now
        self.since[i] = now - int(floor.credit[i])
        before = None
        if i in self.before:
            p = self.before[i]
            lost = self.outcome[p] != ANSWERED
            before = Before(int(self.arrived[p]), int(self.released[p]), lost, self.due[p])
        self.due[i] = due_times(floor, i, now, before)

    def starts_to_wait(self, i: int, q: int) -> None:
        """In its line or for its owner; its plan and the limit of the queue are watched from here on."""
        env = self.env
        self.taken[i] = env.event()
        self.waiting[q].append(i)
        if not self.waits_for_owner(i):
            self.joins_line(i)
        for when, step in steps_due(self.floor, i, int(env.now), self.due[i]):
            self.at_a_timer(when, lambda step=step: self.step_due(i, step), step)  # type: ignore[misc]
        if self.draw.queue_limit[q] < NEVER:
            self.watch_limit(q)

    def joins_line(self, i: int) -> None:
        """Its place is by key; the router looks again when a further group opens to it."""
        r, now = self.line[i], int(self.env.now)
        self.key[i] = self.key_now(i)
        insort(self.lines[r], (self.key[i], i))
        for opens in {int(ms) for ms in self.draw.table.opens[r] if ms < NEVER}:
            if self.since[i] + opens > now:
                self.at_a_timer(self.since[i] + opens, self.ask_router)
        self.ask_router()

    def key_now(self, i: int) -> int:
        """By the order of the line it stands in."""
        floor, r = self.floor, self.line[i]
        head_start, slack = int(self.draw.table.head_start[r]), int(floor.slack[r])
        due = self.due[i].first
        return rules.key_of(int(floor.order[r]), self.since[i], due, head_start, slack)

    def leaves_line(self, i: int) -> None:
        """Its line, or the agent it was kept for."""
        if i in self.kept:
            del self.kept[i]
        else:
            self.lines[self.line[i]].remove((self.key[i], i))

    def stops_waiting(self, i: int) -> None:
        """Taken or lost. Who stands behind it may have waited longer: the router looks again."""
        self.leaves_line(i)
        self.waiting[int(self.floor.queue[i])].remove(i)
        self.ask_router()

    def leaves(self, i: int, outcome: int) -> None:
        """Lost: what it does next is released."""
        self.outcome[i] = outcome
        self.left[i] = self.env.now
        if self.floor.loss_mask[i] >> outcome & 1:
            self.release(int(self.floor.after_loss[i]), i)

    def release(self, follower: int, i: int) -> None:
        """The touch that follows arrives after its delay."""
        if follower != NONE:
            self.before[follower] = i
            when = int(self.env.now + self.draw.arrival[follower])
            self.env.process(self.touch(follower, when))

    def step_due(self, i: int, step: int) -> None:
        """A step of its plan: who still waits may move to another line."""
        if i not in self.waiting[int(self.floor.queue[i])]:
            return
        self.steps.append((i, step, int(self.env.now)))
        to = int(rules.line_after(self.floor.step_to, step, self.line[i]))
        if to != self.line[i]:
            self.leaves_line(i)
            self.line[i] = to
            self.joins_line(i)

    def watch_limit(self, q: int) -> None:
        full = Instant(self.env, self.env.now, LEAVING, QUEUE_IS_FULL, q)
        full.callbacks.append(lambda _: self.block_beyond_limit(q))

    def block_beyond_limit(self, q: int) -> None:
        """Of those who have never been answered, the latest beyond the limit is blocked; then the next, if any."""
        who = self.unanswered(q)
        if len(who) > self.draw.queue_limit[q]:
            i = max(who, key=lambda i: (self.arrived[i], i))
            self.turns_away(i, BLOCKED)
            self.watch_limit(q)

    def turns_away(self, i: int, outcome: int) -> None:
        self.stops_waiting(i)
        self.leaves(i, outcome)
        self.taken[i].succeed()

    def unanswered(self, q: int) -> list[int]:
        return sorted(i for i in self.waiting[q] if self.outcome[i] == WAITING)

    # ---- owners

    def waits_for_owner(self, i: int) -> bool:
        """Kept for whom handled the touch before it, if he has the skill and is there or comes soon enough."""
        if i not in self.before or self.agent[self.before[i]] == NOBODY:
            return False
        draw, now = self.draw, int(self.env.now)
        owner = self.crew.named[self.agent[self.before[i]]]
        if draw.table.opens[self.line[i], owner.group] >= NEVER:
            return False
        later = draw.stint_from[(draw.stint_agent == owner.index) & (draw.stint_from > now)]
        coming = int(later.min()) if later.size else NEVER
        keeps = int(self.floor.keeps_owner[i])
        if not rules.waits_for_owner(keeps, now, owner.stint != NOBODY, coming):
            return False
        self.keep(i, owner)
        return True

    def keep(self, i: int, owner: Agent) -> None:
        until = int(self.env.now + self.floor.keeps_owner[i])
        self.kept[i] = owner, until
        self.key[i] = self.key_now(i)
        self.at_a_timer(until, lambda: self.hold_over(i, until))
        self.ask_router()

    def hold_over(self, i: int, until: int) -> None:
        if i in self.kept and self.kept[i][1] == until:
            del self.kept[i]
            self.joins_line(i)

    # ---- an agent handles it

    def take(self, i: int, agent: Agent) -> None:
        """An agent takes a touch that waits: first for the talk, then for what comes after the customer has gone."""
        draw, floor, now = self.draw, self.floor, int(self.env.now)
        r, g, q = self.line[i], agent.group, int(floor.queue[i])
        self.stops_waiting(i)
        self.in_service[q] += 1
        speed = self.crew.speed(agent, r)
        channel = int(floor.line_channel[r])
        loss = rules.loss_by_switching(agent.last_channel, channel, int(floor.switching_loss[g]))
        agent.last_channel = channel
        if i in self.handling:
            old = self.handling[i]
            left = rules.left_for_another(old.left, old.speed, speed)
        else:
            left = rules.talk_time(int(draw.work[i]), int(draw.wrap[i]), speed) * PACE_ONE
            self.outcome[i] = ANSWERED
            self.left[i] = now
        self.group[i], self.begun[i] = g, now
        self.agent[i], self.seat[i] = (
            (agent.index, NOBODY) if agent.named else (NOBODY, agent.index)
        )
        self.handling[i] = Handling(i, agent, speed, now, left + loss * PACE_ONE, now)
        self.before_hand_changes(agent)
        agent.takes(self.handling[i], int(self.crew.load[r, g]))
        self.hand_has_changed(agent)
        self.taken[i].succeed()

    def service(self, i: int) -> Story:
        """Ends when the agent is done, or interrupted."""
        env, handling = self.env, self.handling[i]
        while not handling.interrupted:
            pace = self.crew.pace(handling.agent)
            ends = int(rules.work_ends(int(env.now), handling.left, pace))
            changed = self.hand_changes[i] = env.event()
            yield Instant(env, ends, AGENTS, WORK_ENDS, i) | changed
            if changed.triggered:
                continue
            if handling.talking:
                self.customer_leaves(i)
                wrap = rules.handle_time(int(self.draw.wrap[i]), handling.speed)
                handling.wraps_up(int(env.now), wrap)
                if wrap:
                    continue
            self.finished[i] = env.now
            self.puts_down(handling)
            return

    def customer_leaves(self, i: int) -> None:
        """The line is free, and what follows an answer is released."""
        floor, now = self.floor, int(self.env.now)
        self.released[i] = now
        self.in_service[int(floor.queue[i])] -= 1
        self.release(int(floor.after_answer[i]), i)
        if self.left[i] - self.arrived[i] > floor.late_after[i]:
            self.release(int(floor.after_late[i]), i)

    def before_hand_changes(self, agent: Agent) -> None:
        agent.brought_to(int(self.env.now), self.crew.pace(agent))

    def hand_has_changed(self, agent: Agent) -> None:
        """What is in hand gets on at another pace from here on."""
        agent.since = int(self.env.now)
        for handling in agent.hand:
            changes = self.hand_changes.get(handling.touch)
            if changes is not None and not changes.triggered:
                changes.succeed()

    def puts_down(self, handling: Handling) -> None:
        """Finished: the agent is free for what comes next."""
        agent = handling.agent
        self.before_hand_changes(agent)
        agent.gives_up(handling)
        self.hand_has_changed(agent)
        if agent.named:
            self.settle(agent)
        elif not agent.hand:
            self.crew.is_done(agent)
        self.ask_router()

    def interrupt(self, i: int) -> None:
        """It goes back to its line, or to what is kept for this agent, with the work that is left."""
        now, handling = int(self.env.now), self.handling[i]
        agent, q = handling.agent, int(self.floor.queue[i])
        self.before_hand_changes(agent)
        agent.gives_up(handling)
        self.hand_has_changed(agent)
        handling.interrupted = True
        self.cuts.append(
            (i, agent.group, int(self.agent[i]), int(self.seat[i]), handling.begun, now)
        )
        self.in_service[q] -= 1
        self.taken[i] = self.env.event()
        self.waiting[q].append(i)
        if self.floor.keeps_owner[i] > 0 and agent.named:
            self.keep(i, agent)
        else:
            self.joins_line(i)
        self.hand_changes[i].succeed()

    # ---- the router

    def ask_router(self) -> None:
        if not self.asked:
            self.asked = True
            Instant(self.env, self.env.now, MATCHING).callbacks.append(self.match)

    def match(self, _: simpy.Event) -> None:
        """Joins one contact and one agent, and asks again until nothing more can be joined."""
        self.asked = False
        if not self.kept and not any(self.lines):
            return
        now = int(self.env.now)
        doors = self.crew.doors(now)
        i = self.next_to_join(now, doors)
        if i == NOBODY:
            i, interrupted = self.next_to_interrupt(now, doors)
            if i == NOBODY:
                return
            agent = self.handling[interrupted].agent
            self.interrupt(interrupted)
        elif i in self.kept:
            agent = self.kept[i][0]
        else:
            agent = self.crew.choose(self.line[i], now - self.since[i], now, doors)
        self.take(i, agent)
        self.ask_router()

    def next_to_join(self, now: int, doors: tuple[Any, ...]) -> int:
        table, floor = self.draw.table, self.floor
        owners = [owner for owner, _ in self.kept.values()]
        return rules.next_touch(
            now, self.heads(), [*self.kept], [owner.group for owner in owners],
            [owner.room if self.crew.is_available(owner, now) else 0 for owner in owners],
            len(owners), self.line, self.since, self.key, self.draw.stop, floor.line_queue,
            table.priority, table.rank, table.weight, *doors,
        )  # fmt: skip

    def next_to_interrupt(self, now: int, doors: tuple[Any, ...]) -> tuple[int, int]:
        table, floor = self.draw.table, self.floor
        if not floor.preempt.any():
            return NOBODY, NOBODY
        talks = self.crew.talks(now)
        opens, reserve, load, _, _, *whose = doors
        return rules.next_interruption(
            now, self.heads(), [talk.touch for talk in talks],
            [talk.agent.group for talk in talks], [talk.agent.room for talk in talks], len(talks),
            self.line, self.since, self.key, self.begun, self.draw.stop, floor.line_queue,
            table.priority, table.rank, table.weight, floor.preempt, opens, reserve, load,
            *whose[:6],
        )  # fmt: skip

    def heads(self) -> Any:
        return np.array([line[0][1] if line else NOBODY for line in self.lines], np.int64)

    # ---- staffing by number: nobody is named

    def number_changes(self, k: int) -> Story:
        yield Instant(self.env, int(self.draw.staff_at[k]), AGENTS, NUMBER_CHANGES)
        g, number = int(self.draw.staff_group[k]), int(self.draw.staff_number[k])
        self.crew.number_becomes(g, number, int(self.env.now))
        self.ask_router()

    # ---- named agents

    def works(self, h: int) -> Story:
        """One stint: comes on duty, and at its end leaves or finishes what is in hand first."""
        draw, env = self.draw, self.env
        agent = self.crew.named[int(draw.stint_agent[h])]
        yield Instant(env, int(draw.stint_from[h]), AGENTS, STINT_BEGINS)
        if agent.leaving != NOBODY:
            self.stint_left[agent.leaving] = env.now
            agent.leaving = NOBODY
        agent.stint = h
        agent.since = int(env.now)
        agent.last_channel = NONE
        agent.next_break = int(draw.break_first[h])
        self.settle(agent)
        self.ask_router()
        yield Instant(env, int(draw.stint_to[h]), AGENTS, STINT_ENDS)
        agent.stint = NOBODY
        if agent.resting != NOBODY:
            self.break_ended[agent.resting] = env.now
            agent.resting = NOBODY
        agent.leaving = h
        self.settle(agent)
        self.ask_router()

    def break_due(self, b: int, h: int) -> Story:
        yield Instant(self.env, int(self.draw.break_at[b]), AGENTS, BREAK_DUE)
        agent = self.crew.named[int(self.draw.stint_agent[h])]
        if agent.stint == h:
            self.settle(agent)

    def rests(self, agent: Agent, b: int) -> Story:
        """A break keeps its length, unless the stint ends first."""
        ends = int(self.env.now + self.draw.break_length[b])
        yield Instant(self.env, ends, AGENTS, BREAK_ENDS)
        if agent.resting == b:
            self.break_ended[b] = self.env.now
            agent.resting = NOBODY
            agent.since = int(self.env.now)
            self.settle(agent)
            self.ask_router()

    def settle(self, agent: Agent) -> None:
        """With nothing in hand: leave, rest or wait."""
        if agent.hand or agent.resting != NOBODY:
            return
        if agent.stint == NOBODY:
            if agent.leaving != NOBODY:
                self.stint_left[agent.leaving] = self.env.now
                agent.leaving = NOBODY
        elif self.crew.break_is_due(agent, int(self.env.now)):
            agent.resting = agent.next_break
            agent.next_break += 1
            self.break_began[agent.resting] = self.env.now
            self.env.process(self.rests(agent, agent.resting))

    # ---- closing

    def closes(self, k: int) -> Story:
        """Whoever still waits for a first answer when a queue closes leaves."""
        yield Instant(self.env, int(self.draw.closing_at[k]), LEAVING, QUEUE_CLOSES, k)
        q = int(self.draw.closing_queue[k])
        if self.env.now < self.draw.stop[q]:
            for i in self.unanswered(q):
                self.turns_away(i, CLOSED)


def _first_instant(draw: Draw) -> int:
    starts = (
        draw.arrival[: int(draw.first[-1])], draw.staff_at, draw.stint_from, draw.closing_at,
    )  # fmt: skip
    return min((int(times.min()) for times in starts if times.size), default=0)


def run(draw: Draw) -> ContactLog:
    """Play one replication. The log has one row per touch that arrived, in the Draw's order."""
    centre = Centre(draw)
    centre.env.run()
    return write_touches(
        draw, centre.floor, centre.arrived, centre.outcome, centre.left, centre.group,
        centre.agent, centre.seat, centre.begun, centre.released, centre.finished,
        np.array(centre.cuts, np.int64).reshape(-1, 6).T,
        np.array(centre.steps, np.int64).reshape(-1, 3).T,
        centre.stint_left, centre.break_began, centre.break_ended,
    )  # fmt: skip
