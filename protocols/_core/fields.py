r"""The words in which a wire format is declared: our own Construct field classes.

A declaration is a ``construct.Struct`` of these fields. Each class knows four things: where
it ends (``measure``, a plain sequential reader), its value (``decode``), its bytes
(``encode``), and the same end said as a bytes pattern (``pattern``). Construct's own ``parse``
and ``build`` use the first three; ``recogniser.py`` generates one regular expression from the
fourth. Nothing here may know a protocol.

Vocabulary::

    Literal(b"[")                        exactly these bytes; leave it unnamed
    Ahead(b'"')                          these bytes must follow; consumes nothing
    Characters(HEX, 1, 6)                a run out of an alphabet, as text (as_bytes=True: bytes)
    Characters(DECIMAL, 4)               exactly four
    Characters(ANY.but(b"]"))            anything up to a delimiter (0 to unlimited)
    HexNumber(4), DecimalNumber(2)       fixed digits as an int
    BinaryNumber(2)                      raw bytes as an int, most significant first
    Picture(b"99:99:99")                 9 is a digit, every other byte stands for itself; text
    Padded(6, HEX, align="right")        fixed width, filled with blanks; value without the fill
    Enclosed(b"[", field, b"]")          field between marks; Prefixed(b"R", field) with one
    QuotedToken(alphabet, 1, 32)         "..." in double quotes
    UpTo(b"J{", b"]", followed_by=b"[_") begins so, ends before the first ] that such a byte (or
                                         the end) follows; for text that holds its own delimiter
    Maybe(field)                         None when absent
    Choice(field, field)                 the first that fits; one value, no names inside
    Repeat(field)                        tuple of values; the recogniser sees one span
    Rest()                               all that remains, as bytes
    Sealed(...)                          (sealed.py) a region with its check value and length

Alphabets: ``DECIMAL``, ``HEX`` (both cases), ``UPPER_HEX``, ``LETTERS``, ``PRINTABLE`` (0x20 to
0x7E), ``ANY``; ``Alphabet("0-9B-F")`` for another, ``.but(b"]|")`` to take some out.

A named ``Struct`` inside a ``Struct`` is itself a field: the recogniser gives its bytes under
its name and its inner fields beside it. Sequential means: each field takes what it can and
never gives back. The patterns say the same, with possessive quantifiers and, where an optional
part holds a value, a guard that forbids skipping it once it fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from operator import methodcaller
from typing import Any, Final
from typing import Literal as Word

from construct import Construct, ConstructError, Renamed, Struct, Terminated

from protocols._core.alphabet import (
    ANY,
    DECIMAL,
    HEX,
    LETTERS,
    PRINTABLE,
    UPPER_HEX,
    Alphabet,
    character_class,
)

__all__ = [
    "ANY",
    "DECIMAL",
    "HEX",
    "LETTERS",
    "PRINTABLE",
    "UPPER_HEX",
    "Ahead",
    "Alphabet",
    "BinaryNumber",
    "Characters",
    "Choice",
    "DecimalNumber",
    "Enclosed",
    "Field",
    "FieldError",
    "HexNumber",
    "Literal",
    "Maybe",
    "Padded",
    "Picture",
    "Prefixed",
    "QuotedToken",
    "Repeat",
    "Rest",
    "UpTo",
    "pattern_of",
    "unnamed",
]

_LATIN_1: Final = methodcaller("decode", "latin-1")


class FieldError(ConstructError):  # type: ignore[misc]  # construct ships no types
    """Bytes or a value that do not fit a field of a declaration."""


class Field(Construct):  # type: ignore[misc]  # construct ships no types
    """One field of a declaration; subclasses say what it looks like.

    Attributes:
        convert: Bytes to value, for the recogniser; None when the bytes are the value.
    """

    convert: Callable[[bytes], Any] | None = None

    def measure(self, data: bytes, pos: int) -> int:
        """Return where the field that begins at ``pos`` ends, or -1 when it is not there."""
        raise NotImplementedError

    def pattern(self) -> bytes:
        """Say the field as a bytes pattern without capturing groups."""
        raise NotImplementedError

    def captured(self, name: str) -> bytes:
        """Say the field as a pattern whose value is the group ``name``."""
        return b"(?P<%b>%b)" % (name.encode(), self.pattern())

    def decode(self, raw: bytes) -> Any:
        """Turn the field's bytes, found by ``measure``, into its value."""
        return raw if self.convert is None else self.convert(raw)

    def encode(self, value: Any) -> bytes:
        """Turn a value into the field's bytes; ``build`` checks them with ``measure``."""
        raise NotImplementedError

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        del context
        start = stream.tell()
        data = stream.read()
        end = self.measure(data, 0)
        if end < 0:
            stream.seek(start)
            raise FieldError(f"no {type(self).__name__} in {data[:16]!r}", path=path)
        stream.seek(start + end)
        return self.decode(data[:end])

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        del context
        data = self.encode(obj)
        if self.measure(data, 0) != len(data):
            raise FieldError(f"{obj!r} does not fit {type(self).__name__}", path=path)
        stream.write(data)
        return obj


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


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
        return _bytes(value)


class HexNumber(Field):
    """A number in exactly so many hex digits; read in either case, written in upper case.

    The alphabet is checked, since ``int(raw, 16)`` alone would also take signs, blanks and
    underscores, and a frame that nobody sent would pass as one that somebody did.
    """

    base = 16
    alphabet: Alphabet = HEX

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.digits = digits
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
        self._check(value)
        return b"%0*X" % (self.digits, value)

    def _check(self, value: int) -> None:
        if not 0 <= value < self.base**self.digits:
            raise FieldError(f"{value} does not fit {self.digits} digits in base {self.base}")


class DecimalNumber(HexNumber):
    """A number in exactly so many decimal digits."""

    base = 10
    alphabet = DECIMAL

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        self._check(value)
        return b"%0*d" % (self.digits, value)


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
        return _bytes(value)


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
        raw = _bytes(value)
        if self.align == "left":
            return raw.ljust(self.width, self.fill)
        return raw.rjust(self.width, self.fill)


class Enclosed(Field):
    """A field between two marks; its value is the field's."""

    def __init__(self, before: bytes, field: Field, after: bytes = b"") -> None:
        super().__init__()
        self.before, self.field, self.after = before, field, after
        self.convert = field.convert

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        if not data.startswith(self.before, pos):
            return -1
        end = self.field.measure(data, pos + len(self.before))
        return end + len(self.after) if end >= 0 and data.startswith(self.after, end) else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return re.escape(self.before) + self.field.pattern() + re.escape(self.after)

    def captured(self, name: str) -> bytes:
        """See ``Field``: the group holds the field without its marks."""
        return re.escape(self.before) + self.field.captured(name) + re.escape(self.after)

    def decode(self, raw: bytes) -> Any:
        """See ``Field``."""
        return self.field.decode(raw[len(self.before) : len(raw) - len(self.after)])

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return self.before + self.field.encode(value) + self.after


def Prefixed(before: bytes, field: Field) -> Enclosed:  # noqa: N802  a word of the vocabulary
    """Say: a mark, then the field."""
    return Enclosed(before, field)


def QuotedToken(alphabet: Alphabet, minimum: int = 0, maximum: int | None = None) -> Enclosed:  # noqa: N802  a word of the vocabulary
    """Say: text in double quotes."""
    return Enclosed(b'"', Characters(alphabet.but(b'"'), minimum, maximum), b'"')


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
        return _bytes(value)

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        del context
        data = self.encode(obj)
        if self.measure(data + self.stop, 0) != len(data):  # alone it has no end
            raise FieldError(f"{obj!r} does not fit {type(self).__name__}", path=path)
        stream.write(data)
        return obj


class Maybe(Field):
    """A field that may be absent; its value is then None."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.convert = field.convert
        self.flagbuildnone = True

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = self.field.measure(data, pos)
        return pos if end < 0 else end

    def pattern(self) -> bytes:
        """See ``Field``."""
        return b"(?>" + self.field.pattern() + b"|)"

    def captured(self, name: str) -> bytes:
        """See ``Field``: the guard stands in for a possessive ``?``, which may not capture.

        (Captures inside possessive groups come out wrong in some releases of Python 3.11.)
        """
        return b"(?:%b|(?!%b))" % (self.field.captured(name), self.field.pattern())

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        start = stream.tell()
        rest = stream.read()
        stream.seek(start)
        if self.field.measure(rest, 0) < 0:
            return None
        return self.field._parsereport(stream, context, path)  # noqa: SLF001  Construct's way in

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return b"" if value is None else self.field.encode(value)


class Choice(Field):
    """The first of several fields that fits; all of them have one kind of value."""

    def __init__(self, *fields: Field) -> None:
        super().__init__()
        self.fields = fields
        self.convert = fields[0].convert

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        for field in self.fields:
            end = field.measure(data, pos)
            if end >= 0:
                return end
        return -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return b"(?>" + b"|".join(field.pattern() for field in self.fields) + b")"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return self.fields[0].encode(value)


class Repeat(Field):
    """A field as often as it comes, up to ``maximum``; its value is a tuple.

    The recogniser captures one span; a second pattern, of the field alone, splits it.
    """

    def __init__(self, field: Field, *, maximum: int | None = None) -> None:
        super().__init__()
        self.field, self.maximum = field, maximum
        self._split = re.compile(field.captured("item")).findall
        self.convert = self._values
        self.flagbuildnone = True

    def _values(self, span: bytes) -> tuple[Any, ...]:
        if not span:
            return ()
        convert = self.field.convert
        found = self._split(span)
        return tuple(found) if convert is None else tuple(map(convert, found))

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        count = 0
        while self.maximum is None or count < self.maximum:
            end = self.field.measure(data, pos)
            if end <= pos:
                break
            pos, count = end, count + 1
        return pos

    def pattern(self) -> bytes:
        """See ``Field``."""
        most = b"" if self.maximum is None else b"%d" % self.maximum
        return b"(?:%b){0,%b}+" % (self.field.pattern(), most)

    def decode(self, raw: bytes) -> Any:
        """See ``Field``: one after the other, without the pattern."""
        values, pos = [], 0
        while pos < len(raw):
            end = self.field.measure(raw, pos)
            values.append(self.field.decode(raw[pos:end]))
            pos = end
        return tuple(values)

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return b"".join(map(self.field.encode, value or ()))


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


def unnamed(subcon: Any) -> Any:
    """Return a field of a declaration without the name it bears there."""
    return subcon.subcon if isinstance(subcon, Renamed) else subcon


def pattern_of(declaration: Any) -> bytes:
    """Say a whole declaration as a bytes pattern without capturing groups."""
    inner = unnamed(declaration)
    if isinstance(inner, Struct):
        return b"".join(pattern_of(part) for part in inner.subcons)
    if inner is Terminated:
        return rb"\Z"
    if not isinstance(inner, Field):
        raise TypeError(f"{type(inner).__name__} has no pattern; declare it with _core.fields")
    return inner.pattern()
