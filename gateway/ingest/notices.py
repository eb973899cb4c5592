"""Who else is told: once in a while, and without harm to what is told of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, ParamSpec

import structlog

KEYS_MAX: Final = 5_000

_log = structlog.get_logger()

P = ParamSpec("P")


class OncePer:
    """For log lines and system events that strangers could multiply.

    Lets the first of its kind through, and then one per interval with how many were held.
    """

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


def harmless(watch: Callable[P, object], count: Callable[[str], None]) -> Callable[P, None]:
    """Show something to an onlooker whose failure is logged and counted, and costs no report."""

    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            watch(*args, **kwargs)
        except Exception:  # noqa: BLE001  whoever watches must not decide what is stored
            _log.exception("onlooker.failed")
            count("onlooker_failed")

    return shown
