"""The time that decisions are stamped with, and how long to wait for a later one."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Everything that decides takes ``now`` as an argument from here."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def seconds_until(self, at: datetime) -> float:
        """Real seconds to wait until ``now`` is ``at``; not above zero when it has come."""
        ...


class WallClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """See ``Clock``."""
        return datetime.now(UTC)

    def seconds_until(self, at: datetime) -> float:
        """See ``Clock``."""
        return (at - self.now()).total_seconds()


class FastClock:
    """Runs ``factor`` times as fast from a given moment: for demonstrations."""

    def __init__(self, start: datetime, factor: float) -> None:
        """``start``: what it says now."""
        self._start = start
        self._factor = factor
        self._began = time.monotonic()

    def now(self) -> datetime:
        """See ``Clock``."""
        passed_s = (time.monotonic() - self._began) * self._factor
        return self._start + timedelta(seconds=passed_s)

    def seconds_until(self, at: datetime) -> float:
        """See ``Clock``."""
        return (at - self.now()).total_seconds() / self._factor
