"""From a Scenario to Draws: everything that chance decides, settled before an engine starts.

``prepare(scenario)`` does once what no replication changes; ``plan.sample(seed, replication)`` is fast and may
be called from any number of threads. Each decision has a stream of its own, so adding a queue or a group changes
nobody else's draws, and two scenarios compared at one seed meet the same callers:

    arrivals/<queue>  work/<queue>  patience/<queue>  hangs_up/<queue>
    rota/<group>      rota/<group>/<shift>            attendance/<group>
    absence/<group>/<agent>  late/<group>/<agent>     late_by/<group>/<agent>
    volume/bias  volume/day  volume/interval  aht/bias  aht/day    (each also with /<queue>)
    attributes/<queue>/<attribute>, and what follows contacts: `chains.py`
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.arrays import Ints
from slasim.channels import channel
from slasim.draw import NEVER, Draw
from slasim.inputs.doubt import Doubt
from slasim.inputs.facts import group_facts, has_floor, queue_facts
from slasim.inputs.groups import agents_of, group_plan
from slasim.inputs.people import Agent
from slasim.inputs.queues import QueuePlan, queue_plan
from slasim.inputs.rosters import Rota, closings_of, rota_of
from slasim.inputs.rota import ByNumber, ByShifts
from slasim.memory import keep_freed
from slasim.routing.policies import fill
from slasim.routing.table import RoutingTable

if TYPE_CHECKING:
    from slasim.inputs.whole import Whole
    from slasim.scenario import Scenario

__all__ = ["Plan", "prepare", "sample"]


@dataclass(frozen=True, eq=False)
class Plan:
    """A scenario made ready: ``sample`` draws one replication after another.

    agents    the named agents, by their numbers in a Draw
    attempts  queues whose volume counts attempts while redials or repeats follow from it: their ``first_share`` is to
              be found by a pilot
    """

    queues: tuple[QueuePlan, ...]
    groups: tuple[ByNumber | ByShifts, ...]
    agents: tuple[Agent, ...]
    table: RoutingTable
    lines: Ints
    queue_limit: Ints
    stop: Ints
    doubt: Doubt
    until: int
    settled: tuple[Rota, Ints, Ints] | None
    """Rota and closings, where neither decimals nor doubt leave them to chance."""
    whole: Whole | None
    """What goes beyond a voice centre."""
    attempts: tuple[str, ...] = ()

    def sample(self, seed: int, replication: int) -> Draw:
        """Replication number ``replication`` (0, 1, ...) of the study with that seed."""
        rota, closing_at, closing_queue = self.settled or self._rota(seed, replication)
        floor = facts = None
        if self.whole is None:
            columns = self._contacts(seed, replication)
        else:
            columns, floor, facts = self.whole.draw(seed, replication)
        return Draw(
            table=self.table,
            **columns,
            lines=self.lines,
            queue_limit=self.queue_limit,
            closing_at=closing_at,
            closing_queue=closing_queue,
            stop=self.stop,
            **rota.columns,
            floor=floor,
            facts=facts,
        )

    def doubting(self, change: Callable[[Doubt], Doubt]) -> Plan:
        """The same with another doubt, wherever it is read: by the queues, by the whole operation, by attendance."""
        queues = tuple(replace(queue, doubt=change(queue.doubt)) for queue in self.queues)
        whole = None if self.whole is None else replace(self.whole, queues=queues)
        return replace(self, queues=queues, whole=whole, doubt=change(self.doubt))

    def _contacts(self, seed: int, replication: int) -> dict[str, Any]:
        """The contacts of a voice centre, queue by queue."""
        found = [queue.arrivals(seed, replication) for queue in self.queues]
        first = np.zeros(len(found) + 1, np.int64)
        np.cumsum([times.size for times, _ in found], out=first[1:])
        n = int(first[-1])
        work, wrap = np.empty(n, np.int64), np.zeros(n, np.int64)
        patience, leaves_as = np.empty(n, np.int64), np.empty(n, np.int8)
        for q, (queue, (_, counts)) in enumerate(zip(self.queues, found, strict=True)):
            mine = slice(int(first[q]), int(first[q + 1]))
            queue.bring(
                seed, replication, counts, work[mine], wrap[mine], patience[mine], leaves_as[mine]
            )
        return {
            "first": first,
            "arrival": np.concatenate([times for times, _ in found]),
            "work": work,
            "wrap": wrap,
            "patience": patience,
            "leaves_as": leaves_as,
        }

    def _rota(self, seed: int, replication: int) -> tuple[Rota, Ints, Ints]:
        drawn = [group.draw(seed, replication, self.doubt) for group in self.groups]
        rota = rota_of(self.groups, drawn, self.until)
        closing = [queue.closing for queue in self.queues]
        return rota, *closings_of(closing, rota.duties, self.stop)


# ------------------------------------------------------------------ preparing


def prepare(scenario: Scenario, *, first_share: Mapping[str, float] | None = None) -> Plan:
    """Do once what no replication of the scenario changes.

    ``first_share``: queue -> the part of its volume that are first attempts; all of it where none is given. Raises
    InputError or ValueError where the scenario's data, promises or routing settings are wrong.
    """
    keep_freed()
    share = first_share or {}
    doubt = _doubt(scenario)
    grid = scenario.grid
    since = grid.first - grid.start
    stop = np.array([_stop(scenario, queue) for queue in scenario.queues], np.int64)
    until = int(stop.max())
    names = list(scenario.groups)
    queues = tuple(
        queue_plan(
            scenario,
            name,
            tuple(g for g, group in enumerate(names) if name in scenario.groups[group].takes),
            doubt,
            since,
            int(stop[q]),
            share.get(name, 1.0),
        )
        for q, name in enumerate(scenario.queues)
    )
    groups = tuple(group_plan(scenario, name, since, until) for name in names)
    agents = tuple(
        agent
        for name, group in zip(names, groups, strict=True)
        for agent in agents_of(scenario, name, group)
    )
    whole = None
    if has_floor(scenario):
        from slasim.inputs.operation import whole_of  # a plain voice centre needs none of it

        whole = whole_of(scenario, queues, agents, until)
    settled = None
    if not doubt.of_attendance and all(group.settled is not None for group in groups):
        rota = rota_of(groups, [group.draw(0, 0, doubt) for group in groups], until)
        settled = (rota, *closings_of([queue.closing for queue in queues], rota.duties, stop))
    records = scenario.queues.values()
    return Plan(
        queues=queues,
        groups=groups,
        agents=agents,
        table=_table(scenario) if whole is None else whole.lines.table,
        lines=_limits([record.lines for record in records]),
        queue_limit=_limits([record.queue_limit for record in records]),
        stop=stop,
        doubt=doubt,
        until=until,
        settled=settled,
        whole=whole,
        attempts=tuple(
            name
            for name, record in scenario.queues.items()
            if record.counts == "attempts" and (record.redial or record.repeat)
        ),
    )


def _limits(given: list[int | None]) -> Ints:
    return np.array([NEVER if limit is None else limit for limit in given], np.int64)


def _stop(scenario: Scenario, queue: str) -> int:
    drain = getattr(scenario.drain_at_most, channel(scenario.queues[queue].channel).drain)
    return int(scenario.horizon + drain)


def _table(scenario: Scenario) -> RoutingTable:
    return fill(
        scenario.routing.policy,
        queue_facts(scenario),
        group_facts(scenario),
        scenario.routing.settings,
    )


def _doubt(scenario: Scenario) -> Doubt:
    """The doubt that the scenario states or has measured; none where it states none."""
    demand = scenario.demand
    if demand is None:
        return Doubt()
    volume, aht, attendance = demand.volume, demand.aht, demand.attendance
    return Doubt(
        volume_day_cv=volume.day_cv if volume else 0.0,
        volume_interval_cv=volume.interval_cv if volume else 0.0,
        volume_bias_sd=volume.bias_sd if volume else 0.0,
        aht_day_cv=aht.day_cv if aht else 0.0,
        aht_bias_sd=aht.bias_sd if aht else 0.0,
        attendance_day_sd=attendance.day_sd if attendance else 0.0,
        correlation=1.0 if demand.correlation is None else demand.correlation,
    )


_last: tuple[weakref.ref[Scenario], Plan] | None = None


def sample(scenario: Scenario, seed: int, replication: int) -> Draw:
    """The Draw of one replication. For many, ``prepare`` once and call the plan's ``sample``."""
    global _last
    kept = _last
    if kept is None or kept[0]() is not scenario:
        kept = (weakref.ref(scenario), prepare(scenario))
        _last = kept
    return kept[1].sample(seed, replication)
