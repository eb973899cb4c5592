"""Fields made of fields: enclosed, optional, one of several, repeated."""

from __future__ import annotations

import re
from typing import Any

from protocols._core.alphabet import Alphabet
from protocols._core.field import Field, as_template
from protocols._core.runs import Characters


class Enclosed(Field):
    """A field between two marks; its value is the field's."""

    def __init__(self, before: bytes, field: Field, after: bytes = b"") -> None:
        super().__init__()
        self.before, self.field, self.after = before, field, after
        self.convert = field.convert
        if field.template is not None:
            self.template = as_template(before) + field.template + as_template(after)
            self.above = field.above

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

    def decode(self, raw: bytes) -> Any:
        """See ``Field``: without the marks of the field."""
        return self.field.decode(raw) if raw else None

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
