"""The simulated police desk: SJ-C2a to SJ-C2c, SJ-C1b, SJ-E1c, AMB-S18, AMB-S19, AMB-S23."""

from datetime import timedelta

import pytest

from decision.responders.conversation import open_conversation, receive
from decision.responders.desk import Desk, Listed, Plan, closing
from decision.responders.messages import (
    Accepted,
    DeskUpdateKind,
    Rejected,
    StationUpdate,
    StationUpdateKind,
)
from decision.responders.outcome import answered
from decision.vocabulary import (
    NO_REPORT_FALSE_ALARM,
    NO_RESPONSE_POST_SUSPENSION,
    AlarmType,
    RejectReason,
)
from tests.support.responding import T0, at, new_alarm

LISTED = Listed(system="main.1234", address="12 King Street, Saint John")


def dials(desk, alarm=None):
    desk.receive(alarm or new_alarm(), T0)
    return desk.say(at(60))


def test_a_usual_night_ends_with_the_disposition():
    said = dials(Desk(plan=closing(NO_REPORT_FALSE_ALARM)))
    assert [type(m).__name__ for m in said] == ["Accepted"] + ["DeskUpdate"] * 3
    assert [m.kind for m in said[1:]] == ["UNIT_DISPATCHED", "ON_SCENE", "CLOSED"]
    assert said[-1].disposition == NO_REPORT_FALSE_ALARM
    assert [m.at for m in said] == [at(seconds=2), at(5), at(10), at(15)]


def test_messages_come_at_their_moment_and_once():
    desk = Desk(plan=closing("Handled"))
    desk.receive(new_alarm(), T0)
    desk.receive(new_alarm(), T0)  # delivered twice
    assert desk.due == at(seconds=2)
    assert desk.say(at(seconds=1)) == ()
    assert len(desk.say(at(seconds=2))) == 1
    assert desk.say(at(seconds=3)) == ()
    assert len(desk.say(at(60))) == 3
    assert desk.due is None
    assert list(desk.calls) == ["r-1"]


def test_it_may_never_answer():
    assert dials(Desk(plan=Plan(answer_after=None))) == ()


@pytest.mark.parametrize("reason", RejectReason)
def test_it_rejects_with_a_reason(reason):
    (said,) = dials(Desk(plan=Plan(reject=reason, reject_text="not ours")))
    assert (said.reason, said.text, said.disposition) == (reason, "not ours", None)


class TestSuspendedList:
    """SJ-C2a: the call-taker checks the list of suspended addresses at each call."""

    def test_sj_c2c_i_refused_with_the_literal_disposition(self):
        desk = Desk(suspended=lambda: [LISTED])
        (said,) = dials(desk)
        assert isinstance(said, Rejected)
        assert (said.reason, said.disposition) == (
            RejectReason.NO_RESPONSE,
            NO_RESPONSE_POST_SUSPENSION,
        )
        assert desk.calls["r-1"].disposition == NO_RESPONSE_POST_SUSPENSION
        assert desk.calls["r-1"].event_number == said.event_number  # a call was created (SJ-C2a)

    def test_sj_c2c_ii_not_suspended_goes_to_the_dispatcher(self):
        other = Listed(system="main.9", address="9 Dock Street")
        assert isinstance(dials(Desk(suspended=lambda: [other]))[0], Accepted)

    def test_amb_s18_another_system_at_the_same_address(self):
        other = Listed(system="main.77", address="12 KING STREET,  Saint John")
        desk = Desk(suspended=lambda: [other])
        assert desk.listed("12 King Street, Saint John") == (other,)
        assert isinstance(dials(desk)[0], Accepted)

    def test_sj_c1b_accepted_as_an_explicit_decision(self):
        (said,) = dials(Desk(plan=Plan(accepts_suspended=True), suspended=lambda: [LISTED]))
        assert said.is_post_suspension

    def test_sj_e1c_discontinued_is_never_accepted(self):
        gone = Listed(system="main.1234", address=LISTED.address, is_discontinued=True)
        (said,) = dials(Desk(plan=Plan(accepts_suspended=True), suspended=lambda: [gone]))
        assert said.disposition == NO_RESPONSE_POST_SUSPENSION

    @pytest.mark.parametrize("kind", [AlarmType.HOLD_UP, AlarmType.FIRE, AlarmType.MEDICAL])
    def test_amb_s19_only_burglar_alarms_are_refused(self, kind):
        alarm = new_alarm(alarm_type=kind)
        (said,) = dials(Desk(suspended=lambda: [LISTED]), alarm)
        assert isinstance(said, Accepted)
        assert not said.is_post_suspension

    def test_the_list_of_the_moment_counts(self):
        rows = []
        desk = Desk(suspended=lambda: rows)
        assert isinstance(dials(desk)[0], Accepted)
        rows.append(LISTED)
        assert isinstance(dials(desk, new_alarm("r-2"))[0], Rejected)


class TestCallOff:
    """DISP-I4: best effort."""

    def test_confirmed_and_nobody_drives_on(self):
        desk = Desk(plan=closing(NO_REPORT_FALSE_ALARM))
        desk.receive(new_alarm(), T0)
        desk.say(at(6))
        desk.receive(self.off(), at(6))
        said = desk.say(at(60))
        assert [m.kind for m in said] == ["CALL_OFF_CONFIRMED", "CLOSED"]
        assert said[-1].disposition == "Cancelled"  # AMB-S17: no word on true or false

    def test_we_2_refused_since_a_unit_is_already_there(self):
        desk = Desk(plan=Plan(calls_off=False))
        desk.receive(new_alarm(), T0)
        desk.receive(self.off(), at(1))
        assert desk.say(at(60))[-1].kind is DeskUpdateKind.CALL_OFF_REFUSED

    def test_not_answered(self):
        desk = Desk(plan=Plan(calls_off=None))
        desk.receive(new_alarm(), T0)
        desk.receive(self.off(), at(1))
        assert len(desk.say(at(60))) == 1

    def test_updates_and_strangers_are_heard_in_silence(self):
        desk = Desk()
        desk.receive(self.off(request="nobody"), T0)
        facts = StationUpdate(
            id="f", request="r-1", at=T0, kind=StationUpdateKind.FACTS, text="second zone"
        )
        desk.receive(new_alarm(), T0)
        desk.receive(facts, at(1))
        assert len(desk.say(at(60))) == 1

    @staticmethod
    def off(request="r-1"):
        return StationUpdate(
            id="off", request=request, at=T0, kind=StationUpdateKind.CALL_OFF, text="owner cancels"
        )


def test_one_site_may_have_its_own_plan():
    desk = Desk()
    desk.plans["main.1234"] = Plan(reject=RejectReason.BAD_ADDRESS)
    assert isinstance(dials(desk)[0], Rejected)
    assert isinstance(dials(desk, new_alarm("r-2", system="main.5"))[0], Accepted)


def test_sj_c2b_the_dispatcher_closes_by_hand_and_the_ledger_learns_it():
    alarm = new_alarm()
    desk = Desk()
    desk.receive(alarm, T0)
    desk.dispose("r-1", NO_REPORT_FALSE_ALARM, at(30))
    conversation, learned = open_conversation(alarm), []
    for message in desk.say(at(60)):
        conversation = receive(conversation, message).conversation
        learned.append(answered(conversation, message))
    assert learned[-1].disposition == NO_REPORT_FALSE_ALARM
    assert learned[-1].call == "r-1"
    assert learned[-1].occurrence == desk.calls["r-1"].event_number
    assert learned[-1].closed_at - T0 == timedelta(minutes=30)
