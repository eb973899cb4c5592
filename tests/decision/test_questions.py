"""The one thing to ask next, and the fact that each answer becomes."""

from __future__ import annotations

import pytest

from decision import incidents
from decision.actions import CallOff
from decision.facts import (
    AreaClassified,
    AudioAccessAttempted,
    ContactAttempted,
    ContactSkipped,
    EvidenceAttached,
    GateOverridden,
    HumanActivityAssessed,
    Listened,
    OperatorDecided,
    RequestAccepted,
    RequestSent,
    Resolved,
    SiteCheckedByPerson,
    SiteCheckedByVideo,
    ThreatAssessed,
)
from decision.question_table import TABLE
from decision.questions import Given, Question, fact_for
from decision.requirements import Requirements, Standing
from decision.site import Instruction
from decision.vocabulary import AreaClass, Audibility, Channel, EvidenceKind, SystemState
from tests.support.incidents import (
    SUPERVISOR,
    Story,
    area_site,
    camera_site,
    context,
    silent_site,
    site,
)


def asked(story):
    return incidents.next_question(story.state, story.context)


def answer(story, token, **given):
    question = asked(story)
    return story.tell(fact_for(question, token, Given(**given)))


class TestTheWay:
    """The questions of one night, answered on the screen."""

    def test_wrong_room_to_secured_dispatch(self):
        profile = camera_site(instructions=(Instruction(id="dog", text="loose dog"),))
        story = Story(context(profile))
        for kind, token, given in (
            ("RECEIVED", "REVIEWED", {"used": ("dog",)}),
            ("LISTEN_INITIAL", "DISCERNIBLE", {"description": "steps"}),
            ("ASSESS", "HUMAN", {"description": "steps", "zones": ("5",)}),
            ("THREAT", "TL2", {"description": "steps"}),
            ("ACCESS_B", "NOT_RAISED", {}),
            ("VERIFY_SITE", "VIDEO_UNVERIFIED", {}),
            *[("CALL_VERIFY", "NO_ANSWER", {})] * 6,
            ("SEND_REQUEST", "SENT", {"text": "read out"}),
            ("AWAIT_RESPONDERS", "ACCEPTED", {"number": "26-118"}),
            ("CALL_NOTIFY", "UNDECIDED", {}),
            ("CALL_NOTIFY", "CANCEL", {"said": "it was me"}),
            ("CALL_OFF_RESULT", "REFUSED", {"text": "on scene"}),
            ("CALL_NOTIFY", "NO_ANSWER", {}),
            ("CALL_NOTIFY", "NO_ANSWER", {}),
        ):
            assert asked(story).kind == kind
            step = answer(story, token, **given)
            assert step.refusal is None, (kind, token, step.refusal)
        assert asked(story) is None
        assert story.state.request.reason == "TL2_SECURED_UNVERIFIED"
        assert story.state.instructions_used == ("dog",)

    @pytest.mark.parametrize("way", ["sent", "taken at once", "machine"])
    def test_what_is_new_after_a_telephoned_request_is_put_to_the_operator(self, way):
        """PPVAR-5.8: no machine carries it, so a person says it."""
        story = Story(context())
        answer(story, "DISCERNIBLE", description="glass breaks")
        answer(story, "HUMAN", description="glass breaks")
        answer(story, "TL3", description="glass breaks")
        if way == "machine":
            story.tell(RequestSent(request=story.state.id, transport="asap"))
            story.tell(RequestAccepted(request=story.state.id))
        else:
            answer(story, "SENT" if way == "sent" else "ACCEPTED")
        for clip in ("clip-7", "clip-8"):
            story.tell(
                EvidenceAttached(kind=EvidenceKind.AUDIO_CLIP, reference=clip, description=clip)
            )
        if way == "machine":
            assert asked(story).kind != "TELL_UPDATE"
            return
        question = asked(story)
        assert question.kind == "TELL_UPDATE"
        assert "clip-7" in question.text
        assert "clip-8" in question.text
        answer(story, "TOLD", text="dispatcher 4")
        assert asked(story).kind != "TELL_UPDATE"
        assert story.state.request.untold == ()

    def test_no_audio_and_a_contact_who_approves(self):
        story = Story(context())
        for kind, token in (
            ("LISTEN_INITIAL", "NO_AUDIO"),
            ("ACCESS_A", "NOTHING_ACTIONABLE"),
            ("CALL_DECIDE", "NOT_PLACED"),
            ("CALL_DECIDE", "APPROVE"),
            ("SEND_REQUEST", "ACCEPTED"),
        ):
            assert asked(story).kind == kind
            assert answer(story, token).refusal is None
        assert story.state.skipped == ("A",)

    def test_unknown_area(self):
        story = Story(context(area_site(AreaClass.UNKNOWN)), area_class=AreaClass.UNKNOWN)
        story.to_tl2()
        story.nobody_answers()
        question = asked(story)
        assert question.kind == "TASK_CLASSIFY_AREA"
        assert question.deadline == story.state.tasks[0].deadline
        answer(story, "COMMON")
        assert story.outcome == "CLOSE/TL2_NOT_SECURED"

    def test_a_blocked_dispatch(self):
        given = context(
            silent_site(),
            requirements=Requirements(jurisdiction="x", suspends=True),
            standing=Standing(system="s", state=SystemState.SUSPENDED),
        )
        story = Story(given)
        answer(story, "APPROVE")
        assert asked(story).kind == "TASK_GATE_BLOCKED"
        answer(story, "DONE")
        while asked(story).kind == "CALL_TELL":
            answer(story, "UNDECIDED")
        assert asked(story).kind == "FINISH"
        answer(story, "RESOLVED")
        assert story.outcome == "CLOSE/USER_RESOLVED"

    def test_nobody_is_asked_not_to_come_who_declined_to(self):
        """DISP-J10: there is nothing to call off."""
        story = Story(context(silent_site()))
        answer(story, "APPROVE")
        answer(story, "REJECTED", text="no units")
        story.tell(Resolved(channel=Channel.LINK, user="owner"))
        assert not story.of(CallOff)
        assert story.state.request.call_off is None

    def test_police_that_do_not_come_to_a_suspended_site_say_so_in_the_ledgers_words(self):
        """SJ-C2c-i: offered where a suspended system was asked for, and nowhere else."""
        given = context(
            silent_site(),
            requirements=Requirements(jurisdiction="x", suspends=True),
            standing=Standing(system="s", state=SystemState.SUSPENDED),
        )
        story = Story(given)
        answer(story, "APPROVE")
        story.tell(GateOverridden(reason="owner insists", is_fee_accepted=True), actor=SUPERVISOR)
        assert asked(story).kind == "SEND_REQUEST"
        answer(story, "NO_RESPONSE", text="call-taker 3")
        assert story.state.request.disposition == "No Response - Post Suspension Alarm"
        usual = Story(context(silent_site()))
        answer(usual, "APPROVE")
        assert asked(usual).kind == "SEND_REQUEST"
        assert all(one.token != "NO_RESPONSE" for one in asked(usual).answers)


def question(kind):
    row = TABLE[kind]
    return Question(
        key=kind,
        kind=kind,
        step=row.step,
        text=row.text,
        rules=row.rules,
        answers=row.answers,
        incident="e1",
        contact="A",
    )


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_answer_of_every_question_becomes_a_fact(kind):
    for one in TABLE[kind].answers:
        fact = fact_for(question(kind), one.token, Given(description="d", note="n"))
        assert type(fact) in incidents.HANDLERS


@pytest.mark.parametrize(
    ("kind", "token", "type_"),
    [
        ("LISTEN_INITIAL", "NO_AUDIO", Listened),
        ("LISTEN_INITIAL", "TL3", ThreatAssessed),
        ("ACCESS_A", "ACTIONABLE", AudioAccessAttempted),
        ("ASSESS", "NONE", HumanActivityAssessed),
        ("THREAT", "UNSETTLED", ThreatAssessed),
        ("VERIFY_SITE", "VIDEO_CRIME", SiteCheckedByVideo),
        ("VERIFY_SITE", "SITE_NOT_AVAILABLE", SiteCheckedByPerson),
        ("CALL_DECIDE", "APPROVE", ContactAttempted),
        ("CALL_DECIDE", "NOT_PLACED", ContactSkipped),
        ("SEND_REQUEST", "SENT", RequestSent),
        ("TASK_CLASSIFY_AREA", "SECURED", AreaClassified),
        ("TASK_CONFIRM_CANCEL", "ACCEPT_CANCEL", OperatorDecided),
        ("TASK_VERIFY_OTHERWISE", "CALL_LIST", OperatorDecided),
    ],
)
def test_facts_of_answers(kind, token, type_):
    assert isinstance(fact_for(question(kind), token, Given()), type_)


def test_an_answer_the_question_lacks_is_a_mistake():
    with pytest.raises(KeyError, match="LISTEN_INITIAL has no answer 'CLOSE'"):
        fact_for(question("LISTEN_INITIAL"), "CLOSE", Given())


def test_dispatch_comes_before_everything_else():
    story = Story(context())
    story.listen(Audibility.DISCERNIBLE)
    story.threat("TL3")
    assert asked(story).kind == "SEND_REQUEST"


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        (camera_site(), set()),
        (site(phone="1"), {"VIDEO_CRIME", "VIDEO_NOT_AVAILABLE"}),
    ],
)
def test_what_the_site_lacks_is_not_offered(profile, missing):
    story = Story(context(profile))
    story.to_tl2()
    offered = {a.token for a in asked(story).answers}
    assert not offered & missing


def test_the_key_names_the_moment():
    story = Story(context(silent_site()))
    first = asked(story).key
    story.call("A")
    assert asked(story).key != first
    assert asked(story).deadline is not None
