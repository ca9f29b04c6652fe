"""Draws of the whole operation: short stories to be told, and days made up by chance that mix every feature.

Times of a made-up day are multiples of ``grid``; on a coarse grid nearly everything is a tie.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALL_BACK,
    CALLED_BACK,
    CLOSED,
    FIRST,
    MESSAGE,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    VOICEMAIL,
    ContactLog,
)  # fmt: skip
from slasim.draw import NEVER, Draw
from slasim.floor import BY_WAIT, NONE, PACE_ONE, ROOM, Floor
from slasim.routing.table import SPEED_ONE, RoutingTable

LOST = sum(1 << outcome for outcome in (ABANDONED, BLOCKED, CLOSED, VOICEMAIL, CALL_BACK))
TOUCH_COLUMNS = (
    "contact", "touch", "purpose", "queue", "line", "credit", "after_answer", "after_loss", "after_late", "loss_mask",
    "late_after", "keeps_owner", "greeting", "reply_target", "reply_calendar", "solve_target", "solve_calendar",
    "solve_pauses", "plan",
)  # fmt: skip


@dataclass(frozen=True)
class Follow:
    """A touch that follows touch ``of`` after its ``answer``, its ``loss`` or a ``late`` answer."""

    of: int
    after: str = "answer"
    delay: int = 0
    work: int = 60
    wrap: int = 0
    patience: int = NEVER
    columns: dict[str, int] = field(default_factory=dict)


def one_floor(
    arrivals: list[list[int]] | list[int],
    work: list[int] | int = 60,
    *,
    opens: list[list[int]] | None = None,
    agents: list[int] | int | None = 1,
    stints: list[tuple[int, int, int, int, list[tuple[int, int]]]] = [],  # noqa: B006
    changes: list[tuple[int, int, int]] = [],  # noqa: B006
    wrap: int = 0,
    patience: list[int] | int = NEVER,
    lines: int = NEVER,
    queue_limit: int = NEVER,
    closings: list[tuple[int, int]] = [],  # noqa: B006
    stop: int = 10**9,
    follow: list[Follow] = [],  # noqa: B006
    windows: list[list[tuple[int, int]]] = [],  # noqa: B006
    plan: list[tuple[int, int, int, list[int]]] = [],  # noqa: B006
    table: dict[str, Any] = {},  # noqa: B006
    touches: dict[str, Any] = {},  # noqa: B006
    **floor: Any,
) -> Draw:
    """A story. ``arrivals`` queue by queue; ``opens`` (lines, groups); line r is queue r's, or ``line_queue``'s.

    ``agents`` by number per group, changed by ``changes`` (at, group, number), or named agents through ``stints``
    (agent, group, from, to, [(break at, length)]) where ``agents`` is None. ``touches`` are columns of first touches
    (a number for all), ``follow`` the others, ``windows`` those of each calendar, ``plan`` the (clock, offset,
    business, line to go to from each line) of plan 0; everything else is a column of the floor or of the routing table.
    """
    nested = bool(arrivals) and isinstance(arrivals[0], list)
    by_queue: list[list[int]] = arrivals if nested else [arrivals]  # type: ignore[assignment,list-item]
    queues = len(by_queue)
    opens = opens or [[0] for _ in by_queue]
    rows, groups = len(opens), len(opens[0])
    routing = RoutingTable.closed(rows, groups)
    routing.opens[:] = opens
    for name, value in table.items():
        getattr(routing, name)[:] = value
    first = np.cumsum([0, *(len(each) for each in by_queue)])
    n = int(first[-1])
    total = n + len(follow)

    def column(value: Any, own: list[int]) -> np.ndarray:
        return np.concatenate([np.broadcast_to(np.array(value, np.int64), n), own]).astype(np.int64)

    plain = Floor.plain(routing, first, 1 + max((s[0] for s in stints), default=-1))
    columns: dict[str, Any] = {}
    for name in TOUCH_COLUMNS:
        before = getattr(plain, name)
        start = touches.get(name, before)
        usual = {"loss_mask": 0, "late_after": NEVER, "reply_target": NEVER, "solve_target": NEVER}
        none = NONE if name in ("after_answer", "after_loss", "after_late", "plan") else 0
        own = [each.columns.get(name, usual.get(name, none)) for each in follow]
        columns[name] = column(start, own).astype(before.dtype)
    for j, each in enumerate(follow):
        columns[f"after_{each.after}"][each.of] = n + j
        columns["contact"][n + j] = columns["contact"][each.of]
        columns["touch"][n + j] = columns["touch"][each.of] + 1
        if each.after == "loss" and "loss_mask" not in touches:
            columns["loss_mask"][each.of] = LOST
        for name in ("queue", "line"):
            if name not in each.columns:
                columns[name][n + j] = columns[name][each.of]
    spans = [span for windows_of in windows for span in windows_of]
    before_it = [
        sum(b - a for a, b in windows_of[:k])
        for windows_of in windows
        for k in range(len(windows_of))
    ]
    columns |= {
        "window_first": np.cumsum([0, *(len(windows_of) for windows_of in windows)]),
        "window_open": np.array([a for a, _ in spans], np.int64),
        "window_close": np.array([b for _, b in spans], np.int64),
        "window_before": np.array(before_it, np.int64),
        "looks": np.unique([a for a, _ in spans]).astype(np.int64),
        "plan_first": np.array([0, len(plan)] if plan else [0]),
        "step_clock": np.array([s[0] for s in plan], np.int8),
        "step_offset": np.array([s[1] for s in plan], np.int64),
        "step_business": np.array([s[2] for s in plan], np.int8),
        "step_to": np.array([s[3] for s in plan], np.int64).reshape(-1, rows),
    }
    for name, value in floor.items():
        usual_column = getattr(plain, name)
        if name == "pace":
            columns[name] = np.array(value, np.int64).reshape(groups, -1)
        else:
            columns[name] = np.broadcast_to(
                np.array(value, usual_column.dtype), usual_column.shape
            ).copy()
    numbers: list[tuple[int, int, int]] = []
    if agents is not None:
        each_group = [agents] if isinstance(agents, int) else agents
        numbers = sorted([*((-(10**6), g, k) for g, k in enumerate(each_group)), *changes])
    breaks = [pause for stint in stints for pause in stint[4]]
    agent_group = [0] * (1 + max((s[0] for s in stints), default=-1))
    for agent, g, *_ in stints:
        agent_group[agent] = g
    return Draw(
        table=routing,
        first=first,
        arrival=column([t for each in by_queue for t in each], [each.delay for each in follow]),
        work=column(work, [each.work for each in follow]),
        wrap=column(wrap, [each.wrap for each in follow]),
        patience=column(patience, [each.patience for each in follow]),
        leaves_as=np.full(total, ABANDONED, np.int8),
        lines=np.full(queues, lines),
        queue_limit=np.full(queues, queue_limit),
        closing_at=np.array([at for at, _ in closings], np.int64),
        closing_queue=np.array([q for _, q in closings], np.int64),
        stop=np.full(queues, stop),
        by_number=np.full(groups, int(agents is not None), np.int8),
        staff_at=np.array([at for at, _, _ in numbers], np.int64),
        staff_group=np.array([g for _, g, _ in numbers], np.int64),
        staff_number=np.array([k for _, _, k in numbers], np.int64),
        agent_group=np.array(agent_group, np.int64),
        stint_agent=np.array([s[0] for s in stints], np.int64),
        stint_from=np.array([s[2] for s in stints], np.int64),
        stint_to=np.array([s[3] for s in stints], np.int64),
        break_first=np.cumsum([0, *(len(s[4]) for s in stints)]),
        break_at=np.array([at for at, _ in breaks], np.int64),
        break_length=np.array([length for _, length in breaks], np.int64),
        floor=replace(plain, **columns),
    )


def plain_floor(draw: Draw) -> Draw:
    """A lean draw told with the Floor that adds nothing."""
    return replace(draw, floor=Floor.plain(draw.table, draw.first, int(draw.agent_group.size)))


def without_more(draw: Draw) -> Draw:
    """The same day of calls, chats and what follows them only: no clock, timer, owner, limit or interruption."""
    floor = draw.floor
    assert floor is not None
    plain = {
        "plan": NONE, "keeps_owner": 0, "reply_target": NEVER, "solve_target": NEVER, "preempt": 0, "stands_in": NONE,
        "hours": NONE, "most_busy": NEVER, "after_late": NONE,
    }  # fmt: skip
    columns = {name: np.full_like(getattr(floor, name), value) for name, value in plain.items()}
    table = replace(draw.table, opens=np.where(draw.table.opens < NEVER, 0, NEVER))
    return replace(
        draw,
        table=table,
        lines=np.full_like(draw.lines, NEVER),
        queue_limit=np.full_like(draw.queue_limit, NEVER),
        floor=replace(floor, **columns),
    )


def a_floor(seed: int) -> Draw:
    """A third of the days on a coarse grid."""
    return random_floor_draw(
        seed,
        grid=(1, 100, 1)[seed % 3],
        queues=1 + seed % 4 % 3,
        groups=1 + seed // 4 % 3,
        touches=14 + seed // 12 % 14,
    )


@cache
def a_day(seed: int) -> Draw:
    """``a_floor``, made once: nobody may change it."""
    return a_floor(seed)


@cache
def logged(seed: int) -> ContactLog:
    """What the compiled engine writes of ``a_day``."""
    from slasim.engine import whole

    return whole.run(a_day(seed))


def random_floor_draw(
    seed: int,
    *,
    grid: int = 1,
    queues: int = 2,
    groups: int = 2,
    touches: int = 20,
    horizon: int = 3_000,
) -> Draw:
    """A small centre with any mixture of features; about ``touches`` touches of which half follow others."""
    made = _Made(np.random.default_rng(seed), grid, horizon)
    rng, chance, times, time = made.rng, made.chance, made.times, made.time

    # lines of queues
    line_queue = np.sort(
        np.concatenate([np.arange(queues), rng.integers(0, queues, int(rng.integers(0, 4)))])
    )
    rows = line_queue.size
    shape = rows, groups
    table = RoutingTable.closed(rows, groups)
    skilled = rng.random(shape) < 0.75
    skilled[rng.integers(0, rows), :] = True
    late = np.where(rng.random(shape) < 0.6, 0, 1) * times(0, 700, rows * groups).reshape(shape)
    table.opens[skilled] = late[skilled]
    table.rank[:] = rng.integers(1, 4, shape) if chance(0.7) else 1
    table.preference[:] = rng.integers(1, 4, shape) if chance(0.6) else 1
    table.weight[:] = rng.integers(1, 4, shape) if chance(0.3) else 1
    table.reserve[:] = rng.integers(0, 2, shape) if chance(0.3) else 0
    if chance(0.5):
        speeds = (
            [SPEED_ONE, 2 * SPEED_ONE, SPEED_ONE // 2]
            if grid > 1
            else [700_000, 1_100_001, 1_333_333]
        )
        table.speed[:] = rng.choice(speeds, shape)
    table.priority[:] = rng.integers(1, 4, rows) if chance(0.7) else 5
    table.head_start[:] = times(-300, 600, rows) if chance(0.4) else 0

    urgent = chance(0.3)  # days on which much is interrupted
    if urgent:
        table.opens[skilled] = 0
        table.reserve[:] = 0
        table.priority[:] = rng.permutation(rows)

    # touches, and what follows them
    first_ones = max(queues, touches * int(rng.integers(2, 6)) // 8)
    counts = rng.multinomial(first_ones, np.full(queues, 1 / queues))
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    busy_until = horizon // int(rng.integers(1, 5))
    arrival = [int(t) for k in counts for t in np.sort(times(-500, busy_until, int(k)))]
    columns: dict[str, list[int]] = {name: [] for name in TOUCH_COLUMNS}

    lines_of = [np.flatnonzero(line_queue == q).tolist() for q in range(queues)]

    def line_of(q: int) -> int:
        return int(lines_of[q][rng.integers(len(lines_of[q]))])

    clocked, owned, aged = chance(0.6), chance(0.6), chance(0.4)
    plans = int(rng.integers(0, 3)) if chance(0.7) else 0
    solve_of: list[int] = []

    def add(contact: int, touch: int, purpose: int, q: int) -> None:
        if contact == len(solve_of):
            solve_of.append(time(0, 3_000) if clocked and chance(0.5) else NEVER)
        columns["contact"].append(contact)
        columns["touch"].append(touch)
        columns["purpose"].append(purpose)
        columns["queue"].append(q)
        columns["line"].append(line_of(q))
        credited = aged if purpose == FIRST else purpose == CALLED_BACK
        columns["credit"].append(time(0, 600) if credited else 0)
        columns["loss_mask"].append(
            LOST if chance(0.7) else int(rng.integers(0, 128)) & ~(1 << ANSWERED)
        )
        columns["late_after"].append(time(0, 500))
        columns["keeps_owner"].append(time(0, 1_500) if owned and chance(0.7) else 0)
        columns["greeting"].append(time(0, 200))
        columns["reply_target"].append(time(0, 1_500) if clocked and chance(0.7) else NEVER)
        columns["reply_calendar"].append(int(rng.integers(0, 2)))
        columns["solve_target"].append(solve_of[contact])
        columns["solve_calendar"].append(contact % 2)
        columns["solve_pauses"].append(int(chance(0.5)))
        columns["plan"].append(int(rng.integers(0, plans)) if plans and chance(0.7) else NONE)
        for follower in ("after_answer", "after_loss", "after_late"):
            columns[follower].append(NONE)

    for q in range(queues):
        for _ in range(int(counts[q])):
            add(len(solve_of), 0, FIRST, q)
    ways = {
        "after_answer": (REPLY, REOPEN, TRANSFER, TIER_2),
        "after_loss": (REDIAL, CALLED_BACK, MESSAGE),
        "after_late": (REPEAT,),
    }
    most = dict.fromkeys(range(first_ones), 0)
    parent = 0
    while parent < len(columns["contact"]) and len(columns["contact"]) < touches:
        for way, purposes in ways.items():
            if len(columns["contact"]) < touches and chance(0.7):
                contact = columns["contact"][parent]
                most[contact] += 1
                columns[way][parent] = len(columns["contact"])
                moves = chance(0.4)
                q = int(rng.integers(0, queues)) if moves else columns["queue"][parent]
                add(contact, most[contact], int(rng.choice(purposes)), q)
                delay = time(0, 800) if chance(0.7) else 0
                arrival.append(delay)
        parent += 1
    n = len(arrival)
    work = times(0, int(rng.choice([600, 1_500])), n)
    patience = np.where(rng.random(n) < 0.4, NEVER, times(0, 1_200, n))

    # groups
    shares = (rng.random(groups) < 0.6).astype(np.int8)
    load = np.full(shape, ROOM)
    load[:] = rng.choice([ROOM, ROOM // 2, ROOM // 3, ROOM // 4], shape)
    paces = [[PACE_ONE, PACE_ONE // 2, PACE_ONE // 4], [PACE_ONE] * 3]
    if grid == 1:
        paces += [[PACE_ONE, 800_000, 577_777], [999_983, 333_333, 7_001]]
    pace = np.array([[PACE_ONE, *paces[rng.integers(0, len(paces))]] for _ in range(groups)])
    others = np.array([[g for g in range(groups) if g != mine] or [NONE] for mine in range(groups)])
    backups = chance(0.4)
    stands_in = np.array(
        [
            [int(rng.choice(others[g])) if backups and chance(0.4) else NONE for g in range(groups)]
            for _ in range(rows)
        ]
    )
    hours = np.where((rng.random(shape) < 0.4) & chance(0.4), rng.integers(0, 2, shape), NONE)
    most_busy = np.where(
        (rng.random(shape) < 0.4) & chance(0.4), rng.integers(0, 11, shape) * 100_000, NEVER
    )
    calendars = [made.windows(), made.windows()]
    spans = [span for windows in calendars for span in windows]
    steps = np.cumsum([0, *rng.integers(0, 4, plans)]).astype(np.int64)
    size = int(steps[-1])
    same_queue = [np.flatnonzero(line_queue == line_queue[r]) for r in range(rows)]

    by_number, staff, agent_group, stints = made.staffing(groups)
    breaks = [pause for stint in stints for pause in stint[3]]
    speeds = [SPEED_ONE, 2 * SPEED_ONE] if grid > 1 else [SPEED_ONE, 877_777, 1_200_000]
    limited = chance(0.4)
    some = rng.random(queues) < 0.6
    closings = sorted(
        (int(t), q)
        for q in range(queues)
        if chance(0.3)
        for t in np.unique(times(0, horizon + 500, int(rng.integers(1, 3))))
    )
    plain = Floor.plain(table, first, len(agent_group))
    typed = {
        name: np.array(columns[name]).astype(getattr(plain, name).dtype) for name in TOUCH_COLUMNS
    }
    floor = replace(
        plain,
        **typed,
        line_queue=line_queue.astype(np.int64),
        line_channel=rng.integers(0, 3, rows),
        order=rng.integers(0, 3, rows).astype(np.int8)
        if chance(0.6)
        else np.full(rows, BY_WAIT, np.int8),
        slack=times(0, 400, rows),
        load=load,
        preempt=((rng.random(shape) < 0.8) & (urgent or chance(0.5))).astype(np.int8),
        stands_in=stands_in,
        hours=hours.astype(np.int64),
        most_busy=most_busy.astype(np.int64),
        pace=pace.astype(np.int64),
        switching_loss=times(0, 150, groups) if chance(0.4) else np.zeros(groups, np.int64),
        shares=shares,
        agent_speed=rng.choice(speeds, len(agent_group)).astype(np.int64),
        window_first=np.cumsum([0, *(len(windows) for windows in calendars)]).astype(np.int64),
        window_open=np.array([a for a, _ in spans], np.int64),
        window_close=np.array([b for _, b in spans], np.int64),
        window_before=np.array(
            [
                sum(b - a for a, b in windows[:k])
                for windows in calendars
                for k in range(len(windows))
            ],
            np.int64,
        ),
        looks=np.unique([a for a, _ in spans]).astype(np.int64),
        plan_first=steps,
        step_clock=rng.integers(0, 3, size).astype(np.int8),
        step_offset=times(-600, 600, size),
        step_business=rng.integers(0, 2, size).astype(np.int8),
        step_to=np.array(
            [[int(rng.choice(same_queue[r])) for r in range(rows)] for _ in range(size)], np.int64
        ).reshape(size, rows),
    )
    leaves_as = rng.choice([ABANDONED, ABANDONED, VOICEMAIL, CALL_BACK], n).astype(np.int8)
    return Draw(
        table=table,
        first=first,
        arrival=np.array(arrival, np.int64),
        work=work,
        wrap=np.minimum(work, times(0, 300, n)) * int(chance(0.6)),
        patience=patience.astype(np.int64),
        leaves_as=leaves_as,
        lines=np.where(limited & some, rng.integers(1, 5, queues), NEVER).astype(np.int64),
        queue_limit=np.where(
            limited & (rng.random(queues) < 0.6), rng.integers(0, 4, queues), NEVER
        ).astype(np.int64),
        closing_at=np.array([t for t, _ in closings], np.int64),
        closing_queue=np.array([q for _, q in closings], np.int64),
        stop=np.full(queues, horizon + (int(rng.integers(0, 2_000)) if chance(0.6) else 10**7)),
        by_number=by_number,
        staff_at=np.array([s[0] for s in staff], np.int64),
        staff_group=np.array([s[1] for s in staff], np.int64),
        staff_number=np.array([s[2] for s in staff], np.int64),
        agent_group=np.array(agent_group, np.int64),
        stint_agent=np.array([s[0] for s in stints], np.int64),
        stint_from=np.array([s[1] for s in stints], np.int64),
        stint_to=np.array([s[2] for s in stints], np.int64),
        break_first=np.cumsum([0, *(len(s[3]) for s in stints)]).astype(np.int64),
        break_at=np.array([at for at, _ in breaks], np.int64),
        break_length=np.array([length for _, length in breaks], np.int64),
        floor=floor,
    )


@dataclass(frozen=True)
class _Made:
    """Chance on a grid."""

    rng: np.random.Generator
    grid: int
    horizon: int

    def times(self, low: int, high: int, size: int) -> np.ndarray:
        drawn = self.rng.integers(low, max(low + 1, high), size)
        return np.asarray(drawn // self.grid * self.grid, np.int64)

    def time(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, max(low + 1, high))) // self.grid * self.grid

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def windows(self) -> list[tuple[int, int]]:
        """Open now and then, or all the time; some calendars end too early."""
        if self.chance(0.3):
            return [(-1_000, self.horizon * 3)]
        edges = np.unique(self.times(-800, self.horizon * 2, 2 * int(self.rng.integers(1, 5))))
        return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=False)]

    def staffing(self, groups: int) -> tuple[np.ndarray, list[Any], list[int], list[Any]]:
        """Groups by number and named agents with stints and breaks."""
        rng, times = self.rng, self.times
        by_number = (rng.random(groups) < 0.5).astype(np.int8)
        staff: list[tuple[int, int, int]] = []
        for g in np.flatnonzero(by_number):
            at = np.unique(
                np.concatenate([[-1000], times(-500, self.horizon, int(rng.integers(0, 5)))])
            )
            staff += [(int(t), int(g), int(rng.integers(0, 4))) for t in at]
        agent_group: list[int] = []
        stints: list[tuple[int, int, int, list[tuple[int, int]]]] = []
        for g in np.flatnonzero(by_number == 0):
            for _ in range(int(rng.integers(1, 4))):
                a = len(agent_group)
                agent_group.append(int(g))
                edges = np.sort(times(-800, self.horizon, 2 * int(rng.integers(1, 3))))
                for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                    if end > begin:
                        at = np.unique(times(begin, end, int(rng.integers(0, 3))))
                        rests = times(0, 500, at.size)
                        pauses = [(int(t), int(x)) for t, x in zip(at, rests, strict=True)]
                        stints.append((a, begin, end, pauses))
        return by_number, sorted(staff), agent_group, sorted(stints, key=lambda s: (s[1], s[0]))
