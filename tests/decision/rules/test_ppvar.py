"""The decision tree of PPVAR 6.2, row by row of 2.8, and its ambiguities."""

from __future__ import annotations

import msgspec
import pytest

from decision.actions import Close, Dispatch, ForwardUpdate, NonAudio, OperatorRequired
from decision.facts import (
    AreaClassified,
    AudioAccessAttempted,
    EvidenceAttached,
    HumanActivityAssessed,
    InstructionsReviewed,
    OperatorDecided,
    ThreatAssessed,
)
from decision.rules import dispatching
from decision.rules.work import Work
from decision.site import Area, Instruction, Zone
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    AreaClass,
    Audibility,
    Basis,
    Branch,
    DispatchReason,
    EvidenceKind,
    HumanActivity,
    Ppvar,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
    ThreatLevel,
)
from tests.support.incidents import (
    OPERATOR,
    Story,
    area_site,
    camera_site,
    context,
    silent_site,
    site,
)


class TestReceived:
    def test_special_instructions_are_reviewed_first(self):
        story = Story(context(site(instructions=(Instruction(id="dog", text="loose dog"),))))
        assert story.state.ppvar is Ppvar.RECEIVED
        assert story.state.asked.startswith("RECEIVED")
        story.tell(InstructionsReviewed(used=("dog",)))
        assert story.state.ppvar is Ppvar.LISTEN_INITIAL
        assert story.state.instructions_used == ("dog",)

    def test_nothing_to_review_goes_straight_to_listening(self):
        assert Story(context()).state.ppvar is Ppvar.LISTEN_INITIAL

    def test_a_site_without_audio_starts_at_non_audio(self):
        """XS-11."""
        story = Story(context(silent_site()))
        assert story.state.ppvar is Ppvar.NON_AUDIO
        assert story.of(NonAudio)[0].rules[0] == "XS-11"


@pytest.mark.parametrize(
    ("how", "after"),
    [
        (Audibility.NO_AUDIO, Ppvar.ACCESS_A),
        (Audibility.NOT_DISCERNIBLE, Ppvar.ACCESS_A),
        (Audibility.DISCERNIBLE, Ppvar.ASSESS),
    ],
)
def test_listen_initial(how, after):
    story = Story(context())
    story.listen(how)
    assert story.state.ppvar is after


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (AccessOutcome.NO_ACCESS, Ppvar.NON_AUDIO),
        (AccessOutcome.NOTHING_ACTIONABLE, Ppvar.NON_AUDIO),
        (AccessOutcome.ACTIONABLE, Ppvar.THREAT),  # AMB-P1
    ],
)
def test_access_a(outcome, after):
    story = Story(context())
    story.listen(Audibility.NO_AUDIO)
    story.access(AccessStep.ACCESS_A, outcome)
    assert story.state.ppvar is after


@pytest.mark.parametrize(
    ("activity", "policy", "outcome", "after"),
    [
        (HumanActivity.HUMAN, "CLOSE", "OPEN", Ppvar.THREAT),
        (HumanActivity.RECENT, "CLOSE", "OPEN", Ppvar.THREAT),
        (HumanActivity.NONE, "CLOSE", "CLOSE/NO_HUMAN_ACTIVITY", Ppvar.CLOSE),
        (HumanActivity.NONE, "NON_AUDIO", "OPEN", Ppvar.NON_AUDIO),
        (HumanActivity.NONE, "OPERATOR_REQUIRED", "OPEN", Ppvar.NO_HUMAN),
    ],
)
def test_assess(activity, policy, outcome, after):
    story = Story(context(no_human=policy))
    story.listen()
    story.assess(activity)
    assert (story.outcome, story.state.ppvar) == (outcome, after)


@pytest.mark.parametrize(
    ("policy", "then", "after"),
    [
        ("CLOSE", Branch.NON_AUDIO, Ppvar.NON_AUDIO),
        ("NON_AUDIO", Branch.CLOSE, Ppvar.CLOSE),
    ],
)
def test_no_human_is_the_operators_choice_whatever_the_default(policy, then, after):
    """PPVAR-6.2.1.2.2: MAY close, or MAY go on."""
    story = Story(context(no_human=policy))
    story.listen()
    story.assess(HumanActivity.NONE, then=then)
    assert story.state.ppvar is after


@pytest.mark.parametrize(
    ("branch", "after"), [(Branch.CLOSE, Ppvar.CLOSE), (Branch.NON_AUDIO, Ppvar.NON_AUDIO)]
)
def test_no_human_put_to_the_operator(branch, after):
    story = Story(context(no_human="OPERATOR_REQUIRED"))
    story.listen()
    story.assess(HumanActivity.NONE)
    assert story.of(OperatorRequired)[0].task is Task.CHOOSE_NO_HUMAN
    story.tell(OperatorDecided(task=Task.CHOOSE_NO_HUMAN, branch=branch))
    assert story.state.ppvar is after


@pytest.mark.parametrize(
    ("judgement", "outcome", "after", "level"),
    [
        (ThreatJudgement.TL3, "DISPATCH/TL3", Ppvar.DISPATCH, ThreatLevel.TL3),
        (ThreatJudgement.TL2, "OPEN", Ppvar.ACCESS_B, ThreatLevel.TL2),
        (ThreatJudgement.TL1, "CLOSE/NO_HUMAN_ACTIVITY", Ppvar.CLOSE, ThreatLevel.TL1),
        (ThreatJudgement.UNSETTLED, "OPEN", Ppvar.ACCESS_B, ThreatLevel.TL2),  # AMB-P11
    ],
)
def test_threat(judgement, outcome, after, level):
    story = Story(context())
    story.listen()
    story.assess(HumanActivity.HUMAN)
    story.threat(judgement)
    assert (story.outcome, story.state.ppvar) == (outcome, after)
    assert story.state.threat_level is level


@pytest.mark.parametrize(
    ("outcome", "said", "after"),
    [
        (AccessOutcome.RAISED, "DISPATCH/TL3", Ppvar.DISPATCH),
        (AccessOutcome.NO_ACCESS, "OPEN", Ppvar.VERIFY_SITE),
        (AccessOutcome.NOT_RAISED, "OPEN", Ppvar.VERIFY_SITE),
    ],
)
def test_access_b(outcome, said, after):
    story = Story(context(camera_site()))
    story.listen()
    story.assess(HumanActivity.HUMAN)
    story.threat(ThreatJudgement.TL2)
    story.access(AccessStep.ACCESS_B, outcome)
    assert (story.outcome, story.state.ppvar) == (said, after)


@pytest.mark.parametrize("step", list(AccessStep))
def test_live_audio_must_be_heard_where_the_system_was_opened(step):
    story = Story(context())
    if step is AccessStep.ACCESS_A:
        story.listen(Audibility.NO_AUDIO)
    else:
        story.listen()
        story.assess(HumanActivity.HUMAN)
        story.threat(ThreatJudgement.TL2)
    before = story.state.ppvar
    told = story.tell(
        AudioAccessAttempted(step=step, outcome=AccessOutcome.ACTIONABLE, is_archive_heard=True)
    )
    assert told.refusal is not None
    assert story.state.ppvar is before
    assert story.state.accesses == ()


RESULTS = (
    # who said what, what it gives, in any area class
    ("video", SiteCheckOutcome.AUTHORIZED, "CLOSE/AUTHORIZED"),
    ("video", SiteCheckOutcome.CRIME, "DISPATCH/ACTIVITY_NOT_AUTHORIZED"),
    ("on_site", SiteCheckOutcome.AUTHORIZED, "CLOSE/AUTHORIZED"),
    ("on_site", SiteCheckOutcome.NOT_AUTHORIZED, "DISPATCH/ACTIVITY_NOT_AUTHORIZED"),
    ("contact", "AUTHORIZED_ACTIVITY", "CLOSE/AUTHORIZED"),
    ("contact", "NOT_AUTHORIZED", "DISPATCH/ACTIVITY_NOT_AUTHORIZED"),
    ("contact", "APPROVE", "DISPATCH/CONTACT_APPROVED"),
    ("contact", "CANCEL", "CLOSE/CONTACT_CANCELLED"),
)


class TestVerify:
    @pytest.mark.parametrize("area_class", list(AreaClass))
    @pytest.mark.parametrize(("who", "said", "outcome"), RESULTS)
    def test_results_are_the_same_in_every_area_class(self, area_class, who, said, outcome):
        profile = camera_site(zones=(), areas=(Area(id="1", area_class=area_class),))
        story = Story(context(profile), area_class=AreaClass.UNKNOWN)
        story.to_tl2()
        if who == "video":
            story.video(said)
        elif who == "on_site":
            story.on_site(said)
        else:
            story.video(SiteCheckOutcome.UNVERIFIED)
            story.call("A", said)
        assert story.outcome == outcome

    @pytest.mark.parametrize(("who", "basis"), [("video", Basis.VIDEO), ("on_site", Basis.ON_SITE)])
    def test_the_basis_is_recorded(self, who, basis):
        story = Story(context(camera_site()))
        story.to_tl2()
        getattr(story, who)(SiteCheckOutcome.CRIME)
        assert story.of(Dispatch)[0].basis is basis

    def test_one_that_could_not_verify_is_enough_to_go_on(self):
        story = Story(context(camera_site()))
        story.to_tl2()
        story.video(SiteCheckOutcome.UNVERIFIED)
        assert story.state.ppvar is Ppvar.VERIFY_CONTACT

    def test_what_the_profile_lacks_is_on_record_as_such(self):
        story = Story(context())
        story.to_tl2()
        assert {c.basis for c in story.state.site_checks} == {Basis.VIDEO, Basis.ON_SITE}
        assert all(c.is_from_profile for c in story.state.site_checks)
        assert story.state.ppvar is Ppvar.VERIFY_CONTACT

    def test_the_list_is_exhausted_for_a_tl2_by_two_attempts_each(self):
        """AMB-P8, XS-3."""
        story = Story(context(area_site(AreaClass.COMMON)), area_class=AreaClass.UNKNOWN)
        story.to_tl2()
        for who in ("A", "B", "C", "A", "B"):
            story.call(who)
            assert story.outcome == "OPEN"
        story.call("C")
        assert story.outcome == "CLOSE/TL2_NOT_SECURED"


def unverified(area_class, *, mode="STANDARD", is_armed=None, **settings):
    profile = area_site(area_class, response_mode=mode)
    story = Story(context(profile, **settings), area_class=AreaClass.UNKNOWN, is_armed=is_armed)
    story.to_tl2()
    story.nobody_answers()
    return story


@pytest.mark.parametrize(
    ("area_class", "policy", "mode", "outcome", "task"),
    [
        ("SECURED", "CLOSE", "STANDARD", "DISPATCH/TL2_SECURED_UNVERIFIED", None),
        ("SECURED", "OPERATOR_REQUIRED", "IMMEDIATE", "DISPATCH/TL2_SECURED_UNVERIFIED", None),
        ("UNSECURED", "CLOSE", "STANDARD", "CLOSE/TL2_NOT_SECURED", None),
        ("COMMON", "CLOSE", "IMMEDIATE", "CLOSE/TL2_NOT_SECURED", None),
        ("COMMON", "OPERATOR_REQUIRED", "STANDARD", "OPEN", Task.CHOOSE_NOT_SECURED),
        ("UNSECURED", "FOLLOW_MODE", "STANDARD", "DISPATCH/CONTACTS_EXHAUSTED", None),
        ("UNSECURED", "FOLLOW_MODE", "IMMEDIATE", "OPEN", Task.CHOOSE_NOT_SECURED),
        ("UNKNOWN", "CLOSE", "STANDARD", "OPEN", Task.CLASSIFY_AREA),
        ("UNKNOWN", "FOLLOW_MODE", "STANDARD", "OPEN", Task.CLASSIFY_AREA),
        ("UNKNOWN", "FOLLOW_MODE", "IMMEDIATE", "OPEN", Task.CLASSIFY_AREA),
    ],
)
def test_area(area_class, policy, mode, outcome, task):
    story = unverified(AreaClass(area_class), mode=mode, tl2_not_secured=policy)
    assert story.outcome == outcome
    assert [t.task for t in story.state.tasks] == ([task] if task else [])


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (AreaClass.SECURED, "DISPATCH/TL2_SECURED_UNVERIFIED"),
        (AreaClass.COMMON, "CLOSE/TL2_NOT_SECURED"),
        (AreaClass.UNSECURED, "CLOSE/TL2_NOT_SECURED"),
        (AreaClass.UNKNOWN, "OPEN"),
    ],
)
def test_an_unknown_area_is_classified_by_a_person(said, outcome):
    """AMB-P3."""
    story = unverified(AreaClass.UNKNOWN)
    story.tell(AreaClassified(area_class=said))
    assert story.outcome == outcome


@pytest.mark.parametrize(
    ("branch", "outcome"),
    [
        (Branch.CLOSE, "CLOSE/TL2_NOT_SECURED"),
        (Branch.FOLLOW_MODE, "DISPATCH/CONTACTS_EXHAUSTED"),
    ],
)
def test_not_secured_is_the_operators_choice(branch, outcome):
    story = unverified(AreaClass.COMMON, tl2_not_secured="OPERATOR_REQUIRED")
    story.tell(OperatorDecided(task=Task.CHOOSE_NOT_SECURED, branch=branch))
    assert story.outcome == outcome


def test_in_immediate_mode_there_is_no_list_to_follow():
    """XS-3: so the operator is not offered to follow it."""
    story = unverified(AreaClass.COMMON, mode="IMMEDIATE", tl2_not_secured="FOLLOW_MODE")
    told = story.tell(OperatorDecided(task=Task.CHOOSE_NOT_SECURED, branch=Branch.FOLLOW_MODE))
    assert told.refusal is not None
    assert story.outcome == "OPEN"


@pytest.mark.parametrize("area_class", list(AreaClass))
def test_tl3_dispatches_in_every_area_class_and_from_everywhere(area_class):
    profile = camera_site(zones=(), areas=(Area(id="1", area_class=area_class),))
    for depth in range(6):
        story = Story(context(profile), area_class=AreaClass.UNKNOWN)
        steps = (
            lambda s: s.listen(),
            lambda s: s.assess(HumanActivity.HUMAN),
            lambda s: s.threat(ThreatJudgement.TL2),
            lambda s: s.access(AccessStep.ACCESS_B, AccessOutcome.NOT_RAISED),
            lambda s: s.video(SiteCheckOutcome.UNVERIFIED),
        )
        for step in steps[:depth]:
            step(story)
        story.threat(ThreatJudgement.TL3, description="glass breaks, voices")
        assert story.outcome == "DISPATCH/TL3"
        assert "glass breaks" in " ".join(story.of(Dispatch)[0].evidence)


class TestAmbiguities:
    @pytest.mark.parametrize(
        ("classes", "heard", "outcome"),
        [
            (("COMMON", "SECURED"), ("5", "6"), "DISPATCH/TL2_SECURED_UNVERIFIED"),
            (("COMMON", "SECURED"), ("5",), "CLOSE/TL2_NOT_SECURED"),
            (("COMMON", "UNKNOWN"), ("5", "6"), "OPEN"),
            (("SECURED", "UNKNOWN"), ("5", "6"), "DISPATCH/TL2_SECURED_UNVERIFIED"),
        ],
    )
    def test_amb_p4_the_zone_where_the_human_was_heard_and_secured_wins(
        self, classes, heard, outcome
    ):
        zones = tuple(
            Zone(id=number, area_class=AreaClass(c))
            for number, c in zip(("5", "6"), classes, strict=True)
        )
        story = Story(context(site(zones=zones)), area_class=AreaClass.UNKNOWN)
        story.listen()
        story.assess(HumanActivity.HUMAN, zones=heard)
        story.threat(ThreatJudgement.TL2)
        story.access(AccessStep.ACCESS_B, AccessOutcome.NO_ACCESS)
        story.nobody_answers()
        assert story.outcome == outcome

    def test_amb_p5_the_engine_refuses_a_secured_tl2_without_the_attempts(self):
        story = Story(context(camera_site()))
        story.listen()
        story.assess(HumanActivity.HUMAN)
        work = Work(story.state, now=story.now, context=story.context, actor=OPERATOR)
        assert not dispatching.may_dispatch(work, DispatchReason.TL2_SECURED_UNVERIFIED)
        assert work.refusal is not None
        assert work.refusal.rule == "AMB-P5"
        for part in ("ACCESS_B", "video", "contacts"):
            assert part in work.refusal.text

    def test_amb_p5_an_empty_list_counts_as_tried(self):
        story = Story(context(site(contacts=())))
        story.to_tl2()
        assert story.outcome == "DISPATCH/TL2_SECURED_UNVERIFIED"
        assert "contacts" in story.state.faults

    @pytest.mark.parametrize(
        ("option", "is_armed", "outcome"),
        [
            (False, False, "DISPATCH/TL2_SECURED_UNVERIFIED"),
            (True, False, "CLOSE/TL2_NOT_SECURED"),
            (True, True, "DISPATCH/TL2_SECURED_UNVERIFIED"),
            (True, None, "DISPATCH/TL2_SECURED_UNVERIFIED"),
        ],
    )
    def test_amb_p10_secured_requires_armed(self, option, is_armed, outcome):
        story = unverified(AreaClass.SECURED, is_armed=is_armed, secured_requires_armed=option)
        assert story.outcome == outcome
        if is_armed is not None:
            said = story.of(Dispatch | Close)[-1].evidence
            assert ("area armed" if is_armed else "area disarmed") in said


class TestAfterwards:
    def test_new_information_is_forwarded(self):
        """PPVAR-5.8."""
        story = Story(context())
        story.threat(ThreatJudgement.TL3)
        for fact in (
            HumanActivityAssessed(activity=HumanActivity.HUMAN, description="two voices"),
            ThreatAssessed(judgement=ThreatJudgement.TL3, description="a cry for help"),
            EvidenceAttached(kind=EvidenceKind.VIDEO_CLIP, reference="clip-7"),
        ):
            story.tell(fact)
            assert any(isinstance(a, ForwardUpdate) for a in story.last.actions)
        assert len(story.of(Dispatch)) == 1

    def test_a_late_word_on_a_closed_alarm_changes_nothing_and_says_so(self):
        story = Story(context())
        story.listen()
        story.assess(HumanActivity.NONE)
        told = story.threat(ThreatJudgement.TL3)
        assert told.refusal is not None
        assert story.outcome == "CLOSE/NO_HUMAN_ACTIVITY"

    def test_every_transition_records_who_when_which_clips_and_which_rule(self):
        story = Story(context())
        story.listen(clips=("clip-1",))
        (moved,) = [t for t in story.state.trail if t.before == "LISTEN_INITIAL"]
        assert (moved.by, moved.at, moved.clips, moved.rule) == (
            "operator op-1", story.now, ("clip-1",), "PPVAR-6.2.1.2",
        )  # fmt: skip

    def test_states_are_immutable(self):
        story = Story(context())
        with pytest.raises(AttributeError):
            story.state.ppvar = Ppvar.CLOSE  # type: ignore[misc]
        assert msgspec.json.decode(msgspec.json.encode(story.state), type=type(story.state))
