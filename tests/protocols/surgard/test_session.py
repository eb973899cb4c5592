"""Sections 1 and 2.4: one byte for each frame, and the receiver's retries on the other end."""

from datetime import UTC, datetime

import pytest

from protocols._core import Connection as Shape
from protocols._core import LinkTest, Rejected, Report, Verdict
from protocols.receiver_link import LinkState
from protocols.receiver_link.computer import TRANSITIONS as COMPUTER
from protocols.registry import PROTOCOLS
from protocols.surgard import ACK_TIMEOUT_S, Connection, Output, Role, connect
from protocols.surgard.receiver import (
    NAK_LIMIT,
    TRANSMISSIONS,
    ReceiverState,
)
from protocols.surgard.receiver import TRANSITIONS as RECEIVER
from tests.support.surgard import CASES, RRLLL, cid

UTC_NOW = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)
EVENT = b"5011 181234E12101001\x14"
PART = cid("1234", "1", "121", "01", "001")


def computer(**settings):
    return Connection(Role.COMPUTER, **settings)


def receiver(**output):
    return Connection(Role.RECEIVER, output=Output(**output))


def test_every_state_has_a_row():
    assert set(COMPUTER) == set(LinkState)
    assert set(RECEIVER) == set(ReceiverState)


@pytest.mark.parametrize(
    ("verdict", "byte"),
    [
        (Verdict.ACK, b"\x06"),
        (Verdict.DUH, b"\x15"),
        (Verdict.SILENCE, b""),
        (Verdict.NAK_TIME, b""),
    ],
)
class TestAnswers:
    def test_a_bare_byte(self, verdict, byte):
        link = computer()
        (report,) = link.receive(EVENT, now=0.0)
        assert link.data_to_send() == b""  # nothing before the verdict
        link.answer(report, verdict, utc=UTC_NOW)
        assert link.data_to_send() == byte
        assert link.data_to_send() == b""

    def test_the_prefix_comes_back_with_it(self, verdict, byte):
        link = computer()
        (report,) = link.receive(b"\x00\x00\x00\x25" + EVENT, now=0.0)
        link.answer(report, verdict, utc=UTC_NOW)
        assert link.data_to_send() == (b"\x00\x00\x00\x05" + byte if byte else b"")

    def test_noise_is_never_answered(self, verdict, byte):
        del byte
        link = computer()
        (noise,) = link.receive(b"\xff\xfe\x14", now=0.0)
        link.answer(noise, verdict, utc=UTC_NOW)
        assert link.data_to_send() == b""

    def test_nor_is_a_frame_of_a_port_that_was_closed(self, verdict, byte):
        del byte
        link = computer()
        (report,) = link.receive(EVENT, now=0.0)
        link.eof()
        link.answer(report, verdict, utc=UTC_NOW)
        assert link.data_to_send() == b""
        (again,) = link.receive(EVENT, now=1.0)
        link.answer(again, Verdict.ACK, utc=UTC_NOW)
        assert link.data_to_send() == b"\x06"


def test_the_state_follows_what_is_unanswered():
    link = computer()
    assert link.side.state is LinkState.IDLE
    first, second = link.receive(EVENT + EVENT, now=0.0)
    assert link.side.state is LinkState.AWAITING_ANSWER
    link.answer(first, Verdict.ACK, utc=UTC_NOW)
    assert link.side.state is LinkState.AWAITING_ANSWER
    link.answer(second, Verdict.SILENCE, utc=UTC_NOW)
    assert link.side.state is LinkState.IDLE
    link.eof()
    assert link.side.state is LinkState.CLOSED
    link.receive(EVENT, now=1.0)
    assert link.side.state is LinkState.AWAITING_ANSWER


def test_answers_of_one_read_leave_together():
    link = computer()
    for report in link.receive(EVENT * 3, now=0.0):
        link.answer(report, Verdict.ACK, utc=UTC_NOW)
    assert link.data_to_send() == b"\x06\x06\x06"


class TestReceiver:
    """Section 2.4, the receiver's own rules, as simulators play them."""

    def test_one_message_at_a_time(self):
        link = receiver()
        first = link.report(PART, account="1234", now=0.0)
        second = link.report(PART, account="1234", now=0.0, line="2")
        assert link.data_to_send() == EVENT
        (answer,) = link.receive(b"\x06", now=0.1)
        assert (answer.verdict, answer.sequence) == (Verdict.ACK, first)
        assert link.data_to_send() == b"5012 181234E12101001\x14"
        (answer,) = link.receive(b"\x06", now=0.2)
        assert answer.sequence == second
        assert link.deadline() is None
        assert link.side.backlog_count == 0

    def test_no_answer_means_four_transmissions_then_heartbeats_only(self):
        link = receiver()
        number = link.report(PART, account="1234", now=0.0)
        sent = [link.data_to_send()]
        answers = []
        while (due := link.deadline()) is not None:
            answers += link.on_deadline(now=due)
            sent.append(link.data_to_send())
        assert sent == [EVENT] * TRANSMISSIONS + [b""]
        assert [(each.verdict, each.sequence) for each in answers] == [(Verdict.SILENCE, number)]
        assert link.side.state is ReceiverState.FAILED
        link.report(PART, account="1234", now=20.0)
        assert link.data_to_send() == b""
        assert link.side.backlog_count == 2

    def test_the_first_ack_to_a_heartbeat_restores_the_link(self):
        link = receiver()
        link.report(PART, account="1234", now=0.0)
        while (due := link.deadline()) is not None:
            link.on_deadline(now=due)
        link.data_to_send()
        assert link.heartbeat(now=30.0)
        assert link.data_to_send() == b"1011           @    \x14"
        (answer,) = link.receive(b"\x06", now=30.1)
        assert (answer.verdict, answer.sequence) == (Verdict.ACK, None)
        assert link.data_to_send() == EVENT  # the pending one begins again
        (answer,) = link.receive(b"\x06", now=30.2)
        assert answer.sequence == "1"

    def test_an_unanswered_heartbeat_is_repeated_and_given_up(self):
        link = receiver(header="RRLLL", line="001")
        assert link.heartbeat(now=0.0)
        assert not link.heartbeat(now=0.5)
        sent = link.data_to_send()
        while (due := link.deadline()) is not None:
            link.on_deadline(now=due)
            sent += link.data_to_send()
        assert sent == b"101000           @    \x14" * TRANSMISSIONS
        assert link.side.state is ReceiverState.FAILED
        assert link.heartbeat(now=60.0)
        while (due := link.deadline()) is not None:
            link.on_deadline(now=due)
        assert link.side.state is ReceiverState.FAILED

    def test_nak_repeats_at_once_until_the_message_is_given_up(self):
        link = receiver()
        link.report(PART, account="1234", now=0.0)
        link.report(PART, account="1234", now=0.0, line="2")
        for _ in range(NAK_LIMIT - 1):
            assert link.data_to_send() == EVENT
            (answer,) = link.receive(b"\x15", now=0.1)
            assert answer.verdict is Verdict.DUH
        assert link.data_to_send() == EVENT
        link.receive(b"\x15", now=0.2)
        assert link.data_to_send()[:4] == b"5012"

    def test_any_other_byte_is_no_answer(self):
        link = receiver()
        link.report(PART, account="1234", now=0.0)
        link.data_to_send()
        assert link.receive(b"?A", now=0.1) == []
        assert link.on_deadline(now=0.2) == []  # not due yet
        assert link.data_to_send() == b""
        assert link.deadline() == pytest.approx(ACK_TIMEOUT_S)

    def test_a_second_ack_is_not_taken_for_the_next_message(self):
        link = receiver()
        link.report(PART, account="1234", now=0.0)
        assert len(link.receive(b"\x06\x06", now=0.1)) == 1

    def test_what_was_not_acknowledged_outlives_the_connection(self):
        link = receiver()
        link.report(PART, account="1234", now=0.0)
        link.data_to_send()
        assert link.eof() == []
        assert link.deadline() is None
        link.resume(now=5.0)
        assert link.data_to_send() == EVENT

    def test_answers_with_the_prefix_may_come_in_pieces(self):
        link = receiver(b32=True)
        link.report(PART, account="1234", now=0.0)
        assert link.data_to_send() == b"\x00\x00\x00\x25" + EVENT
        assert link.receive(b"\x00\x00\x00", now=0.1) == []
        (answer,) = link.receive(b"\x05\x06", now=0.1)
        assert answer.verdict is Verdict.ACK

    def test_noise_and_raw_frames_go_out_as_they_are(self):
        link = receiver()
        link.noise(b"\xff\x00")
        number = link.raw(b"5011 18", now=0.0)
        assert link.data_to_send() == b"\xff\x005011 18"
        (answer,) = link.receive(b"\x15", now=0.1)
        assert (answer.verdict, answer.sequence) == (Verdict.DUH, number)


@pytest.mark.parametrize("b32", [False, True])
def test_two_ends_talk(b32):
    """Every frame of the list from one end to the other, each acknowledged before the next."""
    sender = Connection(Role.RECEIVER, output=Output(b32=b32))
    taker = computer()
    for case in CASES:
        sender.side.output = Output(
            header=case.output.header, receiver="01", line=case.output.line, b32=b32
        )
        sender.report(*case.parts, account=case.account, now=0.0, token=case.token)
    sender.heartbeat(now=0.0)
    heard, acknowledged = [], []
    while data := sender.data_to_send():
        for incoming in taker.receive(data, now=0.0):
            heard.append(incoming)
            taker.answer(incoming, Verdict.ACK, utc=UTC_NOW)
        acknowledged += sender.receive(taker.data_to_send(), now=0.0)
    assert [type(each) for each in heard] == [Report] * len(CASES)
    assert [each.account for each in heard] == [case.account for case in CASES]
    assert [each.sequence for each in acknowledged] == [str(n + 1) for n in range(len(CASES))]
    assert sender.heartbeat(now=1.0)
    (test,) = taker.receive(sender.data_to_send(), now=1.0)
    assert isinstance(test, LinkTest)


def test_a_lost_ack_brings_the_same_bytes_again():
    sender, taker = receiver(), computer()
    sender.report(PART, account="1234", now=0.0)
    (first,) = taker.receive(sender.data_to_send(), now=0.0)
    taker.answer(first, Verdict.ACK, utc=UTC_NOW)
    taker.data_to_send()  # lost
    sender.on_deadline(now=sender.deadline())
    (second,) = taker.receive(sender.data_to_send(), now=4.0)
    assert second.identity == first.identity


class TestRegistry:
    def test_it_is_known_by_its_name(self):
        info = PROTOCOLS["surgard"]
        assert info.link == "receiver"
        assert info.transports == {"tcp", "serial"}
        link: Shape = info.connect(keys=lambda _: (), pad=bytes)
        (report,) = link.receive(EVENT, now=0.0)
        assert report.protocol == info.name

    @pytest.mark.parametrize(
        ("options", "frame", "is_report"),
        [
            ({"header": "RRLLL"}, EVENT, False),
            ({"header": "RRL", "b32": False}, EVENT, True),
            ({"b32": True}, b"\x00\x00\x00\x25" + EVENT, True),
            ({"internal_account": "", "audio_code": "V"}, EVENT, True),
        ],
    )
    def test_options(self, options, frame, is_report):
        link = connect(keys=lambda _: (), pad=bytes, options=options)
        (incoming,) = link.receive(frame, now=0.0)
        assert isinstance(incoming, Report) == is_report
        assert isinstance(incoming, Rejected) != is_report

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ({"header": "RR"}, "header 'RR' seen; expected one of auto, RRL, RRLL, RRLLL"),
            ({"b32": "maybe"}, "b32 'maybe' seen"),
            ({"internal_account": "00G0"}, "internal_account '00G0' seen"),
            ({"audio_code": "PP"}, "audio_code 'PP' seen"),
            ({"baud": 9600}, r"options \['baud'\] seen"),
        ],
    )
    def test_a_wrong_option_is_told(self, options, why):
        with pytest.raises(ValueError, match=why):
            connect(keys=lambda _: (), pad=bytes, options=options)

    def test_it_does_not_speak_over_udp(self):
        with pytest.raises(ValueError, match="udp seen"):
            connect(keys=lambda _: (), pad=bytes, datagram=True)


def test_the_line_of_a_report_may_differ_from_the_heartbeats():
    link = Connection(Role.RECEIVER, output=RRLLL)
    link.report(PART, account="1234", now=0.0, line="017")
    assert link.data_to_send()[:6] == b"501017"
