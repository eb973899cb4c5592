"""Appeals: who, when, what follows (SJ-G1 to SJ-G3w, AMB-S10 to S15)."""

from __future__ import annotations

from datetime import date

import pytest

from decision.ledger.facts import AppealFiled
from decision.ledger.windows import disposition_window, suspension_window
from decision.ledger.words import AppealStatus, ReviewDecision, SuspensionStatus, SystemStatus
from decision.packs import AppealKind, NoticeKind, Pack
from tests.support.ledger import FALSE, REFUSED, SAINT_JOHN, VALID, Story, day


def with_appeals(kind: str, **changes: object) -> Pack:
    section = getattr(SAINT_JOHN.appeals, kind).model_copy(update=changes)
    appeals = SAINT_JOHN.appeals.model_copy(update={kind: section})
    return SAINT_JOHN.model_copy(update={"appeals": appeals})


class TestDispositionWindow:
    """SJ-G2, AMB-S11."""

    def suspended(self, pack: Pack = SAINT_JOHN) -> Story:
        story = Story(pack)
        story.call("2025-01-15", "1")
        story.call("2025-03-30", "2")
        story.issue("2025-04-08", NoticeKind.CAUTION)
        story.call("2025-05-02", "3")
        story.call("2025-05-28", "4")
        story.issue("2025-06-10", NoticeKind.SUSPENSION)
        return story

    @pytest.mark.parametrize(
        ("on", "status"), [("2025-09-08", AppealStatus.ADMITTED), ("2025-09-09", AppealStatus.LATE)]
    )
    def test_90_days_after_the_latest_notice_that_lists_it(self, on, status):
        assert self.suspended().appeal(on, call="1").status is status

    def test_the_first_notice_may_be_set(self):
        story = self.suspended(with_appeals("disposition", window_from="first_notice"))
        assert disposition_window("1", story.state, story.pack).last == day("2025-07-07")
        assert disposition_window("3", story.state, story.pack).last == day("2025-09-08")

    def test_without_a_notice_it_is_admissible(self):
        story = Story()
        story.call("2025-01-15", "1")
        assert story.appeal("2025-12-31", call="1").status is AppealStatus.ADMITTED

    def test_without_a_notice_it_may_be_set_to_wait(self):
        story = Story(with_appeals("disposition", without_notice="NOT_YET"))
        story.call("2025-01-15", "1")
        assert story.appeal("2025-12-31", call="1").status is AppealStatus.PREMATURE

    def test_only_a_false_alarm_can_be_appealed(self):
        story = Story()
        story.call("2025-01-15", "1", VALID)
        assert story.appeal("2025-02-01", call="1").status is AppealStatus.NOTHING_TO_APPEAL
        assert story.appeal("2025-02-01", "a2", call="9").status is AppealStatus.NOTHING_TO_APPEAL

    def test_one_at_a_time(self):
        story = Story()
        story.call("2025-01-15", "1")
        story.appeal("2025-02-01", call="1")
        assert story.appeal("2025-02-02", "a2", call="1").status is AppealStatus.NOTHING_TO_APPEAL

    @pytest.mark.parametrize("by", ["alarm_user", "other"])
    def test_only_the_alarm_business_files(self, by):
        """SJ-G1."""
        story = Story()
        story.call("2025-01-15", "1")
        assert story.appeal("2025-02-01", by=by, call="1").status is AppealStatus.NOT_ACCEPTED

    def test_missing_documents_are_told(self):
        story = Story()
        story.call("2025-01-15", "1")
        step = story.on(
            "2025-02-01",
            AppealFiled(
                appeal="a", kind=AppealKind.DISPOSITION, on=day("2025-02-01"), call="1",
                filed_by="alarm_business",
            ),
        )  # fmt: skip
        assert "no supporting document" in step.reasons[1].text


class TestDispositionSuccess:
    """AMB-S10."""

    def test_the_alarm_is_valid_and_leaves_the_count(self):
        story = Story()
        story.call("2025-01-15", "1")
        story.call("2025-01-16", "2")
        story.appeal("2025-02-01", call="1")
        story.processed("2025-02-03", granted=True)
        assert story.state.count == 1
        assert story.state.call("1").outcome == "VALID"
        assert story.tasks() == []
        assert "AMB-S10" in story.state.call("1").verdict.rules

    def test_denied_it_stays(self):
        story = Story()
        story.call("2025-01-15", "1")
        story.appeal("2025-02-01", call="1")
        story.processed("2025-02-03", granted=False)
        assert story.state.count == 1

    def test_a_pending_suspension_is_withdrawn(self):
        story = Story()
        story.suspend()
        story.appeal("2025-06-12", call="c3")
        story.processed("2025-06-16", granted=True)
        assert story.state.state is SystemStatus.ACTIVE
        assert story.state.suspensions[0].status is SuspensionStatus.WITHDRAWN
        assert story.state.suspension is None
        assert story.today_is("2025-06-24").state is SystemStatus.ACTIVE
        assert not story.state.is_listed

    def test_with_five_counted_one_less_changes_nothing(self):
        story = Story()
        story.suspend()
        story.call("2025-06-15", "5")
        story.appeal("2025-06-16", call="c3")
        story.processed("2025-06-17", granted=True)
        assert story.state.state is SystemStatus.SUSPENSION_PENDING

    def test_a_further_fourth_alarm_after_withdrawal_asks_again(self):
        story = Story()
        story.suspend()
        story.appeal("2025-06-12", call="c3")
        story.processed("2025-06-16", granted=True)
        story.call("2025-06-18", "5")
        assert story.state.count == 4
        story.issue("2025-06-20", NoticeKind.SUSPENSION)
        assert story.state.effective == day("2025-07-04")

    def test_an_active_suspension_is_a_task_for_the_inspector(self):
        story = Story()
        story.suspend()
        story.appeal("2025-07-01", call="c3")
        story.processed("2025-07-05", granted=True)
        assert story.state.state is SystemStatus.SUSPENDED
        task = story.state.open_tasks[-1]
        assert (task.kind, task.roles) == ("RECONSIDER", ("inspector",))
        # The Inspector may reinstate before the term is over; a notice is still needed.
        assert not story.review("2025-07-06", ReviewDecision.REINSTATE).is_refused
        assert story.state.state is SystemStatus.SUSPENDED
        story.issue("2025-07-07", NoticeKind.REINSTATEMENT)
        assert story.today_is("2025-07-21").state is SystemStatus.ACTIVE

    def test_or_leave_it(self):
        story = Story()
        story.suspend()
        story.appeal("2025-07-01", call="c3")
        story.processed("2025-07-05", granted=True)
        assert not story.review("2025-07-06", ReviewDecision.DEFER).is_refused
        assert "RECONSIDER" not in story.tasks()
        assert story.today_is("2026-06-24").state is SystemStatus.DEFERRED


class TestSuspensionAppeal:
    """SJ-G3."""

    def test_nothing_to_appeal(self):
        assert Story().appeal("2025-08-01").status is AppealStatus.NOTHING_TO_APPEAL

    @pytest.mark.parametrize(
        ("disposition", "accepted"), [(REFUSED, False), (VALID, True), (FALSE, True), (None, None)]
    )
    def test_any_request_breaks_the_clear_days(self, disposition, accepted):
        """AMB-S13, SJ-B7: the request itself, whatever the outcome."""
        story = Story()
        story.suspend()
        story.call("2025-07-23", "r1", disposition, accepted=accepted)
        assert story.appeal("2025-08-01").status is AppealStatus.NOT_CLEAR

    def test_only_the_first_30_days_must_be_clear(self):
        """AMB-S12: E to E+29."""
        story = Story()
        story.suspend()
        story.call("2025-07-24", "r1", REFUSED, accepted=False)
        assert story.appeal("2025-08-01").status is AppealStatus.ADMITTED

    def test_an_exempt_alarm_breaks_nothing(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "h1", FALSE, category="panic", accepted=True)
        assert story.appeal("2025-08-01").status is AppealStatus.ADMITTED

    def test_the_clear_period_may_be_set_to_restart(self):
        """AMB-S12, the other value."""
        story = Story(with_appeals("suspension", clear_period_restart=True))
        story.suspend()
        story.call("2025-07-04", "r1", REFUSED, accepted=False)
        assert suspension_window(story.state, story.pack).first == day("2025-08-04")
        assert story.appeal("2025-08-03").status is AppealStatus.PREMATURE
        assert story.appeal("2025-08-04", "a2").status is AppealStatus.ADMITTED

    def test_what_breaks_may_be_set(self):
        """AMB-S13, the other value."""
        story = Story(with_appeals("suspension", clear_broken_by=("FALSE",)))
        story.suspend()
        story.call("2025-07-04", "r1", REFUSED, accepted=False)
        assert story.appeal("2025-08-01").status is AppealStatus.ADMITTED

    def test_premature_is_returned_and_blocks_nothing(self):
        """AMB-S14."""
        story = Story()
        story.suspend()
        assert story.appeal("2025-07-23").status is AppealStatus.PREMATURE
        assert story.processed("2025-07-23", granted=False).is_refused
        assert story.appeal("2025-07-24", "a2").status is AppealStatus.ADMITTED

    def test_premature_may_be_set_to_count_as_processed(self):
        story = Story(with_appeals("suspension", premature_is_processed=True))
        story.suspend()
        story.appeal("2025-07-23")
        assert story.appeal("2025-07-24", "a2").status is AppealStatus.BLOCKED

    def test_a_failed_one_blocks_for_a_year(self):
        """SJ-G3e."""
        story = Story()
        story.suspend()
        story.appeal("2025-07-24")
        story.processed("2025-08-01", granted=False)
        assert story.state.appeals[0].status is AppealStatus.DENIED
        appeal = story.appeal("2025-08-02", "a2")
        assert appeal.status is AppealStatus.BLOCKED
        assert "SJ-G3e" in appeal.grounds[0].rules

    @pytest.mark.parametrize(
        ("filed", "status"),
        [("2026-08-04", AppealStatus.BLOCKED), ("2026-08-05", AppealStatus.ADMITTED)],
    )
    def test_a_second_suspension_is_blocked_for_a_year_after_success(self, filed, status):
        """SJ-G3d, AMB-S22; free again at the anniversary (AMB-S2)."""
        story = Story()
        story.suspend()
        story.appeal("2025-07-24")
        story.processed("2025-08-05", granted=True)
        story.issue("2025-08-06", NoticeKind.REINSTATEMENT)
        for number in range(1, 5):
            story.call(f"2026-01-0{number}", f"n{number}")
        story.issue("2026-06-01", NoticeKind.SUSPENSION)
        assert story.appeal(filed, "a2").status is status

    def test_success_ends_through_the_reinstatement_notice(self):
        """AMB-S15: response resumes 14 days after it."""
        story = Story()
        story.suspend()
        story.appeal("2025-07-24")
        story.processed("2025-08-05", granted=True)
        assert story.state.state is SystemStatus.SUSPENDED
        story.issue("2025-08-06", NoticeKind.REINSTATEMENT)
        assert story.state.resumes == day("2025-08-20")
        assert story.today_is("2025-08-19").is_suspended
        assert not story.today_is("2025-08-20").is_suspended

    def test_success_may_be_set_to_end_it_at_once(self):
        story = Story(with_appeals("suspension", success_ends_by="decision"))
        story.suspend()
        story.appeal("2025-07-24")
        story.processed("2025-08-05", granted=True)
        assert story.state.state is SystemStatus.ACTIVE

    def test_a_decision_is_taken_once_and_not_before_the_filing(self):
        story = Story()
        story.suspend()
        story.appeal("2025-07-24")
        assert story.on("2025-08-01", story.log[-1][1]).is_refused
        assert story.processed("2025-07-23", granted=True).is_refused
        story.processed("2025-08-01", granted=False)
        assert story.processed("2025-08-02", granted=True).is_refused

    def test_all_that_failed_is_told(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", REFUSED, accepted=False)
        grounds = story.appeal("2025-09-20").grounds
        assert [one.rules[0] for one in grounds] == ["SJ-G3a", "SJ-G3c"]

    def test_the_window_in_a_leap_year(self):
        """SJ-G3w: always I+44 to I+90."""
        story = Story()
        for on in ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"):
            story.call(on, on)
        story.issue("2024-01-20", NoticeKind.SUSPENSION)
        window = suspension_window(story.state, SAINT_JOHN)
        issued = date(2024, 1, 20).toordinal()
        assert window.first.toordinal() - issued == 44
        assert window.last.toordinal() - issued == 90
