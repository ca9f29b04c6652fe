"""Draws made up by chance, for tests that hold both engines to the same log.

Every feature an engine knows is in them; on the coarse grid nearly everything is a tie.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from slasim.contactlog import ABANDONED, VOICEMAIL
from slasim.draw import NEVER, Draw
from slasim.routing.table import SPEED_ONE, RoutingTable

NONE = np.zeros(0, np.int64)


def one_queue(
    arrivals: list[int],
    work: list[int] | int,
    *,
    agents: int | None = 1,
    patience: list[int] | int = NEVER,
    wrap: int = 0,
    changes: list[tuple[int, int]] = [],  # noqa: B006
    stints: list[tuple[int, int, int, list[tuple[int, int]]]] = [],  # noqa: B006
    lines: int = NEVER,
    queue_limit: int = NEVER,
    closings: list[int] = [],  # noqa: B006
    stop: int = 10**9,
) -> Draw:
    """One queue, one group. ``agents`` by number, changed by ``changes`` (at, number), or named agents
    through ``stints`` (agent, from, to, [(break at, length)]) when ``agents`` is None."""
    n = len(arrivals)
    table = RoutingTable.closed(1, 1)
    table.opens[0, 0] = 0
    number = [(-(10**6), agents), *changes] if agents is not None else []
    breaks = [b for stint in stints for b in stint[3]]
    return Draw(
        table=table,
        first=np.array([0, n]),
        arrival=np.array(arrivals, np.int64),
        work=np.broadcast_to(np.array(work, np.int64), n).copy(),
        wrap=np.full(n, wrap, np.int64),
        patience=np.broadcast_to(np.array(patience, np.int64), n).copy(),
        leaves_as=np.full(n, ABANDONED, np.int8),
        lines=np.array([lines]),
        queue_limit=np.array([queue_limit]),
        closing_at=np.array(closings, np.int64),
        closing_queue=np.zeros(len(closings), np.int64),
        stop=np.array([stop]),
        by_number=np.array([int(agents is not None)], np.int8),
        staff_at=np.array([at for at, _ in number], np.int64),
        staff_group=np.zeros(len(number), np.int64),
        staff_number=np.array([k for _, k in number], np.int64),
        agent_group=np.zeros(1 + max((s[0] for s in stints), default=-1), np.int64),
        stint_agent=np.array([s[0] for s in stints], np.int64),
        stint_from=np.array([s[1] for s in stints], np.int64),
        stint_to=np.array([s[2] for s in stints], np.int64),
        break_first=np.cumsum([0, *(len(s[3]) for s in stints)]),
        break_at=np.array([at for at, _ in breaks], np.int64),
        break_length=np.array([length for _, length in breaks], np.int64),
    )


def random_draw(seed: int, *, grid: int = 1, queues: int = 2, groups: int = 2,
                contacts: int = 25, horizon: int = 6_000) -> Draw:  # fmt: skip
    """A small centre with any mixture of features. Times are multiples of ``grid``."""
    rng = np.random.default_rng(seed)

    def times(low: int, high: int, size: int) -> np.ndarray:
        return np.asarray(rng.integers(low, max(low + 1, high), size) // grid * grid, np.int64)

    def chance(p: float) -> bool:
        return bool(rng.random() < p)

    counts = rng.multinomial(contacts, np.full(queues, 1 / queues))
    n = int(counts.sum())
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    arrival = np.concatenate([np.sort(times(-500, horizon, int(k))) for k in counts])
    work = times(0, 1_200, n)
    patience = np.where(rng.random(n) < 0.3, NEVER, times(0, 900, n))
    if chance(0.3):
        patience[rng.random(n) < 0.2] = 0
    leaves_as = np.where(rng.random(n) < 0.2, VOICEMAIL, ABANDONED).astype(np.int8)

    table = RoutingTable.closed(queues, groups)
    skilled = rng.random((queues, groups)) < 0.7
    delays = np.where(rng.random((queues, groups)) < 0.4, 0, 1) * times(
        0, 700, queues * groups
    ).reshape(queues, groups)
    table.opens[skilled] = delays[skilled]
    if chance(0.6):
        table.rank[:] = rng.integers(1, 4, table.rank.shape)
    table.preference[:] = rng.integers(1, 4, table.rank.shape)
    if chance(0.3):
        table.weight[:] = rng.integers(1, 4, table.rank.shape)
    if chance(0.4):
        table.reserve[:] = rng.integers(0, 2, table.rank.shape)
    if chance(0.4):
        table.speed[:] = rng.integers(7, 14, table.rank.shape) * (SPEED_ONE // 10)
    if chance(0.5):
        table.priority[:] = rng.integers(1, 3, queues)
    if chance(0.5):
        table.head_start[:] = times(-300, 600, queues)

    by_number = (rng.random(groups) < (1.0 if chance(0.2) else 0.5)).astype(np.int8)
    staff: list[tuple[int, int, int]] = []
    for g in np.flatnonzero(by_number):
        at = np.unique(np.concatenate([[-1000], times(-500, horizon, int(rng.integers(0, 5)))]))
        staff += [(int(t), int(g), int(rng.integers(0, 4))) for t in at]
    staff.sort()
    agent_group: list[int] = []
    stints: list[tuple[int, int, int, list[tuple[int, int]]]] = []
    for g in np.flatnonzero(by_number == 0):
        for _ in range(int(rng.integers(1, 4))):
            a = len(agent_group)
            agent_group.append(int(g))
            edges = np.sort(times(-800, horizon, 2 * int(rng.integers(1, 3))))
            for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                if end <= begin:
                    continue
                at = np.unique(times(begin, end, int(rng.integers(0, 4))))
                pauses = [(int(t), int(x)) for t, x in zip(at, times(0, 600, at.size), strict=True)]
                stints.append((a, begin, end, pauses))
    stints.sort(key=lambda s: (s[1], s[0]))
    breaks = [b for s in stints for b in s[3]]

    closings = sorted(
        (int(t), q)
        for q in range(queues)
        if chance(0.3)
        for t in np.unique(times(0, horizon + 500, int(rng.integers(1, 3))))
    )
    limited = chance(0.4)
    some = rng.random(queues) < 0.6
    lines = np.where(limited & some, rng.integers(1, 5, queues), NEVER)
    places = np.where(limited & (rng.random(queues) < 0.6), rng.integers(0, 4, queues), NEVER)
    return Draw(
        table=table,
        first=first,
        arrival=arrival,
        work=work,
        wrap=np.minimum(work, times(0, 400, n)),
        patience=patience,
        leaves_as=leaves_as,
        lines=lines.astype(np.int64),
        queue_limit=places.astype(np.int64),
        closing_at=np.array([t for t, _ in closings], np.int64),
        closing_queue=np.array([q for _, q in closings], np.int64),
        stop=np.full(queues, horizon + (int(rng.integers(0, 900)) if chance(0.7) else 10**7)),
        by_number=by_number,
        staff_at=np.array([s[0] for s in staff], np.int64),
        staff_group=np.array([s[1] for s in staff], np.int64),
        staff_number=np.array([s[2] for s in staff], np.int64),
        agent_group=np.array(agent_group, np.int64),
        stint_agent=np.array([s[0] for s in stints], np.int64),
        stint_from=np.array([s[1] for s in stints], np.int64),
        stint_to=np.array([s[2] for s in stints], np.int64),
        break_first=np.cumsum([0, *(len(s[3]) for s in stints)]).astype(np.int64),
        break_at=np.array([b[0] for b in breaks], np.int64),
        break_length=np.array([b[1] for b in breaks], np.int64),
    )


def but(draw: Draw, **changes: object) -> Draw:
    """The same draw with other columns."""
    return replace(draw, **changes)  # type: ignore[arg-type]
