"""Where it is tight: how busy each group is, what customers get, and what one more agent in each group would be worth.

    bottleneck(scenario, replications=100, seed=1)   -> Bottleneck

One more agent is one in the staffing of every interval that has any, or one more in a shift. Each is compared with the
scenario as it is, on the same callers, so even a small gain is told from chance. Gains do not add up: two agents more
in one place are worth less than twice one. This file knows no screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.errors import InputError, Problem
from slasim.metrics.standard import Better
from slasim.outcome.estimates import Difference, Estimate
from slasim.scenario import Scenario
from slasim.study import measures
from slasim.study.comparison import Comparison
from slasim.study.plans import shares_of
from slasim.study.result import Result
from slasim.study.runs import Progress, Run, checked_replications
from slasim.study.simulating import kept
from slasim.study.summary import level_metric

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bottleneck", "OneMore", "QueueLoad", "bottleneck"]


@dataclass(frozen=True)
class OneMore:
    """One more agent in a group (in one of its shifts, where it has shifts), beside the scenario as it is.

    ``gains`` by metric: the value with one more less the value without; ``worth`` turns it so that more is better.
    """

    group: str
    shift: str | None
    occupancy: Estimate
    gains: dict[str, Difference]
    better: dict[str, Better]
    comparison: Comparison

    @property
    def name(self) -> str:
        return self.group if self.shift is None else f"{self.group}, {self.shift}"

    def worth(self, metric: str) -> float:
        """The gain, positive where it is one."""
        value = self.gains[metric].estimate.value
        return value if self.better[metric] == "higher" else -value

    def to_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "shift": self.shift,
            "occupancy": self.occupancy.to_json(),
            "gains": {name: gain.to_json() for name, gain in self.gains.items()},
        }


@dataclass(frozen=True)
class QueueLoad:
    """What customers of one queue get as it is; ``offered`` in an average replication."""

    queue: str
    offered: float
    values: dict[str, Estimate]

    def to_json(self) -> dict[str, Any]:
        return {
            "queue": self.queue,
            "offered": self.offered,
            "values": {name: e.to_json() for name, e in self.values.items()},
        }


@dataclass(frozen=True)
class Bottleneck:
    """The scenario as it is, and one more agent in each place, the most worth first (by the first metric)."""

    result: Result
    metrics: tuple[str, ...]
    more: tuple[OneMore, ...]
    queues: tuple[QueueLoad, ...]

    def table(self) -> pd.DataFrame:
        """One row per place and metric: occupancy of the group, gain with its range; times in seconds."""
        import pandas as pd

        rows = []
        for one in self.more:
            for metric, gain in one.gains.items():
                e = gain.estimate
                unit = 1000.0 if e.unit == "time" else 1.0
                rows.append(
                    {"group": one.group, "shift": one.shift or "", "metric": metric,
                     "occupancy": one.occupancy.value}
                    | {key: float("nan") if x is None else x / unit
                       for key, x in (("gain", e.value), ("low", e.low), ("high", e.high))}
                )  # fmt: skip
        return pd.DataFrame(rows)

    def by_interval(self) -> pd.DataFrame:
        """One row per interval and place: occupancy of the group, and of each metric before, after, gain and range.

        Intervals without staff and contacts are left out. Times in seconds.
        """
        import pandas as pd

        parts = []
        for one in self.more:
            busy = self.result.table("occupancy", ["group", "interval"])
            mine = busy[busy["group"] == one.group].reset_index(drop=True)
            frame = pd.DataFrame(
                {"interval": mine["interval"], "group": one.group, "shift": one.shift or "",
                 "occupancy": mine["value"]}
            )  # fmt: skip
            for metric in self.metrics:
                found = one.comparison.table(metric, "interval").reset_index(drop=True)
                frame[metric] = found["first"]
                frame[f"{metric} gain"] = found["difference"]
                frame[f"{metric} low"], frame[f"{metric} high"] = found["low"], found["high"]
            known = frame["occupancy"].notna() | frame[self.metrics[0]].notna()
            parts.append(frame[known])
        return pd.concat(parts, ignore_index=True)

    def queues_by_interval(self) -> pd.DataFrame:
        """One row per queue and interval with contacts: each metric as it is. Times in seconds."""
        import pandas as pd

        made: pd.DataFrame | None = None
        for metric in self.metrics:
            asked = self.result._asked(metric, None)
            if asked.measure.over not in ("contacts", "tickets"):
                continue
            found = self.result.table(metric, ["queue", "interval"])
            found = found.rename(columns={"value": metric})[["queue", "interval", metric]]
            made = (
                found if made is None else made.merge(found, on=["queue", "interval"], how="outer")
            )
        if made is None:
            return pd.DataFrame()
        return made.dropna(how="all", subset=[m for m in self.metrics if m in made])

    def best_interval(self, one: OneMore, metric: str | None = None) -> tuple[str, float]:
        """(local start, gain) of the interval in which one more is worth most; ("", nan) where none has a value."""
        name = metric or self.metrics[0]
        found = one.comparison.table(name, "interval")
        sign = 1.0 if one.better[name] == "higher" else -1.0
        worth = sign * np.asarray(found["difference"], np.float64)
        if np.isnan(worth).all():
            return "", float("nan")
        at = int(np.nanargmax(worth))
        return str(found["interval"].iloc[at]), float(found["difference"].iloc[at])

    def to_json(self) -> dict[str, Any]:
        """Stable keys: the queues as they are and the gains by place."""
        return {
            "scenario": self.result.scenario.name,
            "replications": self.result.replications,
            "seed": self.result.seed,
            "metrics": list(self.metrics),
            "queues": [one.to_json() for one in self.queues],
            "one_more": [one.to_json() for one in self.more],
        }


def bottleneck(scenario: Scenario, *, metrics: Sequence[str] = (), replications: int = 100, seed: int = 1,
               engine: str = "fast", executor: int | Executor | None = None,
               progress: Progress | None = None) -> Bottleneck:  # fmt: skip
    """Simulate the scenario as it is and with one more agent in each place, on the same callers.

    ``metrics``: names or kinds (default: the service level that matters most, ticket clocks, abandonment, mean wait).
    Raises InputError, also where there is nobody to add an agent to.
    """
    numbers = range(checked_replications(replications))
    places = list(_places(scenario))
    if not places:
        raise InputError([Problem("no group has staffing or shifts", "Give one of them.")])
    shares = shares_of(scenario)
    base_layout = measures.layout(scenario)
    runs = 1 + len(places)

    def simulated(centre: Scenario, at: int) -> Result:
        layout = measures.layout(centre, batches=base_layout.batches)
        told: Progress | None = None
        if progress is not None:

            def told(done: int, total: int) -> None:
                progress(at * total + done, runs * total)

        tally = Run(centre, seed, layout, engine, shares).count(numbers, executor, told)
        return Result(centre, seed, engine, tally, threads=kept(executor), first_share=shares)

    result = simulated(scenario, 0)
    names = tuple(metrics) or _usual(result)
    for name in names:
        result._asked(name, None)
    more = []
    for at, (group, shift, centre) in enumerate(places, 1):
        comparison = Comparison(result, simulated(centre, at))
        gains = {name: comparison.difference(name) for name in names}
        better: dict[str, Better] = {
            name: result._asked(name, None).measure.better for name in names
        }
        busy = result.estimate("occupancy", group=group)
        more.append(OneMore(group, shift, busy, gains, better, comparison))
    more.sort(key=lambda one: -np.nan_to_num(one.worth(names[0])))
    return Bottleneck(result, names, tuple(more), _queues(result, names))


def _usual(result: Result) -> tuple[str, ...]:
    tickets = result.tally.layout.tickets
    clocks = () if tickets is None else tuple(tickets.metrics)[:1]
    scenario = result.scenario
    on_the_line = any(not queue.kind.replies for queue in scenario.queues.values())
    spoken = (
        (level_metric(result), "abandonment_rate", "mean_wait") if on_the_line else ("mean_wait",)
    )
    return (
        tuple(dict.fromkeys((*spoken[:1], *clocks, *spoken[1:])))
        if on_the_line
        else (*clocks, *spoken)
    )


def _places(scenario: Scenario) -> Iterator[tuple[str, str | None, Scenario]]:
    """(group, shift, the scenario with one more agent there) wherever one may be added."""
    for name, group in scenario.groups.items():
        if group.shifts is None:
            if scenario.staffing(name).any():
                yield name, None, scenario.but({f"groups.{name}.staffing": "+1"})
            continue
        for number, shift in enumerate(group.shifts):
            path = f"groups.{name}.shifts[{number}]"
            if shift.people:
                change: dict[str, Any] = {f"{path}.people": [*shift.people, _newcomer(group.named)]}
            else:
                change = {f"{path}.agents": "+1"}
            yield name, shift.name, scenario.but(change)


def _newcomer(known: Sequence[str]) -> str:
    return next(name for k in range(1, 10**6) if (name := f"one more {k}") not in known)


def _queues(result: Result, metrics: Sequence[str]) -> tuple[QueueLoad, ...]:
    found = []
    for name in result.scenario.queues:
        values = {}
        for metric in metrics:
            asked = result._asked(metric, None)
            if asked.measure.over != "agents" and name in asked.queues:
                values[metric] = result.estimate(metric, queue=name)
        offered = float(np.sum(result.tally.counts(name).offered)) / result.replications
        found.append(QueueLoad(name, offered, values))
    return tuple(found)
