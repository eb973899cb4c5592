"""A region that tells its own length in the low bits of its first byte."""

from __future__ import annotations

from typing import Any

from protocols._core.alphabet import ANY, character_class
from protocols._core.field import Field


class Counted(Field):
    """A first byte, some fixed bytes, then as many as the first byte's low bits say.

    ``mask`` takes the count out of the first byte; ``fixed`` bytes always follow it. The value
    is the whole region as bytes.
    """

    def __init__(self, *, mask: int, fixed: int = 0) -> None:
        super().__init__()
        self.mask, self.fixed = mask, fixed

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        if pos >= len(data):
            return -1
        end = pos + 1 + self.fixed + (data[pos] & self.mask)
        return end if end <= len(data) else -1

    def pattern(self) -> bytes:
        """See ``Field``: one way for each count."""
        ways = []
        for count in range(self.mask + 1):
            firsts = frozenset(byte for byte in range(256) if byte & self.mask == count)
            rest = ANY.pattern + b"{%d}" % (self.fixed + count)
            ways.append(character_class(firsts) + rest)
        return b"(?>" + b"|".join(ways) + b")"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return bytes(value)
