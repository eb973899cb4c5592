"""Dialled formats with an id of their own: from what a panel says to the fields of a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from protocols._core import Part
from protocols.receiver_link import CallerId, CallingName, Channels, Digits, PulseEvent
from protocols.surgard.dialled import SURTEC_RESTORE

Fields: TypeAlias = tuple[str, dict[str, Any]]
"""A layout of ``frame.py`` and what fills it."""

_SHORT: Final = 8
_NUMBER: Final = 18


def modem_ii(part: PulseEvent, account: str) -> Fields:
    """Id 6."""
    code, zone = part.event_code, part.zone
    return "modem-ii", {"token": "6", "account": account, "code": code, "zone": zone}


def surtec(parts: Sequence[Any], account: str) -> Fields:
    """Id Y."""
    pairs: list[str] = []
    for part in parts:
        pairs.append(part.event_code)
        if part.state == "restore":
            pairs.append(SURTEC_RESTORE)
    return "surtec", {"token": "Y", "account": account, "pairs": pairs}


def _telenot(part: PulseEvent, account: str) -> Fields:
    fields = {"token": "T", "account": account, "code": part.event_code, "zone": part.zone}
    return "telenot", fields


def _sk_fsk2(part: PulseEvent, account: str) -> Fields:
    event, condition = part.event_code[:1], part.event_code[1:]
    return "sk-fsk2", {
        "token": "C",
        "account": account,
        "event": event,
        "condition": condition,
        "zone": part.zone,
    }


def _downlook(part: PulseEvent, account: str) -> Fields:
    first, _, second = part.event_code.partition(" ")
    return "video-downlook", {"token": "D", "account": account, "first": first, "second": second}


def _caller(part: CallerId, account: str) -> Fields:
    if part.area is None:
        number = part.number.ljust(_NUMBER, "F")
        return "caller-number", {"token": "U", "account": account, "number": number}
    fields = {"token": "4", "account": account, "area": part.area, "number": part.number}
    return "caller-id", fields


def _name(part: CallingName, account: str) -> Fields:
    name = part.name.ljust(_NUMBER)
    return "calling-name", {"token": "u", "account": account, "name": name}


def _digits(part: Digits, account: str) -> Fields:
    del account  # the frame has no place for one
    return part.format, {"token": "e", "digits": part.digits}


def _channels(part: Channels, account: str) -> Fields:
    sent = "".join(part.channels)
    fields: dict[str, Any] = {"account": account, "channels": sent, "status": part.status}
    if part.format == "acron-super-fast":
        return "acron", {"token": "9", **fields}
    if part.format == "vonk":
        return "vonk", {"token": "V", **fields}
    if part.format == "ademco-high-speed":
        return "high-speed", {"token": "8", "low": sent[:4], "high": sent[4:], **fields}
    layout = "high-speed-dvl2a" if len(sent) == _SHORT else "high-speed-dvl2a-16"
    return layout, {"token": "8", **fields}


PULSE: Final[Mapping[str, Callable[[PulseEvent, str], Fields]]] = MappingProxyType({
    "telenot": _telenot,
    "sk-fsk2": _sk_fsk2,
    "video-downlook": _downlook,
})  # fmt: skip
"""Format of a pulse event to what writes it."""

OTHERS: Final[Mapping[type[Part], Callable[[Any, str], Fields]]] = MappingProxyType({
    CallerId: _caller,
    CallingName: _name,
    Digits: _digits,
    Channels: _channels,
})  # fmt: skip
"""Kind of part to what writes it."""
