"""PIMA transmitters that send frames of 38 bytes to a Sur-Gard gateway."""

from protocols.pima.session import (
    ACK_TIMEOUT_S,
    Output,
    connect,
    explain,
    explain_all,
    frame_of,
    receiver,
)

__all__ = [
    "ACK_TIMEOUT_S",
    "Output",
    "connect",
    "explain",
    "explain_all",
    "frame_of",
    "receiver",
]
