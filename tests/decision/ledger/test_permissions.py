"""Who may record which fact (3.3)."""

from __future__ import annotations

import pytest

from decision.ledger import facts as f
from decision.ledger import refusal
from decision.ledger.facts import LedgerFact
from decision.ledger.permissions import NEEDED
from decision.ledger.state import SystemState
from decision.ledger.words import ReviewDecision
from decision.packs import AppealKind, NoticeKind
from tests.support.ledger import PACKS, SAINT_JOHN, Story, day

ON = day("2025-06-10")
NOBODY = SystemState(system="main-1")
MATRIX = [
    (f.DeclaredFalse(call="1", on=ON, by="x"), {"chief"}),
    (f.NoticeDrafted(notice="n", kind=NoticeKind.CAUTION), {"administrative_assistant"}),
    (f.NoticeApproved(notice="n", on=ON), {"inspector"}),
    (f.NoticeRejected(notice="n", on=ON), {"inspector"}),
    (f.NoticeIssued(notice="n", on=ON), {"administrative_assistant"}),
    (f.NoticeIssued(notice="n", on=ON, is_received=True), {"alarm_business"}),
    (
        f.AppealFiled(appeal="a", kind=AppealKind.SUSPENSION, on=ON, filed_by="alarm_business"),
        {"alarm_business"},
    ),
    (f.AppealProcessed(appeal="a", on=ON, is_granted=True), {"inspector"}),
    (f.InvoiceIssued(invoice="i", call="1", on=ON), {"accountant"}),
    (f.InvoicePaid(invoice="i", on=ON), {"accountant"}),
    (f.InvoiceCancelled(invoice="i", on=ON), {"accountant"}),
    (f.ReviewDecided(on=ON, decision=ReviewDecision.DEFER), {"inspector"}),
    (f.DiscontinuedCleared(on=ON), {"inspector"}),
    (f.StepsReported(on=ON, text="x"), {"alarm_business"}),
]


def test_every_fact_has_its_line():
    assert set(NEEDED) == set(LedgerFact.__args__)


@pytest.mark.parametrize(("fact", "able"), MATRIX, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("role", sorted(SAINT_JOHN.roles.who))
def test_matrix(fact, able, role):
    refused = refusal(fact, (role,), NOBODY, SAINT_JOHN)
    assert (refused is None) == (role in able)


def test_a_refusal_says_who_may():
    said = refusal(f.NoticeApproved(notice="n", on=ON), ("accountant",), NOBODY, SAINT_JOHN)
    assert said.text == (
        "NoticeApproved needs 'notice.approve'; that may: Inspector of Support Services"
    )
    assert said.rules == ("SJ-R5",)


def test_a_role_may_be_named_by_its_rule_id():
    assert refusal(f.NoticeApproved(notice="n", on=ON), ("SJ-R5",), NOBODY, SAINT_JOHN) is None


def test_nobody_may_do_what_no_role_of_the_pack_may():
    pack = PACKS["example-mesa-verde-springs"]
    said = refusal(f.NoticeApproved(notice="n", on=ON), ("alarm_administrator",), NOBODY, pack)
    assert "nobody in this jurisdiction" in said.text


def test_what_police_said_is_recorded_by_whoever_heard_it():
    assert refusal(f.PoliceCall(call="1"), (), NOBODY, SAINT_JOHN) is None


def test_a_task_is_ticked_off_by_who_may_do_it():
    story = Story()
    story.suspend()
    done = f.TaskDone(task=next(t.id for t in story.state.open_tasks if t.kind == "INFORM_USER"))
    assert refusal(done, ("alarm_business",), story.state, SAINT_JOHN) is None
    assert refusal(done, ("inspector",), story.state, SAINT_JOHN) is not None
