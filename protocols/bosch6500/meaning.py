"""From a frame's fields to what it says: its account, its parts, and whom it speaks for."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from protocols._core import Part, Unreadable
from protocols._core.recogniser import Recogniser
from protocols.bosch6500 import frame
from protocols.bosch6500.layouts import (
    AcronFrame,
    ContactIdFrame,
    OtherFrame,
    ScancomFrame,
    SiaFrame,
    StandardFrame,
    TextFrame,
)
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, Internal, PulseEvent
from protocols.sia_dc03 import SiaEvent, parse_sia_dcs

QUALIFIERS: Final = {"E": "1", "R": "3", "P": "6", "1": "1", "3": "3", "6": "6"}
"""Bosch sends the digits of DC-05, emulations of other makers the letters."""

STANDARD_MEANINGS: Final = {"O": "opening"}
"""Event codes of the standard digital format that the manual names."""

OWN_LINE: Final = "00"
"""In SIA mode the line of the receiver itself."""

TEXT_CODE: Final = "TEXT"
DNIS_TYPE: Final = "N"


class Said(msgspec.Struct):
    """What a frame says, before it becomes a report."""

    account: str | None
    parts: tuple[Part, ...]
    internal: bool = False
    companion: bool = False
    quirks: tuple[str, ...] = ()


class _Dialled(msgspec.Struct):
    account: str
    message_type: str
    qualifier: str
    event: str
    group: str
    zone: str


_DIALLED: Final = (
    Recogniser(frame.CONTACT_ID_DATA, _Dialled),
    Recogniser(frame.CONTACT_ID_DATA_10, _Dialled),
)


def d6500(fields: Any, raw: bytes) -> Said:  # noqa: PLR0911  (one for each layout)
    """Say what a frame of D6500 mode says."""
    match fields:
        case ContactIdFrame():
            part = _contact_id(fields, raw)
            quirks = ("letter_qualifier",) if part.qualifier_sent else ()
            return Said(fields.account, (part,), quirks=quirks)
        case StandardFrame():
            code = fields.code
            event = PulseEvent(
                raw=raw,
                format="standard-digital",
                event_code=code,
                zone=fields.zone,
                meaning=STANDARD_MEANINGS.get(code),
            )
            return Said(fields.account, (event,))
        case AcronFrame():
            return _channels(fields.account, "acron-super-fast", fields.channels, None, raw)
        case ScancomFrame():
            channels = fields.first + fields.second + fields.third + fields.fourth
            return _channels(fields.account, "scancom", channels, fields.status, raw)
        case SiaFrame():
            account, parts = parse_sia_dcs(fields.content)
            return Said(None if account is None else account.strip(), parts)
        case TextFrame():
            text = fields.text.rstrip(" ")
            return Said(
                None, (Internal(raw=raw, code=TEXT_CODE, number="", text=text),), internal=True
            )
        case _:
            return _other(fields)


def _other(fields: OtherFrame) -> Said:
    reason = f"type {fields.token!r} is not read; its data is kept as it came"
    part = Unreadable(raw=fields.body, format="raw", reason=reason)
    return Said(None, (part,), companion=fields.token == DNIS_TYPE)


def _channels(account: str, format_: str, channels: str, status: str | None, raw: bytes) -> Said:
    part = Channels(raw=raw, format=format_, channels=tuple(channels), status=status)
    return Said(account, (part,))


def _contact_id(fields: ContactIdFrame | _Dialled, raw: bytes) -> ContactId:
    sent = fields.qualifier
    return ContactId(
        raw=raw,
        qualifier=QUALIFIERS[sent],
        event=fields.event,
        group=fields.group,
        zone=fields.zone,
        account=fields.account,
        qualifier_sent=sent if sent in "ERP" else "",
    )


def sia_mode(data: bytes, line: str) -> Said | None:
    """Say what stands between the brackets of SIA mode; None when it is nothing known."""
    for form in _DIALLED:
        read: _Dialled | None = form.fullmatch(data)
        if read is not None:
            return Said(read.account, (_contact_id(read, data),), internal=line == OWN_LINE)
    if not data.startswith(b"#"):
        return None
    account, parts = parse_sia_dcs(data)
    if account is None or not parts:
        return None
    if line == OWN_LINE:
        return Said(account.strip(), tuple(map(_internal, parts)), internal=True)
    return Said(account.strip(), parts)


def _internal(part: Part) -> Part:
    if not isinstance(part, SiaEvent):
        return part
    return Internal(
        raw=part.raw,
        code=part.code,
        number=part.address,
        area=part.modifier("ri"),
        text=part.text,
    )
