"""The false-alarm ledger of one alarm system: facts, state, fold, and who must do what."""

from __future__ import annotations

from decision.ledger.actions import LedgerAction, Reason, Task
from decision.ledger.answer import PoliceAnswer, answer_to_request
from decision.ledger.explain import Explanation, explain
from decision.ledger.facts import LedgerFact
from decision.ledger.fold import apply, due, fold
from decision.ledger.permissions import refusal
from decision.ledger.report import MonthlyReport, monthly
from decision.ledger.state import Step, SystemState
from decision.ledger.suspended import SuspendedRow, by_address, suspended
from decision.ledger.windows import Window, disposition_window, suspension_window
from decision.ledger.words import SystemStatus

__all__ = [
    "Explanation", "LedgerAction", "LedgerFact", "MonthlyReport", "PoliceAnswer", "Reason", "Step",
    "SuspendedRow", "SystemState", "SystemStatus", "Task", "Window", "answer_to_request", "apply",
    "by_address", "disposition_window", "due", "explain", "fold", "monthly", "refusal",
    "suspended", "suspension_window",
]  # fmt: skip
