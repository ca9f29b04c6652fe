"""What `slasim simulate --bottleneck` says: what customers get, how busy groups are, what one more agent is worth.

It lays out a `Bottleneck` and works out nothing.
"""

from __future__ import annotations

import math

from slasim.outcome.estimates import Estimate
from slasim.show.cells import simulated
from slasim.show.simulated import column_head
from slasim.show.words import (
    PLURAL,
    WIDTH,
    aligned,
    apart,
    count,
    headline,
    ranged,
    shortened,
    wrapped,
)
from slasim.study.bottleneck import Bottleneck
from slasim.study.measures import ask

_QUEUES, _PLACES = 10, 12


def bottleneck_screen(found: Bottleneck) -> str:
    """The whole screen: queues as they are, one more agent by place, and where in the day it is worth most."""
    result, metrics = found.result, list(found.metrics)
    word = simulated(result)
    heads = {name: column_head(name, ask(result.scenario, name)) for name in metrics}
    lines = [
        headline("simulate", result.scenario.name, "where it is tight",
                 f"{result.replications:,} simulated {word if result.replications == 1 else PLURAL[word]}"),
        "",
    ]  # fmt: skip
    rows = [["queue", "offered", *heads.values()]]
    for load in found.queues[:_QUEUES]:
        cells = [_as_is(load.values.get(name)) for name in metrics]
        rows.append([shortened(load.queue, 24), count(load.offered), *cells])
    lines += _fitted(rows)
    if len(found.queues) > _QUEUES:
        lines.append(f"… {len(found.queues) - _QUEUES} more queues: --json")
    lines += ["", "One more agent, on the same callers: gains in points and seconds"]
    rows = [["where", "occupancy", *heads.values()]]
    for one in found.more[:_PLACES]:
        cells = [_gain(one.gains[name].estimate) for name in metrics]
        rows.append([shortened(one.name, 24), _as_is(one.occupancy), *cells])
    lines += _fitted(rows)
    if len(found.more) > _PLACES:
        lines.append(f"… {len(found.more) - _PLACES} more places: --out FILE.csv")
    best = found.more[0]
    at, gain = found.best_interval(best)
    if at and not math.isnan(gain):
        unit = best.gains[metrics[0]].estimate.unit
        said = apart(gain * 1000 if unit == "time" else gain, unit=unit)
        lines += wrapped(
            f"Worth most in {best.name} at {at}: {heads[metrics[0]]} {said}. All intervals: --out FILE.csv",
            indent=4,
        )  # fmt: skip
    lines += wrapped(
        "Gains do not add up: a second agent in one place is worth less, and one place may relieve another.",
        indent=4,
    )
    lines.append(f"seed {result.seed} · engine {result.engine}")
    return "\n".join(lines)


def _as_is(e: Estimate | None) -> str:
    return "-" if e is None else ranged(e.value, e.low, e.high, e.unit)


def _gain(e: Estimate) -> str:
    """`+10.0 (+9.6 to +10.2)`, shares in points and times in seconds."""
    scale, digits = {"share": (100.0, 1), "time": (0.001, 1)}.get(e.unit, (1.0, 2))
    if math.isnan(e.value):
        return "-"
    said = f"{scale * e.value:+.{digits}f}"
    if e.low is None or e.high is None:
        return said
    return f"{said} ({scale * e.low:+.{digits}f} to {scale * e.high:+.{digits}f})"


def _fitted(rows: list[list[str]]) -> list[str]:
    """The rows aligned; the last columns are left out where they do not fit the screen."""
    made = aligned(rows)
    while max(len(line) for line in made) > WIDTH and len(rows[0]) > 3:
        rows = [row[:-1] for row in rows]
        made = aligned(rows)
    return made
