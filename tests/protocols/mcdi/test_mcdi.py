"""MCDI Exprecium: Sur-Gard frames, a bare @ for a heartbeat, internal numbers of its own."""

import pytest

from protocols import mcdi
from protocols._core import LinkTest, Rejected, Report, Verdict
from protocols.receiver_link import Internal
from tests.support.dialect import cid, receive

FRAME = b"5011 181234E13101015\x14"


def link(**options):
    return mcdi.connect(keys=lambda _: (), pad=bytes, options=options)


@pytest.mark.parametrize("number", mcdi.INTERNALS)
def test_its_own_numbers(number):
    (report,) = receive(link(), b"1011      0000 A  " + number.encode() + b"\x14")
    (own,) = report.parts
    assert isinstance(own, Internal)
    assert report.internal
    assert (own.code, own.number, own.meaning) == ("MCDI", number, mcdi.INTERNALS[number])


@pytest.mark.parametrize(
    "frame", [b"1011      0000 A  77\x14", b"1011      1234 A  01\x14", b"1011      0000 A1 01\x14"]
)
def test_what_is_no_such_number_stays_a_panels(frame):
    (report,) = receive(link(), frame)
    assert not report.internal


def test_the_internal_account_is_an_option():
    (report,) = receive(link(internal_account="9999"), b"1011      9999 A  01\x14")
    assert report.internal


def test_heartbeats_between_frames_and_glued():
    kinds = [type(each) for each in receive(link(), b"@" + FRAME + b"@@\r\n" + FRAME)]
    assert kinds == [LinkTest, Report, LinkTest, LinkTest, Report]


def test_an_at_sign_inside_a_frame_is_none():
    connection = link()
    assert connection.receive(b"1011           ", now=0.0) == []
    (test,) = connection.receive(b"@    \x14", now=0.0)
    assert isinstance(test, LinkTest)
    assert test.raw == b"1011           @    \x14"


def test_on_a_noisy_line_one_at_sign_is_not_acknowledged():
    connection = link()
    (noise,) = receive(connection, b"\xff\xfe\r")
    assert isinstance(noise, Rejected)
    assert connection.receive(b"@", now=1.0) == []
    assert connection.receive(b"@", now=2.0) == []
    assert len(connection.receive(b"@", now=3.0)) == 1
    receive(connection, b"\xff\xfe\r", 4.0)
    receive(connection, FRAME, 5.0)
    assert len(connection.receive(b"@", now=6.0)) == 1


def test_only_an_ack_answers_a_heartbeat_and_only_on_its_own_opening():
    connection = link()
    (test,) = connection.receive(b"@", now=0.0)
    connection.answer(test, Verdict.SILENCE, utc=None)
    assert connection.data_to_send() == b""
    connection.eof()
    connection.answer(test, Verdict.ACK, utc=None)
    assert connection.data_to_send() == b""


def test_it_sends_again_every_two_seconds_for_ever():
    far_end = mcdi.receiver()
    far_end.report(cid("1234"), account="1234", now=0.0)
    now = 0.0
    for _ in range(30):
        assert far_end.data_to_send() == FRAME
        assert far_end.deadline() == now + 2.0
        now = far_end.deadline()
        assert far_end.on_deadline(now=now) == []


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (FRAME, "event"),
        (b"@", "heartbeat"),
        (b"1011      0000 A  01\x14", "internal"),
        (b"\x06", "ack"),
        (b"\xff\xff", "noise"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert mcdi.explain(data).kind == kind
