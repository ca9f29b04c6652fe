"""The words of the demo: its numbers on one screen of 100 columns, readable without colour.

Percentages without decimals; what may be signed is rounded down to whole points. This file computes nothing but
differences of what it prints.
"""

from __future__ import annotations

import math

import slasim
from slasim.demo.months import COLUMNS, PROMISED, TARGET, Demo, Figure, Row, Signing
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
        *_offer(demo),
        "",
        *_foot(demo),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _head(demo: Demo) -> list[str]:
    return [
        f"slasim demo                {_sentence(demo.name)} · {demo.offered:,} calls offered · {demo.days} days",
        "",
        "Set on weeks 1-3, then shown week 4, which it had not seen. Volumes are the bank's. The roster is",
        "not in the data: staffed hours are estimated from the calls; "
        f"{_percent(demo.availability)} of them count as on the phones.",
    ]


def _sentence(name: str) -> str:
    return name.replace("A bank's", "A real bank's", 1)


# ------------------------------------------------------------------ the table


def _table(demo: Demo) -> list[str]:
    heads = ("20 s", "30 s", "60 s", "abandoned", "mean wait")
    lines = [_columns("answered within, of offered", heads)]
    lines.append("weeks 1-3, used to set the model")
    lines += (
        _two_lines(demo.row("Sun-Thu")) + _two_lines(demo.row("Fri")) + _two_lines(demo.row("Sat"))
    )
    lines.append("week 4, not seen")
    lines += _two_lines(demo.row("week 4"), "all")
    lines.append("month")
    lines += _two_lines(demo.row("month"), "all")
    lines.append(
        "(range): 95 of 100 simulated months, chance alone. below/above: the actual lies outside it."
    )
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
        f"  Even on weeks 1-3 the model is {gaps[0]}, {gaps[1]} and {gaps[2]} points too kind at 20, 30, 60 s; "
        f"waits {abs(longer)} s too {side}."
    )


def _unseen_week(demo: Demo) -> list[str]:
    missed = _gap(demo.row("week 4").figure(PROMISED))
    rest = _up(demo.unexplained)
    grew = "longer" if demo.aht_unseen > demo.aht_set else "shorter"
    return [
        f"  Week 4 was missed by {_points(missed)} at 30 s, about {missed - rest} because calls grew {grew}: "
        f"AHT {demo.aht_unseen:.0f} s after {demo.aht_set:.0f} s",
        f"  (a what-if: week 4 simulated again with the AHT it had). The other {rest} are the model's own.",
    ]


def _gap(f: Figure) -> int:
    """Points by which the prediction is kinder than the actual, as printed."""
    return round(100 * f.predicted) - round(100 * f.actual)


# ------------------------------------------------------------------ what may be promised


def _promise(demo: Demo) -> list[str]:
    p, d = demo.promise, demo.definitions
    answer = "YES" if p.sure_low >= 0.9 else "NO" if p.sure_high < 0.9 else "NOT SURE"
    target = f"{100 * TARGET:.0f}"
    lines = [
        f"Can {target}/30 be promised per month with this staffing?  {answer}. {p.reached:,} of "
        f"{p.months:,} simulated months reach it,",
        f"all doubts counted; the real month: {_percent(p.actual)}, {p.actual_days} of {p.days} days and "
        f"{_percent(p.actual_half_hours)} of half-hours at {target} % or better.",
        "  In 30 s, met in 9 months of 10 (95 % sure), rounded down:",
        *_targets(demo),
        f"  Definition matters: actual {_percent(d['negative'])} of offered; "
        f"{_percent(d['exclude_abandoned_within'])} without hang-ups inside 30 s; "
        f"{_percent(d['answered_only'])} of answered.",
    ]
    return lines


def _targets(demo: Demo) -> list[str]:
    p, doubt = demo.promise, demo.demand
    volume, aht = (
        f"day {_percent(doubt[name]['day'])}, month {_percent(doubt[name]['month'])}"
        for name in ("volume", "aht")
    )
    attendance = f"day {_percent(doubt['attendance']['day'])}, assumed"
    if p.volume_only is None or p.all_doubts is None:
        return ["    too few simulated months to say"]
    both = f"if AHT ({aht}) and attendance ({attendance}) are too"
    own = f"less {_points(_up(p.own_error))}, the model's own error above"
    return [
        _target(f"if volume alone is uncertain ({volume})", _down(p.volume_only)),
        _target(both, _down(p.all_doubts)),
        _target(own, _down(p.all_doubts) - _up(p.own_error)) + "  < sign",
    ]


def _target(words: str, percent: int) -> str:
    return f"    {words:<76}{percent:>3} %"


# ------------------------------------------------------------------ what may be signed


def _offer(demo: Demo) -> list[str]:
    o = demo.signing
    taken = _points(_up(o.own_error))
    met, target = of_hundred(o.asked_chance), f"{100 * TARGET:.0f}/30"
    lines = [
        f"What may be signed for the month (recommend, {o.months} months, less {taken}: the miss of weeks 1-3)",
        f"  {o.decision.upper()}: {target} is met in {met} months of 100." + _instead(o),
        f"  The same for week 4, from weeks 1-3, met 9 times of 10; the real week made {_percent(o.week_actual)}",
    ]
    return [
        *lines,
        _held("volume alone uncertain", o.week_volume_only, o.week_actual),
        _held("volume, AHT and attendance uncertain", o.week_all_doubts, o.week_actual),
        _held(f"and {taken} taken off", o.week_signable, o.week_actual),
    ]


def _instead(o: Signing) -> str:
    if o.target is None or o.chance is None or o.chance_low is None:
        return " Too few simulated months to offer another."
    met = of_hundred(o.chance)
    return f" Offer {_down(o.target)}/30: {met} of 100 (at least {min(_down(o.chance_low), met)})."


def _held(words: str, target: float | None, actual: float) -> str:
    if target is None:
        return f"   {words:<40} too few simulated weeks to say"
    missed = _down(target) - 100 * actual
    said = (
        f"would have failed by {_points(math.ceil(missed - 1e-9))}"
        if missed > 0
        else "would have held"
    )
    return f"   {words:<40}{_down(target):>3} %  {said}"


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
        f"{demo.replications:,} simulated months (promise: {demo.promise.months:,}) · seed {demo.seed} · "
        f"slasim {slasim.__version__} · {demo.seconds:.0f} s"
    )
    return lines


def _percent(x: float) -> str:
    return f"{round(100 * x)} %"


def _points(n: int) -> str:
    return "1 point" if n == 1 else f"{n} points"
