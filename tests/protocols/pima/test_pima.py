"""PIMA's frame of 38 bytes (receivers 8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols import pima
from protocols._core import Rejected, Unreadable, Verdict
from protocols.contact_id import ContactId
from protocols.pima import Output, frame_of
from protocols.pima.frame import check_of
from tests.support.dialect import cid, pulse, receive

PRINTED = b"\n59303______________000001B2_______DD\r"


def link(**options):
    return pima.connect(keys=lambda _: (), pad=bytes, options=options)


def test_the_check_is_ff_minus_the_sum_of_all_hex_digits():
    assert check_of(PRINTED[:-3]) == "DD"


def test_a_short_code_stays_as_it_is():
    (report,) = receive(link(), PRINTED)
    assert (report.account, report.parts[0].event_code) == ("000001", "B2")


@pytest.mark.parametrize(("letter", "digit"), [("E", "1"), ("R", "3"), ("P", "6")])
def test_nine_characters_are_contact_id(letter, digit):
    frame = frame_of(cid("000001", letter), Output(), account="1")
    (report,) = receive(link(), frame)
    (part,) = report.parts
    assert isinstance(part, ContactId)
    assert (part.qualifier, part.event, part.group, part.zone) == (digit, "131", "01", "015")


def test_a_wrong_check_is_refused_or_let_pass():
    wrong = PRINTED.replace(b"DD", b"DC")
    (rejected,) = receive(link(), wrong)
    assert isinstance(rejected, Rejected)
    assert rejected.error.reason == "check DC seen; expected DD"
    assert rejected.account == "000001"
    (report,) = receive(link(check=False), wrong)
    assert report.account == "000001"


def test_without_heartbeat_the_pending_message_is_the_probe():
    far_end = pima.receiver()
    far_end.report(pulse("pima-38", "B2"), account="1", now=0.0)
    while (due := far_end.deadline()) is not None:
        far_end.on_deadline(now=due)
    far_end.data_to_send()
    assert not far_end.heartbeat(now=60.0)
    assert far_end.data_to_send() == PRINTED
    (answer,) = far_end.receive(b"\x06", now=60.1)
    assert answer.verdict is Verdict.ACK


def test_what_fits_no_frame_is_not_written():
    with pytest.raises(ValueError, match="has no frame"):
        frame_of(Unreadable(raw=b"", format="raw", reason=""), Output(), account="1")
    with pytest.raises(ValueError, match="no frame can be built"):
        frame_of(pulse("pima-38", "B2"), Output(), account="1234567")
    with pytest.raises(ValueError, match="2 parts"):
        pima.receiver().report(cid("1"), cid("1"), account="1", now=0.0)


@given(st.binary(max_size=60))
def test_an_explanation_never_raises(data):
    assert pima.explain_all(data)


def test_an_answer_is_told():
    assert pima.explain(b"\x06").kind == "ack"
