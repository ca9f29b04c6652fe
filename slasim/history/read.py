"""A CSV export: its columns by name, its instants in a known zone, and what became of every row.

Column names are matched without case, spaces and punctuation; columns nobody asked for are kept and ignored; an empty
cell is unknown, never 0. A row that cannot be right is refused with its line, or left out and counted when the reader
was told to (`bad_rows="drop"`). This file knows no contact and no ticket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Bools, Floats, Ints
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario.tables import Table, open_table

__all__ = ["UNKNOWN", "BadRows", "Export", "ReadingReport", "Rows", "plain_name"]

BadRows = Literal["refuse", "drop"]

UNKNOWN = clock.NEVER
"""What stands in an array of ms where the cell is empty."""

MOST_BYTES = 1 << 30
LISTED = 5
"""Line numbers given for each reason."""
TOLD = 3
"""Problems told one by one for each reason; the rest are counted."""


def plain_name(name: str) -> str:
    """A name without case, spaces and punctuation.

    >>> plain_name("Ticket ID"), plain_name("event_at")
    ('ticketid', 'eventat')
    """
    return "".join(letter for letter in name.lower() if letter.isalnum())


@dataclass(frozen=True)
class Rows:
    """Rows that share a reason: how many, and the first few lines."""

    reason: str
    rows: int
    lines: tuple[int, ...]

    def to_json(self) -> dict[str, object]:
        return {"reason": self.reason, "rows": self.rows, "lines": list(self.lines)}


@dataclass(frozen=True)
class ReadingReport:
    """What became of an export's rows: ``read`` = ``kept`` + the rows of ``dropped``.

    ``noted`` are rows kept though something about them is odd; ``ignored`` the columns nobody asked for; ``said``
    what was taken to be so for the whole file.
    """

    file: str
    read: int
    kept: int
    dropped: tuple[Rows, ...] = ()
    noted: tuple[Rows, ...] = ()
    ignored: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "file": self.file,
            "rows_read": self.read,
            "rows_kept": self.kept,
            "rows_dropped": self.read - self.kept,
            "dropped": [rows.to_json() for rows in self.dropped],
            "noted": [rows.to_json() for rows in self.noted],
            "ignored_columns": list(self.ignored),
            "said": list(self.said),
        }

    def __str__(self) -> str:
        lines = [f"{self.file}: {self.read:,} rows read, {self.read - self.kept:,} dropped"]
        for mark, found in (("dropped", self.dropped), ("kept, but", self.noted)):
            lines += [
                f"  {mark} {rows.rows:,}: {rows.reason} (line {_first_lines(rows)})"
                for rows in found
            ]
        return "\n".join([*lines, *(f"  {sentence}" for sentence in self.said)])


def _first_lines(rows: Rows) -> str:
    listed = ", ".join(str(line) for line in rows.lines)
    return listed if rows.rows <= len(rows.lines) else f"{listed}, ..."


@dataclass(eq=False)
class Export:
    """An open export; readers ask for columns and say what is wrong with rows.

    ``zone`` is the declared zone of naive instants, None when none was declared.
    """

    table: Table
    zone: ZoneInfo | None
    day_first: bool = False
    bad: list[tuple[str, int, Problem]] = field(default_factory=list)
    """(reason, row, problem) of rows that cannot be right."""
    said: list[str] = field(default_factory=list)
    _dropped: dict[str, list[int]] = field(default_factory=dict)
    _noted: dict[str, list[int]] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _offset: bool | None = None
    _zone_told: bool = False

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        timezone: str | None = None,
        encoding: str | None = None,
        day_first: bool = False,
    ) -> Export:
        """The export of a CSV file. Raises InputError."""
        zone = None
        if timezone is not None:
            try:
                zone = clock.zone(timezone)
            except ValueError as error:
                raise InputError([Problem(str(error), path="timezone")]) from None
        table = open_table(str(path), Path(), encoding=encoding, most_bytes=MOST_BYTES)
        export = cls(table, zone, day_first)
        export._check_names()
        return export

    def _check_names(self) -> None:
        seen: dict[str, str] = {}
        problems = []
        for head in self.table.header:
            other = seen.setdefault(plain_name(head), head)
            if other is not head and plain_name(head):
                found = f"the columns `{other}` and `{head}` have the same name"
                would_do = "Case, spaces and punctuation do not tell names apart: rename one."
                problems.append(Problem(found, would_do, file=self.file, line=1))
        if problems:
            raise InputError(problems)

    # ---------------------------------------------------------------- columns

    @property
    def file(self) -> str:
        return self.table.file

    @property
    def size(self) -> int:
        return self.table.size

    def head(self, name: str) -> str | None:
        """The column's name as the file writes it; None when there is no such column."""
        self._asked.add(plain_name(name))
        wanted = plain_name(name)
        return next((head for head in self.table.header if plain_name(head) == wanted), None)

    def has(self, *names: str) -> bool:
        return all(self.head(name) is not None for name in names)

    def require(self, names: Sequence[str], *, one_of: Sequence[Sequence[str]] = ()) -> None:
        """Raise InputError for every name that is no column, and every group of which none is one."""
        problems = [
            Problem(
                f"there is no column `{name}`",
                did_you_mean(name, self.table.header, what="Columns"),
                file=self.file,
                line=1,
            )
            for name in names
            if not self.has(name)
        ]
        for group in one_of:
            if not any(self.has(name) for name in group):
                found = f"there is none of the columns {', '.join(f'`{name}`' for name in group)}"
                listed = f"Columns are: {', '.join(self.table.header)}."
                problems.append(Problem(found, listed, file=self.file, line=1))
        if problems:
            raise InputError(problems)

    def texts(self, name: str) -> tuple[str, ...]:
        """The cells of a column; empty text for each row when there is no such column."""
        head = self.head(name)
        return ("",) * self.size if head is None else self.table.column(head)

    def ms(self, name: str) -> Ints:
        """(rows,) durations in ms, UNKNOWN where empty; a bad cell makes its row bad."""
        head = self.head(name)
        if head is None:
            return np.full(self.size, UNKNOWN, np.int64)
        values, bad = self.table.tried_milliseconds(head, blank=np.nan)
        self._cells(head, bad)
        return _whole(values, [row for row, _ in bad])

    def counts(self, name: str) -> Ints:
        """(rows,) whole numbers, UNKNOWN where empty; a bad cell makes its row bad."""
        values = self.decimals(name)
        if self.head(name) is None:
            return np.full(self.size, UNKNOWN, np.int64)
        head = str(self.head(name))
        known = ~np.isnan(values)
        odd = np.flatnonzero(known & (values != np.floor(values)))
        for row in odd.tolist():
            cell = self.table.column(head)[row]
            self.wrong(
                row, "a count that is not whole", f"{cell} is not a whole number", column=head
            )
        return _whole(values, odd.tolist())

    def decimals(self, name: str) -> Floats:
        """(rows,) numbers of 0 or more, nan where empty; a bad cell makes its row bad."""
        head = self.head(name)
        if head is None:
            return np.full(self.size, np.nan)
        values, bad = self.table.tried_numbers(head, blank=np.nan)
        self._cells(head, bad)
        values[[row for row, _ in bad]] = np.nan
        return values

    def instants(self, name: str) -> Ints:
        """(rows,) epoch ms, UNKNOWN where empty; a bad cell makes its row bad.

        All instants of a file carry an offset, or all are local ones of the declared zone; different offsets are
        fine. Raises InputError when that is not so.
        """
        head = self.head(name)
        if head is None:
            return np.full(self.size, UNKNOWN, np.int64)
        cells = self.table.column(head)
        given = [row for row, cell in enumerate(cells) if cell]
        self._check_offsets(head, cells, given)
        if not given:
            return np.full(self.size, UNKNOWN, np.int64)
        part = self.table if len(given) == self.size else self.table.take(given)
        where = self.zone or clock.zone("UTC")
        # Every row is a series of its own: an hour that comes twice is its first pass.
        values, bad = part.tried_instants(
            head, where, day_first=self.day_first, keys=range(len(given))
        )
        hint = "declare it: {file: ..., dates: day_first}"
        self._cells(
            head,
            [(given[row], said.replace(hint, "say so: --day-first")) for row, said in bad],
        )
        instants = np.full(self.size, UNKNOWN, np.int64)
        instants[given] = values
        return instants

    def _check_offsets(self, head: str, cells: Sequence[str], given: Sequence[int]) -> None:
        for row in given:
            offset = has_offset(cells[row])
            if offset is None:
                if not self.day_first:
                    continue  # told as a cell that cannot be read
                offset = False
            if self._offset is None:
                self._offset = offset
                if not offset and self.zone is None:
                    raise InputError(
                        [
                            self.table.problem(
                                row,
                                head,
                                f"'{cells[row]}' has no UTC offset, and no time zone is declared for the file; "
                                "declare it (--timezone Europe/Bucharest), or write 2026-03-02T08:30:00+02:00",
                            )
                        ]
                    )
            elif offset is not self._offset:
                here, others = ("has", "have none") if offset else ("has no", "have one")
                raise InputError(
                    [
                        self.table.problem(
                            row,
                            head,
                            f"'{cells[row]}' {here} UTC offset and the instants above {others}; "
                            "write all of a file alike",
                        )
                    ]
                )

    @property
    def naive(self) -> bool:
        """Are the instants read so far local ones?"""
        return self._offset is False

    # ---------------------------------------------------------------- rows

    def _cells(self, head: str, bad: Sequence[tuple[int, str]]) -> None:
        for row, sentence in bad:
            problem = self.table.problem(row, head, sentence)
            self.bad.append((f"column {head} cannot be read", row, problem))

    def wrong(
        self, row: int, reason: str, found: str = "", would_do: str = "", column: str = ""
    ) -> None:
        """A row cannot be right."""
        sentence = f"{found or reason}; {would_do}" if would_do else found or reason
        self.bad.append((reason, row, self.table.problem(row, column, sentence)))

    def all_wrong(
        self, rows: Iterable[Any], reason: str, would_do: str = "", column: str = ""
    ) -> None:
        for row in rows:
            self.wrong(int(row), reason, "", would_do, column)

    def drop(self, rows: Iterable[Any], reason: str) -> None:
        """Rows that are left out; a row dropped for one reason is not counted for another."""
        taken = self.left_out()
        fresh = [int(row) for row in rows if int(row) not in taken]
        if fresh:
            self._dropped.setdefault(reason, []).extend(fresh)

    def left_out(self) -> set[int]:
        """Rows dropped so far."""
        return {row for rows in self._dropped.values() for row in rows}

    def note(self, rows: Iterable[Any], reason: str) -> None:
        """Rows kept though something is odd."""
        found = [int(row) for row in rows]
        if found:
            self._noted.setdefault(reason, []).extend(found)

    def settle(self, bad_rows: BadRows) -> Bools:
        """(rows,) which rows are kept. Raises InputError for bad ones unless they are to be dropped."""
        if bad_rows not in ("refuse", "drop"):
            raise InputError([Problem(f"bad_rows '{bad_rows}'", "It is refuse or drop.")])
        rightly = self.left_out()
        bad = [one for one in self.bad if one[1] not in rightly]
        if bad and bad_rows == "refuse":
            raise InputError(_told(bad))
        by_reason: dict[str, dict[int, None]] = {}
        for reason, row, _ in bad:
            by_reason.setdefault(reason, {})[row] = None
        for reason, rows in by_reason.items():
            self.drop(rows, reason)
        kept = np.ones(self.size, bool)
        kept[list(self.left_out())] = False
        return kept

    def report(self) -> ReadingReport:
        """What became of the rows, after `settle`."""
        dropped = self._listed(self._dropped)
        left = sum(rows.rows for rows in dropped)
        gone = self.left_out()
        noted = {why: [row for row in rows if row not in gone] for why, rows in self._noted.items()}
        ignored = tuple(head for head in self.table.header if plain_name(head) not in self._asked)
        return ReadingReport(
            self.file, self.size, self.size - left, dropped, self._listed(noted), ignored, tuple(self.said)
        )  # fmt: skip

    def _listed(self, found: dict[str, list[int]]) -> tuple[Rows, ...]:
        return tuple(
            Rows(why, len(rows), tuple(self.table.lines[row] for row in sorted(rows)[:LISTED]))
            for why, rows in found.items()
            if rows
        )


def _whole(values: Floats, bad: Sequence[int]) -> Ints:
    known = ~np.isnan(values)
    known[list(bad)] = False
    return np.where(known, np.rint(np.where(known, values, 0)), UNKNOWN).astype(np.int64)


def _told(bad: Sequence[tuple[str, int, Problem]]) -> list[Problem]:
    """The first few problems of each reason, and how many more there are."""
    by_reason: dict[str, list[Problem]] = {}
    for reason, _, problem in bad:
        by_reason.setdefault(reason, []).append(problem)
    told: list[Problem] = []
    for reason, problems in by_reason.items():
        told += problems[:TOLD]
        if len(problems) > TOLD:
            rest = problems[TOLD]
            more = f"and {len(problems) - TOLD:,} more rows: {reason}"
            told.append(Problem(more, file=rest.file, line=rest.line))
    return told


_CLOCK = re.compile(r"\d:\d\d(?::\d\d(?:\.\d+)?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?$")


def has_offset(text: str) -> bool | None:
    """Does a date-time carry a UTC offset? None when it is no date-time at all.

    >>> has_offset("2026-03-02 08:30"), has_offset("2026-03-02T08:30:00Z"), has_offset("2.3.2026 8:30")
    (False, True, None)
    """
    if not re.match(r"\s*\d{4}-", text):
        return None
    found = _CLOCK.search(text.strip())
    if found is None:
        return False if re.fullmatch(r"[\d./-]{8,10}", text.strip()) else None
    return found[1] is not None
