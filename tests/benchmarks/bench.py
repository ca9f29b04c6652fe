"""How fast slasim is, with the bars of the project beside the figures.

    python tests/benchmarks/bench.py                 everything (about three minutes)
    python tests/benchmarks/bench.py n_design start  some parts: n_design erlang_a erlang_a_large mix month memory start

Figures are medians of several rounds; what is compared is measured in turn, in the same round. Nothing here is
asserted: another machine, or a busy one, gives other figures. The workloads are the scenarios beside this file.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import bare_loop
import numpy as np
from simpy_as_taught import Callers, Seen, n_design, one_group

import slasim as sl
from slasim.draw import Draw
from slasim.engine import fast
from slasim.inputs.sample import prepare
from slasim.outcome.tally import Tally
from slasim.study import measures
from slasim.study.runs import Run

HERE = Path(__file__).parent


def load(name: str) -> sl.Scenario:
    return sl.load(HERE / f"{name}.yaml")


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# ---------------------------------------------------------------------- the yardsticks


def callers(scenario: sl.Scenario, queue: str) -> Callers:
    """A queue's numbers for SimPy."""
    record = scenario.queues[queue]
    expected = scenario.expected(queue)
    within = next(
        m.threshold for m in scenario.metrics.values() if not m.queues or queue in m.queues
    )
    return Callers(
        per_hour=(expected.volume * 3.6e6 / scenario.interval).tolist(),
        aht_s=float(expected.aht_ms[0]) / 1000,
        patience_s=record.patience.mean / 1000,
        within_s=(within or 0) / 1000,
    )


def in_simpy(scenario: sl.Scenario, seed: int) -> list[Seen]:
    """One day in SimPy as taught."""
    queues = [callers(scenario, queue) for queue in scenario.queues]
    staff = [scenario.staffing(group).astype(int).tolist() for group in scenario.groups]
    if len(queues) == 1:
        return one_group(queues[0], staff[0][0], seed)
    return n_design(queues[0], queues[1], staff[0], staff[1], seed)


def in_bare_loop(scenario: sl.Scenario, draw: Draw) -> Any:
    """One day of the N-design in the bare loop: (2, 3) answered, in time, abandoned."""
    plan = np.stack([scenario.staffing(group).astype(np.int64) for group in scenario.groups])
    within = np.array([m.threshold for m in scenario.metrics.values()], np.int64)
    return bare_loop.count(
        draw.first, draw.arrival, draw.work, draw.patience, plan, scenario.interval, within
    )


# ---------------------------------------------------------------------- contacts a second


def speeds(
    name: str, replications: int, *, rounds: int = 5, bare: bool = False
) -> dict[str, float]:
    """Contacts a second of each part and of the whole, by the median of the rounds.

    What runs in one thread is measured by that thread's own time, so that a busy machine matters less; two threads by
    the clock, beside one thread by the clock.
    """
    scenario = load(name)
    plan, layout = prepare(scenario), measures.layout(scenario)
    sl.simulate(scenario, replications=2, executor=1)  # compiles
    if bare:
        in_bare_loop(scenario, plan.sample(1, 0))
    found: dict[str, list[float]] = {}
    for turn in range(rounds):
        spent = dict.fromkeys(
            ("sampling", "engine", "tally", *(["bare loop"] if bare else [])), 0.0
        )
        tally, contacts = Tally.empty(layout, range(replications)), 0
        for r in range(replications):
            marks = [time.thread_time()]
            draw = plan.sample(turn, r)
            marks.append(time.thread_time())
            log = fast.run(draw)
            marks.append(time.thread_time())
            tally.add(draw, log, r)
            marks.append(time.thread_time())
            if bare:
                in_bare_loop(scenario, draw)
                marks.append(time.thread_time())
            for part, (begun, done) in zip(spent, pairwise(marks), strict=True):
                spent[part] += done - begun
            contacts += draw.contacts
        rates = {part: contacts / took for part, took in spent.items()}
        run = Run(scenario, turn, layout)
        own = time.thread_time()
        run.count(range(replications), 1)
        rates["1 thread"] = contacts / (time.thread_time() - own)
        rates["2 threads"] = contacts / seconds(lambda run=run: run.count(range(replications), 2))
        own = time.thread_time()
        calls = sum(seen.calls for seen in in_simpy(scenario, turn))
        rates["SimPy"] = calls / (time.thread_time() - own)
        for part, rate in rates.items():
            found.setdefault(part, []).append(rate)
    return {part: statistics.median(rates) for part, rates in found.items()}


COUNT = """
import sys
import slasim as sl
from slasim.study import measures
from slasim.study.runs import Run
scenario = sl.load(sys.argv[1])
run = Run(scenario, 1, measures.layout(scenario))
run.count(range(4), 1)
for _ in sys.stdin:
    run.count(range(int(sys.argv[2])), 1)
    print("done", flush=True)
"""


def gains(name: str, replications: int, rounds: int = 15) -> dict[str, tuple[float, float]]:
    """How much more two threads do than one, and two processes than one, which is what the machine has to give.

    All four run in turn in each round. The median of the rounds, and the best of one against the best of two: on a
    machine shared with others, the best is what a quiet one does.
    """
    run = Run(load(name), 1, measures.layout(load(name)))
    run.count(range(4), 2)
    command = [sys.executable, "-c", COUNT, str(HERE / f"{name}.yaml"), str(replications)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(2)]

    def count(some: Sequence[Any]) -> None:
        for worker in some:
            worker.stdin.write("\n")
            worker.stdin.flush()
        for worker in some:
            worker.stdout.readline()

    count(workers)
    ways: Mapping[str, tuple[int, Callable[[], Any], Callable[[], Any]]] = {
        "2 threads / 1 thread": (
            1,
            lambda: run.count(range(replications), 1),
            lambda: run.count(range(replications), 2),
        ),
        "2 processes / 1 process": (2, lambda: count(workers[:1]), lambda: count(workers)),
    }
    took: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, (_, one, two) in ways.items():
            took[way].append((seconds(one), seconds(two)))
    for worker in workers:
        worker.kill()
    found = {}
    for way, (times, _, _) in ways.items():
        best_one, best_two = (min(column) for column in zip(*took[way], strict=True))
        median = statistics.median(times * one / two for one, two in took[way])
        found[way] = (median, times * best_one / best_two)
    return found


def show_mix() -> None:
    """Calls, chats and redials beside calls alone, in turn, end to end in one thread; the ratio is the median of those
    of the rounds, for a machine shared with others is slower in one round than in the next."""
    found: dict[str, list[float]] = {"n_design": [], "mix": []}
    runs = {name: Run(load(name), 1, measures.layout(load(name))) for name in found}
    touches = {}
    for name, run in runs.items():
        run.count(range(3), 1)  # compiles
        touches[name] = sum(len(run.one(run.plan, r)[1]) for r in range(50))
    for _ in range(21):
        for name, run in runs.items():
            began = time.thread_time()
            run.count(range(50), 1)
            found[name].append(touches[name] / (time.thread_time() - began))
    alone, mixed = (statistics.median(rates) for rates in found.values())
    ratio = statistics.median(m / a for a, m in zip(*found.values(), strict=True))
    print("\nCalls, chats and redials on the N-design, end to end, 1 thread")
    print(f"  {'calls alone':<24}{alone:>14,.0f} contacts/s {1e9 / alone:>10,.0f} ns each")
    print(f"  {'mixed':<24}{mixed:>14,.0f} contacts/s {1e9 / mixed:>10,.0f} ns each")
    print(f"  {'mixed / calls alone':<24}{ratio:>14,.2f}   bar: at least 0.5")


def show_speeds(name: str, title: str, replications: int, **settings: Any) -> None:
    found = speeds(name, replications, **settings)
    print(f"\n{title}")
    says = {
        "engine": "engine alone",
        "sampling": "sampling alone",
        "tally": "tally alone",
        "1 thread": "end to end, 1 thread",
        "2 threads": "end to end, 2 threads",
        "SimPy": "SimPy as taught",
        "bare loop": "bare compiled loop",
    }
    for part, said in says.items():
        if part in found:
            rate = found[part]
            print(f"  {said:<24}{rate:>14,.0f} contacts/s {1e9 / rate:>10,.0f} ns each")
    bars: list[tuple[str, float, str]] = []
    if "bare loop" in found:
        bars.append(
            ("engine / bare loop", found["engine"] / found["bare loop"], "at least 0.5, aim 0.7")
        )
    bar = "at least 60, aim 100" if "bare loop" in found else "none"
    bars.append(("1 thread / SimPy", found["1 thread"] / found["SimPy"], bar))
    for said, ratio, bar in bars:
        print(f"  {said:<24}{ratio:>14,.2f}   bar: {bar}")
    gain_bars = ("1.7 on a quiet machine", "none; what the machine has to give")
    for (said, (median, best)), bar in zip(
        gains(name, 2 * replications).items(), gain_bars, strict=True
    ):
        print(f"  {said:<24}{median:>14,.2f}   bar: {bar}; best against best {best:.2f}")


# ---------------------------------------------------------------------- memory, start, month

MEASURE = """
import resource, sys, time
import slasim as sl
began = time.perf_counter()
scenario = sl.load(sys.argv[1])
result = sl.simulate(scenario, replications=int(sys.argv[2]), executor=int(sys.argv[3]))
took = time.perf_counter() - began
result.overall()
if scenario.contract:
    sl.judge(result)
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def in_fresh_process(script: str, *words: str, **environment: str) -> list[float]:
    """The numbers that a script prints."""
    answer = subprocess.run(
        [sys.executable, "-c", script, *words], env={**os.environ, **environment}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return [float(word) for word in answer.stdout.split()]


def show_memory() -> None:
    print(
        "\nMemory of a fresh process, N-design, 2 threads (bar: flat in the number of replications)"
    )
    for replications in (10, 1000):
        _, peak = in_fresh_process(MEASURE, str(HERE / "n_design.yaml"), str(replications), "2")
        print(f"  {replications:>6,} replications {peak:>10,.0f} MB at most")


def show_month() -> None:
    print(
        "\nA month of 40,000 calls, 1,000 replications, 2 threads, fresh process (bars: 25 s, 1,000 MB)"
    )
    found = [in_fresh_process(MEASURE, str(HERE / "month.yaml"), "1000", "2") for _ in range(3)]
    took, peak = (statistics.median(column) for column in zip(*found, strict=True))
    calls = sum(load("month").expected(queue).volume.sum() for queue in load("month").queues)
    print(f"  {took:.1f} s, {peak:,.0f} MB at most, {1000 * calls / took:,.0f} contacts/s")


FIRST = """
import sys, time
began = time.perf_counter()
import slasim as sl
result = sl.simulate(sl.load(sys.argv[1]), replications=20)
result.overall()
print(time.perf_counter() - began)
"""


REFERENCE = 59_500
"""Calls a second that SimPy as taught played on the machine for which the bars of the start were set."""


CHECK = ("-m", "slasim", "check")
FIRST_CHECK = "  the very first"
LIBRARIES = "its four libraries"
LIBRARIES_OF_CHECK = "import numpy, ruamel.yaml, typer; from pydantic import BaseModel"


def of_reference(scenario: sl.Scenario) -> float:
    """How fast this machine is at this moment, as a part of that machine."""
    own = time.perf_counter()
    calls = sum(seen.calls for seen in in_simpy(scenario, 1))
    return calls / (time.perf_counter() - own) / REFERENCE


def show_start() -> None:
    """A shared machine is half as fast from one minute to the next: each figure stands beside what it would be at the
    speed of the reference, by SimPy just before and after."""
    print("\nFirst result of a fresh process (N-design, 20 replications), seconds")
    print(f"  {'':<22}{'as measured':>12}{'at the reference speed':>26}")
    scenario = load("n_design")
    file = str(HERE / "n_design.yaml")
    found: dict[str, list[tuple[float, float]]] = {}

    def measure(said: str, work: Callable[[], float]) -> None:
        before = of_reference(scenario)
        took = work()
        speed = (before + of_reference(scenario)) / 2
        found.setdefault(said, []).append((took, took * speed))

    def command(*words: str, **place: str) -> float:
        whole = [sys.executable, *words]
        quiet = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **place}  # as our own commands have it
        return seconds(lambda: subprocess.run(whole, capture_output=True, check=False, env=quiet))

    for _ in range(5):
        with tempfile.TemporaryDirectory() as cache:
            place = {"NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
            for state in ("cold compile cache", "warm compile cache"):
                measure(state, lambda place=place: in_fresh_process(FIRST, file, **place)[0])
        with tempfile.TemporaryDirectory() as cache:
            measure(FIRST_CHECK, lambda cache=cache: command(*CHECK, file, XDG_CACHE_HOME=cache))
        for _ in range(3):  # a short start is at the mercy of a moment
            measure("slasim --help", lambda: command("-m", "slasim", "--help"))
            measure("slasim check", lambda: command(*CHECK, file))
            measure(LIBRARIES, lambda: command("-c", LIBRARIES_OF_CHECK))
    for said, bar in (
        ("cold compile cache", "under 6 s"),
        ("warm compile cache", "under 1 s"),
        ("slasim --help", "under 0.3 s"),
        ("slasim check", "under 0.3 s"),
        (FIRST_CHECK, "none; once for a user"),
        (LIBRARIES, "none; what check has to load"),
    ):
        took, scaled = (statistics.median(column) for column in zip(*found[said], strict=True))
        print(f"  {said:<22}{took:>12.2f}{scaled:>26.2f}   bar: {bar}")
    pairs = zip(found["slasim check"], found[LIBRARIES], strict=True)
    ratio = statistics.median(ours[0] / alone[0] for ours, alone in pairs)
    print(f"  slasim check / {LIBRARIES:<22}{ratio:>23.2f}")


PARTS: Mapping[str, Callable[[], None]] = {
    "n_design": lambda: show_speeds(
        "n_design",
        "(c) N-design with priorities, 48 half hours, 16,000 calls a day",
        100,
        bare=True,
    ),
    "erlang_a": lambda: show_speeds("erlang_a", "(a) Erlang A, 1,000 calls an hour", 100),
    "erlang_a_large": lambda: show_speeds(
        "erlang_a_large", "(b) Erlang A, 10,000 calls an hour", 20, rounds=3
    ),
    "mix": show_mix,
    "month": show_month,
    "memory": show_memory,
    "start": show_start,
}


def main(words: Sequence[str]) -> None:
    for word in words:
        if word not in PARTS:
            raise SystemExit(f"no part is called {word}; they are {', '.join(PARTS)}")
    load_now = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load_now:.1f} before the start"
    )
    for part in words or PARTS:
        PARTS[part]()
    print(
        f"\nthis process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
