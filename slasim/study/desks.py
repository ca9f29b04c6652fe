"""From a scenario to what counting its tickets needs: the policy over its queues, names, aspects, the second line.

The clocks are the scenario's own policy, judged by `slasim.sla` as a real export is. This file counts nothing,
and a centre without tickets loads nothing of theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from slasim.calendars import Calendar
from slasim.clock import format_duration
from slasim.inputs.sample import prepare
from slasim.metrics.ticket_share import TicketShare

if TYPE_CHECKING:
    from slasim.outcome.ticket_layout import Aspect, TicketLayout, TierTwo
    from slasim.scenario import Scenario
    from slasim.sla.policy import Policy
    from slasim.sla.simulated import Desk
    from slasim.sla.ticket_clock import TicketClock

__all__ = ["has_tickets", "ticket_layout", "ticket_queues", "ticket_share", "tier_two"]

Words = tuple[str, ...]
Spans = tuple[tuple[int, int], ...]

_NO_QUEUE = ("",)
"""What a clock names that runs over none of the queues."""


def has_tickets(scenario: Scenario) -> bool:
    """Is there anything for ticket clocks, or deferred work, to be counted?"""
    return _policy(scenario) is not None or any(q.kind.replies for q in scenario.queues.values())


def _policy(scenario: Scenario) -> Policy | None:
    return scenario.policy if scenario.ticket_metrics else None


def ticket_queues(scenario: Scenario, metric: str) -> tuple[str, ...]:
    """The queues over which a ticket clock of the scenario, or a promise of the second line, runs. KeyError."""
    policy = _policy(scenario)
    if policy is not None and metric in policy.metrics:
        return _timed(scenario, policy.metrics[metric])
    return tuple(two.queue for two in tier_two(scenario) if two.promise.name == metric)


def _timed(scenario: Scenario, setting: TicketClock) -> tuple[str, ...]:
    from slasim.inputs.promises import Home

    return tuple(
        name for name, queue in scenario.queues.items() if Home(name, queue.channel).has(setting)
    )


def ticket_share(scenario: Scenario, metric: str) -> TicketShare | None:
    """The measure of that name; None when no ticket clock and no promise of the second line has it."""
    policy = _policy(scenario)
    if policy is not None and metric in policy.metrics:
        return TicketShare(metric, _said(policy, metric))
    for two in tier_two(scenario):
        if two.promise.name == metric:
            from slasim.sla.targets import print_target

            target = two.promise.target
            within = format_duration(target) if isinstance(target, int) else print_target(target)
            on = f" on {two.promise.calendar.name}" if two.promise.calendar.name else ""
            return TicketShare(metric, f"second line within {within}{on}, met / (met + missed)")
    return None


def _said(policy: Policy, metric: str) -> str:
    """What a clock promises, in words: its own name in the trade, its targets, its calendar."""
    from slasim.sla.targets import print_target

    setting = policy.metrics[metric]
    targets = [] if setting.target is None else [setting.target]
    targets += [target for by in setting.target_by.values() for target in by.values()]
    targets += [level.targets[metric] for level in policy.levels if metric in level.targets]
    lengths = sorted({target for target in targets if isinstance(target, int)})
    points = list(dict.fromkeys(print_target(t) for t in targets if not isinstance(t, int)))
    said = [format_duration(ms) for ms in (lengths[:1] + lengths[1:][-1:])]
    within = f" within {' to '.join(said)}" if said else ""
    by = f"{' or' if said else ''} by {' or '.join(points)}" if points else ""
    on = "" if setting.calendar is None else f" on {setting.calendar}"
    return f"{setting.metric.replace('_', ' ')}{within}{by}{on}, met / (met + missed)"


def tier_two(scenario: Scenario) -> tuple[TierTwo, ...]:
    """What the second line promises (OLA), one promise for each queue that hands on to it: ``tier_2/email``."""
    found = []
    for name, queue in scenario.queues.items():
        two = queue.tier_2
        if two is None or two.ola is None or not queue.kind.replies:
            continue
        from slasim.outcome.ticket_layout import TierTwo
        from slasim.sla.ola import Promise

        where = two.calendar or scenario.queues[two.queue].calendar
        calendar = scenario.calendars[where] if where else Calendar.always(scenario.timezone)
        found.append(TierTwo(name, Promise(f"tier_2/{name}", "ola", two.ola, calendar, two.queue)))
    return tuple(found)


def ticket_layout(
    scenario: Scenario,
    followed: Iterable[tuple[str, Words, str, tuple[int, ...], Spans]] = (),
    *,
    only: Collection[str] | None = None,
) -> TicketLayout | None:
    """What to count of tickets; None where there are none.

    ``followed``: (metric, queues, period, (I,) number of the period of each interval, spans in which the SLA started).
    ``only``: these clocks and whether they were met, nothing else of tickets; None = everything.
    """
    if not has_tickets(scenario) or (only is not None and not only):
        return None
    from slasim.outcome.ticket_layout import FollowedTickets, TicketLayout
    from slasim.sla.policy import Policy
    from slasim.sla.simulated import AS_ATTEMPT, AS_TICKET, NOT_WATCHED

    policy = _over_its_queues(scenario, _policy(scenario) or Policy(timezone=scenario.timezone))
    timed = {name for clock in policy.metrics.values() for name in clock.queues}
    watched = tuple(
        AS_TICKET if queue.kind.replies else AS_ATTEMPT if name in timed else NOT_WATCHED
        for name, queue in scenario.queues.items()
    )
    plan = prepare(scenario)
    seen = [int(stop) for stop, how in zip(plan.stop.tolist(), watched, strict=True) if how]
    if only is not None:
        policy = _of_metrics(policy, only)
        timed = {name for clock in policy.metrics.values() for name in clock.queues}
        watched = tuple(
            NOT_WATCHED if how == AS_ATTEMPT and name not in timed else how
            for how, name in zip(watched, scenario.queues, strict=True)
        )
    desk = _desk(scenario, watched)
    return TicketLayout(
        policy=policy,
        desk=desk,
        start_ms=scenario.start_ms,
        timezone=scenario.timezone,
        until=max(seen, default=scenario.horizon),
        interval=scenario.interval,
        intervals=scenario.intervals,
        day_of=_days(scenario),
        aspects=_aspects(scenario, policy, desk)[: None if only is None else 1],
        steps=() if plan.whole is None or only is not None else plan.whole.plans.said,
        tier_two=tuple(
            two for two in tier_two(scenario) if only is None or two.promise.name in only
        ),
        only_met=only is not None,
        followed=tuple(
            FollowedTickets(m, period, queues, of, spans)
            for m, queues, period, of, spans in followed
        ),
    )


def _days(scenario: Scenario) -> tuple[int, ...]:
    from slasim.outcome.tally import periods

    local = scenario.grid.local.local_ms[scenario.grid.warm :]
    return tuple(periods(local, "day").tolist())


def _of_metrics(policy: Policy, names: Collection[str]) -> Policy:
    """The same policy with these clocks alone, and nothing that acts on them."""

    def kept(one: Policy) -> Policy:
        metrics = {name: clock for name, clock in one.metrics.items() if name in names}
        levels = tuple(
            replace(level, targets={m: t for m, t in level.targets.items() if m in names})
            for level in one.levels
        )
        return replace(one, metrics=metrics, levels=levels, reminders=(), escalations=())

    if policy.versions:
        return type(policy).of_versions(replace(v, policy=kept(v.policy)) for v in policy.versions)
    return kept(policy)


def _over_its_queues(scenario: Scenario, policy: Policy) -> Policy:
    """The same policy, each clock naming the queues over which it runs."""

    def named(one: Policy) -> Policy:
        metrics = {
            name: replace(clock, queues=_timed(scenario, clock) or _NO_QUEUE)
            for name, clock in one.metrics.items()
        }
        return replace(one, metrics=metrics)

    if policy.versions:
        return type(policy).of_versions(replace(v, policy=named(v.policy)) for v in policy.versions)
    return named(policy)


def _desk(scenario: Scenario, watched: tuple[int, ...]) -> Desk:
    from slasim.sla.simulated import Desk

    names: list[str] = []
    groups: list[int] = []
    for number, (name, group) in enumerate(zip(scenario.groups, prepare(scenario).groups, strict=True)):  # fmt: skip
        count = getattr(group, "agents", 0)
        said = tuple(getattr(group, "names", ())) or tuple(f"{name} {k + 1}" for k in range(count))
        names += said
        groups += [number] * len(said)
    twice = {name for name in names if names.count(name) > 1}
    listed = list(scenario.groups)
    names = [
        f"{name} ({listed[group]})" if name in twice else name
        for name, group in zip(names, groups, strict=True)
    ]
    return Desk(
        queues=tuple(scenario.queues),
        groups=tuple(scenario.groups),
        watched=watched,
        agents=tuple(names),
        agent_groups=tuple(groups),
        teams=tuple(group.team or name for name, group in scenario.groups.items()),
    )


def _aspects(scenario: Scenario, policy: Policy, desk: Desk) -> tuple[Aspect, ...]:
    from slasim.outcome.ticket_layout import Aspect

    watched = tuple(n for n, how in zip(desk.queues, desk.watched, strict=True) if how)
    found = [Aspect("queue", watched)]
    levels = tuple(dict.fromkeys(level.name for level in policy.levels))
    if levels:
        found.append(Aspect("level", levels))
    words: dict[str, dict[str, None]] = {}
    for name in watched:
        drawn = scenario.queues[name].drawn
        for attribute in drawn.names:
            if attribute not in ("tags", "level", "team", "owner", "queue"):
                words.setdefault(attribute, {}).update(dict.fromkeys(drawn.values(attribute)))
    found += [Aspect(name, tuple(values)) for name, values in words.items()]
    found.append(Aspect("team", tuple(dict.fromkeys(desk.teams))))
    found.append(Aspect("owner", desk.owners))
    return tuple(found)
