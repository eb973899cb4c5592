"""One explanation out of what a connection handed up and the declarations that it read by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocols._core import Incoming, LinkTest, ProtocolError, Report
from protocols.receiver_link.computer import Envelope
from protocols.receiver_link.explanation import END, Explanation, fields_of, misfit
from protocols.receiver_link.stop_and_wait import ACK, NAK


def explained(
    protocol: str,
    incoming: Incoming,
    declared: Mapping[str, Any],
    *,
    kind: str,
    token: str | None = None,
) -> Explanation:
    """Tell a frame by the layout that it fits, else by the one that it follows furthest.

    ``token`` is for families whose frames do not hold one.
    """
    envelope = incoming.envelope
    raw = incoming.raw
    if not isinstance(envelope, Envelope):
        return Explanation(raw=raw, kind="noise", protocol=protocol, incoming=incoming)
    layout = envelope.layout
    if layout not in declared:
        place = misfit(raw, declared)
        layout = next(iter(declared)) if place is None else place.layout
    fields = fields_of(declared[layout], raw)
    values = {field.name: field.value for field in fields}
    is_taken = isinstance(incoming, Report | LinkTest)
    return Explanation(
        raw=raw,
        kind=kind,
        protocol=protocol,
        incoming=incoming,
        layout=envelope.layout,
        token=token or _text(values.get("token")),
        receiver=getattr(incoming, "receiver", None) or _text(values.get("receiver")),
        line=getattr(incoming, "line", None) or _text(values.get("line")),
        account=incoming.account,
        parts=incoming.parts if isinstance(incoming, Report) else (),
        fields=fields,
        response="ACK" if is_taken else "NAK",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def answered(protocol: str, data: bytes) -> Explanation | None:
    """Tell the computer's answer, where these bytes are one."""
    kind = {ACK: "ack", NAK: "nak"}.get(data)
    return None if kind is None else Explanation(raw=data, kind=kind, protocol=protocol)


def unreadable(raw: bytes, declared: Mapping[str, Any], clause: str) -> ProtocolError:
    """Return the error for an envelope whose data fits no layout: where it leaves the nearest."""
    place = misfit(raw, declared)
    if place is None or (place.field == END and place.offset >= len(raw)):
        reason = f"{raw[:16]!r} seen; it fits no layout, or noise was on the line before it"
        return ProtocolError(reason, raw=raw, offset=0, clause=clause)
    if place.offset >= len(raw):
        reason = f"the frame ends where {place.layout} has its {place.field}"
    else:
        seen = raw[place.offset : place.offset + 4].decode("latin-1")
        reason = f"{seen!r} seen where {place.layout} has its {place.field}"
    return ProtocolError(reason, raw=raw, offset=place.offset, clause=clause)
