"""What the studies of the reference cases share: a number beside our range for it, and how it is read off a result.

No case and no scenario is known here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from reference import expected
from reference_centres import Case, metric_name

import slasim as sl
from slasim.contactlog import ANSWERED, ContactLog
from slasim.engine import engine
from slasim.inputs.sample import prepare
from slasim.outcome import estimates
from slasim.outcome.estimates import Estimate

LEVEL = 0.999
SURE = 3.2905
"""Standard errors on either side at LEVEL."""
BAR = 0.005
"""Half the range of every service level is at most this."""
CHANCE_BAR = 0.01
"""And of the chance that a day is met, which needs far more days than a service level."""


@dataclass(frozen=True)
class Check:
    """An exact value beside our range for it at LEVEL. ``error`` is the standard error of the value itself.

    ``bar`` is the widest half range that still says something; infinite where there is none.
    """

    case: str
    what: str
    exact: float
    value: float
    low: float
    high: float
    bar: float = math.inf
    error: float = 0.0

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2

    @property
    def held(self) -> bool:
        return self.within(1.0)

    def within(self, times: float) -> bool:
        """Whether the exact value is inside our range, taken that many times as wide."""
        side = self.value - self.low if self.exact < self.value else self.high - self.value
        return abs(self.exact - self.value) <= times * math.hypot(side, SURE * self.error) + 1e-12


def at_level(result: sl.Result) -> sl.Result:
    return replace(result, level=LEVEL)


def simulated(scenario: sl.Scenario, bar: float) -> sl.Result:
    """Simulated until half the range at LEVEL is at most ``bar`` for every service level of the scenario."""
    precision = bar * 1.96 / SURE * 0.96  # Student's t at 100 replications is a little wider
    return at_level(sl.simulate(scenario, precision=precision, seed=2026))


def played(scenario: sl.Scenario, runs: int) -> Iterator[ContactLog]:
    """The contact logs of so many replications by the compiled engine, for what no tally keeps."""
    plan, play = prepare(scenario), engine("fast")
    return (play(plan.sample(2026, r)) for r in range(runs))


def checked(
    name: str, what: str, exact: float, found: Estimate, *, bar: float = math.inf, unit: float = 1.0,
    error: float = 0.0,
) -> Check:  # fmt: skip
    """``unit`` divides the estimate (1000 for ms against seconds)."""
    assert found.low is not None and found.high is not None, (name, what)
    value, low, high = (x / unit for x in (found.value, found.low, found.high))
    return Check(name, what, exact, value, low, high, bar, error)


def per_replication(result: sl.Result, amount: Any, by: float = 1.0) -> Estimate:
    """The expected amount in a replication, divided by ``by``.

    Of what was never seen, the range is what so many units allow (Poisson), not of width 0.
    """
    made = estimates.pooled(
        amount, np.full(np.shape(amount), by), level=LEVEL, share=False, unit="time"
    )
    if np.any(amount):
        return made
    return replace(made, high=-math.log((1 - LEVEL) / 2) / (by * np.size(amount)))


def one_less(found: Estimate) -> Estimate:
    assert found.low is not None and found.high is not None
    return replace(found, value=1 - found.value, low=1 - found.high, high=1 - found.low)


def steady_estimate(result: sl.Result, what: str, queue: str | None) -> tuple[Estimate, float]:
    """One of the steady-state measures under the reference cases' name, and the unit to divide by."""
    counts = result.tally.counts(queue)
    arrived = counts.offered + counts.blocked

    def share(part: Any, of: Any = arrived) -> Estimate:
        return estimates.pooled(part, of, level=LEVEL)

    delayed = arrived - counts.answered_within(0)
    direct: dict[str, Callable[[], tuple[Estimate, float]]] = {
        "mean_wait_all_s": lambda: (
            result.estimate("mean_wait", queue=queue)
            if not counts.blocked.any()
            else estimates.pooled(counts.wait_all, arrived, level=LEVEL, share=False),
            1000.0,  # blocked calls count with a wait of 0
        ),
        "asa_answered_s": lambda: (result.estimate("asa", queue=queue), 1000.0),
        "p_wait": lambda: (share(delayed), 1.0),
        "p_abandon": lambda: (share(counts.abandoned), 1.0),
        "p_blocked": lambda: (share(counts.blocked), 1.0),
        "occupancy": lambda: (result.estimate("occupancy"), 1.0),
        "mean_queue": lambda: (
            per_replication(result, counts.wait_all, result.scenario.horizon),
            1.0,
        ),
        "mean_wait_delayed_s": lambda: (
            estimates.pooled(counts.wait_all, delayed, level=LEVEL, share=False),
            1000.0,
        ),
    }
    return direct[what]()


def checks_of_steady(
    found: Case, result: sl.Result, bar: float, *, queues: Sequence[str | None] = (None,),
    skip: Sequence[str] = (),
) -> Iterator[Check]:  # fmt: skip
    """Every expected value of a steady-state case; lists run over ``queues``, occupancy over groups."""
    name, want = found["name"], expected(found)
    by_bar = bar if not any(key.startswith("sl_") for key in want) else math.inf
    for what, exact in want.items():
        if what in skip:
            continue
        if what.startswith("sl_"):
            for t, levels in by_threshold(found, exact):
                for queue, value in over(levels, queues):
                    seen = result.estimate(metric_name(what, t, queue))
                    yield checked(name, label(f"{what} {t:g} s", queue), value, seen, bar=bar)
        elif what == "occupancy" and isinstance(exact, list):
            for group, value in zip(result.scenario.groups, exact, strict=True):
                yield checked(name, f"occupancy {group}", value,
                              result.estimate("occupancy", group=group))  # fmt: skip
        elif what == "busy_by_group_class":
            yield from checks_of_busy(found, result, exact)
        elif what == "p_abandon_within_T":
            counts = result.tally.counts(None)
            t = int(1000 * found["inputs"]["threshold_s"])
            seen = estimates.pooled(
                counts.abandoned_within(t), counts.offered + counts.blocked, level=LEVEL
            )
            yield checked(name, what, exact, seen)
        else:
            own = by_bar if what in ("p_wait", "p_blocked") else math.inf
            for queue, value in over(exact, queues):
                seen, unit = steady_estimate(result, what, queue)
                yield checked(name, label(what, queue), value, seen, unit=unit, bar=own)


def by_threshold(found: Case, exact: Any) -> list[tuple[float, Any]]:
    """(seconds, values): a case has one threshold in its inputs, or ``within_20_s`` and the like."""
    if isinstance(exact, Mapping):
        return [(float(key.split("_")[1]), levels) for key, levels in exact.items()]
    return [(float(found["inputs"]["threshold_s"]), exact)]


def over(exact: Any, queues: Sequence[str | None]) -> list[tuple[str | None, float]]:
    """Values with the queue they belong to; one value for all queues holds for each."""
    if not isinstance(exact, list):
        return [(queue, exact) for queue in queues]
    return list(zip(queues, exact, strict=True))


def label(what: str, queue: str | None) -> str:
    return what if queue is None else f"{what} {queue}"


def checks_of_busy(found: Case, result: sl.Result, want: Mapping[str, float]) -> Iterator[Check]:
    """Mean number of busy agents by group and class: handling of those who came in the horizon, from the logs."""
    logs = min(result.replications, 60)
    busy = np.zeros((logs, len(result.scenario.groups), len(result.scenario.queues)))
    for r in range(logs):
        log = result.log(r)
        inside = (
            (log.outcome == ANSWERED) & (log.arrived >= 0) & (log.arrived < result.scenario.horizon)
        )
        np.add.at(busy[r], (log.group[inside], log.queue[inside]), log.handled[inside])
    for key, exact in want.items():
        group, queue = (int(part) for part in key.split(","))
        seen = per_replication(result, busy[:, group, queue], result.scenario.horizon)
        yield checked(found["name"], f"busy_by_group_class {key}", exact, seen)


def counted(
    name: str, what: str, want: Mapping[str, float], seen: Estimate, bar: float = math.inf
) -> Check:
    """A simulated expected value, with its own standard error."""
    return checked(name, what, want["mean"], seen, error=want["standard_error"], bar=bar)


def single(
    name: str, what: str, want: Mapping[str, float], seen: Estimate, bar: float = math.inf
) -> Check:
    return checked(name, what, want["value"], seen, error=want.get("standard_error", 0.0), bar=bar)
