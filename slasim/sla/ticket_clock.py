"""Which events start, pause, resume and stop each of the ten ticket clocks: one row of a table per metric.

A row says it in sets of event kinds and statuses; `meaning` turns them into one number per event, and the loop that
follows the events knows bits, not metrics. How time adds up is `slasim/elapsed.py`, which target applies is
`targets.py`. The source of the table is the project's definition of SLA clocks (docs: SLA semantics).

One instant: a ticket's creation comes first; then stop, pause, resume, start. Of several statuses set in one instant
the strongest holds: solved before paused before running.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from slasim.arrays import Bools, NDArray
from slasim.errors import did_you_mean
from slasim.metrics.attribution import clock_points
from slasim.sla.events import KINDS, STATUSES, EventTable
from slasim.sla.targets import Target

__all__ = [
    "METRICS",
    "ON_REOPEN",
    "ON_TARGET_CHANGE",
    "Meaning",
    "Metric",
    "TicketClock",
    "meaning",
    "runs_over",
]

OnTargetChange = Literal["keep_elapsed", "restart", "freeze", "retroactive_no_pause"]
BreachMemory = Literal["sticky", "final"]
OnReopen = Literal["first_only", "resume", "continuous", "new_cycle"]
CountAs = Literal["met", "missed", "not_applicable"]

ON_TARGET_CHANGE = ("keep_elapsed", "restart", "freeze", "retroactive_no_pause")
BREACH_MEMORY = ("sticky", "final")
ON_REOPEN = ("first_only", "resume", "continuous", "new_cycle")
COUNT_AS = ("not_applicable", "met", "missed")
CYCLES = ("one", "many", "by_reopen")
WHEN_SOLVED = ("ignore", "stop", "close")

# What an event means to one clock: bits of a byte.
BEGINS, STARTS, STOPS, CLOSES, CANCELS, ASKS_FIRST, ASKS, ANSWERS = (1 << bit for bit in range(8))
# What a status means to one clock.
NO_STATUS, RUNS, PAUSES, SOLVED = range(4)

SOLVING = frozenset({"solved", "closed"})
REPLY = frozenset({"agent_public"})


@dataclass(frozen=True)
class Metric:
    """A row of the table: what a clock does unless its settings say otherwise.

    starts         events that start it; ``"created"`` is replaced by the first customer message when an agent made
                   the ticket (attribute ``created_by: agent``)
    stops          events that stop it and let it be judged
    when_solved    a solved ticket stops it (judged), closes it (``count_as``), or is ignored
    cycles         one, many, or by_reopen (then ``on_reopen`` decides)
    pause_on       statuses in which it does not run
    after_reply    starts only after the customer has been answered once (or the ticket was solved without)
    while_solved   may start while the ticket is solved
    count_as       what a clock is that was closed and never stopped
    """

    starts: frozenset[str]
    stops: frozenset[str] = frozenset()
    when_solved: Literal["ignore", "stop", "close"] = "close"
    cycles: Literal["one", "many", "by_reopen"] = "one"
    pause_on: frozenset[str] = frozenset()
    after_reply: bool = False
    while_solved: bool = True
    count_as: CountAs = "not_applicable"
    clock: str = ""
    """``start>stop`` for metrics whose points may be chosen."""

    @property
    def meaning(self) -> str:
        """From where to where it runs, in one line."""
        if self.clock:
            start, stop = clock_points(self.clock)
            return f"from {start} to {stop}, or as clock: says"
        stops = [*sorted(self.stops), *(["solved"] if self.when_solved == "stop" else [])]
        again = {"one": "", "many": ", again and again", "by_reopen": ", then by on_reopen"}
        resting = f", not while {' or '.join(sorted(self.pause_on))}" if self.pause_on else ""
        return f"from {', '.join(sorted(self.starts))} to {' or '.join(stops)}{resting}{again[self.cycles]}"


_CREATED = frozenset({"created"})
_RESOLUTION = Metric(_CREATED, when_solved="stop", cycles="by_reopen")
_UPDATE = Metric(REPLY, REPLY, when_solved="stop", cycles="many", while_solved=False)

METRICS: Mapping[str, Metric] = {
    "first_reply": Metric(_CREATED, REPLY),
    "next_reply": Metric(frozenset({"customer_message"}), REPLY, cycles="many", after_reply=True),
    "periodic_update": _UPDATE,
    "pausable_update": replace(_UPDATE, pause_on=frozenset({"pending"})),
    "requester_wait": replace(_RESOLUTION, pause_on=frozenset({"pending"})),
    "agent_work": replace(_RESOLUTION, pause_on=frozenset({"pending", "on_hold"})),
    "total_resolution": _RESOLUTION,
    "first_assign": Metric(_CREATED, frozenset({"assigned"})),
    "chat_answer": Metric(
        frozenset(),
        frozenset({"agent_public"}),
        count_as="missed",
        clock="queue_entry>first_agent_message",
    ),
    "call_answer": Metric(frozenset(), count_as="missed", clock="queue_entry>agent_answer"),
}
"""The ten metrics. A chat or call that was given up counts as missed unless asked otherwise."""


def runs_over(
    metric: str, named: Collection[str] | None, queue: str, *, replies: bool, shares: bool
) -> bool:
    """Does a clock of that metric time what begins in a queue? One that names no queue times those of its own channel.

    ``replies``: the queue's contacts are threads of replies (tickets); ``shares``: an agent may have several (chats).

    >>> runs_over("chat_answer", (), "help", replies=False, shares=True)
    True
    """
    if named:
        return queue in named
    if metric == "chat_answer":
        return shares
    return not (replies or shares) if metric == "call_answer" else replies


@dataclass(frozen=True)
class TicketClock:
    """One promised time: a metric of type ``ticket_clock`` as a policy writes it.

    metric            one of METRICS
    calendar          name of a calendar of the policy; None is always open
    queues            names in the ``queue`` column; empty: every ticket
    target            the target that holds when nothing more special does; None: no clock
    target_by         attribute -> value -> target; the first attribute with a match wins
    clock             ``start>stop`` for chat_answer and call_answer, as ``contact_start>agent_answer``
    pause_on          statuses that pause it; None: as the metric's row says
    auto_reply_counts, internal_counts   automatic replies and internal notes stop it as replies do
    on_target_change  keep_elapsed | restart (the old cycle is dropped, its breach too) | freeze | retroactive_no_pause
    breach_memory     sticky | final (judged only by the target in force at the stop)
    on_reopen         first_only | resume | continuous | new_cycle
    count_as          what a clock is that was closed without its stop; None: as the metric's row says

    Raises ValueError, with one sentence per mistake.
    """

    metric: str
    calendar: str | None = None
    queues: tuple[str, ...] = ()
    target: Target | None = None
    target_by: Mapping[str, Mapping[str, Target]] = field(default_factory=dict)
    clock: str | None = None
    pause_on: tuple[str, ...] | None = None
    auto_reply_counts: bool = False
    internal_counts: bool = False
    on_target_change: OnTargetChange = "keep_elapsed"
    breach_memory: BreachMemory = "sticky"
    on_reopen: OnReopen = "resume"
    count_as: CountAs | None = None

    def __post_init__(self) -> None:
        wrong = [sentence for _, sentence in self.mistakes()]
        if wrong:
            raise ValueError(" ".join(wrong))

    def mistakes(self) -> list[tuple[str, str]]:
        """(field, sentence) for everything that is wrong."""
        found = []
        for name, value, known in (
            ("metric", self.metric, tuple(METRICS)),
            ("on_target_change", self.on_target_change, ON_TARGET_CHANGE),
            ("breach_memory", self.breach_memory, BREACH_MEMORY),
            ("on_reopen", self.on_reopen, ON_REOPEN),
            ("count_as", self.count_as, (None, *COUNT_AS)),
        ):
            if value not in known:
                words = [word for word in known if word is not None]
                found.append(
                    (name, f"{name} '{value}' is unknown. {did_you_mean(str(value), words)}")
                )
        for status in self.pause_on or ():
            if status not in STATUSES or status in SOLVING:
                pausing = [s for s in STATUSES if s not in SOLVING]
                found.append(
                    ("pause_on", f"'{status}' cannot pause. {did_you_mean(status, pausing)}")
                )
        if self.clock is not None:
            found += self._wrong_clock(self.clock)
        return found

    def _wrong_clock(self, clock: str) -> list[tuple[str, str]]:
        if self.metric in METRICS and not METRICS[self.metric].clock:
            return [("clock", f"{self.metric} has no clock points to choose; leave clock out.")]
        try:
            clock_points(clock)
        except ValueError as error:
            return [("clock", str(error))]
        return []

    @property
    def row(self) -> Metric:
        """The metric's row with these settings in it."""
        row = METRICS[self.metric]
        stops = set(row.stops)
        if "agent_public" in stops and not row.clock:
            stops |= {"auto_reply"} if self.auto_reply_counts else set()
            stops |= {"agent_internal"} if self.internal_counts else set()
        starts = frozenset(stops) if row.starts == REPLY else row.starts
        clock = self.clock or row.clock
        if clock:
            start, stop = clock_points(clock)
            starts, stops = frozenset({start}), {stop}
            if "first_agent_message" in stops:
                stops.add("agent_public")
        return replace(
            row,
            starts=starts,
            stops=frozenset(stops),
            pause_on=row.pause_on if self.pause_on is None else frozenset(self.pause_on),
            count_as=self.count_as or row.count_as,
            clock=clock,
        )


@dataclass(frozen=True, eq=False)
class Meaning:
    """What each of E events means to one clock.

    bits    (E,) uint8  BEGINS, STARTS, STOPS ...
    status  (E,) int8   NO_STATUS, RUNS, PAUSES, SOLVED
    """

    bits: NDArray[np.uint8]
    status: NDArray[np.int8]


def meaning(clock: TicketClock, events: EventTable) -> Meaning:
    """The table's row, read for every event of an event table."""
    row = clock.row
    by_kind = np.zeros(len(KINDS), np.uint8)
    for name, bit in _bits(row):
        by_kind[KINDS.index(name)] |= bit
    bits = by_kind[events.kind]
    created = events.kind == KINDS.index("created")
    if row.clock:
        bits[_stands_in(events, clock_points(row.clock)[0])] |= BEGINS
    else:
        agents = events.made_by_agent()
        if agents.any():
            by_agent = agents[events.ticket]
            bits[created & by_agent] &= ~np.uint8(BEGINS | ASKS_FIRST)
            if "created" in row.starts and row.stops & REPLY:
                bits[by_agent & (events.kind == KINDS.index("customer_message"))] |= STARTS
            elif "created" in row.starts:
                bits[created & by_agent] |= BEGINS
    nobody = events.value < 0
    bits[nobody & (events.kind == KINDS.index("assigned"))] &= ~np.uint8(STOPS)

    by_status = np.full(len(STATUSES) + 1, RUNS, np.int8)
    for name in row.pause_on:
        by_status[STATUSES.index(name)] = PAUSES
    for name in SOLVING:
        by_status[STATUSES.index(name)] = SOLVED
    sets = created | (events.kind == KINDS.index("status"))
    status = np.where(sets, by_status[np.clip(events.value, -1, len(STATUSES))], NO_STATUS)
    return Meaning(bits, status.astype(np.int8))


def _bits(row: Metric) -> list[tuple[str, int]]:
    """(event kind, bit) for all that a row says."""
    # A call answered at once starts and stops in one instant, as a ticket may be created and answered in one.
    begins = _CREATED if not row.clock else row.starts
    said = [(name, BEGINS if name in begins else STARTS) for name in row.starts]
    said += [(name, STOPS) for name in row.stops]
    said += [("abandoned", CLOSES), ("deleted", CANCELS)]
    if row.after_reply:
        said += [("created", ASKS_FIRST), ("customer_message", ASKS)]
        said += [(name, ANSWERS) for name in row.stops]
    return said


def _stands_in(events: EventTable, point: str) -> Bools:
    """Creations of tickets that never report ``point``: there the clock starts at creation."""
    reported = np.zeros(events.tickets, bool)
    reported[events.ticket[events.kind == KINDS.index(point)]] = True
    chosen: Bools = (events.kind == KINDS.index("created")) & ~reported[events.ticket]
    return chosen
