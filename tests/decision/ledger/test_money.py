"""Fees, fines, invoices, past due, discontinued (SJ-$1, SJ-$2, SJ-E1c, AMB-S4 to S6, S25)."""

from __future__ import annotations

import pytest

from decision.ledger import answer_to_request
from decision.ledger.facts import (
    DiscontinuedCleared,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    PoliceCall,
    TaskDone,
)
from decision.ledger.words import ReviewDecision, SystemStatus
from decision.packs import NoticeKind
from tests.support.ledger import FALSE, PACKS, REFUSED, SAINT_JOHN, VALID, Story, day


def three_past_due() -> Story:
    story = Story()
    story.suspend()
    for number in (1, 2, 3):
        story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
        story.invoice(f"2025-07-0{number}", f"r{number}")
    story.today_is("2025-08-03")
    return story


class TestFee:
    @pytest.mark.parametrize(
        ("on", "accepted", "disposition", "alarm_type", "fee"),
        [
            ("2025-06-20", True, FALSE, "BURGLAR", "0.00"),  # lead time
            ("2025-06-24", True, FALSE, "BURGLAR", "100.00"),
            ("2025-07-01", None, FALSE, "BURGLAR", "100.00"),  # they went: accepted
            ("2025-07-01", False, REFUSED, "BURGLAR", "0.00"),
            ("2025-07-01", True, VALID, "BURGLAR", "0.00"),
            ("2025-07-01", True, None, "BURGLAR", "0.00"),
            ("2025-07-01", True, FALSE, "HOLD_UP", "0.00"),
            ("2025-07-01", False, FALSE, "BURGLAR", "0.00"),  # recorded as not accepted
        ],
    )
    def test_only_post_suspension_accepted_and_false(
        self, on, accepted, disposition, alarm_type, fee
    ):
        """SJ-$1, SJ-$2."""
        story = Story()
        story.suspend()
        story.call(on, "r", disposition, accepted=accepted, alarm_type=alarm_type)
        assert story.state.call("r").fee == fee

    def test_it_is_charged_in_every_suspended_state(self):
        story = Story()
        story.suspend()
        for on, state in (("2025-07-01", "SUSPENDED"), ("2026-06-25", "DEFERRED")):
            story.call(on, on, FALSE, accepted=True)
            assert story.state.state == state
            assert story.state.call(on).fee == "100.00"

    def test_the_assistant_tells_the_accountant_who_invoices(self):
        """SJ-R4, SJ-R6."""
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        task = story.state.open_tasks[-1]
        assert (task.kind, task.roles) == ("TELL_ACCOUNTANT", ("administrative_assistant",))
        story.on("2025-07-02", TaskDone(task=task.id))
        task = story.state.open_tasks[-1]
        assert (task.kind, task.roles) == ("ISSUE_INVOICE", ("accountant",))
        story.invoice("2025-07-03", "r1")
        assert "ISSUE_INVOICE" not in story.tasks()
        assert story.state.invoices[0].amount == "100.00"

    def test_a_granted_appeal_takes_the_fee_back(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        story.invoice("2025-07-01", "r1")
        story.appeal("2025-07-05", call="r1")
        story.processed("2025-07-10", granted=True)
        assert story.state.call("r1").fee == "0.00"
        assert story.tasks()[-1] == "CANCEL_INVOICE"
        story.on("2025-07-11", InvoiceCancelled(invoice="i-r1", on=day("2025-07-11")))
        assert "CANCEL_INVOICE" not in story.tasks()
        assert story.state.past_due(day("2026-01-01")) == ()

    def test_a_cancelled_invoice_is_written_again_while_the_fee_stands(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        story.invoice("2025-07-01", "r1")
        story.on("2025-07-02", InvoiceCancelled(invoice="i-r1", on=day("2025-07-02"), why="name"))
        assert story.tasks()[-1] == "ISSUE_INVOICE"


class TestInvoiceIsRefused:
    @pytest.mark.parametrize(
        "fact",
        [
            InvoiceIssued(invoice="i", call="c1", on=day("2025-07-02")),  # no fee
            InvoiceIssued(invoice="i", call="none", on=day("2025-07-02")),
            InvoiceIssued(invoice="i", call="r1", on=day("2025-07-02"), amount="120.00"),
            InvoiceIssued(invoice="i", call="r1", on=day("2025-06-30")),  # before the call
            InvoiceIssued(invoice="i", call="r1", on=day("2025-08-01")),  # in the future
            InvoicePaid(invoice="i", on=day("2025-07-02")),
            InvoiceCancelled(invoice="i", on=day("2025-07-02")),
        ],
    )
    def test_that_cannot_stand(self, fact):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        assert story.on("2025-07-02", fact).is_refused

    def test_twice(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        story.invoice("2025-07-01", "r1")
        again = InvoiceIssued(invoice="other", call="r1", on=day("2025-07-02"))
        assert story.on("2025-07-02", again).is_refused
        assert story.invoice("2025-07-02", "r1").is_refused

    def test_paid_twice_or_before_it_was_written(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        story.invoice("2025-07-05", "r1")
        early = InvoicePaid(invoice="i-r1", on=day("2025-07-04"))
        assert story.on("2025-07-06", early).is_refused
        story.paid("2025-07-06", "r1")
        assert story.paid("2025-07-07", "r1").is_refused


class TestDiscontinued:
    """SJ-E1c, AMB-S6."""

    def test_past_due_from_day_31(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        story.invoice("2025-07-01", "r1")
        assert story.state.past_due(day("2025-07-31")) == ()
        assert len(story.state.past_due(day("2025-08-01"))) == 1

    def test_three_at_the_same_time(self):
        story = three_past_due()
        assert story.state.is_discontinued
        assert story.state.state is SystemStatus.SUSPENDED  # AMB-S25: a flag on top
        assert story.state.is_listed

    def test_two_past_due_and_one_paid_are_not_three(self):
        story = Story()
        story.suspend()
        for number in (1, 2, 3):
            story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
            story.invoice(f"2025-07-0{number}", f"r{number}")
        story.paid("2025-08-02", "r1")
        assert not story.today_is("2025-09-01").is_discontinued

    def test_paid_on_time_it_never_was(self):
        story = Story()
        story.suspend()
        for number in (1, 2, 3):
            story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
            story.invoice(f"2025-07-0{number}", f"r{number}")
        story.paid("2025-07-31", "r1")
        assert not story.today_is("2025-12-31").is_discontinued

    def test_who_is_told(self):
        """SJ-R5, SJ-R6."""
        tasks = {task.kind: task for task in three_past_due().state.open_tasks}
        assert tasks["TELL_INSPECTOR"].roles == ("accountant",)
        assert tasks["TELL_MANAGER"].roles == ("inspector",)
        assert tasks["UPDATE_LIST"].roles == ("pscc_manager",)

    def test_payment_alone_does_not_clear_it(self):
        story = three_past_due()
        story.paid("2025-08-10", "r1")
        assert story.state.is_discontinued
        assert story.tasks()[-1] == "CLEAR_DISCONTINUED"
        story.on("2025-08-11", DiscontinuedCleared(on=day("2025-08-11")))
        assert not story.state.is_discontinued
        assert story.state.state is SystemStatus.SUSPENDED

    def test_payment_may_be_set_to_clear_it(self):
        invoices = SAINT_JOHN.invoices.model_copy(update={"cleared_by": "payment"})
        story = three_past_due()
        story.pack = SAINT_JOHN.model_copy(update={"invoices": invoices})
        story.paid("2025-08-10", "r1")
        assert not story.state.is_discontinued

    def test_it_is_not_cleared_while_three_are_past_due(self):
        story = three_past_due()
        step = story.on("2025-08-11", DiscontinuedCleared(on=day("2025-08-11")))
        assert step.is_refused

    def test_nothing_to_clear(self):
        fact = DiscontinuedCleared(on=day("2025-08-11"))
        assert Story().on("2025-08-11", fact).is_refused

    def test_no_acceptance_at_all(self):
        story = three_past_due()
        story.call("2025-08-04", "r9", None, accepted=True)
        assert story.state.call("r9").accepted is False
        story.call("2025-08-04", "r9", FALSE)
        assert story.state.call("r9").fee == "0.00"

    def test_from_the_day_itself_on(self):
        story = three_past_due()
        assert story.state.discontinued_on == day("2025-08-03")
        story.call("2025-08-03", "r9", None, accepted=True)
        assert story.state.call("r9").accepted is False

    def test_a_request_before_that_day_recorded_late_stays_accepted(self):
        story = three_past_due()
        story.call("2025-08-02", "r9", FALSE, accepted=True, recorded="2025-08-20")
        assert story.state.call("r9").fee == "100.00"

    def test_it_outlives_reinstatement(self):
        """3.9: from any state."""
        story = three_past_due()
        story.today_is("2026-06-24")
        story.review("2026-06-24", ReviewDecision.REINSTATE)
        story.issue("2026-06-25", NoticeKind.REINSTATEMENT)
        state = story.today_is("2026-07-09")
        assert state.state is SystemStatus.ACTIVE
        assert state.is_discontinued
        assert state.is_listed


class TestAnswerToARequest:
    """SJ-C1, SJ-C2, AMB-S4, AMB-S19."""

    def answer(self, story, **told):
        told = {"alarm_type": "BURGLAR", "premise_type": "COMPANY", **told}
        return answer_to_request(story.state, story.pack, **told)

    def test_not_suspended(self):
        assert self.answer(Story()).verdict == "RESPOND"

    def test_pending_is_still_responded_to(self):
        story = Story()
        story.suspend()
        answer = self.answer(story)
        assert answer.accepted
        assert "XS-6" in answer.rules

    def test_suspended_is_refused_by_default_with_the_literal_disposition(self):
        story = Story()
        story.suspend()
        story.today_is("2025-06-24")
        answer = self.answer(story)
        assert not answer.accepted
        assert answer.may_accept
        assert answer.disposition == REFUSED
        assert answer.fee == "100.00"
        assert "SJ-C2c-i" in answer.rules

    def test_a_hold_up_is_responded_to(self):
        story = Story()
        story.suspend()
        story.today_is("2025-06-24")
        assert self.answer(story, alarm_type="HOLD_UP").accepted

    def test_discontinued_is_refused_without_exception(self):
        answer = self.answer(three_past_due())
        assert not answer.accepted
        assert not answer.may_accept
        assert "SJ-E1c" in answer.rules

    def test_acceptance_may_be_set_as_the_default(self):
        suspension = SAINT_JOHN.suspension.model_copy(update={"post_suspension_default": "ACCEPT"})
        story = Story(SAINT_JOHN.model_copy(update={"suspension": suspension}))
        story.suspend()
        story.today_is("2025-06-24")
        assert self.answer(story).accepted

    def test_an_acceptance_is_logged_with_who_decided(self):
        """AMB-S4."""
        story = Story()
        story.suspend()
        step = story.on(
            "2025-07-01",
            PoliceCall(
                call="r1", alarm_type="BURGLAR", premise_type="COMPANY", accepted=True,
                accepted_by="Cst. Doe",
            ),
        )  # fmt: skip
        assert any("accepted by Cst. Doe" in reason.text for reason in step.reasons)


class TestGraduatedFines:
    """Another city: no suspension, fines that grow."""

    def test_the_nth_false_alarm_of_the_year_has_its_fine(self):
        story = Story(PACKS["example-mesa-verde-springs"])
        for number in range(1, 7):
            story.call(f"2025-08-0{number}", str(number), "FA - Unfounded")
        fees = [call.fee for call in story.state.calls]
        assert fees == ["0.00", "0.00", "50.00", "100.00", "100.00", "250.00"]
        assert story.state.state is SystemStatus.ACTIVE

    def test_an_earlier_alarm_recorded_late_moves_the_fines_but_no_invoice(self):
        story = Story(PACKS["example-mesa-verde-springs"])
        for number in (2, 3, 4):
            story.call(f"2025-08-0{number}", str(number), "FA - Unfounded")
        story.invoice("2025-08-05", "4")
        story.call("2025-08-01", "1", "FA - Unfounded", recorded="2025-08-06")
        fees = {call.call: call.fee for call in story.state.calls}
        assert fees == {"1": "0.00", "2": "0.00", "3": "50.00", "4": "50.00"}
