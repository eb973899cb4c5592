"""Says a thing once in a while: for log lines and system events that strangers could multiply."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

KEYS_MAX: Final = 5_000


class OncePer:
    """Lets the first of its kind through, and then one per interval with how many were held."""

    def __init__(self, interval_s: float, *, keys_max: int = KEYS_MAX) -> None:
        self._interval_s = interval_s
        self._keys_max = keys_max
        self._seen: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def allows(self, key: Hashable, now: float) -> int | None:
        """Give how many were held since the last one, or None when this one is held too."""
        at, held = self._seen.get(key, (None, 0))
        if at is not None and now - at < self._interval_s:
            self._seen[key] = (at, held + 1)
            return None
        self._seen[key] = (now, 0)
        self._seen.move_to_end(key)
        if len(self._seen) > self._keys_max:
            self._seen.popitem(last=False)
        return held
