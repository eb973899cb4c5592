"""The configured response, Immediate or Standard, for what audio does not decide (DISP-I, S, XS-4).

``Response`` x ``Input`` -> ``Move``. ``IDLE`` while audio verification runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from decision.context import Context
from decision.rules import call_list, ppvar
from decision.rules.moves import Input, Move
from decision.state import IncidentState
from decision.vocabulary import (
    CloseReason,
    ContactResult,
    DispatchReason,
    ListPurpose,
    Ppvar,
    Response,
    ResponseMode,
    Task,
)

Cell: TypeAlias = Move[Response]
Row: TypeAlias = Mapping[Input, Cell]

MODES: Final[Mapping[str, Input]] = {
    ResponseMode.IMMEDIATE: Input.MODE_IMMEDIATE,
    ResponseMode.STANDARD: Input.MODE_STANDARD,
}
"""Response mode of a site -> input; every other word is an unknown mode (DISP-5)."""

_ALWAYS: Final[Row] = {
    Input.CRIME_SEEN: Move(Response.DONE, ("PPVAR-5.3",), DispatchReason.ACTIVITY_NOT_AUTHORIZED),
    Input.SITE_DENIES: Move(
        Response.DONE, ("PPVAR-5.2", "AMB-P2"), DispatchReason.ACTIVITY_NOT_AUTHORIZED
    ),
    Input.VERIFIED: Move(
        Response.DONE, ("DISP-I1", "DISP-I2", "XS-2", "XS-4"), DispatchReason.IMMEDIATE_VERIFIED
    ),
    Input.SITE_AUTHORIZES: Move(
        Response.DONE, ("PPVAR-6.2.2.2.2.1", "XS-4"), None, CloseReason.AUTHORIZED
    ),
    Input.CONTACT_APPROVES: Move(Response.DONE, ("DISP-S3",), DispatchReason.CONTACT_APPROVED),
    Input.CONTACT_CANCELS: Move(Response.DONE, ("DISP-S4",), None, CloseReason.CONTACT_CANCELLED),
    Input.CONTACT_AUTHORIZES: Move(Response.DONE, ("DISP-S4",), None, CloseReason.AUTHORIZED),
    Input.CANCEL_ACCEPTED: Move(
        Response.DONE, ("AMB-P12", "PPVAR-3.1"), None, CloseReason.AUTHORIZED
    ),
}
"""What settles an incident without audio, whatever was being waited for."""

_VERIFY: Final = Move(Response.AWAIT_VERIFICATION, ("DISP-I1", "XS-4"))
_CALL: Final = Move(Response.CALLING, ("DISP-S1", "XS-4"))

TRANSITIONS: Final[Mapping[Response, Row]] = {
    Response.IDLE: {
        Input.MODE_IMMEDIATE: _VERIFY,
        Input.MODE_STANDARD: _CALL,
        Input.MODE_UNKNOWN: Move(Response.OPERATOR, ("DISP-5",)),
    },
    Response.AWAIT_VERIFICATION: {**_ALWAYS, Input.CHOSE_CALL_LIST: _CALL},
    Response.CALLING: {
        **_ALWAYS,
        Input.LIST_EXHAUSTED: Move(Response.DONE, ("DISP-S2",), DispatchReason.CONTACTS_EXHAUSTED),
    },
    # The site's file may be put right meanwhile.
    Response.OPERATOR: {
        **_ALWAYS,
        Input.CHOSE_CALL_LIST: _CALL,
        Input.MODE_IMMEDIATE: _VERIFY,
        Input.MODE_STANDARD: _CALL,
    },
    Response.DONE: {},
}

OPEN: Final = frozenset({Response.AWAIT_VERIFICATION, Response.CALLING, Response.OPERATOR})
"""States in which the response decides what comes next."""


def automatic(state: IncidentState, context: Context) -> Input | None:
    """Give what is on file already and moves this state; None when a person must say something."""
    if state.ppvar is not Ppvar.NON_AUDIO:
        return None
    on_file = AUTOMATIC.get(state.response)
    return on_file(state, context) if on_file is not None else None


def _idle(_state: IncidentState, context: Context) -> Input | None:
    return MODES.get(context.site.response_mode, Input.MODE_UNKNOWN)


def _operator(_state: IncidentState, context: Context) -> Input | None:
    return MODES.get(context.site.response_mode)


def _await_verification(state: IncidentState, context: Context) -> Input | None:
    return Input.VERIFIED if ppvar.is_panel_verified(state, context) else None


def _calling(state: IncidentState, context: Context) -> Input | None:
    """Look at what a contact said before anybody was called, then at the list."""
    earlier = _earlier(state)
    if earlier is not None or not call_list.is_exhausted(state, context):
        return earlier
    is_asked = not context.site.contacts and context.settings.empty_list != "DISPATCH"
    return None if is_asked else Input.LIST_EXHAUSTED


def _earlier(state: IncidentState) -> Input | None:
    """Give what a contact had said before anybody was called: the first decisive answer wins."""
    if state.list_result is None or state.list_result is ContactResult.EXHAUSTED:
        return None
    return call_list.DECISIONS[ListPurpose.DECIDE][state.list_result]


AUTOMATIC: Final[Mapping[Response, Callable[[IncidentState, Context], Input | None]]] = {
    Response.IDLE: _idle,
    Response.OPERATOR: _operator,
    Response.AWAIT_VERIFICATION: _await_verification,
    Response.CALLING: _calling,
}
"""State -> what moves it without anybody saying something new."""

WAITS_FOR: Final[Mapping[Response, Task]] = {
    Response.AWAIT_VERIFICATION: Task.VERIFY_OTHERWISE,
    Response.OPERATOR: Task.UNKNOWN_MODE,
}
"""States that put an ``OPERATOR_REQUIRED``."""
