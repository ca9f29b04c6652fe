"""Replications, run in parallel and counted.

Threads share one tally and take turns at all but long compiled loops: each takes the next replication when it is done
with one, and no two count into a batch at once. Any other executor gets runs of replications and sends back tallies,
which are added up. Sums are of whole numbers, so who counted what cannot be seen in the result. This file knows no
metric and no range.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass

from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.engine import engine as engine_named
from slasim.errors import InputError, Problem
from slasim.inputs.sample import Plan
from slasim.outcome.tally import Layout, Tally
from slasim.scenario import Scenario
from slasim.study.ahead import awaited, compiling_ahead
from slasim.study.plans import Shares, plan_of
from slasim.turns import Alone, Turn

Progress = Callable[[int, int], None]
"""Called as ``progress(done, total)``, in replications, from the calling thread."""

MOST = 1_000_000
"""Replications of one study."""


@dataclass(frozen=True)
class Run:
    """What to replicate and what to count; the same on every worker."""

    scenario: Scenario
    seed: int
    layout: Layout
    engine: str = "fast"
    first_share: Shares | None = None
    """of forecasts that count attempts; None = as a pilot finds it"""

    @property
    def plan(self) -> Plan:
        return plan_of(self.scenario, self.first_share)

    def one(self, plan: Plan, replication: int) -> tuple[Draw, ContactLog]:
        draw = plan.sample(self.seed, replication)
        return draw, engine_named(self.engine)(draw)

    def count(self, numbers: Sequence[int], threads: int | Executor | None = None,
              progress: Progress | None = None) -> Tally:  # fmt: skip
        """The tally of these replications.

        ``threads`` is a number, an Executor, or None for one thread per core. Interrupting (Ctrl-C) stops all
        workers and leaves nothing behind.
        """
        if isinstance(threads, Executor) and not isinstance(threads, ThreadPoolExecutor):
            return self._count_far(numbers, threads, progress)
        with compiling_ahead(self.scenario):
            if isinstance(threads, ThreadPoolExecutor):
                return self._count_here(numbers, threads, threads._max_workers, progress)
            workers = max(1, min(threads or os.cpu_count() or 1, len(numbers)))
            if workers == 1:
                return self._count_alone(numbers, progress)
            with ThreadPoolExecutor(workers) as pool:
                return self._count_here(numbers, pool, workers, progress)

    def _count_alone(self, numbers: Sequence[int], progress: Progress | None) -> Tally:
        tally, plan = Tally.empty(self.layout, numbers), self.plan
        for done, replication in enumerate(numbers, 1):
            story = self.one(plan, replication)
            awaited()
            tally.add(*story, replication)
            if progress is not None:
                progress(done, len(numbers))
        return tally

    def _count_here(self, numbers: Sequence[int], pool: ThreadPoolExecutor, workers: int,
                    progress: Progress | None) -> Tally:  # fmt: skip
        tally, plan = Tally.empty(self.layout, numbers), self.plan
        stop, done, turn = threading.Event(), [0] * workers, Turn()
        left, taking = iter(numbers), threading.Lock()
        batches = {batch: Alone() for batch in set(map(tally.batch_of, numbers))}

        def share(worker: int) -> None:
            """Whoever is done takes the next, so that a slower core does less."""
            while not stop.is_set():
                with taking:
                    replication = next(left, None)
                if replication is None:
                    return
                with turn:
                    if stop.is_set():  # while this one waited
                        return
                    story = self.one(plan, replication)
                    awaited()
                    with batches[tally.batch_of(replication)]:
                        tally.add(*story, replication)
                done[worker] += 1

        working = {pool.submit(share, worker) for worker in range(workers)}
        try:
            while working:
                ended, working = wait(working, timeout=0.1, return_when=FIRST_COMPLETED)
                for worker in ended:
                    worker.result()
                if progress is not None:
                    progress(sum(done), len(numbers))
        finally:
            stop.set()
        return tally

    def _count_far(
        self, numbers: Sequence[int], pool: Executor, progress: Progress | None
    ) -> Tally:
        runs = list(_in_runs(numbers, max(1, min(250, -(-len(numbers) // 8)))))
        waiting = [pool.submit(_count_run, self, run) for run in runs]
        tally: Tally | None = None
        done = 0
        try:
            for run, future in zip(runs, waiting, strict=True):
                counted = future.result()
                tally = counted if tally is None else tally.merge(counted)
                done += len(run)
                if progress is not None:
                    progress(done, len(numbers))
        finally:
            for future in waiting:
                future.cancel()
        assert tally is not None
        return tally


def _count_run(run: Run, numbers: Sequence[int]) -> Tally:
    return run._count_alone(numbers, None)


def _in_runs(numbers: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    for at in range(0, len(numbers), length):
        yield numbers[at : at + length]


def checked_replications(replications: int) -> int:
    """InputError unless 1 to MOST."""
    if not 1 <= replications <= MOST:
        raise InputError(
            [
                Problem(
                    f"{replications} replications", f"Ask for 1 to {MOST:,}.", path="replications"
                )
            ]
        )
    return replications
