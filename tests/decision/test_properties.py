"""What holds for every incident, whatever happens in whatever order (issue: "Done when")."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision import incidents
from decision.actions import Close, Dispatch, NotifyContacts, OperatorRequired
from decision.context import Context, context_of
from decision.facts import (
    SYSTEM,
    Actor,
    AreaClassified,
    ContextTaken,
    EventReceived,
    Fact,
    Recorded,
    TimerFired,
)
from decision.questions import Given, fact_for
from decision.rules import areas
from decision.rules.grouping import PROCEDURES
from decision.rules.site_step import is_tried
from decision.site import Area
from decision.vocabulary import (
    AccessStep,
    AlarmState,
    AreaClass,
    CloseReason,
    DispatchReason,
    ListPurpose,
    Ppvar,
    Procedure,
    Task,
)
from tests.support.incidents import DAY, signal
from tests.support.random_incidents import (
    CATEGORIES,
    HEARD,
    URGENT,
    Answered,
    Unanswered,
    contexts,
    hearing,
    moments,
    procedures,
)

LONGEST = 20
USUAL = len(HEARD) - 1


class Life:
    """One incident run through random facts, with every step kept."""

    def __init__(self, category, context, told, *, is_test_exception=False):
        self.log, self.steps, self.contexts = [], [], []
        self.now, self.context, self.state = DAY, context, None
        self.record(context.taken(), SYSTEM)
        first = signal(category=category, area_class=AreaClass.UNKNOWN)
        self.tell(EventReceived(signal=first, is_test_exception=is_test_exception), SYSTEM)
        for fact, passed, actor in told:
            self.moment(fact, passed, actor)

    def moment(self, fact, passed: timedelta, actor: Actor) -> None:
        if fact is None:
            due = incidents.due(self.state)
            if not due:
                return
            self.now = max(self.now, due[0].at)
            fact = TimerFired(timer=due[0].timer, due=due[0].at, key=due[0].key)
            actor = SYSTEM
        elif isinstance(fact, Answered | Unanswered):
            self.now += passed
            question = incidents.next_question(self.state, self.context)
            if question is None:
                return
            fact = self.answer(question, fact)
            if fact is None:
                return
        else:
            self.now += passed
        if isinstance(fact, ContextTaken):
            self.context = context_of(fact)
        self.tell(fact, actor)

    @staticmethod
    def answer(question, answered):
        if isinstance(answered, Unanswered):
            if not question.contact:
                return None
            return fact_for(question, "NO_ANSWER", Given())
        answer = question.answers[answered.number % len(question.answers)]
        return fact_for(question, answer.token, answered.given)

    def tell(self, fact: Fact, actor: Actor) -> None:
        self.record(fact, actor)
        before = self.state
        step = incidents.apply(before, fact, self.now, self.context, actor=actor)
        self.state = step.state
        self.steps.append((before, fact, step, self.context))

    def record(self, fact, actor):
        seq = len(self.log) + 1
        self.log.append(
            Recorded(seq=seq, at=self.now, subject="incident/e1", actor=actor, fact=fact)
        )

    @property
    def actions(self):
        return [action for _, _, step, _ in self.steps for action in step.actions]

    def of(self, kind):
        return [action for action in self.actions if isinstance(action, kind)]


@st.composite
def lives(draw, categories=CATEGORIES, **more):
    category = draw(st.sampled_from(categories))
    told = st.lists(moments(category), max_size=LONGEST)
    if category not in URGENT:
        told = procedures() | told
    return Life(category, draw(contexts), draw(told), **more)


@st.composite
def verifying(draw):
    """Lives in which a TL2 was heard, so that they come to the contacts and the area."""
    told = procedures(at_least=USUAL)
    return Life("burglary", draw(hearing), draw(told))


many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(verifying() | lives(categories=("burglary", "tamper")))
def test_no_tl2_secured_dispatch_without_recorded_access_and_verify_attempts(life):
    for before, _, step, context in life.steps:
        for action in step.actions:
            if isinstance(action, Dispatch) and (
                action.reason is DispatchReason.TL2_SECURED_UNVERIFIED
            ):
                state = step.state
                assert any(a.step == AccessStep.ACCESS_B for a in state.accesses)
                assert is_tried(state)
                counted = [a for a in state.attempts if a.is_counted]
                for contact in context.site.contacts:
                    calls = [
                        a
                        for a in counted
                        if a.contact == contact.id and a.purpose is ListPurpose.VERIFY
                    ]
                    assert contact.id in state.skipped or len(calls) >= 2
                assert areas.area_class(state, context) is AreaClass.SECURED
                assert before is not None


@many
@given(lives(categories=URGENT))
def test_life_safety_and_hold_up_wait_for_no_audio_no_call_list_and_no_gate(life):
    _, fact, first, context = life.steps[0]
    written = context.site.written_verification
    category = fact.signal.category
    expected = (
        DispatchReason.LIFE_SAFETY
        if PROCEDURES[category] is Procedure.LIFE_SAFETY
        else DispatchReason.HOLD_UP
    )
    if (
        written is not None
        and category in written.categories
        and expected is DispatchReason.LIFE_SAFETY
    ):
        (task,) = first.state.tasks
        assert task.task is Task.WRITTEN_VERIFICATION
        assert task.remind_at - DAY <= timedelta(seconds=90)
    else:
        action = next(a for a in first.actions if isinstance(a, Dispatch))
        assert action.reason is expected
        assert action.gate == "OK"
        assert action.by_operator
    assert all(step.state.ppvar is Ppvar.NOT_USED for _, _, step, _ in life.steps)
    assert all(step.state.withheld is None for _, _, step, _ in life.steps)


@many
@given(lives(categories=URGENT, is_test_exception=True))
def test_a_test_exception_is_put_to_the_operator_and_passes_no_gate(life):
    assert any(isinstance(a, OperatorRequired) for a in life.steps[0][2].actions)
    assert all(step.state.withheld is None for _, _, step, _ in life.steps)


@many
@given(lives())
def test_one_dispatch_per_alarm(life):
    assert len(life.of(Dispatch)) <= 1


@many
@given(lives())
def test_dispatch_always_precedes_notification(life):
    has_dispatched = False
    for action in life.actions:
        has_dispatched = has_dispatched or isinstance(action, Dispatch)
        if isinstance(action, NotifyContacts):
            assert has_dispatched
    assert bool(life.of(NotifyContacts)) is has_dispatched


@many
@given(lives())
def test_no_notice_call_is_asked_for_before_the_request_was_sent(life):
    for _, _, step, _ in life.steps:
        if step.state.next_call.startswith("NOTIFY"):
            assert step.state.request is not None
            assert step.state.request.status != "DECIDED"


@many
@given(verifying() | lives(categories=("burglary",)))
def test_no_unverified_tl2_is_decided_for_an_unknown_area_without_an_operator(life):
    for before, _, step, context in life.steps:
        if areas.area_class(step.state, context) is not AreaClass.UNKNOWN:
            continue
        is_asked = any(task.task is Task.CLASSIFY_AREA for task in step.state.tasks)
        assert is_asked or step.state.ppvar is not Ppvar.AREA
        for action in step.actions:
            reason = getattr(action, "reason", None)
            assert reason is not DispatchReason.TL2_SECURED_UNVERIFIED
            assert reason is not CloseReason.TL2_NOT_SECURED
            if reason is DispatchReason.CONTACTS_EXHAUSTED:
                assert before is None or before.threat_level is None


def _with_area(context: Context, area_class: AreaClass) -> Context:
    site = msgspec.structs.replace(context.site, areas=(Area(id="1", area_class=area_class),))
    return msgspec.structs.replace(context, site=site)


def _tells_no_area(moment) -> bool:
    fact = moment[0]
    is_area = isinstance(fact, AreaClassified | ContextTaken | EventReceived)
    return not is_area and not getattr(fact, "zones", ())


@many
@given(hearing, procedures(at_least=USUAL) | st.lists(moments("burglary"), max_size=LONGEST))
def test_area_class_changes_nothing_but_its_one_branch(context, told):
    told = [moment for moment in told if not isinstance(moment[0], Answered | Unanswered | None)]
    told = [moment for moment in told if _tells_no_area(moment)]
    lives_ = [Life("burglary", _with_area(context, c), told) for c in AreaClass]
    for steps in zip(*(life.steps for life in lives_), strict=True):
        states = [step.state for _, _, step, _ in steps]
        if any(state.ppvar in {Ppvar.AREA, Ppvar.NOT_SECURED} for state in states):
            return  # the one branch
        if any(Ppvar.AREA in {t.before for t in s.trail} for s in states):
            return
        assert len({(s.state, s.ppvar, s.response, s.close_reason) for s in states}) == 1
        told_ = [[(type(a), getattr(a, "reason", None)) for a in s.actions] for _, _, s, _ in steps]
        assert all(one == told_[0] for one in told_)


@many
@given(lives())
def test_replaying_the_log_gives_the_same_state(life):
    assert incidents.fold(life.log) == life.state


@many
@given(lives())
def test_facts_and_states_survive_the_store(life):
    for recorded in life.log:
        stored = msgspec.json.encode(recorded.fact)
        assert msgspec.json.decode(stored, type=Fact) == recorded.fact


@many
@given(lives())
def test_what_is_over_stays_over(life):
    for before, _, step, _ in life.steps:
        if before is not None and not before.is_active:
            assert step.state.state is before.state
            assert not any(isinstance(a, Dispatch | Close) for a in step.actions)


@many
@given(lives())
def test_an_open_alarm_always_asks_somebody_something(life):
    for _, _, step, _ in life.steps:
        state = step.state
        if state.state is AlarmState.OPEN:
            assert state.asked


@many
@given(lives())
def test_every_action_says_why(life):
    for action in life.actions:
        assert action.rules
        assert action.inputs.response_mode
        assert action.inputs.customer_answer
        assert action.inputs.local_requirement


@many
@given(lives())
def test_a_dispatch_ends_exactly_at_its_window(life):
    for before, _, step, _ in life.steps:
        request = step.state.request
        if step.state.state is AlarmState.EXPIRED and before.state is not AlarmState.EXPIRED:
            assert step.state.ended_at == request.window_end
