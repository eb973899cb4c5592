"""ITI generic and ITI computer (receivers 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols import iti
from protocols._core import LinkTest, Unreadable
from protocols.iti import Output, frame_of
from protocols.receiver_link import Internal
from tests.support.automation import ITI_EVENT
from tests.support.dialect import pulse, receive


def link(**options):
    return iti.connect(keys=lambda _: (), pad=bytes, options=options)


def one(frame, **options):
    (incoming,) = receive(link(**options), frame)
    return incoming


def test_the_attribute_byte_stands_inside_the_account():
    report = one(b"\n1B1j23458b45A\r")
    (part,) = report.parts
    assert (report.account, report.receiver, report.line) == ("12345", "1", "B")
    assert part.iti.attribute == 0x6A
    assert (part.group, part.iti.user, part.zone, part.event_code) == ("8", "b", "45", "A")


def test_the_test_record_is_the_receivers_own():
    report = one(b"\nIT IRCV 234A\r")
    assert report.internal
    assert report.parts == (Internal(raw=report.raw, code="IT", number="234A"),)
    assert iti.explain(report.raw).kind == "test"


class TestComputer:
    def test_fields_come_in_any_order(self):
        one_way = one(b"|[R|IA1|LB|A123456|N0005|Z1|CA|]A0000\r", output="computer")
        other = one(b"|[R|CA|Z1|N0005|A123456|LB|IA1|]A0000\r", output="computer")
        for name in ("account", "line", "receiver", "sequence"):
            assert getattr(one_way, name) == getattr(other, name)
        assert (one_way.account, one_way.line, one_way.receiver) == ("123456", "B", "1")

    def test_of_a_repeated_field_the_first_counts(self):
        report = one(b"|[R|A1234|A5678|CA|]A0000\r", output="computer")
        assert report.account == "1234"

    def test_a_supervisory_record_is_a_heartbeat(self):
        test = one(b"|[S|IA1|D970425|T080020|V042597|L10|]B0000\r", output="computer")
        assert isinstance(test, LinkTest)
        assert test.sequence == "B"

    def test_log_and_test_records_are_the_receivers_own(self):
        for frame, code, kind in (
            (b"|[L|IA1|L1|S970425080020|]C0000\r", "L", "log-start"),
            (b"|[T|IA1|]D0000\r", "IT", "test"),
        ):
            report = one(frame, output="computer")
            assert report.internal
            assert report.parts[0].code == code
            assert iti.explain(frame).kind == kind

    def test_the_control_letter_goes_round(self):
        far_end = iti.receiver(Output(output="computer"))
        letters = ""
        for _ in range(27):
            far_end.report(pulse("iti", "A", "1"), account="1234", now=0.0)
            letters += far_end.data_to_send()[-6:-5].decode()
            far_end.receive(b"\x06", now=0.0)
        assert (letters[0], letters[25], letters[26]) == ("A", "Z", "A")


def test_the_line_of_a_call_can_be_named():
    far_end = iti.receiver()
    far_end.report(ITI_EVENT, account="12345", now=0.0, line="z")
    frame = far_end.data_to_send()
    assert iti.explain(frame, output="generic").line == "z"


def test_an_account_of_four_digits_gets_a_high_digit_of_0():
    frame = frame_of([ITI_EVENT], Output(), account="2345", reference=1, letter="A")
    assert one(frame).account == "02345"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([Unreadable(raw=b"", format="raw", reason="")], "has no frame"),
        ([ITI_EVENT, ITI_EVENT], "one condition"),
        ([pulse("iti", "AB", "1")], "no event frame"),
    ],
)
def test_what_fits_no_frame_is_not_written(parts, why):
    with pytest.raises(ValueError, match=why):
        frame_of(parts, Output(), account="12345", reference=1, letter="A")


def test_a_wrong_option_says_what_was_seen_and_expected():
    with pytest.raises(ValueError, match="output 'x' seen; expected"):
        link(output="x")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\n1B1j23458b45A\r", "event"),
        (b"\n00 OKAY @\r", "heartbeat"),
        (b"|[R|A1|]A0\r", "invalid"),
        (b"\x06", "ack"),
        (b"", "noise"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert iti.explain(data).kind == kind


@given(st.binary(max_size=60))
def test_an_explanation_never_raises(data):
    assert iti.explain_all(data)
