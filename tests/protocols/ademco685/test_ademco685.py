"""Ademco 685, CAPS and CP-220 (receivers 3): what each layout says, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols import ademco685
from protocols._core import LinkTest, Rejected, Unreadable
from protocols.ademco685 import Output, frame_of
from protocols.ademco685.frame import SpacedNumber
from protocols.receiver_link import Channels
from tests.support.dialect import cid, pulse, receive


def link(**options):
    return ademco685.connect(keys=lambda _: (), pad=bytes, options=options)


def one(frame, **options):
    (incoming,) = receive(link(**options), frame)
    return incoming


class TestContactId:
    @pytest.mark.parametrize(
        ("sent", "qualifier", "quirks"),
        [("E", "1", ()), ("R", "3", ()), ("P", "6", ()), ("3", "3", ("digit_qualifier",))],
    )
    def test_qualifiers(self, sent, qualifier, quirks):
        report = one(f"\n11 1234 18 {sent}131 01 C015 \r".encode())
        assert report.parts[0].qualifier == qualifier
        assert report.quirks == quirks

    def test_98_and_a_user(self):
        report = one(b"\n11 1234 98 R401 00 U007\r")
        (part,) = report.parts
        assert (part.event, part.zone, part.qualifier) == ("401", "007", "3")
        assert ademco685.explain(report.raw).value("kind") == "U"

    def test_openings_go_out_as_a_users(self):
        sent = frame_of([cid("1234", "R", "401")], Output(), account="1234")
        assert b" U015" in sent


class TestPulse:
    @pytest.mark.parametrize(
        ("frame", "event_format", "code", "zone"),
        [
            (b"\n11 1234 3\r", "pulse-4/1", "3", ""),
            (b"\n11 0123 3\r", "pulse-3/1", "3", ""),
            (b"\n12 1234 3 5\r", "pulse-4/2", "3", "5"),
        ],
    )
    def test_formats_by_shape(self, frame, event_format, code, zone):
        (part,) = one(frame).parts
        assert (part.format, part.event_code, part.zone) == (event_format, code, zone)

    @pytest.mark.parametrize(
        ("digits", "event", "zone"),
        [(b"0 0 0", "0", "0"), (b"0 5 0", "3", "2"), (b"2 5 5", "F", "F"), (b"1 6 0", "A", "0")],
    )
    def test_caps_counts_16_events(self, digits, event, zone):
        (part,) = one(b"\n11 1234 " + digits + b"A", format="caps").parts
        assert (part.event_code, part.zone) == (event, zone)

    def test_a_blank_zone_of_fsk1_is_not_told(self):
        (part,) = one(b"1112343 \r", format="cp220").parts
        assert (part.format, part.event_code, part.zone) == ("sk-fsk1", "3", "")
        assert frame_of([part], Output(format="cp220"), account="1234") == b"1112343 \r"

    def test_letters_number_a_cp220s_receiver(self):
        report = one(b"Z9123434\r", format="cp220")
        assert (report.receiver, report.line) == ("Z", "9")
        assert isinstance(one(b"\nZ9 1234 3\r"), Rejected)  # a 685 has digits


def test_the_group_of_a_call_can_be_named():
    far_end = ademco685.receiver()
    far_end.report(cid("1234"), account="1234", now=0.0, line="7")
    assert far_end.data_to_send().startswith(b"\n17 ")


@given(st.integers(0, 255))
def test_every_number_of_caps_is_written_and_read(number):
    field = SpacedNumber()
    assert field.parse(field.build(number)) == number


@pytest.mark.parametrize("sent", [b"2 5 6", b"3 0 0", b"00 5", b"0  5", b"a 0 0"])
def test_what_is_no_number_of_caps(sent):
    assert SpacedNumber().measure(sent, 0) == -1


def test_the_heartbeat_of_iti_generic_is_one_too():
    test = one(b"\n00 OKAY @\r")
    assert isinstance(test, LinkTest)
    assert ademco685.explain(test.raw).token == "iti-generic"
    assert ademco685.explain(b"\n11 OKAY @ \r").token == "685"


def test_fsk1_without_header_must_come_twice_after_noise():
    connection = link(format="cp220")
    receive(connection, b"\xff\xfe\r")
    (doubtful,) = receive(connection, b"11123434\r")
    assert isinstance(doubtful, Rejected)
    assert doubtful.envelope_sound
    assert doubtful.error.reason.endswith("fits no layout, or noise was on the line before it")
    (report,) = receive(connection, b"11123434\r")
    assert report.parts[0].format == "sk-fsk1"


@pytest.mark.parametrize(
    ("parts", "output", "why"),
    [
        ([cid("1234"), cid("1234")], Output(), "2 parts seen"),
        ([Unreadable(raw=b"", format="raw", reason="")], Output(), "has no frame"),
        ([Channels(raw=b"", format="vonk", channels=("5",) * 16)], Output(), "has no frame"),
        ([pulse("pulse-4/2", "A", "XY")], Output(format="caps"), "one hex digit each"),
        ([pulse("pulse-4/2", "A", "12")], Output(format="caps"), "one hex digit each"),
        ([pulse("pulse-4/2", "+A", "1")], Output(format="caps"), "one hex digit each"),
        ([pulse("pulse-4/2", "A", "0_1")], Output(format="caps"), "one hex digit each"),
        ([pulse("pulse-4/2", "A", " 1")], Output(format="caps"), "one hex digit each"),
        ([pulse("pulse-4/2", "٣", "1")], Output(format="caps"), "one hex digit each"),
        ([pulse("pulse-4/2", "AB", "1")], Output(), "no four-two frame"),
        ([pulse("sk-fsk0", "3")], Output(), "no sk-fsk0 frame of 685"),
    ],
)
def test_what_fits_no_frame_is_not_written(parts, output, why):
    with pytest.raises(ValueError, match=why):
        frame_of(parts, output, account="1234")


@pytest.mark.parametrize(
    ("options", "word"),
    [({"format": "686"}, "format"), ({"header": "0a0a"}, "header"), ({"terminator": "x"}, "term")],
)
def test_a_wrong_option_says_what_was_seen_and_expected(options, word):
    with pytest.raises(ValueError, match=f"{word}.* seen; expected"):
        link(**options)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\n11 1234 3\r", "event"),
        (b"\n11 1234 0 5 0A", "event"),
        (b"111234A3\r", "event"),
        (b"\n11 OKAY @ \r", "heartbeat"),
        (b"\n11 12x4 3\r", "invalid"),
        (b"\x06", "ack"),
        (b"\x15", "nak"),
        (b"\xff", "noise"),
        (b"", "noise"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert ademco685.explain(data).kind == kind


@given(st.binary(max_size=50))
def test_an_explanation_never_raises(data):
    assert ademco685.explain_all(data)
