"""A frame field by field, broken ones included: for the decode command and the corpus."""

from __future__ import annotations

from typing import Any, Final

from protocols._core import (
    Incoming,
    Rejected,
    Report,
)
from protocols.receiver_link import Explanation, Field, fields_of
from protocols.receiver_link.explanation import kind_of, response_to
from protocols.surgard import frame
from protocols.surgard.computer import Computer
from protocols.surgard.message import Envelope
from protocols.surgard.misfit import misfit

_BYTES: Final = {frame.ACK: "ack", frame.NAK: "nak"}


def explain(data: bytes) -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises."""
    packet, length = _unpacked(data)
    answer = _BYTES.get(packet)
    if answer is not None:
        return [Explanation(raw=data, kind=answer, b32_length=length)]
    computer = Computer()
    incoming = computer.receive(data, now=0.0) + computer.eof()
    return [_explained(each) for each in incoming] or [Explanation(raw=data, kind="noise")]


def _unpacked(data: bytes) -> tuple[bytes, int | None]:
    """Take the B32 prefix off; the length that it says, None without one."""
    if not data.startswith(b"\x00\x00") or len(data) < frame.B32_BYTES:
        return data, None
    digits = data[2 : frame.B32_BYTES].hex()
    return data[frame.B32_BYTES :], int(digits) if digits.isdecimal() else None


def _explained(incoming: Incoming) -> Explanation:
    envelope = incoming.envelope
    if not isinstance(envelope, Envelope):
        return Explanation(raw=incoming.raw, kind="noise", incoming=incoming)
    packet, length = _unpacked(incoming.raw) if envelope.is_b32 else (incoming.raw, None)
    shift = len(incoming.raw) - len(packet)
    line = getattr(incoming, "line", None)
    header = frame.AUTO if line is None else "RR" + "L" * len(line)
    fields = _fields(_nearest(incoming, envelope, packet), header, packet, shift)
    values = {field.name: field.value for field in fields}
    return Explanation(
        raw=incoming.raw,
        kind=kind_of(incoming),
        incoming=incoming,
        layout=envelope.layout,
        token=packet[:1].decode("latin-1"),
        receiver=getattr(incoming, "receiver", None) or _text(values.get("receiver")),
        line=getattr(incoming, "line", None) or _text(values.get("line")),
        account=incoming.account,
        parts=incoming.parts if isinstance(incoming, Report) else (),
        clock=envelope.clock,
        terminator=envelope.terminator,
        b32_length=length,
        fields=fields,
        response=response_to(incoming),
    )


def _nearest(incoming: Incoming, envelope: Envelope, packet: bytes) -> str:
    """Name the layout of a frame; of one that fits none, the layout that fits furthest."""
    place = misfit(packet, "auto") if isinstance(incoming, Rejected) else None
    return envelope.layout if place is None else place.layout


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _fields(layout: str, header: str, packet: bytes, shift: int) -> tuple[Field, ...]:
    """Read the frame field after field by its declaration, as far as it goes."""
    declaration: Any = frame.frames(header).get(layout)
    if declaration is None:
        ids = packet[:1].decode("latin-1")
        declaration = frame.envelope(ids, "auto", least=0)
    return fields_of(declaration, packet, shift)
