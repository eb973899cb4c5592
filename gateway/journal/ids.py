"""Event ids: unique across restarts and nodes, ordered by time, and they carry their number.

The form is a UUID version 7: 48 bits of time in milliseconds, 34 bits that were drawn once for
this run of the gateway, and the event's ``journal_seq`` in the last 40 bits. Numbers are never
reused in a journal and two journals differ in the random bits, so no two ids are equal; and a
confirm, which names ids alone, finds its event without an index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

SEQ_MAX: Final = (1 << 40) - 1  # a thousand events a second for 34 years
RANDOM_BYTES: Final = 5
_ID_LENGTH: Final = 36
_SEQ_DIGITS: Final = 10
_HEX: Final = frozenset("0123456789abcdef")


class EventIds:
    """Makes event ids; one for each run of the gateway."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        """Take a source of random bytes (``os.urandom``, or a seeded one)."""
        bits = int.from_bytes(random(RANDOM_BYTES), "big")
        self._head = f"7{bits & 0xFFF:03x}"
        # Variant 0b10 and 14 random bits; then 8 more in front of the number.
        self._tail = f"{0x8000 | (bits >> 12) & 0x3FFF:04x}-{(bits >> 26) & 0xFF:02x}"
        self._at_ms = -1
        self._prefix = ""

    def id(self, utc_ms: int, seq: int) -> str:
        """Make the id of the event ``seq`` that was received at ``utc_ms``."""
        if utc_ms != self._at_ms:
            time = f"{utc_ms & 0xFFFF_FFFF_FFFF:012x}"
            self._prefix = f"{time[:8]}-{time[8:]}-{self._head}-{self._tail}"
            self._at_ms = utc_ms
        return f"{self._prefix}{seq:010x}"


def seq_of(event_id: str) -> int | None:
    """Give the ``journal_seq`` that an id carries; None for what cannot be an id of ours."""
    digits = event_id[-_SEQ_DIGITS:]
    if len(event_id) != _ID_LENGTH or not _HEX.issuperset(digits):
        return None
    return int(digits, 16)
