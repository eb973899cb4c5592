"""Where a frame first leaves the layouts of its id: the byte, the field, the reason in words."""

from __future__ import annotations

from typing import Any

import msgspec
from construct import Struct

from protocols._core import ProtocolError
from protocols._core.fields import unnamed
from protocols.surgard import frame
from protocols.surgard.frame import Header

CLAUSE = "Sur-Gard automation output, protocol ids"
END = "end"
_SHOWN_BYTES = 24
_ZONE_DIGITS = 3


class Misfit(msgspec.Struct, frozen=True):
    """The first place that cannot be right in the layout that fits furthest."""

    layout: str
    field: str
    offset: int


def misfit(raw: bytes, header: Header) -> Misfit | None:
    """Return where ``raw`` leaves the layouts of its id; None when its id has none."""
    found: Misfit | None = None
    for name, declaration in frame.frames(header).items():
        offset, field = _reached(declaration, raw, 0)
        if offset and (found is None or offset > found.offset):
            found = Misfit(name, field, offset)
    return found


def _reached(declaration: Any, raw: bytes, at: int) -> tuple[int, str]:
    """Measure field after field; return where the first does not fit, and its name."""
    for part in declaration.subcons:
        field = unnamed(part)
        if isinstance(field, Struct):
            at, name = _reached(field, raw, at)
            if name != END:
                return at, name
            continue
        end = field.measure(raw, at)
        if end < 0:
            return at, part.name or repr(getattr(field, "value", b"").decode())[1:-1]
        at = end
    return at, END


def unreadable(raw: bytes, header: Header) -> ProtocolError:
    """Return the error for an envelope whose data fits no layout of its id."""
    place = misfit(raw, header)
    seen = raw[:_SHOWN_BYTES].decode("latin-1")
    if place is None:
        return ProtocolError(
            f"{seen!r} seen on a noisy line; id {raw[:1].decode('latin-1')!r} is not read, so"
            " nothing tells it from noise until it is repeated",
            raw=raw, offset=0, clause=CLAUSE,
        )  # fmt: skip
    at = raw[place.offset : place.offset + 4].decode("latin-1")
    reason = f"{at!r} seen where {place.layout} has its {place.field}"
    rule = _rule(place, raw)
    if rule is not None:
        reason = f"{rule}: {reason}"
    return ProtocolError(reason, raw=raw, offset=place.offset, clause=CLAUSE)


def _rule(place: Misfit, raw: bytes) -> str | None:
    """Name the two mistakes that manuals and field notes name."""
    if place.layout == "sia" and place.field == "]":
        return "missing closing bracket"
    left = len(raw.rstrip(frame.DC4 + frame.CR)) - place.offset
    if place.layout == "contact-id" and place.field == "zone" and left == _ZONE_DIGITS - 1:
        return "contact-id body one digit short"
    return None


def noise(raw: bytes) -> ProtocolError:
    """Return the error for bytes that are no frame."""
    seen = raw[:_SHOWN_BYTES].hex(" ")
    return ProtocolError(
        f"{seen} seen; expected a protocol id, receiver and line",
        raw=raw, offset=0, clause=CLAUSE,
    )  # fmt: skip


def incomplete(raw: bytes) -> ProtocolError:
    """Return the error for a frame whose end did not come."""
    return ProtocolError(
        f"{len(raw)} bytes of a frame, then nothing; expected its end within a second",
        raw=raw, offset=len(raw), clause=CLAUSE,
    )  # fmt: skip
