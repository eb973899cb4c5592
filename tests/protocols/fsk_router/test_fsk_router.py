"""FSK Multi-Router (TCP-0211 manual): FSK7 and FSK extended."""

import pytest

from protocols import fsk_router
from protocols._core import Unreadable, Verdict
from protocols.fsk_router import Output, frame_of
from protocols.receiver_link import PulseEvent
from tests.support.dialect import cid, receive

FSK7 = b"\x02C01234E1300101500500A00\r"


def link(**options):
    return fsk_router.connect(keys=lambda _: (), pad=bytes, options=options)


def test_the_radio_path_of_fsk7_is_kept():
    (report,) = receive(link(), FSK7)
    fields = report.envelope.fields
    assert (fields.start, fields.repeater, fields.rssi_local, fields.rssi_remote, fields.slot) == (
        "0", "05", "0", "0", "A",
    )  # fmt: skip
    assert (report.account, report.line, report.parts[0].event) == ("01234", "A", "130")


@pytest.mark.parametrize(("letter", "digit"), [("E", "1"), ("R", "3"), ("S", "6")])
def test_qualifiers(letter, digit):
    (report,) = receive(link(), FSK7.replace(b"E", letter.encode()))
    assert report.parts[0].qualifier == digit
    assert report.parts[0].qualifier_sent == letter


def test_fsk_extended():
    for raw in (b"\x0201234123317\r\n\x04", b"\x0201234123317\r"):
        (report,) = receive(link(), raw)
        fields = report.envelope.fields
        assert (report.account, fields.event, fields.repeater, fields.rssi_local) == (
            "01234", "123", "31", "7",
        )  # fmt: skip


def test_the_bytes_of_the_answers_are_options():
    connection = link(ack="41", nak="4e")
    (report,) = receive(connection, FSK7)
    connection.answer(report, Verdict.ACK, utc=None)
    connection.answer(report, Verdict.DUH, utc=None)
    assert connection.data_to_send() == b"AN"


def test_a_slot_is_a_line_of_the_router():
    far_end = fsk_router.receiver(Output(slot="C"))
    far_end.report(cid("01234"), account="1234", now=0.0, line="D")
    assert far_end.data_to_send()[-4:] == b"D00\r"
    assert not far_end.heartbeat(now=0.0)


@pytest.mark.parametrize(
    ("part", "account"),
    [
        (Unreadable(raw=b"", format="", reason=""), "1"),
        (cid("1"), "123456"),
        (PulseEvent(raw=b"", format="fsk-extended", event_code="1"), "1"),
    ],
)
def test_what_fits_no_frame_is_not_written(part, account):
    with pytest.raises(ValueError, match="frame"):
        frame_of(part, account, Output())


@pytest.mark.parametrize(
    ("data", "kind"),
    [(FSK7, "event"), (FSK7.replace(b"E", b"X"), "invalid"), (b"\x06", "ack"), (b"x", "noise")],
)
def test_an_explanation_of_everything(data, kind):
    assert fsk_router.explain(data).kind == kind
