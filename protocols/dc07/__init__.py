"""SIA DC-07: the receiver's frames to a computer, as far as its shape is known."""

from protocols.dc07.explain import explain, explain_all
from protocols.dc07.session import ACK_TIMEOUT_S, Output, build_frame, connect, receiver

__all__ = [
    "ACK_TIMEOUT_S",
    "Output",
    "build_frame",
    "connect",
    "explain",
    "explain_all",
    "receiver",
]
