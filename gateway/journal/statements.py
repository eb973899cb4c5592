"""The SQL that writes events, in few sizes, and the checksum of a record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from fastcrc.crc32 import iso_hdlc as crc32

from gateway.journal.entry import Entry, Outstanding

COLUMNS: Final = (
    "seq", "id", "account", "class", "is_priority", "received_ms", "json", "report_id",
    "report_index", "report_count", "input", "peer", "monotonic_ns", "raw", "identity", "link",
    "boot", "checksum",
)  # fmt: skip
"""What ``insert`` gives values for, in this order."""

_SIZES: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
ROWS_MAX: Final = _SIZES[-1]
"""Rows of one statement; SQLite takes 32,766 parameters, we use 9,216."""
_SIZE_OF: Final = tuple(min(size for size in _SIZES if size >= n) for n in range(1, ROWS_MAX + 1))
_PADDING: Final = (0,) * len(COLUMNS)  # no event has the number 0
_MARKS: Final = "(" + ",".join("?" * len(COLUMNS)) + ")"


@cache
def insert_of(size: int) -> str:
    """Give the statement that inserts up to ``size`` rows; rows with the seq 0 are left out.

    One statement for a whole group: Python gives its interpreter lock away at every step of
    every statement, and each time the writing thread has to win it back from the event loop.
    With ``executemany`` a group of 500 next to a busy loop took 490 ms, as one statement 5 ms.
    The few sizes keep the statements prepared.
    """
    rows = ",".join([_MARKS] * size)
    return f"INSERT INTO event SELECT * FROM (VALUES {rows}) WHERE column1 > 0"  # noqa: S608  no text of others in it


def insert(entries: Sequence[Entry], boot: int) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` entries."""
    size = _SIZE_OF[len(entries) - 1]
    values: list[Any] = []
    for one in entries:
        # Whole numbers, str and bytearray are what sqlite3 binds at once; for bytes, bool and
        # None it looks for an adapter first, which takes five times as long, lock in hand.
        values += (
            one.seq,
            one.event_id,
            one.account,
            one.class_,
            int(one.is_priority),
            one.received_ms,
            bytearray(one.json),
            one.report_id,
            one.index,
            one.count,
            one.input,
            one.peer,
            one.monotonic_ns,
            bytearray(one.raw),
            bytearray(one.identity),
            one.link,
            boot,
            checksum_of(one, one.raw),
        )
    values += _PADDING * (size - len(entries))
    return insert_of(size), values


def checksum_of(event: Outstanding, raw: bytes) -> int:
    """CRC-32 over what is published, where it goes and what was received (REL-10)."""
    head = (
        f"{event.seq} {event.event_id} {event.account} {event.class_} "
        f"{int(event.is_priority)} {event.received_ms}"
    )
    return crc32(event.json, crc32(raw, crc32(head.encode("utf-8", "surrogatepass"))))
