"""Ticket clocks counted: a week told by hand, its shares, bounds, backlog, second line; splits, joined tallies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ticket_logs import log_of, touch, week_of_rows

import slasim as sl
from slasim.clock import HOUR, MINUTE
from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.errors import InputError
from slasim.outcome.cycles import cycles_of, judged_log
from slasim.outcome.deferred import CLOSING, COLUMNS, OLDEST
from slasim.outcome.tally import Only, Tally
from slasim.outcome.ticket_layout import STANDINGS, TicketLayout
from slasim.outcome.tickets import TicketTally
from slasim.scenario import load_text
from slasim.sla.compliance import compliance_report
from slasim.study import measures, tickets
from slasim.study.result import Result
from slasim.ticketfacts import TicketFacts

WEEK = """
name: A week by hand
start: 2026-03-02
end: 2026-03-09
drain_at_most: {ticket: 1d}
calendars: {office: {weekly: {mon-fri: ["09:00-17:00"]}}}
queues:
  calls: {arrivals: {per_hour: 1}, aht: 1min}
  email:
    channel: ticket
    arrivals: {per_day: {mon-sun: 1}}
    aht: 1min
    attributes: {priority: {low: 0.5, high: 0.5}}
    tier_2: {queue: experts_work, chance: 0.2, ola: 2h, calendar: office}
  experts_work: {channel: ticket, aht: 1min}
groups:
  front: {takes: {calls: 1, email: 2}, staffing: 3, team: first line}
  experts: {takes: {experts_work: 1}, staffing: 1}
metrics:
  first_reply: {queues: [email], type: ticket_clock, metric: first_reply, calendar: office, target: 2h}
  next_reply: {type: ticket_clock, metric: next_reply, calendar: office, target: 1h}
  resolution: {queues: [email], type: ticket_clock, metric: requester_wait, calendar: office, target: 4h}
  assigned: {type: ticket_clock, metric: first_assign, target: 30min}
levels:
  Slow: {first_reply: 3h}
rules:
  list: [{name: low, when: {priority: low}, set_level: Slow}]
contract:
  period: week
  commitments: [{metric: first_reply, target: 0.5}, {metric: resolution, target: 0.9, period: day}]
"""


@pytest.fixture(scope="module")
def centre() -> sl.Scenario:
    return load_text(WEEK)


@pytest.fixture(scope="module")
def layout(centre: sl.Scenario) -> TicketLayout:
    found = measures.layout(centre).tickets
    assert found is not None
    return found


def draw_of(centre: sl.Scenario, priority: tuple[int, ...] = (-1,) * 8) -> Draw:
    """A Draw of which only the facts are read."""
    facts = TicketFacts({"priority": np.array(priority, np.int32)}, {"priority": ("low", "high")})
    return replace(sl.sample(centre, 1, 0), facts=facts)


def counted(centre: sl.Scenario, layout: TicketLayout, log: ContactLog) -> TicketTally:
    tally = TicketTally.empty(layout, rows=1, batches=1)
    tally.add(draw_of(centre), log, row=0, batch=0)
    return tally


@pytest.fixture(scope="module")
def log() -> ContactLog:
    return log_of(*week_of_rows())


@pytest.fixture(scope="module")
def tally(centre: sl.Scenario, layout: TicketLayout, log: ContactLog) -> TicketTally:
    return counted(centre, layout, log)


class TestAWeekByHand:
    @pytest.mark.parametrize(
        ("metric", "standings"),
        [
            # two in time; ticket 1 after 2 h 30; ticket 3 never
            ("first_reply", (2, 1, 1, 0, 0)),
            # over night 50 min; 2 h; what came on Sunday starts on Monday, beyond the week
            ("next_reply", (1, 1, 0, 0, 0)),
            ("resolution", (3, 0, 1, 0, 0)),
            ("assigned", (1, 2, 1, 0, 0)),
            ("tier_2/email", (1, 0, 0, 0, 0)),
        ],
    )
    def test_what_became_of_the_clocks(
        self, tally: TicketTally, metric: str, standings: tuple[int, ...]
    ) -> None:
        found = tally.by_standing(metric, "queue")[0].sum(axis=0)
        assert dict(zip(STANDINGS, found.tolist(), strict=True)) == dict(
            zip(STANDINGS, standings, strict=True)
        )

    def test_a_cycle_stands_where_its_sla_started(self, tally: TicketTally) -> None:
        found = tally.counts_by_interval("first_reply").cells[0]
        where = {(int(i), int(s)): int(found[i, s]) for i, s in zip(*np.nonzero(found), strict=True)}  # fmt: skip
        # Monday 09:00 (one came at 08:00): one met, one missed; Thursday 12:00 missed; Friday 16:00 met.
        assert where == {(18, 0): 1, (18, 1): 1, (3 * 48 + 24, 1): 1, (4 * 48 + 32, 0): 1}

    def test_periods_add_up_what_intervals_hold(self, tally: TicketTally) -> None:
        week = tally.by_period("first_reply", ("email",), "week").cells[0]
        assert week.tolist() == [[2, 2, 0]]
        days = tally.by_period("resolution", ("email",), "day").cells[0]
        assert days[:, :2].tolist() == [[2, 0], [0, 0], [0, 0], [0, 1], [1, 0], [0, 0], [0, 0]]

    def test_by_the_day_on_which_they_fell_due(self, tally: TicketTally) -> None:
        met, judged = tally.by_due_day("first_reply", ("email",))
        # The ticket of Friday falls due on the Monday after.
        assert met[0].tolist() == [1, 0, 0, 0, 0, 0, 0]
        assert judged[0].tolist() == [2, 0, 0, 1, 0, 0, 0]

    def test_by_team_and_owner(self, tally: TicketTally) -> None:
        team = tally.by_standing("first_reply", "team")[0]
        # first line, experts, nobody: ticket 2 was answered by the experts, ticket 3 by nobody.
        assert team[:, :3].tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 1]]
        owner = tally.by_standing("tier_2/email", "owner")[0]
        assert owner[:, 0].tolist() == [0, 1, 0]

    def test_times_counted(self, tally: TicketTally) -> None:
        edges, bins = tally.histogram("first_reply", ("email",), used=False, stopped_only=True)
        found = {int(edges[b] / MINUTE): int(bins[0, b]) for b in np.flatnonzero(bins[0])}
        assert sum(found.values()) == 3
        assert found[60] == 2
        edges, bins = tally.histogram("first_reply", ("email",), used=True, stopped_only=False)
        assert bins[0, -1] == 1  # never answered: longer than any edge
        assert bins[0, np.searchsorted(edges, 500)] == 2  # half of the two hours

    def test_the_day_of_the_desk(self, tally: TicketTally) -> None:
        days = tally.deferred.by_day(["email"])[0]
        listed = [dict(zip(COLUMNS, row, strict=True)) for row in days.tolist()]
        assert [d["opening"] for d in listed] == [0, 1, 0, 0, 1, 1, 1]
        assert [d["arrived"] for d in listed] == [3, 1, 0, 1, 1, 0, 1]
        assert [d["completed"] for d in listed] == [2, 2, 0, 0, 1, 0, 1]
        assert [d["closing"] for d in listed] == [1, 0, 0, 1, 1, 1, 1]
        assert [d["oldest"] / HOUR for d in listed] == [7.5, 0, 0, 12, 36, 60, 84]
        experts = tally.deferred.by_day(["experts_work"])[0]
        assert experts[:, CLOSING].tolist() == [0, 0, 0, 0, 1, 0, 0]
        both = tally.deferred.by_day()[0]
        assert both[4, CLOSING] == 2
        assert both[4, OLDEST] == 36 * HOUR

    def test_what_comes_and_goes_is_what_lies_there(self, tally: TicketTally) -> None:
        opening, arrived, completed, lost, closing, _ = np.moveaxis(tally.deferred.days, -1, 0)
        assert (opening + arrived - completed - lost == closing).all()
        assert (opening[..., 1:] == closing[..., :-1]).all()

    def test_the_report_of_the_same_clocks_says_the_same(
        self, centre: sl.Scenario, layout: TicketLayout, log: ContactLog, tally: TicketTally
    ) -> None:
        _, clocks = judged_log(layout, draw_of(centre), log)
        since = layout.start_ms
        report = compliance_report(
            clocks, by="metric", since=since, until=since + layout.interval * layout.intervals
        )
        for row in report.rows:
            counts = tally.counts(row.groups[0]).cells[0]
            assert counts.tolist() == [row.totals.met, row.totals.missed, row.totals.open]


def result_of(centre: sl.Scenario, *logs: ContactLog) -> Result:
    """A result whose replications are these logs."""
    layout = measures.layout(centre)
    tally = Tally.empty(layout, range(len(logs)))
    assert tally.tickets is not None
    for row, log in enumerate(logs):
        tally.tickets.add(draw_of(centre), log, row, tally.batch_of(row))
        tally.counted[row] = True
        tally.sizes[tally.batch_of(row)] += 1
    return Result(centre, 1, "fast", tally)


@pytest.fixture(scope="module")
def open_ended() -> Result:
    """Watched for a day after the week: what came on Friday at 16:00 has until Monday 10:00, seen to midnight."""
    rows = [
        touch(0, 0, "first", "mon 09:00", "mon 10:00", "mon 10:00"),
        touch(1, 0, "first", "tue 09:00"),
        touch(2, 0, "first", "fri 16:59"),
    ]
    return result_of(load_text(WEEK.replace("ticket: 1d", "ticket: 0d")), *[log_of(*rows)] * 3)  # fmt: skip


class TestBounds:
    """Open clocks are in no share, and in both bounds; a promise is judged at the lower."""

    def test_three_values(self, open_ended: Result) -> None:
        line = tickets.ticket_lines(open_ended)[0]
        assert line.metric == "first_reply"
        assert line.per_replication == dict(zip(STANDINGS, (1, 0, 1, 1, 0), strict=True))
        assert line.value.value == 1 / 2
        assert line.low.value == 1 / 3
        assert line.high.value == 2 / 3

    def test_a_promise_is_judged_at_the_lower(self, open_ended: Result) -> None:
        assert open_ended.estimate("first_reply").value == 0.5  # which would reach the target
        verdict = sl.judge(open_ended)[0]
        assert verdict.value.value == pytest.approx(1 / 3)
        assert verdict.chance.value == 0
        assert open_ended.estimate("first_reply", reading="chance").value == 0

    def test_levels_and_attributes(self, centre: sl.Scenario, layout: TicketLayout) -> None:
        log = log_of(
            touch(0, 0, "first", "mon 09:00", "mon 11:00", "mon 11:30"),
            touch(1, 0, "first", "mon 09:00", "mon 11:00", "mon 11:30"),
        )
        tally = TicketTally.empty(layout, rows=1, batches=1)
        tally.add(draw_of(centre, (0, 1)), log, 0, 0)
        # The low one has level Slow, and three hours.
        assert tally.by_standing("first_reply", "level")[0, :, :2].tolist() == [[1, 0], [0, 1]]
        assert tally.by_standing("first_reply", "priority")[0, :, :2].tolist() == [[1, 0], [0, 1], [0, 0]]  # fmt: skip

    def test_tables(self, centre: sl.Scenario) -> None:
        found = result_of(centre, *[log_of(*week_of_rows())] * 4)
        by_day = found.table("first_reply", ["queue", "day"])
        assert by_day["value"].tolist()[0] == 0.5
        assert np.isnan(by_day["value"].tolist()[1])
        by_team = found.table("first_reply", "team").set_index("team")
        assert by_team.loc["experts", "value"] == 1
        assert by_team.loc["", "unanswered"] == 1
        assert found.table("tier_2/email", "team")["team"].tolist() == ["experts"]
        with pytest.raises(InputError, match="cannot be split by 'teem'"):
            found.table("first_reply", "teem")

    def test_how_far_below_the_limit(self, centre: sl.Scenario) -> None:
        found = result_of(centre, *[log_of(*week_of_rows())] * 4)
        assert tickets.achieved(found, "first_reply", 0.5).value == 60 * MINUTE
        assert tickets.used(found, "first_reply", 0.5).value == 0.5
        assert tickets.used(found, "first_reply", 0.75).value == 1.25
        assert np.isinf(tickets.achieved(found, "first_reply", 0.95).value)
        ended = tickets.achieved(found, "first_reply", 0.95, stopped_only=True)
        assert 150 * MINUTE <= ended.value <= 150 * MINUTE * 1.02 + MINUTE
        with pytest.raises(InputError, match="no ticket clock"):
            tickets.achieved(found, "service_level", 0.5)

    def test_settings_of_a_ticket_clock_stand_in_the_scenario(self, open_ended: Result) -> None:
        with pytest.raises(InputError, match="first_reply has no 'threshold'"):
            open_ended.estimate("first_reply", threshold="4h")


def test_tickets_of_an_excluded_stretch(centre: sl.Scenario) -> None:
    """A clause that leaves out Thursday asks for what started then: the ticket that nobody answered."""
    asked = measures.ask(centre, "first_reply").at_worst
    thursday = Only(inside=((3 * 24 * HOUR, 4 * 24 * HOUR),))
    layout = measures.layout(centre, followed=[(replace(asked, only=thursday), "horizon")])
    assert layout.tickets is not None
    tally = TicketTally.empty(layout.tickets, rows=1, batches=1)
    tally.add(draw_of(centre), log_of(*week_of_rows()), 0, 0)
    inside = tally.by_period("first_reply", ("email",), "horizon", inside=thursday.inside)
    assert inside.cells[0].tolist() == [[0, 1, 0]]
    first = Only(first=((),), period_of=(0,) * centre.intervals)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no first tickets"):
        measures.layout(centre, followed=[(replace(asked, only=first), "interval")])


def test_joined_tallies_are_the_whole(centre: sl.Scenario, layout: TicketLayout) -> None:
    logs = [log_of(*week_of_rows()[:count]) for count in (1, 3, 5, 8)]

    def some(rows: list[int]) -> TicketTally:
        tally = TicketTally.empty(layout, len(rows), batches=2)
        for place, row in enumerate(rows):
            tally.add(draw_of(centre), logs[row], place, row % 2)
        return tally

    parts = some([0, 3]).merge(some([1, 2]), np.array([0, 2, 3, 1]))
    assert parts == some([0, 1, 2, 3])
    assert parts != some([0, 1, 3, 2])


def test_nothing_that_starts_outside_the_week_is_counted(
    centre: sl.Scenario, layout: TicketLayout
) -> None:
    early = touch(0, 0, "first", "mon 00:00", "mon 09:00", "mon 09:30")
    early[
        "arrived"
    ] = -HOUR  # its clock starts at the opening on Monday; its assignment began before
    tally = counted(centre, layout, log_of(early))
    assert tally.counts("first_reply").cells[0].tolist() == [1, 0, 0]
    assert tally.counts("assigned").cells[0].tolist() == [0, 0, 0]


def test_cycles_know_their_own_queue(centre: sl.Scenario, layout: TicketLayout) -> None:
    row: dict[str, Any] = touch(
        0, 0, "first", "mon 09:00", "mon 10:00", "mon 11:00", queue="experts_work", group="experts"
    )
    log = log_of(row)
    found = cycles_of(layout, *judged_log(layout, draw_of(centre), log), log)
    assert {layout.metrics[m] for m in found.metric} == {"assigned"}
    assert [layout.queues[q] for q in found.queue] == ["experts_work"]
