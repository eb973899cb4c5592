"""What the codec keeps of a Sur-Gard frame; what frames say is in ``receiver_link.message``."""

from __future__ import annotations

from protocols import receiver_link
from protocols.receiver_link import (
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

__all__ = [
    "CallerId",
    "CallingName",
    "Channels",
    "Digits",
    "Envelope",
    "Internal",
    "ItiFields",
    "Modifier",
    "PulseEvent",
    "TwoWayAudio",
]


class Envelope(receiver_link.Envelope, frozen=True):
    """What the codec keeps of a frame, to answer it and to explain it."""

    is_b32: bool = False
    """It had the four bytes of the B32 prefix, and so has its answer."""
    clock: str | None = None
    """The receiver's own clock, ``HH:MM:SS-dd/mm``, where that option is on."""
    terminator: str | None = None
