"""The rules of ticket clocks read slowly: hour by hour, with sets, one `if` per sentence of the definition.

It shares nothing with the compiled loop but the words. Time is whole hours from Monday 2 June 2025, 00:00 UTC; the
office is open Monday to Friday from 9 to 17, or always.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

MONDAY = 1_748_822_400_000
HOUR = 3_600_000
END_OF_NEXT_DAY = "end of next business day"


def office(hour):
    return hour // 24 % 7 < 5 and 9 <= hour % 24 < 17


def always(hour):
    return True


@dataclass
class Cycle:
    start: int
    target: object
    hours: set = field(default_factory=set)  # in which it ran
    running: bool = True
    since: int = 0  # when the target, or the reopen, took effect
    breached_at: int | None = None
    stop: int | None = None
    state: str = ""
    had_target: bool = False
    now: int = 0


class Reading:
    def __init__(self, setting, opens, target_of):
        self.metric = setting["metric"]
        self.pause_on = setting.get("pause_on", self.usual_pauses())
        self.on_target_change = setting.get("on_target_change", "keep_elapsed")
        self.breach_memory = setting.get("breach_memory", "sticky")
        self.on_reopen = setting.get("on_reopen", "resume")
        self.count_as = setting.get("count_as", "not_applicable")
        self.auto = setting.get("auto_reply_counts", False)
        self.opens, self.target_of = opens, target_of

    def usual_pauses(self):
        return {
            "pausable_update": ["pending"], "requester_wait": ["pending"], "agent_work": ["pending", "on_hold"],
        }.get(self.metric, [])  # fmt: skip

    @property
    def resolution(self):
        return self.metric in ("requester_wait", "agent_work", "total_resolution")

    @property
    def update(self):
        return self.metric in ("periodic_update", "pausable_update")

    # ------------------------------------------------------------------ time

    def due(self, cycle):
        """The earliest hour at which the count reaches the target; None if it never does."""
        if cycle.target is None:
            return None
        if cycle.target == END_OF_NEXT_DAY:
            day = cycle.start // 24 + 1
            while not any(self.opens(24 * day + hour) for hour in range(24)):
                day += 1
            return max(24 * day + hour for hour in range(24) if self.opens(24 * day + hour)) + 1
        count = 0
        for hour in sorted(cycle.hours):
            count += self.opens(hour)
            if count == cycle.target:
                return hour + 1
        if not cycle.running:
            return None
        hour = cycle.now
        while True:
            count += self.opens(hour)
            hour += 1
            if count == cycle.target:
                return hour

    def elapsed(self, cycle):
        return sum(self.opens(hour) for hour in cycle.hours)

    # ------------------------------------------------------------------ the story

    def follow(self, events, horizon):
        """events: (hour, kind, value, attributes after it) in order; gives the cycles."""
        self.cycles, self.cycle, self.finished = [], None, None
        self.status, self.asked, self.answered = "new", False, False
        for hour, group in groupby(events, key=lambda event: event[0]):
            self.advance(hour)
            self.instant(hour, list(group))
        self.advance(horizon)
        if self.cycle:
            self.end(horizon, "horizon")
        return [cycle for cycle in self.cycles if cycle.had_target]

    def advance(self, hour):
        """Run until an hour, and notice a breach."""
        cycle = self.cycle
        if not cycle:
            return
        if cycle.running:
            cycle.hours |= set(range(cycle.now, hour))
        cycle.now = hour
        due = self.due(cycle)
        if cycle.breached_at is None and due is not None and due < hour:
            cycle.breached_at = max(due, cycle.since)

    def instant(self, hour, group):
        kinds = [kind for _, kind, _, _ in group]
        target = self.target_of(group[-1][3])
        statuses = [value for _, kind, value, _ in group if kind == "status"]
        created = [value for _, kind, value, _ in group if kind == "created"]
        new_status = self.strongest(statuses or created)
        replied = "agent_public" in kinds or (self.auto and "auto_reply" in kinds)
        solved = new_status in ("solved", "closed")

        if "created" in kinds:
            self.asked = True
            if self.metric in ("first_reply", "first_assign") or self.resolution:
                self.begin(hour, target)
        if self.cycle:
            stops = (
                replied
                if self.metric in ("first_reply", "next_reply") or self.update
                else any(kind == "assigned" and value for _, kind, value, _ in group)
                if self.metric == "first_assign"
                else False
            )
            if stops:
                self.end(hour, "stop")
            elif "deleted" in kinds:
                self.end(hour, "cancelled")
            elif solved:
                self.end(hour, "stop" if self.resolution or self.update else "closed")
            elif "abandoned" in kinds:
                self.end(hour, "closed")
        if self.asked and (replied or solved):
            self.answered = True

        was_solved = self.status in ("solved", "closed")
        self.status = new_status or self.status
        reopened = was_solved and self.status not in ("solved", "closed")
        pausing = self.status in self.pause_on
        if self.cycle:
            self.cycle.running = not pausing
        elif reopened and self.resolution and self.finished:
            self.reopen(hour, target, pausing)

        if "customer_message" in kinds:
            self.asked = True
            if self.metric == "next_reply" and self.answered and not self.cycle:
                self.begin(hour, target)
        if self.update and replied and not self.cycle and self.status not in ("solved", "closed"):
            self.begin(hour, target)
        if self.cycle and self.cycle.start != hour:
            self.retarget(hour, target)

    def strongest(self, statuses):
        def strength(status):
            return 3 if status in ("solved", "closed") else 2 if status in self.pause_on else 1

        return max(statuses, key=strength) if statuses else None

    def begin(self, hour, target):
        running = self.status not in self.pause_on
        self.cycle = Cycle(hour, target, running=running, since=hour, now=hour)
        self.cycle.had_target = target is not None
        self.cycles.append(self.cycle)

    def end(self, hour, how):
        cycle = self.cycle
        cycle.due = self.due(cycle)
        if how != "horizon":
            cycle.stop = hour
        if how == "cancelled" or (cycle.target is None and cycle.breached_at is None):
            cycle.state = "cancelled"
        elif how == "closed":
            cycle.state = {"missed": "breached"}.get(self.count_as, self.count_as)
        elif cycle.breached_at is not None:
            cycle.state = "breached"
        else:
            cycle.state = "open" if how == "horizon" else "met"
        self.finished = cycle if how == "stop" else None
        self.cycle = None

    def reopen(self, hour, target, pausing):
        if self.on_reopen == "first_only":
            return
        if self.on_reopen == "new_cycle":
            self.begin(hour, target)
            return
        cycle = self.cycle = self.finished
        if self.on_reopen == "continuous":
            cycle.hours |= set(range(cycle.stop, hour))
        if cycle.breached_at is None:
            cycle.since = hour
        cycle.stop, cycle.running, cycle.now = None, not pausing, hour

    def retarget(self, hour, target):
        cycle = self.cycle
        if target == cycle.target or (
            self.on_target_change == "freeze" and cycle.target is not None
        ):
            return
        if self.breach_memory == "final" and cycle.target is not None:
            cycle.breached_at = None
        if cycle.breached_at is None:
            cycle.since = hour
        if self.on_target_change == "restart":
            cycle.start, cycle.since, cycle.hours, cycle.breached_at = hour, hour, set(), None
        if self.on_target_change == "retroactive_no_pause":
            cycle.hours = set(range(cycle.start, hour))
        cycle.target = target
        cycle.had_target = cycle.had_target or target is not None


def judged(events, setting, opens, target_of, horizon):
    """(due, elapsed, state, breached_at, stop) of every cycle with a target, in hours."""
    found = []
    for cycle in Reading(setting, opens, target_of).follow(events, horizon):
        reading = Reading(setting, opens, target_of)
        breached = None
        if cycle.state == "breached":
            breached = cycle.stop if cycle.breached_at is None else cycle.breached_at
        found.append((cycle.due, reading.elapsed(cycle), cycle.state, breached, cycle.stop))
    return found
