"""Loading and compiling quickly.

Python's collector of what could be dropped rests, it would be a fifth of the time. What a library loads and does not
need is not loaded with it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__all__ = ["StandIn", "load_put_off", "loading", "put_off", "stood_in", "take_away", "uncollected"]

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


class StandIn(ModuleType):
    """In the place of a module that takes long to load. That is loaded when somebody uses something of it; to ask for
    one of ``functions`` does not load it, to call it does."""

    def __init__(self, name: str, spec: ModuleSpec | None = None, functions: Sequence[str] = ()):
        super().__init__(name)
        self._empty_for = 0
        if spec is not None:
            self.__spec__ = spec
            if spec.submodule_search_locations is not None:
                self.__path__ = spec.submodule_search_locations
        for function in functions:
            setattr(self, function, self._named(function))

    def empty_for(self, thread: int) -> None:
        """That thread is told that there is nothing in it."""
        self._empty_for = thread

    def _named(self, function: str) -> Any:
        return lambda *given, **wanted: getattr(self._itself(), function)(*given, **wanted)

    def __getattr__(self, asked: str) -> Any:
        if threading.get_ident() == self._empty_for:
            raise AttributeError(f"module {self.__name__!r} has no attribute {asked!r}")
        if asked == "__path__" and self.__spec__ is not None:  # every import asks for it
            raise AttributeError(f"module {self.__name__!r} is not a package")
        return getattr(self._itself(), asked)

    def _itself(self) -> ModuleType:
        take_away(self)
        return importlib.import_module(self.__name__)


_TAKING = threading.Lock()


def take_away(stand_in: StandIn) -> None:
    """Whoever imports it next gets the module; what somebody has begun to load in its place stays."""
    with _TAKING:
        if sys.modules.get(stand_in.__name__) is stand_in:
            del sys.modules[stand_in.__name__]


@contextlib.contextmanager
def stood_in(name: str, within: Sequence[str] = ()) -> Iterator[None]:
    """Inside, whoever imports ``name`` in this thread gets an empty module, and modules of that package can be imported
    without it, if it is one in these folders. Nothing happens where it is loaded already."""
    there = _of(name, within)
    there.empty_for(threading.get_ident())
    with _in_its_place(there):
        try:
            yield
        finally:
            there.empty_for(0)


_PUT_OFF: list[str] = []


def load_put_off() -> None:
    """Load what was put off and is still there to be loaded: libraries are whole for code that is not ours."""
    while _PUT_OFF:
        with contextlib.suppress(ImportError):
            importlib.import_module(_PUT_OFF.pop())


@contextlib.contextmanager
def put_off(name: str, within: Sequence[str] = (), *functions: str) -> Iterator[None]:
    """Inside, importing ``name`` does not load it, nor does asking for one of these functions, if it stands in one of
    these folders: that is done when one is called, now or later, or when anything else is asked for. Nothing happens
    where it is loaded already."""
    with _in_its_place(_of(name, within, functions)):
        yield
    _PUT_OFF.append(name)


def _of(name: str, within: Sequence[str], functions: Sequence[str] = ()) -> StandIn:
    return StandIn(name, PathFinder.find_spec(name, within) if within else None, functions)


@contextlib.contextmanager
def _in_its_place(there: StandIn) -> Iterator[None]:
    sys.modules.setdefault(there.__name__, there)
    try:
        yield
    finally:
        take_away(there)
