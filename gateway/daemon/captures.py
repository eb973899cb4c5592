"""Listening in on an input for a technician: raw bytes both ways, bounded, and only while asked.

The bytes wait in memory for whoever captures, who fetches them over the control socket and writes
the file; the gateway writes none. Whoever stops fetching ends the capture.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from gateway.control import ControlError, Request, is_seconds
from hardware.clock import Clock
from hardware.tap import Tap

WAITING_BYTES: Final = 4 * 1024 * 1024  # that wait to be fetched; what comes beyond is counted
FETCH_BYTES: Final = 256 * 1024  # handed out at once
ABANDONED_S: Final = 15.0  # without a fetch; then the capture ends by itself
LONGEST_S: Final = 24 * 3600.0
_RECORD_BYTES: Final = 64  # what a record costs beside its bytes, about

Hide: TypeAlias = Callable[[bool, bytes], bytes]
"""``protocols.registry.ProtocolInfo.hide``."""


class _Capture:
    """One input that is listened to."""

    def __init__(self, tap: Tap, clock: Clock, *, peer: str, for_s: float) -> None:
        self._tap = tap
        self._clock = clock
        self._peer = peer
        self._began = self._fetched_at = clock.monotonic()
        self._for_s = for_s
        self._records: list[tuple[float, str, bool, bytes]] = []
        self._bytes = 0
        self.lost = 0
        tap.listen = self._heard

    @property
    def is_over(self) -> bool:
        """Nothing is listened to any more."""
        return self._tap.listen != self._heard

    def end(self) -> None:
        """Listen no more; what waits can still be fetched."""
        if not self.is_over:
            self._tap.listen = None

    def look(self) -> None:
        """End when its time is over, or nobody fetches."""
        now = self._clock.monotonic()
        if now - self._began > self._for_s or now - self._fetched_at > ABANDONED_S:
            self.end()

    def _heard(self, peer: str, is_ours: bool, data: bytes) -> None:  # noqa: FBT001  see Listen
        self.look()
        if self.is_over or not self._is_wanted(peer):
            return
        cost = len(data) + _RECORD_BYTES
        if self._bytes + cost > WAITING_BYTES:
            self.lost += 1
            return
        self._bytes += cost
        self._records.append((self._clock.monotonic() - self._began, peer, is_ours, data))

    def _is_wanted(self, peer: str) -> bool:
        name = peer.removesuffix("/udp")
        return self._peer in {"", name, name.rpartition(":")[0]}

    def fetch(self, hide: Hide | None) -> dict[str, Any]:
        """Hand out what waits, oldest first, and forget it."""
        self._fetched_at = self._clock.monotonic()
        size, count = 0, 0
        for record in self._records:
            if count and size + len(record[3]) > FETCH_BYTES:
                break
            size += len(record[3])
            count += 1
        taken, self._records = self._records[:count], self._records[count:]
        self._bytes -= size + _RECORD_BYTES * count
        return {
            "records": [
                [round(at_s, 4), peer, is_ours, (hide(is_ours, data) if hide else data).hex()]
                for at_s, peer, is_ours, data in taken
            ],
            "lost": self.lost,
            "is_over": self.is_over and not self._records,
        }


class Captures:
    """The captures that run now, one of an input at most."""

    def __init__(
        self,
        taps: Mapping[str, Tap],
        clock: Clock,
        protocols: Mapping[str, tuple[str, Hide | None]],
    ) -> None:
        """Take the taps and the protocol of each input, with what hides its secrets."""
        self._taps = taps
        self._clock = clock
        self._protocols = protocols
        self._running: dict[int, tuple[_Capture, str]] = {}
        self._ids = itertools.count(1)

    def start(self, request: Request) -> dict[str, Any]:
        """Begin to listen: ``input``, ``for_s``, and perhaps ``peer``."""
        name, for_s, peer = request.get("input"), request.get("for_s"), request.get("peer", "")
        tap = self._taps.get(name) if isinstance(name, str) else None
        if tap is None or not isinstance(name, str):
            known = ", ".join(sorted(self._taps))
            raise ControlError(f"there is no input {name!r}; there are: {known}")
        if not is_seconds(for_s, LONGEST_S):
            raise ControlError(f"for_s {for_s!r} seen; expected seconds, up to {LONGEST_S:g}")
        if not isinstance(peer, str):
            raise ControlError(f"peer {peer!r} seen; expected HOST or HOST:PORT")
        for running, _ in self._running.values():
            running.look()
        if tap.listen is not None:
            raise ControlError(f"{name} is being captured already; one capture of an input at once")
        self._running = {n: one for n, one in self._running.items() if not one[0].is_over}
        number = next(self._ids)
        self._running[number] = (_Capture(tap, self._clock, peer=peer, for_s=float(for_s)), name)
        return {"capture": number, "protocol": self._protocols[name][0]}

    def fetch(self, request: Request) -> dict[str, Any]:
        """Hand out what was heard since the last time; ``is_redacted`` hides secrets."""
        found, name = self._find(request)
        found.look()
        is_redacted = request.get("is_redacted", False)
        if not isinstance(is_redacted, bool):
            raise ControlError(f"is_redacted {is_redacted!r} seen; expected true or false")
        hide = self._protocols[name][1] if is_redacted else None
        return found.fetch(hide)

    def stop(self, request: Request) -> dict[str, Any]:
        """Listen no more; what waits can still be fetched."""
        self._find(request)[0].end()
        return {}

    def _find(self, request: Request) -> tuple[_Capture, str]:
        number = request.get("capture")
        if type(number) is not int:
            raise ControlError(f'capture {number!r} seen; expected the number that "capture" gave')
        found = self._running.get(number)
        if found is None:
            raise ControlError(f"there is no capture {number}; it may have been given up")
        return found
