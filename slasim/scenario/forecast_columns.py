"""Which columns of a forecast file mean what.

Long: queue, interval_start, offered, and aht_s and patience_s of the row. Wide: interval_start and a column of contacts
per queue; its means stand in ``<that column>_aht_s`` and ``<that column>_patience_s``, or for all queues in aht_s and
patience_s. This file reads no cell.
"""

from __future__ import annotations

from slasim.scenario.tables import Table

__all__ = ["mean_column", "queues_of"]

_MEANS = ("aht_s", "patience_s")


def mean_column(table: Table, contacts: str, mean: str) -> str | None:
    """The column with the ``mean`` (aht_s, patience_s) of those whose numbers stand in the column ``contacts``; None
    where the file has none."""
    return next((name for name in (f"{contacts}_{mean}", mean) if table.has(name)), None)


def queues_of(table: Table) -> list[str]:
    """The queues of a wide file, by its header: every column of contacts."""
    heads = [head for head in table.header if head.strip()]
    plain = {head.strip().lower() for head in heads}
    means = {f"{head}_{mean}" for head in plain for mean in _MEANS}
    other = {"interval_start", "queue", "offered", *_MEANS}
    return [head for head in heads if head.strip().lower() not in other | means]
