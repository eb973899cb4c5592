"""Electronic cancellations and early words of contacts (AMB-P12, AMB-D11, DISP-S4)."""

from __future__ import annotations

import pytest

from decision.actions import CallOff, Dispatch, ForwardUpdate, OperatorRequired
from decision.facts import ElectronicCancel, EventReceived, OperatorDecided
from decision.requirements import Requirements, Standing
from decision.vocabulary import (
    AlarmState,
    AreaClass,
    Branch,
    CallOffStatus,
    HumanActivity,
    SystemState,
    Task,
    ThreatJudgement,
)
from tests.support.incidents import (
    Story,
    area_site,
    camera_site,
    context,
    signal,
    silent_site,
    site,
)

CANCEL = EventReceived(signal=signal(event_id="e9", kind="cancel", category="cancel", user="7"))


@pytest.mark.parametrize("fact", [CANCEL, ElectronicCancel(user="Anna")])
@pytest.mark.parametrize("profile", [site(), silent_site()])
class TestBeforeTheDispatch:
    def test_the_operator_confirms_by_default(self, fact, profile):
        story = Story(context(profile))
        story.tell(fact)
        assert story.outcome == "OPEN"
        assert Task.CONFIRM_CANCEL in [t.task for t in story.state.tasks]

    @pytest.mark.parametrize(
        ("branch", "outcome"),
        [(Branch.ACCEPT_CANCEL, "CLOSE/AUTHORIZED"), (Branch.REJECT_CANCEL, "OPEN")],
    )
    def test_his_word(self, fact, profile, branch, outcome):
        story = Story(context(profile))
        story.tell(fact)
        story.tell(OperatorDecided(task=Task.CONFIRM_CANCEL, branch=branch))
        assert story.outcome == outcome
        assert story.state.cancellation.is_accepted is (branch is Branch.ACCEPT_CANCEL)

    def test_a_policy_that_accepts_closes_by_itself(self, fact, profile):
        story = Story(context(profile, electronic_cancel="ACCEPT"))
        story.tell(fact)
        assert story.outcome == "CLOSE/AUTHORIZED"


def test_never_undoes_tl3():
    blocked = {
        "requirements": Requirements(jurisdiction="x", suspends=True),
        "standing": Standing(system="s", state=SystemState.SUSPENDED),
    }
    for policy in ("ACCEPT", "OPERATOR_CONFIRMS"):
        story = Story(context(electronic_cancel=policy, **blocked))
        story.threat(ThreatJudgement.TL3)
        assert story.state.is_withheld
        story.tell(CANCEL)
        assert story.state.state is AlarmState.OPEN
        assert Task.CONFIRM_CANCEL not in [t.task for t in story.state.tasks]


def test_a_confirmation_asked_before_is_void_once_tl3_is_heard():
    story = Story(
        context(
            requirements=Requirements(jurisdiction="x", suspends=True),
            standing=Standing(system="s", state=SystemState.SUSPENDED),
        )
    )
    story.tell(CANCEL)
    story.threat(ThreatJudgement.TL3)
    told = story.tell(OperatorDecided(task=Task.CONFIRM_CANCEL, branch=Branch.ACCEPT_CANCEL))
    assert told.refusal is not None
    assert story.state.state is AlarmState.OPEN


def test_after_the_dispatch_it_is_forwarded_with_a_call_off_request():
    story = Story(context())
    story.threat(ThreatJudgement.TL3)
    step = story.tell(CANCEL)
    assert [type(a) for a in step.actions] == [ForwardUpdate, CallOff]
    assert story.state.request.call_off is CallOffStatus.REQUESTED
    assert story.state.state is AlarmState.DISPATCHED


def test_an_opening_after_the_alarm_is_evidence_only():
    story = Story(context())
    opening = signal(event_id="e9", kind="open", category="open_close", is_after_alarm=True)
    story.tell(EventReceived(signal=opening))
    assert story.outcome == "OPEN"
    assert story.state.is_armed is False
    assert not story.of(OperatorRequired)


class TestEarlyWords:
    """A contact who calls in before anybody was asked."""

    @pytest.mark.parametrize("answer", ["CANCEL", "AUTHORIZED_ACTIVITY"])
    def test_are_put_to_the_operator(self, answer):
        story = Story(context())
        story.call("A", answer)
        assert story.outcome == "OPEN"
        story.tell(OperatorDecided(task=Task.CONFIRM_CANCEL, branch=Branch.ACCEPT_CANCEL))
        assert story.outcome == "CLOSE/AUTHORIZED"

    def test_are_taken_at_verify_where_nobody_judged_them(self):
        story = Story(context(camera_site()))
        story.call("A", "AUTHORIZED_ACTIVITY")
        story.to_tl2()
        assert story.outcome == "CLOSE/AUTHORIZED"

    def test_are_forgotten_once_rejected(self):
        story = Story(context(camera_site()))
        story.call("A", "AUTHORIZED_ACTIVITY")
        story.tell(OperatorDecided(task=Task.CONFIRM_CANCEL, branch=Branch.REJECT_CANCEL))
        story.to_tl2()
        assert story.state.ppvar == "VERIFY_SITE"

    @pytest.mark.parametrize("area_class", list(AreaClass))
    def test_nobody_should_be_there_makes_a_later_presence_suspicious(self, area_class):
        """PPVAR-5.2."""
        story = Story(context(area_site(area_class)), area_class=AreaClass.UNKNOWN)
        story.call("A", "NOT_AUTHORIZED")
        assert story.outcome == "OPEN"
        story.to_tl2()
        assert story.outcome == "DISPATCH/ACTIVITY_NOT_AUTHORIZED"

    def test_an_approval_dispatches_at_once(self):
        story = Story(context())
        story.call("A", "APPROVE")
        assert story.outcome == "DISPATCH/CONTACT_APPROVED"

    def test_amb_d11_the_first_decisive_answer_wins(self):
        story = Story(context(camera_site()))
        story.call("A", "NOT_AUTHORIZED")
        story.call("B", "AUTHORIZED_ACTIVITY")
        story.to_tl2()
        assert story.outcome == "DISPATCH/ACTIVITY_NOT_AUTHORIZED"

    def test_calls_before_the_list_is_asked_use_up_no_attempt(self):
        story = Story(context(area_site(AreaClass.SECURED)), area_class=AreaClass.UNKNOWN)
        for _ in range(4):
            story.call("A")
        story.to_tl2()
        story.nobody_answers("B", "C")
        assert story.outcome == "OPEN"
        story.nobody_answers("A")
        assert len(story.of(Dispatch)) == 1


def test_no_human_after_all_closes_even_with_a_question_open():
    story = Story(context())
    story.tell(CANCEL)
    story.listen()
    story.assess(HumanActivity.NONE)
    assert story.outcome == "CLOSE/NO_HUMAN_ACTIVITY"
    assert not story.state.tasks
