"""Tables to files: CSV, Parquet or Excel by suffix; whole or not at all; nothing that a spreadsheet would run.

A file is written beside its place under another name and then moved there. Text that begins like a formula gets an
apostrophe in CSV and Excel. This file knows no result.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slasim.errors import InputError, MissingExtra, Problem

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet", ".xlsx")
_NEEDS = {".parquet": ("pyarrow", "parquet"), ".xlsx": ("xlsxwriter", "excel")}
"""By suffix: the library that writes it, and the extra that brings it."""
_RUN = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a text for a formula."""


def checked_place(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> Path:
    """The path, if a file of one of these kinds can be written there. Raises InputError before any work is done, and
    MissingExtra for a library that is not installed.
    """
    if path.suffix.lower() not in suffixes:
        found = (
            f"a table cannot be written as '{path.suffix}'" if path.suffix else "it has no suffix"
        )
        raise InputError([Problem(found, f"Use one of {', '.join(suffixes)}.", file=str(path))])
    if path.is_dir():
        raise InputError([Problem("this is a folder", "Name a file.", file=str(path))])
    if not path.parent.is_dir():
        found = f"there is no folder {path.parent}"
        raise InputError([Problem(found, "Make it first, or name another.", file=str(path))])
    if path.suffix.lower() in _NEEDS:
        _needs(*_NEEDS[path.suffix.lower()])
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder; moved to ``path`` when all went well, else removed.

    Raises InputError when the place cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError([Problem(f"cannot be written: {reason}", file=str(path))]) from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with_rights = 0o666 & ~_umask()
        temporary.chmod(with_rights)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    known = os.umask(0)
    os.umask(known)
    return known


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table by its suffix. Raises InputError, and MissingExtra for a library that is not installed."""
    checked_place(path)
    suffix = path.suffix.lower()
    with replacing(path) as temporary:
        if suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        elif suffix == ".xlsx":
            _write_excel(escaped(frame), temporary)
        else:
            escaped(frame).to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
    return path


def write_rows(rows: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """Write plain rows as a table; otherwise as ``write_table``."""
    import pandas as pd

    return write_table(pd.DataFrame(list(rows)), path)


def escaped(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before text (cells and headings) that a spreadsheet would run; numbers stay."""
    safe = frame.rename(columns=escaped_text)
    for name in safe.columns:
        if not _is_number(safe[name]):
            safe[name] = safe[name].map(escaped_text)
    return safe


def escaped_text(cell: Any) -> Any:
    """
    >>> escaped_text("=1+1"), escaped_text("-2"), escaped_text("billing"), escaped_text(-2)
    ("'=1+1", "'-2", 'billing', -2)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUN) else cell


def _is_number(column: Any) -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(column))


def _write_excel(frame: pd.DataFrame, path: Path) -> None:
    import pandas as pd

    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=options) as book:
        frame.to_excel(book, index=False, sheet_name="slasim")
        sheet = book.sheets["slasim"]
        sheet.freeze_panes(1, 0)
        sheet.autofit()


def _needs(library: str, extra: str) -> None:
    import importlib.util

    if importlib.util.find_spec(library) is None:
        raise MissingExtra(f'{library} is not installed: pip install "slasim[{extra}]"')
