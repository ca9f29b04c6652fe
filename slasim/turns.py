"""Whose turn it is: threads that replicate go through Python one at a time, and through long compiled loops together.

Python lets one thread run at a time anyway. But numpy gives it away for every copy of some microseconds, and whoever
takes it then keeps the other waiting, who has to be woken again: that takes longer than the copy. So a thread that
replicates keeps its turn, and gives it away for long loops only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Alone", "Turn", "beside_others"]

Found = TypeVar("Found")

_MINE = threading.local()


class Turn:
    """What threads that work on the same share: ``with turn:`` waits until it is free, and keeps it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: threading.Lock | None = None  # the turn within which this one is

    def __enter__(self) -> None:
        self._lock.acquire()
        self._before = getattr(_MINE, "kept", None)
        _MINE.kept = self._lock

    def __exit__(self, *_: object) -> None:
        _MINE.kept = self._before
        self._lock.release()


def beside_others(loop: Callable[..., Found], *arguments: Any) -> Found:
    """What the loop returns; meanwhile this thread's turn, if it has one, is another's."""
    kept: threading.Lock | None = getattr(_MINE, "kept", None)
    if kept is None:
        return loop(*arguments)
    kept.release()
    try:
        return loop(*arguments)
    finally:
        kept.acquire()


class Alone:
    """What only one thread may have in hand, through its long loops too. Whoever waits for it gives its turn away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            beside_others(self._lock.acquire)

    def __exit__(self, *_: object) -> None:
        self._lock.release()
