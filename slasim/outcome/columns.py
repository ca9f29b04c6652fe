"""Names of the tally's further columns: of chains of touches and of named agents; and what a queue states about both.

Plain numbers that compiled loops and the tally share. This file knows no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slasim.contactlog import PURPOSES
from slasim.routing.table import NEVER

if TYPE_CHECKING:
    from slasim.metrics.after_service import Churn, Satisfaction

__all__ = ["CHAINS", "CHAIN_WIDTH", "PERSON", "PURPOSE_COLUMNS", "Service"]

CHAINS = (
    "matters", "callers", "attempts", "promised", "called_back", "in_time", "repeats", "contacts", "served",
    "resolved", "at_first", "satisfaction_ppm", "judged", "churn_ppm", "may_leave",
)  # fmt: skip
"""Columns of a row of chains, as `metrics.counts.ChainCounts` names them; then one for each purpose of a touch."""

PURPOSE_COLUMNS = len(CHAINS)
"""Where the touches by purpose begin, in the order of `contactlog.PURPOSES`."""

CHAIN_WIDTH = len(CHAINS) + len(PURPOSES)

CONTACTS, HANDLED_BY, BUSY, STAFFED, OVERTIME, STINTS, LATE, LATE_STINTS = range(8)
"""Columns of an agent: contacts, ms of handling them, ms with any in hand, on duty and beyond the shift, and shifts; ms
by which these began late, and those that did."""
PERSON = 8


@dataclass(frozen=True)
class Service:
    """What a queue states about its contacts, for counting: within which time (ms) it promises to call back, whether
    an answer is a reply sent at the end of handling, and what is stated of satisfaction and churn."""

    within: int = NEVER
    replies: bool = False
    satisfaction: Satisfaction | None = None
    churn: Churn | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """A row of integers: within, replies, satisfaction (judged, 7 numbers), churn (judged, 4 numbers)."""
        liked, leaving = self.satisfaction, self.churn
        return (
            self.within, int(self.replies),
            int(liked is not None), *((0,) * 7 if liked is None else liked.numbers),
            int(leaving is not None), *((0,) * 4 if leaving is None else leaving.numbers),
        )  # fmt: skip
