"""Queues of a scenario before chance decides: when contacts can arrive, how they are handled, how long they wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slasim import clock
from slasim.arrays import Floats, Ints, NDArray
from slasim.calendars import Calendar
from slasim.distributions import Distribution
from slasim.inputs.arrivals import Pieces, pieces_of
from slasim.inputs.closings import closed_spans
from slasim.inputs.contacts import Handling, Waiting
from slasim.inputs.doubt import Doubt
from slasim.inputs.rosters import Closing
from slasim.scenario.floor_facts import measured_slowdown
from slasim.streams import Stream

if TYPE_CHECKING:
    from slasim.scenario import Scenario

__all__ = ["QueuePlan", "queue_plan"]


@dataclass(frozen=True, eq=False)
class QueuePlan:
    """What is known of a queue before chance decides. K pieces.

    day       (K,) local day of each piece, from the first simulated one
    mean      ms of handling over all pieces, for contacts that come in another way
    greeting  from being taken to the agent's first message; None: at once
    backlog   ages (ms before the start of the simulation) of what waits already, oldest first
    """

    name: str
    pieces: Pieces
    day: Ints
    handling: Handling
    waiting: Waiting
    doubt: Doubt
    closing: Closing
    mean: float
    greeting: Distribution | None
    backlog: Ints

    def arrivals(self, seed: int, replication: int) -> tuple[Ints, Ints]:
        """Instants in order, and how many fall into each piece."""
        pieces = self.pieces
        factor = self.doubt.volume(seed, replication, self.name, self.day, pieces.source)
        return pieces.draw(Stream(seed, replication, f"arrivals/{self.name}"), factor)

    def bring(
        self,
        seed: int,
        replication: int,
        counts: Ints,
        work: Ints,
        wrap: Ints,
        patience: Ints,
        leaves_as: NDArray[np.int8],
    ) -> None:
        """Fill what those who arrive bring along; ``counts`` (K,) contacts per piece."""
        factor = self.doubt.aht(seed, replication, self.name, self.day)
        self._bring(seed, replication, self.name, self.handling, counts, work, wrap, factor)
        self._wait(seed, replication, self.name, self.waiting, counts, patience, leaves_as)

    def bring_backlog(
        self,
        seed: int,
        replication: int,
        work: Ints,
        wrap: Ints,
        patience: Ints,
        leaves_as: NDArray[np.int8],
    ) -> None:
        """The same for what waits already; from streams of its own."""
        counts, name = np.array([work.size]), f"{self.name}/backlog"
        mean = np.array([self.mean])
        handling = Handling(self.handling.shape, mean, self.handling.acw)
        some = np.array([0.0 if self.waiting.patience is None else self.waiting.patience.mean])
        waiting = Waiting(
            self.waiting.patience, some, self.waiting.hangs_up, self.waiting.voicemail_after
        )
        self._bring(seed, replication, name, handling, counts, work, wrap, None)
        self._wait(seed, replication, name, waiting, counts, patience, leaves_as)

    def _bring(
        self,
        seed: int,
        replication: int,
        name: str,
        handling: Handling,
        counts: Ints,
        work: Ints,
        wrap: Ints,
        factor: Floats | None,
    ) -> None:
        handling.draw(Stream(seed, replication, f"work/{name}"), counts, work, wrap, factor)

    def _wait(
        self,
        seed: int,
        replication: int,
        name: str,
        waiting: Waiting,
        counts: Ints,
        patience: Ints,
        leaves_as: NDArray[np.int8],
    ) -> None:
        waiting.draw(
            Stream(seed, replication, f"patience/{name}"),
            lambda: Stream(seed, replication, f"hangs_up/{name}"),
            counts,
            patience,
            leaves_as,
        )


def queue_plan(
    scenario: Scenario,
    name: str,
    takers: tuple[int, ...],
    doubt: Doubt,
    since: int,
    stop: int,
    first_share: float,
) -> QueuePlan:
    """A queue made ready; ``first_share`` is the part of its volume that are first attempts."""
    record, grid = scenario.queues[name], scenario.grid
    forecast = scenario.expected(name, warm_up=True)
    calendar = scenario.calendar_of_arrivals(name)
    opens, closes = _windows(calendar, grid.start, since, scenario.horizon)
    pieces = pieces_of(
        forecast.volume * first_share, opens, closes, interval_ms=grid.interval, warm=grid.warm
    )
    day = grid.local.ordinal[pieces.source] - int(grid.local.ordinal[0])
    patience = scenario.patience_of(name) if record.kind.patience else None
    mean = np.full(pieces.source.size, 0.0 if patience is None else patience.mean)
    if forecast.patience_scale is not None:
        mean *= forecast.patience_scale[pieces.source]
    slowed = measured_slowdown(scenario, name)
    aht, acw = forecast.aht_ms / slowed, float(record.acw) / slowed
    expected = forecast.volume.sum()
    usual = float(aht @ forecast.volume / expected) if expected > 0 else float(aht.mean())
    waiting = record.backlog_at_start
    count = 0 if waiting is None else waiting.tickets
    oldest = 0 if waiting is None else waiting.oldest
    return QueuePlan(
        name=name,
        pieces=pieces,
        day=day,
        handling=Handling(record.handling, aht[pieces.source], acw),
        waiting=Waiting(patience, mean, record.hangs_up_at_once, record.voicemail_after),
        doubt=doubt,
        closing=_closing(scenario, name, takers, since, stop),
        mean=usual,
        greeting=record.first_message_after or None,
        backlog=oldest * (count - np.arange(count, dtype=np.int64)) // max(count, 1),
    )


def _closing(
    scenario: Scenario, name: str, takers: tuple[int, ...], since: int, stop: int
) -> Closing:
    record, start = scenario.queues[name], scenario.grid.start
    calendar = scenario.calendar_of(name)
    close = reopen = np.zeros(0, np.int64)
    if not calendar.always_open and not record.kind.waits_through_closing:
        # The opening after the last closing may lie beyond the end: look a little further.
        beyond = stop + 8 * clock.DAY
        opens, closes = _windows(calendar, start, since, beyond)
        close, reopen = closed_spans(opens, closes, since, beyond)
        close, reopen = close[close < stop], np.minimum(reopen[close < stop], stop)
    return Closing(close, reopen, record.at_close == "disconnect", takers)


def _windows(calendar: Calendar, start_ms: int, since: int, until: int) -> tuple[Ints, Ints]:
    """Openings and closings in ms since the start; a window that reaches beyond is not cut."""
    opens, closes = calendar.windows(start_ms + since, start_ms + until, clip=False)
    return opens - start_ms, closes - start_ms
