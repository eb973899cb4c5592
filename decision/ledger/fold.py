"""The fold of one alarm system: ``apply`` a fact to a state, and ``due`` for the next timer."""

from __future__ import annotations

from datetime import datetime

from decision.ledger.facts import LedgerFact
from decision.ledger.state import Step, SystemState
from decision.packs.model import Pack


def apply(state: SystemState, fact: LedgerFact, now: datetime, pack: Pack) -> Step:
    """Fold a fact recorded at ``now``; time that passed since the last one is folded first."""
    raise NotImplementedError


def due(state: SystemState, pack: Pack) -> datetime | None:
    """When time alone changes the state next; None when it never does."""
    raise NotImplementedError
