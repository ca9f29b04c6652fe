"""A table on the terminal: as many rows as fit a screen, and where the rest is.

Takes rows of plain values with their headings; knows no result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from slasim.show.words import WIDTH, aligned, count, shortened

ROWS = 34
"""Rows that leave room for a heading on a screen of 40 lines."""


def table_lines(rows: Sequence[Mapping[str, Any]], *, most: int = ROWS,
                formats: Mapping[str, Any] | None = None) -> list[str]:  # fmt: skip
    """The rows under their headings, numbers flush right, at most WIDTH wide.

    ``formats`` says by heading how a value is written; else shares and times are left as numbers.
    """
    if not rows:
        return ["(no rows)"]
    known = formats or {}
    heads = list(rows[0])
    texts = [[_said(row[head], known.get(head)) for head in heads] for row in rows[:most]]
    left = {c for c, head in enumerate(heads) if isinstance(rows[0][head], str)}
    lines = [shortened(line, WIDTH) for line in aligned([heads, *texts], left=left)]
    if len(rows) > most:
        lines.append(f"… and {len(rows) - most:,} more rows: write all with --out FILE.csv")
    return lines


def _said(value: Any, write: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if write is not None:
        return str(write(value))
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else count(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
