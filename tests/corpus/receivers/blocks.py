"""DC-03 blocks in the form's words."""

from __future__ import annotations

import re
from typing import Any

from protocols import dc03_link
from protocols.receiver_link import Explanation
from tests.corpus.receivers.said import sia

LEVEL = re.compile(r"AL([0-9])")


def frames(data: bytes) -> list[dict[str, Any]]:
    told = []
    in_force = None
    for each in dc03_link.explain_all(data):
        in_force = each.value("data") if each.token == "#" else in_force
        told.append(fields(each) | ({"account": in_force} if in_force else {}))
    return told


def fields(frame: Explanation) -> dict[str, Any]:
    """One block."""
    if frame.kind == "noise":
        return {"kind": "noise"}
    if frame.kind == "invalid":
        is_parity = "column parity" in str(frame.error)
        return {"kind": "invalid", "reason": "column parity" if is_parity else None}
    header = frame.value("header")
    told: dict[str, Any] = {
        "kind": frame.kind,
        "function": frame.token,
        "length": header & 0x3F,
        "ack_request": bool(header & 0x40),
        "reverse_channel": bool(header & 0x80),
        "parity_valid": True,
    }
    data = frame.value("data") or ""
    if frame.kind == "text":
        told["text"] = data
    if level := LEVEL.match(data):
        told["level"] = int(level[1])
    if frame.kind in ("new-event", "old-event"):
        told |= sia(frame.parts)
    return told
