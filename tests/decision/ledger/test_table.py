"""The state machine of 3.9 as a table."""

from __future__ import annotations

import pytest

from decision.ledger.state import SystemState
from decision.ledger.table import TRANSITIONS
from decision.ledger.words import LedgerInput as In
from decision.ledger.words import SystemStatus as State
from decision.ledger.words import TaskKind
from decision.ledger.work import WHO, Work
from decision.packs import Topic
from tests.support.ledger import SAINT_JOHN, day, utc


def test_every_state_has_a_row():
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize(
    ("before", "trigger", "after"),
    [
        (State.ACTIVE, In.FALSE_COUNTED, State.ACTIVE),
        (State.ACTIVE, In.SUSPENSION_ISSUED, State.SUSPENSION_PENDING),
        (State.SUSPENSION_PENDING, In.EFFECTIVE_REACHED, State.SUSPENDED),
        (State.SUSPENSION_PENDING, In.SUSPENSION_WITHDRAWN, State.ACTIVE),
        (State.SUSPENDED, In.POST_SUSPENSION_REQUEST, State.SUSPENDED),
        (State.SUSPENDED, In.TERM_OVER, State.DEFERRED),
        (State.SUSPENDED, In.REINSTATEMENT_ISSUED, State.REINSTATEMENT_PENDING),
        (State.DEFERRED, In.REVIEW_DUE, State.DEFERRED),
        (State.DEFERRED, In.REINSTATEMENT_ISSUED, State.REINSTATEMENT_PENDING),
        (State.REINSTATEMENT_PENDING, In.RESUME_REACHED, State.ACTIVE),
    ],
)
def test_rows_of_the_domain_rules(before, trigger, after):
    assert TRANSITIONS[before][trigger] is after


def test_no_alarm_changes_the_state_by_itself():
    """A person approves and another issues what suspends."""
    for row, inputs in TRANSITIONS.items():
        for trigger in (In.FALSE_COUNTED, In.POST_SUSPENSION_REQUEST):
            assert inputs.get(trigger, row) is row


def test_a_missing_entry_is_an_error():
    work = Work(SystemState(system="main-1"), utc("2025-01-01T12:00"), SAINT_JOHN)
    with pytest.raises(LookupError, match="no transition for RESUME_REACHED in state ACTIVE"):
        work.move(In.RESUME_REACHED, day("2025-01-01"), Topic.RESUMED, "why")


def test_every_kind_of_task_has_a_permission_that_somebody_has():
    assert set(WHO) == set(TaskKind)
    for kind, permission in WHO.items():
        assert SAINT_JOHN.roles_with(permission), kind
