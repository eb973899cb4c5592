"""Is it a live panel with a wrong clock, or a recording? Told by its tries (REL-38)."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Final, TypeAlias

CLOCK_RUNS_WITHIN_S: Final = 20.0  # how far its timestamps may stray from our time between tries
STALE_TRIES: Final = (
    3  # NAKs for one message before a live panel with a wrong clock is taken; REL-38
)
STALE_KEYS_MAX: Final = 10_000  # messages with a wrong timestamp that are remembered

Message: TypeAlias = tuple[object, ...]
"""What names a message: the same for all its tries, whose timestamps and pads differ."""


class _Tries:
    """The tries of one message that were refused for their timestamps, oldest first."""

    __slots__ = ("count", "seen")

    def __init__(self, keep: int) -> None:
        self.count = 0
        self.seen: deque[tuple[int, datetime, float]] = deque(maxlen=keep)

    def has_bytes(self, fingerprint: int) -> bool:
        return any(fingerprint == before for before, _, _ in self.seen)

    def runs_with(self, timestamp: datetime, now: float) -> bool:
        """Whether the timestamps went on as our monotonic time did: a live panel's clock.

        Each must be later than the one before, so a recording of any of them does not pass.
        """
        previous: datetime | None = None
        for _, stamp, at in (*self.seen, (0, timestamp, now)):
            if previous is not None and stamp <= previous:
                return False
            previous = stamp
            _, first, first_at = self.seen[0]
            if abs((stamp - first).total_seconds() - (at - first_at)) > CLOCK_RUNS_WITHIN_S:
                return False
        return True


class StaleTries:
    """A bounded memory of the messages that were refused for their timestamps."""

    def __init__(self, *, tries: int = STALE_TRIES, keys_max: int = STALE_KEYS_MAX) -> None:
        """Take how many tries show a live panel, and how many messages are remembered."""
        self._tries = tries
        self._keys_max = keys_max
        self._stale: dict[Message, _Tries] = {}

    def __len__(self) -> int:
        return len(self._stale)

    def is_live(self, timestamp: datetime, message: Message, now: float) -> bool:
        """Whether enough tries show a panel whose clock runs, although it is wrong."""
        tries = self._stale.get(message)
        if tries is None or tries.count < self._tries:
            return False
        if not tries.runs_with(timestamp, now):
            return False
        del self._stale[message]
        return True

    def refused(self, raw: bytes, timestamp: datetime, message: Message, now: float) -> bool:
        """Note a refused try; give whether these very bytes were refused before.

        A recording plays the same bytes for ever; it never counts as a try.
        """
        tries = self._stale.get(message)
        if tries is None:
            if len(self._stale) >= self._keys_max:
                del self._stale[next(iter(self._stale))]
            tries = self._stale[message] = _Tries(self._tries)
        fingerprint = hash(raw)
        if tries.has_bytes(fingerprint):
            return True
        tries.count += 1
        tries.seen.append((fingerprint, timestamp, now))
        return False
