"""The short way of a usual frame says what the long way says, of every field and every answer."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocols import contact_id, sia_dc03
from protocols._core import LinkTest, Rejected, Repeat, Report, Verdict
from protocols._core.remembered import REMEMBERED_BYTES, REMEMBERED_COUNT, Remembered
from protocols.dc09 import build_frame, explain, usual
from protocols.dc09.usual import read_usual
from tests.support.dc09 import NOON, csr, frame_of, seal, sound_rows

SOUND = [frame_of(each) for each in sound_rows()]
PIECES = [b'"', b"*", b"[", b"]", b"|", b"#", b"L", b"R", b"_", b"0", b"f", b"\r", b"\n", b"\xff"]


def told(incoming):
    """All that the gateway sees of a report or link test, its envelope's face included."""
    # ``data`` is what only the short way knows to settle the parts.
    names = [name for name in incoming.__struct_fields__ if name not in {"envelope", "data"}]
    envelope = incoming.envelope
    return (
        type(incoming),
        {name: getattr(incoming, name) for name in names},
        (envelope.echo, envelope.data, envelope.token_known, envelope.is_binary, envelope.key),
    )


def answers_to(incoming):
    connection = csr()
    said = []
    for verdict in Verdict:
        connection.answer(incoming, verdict, utc=NOON)
        said.append(connection.data_to_send())
    return said


def holds(data: bytes) -> bool:
    """Hold the short way against the long one, which ``explain`` always goes."""
    short = read_usual(data)
    if short is None:
        return False
    assert told(read_usual(data)) == told(short)  # from memory what it says, and the same
    known = explain(data)
    assert known.raw == data
    assert told(short) == told(known.incoming)
    assert short.quirks == ()
    if type(short) is Report:
        assert short.data == short.envelope.data
        assert (short.key_bits, short.xdata, short.companion) == (0, (), False)
    assert answers_to(short) == answers_to(known.incoming)
    return True


@st.composite
def regions(draw):
    """A usual region, then perhaps overwritten in a few places: sealed, so the CRC is right."""
    account = draw(st.sampled_from([b"1234", b"100000", b"ABC", b"12"]))
    inner = draw(st.sampled_from([b"#" + account + b"|", b"#9999|", b"", b"|", b"#" + account]))
    token, said = draw(
        st.sampled_from(
            [(b"SIA-DCS", b"Nri1/BA001"), (b"SIA-DCS", b"NFA12^Hall^/TA3|AText|X"),
             (b"SIA-DCS", b""), (b"SIA-DCS", b"Nti10:00/ri2OP0*'Bob'NM"), (b"SIA-DCS", b"?x"),
             (b"ADM-CID", b"1131 01 015"), (b"ADM-CID", b"113101015|3401 02 001"),
             (b"ADM-CID", b"1234 18 1131 01 015 8"), (b"ADM-CID", b"junk"),
             (b"NULL", b""), (b"XNM", b"NRP00"), (b"ACK", b""), (b"FBI-SF", b"x"), (b"OWN", b"x")]
        )
    )  # fmt: skip
    stamp = draw(st.sampled_from([b"", b"_12:00:00,11-20-2026", b"_12:00:00,02-30-2026"]))
    echo = draw(st.sampled_from([b"0000", b"0042", b"00AF"]))
    echo += draw(st.sampled_from([b"L0", b"R1L2", b"L", b"", b"RL0"])) + b"#" + account
    region = b'"%b"%b[%b%b]%b' % (token, echo, inner, said, stamp)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        start = draw(st.integers(0, len(region)))
        end = draw(st.integers(start, min(len(region), start + 3)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=2))
        region = region[:start] + piece + region[end:]
    return region


@given(regions())
@example(b'"SIA-DCS"0042L0#1234[#1234|Nri1/BA001]')
@example(b'"SIA-DCS"0042L0#1234[#1234|Nri1/BA001]\r')
def test_both_ways_say_the_same(region):
    holds(seal(region))


@given(st.sampled_from(SOUND), st.data())
def test_also_of_real_frames_with_a_wrong_byte(frame, data):
    at = data.draw(st.integers(0, len(frame) - 1))
    holds(frame[:at] + data.draw(st.binary(max_size=2)) + frame[at + 1 :])


def test_many_real_frames_are_usual():
    """Agreement on refusing everything would prove nothing."""
    assert sum(map(holds, SOUND)) > 20
    assert {type(read_usual(frame)) for frame in SOUND} >= {Report, LinkTest}


class TestNotUsual:
    """What has a quirk, a fault or company goes the long way, where both are told."""

    def test_the_frame_they_are_made_of_is_usual(self):
        assert holds(seal(b'"SIA-DCS"0042L0#1234[#1234|Nri1/BA001]'))

    @pytest.mark.parametrize(
        "region",
        [
            b'"SIA-DCS"00AFL0#1234[#1234|Nri1/BA001]',
            b'"SIA-DCS"0042#1234[#1234|Nri1/BA001]',
            b'"SIA-DCS"0042L0#12[#12|Nri1/BA001]',
            b'"SIA-DCS"0042L0#1234[#1235|Nri1/BA001]',
            b'"SIA-DCS"0042L0#1234[#1234|NBA1|#1235|NBA2]',
            b'"SIA-DCS"0042L0#1234[#1234|NBA1^K\xc3\xbcche^]',
            b'"SIA-DCS"0042L0#1234[#1234|NBA1][X1]',
            b'"SIA-DCS"0042L0#1234[#1234|NBA1]_12:00:00,02-30-2026',
            b'"OWN"0042L0#1234[#1234|NBA1]',
            b'"ACK"0042L0#1234[]',
        ],
    )
    def test_quirks_and_rare_things(self, region):
        assert read_usual(seal(region)) is None

    @pytest.mark.parametrize(
        "frame",
        [
            seal(b'"NULL"0000L0#1234[]')[:-1],
            seal(b'"NULL"0000L0#1234[]') + b"\r",
            b"\n" + seal(b'"NULL"0000L0#1234[]'),
            seal(b'"NULL"0000L0#1234[]') * 2,
            seal(b'"NULL"0000L0#1234[]').replace(b"0013", b"0014"),
            seal(b'"NULL"0000L0#1234[]').replace(b"1234", b"1235"),
            seal(b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA001]').lower(),
            build_frame("NULL", account="1234", is_binary_crc=True),
            build_frame("NULL", account="1234", includes_cr=True),
            seal(b'"SIA-DCS"0001L0#1234[#1234|A%b]' % (b"x" * 1024)),
            b"",
            b"\n",
        ],
    )
    def test_other_forms_and_more_or_less_than_a_frame(self, frame):
        assert read_usual(frame) is None

    def test_sequence_0000_is_never_a_repeat_here_either(self):
        report = read_usual(seal(b'"SIA-DCS"0000L0#1234[#1234|Nri1/BA001]'))
        assert (report.repeat, report.identity) == (Repeat.NEVER, b"")


def test_a_usual_frame_behind_half_a_frame_is_not_taken_for_itself():
    """REL-24: what is held comes first, also when the read alone would be a frame."""
    frame = seal(b'"NULL"0000L0#1234[]')
    connection = csr()
    assert connection.receive(b'\n00000FFF"', now=0.0) == []
    assert connection.receive(frame, now=1.0) == []
    found = connection.on_deadline(now=10.0)
    assert [type(each) for each in found] == [Rejected, LinkTest]


ASCII_TEXT = st.text(
    st.sampled_from("NOAri1/BA0T^*'|: 3P]X"), max_size=30
).map(str.encode)  # fmt: skip


class TestRemembered:
    @given(regions(), st.sampled_from([b"0000", b"0001", b"9999", b"00A1", b"+001", b" 12 "]))
    def test_words_that_were_recognised_before_excuse_nothing_else(self, region, seq):
        read_usual(seal(region))  # perhaps remembered
        digits = region.find(b'"', 1) + 1
        for stamp in (b"", b"_12:00:00,11-20-2026", b"_12:00:0x,11-20-2026", b"_12:00:00,13-20-26"):
            again = region[:digits] + seq + region[digits + 4 :].partition(b"]_")[0] + stamp
            holds(seal(again))
            holds(seal(again)[:-1] + b"x")
            holds(b"x" + seal(again)[1:])
            holds(seal(again)[:5] + b"0000" + seal(again)[9:])

    def test_only_short_frames_are_remembered(self):
        long = seal(b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA001' + b"*x" * 200 + b"]")
        before = len(usual._words)
        assert isinstance(read_usual(long), Report)
        assert len(usual._words) == before

    @given(ASCII_TEXT, st.sampled_from([None, "1234"]))
    def test_sia_blocks_say_the_same_from_memory(self, blocks, account):
        data = blocks if account is None else b"#" + account.encode() + b"|" + blocks
        for _ in range(2):
            found = sia_dc03.parse_ascii_blocks(blocks, account)
            assert (account, found) == sia_dc03.parse_sia_dcs(data, encoding="ascii")

    @given(
        st.text(st.sampled_from("136 180|E"), max_size=24).map(str.encode)
        | st.sampled_from([b"1131 01 015", b"1234 18 1131 01 015 8"]),
        st.sampled_from([None, "1234"]),
    )
    def test_contact_id_chunks_say_the_same_from_memory(self, chunks, account):
        data = chunks if account is None else b"#" + account.encode() + b"|" + chunks
        for _ in range(2):
            found = contact_id.parse_ascii_chunks(chunks, account)
            assert (account, found) == contact_id.parse_adm_cid(data)

    def test_each_account_has_its_own(self):
        [[one], [other]] = (sia_dc03.parse_ascii_blocks(b"NBA1", name) for name in ("1", "2"))
        assert (one.account, other.account) == ("1", "2")

    def test_it_is_bounded(self):
        made = []
        remembered = Remembered(lambda text: made.append(text) or len(text))
        for number in range(REMEMBERED_COUNT * 2):
            assert remembered[b"%d" % number] == len(b"%d" % number)
        assert 0 < len(remembered) <= REMEMBERED_COUNT
        assert remembered[b"x" * (REMEMBERED_BYTES + 1)] == REMEMBERED_BYTES + 1
        assert all(len(text) <= REMEMBERED_BYTES for text in remembered)

    def test_what_is_remembered_is_made_once(self):
        made = []
        remembered = Remembered(lambda text: made.append(text) or text)
        assert [remembered[b"a"], remembered[b"a"]] == [b"a", b"a"]
        assert made == [b"a"]
