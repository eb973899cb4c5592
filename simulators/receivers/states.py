"""What the port of a simulated receiver waits for, as one table.

::

             SENT                ALL_ENDED
    UP ---------------> AWAITING ----------> UP
     |                   |     |
     | CUT           CUT |     | TRIED_OUT
     v                   v     v
    CUT_OFF -- RESTORED --> FAILED (heartbeats only) -- HEARTBEAT_ACKED --> UP
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class ReceiverState(Enum):
    """What the port does."""

    UP = auto()
    AWAITING = auto()
    FAILED = auto()
    CUT_OFF = auto()


class ReceiverInput(Enum):
    """What moves it."""

    SENT = auto()
    ALL_ENDED = auto()
    TRIED_OUT = auto()
    HEARTBEAT_ACKED = auto()
    CUT = auto()
    RESTORED = auto()


TRANSITIONS: Final[Mapping[ReceiverState, Mapping[ReceiverInput, ReceiverState]]] = {
    ReceiverState.UP: {
        ReceiverInput.SENT: ReceiverState.AWAITING,
        ReceiverInput.CUT: ReceiverState.CUT_OFF,
    },
    ReceiverState.AWAITING: {
        ReceiverInput.SENT: ReceiverState.AWAITING,
        ReceiverInput.ALL_ENDED: ReceiverState.UP,
        ReceiverInput.TRIED_OUT: ReceiverState.FAILED,
        ReceiverInput.CUT: ReceiverState.CUT_OFF,
    },
    ReceiverState.FAILED: {
        ReceiverInput.HEARTBEAT_ACKED: ReceiverState.UP,
        ReceiverInput.CUT: ReceiverState.CUT_OFF,
    },
    ReceiverState.CUT_OFF: {
        ReceiverInput.CUT: ReceiverState.CUT_OFF,
        ReceiverInput.RESTORED: ReceiverState.FAILED,  # heartbeats first, then the backlog
    },
}
