"""One message of digits to what it says, and back; the check digit judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Part, ProtocolError
from protocols._core.recogniser import Recogniser
from protocols.contact_id import ContactId, checksum
from protocols.dtmf import frame
from protocols.receiver_link import Channels, PulseEvent

CLAUSE: Final = "SIA DC-05, Ademco DTMF formats"
AUDIO_FOLLOWS: Final = "606"
"""The panel opens a voice channel after this one: kiss it off and leave the data mode."""
TYPES: Final[Mapping[str, str]] = {
    "express-4+1": "17", "express-4+2": "27", "high-speed": "55", "super-fast": "56",
}  # fmt: skip
"""Format to message type, Contact ID apart."""
_CHANNEL_COUNT: Final = 8


class Digits(msgspec.Struct):
    """What every message begins and may end with."""

    account: str
    message_type: str


class ContactIdDigits(Digits):
    """Type 18 or 98."""

    qualifier: str
    event: str
    group: str
    zone: str
    check: str | None
    terminator: str | None


class DataDigits(Digits):
    """The other types."""

    data: str
    check: str | None
    terminator: str | None


class UncheckedDigits(Digits):
    """Super fast, which has no check digit."""

    data: str
    terminator: str | None


class EnvelopeDigits(msgspec.Struct):
    """Digits and their end."""

    digits: str
    terminator: str


INTO: Final[dict[str, type[msgspec.Struct]]] = {
    "contact-id": ContactIdDigits,
    "high-speed": DataDigits,
    "super-fast": UncheckedDigits,
    "express-4+2": DataDigits,
    "express-4+1": DataDigits,
}
RECOGNISERS: Final[dict[str, Recogniser[Any]]] = {
    name: Recogniser(form, INTO[name]) for name, form in frame.MESSAGES.items()
}


def wrong_check(fields: Any, digits: bytes) -> ProtocolError | None:
    """Judge the check digit; a message type that may leave it out has nothing to judge then."""
    sent = getattr(fields, "check", None)
    if sent is None:
        return None
    right = checksum(digits[:-1]).decode()
    if sent == right:
        return None
    reason = f"checksum {sent} seen; expected {right}"
    return ProtocolError(reason, raw=digits, offset=len(digits) - 1, clause=CLAUSE)


def part_of(layout: str, fields: Any, digits: bytes) -> Part:
    """Say what a message says."""
    if layout == "contact-id":
        return ContactId(
            raw=digits,
            qualifier=fields.qualifier,
            event=fields.event,
            group=fields.group,
            zone=fields.zone,
            account=fields.account,
        )
    data = fields.data
    if layout in ("high-speed", "super-fast"):
        return Channels(
            raw=digits,
            format=f"ademco-{layout}",
            channels=tuple(data[:_CHANNEL_COUNT]),
            status=data[_CHANNEL_COUNT:],
        )
    return PulseEvent(raw=digits, format=layout, event_code=data[:1], zone=data[1:])


def build_message(part: Part, account: str, *, message_type: str = "18") -> bytes:
    """Write the digits of a part, check digit included.

    Raises:
        ValueError: The part has no message, or a field does not have its digits.
    """
    layout, fields = _fields(part)
    values = {
        "account": account,
        "message_type": TYPES.get(layout, message_type),
        "check": "0",
        "terminator": None,
        **fields,
    }
    try:
        digits: bytes = frame.MESSAGES[layout].build(values)
    except ConstructError as error:
        message = f"no {layout} message can be built of {values}: {error}"
        raise ValueError(message) from error
    return digits if layout == "super-fast" else digits[:-1] + checksum(digits[:-1])


def _fields(part: Part) -> tuple[str, dict[str, Any]]:
    if isinstance(part, ContactId):
        names = ("qualifier", "event", "group", "zone")
        return "contact-id", {name: getattr(part, name) for name in names}
    if isinstance(part, Channels):
        layout = part.format.removeprefix("ademco-")
        return layout, {"data": "".join(part.channels) + (part.status or "")}
    if isinstance(part, PulseEvent) and part.format in TYPES:
        return part.format, {"data": part.event_code + part.zone}
    message = f"{type(part).__name__} has no DTMF message"
    raise ValueError(message)
