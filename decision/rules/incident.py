"""The life of an alarm, and what a customer's own request may do in each of its states (DISP-M)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from decision.vocabulary import AlarmState, RequestStatus


class AlarmInput(StrEnum):
    """What moves an alarm."""

    DISPATCH = "DISPATCH"
    CLOSE = "CLOSE"
    """The rules close it."""
    RESOLVE = "RESOLVE"
    """A user resolves it (DISP-I5)."""
    EXPIRE = "EXPIRE"
    """Its active window is over (AMB-D5)."""


ALARM: Final[Mapping[AlarmState, Mapping[AlarmInput, AlarmState]]] = {
    AlarmState.OPEN: {
        AlarmInput.DISPATCH: AlarmState.DISPATCHED,
        AlarmInput.CLOSE: AlarmState.CLOSED,
        AlarmInput.RESOLVE: AlarmState.RESOLVED,
    },
    # No second DISPATCH: one for each alarm (AMB-D8).
    AlarmState.DISPATCHED: {
        AlarmInput.RESOLVE: AlarmState.RESOLVED,
        AlarmInput.EXPIRE: AlarmState.EXPIRED,
    },
    AlarmState.RESOLVED: {},
    AlarmState.EXPIRED: {},
    AlarmState.CLOSED: {},
}


class Manual(StrEnum):
    """What a customer's request for dispatch gives."""

    DISPATCH = "DISPATCH"
    UPDATE = "UPDATE"
    REFUSE = "REFUSE"


MANUAL: Final[Mapping[AlarmState, tuple[Manual, str]]] = {
    AlarmState.OPEN: (Manual.DISPATCH, "DISP-M1"),
    AlarmState.DISPATCHED: (Manual.UPDATE, "AMB-D8"),
    AlarmState.RESOLVED: (Manual.REFUSE, "DISP-M4"),
    AlarmState.EXPIRED: (Manual.REFUSE, "DISP-M4"),
    AlarmState.CLOSED: (Manual.REFUSE, "DISP-M4"),
}
"""State of the alarm -> what a request gives, in both response modes (DISP-M3)."""


class Word(StrEnum):
    """What responders or their desk said of the request."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNIT_DISPATCHED = "UNIT_DISPATCHED"
    ON_SCENE = "ON_SCENE"
    CLOSED = "CLOSED"


_S = RequestStatus
REQUEST: Final[Mapping[RequestStatus, Mapping[Word, RequestStatus]]] = {
    # Words of the desk may arrive before our own record of having sent (a call that was typed
    # in afterwards), so every state knows them.
    _S.DECIDED: {
        Word.SENT: _S.SENT, Word.ACCEPTED: _S.ACCEPTED, Word.REJECTED: _S.REJECTED,
        Word.UNIT_DISPATCHED: _S.DISPATCHED, Word.ON_SCENE: _S.ON_SCENE, Word.CLOSED: _S.CLOSED,
    },
    _S.SENT: {
        Word.SENT: _S.SENT, Word.ACCEPTED: _S.ACCEPTED, Word.REJECTED: _S.REJECTED,
        Word.UNIT_DISPATCHED: _S.DISPATCHED, Word.ON_SCENE: _S.ON_SCENE, Word.CLOSED: _S.CLOSED,
    },
    _S.ACCEPTED: {
        Word.ACCEPTED: _S.ACCEPTED, Word.REJECTED: _S.REJECTED,
        Word.UNIT_DISPATCHED: _S.DISPATCHED, Word.ON_SCENE: _S.ON_SCENE, Word.CLOSED: _S.CLOSED,
    },
    # After a refusal the same request goes out again by telephone.
    _S.REJECTED: {
        Word.SENT: _S.SENT, Word.ACCEPTED: _S.ACCEPTED, Word.REJECTED: _S.REJECTED,
        Word.CLOSED: _S.CLOSED,
    },
    _S.DISPATCHED: {
        Word.UNIT_DISPATCHED: _S.DISPATCHED, Word.ON_SCENE: _S.ON_SCENE, Word.CLOSED: _S.CLOSED,
    },
    _S.ON_SCENE: {Word.ON_SCENE: _S.ON_SCENE, Word.CLOSED: _S.CLOSED},
    _S.CLOSED: {Word.CLOSED: _S.CLOSED},
}  # fmt: skip
"""Requested, taken, on the way, there and closed are different facts (DISP-J10)."""
