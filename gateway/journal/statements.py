"""The SQL that writes events, in few sizes, and the checksum of a record."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from msgspec.structs import astuple

from gateway.journal.entry import Entry, Outstanding

COLUMNS: Final = (
    "seq", "id", "account", "class", "is_priority", "received_ms", "json", "report_id",
    "report_index", "report_count", "input", "peer", "monotonic_ns", "raw", "identity", "link",
    "boot", "checksum",
)  # fmt: skip
"""In the order of the fields of ``Entry``, so that an entry becomes a row without naming them."""

_SIZES: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
ROWS_MAX: Final = _SIZES[-1]
"""Rows of one statement; SQLite takes 32,766 parameters, we use 9,216."""
_SIZE_OF: Final = tuple(min(size for size in _SIZES if size >= n) for n in range(1, ROWS_MAX + 1))
_PADDING: Final = (None,) * len(COLUMNS)
_MARKS: Final = "(" + ",".join("?" * len(COLUMNS)) + ")"


@cache
def insert_of(size: int) -> str:
    """Give the statement that inserts up to ``size`` rows; rows without a seq are left out.

    One statement for a whole group: Python gives its interpreter lock away at every step of
    every statement, and each time the writing thread has to win it back from the event loop.
    With ``executemany`` a group of 500 next to a busy loop took 490 ms, as one statement 5 ms.
    The few sizes keep the statements prepared.
    """
    rows = ",".join([_MARKS] * size)
    return f"INSERT INTO event SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"  # noqa: S608  no text of others in it


def insert(entries: Sequence[Entry], boot: int) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` entries."""
    size = _SIZE_OF[len(entries) - 1]
    values: list[Any] = []
    for entry in entries:
        values += astuple(entry)
        values += (boot, checksum_of(entry, entry.raw))
    values += _PADDING * (size - len(entries))
    return insert_of(size), values


def checksum_of(event: Outstanding, raw: bytes) -> int:
    """CRC-32 over what is published, where it goes and what was received (REL-10)."""
    head = (
        f"{event.seq} {event.event_id} {event.account} {event.class_} "
        f"{event.is_priority:d} {event.received_ms}"
    )
    return zlib.crc32(
        event.json, zlib.crc32(raw, zlib.crc32(head.encode("utf-8", "surrogatepass")))
    )
