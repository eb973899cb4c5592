"""Talking with responders: five messages, one conversation as a table, several ways to carry it."""

from __future__ import annotations

from decision.responders.conversation import (
    Conversation,
    Stage,
    Step,
    Task,
    Timeouts,
    open_conversation,
    receive,
    send,
    wake,
)
from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    FromDesk,
    FromStation,
    Message,
    NewAlarm,
    Rejected,
    StationUpdate,
    StationUpdateKind,
)
from decision.responders.transport import Delivery, Receipt, Received, Transport

__all__ = [
    "Accepted", "Conversation", "Delivery", "DeskUpdate", "DeskUpdateKind", "FromDesk",
    "FromStation", "Message", "NewAlarm", "Receipt", "Received", "Rejected", "Stage",
    "StationUpdate", "StationUpdateKind", "Step", "Task", "Timeouts", "Transport",
    "open_conversation", "receive", "send", "wake",
]  # fmt: skip
