"""What the ledger learns from an incident: every police outcome feeds it by itself (XS-7).

A ``PoliceCall`` when police are asked, when they answer and when they close, all of one call. The
literal disposition goes through untouched; whether it counts is the ledger's question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from decision.facts import (
    Recorded,
    RequestAccepted,
    RequestClosed,
    RequestRejected,
    RequestSent,
)
from decision.ledger.facts import PoliceCall
from decision.responders import outcome
from decision.responders.messages import StationUpdate
from decision.responders.record import conversation_of, message_of
from decision.state import IncidentState

FEEDS: Final = (RequestSent, RequestAccepted, RequestRejected, RequestClosed)
"""The facts that mean something to the ledger."""


def police_call(
    state: IncidentState, recorded: Recorded, history: Callable[[], Sequence[Recorded]]
) -> PoliceCall | None:
    """Give what the ledger is told of a fact of an incident; None when it means nothing to it.

    ``history``: all facts of the incident, this one the last.
    """
    fact = recorded.fact
    if isinstance(fact, RequestSent):
        first = state.signals[0]
        return PoliceCall(
            call=fact.request,
            at=recorded.at,
            alarm_type=first.alarm_type.value,
            category=state.category,
            incident=state.id,
        )
    if not isinstance(fact, FEEDS):
        return None
    conversation = conversation_of(history())
    message = message_of(recorded)
    if conversation is None or message is None or isinstance(message, StationUpdate):
        return None
    call = outcome.answered(conversation, message)
    if call is not None and isinstance(fact, RequestClosed) and fact.occurrence:
        call = msgspec.structs.replace(call, occurrence=fact.occurrence)
    return call
