"""Drafting, approval before issue, rejection, batches, withdrawal (SJ-C4, SJ-C5a, AMB-S7)."""

from __future__ import annotations

from decision.ledger.facts import (
    NoticeApproved,
    NoticeDrafted,
    NoticeIssued,
    NoticeRejected,
    PoliceCall,
    TaskDone,
)
from decision.ledger.words import NoticeStatus, ReviewDecision, SystemStatus
from decision.packs import NoticeKind
from tests.support.ledger import SAINT_JOHN, VALID, Story, day


def four() -> Story:
    story = Story()
    for number in range(1, 5):
        story.call(f"2025-02-0{number}", str(number))
    return story


class TestApprovalBeforeIssue:
    """SJ-C4e, SJ-C5a."""

    def test_each_step_asks_the_role_of_the_next(self):
        story = four()
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        task = story.state.open_tasks[-1]
        assert (task.kind, task.roles) == ("APPROVE_NOTICE", ("inspector",))
        assert task.calls == ("1", "2", "3", "4")
        story.on("2025-03-02", NoticeApproved(notice="n", on=day("2025-03-02"), by="insp-1"))
        task = story.state.open_tasks[-1]
        assert (task.kind, task.roles) == ("ISSUE_NOTICE", ("administrative_assistant",))
        story.on("2025-03-03", NoticeIssued(notice="n", on=day("2025-03-03")))
        assert story.state.notices[0].status is NoticeStatus.ISSUED
        assert story.state.state is SystemStatus.SUSPENSION_PENDING

    def test_without_approval_it_cannot_be_issued(self):
        story = four()
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        before = story.state
        step = story.on("2025-03-01", NoticeIssued(notice="n", on=day("2025-03-01")))
        assert step.is_refused
        assert step.actions == ()
        assert story.state == before

    def test_it_cannot_be_issued_before_its_approval_or_in_the_future(self):
        story = four()
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        story.on("2025-03-02", NoticeApproved(notice="n", on=day("2025-03-02")))
        assert story.on("2025-03-03", NoticeIssued(notice="n", on=day("2025-03-01"))).is_refused
        assert story.on("2025-03-03", NoticeIssued(notice="n", on=day("2025-03-04"))).is_refused

    def test_a_rejected_draft_is_drafted_again(self):
        story = four()
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        story.on("2025-03-02", NoticeRejected(notice="n", on=day("2025-03-02"), why="address"))
        assert story.state.open_tasks[-1].about == "SUSPENSION/2025-01-01"
        assert story.on("2025-03-03", NoticeIssued(notice="n", on=day("2025-03-03"))).is_refused
        story.issue("2025-03-04", NoticeKind.SUSPENSION, "n-2")
        assert story.state.state is SystemStatus.SUSPENSION_PENDING

    def test_nothing_is_drafted_without_a_reason(self):
        story = Story()
        story.call("2025-02-01", "1")
        step = story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.CAUTION))
        assert step.is_refused

    def test_a_name_is_used_once_and_alarms_must_exist(self):
        story = four()
        fact = NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION, calls=("9",))
        assert story.on("2025-03-01", fact).is_refused
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        again = NoticeDrafted(notice="n", kind=NoticeKind.CAUTION)
        assert story.on("2025-03-01", again).is_refused

    def test_approval_of_what_does_not_wait_for_it_is_refused(self):
        story = four()
        assert story.on("2025-03-01", NoticeApproved(notice="n", on=day("2025-03-01"))).is_refused
        assert story.on("2025-03-01", NoticeRejected(notice="n", on=day("2025-03-01"))).is_refused


class TestBatch:
    """AMB-S7: several thresholds in one monthly batch."""

    def test_caution_and_suspension_are_both_asked_for(self):
        assert [task.about for task in four().state.open_tasks] == [
            "CAUTION/2025-01-01",
            "SUSPENSION/2025-01-01",
        ]

    def test_the_caution_is_no_precondition(self):
        story = four()
        story.issue("2025-03-01", NoticeKind.SUSPENSION)
        assert story.state.state is SystemStatus.SUSPENSION_PENDING
        assert story.state.open_tasks[0].about == "CAUTION/2025-01-01"

    def test_only_the_highest_may_be_set(self):
        thresholds = SAINT_JOHN.thresholds.model_copy(update={"in_one_batch": "highest"})
        story = Story(SAINT_JOHN.model_copy(update={"thresholds": thresholds}))
        for number in range(1, 5):
            story.call(f"2025-02-0{number}", str(number))
        assert [task.about for task in story.state.open_tasks] == ["SUSPENSION/2025-01-01"]

    def test_a_count_asks_once_for_each_notice(self):
        story = four()
        story.issue("2025-03-01", NoticeKind.CAUTION)
        story.call("2025-03-02", "5")
        kinds = [task.about for task in story.state.tasks if task.kind == "DRAFT_NOTICE"]
        assert kinds == ["CAUTION/2025-01-01", "SUSPENSION/2025-01-01"]


class TestReceived:
    """The authority drafts, approves and issues on its own side."""

    def test_a_received_suspension_answers_our_own_draft(self):
        story = four()
        story.on(
            "2025-03-01",
            NoticeIssued(
                notice="SJPF-7", on=day("2025-03-01"), is_received=True, kind=NoticeKind.SUSPENSION
            ),
        )
        assert story.state.state is SystemStatus.SUSPENSION_PENDING
        assert story.state.notices[0].calls == ("1", "2", "3", "4")
        drafts = [task.about for task in story.state.open_tasks if task.kind == "DRAFT_NOTICE"]
        assert drafts == ["CAUTION/2025-01-01"]

    def test_one_that_our_ledger_cannot_explain_holds_all_the_same(self):
        story = Story()
        story.on(
            "2025-03-01",
            NoticeIssued(
                notice="SJPF-7", on=day("2025-03-01"), is_received=True, kind=NoticeKind.SUSPENSION
            ),
        )
        story.call("2025-03-02", "1")
        assert story.today_is("2025-03-15").state is SystemStatus.SUSPENDED

    def test_without_a_kind_it_is_refused(self):
        story = Story()
        fact = NoticeIssued(notice="x", on=day("2025-03-01"), is_received=True)
        assert story.on("2025-03-01", fact).is_refused

    def test_recorded_late_its_dates_are_those_of_the_paper(self):
        story = four()
        story.call("2025-06-01", "late")
        story.on(
            "2025-06-30",
            NoticeIssued(
                notice="S", on=day("2025-05-10"), is_received=True, kind=NoticeKind.SUSPENSION
            ),
        )
        assert story.state.state is SystemStatus.SUSPENDED
        assert story.state.effective == day("2025-05-24")
        assert story.state.call("late").counter == "POST_SUSPENSION"
        assert story.state.call("late").fee == "100.00"


class TestOvertaken:
    def test_a_draft_falls_away_when_the_count_drops(self):
        """AMB-S10, before anything was issued."""
        story = four()
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        story.on("2025-03-02", PoliceCall(call="4", disposition=VALID))
        assert story.state.notices[0].status is NoticeStatus.WITHDRAWN
        assert [task.about for task in story.state.open_tasks] == ["CAUTION/2025-01-01"]

    def test_a_new_fourth_alarm_asks_again(self):
        story = four()
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.SUSPENSION))
        story.on("2025-03-02", PoliceCall(call="4", disposition=VALID))
        story.call("2025-03-03", "5")
        assert story.state.open_tasks[-1].id == "DRAFT_NOTICE/SUSPENSION/2025-01-01#2"

    def test_of_two_drafts_the_second_is_withdrawn_when_the_first_suspends(self):
        story = Story()
        for on in ("2024-12-01", "2024-12-02", "2024-12-03", "2024-12-04"):
            story.call(on, on)
        for on in ("2025-01-02", "2025-01-03", "2025-01-04", "2025-01-05"):
            story.call(on, on)
        story.on("2025-01-10", NoticeDrafted(notice="a", kind=NoticeKind.SUSPENSION))
        story.on("2025-01-10", NoticeDrafted(notice="b", kind=NoticeKind.SUSPENSION))
        story.on("2025-01-11", NoticeApproved(notice="a", on=day("2025-01-11")))
        story.on("2025-01-12", NoticeIssued(notice="a", on=day("2025-01-12")))
        assert [one.status for one in story.state.notices] == ["ISSUED", "WITHDRAWN"]
        assert story.state.state is SystemStatus.SUSPENSION_PENDING
        # And neither comes again when response has resumed.
        story.today_is("2026-01-26")
        story.review("2026-01-26", ReviewDecision.REINSTATE)
        story.issue("2026-01-26", NoticeKind.REINSTATEMENT)
        story.today_is("2026-02-09")
        story.call("2026-02-10", "new")
        about = [task.about for task in story.state.open_tasks if task.kind == "DRAFT_NOTICE"]
        assert about == ["CAUTION/2024-01-01", "CAUTION/2025-01-01"]


class TestTasks:
    def test_telling_is_done_by_word(self):
        """SJ-D2."""
        story = four()
        story.issue("2025-03-01", NoticeKind.CAUTION, "n")
        step = story.on("2025-03-02", TaskDone(task="INFORM_USER/n", note="by telephone"))
        assert not step.is_refused
        assert "INFORM_USER" not in story.tasks()
        assert story.state.tasks[-1].outcome == "by telephone"

    def test_a_paper_is_done_by_its_own_fact_only(self):
        story = four()
        step = story.on("2025-03-02", TaskDone(task=story.state.open_tasks[0].id))
        assert step.is_refused

    def test_an_unknown_task_is_refused(self):
        assert Story().on("2025-03-02", TaskDone(task="x")).is_refused

    def test_the_user_is_told_and_alternate_response_arranged(self):
        """SJ-E2."""
        story = four()
        story.issue("2025-03-01", NoticeKind.SUSPENSION)
        tasks = {task.kind: task for task in story.state.open_tasks}
        assert tasks["INFORM_USER"].roles == ("alarm_business",)
        assert "SJ-E2" in tasks["ARRANGE_ALTERNATE"].rules
