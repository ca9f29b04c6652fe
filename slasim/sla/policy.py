"""A policy: calendars, metrics, levels, rules, reminders, escalations and OLAs, as one value.

The names are those of the policy file. `Policy.from_plain` reads a mapping (a YAML file's content) and tells everything
that is wrong with its path. It refuses to know files, lines and formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from slasim import clock
from slasim.calendars import Calendar, CalendarProblems
from slasim.errors import InputError, Problem, did_you_mean
from slasim.sla.levels import Level, unknown_metrics
from slasim.sla.ola import Chain, Promise, chain, read_promise
from slasim.sla.presets import PRESETS, Preset
from slasim.sla.reminders import Escalation, Reminder, read_escalation, read_reminder
from slasim.sla.rules import Rules, read_rule, rule_problems
from slasim.sla.targets import Target, read_day_means, read_target
from slasim.sla.ticket_clock import METRICS, TicketClock
from slasim.sla.versions import Version, overlaps, read_effective

__all__ = ["Policy", "read_ticket_clock"]


@dataclass(frozen=True)
class Policy:
    """What is promised. ``metrics`` holds the metrics of type ticket_clock by the policy's own names.

    ``timezone`` is that of dates in rules and of reports, and of calendars that name none. ``managers`` maps a person
    to the one who is warned about that person's tickets. ``chain`` holds SLA, OLA and supplier targets side by side.
    ``versions`` holds the policies that follow one another, each for the tickets created in its time; without any the
    policy holds always. Raises InputError.
    """

    metrics: Mapping[str, TicketClock] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    rules: Rules = field(default_factory=Rules)
    reminders: tuple[Reminder, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    timezone: str = "UTC"
    managers: Mapping[str, str] = field(default_factory=dict)
    chain: Chain = field(default_factory=lambda: Chain(()))
    versions: tuple[Version, ...] = ()

    def __post_init__(self) -> None:
        wrong = unknown_metrics(self.levels, self.metrics)
        wrong += rule_problems(self.rules, [level.name for level in self.levels])
        names = [level.name for level in self.levels]
        wrong += [
            Problem(f"level '{name}' stands twice", "Names are unique.", path="levels")
            for number, name in enumerate(names)
            if name in names[:number]
        ]
        for name, metric in self.metrics.items():
            if metric.calendar is not None and metric.calendar not in self.calendars:
                said = did_you_mean(metric.calendar, list(self.calendars), what="Calendars")
                wrong.append(
                    Problem(
                        f"'{metric.calendar}' is no calendar", said, path=f"metrics.{name}.calendar"
                    )
                )
        asked = [(f"reminders[{n}]", one.metric) for n, one in enumerate(self.reminders)]
        asked += [(f"escalations[{n}]", one.metric) for n, one in enumerate(self.escalations)]
        for path, name in asked:
            if name not in self.metrics:
                said = did_you_mean(name, list(self.metrics), what="Metrics")
                wrong.append(Problem(f"'{name}' is no metric", said, path=f"{path}.metric"))
        if wrong:
            raise InputError(wrong)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of dates in rules and of reports."""
        return clock.zone(self.timezone)

    @property
    def in_force(self) -> tuple[Version, ...]:
        """Its versions; itself for all time when it has none."""
        return self.versions or (Version(self),)

    @property
    def warns(self) -> bool:
        """Does any version have reminders or escalations that are switched on?"""
        policies = [version.policy for version in self.in_force]
        reminded = any(one.active for policy in policies for one in policy.reminders)
        return reminded or any(one.active for policy in policies for one in policy.escalations)

    @classmethod
    def of_versions(cls, versions: Iterable[Version]) -> Policy:
        """One policy of several that follow one another: names of all, of equal names the last one's meaning.

        Raises InputError when two are in force at once, or differ in zone.
        """
        listed = tuple(versions)
        spans = [(one.since, one.until) for one in listed]
        wrong = [
            Problem(
                f"versions {one + 1} and {other + 1} are in force at once "
                f"({listed[one].said()}; {listed[other].said()})",
                "End the one before the other begins.",
                path=f"versions[{other}].effective",
            )
            for one, other in overlaps(spans)
        ]
        wrong += [
            Problem("versions differ in their timezone", path=f"versions[{number}]")
            for number, one in enumerate(listed)
            if one.policy.timezone != listed[0].policy.timezone
        ]
        if wrong:
            raise InputError(wrong)
        last = listed[-1].policy
        return cls(
            metrics={name: one for version in listed for name, one in version.policy.metrics.items()},
            calendars={name: one for version in listed for name, one in version.policy.calendars.items()},
            levels=tuple({one.name: one for version in listed for one in version.policy.levels}.values()),
            timezone=last.timezone, managers=last.managers, chain=last.chain, versions=listed,
        )  # fmt: skip

    def calendar_of(self, metric: str) -> Calendar:
        """A metric's calendar; always open when it names none."""
        name = self.metrics[metric].calendar
        return Calendar.always(self.timezone) if name is None else self.calendars[name]

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], *, timezone: str = "UTC") -> Policy:
        """A policy from the sections ``calendars, metrics, levels, rules, reminders, escalations, managers, ola``;
        calendars may stand there as Calendars.

        ``preset`` names a help desk (see `presets.py`): its field values hold wherever the policy says nothing else.
        Metrics of another type are passed over. ``effective`` (two dates) limits it to tickets created then;
        ``versions`` is a list of such policies, each with the sections that differ. Raises InputError with every
        problem and its path.
        """
        if plain.get("versions"):
            top = {key: said for key, said in plain.items() if key != "versions"}
            return cls.of_versions(
                version
                for said in plain["versions"]
                for version in cls.from_plain({**top, **said}, timezone=timezone).in_force
            )
        if plain.get("effective") is not None:
            rest = {key: said for key, said in plain.items() if key != "effective"}
            made = cls.from_plain(rest, timezone=timezone)
            try:
                since, until = read_effective(plain["effective"], made.zone)
            except ValueError as error:
                raise InputError([Problem(str(error).rstrip("."), path="effective")]) from None
            return cls.of_versions([Version(made, since, until)])
        reading = _Reading()
        zone_name = str(plain.get("timezone", timezone))
        preset = reading.preset(plain.get("preset"))
        calendars = reading.calendars(plain.get("calendars") or {}, zone_name)
        metrics = reading.metrics(plain.get("metrics") or {}, calendars, preset)
        days = {name: reading.days.get(name) for name in metrics}
        levels = reading.levels(plain.get("levels") or {}, days)
        rules = reading.rules(plain.get("rules") or {}, preset)
        reminders = reading.each("reminders", plain.get("reminders") or [], read_reminder)
        escalations = reading.each("escalations", plain.get("escalations") or [], read_escalation)
        promises = reading.chain(
            plain.get("ola") or {}, {*(plain.get("metrics") or {})} - {*metrics},
            metrics=metrics, levels=levels, calendars=calendars, days=days, timezone=zone_name,
        )  # fmt: skip
        try:
            made = cls(
                metrics, calendars, levels, rules, reminders, escalations, zone_name,
                dict(plain.get("managers") or {}), promises,
            )  # fmt: skip
        except InputError as more:
            known = {problem.path for problem in reading.problems}
            broken = [path for path in known if path.count(".") >= 1]
            raise InputError(
                reading.problems
                + [p for p in more.problems if not any(p.path.startswith(path) for path in broken)]
            ) from None
        if reading.problems:
            raise InputError(reading.problems)
        return made


def read_ticket_clock(
    plain: Mapping[str, Any], calendars: Mapping[str, Calendar]
) -> tuple[TicketClock | None, int | None, list[tuple[str, str]]]:
    """(the clock or None, what a day means in ms, (field, sentence) for each mistake) of one metric's mapping."""
    known = [*TicketClock.__dataclass_fields__, "type", "day_means", "channel"]
    wrong = [
        (str(key), f"'{key}' is unknown. {did_you_mean(str(key), known)}")
        for key in plain
        if key not in known
    ]
    calendar = calendars.get(str(plain.get("calendar")))
    days: int | None = None
    try:
        days = read_day_means(plain.get("day_means"), calendar)
    except ValueError as error:
        wrong.append(("day_means", str(error)))
    settings: dict[str, Any] = {
        key: value
        for key, value in plain.items()
        if key in TicketClock.__dataclass_fields__ and key not in ("target", "target_by")
    }
    for key in ("queues", "pause_on"):
        if settings.get(key) is not None:
            settings[key] = tuple(settings[key])
    if plain.get("target") is not None:
        settings["target"] = _target(plain["target"], days, "target", wrong)
    settings["target_by"] = {
        str(name): {
            str(value): target
            for value, said in dict(by).items()
            if (target := _target(said, days, f"target_by.{name}.{value}", wrong)) is not None
        }
        for name, by in dict(plain.get("target_by") or {}).items()
    }
    if "metric" not in settings:
        wrong.append(("metric", "A ticket_clock names its metric, as first_reply."))
        return None, days, wrong
    try:
        return TicketClock(**settings), days, wrong
    except ValueError:
        bare = object.__new__(TicketClock)
        for name, one in TicketClock.__dataclass_fields__.items():
            default = {} if name == "target_by" else one.default
            object.__setattr__(bare, name, settings.get(name, default))
        return None, days, [*wrong, *bare.mistakes()]


def _target(
    said: object, days: int | None, path: str, wrong: list[tuple[str, str]]
) -> Target | None:
    try:
        return read_target(said, days)
    except ValueError as error:
        wrong.append((path, str(error)))
        return None


class _Reading:
    """One pass over plain sections that collects every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.days: dict[str, int | None] = {}

    def wrong(self, path: str, sentence: str) -> None:
        self.problems.append(Problem(sentence.rstrip("."), path=path))

    def calendars(self, plain: Mapping[str, Any], timezone: str) -> dict[str, Calendar]:
        found = {}
        for name, said in plain.items():
            if isinstance(said, Calendar):
                found[str(name)] = said
                continue
            try:
                found[str(name)] = Calendar.from_plain(said, timezone=timezone, name=str(name))
            except CalendarProblems as error:
                for path, sentence in error.problems:
                    self.wrong(".".join(("calendars", str(name), *path)), sentence)
        return found

    def preset(self, name: object) -> Preset | None:
        if name is None:
            return None
        if str(name) not in PRESETS:
            said = did_you_mean(str(name), list(PRESETS), what="Presets")
            self.wrong("preset", f"'{name}' is no preset. {said}")
        return PRESETS.get(str(name))

    def metrics(
        self, plain: Mapping[str, Any], calendars: Mapping[str, Calendar], preset: Preset | None
    ) -> dict[str, TicketClock]:
        found = {}
        for name, said in plain.items():
            if said.get("type", "ticket_clock") != "ticket_clock":
                continue
            if preset is not None and said.get("metric") in METRICS:
                if said["metric"] not in preset.metrics:
                    near = did_you_mean(said["metric"], list(preset.metrics), what="Its clocks")
                    self.wrong(
                        f"metrics.{name}.metric",
                        f"{preset.name} has no clock '{said['metric']}'. {near}",
                    )
                else:
                    said = preset.filled(said)
            made, self.days[str(name)], wrong = read_ticket_clock(said, calendars)
            for path, sentence in wrong:
                self.wrong(f"metrics.{name}.{path}", sentence)
            if made is not None:
                found[str(name)] = made
        return found

    def levels(self, plain: Mapping[str, Any], days: Mapping[str, int | None]) -> tuple[Level, ...]:
        found = []
        for name, said in plain.items():
            targets: dict[str, Target] = {}
            for metric, value in dict(said or {}).items():
                wrong: list[tuple[str, str]] = []
                target = _target(value, days.get(metric), metric, wrong)
                for path, sentence in wrong:
                    self.wrong(f"levels.{name}.{path}", sentence)
                if target is not None:
                    targets[str(metric)] = target
            found.append(Level(str(name), targets))
        return tuple(found)

    def rules(self, plain: Mapping[str, Any], preset: Preset | None) -> Rules:
        settings = {} if preset is None else dict(preset.rules)
        settings |= {key: value for key, value in plain.items() if key != "list"}
        known = [*Rules.__dataclass_fields__]
        for key in [key for key in settings if key not in known]:
            self.wrong(f"rules.{key}", f"'{key}' is unknown. {did_you_mean(str(key), known)}")
            del settings[key]
        if "evaluate" in settings:
            said = settings["evaluate"]
            settings["evaluate"] = (said,) if isinstance(said, str) else tuple(said)
        return Rules(list=self.each("rules.list", plain.get("list") or [], read_rule), **settings)

    def chain(self, plain: Mapping[str, Any], faulty: set[str], **known: Any) -> Chain:
        """Promises side by side. What stands on a metric told to be faulty, or of contacts, is passed over."""
        promises: list[Promise] = []
        for name, said in plain.items():
            if said.get("metric") in faulty and self.problems:
                continue
            made, wrong = read_promise(str(name), said, **known)
            for path, sentence in wrong:
                self.wrong(f"ola.{name}.{path}", sentence)
            if made is not None:
                promises.append(made)
        if len(promises) < len(plain):
            return Chain(())
        try:
            return chain(promises)
        except InputError as error:
            self.problems += [
                replace(problem, path=f"ola.{problem.path}") for problem in error.problems
            ]
            return Chain(())

    def each(self, path: str, plain: list[Any], read: Any) -> tuple[Any, ...]:
        found = []
        for number, said in enumerate(plain):
            try:
                found.append(read(said))
            except ValueError as error:
                self.wrong(f"{path}[{number}]", str(error))
        return tuple(found)
