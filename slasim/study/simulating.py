"""Simulating a scenario: as many replications as asked for, or until a range is narrow enough."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

from slasim.errors import InputError, Problem
from slasim.outcome import estimates
from slasim.outcome.estimates import BATCH, LEAST
from slasim.scenario import Scenario
from slasim.study import measures
from slasim.study.plans import Shares, shares_of
from slasim.study.result import Result
from slasim.study.runs import MOST, Progress, Run, checked_replications

if TYPE_CHECKING:
    from slasim.outcome.tally import Period
    from slasim.study.measures import Asked


def simulate(scenario: Scenario, *, replications: int | None = None, seed: int = 1,
             precision: float | None = None, engine: str = "fast",
             executor: int | Executor | None = None, progress: Progress | None = None,
             first_share: Shares | None = None) -> Result:  # fmt: skip
    """Simulate the scenario many times and count what happened.

    ``replications`` (default 200). With ``precision`` (a share) it runs until half the range of every service level and
    abandonment rate the scenario names is at most that: a first look after 100 replications, then every 50, at most
    ``replications`` (default 20,000). ``engine`` is "fast" or "simpy". ``executor`` is a number of threads, any
    ``concurrent.futures.Executor``, or None for one thread per core; the numbers do not depend on it.
    ``progress(done, total)`` is called now and then. ``first_share``: of forecasts that count attempts, the part that
    are first ones; a pilot finds it where it is not given. Raises InputError.
    """
    if precision is not None and not 0 < precision < 1:
        raise InputError(
            [Problem(f"precision {precision}", "Give half the width of a range, such as 0.005.")]
        )
    if replications is None:
        replications = 200 if precision is None else 20_000
    most = checked_replications(replications)
    first_share = shares_of(scenario) if first_share is None else first_share
    run = Run(
        scenario,
        seed,
        measures.layout(scenario, followed=_of_clauses(scenario)),
        engine,
        first_share,
    )
    first = most if precision is None else min(LEAST, most)
    result = Result(
        scenario, seed, engine, run.count(range(first), executor, progress), threads=kept(executor),
        first_share=first_share,
    )  # fmt: skip
    while precision is not None and result.replications < most and not _precise(result, precision):
        done = result.replications
        more = run.count(range(done, min(done + BATCH, most)), executor, None)
        if progress is not None:
            progress(done + BATCH, min(most, MOST))
        result = replace(result, tally=result.tally.merge(more), _again={})
    return result


def _of_clauses(scenario: Scenario) -> list[tuple[Asked, Period]]:
    if scenario.contract is None:
        return []
    from slasim.study.contracting import clauses_want

    return clauses_want(scenario)


def kept(executor: int | Executor | None) -> int | None:
    """An executor may be gone when a result is asked again; a number of threads stays."""
    return executor if isinstance(executor, int) else None


def _precise(result: Result, precision: float) -> bool:
    names = [name for name in result.scenario.metrics if result._asked(name, None).share] or [
        "service_level"
    ]
    found = [result.estimate(name) for name in names]  # nothing to judge gets no narrower
    return all(math.isnan(e.value) or estimates.precise_enough(e, precision) for e in found)
