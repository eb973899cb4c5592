"""The stream: frames come out whole however they come in, and noise never counts as one."""

from itertools import product
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import LinkTest, Rejected, Report, Verdict
from protocols._core.checksums import crc16_arc
from protocols.dc09 import TRANSITIONS, LinkInput, LinkState
from protocols.dc09.session import DIAGNOSED, PARTIAL_S
from tests.support.dc09 import NOON, answered, csr, frame_of, real, seal, seal_binary, sound_rows

SOUND = [frame_of(each) for each in sound_rows()]
FRAME, OTHER = real("ajax-jc12"), real("bin-r01l01")


def stripped(incoming):
    """Leave out the one thing that depends on the read: what followed the CR in it."""
    return (
        type(incoming),
        incoming.raw,
        [quirk for quirk in incoming.quirks if not quirk.startswith("trailing_bytes")],
    )


@pytest.mark.parametrize("frame", SOUND)
class TestHoweverItComes:
    """REL-24: framing does not depend on where a read ends."""

    def test_byte_by_byte(self, frame):
        [whole] = csr().receive(frame, now=0.0)
        connection = csr()
        found = []
        for offset in range(len(frame)):
            found += connection.receive(frame[offset : offset + 1], now=0.0)
        assert [stripped(each) for each in found] == [stripped(whole)]
        assert connection.deadline() is None

    def test_with_trailing_bytes(self, frame):
        connection = csr()
        found = connection.receive(frame + b"\r\n" + FRAME, now=0.0)
        assert [each.raw for each in found] == [csr().receive(frame, now=0.0)[0].raw, FRAME]

    def test_after_noise(self, frame):
        [whole] = csr().receive(frame, now=0.0)
        noise, found = csr().receive(b"ATZ\r\nx\n" + frame, now=0.0)
        assert isinstance(noise, Rejected)
        assert noise.reason == "noise"
        assert found.raw == whole.raw

    def test_as_a_datagram(self, frame):
        [whole] = csr().receive(frame, now=0.0)
        assert csr(datagram=True).receive(frame, now=0.0) == [whole]


@given(st.lists(st.sampled_from(SOUND), max_size=4), st.data())
def test_any_split_of_any_frames_gives_the_same(frames, data):
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    connection = csr()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += connection.receive(stream[start:end], now=0.0)
    whole = csr().receive(stream, now=0.0)
    assert [stripped(each) for each in found] == [stripped(each) for each in whole]
    assert len(found) == len(frames)


def test_eldes_needs_no_byte_after_its_cr():
    connection = csr()
    frame = real("eldes-0056")
    assert connection.receive(frame[:-1], now=0.0) == []
    [report] = connection.receive(frame[-1:], now=0.0)
    assert isinstance(report, Report)


def test_a_cr_inside_the_text_does_not_end_the_frame():
    frame = seal(b'"SIA-DCS"0001L0#1234[#1234|NBA1^a\r\nb^]')
    [report] = csr().receive(frame, now=0.0)
    assert report.parts[0].text == "a\r\nb"


def region_with(check: bytes) -> bytes | None:
    """Search a link test whose check value is these two bytes."""
    wanted = int.from_bytes(check, "big")
    letters = ascii_letters + digits
    regions = (
        f'"NULL"0000L0#1234[][I{"".join(text)}]'.encode() for text in product(letters, repeat=4)
    )
    return next((region for region in regions if crc16_arc(region) == wanted), None)


@pytest.mark.parametrize("check", [b"0n", b'"\n', b"\n\n", b"\r\n", b"41", b'""', b"\0 "])
def test_binary_check_values_may_look_like_anything(check):
    region = region_with(check)
    assert region is not None
    frame = seal_binary(region)
    assert frame[1:3] == check
    for connection, data in ((csr(), b"\r" + frame + FRAME), (csr(datagram=True), frame)):
        test = connection.receive(data, now=0.0)[0]
        assert isinstance(test, LinkTest)
        assert test.quirks == ("binary_crc",)


class TestWrongLength:
    """Shown, cut at the next CR, never believed; the next frame is not lost with it."""

    def test_too_long(self):
        broken = b"\n75140040" + real("dmp-like-1")[9:]
        found = csr().receive(broken + FRAME + OTHER, now=0.0)
        assert [each.raw for each in found] == [broken, FRAME, OTHER]
        assert found[0].reason == "length_wrong"
        assert found[0].account == "1002"

    def test_too_short(self):
        broken = b"\n75140010" + real("dmp-like-1")[9:]
        found = csr().receive(broken + FRAME, now=0.0)
        assert [each.raw for each in found] == [broken, FRAME]

    def test_without_a_cr_the_next_header_ends_it(self):
        broken = real("dmp-like-1")[:-1]
        found = csr().receive(broken + FRAME, now=0.0)
        assert [each.raw for each in found] == [broken, FRAME]
        assert found[0].reason == "frame_incomplete"


class TestPartial:
    """REL-24: a frame that never ends is given up after 10 s, and joins nothing later."""

    def test_deadline(self):
        connection = csr()
        assert connection.receive(FRAME[:20], now=100.0) == []
        assert connection.deadline() == 100.0 + PARTIAL_S
        assert connection.receive(FRAME[20:30], now=105.0) == []
        assert connection.deadline() == 100.0 + PARTIAL_S
        assert connection.on_deadline(now=109.9) == []
        [rejected] = connection.on_deadline(now=110.0)
        assert rejected.raw == FRAME[:30]
        assert rejected.reason == "frame_incomplete"
        assert connection.deadline() is None

    def test_late_bytes_do_not_join_it(self):
        connection = csr()
        connection.receive(FRAME[:20], now=0.0)
        found = connection.receive(FRAME, now=10.0)
        assert [each.raw for each in found] == [FRAME[:20], FRAME]

    def test_the_late_rest_of_it_is_noise(self):
        connection = csr()
        connection.receive(FRAME[:20], now=0.0)
        found = connection.receive(FRAME[20:], now=10.0)
        assert [each.reason for each in found] == ["frame_incomplete", "noise"]

    def test_a_sound_frame_behind_it_is_read_when_it_is_given_up(self):
        connection = csr()
        assert connection.receive(b'\n00000FFF"' + FRAME, now=0.0) == []
        found = connection.on_deadline(now=10.0)
        assert [type(each) for each in found] == [Rejected, Report]

    def test_the_next_frame_has_its_own_time(self):
        connection = csr()
        connection.receive(FRAME[:20], now=0.0)
        [_] = connection.receive(FRAME[20:] + OTHER[:20], now=8.0)
        assert connection.deadline() == 18.0

    def test_the_end_of_the_connection_hands_it_up(self):
        connection = csr()
        connection.receive(FRAME[:20], now=0.0)
        [rejected] = connection.eof()
        assert rejected.raw == FRAME[:20]
        [report] = connection.receive(FRAME, now=1.0)
        assert report.raw == FRAME

    def test_a_lone_line_feed_is_no_noise(self):
        connection = csr()
        connection.receive(FRAME + b"\r\n", now=0.0)
        assert connection.on_deadline(now=10.0) == []

    def test_a_datagram_leaves_nothing(self):
        connection = csr(datagram=True)
        [rejected] = connection.receive(FRAME[:20], now=0.0)
        assert rejected.reason == "frame_incomplete"
        assert connection.deadline() is None
        [rejected] = connection.receive(FRAME[:8], now=0.0)
        assert rejected.reason == "noise"
        [rejected] = connection.receive(FRAME[:-1], now=0.0)
        assert rejected.reason == "frame_incomplete"


class TestGarbage:
    """SEC-15: never an exception, never an answer, linear, and the frame behind it is found."""

    @given(st.binary(max_size=400))
    def test_random_bytes(self, data):
        for connection in (csr(), csr(datagram=True)):
            assert answered(connection, data) == b""
            connection.eof()

    @given(
        st.lists(
            st.sampled_from(
                [b"\n", b"\r", b'"', b"0000", b"0FFF", b"0003", b"A", b"[", b"]", b"\n00000013",
                 b'"NULL"0000L0#1', b'"*NULL"', b"_10:00:00,01-01-2020", b"[J{", b"\xff"]
            ),
            max_size=30,
        )
    )  # fmt: skip
    def test_almost_frames(self, pieces):
        data = b"".join(pieces)
        for connection in (csr(), csr(datagram=True)):
            found = connection.receive(data, now=0.0) + connection.eof()
            assert all(isinstance(each, Rejected) for each in found)
            assert sum(len(each.raw) for each in found) <= len(data)

    @pytest.mark.parametrize(
        "junk", [b"\n", b'\nAAAA0FFF"', b'\nAAAA0003"AA\r', b'\nAAAA0009"N"0000[[\r', b"[J{]", b"x"]
    )
    def test_64_kib_do_not_hide_the_frame_behind_them(self, junk):
        stream = junk * (65536 // len(junk)) + FRAME
        connection = csr(datagram=True)
        found = connection.receive(stream, now=0.0)
        assert found[-1].raw == FRAME
        assert len(found) <= DIAGNOSED + 2

    def test_many_broken_frames_do_not_hide_the_beginning_of_a_sound_one(self):
        connection = csr()
        assert connection.receive(b'\nAAAA0003"AA\r' * 100 + FRAME[:5], now=0.0)
        [report] = connection.receive(FRAME[5:], now=1.0)
        assert report.raw == FRAME

    def test_nothing_is_dropped_in_silence(self):
        """REL-8: every byte that did not become a report comes up as rejected."""
        stream = b"abc" + b'\nAAAA0003"AA\r' * 200 + FRAME + b"xyz"
        found = csr(datagram=True).receive(stream, now=0.0)
        assert b"".join(each.raw for each in found) == stream


class TestState:
    def test_every_state_has_a_row_for_every_input(self):
        assert set(TRANSITIONS) == set(LinkState)
        assert all(set(row) == set(LinkInput) for row in TRANSITIONS.values())

    def test_the_conversation_goes_through_it(self):
        connection = csr()
        assert connection.state is LinkState.IDLE
        first, second = connection.receive(FRAME + OTHER, now=0.0)
        assert connection.state is LinkState.AWAITING_ANSWER
        assert connection.awaited == 2
        connection.answer(first, Verdict.SILENCE, utc=NOON)
        assert connection.state is LinkState.AWAITING_ANSWER
        connection.answer(second, Verdict.ACK, utc=NOON)
        assert connection.state is LinkState.IDLE
        connection.eof()
        assert connection.state is LinkState.CLOSED

    def test_an_answer_after_the_end_still_goes_out(self):
        connection = csr()
        [report] = connection.receive(FRAME, now=0.0)
        connection.eof()
        connection.answer(report, Verdict.ACK, utc=NOON)
        assert connection.data_to_send().startswith(b"\n")
        assert connection.state is LinkState.CLOSED


def test_three_events_in_one_read_get_three_answers_in_order():
    """Dahua sends its whole queue in one write (quirk 7)."""
    regions = [b'"ADM-CID"%04dL0#ABC[#ABC|3450 01 033]' % number for number in (6, 7, 8)]
    said = answered(csr(), b"".join(map(seal, regions)))
    assert said.count(b'"ACK"') == 3
    assert said.index(b"0006") < said.index(b"0007") < said.index(b"0008")
