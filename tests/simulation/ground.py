"""What was really sent, and what of it reached the gateway: shares nothing with the gateway."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from simulators.ledger import Transmission

ANSWER = re.compile(rb'"(\*?)(ACK|NAK|DUH)"(\d{4})[RL0-9A-Fa-f]*(?:#([0-9A-Za-z]+))?\[')
RECENT = 12
LINK_TEST = "0000"


@dataclass
class Telling:
    """One transmission, all its frames and where they got."""

    transmission: Transmission
    host: str
    is_encrypted: bool
    is_receiver: bool
    is_known_code: bool = True
    group: str = "main"
    frames: dict[bytes, datetime | None] = field(default_factory=dict)
    """Good frames with the time that they show."""
    reached_at: list[float] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What an ACK names."""
        return self.transmission.account, self.transmission.sequence


@dataclass
class Reached:
    """A frame that was handed to the gateway whole."""

    at: float
    raw: bytes
    shows: datetime | None
    telling: Telling | None
    is_attack: bool


class Ground:
    """The truth about frames."""

    def __init__(self) -> None:
        self.tellings: dict[str, Telling] = {}
        self.by_raw: dict[bytes, list[Telling]] = {}
        self.by_key: dict[tuple[str, str], list[Telling]] = {}
        self.spoilt: set[bytes] = set()
        """Frames that are none, by a fault of their sender's."""
        self.forged: set[bytes] = set()
        """Frames that no panel ever sent."""
        self.readable: set[bytes] = set()
        self.attacks: dict[bytes, list[float]] = {}
        """When an attacker's copy reached the gateway."""
        self.recent: dict[str, deque[Reached]] = {}
        """What reached the gateway lately, by the host that sent it."""
        self.reached_good = 0
        """Sound frames, link tests included, that this life of the gateway was handed."""
        self.recorded: list[tuple[bytes, Telling]] = []
        """Encrypted frames that an attacker could have heard."""
        self._buffers: dict[str, bytes] = {}

    def told(self, telling: Telling) -> None:
        """A sender has something to tell."""
        self.tellings[telling.transmission.id] = telling

    def sent(self, telling: Telling, raw: bytes, shows: datetime | None) -> None:
        """It sent a sound frame."""
        if raw not in telling.frames:
            telling.frames[raw] = shows
            self.by_raw.setdefault(raw, []).append(telling)
            if telling.is_encrypted:
                self.recorded.append((raw, telling))
        known = self.by_key.setdefault(telling.key, [])
        if telling not in known:
            known.append(telling)

    def forge(self, raw: bytes, *, is_read: bool) -> None:
        """An attacker made a frame; ``is_read``: it is refused for what it says, not unreadable."""
        self.forged.add(raw)
        if is_read:
            self.readable.add(raw)

    def reset(self) -> None:
        """A new life of the gateway begins: half frames of the old one are gone."""
        self._buffers.clear()
        self.reached_good = 0

    def forget(self, peer: str) -> None:
        """A line was opened anew."""
        self._buffers.pop(peer, None)

    def reached(
        self, data: bytes, peer: str, now: float, *, is_datagram: bool, is_attack: bool
    ) -> list[Reached]:
        """Bytes are handed to the gateway: the whole frames among them."""
        host, is_serial = peer.partition(":")[0], peer == "serial"
        end = b"\x14" if is_serial else b"\r"
        buffer = data if is_datagram else self._buffers.get(peer, b"") + data
        *whole, rest = buffer.split(end)
        if not is_datagram:
            self._buffers[peer] = rest
        found = []
        for body in whole:
            raw = body + end
            if not is_serial:
                raw = b"\n" + raw.rpartition(b"\n")[2]
            tellings = self.by_raw.get(raw)
            if tellings is None and is_serial:
                raw, tellings = self._within(raw)
            telling = tellings[-1] if tellings else None
            is_sound = telling is not None and raw not in self.spoilt
            if is_sound and telling is not None and not is_attack:
                telling.reached_at.append(now)
            if is_attack:
                self.attacks.setdefault(raw, []).append(now)
            self.reached_good += is_sound or raw in self.readable
            shows = telling.frames.get(raw) if telling is not None else None
            one = Reached(now, raw, shows, telling, is_attack or not is_sound)
            self.recent.setdefault(host, deque(maxlen=RECENT)).append(one)
            found.append(one)
        return found

    def _within(self, raw: bytes) -> tuple[bytes, list[Telling] | None]:
        """A receiver's frame with noise in front of it."""
        for start in range(1, len(raw)):
            if (tellings := self.by_raw.get(raw[start:])) is not None:
                return raw[start:], tellings
        return raw, None
