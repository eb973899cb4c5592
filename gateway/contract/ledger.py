"""What a consumer has effected, so that it effects nothing twice and confirms nothing too early."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec


class Received(msgspec.Struct, frozen=True, gc=False):
    """One event as it came."""

    id: str
    topic: str
    payload: bytes


class Ledger(Protocol):
    """Remembers ids. ``commit`` may block; the consumer calls it in a thread, one at a time."""

    def commit(self, batch: Sequence[Received]) -> list[Received]:
        """Effect what is new and remember its id, in one transaction; gives what was new."""
        ...

    def ids(self) -> set[str]:
        """Everything that was ever effected."""
        ...

    def close(self) -> None:
        """End well."""
        ...


class MemoryLedger:
    """For demonstrations: forgets when the process ends, and then effects again."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def commit(self, batch: Sequence[Received]) -> list[Received]:
        """See ``Ledger``."""
        fresh = []
        for received in batch:
            if received.id not in self._ids:
                self._ids.add(received.id)
                fresh.append(received)
        return fresh

    def ids(self) -> set[str]:
        """See ``Ledger``."""
        return set(self._ids)

    def close(self) -> None:
        """See ``Ledger``."""


class FileLedger:
    """SQLite: the id and the effect (here: the event itself) stand in one transaction.

    A decision core does the same with its own tables. That is all there is to "once": whatever
    a crash interrupts was either committed, and is then confirmed when it comes again, or not.
    """

    def __init__(self, path: Path) -> None:
        """Raises ``sqlite3.Error`` when the file cannot be used."""
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = wal").fetchone()
        self._connection.execute("PRAGMA synchronous = full")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS effected "
            "(id TEXT PRIMARY KEY, topic TEXT NOT NULL, event BLOB NOT NULL) WITHOUT ROWID"
        )

    def commit(self, batch: Sequence[Received]) -> list[Received]:
        """See ``Ledger``."""
        fresh = []
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for received in batch:
                cursor = self._connection.execute(
                    "INSERT INTO effected VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    (received.id, received.topic, received.payload),
                )
                if cursor.rowcount:
                    fresh.append(received)
        return fresh

    def ids(self) -> set[str]:
        """See ``Ledger``."""
        return {row[0] for row in self._connection.execute("SELECT id FROM effected")}

    def close(self) -> None:
        """See ``Ledger``."""
        self._connection.close()
