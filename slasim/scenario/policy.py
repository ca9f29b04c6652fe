"""POLICY.yaml: what is promised, for histories that have no scenario.

The sections are those of a scenario: calendars, metrics, levels, rules, reminders, escalations, ola (promises that
stand on others), preset (a help desk's meanings), and contract for the targets of metrics; `versions` lists what
changes from a date on, section by section. Shapes and unknown keys
are checked here, with file, line and path; what the values mean is `slasim.sla`. `queues` of a metric names values
of the export's queue column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, field_validator

from slasim import clock as time
from slasim.errors import InputError, Problem, did_you_mean
from slasim.metrics.attribution import Attribution, clock_points
from slasim.metrics.ratio import ZeroOffered
from slasim.scenario.agreements import contract_of
from slasim.scenario.document import Document, Loc, dotted, read_document, unshared
from slasim.scenario.files import text_of
from slasim.scenario.schema import ClockMetric, Commitment, Contract, Metric, Record
from slasim.scenario.schema.promises import (
    EscalationRecord,
    PromiseRecord,
    ReminderRecord,
    RuleRecord,
    RulesRecord,
)
from slasim.scenario.tell import findings
from slasim.scenario.ticket_promises import (
    SECTIONS,
    cleaned,
    follows,
    near_metric,
    never_open,
    place_in,
    told_once,
)
from slasim.scenario.values import Duration, said, shown
from slasim.sla.contract_checks import Around, contract_problems
from slasim.sla.policy import Policy
from slasim.sla.presets import PRESETS, Preset
from slasim.sla.versions import Version, read_effective

__all__ = ["ContactMetricRecord", "PolicyFile", "load_policy", "policy_of_text"]

M = TypeVar("M", bound=BaseModel)


class CalendarRecord(Record):
    """A calendar; `slasim.calendars` says what its values may be."""

    timezone: str | None = None
    weekly: Any = None
    holidays: Any = None
    special_days: Any = None
    holiday_scope: str = "civil_day"


class ContactMetricRecord(Metric):
    """A metric of contacts, as in a scenario, and how real contacts are booked."""

    channel: str | None = None
    clock: str | None = None
    """from where to where a wait is measured; None as the export tells it: queue_entry>agent_answer"""
    interval: Duration = 30 * time.MINUTE
    attribution: Attribution = "arrival"
    zero_offered: ZeroOffered = "skip"

    @field_validator("clock")
    @classmethod
    def _points(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                clock_points(value)
            except ValueError as error:
                raise said(str(error)) from None
        return value

    @field_validator("interval")
    @classmethod
    def _divides(cls, value: int) -> int:
        if value <= 0 or time.DAY % value:
            raise said(
                f"an interval of {time.format_duration(value)} does not divide a day; write 30min."
            )
        return value


class VersionRecord(Record):
    """What holds for tickets created in a span of dates: the sections that differ from the file's own."""

    effective: Any
    calendars: Any = None
    metrics: Any = None
    levels: Any = None
    rules: Any = None
    reminders: Any = None
    escalations: Any = None
    preset: Any = None
    ola: Any = None


class Sections(Record):
    """The whole file."""

    name: str = ""
    version: Any = None
    timezone: str = "UTC"
    calendars: dict[str, Any] = Field({})
    metrics: dict[str, Any] = Field({})
    levels: dict[str, dict[str, Any] | None] = Field({})
    rules: dict[str, Any] = Field({})
    reminders: list[Any] = Field([])
    escalations: list[Any] = Field([])
    managers: dict[str, str] = Field({})
    preset: str | None = None
    ola: dict[str, Any] = Field({})
    effective: Any = None
    versions: list[Any] = Field([])
    contract: dict[str, Any] | None = None


@dataclass(frozen=True)
class PolicyFile:
    """A checked policy file.

    tickets   the ticket clocks with their calendars, levels, rules, reminders, escalations
    contacts  the other metrics by name, as written
    contract  targets of metrics, or None
    preset    the help desk whose meanings hold where the file says nothing else, or None
    """

    name: str
    file: str
    timezone: str
    tickets: Policy
    contacts: Mapping[str, ContactMetricRecord]
    contract: Contract | None = None
    preset: Preset | None = None
    document: Document | None = field(default=None, repr=False)

    def problem(self, problem: Problem) -> Problem:
        """A problem that names a path of the policy, at its line."""
        if self.document is None:
            return replace(problem, file=self.file)
        loc = place_in((*self.document.values, *self.document.keys), problem.path)
        return self.document.problem(loc, problem.found, problem.would_do)

    def commitments(self, metric: str) -> tuple[Commitment, ...]:
        """What the contract promises of a metric."""
        found = () if self.contract is None else self.contract.commitments
        return tuple(one for one in found if one.metric == metric)


def load_policy(path: str | Path) -> PolicyFile:
    """The policy of a YAML file. Raises InputError with every problem, its line and path."""
    return policy_of_text(text_of(path), file=str(path))


def policy_of_text(text: str, *, file: str = "") -> PolicyFile:
    """As `load_policy`, of a text."""
    return _Reading(read_document(text, file)).policy()


@dataclass(frozen=True)
class _Around:
    """What the contract's words need around them."""

    timezone: str
    metrics: Mapping[str, Any]
    start_ms: int = 0


class _Reading:
    """One pass over a document: what is wrong in one place is left out, and the rest is checked."""

    def __init__(self, document: Document):
        self.document = document
        self.problems: list[Problem] = []
        self.plain: dict[str, Any] = unshared(document.value)
        self.written: Mapping[str, Any] = document.value
        self.moved: dict[Loc, Loc] = {}
        """where an item of a list stood before faulty ones were left out"""
        self.homes: dict[str, Loc] = {}
        """of one version: the sections that are its own, and where it stands"""

    def policy(self) -> PolicyFile:
        plain = self.plain
        top = self._checked(Sections, dict(plain), ())
        if top is None:
            for key in [key for key in plain if key not in Sections.model_fields]:
                del plain[key]
            for key in self._faulty_sections():
                plain.pop(key, None)
        zone = plain.get("timezone", "UTC")
        try:
            time.zone(zone)
        except ValueError as error:
            self._tell(("timezone",), str(error))
            plain["timezone"] = zone = "UTC"
        effective, listed = plain.pop("effective", None), plain.pop("versions", None) or []
        promised = plain.pop("contract", None)
        if listed:
            tickets, contacts, known = self._versions(listed)
        else:
            tickets, contacts = self._sections()
            known = [*plain["metrics"]]
        if effective is not None:
            span = self._span(effective, ("effective",))
            if listed:
                self._tell(("effective",), "dates stand here and in `versions`; leave these out")
            elif span is not None and tickets is not None:
                tickets = Policy.of_versions([Version(tickets, *span)])
        contract = self._contract(promised, known)
        if contract is not None and not self.problems:
            self._holds_together(contract, contacts, zone)
        if not known and not self.problems:
            self._tell((), "the policy has no metrics; add `metrics:` with what is promised")
        if self.problems or tickets is None:
            raise InputError(self.problems)
        name = plain.get("name") or ""
        preset = PRESETS.get(str(plain.get("preset")))
        return PolicyFile(
            name, self.document.file, zone, tickets, contacts, contract, preset, self.document
        )

    # ---------------------------------------------------------------- sections

    def _sections(self) -> tuple[Policy | None, dict[str, ContactMetricRecord]]:
        """(the tickets' policy or None, the metrics of contacts) of all sections."""
        self._each("calendars", CalendarRecord)
        contacts = self._metrics()
        self._rules()
        self._list("reminders", ReminderRecord)
        self._list("escalations", EscalationRecord)
        self._each("ola", PromiseRecord)
        self.plain |= cleaned({key: self.plain[key] for key in SECTIONS if key in self.plain})
        tickets = self._tickets()
        self._calendars_open(tickets)
        return tickets, contacts

    def _versions(
        self, listed: list[Any]
    ) -> tuple[Policy | None, dict[str, ContactMetricRecord], list[str]]:
        """(the policy of all versions or None, the metrics of contacts, the names of all metrics).

        A version has the file's sections, and its own in their place.
        """
        common = unshared(self.plain)
        contacts = self._metrics()
        known = [*self.plain["metrics"]]
        versions = []
        for number, version in enumerate(listed):
            loc: Loc = ("versions", number)
            if self._checked(VersionRecord, version, loc) is None:
                continue
            own = {
                key: part
                for key, part in version.items()
                if key != "effective" and part is not None
            }
            reading = _Reading(self.document)
            reading.plain = unshared({**common, **own})
            reading.written = {**common, **own}
            reading.homes = dict.fromkeys(own, loc)
            top = reading._checked(Sections, dict(reading.plain), ())
            for key in () if top is not None else reading._faulty_sections():
                reading.plain.pop(key, None)
            tickets, of_contacts = reading._sections()
            known += [name for name in reading.plain["metrics"] if name not in known]
            for name in of_contacts if "metrics" in own else ():
                reading._tell(
                    ("metrics", name),
                    f"`{name}` is of contacts; write it at the top: versions are of tickets",
                )
            self.problems += [one for one in reading.problems if one not in self.problems]
            span = self._span(version["effective"], (*loc, "effective"))
            if tickets is not None and span is not None:
                versions.append(Version(tickets, *span))
        if self.problems or not versions:
            return None, contacts, known
        try:
            return Policy.of_versions(versions), contacts, known
        except InputError as error:
            self.problems += [
                self.document.problem(self._place(one.path), one.found, one.would_do)
                for one in error.problems
            ]
            return None, contacts, known

    def _span(self, said: Any, loc: Loc) -> tuple[int | None, int | None] | None:
        """From when until when (epoch ms); None where that cannot be read."""
        try:
            return read_effective(said, time.zone(self.plain.get("timezone", "UTC")))
        except ValueError as error:
            self._tell(loc, str(error))
            return None

    def _faulty_sections(self) -> set[str]:
        """Sections that are no mapping, list or text where one belongs."""
        try:
            Sections.model_validate(self.plain)
        except ValidationError as error:
            return {str(item["loc"][0]) for item in error.errors() if item["loc"]}
        return set()

    def _each(self, section: str, record: type[BaseModel]) -> None:
        """Check every item of a mapping; faulty ones are left out."""
        items: dict[str, Any] = self.plain.get(section) or {}
        for name in list(items):
            if self._checked(record, items[name], (section, name)) is None:
                items[name] = None
        self.plain[section] = {name: item for name, item in items.items() if item is not None}

    def _metrics(self) -> dict[str, ContactMetricRecord]:
        items: dict[str, Any] = self.plain.get("metrics") or {}
        contacts: dict[str, ContactMetricRecord] = {}
        for name, value in list(items.items()):
            loc = ("metrics", name)
            if not isinstance(value, Mapping):
                self._tell(
                    loc, f"{shown(value)} stands where a metric belongs; write {{type: ..., ...}}"
                )
                del items[name]
                continue
            if "type" not in value and "metric" not in value:
                self._tell(
                    loc, "`type` is missing; write type: ticket_clock, or type: service_level"
                )
                del items[name]
                continue
            if value.get("type", "ticket_clock") == "ticket_clock":
                if self._checked(ClockMetric, value, loc) is None:
                    del items[name]
                continue
            made = self._checked(ContactMetricRecord, value, loc)
            if made is not None:
                contacts[name] = made
            else:
                del items[name]
        self.plain["metrics"] = items
        return contacts

    def _rules(self) -> None:
        rules = self.plain.get("rules") or {}
        listed = isinstance(rules.get("list"), list)
        apart = {key: said for key, said in rules.items() if key != "list" or not listed}
        checked = self._checked(RulesRecord, apart, ("rules",))
        if checked is None:
            self.plain["rules"] = {}
            return
        rules["list"] = self._items(("rules", "list"), rules.get("list") or [], RuleRecord)
        self.plain["rules"] = rules

    def _list(self, section: str, record: type[BaseModel]) -> None:
        items = self.plain.get(section) or []
        self.plain[section] = self._items((section,), items, record)

    def _items(self, loc: Loc, items: list[Any], record: type[BaseModel]) -> list[Any]:
        """The items that have the shape of the record; where each stood is kept for messages."""
        kept: list[Any] = []
        for number, item in enumerate(items):
            if self._checked(record, item, (*loc, number)) is not None:
                self.moved[(*loc, len(kept))] = (*loc, number)
                kept.append(item)
        return kept

    def _contract(self, plain: Any, known: list[str]) -> Contract | None:
        if plain is None:
            return None
        made = self._checked(Contract, plain, ("contract",))
        if made is None:
            return None
        for number, promised in enumerate(made.commitments):
            loc: Loc = ("contract", "commitments", number, "metric")
            if promised.metric is None:
                self._tell(
                    loc, "a policy's commitment names one of its metrics; write metric: and a name"
                )
            elif promised.metric not in known:
                would_do = did_you_mean(promised.metric, known, what="Metrics")
                self.problems.append(
                    self.document.problem(loc, f"`{promised.metric}` is no metric", would_do)
                )
        return made

    def _holds_together(
        self, contract: Contract, contacts: Mapping[str, ContactMetricRecord], zone: str
    ) -> None:
        """Tiers, weights and clauses of the contract, as in a scenario."""
        made = contract_of(_Around(zone, contacts), contract)
        for problem in contract_problems(made, Around(forecast=True)):
            loc = self._place(problem.path)
            self.problems.append(self.document.problem(loc, problem.found, problem.would_do))

    def _tickets(self) -> Policy | None:
        before = len(self.problems)
        plain = {key: value for key, value in self.plain.items() if key not in ("name", "version")}
        try:
            return Policy.from_plain(plain)
        except InputError as error:
            for problem in told_once(error.problems, self.plain.get("ola") or {}):
                if before and self._follows(problem):
                    continue
                loc = self._place(problem.path)
                if problem.would_do:
                    would_do = near_metric(problem, self.written.get("metrics") or {})
                    self.problems.append(self.document.problem(loc, problem.found, would_do))
                else:
                    self._tell(loc, problem.found)
            return None

    def _calendars_open(self, tickets: Policy | None) -> None:
        """A clock on a calendar without any window would never run: such a promise is met for nothing."""
        for name in never_open(tickets):
            self._tell(
                ("calendars", name),
                f'calendar `{name}` never opens; write weekly: {{mon-fri: ["09:00-17:00"]}}',
            )

    def _follows(self, problem: Problem) -> bool:
        """Does it only follow from a faulty part that was left out? Then a metric that stands in the file is none."""
        return follows(problem, lambda loc: self._home(loc) in self.document.keys)

    # ---------------------------------------------------------------- telling

    def _home(self, loc: Loc) -> Loc:
        """Where a part stands in the document: in its version, if it is that version's own."""
        return (*self.homes.get(str(loc[0]), ()), *loc) if loc else loc

    def _checked(self, record: type[M], value: Any, loc: Loc) -> M | None:
        """The record of a value, or None and its problems told."""
        try:
            return record.model_validate(value)
        except ValidationError as error:
            for _, finding in findings(error, record):
                place = self._home((*loc, *finding.loc))
                self.problems.append(
                    self.document.problem(place, finding.found, finding.would_do, key=finding.key)
                )
            return None

    def _tell(self, loc: Loc, sentence: str) -> None:
        found, semicolon, rest = sentence.partition("; ")
        would_do = (
            rest[:1].upper() + rest[1:] + "." * (not rest.endswith((".", "?"))) if semicolon else ""
        )
        self.problems.append(self.document.problem(self._home(loc), found, would_do))

    def _place(self, path: str) -> Loc:
        """The path in the document of a dotted path in what was handed on."""
        for at, stood in self.moved.items():
            if path == dotted(at) or path.startswith(f"{dotted(at)}."):
                path = dotted(stood) + path.removeprefix(dotted(at))
                break
        section = path.partition(".")[0].partition("[")[0]
        home = dotted(self.homes.get(section, ()))
        places = (*self.document.values, *self.document.keys)
        return place_in(places, f"{home}.{path}" if home else path)
