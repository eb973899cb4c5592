"""Ademco 685 and what speaks like it: CAPS, FBI CP-220 with the Silent Knight formats."""

from protocols.ademco685.explain import explain, explain_all
from protocols.ademco685.session import ACK_TIMEOUT_S, connect, receiver
from protocols.ademco685.write import Output, frame_of, heartbeat

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
