"""The column `time` of a table: times of day that ascend."""

from __future__ import annotations

from slasim import clock
from slasim.scenario.tables import Table

__all__ = ["times_of_day"]


def times_of_day(table: Table) -> list[int]:
    """Column `time` as ms after midnight, ascending; duplicates are refused."""
    found: list[int] = []
    bad: list[tuple[int, str]] = []
    for row, cell in enumerate(table.column("time")):
        try:
            at = clock.parse_time_of_day(cell)
        except ValueError as error:
            bad.append((row, str(error)))
            continue
        if at in found:
            bad.append((row, f"{cell} stands twice; keep one row"))
        found.append(at)
    table.refuse("time", bad)
    return found
