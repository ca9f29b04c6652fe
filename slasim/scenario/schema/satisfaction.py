"""Satisfaction and churn, as a function that the planner states: nothing here is measured.

Satisfied is `best` while wait and resolution are no longer than `good`, `worst` from `bad` on, and on the straight
line between; where both are given the worse counts. Who was never served is satisfied with chance `lost`.
"""

from __future__ import annotations

from pydantic import model_validator

from slasim.scenario.schema.following import Late
from slasim.scenario.schema.records import Record
from slasim.scenario.values import LongDuration, Share, wrong

__all__ = ["Churn", "Satisfaction", "Span"]


class Span(Record):
    """From which time on service is no longer `good`, and from which it is `bad`."""

    good: LongDuration
    bad: LongDuration

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.bad <= self.good:
            raise wrong(
                "`bad` is not later than `good`", "Write for example {good: 1min, bad: 10min}."
            )
        return self


class Churn(Record):
    """The share of customers who leave us after a contact; others when it was late, or never served."""

    chance: Share = 0.0
    late: Late | None = None
    lost: Share | None = None

    @model_validator(mode="after")
    def _more_when_late(self) -> Churn:
        if self.late is not None and self.late.chance < self.chance:
            raise wrong(
                f"fewer leave when it was late ({self.late.chance:g}) than otherwise ({self.chance:g})",
                "`late.chance` takes the place of `chance` where the wait was long: give it at least as much.",
            )
        return self


class Satisfaction(Record):
    """The share of satisfied customers by wait and resolution, and who leaves."""

    best: Share = 0.9
    worst: Share = 0.1
    lost: Share | None = None
    """of customers who were never served; None = worst"""
    wait: Span | None = None
    resolution: Span | None = None
    churn: Churn | None = None

    @model_validator(mode="after")
    def _depends(self) -> Satisfaction:
        if self.wait is None and self.resolution is None:
            raise wrong(
                "satisfaction depends on nothing",
                "Write for example wait: {good: 1min, bad: 10min}, or resolution: {...}.",
            )
        if self.worst > self.best:
            raise wrong("`worst` is better than `best`", "Shares satisfied: best at least worst.")
        return self
