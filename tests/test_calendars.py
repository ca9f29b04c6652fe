"""Open hours and business time, with daylight saving, holidays and nights."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from holidays.registry import COUNTRIES
from hypothesis import given, settings
from hypothesis import strategies as st

from slasim import clock
from slasim.calendars import FOREVER, Calendar, CalendarProblems, NeverOpens
from slasim.clock import DAY, HOUR, MINUTE
from slasim.public_holidays import known_country, public_holidays

NY = "America/New_York"
OFFICE = {
    "timezone": NY,
    "weekly": {"mon-fri": ["09:00-17:00"]},
    "holidays": ["2025-07-04", "2025-11-27"],
}
NIGHT = {
    "timezone": "Europe/London",
    "weekly": {"mon-sun": ["22:00-06:00"]},
    "holidays": ["2025-12-25"],
}
SPLIT = {
    "timezone": "Asia/Ho_Chi_Minh",
    "weekly": {"mon-fri": ["08:00-12:00", "13:00-17:30"]},
    "holidays": ["2025-09-01", "2025-09-02"],
    "special_days": {"2025-09-03": ["08:00-12:00"]},
}


def calendar(plain: dict[str, Any], **changes: Any) -> Calendar:
    return Calendar.from_plain({**plain, **changes})


def at(text: str) -> int:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return clock.epoch_ms(moment)


def local(calendar: Calendar, instants: Any) -> list[str]:
    where = clock.zone(calendar.timezone)
    return [clock.format_instant(int(ms), where) for ms in np.atleast_1d(instants)]


def hours_on(calendar: Calendar, day: str) -> float:
    """Open hours between one local midnight and the next."""
    where = clock.zone(calendar.timezone)
    first = clock.parse_date(day)
    begin, end = (clock.parse_instant(d, where) for d in (first, first + timedelta(days=1)))
    return int(calendar.elapsed(begin, end)) / HOUR


# Worked by hand: (calendar, created, stop, target, clock starts, due, elapsed at stop).
NY_8_17 = {"timezone": NY, "weekly": {"mon-fri": ["08:00-17:00"]}}
IRREGULAR = {
    "timezone": NY,
    "weekly": {"mon": ["09:00-17:00"], "tue": ["09:00-16:00"], "thu": ["08:00-17:00"]},
}
BUCHAREST_24 = {"timezone": "Europe/Bucharest", "weekly": {"mon-sun": ["00:00-24:00"]}}
# fmt: off
BY_HAND = {
    "inside hours": (OFFICE, "2025-06-02T10:00-04:00", "2025-06-02T13:30-04:00", "4h",
                     "2025-06-02T10:00-04:00", "2025-06-02T14:00-04:00", "3h30m"),
    "after closing on Friday": (OFFICE, "2025-06-06T18:30-04:00", "2025-06-09T10:00-04:00", "1h",
                                "2025-06-09T09:00-04:00", "2025-06-09T10:00-04:00", "1h"),
    "Friday 16:00 and 4 h": (NY_8_17, "2025-06-06T16:00-04:00", "2025-06-09T11:30-04:00", "4h",
                             "2025-06-06T16:00-04:00", "2025-06-09T11:00-04:00", "4h30m"),
    "holiday between": (OFFICE, "2025-11-26T15:00-05:00", "2025-11-28T15:30-05:00", "8h",
                        "2025-11-26T15:00-05:00", "2025-11-28T15:00-05:00", "8h30m"),
    "irregular week": (IRREGULAR, "2025-06-02T11:00-04:00", "2025-06-05T10:00-04:00", "16h",
                       "2025-06-02T11:00-04:00", "2025-06-05T11:00-04:00", "15h"),
    "spring night": (BUCHAREST_24, "2025-03-30T02:30+02:00", "2025-03-30T07:00+03:00", "4h",
                     "2025-03-30T02:30+02:00", "2025-03-30T07:30+03:00", "3h30m"),
    "autumn night of nine hours": (NIGHT, "2025-10-25T21:00+01:00", "2025-10-26T05:45+00:00",
                                   "8h30m", "2025-10-25T22:00+01:00", "2025-10-26T05:30+00:00", "8h45m"),
    "holiday, civil day": (NIGHT, "2025-12-24T23:00+00:00", "2025-12-26T01:00+00:00", "3h",
                           "2025-12-24T23:00+00:00", "2025-12-26T02:00+00:00", "2h"),
    "holiday, opening date": ({**NIGHT, "holiday_scope": "opening_date"},
                              "2025-12-24T23:00+00:00", "2025-12-26T01:00+00:00", "3h",
                              "2025-12-24T23:00+00:00", "2025-12-25T02:00+00:00", "7h"),
    "a day of 24 h": (OFFICE, "2025-06-06T16:55-04:00", "2025-06-10T12:00-04:00", "24h",
                      "2025-06-06T16:55-04:00", "2025-06-11T16:55-04:00", "11h5m"),
    "a day of 8 h": (OFFICE, "2025-06-06T16:55-04:00", "2025-06-10T12:00-04:00", "8h",
                     "2025-06-06T16:55-04:00", "2025-06-09T16:55-04:00", "11h5m"),
    "due on closing time": (OFFICE, "2025-06-06T16:00-04:00", "2025-06-06T17:00-04:00", "1h",
                            "2025-06-06T16:00-04:00", "2025-06-06T17:00-04:00", "1h"),
    "created at closing": (OFFICE, "2025-06-06T17:00-04:00", "2025-06-09T09:30-04:00", "1h",
                           "2025-06-09T09:00-04:00", "2025-06-09T10:00-04:00", "30m"),
    # 29 Aug 16:30 to 17:30 is 1 h; 1 and 2 Sep holidays; 3 Sep half day 4 h; 4 Sep 08:00 + 1 h
    "split days, holidays, half day": (SPLIT, "2025-08-29T16:30+07:00", "2025-09-04T14:00+07:00",
                                       "6h", "2025-08-29T16:30+07:00", "2025-09-04T09:00+07:00", "10h"),
}
# fmt: on


@pytest.mark.parametrize("case", BY_HAND)
def test_worked_by_hand(case: str) -> None:
    plain, created, stop, target, starts, due, elapsed = BY_HAND[case]
    hours = calendar(plain)
    assert int(hours.next_opening(at(created))) == at(starts)
    assert int(hours.due(at(created), clock.parse_duration(target))) == at(due)
    assert int(hours.elapsed(at(created), at(stop))) == clock.parse_duration(elapsed)


class TestDaylightSaving:
    def test_days_of_46_and_50_half_hours(self) -> None:
        hours = Calendar.always("Europe/Berlin")
        assert hours_on(hours, "2026-03-29") == 23
        assert hours_on(hours, "2026-10-25") == 25
        assert hours_on(hours, "2026-06-01") == 24

    def test_half_an_hour_in_lord_howe(self) -> None:
        hours = Calendar.always("Australia/Lord_Howe")
        assert hours_on(hours, "2026-10-04") == 23.5
        assert hours_on(hours, "2026-04-05") == 24.5

    def test_an_opening_in_the_gap_is_the_first_instant_after_it(self) -> None:
        hours = calendar({"timezone": NY, "weekly": {"mon-sun": ["02:30-10:30"]}})
        opens, closes = hours.windows(at("2025-03-09T00:00-05:00"), at("2025-03-10T00:00-04:00"))
        assert opens.tolist() == [at("2025-03-09T03:00-04:00")]
        assert closes.tolist() == [at("2025-03-09T10:30-04:00")]

    def test_a_closing_in_the_overlap_is_the_later_and_an_opening_the_earlier(self) -> None:
        for windows, expected in (
            (["00:00-01:30"], 2.5),
            (["01:30-08:00"], 7.5),
            (["01:15-01:45"], 1.5),
        ):
            hours = calendar({"timezone": NY, "weekly": {"sun": windows}})
            assert hours_on(hours, "2025-11-02") == expected

    def test_a_window_inside_the_gap_is_gone_and_noted(self) -> None:
        hours = calendar(
            {"timezone": "Europe/Berlin", "weekly": {"mon-sun": ["02:00-03:00"]}}, name="night"
        )
        assert hours_on(hours, "2026-03-29") == 0
        assert hours_on(hours, "2026-10-25") == 2
        march = at("2026-03-01T00:00+01:00"), at("2026-04-01T00:00+02:00")
        assert hours.notes(*march) == [
            "Calendar 'night': the window 2026-03-29 02:00-03:00 is cut to 0 s "
            "by the change to daylight saving time."
        ]
        assert calendar(OFFICE).notes(*march) == []

    def test_a_midnight_that_does_not_exist(self) -> None:
        hours = calendar(
            {
                "timezone": "Africa/Cairo",
                "weekly": {"mon-sun": ["00:00-24:00"]},
                "holidays": ["2025-04-25"],
            }
        )
        assert hours_on(hours, "2025-04-24") == 24
        assert int(hours.next_opening(at("2025-04-25T12:00+03:00"))) == at("2025-04-26T00:00+03:00")

    def test_24_00_is_the_end_of_the_date_even_where_midnight_comes_twice(self) -> None:
        hours = calendar({"timezone": "America/Havana", "weekly": {"sat": ["00:00-24:00"]}})
        assert hours_on(hours, "2025-11-01") == 24
        assert hours_on(hours, "2025-11-02") == 0

    def test_a_date_that_never_was_has_no_hours(self) -> None:
        hours = calendar({"timezone": "Pacific/Apia", "weekly": {"mon-sun": ["09:00-17:00"]}})
        begin, end = at("2011-12-29T00:00-10:00"), at("2012-01-01T00:00+14:00")
        assert int(hours.elapsed(begin, end)) == 16 * HOUR


class TestWhatAPlannerWrites:
    def test_weekdays(self) -> None:
        hours = calendar(
            {
                "timezone": "UTC",
                "weekly": {"fri-mon": ["10:00-12:00"], "Tue, wed": [], "thursday": "09:00-10:00"},
            }
        )
        assert [len(windows) for windows in hours.weekly] == [1, 0, 0, 1, 1, 1, 1]

    def test_overlapping_windows_count_once(self) -> None:
        hours = calendar(
            {"timezone": "UTC", "weekly": {"mon": ["09:00-13:00", "12:00-17:00", "17:00-18:00"]}}
        )
        opens, _ = hours.windows(at("2026-03-02T00:00Z"), at("2026-03-03T00:00Z"))
        assert (len(opens), hours_on(hours, "2026-03-02")) == (1, 9)
        nights = calendar(
            {"timezone": "UTC", "weekly": {"mon-sun": ["20:00-08:00", "07:00-09:00"]}}
        )
        assert hours_on(nights, "2026-03-03") == 13

    def test_a_half_day_a_closed_day_and_a_holiday_worked(self) -> None:
        hours = calendar(
            OFFICE,
            special_days={
                "2025-06-03": ["09:00-13:00"],
                "2025-06-04": [],
                "2025-07-04": ["10:00-12:00"],
                date(2025, 6, 7): ["10:00-11:00"],
            },
        )
        days = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-07", "2025-07-04", "2025-11-27")
        assert [hours_on(hours, day) for day in days] == [8, 4, 0, 1, 2, 0]

    def test_public_holidays_with_additions_and_exceptions(self) -> None:
        plain = {"timezone": "Europe/Bucharest", "weekly": {"mon-fri": ["09:00-18:00"]}}
        listed = {"country": "RO", "dates": ["2026-03-09"], "except": ["2026-12-01"]}
        hours = calendar(plain, holidays=listed)
        days = ("2026-12-25", "2026-12-01", "2026-03-09", "2026-03-10")
        assert [hours_on(hours, day) for day in days] == [0, 9, 0, 9]
        assert hours_on(calendar(plain, holidays={"country": "RO"}), "2026-12-01") == 0

    def test_holidays_of_a_part_of_a_country(self) -> None:
        plain = {"timezone": "Europe/Berlin", "weekly": {"mon-fri": ["09:00-17:00"]}}
        bavaria = calendar(plain, holidays={"country": "DE", "subdivision": "BY"})
        berlin = calendar(plain, holidays={"country": "DE", "subdivision": "BE"})
        assert (hours_on(bavaria, "2026-01-06"), hours_on(berlin, "2026-01-06")) == (0, 8)

    def test_everything_wrong_is_told_at_once(self) -> None:
        with pytest.raises(CalendarProblems) as caught:
            Calendar.from_plain(
                {
                    "timezone": "Europe/Bukarest",
                    "weekly": {
                        "mon-fri": ["8-20"],
                        "fry": ["08:00-20:00"],
                        "fri": [],
                        "sat": ["24:00-02:00"],
                        "sun": 9,
                    },
                    "holidays": {"country": "Romania", "dates": ["25.12.2026"]},
                    "special_days": {"2026-02-30": []},
                    "special_day": {},
                    "holiday_scope": "day",
                }
            )
        problems = {".".join(path): text for path, text in caught.value.problems}
        says = {
            "timezone": "did you mean Europe/Bucharest",
            "weekly.mon-fri": "not a time of day",
            "weekly.fry": "is no weekday",
            "weekly.fri": "already set by 'mon-fri'",
            "weekly.sat": "write 00:00 of the next day",
            "weekly.sun": "no list of windows",
            "holidays.country": "Did you mean RO?",
            "holidays.dates": "not a date",
            "special_days.2026-02-30": "does not exist",
            "special_day": "did you mean special_days?",
            "holiday_scope": "civil_day or opening_date",
        }
        assert problems.keys() == says.keys()
        for path, text in says.items():
            assert text in problems[path]

    @pytest.mark.parametrize(
        ("holidays", "says"),
        [
            ({"country": "DE", "subdivision": "XX"}, "is no subdivision of DE; known are BB, BE"),
            ({"country": "RO", "except": ["2026-03-10"]}, "2026-03-10 is no public holiday of RO"),
            ({"except": ["2026-03-10"]}, "need a country"),
            ({"subdivision": "BY"}, "needs its country"),
            ({"contry": "RO"}, "did you mean country"),
            ("RO", "write a list of dates or"),
        ],
    )
    def test_bad_holidays(self, holidays: object, says: str) -> None:
        with pytest.raises(CalendarProblems, match=says):
            calendar(OFFICE, holidays=holidays)

    def test_missing_hours_and_zone(self) -> None:
        with pytest.raises(
            CalendarProblems, match=r"time zone is missing.*Weekly hours are missing"
        ):
            Calendar.from_plain({})

    def test_a_calendar_is_a_value(self) -> None:
        one, two = calendar(OFFICE), calendar(OFFICE)
        when = at("2025-06-02T10:00-04:00")
        one.due(when, 4 * HOUR)
        assert one == two
        assert hash(one) == hash(two)
        copied = pickle.loads(pickle.dumps(one))
        assert copied == one
        assert copied.business_time(when) == two.business_time(when)

    def test_holidays_are_imported_only_when_a_country_is_asked_for(self) -> None:
        story = (
            "import sys; from slasim.calendars import Calendar;"
            "c = Calendar.from_plain({'timezone': 'UTC', 'weekly': {'mon': ['09:00-17:00']}});"
            "c.due(0, 1); sys.exit('holidays' in sys.modules or 'pandas' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", story], check=False).returncode == 0

    def test_one_country_is_loaded_and_the_others_are_there_for_whoever_asks(self) -> None:
        story = (
            "import sys; from slasim.public_holidays import known_country, public_holidays;"
            "first = public_holidays(known_country('de', 'BY'), 'BY', 2026);"
            "alone = 'holidays.countries.italy' not in sys.modules;"
            "import holidays; from holidays.countries import Germany, Italy;"
            "same = frozenset(holidays.country_holidays('DE', subdiv='BY', years=[2026])) == first;"
            "same = same and isinstance(holidays.DE(years=[2026]), Germany) and bool(holidays.IT(years=[2026]));"
            "sys.exit(not (alone and same and len(first) > 9))"
        )
        assert subprocess.run([sys.executable, "-c", story], check=False).returncode == 0

    def test_countries_can_be_asked_for_in_threads(self) -> None:
        story = (
            "import sys, threading; from slasim.public_holidays import known_country, public_holidays;"
            "codes = ['DE', 'FR', 'US', 'IT', 'IN', 'JP']; seen = []; at_once = threading.Barrier(len(codes));"
            "ask = lambda c: (at_once.wait(), seen.append(public_holidays(known_country(c, None), None, 2026)));"
            "threads = [threading.Thread(target=ask, args=(code,)) for code in codes];"
            "[each.start() for each in threads]; [each.join(30) for each in threads];"
            "sys.exit(len(seen) != len(codes))"
        )
        for _ in range(3):
            assert subprocess.run([sys.executable, "-c", story], check=False).returncode == 0

    def test_every_country_can_be_asked_for_by_itself(self) -> None:
        names = [known[1] for known in COUNTRIES.values()]
        assert len(names) > 200
        for code in names:
            assert public_holidays(known_country(code, None), None, 2026) is not None


class TestQuestions:
    def test_open_from_its_opening_to_before_its_closing(self) -> None:
        hours = calendar(OFFICE)
        instants = [at(f"2025-06-02T{time}-04:00") for time in ("08:59", "09:00", "16:59", "17:00")]
        assert hours.is_open(instants).tolist() == [False, True, True, False]

    def test_windows_clipped_or_whole(self) -> None:
        hours = calendar(OFFICE)
        since, until = at("2025-06-02T10:00-04:00"), at("2025-06-03T10:00-04:00")
        opens, closes = hours.windows(since, until)
        assert local(hours, opens) == ["2025-06-02 10:00", "2025-06-03 09:00"]
        assert local(hours, closes) == ["2025-06-02 17:00", "2025-06-03 10:00"]
        opens, closes = hours.windows(since, until, clip=False)
        assert local(hours, opens) == ["2025-06-02 09:00", "2025-06-03 09:00"]
        assert local(hours, closes) == ["2025-06-02 17:00", "2025-06-03 17:00"]
        closed = hours.windows(at("2025-06-02T17:00-04:00"), at("2025-06-03T09:00-04:00"))
        assert [part.size for part in closed] == [0, 0]

    def test_next_opening_and_closing(self) -> None:
        hours = calendar(OFFICE)
        instants = [at(f"2025-06-06T{time}-04:00") for time in ("08:00", "09:00", "12:00", "17:00")]
        assert local(hours, hours.next_opening(instants)) == [
            "2025-06-06 09:00",
            "2025-06-06 09:00",
            "2025-06-06 12:00",
            "2025-06-09 09:00",
        ]
        assert local(hours, hours.closing_after(instants)) == ["2025-06-06 17:00"] * 3 + [
            "2025-06-09 17:00"
        ]

    def test_always_open_never_closes(self) -> None:
        always = Calendar.always()
        since, until = at("2026-03-01T00:00Z"), at("2031-03-01T00:00Z")
        assert [part.tolist() for part in always.windows(since, until)] == [[since], [until]]
        assert int(always.elapsed(since, until)) == until - since
        assert int(always.due(since, until - since)) == until
        assert int(always.closing_after(since)) == FOREVER
        assert always.always_open
        nearly = calendar(
            {"timezone": "UTC", "weekly": {"mon-sun": ["00:00-24:00"]}, "holidays": ["2025-01-01"]}
        )
        assert not nearly.always_open
        assert int(nearly.closing_after(at("2024-06-01T00:00Z"))) == at("2025-01-01T00:00Z")
        assert int(nearly.closing_after(since)) == FOREVER

    def test_a_calendar_that_never_opens(self) -> None:
        never = calendar({"timezone": "UTC", "weekly": {}}, name="shut")
        now = at("2026-03-01T00:00Z")
        assert not never.is_open(now)
        assert int(never.elapsed(now, now + DAY)) == 0
        for question in (
            lambda: never.due(now, 1),
            lambda: never.next_opening(now),
            lambda: never.end_of_next_business_day(now),
            never.day_length,
        ):
            with pytest.raises(NeverOpens, match="Calendar 'shut'"):
                question()

    def test_a_calendar_that_opens_once(self) -> None:
        once = calendar(
            {"timezone": "UTC", "weekly": {}, "special_days": {"2031-03-05": ["09:00-13:00"]}}
        )
        now = at("2026-03-01T00:00Z")
        assert int(once.due(now, 4 * HOUR)) == at("2031-03-05T13:00Z")
        with pytest.raises(NeverOpens):
            once.due(now, 4 * HOUR + 1)

    def test_due_far_ahead_and_long_ago(self) -> None:
        hours = calendar({"timezone": "UTC", "weekly": {"mon": ["09:00-10:00"]}})
        monday = at("2026-03-02T09:00Z")
        assert int(hours.due(monday, 520 * HOUR)) == monday + 519 * 7 * DAY + HOUR
        old = at("1971-03-01T09:00Z")
        assert int(hours.due(old, 2 * HOUR)) == old + 7 * DAY + HOUR
        assert int(hours.inverse(hours.business_time(old + 1))) == old + 1

    def test_targets_of_nothing_and_less(self) -> None:
        hours = calendar(OFFICE)
        saturday = at("2025-06-07T12:00-04:00")
        assert hours.due([saturday, saturday], [0, HOUR]).tolist() == [
            saturday,
            at("2025-06-09T10:00-04:00"),
        ]
        with pytest.raises(ValueError, match="negative"):
            hours.due(saturday, -1)

    def test_shapes_follow_numpy(self) -> None:
        hours = calendar(OFFICE)
        starts = at("2025-06-02T09:00-04:00") + np.arange(6).reshape(3, 2) * DAY
        assert hours.due(starts, HOUR).shape == (3, 2)
        assert hours.due(starts[0, 0], np.array([HOUR, 2 * HOUR])).shape == (2,)
        assert hours.end_of_next_business_day(starts).shape == (3, 2)
        assert hours.same_day_if_before(starts, "16:00").shape == (3, 2)
        nothing = np.empty(0, np.int64)
        for answer in (
            hours.due(nothing, HOUR),
            hours.is_open(nothing),
            hours.next_opening(nothing),
            hours.closing_after(nothing),
            hours.end_of_next_business_day(nothing),
            hours.same_day_if_before(nothing, "16:00"),
        ):
            assert answer.shape == (0,)

    def test_instants_out_of_reach(self) -> None:
        with pytest.raises(ValueError, match="outside the years"):
            calendar(OFFICE).is_open(10**15)


class TestBusinessDays:
    def test_its_length_has_one_meaning_or_none(self) -> None:
        assert calendar(OFFICE).day_length() == 8 * HOUR
        assert calendar(SPLIT).day_length() == 8.5 * HOUR
        assert calendar(NIGHT).day_length() == 8 * HOUR
        with pytest.raises(ValueError, match="days of 7 h and 8 h and 9 h; say what a day means"):
            calendar(IRREGULAR).day_length()

    @pytest.mark.parametrize(
        ("asked", "end"),
        [
            ("2025-06-06 12:00", "2025-06-09 17:00"),  # Friday to Monday
            ("2025-06-06 18:30", "2025-06-09 17:00"),  # after hours is still Friday
            ("2025-06-07 12:00", "2025-06-09 17:00"),  # Saturday to Monday
            ("2025-11-26 12:00", "2025-11-28 17:00"),  # over a holiday
            ("2025-06-02 00:00", "2025-06-03 17:00"),
        ],
    )
    def test_end_of_the_next_business_day(self, asked: str, end: str) -> None:
        hours = calendar(OFFICE)
        when = clock.parse_instant(asked, clock.zone(NY))
        assert local(hours, hours.end_of_next_business_day(when)) == [end]

    @pytest.mark.parametrize(
        ("asked", "end"),
        [
            ("2025-06-06 15:59", "2025-06-06 17:00"),
            ("2025-06-06 16:00", "2025-06-09 17:00"),
            ("2025-06-06 07:00", "2025-06-06 17:00"),  # before opening
            ("2025-06-07 10:00", "2025-06-09 17:00"),  # no business day
            ("2025-11-27 10:00", "2025-11-28 17:00"),  # a holiday
            ("2025-06-10 12:00", "2025-06-10 13:00"),  # a half day
            ("2025-06-10 14:00", "2025-06-11 17:00"),  # a half day that is over
        ],
    )
    def test_the_same_day_if_before(self, asked: str, end: str) -> None:
        hours = calendar(OFFICE, special_days={"2025-06-10": ["09:00-13:00"]})
        when = clock.parse_instant(asked, clock.zone(NY))
        assert local(hours, hours.same_day_if_before(when, "16:00")) == [end]

    def test_nights_belong_to_the_date_they_open_on(self) -> None:
        nights = calendar(NIGHT)
        where = clock.zone(nights.timezone)
        asked = [
            clock.parse_instant(f"2025-12-{day}", where)
            for day in ("22 12:00", "23 12:00", "24 12:00")
        ]
        assert local(nights, nights.end_of_next_business_day(asked)) == [
            "2025-12-24 06:00",
            "2025-12-25 00:00",
            "2025-12-27 06:00",
        ]


# ------------------------------------------------------------------ properties

ZONES = ["UTC", "Europe/Berlin", NY, "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"]
YEAR = at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")
instants = st.integers(*YEAR)
dates = st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat)
targets = st.integers(1, 200 * HOUR)


@st.composite
def windows(draw: st.DrawFn) -> str:
    begin, end = draw(st.integers(0, 47)), draw(st.integers(0, 48))
    return f"{begin // 2:02d}:{begin % 2 * 30:02d}-{end // 2:02d}:{end % 2 * 30:02d}"


@st.composite
def plain_calendars(draw: st.DrawFn) -> dict[str, Any]:
    weekly = draw(
        st.dictionaries(
            st.sampled_from(("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
            st.lists(windows(), min_size=1, max_size=3),
            min_size=1,
        )
    )
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "weekly": weekly,
        "holidays": draw(st.lists(dates, max_size=6)),
        "special_days": draw(st.dictionaries(dates, st.lists(windows(), max_size=2), max_size=3)),
        "holiday_scope": draw(st.sampled_from(("civil_day", "opening_date"))),
    }


calendars = plain_calendars().map(Calendar.from_plain)


@given(calendars, instants, targets)
def test_due_is_the_first_instant_at_which_the_target_has_elapsed(
    hours: Calendar, start: int, target: int
) -> None:
    due = int(hours.due(start, target))
    assert int(hours.elapsed(start, due)) == target
    assert int(hours.elapsed(start, due - 1)) == target - 1


@given(calendars, instants)
def test_business_time_and_its_inverse(hours: Calendar, when: int) -> None:
    business = hours.business_time(when)
    back = int(hours.inverse(business))
    assert back <= when
    assert hours.business_time(back) == business
    if hours.is_open(when - 1):
        assert back == when


@given(calendars, st.lists(instants, min_size=3, max_size=3))
def test_elapsed_adds_up_and_equals_the_windows(hours: Calendar, three: list[int]) -> None:
    a, b, c = sorted(three)
    assert hours.elapsed(a, b) + hours.elapsed(b, c) == hours.elapsed(a, c) == -hours.elapsed(c, a)
    opens, closes = hours.windows(a, c)
    assert int((closes - opens).sum()) == int(hours.elapsed(a, c))
    assert (opens < closes).all()
    assert (opens[1:] > closes[:-1]).all()


@given(calendars, instants, instants, targets, targets)
def test_due_is_monotone(hours: Calendar, s1: int, s2: int, t1: int, t2: int) -> None:
    early, late = sorted((s1, s2))
    short, long = sorted((t1, t2))
    assert hours.due(early, short) <= hours.due(late, short)
    assert hours.due(early, short) <= hours.due(early, long)


@given(plain_calendars(), dates, instants, targets)
def test_a_holiday_more_never_makes_anything_due_earlier(
    plain: dict[str, Any], holiday: str, start: int, target: int
) -> None:
    fewer = Calendar.from_plain(plain)
    more = Calendar.from_plain({**plain, "holidays": [*plain["holidays"], holiday]})
    assert more.due(start, target) >= fewer.due(start, target)


@given(plain_calendars(), instants, targets)
def test_zones_without_daylight_saving_only_shift(
    plain: dict[str, Any], start: int, target: int
) -> None:
    shift = 5 * HOUR + 45 * MINUTE  # Kathmandu
    utc = Calendar.from_plain({**plain, "timezone": "UTC"})
    east = Calendar.from_plain({**plain, "timezone": "Asia/Kathmandu"})
    assert int(east.due(start - shift, target)) == int(utc.due(start, target)) - shift


@settings(max_examples=60)
@given(plain_calendars(), st.integers(3, 360))
def test_open_is_what_the_wall_clock_says(plain: dict[str, Any], day: int) -> None:
    """A second way to the same answer, by the wall clock, on a day without a change of clocks."""
    hours = Calendar.from_plain(plain)
    where = clock.zone(hours.timezone)
    first = date(2026, 1, 1) + timedelta(days=day)
    around = [clock.parse_instant(first + timedelta(days=d), where) for d in (-1, 0, 1, 2)]
    if np.diff(around).tolist() != [DAY] * 3:
        return
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    special = plain["special_days"]
    closed = set(plain["holidays"]) - special.keys()

    def listed(day: date) -> list[tuple[int, int]]:
        texts = special.get(day.isoformat(), plain["weekly"].get(names[day.weekday()], []))
        if hours.holiday_scope == "opening_date" and day.isoformat() in closed:
            texts = []
        pairs = [[clock.parse_time_of_day(part) for part in text.split("-")] for text in texts]
        return [(begin, end if end > begin else end + DAY) for begin, end in pairs]

    today, yesterday = listed(first), listed(first - timedelta(days=1))
    for minute in range(0, 1440, 30):
        ms = minute * MINUTE
        expected = any(begin <= ms < end for begin, end in today)
        expected |= any(begin <= ms + DAY < end for begin, end in yesterday)
        if hours.holiday_scope == "civil_day" and first.isoformat() in closed:
            expected = False
        assert bool(hours.is_open(around[1] + ms)) == expected


@given(calendars, st.lists(st.tuples(instants, targets), min_size=1, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(
    hours: Calendar, asked: list[tuple[int, int]]
) -> None:
    starts, wanted = np.array(asked).T
    together = hours.due(starts, wanted)
    fresh = Calendar(
        hours.timezone, hours.weekly, hours.holidays, hours.special_days, hours.holiday_scope
    )
    assert together.tolist() == [int(fresh.due(start, target)) for start, target in asked]


@given(calendars, instants)
def test_openings_and_closings_agree_with_is_open(hours: Calendar, when: int) -> None:
    opening, closing = int(hours.next_opening(when)), int(hours.closing_after(when))
    assert hours.is_open(opening)
    assert opening == when or not hours.is_open(opening - 1)
    assert int(hours.elapsed(when, opening)) == 0
    if closing != FOREVER:
        assert not hours.is_open(closing)
        assert hours.is_open(closing - 1)


@given(calendars, instants)
def test_a_business_day_ends_after_the_next_midnight_begins(hours: Calendar, when: int) -> None:
    try:
        end = int(hours.end_of_next_business_day(when))
    except NeverOpens:
        return
    labels = clock.local_labels([when, end - 1], clock.zone(hours.timezone))
    assert labels.ordinal[1] > labels.ordinal[0]
    assert hours.is_open(end - 1)
