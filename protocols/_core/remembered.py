"""What was made of the last short texts: panels say the same few things again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

REMEMBERED_COUNT: Final = 4096
"""So many texts; then it begins anew, which costs less than to keep their order."""
REMEMBERED_BYTES: Final = 64
"""A longer text is read each time: few repeat, and the memory stays bounded (SEC-15)."""


class Remembered(dict[bytes, T]):
    """Values that follow from bytes alone: ``remembered[text]`` is ``make(text)``, made once."""

    def __init__(self, make: Callable[[bytes], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: bytes) -> T:
        made = self._make(text)
        if len(text) <= REMEMBERED_BYTES:
            if len(self) >= REMEMBERED_COUNT:
                self.clear()
            self[text] = made
        return made
