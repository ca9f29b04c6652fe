"""Compiling on two cores: another process compiles what reads logs, while this one compiles what writes them.

The loop that plays a replication takes longer to compile than all others together, and numba compiles one function at a
time. So when that loop has to be compiled, a second Python begins a ``rehearsal``; what it compiles is found where
machine code is kept. No number depends on it: where it cannot begin or fails, this process compiles the rest itself.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from slasim.compiling import when_a_story_is_compiled
from slasim.scenario import Scenario
from slasim.turns import Alone, beside_others

__all__ = ["awaited", "compiling_ahead"]

_REHEARSAL = "slasim.study.rehearsal"
_PATIENCE_S = 120
"""Longer is not waited for it."""


class _Helper:
    """The other process, and the thread that tells it the scenario and waits for its end."""

    def __init__(self, scenario: Scenario) -> None:
        told = pickle.dumps(scenario)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _REHEARSAL],
            env={**os.environ, "PYTHONPATH": _where_we_are_found()},
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        atexit.register(self.stop)
        self._waiting = threading.Thread(
            target=self._process.communicate, args=(told,), daemon=True
        )
        self._waiting.start()

    def wait(self) -> None:
        """Until it has ended; stops it where that takes too long."""
        self._waiting.join(_PATIENCE_S)
        self.stop()

    def stop(self) -> None:
        atexit.unregister(self.stop)
        self._process.kill()


def _where_we_are_found() -> str:
    """Machine code is kept for the very files it was compiled from: the other process has to find the same."""
    return os.pathsep.join(place or os.getcwd() for place in sys.path)


_HELPER: _Helper | None = None
_WAITING = Alone()


def compiling_ahead(scenario: Scenario) -> AbstractContextManager[None]:
    """Inside, when the loop that plays this scenario has to be compiled, the other process begins."""
    return when_a_story_is_compiled(partial(_begin, scenario))


def _begin(scenario: Scenario) -> None:
    global _HELPER
    if _HELPER is None and _can_help():
        try:
            _HELPER = _Helper(scenario)
        except Exception:  # noqa: BLE001  (a scenario with kinds that cannot be told to another process, no room for one)
            return


def _can_help() -> bool:
    """Whether there is another core, and what runs us is a Python that another can be begun with."""
    return (os.cpu_count() or 1) > 1 and Path(sys.executable or "").stem.startswith("python")


def awaited() -> None:
    """Returns when nothing is being compiled for us: what reads logs comes next."""
    global _HELPER
    if _HELPER is None:
        return
    with _WAITING:
        if _HELPER is not None:
            beside_others(_HELPER.wait)
            _HELPER = None
