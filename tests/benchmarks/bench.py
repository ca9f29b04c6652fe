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


def gains(name: str, replications: int, rounds: int = 7) -> tuple[float, float]:
    """How much more two threads do than one, and two processes than one: what the machine has to give at that moment.
    Medians of rounds in which all four run in turn."""
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
    threads, processes = [], []
    for _ in range(rounds):
        alone = seconds(lambda: run.count(range(replications), 1))
        threads.append(alone / seconds(lambda: run.count(range(replications), 2)))
        alone = seconds(lambda: count(workers[:1]))
        processes.append(2 * alone / seconds(lambda: count(workers)))
    for worker in workers:
        worker.kill()
    return statistics.median(threads), statistics.median(processes)


def show_mix() -> None:
    """Calls, chats and redials beside calls alone, in turn, end to end in one thread."""
    found: dict[str, list[float]] = {"n_design": [], "mix": []}
    runs = {name: Run(load(name), 1, measures.layout(load(name))) for name in found}
    touches = {}
    for name, run in runs.items():
        run.count(range(3), 1)  # compiles
        touches[name] = sum(len(run.one(run.plan, r)[1]) for r in range(50))
    for _ in range(9):
        for name, run in runs.items():
            began = time.thread_time()
            run.count(range(50), 1)
            found[name].append(touches[name] / (time.thread_time() - began))
    alone, mixed = (statistics.median(rates) for rates in found.values())
    print("\nCalls, chats and redials on the N-design, end to end, 1 thread")
    print(f"  {'calls alone':<24}{alone:>14,.0f} contacts/s {1e9 / alone:>10,.0f} ns each")
    print(f"  {'mixed':<24}{mixed:>14,.0f} contacts/s {1e9 / mixed:>10,.0f} ns each")
    print(f"  {'mixed / calls alone':<24}{mixed / alone:>14,.2f}   bar: at least 0.5")


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
    threads, processes = gains(name, 4 * replications)
    bars.append(("2 threads / 1 thread", threads, "1.7 on a quiet machine"))
    bars.append(("2 processes / 1 process", processes, "none; what the machine has to give"))
    for said, ratio, bar in bars:
        print(f"  {said:<24}{ratio:>14,.2f}   bar: {bar}")


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


def show_start() -> None:
    print("\nFirst result of a fresh process (N-design, 20 replications)")
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(3):
        with tempfile.TemporaryDirectory() as cache:
            for state in found:
                place = {"NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
                found[state] += in_fresh_process(FIRST, str(HERE / "n_design.yaml"), **place)
    for state, bar in (("cold", "under 6 s"), ("warm", "under 1 s")):
        print(f"  {state} compile cache {statistics.median(found[state]):>12.2f} s   bar: {bar}")
    for words in (["--help"], ["check", str(HERE / "n_design.yaml")]):
        command = [sys.executable, "-m", "slasim", *words]
        took = [
            seconds(
                lambda command=command: subprocess.run(command, capture_output=True, check=False)
            )
            for _ in range(5)
        ]
        said = f"slasim {words[0]}"
        print(f"  {said:<20} {statistics.median(took):>12.2f} s   bar: under 0.3 s")


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
