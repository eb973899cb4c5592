"""A panel's clock, right and wrong (DC-09 5.5.3.2: a NAK sets it)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simulators.panels import PanelClock

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def test_a_clock_that_is_right() -> None:
    assert PanelClock().read(NOW) == NOW


def test_a_clock_that_is_ahead() -> None:
    assert PanelClock(offset_s=90).read(NOW) == NOW + timedelta(seconds=90)


def test_local_time_is_sent_as_if_it_were_gmt() -> None:
    assert PanelClock(zone="Europe/Berlin").read(NOW) == NOW + timedelta(hours=2)


def test_a_stopped_clock_cannot_be_set() -> None:
    stopped = datetime(2014, 1, 1, tzinfo=UTC)
    clock = PanelClock(stopped_at=stopped)
    clock.correct(NOW, utc=NOW)
    assert clock.read(NOW) == stopped


def test_a_nak_sets_it_and_it_runs_on_from_there() -> None:
    clock = PanelClock(offset_s=-7200, zone="Asia/Tokyo")
    clock.correct(NOW, utc=NOW)
    later = NOW + timedelta(hours=5)
    assert clock.read(later) == later


def test_a_wrong_nak_is_believed_as_panels_do() -> None:
    clock = PanelClock()
    clock.correct(NOW - timedelta(days=31), utc=NOW)
    assert clock.read(NOW) == NOW - timedelta(days=31)
