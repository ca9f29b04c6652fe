"""The words of the demo: its numbers on one screen of 100 columns, readable without colour.

Written for somebody who runs phones and has never simulated. Percentages without decimals; what may be signed is
rounded down to whole points. This file computes nothing but differences of what it prints.
"""

from __future__ import annotations

import math

import slasim
from slasim.demo.months import COLUMNS, PROMISED, Figure, Row
from slasim.demo.promise import Offered
from slasim.demo.story import Demo
from slasim.show.words import of_hundred

__all__ = ["screen"]

_FIRST, _WIDE = 28, 14


def screen(demo: Demo) -> str:
    """The whole screen, without a last line break."""
    lines = [
        *_head(demo),
        "",
        *_table(demo),
        "",
        *_lessons(demo),
        "",
        *_promise(demo),
        "",
        *_foot(demo),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _head(demo: Demo) -> list[str]:
    return [
        f"slasim demo                {_sentence(demo.name)} · {demo.offered:,} calls offered · {demo.days} days",
        "",
        "How far can a simulation be trusted? slasim was set on weeks 1-3 of a real month, then asked for",
        "week 4, which it had not seen. Volumes are the bank's. Its roster is not in the data: staffed hours",
        f"are estimated from the calls, and {_percent(demo.availability)} of them count as on the phones.",
        "  predicted     average of "
        f"{demo.replications:,} simulated months (where 95 of 100 of them lie, by chance alone)",
        "  actual        what really happened; below or above: outside of where those 95 lie",
    ]


def _sentence(name: str) -> str:
    return name.replace("A bank's", "A real bank's", 1)


# ------------------------------------------------------------------ the table


def _table(demo: Demo) -> list[str]:
    heads = ("in 20 s", "in 30 s", "in 60 s", "abandoned", "mean wait")
    lines = [_columns("days     offered   answered", heads)]
    lines.append("weeks 1-3, used to set the model")
    lines += (
        _two_lines(demo.row("Sun-Thu")) + _two_lines(demo.row("Fri")) + _two_lines(demo.row("Sat"))
    )
    lines.append("week 4, not seen")
    lines += _two_lines(demo.row("week 4"), "all")
    lines.append("month")
    lines += _two_lines(demo.row("month"), "all")
    return lines


def _two_lines(row: Row, name: str = "") -> list[str]:
    first = f" {name or row.name:<8} {row.offered:>6,} predicted"
    predicted = [_predicted(f, metric) for f, metric in zip(row.figures, COLUMNS, strict=True)]
    actual = [_actual(f, metric) for f, metric in zip(row.figures, COLUMNS, strict=True)]
    return [_columns(first, predicted), _columns(" " * 17 + "actual", actual)]


def _columns(first: str, cells: list[str] | tuple[str, ...]) -> str:
    return f"{first:<{_FIRST}} " + "".join(f"{cell:<{_WIDE}}" for cell in cells)


def _predicted(f: Figure, metric: str) -> str:
    value, low, high = (_whole(x, metric) for x in (f.predicted, f.low, f.high))
    return f"{value:>2} {_unit(metric)} ({low}-{high})"


def _actual(f: Figure, metric: str) -> str:
    value, low, high = (_whole(x, metric) for x in (f.actual, f.low, f.high))
    mark = " below" if value < low else " above" if value > high else ""
    return f"{value:>2} {_unit(metric)}{mark}"


def _whole(x: float, metric: str) -> int:
    return round(x if metric == "mean_wait" else 100 * x)


def _unit(metric: str) -> str:
    return "s" if metric == "mean_wait" else "%"


# ------------------------------------------------------------------ what it tells


def _lessons(demo: Demo) -> list[str]:
    worst, best = demo.hours[:3], demo.hours[-1]
    hardest = ", ".join(f"{hour} {_percent(value)}" for hour, value in worst)
    return [
        "What this tells you",
        _set_weeks(demo),
        *_unseen_week(demo),
        f"  Hardest hours, Sun-Thu, actual in 30 s: {hardest}. Best, {best[0]}: {_percent(best[1])}.",
    ]


def _set_weeks(demo: Demo) -> str:
    row = demo.row("weeks 1-3")
    gaps = [_gap(row.figure(name)) for name in COLUMNS[:3]]
    wait = row.figure("mean_wait")
    longer = round(wait.predicted) - round(wait.actual)
    side = "long" if longer >= 0 else "short"
    return (
        f"  Even on weeks 1-3 it is {gaps[0]}, {gaps[1]} and {gaps[2]} points too kind in 20, 30, 60 s; "
        f"waits {abs(longer)} s too {side}."
    )


def _unseen_week(demo: Demo) -> list[str]:
    missed = _gap(demo.row("week 4").figure(PROMISED))
    rest = _up(demo.unexplained)
    grew = "longer" if demo.aht_unseen > demo.aht_set else "shorter"
    return [
        f"  Week 4 was missed by {_points(missed)} in 30 s, about {missed - rest} of them because calls grew {grew}: "
        f"AHT {demo.aht_unseen:.0f} s",
        f"  after {demo.aht_set:.0f} s (week 4 simulated again with the AHT it had). "
        f"The other {rest} are the model's own error.",
    ]


def _gap(f: Figure) -> int:
    """Points by which the prediction is kinder than the actual, as printed."""
    return round(100 * f.predicted) - round(100 * f.actual)


# ------------------------------------------------------------------ what may be promised

_ANSWER = {
    "commit": "YES",
    "commit with clause": "YES, WITH A CLAUSE",
    "do not commit": "NO",
    "not enough evidence": "TOO FEW MONTHS TO SAY",
}
_WORDS, _WEEK = 66, 19


def _promise(demo: Demo) -> list[str]:
    p, d = demo.promise, demo.definitions
    target = f"{100 * p.target:.0f} %"
    return [
        f"Can {target} in 30 s be promised per month with this staffing?  {_ANSWER[p.decision]}.",
        f"  {p.reached:,} of {p.months:,} simulated months reach it, all doubts counted. The real month: "
        f"{_percent(p.month.actual)}, with {p.actual_days} of {p.days}",
        f"  days and {_percent(p.actual_half_hours)} of half-hours at {target} or better.",
        *_targets(demo),
        *_offer(demo),
        f"  Agree on the formula: the real month made {_percent(d['negative'])} of all offered, "
        f"{_percent(d['exclude_abandoned_within'])} if hang-ups",
        f"  inside 30 s are left out, {_percent(d['answered_only'])} of the answered.",
    ]


def _targets(demo: Demo) -> list[str]:
    month, week = demo.promise.month, demo.promise.week_4
    doubt = demo.demand
    volume, aht = (
        f"day {_percent(doubt[name]['day'])}, month {_percent(doubt[name]['month'])}"
        for name in ("volume", "aht")
    )
    attendance = f"{_percent(doubt['attendance']['day'])}, assumed"
    now, then = _up(month.own_error), _up(week.own_error)
    return [
        _target("What could be promised: reached in 9 months (weeks) of 10,", "week 4, told", ""),
        _target("95 % sure, rounded down", "from weeks 1-3", "the month"),
        _target(
            f"  if only the volume is uncertain ({volume})",
            _held(week.volume_only, week),
            _signed(month.volume_only),
        ),
        _target(
            f"  and AHT ({aht}) and attendance ({attendance})",
            _held(week.all_doubts, week),
            _signed(month.all_doubts),
        ),
        _target(
            f"  and the model's own error is taken off: {_points(then)} then, {now} now",
            _held(week.signable, week),
            _signed(month.signable) + "  < sign" * (month.signable is not None),
        ),
        _target("  what it really made", _percent(week.actual), _percent(month.actual)),
    ]


def _target(words: str, week: str, month: str) -> str:
    return f"  {words:<{_WORDS}} {week:<{_WEEK}}{month}"


def _signed(target: float | None) -> str:
    return "too few" if target is None else f"{_down(target)} %"


def _held(target: float | None, week: Offered) -> str:
    """The target, and whether the week really made it."""
    if target is None:
        return "too few"
    missed = math.ceil(_down(target) - 100 * week.actual - 1e-9)
    return f"{_down(target)} %  " + (f"missed by {missed}" if missed > 0 else "held")


def _offer(demo: Demo) -> list[str]:
    p = demo.promise
    if p.offer is None or p.offer_chance is None or p.offer_chance_low is None:
        return ["  Too few simulated months to offer a target."]
    if p.decision != "do not commit":
        return []
    met = of_hundred(p.offer_chance)
    return [
        f"  DO NOT COMMIT to {100 * p.target:.0f} %. Offer {_down(p.offer)} % in 30 s: "
        f"met in {met} months of 100 (at least {min(_down(p.offer_chance_low), met)})."
    ]


def _down(share: float) -> int:
    """Whole points, rounded down (9 decimals are taken as exact)."""
    return math.floor(round(100 * share, 7))


def _up(share: float) -> int:
    return math.ceil(round(100 * share, 7))


def _foot(demo: Demo) -> list[str]:
    lines = list(demo.warnings)
    if demo.picture is not None:
        words = f"Picture: {demo.picture.name}  service level by half-hour, range, actual as dots"
        lines.append(f"{words:<75}Your own: slasim init")
    lines.append(
        f"{demo.replications:,} simulated months (the promise: {demo.promise.months:,}) · seed {demo.seed} · "
        f"slasim {slasim.__version__} · {demo.seconds:.0f} s"
    )
    return lines


def _percent(x: float) -> str:
    return f"{round(100 * x)} %"


def _points(n: int) -> str:
    return "1 point" if n == 1 else f"{n} points"
