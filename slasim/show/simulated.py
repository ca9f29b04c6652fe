"""What `slasim simulate` says: each queue's metrics with their ranges, and what the figures of a month hide.

It lays out a `Summary` and works out nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from slasim.clock import format_duration
from slasim.show.cells import simulated
from slasim.show.judged import inside_line, verdict_line
from slasim.show.operation import (
    again_lines,
    hands_lines,
    late_lines,
    overtime_lines,
    ticket_block,
)
from slasim.show.tables import table_lines
from slasim.show.unserved import unserved_lines
from slasim.show.words import (
    PLURAL,
    WIDTH,
    aligned,
    count,
    formula_words,
    headline,
    percent,
    ranged,
    seconds,
    shortened,
    wrapped,
)
from slasim.study import Result
from slasim.study.formulas import Trade
from slasim.study.measures import Asked, ask
from slasim.study.summary import Channel, Summary

_HEADS = {"abandonment_rate": "abandoned", "asa": "ASA", "mean_wait": "mean wait", "aht": "AHT"}
_QUEUES = 10
"""Queues shown before the rest is left to --by queue."""
_OVERFLOWS = 3


def simulated_screen(summary: Summary, *, trade: Sequence[Trade] = ()) -> str:
    """The whole screen; with ``trade``, its tables under the verdicts instead of the metrics."""
    result = summary.result
    offered = summary.lines[-1].offered
    word = simulated(result)
    replies = ", replies included," if result.scenario.ticket_metrics else ""
    head = [
        headline("simulate", result.scenario.name, f"{count(offered)} contacts offered{replies} a {word}",
                 f"{result.replications:,} simulated {word if result.replications == 1 else PLURAL[word]}"),
        *_verdict_lines(summary),
    ]  # fmt: skip
    if trade:
        tables = [line for one in trade for line in ("", *trade_lines(one))]
        return "\n".join([*head, *tables, "", f"seed {result.seed} · engine {result.engine}"])
    lines = [
        *head,
        "",
        *[line for channel in summary.channels for line in _channel_lines(summary, channel)],
        *_doubt_line(summary),
        *unserved_lines(summary.unserved),
        *_overflow_lines(summary),
        *_wait_lines(summary),
        *_group_lines(summary),
        *overtime_lines(summary.overtime),
        *late_lines(summary.late),
        *_inside_lines(summary),
        *_formula_lines(summary),
        *_erlang_lines(summary),
    ]
    lines += ["", *_worst_lines(summary), *_footer(summary)]
    return "\n".join(lines)


def certain_line(undoubted: Sequence[str]) -> str:
    """What is taken as certain, in words: what a verdict must say on its first line."""
    if not undoubted:
        return ""
    if len(undoubted) == 3:
        return "CHANCE ALONE: no doubt about the forecast is stated"
    return f"{' and '.join(undoubted)} taken as certain"


def _verdict_lines(summary: Summary) -> list[str]:
    verdicts = summary.verdicts
    if verdicts is None:
        return ["One replication: values without ranges, and no verdict."]
    said = certain_line(summary.undoubted)
    if not verdicts:
        return [said[:1].upper() + said[1:] + "." if said else "No commitment: nothing is judged."]
    lines = [shortened(verdict_line(verdict)) for verdict in verdicts[:4]]
    if said:
        joined = f"{lines[0]}  [{said}]"
        lines = ([joined] if len(joined) <= WIDTH else [f"[{said}]", lines[0]]) + lines[1:]
    if len(verdicts) > 4:
        more = len(verdicts) - 4
        lines.append(f"and {more} more commitment{'s' if more > 1 else ''}: slasim judge")
    return lines


# ------------------------------------------------------------------ metrics


def column_head(name: str, asked: Asked) -> str:
    """A measure in a few letters: `in 30 s`, `abandoned`, `ASA`."""
    measure: Any = asked.measure
    if hasattr(measure, "formula") and hasattr(measure, "threshold"):
        said = f"in {format_duration(measure.threshold)}{_by_caller(measure)}"
        return said if measure.formula == "negative" else f"{said}, {measure.formula}"
    from slasim import registry

    for kind, head in _HEADS.items():
        if type(measure) is registry.get("metric", kind):
            short = getattr(measure, "short_abandon", None)
            head += "" if short is None else f" >{format_duration(short)}"
            return head + _by_caller(measure)
    return name


def _by_caller(measure: Any) -> str:
    return ", callers" if getattr(measure, "counts", "attempts") == "callers" else ""


def _channel_lines(summary: Summary, channel: Channel) -> list[str]:
    """One channel's block: its queues, and what is peculiar to it."""
    queues = {name for line in channel.lines for name in line.queues}
    again = [line for one in summary.again if one.queue in queues for line in again_lines(one)]
    alone = len(summary.channels) == 1
    if any(summary.result.scenario.queues[name].kind.replies for name in queues):
        block = [*ticket_block(summary, channel), *again]
    else:
        block = [*_metric_lines(summary, channel, "queue" if alone else channel.name), *again]
        if any(summary.result.scenario.queues[name].kind.shares for name in queues):
            block += hands_lines(summary.hands)
    return block if alone else [*block, ""]


def _metric_lines(summary: Summary, channel: Channel, head: str) -> list[str]:
    unit = {key: asked.measure.unit for key, asked in summary.columns.items()}
    queues = {name for line in channel.lines for name in line.queues}
    fitting = [key for key, asked in summary.columns.items() if queues & set(asked.queues)]
    levelled = [key for key in fitting if hasattr(summary.columns[key].measure, "formula")]
    fitting = [key for key in fitting if key != "service_level" or levelled == ["service_level"]]
    shown = list(fitting)
    lines = channel.lines
    if len(lines) > _QUEUES + 1:
        lines = (*lines[:_QUEUES], lines[-1])

    def table(keys: Sequence[str]) -> list[list[str]]:
        rows = [[head, "offered", *(column_head(key, summary.columns[key]) for key in keys)]]
        for line in lines:
            cells = []
            for key in keys:
                e = line.estimates[key]
                cells.append(ranged(e.value, e.low, e.high, unit[key]))
            rows.append([shortened(line.name, 24), count(line.offered), *cells])
        return rows

    made = aligned(table(shown))
    while max(len(line) for line in made) > WIDTH and len(shown) > 1:
        shown.pop()
        made = aligned(table(shown))
    if len(channel.lines) > len(lines):
        made.append(f"… {len(channel.lines) - len(lines)} more queues: --by queue")
    everything = channel.lines[-1]
    left = [key for key in fitting if key not in shown]
    if left:
        rest = "; ".join(
            f"{column_head(key, summary.columns[key])} {ranged(e.value, e.low, e.high, unit[key])}"
            for key, e in ((key, everything.estimates[key]) for key in left)
        )
        made += wrapped(f"{'all together' if len(lines) > 1 else 'also'}: {rest}", indent=4)
    return made


def _doubt_line(summary: Summary) -> list[str]:
    if summary.result.replications == 1:
        return []
    word = PLURAL[simulated(summary.result)]
    return [
        f"(range): where the value over all {word} lies, 95 % sure; single {word} differ more, see below."
    ]


def _overflow_lines(summary: Summary) -> list[str]:
    """Who answered in another group's place; nothing where nobody did."""
    those = sorted(summary.overflow, key=lambda one: -one.share)
    parts = [
        f"{shortened(one.group, 24)} {percent(one.share)} of {shortened(one.queue, 24)}"
        for one in those[:_OVERFLOWS]
    ]
    if len(those) > _OVERFLOWS:
        parts.append(f"{len(those) - _OVERFLOWS} more in --json")
    said = "Overflow, answered by another group than the first tried"
    return wrapped(f"{said}: {'; '.join(parts)}", indent=4) if parts else []


def _wait_lines(summary: Summary) -> list[str]:
    """How long callers wait, below and beyond the threshold; nothing where there are only tickets."""
    if not summary.waits:
        return []
    parts = [f"{percent(share)} {seconds(e.value)}" for share, e in summary.waits.items()]
    return wrapped(f"Waits at most, of all offered: {'; '.join(parts)}", indent=4)


def _group_lines(summary: Summary) -> list[str]:
    rows = []
    for busy in summary.groups:
        e = busy.occupancy
        said = f"{busy.group} {ranged(e.value, e.low, e.high, 'share')}"
        if busy.max_occupancy is not None:
            most = percent(busy.max_occupancy)
            said += f" ABOVE the {most} allowed" if busy.too_busy else f" of at most {most}"
        if busy.above:
            said += f" (above it in {busy.above:,} of {busy.staffed:,} staffed intervals)"
        rows.append(said)
    return wrapped("Occupancy: " + "; ".join(rows), indent=4)


# ------------------------------------------------------------------ what a period's figure hides


def _inside_lines(summary: Summary) -> list[str]:
    interval = format_duration(summary.result.scenario.interval)
    lines = []
    for one in summary.inside[:4]:
        said = inside_line(one, interval, simulated(summary.result))
        lines += wrapped(f"{one.metric}: {said}", indent=4) if said else []
    return lines


def _formula_lines(summary: Summary) -> list[str]:
    values = [(e.value, name) for name, e in summary.formulas.items() if e.value == e.value]
    if not values:
        return []
    by_value: dict[str, list[str]] = {}
    for value, name in sorted(values):
        by_value.setdefault(percent(value), []).append(formula_words(name))
    asked = ask(summary.result.scenario, summary.level_metric)
    said = "; ".join(f"{value} {', '.join(names)}" for value, names in by_value.items())
    apart = 100 * (max(values)[0] - min(values)[0])
    return wrapped(
        f"The formula matters by {apart:.0f} points in {format_duration(asked.measure.thresholds[0])}: {said}",
        indent=4,
    )


def _erlang_lines(summary: Summary) -> list[str]:
    lines: list[str] = []
    for one in summary.beside[:2]:
        names = ", ".join(one.pool.queues)
        where = "" if len(summary.beside) == 1 else f" ({shortened(names, 30)})"
        within = format_duration(one.threshold_s * 1000)
        said = f"By formula{where}, in {within} of all offered: Erlang C {percent(one.erlang_c)}"
        if one.erlang_a is not None:
            said += (
                f", Erlang A {percent(one.erlang_a)} (abandoned {percent(one.erlang_a_abandoned)})"
            )
        said += f"; simulated {percent(one.simulated.value)} (abandoned {percent(one.simulated_abandoned.value)})."
        lines += wrapped(said, indent=4)
        lines += wrapped("Why they differ: " + "; ".join(one.because[:3]) + ".", indent=4, first=2)
    return lines


def _worst_lines(summary: Summary) -> list[str]:
    if not summary.worst:
        return []
    asked = ask(summary.result.scenario, summary.level_metric)
    unit = asked.measure.unit
    rows = [["interval", "queue", column_head(summary.level_metric, asked), "contacts"]]
    rows += [
        [cell["interval"], shortened(cell["queue"], 30), ranged(cell["value"], cell["low"], cell["high"], unit),
         count(cell["contacts"])]
        for cell in summary.worst
    ]  # fmt: skip
    return ["The five worst intervals and queues", *aligned(rows, left=(0, 1), indent=1)]


def _footer(summary: Summary) -> list[str]:
    result = summary.result
    assumed = sorted({a.path.rpartition(".")[2] for a in summary.assumed})
    lines = []
    if assumed:
        said = f"Assumed, not given: {', '.join(assumed)} (slasim check says how)."
        lines += wrapped(said, indent=4)
    return [*lines, f"seed {result.seed} · engine {result.engine}"]


# ------------------------------------------------------------------ tables asked for


def trade_lines(one: Trade, *, most: int = 48) -> list[str]:
    """The day with the most contacts in the trade's columns."""
    by_day: dict[str, float] = {}
    for text, contacts in zip(one.interval, one.forecast, strict=True):
        by_day[text[:10]] = by_day.get(text[:10], 0.0) + float(contacts)
    day = max(by_day, key=lambda d: round(by_day[d], 6))
    method = {"erlang_a": "Erlang A", "erlang_c": "Erlang C"}[one.method]
    goal = f"{percent(one.goal.service_level)} in {format_duration(one.goal.threshold_s * 1000)}"
    if one.goal.max_occupancy is not None:
        goal += f", at most {percent(one.goal.max_occupancy)} busy"
    usual = "" if one.goal.given else " (no commitment: the usual goal)"
    heads = [
        "interval",
        "forecast",
        "AHT",
        "workload",
        "required",
        "on phones",
        "over/under",
        "occupancy",
    ]
    rows = [heads]
    for i, text in enumerate(one.interval):
        if text[:10] == day and (one.forecast[i] > 0 or one.on_phones[i] > 0):
            aht = "-" if one.aht_s[i] != one.aht_s[i] else f"{one.aht_s[i]:.0f} s"
            rows.append([
                text[11:], count(one.forecast[i]), aht, f"{one.workload[i]:.1f}", f"{one.required[i]:.0f}",
                f"{one.on_phones[i]:.1f}", f"{one.over_under[i]:+.1f}", percent(float(one.occupancy[i])),
            ])  # fmt: skip
    return [
        shortened(f"{day}, the day with most contacts · {one.pool.name}"),
        f"required by {method} for {goal}{usual}; occupancy as simulated",
        *aligned(rows[: most + 1], indent=1),
        "All days: --trade --out FILE.csv",
    ]


def table_screen(title: str, rows: Sequence[Mapping[str, Any]], result: Result, unit: str) -> str:
    """A metric split by --by, its rows without contacts left out."""
    columns = ("value", "before", "after", "low", "high")
    formats: dict[str, Any] = dict.fromkeys(columns, percent if unit == "share" else None)
    formats["difference"] = _in_points if unit == "share" else None
    formats["times as sure"] = lambda times: f"{times:,.1f}"
    if rows and "difference" in rows[0]:
        formats["low"] = formats["high"] = formats["difference"]
    plain = [
        {("times as sure" if key == "variance_reduction" else key): item for key, item in row.items()
         if key != "replications"}
        for row in rows
    ]  # fmt: skip
    judged = [row for row in plain if not math.isnan(row.get("value", row.get("difference", 0.0)))]
    lines = [
        title + (", in seconds" if unit == "time" else ""),
        *table_lines(judged, formats=formats),
    ]
    return "\n".join([*lines, result_line(result)])


def _in_points(share: float) -> str:
    return f"{100 * share:+.1f} pt"


def result_line(result: Result) -> str:
    """How much was simulated, in one line under a table."""
    word = simulated(result)
    many = word if result.replications == 1 else PLURAL[word]
    return f"{result.replications:,} simulated {many} · range 95 of 100 · seed {result.seed}"
