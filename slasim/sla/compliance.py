"""Reports on clocks: how many promises were met and missed, and a log of every one of them.

The compliance report has the nine columns of help-desk products, by day, week, month, department, level, agent or
team; the log report their seven columns and the ticket's id. A cycle belongs to the day on which its SLA started, or
closed on request. Open cycles are in no ratio; bounds say what they may still become. Averages are of the time
counted on the clock. It refuses to know files: a table's way out is another room's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from slasim import clock as time
from slasim.arrays import Ints, NDArray
from slasim.elapsed import UNDEFINED
from slasim.errors import InputError, Problem, did_you_mean
from slasim.sla.clocks import BREACHED, CANCELLED, MET, NOT_APPLICABLE, OPEN, STATES, Clocks
from slasim.sla.events import KINDS, Column

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COMPLIANCE_COLUMNS",
    "LOG_COLUMNS",
    "ComplianceReport",
    "ComplianceRow",
    "LogReport",
    "Totals",
    "compliance_report",
    "log_report",
    "totals",
]


COMPLIANCE_COLUMNS = (
    "date", "fulfilled", "avg_fulfilled", "max_fulfilled", "min_fulfilled",
    "missed", "avg_missed", "max_missed", "min_missed",
)  # fmt: skip
LOG_COLUMNS = (
    "ticket_id", "requester", "department", "agent", "level", "sla_start", "due_date", "closed",
)  # fmt: skip
SORTS = (*LOG_COLUMNS, "remaining", "remaining_calendar")
PERIODS = ("day", "week", "month")
GROUPS = ("department", "level", "agent", "team", "metric", "queue", "priority", "customer_group")
_WRITING = ("agent_public", "agent_internal", "agent_answer", "first_agent_message")


@dataclass(frozen=True)
class Totals:
    """What became of all cycles with a target; ``late`` and ``unanswered`` are the two kinds of missed.

    met + missed + open + not_applicable = with_target; ``cancelled`` is a part of not_applicable.
    """

    met: int
    late: int
    unanswered: int
    open: int
    not_applicable: int
    cancelled: int
    tickets: int

    @property
    def missed(self) -> int:
        """Late, or past due and still unanswered."""
        return self.late + self.unanswered

    @property
    def with_target(self) -> int:
        """All cycles that had a target."""
        return self.met + self.missed + self.open + self.not_applicable

    @property
    def compliance(self) -> Fraction | None:
        """met / (met + missed), exact; None when there is nothing to judge."""
        return _ratio(self.met, self.met + self.missed)

    @property
    def low(self) -> Fraction | None:
        """Compliance if every open cycle will be missed."""
        return _ratio(self.met, self.met + self.missed + self.open)

    @property
    def high(self) -> Fraction | None:
        """Compliance if every open cycle will be met."""
        return _ratio(self.met + self.open, self.met + self.missed + self.open)

    def to_json(self) -> dict[str, object]:
        return {
            "with_target": self.with_target,
            "met": self.met,
            "missed": self.missed,
            "late": self.late,
            "unanswered": self.unanswered,
            "open": self.open,
            "not_applicable": self.not_applicable,
            "cancelled": self.cancelled,
            "tickets": self.tickets,
            "compliance": _float(self.compliance),
            "low": _float(self.low),
            "high": _float(self.high),
        }


def _ratio(part: int, whole: int) -> Fraction | None:
    return None if whole == 0 else Fraction(part, whole)


def _float(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(ratio)


def totals(clocks: Clocks) -> Totals:
    """What became of all cycles of a Clocks table."""
    return _totals(clocks.state, clocks.unanswered, clocks.ticket)


def _totals(state: NDArray[Any], unanswered: NDArray[Any], ticket: Ints) -> Totals:
    count = np.bincount(state, minlength=len(STATES)).tolist()
    lost = int(unanswered.sum())
    return Totals(
        count[MET], count[BREACHED] - lost, lost, count[OPEN],
        count[NOT_APPLICABLE] + count[CANCELLED], count[CANCELLED], int(np.unique(ticket).size),
    )  # fmt: skip


@dataclass(frozen=True)
class ComplianceRow:
    """One row: a date and maybe groups, and times in ms (None where there is nothing to average).

    Averages are rounded to the ms, half up.
    """

    date: str
    groups: tuple[str, ...]
    fulfilled: int
    avg_fulfilled: int | None
    max_fulfilled: int | None
    min_fulfilled: int | None
    missed: int
    avg_missed: int | None
    max_missed: int | None
    min_missed: int | None
    totals: Totals


@dataclass(frozen=True)
class ComplianceReport:
    """Rows by period and groups, and the totals over all of them.

    ``grouped`` names the groups that stand before the date; ``period`` is day, week or month, or None.
    """

    rows: tuple[ComplianceRow, ...]
    totals: Totals
    period: str | None
    grouped: tuple[str, ...]
    by: str

    def table(self, *, more: bool = False) -> pd.DataFrame:
        """The nine columns (times in seconds), groups before them; ``more`` adds what is behind the ratio."""
        import pandas as pd

        records = []
        for row in self.rows:
            record: dict[str, object] = dict(zip(self.grouped, row.groups, strict=True))
            for name in COMPLIANCE_COLUMNS:
                value = getattr(row, name)
                is_time = name.partition("_")[0] in ("avg", "max", "min")
                record[name] = value if not is_time or value is None else value / 1000
            if more:
                said = row.totals.to_json()
                record |= {name: said[name] for name in _MORE}
            records.append(record)
        columns = [*self.grouped, *COMPLIANCE_COLUMNS, *(_MORE if more else ())]
        frame = pd.DataFrame(records, columns=columns)
        return frame.astype(
            {name: float for name in columns if name[:4] in ("avg_", "max_", "min_")}
        )

    def to_json(self) -> dict[str, object]:
        """Rows with times in seconds, and the totals."""
        return {
            "by": self.by,
            "period": self.period,
            "rows": [
                {
                    **dict(zip(self.grouped, row.groups, strict=True)),
                    **{name: _shown(name, getattr(row, name)) for name in COMPLIANCE_COLUMNS},
                    **{name: row.totals.to_json()[name] for name in _MORE},
                }
                for row in self.rows
            ],
            "totals": self.totals.to_json(),
        }


_MORE = (
    "with_target",
    "late",
    "unanswered",
    "open",
    "not_applicable",
    "cancelled",
    "compliance",
    "low",
    "high",
)


def _shown(name: str, value: Any) -> Any:
    if value is None or name.partition("_")[0] not in ("avg", "max", "min"):
        return value
    return value / 1000


def compliance_report(
    clocks: Clocks,
    *,
    by: str | Sequence[str] = "day",
    date: Literal["start", "closed"] = "start",
    department: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> ComplianceReport:
    """Met and missed by period (day, week, month) and by department, level, agent, team ...; ``by`` may be several.

    ``date="closed"`` puts a cycle on the day it stopped (one that has not is left out of the rows with the totals kept
    whole by a row without a date). ``since`` and ``until`` (epoch ms) keep cycles whose date instant lies in
    [since, until). Dates are local in the policy's zone. Raises InputError for an unknown word.
    """
    wanted = [by] if isinstance(by, str) else list(by)
    known = (*PERIODS, *GROUPS)
    wrong = [
        Problem(f"'{word}' is no way to group", did_you_mean(word, known))
        for word in wanted
        if word not in known
    ]
    if date not in ("start", "closed"):
        wrong.append(Problem(f"'{date}' is unknown", "Group by date='start' or date='closed'."))
    periods = [word for word in wanted if word in PERIODS]
    if len(periods) > 1:
        wrong.append(Problem(f"{' and '.join(periods)} together", "Choose one period."))
    if wrong:
        raise InputError(wrong)
    clocks = _filtered(clocks, date, department, since, until)
    period = periods[0] if periods else None
    grouped = tuple(word for word in wanted if word not in PERIODS)
    keys = [*(column_of(clocks, name) for name in grouped), _dates(clocks, date, period)]
    codes, labels = _numbered(keys, len(clocks))
    order = np.argsort(codes, kind="stable")
    cuts = np.searchsorted(codes[order], np.arange(len(labels) + 1))
    rows = [
        _row(clocks, order[cuts[number] : cuts[number + 1]], label)
        for number, label in enumerate(labels)
    ]
    return ComplianceReport(tuple(rows), totals(clocks), period, grouped, date)


def _numbered(keys: list[Column], count: int) -> tuple[Ints, list[tuple[str, ...]]]:
    """(number of each row's combination of keys in sorted order, the combinations); no value is empty text."""
    codes = np.zeros(count, np.int64)
    for key in keys:
        words = sorted({"", *key.words})
        place = np.array([words.index(word) for word in key.words] + [0], np.int64)
        codes = codes * len(words) + place[key.codes]
    _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
    labels = [
        tuple("" if key.codes[row] < 0 else key.words[key.codes[row]] for key in keys)
        for row in first.tolist()
    ]
    return numbers.astype(np.int64), labels


def _row(clocks: Clocks, rows: Ints, label: tuple[str, ...]) -> ComplianceRow:
    state, elapsed = clocks.state[rows], clocks.elapsed[rows]
    fulfilled, missed = elapsed[state == MET], elapsed[state == BREACHED]
    return ComplianceRow(
        label[-1], label[:-1],
        int(fulfilled.size), *_times(fulfilled),
        int(missed.size), *_times(missed),
        _totals(state, clocks.unanswered[rows], clocks.ticket[rows]),
    )  # fmt: skip


def _times(elapsed: Ints) -> tuple[int | None, int | None, int | None]:
    """(average, longest, shortest)."""
    if not elapsed.size:
        return None, None, None
    total, count = int(elapsed.sum()), int(elapsed.size)
    return (2 * total + count) // (2 * count), int(elapsed.max()), int(elapsed.min())


def _instants(clocks: Clocks, date: str) -> Ints:
    return clocks.clock_start if date == "start" else clocks.stop


def _filtered(
    clocks: Clocks, date: str, department: str | None, since: int | None, until: int | None
) -> Clocks:
    chosen = np.ones(len(clocks), bool)
    if department is not None:
        column = column_of(clocks, "department")
        chosen &= np.array([word == department for word in column.words] + [False])[column.codes]
    at = _instants(clocks, date)
    if since is not None:
        chosen &= at >= since
    if until is not None:
        chosen &= (at < until) & (at != UNDEFINED)
    return clocks if chosen.all() else clocks.only(chosen)


def _dates(clocks: Clocks, date: str, period: str | None) -> Column:
    """The local date of each cycle, the first date of its week, or its month; none where it has none."""
    if period is None or not len(clocks):
        return Column(np.full(len(clocks), -1, np.int32), ())
    at = _instants(clocks, date)
    known = at != UNDEFINED
    local = time.local_labels(np.where(known, at, 0), clocks.policy.zone)
    days = local.local_ms // time.DAY
    if period == "week":
        days = days - local.weekday
    spans = days.astype("datetime64[D]").astype(
        "datetime64[M]" if period == "month" else "datetime64[D]"
    )
    dates, codes = np.unique(spans, return_inverse=True)
    words = tuple(str(text) for text in np.datetime_as_string(dates))
    return Column(np.where(known, codes, -1).astype(np.int32), words)


def column_of(clocks: Clocks, name: str) -> Column:
    """A column of reports at the end of each cycle: ``agent`` is the owner, or who wrote the reply that stopped it."""
    if name != "agent":
        return clocks.column(name)
    owner = clocks.column("assigned_to")
    events = clocks.events
    wrote = np.isin(events.kind[clocks.end_event], [KINDS.index(kind) for kind in _WRITING])
    writer = np.where(wrote, events.value[clocks.end_event], -1)
    words = dict.fromkeys((*owner.words, *events.words))
    place = {word: number for number, word in enumerate(words)}
    renumbered = np.array([place[word] for word in events.words] + [-1], np.int32)
    return Column(np.where(owner.codes >= 0, owner.codes, renumbered[writer]), tuple(words))


@dataclass(frozen=True, eq=False)
class LogReport:
    """Every met and missed promise, in the order asked for. ``clocks`` holds the rows in that order."""

    clocks: Clocks
    agents: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.clocks)

    def first(self, count: int) -> LogReport:
        """The first rows only."""
        return LogReport(self.clocks.only(np.arange(min(count, len(self)))), self.agents[:count])

    def remaining(self) -> list[int | None]:
        """Business time left to each row's due time in ms, negative when overdue; None without a due time."""
        return [None if ms == UNDEFINED else ms for ms in self.clocks.remaining.tolist()]

    def records(self) -> list[dict[str, object]]:
        """One mapping per row: the log's columns; instants are local text of the policy's zone, or None."""
        zone = self.clocks.policy.zone

        def instant(ms: int) -> str | None:
            return None if ms == UNDEFINED else time.format_instant(ms, zone)

        columns: Mapping[str, Sequence[object]] = {
            "ticket_id": [self.clocks.events.ids[t] for t in self.clocks.ticket.tolist()],
            "requester": self.clocks.attribute("requester"),
            "department": self.clocks.attribute("department"),
            "agent": self.agents,
            "level": self.clocks.attribute("level"),
            "sla_start": [instant(ms) for ms in self.clocks.clock_start.tolist()],
            "due_date": [instant(ms) for ms in self.clocks.due_at.tolist()],
            "closed": [instant(ms) for ms in self.clocks.stop.tolist()],
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def table(self, *, more: bool = False) -> pd.DataFrame:
        """The log's columns; ``more`` adds metric, cycle, state, seconds counted and remaining (negative: overdue)."""
        import pandas as pd

        frame = pd.DataFrame(self.records(), columns=list(LOG_COLUMNS))
        if not more:
            return frame
        known, due = self.clocks.remaining != UNDEFINED, self.clocks.due_at != UNDEFINED
        return frame.assign(
            metric=[self.clocks.metrics[m] for m in self.clocks.metric.tolist()],
            cycle=self.clocks.cycle,
            state=[STATES[s] for s in self.clocks.state.tolist()],
            elapsed_s=self.clocks.elapsed / 1000,
            remaining_business_s=np.where(known, self.clocks.remaining / 1000, np.nan),
            remaining_calendar_s=np.where(due, _calendar_left(self.clocks) / 1000, np.nan),
        )

    def to_json(self) -> list[dict[str, object]]:
        return self.records()


def _calendar_left(clocks: Clocks) -> Ints:
    """Real time from the stop (or ``until``) to the due time; negative when overdue."""
    seen = np.where(clocks.stop == UNDEFINED, clocks.until, clocks.stop)
    return np.where(clocks.due_at == UNDEFINED, UNDEFINED, clocks.due_at - seen)


def log_report(
    clocks: Clocks,
    *,
    states: Sequence[str] = ("met", "breached"),
    department: str | None = None,
    since: int | None = None,
    until: int | None = None,
    sort: str = "sla_start",
    descending: bool = False,
) -> LogReport:
    """Every met and missed cycle whose SLA started in [since, until), sorted by one of the log's columns or by the time
    ``remaining`` (business) or ``remaining_calendar``. Raises InputError for an unknown word."""
    wrong = [
        Problem(f"'{word}' is no state", did_you_mean(word, STATES))
        for word in states
        if word not in STATES
    ]
    if sort not in SORTS:
        wrong.append(Problem(f"the log cannot be sorted by '{sort}'", did_you_mean(sort, SORTS)))
    if wrong:
        raise InputError(wrong)
    wanted = np.isin(clocks.state, [STATES.index(word) for word in states])
    chosen = _filtered(clocks.only(wanted), "start", department, since, until)
    order = np.argsort(_sort_key(chosen, sort), kind="stable")
    sorted_ = chosen.only(order[::-1] if descending else order)
    return LogReport(sorted_, tuple(column_of(sorted_, "agent").tolist()))


def _sort_key(clocks: Clocks, sort: str) -> NDArray[Any]:
    numbers = {
        "sla_start": clocks.clock_start,
        "due_date": clocks.due_at,
        "closed": clocks.stop,
        "remaining": clocks.remaining,
        "remaining_calendar": _calendar_left(clocks),
    }
    if sort in numbers:
        key = numbers[sort]
        return np.where(key == UNDEFINED, np.iinfo(np.int64).max, key)
    if sort == "ticket_id":
        ids = clocks.events.ids
        if all(isinstance(name, int) for name in ids):
            return np.array([ids[t] for t in clocks.ticket.tolist()], np.int64)
        return np.array([str(ids[t]) for t in clocks.ticket.tolist()], dtype=np.str_)
    return np.array([word or "" for word in column_of(clocks, sort).tolist()], dtype=np.str_)
