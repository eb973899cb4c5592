"""A frame of either mode field by field, broken ones included: for the decode command."""

from __future__ import annotations

from protocols._core import Incoming, LinkTest, Rejected
from protocols.bosch6500.commands import parse_command
from protocols.bosch6500.computer import NAME, D6500Computer, SiaModeComputer
from protocols.bosch6500.meaning import TEXT_CODE
from protocols.receiver_link import Envelope, Explanation, Internal
from protocols.receiver_link.telling import explained

_BYTES = {b"\x06": "ack", b"\x15": "nak"}


def explain(data: bytes, *, mode: str = "auto") -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data, mode=mode)[0]


def explain_all(data: bytes, *, mode: str = "auto") -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises."""
    if data in _BYTES:
        return [Explanation(raw=data, kind=_BYTES[data], protocol=NAME)]
    command = parse_command(data)
    if command is not None:
        return [Explanation(raw=data, kind="command", protocol=NAME, layout=command.name)]
    is_sia = mode == "sia" or (mode == "auto" and data.startswith(b"\n"))
    side = SiaModeComputer() if is_sia else D6500Computer()
    incoming = side.receive(data, now=0.0) + side.eof()
    declared = side.layouts.declared
    told = [explained(NAME, each, declared, kind=_kind(each)) for each in incoming]
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]


def _kind(incoming: Incoming) -> str:
    if not isinstance(incoming.envelope, Envelope):
        return "noise"
    if isinstance(incoming, Rejected):
        return "invalid"
    if isinstance(incoming, LinkTest):
        return "heartbeat"
    part = incoming.parts[0] if incoming.parts else None
    if isinstance(part, Internal) and part.code == TEXT_CODE:
        return "text"
    if incoming.internal:
        return "internal"
    return "other" if incoming.envelope.layout == "other" else "event"
