"""WE-1 to WE-4 of the domain rules, row by row."""

from __future__ import annotations

import pytest

from decision import incidents
from decision.actions import (
    CallContact,
    CallOff,
    Close,
    Dispatch,
    ForwardUpdate,
    NonAudio,
    NotifyContacts,
)
from decision.facts import (
    CallOffResult,
    ContactAttempted,
    ManualDispatchRequested,
    RequestSent,
    VerifiedOtherwise,
)
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    AlarmState,
    AreaClass,
    Audibility,
    Basis,
    CallEnding,
    CallOffStatus,
    Channel,
    ContactResult,
    DispatchReason,
    SiteCheckOutcome,
    Timer,
)
from tests.support.incidents import Story, area_site, at, camera_site, context, silent_site


class TestWE1:
    """Standard, three contacts, nobody answers (DISP-S2, AMB-D1)."""

    CALLS = (
        # t, contact, how the call ended, attempts after
        ("02:00:20", "A", CallEnding.NO_ANSWER, {"A": 1, "B": 0, "C": 0}),
        ("02:01:00", "B", CallEnding.VOICEMAIL, {"A": 1, "B": 1, "C": 0}),
        ("02:01:40", "C", CallEnding.BUSY, {"A": 1, "B": 1, "C": 1}),
        ("02:02:20", "A", CallEnding.NO_ANSWER, {"A": 2, "B": 1, "C": 1}),
        ("02:03:00", "B", CallEnding.NO_ANSWER, {"A": 2, "B": 2, "C": 1}),
        ("02:03:40", "C", CallEnding.NO_ANSWER, {"A": 2, "B": 2, "C": 2}),
    )

    def test_dispatch_at_the_sixth_attempt_not_before(self):
        story = Story(context(silent_site()), opened="02:00:00")
        assert story.state.state is AlarmState.OPEN
        for clock, who, ending, after in self.CALLS:
            assert story.outcome == "OPEN"
            assert story.of(CallContact)[-1].contact == who
            story.tell(ContactAttempted(contact=who, ending=ending), clock)
            count = dict.fromkeys(after, 0)
            for attempt in story.state.attempts:
                count[attempt.contact] += 1
            assert count == after
        assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"
        assert story.state.request.decided_at == at("02:03:40")

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [("APPROVE", "DISPATCH/CONTACT_APPROVED"), ("CANCEL", "CLOSE/CONTACT_CANCELLED")],
    )
    def test_if_b1_had_answered(self, answer, outcome):
        story = Story(context(silent_site()), opened="02:00:00")
        story.call("A", clock="02:00:20")
        story.call("B", answer, clock="02:01:00")
        assert story.outcome == outcome


class TestWE2:
    """Immediate with cancel, resolve and expiry (DISP-I2..I6, DISP-M1, AMB-D5)."""

    def test_rows(self):
        story = Story(context(silent_site(response_mode="IMMEDIATE")), opened="09:59:30")
        # 10:00:00 verified alarm
        step = story.tell(VerifiedOtherwise(basis=Basis.VIDEO), "10:00:00")
        assert story.outcome == "DISPATCH/IMMEDIATE_VERIFIED"
        assert [type(a) for a in step.actions[:2]] == [Dispatch, NotifyContacts]
        assert story.state.request.window_end == at("14:00:00")
        story.tell(RequestSent(request="r1"), "10:00:10")
        # 10:01:30 contact answers, asks to cancel
        story.call("A", "CANCEL", "10:01:30")
        assert len(story.of(CallOff)) == 1
        assert story.state.request.call_off is CallOffStatus.REQUESTED
        assert story.state.is_active
        # 10:03:00 police: unit already on scene
        story.tell(CallOffResult(result=CallOffStatus.REFUSED), "10:03:00")
        assert story.state.request.call_off is CallOffStatus.REFUSED
        # 13:59:59 customer manual request
        ask = ManualDispatchRequested(channel=Channel.LINK, user="A")
        step = story.tell(ask, "13:59:59")
        assert step.refusal is None
        assert [type(a) for a in step.actions] == [ForwardUpdate]
        assert len(story.of(Dispatch)) == 1
        # 14:00:00
        story.now = at("14:00:00")
        window = next(d for d in incidents.due(story.state) if d.timer is Timer.ACTIVE_WINDOW)
        assert window.at == at("14:00:00")
        # 14:00:01 customer manual request: the window is over whether or not the timer spoke
        step = story.tell(ask, "14:00:01")
        assert story.state.state is AlarmState.EXPIRED
        assert story.state.ended_at == at("14:00:00")
        assert step.refusal.rule == "DISP-M4"
        assert [type(a) for a in step.actions] == [Close]

    def test_expires_at_14_00_00_by_its_timer(self):
        story = Story(context(silent_site(response_mode="IMMEDIATE")), opened="09:59:30")
        story.tell(VerifiedOtherwise(basis=Basis.VIDEO), "10:00:00")
        while story.state.is_active:
            story.wake()
        assert story.now == at("14:00:00")
        assert story.state.state is AlarmState.EXPIRED
        assert story.outcome == "CLOSE/ACTIVE_WINDOW_EXPIRED"


class TestWE3:
    """TL2, secured stockroom (PPVAR-6.2.2.2.2.2.1)."""

    def unverified(self, area_class):
        story = Story(context(area_site(area_class)), area_class=AreaClass.UNKNOWN)
        story.to_tl2()
        # no video: the profile names no camera; no site telephone either
        story.nobody_answers()
        return story

    def test_secured(self):
        story = self.unverified(AreaClass.SECURED)
        assert story.outcome == "DISPATCH/TL2_SECURED_UNVERIFIED"
        dispatch = story.of(Dispatch)[0]
        assert dispatch.rules[0] == "PPVAR-6.2.2.2.2.2.1"
        assert dispatch.area_class is AreaClass.SECURED
        assert dispatch.audio_reference
        said = " | ".join(dispatch.evidence)
        for part in ("footsteps and speech", "ACCESS_B, live", "no camera", "call to C"):
            assert part in said
        assert dispatch.inputs.response_mode == "STANDARD"
        assert dispatch.inputs.customer_answer.startswith("EXHAUSTED")
        kinds = [type(a) for a in story.last.actions]
        assert kinds.index(Dispatch) < kinds.index(NotifyContacts)

    def test_common_closes_after_the_same_calls(self):
        story = self.unverified(AreaClass.COMMON)
        assert story.outcome == "CLOSE/TL2_NOT_SECURED"
        assert len(story.state.attempts) == 6
        assert not story.of(NotifyContacts)

    @pytest.mark.parametrize("area_class", [AreaClass.SECURED, AreaClass.COMMON])
    def test_nobody_should_be_there(self, area_class):
        story = Story(context(area_site(area_class)), area_class=AreaClass.UNKNOWN)
        story.to_tl2()
        story.call("A", "NOT_AUTHORIZED")
        assert story.outcome == "DISPATCH/ACTIVITY_NOT_AUTHORIZED"

    def test_site_telephone_unanswered(self):
        story = Story(context(camera_site()))
        story.to_tl2()
        story.video(SiteCheckOutcome.NOT_AVAILABLE)
        assert story.state.ppvar == "VERIFY_SITE"
        story.on_site(SiteCheckOutcome.UNVERIFIED)
        assert story.state.ppvar == "VERIFY_CONTACT"
        story.nobody_answers()
        assert story.outcome == "DISPATCH/TL2_SECURED_UNVERIFIED"


class TestWE4:
    """No discernible audio."""

    def test_rows(self):
        story = Story(context())
        story.listen(Audibility.NO_AUDIO)
        assert story.state.ppvar == "ACCESS_A"
        story.access(AccessStep.ACCESS_A, AccessOutcome.NO_ACCESS)
        assert story.state.ppvar == "NON_AUDIO"
        assert len(story.of(NonAudio)) == 1
        story.nobody_answers()
        dispatch = story.of(Dispatch)[0]
        assert dispatch.reason is DispatchReason.CONTACTS_EXHAUSTED
        assert not dispatch.audio_reference

    def test_contact_result_tokens_are_those_of_section_0(self):
        assert {r.value for r in ContactResult} == {
            "NO_ANSWER", "APPROVE", "CANCEL", "AUTHORIZED_ACTIVITY", "NOT_AUTHORIZED",
            "UNDECIDED", "EXHAUSTED",
        }  # fmt: skip
