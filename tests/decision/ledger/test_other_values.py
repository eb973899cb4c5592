"""The other value of each setting that decides an ambiguity: packs may choose it."""

from __future__ import annotations

from decision.ledger import explain
from decision.ledger.facts import NoticeApproved, NoticeDrafted, NoticeIssued, NoticeRejected
from decision.ledger.words import Counter, ReviewDecision, SystemStatus
from decision.packs import NoticeKind, Pack
from tests.support.ledger import FALSE, REFUSED, SAINT_JOHN, Story, day


def pack_with(section: str, **changes: object) -> Pack:
    changed = getattr(SAINT_JOHN, section).model_copy(update=changes)
    return SAINT_JOHN.model_copy(update={section: changed})


def reinstated(story: Story, on: str) -> None:
    """Review, notice and return, in one go."""
    story.today_is(on)
    story.review(on, ReviewDecision.REINSTATE)
    story.issue(on, NoticeKind.REINSTATEMENT)


def test_amb_s8_lead_time_not_counted():
    story = Story(pack_with("counting", lead_time_counts=False))
    story.suspend()
    for on in ("2025-06-10", "2025-06-23"):  # from the day of issue to the day before E
        story.call(on, on)
        assert story.state.count == 4
        assert "lead time" in story.state.call(on).verdict.why


def test_amb_s9_post_suspension_in_the_same_counter():
    story = Story(pack_with("counting", post_suspension_apart=False))
    story.suspend()
    story.call("2025-07-01", "r", FALSE, accepted=True)
    assert story.state.count == 5
    assert story.state.call("r").fee == "100.00"


def test_amb_s23_told_by_the_disposition():
    story = Story(pack_with("counting", post_suspension_told_by="disposition"))
    story.suspend()
    story.call("2025-07-01", "r", FALSE, accepted=True)
    story.call("2025-07-02", "s", REFUSED, accepted=False)
    assert story.state.call("r").counter is Counter.YEAR
    assert story.state.call("r").fee == "0.00"


def test_amb_s16_the_count_goes_on_after_reinstatement():
    story = Story(pack_with("counting", after_reinstatement="keep"))
    story.suspend("2025-05-29")
    story.appeal("2025-07-15")
    story.processed("2025-07-16", granted=True)
    story.issue("2025-07-17", NoticeKind.REINSTATEMENT)
    story.call("2025-08-05", "n1")
    assert story.state.state is SystemStatus.ACTIVE
    assert story.state.count == 5
    drafts = [task.about for task in story.state.open_tasks if task.kind == "DRAFT_NOTICE"]
    assert drafts == ["CAUTION/2025-01-01"]


def test_amb_s22_no_second_suspension_in_the_next_year():
    story = Story(pack_with("suspension", repeats=False))
    story.suspend()
    reinstated(story, "2026-06-24")
    for number in range(1, 5):
        story.call(f"2026-07-1{number}", f"n{number}")
    drafts = [task.about for task in story.state.open_tasks if task.kind == "DRAFT_NOTICE"]
    assert "CAUTION/2026-07-08" in drafts
    assert not any(about.startswith("SUSPENSION") for about in drafts)
    assert "not part of this policy" in story.steps[-1].reasons[-1].text


def test_amb_s22_but_two_years_later():
    story = Story(pack_with("suspension", repeats=False))
    story.suspend()
    reinstated(story, "2026-06-24")
    for number in range(1, 5):
        story.call(f"2027-07-1{number}", f"n{number}")
    assert story.state.open_tasks[-1].about == "SUSPENSION/2027-01-01"


class TestAmbS10PendingAsATask:
    def story(self) -> Story:
        disposition = SAINT_JOHN.appeals.disposition.model_copy(
            update={"pending_suspension": "TASK"}
        )
        story = Story(pack_with("appeals", disposition=disposition))
        story.suspend()
        story.appeal("2025-06-12", call="c3")
        story.processed("2025-06-16", granted=True)
        return story

    def test_the_case_office_is_asked(self):
        story = self.story()
        assert story.state.state is SystemStatus.SUSPENSION_PENDING
        assert story.tasks()[-1] == "RECONSIDER"

    def test_and_may_withdraw_it(self):
        story = self.story()
        assert not story.review("2025-06-17", ReviewDecision.REINSTATE).is_refused
        assert story.state.state is SystemStatus.ACTIVE
        assert story.state.suspension is None

    def test_or_let_it_take_effect(self):
        story = self.story()
        assert not story.review("2025-06-17", ReviewDecision.DEFER).is_refused
        assert story.today_is("2025-06-24").state is SystemStatus.SUSPENDED


def test_amb_s17_a_declaration_may_count_for_nothing():
    from decision.ledger.facts import DeclaredFalse

    story = Story(pack_with("counting", declaration_counts=False))
    story.call("2025-02-01", "1", "Cancelled")
    story.on("2025-02-02", DeclaredFalse(call="1", on=day("2025-02-02"), by="Chief"))
    assert story.state.count == 0


def test_amb_s3_weekdays():
    story = Story(pack_with("durations", days="weekdays"))
    story.suspend("2025-06-10")
    assert story.state.effective == day("2025-06-30")


def test_without_approval_where_the_pack_asks_for_none():
    story = Story(pack_with("notices", approval_required=False))
    story.call("2025-02-01", "1")
    story.call("2025-02-02", "2")
    story.on("2025-02-03", NoticeDrafted(notice="n", kind=NoticeKind.CAUTION))
    assert story.tasks() == ["ISSUE_NOTICE"]
    assert not story.on("2025-02-03", NoticeIssued(notice="n", on=day("2025-02-03"))).is_refused


def test_a_pack_without_fees_charges_nothing():
    story = Story(SAINT_JOHN.model_copy(update={"fees": None}))
    story.suspend()
    story.call("2025-07-01", "r", FALSE, accepted=True)
    assert story.state.call("r").fee == "0.00"


def test_a_pack_without_suspension_refuses_its_notice():
    story = Story(SAINT_JOHN.model_copy(update={"suspension": None}))
    fact = NoticeIssued(
        notice="x", on=day("2025-03-01"), is_received=True, kind=NoticeKind.SUSPENSION
    )
    assert story.on("2025-03-01", fact).is_refused


def test_a_pack_without_an_appeal_admits_none():
    appeals = SAINT_JOHN.appeals.model_copy(update={"disposition": None, "suspension": None})
    story = Story(SAINT_JOHN.model_copy(update={"appeals": appeals}))
    story.suspend()
    assert story.appeal("2025-08-01").status == "NOTHING_TO_APPEAL"
    assert story.appeal("2025-08-01", "a2", call="c1").status == "NOTHING_TO_APPEAL"
    assert explain(story.state, story.pack).suspension_appeal is None


class TestFactsAboutTheFuture:
    """A day that has not come cannot stand on a paper."""

    def test_approval_filing_decision(self):
        story = Story()
        story.call("2025-02-01", "1")
        story.call("2025-02-02", "2")
        story.on("2025-03-01", NoticeDrafted(notice="n", kind=NoticeKind.CAUTION))
        assert story.on("2025-03-01", NoticeApproved(notice="n", on=day("2025-03-02"))).is_refused
        story.on("2025-03-01", NoticeRejected(notice="n", on=day("2025-03-01")))
        assert story.state.notices[0].rejected_why == "no reason given"

    def test_a_filing(self):
        from decision.ledger.facts import AppealFiled
        from decision.packs import AppealKind

        story = Story()
        story.call("2025-02-01", "1")
        fact = AppealFiled(
            appeal="a", kind=AppealKind.DISPOSITION, on=day("2025-03-02"), call="1",
            filed_by="alarm_business",
        )  # fmt: skip
        assert story.on("2025-03-01", fact).is_refused

    def test_a_review_or_a_clearing(self):
        from decision.ledger.facts import DiscontinuedCleared, ReviewDecided

        story = Story()
        story.suspend()
        for number in (1, 2, 3):
            story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
            story.invoice(f"2025-07-0{number}", f"r{number}")
        story.today_is("2026-06-24")
        review = ReviewDecided(on=day("2026-06-25"), decision=ReviewDecision.DEFER)
        assert story.on("2026-06-24", review).is_refused
        clearing = DiscontinuedCleared(on=day("2026-06-25"))
        assert story.on("2026-06-24", clearing).is_refused


class TestReinstatementPaper:
    def test_rejected_it_is_drafted_again(self):
        story = Story()
        story.suspend()
        story.today_is("2026-06-24")
        story.review("2026-06-24", ReviewDecision.REINSTATE)
        story.on("2026-06-25", NoticeDrafted(notice="n", kind=NoticeKind.REINSTATEMENT))
        story.on("2026-06-26", NoticeRejected(notice="n", on=day("2026-06-26"), why="date"))
        assert story.tasks()[-1] == "DRAFT_NOTICE"
        story.issue("2026-06-27", NoticeKind.REINSTATEMENT)
        assert story.state.resumes == day("2026-07-11")

    def test_an_undrafted_one_falls_away_when_the_mind_changes(self):
        story = Story()
        story.suspend()
        story.today_is("2026-06-24")
        story.review("2026-06-24", ReviewDecision.REINSTATE)
        story.today_is("2027-06-24")
        story.review("2027-06-24", ReviewDecision.DEFER)
        assert "DRAFT_NOTICE" not in story.tasks()[1:]
        assert not any(t.about.startswith("REINSTATEMENT") for t in story.state.open_tasks)

    def test_a_granted_appeal_of_a_suspension_that_ended_meanwhile_changes_nothing(self):
        story = Story()
        story.suspend()
        story.appeal("2025-08-01")
        story.on(
            "2025-08-02",
            NoticeIssued(
                notice="x", on=day("2025-08-02"), is_received=True, kind=NoticeKind.REINSTATEMENT
            ),
        )
        step = story.processed("2025-08-20", granted=True)
        assert step.state.state is SystemStatus.ACTIVE
        assert "ended meanwhile" in step.reasons[-1].text

    def test_two_suspension_appeals_at_a_time_are_not_possible(self):
        story = Story()
        story.suspend()
        story.appeal("2025-08-01")
        assert story.appeal("2025-08-02", "a2").status == "BLOCKED"

    def test_the_same_name_twice_is_refused(self):
        story = Story()
        story.suspend()
        story.appeal("2025-08-01")
        story.appeal("2025-08-02")
        assert story.steps[-1].is_refused


def test_explain_names_return_and_discontinuation():
    story = Story()
    story.suspend()
    for number in (1, 2, 3):
        story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
        story.invoice(f"2025-07-0{number}", f"r{number}")
    reinstated(story, "2026-06-24")
    texts = [reason.text for reason in explain(story.state, SAINT_JOHN).reasons]
    assert "response resumes on 2026-07-08" in texts
    assert "response is discontinued since 2025-08-03" in texts
