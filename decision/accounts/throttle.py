"""How often a sign-in may be tried: by user name and by peer, both forgotten with time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

FREE: Final = 5
"""Wrong tries before anybody has to wait."""
FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(minutes=5)
"""Short on purpose: whoever locks an operator out for an hour has won."""
FORGET: Final = timedelta(minutes=30)
MOST: Final = 10_000
"""Names kept; beyond it the oldest goes, so that a flood of names costs no memory."""


class _Tries(msgspec.Struct):
    count: int
    last: datetime


class Throttle:
    """Counts wrong tries of one key (a user name, a peer address)."""

    def __init__(self, *, free: int = FREE) -> None:
        self._free = free
        self._tries: dict[str, _Tries] = {}

    def wait(self, key: str, *, now: datetime) -> timedelta:
        """How long this key must still wait; zero when it may try."""
        tries = self._tries.get(key)
        if tries is None or tries.count < self._free:
            return timedelta(0)
        if now - tries.last >= FORGET:
            del self._tries[key]
            return timedelta(0)
        doublings = min(tries.count - self._free, 10)
        pause = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
        return max(timedelta(0), tries.last + pause - now)

    def failed(self, key: str, *, now: datetime) -> int:
        """Count a wrong try; gives how many there are now."""
        tries = self._tries.pop(key, None)
        if tries is None or now - tries.last >= FORGET:
            tries = _Tries(0, now)
        tries.count += 1
        tries.last = now
        self._tries[key] = tries
        if len(self._tries) > MOST:
            del self._tries[next(iter(self._tries))]
        return tries.count

    def succeeded(self, key: str) -> None:
        """Forget what was wrong before."""
        self._tries.pop(key, None)
