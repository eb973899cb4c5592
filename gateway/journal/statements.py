"""The SQL that writes events, in few sizes, and the checksums of what is written."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from fastcrc.crc32 import iso_hdlc as crc32

from gateway.journal.entry import Alike, AnyEntry, Outstanding
from gateway.journal.form import Form

COLUMNS: Final = (
    "seq", "id", "account", "class", "is_priority", "received_ms", "report_id", "report_index",
    "report_count", "input", "peer", "monotonic_ns", "raw", "identity", "link", "boot",
    "checksum", "form", "sequence", "skew_ms", "json",
)  # fmt: skip
"""What ``insert`` gives values for, in this order."""

FORM_COLUMNS: Final = ("number", "checksum", "pieces")

_SIZES: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
ROWS_MAX: Final = _SIZES[-1]
"""Rows of one statement; SQLite takes 32,766 parameters, we use 10,752."""
_SIZE_OF: Final = tuple(min(size for size in _SIZES if size >= n) for n in range(1, ROWS_MAX + 1))
_NO_JSON: Final = bytearray()


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


def insert_forms(forms: Sequence[Form]) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` forms; they have numbers."""
    values: list[Any] = []
    for form in forms:
        packed = form.packed()
        values += (form.number, form_checksum(form.number, packed), bytearray(packed))
    return _padded("form", len(FORM_COLUMNS), len(forms), values)


def insert(entries: Sequence[AnyEntry], boot: int) -> tuple[str, list[Any]]:
    """Give the statement and its values for at most ``ROWS_MAX`` entries; their forms stand."""
    values: list[Any] = []
    for one in entries:
        # Whole numbers, str and bytearray are what sqlite3 binds at once; for bytes, bool and
        # None it looks for an adapter first, which takes five times as long, lock in hand.
        raw = one.raw
        if isinstance(one, Alike):
            form, skew = one.form, one.clock_skew_ms
            values += (
                one.seq, one.event_id, form.account, form.class_, int(form.is_priority),
                one.received_ms, one.event_id, 0, 1, form.input, one.peer, one.monotonic_ns,
                bytearray(raw), bytearray(one.identity), "", boot,
                alike_checksum(
                    one.seq, one.event_id, form.account, form.class_, form.is_priority,
                    one.received_ms, form.number, one.sequence or "", skew, one.peer,
                    one.identity, raw,
                ),
                form.number, one.sequence or "", "" if skew is None else skew, _NO_JSON,
            )  # fmt: skip
        else:
            values += (
                one.seq, one.event_id, one.account, one.class_, int(one.is_priority),
                one.received_ms, one.report_id, one.index, one.count, one.input, one.peer,
                one.monotonic_ns, bytearray(raw), bytearray(one.identity), one.link, boot,
                checksum_of(one, raw), 0, "", "", bytearray(one.json),
            )  # fmt: skip
    return _padded("event", len(COLUMNS), len(entries), values)


def checksum_of(event: Outstanding, raw: bytes) -> int:
    """CRC-32 over what is published, where it goes and what was received (REL-10)."""
    head = (
        f"{event.seq} {event.event_id} {event.account} {event.class_} "
        f"{int(event.is_priority)} {event.received_ms}"
    )
    return crc32(event.json, crc32(raw, crc32(head.encode("utf-8", "surrogatepass"))))


def alike_checksum(  # noqa: PLR0913, PLR0917  by place is faster
    seq: int,
    event_id: str,
    account: str,
    class_: str,
    is_priority: bool,  # noqa: FBT001
    received_ms: int,
    form: int,
    sequence: str,
    skew_ms: int | None,
    peer: str,
    identity: bytes,
    raw: bytes,
) -> int:
    """CRC-32 over the same for an event that is stored as its form's number and what fills it."""
    head = (
        f"{seq} {event_id} {account} {class_} {is_priority:d} {received_ms} "
        f"{form} {sequence} {skew_ms} {peer}"
    )
    return crc32(raw, crc32(identity, crc32(head.encode("utf-8", "surrogatepass"))))


def form_checksum(number: int, packed: bytes) -> int:
    """CRC-32 over the pieces of a form, bound to its number."""
    return crc32(packed, number & 0xFFFF_FFFF)
