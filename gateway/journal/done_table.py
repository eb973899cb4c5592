"""How the map of done events stands on the disk."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from typing import Final

from gateway.journal.done import PAGE_BYTES, DoneMap

DONE: Final = ""
"""The consumer whose map is the one of events that are done."""


def page_checksum(page: int, bits: bytes) -> int:
    """CRC-32 over the bits, bound to their page."""
    return zlib.crc32(bits, page & 0xFFFF_FFFF)


def load(connection: sqlite3.Connection, consumer: str = DONE) -> DoneMap:
    """Read what is done, or what one consumer confirmed; a damaged page counts as not done."""
    done = DoneMap()
    for page, bits, checksum in connection.execute(
        "SELECT page, bits, checksum FROM done WHERE consumer = ?", (consumer,)
    ):
        if len(bits) == PAGE_BYTES and page_checksum(page, bits) == checksum:
            done.load(page, bits)
    return done


def save(connection: sqlite3.Connection, consumer: str, pages: Mapping[int, bytes]) -> None:
    """Write changed pages; within a transaction of the caller."""
    connection.executemany(
        "INSERT INTO done VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET bits = excluded.bits, checksum = excluded.checksum",
        [(page, consumer, bits, page_checksum(page, bits)) for page, bits in pages.items()],
    )


def count_outstanding(connection: sqlite3.Connection, done: DoneMap) -> int:
    """Count the events that are not done; reads the narrow table only."""
    last = int(connection.execute("SELECT max(seq) FROM identity").fetchone()[0] or 0)
    return sum(
        int(
            connection.execute(
                "SELECT count(*) FROM identity WHERE seq BETWEEN ? AND ?", run
            ).fetchone()[0]
        )
        for run in done.missing_runs(1, last)
    )
