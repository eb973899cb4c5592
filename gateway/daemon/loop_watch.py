"""Does the event loop turn? A stall of more than a second is measured and reported (REL-54).

While it stalls nobody can report: that is the service manager's part, whose watchdog is fed on
the loop and so starves with it (``gateway/daemon/serve.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from hardware.clock import Clock, Timer, Timers

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon

LOOK_EVERY_S: Final = 0.25
STALL_S: Final = 1.0  # later than this is a stall; REL-54
DEGRADED_S: Final = 300.0  # so long health shows the last one (ours)
TELL_EVERY_S: Final = 60.0  # at most one system event in this time (ours)
_PART: Final = "loop"

_log = structlog.get_logger()


class LoopWatch:
    """Asks to be called soon, again and again, and sees how late it is."""

    def __init__(self, daemon: Daemon, clock: Clock, timers: Timers) -> None:
        self._daemon = daemon
        self._clock = clock
        self._timers = timers
        self._timer: Timer | None = None
        self._due_at = 0.0
        self._stalled_at: float | None = None
        self._told_at: float | None = None

    def start(self) -> None:
        """Watch from now on."""
        self._due_at = self._clock.monotonic() + LOOK_EVERY_S
        self._timer = self._timers.call_later(LOOK_EVERY_S, self._look)

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        now = self._clock.monotonic()
        late_s = now - self._due_at
        self._due_at = now + LOOK_EVERY_S
        self._timer = self._timers.call_later(LOOK_EVERY_S, self._look)
        if late_s > STALL_S:
            self._stalled(late_s, now)
        elif self._stalled_at is not None and now - self._stalled_at > DEGRADED_S:
            self._stalled_at = None
            self._daemon.health.restore(_PART)

    def _stalled(self, late_s: float, now: float) -> None:
        daemon = self._daemon
        self._stalled_at = now
        daemon.counters.count("loop_stalled")
        text = f"the gateway stood still for {late_s:.1f} s"
        _log.error("loop.stalled", stalled_ms=round(late_s * 1000))
        daemon.health.degrade(_PART, f"{text}; look at the machine's load, memory and disk")
        if self._told_at is None or now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            daemon.say("loop_stalled", "trouble", text, kind="trouble")
