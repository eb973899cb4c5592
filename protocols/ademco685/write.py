"""Frames from parts: what a receiver sends, built from the declarations that read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Part
from protocols.ademco685 import frame
from protocols.ademco685.meaning import ZONES
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, PulseEvent

_LETTERS: Final = {"1": "E", "3": "R", "6": "P"}
_CHANNELS: Final = 8
_USER_EVENTS: Final = "4"
"""Contact ID codes that begin so count users (openings, closings)."""
_HEX: Final = {digit: int(digit, 16) for digit in "0123456789ABCDEFabcdef"}
"""One digit each, and nothing else that ``int`` would read: signs, blanks, two digits."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver is programmed to send."""

    format: str = "685"
    receiver: str = "1"
    line: str = "1"
    """The group."""
    header: bytes = frame.LF
    terminator: bytes = frame.CR
    has_blank: bool = True
    """A blank before the end of Contact ID frames and heartbeats (MX8000; VisorALARM has none)."""


def frame_of(parts: Sequence[Part], output: Output, *, account: str) -> bytes:
    """Write one frame.

    Raises:
        ValueError: The parts do not fit a frame; says which field.
    """
    if len(parts) != 1:
        message = f"{len(parts)} parts seen; a frame takes one"
        raise ValueError(message)
    layout, fields = _fields(parts[0], output)
    return packet(layout, {"account": account, **fields}, output)


def heartbeat(output: Output) -> bytes:
    """Write a heartbeat."""
    return packet("heartbeat", {"blank": " " if output.has_blank else None}, output)


def packet(layout: str, fields: dict[str, Any], output: Output) -> bytes:
    """Build a layout with the programmed header and end."""
    values = {"receiver": output.receiver, "line": output.line, **fields}
    declared = frame.frames(output.format, output.header, output.terminator)
    try:
        written: bytes = declared[layout].build(values)
    except (ConstructError, KeyError) as error:
        message = f"no {layout} frame of {output.format} can be built of {values}: {error}"
        raise ValueError(message) from error
    return written


def _fields(part: Part, output: Output) -> tuple[str, dict[str, Any]]:
    if isinstance(part, ContactId):
        return "contact-id", {
            "message_type": "18",
            "qualifier": part.qualifier_sent or _LETTERS.get(part.qualifier, part.qualifier),
            "event": part.event,
            "group": part.group,
            "kind": "U" if part.event.startswith(_USER_EVENTS) else "C",
            "zone": part.zone,
            "blank": " " if output.has_blank else None,
        }
    if isinstance(part, Channels) and len(part.channels) == _CHANNELS:
        sent = "".join(part.channels)
        return "high-speed", {"low": sent[:4], "high": sent[4:], "status": part.status}
    if isinstance(part, PulseEvent):
        return _pulse(part, output)
    message = f"{type(part).__name__} has no frame"
    raise ValueError(message)


def _pulse(part: PulseEvent, output: Output) -> tuple[str, dict[str, Any]]:
    event, zone = part.event_code, part.zone
    if part.format == "sk-fsk2":
        return "sk-fsk2", {"code": event}
    if part.format == "sk-fsk1":
        return "sk-fsk1", {"event": event, "zone": zone or " "}
    if part.format == "sk-fsk0":
        return "sk-fsk0", {"event": event}
    if not zone:
        return "four-one", {"event": event}
    if output.format != "caps":
        return "four-two", {"event": event, "zone": zone}
    try:
        return "four-two-decimal", {"number": _HEX[event] * ZONES + _HEX[zone]}
    except KeyError as error:
        message = f"event {event!r} and zone {zone!r} seen; a 4/2 event has one hex digit each"
        raise ValueError(message) from error
