"""The gateway's clocks: monotonic time that only grows, and a wall clock that may be set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.simulation.timeline import Timeline

BEGIN = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
MONOTONIC_AT_BEGIN_S = 5_000.0


def true_utc(timeline: Timeline) -> datetime:
    """The time as it really is."""
    return BEGIN + timedelta(seconds=timeline.now)


class WallClock:
    """``hardware.clock.Clock`` and ``Timers`` of the gateway's machine."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.offset_s = 0.0
        """How far the wall clock is ahead of the true time."""
        self.stepped_at: list[float] = []

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.offset_s += seconds
        self.stepped_at.append(self._timeline.now)

    def monotonic(self) -> float:
        return MONOTONIC_AT_BEGIN_S + self._timeline.now

    def utc(self) -> datetime:
        return BEGIN + timedelta(seconds=self._timeline.now + self.offset_s)

    def utc_ms(self) -> int:
        return BEGIN_MS + int((self._timeline.now + self.offset_s) * 1000)
