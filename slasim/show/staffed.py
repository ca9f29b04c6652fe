"""What `slasim erlang` says: a forecast file staffed by formula.

It lays out a `StaffedForecast` and works out nothing but sums by hour of the day.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from slasim.clock import format_duration
from slasim.scenario.forecast_file import StaffedForecast
from slasim.scenario.workload import WEEK_HOURS
from slasim.show.words import aligned, count, headline, percent, shortened, wrapped

_MOST = 26


def staffed_screen(found: StaffedForecast) -> str:
    """The whole screen: totals by queue, then the busiest day by interval."""
    rows = list(found.rows())
    interval = format_duration(found.forecast.horizon.interval)
    goal = f"{percent(found.service_level)} in {format_duration(found.threshold_s * 1000)}"
    if found.max_occupancy is not None:
        goal += f", at most {percent(found.max_occupancy)} busy"
    days = sorted({row["interval_start"][:10] for row in rows})
    first, last = days[0], days[-1]
    spell = f"{len(days)} days, {first} to {last}" if len(days) > 1 else first
    lines = [
        headline("erlang", Path(found.forecast.file).name, spell, f"intervals of {interval}"),
        *wrapped(f"Agents required on the phones for {goal}, in every interval. Scheduled: required / (1 - shrinkage "
                 f"of {percent(found.shrinkage)})."),
        "",
        *_queue_lines(found, rows),
        "",
        *_day_lines(found, rows),
        *_notes(found),
    ]  # fmt: skip
    return "\n".join(lines)


def _method(found: StaffedForecast) -> str:
    methods = {queue.method for queue in found.queues.values()}
    names = [
        said for key, said in (("erlang_c", "Erlang C"), ("erlang_a", "Erlang A")) if key in methods
    ]
    return " and ".join(names)


def _queue_lines(found: StaffedForecast, rows: list[dict[str, Any]]) -> list[str]:
    table = [
        ["queue", "contacts", "AHT", "peak", "at", "scheduled h", "FTE", "occupancy", "in time"]
    ]
    by_queue: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_queue[row["queue"]].append(row)
    for name, queue in list(found.queues.items())[:10]:
        offered = float(queue.offered.sum())
        aht = float(queue.workload.sum() * queue.interval_s / offered) if offered else 0.0
        peak = max(by_queue[name], key=lambda row: float(row["required"]))
        table.append([
            shortened(name, 24), count(offered), f"{aht:.0f} s", f"{peak['required']}", peak["interval_start"][5:],
            count(round(queue.total_fte_hours)), f"{queue.total_fte_hours / found.weeks / WEEK_HOURS:.1f}",
            percent(queue.pooled_occupancy), percent(queue.pooled_service_level),
        ])  # fmt: skip
    lines = aligned(table)
    if len(found.queues) > 10:
        lines.append(f"… and {len(found.queues) - 10} more queues: --out FILE.csv")
    lines.append(f"Together {found.fte:.1f} FTE: {count(round(found.scheduled_hours))} scheduled hours, "
                 f"{WEEK_HOURS:g} h a week.")  # fmt: skip
    if found.fte_together is not None:
        lines[-1] += f" If all agents took every queue: {found.fte_together:.1f} FTE."
    return lines


def _day_lines(found: StaffedForecast, rows: list[dict[str, Any]]) -> list[str]:
    """The day with most work; by hour where it has many intervals, and the queues together."""
    work: dict[str, float] = defaultdict(float)
    for row in rows:
        work[row["interval_start"][:10]] += row["workload"]
    day = max(work, key=lambda d: work[d])
    by_start: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["interval_start"].startswith(day):
            by_start[row["interval_start"][11:]].append(row)
    starts = [start for start, inside in by_start.items() if any(r["offered"] > 0 for r in inside)]
    step = "" if len(starts) <= _MOST else ", on the hour"
    if step:
        starts = [start for start in starts if start[3:5] == "00"]
    heads = [
        "interval",
        "forecast",
        "workload",
        "required",
        "scheduled",
        "occupancy",
        "in time",
        "FTE-hours",
    ]
    pooled: dict[str, int] = {}
    if found.together is not None:
        heads.insert(4, "if shared")
        local = found.forecast.horizon.local.text
        pooled = dict(
            zip((str(text) for text in local), found.together.required.tolist(), strict=True)
        )
    table = [heads]
    for start in starts[:_MOST]:
        inside = by_start[start]
        offered = sum(r["offered"] for r in inside)
        required = sum(r["required"] for r in inside)
        in_time = sum(r["offered"] * r["service_level"] for r in inside if r["offered"] > 0)
        busy = sum(r["required"] * r["occupancy"] for r in inside if r["required"] > 0)
        shared = [str(pooled[inside[0]["interval_start"]])] if pooled else []
        table.append([
            start, count(offered), f"{sum(r['workload'] for r in inside):.1f}", f"{required}", *shared,
            f"{sum(r['scheduled'] for r in inside):.1f}", percent(busy / required if required else None),
            percent(in_time / offered if offered else None), f"{sum(r['fte_hours'] for r in inside):.1f}",
        ])  # fmt: skip
    together = (
        "" if len(found.queues) == 1 else ", each queue by its own agents; if shared: all by all"
    )
    return [f"{day}, the day with most work{step}{together}", *aligned(table, indent=1)]


def _notes(found: StaffedForecast) -> list[str]:
    moving = "the load rises and falls inside each interval" if found.modified_offered_load else (
        "each interval as if it had always been so")  # fmt: skip
    loss = (
        ""
        if _method(found) == "Erlang A"
        else " Nobody hangs up in Erlang C (--patience 180s: Erlang A)."
    )
    return [
        "",
        *wrapped(
            f"By {_method(found)}, {moving}; the forecast is taken as certain.{loss} All intervals: --out FILE.csv. "
            "What a real day does to it: slasim init, then slasim simulate."
        ),
    ]
