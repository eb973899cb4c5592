"""Which subject wants to be woken next: a heap that forgets what was overtaken."""

from __future__ import annotations

import heapq
from datetime import datetime


class Wheel:
    """One wish per subject; a later wish replaces it."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._wished: dict[str, datetime] = {}

    def __len__(self) -> int:
        """How many subjects wait."""
        return len(self._wished)

    def set(self, subject: str, at: datetime | None) -> None:
        """Wake it then; None: never."""
        if at is None:
            self._wished.pop(subject, None)
        elif self._wished.get(subject) != at:
            self._wished[subject] = at
            heapq.heappush(self._heap, (at, subject))

    def wish(self, subject: str) -> datetime | None:
        """When a subject wants to be woken; None: never."""
        return self._wished.get(subject)

    def next(self) -> datetime | None:
        """When the first one wants to be woken."""
        while self._heap:
            at, subject = self._heap[0]
            if self._wished.get(subject) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def due(self, now: datetime, limit: int) -> list[str]:
        """Those whose time has come, the longest due first. They stay until ``set`` again."""
        found: list[str] = []
        taken: list[tuple[datetime, str]] = []
        while self._heap and len(found) < limit and self._heap[0][0] <= now:
            entry = heapq.heappop(self._heap)
            if self._wished.get(entry[1]) == entry[0] and entry not in taken:
                found.append(entry[1])
                taken.append(entry)
        for entry in taken:
            heapq.heappush(self._heap, entry)
        return found

    def clear(self) -> None:
        """Nobody waits."""
        self._heap.clear()
        self._wished.clear()
