"""Reads the journal, beside the one that writes it: a connection that cannot write."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

from msgspec.structs import replace

from gateway.journal import done_table
from gateway.journal.done import DoneMap
from gateway.journal.entry import Identity, Outstanding, Record, Stored
from gateway.journal.form import Pieces, fill, unpacked
from gateway.journal.formats import FORMAT, FormatError, format_of
from gateway.journal.ids import seq_of
from gateway.journal.statements import COLUMNS, alike_checksum, checksum_of, form_checksum
from gateway.journal.store import StoreError

Key: TypeAlias = tuple[int, str, bool]
"""(seq, account level, is_priority) of an event."""

DATABASE: Final = "journal.db"
_DAMAGE: Final = (sqlite3.Error, ValueError, TypeError, AttributeError)
"""What reading a damaged record comes to: SQLite's errors, or columns of a wrong type."""
_MOST: Final = (1 << 63) - 1
_FORMS_MAX: Final = 4_096  # kept in memory, about 2 KiB each
_FIELD: Final = b"\x1f"
_ROW: Final = b"\x1e"
# JSON holds no control characters and the other texts are words of ours, so both marks are free.
# One row of text instead of many rows: every row is a fight for the interpreter lock.
_EVENTS: Final = """
SELECT count(*), group_concat(
    seq || x'1f' || id || x'1f' || account || x'1f' || class || x'1f' || is_priority || x'1f'
    || received_ms || x'1f' || checksum || x'1f' || hex(raw) || x'1f' || form || x'1f' ||
    hex(sequence) || x'1f' || skew_ms || x'1f' || hex(peer) || x'1f' || hex(identity) || x'1f'
    || json, x'1e')
FROM """
_RUN: Final = _EVENTS + "(SELECT * FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)"  # noqa: S608  ours
_NAMED: Final = _EVENTS + "(SELECT event.* FROM json_each(?) CROSS JOIN event ON seq = value)"  # noqa: S608  ours
_KEYS: Final = """
SELECT count(*), group_concat(seq || x'1f' || is_priority || x'1f' || account, x'1e')
FROM (SELECT seq, is_priority, account FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)
"""
_RECORDS: Final = (
    "SELECT " + ", ".join(f"event.{name}" for name in COLUMNS) + ", session.boot_id "
    "FROM event LEFT JOIN session ON session.boot = event.boot "
)


_T = TypeVar("_T")


class _Read(Protocol[_T]):
    """Reads what a run holds into ``found`` and says where to go on."""

    def __call__(self, low: int, high: int, limit: int, found: list[_T], /) -> int: ...


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection that can only read; several threads may use it in turn."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=5.0,
    )
    connection.text_factory = bytes
    connection.execute("PRAGMA query_only = 1")
    connection.execute("PRAGMA mmap_size = 0")
    return connection


class Reader:
    """What stands in a journal, for the outbox and for the technician's commands.

    Usable while a gateway writes. ``corrupt`` is told the number of each record that cannot be
    read or whose checksum does not hold; such a record is left out and its neighbours are not.
    """

    def __init__(
        self,
        directory: Path,
        *,
        done: DoneMap | None = None,
        corrupt: Callable[[int], None] = lambda _seq: None,
    ) -> None:
        """Open the journal in ``directory``.

        Args:
            directory: Folder of the journal.
            done: What is done, where the writer shares it; else it is read from the disk.
            corrupt: Is told the numbers of damaged records.

        Raises:
            StoreError: There is no journal, or it is of another format.
        """
        path = directory / DATABASE
        if not path.is_file():
            raise StoreError(f"no journal in {directory}: {DATABASE} is missing")
        self._lock = threading.Lock()
        self._is_closed = False
        self._forms: dict[int, Pieces] = {}
        self._corrupt = corrupt
        self._shared_done = done
        self._done = done if done is not None else DoneMap()
        try:
            self._connection = connect(path)
            number = format_of(self._connection, path)
        except (*_DAMAGE, FormatError) as error:
            raise StoreError(f"the journal {path} cannot be read: {error}") from error
        if number != FORMAT:
            self._connection.close()
            raise StoreError(
                f"the journal {path} has format {number}, this program reads {FORMAT}; "
                "start the gateway once to bring it up to date"
            )

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._is_closed = True
            self._connection.close()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """One thread at a time, and none once it is closed: that must not pass for damage."""
        with self._lock:
            if self._is_closed:
                raise StoreError("the journal was closed meanwhile")
            yield

    # -- what is not done ------------------------------------------------------------------

    def outstanding(
        self, after_seq: int = 0, limit: int = 1000, up_to_seq: int | None = None
    ) -> list[Outstanding]:
        """Events that are not done, in order of ``seq``, at most ``limit``."""
        return self._not_done(self._events, after_seq, limit, up_to_seq)

    def outstanding_keys(
        self, after_seq: int = 0, limit: int = 1000, up_to_seq: int | None = None
    ) -> list[Key]:
        """Number, account and priority of events that are not done, without their payloads."""
        return self._not_done(self._keys, after_seq, limit, up_to_seq)

    def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        """These events, done or not; what is not there or damaged is left out."""
        found: list[Outstanding] = []
        with self._held():
            try:
                rows = self._rows(_NAMED, (json.dumps(list(seqs)),))
                found += [event for event in map(self._event, rows) if event is not None]
            except _DAMAGE:
                # One of them is damaged: each by itself, so that the others are found.
                for seq in seqs:
                    self._read_run(self._events, seq, seq, 1, found)
        return found

    def _not_done(
        self, read: _Read[_T], after_seq: int, limit: int, up_to_seq: int | None
    ) -> list[_T]:
        found: list[_T] = []
        with self._held():
            self._refresh()
            last = self._last_seq() if up_to_seq is None else up_to_seq
            for low, high in self._done.missing_runs(after_seq + 1, last):
                start = low
                while start <= high and len(found) < limit:
                    start = self._read_run(read, start, high, limit - len(found), found)
                if len(found) >= limit:
                    break
        return found

    def _read_run(self, read: _Read[_T], low: int, high: int, limit: int, found: list[_T]) -> int:
        """Read one run into ``found``; say where to go on."""
        try:
            return read(low, high, limit, found)
        except _DAMAGE:
            if low == high:
                self._corrupt(low)
                return high + 1
        # Somewhere in here is damage: halve until it stands alone.
        middle = (low + high) // 2
        wanted = len(found) + limit
        at = low
        while at <= middle and len(found) < wanted:
            at = self._read_run(read, at, middle, wanted - len(found), found)
        return at

    def _events(self, low: int, high: int, limit: int, found: list[Outstanding]) -> int:
        rows = self._rows(_RUN, (low, high, limit))
        found += [event for event in [self._event(row) for row in rows] if event is not None]
        return high + 1 if len(rows) < limit else int(rows[-1].partition(_FIELD)[0]) + 1

    def _keys(self, low: int, high: int, limit: int, found: list[Key]) -> int:
        keys = []
        for row in self._rows(_KEYS, (low, high, limit)):
            seq, priority, account = row.split(_FIELD, 2)
            keys.append((int(seq), account.decode(), priority == b"1"))
        found += keys
        return high + 1 if len(keys) < limit else keys[-1][0] + 1

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[bytes]:
        count, text = self._connection.execute(sql, values).fetchone()
        rows: list[bytes] = text.split(_ROW) if text else []
        if len(rows) != count:
            # A column that cannot be empty is: its row fell out of the text.
            raise sqlite3.DatabaseError(f"{len(rows)} of {count} records are whole")
        return rows

    def _event(self, row: bytes) -> Outstanding | None:
        fields = row.split(_FIELD, 13)
        seq, priority, received_ms = int(fields[0]), fields[4] == b"1", int(fields[5])
        event_id, account, class_ = [field.decode() for field in fields[1:4]]
        raw, form = bytes.fromhex(fields[7].decode()), int(fields[8])
        if form:
            sequence, peer = [bytes.fromhex(fields[n].decode()).decode() for n in (9, 11)]
            skew_ms = int(fields[10]) if fields[10] else None
            identity = bytes.fromhex(fields[12].decode())
            checksum = alike_checksum(
                seq, event_id, account, class_, priority, received_ms, form, sequence, skew_ms,
                peer, identity, raw,
            )  # fmt: skip
            pieces = self._pieces(form)
            event_json = fill(
                pieces, event_id, seq, identity.hex(), event_id, received_ms, skew_ms, peer,
                sequence or None, raw,
            )  # fmt: skip
            event = Stored(seq, event_id, account, class_, priority, received_ms, event_json)
        else:
            event = Stored(seq, event_id, account, class_, priority, received_ms, fields[13])
            checksum = checksum_of(event, raw)
        if checksum == int(fields[6]):
            return event
        self._corrupt(event.seq)
        return None

    def _pieces(self, number: int) -> Pieces:
        """Read a form, from its copy when it is damaged.

        Raises:
            ValueError: Both are damaged.
        """
        pieces = self._forms.get(number)
        if pieces is not None:
            return pieces
        for table in ("form", "form_copy"):
            with contextlib.suppress(*_DAMAGE):
                checksum, packed = self._connection.execute(
                    f"SELECT checksum, pieces FROM {table} WHERE number = ?",  # noqa: S608  ours
                    (number,),
                ).fetchone()
                if form_checksum(number, packed) == checksum:
                    pieces = unpacked(packed)
                    if len(self._forms) >= _FORMS_MAX:
                        self._forms.clear()
                    self._forms[number] = pieces
                    return pieces
        raise ValueError(f"form {number} and its copy are damaged")

    def _refresh(self) -> None:
        if self._shared_done is None:
            try:
                self._done = done_table.load(self._connection)
            except _DAMAGE:
                self._done = DoneMap()  # not known to be done: shown as outstanding

    def _last_seq(self) -> int:
        try:
            found = self._connection.execute("SELECT max(seq) FROM identity").fetchone()[0]
        except _DAMAGE as error:
            raise StoreError(f"the journal cannot be read: {error}") from error
        return int(found or 0)

    # -- repeats ---------------------------------------------------------------------------

    def identities(self, since_ms: int) -> list[Identity]:
        """Keys of the reports received since then, oldest first; reads the narrow table only."""
        found: list[Identity] = []
        with self._held():
            rows = self._connection.execute(
                "SELECT seq, digest, report_id, received_ms, link FROM identity ORDER BY seq DESC"
            )
            for seq, digest, report_id, received_ms, link in rows:
                if received_ms < since_ms:
                    break
                if digest:
                    found.append(
                        Identity(
                            seq=seq,
                            digest=digest,
                            report_id=report_id.decode(),
                            received_ms=received_ms,
                            link=link.decode("utf-8", "surrogatepass"),
                        )
                    )
            rows.close()
            again = self._connection.execute(
                "SELECT link, digest, received_ms FROM link WHERE received_ms >= ?", (since_ms,)
            ).fetchall()
        found.reverse()
        found += [
            Identity(seq=0, digest=digest, report_id="", received_ms=at_ms, link=link.decode())
            for link, digest, at_ms in again
        ]
        return found

    # -- the technician's questions --------------------------------------------------------

    def _one_by_one(
        self, sql: str, values: Sequence[object], order: str, limit: int
    ) -> list[Record]:
        """Read past a damaged record: by the narrow table, each record by itself."""
        found: list[Record] = []
        try:
            seqs = self._connection.execute(
                f"SELECT seq FROM identity WHERE seq BETWEEN ? AND ? ORDER BY seq {order}",  # noqa: S608  ours
                values[:2],
            ).fetchall()
        except _DAMAGE as error:
            raise StoreError(f"the journal cannot be read: {error}") from error
        for (seq,) in seqs:
            try:
                row = self._connection.execute(
                    f"{sql} AND event.seq = ?", (*values, seq)
                ).fetchone()
                if row is not None:
                    found.append(self._record(row))
            except _DAMAGE:
                self._corrupt(seq)
            if len(found) >= limit:
                break
        return found

    def list(  # noqa: PLR0913  one argument per question
        self,
        *,
        from_seq: int = 0,
        to_seq: int | None = None,
        account: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        limit: int = 100,
        newest_first: bool = True,
    ) -> list[Record]:
        """Events by number, account (topic level), and time of receipt."""
        where: list[str] = ["event.seq BETWEEN ? AND ?"]
        values: list[object] = [from_seq, _MOST if to_seq is None else to_seq]
        for text, value in (
            ("event.account = ?", account),
            ("event.received_ms >= ?", since_ms),
            ("event.received_ms <= ?", until_ms),
        ):
            if value is not None:
                where.append(text)
                values.append(value)
        order = "DESC" if newest_first else "ASC"
        asked = " AND ".join(where)
        sql = f"{_RECORDS} WHERE {asked} ORDER BY event.seq {order} LIMIT ?"
        with self._held():
            self._refresh()
            try:
                rows = self._connection.execute(sql, (*values, limit)).fetchall()
                return [self._record(row) for row in rows]
            except _DAMAGE:
                return self._one_by_one(f"{_RECORDS} WHERE {asked}", values, order, limit)

    def show(self, which: int | str) -> Record | None:
        """One event by its number or its id; None when there is none."""
        seq = which if isinstance(which, int) else seq_of(which)
        if seq is None:
            return None
        found = self.list(from_seq=seq, to_seq=seq)
        return next((r for r in found if isinstance(which, int) or r.event_id == which), None)

    def count_outstanding(self) -> int:
        """How many events are not done."""
        with self._held():
            self._refresh()
            try:
                return done_table.count_outstanding(self._connection, self._done)
            except _DAMAGE as error:
                raise StoreError(f"the journal cannot be read: {error}") from error

    def _record(self, row: tuple[Any, ...]) -> Record:
        said = dict(zip(COLUMNS, row, strict=False))
        for name in ("id", "account", "class", "report_id", "input", "peer", "link", "sequence"):
            said[name] = said[name].decode("utf-8", "replace")
        record = Record(
            seq=said["seq"], event_id=said["id"], account=said["account"], class_=said["class"],
            is_priority=bool(said["is_priority"]), received_ms=said["received_ms"],
            json=said["json"], report_id=said["report_id"], index=said["report_index"],
            count=said["report_count"], input=said["input"], peer=said["peer"],
            monotonic_ns=said["monotonic_ns"], raw=said["raw"], identity=said["identity"],
            link=said["link"], boot_id=(row[-1] or b"").decode(),
            is_done=said["seq"] in self._done, is_intact=True,
        )  # fmt: skip
        if said["form"]:
            skew_ms, sequence = said["skew_ms"], said["sequence"]
            skew_ms = None if skew_ms == b"" else skew_ms
            checksum = alike_checksum(
                record.seq, record.event_id, record.account, record.class_, record.is_priority,
                record.received_ms, said["form"], sequence, skew_ms, record.peer,
                record.identity, record.raw,
            )  # fmt: skip
            event_json = fill(
                self._pieces(said["form"]), record.event_id, record.seq, record.identity.hex(),
                record.event_id, record.received_ms, skew_ms, record.peer, sequence or None,
                record.raw,
            )  # fmt: skip
            record = replace(record, json=event_json)
        else:
            checksum = checksum_of(record, record.raw)
        if checksum == said["checksum"]:
            return record
        self._corrupt(record.seq)
        return replace(record, is_intact=False)
