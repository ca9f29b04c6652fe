"""Queues: what kind of contact, how long it takes, how long it waits, its place in line.

Knows nothing of groups: who takes a queue is said there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from slasim import clock, registry
from slasim.channels import Channel, channel
from slasim.errors import did_you_mean
from slasim.scenario.schema.arrivals import Arrivals
from slasim.scenario.schema.attributes import Attributes, AttributeShares, PriorityBy
from slasim.scenario.schema.later import later
from slasim.scenario.schema.records import NameList, Record, mapping_or
from slasim.scenario.values import (
    Count,
    DistributionValue,
    Duration,
    Number,
    Read,
    Share,
    SignedDuration,
    read_distribution,
    said,
    shown,
    wrong,
)

if TYPE_CHECKING:
    from slasim.scenario.schema.following import (
        Backlog,
        CallBack,
        Owner,
        Redial,
        Reopen,
        Repeat,
        Tier2,
        Transfer,
    )
    from slasim.scenario.schema.satisfaction import Satisfaction
else:
    Backlog = later("slasim.scenario.schema.following", "Backlog")
    CallBack = later("slasim.scenario.schema.following", "CallBack")
    Owner = later("slasim.scenario.schema.following", "Owner")
    Redial = later("slasim.scenario.schema.following", "Redial")
    Reopen = later("slasim.scenario.schema.following", "Reopen")
    Repeat = later("slasim.scenario.schema.following", "Repeat")
    Tier2 = later("slasim.scenario.schema.following", "Tier2")
    Transfer = later("slasim.scenario.schema.following", "Transfer")
    Satisfaction = later("slasim.scenario.schema.satisfaction", "Satisfaction")

__all__ = ["DEFAULT_SHAPE", "Aht", "Queue"]


DEFAULT_SHAPE: Mapping[str, Any] = {"lognormal": {"cv": 0.9}}
"""The stated default of handle times around their mean."""


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
    if not registry.has("channel", value):
        known = registry.names("channel")
        raise wrong(
            f"channel {shown(value)} is not known to this version",
            f"Channels are: {', '.join(known)}.",
        )
    return str(value)


def _some_arrivals(value: Any) -> Any:
    """The key may be left out; nothing behind it is a mistake."""
    if value is None:
        raise wrong(
            "nothing stands where a mapping belongs",
            "Write {per_hour: 60}, or leave the key out where other queues hand contacts on to this one.",
        )
    return value


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


def _replies(value: Any) -> Any:
    from slasim.scenario.counts import read_reply_count

    return read_reply_count(value)


Replies = Annotated[
    Any,
    Read(_replies),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "object"}],
            "examples": [{"geometric": {"mean": 1.6}}, {"1": 0.7, "2": 0.2, "3": 0.1}],
        }
    ),
]
"""How many replies of ours a ticket needs: `slasim.scenario.counts.ReplyCount`."""


class Queue(Record):
    """One kind of contact: how many come, how long they take, how long they wait, their place in line."""

    also_known: ClassVar[Mapping[str, str]] = {
        key: f"{_TIME_TO_ABANDON[0].upper()}{_TIME_TO_ABANDON[1:]}. In `patience:` w{_INSTEAD[1:]}"
        for key in ("average_time_to_abandon", "mean_time_to_abandon", "time_to_abandon")
    }

    channel: Annotated[
        str, Read(_channel), WithJsonSchema({"type": "string", "examples": ["voice"]})
    ] = "voice"
    calendar: str | None = None
    at_close: Literal["serve", "disconnect"] = "serve"
    arrivals: Annotated[Arrivals | None, BeforeValidator(_some_arrivals)] = None
    """first contacts; None = it is fed by other queues only"""
    counts: Literal["attempts", "first_attempts"] = "attempts"
    """whether redials are already inside the volume, or follow from it"""
    volume: Number = 1.0
    aht: Annotated[Aht, mapping_or("mean")] = Aht.model_construct()
    aht_shape: Any = None
    handle_time: DistributionValue | None = None
    acw: Duration = 0
    handle_time_measured_at: Number | None = None
    """average chats in hand when that handle time was measured; None = 1"""
    first_message_after: Any = 0
    """a Distribution, or 0: from being taken to the first message of the agent"""
    patience: Annotated[
        Any,
        Read(_patience, info=True),
        WithJsonSchema(
            {"type": ["object", "null"], "examples": [{"exponential": {"mean": "4min"}}]}
        ),
    ] = None
    """a Distribution; None = nobody abandons"""
    hangs_up_at_once: Share = 0.0
    voicemail_after: Duration | None = None
    voicemail_to: str | None = None
    redial: Redial | None = None
    call_back: CallBack | None = None
    transfer: Transfer | None = None
    repeat: Repeat | None = None
    replies: Replies | None = None
    customer_answers_after: DistributionValue | None = None
    reopen: Reopen | None = None
    tier_2: Tier2 | None = None
    backlog_at_start: Backlog | None = None
    owner: Owner | None = None
    attributes: AttributeShares = Field(default={})
    priority_by: PriorityBy = Field(default={})
    satisfaction: Satisfaction | None = None
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

    @field_validator("first_message_after", mode="before")
    @classmethod
    def _first_message(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping):
            return read_distribution(value, info)
        try:
            length = clock.parse_duration(value)
        except ValueError as error:
            raise said(str(error)) from None
        return read_distribution({"constant": {"mean": f"{length}ms"}}, info) if length else 0

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
    def kind(self) -> Channel:
        """What its channel asks of an agent."""
        return channel(self.channel)

    @property
    def drawn(self) -> Attributes:
        """What is drawn for each of its contacts."""
        return Attributes.of(self.attributes)

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
