"""Reads the journal, beside the one that writes it: a connection that cannot write."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, takewhile
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

from msgspec.structs import replace

from gateway.journal import alike, done_table
from gateway.journal.alike import DAMAGE, Forms
from gateway.journal.damage import is_damage
from gateway.journal.done import DoneMap
from gateway.journal.entry import Entry, Identity, Outstanding, Record, Stored
from gateway.journal.formats import FORMAT, FormatError, format_of
from gateway.journal.ids import seq_of
from gateway.journal.statements import COLUMNS, checksum_of
from gateway.journal.store import StoreError

Key: TypeAlias = tuple[int, str, bool]
"""(seq, account level, is_priority) of an event."""

DATABASE: Final = "journal.db"
_MOST: Final = (1 << 63) - 1
_FIELD: Final = b"\x1f"
_ROW: Final = b"\x1e"
# JSON holds no control characters and the other texts are words of ours, so both marks are free.
# One row of text instead of many rows: every row is a fight for the interpreter lock.
_EVENTS: Final = """
SELECT count(*), group_concat(
    seq || x'1f' || id || x'1f' || account || x'1f' || class || x'1f' || is_priority || x'1f'
    || received_ms || x'1f' || checksum || x'1f' || hex(raw) || x'1f' || json, x'1e')
FROM """
_ALIKE: Final = """
SELECT count(*), group_concat(
    seq || x'1f' || id || x'1f' || form || x'1f' || received_ms || x'1f' || hex(identity)
    || x'1f' || checksum || x'1f' || hex(body), x'1e')
FROM """
_RUN: Final = "(SELECT * FROM {} WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)"
_NAMED: Final = "(SELECT {0}.* FROM json_each(?) CROSS JOIN {0} ON seq = value)"
_EVENTS_OF_RUN: Final = _EVENTS + _RUN.format("event")
_ALIKE_OF_RUN: Final = _ALIKE + _RUN.format("alike")
_KEYS: Final = """
SELECT count(*), group_concat(seq || x'1f' || is_priority || x'1f' || account, x'1e')
FROM (SELECT seq, is_priority, account FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)
"""
_ALIKE_KEYS: Final = """
SELECT count(*), group_concat(seq || x'1f' || form, x'1e')
FROM (SELECT seq, form FROM alike WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)
"""
_RECORDS: Final = (
    "SELECT " + ", ".join(f"event.{name}" for name in COLUMNS) + ", session.boot_id "
    "FROM event LEFT JOIN session ON session.boot = event.boot "
)
_ALIKE_RECORDS: Final = f"SELECT {', '.join(alike.COLUMNS)} FROM alike "  # noqa: S608  names of ours
_OF_ACCOUNT: Final = (
    "form IN (SELECT number FROM form WHERE account = ?1 "
    "UNION SELECT number FROM form_copy WHERE account = ?1)"
)


_KEY_ROWS: Final = (
    "SELECT seq, digest, received_ms, link FROM identity WHERE seq < ? ORDER BY seq DESC LIMIT ?"
)
_PAGE: Final = 16_384  # rows of keys read at a time
_SKIP_MOST: Final = 64  # fewer than a page of the file holds
_received: Final = itemgetter(2)
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
        self._corrupt = corrupt
        self._shared_done = done
        self._done = done if done is not None else DoneMap()
        try:
            self._connection = connect(path)
            number = format_of(self._connection, path)
        except (*DAMAGE, FormatError) as error:
            raise StoreError(f"the journal {path} cannot be read: {error}") from error
        self._forms = Forms(self._connection)
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
                named = (json.dumps(list(seqs)),)
                rows = self._rows(_EVENTS + _NAMED.format("event"), named)
                like = self._rows(_ALIKE + _NAMED.format("alike"), named)
                found += [one for one in map(self._event, rows) if one is not None]
                found += [one for one in map(self._alike, like) if one is not None]
            except DAMAGE:
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
        except DAMAGE:
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
        asked = (low, high, limit)
        rows = [(_seq(row), self._event, row) for row in self._rows(_EVENTS_OF_RUN, asked)]
        rows += [(_seq(row), self._alike, row) for row in self._rows(_ALIKE_OF_RUN, asked)]
        rows.sort(key=_first)
        del rows[limit:]
        found += [event for event in [read(row) for _, read, row in rows] if event is not None]
        return high + 1 if len(rows) < limit else rows[-1][0] + 1

    def _keys(self, low: int, high: int, limit: int, found: list[Key]) -> int:
        keys = []
        for row in self._rows(_KEYS, (low, high, limit)):
            seq, priority, account = row.split(_FIELD, 2)
            keys.append((int(seq), account.decode(), priority == b"1"))
        for row in self._rows(_ALIKE_KEYS, (low, high, limit)):
            number, form = row.split(_FIELD, 1)
            shared, _ = self._forms.find(int(form))
            keys.append((int(number), shared.account, shared.is_priority))
        keys.sort(key=_first)
        del keys[limit:]
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
        fields = row.split(_FIELD, 8)
        seq, event_id, account, class_, priority, received, checksum, raw, event_json = fields
        event = Stored(
            seq=int(seq),
            event_id=event_id.decode(),
            account=account.decode(),
            class_=class_.decode(),
            is_priority=priority == b"1",
            received_ms=int(received),
            json=event_json,
        )
        if checksum_of(event, bytes.fromhex(raw.decode())) == int(checksum):
            return event
        self._corrupt(event.seq)
        return None

    def _alike(self, row: bytes) -> Outstanding | None:
        seq, event_id, form, received, identity, checksum, body = row.split(_FIELD, 6)
        try:
            event, _ = self._forms.event(
                int(seq), event_id.decode(), int(form), int(received),
                bytes.fromhex(identity.decode()), int(checksum), bytes.fromhex(body.decode()),
            )  # fmt: skip
        except ValueError:
            self._corrupt(int(seq))
            return None
        return event

    def _refresh(self) -> None:
        if self._shared_done is None:
            try:
                self._done = done_table.load(self._connection)
            except DAMAGE:
                self._done = DoneMap()  # not known to be done: shown as outstanding

    def _last_seq(self) -> int:
        try:
            found = self._connection.execute("SELECT max(seq) FROM identity").fetchone()[0]
        except DAMAGE as error:
            raise StoreError(f"the journal cannot be read: {error}") from error
        return int(found or 0)

    # -- repeats ---------------------------------------------------------------------------

    def identities(self, since_ms: int, limit: int = _MOST) -> list[Identity]:
        """Keys of the reports received since then, the newest ``limit`` of them, oldest first.

        Reads the narrow table only. What stands on a damaged page of it is left out: a repeat may
        then become a second event, which is better than no start.

        Raises:
            StoreError: It cannot be read.
        """
        found: list[Identity] = []
        with self._held():
            try:
                for rows in self._key_rows(since_ms):
                    found += [
                        Identity(seq, digest, at_ms, _text(link) if link else "")
                        for seq, digest, at_ms, link in rows
                        if digest
                    ]
                    if len(found) >= limit:
                        del found[limit:]
                        break
                again = self._connection.execute(
                    "SELECT link, digest, received_ms FROM link WHERE received_ms >= ?",
                    (since_ms,),
                ).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"the journal cannot be read: {error}") from error
        found.reverse()
        found += [Identity(0, digest, at_ms, link.decode()) for link, digest, at_ms in again]
        return found

    def linked(self, link: str, limit: int) -> list[Outstanding]:
        """The newest ``limit`` events stored with this link, oldest first; by the narrow table.

        What stands on a damaged page of it is left out.

        Raises:
            StoreError: It cannot be read.
        """
        with self._held():
            try:
                seqs = self._linked(link, limit)
            except sqlite3.Error as error:
                raise StoreError(f"the journal cannot be read: {error}") from error
        return self.read(sorted(seqs))

    def _linked(self, link: str, limit: int) -> Sequence[int]:
        query = "SELECT seq FROM identity WHERE link = ? ORDER BY seq DESC LIMIT ?"
        try:
            return [seq for (seq,) in self._connection.execute(query, (link, limit))]
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        name = link.encode()
        rows = (row for page in self._key_rows(0) for row in page)
        return [*islice((seq for seq, _, _, found in rows if found == name), limit)]

    def _key_rows(self, since_ms: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of keys from the newest to the last one that is not older, in pages."""
        below, size, skip = _MOST, _PAGE, 1
        while below > 0:
            try:
                page = self._connection.execute(_KEY_ROWS, (below, size)).fetchall()
            except sqlite3.DatabaseError as error:
                if not is_damage(error) or (below == _MOST and size == 1):
                    raise
                if size > 1:
                    size //= 2
                    continue
                # What stands right below cannot be read; how far that goes, nobody knows.
                if skip == 1:
                    self._corrupt(below - 1)
                below -= skip
                skip = min(2 * skip, _SKIP_MOST)
                continue
            if not page:
                return
            if min(page, key=_received)[2] < since_ms:
                yield [*takewhile(lambda row: row[2] >= since_ms, page)]
                return
            yield page
            below, size, skip = page[-1][0], min(2 * size, _PAGE), 1

    # -- the technician's questions --------------------------------------------------------

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
        asked = _Asked(
            from_seq, _MOST if to_seq is None else to_seq, account, since_ms, until_ms, limit,
            newest_first,
        )  # fmt: skip
        with self._held():
            self._refresh()
            try:
                return [*self._listed(asked)]
            except DAMAGE:
                return [*self._one_by_one(asked)]

    def _listed(self, asked: _Asked) -> Sequence[Record]:
        """Read records; raises for a damaged page, names a damaged record."""
        found: list[Record] = []
        for select, of_account, read in (
            (_RECORDS, "event.account = ?1", self._record),
            (_ALIKE_RECORDS, _OF_ACCOUNT, self._alike_record),
        ):
            order = "DESC" if asked.newest_first else "ASC"
            sql = (
                f"{select} WHERE (?1 IS NULL OR {of_account}) AND seq BETWEEN ?2 AND ?3 "
                f"AND received_ms BETWEEN ?4 AND ?5 ORDER BY seq {order} LIMIT ?6"
            )
            values = (
                asked.account, asked.from_seq, asked.to_seq, asked.since_ms or 0,
                _MOST if asked.until_ms is None else asked.until_ms, asked.limit,
            )  # fmt: skip
            for row in self._connection.execute(sql, values).fetchall():
                record = read(row)
                if record is not None:
                    found.append(record)
        found.sort(key=lambda record: record.seq, reverse=asked.newest_first)
        return found[: asked.limit]

    def _one_by_one(self, asked: _Asked) -> Sequence[Record]:
        """Read past a damaged page: by the narrow table, each record by itself."""
        found: list[Record] = []
        order = "DESC" if asked.newest_first else "ASC"
        try:
            seqs = self._connection.execute(
                f"SELECT seq FROM identity WHERE seq BETWEEN ? AND ? ORDER BY seq {order}",  # noqa: S608  ours
                (asked.from_seq, asked.to_seq),
            ).fetchall()
        except DAMAGE as error:
            raise StoreError(f"the journal cannot be read: {error}") from error
        for (seq,) in seqs:
            try:
                found += self._listed(asked.only(seq))
            except DAMAGE:
                self._corrupt(seq)
            if len(found) >= asked.limit:
                break
        return found

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
            except DAMAGE as error:
                raise StoreError(f"the journal cannot be read: {error}") from error

    def _record(self, row: tuple[Any, ...]) -> Record:
        texts = [
            x.decode("utf-8", "replace") for x in (*row[1:4], row[6], row[9], row[10], row[14])
        ]
        event_id, account, class_, report_id, input_, peer, link = texts
        record = Record(
            seq=row[0], event_id=event_id, account=account, class_=class_,
            is_priority=bool(row[4]), received_ms=row[5], json=row[17], report_id=report_id,
            index=row[7], count=row[8], input=input_, peer=peer, monotonic_ns=row[11],
            raw=row[12], identity=row[13], link=link,
            boot_id=(row[18] or b"").decode(), is_done=row[0] in self._done, is_intact=True,
        )  # fmt: skip
        if checksum_of(record, record.raw) == row[16]:
            return record
        self._corrupt(record.seq)
        return replace(record, is_intact=False)

    def _alike_record(self, row: tuple[Any, ...]) -> Record | None:
        """Give a record; None, and named, when it is damaged: nothing of it can be shown."""
        try:
            seq, event_id, *rest = row
            like, boot = self._forms.event(seq, event_id.decode(), *rest)
        except ValueError:
            self._corrupt(row[0])
            return None
        found = self._connection.execute(
            "SELECT boot_id FROM session WHERE boot = ?", (boot,)
        ).fetchone()
        whole = {name: getattr(like.whole(), name) for name in Entry.__struct_fields__}
        return Record(
            **whole, boot_id=found[0].decode() if found else "",
            is_done=seq in self._done, is_intact=True,
        )  # fmt: skip


class _Asked(NamedTuple):
    """What a technician asks for; see ``Reader.list``."""

    from_seq: int
    to_seq: int
    account: str | None
    since_ms: int | None
    until_ms: int | None
    limit: int
    newest_first: bool

    def only(self, seq: int) -> _Asked:
        """Ask the same of one number."""
        return self._replace(from_seq=seq, to_seq=seq)


def _text(link: bytes) -> str:
    return link.decode("utf-8", "surrogatepass")


def _seq(row: bytes) -> int:
    return int(row.partition(_FIELD)[0])


def _first(row: tuple[Any, ...]) -> int:
    """Sort by the number, which comes first."""
    return int(row[0])
