"""What moves the answer most: one input at a time made worse and better, on the same replications.

Each lever is another scenario at the same seed, so caller n stays the same person and the difference is paired. Sizes
are those of `feasibility.stress` where the scenario names them, else usual ones. Stress never moves a target; it says
how much room there is. This file judges through `study.promised` and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from slasim.errors import InputError
from slasim.planner.frontier import chance_of_target, too_kind
from slasim.planner.offer import Lever
from slasim.scenario import Scenario
from slasim.scenario.agreements import Agreed
from slasim.study.contracting import covered
from slasim.study.promised import MET, NOT_MEASURED, Held, count, held
from slasim.study.runs import Progress

__all__ = ["Pull", "chance", "doubted", "levers", "pulls"]

VOLUME, AHT, ATTENDANCE, PATIENCE = 0.10, 0.05, 0.02, 0.25
"""Usual sizes: shares of volume, AHT and patience; attendance in points."""
ERROR = 1.5
"""The forecast error typed in or measured, times this."""
AHT_ERROR, ATTENDANCE_ERROR = 0.05, 0.02
"""What is tried where the scenario gives no error of AHT or attendance: sd of the whole period, sd of a day."""


@dataclass(frozen=True, eq=False)
class Pull:
    """An input to be moved: to the worse, and (or None) to the better."""

    name: str
    worse_by: str
    better_by: str
    worse: Scenario
    better: Scenario | None
    asked_for: bool = False


def pulls(scenario: Scenario, agreed: Agreed) -> list[Pull]:
    """Every lever of this scenario."""
    return [one for one in _pulls(scenario, agreed) if one is not None]


def _pulls(scenario: Scenario, agreed: Agreed) -> Iterator[Pull | None]:
    stress, queues = scenario.feasibility.stress, covered(scenario, agreed)
    for name, path, own, usual in (
        ("volume", "volume", stress.volume, VOLUME), ("AHT", "aht", stress.aht, AHT),
    ):  # fmt: skip
        size = own or usual
        worse, better = (
            scenario.but({f"queues.{q}.{path}": f"{sign * size:+.4%}" for q in queues})
            for sign in (1, -1)
        )
        yield Pull(name, _signed(size), _signed(-size), worse, better, bool(own))
    yield _attendance(scenario, stress.attendance)
    yield _patience(scenario, queues)
    yield from _doubts(scenario)


def _signed(share: float) -> str:
    return f"{100 * share:+g} %"


def _attendance(scenario: Scenario, asked: float) -> Pull:
    size = asked or ATTENDANCE
    worse: dict[str, Any] = {}
    better: dict[str, Any] = {}
    for name, group in scenario.groups.items():
        share = group.attendance
        worse[f"groups.{name}.attendance"] = round(max(share - size, 0.0), 9)
        if share + size <= 1:
            better[f"groups.{name}.attendance"] = round(share + size, 9)
        elif group.shifts is None:
            better[f"groups.{name}.staffing"] = f"{size / share:+.4%}"
    made = scenario.but(better) if better else None
    return Pull(
        "absence", f"{100 * size:+g} points", f"{-100 * size:+g} points" if made else "",
        scenario.but(worse), made, bool(asked),
    )  # fmt: skip


def _patience(scenario: Scenario, queues: tuple[str, ...]) -> Pull | None:
    document = scenario.to_json()["queues"]
    sides: list[dict[str, str]] = [{}, {}]
    for name in queues:
        place = _mean_of(document[name].get("patience"))
        if place is not None:
            for side, sign in zip(sides, (-1, 1), strict=True):
                side[f"queues.{name}.patience.{place}"] = f"{sign * PATIENCE:+.0%}"
    if not sides[0]:
        return None
    try:
        worse, better = (scenario.but(side) for side in sides)
    except InputError:
        return None
    return Pull("patience", _signed(-PATIENCE), _signed(PATIENCE), worse, better)


def _mean_of(patience: object) -> str | None:
    """Where the mean of a written patience stands: `exponential.mean`, or `wait_total_s` of a report."""
    if not isinstance(patience, Mapping):
        return None
    if "wait_total_s" in patience:
        return "wait_total_s"
    for family, settings in patience.items():
        if isinstance(settings, Mapping) and "mean" in settings:
            return f"{family}.mean"
    return None


def doubted(scenario: Scenario) -> dict[str, dict[str, float]]:
    """The scenario's doubts as plain numbers: sizes of volume, aht, attendance; empty where none is stated."""
    demand = scenario.demand
    if demand is None:
        return {}
    found: dict[str, dict[str, float]] = {}
    if demand.volume is not None:
        v = demand.volume
        found["volume"] = {
            "day_cv": v.day_cv,
            "interval_cv": v.interval_cv,
            "bias_sd": v.bias_sd,
        }
    if demand.aht is not None:
        found["aht"] = {"day_cv": demand.aht.day_cv, "bias_sd": demand.aht.bias_sd}
    if demand.attendance is not None:
        found["attendance"] = {"day_sd": demand.attendance.day_sd}
    return {name: sizes for name, sizes in found.items() if any(sizes.values())}


def _doubts(scenario: Scenario) -> Iterator[Pull]:
    """What if the errors are larger than stated, or those not stated exist."""
    known = doubted(scenario)
    if scenario.demand is None:
        return
    correlation = scenario.demand.correlation
    rest: dict[str, Any] = {} if correlation is None else {"correlation": correlation}
    if "volume" in known:
        larger = {name: round(min(size * ERROR, 1.0), 9) for name, size in known["volume"].items()}
        made = scenario.but({"demand": {**known, "volume": larger, **rest}})
        yield Pull("forecast error", f"x {ERROR:g}", "", made, None)
    if "aht" not in known:
        made = scenario.but({"demand": {**known, "aht": {"bias_sd": AHT_ERROR}, **rest}})
        yield Pull("AHT error, not given", f"{100 * AHT_ERROR:g} %", "", made, None)
    if "attendance" not in known:
        made = scenario.but(
            {"demand": {**known, "attendance": {"day_sd": ATTENDANCE_ERROR}, **rest}}
        )
        yield Pull(
            "attendance error, not given", f"{100 * ATTENDANCE_ERROR:g} points", "", made, None
        )


def levers(
    scenario: Scenario,
    agreed: Agreed,
    base: Held,
    listed: list[Pull],
    *,
    replications: int,
    seed: int,
    executor: int | Executor | None = None,
    progress: Progress | None = None,
) -> tuple[Lever, ...]:
    """Each lever pulled both ways on the base's first ``replications``; most moving first, by the whole contract."""
    found: list[Lever] = []
    runs = sum(1 + (one.better is not None) for one in listed)
    done = 0

    def run(centre: Scenario) -> Held:
        nonlocal done
        start = done
        told: Progress | None = None
        if progress is not None:
            told = lambda at, of: progress(start * of + at, runs * of)  # noqa: E731
        here = agreed.rebound(centre)
        result = count(
            centre, [here], replications=replications, seed=seed, only=True, executor=executor,
            progress=told,
        )  # fmt: skip
        done += 1
        return held(result, here)

    for pull in listed:
        worse = run(pull.worse)
        better = base if pull.better is None else run(pull.better)
        for title in ("", *(one.title for one in agreed.contract.commitments)):
            found.append(_lever(scenario, agreed, pull, title, base, worse, better, replications))
    order = {
        one.name: -max(abs(other.better - other.worse) for other in found if other.name == one.name)
        for one in found
    }
    return tuple(sorted(found, key=lambda one: (order[one.name], one.title != "")))


def _lever(
    scenario: Scenario, agreed: Agreed, pull: Pull, title: str, base: Held, worse: Held,
    better: Held, replications: int,
) -> Lever:  # fmt: skip
    chances = [
        chance(scenario, agreed, made, title, replications) for made in (base, worse, better)
    ]
    changed = [_changed(base, other, title, replications) for other in (worse, better)]
    return Lever(
        pull.name, title, pull.worse_by, pull.better_by, chances[0], chances[1], chances[2],
        changed[0], changed[1], replications, pull.asked_for,
    )  # fmt: skip


def chance(scenario: Scenario, agreed: Agreed, made: Held, title: str, replications: int) -> float:
    """The chance of a commitment ("": of all) over the first replications, a back-test's bias taken off."""
    if title:
        commitment = agreed.contract.commitment(title)
        bias = too_kind(scenario, commitment)
        if bias:
            found = chance_of_target(
                made.first(replications), commitment, float(commitment.target), bias=bias,
                confidence=0.95,
            )  # fmt: skip
            return found.estimate.value
    return made.first(replications).chance(title or None).estimate.value


def _changed(base: Held, other: Held, title: str, replications: int) -> int:
    one, two = ((m.status[title] if title else m.met)[:replications] for m in (base, other))
    known = (one != NOT_MEASURED) & (two != NOT_MEASURED)
    return int((((one == MET) != (two == MET)) & known).any(axis=1).sum())
