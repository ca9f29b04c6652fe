"""The whole operation against what is known without simulating: Little's law, work, closed forms, days worked by hand.

Every centre here is the text of a scenario file and is simulated by the compiled engine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from reference_ranges import LEVEL, one_less, per_replication

import slasim as sl
from slasim.contactlog import ABANDONED, ANSWERED, FIRST, REDIAL, ContactLog
from slasim.erlang import erlang_a
from slasim.floor import PACE_ONE
from slasim.outcome.estimates import Estimate
from slasim.scenario import load_text

HOUR_MS, MINUTE_MS = 3_600_000, 60_000


def simulated(text: str, replications: int, **changes: Any) -> sl.Result:
    """At the level of the reference cases, 99.9 %; ``changes`` name settings with ``__`` for the dot."""
    scenario = load_text(text).but({key.replace("__", "."): new for key, new in changes.items()})
    return replace(sl.simulate(scenario, replications=replications, seed=2026), level=LEVEL)


def meets(found: Estimate, exact: float, half_width: float) -> None:
    """The exact value is in the range, and the range says something."""
    assert found.low is not None and found.high is not None
    assert found.low <= exact <= found.high, (found, exact)
    assert (found.high - found.low) / 2 <= half_width


# ---------------------------------------------------------------------- one log, all channels

MIXED = """
name: All channels on the same agents
start: 2026-01-05
end: 2026-01-10
interval: 1h
queues:
  calls:
    arrivals: {per_hour: 40}
    handle_time: {exponential: {mean: 200s}}
    patience: {exponential: {mean: 60s}}
    priority: 1
    counts: first_attempts
    redial: {chance: 0.6, after: {exponential: {mean: 5min}}, at_most: 4}
  chats:
    channel: chat
    arrivals: {per_hour: 30}
    handle_time: {exponential: {mean: 300s}}
    patience: {exponential: {mean: 120s}}
    priority: 2
  mails:
    channel: ticket
    arrivals: {per_hour: 10}
    handle_time: {exponential: {mean: 360s}}
    priority: 3
groups:
  all: {takes: {calls: 1, chats: 2, mails: 3}, staffing: 6, chat_slots: 3, chat_slowdown: [1.0, 1.3, 1.7]}
"""
QUEUES = ("calls", "chats", "mails")
SLOTS, AGENTS = 3, 6
ROOM = {"calls": SLOTS, "chats": 1, "mails": SLOTS}


@cache
def mixed() -> tuple[sl.Result, ContactLog]:
    result = simulated(MIXED, 2)
    return result, result.log(0)


def pieces(log: ContactLog) -> Iterator[tuple[int, int, int]]:
    """(instant, what happens, row): 0 a handling ends, 1 a contact comes, 2 leaves the line, 3 is begun."""
    taken = log.outcome == ANSWERED
    for at, what, rows in (
        (log.finished, 0, np.flatnonzero(taken)),
        (log.arrived, 1, np.arange(len(log))),
        (log.left, 2, np.arange(len(log))),
        (log.begun, 3, np.flatnonzero(taken)),
    ):
        yield from zip(at[rows].tolist(), [what] * rows.size, rows.tolist(), strict=True)


def areas(log: ContactLog, until: int) -> tuple[dict[str, int], dict[str, int], int, list[str]]:
    """ms of waiting and of contacts in hand by queue, ms of agents with work, all up to ``until``; and every instant at
    which somebody waited beside an agent who could have taken him."""
    waiting, in_hand = dict.fromkeys(QUEUES, 0), dict.fromkeys(QUEUES, 0)
    waited, handled, busy, idling = dict.fromkeys(QUEUES, 0), dict.fromkeys(QUEUES, 0), 0, []
    room = [0] * AGENTS
    before = 0
    events = sorted(pieces(log))
    for k, (at, what, row) in enumerate(events):
        step = max(min(at, until) - before, 0)
        for queue in QUEUES:
            waited[queue] += step * waiting[queue]
            handled[queue] += step * in_hand[queue]
        busy += step * sum(used > 0 for used in room)
        before = min(max(at, before), until)
        queue, seat = QUEUES[log.queue[row]], int(log.seat[row])
        if what in (1, 2):
            waiting[queue] += 1 if what == 1 else -1
        else:
            in_hand[queue] += 1 if what == 3 else -1
            room[seat] += ROOM[queue] if what == 3 else -ROOM[queue]
            assert 0 <= room[seat] <= SLOTS
        if k + 1 == len(events) or events[k + 1][0] > at:
            idling += [
                f"{at}: {waiting[queue]} {queue}, in use {room}"
                for queue in QUEUES
                if waiting[queue] and min(room) + ROOM[queue] <= SLOTS
            ]
    return waited, handled, busy, idling


def test_nobody_waits_beside_an_agent_with_room() -> None:
    _, log = mixed()
    *_, idling = areas(log, int(log.finished.max()))
    assert idling == []
    for queue in range(3):  # and there was a line in each channel
        assert (log.left - log.arrived)[log.queue == queue].sum() > HOUR_MS


@pytest.mark.parametrize("queue", QUEUES)
def test_littles_law(queue: str) -> None:
    """What stands in line on average is the rate of arrivals times their mean wait; the same in hand."""
    result, log = mixed()
    inside = (log.arrived >= 0) & (log.arrived < result.scenario.horizon)
    end = int(log.finished.max())
    waited, handled, _, _ = areas(log, end)
    late = ~inside & (log.queue == QUEUES.index(queue))  # redials after the last day
    counts = result.tally.counts(queue)
    rate = float(counts.offered[0]) / end
    mean_wait = float(counts.wait_all[0]) / float(counts.offered[0])
    outside = int((log.left - log.arrived)[late].sum())
    assert (waited[queue] - outside) / end == pytest.approx(rate * mean_wait, rel=1e-12)
    ended = float(counts.answered[0])
    mean_handled = float(counts.handled[0]) / ended
    outside = int(log.handled[late].sum())
    assert (handled[queue] - outside) / end == pytest.approx(ended / end * mean_handled, rel=1e-12)


def test_agents_time_is_counted_once() -> None:
    """Busy time, and contacts in hand, as the tally has them, are what the log shows inside the horizon."""
    result, log = mixed()
    _, handled, busy, _ = areas(log, result.scenario.horizon)
    times = result.tally.times(None)
    assert int(times.busy[0]) == busy
    assert int(times.in_hand[0]) == sum(handled.values())
    assert int(times.chat[0]) == handled["chats"] > 0
    assert busy < sum(handled.values())  # several chats at once


def test_work_that_came_is_work_that_was_done() -> None:
    """Calls and e-mails take what was drawn; of chats side by side the pace of every ms adds up to it."""
    result, log = mixed()
    draw = result.draw(0)
    assert draw.floor is not None
    place = {
        key: k
        for k, key in enumerate(
            zip(draw.floor.contact.tolist(), draw.floor.touch.tolist(), strict=True)
        )
    }
    rows = np.array(
        [place[key] for key in zip(log.contact.tolist(), log.touch.tolist(), strict=True)]
    )
    work, done = draw.work[rows], log.outcome == ANSWERED
    chats = log.queue == QUEUES.index("chats")
    assert (log.handled == work)[done & ~chats].all()
    assert (log.handled >= work)[done & chats].all()
    pace = [0] + [round(PACE_ONE / slow) for slow in (1.0, 1.3, 1.7)]
    for seat in range(AGENTS):
        own = done & chats & (log.seat == seat)
        edges = np.unique(np.concatenate([log.begun[own], log.finished[own]]))
        started = np.searchsorted(np.sort(log.begun[own]), edges, "right")
        count = started - np.searchsorted(np.sort(log.finished[own]), edges, "right")
        per_chat = np.array(pace, np.int64)[count[:-1]]
        spent = int((np.diff(edges) * per_chat * count[:-1]).sum())
        over = spent / PACE_ONE - int(work[own].sum())
        assert 0 <= over < int(own.sum())  # each ends with the first whole ms
        assert count.max() == SLOTS


def test_callers_come_again_as_often_as_was_said() -> None:
    """Every redial follows an attempt that was lost; 6 of 10 of the lost ones come again, four times at most."""
    _, log = mixed()
    calls = np.flatnonzero(log.queue == 0)
    order = calls[np.lexsort((log.touch[calls], log.contact[calls]))]
    again = np.flatnonzero(log.purpose[order] == REDIAL)
    assert (log.contact[order[again]] == log.contact[order[again - 1]]).all()
    assert (log.outcome[order[again - 1]] == ABANDONED).all()
    assert (log.arrived[order[again]] >= log.left[order[again - 1]]).all()
    assert log.touch[calls].max() <= 4
    assert (log.purpose[calls] == FIRST).sum() + again.size == calls.size
    lost = int(((log.outcome == ABANDONED) & (log.touch < 4))[calls].sum())
    assert lost > 400
    assert abs(again.size - 0.6 * lost) < 3.3 * math.sqrt(lost * 0.6 * 0.4)


# ---------------------------------------------------------------------- a ticket centre by hand

DESK = """
name: One agent over a weekend and a holiday
start: 2026-03-05
end: 2026-03-12
interval: 1h
calendars: {office: {weekly: {mon-fri: ["09:00-17:00"]}, holidays: ["2026-03-09"]}}
queues:
  mails:
    channel: ticket
    arrivals: {per_hour: 0}
    handle_time: {deterministic: 90min}
    backlog_at_start: {tickets: 20, oldest: 40h}
groups: {desk: {takes: {mails: 1}, staffing: 1, calendar: office}}
metrics: {first_reply: {type: ticket_clock, metric: first_reply, queues: mails, calendar: office, target: 20h}}
"""

BY_HAND = """
Tue 03 08:00  Thu 05 10:30  Thu 05 13:00  met
Tue 03 10:00  Thu 05 12:00  Thu 05 14:00  met
Tue 03 12:00  Thu 05 13:30  Thu 05 16:00  met
Tue 03 14:00  Thu 05 15:00  Fri 06 10:00  met
Tue 03 16:00  Thu 05 16:30  Fri 06 12:00  met
Tue 03 18:00  Thu 05 18:00  Fri 06 13:00  met
Tue 03 20:00  Fri 06 10:30  Fri 06 13:00  met
Tue 03 22:00  Fri 06 12:00  Fri 06 13:00  met
Wed 04 00:00  Fri 06 13:30  Fri 06 13:00  breached
Wed 04 02:00  Fri 06 15:00  Fri 06 13:00  breached
Wed 04 04:00  Fri 06 16:30  Fri 06 13:00  breached
Wed 04 06:00  Fri 06 18:00  Fri 06 13:00  breached
Wed 04 08:00  Tue 10 10:30  Fri 06 13:00  breached
Wed 04 10:00  Tue 10 12:00  Fri 06 14:00  breached
Wed 04 12:00  Tue 10 13:30  Fri 06 16:00  breached
Wed 04 14:00  Tue 10 15:00  Tue 10 10:00  breached
Wed 04 16:00  Tue 10 16:30  Tue 10 12:00  breached
Wed 04 18:00  Tue 10 18:00  Tue 10 13:00  breached
Wed 04 20:00  Wed 11 10:30  Tue 10 13:00  breached
Wed 04 22:00  Wed 11 12:00  Tue 10 13:00  breached
"""
"""Arrival, first reply, due, state. The twenty are two hours apart; an agent replies six times a day, the last time an
hour after closing, because what is in hand is finished. Twenty hours of office time are 8 + 8 + 4 from one opening."""


def said(instants: Any) -> list[str]:
    return [datetime.fromtimestamp(ms / 1000, UTC).strftime("%a %d %H:%M") for ms in instants]


@cache
def desk(**changes: Any) -> sl.Result:
    return simulated(DESK, 2, **changes)


def test_every_first_reply_and_its_clock() -> None:
    from slasim.sla.clocks import STATES

    result = desk()
    log, clocks = result.log(0), result.clocks(0)
    assert clocks.ticket.tolist() == list(range(20))
    assert said(clocks.stop) == said(log.released + log.start_ms)
    told = zip(
        said(log.arrived + log.start_ms), said(clocks.stop), said(clocks.due_at),
        (STATES[state] for state in clocks.state), strict=True,
    )  # fmt: skip
    assert ["  ".join(one) for one in told] == BY_HAND.strip().splitlines()


def test_backlog_by_the_day() -> None:
    deferred = desk().deferred("mails")
    found = [
        tuple(int(getattr(day, what).value) for what in ("opening", "completed", "closing"))
        for day in deferred.days
    ]
    nothing = [(8, 0, 8)] * 3  # Saturday, Sunday and the holiday
    assert found == [(20, 6, 14), (14, 6, 8), *nothing, (8, 6, 2), (2, 2, 0)]
    oldest = [day.oldest.value / HOUR_MS for day in deferred.days]
    # Of those left at midnight: Tue 20:00 on Thursday, Wed 08:00 from Friday to the holiday, Wed 20:00.
    assert oldest == [52, 64, 88, 112, 136, 148, 0]
    in_time = [day.in_time.value for day in deferred.days if day.in_time is not None]
    assert [in_time[0], in_time[1], in_time[5]] == [1, pytest.approx(5 / 12), 0]


def test_a_second_agent_halves_the_days() -> None:
    """Twelve replies on Thursday in pairs, the other eight on Friday: each of them in time."""
    result = desk(groups__desk__staffing=2)
    log, clocks = result.log(0), result.clocks(0)
    pairs = ["10:30", "12:00", "13:30", "15:00", "16:30", "18:00"]
    days = [f"Thu 05 {at}" for at in pairs] + [f"Fri 06 {at}" for at in pairs[:4]]
    assert said(log.released + log.start_ms) == [at for at in days for _ in range(2)]
    late = np.flatnonzero(clocks.stop > clocks.due_at)
    assert late.size == 0 and (clocks.state == 0).all()


# ---------------------------------------------------------------------- e-mails that never end, behind calls

RATE, HANDLE_S, PATIENCE_S, STAFF = 40, 240, 120, 4

BLENDED = f"""
name: Calls before e-mails without end
start: 2026-01-05
end: 2026-01-15
interval: 1h
drain_at_most: {{ticket: 1h}}
queues:
  calls:
    arrivals: {{per_hour: {RATE}}}
    handle_time: {{exponential: {{mean: {HANDLE_S}s}}}}
    patience: {{exponential: {{mean: {PATIENCE_S}s}}}}
    priority: 1
  mails:
    channel: ticket
    arrivals: {{per_hour: 0}}
    handle_time: {{exponential: {{mean: {HANDLE_S}s}}}}
    backlog_at_start: {{tickets: 16000}}
groups: {{all: {{takes: {{calls: 1, mails: {{rank: 2}}}}, staffing: {STAFF}}}}}
metrics:
  at_once: {{type: service_level, threshold: 0s, queues: calls}}
  soon: {{type: service_level, threshold: 20s, queues: calls}}
"""
TAKE = "groups__all__takes__mails"
RUNS = 40


def blended(**conditions: Any) -> sl.Result:
    return simulated(BLENDED, RUNS, **{TAKE: {"rank": 2, **conditions}})


def per_hour(result: sl.Result, log_of: Any) -> Estimate:
    """Contacts that ``log_of`` counts in each replication's log, by the hour of the horizon."""
    counted = np.array([log_of(result.log(r)) for r in range(result.replications)])
    return per_replication(result, counted, result.scenario.horizon / HOUR_MS)


def mails_begun(log: ContactLog, horizon: int) -> int:
    return int(((log.queue == 1) & (log.outcome == ANSWERED) & (log.left < horizon)).sum())


def kept_free(reserve: int) -> tuple[float, float, float]:
    """p_wait and p_abandon of calls, and e-mails begun in an hour, where so many agents are kept free for calls.

    At least STAFF - reserve are busy at any time, for whoever ends is replaced at once by an e-mail. What is in the
    centre besides e-mails in line is then a birth-and-death chain from that number on, both handle times being alike.
    """
    birth, service, patience = RATE / 3600, 1 / HANDLE_S, 1 / PATIENCE_S
    least, weights = STAFF - reserve, [1.0]
    for k in range(least + 1, least + 200):
        death = min(k, STAFF) * service + max(k - STAFF, 0) * patience
        weights.append(weights[-1] * birth / death)
    chances = np.array(weights) / sum(weights)
    number = np.arange(least, least + 200)
    lost = patience * float((np.maximum(number - STAFF, 0) * chances).sum())
    begun = least * service * float(chances[0])
    return float(chances[number >= STAFF].sum()), lost / birth, 3600 * begun


@pytest.mark.parametrize("reserve", [0, 1, 2])
def test_a_reserve_keeps_agents_free_for_calls(reserve: int) -> None:
    p_wait, p_abandon, begun = kept_free(reserve)
    result = blended(reserve=reserve)
    meets(one_less(result.estimate("at_once")), p_wait, 0.005) if reserve else None
    meets(result.estimate("abandonment_rate", queue="calls"), p_abandon, 0.005)
    seen = per_hour(result, lambda log: mails_begun(log, result.scenario.horizon))
    meets(seen, begun, 0.02 * begun)
    if not reserve:  # somebody is at an e-mail whenever nobody is at a call: every call waits
        assert result.estimate("at_once").value < 0.001


def test_a_reserve_costs_e_mails_and_saves_callers() -> None:
    waits, lost, begun = zip(*(kept_free(reserve) for reserve in range(3)), strict=True)
    assert waits[0] == pytest.approx(1)
    assert waits[0] > waits[1] > waits[2] and lost[0] > lost[1] > lost[2]
    assert begun[0] > begun[1] > begun[2]


def test_half_the_agents_busy_at_most_is_a_reserve_of_two_of_four() -> None:
    """`max_occupancy` looks at who is busy, `reserve` at who is idle: with a number on duty they say the same."""
    kept, most = blended(reserve=2).log(0), blended(max_occupancy=0.5).log(0)
    assert kept == most
    less = blended(max_occupancy=0.74).log(0)  # 2.96 agents are 2
    assert less == most
    one = blended(reserve=1).log(0)
    assert blended(max_occupancy=0.75).log(0) == one and one != kept


def test_interrupted_e_mails_do_not_exist_for_calls() -> None:
    """Calls then see M/M/n+M alone, and e-mails fill exactly what calls leave."""
    alone = erlang_a(RATE, HANDLE_S, STAFF, PATIENCE_S, threshold_s=20)
    result = blended(preempt=True)
    horizon = result.scenario.horizon
    meets(one_less(result.estimate("at_once")), alone.p_wait, 0.005)
    meets(result.estimate("soon"), alone.sl_offered, 0.005)
    meets(result.estimate("abandonment_rate", queue="calls"), alone.p_abandon, 0.005)
    meets(result.estimate("occupancy"), 1.0, 1e-3)
    left = STAFF * (1 - alone.occupancy) * 3600 / HANDLE_S
    ended = per_hour(
        result, lambda log: int(((log.queue == 1) & (log.finished >= 0) & (log.finished < horizon)).sum())
    )  # fmt: skip
    meets(ended, left, 0.02 * left)


# ---------------------------------------------------------------------- another channel takes a moment

CALL_S, MAIL_S, LOSS_S = 120, 300, 45

ALTERNATING = f"""
name: One agent between calls and e-mails
start: 2026-01-05
end: 2026-01-15
interval: 1h
drain_at_most: {{ticket: 1h}}
queues:
  calls: {{arrivals: {{per_hour: 8}}, handle_time: {{deterministic: {CALL_S}s}}, priority: 1}}
  mails:
    channel: ticket
    arrivals: {{per_hour: 0}}
    handle_time: {{deterministic: {MAIL_S}s}}
    backlog_at_start: {{tickets: 3000}}
groups: {{one: {{takes: {{calls: 1, mails: 2}}, staffing: 1, switching_loss: {LOSS_S}s}}}}
"""


def test_every_change_of_channel_costs_its_moment() -> None:
    """Never idle, the agent's time is the calls', the e-mails', and one loss for each change between them."""
    log = simulated(ALTERNATING, 2).log(0)
    taken = np.flatnonzero(log.finished > 0)
    order = taken[np.argsort(log.begun[taken])]
    assert (log.begun[order[1:]] == log.finished[order[:-1]]).all()
    changes = np.concatenate(([0], np.diff(log.queue[order]) != 0))
    base = np.where(log.queue[order] == 0, CALL_S, MAIL_S)
    assert (log.handled[order] == 1000 * (base + LOSS_S * changes)).all()
    assert changes.sum() > 1000


@pytest.mark.parametrize("loss_s", [0, LOSS_S, 120])
def test_e_mails_between_calls_in_an_hour(loss_s: int) -> None:
    """By renewal: a run of e-mails ends with the first in which a call comes, then calls until none waits.

    The first e-mail of a run and the first call of a run are longer by the loss.
    """
    call_rate = 8 / 3600
    first, later = (math.exp(-call_rate * s) for s in (MAIL_S + loss_s, MAIL_S))
    mails = 1 + first / (1 - later)
    cycle_s = (2 * loss_s + MAIL_S * mails) / (1 - CALL_S * call_rate)
    exact = 3600 * mails / cycle_s
    result = simulated(ALTERNATING, RUNS, groups__one__switching_loss=f"{loss_s}s")
    seen = per_hour(result, lambda log: mails_begun(log, result.scenario.horizon))
    meets(seen, exact, 0.01 * exact)
    if loss_s == 0:
        assert exact == pytest.approx((1 - 8 * CALL_S / 3600) * 3600 / MAIL_S)
