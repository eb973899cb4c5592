"""Fields of one piece: literals, runs of characters, numbers, pictures, padded text."""

from __future__ import annotations

import re
from functools import partial
from operator import methodcaller
from typing import Any, Final
from typing import Literal as Word

from protocols._core.alphabet import ANY, DECIMAL, HEX, Alphabet, character_class
from protocols._core.field import Field, FieldError, raw_bytes

_LATIN_1: Final = methodcaller("decode", "latin-1")


class Literal(Field):
    """Exactly these bytes."""

    def __init__(self, value: bytes) -> None:
        super().__init__()
        self.value = value
        self.flagbuildnone = True

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        return pos + len(self.value) if data.startswith(self.value, pos) else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return re.escape(self.value)

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        del value
        return self.value


class Ahead(Literal):
    """These bytes must follow; they belong to the next field."""

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        return pos if data.startswith(self.value, pos) else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return b"(?=" + re.escape(self.value) + b")"

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        del stream, context, path
        return obj


class Characters(Field):
    """A run of bytes out of an alphabet, as many as there are up to the maximum.

    ``minimum`` alone means exactly that many; neither means any number. ``first`` narrows
    the first byte. The value is text, Latin-1 so that no byte is lost, unless ``as_bytes``.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        minimum: int | None = None,
        maximum: int | None = None,
        *,
        first: Alphabet | None = None,
        as_bytes: bool = False,
    ) -> None:
        super().__init__()
        self.alphabet, self.first = alphabet, first
        self.minimum = 0 if minimum is None else minimum
        self.maximum = maximum if maximum is not None or minimum is None else minimum
        if not as_bytes:
            self.convert = bytes.decode if alphabet.is_ascii else _LATIN_1

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        limit = len(data) if self.maximum is None else min(len(data), pos + self.maximum)
        end = pos
        if self.first is not None:
            if end >= limit or data[end] not in self.first.members:
                return -1
            end += 1
        while end < limit and data[end] in self.alphabet.members:
            end += 1
        return end if end - pos >= self.minimum else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        taken = 0 if self.first is None else 1
        low = max(0, self.minimum - taken)
        high = None if self.maximum is None else self.maximum - taken
        head = b"" if self.first is None else self.first.pattern
        if high is None:
            return head + self.alphabet.pattern + b"{%d,}+" % low
        if low == high:
            return head + self.alphabet.pattern + b"{%d}" % low
        return head + self.alphabet.pattern + b"{%d,%d}+" % (low, high)

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return raw_bytes(value)


class HexNumber(Field):
    """A number in exactly so many hex digits; read in either case, written in upper case.

    The alphabet is checked, since ``int(raw, 16)`` alone would also take signs, blanks and
    underscores, and a frame that nobody sent would pass as one that somebody did.
    """

    base = 16
    alphabet: Alphabet = HEX
    letter = b"X"  # of the % template

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.digits = digits
        self.template = b"%%0%d%b" % (digits, self.letter)
        self.above = self.base**digits
        self.convert = partial(int, base=self.base)

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = pos + self.digits
        digits = data[pos:end]
        is_whole = len(digits) == self.digits and self.alphabet.members.issuperset(digits)
        return end if is_whole else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return self.alphabet.pattern + b"{%d}" % self.digits

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        if self.template is None or not 0 <= value < self.above:
            raise FieldError(f"{value} does not fit {self.digits} digits in base {self.base}")
        written: bytes = self.template % value
        return written


class DecimalNumber(HexNumber):
    """A number in exactly so many decimal digits."""

    base = 10
    alphabet = DECIMAL
    letter = b"d"


class BinaryNumber(Field):
    """A number in so many raw bytes, most significant first."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.convert = int.from_bytes

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = pos + self.count
        return end if end <= len(data) else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return ANY.pattern + b"{%d}" % self.count

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return int(value).to_bytes(self.count, "big")


class Picture(Field):
    """A fixed shape: ``9`` stands for a decimal digit, every other byte for itself."""

    def __init__(self, shape: bytes, *, as_bytes: bool = False) -> None:
        super().__init__()
        self.shape = shape
        if not as_bytes:
            self.convert = bytes.decode

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = pos + len(self.shape)
        if end > len(data):
            return -1
        for want, got in zip(self.shape, data[pos:end], strict=True):
            if got not in DECIMAL.members if want == ord("9") else got != want:
                return -1
        return end

    def pattern(self) -> bytes:
        """See ``Field``."""
        return re.escape(self.shape).replace(b"9", DECIMAL.pattern)

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return raw_bytes(value)


class Padded(Field):
    """Text of fixed width, filled up on one side; ``minimum`` characters are no fill."""

    def __init__(
        self,
        width: int,
        alphabet: Alphabet,
        *,
        align: Word["left", "right"] = "left",
        fill: bytes = b" ",
        minimum: int = 0,
    ) -> None:
        super().__init__()
        self.width, self.align, self.fill, self.minimum = width, align, fill, minimum
        self.alphabet = alphabet.but(fill)
        self.convert = self._stripped

    def _stripped(self, raw: bytes) -> str:
        kept = raw.rstrip(self.fill) if self.align == "left" else raw.lstrip(self.fill)
        return kept.decode("latin-1")

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = pos + self.width
        raw = data[pos:end]
        kept = raw.rstrip(self.fill) if self.align == "left" else raw.lstrip(self.fill)
        fits = len(kept) >= self.minimum and self.alphabet.members.issuperset(kept)
        return end if len(raw) == self.width and fits else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        fill, member = re.escape(self.fill), self.alphabet.pattern
        ways = []
        for count in range(self.width, self.minimum - 1, -1):
            kept, filled = member + b"{%d}" % count, fill + b"{%d}" % (self.width - count)
            ways.append(kept + filled if self.align == "left" else filled + kept)
        return b"(?>" + b"|".join(ways) + b")"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        raw = raw_bytes(value)
        if self.align == "left":
            return raw.ljust(self.width, self.fill)
        return raw.rjust(self.width, self.fill)


class UpTo(Field):
    """Text that begins with a mark and may hold its own delimiter.

    It ends before the first ``stop`` that is followed by one of ``followed_by`` or by the
    end. The value holds the mark.
    """

    def __init__(self, start: bytes, stop: bytes, *, followed_by: bytes) -> None:
        super().__init__()
        self.start, self.stop, self.followed_by = start, stop, followed_by

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        if not data.startswith(self.start, pos):
            return -1
        end = data.find(self.stop, pos + len(self.start))
        while end >= 0:
            after = end + 1
            if after == len(data) or data[after] in self.followed_by:
                return end
            end = data.find(self.stop, after)
        return -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        stop = re.escape(self.stop)
        follows = character_class(frozenset(self.followed_by))
        other = ANY.but(self.stop).pattern
        return b"%b(?:%b++|%b(?!%b|\\Z))*+(?=%b)" % (
            re.escape(self.start), other, stop, follows, stop,
        )  # fmt: skip

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return raw_bytes(value)

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        del context
        data = self.encode(obj)
        if self.measure(data + self.stop, 0) != len(data):  # alone it has no end
            raise FieldError(f"{obj!r} does not fit {type(self).__name__}", path=path)
        stream.write(data)
        return obj


class Rest(Field):
    """All that remains, as bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.flagbuildnone = True

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        del pos
        return len(data)

    def pattern(self) -> bytes:
        """See ``Field``."""
        return ANY.pattern + b"*+"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return b"" if value is None else bytes(value)
