"""What the ledger learns of a conversation: every police outcome feeds it by itself (XS-7).

One ``PoliceCall`` fact when police are asked, one when they answer, one when they close; each adds
to the same call. The literal disposition goes through untouched: whether it counts is the
ledger's question (SJ-C2b, AMB-S17, AMB-S23).
"""

from __future__ import annotations

from decision.ledger.facts import PoliceCall
from decision.responders.conversation import Conversation
from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    FromDesk,
    NewAlarm,
    Rejected,
)
from decision.vocabulary import CallOffStatus


def asked(alarm: NewAlarm) -> PoliceCall:
    """Tell the ledger that police were asked; the request itself matters there (SJ-B7)."""
    content = alarm.content
    return PoliceCall(
        call=alarm.request,
        at=alarm.at,
        alarm_type=content.alarm_type.value,
        category=content.category,
        premise_type=content.premise_type.value if content.premise_type else None,
        incident=content.incident,
    )


def answered(conversation: Conversation, message: FromDesk) -> PoliceCall | None:
    """Tell the ledger what a message of the desk means; None when it means nothing to it.

    ``conversation`` is the one after the message was folded.
    """
    match message:
        case Accepted():
            return PoliceCall(
                call=conversation.request, accepted=True, occurrence=message.event_number
            )
        case Rejected():
            return PoliceCall(
                call=conversation.request,
                accepted=False,
                disposition=message.disposition,
                closed_at=message.at if message.disposition else None,
                occurrence=message.event_number,
            )
        case DeskUpdate(kind=DeskUpdateKind.CLOSED):
            return PoliceCall(
                call=conversation.request,
                disposition=message.disposition or "",
                closed_at=message.at,
                cancelled_before_arrival=_is_cancelled_before_arrival(conversation),
                occurrence=conversation.event_number,
            )
    return None


def _is_cancelled_before_arrival(conversation: Conversation) -> bool:
    """A confirmed call-off, and nobody arrived (AMB-S17)."""
    return conversation.call_off is CallOffStatus.CONFIRMED and conversation.on_scene_at is None
