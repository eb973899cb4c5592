"""How much is read of what strangers send? So much a second; the rest waits in the kernel.

A stranger is a connection that was given no ACK yet, from an address that was given none lately.
Its first bytes are always read, so a new panel is heard at once and, with its ACK, is no stranger
any more: only bad work is put off, never a good frame (SEC-13). Whoever is beyond the allowance
with more noise than a frame has bytes is cut, and so is whoever waited ``REST_S``: both would keep
their connections until all that they sent is read, long after they have gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from hardware.clock import Timer, Timers

READS_PER_S: Final = 2_000
"""Of all strangers together; about a tenth of one core (ours)."""

READ_BYTES: Final = 1_024
"""A read counts once, and once more for each so many bytes of it."""

NOISE_BYTES: Final = 8_192
"""More than a frame has (REL-25)."""

TICK_S: Final = 0.05
"""How often those who wait are looked at."""

REST_S: Final = 10.0
"""The longest that a stranger waits to be read again."""

DEBT_TICKS: Final = 10
"""How many ticks' allowance may be spent in advance, at most."""


class Resting(Protocol):
    """A connection that can be kept from reading for a while."""

    has_spoken: bool

    def rest(self) -> None:
        """Read no more for now."""
        ...

    def wake(self) -> None:
        """Read again; harmless when it is gone by now."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Strangers:
    """Counts what strangers send and lets those rest who come when the allowance is used up."""

    def __init__(
        self, timers: Timers, count: Callable[[str], None], *, reads_per_s: int = READS_PER_S
    ) -> None:
        self._timers = timers
        self._count = count
        self._per_tick = max(1, int(reads_per_s * TICK_S))
        self._left = self._per_tick
        self._resting: deque[tuple[int, Resting]] = deque()  # since which tick, oldest first
        self._ticks = 0
        self._timer: Timer | None = None

    @property
    def resting_count(self) -> int:
        """How many wait until they are read again."""
        return len(self._resting)

    def sent(self, session: Resting, size: int) -> None:
        """Count a read of ``size`` bytes; it rests, or is cut, when that was one too many."""
        if self._timer is None:
            # The allowance is per tick, and ticks run only while there are strangers.
            self._left = self._per_tick
            self._timer = self._timers.call_later(TICK_S, self._tick)
        self._left -= 1 + size // READ_BYTES
        if self._left >= 0:
            return
        if size > NOISE_BYTES and not session.has_spoken:
            self._count("connections_cut_noise")
            session.abort()
        else:
            session.rest()
            self._resting.append((self._ticks, session))

    def _tick(self) -> None:
        self._timer = None
        self._ticks += 1
        # A debt is paid off over several ticks, but first reads may make more of it than those
        # who wait should pay for.
        self._left = max(min(self._left, 0), -DEBT_TICKS * self._per_tick) + self._per_tick
        if self._resting or self._left < self._per_tick:
            self._timer = self._timers.call_later(TICK_S, self._tick)
        resting, longest = self._resting, int(REST_S / TICK_S)
        while resting and self._ticks - resting[0][0] > longest:
            self._count("connections_cut_strange")
            resting.popleft()[1].abort()
        for _ in range(min(self._left, len(resting))):
            resting.popleft()[1].wake()
