"""Immediate and Standard response, the call list, customers' requests and the active window."""

from __future__ import annotations

import pytest

from decision import incidents
from decision.actions import (
    CallContact,
    CallOff,
    Close,
    ConfigurationFault,
    Dispatch,
    ForwardUpdate,
    NotifyContacts,
    OperatorRequired,
)
from decision.facts import (
    ContactAttempted,
    ContactSkipped,
    ManualDispatchRequested,
    OperatorDecided,
    RequestSent,
    Resolved,
    VerifiedOtherwise,
)
from decision.site import Contact
from decision.vocabulary import (
    AlarmState,
    Basis,
    Branch,
    CallEnding,
    Channel,
    ContactResult,
    DispatchReason,
    HumanActivity,
    Response,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
    Timer,
)
from tests.support.incidents import Story, camera_site, contacts, context, silent_site, site


def standard(**changes):
    return Story(context(silent_site(**changes)))


def immediate(profile=None, **settings):
    return Story(context(profile or silent_site(response_mode="IMMEDIATE"), **settings))


class TestStandard:
    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_disp_s2_exhausted_after_two_attempts_each_never_before(self, count):
        names = "ABCD"[:count]
        story = standard(contacts=contacts(*names))
        calls = [*names, *names]
        for who in calls[:-1]:
            story.call(who)
            assert story.outcome == "OPEN"
        story.call(calls[-1])
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    def test_a_third_attempt_on_one_does_not_stand_for_another(self):
        story = standard(contacts=contacts("A", "B"))
        for who in ("A", "A", "A", "B"):
            story.call(who)
            assert story.outcome == "OPEN"

    @pytest.mark.parametrize(
        ("order", "calls"),
        [
            ("round_robin", ["A", "B", "C", "A", "B", "C"]),
            ("per_contact", ["A", "A", "B", "B", "C", "C"]),
        ],
    )
    def test_amb_d1_order(self, order, calls):
        story = Story(context(silent_site(), call_order=order))
        asked = []
        for _ in calls:
            asked.append(story.of(CallContact)[-1].contact)
            story.call(asked[-1])
        assert asked == calls
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    @pytest.mark.parametrize("ending", sorted(set(CallEnding) - {CallEnding.ANSWERED}))
    def test_amb_d2_every_placed_call_without_a_decision_is_an_attempt(self, ending):
        story = standard(contacts=contacts("A"))
        for _ in range(2):
            story.tell(ContactAttempted(contact="A", ending=ending))
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    def test_amb_d2_a_failed_passcode_decides_nothing(self):
        story = standard(contacts=contacts("A"))
        story.tell(
            ContactAttempted(
                contact="A", ending=CallEnding.FAILED_PASSCODE, result=ContactResult.CANCEL
            )
        )
        assert story.outcome == "OPEN"
        assert len(story.state.attempts) == 1

    def test_amb_d2_no_number_is_no_attempt_but_a_fault(self):
        people = (Contact(id="A", name="A"), *contacts("B"))
        story = standard(contacts=people)
        (fault,) = story.of(ConfigurationFault)
        assert fault.key == "contacts.A.phone"
        story.call("B")
        assert story.outcome == "OPEN"
        story.call("B")
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"
        assert all(a.contact == "B" for a in story.state.attempts)

    def test_amb_d2_a_contact_who_turns_out_to_have_no_number(self):
        story = standard(contacts=contacts("A", "B"))
        story.tell(ContactSkipped(contact="A", reason="number out of service"))
        assert story.of(CallContact)[-1].contact == "B"
        story.call("B")
        story.call("B")
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    @pytest.mark.parametrize(("uses", "needed"), [(True, 2), (False, 3)])
    def test_amb_d3_undecided_uses_up_the_attempt(self, uses, needed):
        profile = silent_site(contacts=contacts("A"))
        story = Story(context(profile, undecided_uses_attempt=uses))
        story.call("A", "UNDECIDED")
        for _ in range(needed - 2):
            story.call("A")
            assert story.outcome == "OPEN"
        story.call("A")
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    def test_amb_d7_an_empty_list_is_exhausted_and_a_fault(self):
        story = standard(contacts=())
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"
        assert [f.key for f in story.of(ConfigurationFault)] == ["contacts"]

    def test_amb_d7_or_asks_the_operator(self):
        story = Story(context(silent_site(contacts=()), empty_list="OPERATOR_REQUIRED"))
        assert [t.task for t in story.state.tasks] == [Task.NO_CONTACTS]
        story.tell(OperatorDecided(task=Task.NO_CONTACTS, branch=Branch.FOLLOW_MODE))
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            ("APPROVE", "DISPATCH/CONTACT_APPROVED"),  # DISP-S3
            ("CANCEL", "CLOSE/CONTACT_CANCELLED"),  # DISP-S4
            ("AUTHORIZED_ACTIVITY", "CLOSE/AUTHORIZED"),
            ("NOT_AUTHORIZED", "OPEN"),
            ("UNDECIDED", "OPEN"),
        ],
    )
    def test_answers(self, answer, outcome):
        story = standard()
        story.call("A", answer)
        assert story.outcome == outcome

    def test_nobody_should_be_there_may_be_set_to_approve(self):
        story = Story(context(silent_site(), not_authorized_without_presence="APPROVE"))
        story.call("A", "NOT_AUTHORIZED")
        assert story.outcome == "DISPATCH/CONTACT_APPROVED"

    @pytest.mark.parametrize("answer", ["APPROVE", "CANCEL", "AUTHORIZED_ACTIVITY"])
    def test_only_an_authorised_contact_decides(self, answer):
        people = (Contact(id="A", name="A", phone="1", is_authorised=False), *contacts("B"))
        story = standard(contacts=people)
        story.call("A", answer)
        assert story.outcome == "OPEN"
        assert story.state.attempts[-1].result is ContactResult.UNDECIDED

    def test_somebody_not_on_the_list_is_refused(self):
        told = standard().call("Z", "CANCEL")
        assert told.refusal is not None

    def test_exhausted_is_no_answer_of_one_call(self):
        told = standard().call("A", "EXHAUSTED")
        assert told.refusal is not None

    def test_xs_1_tl3_overrides_standard_dispatch_first_then_contacts(self):
        story = Story(context())
        step = story.threat(ThreatJudgement.TL3)
        kinds = [type(a) for a in step.actions]
        assert kinds.index(Dispatch) < kinds.index(NotifyContacts)
        assert not story.state.attempts


class TestImmediate:
    def test_disp_i2_the_first_action_is_the_police_request(self):
        story = immediate()
        story.tell(VerifiedOtherwise(basis=Basis.ON_SITE))
        assert story.outcome == "DISPATCH/IMMEDIATE_VERIFIED"
        assert not story.of(CallContact)

    def test_disp_i3_contacts_are_called_once_the_request_is_out(self):
        story = immediate()
        story.tell(VerifiedOtherwise(basis=Basis.ON_SITE))
        story.tell(RequestSent(request="r"))
        assert [(c.contact, c.purpose) for c in story.of(CallContact)] == [("A", "NOTIFY")]

    def test_xs_2_a_bare_tl2_does_not_fire_immediate(self):
        story = immediate(site(response_mode="IMMEDIATE"))
        story.to_tl2()
        assert story.outcome == "OPEN"
        told = story.tell(VerifiedOtherwise(basis=Basis.AUDIO))
        assert told.refusal is not None
        assert story.outcome == "OPEN"

    @pytest.mark.parametrize(
        ("is_asked", "outcome"),
        [
            (True, "DISPATCH/ACTIVITY_NOT_AUTHORIZED"),  # where the audio tree asked
            (False, "DISPATCH/IMMEDIATE_VERIFIED"),  # where verification came another way
        ],
    )
    def test_xs_2_the_reason_of_a_video(self, is_asked, outcome):
        story = immediate(camera_site(response_mode="IMMEDIATE"))
        if is_asked:
            story.to_tl2()
        story.video(SiteCheckOutcome.CRIME)
        assert story.outcome == outcome

    def test_xs_4_without_audio_another_verification_is_needed(self):
        story = immediate()
        assert story.state.response is Response.AWAIT_VERIFICATION
        assert story.of(OperatorRequired)[0].task is Task.VERIFY_OTHERWISE
        assert not story.of(CallContact)

    def test_what_cannot_be_verified_may_go_to_the_contacts(self):
        story = immediate()
        story.tell(OperatorDecided(task=Task.VERIFY_OTHERWISE, branch=Branch.CALL_LIST))
        story.nobody_answers()
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    @pytest.mark.parametrize(
        ("option", "outcome"), [(False, "OPEN"), (True, "DISPATCH/IMMEDIATE_VERIFIED")]
    )
    def test_amb_d10_the_panels_own_word(self, option, outcome):
        profile = silent_site(response_mode="IMMEDIATE")
        story = Story(context(profile, panel_verified_counts=option), is_verified=True)
        assert story.outcome == outcome

    def test_in_standard_a_verification_is_evidence_only(self):
        story = standard()
        story.tell(VerifiedOtherwise(basis=Basis.VIDEO))
        assert story.outcome == "OPEN"
        assert story.state.verified_by == (Basis.VIDEO,)


class TestAfterTheDispatch:
    def dispatched(self, **settings):
        story = Story(context(silent_site(), **settings))
        story.call("A", "APPROVE")
        story.tell(RequestSent(request="r"))
        return story

    def test_disp_i4_a_cancel_is_a_call_off_and_the_alarm_stays_active(self):
        story = self.dispatched()
        story.call("B", "CANCEL")
        assert len(story.of(CallOff)) == 1
        assert story.state.state is AlarmState.DISPATCHED

    def test_amb_d6_unless_the_station_set_it_to_resolve(self):
        story = self.dispatched(phone_cancel_resolves=True)
        story.call("B", "CANCEL")
        assert story.state.state is AlarmState.RESOLVED

    def test_disp_i6_a_resolution_ends_it_with_a_call_off(self):
        story = self.dispatched()
        story.tell(Resolved(channel=Channel.LINK, user="A"))
        assert story.state.state is AlarmState.RESOLVED
        assert len(story.of(CallOff)) == 1
        assert story.outcome == "CLOSE/USER_RESOLVED"

    def test_a_second_wish_to_cancel_is_not_asked_again_while_the_answer_is_out(self):
        story = self.dispatched()
        story.call("B", "CANCEL")
        story.tell(Resolved(channel=Channel.LINK, user="A"))
        assert len(story.of(CallOff)) == 1

    def test_amb_d11_a_later_approve_after_a_cancel_is_refused(self):
        story = Story(context(silent_site()))
        story.call("A", "CANCEL")
        told = story.call("B", "APPROVE")
        assert told.refusal is not None
        assert not story.of(Dispatch)

    def test_amb_d8_one_dispatch_later_triggers_are_updates(self):
        story = self.dispatched()
        for _ in range(3):
            step = story.tell(ManualDispatchRequested(channel=Channel.COMMAND, user="A"))
            assert [type(a) for a in step.actions if not isinstance(a, CallContact)] == [
                ForwardUpdate
            ]
        assert len(story.of(Dispatch)) == 1


class TestManual:
    def ask(self, story, channel=Channel.LINK):
        return story.tell(ManualDispatchRequested(channel=channel, user="Anna"))

    @pytest.mark.parametrize("mode", ["IMMEDIATE", "STANDARD", "WHATEVER"])
    @pytest.mark.parametrize("channel", list(Channel))
    def test_disp_m1_m3_whenever_the_alarm_is_active_in_every_mode(self, mode, channel):
        story = Story(context(site(response_mode=mode)))
        self.ask(story, channel)
        assert story.outcome == "DISPATCH/MANUAL_REQUEST"

    def test_disp_m4_not_when_closed(self):
        story = Story(context())
        story.listen()
        story.assess(HumanActivity.NONE)
        told = self.ask(story)
        assert told.refusal is not None
        assert told.refusal.rule == "DISP-M4"
        assert "not active" in told.refusal.text

    def test_disp_m4_not_when_resolved(self):
        story = Story(context())
        story.tell(Resolved(channel=Channel.LINK, user="A"))
        assert story.state.state is AlarmState.RESOLVED
        assert self.ask(story).refusal is not None
        assert not story.of(Dispatch)


class TestWindow:
    @pytest.mark.parametrize(
        ("after", "is_active"), [(4 * 3600 - 1, True), (4 * 3600, False), (4 * 3600 + 1, False)]
    )
    def test_amb_d5_active_while_before_the_end(self, after, is_active):
        story = standard()
        story.call("A", "APPROVE")
        story.tell(ManualDispatchRequested(channel=Channel.LINK, user="A"), after=after)
        assert story.state.is_active is is_active

    def test_before_the_dispatch_there_is_no_window(self):
        story = standard()
        assert all(d.timer is not Timer.ACTIVE_WINDOW for d in incidents.due(story.state))
        story.call("A", after=10 * 3600)
        assert story.state.is_active

    @pytest.mark.parametrize(("option", "has_window"), [(True, True), (False, False)])
    def test_amb_d4_in_standard_too(self, option, has_window):
        story = Story(context(silent_site(), window_in_standard=option))
        story.call("A", "APPROVE")
        assert (story.state.request.window_end is not None) is has_window

    def test_it_runs_from_the_decision(self):
        story = standard()
        story.call("A", "APPROVE")
        decided = story.now
        story.tell(RequestSent(request="r"), after=600)
        assert (story.state.request.window_end - decided).total_seconds() == 4 * 3600


class TestUnknownMode:
    def test_disp_5_a_fault_and_the_operator(self):
        story = standard(response_mode="PATROL_FIRST")
        assert [f.key for f in story.of(ConfigurationFault)] == ["response_mode"]
        assert story.of(OperatorRequired)[0].task is Task.UNKNOWN_MODE
        assert story.outcome == "OPEN"

    def test_disp_5_does_not_hold_up_a_tl3(self):
        story = Story(context(site(response_mode="PATROL_FIRST")))
        story.threat(ThreatJudgement.TL3)
        assert story.outcome == "DISPATCH/TL3"

    def test_disp_5_the_operator_may_work_through_the_list(self):
        story = standard(response_mode="PATROL_FIRST")
        story.tell(OperatorDecided(task=Task.UNKNOWN_MODE, branch=Branch.CALL_LIST))
        story.nobody_answers()
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"

    def test_a_mode_that_becomes_known_goes_on_by_it(self):
        story = standard(response_mode="PATROL_FIRST", contacts=contacts("A"))
        story.under(site=silent_site(contacts=contacts("A")))
        assert story.state.response is Response.CALLING
        assert not story.state.tasks


def test_every_decision_carries_the_three_inputs_of_disp_3():
    story = standard()
    story.call("A", "APPROVE")
    dispatch = story.of(Dispatch)[0]
    assert dispatch.inputs.response_mode == "STANDARD"
    assert dispatch.inputs.customer_answer == "APPROVE by A"
    assert dispatch.inputs.local_requirement == "OK"
    story = standard()
    story.call("A", "CANCEL")
    assert story.of(Close)[0].inputs.customer_answer == "CANCEL by A"
    assert dispatch.reason is DispatchReason.CONTACT_APPROVED
