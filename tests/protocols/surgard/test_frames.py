"""Sur-Gard automation output, every protocol id that is read: both ways, fed every way."""

import msgspec
import pytest

from protocols._core import LinkTest, Rejected, Repeat, Report, Unreadable
from protocols.surgard import (
    Connection,
    Envelope,
    Modifier,
    Output,
    Role,
    Site,
    frame_of,
    heartbeat,
)
from tests.support.surgard import CASES, RRL, RRLLL, WITHOUT_ACCOUNT


def ids(case):
    return case.frame.decode("latin-1")


def computer(**settings):
    return Connection(Role.COMPUTER, **settings)


def bare(part):
    return msgspec.structs.replace(part, raw=b"")


def told(incoming):
    return [bare(part) for part in incoming.parts]


@pytest.mark.parametrize("case", CASES, ids=ids)
class TestEveryFrame:
    def test_is_read(self, case):
        (report,) = computer().receive(case.frame, now=0.0)
        assert isinstance(report, Report)
        assert report.raw == case.frame
        assert report.account == case.account
        assert (report.receiver, report.line) == (case.output.receiver, case.output.line)
        assert told(report) == list(case.parts)
        assert report.repeat is Repeat.LINK
        assert report.token == case.frame[:1].decode()

    def test_is_written(self, case):
        written = frame_of(case.parts, case.output, account=case.account, token=case.token)
        assert written == case.frame

    def test_byte_by_byte_is_one_frame(self, case):
        link = computer()
        got = [each for byte in case.frame for each in link.receive(bytes([byte]), now=0.0)]
        assert got == computer().receive(case.frame, now=0.0)
        assert link.deadline() is None

    def test_split_anywhere(self, case):
        for cut in range(1, len(case.frame)):
            link = computer()
            got = link.receive(case.frame[:cut], now=0.0) + link.receive(case.frame[cut:], now=0.0)
            assert [each.raw for each in got] == [case.frame]

    def test_two_in_one_read_with_line_ends_between(self, case):
        got = computer().receive(case.frame + b"\r\n" + case.frame, now=0.0)
        assert [each.raw for each in got] == [case.frame, case.frame]

    def test_after_noise(self, case):
        noise, report = computer().receive(b"\xff\x00x\x80" + case.frame, now=0.0)
        assert isinstance(noise, Rejected)
        assert (noise.reason, noise.envelope_sound) == ("noise", False)
        assert noise.raw == b"\xff\x00x\x80"
        assert told(report) == list(case.parts)

    def test_carriage_return_ends_it_too(self, case):
        (report,) = computer().receive(case.frame[:-1] + b"\r", now=0.0)
        assert told(report) == list(case.parts)
        assert report.envelope.terminator == "\r"

    def test_without_terminator_it_waits_a_moment(self, case):
        link = computer()
        assert link.receive(case.frame[:-1], now=10.0) == []
        due = link.deadline()
        assert 10.0 < due < 10.5
        assert link.on_deadline(now=10.1) == []
        (report,) = link.on_deadline(now=due)
        assert told(report) == list(case.parts)
        assert link.deadline() is None

    def test_glued_copies_come_apart(self, case):
        body = case.frame[:-1]
        first, second, third = computer().receive(body + body + case.frame, now=0.0)
        assert told(first) == told(second) == told(third) == list(case.parts)
        assert first.identity == second.identity == third.identity == body

    def test_with_the_clock(self, case):
        if case.frame[:1] == b"Y":
            pytest.skip("that id has no clock: its digits would be further pairs")
        output = msgspec.structs.replace(case.output, clock="12:34:56-24/12")
        written = frame_of(case.parts, output, account=case.account, token=case.token)
        assert written == case.frame[:-1] + b"12:34:56-24/12\x14"
        link = computer()
        got = [each for byte in written for each in link.receive(bytes([byte]), now=0.0)]
        assert [told(each) for each in got] == [list(case.parts)]
        assert got[0].envelope.clock == "12:34:56-24/12"

    def test_with_the_b32_prefix(self, case):
        output = msgspec.structs.replace(case.output, b32=True)
        written = frame_of(case.parts, output, account=case.account, token=case.token)
        assert written[:2] == b"\x00\x00"
        assert int(written[2:4].hex()) == len(written)
        link = computer()
        got = [each for byte in written for each in link.receive(bytes([byte]), now=0.0)]
        assert [told(each) for each in got] == [list(case.parts)]
        assert got[0].envelope.is_b32
        assert got[0].identity == case.frame[:-1]


@pytest.mark.parametrize(
    ("frame", "output", "line"),
    [
        (b"1011           @    \x14", RRL, "1"),
        (b"101000           @    \x14", RRLLL, "000"),
    ],
)
def test_a_heartbeat_is_a_link_test(frame, output, line):
    assert heartbeat(output) == frame
    (test,) = computer().receive(frame, now=0.0)
    assert isinstance(test, LinkTest)
    assert (test.receiver, test.line) == ("01", line)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_whom_a_frame_speaks_for(case):
    (report,) = computer().receive(case.frame, now=0.0)
    kind = type(case.parts[0]).__name__
    assert report.internal == (kind == "Internal")
    companions = ("Modifier", "TwoWayAudio", "CallerId", "CallingName")
    assert report.companion == (kind in companions)


def test_the_printed_short_form_is_anchored_from_the_right():
    (report,) = computer().receive(b"1011      123 A  32\x14", now=0.0)
    (event,) = report.parts
    assert (report.account, event.event_code, event.zone) == ("123", "A", "32")


def test_a_digit_in_the_place_of_the_letter_is_read():
    (report,) = computer().receive(b"5011 181234313101015\x14", now=0.0)
    (event,) = report.parts
    assert (event.qualifier, event.qualifier_sent, event.event) == ("3", "", "131")
    assert report.quirks == ("digit_qualifier",)


@pytest.mark.parametrize(
    "frame",
    [
        b"7011  12344165551234\x14",
        b"J011      7112 T   9\x14",
        b"P01001 12345678 828209\x14",
        b"W0111234 1555 5555 7\x14",
    ],
)
def test_an_id_that_is_not_read_is_kept_whole(frame):
    for fed in ([frame], [bytes([byte]) for byte in frame]):
        link = computer()
        (report,) = [each for data in fed for each in link.receive(data, now=0.0)]
        assert isinstance(report, Report)
        assert report.token == frame[:1].decode()
        (part,) = report.parts
        assert isinstance(part, Unreadable)
        assert frame.endswith(part.raw + b"\x14")
        assert report.envelope == Envelope("other", 0, terminator="\x14")


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        (b"5011 181234E1210100\x14", "contact-id body one digit short"),
        (b"501100 181234E1210100\x14", "contact-id body one digit short"),
        (b"S01002[#1234|NBA01\x14", "missing closing bracket"),
        (b"001000[#0000|NRU0000\x14", "missing closing bracket"),
        (b"5011 181234X12101001\x14", "seen where contact-id has its qualifier"),
        (b"1011           !    \x14", "seen where heartbeat"),
        (b"3011 REJECT COMMAND  \x14", "seen where sia-protocol-1"),
    ],
)
def test_a_sound_envelope_with_an_unreadable_body(frame, rule):
    for fed in ([frame], [bytes([byte]) for byte in frame]):
        link = computer()
        (rejected,) = [each for data in fed for each in link.receive(data, now=0.0)]
        assert isinstance(rejected, Rejected)
        assert rejected.envelope_sound
        assert rejected.reason == "body_unreadable"
        assert rule in rejected.error.reason
        assert rejected.raw == frame


def test_two_digits_short_is_not_one_digit_short():
    (rejected,) = computer().receive(b"5011 181234E121010\x14", now=0.0)
    assert rejected.error.reason.startswith("'0\\x14' seen where contact-id has its zone")


def test_what_a_site_programmed_decides_about_account_0000():
    own = b"1011      0000 A  20\x14"
    (report,) = computer().receive(own, now=0.0)
    assert report.internal

    (report,) = computer(site=Site(internal_account="")).receive(own, now=0.0)
    assert not report.internal
    assert report.parts[0].event_code == "A"
    (report,) = computer().receive(b"1011      0000 A  77\x14", now=0.0)
    assert not report.internal  # no number of the receiver's list: a panel has that account
    (report,) = computer(site=Site(audio_code="V")).receive(b"1011      0000 V  04\x14", now=0.0)
    assert report.companion


def test_an_internal_message_may_come_under_id_s():
    (report,) = computer().receive(b"S01000[#0000|NRU0000|ACPM 1]\x14", now=0.0)
    (own,) = report.parts
    assert report.internal
    assert (own.code, own.meaning, own.text) == ("RU", "host time update failed", "CPM 1")
    (report,) = computer().receive(b"S01003[#0000|NRU0000]\x14", now=0.0)
    assert report.parts[0].meaning is None  # a line card, not the central processor


def test_what_is_no_event_in_an_internal_block_stays_beside_it():
    (report,) = computer().receive(b"001000[#0000|NRU0000|?]\x14", now=0.0)
    assert len(report.parts) == 2
    (report,) = computer().receive(b"001000[#0000|NRU0000|??x]\x14", now=0.0)
    assert len(report.parts) == 2


@pytest.mark.parametrize(
    ("code", "told_as"),
    [(b"ri0001", Modifier), (b"Ri0001", Modifier), (b"bA0001", Unreadable)],
)
def test_id_3_tells_modifiers_from_events(code, told_as):
    (report,) = computer().receive(b"3011      1234" + code + b"\x14", now=0.0)
    assert isinstance(report.parts[0], told_as)
    assert report.companion == (told_as is Modifier)


@pytest.mark.parametrize(
    ("header", "frame", "is_read"),
    [
        ("RRL", b"5011 181234E12101001\x14", True),
        ("RRL", b"501100 181234E12101001\x14", False),
        ("RRLLL", b"501100 181234E12101001\x14", True),
        ("RRLLL", b"5011 181234E12101001\x14", False),
    ],
)
def test_a_header_that_the_site_named_is_the_only_one(header, frame, is_read):
    (incoming,) = computer(header=header).receive(frame, now=0.0)
    assert isinstance(incoming, Report) == is_read


def test_the_form_of_the_header_is_learned_where_the_data_does_not_tell():
    link = computer()
    link.receive(b"101000           @    \x14", now=0.0)
    (report,) = link.receive(b"P0100212341555555557\x14", now=0.0)
    assert (report.line, report.parts[0].raw) == ("002", b"12341555555557")


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize(
    ("frame", "header"),
    [(b"40101234564165551234", b"101"), (b"4010021234564165551234", b"10100")],
)
def test_a_header_whose_end_does_not_show_is_told_by_the_end_of_the_frame(frame, header, copies):
    link = computer()
    link.receive(header + b"0           @    \x14", now=0.0)
    got = link.receive(frame * copies + b"\x14", now=0.0)
    assert [each.account for each in got] == ["123456"] * copies


@pytest.mark.parametrize("width", range(1, 8))
def test_a_header_of_any_width_that_can_be_programmed(width):
    line = "1234567"[:width]
    header = "RR" + "L" * width
    for case in CASES:
        if case.frame[:1] == b"0":
            continue  # what it means depends on the line
        output = msgspec.structs.replace(case.output, header=header, line=line)
        frame = frame_of(case.parts, output, account=case.account, token=case.token)
        (report,) = computer(header=header).receive(frame, now=0.0)
        assert (report.line, report.account) == (line, case.account)
        assert told(report) == list(case.parts)


@pytest.mark.parametrize("case", WITHOUT_ACCOUNT, ids=ids)
def test_id_e_has_no_account(case):
    (report,) = computer().receive(case.frame, now=0.0)
    assert (report.account, told(report)) == (None, list(case.parts))
    assert frame_of(case.parts, case.output, account="") == case.frame


@pytest.mark.parametrize(
    ("pairs", "events"),
    [
        (b"82", [("82", "alarm")]),
        (b"828209", [("82", "alarm"), ("82", "restore")]),
        (b"0982", [("09", "alarm"), ("82", "alarm")]),
        (b"820909", [("82", "restore"), ("09", "alarm")]),
        (b"8209" * 8, [("82", "restore")] * 8),
    ],
)
def test_surtec_pairs(pairs, events):
    (report,) = computer().receive(b"Y01001 12345678 " + pairs + b"\x14", now=0.0)
    assert [(part.event_code, part.state) for part in report.parts] == events


def test_an_odd_number_of_surtec_digits_is_refused():
    (rejected,) = computer().receive(b"Y01001 12345678 82154\x14", now=0.0)
    assert (rejected.reason, rejected.envelope_sound) == ("body_unreadable", True)


@pytest.mark.parametrize(
    ("parts", "account", "why"),
    [
        ((CASES[0].parts[0],), "12G4", "no contact-id frame"),
        ((CASES[0].parts[0], CASES[0].parts[0]), "1234", "only SIA data and Surtec can be packed"),
        ((Unreadable(raw=b"", format="raw", reason=""),), "1234", "has no frame"),
    ],
)
def test_what_fits_no_frame_is_not_written(parts, account, why):
    with pytest.raises(ValueError, match=why):
        frame_of(parts, Output(), account=account)
