"""Where a frame first leaves the layouts of its id: the byte, the field, the reason in words."""

from __future__ import annotations

from protocols._core import ProtocolError
from protocols.receiver_link.explanation import Misfit
from protocols.receiver_link.explanation import misfit as furthest
from protocols.surgard import frame
from protocols.surgard.frame import Header

CLAUSE = "Sur-Gard automation output, protocol ids"
_SHOWN_BYTES = 24
_ZONE_DIGITS = 3


def misfit(raw: bytes, header: Header) -> Misfit | None:
    """Return where ``raw`` leaves the layouts of its id; None when its id has none."""
    return furthest(raw, frame.frames(header))


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
