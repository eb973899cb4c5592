"""How does an event stand in the journal that is a form and what fills it?"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any, Final, TypeAlias

import msgspec
from fastcrc.crc32 import iso_hdlc as crc32

from gateway.journal.entry import Alike
from gateway.journal.form import Form, unpacked

Body: TypeAlias = tuple[int, int, int, str, str | None, int | None, int, bytes]
"""seq, form, received_ms (the columns once more, under the checksum), peer, sequence, clock skew
in ms, monotonic ns, raw."""

COLUMNS: Final = ("seq", "id", "form", "received_ms", "identity", "checksum", "body")
FORM_COLUMNS: Final = (
    "number", "boot", "account", "class", "is_priority", "input", "checksum", "pieces",
)  # fmt: skip
DAMAGE: Final = (sqlite3.Error, ValueError, TypeError, AttributeError)
"""What reading a damaged record comes to: SQLite's errors, or columns of a wrong type."""

_FORMS_MAX: Final = 4_096  # kept in memory, about 2 KiB each
_FORM: Final = "SELECT boot, account, class, is_priority, input, checksum, pieces FROM {} "

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Body).decode


def form_values(form: Form, boot: int) -> tuple[Any, ...]:
    """Give the values of ``FORM_COLUMNS``; the form has its number."""
    packed = form.packed()
    return (
        form.number, boot, form.account, form.class_, int(form.is_priority), form.input,
        form.checksum(packed, boot), bytearray(packed),
    )  # fmt: skip


def values(one: Alike) -> tuple[Any, ...]:
    """Give the values of ``COLUMNS``; its form has its number.

    Whole numbers, str and bytearray are what sqlite3 binds at once; for bytes, bool and None it
    looks for an adapter first, which takes five times as long, lock in hand.
    """
    seq, event_id, form = one.seq, one.event_id, one.form.number
    received_ms, identity = one.received_ms, one.identity
    body = _encode(
        (seq, form, received_ms, one.peer, one.sequence, one.clock_skew_ms, one.monotonic_ns,
         one.raw)
    )  # fmt: skip
    return (
        seq, event_id, form, received_ms, bytearray(identity),
        _checksum(event_id, identity, body), bytearray(body),
    )  # fmt: skip


def _checksum(event_id: str, identity: bytes, body: bytes) -> int:
    """CRC-32 over what a row holds beside the columns that stand in its body as well."""
    return crc32(event_id.encode() + identity + body)


class Forms:
    """The forms of a journal, read as they are needed and kept for a while."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection whose texts come as bytes."""
        self._connection = connection
        self._known: dict[int, tuple[Form, int]] = {}

    def find(self, number: int) -> tuple[Form, int]:
        """Give a form and the run that wrote it, from its copy when it is damaged.

        Raises:
            ValueError: Both are damaged.
        """
        known = self._known.get(number)
        if known is not None:
            return known
        for table in ("form", "form_copy"):
            with contextlib.suppress(*DAMAGE):
                row = self._connection.execute(
                    _FORM.format(table) + "WHERE number = ?", (number,)
                ).fetchone()
                found = _form(number, row)
                if found is not None:
                    if len(self._known) >= _FORMS_MAX:
                        self._known.clear()
                    self._known[number] = found
                    return found
        raise ValueError(f"form {number} and its copy are damaged")

    def event(  # noqa: PLR0913, PLR0917  the columns
        self,
        seq: int,
        event_id: str,
        number: int,
        received_ms: int,
        identity: bytes,
        checksum: int,
        body: bytes,
    ) -> tuple[Alike, int]:
        """Give the event of this row and the run of the gateway that wrote it.

        Raises:
            ValueError: It is damaged.
        """
        if _checksum(event_id, identity, body) != checksum:
            raise ValueError(f"the checksum of event {seq} does not hold")
        *columns, peer, sequence, skew_ms, monotonic_ns, raw = _decode(body)
        if columns != [seq, number, received_ms]:
            raise ValueError(f"event {seq} is not the one of its row")
        form, boot = self.find(number)
        return Alike(
            seq, event_id, form.account, form.is_priority, received_ms, form, peer, sequence,
            skew_ms, monotonic_ns, raw, identity,
        ), boot  # fmt: skip


def is_whole(connection: sqlite3.Connection, table: str, number: int) -> bool:
    """Whether a form stands in ``form`` or ``form_copy`` and its checksum holds.

    Raises one of ``DAMAGE`` when it cannot even be read.
    """
    row = connection.execute(_FORM.format(table) + "WHERE number = ?", (number,)).fetchone()
    boot, *texts, packed = [_bytes(value) for value in row]
    return _form(number, (boot, *texts, packed)) is not None


def _bytes(value: Any) -> Any:
    """Take a text of a connection that does not give texts as bytes."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _form(number: int, row: tuple[Any, ...]) -> tuple[Form, int] | None:
    boot, account, class_, is_priority, input_, checksum, packed = row
    form = Form(
        account=account.decode(), class_=class_.decode(), is_priority=bool(is_priority),
        input=input_.decode(), pieces=unpacked(packed), number=number,
    )  # fmt: skip
    return (form, boot) if form.checksum(packed, boot) == checksum else None
