"""CSV files as planners have them: UTF-8 with or without BOM, `,` `;` or tab, decimal comma.

Reads columns of numbers, shares, durations and date-times, and tells every bad cell with its line. Other encodings and
day-first dates are read only when the scenario declares them. This file knows no queue and no group.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints
from slasim.errors import InputError, Problem, did_you_mean

__all__ = ["MOST_BYTES", "Table", "open_table", "read_lengths"]


MOST_BYTES = 64 * 1024 * 1024
TOLD = 3
"""Bad cells told one by one per column; the rest are counted."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, eq=False)
class Table:
    """Cells as text: a header, and rows of equal length with the line each begins in."""

    file: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.lines)

    def has(self, name: str) -> bool:
        return self._index(name) is not None

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of a column. Raises InputError, with the columns that exist."""
        index = self._index(name)
        if index is None:
            known = did_you_mean(name, self.header, what="Columns")
            raise InputError([Problem(f"no column `{name}`", known, file=self.file, line=1)])
        return self.columns[index]

    def _index(self, name: str) -> int | None:
        wanted = name.strip().lower()
        for index, head in enumerate(self.header):
            if head.lower() == wanted:
                return index
        return None

    def take(self, rows: Sequence[int]) -> Table:
        """The same table with only those rows."""
        columns = tuple(tuple(column[row] for row in rows) for column in self.columns)
        return Table(
            self.file, self.delimiter, self.header, columns, tuple(self.lines[row] for row in rows)
        )

    def numbers(self, name: str, *, blank: float | None = None) -> Floats:
        """A column of numbers of 0 or more; an empty cell is `blank`, or a problem without one."""
        return self._read(name, blank, lambda cell: _number(cell, self.delimiter))

    def milliseconds(self, name: str, *, blank: float | None = None) -> Floats:
        """A column of durations in ms: bare numbers are seconds, text may carry its unit."""
        return self._read(name, blank, lambda cell: _milliseconds(cell, self.delimiter))

    def _read(self, name: str, blank: float | None, read: Callable[[str], float]) -> Floats:
        values, bad = self._tried(name, blank, read)
        self.refuse(name, bad)
        return values

    def tried_numbers(self, name: str, *, blank: float) -> tuple[Floats, list[tuple[int, str]]]:
        """As `numbers`, and (row, sentence) of the cells that cannot be read instead of a refusal."""
        return self._tried(name, blank, lambda cell: _number(cell, self.delimiter))

    def tried_milliseconds(
        self, name: str, *, blank: float
    ) -> tuple[Floats, list[tuple[int, str]]]:
        """As `milliseconds`, and (row, sentence) of the cells that cannot be read."""
        return self._tried(name, blank, lambda cell: _milliseconds(cell, self.delimiter))

    def tried_instants(
        self, name: str, where: ZoneInfo, *, day_first: bool, keys: Sequence[object] | None = None
    ) -> tuple[Ints, list[tuple[int, str]]]:
        """As `instants`, and (row, sentence) of the cells that cannot be read; those hold clock.NEVER."""
        cells = self.column(name)
        texts = [_day_first(cell) if day_first else _padded(cell) for cell in cells]
        instants, problems = clock.local_instants(texts, where, keys)
        bad: list[tuple[int, str]] = []
        for row, sentence in problems:
            if not day_first and _LOCAL_DATE.match(cells[row]):
                sentence = (
                    f"'{cells[row]}' is no ISO date (2026-03-02 08:30); if the day comes first, declare "
                    "it: {file: ..., dates: day_first}, or --day-first"
                )
            bad.append((row, sentence))
        return instants, bad

    def _tried(
        self, name: str, blank: float | None, read: Callable[[str], float]
    ) -> tuple[Floats, list[tuple[int, str]]]:
        values = np.zeros(self.size)
        known: dict[str, float | str] = {}
        bad: list[tuple[int, str]] = []
        for row, cell in enumerate(self.column(name)):
            found = known.get(cell)
            if found is None:
                if not cell and blank is not None:
                    found = blank
                else:
                    try:
                        found = read(cell)
                    except ValueError as error:
                        found = str(error)
                known[cell] = found
            if isinstance(found, str):
                bad.append((row, found))
            else:
                values[row] = found
        return values, bad

    def instants(
        self, name: str, where: ZoneInfo, *, day_first: bool, keys: Sequence[object] | None = None
    ) -> Ints:
        """A column of date-times as epoch ms; local ones of `where`. Raises InputError."""
        instants, bad = self.tried_instants(name, where, day_first=day_first, keys=keys)
        self.refuse(name, bad)
        return instants

    def refuse(self, name: str, bad: Sequence[tuple[int, str]]) -> None:
        """Raise InputError for (row, sentence) of a column, the first few one by one."""
        if not bad:
            return
        problems = [self.problem(row, name, sentence) for row, sentence in bad[:TOLD]]
        if len(bad) > TOLD:
            row, _ = bad[TOLD]
            rest = f"and {len(bad) - TOLD:,} more rows of column `{name}` have such cells"
            problems.append(self.problem(row, name, rest))
        raise InputError(problems)

    def problem(self, row: int, name: str, sentence: str) -> Problem:
        """A problem of one cell; `found; would do` is split."""
        found, semicolon, rest = sentence.partition("; ")
        would_do = rest[:1].upper() + rest[1:] if semicolon else ""
        index = self._index(name)
        column = 0 if index is None else index + 1
        head = f"column `{name}`: " if index is not None else ""
        return Problem(
            f"{head}{found.rstrip('.')}",
            would_do,
            file=self.file,
            line=self.lines[row],
            column=column,
        )


# ------------------------------------------------------------------ opening


def open_table(
    file: str, folder: Path | None, *, encoding: str | None = None, most_bytes: int = MOST_BYTES
) -> Table:
    """The table of a CSV file. Raises InputError."""
    path = Path(file)
    if not path.is_absolute():
        path = (folder or Path()) / path
    name = str(path)
    try:
        status = path.stat()
        if path.is_dir():
            raise _bad(name, f"`{file}` is a directory, not a CSV file", "Name a file in it.")
        if not path.is_file():
            raise _bad(name, f"`{file}` is not an ordinary file", "Name a CSV file.")
        if status.st_size > most_bytes:
            most = f"A data file may have {most_bytes >> 20:,} MB."
            raise _bad(name, f"the file has {status.st_size / 2**20:,.0f} MB", most)
        return _open(path, name, status.st_mtime_ns, status.st_size, encoding)
    except FileNotFoundError:
        raise _bad(name, f"there is no file `{file}`", _neighbours(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _bad(name, f"`{file}` cannot be read: {reason}", "") from None


def _bad(file: str, found: str, would_do: str, line: int = 0) -> InputError:
    return InputError([Problem(found, would_do, file=file, line=line)])


def _neighbours(path: Path) -> str:
    try:
        names = sorted(item.name for item in path.parent.iterdir() if item.is_file())
    except OSError:
        return "Its folder does not exist either; paths are read from the scenario's folder."
    tables = [name for name in names if name.lower().endswith((".csv", ".txt"))][:12]
    return did_you_mean(path.name, tables, what=f"CSV files in {path.parent}", files=True)


@lru_cache(maxsize=64)
def _open(path: Path, name: str, mtime: int, size: int, encoding: str | None) -> Table:
    del mtime, size  # part of the key: an edited file is read again
    text = _decode(path.read_bytes(), name, encoding)
    if not text.strip():
        raise _bad(name, "the file is empty", "It needs a header line and at least one row.")
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(",;\t", key=lambda mark: first.count(mark))
    return _rows(text, name, delimiter if delimiter in first else ",")


def _decode(data: bytes, name: str, encoding: str | None) -> str:
    if encoding is None and data[:2] in _UTF16:
        raise _bad(
            name,
            "the file is UTF-16, not UTF-8",
            "Declare it: {file: ..., encoding: utf-16}, or --encoding utf-16.",
        )
    chosen = encoding or "utf-8-sig"
    try:
        codecs.lookup(chosen)
        text = data.decode("utf-8-sig" if chosen.lower() in ("utf-8", "utf8") else chosen)
    except LookupError:
        would_do = "Write for example utf-8, cp1252, iso-8859-2 or utf-16."
        raise _bad(name, f"the encoding `{encoding}` is unknown", would_do) from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        if encoding is None:
            would_do = "Save it as UTF-8, or declare it: {file: ..., encoding: cp1252}, or --encoding cp1252."
        else:
            would_do = "Declare the encoding it was saved in."
        found = f"byte {data[error.start] if error.start < len(data) else 0:#x} is not {encoding or 'UTF-8'}"
        raise _bad(name, found, would_do, line) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _bad(name, "a zero byte stands in it: this is no text file", "Save it as CSV.", line)
    return text


def _rows(text: str, name: str, delimiter: str) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: tuple[str, ...] = ()
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    line = 1
    try:
        for row in reader:
            begins, line = line, reader.line_num + 1
            cells = [cell.strip().replace("\N{NO-BREAK SPACE}", " ") for cell in row]
            if not any(cells):
                continue
            if not header:
                while cells and not cells[-1]:
                    cells.pop()
                header = tuple(cells)
                continue
            while len(cells) > len(header) and not cells[-1]:
                cells.pop()
            if len(cells) != len(header):
                found = f"the row has {len(cells)} cells, the header {len(header)}"
                mark = {"\t": "tab"}.get(delimiter, delimiter)
                problems.append(
                    Problem(found, f"Cells are separated by `{mark}`.", file=name, line=begins)
                )
                continue
            rows.append(cells)
            lines.append(begins)
    except csv.Error as error:
        raise _bad(name, f"this is no CSV: {error}", "Is a quote left open?", line) from None
    lower = [head.lower() for head in header]
    for place, head in enumerate(lower):
        if head in lower[:place]:
            problems.append(
                Problem(f"two columns are called `{head}`", "Rename one.", file=name, line=1)
            )
    if not rows and not problems:
        problems.append(Problem("the file has a header and no rows", "", file=name, line=1))
    if problems:
        more = len(problems) - TOLD
        told = problems[:TOLD]
        if more > 0:
            told.append(
                Problem(f"and {more:,} more such rows", file=name, line=problems[TOLD].line)
            )
        raise InputError(told)
    return Table(name, delimiter, header, tuple(zip(*rows, strict=True)), tuple(lines))


# ------------------------------------------------------------------ cells

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}([., '\u2019]\d{3})+([.,]\d+)?")


def _number(cell: str, delimiter: str) -> float:
    """A number of 0 or more, with decimal point or comma. Raises ValueError, one sentence."""
    if not cell:
        raise ValueError("the cell is empty; write a number, 0 for none")
    percent = cell.endswith("%")
    text = cell.removesuffix("%").strip()
    both = "." in text and "," in text
    if both or (text.count(",") > 1) or (text.count(".") > 1) or ("," in text and delimiter == ","):
        raise ValueError(f"'{cell}' has a thousands mark; write 1234.5 or 1234,5 without one")
    if not _NUMBER.fullmatch(text):
        if _THOUSANDS.fullmatch(text):
            raise ValueError(f"'{cell}' has a thousands mark; write 1234.5 or 1234,5 without one")
        raise ValueError(f"'{cell}' is not a number; write 0 or more, such as 12 or 12.5")
    value = float(text.replace(",", "."))
    if value < 0:
        raise ValueError(f"{cell} is negative; it must be 0 or more")
    if value > 1e12:
        raise ValueError(f"{cell} is larger than any number here may be; is it a typing error?")
    return value / 100 if percent else value


def _milliseconds(cell: str, delimiter: str) -> float:
    if cell[-1:].isalpha() and cell[:1].isdigit():
        return float(clock.parse_duration(cell))
    return _number(cell, delimiter) * 1000


_LOCAL_DATE = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})\.?(.*)", re.DOTALL)
_ISO = re.compile(r"\s*(\d{4}-\d\d-\d\d)(?:[ T]+(\d):)?(.*)", re.DOTALL)


def _padded(cell: str) -> str:
    """`2026-03-02 8:00` as `2026-03-02 08:00`; anything else stays."""
    match = _ISO.fullmatch(cell)
    return f"{match[1]} 0{match[2]}:{match[3]}" if match and match[2] else cell


def _day_first(cell: str) -> str:
    """`2.3.2026 8:00` as `2026-03-02 08:00`; an ISO date stays."""
    match = _LOCAL_DATE.fullmatch(cell)
    if match is None:
        return _padded(cell)
    return _padded(f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}{match[4].rstrip()}")


# ------------------------------------------------------------------ measured lengths


def read_lengths(settings: Mapping[str, Any], folder: Path | None) -> tuple[Floats, Floats | None]:
    """(lengths in ms, weights or None) of `{file, column, weights: column, encoding}`."""
    known = ("file", "column", "weights", "encoding")
    for key in settings:
        if key not in known:
            raise InputError(
                [
                    Problem(
                        f"empirical: unknown key `{key}`",
                        did_you_mean(str(key), known, what="Keys"),
                    )
                ]
            )
    encoding = settings.get("encoding")
    table = open_table(str(settings["file"]), folder, encoding=encoding and str(encoding))
    column = settings.get("column")
    if column is None:
        if len(table.header) != 1:
            known_columns = ", ".join(table.header)
            raise InputError(
                [
                    Problem(
                        f"the file has {len(table.header)} columns and `column` is not given",
                        f"Columns are: {known_columns}.",
                        file=table.file,
                        line=1,
                    )
                ]
            )
        column = table.header[0]
    lengths = table.milliseconds(str(column))
    weights = settings.get("weights")
    return lengths, None if weights is None else table.numbers(str(weights))
