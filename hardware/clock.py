"""Injected time: the only ways by which this program learns what time it is, or waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol


class Clock(Protocol):
    """Two clocks that are never mixed: monotonic seconds for timers, UTC for records."""

    def monotonic(self) -> float:
        """Seconds that only grow; comparable within this process."""
        ...

    def utc(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        ...

    def utc_ms(self) -> int:
        """Wall-clock time as whole milliseconds since 1970-01-01 UTC."""
        ...


class Timer(Protocol):
    """Something that was asked to happen later."""

    def cancel(self) -> None:
        """Make it not happen; harmless when it already did."""
        ...


class Timers(Protocol):
    """Asks for things to happen later on the event loop."""

    def call_later(self, delay_s: float, callback: Callable[..., None], *args: Any) -> Timer:
        """Call ``callback(*args)`` after ``delay_s`` seconds."""
        ...


class SystemClock:
    """The machine's clocks."""

    # Both are asked for every frame: without a call of Python's own in between.
    monotonic: Callable[[], float] = staticmethod(time.monotonic)
    utc: Callable[[], datetime] = staticmethod(partial(datetime.now, UTC))

    def utc_ms(self) -> int:
        """See ``Clock``."""
        return time.time_ns() // 1_000_000


class LoopTimers:
    """The timers of the running asyncio loop."""

    def call_later(self, delay_s: float, callback: Callable[..., None], *args: Any) -> Timer:
        """See ``Timers``."""
        return asyncio.get_running_loop().call_later(delay_s, callback, *args)
