"""Mistakes planted in the readable engine, at least one for each feature of the whole operation, must be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from floors import a_day, logged

from slasim import elapsed
from slasim.contactlog import ANSWERED, NOBODY
from slasim.draw import NEVER, Draw
from slasim.engine import crew, hands, reference, rules, whole
from slasim.floor import NONE, PACE_ONE, ROOM
from slasim.routing.table import SPEED_ONE


def _without(rule: Callable[..., Any], *places: int, value: Any = None) -> Callable[..., Any]:
    """The rule, blind to the arguments at ``places``."""

    def blind(*args: Any) -> Any:
        return rule(*(value if k in places else each for k, each in enumerate(args)))

    return blind


class _equals_upside_down(reference.Instant):
    def __init__(self, env: Any, when: int, phase: int, part: int = 0, index: int = 0):
        super().__init__(env, when, phase, part, 1_000 - index)


def _releases_at_once(centre: reference.Centre, follower: int, i: int) -> None:
    if follower != NONE:
        centre.before[follower] = i
        centre.env.process(centre.touch(follower, int(centre.env.now)))


def _releases_after_any_loss(centre: reference.Centre, i: int, outcome: int) -> None:
    centre.outcome[i] = outcome
    centre.left[i] = centre.env.now
    centre.release(int(centre.floor.after_loss[i]), i)


def _always_late(centre: reference.Centre, i: int) -> None:
    centre.released[i] = centre.env.now
    centre.in_service[int(centre.floor.queue[i])] -= 1
    centre.release(int(centre.floor.after_answer[i]), i)
    centre.release(int(centre.floor.after_late[i]), i)


def _no_credit(centre: reference.Centre, i: int) -> None:
    right_arrives(centre, i)
    centre.since[i] = int(centre.env.now)


def _stays_silent_when_one_leaves(centre: reference.Centre, i: int) -> None:
    asked, centre.asked = centre.asked, True
    right_stops_waiting(centre, i)
    centre.asked = asked


def _steps_of_who_is_in_hand(centre: reference.Centre, i: int, step: int) -> None:
    if centre.outcome[i] == ANSWERED and i not in centre.waiting[int(centre.floor.queue[i])]:
        centre.steps.append((i, step, int(centre.env.now)))
    right_step_due(centre, i, step)


def _earlier_steps_are_forgotten(*args: Any) -> list[tuple[int, int]]:
    return [(when, step) for when, step in right_steps_due(*args) if when > args[2]]


def _available_whatever_the_break(there: crew.Crew, agent: hands.Agent, now: int) -> bool:
    if agent.named:
        return agent.stint != NOBODY and agent.resting == NOBODY
    return right_is_available(there, agent, now)


def _available_beyond_the_number(there: crew.Crew, agent: hands.Agent, now: int) -> bool:
    return right_is_available(there, agent, now) or bool(not agent.named and agent.hand)


def _never_forgets_a_channel(agent: hands.Agent, name: str, value: Any) -> None:
    if name != "last_channel" or value != NONE or not hasattr(agent, "hand"):
        object.__setattr__(agent, name, value)


def _keeps_nothing_after_an_interruption(centre: reference.Centre, i: int, owner: Any) -> None:
    if centre.outcome[i] == ANSWERED:
        centre.joins_line(i)
    else:
        right_keep(centre, i, owner)


def _only_fresh_work(left: int, speed: int, new_speed: int) -> int:
    return left + 1_000 * PACE_ONE


def _talks_after_the_talk(there: crew.Crew, now: int) -> list[hands.Handling]:
    agents = [agent for each in there.members for agent in each if there.is_available(agent, now)]
    return [handling for agent in agents for handling in agent.hand]


def _fullest_first(hand: int, since: int, other: int, other_since: int) -> bool:
    return (-hand, since) < (-other, other_since)


def _owners_at_work_only(keeps: int, arrived: int, on_stint: bool, later: int) -> bool:
    return keeps > 0 and on_stint


def _key_without_slack(order: int, since: int, due: int, head_start: int, slack: int) -> int:
    return (since - head_start, due, due)[order]


def _key_without_due(order: int, since: int, due: int, head_start: int, slack: int) -> int:
    return since - head_start


def _counts_always_paused(
    counted: int, arrived: int, released: int, now: int, lost: bool, pauses: int
) -> int:
    return counted + (0 if lost else released - arrived)


def _open_at_the_close(t: int, k: int, *windows: Any) -> bool:
    return right_is_open(t, k, *windows) or right_is_open(t - 1, k, *windows)


def _due_by_the_wall_clock(start: int, target: int, *_: Any) -> int:
    return NEVER if target >= NEVER else start + target


def _step_by_the_wall_clock(due: int, offset: int, *_: Any) -> int:
    return NEVER if due >= NEVER else due + offset


right_arrives = reference.Centre.arrives
right_stops_waiting = reference.Centre.stops_waiting
right_step_due = reference.Centre.step_due
right_steps_due = reference.steps_due
right_is_available = crew.Crew.is_available
right_keep = reference.Centre.keep
right_is_open = elapsed.is_open
PLACES = {
    "rules": rules, "elapsed": elapsed, "reference": reference, "Centre": reference.Centre, "Crew": crew.Crew,
    "Agent": hands.Agent,
}  # fmt: skip

MISTAKES: dict[str, tuple[str, Any]] = {
    # chains
    "what follows comes at once": ("Centre.release", _releases_at_once),
    "every loss is followed": ("Centre.leaves", _releases_after_any_loss),
    "every answer is late": ("Centre.customer_leaves", _always_late),
    "a call-back loses its place": ("Centre.arrives", _no_credit),
    "equals in any order": ("reference.Instant", _equals_upside_down),
    # lines
    "due times do not order": ("rules.key_of", _key_without_due),
    "slack is forgotten": ("rules.key_of", _key_without_slack),
    "no clock is a strong claim": ("rules.claim_of", lambda weight, now, key: weight * abs(now - key)),
    "nobody looks when the first of a line leaves": ("Centre.stops_waiting", _stays_silent_when_one_leaves),
    "who was interrupted counts as never answered": ("Centre.unanswered", lambda centre, q: sorted(centre.waiting[q])),
    # several in hand
    "everybody shares": ("rules.whole_loads", lambda load, shares: load),
    "nobody shares": ("rules.whole_loads", lambda load, shares: np.full_like(load, ROOM)),
    "no slow-down": ("rules.pace_with", lambda pace, g, hand: PACE_ONE),
    "the pace of one more": ("rules.pace_with", lambda pace, g, hand: pace[g, min(hand + 1, pace.shape[1] - 1)]),
    "ends round down": ("rules.work_ends", lambda now, left, pace: now + max(0, left // pace)),
    "work is not brought up to date": ("Agent.brought_to", lambda agent, now, pace: None),
    "the fullest hand takes more": ("rules.rather", _fullest_first),
    "the longest idle before the emptiest": ("rules.rather", lambda _, since, __, other_since: since < other_since),
    "breaks are taken while one takes more": ("Crew.is_available", _available_whatever_the_break),
    "seats beyond the number take more": ("Crew.is_available", _available_beyond_the_number),
    "a reserve of those with room": ("rules.may_join", _without(rules.may_join, 5, value=np.zeros((9, 9), np.int64))),
    # interruptions
    "nobody is interrupted": ("rules.may_interrupt", lambda *_: False),
    "anybody is interrupted": ("rules.may_interrupt", _without(rules.may_interrupt, 6, value=np.ones((9, 9)))),
    "after-call work is interrupted": ("Crew.talks", _talks_after_the_talk),
    "the earliest is interrupted": ("rules.rather_interrupted", lambda *a: (*a[:2], -a[2]) > (*a[4:6], -a[6])),
    "the best is interrupted": ("rules.rather_interrupted", lambda *a: a[:4] < a[4:]),
    "what was done is done again": ("rules.left_for_another", _only_fresh_work),
    "work left at another's speed": ("rules.left_for_another", lambda left, speed, new_speed: left),
    # doors
    "backups never wait": ("rules.open_to", _without(rules.open_to, 5)),
    "no hours": ("rules.open_to", _without(rules.open_to, 7)),
    "hours include the close": ("elapsed.is_open", _open_at_the_close),
    "no limit of the busy": ("rules.may_join", _without(rules.may_join, 15)),
    "on duty while resting": ("Crew.on_duty", crew.Crew.present),
    # people
    "no switching loss": ("rules.loss_by_switching", lambda last, channel, loss: 0),
    "always a switching loss": ("rules.loss_by_switching", lambda last, channel, loss: loss if last != NONE else 0),
    "channels are never forgotten": ("Agent.__setattr__", _never_forgets_a_channel),
    "agents are alike": ("rules.speed_with", lambda speed, agent_speed: speed),
    # owners
    "no owners": ("rules.waits_for_owner", lambda *_: False),
    "owners at home are not expected": ("rules.waits_for_owner", _owners_at_work_only),
    "owners for ever": ("Centre.hold_over", lambda *_: None),
    "an interruption loses the owner": ("Centre.keep", _keeps_nothing_after_an_interruption),
    # clocks
    "due times know no calendar": ("elapsed.due", _due_by_the_wall_clock),
    "offsets know no calendar": ("elapsed.due_after", _step_by_the_wall_clock),
    "the second line starts anew": ("rules.reply_due_of", lambda own, brought, purpose: own),
    "everybody inherits": ("rules.reply_due_of", lambda own, brought, purpose: min(own, brought)),
    "a solve clock never pauses": ("rules.counted_by", _without(rules.counted_by, 5, value=0)),
    "a solve clock always pauses": ("rules.counted_by", _counts_always_paused),
    "a spent target is due anew": ("rules.solve_due_of", _without(rules.solve_due_of, 3, value=NEVER)),
    # steps
    "steps move nobody": ("rules.line_after", lambda step_to, step, r: r),
    "steps before the arrival are forgotten": ("reference.steps_due", _earlier_steps_are_forgotten),
    "steps of who is in hand": ("Centre.step_due", _steps_of_who_is_in_hand),
    "steps after leaving": ("reference.TIMERS", 4.5),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted on the SimPy side, where nothing is compiled; the compiled one tells the truth."""
    place, wrong = MISTAKES[mistake]
    where, name = place.split(".")
    monkeypatch.setattr(PLACES[where], name, wrong)
    assert any(differs(seed) for seed in range(600))


def differs(seed: int) -> bool:
    return reference.run(a_day(seed)) != logged(seed)


BLIND: dict[str, int] = {
    "credit": 0, "after_answer": NONE, "after_loss": NONE, "after_late": NONE, "loss_mask": 0, "late_after": NEVER,
    "keeps_owner": 0, "greeting": 0, "reply_target": NEVER, "reply_calendar": 0, "solve_target": NEVER,
    "solve_calendar": 0, "solve_pauses": 0, "plan": NONE, "line_channel": 0, "order": 0, "slack": 0, "load": ROOM,
    "preempt": 0, "stands_in": NONE, "hours": NONE, "most_busy": NEVER, "pace": PACE_ONE, "switching_loss": 0,
    "shares": 0, "agent_speed": SPEED_ONE, "window_close": NEVER, "looks": NEVER, "step_clock": 0, "step_offset": 0,
    "step_business": 0,
}  # fmt: skip


@pytest.mark.parametrize("column", BLIND)
def test_the_compiled_engine_sees_every_column(column: str) -> None:
    """Blind to one, it tells other days; so the days made up by chance need them all."""

    def blind(draw: Draw) -> Draw:
        assert draw.floor is not None
        flat = np.full_like(getattr(draw.floor, column), BLIND[column])
        return replace(draw, floor=replace(draw.floor, **{column: flat}))

    assert any(whole.run(blind(a_day(seed))) != logged(seed) for seed in range(600))
