"""The conversation with a responder's desk about one request, as two tables.

What was *requested*, what was *accepted* and who is *responding* are different facts and stay so
(DISP-J10). A call-off runs beside: asked for, then confirmed, refused, or not answered (DISP-I4).
The answer to a request must come at once; when it does not, a person dials.

    REQUESTED --accept--> ACCEPTED --unit sent--> RESPONDING --arrived--> ON_SCENE --> CLOSED
        |--reject--> REJECTED     |--silence--> UNANSWERED --accept--> ACCEPTED ...

A message that has no place in the table changes nothing: it is kept, and an operator looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

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
from decision.vocabulary import CallOffStatus, RejectReason

ANSWER_WITHIN: Final = timedelta(seconds=30)
"""``responder.answer_s``: no answer to a request by then, and a person dials (our default)."""
CALL_OFF_WITHIN: Final = timedelta(seconds=300)
"""``responder.call_off_s``: no answer to a call-off by then, and its result is ``UNKNOWN``."""


class Stage(StrEnum):
    """How far the request is."""

    REQUESTED = "REQUESTED"
    UNANSWERED = "UNANSWERED"
    """The answer is overdue; an operator dials."""
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    RESPONDING = "RESPONDING"
    ON_SCENE = "ON_SCENE"
    CLOSED = "CLOSED"


class Event(StrEnum):
    """What moves the tables."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNIT_SENT = "unit_sent"
    ARRIVED = "arrived"
    CLOSE = "close"
    TIMEOUT = "timeout"
    CALL_OFF_ASKED = "call_off_asked"
    CALL_OFF_CONFIRMED = "call_off_confirmed"
    CALL_OFF_REFUSED = "call_off_refused"
    CALL_OFF_TIMEOUT = "call_off_timeout"


S, E = Stage, Event
STAGES: Final[Mapping[Stage, Mapping[Event, Stage]]] = {
    S.REQUESTED: {
        E.ACCEPT: S.ACCEPTED,
        E.REJECT: S.REJECTED,
        E.TIMEOUT: S.UNANSWERED,
        # A desk may skip a step; what it says last is true.
        E.UNIT_SENT: S.RESPONDING,
        E.ARRIVED: S.ON_SCENE,
        E.CLOSE: S.CLOSED,
    },
    S.UNANSWERED: {
        E.ACCEPT: S.ACCEPTED,
        E.REJECT: S.REJECTED,
        E.UNIT_SENT: S.RESPONDING,
        E.ARRIVED: S.ON_SCENE,
        E.CLOSE: S.CLOSED,
    },
    S.ACCEPTED: {
        E.REJECT: S.REJECTED,  # a correctly initiated dispatch may still be declined (DISP-J10)
        E.UNIT_SENT: S.RESPONDING,
        E.ARRIVED: S.ON_SCENE,
        E.CLOSE: S.CLOSED,
    },
    S.REJECTED: {
        E.ACCEPT: S.ACCEPTED,  # after the operator spoke with them
        E.CLOSE: S.CLOSED,
    },
    S.RESPONDING: {
        E.UNIT_SENT: S.RESPONDING,  # another unit
        E.ARRIVED: S.ON_SCENE,
        E.CLOSE: S.CLOSED,
    },
    S.ON_SCENE: {
        E.UNIT_SENT: S.ON_SCENE,
        E.ARRIVED: S.ON_SCENE,
        E.CLOSE: S.CLOSED,
    },
    S.CLOSED: {},
}
"""Stage x event -> stage. What is missing changes nothing and is looked at."""

C = CallOffStatus
CALL_OFFS: Final[Mapping[CallOffStatus | None, Mapping[Event, CallOffStatus]]] = {
    None: {E.CALL_OFF_ASKED: C.REQUESTED},
    C.REQUESTED: {
        E.CALL_OFF_ASKED: C.REQUESTED,  # a second contact asks the same
        E.CALL_OFF_CONFIRMED: C.CONFIRMED,
        E.CALL_OFF_REFUSED: C.REFUSED,
        E.CALL_OFF_TIMEOUT: C.UNKNOWN,
        E.REJECT: C.CONFIRMED,  # nobody goes
        E.CLOSE: C.UNKNOWN,
    },
    C.UNKNOWN: {
        E.CALL_OFF_ASKED: C.REQUESTED,
        E.CALL_OFF_CONFIRMED: C.CONFIRMED,
        E.CALL_OFF_REFUSED: C.REFUSED,
    },
    C.REFUSED: {E.CALL_OFF_ASKED: C.REQUESTED, E.CALL_OFF_CONFIRMED: C.CONFIRMED},
    C.CONFIRMED: {},
}

_OF_UPDATE: Final[Mapping[DeskUpdateKind, Event]] = {
    DeskUpdateKind.UNIT_DISPATCHED: E.UNIT_SENT,
    DeskUpdateKind.ON_SCENE: E.ARRIVED,
    DeskUpdateKind.CLOSED: E.CLOSE,
    DeskUpdateKind.CALL_OFF_CONFIRMED: E.CALL_OFF_CONFIRMED,
    DeskUpdateKind.CALL_OFF_REFUSED: E.CALL_OFF_REFUSED,
}


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """How long a desk may think."""

    answer: timedelta = ANSWER_WITHIN
    call_off: timedelta = CALL_OFF_WITHIN


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has to do, with its reason."""

    kind: str
    """``DIAL``, ``ANSWER_QUESTION``, ``REJECTED``, ``ALTERNATE_RESPONSE``, ``LOOK``."""
    text: str
    rules: tuple[str, ...]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one request; a fold over the messages and timers."""

    request: str
    asked_at: datetime
    timeouts: Timeouts = Timeouts()
    stage: Stage = Stage.REQUESTED
    call_off: CallOffStatus | None = None
    """Best effort (DISP-I4); None: nobody asked for one."""
    call_off_asked_at: datetime | None = None
    event_number: str | None = None
    is_post_suspension: bool = False
    rejected_for: RejectReason | None = None
    disposition: str | None = None
    accepted_at: datetime | None = None
    responding_at: datetime | None = None
    on_scene_at: datetime | None = None
    closed_at: datetime | None = None
    questions: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    """Ids of the messages folded: the same one again has no effect."""

    @property
    def is_requested(self) -> bool:
        """The request went out. Says nothing about anybody coming (DISP-J10)."""
        return True

    @property
    def is_responding(self) -> bool:
        """The desk said that a unit is on its way or there, and nobody said otherwise since."""
        return self.stage in {Stage.RESPONDING, Stage.ON_SCENE} and self.call_off != C.CONFIRMED

    @property
    def is_open(self) -> bool:
        """Whether messages are still to be expected."""
        return self.stage not in {Stage.CLOSED, Stage.REJECTED}

    @property
    def due(self) -> datetime | None:
        """When to be woken next."""
        if self.stage is Stage.REQUESTED:
            return self.asked_at + self.timeouts.answer
        if self.call_off is C.REQUESTED and self.call_off_asked_at is not None:
            return self.call_off_asked_at + self.timeouts.call_off
        return None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one message changed, and what a person has to do about it."""

    conversation: Conversation
    tasks: tuple[Task, ...] = ()
    is_new: bool = True
    """False for a message that was folded before."""


def open_conversation(alarm: NewAlarm, timeouts: Timeouts = Timeouts()) -> Conversation:  # noqa: B008  frozen
    """Begin with the request (``DISPATCH`` was asked for; nobody responds yet)."""
    return Conversation(
        request=alarm.request, asked_at=alarm.at, timeouts=timeouts, seen=(alarm.id,)
    )


def receive(conversation: Conversation, message: FromDesk) -> Step:
    """Fold one message of the desk."""
    if message.id in conversation.seen:
        return Step(conversation=conversation, is_new=False)
    conversation = msgspec.structs.replace(conversation, seen=(*conversation.seen, message.id))
    match message:
        case Accepted():
            return _accepted(conversation, message)
        case Rejected():
            return _rejected(conversation, message)
        case DeskUpdate(kind=DeskUpdateKind.INFORMATION_REQUESTED):
            asked = msgspec.structs.replace(
                conversation, questions=(*conversation.questions, message.text)
            )
            task = Task(kind="ANSWER_QUESTION", text=message.text, rules=("PPVAR-5.8",))
            return Step(conversation=asked, tasks=(task,))
        case DeskUpdate():
            return _updated(conversation, message)


def send(conversation: Conversation, message: StationUpdate) -> Step:
    """Fold one update of ours: only a call-off changes what is known."""
    if message.id in conversation.seen:
        return Step(conversation=conversation, is_new=False)
    conversation = msgspec.structs.replace(conversation, seen=(*conversation.seen, message.id))
    if message.kind is not StationUpdateKind.CALL_OFF:
        return Step(conversation=conversation)
    before = conversation.call_off
    asked = _move(conversation, E.CALL_OFF_ASKED)
    if asked.call_off is C.REQUESTED and before is not C.REQUESTED:
        asked = msgspec.structs.replace(asked, call_off_asked_at=message.at)
    return Step(conversation=asked)


def wake(conversation: Conversation, now: datetime) -> Step:
    """Fold the passing of time: what is overdue at ``now``."""
    due = conversation.due
    if due is None or now < due:
        return Step(conversation=conversation, is_new=False)
    if conversation.stage is Stage.REQUESTED:
        task = Task(
            kind="DIAL",
            text="the desk has not answered the request: call it and read the message",
            rules=("DISP-J10",),
        )
        return Step(conversation=_move(conversation, E.TIMEOUT), tasks=(task,))
    return Step(conversation=_move(conversation, E.CALL_OFF_TIMEOUT))


def unanswered(conversation: Conversation) -> Conversation:
    """Fold the fact that the answer was overdue; once more changes nothing."""
    return _move(conversation, E.TIMEOUT)


def _move(conversation: Conversation, event: Event) -> Conversation:
    """Apply one event to both tables."""
    stage = STAGES[conversation.stage].get(event, conversation.stage)
    call_off = CALL_OFFS[conversation.call_off].get(event, conversation.call_off)
    return msgspec.structs.replace(conversation, stage=stage, call_off=call_off)


def _is_expected(conversation: Conversation, event: Event) -> bool:
    if event in {E.CALL_OFF_CONFIRMED, E.CALL_OFF_REFUSED}:
        return event in CALL_OFFS[conversation.call_off]
    return event in STAGES[conversation.stage]


def _accepted(conversation: Conversation, message: Accepted) -> Step:
    if not _is_expected(conversation, E.ACCEPT):
        return _looked_at(conversation, f"accepted as {message.event_number}")
    moved = msgspec.structs.replace(
        _move(conversation, E.ACCEPT),
        event_number=message.event_number,
        is_post_suspension=message.is_post_suspension,
        accepted_at=message.at,
        rejected_for=None,
    )
    return Step(conversation=moved)


def _rejected(conversation: Conversation, message: Rejected) -> Step:
    if not _is_expected(conversation, E.REJECT):
        return _looked_at(conversation, f"rejected: {message.reason}")
    moved = msgspec.structs.replace(
        _move(conversation, E.REJECT),
        rejected_for=message.reason,
        event_number=message.event_number or conversation.event_number,
        disposition=message.disposition,
    )
    words = message.text or message.reason.replace("_", " ").lower()
    if message.reason is RejectReason.NO_RESPONSE:
        text = f"police will not respond ({words}): arrange alternate response, tell the customer"
        task = Task(kind="ALTERNATE_RESPONSE", text=text, rules=("SJ-C2c-i", "SJ-E2", "XS-5"))
    else:
        text = f"the desk rejected the request ({words}): call it and read the message"
        task = Task(kind="REJECTED", text=text, rules=("DISP-J10", "DISP-J5"))
    return Step(conversation=moved, tasks=(task,))


def _updated(conversation: Conversation, message: DeskUpdate) -> Step:
    event = _OF_UPDATE.get(message.kind)
    if event is None:  # news in words only
        return Step(conversation=conversation)
    if not _is_expected(conversation, event):
        return _looked_at(conversation, f"{message.kind.lower()} {message.text}".strip())
    moved = _move(conversation, event)
    if event is E.UNIT_SENT and moved.responding_at is None:
        moved = msgspec.structs.replace(moved, responding_at=message.at)
    if event is E.ARRIVED and moved.on_scene_at is None:
        moved = msgspec.structs.replace(moved, on_scene_at=message.at)
    if event is E.CLOSE:
        moved = msgspec.structs.replace(
            moved, closed_at=message.at, disposition=message.disposition
        )
    return Step(conversation=moved)


def _looked_at(conversation: Conversation, what: str) -> Step:
    text = f"the desk said something that does not fit ({conversation.stage}): {what}"
    return Step(
        conversation=conversation,
        tasks=(Task(kind="LOOK", text=text, rules=("DISP-J10",)),),
    )
