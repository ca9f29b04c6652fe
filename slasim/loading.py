"""Loading and compiling quickly.

Python's collector of what could be dropped rests, it would be a fifth of the time. What a library loads and does not
need is not loaded with it.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from collections.abc import Iterator
from types import ModuleType

__all__ = ["loading", "stood_in", "uncollected"]

_AT_START = 1_000
"""No more objects than this does Python set aside for itself."""


class _Resting:
    """How many want the collector to rest at this moment, in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._many = 0
        self._collecting = False

    def one_more(self) -> None:
        with self._lock:
            if self._many == 0:
                self._collecting = gc.isenabled()
                gc.disable()
            self._many += 1

    def one_less(self) -> None:
        with self._lock:
            self._many -= 1
            if self._many == 0 and self._collecting:
                gc.enable()


_RESTING = _Resting()


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """The collector rests. At the end it is as it was, and finds what has become of no use meanwhile."""
    _RESTING.one_more()
    try:
        yield
    finally:
        _RESTING.one_less()


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """The same for what is loaded to stay: all that is there at the end counts as old, or the collector's next look at
    what is young would go through it."""
    with uncollected():
        try:
            yield
        finally:
            if gc.get_freeze_count() < _AT_START:  # or what somebody has set aside would come back
                gc.freeze()
                gc.unfreeze()


@contextlib.contextmanager
def stood_in(name: str, stand_in: ModuleType) -> Iterator[None]:
    """Inside, whoever imports ``name`` gets the stand-in, where the module itself would take long and is not needed; it
    is loaded when somebody imports it later. Nothing happens where it is loaded already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
