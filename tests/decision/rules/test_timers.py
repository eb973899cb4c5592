"""Deadlines, escalation, and the conversation with responders (AMB-P3, DISP-J10, DISP-I4)."""

from __future__ import annotations

import pytest

from decision import incidents
from decision.actions import CallOff, Dispatch, Escalate, ForwardUpdate, OperatorRequired
from decision.facts import (
    AreaClassified,
    CallOffResult,
    ManualDispatchRequested,
    OperatorDecided,
    RequestAccepted,
    RequestClosed,
    RequestRejected,
    RequestSent,
    RequestUpdated,
    TimerFired,
)
from decision.vocabulary import (
    AlarmState,
    AreaClass,
    Branch,
    CallOffStatus,
    Channel,
    RequestStatus,
    ResponderNews,
    Task,
    ThreatJudgement,
    Timer,
)
from tests.support.incidents import Story, area_site, context, silent_site


def unknown_area():
    story = Story(context(area_site(AreaClass.UNKNOWN)), area_class=AreaClass.UNKNOWN)
    story.to_tl2()
    story.nobody_answers()
    return story


class TestEscalation:
    def test_amb_p3_a_supervisor_is_told_when_the_deadline_passes_and_again(self):
        story = unknown_area()
        (task,) = story.state.tasks
        assert (task.deadline - story.now).total_seconds() == 120
        for times in (1, 2, 3):
            while not any(
                isinstance(a, Escalate) and a.what.startswith("CLASSIFY_AREA")
                for a in story.wake().actions
            ):
                pass
            assert story.state.tasks[0].escalations == times

    def test_amb_p3_no_longer_once_it_is_seen_to(self):
        story = unknown_area()
        story.tell(AreaClassified(area_class=AreaClass.COMMON))
        assert not incidents.due(story.state)

    def test_a_timer_that_is_not_due_does_nothing(self):
        story = unknown_area()
        early = TimerFired(timer=Timer.TASK_DEADLINE, due=story.now, key="CLASSIFY_AREA")
        assert story.tell(early).state == story.steps[-2].state

    @pytest.mark.parametrize(("category", "seconds"), [("burglary", 180), ("fire", 60)])
    def test_an_unanswered_question_is_told_once(self, category, seconds):
        story = Story(context(), category=category)
        due = next(d for d in incidents.due(story.state) if d.timer is Timer.ANSWER_DUE)
        assert (due.at - story.now).total_seconds() == seconds
        story.wake()
        assert len(story.of(Escalate)) == 1
        assert not [d for d in incidents.due(story.state) if d.timer is Timer.ANSWER_DUE]

    def test_each_call_has_its_own_deadline(self):
        story = Story(context(silent_site()))
        story.call("A", after=100)
        due = next(d for d in incidents.due(story.state) if d.timer is Timer.ANSWER_DUE)
        assert (due.at - story.now).total_seconds() == 180


class TestResponders:
    def story(self):
        story = Story(context())
        story.threat(ThreatJudgement.TL3)
        return story

    def test_disp_j10_requested_and_responding_are_different(self):
        story = self.story()
        assert story.state.request.status is RequestStatus.DECIDED
        for fact, status in (
            (RequestSent(request="r1"), RequestStatus.SENT),
            (RequestAccepted(number="26-118"), RequestStatus.ACCEPTED),
            (RequestUpdated(news=ResponderNews.UNIT_DISPATCHED), RequestStatus.DISPATCHED),
            (RequestUpdated(news=ResponderNews.ON_SCENE), RequestStatus.ON_SCENE),
            (RequestClosed(disposition="No Report - False Alarm"), RequestStatus.CLOSED),
        ):
            story.tell(fact)
            assert story.state.request.status is status
        assert story.state.request.number == "26-118"
        assert story.state.request.disposition == "No Report - False Alarm"
        assert story.state.state is AlarmState.DISPATCHED  # active until resolved or expired

    def test_disp_j10_a_refusal_is_put_to_the_operator_and_may_go_out_again(self):
        story = self.story()
        story.tell(RequestSent(request="r1"))
        story.tell(RequestRejected(text="no permit"))
        assert story.of(OperatorRequired)[-1].task is Task.DISPATCH_REFUSED
        story.tell(RequestSent(request="r1"))
        assert not story.state.tasks
        assert story.state.request.status is RequestStatus.SENT

    def test_what_responders_want_to_know_is_put_to_the_operator(self):
        story = self.story()
        story.tell(RequestUpdated(news=ResponderNews.INFORMATION_REQUESTED, text="key holder?"))
        assert story.state.tasks[0].task is Task.ANSWER_RESPONDERS

    def test_amb_d8_a_trigger_after_the_end_is_an_update_and_a_task(self):
        story = self.story()
        story.tell(RequestClosed(disposition="done"))
        story.tell(ManualDispatchRequested(channel=Channel.LINK, user="A"))
        assert isinstance(story.of(ForwardUpdate)[-1], ForwardUpdate)
        assert story.state.tasks[0].task is Task.TRIGGER_AFTER_END
        story.tell(OperatorDecided(task=Task.TRIGGER_AFTER_END, branch=Branch.DONE))
        assert len(story.of(Dispatch)) == 1

    @pytest.mark.parametrize("result", ["confirmed", "refused", "unknown"])
    def test_disp_i4_the_result_of_a_call_off_is_kept(self, result):
        story = self.story()
        story.tell(RequestSent(request="r"))
        story.call("A", "CANCEL")
        assert story.state.request.call_off is CallOffStatus.REQUESTED
        story.tell(CallOffResult(result=CallOffStatus(result)))
        assert story.state.request.call_off == result
        assert story.state.state is AlarmState.DISPATCHED

    def test_disp_i4_a_refused_call_off_may_be_asked_again(self):
        story = self.story()
        story.tell(RequestSent(request="r"))
        story.call("A", "CANCEL")
        story.tell(CallOffResult(result=CallOffStatus.REFUSED))
        story.call("B", "CANCEL")
        assert len(story.of(CallOff)) == 2

    @pytest.mark.parametrize(
        "fact",
        [
            RequestSent(request="r"),
            RequestAccepted(),
            RequestClosed(),
            CallOffResult(result=CallOffStatus.CONFIRMED),
        ],
    )
    def test_words_of_responders_nobody_asked_change_nothing(self, fact):
        story = Story(context())
        told = story.tell(fact)
        assert told.refusal is not None
        assert story.state.request is None
