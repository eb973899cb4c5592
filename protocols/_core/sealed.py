"""A region that carries its own check value and length: what no pattern can say."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from construct import Construct, Struct

from protocols._core.field import as_template
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
        self.seal: Callable[[bytes], bytes] = self._quick_seal() or self._slow_seal
        """Returns a region with its head and its closing mark."""

    def _slow_seal(self, region: bytes) -> bytes:
        head = self.check.encode(self.checksum(region)) + self.length.encode(len(region))
        return self.opening + head + region + self.closing

    def _quick_seal(self) -> Callable[[bytes], bytes] | None:
        """Make the way to seal in one formatting; it runs twice for every report."""
        if self.check.template is None or self.length.template is None:
            return None
        template = as_template(self.opening) + self.check.template + self.length.template
        template += b"%b" + as_template(self.closing)
        checksum, slow, above = self.checksum, self._slow_seal, self.length.above

        def seal(region: bytes) -> bytes:
            size = len(region)
            if size >= above:
                return slow(region)  # raises: the length does not fit its field
            return template % (checksum(region), size, region)

        return seal

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
