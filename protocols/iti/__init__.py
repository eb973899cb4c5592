"""ITI receivers: the generic output, and the computer output of the CS-5000."""

from protocols.iti.explain import explain, explain_all
from protocols.iti.session import ACK_TIMEOUT_S, connect, receiver
from protocols.iti.write import Output, frame_of, heartbeat

__all__ = [
    "ACK_TIMEOUT_S",
    "Output",
    "connect",
    "explain",
    "explain_all",
    "frame_of",
    "heartbeat",
    "receiver",
]
