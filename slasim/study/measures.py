"""From a metric's name to what is measured over which queues, and to what a tally must keep for it.

A metric is named in the scenario, or is a kind with its settings (``"service_level", threshold="20s"``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from slasim import clock, registry
from slasim.errors import InputError, Problem, did_you_mean
from slasim.metrics.agents import Concurrency, SlotUtilisation
from slasim.metrics.standard import ContactMetric, Counted, measure
from slasim.outcome.columns import Service
from slasim.outcome.tally import Followed, Layout, Only, Period, periods
from slasim.routing.table import NEVER
from slasim.scenario import Scenario
from slasim.scenario.floor_facts import needs_floor
from slasim.scenario.schema import Metric, Queue
from slasim.study.desks import ticket_layout, ticket_queues, ticket_share
from slasim.study.plans import plan_of

if TYPE_CHECKING:
    from slasim.scenario.schema import Commitment

DEFAULT_THRESHOLD = "20s"


@dataclass(frozen=True)
class Asked:
    """A metric as it was asked for: what is measured, over which queues (or groups, over agents)."""

    name: str
    measure: ContactMetric
    queues: tuple[str, ...]
    only: Only | None = None
    """which contacts are counted; None = all"""

    @property
    def share(self) -> bool:
        """Whether its numerator is a part of its denominator, so that it cannot exceed 1."""
        counted = self.measure.over in ("contacts", "tickets")
        part = counted or getattr(self.measure, "part_of_whole", False)
        return self.measure.unit == "share" and part

    @property
    def counted(self) -> Counted:
        """Whether each attempt counts, or each caller once."""
        return cast(Counted, getattr(self.measure, "counts", "attempts"))

    @property
    def needs_whole(self) -> bool:
        """Whether it needs what a voice centre's tally leaves out: chains, several contacts in hand."""
        return self.measure.over == "chains" or isinstance(
            self.measure, Concurrency | SlotUtilisation
        )

    @property
    def name_of_clock(self) -> str:
        """Of a measure of tickets: the clock's own name, whatever the commitment is called."""
        return str(cast(Any, self.measure).metric)

    @property
    def at_worst(self) -> Asked:
        """The same with what is still open counted as missed: what a promise on tickets is judged by."""
        if self.measure.over != "tickets":
            return self
        return replace(self, measure=replace(cast(Any, self.measure), open_is="missed"))


def ask(scenario: Scenario, metric: str, queue: str | Sequence[str] | None = None,
        **settings: Any) -> Asked:  # fmt: skip
    """The metric of that name in the scenario, or of that kind with settings (durations as text or ms).

    Where neither names queues, it is over all whose customers wait on the line; a metric over chains is over all.
    Raises InputError for an unknown metric, queue or setting.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    for key in ("threshold", "short_abandon"):
        if isinstance(given.get(key), str):
            given[key] = _duration(key, given[key])
    kinds = registry.names("metric")
    queues = on_the_line(scenario) if queue is None else queues_named(scenario, queue)
    of_tickets = ticket_share(scenario, metric)
    if of_tickets is not None:
        if given:
            would_do = "Its settings stand in the scenario's `metrics` and `levels`."
            raise InputError([Problem(f"{metric} has no {next(iter(given))!r}", would_do)])
        own_queues = ticket_queues(scenario, metric) if queue is None else queues
        return Asked(metric, cast(ContactMetric, of_tickets), own_queues)
    if metric in scenario.metrics:
        record = cast(Metric, scenario.metrics[metric])  # ticket clocks have been seen to above
        own = {
            key: getattr(record, key)
            for key in (
                "threshold",
                "formula",
                "short_abandon",
                "include_blocked",
                "include_flow_out",
            )
            if key in record.model_fields_set
        }
        made = _measure(record.type, own | record.settings | given)
        if queue is None and record.queues:
            queues = tuple(dict.fromkeys(record.queues))
        elif queue is None and made.over == "chains":
            queues = tuple(scenario.queues)
        return Asked(metric, _over(made, metric, queue), queues)
    if metric in kinds:
        if metric == "service_level":
            given.setdefault("threshold", _duration("threshold", DEFAULT_THRESHOLD))
        made = _measure(metric, given)
        if queue is None and made.over == "chains":
            queues = tuple(scenario.queues)
        return Asked(metric, _over(made, metric, queue), queues)
    known = [*scenario.metrics, *kinds]
    raise InputError([Problem(f"no metric is called {metric!r}", did_you_mean(metric, known))])


def on_the_line(scenario: Scenario) -> tuple[str, ...]:
    """The queues whose customers wait on the line; all, where there are only tickets, which have clocks instead."""
    found = tuple(name for name, queue in scenario.queues.items() if not queue.kind.replies)
    return found or tuple(scenario.queues)


def only_tickets(scenario: Scenario) -> bool:
    """Whether nobody waits on the line: then clocks tell what a service level tells of calls and chats."""
    return all(queue.kind.replies for queue in scenario.queues.values())


def _over(made: ContactMetric, name: str, queue: object) -> ContactMetric:
    """InputError where a metric over agents is asked by queue: they are not told apart by what they took."""
    if made.over == "agents" and queue is not None:
        raise InputError([Problem(f"{name} is not known by queue", "Ask for it by group.")])
    return made


def _measure(kind: str, settings: dict[str, Any]) -> ContactMetric:
    try:
        made: ContactMetric = measure(kind, **settings)
    except ValueError as why:
        raise InputError([Problem(str(why))]) from None
    return made


def _duration(key: str, text: str) -> int:
    try:
        return clock.parse_duration(text)
    except ValueError as why:
        raise InputError([Problem(str(why), path=key)]) from None


def queues_named(scenario: Scenario, queue: str | Sequence[str]) -> tuple[str, ...]:
    """One queue or several, each once. Raises InputError for one that does not exist."""
    names = (queue,) if isinstance(queue, str) else tuple(dict.fromkeys(queue))
    for name in names:
        if name not in scenario.queues:
            raise InputError(
                [Problem(f"no queue is called {name!r}", did_you_mean(name, list(scenario.queues)))]
            )
    return names


@dataclass(frozen=True)
class Promise:
    """A commitment with everything looked up: its metric, its target, its period, and how it is put together."""

    asked: Asked
    target: float
    better: Literal["higher", "lower"]
    period: Period
    interval_target: float | None

    @property
    def name(self) -> str:
        return self.asked.name

    @property
    def followed_by(self) -> Period:
        """The period by which the tally follows the metric."""
        return self.period if self.interval_target is None else "interval"


def promise(scenario: Scenario, commitment: Commitment) -> Promise:
    """What a commitment of the scenario's contract promises."""
    if commitment.inline is not None:
        record = commitment.inline
        queues = tuple(dict.fromkeys(record.queues or on_the_line(scenario)))
        asked = Asked(commitment.name or record.type, record.measure, queues)
    else:
        found = ask(scenario, str(commitment.metric))
        asked = Asked(commitment.name or found.name, found.at_worst.measure, found.queues)
    assert scenario.contract is not None
    return Promise(
        asked=asked,
        target=commitment.target,
        better=commitment.better or asked.measure.better,
        period=commitment.period or scenario.contract.period,
        interval_target=commitment.interval_target,
    )


def promises(scenario: Scenario) -> tuple[Promise, ...]:
    """Every commitment of the scenario's contract."""
    if scenario.contract is None:
        return ()
    return tuple(promise(scenario, commitment) for commitment in scenario.contract.commitments)


def period_of(scenario: Scenario, period: Period) -> tuple[int, ...]:
    """(I,) the number, from 0, of the whole period in which each interval lies; -1 in one that start or end cuts.

    A part of a week is no week: it has fewer contacts, and its chance of meeting a target is another one.
    """
    local = scenario.grid.local.local_ms[scenario.grid.warm :]
    if period in ("interval", "horizon"):
        return tuple(periods(local, period).tolist())
    beyond = [scenario.start_ms - 1, scenario.end_ms]
    before, after = clock.local_labels(beyond, clock.zone(scenario.timezone)).local_ms
    number = periods([before, *local.tolist(), after], period)
    inside, cut = number[1:-1], (number[0], number[-1])
    whole = ~np.isin(inside, cut)
    first = inside[whole].min() if whole.any() else 0
    return tuple(np.where(whole, inside - first, -1).tolist())


def layout(scenario: Scenario, *, thresholds: Iterable[int] = (),
           followed: Iterable[tuple[Asked, Period]] = (), asked: Iterable[Asked] = (),
           batches: int = 0, only: bool = False) -> Layout:  # fmt: skip
    """What to count: the scenario's metrics, its commitments by period, and what else is asked or followed.

    ``batches``: 0 = as many as memory allows. ``only``: what is asked or followed and nothing else; replications from
    which a contract is judged need no agents, no matters, no days and no other metrics.
    """
    followed = list(followed)
    every = [] if only else [ask(scenario, name) for name in scenario.metrics]
    wanted = {*thresholds, *(t for one in every for t in one.measure.thresholds)}
    promised = () if only else promises(scenario)
    every += [p.asked for p in promised] + [one for one, _ in followed] + list(asked)
    pairs = [(p.asked, p.followed_by) for p in promised]
    pairs += [
        (p.asked, "interval") for p in promised
        if p.asked.measure.unit == "share" and p.asked.measure.over == "contacts"
    ]  # fmt: skip
    pairs += list(followed)
    of_tickets = dict.fromkeys(
        (one.name_of_clock, one.queues, period, spans_of(one))
        for one, period in pairs
        if one.measure.over == "tickets" and (period != "horizon" or one.only is not None)
    )  # fmt: skip
    clocks = {one.name_of_clock for one in every if one.measure.over == "tickets"}
    pairs = [pair for pair in pairs if pair[0].measure.over != "tickets"]
    seen: dict[tuple[str, Period], Followed] = {}
    for one, period in pairs:
        key = (followed_name(one), period)
        if key not in seen:
            seen[key] = Followed(
                key[0], period, one.measure, one.queues, period_of(scenario, period), one.only
            )
    floor = needs_floor(scenario)
    return Layout(
        queues=tuple(scenario.queues),
        groups=tuple(scenario.groups),
        intervals=scenario.intervals,
        interval=scenario.interval,
        wanted=tuple(sorted(wanted)),
        followed=tuple(seen.values()),
        batches=batches,
        whole=any(one.needs_whole or (floor and one.measure.over == "agents") for one in every)
        or (floor and not only),
        callers=any(one.counted == "callers" for one in every),
        agents=() if only else agent_names(scenario),
        chats=tuple(queue.kind.shares for queue in scenario.queues.values()),
        slots=tuple(
            group.chat_slots
            if any(scenario.queues[name].kind.shares for name in group.takes)
            else 0
            for group in scenario.groups.values()
        ),
        service=tuple(service_of(queue) for queue in scenario.queues.values()),
        tickets=ticket_layout(
            scenario,
            [
                (m, queues, of, period_of(scenario, of), spans)
                for m, queues, of, spans in of_tickets
            ],
            only=clocks if only else None,
        ),
    )


def agent_names(scenario: Scenario) -> tuple[str, ...]:
    """The named agents, in the order of a Draw; () where nobody is named."""
    if all(group.shifts is None for group in scenario.groups.values()):
        return ()
    return tuple(agent.name for agent in plan_of(scenario, ()).agents)


def service_of(queue: Queue) -> Service:
    """What a queue states about its contacts, as counting needs it."""
    said, liked, leaving = queue.satisfaction, None, None
    if said is not None:
        from slasim.metrics.after_service import Churn, Satisfaction

        lost = said.worst if said.lost is None else said.lost
        spans = [
            None if span is None else (span.good, span.bad) for span in (said.wait, said.resolution)
        ]
        liked = Satisfaction(said.best, said.worst, lost, spans[0], spans[1])
        if said.churn is not None:
            chance, late = said.churn.chance, said.churn.late
            late_chance = chance if late is None else late.chance
            leaving = Churn(
                chance, 0 if late is None else late.over, late_chance,
                late_chance if said.churn.lost is None else said.churn.lost,
            )  # fmt: skip
    within = NEVER if queue.call_back is None else queue.call_back.within
    return Service(within, queue.kind.replies, liked, leaving)


def spans_of(asked: Asked) -> tuple[tuple[int, int], ...]:
    """Of tickets: the spans [since, until), ms, in which the SLA of those that count started; () = all.

    Raises InputError for a clause that picks single contacts.
    """
    if asked.only is None:
        return ()
    if asked.only.first:
        would_do = "Give its forecast another relief, or none."
        raise InputError([Problem(f"{asked.name}: no first tickets of an interval", would_do)])
    return asked.only.inside


def followed_name(asked: Asked) -> str:
    """A name that tells apart what is followed: the metric with all its settings, and the queues.

    Not its sentence, which rounds: 20 s and 20.4 s read alike.
    """
    chosen = "" if asked.only is None else f", only {asked.only!r}"
    return f"{asked.measure!r} over {', '.join(asked.queues)}{chosen}"


def intervals_met(numerator: Any, denominator: Any, target: float, better: str,
                  period: Sequence[int]) -> tuple[Any, Any]:  # fmt: skip
    """(met, judged), each (R, P): intervals of each period that reached the target; both inputs (R, I)."""
    from slasim.metrics.ratio import ratio
    from slasim.outcome.estimates import reaches

    value = ratio(numerator, denominator)
    judged = ~np.isnan(value)
    met = reaches(value, target, "higher" if better == "higher" else "lower") & judged
    number = np.asarray(period)
    return tuple(
        np.stack([part[:, number == p].sum(axis=1) for p in range(int(number.max()) + 1)], axis=1)
        for part in (met, judged)
    )  # type: ignore[return-value]
