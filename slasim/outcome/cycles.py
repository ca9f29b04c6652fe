"""One replication's tickets, judged: every cycle of the policy's clocks and of what the second line promised.

The clocks are those of `slasim.sla`, the same that judge real history. A cycle's queue is that in which its ticket
began. It counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Bools, Ints
from slasim.contactlog import NOT_YET, TIER_2, ContactLog
from slasim.draw import Draw
from slasim.elapsed import UNDEFINED
from slasim.outcome.ticket_layout import (
    IN_TIME,
    LATE,
    NOT_JUDGED,
    STILL_OPEN,
    UNANSWERED,
    TicketLayout,
    TierTwo,
)
from slasim.sla.clocks import BREACHED, CANCELLED, MET, NOT_APPLICABLE, OPEN, Clocks, run_clocks
from slasim.sla.compliance import column_of
from slasim.sla.events import Column
from slasim.sla.simulated import Desk, Tickets, tickets_of

__all__ = ["Cycles", "cycles_of", "judged_log"]


_OF_STATE = np.zeros(5, np.int64)
for _state, _standing in (
    (MET, IN_TIME), (BREACHED, LATE), (OPEN, STILL_OPEN), (CANCELLED, NOT_JUDGED), (NOT_APPLICABLE, NOT_JUDGED),
):  # fmt: skip
    _OF_STATE[_state] = _standing


@dataclass(frozen=True, eq=False)
class Cycles:
    """All cycles of one replication: N of them. ``since`` and ``due`` are ms (UNDEFINED where there is none)."""

    metric: Ints
    queue: Ints
    since: Ints
    due: Ints
    standing: Ints
    stopped: Bools
    elapsed: Ints
    target: Ints
    aspects: Mapping[str, Ints]


def judged_log(
    layout: TicketLayout, draw: Draw, log: ContactLog, *, teams: bool = False, stretches: bool = False
) -> tuple[Tickets, Clocks]:  # fmt: skip
    """The tickets of one replication's log, and every clock of the policy on them."""
    desk = layout.desk
    named = log.renamed(
        queues=desk.queues, groups=desk.groups, start_ms=layout.start_ms, timezone=layout.timezone
    )
    tickets = tickets_of(named, desk, draw.facts, until=layout.until, teams=teams)
    until = layout.start_ms + layout.until
    return tickets, run_clocks(tickets.events, layout.policy, until=until, stretches=stretches)


def cycles_of(layout: TicketLayout, tickets: Tickets, clocks: Clocks, log: ContactLog) -> Cycles:
    """Every cycle of the policy's clocks and of the second line's promises."""
    queue = layout.place_of_queue[clocks.events.attributes["queue"].codes[clocks.ticket]]
    names = {name: at for at, name in enumerate(layout.metrics)}
    metric = np.array([names[name] for name in clocks.metrics], np.int64)[clocks.metric]
    standing = _OF_STATE[clocks.state]
    standing[clocks.unanswered] = UNANSWERED
    own = Cycles(
        metric=metric, queue=queue, since=clocks.clock_start - layout.start_ms,
        due=np.where(clocks.due_at == UNDEFINED, UNDEFINED, clocks.due_at - layout.start_ms),
        standing=standing, stopped=clocks.stop != UNDEFINED, elapsed=clocks.elapsed, target=clocks.target,
        aspects=_aspects(layout, clocks),
    )  # fmt: skip
    if not layout.tier_two:
        return own
    parts = [own]
    for two in layout.tier_two:
        parts.append(_second_line(layout, two, names[two.promise.name], tickets, log))
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Cycles.__dataclass_fields__
        if name != "aspects"
    }
    aspects = {
        aspect.name: np.concatenate([part.aspects[aspect.name] for part in parts])
        for aspect in layout.aspects
    }
    return Cycles(**joined, aspects=aspects)


def _aspects(layout: TicketLayout, clocks: Clocks) -> dict[str, Ints]:
    """Aspects at the end of each cycle; ``owner`` is who has it or answered it, ``team`` that one's team."""
    found = {}
    owner: Column | None = None
    for aspect in layout.aspects:
        if aspect.name in ("owner", "team"):
            owner = column_of(clocks, "agent") if owner is None else owner
            column = owner if aspect.name == "owner" else _teams(owner, layout.desk)
        elif aspect.name in clocks.events.attributes:  # no event of a simulated log changes these
            column = clocks.events.attributes[aspect.name].taken(clocks.ticket)
        else:
            column = clocks.column(aspect.name)
        found[aspect.name] = _coded(column, aspect.words)
    return found


def _teams(owner: Column, desk: Desk) -> Column:
    """The team of each owner."""
    teams = _team_of(desk)
    words = tuple(dict.fromkeys(teams.values()))
    place = {word: at for at, word in enumerate(words)}
    code = np.array([place.get(teams.get(word, ""), -1) for word in owner.words] + [-1], np.int32)
    return Column(code[owner.codes], words)


def _team_of(desk: Desk) -> dict[str, str]:
    """Owner -> team; groups without a team are their own."""
    teams = desk.teams or desk.groups
    found = dict(zip(desk.groups, teams, strict=True))
    return found | {
        agent: teams[group] for agent, group in zip(desk.agents, desk.agent_groups, strict=True)
    }


def _coded(column: Column, words: Sequence[str]) -> Ints:
    """Index of each value into ``words``; len(words) where it is none of them."""
    place = {word: at for at, word in enumerate(words)}
    none = len(words)
    code = np.array([place.get(word, none) for word in column.words] + [none], np.int64)
    return code[column.codes]


def _second_line(
    layout: TicketLayout, two: TierTwo, metric: int, tickets: Tickets, log: ContactLog
) -> Cycles:
    """One cycle for each touch that the queue's tickets hand to the second line: from arrival to reply."""
    began = log.queue[tickets.first[tickets.of]]
    mine = began == layout.desk.queues.index(two.queue)
    chosen = (
        mine & (log.purpose[tickets.row] == TIER_2) & (log.arrived[tickets.row] <= layout.until)
    )
    row = tickets.row[chosen]
    calendar = two.promise.calendar
    arrived = log.arrived[row] + layout.start_ms
    since = calendar.next_opening(arrived) if row.size else arrived
    due = two.promise.due(arrived) if row.size else arrived
    replied = (log.released[row] != NOT_YET) & (log.released[row] <= layout.until)
    seen = np.where(replied, log.released[row], layout.until) + layout.start_ms
    late = seen > due
    standing = np.select(
        [replied & ~late, replied, late], [IN_TIME, LATE, UNANSWERED], default=STILL_OPEN
    )
    target = two.promise.target
    facts = tickets.events.attributes
    handler = np.where(
        log.agent[row] >= 0, len(layout.desk.groups) + log.agent[row], log.group[row]
    )
    owner = Column(handler.astype(np.int32), layout.desk.owners)
    aspects = {}
    for aspect in layout.aspects:
        if aspect.name in ("owner", "team"):
            column = owner if aspect.name == "owner" else _teams(owner, layout.desk)
            aspects[aspect.name] = _coded(column, aspect.words)
        elif aspect.name in facts:
            column = facts[aspect.name].taken(tickets.of[chosen])
            aspects[aspect.name] = _coded(column, aspect.words)
        else:
            aspects[aspect.name] = np.full(row.size, len(aspect.words))
    return Cycles(
        metric=np.full(row.size, metric), queue=np.full(row.size, layout.queues.index(two.queue)),
        since=since - layout.start_ms, due=due - layout.start_ms, standing=standing, stopped=replied,
        elapsed=calendar.elapsed(arrived, seen) if row.size else arrived,
        target=np.full(row.size, target if isinstance(target, int) else -1), aspects=aspects,
    )  # fmt: skip
