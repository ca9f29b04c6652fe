"""A contact export, one row per contact and queue visit -> ContactLog.

Columns: contact_id, outcome, created_at or queued_at (needed), and one of wait_s, answered_at, abandoned_at; queue,
queue_visit, direction, ivr_s, ring_s, talk_s, hold_s, acw_s, handle_s, agent, ended_at, first_agent_message_at.
A wait is measured from queue_entry to agent_answer unless another `clock` is asked for. This file knows no metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Ints, NDArray
from slasim.contactlog import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CLOSED,
    NOBODY,
    NOT_YET,
    VOICEMAIL,
    WAITING,
    ContactLog,
)
from slasim.errors import InputError, Problem, did_you_mean
from slasim.history.read import UNKNOWN, BadRows, Export, ReadingReport, plain_name
from slasim.metrics.attribution import clock_points

__all__ = ["DEFAULT_CLOCK", "OUTCOMES_READ", "ContactHistory", "is_contact_export", "read_contacts"]


DEFAULT_CLOCK = "queue_entry>agent_answer"
_NOT_A_QUEUE = "not a contact of a queue"
OUTCOMES_READ: dict[str, int | None] = {
    "answered": ANSWERED,
    "abandoned": ABANDONED,
    "short_abandoned": ABANDONED,
    "flow_out": VOICEMAIL,
    "voicemail": VOICEMAIL,
    "callback": VOICEMAIL,
    "blocked": BLOCKED,
    "closed": CLOSED,
    "waiting": WAITING,
    "ivr_only": None,
    "ignore": None,
}
"""What an outcome becomes in the log; None for rows that are left out and counted."""

_BY_PLAIN = {plain_name(word): word for word in OUTCOMES_READ}
TOLERANCE = clock.SECOND
"""Instants and durations may differ by so much: exports round."""


@dataclass(frozen=True, eq=False)
class ContactHistory:
    """A log of real contacts.

    log            N rows, ordered by arrival; groups are unknown
    ids            names of the contacts, by ``log.contact``
    agents         names of the agents, by ``log.agent``
    handle_known   (N,) whether the export says how long the contact was handled; where not, the log holds 0
    channels       (N,) channel of each row, empty where unknown
    clock          from where to where the log's wait was measured
    """

    log: ContactLog
    ids: tuple[str, ...]
    agents: tuple[str, ...]
    handle_known: Bools
    channels: tuple[str, ...]
    clock: str
    report: ReadingReport


def is_contact_export(export: Export) -> bool:
    """Does the file have the columns of a contact export?"""
    return export.has("contact_id", "outcome")


def read_contacts(
    path: str | Path,
    *,
    timezone: str | None = None,
    clock: str = DEFAULT_CLOCK,
    encoding: str | None = None,
    day_first: bool = False,
    bad_rows: BadRows = "refuse",
) -> ContactHistory:
    """The contacts of a CSV export. ``timezone`` is that of naive instants and of the log's days (else UTC).

    Raises InputError with every problem; with ``bad_rows="drop"`` such rows are left out and counted.
    """
    export = Export.open(path, timezone=timezone, encoding=encoding, day_first=day_first)
    return contacts_of(export, clock, bad_rows)


def contacts_of(
    export: Export, wanted: str = DEFAULT_CLOCK, bad_rows: BadRows = "refuse"
) -> ContactHistory:
    """As `read_contacts`, of an open export."""
    export.require(
        ("contact_id", "outcome"),
        one_of=(("queued_at", "created_at"), ("wait_s", "answered_at", "abandoned_at", "ended_at")),
    )
    try:
        begins, stops = clock_points(wanted)
    except ValueError as error:
        raise InputError([Problem(str(error), path="clock")]) from None
    outcome = _outcomes(export)
    points = _points(export, outcome)
    arrived, left = _arrived_and_left(export, outcome, points, begins, stops)
    released, finished, known = _handling(export, outcome, left)
    _drop_repeats(export)
    kept = export.settle(bad_rows)

    order = np.flatnonzero(kept)
    order = order[np.argsort(arrived[order], kind="stable")]
    ids, contact, touch = _numbered(export, order, arrived)
    queues, queue = _named(export.texts("queue"), order, "all")
    agents, agent = _named(export.texts("agent"), order, "")
    zone = export.zone or clock.zone("UTC")
    begin = _midnight(int(arrived[order].min()), zone) if order.size else 0

    def since_start(instants: Ints) -> Ints:
        return np.where(instants[order] == UNKNOWN, NOT_YET, instants[order] - begin)

    log = ContactLog(
        contact=contact,
        touch=touch,
        queue=queue.astype(np.int16),
        arrived=since_start(arrived),
        outcome=outcome[order].astype(np.int8),
        left=since_start(left),
        group=np.full(order.size, NOBODY, np.int16),
        agent=agent.astype(np.int32),
        released=since_start(released),
        finished=since_start(finished),
        queues=queues,
        groups=(),
        start_ms=begin,
        timezone=zone.key,
    )
    channel = export.texts("channel")
    channels = tuple(channel[row].lower() for row in order.tolist())
    return ContactHistory(log, ids, agents, known[order], channels, wanted, export.report())


def _midnight(instant: int, zone: Any) -> int:
    local = clock.local_labels([instant], zone)
    return clock.parse_instant(str(local.date[0]), zone)


def _outcomes(export: Export) -> Ints:
    found = np.full(export.size, -1, np.int64)
    out: dict[str, list[int]] = {}
    for row, text in enumerate(export.texts("outcome")):
        word = _BY_PLAIN.get(plain_name(text))
        if word is None:
            would_do = did_you_mean(text, list(OUTCOMES_READ), what="outcomes")
            said = f"outcome '{text}' is unknown" if text else "outcome is empty"
            export.wrong(row, "unknown outcome", said, would_do, export.head("outcome") or "")
            continue
        code = OUTCOMES_READ[word]
        if code is None:
            out.setdefault(f"outcome {word}", []).append(row)
        else:
            found[row] = code
    for reason, rows in out.items():
        export.drop(rows, reason)
    outbound = [
        row
        for row, text in enumerate(export.texts("direction"))
        if plain_name(text).startswith("out")
    ]
    export.drop(outbound, "outbound: nobody waited")
    return found


def _points(export: Export, outcome: Ints) -> dict[str, Ints]:
    """The instants of each contact that the export tells, epoch ms, UNKNOWN where it does not."""
    created, queued = export.instants("created_at"), export.instants("queued_at")
    ivr = export.ms("ivr_s")
    exit_ = np.where(
        (created != UNKNOWN) & (ivr != UNKNOWN), created + np.where(ivr == UNKNOWN, 0, ivr), UNKNOWN
    )
    entry = np.where(queued != UNKNOWN, queued, exit_)
    guessed = (entry == UNKNOWN) & (created != UNKNOWN)
    if guessed.any():
        export.note(
            np.flatnonzero(guessed),
            "queue entry taken as created_at: queued_at and ivr_s are empty",
        )
    entry = np.where(guessed, created, entry)
    unread = {row for _, row, _ in export.bad}
    nowhere = [row for row in np.flatnonzero(entry == UNKNOWN).tolist() if row not in unread]
    export.all_wrong(nowhere, "neither queued_at nor created_at is given")
    answered_at, abandoned_at = export.instants("answered_at"), export.instants("abandoned_at")
    ended_at = export.instants("ended_at")
    gone = np.where(
        outcome == ANSWERED, answered_at, np.where(abandoned_at != UNKNOWN, abandoned_at, ended_at)
    )
    wait = export.ms("wait_s")
    waiting_known = (wait != UNKNOWN) & (entry != UNKNOWN)
    by_wait = np.where(waiting_known, entry + np.where(waiting_known, wait, 0), UNKNOWN)
    both = (by_wait != UNKNOWN) & (gone != UNKNOWN)
    apart = both & (np.abs(np.where(both, by_wait - gone, 0)) > TOLERANCE)
    export.all_wrong(
        np.flatnonzero(apart),
        "wait_s and the instants differ by more than 1 s",
        "one of them is wrong",
    )
    left = np.where(by_wait != UNKNOWN, by_wait, gone)
    ring = export.ms("ring_s")
    alert = np.where(
        (ring != UNKNOWN) & (left != UNKNOWN), left - np.where(ring == UNKNOWN, 0, ring), UNKNOWN
    )
    return {
        "contact_start": created,
        "ivr_exit": exit_,
        "queue_entry": entry,
        "agent_alert": alert,
        "agent_answer": left,
        "first_agent_message": export.instants("first_agent_message_at"),
    }


def _arrived_and_left(
    export: Export, outcome: Ints, points: dict[str, Ints], begins: str, stops: str
) -> tuple[Ints, Ints]:
    arrived = points[begins]
    # Whoever was not answered leaves when it leaves the queue, whichever point stops an answer.
    left = np.where(outcome == ANSWERED, points[stops], points["agent_answer"])
    left = np.where(outcome == WAITING, UNKNOWN, left)
    left = np.where((outcome == BLOCKED) & (left == UNKNOWN), arrived, left)
    unread = {row for _, row, _ in export.bad}
    counted = outcome >= 0
    lacking = [
        row for row in np.flatnonzero(counted & (arrived == UNKNOWN)).tolist() if row not in unread
    ]
    if begins != "queue_entry":
        export.all_wrong(lacking, f"{begins} is not known", "it starts the clock")
    open_ended = counted & (outcome != WAITING) & (left == UNKNOWN) & (arrived != UNKNOWN)
    export.all_wrong(
        [row for row in np.flatnonzero(open_ended).tolist() if row not in unread],
        f"how long it waited is not known ({stops})",
        "give wait_s, answered_at or abandoned_at",
    )
    early = (left != UNKNOWN) & (arrived != UNKNOWN) & (left < arrived)
    export.all_wrong(
        np.flatnonzero(early),
        "it leaves the queue before it enters",
        "does a time wrap at midnight?",
    )
    return arrived, left


def _handling(export: Export, outcome: Ints, left: Ints) -> tuple[Ints, Ints, Bools]:
    """(released, finished, known): when the customer and the agent were done."""
    parts = {name: export.ms(name) for name in ("talk_s", "hold_s", "acw_s")}
    total = export.ms("handle_s")
    absent = [name for name in ("hold_s", "acw_s") if not export.has(name)]
    if export.has("talk_s") and not export.has("handle_s") and absent:
        export.said.append(
            f"{' and '.join(absent)} not in the file: handle time is the rest of talk + hold + acw"
        )
    known_parts = parts["talk_s"] != UNKNOWN
    for name in ("hold_s", "acw_s"):
        if name not in absent:
            known_parts &= parts[name] != UNKNOWN
    added = sum(np.where(column == UNKNOWN, 0, column) for column in parts.values())
    both = known_parts & (total != UNKNOWN)
    export.note(
        np.flatnonzero(both & (np.abs(np.where(both, total - added, 0)) > TOLERANCE)),
        "handle_s is not talk_s + hold_s + acw_s: handle_s holds",
    )
    handled = np.where(total != UNKNOWN, total, np.where(known_parts, added, UNKNOWN))
    answered = outcome == ANSWERED
    export.note(
        np.flatnonzero((outcome >= 0) & ~answered & (handled != UNKNOWN) & (handled > 0)),
        "handled without an answer",
    )
    if export.has("agent"):
        nobody = np.array([not name for name in export.texts("agent")], bool)
        export.note(np.flatnonzero(answered & nobody), "answered without an agent")
    known = answered & (handled != UNKNOWN)
    acw = np.where(parts["acw_s"] == UNKNOWN, 0, parts["acw_s"])
    served = answered & (left != UNKNOWN)
    finished = np.where(served, left + np.where(known, handled, 0), UNKNOWN)
    released = np.where(served, np.maximum(finished - acw, left), UNKNOWN)
    return released, finished, known | ~answered


def _drop_repeats(export: Export) -> None:
    """Rows that stand twice, cell for cell: some switchboards deliver a record more than once."""
    seen: set[tuple[str, ...]] = set()
    again = []
    for row, cells in enumerate(zip(*export.table.columns, strict=True)):
        if cells in seen:
            again.append(row)
        seen.add(cells)
    export.drop(again, "the same row stands above")


def _numbered(
    export: Export, order: NDArray[np.intp], arrived: Ints
) -> tuple[tuple[str, ...], Ints, NDArray[np.int16]]:
    """Names, contact and touch of each kept row. An id that comes again more than a day later is another contact."""
    names = export.texts("contact_id")
    known: dict[str, tuple[int, int, int]] = {}
    ids: list[str] = []
    contact = np.zeros(order.size, np.int64)
    touch = np.zeros(order.size, np.int16)
    reused = []
    for place, row in enumerate(order.tolist()):
        name = names[row]
        number, visits, last = known.get(name, (-1, 0, 0))
        fresh = number < 0 or not name
        if not fresh and int(arrived[row]) - last > clock.DAY:
            reused.append(row)
            fresh = True
        if fresh:
            number, visits = len(ids), 0
            ids.append(name)
        contact[place], touch[place] = number, visits
        known[name] = (number, visits + 1, int(arrived[row]))
    export.note(reused, "contact_id is used again on another day: taken as another contact")
    return tuple(ids), contact, touch


def _named(
    texts: tuple[str, ...], order: NDArray[np.intp], nobody: str
) -> tuple[tuple[str, ...], Ints]:
    """Names in order of first use and their numbers; without ``nobody`` an empty name is NOBODY."""
    found = [texts[row] or nobody for row in order.tolist()]
    known = {
        name: number for number, name in enumerate(dict.fromkeys(name for name in found if name))
    }
    return tuple(known), np.array([known.get(name, NOBODY) for name in found], np.int64)
