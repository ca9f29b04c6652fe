"""A real history judged against a policy: what `slasim judge HISTORY.csv --policy POLICY.yaml` answers.

The kind of history follows from its columns: a ticket event log, a contact export or an interval report. Tickets go
through the clocks of `sla/`, contacts and reports through the metrics that simulation uses. Nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from slasim import clock
from slasim.calendars import NeverOpens
from slasim.contactlog import ANSWERED, NOT_YET
from slasim.errors import InputError, NothingToJudge, Problem, did_you_mean
from slasim.history.agreed import contract_of_policy, results_by_period
from slasim.history.contacts import DEFAULT_CLOCK, ContactHistory, contacts_of, is_contact_export
from slasim.history.intervals import IntervalReport, intervals_of, is_interval_report, with_forecast
from slasim.history.judged import Judged, Period, answers, judge_counts, judge_report
from slasim.history.read import BadRows, Export, ReadingReport
from slasim.history.tickets import is_event_log, tickets_of
from slasim.metrics.attribution import attributed
from slasim.metrics.counts import ContactCounts
from slasim.outcome import exact
from slasim.scenario.policy import ContactMetricRecord, PolicyFile, load_policy
from slasim.sla.clocks import Clocks, run_clocks
from slasim.sla.compliance import (
    ComplianceReport,
    LogReport,
    Totals,
    compliance_report,
    log_report,
    totals,
)
from slasim.sla.events import EventTable
from slasim.sla.policy import Policy
from slasim.sla.reminders import Snapshot, Warnings, snapshot, warnings
from slasim.sla.versions import NO_VERSION, version_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NEAR", "HistoryVerdict", "Kept", "judge_history"]

NEAR = clock.HOUR
"""Business time before the due time within which work is near due, unless asked otherwise."""

Status = Literal["met", "missed", "nothing_to_judge"]


@dataclass(frozen=True)
class Kept:
    """One commitment of the policy's contract in the history: how many of its periods met it, exactly."""

    metric: str
    text: str
    target: Fraction
    unit: str
    better: str
    period: str
    met: int
    judged: int
    value: Fraction | None

    @property
    def status(self) -> Status:
        """missed when any period is."""
        if not self.judged:
            return "nothing_to_judge"
        return "met" if self.met == self.judged else "missed"

    def to_json(self) -> dict[str, object]:
        return {
            "metric": self.metric,
            "text": self.text,
            "target": float(self.target),
            "unit": self.unit,
            "better": self.better,
            "period": self.period,
            "periods_met": self.met,
            "periods_judged": self.judged,
            "value": None if self.value is None else float(self.value),
            "status": self.status,
        }


@dataclass(frozen=True, eq=False)
class HistoryVerdict:
    """What a history says about a policy.

    clocks    of a ticket event log, with what is near due and overdue at its end; None otherwise
    judged    the contact metrics, by name, of a contact export or interval report
    lacking   metric -> why it was not judged
    formulas  of an interval report: formula -> why the report cannot answer it ("" when it can)
    kept      the commitments of the policy's contract
    notes     what a reader must know
    """

    kind: Literal["tickets", "contacts", "intervals"]
    policy: PolicyFile
    reading: ReadingReport
    clocks: Clocks | None = None
    snapshot: Snapshot | None = None
    warnings: Warnings | None = None
    judged: Mapping[str, Judged] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """missed when a commitment is, met when any was judged; nothing_to_judge without a contract."""
        found = {one.status for one in self.kept}
        return next((s for s in _ORDER if s in found), "nothing_to_judge")

    @property
    def totals(self) -> Totals | None:
        """What became of all clocks."""
        return None if self.clocks is None else totals(self.clocks)

    def totals_by_metric(self) -> dict[str, Totals]:
        """The same, metric by metric."""
        if self.clocks is None:
            return {}
        return {name: totals(_of_metric(self.clocks, name)) for name in self.clocks.metrics}

    def compliance(self, by: str | Sequence[str] = "day", **settings: Any) -> ComplianceReport:
        """The compliance report of a ticket log; settings as `slasim.sla.compliance.compliance_report`."""
        return compliance_report(self._clocks(), by=by, **settings)

    def log(self, **settings: Any) -> LogReport:
        """The log report of a ticket log; settings as `slasim.sla.compliance.log_report`."""
        return log_report(self._clocks(), **settings)

    def _clocks(self) -> Clocks:
        if self.clocks is None:
            raise NothingToJudge("these are contacts, and compliance reports are of tickets")
        return self.clocks

    def table(self, period: Period = "month") -> pd.DataFrame:
        """One row per metric and period: tickets' compliance, or contacts' value."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        if self.clocks is not None:
            for name in self.clocks.metrics:
                report = compliance_report(_of_metric(self.clocks, name), by=_grouping(period))
                rows += [
                    {"metric": name, "period": row.date or "all", **row.totals.to_json()}
                    for row in report.rows
                ]
        for name, one in self.judged.items():
            rows += [{"metric": name, **span.to_json()} for span in one.by(period)]
        return pd.DataFrame(rows)

    def to_json(self, by: Sequence[str] = ("day",)) -> dict[str, Any]:
        """Instants in ISO 8601 UTC, durations in seconds, null where undefined. ``by`` groups compliance."""
        said: dict[str, Any] = {
            "history": self.kind,
            "policy": self.policy.name or self.policy.file,
            "status": self.status,
            "reading": self.reading.to_json(),
            "commitments": [one.to_json() for one in self.kept],
            "notes": list(self.notes),
        }
        if self.clocks is not None and self.snapshot is not None:
            all_of = totals(self.clocks)
            said |= {
                "clocks": self.clocks.to_json(),
                "totals": all_of.to_json(),
                "totals_by_metric": {n: t.to_json() for n, t in self.totals_by_metric().items()},
                "compliance": self.compliance(by).to_json(),
                "log": self.log().to_json(),
                "until": _iso(self.clocks.until),
                "near_due": self.snapshot.clocks.only(self.snapshot.near_due).to_json(),
                "overdue": self.snapshot.clocks.only(self.snapshot.overdue).to_json(),
                "warnings": [] if self.warnings is None else self.warnings.to_json(),
            }
        else:
            said |= {
                "clocks": [],
                "metrics": {name: one.to_json() for name, one in self.judged.items()},
                "formulas": {name: reason or None for name, reason in self.formulas.items()},
            }
        chain = self.policy.tickets.chain
        return said | {
            "not_judged": dict(self.lacking),
            "ola": {"promises": chain.to_json(), "warnings": list(chain.warnings)},
        }


_ORDER: tuple[Status, ...] = ("missed", "met", "nothing_to_judge")


def _iso(ms: int) -> str:
    return clock.format_instant(ms, clock.zone("UTC"), style="iso")


def _of_metric(clocks: Clocks, name: str) -> Clocks:
    return clocks.only(clocks.metric == clocks.metrics.index(name))


def _grouping(period: str) -> tuple[str, ...]:
    return () if period == "horizon" else (period,)


def judge_history(
    history: str | Path,
    policy: str | Path | PolicyFile,
    *,
    timezone: str | None = None,
    statuses: Mapping[str, str] | None = None,
    until: str | None = None,
    near: int = NEAR,
    forecast: str | Path | None = None,
    encoding: str | None = None,
    day_first: bool = False,
    bad_rows: BadRows = "refuse",
    sort: bool = False,
) -> HistoryVerdict:
    """Judge a CSV export of tickets, contacts or intervals against a policy file.

    ``timezone`` is the zone of naive instants, ``statuses`` an export's own words for statuses, ``until`` the instant
    at which tickets are looked at (default: the last event), ``near`` what counts as near due (ms), ``forecast`` a
    file to set an interval report beside. ``bad_rows="drop"`` leaves out and counts what cannot be right, ``sort``
    puts a ticket's events in order of time. Raises InputError with every problem.
    """
    promised = policy if isinstance(policy, PolicyFile) else load_policy(policy)

    def opened() -> Export:
        return Export.open(history, timezone=timezone, encoding=encoding, day_first=day_first)

    export = opened()
    if is_event_log(export):
        return _tickets(export, promised, statuses, until, near, bad_rows, sort)
    if is_contact_export(export):
        return _contacts(opened, promised, bad_rows)
    if is_interval_report(export):
        return _intervals(export, promised, forecast, timezone, bad_rows)
    raise InputError(
        [
            Problem(
                "these are not the columns of a history",
                "A ticket event log has ticket_id, event_at, event; a contact export contact_id, outcome, queued_at, "
                f"wait_s; an interval report interval_start, offered. Columns are: {', '.join(export.table.header)}.",
                file=export.file,
                line=1,
            )
        ]
    )


# ------------------------------------------------------------------ tickets


def _tickets(
    export: Export,
    policy: PolicyFile,
    statuses: Mapping[str, str] | None,
    until: str | None,
    near: int,
    bad_rows: BadRows,
    sort: bool,
) -> HistoryVerdict:
    if not policy.tickets.metrics:
        raise InputError(
            [
                Problem(
                    "the history is a ticket event log, and the policy has no metric of type ticket_clock",
                    "Write metrics: {first: {type: ticket_clock, metric: first_reply, target: 4h}}.",
                    file=policy.file,
                )
            ]
        )
    read = tickets_of(export, statuses, bad_rows, sort)
    end = read.events.last_at if until is None else _instant(until, export)
    warned = policy.tickets.warns
    try:
        clocks = run_clocks(read.events, policy.tickets, until=end, stretches=warned)
        now = snapshot(read.events, policy.tickets, end, near=near)
        warned_of = warnings(clocks) if warned else None
    except NeverOpens as error:
        found = str(error).rstrip(".")
        raise InputError([Problem(found, path="calendars", file=policy.file)]) from None
    except InputError as error:
        placed = [_placed(problem, policy, export.file) for problem in error.problems]
        raise InputError(placed) from None
    return HistoryVerdict(
        "tickets", policy, read.report, clocks, now, warned_of,
        lacking=dict.fromkeys(policy.contacts, "it is of contacts, and this is a ticket log"),
        kept=tuple(_kept_clocks(clocks, policy)),
        notes=(
            *_of_versions(read.events, policy.tickets), *_unknown_queues(read.events, policy.tickets),
            *_of_preset(policy),
        ),
    )  # fmt: skip


def _instant(text: str, export: Export) -> int:
    try:
        return clock.parse_instant(text, export.zone or clock.zone("UTC"))
    except ValueError as error:
        raise InputError([Problem(str(error).rstrip("."), path="until")]) from None


def _placed(problem: Problem, policy: PolicyFile, history: str) -> Problem:
    """A problem of a policy's value at its line; of an event at its row."""
    if problem.line or not problem.path:
        return replace(problem, file=problem.file or history)
    return policy.problem(problem)


def _of_versions(events: EventTable, policy: Policy) -> list[str]:
    """How many tickets each version of the policy judges, and how many none does."""
    if not policy.versions:
        return []
    chosen = version_of(events, policy.versions)
    counts = [int((chosen == number).sum()) for number in range(len(policy.versions))]
    found = [
        f"tickets created {version.said()}: {count:,}, judged by version {number}"
        for number, (version, count) in enumerate(zip(policy.versions, counts, strict=True), 1)
    ]
    left = int((chosen == NO_VERSION).sum())
    return found + (
        [f"tickets created when no version was in force: {left:,}, not judged"] if left else []
    )


def _of_preset(policy: PolicyFile) -> list[str]:
    """What the fields of a preset cannot say."""
    preset = policy.preset
    return [] if preset is None else [f"{preset.name}: {note}" for note in preset.notes]


def _unknown_queues(events: EventTable, policy: Policy) -> list[str]:
    """A sentence for each queue that a metric names and no ticket has: it judges fewer tickets than meant."""
    if not events.has("queue"):
        named = [name for name, metric in policy.metrics.items() if metric.queues]
        return [f"no queue column: {', '.join(named)} judge all tickets"] if named else []
    known = list(events.attributes["queue"].words)
    return [
        f"metric {name}: no ticket has the queue '{queue}'. {did_you_mean(queue, known, what='Queues')}"
        for name, metric in policy.metrics.items()
        for queue in metric.queues
        if queue not in known
    ]


def _kept_clocks(clocks: Clocks, policy: PolicyFile) -> list[Kept]:
    """Each promise about clocks, by periods of their start; open clocks count as missed (the low bound)."""
    found = []
    for name in clocks.metrics:
        mine = _of_metric(clocks, name)
        for promised in policy.commitments(name):
            period = promised.period or (policy.contract.period if policy.contract else "horizon")
            if period == "interval":
                would_do = "Tickets are judged by day, week, month or horizon."
                raise InputError(
                    [Problem(f"{name} is promised by interval", would_do, file=policy.file)]
                )
            better = promised.better or "higher"
            rows = compliance_report(mine, by=_grouping(period)).rows
            values = [row.totals.low for row in rows]
            judged = [value for value in values if value is not None]
            met = sum(exact.meets(value, promised.exact_target, better) for value in judged)
            text = "clocks met / clocks met or missed, open ones as missed"
            found.append(
                Kept(
                    name,
                    text,
                    promised.exact_target,
                    "share",
                    better,
                    period,
                    met,
                    len(judged),
                    totals(mine).low,
                )
            )
    return found


# ------------------------------------------------------------------ contacts and intervals


def _contacts(
    opened: Callable[[], Export], policy: PolicyFile, bad_rows: BadRows
) -> HistoryVerdict:
    histories: dict[str, ContactHistory] = {}
    judged: dict[str, Judged] = {}
    lacking = dict.fromkeys(policy.tickets.metrics, "it is of tickets, and these are contacts")
    notes: list[str] = []
    for name, record in policy.contacts.items():
        wanted = record.clock or DEFAULT_CLOCK
        if wanted not in histories:
            histories[wanted] = contacts_of(opened(), wanted, bad_rows)
        reason = _contact_reason(record, histories[wanted])
        if reason:
            lacking[name] = reason
            continue
        judged[name] = _judged_contacts(name, record, histories[wanted], policy)
        if record.zero_offered != "skip":
            notes.append(
                f"{name}: intervals without a contact are not in the export and not counted"
            )
        known = histories[wanted].log.queues
        notes += [
            f"{name}: no contact has the queue '{queue}'. {did_you_mean(queue, known, what='Queues')}"
            for queue in record.queues or ()
            if queue not in known
        ]
    if not histories:
        histories[DEFAULT_CLOCK] = contacts_of(opened(), DEFAULT_CLOCK, bad_rows)
    reading = next(iter(histories.values())).report
    return HistoryVerdict(
        "contacts", policy, reading, judged=judged, lacking=lacking, kept=tuple(_kept(judged, policy)),
        notes=tuple(notes),
    )  # fmt: skip


def _contact_reason(record: ContactMetricRecord, history: ContactHistory) -> str:
    """Why a metric cannot be judged from contacts; empty when it can."""
    if record.measure.over == "agents":
        return "a contact export does not say how long agents were on duty"
    unknown = int((~history.handle_known & (history.log.outcome == ANSWERED)).sum())
    if record.type == "aht" and unknown:
        return f"{unknown:,} answered contacts have no handle time"
    return ""


def _judged_contacts(
    name: str, record: ContactMetricRecord, history: ContactHistory, policy: PolicyFile
) -> Judged:
    log = history.log
    at = attributed(log.arrived, log.left, record.threshold or 0, record.attribution)
    chosen = at != NOT_YET
    if record.queues is not None:
        wanted = [number for number, queue in enumerate(log.queues) if queue in record.queues]
        chosen &= np.isin(log.queue, wanted)
    if record.channel is not None and any(history.channels):
        chosen &= np.array(
            [(word or record.channel) == record.channel for word in history.channels], bool
        )
    instants = np.where(chosen, at, 0) + log.start_ms
    local = instants + clock.offsets_at(instants, clock.zone(log.timezone))
    start = instants - local % record.interval
    target, better = _goal(name, policy)
    return judge_counts(
        name, ContactCounts.of(log), start, record.measure, interval=record.interval, timezone=log.timezone,
        target=target, better=better, zero_offered=record.zero_offered, chosen=chosen,
    )  # fmt: skip


def _intervals(
    export: Export,
    policy: PolicyFile,
    forecast: str | Path | None,
    timezone: str | None,
    bad_rows: BadRows,
) -> HistoryVerdict:
    thresholds = {r.threshold for r in policy.contacts.values() if r.threshold is not None}
    alone = next(iter(thresholds)) if len(thresholds) == 1 else None
    assumed = (
        alone is not None and not export.has("sl_threshold_s") and export.has("answered_within_sl")
    )
    short = {r.short_abandon for r in policy.contacts.values() if r.short_abandon is not None}
    report = intervals_of(export, alone if assumed else None, bad_rows=bad_rows)
    notes = []
    if assumed and alone is not None:
        notes.append(
            f"answered_within_sl is taken to be within {clock.format_duration(alone)}, the policy's threshold: the "
            "report does not say (column sl_threshold_s)"
        )
    if forecast is not None:
        report = with_forecast(report, forecast, timezone=timezone)
    judged: dict[str, Judged] = {}
    lacking = dict.fromkeys(
        policy.tickets.metrics, "it is of tickets, and this is an interval report"
    )
    for name, record in policy.contacts.items():
        if record.measure.over == "agents":
            lacking[name] = "an interval report is not asked for agents' time"
            continue
        try:
            judged[name] = _judged_report(name, record, report, policy)
        except InputError as error:
            lacking[name] = "; ".join(
                problem.found.removeprefix(f"{name}: ") for problem in error.problems
            )
    formulas: Mapping[str, str] = {}
    if report.thresholds:
        formulas = answers(
            report, report.thresholds[0], next(iter(short)) if len(short) == 1 else None
        )
    return HistoryVerdict(
        "intervals", policy, report.report, judged=judged, lacking=lacking, formulas=formulas,
        kept=tuple(_kept(judged, policy)), notes=tuple(notes),
    )  # fmt: skip


def _judged_report(
    name: str, record: ContactMetricRecord, report: IntervalReport, policy: PolicyFile
) -> Judged:
    target, better = _goal(name, policy)
    return judge_report(
        report, record.measure, name=name, target=target, better=better, queues=record.queues,
        zero_offered=record.zero_offered,
    )  # fmt: skip


def _goal(
    name: str, policy: PolicyFile
) -> tuple[Fraction | None, Literal["higher", "lower"] | None]:
    """What the contract asks of a metric's intervals, by its first commitment."""
    for promised in policy.commitments(name):
        if promised.interval_target is not None:
            return Fraction(repr(promised.interval_target)), promised.better
        return promised.exact_target, promised.better
    return None, None


def _kept(judged: Mapping[str, Judged], policy: PolicyFile) -> list[Kept]:
    """Each promise about contacts, period by period, by the contract's own words."""
    contract = contract_of_policy(policy)
    found: list[Kept] = []
    if contract is None:
        return found
    for promised in contract.commitments:
        one = judged.get(promised.metric)
        if one is None:
            continue
        period = promised.period or contract.period
        results = [named.result for named in results_by_period(contract, promised, one, period)]
        met = sum(result.status == "met" for result in results)
        count = sum(result.status != "not_measured" for result in results)
        if promised.aggregate == "weighted" and one.zero_offered != "skip":
            empty = sum(result.reason == "nothing to judge" for result in results)
            met, count = met + (empty if one.zero_offered == "met" else 0), count + empty
        text, whole = one.text, one.weighted
        if promised.interval_target is not None:
            goal = replace(one, target=promised.interval_target, better=promised.better)
            text, whole = f"share of intervals: {one.text}", goal.share_met()
        found.append(
            Kept(promised.metric, text, promised.target, promised.judged_unit, promised.side, period, met, count, whole)
        )  # fmt: skip
    return found
