"""What `slasim check` says: what was assumed, work against staff by hour, paid > scheduled > on phones.

It lays out what the scenario answers (`assumed`, `workload`) and works out nothing but sums by hour.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from slasim.clock import format_duration
from slasim.scenario import Scenario
from slasim.scenario.assumed import Assumption
from slasim.scenario.workload import Workload, WorkloadRow
from slasim.show.words import aligned, count, headline, percent, shortened, wrapped

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def check_json(centre: Scenario) -> dict[str, Any]:
    """Stable keys: what `slasim check --json` prints."""
    work = centre.workload()
    return {
        "scenario": centre.name,
        "file": centre.file,
        "problems": [],
        "assumed": [a._asdict() for a in centre.assumed()],
        "workload": {
            "contacts": work.contacts,
            "week_hours": work.week_hours,
            "intervals_short": len(work.short),
            "deferred": [vars(queue) for queue in work.deferred],
            "spare_hours": work.spare_hours,
            "groups": [vars(group) for group in work.groups],
            "intervals": workload_rows(work),
        },
    }


def workload_rows(work: Workload) -> list[dict[str, Any]]:
    """One plain row per interval; what is not a number is None."""
    return [
        {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in vars(row).items()}
        for row in work.rows
    ]  # fmt: skip


def check_screen(centre: Scenario) -> str:
    """The whole screen."""
    work = centre.workload()
    days = round((centre.end - centre.start) / timedelta(days=1), 2)  # as the calendar counts them
    lines = [
        headline(
            "check", centre.name, f"{count(days)} {'day' if days == 1 else 'days'} from {centre.start:%Y-%m-%d}",
            f"{count(work.contacts)} contacts expected",
        ),
        f"No problem found in {_counted(len(centre.queues), 'queue')}, {_counted(len(centre.groups), 'group')}, "
        f"{_counted(len(centre.metrics), 'metric')} and their data files.",
        "",
        *assumed_lines(centre.assumed()),
        "",
        *_channel_lines(centre),
        *(_at_once_lines(centre, work) if any(row.contacts for row in work.rows) else []),
        *_deferred_lines(work),
        *_chain_lines(centre, work),
    ]  # fmt: skip
    return "\n".join(lines)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# ------------------------------------------------------------------ assumed


def assumed_lines(assumed: Sequence[Assumption]) -> list[str]:
    """Path, value and sentence; paths that say the same share a line."""
    if not assumed:
        return ["Nothing had to be assumed."]
    together: dict[tuple[str, str, str], list[str]] = {}
    for a in assumed:
        together.setdefault((a.path.rpartition(".")[2], a.value, a.sentence), []).append(a.path)
    rows = [(_joined(paths), value, said) for (_, value, said), paths in together.items()]
    lines = ["Assumed, not given"]
    wide = [min(max(len(row[c]) for row in rows), most) for c, most in ((0, 36), (1, 22))]
    for path, value, said in rows:
        start = f" {path:<{wide[0]}}  {value:<{wide[1]}}  "
        if len(start) <= 64:
            first, *rest = wrapped(said, indent=len(start), first=len(start))
            lines += [start + first.lstrip(), *rest]
        else:
            lines += [start.rstrip(), *wrapped(said, indent=4, first=4)]
    return lines


def _joined(paths: Sequence[str]) -> str:
    """queues.a.aht and queues.b.aht as queues.(a, b).aht; many as a number."""
    if len(paths) == 1:
        return paths[0]
    parts = [path.split(".") for path in paths]
    if len({(p[0], *p[2:]) for p in parts}) > 1:
        return ", ".join(paths)
    names = ", ".join(p[1] for p in parts)
    rest = ".".join(parts[0][2:])
    if len(f"{parts[0][0]}.({names}).{rest}") > 34:
        names = f"{len(parts)} of them"
    return f"{parts[0][0]}.({names}).{rest}"


# ------------------------------------------------------------------ work against staff


def _at_once_lines(centre: Scenario, work: Workload) -> list[str]:
    return [*_work_lines(centre, work), "", *_short_lines(centre, work)]


def _channel_lines(centre: Scenario) -> list[str]:
    """Which queues come by which channel, and how many chats an agent has; nothing where all are calls."""
    by_channel: dict[str, list[str]] = defaultdict(list)
    for name, queue in centre.queues.items():
        by_channel[queue.channel].append(name)
    if set(by_channel) == {"voice"}:
        return []
    said = "; ".join(f"{channel}: {', '.join(names)}" for channel, names in by_channel.items())
    lines = wrapped(f"Channels  {said}", indent=10, first=0)
    sharing = [
        f"{name} {_counted(group.chat_slots, 'slot')}"
        + (
            f" (handle time x {', '.join(f'{f:.3g}' for f in group.slowdown)})"
            if group.chat_slots > 1
            else ""
        )
        for name, group in centre.groups.items()
        if any(centre.queues[queue].kind.shares for queue in group.takes)
    ]
    if sharing:
        lines += wrapped(f"Chats     {'; '.join(sharing)}", indent=10, first=0)
        lines += wrapped(
            "Erlangs below count chats with all slots in use: the least staff that they need.",
            indent=10,
        )
    return [*lines, ""]


def _deferred_lines(work: Workload) -> list[str]:
    """Work that can wait needs hours, not agents per interval."""
    if not work.deferred:
        return []
    hours = sum(queue.hours for queue in work.deferred)
    each = ", ".join(
        f"{queue.queue} {count(queue.handled)} x {3600 * queue.hours / queue.handled:.0f} s = {queue.hours:,.0f} h"
        for queue in work.deferred
        if queue.handled
    )
    spare = f"who takes it has {work.spare_hours:,.0f} h beside what is wanted at once"
    end = ": the backlog grows." if hours > work.spare_hours else "."
    return wrapped(f"Deferred work {hours:,.0f} h ({each}); {spare}{end}")


def _work_lines(centre: Scenario, work: Workload) -> list[str]:
    per_hour = max(1, 3_600_000 // centre.interval)
    days = sorted({row.start[:10] for row in work.rows})
    if len(days) == 1:
        return _day_lines(work.rows)
    local = centre.grid.local
    weekdays = [int(day) for day in local.weekday[centre.grid.warm :]]
    cells: dict[tuple[int, int], list[WorkloadRow]] = defaultdict(list)
    for row, weekday in zip(work.rows, weekdays, strict=True):
        cells[int(row.start[11:13]), weekday].append(row)
    hours = sorted({hour for (hour, _), rows in cells.items() if _busy(rows)})
    shown = [d for d in range(7) if any(_busy(cells.get((hour, d), [])) for hour in hours)]
    if not hours:
        return ["No contacts and no staff in any interval."]
    found = [(hour, [_against(cells.get((hour, d), [])) for d in shown]) for hour in hours]
    table = [["hours", *(_WEEK[d] for d in shown)], *_alike(found)]
    said = "Erlangs / staff on the phones, mean of the hour"
    if per_hour > 1 or len(days) > 7:
        said += "s of all weeks" if len(days) > 7 else ""
    return [f"{said} (! = more work than staff)", *aligned(table, indent=1, gap=3)]


def _busy(rows: Iterable[WorkloadRow]) -> bool:
    return any(row.erlangs > 0 or row.on_phones > 0 for row in rows)


def _against(rows: Sequence[WorkloadRow]) -> str:
    if not _busy(rows):
        return "."
    erlangs = sum(row.erlangs for row in rows) / len(rows)
    phones = sum(row.on_phones for row in rows) / len(rows)
    return f"{_agents(erlangs)}/{_agents(phones)}{'!' if erlangs > phones else ' '}"


def _agents(number: float) -> str:
    return f"{number:.1f}" if number < 100 else f"{number:.0f}"


def _day_lines(rows: Sequence[WorkloadRow]) -> list[str]:
    by_hour: dict[str, list[WorkloadRow]] = defaultdict(list)
    for row in rows:
        by_hour[row.start[11:13]].append(row)
    heads = ["hours", "contacts/h", "AHT", "Erlangs", "on phones", "over/under", "occupancy"]
    found: list[tuple[int, list[str]]] = []
    for hour, inside in by_hour.items():
        if not _busy(inside):
            continue
        contacts = sum(row.contacts for row in inside)
        worked = sum(row.contacts * row.aht_s for row in inside if row.contacts)
        erlangs, phones = (
            sum(getattr(row, key) for row in inside) / len(inside)
            for key in ("erlangs", "on_phones")
        )
        found.append((int(hour), [
            count(contacts), f"{worked / contacts:.0f} s" if contacts else "-",
            _agents(erlangs), _agents(phones), f"{phones - erlangs:+.1f}",
            percent(erlangs / phones) if phones else "-",
        ]))  # fmt: skip
    title = "Work against staff by hour (Erlangs = contacts x AHT / time)"
    return [title, *aligned([heads, *_alike(found)], indent=1)]


def _alike(found: Sequence[tuple[int, list[str]]]) -> list[list[str]]:
    """Rows under their hours; hours that follow each other and say the same share a row."""
    rows: list[list[str]] = []
    since = until = -1
    for hour, cells in found:
        if rows and hour == until and cells == rows[-1][1:]:
            until = hour + 1
        else:
            since, until = hour, hour + 1
            rows.append(["", *cells])
        rows[-1][0] = f"{since:02d}:00" + ("" if until == since + 1 else f"-{until:02d}:00")
    return rows


def _short_lines(centre: Scenario, work: Workload) -> list[str]:
    short = work.short
    open_ = sum(1 for row in work.rows if row.contacts > 0)
    if not short:
        return [f"Staff exceeds the work in each of the {open_:,} intervals with contacts."]
    worst = max(short, key=lambda row: row.erlangs - row.on_phones)
    hours = len(short) * centre.interval / 3_600_000
    return wrapped(
        f"Work exceeds staff in {len(short):,} of {open_:,} intervals with contacts ({hours:,.1f} h): there the "
        f"queue grows. Worst {worst.start}: {worst.erlangs:.1f} Erlangs, {worst.on_phones:.1f} on the phones."
    )


# ------------------------------------------------------------------ paid > scheduled > on phones


def _chain_lines(centre: Scenario, work: Workload) -> list[str]:
    lines = []
    for group in work.groups:
        cost = "" if group.cost is None else f", {group.cost:,.0f} {centre.currency}"
        lines.append(
            shortened(
                f"{group.group}: paid {group.paid:,.0f} h > scheduled {group.scheduled:,.0f} h > on phones "
                f"{group.on_phones:,.0f} h; {group.fte:.1f} FTE of {work.week_hours:g} h a week{cost}"
            )
        )
        idle = _idle_hours(centre, group.group)
        if idle >= 0.01 * group.on_phones and idle >= 1:
            lines += wrapped(
                f"  {idle:,.0f} h of them on the phones while all its queues are closed: give the group a calendar, "
                "or ignore its occupancy.",
                indent=2,
            )
    wide = format_duration(centre.interval)
    return [*lines, f"All intervals of {wide}: --out FILE.csv. Next: slasim simulate {centre.file}"]


def _idle_hours(centre: Scenario, group: str) -> float:
    """Hours on the phones in intervals in which no queue of the group is open."""
    queues = [centre.expected(name) for name in centre.groups[group].takes]
    opened = sum(queue.open_ms for queue in queues)
    calendar = centre.calendar_of_group(group)
    phones = centre.on_phones(group)
    if calendar is not None:
        phones = phones * (centre.grid.open_ms(calendar)[centre.grid.warm :] > 0)
    return float(phones[opened == 0].sum()) * centre.interval / 3_600_000
