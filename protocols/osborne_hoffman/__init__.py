"""Osborne-Hoffman over TCP, versions 1 to 3: plain frames, and scrambled with triple DES."""

from protocols.osborne_hoffman.explain import explain, explain_all
from protocols.osborne_hoffman.session import (
    ACK_TIMEOUT_S,
    OhEnvelope,
    Output,
    connect,
    hide,
    panel,
    written_answer,
)

__all__ = [
    "ACK_TIMEOUT_S",
    "OhEnvelope",
    "Output",
    "connect",
    "explain",
    "explain_all",
    "hide",
    "panel",
    "written_answer",
]
