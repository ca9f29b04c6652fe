"""What `slasim judge` says: each commitment's verdict, its value and its chance apart.

It lays out verdicts and works out nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from slasim.clock import format_duration
from slasim.outcome.verdicts import Verdict
from slasim.show.cells import simulated
from slasim.show.unserved import unserved_lines
from slasim.show.words import (
    PERIOD_WORD,
    PLURAL,
    headline,
    of_hundred,
    percent,
    ranged,
    spoken,
    wrapped,
)
from slasim.study import Result
from slasim.study.judging import Verdicts
from slasim.study.summary import Inside
from slasim.study.unserved import Unserved

_STATUS = {
    "met": "MET", "missed": "MISSED", "undecided": "UNDECIDED", "nothing_to_judge": "NOTHING TO JUDGE",
}  # fmt: skip


def verdict_line(verdict: Verdict) -> str:
    """`MISSED  voice_sl, at least 80 % per month: met in 71 months of 100 (at least 69; 90 asked)`."""
    return f"{_STATUS[verdict.status]}  {promise_line(verdict)}: {met_line(verdict)}"


def promise_line(verdict: Verdict) -> str:
    """`voice_sl, at least 80 % per month`."""
    side = "at least" if verdict.better == "higher" else "at most"
    goal = spoken(verdict.target, verdict.value.unit)
    period = "whole period" if verdict.period == "horizon" else verdict.period
    return f"{verdict.metric}, {side} {goal} per {period}"


def met_line(verdict: Verdict) -> str:
    """`met in 71 months of 100 (at least 69; 90 asked)`."""
    if verdict.status == "nothing_to_judge":
        return "no contacts to judge it by"
    met = of_hundred(verdict.chance.value)
    least = min(math.floor(100 * verdict.chance_low + 1e-9), met)
    asked = f"{100 * verdict.required:g} asked"
    return f"met in {met} {PLURAL.get(verdict.period, verdict.period)} of 100 (at least {least}; {asked})"


def judge_screen(
    result: Result, verdicts: Verdicts, inside: Sequence[Inside], unserved: Sequence[Unserved],
    undoubted: str,
) -> str:  # fmt: skip
    """The whole screen; ``undoubted`` is what the first line says of the forecast's doubt."""
    word = simulated(result)
    interval = format_duration(result.scenario.interval)
    many = word if result.replications == 1 else PLURAL[word]
    lines = [headline("judge", undoubted, result.scenario.name)]
    if not verdicts:
        lines += ["", "This scenario has no contract with commitments: there is nothing to judge."]
    left = list(inside)  # in the contract's order; a metric may be promised twice
    for verdict in verdicts:
        lines += ["", *wrapped(verdict_line(verdict), indent=4)]
        e, periods = verdict.value, PLURAL.get(verdict.period, verdict.period)
        if not math.isnan(e.value):
            lines.append(
                f"  value   {ranged(e.value, e.low, e.high, e.unit)}  {e.metric}, all {periods} together"
            )
        c = verdict.chance
        if not math.isnan(c.value):
            sure = f"{100 * verdict.confidence:g} % sure"
            lines.append(
                f"  chance  {ranged(c.value, c.low, c.high, 'share')} that {_a_period(verdict)} meets it; "
                f"{sure} of at least {math.floor(100 * verdict.chance_low + 1e-9)} %, "
                f"and of at most {math.ceil(100 * verdict.chance_high - 1e-9)} %"
            )
        if left and left[0].metric == verdict.metric:
            lines += wrapped(f"  inside  {inside_line(left.pop(0), interval, word)}", indent=10)
    lost = unserved_lines(unserved)
    lines += ["", *lost] if lost and verdicts else []
    lines += ["", f"{result.replications:,} simulated {many} · seed {result.seed}"]
    if verdicts.status == "undecided":
        lines.append("Undecided means: more simulated periods would decide it (--replications).")
    if verdicts:
        lines += wrapped(
            "Not modelled: a team leader's rescue during the day, imperfect adherence by the minute, fatigue above "
            "85 % occupancy."
        )
    return "\n".join(lines)


def _a_period(verdict: Verdict) -> str:
    word = PERIOD_WORD.get(verdict.period, verdict.period)
    return f"an {word}" if word == "interval" else f"a {word}"


def inside_line(one: Inside, interval: str, whole: str = "run") -> str:
    """`one month in 20 below 45 %; 49 % of 30 min intervals reach 80 %; worst hour 10:00, 41 %`.

    ``whole`` is what one replication is called.
    """
    parts = []
    word = whole if one.period == "horizon" else one.period
    bad, side = (
        (one.one_in_20, "below") if one.better == "higher" else (one.nineteen_in_20, "above")
    )
    if not math.isnan(bad) and one.one_in_20 < one.nineteen_in_20:
        parts.append(f"one {word} in 20 is {side if bad else 'at'} {spoken(bad, one.unit)}")
    if one.met is not None and one.target is not None:
        verb = "reach" if one.better == "higher" else "stay within"
        parts.append(
            f"{percent(one.met.value)} of {interval} intervals {verb} {spoken(one.target, one.unit)}"
        )
    if one.worst_hour is not None:
        parts.append(f"worst hour {one.worst_hour}, {spoken(one.worst_value, one.unit)}")
    return "; ".join(parts)
