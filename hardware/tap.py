"""Who listens in on the raw bytes of an input? Nobody, as a rule; then it costs a look per read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Listen: TypeAlias = Callable[[str, bool, bytes], None]
"""``listen(peer, is_ours, data)``: on the event loop, right before the bytes are read or leave.
Must not raise, wait or change anything."""


class Tap:
    """One for all ports of an input."""

    __slots__ = ("listen",)

    def __init__(self) -> None:
        self.listen: Listen | None = None
