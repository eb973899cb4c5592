"""Pattern and Construct are one grammar: both accept the same bytes and agree on every field.

Also: what the declarations build, they read back; and what they seal, the codec finds sound.
"""

import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st

from protocols._core.recogniser import Recogniser
from protocols.dc09 import build_frame, explain, frame
from protocols.dc09.message import Content, DecryptedContent, EncryptedContent, Head
from protocols.dc09.usual import UsualFields
from tests.support.dc09 import NOON, frame_of, rows, seal, slow_crc

PLAIN = Recogniser(frame.PLAIN, Content)
NAK = Recogniser(frame.NAK, Content)
USUAL = Recogniser(frame.USUAL, UsualFields)
ENCRYPTED = Recogniser(frame.ENCRYPTED, EncryptedContent)
DECRYPTED = Recogniser(frame.DECRYPTED, DecryptedContent)
HEADS = [Recogniser(frame.HEX_HEAD, Head), Recogniser(frame.BINARY_HEAD, Head)]

FRAMES = [frame_of(row) for row in rows()] + [
    seal(b'"NAK"0000R0L0A0[]_12:00:00,11-20-2026'),
    seal(b'"XNM"0000L0#1234[][C1][J{"a":[1,[2]]}][Rx]_12:00:00,11-20-2026'),
]
REGIONS = [found[found.find(b'"', 7) : -1] for found in FRAMES if b'"' in found]
PLAINTEXTS = [
    b"pad|#1234|Nri1/BA3^Hall^]_12:00:00,11-20-2026",
    b"\r\n\0pad]_12:00:00,11-20-2026",
    b"|]_12:00:00,11-20-2026",
    b'|#1|NBA1][J{"a":[1]}][R\xe9]_12:00:00,11-20-2026\x01',
]
PIECES = [
    b'"', b"*", b"[", b"]", b"|", b"#", b"A", b"L", b"R", b"_", b"0", b"f", b"J{", b"}", b"\r",
    b"\n", b"\xff", b"\0", b"12:00:00,11-20-2026", b"[Rx]", b"0000", b"",
]  # fmt: skip


@st.composite
def mutants(draw, bases):
    """A real text with a few places overwritten, cut out or filled in."""
    text = draw(st.sampled_from(bases))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + text[end:]
    return text


@pytest.mark.parametrize("recogniser", [PLAIN, NAK, ENCRYPTED, USUAL])
class TestContent:
    @given(region=mutants(REGIONS))
    def test_same_bytes_same_fields(self, recogniser, region):
        assert recogniser.fullmatch(region) == recogniser.interpret(region)

    @given(region=st.binary(max_size=60))
    def test_also_on_anything(self, recogniser, region):
        assert recogniser.fullmatch(region) == recogniser.interpret(region)


@given(mutants(PLAINTEXTS))
def test_decrypted_same_bytes_same_fields(plaintext):
    assert DECRYPTED.fullmatch(plaintext) == DECRYPTED.interpret(plaintext)


@pytest.mark.parametrize("recogniser", HEADS)
@given(data=mutants(FRAMES))
def test_heads_same_bytes_same_fields(recogniser, data):
    assert recogniser.match(data) == recogniser.interpret(data, whole=False)


def test_the_oracle_sees_real_frames():
    """Agreement on refusing everything would prove nothing."""
    assert sum(PLAIN.fullmatch(region) is not None for region in REGIONS) > 50
    assert sum(USUAL.fullmatch(region) is not None for region in REGIONS) > 20
    assert sum(ENCRYPTED.fullmatch(region) is not None for region in REGIONS) >= 5
    assert all(DECRYPTED.fullmatch(plaintext) is not None for plaintext in PLAINTEXTS)


@given(mutants([found for found in FRAMES if found.startswith(b"\n")]))
def test_what_construct_reads_whole_the_codec_finds_sound(data):
    """Sealed, read by Construct with its own length and check value, against ``cut``."""
    is_binary = data[7:8] == b'"'
    try:
        frame.sealed(frame.PLAIN, is_binary=is_binary).parse(data)
    except ConstructError:
        return
    known = explain(data)
    assert known.crc_ok
    assert known.length_ok
    assert int(known.crc_expected, 16) == slow_crc(known.raw[known.raw.index(b'"', 7) : -1])


HEX_TEXT = st.text("0123456789ABCDEFabcdef", max_size=6)
VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_characters="]"))


@given(
    token=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=12),
    account=st.none() | st.text("0123456789ABCDEFabcdefz ", min_size=1, max_size=16),
    receiver=st.none() | HEX_TEXT,
    line=st.none() | HEX_TEXT,
    sequence=st.text("0123456789ABCDEF", min_size=4, max_size=4),
    data=st.binary(max_size=60).filter(lambda data: b"]" not in data),
    xdata=st.lists(st.tuples(st.sampled_from("ACGHIKLMNOPRSTVXYZ"), VALUE), max_size=3),
    timestamp=st.none() | st.just(NOON),
    is_binary_crc=st.booleans(),
)
def test_what_is_built_is_read_back(**said):
    if said["token"] == "NAK":
        return
    known = explain(build_frame(**said))
    assert known.token == said["token"]
    assert known.seq == said["sequence"]
    assert (known.receiver, known.line) == (said["receiver"], said["line"])
    assert (known.account, known.timestamp) == (said["account"], said["timestamp"])
    assert known.crc_ok
    assert known.length_ok
    assert known.incoming.envelope.data == said["data"]
    if all(byte < 0x80 for byte in said["data"]):  # else the code page of the whole may be another
        assert known.xdata == tuple(said["xdata"])
