"""What all links to alarm receivers share: stop and wait, the two roles, what receivers say."""

from protocols.receiver_link.computer import (
    COMPLETE_WAIT_S,
    PARTIAL_FRAME_S,
    Computer,
    Envelope,
    Framing,
    Kind,
    LinkState,
)
from protocols.receiver_link.explanation import Explanation, Field, fields_of, misfit
from protocols.receiver_link.message import (
    CallerId,
    CallingName,
    Channels,
    Digits,
    Internal,
    ItiFields,
    Modifier,
    PulseEvent,
    TwoWayAudio,
)
from protocols.receiver_link.session import NO_OPTIONS, Connection, Role
from protocols.receiver_link.stop_and_wait import ACK, NAK, Rules, Sender

__all__ = [
    "ACK",
    "COMPLETE_WAIT_S",
    "NAK",
    "NO_OPTIONS",
    "PARTIAL_FRAME_S",
    "CallerId",
    "CallingName",
    "Channels",
    "Computer",
    "Connection",
    "Digits",
    "Envelope",
    "Explanation",
    "Field",
    "Framing",
    "Internal",
    "ItiFields",
    "Kind",
    "LinkState",
    "Modifier",
    "PulseEvent",
    "Role",
    "Rules",
    "Sender",
    "TwoWayAudio",
    "fields_of",
    "misfit",
]
