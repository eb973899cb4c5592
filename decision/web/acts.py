"""What a person does to an incident, as facts: one place for the console and the API.

Every act checks again what the page has checked: that the question still stands, that the person
may answer it (PPVAR-4.3.1), that a number or a reason is there where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from decision import facts as f
from decision.audit import CompetenceRefused
from decision.briefing import dispatch_message
from decision.facts import Actor
from decision.questions import Answer, Given, Question, fact_for
from decision.roles import Permission, Role
from decision.rules.message_text import as_text
from decision.rules.training import Competence
from decision.rules.wording import check_wording
from decision.state import IncidentState, Step
from decision.vocabulary import (
    CallOffStatus,
    Channel,
    ContactResult,
    DispatchReason,
    KeyHolderStatus,
    RejectReason,
    ResponderNews,
)
from decision.web.context import Asked, Door, Who
from decision.web.routes import Problem
from decision.web.station import Station


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Words and choices that go with an act."""

    text: str = ""
    contact: str = ""
    result: str = ""
    minutes: int | None = None
    disposition: str = ""
    is_fee_accepted: bool = False


def actor_of(who: Who) -> Actor:
    """The person as the actor of a fact."""
    is_supervisor = Role.SUPERVISOR in who.user.roles
    kind: f.ActorKind = "supervisor" if is_supervisor else "operator"
    return Actor(kind=kind, id=who.user.id, roles=who.user.roles)


def why_stopped(question: Question, who: Who, competence: Competence) -> str:
    """Why this person may not answer a question; empty when they may."""
    if not who.may(Permission.INCIDENT_HANDLE):
        return "Your roles let you look, not answer."
    if question.needs_audio and not who.may(Permission.AUDIO_HANDLE):
        return "Your roles do not let you handle audio."
    if question.needs_audio and not competence.may_handle:
        rules = ", ".join(competence.rules)
        return (
            f"You may not handle audio alarms today: {competence.why} ({rules}). Hand it to a "
            "trained operator; a trained supervisor beside you can declare direct supervision "
            "under Training."
        )
    if question.needs_supervisor and not who.may(Permission.DISPATCH_OVERRIDE):
        return "This one is for a supervisor."
    return ""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """The question that stands, and whether the person may handle audio."""

    state: IncidentState
    question: Question | None
    competence: Competence


class Answering(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, and to which question it was given."""

    key: str
    token: str
    given: Given = Given()


async def answer(
    station: Station, door: Door, asked: Asked, at: Asking, answering: Answering
) -> Step | None:
    """Answer the question that stands; refuses one that no longer does (409)."""
    question = at.question
    if question is None or question.key != answering.key:
        raise Problem(
            409,
            "The incident has moved on: this question is no longer the one to answer. "
            "Nothing was recorded.",
        )
    if stopped := why_stopped(question, asked.person, at.competence):
        if question.needs_audio and not at.competence.may_handle:
            refused = CompetenceRefused(incident=at.state.id, reason=at.competence.why)
            await door.audit(asked.person.user.id, refused)
        raise Problem(403, stopped)
    chosen = next((one for one in question.answers if one.token == answering.token), None)
    if chosen is None:
        raise Problem(422, f"The question has no answer {answering.token[:40]!r}.")
    answering = _only_its_fields(answering, chosen)
    request = at.state.request
    if answering.token in ("SENT", "ACCEPTED") and request and request.sent_at is None:
        return await _send(station, asked, at.state, answering)
    fact = fact_for(question, answering.token, answering.given)
    return await _record(station, asked, at.state, fact)


def _only_its_fields(answering: Answering, chosen: Answer) -> Answering:
    """Drop what stands in fields of the question's other answers (how a call ended ...)."""
    kept = {name: getattr(answering.given, name) for name in chosen.fields}
    return msgspec.structs.replace(answering, given=Given(**kept))


async def _send(
    station: Station, asked: Asked, state: IncidentState, answering: Answering
) -> Step | None:
    """Record the request with the message as it stood on the screen (PPVAR-D)."""
    if not asked.person.may(Permission.DISPATCH_REQUEST):
        raise Problem(403, "Your roles do not allow dispatch.request.")
    more = answering.given.text
    if more:
        _check_wording(state, more)
    context = station.context(state.id)
    message = dispatch_message(
        state,
        context,
        station=station.info.name,
        callback=station.info.callback,
        operator=asked.person.user.name,
    )
    text = as_text(message) + (f"\nBesides: {more}" if more else "")
    sent = f.RequestSent(request=state.id, transport="phone", to=context.site.psap, message=text)
    step = await _record(station, asked, state, sent)
    if answering.token == "ACCEPTED":  # noqa: S105  the name of an answer
        accepted = f.RequestAccepted(request=state.id, number=answering.given.number)
        step = await _record(station, asked, state, accepted)
    return step


async def override(station: Station, asked: Asked, state: IncidentState, act: Act) -> Step | None:
    """A supervisor asks for responders against a BLOCK (XS-5); the fee warning was on the page."""
    if state.withheld is None or state.request is not None:
        raise Problem(409, "Nothing is withheld by the gate.")
    verdict = state.withheld.verdict
    if not verdict.can_override:
        raise Problem(409, "Response is discontinued: nobody can override that (XS-5).")
    if not act.text.strip():
        raise Problem(422, "Say why responders are asked against the gate; the reason is kept.")
    if verdict.fee_warning and not act.is_fee_accepted:
        raise Problem(422, f"Say that you read the warning: {verdict.fee_warning}")
    fact = f.GateOverridden(reason=act.text, is_fee_accepted=act.is_fee_accepted)
    return await _record(station, asked, state, fact)


async def _record(station: Station, asked: Asked, state: IncidentState, fact: Any) -> Step | None:
    return await station.record(f"incident/{state.id}", fact, actor_of(asked.person), now=asked.now)


_RESPONDER: Final[Mapping[str, Callable[[Act], f.Fact]]] = {
    "accepted": lambda x: f.RequestAccepted(number=x.text),
    "rejected": lambda x: f.RequestRejected(
        reason=RejectReason.NO_RESPONSE if x.disposition else RejectReason.OTHER,
        text=x.text,
        disposition=x.disposition,
    ),
    "unit": lambda x: f.RequestUpdated(news=ResponderNews.UNIT_DISPATCHED, text=x.text),
    "on_scene": lambda x: f.RequestUpdated(news=ResponderNews.ON_SCENE, text=x.text),
    "information": lambda x: f.RequestUpdated(
        news=ResponderNews.INFORMATION_REQUESTED, text=x.text
    ),
    "update": lambda x: f.UpdateSent(text=x.text),
    "call_off": lambda x: f.UpdateSent(text=x.text, is_call_off=True),
    "call_off_confirmed": lambda x: f.CallOffResult(result=CallOffStatus.CONFIRMED, text=x.text),
    "call_off_refused": lambda x: f.CallOffResult(result=CallOffStatus.REFUSED, text=x.text),
    "call_off_unknown": lambda x: f.CallOffResult(result=CallOffStatus.UNKNOWN, text=x.text),
    "closed": lambda x: f.RequestClosed(disposition=x.disposition, text=x.text),
}
RESPONDER_ACTS: Final = tuple(_RESPONDER)
_NEEDS_TEXT: Final = {
    "rejected": "Say why they decline, as they said it.",
    "update": "Say what they were told.",
    "note": "Write the note first.",
    "note_out": "Write what responders are to be told.",
    "resolve": "Say who resolves it.",
    "manual": "Say who asks for responders.",
}


async def responder(
    station: Station, asked: Asked, state: IncidentState, token: str, act: Act
) -> Step | None:
    """Record what passed between the station and the responders."""
    make = _RESPONDER.get(token)
    if make is None:
        raise Problem(422, f"There is no act {token[:40]!r} with the responders.")
    _check_text(token, act)
    if token in ("update", "call_off"):
        _check_wording(state, act.text)
    return await _record(station, asked, state, make(act))


def _check_text(token: str, act: Act) -> None:
    if token in _NEEDS_TEXT and not act.text.strip():
        raise Problem(422, _NEEDS_TEXT[token])


def _check_wording(state: IncidentState, text: str) -> None:
    """Words to responders obey the same rules as the message (PPVAR-5.5, AMB-P6)."""
    reason = state.request.reason if state.request else DispatchReason.MANUAL_REQUEST
    refusals = check_wording(text, audio_reference=state.is_human_heard, reason=reason)
    if refusals:
        first = refusals[0]
        raise Problem(422, f"That may not be said to responders: {first.why} ({first.rule}).")


def _manual(act: Act) -> f.Fact:
    return f.ManualDispatchRequested(
        channel=Channel.PHONE, user=act.text, is_fee_accepted=act.is_fee_accepted
    )


def _key_holder(act: Act) -> f.Fact:
    try:
        status = KeyHolderStatus(act.result)
    except ValueError:
        raise Problem(
            422, "Say whether the key holder is present, en route or not coming."
        ) from None
    return f.KeyHolderReported(contact=act.contact, status=status, minutes=act.minutes)


def _inbound(act: Act) -> f.Fact:
    try:
        result = ContactResult(act.result)
    except ValueError:
        raise Problem(422, "Say what the contact answered.") from None
    return f.ContactAttempted(contact=act.contact, result=result, said=act.text, is_inbound=True)


_MORE: Final[Mapping[str, Callable[[Act], f.Fact]]] = {
    "resolve": lambda x: f.Resolved(channel=Channel.PHONE, user=x.text),
    "manual": _manual,
    "note": lambda x: f.NoteAdded(text=x.text),
    "note_out": lambda x: f.NoteAdded(text=x.text, is_for_responders=True),
    "key_holder": _key_holder,
    "inbound": _inbound,
}
MORE_ACTS: Final = (*_MORE, "take", "release")


async def more(
    station: Station, asked: Asked, state: IncidentState, token: str, act: Act
) -> Step | None:
    """Do what can be done at any time."""
    if token == "take":  # noqa: S105  the name of an act, no secret
        return await _record(station, asked, state, f.Taken(by=asked.person.user.id))
    if token == "release":  # noqa: S105
        return await _record(station, asked, state, f.Taken(by=""))
    make = _MORE.get(token)
    if make is None:
        raise Problem(422, f"There is no act {token[:40]!r}.")
    _check_text(token, act)
    if token == "note_out":  # noqa: S105
        _check_wording(state, act.text)
    if token in ("key_holder", "inbound"):
        known = station.context(state.id).site.contact(act.contact)
        if known is None:
            raise Problem(422, f"The call list has no contact {act.contact[:40]!r}.")
    return await _record(station, asked, state, make(act))


def outcome(step: Step | None, done: str) -> tuple[str, str]:
    """What the person is told afterwards: tone and words."""
    if step is not None and step.refusal is not None:
        return (
            "caution",
            f"Recorded, and it changes nothing: {step.refusal.text} ({step.refusal.rule})",
        )
    return "good", done
