"""Keeps up a journal in SQLite: measures, seals, removes; for the connection that writes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping

from gateway.journal import chain, retention
from gateway.journal.done import DoneMap
from gateway.journal.done_table import DONE
from gateway.journal.keeping import Head, Measured
from gateway.journal.room import Room


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


class SqliteKeeper:
    """The upkeep of one journal, as long as its writing connection lasts."""

    def __init__(
        self, connection: sqlite3.Connection, room: Room, utc_ms: Callable[[], int]
    ) -> None:
        self._connection = connection
        self._room = room
        self._utc_ms = utc_ms
        self._digester = chain.Digester(connection)
        block = chain.newest(connection)
        if block is not None:
            self.head = Head(block.number, block.last_seq, block.link)
        else:
            row = connection.execute("SELECT block, block_seq, link FROM removed").fetchone()
            self.head = Head(*row)

    @property
    def spare_bytes(self) -> int:
        """Free inside the file."""
        return self._bytes_of("freelist_count")

    def _bytes_of(self, pages: str) -> int:
        count, size = [
            int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in (pages, "page_size")
        ]
        return count * size

    def measure(self, *, done: int, last_seq: int) -> Measured:
        """See ``keeping.Kept``."""
        connection = self._connection
        spare_bytes = self.spare_bytes
        oldest = connection.execute(
            "SELECT received_ms FROM identity ORDER BY seq LIMIT 1"
        ).fetchone()
        try:
            free_bytes, disk_bytes = self._room.disk()
        except OSError:
            free_bytes = disk_bytes = 0
        return Measured(
            used_bytes=self._bytes_of("page_count") - spare_bytes,
            spare_bytes=spare_bytes,
            disk_free_bytes=free_bytes,
            disk_bytes=disk_bytes,
            reserve_bytes=self._room.reserve_bytes,
            done=done,
            oldest_ms=None if oldest is None else oldest[0],
            last_seq=last_seq,
            sealed_seq=self.head.last_seq,
            removed_seq=connection.execute("SELECT last_seq FROM removed").fetchone()[0],
        )

    def seal(self, last_seq: int) -> Head | None:
        """Seal the next block of what is known to be committed; that is up to ``last_seq``."""
        connection, head = self._connection, self.head
        end = connection.execute(
            "SELECT max(seq) FROM (SELECT seq FROM identity WHERE seq BETWEEN ? AND ? "
            "ORDER BY seq LIMIT ?)",
            (head.last_seq + 1, last_seq, chain.BLOCK_RECORDS),
        ).fetchone()[0]
        if end is None:
            return None
        block = chain.sealed(
            self._digester.readable(head.last_seq + 1, end),
            number=head.number + 1,
            last_seq=end,
            now_ms=self._utc_ms(),
            before=head.link,
        )
        with transaction(connection):
            chain.insert(connection, block)
        self.head = Head(block.number, block.last_seq, block.link)
        return self.head

    def remove(self, maps: Mapping[str, DoneMap], below_seq: int, before_ms: int | None) -> int:
        """Remove a page of old events and change the maps; see ``keeping.Kept``."""
        connection = self._connection
        chosen = retention.choose(
            connection,
            maps[DONE],
            below_seq=min(below_seq, self.head.last_seq + 1),
            before_ms=before_ms,
        )
        if not chosen:
            return 0
        with transaction(connection):
            removed = retention.remove(connection, chosen, maps)
        for name, pages in removed.items():
            maps[name].install(pages)
        return len(chosen)

    def remove_forms(self) -> int:
        """Remove forms that no event needs any more, of one era."""
        unneeded = retention.unneeded_forms(self._connection)
        if unneeded is None:
            return 0
        with transaction(self._connection):
            return retention.remove_forms(self._connection, *unneeded)
