"""Chance is drawn here and nowhere else: its laws, its streams, and what calendars cut out of it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from scipy import stats

from slasim.calendars import Calendar
from slasim.clock import DAY, HOUR, MINUTE, to_epoch_ms, zone
from slasim.contactlog import ABANDONED, VOICEMAIL
from slasim.distributions import Exponential, Lognormal
from slasim.draw import NEVER, Draw
from slasim.inputs import arrivals
from slasim.inputs.arrivals import Pieces, pieces_of
from slasim.inputs.closings import closed_spans, when_nobody_is_left
from slasim.inputs.contacts import Handling, Waiting
from slasim.inputs.doubt import Doubt
from slasim.inputs.rota import (
    ByShifts,
    Duty,
    ShiftFacts,
    by_number,
    by_shifts,
    duty_by_number,
)
from slasim.inputs.sample import prepare, sample
from slasim.scenario import Scenario, load_text
from slasim.streams import Stream, generator

HALF = 30 * MINUTE
ALWAYS = Calendar.always("UTC")


def ints(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


def constant(volume: Any, interval: int = HALF, warm: int = 0) -> Pieces:
    volume = np.asarray(volume, np.float64)
    since = -warm * interval
    return pieces_of(
        volume,
        ints(since),
        ints(since + volume.size * interval),
        interval_ms=interval,
        warm=warm,
    )


class TestArrivals:
    def test_counts_are_poisson(self) -> None:
        pieces = constant([3.0, 0.0, 5.5])
        runs = 4000
        counts = np.array([pieces.draw(Stream(1, r, "arrivals/x"))[1] for r in range(runs)])
        assert counts.shape == (runs, 2)
        for column, mean in zip(counts.T, (3.0, 5.5), strict=True):
            top = int(stats.poisson.ppf(0.999, mean))
            seen = np.bincount(np.minimum(column, top), minlength=top + 1)
            expected = runs * stats.poisson.pmf(np.arange(top + 1), mean)
            expected[top] = runs * stats.poisson.sf(top - 1, mean)
            assert stats.chisquare(seen, expected).pvalue > 0.01
        assert abs(np.corrcoef(counts.T)[0, 1]) < 4 / math.sqrt(runs)

    def test_arrivals_are_uniform_inside_their_piece(self) -> None:
        times, _ = constant([4000.0]).draw(Stream(2, 0, "arrivals/x"))
        assert stats.kstest(times / HALF, stats.uniform.cdf).pvalue > 0.01

    def test_in_order_and_strictly_inside_open_windows(self) -> None:
        """Open 09:10 to 09:40 and 11:00 to 11:00:01; the volume falls in the open part."""
        opens, closes = ints(10 * MINUTE, 120 * MINUTE), ints(40 * MINUTE, 120 * MINUTE + 1000)
        pieces = pieces_of(np.array([50.0, 20.0, 0, 0, 900.0]), opens, closes, interval_ms=HALF)
        assert pieces.begin.tolist() == [10 * MINUTE, 30 * MINUTE, 120 * MINUTE]
        assert pieces.length.tolist() == [20 * MINUTE, 10 * MINUTE, 1000]
        assert pieces.volume.tolist() == [50, 20, 900]
        assert pieces.source.tolist() == [0, 1, 4]
        for run in range(50):
            times, counts = pieces.draw(Stream(1, run, "arrivals/x"))
            assert (np.diff(times) >= 0).all()
            assert times.size == counts.sum()
            piece = np.repeat(np.arange(3), counts)
            assert (times >= pieces.begin[piece]).all()
            assert (times < (pieces.begin + pieces.length)[piece]).all()

    def test_more_volume_keeps_the_callers_and_brings_them_earlier(self) -> None:
        few, _ = constant([100.0, 200.0]).draw(Stream(1, 0, "arrivals/x"))
        many, _ = constant([115.0, 230.0]).draw(Stream(1, 0, "arrivals/x"))
        assert many.size > few.size
        assert (many[: few.size] <= few).all()

    def test_later_volume_changes_no_earlier_caller(self) -> None:
        pieces, more = constant([20.5]), constant([20.5, 60.0])
        for r in range(50):
            times, _ = pieces.draw(Stream(1, r, "arrivals/x"))
            all_times, _ = more.draw(Stream(1, r, "arrivals/x"))
            assert all_times[: times.size].tolist() == times.tolist()

    def test_a_rush_beyond_the_first_guess_is_drawn_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pieces, stream = constant([100.0, 300.0]), Stream(1, 0, "arrivals/x")
        times, counts = pieces.draw(stream)
        assert times.size == counts.sum() > 350
        monkeypatch.setattr(arrivals, "_room", lambda expected: 50)
        again, also = pieces.draw(stream)
        assert np.array_equal(times, again)
        assert np.array_equal(counts, also)

    def test_a_factor_multiplies_the_pieces(self) -> None:
        pieces = constant([100.0, 100.0])
        _, counts = pieces.draw(Stream(1, 0, "arrivals/x"), np.array([0.0, 2.0]))
        assert counts[0] == 0
        assert abs(counts[1] - 200) < 60

    def test_the_warm_up_lies_before_the_start(self) -> None:
        pieces = constant([5.0, 7.0, 9.0], warm=1)
        assert pieces.begin.tolist() == [-HALF, 0, HALF]
        assert pieces.source.tolist() == [0, 1, 2]

    def test_a_closed_queue_has_none(self) -> None:
        pieces = pieces_of(np.zeros(4), ints(), ints(), interval_ms=HALF)
        times, counts = pieces.draw(Stream(1, 0, "arrivals/x"))
        assert times.size == counts.size == 0


class TestContacts:
    def handle(self, aht: Any, acw: float, counts: Any) -> tuple[Any, Any]:
        n = int(np.sum(counts))
        work, wrap = np.empty(n, np.int64), np.zeros(n, np.int64)
        handling = Handling(Lognormal(1000.0, 0.9), np.asarray(aht, np.float64), acw)
        handling.draw(Stream(1, 0, "work/x"), ints(*counts), work, wrap)
        return work, wrap

    def test_the_mean_follows_the_interval_of_arrival(self) -> None:
        work, _ = self.handle([200_000, 400_000], 0, [5000, 5000])
        assert work[:5000].mean() == pytest.approx(200_000, rel=0.05)
        assert work[5000:].mean() == pytest.approx(400_000, rel=0.05)

    def test_after_call_work_keeps_its_share(self) -> None:
        work, wrap = self.handle([200_000, 400_000], 50_000, [3, 3])
        share = np.repeat([0.25, 0.125], 3)
        assert wrap.tolist() == np.rint(work * share).tolist()

    def test_after_call_work_is_never_longer_than_the_work(self) -> None:
        work, wrap = self.handle([10_000], 50_000, [100])
        assert np.array_equal(work, wrap)

    def test_a_shorter_aht_keeps_the_callers(self) -> None:
        long, _ = self.handle([200_000], 0, [100])
        short, _ = self.handle([180_000], 0, [100])
        assert np.abs(short - 0.9 * long).max() <= 1

    def wait(self, waiting: Waiting, n: int = 10_000) -> tuple[Any, Any]:
        patience, leaves_as = np.empty(n, np.int64), np.empty(n, np.int8)
        waiting.draw(
            Stream(1, 0, "patience/x"),
            lambda: Stream(1, 0, "hangs_up/x"),
            ints(n),
            patience,
            leaves_as,
        )
        return patience, leaves_as

    def test_nobody_abandons_without_patience(self) -> None:
        patience, leaves_as = self.wait(Waiting(None, np.array([0.0]), 0.0, None))
        assert (patience == NEVER).all()
        assert (leaves_as == ABANDONED).all()

    def test_who_hangs_up_at_once_has_no_patience(self) -> None:
        mean = np.array([180_000.0])
        plain, _ = self.wait(Waiting(Exponential(180_000), mean, 0.0, None))
        patience, _ = self.wait(Waiting(Exponential(180_000), mean, 0.2, None))
        at_once = patience == 0
        assert abs(at_once.mean() - 0.2) < 4 * math.sqrt(0.2 * 0.8 / 10_000)
        assert np.array_equal(patience[~at_once], plain[~at_once])

    def test_voicemail_takes_who_would_wait_longer(self) -> None:
        mean = np.array([60_000.0])
        plain, _ = self.wait(Waiting(Exponential(60_000), mean, 0.0, None))
        patience, leaves_as = self.wait(Waiting(Exponential(60_000), mean, 0.0, 60_000))
        assert np.array_equal(leaves_as == VOICEMAIL, plain > 60_000)
        assert np.array_equal(patience, np.minimum(plain, 60_000))

    def test_voicemail_takes_everybody_who_never_abandons(self) -> None:
        patience, leaves_as = self.wait(Waiting(None, np.array([0.0]), 0.0, 120_000))
        assert (patience == 120_000).all()
        assert (leaves_as == VOICEMAIL).all()


class TestDoubt:
    def factors(self, doubt: Doubt, runs: int, days: int = 1) -> Any:
        day = np.arange(days)
        drawn = [[doubt.volume(1, r, q, day, day) for q in ("a", "b")] for r in range(runs)]
        return np.array(drawn)

    def test_none_stated_draws_none(self) -> None:
        day = ints(0, 1)
        assert Doubt().volume(1, 0, "a", day, day) is None
        assert Doubt().aht(1, 0, "a", day) is None
        assert Doubt().attendance(1, 0, "g", 1.0, 2) is None

    def test_a_busy_day_has_variance_lambda_plus_c2_lambda2(self) -> None:
        mean, cv, runs = 400.0, 0.15, 4000
        pieces = constant([mean])
        doubt = Doubt(volume_day_cv=cv)
        day = ints(0)
        counts = np.array(
            [
                pieces.draw(Stream(1, r, "arrivals/a"), doubt.volume(1, r, "a", day, day))[0].size
                for r in range(runs)
            ]
        )
        variance = mean + cv**2 * mean**2
        assert abs(counts.mean() - mean) < 4 * math.sqrt(variance / runs)
        assert counts.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / runs))
        n = 1 / cv**2
        mixed = stats.nbinom(n, n / (n + mean))
        assert (
            stats.kstest(
                counts + generator(9, 0, "u").random(runs), lambda x: _between(mixed, x)
            ).pvalue
            > 0.01
        )

    def test_the_correlation_between_queues_is_recovered(self) -> None:
        doubt = Doubt(volume_day_cv=0.1, volume_bias_sd=0.0, correlation=0.7)
        found = self.factors(doubt, 4000)[:, :, 0]
        assert np.corrcoef(found.T)[0, 1] == pytest.approx(0.7, abs=0.03)
        assert found.mean() == pytest.approx(1, abs=0.006)
        assert found.std(axis=0) == pytest.approx([0.1, 0.1], rel=0.05)

    @pytest.mark.parametrize(("correlation", "same"), [(1.0, True), (0.0, False)])
    def test_fully_correlated_queues_share_their_days(self, correlation: float, same: bool) -> None:
        doubt = Doubt(volume_day_cv=0.1, correlation=correlation)
        a, b = self.factors(doubt, 1, days=5)[0]
        assert np.array_equal(a, b) is same
        assert np.unique(a).size == 5

    def test_bias_is_one_number_for_the_whole_period(self) -> None:
        found = self.factors(Doubt(volume_bias_sd=0.2), 4000, days=3)[:, 0, :]
        assert (found == found[:, :1]).all()
        assert found[:, 0].mean() == pytest.approx(1, abs=4 * 0.2 / math.sqrt(4000))
        assert found[:, 0].std() == pytest.approx(0.2, rel=0.06)

    def test_intervals_vary_by_themselves(self) -> None:
        doubt = Doubt(volume_interval_cv=0.3)
        interval = np.arange(2000)
        found = doubt.volume(1, 0, "a", np.zeros(2000, np.int64), interval)
        assert found is not None
        assert found.mean() == pytest.approx(1, abs=0.03)
        assert found.std() == pytest.approx(0.3, rel=0.08)

    def test_aht_varies_by_day_and_as_a_whole(self) -> None:
        doubt = Doubt(aht_day_cv=0.1, aht_bias_sd=0.05)
        day = np.repeat(np.arange(2), 3)
        found = np.array([doubt.aht(1, r, "a", day) for r in range(4000)])
        assert (found[:, 0] == found[:, 2]).all()
        assert (found[:, 0] != found[:, 3]).all()
        logs = np.log(found[:, [0, 3]])
        within, whole = math.log1p(0.1**2), math.log1p(0.05**2)
        assert logs.var(axis=0) == pytest.approx([within + whole] * 2, rel=0.08)
        assert np.cov(logs.T)[0, 1] == pytest.approx(whole, rel=0.25)
        assert found.mean() == pytest.approx(1, abs=0.006)

    def test_attendance_stays_around_the_groups(self) -> None:
        doubt = Doubt(attendance_day_sd=0.05)
        found = np.array([doubt.attendance(1, r, "g", 0.9, 1) for r in range(4000)])
        assert found.mean() == pytest.approx(0.9, abs=0.004)
        assert found.std() == pytest.approx(0.05, rel=0.05)
        assert (np.array(Doubt(attendance_day_sd=1.0).attendance(1, 0, "g", 0.1, 500)) >= 0).all()


def _between(law: Any, x: Any) -> Any:
    """The distribution function of a count plus a uniform number."""
    whole = np.floor(x)
    return law.cdf(whole - 1) + (x - whole) * law.pmf(whole)


class TestStaffingByNumber:
    def plan(self, agents: Any, calendar: Calendar = ALWAYS, **settings: Any) -> Any:
        given: dict[str, Any] = {
            "attendance": 1.0,
            "start_ms": 0,
            "interval_ms": HALF,
            "warm": 0,
            "until": 4 * DAY,
            "timezone": "UTC",
        } | settings
        return by_number("front", np.asarray(agents, np.float64), calendar, **given)

    def test_only_changes_are_told_and_the_last_number_stays(self) -> None:
        at, number = self.plan([3, 3, 5, 4]).draw(1, 0, Doubt())
        assert at.tolist() == [0, 2 * HALF, 3 * HALF]
        assert number.tolist() == [3, 5, 4]

    def test_the_first_number_stands_at_the_begin_of_the_warm_up(self) -> None:
        at, number = self.plan([2, 3, 3], warm=1).draw(1, 0, Doubt())
        assert (at.tolist(), number.tolist()) == ([-HALF, 0], [2, 3])

    def test_a_closed_calendar_sends_the_group_home_inside_an_interval(self) -> None:
        office = Calendar.from_plain({"weekly": {"mon-sun": ["09:10-17:00"]}}, timezone="UTC")
        at, number = self.plan([4] * 48, office, until=DAY + 10 * HOUR).draw(1, 0, Doubt())
        assert at.tolist() == [
            0, 550 * MINUTE, 17 * HOUR, DAY + 550 * MINUTE,
        ]  # fmt: skip
        assert number.tolist() == [0, 4, 0, 4]

    def test_decimals_are_right_on_average_and_do_not_flicker(self) -> None:
        plan = self.plan([12.3, 12.3, 7.75, 12.3])
        found = []
        for r in range(8000):
            at, number = plan.draw(1, r, Doubt())
            found.append(number[np.searchsorted(at, np.arange(4) * HALF, "right") - 1])
        numbers = np.array(found)
        assert set(np.unique(numbers[:, 0])) == {12, 13}
        assert (numbers[:, 0] == numbers[:, 1]).all()
        assert (numbers[:, 0] == numbers[:, 3]).all()
        for column, x in zip(numbers.T, (12.3, 12.3, 7.75, 12.3), strict=True):
            part = x - math.floor(x)
            assert abs(column.mean() - x) < 4 * math.sqrt(part * (1 - part) / 8000)

    def test_each_day_has_its_own_number(self) -> None:
        at, number = self.plan([4.5] * 48 * 4).draw(1, 0, Doubt())
        assert set(number.tolist()) == {4, 5}
        assert (at % DAY == 0).all()

    def test_attendance_changes_the_number_by_day(self) -> None:
        plan = self.plan([100.0] * 48 * 4, attendance=0.9)
        _, number = plan.draw(1, 0, Doubt(attendance_day_sd=0.05))
        assert number.size == 4
        every = [plan.draw(1, r, Doubt(attendance_day_sd=0.05))[1].mean() for r in range(500)]
        assert np.mean(every) == pytest.approx(90, abs=0.4)
        assert plan.draw(1, 0, Doubt())[1].tolist() == [90]

    def test_decimals_that_only_arithmetic_made_are_none(self) -> None:
        assert self.plan([3 * (1 - 0.1 - 0.2) / 0.7] * 2).settled[1].tolist() == [3]


EARLY = ShiftFacts("early", (0, 1, 2, 3, 4), 8 * HOUR, 8 * HOUR, ((4 * HOUR, HALF),), 2, 1.0)
MONDAY = to_epoch_ms(datetime(2026, 1, 5), zone("UTC"))


class TestShifts:
    def plan(
        self,
        *shifts: ShiftFacts,
        start: int = MONDAY,
        until: int = DAY,
        calendar: Calendar = ALWAYS,
        timezone: str = "UTC",
        attendance: float = 1.0,
        since: int = 0,
    ) -> ByShifts:
        return by_shifts(
            "flexible", shifts, calendar, attendance=attendance, start_ms=start, since=since,
            until=until, timezone=timezone,
        )  # fmt: skip

    def rows(self, plan: ByShifts, replication: int = 0, doubt: Doubt | None = None) -> Any:
        found = plan.draw(1, replication, doubt or Doubt())
        return list(
            zip(found.agent.tolist(), (found.begin / HOUR).tolist(), (found.end / HOUR).tolist(),
                strict=True)
        )  # fmt: skip

    def test_a_day(self) -> None:
        late = ShiftFacts("late", (0,), 11 * HOUR, 9 * HOUR, (), 1, 1.0)
        plan = self.plan(EARLY, late)
        assert self.rows(plan) == [(0, 8, 16), (1, 8, 16), (2, 11, 20)]
        found = plan.draw(1, 0, Doubt())
        assert found.break_first.tolist() == [0, 1, 2, 2]
        assert found.break_at.tolist() == [12 * HOUR, 12 * HOUR]
        assert found.break_length.tolist() == [HALF, HALF]

    def test_weekdays(self) -> None:
        begins = {begin for _, begin, _ in self.rows(self.plan(EARLY, until=9 * DAY))}
        assert begins == {8 + 24 * d for d in (0, 1, 2, 3, 4, 7, 8)}

    def test_the_night_before_the_start_is_still_on_duty(self) -> None:
        night = ShiftFacts(
            "night", tuple(range(7)), 22 * HOUR, 8 * HOUR, ((4 * HOUR, HALF),), 1, 1.0
        )
        plan = self.plan(night)
        assert self.rows(plan) == [(0, -2, 6), (0, 22, 30)]
        assert plan.draw(1, 0, Doubt()).break_at.tolist() == [2 * HOUR, 26 * HOUR]

    @pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9)])
    def test_a_night_of_daylight_saving_has_its_true_length(self, day: str, hours: int) -> None:
        night = ShiftFacts("night", tuple(range(7)), 22 * HOUR, 8 * HOUR, (), 1, 1.0)
        where = "Europe/Bucharest"
        noon = to_epoch_ms(datetime.fromisoformat(day + " 12:00"), zone(where))
        assert self.rows(self.plan(night, start=noon, until=12 * HOUR, timezone=where)) == [
            (0, 10, 10 + hours)
        ]

    def test_round_the_clock_never_overlaps_itself(self) -> None:
        """A 24-hour shift from 03:30, a time that comes twice on 25 October 2026."""
        round_the_clock = ShiftFacts("all", tuple(range(7)), 3 * HOUR + HALF, DAY, (), 1, 1.0)
        where = "Europe/Bucharest"
        start = to_epoch_ms(datetime(2026, 10, 23), zone(where))
        found = self.plan(round_the_clock, start=start, until=4 * DAY, timezone=where).draw(
            1, 0, Doubt()
        )
        assert (found.begin[1:] == found.end[:-1]).all()

    def test_holidays_of_the_groups_calendar_close_its_shifts(self) -> None:
        office = Calendar.from_plain(
            {"weekly": {"mon-fri": ["09:00-15:00"]}, "holidays": [date(2026, 1, 6)]}, timezone="UTC"
        )
        plan = self.plan(EARLY, until=3 * DAY, calendar=office)
        assert sorted({begin for _, begin, _ in self.rows(plan)}) == [8, 56]

    def test_shrinkage_keeps_some_away_and_who_goes_round(self) -> None:
        shift = ShiftFacts("early", (0, 1, 2, 3, 4), 8 * HOUR, HOUR, (), 4, 0.75)
        rows = self.rows(self.plan(shift, until=4 * DAY))
        present = [{agent for agent, begin, _ in rows if begin == 8 + 24 * d} for d in range(4)]
        assert [len(p) for p in present] == [3, 3, 3, 3]
        assert set.union(*[{0, 1, 2, 3} - p for p in present]) == {0, 1, 2, 3}

    def test_absence_is_right_on_average(self) -> None:
        shift = ShiftFacts("early", tuple(range(7)), 8 * HOUR, HOUR, ((HALF, MINUTE),), 7, 0.9)
        plan = self.plan(shift, attendance=0.95)
        numbers = np.array([len(self.rows(plan, r)) for r in range(4000)])
        x = 7 * 0.9 * 0.95
        assert set(numbers.tolist()) == {5, 6}
        part = x - 5
        assert abs(numbers.mean() - x) < 4 * math.sqrt(part * (1 - part) / 4000)
        found = plan.draw(1, 0, Doubt())
        assert found.break_first.tolist() == list(range(found.agent.size + 1))

    def test_another_shift_changes_nobody_elses_absence(self) -> None:
        shift = ShiftFacts("early", tuple(range(7)), 8 * HOUR, HOUR, (), 7, 0.9)
        other = ShiftFacts("late", tuple(range(7)), 12 * HOUR, HOUR, (), 5, 0.5)
        alone = [row for r in range(20) for row in self.rows(self.plan(shift), r)]
        both = [row for r in range(20) for row in self.rows(self.plan(shift, other), r)]
        assert alone == [row for row in both if row[1] == 8]

    def test_without_agents_or_days_there_are_no_stints(self) -> None:
        assert self.rows(self.plan(ShiftFacts("none", (6,), 0, HOUR, (), 3, 1.0), until=HOUR)) == []
        assert self.rows(self.plan(ShiftFacts("none", (0,), 0, HOUR, (), 0, 1.0))) == []


class TestClosings:
    def test_closed_spans(self) -> None:
        close, reopen = closed_spans(ints(8, 32), ints(20, 44), since=0, until=50)
        assert (close.tolist(), reopen.tolist()) == ([20, 44], [32, 50])

    @pytest.mark.parametrize(
        ("duty", "closing"),
        [
            ([], [20, 44]),  # nobody ever
            ([(8, 20), (32, 44)], [20, 44]),  # all go home at closing
            ([(8, 18), (32, 40)], [20, 44]),  # all went home before: the instant is the closing
            ([(8, 21), (32, 45)], [21, 45]),  # somebody stays an hour longer
            ([(8, 21), (25, 27), (32, 44)], [27, 44]),  # somebody comes back at night
            ([(8, 50)], []),  # somebody is always there
            ([(8, 21), (31, 44)], [44]),  # somebody comes before the opening, and serves first
        ],
    )
    def test_contacts_stay_while_somebody_may_take_them(
        self, duty: list[tuple[int, int]], closing: list[int]
    ) -> None:
        spans = Duty(ints(*(b for b, _ in duty)), ints(*(e for _, e in duty)))
        found = when_nobody_is_left(ints(20, 44), ints(32, 50), [spans])
        assert found.tolist() == closing

    def test_the_group_that_stays_longest_decides(self) -> None:
        duties = [Duty(ints(8), ints(21)), Duty(ints(10), ints(23)), Duty(ints(), ints())]
        assert when_nobody_is_left(ints(20), ints(32), duties).tolist() == [23]

    def test_a_long_stint_begun_early_counts(self) -> None:
        assert when_nobody_is_left(
            ints(20), ints(32), [Duty(ints(5, 10), ints(25, 12))]
        ).tolist() == [25]

    def test_duty_by_number(self) -> None:
        duty = duty_by_number(ints(-5, 8, 20, 30), ints(0, 3, 0, 2), until=100)
        assert (duty.begin.tolist(), duty.end.tolist()) == ([8, 30], [20, 100])


SCENARIO = """
name: Two queues
timezone: Europe/Bucharest
start: 2026-03-02
end: 2026-03-04
calendars: {phones: {weekly: {mon-sun: ["08:00-20:00"]}}}
queues:
  billing:
    calendar: phones
    arrivals: {per_hour: 60}
    aht: 240s
    acw: 24s
    patience: {exponential: {mean: 3min}}
  sales:
    calendar: phones
    at_close: disconnect
    arrivals: {per_hour: 30}
    handle_time: {gamma: {mean: 5min, cv: 0.6}}
    hangs_up_at_once: 0.1
    priority: 1
    lines: 40
groups:
  front: {takes: {billing: 1, sales: 2}, staffing: 6.5}
  late:
    takes: {billing: 1}
    shifts: [{name: late, from: "12:00", to: "21:00", breaks: [{at: "16:00", length: 30min}], agents: 3}]
"""


def centre(text: str = SCENARIO, **changes: Any) -> Scenario:
    loaded = load_text(text)
    return loaded.but({key.replace("__", "."): value for key, value in changes.items()})


def mine(draw: Draw, queue: int) -> dict[str, list[int]]:
    part = slice(int(draw.first[queue]), int(draw.first[queue + 1]))
    return {
        name: getattr(draw, name)[part].tolist()
        for name in ("arrival", "work", "wrap", "patience", "leaves_as")
    }


class TestSample:
    def test_the_same_numbers_give_the_same_draw(self) -> None:
        plan = prepare(centre())
        assert plan.sample(1, 3) == plan.sample(1, 3)
        assert plan.sample(1, 3) == sample(centre(), 1, 3)
        assert plan.sample(1, 3) != plan.sample(1, 4)
        assert plan.sample(2, 3) != plan.sample(1, 3)

    def test_a_draw_is_whole(self) -> None:
        draw = prepare(centre()).sample(1, 0)
        n = draw.contacts
        assert draw.first[-1] == n == draw.arrival.size == draw.work.size == draw.patience.size
        assert abs(n - 2 * 12 * 90) < 5 * math.sqrt(2160)
        assert (draw.wrap <= draw.work).all() and (draw.work >= 0).all()
        assert (draw.wrap[: draw.first[1]] == np.rint(draw.work[: draw.first[1]] * 0.1)).all()
        assert (draw.wrap[draw.first[1] :] == 0).all()
        assert draw.lines.tolist() == [NEVER, 40]
        assert draw.stop.tolist() == [3 * DAY, 3 * DAY]
        assert draw.by_number.tolist() == [1, 0]
        assert draw.agent_group.tolist() == [1, 1, 1]
        assert draw.table.priority.tolist() == [5, 1]
        assert draw.table.opens.tolist() == [[0, 0], [0, NEVER]]
        for name in ("arrival", "work", "wrap", "patience", "staff_at", "stint_from", "break_at"):
            assert getattr(draw, name).dtype == np.int64
        assert draw.leaves_as.dtype == draw.by_number.dtype == np.int8

    def test_arrivals_lie_inside_the_opening_hours(self) -> None:
        draw = prepare(centre()).sample(1, 0)
        hour = draw.arrival % DAY / HOUR
        assert (hour >= 8).all() and (hour < 20).all()

    def test_another_queue_and_group_change_nobody_elses_draws(self) -> None:
        more = (
            SCENARIO.replace("groups:", "  news: {arrivals: {per_hour: 500}, aht: 60s}\ngroups:")
            + "  aside: {takes: {news: 1}, staffing: 7.3}\n"
        )
        one, two = prepare(centre()).sample(1, 0), prepare(centre(more)).sample(1, 0)
        assert mine(one, 0) == mine(two, 0)
        assert mine(one, 1) == mine(two, 1)
        front = two.staff_group == 0
        assert one.staff_number.tolist() == two.staff_number[front].tolist()

    def test_more_volume_meets_the_same_callers(self) -> None:
        few = mine(prepare(centre()).sample(1, 0), 0)
        many = mine(prepare(centre(queues__billing__volume="+15%")).sample(1, 0), 0)
        n = len(few["work"])
        assert len(many["work"]) > n
        for name in ("work", "wrap", "patience"):
            assert many[name][:n] == few[name]
        assert all(a <= b for a, b in zip(many["arrival"], few["arrival"], strict=False))

    def test_a_shorter_aht_meets_the_same_callers(self) -> None:
        for queue in ("billing", "sales"):
            scenario = centre()
            shorter = scenario.but({f"queues.{queue}.aht": "-10%"})
            q = scenario.queue_names.index(queue)
            one, two = (mine(prepare(s).sample(1, 0), q) for s in (scenario, shorter))
            assert one["arrival"] == two["arrival"]
            assert one["patience"] == two["patience"]
            ratio = np.array(two["work"]) / np.array(one["work"])
            assert np.median(ratio) == pytest.approx(0.9, rel=1e-4)

    def test_another_agent_changes_no_caller(self) -> None:
        one = prepare(centre()).sample(1, 0)
        two = prepare(centre(groups__front__staffing="+1")).sample(1, 0)
        assert [mine(one, q) for q in (0, 1)] == [mine(two, q) for q in (0, 1)]
        assert (two.staff_number - one.staff_number == 1).all()

    def test_closings(self) -> None:
        """Sales disconnects at 20:00. Billing is served by whoever is on duty: front stays for ever."""
        draw = prepare(centre()).sample(1, 0)
        closings = list(zip(draw.closing_at / HOUR, draw.closing_queue.tolist(), strict=True))
        assert closings == [(20, 1), (44, 1), (68, 1)]

    def test_billing_closes_when_the_last_shift_ends(self) -> None:
        office = SCENARIO.replace("staffing: 6.5}", "staffing: 6.5, calendar: phones}")
        draw = prepare(centre(office)).sample(1, 0)
        closings = list(zip(draw.closing_at / HOUR, draw.closing_queue.tolist(), strict=True))
        assert closings == [(20, 1), (21, 0), (44, 1), (45, 0), (68, 1), (69, 0)]

    def test_an_always_open_queue_never_closes(self) -> None:
        text = SCENARIO.replace("    calendar: phones\n", "")
        assert prepare(centre(text)).sample(1, 0).closing_at.size == 0

    def test_the_warm_up_comes_before_the_start(self) -> None:
        draw = prepare(centre(SCENARIO + "warm_up: 1d\n")).sample(1, 0)
        assert draw.arrival.min() < -11 * HOUR
        assert draw.staff_at.min() == -DAY
        assert draw.stint_from.min() == -12 * HOUR
        assert draw.closing_at.min() == -4 * HOUR

    @pytest.mark.parametrize(("start", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
    def test_days_of_daylight_saving(self, start: str, hours: int) -> None:
        end = f"{start[:8]}{int(start[8:]) + 1}"
        text = SCENARIO.replace("2026-03-02", start).replace("2026-03-04", end)
        scenario = centre(text)
        assert scenario.intervals == 2 * hours
        draw = prepare(scenario).sample(1, 0)
        shift = hours - 24  # the clock changes before the centre opens
        assert (draw.arrival >= (8 + shift) * HOUR).all()
        assert (draw.arrival < (20 + shift) * HOUR).all()
        assert draw.stint_from[0] == (12 + shift) * HOUR
        assert draw.closing_at[0] == (20 + shift) * HOUR

    def test_no_demand_is_no_doubt_and_demand_is(self) -> None:
        doubted = (
            SCENARIO
            + """
demand:
  volume: {day_cv: 0.2, bias_sd: 0.1, interval_cv: 0.1}
  aht: {day_cv: 0.1, bias_sd: 0.1}
  attendance: {day_sd: 0.1}
  correlation: 0.5
"""
        )

        def spread(text: str) -> Any:
            plan = prepare(centre(text))
            draws = [plan.sample(1, r) for r in range(400)]
            sizes = np.array([[d.first[1], d.contacts - d.first[1]] for d in draws])
            aht = np.array([d.work[: d.first[1]].mean() for d in draws])
            return sizes.std(axis=0) / sizes.mean(axis=0), aht.std() / aht.mean(), sizes

        plain, plain_aht, _ = spread(SCENARIO)
        volume, aht, sizes = spread(doubted)
        assert plain == pytest.approx([1 / math.sqrt(1440), 1 / math.sqrt(720)], rel=0.15)
        # two days: bias^2 + day^2 / 2 + intervals^2 / 48, and the Poisson part
        assert volume[0] == pytest.approx(
            math.sqrt(0.1**2 + 0.2**2 / 2 + 0.1**2 / 48 + 1 / 1440), rel=0.12
        )
        assert plain_aht < 0.03 < aht
        assert aht == pytest.approx(math.sqrt(0.1**2 + 0.1**2 / 2), rel=0.15)
        assert 0.35 < np.corrcoef(sizes.T)[0, 1] < 0.6

    def test_attendance_moves_numbers_and_shifts(self) -> None:
        text = SCENARIO + "demand: {attendance: {day_sd: 0.2}}\n"
        plan = prepare(centre(text))
        assert plan.settled is None
        numbers = {tuple(plan.sample(1, r).staff_number.tolist()) for r in range(20)}
        heads = {plan.sample(1, r).stint_agent.size for r in range(20)}
        assert len(numbers) > 5 and len(heads) > 2

    def test_shrinkage_is_applied_once(self) -> None:
        text = SCENARIO.replace(
            "staffing: 6.5}",
            "staffing: {agents: 100, counts: paid}, attendance: 0.9, "
            "shrinkage: {out_of_office: 0.1, in_office: 0.2, adherence: 0.95}}",
        )
        plan = prepare(centre(text))
        found = np.mean([plan.sample(1, r).staff_number.mean() for r in range(400)])
        assert found == pytest.approx(100 * 0.9 * 0.8 * 0.95 * 0.9, abs=0.1)

    def test_threads_draw_the_same(self) -> None:
        plan = prepare(centre())
        with ThreadPoolExecutor(4) as pool:
            drawn = list(pool.map(lambda r: plan.sample(1, r), range(40)))
        assert drawn == [plan.sample(1, r) for r in range(40)]


class TestStreams:
    def test_every_part_of_the_name_counts(self) -> None:
        firsts = [
            generator(seed, replication, name).random()
            for seed in (0, 1)
            for replication in (-1, 0, 1)
            for name in ("arrivals/a", "arrivals/b")
        ]
        assert len(set(firsts)) == 12

    def test_first_numbers_of_many_streams_are_uniform_and_unrelated(self) -> None:
        first = np.array([generator(1, r, "arrivals/a").random(2) for r in range(4000)])
        assert stats.kstest(first[:, 0], stats.uniform.cdf).pvalue > 0.01
        assert abs(np.corrcoef(first[:-1, 0], first[1:, 0])[0, 1]) < 4 / math.sqrt(4000)
        assert abs(np.corrcoef(first.T)[0, 1]) < 4 / math.sqrt(4000)

    def test_a_stream_is_the_same_everywhere_and_for_ever(self) -> None:
        """Numbers of a printed study can be drawn again; a change here is a change of all results."""
        assert generator(7, 12, "patience/billing").integers(0, 10**6, 3).tolist() == [
            693873,
            308091,
            727545,
        ]

    @pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (1 << 63, 0), (0, -2)])
    def test_numbers_out_of_range_are_refused(self, seed: int, replication: int) -> None:
        with pytest.raises(ValueError, match="must be 0 or more"):
            generator(seed, replication, "x")
