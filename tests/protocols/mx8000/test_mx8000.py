"""MX8000 native (AE8000) and SK9000 (receivers 4): the check byte, calls, the receiver's own."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols import mx8000
from protocols._core import LinkTest, Rejected, Unreadable, Verdict
from protocols.mx8000 import Command, Output, frame_of, v_byte
from protocols.mx8000.fields import V_BYTES, TextBefore, VByte
from protocols.mx8000.meaning import SYSTEM
from protocols.receiver_link import CallerId, CallingName, Internal, PulseEvent
from protocols.receiver_link.stop_and_wait import ReceiverState
from protocols.sia_dc03 import SiaBlock, SiaEvent
from tests.support.automation import SK_HEARTBEAT
from tests.support.dialect import receive, sia

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AE_CALL = b'&051697"081356"01"0001"00401\x05123456"BA01'
SK_CALL = b'\'062794"0345"51\x051234"BA01'


def link(**options):
    return mx8000.connect(keys=lambda _: (), pad=bytes, options=options)


def sealed(body):
    return body + bytes((v_byte(body),)) + b"\r"


def one(body, **options):
    (incoming,) = receive(link(**options), sealed(body))
    return incoming


class TestCheckByte:
    """Add each byte, clear bit 7, set bit 6."""

    def test_the_printed_frame(self):
        assert v_byte(b'\'062794"0345"51\x051234"BA01"BA02"BA04') == 0x7E

    @given(st.binary(min_size=1, max_size=60))
    def test_it_is_a_letter(self, data):
        assert 0x40 <= v_byte(data) <= 0x7F

    def test_a_wrong_one_is_refused_and_told(self):
        (rejected,) = receive(link(), AE_CALL + b"@\r")
        assert isinstance(rejected, Rejected)
        assert (rejected.reason, rejected.envelope_sound) == ("checksum_wrong", True)
        assert rejected.account == "123456"
        assert "40 seen; expected" in rejected.error.reason

    def test_or_let_pass_where_the_site_says_so(self):
        (report,) = receive(link(vbyte=False), AE_CALL + b"@\r")
        assert report.account == "123456"

    def test_what_it_says_is_told_all_the_same(self):
        told = mx8000.explain(AE_CALL + b"@\r")
        assert (told.kind, told.response, told.account) == ("event", "NAK", "123456")
        assert (told.check_sent, told.check_calculated) == (0x40, v_byte(AE_CALL))

    def test_it_may_be_any_byte_of_text_and_is_none_of_the_event(self):
        field = TextBefore(V_BYTES, 0, 9)
        assert field.measure(b"ABCD\r", 0) == 3
        assert VByte().measure(b"\x3f", 0) == -1


class TestCalls:
    def test_events_caller_and_listen_in(self):
        report = one(b'&051697"081356"01"0007"00402\x121-800\x11ADEMCO\x05123456"ri1"BA01"DC2*060')
        first, second, number, name, listen = report.parts
        assert (first.code, first.address, first.modifier("ri")) == ("BA", "01", "1")
        assert (second.code, second.address) == ("DC", "2")
        assert (number, name) == (
            CallerId(raw=report.raw, number="1-800"), CallingName(raw=report.raw, name="ADEMCO"),
        )  # fmt: skip
        assert isinstance(listen, SiaBlock)
        assert listen.data == "060"
        assert (report.receiver, report.line, report.sequence) == ("01", "02", "0007")

    def test_events_of_another_format_stay_as_they_are(self):
        report = one(AE_CALL.replace(b'"00401', b'"01701'))
        (part,) = report.parts
        assert isinstance(part, PulseEvent)
        assert (part.format, part.event_code) == ("ae8000-017", "BA01")

    def test_which_formats_are_sia_can_be_said(self):
        report = one(AE_CALL.replace(b'"00401', b'"01701'), sia_formats="004 017")
        assert isinstance(report.parts[0], SiaEvent)
        report = one(SK_CALL, output="sk9000", sia_formats="")
        assert report.parts[0].format == "sk9000-5"

    def test_bad_data_is_kept_as_such_beside_the_good(self):
        report = one(SK_CALL + b"#B1!BA02", output="sk9000")
        good, again, bad = report.parts
        assert (good.address, again.address) == ("01", "02")
        assert isinstance(bad, Unreadable)
        assert bad.raw == b"B1"

    def test_a_call_that_goes_on_says_so(self):
        assert one(SK_CALL + b",", output="sk9000").quirks == ("call_continues",)
        assert one(SK_CALL, output="sk9000").quirks == ()

    def test_listen_in_without_seconds(self):
        part = one(SK_CALL + b"*", output="sk9000").parts[-1]
        assert (part.function, part.data) == ("L", "")

    def test_a_call_without_account_or_event(self):
        report = one(b'&051697"081356"01"0001"00401')
        assert (report.account, report.parts) == (None, ())


class TestTheReceiverItself:
    @pytest.mark.parametrize("code", SYSTEM)
    def test_every_code_of_the_list(self, code):
        body = b'\x01062794"0345"' + bytes.fromhex(code)
        report = one(body, output="sk9000")
        (own,) = report.parts
        assert report.internal
        assert isinstance(own, Internal)
        assert (own.code, own.meaning) == (code, SYSTEM[code])

    def test_the_same_over_ae8000_and_back(self):
        far_end = mx8000.receiver()
        own = Internal(raw=b"", code="70", number="02")
        far_end.report(own, account="", now=0.0)
        (report,) = receive(link(), far_end.data_to_send())
        assert (report.parts[0].code, report.parts[0].number) == ("70", "02")
        assert report.parts[0].meaning == "line card trouble"

    def test_a_code_that_is_not_in_the_list_stays_visible(self):
        (own,) = one(b'\x01062794"0345"\x7c', output="sk9000").parts
        assert (own.code, own.meaning) == ("7C", None)


class TestHeartbeat:
    def test_ae8000_lets_any_text_pass(self):
        test = one(b'\x03051697"081356"01"0000"anything')
        assert isinstance(test, LinkTest)
        assert test.receiver == "01"

    def test_an_sk9000_has_the_one_that_the_site_names(self):
        (test,) = receive(link(output="sk9000", heartbeat=SK_HEARTBEAT.hex()), SK_HEARTBEAT)
        assert isinstance(test, LinkTest)
        (noise,) = receive(link(output="sk9000"), SK_HEARTBEAT)
        assert isinstance(noise, Rejected)

    def test_without_one_the_pending_message_is_the_probe(self):
        far_end = mx8000.receiver(Output(kind="sk9000", line="1"))
        far_end.report(sia("1234", "BA", "01", area=""), account="1234", now=0.0)
        frame = far_end.data_to_send()
        for _ in range(2):
            far_end.on_deadline(now=far_end.deadline())
        far_end.data_to_send()
        assert far_end.side.state is ReceiverState.FAILED
        assert not far_end.heartbeat(now=60.0)
        assert far_end.data_to_send() == frame
        (answer,) = far_end.receive(b"\x06", now=60.1)
        assert answer.verdict is Verdict.ACK


class TestComputerTrouble:
    """Two NAKs or two timeouts: heartbeats only until an ACK."""

    @pytest.mark.parametrize("answer", [b"\x15", None])
    def test_after_two_of_them_only_a_heartbeat_goes(self, answer):
        far_end = mx8000.receiver()
        far_end.report(sia("1234", "BA", "01", area=""), account="1234", now=0.0)
        frame = far_end.data_to_send()
        for _ in range(2):
            if answer is None:
                far_end.on_deadline(now=far_end.deadline())
            else:
                far_end.receive(answer, now=0.0)
        assert far_end.side.state is ReceiverState.FAILED
        far_end.data_to_send()
        assert far_end.heartbeat(now=30.0)
        assert far_end.data_to_send()[:1] == b"\x03"
        far_end.receive(b"\x06", now=30.1)
        assert far_end.data_to_send() == frame


class TestCommands:
    @pytest.mark.parametrize(
        ("data", "command"),
        [
            (b'J01"1234W\r', Command(name="log-on", receiver="01", pin="1234")),
            (sealed(b"K"), Command(name="log-off")),
            (sealed(b"\x05"), Command(name="hang-up")),
            (sealed(b"I12345"), Command(name="pbx-string", text="12345")),
        ],
    )
    def test_both_ways(self, data, command):
        told = mx8000.parse_command(data)
        assert (told.name, told.receiver, told.pin, told.text) == (
            command.name, command.receiver, command.pin, command.text,
        )  # fmt: skip
        assert told.is_vbyte_right
        assert mx8000.build_command(command) == data

    @pytest.mark.parametrize(("data", "reply"), [(b"\x00", "15"), (b"\r", None)])
    def test_link_tests(self, data, reply):
        told = mx8000.parse_command(data)
        assert (told.name, told.expected_reply) == ("link-test-request", reply)

    @pytest.mark.parametrize(
        ("asked", "reply"),
        [(b"\x00", b"\x15"), (b"\r", b""), (b'J01"1234W\r', b"\x06"), (b'J01"1234X\r', b"\x15")],
    )
    def test_the_receiver_replies(self, asked, reply):
        far_end = mx8000.receiver()
        assert far_end.receive(asked, now=0.0) == []
        assert far_end.data_to_send() == reply

    def test_what_is_none(self):
        assert mx8000.parse_command(b"hello") is None
        assert mx8000.parse_command(b'J*v4"@\r') is None  # a log-on says who and with which PIN
        with pytest.raises(ValueError, match="cannot be written"):
            mx8000.build_command(Command(name="reboot"))


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([Unreadable(raw=b"", format="raw", reason="")], "has no frame"),
        ([sia("1234", "BA", "x" * 40, area="")], "no call frame"),
    ],
)
def test_what_fits_no_frame_is_not_written(parts, why):
    with pytest.raises(ValueError, match=why):
        frame_of(parts, Output(), account="1234", reference=1)


def test_references_run_from_1_to_9999():
    far_end = mx8000.receiver()
    far_end.side._reference = 9998
    for reference in ("9999", "0001"):
        far_end.report(sia("1234", "BA", "01", area=""), account="1234", now=0.0)
        (report,) = receive(link(), far_end.data_to_send())
        assert report.sequence == reference
        far_end.receive(b"\x06", now=0.0)


@pytest.mark.parametrize(
    ("options", "word"),
    [({"output": "x"}, "output"), ({"vbyte": "maybe"}, "vbyte"), ({"heartbeat": "0"}, "heartbeat")],
)
def test_a_wrong_option_says_what_was_seen_and_expected(options, word):
    with pytest.raises(ValueError, match=f"{word} .* seen; expected"):
        link(**options)


def test_a_line_can_be_named_and_a_code_be_any_text():
    far_end = mx8000.receiver(Output(format="017"))
    event = PulseEvent(raw=b"", format="ae8000-017", event_code="E 131 01")
    far_end.report(event, account="1234", now=0.0, line="09")
    (report,) = receive(link(), far_end.data_to_send())
    assert (report.line, report.parts[0].event_code) == ("09", "E 131 01")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x06", "ack"),
        (b"\x15", "nak"),
        (b"\x00", "link-test-request"),
        (b'J01"1234W\r', "command"),
        (b"\xff", "noise"),
        (b"", "noise"),
        (sealed(AE_CALL), "event"),
        (sealed(SK_CALL), "event"),
        (sealed(b'\x02051697"081356"01"0003"w'), "internal"),
        (sealed(b'\x03051697"081356"01"0000'), "heartbeat"),
        (sealed(b'&051697"081356"01"0001"0040'), "invalid"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert mx8000.explain(data).kind == kind


def test_an_explanation_of_an_output_that_is_named():
    assert mx8000.explain(sealed(SK_CALL), kind="sk9000").kind == "event"
    assert mx8000.explain(sealed(SK_CALL), kind="ae8000").kind == "noise"
    named = mx8000.explain_all(SK_HEARTBEAT + sealed(SK_CALL), kind="sk9000")
    assert [each.kind for each in named] == ["noise", "event"]


@given(st.binary(max_size=60))
def test_an_explanation_never_raises(data):
    assert mx8000.explain_all(data)
