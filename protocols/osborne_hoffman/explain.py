"""A frame in clear field by field, broken ones included: for the decode command."""

from __future__ import annotations

from protocols._core import LinkTest, Rejected
from protocols.osborne_hoffman.cutting import LAYOUTS
from protocols.osborne_hoffman.session import NAME, OhComputer
from protocols.receiver_link import Envelope, Explanation
from protocols.receiver_link.telling import explained

_WORDS = {b"ACK": "ack", b"NACK": "nak"}


def explain(data: bytes) -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every frame of a stream in clear, and what stands between them; never raises."""
    word, _, rest = data.partition(b"\r")
    if word in _WORDS and not rest.strip(b"\n\x00"):
        return [Explanation(raw=data, kind=_WORDS[word], protocol=NAME)]
    if data.startswith(b"ID") and data[2:10].isdigit():
        return [Explanation(raw=data, kind="set-panel-id", protocol=NAME)]
    side = OhComputer(key=None)
    told = []
    for each in side.receive(data, now=0.0) + side.eof():
        if not isinstance(each.envelope, Envelope):
            kind = "noise"
        elif isinstance(each, Rejected):
            kind = "invalid"
        else:
            kind = "heartbeat" if isinstance(each, LinkTest) else "event"
        told.append(explained(NAME, each, LAYOUTS.declared, kind=kind))
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]
