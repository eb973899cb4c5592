"""A region that carries its own check value and length: what no pattern can say."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from construct import Construct, Struct

from protocols._core.fields import Field, FieldError, Literal


class Sealed(Construct):  # type: ignore[misc]  # construct ships no types
    """A region with its check value and its length in front, between two marks.

    What a pattern cannot say stands here: ``length`` counts the bytes of the region and
    ``check`` is ``checksum`` over them. ``head`` is the part in front as a declaration of its
    own, for the recogniser; ``seal`` puts a region between its head and its closing mark.
    """

    def __init__(  # noqa: PLR0913  the parts of the seal, all by keyword
        self,
        *,
        opening: bytes,
        check: Field,
        length: Field,
        content: Any,
        closing: bytes,
        checksum: Callable[[bytes], int],
    ) -> None:
        super().__init__()
        self.opening, self.closing = opening, closing
        self.check, self.length, self.content = check, length, content
        self.checksum = checksum
        self.head = Struct(Literal(opening), "check" / check, "length" / length)
        self._template: bytes | None = None
        if check.template is not None and length.template is not None:
            marks = (opening.replace(b"%", b"%%"), closing.replace(b"%", b"%%"))
            self._template = marks[0] + check.template + length.template + b"%b" + marks[1]

    def seal(self, region: bytes) -> bytes:
        """Return the region with its head and its closing mark."""
        size = len(region)
        if self._template is not None and size < self.length.above:
            return self._template % (self.checksum(region), size, region)
        head = self.check.encode(self.checksum(region)) + self.length.encode(size)
        return self.opening + head + region + self.closing

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        head = self.head._parsereport(stream, context, path)  # noqa: SLF001  Construct's way in
        region = stream.read(head.length)
        if len(region) != head.length or stream.read(len(self.closing)) != self.closing:
            raise FieldError(f"the length field says {head.length}", path=path)
        if self.checksum(region) != head.check:
            raise FieldError(f"the check value over {region[:16]!r} is wrong", path=path)
        inner = BytesIO(region)
        parsed = self.content._parsereport(inner, context, path)  # noqa: SLF001  Construct's way in
        if inner.tell() != len(region):
            raise FieldError(f"bytes are left over after {inner.tell()}", path=path)
        return parsed

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        del context, path
        stream.write(self.seal(self.content.build(obj)))
        return obj
