"""How a declaration becomes fast: one bytes pattern generated from it fills a struct.

The declaration stays the only grammar. ``match`` is the receive path (one regular expression,
1 to 3 us); ``interpret`` is the same declaration read by Construct, field after field, and
serves as its oracle: both must accept the same bytes and agree on every field.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec
from construct import ConstructError, Renamed, Struct

from protocols._core.fields import Field, pattern_of, unnamed

T = TypeVar("T", bound=msgspec.Struct)


class Recogniser(Generic[T]):
    """Reads the bytes that a declaration describes into a struct.

    Every field of ``into`` must be a name in the declaration; other names are recognised but
    not kept. A name of an inner ``Struct`` gives that part's bytes. ``into`` is quickest when
    it takes its fields by position, in the declaration's order.

    Raises:
        ValueError: ``into`` has a field that the declaration does not name.
    """

    def __init__(self, declaration: Any, into: type[T]) -> None:
        names = into.__struct_fields__
        known = dict(_named(declaration))
        missing = [name for name in names if name not in known]
        if missing:
            raise ValueError(f"{into.__name__} wants {missing}, the declaration names {[*known]}")
        self.declaration = declaration
        self.into = into
        self.pattern = re.compile(_capturing(declaration, frozenset(names)))
        groups = self.pattern.groupindex
        order = tuple(groups[name] for name in names)
        self._order = None if order == tuple(range(1, len(order) + 1)) else order
        self._converted: tuple[tuple[int, Callable[[bytes], Any]], ...] = tuple(
            (index, convert)
            for index, name in enumerate(names)
            if (convert := _conversion(known[name])) is not None
        )
        parameters = inspect.signature(into).parameters.values()
        self._by_name = any(each.kind is each.KEYWORD_ONLY for each in parameters)
        self._match = self.pattern.match
        self._fullmatch = self.pattern.fullmatch

    def match(self, data: bytes, pos: int = 0) -> T | None:
        """Read what begins at ``pos``; bytes may follow it. None when it is not there."""
        found = self._match(data, pos)
        return None if found is None else self._filled(found)

    def match_end(self, data: bytes, pos: int = 0) -> tuple[T, int] | None:
        """Do as ``match``, and tell where it ended."""
        found = self._match(data, pos)
        return None if found is None else (self._filled(found), found.end())

    def fullmatch(self, data: bytes) -> T | None:
        """Read the whole of ``data``; None when it does not fit to its end."""
        found = self._fullmatch(data)
        return None if found is None else self._filled(found)

    def _filled(self, found: re.Match[bytes]) -> T:
        values: Any = found.groups() if self._order is None else _ordered(found, self._order)
        if self._converted:
            values = list(values)
            for index, convert in self._converted:
                raw = values[index]
                if raw is not None:
                    values[index] = convert(raw)
        if self._by_name:
            return self.into(**dict(zip(self.into.__struct_fields__, values, strict=True)))
        return self.into(*values)

    def interpret(self, data: bytes, *, whole: bool = True) -> T | None:
        """Read ``data`` by Construct itself; slow, and independent of the pattern."""
        try:
            if whole:
                sentinel = Struct("all" / self.declaration, "tail" / _TAIL)
                parsed = sentinel.parse(data)
                if parsed.tail:
                    return None
                parsed = parsed.all
            else:
                parsed = self.declaration.parse(data)
        except ConstructError:
            return None
        values = dict(_flattened(self.declaration, parsed))
        return self.into(**{name: values[name] for name in self.into.__struct_fields__})


def _ordered(found: re.Match[bytes], order: tuple[int, ...]) -> tuple[Any, ...]:
    return found.group(*order) if len(order) > 1 else (found.group(order[0]),)


class _Tail(Field):
    """What the declaration left over."""

    def measure(self, data: bytes, pos: int) -> int:
        del pos
        return len(data)


_TAIL = _Tail()


def _named(declaration: Any) -> Iterator[tuple[str, Any]]:
    """Yield every name in the declaration with its field, outer before inner."""
    for part in unnamed(declaration).subcons:
        inner = unnamed(part)
        if isinstance(part, Renamed) and part.name:
            yield part.name, inner
        if isinstance(inner, Struct):
            yield from _named(inner)


def _capturing(declaration: Any, wanted: frozenset[str]) -> bytes:
    pieces = []
    for part in unnamed(declaration).subcons:
        name = part.name if isinstance(part, Renamed) else None
        inner = unnamed(part)
        if isinstance(inner, Struct):
            body = _capturing(inner, wanted)
            pieces.append(b"(?P<%b>%b)" % (name.encode(), body) if name in wanted else body)
        elif name in wanted:
            pieces.append(inner.captured(name))
        else:
            pieces.append(pattern_of(inner))
    return b"".join(pieces)


def _conversion(field: Any) -> Callable[[bytes], Any] | None:
    return field.convert if isinstance(field, Field) else None


def _flattened(declaration: Any, parsed: Any) -> Iterator[tuple[str, Any]]:
    for part in unnamed(declaration).subcons:
        if not (isinstance(part, Renamed) and part.name):
            continue
        inner = unnamed(part)
        value = parsed[part.name]
        if isinstance(inner, Struct):
            yield part.name, inner.build(value)
            yield from _flattened(inner, value)
        else:
            yield part.name, value
