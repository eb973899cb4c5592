"""How the map of done events stands on the disk."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from typing import Final

from gateway.journal.damage import is_damage
from gateway.journal.done import PAGE_BYTES, DoneMap

_RUN_LEAST: Final = 64  # numbers of which at least one cannot be read; fewer than a page holds
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
    """Count the events that are not done; reads the narrow table only.

    What stands on a damaged page is taken to be there.
    """
    last = int(connection.execute("SELECT max(seq) FROM identity").fetchone()[0] or 0)
    return sum(_count(connection, low, high) for low, high in done.missing_runs(1, last))


def _count(connection: sqlite3.Connection, low: int, high: int) -> int:
    try:
        return int(
            connection.execute(
                "SELECT count(*) FROM identity WHERE seq BETWEEN ? AND ?", (low, high)
            ).fetchone()[0]
        )
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        if high - low < _RUN_LEAST:
            return high - low + 1
    middle = (low + high) // 2
    return _count(connection, low, middle) + _count(connection, middle + 1, high)
