"""Counting logs of touches: callers, matters, several contacts in hand, interrupted work, named agents.

Logs are made up by chance, with every outcome and purpose; a slow reading, ms by ms, must say the same.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALL_BACK,
    CALLED_BACK,
    CLOSED,
    FIRST,
    NOBODY,
    NOT_YET,
    PURPOSES,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    VOICEMAIL,
    WAITING,
    ContactLog,
)
from slasim.draw import Draw
from slasim.engine import whole
from slasim.floor import NONE, ROOM, Floor
from slasim.inputs.sample import prepare
from slasim.metrics.after_service import Churn, Satisfaction
from slasim.metrics.standard import measure
from slasim.outcome.columns import BUSY, PERSON, Service
from slasim.outcome.hands import count_spells
from slasim.outcome.tally import Followed, Layout, Tally
from slasim.routing.table import NEVER, RoutingTable
from slasim.scenario import load_text
from slasim.study import measures

INTERVAL, INTERVALS = 100, 6
HORIZON = INTERVAL * INTERVALS
QUEUES, GROUPS = ("calls", "chats"), ("people", "numbers", "plain")
SHARES = np.array([1, 1, 0], np.int8)
AGENTS = 3  # named: two of people, one of plain
LIKED = Satisfaction(0.9, 0.2, 0.1, wait=(10, 50), resolution=(100, 400))
SERVICE = (
    Service(within=30, satisfaction=LIKED, churn=Churn(0.01, 20, 0.1, 0.5)),
    Service(replies=True, satisfaction=Satisfaction(1.0, 0.5, 0.0, wait=(0, 100))),
)
SL = measure("service_level", threshold=20)
BY_CALLER = measure("service_level", threshold=20, counts="callers")
NEVER_SERVED = measure("abandonment_rate", counts="callers")
HORIZONS = tuple([0] * INTERVALS)
KINDS = ("attempts_per_caller", "first_contact_resolution", "concurrency", "slot_utilisation")
FOLLOWED = tuple(
    Followed(f"{m!r}", "interval", m, QUEUES, tuple(range(INTERVALS)))
    for m in (SL, BY_CALLER, NEVER_SERVED, *map(measure, KINDS))
)
LAYOUT = Layout(
    QUEUES, GROUPS, INTERVALS, INTERVAL, wanted=(20,), followed=FOLLOWED, batches=2, whole=True, callers=True,
    agents=("Ana", "Bo", "Cem"), chats=(False, True), slots=(3, 2, 0), service=SERVICE,
)  # fmt: skip


def made_up(seed: int, contacts: int = 12) -> tuple[Draw, ContactLog, np.ndarray]:
    """A draw with chains, a log of them, and (N,) the row whose loss brought each row about, or -1."""
    rng = np.random.default_rng(seed)
    first_queue = np.sort(rng.integers(0, 2, contacts))
    arrived = [int(a) for a in rng.integers(-100, HORIZON + 100, contacts)]
    for q in range(2):  # first touches stand in order of arrival
        mine = np.flatnonzero(first_queue == q)
        for place, at in zip(mine, sorted(arrived[i] for i in mine), strict=True):
            arrived[place] = at
    touches = [
        {"contact": c, "touch": 0, "purpose": FIRST, "queue": int(first_queue[c]),
         "arrived": arrived[c], "parent": -1}
        for c in range(contacts)
    ]  # fmt: skip
    after_loss: dict[int, int] = {}
    k = 0
    while k < len(touches):
        one = touches[k]
        outcome = int(rng.choice(
            [ANSWERED, ABANDONED, BLOCKED, CLOSED, VOICEMAIL, WAITING, CALL_BACK],
            p=[0.5, 0.16, 0.08, 0.05, 0.05, 0.06, 0.1],
        ))  # fmt: skip
        wait = 0 if outcome == BLOCKED else int(rng.integers(0, 60))
        one |= {
            "outcome": outcome,
            "left": NOT_YET if outcome == WAITING else one["arrived"] + wait,
        }
        one |= {"greeted": one["left"], "begun": one["left"], "released": NOT_YET, "finished": NOT_YET,
                "group": NOBODY, "agent": NOBODY, "seat": NOBODY, "cuts": []}  # fmt: skip
        if outcome == ANSWERED:
            one["greeted"] = one["left"] + int(rng.integers(0, 15))
            at = one["left"]
            for _ in range(int(rng.integers(0, 3)) * (rng.random() < 0.4)):
                length = int(rng.integers(0, 30))
                one["cuts"].append((*agent(rng), at, at + length))
                at += length + int(rng.integers(0, 40))
            one["begun"] = at
            one["group"], one["agent"], one["seat"] = agent(rng)
            if not (one["cuts"] and rng.random() < 0.2):
                one["released"] = at + int(rng.integers(0, 80))
                one["finished"] = one["released"] + int(rng.integers(0, 20))
        depth = one["touch"]
        if depth < 3 and outcome not in (ANSWERED, WAITING, VOICEMAIL):
            chance = 1.0 if outcome == CALL_BACK else 0.5
            if rng.random() < chance:
                purpose = CALLED_BACK if outcome == CALL_BACK else REDIAL
                after_loss[k] = len(touches)
                touches.append({
                    "contact": one["contact"], "touch": depth + 1, "purpose": purpose, "queue": one["queue"],
                    "arrived": one["left"] + int(rng.integers(0, 50)) * (purpose == REDIAL), "parent": k,
                })  # fmt: skip
        if depth < 3 and one["released"] != NOT_YET and rng.random() < 0.4:
            purpose = int(rng.choice([REPEAT, TRANSFER, TIER_2, REPLY, REOPEN]))
            queue = 1 - one["queue"] if purpose in (TRANSFER, TIER_2) else one["queue"]
            touches.append({
                "contact": one["contact"], "touch": depth + 1, "purpose": purpose, "queue": queue,
                "arrived": one["released"] + int(rng.integers(0, 50)), "parent": -1,
            })  # fmt: skip
        k += 1
    return as_log(touches, after_loss, contacts, first_queue)


def agent(rng: np.random.Generator) -> tuple[int, int, int]:
    """(group, agent, seat)"""
    return [(0, 0, NOBODY), (0, 1, NOBODY), (1, NOBODY, 0), (1, NOBODY, 1), (2, 2, NOBODY)][
        int(rng.integers(0, 5))
    ]


def as_log(touches, after_loss, contacts, first_queue):
    t = len(touches) + 1  # one touch more that never comes to pass, in the middle
    gap = contacts
    place = [i + (i >= gap) for i in range(len(touches))]

    def column(name, fill):
        values = np.full(t, fill, np.int64)
        values[place] = [one[name] for one in touches]
        return values

    first = np.searchsorted(first_queue, [0, 1, 2])
    table = RoutingTable.closed(2, 3)
    floor = Floor.plain(table, np.array([0, t, t]), AGENTS)
    losses = np.full(t, NONE, np.int64)
    for k, follows in after_loss.items():
        losses[place[k]] = place[follows]
    floor = dataclasses.replace(
        floor, contact=column("contact", 0), touch=column("touch", 99).astype(np.int16),
        purpose=column("purpose", REDIAL).astype(np.int8), queue=column("queue", 0).astype(np.int16),
        after_loss=losses, loss_mask=np.full(t, 0b1111110), shares=SHARES,
        load=np.full((2, 3), ROOM // 3),
    )  # fmt: skip
    nothing = np.zeros(0, np.int64)
    stints = np.array([[0, -50, 300], [1, 0, 600], [2, 100, 700]])
    draw = Draw(
        table=table, first=first, arrival=column("arrived", 0), work=np.zeros(t, np.int64),
        wrap=np.zeros(t, np.int64), patience=np.full(t, NEVER), leaves_as=np.ones(t, np.int8),
        lines=np.full(2, NEVER), queue_limit=np.full(2, NEVER), closing_at=nothing, closing_queue=nothing,
        stop=np.array([HORIZON + 50, NEVER]), by_number=np.array([0, 1, 0], np.int8),
        staff_at=np.array([-10, 250]), staff_group=np.array([1, 1]), staff_number=np.array([2, 1]),
        agent_group=np.array([0, 0, 2]), stint_agent=stints[:, 0], stint_from=stints[:, 1],
        stint_to=stints[:, 2], break_first=np.array([0, 0, 1, 1]), break_at=np.array([200]),
        break_length=np.array([50]), floor=floor,
    )  # fmt: skip
    rows = {name: np.array([one[name] for one in touches], np.int64) for name in (
        "contact", "touch", "queue", "arrived", "outcome", "left", "group", "agent", "released", "finished",
        "purpose", "greeted", "begun", "seat")}  # fmt: skip
    cuts = sorted((cut[4], k, *cut[:4]) for k, one in enumerate(touches) for cut in one["cuts"])
    cut = np.array(cuts, np.int64).reshape(-1, 6)
    types = {"touch": np.int16, "queue": np.int16, "outcome": np.int8, "group": np.int16,
             "agent": np.int32, "purpose": np.int8, "seat": np.int32}  # fmt: skip
    log = ContactLog(
        **{name: values.astype(types.get(name, np.int64)) for name, values in rows.items()},
        queues=QUEUES, groups=GROUPS, cut_to=cut[:, 0], cut_touch=cut[:, 1], cut_group=cut[:, 2],
        cut_agent=cut[:, 3], cut_seat=cut[:, 4], cut_from=cut[:, 5],
        stint_left=np.array([340, 600, 690]), break_began=np.array([210]), break_ended=np.array([260]),
    )  # fmt: skip
    return draw, log, np.array([one["parent"] for one in touches])


def tallied(seed: int) -> tuple[Tally, Draw, ContactLog, np.ndarray]:
    draw, log, parent = made_up(seed)
    tally = Tally.empty(LAYOUT, [4])
    tally.add(draw, log, 4)
    return tally, draw, log, parent


def inside(at: int) -> bool:
    return 0 <= at < HORIZON


def known_wait(draw: Draw, log: ContactLog, n: int) -> float:
    """How long row ``n`` has waited: to the first message, to its leaving, or so far."""
    if log.outcome[n] == ANSWERED:
        return int(log.greeted[n] - log.arrived[n])
    if log.outcome[n] == WAITING:
        stop = int(draw.stop[log.queue[n]])
        return float("inf") if stop == NEVER else stop - int(log.arrived[n])
    return int(log.left[n] - log.arrived[n])


def by_threshold(rows):
    """(in time, offered) of [(outcome, wait)], by the default formula at 20 ms."""
    good = sum(outcome == ANSWERED and wait <= 20 for outcome, wait in rows)
    counted = sum(
        outcome != BLOCKED and not (outcome == WAITING and wait <= 20) for outcome, wait in rows
    )
    return good, counted


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_attempts_are_what_a_slow_reading_counts(seed):
    tally, draw, log, _ = tallied(seed)
    for q, name in enumerate(QUEUES):
        for i in range(INTERVALS):
            rows = [
                n for n in range(len(log))
                if log.queue[n] == q and log.purpose[n] != CALLED_BACK
                and inside(log.arrived[n]) and log.arrived[n] // INTERVAL == i
            ]  # fmt: skip
            counts = tally.counts_by_interval(name)
            for outcome, column in ((ANSWERED, "answered"), (CALL_BACK, "call_back"),
                                    (VOICEMAIL, "voicemail"), (BLOCKED, "blocked")):  # fmt: skip
                assert getattr(counts, column)[0, i] == sum(log.outcome[n] == outcome for n in rows)
            assert counts.handled[0, i] == sum(
                log.handled[n] for n in rows if log.outcome[n] == ANSWERED
            )
            seen = [(log.outcome[n], known_wait(draw, log, n)) for n in rows]
            assert tuple(part[0, i] for part in SL.parts(counts)) == by_threshold(seen)
        assert tally.counts(name).offered[0] == counts.offered[0].sum()
    followed = tally.by_period(f"{SL!r}", "interval")
    together = SL.parts(tally.counts_by_interval())
    assert np.array_equal(followed[0][0], together[0][0])
    assert np.array_equal(followed[1][0], together[1][0])


def occasions(draw: Draw, log: ContactLog, parent: np.ndarray) -> dict[int, list[int]]:
    """Rows by the row with which their occasion began."""
    found: dict[int, list[int]] = defaultdict(list)
    for n in range(len(log)):
        h = n
        while log.purpose[h] in (REDIAL, CALLED_BACK):
            h = int(parent[h])
        found[h].append(n)
    return found


def caller_of(draw: Draw, log: ContactLog, parent: np.ndarray, rows: list[int]):
    """(outcome, wait) of one caller."""
    for n in rows:
        if log.outcome[n] == ANSWERED:
            since = log.arrived[parent[n]] if log.purpose[n] == CALLED_BACK else log.arrived[n]
            return ANSWERED, log.greeted[n] - since
    last = max(rows, key=lambda n: (log.arrived[n], n))
    what = int(log.outcome[last])
    kept = (WAITING, VOICEMAIL, CALL_BACK)
    if what != WAITING:
        return (what if what in kept else ABANDONED), known_wait(draw, log, last)
    # a caller who still waits is known to have waited since he first came
    stop = int(draw.stop[log.queue[rows[0]]])
    return WAITING, float("inf") if stop == NEVER else stop - int(log.arrived[rows[0]])


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_callers_count_once_and_are_served_if_any_attempt_was(seed):
    tally, draw, log, parent = tallied(seed)
    seen: dict[tuple[int, int], list] = defaultdict(list)
    for head, rows in occasions(draw, log, parent).items():
        if inside(log.arrived[head]):
            place = int(log.queue[head]), int(log.arrived[head]) // INTERVAL
            seen[place].append(caller_of(draw, log, parent, rows))
    for q, name in enumerate(QUEUES):
        counts = tally.counts_by_interval(name, "callers")
        for i in range(INTERVALS):
            rows = seen[q, i]
            assert counts.offered[0, i] == len(rows)
            assert counts.blocked[0, i] == 0
            assert tuple(part[0, i] for part in BY_CALLER.parts(counts)) == by_threshold(rows)
            lost = sum(outcome == ABANDONED for outcome, _ in rows)
            served = sum(outcome == ANSWERED for outcome, _ in rows)
            assert tuple(part[0, i] for part in NEVER_SERVED.parts(counts)) == (lost, served + lost)
    for metric in (BY_CALLER, NEVER_SERVED):
        followed = tally.by_period(f"{metric!r}", "interval")
        whole = metric.parts(tally.counts_by_interval(of="callers"))
        assert np.array_equal(followed[0][0], whole[0][0])
        assert np.array_equal(followed[1][0], whole[1][0])


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_chains_are_what_a_slow_reading_counts(seed):
    tally, draw, log, parent = tallied(seed)
    chains = tally.chains_by_interval("calls")
    wanted = {name: np.zeros(INTERVALS, np.int64) for name in (
        "matters", "callers", "attempts", "promised", "called_back", "in_time", "repeats", "contacts",
        "served", "resolved", "at_first", "satisfaction_ppm", "judged", "churn_ppm", "may_leave")}  # fmt: skip

    def book(name, n, by=1):
        if log.queue[n] == 0 and inside(log.arrived[n]):
            wanted[name][log.arrived[n] // INTERVAL] += by

    for head, rows in occasions(draw, log, parent).items():
        if log.purpose[head] in (FIRST, REPEAT):
            book("callers", head)
            book("attempts", head, 1 + sum(log.purpose[n] == REDIAL for n in rows))
        else:
            book("attempts", head, sum(log.purpose[n] == REDIAL for n in rows))
    for n in range(len(log)):
        if log.outcome[n] == CALL_BACK:
            book("promised", n)
        if log.purpose[n] == CALLED_BACK and log.outcome[n] == ANSWERED:
            book("called_back", parent[n])
            book("in_time", parent[n], int(log.left[n] - log.left[parent[n]] <= 30))
        if log.purpose[n] == REPEAT:
            book("repeats", n)
    for c in np.unique(log.contact):
        rows = np.flatnonzero(log.contact == c).tolist()
        n = rows[0]
        book("matters", n)
        book(
            "contacts",
            n,
            sum(log.purpose[k] in (FIRST, REDIAL, REPEAT, REOPEN, REPLY) for k in rows),
        )
        answered = sorted(
            (k for k in rows if log.outcome[k] == ANSWERED), key=lambda k: log.left[k]
        )
        last = max(rows, key=lambda k: (log.arrived[k], k))
        is_open = any(
            log.outcome[k] == WAITING or (log.outcome[k] == ANSWERED and log.released[k] == NOT_YET) for k in rows
        )  # fmt: skip
        settled = not is_open and log.outcome[last] == ANSWERED
        own = [k for k in answered if log.purpose[k] not in (TRANSFER, TIER_2)]
        again = [k for k in own if log.purpose[k] in (REPEAT, REOPEN, REPLY)]
        book("served", n, int(bool(answered)))
        book("resolved", n, int(bool(answered) and settled))
        book("at_first", n, int(bool(answered) and settled and len(own) == 1 and not again))
        if is_open:
            continue
        book("judged", n)
        book("may_leave", n)
        if not answered:
            book("satisfaction_ppm", n, 100_000)
            book("churn_ppm", n, 500_000)
            continue
        a = answered[0]
        wait = log.greeted[a] - log.arrived[parent[a] if log.purpose[a] == CALLED_BACK else a]
        long = max(log.released[k] for k in answered) - log.arrived[n] if settled else 10**9
        book("churn_ppm", n, 100_000 if wait > 20 else 10_000)
        worst = min(sloped(int(wait), 10, 50), sloped(int(long), 100, 400))
        book("satisfaction_ppm", n, worst)
    for name, values in wanted.items():
        assert getattr(chains, name)[0].tolist() == values.tolist(), name
        assert getattr(tally.chain_counts("calls"), name)[0] == values.sum()
    for k, purpose in enumerate(PURPOSES):
        came = sum(
            log.purpose[n] == k and log.queue[n] == 0 and inside(log.arrived[n])
            for n in range(len(log))
        )
        assert tally.chain_counts("calls").touches(purpose)[0] == came


def sloped(length: int, good: int, bad: int) -> int:
    """900,000 down to 200,000 on a straight line, rounded down."""
    return 900_000 - int(np.ceil(700_000 * min(max(length - good, 0), bad - good) / (bad - good)))


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_time_in_hand_is_counted_ms_by_ms(seed):
    tally, _, log, _ = tallied(seed)
    pieces = [
        (int(log.group[n]), int(log.agent[n]), int(log.seat[n]), int(log.begun[n]), int(log.finished[n]), n, True)
        for n in range(len(log)) if log.outcome[n] == ANSWERED and log.finished[n] != NOT_YET
    ]  # fmt: skip
    pieces += [
        (int(log.cut_group[x]), int(log.cut_agent[x]), int(log.cut_seat[x]), int(log.cut_from[x]),
         int(log.cut_to[x]), int(log.cut_touch[x]), False)
        for x in range(log.cut_touch.size)
    ]  # fmt: skip
    busy: dict[tuple[int, int], int] = defaultdict(int)
    hand, chat = np.zeros((3, INTERVALS), np.int64), np.zeros((3, INTERVALS), np.int64)
    mine: dict[int, set[int]] = defaultdict(set)
    whose: dict[tuple, set[int]] = defaultdict(set)
    for g, a, seat, begin, end, n, _last in pieces:
        for ms in range(max(begin, 0), min(end, HORIZON)):
            hand[g, ms // INTERVAL] += 1
            chat[g, ms // INTERVAL] += log.queue[n] == 1
            if not SHARES[g]:
                busy[g, ms // INTERVAL] += 1
            elif ms not in whose[g, a, seat]:
                busy[g, ms // INTERVAL] += 1
                whose[g, a, seat].add(ms)
            if a >= 0:
                mine[a].add(ms)
    for g, name in enumerate(GROUPS):
        times = tally.times_by_interval(name)
        assert times.in_hand[0].tolist() == hand[g].tolist()
        assert times.chat[0].tolist() == chat[g].tolist()
        assert times.busy[0].tolist() == [busy[g, i] for i in range(INTERVALS)]
        assert times.slots[0].tolist() == (times.staffed[0] * LAYOUT.slots[g]).tolist()
        assert tally.times(name).in_hand[0] == hand[g].sum()
    people = tally.by_agent()[0]
    for a in (0, 1):
        assert people[a, 2] == len(mine[a])
    for a in range(3):
        own = [p for p in pieces if p[1] == a and inside(log.arrived[p[5]])]
        assert people[a, 0] == sum(p[6] for p in own)
        assert people[a, 1] == sum(p[4] - p[3] for p in own)
    # Ana: until 300 of a stint from -50, left at 340; Bo: 600 less a break of 50; Cem: 100 to 600 counted
    assert people[:, 3].tolist() == [300, 550, 500]
    assert people[:, 4].tolist() == [40, 0, 0]
    assert people[:, 5].tolist() == [1, 1, 1]
    assert tally.times("people").overtime[0] == 40
    for kind in ("concurrency", "slot_utilisation"):
        metric = measure(kind)
        followed = tally.by_period(f"{metric!r}", "interval")
        whole = metric.parts(tally.times_by_interval())
        assert [p[0].tolist() for p in followed] == [p[0].tolist() for p in whole]


def test_three_numbers_for_two_chats_at_once():
    """Ana has one chat from 0 to 60 and another from 30 to 90, in a stint of 300, with three slots."""
    draw, log, _ = as_log(
        [
            {"contact": c, "touch": 0, "purpose": FIRST, "queue": 1, "arrived": at, "parent": -1,
             "outcome": ANSWERED, "left": at, "greeted": at + 5, "begun": at, "released": at + 60,
             "finished": at + 60, "group": 0, "agent": 0, "seat": NOBODY, "cuts": []}
            for c, at in enumerate((0, 30))
        ],
        {}, 2, np.array([1, 1]),
    )  # fmt: skip
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    times = tally.times("people")
    assert [p[0] for p in measure("occupancy").parts(times)] == [90, 850]
    assert [p[0] for p in measure("concurrency").parts(times)] == [120, 90]
    assert [p[0] for p in measure("slot_utilisation").parts(times)] == [120, 3 * 850]
    assert tally.counts("chats").wait_answered[0] == 10  # to the first message, twice 5
    assert len({measure(kind).text for kind in ("occupancy", *KINDS[2:])}) == 3


def test_a_call_back_made_does_not_improve_the_service_level():
    """Offered once; the centre calls at once, and the caller has waited since he first came."""
    touches = [
        {"contact": 0, "touch": 0, "purpose": FIRST, "queue": 0, "arrived": 0, "parent": -1,
         "outcome": CALL_BACK, "left": 15, "greeted": 15, "begun": 15, "released": NOT_YET,
         "finished": NOT_YET, "group": NOBODY, "agent": NOBODY, "seat": NOBODY, "cuts": []},
        {"contact": 0, "touch": 1, "purpose": CALLED_BACK, "queue": 0, "arrived": 15, "parent": 0,
         "outcome": ANSWERED, "left": 40, "greeted": 40, "begun": 40, "released": 60, "finished": 70,
         "group": 2, "agent": 2, "seat": NOBODY, "cuts": []},
    ]  # fmt: skip
    draw, log, _ = as_log(touches, {0: 1}, 1, np.array([0]))
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    assert [int(p[0]) for p in SL.parts(tally.counts("calls"))] == [0, 1]
    out = measure("service_level", threshold=20, include_flow_out=False)
    assert [int(p[0]) for p in out.parts(tally.counts("calls"))] == [0, 0]
    assert [int(p[0]) for p in BY_CALLER.parts(tally.counts("calls", "callers"))] == [0, 1]
    assert [int(p[0]) for p in NEVER_SERVED.parts(tally.counts("calls", "callers"))] == [0, 1]
    assert [int(p[0]) for p in measure("call_backs_in_time").parts(tally.chain_counts())] == [1, 1]
    assert tally.times("plain").busy[0] == 30


def test_halves_and_orders_do_not_matter_and_lean_layouts_count_the_same_attempts():
    days = [made_up(seed)[:2] for seed in range(6)]
    whole = Tally.empty(LAYOUT, range(6))
    for r, (draw, log) in enumerate(days):
        whole.add(draw, log, r)
    one, other = Tally.empty(LAYOUT, [1, 4]), Tally.empty(LAYOUT, [0, 2, 3, 5])
    for r in (4, 1):
        one.add(*days[r], r)
    for r in (5, 0, 3, 2):
        other.add(*days[r], r)
    assert one.merge(other) == whole
    lean = Layout(QUEUES, GROUPS, INTERVALS, INTERVAL, wanted=(20,), batches=2)
    plain = Tally.empty(lean, range(6))
    for r, (draw, log) in enumerate(days):
        plain.add(draw, log, r)
    assert np.array_equal(plain.cells, whole.cells) and np.array_equal(plain.busy, whole.busy)
    with pytest.raises(ValueError, match="not counted"):
        plain.chain_counts()
    with pytest.raises(ValueError, match="not counted"):
        plain.counts(of="callers")


def test_a_log_of_another_draw_is_refused():
    draw, log, _ = made_up(1)
    other = made_up(2)[1]
    with pytest.raises(ValueError, match="not this draw's"):
        Tally.empty(LAYOUT, [0]).add(draw, other, 0)
    assert len(log) != len(other)


def test_calls_and_chats_of_one_desk_are_busy_time_once() -> None:
    """A call takes all the room of its agent, chats share it: the union of spells, seat by seat, ms by ms."""
    desk = load_text(
        """
        name: desk
        start: 2026-01-05
        end: 2026-01-06
        queues:
          calls: {arrivals: {per_hour: 40}, handle_time: {exponential: {mean: 300s}}}
          chats: {channel: chat, arrivals: {per_hour: 30}, handle_time: {exponential: {mean: 400s}}}
        groups:
          both: {takes: {calls: 1, chats: 1}, chat_slots: 3, chat_slowdown: [1.0, 1.3, 1.7], staffing: 8}
          phones: {takes: {calls: 1}, staffing: 1}
        metrics: {quick: {type: service_level, threshold: 20s}}
        """
    )
    layout = measures.layout(desk)
    plan, horizon = prepare(desk), layout.interval * layout.intervals
    for replication in range(3):
        draw = plan.sample(1, replication)
        log, tally = whole.run(draw), Tally.empty(layout, [replication])
        tally.add(draw, log, replication)
        spells = defaultdict(list)
        for row in np.flatnonzero(log.finished != NOT_YET):
            place = (
                int(log.group[row]),
                int(log.seat[row]) if log.group[row] == 0 else -1 - int(row),
            )
            spells[place].append((int(log.begun[row]), int(log.finished[row])))
        busy, together = np.zeros((2, layout.intervals), np.int64), 0
        for (group, _), mine in spells.items():
            until = 0
            for since, to in sorted(mine):
                together += since < until
                since, to, until = max(since, until), min(to, horizon), max(until, to)
                for i in range(since // layout.interval, -(-to // layout.interval)):
                    inside = min(to, (i + 1) * layout.interval) - max(since, i * layout.interval)
                    busy[group, i] += max(inside, 0)
        assert together > 120 and (log.queue == 0).sum() > 800
        assert np.array_equal(tally.busy.sum(axis=0), busy)
        assert tally.busy_totals[0].tolist() == busy.sum(axis=1).tolist()


@pytest.mark.parametrize("last", [4_000, 10**10])
@pytest.mark.parametrize("named", [True, False])
def test_time_busy_of_who_shares_is_the_union_be_spells_spread_or_crowded_into_a_moment(
    last: int, named: bool
) -> None:
    """With one spell far later than all others, these begin in the same slice of time."""
    rng = np.random.default_rng(last)
    begun = rng.permutation(np.append(rng.integers(-5, 4_000, 800), last)).astype(np.int64)
    n, people, intervals = begun.size, 3, 40
    interval = last // 39
    finished = begun + rng.integers(0, 30, n)
    who = rng.integers(0, people, n).astype(np.int32)
    nobody = np.full(n, -1, np.int32)
    nothing = np.zeros(0, np.int64)
    busy, busy_totals = np.zeros((2, 1, intervals), np.int64), np.zeros((3, 1), np.int64)
    own = np.zeros((2, people, PERSON), np.int64)

    def counted(room: int) -> int:
        needed: int = count_spells(
            begun, np.full(n, ANSWERED, np.int8), begun, finished, np.zeros(n, np.int16),
            who if named else nobody, nobody if named else who, np.zeros(n, np.int16),
            nothing, nothing, nothing, nothing, nothing, nothing, np.ones(1, np.int8),
            np.full((1, 1), ROOM // 3), np.zeros(1, np.int64), np.array([0 if named else people]),
            people if named else 0, np.ones(1, np.bool_), interval, 1, 2, busy, busy_totals,
            None, None, None, None, own if named else None, np.empty(room, np.int64),
        )  # fmt: skip
        return needed

    needed = counted(0)
    assert not busy.any() and counted(needed) == needed
    horizon = interval * intervals
    expected, alone = np.zeros(intervals, np.int64), []
    for one in range(people):
        until, mine = 0, 0
        for k in np.argsort(begun):
            if who[k] != one:
                continue
            since, to = max(int(begun[k]), until), min(int(finished[k]), horizon)
            until = max(until, to)
            mine += max(to - since, 0)
            for i in range(since // interval, -(-to // interval)):
                expected[i] += max(min(to, (i + 1) * interval) - max(since, i * interval), 0)
        alone.append(mine)
    assert busy[1, 0].tolist() == expected.tolist() and not busy[0].any()
    assert busy_totals[:, 0].tolist() == [0, 0, sum(alone)]
    assert own[1, :, BUSY].tolist() == (alone if named else [0] * people)
