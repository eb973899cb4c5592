"""Sur-Gard receivers (MLR2, SLR, System family): frames to an automation computer, and back."""

from protocols.receiver_link import Explanation, Field, Role
from protocols.surgard.explain import explain, explain_all
from protocols.surgard.frame import Header
from protocols.surgard.meaning import Site
from protocols.surgard.message import (
    Envelope,
    Internal,
    ItiFields,
    Modifier,
    PulseEvent,
    TwoWayAudio,
)
from protocols.surgard.receiver import ACK_TIMEOUT_S
from protocols.surgard.session import Connection, connect
from protocols.surgard.write import Output, frame_of, heartbeat

__all__ = [
    "ACK_TIMEOUT_S",
    "Connection",
    "Envelope",
    "Explanation",
    "Field",
    "Header",
    "Internal",
    "ItiFields",
    "Modifier",
    "Output",
    "PulseEvent",
    "Role",
    "Site",
    "TwoWayAudio",
    "connect",
    "explain",
    "explain_all",
    "frame_of",
    "heartbeat",
]
