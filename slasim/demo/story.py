"""The demo run: every study it makes, in their order, and all numbers together.

- chance alone (the table): the volumes are the bank's; only chance differs between months;
- volume uncertain, and volume, AHT and attendance uncertain, by the doubts the scenario states: the month's promise,
  and what weeks 1-3 would have promised for week 4;
- week 4 once more with the AHT it really had: a what-if that says how much of its miss was longer calls.

What is made of them is worked out in `months.py` and `promise.py`, and said in `screen.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from slasim.demo import actual, months
from slasim.demo.months import COLUMNS, PROMISED, SET_DAYS, Row, counted
from slasim.demo.promise import Promise, offered, promise, simulated, volume_only
from slasim.metrics.standard import measure
from slasim.scenario import Scenario, load
from slasim.scenario.bundled import bundled
from slasim.study import measures
from slasim.study.runs import Progress
from slasim.study.too_kind import kinder_by, too_kind

__all__ = ["Demo", "run"]

SCENARIO = "bank_1999"
SEED = 1
MONTHS, PROMISE = 500, 1_000


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
        return told

    def __repr__(self) -> str:
        return self.screen()


def run(folder: Path | str = ".", *, replications: int = MONTHS, promises: int | None = None,
        seed: int = SEED, executor: int | Executor | None = None,
        progress: Progress | None = None) -> Demo:  # fmt: skip
    """Simulate the bundled bank month and write ``demo.png`` into ``folder``.

    ``replications`` simulated months for the table, ``promises`` (twice as many by default) for each set of doubts.
    ``progress(done, total)`` counts months, those of week 4 as a quarter.
    """
    began = time.perf_counter()
    promises = 2 * replications if promises is None else promises
    weeks = promises // 4
    home = bundled(SCENARIO)
    centre, week_4 = load(home / "bank.yaml"), load(home / "week_4.yaml")
    happened = actual.read(home, centre)
    steps = _Steps(progress, replications + replications // 4 + 2 * (promises + weeks))
    follow = [measures.ask(centre, name) for name in COLUMNS]

    alone = counted(
        centre.but({"demand": None}), follow, replications, seed, executor, steps.next(replications)
    )
    rows = months.predicted_and_actual(alone, follow, happened)
    picture, warnings = months.picture(alone, happened, Path(folder))

    day = months.days_of(centre)
    seen = day < SET_DAYS
    aht_set, aht_unseen = (happened.value(measure("aht"), part) for part in (seen, ~seen))
    longer = aht_unseen / months.simulated_aht(alone, ~seen)
    changes = {f"queues.{queue}.aht": f"{longer - 1:+.4%}" for queue in centre.queue_names}
    what_if = counted(
        week_4.but({"demand": None, **changes}), [], replications, seed, executor,
        steps.next(replications // 4),
    )  # fmt: skip
    with_its_aht = what_if.estimate(PROMISED).value

    by_name = {row.name: row.figure(PROMISED) for row in rows}
    set_weeks, unseen, month = (by_name[name] for name in ("weeks 1-3", "week 4", "month"))
    unexplained = kinder_by(with_its_aht, unseen.actual, "higher")
    known_then = too_kind(set_weeks.predicted, set_weeks.actual, "higher")
    by_month = [
        simulated(one, "month", promises, seed, executor, steps.next(promises))
        for one in (volume_only(centre), centre)
    ]
    by_week = [
        simulated(one, "horizon", promises, seed, executor, steps.next(weeks))
        for one in (volume_only(week_4), week_4)
    ]
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
        hours=months.hours(centre, happened),
        promise=promise(
            centre,
            by_month[1],
            offered(centre, by_month[0], by_month[1], max(known_then, unexplained), month.actual),
            offered(week_4, by_week[0], by_week[1], known_then, unseen.actual),
            happened,
        ),
        definitions=months.definitions(happened),
        demand=_doubts(centre),
        replications=replications,
        seed=seed,
        seconds=time.perf_counter() - began,
        picture=picture,
        warnings=warnings,
    )


def _doubts(centre: Scenario) -> dict[str, dict[str, float]]:
    demand = centre.demand
    assert demand is not None
    assert demand.volume is not None and demand.aht is not None and demand.attendance is not None
    return {
        "volume": {"day": demand.volume.day_cv, "month": demand.volume.bias_sd},
        "aht": {"day": demand.aht.day_cv, "month": demand.aht.bias_sd},
        "attendance": {"day": demand.attendance.day_sd},
    }


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
