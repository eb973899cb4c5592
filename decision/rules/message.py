"""What responders are told at dispatch: the contract PPVAR-D as data.

``compose`` turns everything an incident holds into one ``DispatchMessage``; ``message_text`` reads
it out. It never fails and never waits: what may not be said (PPVAR-5.5, AMB-P6) is held back and
listed with its rule, and what the contract wants and nobody filed is listed as a gap, so that an
alarm is told whatever its site file lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

import msgspec

from decision.rules.wording import check_wording
from decision.vocabulary import (
    AlarmType,
    AreaClass,
    Basis,
    DispatchReason,
    EvidenceKind,
    PremiseType,
    ThreatLevel,
)

StepKind = Literal["listen", "video", "on_site", "call", "cancellation", "other"]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings of the parts of a message."""


class Place(_Part, frozen=True, kw_only=True):
    """Where, in words (zone numbers alone mean nothing to a dispatcher); PPVAR-5.6."""

    area: str | None
    area_class: AreaClass
    zone: str | None = None
    location: str | None = None
    sensor: str | None = None
    microphone: str | None = None
    coverage: str | None = None


class Heard(_Part, frozen=True, kw_only=True):
    """One thing an operator heard, in his plain words (PPVAR-6.2.2.1.1)."""

    at: datetime
    what: str
    is_human: bool
    """A person, or evidence that a person was just there."""
    is_live: bool = False
    where: str | None = None
    """The microphone's location."""
    clip: str | None = None


class Step(_Part, frozen=True, kw_only=True):
    """One thing done to verify, and what came of it (PPVAR-6.2.2.2.2.2.1, PPVAR-5.4)."""

    at: datetime
    kind: StepKind
    what: str
    result: str


class Evidence(_Part, frozen=True, kw_only=True):
    """One piece of evidence the agency may have (PPVAR-5.7)."""

    kind: EvidenceKind
    reference: str
    description: str = ""
    at: datetime | None = None


class MessageInput(_Part, frozen=True, kw_only=True):
    """All that an incident knows and a message may use."""

    incident: str
    station: str
    callback: str
    """Number at which the agency reaches the operator."""
    site_id: str
    site_name: str
    address: str
    time_zone: str
    alarm_at: datetime
    alarm_type: AlarmType
    category: str
    reason: DispatchReason
    premise_type: PremiseType | None = None
    operator: str | None = None
    signal: str | None = None
    """What the panel reported, in words."""
    places: tuple[Place, ...] = ()
    threat_level: ThreatLevel | None = None
    heard: tuple[Heard, ...] = ()
    basis: Basis | None = None
    """What verified the alarm, or who refused the activity."""
    basis_text: str | None = None
    steps: tuple[Step, ...] = ()
    instructions: tuple[str, ...] = ()
    """The special instructions that were used, not all there are (PPVAR-6.1.3)."""
    evidence: tuple[Evidence, ...] = ()
    level: int | None = None
    level_words: str | None = None
    """The station's own estimate (``validation``)."""
    notes: tuple[str, ...] = ()
    """What the operator adds."""
    permit: str | None = None
    key_holder: str | None = None
    """Who, and whether present or en route (DISP-J3)."""
    entry: str | None = None
    """How officers get in, hazards, animals."""
    is_post_suspension: bool = False
    """The system is suspended and this asks for acceptance all the same (SJ-B7, SJ-C1b)."""


class Gap(_Part, frozen=True, kw_only=True):
    """A mandatory piece that the station has not on file."""

    what: str
    rule: str


class Withheld(_Part, frozen=True, kw_only=True):
    """A piece that may not be said, and by which rule; kept with the incident."""

    what: str
    text: str
    rule: str


class DispatchMessage(_Part, frozen=True, kw_only=True):
    """The message as data. ``audio_reference`` false: not one word of audio in it (PPVAR-5.5)."""

    incident: str
    station: str
    callback: str
    operator: str | None
    site_id: str
    site_name: str
    address: str
    time_zone: str
    premise_type: PremiseType | None
    alarm_at: datetime
    alarm_type: AlarmType
    category: str
    reason: DispatchReason
    signal: str | None
    audio_reference: bool
    threat_level: ThreatLevel | None
    places: tuple[Place, ...]
    heard: tuple[Heard, ...]
    basis: Basis | None
    basis_text: str | None
    steps: tuple[Step, ...]
    instructions: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    level: int | None
    level_words: str | None
    notes: tuple[str, ...]
    permit: str | None
    key_holder: str | None
    entry: str | None
    is_post_suspension: bool
    gaps: tuple[Gap, ...]
    withheld: tuple[Withheld, ...]
    rules: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Proper names, in which a banned word is only a name."""
        return (self.site_name, self.address, self.station)


INSTRUCTION_FOLLOWED: Final = "A special instruction of the site was followed (text at the station)"
RECORDING: Final = "Recording from the premises, kept at the station"
PRESENCE: Final = "a person"
_MICROPHONE: Final = re.compile(r"(?<!\w)(?:microphones?|mics?|micros?)(?!\w)", re.IGNORECASE)


def compose(incident: MessageInput) -> DispatchMessage:
    """Make the message; see the module's docstring for what is held back and what is a gap."""
    return _Composer(incident).message()


def is_audio_reference(incident: MessageInput) -> bool:
    """Say whether audio may be spoken of: a human activation was heard (PPVAR-5.5).

    Threat levels 2 and 3, and the reasons made of them, mean by definition that a human was heard
    (PPVAR-3.19).
    """
    return (
        any(heard.is_human for heard in incident.heard)
        or incident.threat_level in {ThreatLevel.TL2, ThreatLevel.TL3}
        or incident.reason in {DispatchReason.TL3, DispatchReason.TL2_SECURED_UNVERIFIED}
    )


class _Composer:
    """One pass over one incident; collects what it holds back."""

    def __init__(self, incident: MessageInput) -> None:
        self._in = incident
        self._audio = is_audio_reference(incident)
        self._names = (incident.site_name, incident.address, incident.station)
        self._withheld: list[Withheld] = []

    def message(self) -> DispatchMessage:
        given = self._in
        clean = self._clean
        fields = {name: getattr(given, name) for name in given.__struct_fields__}
        fields |= {
            "threat_level": given.threat_level if self._audio else None,
            "places": tuple(self._place(place) for place in given.places),
            "heard": tuple(self._heard()),
            "steps": tuple(self._steps()),
            "instructions": tuple(
                clean(text, "special instruction") or INSTRUCTION_FOLLOWED
                for text in given.instructions
            ),
            "evidence": tuple(self._item(item) for item in given.evidence),
            "signal": given.signal and clean(given.signal, "signal", swap=True),
            "basis_text": given.basis_text and clean(given.basis_text, "basis"),
            "key_holder": given.key_holder and clean(given.key_holder, "key holder"),
            "entry": given.entry and clean(given.entry, "entry"),
            "level_words": given.level_words and clean(given.level_words, "level"),
            "notes": tuple(text for note in given.notes if (text := clean(note, "note"))),
        }
        return DispatchMessage(
            **fields,
            audio_reference=self._audio,
            gaps=tuple(_gaps(given, audio=self._audio)),
            withheld=tuple(self._withheld),
            rules=tuple(_rules(given, audio=self._audio)),
        )

    def _clean(self, text: str, what: str, *, swap: bool = False) -> str | None:
        """Give ``text`` when it may be said; else keep it aside and give None.

        ``swap``: a microphone may be called a sensor instead, so that the place is still told.
        """
        refusals = self._refusals(text)
        if refusals and swap and not self._audio:
            text = _as_sensor(text)
            refusals = self._refusals(text)
        if not refusals:
            return text
        self._withheld.append(Withheld(what=what, text=text, rule=refusals[0]))
        return None

    def _refusals(self, text: str) -> list[str]:
        found = check_wording(
            text, audio_reference=self._audio, reason=self._in.reason, names=self._names
        )
        return [refusal.rule for refusal in found if refusal.rule != "PPVAR-D"]

    def _place(self, place: Place) -> Place:
        def said(text: str | None) -> str | None:
            return text and self._clean(text, "place", swap=True)

        return msgspec.structs.replace(
            place,
            area=said(place.area),
            zone=said(place.zone),
            location=said(place.location),
            sensor=said(place.sensor),
            microphone=said(place.microphone) if self._audio else None,
            coverage=said(place.coverage),
        )

    def _heard(self) -> Iterator[Heard]:
        for heard in self._in.heard:
            where = heard.where and self._clean(heard.where, "place")
            if not self._audio:
                self._withheld.append(Withheld(what="heard", text=heard.what, rule="PPVAR-5.5"))
            elif text := self._clean(heard.what, "heard"):
                yield msgspec.structs.replace(heard, what=text, where=where)
            elif heard.is_human:  # the presence itself must be told (PPVAR-5.7), in AMB-P6's words
                yield msgspec.structs.replace(heard, what=PRESENCE, where=where)

    def _steps(self) -> Iterator[Step]:
        for step in self._in.steps:
            if step.kind == "listen" and not self._audio:
                text = f"{step.what}: {step.result}"
                self._withheld.append(Withheld(what="step", text=text, rule="PPVAR-5.5"))
                continue
            what = self._clean(step.what, "step", swap=True) or "A step to verify was taken"
            result = self._clean(step.result, "result") or "result at the station"
            yield msgspec.structs.replace(step, what=what, result=result)

    def _item(self, item: Evidence) -> Evidence:
        """Tell all evidence (PPVAR-5.7 binds); without audio wording where 5.5 wants that."""
        if item.kind is EvidenceKind.AUDIO_CLIP and not self._audio:
            self._withheld.append(
                Withheld(what="evidence", text=item.description, rule="PPVAR-5.5")
            )
            return Evidence(
                kind=EvidenceKind.DOCUMENT,
                reference=item.reference,
                description=RECORDING,
                at=item.at,
            )
        text = item.description and self._clean(item.description, "evidence", swap=True)
        return msgspec.structs.replace(item, description=text or "")


def _as_sensor(text: str) -> str:
    return _MICROPHONE.sub("sensor", text)


def _gaps(given: MessageInput, *, audio: bool) -> Iterator[Gap]:
    """List what PPVAR-D wants and nobody filed."""
    if not given.address.strip():
        yield Gap(what="address", rule="PPVAR-D")
    if not given.callback.strip():
        yield Gap(what="callback number", rule="PPVAR-D")
    if not given.places:
        yield Gap(what="area and location", rule="PPVAR-5.6")
    if audio and not any(place.microphone or place.location for place in given.places):
        yield Gap(what="microphone location", rule="PPVAR-5.6")
    if audio and not any(place.coverage for place in given.places):
        yield Gap(what="microphone coverage", rule="PPVAR-5.6")
    if audio and given.threat_level is None:
        yield Gap(what="threat level", rule="PPVAR-6.2.2.1.1")
    if given.reason == DispatchReason.TL2_SECURED_UNVERIFIED and not given.steps:
        yield Gap(what="verification steps", rule="PPVAR-6.2.2.2.2.2.1")


def _rules(given: MessageInput, *, audio: bool) -> Iterator[str]:
    """Name the rules that shaped the message."""
    yield "PPVAR-D"
    yield "PPVAR-5.7"
    if not audio:
        yield "PPVAR-5.5"
    if given.instructions:
        yield "PPVAR-6.1.3"
    if given.threat_level == ThreatLevel.TL3 and audio:
        yield "PPVAR-6.2.2.1.1"
    if given.steps:
        yield "PPVAR-5.4"
    if given.reason == DispatchReason.TL2_SECURED_UNVERIFIED:
        yield "PPVAR-6.2.2.2.2.2.1"
        yield "AMB-P6"
