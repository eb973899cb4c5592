"""Random sites, jurisdictions and fact sequences for the properties of an incident."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import strategies as st

from decision import facts as f
from decision.context import Context
from decision.question_form import Given
from decision.requirements import FurtherRequirement, Requirements, Standing
from decision.settings import Settings
from decision.site import Area, Camera, Contact, Instruction, Microphone, Site, WrittenVerification
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    AreaClass,
    Audibility,
    Basis,
    Branch,
    CallEnding,
    CallOffStatus,
    Channel,
    ContactResult,
    EvidenceKind,
    GateResult,
    HumanActivity,
    KeyHolderStatus,
    ResponderNews,
    SiteCheckOutcome,
    SystemState,
    Task,
    ThreatJudgement,
)
from tests.support.incidents import DAY, OPERATOR, SUPERVISOR, signal

URGENT = ("fire", "gas", "medical", "panic", "hold_up")
CATEGORIES = ("burglary", "tamper", *URGENT, "environment")
IDS = ("A", "B", "C", "nobody")

contact = st.builds(
    Contact,
    id=st.sampled_from(IDS[:3]),
    name=st.just("somebody"),
    phone=st.sampled_from(["", "+1 506 555 0100"]),
    is_authorised=st.sampled_from([True, True, False]),
    is_key_holder=st.booleans(),
    is_on_premises=st.booleans(),
)
sites = st.builds(
    Site,
    account=st.just("1234"),
    response_mode=st.sampled_from(["IMMEDIATE", "STANDARD", "STANDARD", "WHATEVER"]),
    has_audio=st.sampled_from([True, True, False]),
    microphones=st.just((Microphone(id="m1", name="hall"),)),
    contacts=st.lists(contact, max_size=3, unique_by=lambda c: c.id).map(tuple),
    instructions=st.sampled_from([(), (Instruction(id="i1", text="dog"),)]),
    areas=st.sampled_from(list(AreaClass)).map(lambda c: (Area(id="1", area_class=c),)),
    cameras=st.sampled_from([(), (Camera(id="c1", name="door", is_public_view=True),)]),
    phone=st.sampled_from(["", "+1 506 555 0199"]),
    written_verification=st.sampled_from(
        [None, None, WrittenVerification(categories=("fire", "gas"), seconds=90, document="w")]
    ),
)
settings = st.builds(
    Settings,
    call_order=st.sampled_from(["round_robin", "per_contact"]),
    no_human=st.sampled_from(["CLOSE", "NON_AUDIO", "OPERATOR_REQUIRED"]),
    tl2_not_secured=st.sampled_from(["CLOSE", "OPERATOR_REQUIRED", "FOLLOW_MODE"]),
    electronic_cancel=st.sampled_from(["OPERATOR_CONFIRMS", "ACCEPT"]),
    empty_list=st.sampled_from(["DISPATCH", "OPERATOR_REQUIRED"]),
    secured_requires_armed=st.booleans(),
    undecided_uses_attempt=st.booleans(),
    phone_cancel_resolves=st.booleans(),
    panel_verified_counts=st.booleans(),
    window_in_standard=st.booleans(),
)
requirements = st.none() | st.builds(
    Requirements,
    jurisdiction=st.just("x"),
    permit_required=st.booleans(),
    permit_unmet=st.sampled_from([GateResult.WARN, GateResult.BLOCK]),
    key_holder_by=st.sampled_from([(), (KeyHolderStatus.PRESENT,)]),
    verified_response_only=st.booleans(),
    suspends=st.booleans(),
    fee_warning=st.sampled_from(["", "100 dollars"]),
    further=st.sampled_from([(), (FurtherRequirement(id="q", text="asked"),)]),
)
standings = st.none() | st.builds(
    Standing,
    system=st.just("main.1234"),
    state=st.sampled_from([SystemState.ACTIVE, *SystemState]),
    is_discontinued=st.sampled_from([False, False, True]),
)
CALLABLE = (Contact(id="A", name="a", phone="1"), Contact(id="B", name="b", phone="2"))
hearing = st.builds(
    Context,
    site=st.builds(
        lambda profile, people: msgspec.structs.replace(profile, has_audio=True, contacts=people),
        sites,
        st.sampled_from([CALLABLE[:0], CALLABLE[:1], CALLABLE[:1], CALLABLE]),
    ),
    settings=settings,
    requirements=st.just(Requirements(jurisdiction="x")),
)
"""Sites that hear, with people who can be called, where nothing blocks a dispatch."""

contexts = st.builds(
    Context, site=sites, settings=settings, requirements=requirements, standing=standings
)
texts = st.sampled_from(["", "glass breaks"])
zones = st.sampled_from([(), ("5",), ("6",)])


def _signals(category: str):
    return st.builds(
        lambda kind, n, verified, seen: signal(
            event_id=f"e{n}", kind=kind, category=category, area_class=seen,
            is_verified=verified, received_at=DAY,
        ),
        st.sampled_from(["alarm", "cancel", "restoral", "open", "close", "trouble"]),
        st.integers(2, 6),
        st.booleans(),
        st.sampled_from(list(AreaClass)),
    )  # fmt: skip


def operators_facts():
    """What people may record, in any order and however little sense it makes."""
    e = st.sampled_from
    return st.one_of(
        st.builds(f.InstructionsReviewed, used=e([(), ("i1",)])),
        st.builds(f.Listened, audibility=e(list(Audibility)), description=texts),
        st.builds(
            f.AudioAccessAttempted, step=e(list(AccessStep)), outcome=e(list(AccessOutcome)),
            is_live_heard=e([True, True, False]),
        ),
        st.builds(
            f.HumanActivityAssessed, activity=e(list(HumanActivity)), zones=zones,
            then=e([None, Branch.CLOSE, Branch.NON_AUDIO, Branch.DONE]),
        ),
        st.builds(
            f.ThreatAssessed, judgement=e(list(ThreatJudgement)), zones=zones, description=texts,
            then=e([None, Branch.CLOSE, Branch.NON_AUDIO]),
        ),
        st.builds(f.SiteCheckedByVideo, outcome=e(list(SiteCheckOutcome))),
        st.builds(f.SiteCheckedByPerson, outcome=e(list(SiteCheckOutcome))),
        st.builds(f.VerifiedOtherwise, basis=e(list(Basis))),
        st.builds(f.ElectronicCancel, user=st.just("u")),
        st.builds(f.AreaClassified, area_class=e(list(AreaClass))),
        st.builds(f.EvidenceAttached, kind=e(list(EvidenceKind))),
        _calls(), _calls(), _calls(),
        st.builds(f.ContactSkipped, contact=e(IDS)),
        st.builds(
            f.ManualDispatchRequested, channel=e(list(Channel)), user=st.just("u"),
            is_fee_accepted=st.booleans(),
        ),
        st.builds(f.Resolved, channel=e(list(Channel)), user=st.just("u")),
        st.builds(f.KeyHolderReported, contact=e(IDS), status=e(list(KeyHolderStatus))),
        st.builds(f.OperatorDecided, task=e(list(Task)), branch=e(list(Branch))),
        st.builds(f.RequirementConfirmed, requirement=e(["q", "z"]), is_met=st.booleans()),
        st.builds(f.GateOverridden, reason=st.just("r"), is_fee_accepted=st.booleans()),
        st.builds(f.NoteAdded, text=texts, is_for_responders=st.booleans()),
    )  # fmt: skip


def _calls():
    return st.builds(
        f.ContactAttempted,
        contact=st.sampled_from(IDS),
        result=st.sampled_from([ContactResult.NO_ANSWER] * 5 + list(ContactResult)),
        ending=st.sampled_from([None, None, None, *CallEnding]),
        is_inbound=st.sampled_from([False, False, True]),
    )


def responders_facts():
    """What responders may say, asked or not."""
    return st.one_of(
        st.builds(f.RequestSent, request=st.just("r")),
        st.builds(f.RequestAccepted),
        st.builds(f.RequestRejected),
        st.builds(f.RequestUpdated, news=st.sampled_from(list(ResponderNews))),
        st.builds(f.CallOffResult, result=st.sampled_from(list(CallOffStatus))),
        st.builds(f.RequestClosed, disposition=st.sampled_from(["", "No Report - False Alarm"])),
    )


class Answered(msgspec.Struct, frozen=True):
    """The operator answers the question on the screen with its so-manieth answer."""

    number: int
    given: Given


answers = st.builds(
    Answered,
    number=st.integers(0, 7),
    given=st.builds(Given, zones=zones, description=texts),
)


class Unanswered(msgspec.Struct, frozen=True):
    """The operator places the call on the screen, and nobody answers."""


HEARD = (
    f.InstructionsReviewed(),
    f.Listened(audibility=Audibility.DISCERNIBLE, description="steps"),
    f.HumanActivityAssessed(activity=HumanActivity.HUMAN, description="steps"),
    f.ThreatAssessed(judgement=ThreatJudgement.TL2, description="steps"),
    f.AudioAccessAttempted(
        step=AccessStep.ACCESS_B, outcome=AccessOutcome.NOT_RAISED, is_live_heard=True
    ),
    f.SiteCheckedByVideo(outcome=SiteCheckOutcome.UNVERIFIED),
)
"""A procedure as it goes, up to the contacts."""


DECISIVE = (
    f.ThreatAssessed(judgement=ThreatJudgement.TL3, description="glass breaks"),
    f.SiteCheckedByVideo(outcome=SiteCheckOutcome.CRIME),
    f.SiteCheckedByPerson(outcome=SiteCheckOutcome.AUTHORIZED),
    f.ContactAttempted(contact="A", result=ContactResult.NOT_AUTHORIZED, is_inbound=True),
    f.ContactAttempted(contact="B", result=ContactResult.APPROVE, is_inbound=True),
    f.ContactAttempted(contact="A", result=ContactResult.CANCEL, is_inbound=True),
    f.VerifiedOtherwise(basis=Basis.VIDEO),
    f.ManualDispatchRequested(channel=Channel.LINK, user="u"),
)
"""What settles an incident at once, from almost everywhere."""


def procedures(*, at_least: int = 0):
    """So much of the usual procedure, then calls that mostly nobody answers, then anything."""
    step = timedelta(seconds=20)
    heard = [(one, step, OPERATOR) for one in HEARD]
    usual = st.integers(at_least, len(HEARD)).map(lambda count: heard[:count])
    unanswered = st.sampled_from([0, 1, 2, 3, 4, 5]).map(
        lambda count: [(Unanswered(), step, OPERATOR)] * count
    )
    decisive = st.tuples(st.sampled_from(DECISIVE), st.just(step), st.just(OPERATOR))
    call = st.tuples(
        st.one_of(answers, _calls(), operators_facts()), st.just(step), st.just(OPERATOR)
    )
    return st.tuples(
        usual,
        unanswered,
        st.lists(decisive, max_size=1),
        st.lists(call, max_size=3),
        st.lists(moments("burglary"), max_size=6),
    ).map(lambda parts: [moment for part in parts for moment in part])


def moments(category: str):
    """A fact with what passed before it and who did it; None: the next timer fires."""
    said = st.one_of(
        answers,
        answers,
        answers,
        answers,
        answers,
        operators_facts(),
        operators_facts(),
        responders_facts(),
        st.builds(
            f.EventReceived,
            signal=_signals(category),
            is_armed=st.sampled_from([None, True, False]),
        ),
        contexts.map(Context.taken),
        st.none(),
    )
    passed = st.sampled_from([1, 20, 61, 200, 3600, 4 * 3600]).map(lambda s: timedelta(seconds=s))
    return st.tuples(said, passed, st.sampled_from([OPERATOR, OPERATOR, SUPERVISOR]))
