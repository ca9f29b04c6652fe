"""The simulated months of the demo, and every number its screen shows.

Three studies of the whole month and one of week 4:

- chance alone (the table): the volumes are the bank's; what differs between months is who calls when, how long it
  takes and who is patient;
- volume uncertain, and volume, AHT and attendance uncertain (the promise), by the doubts the scenario states;
- week 4 once more with the AHT it really had: a what-if that says how much of its miss was longer calls.

At the end stands what may be signed: the recommendation for the month, made from weeks 1-3 (their own miss taken off),
and the same for week 4, held against what that week really made.

One run of the month gives every row of the table: its metrics are followed day by day. This file knows no words.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from slasim.demo import actual
from slasim.demo.actual import Actual
from slasim.errors import InputError
from slasim.metrics.ratio import ratio
from slasim.metrics.standard import ContactMetric, measure
from slasim.outcome import estimates
from slasim.outcome.tally import Period
from slasim.scenario import Scenario, load
from slasim.scenario.bundled import bundled
from slasim.study import Result, measures
from slasim.study.measures import Asked
from slasim.study.runs import Progress, Run

__all__ = ["Demo", "Figure", "Promise", "Row", "run"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

SCENARIO = "bank_1999"
SEED = 1
MONTHS, PROMISE, OFFER = 500, 1_000, 60
SPREAD = 0.95
"""The ranges of the table hold this share of the simulated months."""

COLUMNS = ("answered_in_20", "answered_in_30", "answered_in_60", "abandoned", "mean_wait")
"""The scenario's metrics, in the order of the table."""

PROMISED = "answered_in_30"
TARGET, THRESHOLD = 0.80, 30_000
SET_DAYS = 21
"""Weeks 1-3 set the model."""

SUN_TO_THU, FRI, SAT = (6, 0, 1, 2, 3), (4,), (5,)
_MONTHS_OF_AN_OFFER = 22
"""Simulated months of a recommendation for each of its own: levers and staffing besides (for progress only)."""

ENOUGH_CALLS = 100
"""An hour of the day with fewer real calls in the month is neither the hardest nor the best."""


@dataclass(frozen=True)
class Figure:
    """A metric predicted and actual: shares, or seconds. ``low`` and ``high`` hold 95 of 100 simulated months."""

    predicted: float
    low: float
    high: float
    actual: float


@dataclass(frozen=True)
class Row:
    """Some days of the month: offered calls (the bank's) and the five metrics of COLUMNS."""

    name: str
    part: Literal["set", "unseen", "month"]
    offered: int
    figures: tuple[Figure, ...]

    def figure(self, metric: str) -> Figure:
        return self.figures[COLUMNS.index(metric)]


@dataclass(frozen=True)
class Promise:
    """Can the target be promised per month? By simulated months, one value each, and by the real one."""

    months: int
    reached: int
    """of the months with all doubts, those that reach the target"""
    sure_low: float
    sure_high: float
    volume_only: float | None
    """the target met in 9 months of 10, certified, when volume alone is uncertain; None: too few months to say"""
    all_doubts: float | None
    own_error: float
    """by how much the model itself was too kind: the larger of its miss of the weeks that set it and of what the
    AHT leaves of week 4's miss (longer calls are among the doubts already); never below 0"""
    actual: float
    actual_days: int
    """days that reached the target, of ``days``"""
    days: int
    actual_half_hours: float
    """share of the half-hours with calls that reached the target"""

    @property
    def signable(self) -> float | None:
        return None if self.all_doubts is None else self.all_doubts - self.own_error


@dataclass(frozen=True)
class Signing:
    """What may be signed by the recommendation, and what week 4 makes of one that weeks 1-3 would have given."""

    months: int
    decision: str
    asked_chance: float
    """of months that reach the asked target, less the model's own miss of weeks 1-3"""
    target: float | None
    chance: float | None
    chance_low: float | None
    """what is offered instead, certified on fresh months; None: too few of them to say"""
    own_error: float
    """by how much the model was too kind to the very weeks that set it; taken off every promise"""
    weeks: int
    """simulated week 4s for each of the next two"""
    week_volume_only: float | None
    week_all_doubts: float | None
    """certified for week 4, 9 times of 10; None: too few weeks"""
    week_actual: float

    @property
    def week_signable(self) -> float | None:
        """What would have been signed for week 4."""
        return None if self.week_all_doubts is None else self.week_all_doubts - self.own_error

    @property
    def volume_only_failed_by(self) -> float | None:
        """By how much week 4 misses what volume error alone would have had us sign; below 0 it holds."""
        return None if self.week_volume_only is None else self.week_volume_only - self.week_actual


@dataclass(frozen=True)
class Demo:
    """All numbers of the demo; ``screen()`` says them in words. Shares 0..1, times in seconds."""

    name: str
    days: int
    offered: int
    availability: float
    rows: tuple[Row, ...]
    aht_set: float
    aht_unseen: float
    """seconds, actual"""
    unseen_with_its_aht: float
    """answered in 30 s in week 4, predicted with the AHT it really had: a what-if"""
    unexplained: float
    """what is left of week 4's miss in 30 s once its AHT is known: the model's own error there"""
    hours: tuple[tuple[str, float], ...]
    """(hour, actual answered in 30 s), Sun-Thu, worst first"""
    promise: Promise
    signing: Signing
    definitions: dict[str, float]
    """the real month's 30 s service level by formula"""
    demand: dict[str, dict[str, float]]
    """the doubts the scenario states: sizes of day and month for volume, aht, attendance"""
    replications: int
    seed: int
    seconds: float
    picture: Path | None
    """None when the folder could not be written"""
    warnings: tuple[str, ...] = field(default=())

    def row(self, name: str) -> Row:
        """By name: Sun-Thu, Fri, Sat (weeks 1-3), weeks 1-3, week 4, month."""
        return next(row for row in self.rows if row.name == name)

    def screen(self) -> str:
        """What `slasim demo` prints, at most 100 columns wide."""
        from slasim.demo.screen import screen

        return screen(self)

    def to_json(self) -> dict[str, Any]:
        """Stable keys; shares 0..1, times in seconds."""
        told = asdict(self)
        told["picture"] = None if self.picture is None else str(self.picture)
        told["promise"]["signable"] = self.promise.signable
        told["signing"]["week_signable"] = self.signing.week_signable
        told["signing"]["volume_only_failed_by"] = self.signing.volume_only_failed_by
        return told

    def __repr__(self) -> str:
        return self.screen()


# ------------------------------------------------------------------ from months to numbers


def run(folder: Path | str = ".", *, replications: int = MONTHS, promise: int | None = None,
        offer: int | None = None, seed: int = SEED, executor: int | Executor | None = None,
        progress: Progress | None = None) -> Demo:  # fmt: skip
    """Simulate the bundled bank month and write ``demo.png`` into ``folder``.

    ``replications`` simulated months for the table, ``promise`` (twice as many by default) for each set of doubts,
    ``offer`` for the recommendation (60 at most by default). ``progress(done, total)`` counts months, those of week 4
    as a quarter.
    """
    began = time.perf_counter()
    promise = 2 * replications if promise is None else promise
    offer = min(promise, OFFER) if offer is None else offer
    home = bundled(SCENARIO)
    centre, week_4 = load(home / "bank.yaml"), load(home / "week_4.yaml")
    happened = actual.read(home, centre)
    steps = _Steps(
        progress,
        replications
        + 2 * promise
        + replications // 4
        + 2 * (promise // 8)
        + _MONTHS_OF_AN_OFFER * offer,
    )
    follow = [measures.ask(centre, name) for name in COLUMNS]

    alone = _count(
        centre.but({"demand": None}), follow, replications, seed, executor, steps.next(replications)
    )
    rows = _rows(alone, follow, happened)
    picture, warnings = _picture(alone, happened, Path(folder))

    local = centre.grid.local
    day = (local.local_ms - local.local_ms[0]) // 86_400_000
    seen = day < SET_DAYS
    aht_set, aht_unseen = (happened.value(measure("aht"), part) for part in (seen, ~seen))
    longer = aht_unseen / _simulated_aht(alone, ~seen)
    changes = {f"queues.{queue}.aht": f"{longer - 1:+.4%}" for queue in centre.queue_names}
    what_if = _count(
        week_4.but({"demand": None, **changes}), [], replications, seed, executor,
        steps.next(replications // 4),
    )  # fmt: skip
    with_its_aht = what_if.estimate(PROMISED).value

    plain = centre.to_json()["demand"]
    doubted = [
        _values(one, "month", promise, seed, executor, steps.next(promise))
        for one in (_volume_only(centre), centre)
    ]
    unexplained = with_its_aht - _figure(rows, "week 4").actual
    fitted = _figure(rows, "weeks 1-3")
    own_error = max(fitted.predicted - fitted.actual, unexplained, 0.0)
    weekly = [
        _values(one, "horizon", promise // 2, seed, executor, steps.next(promise // 8))
        for one in (_volume_only(week_4), week_4)
    ]
    signing = _signing(
        centre, offer, max(fitted.predicted - fitted.actual, 0.0), weekly, _figure(rows, "week 4").actual, seed,
        executor, steps.next(_MONTHS_OF_AN_OFFER * offer),
    )  # fmt: skip
    return Demo(
        name=centre.name,
        days=int(day[-1]) + 1,
        offered=int(happened.columns["offered"].sum()),
        availability=next(iter(centre.groups.values())).to_phones,
        rows=rows,
        aht_set=aht_set / 1000,
        aht_unseen=aht_unseen / 1000,
        unseen_with_its_aht=with_its_aht,
        unexplained=unexplained,
        hours=_hours(centre, happened),
        promise=_promise(doubted[0], doubted[1], own_error, centre, happened),
        signing=signing,
        definitions=_definitions(happened),
        demand=_doubts(plain),
        replications=replications,
        seed=seed,
        seconds=time.perf_counter() - began,
        picture=picture,
        warnings=warnings,
    )


class _Steps:
    """One progress for several studies."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._before = progress, total, 0

    def next(self, size: int) -> Callable[[int, int], None] | None:
        """Progress of a study that counts as ``size`` months."""
        before, self._before = self._before, self._before + size
        told = self._progress
        if told is None:
            return None
        return lambda done, total: told(before + done * size // max(total, 1), self._total)


def _count(centre: Scenario, follow: list[Asked], replications: int, seed: int,
           executor: int | Executor | None, progress: Progress | None) -> Result:  # fmt: skip
    """A result whose metrics ``follow`` can be asked for day by day, in every replication."""
    layout = measures.layout(centre, followed=[(asked, "day") for asked in follow])
    tally = Run(centre, seed, layout).count(range(replications), executor, progress)
    return Result(centre, seed, "fast", tally)


def _values(centre: Scenario, period: Period, replications: int, seed: int,
            executor: int | Executor | None, progress: Progress | None) -> Floats:  # fmt: skip
    """(R,) the promised metric's value of each simulated month, or of the whole horizon."""
    result = _count(centre, [], replications, seed, executor, progress)
    above, below = result.by_period(measures.ask(centre, PROMISED), period)
    return ratio(above[:, 0], below[:, 0])


def _volume_only(centre: Scenario) -> Scenario:
    """The same where nothing is uncertain but the volume."""
    plain = centre.to_json()["demand"]
    return centre.but({"demand": {"volume": plain["volume"], "correlation": plain["correlation"]}})


def _signing(centre: Scenario, months: int, own_error: float, weekly: list[Floats], week_actual: float,
             seed: int, executor: int | Executor | None, progress: Progress | None) -> Signing:  # fmt: skip
    """The recommendation for this one month (no term is simulated), and week 4 held against its own."""
    from slasim import recommend

    tested = {"weeks": SET_DAYS // 7, "too_kind": {PROMISED: round(own_error, 6)}}
    asked = centre.but({"feasibility": {"back_test": tested}, "contract.term": {"months": 1}})
    made = recommend(asked, replications=months, seed=seed, executor=executor, progress=progress)
    (row,) = made.own()
    package = made.package_odds
    return Signing(
        months=months,
        decision=made.decision or "",
        asked_chance=row.asked_chance or 0.0,
        target=None if package is None else package.commitments[0].target,
        chance=None if package is None else package.chance.value,
        chance_low=None if package is None else package.chance_low,
        own_error=own_error,
        weeks=weekly[0].size,
        week_volume_only=estimates.certified_target(weekly[0]),
        week_all_doubts=estimates.certified_target(weekly[1]),
        week_actual=week_actual,
    )


def _rows(result: Result, follow: list[Asked], happened: Actual) -> tuple[Row, ...]:
    local = result.scenario.grid.local
    day = np.asarray((local.local_ms - local.local_ms[0]) // 86_400_000)
    weekday = np.asarray(local.weekday)
    seen = day < SET_DAYS
    every = np.ones_like(seen)
    parts: list[tuple[str, Literal["set", "unseen", "month"], Bools]] = [
        ("Sun-Thu", "set", seen & np.isin(weekday, SUN_TO_THU)),
        ("Fri", "set", seen & np.isin(weekday, FRI)),
        ("Sat", "set", seen & np.isin(weekday, SAT)),
        ("weeks 1-3", "set", seen),
        ("week 4", "unseen", ~seen),
        ("month", "month", every),
    ]
    by_day = {asked.name: result.by_period(asked, "day") for asked in follow}
    return tuple(
        Row(
            name,
            part,
            int(happened.columns["offered"][chosen].sum()),
            tuple(
                _predicted(
                    asked.measure, by_day[asked.name], np.unique(day[chosen]), happened, chosen
                )
                for asked in follow
            ),
        )
        for name, part, chosen in parts
    )


def _predicted(metric: ContactMetric, by_day: tuple[Any, Any], days: Any, happened: Actual,
               chosen: Bools) -> Figure:  # fmt: skip
    above, below = (np.asarray(part)[:, days].sum(axis=1) for part in by_day)
    own = ratio(above, below)
    low, high = np.nanquantile(own, [(1 - SPREAD) / 2, (1 + SPREAD) / 2])
    unit = 1000.0 if metric.unit == "time" else 1.0
    pooled = float(ratio(above.sum(), below.sum()))
    return Figure(
        pooled / unit, float(low) / unit, float(high) / unit, happened.value(metric, chosen) / unit
    )


def _figure(rows: tuple[Row, ...], name: str) -> Figure:
    return next(row for row in rows if row.name == name).figure(PROMISED)


def _simulated_aht(result: Result, chosen: Bools) -> float:
    above, below = result.parts_by_interval(measures.ask(result.scenario, "aht"))
    return float(ratio(above[:, chosen].sum(), below[:, chosen].sum()))


def _hours(centre: Scenario, happened: Actual) -> tuple[tuple[str, float], ...]:
    local = centre.grid.local
    hour = np.asarray(local.minute_of_day) // 60
    weekday = np.isin(np.asarray(local.weekday), SUN_TO_THU)
    metric = measures.ask(centre, PROMISED).measure
    found = []
    for h in range(24):
        chosen = weekday & (hour == h)
        if happened.columns["offered"][chosen].sum() >= ENOUGH_CALLS:
            found.append((f"{h:02d}:00", happened.value(metric, chosen)))
    return tuple(sorted(found, key=lambda one: one[1]))


def _promise(volume: Floats, doubted: Floats, own_error: float, centre: Scenario,
             happened: Actual) -> Promise:  # fmt: skip
    metric = measures.ask(centre, PROMISED).measure
    above, below = happened.by_interval(metric)
    day = np.asarray(measures.period_of(centre, "day"))
    by_day = ratio(np.bincount(day, above), np.bincount(day, below))
    by_interval = ratio(above, below)
    reached = int(estimates.reaches(doubted, TARGET, "higher").sum())
    return Promise(
        months=doubted.size,
        reached=reached,
        sure_low=float(estimates.at_least(reached, doubted.size)),
        sure_high=float(estimates.at_most(reached, doubted.size)),
        volume_only=estimates.certified_target(volume),
        all_doubts=estimates.certified_target(doubted),
        own_error=own_error,
        actual=float(ratio(above.sum(), below.sum())),
        actual_days=int(estimates.reaches(by_day, TARGET, "higher").sum()),
        days=int((~np.isnan(by_day)).sum()),
        actual_half_hours=float(
            estimates.reaches(by_interval, TARGET, "higher").sum() / (~np.isnan(by_interval)).sum()
        ),
    )


def _definitions(happened: Actual) -> dict[str, float]:
    every = np.ones_like(happened.columns["offered"], np.bool_)
    return {
        name: happened.value(measure("service_level", threshold=THRESHOLD, formula=name), every)
        for name in ("negative", "exclude_abandoned_within", "answered_only")
    }


def _doubts(demand: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {
        "volume": {"day": demand["volume"]["day_cv"], "month": demand["volume"]["bias_sd"]},
        "aht": {"day": demand["aht"]["day_cv"], "month": demand["aht"]["bias_sd"]},
        "attendance": {"day": demand["attendance"]["day_sd"]},
    }


def _picture(result: Result, happened: Actual, folder: Path) -> tuple[Path | None, tuple[str, ...]]:
    """demo.png: answered in 30 s by half-hour of the day, Sun-Thu, the actual as dots."""
    from slasim.show.cells import grid_of
    from slasim.show.plots import plot

    days = ["sun", "mon", "tue", "wed", "thu"]
    above, below = happened.by_interval(measures.ask(result.scenario, PROMISED).measure)
    grid = grid_of(result, "time", days)
    told = dict(
        zip(grid.labels, ratio(grid.summed(above), grid.summed(below)).tolist(), strict=True)
    )
    path = folder / "demo.png"
    try:
        plot(
            result, PROMISED, by="time", days=days, least=ENOUGH_CALLS / 2,
            actual={label: value for label, value in told.items() if not math.isnan(value)},
            title="Answered within 30 seconds, a real bank's February", to=path,
        )  # fmt: skip
    except InputError as why:
        return None, tuple(str(problem) for problem in why.problems)
    return path, ()
