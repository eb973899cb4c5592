"""The false-alarm ledger of one alarm system: facts, state, fold, and who must do what."""

from __future__ import annotations

from decision.ledger.actions import LedgerAction, Reason, Task
from decision.ledger.facts import LedgerFact
from decision.ledger.fold import apply, due
from decision.ledger.state import Step, SystemState
from decision.ledger.words import SystemStatus

__all__ = [
    "LedgerAction", "LedgerFact", "Reason", "Step", "SystemState", "SystemStatus", "Task", "apply",
    "due",
]  # fmt: skip
