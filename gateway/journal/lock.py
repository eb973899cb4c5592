"""One gateway to one journal: the lock that a second process runs into (REL-19)."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

LOCK_FILE = "lock"


class JournalLocked(Exception):  # noqa: N818  reads as the fact it tells
    """Another process has the journal open."""


class ProcessLock:
    """Held from opening to closing; the kernel lets it go when the process dies."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_FILE
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock; a second call is harmless.

        Raises:
            JournalLocked: Somebody else has it; the message says which process.
        """
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise JournalLocked(
                f"the journal in {self._path.parent} is in use by process {holder}; only one "
                "gateway may write it. Stop that one first, or give this one a folder of its own "
                "([journal] directory)"
            ) from error
        self._file = file
        with contextlib.suppress(OSError):  # on a full disk the lock holds without a name on it
            os.ftruncate(file, 0)
            os.write(file, b"%d\n" % os.getpid())

    def release(self) -> None:
        """Let it go; harmless when it is not held."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None
