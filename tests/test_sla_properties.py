"""What holds for every log, calendar and target: elapsed adds up, due times move the right way, totals are whole."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sla_oracle import HOUR, MONDAY
from sla_stories import policy
from test_sla_oracle import TICKET_METRICS, stories, told

from slasim.calendars import Calendar
from slasim.clock import MINUTE, epoch_ms, format_instant, zone
from slasim.elapsed import UNDEFINED
from slasim.sla.clocks import run_clocks
from slasim.sla.compliance import compliance_report, totals
from slasim.sla.events import EventTable

ZONES = ["UTC", "Europe/Bucharest", "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

times = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
windows = st.lists(st.tuples(times, times).filter(lambda w: w[0] != w[1]).map("-".join), max_size=3)
weeks = st.lists(windows, min_size=7, max_size=7).filter(any)
holidays = st.lists(
    st.integers(0, 20).map(lambda n: str(date(2025, 6, 2) + timedelta(n))), max_size=4
)
calendars = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(ZONES),
        "weekly": weeks.map(lambda week: dict(zip(DAYS, week, strict=True))),
        "holidays": holidays,
        "holiday_scope": st.sampled_from(["civil_day", "opening_date"]),
    }
)
logs = st.lists(stories, min_size=1, max_size=4)
metrics = st.sampled_from(TICKET_METRICS)


def events(tickets, instants=None, **settings):
    """An event table of stories; hours become odd minutes, so that edges of windows are not all there is."""
    flat = [(ticket, *event) for ticket, story in enumerate(tickets) for event in told(story)]
    at = [MONDAY + HOUR * row[1] + 7 * MINUTE * (row[1] % 5) for row in flat]
    attributes = {
        "priority": [row[4] for row in flat],
        "department": [f"d{row[0] % 2}" for row in flat],
    }
    return EventTable.from_columns(
        [row[0] for row in flat],
        at if instants is None else instants(at),
        [row[2] for row in flat],
        [row[3] for row in flat],
        attributes=attributes,
        sort=True,
        **settings,
    )


def columns(clocks, *names):
    return [getattr(clocks, name).tolist() for name in names]


ALL = (
    "ticket",
    "cycle",
    "clock_start",
    "due_at",
    "breached_at",
    "stop",
    "elapsed",
    "state",
    "standing",
)


@settings(max_examples=60)
@given(calendars, st.integers(0, 2000), st.lists(st.integers(1, 3000), min_size=1, max_size=5))
def test_elapsed_is_additive_over_time(calendar, start, gaps):
    """One clock that nobody stops, looked at again and again: each look adds the business time in between."""
    made, known = (
        policy({"metric": "first_reply", "target": "1h"}, calendar),
        Calendar.from_plain(calendar),
    )
    begin = MONDAY + start * MINUTE
    table = EventTable.from_columns(["t"], [begin], ["created"])
    looks = np.cumsum([begin, *(gap * MINUTE for gap in gaps)])
    counted = [int(run_clocks(table, made, until=int(at)).elapsed[0]) for at in looks]
    assert counted[0] == 0
    assert np.diff(counted).tolist() == known.elapsed(looks[:-1], looks[1:]).tolist()


@settings(max_examples=60)
@given(logs, metrics, st.integers(1, 47))
def test_splitting_a_window_changes_nothing(tickets, metric, cut):
    setting = {"metric": metric, "target": "3h"}
    whole = {"timezone": "Europe/Bucharest", "weekly": {"mon-sat": ["06:00-18:00"]}}
    at = f"{6 + cut // 4:02d}:{cut % 4 * 15:02d}"
    split = {**whole, "weekly": {"mon-sat": [f"06:00-{at}", f"{at}-18:00"]}}
    table = events(tickets)
    found = [run_clocks(table, policy(setting, calendar)) for calendar in (whole, split)]
    assert columns(found[0], *ALL) == columns(found[1], *ALL)


@settings(max_examples=60)
@given(logs, metrics, calendars, st.integers(1, 2000), st.integers(0, 500))
def test_due_does_not_come_earlier_with_a_longer_target(tickets, metric, calendar, minutes, more):
    table = events(tickets)
    short, long = (
        run_clocks(table, policy({"metric": metric, "target": f"{m}min"}, calendar))
        for m in (minutes, minutes + more)
    )
    assert columns(short, "ticket", "cycle", "elapsed") == columns(
        long, "ticket", "cycle", "elapsed"
    )
    known = long.due_at != UNDEFINED
    assert (short.due_at[known] != UNDEFINED).all()
    assert (long.due_at[known] >= short.due_at[known]).all()
    assert (long.breached_at != UNDEFINED).sum() <= (short.breached_at != UNDEFINED).sum()


@settings(max_examples=60)
@given(logs, metrics, calendars, st.integers(0, 12))
def test_a_further_holiday_never_makes_due_earlier(tickets, metric, calendar, number):
    table, setting = events(tickets), {"metric": metric, "target": "150min"}
    day = str(date(2025, 6, 2) + timedelta(number))
    closed = {**calendar, "holidays": [*calendar["holidays"], day]}
    before, after = (run_clocks(table, policy(setting, one)) for one in (calendar, closed))
    assert (after.elapsed <= before.elapsed).all()
    assert (after.clock_start >= before.clock_start).all()
    both = (before.due_at != UNDEFINED) & (after.due_at != UNDEFINED)
    assert (after.due_at[both] >= before.due_at[both]).all()
    # one that was not reached before a pause is not reached with less time either
    assert not ((before.due_at == UNDEFINED) & (after.due_at != UNDEFINED)).any()


@settings(max_examples=60)
@given(logs, st.integers(0, 60))
def test_totals_are_whole_however_they_are_grouped(tickets, after):
    table = events(tickets)
    clocks = run_clocks(
        table, policy({"metric": "next_reply", "target": "2h"}), until=table.last_at + after * HOUR
    )
    whole = totals(clocks)
    assert whole.with_target == len(clocks)
    for by in ("day", "week", "month", "department", "agent", ["department", "week"]):
        for when in ("start", "closed"):
            rows = compliance_report(clocks, by=by, date=when).rows
            for name in ("met", "late", "unanswered", "open", "not_applicable", "with_target"):
                assert sum(getattr(row.totals, name) for row in rows) == getattr(whole, name)
            assert sum(row.fulfilled for row in rows) == whole.met
            assert sum(row.missed for row in rows) == whole.missed
    if whole.compliance is not None:
        assert whole.low <= whole.compliance <= whole.high


@settings(max_examples=40)
@given(logs, metrics, calendars, st.lists(st.sampled_from(ZONES), min_size=1, max_size=4))
def test_writing_instants_in_other_zones_changes_nothing(tickets, metric, calendar, zones):
    def rewritten(instants):
        texts = [
            format_instant(at, zone(zones[n % len(zones)]), style="iso")
            for n, at in enumerate(instants)
        ]
        return [epoch_ms(datetime.fromisoformat(text)) for text in texts]

    made = policy({"metric": metric, "target": "2h"}, calendar)
    plain, moved = (run_clocks(events(tickets, how), made) for how in (None, rewritten))
    assert columns(plain, *ALL) == columns(moved, *ALL)


@settings(max_examples=60)
@given(logs, metrics, calendars, st.randoms(use_true_random=False))
def test_tickets_do_not_know_each_other(tickets, metric, calendar, chance):
    """Judged together or alone, in any order of rows: the same clocks."""
    made = policy({"metric": metric, "target": "2h"}, calendar)
    together = events(tickets)
    until = together.last_at
    clocks = run_clocks(together, made, until=until)
    alone = [run_clocks(events([story]), made, until=until) for story in tickets]
    for name in ALL[1:]:
        assert getattr(clocks, name).tolist() == [
            v for one in alone for v in getattr(one, name).tolist()
        ]
    order = list(range(len(together)))
    chance.shuffle(order)
    order.sort(
        key=lambda row: (together.at[row], together.kind[row] != 0)
    )  # ties of other tickets mix
    mixed = EventTable.of(
        together.ticket[order], together.at[order], together.kind[order], together.value[order],
        words=together.words, ids=together.ids, attributes=together.attributes,
    )  # fmt: skip
    assert columns(run_clocks(mixed, made, until=until), *ALL) == columns(clocks, *ALL)


@settings(max_examples=60)
@given(logs, metrics, calendars, st.integers(0, 150))
def test_the_past_does_not_depend_on_the_future(tickets, metric, calendar, hour):
    """What had stopped, or was late, by an instant was so then; only a reopened ticket runs on."""
    made = policy({"metric": metric, "target": "2h", "on_reopen": "new_cycle"}, calendar)
    table, at = events(tickets), MONDAY + hour * HOUR
    then = run_clocks(table, made, until=at)
    later = run_clocks(table, made)
    number = {name: n for n, name in enumerate(later.events.ids)}
    known = {
        (number[then.events.ids[t]], c): row
        for row, (t, c) in enumerate(zip(then.ticket, then.cycle, strict=True))
    }
    for row, key in enumerate(zip(later.ticket.tolist(), later.cycle.tolist(), strict=True)):
        stopped = later.stop[row] != UNDEFINED and later.stop[row] <= at
        if stopped:
            for name in ALL[2:8]:
                assert getattr(then, name)[known[key]] == getattr(later, name)[row], name
