"""Is the folder of the journal itself durable? A file cannot outlive the name of its folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

MODE = 0o750


def make(directory: Path) -> None:
    """Make the folder, and those above it, so that a cut of power leaves them there.

    The entry of the folder is flushed at every start, since the run that made it may have ended
    before its own flush.

    Raises:
        OSError: It cannot be made or flushed.
    """
    above = [directory.parent]
    while not above[-1].exists():
        above.append(above[-1].parent)
    directory.mkdir(parents=True, exist_ok=True, mode=MODE)
    for parent in above:
        with contextlib.suppress(PermissionError):  # of others, who made what stands in it
            _flush(parent)


def _flush(directory: Path) -> None:
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
