"""Review, deferral, reinstatement: never by itself (SJ-E3, SJ-F1, SJ-F2, AMB-S24)."""

from __future__ import annotations

import pytest

from decision.ledger.facts import NoticeDrafted, NoticeIssued, StepsReported
from decision.ledger.words import ReviewDecision, SystemStatus
from decision.packs import NoticeKind
from tests.support.ledger import FALSE, SAINT_JOHN, Story, day


def deferred() -> Story:
    story = Story()
    story.suspend()
    story.today_is("2026-06-24")
    return story


class TestNoAutomaticReinstatement:
    def test_years_without_a_decision_leave_it_suspended(self):
        """SJ-E3, SJ-F2."""
        story = deferred()
        for on in ("2027-06-24", "2028-06-24", "2033-01-01"):
            assert story.today_is(on).state is SystemStatus.DEFERRED
            assert story.state.is_listed

    def test_the_review_falls_due_every_year(self):
        story = deferred()
        assert story.state.review_due == day("2026-06-24")
        assert story.today_is("2027-06-23").review_due == day("2026-06-24")
        assert story.today_is("2027-06-24").review_due == day("2027-06-24")
        assert story.tasks().count("REVIEW") == 1

    def test_a_direction_without_a_notice_changes_nothing(self):
        """SJ-F1."""
        story = deferred()
        story.review("2026-06-30", ReviewDecision.REINSTATE)
        assert story.today_is("2027-06-01").state is SystemStatus.DEFERRED

    def test_a_notice_without_a_direction_is_refused(self):
        story = deferred()
        step = story.on("2026-06-30", NoticeDrafted(notice="n", kind=NoticeKind.REINSTATEMENT))
        assert step.is_refused

    def test_only_a_pack_that_says_so_reinstates_by_itself(self):
        review = SAINT_JOHN.review.model_copy(update={"without_notice": "REINSTATE"})
        story = Story(SAINT_JOHN.model_copy(update={"review": review}))
        story.suspend()
        assert story.today_is("2026-06-24").state is SystemStatus.ACTIVE


class TestDeferral:
    """SJ-F2, AMB-S24."""

    def test_it_begins_at_the_end_of_the_term_without_a_notice(self):
        story = Story()
        story.suspend()
        assert story.state.deferred_from == day("2026-06-24")
        assert story.today_is("2026-06-23").state is SystemStatus.SUSPENDED
        step_state = story.today_is("2026-06-24")
        assert step_state.state is SystemStatus.DEFERRED
        assert "INFORM_USER" in story.tasks()

    def test_an_explicit_deferral_counts_the_next_review_from_the_decision(self):
        story = deferred()
        story.review("2026-07-10", ReviewDecision.DEFER)
        assert story.state.review_due == day("2027-07-10")
        assert "REVIEW" not in story.tasks()
        assert story.today_is("2027-07-09").review_due == day("2027-07-10")
        story.today_is("2027-07-10")
        assert "REVIEW" in story.tasks()

    def test_or_from_the_due_date_by_setting(self):
        review = SAINT_JOHN.review.model_copy(update={"next_from": "due_date"})
        story = Story(SAINT_JOHN.model_copy(update={"review": review}))
        story.suspend()
        story.today_is("2026-06-24")
        story.review("2026-07-10", ReviewDecision.DEFER)
        assert story.state.review_due == day("2027-06-24")

    def test_a_deferred_system_may_be_reinstated_any_day(self):
        story = deferred()
        story.review("2026-07-10", ReviewDecision.DEFER)
        story.review("2026-10-01", ReviewDecision.REINSTATE)
        story.issue("2026-10-02", NoticeKind.REINSTATEMENT)
        assert story.today_is("2026-10-15").is_suspended
        assert not story.today_is("2026-10-16").is_suspended

    def test_a_changed_mind_takes_the_direction_back(self):
        story = deferred()
        story.review("2026-07-10", ReviewDecision.REINSTATE)
        story.on("2026-07-11", NoticeDrafted(notice="n", kind=NoticeKind.REINSTATEMENT))
        story.today_is("2027-07-10")
        story.review("2027-07-10", ReviewDecision.DEFER)
        assert story.state.notices[-1].status == "WITHDRAWN"
        assert "APPROVE_NOTICE" not in story.tasks()


class TestReviewIsRefused:
    @pytest.mark.parametrize("on", ["2025-06-20", "2025-07-01", "2026-06-23"])
    def test_before_it_is_due(self, on):
        story = Story()
        story.suspend()
        assert story.review(on, ReviewDecision.REINSTATE).is_refused

    def test_without_a_suspension(self):
        assert Story().review("2025-07-01", ReviewDecision.DEFER).is_refused

    def test_a_second_deferral_before_the_next_review(self):
        story = deferred()
        story.review("2026-07-10", ReviewDecision.DEFER)
        assert story.review("2026-07-11", ReviewDecision.DEFER).is_refused

    def test_after_the_reinstatement_notice(self):
        story = deferred()
        story.review("2026-07-10", ReviewDecision.REINSTATE)
        story.issue("2026-07-11", NoticeKind.REINSTATEMENT)
        assert story.review("2026-07-12", ReviewDecision.DEFER).is_refused
        again = NoticeIssued(
            notice="x", on=day("2026-07-12"), is_received=True, kind=NoticeKind.REINSTATEMENT
        )
        assert story.on("2026-07-12", again).is_refused


def test_what_the_review_looks_at_is_in_the_state():
    """SJ-E3: (i) requests found false, (ii) steps taken."""
    story = Story()
    story.suspend()
    story.call("2025-08-01", "r1", FALSE, accepted=True)
    story.on("2025-09-01", StepsReported(on=day("2025-09-01"), text="detector moved"))
    assert story.state.post_suspension_count == 1
    assert story.state.steps == ((day("2025-09-01"), "detector moved"),)


def test_the_desk_is_told_when_an_address_comes_back():
    """SJ-R5, SJ-R7, 3.9."""
    story = deferred()
    story.review("2026-07-06", ReviewDecision.REINSTATE)
    story.issue("2026-07-06", NoticeKind.REINSTATEMENT)
    story.today_is("2026-07-20")
    about = {task.about for task in story.state.open_tasks if task.kind == "UPDATE_LIST"}
    assert any(name.startswith("resumed/") for name in about)
