"""What tells that a record was changed, taken away, added or moved? A chain of hashes (SEC-23).

Records are sealed in blocks, some seconds after their commit and not with it: a hash for each
event on the way to the disk would cost a twentieth of all that is done for it. A block's link
is the SHA-256 over the link before it and over the digests of its records; so the last link, which
is published every hour, stands for every record that was ever sealed, the removed ones included.
The digests are kept as well, shortened: they name the record that does not fit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from gateway.journal import alike
from gateway.journal.statements import COLUMNS

BLOCK_RECORDS: Final = 1024  # sealed in about 5 ms
START: Final = bytes(32)
"""The link before the first block."""
_SEQ_BYTES: Final = 5  # as in event ids
_DIGEST_BYTES: Final = 11
_ENTRY_BYTES: Final = _SEQ_BYTES + _DIGEST_BYTES
_FIELD: Final = b"\x1f"
_ROW: Final = b"\x1e"
_BLOBS: Final = frozenset({"raw", "identity", "body", "pieces"})
_FORMS_MAX: Final = 16_384  # digests of forms that are remembered


def _text_of(columns: tuple[str, ...]) -> str:
    """Give the SQL for all columns of a row as one text, in a way that no value can imitate."""
    # The JSON stands last and as it is: it holds no control characters.
    return " || x'1f' || ".join(f"hex({name})" if name in _BLOBS else name for name in columns)


_RECORDS: Final = (
    "SELECT count(*), CAST(group_concat({}, x'1e') AS BLOB) "
    "FROM (SELECT * FROM {} WHERE seq BETWEEN ? AND ? ORDER BY seq)"
)
_EVENTS: Final = _RECORDS.format(_text_of(COLUMNS), "event")
_ALIKE: Final = _RECORDS.format(_text_of(alike.COLUMNS), "alike")
_FORM: Final = f"SELECT CAST({_text_of(alike.FORM_COLUMNS)} AS BLOB) FROM {{}} WHERE number = ?"  # noqa: S608  ours
_FORM_PLACE: Final = alike.COLUMNS.index("form")

Digests = dict[int, bytes]
"""Number -> SHA-256 of the record, in order of the numbers."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the chain; ``entries`` are the digests of the records that are still kept."""

    number: int
    last_seq: int
    records: int
    """How many there were when it was sealed."""
    sealed_ms: int
    root: bytes
    link: bytes
    entries: bytes

    def linked(self, before: bytes) -> bytes:
        """Give the link that it must have behind the block ``before``."""
        head = f"{self.number} {self.last_seq} {self.records} {self.sealed_ms} "
        return sha256(before + head.encode() + self.root).digest()

    @property
    def is_thinned(self) -> bool:
        """Whether records of it were removed, so that its root cannot be made again."""
        return len(self.entries) < self.records * _ENTRY_BYTES


def sealed(digests: Digests, *, number: int, last_seq: int, now_ms: int, before: bytes) -> Block:
    """Make the block ``number`` of these records, which reach up to ``last_seq``."""
    block = Block(
        number=number, last_seq=last_seq, records=len(digests), sealed_ms=now_ms,
        root=root_of(digests), link=b"", entries=pack(digests),
    )  # fmt: skip
    return msgspec.structs.replace(block, link=block.linked(before))


def root_of(digests: Mapping[int, bytes]) -> bytes:
    """Give the hash over records with their numbers."""
    return sha256(b"".join([b"%d %b" % pair for pair in digests.items()])).digest()


def pack(digests: Mapping[int, bytes]) -> bytes:
    """Give the digests as they stand in the row: shortened, with their numbers."""
    return b"".join(
        [
            seq.to_bytes(_SEQ_BYTES, "big") + digest[:_DIGEST_BYTES]
            for seq, digest in digests.items()
        ]
    )


def unpack(entries: bytes) -> Digests:
    """Read them back.

    Raises:
        ValueError: These are no entries.
    """
    if len(entries) % _ENTRY_BYTES:
        raise ValueError(f"{len(entries)} bytes of entries; expected a multiple of {_ENTRY_BYTES}")
    found = {}
    for at in range(0, len(entries), _ENTRY_BYTES):
        middle = at + _SEQ_BYTES
        seq = int.from_bytes(entries[at:middle], "big")
        found[seq] = entries[middle : at + _ENTRY_BYTES]
    return found


def short(digest: bytes) -> bytes:
    """Shorten a digest as the entries are."""
    return digest[:_DIGEST_BYTES]


class Digester:
    """Makes the digests of records from what stands on the disk; for one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._forms: dict[int, bytes] = {}

    def digests(self, first: int, last: int) -> Digests:
        """Give those of all records between these numbers, both ends included.

        Raises:
            sqlite3.Error: A page in between cannot be read, or a record falls apart.
        """
        found = [
            (_seq(row), sha256(b"event " + row).digest())
            for row in self._rows(_EVENTS, first, last)
        ]
        for row in self._rows(_ALIKE, first, last):
            form = int(row.split(_FIELD, _FORM_PLACE + 1)[_FORM_PLACE])
            found.append((_seq(row), sha256(b"alike " + self._form(form) + row).digest()))
        found.sort()
        return dict(found)

    def readable(self, first: int, last: int) -> Digests:
        """Give those that can be read, past damaged pages."""
        try:
            return self.digests(first, last)
        except alike.DAMAGE:
            if first == last:
                return {}
        middle = (first + last) // 2
        return self.readable(first, middle) | self.readable(middle + 1, last)

    def _rows(self, sql: str, first: int, last: int) -> list[bytes]:
        # One row of text, not a thousand: see ``statements.insert_of``.
        count, text = self._connection.execute(sql, (first, last)).fetchone()
        rows: list[bytes] = text.split(_ROW) if text else []
        if len(rows) != count:
            raise sqlite3.DatabaseError(f"{len(rows)} of {count} records are whole")
        return rows

    def _form(self, number: int) -> bytes:
        """Give the digest of a form: of the copy when the form itself does not say the same."""
        known = self._forms.get(number)
        if known is None:
            if len(self._forms) >= _FORMS_MAX:
                self._forms.clear()
            texts = list(self._form_texts(number))
            known = self._forms[number] = sha256(texts[0]).digest() if texts else START
        return known

    def _form_texts(self, number: int) -> Iterator[bytes]:
        """Yield the texts of the form and of its copy that can be read and whose checksum holds."""
        for table in ("form", "form_copy"):
            try:
                row = self._connection.execute(_FORM.format(table), (number,)).fetchone()
                if row is not None and alike.is_whole(self._connection, table, number):
                    yield row[0]
            except alike.DAMAGE:
                continue


def insert(connection: sqlite3.Connection, block: Block) -> None:
    """Write a block."""
    connection.execute(
        "INSERT INTO chain VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            block.number, block.last_seq, block.records, block.sealed_ms, block.root, block.link,
            block.entries,
        ),
    )  # fmt: skip


def blocks(connection: sqlite3.Connection, after: int, limit: int) -> list[Block]:
    """Read blocks in order, those behind the number ``after``."""
    return _blocks(connection, "WHERE number > ? ORDER BY number LIMIT ?", after, limit)


def blocks_of(connection: sqlite3.Connection, first_seq: int, last_seq: int) -> list[Block]:
    """Read the blocks that hold records between these numbers."""
    # The first one whose end is not before them, and those up to the one that ends behind them.
    low = connection.execute(
        "SELECT min(number) FROM chain WHERE last_seq >= ?", (first_seq,)
    ).fetchone()[0]
    high = connection.execute(
        "SELECT min(number) FROM chain WHERE last_seq >= ?", (last_seq,)
    ).fetchone()[0]
    if low is None:
        return []
    return _blocks(
        connection, "WHERE number BETWEEN ? AND ? ORDER BY number", low, high or (1 << 62)
    )


def newest(connection: sqlite3.Connection) -> Block | None:
    """Read the last block."""
    found = _blocks(connection, "ORDER BY number DESC LIMIT 1")
    return found[0] if found else None


def _blocks(connection: sqlite3.Connection, which: str, *values: Any) -> list[Block]:
    rows = connection.execute(
        f"SELECT number, last_seq, records, sealed_ms, root, link, entries FROM chain {which}",  # noqa: S608  ours
        values,
    ).fetchall()
    return [Block(**dict(zip(Block.__struct_fields__, row, strict=True))) for row in rows]


def _seq(row: bytes) -> int:
    return int(row.partition(_FIELD)[0])
