"""The reference cases of the whole operation, simulated: redials, chats, e-mails behind calls, interrupted work.

What a tally does not keep (how long work that was interrupted took, who is about to call again) is counted from the
contact logs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import reference_centres as centres
import reference_floor_centres as floors
from reference import expected
from reference_centres import Case, metric_name
from reference_ranges import (
    LEVEL,
    SURE,
    Check,
    at_level,
    checked,
    checks_of_steady,
    counted,
    label,
    one_less,
    over,
    per_replication,
    played,
    simulated,
    steady_estimate,
)

import slasim as sl
from slasim.contactlog import ANSWERED, REDIAL, ContactLog
from slasim.outcome import estimates

CLOSE = 0.01
"""Half the range of a mean that was simulated for this case alone, as a share of the exact value."""


def retrials_chat_email(found: Case, bar: float) -> Iterator[Check]:
    inputs = found["inputs"]
    if "redial_probability" in inputs:
        yield from redials(found, bar)
    elif "windows" in inputs:
        yield from chat_windows(found)
    elif "total_completions_per_hour_by_level" in inputs:
        yield from chat_levels(found, bar)
    elif "waiting" in inputs:
        yield from backlog(found)
    else:
        yield from mails_behind_calls(found, bar)


REDIAL_LOGS = 48


def redials(found: Case, bar: float) -> Iterator[Check]:
    name, want = found["name"], expected(found)
    result = simulated(floors.redials(found), bar)
    counts, horizon = result.tally.counts(None), result.scenario.horizon
    offered = counts.offered + counts.blocked
    waiting = np.array(
        [about_to_redial(log, horizon) for log in played(result.scenario, REDIAL_LOGS)]
    )
    for what, seen, unit, own in (
        ("attempts_per_hour", per_replication(result, offered, horizon / 3.6e6), 1.0, math.inf),
        ("p_wait_per_attempt", one_less(result.estimate(metric_name("sl_offered", 0))), 1.0, bar),
        ("p_abandon_per_attempt", result.estimate("abandonment_rate"), 1.0, bar),
        ("p_caller_never_served", result.estimate("abandonment_rate", counts="callers"), 1.0, bar),
        ("mean_wait_per_attempt_s", result.estimate("mean_wait"), 1000.0, math.inf),
        ("mean_callers_about_to_redial", per_replication(result, waiting, horizon), 1.0, math.inf),
        ("occupancy", result.estimate("occupancy"), 1.0, bar),
    ):
        yield checked(name, what, want[what], seen, unit=unit, bar=own)


def about_to_redial(log: ContactLog, horizon: int) -> float:
    """ms inside the horizon between an attempt that was lost and the next one of the same caller."""
    order = np.lexsort((log.touch, log.contact))
    later, earlier = order[1:], order[:-1]
    again = (log.purpose[later] == REDIAL) & (log.contact[later] == log.contact[earlier])
    lost = np.clip(log.left[earlier[again]], 0, horizon)
    return float((np.clip(log.arrived[later[again]], 0, horizon) - lost).sum())


def chat_windows(found: Case) -> Iterator[Check]:
    """All three numbers follow from how long a chat lasts and how many end."""
    name, want, inputs = found["name"], expected(found), found["inputs"]
    result = at_level(sl.simulate(floors.chat_windows(found), replications=96, seed=2026))
    counts, horizon = result.tally.counts(None), result.scenario.horizon
    ended = per_replication(result, counts.answered, horizon)
    alone = inputs["agent_seconds_per_chat"] + inputs["customer_seconds_per_chat"]
    in_hand = per_replication(result, result.tally.times(None).in_hand, horizon)
    yield checked(name, "windows in hand", inputs["windows"], in_hand, bar=1e-3)
    lasted = estimates.pooled(counts.handled, counts.answered, level=LEVEL, share=False)
    for what, seen, unit in (
        ("chat_duration_s", lasted, 1000.0),
        ("effective_concurrency", ended, 1 / (1000.0 * alone)),
        ("agent_busy", ended, 1 / (1000.0 * inputs["agent_seconds_per_chat"])),
    ):
        yield checked(name, what, want[what], seen, unit=unit, bar=CLOSE * want[what])


def chat_levels(found: Case, bar: float) -> Iterator[Check]:
    name, want = found["name"], expected(found)
    result = simulated(floors.chat_levels(found), bar)
    own = ("mean_chats_per_agent", "mean_handle_time_s", "mean_idle_agents")
    yield from checks_of_steady(found, result, bar, skip=own)
    counts, times = result.tally.counts(None), result.tally.times(None)
    horizon, agents = result.scenario.horizon, found["inputs"]["agents"]
    handle = estimates.pooled(counts.handled, counts.answered, level=LEVEL, share=False)
    for what, seen, unit in (
        ("mean_chats_per_agent", per_replication(result, times.in_hand, horizon * agents), 1.0),
        ("mean_handle_time_s", handle, 1000.0),
        ("mean_idle_agents", per_replication(result, times.staffed - times.busy, horizon), 1.0),
    ):
        yield checked(name, what, want[what], seen, unit=unit)


def mails_behind_calls(found: Case, bar: float) -> Iterator[Check]:
    """Service levels are of the calls, and of e-mails by when they were started."""
    name, want = found["name"], expected(found)
    levels = {key: float(key.split("_")[-2]) for key in want["sl_offered"]}
    mails = [t for key, t in levels.items() if key.startswith("email")]
    result = simulated(floors.mails_behind_calls(found, levels["class0_within_20_s"], mails), bar)
    for key, t in levels.items():
        queue = "mails" if key.startswith("email") else "calls"
        seen = result.estimate(metric_name("sl_offered", t, queue))
        yield checked(name, f"sl_offered {key}", want["sl_offered"][key], seen, bar=bar)
    for what, exact in want.items():
        if what == "occupancy":
            yield checked(name, what, exact, result.estimate(what), bar=bar)
        elif what != "sl_offered":
            for queue, value in over(exact, ["calls", "mails"]):
                seen, unit = steady_estimate(result, what, queue)
                own = bar if what == "p_wait" else math.inf
                yield checked(name, label(what, queue), value, seen, unit=unit, bar=own)


BACKLOGS = 2000


def backlog(found: Case) -> Iterator[Check]:
    name, want = found["name"], expected(found)
    days = played(floors.backlog(found), BACKLOGS)
    clear = np.array([log.finished.max() for log in days]) / 1000.0
    mean, ones = want["mean_time_to_clear_s"], np.ones(clear.size)
    seen = estimates.pooled(clear, ones, level=LEVEL, share=False)
    yield checked(name, "mean_time_to_clear_s", mean, seen, bar=CLOSE * mean)
    spread = float(clear.std(ddof=1))
    fourth = float(((clear - clear.mean()) ** 4).mean())
    side = SURE * math.sqrt((fourth - spread**4) / clear.size) / (2 * spread)
    yield Check(name, "sd_of_time_to_clear_s", want["sd_of_time_to_clear_s"], spread,
                spread - side, spread + side)  # fmt: skip


# ---------------------------------------------------------------------- interrupted work


PREEMPTED_RUNS = 64


def preempted(found: Case, preempt: bool = True) -> Iterator[Check]:
    """Mean time from arrival to finish where work on a class is interrupted for those before it."""
    name, want = found["name"], expected(found)
    centre = centres.priorities({"name": name, "inputs": found["inputs"]}, [0], preempt=preempt)
    size = len(centre.queues)
    inside = np.array(
        [times_in_system(log, centre.horizon, size) for log in played(centre, PREEMPTED_RUNS)]
    )
    for what, less, unit in (
        ("preemptive_resume_mean_time_in_system_s", 0, 1000.0),
        ("preemptive_resume_mean_time_in_system_less_one_handle_time", 1, 3.6e6),
    ):
        for k, (queue, exact) in enumerate(
            over(want[what], list(centre.queues)) if what in want else []
        ):
            spent, handled, number = inside[:, k].T
            seen = estimates.pooled(spent - less * handled, number, level=LEVEL, share=False)
            yield checked(name, label(what, queue), exact, seen, unit=unit)


def times_in_system(log: ContactLog, horizon: int, queues: int) -> Any:
    """(Q, 3) ms from arrival to finish, ms of handling, and contacts, of those who came inside the horizon."""
    came = (log.arrived >= 0) & (log.arrived < horizon)
    assert (log.outcome[came] == ANSWERED).all()
    spent, handled = (log.finished - log.arrived)[came], log.handled[came]
    queue = log.queue[came]
    sums = [np.bincount(queue, by, queues) for by in (spent, handled, np.ones(spent.size))]
    return np.stack(sums, axis=1)


# ---------------------------------------------------------------------- two languages


WEEKS = 400


def bilingual(found: Case, bar: float) -> Iterator[Check]:
    """Counts of a week over both languages, beside those of a simulator that knows nothing of ours."""
    name, want = found["name"], found["expected"]
    centre, in_time = floors.bilingual(found), 1000 * found["inputs"]["threshold_s"]
    result = at_level(sl.simulate(centre, replications=WEEKS, seed=2026))
    counts, chains = result.tally.counts(None), result.tally.chain_counts(None)
    added_up = [waits_added_up(log, in_time) for log in played(centre, WEEKS)]
    for what, amount in {
        "arrivals": counts.offered + counts.blocked,
        "retrials": chains.attempts - chains.callers,
        "served": counts.answered,
        "disconnected": counts.closed,
        "abandoned": counts.abandoned,
        "good_last_attempt": counts.answered_within(in_time),
        "good_waits_added_up": np.array(added_up),
    }.items():
        yield counted(name, what, want[what], per_replication(result, amount))
    for g, group in enumerate(centre.groups):
        what = f"occupancy_group_{g}"
        yield counted(name, what, want[what], result.estimate("occupancy", group=group), bar=bar)


def waits_added_up(log: ContactLog, in_time: int) -> int:
    """Callers who were served and whose attempts together waited no longer than that."""
    together = np.bincount(log.contact, log.left - log.arrived)
    served = np.unique(log.contact[log.outcome == ANSWERED])
    return int((together[served] <= in_time).sum())
