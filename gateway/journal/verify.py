"""Is a journal whole? Every record, key, form, mark and link of it is held against the others.

Usable while a gateway writes: everything is read in short steps, so that the log can be moved over
in between, and each step sees the journal at one moment.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.journal import alike, chain
from gateway.journal.chain import Block, Digester, Digests
from gateway.journal.done import PAGE_BYTES, PAGE_SEQS
from gateway.journal.done_table import page_checksum
from gateway.journal.entry import Stored
from gateway.journal.formats import FORMAT, FormatError, format_of
from gateway.journal.ids import seq_of
from gateway.journal.keeping import Head
from gateway.journal.reader import DATABASE, connect
from gateway.journal.statements import COLUMNS, checksum_of
from gateway.journal.store import StoreError

STEP: Final = 1_024  # records of one step behind the end of the chain
FORMS_STEP: Final = 2_000
_EVENT: Final = f"SELECT {', '.join(COLUMNS)} FROM event WHERE seq = ?"  # noqa: S608  names of ours
_ALIKE: Final = f"SELECT {', '.join(alike.COLUMNS)} FROM alike WHERE seq = ?"  # noqa: S608  ours


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it should be."""

    what: str
    """A word for programs, ``record_changed``."""
    where: int
    """Number of the record, or of the form, block or page."""
    words: str


class Verified(msgspec.Struct, kw_only=True):
    """What was looked at, and what was found."""

    findings: list[Finding] = []
    records: int = 0
    forms: int = 0
    pages: int = 0
    blocks: int = 0
    gaps: int = 0
    """Numbers that stand for no event: drawn and not stored, left out after a crash, removed."""
    removed: int = 0
    """Events that were removed because they were old and done."""
    unsealed: int = 0
    """The last records, which the chain does not cover yet."""
    head: str = ""
    """The end of the chain, to be compared with the one that was published."""


class _Place(msgspec.Struct):
    """How far the verification is."""

    seq: int
    block: int
    link: bytes
    sealed_seq: int
    """The last number that the chain covers."""


class Verifier:
    """Verifies one journal, once."""

    def __init__(
        self,
        path: Path,
        *,
        head: str | None = None,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> None:
        """Open it for reading.

        Args:
            path: Folder of the journal, or the file of a backup.
            head: The end of the chain as it was published once, ``block:digest``.
            progress: Is told the number that was reached and the last one.

        Raises:
            StoreError: It cannot be opened.
        """
        file = path / DATABASE if path.is_dir() else path
        if not file.is_file():
            raise StoreError(f"no journal in {path}: {DATABASE} is missing")
        try:
            self._connection = connect(file)
            number = format_of(self._connection, file)
        except (*alike.DAMAGE, FormatError) as error:
            raise StoreError(f"the journal {file} cannot be read: {error}") from error
        if number != FORMAT:
            self._connection.close()
            raise StoreError(f"the journal {file} has format {number}, this program {FORMAT}")
        self._file = file
        self._digester = Digester(self._connection)
        self._forms = alike.Forms(self._connection)
        self._progress = progress
        self._head = head
        self._head_seen = False
        self._told = Verified()

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def run(self) -> Verified:
        """Look at everything.

        Raises:
            StoreError: So much is damaged that it cannot be read at all.
        """
        try:
            self._forms_and_copies()
            self._records()
            self._done_pages()
        except sqlite3.Error as error:
            raise StoreError(f"the journal {self._file} cannot be read: {error}") from error
        if self._head is not None and not self._head_seen:
            self._find("head_missing", 0, f"no block has the head {self._head}")
        return self._told

    def _find(self, what: str, where: int, words: str) -> None:
        self._told.findings.append(Finding(what, where, words))

    @contextlib.contextmanager
    def _moment(self) -> Iterator[None]:
        """All that is read within is of one moment."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    def _one(self, sql: str, *values: object) -> Any:
        return self._connection.execute(sql, values).fetchone()

    # -- forms -----------------------------------------------------------------------------

    def _forms_and_copies(self) -> None:
        last = max(
            self._one(f"SELECT coalesce(max(number), 0) FROM {table}")[0]  # noqa: S608  ours
            for table in ("form", "form_copy")
        )
        for first in range(1, last + 1, FORMS_STEP):
            with self._moment():
                found: dict[str, dict[int, bytes | None]] = {}
                for table in ("form", "form_copy"):
                    found[table] = self._forms_of(table, first, min(last, first + FORMS_STEP - 1))
                self._compare_forms(found["form"], found["form_copy"])

    def _forms_of(self, table: str, first: int, last: int) -> dict[int, bytes | None]:
        """Give the forms of a run of numbers; None for one that is damaged."""
        found: dict[int, bytes | None] = {}
        try:
            numbers = self._connection.execute(
                f"SELECT number FROM {table} WHERE number BETWEEN ? AND ?",  # noqa: S608  ours
                (first, last),
            ).fetchall()
        except sqlite3.Error as error:
            self._find("page_damaged", first, f"{table} from {first} on: {error}")
            return found
        for (number,) in numbers:
            found[number] = None
            with contextlib.suppress(*alike.DAMAGE):
                if alike.is_whole(self._connection, table, number):
                    row = self._one(
                        f"SELECT boot, account, class, is_priority, input, pieces FROM {table} "  # noqa: S608  ours
                        "WHERE number = ?",
                        number,
                    )
                    found[number] = repr(row).encode()
            if found[number] is None:
                words = f"form {number} in {table}: its checksum does not hold"
                self._find("form_damaged", number, words)
        return found

    def _compare_forms(
        self, forms: dict[int, bytes | None], copies: dict[int, bytes | None]
    ) -> None:
        for number in sorted(forms.keys() | copies.keys()):
            self._told.forms += 1
            if number not in forms or number not in copies:
                table = "form" if number not in forms else "form_copy"
                self._find("form_missing", number, f"form {number} is missing in {table}")
            elif None not in (forms[number], copies[number]) and forms[number] != copies[number]:
                self._find("form_differs", number, f"form {number} and its copy are not the same")

    # -- records, keys and the chain ---------------------------------------------------------

    def _records(self) -> None:
        last = self._one("SELECT coalesce(max(seq), 0) FROM identity")[0]
        last = max(last, *[
            self._one(f"SELECT coalesce(max(seq), 0) FROM {table}")[0]  # noqa: S608  ours
            for table in ("event", "alike")
        ])  # fmt: skip
        block, block_seq, link = self._one("SELECT block, block_seq, link FROM removed")
        place = _Place(seq=block_seq, block=block, link=link, sealed_seq=block_seq)
        self._told.head = str(Head(block, block_seq, link))
        if self._told.head == self._head:
            self._head_seen = True
        while place.seq < last:
            with self._moment():
                self._step(place, last)
            self._progress(min(place.seq, last), last)
        self._told.removed = self._one("SELECT events FROM removed")[0]

    def _step(self, place: _Place, last: int) -> None:
        """Verify the next block, or records behind the end of the chain."""
        # What was removed since the last step took the beginning of the chain with it.
        block, block_seq, link = self._one("SELECT block, block_seq, link FROM removed")
        if block > place.block:
            place.block, place.seq, place.link = block, max(place.seq, block_seq), link
            place.sealed_seq = max(place.sealed_seq, block_seq)
        found: list[Block] = []
        # A block that is sealed while the records behind the end of the chain are looked at would
        # cover some that were looked at already: it is for the next verification.
        if place.seq == place.sealed_seq:
            try:
                found = chain.blocks(self._connection, place.block, 1)
            except sqlite3.Error as error:
                words = f"chain behind block {place.block}: {error}"
                self._find("page_damaged", place.block, words)
        if found:
            self._block(place, found[0])
            place.seq, place.sealed_seq = found[0].last_seq, found[0].last_seq
            return
        end = self._one(
            "SELECT max(seq) FROM (SELECT seq FROM identity WHERE seq BETWEEN ? AND ? "
            "ORDER BY seq LIMIT ?)",
            place.seq + 1, last, STEP,
        )[0]  # fmt: skip
        end = last if end is None else end
        self._told.unsealed += len(self._range(place.seq + 1, end))
        place.seq = end

    def _block(self, place: _Place, block: Block) -> None:
        self._told.blocks += 1
        digests = self._range(place.seq + 1, block.last_seq)
        if block.number != place.block + 1:
            words = f"blocks {place.block + 1} to {block.number - 1} of the chain are missing"
            self._find("block_missing", place.block + 1, words)
        elif block.linked(place.link) != block.link:
            words = f"block {block.number} of the chain does not follow from the one before it"
            self._find("block_changed", block.number, words)
        place.block, place.link = block.number, block.link
        head = str(Head(block.number, block.last_seq, block.link))
        self._told.head = head
        self._head_seen = self._head_seen or head == self._head
        try:
            entries = chain.unpack(block.entries)
        except ValueError as error:
            self._find("block_changed", block.number, f"block {block.number} of the chain: {error}")
            return
        before = len(self._told.findings)
        self._compare(digests, entries)
        is_whole = len(self._told.findings) == before
        if is_whole and not block.is_thinned and chain.root_of(digests) != block.root:
            words = f"block {block.number} of the chain is not that of its records"
            self._find("block_changed", block.number, words)

    def _compare(self, digests: Digests, entries: Digests) -> None:
        """Hold the records of a block against what was sealed."""
        for seq in sorted(digests.keys() | entries.keys()):
            digest = digests.get(seq)
            if digest is None:
                self._find("record_missing", seq, f"record {seq} was sealed and is not there")
            elif seq not in entries:
                words = f"record {seq} was not there when its block was sealed"
                self._find("record_added", seq, words)
            elif chain.short(digest) != entries[seq]:
                words = f"record {seq} is not the one that was sealed"
                self._find("record_changed", seq, words)

    def _range(self, first: int, last: int) -> Digests:
        """Look at the records and keys of a run of numbers; give the digests of the records."""
        digests = self._digester.readable(first, last)
        keys = self._keys(first, last)
        for seq in sorted(digests.keys() | keys.keys()):
            if seq not in keys:
                self._find("key_missing", seq, f"record {seq} has no row in identity")
            elif seq not in digests:
                words = f"identity names record {seq}, which is not there or cannot be read"
                self._find("record_unreadable", seq, words)
            if seq in digests:
                self._told.records += 1
                self._record(seq, keys.get(seq))
        self._told.gaps += last - first + 1 - len(digests.keys() | keys.keys())
        return digests

    def _keys(self, first: int, last: int) -> dict[int, tuple[Any, ...]]:
        try:
            rows = self._connection.execute(
                "SELECT seq, digest, received_ms, link FROM identity WHERE seq BETWEEN ? AND ?",
                (first, last),
            ).fetchall()
        except sqlite3.Error as error:
            if first == last:
                self._find("page_damaged", first, f"identity of record {first}: {error}")
                return {}
            middle = (first + last) // 2
            return self._keys(first, middle) | self._keys(middle + 1, last)
        return {row[0]: row[1:] for row in rows}

    def _record(self, seq: int, key: tuple[Any, ...] | None) -> None:
        """Hold a record against its own checksum, its id and its key."""
        try:
            row = self._one(_ALIKE, seq) or self._one(_EVENT, seq)
            event_id = row[1].decode()
            if seq_of(event_id) != seq:
                words = f"record {seq} has the id {event_id}, which is of another number"
                self._find("record_moved", seq, words)
            expected = self._key_of(row)
        except alike.DAMAGE as error:
            self._find("record_damaged", seq, f"record {seq}: {error}")
            return
        if key is not None and key != expected:
            self._find("key_differs", seq, f"identity of record {seq} is not that of the record")

    def _key_of(self, columns: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the key that a record of these columns must have; its checksum holds.

        Raises one of ``DAMAGE`` otherwise.
        """
        if len(columns) == len(alike.COLUMNS):
            event, _ = self._forms.event(columns[0], columns[1].decode(), *columns[2:])
            return event.identity, event.received_ms, b""
        row = dict(zip(COLUMNS, columns, strict=True))
        told = Stored(
            seq=row["seq"], event_id=row["id"].decode(), class_=row["class"].decode(),
            account=row["account"].decode("utf-8", "surrogatepass"),
            is_priority=bool(row["is_priority"]), received_ms=row["received_ms"],
            json=row["json"],
        )  # fmt: skip
        if checksum_of(told, row["raw"]) != row["checksum"]:
            raise ValueError("its checksum does not hold")
        is_first = row["report_index"] == 0
        key = row["identity"], row["link"]
        return key[0] if is_first else None, row["received_ms"], key[1] if is_first else None

    # -- what is done ------------------------------------------------------------------------

    def _done_pages(self) -> None:
        at: tuple[int, bytes] = (-1, b"")
        while True:
            with self._moment():
                row = self._one(
                    "SELECT page, consumer, bits, checksum FROM done "
                    "WHERE (page, consumer) > (?, ?) ORDER BY page, consumer LIMIT 1",
                    at[0], at[1].decode("utf-8", "replace"),
                )  # fmt: skip
                if row is None:
                    return
                page, consumer, bits, checksum = row
                at = (page, consumer)
                self._told.pages += 1
                self._done_page(page, consumer.decode("utf-8", "replace"), bits, checksum)

    def _done_page(self, page: int, consumer: str, bits: bytes, checksum: int) -> None:
        of = f"page {page} of what is done" + (f" for {consumer}" if consumer else "")
        if len(bits) != PAGE_BYTES or page_checksum(page, bits) != checksum:
            words = f"{of}: its checksum does not hold; its events are published again"
            self._find("done_damaged", page, words)
            return
        first = page * PAGE_SEQS
        there = {seq - first for seq in self._keys(first, first + PAGE_SEQS - 1)}
        marks = int.from_bytes(bits, "little")
        while marks:
            place = (marks & -marks).bit_length() - 1
            marks &= marks - 1
            # What one consumer confirmed of events that went meanwhile does no harm.
            if place not in there and not consumer:
                self._find("done_unknown", first + place, f"{of}: no event {first + place}")
