"""Groups: agents who take the same queues with the same ranks.

Whether those queues exist is asked in `checks/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from slasim.scenario.schema.attributes import When
from slasim.scenario.schema.chats import Slots
from slasim.scenario.schema.later import later
from slasim.scenario.schema.records import Record, known_zone, mapping_or
from slasim.scenario.schema.staffing import Shrinkage, Staffing, read_staffing
from slasim.scenario.values import (
    Count,
    Duration,
    Number,
    Read,
    Share,
    read_speed,
    wrong,
)

if TYPE_CHECKING:
    from slasim.scenario.schema.people import LateStart, Person
    from slasim.scenario.schema.shifts import Shift
    from slasim.scenario.schema.slowdown import Slowdown
else:
    LateStart = later("slasim.scenario.schema.people", "LateStart")
    Person = later("slasim.scenario.schema.people", "Person")
    Shift = later("slasim.scenario.schema.shifts", "Shift")
    Slowdown = later("slasim.scenario.schema.slowdown", "Slowdown")

__all__ = ["Group", "Take"]


class Take(Record):
    """How a group takes a queue: its rank, after which wait, keeping how many idle in reserve; and when at all."""

    rank: Count = 1
    after: Duration = 0
    reserve: Count = 0
    preempt: StrictBool = False
    """work on it may be interrupted for a contact that goes before it"""
    hours: str | None = None
    """calendar in whose windows the group may take it; None = always"""
    max_occupancy: Share | None = None
    """of the agents on duty, the share that may be busy once it has been taken; None = all"""
    stands_in_for: str | None = None
    """taken only while nobody of that group is on duty"""
    when: When = Field(default={})
    """taken only if the contact has one of these values of each attribute"""

    def fits(self, contact: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether a contact with these values of its attributes is one of those that `when` names."""
        return all(set(contact.get(name, ())) & set(values) for name, values in self.when.items())


def _speed(value: Any) -> float | dict[str, float]:
    if isinstance(value, Mapping):
        return {str(queue): read_speed(number) for queue, number in value.items()}
    return read_speed(value)


def _people(value: Any) -> Any:
    if isinstance(value, Mapping):
        named = ", ".join(f"{{name: {name}}}" for name in list(value)[:2])
        raise wrong("`people` is a mapping", f"Write a list: [{named or 'Ana, Bo'}].")
    return value


class Group(Record):
    """Agents who take the same queues with the same ranks."""

    takes: dict[str, Annotated[Take, mapping_or("rank")]]
    staffing: Annotated[Staffing, BeforeValidator(read_staffing)] | None = None
    shifts: tuple[Shift, ...] | None = None
    calendar: str | None = None
    timezone: str | None = None
    shrinkage: Shrinkage = Shrinkage.model_construct()
    attendance: Share = 1.0
    """of the planned, the share that turns up (availability factor)"""
    cost_per_hour: Number | None = None
    max_occupancy: Share | None = None
    speed: Annotated[
        Any,
        Read(_speed),
        WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "object"}]}),
    ] = 1.0
    chat_slots: Slots = 1
    """contacts that an agent may have in hand of channels that share"""
    chat_slowdown: Annotated[Slowdown, mapping_or("curve")] | None = None
    switching_loss: Duration = 0
    """work more when an agent takes another channel than the last time"""
    people: Annotated[
        tuple[Annotated[Person, mapping_or("name")], ...], BeforeValidator(_people)
    ] = ()
    team: str | None = None
    absence: Share = 0.0
    """of named agents, each on each day on its own"""
    late_start: LateStart | None = None

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
        return None if value is None else known_zone(value)

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
    def slowdown(self) -> tuple[float, ...]:
        """How much longer a chat takes with 1, 2 ... `chat_slots` in hand; 1 where no curve is given."""
        if self.chat_slowdown is None:
            return (1.0,) * self.chat_slots
        return self.chat_slowdown.factors(self.chat_slots)

    @property
    def named(self) -> tuple[str, ...]:
        """The agents of its shifts who have names, each once, in the order in which they are named."""
        found = [person.name for person in self.people]
        found += [name for shift in self.shifts or () for name in shift.people]
        return tuple(dict.fromkeys(found))

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
