"""The metrics a planner asks for: each a ratio of two sums, with its settings.

A metric is a frozen dataclass; its fields are the settings a scenario file may give, its docstring's first line says
what is divided by what. Register another with ``@kind("metric", name)``. This file knows no scenario, no queue and no
target: a target is a commitment's.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal, Protocol

from slasim import registry
from slasim.clock import format_duration
from slasim.errors import did_you_mean
from slasim.metrics.counts import Counts, Screened, WorkingTimes
from slasim.metrics.service_level import Formula, Parts, needs_short, sentence

Unit = Literal["share", "time"]
Better = Literal["higher", "lower"]


class ContactMetric(Protocol):
    """A ratio over contacts.

    unit        "share" (0..1) or "time" (ms)
    better      which side of a target is the good one
    over        "contacts", or "agents" for a ratio over working time
    thresholds  ms of waiting that its counts must tell apart
    text        the formula in words, printed under the number
    """

    unit: ClassVar[Unit]
    better: ClassVar[Better]
    over: ClassVar[Literal["contacts", "agents"]]

    @property
    def text(self) -> str: ...
    @property
    def thresholds(self) -> tuple[int, ...]: ...

    def parts(self, c: Counts) -> Parts:
        """Numerator and denominator, in the shape of the counts."""
        ...


@registry.kind("metric", "service_level")
@dataclass(frozen=True)
class ServiceLevel:
    """contacts answered in time / contacts offered, by the formula named

    ``threshold`` and ``short_abandon`` in ms. ``include_flow_out=False`` leaves out those who went to voicemail,
    ``include_blocked=True`` counts blocked contacts as offered. ValueError for a formula that needs
    ``short_abandon`` and has none.
    """

    threshold: int
    formula: str = "negative"
    short_abandon: int | None = None
    include_flow_out: bool = True
    include_blocked: bool = False

    unit: ClassVar[Unit] = "share"
    better: ClassVar[Better] = "higher"
    over: ClassVar[Literal["contacts", "agents"]] = "contacts"

    def __post_init__(self) -> None:
        _not_negative(threshold=self.threshold, short_abandon=self.short_abandon)
        known = registry.names("service_level")
        if self.formula not in known:
            hint = did_you_mean(self.formula, known, what="Formulas")
            raise ValueError(f"no service-level formula is called {self.formula!r}. {hint}")
        if self.short_abandon is None and needs_short(self._formula):
            raise ValueError(
                f"the formula {self.formula} needs short_abandon, for example short_abandon: 5s."
            )

    @property
    def _formula(self) -> Formula:
        formula: Formula = registry.get("service_level", self.formula)
        return formula

    @property
    def text(self) -> str:
        said = sentence(self._formula, self.threshold, self.short_abandon)
        if not self.include_flow_out:
            said += ", voicemail left out"
        return said + (", blocked counted as offered" if self.include_blocked else "")

    @property
    def thresholds(self) -> tuple[int, ...]:
        short = () if self.short_abandon is None else (self.short_abandon,)
        return (self.threshold, *short)

    def parts(self, c: Counts) -> Parts:
        seen = Screened(c, self.include_flow_out, self.include_blocked)
        short = 0 if self.short_abandon is None else self.short_abandon
        return self._formula(seen, self.threshold, short)


@registry.kind("metric", "abandonment_rate")
@dataclass(frozen=True)
class AbandonmentRate:
    """abandoned / (answered + abandoned)

    With ``short_abandon`` (ms), those who left within that time are left out of both parts.
    """

    short_abandon: int | None = None

    unit: ClassVar[Unit] = "share"
    better: ClassVar[Better] = "lower"
    over: ClassVar[Literal["contacts", "agents"]] = "contacts"

    def __post_init__(self) -> None:
        _not_negative(short_abandon=self.short_abandon)

    @property
    def text(self) -> str:
        if self.short_abandon is None:
            return registry.meaning(type(self))
        late = f"abandoned after more than {format_duration(self.short_abandon)}"
        return f"{late} / (answered + {late})"

    @property
    def thresholds(self) -> tuple[int, ...]:
        return () if self.short_abandon is None else (self.short_abandon,)

    def parts(self, c: Counts) -> Parts:
        lost = c.abandoned
        if self.short_abandon is not None:
            lost = lost - c.abandoned_within(self.short_abandon)
        return lost, c.answered + lost


@dataclass(frozen=True)
class _Plain:
    """A ratio of contacts' times without settings: its docstring is its text."""

    unit: ClassVar[Unit] = "time"
    better: ClassVar[Better] = "lower"
    over: ClassVar[Literal["contacts", "agents"]] = "contacts"

    @property
    def text(self) -> str:
        return registry.meaning(type(self))

    @property
    def thresholds(self) -> tuple[int, ...]:
        return ()


@registry.kind("metric", "asa")
@dataclass(frozen=True)
class AverageSpeedOfAnswer(_Plain):
    """waiting time of the answered / answered"""

    def parts(self, c: Counts) -> Parts:
        return c.wait_answered, c.answered


@registry.kind("metric", "mean_wait")
@dataclass(frozen=True)
class MeanWait(_Plain):
    """waiting time of all offered / all offered"""

    def parts(self, c: Counts) -> Parts:
        return c.wait_all, c.offered


@registry.kind("metric", "aht")
@dataclass(frozen=True)
class AverageHandleTime(_Plain):
    """handling time with after-call work / answered"""

    def parts(self, c: Counts) -> Parts:
        return c.handled, c.answered


@registry.kind("metric", "occupancy")
@dataclass(frozen=True)
class Occupancy(_Plain):
    """time handling contacts / time on duty on the phones

    Above 1 where agents finish contacts after their shift or after a drop in staffing.
    """

    unit: ClassVar[Unit] = "share"
    over: ClassVar[Literal["contacts", "agents"]] = "agents"

    def parts(self, c: WorkingTimes) -> Parts:
        return c.busy, c.staffed


def measure(kind: str, /, **settings: Any) -> Any:
    """The metric of that kind with these settings (durations in ms).

    InputError for an unknown kind; ValueError for settings it does not have, lacks, or cannot use.

    >>> measure("service_level", threshold=20_000).text
    'answered within 20 s / all offered'
    """
    made = registry.get("metric", kind)
    known = [f.name for f in fields(made)]
    for name in settings:
        if name not in known:
            raise ValueError(
                f"{kind} has no {name!r}. {did_you_mean(name, known, what='settings')}"
            )
    for f in fields(made):
        if f.default is MISSING and f.default_factory is MISSING and f.name not in settings:
            raise ValueError(f"{kind} needs {f.name}.")
    return made(**settings)


def _not_negative(**durations: int | None) -> None:
    for name, value in durations.items():
        if value is not None and value < 0:
            raise ValueError(f"{name} is negative; a wait cannot be.")
