"""The fold of one incident: ``(state, fact, now, context) -> Step``. Pure and deterministic.

Facts never fail to fold: one that changes nothing gives a ``refusal`` that says by which rule.
Time passes before the fact: whatever was due by ``now`` happens first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from decision.context import Context
from decision.facts import SYSTEM, Actor, Fact, Recorded
from decision.questions import Question
from decision.state import Due, IncidentState, Step


def apply(
    state: IncidentState | None,
    fact: Fact,
    now: datetime,
    context: Context,
    *,
    actor: Actor = SYSTEM,
) -> Step:
    """Fold one fact. ``state`` is None only for the ``EventReceived`` that opens the incident."""
    raise NotImplementedError


def due(state: IncidentState) -> tuple[Due, ...]:
    """When the incident wants to be woken, soonest first."""
    raise NotImplementedError


def next_question(state: IncidentState, context: Context) -> Question | None:
    """The one thing to ask the operator next; None when nothing is open."""
    raise NotImplementedError


def fold(recorded: Iterable[Recorded], context: Context | None = None) -> IncidentState:
    """Fold a log; ``context`` replaces what the log kept (today's rules instead of then's)."""
    raise NotImplementedError
