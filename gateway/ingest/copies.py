"""How often a receiver sent the same unreadable frame: so that one frame never blocks its line."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

COPIES: Final = 3  # from the third identical copy on it is stored and acknowledged; REL-28
COPIES_S: Final = 600.0  # copies further apart are not one frame sent again
_FRAMES_MAX: Final = 1_000


class UnreadableCopies:
    """Counts identical copies per link, in a bounded memory."""

    def __init__(self, *, copies: int = COPIES) -> None:
        self._copies = copies
        self._seen: OrderedDict[tuple[str, bytes], tuple[int, float]] = OrderedDict()

    def is_enough(self, link: str, raw: bytes, now: float) -> bool:
        """Count a copy; True when it must be stored now (the count then starts again)."""
        key = (link, raw)
        count, last = self._seen.pop(key, (0, now))
        count = count + 1 if now - last <= COPIES_S else 1
        if count >= self._copies:
            return True
        self._seen[key] = (count, now)
        if len(self._seen) > _FRAMES_MAX:
            self._seen.popitem(last=False)
        return False
