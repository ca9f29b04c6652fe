"""Splits by local time of arrival: intervals put together to hours, weekdays, days, weeks, months."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from slasim.clock import DAY, LocalTimes

TIMES = ("interval", "hour", "weekday", "day", "week", "month")
"""What a table may be split by, besides ``queue`` and ``group``."""

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _weeks(local: LocalTimes) -> list[str]:
    """The Monday with which each instant's week begins."""
    monday = (local.local_ms // DAY - local.weekday).astype("datetime64[D]")
    return [str(day) for day in monday]


_LABELS: dict[str, Callable[[LocalTimes], Any]] = {
    "interval": lambda local: local.text,
    "hour": lambda local: [f"{m // 60:02d}:00" for m in local.minute_of_day],
    "weekday": lambda local: [_WEEK[d] for d in local.weekday],
    "day": lambda local: [text[:10] for text in local.text],
    "week": _weeks,
    "month": lambda local: [text[:7] for text in local.text],
}


def cells_of(local: LocalTimes, skip: int, split: str, *parts: Any) -> tuple[list[str], list[Any]]:
    """The labels of a split, and each part (B, I) added up to (B, cells).

    ``local`` are the starts of all intervals, of which the first ``skip`` (the warm-up) are not counted.
    """
    labels = np.asarray(_LABELS[split](local))[skip:]
    if split == "interval":
        return labels.tolist(), list(parts)
    seen, where = np.unique(labels, return_inverse=True)
    order = list(range(seen.size))
    if split == "weekday":
        order.sort(key=lambda k: _WEEK.index(seen[k]))
    return [str(seen[k]) for k in order], [
        np.stack([part[:, where == k].sum(axis=1) for k in order], axis=1) for part in parts
    ]
