"""Compiling on two cores: another process compiles what reads logs, while this one compiles what writes them.

The loop that plays a replication takes longer to compile than all others together, and numba compiles one function at a
time. So when that loop has to be compiled, a second Python begins a ``rehearsal``; what it compiles is found where
machine code is kept. No number depends on it: where it cannot begin or fails, this process compiles the rest itself.
No function is compiled by both, since this one waits before it counts: numba's index knows no lock between processes.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from slasim.compiling import story_is_known, when_a_story_is_compiled
from slasim.scenario import Scenario
from slasim.scenario.floor_facts import needs_floor
from slasim.turns import Alone, beside_others

__all__ = ["REHEARSING", "awaited", "compiling_ahead"]

REHEARSING = "SLASIM_REHEARSES"
"""In the other process's environment, so that it begins no third."""

_REHEARSAL = "slasim.study.rehearsal"
_PROGRAM = (
    "import pickle, runpy, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "runpy.run_module({!r}, run_name='__main__')"
)
_PATIENCE_S = 20
"""It is not waited for any longer than this."""


class _Helper:
    """The other process, and the thread that tells it the scenario and waits for its end."""

    def __init__(self, told: bytes) -> None:
        own: Any = subprocess
        self._process = subprocess.Popen(
            [sys.executable, *own._args_from_interpreter_flags(), "-P", "-c", _PROGRAM.format(_REHEARSAL)],
            env={**os.environ, REHEARSING: "1"},
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        atexit.register(self.stop)
        try:
            self._waiting = threading.Thread(
                target=self._process.communicate, args=(told,), daemon=True
            )
            self._waiting.start()
        except BaseException:
            self.stop()
            raise

    def wait(self) -> None:
        """Until it has ended; stops it where that takes too long."""
        self._waiting.join(_PATIENCE_S)
        self.stop()

    def stop(self) -> None:
        atexit.unregister(self.stop)
        self._process.kill()


_HELPER: _Helper | None = None
_WAITING = Alone()


def compiling_ahead(scenario: Scenario) -> AbstractContextManager[None]:
    """Inside, when the loop that plays this scenario has to be compiled, the other process begins."""
    whose = "whole" if needs_floor(scenario) else "fast"
    if _HELPER is not None or story_is_known(f"slasim.engine.{whose}") or not _can_help():
        return contextlib.nullcontext()
    try:
        # Now, since to tell of somebody's own kinds is to import them, which another thread may be about to do.
        told = pickle.dumps(_where_we_are_found()) + pickle.dumps(scenario)
    except Exception:  # noqa: BLE001  (kinds that cannot be told to another process, in whatever way they say so)
        return contextlib.nullcontext()
    return when_a_story_is_compiled(partial(_begin, told))


def _where_we_are_found() -> list[str]:
    """Machine code is kept for the very files it was compiled from: the other process has to find the same."""
    return [place or os.getcwd() for place in sys.path]


def _can_help() -> bool:
    """Whether there is another core for it, and what runs us is a Python that another can be begun with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    several = sys.modules.get("multiprocessing")  # whose workers would each begin one
    return (
        (cores or 1) > 1
        and Path(sys.executable or "").stem.startswith("python")
        and not getattr(sys, "frozen", False)
        and REHEARSING not in os.environ
        and (several is None or several.parent_process() is None)
    )


def _begin(told: bytes) -> None:
    global _HELPER
    if _HELPER is None:
        with contextlib.suppress(OSError, RuntimeError):  # no room for another process, or thread
            _HELPER = _Helper(told)


def awaited() -> None:
    """Returns when nothing is being compiled for us: what reads logs comes next."""
    global _HELPER
    if _HELPER is None:
        return
    with _WAITING:
        if _HELPER is not None:
            beside_others(_HELPER.wait)
            _HELPER = None


def _forget() -> None:
    """A fork has no part in the process that its parent has begun."""
    global _HELPER, _WAITING
    if _HELPER is not None:
        atexit.unregister(_HELPER.stop)
    _HELPER, _WAITING = None, Alone()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
