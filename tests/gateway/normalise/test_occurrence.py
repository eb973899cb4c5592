"""When it happened: ``ti``/``da`` and the H field in the account's time zone (event model 6)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.normalise.occurrence import from_h_field, from_modifiers

FRIDAY = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ti", "received", "expected"),
    [
        pytest.param("09:14", FRIDAY, "2026-11-20T09:14:00Z", id="just before"),
        pytest.param("09:14:30", FRIDAY, "2026-11-20T09:14:30Z", id="with seconds"),
        pytest.param("0914", FRIDAY, "2026-11-20T09:14:00Z", id="without colon (Bosch)"),
        pytest.param("09:16", FRIDAY, "2026-11-20T09:16:00Z", id="clock a minute fast"),
        pytest.param("23:59", FRIDAY, "2026-11-19T23:59:00Z", id="yesterday"),
        pytest.param(
            "00:00:10",
            datetime(2026, 11, 20, 23, 59, 58, tzinfo=UTC),
            "2026-11-21T00:00:10Z",
            id="clock fast over midnight",
        ),
        pytest.param(
            "23:59:50",
            datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC),
            "2026-12-31T23:59:50Z",
            id="last year",
        ),
        pytest.param("24:00", FRIDAY, None, id="no such hour"),
        pytest.param("9:1", FRIDAY, None, id="not the form"),
        pytest.param("", FRIDAY, None, id="empty"),
    ],
)
def test_a_time_without_a_date(ti: str, received: datetime, expected: str | None) -> None:
    assert from_modifiers(ti, None, time_zone="UTC", received=received) == expected


@pytest.mark.parametrize(
    ("da", "expected"),
    [
        ("11-19-26", "2026-11-19T08:00:00Z"),
        ("02-30-26", None),
        ("13-01-26", None),
        ("00-06", "2026-11-20T08:00:00Z"),  # Friday is 6, Sunday 1
        ("00-05-00", "2026-11-19T08:00:00Z"),
        ("00-01", "2026-11-15T08:00:00Z"),
        ("00-8", None),
        ("x", None),
    ],
)
def test_a_time_with_a_date(da: str, expected: str | None) -> None:
    assert from_modifiers("08:00", da, time_zone="UTC", received=FRIDAY) == expected


def test_a_weekday_a_little_ahead_of_us_is_tomorrow() -> None:
    late = datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC)
    found = from_modifiers("00:00:05", "00-07", time_zone="UTC", received=late)
    assert found == "2026-11-21T00:00:05Z"


def test_tomorrows_weekday_far_ahead_is_last_weeks() -> None:
    found = from_modifiers("22:00", "00-07", time_zone="UTC", received=FRIDAY)
    assert found == "2026-11-14T22:00:00Z"


def test_a_date_alone_names_no_time() -> None:
    assert from_modifiers(None, "11-19-26", time_zone="UTC", received=FRIDAY) is None


def test_the_panels_clock_runs_in_the_accounts_zone() -> None:
    found = from_modifiers("01:30", None, time_zone="America/New_York", received=FRIDAY)
    assert found == "2026-11-20T06:30:00Z"


def test_the_date_is_counted_in_the_accounts_zone() -> None:
    """23:50 in New York is the next day in UTC."""
    received = datetime(2026, 11, 20, 4, 51, tzinfo=UTC)
    found = from_modifiers("23:50", None, time_zone="America/New_York", received=received)
    assert found == "2026-11-20T04:50:00Z"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("09:15:01,11-20-2026", "2026-11-20T09:15:01Z"),
        ("_09:15:01,11-20-2026", "2026-11-20T09:15:01Z"),
        ("09:15,11-20-2026", None),
        ("25:15:01,11-20-2026", None),
        ("09:15:01,20-11-2026", None),
        ("", None),
    ],
)
def test_the_h_field(value: str, expected: str | None) -> None:
    assert from_h_field(value, time_zone="UTC") == expected


def test_the_h_field_in_the_accounts_zone() -> None:
    assert from_h_field("09:15:01,07-20-2026", time_zone="Europe/Berlin") == "2026-07-20T07:15:01Z"


def test_a_zone_that_does_not_exist_reads_as_utc() -> None:
    assert from_h_field("09:15:01,07-20-2026", time_zone="No/Where") == "2026-07-20T09:15:01Z"


@given(
    st.text(alphabet="0123456789:-x", max_size=9) | st.none(),
    st.text(alphabet="0123456789:-x", max_size=11) | st.none(),
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["UTC", "Pacific/Kiritimati", "America/Adak", "../etc/passwd", ""]),
)
def test_it_never_raises(
    ti: str | None, da: str | None, received: datetime, time_zone: str
) -> None:
    from_modifiers(ti, da, time_zone=time_zone, received=received.replace(tzinfo=UTC))
    from_h_field(f"{ti},{da}", time_zone=time_zone)


@given(st.times(), st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_time_alone_is_within_a_day_and_not_far_ahead(clock: object, received: datetime) -> None:
    aware = received.replace(tzinfo=UTC)
    found = from_modifiers(str(clock)[:8], None, time_zone="UTC", received=aware)
    assert found is not None
    apart = datetime.fromisoformat(found) - aware
    assert -22 * 3600 - 1 <= apart.total_seconds() <= 2 * 3600
