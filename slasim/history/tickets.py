"""A ticket event log -> the event table of `sla/`.

Columns: ticket_id, event_at, event (needed), value, and any others: what a row that begins a ticket says there is an
attribute of the ticket (priority, department, queue, customer_group, tags ...). Events are the words of
`sla.events.KINDS`, statuses those of STATUSES or an export's own words, mapped.

A ticket with one row that cannot be right is refused, or left out whole: half a ticket would be judged wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from slasim import clock
from slasim.arrays import Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.history.read import UNKNOWN, BadRows, Export, ReadingReport, plain_name
from slasim.sla.events import KINDS, STATUSES, EventTable

__all__ = ["TicketHistory", "is_event_log", "read_statuses", "read_tickets"]


NEEDED = ("ticket_id", "event_at", "event")
_KINDS = {plain_name(kind): kind for kind in KINDS if kind != "moment"}
_STATUSES = {plain_name(status): status for status in STATUSES}


@dataclass(frozen=True, eq=False)
class TicketHistory:
    """Events of real tickets, and what became of the rows of their file."""

    events: EventTable
    report: ReadingReport
    dropped_tickets: tuple[str, ...]


def is_event_log(export: Export) -> bool:
    """Does the file have the columns of a ticket event log?"""
    return export.has("ticket_id", "event_at")


def read_statuses(pairs: Mapping[str, str]) -> dict[str, str]:
    """An export's own words for statuses -> STATUSES. Raises InputError for one that is none."""
    wrong = [
        Problem(f"{word}={status}: '{status}' is no status", did_you_mean(status, STATUSES, what="Statuses"),
                path="statuses")
        for word, status in pairs.items()
        if plain_name(status) not in _STATUSES
    ]  # fmt: skip
    if wrong:
        raise InputError(wrong)
    return {plain_name(word): _STATUSES[plain_name(status)] for word, status in pairs.items()}


def read_tickets(
    path: str | Path,
    *,
    timezone: str | None = None,
    statuses: Mapping[str, str] | None = None,
    encoding: str | None = None,
    day_first: bool = False,
    bad_rows: BadRows = "refuse",
    sort: bool = False,
) -> TicketHistory:
    """The events of a CSV file. ``timezone`` is that of naive instants; ``statuses`` maps the export's own words.

    Raises InputError with every problem: events out of order, a reply before the creation, an unknown status, no
    zone. With ``bad_rows="drop"`` the tickets concerned are left out and counted; with ``sort=True`` a ticket's events
    are put in order of time and counted.
    """
    export = Export.open(path, timezone=timezone, encoding=encoding, day_first=day_first)
    return tickets_of(export, statuses, bad_rows, sort)


def tickets_of(
    export: Export,
    statuses: Mapping[str, str] | None = None,
    bad_rows: BadRows = "refuse",
    sort: bool = False,
) -> TicketHistory:
    """As `read_tickets`, of an open export."""
    export.require(NEEDED)
    known = {**_STATUSES, **read_statuses(statuses or {})}
    ids = export.texts("ticket_id")
    at = export.instants("event_at")
    unread = {row for _, row, _ in export.bad}
    export.all_wrong(
        [row for row in np.flatnonzero(at == UNKNOWN).tolist() if row not in unread],
        "event_at is empty", "say when it happened", export.head("event_at") or "",
    )  # fmt: skip
    export.all_wrong(
        [row for row, name in enumerate(ids) if not name],
        "ticket_id is empty", "say whose event it is", export.head("ticket_id") or "",
    )  # fmt: skip
    _drop_repeats(export, ids)
    if export.naive:
        at = _second_passes(export, ids, at)
    if sort:
        _note_unsorted(export, ids, at)
    events = [_KINDS.get(plain_name(word), word.strip()) for word in export.texts("event")]
    # A word that is no status stays as it is, and is refused with its line.
    values = [
        known.get(plain_name(value), value) if event in ("status", "created") and value else value
        for event, value in zip(events, export.texts("value"), strict=True)
    ]
    attributes = {
        head.strip().lower().replace(" ", "_"): export.table.column(head)
        for head in export.table.header
        if plain_name(head) not in {plain_name(name) for name in (*NEEDED, "value")}
    }
    for head in export.table.header:
        export.head(head)  # every other column is an attribute: none is ignored

    repeats = export.left_out()
    bad = {ids[row] for _, row, _ in export.bad}
    clean = [row for row in range(export.size) if row not in repeats and ids[row] not in bad]
    table, said = _table(export, clean, ids, at, events, values, attributes, sort)
    for problem, row in said:
        export.bad.append((_reason(problem.found), row, problem))
    bad = {ids[row] for _, row, _ in export.bad}
    first = {row for _, row, _ in export.bad}
    if bad_rows == "drop" and bad:
        rest = [
            row
            for row in range(export.size)
            if ids[row] in bad and row not in first and row not in repeats
        ]
        export.settle(bad_rows)
        export.drop(rest, "other rows of tickets with such a row")
    else:
        export.settle(bad_rows)
    if bad:
        export.said.append(f"{len(bad):,} tickets left out whole")
    if table is None:
        clean = [row for row in clean if ids[row] not in bad]
        table, _ = _table(export, clean, ids, at, events, values, attributes, sort)
    if table is None:
        raise InputError([Problem("no ticket of the file can be read", file=export.file)])
    return TicketHistory(table, export.report(), tuple(sorted(bad)))


def _table(
    export: Export,
    rows: list[int],
    ids: tuple[str, ...],
    at: Ints,
    events: list[str],
    values: list[str],
    attributes: Mapping[str, tuple[str, ...]],
    sort: bool,
) -> tuple[EventTable | None, list[tuple[Problem, int]]]:
    """The event table of some rows, or None and (problem, row of the export) for all that is wrong."""
    try:
        table = EventTable.from_columns(
            [ids[row] for row in rows],
            at[rows],
            [events[row] for row in rows],
            [values[row] for row in rows],
            attributes={name: [column[row] for row in rows] for name, column in attributes.items()},
            file=export.file,
            sort=sort,
        )
    except InputError as error:
        placed = []
        for problem in error.problems:
            row = rows[min(problem.line, len(rows)) - 1]
            would_do = problem.would_do.replace("(sort=True)", "(--sort)")
            placed.append((replace(problem, line=export.table.lines[row], would_do=would_do), row))
        return None, placed
    lines = np.array([export.table.lines[row] for row in rows], np.int64)
    return replace(table, row=lines[table.row - 1]), []


def _note_unsorted(export: Export, ids: tuple[str, ...], at: Ints) -> None:
    last: dict[str, int] = {}
    late = []
    for row, (name, instant) in enumerate(zip(ids, at.tolist(), strict=True)):
        if instant < last.get(name, clock.NEVER):
            late.append(row)
        last[name] = max(instant, last.get(name, clock.NEVER))
    export.note(late, "put in order of time: it stood below a later event of its ticket")


def _reason(found: str) -> str:
    """The kind of a problem, without the words of one row."""
    for words, reason in (
        (
            "earlier than the one above",
            "an event is earlier than the one above it of the same ticket",
        ),
        ("before the ticket was created", "an event before its ticket was created"),
        ("is never created", "a ticket that is never created"),
        ("created a second time", "a ticket created a second time"),
        ("is no event", "an unknown event"),
        ("status", "an unknown status"),
    ):
        if words in found:
            return reason
    return found


def _drop_repeats(export: Export, ids: tuple[str, ...]) -> None:
    """Rows that stand twice, cell for cell: some help desks deliver an event more than once.

    Not where the same kind of event has other values at that instant: `ana`, `ion`, `ana` in one minute ends with ana.
    """
    rows = list(zip(*export.table.columns, strict=True))
    kinds = list(zip(ids, export.texts("event_at"), export.texts("event"), strict=True))
    distinct: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for kind, cells in zip(kinds, rows, strict=True):
        distinct.setdefault(kind, set()).add(cells)
    seen: set[tuple[str, ...]] = set()
    again = []
    for row, (kind, cells) in enumerate(zip(kinds, rows, strict=True)):
        if cells in seen and len(distinct[kind]) == 1:
            again.append(row)
        seen.add(cells)
    export.drop(again, "the same row stands above")


def _second_passes(export: Export, ids: tuple[str, ...], at: Ints) -> Ints:
    """Local instants of an hour that comes twice: the second pass where the order of a ticket's rows asks for it."""
    zone = export.zone
    assert zone is not None
    known = at != UNKNOWN
    local = at + clock.offsets_at(np.where(known, at, 0), zone)
    _, later, kind = clock.resolve_local(np.where(known, local, 0), zone)
    twice = known & (kind == clock.REPEATED)
    if not twice.any():
        return at
    found = at.copy()
    last: dict[str, int] = {}
    for row, name in enumerate(ids):
        if not known[row]:
            continue
        before = last.get(name, clock.NEVER)
        if twice[row] and found[row] < before <= later[row]:
            found[row] = later[row]
        last[name] = int(found[row])
    export.note(
        np.flatnonzero(twice),
        "in the hour that comes twice: the first pass, unless the order says the second",
    )
    return found
