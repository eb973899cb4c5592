"""Digits on the telephone line in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import dtmf as dtmf_link
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


def older(data: bytes) -> list[dict[str, Any]]:
    """The Ademco formats before Contact ID."""
    told = []
    for each in dtmf_link.explain_all(data):
        if each.kind != "event":
            is_checksum = each.error is not None and each.error.reason.startswith("checksum")
            reason = "checksum" if is_checksum else None
            told.append({"kind": "invalid", "reason": reason})
            continue
        told.append(
            {
                "kind": "event",
                "format": each.layout,
                "account": each.account,
                "type": each.value("message_type"),
                "data": each.value("data"),
                "checksum": each.value("check"),
            }
        )
    return told
