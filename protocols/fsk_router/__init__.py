"""FSK Multi-Router: radio receivers that report as FSK7 or FSK extended."""

from protocols.fsk_router.explain import explain, explain_all
from protocols.fsk_router.session import (
    ACK_TIMEOUT_S,
    QUALIFIERS,
    FskEnvelope,
    Output,
    connect,
    frame_of,
    receiver,
)

__all__ = [
    "ACK_TIMEOUT_S",
    "QUALIFIERS",
    "FskEnvelope",
    "Output",
    "connect",
    "explain",
    "explain_all",
    "frame_of",
    "receiver",
]
