"""How is a journal copied while a gateway writes it? Page by page, as it stood at one moment."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.journal.reader import DATABASE, connect
from gateway.journal.store import StoreError

STEP_PAGES: Final = 4_096  # 16 MiB between two words of progress
RESTORE_GAP: Final = 1 << 32
"""Numbers left out by a gateway that starts on a copy: the original went on after it was made, and
no number may stand for two events. At 1,000 events a second that is 50 days."""


class BackupError(Exception):
    """The copy cannot be made; nothing is left of it."""


def backup(
    directory: Path,
    target: Path,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Copy the journal in ``directory`` to the new file ``target``; give its size in bytes.

    The copy is one file, flushed, in no need of a log; damaged pages are copied as they are. What
    is committed meanwhile is not in it. A gateway goes on from it when it stands as ``journal.db``
    in an empty folder.

    Args:
        directory: Folder of the journal.
        target: Must not exist.
        progress: Is told pages that were copied, and all of them.

    Raises:
        StoreError: There is no journal.
        BackupError: It cannot be written.
    """
    file = directory / DATABASE
    if not file.is_file():
        raise StoreError(f"no journal in {directory}: {DATABASE} is missing")
    if target.exists():
        raise BackupError(f"{target} is there already; name a new file")
    partial = target.with_name(target.name + ".partial")
    try:
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))
        _copy(file, partial, progress)
        _settle(partial)
        # A name that came up meanwhile is not overwritten, as a rename would.
        os.link(partial, target)
        _flush(target)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{target} cannot be written: {error}") from error
    finally:
        for name in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                partial.with_name(partial.name + name).unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, target: Path, progress: Callable[[int, int], None]) -> None:
    with (
        contextlib.closing(connect(source)) as reading,
        contextlib.closing(sqlite3.connect(target)) as writing,
    ):
        # Held for the whole of it: else each commit of the gateway would begin the copy anew.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(
            writing,
            pages=STEP_PAGES,
            progress=lambda _status, remaining, total: progress(total - remaining, total),
            sleep=0.0,
        )
        reading.execute("COMMIT")


def _settle(file: Path) -> None:
    """Make one file of it that can be read anywhere, and leave a gap behind its last number."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as writing:
        mode = writing.execute("PRAGMA journal_mode = delete").fetchone()[0]
        if mode != "delete":
            raise sqlite3.DatabaseError(f"journal_mode is {mode!r} and must be 'delete'")
        writing.execute("PRAGMA synchronous = 2")
        writing.execute(
            "UPDATE session SET last_seq = ? + max(first_seq, coalesce(last_seq, 0), "
            "(SELECT coalesce(max(seq), 0) FROM identity)), closed_ms = coalesce(closed_ms, 0) "
            "WHERE boot = (SELECT max(boot) FROM session)",
            (RESTORE_GAP,),
        )


def _flush(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
