"""The fact log in SQLite: the one connection of the whole program that writes it.

WAL with ``synchronous=FULL``: a commit returns after the write-ahead log was flushed.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from decision.store import chain
from decision.store.formats import FormatError, migrate
from decision.store.lock import ProcessLock
from decision.store.port import EventKnown, Mark, NewFact, Opened, Row, StoreError
from decision.store.reader import DATABASE, LogReader

_INSERT: Final = "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# The time of the first fact stays what it was.
_MARK: Final = (
    "INSERT INTO mark VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (subject) DO UPDATE SET "
    "is_open = excluded.is_open, due_us = excluded.due_us, site = excluded.site, "
    "last_seq = excluded.last_seq"
)


class SqliteStore:
    """A fact log in one folder; see ``Store``."""

    def __init__(
        self,
        directory: Path,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
    ) -> None:
        """Name the folder; nothing is opened before ``open``."""
        self._directory = directory
        self._path = directory / DATABASE
        self._connect = connect
        self._lock = ProcessLock(directory)
        self._connection: sqlite3.Connection | None = None
        self._reader: LogReader | None = None
        self._last_seq = 0
        self._last_digest = chain.FIRST

    def open(self) -> Opened:
        """See ``Store``."""
        was_open = self._reader is not None
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._lock.acquire()
        except OSError as error:
            raise StoreError(f"the store's folder {self._directory}: {error}") from error
        try:
            return self._open()
        except (sqlite3.Error, FormatError, StoreError) as error:
            self._disconnect()
            if not was_open:
                self._lock.release()
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"the fact log {self._path} cannot be opened: {error}") from error

    def _open(self) -> Opened:
        self._disconnect()
        connection = self._connected()
        migrate(connection, self._path)
        row = connection.execute(
            "SELECT seq, digest FROM fact ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        self._last_seq, self._last_digest = row or (0, chain.FIRST)
        marks_version = connection.execute("SELECT version FROM marks_made_by").fetchone()[0]
        if self._reader is None:
            self._reader = LogReader(self._directory)
        return Opened(
            last_seq=self._last_seq,
            last_digest=self._last_digest,
            marks_version=marks_version,
            version=f"SQLite {sqlite3.sqlite_version}",
        )

    def _connected(self) -> sqlite3.Connection:
        connection = self._connection = self._connect(
            self._path, isolation_level=None, check_same_thread=False
        )
        for name, wanted in (("journal_mode", "wal"), ("synchronous", 2)):
            connection.execute(f"PRAGMA {name} = {wanted}").fetchone()
            found = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted:
                raise sqlite3.DatabaseError(f"{name} is {found!r} and must be {wanted!r}")
        return connection

    def close(self) -> None:
        """See ``Store``."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        self._disconnect()
        self._lock.release()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    # -- writing ---------------------------------------------------------------------------

    def append(self, facts: Sequence[NewFact], marks: Sequence[Mark] = ()) -> list[int]:
        """See ``Store``."""
        connection = self._open_connection()
        seq, before = self._last_seq, self._last_digest
        rows = []
        for fact in facts:
            seq += 1
            before = chain.digest(before, seq, fact)
            rows.append(
                (
                    seq, fact.at_us, fact.subject, fact.actor, fact.kind, fact.body,
                    fact.event_id, before,
                )
            )  # fmt: skip
        try:
            with _transaction(connection):
                connection.executemany(_INSERT, rows)
                connection.executemany(_MARK, map(_values, marks))
        except sqlite3.IntegrityError as error:
            kind = EventKnown if "one effect" in str(error) else StoreError
            raise kind(f"{error} ({self._path})") from error
        except sqlite3.Error as error:
            raise StoreError(f"{error} ({self._path})") from error
        self._last_seq, self._last_digest = seq, before
        return [row[0] for row in rows]

    def rebuild_marks(self, marks: Iterator[Mark], version: int) -> None:
        """See ``Store``."""
        connection = self._open_connection()
        try:
            with _transaction(connection):
                connection.execute("DELETE FROM mark")
                connection.executemany(_MARK, map(_values, marks))
                connection.execute("UPDATE marks_made_by SET version = ?", (version,))
        except sqlite3.Error as error:
            raise StoreError(f"{error} ({self._path})") from error

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(f"the fact log {self._path} is not open")
        return self._connection

    # -- reading: on a connection of its own, from any thread -------------------------------

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """See ``Store``."""
        return self._open_reader().known(event_ids)

    def facts(self, subject: str, *, last: int | None = None) -> list[Row]:
        """See ``Store``."""
        return self._open_reader().facts(subject, last=last)

    def event(self, event_id: str) -> Row | None:
        """See ``Store``."""
        return self._open_reader().event(event_id)

    def rows(
        self, *, after_seq: int = 0, up_to_seq: int | None = None, prefix: str = ""
    ) -> Iterator[Row]:
        """See ``Store``."""
        return self._open_reader().rows(after_seq=after_seq, up_to_seq=up_to_seq, prefix=prefix)

    def latest(self, *, prefix: str = "", before_seq: int | None = None, limit: int) -> list[Row]:
        """See ``Store``."""
        return self._open_reader().latest(prefix=prefix, before_seq=before_seq, limit=limit)

    def subjects(self, prefix: str = "") -> Iterator[str]:
        """See ``Store``."""
        return self._open_reader().subjects(prefix)

    def mark(self, subject: str) -> Mark | None:
        """See ``Store``."""
        return self._open_reader().mark(subject)

    def open_marks(self) -> list[Mark]:
        """See ``Store``."""
        return self._open_reader().open_marks()

    def marks(
        self, prefix: str, *, site: str | None = None, before_us: int | None = None, limit: int
    ) -> list[Mark]:
        """See ``Store``."""
        return self._open_reader().marks(prefix, site=site, before_us=before_us, limit=limit)

    def _open_reader(self) -> LogReader:
        if self._reader is None:
            raise StoreError(f"the fact log {self._path} is not open")
        return self._reader


def _values(mark: Mark) -> tuple[object, ...]:
    return (
        mark.subject, int(mark.is_open), mark.due_us, mark.site, mark.first_us, mark.last_seq
    )  # fmt: skip


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
