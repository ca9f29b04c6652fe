"""How many replies a ticket needs: whole numbers from 1, as a quantile function.

It draws nothing: who draws hands in numbers between 0 and 1, and gets the same customer back whatever the mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Floats, Ints
from slasim.scenario.values import read_number, read_share, shown, wrong

__all__ = ["MOST_REPLIES", "ReplyCount", "read_reply_count"]

MOST_REPLIES = 100
"""No ticket needs more replies; a larger number is cut."""


@dataclass(frozen=True)
class ReplyCount:
    """The chance of 1, 2, 3 ... replies: ``shares`` as they stand, or geometric with ``stop`` the chance to end.

    One of both; the other is empty or 0.
    """

    shares: tuple[float, ...] = ()
    stop: float = 0.0

    @property
    def mean(self) -> float:
        """Replies of an average ticket."""
        if not self.shares:
            return 1.0 / self.stop
        return sum((number + 1) * share for number, share in enumerate(self.shares))

    @property
    def most(self) -> int:
        """No ticket has more."""
        return len(self.shares) or (1 if self.stop == 1.0 else MOST_REPLIES)

    def at(self, u: Floats) -> Ints:
        """The number for each u in [0, 1).

        >>> read_reply_count({"1": 0.7, "3": 0.3}).at(np.array([0.0, 0.69, 0.7, 0.99])).tolist()
        [1, 1, 3, 3]
        >>> read_reply_count({"geometric": {"mean": 2}}).at(np.array([0.0, 0.49, 0.51, 0.8])).tolist()
        [1, 1, 2, 3]
        """
        if self.shares:
            edges = np.cumsum(self.shares)[:-1]
            return np.searchsorted(edges, u, side="right").astype(np.int64) + 1
        if self.stop == 1.0:
            return np.ones(u.size, np.int64)
        found = np.floor(np.log1p(-u) / math.log1p(-self.stop)).astype(np.int64) + 1
        return np.minimum(found, MOST_REPLIES)


def read_reply_count(value: Any) -> ReplyCount:
    """`2`, `{geometric: {mean: 1.6}}` or `{1: 0.7, 2: 0.3}`. Raises PydanticCustomError."""
    if isinstance(value, ReplyCount):
        return value
    if not isinstance(value, Mapping):
        return ReplyCount(shares=(0.0,) * (_whole(value) - 1) + (1.0,))
    if set(value) == {"geometric"} and isinstance(value["geometric"], Mapping):
        settings = value["geometric"]
        if set(settings) != {"mean"}:
            raise wrong("a geometric number of replies has its mean", "Write {mean: 1.6}.")
        mean = read_number(settings["mean"], what="a mean number of replies")
        if not 1 <= mean <= 20:
            raise wrong(
                f"a mean of {mean:g} replies is out of range", "A ticket has 1 to 20 on average."
            )
        return ReplyCount(stop=1.0 / mean)
    shares: dict[int, float] = {}
    for key, share in value.items():
        if not str(key).isdigit():
            raise wrong(
                f"{shown(key)} is no number of replies",
                "Write {geometric: {mean: 1.6}}, or {1: 0.7, 2: 0.2, 3: 0.1}.",
            )
        shares[_whole(int(key))] = read_share(share)
    total = sum(shares.values())
    if abs(total - 1) > 0.001:
        raise wrong(f"the shares of {shown(value)} add up to {total:.4g}", "They must add up to 1.")
    return ReplyCount(
        tuple(shares.get(number, 0.0) / total for number in range(1, max(shares) + 1))
    )


def _whole(value: Any) -> int:
    number = read_number(value, what="a number of replies")
    if number != int(number) or not 1 <= number <= MOST_REPLIES:
        raise wrong(f"{shown(value)} is no number of replies", f"A ticket has 1 to {MOST_REPLIES}.")
    return int(number)
