"""Bosch/Radionics frames, host commands and the data of SIA mode in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import bosch6500
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, Explanation, Internal, PulseEvent
from protocols.sia_dc03 import parse_sia_dcs
from tests.corpus.receivers.said import SAID, contact_id, sia


def frames(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in bosch6500.explain_all(data)]


def fields(frame: Explanation) -> dict[str, Any]:
    """One frame of either mode."""
    told: dict[str, Any] = {
        "kind": frame.kind,
        "protocol": frame.token,
        "receiver": frame.receiver,
        "line": frame.line,
        "account": frame.account,
    }
    if frame.line is not None and len(frame.line) == 1 and frame.line.isalpha():
        told["line_int"] = ord(frame.line) - ord("A") + 10
    part = frame.parts[0] if frame.parts else None
    if isinstance(part, ContactId):
        told |= contact_id(part) | {"format": "contact-id"}
    elif isinstance(part, PulseEvent):
        told |= {
            "format": part.format,
            "event": part.event_code,
            "event_norm": part.meaning,
            "zone": part.zone,
        }
    elif isinstance(part, Channels):
        told |= SAID[Channels](part)
    elif isinstance(part, Internal):
        told |= {"text": part.text}
    elif part is not None:
        told |= sia(frame.parts)
    return told


def commands(data: bytes) -> list[dict[str, Any]]:
    command = bosch6500.parse_command(data)
    if command is None:
        return []
    return [
        {
            "kind": "command",
            "command": command.name,
            "value": command.value,
            "line": command.line,
        }
    ]


def bodies(data: bytes) -> list[dict[str, Any]]:
    """What stands in the brackets of SIA mode."""
    said = bosch6500.sia_mode(data[1:-1], "01")
    if said is None:
        return []
    part = said.parts[0]
    told = {"kind": "body", "account": said.account}
    if isinstance(part, ContactId):
        return [told | contact_id(part) | {"format": "contact-id"}]
    return [told | sia(said.parts)]


def levels(data: bytes) -> list[dict[str, Any]]:
    """SIA data without a frame."""
    account, parts = parse_sia_dcs(data)
    return [{"kind": "body", "account": account} | sia(parts)]
