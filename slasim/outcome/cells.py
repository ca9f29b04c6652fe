"""Rows of a tally as a metric asks them: counts of contacts, times of agents, chains of touches.

``columns`` says where each number stands in a row of contacts. This file counts nothing and knows no replication.
"""

from __future__ import annotations

from dataclasses import dataclass

from slasim.arrays import Ints
from slasim.clock import format_duration
from slasim.contactlog import PURPOSES
from slasim.errors import InputError, Problem
from slasim.metrics.counts import Numbers
from slasim.outcome.columns import CHAINS, PURPOSE_COLUMNS

__all__ = ["CellChains", "CellCounts", "CellTimes", "columns", "row_width"]


_SUMS_FIRST = (
    "wait_answered", "wait_abandoned", "wait_other", "handled", "wrap", "blocked", "closed", "voicemail",
)  # fmt: skip


def columns(thresholds: int) -> dict[str, int]:
    """Where each column stands; the last four but one are the first of thresholds + 1 buckets each.

    Bucket k holds waits above threshold k-1 and up to threshold k; the last holds all above the last threshold.
    Sums of ms: wait_*, handled and, of that, wrap. All else counts contacts.

    >>> columns(13)["answered"], columns(13)["waiting"]
    (8, 36)
    """
    buckets, at = thresholds + 1, len(_SUMS_FIRST)
    places = {name: k for k, name in enumerate(_SUMS_FIRST)}
    buckets_at = {"answered": at, "abandoned": at + buckets, "waiting": at + 2 * buckets}
    return places | buckets_at | {"call_back": at + 3 * buckets}


def row_width(thresholds: int) -> int:
    """M, how many columns there are."""
    return len(_SUMS_FIRST) + 3 * (thresholds + 1) + 1


@dataclass(frozen=True, eq=False)
class CellCounts:
    """``Counts`` over rows of tally columns: ``cells`` (..., M), every answer (...)."""

    cells: Ints
    thresholds: tuple[int, ...]

    def _bucketed(self, name: str, t: int | None = None) -> Numbers:
        size = len(self.thresholds) + 1
        at = columns(len(self.thresholds))[name]
        upto = size
        if t is not None:
            if t not in self.thresholds:
                known = ", ".join(format_duration(x) for x in self.thresholds)
                raise InputError(
                    [
                        Problem(
                            f"waits up to {format_duration(t)} were not counted apart",
                            f"Counted are {known}; state a metric with this threshold.",
                        )
                    ]
                )
            upto = self.thresholds.index(t) + 1
        counted: Numbers = self.cells[..., at : at + upto].sum(axis=-1)
        return counted

    def _column(self, name: str) -> Numbers:
        column: Numbers = self.cells[..., columns(len(self.thresholds))[name]]
        return column

    @property
    def offered(self) -> Numbers:
        flowed_out = self.voicemail + self.call_back
        entered: Numbers = self.answered + self.abandoned + self.waiting + self.closed + flowed_out
        return entered

    @property
    def answered(self) -> Numbers:
        return self._bucketed("answered")

    @property
    def abandoned(self) -> Numbers:
        return self._bucketed("abandoned")

    @property
    def waiting(self) -> Numbers:
        return self._bucketed("waiting")

    @property
    def blocked(self) -> Numbers:
        return self._column("blocked")

    @property
    def closed(self) -> Numbers:
        return self._column("closed")

    @property
    def voicemail(self) -> Numbers:
        return self._column("voicemail")

    @property
    def call_back(self) -> Numbers:
        return self._column("call_back")

    @property
    def wait_answered(self) -> Numbers:
        return self._column("wait_answered")

    @property
    def wait_all(self) -> Numbers:
        return self.wait_answered + self._column("wait_abandoned") + self._column("wait_other")

    @property
    def handled(self) -> Numbers:
        return self._column("handled")

    @property
    def wrap(self) -> Numbers:
        return self._column("wrap")

    def answered_within(self, t: int) -> Numbers:
        return self._bucketed("answered", t)

    def abandoned_within(self, t: int) -> Numbers:
        return self._bucketed("abandoned", t)

    def waiting_within(self, t: int) -> Numbers:
        return self._bucketed("waiting", t)


@dataclass(frozen=True, eq=False)
class CellTimes:
    """``WorkingTimes`` of tally rows, ms."""

    busy: Ints
    staffed: Ints
    in_hand: Ints
    chat: Ints
    slots: Ints
    overtime: Ints


@dataclass(frozen=True, eq=False)
class CellChains:
    """``ChainCounts`` over rows of chains: ``cells`` (..., C), every answer (...)."""

    cells: Ints

    def __getattr__(self, name: str) -> Numbers:
        if name not in CHAINS:
            raise AttributeError(name)
        column: Numbers = self.cells[..., CHAINS.index(name)]
        return column

    def touches(self, purpose: str) -> Numbers:
        """Touches that arrived for this purpose (`contactlog.PURPOSES`), booked when each did."""
        column: Numbers = self.cells[..., PURPOSE_COLUMNS + PURPOSES.index(purpose)]
        return column
