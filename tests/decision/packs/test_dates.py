"""AMB-S1 to AMB-S3: which day it is, and what N days or one year later is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.packs import Calendar
from tests.support.ledger import day, utc

MONCTON = Calendar(zone="America/Moncton")


class TestLocalDay:
    """AMB-S1: the date is that of the place, in summer and winter time."""

    @pytest.mark.parametrize(
        ("instant", "local"),
        [
            ("2025-01-01T03:59:59", "2024-12-31"),  # AST is UTC-4
            ("2025-01-01T04:00:00", "2025-01-01"),
            ("2025-07-01T02:59:59", "2025-06-30"),  # ADT is UTC-3
            ("2025-07-01T03:00:00", "2025-07-01"),
        ],
    )
    def test_day_of_an_instant(self, instant, local):
        assert MONCTON.day(utc(instant)) == day(local)

    def test_a_time_without_zone_names_no_instant(self):
        with pytest.raises(ValueError, match="no time zone"):
            MONCTON.day(datetime(2025, 1, 1))  # noqa: DTZ001  that is the point

    @pytest.mark.parametrize(
        ("local", "instant"),
        [
            ("2026-03-08", "2026-03-08T04:00:00"),  # clocks go forward at 02:00
            ("2026-03-09", "2026-03-09T03:00:00"),
            ("2026-11-01", "2026-11-01T03:00:00"),  # clocks go back at 02:00
            ("2026-11-02", "2026-11-02T04:00:00"),
        ],
    )
    def test_midnight_around_the_clock_change(self, local, instant):
        assert MONCTON.midnight(day(local)) == utc(instant)

    @pytest.mark.parametrize(
        ("zone", "local", "instant"),
        [
            ("America/Santiago", "2025-09-07", "2025-09-07T04:00:00"),  # no midnight that day
            ("America/Havana", "2025-11-02", "2025-11-02T04:00:00"),  # midnight twice
        ],
    )
    def test_a_day_begins_with_its_first_instant(self, zone, local, instant):
        calendar = Calendar(zone=zone)
        assert calendar.midnight(day(local)) == utc(instant)
        assert calendar.day(calendar.midnight(day(local))) == day(local)

    @given(
        st.dates(date(1990, 1, 1), date(2060, 1, 1)),
        st.sampled_from(
            ["America/Moncton", "America/Denver", "Pacific/Auckland", "America/Santiago", "UTC"]
        ),
    )
    def test_midnight_is_in_its_day_and_the_microsecond_before_is_not(self, local, zone):
        calendar = Calendar(zone=zone)
        start = calendar.midnight(local)
        assert start.tzinfo is UTC
        assert calendar.day(start) == local
        before = datetime.fromtimestamp(start.timestamp() - 0.001, tz=UTC)
        assert calendar.day(before) < local


class TestOneYear:
    """AMB-S2: by anniversary; 29 February gives 28 February."""

    def test_anniversary(self):
        assert MONCTON.after_years(day("2025-06-24"), 1) == day("2026-06-24")

    def test_29_february(self):
        assert MONCTON.after_years(day("2024-02-29"), 1) == day("2025-02-28")
        assert MONCTON.after_years(day("2024-02-29"), 4) == day("2028-02-29")

    def test_29_february_may_be_set_to_1_march(self):
        calendar = Calendar(zone="UTC", leap_day="mar_1")
        assert calendar.after_years(day("2024-02-29"), 1) == day("2025-03-01")

    def test_365_days_may_be_set(self):
        calendar = Calendar(zone="UTC", year="days_365")
        assert calendar.after_years(day("2024-01-15"), 1) == day("2025-01-14")


class TestDays:
    """AMB-S3: calendar days."""

    def test_calendar_days(self):
        assert MONCTON.after_days(day("2025-06-10"), 14) == day("2025-06-24")
        assert MONCTON.after_days(day("2024-02-15"), 14) == day("2024-02-29")

    def test_weekdays_may_be_set(self):
        calendar = Calendar(zone="UTC", days="weekdays")
        assert calendar.after_days(day("2025-06-10"), 5) == day("2025-06-17")
        assert calendar.after_days(day("2025-06-17"), -5) == day("2025-06-10")


class TestCountingYear:
    """AMB-S1: 1 January to 31 December, or another day by setting."""

    @pytest.mark.parametrize(
        ("start", "on", "first", "following"),
        [
            ((1, 1), "2025-01-01", "2025-01-01", "2026-01-01"),
            ((1, 1), "2025-12-31", "2025-01-01", "2026-01-01"),
            ((7, 1), "2025-06-30", "2024-07-01", "2025-07-01"),
            ((7, 1), "2025-07-01", "2025-07-01", "2026-07-01"),
        ],
    )
    def test_year_of_a_day(self, start, on, first, following):
        calendar = Calendar(zone="UTC", year_starts=start)
        assert calendar.year_start(day(on)) == day(first)
        assert calendar.next_year_start(day(on)) == day(following)
