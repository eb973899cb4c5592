"""What goes when a journal is too old or too large? Done events, oldest first (REL-17).

An event that is not done never goes. What is removed takes its key, its bit among the done ones
and its digest with it; the chain goes on from the last block that went as a whole. Forms go when
the events of their era did. The pages that become free are used again by what comes next.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from gateway.journal import chain, done_table
from gateway.journal.done import PAGE_SEQS, DoneMap
from gateway.journal.done_table import DONE

_TABLES: Final = ("event", "alike", "identity")
_SURVIVORS_MOST: Final = 20_000  # events not done in front of a new era: look again another day


def choose(
    connection: sqlite3.Connection, done: DoneMap, *, below_seq: int, before_ms: int | None
) -> Sequence[tuple[int, int]]:
    """Choose the oldest done events, at most a page of them: (number, received ms) in order.

    Args:
        connection: The one that writes.
        done: What is done.
        below_seq: Only events with lower numbers.
        before_ms: Only events in front of the first that was received then or later; by its place
            and not by its own time, which a clock that went wrong may have given it.
    """
    page = -1
    while (following := done.first_page(page)) is not None:
        page = following
        low, high = page * PAGE_SEQS, min((page + 1) * PAGE_SEQS, below_seq) - 1
        if low > high:
            return []
        rows = connection.execute(
            "SELECT seq, received_ms FROM identity WHERE seq BETWEEN ? AND ? ORDER BY seq",
            (low, high),
        ).fetchall()
        chosen: list[tuple[int, int]] = []
        for seq, received_ms in rows:
            if before_ms is not None and received_ms >= before_ms:
                return chosen
            if seq in done:
                chosen.append((seq, received_ms))
        if chosen:
            return chosen
    return []


def remove(
    connection: sqlite3.Connection,
    chosen: Sequence[tuple[int, int]],
    maps: Mapping[str, DoneMap],
) -> dict[str, dict[int, bytes]]:
    """Remove these events; within a transaction of the caller.

    Returns the changed pages of each consumer's map, to install once this is committed.
    """
    seqs = [seq for seq, _ in chosen]
    last_seq, received_ms = chosen[-1]
    named = json.dumps(seqs)
    for table in _TABLES:
        connection.execute(
            f"DELETE FROM {table} WHERE seq IN (SELECT value FROM json_each(?))",  # noqa: S608  names of ours
            (named,),
        )
    pages = {name: one.without_seqs(seqs) for name, one in maps.items()}
    for name, changed in pages.items():
        done_table.save(connection, name, changed)
    for page, bits in pages[DONE].items():
        if not any(bits):
            # Nothing else of it is done; what a consumer confirmed of the rest stands elsewhere.
            _forget_page(connection, page, pages)
    connection.execute(
        "UPDATE removed SET last_seq = max(last_seq, ?), events = events + ?, received_ms = ?",
        (last_seq, len(seqs), received_ms),
    )
    _thin(connection, frozenset(seqs))
    return pages


def _forget_page(
    connection: sqlite3.Connection, page: int, pages: Mapping[str, Mapping[int, bytes]]
) -> None:
    """Drop the rows of a page that say nothing any more."""
    low = page * PAGE_SEQS
    rest = connection.execute(
        "SELECT 1 FROM identity WHERE seq BETWEEN ? AND ? LIMIT 1", (low, low + PAGE_SEQS - 1)
    ).fetchone()
    if rest is None:
        connection.execute("DELETE FROM done WHERE page = ?", (page,))  # of all consumers
        return
    for name, changed in pages.items():
        if not any(changed[page]):
            connection.execute("DELETE FROM done WHERE page = ? AND consumer = ?", (page, name))


def _thin(connection: sqlite3.Connection, gone: Collection[int]) -> None:
    """Take their digests out of the chain, and blocks at its beginning that hold no more."""
    for block in chain.blocks_of(connection, min(gone), max(gone)):
        try:
            entries = chain.unpack(block.entries)
        except ValueError:
            entries = {}  # damaged, which ``verify`` told all the time; the next block goes on
        kept = {seq: digest for seq, digest in entries.items() if seq not in gone}
        connection.execute(
            "UPDATE chain SET entries = ? WHERE number = ?", (chain.pack(kept), block.number)
        )
    while True:
        first = connection.execute(
            "SELECT number, last_seq, link, length(entries) FROM chain ORDER BY number LIMIT 1"
        ).fetchone()
        through = connection.execute("SELECT last_seq FROM removed").fetchone()[0]
        if first is None or first[3] or first[1] > through:
            return
        connection.execute("DELETE FROM chain WHERE number = ?", (first[0],))
        connection.execute("UPDATE removed SET block = ?, block_seq = ?, link = ?", first[:3])


# -- forms ---------------------------------------------------------------------------------


def unneeded_forms(connection: sqlite3.Connection) -> tuple[int, int, list[int]] | None:
    """Find an era whose events were removed: (its first form, the next era's, forms to keep).

    The forms to keep are those of events that are not done and therefore stay. None when there
    is no such era: the last one is never over.
    """
    eras = connection.execute(
        "SELECT first_form, first_seq FROM era ORDER BY first_form"
    ).fetchall()
    through = connection.execute("SELECT last_seq FROM removed").fetchone()[0]
    for (first_form, _), (next_form, next_seq) in pairwise(eras):
        if next_seq > through + 1:
            return None
        (survivors,) = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM alike WHERE seq < ? LIMIT ?)",
            (next_seq, _SURVIVORS_MOST),
        ).fetchone()
        if survivors >= _SURVIVORS_MOST:
            return None
        needed = connection.execute(
            "SELECT DISTINCT form FROM alike WHERE seq < ? AND form BETWEEN ? AND ?",
            (next_seq, first_form, next_form - 1),
        ).fetchall()
        have = connection.execute(
            "SELECT count(*) FROM (SELECT number FROM form WHERE number BETWEEN ?1 AND ?2 "
            "UNION SELECT number FROM form_copy WHERE number BETWEEN ?1 AND ?2)",
            (first_form, next_form - 1),
        ).fetchone()[0]
        if have > len(needed) or not needed:
            return first_form, next_form, [number for (number,) in needed]
    return None


def remove_forms(connection: sqlite3.Connection, first: int, end: int, keep: Iterable[int]) -> int:
    """Remove the forms from ``first`` to below ``end`` but these; an empty era goes as well.

    Within a transaction of the caller. Returns how many.
    """
    kept = list(keep)
    count = 0
    for table in ("form", "form_copy"):
        count = connection.execute(
            f"DELETE FROM {table} WHERE number >= ? AND number < ? "  # noqa: S608  names of ours
            "AND number NOT IN (SELECT value FROM json_each(?))",
            (first, end, json.dumps(kept)),
        ).rowcount
    if not kept:
        connection.execute("DELETE FROM era WHERE first_form = ?", (first,))
    return count
