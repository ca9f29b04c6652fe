"""Simulates the reference cases and sets every exact value beside our range for it.

    python tests/reference_study.py                  every case, service levels to +-0.005 (some minutes)
    python tests/reference_study.py --quick          as in CI: a few costly cases to a wider bar
    python tests/reference_study.py --quick NAME...  the cases whose names contain one of these

A case is a scenario file (``reference_centres``), simulated by ``slasim.simulate`` with the fast engine until its
service levels are known to the bar; every number it expects is then held against the range at 99.9 %. What the
model cannot express stands in ``NOT_SIMULATED`` with its reason.
"""

from __future__ import annotations

import itertools
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import reference_centres as centres
from reference import case, cases, expected
from reference_centres import FORMULAS, Case, Days, metric_name
from reference_floor import bilingual, preempted, retrials_chat_email
from reference_ranges import (
    BAR,
    CHANCE_BAR,
    LEVEL,
    SURE,
    Check,
    at_level,
    by_threshold,
    checked,
    checks_of_steady,
    counted,
    label,
    one_less,
    over,
    per_replication,
    simulated,
    single,
    steady_estimate,
)

import slasim as sl
from slasim.contactlog import ABANDONED, ANSWERED
from slasim.outcome import estimates
from slasim.outcome.estimates import Estimate, clopper_pearson
from slasim.study import measures

TOPICS = (
    "erlang", "general_distributions", "priorities", "multi_skill", "time_varying",
    "published_simulations", "finite_horizon_sla", "retrials_chat_email",
    "bilingual",
)  # fmt: skip

NOT_SIMULATED = {
    ("time_varying", "rate"): "an input, repeated in the series",
    ("time_varying", "agents"): "an input, repeated in the series",
    ("erlang", "n_required"): "a search, not a simulation: held by the closed forms",
    (
        "finite_horizon_sla",
        "normal_approximation_of_p_day_met",
    ): "an approximation of the chance, shown beside it",
}
"""(topic, expected value) that no simulation of ours can show, and why."""

OTHER_RULE = "sharp_drop_requeue_rule"
"""The case of another staffing rule: our result must not agree with it."""

QUICK = {
    "tijms_p200_c100_rho095": 0.01,
    "gmr_erlangC_50agents_48permin": 0.01,
    "erlangC_large_tight": 0.01,
    "contactcenters_SimpleMSK": 0.01,
}
"""Cases that CI simulates to a wider bar than BAR; all others meet BAR there too."""

QUICK_DAYS = {
    "day_8h_80_20_n13_barely_missed_on_average": 4,
    "day_8h_80_30_n33_patience": 5,
    "half_hour_80_percent_immediate_n14": 2,
    "two_hours_80_percent_immediate_patience": 2,
    "day_8h_80_20_n14": 2,
}
"""Cases of which CI simulates that many times fewer days; CHANCE_BAR then widens by the root."""


@dataclass(frozen=True)
class Found:
    """A case, simulated: its checks, and the processor's seconds they took."""

    name: str
    checks: tuple[Check, ...]
    seconds: float


# ---------------------------------------------------------------------- steady topics


def erlang(found: Case, bar: float) -> Iterator[Check]:
    inputs, want = found["inputs"], expected(found)
    if "service_rate" in inputs:  # plain rates: one unit of time is an hour
        inputs = {
            "arrivals_per_hour": inputs["arrival_rate"],
            "mean_handle_time_s": 3600 / inputs["service_rate"],
            "agents": inputs["agents"],
        }
        centre = centres.one_queue(
            {"name": found["name"], "inputs": inputs}, whats=["sl_offered"], thresholds_s=[0]
        )
        result = simulated(centre, bar)
        yield from checks_of_steady(found, result, bar, skip=["mean_time_in_system"])
        counts = result.tally.counts(None)
        inside = estimates.pooled(
            counts.wait_all + counts.handled, counts.offered, level=LEVEL, share=False
        )
        yield checked(
            found["name"], "mean_time_in_system", want["mean_time_in_system"], inside, unit=3.6e6
        )
        return
    if (
        "offered_load_erlang" in inputs and "p_blocked" in want
    ):  # loss, insensitive to the law of handling
        lines = inputs.get("lines", want.get("n_required"))
        plain = {
            "arrivals_per_hour": inputs["offered_load_erlang"] * 20,
            "mean_handle_time_s": 180,
            "agents": lines,
        }
        result = simulated(
            centres.one_queue({"name": found["name"], "inputs": plain}, whats=["sl_offered"],
                              thresholds_s=[0], law={"lognormal": {"mean": "180s", "cv": 0.9}},
                              lines=lines),
            bar,
        )  # fmt: skip
        yield from checks_of_steady(found, result, bar, skip=["n_required"])
        return
    if "offered_load_erlang" in inputs:
        load, unit = inputs["offered_load_erlang"], 60
        plain = {
            "arrivals_per_hour": load * 60,
            "mean_handle_time_s": unit,
            "agents": inputs["agents"],
        }
        result = simulated(
            centres.one_queue({"name": found["name"], "inputs": plain}, whats=["sl_offered"],
                              thresholds_s=[0, 0.6 * unit]),
            bar,
        )  # fmt: skip
        yield from checks_of_steady(
            found, result, bar,
            skip=["mean_wait_delayed_in_handle_times", "share_of_delayed_waiting_over_0_6_handle_times"],
        )  # fmt: skip
        counts = result.tally.counts(None)
        delayed = counts.offered - counts.answered_within(0)
        longer = counts.offered - counts.answered_within(600 * unit)
        yield checked(
            found["name"], "share_of_delayed_waiting_over_0_6_handle_times",
            want["share_of_delayed_waiting_over_0_6_handle_times"],
            estimates.pooled(longer, delayed, level=LEVEL),
        )  # fmt: skip
        wait, _ = steady_estimate(result, "mean_wait_delayed_s", None)
        yield checked(
            found["name"], "mean_wait_delayed_in_handle_times",
            want["mean_wait_delayed_in_handle_times"], wait, unit=1000.0 * unit,
        )  # fmt: skip
        return
    keys: dict[str, Any] = {}
    if "waiting_room" in inputs:
        keys["queue_limit"] = inputs["waiting_room"]
    if "balking_probability" in inputs:
        keys["hangs_up_at_once"] = inputs["balking_probability"]
    whats = [key for key in want if key in FORMULAS]
    result = simulated(
        centres.one_queue(found, whats=whats, thresholds_s=[inputs["threshold_s"]], **keys), bar
    )
    yield from checks_of_steady(found, result, bar)


def general_distributions(found: Case, bar: float) -> Iterator[Check]:
    inputs, want = found["inputs"], expected(found)
    law = centres.LAWS[inputs["handle_time"]] if "handle_time" in inputs else None
    patience = centres.LAWS[inputs["patience"]] if "patience" in inputs else None
    whats = [key for key in want if key in FORMULAS] or ["sl_offered"]
    cv = 1.9 if "hyperexponential" in (law or {}) else 1.0
    centre = centres.one_queue(
        found, whats=whats, thresholds_s=[inputs.get("threshold_s", 0)], law=law, patience=patience,
        cv=cv,
    )  # fmt: skip
    yield from checks_of_steady(found, simulated(centre, bar), bar)


def priorities(found: Case, bar: float) -> Iterator[Check]:
    inputs, want = dict(found["inputs"]), expected(found)
    names = {"nonpreemptive_mean_wait_s": 1.0, "nonpreemptive_mean_wait": 3600.0}
    if "service_rate" in inputs:  # plain rates: one unit of time is an hour
        inputs["arrivals_per_hour"] = inputs["arrival_rates"]
        inputs["mean_handle_time_s"] = 3600 / inputs["service_rate"]
    levels = want.get("sl_offered", {"within_0_s": None})
    thresholds = [t for t, _ in by_threshold(found, levels)]
    centre = centres.priorities({"name": found["name"], "inputs": inputs}, thresholds)
    result = simulated(centre, bar)
    queues = list(centre.queues)
    preemptive = [key for key in want if key.startswith("preemptive")]
    yield from checks_of_steady(found, result, bar, queues=queues, skip=[*names, *preemptive])
    for what, times in names.items():
        for queue, exact in over(want[what], queues) if what in want else []:
            wait = result.estimate("mean_wait", queue=queue)
            yield checked(found["name"], label(what, queue), exact, wait, unit=1000 * times)
    if preemptive:
        yield from preempted({**found, "inputs": inputs})


def multi_skill(found: Case, bar: float) -> Iterator[Check]:
    thresholds = [t for t, _ in by_threshold(found, expected(found)["sl_offered"])]
    centre = centres.multi_skill(found, thresholds)
    result = simulated(centre, bar)
    yield from checks_of_steady(found, result, bar, queues=list(centre.queues))


# ---------------------------------------------------------------------- days


@dataclass(frozen=True)
class Folded:
    """A result of many days in each replication, by period of the day. Sums are by batch of replications."""

    days: Days
    result: sl.Result

    @property
    def simulated_days(self) -> Any:
        """(B,) days in each batch."""
        sizes = self.result.tally.sizes
        return sizes[sizes > 0] * self.days.days

    def fold(self, by_interval: Any) -> Any:
        """(B, I) to (B, P): the same period of all days together; what falls outside all is left out."""
        each = np.asarray(by_interval).reshape(-1, self.days.days, self.days.cycle).sum(axis=1)
        edges = np.concatenate(([0], np.cumsum(self.days.periods)))
        return np.stack([each[:, a:b].sum(axis=1) for a, b in itertools.pairwise(edges)], 1)

    def ratio(self, metric: str, period: int | None, **settings: Any) -> Estimate:
        """A metric over one period of the day, or over the day."""
        asked = measures.ask(self.result.scenario, metric, None, **settings)
        above, below = (self.fold(part) for part in self.result.parts_by_interval(asked))
        return self.of(above, below, period, share=asked.share)

    def of(self, above: Any, below: Any, period: int | None, *, share: bool) -> Estimate:
        chosen = slice(None) if period is None else slice(period, period + 1)
        return estimates.pooled(
            above[:, chosen].sum(axis=1), below[:, chosen].sum(axis=1), level=LEVEL, share=share,
            replications=self.result.replications,
        )  # fmt: skip

    def per_day(self, amount: Any, period: int | None = None) -> Estimate:
        """Expected amount of a day; (B, P)."""
        days = np.broadcast_to(self.simulated_days[:, None] / amount.shape[1], amount.shape)
        if period is not None:
            days = days * amount.shape[1]
        return self.of(amount, days, period, share=False)


DAY_REPLICATIONS = {
    "warm_up_from_empty": 832,
    "half_hours_up_and_down_patience": 832,
    "sharp_drop_while_busy": 768,
    "no_patience_recovers_after_overload": 2560,
    "sinusoid_no_patience": 2560,
}
"""Replications of 25 days each, for +-0.005 in every period's service level."""


def time_varying(found: Case, bar: float, replications: int | None = None) -> Iterator[Check]:
    days, name = centres.time_varying(found), found["name"]
    runs = replications or DAY_REPLICATIONS[name]
    result = at_level(sl.simulate(days.scenario, replications=runs, seed=2026))
    folded = Folded(days, result)
    counts = result.tally.counts_by_interval(None)
    busy = folded.fold(result.tally.times_by_interval(None).busy)
    length = found["inputs"]["period_s"] * 1000.0
    for p, want in enumerate(found["expected"]["periods"]):
        for what, exact in want.items():
            seen = None
            if what.startswith("sl_"):
                formula, t = what.rsplit("_", 1)
                seen = folded.ratio(metric_name(formula, float(t[:-1])), p)
            elif what == "p_wait":
                seen = one_less(folded.ratio(metric_name("sl_offered", 0), p))
            elif what == "arrivals":
                seen = folded.per_day(folded.fold(counts.offered), p)
            elif what == "busy_agents_time_average":
                seen = folded.per_day(busy / length, p)
            if seen is not None:
                own = bar if what.startswith(("sl_", "p_wait")) else math.inf
                yield checked(name, f"{what} period {p}", exact, seen, bar=own)
    for what, exact in found["expected"]["day"].items():
        if what.startswith("sl_"):
            formula, t = what.rsplit("_", 1)
            yield checked(name, f"{what} day", exact,
                          folded.ratio(metric_name(formula, float(t[:-1])), None), bar=bar)  # fmt: skip
        elif what == "mean_wait_all_s":
            yield checked(name, f"{what} day", exact, folded.ratio("mean_wait", None), unit=1000.0)
        elif what == "occupancy_while_open":
            yield checked(name, f"{what} day", exact, folded.ratio("occupancy", None))
        else:
            amount = {"arrivals": "offered", "served": "answered", "abandoned": "abandoned"}[what]
            seen = folded.per_day(folded.fold(getattr(counts, amount)))
            yield checked(name, f"{what} day", exact, seen)
    yield from checks_by_the_clock(found, days, result)


CLOCK_LOGS = 64


def checks_by_the_clock(found: Case, days: Days, result: sl.Result) -> Iterator[Check]:
    """Queue, abandonments and states of the centre by the clock, from the contact logs."""
    name = found["name"]
    interval = result.scenario.interval
    starts = np.arange(days.days, dtype=np.int64) * days.cycle * interval
    edges = np.concatenate(([0], np.cumsum(days.periods))) * interval
    series = found["expected"].get("series", [])
    instants = np.array([round(state["t"] * 1000) for state in series], np.int64)
    queue_ms, lost = [], []
    states: dict[str, list[Any]] = {"mean_queue": [], "mean_busy": [], "busy": []}
    for r in range(min(result.replications, CLOCK_LOGS)):
        log = result.log(r)
        answered = log.outcome == ANSWERED
        came, left, done = np.sort(log.arrived), np.sort(log.left), np.sort(log.finished[answered])
        begun = np.sort(log.left[answered])
        gone = np.sort(log.left[log.outcome == ABANDONED])
        at = (starts[:, None] + edges).ravel()
        waited = np.diff((_clipped(left, at) - _clipped(came, at)).reshape(days.days, -1), axis=1)
        queue_ms.append(waited.sum(axis=0))
        lost.append(np.diff(np.searchsorted(gone, at).reshape(days.days, -1), axis=1).sum(axis=0))
        at = starts[:, None] + instants
        waiting = np.searchsorted(came, at, "right") - np.searchsorted(left, at, "right")
        busy = np.searchsorted(begun, at, "right") - np.searchsorted(done, at, "right")
        states["mean_queue"].append(waiting.sum(axis=0))
        states["mean_busy"].append(busy.sum(axis=0))
        states["busy"].append(busy)
    for p, want in enumerate(found["expected"]["periods"]):
        length = float(edges[p + 1] - edges[p])
        for what, amount in (
            ("mean_queue_time_average", np.array(queue_ms)[:, p] / length),
            ("abandoned_during", np.array(lost)[:, p]),
        ):
            if what not in want:
                continue
            seen = per_replication(result, amount, days.days)
            yield checked(name, f"{what} period {p}", want[what], seen)
    number = np.array(states["busy"])
    queue, busy_now = np.array(states["mean_queue"]), np.array(states["mean_busy"])
    for k, state in enumerate(series):
        of_days = np.full(len(number), days.days)
        at = f"at {state['t']:g} s"
        for what, amount in (
            ("mean_queue", queue[:, k]),
            ("mean_busy", busy_now[:, k]),
            ("mean_in_system", queue[:, k] + busy_now[:, k]),
        ):
            yield checked(
                name, f"{what} {at}", state[what], per_replication(result, amount, days.days)
            )
        for what, met in (
            ("p_all_busy", number[:, :, k] >= state["agents"]),
            ("p_more_busy_than_staffed", number[:, :, k] > state["agents"]),
        ):
            if what in state:
                seen = estimates.pooled(met.sum(axis=1), of_days, level=LEVEL)
                yield checked(name, f"{what} {at}", state[what], seen)


def _clipped(values: Any, at: Any) -> Any:
    """Sum of min(value, t) over sorted values, for each t."""
    sums = np.concatenate(([0], np.cumsum(values)))
    below = np.searchsorted(values, at)
    return sums[below] + (values.size - below) * at


def published_simulations(found: Case, bar: float) -> Iterator[Check]:
    name, want = found["name"], found["expected"]
    if name == "contactcenters_MMC":
        days = centres.hours_from_empty(
            found, 8, interval_s=3600, days=10, metrics=centres.service_levels([20], ["sl_offered"])
        )
        folded = Folded(days, simulated(days.scenario, bar))
        counts = folded.result.tally.counts_by_interval(None)
        yield checked(name, "good_calls", want["good_calls"],
                      folded.per_day(folded.fold(counts.answered_within(20_000))))  # fmt: skip
        yield checked(name, "sl", want["sl"], folded.ratio("sl_offered_20s", None), bar=bar)
        wait = folded.ratio("mean_wait", None)
        yield checked(name, "mean_wait_all_s", want["mean_wait_all_s"], wait, unit=1000.0)
        yield checked(name, "occupancy_while_open", want["occupancy_while_open"],
                      folded.ratio("occupancy", None))  # fmt: skip
    elif name == "contactcenters_MMCBlocked":
        days = centres.hours_from_empty(
            found, 8, interval_s=3600, days=10, queue_limit=found["inputs"]["waiting_room"],
            metrics=centres.service_levels([20], ["sl_offered", "sl_answered"]),
        )  # fmt: skip
        folded = Folded(days, at_level(sl.simulate(days.scenario, replications=384, seed=2026)))
        counts = folded.result.tally.counts_by_interval(None)
        yield checked(name, "blocked", want["blocked"], folded.per_day(folded.fold(counts.blocked)))
        good = folded.per_day(folded.fold(counts.answered_within(20_000)))
        for what, seen, unit in (
            ("blocked", folded.per_day(folded.fold(counts.blocked)), 1.0),
            ("good_calls", good, 1.0),
            ("sl_of_served", folded.ratio("sl_answered_20s", None), 1.0),
            ("sl_of_offered", folded.ratio("sl_offered_20s", None), 1.0),
            ("occupancy", folded.ratio("occupancy", None), 1.0),
        ):
            yield printed(found, what, seen, unit)
    elif name == "contactcenters_CallCC_random_busyness":
        days = centres.random_busyness(found)
        folded = Folded(days, simulated(days.scenario, bar))
        counts = folded.result.tally.counts_by_interval(None)
        good = folded.ratio("sl_incl_short_abandon_20s", None)
        yield checked(name, "sl_answered_or_abandoned_within_20s",
                      want["sl_answered_or_abandoned_within_20s"], good, bar=bar)  # fmt: skip
        yield checked(name, "sl_offered_20s", want["sl_offered_20s"],
                      folded.ratio("sl_offered_20s", None), bar=bar)  # fmt: skip
        yield checked(name, "p_abandon", want["p_abandon"], folded.ratio("abandonment_rate", None))
        wait = folded.ratio("mean_wait", None)
        yield checked(name, "mean_wait_all_s", want["mean_wait_all_s"], wait, unit=1000.0)
        yield checked(name, "served", want["served"],
                      folded.per_day(folded.fold(counts.answered)))  # fmt: skip
    elif name == "contactcenters_SimpleMSK":
        with tempfile.TemporaryDirectory() as folder:
            result = simulated(centres.simple_msk(found, Path(folder)), bar)
        counts = result.tally.counts(None)
        for what, amount in (("served", counts.answered), ("abandoned", counts.abandoned)):
            yield counted(name, what, want[what], per_replication(result, amount))
        yield counted(name, "sl", want["sl"], result.estimate("sl_excl_short_abandon_20s"), bar=bar)
        sizes = result.tally.sizes[result.tally.sizes > 0]
        for k, by_period in enumerate(want["good_by_type_period"]):
            good = result.tally.counts_by_interval(f"t{k}").answered_within(20_000)
            for p, value in enumerate(by_period):
                seen = estimates.pooled(good[:, p], sizes, level=LEVEL, share=False)
                yield counted(name, f"good_by_type_period {k},{p}", value, seen)
    else:
        result = at_level(sl.simulate(centres.telethon(found), replications=3000, seed=2026))
        counts = result.tally.counts(None)
        for what, amount in {
            "arrivals": counts.offered + counts.blocked,
            "served": counts.answered,
            "abandoned": counts.abandoned,
            "messages": counts.voicemail,
            "cut_at_closing": counts.closed,
            "good_within_60s": counts.answered_within(60_000),
        }.items():
            yield counted(name, what, want[what], per_replication(result, amount))
        yield checked(name, "mean_wait_served_minutes", want["mean_wait_served_minutes"],
                      result.estimate("asa"), unit=60_000.0, error=3e-5)  # fmt: skip


def printed(found: Case, what: str, seen: Estimate, unit: float = 1.0) -> Check:
    """A figure that somebody else's program printed, with its own interval (rounded to 3 decimals)."""
    theirs = found["published"]["values"][what]
    low, high = theirs["interval"]
    times = {0.95: 1.96, 0.9: 1.645}[theirs["level"]]
    error = math.hypot((high - low) / 2 / times, 0.0005 / 3)
    return checked(found["name"], f"published {what}", theirs["mean"], seen, unit=unit, error=error)


# ---------------------------------------------------------------------- one day's service level


MOST_DAYS = {
    "half_hour_80_percent_immediate_n14": 80_000,
    "two_hours_80_percent_immediate_patience": 40_000,
    "day_8h_80_20_n14": 12_000,
    "half_hour_80_20_n14": 40_000,
    "day_8h_80_20_n13_barely_missed_on_average": 30_000,
    "day_8h_80_30_n33_patience": 34_000,
    "share_of_days_that_can_meet_80_20": 24_000,
}
"""Days (or half hours) that each case needs."""


def finite_horizon_sla(found: Case, bar: float, quick: bool = False) -> Iterator[Check]:
    inputs, name, want = found["inputs"], found["name"], found["expected"]
    if name == "share_of_days_that_can_meet_80_20":
        yield from days_that_can_meet(found, bar, quick)
        return
    t, target = inputs.get("threshold_s", 0), inputs["target_share"]
    levels = centres.service_levels([t], ["sl_offered"])
    metric = metric_name("sl_offered", t)
    per_replication_days = 30
    if inputs.get("start") == "steady":
        centre = centres.scenario(
            name,
            {
                "calls": {
                    "arrivals": {"per_hour": inputs["arrivals_per_hour"]},
                    "handle_time": centres.exponential(inputs["mean_handle_time_s"]),
                }
            },
            {"agents": {"takes": {"calls": 1}, "staffing": inputs["agents"]}},
            length_s=centres.DAY_S * 10,
            interval=centres.seconds(inputs["horizon_s"]),
            metrics=levels,
            warm_up="4h",
        )
        period, per_replication_days = "interval", 480
    else:
        hours = inputs["horizon_s"] / 3600
        step = min(inputs["horizon_s"], 7200)
        days = centres.hours_from_empty(
            found, hours, interval_s=step, days=per_replication_days, metrics=levels
        )
        centre, period = days.scenario, "day"
    fewer = QUICK_DAYS.get(name, 1) if quick else 1
    runs = max(100, math.ceil(MOST_DAYS[name] / fewer / per_replication_days))
    result = at_level(sl.simulate(centre, replications=runs, seed=2026))
    ask: dict[str, Any] = {"period": period}
    met = result.estimate(metric, reading="chance", target=target, **ask)
    yield single(name, "p_day_met", want["p_day_met"], met, bar=CHANCE_BAR * math.sqrt(fewer))
    if "sl_pooled" in want:
        yield single(name, "sl_pooled", want["sl_pooled"], result.estimate(metric), bar=bar)
    else:
        always = centres.one_queue(found, whats=["sl_offered"], thresholds_s=[t])
        long_run = simulated(always, bar).estimate(metric)
        yield single(name, "long_run_share", want["long_run_share"], long_run, bar=bar)
    if "score_mean" in want:
        yield from checks_of_score(found, result, metric, period)
    if "mean_of_daily_sl" in want:
        daily = result.estimate(metric, reading="per_period", **ask)
        yield single(name, "mean_of_daily_sl", want["mean_of_daily_sl"], daily, bar=bar)
        yield from checks_of_spread(found, result, metric)


def checks_of_score(found: Case, result: sl.Result, metric: str, period: Any) -> Iterator[Check]:
    """Mean and variance of good calls less four times the others, over periods; the unit is the replication."""
    name, want = found["name"], found["expected"]
    above, below = result.by_period(measures.ask(result.scenario, metric), period)
    weight = found["inputs"]["target_share"] / (1 - found["inputs"]["target_share"])
    score = np.asarray(above) - weight * (np.asarray(below) - np.asarray(above))
    mean, square = score.mean(axis=1), (score**2).mean(axis=1)
    middle = float(mean.mean())
    for what, value, of_each in (
        ("score_mean", middle, mean),
        ("score_variance", float(square.mean()) - middle**2, square - 2 * middle * mean),
    ):
        side = SURE * float(of_each.std(ddof=1)) / math.sqrt(of_each.size)
        yield Check(name, what, want[what]["value"], value, value - side, value + side)


def checks_of_spread(found: Case, result: sl.Result, metric: str) -> Iterator[Check]:
    """Standard deviation and quantiles of a day's service level. Days from empty are independent."""
    name, want = found["name"], found["expected"]
    above, below = result.by_period(measures.ask(result.scenario, metric), "day")
    daily = np.asarray(above / below).ravel()
    sd = float(daily.std(ddof=1))
    fourth = float(((daily - daily.mean()) ** 4).mean())
    error = math.sqrt(max(fourth - sd**4, 0.0) / daily.size) / (2 * sd)
    side = SURE * error
    theirs = want["sd_of_daily_sl"]
    yield Check(name, "sd_of_daily_sl", theirs["value"], sd, sd - side, sd + side,
                error=theirs["standard_error"])  # fmt: skip
    their_days = int(found["verified"].split()[0].replace(",", ""))
    printed = 0.5e-4
    for share, quantile in zip((5, 25, 50, 75, 95), want["quantiles_5_25_50_75_95"], strict=True):
        less = int((daily < quantile - printed).sum())
        upto = int((daily <= quantile + printed).sum())
        low = float(clopper_pearson(less, daily.size, LEVEL)[0])
        high = float(clopper_pearson(upto, daily.size, LEVEL)[1])
        exact = share / 100
        value = min(max(exact, less / daily.size), upto / daily.size)
        yield Check(name, f"quantiles_5_25_50_75_95: days up to that of {share} %", exact, value, low, high,
                    error=math.sqrt(exact * (1 - exact) / their_days))  # fmt: skip


def days_that_can_meet(found: Case, bar: float, quick: bool) -> Iterator[Check]:
    """Erlang A at the factor 1 and at the largest that meets; random days of 24 h, from a steady start."""
    inputs, name, want = found["inputs"], found["name"], found["expected"]
    plain = {
        "name": name,
        "inputs": {
            "arrivals_per_hour": inputs["arrivals_per_hour_at_B_1"],
            **{k: inputs[k] for k in ("mean_handle_time_s", "mean_patience_s", "agents")},
        },
    }
    t, metric = inputs["threshold_s"], metric_name("sl_offered", inputs["threshold_s"])
    centre = centres.one_queue(plain, whats=["sl_offered"], thresholds_s=[t])
    usual = simulated(centre, bar).estimate(metric)
    yield single(name, "sl_at_factor_1", want["sl_at_factor_1"], usual, bar=bar)
    factor = want["largest_factor_that_meets"]["value"]
    most = simulated(centre.but({"queues.calls.volume": factor}), bar).estimate(metric)
    yield checked(
        name, f"largest_factor_that_meets: sl at {factor}", inputs["target_share"], most, bar=bar
    )
    random_days = centres.scenario(
        name,
        {
            "calls": {
                "arrivals": {"per_hour": plain["inputs"]["arrivals_per_hour"]},
                "handle_time": centres.exponential(inputs["mean_handle_time_s"]),
                "patience": centres.exponential(inputs["mean_patience_s"]),
            }
        },
        {"agents": {"takes": {"calls": 1}, "staffing": inputs["agents"]}},
        length_s=10 * centres.DAY_S, interval="24h", metrics=centres.service_levels([t], ["sl_offered"]),
        warm_up="24h", demand={"volume": {"day_cv": inputs["gamma_shape"] ** -0.5}, "correlation": 1},
    )  # fmt: skip
    days = MOST_DAYS[name] // (8 if quick else 1)
    result = at_level(sl.simulate(random_days, replications=days // 10, seed=2026))
    pooled = result.estimate(metric)
    yield single(name, "sl_call_weighted_over_days", want["sl_call_weighted_over_days"], pooled)
    met = result.estimate(metric, reading="chance", target=inputs["target_share"], period="day")
    yield single(name, "share_of_days_met", want["share_of_days_met"], met)


# ---------------------------------------------------------------------- all of them

SIMULATES: dict[str, Callable[..., Iterator[Check]]] = {
    "erlang": erlang,
    "general_distributions": general_distributions,
    "priorities": priorities,
    "multi_skill": multi_skill,
    "time_varying": time_varying,
    "published_simulations": published_simulations,
    "finite_horizon_sla": finite_horizon_sla,
    "retrials_chat_email": retrials_chat_email,
    "bilingual": bilingual,
}


def simulate_case(topic: str, name: str, *, quick: bool = False) -> Found:
    """One case. ``quick`` takes the wider bar that CI uses for the costly ones."""
    found = case(topic, name)
    began = time.process_time()
    bar = QUICK.get(name, BAR) if quick else BAR
    more = {"quick": quick} if topic == "finite_horizon_sla" else {}
    checks = tuple(SIMULATES[topic](found, bar, **more))
    return Found(name, checks, time.process_time() - began)


def all_names() -> list[tuple[str, str]]:
    """(topic, name) of every case that is simulated."""
    return [(t, c["name"]) for t in TOPICS for c in cases(t) if c["name"] != OTHER_RULE]


def most_misses(checks: int) -> int:
    """The most values outside their 99.9 % ranges that chance explains (1 time in 1,000 there are more)."""
    from scipy import stats

    return int(stats.binom.ppf(LEVEL, checks, 1 - LEVEL))


def line(check: Check) -> str:
    bar = "" if math.isinf(check.bar) else f"  +-{check.half_width:.4f} (bar {check.bar:g})"
    held = "  " if check.held else "X "
    return (
        f"  {held}{check.what:<52} exact {check.exact:>13.7g}  ours {check.value:>13.7g}"
        f"  [{check.low:.6g}, {check.high:.6g}]{bar}"
    )


def main(words: Sequence[str]) -> None:
    quick = "--quick" in words
    wanted = [word for word in words if not word.startswith("-")]
    seen: list[Check] = []
    for topic, name in all_names():
        if wanted and not any(word in name or word == topic for word in wanted):
            continue
        found = simulate_case(topic, name, quick=quick)
        print(f"{topic}: {name}  ({found.seconds:.1f} s)", flush=True)
        for check in found.checks:
            print(line(check), flush=True)
        seen += found.checks
    missed = [check for check in seen if not check.held]
    wide = [check for check in seen if check.half_width > check.bar]
    print(f"{len(seen)} values, {len(missed)} outside their range at {LEVEL:.1%} "
          f"(chance explains up to {most_misses(len(seen))}); {len(wide)} ranges wider than their bar")  # fmt: skip
    for check in missed:
        print(f"  outside: {check.case}: {check.what}")
    for check in wide:
        print(f"  wide: {check.case}: {check.what} +-{check.half_width:.4f}, bar {check.bar:g}")


if __name__ == "__main__":
    main(sys.argv[1:])
