"""Explanations of a family whose frames are events or heartbeats and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocols._core import Incoming, LinkTest, Rejected
from protocols.receiver_link.computer import Computer, Envelope
from protocols.receiver_link.explanation import Explanation
from protocols.receiver_link.stop_and_wait import ACK, NAK
from protocols.receiver_link.telling import explained

_BYTES = {ACK: "ack", NAK: "nak"}


def explained_all(
    side: Computer[Any], data: bytes, declared: Mapping[str, Any]
) -> list[Explanation]:
    """Tell every frame of a stream with a fresh computer's side; never raises."""
    if data in _BYTES:
        return [Explanation(raw=data, kind=_BYTES[data], protocol=side.NAME)]
    told = [
        explained(side.NAME, each, declared, kind=_kind(each))
        for each in side.receive(data, now=0.0) + side.eof()
    ]
    return told or [Explanation(raw=data, kind="noise", protocol=side.NAME)]


def _kind(incoming: Incoming) -> str:
    if not isinstance(incoming.envelope, Envelope):
        return "noise"
    if isinstance(incoming, Rejected):
        return "invalid"
    if isinstance(incoming, LinkTest):
        return "heartbeat"
    return "internal" if incoming.internal else "event"
