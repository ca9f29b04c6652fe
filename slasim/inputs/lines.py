"""Lines: where contacts of a queue wait that are not the same to every group, and how each line is served.

A queue is one line, unless a group takes only some of its contacts (``when``), its contacts have places of their own
(``priority_by``, a call-back's priority), or a step of a plan moves them (to a priority, to a group). The routing
policy fills its table for queues as ever; each line gets the row that the policy gives its queue under the line's
priority and with the groups that may take the line. A step to a group leaves the contact to that group alone, at once,
whether it takes the queue otherwise or not.

This file knows no scenario and no chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from slasim.arrays import Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.floor import NONE, PACE_ONE
from slasim.inputs.attributes import Classes
from slasim.inputs.promises import Step
from slasim.routing.policies import GroupFacts, QueueFacts, TakeFacts, fill, order_of
from slasim.routing.table import NEVER, RoutingTable
from slasim.sla.reminders import Move

__all__ = ["GroupRoom", "Line", "Lines", "QueueLines", "TakeConditions", "lines_of", "pace_of"]


@dataclass(frozen=True)
class TakeConditions:
    """What else stands at a group's ``takes``; ``hours`` numbers a calendar, ``stands_in`` a group."""

    preempt: bool = False
    hours: int = NONE
    stands_in: int = NONE
    most_busy: int = NEVER
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class QueueLines:
    """What decides the lines of a queue. ``load`` (G,) parts of ROOM; ``channel`` is a number."""

    channel: int
    load: tuple[int, ...]
    priority_by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    call_back_priority: int | None = None


@dataclass(frozen=True)
class GroupRoom:
    """How agents of a group work on several contacts: ``slowdown`` with 1, 2 ... in hand."""

    slots: int = 1
    slowdown: tuple[float, ...] = (1.0,)
    switching_loss: int = 0


@dataclass(frozen=True)
class Line:
    """A queue, a place in line, the groups that may take it; ``alone``: a step has left it to one group."""

    queue: int
    priority: int
    groups: tuple[int, ...]
    alone: bool = False


@dataclass(frozen=True, eq=False)
class Lines:
    """R lines as a Floor has them, and which one each contact joins.

    of            (Q, N) line of contacts of each class (N over all queues) in each queue; NONE where none ever comes
    of_call_back  (Q, N) the same for call-backs
    """

    lines: tuple[Line, ...]
    table: RoutingTable
    columns: Mapping[str, Any]
    of: Ints
    of_call_back: Ints

    def step_to(self, steps: Sequence[Step], groups: Sequence[str]) -> Ints:
        """(S, R) the line that a contact of each line moves to."""
        number = {line: r for r, line in enumerate(self.lines)}
        found = np.empty((len(steps), len(self.lines)), np.int64)
        for s, step in enumerate(steps):
            for r, line in enumerate(self.lines):
                found[s, r] = number.get(_moved(line, step.move, groups), r)
        return found


def lines_of(
    policy: str,
    settings: Mapping[str, Any],
    queues: Sequence[QueueFacts],
    groups: Sequence[GroupFacts],
    *,
    about: Sequence[QueueLines],
    takes: Sequence[Mapping[str, TakeConditions]],
    rooms: Sequence[GroupRoom],
    classes: Sequence[Classes],
    moves: Sequence[Sequence[Move]],
    origins: Sequence[frozenset[int]],
) -> Lines:
    """All lines that contacts can be in.

    ``about``, ``moves`` (what steps may do to contacts waiting there) and ``origins`` (queues whose contacts may come
    there) go by queue, ``takes`` (by name of the queue) and ``rooms`` by group, ``classes`` by the queue in which
    contacts come first. Raises InputError for a step to a group that does not exist, ValueError for settings that do
    not fit the policy.
    """
    names = [group.name for group in groups]
    _known_groups(moves, names)
    known: dict[Line, int] = {}
    shape = (len(queues), sum(one.count for one in classes))
    of, of_call_back = np.full(shape, NONE, np.int64), np.full(shape, NONE, np.int64)
    for q, queue in enumerate(queues):
        at = 0
        for origin, one in enumerate(classes):
            here = slice(at, at + one.count)
            at += one.count
            if origin not in origins[q]:
                continue
            placed = _places(q, queue, about[q], names, takes, one)
            of[q, here] = [known.setdefault(line, len(known)) for line in placed]
            back = about[q].call_back_priority
            if back is not None:
                placed = [replace(line, priority=back) for line in placed]
            of_call_back[q, here] = [known.setdefault(line, len(known)) for line in placed]
    _close(known, moves, names)
    lines = tuple(known)
    table, order, slack = _routed(policy, settings, queues, groups, lines)
    return Lines(
        lines, table, _columns(lines, order, slack, about, takes, rooms, queues), of, of_call_back
    )


def _known_groups(moves: Sequence[Sequence[Move]], names: Sequence[str]) -> None:
    wanted = {move.to_group for each in moves for move in each if move.to_group is not None}
    wrong = [
        Problem(
            f"a reminder or escalation moves contacts to {group!r}",
            did_you_mean(group, names, what="Groups"),
        )
        for group in sorted(wanted)
        if group not in names
    ]
    if wrong:
        raise InputError(wrong)


def _places(
    q: int,
    queue: QueueFacts,
    about: QueueLines,
    names: Sequence[str],
    takes: Sequence[Mapping[str, TakeConditions]],
    classes: Classes,
) -> list[Line]:
    """The line of each class of contacts in a queue."""
    may = []
    for g in range(len(names)):
        if queue.name in takes[g]:
            fits = np.ones(classes.count, np.bool_)
            for attribute, values in takes[g][queue.name].when.items():
                fits &= classes.fits(attribute, values)
            may.append((g, fits))
    priority = np.full(classes.count, NEVER, np.int64)
    for attribute, places in about.priority_by.items():
        if classes.has(attribute):
            for value, place in places.items():
                fits = classes.fits(attribute, [value])
                priority[fits] = np.minimum(priority[fits], place)
    priority[priority == NEVER] = queue.priority
    return [
        Line(q, int(priority[c]), tuple(g for g, fits in may if fits[c]))
        for c in range(classes.count)
    ]


def _moved(line: Line, move: Move, groups: Sequence[str]) -> Line:
    """Where a step takes a contact of a line."""
    if move.priority is not None:
        line = replace(line, priority=move.priority)
    if move.to_group is not None:
        line = replace(line, groups=(groups.index(move.to_group),), alone=True)
    return line


def _close(known: dict[Line, int], moves: Sequence[Sequence[Move]], names: Sequence[str]) -> None:
    """Add every line that steps lead to, and those that further steps lead to from there."""
    waiting = list(known)
    while waiting:
        line = waiting.pop()
        for move in moves[line.queue]:
            further = _moved(line, move, names)
            if further not in known:
                known[further] = len(known)
                waiting.append(further)


def _routed(
    policy: str,
    settings: Mapping[str, Any],
    queues: Sequence[QueueFacts],
    groups: Sequence[GroupFacts],
    lines: Sequence[Line],
) -> tuple[RoutingTable, Ints, Ints]:
    """The policy's table spread over lines; how each line is ordered, and the work expected there."""
    table = RoutingTable.closed(len(lines), len(groups))
    filled: dict[Line, RoutingTable] = {}
    for r, line in enumerate(lines):
        if line not in filled:
            filled[line] = fill(policy, *_facts(line, queues, groups), settings)
        found, q = filled[line], line.queue
        for name in (
            "opens",
            "rank",
            "preference",
            "weight",
            "reserve",
            "speed",
            "priority",
            "head_start",
        ):
            getattr(table, name)[r] = getattr(found, name)[q]
    order = np.array([order_of(policy, queues[line.queue]) for line in lines], np.int64)
    slack = np.array([queues[line.queue].work for line in lines], np.int64)
    return table, order, slack


def _facts(
    line: Line, queues: Sequence[QueueFacts], groups: Sequence[GroupFacts]
) -> tuple[list[QueueFacts], list[GroupFacts]]:
    """Queues and groups as the policy sees them where contacts wait in that line."""
    name = queues[line.queue].name
    seen = list(queues)
    seen[line.queue] = replace(seen[line.queue], priority=line.priority)
    taking = []
    for g, group in enumerate(groups):
        takes = {queue: take for queue, take in group.takes.items() if queue != name}
        if g in line.groups:
            take = group.takes.get(name, TakeFacts())
            takes[name] = replace(take, after=0) if line.alone else take
        taking.append(replace(group, takes=takes))
    return seen, taking


def _columns(
    lines: Sequence[Line],
    order: Ints,
    slack: Ints,
    about: Sequence[QueueLines],
    takes: Sequence[Mapping[str, TakeConditions]],
    rooms: Sequence[GroupRoom],
    queues: Sequence[QueueFacts],
) -> dict[str, Any]:
    shape = (len(lines), len(rooms))
    found: dict[str, Any] = {
        "line_queue": np.array([line.queue for line in lines], np.int64),
        "line_channel": np.array([about[line.queue].channel for line in lines], np.int64),
        "order": order.astype(np.int8),
        "slack": slack,
        "load": np.array([about[line.queue].load for line in lines], np.int64).reshape(shape),
        "preempt": np.zeros(shape, np.int8),
        "stands_in": np.full(shape, NONE, np.int64),
        "hours": np.full(shape, NONE, np.int64),
        "most_busy": np.full(shape, NEVER, np.int64),
        "pace": pace_of(rooms),
        "switching_loss": np.array([room.switching_loss for room in rooms], np.int64),
        "shares": np.array([room.slots > 1 for room in rooms], np.int8),
    }
    for r, line in enumerate(lines):
        for g in line.groups:
            take = takes[g].get(queues[line.queue].name)
            if take is not None:
                found["preempt"][r, g] = take.preempt
                found["hours"][r, g] = take.hours
                found["most_busy"][r, g] = take.most_busy
                found["stands_in"][r, g] = NONE if line.alone else take.stands_in
    return found


def pace_of(rooms: Sequence[GroupRoom]) -> Ints:
    """(G, n) millionths of ordinary pace with 0, 1, 2 ... contacts in hand.

    >>> pace_of([GroupRoom(), GroupRoom(slots=3, slowdown=(1.0, 1.25, 1.6))]).tolist()
    [[1000000, 1000000, 1000000, 1000000], [1000000, 1000000, 800000, 625000]]
    """
    most = max((len(room.slowdown) for room in rooms), default=1)
    pace = np.full((len(rooms), most + 1), PACE_ONE, np.int64)
    for g, room in enumerate(rooms):
        for number in range(most):
            factor = room.slowdown[min(number, len(room.slowdown) - 1)]
            pace[g, number + 1] = round(PACE_ONE / factor)
    return pace
