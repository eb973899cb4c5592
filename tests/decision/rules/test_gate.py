"""The jurisdiction gate: permit, key holder, camera, verified response, suspension (DISP-J)."""

from __future__ import annotations

from datetime import date

import pytest

from decision.actions import (
    AlternateResponse,
    ConfigurationFault,
    Dispatch,
    GateWarning,
    NotifyContacts,
)
from decision.facts import (
    ContactAttempted,
    GateOverridden,
    KeyHolderReported,
    ManualDispatchRequested,
    RequirementConfirmed,
    SiteCheckedByVideo,
    ThreatAssessed,
)
from decision.requirements import FurtherRequirement, Requirements, Standing
from decision.site import Camera, Contact, Permit, Zone
from decision.vocabulary import (
    AlarmState,
    Basis,
    Channel,
    ContactResult,
    GateResult,
    KeyHolderStatus,
    ListPurpose,
    SiteCheckOutcome,
    SystemState,
    Task,
    ThreatJudgement,
)
from tests.support.incidents import (
    OPERATOR,
    SUPERVISOR,
    Story,
    contacts,
    context,
    silent_site,
    site,
)

FEE = "A false post-suspension alarm costs $100.00."
SAINT = Requirements(jurisdiction="ca-nb-saint-john", suspends=True, fee_warning=FEE)
CRIME = SiteCheckedByVideo(outcome=SiteCheckOutcome.CRIME)


def standing(state=SystemState.SUSPENDED, **more):
    return Standing(system="main.1234", state=state, **more)


def approved(requirements=SAINT, stands=None, profile=None, **settings):
    """Standard response in which contact A says: send police."""
    story = Story(
        context(profile or silent_site(), requirements=requirements, standing=stands, **settings)
    )
    story.call("A", "APPROVE")
    return story


def ask(story, **more):
    return story.tell(ManualDispatchRequested(channel=Channel.LINK, user="Anna", **more))


ACTIVE = Standing(system="main.1234")
KEY = Contact(id="A", name="Anna", phone="1", is_key_holder=True)
PUBLIC = {
    "zones": (Zone(id="5", camera="c1"),),
    "cameras": (Camera(id="c1", name="street", is_public_view=True),),
}
NEEDS = Requirements(jurisdiction="x")


@pytest.mark.parametrize(
    ("requirements", "stands", "profile", "result", "rule"),
    [
        (NEEDS, ACTIVE, silent_site(), "OK", None),
        # unknown jurisdiction: never silence
        (None, ACTIVE, silent_site(), "WARN", "DISP-J1"),
        # permit
        (Requirements(jurisdiction="x", permit_required=True), ACTIVE, silent_site(),
         "WARN", "DISP-J2"),
        (Requirements(jurisdiction="x", permit_required=True), ACTIVE,
         silent_site(permit=Permit(number="1")), "OK", None),
        (Requirements(jurisdiction="x", permit_required=True), ACTIVE,
         silent_site(permit=Permit(number="1", valid_until=date(2026, 3, 2))), "OK", None),
        (Requirements(jurisdiction="x", permit_required=True), ACTIVE,
         silent_site(permit=Permit(number="1", valid_until=date(2026, 3, 1))), "WARN", "DISP-J2"),
        # 02:00 UTC on 2 March is still 1 March in Saint John
        (Requirements(jurisdiction="x", permit_required=True), ACTIVE,
         silent_site(permit=Permit(number="1", valid_until=date(2026, 3, 1)),
                     time_zone="America/Moncton"), "OK", None),
        (Requirements(jurisdiction="x", permit_required=True, permit_unmet=GateResult.BLOCK),
         ACTIVE, silent_site(), "BLOCK", "DISP-J2"),
        # key holder
        (Requirements(jurisdiction="x", key_holder_by=(KeyHolderStatus.PRESENT,)), ACTIVE,
         silent_site(), "WARN", "DISP-J3"),
        # camera that sees public space
        (Requirements(jurisdiction="x", public_camera_rule=True), ACTIVE, silent_site(**PUBLIC),
         "WARN", "DISP-J8"),
        (Requirements(jurisdiction="x", public_camera_rule=True), ACTIVE, silent_site(), "OK",
         None),
        # verified response only: an approval on the telephone verifies nothing
        (Requirements(jurisdiction="x", verified_response_only=True), ACTIVE, silent_site(),
         "BLOCK", "AMB-D9"),
        # a requirement no rule knows by name
        (Requirements(jurisdiction="x", further=(FurtherRequirement(id="sign", text="A sign"),)),
         ACTIVE, silent_site(), "WARN", "DISP-J1"),
        (Requirements(jurisdiction="x", further=(FurtherRequirement(id="sign", text="A sign"),)),
         ACTIVE, silent_site(requirements_met=("sign",)), "OK", None),
        # the ledger
        (SAINT, standing(SystemState.ACTIVE), silent_site(), "OK", None),
        (SAINT, standing(SystemState.ACTIVE, is_cautioned=True), silent_site(), "OK", None),
        (SAINT, standing(SystemState.SUSPENSION_PENDING), silent_site(), "WARN", "XS-6"),
        (SAINT, standing(SystemState.SUSPENDED), silent_site(), "BLOCK", "XS-5"),
        (SAINT, standing(SystemState.DEFERRED), silent_site(), "BLOCK", "XS-5"),
        (SAINT, standing(SystemState.REINSTATEMENT_PENDING), silent_site(), "BLOCK", "XS-5"),
        (SAINT, standing(SystemState.ACTIVE, is_discontinued=True), silent_site(), "BLOCK",
         "XS-5"),
        (SAINT, None, silent_site(), "WARN", "AMB-D9"),
    ],
)  # fmt: skip
def test_results(requirements, stands, profile, result, rule):
    story = approved(requirements, stands, profile)
    assert story.state.verdict.result == result
    assert [f.rule for f in story.state.verdict.findings] == ([rule] if rule else [])
    assert bool(story.of(Dispatch)) is (result != "BLOCK")
    if result == "WARN":
        kinds = [type(a) for a in story.last.actions]
        assert kinds.index(GateWarning) < kinds.index(Dispatch)  # told before the request
        assert story.of(GateWarning)[0].tell_customer


class TestBlocked:
    def test_xs_5_alternate_response_the_customer_told_nobody_notified(self):
        story = approved(stands=standing(), profile=silent_site(alternate_response="Guards"))
        assert not story.of(Dispatch)
        assert not story.of(NotifyContacts)
        (alternate,) = story.of(AlternateResponse)
        assert alternate.response == "Guards"
        assert alternate.withheld == "CONTACT_APPROVED"
        assert story.of(GateWarning)[0].verdict.fee_warning == FEE
        assert [t.task for t in story.state.tasks] == [Task.GATE_BLOCKED]
        assert story.state.state is AlarmState.OPEN

    def test_xs_5_no_alternate_response_on_file_is_a_fault(self):
        story = approved(stands=standing())
        assert "alternate_response" in [f.key for f in story.of(ConfigurationFault)]

    def test_xs_5_contacts_may_take_it_back_while_they_are_told(self):
        story = approved(stands=standing())
        assert story.state.list_purpose is ListPurpose.TELL
        story.call("B", "CANCEL")
        assert story.outcome == "CLOSE/CONTACT_CANCELLED"

    def test_xs_5_but_not_a_tl3(self):
        story = Story(context(site(), requirements=SAINT, standing=standing()))
        story.threat(ThreatJudgement.TL3)
        story.call("B", "CANCEL")
        assert story.outcome == "OPEN"

    def test_the_end_of_the_suspension_lets_it_through(self):
        story = approved(stands=standing())
        story.under(standing=standing(SystemState.ACTIVE))
        assert story.outcome == "DISPATCH/CONTACT_APPROVED"


class TestOverride:
    def override(self, story, actor=SUPERVISOR, **more):
        return story.tell(GateOverridden(reason="owner insists", **more), actor=actor)

    def test_xs_5_by_a_supervisor_as_a_post_suspension_request(self):
        story = approved(stands=standing())
        self.override(story, is_fee_accepted=True)
        (dispatch,) = story.of(Dispatch)
        assert dispatch.is_post_suspension
        assert "supervisor sup-1" in dispatch.overridden_by
        assert dispatch.reason == "CONTACT_APPROVED"

    def test_xs_5_never_by_an_operator(self):
        story = approved(stands=standing())
        assert self.override(story, actor=OPERATOR, is_fee_accepted=True).refusal is not None
        assert not story.of(Dispatch)

    def test_xs_5_the_fee_warning_is_shown_first(self):
        story = approved(stands=standing())
        told = self.override(story)
        assert told.refusal is not None
        assert FEE in told.refusal.text
        assert not story.of(Dispatch)

    def test_xs_5_never_for_a_discontinued_system(self):
        story = approved(stands=standing(is_discontinued=True))
        assert self.override(story, is_fee_accepted=True).refusal is not None
        assert ask(story, is_fee_accepted=True).refusal is not None
        assert not story.of(Dispatch)

    def test_xs_5_by_the_customers_own_request_with_the_fee_shown(self):
        story = Story(context(silent_site(), requirements=SAINT, standing=standing()))
        told = ask(story)
        assert told.refusal is not None
        assert FEE in told.refusal.text
        ask(story, is_fee_accepted=True)
        (dispatch,) = story.of(Dispatch)
        assert dispatch.reason == "MANUAL_REQUEST"
        assert dispatch.is_post_suspension

    def test_a_customer_does_not_lift_the_rule_of_verified_response(self):
        story = Story(
            context(
                site(), requirements=Requirements(jurisdiction="x", verified_response_only=True)
            )
        )
        told = ask(story)
        assert told.refusal is not None
        assert not story.of(Dispatch)
        # and verification goes on beside it
        assert story.state.ppvar == "LISTEN_INITIAL"
        story.threat(ThreatJudgement.TL3)
        assert story.outcome == "DISPATCH/TL3"


@pytest.mark.parametrize(
    ("accepted", "fact", "outcome"),
    [
        ((), CRIME, "DISPATCH/ACTIVITY_NOT_AUTHORIZED"),
        ((Basis.VIDEO,), CRIME, "DISPATCH/ACTIVITY_NOT_AUTHORIZED"),
        ((Basis.AUDIO,), CRIME, "OPEN"),
        ((), ThreatAssessed(judgement=ThreatJudgement.TL3), "DISPATCH/TL3"),
        ((Basis.AUDIO,), ThreatAssessed(judgement=ThreatJudgement.TL3), "DISPATCH/TL3"),
        ((Basis.VIDEO,), ThreatAssessed(judgement=ThreatJudgement.TL3), "OPEN"),
        ((), ContactAttempted(contact="A", result=ContactResult.APPROVE), "OPEN"),
    ],
)
def test_verified_response(accepted, fact, outcome):
    needs = Requirements(jurisdiction="x", verified_response_only=True, verified_by=accepted)
    story = Story(context(site(), requirements=needs))
    story.tell(fact)
    assert story.outcome == outcome


def test_two_calls_may_verify():
    needs = Requirements(
        jurisdiction="x", verified_response_only=True, verified_by=(Basis.TWO_CALLS,)
    )
    story = Story(context(silent_site(contacts=contacts("A")), requirements=needs))
    story.nobody_answers("A")
    assert story.outcome == "DISPATCH/CONTACTS_EXHAUSTED"


def test_a_later_verification_lifts_the_block():
    needs = Requirements(jurisdiction="x", verified_response_only=True)
    story = Story(context(silent_site(contacts=contacts("A")), requirements=needs))
    story.nobody_answers("A")
    assert story.outcome == "OPEN"
    story.tell(CRIME)
    assert story.outcome == "DISPATCH/ACTIVITY_NOT_AUTHORIZED"


@pytest.mark.parametrize(
    ("by", "status", "is_key_holder", "outcome"),
    [
        (("PRESENT", "EN_ROUTE"), "EN_ROUTE", True, "DISPATCH/CONTACT_APPROVED"),
        (("PRESENT", "EN_ROUTE"), "PRESENT", True, "DISPATCH/CONTACT_APPROVED"),
        (("PRESENT",), "EN_ROUTE", True, "OPEN"),
        (("PRESENT", "EN_ROUTE"), "NOT_COMING", True, "OPEN"),
        (("PRESENT",), "PRESENT", False, "OPEN"),
    ],
)
def test_disp_j3_a_verified_key_holder(by, status, is_key_holder, outcome):
    needs = Requirements(
        jurisdiction="x",
        key_holder_by=tuple(KeyHolderStatus(one) for one in by),
        key_holder_unmet=GateResult.BLOCK,
    )
    people = (Contact(id="A", name="A", phone="1", is_key_holder=is_key_holder),)
    story = approved(needs, ACTIVE, silent_site(contacts=people))
    assert story.outcome == "OPEN"
    story.tell(KeyHolderReported(contact="A", status=KeyHolderStatus(status)))
    assert story.outcome == outcome


@pytest.mark.parametrize(("en_route", "result"), [(False, "WARN"), (True, "OK")])
def test_disp_j8_whether_en_route_suffices_is_a_profile_value(en_route, result):
    by = (KeyHolderStatus.PRESENT, *((KeyHolderStatus.EN_ROUTE,) if en_route else ()))
    needs = Requirements(jurisdiction="x", public_camera_rule=True, public_camera_by=by)
    story = Story(context(silent_site(contacts=(KEY,), **PUBLIC), requirements=needs))
    story.tell(KeyHolderReported(contact="A", status=KeyHolderStatus.EN_ROUTE))
    story.call("A", "APPROVE")
    assert story.state.verdict.result == result


def test_disp_j1_a_requirement_confirmed_for_the_incident():
    further = (FurtherRequirement(id="sign", text="A sign", unmet=GateResult.BLOCK),)
    story = approved(Requirements(jurisdiction="x", further=further), ACTIVE)
    assert story.outcome == "OPEN"
    story.tell(RequirementConfirmed(requirement="sign"))
    assert story.outcome == "DISPATCH/CONTACT_APPROVED"


def test_amb_d9_a_station_may_block_what_is_unknown():
    assert approved(None, ACTIVE, unknown_requirement="BLOCK").outcome == "OPEN"
