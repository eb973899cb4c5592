"""The customer's page: DISP-M1 to DISP-M4, AMB-D5, AMB-D8, XS-5, DISP-J10."""

from datetime import timedelta

import msgspec
import pytest

from decision.contacts.customer import Accepted, CustomerAct, Refused, act, customer_page
from decision.contacts.link import Grant
from decision.facts import ManualDispatchRequested, Resolved
from decision.vocabulary import (
    AlarmState,
    CallOffStatus,
    Channel,
    Procedure,
    RequestStatus,
    SystemState,
)
from tests.support.incident_states import context, dispatched, incident
from tests.support.responding import T0

ASK, RESOLVE = CustomerAct.REQUEST_DISPATCH, CustomerAct.RESOLVE
GRANT = Grant(incident="0199-7", contact="ana", expires=T0 + timedelta(hours=24))


def does(wanted, state, *, now=T0, who="ana", where=None, **more):
    grant = msgspec.structs.replace(GRANT, contact=who)
    return act(wanted, grant, state, where or context(), now, **more)


def test_disp_m1_m2_a_request_while_active():
    told = does(ASK, incident(), note=" I see two people ")
    assert told.fact == ManualDispatchRequested(
        channel=Channel.LINK, user="ana", note="I see two people"
    )
    assert (told.actor.kind, told.actor.id) == ("contact", "ana")


def test_disp_i6_a_resolution():
    assert does(RESOLVE, incident()).fact == Resolved(channel=Channel.LINK, user="ana")
    assert "ask the responders not to come" in does(RESOLVE, dispatched()).text


@pytest.mark.parametrize("wanted", CustomerAct)
@pytest.mark.parametrize(
    ("state", "why"),
    [
        (AlarmState.RESOLVED, "was resolved"),
        (AlarmState.EXPIRED, "active time has ended"),
        (AlarmState.CLOSED, "was closed"),
    ],
)
def test_disp_m4_not_when_it_is_over_and_the_answer_says_so(wanted, state, why):
    told = does(wanted, incident(state=state))
    assert isinstance(told, Refused)
    assert told.rule == "DISP-M4"
    assert why in told.text


def test_we_2_amb_d5_the_last_second_and_the_first_after():
    end = T0 + timedelta(hours=4)
    last = does(ASK, dispatched(), now=end - timedelta(seconds=1))
    assert isinstance(last, Accepted)
    assert "asked for already" in last.text  # AMB-D8
    over = does(ASK, dispatched(), now=end)  # the timer has yet to fire
    assert (type(over), over.rule) == (Refused, "DISP-M4")
    assert "active time has ended" in customer_page(GRANT, dispatched(), context(), end).headline


class TestSuspended:
    """XS-5, SJ-C1b, SJ-E1c."""

    SUSPENDED = SystemState.SUSPENDED

    def test_the_fee_warning_must_be_accepted(self):
        where = context(self.SUSPENDED)
        told = does(ASK, incident(), where=where)
        assert (told.text, told.rule) == ("$100.00 if found false", "XS-5")
        told = does(ASK, incident(), where=where, is_fee_accepted=True)
        assert told.fact.is_fee_accepted is True

    def test_no_fee_is_accepted_where_there_is_none(self):
        assert does(ASK, incident(), is_fee_accepted=True).fact.is_fee_accepted is False

    def test_discontinued_is_refused_whatever_is_accepted(self):
        where = context(self.SUSPENDED, is_discontinued=True)
        told = does(ASK, incident(), where=where, is_fee_accepted=True)
        assert (type(told), told.rule) == (Refused, "SJ-E1c")
        assert told.text

    def test_xs_8_a_hold_up_knows_no_gate(self):
        held = incident(procedure=Procedure.HOLD_UP)
        assert isinstance(does(ASK, held, where=context(self.SUSPENDED)), Accepted)


def test_who_may_do_what():
    assert isinstance(does(ASK, incident(), who="cleaner"), Accepted)
    assert "only an authorised contact" in does(RESOLVE, incident(), who="cleaner").text
    assert does(ASK, incident(), who="gone").rule == "DISP-M2"
    other = msgspec.structs.replace(GRANT, incident="else")
    assert isinstance(act(ASK, other, incident(), context(), T0), Refused)


class TestPage:
    def test_it_tells_what_happened_and_offers_both(self):
        page = customer_page(GRANT, incident(), context(), T0)
        assert page.contact == "Ana Ruiz"
        assert page.happened == ("02:00 Burglar alarm, stockroom",)
        assert page.responders == "Responders were not asked"
        assert [(offer.act, offer.is_open) for offer in page.offers] == [
            (RESOLVE, True),
            (ASK, True),
        ]

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (RequestStatus.SENT, "have not answered yet"),
            (RequestStatus.ACCEPTED, "nobody is on the way yet"),
            (RequestStatus.REJECTED, "declined"),
            (RequestStatus.DISPATCHED, "on their way"),
        ],
    )
    def test_disp_j10_requested_is_not_responding(self, status, words):
        page = customer_page(GRANT, dispatched(status=status), context(), T0)
        assert words in page.responders

    def test_a_call_off_is_told_as_it_stands(self):
        page = customer_page(GRANT, dispatched(call_off=CallOffStatus.REFUSED), context(), T0)
        assert page.call_off == "They come all the same"

    def test_the_fee_stands_beside_the_button(self):
        page = customer_page(GRANT, incident(), context(SystemState.SUSPENDED), T0)
        assert page.offers[1].fee_warning == "$100.00 if found false"
        assert page.offers[1].is_open

    def test_a_finished_alarm_offers_nothing(self):
        ended = incident(state=AlarmState.CLOSED, ended_at=T0 + timedelta(minutes=9))
        page = customer_page(GRANT, ended, context(), T0 + timedelta(hours=1))
        assert not any(offer.is_open for offer in page.offers)
        assert all(offer.why_not for offer in page.offers)
        assert page.happened[-1] == "02:09 Alarm ended"
