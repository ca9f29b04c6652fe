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
from slasim.metrics.counts import Counts, Screened
from slasim.metrics.service_level import Formula, Parts, needs_short, sentence

Unit = Literal["share", "time", "number"]
Better = Literal["higher", "lower"]
Over = Literal["contacts", "agents", "chains", "tickets"]
Counted = Literal["attempts", "callers"]
COUNTED = ("attempts", "callers")
"""Every attempt by itself, or each caller once: offered when he first tried, served if any attempt was answered,
with the wait of that attempt, and lost if none was."""


class ContactMetric(Protocol):
    """A ratio over contacts.

    unit        "share" (0..1), "time" (ms) or "number"
    better      which side of a target is the good one
    over        "contacts", "agents" for a ratio over working time, "chains" for one over what follows what,
                "tickets" for one over ticket clocks
    thresholds  ms of waiting that its counts must tell apart
    text        the formula in words, printed under the number
    """

    unit: ClassVar[Unit]
    better: ClassVar[Better]
    over: ClassVar[Over]

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

    ``threshold`` and ``short_abandon`` in ms. ``include_flow_out=False`` leaves out those who went to voicemail or
    chose to be called back, ``include_blocked=True`` counts blocked contacts as offered, ``counts="callers"`` counts
    each caller once (see COUNTED). ValueError for a formula that needs ``short_abandon`` and has none.
    """

    threshold: int
    formula: str = "negative"
    short_abandon: int | None = None
    include_flow_out: bool = True
    include_blocked: bool = False
    counts: Counted = "attempts"

    unit: ClassVar[Unit] = "share"
    better: ClassVar[Better] = "higher"
    over: ClassVar[Over] = "contacts"

    def __post_init__(self) -> None:
        _not_negative(threshold=self.threshold, short_abandon=self.short_abandon)
        _known_counted(self.counts)
        if not registry.has("service_level", self.formula):
            known = registry.names("service_level")
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
            said += ", voicemail and call-backs left out"
        said += ", blocked counted as offered" if self.include_blocked else ""
        return said + (", by caller" if self.counts == "callers" else "")

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

    With ``short_abandon`` (ms), those who left within that time are left out of both parts. With
    ``counts="callers"`` each caller counts once, and is lost when no attempt was answered.
    """

    short_abandon: int | None = None
    counts: Counted = "attempts"

    unit: ClassVar[Unit] = "share"
    better: ClassVar[Better] = "lower"
    over: ClassVar[Over] = "contacts"

    def __post_init__(self) -> None:
        _not_negative(short_abandon=self.short_abandon)
        _known_counted(self.counts)

    @property
    def text(self) -> str:
        late = "callers never served" if self.counts == "callers" else "abandoned"
        if self.short_abandon is not None:
            late = f"{late} after more than {format_duration(self.short_abandon)}"
        answered = "callers served" if self.counts == "callers" else "answered"
        return f"{late} / ({answered} + {late})"

    @property
    def thresholds(self) -> tuple[int, ...]:
        return () if self.short_abandon is None else (self.short_abandon,)

    def parts(self, c: Counts) -> Parts:
        lost = c.abandoned
        if self.short_abandon is not None:
            lost = lost - c.abandoned_within(self.short_abandon)
        return lost, c.answered + lost


@dataclass(frozen=True)
class Plain:
    """A ratio of contacts' times without settings: its docstring is its text."""

    unit: ClassVar[Unit] = "time"
    better: ClassVar[Better] = "lower"
    over: ClassVar[Over] = "contacts"

    @property
    def text(self) -> str:
        return registry.meaning(type(self))

    @property
    def thresholds(self) -> tuple[int, ...]:
        return ()


@registry.kind("metric", "asa")
@dataclass(frozen=True)
class AverageSpeedOfAnswer(Plain):
    """waiting time of the answered / answered"""

    def parts(self, c: Counts) -> Parts:
        return c.wait_answered, c.answered


@registry.kind("metric", "mean_wait")
@dataclass(frozen=True)
class MeanWait(Plain):
    """waiting time of all offered / all offered"""

    def parts(self, c: Counts) -> Parts:
        return c.wait_all, c.offered


@registry.kind("metric", "aht")
@dataclass(frozen=True)
class AverageHandleTime(Plain):
    """handling time with after-call work / answered"""

    def parts(self, c: Counts) -> Parts:
        return c.handled, c.answered


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


def _known_counted(counts: str) -> None:
    if counts not in COUNTED:
        hint = did_you_mean(counts, COUNTED, what="Ways to count")
        raise ValueError(f"nothing is counted by {counts!r}. {hint}")


def _not_negative(**durations: int | None) -> None:
    for name, value in durations.items():
        if value is not None and value < 0:
            raise ValueError(f"{name} is negative; a wait cannot be.")
