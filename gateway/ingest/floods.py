"""Which account sends more than anybody can mean? Told once; its events then wait for others'.

Nothing is dropped (SEC-14). What a turn of the loop stored is only counted here, in one step; once
a second it is compared, so that no report pays for it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import islice
from operator import attrgetter
from typing import Final

from gateway.contract.topics import NO_ACCOUNT
from gateway.ingest.notices import OncePer
from gateway.journal import AnyEntry
from hardware.clock import Clock, Timer, Timers

EVENTS_MIN: Final = 60  # more events of an account within a minute are a flood; SEC-14
SWEEP_S: Final = 1.0
PART_S: Final = 10.0  # the minute is counted in six parts, the oldest of which is forgotten
_PARTS: Final = 6
TOLD_EVERY_S: Final = 3_600.0  # of one account that floods again and again
TOLD_MOST: Final = 20
"""Floods told in one sweep; of more that begin at once the others are told in the next ones. A
line and an event for each of thousands would hold up every report for a moment (ours)."""

_account_of: Final = attrgetter("account")


class Floods:
    """Counts the events of each account over the last minute."""

    def __init__(
        self,
        *,
        clock: Clock,
        timers: Timers,
        tell: Callable[[str, int], None],
        events_min: int = EVENTS_MIN,
    ) -> None:
        """Take the clock and whom to tell.

        Args:
            clock: For the minute.
            timers: For one count a second.
            tell: Is told of the begin of a flood: account level, events within the minute.
            events_min: More than so many within a minute are a flood.
        """
        self._clock = clock
        self._timers = timers
        self._tell = tell
        self._limit = events_min
        self._fresh: Counter[str] = Counter()
        self._to_tell: dict[str, int] = {}
        self._parts: deque[Counter[str]] = deque([Counter()])
        self._minute: Counter[str] = Counter()
        self._part_since = clock.monotonic()
        self._often = OncePer(TOLD_EVERY_S)
        self._timer: Timer | None = None
        self.flooding: set[str] = set()
        """Account levels whose events wait for those of others now."""

    def note(self, entries: Sequence[AnyEntry]) -> None:
        """Count the entries of one turn."""
        self._fresh.update(map(_account_of, entries))

    def start(self) -> None:
        """Count once a second from now on."""
        self._timer = self._timers.call_later(SWEEP_S, self._tick)

    def stop(self) -> None:
        """Count no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = self._timers.call_later(SWEEP_S, self._tick)
        self.sweep()

    def sweep(self) -> None:
        """Compare what was counted, and tell who floods and did not before."""
        now = self._clock.monotonic()
        if self._fresh:
            counts, self._fresh = self._fresh, Counter()
            del counts[NO_ACCOUNT]  # a receiver that names no account is no panel
            self._parts[-1].update(counts)
            self._minute.update(counts)
            for account in counts:
                if self._minute[account] > self._limit and account not in self.flooding:
                    self._begins(account, now)
        for account in list(islice(self._to_tell, TOLD_MOST)):
            self._tell(account, self._to_tell.pop(account))
        if now - self._part_since >= PART_S:
            self._part_since = now
            self._parts.append(Counter())
            if len(self._parts) > _PARTS:
                self._minute -= self._parts.popleft()
                self.flooding.intersection_update(
                    [one for one in self.flooding if self._minute[one] > self._limit]
                )

    def _begins(self, account: str, now: float) -> None:
        self.flooding.add(account)
        if self._often.allows(account, now) is not None:
            self._to_tell[account] = self._minute[account]
