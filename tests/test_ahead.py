"""Compiling on two cores: what another process compiles is all that reads logs, and no number depends on it."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import slasim as sl
from slasim.outcome.tally import Tally
from slasim.study import ahead, rehearsal, runs
from slasim.turns import Turn

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "tests" / "benchmarks"
SCENARIOS = ROOT / "scenarios"
CALLS = BENCHMARKS / "n_design.yaml"

COMPILED = """
import sys
import slasim as sl
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

event.register("numba:compile", Seen())
result = sl.simulate(sl.load(sys.argv[1]), replications=2)
print(sorted(Seen.names & {"play", "instants", "count_contacts", "count_agents"}), result.tally.totals.sum())
"""


def answer(program: str, *words: str, **environment: str) -> str:
    """The last line that a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, timeout=120,
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

        def begin(told: bytes) -> Any:
            self.many.append(told)
            return SimpleNamespace(wait=lambda: (time.sleep(seconds), self.waited.append(1)))

        with_two_cores(monkeypatch)
        monkeypatch.setattr(ahead, "_Helper", begin)


def with_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing compiled or begun so far."""
    monkeypatch.setattr(ahead, "_HELPER", None)
    monkeypatch.setattr(ahead, "story_is_known", lambda module: False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    monkeypatch.delenv(ahead.REHEARSING, raising=False)


def begin(scenario: Any) -> None:
    """As if the loop that plays it began to be compiled."""
    inside = ahead.compiling_ahead(scenario)
    call = getattr(inside, "args", ())
    if not isinstance(inside, contextlib.nullcontext):
        assert len(call) == 1
        call[0]()


def test_one_is_begun_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, centre = Begun(monkeypatch), sl.load(CALLS)
    for _ in range(3):
        begin(centre)
    assert len(begun.many) == 1
    ahead.awaited()
    ahead.awaited()
    assert begun.waited == [1]
    begin(centre)
    assert len(begun.many) == 2
    ahead.awaited()


def no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1}, raising=False)


def no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/blender")


def unknown_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)


def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)


def rehearsing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ahead.REHEARSING, "1")


def one_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    import multiprocessing

    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())


def played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "story_is_known", lambda module: module == "slasim.engine.fast")


@pytest.mark.parametrize(
    "where", [no_core, no_python, unknown_python, frozen, rehearsing, one_of_many, played]
)
def test_none_is_begun_where_it_could_not_help(
    monkeypatch: pytest.MonkeyPatch, where: Callable[[pytest.MonkeyPatch], None]
) -> None:
    begun = Begun(monkeypatch)
    where(monkeypatch)
    begin(sl.load(CALLS))
    ahead.awaited()
    assert begun.many == []


def test_threads_wait_for_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, turn, after = Begun(monkeypatch, 0.2), Turn(), []
    begin(sl.load(CALLS))

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


@pytest.mark.parametrize("threads", [1, 2])
def test_whoever_counts_has_waited_for_it(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    seen: list[str] = []
    add = Tally.add
    monkeypatch.setattr(runs, "awaited", lambda: seen.append("waited"))
    monkeypatch.setattr(Tally, "add", lambda *given: (seen.append("counted"), add(*given)))
    sl.simulate(sl.load(CALLS), replications=3, executor=threads)
    assert seen[0] == "waited"
    assert [seen.count(each) for each in ("waited", "counted")] == [3, 3]


class Untold(dict[str, Any]):
    """Queues that cannot be told to another process."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("not to be told")


def test_what_cannot_be_told_to_another_process_begins_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = Begun(monkeypatch)
    monkeypatch.setattr(ahead, "needs_floor", lambda scenario: False)
    begin(Untold())
    assert begun.many == []


@pytest.mark.parametrize("module", ["slasim.study.nowhere", "this"], ids=["fails", "does nothing"])
def test_one_that_fails_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    with_two_cores(monkeypatch)
    monkeypatch.setattr(ahead, "_REHEARSAL", module)
    begin(sl.load(CALLS))
    helper = ahead._HELPER
    assert helper is not None
    helper._process.wait(60)
    helper._waiting.join(60)
    assert not helper._waiting.is_alive()
    ahead.awaited()
    assert ahead._HELPER is None


def a_module(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    with_two_cores(monkeypatch)
    monkeypatch.setattr(ahead, "_REHEARSAL", name)


def test_one_that_takes_too_long_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_module(monkeypatch, tmp_path, "sleeper", "import time\ntime.sleep(600)\n")
    monkeypatch.setattr(ahead, "_PATIENCE_S", 0.3)
    begin(sl.load(CALLS))
    helper = ahead._HELPER
    assert helper is not None
    ahead.awaited()
    assert helper._process.wait(10) != 0


def test_the_other_process_finds_the_same_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those in the folder one is in, as after ``python -c`` or in a notebook, before those that are installed."""
    seen = (
        "import pathlib, sys\nsys.stdin.read()\npathlib.Path(__file__).with_name('here').touch()\n"
    )
    (tmp_path / "ours.py").write_text(seen)
    with_two_cores(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr(ahead, "_REHEARSAL", "ours")
    begin(sl.load(CALLS))
    ahead.awaited()
    assert (tmp_path / "here").exists()


STUDY_AT_IMPORT = """
import slasim as sl
from slasim.distributions.exponential import Exponential
from slasim.registry import kind


@kind("distribution", "mine")
class Mine(Exponential):
    "One's own."


with open("done", "a") as seen:
    seen.write("begun ")
sl.simulate(sl.load("own.yaml"), replications=2)
with open("done", "a") as seen:
    seen.write("done ")
"""


@pytest.mark.parametrize("threads", ["", ", executor=1"], ids=["threads", "alone"])
def test_a_study_in_a_module_of_ones_own_kinds_runs_once(tmp_path: Path, threads: str) -> None:
    """The other process would have to import that module, which runs the study; and so may whoever tells it."""
    text = CALLS.read_text().replace("exponential: {mean: 300s}", "mine: {mean: 300s}")
    assert "mine:" in text
    (tmp_path / "own.yaml").write_text(text)
    (tmp_path / "mystudy.py").write_text(
        STUDY_AT_IMPORT.replace("replications=2", f"replications=2{threads}")
    )
    cold = {"NUMBA_CACHE_DIR": str(tmp_path / "c"), "XDG_CACHE_HOME": str(tmp_path / "c")}
    done = subprocess.run(
        [sys.executable, "-c", "import mystudy"], cwd=tmp_path, timeout=120, check=False,
        env={**os.environ, **cold, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "done").read_text() == "begun done "


FORK = """
import os, sys, time
import slasim as sl
from slasim.study import ahead
ahead._REHEARSAL = "sleeper"
ahead.story_is_known = lambda module: False
os.sched_getaffinity = lambda pid: {0, 1}
inside = ahead.compiling_ahead(sl.load(sys.argv[1]))
inside.args[0]()
ahead._WAITING._lock.acquire()  # as if another thread were waiting for it
child = os.fork()
if child == 0:
    ahead.awaited()
    sys.exit(7)
_, status = os.waitpid(child, 0)
time.sleep(0.2)
print(os.waitstatus_to_exitcode(status), ahead._HELPER._process.poll())
ahead._HELPER.stop()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_fork_leaves_it_to_its_parent(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text("import time\ntime.sleep(600)\n")
    path = os.pathsep.join((str(ROOT), str(tmp_path)))
    assert answer(FORK, str(CALLS), PYTHONPATH=path) == "7 None"


def test_a_rehearsal_by_itself() -> None:
    told = pickle.dumps(sl.load(CALLS))
    done = subprocess.run(
        [sys.executable, "-m", rehearsal.__name__], input=told, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 0


def test_somebodys_own_code_is_not_run_by_a_rehearsal() -> None:
    assert rehearsal.Told(io.BytesIO(pickle.dumps(sl.load(CALLS)))).load().queues
    with pytest.raises(pickle.UnpicklingError, match="somebody's own"):
        rehearsal.Told(io.BytesIO(pickle.dumps(Untold))).load()
