"""The shape all protocols share: connection, errors, buffer, fields, recogniser, checksums."""

from protocols._core.connection import (
    Answer,
    Connection,
    Incoming,
    Keys,
    LinkTest,
    Pad,
    Part,
    Rejected,
    Repeat,
    Report,
    Unreadable,
    Verdict,
)
from protocols._core.errors import ProtocolError

__all__ = [
    "Answer",
    "Connection",
    "Incoming",
    "Keys",
    "LinkTest",
    "Pad",
    "Part",
    "ProtocolError",
    "Rejected",
    "Repeat",
    "Report",
    "Unreadable",
    "Verdict",
]
