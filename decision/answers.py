"""The fact that an operator's answer becomes: a table of kinds of question and tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from decision.facts import (
    AreaClassified,
    AudioAccessAttempted,
    CallOffResult,
    ContactAttempted,
    ContactSkipped,
    Fact,
    HumanActivityAssessed,
    InstructionsReviewed,
    Listened,
    OperatorDecided,
    RequestAccepted,
    RequestRejected,
    RequestSent,
    Resolved,
    SiteCheckedByPerson,
    SiteCheckedByVideo,
    ThreatAssessed,
    UpdateSent,
    VerifiedOtherwise,
)
from decision.question_form import Given, Question
from decision.vocabulary import (
    NO_RESPONSE_POST_SUSPENSION,
    AccessOutcome,
    AccessStep,
    AreaClass,
    Audibility,
    Basis,
    Branch,
    CallEnding,
    CallOffStatus,
    Channel,
    ContactResult,
    HumanActivity,
    RejectReason,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
)

Maker: TypeAlias = Callable[[Question, str, Given], Fact]


def fact_for(question: Question, token: str, given: Given) -> Fact:
    """Give the fact that an answer becomes. Raises KeyError for an answer the question lacks."""
    if all(answer.token != token for answer in question.answers):
        raise KeyError(f"{question.kind} has no answer {token!r}")
    maker = ANY_QUESTION.get(token) or MAKERS.get(question.kind, _decided)
    return maker(question, token, given)


def _reviewed(_question: Question, _token: str, given: Given) -> Fact:
    return InstructionsReviewed(used=given.used, note=given.note)


def _listened(_question: Question, token: str, given: Given) -> Fact:
    return Listened(
        audibility=Audibility(token),
        clips=given.clips,
        microphones=given.microphones,
        description=given.description,
    )


def _access(step: AccessStep) -> Maker:
    def make(_question: Question, token: str, given: Given) -> Fact:
        outcome = AccessOutcome(token)
        return AudioAccessAttempted(
            step=step,
            outcome=outcome,
            is_live_heard=outcome is not AccessOutcome.NO_ACCESS,
            clips=given.clips,
            microphones=given.microphones,
            description=given.description,
        )

    return make


def _assessed(_question: Question, token: str, given: Given) -> Fact:
    return HumanActivityAssessed(
        activity=HumanActivity(token),
        zones=given.zones,
        microphones=given.microphones,
        description=given.description,
        clips=given.clips,
    )


def _threat(_question: Question, token: str, given: Given) -> Fact:
    return ThreatAssessed(
        judgement=ThreatJudgement(token),
        zones=given.zones,
        microphones=given.microphones,
        description=given.description,
        signs=given.signs,
        clips=given.clips,
    )


def _video(_question: Question, token: str, given: Given) -> Fact:
    return SiteCheckedByVideo(
        outcome=SiteCheckOutcome(token.removeprefix("VIDEO_")),
        clips=given.clips,
        description=given.description,
        signs=given.signs,
    )


def _person(_question: Question, token: str, given: Given) -> Fact:
    return SiteCheckedByPerson(
        outcome=SiteCheckOutcome(token.removeprefix("SITE_")),
        person=given.person,
        description=given.description,
        signs=given.signs,
    )


def _call(question: Question, token: str, given: Given) -> Fact:
    if token == "NOT_PLACED":  # noqa: S105  a token of the table
        return ContactSkipped(contact=question.contact, reason=given.note)
    return ContactAttempted(
        contact=question.contact,
        result=ContactResult(token),
        ending=CallEnding(given.ending) if given.ending else None,
        said=given.said,
    )


def _told(question: Question, _token: str, given: Given) -> Fact:
    said = question.text if not given.text else f"{question.text} ({given.text})"
    return UpdateSent(request=question.incident, text=said)


def _sent(question: Question, _token: str, given: Given) -> Fact:
    return RequestSent(request=question.incident, message=given.text)


def _accepted(question: Question, _token: str, given: Given) -> Fact:
    return RequestAccepted(request=question.incident, number=given.number)


def _rejected(question: Question, _token: str, given: Given) -> Fact:
    return RequestRejected(request=question.incident, text=given.text)


def _no_response(question: Question, _token: str, given: Given) -> Fact:
    """SJ-C2c-i: the refusal ends the call, with the literal words that the ledger goes by."""
    return RequestRejected(
        request=question.incident,
        reason=RejectReason.NO_RESPONSE,
        text=given.text,
        disposition=NO_RESPONSE_POST_SUSPENSION,
    )


def _call_off(question: Question, token: str, given: Given) -> Fact:
    return CallOffResult(
        result=CallOffStatus(token.lower()), request=question.incident, text=given.text
    )


def _classified(_question: Question, token: str, given: Given) -> Fact:
    return AreaClassified(area_class=AreaClass(token), note=given.note)


def _decided(question: Question, token: str, given: Given) -> Fact:
    task = Task(question.kind.removeprefix("TASK_"))
    return OperatorDecided(task=task, branch=Branch(token), note=given.note)


def _verified(_question: Question, _token: str, given: Given) -> Fact:
    return VerifiedOtherwise(basis=Basis.OTHER, description=given.description)


def _resolved(_question: Question, _token: str, given: Given) -> Fact:
    return Resolved(channel=Channel.PHONE, user=given.user or "the station", note=given.note)


MAKERS: Final[Mapping[str, Maker]] = {
    "RECEIVED": _reviewed,
    "LISTEN_INITIAL": _listened,
    "ACCESS_A": _access(AccessStep.ACCESS_A),
    "ASSESS": _assessed,
    "THREAT": _threat,
    "ACCESS_B": _access(AccessStep.ACCESS_B),
    "CALL_DECIDE": _call,
    "CALL_VERIFY": _call,
    "CALL_NOTIFY": _call,
    "CALL_TELL": _call,
    "CALL_OFF_RESULT": _call_off,
    "TELL_UPDATE": _told,
    f"TASK_{Task.CLASSIFY_AREA}": _classified,
}
"""Kind of question -> what its answers become; a task's become ``OperatorDecided``."""

ANY_QUESTION: Final[Mapping[str, Maker]] = {
    "RESOLVED": _resolved,
    "TL3": _threat,
    "VERIFIED": _verified,
    "SENT": _sent,
    "ACCEPTED": _accepted,
    "REJECTED": _rejected,
    "NO_RESPONSE": _no_response,
    "VIDEO_AUTHORIZED": _video,
    "VIDEO_CRIME": _video,
    "VIDEO_UNVERIFIED": _video,
    "VIDEO_NOT_AVAILABLE": _video,
    "SITE_AUTHORIZED": _person,
    "SITE_NOT_AUTHORIZED": _person,
    "SITE_UNVERIFIED": _person,
    "SITE_NOT_AVAILABLE": _person,
}
"""Tokens that mean the same in whatever question they stand."""
