"""A frame field by field, broken ones included: for the decode command and the corpus."""

from __future__ import annotations

import msgspec

from protocols._core import Incoming, Rejected
from protocols.mx8000 import frame
from protocols.mx8000.commands import parse_command
from protocols.mx8000.session import NAME, MxComputer, Received
from protocols.receiver_link import Explanation
from protocols.receiver_link.explanation import kind_of
from protocols.receiver_link.telling import answered, explained


def explain(data: bytes, *, kind: str = "auto") -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data, kind=kind)[0]


def explain_all(data: bytes, *, kind: str = "auto") -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises.

    A frame whose check byte is wrong is told with what it says, and with what the byte should be.
    """
    if (answer := answered(NAME, data)) is not None:
        return [answer]
    if kind == "auto":
        kind = "sk9000" if data[:1] and data[:1] in frame.IDENTIFIERS["sk9000"] else "ae8000"
    side = MxComputer(kind=kind)
    incoming = side.receive(data, now=0.0) + side.eof()
    told = [_explained(each, side) for each in incoming]
    # A heartbeat and the command that deletes a listen-in account begin alike.
    if all(each.kind in ("noise", "invalid") for each in told):
        command = parse_command(data)
        if command is not None:
            name = command.name
            kind = name if name == "link-test-request" else "command"
            return [Explanation(raw=data, kind=kind, protocol=NAME, layout=name)]
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]


def _explained(incoming: Incoming, side: MxComputer) -> Explanation:
    told = explained(NAME, incoming, side.layouts.declared, kind=kind_of(incoming), token=side.kind)
    envelope = incoming.envelope
    if not isinstance(envelope, Received):
        return told
    told = msgspec.structs.replace(told, check_sent=envelope.vbyte, check_calculated=envelope.right)
    said = envelope.said
    if isinstance(incoming, Rejected) and said is not None:
        kind = "internal" if said.internal else "event"
        told = msgspec.structs.replace(told, kind=kind, parts=said.parts, account=said.account)
    return told
