"""Real help-desk logs judged against a stated policy: compliance and log reports, and what was read and dropped.

    python tests/studies/real_tickets.py servicenow incident_event_log.csv.gz --out reports
    python tests/studies/real_tickets.py helpdesk helpdesk_events.csv.gz --out reports

The logs are public: "Incident management process enriched event log" (UCI Machine Learning Repository, data set 498,
CC BY 4.0), and "Dataset belonging to the help desk log of an Italian Company" (M. Polato, 4TU.ResearchData).
The first is the audit log of a ServiceNow instance, the second a process-mining log.

Each is turned into slasim's ticket event log, row by row and without dropping anything: what cannot be right is left
to slasim's reader, which counts it. Neither log has replies, so the first sign of work stands in for the first reply:
the first state that is not New, and the first "Take in charge ticket". The targets are ours: neither company has
published its own. The zone of the ServiceNow log is not published either; its times are taken as UTC.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from slasim.history import HistoryVerdict, judge_history
from slasim.show.history import FORMATS, history_screen, write_reports

Row = Mapping[str, str]
Event = dict[str, str]
COLUMNS = (
    "ticket_id",
    "event_at",
    "event",
    "value",
    "priority",
    "department",
    "requester",
    "source",
)

SERVICENOW = """
name: ServiceNow incidents, a stated policy
calendars:
  office: {timezone: UTC, weekly: {mon-fri: ["08:00-18:00"]}}
metrics:
  first_action: {type: ticket_clock, metric: first_reply, calendar: office,
                 target_by: {priority: {"1": 30m, "2": 1h, "3": 4h, "4": 8h}}}
  resolution:   {type: ticket_clock, metric: requester_wait, calendar: office, pause_on: [pending, on_hold],
                 day_means: 10h, target_by: {priority: {"1": 4h, "2": 8h, "3": 3d, "4": 5d}}}
"""
HELPDESK = """
name: Italian help desk, a stated policy
timezone: Europe/Rome
calendars:
  office: {timezone: Europe/Rome, weekly: {mon-fri: ["08:00-18:00"]}, holidays: {country: IT}}
metrics:
  taken_in_charge: {type: ticket_clock, metric: first_reply, calendar: office, target: 8h}
  resolution:      {type: ticket_clock, metric: requester_wait, calendar: office, pause_on: [pending, on_hold],
                    day_means: 10h, target: 10d}
"""
STATUSES = {
    "New": "new", "Active": "open", "Awaiting User Info": "pending", "Awaiting Vendor": "on_hold",
    "Awaiting Problem": "on_hold", "Awaiting Evidence": "on_hold", "Resolved": "solved", "Closed": "closed",
    "Take in charge ticket": "open", "Wait": "pending", "Require upgrade": "on_hold", "Resolve ticket": "solved",
}  # fmt: skip
"""The logs' own words for the states of a ticket."""


def servicenow(rows: Iterator[Row]) -> Iterator[Event]:
    """Created at opened_at; then every change of state, priority and person, at sys_updated_at."""
    last: dict[str, Row] = {}
    acted: set[str] = set()
    for row in rows:
        name, at, before = row["number"], _day_first(row["sys_updated_at"]), last.get(row["number"])
        if before is None:
            yield _event(
                name, _day_first(row["opened_at"]), "created", "", priority=row["priority"],
                department=row["assignment_group"], requester=row["caller_id"], source=row["contact_type"],
            )  # fmt: skip
        if row["incident_state"] != "New" and name not in acted:
            acted.add(name)
            yield _event(name, at, "agent_public", row["assigned_to"])
        for column, event in (("priority", "priority"), ("assigned_to", "assigned")):
            known = (
                before[column]
                if before is not None
                else row["priority"]
                if column == "priority"
                else ""
            )
            if row[column] != known and _known(row[column]):
                yield _event(name, at, event, row[column])
        if row["incident_state"] != (before["incident_state"] if before is not None else "New"):
            yield _event(name, at, "status", row["incident_state"])
        last[name] = row


def helpdesk(rows: Iterator[Row]) -> Iterator[Event]:
    """Created with its first event; then every change of state and person."""
    seen: set[str] = set()
    taken: set[str] = set()
    for row in rows:
        name, activity = row["Case ID"], row["Activity"]
        at = row["Complete Timestamp"].replace("/", "-")
        if name not in seen:
            seen.add(name)
            yield _event(
                name, at, "created", "", priority=row["seriousness_2"], department=row["support_section"],
                requester=row["customer"], source=row["service_type"],
            )  # fmt: skip
        if activity == "Take in charge ticket":
            if name not in taken:
                taken.add(name)
                yield _event(name, at, "agent_public", row["Resource"])
            yield _event(name, at, "assigned", row["Resource"])
        if activity in STATUSES or activity == "Closed":
            yield _event(name, at, "status", activity)
        elif activity != "Take in charge ticket":
            yield _event(name, at, "agent_internal", row["Resource"])


LOGS: dict[str, tuple[Callable[[Iterator[Row]], Iterator[Event]], str, str]] = {
    "servicenow": (servicenow, SERVICENOW, "UTC"),
    "helpdesk": (helpdesk, HELPDESK, "Europe/Rome"),
}


def _event(name: str, at: str, event: str, value: str, **attributes: str) -> Event:
    told = {key: text for key, text in attributes.items() if _known(text)}
    return {
        "ticket_id": name,
        "event_at": at,
        "event": event,
        "value": value if _known(value) else "",
        **told,
    }


def _known(text: str) -> bool:
    return text not in ("", "?")


def _day_first(text: str) -> str:
    """`29/2/2016 01:16` as `2016-02-29 01:16`; anything else as it stands, for the reader to refuse."""
    day, _, time = text.partition(" ")
    parts = day.split("/")
    if len(parts) != 3:
        return text
    return f"{parts[2]}-{int(parts[1]):02d}-{int(parts[0]):02d} {time}"


def opened(path: Path) -> TextIO:
    """The text of a CSV file, gzipped or not."""
    return (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8")
    )


def translate(kind: str, path: Path, folder: Path) -> tuple[Path, Path]:
    """Write history.csv and policy.yaml into a folder."""
    read, policy, _ = LOGS[kind]
    history, promised = folder / "history.csv", folder / "policy.yaml"
    with opened(path) as source, history.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        # A column may stand twice in the header (Variant): the names that matter do not.
        writer.writerows(read(iter(csv.DictReader(source))))
    promised.write_text(policy.lstrip(), encoding="utf-8")
    return history, promised


def judged(kind: str, path: Path, folder: Path) -> HistoryVerdict:
    """The verdict on a log of that kind."""
    history, policy = translate(kind, path, folder)
    return judge_history(
        history, policy, timezone=LOGS[kind][2], statuses=STATUSES, bad_rows="drop"
    )


def main() -> None:
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("kind", choices=sorted(LOGS))
    asked.add_argument("log", type=Path, help="the event log (.csv or .csv.gz)")
    asked.add_argument("--out", type=Path, default=Path("reports"), help="folder for the reports")
    asked.add_argument("--format", choices=FORMATS, default="csv")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    verdict = judged(given.kind, given.log, given.out)
    print(history_screen(verdict))
    for path in write_reports(verdict, given.out, given.format):
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
