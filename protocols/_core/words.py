"""A field for words: one of several fixed texts, where a declaration names its choices."""

from __future__ import annotations

import re
from typing import Any

from protocols._core.fields import Field


class OneOf(Field):
    """The first of these words that stands here, as text."""

    def __init__(self, *words: bytes) -> None:
        super().__init__()
        self.words = words
        self.convert = bytes.decode

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        for word in self.words:
            if data.startswith(word, pos):
                return pos + len(word)
        return -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return b"(?>" + b"|".join(map(re.escape, self.words)) + b")"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return str(value).encode("latin-1")
