"""Osborne-Hoffman frames in clear, in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import osborne_hoffman
from protocols.contact_id import ContactId
from protocols.receiver_link import Explanation
from protocols.sia_dc03 import SiaEvent
from tests.corpus.receivers.said import contact_id


def frames(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in osborne_hoffman.explain_all(data)]


def fields(frame: Explanation) -> dict[str, Any]:
    """One frame, or an answer."""
    told: dict[str, Any] = {"kind": frame.kind}
    if frame.kind in ("ack", "nak"):
        is_filled = not frame.raw.endswith(b"\n") and len(frame.raw) % 8 == 0
        return told | {"encrypted_before_send": is_filled}
    if frame.kind == "set-panel-id":
        return told | {"panel_id": frame.raw[2:10].decode()}
    told |= {"receiver": frame.receiver, "line": frame.line, "account": frame.account}
    panel_id = frame.value("panel_id")
    if frame.kind == "heartbeat":
        return told | {"version": "1" if panel_id is None else "2", "panel_id": panel_id}
    told |= {
        "protocol": frame.token,
        "seq": frame.value("sequence"),
        "length": frame.value("length"),
        "panel_id_enc": panel_id,
        "system_account": frame.value("system_account"),
    }
    part = frame.parts[0] if frame.parts else None
    if isinstance(part, ContactId):
        told |= contact_id(part)
    elif isinstance(part, SiaEvent):
        told |= {
            "event": part.code,
            "addr": part.address or None,
            "area": part.modifier("ri"),
            "text": part.text,
        }
    return told
