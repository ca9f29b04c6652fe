"""What a planner may write: one frozen record per section of a scenario file.

Keys are those of the file, durations are milliseconds, shares run from 0 to 1, distributions are
`slasim.distributions.Distribution`. Each record knows what is wrong inside itself; what concerns several records
stands in `checks.py`, and what the data files hold in `interval_files.py`. Unknown keys are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from slasim import clock, registry
from slasim.calendars import Calendar, CalendarProblems
from slasim.errors import InputError, did_you_mean
from slasim.scenario.document import Document
from slasim.scenario.values import (
    Count,
    Days,
    DistributionValue,
    Duration,
    LocalMoment,
    LongDuration,
    Number,
    Numbers,
    Share,
    SignedDuration,
    TimeOfDay,
    read_days,
    read_distribution,
    read_number,
    read_share,
    said,
    shown,
    wrong,
)

__all__ = [
    "Aht",
    "Arrivals",
    "AttendanceDoubt",
    "Break",
    "Commitment",
    "Contract",
    "Demand",
    "Drain",
    "Feasibility",
    "Grid",
    "Group",
    "Metric",
    "Profile",
    "Queue",
    "Record",
    "Routing",
    "ScenarioRecord",
    "Shift",
    "Shrinkage",
    "Source",
    "Staffing",
    "Take",
    "TimeDoubt",
    "VolumeDoubt",
]

Period = Literal["interval", "day", "week", "month", "horizon"]

DEFAULT_SHAPE: Mapping[str, Any] = {"lognormal": {"cv": 0.9}}
"""The stated default of handle times around their mean."""


class Record(BaseModel):
    """A frozen section of the file; unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True
    )
    also_known: ClassVar[Mapping[str, str]] = {}
    """Keys that people write here by mistake, and what to say."""


def _mapping_or(key: str) -> BeforeValidator:
    """Let a single value stand for `{key: value}`."""

    def widen(value: Any) -> Any:
        return value if isinstance(value, Mapping | Record) else {key: value}

    return BeforeValidator(widen)


# ------------------------------------------------------------------ data files


class Source(Record):
    """A CSV file beside the scenario, and how to read it."""

    file: str
    column: str | None = None
    encoding: str | None = None
    """Text encoding where it is not UTF-8, such as cp1252."""
    dates: Literal["iso", "day_first"] = "iso"


class _MaybeSource(Record):
    file: str | None = None
    column: str | None = None
    encoding: str | None = None
    dates: Literal["iso", "day_first"] = "iso"

    @property
    def source(self) -> Source | None:
        """The file that is named, if one is."""
        if self.file is None:
            return None
        return Source(file=self.file, column=self.column, encoding=self.encoding, dates=self.dates)

    def _without_file(self) -> None:
        for key in ("column", "encoding", "dates"):
            if self.file is None and key in self.model_fields_set:
                raise wrong(f"`{key}` stands here without `file`", "Name the file it belongs to.")


# ------------------------------------------------------------------ queues


def _profile_shares(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise wrong(f"{shown(value)} is not a list of shares", "Write one share per interval.")
    shares = tuple(read_number(item, what="a share") for item in value)
    total = sum(shares)
    if abs(total - 1) > 0.001 and abs(total - 100) > 0.1:
        raise wrong(
            f"the {len(shares)} shares add up to {total:.4g}", "They must add up to 1 (or 100)."
        )
    return tuple(share / total for share in shares)


class Profile(_MaybeSource):
    """How a day's contacts spread over its intervals: shares from local midnight."""

    shares: Annotated[
        tuple[float, ...] | None,
        PlainValidator(_profile_shares),
        WithJsonSchema({"type": "array", "items": {"type": "number"}}),
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Profile:
        if (self.shares is None) == (self.file is None):
            raise wrong("a profile is a list of shares or {file, column}", "Give one of them.")
        self._without_file()
        return self


def _per_day(value: Any) -> tuple[float | None, ...]:
    """Seven numbers, Monday first; None for a weekday that is not named."""
    if not isinstance(value, Mapping):
        return (read_number(value, what="a number a day, or {mon-fri: 900, sat: 250}"),) * 7
    week: list[float | None] = [None] * 7
    for key, number in value.items():
        try:
            days = read_days(key)
        except ValueError as error:
            raise said(str(error)) from None
        for day in days:
            if week[day] is not None:
                raise wrong(f"`{key}` sets a weekday that is set already", "Set each day once.")
            week[day] = read_number(number)
    return tuple(week)


class Arrivals(_MaybeSource):
    """First contacts of a queue: `per_hour`, a `file`, or `per_day` spread by a `profile`."""

    per_hour: Numbers | None = None
    """contacts an hour while open: one number, or one per interval from `start`"""
    per_day: Annotated[
        tuple[float | None, ...] | None,
        PlainValidator(_per_day),
        WithJsonSchema(
            {"anyOf": [{"type": "number"}, {"type": "object", "examples": [{"mon-fri": 900}]}]}
        ),
    ] = None
    """contacts a day, Monday first; None where the weekday is not named"""
    profile: (
        Annotated[
            Profile,
            BeforeValidator(lambda v: v if isinstance(v, Mapping | Record) else {"shares": v}),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Arrivals:
        given = [key for key in ("per_hour", "file", "per_day") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{key}`" for key in given) or "nothing"
            raise wrong(
                f"arrivals are given by {found}",
                "Give one of: per_hour, file, per_day (with a profile).",
            )
        if self.profile is not None and self.per_day is None:
            raise wrong("a profile stands here without `per_day`", "Say how many come per day.")
        self._without_file()
        return self


class Aht(Record):
    """Average handle time: talk, hold and after-call work. The file's own mean, times, plus.

    `aht: 260s` is short for `{mean: 260s}`. The levers `times` and `plus` work on whatever gives the mean.
    """

    mean: Duration | None = None
    times: Number = 1.0
    plus: SignedDuration = 0

    @field_validator("mean")
    @classmethod
    def _some(cls, mean: int | None) -> int | None:
        if mean == 0:
            raise wrong("an AHT of 0 is no handle time", "Write for example 260s.")
        return mean


def _channel(value: Any) -> str:
    known = registry.names("channel")
    if value not in known:
        raise wrong(
            f"channel {shown(value)} is not known to this version",
            f"Channels are: {', '.join(known)}.",
        )
    return str(value)


_TIME_TO_ABANDON = (
    "the average time to abandon is no patience: it has seen only those who left, and callers who were "
    "answered first would have waited longer"
)
_INSTEAD = (
    "Write {from: interval_report, wait_total_s: 812000, abandoned: 2350}: the waiting of all callers, "
    "answered or not, and the number who left."
)


def _patience(value: Any, info: ValidationInfo) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        words = " ".join(str(key) for key in value) + f" {value.get('from', '')}"
        if "abandon" in words and ("average" in words or "mean" in words or "time_to" in words):
            raise wrong(_TIME_TO_ABANDON, _INSTEAD)
        known = ("interval_report",)
        if "from" in value and value["from"] not in known:
            raise wrong(
                f"patience from {shown(value['from'])} is not known",
                did_you_mean(str(value["from"]), known, what="Sources"),
            )
    elif isinstance(value, str) and value[:1].isdigit():
        raise wrong(
            f"'{value}' does not say how patience spreads",
            f"Write {{exponential: {{mean: {value}}}}}.",
        )
    found = read_distribution(value, info)
    if found.mean <= 0:
        raise wrong("a mean patience of 0 loses every caller who waits", "Use hangs_up_at_once.")
    return found


Words = tuple[str, ...]
"""Names; a list in the file."""

NameList = Annotated[
    Words,
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
]


class Queue(Record):
    """One kind of contact: how many come, how long they take, how long they wait, their place in line."""

    also_known: ClassVar[Mapping[str, str]] = {
        key: f"{_TIME_TO_ABANDON[0].upper()}{_TIME_TO_ABANDON[1:]}. In `patience:` w{_INSTEAD[1:]}"
        for key in ("average_time_to_abandon", "mean_time_to_abandon", "time_to_abandon")
    }

    channel: Annotated[
        str, PlainValidator(_channel), WithJsonSchema({"type": "string", "examples": ["voice"]})
    ] = "voice"
    calendar: str | None = None
    at_close: Literal["serve", "disconnect"] = "serve"
    arrivals: Arrivals
    volume: Number = 1.0
    aht: Annotated[Aht, _mapping_or("mean")] = Aht()
    aht_shape: Any = None
    handle_time: DistributionValue | None = None
    acw: Duration = 0
    patience: Annotated[
        Any,
        PlainValidator(_patience),
        WithJsonSchema(
            {"type": ["object", "null"], "examples": [{"exponential": {"mean": "4min"}}]}
        ),
    ] = None
    """a Distribution; None = nobody abandons"""
    hangs_up_at_once: Share = 0.0
    voicemail_after: Duration | None = None
    priority: Count = 5
    head_start: SignedDuration = 0
    prefers: NameList = ()
    lines: Count | None = None
    queue_limit: Count | None = None

    @field_validator("aht_shape")
    @classmethod
    def _shape(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None:
            return None
        return read_distribution(value, info, mean=1000.0)

    @model_validator(mode="after")
    def _one_handle_time(self) -> Queue:
        if self.handle_time is not None:
            for key, other in (("aht", self.aht.mean), ("aht_shape", self.aht_shape)):
                if other is not None:
                    raise wrong(
                        f"`handle_time` and `{key}` both say how long contacts take",
                        "Keep `aht` (short) or `handle_time` (long).",
                    )
            if self.handle_time.mean <= 0:
                raise wrong("a mean handle time of 0 is none", "Write for example 260s.")
        if self.lines == 0:
            raise wrong("0 lines block every call", "Give at least 1, or leave `lines` out.")
        return self

    @property
    def aht_mean(self) -> float | None:
        """The mean handle time (ms) before levers, where the forecast file gives none."""
        if self.handle_time is not None:
            return float(self.handle_time.mean)
        return None if self.aht.mean is None else float(self.aht.mean)

    @property
    def handling(self) -> Any:
        """The Distribution whose standard draws, times the mean of the interval, are handle times."""
        from slasim import distributions

        if self.handle_time is not None:
            return self.handle_time
        if self.aht_shape is not None:
            return self.aht_shape
        return distributions.parse(DEFAULT_SHAPE, mean=1000.0)


# ------------------------------------------------------------------ groups


class Take(Record):
    """How a group takes a queue: its rank, after which wait, keeping how many idle in reserve."""

    rank: Count = 1
    after: Duration = 0
    reserve: Count = 0


class GridRow(Record):
    """`agents` on duty from `begin` to `end` (ms after local midnight) on those weekdays."""

    days: tuple[int, ...]
    begin: int
    end: int
    agents: float


def _grid(value: Any) -> Any:
    """`{mon-fri: {"08:00-12:00": 12}}` as rows; `{file: grid.csv}` stays."""
    if isinstance(value, Grid) or not isinstance(value, Mapping) or "file" in value:
        return value
    rows: list[GridRow] = []
    for key, hours in value.items():
        try:
            days = read_days(key)
            if not isinstance(hours, Mapping):
                raise wrong(f"`{key}` has {shown(hours)}", 'Write {"08:00-12:00": 12}.')
            for text, agents in hours.items():
                parts = str(text).replace("\N{EN DASH}", "-").split("-")
                if len(parts) != 2:
                    raise wrong(f"'{text}' is no span of time", "Write it as 08:00-12:00.")
                begin, end = (clock.parse_time_of_day(part) for part in parts)
                if begin >= end:
                    would_do = "Write two spans, up to 24:00 and from 00:00 of the next weekday."
                    raise wrong(f"'{text}' ends before it begins", would_do)
                rows.append(GridRow(days=days, begin=begin, end=end, agents=read_number(agents)))
        except ValueError as error:
            if type(error) is ValueError:
                raise said(str(error)) from None
            raise
    for number, row in enumerate(rows):
        for other in rows[:number]:
            if set(row.days) & set(other.days) and row.begin < other.end and other.begin < row.end:
                would_do = "Give each hour of a weekday once."
                raise wrong("two spans of the grid overlap", would_do)
    return {"rows": tuple(rows)}


class Grid(_MaybeSource):
    """Agents by weekday and time of day: rows, or a file with columns time, mon, ..., sun."""

    rows: tuple[GridRow, ...] | None = None


class Staffing(_MaybeSource):
    """Agents on duty, by number: `agents` (one number, or one per interval), a file, or a grid."""

    agents: Numbers | None = None
    grid: (
        Annotated[
            Grid,
            BeforeValidator(_grid),
            WithJsonSchema({"type": "object", "examples": [{"mon-fri": {"08:00-12:00": 12}}]}),
        ]
        | None
    ) = None
    counts: Literal["on_phones", "scheduled", "paid"] = "on_phones"
    times: Number = 1.0
    plus: Annotated[float, BeforeValidator(lambda v: read_number(v, least=-1e6))] = 0.0
    """added where somebody is on duty; never below 0"""

    @model_validator(mode="after")
    def _one_of_three(self) -> Staffing:
        given = [key for key in ("agents", "file", "grid") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{key}`" for key in given) or "nothing"
            raise wrong(
                f"staffing is given by {found}",
                "Give a number, a list per interval, {file, column} or {grid: ...}.",
            )
        self._without_file()
        return self


def _staffing(value: Any) -> Any:
    return value if isinstance(value, Mapping | Record) else {"agents": value}


class Break(Record):
    """A planned break at a local time."""

    at: TimeOfDay
    length: Duration


class Shift(Record):
    """Named agents with the same hours and breaks; `to` before `from` ends on the next day."""

    name: str
    days: Days = tuple(range(7))
    from_: TimeOfDay = Field(alias="from")
    to: TimeOfDay
    breaks: tuple[Break, ...] = ()
    agents: Count
    counts: Literal["on_phones", "scheduled", "paid"] = "scheduled"

    @property
    def length(self) -> int:
        """ms by the wall clock from begin to end."""
        return self.to - self.from_ if self.to > self.from_ else self.to + clock.DAY - self.from_

    def break_offset(self, pause: Break) -> int:
        """ms by the wall clock from the shift's begin to the break's."""
        return (pause.at - self.from_) % clock.DAY


class Shrinkage(Record):
    """Paid time that is not on the phones; each part applied once, in this order."""

    out_of_office: Share = 0.0
    """of paid: holidays, sickness, training"""
    in_office: Share = 0.0
    """of scheduled: breaks not in the shifts, meetings"""
    adherence: Share = 1.0
    """of what is then planned, the part that happens"""

    def to_phones(self, counts: str) -> float:
        """The factor from what the staffing counts to agents on the phones."""
        factor = 1.0
        if counts == "paid":
            factor *= 1 - self.out_of_office
        if counts in ("paid", "scheduled"):
            factor *= (1 - self.in_office) * self.adherence
        return factor

    def to_scheduled(self, counts: str) -> float:
        """The factor from what the staffing counts to scheduled agents (inf if nobody could be)."""
        if counts == "paid":
            return 1 - self.out_of_office
        if counts == "scheduled":
            return 1.0
        phones = (1 - self.in_office) * self.adherence
        return 1 / phones if phones > 0 else float("inf")

    def to_paid(self, counts: str) -> float:
        """The factor from what the staffing counts to paid agents."""
        if counts == "paid":
            return 1.0
        present = 1 - self.out_of_office
        return self.to_scheduled(counts) / present if present > 0 else float("inf")


def _speed(value: Any) -> float | dict[str, float]:
    def positive(number: Any) -> float:
        speed = read_number(number, what="a speed")
        if not 0.01 <= speed <= 100:
            raise wrong(f"a speed of {speed:g} is out of range", "1 is ordinary; 0.01 to 100.")
        return speed

    if isinstance(value, Mapping):
        return {str(queue): positive(number) for queue, number in value.items()}
    return positive(value)


class Group(Record):
    """Agents who take the same queues with the same ranks."""

    takes: dict[str, Annotated[Take, _mapping_or("rank")]]
    staffing: Annotated[Staffing, BeforeValidator(_staffing)] | None = None
    shifts: tuple[Shift, ...] | None = None
    calendar: str | None = None
    timezone: str | None = None
    shrinkage: Shrinkage = Shrinkage()
    attendance: Share = 1.0
    """of the planned, the share that turns up (availability factor)"""
    cost_per_hour: Number | None = None
    max_occupancy: Share | None = None
    speed: Annotated[
        Any,
        PlainValidator(_speed),
        WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "object"}]}),
    ] = 1.0

    @field_validator("takes", mode="before")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if isinstance(value, list):
            named = ", ".join(f"{queue}: {rank}" for rank, queue in enumerate(value, 1))
            raise wrong("`takes` is a list", f"Give each queue its rank: {{{named}}}.")
        if value == {}:
            raise wrong("the group takes no queue", "Write for example {billing: 1}.")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else _known_zone(value)

    @model_validator(mode="after")
    def _one_of_both(self) -> Group:
        if (self.staffing is None) == (self.shifts is None):
            found = "neither staffing nor shifts" if self.shifts is None else "both of them"
            raise wrong(
                f"a group has `staffing` (numbers) or `shifts` (named agents); here are {found}",
                "Give one of both.",
            )
        return self

    def speed_of(self, queue: str) -> float:
        """1 for an ordinary agent; the drawn handle time is divided by it."""
        if isinstance(self.speed, dict):
            return float(self.speed.get(queue, 1.0))
        return float(self.speed)

    @property
    def counts(self) -> str:
        """What the staffing number counts; shifts by their first entry."""
        if self.staffing is not None:
            return self.staffing.counts
        return self.shifts[0].counts if self.shifts else "scheduled"

    @property
    def to_phones(self) -> float:
        """The factor from what the staffing counts to agents on the phones, without attendance."""
        return self.shrinkage.to_phones(self.counts)


def _known_zone(value: str) -> str:
    try:
        clock.zone(value)
    except ValueError as error:
        raise said(str(error)) from None
    return value


# ------------------------------------------------------------------ demand, routing


class VolumeDoubt(Record):
    """How wrong volumes may be: cv by day, by interval inside a day, sd of the whole period's bias."""

    day_cv: Share = 0.0
    interval_cv: Share = 0.0
    bias_sd: Share = 0.0
    daily_mape: Share | None = None
    """mean absolute percentage error of days; used for `day_cv`, net of Poisson noise"""

    @model_validator(mode="after")
    def _one(self) -> VolumeDoubt:
        if self.daily_mape is not None and "day_cv" in self.model_fields_set:
            raise wrong("`day_cv` and `daily_mape` say the same", "Give one of both.")
        return self


class TimeDoubt(Record):
    """How wrong AHT may be: cv by day, sd of the whole period's bias."""

    day_cv: Share = 0.0
    bias_sd: Share = 0.0


class AttendanceDoubt(Record):
    """How much attendance varies: sd of the day's share."""

    day_sd: Share = 0.0


class ErrorFile(Record):
    """Forecast beside actual, of past days."""

    file: str
    lock_days: Count | None = None
    encoding: str | None = None
    dates: Literal["iso", "day_first"] = "iso"

    @property
    def source(self) -> Source:
        return Source(file=self.file, encoding=self.encoding, dates=self.dates)


class Demand(Record):
    """Doubt about the inputs, typed in or measured (`from`); absent parts are no doubt."""

    from_: ErrorFile | None = Field(default=None, alias="from")
    volume: VolumeDoubt | None = None
    aht: TimeDoubt | None = None
    attendance: AttendanceDoubt | None = None
    correlation: Share | None = None
    """between queues; when neither given nor measured, 1: all queues are busy on the same day"""


class Routing(Record):
    """The policy by name, and its settings."""

    policy: str = "priority_then_longest_wait"
    settings: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"policy": value}
        if isinstance(value, Mapping) and "settings" not in value:
            rest = {key: item for key, item in value.items() if key != "policy"}
            return {**{k: v for k, v in value.items() if k == "policy"}, "settings": rest}
        return value


# ------------------------------------------------------------------ what is measured and promised


class Metric(Record):
    """What is measured: a kind of metric, over which queues, with the settings of its kind."""

    type: str
    queues: NameList | None = None
    """None = all queues"""
    threshold: Duration | None = None
    formula: str = "negative"
    short_abandon: Duration | None = None
    include_blocked: bool = False
    include_flow_out: bool = True
    settings: dict[str, Any] = {}
    """settings of a kind that somebody added"""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Put settings that only the kind knows under `settings`."""
        if not isinstance(value, Mapping) or value.get("type") not in registry.names("metric"):
            return value
        kind = registry.get("metric", value["type"])
        own = set(getattr(kind, "__dataclass_fields__", ())) - set(cls.model_fields)
        more = {key: item for key, item in value.items() if key in own}
        rest = {key: item for key, item in value.items() if key not in own}
        return {**rest, "settings": more} if more else value

    @field_validator("type")
    @classmethod
    def _known(cls, value: str) -> str:
        known = registry.names("metric")
        if value not in known:
            raise wrong(f"there is no metric of type `{value}`", did_you_mean(value, known))
        return value

    @model_validator(mode="after")
    def _measurable(self) -> Metric:
        if self.type == "service_level" and self.threshold is None:
            raise wrong("a service level needs a threshold", "Write for example threshold: 30s.")
        try:
            made = self.measure
        except InputError as error:
            problem = error.problems[0]
            raise wrong(problem.found, problem.would_do) from None
        except ValueError as error:
            raise said(str(error)) from None
        if self.queues == ():
            raise wrong("`queues` names no queue", "Leave it out to measure all queues.")
        if self.queues is not None and made.over == "agents":
            raise wrong(f"{self.type} is measured over agents, not queues", "Leave `queues` out.")
        return self

    @property
    def measure(self) -> Any:
        """The `slasim.metrics.standard.ContactMetric` with these settings."""
        from slasim.metrics.standard import measure

        given = {key: getattr(self, key) for key in _SETTINGS if key in self.model_fields_set}
        return measure(self.type, **given, **self.settings)


_SETTINGS = ("threshold", "formula", "short_abandon", "include_blocked", "include_flow_out")


def _target(value: Any) -> float:
    if isinstance(value, str) and "%" not in value:
        try:
            return float(clock.parse_duration(value))
        except ValueError as error:
            raise said(str(error)) from None
    return read_share(value)


class Commitment(Record):
    """What is promised: a metric, its target, per period, and how intervals are put together."""

    metric: str | None = None
    inline: Metric | None = None
    name: str | None = None
    target: Annotated[
        float,
        PlainValidator(_target),
        WithJsonSchema({"type": ["number", "string"], "examples": [0.8, "80 %", "30s"]}),
    ]
    """a share, or ms for a metric in time"""
    better: Literal["higher", "lower"] | None = None
    period: Period | None = None
    aggregate: Literal["weighted", "share_of_intervals_met"] = "weighted"
    interval_target: (
        Annotated[
            float,
            PlainValidator(_target),
            WithJsonSchema({"type": ["number", "string"]}),
        ]
        | None
    ) = None

    @model_validator(mode="before")
    @classmethod
    def _inline(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and isinstance(value.get("metric"), Mapping):
            value = dict(value)
            value["inline"] = value.pop("metric")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Commitment:
        if (self.metric is None) == (self.inline is None):
            raise wrong("the commitment names no metric", "Write metric: and a name of `metrics`.")
        by_interval = self.aggregate == "share_of_intervals_met"
        if by_interval and self.interval_target is None:
            raise wrong(
                "share_of_intervals_met needs interval_target",
                "Write for example target: 0.9, interval_target: 0.8 (9 of 10 intervals at 80 %).",
            )
        if not by_interval and self.interval_target is not None:
            raise wrong(
                "interval_target stands here without aggregate",
                "Write aggregate: share_of_intervals_met, or leave it out.",
            )
        return self

    @property
    def exact_target(self) -> Fraction:
        """The target as it was written, in fractions."""
        return Fraction(repr(self.target))


class Parties(Record):
    """Between whom."""

    kind: Literal["sla", "ola", "supplier"] = "sla"
    provider: str = ""
    client: str = ""


class Contract(Record):
    """What is promised (SLA)."""

    parties: Parties = Parties()
    period: Period = "horizon"
    commitments: tuple[Commitment, ...] = ()


class Stress(Record):
    """By how much the inputs may be worse and the promise must still hold."""

    volume: Share = 0.0
    aht: Share = 0.0
    attendance: Share = 0.0


class Feasibility(Record):
    """When a promise may be made: the chance to keep it, and how sure of that chance."""

    chance: Share = 0.90
    confidence: Share = 0.95
    stress: Stress = Stress()

    @model_validator(mode="after")
    def _inside(self) -> Feasibility:
        for key in ("chance", "confidence"):
            if not 0 < getattr(self, key) < 1:
                raise wrong(f"`{key}` is {getattr(self, key):g}", "It lies between 0 and 1.")
        return self


# ------------------------------------------------------------------ the whole


class Drain(Record):
    """How long after `end` what is left is still served."""

    voice: LongDuration = clock.DAY
    ticket: LongDuration = 30 * clock.DAY


def _calendars(value: Any, info: ValidationInfo) -> dict[str, Calendar]:
    from slasim.scenario.tell import Told

    if not isinstance(value, Mapping):
        raise wrong(f"{shown(value)} is not a mapping of calendars", "Write phones: {weekly: ...}.")
    context = info.context if isinstance(info.context, dict) else {}
    zone_name = context.get("timezone", "UTC")
    found: dict[str, Calendar] = {}
    inside: list[Told] = context.setdefault("inside", [])
    for name, plain in value.items():
        if isinstance(plain, Calendar):
            found[str(name)] = plain
            continue
        if not isinstance(plain, Mapping):
            inside.append(
                Told(
                    ("calendars", str(name)),
                    f"{shown(plain)} is not a calendar",
                    'Write {weekly: {mon-fri: ["08:00-20:00"]}}.',
                )
            )
            continue
        if not isinstance(plain.get("timezone", ""), str):
            loc = ("calendars", str(name), "timezone")
            inside.append(Told(loc, f"{shown(plain['timezone'])} is not text", "Put it in quotes."))
            continue
        try:
            found[str(name)] = Calendar.from_plain(plain, timezone=zone_name, name=str(name))
        except CalendarProblems as error:
            for path, sentence in error.problems:
                inside.append(Told.sentence(("calendars", str(name), *path), sentence))
    return found


class ScenarioRecord(Record):
    """The whole file. `slasim.scenario.Scenario` adds what follows from it."""

    name: str
    timezone: str = "UTC"
    currency: str = "EUR"
    start: LocalMoment
    end: LocalMoment
    interval: Duration = 30 * clock.MINUTE
    warm_up: LongDuration = 0
    drain_at_most: Drain = Drain()
    calendars: Annotated[
        dict[str, Calendar],
        PlainValidator(_calendars),
        WithJsonSchema({"type": "object"}),
    ] = {}
    demand: Demand | None = None
    queues: dict[str, Queue]
    groups: dict[str, Group]
    routing: Routing = Routing()
    metrics: dict[str, Metric] = {}
    """what is measured, by name"""
    contract: Contract | None = None
    feasibility: Feasibility = Feasibility()

    _document: Document = PrivateAttr(default_factory=lambda: Document({}))
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return _known_zone(value)

    @field_validator("queues", "groups", mode="before")
    @classmethod
    def _some(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping) and not value:
            raise wrong(f"there are no {info.field_name}", "A scenario has at least one.")
        return value

    @field_validator("interval")
    @classmethod
    def _divides(cls, value: int) -> int:
        if not value or clock.DAY % value or value < clock.MINUTE:
            raise wrong(
                f"an interval of {clock.format_duration(value)} does not divide a day",
                "Write for example 15min, 30min or 1h (at least 1min).",
            )
        return value

    @field_validator("end")
    @classmethod
    def _after(cls, value: datetime, info: ValidationInfo) -> datetime:
        start = info.data.get("start")
        if start is not None and value <= start:
            would_do = f"`start` is {start_of(start)}; `end` is the first moment not included."
            raise wrong(f"`end` {start_of(value)} is not after `start`", would_do)
        return value


def start_of(value: datetime) -> str:
    """A local moment as it stands in a file."""
    return value.isoformat(" ", "minutes")
