"""What the screen says of the whole operation: who comes again, chats in hand, tickets and their backlog, overtime.

It lays out a `Summary` and works out nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from slasim.outcome.estimates import Estimate
from slasim.show.cells import simulated
from slasim.show.words import (
    PLURAL,
    aligned,
    count,
    headline,
    percent,
    ranged,
    seconds,
    shortened,
    spoken,
    wrapped,
)
from slasim.study.coming_again import ComingAgain
from slasim.study.hands import Hands, Overtime
from slasim.study.people import LateStarts, Person
from slasim.study.result import Result
from slasim.study.summary import Channel, Summary

_PEOPLE = 30
_CLOCKS = 6
"""Ticket clocks shown before the rest is left to --json."""


def _said(e: Estimate) -> str:
    return ranged(e.value, e.low, e.high, e.unit)


def again_lines(one: ComingAgain) -> list[str]:
    """Redials, call-backs and what becomes of matters, of one queue; nothing where nobody comes again."""
    parts = []
    if one.first is not None:
        firsts = round(1000 * one.first.share)
        parts.append(f"of 1,000 attempts forecast, {firsts:,} are first attempts")
    if one.attempts_per_caller is not None:
        parts.append(
            f"{count(one.redials)} redials, {_said(one.attempts_per_caller)} attempts a caller"
        )
    if one.promised:
        kept = "" if one.in_time is None else f", {_said(one.in_time)} within the time promised"
        made = percent(one.called_back / one.promised)
        parts.append(f"{count(one.promised)} call-backs promised, {made} made{kept}")
    if one.transfers:
        parts.append(f"{count(one.transfers)} handed on to it")
    if one.messages:
        parts.append(f"{count(one.messages)} messages to deal with")
    if one.repeats:
        parts.append(f"{count(one.repeats)} come once more with the same matter")
    if one.first_contact_resolution is not None:
        parts.append(f"resolved at first contact {_said(one.first_contact_resolution)}")
    if one.contacts_per_resolution is not None:
        parts.append(f"{spoken(one.contacts_per_resolution.value, 'number')} contacts a resolution")
    if one.satisfaction is not None:
        parts.append(f"satisfied, as stated, {_said(one.satisfaction)}")
    if one.churn is not None:
        parts.append(f"leaving, as stated, {_said(one.churn)}")
    return wrapped(f"{shortened(one.queue, 24)}: {'; '.join(parts)}", indent=4) if parts else []


def hands_lines(found: Sequence[Hands]) -> list[str]:
    """The three numbers of agents with several chats in hand, under their formulas."""
    if not found:
        return []
    rows = [["chats in hand", "slots", "occupancy", "chats at once", "slots in use"]]
    for one in found:
        rows.append([
            shortened(one.group, 24), str(one.slots), _said(one.occupancy), _said(one.concurrency),
            _said(one.slot_utilisation),
        ])  # fmt: skip
    first = found[0]
    lines = aligned(rows)
    formulas = (
        f"occupancy = {first.occupancy.metric}; chats at once = {first.concurrency.metric}; "
        f"slots in use = {first.slot_utilisation.metric}"
    )
    return [*lines, *wrapped(f"({formulas})", indent=1)]


def ticket_block(summary: Summary, channel: Channel) -> list[str]:
    """Tickets: how many, what their clocks say, and the work that lies there."""
    rows = [[channel.name, "tickets", "touches", "AHT"]]
    for line in channel.lines:
        aht = line.estimates["aht"]
        came = line.offered if line.matters is None else line.matters
        tickets = count(came) if came else "-"  # a second line has only what is handed on to it
        rows.append([shortened(line.name, 24), tickets, count(line.offered), _said(aht)])
    lines = aligned(rows)
    if summary.tickets:
        clocks = [["clock", "in time", "if open missed", "if open met", "half in", "9 of 10 in"]]
        for one in summary.tickets[:_CLOCKS]:
            clocks.append([
                shortened(one.metric, 30), _said(one.value), percent(one.low.value),
                percent(one.high.value), *(_time(one.achieved[share]) for share in (0.5, 0.9)),
            ])  # fmt: skip
        lines += aligned(clocks, indent=1)
        if len(summary.tickets) > _CLOCKS:
            lines.append(f" … {len(summary.tickets) - _CLOCKS} more clocks in --json")
    return [*lines, *_backlog_lines(summary)]


def _time(e: Estimate) -> str:
    return "-" if e.value == float("inf") else seconds(e.value)


def _backlog_lines(summary: Summary) -> list[str]:
    found = summary.deferred
    if found is None:
        return []
    day, worst = found.whole, found.worst
    said = (
        f"Left at the end of a day: {count(day.closing.value)} (oldest {_time(day.oldest)}), "
        f"{spoken(day.days_of_work.value, 'number')} days of work; most on {worst.day}: "
        f"{count(worst.closing.value)}"
    )
    if day.in_time is not None:
        said += f"; of {found.metric} that fell due {_said(day.in_time)} in time"
    return wrapped(said, indent=4)


def overtime_lines(found: Sequence[Overtime]) -> list[str]:
    """Work finished past the end of the shift, by group."""
    parts = [
        f"{shortened(one.group, 24)} {one.length.value / 3_600_000:.1f} h ({percent(one.share.value)})"
        for one in found
    ]
    said = "Overtime, past the end of the shift (of time on duty)"
    return wrapped(f"{said}: {'; '.join(parts)}", indent=4) if parts else []


def late_lines(found: Sequence[LateStarts]) -> list[str]:
    """Shifts that began late, by group."""
    parts = [
        f"{shortened(one.group, 24)} {percent(one.share.value)} of shifts, {one.length.value / 3_600_000:.1f} h in all"
        for one in found
    ]
    return wrapped(f"Late starts: {'; '.join(parts)}", indent=4) if parts else []


def people_screen(found: Sequence[Person], result: Result) -> str:
    """Agents or teams, in an average simulated period."""
    late = any(one.late.value > 0 for one in found)
    heads = ["name", "group", "shifts", "contacts", "AHT", "occupancy", "overtime"]
    rows = [[*heads, "late"] if late else heads]
    for one in found[:_PEOPLE]:
        rows.append([
            shortened(one.name, 24), shortened(one.group, 16), f"{one.shifts:.1f}", count(one.contacts.value),
            _said(one.aht), _said(one.occupancy), f"{one.overtime.value / 60_000:.0f} min",
            *([f"{percent(one.late_starts.value)}, {one.late.value / 60_000:.0f} min"] if late else []),
        ])  # fmt: skip
    lines = [
        headline("simulate", result.scenario.name, "named agents"),
        *aligned(rows, left=(0, 1)),
    ]
    if len(found) > _PEOPLE:
        lines.append(f"… {len(found) - _PEOPLE} more: --out FILE.csv")
    first = found[0]
    lateness = f"late = {first.late_starts.metric}, {first.late.metric}; " if late else ""
    said = (
        f"AHT = {first.aht.metric}; occupancy = {first.occupancy.metric}; overtime = {first.overtime.metric}; "
        f"{lateness}in an average of {result.replications:,} simulated {PLURAL[simulated(result)]}"
    )
    return "\n".join([*lines, *wrapped(f"({said})", indent=1)])


__all__ = [
    "again_lines",
    "hands_lines",
    "late_lines",
    "overtime_lines",
    "people_screen",
    "ticket_block",
]
