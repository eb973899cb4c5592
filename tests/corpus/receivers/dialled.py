"""Digits on the telephone line in the form's words."""

from __future__ import annotations

from typing import Any

from protocols.contact_id import ContactId, checksum, parse_dtmf
from tests.corpus.receivers.said import contact_id


def frames(data: bytes) -> list[dict[str, Any]]:
    return [dtmf(data)]


def dtmf(data: bytes) -> dict[str, Any]:
    """Sixteen digits on the telephone line."""
    part = parse_dtmf(data)
    if not isinstance(part, ContactId):
        is_checksum = part.reason.startswith("checksum")
        told: dict[str, Any] = {"kind": "invalid", "reason": part.reason}
        if is_checksum:
            told |= {"reason": "checksum", "expected": checksum(data[:-1]).decode()}
        return told
    return contact_id(part) | {
        "kind": "event",
        "account": part.account,
        "message_type": data[4:6].decode(),
        "checksum": data[-1:].decode(),
        "audio_follows": True if part.event == "606" else None,
        "format": "contact-id",
    }
