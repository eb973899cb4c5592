"""Sets of byte values, and how a regular expression says them."""

from __future__ import annotations

from typing import Final

_LAST_ASCII: Final = 0x7F


class Alphabet:
    """A set of byte values, with its regular-expression class."""

    __slots__ = ("members", "pattern")

    def __init__(self, spec: str | frozenset[int]) -> None:
        self.members: frozenset[int] = spec if isinstance(spec, frozenset) else _members(spec)
        self.pattern: bytes = character_class(self.members)

    def but(self, excluded: bytes) -> Alphabet:
        """Return this alphabet without some bytes."""
        return Alphabet(self.members - frozenset(excluded))

    def plus(self, more: Alphabet) -> Alphabet:
        """Return the union of two alphabets."""
        return Alphabet(self.members | more.members)

    @property
    def is_ascii(self) -> bool:
        """Tell whether every member is below 0x80."""
        return max(self.members) <= _LAST_ASCII


def _members(spec: str) -> frozenset[int]:
    found: set[int] = set()
    position = 0
    while position < len(spec):
        first = ord(spec[position])
        if spec[position + 1 : position + 2] == "-" and position + 2 < len(spec):
            found.update(range(first, ord(spec[position + 2]) + 1))
            position += 3
        else:
            found.add(first)
            position += 1
    return frozenset(found)


def character_class(members: frozenset[int]) -> bytes:
    spans: list[list[int]] = []
    for value in sorted(members):
        if spans and value == spans[-1][1] + 1:
            spans[-1][1] = value
        else:
            spans.append([value, value])
    shown = (
        _shown(first) if first == last else _shown(first) + b"-" + _shown(last)
        for first, last in spans
    )
    return b"[" + b"".join(shown) + b"]"


def _shown(value: int) -> bytes:
    one = bytes((value,))
    return one if one.isalnum() else b"\\x%02x" % value


DECIMAL: Final = Alphabet("0-9")
UPPER_HEX: Final = Alphabet("0-9A-F")
HEX: Final = Alphabet("0-9A-Fa-f")
LETTERS: Final = Alphabet("A-Za-z")
PRINTABLE: Final = Alphabet(" -~")
ANY: Final = Alphabet(frozenset(range(256)))
