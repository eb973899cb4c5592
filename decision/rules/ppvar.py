"""Audio verification, PPVAR 6.2, as the table of 2.8 of the domain rules.

    RECEIVED -> LISTEN_INITIAL -> ASSESS -> THREAT -> ACCESS_B -> VERIFY_SITE -> VERIFY_CONTACT -> AREA
                     |              |         |                                                   |
                 ACCESS_A        NO_HUMAN  DISPATCH/TL3                                      NOT_SECURED
                     |              |
                 NON_AUDIO     CLOSE or NON_AUDIO

``Ppvar`` x ``Input`` -> ``Move``. An input that a row lacks changes nothing in that state; the fact
stays on record. ``RECEIVED``, ``NO_HUMAN``, ``AREA`` and ``NOT_SECURED`` move by what is on file
(``automatic``) and wait for a person only where that does not decide.
"""  # noqa: E501  the picture

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from decision.context import Context
from decision.rules import areas, call_list, site_step
from decision.rules.moves import Input, Move
from decision.state import IncidentState
from decision.vocabulary import (
    AreaClass,
    CloseReason,
    ContactResult,
    DispatchReason,
    Ppvar,
    ResponseMode,
    Task,
)

Cell: TypeAlias = Move[Ppvar]
Row: TypeAlias = Mapping[Input, Cell]

_TL3: Final = Move(Ppvar.DISPATCH, ("PPVAR-6.2.2.1.1", "XS-1"), DispatchReason.TL3)
_RAISED: Final = Move(Ppvar.DISPATCH, ("PPVAR-6.2.2.2.1", "XS-1"), DispatchReason.TL3)
_CRIME: Final = Move(
    Ppvar.DISPATCH, ("PPVAR-5.3", "AMB-P2"), DispatchReason.ACTIVITY_NOT_AUTHORIZED
)
_DENIED: Final = Move(
    Ppvar.DISPATCH,
    ("PPVAR-5.2", "PPVAR-3.19.1", "AMB-P2"),
    DispatchReason.ACTIVITY_NOT_AUTHORIZED,
)
_APPROVED: Final = Move(Ppvar.DISPATCH, ("DISP-S3", "XS-3"), DispatchReason.CONTACT_APPROVED)
_CANCELLED: Final = Move(Ppvar.CLOSE, ("DISP-S4",), None, CloseReason.CONTACT_CANCELLED)
_AUTHORIZED: Final = Move(Ppvar.CLOSE, ("PPVAR-6.2.2.2.2.1",), None, CloseReason.AUTHORIZED)

_ALWAYS: Final[Row] = {
    Input.TL3: _TL3,
    Input.CRIME_SEEN: _CRIME,
    Input.SITE_DENIES: _DENIED,
    Input.VERIFIED: Move(
        Ppvar.DISPATCH, ("XS-2", "DISP-I1", "DISP-I2"), DispatchReason.IMMEDIATE_VERIFIED
    ),
    Input.CONTACT_APPROVES: _APPROVED,
    Input.CANCEL_ACCEPTED: Move(
        Ppvar.CLOSE, ("AMB-P12", "PPVAR-3.1"), None, CloseReason.AUTHORIZED
    ),
}
"""Clear knowledge dispatches from every state that is still open (PPVAR-5.1, 5.3, XS-1)."""

_RESULTS: Final[Row] = {
    **_ALWAYS,
    Input.SITE_AUTHORIZES: _AUTHORIZED,
    Input.CONTACT_AUTHORIZES: _AUTHORIZED,
    Input.CONTACT_DENIES: _DENIED,
    Input.CONTACT_CANCELS: _CANCELLED,
}
"""``VERIFY`` result, whichever step gave it; the area class has no part in it."""

_NO_HUMAN: Final = Move(Ppvar.NO_HUMAN, ("PPVAR-6.2.1.2.2",))
_NON_AUDIO: Final = Move(Ppvar.NON_AUDIO, ("PPVAR-6.2.1.1.2", "XS-4"))
_TO_VERIFY: Final = Move(Ppvar.VERIFY_SITE, ("PPVAR-6.2.2.2.2",))

TRANSITIONS: Final[Mapping[Ppvar, Row]] = {
    Ppvar.RECEIVED: {
        **_ALWAYS,
        Input.NO_EQUIPMENT: Move(Ppvar.NON_AUDIO, ("XS-11", "XS-4")),
        Input.INSTRUCTIONS_REVIEWED: Move(Ppvar.LISTEN_INITIAL, ("PPVAR-6.1.1",)),
    },
    Ppvar.LISTEN_INITIAL: {
        **_ALWAYS,
        Input.NO_AUDIO: Move(Ppvar.ACCESS_A, ("PPVAR-6.2.1.1", "PPVAR-6.2.1")),
        Input.NOT_DISCERNIBLE: Move(Ppvar.ACCESS_A, ("PPVAR-6.2.1.1", "PPVAR-6.2.1")),
        Input.DISCERNIBLE: Move(Ppvar.ASSESS, ("PPVAR-6.2.1.2",)),
    },
    Ppvar.ACCESS_A: {
        **_ALWAYS,
        Input.NO_ACCESS: _NON_AUDIO,
        Input.NOTHING_ACTIONABLE: _NON_AUDIO,
        Input.ACTIONABLE: Move(Ppvar.THREAT, ("PPVAR-6.2.1.1.1", "AMB-P1")),
    },
    Ppvar.ASSESS: {
        **_ALWAYS,
        Input.HUMAN: Move(Ppvar.THREAT, ("PPVAR-6.2.1.2.1",)),
        Input.RECENT_HUMAN: Move(Ppvar.THREAT, ("PPVAR-6.2.1.2.1",)),
        Input.NO_HUMAN: _NO_HUMAN,
    },
    Ppvar.NO_HUMAN: {
        **_ALWAYS,
        Input.CHOSE_CLOSE: Move(
            Ppvar.CLOSE, ("PPVAR-6.2.1.2.2",), None, CloseReason.NO_HUMAN_ACTIVITY
        ),
        Input.CHOSE_NON_AUDIO: Move(Ppvar.NON_AUDIO, ("PPVAR-6.2.1.2.2", "XS-4")),
    },
    Ppvar.THREAT: {
        **_ALWAYS,
        Input.TL1: Move(Ppvar.NO_HUMAN, ("PPVAR-3.19.3", "PPVAR-6.2.1.2.2")),
        Input.TL2: Move(Ppvar.ACCESS_B, ("PPVAR-6.2.2.2", "PPVAR-5.4", "AMB-P9")),
        Input.UNSETTLED: Move(Ppvar.ACCESS_B, ("AMB-P11", "PPVAR-6.2.1.2.1")),
    },
    Ppvar.ACCESS_B: {
        **_ALWAYS,
        Input.TL3: _RAISED,
        Input.NO_ACCESS: _TO_VERIFY,
        Input.NOT_RAISED: _TO_VERIFY,
        # Words of the first attempt; what counts here is that TL3 was not reached.
        Input.NOTHING_ACTIONABLE: _TO_VERIFY,
        Input.ACTIONABLE: _TO_VERIFY,
    },
    Ppvar.VERIFY_SITE: {
        **_RESULTS,
        Input.SITE_CANNOT_VERIFY: Move(Ppvar.VERIFY_CONTACT, ("PPVAR-6.2.2.2.2", "AMB-P8")),
    },
    Ppvar.VERIFY_CONTACT: {
        **_RESULTS,
        Input.LIST_EXHAUSTED: Move(Ppvar.AREA, ("PPVAR-6.2.2.2.2.2", "XS-3")),
    },
    Ppvar.AREA: {
        **_RESULTS,
        # UNKNOWN has no cell: a person classifies it first (AMB-P3).
        Input.AREA_SECURED: Move(
            Ppvar.DISPATCH,
            ("PPVAR-6.2.2.2.2.2.1", "AMB-P5"),
            DispatchReason.TL2_SECURED_UNVERIFIED,
        ),
        Input.AREA_UNSECURED: Move(Ppvar.NOT_SECURED, ("PPVAR-6.2.2.2.2.2.3",)),
        Input.AREA_COMMON: Move(Ppvar.NOT_SECURED, ("PPVAR-6.2.2.2.2.2.3",)),
    },
    Ppvar.NOT_SECURED: {
        **_RESULTS,
        Input.CHOSE_CLOSE: Move(
            Ppvar.CLOSE, ("PPVAR-6.2.2.2.2.2.3", "XS-3"), None, CloseReason.TL2_NOT_SECURED
        ),
        Input.CHOSE_TO_FOLLOW: Move(
            Ppvar.DISPATCH, ("XS-3", "DISP-S2"), DispatchReason.CONTACTS_EXHAUSTED
        ),
    },
    # The response goes on from here (``response``); a TL3 heard after all is still a TL3.
    Ppvar.NON_AUDIO: {Input.TL3: _TL3},
    Ppvar.DISPATCH: {},
    Ppvar.CLOSE: {},
    Ppvar.NOT_USED: {},
}

RUNNING: Final = frozenset(TRANSITIONS) - {
    Ppvar.NON_AUDIO,
    Ppvar.DISPATCH,
    Ppvar.CLOSE,
    Ppvar.NOT_USED,
}
"""States in which audio verification decides what comes next."""

ASKS_CONTACTS: Final = frozenset({Ppvar.VERIFY_CONTACT, Ppvar.AREA, Ppvar.NOT_SECURED})
"""States in which a contact's answer is a VERIFY result; earlier it waits for ``VERIFY_SITE``."""

ASKS_SITE: Final = ASKS_CONTACTS | {Ppvar.VERIFY_SITE}
"""States in which VERIFY was reached: a human was heard and the live attempt is made."""

_ANSWERED: Final[Mapping[ContactResult, Input]] = {
    ContactResult.APPROVE: Input.CONTACT_APPROVES,
    ContactResult.CANCEL: Input.CONTACT_CANCELS,
    ContactResult.AUTHORIZED_ACTIVITY: Input.CONTACT_AUTHORIZES,
    ContactResult.NOT_AUTHORIZED: Input.CONTACT_DENIES,
}

_OF_AREA: Final[Mapping[AreaClass, Input | None]] = {
    AreaClass.SECURED: Input.AREA_SECURED,
    AreaClass.UNSECURED: Input.AREA_UNSECURED,
    AreaClass.COMMON: Input.AREA_COMMON,
    AreaClass.UNKNOWN: None,
}


def automatic(state: IncidentState, context: Context) -> Input | None:
    """Give what is on file already and moves this state; None when a person must say something."""
    on_file = AUTOMATIC.get(state.ppvar)
    return on_file(state, context) if on_file is not None else None


def _received(state: IncidentState, context: Context) -> Input | None:
    if is_panel_verified(state, context):
        return Input.VERIFIED
    if not context.site.hears:
        return Input.NO_EQUIPMENT
    if state.are_instructions_reviewed or not context.site.instructions:
        return Input.INSTRUCTIONS_REVIEWED
    return None


def _no_human(_state: IncidentState, context: Context) -> Input | None:
    """``policy.no_human``."""
    choices = {"CLOSE": Input.CHOSE_CLOSE, "NON_AUDIO": Input.CHOSE_NON_AUDIO}
    return choices.get(context.settings.no_human)


def _verify_site(state: IncidentState, _context: Context) -> Input | None:
    """Look at what the site step gave, then at what a contact had said before it was asked."""
    found = site_step.result(state)
    if found is not None and found is not Input.SITE_CANNOT_VERIFY:
        return found
    if state.list_result is not None and state.list_result in _ANSWERED:
        return _ANSWERED[state.list_result]
    return found


def _verify_contact(state: IncidentState, context: Context) -> Input | None:
    return Input.LIST_EXHAUSTED if call_list.is_exhausted(state, context) else None


def _area(state: IncidentState, context: Context) -> Input | None:
    return _OF_AREA[areas.area_class(state, context)]


def _not_secured(_state: IncidentState, context: Context) -> Input | None:
    """``policy.tl2_not_secured``; to follow the mode needs a mode with a list (XS-3)."""
    policy = context.settings.tl2_not_secured
    if policy == "FOLLOW_MODE" and context.site.response_mode == ResponseMode.STANDARD:
        return Input.CHOSE_TO_FOLLOW
    return Input.CHOSE_CLOSE if policy == "CLOSE" else None


def is_panel_verified(state: IncidentState, context: Context) -> bool:
    """Whether the panel's own word verifies it for Immediate response; off by default (AMB-D10)."""
    return (
        context.settings.panel_verified_counts
        and context.site.response_mode == ResponseMode.IMMEDIATE
        and any(signal.is_verified for signal in state.signals)
    )


AUTOMATIC: Final[Mapping[Ppvar, Callable[[IncidentState, Context], Input | None]]] = {
    Ppvar.RECEIVED: _received,
    Ppvar.NO_HUMAN: _no_human,
    Ppvar.VERIFY_SITE: _verify_site,
    Ppvar.VERIFY_CONTACT: _verify_contact,
    Ppvar.AREA: _area,
    Ppvar.NOT_SECURED: _not_secured,
}
"""State -> what moves it without anybody saying something new."""

WAITS_FOR: Final[Mapping[Ppvar, Task]] = {
    Ppvar.NO_HUMAN: Task.CHOOSE_NO_HUMAN,
    Ppvar.AREA: Task.CLASSIFY_AREA,
    Ppvar.NOT_SECURED: Task.CHOOSE_NOT_SECURED,
}
"""States that put an ``OPERATOR_REQUIRED`` when nothing on file decides."""
