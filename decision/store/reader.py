"""Reads a fact log that somebody else may be writing: pages, explain, replay, the audit."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from decision.store.formats import FormatError, format_of
from decision.store.port import Mark, Row, StoreError

DATABASE: Final = "facts.db"
PAGE: Final = 1000
"""Rows that are read at once: no transaction stays open while somebody works on them."""
_ROW: Final = "seq, at_us, subject, actor, kind, body, event_id, digest"
_MARK: Final = "subject, is_open, due_us, site, first_us, last_seq"


class LogReader:
    """A connection that can only read. Safe from any thread."""

    def __init__(self, directory: Path) -> None:
        """Open the log in this folder; raises ``StoreError``."""
        self._path = directory / DATABASE
        self._lock = threading.Lock()
        if not self._path.is_file():
            raise StoreError(f"there is no fact log {self._path}")
        try:
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise StoreError(f"the fact log {self._path}: {error}") from error
        try:
            _require_facts(self._connection, self._path)
        except (sqlite3.Error, FormatError) as error:
            self._connection.close()
            raise StoreError(f"the fact log {self._path} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def copy_to(self, path: Path) -> int:
        """Copy the log as of now into a new file; gives how many facts it holds."""
        if path.exists():
            raise StoreError(f"{path} is there already")
        try:
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                with self._lock:
                    self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode = delete").fetchone()
                return int(copy.execute("SELECT count(*) FROM fact").fetchone()[0])
            finally:
                copy.close()
        except sqlite3.Error as error:
            raise StoreError(f"{error} ({path})") from error

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """See ``Store``."""
        found: set[str] = set()
        for start in range(0, len(event_ids), PAGE):
            some = list(event_ids[start : start + PAGE])
            marks = ", ".join("?" * len(some))
            found |= {
                row[0]
                for row in self._all(
                    f"SELECT event_id FROM fact WHERE event_id IN ({marks})",  # noqa: S608  marks
                    some,
                )
            }
        return found

    def facts(self, subject: str, *, last: int | None = None) -> list[Row]:
        """See ``Store``."""
        newest = self._rows(
            "WHERE subject = ? ORDER BY seq DESC LIMIT ?", (subject, -1 if last is None else last)
        )
        return newest[::-1]

    def event(self, event_id: str) -> Row | None:
        """See ``Store``."""
        rows = self._rows("WHERE event_id = ?", (event_id,))
        return rows[0] if rows else None

    def rows(
        self, *, after_seq: int = 0, up_to_seq: int | None = None, prefix: str = ""
    ) -> Iterator[Row]:
        """See ``Store``."""
        last = (1 << 62) if up_to_seq is None else up_to_seq
        while True:
            page = self._rows(
                "WHERE seq > ? AND seq <= ? AND subject >= ? AND subject < ? ORDER BY seq LIMIT ?",
                (after_seq, last, prefix, _behind(prefix), PAGE),
            )
            yield from page
            if len(page) < PAGE:
                return
            after_seq = page[-1].seq

    def latest(self, *, prefix: str = "", before_seq: int | None = None, limit: int) -> list[Row]:
        """See ``Store``."""
        return self._rows(
            "WHERE seq < ? AND subject >= ? AND subject < ? ORDER BY seq DESC LIMIT ?",
            ((1 << 62) if before_seq is None else before_seq, prefix, _behind(prefix), limit),
        )

    def subjects(self, prefix: str = "") -> Iterator[str]:
        """See ``Store``."""
        after = ""
        while True:
            page = self._all(
                "SELECT DISTINCT subject FROM fact WHERE subject > ? AND subject >= ? "
                "AND subject < ? ORDER BY subject LIMIT ?",
                (after, prefix, _behind(prefix), PAGE),
            )
            yield from (row[0] for row in page)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def mark(self, subject: str) -> Mark | None:
        """See ``Store``."""
        marks = self._marks("WHERE subject = ?", (subject,))
        return marks[0] if marks else None

    def open_marks(self) -> list[Mark]:
        """See ``Store``."""
        return self._marks("WHERE is_open OR due_us IS NOT NULL ORDER BY first_us", ())

    def marks(
        self, prefix: str, *, site: str | None = None, before_us: int | None = None, limit: int
    ) -> list[Mark]:
        """See ``Store``."""
        where = "WHERE subject >= ? AND subject < ? AND first_us < ?"
        values: list[Any] = [prefix, _behind(prefix), (1 << 62) if before_us is None else before_us]
        if site is not None:
            where += " AND site = ? AND site <> ''"
            values.append(site)
        return self._marks(f"{where} ORDER BY first_us DESC LIMIT ?", (*values, limit))

    def _rows(self, where: str, values: Sequence[Any]) -> list[Row]:
        return [
            Row(
                seq=seq, at_us=at_us, subject=subject, actor=actor, kind=kind, body=body,
                event_id=event_id, digest=digest,
            )
            for seq, at_us, subject, actor, kind, body, event_id, digest in self._all(
                f"SELECT {_ROW} FROM fact {where}",  # noqa: S608  words of ours
                values,
            )
        ]  # fmt: skip

    def _marks(self, where: str, values: Sequence[Any]) -> list[Mark]:
        return [
            Mark(
                subject=subject, is_open=bool(is_open), due_us=due_us, site=site,
                first_us=first_us, last_seq=last_seq,
            )
            for subject, is_open, due_us, site, first_us, last_seq in self._all(
                f"SELECT {_MARK} FROM mark {where}",  # noqa: S608  words of ours
                values,
            )
        ]  # fmt: skip

    def _all(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{error} ({self._path})") from error


def _require_facts(connection: sqlite3.Connection, path: Path) -> None:
    if format_of(connection, path) == 0:
        raise FormatError(f"{path} is empty")


def _behind(prefix: str) -> str:
    """The first text behind all that begin with ``prefix``."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else "\U0010ffff"
