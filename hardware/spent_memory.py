"""Gives memory back to the machine once a crowd of connections has gone (SEC-12).

The C library keeps what was freed for the next time; after a storm of strangers that is as much
as the gateway needs for everything else. What Python itself pools stays with the process.
"""

from __future__ import annotations

import ctypes
from typing import Final

CROWD_COUNT: Final = 1_000
"""So many connections fewer make it worth the while: about 10 ms for 100 MiB."""


class SpentMemory:
    """Looks, now and then, how many connections are left of the most there were."""

    def __init__(self) -> None:
        self._most = 0

    def look(self, connections: int) -> bool:
        """Give memory back when many connections have gone; tells whether it was tried."""
        if connections > self._most - CROWD_COUNT:
            self._most = max(self._most, connections)
            return False
        self._most = connections
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except (OSError, AttributeError):  # another C library: it does as it likes
            return False
        return True
