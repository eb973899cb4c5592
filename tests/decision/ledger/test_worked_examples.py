"""WE-5, WE-6, WE-7 and WE-9 of the domain rules, as their tables read."""

from __future__ import annotations

import pytest

from decision.ledger.windows import disposition_window, suspension_window
from decision.ledger.words import AppealStatus, ReviewDecision, SystemStatus
from decision.packs import NoticeKind
from tests.support.ledger import FALSE, REFUSED, VALID, Story, day


class TestWE5ThresholdsAndDates:
    """SJ-D1, SJ-E1, SJ-E3, SJ-F1."""

    def test_the_table(self):
        story = Story()

        story.call("2025-01-15", "1")
        assert story.state.count == 1
        assert story.tasks() == []

        step = story.call("2025-03-30", "2")
        assert story.state.count == 2
        assert story.tasks() == ["DRAFT_NOTICE"]
        assert step.state.open_tasks[0].about == "CAUTION/2025-01-01"
        assert step.state.open_tasks[0].roles == ("administrative_assistant",)
        assert {"SJ-D1", "SJ-N1"} <= set(step.state.open_tasks[0].rules)
        assert story.state.is_cautioned

        story.issue("2025-04-08", NoticeKind.CAUTION)
        for call in ("1", "2"):
            window = disposition_window(call, story.state, story.pack)
            assert window.last == day("2025-07-07")

        story.call("2025-05-02", "3")
        assert story.state.count == 3
        assert "DRAFT_NOTICE" not in story.tasks()

        story.call("2025-05-28", "4")
        assert story.state.count == 4
        assert story.state.open_tasks[-1].about == "SUSPENSION/2025-01-01"
        assert story.state.state is SystemStatus.ACTIVE

        story.issue("2025-06-10", NoticeKind.SUSPENSION)
        assert story.state.state is SystemStatus.SUSPENSION_PENDING
        assert story.state.effective == day("2025-06-24")
        for call in ("1", "2", "3", "4"):
            window = disposition_window(call, story.state, story.pack)
            assert window.last == day("2025-09-08")

        story.call("2025-06-20", "5")
        assert story.state.count == 5
        assert story.state.call("5").fee == "0.00"
        assert story.state.effective == day("2025-06-24")
        assert "DRAFT_NOTICE" not in story.tasks()

        assert story.today_is("2025-06-23").state is SystemStatus.SUSPENSION_PENDING
        assert story.today_is("2025-06-24").state is SystemStatus.SUSPENDED
        assert story.state.is_listed

        story.today_is("2026-06-23")
        assert "REVIEW" not in story.tasks()
        story.today_is("2026-06-24")
        assert "REVIEW" in story.tasks()
        assert story.state.review_due == day("2026-06-24")

        story.review("2026-07-01", ReviewDecision.REINSTATE)
        story.issue("2026-07-06", NoticeKind.REINSTATEMENT)
        assert story.state.state is SystemStatus.REINSTATEMENT_PENDING
        assert story.state.is_suspended
        assert story.state.resumes == day("2026-07-20")

        assert story.today_is("2026-07-19").is_suspended
        assert story.today_is("2026-07-20").state is SystemStatus.ACTIVE
        assert not story.state.is_listed
        assert story.state.count == 0

    def test_two_per_calendar_year_are_two_cautions_and_no_suspension(self):
        story = Story()
        for number, on in enumerate(("2024-11-01", "2024-12-20", "2025-01-15", "2025-03-30")):
            story.call(on, str(number))
        assert [task.about for task in story.state.open_tasks] == [
            "CAUTION/2024-01-01",
            "CAUTION/2025-01-01",
        ]
        assert story.state.state is SystemStatus.ACTIVE


class TestWE6SuspensionAppealWindow:
    """SJ-G3: notice 2025-06-10, effective 2025-06-24."""

    @pytest.mark.parametrize(
        ("on", "status"),
        [
            ("2025-07-23", AppealStatus.PREMATURE),
            ("2025-07-24", AppealStatus.ADMITTED),
            ("2025-09-08", AppealStatus.ADMITTED),
            ("2025-09-09", AppealStatus.LATE),
        ],
    )
    def test_filing_on(self, on, status):
        story = Story()
        story.suspend()
        assert story.appeal(on).status is status

    def test_29_days_served_is_premature(self):
        story = Story()
        story.suspend()
        appeal = story.appeal("2025-07-23")
        assert "29 days served" in appeal.grounds[0].text

    def test_the_window_has_47_days(self):
        story = Story()
        story.suspend()
        window = suspension_window(story.state, story.pack)
        assert (window.first, window.last) == (day("2025-07-24"), day("2025-09-08"))
        assert window.days == 47

    def test_a_post_suspension_request_on_2025_07_04_makes_it_inadmissible(self):
        story = Story()
        story.suspend()
        story.call("2025-07-04", "r1", REFUSED, accepted=False)
        assert story.appeal("2025-08-01").status is AppealStatus.NOT_CLEAR

    def test_filed_by_the_user_it_is_not_accepted(self):
        story = Story()
        story.suspend()
        appeal = story.appeal("2025-08-01", by="alarm_user")
        assert appeal.status is AppealStatus.NOT_ACCEPTED
        assert appeal.grounds[0].rules == ("SJ-G1",)


class TestWE7Fees:
    """SJ-$1, SJ-E1c."""

    TABLE = (
        # day, accepted, outcome, fee
        ("2025-08-01", False, REFUSED, "0.00"),
        ("2025-08-10", True, FALSE, "100.00"),
        ("2025-08-15", True, VALID, "0.00"),
        ("2025-09-01", True, FALSE, "100.00"),
        ("2025-09-12", True, FALSE, "100.00"),
    )

    def told(self) -> Story:
        story = Story()
        story.suspend()
        for number, (on, accepted, outcome, _) in enumerate(self.TABLE, start=1):
            story.call(on, f"r{number}", outcome, accepted=accepted)
            if story.state.call(f"r{number}").fee != "0.00":
                story.invoice(on, f"r{number}")
        return story

    def test_the_table(self):
        story = self.told()
        for number, (_, _, _, fee) in enumerate(self.TABLE, start=1):
            assert story.state.call(f"r{number}").fee == fee

    def test_past_due_days_with_net_30(self):
        invoices = self.told().state.invoices
        assert [one.past_due_on for one in invoices] == [
            day("2025-09-10"), day("2025-10-02"), day("2025-10-13"),
        ]  # fmt: skip

    def test_three_past_due_discontinue_from_2025_10_13(self):
        story = self.told()
        assert not story.today_is("2025-10-12").is_discontinued
        assert story.today_is("2025-10-13").is_discontinued
        assert story.state.discontinued_on == day("2025-10-13")
        assert {"TELL_INSPECTOR", "TELL_MANAGER"} <= set(story.tasks())

    def test_a_request_on_a_later_day_is_refused_even_if_the_call_taker_would_accept(self):
        story = self.told()
        story.call("2025-10-14", "r6", None, accepted=True)
        assert story.state.call("r6").accepted is False


class TestWE9Exemptions:
    """SJ-A2, SJ-B6, SJ-B8."""

    @pytest.mark.parametrize(
        ("premise", "alarm_type", "category", "times"),
        [
            ("COMPANY", "HOLD_UP", "hold_up", 5),  # bank
            ("COMPANY", "OTHER", "panic", 4),  # commercial "panic" is a hold-up
            ("RESIDENTIAL", "BURGLAR", "burglary", 4),  # apartment building
            ("SCHOOL", "BURGLAR", "burglary", 4),
        ],
    )
    def test_exempt_false_alarms_count_zero(self, premise, alarm_type, category, times):
        story = Story(premise=premise)
        for number in range(times):
            story.call(
                f"2025-02-{number + 1:02}", str(number), alarm_type=alarm_type, category=category
            )
        assert story.state.count == 0
        assert story.tasks() == []

    def test_shop_motion_three_times_and_panic_once_count_three(self):
        story = Story()
        story.call("2025-02-01", "1", category="burglary")
        story.call("2025-02-02", "2", category="burglary")
        assert story.state.open_tasks[0].about == "CAUTION/2025-01-01"
        story.call("2025-02-03", "3", alarm_type="OTHER", category="panic")
        story.call("2025-02-04", "4", category="burglary")
        assert story.state.count == 3
        assert [task.about for task in story.state.open_tasks] == ["CAUTION/2025-01-01"]
        assert story.state.state is SystemStatus.ACTIVE
