"""Times as events carry them, written once per moment and not once per event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from gateway.journal import time_text
from hardware.clock import Clock

_SECOND_MS: Final = 1000
_NS: Final = 1_000_000_000


class Moment(msgspec.Struct, frozen=True, gc=False):
    """When something was received, in every form that is needed."""

    utc_ms: int
    utc: datetime
    text: str
    """ISO 8601 UTC with milliseconds and ``Z``."""
    monotonic: float
    """Seconds, for windows and timers."""
    monotonic_ns: int


class Moments:
    """Tells the present moment; keeps what does not change within a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._start = datetime.fromtimestamp(0, UTC)
        self._ms = -1
        self._utc = self._start
        self._text = ""

    def now(self) -> Moment:
        """The present moment."""
        utc_ms = self._clock.utc_ms()
        if utc_ms != self._ms:
            self._ms = utc_ms
            second, ms = divmod(utc_ms, _SECOND_MS)
            if second != self._second:
                self._second = second
                self._start = datetime.fromtimestamp(second, UTC)
            self._utc = self._start.replace(microsecond=ms * 1000)
            self._text = time_text(utc_ms)
        monotonic = self._clock.monotonic()
        return Moment(utc_ms, self._utc, self._text, monotonic, int(monotonic * _NS))
