"""The conversation with responders: DISP-J10, DISP-I4, DISP-I6, PPVAR-5.8."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.facts import Actor, Recorded
from decision.responders.conversation import (
    ANSWER_WITHIN,
    CALL_OFF_WITHIN,
    CALL_OFFS,
    STAGES,
    Event,
    Stage,
    open_conversation,
    receive,
    send,
    wake,
)
from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    MessageError,
    Rejected,
    StationUpdate,
    StationUpdateKind,
    decode,
    decode_from_desk,
    encode,
)
from decision.responders.outcome import answered, asked
from decision.responders.record import conversation_of, fact_of, sent, update_sent
from decision.vocabulary import (
    NO_REPORT_FALSE_ALARM,
    NO_RESPONSE_POST_SUSPENSION,
    CallOffStatus,
    RejectReason,
    ResponderNews,
)
from tests.support.responding import T0, at, new_alarm

K = DeskUpdateKind


def accept(seconds=5, number="26-00001"):
    return Accepted(id=f"a{seconds}", request="r-1", at=at(seconds=seconds), event_number=number)


def reject(reason=RejectReason.BAD_ADDRESS, seconds=5, **more):
    return Rejected(id=f"x{seconds}", request="r-1", at=at(seconds=seconds), reason=reason, **more)


def update(kind, seconds=60, **more):
    return DeskUpdate(
        id=f"{kind}{seconds}", request="r-1", at=at(seconds=seconds), kind=kind, **more
    )


def call_off(seconds=90, number="c"):
    return StationUpdate(
        id=f"{number}{seconds}", request="r-1", at=at(seconds=seconds),
        kind=StationUpdateKind.CALL_OFF, text="owner cancels",
    )  # fmt: skip


def talk(*messages):
    """Fold messages of both sides after the request; gives the last step."""
    step = None
    conversation = open_conversation(new_alarm())
    for message in messages:
        fold = send if isinstance(message, StationUpdate) else receive
        step = fold(conversation, message)
        conversation = step.conversation
    return step


def test_every_stage_and_call_off_has_a_row():
    assert set(STAGES) == set(Stage)
    assert set(CALL_OFFS) == {None, *CallOffStatus}


class TestDispJ10:
    """Requested, accepted and responding are different facts."""

    def test_the_request_alone(self):
        conversation = open_conversation(new_alarm())
        assert conversation.is_requested
        assert not conversation.is_responding
        assert conversation.stage is Stage.REQUESTED

    def test_accepted_is_not_responding(self):
        conversation = talk(accept()).conversation
        assert conversation.stage is Stage.ACCEPTED
        assert conversation.event_number == "26-00001"
        assert not conversation.is_responding

    def test_a_unit_on_its_way_is(self):
        conversation = talk(accept(), update(K.UNIT_DISPATCHED)).conversation
        assert conversation.is_responding
        assert conversation.responding_at == at(seconds=60)
        assert conversation.on_scene_at is None

    def test_a_dispatch_may_be_declined_after_it_was_accepted(self):
        step = talk(accept(), reject(RejectReason.OTHER, seconds=30, text="no unit free"))
        assert step.conversation.stage is Stage.REJECTED
        assert step.tasks[0].kind == "REJECTED"
        assert "no unit free" in step.tasks[0].text


def test_no_answer_raises_a_task_to_dial_exactly_at_the_deadline():
    conversation = open_conversation(new_alarm())
    assert conversation.due == T0 + ANSWER_WITHIN
    assert wake(conversation, T0 + ANSWER_WITHIN - timedelta(microseconds=1)).tasks == ()
    step = wake(conversation, T0 + ANSWER_WITHIN)
    assert [task.kind for task in step.tasks] == ["DIAL"]
    assert step.conversation.stage is Stage.UNANSWERED
    assert wake(step.conversation, T0 + 2 * ANSWER_WITHIN).tasks == ()  # once
    late = receive(step.conversation, accept(seconds=40)).conversation
    assert late.stage is Stage.ACCEPTED


def test_sj_c2c_i_refused_for_suspension_asks_for_alternate_response():
    step = talk(reject(RejectReason.NO_RESPONSE, text="the system is suspended"))
    assert step.tasks[0].kind == "ALTERNATE_RESPONSE"
    assert {"SJ-C2c-i", "SJ-E2"} <= set(step.tasks[0].rules)


@pytest.mark.parametrize("reason", [RejectReason.BAD_ADDRESS, RejectReason.BAD_EVENT_TYPE,
                                    RejectReason.TOO_OLD, RejectReason.OTHER])  # fmt: skip
def test_every_other_rejection_falls_back_to_the_telephone(reason):
    step = talk(reject(reason))
    assert step.tasks[0].kind == "REJECTED"
    assert step.conversation.rejected_for is reason


class TestCallOff:
    """DISP-I4: requested, then confirmed, refused or unknown."""

    def test_confirmed(self):
        conversation = talk(accept(), update(K.UNIT_DISPATCHED), call_off()).conversation
        assert (conversation.call_off, conversation.is_responding) == ("requested", True)
        conversation = receive(conversation, update(K.CALL_OFF_CONFIRMED, 100)).conversation
        assert (conversation.call_off, conversation.is_responding) == ("confirmed", False)

    def test_refused_since_a_unit_is_there(self):
        conversation = talk(
            accept(), update(K.ON_SCENE), call_off(), update(K.CALL_OFF_REFUSED, 180)
        ).conversation
        assert (conversation.call_off, conversation.is_responding) == ("refused", True)

    def test_unknown_after_silence(self):
        conversation = talk(accept(), call_off()).conversation
        assert conversation.due == at(seconds=90) + CALL_OFF_WITHIN
        silent = wake(conversation, conversation.due).conversation
        assert silent.call_off is CallOffStatus.UNKNOWN
        assert silent.due is None

    def test_closed_without_a_word_on_it(self):
        conversation = talk(accept(), call_off(), update(K.CLOSED, 200)).conversation
        assert conversation.call_off is CallOffStatus.UNKNOWN

    def test_a_second_contact_asks_the_same(self):
        conversation = talk(accept(), call_off(90), call_off(95)).conversation
        assert conversation.call_off_asked_at == at(seconds=90)


def test_a_question_of_the_desk_becomes_a_task():
    step = talk(accept(), update(K.INFORMATION_REQUESTED, text="key holder's arrival?"))
    assert [(t.kind, t.rules) for t in step.tasks] == [("ANSWER_QUESTION", ("PPVAR-5.8",))]
    assert step.conversation.questions == ("key holder's arrival?",)


def test_the_same_message_twice_has_one_effect():
    message = update(K.INFORMATION_REQUESTED, text="?")
    step = talk(accept(), message, message)
    assert not step.is_new
    assert len(step.conversation.questions) == 1


def test_what_does_not_fit_is_looked_at_and_changes_nothing():
    step = talk(accept(), update(K.CLOSED, disposition="Handled"), update(K.ON_SCENE, 70))
    assert [task.kind for task in step.tasks] == ["LOOK"]
    assert step.conversation.stage is Stage.CLOSED
    assert talk(accept(), update(K.CLOSED), accept(80)).tasks[0].kind == "LOOK"
    assert talk(accept(), update(K.CLOSED), reject(seconds=80)).tasks[0].kind == "LOOK"


class TestLedger:
    """XS-7: every police outcome feeds the ledger, literally."""

    def test_the_request_itself(self):
        fact = asked(new_alarm())
        assert (fact.call, fact.at, fact.alarm_type) == ("r-1", T0, "BURGLAR")
        assert (fact.premise_type, fact.incident) == ("COMPANY", "0199-7")
        assert fact.disposition is None

    def test_the_answer_and_the_end(self):
        step = talk(accept())
        fact = answered(step.conversation, accept())
        assert (fact.accepted, fact.occurrence) == (True, "26-00001")
        end = update(K.CLOSED, disposition=NO_REPORT_FALSE_ALARM)
        fact = answered(talk(accept(), end).conversation, end)
        assert fact.disposition == NO_REPORT_FALSE_ALARM
        assert fact.closed_at == end.at
        assert fact.cancelled_before_arrival is False

    def test_amb_s17_called_off_before_arrival(self):
        end = update(K.CLOSED, 200, disposition="Cancelled")
        told = talk(accept(), call_off(), update(K.CALL_OFF_CONFIRMED, 95), end)
        assert answered(told.conversation, end).cancelled_before_arrival is True
        there = talk(
            accept(), update(K.ON_SCENE), call_off(), update(K.CALL_OFF_CONFIRMED, 95), end
        )
        assert answered(there.conversation, end).cancelled_before_arrival is False

    def test_a_refused_post_suspension_request(self):
        message = reject(
            RejectReason.NO_RESPONSE, disposition="No Response - Post Suspension Alarm"
        )
        fact = answered(talk(message).conversation, message)
        assert (fact.accepted, fact.disposition) == (False, NO_RESPONSE_POST_SUSPENSION)

    def test_news_in_between_is_none_of_its_business(self):
        message = update(K.UNIT_DISPATCHED)
        assert answered(talk(accept(), message).conversation, message) is None


MESSAGES = [
    accept(), reject(text="x", disposition="d"),
    *(update(kind, text="t") for kind in K if kind != K.CLOSED),
    update(K.CLOSED, disposition="Handled"), call_off(),
]  # fmt: skip


def test_messages_are_facts_and_back():
    alarm = new_alarm()
    log = [Recorded(seq=1, at=T0, subject="incident/0199-7", actor=Actor(kind="system"),
                    fact=sent(alarm, transport="phone"))]  # fmt: skip
    talked = [accept(), update(K.UNIT_DISPATCHED), call_off(), update(K.CALL_OFF_REFUSED, 100),
              update(K.ON_SCENE, 120), update(K.CLOSED, 200, disposition="Handled")]  # fmt: skip
    for seq, message in enumerate(talked, 2):
        is_ours = isinstance(message, StationUpdate)
        fact = update_sent(message) if is_ours else fact_of(message, event_number="26-00001")
        log.append(
            Recorded(seq=seq, at=message.at, subject="s", actor=Actor(kind="system"), fact=fact)
        )
    folded, told = conversation_of(log), talk(*talked).conversation
    for field in ("stage", "call_off", "event_number", "disposition", "closed_at", "on_scene_at"):
        assert getattr(folded, field) == getattr(told, field)
    assert log[-1].fact.occurrence == "26-00001"
    assert conversation_of(log[1:]) is None


def test_news_keep_their_kind():
    assert fact_of(update(K.ON_SCENE)).news is ResponderNews.ON_SCENE
    assert fact_of(update(K.OTHER)).news is ResponderNews.OTHER


@pytest.mark.parametrize("message", [new_alarm(), *MESSAGES], ids=lambda m: type(m).__name__)
def test_messages_go_over_the_wire_unchanged(message):
    assert decode(encode(message)) == message


@pytest.mark.parametrize("data", [b"", b"{}", b'{"message":"new_alarm"}', b"[1]"])
def test_what_is_no_message_is_told(data):
    with pytest.raises(MessageError, match="no message"):
        decode(data)
    with pytest.raises(MessageError, match="no list"):
        decode_from_desk(b'{"a":1}')


@given(st.lists(st.sampled_from(MESSAGES), max_size=12))
def test_any_talk_is_folded_and_stages_follow_the_table(messages):
    conversation = open_conversation(new_alarm())
    for message in messages:
        fold = send if isinstance(message, StationUpdate) else receive
        after = fold(conversation, message).conversation
        assert (
            after.stage is conversation.stage or after.stage in STAGES[conversation.stage].values()
        )
        if conversation.stage is Stage.CLOSED:
            assert after.stage is Stage.CLOSED
            assert after.disposition == conversation.disposition
        conversation = after
    assert Event.TIMEOUT not in STAGES[Stage.ACCEPTED]
