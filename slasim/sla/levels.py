"""Named levels: each promises targets for some of the metrics, and for no others.

A ticket has one level at a time, or none. Which one, `rules.py` says; what follows from it, `targets.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from slasim.errors import Problem, did_you_mean
from slasim.sla.targets import Target

__all__ = ["Level", "promised", "unknown_metrics"]


@dataclass(frozen=True)
class Level:
    """A name and its targets by metric (the policy's own names of metrics)."""

    name: str
    targets: Mapping[str, Target] = field(default_factory=dict)


def promised(levels: Iterable[Level], metric: str) -> dict[str, Target]:
    """Level name -> target of one metric, for the levels that promise it."""
    return {level.name: level.targets[metric] for level in levels if metric in level.targets}


def unknown_metrics(levels: Iterable[Level], metrics: Iterable[str]) -> list[Problem]:
    """A problem for each target of a metric that does not exist."""
    known = list(metrics)
    return [
        Problem(
            f"'{metric}' is no metric of this policy",
            did_you_mean(metric, known, what="Metrics"),
            path=f"levels.{level.name}.{metric}",
        )
        for level in levels
        for metric in level.targets
        if metric not in known
    ]
