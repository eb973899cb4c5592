"""What the tables of audio verification and response are made of: inputs and moves."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from decision.vocabulary import CloseReason, DispatchReason, Ppvar, Response

StateT = TypeVar("StateT", Ppvar, Response)


class Input(StrEnum):
    """What a fact means to a table."""

    # The site's profile and policies
    NO_EQUIPMENT = "NO_EQUIPMENT"
    INSTRUCTIONS_REVIEWED = "INSTRUCTIONS_REVIEWED"
    MODE_IMMEDIATE = "MODE_IMMEDIATE"
    MODE_STANDARD = "MODE_STANDARD"
    MODE_UNKNOWN = "MODE_UNKNOWN"
    # Listening
    NO_AUDIO = "NO_AUDIO"
    NOT_DISCERNIBLE = "NOT_DISCERNIBLE"
    DISCERNIBLE = "DISCERNIBLE"
    NO_ACCESS = "NO_ACCESS"
    NOTHING_ACTIONABLE = "NOTHING_ACTIONABLE"
    ACTIONABLE = "ACTIONABLE"
    NOT_RAISED = "NOT_RAISED"
    HUMAN = "HUMAN"
    RECENT_HUMAN = "RECENT_HUMAN"
    NO_HUMAN = "NO_HUMAN"
    TL1 = "TL1"
    TL2 = "TL2"
    TL3 = "TL3"
    UNSETTLED = "UNSETTLED"
    # Verification
    SITE_AUTHORIZES = "SITE_AUTHORIZES"
    SITE_DENIES = "SITE_DENIES"
    CRIME_SEEN = "CRIME_SEEN"
    SITE_CANNOT_VERIFY = "SITE_CANNOT_VERIFY"
    VERIFIED = "VERIFIED"
    """In Immediate response only (XS-2)."""
    CANCEL_ACCEPTED = "CANCEL_ACCEPTED"
    # Contacts
    CONTACT_APPROVES = "CONTACT_APPROVES"
    CONTACT_CANCELS = "CONTACT_CANCELS"
    CONTACT_AUTHORIZES = "CONTACT_AUTHORIZES"
    CONTACT_DENIES = "CONTACT_DENIES"
    LIST_EXHAUSTED = "LIST_EXHAUSTED"
    # The area
    AREA_SECURED = "AREA_SECURED"
    AREA_UNSECURED = "AREA_UNSECURED"
    AREA_COMMON = "AREA_COMMON"
    # Choices
    CHOSE_CLOSE = "CHOSE_CLOSE"
    CHOSE_NON_AUDIO = "CHOSE_NON_AUDIO"
    CHOSE_TO_FOLLOW = "CHOSE_TO_FOLLOW"
    CHOSE_CALL_LIST = "CHOSE_CALL_LIST"


class Move(msgspec.Struct, Generic[StateT], frozen=True):
    """One cell of a table."""

    after: StateT
    rules: tuple[str, ...]
    dispatch: DispatchReason | None = None
    close: CloseReason | None = None
