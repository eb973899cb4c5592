"""Who is connected, over all TCP inputs together, and who may come yet (SEC-12)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from hardware.clock import Clock
from hardware.known_hosts import KnownHosts


class CrowdLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections are taken."""

    connections: int = 15_000
    per_address: int = 50
    reserve_share: float = 0.1
    """Of ``connections``, for addresses that were given an ACK in the last 24 h."""


class NoRoom(NamedTuple):
    """Why a connection is refused."""

    counter: str
    reason: str
    """For the operator; empty when it is that address's own affair."""


class Crowd:
    """Counts connections by address; every listener asks before it takes one.

    Attributes:
        known: Addresses of panels that were given an ACK.
    """

    def __init__(self, limits: CrowdLimits, clock: Clock) -> None:
        self.known = KnownHosts(clock)
        self._limits = limits
        self._reserve_from = limits.connections * (1.0 - limits.reserve_share)
        self._used = 0
        self._per_host: dict[str, int] = {}

    @property
    def is_dense(self) -> bool:
        """Whether more than half of all connections are used."""
        return self._used * 2 > self._limits.connections

    def enter(self, host: str) -> NoRoom | None:
        """Count a connection in, or say why there is no room for it."""
        limits = self._limits
        of_host = self._per_host.get(host, 0)
        if self._used >= limits.connections:
            words = f"all {limits.connections} connections are used"
            return NoRoom("connections_refused", words)
        if of_host >= limits.per_address:
            return NoRoom("connections_refused_per_address", "")
        if self._used >= self._reserve_from and not self.known.is_known(host):
            words = f"{self._used} connections are open; the rest is kept for known panels"
            return NoRoom("connections_refused_reserve", words)
        self._used += 1
        self._per_host[host] = of_host + 1
        return None

    def leave(self, host: str) -> None:
        """Count one out."""
        self._used -= 1
        left = self._per_host.get(host, 0) - 1
        if left > 0:
            self._per_host[host] = left
        else:
            self._per_host.pop(host, None)
