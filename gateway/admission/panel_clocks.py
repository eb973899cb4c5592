"""Did a panel's clock jump? Somebody who forges a NAK sets it, and may do worse (SEC-8).

The offset of each known account's clock from ours is kept; only what passed as the panel's own
frame moves it. A frame that is refused for its timestamp may be a recording: it is compared, and
told when it differs, but not believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.accounts import Account, AccountKey

JUMP_MS: Final = 60_000  # a larger step of a panel's clock is told; SEC-8
SAME_MS: Final = 1_000  # the network's own wandering; not worth a write
TOLD_EVERY_S: Final = 600.0  # of one account; whoever forges frames decides how often it happens
_TOLD_MAX: Final = 10_000


class PanelClocks:
    """Offsets of panels' clocks, in memory; a start knows none of them."""

    def __init__(self) -> None:
        self.tell: Callable[[Account, float, float], object] = lambda _who, _step_s, _behind_s: None
        """Told of a jump: the account, how far (ahead when positive), how far behind us now."""
        self._behind_ms: dict[AccountKey, int] = {}
        self._told: dict[AccountKey, float] = {}

    def __len__(self) -> int:
        return len(self._behind_ms)

    def note(self, account: Account, behind_ms: int, now: float) -> None:
        """Take the offset of a frame that was taken; ``now`` is monotonic seconds."""
        last = self._behind_ms.get(account.key)
        if last is not None and -SAME_MS <= behind_ms - last <= SAME_MS:
            return
        if not account.rest.known:
            return  # strangers make up as many as they like
        self._behind_ms[account.key] = behind_ms
        if last is not None:
            self._compare(account, last, behind_ms, now)

    def suspect(self, account: Account, behind_ms: int, now: float) -> None:
        """Compare the offset of a frame that was refused for its timestamp."""
        last = self._behind_ms.get(account.key)
        if last is not None:
            self._compare(account, last, behind_ms, now)

    def forget(self) -> None:
        """Begin anew: our own clock was set, so that all offsets are others now."""
        self._behind_ms.clear()

    def _compare(self, account: Account, last: int, behind_ms: int, now: float) -> None:
        step_ms = last - behind_ms
        if -JUMP_MS <= step_ms <= JUMP_MS:
            return
        told_at = self._told.get(account.key)
        if told_at is not None and now - told_at < TOLD_EVERY_S:
            return
        if len(self._told) >= _TOLD_MAX:
            del self._told[next(iter(self._told))]
        self._told[account.key] = now
        self.tell(account, step_ms / 1000, behind_ms / 1000)
