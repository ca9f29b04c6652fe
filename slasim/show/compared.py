"""What `slasim compare` says: two scenarios side by side, and the difference on the same callers.

It lays out a `Comparison` and works out nothing.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from slasim.outcome.estimates import Difference
from slasim.show.cells import simulated
from slasim.show.judged import met_line, promise_line
from slasim.show.simulated import column_head
from slasim.show.words import (
    PLURAL,
    aligned,
    apart,
    headline,
    points,
    shortened,
    spoken,
    wrapped,
)
from slasim.study import Comparison, judge
from slasim.study.measures import ask, on_the_line
from slasim.study.summary import level_metric

_PROMISES = 4
"""Commitments shown; a screen holds about 40 lines."""


def compared_screen(both: Comparison, changes: tuple[str, ...] = ()) -> str:
    """The whole screen; ``changes`` are the settings that made the second out of the first."""
    first = both.first
    word = PLURAL[simulated(first)]
    what = ", ".join(changes) if changes else _against(both)
    lines = [
        headline("compare", first.scenario.name),
        *wrapped(f"With {what}: the same callers in both, {both.replications:,} simulated {word}.", indent=4),
        "",
    ]  # fmt: skip
    rows = [["", "before", "after", "difference (range)"]]
    names = list(first.overall())
    known: dict[str, Difference] = {}
    for name in names:
        asked = ask(first.scenario, name)
        if asked.measure in [ask(first.scenario, other).measure for other in known] and (
            name not in first.scenario.metrics
        ):
            continue
        known[name] = both.difference(name)
        rows.append(_row(both, name, known[name]))
    lines += aligned(rows, gap=3)
    if len(first.scenario.queues) > 1:
        by_queue = _by_queue(both)
        lines += ["", *by_queue] if by_queue else []
    lines += ["", *_sure_lines(next(iter(known.values())), word), *_verdict_lines(both)]
    lines += [*_hours_lines(both), f"range 95 of 100 · seed {first.seed}"]
    return "\n".join(lines)


def _against(both: Comparison) -> str:
    """The second against the first, by their names; by their files where those are equal, as in an edited copy."""
    one, other = both.first.scenario, both.second.scenario
    if one.name != other.name or not (one.file and other.file):
        return f"{other.name} against {one.name}"
    before, after = Path(one.file), Path(other.file)
    if before.name != after.name:
        return f"{after.name} against {before.name}"
    return f"{after} against {before}"


def _row(both: Comparison, name: str, found: Difference, **where: Any) -> list[str]:
    unit, asked = found.estimate.unit, ask(both.first.scenario, name)
    values = [result.estimate(name, **where).value for result in (both.first, both.second)]
    head = column_head(name, asked)
    named = name in both.first.scenario.metrics and head not in (name, name.replace("_", " "))
    said = f"{name} ({head})" if named else head
    return [shortened(said, 40), *(spoken(v, unit) for v in values), _apart(found)]


def _apart(found: Difference) -> str:
    e = found.estimate
    return apart(e.value, e.low, e.high, unit=e.unit)


def _by_queue(both: Comparison) -> list[str]:
    metric = level_metric(both.first)
    asked = ask(both.first.scenario, metric)
    head = column_head(metric, asked)
    rows = [[f"{head}, by queue", "before", "after", "difference (range)"]]
    clocked = asked.measure.over == "tickets"
    shown = asked.queues if clocked else on_the_line(both.first.scenario)
    both_have = [queue for queue in shown if queue in both.second.scenario.queues]
    for queue in both_have[:8]:
        found = both.difference(metric, queue=queue)
        row = _row(both, metric, found, queue=queue)
        if row[1:3] != ["-", "-"]:
            rows.append([shortened(queue, 30), *row[1:]])
    return aligned(rows, gap=3) if len(rows) > 1 + clocked else []


def sure_as(reduction: float, word: str) -> str:
    """What pairing does to the variance, in words: `pairing makes it as sure as 67 times as many unrelated months`."""
    if math.isnan(reduction):
        return ""
    if math.isinf(reduction):
        return "the two never differed by chance"
    if reduction < 1.05:
        return f"pairing makes it no surer than as many unrelated {word}"
    times = f"{reduction:.1f}" if reduction < 10 else f"{reduction:,.0f}"
    return f"pairing makes it as sure as {times} times as many unrelated {word}"


def _sure_lines(found: Difference, word: str) -> list[str]:
    said = sure_as(found.variance_reduction, word)
    e = found.estimate
    if e.low is None or e.high is None:
        return ["One replication: no range, and nothing is proven."]
    if e.low > 0 or e.high < 0:
        lead = "The first difference is no luck: its range leaves out 0"
    else:
        lead = "The first difference may be none: its range holds 0"
    return wrapped(f"{lead}; {said}." if said else f"{lead}.", indent=4)


def _verdict_lines(both: Comparison) -> list[str]:
    if both.replications < 2:
        return []
    before, after = judge(both.first), judge(both.second)
    lines = []
    pairs = list(zip(before, after, strict=False))
    for place, (one, other) in enumerate(pairs[:_PROMISES]):
        e = both.chance_difference(place).estimate
        apart = "" if math.isnan(e.value) else f": chance {points(e.value, e.low, e.high)}"
        lines.append(shortened(promise_line(one) + apart))
        lines += [
            f"  {when}  {met_line(verdict)}  {verdict.status.replace('_', ' ').upper()}"
            for when, verdict in (("before", one), ("after ", other))
        ]
    more = len(pairs) - _PROMISES
    if more > 0:
        lines.append(f"and {more} more {'commitment' if more == 1 else 'commitments'}: --json")
    return lines


def _hours_lines(both: Comparison) -> list[str]:
    paid = [
        sum(g.paid for g in result.scenario.workload().groups)
        for result in (both.first, both.second)
    ]
    if abs(paid[1] - paid[0]) < 0.5:
        return []
    costs = [[g.cost for g in r.scenario.workload().groups] for r in (both.first, both.second)]
    said = f"Paid hours {paid[0]:,.0f} before, {paid[1]:,.0f} after ({paid[1] - paid[0]:+,.0f})"
    if all(cost is not None for side in costs for cost in side):
        totals = [sum(cost for cost in side if cost is not None) for side in costs]
        said += f"; cost {totals[1] - totals[0]:+,.0f} {both.first.scenario.currency}"
    return [said + "."]
