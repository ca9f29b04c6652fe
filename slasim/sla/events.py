"""The event table: what happened to tickets, one row per event, in typed columns.

Exports are read into it and simulated logs write it; everything in ``sla/`` reads it. It knows the words an event may
be (`KINDS`) and the statuses a ticket may have (`STATUSES`), and no clock, no target and no file format. Instants
are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, Bools, Ints, NDArray
from slasim.errors import InputError, Problem, did_you_mean

__all__ = ["KINDS", "STATUSES", "CHANGES", "EventTable", "split_tags"]

Codes = NDArray[np.int32]

KINDS = (
    "created",  # value: the first status (empty: new)
    "customer_message",
    "agent_public",  # value: who wrote it, if known
    "agent_internal",
    "auto_reply",
    "status",  # value: the new status
    "priority",  # value: the new priority; likewise below
    "assigned",  # value: the person; empty: nobody
    "level",
    "department",
    "team",
    "customer_group",
    "tags",  # value: all tags from now on, separated by ; , or |
    "agent_status",
    "deleted",
    "contact_start",
    "ivr_exit",
    "queue_entry",
    "agent_alert",
    "agent_answer",
    "first_agent_message",
    "abandoned",
    "moment",  # nothing happened; rules that depend on time look again
)
STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")

CHANGES: Mapping[str, str] = {
    "status": "status",
    "priority": "priority",
    "assigned": "assigned_to",
    "level": "level",
    "department": "department",
    "team": "team",
    "customer_group": "customer_group",
    "tags": "tags",
    "agent_status": "agent_status",
}
"""Kind of event -> the attribute whose new value it carries."""

_OPENING = ("created", "contact_start", "queue_entry")
CREATED, STATUS, LEVEL, MOMENT = (KINDS.index(k) for k in ("created", "status", "level", "moment"))
_MOST_LISTED = 1_000


@dataclass(frozen=True, eq=False)
class Column:
    """Values by number: ``words[codes]``; -1 where there is none."""

    codes: Codes
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[object]) -> Column:
        """Numbers for any values; None and empty text are none."""
        known: dict[str, int] = {}
        codes = [
            -1 if (text := _text(value)) == "" else known.setdefault(text, len(known))
            for value in values
        ]
        return cls(np.array(codes, np.int32), tuple(known))

    def taken(self, rows: NDArray[Any]) -> Column:
        return Column(self.codes[rows], self.words)

    def tolist(self) -> list[str | None]:
        return [None if code < 0 else self.words[code] for code in self.codes.tolist()]


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ";".join(str(part).strip() for part in value)
    return str(value).strip()


def split_tags(text: str) -> frozenset[str]:
    """``URGENT; vip`` as a set; tags are separated by ``;``, ``,`` or ``|``.

    >>> sorted(split_tags("URGENT; vip"))
    ['URGENT', 'vip']
    """
    parts = text.replace(",", ";").replace("|", ";").split(";")
    return frozenset(part.strip() for part in parts if part.strip())


@dataclass(frozen=True, eq=False)
class EventTable:
    """E events of N tickets, ordered by ticket and instant; a ticket's creation is its first.

    ticket      (E,) int32  number of the ticket, 0 to N - 1
    at          (E,) int64  epoch ms
    kind        (E,) int8   index into KINDS
    value       (E,) int32  index into ``words``, -1 for none; the first words are STATUSES
    row         (E,) int64  where the event was read (counting from 1), 0 when nowhere
    ids         (N,)        the tickets' own names
    attributes  what is said of each ticket at its creation: name -> Column of N
    problems    what was wrong with tickets that were left out, `dropped` (only with ``on_problem="drop"``)
    """

    ticket: Codes
    at: Ints
    kind: NDArray[np.int8]
    value: Codes
    row: Ints
    words: tuple[str, ...]
    ids: tuple[object, ...]
    attributes: Mapping[str, Column] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    dropped: tuple[object, ...] = ()

    # ---------------------------------------------------------------- making one

    @classmethod
    def of(
        cls,
        ticket: ArrayLike,
        at: ArrayLike,
        kind: ArrayLike,
        value: ArrayLike,
        *,
        words: Sequence[str] = STATUSES,
        ids: Sequence[object] | None = None,
        attributes: Mapping[str, Column] | None = None,
        rows: ArrayLike | None = None,
        file: str = "",
        on_problem: Literal["raise", "drop"] = "raise",
        sort: bool = False,
    ) -> EventTable:
        """A table from typed columns, in any order of tickets; one ticket's events in order of time.

        ``sort=True`` puts a ticket's events in order instead of refusing them. Raises InputError with every problem
        and its row; ``on_problem="drop"`` leaves out the tickets concerned and keeps the problems.
        """
        numbers = np.asarray(ticket, np.int32)
        instants = np.asarray(at, np.int64)
        kinds = np.asarray(kind, np.int8)
        values = np.asarray(value, np.int32)
        read_at = np.arange(1, numbers.size + 1) if rows is None else np.asarray(rows, np.int64)
        if tuple(words[: len(STATUSES)]) != STATUSES:
            raise ValueError("words must begin with STATUSES")
        names = tuple(range(int(numbers.max(initial=-1)) + 1)) if ids is None else tuple(ids)
        by_ticket = np.argsort(numbers, kind="stable")
        same = np.diff(numbers[by_ticket]) == 0
        unsorted = by_ticket[1:][same & (np.diff(instants[by_ticket]) < 0)]
        order = by_ticket
        if unsorted.size or _created_late(numbers, instants, kinds, by_ticket):
            order = np.lexsort((kinds != CREATED, instants, numbers))
        table = cls(
            numbers[order], instants[order], kinds[order], values[order], read_at[order],
            tuple(words), names, dict(attributes or {}),
        )  # fmt: skip
        wrong = (
            table._mistakes() if sort else [*_out_of_order(unsorted, read_at), *table._mistakes()]
        )
        return table._without(wrong, numbers[order], read_at[order], file, on_problem)

    @classmethod
    def from_columns(
        cls,
        ticket: Sequence[object],
        at: Sequence[int] | Ints,
        event: Sequence[str],
        value: Sequence[object] | None = None,
        *,
        attributes: Mapping[str, Sequence[object]] | None = None,
        statuses: Mapping[str, str] | None = None,
        first_row: int = 1,
        file: str = "",
        on_problem: Literal["raise", "drop"] = "raise",
        sort: bool = False,
    ) -> EventTable:
        """A table from columns of text: ``ticket_id, event_at`` (epoch ms), ``event``, ``value`` and attributes.

        ``attributes`` (as long as the others) are read where a ticket begins. ``statuses`` maps an export's own
        words to STATUSES. ``first_row`` is the number of the first row in its file. Raises InputError as `of` does.
        """
        count = len(ticket)
        numbers: dict[object, int] = {}
        number = [numbers.setdefault(name, len(numbers)) for name in ticket]
        kinds, values, words, wrong = _read_words(event, value, statuses or {})
        if wrong and on_problem == "raise":
            wrong_rows = [
                _problem(file, first_row + row, found, would) for row, found, would in wrong
            ]
            try:
                cls._typed(
                    number, at, kinds, values, words, numbers, first_row, file, "raise", sort
                )
            except InputError as more:
                wrong_rows += more.problems
            raise InputError(_shortened(wrong_rows))
        table = cls._typed(
            number, at, kinds, values, words, numbers, first_row, file, on_problem, sort,
            wrong=[(first_row + row, found, would) for row, found, would in wrong],
        )  # fmt: skip
        if attributes:
            wanted = table.row[table.starts[:-1]] - first_row
            columns = {
                name: Column.of(column[int(row)] for row in wanted)
                for name, column in attributes.items()
                if len(column) == count
            }
            table = replace(table, attributes=columns)
        return table

    @classmethod
    def _typed(
        cls,
        number: Sequence[int],
        at: Sequence[int] | Ints,
        kinds: NDArray[np.int8],
        values: Codes,
        words: Sequence[str],
        names: Mapping[object, int],
        first_row: int,
        file: str,
        on_problem: Literal["raise", "drop"],
        sort: bool,
        wrong: Sequence[tuple[int, str, str]] = (),
    ) -> EventTable:
        bad = {row for row, *_ in wrong}
        rows = np.arange(first_row, first_row + len(number), dtype=np.int64)
        known = kinds >= 0
        tickets = np.asarray(number, np.int32)
        table = cls.of(
            tickets[known], np.asarray(at, np.int64)[known], kinds[known], values[known],
            words=words, ids=tuple(names), rows=rows[known], file=file, on_problem=on_problem, sort=sort,
        )  # fmt: skip
        if not bad:
            return table
        lost = np.unique(tickets[np.isin(rows, np.array(sorted(bad)))])
        gone = {tuple(names)[int(t)] for t in lost}
        kept = table.only(np.array([name not in gone for name in table.ids], bool))
        said = [_problem(file, row, found, would_do) for row, found, would_do in wrong]
        everyone = dict.fromkeys((*table.dropped, *(n for n in names if n in gone)))
        return replace(
            kept,
            problems=tuple(_shortened([*table.problems, *said])),
            dropped=tuple(everyone),
        )

    # ---------------------------------------------------------------- reading it

    def __len__(self) -> int:
        return int(self.at.size)

    @property
    def tickets(self) -> int:
        """N."""
        return len(self.ids)

    @cached_property
    def starts(self) -> Ints:
        """(N + 1,) where each ticket's events begin."""
        return np.searchsorted(self.ticket, np.arange(self.tickets + 1)).astype(np.int64)

    @property
    def last_at(self) -> int:
        """The last instant anything happened; 0 for an empty table."""
        return int(self.at.max(initial=0))

    @cached_property
    def _happens(self) -> frozenset[str]:
        """Kinds of events that there are."""
        counts = np.bincount(self.kind, minlength=len(KINDS)).tolist()
        return frozenset(kind for kind, count in zip(KINDS, counts, strict=True) if count)

    @cached_property
    def _read(self) -> dict[str, Column]:
        """Attributes after each event that somebody asked for."""
        return {}

    def changes(self, name: str) -> bool:
        """Is there an event that gives an attribute another value?"""
        return name == "status" or any(
            changed == name and kind in self._happens for kind, changed in CHANGES.items()
        )

    def attribute(self, name: str) -> Column:
        """(E,) the value of an attribute after each event; nothing where it is not known.

        ``status``, ``priority``, ``assigned_to`` and the others of CHANGES follow their events. To be read only.
        """
        if name not in self._read:
            self._read[name] = self._followed(name)
        return self._read[name]

    def _followed(self, name: str) -> Column:
        kinds = [KINDS.index(kind) for kind, changed in CHANGES.items() if changed == name]
        initial = self.attributes.get(name, Column(np.full(self.tickets, -1, np.int32), ()))
        if not self.changes(name):
            return initial.taken(self.ticket)
        if name == "status":
            changes = (self.kind == STATUS) | (self.kind == CREATED)
            initial = Column(np.zeros(self.tickets, np.int32), STATUSES)
        else:
            changes = np.isin(self.kind, kinds)
        words = dict.fromkeys(initial.words)
        position = {
            word: number for number, word in enumerate(dict.fromkeys((*words, *self.words)))
        }
        renumbered = np.array([position[word] for word in self.words] + [-1], np.int32)
        first = np.zeros(len(self), bool)
        first[self.starts[:-1][np.diff(self.starts) > 0]] = True
        said = np.where(changes, renumbered[self.value], initial.codes[self.ticket])
        if name == "status":
            said[(self.kind == CREATED) & (self.value < 0)] = 0
        at = np.maximum.accumulate(np.where(changes | first, np.arange(len(self)), 0))
        return Column(said[at].astype(np.int32), tuple(position))

    def has(self, name: str) -> bool:
        """Can an attribute of that name have a value here?"""
        return name in self.attributes or self.changes(name)

    def made_by_agent(self) -> Bools:
        """(N,) tickets that an agent made: attribute ``created_by`` is ``agent``."""
        column = self.attributes.get("created_by")
        if column is None:
            return np.zeros(self.tickets, bool)
        agent = np.array([word.lower() == "agent" for word in column.words] + [False])
        chosen: Bools = agent[column.codes]
        return chosen

    def until(self, instant: int) -> EventTable:
        """What was known at an instant: events at or before it, of tickets that had begun."""
        known = self.at <= instant
        table = self if known.all() else self._rows(known)
        return table.only(np.bincount(self.ticket[known], minlength=self.tickets) > 0)

    def only(self, tickets: Bools) -> EventTable:
        """The same table with only some tickets (N,), renumbered."""
        if tickets.all():
            return self
        number = np.cumsum(tickets).astype(np.int32) - 1
        kept = self._rows(tickets[self.ticket])
        which = np.flatnonzero(tickets)
        return replace(
            kept,
            ticket=number[kept.ticket].astype(np.int32),
            ids=tuple(self.ids[int(i)] for i in which),
            attributes={name: column.taken(which) for name, column in self.attributes.items()},
        )

    def openings(self) -> EventTable:
        """The same table with the first event of each ticket alone; of tickets that all have one."""
        return self._rows(self.starts[:-1])

    def with_moments(self, ticket: ArrayLike, at: ArrayLike) -> EventTable:
        """The same table with a row ``moment`` for each (ticket, instant), after what happens then."""
        tickets, instants = np.asarray(ticket, np.int32), np.asarray(at, np.int64)
        made = tickets.size
        both = np.concatenate([self.ticket, tickets]), np.concatenate([self.at, instants])
        order = np.lexsort((np.arange(both[0].size), both[1], both[0]))
        return replace(
            self,
            ticket=both[0][order],
            at=both[1][order],
            kind=np.concatenate([self.kind, np.full(made, MOMENT, np.int8)])[order],
            value=np.concatenate([self.value, np.full(made, -1, np.int32)])[order],
            row=np.concatenate([self.row, np.zeros(made, np.int64)])[order],
        )

    def _rows(self, chosen: Bools | Ints) -> EventTable:
        names = ("ticket", "at", "kind", "value", "row")
        columns: dict[str, Any] = {name: getattr(self, name)[chosen] for name in names}
        return replace(self, **columns)

    # ---------------------------------------------------------------- what is wrong

    def _mistakes(self) -> list[tuple[int, str, str]]:
        """(row, what was found, what would do) of everything that cannot be."""
        wrong: list[tuple[int, str, str]] = []
        begins = self.starts[:-1][np.diff(self.starts) > 0]
        opening = np.isin(self.kind[begins], [KINDS.index(kind) for kind in _OPENING])
        created = np.zeros(self.tickets, bool)
        created[self.ticket[self.kind == CREATED]] = True
        for at in begins[~opening].tolist():
            name, kind = self.ids[self.ticket[at]], KINDS[self.kind[at]]
            if created[self.ticket[at]]:
                said = (
                    f"ticket {name}: {kind} comes before the ticket was created",
                    "Check its time.",
                )
            else:
                said = (
                    f"ticket {name} begins with {kind} and is never created",
                    "Give its created event.",
                )
            wrong.append((int(self.row[at]), *said))
        twice = (self.kind[1:] == CREATED) & (self.ticket[1:] == self.ticket[:-1])
        late = np.isin(self.ticket, self.ticket[begins[~opening]])[1:]
        for at in (np.flatnonzero(twice & ~late) + 1).tolist():
            name = self.ids[self.ticket[at]]
            wrong.append(
                (
                    int(self.row[at]),
                    f"ticket {name} is created a second time",
                    "Keep its first created event.",
                )
            )
        return wrong

    def _without(
        self,
        wrong: list[tuple[int, str, str]],
        tickets: Codes,
        rows: Ints,
        file: str,
        on_problem: Literal["raise", "drop"],
    ) -> EventTable:
        if not wrong:
            return self
        said = _shortened([_problem(file, *one) for one in wrong])
        if on_problem == "raise":
            raise InputError(said)
        bad = np.zeros(self.tickets, bool)
        bad[tickets[np.isin(rows, np.array([row for row, *_ in wrong]))]] = True
        lost = tuple(self.ids[int(i)] for i in np.flatnonzero(bad))
        return replace(self.only(~bad), problems=tuple(said), dropped=lost)


def _created_late(numbers: Codes, at: Ints, kinds: NDArray[np.int8], order: Ints) -> bool:
    """Does a creation stand below another event of the same ticket and instant?"""
    n, t, k = numbers[order], at[order], kinds[order]
    same = (n[1:] == n[:-1]) & (t[1:] == t[:-1])
    return bool((same & (k[1:] == CREATED) & (k[:-1] != CREATED)).any())


def _out_of_order(unsorted: Ints, rows: Ints) -> list[tuple[int, str, str]]:
    return [
        (
            int(rows[at]),
            "this event is earlier than the one above it of the same ticket",
            "Sort the events by time, or have them sorted (sort=True).",
        )
        for at in unsorted.tolist()
    ]


def _read_words(
    event: Sequence[str], value: Sequence[object] | None, statuses: Mapping[str, str]
) -> tuple[NDArray[np.int8], Codes, list[str], list[tuple[int, str, str]]]:
    """(kinds, values, words, mistakes by row index); kind -1 where a row cannot be read."""
    numbers = {kind: number for number, kind in enumerate(KINDS) if kind != "moment"}
    positions = {word: number for number, word in enumerate(STATUSES)}
    of_status = {word: positions[known] for word, known in statuses.items() if known in positions}
    kinds = np.full(len(event), -1, np.int8)
    values = np.full(len(event), -1, np.int32)
    wrong: list[tuple[int, str, str]] = []
    for row, kind in enumerate(event):
        number = numbers.get(kind, -1)
        if number < 0:
            wrong.append(
                (
                    row,
                    f"'{kind}' is no event",
                    did_you_mean(str(kind), tuple(numbers), what="Events"),
                )
            )
            continue
        text = "" if value is None else _text(value[row])
        kinds[row] = number
        if number == STATUS or (number == CREATED and text):
            code = of_status.get(text, positions.get(text, len(STATUSES)))
            if code >= len(STATUSES):
                kinds[row] = -1
                would = did_you_mean(text, STATUSES, what="Statuses")
                wrong.append(
                    (row, f"status '{text}' is unknown" if text else "a status is missing", would)
                )
            else:
                values[row] = code
        elif text:
            values[row] = positions.setdefault(text, len(positions))
    return kinds, values, list(positions), wrong


def _problem(file: str, row: int, found: str, would_do: str) -> Problem:
    return Problem(found, would_do, file=file, line=row)


def _shortened(problems: list[Problem]) -> list[Problem]:
    """All of them, or the first thousand and how many more there are."""
    if len(problems) <= _MOST_LISTED:
        return problems
    more = len(problems) - _MOST_LISTED
    ordered = sorted(problems, key=lambda problem: problem.line)[:_MOST_LISTED]
    return [*ordered, Problem(f"and {more:,} more problems", file=problems[0].file, line=1 << 60)]
