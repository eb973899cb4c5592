"""Life safety, hold-up, tests and other alarms outside audio verification (XS-8, XS-9, XS-10)."""

from __future__ import annotations

import pytest

from decision import incidents
from decision.actions import (
    AlternateResponse,
    CallOff,
    Dispatch,
    ForwardUpdate,
    NotifyContacts,
    OperatorRequired,
)
from decision.facts import EventReceived, OperatorDecided, RequestSent, Resolved
from decision.requirements import Requirements, Standing
from decision.site import Contact, WrittenVerification
from decision.vocabulary import (
    AlarmState,
    Branch,
    Channel,
    Ppvar,
    Procedure,
    SystemState,
    Task,
    Timer,
)
from tests.support.incidents import Story, contacts, context, signal, site

LIFE = ("fire", "gas", "medical")
HOLD = ("hold_up", "panic")
BLOCKED = {
    "requirements": Requirements(jurisdiction="x", verified_response_only=True, suspends=True),
    "standing": Standing(system="s", state=SystemState.SUSPENDED, is_discontinued=True),
}


@pytest.mark.parametrize("mode", ["IMMEDIATE", "STANDARD", "WHATEVER"])
@pytest.mark.parametrize("category", [*LIFE, *HOLD])
def test_xs_9_dispatch_at_once_whatever_the_mode_the_gate_or_the_audio(category, mode):
    story = Story(context(site(response_mode=mode), **BLOCKED), category=category)
    wanted = "LIFE_SAFETY" if category in LIFE else "HOLD_UP"
    assert story.outcome == f"DISPATCH/{wanted}"
    dispatch = story.of(Dispatch)[0]
    assert dispatch.by_operator
    assert dispatch.gate == "OK"
    assert dispatch.no_call_to_premises is (category in HOLD)
    assert story.of(NotifyContacts)
    assert not story.of(AlternateResponse)
    assert story.state.ppvar is Ppvar.NOT_USED


def test_xs_9_no_call_to_the_premises_for_a_hold_up():
    people = (Contact(id="till", name="till", phone="1", is_on_premises=True), *contacts("A"))
    story = Story(context(site(contacts=people)), category="hold_up")
    assert story.of(NotifyContacts)[0].contacts == ("A",)
    story = Story(context(site(contacts=people)), category="fire")
    assert story.of(NotifyContacts)[0].contacts == ("till", "A")


class TestWrittenVerification:
    def story(self, category="fire", seconds=90, **more):
        written = WrittenVerification(
            categories=("fire", "hold_up"), seconds=seconds, document="letter of 2025-02-01"
        )
        return Story(context(site(written_verification=written)), category=category, **more)

    def test_waits_at_most_as_long_as_written(self):
        story = self.story(seconds=60)
        assert story.outcome == "OPEN"
        due = next(d for d in incidents.due(story.state) if d.timer is Timer.WRITTEN_VERIFICATION)
        assert (due.at - story.now).total_seconds() == 60
        story.wake()
        assert story.outcome == "DISPATCH/LIFE_SAFETY"

    def test_is_over_even_if_nobody_was_awake(self):
        story = self.story()
        step = story.tell(Resolved(channel=Channel.PHONE, user="A"), after=91)
        assert any(isinstance(a, Dispatch) for a in step.actions)

    @pytest.mark.parametrize("category", ["gas", "medical", "hold_up"])
    def test_only_for_the_written_categories_and_never_for_a_hold_up(self, category):
        assert self.story(category).outcome.startswith("DISPATCH/")

    @pytest.mark.parametrize(
        ("branch", "outcome"),
        [(Branch.IS_REAL, "DISPATCH/LIFE_SAFETY"), (Branch.IS_FALSE, "CLOSE/AUTHORIZED")],
    )
    def test_the_operator_may_settle_it_sooner(self, branch, outcome):
        story = self.story()
        story.tell(OperatorDecided(task=Task.WRITTEN_VERIFICATION, branch=branch))
        assert story.outcome == outcome

    def test_a_second_detector_ends_it(self):
        story = self.story()
        joined = signal(event_id="e2", category="fire", zone="6", received_at=story.now)
        story.tell(EventReceived(signal=joined))
        assert story.outcome == "DISPATCH/LIFE_SAFETY"

    def test_a_customer_cannot_resolve_it_by_link(self):
        told = self.story().tell(Resolved(channel=Channel.LINK, user="A"))
        assert told.refusal is not None


class TestOnTest:
    def test_xs_10_outside_the_declared_scope_the_operator_decides(self):
        story = Story(context(), category="fire", is_on_test=True, is_test_exception=True)
        assert story.outcome == "OPEN"
        assert story.of(OperatorRequired)[0].task is Task.TEST_SCOPE

    @pytest.mark.parametrize(
        ("category", "branch", "outcome"),
        [
            ("fire", Branch.IS_REAL, "DISPATCH/LIFE_SAFETY"),
            ("panic", Branch.IS_REAL, "DISPATCH/HOLD_UP"),
            ("fire", Branch.IS_FALSE, "CLOSE/AUTHORIZED"),
        ],
    )
    def test_xs_10_his_word(self, category, branch, outcome):
        story = Story(context(), category=category, is_test_exception=True)
        story.tell(OperatorDecided(task=Task.TEST_SCOPE, branch=branch))
        assert story.outcome == outcome

    def test_the_same_alarm_not_on_test_settles_it(self):
        story = Story(context(), category="fire", is_test_exception=True)
        joined = signal(event_id="e2", category="fire", received_at=story.now)
        story.tell(EventReceived(signal=joined))
        assert story.outcome == "DISPATCH/LIFE_SAFETY"


class TestCancelOfAnUrgentAlarm:
    def test_goes_to_the_operator_not_to_a_call_off(self):
        story = Story(context(), category="fire")
        story.tell(RequestSent(request="r"))
        cancel = signal(event_id="e2", kind="cancel", category="cancel", user="7")
        step = story.tell(EventReceived(signal=cancel))
        assert [type(a) for a in step.actions[:2]] == [ForwardUpdate, OperatorRequired]
        assert not story.of(CallOff)
        story.tell(OperatorDecided(task=Task.CONFIRM_CALL_OFF, branch=Branch.CALL_OFF))
        assert len(story.of(CallOff)) == 1
        assert story.state.state is AlarmState.DISPATCHED


class TestOther:
    def test_an_alarm_no_rule_covers_is_put_to_the_operator(self):
        story = Story(context(), category="environment")
        assert story.state.procedure is Procedure.OTHER
        assert story.of(OperatorRequired)[0].task is Task.NO_PROCEDURE
        assert not story.of(Dispatch)
        story.nobody_answers()
        assert not story.of(Dispatch)

    def test_and_is_resolved_by_a_person(self):
        story = Story(context(), category="environment")
        story.tell(Resolved(channel=Channel.PHONE, user="A"))
        assert story.outcome == "CLOSE/USER_RESOLVED"
