"""Which addresses belong to panels of ours: those that were given an ACK lately (SEC-12)."""

from __future__ import annotations

from hardware.clock import Clock

KNOWN_S = 86_400.0  # an ACK makes its address known for 24 h; SEC-12
KNOWN_COUNT = 200_000  # so many are remembered; beyond, those seen longest ago go first


class KnownHosts:
    """A bounded memory of hosts, ordered by when they were last seen."""

    def __init__(self, clock: Clock, *, limit: int = KNOWN_COUNT) -> None:
        self._clock = clock
        self._limit = limit
        self._seen: dict[str, float] = {}

    def saw(self, host: str) -> None:
        """The host was given an ACK now."""
        seen = self._seen
        seen.pop(host, None)
        seen[host] = self._clock.monotonic()
        if len(seen) > self._limit:
            del seen[next(iter(seen))]

    def is_known(self, host: str) -> bool:
        """Whether it was given one within ``KNOWN_S``."""
        at = self._seen.get(host)
        return at is not None and self._clock.monotonic() - at <= KNOWN_S
