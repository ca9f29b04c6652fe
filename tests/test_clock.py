"""Reading and printing time: durations, times of day, zones, daylight saving, columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slasim import clock
from slasim.clock import DAY, HOUR, MINUTE, NEVER, SECOND

BERLIN = clock.zone("Europe/Berlin")
LORD_HOWE = clock.zone("Australia/Lord_Howe")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
         "America/Havana", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo"]  # fmt: skip


def iso(instants: np.ndarray, where: ZoneInfo) -> tuple[str, ...]:
    return tuple(clock.format_instant(int(ms), where, style="iso")[:22] for ms in instants)


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "ms"),
        [
            ("30s", 30_000), ("1.5h", 5_400_000), ("2h30m", 9_000_000), ("90 s", 90_000),
            ("250ms", 250), ("5min", 300_000), ("5m", 300_000), (" 1 h 20 min 5 s ", 4_805_000),
            ("0", 0), (0, 0), (0.0, 0), ("0s", 0), ("0d", 0), (".5s", 500), ("1.", None),
            ("0.1s", 100), ("0.0015s", 2), ("2H", 7_200_000),
        ],
    )  # fmt: skip
    def test_text_becomes_milliseconds(self, text: str | float, ms: int | None) -> None:
        if ms is None:
            with pytest.raises(ValueError, match="no unit"):
                clock.parse_duration(text)
        else:
            assert clock.parse_duration(text) == ms

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (30, "30 has no unit; write 30s, 30min or 30h"),
            ("30", "'30' has no unit; write 30s, 30min or 30h"),
            ("2h30", "no unit after 30"),
            ("-3s", "negative"),
            (-3, "negative"),
            (float("nan"), "not a duration"),
            (float("inf"), "not a duration"),
            ("nan", "not a duration"),
            (True, "not a duration"),
            (None, "not a duration"),
            ("", "missing"),
            ("1,5h", "decimal point"),
            ("5 sec", "Did you mean s?"),
            ("3 minutes", "Did you mean min?"),
            ("1e5s", "unknown unit 'e'"),
            ("30m2h", "largest first"),
            ("1h 2h", "largest first"),
            ("0.0001s", "shorter than one millisecond"),
            ("9999999h", "longer than 200 years"),
            ("1d", "what a day is"),
        ],
    )
    def test_what_it_refuses_and_why(self, text: object, says: str) -> None:
        with pytest.raises(ValueError, match=says.replace("?", r"\?")):
            clock.parse_duration(text)  # type: ignore[arg-type]

    def test_a_day_has_the_meaning_it_is_given(self) -> None:
        assert clock.parse_duration("1d", days=True) == 24 * HOUR
        assert clock.parse_duration("3d", day_means_ms=9 * HOUR) == 27 * HOUR
        assert clock.parse_duration("1d4h", day_means_ms=8 * HOUR) == 12 * HOUR

    @pytest.mark.parametrize(
        ("ms", "text"),
        [
            (0, "0 s"), (250, "250 ms"), (30_000, "30 s"), (1_500, "1.5 s"), (12_345, "12 s"),
            (260_000, "4 min 20 s"), (59_999, "1 min"), (3_599_999, "1 h"),
            (9_000_000, "2 h 30 min"), (720 * HOUR, "720 h"), (-30_000, "-30 s"), (-0.2, "0 s"), (float("nan"), "-"),
        ],
    )  # fmt: skip
    def test_printing(self, ms: float, text: str) -> None:
        assert clock.format_duration(ms) == text

    def test_printing_business_days(self) -> None:
        assert clock.format_duration(29 * HOUR, day_means_ms=9 * HOUR) == "3 d 2 h"

    @given(st.integers(0, 100 * DAY))
    def test_what_is_printed_reads_back_to_the_unit_shown(self, ms: int) -> None:
        back = clock.parse_duration(clock.format_duration(ms))
        shown = 1 if ms < 999 else 500 if ms < HOUR else 30 * SECOND
        assert abs(back - ms) <= shown

    @given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
    def test_compounds_add_up(self, h: int, m: int, s: int, ms: int) -> None:
        assert (
            clock.parse_duration(f"{h}h{m}m{s}s{ms}ms") == h * HOUR + m * MINUTE + s * SECOND + ms
        )


class TestDatesAndTimes:
    def test_times_of_day(self) -> None:
        assert clock.parse_time_of_day("08:30") == clock.parse_time_of_day("8:30") == 30_600_000
        assert clock.parse_time_of_day("24:00") == DAY
        assert clock.parse_time_of_day("17:45:30") == 63_930_000
        assert clock.format_time_of_day(30_600_000) == "08:30"
        assert clock.format_time_of_day(63_930_000) == "17:45:30"

    @pytest.mark.parametrize(
        "text", ["8", "24:01", "08:60", "8.30", "-1:00", "08:30 am", 830, None]
    )
    def test_times_of_day_refused(self, text: object) -> None:
        with pytest.raises(ValueError, match="is not a time of day"):
            clock.parse_time_of_day(text)  # type: ignore[arg-type]

    def test_dates(self) -> None:
        assert clock.parse_date("2026-03-09") == date(2026, 3, 9)
        assert clock.parse_date(date(2026, 3, 9)) == date(2026, 3, 9)
        for text in ("09.03.2026", "20260309", "2026-3-9", "2026-02-30", "0226-03-09", 20260309):
            with pytest.raises(ValueError, match=r"not a date|does not exist|Years run"):
                clock.parse_date(text)  # type: ignore[arg-type]

    def test_local_datetimes(self) -> None:
        assert clock.parse_local_datetime("2026-03-02") == datetime(2026, 3, 2)
        assert clock.parse_local_datetime("2026-03-02T08:30") == datetime(2026, 3, 2, 8, 30)
        assert clock.parse_local_datetime(date(2026, 3, 2)) == datetime(2026, 3, 2)
        with pytest.raises(ValueError, match="offset"):
            clock.parse_local_datetime("2026-03-02T08:30+02:00")
        with pytest.raises(ValueError, match="is not a date-time"):
            clock.parse_local_datetime("2 March 2026")

    def test_instants_with_and_without_offset(self) -> None:
        utc = clock.epoch_ms(datetime(2026, 3, 2, 7, 30, tzinfo=UTC))
        for text in ("2026-03-02 08:30", "2026-03-02T08:30+01:00", "2026-03-02T07:30:00Z",
                     "2026-03-02 09:30 +0200"):  # fmt: skip
            assert clock.parse_instant(text, BERLIN) == utc
        assert clock.format_instant(utc, BERLIN) == "2026-03-02 08:30"
        assert clock.format_instant(utc + 1_500, BERLIN) == "2026-03-02 08:30:01.500"
        assert clock.format_instant(utc, BERLIN, style="iso") == "2026-03-02T08:30:00+01:00"


class TestZones:
    @pytest.mark.parametrize(
        ("name", "near"),
        [
            ("Europe/Buchrest", "Europe/Bucharest"),
            ("berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
        ],
    )
    def test_a_misspelt_zone_names_its_neighbours(self, name: str, near: str) -> None:
        with pytest.raises(ValueError, match=f"Unknown time zone '{name}'.*did you mean {near}"):
            clock.zone(name)

    @pytest.mark.parametrize("name", ["", "../etc/passwd", "Europe", "/etc/localtime", "x" * 500])
    def test_nonsense_is_a_sentence_and_no_other_error(self, name: str) -> None:
        with pytest.raises(ValueError, match="Unknown time zone"):
            clock.zone(name)

    def test_a_skipped_local_time_is_refused_or_moved(self) -> None:
        skipped = datetime(2026, 3, 29, 2, 30)
        with pytest.raises(ValueError, match=r"does not exist in Europe/Berlin.*2026-03-29 03:00"):
            clock.to_epoch_ms(skipped, BERLIN)
        moved = clock.to_epoch_ms(skipped, BERLIN, gap="after")
        assert clock.format_instant(moved, BERLIN, style="iso") == "2026-03-29T03:00:00+02:00"

    def test_a_repeated_local_time_is_the_pass_asked_for(self) -> None:
        repeated = datetime(2026, 10, 25, 2, 30)
        first = clock.to_epoch_ms(repeated, BERLIN)
        second = clock.to_epoch_ms(repeated, BERLIN, overlap="later")
        assert second - first == HOUR
        assert clock.format_instant(first, BERLIN) == "2026-10-25 02:30+02:00"
        assert clock.format_instant(second, BERLIN) == "2026-10-25 02:30+01:00"

    def test_half_an_hour_of_daylight_saving(self) -> None:
        assert clock.to_epoch_ms(datetime(2026, 10, 4, 2, 15), LORD_HOWE, gap="after") == (
            clock.epoch_ms(datetime(2026, 10, 3, 15, 30, tzinfo=UTC))
        )

    def test_a_date_that_never_was(self) -> None:
        apia = clock.zone("Pacific/Apia")
        moved = clock.to_epoch_ms(datetime(2011, 12, 30, 12), apia, gap="after")
        assert clock.format_instant(moved, apia) == "2011-12-31 00:00"

    def test_a_date_begins_after_a_midnight_that_is_skipped(self) -> None:
        cairo = clock.zone("Africa/Cairo")
        for day in ("2025-04-25", date(2025, 4, 25)):
            begins = clock.format_instant(clock.parse_instant(day, cairo), cairo)
            assert begins == "2025-04-25 01:00"
        with pytest.raises(ValueError, match="does not exist"):
            clock.parse_instant("2025-04-25 00:00", cairo)

    @given(st.sampled_from(ZONES), st.integers(1_000_000_000, 2_000_000_000))
    def test_offsets_are_those_of_the_standard_library(self, name: str, seconds: int) -> None:
        where = clock.zone(name)
        expected = datetime.fromtimestamp(seconds, where).utcoffset() or timedelta()
        assert int(clock.offsets_at(seconds * 1000, where)) == expected // timedelta(milliseconds=1)

    @given(st.sampled_from(ZONES), st.datetimes(datetime(2001, 1, 1), datetime(2034, 1, 1)))
    def test_local_times_resolve_as_pep_495_says(self, name: str, local: datetime) -> None:
        local = local.replace(microsecond=0)
        where = clock.zone(name)
        fold0, fold1 = (local.replace(tzinfo=where, fold=f).timestamp() * 1000 for f in (0, 1))
        earlier, later, kind = clock.resolve_local(clock.epoch_ms(local), where)
        if kind == clock.SKIPPED:
            assert fold1 < int(earlier) <= fold0
            assert earlier == later
        else:
            assert (int(earlier), int(later)) == (fold0, fold1)
            assert (kind == clock.REPEATED) == (fold0 != fold1)

    @pytest.mark.parametrize("name", ZONES)
    def test_every_change_of_2011_to_2026_is_found(self, name: str) -> None:
        where = clock.zone(name)
        seconds = np.arange(1_293_840_000, 1_798_761_600, 42 * 3600)
        local = (datetime.fromtimestamp(int(at), where) for at in seconds)
        expected = [(moment.utcoffset() or timedelta()).total_seconds() for moment in local]
        assert (clock.offsets_at(seconds * 1000, where) == np.array(expected) * 1000).all()


class TestColumns:
    AUTUMN = ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")
    TRUE = (
        "2026-10-25T01:30:00+02",
        "2026-10-25T02:00:00+02",
        "2026-10-25T02:30:00+02",
        "2026-10-25T02:00:00+01",
        "2026-10-25T02:30:00+01",
        "2026-10-25T03:00:00+01",
    )
    TRUE_UTC = ("2026-10-24T23:30:00Z", "2026-10-25 02:00+01:00")

    def test_the_repeated_half_hours_are_the_second_pass(self) -> None:
        rows = [f"2026-10-25 {time}" for time in self.AUTUMN]
        instants, problems = clock.local_instants(rows, BERLIN)
        assert iso(instants, BERLIN) == self.TRUE
        assert problems == []
        assert (np.diff(instants) == 30 * MINUTE).all()

    def test_also_when_the_file_runs_backwards(self) -> None:
        rows = [f"2026-10-25T{time}:00" for time in self.AUTUMN[::-1]]
        assert iso(clock.local_instants(rows, BERLIN)[0], BERLIN) == self.TRUE[::-1]

    def test_also_when_two_queues_share_one_file(self) -> None:
        rows = [f"2026-10-25 {time}" for time in self.AUTUMN for _ in "ab"]
        instants, problems = clock.local_instants(rows, BERLIN, keys=["a", "b"] * 6)
        assert iso(instants[::2], BERLIN) == iso(instants[1::2], BERLIN) == self.TRUE
        assert problems == []

    def test_an_unsorted_file_takes_the_first_pass_first(self) -> None:
        rows = ["2026-11-01 00:00", "2026-10-25 02:00", "2026-12-01 00:00"]
        assert iso(clock.local_instants(rows, BERLIN)[0], BERLIN)[1] == self.TRUE[1]

    def test_a_spring_day_has_no_gap_and_its_missing_hour_is_a_problem(self) -> None:
        rows = ["2026-03-29 01:30", "2026-03-29 03:00", "2026-03-29 02:30"]
        instants, problems = clock.local_instants(rows, BERLIN)
        assert instants[1] - instants[0] == 30 * MINUTE
        assert instants[2] == NEVER
        assert [row for row, _ in problems] == [2]
        assert "does not exist" in problems[0][1]

    def test_offsets_stand_as_they_are(self) -> None:
        instants, problems = clock.local_instants(self.TRUE_UTC, BERLIN)
        assert problems == []
        assert iso(instants, BERLIN) == (self.TRUE[0], self.TRUE[3])

    def test_every_bad_row_is_told_with_its_number(self) -> None:
        rows = ["2026-03-01 08:00", "x", "2026-13-01 00:00", "2026-03-01T08:00Z", "", "01/03/2026"]
        instants, problems = clock.local_instants(rows, BERLIN)
        assert [row for row, _ in problems] == [1, 2, 3, 4, 5]
        assert "has a UTC offset and rows above have none" in problems[2][1]
        assert (instants[[1, 2, 4, 5]] == NEVER).all()

    def test_nothing_is_an_empty_column(self) -> None:
        instants, problems = clock.local_instants([], BERLIN)
        assert (instants.tolist(), problems) == ([], [])

    @given(st.sampled_from(ZONES), st.integers(0, 365 * 20))
    def test_labels_read_back_to_their_instants(self, name: str, day: int) -> None:
        where = clock.zone(name)
        instants = (
            clock.epoch_ms(datetime(2010, 1, 1)) + day * DAY + np.arange(0, 3 * DAY, 30 * MINUTE)
        )
        labels = clock.local_labels(instants, where)
        read, problems = clock.local_instants(labels.text.tolist(), where)
        assert problems == []
        first_is_second_pass = bool(
            labels.second_pass[0]
        )  # a file that opens mid-overlap cannot know
        if not first_is_second_pass:
            assert (read == instants).all()

    def test_what_the_wall_clock_shows(self) -> None:
        at = [clock.parse_instant(text, BERLIN) for text in self.TRUE_UTC]
        labels = clock.local_labels(at, BERLIN)
        assert labels.text.tolist() == ["2026-10-25 01:30", "2026-10-25 02:00"]
        assert labels.second_pass.tolist() == [False, True]
        assert labels.weekday.tolist() == [6, 6]
        assert labels.minute_of_day.tolist() == [90, 120]
        assert labels.ordinal.tolist() == [date(2026, 10, 25).toordinal()] * 2
        assert labels.date.tolist() == ["2026-10-25"] * 2
        assert labels.time.tolist() == ["01:30", "02:00"]
