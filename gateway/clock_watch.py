"""Can our own wall clock be believed? Told by its steps against monotonic time, and the kernel.

Nobody is told the time by a clock that may be wrong (REL-50). A step of more than two seconds is
told; one of more than twenty, or a kernel that says that nobody keeps the clock right, takes the
trust away. It comes back when the kernel has called the clock synchronised for a whole minute
without another step, or when the clock is set back to where trusted time would be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from hardware.clock import Clock, Timer, Timers

LOOK_S: Final = 1.0  # how often the clocks are compared when nothing is received
STEP_TOLD_S: Final = 2.0  # a larger step of the wall clock is told; REL-50
STEP_TRUSTED_S: Final = 20.0  # further from trusted time the clock is not believed; REL-50
TRUST_AFTER_S: Final = 60.0  # synchronised for so long without a step, it is believed again
_READ_WITHIN_S: Final = 0.1  # both clocks are read within this, or the reading is worth nothing
_READINGS: Final = 5
_STEP_TOLD_MS: Final = STEP_TOLD_S * 1000

UNSYNCHRONISED: Final = "the kernel says that nothing keeps the clock right (not synchronised)"


class ClockFact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to our own wall clock."""

    what: Literal["stepped", "untrusted", "trusted"]
    words: str
    step_s: float = 0.0
    """With ``stepped``: how far, ahead when positive."""
    is_untrusted: bool
    """What holds from now on."""


class ClockWatch:
    """Compares the clocks; once a second by itself, and whenever somebody has just read them."""

    def __init__(
        self,
        *,
        clock: Clock,
        timers: Timers,
        is_synchronised: Callable[[], bool | None],
        tell: Callable[[ClockFact], None],
    ) -> None:
        """Take the clocks and whom to tell.

        Args:
            clock: Both clocks.
            timers: For one look a second.
            is_synchronised: What the kernel says of the wall clock; None: nothing.
            tell: Is told every fact, once.
        """
        self._clock = clock
        self._timers = timers
        self._is_synchronised = is_synchronised
        self._tell = tell
        self._offset_ms = self._measured()
        self._trusted_ms = self._offset_ms
        self._is_steady_since: float | None = None
        self._timer: Timer | None = None
        self.is_untrusted = False
        """Whether our own wall clock may be wrong."""

    def start(self, newest_ms: int | None = None) -> None:
        """Look once a second from now on.

        ``newest_ms`` is when the journal's newest event was received: a clock that is behind it
        was set back while nobody watched.
        """
        self._offset_ms = self._trusted_ms = self._measured()
        behind_s = 0.0 if newest_ms is None else (newest_ms - self._clock.utc_ms()) / 1000
        if behind_s > STEP_TRUSTED_S:
            self._trusted_ms = self._offset_ms + behind_s * 1000
            self.is_untrusted = True
            words = f"the clock is {behind_s:.0f} s behind the journal's newest event"
            self._say("untrusted", words)
        self._tick()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self, utc_ms: int, monotonic: float) -> bool:
        """Take a reading of both clocks; give whether the wall clock may be wrong."""
        drift_ms = utc_ms - monotonic * 1000 - self._offset_ms
        if drift_ms > _STEP_TOLD_MS or drift_ms < -_STEP_TOLD_MS:
            self._look_closer()
        return self.is_untrusted

    def _measured(self) -> float:
        """Wall clock minus monotonic time in ms, both read as good as at once.

        A process may be stopped between two readings; that is no step of a clock.
        """
        offset_ms, best_s = 0.0, float("inf")
        for _ in range(_READINGS):
            before = self._clock.monotonic()
            utc_ms = self._clock.utc_ms()
            took_s = self._clock.monotonic() - before
            if took_s < best_s:
                offset_ms, best_s = utc_ms - before * 1000, took_s
            if took_s <= _READ_WITHIN_S:
                break
        return offset_ms

    def _look_closer(self) -> None:
        offset_ms = self._measured()
        step_s = (offset_ms - self._offset_ms) / 1000
        if abs(step_s) <= STEP_TOLD_S:
            return
        self._offset_ms = offset_ms
        self._is_steady_since = None
        words = f"the wall clock was set {abs(step_s):.1f} s {'ahead' if step_s > 0 else 'back'}"
        if abs(self._off_s) > STEP_TRUSTED_S:
            self.is_untrusted = True
            words += "; until it is synchronised nobody is told the time by it"
        self._tell(
            ClockFact(what="stepped", words=words, step_s=step_s, is_untrusted=self.is_untrusted)
        )

    @property
    def _off_s(self) -> float:
        """How far the clock is from where trusted time would be."""
        return (self._offset_ms - self._trusted_ms) / 1000

    def _tick(self) -> None:
        self._timer = self._timers.call_later(LOOK_S, self._tick)
        now = self._clock.monotonic()
        self.look(self._clock.utc_ms(), now)
        is_synchronised = self._is_synchronised()
        if is_synchronised is False:
            self._is_steady_since = None
            if not self.is_untrusted:
                self.is_untrusted = True
                self._say("untrusted", UNSYNCHRONISED)
            return
        if is_synchronised and self._is_steady_since is None:
            self._is_steady_since = now
        since = self._is_steady_since
        is_vouched_for = since is not None and now - since >= TRUST_AFTER_S
        if is_vouched_for:
            self._trusted_ms = self._offset_ms  # so that small steps do not add up over years
        if self.is_untrusted and (is_vouched_for or self._is_set_right(is_synchronised)):
            self.is_untrusted = False
            self._say("trusted", "the clock is believed again")

    def _is_set_right(self, is_synchronised: bool | None) -> bool:  # noqa: FBT001  the kernel's word
        """Whether only a step took the trust away, and the clock is back where it was."""
        return is_synchronised is None and abs(self._off_s) <= STEP_TOLD_S

    def _say(self, what: Literal["untrusted", "trusted"], words: str) -> None:
        self._tell(ClockFact(what=what, words=words, is_untrusted=self.is_untrusted))
