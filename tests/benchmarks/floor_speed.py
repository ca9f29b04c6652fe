"""How fast the whole floor is played: calls, chats and redials, and a month of calls and tickets. Figures are printed,
never asserted. Times are those of the processor, so that a busy machine tells nearly the same.

python tests/benchmarks/floor_speed.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from slasim.contactlog import ABANDONED, BLOCKED, ContactLog
from slasim.draw import NEVER, Draw
from slasim.engine import fast, reference, whole
from slasim.floor import BY_DUE, NONE, PACE_ONE, ROOM, Floor
from slasim.routing.table import RoutingTable

HOUR = 3_600_000
NOTHING = np.zeros(0, np.int64)


def arrivals(rng: np.random.Generator, count: int, until: int) -> np.ndarray:
    return np.sort(rng.integers(0, until, count))


def handled(rng: np.random.Generator, mean: int, count: int) -> np.ndarray:
    return rng.exponential(mean, count).astype(np.int64) + 1


def calls(count: int, until: int, agents: int, seed: int = 1) -> Draw:
    """Two queues of calls, the second group helps the first after 20 s; agents by number."""
    rng = np.random.default_rng(seed)
    each = count // 2
    table = RoutingTable.closed(2, 2)
    table.opens[:] = [[0, 20_000], [NEVER, 0]]
    table.rank[0, 1] = 2
    work = handled(rng, 240_000, 2 * each)
    return Draw(
        table=table,
        first=np.array([0, each, 2 * each]),
        arrival=np.concatenate([arrivals(rng, each, until), arrivals(rng, each, until)]),
        work=work,
        wrap=np.minimum(work, 30_000),
        patience=handled(rng, 120_000, 2 * each),
        leaves_as=np.full(2 * each, ABANDONED, np.int8),
        lines=np.full(2, NEVER),
        queue_limit=np.full(2, NEVER),
        closing_at=NOTHING,
        closing_queue=NOTHING,
        stop=np.full(2, NEVER),
        by_number=np.ones(2, np.int8),
        staff_at=np.full(2, -1),
        staff_group=np.arange(2),
        staff_number=np.full(2, agents),
        agent_group=NOTHING,
        stint_agent=NOTHING,
        stint_from=NOTHING,
        stint_to=NOTHING,
        break_first=np.zeros(1, np.int64),
        break_at=NOTHING,
        break_length=NOTHING,
    )


def with_another(draw: Draw, more: int, until: int, mean: int, patient: bool, seed: int) -> Draw:
    """A third queue, for a third group of nobody yet; half of the callers who are lost redial once."""
    rng = np.random.default_rng(seed)
    first = draw.contacts
    again = np.flatnonzero(rng.random(first) < 0.5)
    touches = first + more + again.size
    table = RoutingTable.closed(3, 3)
    for name in ("opens", "rank", "preference", "weight", "reserve", "speed"):
        getattr(table, name)[:2, :2] = getattr(draw.table, name)
    table.opens[2, 2] = 0
    redials = handled(rng, 240_000, again.size)
    redial_queue = (again >= draw.first[1]).astype(np.int16)
    queue = np.concatenate(
        [np.repeat(np.arange(3, dtype=np.int16), [*np.diff(draw.first), more]), redial_queue]
    )
    after_loss = np.full(touches, NONE)
    after_loss[again] = first + more + np.arange(again.size)
    floor = replace(
        Floor.plain(table, np.array([0, touches]), 0),
        contact=np.concatenate([np.arange(first + more), again]),
        touch=(np.arange(touches) >= first + more).astype(np.int16),
        purpose=(np.arange(touches) >= first + more).astype(np.int8),
        queue=queue,
        line=queue.astype(np.int64),
        after_loss=after_loss,
        loss_mask=np.where(after_loss != NONE, 1 << ABANDONED | 1 << BLOCKED, 0),
        line_queue=np.arange(3),
        line_channel=np.array([0, 0, 1]),
    )
    waits = handled(rng, 100_000, more) if patient else np.full(more, NEVER)
    return replace(
        draw,
        table=table,
        first=np.array([*draw.first, first + more]),
        arrival=np.concatenate(
            [draw.arrival, arrivals(rng, more, until), handled(rng, 300_000, again.size)]
        ),
        work=np.concatenate([draw.work, handled(rng, mean, more), redials]),
        wrap=np.concatenate([draw.wrap, np.zeros(more, np.int64), np.minimum(redials, 30_000)]),
        patience=np.concatenate([draw.patience, waits, handled(rng, 120_000, again.size)]),
        leaves_as=np.full(touches, ABANDONED, np.int8),
        lines=np.full(3, NEVER),
        queue_limit=np.full(3, NEVER),
        stop=np.full(3, NEVER),
        by_number=np.ones(3, np.int8),
        staff_at=np.full(3, -1),
        staff_group=np.arange(3),
        staff_number=np.array([*draw.staff_number, 0]),
        floor=floor,
    )


def calls_chats_redials(count: int) -> Draw:
    """Six contacts of ten are calls, three chats (three at once, slower the more), the others redials."""
    until = int(count * 0.3 * 240_000 / 25 / 0.95)
    draw = with_another(
        calls(int(count * 0.6), until, 25), int(count * 0.3), until, 400_000, True, 2
    )
    assert draw.floor is not None
    load, pace = draw.floor.load.copy(), np.full((3, 4), PACE_ONE)
    load[2, 2] = ROOM // 3
    pace[2] = [PACE_ONE, PACE_ONE, 769_231, 588_235]
    floor = replace(draw.floor, load=load, pace=pace, shares=np.array([0, 0, 1], np.int8))
    seats = int(count * 0.3 * 400_000 / until / (3 * 0.588) / 0.85) + 2
    return replace(draw, staff_number=np.array([25, 25, seats]), floor=floor)


def month(call_count: int = 200_000, tickets: int = 10_000) -> Draw:
    """Tickets of office hours behind calls: due times order them, the callers' agents take them when idle, and a call
    interrupts them."""
    until = 30 * 24 * HOUR
    agents = int(call_count * 0.5 * 240_000 / until / 0.9) + 1
    draw = with_another(calls(call_count, until, agents), tickets, until, 900_000, False, 3)
    assert draw.floor is not None
    draw.table.opens[2, :] = 0
    draw.table.priority[2] = 9
    touches = draw.contacts
    ticket = draw.floor.queue == 2
    days = np.arange(60) * 24 * HOUR
    preempt = np.zeros((3, 3), np.int8)
    preempt[2] = 1
    floor = replace(
        draw.floor,
        order=np.array([0, 0, BY_DUE], np.int8),
        preempt=preempt,
        reply_target=np.where(ticket, 4 * HOUR, NEVER),
        solve_target=np.where(ticket, 24 * HOUR, NEVER),
        window_first=np.array([0, 60]),
        window_open=days + 9 * HOUR,
        window_close=days + 17 * HOUR,
        window_before=np.arange(60) * 8 * HOUR,
        looks=days + 9 * HOUR,
        plan=np.where(ticket, 0, NONE),
        plan_first=np.array([0, 1]),
        step_clock=np.zeros(1, np.int8),
        step_offset=np.array([-HOUR]),
        step_business=np.ones(1, np.int8),
        step_to=np.array([[0, 1, 2]]),
    )
    assert touches == floor.contact.size
    return replace(draw, floor=floor)


def seconds(run: Callable[[Draw], ContactLog], draw: Draw, times: int = 7) -> tuple[float, int]:
    """Median seconds of a replication, and its rows."""
    took = []
    rows = len(run(draw))
    for _ in range(times):
        start = process_time()
        run(draw)
        took.append(process_time() - start)
    return median(took), rows


def tell(what: str, took: float, rows: int) -> None:
    print(f"{what:<58}{rows:>9,} rows {1e3 * took:>9.1f} ms {rows / took / 1e6:>7.2f} M/s")


def main() -> None:
    count = 200_000
    lean = calls(count, int(count / 2 * 240_000 / 25 / 0.95), 25)
    mixed = calls_chats_redials(count)
    voice, rows = seconds(fast.run, lean)
    tell("calls, lean loop", voice, rows)
    same, rows = seconds(whole.run, lean)
    tell("calls, whole floor", same, rows)
    mix, mix_rows = seconds(whole.run, mixed)
    tell("calls, chats and redials, whole floor", mix, mix_rows)
    print(f"  of the lean loop's rate on calls: {mix_rows / mix / (rows / voice):.2f}")
    few = calls_chats_redials(6_000)
    simpy, simpy_rows = seconds(reference.run, few, 1)
    tell("the same, fewer, as SimPy processes", simpy, simpy_rows)
    print(f"  times the readable engine: {mix_rows / mix / (simpy_rows / simpy):.0f}")
    tickets, rows = seconds(whole.run, month())
    tell("a month: 200,000 calls, 10,000 tickets, interruptions", tickets, rows)


if __name__ == "__main__":
    main()
