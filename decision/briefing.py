"""Turns what an incident knows into what the message to responders and the estimate look at.

Pure: the same state and context give the same message on every desk and in every replay.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from decision.alarm_signal import Signal
from decision.context import Context
from decision.rules import areas
from decision.rules.message import (
    DispatchMessage,
    Evidence,
    Heard,
    MessageInput,
    Place,
    Step,
    StepKind,
    compose,
)
from decision.rules.validation import Assessment, Trip, ValidationInput, assess
from decision.state import Attempt, IncidentState
from decision.vocabulary import (
    AccessOutcome,
    AlarmType,
    AreaClass,
    Basis,
    CallEnding,
    CloseReason,
    ContactResult,
    DispatchReason,
    EvidenceKind,
    KeyHolderStatus,
    ListPurpose,
    Procedure,
    SiteCheckOutcome,
)

CATEGORY_WORDS: Final = {
    "hold_up": "hold-up",
    "twenty_four_hour": "24-hour zone",
    "burglary": "burglary",
    "untyped": "alarm of no stated kind",
}
_PROPERTY: Final = frozenset({"breaking", "tools", "theft", "forced_entry"})
_PEOPLE: Final = frozenset({"violence", "weapon", "cry_for_help", "threat"})
_FORCED: Final = frozenset({"forced_entry", "breaking"})

ENDING_WORDS: Final = {
    CallEnding.ANSWERED: "answered",
    CallEnding.NO_ANSWER: "no answer",
    CallEnding.BUSY: "busy",
    CallEnding.VOICEMAIL: "voicemail",
    CallEnding.WRONG_NUMBER: "wrong number",
    CallEnding.FAILED_PASSCODE: "passcode failed",
    CallEnding.HANG_UP: "hung up",
}
RESULT_WORDS: Final = {
    ContactResult.NO_ANSWER: "no answer",
    ContactResult.APPROVE: "wants responders",
    ContactResult.CANCEL: "cancels",
    ContactResult.AUTHORIZED_ACTIVITY: "says the activity is authorised",
    ContactResult.NOT_AUTHORIZED: "says nobody should be there",
    ContactResult.UNDECIDED: "answered, did not decide",
    ContactResult.EXHAUSTED: "everybody tried",
}
ACCESS_WORDS: Final = {
    AccessOutcome.NO_ACCESS: "could not be opened",
    AccessOutcome.NOTHING_ACTIONABLE: "nothing to act on",
    AccessOutcome.ACTIONABLE: "something to act on",
    AccessOutcome.NOT_RAISED: "the level stays",
    AccessOutcome.RAISED: "raised to TL3",
}
CHECK_WORDS: Final = {
    SiteCheckOutcome.AUTHORIZED: "the activity is authorised",
    SiteCheckOutcome.NOT_AUTHORIZED: "whoever is there should not be",
    SiteCheckOutcome.CRIME: "shows a crime",
    SiteCheckOutcome.UNVERIFIED: "could not verify",
    SiteCheckOutcome.NOT_AVAILABLE: "there is none",
}


def category_words(category: str) -> str:
    """A category as people say it."""
    return CATEGORY_WORDS.get(category, category.replace("_", " "))


def area_class_of(state: IncidentState, context: Context) -> AreaClass:
    """The class that is shown and told: the one that decides (AMB-P3, AMB-P4, AMB-P10)."""
    return areas.area_class(state, context)


def place_of(signal: Signal, state: IncidentState, context: Context) -> Place:
    """Where one alarm is, in words, with what hears there (PPVAR-5.6)."""
    site = context.site
    zone = site.zone(signal.zone) if signal.zone else None
    area = site.area(signal.area) if signal.area else None
    microphone = site.microphone(zone.microphone) if zone and zone.microphone else None
    return Place(
        area=(area.name if area else "") or signal.area_name or (zone.area if zone else None),
        area_class=area_class_of(state, context),
        zone=(zone.name if zone else "") or signal.zone_name or signal.zone,
        location=(zone.location if zone else "") or signal.zone_location,
        sensor=signal.sensor,
        microphone=f"{microphone.name}, {microphone.location}" if microphone else None,
        coverage=microphone.coverage if microphone else None,
    )


def assessment(state: IncidentState, context: Context) -> Assessment:
    """The station's own estimate of how likely a crime is, 0 to 4."""
    signs = {sign for heard in state.heard for sign in heard.signs}
    answers = {attempt.result for attempt in state.attempts}
    checks = state.site_checks
    return assess(
        ValidationInput(
            is_intrusion=state.procedure is Procedure.BURGLAR,
            trips=tuple(_trip(signal, context) for signal in state.signals if signal.zone),
            threat_level=state.threat_level,
            reason=_reason(state),
            is_authorised=state.close_reason is CloseReason.AUTHORIZED,
            is_cancelled=ContactResult.CANCEL in answers
            or (state.cancellation is not None and state.cancellation.is_accepted is True),
            is_cleared=state.close_reason is CloseReason.NO_HUMAN_ACTIVITY,
            has_property_evidence=bool(signs & _PROPERTY),
            has_forced_entry=bool(signs & _FORCED),
            threatens_people=bool(signs & _PEOPLE),
            nobody_should_be_there=ContactResult.NOT_AUTHORIZED in answers
            or any(check.outcome is SiteCheckOutcome.NOT_AUTHORIZED for check in checks),
            video_shows_person=any(
                check.basis is Basis.VIDEO
                and check.outcome in (SiteCheckOutcome.CRIME, SiteCheckOutcome.NOT_AUTHORIZED)
                for check in checks
            ),
            opened_recently=any(signal.is_after_alarm for signal in state.others),
            in_test_window=any(signal.is_on_test for signal in state.signals),
        )
    )


def message_input(
    state: IncidentState, context: Context, *, station: str, callback: str, operator: str | None
) -> MessageInput:
    """Everything that the message may use, from the state of one incident."""
    site, first = context.site, state.signals[0]
    estimate = assessment(state, context)
    used = {one.id: one.text for one in site.instructions}
    request = state.request
    return MessageInput(
        incident=state.id,
        station=station,
        callback=callback,
        operator=operator,
        site_id=site.id,
        site_name=site.name or site.id,
        address=site.address,
        time_zone=site.time_zone,
        alarm_at=state.opened_at,
        alarm_type=AlarmType(first.alarm_type),
        category=state.category,
        premise_type=site.premise_type,
        reason=_reason(state) or DispatchReason.MANUAL_REQUEST,
        signal=_signal_words(first),
        places=_places(state, context),
        threat_level=state.threat_level,
        heard=tuple(_heard(state, context)),
        basis=state.verified_by[-1] if state.verified_by else None,
        steps=tuple(sorted(_steps(state, context), key=_when)),
        instructions=tuple(used.get(one, one) for one in state.instructions_used),
        evidence=tuple(_evidence(state)),
        level=estimate.level,
        level_words=estimate.words if estimate.level is not None else None,
        notes=state.notes,
        permit=site.permit.number if site.permit else None,
        key_holder=_key_holder(state, context),
        entry=site.directions or None,
        is_post_suspension=bool(
            (request and request.is_post_suspension)
            or (state.withheld and state.withheld.verdict.is_post_suspension)
        ),
    )


def dispatch_message(
    state: IncidentState, context: Context, *, station: str, callback: str, operator: str | None
) -> DispatchMessage:
    """The message as it stands now (PPVAR-D), wording rules applied (PPVAR-5.5, AMB-P6)."""
    return compose(
        message_input(state, context, station=station, callback=callback, operator=operator)
    )


def _reason(state: IncidentState) -> DispatchReason | None:
    if state.request is not None:
        return state.request.reason
    return state.withheld.reason if state.withheld is not None else None


def _when(step: Step) -> datetime:
    return step.at


def _trip(signal: Signal, context: Context) -> Trip:
    zone = context.site.zone(signal.zone or "")
    return Trip(
        at=signal.received_at,
        zone=signal.zone or "",
        partition=signal.area or "",
        is_interior=zone.is_interior if zone else False,
        is_exit_entry=(zone.is_exit_entry if zone else False) or signal.is_exit_error,
    )


def _signal_words(signal: Signal) -> str:
    words = f"{category_words(signal.category)} {signal.kind}"
    return f"{words}, verified by the alarm system" if signal.is_verified else words


def _places(state: IncidentState, context: Context) -> tuple[Place, ...]:
    places: dict[Place, None] = {}
    for signal in state.signals:
        places[place_of(signal, state, context)] = None
    return tuple(places)


def _heard(state: IncidentState, context: Context) -> Iterator[Heard]:
    for one in state.heard:
        names = [context.site.microphone(m) for m in one.microphones]
        yield Heard(
            at=one.at,
            what=one.description or ("a person" if one.is_human else "nothing described"),
            is_human=one.is_human,
            is_live=one.is_live,
            where=", ".join(m.name for m in names if m) or None,
            clip=one.clips[0] if one.clips else None,
        )


def _steps(state: IncidentState, context: Context) -> Iterator[Step]:
    for access in state.accesses:
        how = "live listening" if access.is_live_heard else "audio system"
        result = ACCESS_WORDS[access.outcome]
        yield Step(at=access.at, kind="listen", what=how, result=result)
    for check in state.site_checks:
        kind: StepKind = "video" if check.basis is Basis.VIDEO else "on_site"
        what = "video" if kind == "video" else "person on site"
        result = check.description or CHECK_WORDS[check.outcome]
        yield Step(at=check.at, kind=kind, what=what, result=result)
    for attempt in state.attempts:
        if attempt.purpose is not ListPurpose.NOTIFY:
            yield Step(
                at=attempt.at,
                kind="call",
                what=f"call to {contact_name(attempt.contact, context)}",
                result=attempt_words(attempt),
            )
    if state.cancellation is not None:
        who = f"user {state.cancellation.user}" if state.cancellation.user else "the panel"
        yield Step(
            at=state.cancellation.at,
            kind="cancellation",
            what="electronic cancellation",
            result=who,
        )


def attempt_words(attempt: Attempt) -> str:
    """How a call ended, in words."""
    if attempt.ending is not CallEnding.ANSWERED:
        return ENDING_WORDS[attempt.ending]
    return RESULT_WORDS[attempt.result]


def contact_name(contact_id: str, context: Context) -> str:
    """Name and role of a contact."""
    contact = context.site.contact(contact_id)
    if contact is None:
        return contact_id
    return f"{contact.name} ({contact.role})" if contact.role else contact.name


def _evidence(state: IncidentState) -> Iterator[Evidence]:
    for signal in state.signals:
        for url in signal.media:
            yield Evidence(
                kind=EvidenceKind.AUDIO_CLIP, reference=url, description="", at=signal.received_at
            )
    for one in state.evidence:
        yield Evidence(
            kind=one.kind, reference=one.reference, description=one.description, at=one.at
        )


def _key_holder(state: IncidentState, context: Context) -> str | None:
    for contact, status in reversed(state.key_holders):
        if status is not KeyHolderStatus.NOT_COMING:
            where = "present" if status is KeyHolderStatus.PRESENT else "en route"
            return f"{contact_name(contact, context)}, {where}"
    return None
