"""Which alarms count and why (SJ-B5, SJ-B9, AMB-S1, S8, S9, S16, S17, S23)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from decision.ledger import explain
from decision.ledger.facts import DeclaredFalse, PoliceCall, SystemRegistered
from decision.ledger.words import Counter, Outcome, ReviewDecision
from decision.packs import NoticeKind
from tests.support.ledger import FALSE, REFUSED, SAINT_JOHN, VALID, Story, day, utc


class TestOnlyTheLiteralDispositionCounts:
    """AMB-S17, section 0."""

    @pytest.mark.parametrize(
        ("disposition", "count"),
        [
            (FALSE, 1),
            ("No Report - False alarm", 0),
            (" No Report - False Alarm", 0),
            ("False Alarm", 0),
            (VALID, 0),
            ("", 0),
            (None, 0),
        ],
    )
    def test_disposition(self, disposition, count):
        story = Story()
        story.call("2025-02-01", "1", disposition)
        assert story.state.count == count

    def test_an_outcome_that_is_neither_false_nor_valid_counts_as_neither(self):
        """SJ-B9."""
        story = Story()
        story.call("2025-02-01", "1", "Unable to Access")
        assert story.state.call("1").outcome is Outcome.OTHER

    def test_cancelled_before_arrival_is_not_false_by_itself(self):
        """XS-7."""
        story = Story()
        story.on(
            "2025-02-01",
            PoliceCall(
                call="1", alarm_type="BURGLAR", premise_type="COMPANY",
                cancelled_before_arrival=True, disposition="Cancelled by Alarm Company",
            ),
        )  # fmt: skip
        assert story.state.count == 0

    def test_the_chief_may_declare_it_false(self):
        """SJ-B5b, SJ-R10."""
        story = Story()
        story.call("2025-02-01", "1", "Cancelled by Alarm Company")
        story.on("2025-02-03", DeclaredFalse(call="1", on=day("2025-02-03"), by="Chief of Police"))
        assert story.state.count == 1
        assert "SJ-R10" in story.state.call("1").verdict.rules

    def test_a_declaration_of_no_call_is_refused(self):
        story = Story()
        step = story.on("2025-02-03", DeclaredFalse(call="9", on=day("2025-02-03"), by="Chief"))
        assert step.is_refused

    def test_a_declaration_before_the_call_is_refused(self):
        story = Story()
        story.call("2025-02-02", "1", None)
        step = story.on("2025-02-03", DeclaredFalse(call="1", on=day("2025-02-01"), by="Chief"))
        assert step.is_refused


class TestCalendarYear:
    """AMB-S1: by the local date of the police call."""

    def test_last_and_first_second_of_the_year(self):
        story = Story()
        for name, at in (("1", "2025-01-01T03:59:59"), ("2", "2025-01-01T04:00:00")):
            story.at(
                utc("2025-01-01T12:00"),
                PoliceCall(
                    call=name, at=utc(at), alarm_type="BURGLAR", premise_type="COMPANY",
                    disposition=FALSE,
                ),
            )  # fmt: skip
        assert story.state.call("1").day == day("2024-12-31")
        assert story.state.call("2").day == day("2025-01-01")
        assert story.state.count == 1

    def test_december_alarms_that_are_recorded_in_january_count_in_december(self):
        """AMB-S7: the monthly batch comes later."""
        story = Story()
        for number in range(1, 5):
            story.call(f"2024-12-0{number}", str(number), recorded="2025-01-05")
        assert story.state.count == 0
        assert [task.about for task in story.state.open_tasks] == [
            "CAUTION/2024-01-01",
            "SUSPENSION/2024-01-01",
        ]

    def test_the_year_may_be_that_of_the_closing(self):
        pack = SAINT_JOHN.model_copy(
            update={"counting": SAINT_JOHN.counting.model_copy(update={"dated_by": "closed"})}
        )
        story = Story(pack)
        story.on(
            "2025-01-02",
            PoliceCall(
                call="1", at=utc("2024-12-31T23:00"), closed_at=utc("2025-01-01T06:00"),
                alarm_type="BURGLAR", premise_type="COMPANY", disposition=FALSE,
            ),
        )  # fmt: skip
        assert story.state.count == 1

    def test_the_count_is_zero_on_1_january(self):
        story = Story()
        story.call("2025-12-30", "1")
        story.call("2025-12-31", "2")
        assert story.state.is_cautioned
        state = story.today_is("2026-01-01")
        assert state.count == 0
        assert not state.is_cautioned


class TestOneCallInSeveralFacts:
    """The request, the answer and the closing are told one after the other."""

    def test_it_counts_when_it_is_closed(self):
        story = Story()
        story.on("2025-02-01", PoliceCall(call="1", alarm_type="BURGLAR", premise_type="COMPANY"))
        assert story.state.call("1").outcome is Outcome.OPEN
        story.on("2025-02-01", PoliceCall(call="1", accepted=True, occurrence="25-100"))
        story.on("2025-02-01", PoliceCall(call="1", disposition=FALSE))
        assert story.state.count == 1
        assert story.state.call("1").occurrence == "25-100"
        assert len(story.state.calls) == 1

    def test_a_correction_takes_it_out_again_and_both_verdicts_stay(self):
        story = Story()
        story.call("2025-02-01", "1")
        story.on("2025-02-05", PoliceCall(call="1", disposition=VALID))
        assert story.state.count == 0
        verdicts = story.state.call("1").verdicts
        assert [one.counter for one in verdicts] == [Counter.YEAR, Counter.NONE]

    def test_the_same_fact_again_changes_nothing(self):
        story = Story()
        story.call("2025-02-01", "1")
        before = story.state
        step = story.call("2025-02-01", "1")
        assert step.state == before
        assert step.actions == ()

    def test_a_call_in_the_future_is_refused(self):
        story = Story()
        step = story.call("2025-02-02", "1", recorded="2025-02-01")
        assert step.is_refused
        assert story.state.calls == ()


class TestUnknownPremise:
    """Never counted before it is known to be in scope."""

    def test_it_waits_until_the_premise_is_told(self):
        story = Story(premise=None)
        story.call("2025-02-01", "1")
        story.call("2025-02-02", "2")
        assert story.state.count == 0
        story.premises("2025-02-03", premise_type="COMPANY")
        assert story.state.count == 2
        assert story.tasks() == ["DRAFT_NOTICE"]

    def test_a_school_never_counts(self):
        story = Story(premise=None)
        story.call("2025-02-01", "1")
        story.premises("2025-02-03", premise_type="SCHOOL")
        assert story.state.count == 0

    def test_a_premise_told_wrong_and_put_right_drops_the_count(self):
        story = Story(premise=None)
        story.premises("2025-01-01", premise_type="COMPANY")
        story.call("2025-02-01", "1")
        story.call("2025-02-02", "2")
        assert story.tasks() == ["DRAFT_NOTICE"]
        story.premises("2025-02-03", premise_type="HOSPITAL")
        assert story.state.count == 0
        assert story.tasks() == []

    def test_a_type_that_nobody_told_waits_too(self):
        story = Story()
        story.on("2025-02-01", PoliceCall(call="1", premise_type="COMPANY", disposition=FALSE))
        assert story.state.count == 0
        story.on("2025-02-02", PoliceCall(call="1", alarm_type="BURGLAR"))
        assert story.state.count == 1


class TestAroundASuspension:
    def test_lead_time_counts_without_fee_or_second_notice(self):
        """AMB-S8."""
        story = Story()
        story.suspend()
        for on in ("2025-06-10", "2025-06-15", "2025-06-23"):
            story.call(on, on)
            assert story.state.call(on).fee == "0.00"
        assert story.state.count == 7
        assert story.state.effective == day("2025-06-24")
        assert "DRAFT_NOTICE" not in [task.kind for task in story.state.open_tasks[1:]]

    def test_no_second_notice_when_the_lead_time_spans_the_turn_of_the_year(self):
        story = Story()
        for on in ("2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04"):
            story.call(on, on)
        story.issue("2025-12-28", NoticeKind.SUSPENSION)
        for on in ("2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"):
            story.call(on, on)
        drafts = [task.about for task in story.state.open_tasks if task.kind == "DRAFT_NOTICE"]
        assert drafts == ["CAUTION/2025-01-01"]

    def test_false_post_suspension_alarms_count_apart(self):
        """AMB-S9."""
        story = Story()
        story.suspend()
        story.call("2025-06-24", "r1", FALSE, accepted=True)
        assert story.state.call("r1").counter is Counter.POST_SUSPENSION
        assert story.state.count == 4
        assert story.state.post_suspension_count == 1

    def test_the_first_minute_of_the_effective_date_is_post_suspension(self):
        """AMB-S3, AMB-S23: the state at call time decides, not when it was recorded."""
        story = Story()
        story.suspend()
        midnight = SAINT_JOHN.calendar.midnight(day("2025-06-24"))
        for name, at in (("before", midnight - timedelta(seconds=1)), ("after", midnight)):
            story.on(
                "2025-07-01",
                PoliceCall(
                    call=name, at=at, alarm_type="BURGLAR", premise_type="COMPANY",
                    accepted=True, disposition=FALSE,
                ),
            )  # fmt: skip
        assert story.state.call("before").counter is Counter.YEAR
        assert story.state.call("after").counter is Counter.POST_SUSPENSION

    def test_the_first_minute_of_the_day_response_resumes_is_not(self):
        """AMB-S3: suspended until 24:00 of the day before."""
        story = Story()
        story.suspend()
        story.today_is("2026-06-24")
        story.review("2026-07-06", ReviewDecision.REINSTATE)
        story.issue("2026-07-06", NoticeKind.REINSTATEMENT)
        midnight = SAINT_JOHN.calendar.midnight(day("2026-07-20"))
        for name, at in (("before", midnight - timedelta(seconds=1)), ("after", midnight)):
            story.on(
                "2026-07-21",
                PoliceCall(
                    call=name, at=at, alarm_type="BURGLAR", premise_type="COMPANY",
                    accepted=True, disposition=FALSE,
                ),
            )  # fmt: skip
        assert story.state.call("before").counter is Counter.POST_SUSPENSION
        assert story.state.call("before").fee == "100.00"
        assert story.state.call("after").counter is Counter.YEAR
        assert story.state.count == 1

    def test_refused_and_valid_requests_count_nowhere(self):
        """AMB-S23."""
        story = Story()
        story.suspend()
        story.call("2025-07-01", "r1", REFUSED, accepted=False)
        story.call("2025-07-02", "r2", VALID, accepted=True)
        assert story.state.post_suspension_count == 0
        assert story.state.call("r1").outcome is Outcome.REFUSED

    def test_a_hold_up_of_a_suspended_system_is_no_post_suspension_alarm(self):
        """AMB-S19."""
        story = Story()
        story.suspend()
        story.call("2025-07-01", "h1", FALSE, alarm_type="HOLD_UP", accepted=True)
        assert story.state.call("h1").counter is Counter.NONE
        assert story.state.call("h1").fee == "0.00"
        assert story.appeal("2025-08-01").status == "ADMITTED"

    def test_after_reinstatement_in_the_same_year_the_count_starts_at_zero(self):
        """AMB-S16, AMB-S15."""
        story = Story()
        story.suspend()
        story.appeal("2025-08-01")
        story.processed("2025-08-05", granted=True)
        story.issue("2025-08-06", NoticeKind.REINSTATEMENT)
        assert story.today_is("2025-08-20").state == "ACTIVE"
        assert story.state.count == 0
        story.call("2025-08-21", "n1")
        assert story.state.count == 1
        story.call("2025-08-22", "n2")
        assert [task.about for task in story.state.open_tasks if task.kind == "DRAFT_NOTICE"] == [
            "CAUTION/2025-01-01",
            "CAUTION/2025-08-20",
        ]

    def test_a_second_suspension_is_the_whole_cycle_again(self):
        """AMB-S22."""
        story = Story()
        story.suspend()
        story.today_is("2026-06-24")
        story.review("2026-06-24", ReviewDecision.REINSTATE)
        story.issue("2026-06-24", NoticeKind.REINSTATEMENT)
        for number in range(1, 5):
            story.call(f"2026-07-1{number}", f"n{number}")
        story.issue("2026-08-01", NoticeKind.SUSPENSION)
        assert story.state.state == "SUSPENSION_PENDING"
        assert story.state.effective == day("2026-08-15")
        assert len(story.state.suspensions) == 2


def test_the_count_explains_itself():
    """Which alarms count and why, which not and why; nothing is taken away."""
    story = Story()
    story.call("2025-02-01", "1")
    story.call("2025-02-02", "2", VALID)
    story.call("2025-02-03", "3", alarm_type="HOLD_UP")
    story.call("2025-02-04", "4")
    rows = {row.call: row for row in explain(story.state, SAINT_JOHN).calls}
    assert (rows["1"].number, rows["4"].number) == (1, 2)
    assert not rows["2"].counts
    assert "is not 'No Report - False Alarm'" in rows["2"].why
    assert rows["3"].rules == ("SJ-A2", "SJ-B6", "AMB-S19")
    for row in rows.values():
        assert row.rules
        assert row.history[-1].why == row.why


def test_registration_adds_to_what_is_known():
    story = Story()
    story.on("2025-01-01", SystemRegistered(address="1 King St", jurisdiction="ca-nb-saint-john"))
    story.on("2025-01-02", SystemRegistered(company_name="Harbour Books"))
    assert story.state.registration.address == "1 King St"
    assert story.state.registration.company_name == "Harbour Books"
