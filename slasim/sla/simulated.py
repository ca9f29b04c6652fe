"""Tickets of a simulated log, as the same event table that an export of real tickets becomes.

A ticket begins with a first contact, a message or a repeat in a queue of tickets (or with the hand-over of a call to
one); replies of the customer, reopenings, transfers and the second line go on with it. What a row of the log says:

    arrived    created, or customer_message and status open when the customer is back
    left       assigned: the agent by name, or the group
    released   agent_public, unless the touch is handed on (no reply is sent); then the status: pending while the
               customer is waited for, solved when nothing follows but a reopening

Calls and chats have one ticket per attempt, with the points of a contact (queue_entry, agent_answer,
first_agent_message, abandoned). It refuses to know scenarios, targets and clocks: `clocks.py` judges what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Bools, Ints, NDArray
from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    CALLED_BACK,
    FIRST,
    MESSAGE,
    NOT_YET,
    PURPOSES,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    WAITING,
    ContactLog,
)
from slasim.sla.events import KINDS, STATUSES, Column, EventTable
from slasim.ticketfacts import TicketFacts

__all__ = ["AS_ATTEMPT", "AS_TICKET", "NOT_WATCHED", "Desk", "Tickets", "tickets_of"]


NOT_WATCHED, AS_TICKET, AS_ATTEMPT = range(3)
"""How the contacts of a queue are judged by clocks: not at all, as tickets, each attempt on its own."""

_OPENS, _BACK, _HANDED = (
    np.isin(np.arange(len(PURPOSES) + 1), purposes)
    for purposes in (
        (FIRST, REDIAL, CALLED_BACK, REPEAT, MESSAGE),
        (REPLY, REOPEN),
        (TRANSFER, TIER_2),
    )
)
_LAST = -1
"""No touch follows; in the tables above it reads the place beyond all purposes."""
_CREATED, _MESSAGE, _PUBLIC, _STATUS, _ASSIGNED, _TEAM, _ENTRY, _ANSWER, _FIRST_MESSAGE, _GIVEN_UP = (
    KINDS.index(kind)
    for kind in (
        "created", "customer_message", "agent_public", "status", "assigned", "team", "queue_entry", "agent_answer",
        "first_agent_message", "abandoned",
    )
)  # fmt: skip
_OPEN, _PENDING, _SOLVED = (STATUSES.index(status) for status in ("open", "pending", "solved"))


@dataclass(frozen=True)
class Desk:
    """The names behind a log's numbers, and which queues are judged by clocks.

    watched  (Q,) NOT_WATCHED, AS_TICKET or AS_ATTEMPT
    agents   (A,) names of named agents, and agent_groups (A,) the group of each
    teams    (G,) the team of each group; () = each is its own
    """

    queues: tuple[str, ...]
    groups: tuple[str, ...]
    watched: tuple[int, ...]
    agents: tuple[str, ...] = ()
    agent_groups: tuple[int, ...] = ()
    teams: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.watched) != len(self.queues):
            raise ValueError(f"{len(self.watched)} settings for {len(self.queues)} queues.")
        if self.teams and len(self.teams) != len(self.groups):
            raise ValueError(f"{len(self.teams)} teams for {len(self.groups)} groups.")
        if len(self.agent_groups) != len(self.agents):
            raise ValueError(f"{len(self.agents)} agents, and groups of {len(self.agent_groups)}.")

    @property
    def owners(self) -> tuple[str, ...]:
        """Who a ticket may be assigned to: groups (staffed by number), then named agents."""
        return (*self.groups, *self.agents)


@dataclass(frozen=True, eq=False)
class Tickets:
    """N tickets of a log: their events, and where each stands in the log.

    first  (N,) row of the log with which the ticket begins
    row, of  (M,) rows of the log that belong to tickets, and the ticket of each, by ticket and touch
    """

    events: EventTable
    first: Ints
    row: Ints
    of: Ints


def tickets_of(
    log: ContactLog,
    desk: Desk,
    facts: TicketFacts | None = None,
    *,
    until: int | None = None,
    teams: bool = False,
) -> Tickets:
    """The event table of everything that is watched, up to ``until`` (ms since the log's start; None: all of it).

    Attributes are the ``queue`` in which a ticket began and what ``facts`` tells of its contact. With ``teams`` the
    team of who takes it follows each assignment.
    """
    how = np.array(desk.watched, np.int8)[log.queue]
    parts = [_as_tickets(log, how), _as_attempts(log, how)]
    row = np.concatenate([part.row for part in parts])
    begins = np.concatenate([part.begins for part in parts])
    attempt = np.repeat([False, True], [part.row.size for part in parts])
    follows = np.concatenate([part.follows for part in parts])
    if until is not None and row.size:
        came = log.arrived[row] <= until
        row, begins, attempt, follows = row[came], begins[came], attempt[came], follows[came]
    of = np.cumsum(begins) - 1
    events = _events(log, desk, row, begins, attempt, follows, of, until, teams)
    first = row[begins]
    return Tickets(_named(events, log, desk, facts, first), first, row, of)


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of the log ticket by ticket: where one begins, and the purpose of the touch that follows (_LAST: none)."""

    row: Ints
    begins: Bools
    follows: NDArray[np.int8]


def _as_tickets(log: ContactLog, how: NDArray[np.int8]) -> _Part:
    wanted = how == AS_TICKET
    if not wanted.any():
        return _Part(np.zeros(0, np.int64), np.zeros(0, np.bool_), np.zeros(0, np.int8))
    concerned = np.zeros(int(log.contact.max()) + 1, np.bool_)
    concerned[log.contact[wanted]] = True
    row = np.flatnonzero(concerned[log.contact])
    order = np.argsort(log.contact[row] * (1 << 15) + log.touch[row], kind="stable")
    row = row[order]
    contact, purpose, mine = log.contact[row], log.purpose[row], wanted[row]
    fresh = _differs(contact)
    opens = _OPENS[purpose] | fresh
    # The first row of a contact in a queue of tickets begins one, even where a call was handed over.
    seen = np.cumsum(mine)
    before = (seen - mine)[np.maximum.accumulate(np.where(fresh, np.arange(row.size), 0))]
    begins = mine & (opens | (seen - before == 1))
    parts = opens | begins
    member = begins[np.maximum.accumulate(np.where(parts, np.arange(row.size), 0))]
    row, begins, purpose = row[member], begins[member], purpose[member]
    follows = np.full(row.size, _LAST, np.int8)
    follows[:-1] = np.where(begins[1:], _LAST, purpose[1:])
    return _Part(row, begins, follows)


def _as_attempts(log: ContactLog, how: NDArray[np.int8]) -> _Part:
    row = np.flatnonzero(how == AS_ATTEMPT)
    return _Part(row, np.ones(row.size, np.bool_), np.full(row.size, _LAST, np.int8))


def _differs(column: NDArray[Any]) -> Bools:
    """Where a run of equal values begins."""
    begins = np.ones(column.size, np.bool_)
    begins[1:] = column[1:] != column[:-1]
    return begins


def _events(
    log: ContactLog,
    desk: Desk,
    row: Ints,
    begins: Bools,
    attempt: Bools,
    follows: NDArray[np.int8],
    of: Ints,
    until: int | None,
    teams: bool,
) -> EventTable:
    """Up to a dozen events of each row, laid side by side in their order and then put in line."""
    outcome, released = log.outcome[row], log.released[row]
    arrived, left = log.arrived[row], log.left[row]
    back = _BACK[log.purpose[row]] & ~begins
    taken = outcome == ANSWERED
    done = released != NOT_YET
    replies = done & ~_HANDED[follows]
    owner = np.where(
        log.agent[row] >= 0, len(desk.groups) + log.agent[row].astype(np.int64), log.group[row]
    )
    person = len(STATUSES) + owner
    after = np.where(follows == REPLY, _PENDING, _SOLVED)
    lost = (outcome != ANSWERED) & (outcome != WAITING)

    slots: list[tuple[int, Bools, Ints, Any]] = [
        (_CREATED, begins, arrived, -1),
        (_MESSAGE, back, arrived, -1),
        (_STATUS, back, arrived, _OPEN),
        (_ASSIGNED, taken, left, person),
    ]
    if teams and desk.teams:
        team = len(STATUSES) + len(desk.owners) + log.group[row].astype(np.int64)
        slots.append((_TEAM, taken, left, team))
    if attempt.any():
        greeted = log.greeted[row]
        slots[1:1] = [(_ENTRY, attempt, arrived, -1)]
        slots += [
            (_ANSWER, attempt & taken, left, person),
            (_GIVEN_UP, attempt & lost, left, -1),
            (_FIRST_MESSAGE, attempt & taken, greeted, person),
            (_PUBLIC, attempt & taken, greeted, person),
            (_PUBLIC, replies & ~attempt, released, person),
        ]
    else:
        slots.append((_PUBLIC, replies, released, person))
    gave_up = (outcome == ABANDONED) & ~attempt
    if gave_up.any():
        slots.append((_GIVEN_UP, gave_up, left, -1))
    slots.append((_STATUS, replies, released, after))

    shape = (row.size, len(slots))
    happens, at = np.empty(shape, np.bool_), np.empty(shape, np.int64)
    value = np.empty(shape, np.int32)
    for place, (_, when, instant, said) in enumerate(slots):
        happens[:, place], at[:, place], value[:, place] = when, instant, said
    if until is not None:
        happens &= at <= until
    chosen = np.flatnonzero(happens.ravel())
    kinds = np.array([kind for kind, *_ in slots], np.int8)
    ticket = of[chosen // len(slots)].astype(np.int32)
    instants = at.ravel()[chosen] + log.start_ms
    kind, values = kinds[chosen % len(slots)], value.ravel()[chosen]
    if ((np.diff(ticket) == 0) & (np.diff(instants) < 0)).any():
        order = np.lexsort((instants, ticket))  # stable: what shares an instant keeps its order
        ticket, instants, kind, values = (
            ticket[order],
            instants[order],
            kind[order],
            values[order],
        )
    words = (*STATUSES, *desk.owners, *desk.teams)
    return EventTable(ticket, instants, kind, values, np.zeros(ticket.size, np.int64), words, ())


def _named(
    events: EventTable, log: ContactLog, desk: Desk, facts: TicketFacts | None, first: Ints
) -> EventTable:
    from dataclasses import replace

    contact = log.contact[first]
    attributes = {"queue": Column(log.queue[first].astype(np.int32), desk.queues)}
    if facts is not None:
        for name, codes in facts.codes.items():
            attributes[name] = Column(codes[contact].astype(np.int32), facts.words[name])
    return replace(events, ids=_ids(contact), attributes=attributes)


def _ids(contact: Ints) -> tuple[object, ...]:
    """The contact's number; of its second ticket 12-2, of its third 12-3."""
    listed = contact.tolist()
    if not contact.size or np.bincount(contact).max() == 1:
        return tuple(listed)
    seen: dict[int, int] = {}
    names: list[object] = []
    for number in listed:
        seen[number] = seen.get(number, 0) + 1
        names.append(str(number) if seen[number] == 1 else f"{number}-{seen[number]}")
    return tuple(names)
