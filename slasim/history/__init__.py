"""Real history: exports of switchboards and help desks, read and judged with no simulation, or held against one.

    read.py        a CSV export: columns by name, instants with a known zone, and what became of its rows
    contacts.py    one row per contact and queue visit -> ContactLog
    intervals.py   an interval report -> counts by queue and interval
    tickets.py     a ticket event log -> the event table of `sla/`
    judged.py      an interval report or contacts, judged exactly by month, day and interval
    judge.py       a history against a policy: what `slasim judge HISTORY.csv` answers
    unseen.py      the report of days that a scenario has not seen: what both have, what is refused
    back_testing.py  a scenario set on earlier weeks, held against such a report

The columns are slasim's own; presets of vendors translate theirs into these.
"""

from __future__ import annotations

from slasim.history.contacts import ContactHistory, read_contacts
from slasim.history.intervals import IntervalReport, read_intervals
from slasim.history.judge import HistoryVerdict, judge_history
from slasim.history.judged import Judged, judge_counts, judge_report
from slasim.history.read import ReadingReport
from slasim.history.tickets import TicketHistory, read_tickets

__all__ = [
    "ContactHistory",
    "HistoryVerdict",
    "IntervalReport",
    "Judged",
    "ReadingReport",
    "TicketHistory",
    "judge_counts",
    "judge_history",
    "judge_report",
    "read_contacts",
    "read_intervals",
    "read_tickets",
]
