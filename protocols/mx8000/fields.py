"""Fields of the MX8000 family: text that leaves room for the check byte, and that check byte."""

from __future__ import annotations

from typing import Any, Final

from protocols._core.alphabet import Alphabet
from protocols._core.fields import Field

V_BYTES: Final = Alphabet(frozenset(range(0x40, 0x80)))

_KEPT_BITS: Final = 0x7F
_SET_BIT: Final = 0x40


def v_byte(data: bytes) -> int:
    """Return the check byte over everything from the identifier through the last data byte.

    Each byte is added, then bit 7 cleared and bit 6 set, so that it is 40h to 7Fh.
    """
    value = 0
    for byte in data:
        value = (value + byte) & _KEPT_BITS | _SET_BIT
    return value


class TextBefore(Field):
    """A run out of an alphabet that never takes the byte before ``end``: that is the check's."""

    def __init__(
        self, alphabet: Alphabet, minimum: int, maximum: int, *, end: bytes = b"\r"
    ) -> None:
        super().__init__()
        self.alphabet, self.minimum, self.maximum, self.end = alphabet, minimum, maximum, end
        self.convert = self._text

    @staticmethod
    def _text(raw: bytes) -> str:
        return raw.decode("latin-1")

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        limit = min(len(data), pos + self.maximum)
        at = pos
        while (
            at < limit
            and data[at] in self.alphabet.members
            and not data.startswith(self.end, at + 1)
        ):
            at += 1
        return at if at - pos >= self.minimum else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        one = self.alphabet.pattern + b"(?!\\x%02x)" % self.end[0]
        return b"(?:%b){%d,%d}+" % (one, self.minimum, self.maximum)

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return str(value).encode("latin-1")


class VByte(Field):
    """The check byte as a number; whether it is right is for the reader to say."""

    def __init__(self) -> None:
        super().__init__()
        self.convert = self._number

    @staticmethod
    def _number(raw: bytes) -> int:
        return raw[0]

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        return pos + 1 if pos < len(data) and data[pos] in V_BYTES.members else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return V_BYTES.pattern

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return bytes((int(value),))
