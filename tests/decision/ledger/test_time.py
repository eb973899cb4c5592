"""What time alone does, and when it wants to be woken (AMB-S2, AMB-S3, AMB-S24)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from decision.ledger import due
from decision.ledger.facts import DayCame, PoliceCall
from decision.ledger.state import SystemState
from decision.ledger.words import ReviewDecision, SystemStatus
from decision.packs import NoticeKind
from tests.support.ledger import FALSE, SAINT_JOHN, Story, day, utc

SECOND = timedelta(seconds=1)


def midnight(on: str):
    return SAINT_JOHN.calendar.midnight(day(on))


class TestDue:
    """Timers are data: a state says when it wants to be woken."""

    def test_a_new_system_waits_for_nothing(self):
        assert due(SystemState(system="main-1"), SAINT_JOHN) is None

    def test_a_count_waits_for_the_new_year(self):
        story = Story()
        story.call("2025-02-01", "1")
        assert due(story.state, SAINT_JOHN) == utc("2026-01-01T04:00:00")

    def test_effective_date_in_summer_time(self):
        story = Story()
        story.suspend()
        assert due(story.state, SAINT_JOHN) == utc("2025-06-24T03:00:00")

    def test_then_the_new_year_then_the_end_of_the_term(self):
        story = Story()
        story.suspend()
        story.today_is("2025-06-24")
        assert due(story.state, SAINT_JOHN) == midnight("2026-01-01")
        story.today_is("2026-01-01")
        assert due(story.state, SAINT_JOHN) == midnight("2026-06-24")
        story.today_is("2026-06-24")
        assert due(story.state, SAINT_JOHN) == midnight("2027-06-24")

    def test_resume(self):
        story = Story()
        story.suspend()
        story.today_is("2026-06-24")
        story.review("2026-07-06", ReviewDecision.REINSTATE)
        story.issue("2026-07-06", NoticeKind.REINSTATEMENT)
        assert due(story.state, SAINT_JOHN) == midnight("2026-07-20")
        story.today_is("2026-07-20")
        assert due(story.state, SAINT_JOHN) is None

    def test_past_due(self):
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", FALSE, accepted=True)
        story.invoice("2025-07-01", "r1")
        assert due(story.state, SAINT_JOHN) == midnight("2025-08-01")
        story.today_is("2025-08-01")
        assert due(story.state, SAINT_JOHN) == midnight("2026-01-01")

    def test_what_is_due_is_never_behind_us(self):
        story = Story()
        story.suspend()
        for on in ("2025-06-24", "2026-06-24", "2028-02-29"):
            story.today_is(on)
            assert due(story.state, SAINT_JOHN) > story.state.as_of


class TestEveryDateBoundary:
    """The last second of the day before, and the first of the day."""

    def boundary(self, story: Story, on: str) -> tuple[SystemStatus, SystemStatus]:
        before = story.at(midnight(on) - SECOND, DayCame()).state.state
        return before, story.at(midnight(on), DayCame()).state.state

    def test_effective_deferred_and_resume(self):
        story = Story()
        story.suspend()
        assert self.boundary(story, "2025-06-24") == ("SUSPENSION_PENDING", "SUSPENDED")
        assert self.boundary(story, "2026-06-24") == ("SUSPENDED", "DEFERRED")
        story.review("2026-06-24", ReviewDecision.REINSTATE)
        story.issue("2026-07-06", NoticeKind.REINSTATEMENT)
        assert self.boundary(story, "2026-07-20") == ("REINSTATEMENT_PENDING", "ACTIVE")

    def test_when_the_clocks_change_on_that_day(self):
        """DST began in Moncton on 2026-03-08 and ended on 2025-11-02, both at 02:00."""
        for issued, effective in (("2026-02-22", "2026-03-08"), ("2025-10-19", "2025-11-02")):
            story = Story()
            for number in range(1, 5):
                at = f"{issued[:4]}-01-1{number}"
                story.call(at, str(number))
            story.issue(issued, NoticeKind.SUSPENSION)
            assert story.state.effective == day(effective)
            assert self.boundary(story, effective) == ("SUSPENSION_PENDING", "SUSPENDED")

    def test_one_year_from_29_february(self):
        """AMB-S2: 28 February."""
        story = Story()
        for number in range(1, 5):
            story.call(f"2024-01-1{number}", str(number))
        story.issue("2024-02-15", NoticeKind.SUSPENSION)
        assert story.state.effective == day("2024-02-29")
        assert self.boundary(story, "2025-02-28") == ("SUSPENDED", "DEFERRED")
        assert story.today_is("2026-02-28").review_due == day("2026-02-28")

    def test_discontinued_at_midnight(self):
        story = Story()
        story.suspend()
        for number in (1, 2, 3):
            story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
            story.invoice(f"2025-07-0{number}", f"r{number}")
        assert not story.at(midnight("2025-08-03") - SECOND, DayCame()).state.is_discontinued
        assert story.at(midnight("2025-08-03"), DayCame()).state.is_discontinued


class TestLateTimers:
    """A fact is folded only after all days up to it: a timer that never fired changes nothing."""

    def test_one_fact_after_years(self):
        timely, late = Story(), Story()
        for story in (timely, late):
            story.suspend()
        for on in ("2025-06-24", "2026-01-01", "2026-06-24", "2027-06-24"):
            timely.today_is(on)
        states = [story.today_is("2027-07-01") for story in (timely, late)]
        assert states[0].suspensions == states[1].suspensions
        assert states[0].tasks == states[1].tasks
        assert states[0].state is states[1].state

    def test_a_task_is_dated_by_its_day_not_by_its_timer(self):
        story = Story()
        story.suspend()
        story.today_is("2026-08-01")
        review = next(task for task in story.state.open_tasks if task.kind == "REVIEW")
        assert review.opened == midnight("2026-06-24")

    def test_a_clock_set_back_does_not_go_back_in_the_ledger(self):
        story = Story()
        story.suspend()
        story.today_is("2025-06-24")
        until = story.state.as_of
        assert story.today_is("2025-06-20").state is SystemStatus.SUSPENDED
        assert story.state.as_of == until

    def test_a_time_without_zone_is_an_error(self):
        with pytest.raises(ValueError, match="no time zone"):
            Story().at(utc("2025-01-01T00:00").replace(tzinfo=None), DayCame())

    def test_the_moment_of_recording_is_that_of_the_call_where_none_is_told(self):
        story = Story()
        at = utc("2025-02-01T12:00")
        story.at(at, PoliceCall(call="1"))
        assert story.state.call("1").at == at
