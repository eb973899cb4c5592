"""What do alike events share? Their JSON, written once, with holes for what each has of its own.

Nearly every byte of an event is the same for all reports of one account that say the same thing
over the same input. The journal stores a form once and with each event what fills it; what is
filled in is the event byte for byte, today and after years.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec
from fastcrc.crc32 import iso_hdlc as crc32

Pieces: TypeAlias = tuple[str, ...]
"""What stands between the holes of an event's JSON, with the quotes of those that are texts."""

PIECES: Final = 11
_CUT: Final = "\0"  # no JSON holds it: in texts it is escaped
_SECOND_MS: Final = 1000
_encode: Final = msgspec.json.Encoder().encode


class Form(msgspec.Struct, kw_only=True, gc=False, eq=False):
    """The JSON of an event with holes, and what else every event of this form shares."""

    account: str
    """The account level of the topic."""
    class_: str
    is_priority: bool
    input: str
    pieces: Pieces
    number: int = 0
    """In the journal of this run of the gateway; 0 until the store has written it."""

    def packed(self) -> bytes:
        """Give the pieces as they stand on the disk."""
        return _CUT.join(self.pieces).encode()

    def checksum(self, packed: bytes, boot: int) -> int:
        """CRC-32 over all that its events take from it; ``packed`` are its pieces."""
        head = (
            f"{self.number} {boot} {self.account} {self.class_} {self.is_priority:d} {self.input}"
        )
        return crc32(packed, crc32(head.encode("utf-8", "surrogatepass")))


def unpacked(packed: bytes) -> Pieces:
    """Read the pieces back.

    Raises:
        ValueError: These are not the pieces of a form.
    """
    pieces = tuple(packed.decode().split(_CUT))
    if len(pieces) != PIECES:
        raise ValueError(f"{len(pieces)} pieces of a form seen; expected {PIECES}")
    return pieces


def fill(  # noqa: PLR0913, PLR0917  one for each hole; by place is faster
    p: Pieces,
    event_id: str,
    seq: int,
    dedupe_key: str,
    report_id: str,
    received_ms: int,
    clock_skew_ms: int | None,
    peer: str,
    sequence: str | None,
    raw: bytes,
) -> bytes:
    """Give the JSON of the event that fills these pieces so."""
    time = time_text(received_ms)
    skew = "null" if clock_skew_ms is None else clock_skew_ms
    return (
        f"{p[0]}{event_id}{p[1]}{time}{p[2]}{seq}{p[3]}{dedupe_key}{p[4]}"
        f"{report_id}{p[5]}{time}{p[6]}{skew}{p[7]}{quoted(peer)}{p[8]}"
        f"{quoted(sequence)}{p[9]}{quoted(raw.decode('latin-1'))}{p[10]}"
    ).encode()


def quoted(text: str | None) -> str:
    """Give a text as it stands in JSON."""
    return _encode(text).decode()


def time_text(utc_ms: int) -> str:
    """Give a time as events carry it: ISO 8601 UTC with milliseconds and ``Z``."""
    second, ms = divmod(utc_ms, _SECOND_MS)
    return f"{_second_text(second)}{ms:03d}Z"


@lru_cache(maxsize=64)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
