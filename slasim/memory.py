"""Memory that is used again: what is filled and read within one replication, and large enough to cost.

Fresh memory of this size comes from the system and goes back to it each time, which takes longer than what is done in
it, and holds up the other threads meanwhile.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np

from slasim.arrays import Ints, NDArray

__all__ = ["LARGEST_KEPT", "counting_up", "filled", "keep_freed", "scratch"]

LARGEST_KEPT = 1 << 27
"""Bytes of one array. What is larger is fresh each time, so that nothing very large is kept for ever."""

_KEPT = threading.local()


def keep_freed() -> None:
    """Let the process keep what it frees, up to twice as much as this, instead of asking the system for it again.

    A column of a Draw is too large for the C library (glibc) to keep at first: each replication would get its pages
    from the system one by one, zeroed, which takes as long as to fill them. Once a block has been freed, the library
    keeps all that are not larger. This one is never written, so it costs no memory. Other libraries have other rules.
    """
    np.empty(_FREED, np.uint8)


_FREED = 1 << 24
"""Bytes; the library heeds blocks below 32 MB only."""


def scratch(name: str, *shape: int, kind: Any = np.int64) -> NDArray[Any]:
    """An array of that shape with anything in it; this thread's next one of that name has the same memory."""
    dtype = np.dtype(kind)
    size = math.prod(shape) * dtype.itemsize
    if size > LARGEST_KEPT:
        return np.empty(shape, dtype)
    kept: dict[str, NDArray[np.uint8]] = _KEPT.__dict__
    if name not in kept or kept[name].size < size:
        kept[name] = _aligned(size + size // 4)
    found: NDArray[Any] = kept[name][:size].view(dtype).reshape(shape)
    return found


def _aligned(size: int) -> NDArray[np.uint8]:
    """Bytes that begin with a line of the processor's cache, so that a row of one or two lines is not cut."""
    block = np.empty(size + _LINE, np.uint8)
    begin = -block.ctypes.data % _LINE
    return block[begin : begin + size]


_LINE = 64


def filled(value: int, size: int, kind: Any = np.int64) -> NDArray[Any]:
    """(size,) that value over and over; to be read only, for all threads share it."""
    key = (value, np.dtype(kind))
    kept = _FILLED.get(key)
    if kept is None or kept.size < size:
        kept = np.full(size + size // 4, value, kind)
        kept.flags.writeable = False
        if kept.nbytes <= LARGEST_KEPT:
            _FILLED[key] = kept
    return kept[:size]


def counting_up(size: int) -> Ints:
    """(size,) 0, 1, 2 ...; to be read only, for all threads share it."""
    global _numbers
    kept = _numbers
    if kept.size < size:
        kept = np.arange(size + size // 4)
        kept.flags.writeable = False
        if kept.nbytes <= LARGEST_KEPT:
            _numbers = kept
    return kept[:size]


_numbers: Ints = np.zeros(0, np.int64)
_FILLED: dict[tuple[int, np.dtype[Any]], NDArray[Any]] = {}
