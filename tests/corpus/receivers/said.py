"""What parts say in the form's words, the same in every family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocols._core import Part
from protocols.contact_id import ContactId
from protocols.receiver_link import (
    CallerId,
    CallingName,
    Channels,
    Digits,
    Internal,
    Modifier,
    TwoWayAudio,
)
from protocols.sia_dc03 import SiaEvent, SiaText

NORM = {"1": "new", "3": "restore", "6": "previous"}


def contact_id(part: ContactId) -> dict[str, Any]:
    return {
        "qualifier": part.qualifier_sent or part.qualifier,
        "qualifier_norm": NORM[part.qualifier],
        "event": part.event,
        "partition": part.group,
        "zone": part.zone,
    }


def sia(parts: tuple[Part, ...]) -> dict[str, Any]:
    """Ids 0 and S: the receiver's own event at top level, a panel's in a list."""
    own = next((part for part in parts if isinstance(part, Internal)), None)
    if own is not None:
        return {
            "format": "sia",
            "event": own.code,
            "addr": own.number or None,
            "area": own.area,
            "text": own.text,
            "meaning": own.meaning,
        }
    events: list[dict[str, Any]] = []
    told: dict[str, Any] = {"format": "sia", "events": events, "level": 1}
    for part in parts:
        if isinstance(part, SiaEvent):
            told.setdefault("block", part.block)
            told.setdefault("date", part.modifier("da"))
            told.setdefault("time", part.modifier("ti"))
            events.append(_event(part))
            has_more = part.modifier("ti") is not None or part.text is not None
            level = 3 if has_more else 2 if part.modifiers else 1
            told["level"] = max(told["level"], level)
        elif isinstance(part, SiaText) and events:
            events[-1]["text"] = part.text
            told["level"] = 3
    return told


def _event(part: SiaEvent) -> dict[str, Any]:
    return {
        "code": part.code,
        "addr": part.address or None,
        "area": part.modifier("ri"),
        "user": part.modifier("id"),
        "pi": part.modifier("pi"),
        "text": part.text,
    }


def caller_id(part: CallerId) -> dict[str, Any]:
    return {"area": part.area, "number": part.number}


def channels(part: Channels) -> dict[str, Any]:
    told: dict[str, Any] = {"format": part.format, "channels": list(part.channels)}
    return told if part.status is None else told | {"status": part.status}


def digits(part: Digits) -> dict[str, Any]:
    return {"format": part.format, "digits": part.digits}


def two_way_audio(part: TwoWayAudio) -> dict[str, Any]:
    return {"event_code": part.event_code, "audio_line": part.audio_line}


def internal(part: Internal) -> dict[str, Any]:
    return {"event_code": part.code, "internal": part.number, "meaning": part.meaning}


SAID: dict[type[Part], Callable[[Any], dict[str, Any]]] = {
    ContactId: contact_id,
    CallerId: caller_id,
    CallingName: lambda part: {"name": part.name},
    Channels: channels,
    Digits: digits,
    Modifier: lambda part: {"modifier": part.name, "value": part.value},
    TwoWayAudio: two_way_audio,
    Internal: internal,
}
"""Kinds of part that say the same wherever they stand."""


def iti_digit(digit: str) -> int | None:
    """0 to 9, A to Z = 10 to 35, a to z = 36 to 61."""
    if digit.isdecimal():
        return int(digit)
    if "A" <= digit <= "Z":
        return ord(digit) - ord("A") + 10
    return ord(digit) - ord("a") + 36 if "a" <= digit <= "z" else None
