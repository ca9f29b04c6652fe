"""What results say of the whole operation: callers, chats in hand, named agents, one more agent, first attempts."""

from __future__ import annotations

import json

import numpy as np
import pytest

import slasim as sl
from slasim.contactlog import ANSWERED, FIRST, REDIAL, REPEAT
from slasim.errors import InputError
from slasim.scenario import Scenario, load_text
from slasim.show.bottleneck import bottleneck_screen
from slasim.show.operation import people_screen
from slasim.show.simulated import simulated_screen
from slasim.study.plans import first_attempts

FLOOR = """
name: One floor
start: 2026-03-02
end: 2026-03-03
calendars: {day: {weekly: {mon-sun: ["08:00-20:00"]}}}
queues:
  calls:
    calendar: day
    arrivals: {per_hour: 120}
    handle_time: {exponential: {mean: 180s}}
    patience: {exponential: {mean: 90s}}
    redial: {chance: 0.6, after: {exponential: {mean: 10min}}}
    call_back: {offer_after: 60s, accept: 0.3, within: 15min}
    satisfaction: {best: 0.9, worst: 0.2, wait: {good: 20s, bad: 5min}, churn: {chance: 0.01, late: {over: 2min, chance: 0.05}}}
  chats:
    channel: chat
    calendar: day
    arrivals: {per_hour: 40}
    handle_time: {gamma: {mean: 8min, cv: 0.6}}
    patience: {exponential: {mean: 3min}}
    first_message_after: 5s
  mail:
    channel: ticket
    arrivals: {per_hour: 5}
    handle_time: {lognormal: {mean: 6min, cv: 1.1}}
    replies: {geometric: {mean: 1.6}}
    customer_answers_after: {lognormal: {mean: 2h, cv: 1.5}}
groups:
  front: {takes: {calls: 1}, staffing: 6, calendar: day}
  flexible:
    takes: {calls: {rank: 1, after: 30s}, chats: {rank: 2}, mail: {rank: 3}}
    chat_slots: 3
    chat_slowdown: [1.0, 1.25, 1.6]
    team: blue
    shifts: [{name: all, days: mon-sun, from: "08:00", to: "20:00", agents: 5}]
metrics:
  quick: {type: service_level, threshold: 30s, queues: [calls]}
  quick_callers: {type: service_level, threshold: 30s, queues: [calls], counts: callers}
"""  # noqa: E501


@pytest.fixture(scope="module")
def centre() -> Scenario:
    return load_text(FLOOR)


@pytest.fixture(scope="module")
def result(centre):
    return sl.simulate(centre, replications=12, executor=1)


def per_day(result, queue, purposes) -> float:
    counts = result.tally.chain_counts(queue)
    return sum(float(counts.touches(p).sum()) for p in purposes) / result.replications


class TestFirstAttempts:
    def test_simulated_attempts_come_to_the_forecast(self, centre, result):
        [found] = first_attempts(centre)
        assert found.queue == "calls" and found.forecast == pytest.approx(1440)
        assert 0.5 < found.share < 0.99
        assert per_day(result, "calls", ["first"]) == pytest.approx(1440 * found.share, rel=0.02)
        assert per_day(result, "calls", ["first", "redial"]) == pytest.approx(1440, rel=0.02)

    def test_a_forecast_of_first_attempts_is_all_of_them(self, centre):
        plain = centre.but({"queues.calls.counts": "first_attempts"})
        assert first_attempts(plain) == ()
        more = sl.simulate(plain, replications=3, executor=1)
        assert per_day(more, "calls", ["first"]) == pytest.approx(1440, rel=0.05)
        assert per_day(more, "calls", ["first", "redial"]) > 1500

    def test_the_share_does_not_depend_on_threads(self, centre, result):
        again = sl.simulate(load_text(FLOOR), replications=12, executor=2)
        assert again.first_share == result.first_share
        assert again.tally == result.tally

    def test_who_is_compared_tries_first_in_both(self, centre, result):
        fewer = centre.but({"groups.front.staffing": "-1"})
        both = sl.compare(centre, fewer, replications=3, executor=1)
        assert both.first.first_share == both.second.first_share == result.first_share
        first, second = (r.tally.chain_counts("calls").matters for r in (both.first, both.second))
        assert np.array_equal(first, second)
        assert both.difference("attempts_per_caller", queue="calls").estimate.value > 0


class TestCallers:
    def test_more_callers_are_served_than_attempts(self, result):
        by_attempt = result.estimate("abandonment_rate", queue="calls")
        by_caller = result.estimate("abandonment_rate", queue="calls", counts="callers")
        assert by_caller.value < by_attempt.value
        assert result.estimate("quick_callers").value > result.estimate("quick").value
        assert "callers never served" in by_caller.metric

    def test_attempts_by_the_log(self, result):
        log = result.log(0)
        inside = (log.arrived >= 0) & (log.arrived < result.scenario.horizon) & (log.queue == 0)
        came = {p: int((inside & (log.purpose == p)).sum()) for p in (FIRST, REDIAL, REPEAT)}
        counts = result.tally.chain_counts("calls")
        assert counts.touches("redial")[0] == came[REDIAL] and counts.matters[0] == came[FIRST]

    def test_a_caller_metric_nobody_named_is_simulated_once_more(self, centre):
        plain = load_text(FLOOR.replace("counts: callers", "short_abandon: 5s"))
        found = sl.simulate(plain, replications=2, executor=1)
        assert not found.tally.layout.callers
        both = sl.simulate(centre, replications=2, executor=1)
        asked = {"queue": "calls", "threshold": "30s", "counts": "callers"}
        assert found.estimate("service_level", **asked) == both.estimate("quick_callers")


class TestHands:
    def test_work_is_conserved(self, result):
        """All that was handled was in somebody's hand; chats in flexible hands only."""
        log = result.log(0)
        spent = np.minimum(log.finished, result.scenario.horizon) - log.begun
        counted = (log.outcome == ANSWERED) & (log.begun < result.scenario.horizon)
        times = result.tally.times()
        assert times.in_hand[0] == spent[counted].sum() > times.busy[0]
        assert times.chat[0] == spent[counted & (log.queue == 1)].sum()

    def test_three_numbers_that_differ(self, result):
        found = {
            kind: result.estimate(kind, group="flexible")
            for kind in ("occupancy", "concurrency", "slot_utilisation")
        }
        assert len({e.metric for e in found.values()}) == 3
        assert 1 < found["concurrency"].value < 3
        assert found["slot_utilisation"].value < found["occupancy"].value
        overtime = result.estimate("overtime", group="flexible").value
        assert found["occupancy"].value <= 1 + overtime
        assert result.estimate("concurrency", group="front").value == 1

    def test_chats_in_hand_are_arrivals_times_time(self, result):
        """Little's law: what is in hand on average = answered a ms x handling."""
        horizon = result.scenario.horizon * result.replications
        counts = result.tally.counts("chats")
        flow = counts.answered.sum() / horizon * (counts.handled.sum() / counts.answered.sum())
        assert result.tally.times().chat.sum() / horizon == pytest.approx(flow, rel=0.005)


class TestPeople:
    def test_people_add_up_to_their_group(self, result):
        found = sl.people(result)
        assert [p.name for p in found] == [f"all {k}" for k in range(1, 6)]
        taken = result.tally.taken[:, :, 1].sum() / result.replications
        called_back = per_day(result, "calls", ["call_back"])
        assert taken <= sum(p.contacts.value for p in found) <= taken + called_back
        extra = result.tally.times("flexible").overtime.mean()
        assert sum(p.overtime.value for p in found) == pytest.approx(extra)
        [team] = sl.people(result, teams=True)
        assert team.name == "blue" and team.shifts == 5
        assert team.contacts.value == pytest.approx(sum(p.contacts.value for p in found))
        table = sl.people_table(found)
        assert len(table) == 5 and set(table["group"]) == {"flexible"}
        assert max(map(len, people_screen(found, result).splitlines())) <= 100


class TestAfterService:
    def test_satisfaction_is_the_stated_line_over_matters(self, centre, result):
        log = result.log(0)
        mine = (log.queue == 0) & (log.arrived < result.scenario.horizon)
        values = []
        for c in np.unique(log.contact[mine]):
            rows = np.flatnonzero(log.contact == c)
            served = rows[log.outcome[rows] == ANSWERED]
            if served.size == 0:
                values.append(0.2)
                continue
            n = int(served[0])
            since = log.arrived[n]
            if log.purpose[n] == 2:  # called back: since the attempt before
                since = log.arrived[rows[np.searchsorted(log.touch[rows], log.touch[n]) - 1]]
            wait = (log.greeted[n] - since) / 1000
            values.append(0.9 - 0.7 * min(max(wait - 20, 0), 280) / 280)
        counts = result.tally.chain_counts("calls")
        assert counts.judged[0] == len(values)
        assert counts.satisfaction_ppm[0] / counts.judged[0] / 1e6 == pytest.approx(
            np.mean(values), abs=1e-5
        )
        assert 0.01 <= result.estimate("churn").value <= 0.05


class TestScreen:
    def test_a_block_for_each_channel_in_a_hundred_columns(self, result):
        said = simulated_screen(sl.summarise(result))
        assert max(map(len, said.splitlines())) <= 100
        for words in ("voice ", "chat ", "ticket ", "of 1,000 attempts forecast", "attempts a", "callers",
                      "call-backs promised", "chats at once", "slots in use", "Left at the end of a day",
                      "Overtime", "satisfied, as stated"):  # fmt: skip
            assert words in said, words

    def test_tables_and_json(self, result):
        summary = sl.summarise(result)
        found = json.loads(json.dumps(summary.to_json(), allow_nan=True, default=str))
        assert [c["channel"] for c in found["channels"]] == ["voice", "chat", "ticket"]
        assert found["coming_again"][0]["first"]["share"] == summary.again[0].first.share
        metrics = set(summary.table()["metric"])
        assert {"concurrency", "slot_utilisation", "overtime", "attempts_per_caller"} <= metrics

    def test_contact_metrics_leave_tickets_to_their_clocks(self, result):
        assert result._asked("service_level", None).queues == ("calls", "chats")
        assert result._asked("attempts_per_caller", None).queues == ("calls", "chats", "mail")


LEAN = """
name: Two shifts
start: 2026-03-02
end: 2026-03-03
calendars: {day: {weekly: {mon-sun: ["08:00-18:00"]}}}
queues:
  calls: {calendar: day, arrivals: {per_hour: 100}, handle_time: {exponential: {mean: 180s}}, patience: {exponential: {mean: 90s}}}
  sales: {calendar: day, arrivals: {per_hour: 40}, handle_time: {exponential: {mean: 240s}}, patience: {exponential: {mean: 90s}}}
groups:
  front: {takes: {calls: 1}, staffing: 4, calendar: day}
  back:
    takes: {sales: 1, calls: {rank: 2, after: 20s}}
    shifts: [{name: early, days: mon-sun, from: "08:00", to: "14:00", agents: 3}, {name: late, days: mon-sun, from: "12:00", to: "18:00", people: [Ana, Bo]}]
metrics: {quick: {type: service_level, threshold: 20s}}
"""  # noqa: E501


@pytest.fixture(scope="module")
def found():
    return sl.bottleneck(load_text(LEAN), replications=20, executor=1)


class TestBottleneck:
    def test_one_more_in_each_place_is_a_comparison_on_the_same_callers(self, found):
        assert {one.name for one in found.more} == {"front", "back, early", "back, late"}
        front = next(one for one in found.more if one.group == "front")
        centre = load_text(LEAN)
        more = centre.but({"groups.front.staffing": "+1"})
        beside = sl.compare(centre, more, replications=20, executor=1)
        assert front.gains["quick"] == beside.difference("quick")
        assert front.gains["quick"].estimate.low > 0
        assert front.gains["abandonment_rate"].estimate.high < 0
        assert front.worth("abandonment_rate") > 0
        worths = [one.worth("quick") for one in found.more]
        assert worths == sorted(worths, reverse=True)

    def test_by_interval(self, found):
        table = found.by_interval()
        early = table[table["shift"] == "early"].set_index("interval")
        assert early.loc["2026-03-02 17:00", "quick gain"] == 0  # nobody early is there
        assert early.loc["2026-03-02 09:00", "quick gain"] > 0
        assert found.best_interval(found.more[0])[0].startswith("2026-03-02")
        queues = found.queues_by_interval()
        assert set(queues["queue"]) == {"calls", "sales"} and len(queues) == 2 * 20

    def test_the_screen(self, found):
        said = bottleneck_screen(found)
        assert "One more agent, on the same callers" in said and "back, late" in said
        assert max(map(len, said.splitlines())) <= 100

    def test_a_metric_that_does_not_exist_is_told(self):
        with pytest.raises(InputError, match="no metric is called"):
            sl.bottleneck(load_text(LEAN), metrics=["quik"], replications=1, executor=1)
