"""Real incidents judged against a stated policy: totals reconcile, drops are counted, and a second count agrees."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from studies.real_tickets import judged

from slasim.history import HistoryVerdict

LOG = Path(__file__).parent / "data" / "servicenow" / "incidents.csv"
MINUTES = {"1": 30, "2": 60, "3": 240, "4": 480}


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> HistoryVerdict:
    return judged("servicenow", LOG, tmp_path_factory.mktemp("servicenow"))


def incidents() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    with LOG.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["number"], []).append(row)
    return found


def test_totals_reconcile(verdict: HistoryVerdict) -> None:
    left_out = 3
    for totals in verdict.totals_by_metric().values():
        assert (
            totals.met + totals.missed + totals.open + totals.not_applicable == totals.with_target
        )
        assert totals.with_target == totals.tickets == len(incidents()) - left_out
    whole = verdict.totals
    assert whole is not None
    by_day = verdict.compliance("day")
    assert sum(row.fulfilled for row in by_day.rows) == whole.met
    assert sum(row.missed for row in by_day.rows) == whole.missed
    assert len(verdict.log()) == whole.met + whole.missed
    assert (
        sum(row.totals.with_target for row in verdict.compliance("department").rows)
        == whole.with_target
    )


def test_the_reading_report_says_what_was_dropped_and_why(verdict: HistoryVerdict) -> None:
    reading = verdict.reading
    assert reading.read - reading.kept == sum(rows.rows for rows in reading.dropped) == 20
    reasons = {rows.reason: rows.rows for rows in reading.dropped}
    assert reasons == {
        "an event is earlier than the one above it of the same ticket": 3,
        "other rows of tickets with such a row": 17,
    }
    assert reading.said == ("3 tickets left out whole",)
    assert reading.dropped[0].lines[0] > 1


def open_minutes(since: datetime, until: datetime) -> int:
    """Minutes from Monday to Friday, 08:00 to 18:00, counted one by one day."""
    total, day = 0, since.date()
    while day <= until.date():
        if day.weekday() < 5:
            opens = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
            begin, end = max(since, opens), min(until, opens + timedelta(hours=10))
            total += max(0, int((end - begin).total_seconds()) // 60)
        day += timedelta(days=1)
    return total


def test_first_actions_counted_a_second_way(verdict: HistoryVerdict) -> None:
    """Business minutes from opening to the first state that is not New, day by day, for incidents of one priority."""
    clocks = {
        row["ticket_id"]: row
        for row in verdict.to_json()["clocks"]
        if row["metric"] == "first_action"
    }
    compared = 0
    for name, rows in incidents().items():
        if name not in clocks or len({row["priority"] for row in rows}) > 1:
            continue
        acted = next(row for row in rows if row["incident_state"] != "New")
        since, until = (
            datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
            for text in (rows[0]["opened_at"], acted["sys_updated_at"])
        )
        minutes = open_minutes(since, until)
        assert clocks[name]["elapsed_s"] == 60 * minutes, name
        if minutes != MINUTES[rows[0]["priority"]]:  # at the very minute closing time decides
            met = minutes < MINUTES[rows[0]["priority"]]
            assert clocks[name]["state"] == ("met" if met else "breached"), name
        compared += 1
    assert compared > 250
