"""REL-24, 25, 28, 33: frames out of a stream, whatever stands between them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import LinkTest, Rejected, Report
from protocols.surgard import Connection, Role, frame
from protocols.surgard.framing import MAX_PENDING_BYTES
from protocols.surgard.layouts import layouts
from tests.support.surgard import CASES

EVENT = b"5011 181234E12101001\x14"


def computer(**settings):
    return Connection(Role.COMPUTER, **settings)


def settled(link, *reads):
    """Everything that a series of reads gives, the time-out of the last one included."""
    got = [each for data in reads for each in link.receive(data, now=0.0)]
    while (due := link.deadline()) is not None:
        got += link.on_deadline(now=due)
    return got


def test_a_frame_cut_short_costs_only_itself():
    broken, whole = computer().receive(b"5011 181234E12" + EVENT, now=0.0)
    assert (broken.reason, broken.raw) == ("noise", b"5011 181234E12")
    assert whole.raw == EVENT


def test_a_partial_frame_is_dropped_after_a_second():
    link = computer()
    assert link.receive(b"5011 1812", now=5.0) == []
    assert link.deadline() == pytest.approx(6.0)
    (dropped,) = link.on_deadline(now=6.0)
    assert (dropped.reason, dropped.raw) == ("frame_incomplete", b"5011 1812")
    assert not dropped.envelope_sound
    # The next frame is not joined to it.
    (report,) = link.receive(EVENT, now=6.1)
    assert isinstance(report, Report)


def test_bytes_that_come_too_late_are_not_joined():
    link = computer()
    link.receive(EVENT[:9], now=0.0)
    got = link.receive(EVENT[9:], now=1.5)
    assert [type(each) for each in got] == [Rejected, Rejected]
    assert b"".join(each.raw for each in got) == EVENT


def test_nothing_is_joined_across_a_reopened_port():
    link = computer()
    link.receive(EVENT[:9], now=0.0)
    (dropped,) = link.eof()
    assert dropped.reason == "frame_incomplete"
    assert link.deadline() is None
    assert all(isinstance(each, Rejected) for each in settled(link, EVENT[9:]))


def test_line_ends_and_idle_characters_between_frames_are_no_noise():
    got = computer().receive(b"\r\n" + EVENT + b"\r\n\x14" + EVENT, now=0.0)
    assert [each.raw for each in got] == [EVENT, EVENT]


def test_a_blank_before_the_frame_is_told_but_does_not_hide_it():
    got = computer().receive(b" 1011           @    \x14", now=0.0)
    assert isinstance(got[-1], LinkTest)


def test_noise_without_an_end_takes_bounded_memory():
    link = computer()
    handed_up = 0
    for _ in range(50):
        for each in link.receive(b"x" * 1000, now=0.0):
            assert each.reason == "noise"
            handed_up += len(each.raw)
    held = len(link.side._framing._pending)
    assert held <= MAX_PENDING_BYTES
    assert handed_up + held == 50_000
    got = link.receive(EVENT, now=0.0)
    assert got[-1].raw == EVENT


class TestB32:
    """Section 2.3: the prefix of the TCP option, both directions."""

    PACKET = b"\x00\x00\x00\x25" + EVENT

    def test_false_means_that_it_is_noise(self):
        noise, report = computer(b32=False).receive(self.PACKET, now=0.0)
        assert noise.raw == self.PACKET[:4]
        assert not report.envelope.is_b32

    def test_a_packet_that_lies_about_its_length_is_resynchronised(self):
        link = computer()
        got = settled(link, b"\x00\x00\x09\x99" + EVENT)
        assert [each.raw for each in got] == [b"\x00\x00\x09\x99", EVENT]

    def test_digits_that_are_none_are_no_prefix(self):
        noise, report = computer().receive(b"\x00\x00\x0a\x25" + EVENT, now=0.0)
        assert isinstance(noise, Rejected)
        assert report.raw == EVENT

    def test_an_unreadable_body_in_a_packet(self):
        frame_ = b"5011 181234E1210100\x14"
        packet = b"\x00\x00\x00\x24" + frame_
        (rejected,) = computer().receive(packet, now=0.0)
        assert rejected.envelope_sound
        assert rejected.envelope.is_b32

    def test_an_id_that_is_not_read_in_a_packet(self):
        frame_ = b"J011      7112 T   9\x14"
        (report,) = computer().receive(b"\x00\x00\x00\x25" + frame_, now=0.0)
        assert report.token == "J"

    def test_half_a_prefix_waits_and_then_is_noise(self):
        link = computer()
        assert link.receive(b"\x00", now=0.0) == []
        (noise,) = link.on_deadline(now=1.0)
        assert noise.reason == "noise"

    def test_noise_before_a_packet(self):
        noise, report = computer().receive(b"\xffx" + self.PACKET, now=0.0)
        assert noise.raw == b"\xffx"
        assert report.raw == self.PACKET


@pytest.mark.parametrize("highest", [255, 127])
def test_random_bytes_are_never_an_event(highest):
    """REL-33, on eight and on seven data bits: noise is NAKed at most."""
    dice = Random(20261120)
    link = computer()
    for _ in range(100):
        for each in link.receive(bytes(dice.choices(range(highest + 1), k=10_000)), now=0.0):
            assert isinstance(each, Rejected)


def test_after_noise_an_id_that_is_not_read_must_prove_itself():
    frame_ = b"J011      7112 T   9\x14"
    link = computer()
    assert isinstance(link.receive(frame_, now=0.0)[0], Report)
    link.receive(b"\xff\xfe\x14", now=1.0)
    (doubtful,) = link.receive(frame_, now=2.0)
    assert isinstance(doubtful, Rejected)
    assert doubtful.envelope_sound  # NAK, and its third copy is stored
    assert "noisy line" in doubtful.error.reason
    link.receive(EVENT, now=3.0)
    assert isinstance(link.receive(frame_, now=4.0)[0], Report)


def test_after_noise_a_frame_of_little_shape_without_terminator_must_come_twice():
    frame_ = b"6011      7112 T   9"
    link = computer()
    assert [type(each) for each in settled(link, frame_)] == [Report]
    settled(link, b"\xff\xfe\x14")
    (doubtful,) = settled(link, frame_)
    assert isinstance(doubtful, Rejected)
    assert doubtful.envelope_sound  # NAK: the receiver sends it again
    assert [type(each) for each in settled(link, frame_)] == [Report]
    assert [type(each) for each in settled(link, frame_)] == [Report]
    settled(link, b"\xff\xfe\x14")
    assert [type(each) for each in settled(link, frame_ + b"\x14")] == [Report]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.frame.decode("latin-1"))
def test_a_flipped_bit_never_passes_as_the_frame(case):
    """No checksum protects a frame: what a flip leaves readable differs from what was sent."""
    (sent,) = computer().receive(case.frame, now=0.0)
    for index in range(len(case.frame) - 1):
        for bit in range(8):
            flipped = bytearray(case.frame)
            flipped[index] ^= 1 << bit
            for each in settled(computer(), bytes(flipped)):
                assert isinstance(each, Rejected | LinkTest) or each.identity != sent.identity


FRAMES = st.sampled_from([case.frame for case in CASES] + [b"1011           @    \x14"])
PIECES = st.one_of(
    FRAMES, FRAMES.map(lambda raw: raw[:-1]), st.binary(max_size=6),
    st.sampled_from([b"\x00\x00\x00\x25", b"12:34:56-24/12", b"\x14", b"\r", b"[", b"#"]),
)  # fmt: skip
STREAM = st.lists(PIECES, max_size=8).map(b"".join)


def same_but_for_noise(got):
    """What came out, runs of noise joined: where a read ends may cut noise, never a frame.

    Line ends are left out of noise: at the start of a read they are idle characters.
    """
    told = []
    for each in got:
        if isinstance(each, Rejected) and not each.envelope_sound:
            noise = each.raw.translate(None, b"\n\r\x14")
            if told and told[-1][0] == "noise":
                told[-1] = ("noise", told[-1][1] + noise)
            else:
                told.append(("noise", noise))
        else:
            told.append((type(each).__name__, each.raw))
    return told


@given(STREAM, st.data())
def test_framing_does_not_depend_on_the_reads(stream, data):
    whole = settled(computer(), stream)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=6)))
    reads = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert same_but_for_noise(settled(computer(), *reads)) == same_but_for_noise(whole)


@given(STREAM)
def test_no_byte_is_dropped_in_silence(stream):
    kept = b"".join(each.raw for each in settled(computer(), stream))
    filler = bytes.maketrans(b"", b"")
    assert kept.translate(filler, b"\n\r\x14") == stream.translate(filler, b"\n\r\x14")


MUTANT = st.builds(
    lambda raw, at, byte: raw[: at % len(raw)] + bytes([byte]) + raw[at % len(raw) + 1 :],
    FRAMES,
    st.integers(0, 40),
    st.integers(0, 255),
)


@given(FRAMES | MUTANT | st.binary(max_size=30), st.sampled_from(["auto", "RRL", "RRLLL"]))
def test_the_recogniser_agrees_with_the_declaration(data, header):
    for layout in layouts(header).all:
        fast = layout.recogniser.fullmatch(data)
        assert fast == layout.recogniser.interpret(data)


@given(st.integers(0, 9999), st.binary(max_size=6))
def test_the_prefix_is_binary_coded_decimal(length, data):
    built = frame.B32.build({"length": length})
    assert built == b"\x00\x00" + bytes.fromhex(f"{length:04d}")
    assert frame.B32.parse(built + data).length == length
