"""Compiling on two cores: what another process compiles is all that reads logs, and no number depends on it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import slasim as sl
from slasim.study import ahead, rehearsal
from slasim.turns import Turn

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "tests" / "benchmarks"
SCENARIOS = ROOT / "scenarios"
CALLS = BENCHMARKS / "n_design.yaml"

STORY = {"play"}
"""What only playing compiles; ``count_cuts`` is compiled when somebody was interrupted."""

COMPILED = """
import sys
import slasim as sl
from slasim.compiling import event
from slasim.study import rehearsal

def signatures():
    from numba.core.dispatcher import Dispatcher
    import gc
    return {
        (one.py_func.__name__, str(types)) for one in gc.get_objects()
        if isinstance(one, Dispatcher) and one.py_func.__module__.startswith("slasim")
        and one.py_func.__module__.split(".")[1] in ("inputs", "outcome", "sla") for types in one.signatures
    }

centre = sl.load(sys.argv[1])
rehearsal.rehearse(centre)
rehearsed = signatures()
sl.simulate(centre, replications=3)
print(len(rehearsed), sorted({name for name, _ in signatures() - rehearsed}))
"""

WHO_COMPILED = """
import sys
import slasim as sl
from slasim.compiling import event

class Seen(event.Listener):
    names = set()
    def on_start(self, of):
        self.names.add(of.data["dispatcher"].py_func.__name__)
    def on_end(self, of):
        pass

result_of = sl.simulate
event.register("numba:compile", Seen())
result = result_of(sl.load(sys.argv[1]), replications=2)
print(sorted(Seen.names & {"play", "instants", "count_contacts", "count_agents"}), result.tally.totals.sum())
"""


def answer(program: str, *words: str, **environment: str) -> str:
    """The last line that a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("file", "later"),
    [
        (CALLS, []),
        (BENCHMARKS / "mix.yaml", []),
        (SCENARIOS / "bank_1999" / "week_4.yaml", []),
        (SCENARIOS / "service_desk" / "service_desk.yaml", ["count_cuts"]),
        (SCENARIOS / "servicenow_2016" / "servicenow.yaml", []),
    ],
    ids=["calls", "mix", "bank", "desk", "tickets"],
)
def test_who_rehearses_has_compiled_all_that_draws_and_counts(file: Path, later: list[str]) -> None:
    said = answer(COMPILED, str(file))
    many, names = said.split(" ", 1)
    assert int(many) >= 4
    assert names == str(later)  # only where somebody was interrupted


def test_the_other_process_compiles_what_counts(tmp_path: Path) -> None:
    cold = {"NUMBA_CACHE_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    compiled, total = answer(WHO_COMPILED, str(CALLS), **cold).rsplit("] ", 1)
    assert compiled == "['instants', 'play'"
    again = answer(WHO_COMPILED, str(CALLS), **cold)
    assert again == f"[] {total}"


class Begun:
    """In the place of the other process: what was begun, and how long it takes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float = 0.0) -> None:
        self.many: list[object] = []
        self.waited: list[int] = []

        def begin(scenario: object) -> Any:
            self.many.append(scenario)
            return SimpleNamespace(wait=lambda: (time.sleep(seconds), self.waited.append(1)))

        monkeypatch.setattr(ahead, "_Helper", begin)
        monkeypatch.setattr(ahead, "_HELPER", None)


def test_one_is_begun_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    begun = Begun(monkeypatch)
    for _ in range(3):
        ahead._begin(sl.load(CALLS))
    assert len(begun.many) == 1
    ahead.awaited()
    ahead.awaited()
    assert begun.waited == [1]
    ahead._begin(sl.load(CALLS))
    assert len(begun.many) == 2
    ahead.awaited()


@pytest.mark.parametrize(
    ("cores", "python"), [(1, sys.executable), (2, "/usr/bin/blender"), (2, None), (2, "")]
)
def test_none_is_begun_without_a_core_or_a_python_for_it(
    monkeypatch: pytest.MonkeyPatch, cores: int, python: str | None
) -> None:
    begun = Begun(monkeypatch)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(sys, "executable", python)
    ahead._begin(sl.load(CALLS))
    ahead.awaited()
    assert begun.many == []


def test_threads_wait_for_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, turn, after = Begun(monkeypatch, 0.2), Turn(), []
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    ahead._begin(sl.load(CALLS))

    def work() -> None:
        with turn:
            ahead.awaited()
            after.append(list(begun.waited))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert after == [[1]] * 3


def test_what_cannot_be_told_to_another_process_begins_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead, "_HELPER", None)
    scenario: Any = SimpleNamespace(own=lambda: 0)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(scenario)
    ahead._begin(scenario)
    assert ahead._HELPER is None


@pytest.mark.parametrize(
    "module", ["slasim.study.nowhere", "this"], ids=["it fails", "it does nothing"]
)
def test_one_that_fails_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead, "_HELPER", None)
    monkeypatch.setattr(ahead, "_REHEARSAL", module)
    ahead._begin(sl.load(CALLS))
    helper = ahead._HELPER
    assert helper is not None
    ahead.awaited()
    assert ahead._HELPER is None
    assert helper._process.poll() is not None


def test_one_that_takes_too_long_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sleeper.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead, "_HELPER", None)
    monkeypatch.setattr(ahead, "_REHEARSAL", "sleeper")
    monkeypatch.setattr(ahead, "_PATIENCE_S", 0.3)
    ahead._begin(sl.load(CALLS))
    helper = ahead._HELPER
    assert helper is not None
    ahead.awaited()
    assert helper._process.wait(10) != 0


def test_the_other_process_finds_the_same_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those in the folder one is in, as after ``python -c`` or in a notebook, before those that are installed."""
    (tmp_path / "ours.py").write_text(
        "import pathlib, sys\nsys.stdin.read()\npathlib.Path(__file__).with_name('here').touch()\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(ahead, "_HELPER", None)
    monkeypatch.setattr(ahead, "_REHEARSAL", "ours")
    ahead._begin(sl.load(CALLS))
    ahead.awaited()
    assert (tmp_path / "here").exists()


def test_a_rehearsal_by_itself() -> None:
    told = pickle.dumps(sl.load(CALLS))
    done = subprocess.run(
        [sys.executable, "-m", rehearsal.__name__], input=told, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 0
