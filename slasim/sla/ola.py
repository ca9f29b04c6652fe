"""Promises that stand on other promises: SLA, OLA and supplier targets side by side.

A promise to the client is made of parts done one after the other, each promised inside the house (OLA) or by a
supplier. When the parts together take longer than the whole, the whole cannot be kept even if every part is. In a
policy it is the section ``ola``. It knows no tickets and no clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from slasim import clock as time
from slasim.arrays import Ints
from slasim.calendars import Calendar, NeverOpens
from slasim.errors import InputError, Problem, did_you_mean
from slasim.sla.levels import Level
from slasim.sla.targets import Target, print_target, read_day_means, read_target
from slasim.sla.ticket_clock import TicketClock

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Chain", "Line", "Promise", "chain", "read_promise"]

KINDS = ("sla", "ola", "supplier")
_YEAR = 365 * time.DAY


@dataclass(frozen=True)
class Promise:
    """One promise: who gives it, how long it may take on which calendar, and the parts it stands on, in their order."""

    name: str
    kind: Literal["sla", "ola", "supplier"]
    target: Target
    calendar: Calendar
    provider: str = ""
    parts: tuple[str, ...] = ()

    def due(self, starts: Ints) -> Ints:
        """When it falls due for work handed over at each instant."""
        if isinstance(self.target, int):
            return self.calendar.due(starts, self.target)
        return self.target.points(self.calendar, starts)


@dataclass(frozen=True)
class Line:
    """One promise in the chain. ``slack`` is what is left of the whole after its parts (ms; negative: too long).

    On one calendar slack is business time; over several it is the worst real time over a year of starts, hour by hour.
    None for a promise without parts.
    """

    promise: Promise
    depth: int
    slack: int | None
    exact: bool

    @property
    def warning(self) -> str:
        """A sentence when the parts exceed the whole, else empty."""
        if self.slack is None or self.slack >= 0:
            return ""
        over = time.format_duration(-self.slack)
        how = "" if self.exact else " at worst, in real time"
        parts = ", ".join(self.promise.parts)
        return f"{self.promise.name}: its parts ({parts}) take {over} longer than the whole{how}."


@dataclass(frozen=True)
class Chain:
    """Promises in order, each above its parts."""

    lines: tuple[Line, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each whole that its parts exceed."""
        return tuple(line.warning for line in self.lines if line.warning)

    def to_json(self) -> list[dict[str, object]]:
        """One object per promise."""
        return [
            {
                "name": line.promise.name,
                "kind": line.promise.kind,
                "provider": line.promise.provider,
                "depth": line.depth,
                "target": print_target(line.promise.target),
                "calendar": line.promise.calendar.name,
                "parts": list(line.promise.parts),
                "slack_s": None if line.slack is None else line.slack / 1000,
                "warning": line.warning,
            }
            for line in self.lines
        ]

    def table(self) -> pd.DataFrame:
        """A DataFrame: SLA, OLA and supplier targets side by side."""
        import pandas as pd

        return pd.DataFrame(self.to_json())


def chain(promises: Iterable[Promise], *, year_from: int = 1_735_689_600_000) -> Chain:
    """Put promises above their parts and compare them. ``year_from`` (epoch ms) begins the year of starts tried.

    Raises InputError for names used twice, parts that do not exist, kinds that are none, and circles.
    """
    listed = list(promises)
    known = {one.name: one for one in listed}
    wrong = [
        Problem(f"'{one.name}' stands twice", "Names are unique.", path=one.name)
        for number, one in enumerate(listed)
        if one.name in [other.name for other in listed[:number]]
    ]
    for one in listed:
        if one.kind not in KINDS:
            wrong.append(
                Problem(
                    f"kind '{one.kind}' is unknown", did_you_mean(one.kind, KINDS), path=one.name
                )
            )
        wrong += [
            Problem(
                f"'{part}' is no promise", did_you_mean(part, list(known)), path=f"{one.name}.parts"
            )
            for part in one.parts
            if part not in known
        ]
    if not wrong:
        wrong = _circles(known)
    if wrong:
        raise InputError(wrong)
    inside = {part for one in listed for part in one.parts}
    lines: list[Line] = []

    def put(one: Promise, depth: int) -> None:
        lines.append(_line(one, [known[part] for part in one.parts], depth, year_from))
        for part in one.parts:
            put(known[part], depth + 1)

    for one in listed:
        if one.name not in inside:
            put(one, 0)
    return Chain(tuple(lines))


def _circles(known: dict[str, Promise]) -> list[Problem]:
    """A problem for each circle, told once."""
    found: dict[frozenset[str], Problem] = {}
    finished: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = (*path[path.index(name) :], name)
            found.setdefault(
                frozenset(circle),
                Problem(
                    f"{' stands on '.join(circle)}: a circle",
                    "Take one of these parts out.",
                    path=circle[0],
                ),
            )
            return
        if name in finished:
            return
        for part in known[name].parts:
            walk(part, (*path, name))
        finished.add(name)

    for name in known:
        walk(name, ())
    return list(found.values())


def _line(one: Promise, parts: Sequence[Promise], depth: int, year_from: int) -> Line:
    if not parts:
        return Line(one, depth, None, True)
    durations = [part.target for part in parts if isinstance(part.target, int)]
    same = all(part.calendar == one.calendar for part in parts)
    if same and isinstance(one.target, int) and len(durations) == len(parts):
        return Line(one, depth, one.target - sum(durations), True)
    starts = np.arange(year_from, year_from + _YEAR, time.HOUR, dtype=np.int64)
    reached = starts
    try:
        for part in parts:
            reached = part.due(reached)
        slack = int((one.due(starts) - reached).min())
    except NeverOpens as error:
        raise InputError([Problem(str(error), path=f"{one.name}.calendar")]) from None
    return Line(one, depth, slack, False)


_FIELDS = ("kind", "provider", "target", "day_means", "calendar", "metric", "level", "parts")


def read_promise(
    name: str,
    plain: Mapping[str, Any],
    *,
    metrics: Mapping[str, TicketClock],
    levels: Iterable[Level],
    calendars: Mapping[str, Calendar],
    days: Mapping[str, int | None],
    timezone: str,
) -> tuple[Promise | None, list[tuple[str, str]]]:
    """(the promise or None, (field, sentence) for each mistake) of one entry of a policy's ``ola`` section.

    ``metric`` takes the target and the calendar of a metric of the policy, with ``level`` what that level promises;
    otherwise ``target`` and ``calendar`` stand here. ``kind`` is sla where a metric is named and ola elsewhere, unless
    said. ``days`` is what a day means to each metric (ms).
    """
    wrong = [
        (str(key), f"'{key}' is unknown. {did_you_mean(str(key), _FIELDS)}")
        for key in plain
        if key not in _FIELDS
    ]
    said = plain.get("metric")
    metric = None if said is None else metrics.get(str(said))
    kind = plain.get("kind", "sla" if said is not None else "ola")
    if kind not in KINDS:
        wrong.append(("kind", f"kind '{kind}' is unknown. {did_you_mean(str(kind), KINDS)}"))
    if said is not None and metric is None:
        sentence = did_you_mean(str(said), list(metrics), what="Metrics")
        wrong.append(("metric", f"'{said}' is no metric. {sentence}"))
    where = plain.get("calendar", None if metric is None else metric.calendar)
    if where is not None and where not in calendars:
        sentence = did_you_mean(str(where), list(calendars), what="Calendars")
        wrong.append(("calendar", f"'{where}' is no calendar. {sentence}"))
    calendar = Calendar.always(timezone) if where is None else calendars.get(str(where))
    target: Target | None = None
    try:
        if plain.get("target") is not None:
            means = read_day_means(plain.get("day_means"), calendar)
            target = read_target(plain["target"], days.get(str(said)) if means is None else means)
        elif plain.get("level") is not None:
            target = _of_level(str(plain["level"]), str(said), levels)
        elif metric is not None:
            target = metric.target
        if target is None and (said is None or metric is not None):
            raise ValueError(
                "It has no target of its own; write target: 4h, or metric: and level: of this policy."
            )
    except ValueError as error:
        key = "level" if plain.get("level") is not None and "target" not in plain else "target"
        wrong.append((key, str(error)))
    parts = plain.get("parts") or ()
    if isinstance(parts, (str, Mapping)):
        wrong.append(("parts", "Parts are a list of names, as [triage, repair]."))
        parts = ()
    if wrong or target is None or calendar is None:
        return None, wrong
    named = tuple(str(part) for part in parts)
    return Promise(name, kind, target, calendar, str(plain.get("provider") or ""), named), []


def _of_level(name: str, metric: str, levels: Iterable[Level]) -> Target | None:
    """What a level promises of a metric. Raises ValueError when there is no such level."""
    known = {level.name: level for level in levels}
    if name not in known:
        raise ValueError(f"'{name}' is no level. {did_you_mean(name, list(known), what='Levels')}")
    return known[name].targets.get(metric)
