"""Messages and facts: what of a conversation is written into the incident, and read back from it.

The incident's facts are the truth; a ``Conversation`` is folded from them whenever it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from decision.facts import (
    CallOffResult,
    Recorded,
    RequestAccepted,
    RequestClosed,
    RequestRejected,
    RequestSent,
    RequestUpdated,
    UpdateSent,
)
from decision.responders.conversation import (
    Conversation,
    Timeouts,
    receive,
    send,
    unanswered,
)
from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    FromDesk,
    NewAlarm,
    Rejected,
    StationUpdate,
    StationUpdateKind,
)
from decision.vocabulary import CallOffStatus, RejectReason, ResponderNews

DeskFact: TypeAlias = (
    RequestAccepted | RequestRejected | RequestUpdated | CallOffResult | RequestClosed
)

_NEWS: Final[Mapping[DeskUpdateKind, ResponderNews]] = {
    DeskUpdateKind.UNIT_DISPATCHED: ResponderNews.UNIT_DISPATCHED,
    DeskUpdateKind.ON_SCENE: ResponderNews.ON_SCENE,
    DeskUpdateKind.INFORMATION_REQUESTED: ResponderNews.INFORMATION_REQUESTED,
    DeskUpdateKind.OTHER: ResponderNews.OTHER,
}
_KINDS: Final[Mapping[ResponderNews, DeskUpdateKind]] = {news: kind for kind, news in _NEWS.items()}
_RESULTS: Final[Mapping[DeskUpdateKind, CallOffStatus]] = {
    DeskUpdateKind.CALL_OFF_CONFIRMED: CallOffStatus.CONFIRMED,
    DeskUpdateKind.CALL_OFF_REFUSED: CallOffStatus.REFUSED,
}
SILENT: Final = frozenset({RejectReason.NO_ANSWER, RejectReason.UNREACHABLE})
"""No words of the desk: the request stands, a person dials."""
_KINDS_OF_RESULT: Final[Mapping[CallOffStatus, DeskUpdateKind]] = {
    result: kind for kind, result in _RESULTS.items()
}


def sent(alarm: NewAlarm, *, transport: str, to: str = "") -> RequestSent:
    """Give the fact that a request went out (nothing about anybody coming: DISP-J10)."""
    return RequestSent(request=alarm.request, transport=transport, to=to, message=alarm.text)


def update_sent(update: StationUpdate) -> UpdateSent:
    """Give the fact that an update or a call-off went out."""
    return UpdateSent(
        request=update.request,
        text=update.text,
        is_call_off=update.kind is StationUpdateKind.CALL_OFF,
    )


def fact_of(message: FromDesk, *, event_number: str | None = None) -> DeskFact:
    """Give the fact that a message of the desk is."""
    request = message.request
    match message:
        case Accepted():
            return RequestAccepted(request=request, number=message.event_number)
        case Rejected():
            return RequestRejected(
                request=request,
                reason=message.reason,
                text=message.text,
                disposition=message.disposition or "",
            )
        case DeskUpdate(kind=DeskUpdateKind.CLOSED):
            return RequestClosed(
                request=request,
                disposition=message.disposition or "",
                occurrence=event_number or "",
                text=message.text,
            )
        case DeskUpdate() if message.kind in _RESULTS:
            result = _RESULTS[message.kind]
            return CallOffResult(result=result, request=request, text=message.text)
    return RequestUpdated(request=request, news=_NEWS[message.kind], text=message.text)


def message_of(recorded: Recorded) -> FromDesk | StationUpdate | None:
    """Give the message that a fact was; None for every other fact."""
    fact, at, number = recorded.fact, recorded.at, f"fact-{recorded.seq}"
    match fact:
        case RequestAccepted():
            return Accepted(id=number, request=fact.request, at=at, event_number=fact.number)
        case RequestRejected() if fact.reason not in SILENT:
            return Rejected(
                id=number,
                request=fact.request,
                at=at,
                reason=fact.reason,
                text=fact.text,
                disposition=fact.disposition or None,
            )
        case UpdateSent():
            kind = StationUpdateKind.CALL_OFF if fact.is_call_off else StationUpdateKind.FACTS
            return StationUpdate(id=number, request=fact.request, at=at, kind=kind, text=fact.text)
        case RequestUpdated() | CallOffResult() | RequestClosed():
            return _desk_update(fact, number, at)
    return None


def _desk_update(
    fact: RequestUpdated | CallOffResult | RequestClosed, number: str, at: datetime
) -> DeskUpdate | None:
    disposition: str | None = None
    match fact:
        case RequestUpdated():
            kind = _KINDS[fact.news]
        case RequestClosed():
            kind, disposition = DeskUpdateKind.CLOSED, fact.disposition or None
        case _:
            if fact.result not in _KINDS_OF_RESULT:
                return None
            kind = _KINDS_OF_RESULT[fact.result]
    return DeskUpdate(
        id=number, request=fact.request, at=at, kind=kind, text=fact.text, disposition=disposition
    )


def _is_unanswered(fact: object) -> bool:
    return isinstance(fact, RequestRejected) and fact.reason is RejectReason.NO_ANSWER


def conversation_of(
    facts: Iterable[Recorded],
    timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
) -> Conversation | None:
    """Fold the conversation of an incident; None while no request went out."""
    conversation: Conversation | None = None
    for recorded in facts:
        if conversation is not None and _is_unanswered(recorded.fact):
            conversation = unanswered(conversation)
            continue
        if isinstance(recorded.fact, RequestSent) and conversation is None:
            conversation = Conversation(
                request=recorded.fact.request, asked_at=recorded.at, timeouts=timeouts
            )
            continue
        message = message_of(recorded)
        if message is None or conversation is None:
            continue
        if isinstance(message, StationUpdate):
            conversation = send(conversation, message).conversation
        else:
            conversation = receive(conversation, message).conversation
    return conversation
