"""How much room has the journal's disk? And the reserve that is given back when there is none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

RESERVE_FILE: Final = "reserve"
RESERVE_BYTES: Final = 32 << 20  # twice what the log may hold before it is moved over
ROOM_BYTES: Final = 2 << 20
"""So much must be free beside the reserve before the disk counts as not full."""


class Room:
    """A file that only takes up space, in the folder of the journal (REL-18).

    On a full disk it is removed: what remains outstanding is published, confirmed and told with
    the space it gives back, while reports are refused.
    """

    def __init__(self, directory: Path, reserve_bytes: int) -> None:
        self._directory = directory
        self._path = directory / RESERVE_FILE
        self.reserve_bytes = reserve_bytes

    @property
    def wanted_bytes(self) -> int:
        """What a reserve takes, and a full group beside it."""
        return self.reserve_bytes + ROOM_BYTES

    @property
    def is_reserved(self) -> bool:
        """Whether the reserve is there."""
        with contextlib.suppress(OSError):
            return self._path.stat().st_size >= self.reserve_bytes
        return False

    def disk(self) -> tuple[int, int]:
        """Bytes that are free for us, and all that we and others may use, on this file system.

        Raises:
            OSError: The folder cannot be asked.
        """
        found = os.statvfs(self._directory)
        used = found.f_blocks - found.f_bfree
        return found.f_bavail * found.f_frsize, (used + found.f_bavail) * found.f_frsize

    @property
    def is_short(self) -> bool:
        """Whether less is free than is wanted, the reserve included."""
        return self.missing_bytes > 0

    @property
    def missing_bytes(self) -> int:
        """How much less is free than is wanted, the reserve included."""
        try:
            free_bytes, _ = self.disk()
        except OSError:
            return 0  # no matter of room
        held = self.reserve_bytes if self.is_reserved else 0
        return max(0, self.wanted_bytes - free_bytes - held)

    def reserve(self) -> bool:
        """Take the reserve where there is room for it and more; tell whether it is there."""
        if self.is_reserved:
            return True
        if self.is_short:
            return False
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                os.posix_fallocate(file, 0, self.reserve_bytes)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the space back."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
