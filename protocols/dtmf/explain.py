"""Dialled digits field by field, broken ones included: for the decode command."""

from __future__ import annotations

from protocols._core import Rejected
from protocols.dtmf import frame
from protocols.dtmf.session import NAME, DtmfComputer
from protocols.receiver_link import Envelope, Explanation
from protocols.receiver_link.telling import explained


def explain(data: bytes) -> Explanation:
    """Tell every field of the first message in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every message of a stream, and what stands between them; never raises."""
    side = DtmfComputer()
    told = []
    for each in side.receive(data, now=0.0) + side.eof():
        is_message = isinstance(each.envelope, Envelope)
        kind = "noise" if not is_message else "invalid" if isinstance(each, Rejected) else "event"
        told.append(explained(NAME, each, frame.MESSAGES, kind=kind))
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]
