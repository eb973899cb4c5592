"""Sur-Gard frames in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import surgard
from protocols._core import Part
from protocols.receiver_link import PulseEvent
from protocols.sia_dc03 import SiaEvent
from tests.corpus.receivers.said import SAID, iti_digit, sia

REASONS = ("missing closing bracket", "contact-id body one digit short")


def frames(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in surgard.explain_all(data)]


def fields(frame: surgard.Explanation) -> dict[str, Any]:
    """One frame."""
    told: dict[str, Any] = {
        "kind": frame.kind,
        "protocol": frame.token,
        "receiver": frame.receiver,
        "line": frame.line,
        "account": frame.account,
        "b32_length": frame.b32_length,
    }
    if frame.line is not None and len(frame.line) == 1 and frame.line.isalpha():
        told["line_int"] = ord(frame.line) - ord("A") + 10
    if frame.clock is not None:
        told["receiver_time"], _, told["receiver_date"] = frame.clock.partition("-")
    if frame.error is not None:
        told["reason"] = next((r for r in REASONS if r in frame.error.reason), None)
    if frame.layout == "surtec":
        events = [{"code": part.event_code, "state": part.state} for part in frame.parts]
        told |= {"format": "surtec", "events": events}
    elif frame.kind in ("event", "internal") and frame.layout == "sia":
        told |= sia(frame.parts)
    elif frame.parts:
        told |= part_fields(frame.parts[0], frame.layout or "")
    return told


def part_fields(part: Part, layout: str) -> dict[str, Any]:
    """The one part of a frame that is not a SIA block."""
    if isinstance(part, PulseEvent):
        return pulse(part, layout)
    if isinstance(part, SiaEvent):
        told = {"format": layout, "event": part.code, "zone": part.address or None}
        is_number = part.address.isdecimal()
        return told | ({"zone_int": int(part.address)} if is_number else {})
    told = SAID[type(part)](part) if type(part) in SAID else {}
    has_format = layout in ("contact-id", "contact-id-10", "sia-protocol-1")
    return told | ({"format": layout} if has_format else {})


def pulse(part: PulseEvent, layout: str) -> dict[str, Any]:
    if part.format == "pima-2char":
        return {"format": part.format, "event": part.event_code}
    if layout in ("modem-ii", "telenot"):
        named = {} if part.meaning is None else {"event_norm": part.meaning}
        return {"format": part.format, "event": part.event_code, "zone": part.zone, **named}
    if part.format == "sk-fsk2":
        return {
            "format": part.format,
            "event": part.event_code[:1],
            "condition": part.event_code[1:],
            "zone": part.zone,
            "meaning": part.meaning,
        }
    told: dict[str, Any] = {"format": part.format, "zone": part.zone, "group": part.group}
    if part.iti is None:
        return told | {"event_code": part.event_code}
    return told | {
        "condition": part.event_code,
        "panel_attr": part.iti.attribute,
        "user": part.iti.user,
        "user_int": iti_digit(part.iti.user),
        "was_level": part.iti.was_level,
        "now_level": part.iti.now_level,
    }
