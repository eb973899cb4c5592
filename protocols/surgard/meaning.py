"""From a frame's fields to a report: its account, its parts, and whom it speaks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from protocols._core import Part, Unreadable
from protocols.contact_id import ContactId
from protocols.sia_dc03 import SiaEvent, SiaText, parse_sia_dcs
from protocols.surgard import dialled
from protocols.surgard.internals import MEANINGS, SIA_MEANINGS
from protocols.surgard.layouts import (
    ContactIdFrame,
    DigitsFrame,
    ItiFrame,
    PulseFrame,
    PulseTwoFrame,
    SiaFrame,
    SiaOneFrame,
    SurtecFrame,
)
from protocols.surgard.message import Digits, Internal, ItiFields, Modifier, PulseEvent, TwoWayAudio

QUALIFIERS: Final = {"E": "1", "R": "3", "P": "6", "1": "1", "3": "3", "6": "6"}
"""Sur-Gard's letters for DC-05's digits; some emulations send the digit itself."""

OWN_ID: Final = "0"
"""Id of the receiver's own events in the System class; an option sends them under S."""

CENTRAL_PROCESSOR_LINE: Final = "000"


class Said(msgspec.Struct):
    """What a frame says, before it becomes a report."""

    account: str | None
    parts: tuple[Part, ...]
    internal: bool = False
    companion: bool = False
    quirks: tuple[str, ...] = ()


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What is programmed at the site and cannot be told from the wire."""

    internal_account: str = "0000"
    """Account under which the receiver reports itself; empty where a panel owns that number."""
    audio_code: str = "P"
    """Event letter of the two-way audio message of id 1."""


Reader: TypeAlias = Callable[[Any, bytes, Site], Said]


def contact_id(fields: ContactIdFrame, raw: bytes, site: Site) -> Said:
    """Ids 5 and Q."""
    del site
    sent = fields.qualifier
    is_letter = sent in "ERP"
    part = ContactId(
        raw=raw,
        qualifier=QUALIFIERS[sent],
        event=fields.event,
        group=fields.group,
        zone=fields.zone,
        account=fields.account,
        qualifier_sent=sent if is_letter else "",
    )
    return Said(fields.account, (part,), quirks=() if is_letter else ("digit_qualifier",))


def sia(fields: SiaFrame, raw: bytes, site: Site) -> Said:
    """Ids 0 and S: SIA protocol 2, or the receiver's own events."""
    del raw
    sent, parts = parse_sia_dcs(fields.content)
    account = sent.strip() if sent is not None else None
    if fields.token == OWN_ID or (account is not None and account == site.internal_account):
        is_processor = fields.line == CENTRAL_PROCESSOR_LINE
        own = tuple(_internal(part, is_processor=is_processor) for part in _joined(parts))
        return Said(account, own, internal=True)
    return Said(account, parts)


def _joined(parts: tuple[Part, ...]) -> list[Part]:
    """Give a text to the event before it: an internal message has no part of its own for it."""
    joined: list[Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        if isinstance(part, SiaText) and isinstance(before, SiaEvent) and before.text is None:
            joined[-1] = msgspec.structs.replace(before, text=part.text)
        else:
            joined.append(part)
    return joined


def _internal(part: Part, *, is_processor: bool) -> Part:
    if not isinstance(part, SiaEvent):
        return part
    return Internal(
        raw=part.raw,
        code=part.code,
        number=part.address,
        meaning=SIA_MEANINGS.get(part.code) if is_processor else None,
        area=part.modifier("ri"),
        text=part.text,
    )


def sia_one(fields: SiaOneFrame, raw: bytes, site: Site) -> Said:
    """Id 3: SIA protocol 1."""
    del site
    value = fields.address.strip(" ")
    if fields.code.islower():
        modifier = Modifier(raw=raw, name=fields.code, value=value)
        return Said(fields.account, (modifier,), companion=True)
    if fields.code.isupper():
        event = SiaEvent(
            raw=raw, block="N", code=fields.code, address=value, account=fields.account
        )
        return Said(fields.account, (event,))
    if fields.code == "Ri":
        return Said(fields.account, (Modifier(raw=raw, name="ri", value=value),), companion=True)
    return Said(fields.account, (_no_code(fields.code, raw),))


def _no_code(code: str, raw: bytes) -> Unreadable:
    reason = f"{code!r} seen; expected two upper-case letters (an event) or two lower-case"
    return Unreadable(raw=raw, format="sia-dc03", reason=reason)


def pulse(fields: PulseFrame, raw: bytes, site: Site) -> Said:
    """Id 1 in its basic layout: pulse events, the receiver's own, two-way audio."""
    account, code, zone = fields.account, fields.code, fields.zone
    group = None if fields.group == " " else fields.group
    if account == site.internal_account and group is None and len(zone) == 2:  # noqa: PLR2004
        if code == site.audio_code:
            audio = TwoWayAudio(raw=raw, event_code=code, audio_line=zone)
            return Said(account, (audio,), companion=True)
        meaning = MEANINGS.get((code, zone))
        if meaning is not None:
            own = Internal(raw=raw, code=code, number=zone, meaning=meaning)
            return Said(account, (own,), internal=True)
    if code == " " and group is None and len(zone) == 2 and zone.isalpha():  # noqa: PLR2004
        return Said(account, (PulseEvent(raw=raw, format="pima-2char", event_code=zone),))
    event = PulseEvent(
        raw=raw,
        format=_pulse_format(account, group, zone),
        event_code=code,
        group=group,
        zone=zone,
    )
    return Said(account, (event,))


_BY_DIGITS: Final = {
    (3, 1): "pulse-3/1",
    (3, 2): "pulse-3/1-extended",
    (4, 1): "pulse-4/1",
    (4, 2): "pulse-4/2",
    (4, 3): "surgard-dtmf-4/3",
}


def _pulse_format(account: str, group: str | None, zone: str) -> str:
    if group is not None:
        return "surgard-4/3"
    if zone[:1].isalpha():
        return "modem-ii"
    return _BY_DIGITS.get((len(account), len(zone)), "pulse")


def pulse_two(fields: PulseTwoFrame, raw: bytes, site: Site) -> Said:
    """Id 1, Radionics-compatible: an event code of two characters."""
    del site
    event = PulseEvent(raw=raw, format="modem-ii", event_code=fields.code, zone=fields.zone)
    return Said(fields.account, (event,))


def iti(fields: ItiFrame, raw: bytes, site: Site) -> Said:
    """Id 1, ITI panels; the account's high digit stands before the attribute byte."""
    del site
    account = fields.account_high + fields.account
    event = PulseEvent(
        raw=raw,
        format="iti",
        event_code=fields.condition,
        group=fields.group,
        zone=fields.zone,
        iti=ItiFields(
            attribute=ord(fields.attribute),
            user=fields.user,
            was_level=fields.was_level,
            now_level=fields.now_level,
        ),
    )
    return Said(account, (event,))


def _beside(read: Callable[[Any, bytes], Part], *, companion: bool = False) -> Reader:
    """Make a reader of a frame with an account and one part."""

    def reader(fields: Any, raw: bytes, site: Site) -> Said:
        del site
        return Said(fields.account, (read(fields, raw),), companion=companion)

    return reader


def surtec(fields: SurtecFrame, raw: bytes, site: Site) -> Said:
    """Id Y: as many events as there are pairs that are no mark of a restoral."""
    del site
    return Said(fields.account, dialled.surtec(fields, raw))


def digits(fields: DigitsFrame, raw: bytes, site: Site) -> Said:
    """Id e: digits, and no account that could be told from them."""
    del site
    return Said(None, (Digits(raw=raw, format="adt-pulse-extended", digits=fields.digits),))


READERS: Final[dict[str, Reader]] = {
    "contact-id": contact_id,
    "contact-id-10": contact_id,
    "sia": sia,
    "sia-protocol-1": sia_one,
    "iti": iti,
    "pulse": pulse,
    "pulse-short": pulse,
    "pulse-two": pulse_two,
    "iti-own": iti,
    "modem-ii": _beside(dialled.modem_ii),
    "caller-id": _beside(dialled.caller_id, companion=True),
    "caller-number": _beside(dialled.caller_number, companion=True),
    "calling-name": _beside(dialled.calling_name, companion=True),
    "high-speed": _beside(dialled.high_speed),
    "high-speed-dvl2a": _beside(dialled.high_speed_dvl2a),
    "high-speed-dvl2a-16": _beside(dialled.high_speed_dvl2a),
    "acron": _beside(dialled.acron),
    "vonk": _beside(dialled.vonk),
    "sk-fsk2": _beside(dialled.sk_fsk2),
    "video-downlook": _beside(dialled.video_downlook),
    "telenot": _beside(dialled.telenot),
    "surtec": surtec,
    "adt-pulse-extended": digits,
}
"""Layout to what reads it; a heartbeat says nothing beyond itself."""
