"""A small simulator of one published centre, which knows nothing of ours: two languages, redials, one line.

    python tests/reference_bilingual.py 2400          weeks; prints both readings with standard errors

The centre is the example "Bilingual" of the ContactCenters library. Told as the library tells it (a caller keeps his
patience and his handle time when he calls again; a free agent is chosen at random) every number lies in the interval
that was printed there. Told as scenario files tell it (fresh patience and handle time; the agent who has been idle
longest) it gives the exact side of ``reference_cases/bilingual.yaml``. Times are in minutes.
"""

from __future__ import annotations

import heapq
import math
import random
import sys
from dataclasses import dataclass, field

NUMBERS = (
    "arrivals", "retrials", "served", "disconnected", "abandoned", "good_waits_added_up", "good_last_attempt",
)  # fmt: skip
STAFF = (7, 7, 4)
GROUPS_OF = ((0, 2), (1, 2))
TYPES_OF = ((0,), (1,), (0, 1))
HANDLING = ((3.0, 7.0), (4.0, 6.0))
PATIENCE, REDIAL_CHANCE, REDIAL_AFTER, IN_TIME = 2.0, 0.75, 20.0, 1.0
FIRST_HOUR, LATER = 100 / 60, 50 / 60
OPENS, CLOSES, DAYS = 8 * 60, 17 * 60, 5


@dataclass
class Caller:
    kind: int
    patience: float
    handling: float
    waited: float = 0.0
    attempts: int = 0


@dataclass
class Week:
    """One week from empty; ``as_library`` chooses the reading."""

    chance: random.Random
    as_library: bool
    counts: list[dict[str, int]] = field(
        default_factory=lambda: [dict.fromkeys(NUMBERS, 0) for _ in range(2)]
    )
    busy: list[float] = field(default_factory=lambda: [0.0] * 3)

    def run(self) -> Week:
        self.events: list[tuple[float, int, int, str, object]] = []
        self.number = 0
        self.idle: list[list[float]] = [[], [], []]  # since when
        self.lines: list[dict[int, tuple[float, Caller]]] = [{}, {}]
        self.on_duty = False
        for day in range(DAYS):
            opens, closes = 24 * 60 * day + OPENS, 24 * 60 * day + CLOSES
            self.plan(opens, 0, "opens", None)
            self.plan(closes, 0, "closes", None)
            for kind in range(2):
                self.callers(kind, FIRST_HOUR, opens, opens + 60)
                self.callers(kind, LATER, opens + 60, closes)
        while self.events:
            now, _, number, what, about = heapq.heappop(self.events)
            getattr(self, what)(now, number, about)
        return self

    def plan(self, at: float, phase: int, what: str, about: object) -> int:
        self.number += 1
        heapq.heappush(self.events, (at, phase, self.number, what, about))
        return self.number

    def callers(self, kind: int, rate: float, at: float, until: float) -> None:
        while (at := at + self.chance.expovariate(rate)) < until:
            patience = self.chance.expovariate(1 / PATIENCE)
            caller = Caller(kind, patience, self.chance.uniform(*HANDLING[kind]))
            self.plan(at, 1, "calls", caller)

    def opens(self, now: float, _: int, about: object) -> None:
        self.on_duty = True
        for group, number in enumerate(STAFF):
            self.idle[group] = [now] * number
            while self.idle[group] and self.takes(now, group):
                self.idle[group].pop(0)

    def closes(self, now: float, _: int, about: object) -> None:
        self.on_duty = False
        self.idle = [[], [], []]
        for line in self.lines:
            for _, caller in line.values():
                self.ends(caller, "disconnected")
            line.clear()

    def calls(self, now: float, _: int, caller: Caller) -> None:
        first, second = GROUPS_OF[caller.kind]
        free = len(self.idle[first]) + len(self.idle[second])
        if not free:
            if caller.attempts and not self.as_library:
                caller.patience = self.chance.expovariate(1 / PATIENCE)
            place = self.plan(now + caller.patience, 2, "gives_up", caller)
            self.lines[caller.kind][place] = (now, caller)
            return
        if self.as_library:
            group = first if self.chance.randrange(free) < len(self.idle[first]) else second
        else:
            longest = [min(self.idle[g], default=math.inf) for g in (first, second)]
            group = first if longest[0] <= longest[1] else second
        self.idle[group].remove(min(self.idle[group]))
        self.answers(now, group, caller, 0.0)

    def gives_up(self, now: float, place: int, caller: Caller) -> None:
        if place not in self.lines[caller.kind]:
            return
        came, _ = self.lines[caller.kind].pop(place)
        caller.waited += now - came
        self.ends(caller, "abandoned")
        if self.chance.random() < REDIAL_CHANCE:
            caller.attempts += 1
            self.plan(now + REDIAL_AFTER, 1, "calls", caller)

    def done(self, now: float, _: int, group: int) -> None:
        if self.on_duty and not self.takes(now, group):
            self.idle[group].append(now)

    def takes(self, now: float, group: int) -> bool:
        """The longest waiting of its types; False if nobody waits."""
        heads = [next(iter(self.lines[k].items())) for k in TYPES_OF[group] if self.lines[k]]
        if not heads:
            return False
        place, (came, caller) = min(heads, key=lambda head: head[1][0])
        del self.lines[caller.kind][place]
        self.answers(now, group, caller, now - came)
        return True

    def answers(self, now: float, group: int, caller: Caller, waited: float) -> None:
        caller.waited += waited
        if caller.attempts and not self.as_library:
            caller.handling = self.chance.uniform(*HANDLING[caller.kind])
        self.ends(caller, "served")
        count = self.counts[caller.kind]
        count["good_waits_added_up"] += caller.waited < IN_TIME
        count["good_last_attempt"] += waited < IN_TIME
        self.busy[group] += caller.handling
        self.plan(now + caller.handling, 0, "done", group)

    def ends(self, caller: Caller, how: str) -> None:
        """One attempt is over."""
        count = self.counts[caller.kind]
        count["arrivals"] += 1
        count["retrials"] += caller.attempts > 0
        count[how] += 1


def measured(weeks: int, *, as_library: bool, seed: int) -> dict[str, tuple[float, float]]:
    """(mean, standard error) of every number of a week, of both types together, and of each group's occupancy."""
    chance = random.Random(seed)
    found: dict[str, list[float]] = {}
    for _ in range(weeks):
        week = Week(chance, as_library).run()
        for name in NUMBERS:
            found.setdefault(name, []).append(sum(count[name] for count in week.counts))
        for group, number in enumerate(STAFF):
            share = week.busy[group] / (number * DAYS * (CLOSES - OPENS))
            found.setdefault(f"occupancy_group_{group}", []).append(share)
    summary = {}
    for name, values in found.items():
        mean = math.fsum(values) / weeks
        spread = math.fsum((value - mean) ** 2 for value in values) / max(weeks - 1, 1)
        summary[name] = mean, math.sqrt(spread / weeks)
    return summary


if __name__ == "__main__":
    for as_library in (True, False):
        print("as the library tells it" if as_library else "as scenario files tell it")
        for name, (mean, error) in measured(
            int(sys.argv[1]), as_library=as_library, seed=7
        ).items():
            print(f"  {name:<22} {mean:12.5f}  standard error {error:.5f}")
