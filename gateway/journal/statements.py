"""The SQL that writes events, in few sizes, and the checksum of a record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from fastcrc.crc32 import iso_hdlc as crc32

from gateway.journal import alike
from gateway.journal.entry import Alike, Entry, Outstanding
from gateway.journal.form import Form

COLUMNS: Final = (
    "seq", "id", "account", "class", "is_priority", "received_ms", "report_id", "report_index",
    "report_count", "input", "peer", "monotonic_ns", "raw", "identity", "link", "boot",
    "checksum", "json",
)  # fmt: skip
"""What ``insert`` gives values for, in this order."""

_SIZES: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
ROWS_MAX: Final = _SIZES[-1]
"""Rows of one statement; SQLite takes 32,766 parameters, we use 9,216."""
_SIZE_OF: Final = tuple(min(size for size in _SIZES if size >= n) for n in range(1, ROWS_MAX + 1))


@cache
def insert_of(table: str, columns: int, size: int) -> str:
    """Give the statement that inserts up to ``size`` rows; rows with the number 0 are left out.

    One statement for a whole group: Python gives its interpreter lock away at every step of
    every statement, and each time the writing thread has to win it back from the event loop.
    With ``executemany`` a group of 500 next to a busy loop took 490 ms, as one statement 5 ms.
    The few sizes keep the statements prepared.
    """
    rows = ",".join(["(" + ",".join("?" * columns) + ")"] * size)
    return f"INSERT INTO {table} SELECT * FROM (VALUES {rows}) WHERE column1 > 0"  # noqa: S608  no text of others in it


def _padded(table: str, columns: int, count: int, values: list[Any]) -> tuple[str, list[Any]]:
    size = _SIZE_OF[count - 1]
    values += (0,) * (columns * (size - count))  # no event and no form has the number 0
    return insert_of(table, columns, size), values


def insert_forms(forms: Sequence[Form], boot: int) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` forms; they have numbers."""
    values: list[Any] = []
    for form in forms:
        values += alike.form_values(form, boot)
    return _padded("form", len(alike.FORM_COLUMNS), len(forms), values)


def insert_alike(entries: Sequence[Alike]) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` entries; their forms stand."""
    values: list[Any] = []
    of = alike.values
    for one in entries:
        values += of(one)
    return _padded("alike", len(alike.COLUMNS), len(entries), values)


def insert(entries: Sequence[Entry], boot: int) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` entries."""
    values: list[Any] = []
    for one in entries:
        values += (
            one.seq, one.event_id, one.account, one.class_, int(one.is_priority),
            one.received_ms, one.report_id, one.index, one.count, one.input, one.peer,
            one.monotonic_ns, bytearray(one.raw), bytearray(one.identity), one.link, boot,
            checksum_of(one, one.raw), bytearray(one.json),
        )  # fmt: skip
    return _padded("event", len(COLUMNS), len(entries), values)


def checksum_of(event: Outstanding, raw: bytes) -> int:
    """CRC-32 over what is published, where it goes and what was received (REL-10)."""
    head = (
        f"{event.seq} {event.event_id} {event.account} {event.class_} "
        f"{int(event.is_priority)} {event.received_ms}"
    )
    return crc32(event.json, crc32(raw, crc32(head.encode("utf-8", "surrogatepass"))))
