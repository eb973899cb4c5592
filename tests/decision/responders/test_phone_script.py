"""The telephone: what is read out and what is written down (DISP-J10, SJ-C2)."""

import asyncio

import pytest

from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    Rejected,
    StationUpdate,
    StationUpdateKind,
)
from decision.responders.phone_script import Do, PhoneTransport, RecordError, record, script
from decision.responders.transport import Delivery
from decision.rules.message_text import as_text
from decision.vocabulary import NO_REPORT_FALSE_ALARM, RejectReason
from tests.support.responding import SILENT, T0, at, new_alarm


def test_the_script_reads_the_message_line_by_line():
    alarm = new_alarm()
    told = script(alarm, dial="911")
    assert told.dial == "911"
    assert told.text == as_text(alarm.content) == alarm.text
    written = [line.field for line in told.lines if line.do is Do.WRITE]
    assert written == ["answer", "event_number", "reason", "text", "disposition", "spoke_with"]


def test_ppvar_5_5_holds_over_the_phone_too():
    said = script(new_alarm(**SILENT), dial="911").text.lower()
    assert "microphone" not in said
    assert "heard" not in said


def test_sj_c1b_a_post_suspension_call_asks_whether_they_knew():
    fields = [line.field for line in script(new_alarm(is_post_suspension=True), dial="1").lines]
    assert fields[-1] == "is_post_suspension"


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (StationUpdateKind.CALL_OFF, "Ask police to cancel"),
        (StationUpdateKind.KEY_HOLDER, "Tell police about the key holder"),
        (StationUpdateKind.FACTS, "Tell police what is new"),
    ],
)
def test_updates_have_a_script_of_their_own(kind, title):
    message = StationUpdate(id="u", request="r-1", at=T0, kind=kind, text="owner is there")
    told = script(message, dial="911", event_number="26-7")
    assert told.title == title
    assert told.text == "About: your event 26-7\nUpdate: owner is there"
    assert script(message, dial="911").text.startswith("About: the alarm we reported")


def written(**fields):
    return record("r-1", fields, message_id="m", now=at(1))


def test_accepted_as_written_down():
    told = written(answer="accepted", event_number=" 26-00012 ", is_post_suspension="yes")
    assert told == Accepted(
        id="m", request="r-1", at=at(1), event_number="26-00012", is_post_suspension=True
    )


def test_rejected_as_written_down():
    told = written(answer="rejected", reason="NO_RESPONSE", text="suspended", disposition="")
    assert told == Rejected(
        id="m", request="r-1", at=at(1), reason=RejectReason.NO_RESPONSE, text="suspended"
    )


def test_the_disposition_is_kept_literally():
    told = written(kind="CLOSED", disposition=NO_REPORT_FALSE_ALARM)
    assert told == DeskUpdate(
        id="m", request="r-1", at=at(1), kind=DeskUpdateKind.CLOSED,
        disposition=NO_REPORT_FALSE_ALARM,
    )  # fmt: skip
    assert written(kind="ON_SCENE", disposition="early").disposition is None


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"answer": "accepted"}, ["event_number"]),
        ({"answer": "rejected"}, ["reason"]),
        ({"answer": "rejected", "reason": "because"}, ["reason"]),
        ({"answer": "maybe"}, ["answer"]),
        ({}, ["kind"]),
        ({"kind": "LATER"}, ["kind"]),
        ({"kind": "INFORMATION_REQUESTED"}, ["text"]),
    ],
)
def test_what_is_missing_is_told_by_field(fields, wrong):
    with pytest.raises(RecordError) as told:
        written(**fields)
    assert list(told.value.mistakes) == wrong


async def test_the_transport_hands_over_to_a_person():
    transport = PhoneTransport()
    receipt = await transport.send(new_alarm())
    assert receipt.delivery is Delivery.PERSON
    nothing = []
    task = asyncio.create_task(transport.run(nothing.append))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nothing == []
