"""What every field of a declaration is, and how a declaration of them is walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from construct import Construct, ConstructError, Renamed, Struct, Terminated


class FieldError(ConstructError):  # type: ignore[misc]  # construct ships no types
    """Bytes or a value that do not fit a field of a declaration."""


class Field(Construct):  # type: ignore[misc]  # construct ships no types
    """One field of a declaration; subclasses say what it looks like.

    Attributes:
        convert: Bytes to value, for the recogniser; None when the bytes are the value.
        template: What ``%`` fills with a number to the same bytes as ``encode``, for the quick
            way to seal; None when there is no such thing.
        above: The least number that is too large for ``template``.
    """

    convert: Callable[[bytes], Any] | None = None
    template: bytes | None = None
    above: int = 0

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


def as_template(mark: bytes) -> bytes:
    """Say fixed bytes as a part of a ``%`` template."""
    return mark.replace(b"%", b"%%")


def raw_bytes(value: Any) -> bytes:
    """Take bytes as they are and text as Latin-1, so that no byte is lost."""
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


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
