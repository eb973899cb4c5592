"""The dispatch message as a person reads it over the phone, line by line.

Who, what and where come first, so that a call cut short has said the most; then what is known,
what was done, the evidence, and how to call back. Every line is one breath.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from decision.rules.message import DispatchMessage, Evidence, Place
from decision.vocabulary import (
    AlarmType,
    AreaClass,
    Basis,
    DispatchReason,
    EvidenceKind,
    PremiseType,
    ThreatLevel,
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line to say."""

    label: str
    text: str
    rule: str = "PPVAR-D"

    def __str__(self) -> str:
        """As printed."""
        return f"{self.label}: {self.text}"


AREA_WORDS: Final[Mapping[AreaClass, str]] = {
    AreaClass.SECURED: "secured area, locked and closed to the public",
    AreaClass.UNSECURED: "open area, not enclosed",
    AreaClass.COMMON: "common area inside the building, people may have access",
    AreaClass.UNKNOWN: "area not classified",
}
PREMISE_WORDS: Final[Mapping[PremiseType, str]] = {
    PremiseType.COMPANY: "business",
    PremiseType.RESIDENTIAL: "residence",
    PremiseType.SCHOOL: "school",
    PremiseType.HOSPITAL: "hospital",
}
LEVEL_WORDS: Final[Mapping[ThreatLevel, str]] = {
    ThreatLevel.TL1: "threat level 1: nothing that shows human activity",
    ThreatLevel.TL2: "threat level 2: a person, nothing suspicious made out",
    ThreatLevel.TL3: "threat level 3: a person, and suspicious or possibly criminal activity",
}
_WANTED: Final[Mapping[AlarmType, str]] = {
    AlarmType.FIRE: "fire department for a fire alarm",
    AlarmType.MEDICAL: "ambulance for a medical alarm",
    AlarmType.HOLD_UP: "police for a hold-up alarm",
    AlarmType.BURGLAR: "police for a burglar alarm",
    AlarmType.OTHER: "response to an alarm",
}
_WANTED_BY_CATEGORY: Final[Mapping[str, str]] = {
    "gas": "fire department for a gas alarm",
    "panic": "police for a panic alarm",
}
_BASIS: Final[Mapping[Basis, str]] = {
    Basis.CONTACT: "an authorised contact of the site",
    Basis.VIDEO: "video of the premises",
    Basis.ON_SITE: "a person on site",
    Basis.PANEL: "the alarm system's own verification",
    Basis.AUDIO: "live audio",
}
EVIDENCE_WORDS: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.AUDIO_CLIP: "audio clip",
    EvidenceKind.VIDEO_CLIP: "video clip",
    EvidenceKind.PICTURE: "picture",
    EvidenceKind.DOCUMENT: "document",
    EvidenceKind.NOTE: "note",
}


def as_text(message: DispatchMessage) -> str:
    """Give the whole message, one line each, in the order in which it is read."""
    return "\n".join(str(line) for line in lines(message))


def lines(message: DispatchMessage) -> tuple[Line, ...]:
    """Give the message as lines with label and rule."""
    return tuple(_lines(message))


def local(at: datetime, time_zone: str) -> str:
    """Give an instant as the clock on the wall at the site shows it."""
    return f"{at.astimezone(ZoneInfo(time_zone)):%H:%M}"


def _lines(message: DispatchMessage) -> Iterator[Line]:
    yield from _opening(message)
    yield from (Line(label="Where", text=_place(place), rule="PPVAR-5.6")
                for place in message.places)  # fmt: skip
    yield Line(label="What we know", text=lead(message), rule=_lead_rule(message))
    yield from _heard(message)
    for step in message.steps:
        when = local(step.at, message.time_zone)
        yield Line(
            label="Done", text=f"{when} {step.what}: {step.result}", rule="PPVAR-6.2.2.2.2.2.1"
        )
    for text in message.instructions:
        yield Line(label="Special instruction used", text=text, rule="PPVAR-6.1.3")
    for item in message.evidence:
        yield Line(label="Evidence", text=_evidence(item, message.time_zone), rule="PPVAR-5.7")
    for note in message.notes:
        yield Line(label="Also", text=note, rule="PPVAR-5.4")
    yield from _closing(message)


def _opening(message: DispatchMessage) -> Iterator[Line]:
    who = f"{message.station}, operator {message.operator}" if message.operator else message.station
    yield Line(label="This is", text=f"{who}. Incident {message.incident}")
    wanted = _WANTED_BY_CATEGORY.get(message.category) or _WANTED[message.alarm_type]
    yield Line(label="Requesting", text=wanted)
    kind = f", {PREMISE_WORDS[message.premise_type]}" if message.premise_type else ""
    address = message.address.strip() or "ADDRESS NOT ON FILE"
    yield Line(label="Address", text=address)
    yield Line(label="Premises", text=f"{message.site_name or message.site_id}{kind}")
    if message.is_post_suspension:
        yield Line(
            label="Suspended system",
            text="response to this system is suspended; we ask you to accept this call",
            rule="SJ-C1b",
        )
    at = local(message.alarm_at, message.time_zone)
    yield Line(label="Alarm at", text=f"{at}, {message.signal}" if message.signal else at)


def _place(place: Place) -> str:
    where = [text for text in (place.area, place.location or place.zone) if text]
    said = [", ".join(where) or "location not on file", AREA_WORDS[place.area_class]]
    if place.microphone:
        said.append(f"microphone {place.microphone}")
    elif place.sensor:
        said.append(f"sensor {place.sensor}")
    if place.coverage:
        said.append(f"covers {place.coverage}")
    return "; ".join(said)


LEADS: Final[Mapping[DispatchReason, tuple[str, str]]] = {
    DispatchReason.TL3: ("suspicious or possibly criminal activity was heard", ""),
    DispatchReason.TL2_SECURED_UNVERIFIED: (
        (
            "unverified human presence in a secured area. A person was heard, nothing suspicious "
            "was made out; it could not be verified whether anyone may be there"
        ),
        "",
    ),
    DispatchReason.ACTIVITY_NOT_AUTHORIZED: (
        "there are people who should not be there, according to {basis}",
        "the site",
    ),
    DispatchReason.IMMEDIATE_VERIFIED: ("the alarm was verified by {basis}", "the station"),
    DispatchReason.CONTACT_APPROVED: (
        "{basis} was reached and asks for you",
        "a contact of the site",
    ),
    DispatchReason.CONTACTS_EXHAUSTED: (
        "nobody on the site's call list could be reached; the cause is not known",
        "",
    ),
    DispatchReason.MANUAL_REQUEST: ("{basis} asks for you", "the customer"),
    DispatchReason.LIFE_SAFETY: ("passed on at once, as received; nothing was verified first", ""),
    DispatchReason.HOLD_UP: (
        "passed on at once; nobody at the premises was called, please do not call them",
        "",
    ),
}
"""Reason -> why help is asked for, and who stands behind it when the incident does not say."""


def lead(message: DispatchMessage) -> str:
    """Say in one sentence why help is asked for."""
    sentence, usual = LEADS[message.reason]
    named = _BASIS.get(message.basis, usual) if message.basis else usual
    return sentence.format(basis=message.basis_text or named)


def _lead_rule(message: DispatchMessage) -> str:
    if message.reason == DispatchReason.TL2_SECURED_UNVERIFIED:
        return "AMB-P6"
    return "XS-9" if message.reason in _UNVERIFIED_BY_DESIGN else "PPVAR-5.4"


_UNVERIFIED_BY_DESIGN: Final = frozenset({DispatchReason.LIFE_SAFETY, DispatchReason.HOLD_UP})


def _heard(message: DispatchMessage) -> Iterator[Line]:
    if not message.audio_reference:
        return
    for heard in message.heard:
        how = "live" if heard.is_live else "recording"
        where = f" at {heard.where}" if heard.where else ""
        text = f"{local(heard.at, message.time_zone)} ({how}){where}: {heard.what}"
        yield Line(label="Heard", text=text, rule="PPVAR-6.2.2.1.1")
    if message.threat_level is not None:
        yield Line(label="Threat", text=LEVEL_WORDS[message.threat_level], rule="PPVAR-6.2.2.1.1")


def _evidence(item: Evidence, time_zone: str) -> str:
    when = f" of {local(item.at, time_zone)}" if item.at else ""
    said = f"{item.description or EVIDENCE_WORDS[item.kind]}{when}"
    return f"{said}, reference {item.reference}"


def _closing(message: DispatchMessage) -> Iterator[Line]:
    if message.level is not None:
        text = f"{message.level} of 4, {message.level_words or 'see above'} (our own scale)"
        yield Line(label="Our estimate", text=text)
    if message.entry:
        yield Line(label="Entry and hazards", text=message.entry)
    if message.key_holder:
        yield Line(label="Key holder", text=message.key_holder, rule="DISP-J3")
    if message.permit:
        yield Line(label="Permit", text=message.permit, rule="DISP-J2")
    yield Line(label="Call back", text=message.callback.strip() or "NUMBER NOT ON FILE")
