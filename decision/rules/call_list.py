"""The call list: whom to call next, what a call counts for, when the list is exhausted (DISP-S)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from decision.context import Context
from decision.facts import ContactAttempted
from decision.rules.moves import Input
from decision.site import Contact
from decision.state import IncidentState
from decision.vocabulary import (
    CallEnding,
    ContactResult,
    ListPurpose,
    Ppvar,
    Procedure,
    RequestStatus,
    Response,
)


class Told(StrEnum):
    """What an answer means after a dispatch, or where nobody is sent."""

    NOTHING = "NOTHING"
    """The contact was not reached."""
    INFORMED = "INFORMED"
    ASKS_CALL_OFF = "ASKS_CALL_OFF"
    """DISP-I4."""
    NEWS = "NEWS"
    """For responders (PPVAR-5.8)."""


DECISIONS: Final[Mapping[ListPurpose, Mapping[ContactResult, Input | None]]] = {
    ListPurpose.DECIDE: {
        ContactResult.NO_ANSWER: None,
        ContactResult.UNDECIDED: None,
        ContactResult.APPROVE: Input.CONTACT_APPROVES,
        ContactResult.CANCEL: Input.CONTACT_CANCELS,
        ContactResult.AUTHORIZED_ACTIVITY: Input.CONTACT_AUTHORIZES,
        # Neither approves nor cancels, and nobody was heard; see not_authorized_without_presence.
        ContactResult.NOT_AUTHORIZED: None,
    },
    ListPurpose.VERIFY: {
        ContactResult.NO_ANSWER: None,
        ContactResult.UNDECIDED: None,
        ContactResult.APPROVE: Input.CONTACT_APPROVES,
        ContactResult.CANCEL: Input.CONTACT_CANCELS,
        ContactResult.AUTHORIZED_ACTIVITY: Input.CONTACT_AUTHORIZES,
        ContactResult.NOT_AUTHORIZED: Input.CONTACT_DENIES,
    },
    # Nobody is sent, so there is nothing to approve; a contact may still take the alarm back.
    ListPurpose.TELL: {
        ContactResult.NO_ANSWER: None,
        ContactResult.UNDECIDED: None,
        ContactResult.APPROVE: None,
        ContactResult.CANCEL: Input.CONTACT_CANCELS,
        ContactResult.AUTHORIZED_ACTIVITY: Input.CONTACT_AUTHORIZES,
        ContactResult.NOT_AUTHORIZED: None,
    },
}
"""What an answer decides before a dispatch (DISP-S3, DISP-S4, PPVAR-6.2.2.2.2); None: go on."""

AFTERWARDS: Final[Mapping[ContactResult, Told]] = {
    ContactResult.NO_ANSWER: Told.NOTHING,
    ContactResult.UNDECIDED: Told.INFORMED,
    ContactResult.APPROVE: Told.INFORMED,
    ContactResult.CANCEL: Told.ASKS_CALL_OFF,
    ContactResult.AUTHORIZED_ACTIVITY: Told.ASKS_CALL_OFF,
    ContactResult.NOT_AUTHORIZED: Told.NEWS,
}
"""What an answer means after a dispatch: calls inform, they ask for no approval (DISP-I3)."""

DECISIVE: Final = frozenset(
    {
        ContactResult.APPROVE,
        ContactResult.CANCEL,
        ContactResult.AUTHORIZED_ACTIVITY,
        ContactResult.NOT_AUTHORIZED,
    }
)


class NextCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call to place next."""

    contact: Contact
    attempt: int
    purpose: ListPurpose

    @property
    def key(self) -> str:
        """Names this call."""
        return f"{self.purpose}/{self.contact.id}/{self.attempt}"


def purpose(state: IncidentState) -> ListPurpose | None:
    """Say what the contacts are called for now; None when nobody is to be called."""
    if not state.is_active:
        return None
    if state.request is not None:
        # Dispatch comes first, always: nobody is told before it was asked for.
        is_asked = state.request.status is not RequestStatus.DECIDED
        return ListPurpose.NOTIFY if is_asked else None
    if state.is_withheld or state.procedure is Procedure.OTHER:
        return ListPurpose.TELL
    if state.ppvar is Ppvar.VERIFY_CONTACT:
        return ListPurpose.VERIFY
    if state.response is Response.CALLING:
        return ListPurpose.DECIDE
    return None


def callable_contacts(state: IncidentState, context: Context) -> tuple[Contact, ...]:
    """Give those who can be called, in the order of the list."""
    is_hold_up = state.procedure is Procedure.HOLD_UP
    return tuple(
        contact
        for contact in context.site.contacts
        if contact.phone
        and contact.id not in state.skipped
        and not (is_hold_up and contact.is_on_premises)
    )


def attempts(state: IncidentState, contact: str, *, is_notice: bool) -> int:
    """Count the attempts used up on a contact, to decide or to inform."""
    return sum(
        attempt.contact == contact
        and attempt.is_counted
        and (attempt.purpose in {ListPurpose.NOTIFY, ListPurpose.TELL}) is is_notice
        for attempt in state.attempts
    )


def next_call(state: IncidentState, context: Context) -> NextCall | None:
    """Say whom to call next, by AMB-D1; None when nobody is left or nobody is to be called."""
    what_for = purpose(state)
    if what_for is None:
        return None
    is_notice = what_for in {ListPurpose.NOTIFY, ListPurpose.TELL}
    settings = context.settings
    most = settings.notify_attempts if is_notice else settings.attempts_per_contact
    left = [
        (attempts(state, contact.id, is_notice=is_notice), contact)
        for contact in callable_contacts(state, context)
        if not (is_notice and contact.id in state.informed)
    ]
    left = [(count, contact) for count, contact in left if count < most]
    if not left:
        return None
    if settings.call_order == "round_robin":
        left.sort(key=lambda entry: entry[0])  # stable: the list's own order within a pass
    count, contact = left[0]
    return NextCall(contact=contact, attempt=count + 1, purpose=what_for)


def is_exhausted(state: IncidentState, context: Context) -> bool:
    """Whether every contact who can be called was tried twice (DISP-S2), never before.

    An empty list, or one on which nobody can be called, is exhausted at once (AMB-D7).
    """
    return all(
        attempts(state, contact.id, is_notice=False) >= context.settings.attempts_per_contact
        for contact in callable_contacts(state, context)
    )


def ending_of(fact: ContactAttempted) -> CallEnding:
    """Say how the call ended."""
    if fact.ending is not None:
        return fact.ending
    if fact.result is ContactResult.NO_ANSWER:
        return CallEnding.NO_ANSWER
    return CallEnding.ANSWERED


def result_of(fact: ContactAttempted, contact: Contact) -> ContactResult:
    """Say what the call gave: only an authorised person who was reached can decide anything."""
    if ending_of(fact) is not CallEnding.ANSWERED:
        return ContactResult.NO_ANSWER
    if fact.result in DECISIVE and not contact.is_authorised:
        return ContactResult.UNDECIDED
    return fact.result


def is_counted(fact: ContactAttempted, context: Context) -> bool:
    """Whether the call used up an attempt (AMB-D2, AMB-D3)."""
    if fact.is_inbound:
        return False
    ending = ending_of(fact)
    if ending is CallEnding.ANSWERED:
        return fact.result is not ContactResult.UNDECIDED or context.settings.undecided_uses_attempt
    return ending in context.settings.attempt_endings


def decision(result: ContactResult, what_for: ListPurpose, context: Context) -> Input | None:
    """Say what an answer decides before a dispatch."""
    if (
        result is ContactResult.NOT_AUTHORIZED
        and what_for is ListPurpose.DECIDE
        and context.settings.not_authorized_without_presence == "APPROVE"
    ):
        return Input.CONTACT_APPROVES
    return DECISIONS[what_for][result]
