"""FSK Multi-Router frames in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import fsk_router
from protocols.contact_id import ContactId
from protocols.receiver_link import Explanation
from tests.corpus.receivers.said import contact_id


def frames(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in fsk_router.explain_all(data)]


def fields(frame: Explanation) -> dict[str, Any]:
    """One frame."""
    names = ("start", "repeater", "rssi_local", "rssi_remote", "slot")
    told: dict[str, Any] = {
        "kind": frame.kind,
        "account": frame.account,
        **{name: frame.value(name) for name in names},
    }
    slot = frame.value("slot")
    if slot is not None:
        told["slot_int"] = ord(slot) - ord("A")
    part = frame.parts[0] if frame.parts else None
    if isinstance(part, ContactId):
        told |= contact_id(part)
    elif part is not None:
        told["event"] = part.event_code
    return told
