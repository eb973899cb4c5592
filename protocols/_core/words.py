"""More fields: a word out of several, BCD numbers, fields joined to one, what may not follow."""

from __future__ import annotations

import re
from typing import Any, Final

from protocols._core.alphabet import Alphabet
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


class BcdNumber(Field):
    """A number in binary-coded decimal, two digits to a byte, most significant first."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self.size_bytes = size_bytes
        self.convert = self._number

    def _number(self, raw: bytes) -> int:
        return int(raw.hex())

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = pos + self.size_bytes
        digits = data[pos:end].hex()
        return end if len(digits) == 2 * self.size_bytes and digits.isdecimal() else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return BCD.pattern + b"{%d}" % self.size_bytes

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        digits = f"{value:0{2 * self.size_bytes}d}"
        return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)


BCD: Final = Alphabet(frozenset(16 * tens + ones for tens in range(10) for ones in range(10)))


class Unfollowed(Field):
    """None of these bytes may follow; consumes nothing. It ends a run that must be whole."""

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self.alphabet = alphabet
        self.flagbuildnone = True

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        return -1 if pos < len(data) and data[pos] in self.alphabet.members else pos

    def pattern(self) -> bytes:
        """See ``Field``."""
        return b"(?!" + self.alphabet.pattern + b")"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        del value
        return b""


class Joined(Field):
    """Several fields one after the other as one text."""

    def __init__(self, *fields: Field) -> None:
        super().__init__()
        self.fields = fields
        self.convert = _latin_1

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        for field in self.fields:
            pos = field.measure(data, pos)
            if pos < 0:
                return -1
        return pos

    def pattern(self) -> bytes:
        """See ``Field``."""
        return b"".join(field.pattern() for field in self.fields)

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return str(value).encode("latin-1")


def _latin_1(raw: bytes) -> str:
    return raw.decode("latin-1")
