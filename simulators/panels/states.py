"""What a simulated panel waits for, as one table.

::

              SENT                 ALL_ENDED
    IDLE ----------------> AWAITING --------> IDLE
     |                        |
     | CUT                    | CUT, the pending messages wait for the path
     v                        v
    CUT_OFF --- RESTORED ---> IDLE
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class PanelState(Enum):
    """What the panel waits for."""

    IDLE = auto()
    AWAITING = auto()
    CUT_OFF = auto()


class PanelInput(Enum):
    """What moves it."""

    SENT = auto()
    ALL_ENDED = auto()
    CUT = auto()
    RESTORED = auto()


TRANSITIONS: Final[Mapping[PanelState, Mapping[PanelInput, PanelState]]] = {
    PanelState.IDLE: {
        PanelInput.SENT: PanelState.AWAITING,
        PanelInput.ALL_ENDED: PanelState.IDLE,
        PanelInput.CUT: PanelState.CUT_OFF,
        PanelInput.RESTORED: PanelState.IDLE,
    },
    PanelState.AWAITING: {
        PanelInput.SENT: PanelState.AWAITING,
        PanelInput.ALL_ENDED: PanelState.IDLE,
        PanelInput.CUT: PanelState.CUT_OFF,
        PanelInput.RESTORED: PanelState.AWAITING,
    },
    PanelState.CUT_OFF: {
        PanelInput.ALL_ENDED: PanelState.CUT_OFF,  # a restart while the path is down
        PanelInput.CUT: PanelState.CUT_OFF,
        PanelInput.RESTORED: PanelState.IDLE,
    },
}
