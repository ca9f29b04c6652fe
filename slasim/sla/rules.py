"""SLA rules: an ordered list that gives each ticket its level, looked at when tickets are created, updated, or in time.

Conditions are `conditions.py`, what a level promises `levels.py`. A rule acts when one of its groups holds whole; a
later match overwrites an earlier one unless a rule says stop (``last_match_wins``), or the first match is the
only one (``first_match``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from slasim.arrays import Bools
from slasim.errors import InputError, Problem, did_you_mean
from slasim.sla.conditions import Condition, read_group
from slasim.sla.events import CREATED, LEVEL, MOMENT, Column, EventTable

__all__ = [
    "EVALUATED",
    "MODES",
    "Rule",
    "Rules",
    "levels_of",
    "moments",
    "read_rule",
    "rule_problems",
]

MODES = ("last_match_wins", "first_match")
EVALUATED = ("created", "updated", "time")
NO_MATCH = ("keep_level", "default_level")


@dataclass(frozen=True)
class Rule:
    """A name, groups of conditions (AND in a group, OR between groups), and what follows.

    set_level  the level a ticket gets; None leaves it
    stop       later rules are not looked at
    active     whether it is used at all
    """

    name: str
    when: tuple[tuple[Condition, ...], ...] = ()
    set_level: str | None = None
    stop: bool = False
    active: bool = True


@dataclass(frozen=True)
class Rules:
    """An ordered list of rules.

    mode           last_match_wins | first_match
    evaluate       on what: created, updated, time
    default_level  the level before any rule matched; None is no level
    no_match       when a later look matches nothing: keep_level (as it was) | default_level
    """

    list: tuple[Rule, ...] = ()
    mode: Literal["last_match_wins", "first_match"] = "last_match_wins"
    evaluate: tuple[str, ...] = ("created",)
    default_level: str | None = None
    no_match: Literal["keep_level", "default_level"] = "keep_level"


def rule_problems(rules: Rules, levels: Iterable[str]) -> list[Problem]:
    """Everything wrong with the rules: unknown words, names used twice, levels that are none."""
    known = [*levels]
    found = []
    for name, value, words in (
        ("mode", rules.mode, MODES),
        ("no_match", rules.no_match, NO_MATCH),
        *(("evaluate", word, EVALUATED) for word in rules.evaluate),
    ):
        if value not in words:
            found.append(
                Problem(f"'{value}' is unknown", did_you_mean(value, words), path=f"rules.{name}")
            )
    names = [rule.name for rule in rules.list]
    for number, rule in enumerate(rules.list):
        path = f"rules.list[{number}]"
        if rule.name in names[:number]:
            found.append(
                Problem(
                    f"a rule is called '{rule.name}' already",
                    "Names are unique.",
                    path=f"{path}.name",
                )
            )
        if rule.set_level is not None and rule.set_level not in known:
            found.append(_no_level(rule.set_level, known, f"{path}.set_level"))
    if rules.default_level is not None and rules.default_level not in known:
        found.append(_no_level(rules.default_level, known, "rules.default_level"))
    return found


def _no_level(name: str, known: list[str], path: str) -> Problem:
    return Problem(f"'{name}' is no level", did_you_mean(name, known, what="Levels"), path=path)


def read_rule(plain: Mapping[str, object]) -> Rule:
    """A rule as a planner writes it: ``when`` a group or a list of groups; ``set_level`` and ``stop`` beside it or
    under ``actions``. Raises ValueError."""
    said = dict(plain)
    actions = said.pop("actions", None)
    if isinstance(actions, Mapping):
        said |= actions
    unknown = [key for key in said if key not in ("name", "when", "set_level", "stop", "active")]
    if unknown:
        raise ValueError(
            f"'{unknown[0]}' is unknown. "
            + did_you_mean(unknown[0], ["name", "when", "set_level", "stop", "active"])
        )
    if not said.get("name"):
        raise ValueError("A rule has no name; give it one of its own.")
    when = said.get("when", [])
    groups = [when] if isinstance(when, Mapping) else list(when)  # type: ignore[call-overload]
    level = said.get("set_level")
    return Rule(
        str(said["name"]),
        tuple(read_group(group) for group in groups),
        None if level is None else str(level),
        bool(said.get("stop", False)),
        bool(said.get("active", True)),
    )


def moments(events: EventTable, rules: Rules, tickets_asked: Bools | None = None) -> EventTable:
    """The table with a ``moment`` wherever time alone can change what a rule says (``evaluate: time``).

    After ``created``/``changed`` has been ``longer_ago_than`` or no longer ``within`` a span, unless something happens
    to the ticket before (for ``changed``); nothing after the last event's instant of the whole table. With
    ``tickets_asked`` (N,) only for those.
    """
    if "time" not in rules.evaluate:
        return events
    asked = {
        (condition.attribute, condition.span)
        for rule in rules.list
        if rule.active
        for group in rule.when
        for condition in group
        if condition.operator in ("longer_ago_than", "within")
    }
    tickets, instants = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    following = np.append(events.at[1:], events.last_at + 1)
    ends = np.append(events.ticket[1:] != events.ticket[:-1], True)
    following = np.where(ends, events.last_at + 1, following)
    for attribute, span in sorted(asked):
        if attribute == "created":
            base = np.flatnonzero(events.kind == CREATED)
            when = events.at[base] + span
            chosen = when <= events.last_at
        else:
            base = np.arange(len(events))
            when = events.at + span
            chosen = when < following
        tickets.append(events.ticket[base][chosen])
        instants.append(when[chosen])
    whose, when = np.concatenate(tickets), np.concatenate(instants)
    if tickets_asked is not None:
        whose, when = whose[tickets_asked[whose]], when[tickets_asked[whose]]
    return events.with_moments(whose, when)


def levels_of(
    events: EventTable, rules: Rules, levels: Iterable[str], *, where: ZoneInfo
) -> Column:
    """(E,) the level of each ticket after each event. A ``level`` event sets it whatever the rules say.

    Raises InputError for attributes and levels that are unknown.
    """
    names = list(dict.fromkeys(levels))
    wrong = (
        rule_problems(rules, names)
        + _unknown_attributes(events, rules)
        + _unknown_levels(events, names)
    )
    if wrong:
        raise InputError(wrong)
    if len(events) > events.tickets and _settled(events, rules):
        at_first = levels_of(events.openings(), rules, names, where=where)
        return at_first.taken(events.ticket)
    nothing = -2
    default = -1 if rules.default_level is None else names.index(rules.default_level)
    looked = _looked_at(events, rules)
    verdict = np.full(len(events), nothing, np.int32)
    open_ = looked.copy()
    for rule in rules.list:
        if not rule.active:
            continue
        match = open_ & _matches(events, rule, where)
        if rule.set_level is not None:
            verdict[match] = names.index(rule.set_level)
        if rule.stop or rules.mode == "first_match":
            open_ &= ~match
    if rules.no_match == "default_level":
        verdict[looked & (verdict == nothing)] = default
    manual = events.kind == LEVEL
    if manual.any():
        by_word = np.array(
            [names.index(w) if w in names else -1 for w in events.words] + [-1], np.int32
        )
        verdict[manual] = by_word[events.value[manual]]
    begins = np.zeros(len(events), bool)
    begins[events.starts[:-1][np.diff(events.starts) > 0]] = True
    verdict[begins & (verdict == nothing)] = default
    at = np.maximum.accumulate(np.where(verdict != nothing, np.arange(len(events)), 0))
    return Column(verdict[at], tuple(names))


def _settled(events: EventTable, rules: Rules) -> bool:
    """Whether what the rules say of a ticket at its first event is what they say ever after."""
    return (
        "created" in rules.evaluate
        and not (events.kind == LEVEL).any()
        and bool((np.diff(events.starts) > 0).all())
        and all(
            condition.settled(events)
            for rule in rules.list
            if rule.active
            for group in rule.when
            for condition in group
        )
    )


def _looked_at(events: EventTable, rules: Rules) -> Bools:
    first = np.zeros(len(events), bool)
    first[events.starts[:-1][np.diff(events.starts) > 0]] = True
    looked = np.zeros(len(events), bool)
    if "created" in rules.evaluate:
        looked |= first
    if "updated" in rules.evaluate:
        looked |= ~first & (events.kind != MOMENT)
    if "time" in rules.evaluate:
        looked |= events.kind == MOMENT
    return looked


def _matches(events: EventTable, rule: Rule, where: ZoneInfo) -> Bools:
    if not rule.when:
        return np.ones(len(events), bool)
    match = np.zeros(len(events), bool)
    for group in rule.when:
        whole = np.ones(len(events), bool)
        for condition in group:
            whole &= condition.holds(events, where)
        match |= whole
    return match


def _unknown_attributes(events: EventTable, rules: Rules) -> list[Problem]:
    return [
        Problem(
            f"'{condition.attribute}' is no attribute of these tickets",
            said,
            path=f"rules.list[{number}].when",
        )
        for number, rule in enumerate(rules.list)
        if rule.active
        for group in rule.when
        for condition in group
        if (said := condition.unknown_to(events))
    ]


def _unknown_levels(events: EventTable, names: list[str]) -> list[Problem]:
    rows = np.flatnonzero((events.kind == LEVEL) & (events.value >= 0))
    found = []
    for number in np.unique(events.value[rows]).tolist():
        if events.words[number] not in names:
            row = int(events.row[rows[events.value[rows] == number][0]])
            said = did_you_mean(events.words[number], names, what="Levels")
            found.append(Problem(f"'{events.words[number]}' is no level", said, line=row))
    return found
