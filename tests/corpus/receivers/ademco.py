"""Frames of the Ademco 685, CAPS and the FBI CP-220 in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import ademco685
from protocols.receiver_link import Explanation, PulseEvent
from tests.corpus.receivers.said import SAID

ADDRESSES = {"C": "zone", "U": "user"}


def frames_685(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in ademco685.explain_all(data, kind="685")]


def frames_caps(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in ademco685.explain_all(data, kind="caps")]


def frames_cp220(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in ademco685.explain_all(data, kind="cp220")]


def fields(frame: Explanation) -> dict[str, Any]:
    """One frame."""
    told: dict[str, Any] = {
        "kind": frame.kind,
        "protocol": frame.token,
        "receiver": frame.receiver,
        "line": frame.line,
        "account": frame.account,
    }
    part = frame.parts[0] if frame.parts else None
    if isinstance(part, PulseEvent):
        code = {"code" if frame.layout == "sk-fsk2" else "event": part.event_code}
        zone = {"zone": part.zone} if part.zone else {}
        return told | {"format": part.format, **code, **zone}
    if part is not None:
        told |= SAID[type(part)](part)
    if frame.layout == "contact-id":
        told |= {"format": "contact-id", "addr_kind": ADDRESSES[frame.value("kind")]}
    return told
