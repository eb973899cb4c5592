"""Call tasks: DISP-S1..S4, DISP-I3, PPVAR-6.2.2.2.2, XS-5."""

import msgspec
import pytest

from decision.actions import CallContact, Inputs
from decision.contacts.call_task import DONE, RESULTS, SCRIPTS, attempted, call_task
from decision.context import Context
from decision.facts import ContactAttempted
from decision.rules.call_list import NextCall
from decision.site import Contact, Site, Zone
from decision.state import Request
from decision.vocabulary import CallEnding, ContactResult, DispatchReason, ListPurpose
from tests.support.incident_states import incident
from tests.support.responding import T0

ANA = Contact(
    id="ana", name="Ana Ruiz", role="owner", phone="506 555 0142", email="ana@example.com",
    passcode_hint="word of the month", is_authorised=True, is_key_holder=True,
)  # fmt: skip
LUC = Contact(id="luc", name="Luc Roy", phone="2", language="fr", is_authorised=False)
SITE = Site(
    account="1234", name="Harbour Shoes", time_zone="America/Moncton", contacts=(ANA, LUC),
    zones=(Zone(id="5", name="Motion 5", location="stockroom"),),
    alternate_response="A guard goes.",
)  # fmt: skip
CONTEXT = Context(site=SITE)


def task(purpose=ListPurpose.DECIDE, contact=ANA, state=None, attempt=1):
    call = NextCall(contact=contact, attempt=attempt, purpose=purpose)
    return call_task(call, state or incident(), CONTEXT, station="Fundy Monitoring")


def test_the_standard_call_asks_for_a_decision():
    told = task()
    assert told.say == (
        "This is Fundy Monitoring about an alarm at Harbour Shoes. Am I speaking with Ana Ruiz?",
        "Please tell me your passcode.",
        "At 02:00 we received an alarm: burglar alarm (stockroom).",
        "Shall we send police, or is this alarm to be cancelled?",
        "We can send you a link to follow this alarm.",
    )
    assert ContactResult.APPROVE in told.results
    assert told.passcode_hint == "word of the month"
    assert told.can_have_link


def test_ppvar_verify_asks_who_may_be_there():
    assert any("May anybody be there now?" in line for line in task(ListPurpose.VERIFY).say)


def test_disp_i3_a_notice_informs_and_asks_for_no_approval():
    asked = Request(reason=DispatchReason.TL3, decided_at=T0, window_end=None)
    told = task(ListPurpose.NOTIFY, state=incident(request=asked))
    assert "We asked for responders; that is not yet a promise that they come." in told.say
    assert ContactResult.APPROVE not in told.results
    assert told.rules == ("DISP-I3",)


def test_a_contact_hears_his_own_language_and_strangers_no_passcode():
    told = task(contact=LUC)
    assert told.say[0].startswith("Ici Fundy Monitoring")
    assert not any("code d'accès" in line for line in told.say)


def test_from_the_engines_action_too():
    inputs = Inputs(response_mode="STANDARD", customer_answer="none yet", local_requirement="OK")
    action = CallContact(
        rules=("DISP-S1",), inputs=inputs, contact="ana", attempt=2, purpose=ListPurpose.DECIDE
    )
    told = call_task(action, incident(), CONTEXT, station="S")
    assert (told.name, told.attempt) == ("Ana Ruiz", 2)
    gone = msgspec.structs.replace(action, contact="gone")
    assert call_task(gone, incident(), CONTEXT, station="S") is None


def test_what_the_operator_enters_becomes_the_fact():
    assert attempted(task(), result=ContactResult.APPROVE, said=" send them ") == ContactAttempted(
        contact="ana", ending=CallEnding.ANSWERED, result=ContactResult.APPROVE, said="send them"
    )
    busy = attempted(task(), ending=CallEnding.BUSY, result=ContactResult.APPROVE)
    assert busy.result is ContactResult.NO_ANSWER
    with pytest.raises(ValueError, match="NO_ANSWER: a call to decide gives one of APPROVE"):
        attempted(task())


def test_every_purpose_has_words_and_results_in_every_language():
    for words in SCRIPTS.values():
        assert set(ListPurpose) <= set(words)
    assert set(RESULTS) == set(ListPurpose)
    assert set(DONE) == set(SCRIPTS)
