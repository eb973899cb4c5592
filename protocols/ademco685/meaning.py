"""From a frame's fields to what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from protocols._core import Part
from protocols.ademco685.layouts import (
    CodeFrame,
    ContactIdFrame,
    FourOneFrame,
    FourTwoDecimalFrame,
    FourTwoFrame,
    HighSpeedFrame,
)
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, PulseEvent

QUALIFIERS: Final = {"E": "1", "R": "3", "P": "6", "1": "1", "3": "3", "6": "6"}
"""The receiver's letters for DC-05's digits; emulators send P, and some the digit itself."""

ZONES: Final = 16
"""A 4/2 event of CAPS is this many times its event digit, and its zone digit."""

Reader: TypeAlias = Callable[[Any, bytes], Part]


def contact_id(fields: ContactIdFrame, raw: bytes) -> ContactId:
    """Read Contact ID. Whether the number is a zone or a user follows from the event code."""
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


def high_speed(fields: HighSpeedFrame, raw: bytes) -> Channels:
    """Read all channels of a panel."""
    channels = tuple(fields.low + fields.high)
    return Channels(raw=raw, format="ademco-high-speed", channels=channels, status=fields.status)


def four_two(fields: FourTwoFrame, raw: bytes) -> PulseEvent:
    """Read a 4/2 event."""
    return PulseEvent(raw=raw, format="pulse-4/2", event_code=fields.event, zone=fields.zone)


def four_two_decimal(fields: FourTwoDecimalFrame, raw: bytes) -> PulseEvent:
    """Read a 4/2 event as CAPS writes it: both digits, as the panel sent them, are hex."""
    event, zone = divmod(fields.number, ZONES)
    return PulseEvent(raw=raw, format="pulse-4/2", event_code=f"{event:X}", zone=f"{zone:X}")


def four_one(fields: FourOneFrame, raw: bytes) -> PulseEvent:
    """Read a 3/1 or 4/1 event: a leading 0 is taken for the filling of a 3-digit account."""
    name = "pulse-3/1" if fields.account.startswith("0") else "pulse-4/1"
    return PulseEvent(raw=raw, format=name, event_code=fields.event)


def sk_fsk0(fields: FourOneFrame, raw: bytes) -> PulseEvent:
    """Read Silent Knight FSK0."""
    return PulseEvent(raw=raw, format="sk-fsk0", event_code=fields.event)


def sk_fsk1(fields: FourTwoFrame, raw: bytes) -> PulseEvent:
    """Read Silent Knight FSK1; a blank zone is 0 or A, the frame does not say which."""
    zone = fields.zone.strip(" ")
    return PulseEvent(raw=raw, format="sk-fsk1", event_code=fields.event, zone=zone)


def sk_fsk2(fields: CodeFrame, raw: bytes) -> PulseEvent:
    """Read Silent Knight FSK2."""
    return PulseEvent(raw=raw, format="sk-fsk2", event_code=fields.code)


READERS: Final[dict[str, Reader]] = {
    "contact-id": contact_id,
    "high-speed": high_speed,
    "four-two": four_two,
    "four-two-decimal": four_two_decimal,
    "four-one": four_one,
    "sk-fsk0": sk_fsk0,
    "sk-fsk1": sk_fsk1,
    "sk-fsk2": sk_fsk2,
}
"""Layout to what reads it; a heartbeat says nothing beyond itself."""
